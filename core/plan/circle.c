#include <config.h>

#include "core/plan/circle.h"

#include <inttypes.h>

#define PARENT "parent_bundle_id"

/* Bundles that move in, and all that they would be in. */
static void add_tree(const sp_sides *in, const sp_plan_about *about, sp_buf *sql)
{
	sp_buf_addf(sql,
	            "SELECT t.id::bigint AS id, (CASE WHEN f.number IS NULL THEN t." PARENT
	            " ELSE a." PARENT
	            " END)::bigint AS parent, f.number, f.id AS name FROM %s t LEFT JOIN (",
	            in->table->quoted);
	sp_sides_table(in, "fate", sql);
	sp_buf_adds(sql, " f JOIN ");
	sp_sides_table(in, "after", sql);
	sp_buf_addf(sql,
	            " a ON a.__number = f.number) ON f.target = t.id AND f.class = 'update' AND"
	            " '" PARENT "' = ANY (f.columns) WHERE t.infospace_id = %" PRId64
	            " UNION ALL SELECT -f.number, a." PARENT ", NULL, NULL FROM ",
	            about->infospace);
	sp_sides_table(in, "fate", sql);
	sp_buf_adds(sql, " f JOIN ");
	sp_sides_table(in, "after", sql);
	sp_buf_adds(sql, " a ON a.__number = f.number WHERE f.class = 'new'");
}

bool sp_circle_look(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                    bool *any, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	sp_sides in;

	*any = false;
	if (!sp_sides_get(staging, catalog, SP_BUNDLE, &in) || !in.staged ||
	    !sp_staged_find(in.staged, PARENT) || !sp_table_column(in.table, PARENT))
		return true;
	sp_buf_adds(&sql, "WITH RECURSIVE tree AS MATERIALIZED (");
	add_tree(&in, about, &sql);
	sp_buf_adds(&sql, "), up AS (SELECT t.id AS start, t.parent AS at FROM tree t WHERE t.number IS"
	                  " NOT NULL UNION SELECT u.start, t.parent FROM up u JOIN tree t ON t.id ="
	                  " u.at WHERE u.at <> u.start), noted AS (INSERT INTO ");
	sp_staging_table(staging, "occupied", NULL, &sql);
	sp_buf_addf(&sql,
	            " AS o SELECT '%s', t.number, t.name, false, false, ARRAY['" PARENT "'], true FROM"
	            " tree t WHERE t.number IS NOT NULL AND EXISTS (SELECT FROM up u WHERE u.start ="
	            " t.id AND u.at = t.id) ON CONFLICT (kind, number) DO UPDATE SET is_circle = true,"
	            " is_named = false, columns = o.columns || excluded.columns RETURNING 1) SELECT"
	            " count(*) FROM noted",
	            sp_entities[SP_BUNDLE].name);
	if (!(rows = sp_db_query_buf(in.db, &sql, 0, NULL, err)))
		return false;
	*any = sp_rows_int(rows, 0, 0) > 0;
	sp_rows_free(rows);
	return true;
}
