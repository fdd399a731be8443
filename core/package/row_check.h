/*
 * Checks and counts the rows of an entry while its bytes pass: *.jsonl has one
 * a line, *.json in the outermost array; in other entries nothing is looked
 * at. What isn't JSON, doesn't fit its schema (the first hundred places), or
 * what jsonb wouldn't take, is told to the check.
 */
#ifndef SP_PACKAGE_ROW_CHECK_H
#define SP_PACKAGE_ROW_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/json_schema.h"
#include "core/base/scan.h"
#include "core/package/check.h"

typedef enum { SP_ROWS_NONE, SP_ROWS_LINES, SP_ROWS_DOCUMENT } sp_row_form;

typedef struct sp_row_check sp_row_check;

/*
 * Sees the tokens of every row as sp_json_check_fn does; `depth` is the row's
 * own: 0 for its outer bracket and for what isn't an object or array, 1 for
 * its keys. Of a document that isn't an array, the document is the row.
 */
typedef void sp_row_token_fn(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token);

/* `fn` may be NULL. NULL and an error where memory is out. */
sp_row_check *sp_row_check_create(sp_checking *check, sp_row_token_fn *fn, void *ctx,
                                  sp_error *err);
void sp_row_check_free(sp_row_check *rows);

/* `path` must stay until the end. `is_data`: a database is to take it, so that
 * what jsonb can't hold matters. `schema`: of the document, or of each line;
 * NULL: none. */
void sp_row_check_begin(sp_row_check *rows, const char *path, bool is_data,
                        const sp_json_schema *schema);
/* The same for an entry whose bytes are its own affair, whatever its name. */
void sp_row_check_begin_opaque(sp_row_check *rows, const char *path);
/* False and an error where the check doesn't go on. */
bool sp_row_check_add(sp_row_check *rows, const char *data, size_t len, sp_error *err);
/* *count -1: an entry without rows that can be told, such as an object. */
bool sp_row_check_end(sp_row_check *rows, int64_t *count, sp_error *err);

/* How the rows of the current entry stand in it. */
sp_row_form sp_row_check_form(const sp_row_check *rows);
/* Where the token stands that was told last … */
sp_place sp_row_check_place(const sp_row_check *rows);
/* … and how many bytes of the entry are before it. */
uint64_t sp_row_check_offset(const sp_row_check *rows);

#endif
