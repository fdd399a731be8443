/* The small XML documents that S3 answers with (read by expat). */
#ifndef SP_STORE_XML_H
#define SP_STORE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/error.h"

/* The text of an element that has ended, by its path of names without
 * namespaces: "ListBucketResult/Contents/Key". False ends the walk. */
typedef bool sp_xml_fn(void *ctx, const char *path, const char *text, sp_error *err);

/* False with an error where `fn` gave one or memory is out; false without one
 * where the text is no such document. */
bool sp_xml_walk(const char *text, size_t len, sp_xml_fn *fn, void *ctx, sp_error *err);
/* Appends the text of the first element with this path; false: none, or no XML. */
bool sp_xml_find(const char *text, size_t len, const char *path, sp_buf *to);

#endif
