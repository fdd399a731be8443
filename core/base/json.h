/*
 * Small JSON documents (manifests, options, results): a thin layer over
 * cJSON, whose only user this is. Rows never come here: their numbers would
 * pass through a double.
 */
#ifndef SP_BASE_JSON_H
#define SP_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"

typedef struct cJSON sp_json;

/* Builders: NULL in gives NULL out, and what got no memory is remembered by what
 * it was to go into, so that one check tells, of the root's print or of
 * sp_json_is_whole(). Members keep the order in which they were added. */
sp_json *sp_json_object(void);
sp_json *sp_json_array(void);
/* Adds to an object (key given) or an array (key NULL); true where it went. A
 * NULL text becomes null, and bytes that aren't UTF-8 become U+FFFD. Integers
 * past 2^53 become strings (which sp_json_int() reads). */
bool sp_json_add_text(sp_json *to, const char *key, const char *text);
bool sp_json_add_int(sp_json *to, const char *key, int64_t number);
bool sp_json_add_bool(sp_json *to, const char *key, bool value);
/* A new object or array inside, owned by `to`. */
sp_json *sp_json_add_object(sp_json *to, const char *key);
sp_json *sp_json_add_array(sp_json *to, const char *key);
/* Gives `item` to `to`; where that fails it is freed. */
bool sp_json_add(sp_json *to, const char *key, sp_json *item);
/* A copy, to be added elsewhere; NULL: memory, which what it is added to remembers. */
sp_json *sp_json_copy(const sp_json *json);
/* False where it is NULL, or lacks something at any depth: memory was out. Who
 * builds a document that isn't printed, but looked at, asks this at its end. */
bool sp_json_is_whole(const sp_json *json);
void sp_json_free(sp_json *json);

/* Appends it, indented and with a line end where `pretty`, else on one line
 * without; false where memory was out. */
bool sp_json_print(const sp_json *json, bool pretty, sp_buf *to);

/*
 * Parses a hostile text of at most 16 MiB: exactly one value (RFC 8259), valid
 * UTF-8, no BOM, no control bytes, no "\u0000", no lone surrogate, no key
 * twice in an object, at most 64 levels and a million values, numbers as the
 * RFC spells them, of at most 63 characters. NULL and SP_BAD_PACKAGE otherwise;
 * `name` says in the error whose text it is.
 */
sp_json *sp_json_parse(const char *text, size_t len, const char *name, sp_error *err);

/* Look-ups, by exact key; NULL, `otherwise` where it isn't there or of
 * another type, or a number that isn't an integer up to 2^53. */
const sp_json *sp_json_get(const sp_json *object, const char *key);
const char *sp_json_text(const sp_json *object, const char *key);
int64_t sp_json_int(const sp_json *object, const char *key, int64_t otherwise);
bool sp_json_bool(const sp_json *object, const char *key, bool otherwise);
/* For loops over the children of an object or array. */
const sp_json *sp_json_first(const sp_json *parent);
const sp_json *sp_json_next(const sp_json *child);
const char *sp_json_key(const sp_json *child);          /* NULL in arrays */
const char *sp_json_value_text(const sp_json *value);   /* NULL: not text */

/* What a value is. */
typedef enum {
	SP_JSON_IS_NULL,
	SP_JSON_IS_FALSE,
	SP_JSON_IS_TRUE,
	SP_JSON_IS_NUMBER,
	SP_JSON_IS_TEXT,
	SP_JSON_IS_ARRAY,
	SP_JSON_IS_OBJECT
} sp_json_kind;

/* Of NULL: SP_JSON_IS_NULL. */
sp_json_kind sp_json_kind_of(const sp_json *value);

#endif
