#include <config.h>

#include "core/plan/resolve.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/scan.h"
#include "core/model/put_back.h"
#include "core/model/ref_change.h"
#include "core/plan/sides.h"
#include "core/plan/uuids.h"
#include "core/staging/typed.h"

typedef struct {
	sp_sides in;
	const sp_plan_about *about;
	bool again;
	sp_rows *named; /* the columns that references are in, as tokens of JSON Pointers */
	/* while one row is at work */
	sp_spool *spool; /* what becomes of them */
	sp_buf texts, body, column, whole;
	sp_ref_change *changes;
	size_t room;
} resolving;

/* --- who is named --- */

static bool has_refs(const sp_sides *sides)
{
	return sp_staged_find(sides->staged, "__refs") != NULL;
}

bool sp_resolve_is(const sp_sides *sides)
{
	return has_refs(sides) || sp_entities[sides->kind].settings;
}

static bool make_local(const resolving *r, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_staging_fill(r->in.staging, "local", sp_entities[r->in.kind].name, r->again, &sql);
	sp_buf_adds(&sql, "SELECT NULL::bigint AS number, NULL::text AS key, NULL::text AS body,"
	                  " NULL::bigint AS lost WHERE false");
	return sp_db_exec_buf(r->in.db, &sql, err);
}

static bool make_refs(const resolving *r, sp_error *err)
{
	const char *kind = sp_entities[r->in.kind].name;
	sp_buf sql = { 0 };

	sp_staging_fill(r->in.staging, "ref", kind, r->again, &sql);
	sp_buf_adds(&sql, "SELECT r.__number AS number, l.place, x.path, x.form, x.kind, x.id,"
	                  " x.uuid FROM ");
	sp_sides_table(&r->in, "row", &sql);
	sp_buf_adds(&sql, " r CROSS JOIN LATERAL json_array_elements(r.__refs) WITH ORDINALITY AS"
	                  " l (ref, place) CROSS JOIN LATERAL json_to_record(l.ref) AS x (path text,"
	                  " form text, kind text, id bigint, uuid text); ANALYZE ");
	sp_sides_table(&r->in, "ref", &sql);
	return sp_db_exec_buf(r->in.db, &sql, err);
}

/* More of them than a table can have columns are made up, and needn't be told apart. */
#define MOST_NAMED 1600

static bool find_named(resolving *r, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "SELECT DISTINCT split_part(f.path, '/', 2) FROM ");
	sp_sides_table(&r->in, "ref", &sql);
	sp_buf_addf(&sql, " f WHERE f.kind IS NOT NULL AND f.path IS NOT NULL LIMIT %d",
	            MOST_NAMED + 1);
	r->named = sp_db_query_buf(r->in.db, &sql, 0, NULL, err);
	return r->named != NULL;
}

/* That of a row which isn't here yet, NULL where it isn't in the package either. */
static void add_new_uuid(const sp_sides *of, const sp_plan_about *about, sp_buf *sql)
{
	char alias[16];

	if (!of->staged) {
		sp_buf_adds(sql, "NULL");
		return;
	}
	snprintf(alias, sizeof alias, "r%d", (int)of->kind);
	sp_buf_addf(sql, "CASE WHEN %s.id IS NOT NULL THEN ", alias);
	sp_uuids_sql(of, about, alias, sql);
	sp_buf_adds(sql, " END");
}

