#include <config.h>

#include "core/staging/typed.h"

#include <string.h>

#include "core/db/sql.h"
#include "core/model/between.h"
#include "core/package/places.h"

/* Bytes of a name in PostgreSQL. */
#define MAX_NAME 63

/* Keys of the format's own that an import reads. */
static const char *const own_keys[] = { "__refs", "__file", "__texts", "__inline", NULL };

typedef struct {
	sp_staging *staging;
	const sp_staged_kind *staged;
	const sp_table *table;
	sp_kind kind;
} typing;

sp_typed_form sp_typed_form_of(const sp_table *table, sp_kind kind, const sp_column *column)
{
	const char *uuid = sp_entities[kind].uuid;

	if (column->generated || (uuid && !strcmp(column->name, uuid)))
		return SP_TYPED_NONE;
	if (!strcmp(column->name, "id") && sp_table_has_id(table))
		return SP_TYPED_ID;
	if (sp_soft_key_of(table->name, column->name))
		return column->form == SP_COLUMN_ARRAY ? SP_TYPED_REFS : SP_TYPED_REF;
	if (column->references >= 0 && column->references_id)
		return SP_TYPED_REF;
	if (column->is_enum || sp_words_of(kind, column->name))
		return SP_TYPED_WORD;
	if (column->form == SP_COLUMN_JSON || column->form == SP_COLUMN_JSONB)
		return SP_TYPED_JSON;
	return SP_TYPED_VALUE;
}

void sp_column_key(sp_buf *to, const sp_column *column)
{
	if (!strncmp(column->name, "__", 2))
		sp_buf_adds(to, "__");
	sp_buf_adds(to, column->name);
}

static const char *type_of(sp_typed_form form, const sp_column *column)
{
	switch (form) {
	case SP_TYPED_REFS: return "text[]";
	case SP_TYPED_ID:
	case SP_TYPED_REF:
	case SP_TYPED_WORD: return "text";
	default: return column->type;
	}
}

/* Calls for each column of the table: its key, type and whether it is json. */
typedef void column_fn(sp_buf *sql, const typing *t, const sp_staged_column *staged,
                       const sp_column *column, const char *type);

static void each_column(sp_buf *sql, const typing *t, column_fn *fn)
{
	sp_buf key = { 0 };

	for (int i = 0; i < t->table->count; i++) {
		const sp_column *column = &t->table->columns[i];
		sp_typed_form form = sp_typed_form_of(t->table, t->kind, column);
		const sp_staged_column *staged;

		sp_buf_reset(&key);
		sp_column_key(&key, column);
		staged = sp_staged_find(t->staged, sp_buf_text(&key));
		if (form != SP_TYPED_NONE && staged)
			fn(sql, t, staged, column, type_of(form, column));
		sql->failed = sql->failed || key.failed;
	}
	sp_buf_free(&key);
	for (int i = 0; own_keys[i]; i++) {
		const sp_staged_column *staged = sp_staged_find(t->staged, own_keys[i]);

		if (staged)
			fn(sql, t, staged, NULL, strcmp(own_keys[i], "__inline") != 0 ? "json" : "text");
	}
}

static bool has_raw(const typing *t)
{
	return sp_staged_find(t->staged, "__raw") != NULL;
}

static void add_when(sp_buf *sql, const char *key, const char *marks)
{
	sp_buf_adds(sql, " WHEN ");
	sp_sql_literal(sql, key);
	sp_buf_addf(sql, " = ANY (w.%s) THEN ", marks);
}

/* json_to_record() makes an SQL NULL of JSON's null, spells a string in a json
 * column anew, and knows nothing of __raw. */
static void add_json(sp_buf *sql, const typing *t, const sp_staged_column *staged,
                     const sp_column *column)
{
	bool json = column->form == SP_COLUMN_JSON;

	sp_buf_adds(sql, "CASE");
	if (staged->nulls) {
		add_when(sql, staged->name, "nulls");
		sp_buf_addf(sql, "'null'::%s", column->type);
	}
	if (json && staged->escaped) {
		add_when(sql, staged->name, "escaped");
		sp_buf_adds(sql, "w.body::json -> ");
		sp_sql_literal(sql, staged->name);
	}
	sp_buf_adds(sql, " WHEN true THEN coalesce(r.");
	sp_sql_ident(sql, staged->name);
	if (json && has_raw(t)) {
		sp_buf_adds(sql, ", (r.__raw ->> ");
		sp_sql_literal(sql, staged->name);
		sp_buf_adds(sql, ")::json");
	}
	sp_buf_adds(sql, ") END");
}

/* PostgreSQL cuts a name so long, and would look for another key. */
static bool is_long(const char *key)
{
	return strlen(key) > MAX_NAME;
}

