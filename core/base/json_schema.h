/*
 * JSON Schema (draft 2020-12), as much of it as this program's own schemas
 * need: type, required, properties, additionalProperties, items, enum (of
 * strings, integers, true, false, null), $defs, $ref within the document. What
 * only annotates may stand there as well; any other keyword is an error.
 *
 * A schema is a table of states, so that a text is checked token by token, as
 * core/base/json_check.h tells them: memory is what the schema's own depth asks
 * for, however long or deep the text is. json_schema_compile.h makes the table.
 */
#ifndef SP_BASE_JSON_SCHEMA_H
#define SP_BASE_JSON_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/json_check.h"

enum {
	SP_JSON_NULL = 1,
	SP_JSON_BOOLEAN = 2,
	SP_JSON_INTEGER = 4, /* 1, 1.0, 1e2 */
	SP_JSON_FRACTION = 8,
	SP_JSON_STRING = 16,
	SP_JSON_ARRAY = 32,
	SP_JSON_OBJECT = 64,
	SP_JSON_TYPES = 127
};

/* One of an enum. */
typedef struct {
	unsigned type;
	const char *text;      /* a string; of the others as they are spelt */
	sp_json_number number; /* an integer */
} sp_json_schema_value;

/* A key that the schema names. */
typedef struct {
	const char *name;
	size_t len;
	int state; /* of its value */
	int bit;   /* among those that are required; -1: it isn't */
} sp_json_schema_key;

/* What holds for a value. */
typedef struct {
	unsigned types; /* that it may have */
	/* what it must be one of, where values isn't NULL */
	const sp_json_schema_value *values;
	int value_count;
	/* an object's keys: the named, how many of them are required, and the state
	 * of the other keys' values */
	const sp_json_schema_key *keys;
	int key_count, required;
	int others;
	int items; /* an array's */
} sp_json_schema_state;

/* The state where anything may stand. */
#define SP_JSON_SCHEMA_ANYTHING 0

typedef struct {
	const sp_json_schema_state *states;
	int root;
} sp_json_schema;

/* A string or name that stands in a schema has no more bytes, so that JSON can't
 * spell it, escapes and all, longer than SP_JSON_CHECK_TEXT. */
#define SP_JSON_SCHEMA_TEXT ((SP_JSON_CHECK_TEXT - 2) / 6)

typedef enum {
	SP_JSON_WRONG_TYPE,    /* `expected`: types, "string", "null" */
	SP_JSON_WRONG_VALUE,   /* values */
	SP_JSON_WRONG_MISSING, /* the key */
	SP_JSON_WRONG_KEY,     /* the key that may not be there */
	SP_JSON_WRONG_ANY      /* "": no value may be there */
} sp_json_wrong;

/* Told what is wrong with the value at `pointer` (RFC 6901, "": the whole text)
 * as the token that says so passes; for a key that is missing, the end of its
 * object. Both texts stay until it returns. */
typedef void sp_json_wrong_fn(void *ctx, sp_json_wrong wrong, const char *pointer,
                              const char *expected);

typedef struct sp_json_schema_check sp_json_schema_check;

/* NULL and an error where memory is out. */
sp_json_schema_check *sp_json_schema_check_create(sp_json_wrong_fn *fn, void *ctx, sp_error *err);
void sp_json_schema_check_free(sp_json_schema_check *check);
/* For a new text; `schema` (NULL: anything) must outlive it. */
void sp_json_schema_check_begin(sp_json_schema_check *check, const sp_json_schema *schema);
/* The next token of a text that is JSON so far, and of a LITERAL the number
 * that it is if it is one. Of a key that is there twice each value counts. */
bool sp_json_schema_check_token(sp_json_schema_check *check, sp_scan_token kind,
                                const sp_scan *token, const sp_json_number *number, sp_error *err);

#endif
