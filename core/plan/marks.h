/*
 * Marks of a row's values, by which a later import knows what was changed since: of each column
 * that the package had, one after the other, the first 8 bytes of the SHA-256 of its text,
 * and zeros for NULL. The keys of the columns are kept once for all rows of a kind.
 */
#ifndef SP_PLAN_MARKS_H
#define SP_PLAN_MARKS_H

#include "core/plan/sides.h"

#define SP_MARK_LEN 8

/* Appends their keys, as an SQL text[]. */
void sp_marks_columns(const sp_sides *sides, sp_buf *sql);
/* Appends bytea, of the package's staged row `r` … */
void sp_marks_there(const sp_sides *sides, sp_buf *sql);
/* … of the row `t` of the target's table … */
void sp_marks_here(const sp_sides *sides, sp_buf *sql);
/* … and of `a`, what the package's would be there (after.h). */
void sp_marks_after(const sp_sides *sides, sp_buf *sql);

#endif
