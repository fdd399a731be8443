#include <config.h>

#include "core/plan/seals.h"

#include <inttypes.h>

#include "core/model/smart.h"
#include "core/staging/typed.h"

/* The column of a kind's table here; NULL: its rows can't be sealed. */
static const char *seal_of(const sp_sides *of)
{
	const char *seal = sp_seal_of(of->kind);

	return seal && sp_table_column(of->table, seal) ? seal : NULL;
}

bool sp_seals_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                   sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides of;

	if (sp_staging_renew(staging, "sealed", NULL, &sql))
		sp_buf_adds(&sql, " (kind text, id bigint); ");
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &of) || !seal_of(&of))
			continue;
		sp_buf_adds(&sql, "INSERT INTO ");
		sp_staging_table(staging, "sealed", NULL, &sql);
		sp_buf_addf(&sql,
		            " SELECT '%s', t.id FROM %s t WHERE t.%s AND t.infospace_id = %" PRId64 "; ",
		            sp_entities[kind].name, of.table->quoted, seal_of(&of), about->infospace);
	}
	sp_buf_adds(&sql, "ANALYZE ");
	sp_staging_table(staging, "sealed", NULL, &sql);
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

/* Those that the column names; false: a row isn't in them, or they can't be sealed. */
static bool of_column(const sp_sides *in, const sp_column *column, sp_sides *of)
{
	return sp_is_in(in->kind, column->name) &&
	       sp_sides_other(in, sp_kind_named(in->catalog, in->table, column->name), of) &&
	       seal_of(of);
}

bool sp_seals_of(const sp_sides *in, const sp_column *column, sp_buf *sql)
{
	sp_sides of;

	if (!of_column(in, column, &of))
		return false;
	sp_buf_adds(sql, "(SELECT s.id FROM ");
	sp_sides_shared(&of, "sealed", sql);
	sp_buf_adds(sql, " s)");
	return true;
}

/* Of rows that the import writes, or would write nothing else of. */
static bool list_column(const sp_sides *in, const sp_column *column, const char *key,
                        sp_json *list, sp_error *err)
{
	bool many = sp_typed_form_of(in->table, in->kind, column) == SP_TYPED_REFS;
	sp_json *item;
	sp_rows *rows;
	sp_buf sql = { 0 };
	sp_sides of;

	if (!of_column(in, column, &of) || !sp_staged_find(in->staged, key))
		return true;
	sp_buf_adds(&sql, "SELECT count(DISTINCT r.__number) FROM ");
	sp_sides_table(in, "row", &sql);
	sp_buf_adds(&sql, " r JOIN ");
	sp_sides_table(in, "fate", &sql);
	sp_buf_adds(&sql, " f ON f.number = r.__number AND f.class IN ('new', 'update', 'same') CROSS"
	                  " JOIN LATERAL unnest(");
	sp_buf_adds(&sql, many ? "" : "ARRAY[");
	sp_sql_column(&sql, "r", key);
	sp_buf_adds(&sql, many ? ") AS u (named) JOIN " : "]) AS u (named) JOIN ");
	sp_sides_table(&of, "match", &sql);
	sp_buf_adds(&sql, " m ON m.id = u.named JOIN ");
	sp_sides_shared(&of, "sealed", &sql);
	sp_buf_addf(&sql, " s ON s.id = m.target LEFT JOIN %s t ON t.id = f.target WHERE coalesce(",
	            in->table->quoted);
	sp_buf_adds(&sql, "s.id <> ALL (");
	sp_buf_adds(&sql, many ? "" : "ARRAY[");
	sp_sql_column(&sql, "t", column->name);
	sp_buf_adds(&sql, many ? "), true)" : "]), true)");
	if (!(rows = sp_db_query_buf(in->db, &sql, 0, NULL, err)))
		return false;
	if (sp_rows_int(rows, 0, 0)) {
		item = sp_json_add_object(list, NULL);
		sp_json_add_text(item, "kind", sp_entities[in->kind].name);
		sp_json_add_text(item, "column", column->name);
		sp_json_add_int(item, "rows", sp_rows_int(rows, 0, 0));
	}
	sp_rows_free(rows);
	return true;
}

bool sp_seals_list(const sp_sides *in, sp_json *list, sp_error *err)
{
	sp_buf key = { 0 };
	bool ok = true;

	for (int i = 0; ok && i < in->table->count; i++) {
		sp_buf_reset(&key);
		sp_column_key(&key, &in->table->columns[i]);
		ok = !key.failed ? list_column(in, &in->table->columns[i], sp_buf_text(&key), list, err)
		                 : sp_fail_memory(err);
	}
	sp_buf_free(&key);
	return ok;
}
