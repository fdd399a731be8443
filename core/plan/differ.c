#include <config.h>

#include "core/plan/differ.h"

#include <stdlib.h>
#include <string.h>

#include "core/db/sql.h"
#include "core/model/normal.h"
#include "core/model/words.h"
#include "core/staging/typed.h"

typedef struct {
	sp_staging *staging;
	const sp_catalog *catalog;
	sp_db *db;
	sp_kind kind;
	const sp_table *table;
	const sp_staged_kind *staged;
	sp_buf cases, joins;
	int count; /* of columns so far: numbers what is joined */
} differing;

static void add_name(sp_buf *sql, const differing *d, const char *part, int kind)
{
	sp_staging_table(d->staging, part, sp_entities[kind].name, sql);
}

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
	if (!sp_staged_find(d->staged, "__texts"))
		return;
	sp_buf_adds(&d->cases, "(r.__texts -> ");
	sp_sql_literal(&d->cases, key);
	sp_buf_adds(&d->cases, ") IS NULL AND ");
}

/* The value as it is here, where it names rows. */
static bool has_local(const differing *d)
{
	return sp_staged_find(d->staged, "__refs") != NULL;
}

static void join_local(differing *d, const char *key)
{
	sp_buf_adds(&d->joins, " LEFT JOIN ");
	add_name(&d->joins, d, "local", (int)d->kind);
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
static void add_named(differing *d, sp_buf *joins, sp_buf *to, int kind, const char *of)
{
	sp_buf_adds(joins, " LEFT JOIN ");
	add_name(joins, d, "match", kind);
	sp_buf_addf(joins, " m%d ON m%d.id = %s", d->count, d->count, of);
	sp_buf_addf(to, "coalesce(m%d.target", d->count);
	if (sp_staging_find(d->staging, (sp_kind)kind)) {
		sp_buf_adds(joins, " LEFT JOIN ");
		add_name(joins, d, "row", kind);
		sp_buf_addf(joins, " n%d ON m%d.id IS NULL AND n%d.id = %s", d->count, d->count, d->count,
		            of);
		sp_buf_addf(to, ", n%d.__number * 0 - 1", d->count);
	}
}

/* Rows of infospaces and users aren't matched; others' tables may be missing. */
static bool can_be_named(const differing *d, int kind)
{
	int table = kind < 0 || kind == SP_USER || kind == SP_INFOSPACE
	                ? -1
	                : sp_kind_table(d->catalog, (sp_kind)kind);

	return table >= 0 && sp_table_has_id(&d->catalog->tables[table]);
}

static void add_ref(differing *d, const char *key, const sp_column *column, int kind)
{
	sp_buf of = { 0 };

	begin_case(d);
	add_column(&of, "r", key);
	sp_buf_addf(&d->cases, "CASE WHEN coalesce(%s, '0') = '0' THEN 0 ELSE ", sp_buf_text(&of));
	add_named(d, &d->joins, &d->cases, kind, sp_buf_text(&of));
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
static void add_refs(differing *d, const char *key, const sp_column *column, int kind)
{
	sp_buf joins = { 0 }, to = { 0 };

	begin_case(d);
	add_named(d, &joins, &to, kind, "u.named");
	sp_buf_adds(&d->joins,
	            " LEFT JOIN (SELECT number, array_agg(named) FILTER (WHERE named <> 0) AS"
	            " named, bool_or(named IS NULL) AS lacks FROM (SELECT r.__number AS"
	            " number, CASE u.named WHEN '0' THEN 0 ELSE ");
	sp_buf_addf(&d->joins, "%s)::bigint END AS named FROM ", sp_buf_text(&to));
	add_name(&d->joins, d, "row", (int)d->kind);
	sp_buf_adds(&d->joins, " r CROSS JOIN LATERAL unnest(");
	add_column(&d->joins, "r", key);
	sp_buf_addf(&d->joins, ") AS u (named)%s) s GROUP BY number) a%d ON a%d.number = r.__number",
	            sp_buf_text(&joins), d->count, d->count);
	sp_buf_addf(&d->cases, "NOT coalesce(a%d.named, '{}') <@ ", d->count);
	add_column(&d->cases, "t", column->name);
	sp_buf_addf(&d->cases, "::bigint[] OR NOT coalesce(a%d.lacks, false) AND NOT array_remove(",
	            d->count);
	add_column(&d->cases, "t", column->name);
	sp_buf_addf(&d->cases, "::bigint[], 0) <@ coalesce(a%d.named, '{}')", d->count);
	end_case(d, key);
	d->joins.failed = d->joins.failed || joins.failed || to.failed;
	sp_buf_free(&joins);
	sp_buf_free(&to);
}

/* --- words --- */

/* The labels of an enum here; the caller frees the rows behind it. */
static sp_rows *labels_of(const differing *d, const sp_column *column, sp_error *err)
{
	return sp_db_query(d->db,
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
	add_name(&sql, d, "row", (int)d->kind);
	sp_buf_adds(&sql, " r WHERE ");
	add_column(&sql, "r", key);
	sp_buf_adds(&sql, " IS NOT NULL");
	if (!(rows = sp_db_query_buf(d->db, &sql, 0, NULL, err)))
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
	const sp_normal *normal = sp_normal_of(d->kind, column->name);
	int kind = sp_kind_named(d->catalog, d->table, column->name);

	if (normal->rule == SP_NORMAL_OURS || normal->rule == SP_NORMAL_VALUE ||
	    sp_is_lineage(column->name))
		return true;
	switch (sp_typed_form_of(d->table, d->kind, column)) {
	case SP_TYPED_REF:
		if (can_be_named(d, kind))
			add_ref(d, key, column, kind);
		return true;
	case SP_TYPED_REFS:
		if (can_be_named(d, kind))
			add_refs(d, key, column, kind);
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

	for (int i = 0; ok && i < d->table->count; i++) {
		sp_buf_reset(&key);
		sp_column_key(&key, &d->table->columns[i]);
		ok = !key.failed || sp_fail_memory(err);
		if (ok && sp_staged_find(d->staged, sp_buf_text(&key)))
			ok = add(d, sp_buf_text(&key), &d->table->columns[i], err);
	}
	sp_buf_free(&key);
	return ok;
}

static bool make(differing *d, sp_error *err)
{
	const char *kind = sp_entities[d->kind].name;
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, sp_sql_tight);
	sp_buf_addc(&sql, ' ');
	sp_staging_make(d->staging, "differs", kind, &sql);
	sp_buf_addf(
		&sql,
		" AS SELECT r.__number AS number, t.id::bigint AS target, array_remove(ARRAY[NULL%s],"
		" NULL) AS columns FROM ",
		sp_buf_text(&d->cases));
	add_name(&sql, d, "row", (int)d->kind);
	sp_buf_adds(&sql, " r JOIN ");
	add_name(&sql, d, "match", (int)d->kind);
	sp_buf_addf(&sql, " m ON m.id = r.id JOIN %s t ON t.id = m.target%s; ANALYZE ",
	            d->table->quoted, sp_buf_text(&d->joins));
	add_name(&sql, d, "differs", (int)d->kind);
	sql.failed = sql.failed || d->cases.failed || d->joins.failed;
	return sp_db_exec_buf(d->db, &sql, err);
}

bool sp_differ_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_error *err)
{
	differing d = { .staging = staging,
		            .catalog = catalog,
		            .db = sp_staging_db(staging),
		            .kind = kind,
		            .staged = sp_staging_find(staging, kind) };
	int table = sp_kind_table(catalog, kind);
	bool ok;

	if (!d.staged || table < 0 || !sp_table_has_id(&catalog->tables[table]))
		return true;
	d.table = &catalog->tables[table];
	ok = add_all(&d, err) && make(&d, err);
	sp_buf_free(&d.cases);
	sp_buf_free(&d.joins);
	return ok;
}