/* Rows of a kind that references name: its tables are joined. */
static void add_kind(const resolving *r, int kind, sp_buf *value, sp_buf *joins)
{
	const char *name = sp_entities[kind].name, *uuid = sp_entities[kind].uuid;
	sp_sides of;

	if (kind == SP_INFOSPACE)
		sp_buf_addf(value, " WHEN f.kind = '%s' THEN '%" PRId64 "'", name, r->about->infospace);
	if (!sp_sides_other(&r->in, kind, &of))
		return;
	sp_buf_adds(joins, " LEFT JOIN ");
	sp_sides_table(&of, "match", joins);
	sp_buf_addf(joins, " m%d ON f.kind = '%s' AND m%d.id = f.uuid", kind, name, kind);
	sp_buf_addf(value, " WHEN f.kind = '%s' THEN ", name);
	if (uuid && sp_table_column(of.table, uuid)) {
		sp_buf_addf(joins, " LEFT JOIN %s t%d ON f.form = 'uuid' AND t%d.id = m%d.target",
		            of.table->quoted, kind, kind, kind);
		sp_buf_addf(value, "CASE WHEN f.form = 'uuid' THEN coalesce(t%d.%s, ", kind, uuid);
		add_new_uuid(&of, r->about, value);
		sp_buf_adds(value, ") ELSE");
	} else {
		sp_buf_adds(value, "CASE WHEN f.form <> 'uuid' THEN");
	}
	if (of.staged) {
		sp_buf_adds(joins, " LEFT JOIN ");
		sp_sides_table(&of, "row", joins);
		sp_buf_addf(joins, " r%d ON f.kind = '%s' AND r%d.id = f.uuid", kind, name, kind);
		sp_buf_addf(value, " coalesce(m%d.target, -r%d.__number)::text END", kind, kind);
	} else {
		sp_buf_addf(value, " m%d.target::text END", kind);
	}
}

/* `value`: an SQL expression, the id or UUID here; `joins`: what it takes. */
static bool add_kinds(const resolving *r, sp_buf *value, sp_buf *joins, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT DISTINCT kind FROM ");
	sp_sides_table(&r->in, "ref", &sql);
	sp_buf_adds(&sql, " WHERE kind IS NOT NULL AND uuid IS NOT NULL");
	if (!(rows = sp_db_query_buf(r->in.db, &sql, 0, NULL, err)))
		return false;
	sp_buf_adds(value, "CASE");
	for (int i = 0; i < sp_rows_count(rows); i++) {
		int kind = sp_kind_of_name(sp_rows_get(rows, i, 0));

		if (kind >= 0)
			add_kind(r, kind, value, joins);
	}
	sp_buf_adds(value, " WHEN false THEN '' END");
	sp_rows_free(rows);
	return true;
}

/* --- a row --- */

/* Where in r->texts the next text of an array is now; null is an empty one. */
static size_t next_text(resolving *r, sp_scan *scan)
{
	size_t at = r->texts.len;

	if (sp_scan_next(scan) == SP_SCAN_STRING)
		sp_scan_unescape(scan, &r->texts);
	sp_buf_addc(&r->texts, '\0');
	return at;
}

/* Its schema lets no other word stand there. */
static sp_ref_form form_of(const char *word)
{
	int form = 0;

	while (form < SP_REF_FORMS - 1 && strcmp(sp_ref_forms[form], word) != 0)
		form++;
	return (sp_ref_form)form;
}

enum { PATH, FORM, KIND, ID, TO, PARTS };

static bool make_room(resolving *r, size_t count, sp_error *err)
{
	sp_ref_change *more;

	if (count < r->room)
		return true;
	more = realloc(r->changes, (2 * count + 16) * sizeof *more);
	if (!more)
		return sp_fail_memory(err);
	r->changes = more;
	r->room = 2 * count + 16;
	return true;
}

/* A list of lists of texts, as find_values() makes it; read twice, since texts move while
 * they become more. */
static bool take_changes(resolving *r, const char *text, size_t len, size_t *count, sp_error *err)
{
	size_t at[PARTS];
	sp_scan scan;

	for (int round = 0; round < 2; round++) {
		*count = 0;
		sp_buf_reset(&r->texts);
		sp_scan_begin(&scan, text, len);
		(void)sp_scan_next(&scan);
		while (sp_scan_next(&scan) == SP_SCAN_ARRAY) {
			for (int i = 0; i < PARTS; i++)
				at[i] = next_text(r, &scan);
			(void)sp_scan_next(&scan);
			if (r->texts.failed)
				return sp_fail_memory(err);
			if (!make_room(r, *count, err))
				return false;
			r->changes[(*count)++] = (sp_ref_change){
				.pointer = r->texts.data + at[PATH],
				.form = form_of(r->texts.data + at[FORM]),
				.kind = sp_kind_of_name(r->texts.data + at[KIND]),
				.id = strtoll(r->texts.data + at[ID], NULL, 10),
				.to = r->texts.data[at[TO]] ? r->texts.data + at[TO] : NULL,
			};
		}
	}
	return true;
}

