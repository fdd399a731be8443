#include <config.h>

#include "core/plan/differ.h"

#include <stdlib.h>
#include <string.h>

#include "core/db/sql.h"
#include "core/model/normal.h"
#include "core/model/words.h"
#include "core/plan/sides.h"
#include "core/staging/typed.h"

typedef struct {
	sp_sides in;
	sp_buf cases, joins;
	int count; /* of columns so far: numbers what is joined */
} differing;

/* A column, of the package's row (`r`) or of the one here (`t`). */
static void add_column(sp_buf *sql, const char *alias, const char *name)
{
	sp_buf_addf(sql, "%s.", alias);
	sp_sql_ident(sql, name);
}

static void begin_case(differing *d)
{
	d->count++;
	sp_buf_adds(&d->cases, ", CASE WHEN ");
}

static void end_case(differing *d, const char *key)
{
	sp_buf_adds(&d->cases, " THEN ");
	sp_sql_literal(&d->cases, key);
	sp_buf_adds(&d->cases, "::text END");
}

/* --- values --- */

/* A text that was too long for its line stands elsewhere. */
static void add_unless_long(differing *d, const char *key)
{
	if (!sp_staged_find(d->in.staged, "__texts"))
		return;
	sp_buf_adds(&d->cases, "(r.__texts -> ");
	sp_sql_literal(&d->cases, key);
	sp_buf_adds(&d->cases, ") IS NULL AND ");
}

/* The value as it is here, where it names rows. */
static bool has_local(const differing *d)
{
	return sp_staged_find(d->in.staged, "__refs") != NULL;
}

static void join_local(differing *d, const char *key)
{
	sp_buf_adds(&d->joins, " LEFT JOIN ");
	sp_sides_table(&d->in, "local", &d->joins);
	sp_buf_addf(&d->joins,
	            " l%d ON l%d.number = r.__number AND l%d.body IS NOT NULL AND l%d.key = ", d->count,
	            d->count, d->count, d->count);
	sp_sql_literal(&d->joins, key);
}

static void add_json(differing *d, const char *key, const sp_column *column)
{
	bool json = column->form == SP_COLUMN_JSON;

	begin_case(d);
	add_unless_long(d, key);
	sp_buf_adds(&d->cases, json ? "pg_temp.sp_tight(" : "");
	sp_buf_adds(&d->cases, "(coalesce(");
	if (has_local(d)) {
		join_local(d, key);
		sp_buf_addf(&d->cases, "l%d.body::%s, ", d->count, json ? "json" : "jsonb");
	}
	add_column(&d->cases, "r", key);
	sp_buf_addf(&d->cases, "))::text%s IS DISTINCT FROM ", json ? ")" : "");
	sp_buf_adds(&d->cases, json ? "pg_temp.sp_tight(" : "");
	add_column(&d->cases, "t", column->name);
	sp_buf_addf(&d->cases, "::text%s", json ? ")" : "");
	end_case(d, key);
}

static void add_value(differing *d, const char *key, const sp_column *column)
{
	begin_case(d);
	add_unless_long(d, key);
	if (column->form == SP_COLUMN_STRING && has_local(d)) {
		join_local(d, key);
		sp_buf_addf(&d->cases, "coalesce(l%d.body, ", d->count);
		add_column(&d->cases, "r", key);
		sp_buf_adds(&d->cases, "::text)");
	} else {
		add_column(&d->cases, "r", key);
		sp_buf_adds(&d->cases, "::text");
	}
	sp_buf_adds(&d->cases, " IS DISTINCT FROM ");
	add_column(&d->cases, "t", column->name);
	sp_buf_adds(&d->cases, "::text");
	end_case(d, key);
}

/* --- references --- */

/* Whom it names: the id here, 0 nobody, -1 a row that isn't here yet. */
static void add_named(differing *d, const sp_sides *of, sp_buf *joins, sp_buf *to,
                      const char *named)
{
	sp_buf_adds(joins, " LEFT JOIN ");
	sp_sides_table(of, "match", joins);
	sp_buf_addf(joins, " m%d ON m%d.id = %s", d->count, d->count, named);
	sp_buf_addf(to, "coalesce(m%d.target", d->count);
	if (of->staged) {
		sp_buf_adds(joins, " LEFT JOIN ");
		sp_sides_table(of, "row", joins);
		sp_buf_addf(joins, " n%d ON m%d.id IS NULL AND n%d.id = %s", d->count, d->count, d->count,
		            named);
		sp_buf_addf(to, ", n%d.__number * 0 - 1", d->count);
	}
}

