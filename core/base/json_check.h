/*
 * Checks JSON as its bytes come by: whatever PostgreSQL's json type takes is
 * taken (RFC 8259 in UTF-8, RFC 3629; keys may be there twice, "\u0000" and
 * half surrogate pairs may stand in texts), nothing else. What jsonb or a text
 * column would refuse is noted. Memory is this struct, however long or deep
 * the text is; a tree there is none.
 */
#ifndef SP_BASE_JSON_CHECK_H
#define SP_BASE_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/scan.h"

/* The deepest that can be asked for. */
#define SP_JSON_CHECK_DEPTH 65536

/* Longer texts are told without their bytes. */
#define SP_JSON_CHECK_TEXT 4096

/*
 * Told for each token, as core/base/scan.h names them. `depth`: brackets that
 * are open around it (a row's own keys: 1). `token`: of a KEY or STRING of at
 * most SP_JSON_CHECK_TEXT bytes, and of a short literal, the bytes (`start`
 * and `len`, as sp_scan_is() and sp_scan_unescape() read them); else `start`
 * is NULL.
 */
typedef void sp_json_check_fn(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token);

/* A number: its digits, without zeroes at either end, times ten to the
 * exponent. Equal numbers are spelt equally here, however they were in JSON. */
typedef struct {
	uint64_t digits;
	int64_t exponent;
	bool negative;
	bool is_long; /* more digits than fit */
} sp_json_number;

typedef struct {
	/* set before the first text */
	size_t max_depth;
	sp_json_check_fn *fn; /* NULL: nobody is told */
	void *ctx;

	/* of the text: */
	bool too_deep;     /* that is what is wrong */
	const char *wrong; /* what isn't JSON: untranslated; NULL: nothing so far */
	uint64_t offset;   /* bytes taken; where it is wrong: of the first such byte */
	/* offset + 1 of the first thing of its kind; 0: none */
	uint64_t beyond_jsonb;   /* \u0000 or half a surrogate pair */
	uint64_t beyond_numeric; /* a number that the type numeric can't hold */
	/* while a token is told: where it begins, and what a number is worth */
	uint64_t token_offset;
	sp_json_number number;

	/* its own */
	int state, after_string;
	size_t depth;
	unsigned char more, low, high; /* of a UTF-8 sequence: bytes, bounds of the next */
	unsigned hex, unit, pair;      /* of escapes; pair: a first half that waits */
	const char *word;              /* what is left of true, false, null */
	bool escaped, too_long, negative_exponent;
	/* of a number: digits before and behind the point, zeroes behind it before
	 * any other digit, zeroes at the end so far */
	int64_t digits, fraction, zeroes, ending, exponent;
	size_t held;
	char text[SP_JSON_CHECK_TEXT];
	unsigned char is_array[SP_JSON_CHECK_DEPTH / 8];
} sp_json_check;

/* Makes ready for a text; max_depth, fn and ctx stay. */
void sp_json_check_begin(sp_json_check *check);
/* The next bytes; false once something is wrong. */
bool sp_json_check_add(sp_json_check *check, const char *data, size_t len);
/* The text's end; false where it isn't a JSON value. */
bool sp_json_check_end(sp_json_check *check);

#endif
