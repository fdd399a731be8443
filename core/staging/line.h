/*
 * A row of a package, as the line of JSON that it is, to be changed column by column: what isn't
 * changed is written as it stood. What keys it has is told in doc/package-format.md, "A row".
 */
#ifndef SP_STAGING_LINE_H
#define SP_STAGING_LINE_H

#include "core/base/members.h"

typedef struct sp_line sp_line;

/* The text must outlive it. NULL: memory. */
sp_line *sp_line_read(const char *text, size_t len, sp_error *err);
void sp_line_free(sp_line *line);

/* A column's value as JSON, wherever in the row it stands; its text is NULL where it has none.
 * Lasts until that column is changed. */
sp_span sp_line_get(const sp_line *line, const char *key);
/* The same of a string, unescaped; empty where it is none. */
void sp_line_text(const sp_line *line, const char *key, sp_buf *to);

/* True for a value that jsonb doesn't take: it stands in `__raw`. */
bool sp_line_is_raw(sp_span value);

/* Gives it another value, JSON, which is copied; a key that it doesn't have comes last. */
bool sp_line_set(sp_line *line, const char *key, sp_span value, sp_error *err);
void sp_line_drop(sp_line *line, const char *key);
/* Calls a column otherwise, in its references too. */
bool sp_line_rename(sp_line *line, const char *key, const char *to, sp_error *err);

/* The references at a JSON Pointer and below it stand at `to` and below now (NULL: nowhere), in
 * `other` unless that is NULL. */
bool sp_line_move_refs(sp_line *line, const char *from, const char *to, sp_line *other,
                       sp_error *err);

/* Calls for each column that the row has under a key of its own, until one says false. */
typedef bool sp_line_fn(void *ctx, const char *key, sp_span value, sp_error *err);
bool sp_line_each(const sp_line *line, sp_line_fn *fn, void *ctx, sp_error *err);

/* Appends it. */
bool sp_line_write(const sp_line *line, sp_buf *to, sp_error *err);

#endif
