/*
 * Walks over a JSON text token by token, without a tree, a copy or recursion.
 * The text must be one that PostgreSQL's json type took (RFC 8259); on
 * anything else it may end early with SP_SCAN_BAD or give tokens that mean
 * nothing, but it never looks outside the text.
 */
#ifndef SP_BASE_SCAN_H
#define SP_BASE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

typedef enum {
	SP_SCAN_END,
	SP_SCAN_OBJECT,
	SP_SCAN_OBJECT_END,
	SP_SCAN_ARRAY,
	SP_SCAN_ARRAY_END,
	SP_SCAN_KEY,     /* with its quotes; the colon is taken */
	SP_SCAN_STRING,  /* with its quotes */
	SP_SCAN_LITERAL, /* a number, true, false or null */
	SP_SCAN_BAD
} sp_scan_token;

typedef struct {
	const char *p, *end; /* what is left */
	const char *start;   /* the last token … */
	size_t len;          /* … and its bytes */
	bool escaped;        /* the last string or key holds a backslash */
	bool beyond_jsonb;   /* some string so far holds \u0000 or half a surrogate
	                           pair, which json takes and jsonb and text don't */
} sp_scan;

/* Sets the walk before the text, which must outlive it. */
void sp_scan_begin(sp_scan *scan, const char *text, size_t len);
/* The next token; commas and white space are passed over. */
sp_scan_token sp_scan_next(sp_scan *scan);
/* After a KEY: passes over its value; false where the text is bad. */
bool sp_scan_skip(sp_scan *scan);

/* True where the last string or key, unescaped, is `text` (ASCII). */
bool sp_scan_is(const sp_scan *scan, const char *text);
/* Appends the last string or key unescaped as UTF-8 (\u0000 and half
 * surrogate pairs as U+FFFD). */
void sp_scan_unescape(const sp_scan *scan, sp_buf *to);

/*
 * A writer that puts tokens together again, without white space. It needs no
 * stack: whether a comma is due follows from the token before.
 */
typedef struct {
	sp_buf *to;
	sp_scan_token last;
} sp_scan_writer;

/* Appends the scan's last token, with the comma or colon that belongs there. */
void sp_scan_put(sp_scan_writer *writer, const sp_scan *scan, sp_scan_token token);

#endif
