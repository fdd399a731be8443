#include <config.h>

#include "core/plan/fields.h"

#include <string.h>

#include "core/db/sql.h"
#include "core/plan/after.h"
#include "core/plan/decided.h"
#include "core/staging/typed.h"

/* A column of which somebody decided. */
typedef struct {
	const sp_sides *in;
	const char *key;
	const sp_column *column;
} naming;

static const sp_column *column_of(const sp_sides *in, const char *key, sp_error *err)
{
	const sp_column *column = NULL;
	sp_buf name = { 0 };

	for (int i = 0; !column && !name.failed && i < in->table->count; i++) {
		sp_buf_reset(&name);
		sp_column_key(&name, &in->table->columns[i]);
		if (!name.failed && !strcmp(sp_buf_text(&name), key))
			column = &in->table->columns[i];
	}
	if (name.failed)
		sp_fail_memory(err);
	sp_buf_free(&name);
	return column;
}

/* Appends what is decided of rows as they are (`f` of "fate"), `y`, with what both sides have. */
static void add_decided(const naming *n, sp_buf *sql)
{
	sp_sides_table(n->in, "decided", sql);
	sp_buf_adds(sql, " y JOIN ");
	sp_sides_table(n->in, "fate", sql);
	sp_buf_adds(sql, " f ON f.number = y.number AND f.said = y.said AND f.there = y.there AND"
	                 " f.here IS NOT DISTINCT FROM y.here JOIN ");
	sp_sides_table(n->in, "after", sql);
	sp_buf_addf(sql, " a ON a.__number = f.number JOIN %s t ON t.id = f.target",
	            n->in->table->quoted);
}

/* Appends "(SELECT …)": the pointers below the column. A column that is taken has no others. */
static void add_pointers(const naming *n, sp_buf *sql)
{
	sp_buf_adds(sql, "(SELECT substr(u.field, strpos(u.field, '/') + 1) AS pointer, u.field FROM"
	                 " unnest(y.fields) AS u (field) WHERE strpos(u.field, '/') > 0 AND"
	                 " pg_temp.sp_column(u.field) = ");
	sp_sql_literal(sql, n->key);
	sp_buf_adds(sql, " AND NOT EXISTS (SELECT FROM unnest(y.fields) AS w (field) WHERE"
	                 " strpos(w.field, '/') = 0 AND pg_temp.sp_column(w.field) = ");
	sp_sql_literal(sql, n->key);
	sp_buf_adds(sql, "))");
}

/* Appends "t.column, a.column". */
static void add_sides(const naming *n, sp_buf *sql)
{
	sp_sql_column(sql, "t", n->column->name);
	sp_buf_adds(sql, ", ");
	sp_sql_column(sql, "a", n->key);
}

static sp_rows *columns_decided(const sp_sides *in, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "SELECT pg_temp.sp_column(u.field), bool_or(strpos(u.field, '/') > 0),"
	                  " min(u.field) FROM ");
	sp_sides_table(in, "decided", &sql);
	sp_buf_adds(&sql, " y CROSS JOIN LATERAL unnest(y.fields) AS u (field) GROUP BY 1 ORDER BY 1");
	return sp_db_query_buf(in->db, &sql, 0, NULL, err);
}

/* --- what can't be --- */

static bool fail_unknown(const sp_sides *in, const char *field, sp_error *err)
{
	return sp_fail(err, SP_USAGE,
	               N_("A plan's lines have the columns that differ; of a column of type jsonb, "
	                  "fields can be named: COLUMN/FIELD/…"),
	               N_("\"%s\" is no field of the rows of kind %s"), field,
	               sp_entities[in->kind].name);
}

static bool check_places(const naming *n, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool ok;

	sp_buf_adds(&sql, "SELECT p.field, min(f.id) FILTER (WHERE pg_temp.sp_take_fields(");
	add_sides(n, &sql);
	sp_buf_adds(&sql, ", ARRAY[p.pointer]) IS NULL) FROM ");
	add_decided(n, &sql);
	sp_buf_adds(&sql, " CROSS JOIN LATERAL ");
	add_pointers(n, &sql);
	sp_buf_adds(&sql, " p GROUP BY 1 HAVING NOT bool_or(pg_temp.sp_has_field(");
	add_sides(n, &sql);
	sp_buf_adds(&sql, ", p.pointer)) OR bool_or(pg_temp.sp_take_fields(");
	add_sides(n, &sql);
	sp_buf_adds(&sql, ", ARRAY[p.pointer]) IS NULL) ORDER BY 1 LIMIT 1");
	if (!(rows = sp_db_query_buf(n->in->db, &sql, 0, NULL, err)))
		return false;
	ok = !sp_rows_count(rows);
	if (!ok && sp_rows_get(rows, 0, 1))
		sp_fail(err, SP_USAGE, N_("Decide of what it stands in."),
		        N_("%s has no place for \"%s\" here"), sp_rows_get(rows, 0, 1),
		        sp_rows_get(rows, 0, 0));
	else if (!ok)
		fail_unknown(n->in, sp_rows_get(rows, 0, 0), err);
	sp_rows_free(rows);
	return ok;
}

