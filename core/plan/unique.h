/*
 * Rows that this database's unique indexes wouldn't take: another row here, or of the package,
 * would have the same. Those that are in the index by their UUID are another matter (fate.h).
 *
 * A row here stands in the way of one that becomes like it, whatever becomes of itself; of one that
 * is new, unless it becomes something else before new rows are written (sp_unique_goes_first()).
 * Of several rows of the package the first goes in, those that are here before new ones.
 *
 * Table of the staging, of rows of all kinds:
 *
 *	occupied  kind text, number bigint, id text
 *	          is_new boolean
 *	          is_named boolean  another name would help, in all indexes
 *	          columns text[]    that can't be the package's, of a row that is here
 *	          is_circle boolean  for that would stand inside itself (circle.h)
 */
#ifndef SP_PLAN_UNIQUE_H
#define SP_PLAN_UNIQUE_H

#include "core/plan/sides.h"

/* Once before fates are made. */
bool sp_unique_begin(sp_staging *staging, sp_error *err);
/* Behind sp_fate_make() for all kinds: notes the new ones afresh, and those that are here besides.
 * *any: whether there is one that wasn't noted before, or a new one. */
bool sp_unique_look(sp_staging *staging, const sp_catalog *catalog, bool *any, sp_error *err);

/* Appends a condition: the row `alias` of "fate", which is updated, names nobody else than before,
 * so that it can be written before new rows are. */
void sp_unique_goes_first(const sp_sides *in, const char *alias, sp_buf *sql);

#endif