static void add_long(sp_buf *sql, const sp_staged_column *staged, const char *type)
{
	sp_buf_adds(sql, "(SELECT x.value FROM json_to_record(json_build_object('value', w.body::json"
	                 " -> ");
	sp_sql_literal(sql, staged->name);
	sp_buf_addf(sql, ")) AS x (value %s))", type);
}

/* One that was too long for its line, from its parts. */
static void add_text(sp_buf *sql, const typing *t, const sp_staged_column *staged, const char *type)
{
	sp_buf_adds(sql, "CASE WHEN r.__texts ->> ");
	sp_sql_literal(sql, staged->name);
	sp_buf_adds(sql, " IS NOT NULL THEN (SELECT string_agg(p.body, '' ORDER BY p.part) FROM ");
	sp_staging_table(t->staging, "text", NULL, sql);
	sp_buf_adds(sql, " p WHERE p.path = r.__texts ->> ");
	sp_sql_literal(sql, staged->name);
	sp_buf_addf(sql, ")::%s ELSE ", type);
}

/* The vectors of a column of chunks, as `v` and its number. */
static void add_vectors(sp_buf *sql, const typing *t, const sp_staged_column *staged,
                        const sp_column *column, const char *type)
{
	int n = (int)(staged - t->staged->columns);

	(void)column;
	(void)type;
	if (!staged->apart)
		return;
	sp_buf_adds(sql, " LEFT JOIN (SELECT v.id, v.value FROM ");
	sp_staging_table(t->staging, "vector", NULL, sql);
	sp_buf_adds(sql, " v JOIN ");
	sp_staging_table(t->staging, "place", NULL, sql);
	sp_buf_adds(sql, " p USING (number) WHERE p.key = ");
	sp_sql_literal(sql, staged->name);
	sp_buf_addf(sql, ") v%d ON v%d.id = r.id", n, n);
}

static void add_selected(sp_buf *sql, const typing *t, const sp_staged_column *staged,
                         const sp_column *column, const char *type)
{
	bool json = column && (column->form == SP_COLUMN_JSON || column->form == SP_COLUMN_JSONB);
	bool is_text = column && !staged->apart && (json || column->form == SP_COLUMN_STRING) &&
	               sp_staged_find(t->staged, "__texts");

	sp_buf_adds(sql, ", ");
	if (is_text)
		add_text(sql, t, staged, type);
	if (staged->apart) {
		sp_buf_addf(sql, "v%d.value::%s", (int)(staged - t->staged->columns), type);
	} else if (is_long(staged->name)) {
		add_long(sql, staged, type);
	} else if (json) {
		add_json(sql, t, staged, column);
	} else {
		sp_buf_adds(sql, "r.");
		sp_sql_ident(sql, staged->name);
	}
	sp_buf_adds(sql, is_text ? " END AS " : " AS ");
	sp_sql_ident(sql, staged->name);
}

static void add_definition(sp_buf *sql, const typing *t, const sp_staged_column *staged,
                           const sp_column *column, const char *type)
{
	(void)t;
	(void)column;
	if (is_long(staged->name) || staged->apart)
		return;
	sp_sql_ident(sql, staged->name);
	sp_buf_addf(sql, " %s, ", type);
}

/* What json_to_record() is to make of a line; __raw comes last, whether it is
 * there or not, so that there is a last one. */
static void add_record(sp_buf *sql, const typing *t)
{
	sp_buf_adds(sql, "AS r (");
	each_column(sql, t, add_definition);
	sp_buf_adds(sql, "__raw json)");
}

static bool make(const typing *t, sp_error *err)
{
	const char *kind = sp_entities[t->kind].name;
	sp_buf sql = { 0 };

	sp_staging_make(t->staging, "row", kind, &sql);
	sp_buf_adds(&sql, " AS SELECT w.number AS __number");
	each_column(&sql, t, add_selected);
	sp_buf_adds(&sql, " FROM ");
	sp_staging_table(t->staging, "raw", kind, &sql);
	sp_buf_adds(&sql, " w, json_to_record(w.body::json) ");
	add_record(&sql, t);
	each_column(&sql, t, add_vectors);
	sp_buf_adds(&sql, "; ANALYZE ");
	sp_staging_table(t->staging, "row", kind, &sql);
	return sp_db_exec_buf(sp_staging_db(t->staging), &sql, err);
}

/* --- rows that can't be taken apart --- */

/* bad_rows.sql has what doesn't depend on the kind. */
static bool make_tests(const typing *t, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, sp_sql_bad_rows);
	sp_buf_adds(&sql, "CREATE OR REPLACE FUNCTION pg_temp.sp_is_good(body text) RETURNS boolean"
	                  " LANGUAGE plpgsql AS $sp$ BEGIN PERFORM r.__raw::text, x.value::json FROM"
	                  " json_to_record(body::json) ");
	add_record(&sql, t);
	sp_buf_adds(&sql, " LEFT JOIN LATERAL json_each_text(r.__raw) x ON true; RETURN true;"
	                  " EXCEPTION WHEN OTHERS THEN RETURN false; END $sp$;");
	return sp_db_exec_buf(sp_staging_db(t->staging), &sql, err);
}