static bool check_kind(const sp_sides *in, sp_error *err)
{
	sp_rows *rows = columns_decided(in, err);
	bool ok = rows != NULL;

	for (int i = 0; ok && i < sp_rows_count(rows); i++) {
		naming n = { .in = in, .key = sp_rows_get(rows, i, 0) };
		bool below = sp_rows_bool(rows, i, 1);

		n.column = column_of(in, n.key, err);
		ok = !sp_error_is_set(err);
		if (ok && (!n.column || sp_after_form_of(in, n.column) != SP_AFTER_TAKEN ||
		           (below && n.column->form != SP_COLUMN_JSONB)))
			ok = fail_unknown(in, sp_rows_get(rows, i, 2), err);
		ok = ok && (!below || check_places(&n, err));
	}
	sp_rows_free(rows);
	return ok;
}

bool sp_fields_begin(sp_db *db, sp_error *err)
{
	return sp_db_exec(db, sp_sql_fields, err);
}

bool sp_fields_check(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	bool ok = true;
	sp_sides in;

	for (int kind = 0; ok && kind < SP_ENTITY_COUNT; kind++)
		ok = !sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged ||
		     check_kind(&in, err);
	return ok;
}

/* --- what they make --- */

static void add_taken(const naming *n, sp_buf *sql)
{
	sp_buf_adds(sql, "INSERT INTO ");
	sp_staging_table(n->in->staging, "taken", NULL, sql);
	sp_buf_addf(sql, " SELECT '%s', f.number, ", sp_entities[n->in->kind].name);
	sp_sql_literal(sql, n->key);
	sp_buf_adds(sql, ", pg_temp.sp_take_fields(");
	add_sides(n, sql);
	sp_buf_adds(sql, ", p.pointers)::text FROM ");
	add_decided(n, sql);
	sp_buf_adds(sql, " CROSS JOIN LATERAL (SELECT array_agg(p.pointer) AS pointers FROM ");
	add_pointers(n, sql);
	sp_buf_addf(sql,
	            " p) p WHERE y.word = '%s' AND f.class = 'update' AND p.pointers IS NOT NULL; ",
	            sp_decisions[SP_DECISION_MERGE]);
}

/* *any: whether there are fields of such rows. */
static bool make_kind(const sp_sides *in, bool *any, sp_error *err)
{
	sp_rows *rows = columns_decided(in, err);
	bool ok = rows != NULL;
	sp_buf sql = { 0 };

	*any = false;
	for (int i = 0; ok && i < sp_rows_count(rows); i++) {
		naming n = { .in = in, .key = sp_rows_get(rows, i, 0) };

		if (!sp_rows_bool(rows, i, 1))
			continue;
		*any = true;
		n.column = column_of(in, n.key, err);
		ok = !sp_error_is_set(err) && (n.column || fail_unknown(in, n.key, err));
		if (ok)
			add_taken(&n, &sql);
	}
	sp_rows_free(rows);
	ok = ok && sp_db_exec_buf(in->db, &sql, err);
	sp_buf_free(&sql);
	return ok;
}

bool sp_fields_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                    sp_error *err)
{
	sp_buf sql = { 0 };
	bool ok, any;
	sp_sides in;

	if (!about->decided)
		return true;
	sp_staging_make(staging, "taken", NULL, &sql);
	sp_buf_adds(&sql, " (kind text, number bigint, key text, body text NOT NULL)");
	ok = sp_db_exec_buf(sp_staging_db(staging), &sql, err);
	for (int kind = 0; ok && kind < SP_ENTITY_COUNT; kind++)
		ok = !sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged ||
		     (make_kind(&in, &any, err) &&
		      (!any || sp_after_make(staging, catalog, (sp_kind)kind, about, err)));
	return ok;
}
