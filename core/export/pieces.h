/* Pieces of SQL that selecting consists of, made from the catalog. Included by
 * core/export only. */
#ifndef SP_EXPORT_PIECES_H
#define SP_EXPORT_PIECES_H

#include "core/export/select.h"

/* Runs the statements in `sql` and frees it. */
bool sp_piece_run(const sp_selection *s, sp_buf *sql, sp_error *err);

/* The table of an entity: its index in the catalog (-1: none here), its name. */
int sp_piece_table(const sp_selection *s, sp_kind kind);
const char *sp_piece_quoted(const sp_selection *s, sp_kind kind);

/* True where a row can't exist without what the column names. */
bool sp_piece_is_needed(const sp_table *table, const sp_column *column);

/* The table that a column names, -1: none. Annotations stand for themselves:
 * only rows that belong to them name them, by a key. */
int sp_piece_named_table(const sp_selection *s, const sp_table *table, const sp_column *column);

/* Condition: the row `x` of a table belongs to the run's infospace, or to none. */
void sp_piece_in_space(const sp_selection *s, int table, sp_buf *sql);

/* " AND …": the row of an entity that t's column names isn't left out. */
void sp_piece_not_out(const sp_selection *s, sp_kind kind, const char *column, sp_buf *sql);

/* "(table, id, needed), …" for the columns of the row `alias` that name rows;
 * false where there are none. Arrays are left to the next. */
bool sp_piece_named(const sp_selection *s, int index, const char *alias, sp_buf *sql);

/* "; INSERT …" for each array of ids of the rows that came last: candidates. */
void sp_piece_arrays(const sp_selection *s, int index, sp_buf *sql);

#endif
