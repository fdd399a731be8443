#include <config.h>

#include "core/import/record.h"

#include <inttypes.h>

#include "core/plan/marks.h"

/* What the row is here afterwards, as far as the import has a say: the package's values, but where
 * nobody wanted any of them, or they differ because of what the import made of other rows. */
static void add_here(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "CASE WHEN f.class = 'same' THEN ");
	sp_marks_here(in, sql);
	sp_buf_adds(sql, " WHEN b.number IS NULL THEN ");
	sp_marks_after(in, sql);
	sp_buf_adds(sql, " ELSE (SELECT array_agg(CASE WHEN u.key = ANY (b.theirs || b.ours) THEN"
	                 " u.there ELSE u.here END ORDER BY u.n) FROM unnest(");
	sp_marks_columns(in, sql);
	sp_buf_adds(sql, ", ");
	sp_marks_after(in, sql);
	sp_buf_adds(sql, ", ");
	sp_marks_here(in, sql);
	sp_buf_adds(sql, ") WITH ORDINALITY AS u (key, there, here, n)) END");
}

/* The package's rows with a source, and their marks: by themselves, for rows of marks are narrow,
 * and joined in memory. */
static void add_there(const sp_sides *in, const sp_plan_about *about, sp_buf *sql)
{
	sp_buf_adds(sql, "there AS MATERIALIZED (SELECT r.__number AS number, c.uuid, ");
	sp_marks_there(in, sql);
	sp_buf_adds(sql, " AS marks FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r");
	sp_sides_origin(in, "JOIN", "r", about->source, sql);
	sp_marks_origins(in, sql);
	sp_buf_adds(sql, ")");
}

static void add_known(const sp_sides *in, const sp_plan_about *about, sp_buf *sql)
{
	sp_buf_adds(sql, "WITH ");
	add_there(in, about, sql);
	sp_buf_adds(sql, ", known AS MATERIALIZED (SELECT r.uuid, a.id AS target,"
	                 " f.class = 'keep' AND f.why <> 'decided' AS stays, r.marks AS there, ");
	add_here(in, sql);
	sp_buf_adds(sql, " AS here FROM there r JOIN ");
	sp_sides_table(in, "fate", sql);
	sp_buf_adds(sql, " f ON f.number = r.number JOIN ");
	sp_sides_table(in, "after", sql);
	sp_buf_addf(sql, " a ON a.__number = f.number LEFT JOIN %s t ON t.id = a.id LEFT JOIN ",
	            in->table->quoted);
	sp_sides_shared(in, "base", sql);
	sp_buf_adds(sql, " b ON b.number = f.number WHERE f.class <> 'conflict' AND a.id IS NOT NULL)"
	                 " ");
}

static void add_rows(const sp_sides *in, const sp_plan_about *about, int64_t operation, sp_buf *sql)
{
	const char *kind = sp_entities[in->kind].name;

	add_known(in, about, sql);
	sp_buf_addf(sql,
	            "INSERT INTO spaceport.cross_instance_mappings (import_operation_id,"
	            " source_instance_id, source_entity_type, source_entity_id, target_entity_id,"
	            " mapping_strategy, source_marks, target_marks) SELECT %" PRId64 ", ",
	            operation);
	sp_sql_literal(sql, about->source);
	sp_buf_addf(sql,
	            ", '%s', k.uuid, k.target, '%s', k.there, k.here FROM known k WHERE NOT EXISTS"
	            " (SELECT FROM ",
	            kind, sp_uuid_strategies[about->uuids]);
	sp_staging_table(in->staging, "earlier", NULL, sql);
	sp_buf_addf(sql, " e WHERE e.kind = '%s' AND e.instance = ", kind);
	sp_sql_literal(sql, about->source);
	sp_buf_adds(sql, " AND e.uuid = k.uuid AND e.target = k.target AND (k.stays OR"
	                 " (e.there = k.there AND e.here = k.here AND e.columns = ");
	sp_marks_columns(in, sql);
	sp_buf_adds(sql, ")))");
}

/* Somebody decided that they stay deleted, as the package has them now. */
static void add_kept(const sp_sides *in, const sp_plan_about *about, int64_t operation, sp_buf *sql)
{
	sp_buf_addf(sql,
	            "; INSERT INTO spaceport.cross_instance_mappings (import_operation_id,"
	            " source_instance_id, source_entity_type, source_entity_id, target_entity_id,"
	            " mapping_strategy, source_marks, target_marks) SELECT %" PRId64 ", ",
	            operation);
	sp_sql_literal(sql, about->source);
	sp_buf_addf(sql, ", '%s', x.uuid, x.target, '%s', x.marks, x.marks FROM ",
	            sp_entities[in->kind].name, sp_uuid_strategies[about->uuids]);
	sp_sides_shared(in, "deleted", sql);
	sp_buf_adds(sql, " x WHERE x.kept");
}

bool sp_record_rows(sp_staging *staging, const sp_catalog *catalog, sp_kind kind,
                    const sp_plan_about *about, int64_t operation, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	if (!sp_sides_get(staging, catalog, kind, &in) || !in.staged)
		return true;
	sp_buf_addf(&sql, "INSERT INTO spaceport.import_columns VALUES (%" PRId64 ", ", operation);
	sp_sql_literal(&sql, sp_entities[kind].name);
	sp_buf_adds(&sql, ", ");
	sp_marks_columns(&in, &sql);
	sp_buf_adds(&sql, "); ");
	add_rows(&in, about, operation, &sql);
	add_kept(&in, about, operation, &sql);
	return sp_db_exec_buf(in.db, &sql, err);
}

bool sp_record_runs(sp_staging *staging, const sp_catalog *catalog, sp_json *to, sp_error *err)
{
	sp_json *runs = sp_json_add_array(to, "runs");
	sp_buf sql = { 0 };
	sp_rows *rows;
	sp_sides in;

	if (!sp_sides_get(staging, catalog, SP_RUN, &in) || !in.staged)
		return true;
	sp_buf_addf(&sql, "SELECT t.id, t.%s FROM ", sp_entities[SP_RUN].label);
	sp_sides_table(&in, "fate", &sql);
	sp_buf_adds(&sql, " f JOIN ");
	sp_sides_table(&in, "match", &sql);
	sp_buf_addf(&sql, " m ON m.id = f.id JOIN %s t ON t.id = m.target ORDER BY f.number",
	            in.table->quoted);
	if (!(rows = sp_db_query_buf(in.db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; i < sp_rows_count(rows); i++) {
		sp_json *run = sp_json_add_object(runs, NULL);

		sp_json_add_int(run, "id", sp_rows_int(rows, i, 0));
		sp_json_add_text(run, "name", sp_rows_get(rows, i, 1));
	}
	sp_rows_free(rows);
	return true;
}