static bool put(resolving *r, const void *data, size_t len, sp_error *err)
{
	const uint64_t size = len;

	return sp_spool_write(r->spool, &size, sizeof size, err) &&
	       (!len || sp_spool_write(r->spool, data, len, err));
}

/* A row of "local": `body` NULL for what wasn't found. */
static bool put_row(resolving *r, int64_t number, const char *key, const sp_buf *body, int64_t lost,
                    sp_error *err)
{
	return sp_spool_write(r->spool, &number, sizeof number, err) &&
	       sp_spool_write(r->spool, &lost, sizeof lost, err) && put(r, key, strlen(key) + 1, err) &&
	       put(r, body ? sp_buf_text(body) : NULL, body ? body->len + 1 : 0, err);
}

enum { F_NUMBER, F_KEY, F_JSON, F_BODY, F_REFS, F_HERE };

/* The value in r->body with the secrets of the one here. */
static bool put_back(resolving *r, const sp_field *here, sp_error *err)
{
	bool details = r->in.kind == SP_SOURCE && !strcmp(sp_buf_text(&r->column), "details");
	sp_buf body = r->body;

	if (!here->data)
		return true;
	sp_buf_reset(&r->whole);
	if (!sp_put_back(details, sp_buf_text(&body), body.len, here->data, here->len, &r->whole, err))
		return false;
	r->body = r->whole;
	r->whole = body;
	return true;
}

static bool is_as_before(const resolving *r, const sp_field *before)
{
	return r->body.len == before->len && !memcmp(sp_buf_text(&r->body), before->data, before->len);
}

static bool take_row(void *ctx, const sp_field *fields, int field_count, sp_error *err)
{
	resolving *r = ctx;
	int64_t number = sp_field_int(&fields[F_NUMBER]), lost = 0;
	size_t count;
	const char *key;
	bool ok;

	(void)field_count;
	sp_buf_reset(&r->column);
	sp_buf_add(&r->column, fields[F_KEY].data, fields[F_KEY].len);
	sp_buf_reset(&r->body);
	if (r->column.failed)
		return sp_fail_memory(err);
	key = sp_buf_text(&r->column);
	ok = take_changes(r, fields[F_REFS].data, fields[F_REFS].len, &count, err) &&
	     sp_refs_change(r->in.table->name, key, sp_field_int(&fields[F_JSON]) != 0,
	                    fields[F_BODY].data ? fields[F_BODY].data : "", fields[F_BODY].len,
	                    r->changes, count, &r->body, err) &&
	     put_back(r, &fields[F_HERE], err);
	for (size_t i = 0; ok && i < count; i++) {
		lost += r->changes[i].outcome == SP_REF_TAKEN_OUT;
		if (r->changes[i].outcome == SP_REF_NOT_FOUND)
			ok = put_row(r, number, r->changes[i].pointer, NULL, 0, err);
	}
	return ok && (!fields[F_BODY].data || (!count && is_as_before(r, &fields[F_BODY])) ||
	              put_row(r, number, key, &r->body, lost, err));
}

/* --- all rows --- */

static bool is_named(const resolving *r, const char *pointer)
{
	int count = r->named ? sp_rows_count(r->named) : 0;

	for (int i = 0; i < count; i++)
		if (!strcmp(sp_rows_get(r->named, i, 0), pointer + 1))
			return true;
	return count > MOST_NAMED;
}

