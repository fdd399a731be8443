#include <config.h>

#include "core/plan/out.h"

#include <string.h>

#include "core/model/entity.h"
#include "core/plan/marks.h"
#include "core/staging/typed.h"

/* Rows of a kind, and what it takes for one that isn't here to stay out. */
typedef struct {
	sp_sides in;
	sp_buf cases, joins;
	int joined;
	bool in_itself; /* some name rows of their own kind */
} leaving;

/* `numbers`: SQL, numbers of rows and why each stays out; NULL: it doesn't. How many; -1: an
 * error. */
static int64_t take_out(const sp_sides *in, const sp_buf *numbers, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	int64_t count;

	sql.failed = numbers->failed;
	sp_buf_adds(&sql, "WITH gone AS (DELETE FROM ");
	sp_sides_table(in, "row", &sql);
	sp_buf_addf(&sql,
	            " d USING (%s) AS x (number, why) WHERE x.number = d.__number AND x.why IS NOT NULL"
	            " RETURNING d.__number, d.id, x.why, ",
	            sp_buf_text(numbers));
	sp_sides_name(in, "d", &sql);
	sp_buf_adds(&sql, ", (d.*)::text), noted AS (INSERT INTO ");
	sp_staging_table(in->staging, "out", NULL, &sql);
	sp_buf_adds(&sql, " SELECT ");
	sp_sql_literal(&sql, sp_entities[in->kind].name);
	sp_buf_adds(&sql, ", gone.* FROM gone RETURNING 1) SELECT count(*) FROM noted");
	rows = sp_db_query_buf(in->db, &sql, 0, NULL, err);
	count = rows ? sp_rows_int(rows, 0, 0) : -1;
	sp_rows_free(rows);
	return count;
}

/* Whether they are here or not: what names them names those. */
static bool take_unasked(const sp_sides *in, sp_error *err)
{
	sp_buf numbers = { 0 };
	bool ok;

	sp_buf_adds(&numbers, "SELECT r.__number, 'unasked' FROM ");
	sp_sides_table(in, "row", &numbers);
	sp_buf_adds(&numbers, " r");
	ok = take_out(in, &numbers, err) >= 0;
	sp_buf_free(&numbers);
	return ok;
}

/* Those that aren't here, joined to what says why. */
static int64_t take_absent(const sp_sides *in, const char *why, const char *joins, sp_error *err)
{
	sp_buf numbers = { 0 };
	int64_t count;

	sp_buf_addf(&numbers, "SELECT r.__number, %s FROM ", why);
	sp_sides_table(in, "row", &numbers);
	sp_buf_addf(&numbers, " r%s WHERE NOT EXISTS (SELECT FROM ", joins);
	sp_sides_table(in, "match", &numbers);
	sp_buf_adds(&numbers, " h WHERE h.id = r.id)");
	count = take_out(in, &numbers, err);
	sp_buf_free(&numbers);
	return count;
}

/* Those that an earlier import wrote, and that aren't here. */
static void add_deleted(const sp_sides *in, const char *source, sp_buf *sql)
{
	sp_buf_adds(sql, "SELECT c.kind, r.__number, c.uuid, e.target, e.columns, e.there, ");
	sp_marks_there(in, sql);
	sp_buf_adds(sql, " AS marks FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r");
	sp_sides_origin(in, "JOIN", "r", source, sql);
	sp_buf_adds(sql, " JOIN ");
	sp_staging_table(in->staging, "earlier", NULL, sql);
	sp_buf_adds(sql, " e ON e.kind = c.kind AND e.instance = c.instance AND e.uuid = c.uuid");
	sp_marks_origins(in, sql);
	sp_buf_adds(sql, " WHERE NOT EXISTS (SELECT FROM ");
	sp_sides_table(in, "match", sql);
	sp_buf_adds(sql, " h WHERE h.id = r.id)");
}

