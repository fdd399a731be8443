#include <config.h>

#include "core/plan/repeat.h"

#include "core/plan/fate.h"

/* Of each row: what becomes of it and why, which row here, in which columns they differ, and what
 * both sides are. */
static bool make_seen(sp_staging *staging, sp_buf *sql, sp_error *err)
{
	sp_buf make = { 0 };

	sp_staging_make(staging, "seen", NULL, &make);
	sp_buf_adds(&make, " (kind text, number bigint, target bigint, said text, columns text[], there"
	                   " bigint, here bigint)");
	sp_buf_adds(sql, "ANALYZE ");
	sp_staging_table(staging, "seen", NULL, sql);
	if (sp_db_exec_buf(sp_staging_db(staging), &make, err))
		return sp_db_exec_buf(sp_staging_db(staging), sql, err);
	sp_buf_free(sql);
	return false;
}

/* With what somebody decided. */
static void add_said(const char *alias, sp_buf *sql)
{
	sp_buf_addf(sql, "concat_ws(' ', %s.class, nullif(%s.why, ''))", alias, alias);
}

static void add_insert(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "INSERT INTO ");
	sp_staging_table(in->staging, "seen", NULL, sql);
	sp_buf_addf(sql, " SELECT '%s', ", sp_entities[in->kind].name);
}

bool sp_repeat_note(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged)
			continue;
		add_insert(&in, &sql);
		sp_buf_adds(&sql, "x.number, x.target, ");
		add_said("x", &sql);
		sp_buf_adds(&sql, ", x.columns, x.there, x.here FROM ");
		sp_fate_rows(&in, &sql);
		sp_buf_adds(&sql, " x; ");
	}
	return make_seen(staging, &sql, err);
}

bool sp_repeat_note_file(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged)
			continue;
		add_insert(&in, &sql);
		sp_buf_adds(&sql, "x.number, p.target, p.said, p.columns, p.there, p.here FROM ");
		sp_staging_table(staging, "planned", NULL, &sql);
		sp_buf_adds(&sql, " p JOIN ");
		sp_fate_rows(&in, &sql);
		sp_buf_adds(&sql, " x ON x.id = p.id WHERE p.kind = ");
		sp_sql_literal(&sql, sp_entities[kind].name);
		sp_buf_adds(&sql, "; ");
	}
	return make_seen(staging, &sql, err);
}

enum { R_COUNT, R_NAME, R_BEFORE, R_NOW };

/* One row: how many are otherwise, and of the first what it is, was and would be. */
static void add_question(const sp_sides *in, sp_buf *sql)
{
	/* a row that nothing was said of is to be new; of one that isn't written, or only where nobody
	 * changed anything here, the rest may be what it likes */
	/* found first, and then counted: for one row the server would look through all for each */
	sp_buf_adds(sql, "WITH found AS MATERIALIZED (SELECT f.number, f.name, s.said AS before, n.said"
	                 " AS now FROM ");
	sp_fate_rows(in, sql);
	sp_buf_adds(sql, " f CROSS JOIN LATERAL (SELECT ");
	add_said("f", sql);
	sp_buf_adds(sql, ") AS n (said) LEFT JOIN ");
	sp_sides_shared(in, "seen", sql);
	sp_buf_adds(sql, " s ON s.number = f.number WHERE (coalesce(s.said, 'new'), s.target,"
	                 " coalesce(s.columns, '{}')) IS DISTINCT FROM (n.said, f.target, f.columns)"
	                 " OR (n.said NOT LIKE 'keep %' AND n.said <> 'update there' AND (s.there,"
	                 " s.here) IS DISTINCT FROM (f.there, f.here))) SELECT count(*) OVER (),"
	                 " coalesce(name, ''), coalesce(before, 'new'), now FROM found ORDER BY number"
	                 " LIMIT 1");
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