/* JSON or text of which a package has some, and that has references, or may have secrets here. */
static bool is_wanted(const resolving *r, const sp_column *column, const char *key,
                      const char *pointer)
{
	sp_typed_form form = sp_typed_form_of(r->in.table, r->in.kind, column);
	bool json = form == SP_TYPED_JSON;

	return (json || (form == SP_TYPED_VALUE && column->form == SP_COLUMN_STRING)) &&
	       sp_staged_find(r->in.staged, key) &&
	       ((json && sp_entities[r->in.kind].settings) || is_named(r, pointer));
}

/* The references in a column, row by row, as `l`. `pointer`: to the column. */
static void add_refs(const resolving *r, const char *pointer, const char *value, const char *joins,
                     sp_buf *sql)
{
	sp_buf below = { 0 };

	if (!has_refs(&r->in)) {
		sp_buf_adds(sql, "(SELECT 0::bigint AS number, ''::text AS refs WHERE false) l");
		return;
	}
	sp_buf_addf(&below, "%s/", pointer);
	sp_buf_addf(sql,
	            "(SELECT f.number, json_agg(json_build_array(f.path, f.form, coalesce(f.kind, ''),"
	            " coalesce(f.id, 0)::text, %s) ORDER BY f.place)::text AS refs FROM ",
	            value);
	sp_sides_table(&r->in, "ref", sql);
	/* an id of something unknown may be no id */
	sp_buf_addf(sql, " f%s WHERE f.kind IS NOT NULL AND (f.path = ", joins);
	sp_sql_literal(sql, pointer);
	sp_buf_adds(sql, " OR starts_with(f.path, ");
	sp_sql_literal(sql, sp_buf_text(&below));
	sp_buf_adds(sql, ")) GROUP BY f.number) l");
	sql->failed = sql->failed || below.failed;
	sp_buf_free(&below);
}

/* All rows that have references in a column, or may have secrets in it here. */
static bool find_values(resolving *r, const sp_column *column, const char *value, const char *joins,
                        sp_error *err)
{
	bool json = column->form != SP_COLUMN_STRING;
	bool secrets = json && sp_entities[r->in.kind].settings;
	sp_buf sql = { 0 }, key = { 0 }, pointer = { 0 }, here = { 0 };

	sp_column_key(&key, column);
	sp_buf_add_pointer(&pointer, sp_buf_text(&key), key.len);
	sp_buf_adds(&here, secrets ? "t." : "NULL");
	if (secrets)
		sp_sql_ident(&here, column->name);
	sp_buf_adds(&sql, "SELECT w.__number, ");
	sp_sql_literal(&sql, sp_buf_text(&key));
	sp_buf_addf(&sql, "::text, %d, w.", json);
	sp_sql_ident(&sql, sp_buf_text(&key));
	sp_buf_addf(&sql, "::text, coalesce(l.refs, '[]'), %s::text FROM ", sp_buf_text(&here));
	sp_sides_table(&r->in, "row", &sql);
	sp_buf_adds(&sql, " w LEFT JOIN ");
	add_refs(r, sp_buf_text(&pointer), value, joins, &sql);
	sp_buf_adds(&sql, " ON l.number = w.__number");
	if (secrets) {
		sp_buf_adds(&sql, " LEFT JOIN ");
		sp_sides_table(&r->in, "match", &sql);
		sp_buf_addf(&sql, " m ON m.id = w.id LEFT JOIN %s t ON t.id = m.target",
		            r->in.table->quoted);
	}
	sp_buf_adds(&sql, " WHERE l.refs IS NOT NULL");
	if (secrets)
		sp_buf_addf(&sql, " OR %s IS NOT NULL", sp_buf_text(&here));
	sql.failed = sql.failed || key.failed || pointer.failed || here.failed;
	sp_buf_free(&key);
	sp_buf_free(&pointer);
	sp_buf_free(&here);
	return sp_db_copy_out_buf(r->in.db, &sql, take_row, r, err);
}