/* What the last import had no column for was NULL. */
static bool note_deleted(const sp_sides *in, const sp_plan_about *about, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "INSERT INTO ");
	sp_staging_table(in->staging, "deleted", NULL, &sql);
	sp_buf_adds(&sql, " SELECT w.kind, w.__number, w.uuid, w.target, ARRAY(SELECT u.key FROM"
	                  " unnest(");
	sp_marks_columns(in, &sql);
	sp_buf_adds(&sql, ", w.marks) WITH ORDINALITY AS u (key, mark, n) WHERE w.columns IS NOT NULL"
	                  " AND u.mark IS DISTINCT FROM w.there[array_position(w.columns, u.key)] ORDER"
	                  " BY u.n), w.marks, hashtextextended(w.marks::text, 0), false FROM (");
	add_deleted(in, about->source, &sql);
	sp_buf_adds(&sql, ") w");
	if (about->decided) {
		sp_buf_adds(&sql, "; UPDATE ");
		sp_staging_table(in->staging, "deleted", NULL, &sql);
		sp_buf_adds(&sql, " x SET kept = true FROM ");
		sp_sides_table(in, "decided", &sql);
		sp_buf_addf(&sql,
		            " y WHERE x.kind = '%s' AND y.number = x.number AND y.word = 'keep' AND"
		            " y.said = 'conflict deleted' AND y.there = x.there",
		            sp_entities[in->kind].name);
	}
	return sp_db_exec_buf(in->db, &sql, err);
}

/* Nobody wants those back that are as they were. */
static bool take_deleted(const sp_sides *in, const sp_plan_about *about, sp_error *err)
{
	sp_buf numbers = { 0 };
	bool ok = note_deleted(in, about, err);

	sp_buf_adds(&numbers, "SELECT x.number, 'deleted' FROM ");
	sp_sides_shared(in, "deleted", &numbers);
	sp_buf_adds(&numbers, " x");
	if (about->strategy != SP_STRATEGY_SKIP)
		sp_buf_adds(&numbers, " WHERE x.columns = '{}' OR x.kept");
	ok = ok && take_out(in, &numbers, err) >= 0;
	sp_buf_free(&numbers);
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

static bool is_asked_for(const sp_staged_kind *staged, const char *key)
{
	const sp_staged_column *column = sp_staged_find(staged, key);

	return column && !column->unasked;
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
		    is_asked_for(l->in.staged, sp_buf_text(&key)))
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
		while (ok &&
		       (count = take_absent(&l->in, sp_buf_text(&why), sp_buf_text(&l->joins), err)) > 0 &&
		       l->in_itself)
			;
	}
	sp_buf_free(&why);
	return ok && count >= 0;
}

/* Of one that is asked for; behind what it stands in. */
static bool take_needy_of(const sp_sides *in, sp_error *err)
{
	leaving l = { .in = *in };
	bool ok = take_needy(&l, err);

	sp_buf_free(&l.cases);
	sp_buf_free(&l.joins);
	return ok;
}

static bool make_table(sp_staging *staging, sp_error *err)
{
	sp_buf sql = { 0 };

	if (sp_staging_renew(staging, "out", NULL, &sql))
		sp_buf_adds(&sql, " (kind text, number bigint, id text, why text, name text, whole text);");
	if (sp_staging_renew(staging, "deleted", NULL, &sql))
		sp_buf_adds(&sql, " (kind text, number bigint, uuid text, target bigint, columns text[],"
		                  " marks bigint[], there bigint, kept boolean)");
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

bool sp_out_undo(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;
	bool has;

	if (!sp_staging_has(staging, "out", &has, err) || !has)
		return !sp_error_is_set(err);
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged)
			continue;
		sp_buf_adds(&sql, "INSERT INTO ");
		sp_sides_table(&in, "row", &sql);
		sp_buf_adds(&sql, " SELECT r.* FROM ");
		sp_sides_shared(&in, "out", &sql);
		sp_buf_adds(&sql, " o CROSS JOIN LATERAL unnest(ARRAY[o.whole::");
		sp_sides_table(&in, "row", &sql);
		sp_buf_adds(&sql, "]) r; ");
	}
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

bool sp_out_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                 sp_error *err)
{
	sp_kind order[SP_ENTITY_COUNT];
	int count = sp_kinds_ordered(catalog, order);
	bool ok = make_table(staging, err);

	for (int i = 0; ok && i < count; i++) {
		sp_sides in;

		if (!sp_sides_get(staging, catalog, order[i], &in) || !in.staged)
			continue;
		if (about->unasked[order[i]])
			ok = take_unasked(&in, err);
		else
			ok = take_deleted(&in, about, err) && take_needy_of(&in, err);
	}
	return ok;
}

bool sp_out_without_room(const sp_sides *in, const sp_buf *numbers, bool *any, sp_error *err)
{
	sp_kind order[SP_ENTITY_COUNT];
	int count = sp_kinds_ordered(in->catalog, order);
	int64_t out = take_out(in, numbers, err);
	bool ok = out >= 0;
	sp_sides of;

	*any = out > 0;
	for (int i = 0; ok && *any && i < count; i++)
		ok = !sp_sides_get(in->staging, in->catalog, order[i], &of) || !of.staged ||
		     take_needy_of(&of, err);
	return ok;
}
