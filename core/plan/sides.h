/* A kind of rows on both sides of an import: what was staged of it, and its table here. */
#ifndef SP_PLAN_SIDES_H
#define SP_PLAN_SIDES_H

#include "core/db/catalog.h"
#include "core/staging/staging.h"

typedef struct {
	sp_staging *staging;
	const sp_catalog *catalog;
	sp_db *db;
	sp_kind kind;
	const sp_table *table;
	const sp_staged_kind *staged; /* NULL: the package has no rows of it */
} sp_sides;

/* False for a kind whose rows aren't looked for here: there is no table for it, its rows
 * have no id, or it is users or infospaces, which never travel. */
bool sp_sides_get(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_sides *sides);
/* The same where rows may have no id. */
bool sp_sides_any(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_sides *sides);
/* The first of a kind that a column names, -1: none. */
bool sp_sides_other(const sp_sides *sides, int kind, sp_sides *other);

/* Appends the name of its table of the staging. */
void sp_sides_table(const sp_sides *sides, const char *part, sp_buf *sql);
/* Appends "(SELECT * FROM …)": its rows in a table that all kinds share, with a column "kind". */
void sp_sides_shared(const sp_sides *sides, const char *part, sp_buf *sql);
/* Appends a join, as `c`, of the rows of "chain" that say who the staged rows `alias` are at the
 * package's source; `join`: "JOIN", or "LEFT JOIN" where some may be nobody there. */
void sp_sides_origin(const sp_sides *sides, const char *join, const char *alias, const char *source,
                     sp_buf *sql);
/* Appends what people call the staged row `alias`, as an SQL text; NULL where they have no name
 * for it. */
void sp_sides_name(const sp_sides *sides, const char *alias, sp_buf *sql);

#endif