static bool find_all(resolving *r, sp_error *err)
{
	sp_buf value = { 0 }, joins = { 0 }, key = { 0 }, pointer = { 0 };
	bool ok = !has_refs(&r->in) || (find_named(r, err) && add_kinds(r, &value, &joins, err));

	for (int i = 0; ok && i < r->in.table->count; i++) {
		const sp_column *column = &r->in.table->columns[i];

		sp_buf_reset(&key);
		sp_buf_reset(&pointer);
		sp_column_key(&key, column);
		sp_buf_add_pointer(&pointer, sp_buf_text(&key), key.len);
		if (value.failed || joins.failed || key.failed || pointer.failed)
			ok = sp_fail_memory(err);
		else if (is_wanted(r, column, sp_buf_text(&key), sp_buf_text(&pointer)))
			ok = find_values(r, column, sp_buf_text(&value), sp_buf_text(&joins), err);
	}
	sp_buf_free(&value);
	sp_buf_free(&joins);
	sp_buf_free(&key);
	sp_buf_free(&pointer);
	return ok;
}

/* A text of the spool; `null` where it has none. */
static bool get_text(resolving *r, sp_buf *to, bool *null, sp_error *err)
{
	uint64_t len;
	char *text;

	sp_buf_reset(to);
	if (!sp_spool_get(r->spool, &len, sizeof len, err))
		return false;
	*null = !len;
	if (*null)
		return true;
	text = sp_buf_reserve(to, len);
	if (!text)
		return sp_fail_memory(err);
	to->len = len - 1;
	return sp_spool_get(r->spool, text, len, err);
}

static bool send_one(resolving *r, int64_t number, sp_error *err)
{
	char numbers[2][24];
	bool null, no_body;
	int64_t lost;

	if (!sp_spool_get(r->spool, &lost, sizeof lost, err) || !get_text(r, &r->column, &null, err) ||
	    !get_text(r, &r->body, &no_body, err))
		return false;
	snprintf(numbers[0], sizeof numbers[0], "%" PRId64, number);
	snprintf(numbers[1], sizeof numbers[1], "%" PRId64, lost);
	return sp_db_copy_row(r->in.db,
	                      (const char *[]){ numbers[0], sp_buf_text(&r->column),
	                                        no_body ? NULL : sp_buf_text(&r->body), numbers[1] },
	                      4, err);
}

static bool send_all(resolving *r, sp_error *err)
{
	sp_buf table = { 0 }, sql = { 0 };
	int64_t number;
	bool ok;

	if (!sp_spool_rewind(r->spool, err))
		return false;
	sp_sides_table(&r->in, "local", &table);
	ok = table.failed ? sp_fail_memory(err) : sp_db_copy_in(r->in.db, table.data, err);
	while (ok && sp_spool_get(r->spool, &number, sizeof number, err))
		ok = send_one(r, number, err);
	ok = ok && !sp_error_is_set(err) && sp_db_copy_end(r->in.db, err);
	sp_buf_adds(&sql, "ANALYZE ");
	sp_buf_adds(&sql, sp_buf_text(&table));
	sql.failed = sql.failed || table.failed;
	sp_buf_free(&table);
	if (ok)
		return sp_db_exec_buf(r->in.db, &sql, err);
	sp_buf_free(&sql);
	return false;
}

bool sp_resolve_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind,
                     const sp_plan_about *about, bool again, sp_error *err)
{
	resolving r = { .about = about, .again = again };
	bool ok;

	if (!sp_sides_get(staging, catalog, kind, &r.in) || !r.in.staged || !sp_resolve_is(&r.in))
		return true;
	r.spool = sp_spool_create(NULL, err);
	ok = r.spool && make_local(&r, err) && (!has_refs(&r.in) || make_refs(&r, err)) &&
	     find_all(&r, err) && send_all(&r, err);
	sp_rows_free(r.named);
	sp_spool_free(r.spool);
	sp_buf_free(&r.texts);
	sp_buf_free(&r.body);
	sp_buf_free(&r.column);
	sp_buf_free(&r.whole);
	free(r.changes);
	return ok;
}