static void add_ref(differing *d, const char *key, const sp_column *column, const sp_sides *to)
{
	sp_buf of = { 0 };

	begin_case(d);
	add_column(&of, "r", key);
	sp_buf_addf(&d->cases, "CASE WHEN coalesce(%s, '0') = '0' THEN 0 ELSE ", sp_buf_text(&of));
	add_named(d, to, &d->joins, &d->cases, sp_buf_text(&of));
	/* who is nowhere stays whoever is named here */
	sp_buf_adds(&d->cases, ", coalesce(");
	add_column(&d->cases, "t", column->name);
	sp_buf_adds(&d->cases, ", 0)) END <> coalesce(");
	add_column(&d->cases, "t", column->name);
	sp_buf_adds(&d->cases, ", 0)");
	end_case(d, key);
	d->cases.failed = d->cases.failed || of.failed;
	sp_buf_free(&of);
}

/* As sets. Where some of the package's are nowhere, it can't say that one here is too many. */
static void add_refs(differing *d, const char *key, const sp_column *column, const sp_sides *of)
{
	sp_buf joins = { 0 }, to = { 0 };

	begin_case(d);
	add_named(d, of, &joins, &to, "u.named");
	sp_buf_adds(&d->joins,
	            " LEFT JOIN (SELECT number, array_agg(named) FILTER (WHERE named <> 0) AS"
	            " named, bool_or(named IS NULL) AS lacks FROM (SELECT r.__number AS"
	            " number, CASE u.named WHEN '0' THEN 0 ELSE ");
	sp_buf_addf(&d->joins, "%s)::bigint END AS named FROM ", sp_buf_text(&to));
	sp_sides_table(&d->in, "row", &d->joins);
	sp_buf_adds(&d->joins, " r CROSS JOIN LATERAL unnest(");
	add_column(&d->joins, "r", key);
	sp_buf_addf(&d->joins, ") AS u (named)%s) s GROUP BY number) a%d ON a%d.number = r.__number",
	            sp_buf_text(&joins), d->count, d->count);
	sp_buf_addf(&d->cases, "NOT coalesce(a%d.named, '{}') <@ ", d->count);
	add_column(&d->cases, "t", column->name);
	sp_buf_addf(&d->cases, "::bigint[] OR NOT coalesce(a%d.lacks, false) AND NOT array_remove(",
	            d->count);
	add_column(&d->cases, "t", column->name);
	sp_buf_addf(&d->cases, "::bigint[], 0::bigint) <@ coalesce(a%d.named, '{}')", d->count);
	end_case(d, key);
	d->joins.failed = d->joins.failed || joins.failed || to.failed;
	sp_buf_free(&joins);
	sp_buf_free(&to);
}

/* --- words --- */

/* The labels of an enum here; the caller frees the rows behind it. */
static sp_rows *labels_of(const differing *d, const sp_column *column, sp_error *err)
{
	return sp_db_query(d->in.db,
	                   "SELECT enumlabel FROM pg_enum WHERE enumtypid = $1::regtype"
	                   " ORDER BY enumsortorder",
	                   1, (const char *const[]){ column->type }, err);
}

