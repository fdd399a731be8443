#include <config.h>

#include "core/plan/out.h"

#include <string.h>

#include "core/model/entity.h"
#include "core/staging/typed.h"

/* A statement that takes out rows `r`, which aren't here; returns how many. */
typedef struct {
	sp_sides in;
	sp_buf cases, joins;
	int joined;
	bool in_itself; /* some name rows of their own kind */
} leaving;

/* -1: an error. */
static int64_t take_out(const leaving *l, const char *why, const char *joins, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	int64_t count;

	sp_buf_adds(&sql, "WITH gone AS (DELETE FROM ");
	sp_sides_table(&l->in, "row", &sql);
	sp_buf_addf(&sql, " d USING (SELECT r.__number, %s AS why FROM ", why);
	sp_sides_table(&l->in, "row", &sql);
	sp_buf_addf(&sql, " r%s WHERE NOT EXISTS (SELECT FROM ", joins);
	sp_sides_table(&l->in, "match", &sql);
	sp_buf_adds(&sql, " h WHERE h.id = r.id)) x WHERE x.__number = d.__number AND x.why IS NOT NULL"
	                  " RETURNING d AS whole, d.__number, d.id, x.why), kept AS (INSERT INTO ");
	sp_sides_table(&l->in, "aside", &sql);
	sp_buf_adds(&sql, " SELECT (whole).* FROM gone), noted AS (INSERT INTO ");
	sp_sides_table(&l->in, "out", &sql);
	sp_buf_adds(&sql, " SELECT __number, id, why FROM gone RETURNING 1) SELECT count(*) FROM"
	                  " noted");
	rows = sp_db_query_buf(l->in.db, &sql, 0, NULL, err);
	count = rows ? sp_rows_int(rows, 0, 0) : -1;
	sp_rows_free(rows);
	return count;
}

static bool take_deleted(const leaving *l, const char *source, sp_error *err)
{
	sp_buf joins = { 0 };
	bool ok;

	sp_buf_adds(&joins, " JOIN ");
	sp_staging_table(l->in.staging, "chain", NULL, &joins);
	sp_buf_adds(&joins, " c ON c.id = r.id AND c.depth = 0 AND c.kind = ");
	sp_sql_literal(&joins, sp_entities[l->in.kind].name);
	sp_buf_adds(&joins, " AND c.instance = ");
	sp_sql_literal(&joins, source);
	sp_buf_adds(&joins, " JOIN ");
	sp_staging_table(l->in.staging, "earlier", NULL, &joins);
	sp_buf_adds(&joins, " e ON e.kind = c.kind AND e.instance = c.instance AND e.uuid = c.uuid");
	ok = joins.failed ? sp_fail_memory(err)
	                  : take_out(l, "'deleted'", sp_buf_text(&joins), err) >= 0;
	sp_buf_free(&joins);
	return ok;
}

/* A row of the kind `of` that `r` names isn't anywhere. */
static void add_needed(leaving *l, const char *key, const sp_sides *of)
{
	int n = ++l->joined;
	sp_buf named = { 0 };

	sp_sql_column(&named, "r", key);
	sp_buf_adds(&l->joins, " LEFT JOIN ");
	sp_sides_table(of, "match", &l->joins);
	sp_buf_addf(&l->joins, " m%d ON m%d.id = %s", n, n, sp_buf_text(&named));
	sp_buf_addf(&l->cases, " WHEN coalesce(%s, '0') <> '0' AND m%d.id IS NULL", sp_buf_text(&named),
	            n);
	if (of->staged) {
		sp_buf_adds(&l->joins, " LEFT JOIN ");
		sp_sides_table(of, "row", &l->joins);
		sp_buf_addf(&l->joins, " n%d ON n%d.id = %s", n, n, sp_buf_text(&named));
		sp_buf_addf(&l->cases, " AND n%d.id IS NULL", n);
	}
	sp_buf_adds(&l->cases, " THEN ");
	sp_sql_literal(&l->cases, key);
	l->in_itself = l->in_itself || of->kind == l->in.kind;
	l->cases.failed = l->cases.failed || named.failed;
	sp_buf_free(&named);
}

static bool add_all(leaving *l, sp_error *err)
{
	sp_buf key = { 0 };

	for (int i = 0; i < l->in.table->count; i++) {
		const sp_column *column = &l->in.table->columns[i];
		int kind = sp_kind_named(l->in.catalog, l->in.table, column->name);
		sp_sides of;

		sp_buf_reset(&key);
		sp_column_key(&key, column);
		l->cases.failed = l->cases.failed || key.failed;
		if (sp_is_needed(l->in.kind, column) && sp_sides_other(&l->in, kind, &of) &&
		    sp_typed_form_of(l->in.table, l->in.kind, column) == SP_TYPED_REF &&
		    !sp_soft_key_of(l->in.table->name, column->name) &&
		    sp_staged_find(l->in.staged, sp_buf_text(&key)))
			add_needed(l, sp_buf_text(&key), &of);
	}
	sp_buf_free(&key);
	return !l->cases.failed && !l->joins.failed ? true : sp_fail_memory(err);
}

/* What stands in what goes, goes too. */
static bool take_needy(leaving *l, sp_error *err)
{
	sp_buf why = { 0 };
	int64_t count = 0;
	bool ok = add_all(l, err);

	if (ok && l->cases.len) {
		sp_buf_addf(&why, "CASE%s END", sp_buf_text(&l->cases));
		if (why.failed)
			ok = sp_fail_memory(err);
		while (ok && (count = take_out(l, sp_buf_text(&why), sp_buf_text(&l->joins), err)) > 0 &&
		       l->in_itself)
			;
	}
	sp_buf_free(&why);
	return ok && count >= 0;
}

static bool make(leaving *l, const char *source, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_staging_make(l->in.staging, "out", sp_entities[l->in.kind].name, &sql);
	sp_buf_adds(&sql, " (number bigint, id text, why text);");
	return sp_db_exec_buf(l->in.db, &sql, err) && take_deleted(l, source, err) &&
	       take_needy(l, err);
}

bool sp_out_undo(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged)
			continue;
		sp_buf_adds(&sql, "INSERT INTO ");
		sp_sides_table(&in, "row", &sql);
		sp_buf_adds(&sql, " SELECT * FROM ");
		sp_sides_table(&in, "aside", &sql);
		sp_buf_adds(&sql, "; DELETE FROM ");
		sp_sides_table(&in, "aside", &sql);
		sp_buf_adds(&sql, "; ");
	}
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

bool sp_out_make(sp_staging *staging, const sp_catalog *catalog, const char *source, sp_error *err)
{
	sp_kind order[SP_ENTITY_COUNT];
	int count = sp_kinds_ordered(catalog, order);
	bool ok = true;

	for (int i = 0; ok && i < count; i++) {
		leaving l = { .joined = 0 };

		if (!sp_sides_get(staging, catalog, order[i], &l.in) || !l.in.staged)
			continue;
		ok = make(&l, source, err);
		sp_buf_free(&l.cases);
		sp_buf_free(&l.joins);
	}
	return ok;
}
