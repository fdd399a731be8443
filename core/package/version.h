/*
 * Versions and features: whether this program knows what a package means, by
 * the rules of doc/package-format.md.
 */
#ifndef SP_PACKAGE_VERSION_H
#define SP_PACKAGE_VERSION_H

#include <stdbool.h>

#include "core/base/json.h"

/* "MAJOR.MINOR"; false where the text (may be NULL) isn't that. */
bool sp_version_read(const char *text, unsigned long *major, unsigned long *minor);

/* Of "minimum_reader_version": this program reads what asks for it. */
bool sp_version_is_readable(const char *text);

/* Of "features" and "optional_features". */
bool sp_feature_is_known(const char *name);

/*
 * By the manifest and compatibility/version_info.json, of which either may be
 * NULL: false where they say that the package is none of this format, needs a
 * newer reader, is of an unknown type or has an unknown feature. What can't be
 * understood in them themselves is no reason.
 */
bool sp_is_understood(const sp_json *manifest, const sp_json *version_info);

#endif