/* Appends "WHEN 'word' THEN 'what is written here'" for those that aren't written as they are. */
static bool add_whens(differing *d, const sp_vocabulary *v, const char *key, sp_buf *whens,
                      sp_error *err)
{
	sp_buf sql = { 0 };
	const char *becomes;
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT DISTINCT ");
	add_column(&sql, "r", key);
	sp_buf_adds(&sql, " FROM ");
	sp_sides_table(&d->in, "row", &sql);
	sp_buf_adds(&sql, " r WHERE ");
	add_column(&sql, "r", key);
	sp_buf_adds(&sql, " IS NOT NULL");
	if (!(rows = sp_db_query_buf(d->in.db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; i < sp_rows_count(rows); i++) {
		sp_word_fate fate = sp_word_find(v, sp_rows_get(rows, i, 0), &becomes);

		if (fate == SP_WORD_KNOWN || fate == SP_WORD_UNKNOWN)
			continue;
		sp_buf_adds(whens, " WHEN ");
		sp_sql_literal(whens, sp_rows_get(rows, i, 0));
		sp_buf_adds(whens, " THEN ");
		sp_sql_literal(whens, becomes);
	}
	sp_rows_free(rows);
	return true;
}

static bool add_words(differing *d, const char *key, const sp_column *column, sp_buf *whens,
                      sp_error *err)
{
	sp_rows *rows = labels_of(d, column, err);
	const char **labels = rows ? calloc((size_t)sp_rows_count(rows) + 1, sizeof *labels) : NULL;
	sp_vocabulary v = { column->type, labels, 0 };
	bool ok = labels != NULL;

	for (; labels && v.count < sp_rows_count(rows); v.count++)
		labels[v.count] = sp_rows_get(rows, v.count, 0);
	if (rows && !labels)
		sp_fail_memory(err);
	ok = ok && add_whens(d, &v, key, whens, err);
	free(labels);
	sp_rows_free(rows);
	return ok;
}

/* A word of the package, as it is written here: in HQ's spelling, or another that stands for it,
 * and never one that starts work. */
static bool add_word(differing *d, const char *key, const sp_column *column,
                     const sp_normal *normal, sp_error *err)
{
	sp_buf whens = { 0 }, word = { 0 };
	bool ok = column->is_enum ? add_words(d, key, column, &whens, err) : true;

	add_column(&word, "r", key);
	if (whens.len) {
		sp_buf now = { 0 };

		sp_buf_addf(&now, "CASE %s%s ELSE %s END", sp_buf_text(&word), sp_buf_text(&whens),
		            sp_buf_text(&word));
		now.failed = now.failed || word.failed || whens.failed;
		sp_buf_free(&word);
		word = now;
	}
	begin_case(d);
	/* what is as it was there is no difference either */
	add_column(&d->cases, "r", key);
	sp_buf_adds(&d->cases, " IS DISTINCT FROM ");
	add_column(&d->cases, "t", column->name);
	sp_buf_adds(&d->cases, "::text AND ");
	if (normal->rule == SP_NORMAL_UNLESS) {
		sp_buf_addf(&d->cases, "CASE WHEN %s IN (", sp_buf_text(&word));
		for (size_t i = 0; i < 4 && normal->words[i]; i++) {
			sp_buf_adds(&d->cases, i ? ", " : "");
			sp_sql_literal(&d->cases, normal->words[i]);
		}
		sp_buf_addf(&d->cases, ") THEN %s ELSE ", sp_buf_text(&word));
		sp_sql_literal(&d->cases, normal->value);
		sp_buf_adds(&d->cases, " END");
	} else {
		sp_buf_adds(&d->cases, sp_buf_text(&word));
	}
	sp_buf_adds(&d->cases, " IS DISTINCT FROM ");
	add_column(&d->cases, "t", column->name);
	sp_buf_adds(&d->cases, "::text");
	end_case(d, key);
	d->cases.failed = d->cases.failed || word.failed || whens.failed;
	sp_buf_free(&whens);
	sp_buf_free(&word);
	return ok;
}

/* --- rows --- */

static bool add(differing *d, const char *key, const sp_column *column, sp_error *err)
{
	const sp_normal *normal = sp_normal_of(d->in.kind, column->name);
	int kind = sp_kind_named(d->in.catalog, d->in.table, column->name);
	sp_sides of;

	if (normal->rule == SP_NORMAL_OURS || normal->rule == SP_NORMAL_VALUE ||
	    sp_is_lineage(column->name))
		return true;
	switch (sp_typed_form_of(d->in.table, d->in.kind, column)) {
	case SP_TYPED_REF:
		if (sp_sides_other(&d->in, kind, &of))
			add_ref(d, key, column, &of);
		return true;
	case SP_TYPED_REFS:
		if (sp_sides_other(&d->in, kind, &of))
			add_refs(d, key, column, &of);
		return true;
	case SP_TYPED_WORD: return add_word(d, key, column, normal, err);
	case SP_TYPED_JSON: add_json(d, key, column); return true;
	case SP_TYPED_VALUE:
		if (normal->rule == SP_NORMAL_UNLESS)
			return add_word(d, key, column, normal, err);
		add_value(d, key, column);
		return true;
	default: return true; /* who it is */
	}
}

static bool add_all(differing *d, sp_error *err)
{
	sp_buf key = { 0 };
	bool ok = true;

	for (int i = 0; ok && i < d->in.table->count; i++) {
		sp_buf_reset(&key);
		sp_column_key(&key, &d->in.table->columns[i]);
		ok = !key.failed || sp_fail_memory(err);
		if (ok && sp_staged_find(d->in.staged, sp_buf_text(&key)))
			ok = add(d, sp_buf_text(&key), &d->in.table->columns[i], err);
	}
	sp_buf_free(&key);
	return ok;
}

static bool make(differing *d, sp_error *err)
{
	const char *kind = sp_entities[d->in.kind].name;
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, sp_sql_tight);
	sp_buf_addc(&sql, ' ');
	sp_staging_make(d->in.staging, "differs", kind, &sql);
	sp_buf_addf(
		&sql,
		" AS SELECT r.__number AS number, t.id::bigint AS target, array_remove(ARRAY[NULL%s],"
		" NULL) AS columns FROM ",
		sp_buf_text(&d->cases));
	sp_sides_table(&d->in, "row", &sql);
	sp_buf_adds(&sql, " r JOIN ");
	sp_sides_table(&d->in, "match", &sql);
	sp_buf_addf(&sql, " m ON m.id = r.id JOIN %s t ON t.id = m.target%s; ANALYZE ",
	            d->in.table->quoted, sp_buf_text(&d->joins));
	sp_sides_table(&d->in, "differs", &sql);
	sql.failed = sql.failed || d->cases.failed || d->joins.failed;
	return sp_db_exec_buf(d->in.db, &sql, err);
}

bool sp_differ_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_error *err)
{
	differing d = { .count = 0 };
	bool ok;

	if (!sp_sides_get(staging, catalog, kind, &d.in) || !d.in.staged)
		return true;
	ok = add_all(&d, err) && make(&d, err);
	sp_buf_free(&d.cases);
	sp_buf_free(&d.joins);
	return ok;
}
