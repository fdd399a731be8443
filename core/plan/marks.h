/*
 * Marks of a row's values, by which a later import knows what was changed since: of each column
 * that the package had a hash of its text, NULL for NULL; of a column that names rows, at the
 * package's side, of their UUIDs at the source. The keys of the columns are kept once
 * for all rows of a kind.
 *
 * The hash is PostgreSQL's hashtextextended(), for a SHA-256 of each value would take as long as
 * the import. Partitions by hash stand or fall with it, so it stays what it is through upgrades;
 * where it is another one nevertheless, all counts as changed by both, and nothing is written over.
 */
#ifndef SP_PLAN_MARKS_H
#define SP_PLAN_MARKS_H

#include "core/plan/sides.h"

/* Appends their keys, as an SQL text[]. */
void sp_marks_columns(const sp_sides *sides, sp_buf *sql);
/* Appends the joins that sp_marks_there() needs behind the staged rows `r`; they neither add rows
 * nor take any away, for a package says once who a row is. */
void sp_marks_origins(const sp_sides *sides, sp_buf *sql);
/* Appends bigint[], of the package's staged row `r` … */
void sp_marks_there(const sp_sides *sides, sp_buf *sql);
/* … of the row `t` of the target's table … */
void sp_marks_here(const sp_sides *sides, sp_buf *sql);
/* … and of `a`, what the package's would be there (after.h). */
void sp_marks_after(const sp_sides *sides, sp_buf *sql);

#endif