static void add_pair(sp_buf *sql, const typing *t, const sp_staged_column *staged,
                     const sp_column *column, const char *type)
{
	(void)t;
	(void)column;
	if (staged->apart)
		return;
	sp_buf_addc(sql, '(');
	sp_sql_literal(sql, staged->name);
	sp_buf_adds(sql, ", ");
	sp_sql_literal(sql, type);
	sp_buf_adds(sql, "), ");
}

/* Lines of vectors that the column's type doesn't take. */
static void add_bad_vectors(sp_buf *sql, const typing *t, const sp_staged_column *staged,
                            const sp_column *column, const char *type)
{
	(void)column;
	if (!staged->apart)
		return;
	sp_buf_adds(sql, " UNION ALL SELECT w.number, w.entry, w.line, 'embedding', b.why FROM ");
	sp_staging_table(t->staging, "raw", SP_KIND_EMBEDDING, sql);
	sp_buf_adds(sql, " w JOIN ");
	sp_staging_table(t->staging, "place", NULL, sql);
	sp_buf_adds(sql, " p ON p.number = w.number AND p.key = ");
	sp_sql_literal(sql, staged->name);
	sp_buf_adds(sql, " CROSS JOIN LATERAL pg_temp.sp_why_bad(w.body, 'embedding', ");
	sp_sql_literal(sql, type);
	sp_buf_adds(sql, ") AS b (why) WHERE b.why IS NOT NULL");
}

typedef struct {
	sp_bad_row_fn *fn;
	void *ctx;
	int64_t count;
} telling;

static bool take_bad(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	telling *to = ctx;
	sp_buf column = { 0 }, why = { 0 };
	sp_bad_row bad = { .entry = (uint64_t)sp_field_int(&fields[0]),
		               .line = sp_field_int(&fields[1]) };
	bool ok;

	(void)count;
	sp_buf_add(&column, fields[2].data, fields[2].len);
	sp_buf_add(&why, fields[3].data, fields[3].len);
	bad.column = sp_buf_text(&column);
	bad.why = sp_buf_text(&why);
	to->count++;
	ok = column.failed || why.failed ? sp_fail_memory(err) : to->fn(to->ctx, &bad, err);
	sp_buf_free(&column);
	sp_buf_free(&why);
	return ok;
}

static bool find_bad(const typing *t, telling *to, sp_error *err)
{
	sp_buf sql = { 0 };

	if (!make_tests(t, err))
		return false;
	sp_buf_adds(&sql, "SELECT entry, line, key, why FROM (SELECT w.number, w.entry, w.line, c.key,"
	                  " b.why FROM ");
	sp_staging_table(t->staging, "raw", sp_entities[t->kind].name, &sql);
	sp_buf_adds(&sql, " w CROSS JOIN (VALUES ");
	each_column(&sql, t, add_pair);
	sp_buf_adds(&sql, "('__raw', 'json')) AS c (key, type)"
	                  " CROSS JOIN LATERAL pg_temp.sp_why_bad(w.body, c.key, c.type) AS b (why)"
	                  " WHERE NOT pg_temp.sp_is_good(w.body) AND b.why IS NOT NULL");
	each_column(&sql, t, add_bad_vectors);
	sp_buf_adds(&sql, ") x ORDER BY number, key COLLATE \"C\"");
	return sp_db_copy_out_buf(sp_staging_db(t->staging), &sql, take_bad, to, err);
}

/* --- public --- */

bool sp_typed_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_bad_row_fn *fn,
                   void *ctx, sp_error *err)
{
	int index = sp_kind_table(catalog, kind);
	typing t = { staging, sp_staging_find(staging, kind), NULL, kind };
	telling to = { fn, ctx, 0 };
	sp_error why = SP_ERROR_INIT;

	if (index < 0 || !t.staged || sp_entities[kind].travel == SP_TRAVEL_NEVER)
		return true;
	t.table = &catalog->tables[index];
	if (make(&t, err))
		return true;
	/* what stopped it knows only the first */
	if (err->code != SP_FAILED)
		return false;
	if (!find_bad(&t, &to, &why) || !to.count) {
		sp_error_clear(&why);
		return false;
	}
	sp_error_clear(err);
	return sp_fail(err, SP_BAD_PACKAGE, N_("Ask whoever made the package for another one."),
	               N_("the database can't take %lld values of the kind %s"), (long long)to.count,
	               sp_entities[kind].name);
}
