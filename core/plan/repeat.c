#include <config.h>

#include "core/plan/repeat.h"

/* What a plan says of each row of a kind: what becomes of it and why, which row here, in which
 * columns they differ, and what both sides are. */
static void add_said(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "SELECT f.number, f.target, concat_ws(' ', f.class, f.why) AS said, f.columns,"
	                 " f.there, f.here FROM ");
	sp_sides_table(in, "fate", sql);
	sp_buf_adds(sql, " f UNION ALL SELECT o.number, NULL, 'out ' || o.why, '{}', NULL, NULL FROM ");
	sp_sides_table(in, "out", sql);
	sp_buf_adds(sql, " o");
}

bool sp_repeat_note(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged)
			continue;
		sp_staging_make(staging, "seen", sp_entities[kind].name, &sql);
		sp_buf_adds(&sql, " AS ");
		add_said(&in, &sql);
		sp_buf_adds(&sql, "; ");
	}
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

bool sp_repeat_note_file(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged)
			continue;
		sp_staging_make(staging, "seen", sp_entities[kind].name, &sql);
		sp_buf_adds(&sql, " AS SELECT r.__number AS number, p.target, p.said, p.columns, p.there,"
		                  " p.here FROM ");
		sp_staging_table(staging, "planned", NULL, &sql);
		sp_buf_adds(&sql, " p JOIN (SELECT * FROM ");
		sp_sides_table(&in, "row", &sql);
		sp_buf_adds(&sql, " UNION ALL SELECT * FROM ");
		sp_sides_table(&in, "aside", &sql);
		sp_buf_adds(&sql, ") r ON r.id = p.id WHERE p.kind = ");
		sp_sql_literal(&sql, sp_entities[kind].name);
		sp_buf_adds(&sql, "; ");
	}
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

/* What people call a row, where they call it anything; `row`: its number. */
static void add_name(const sp_sides *in, sp_buf *sql)
{
	const char *label = sp_entities[in->kind].label;

	if (!label || !sp_staged_find(in->staged, label)) {
		sp_buf_adds(sql, "''");
		return;
	}
	sp_buf_adds(sql, "(SELECT left(n.");
	sp_sql_ident(sql, label);
	sp_buf_adds(sql, "::text, 100) FROM (SELECT * FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " UNION ALL SELECT * FROM ");
	sp_sides_table(in, "aside", sql);
	sp_buf_adds(sql, ") n WHERE n.__number = x.number)");
}

enum { R_COUNT, R_NAME, R_BEFORE, R_NOW };

/* One row: how many are otherwise, and of the first what it is, was and would be. */
static void add_question(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "SELECT x.n, ");
	add_name(in, sql);
	/* a row that nothing was said of is to be new; of one that isn't written, or only where nobody
	 * changed anything here, the rest may be what it likes */
	sp_buf_adds(sql, ", x.before, x.now FROM (SELECT count(*) OVER () AS n, f.number, coalesce("
	                 "s.said, 'new') AS before, f.said AS now FROM (");
	add_said(in, sql);
	sp_buf_adds(sql, ") f LEFT JOIN ");
	sp_sides_table(in, "seen", sql);
	sp_buf_adds(sql, " s ON s.number = f.number WHERE (coalesce(s.said, 'new'), s.target,"
	                 " coalesce(s.columns, '{}')) IS DISTINCT FROM (f.said, f.target, f.columns)"
	                 " OR (f.said NOT LIKE 'keep %' AND f.said <> 'update there' AND (s.there,"
	                 " s.here) IS DISTINCT FROM (f.there, f.here)) ORDER BY f.number LIMIT 1) x");
}

static bool check(const sp_sides *in, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool ok;

	add_question(in, &sql);
	if (!(rows = sp_db_query_buf(in->db, &sql, 0, NULL, err)))
		return false;
	ok = !sp_rows_count(rows) ||
	     sp_fail(err, SP_TARGET_CHANGED, N_("Look at a new plan."),
	             N_("the target isn't what it was when the plan was made: %s %s was to be "
	                "\"%s\" and would be \"%s\" now; %lld rows of this kind are otherwise"),
	             sp_entities[in->kind].name, sp_rows_get(rows, 0, R_NAME),
	             sp_rows_get(rows, 0, R_BEFORE), sp_rows_get(rows, 0, R_NOW),
	             (long long)sp_rows_int(rows, 0, R_COUNT));
	sp_rows_free(rows);
	return ok;
}

bool sp_repeat_check(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	bool ok = true;
	sp_sides in;

	for (int kind = 0; ok && kind < SP_ENTITY_COUNT; kind++)
		ok = !sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged || check(&in, err);
	return ok;
}
