/*
 * What a package of spaceport's own format asks of who reads it, and how much
 * of it this program can judge then: doc/package-format.md, "Versions and
 * features".
 */
#ifndef SP_PACKAGE_VERSIONS_H
#define SP_PACKAGE_VERSIONS_H

#include <stdbool.h>

#include "core/base/json.h"
#include "core/package/check.h"
#include "core/package/zip_read.h"

/* "MAJOR.MINOR"; false where the text (may be NULL) isn't that. */
bool sp_version_read(const char *text, unsigned long *major, unsigned long *minor);

typedef enum {
	SP_READS_SUMS,  /* only whether it is what it was */
	SP_READS_LISTS, /* and which entries it has */
	SP_READS_ALL
} sp_reads;

/* manifest.json and compatibility/version_info.json; NULL what isn't there. */
typedef struct {
	sp_json *manifest, *info;
} sp_says;

/* What it says, before anything is read; what can't be understood is NULL, and
 * nobody is told. False and an error: no memory, the file can't be read. */
bool sp_versions_peek(sp_zip_reader *zip, sp_says *says, sp_error *err);
void sp_versions_free(sp_says *says);

/* How much this program reads of it. */
sp_reads sp_versions_reads(const sp_says *says);
/* Tells the check of a version of the format that is newer. */
bool sp_versions_tell_format(sp_checking *check, const sp_says *says, sp_error *err);
/* Where that isn't, of what else is: a reader, a type or features that it needs. */
bool sp_versions_tell_needs(sp_checking *check, const sp_says *says, sp_error *err);

#endif
