#include <config.h>

#include "core/plan/differ.h"

#include "core/db/sql.h"
#include "core/model/smart.h"
#include "core/plan/after.h"
#include "core/staging/typed.h"

/* The column of the row `alias` as a text to compare. White space between tokens, which json
 * keeps, is no difference; nor is the order of keys where a jsonb had it before. */
static void add_text(sp_buf *sql, const sp_column *column, bool moved, const char *alias,
                     const char *name)
{
	bool json = column->form == SP_COLUMN_JSON;

	sp_buf_addf(sql, "%s%s.",
	            !json   ? ""
	            : moved ? "pg_temp.sp_ordered("
	                    : "pg_temp.sp_tight(",
	            alias);
	sp_sql_ident(sql, name);
	sp_buf_addf(sql, "::text%s", json ? ")" : "");
}

/* `a`: as it would be, `t`: as it is. */
static void add_column(const sp_sides *in, sp_buf *cases, const sp_column *column, const char *key)
{
	sp_buf_adds(cases, ", CASE WHEN ");
	if (sp_typed_form_of(in->table, in->kind, column) == SP_TYPED_REF) {
		/* nobody is NULL, or 0 */
		sp_buf_adds(cases, "coalesce(a.");
		sp_sql_ident(cases, key);
		sp_buf_adds(cases, ", 0) <> coalesce(t.");
		sp_sql_ident(cases, column->name);
		sp_buf_adds(cases, ", 0)");
	} else {
		const sp_staged_column *staged = sp_staged_find(in->staged, key);
		bool moved = staged && staged->moved;

		add_text(cases, column, moved, "a", key);
		sp_buf_adds(cases, " IS DISTINCT FROM ");
		add_text(cases, column, moved, "t", column->name);
	}
	sp_buf_adds(cases, " THEN ");
	sp_sql_literal(cases, key);
	sp_buf_adds(cases, "::text END");
}

static bool add_all(const sp_sides *in, sp_buf *cases, sp_error *err)
{
	sp_buf key = { 0 };

	for (int i = 0; i < in->table->count; i++) {
		const sp_column *column = &in->table->columns[i];

		sp_buf_reset(&key);
		sp_column_key(&key, column);
		if (sp_after_form_of(in, column) == SP_AFTER_TAKEN)
			add_column(in, cases, column, sp_buf_text(&key));
		cases->failed = cases->failed || key.failed;
	}
	sp_buf_free(&key);
	return !cases->failed || sp_fail_memory(err);
}

/* The first column that says what a row is, and that both sides have, decides. */
static void add_apart(const sp_sides *in, sp_buf *sql)
{
	sp_smart smart = sp_smart_of(in->kind);

	sp_buf_adds(sql, "CASE WHEN false THEN false");
	for (int i = 0; i < 2 && smart.content[i].column; i++) {
		const char *name = smart.content[i].column, *sha256 = "";
		const sp_column *column = sp_table_column(in->table, name);

		if (!column || sp_after_form_of(in, column) != SP_AFTER_TAKEN)
			continue;
		if (smart.content[i].sha256)
			sha256 = "^[0-9a-f]{64}$";
		sp_buf_addf(sql, " WHEN a.%s::text ~ '%s' AND t.%s::text ~ '%s' THEN ", name, sha256, name,
		            sha256);
		add_text(sql, column, false, "a", name);
		sp_buf_adds(sql, " <> ");
		add_text(sql, column, false, "t", name);
	}
	sp_buf_adds(sql, " ELSE false END AS apart");
}

/* Whether the one here may become the package's without a row of it becoming wrong. */
static void add_grows(const sp_sides *in, sp_buf *sql)
{
	sp_smart smart = sp_smart_of(in->kind);
	const char *name = smart.content[0].column;
	const sp_column *column = smart.grows ? sp_table_column(in->table, name) : NULL;

	if (column && sp_after_form_of(in, column) == SP_AFTER_TAKEN)
		sp_buf_addf(sql, ", pg_temp.sp_contract_grows(t.%s::text, a.%s::text) AS grows", name,
		            name);
	else
		sp_buf_adds(sql, ", false AS grows");
}

static bool make(const sp_sides *in, const sp_buf *cases, bool again, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_staging_fill(in->staging, "differs", sp_entities[in->kind].name, again, &sql);
	sp_buf_addf(&sql,
	            "SELECT a.__number AS number, a.__target AS target, array_remove(ARRAY[NULL%s],"
	            " NULL) AS columns, ",
	            sp_buf_text(cases));
	add_apart(in, &sql);
	add_grows(in, &sql);
	sp_buf_adds(&sql, " FROM ");
	sp_sides_table(in, "after", &sql);
	sp_buf_addf(&sql, " a JOIN %s t ON t.id = a.__target; ANALYZE ", in->table->quoted);
	sp_sides_table(in, "differs", &sql);
	return sp_db_exec_buf(in->db, &sql, err);
}

bool sp_differ_begin(sp_db *db, sp_error *err)
{
	return sp_db_exec(db, sp_sql_tight, err) && sp_db_exec(db, sp_sql_grows, err);
}

bool sp_differ_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, bool again,
                    sp_error *err)
{
	sp_buf cases = { 0 };
	sp_sides in;
	bool ok;

	if (!sp_sides_get(staging, catalog, kind, &in) || !in.staged)
		return true;
	ok = add_all(&in, &cases, err) && make(&in, &cases, again, err);
	sp_buf_free(&cases);
	return ok;
}
