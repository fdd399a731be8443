#include <config.h>

#include "core/plan/marks.h"

#include "core/model/normal.h"
#include "core/plan/after.h"
#include "core/plan/objects.h"
#include "core/staging/typed.h"

/* Calls for each column that is compared. */
typedef void column_fn(sp_buf *sql, const sp_sides *sides, const sp_column *column,
                       const char *key, int number);

static void each_column(const sp_sides *sides, sp_buf *sql, column_fn *fn)
{
	sp_buf key = { 0 };
	int number = 0;

	for (int i = 0; i < sides->table->count; i++) {
		sp_buf_reset(&key);
		sp_column_key(&key, &sides->table->columns[i]);
		if (sp_after_form_of(sides, &sides->table->columns[i]) == SP_AFTER_TAKEN)
			fn(sql, sides, &sides->table->columns[i], sp_buf_text(&key), number++);
		sql->failed = sql->failed || key.failed;
	}
	sp_buf_free(&key);
}

static void add_key(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *key,
                    int number)
{
	(void)sides;
	(void)column;
	sp_buf_adds(sql, number ? ", " : "");
	sp_sql_literal(sql, key);
}

static void add_hash(sp_buf *sql, const char *value, int number)
{
	sp_buf_addf(sql, "%shashtextextended(%s::text COLLATE \"C\", 0)", number ? ", " : "", value);
}

static bool is_object(const sp_sides *sides, const sp_column *column)
{
	return sp_normal_of(sides->kind, column->name)->rule == SP_NORMAL_OBJECT;
}

static void add_mark(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *alias,
                     const char *name, int number)
{
	sp_buf value = { 0 }, has = { 0 };

	sp_sql_column(&has, alias, name);
	if (is_object(sides, column))
		sp_objects_mark(sides, alias, sp_buf_text(&has), &value);
	else
		sp_buf_adds(&value, sp_buf_text(&has));
	add_hash(sql, sp_buf_text(&value), number);
	sql->failed = sql->failed || value.failed || has.failed;
	sp_buf_free(&value);
	sp_buf_free(&has);
}

/* The kind of rows that a column's references name, -1: it has none, or isn't compared. */
static int named_by(const sp_sides *sides, const sp_column *column, sp_typed_form form)
{
	bool names = form == SP_TYPED_REF || form == SP_TYPED_REFS;

	return names ? sp_kind_named(sides->catalog, sides->table, column->name) : -1;
}

/* A package may carry UUIDs of its own, or not: who is named is who it is at the source. Appends a
 * condition for the row `alias` of "chain". */
static void add_origin_is(const char *alias, int kind, const char *named, sp_buf *to)
{
	sp_buf_addf(to, "%s.kind = '%s' AND %s.id = %s AND %s.depth = 0 AND %s.instance IS NOT NULL",
	            alias, sp_entities[kind].name, alias, named, alias, alias);
}

static void add_origin(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *key,
                       int number)
{
	sp_typed_form form = sp_typed_form_of(sides->table, sides->kind, column);
	int kind = named_by(sides, column, form);
	sp_buf named = { 0 }, alias = { 0 };

	if (is_object(sides, column))
		sp_objects_join(sides, sql);
	if (form != SP_TYPED_REF || kind < 0)
		return;
	sp_sql_column(&named, "r", key);
	sp_buf_addf(&alias, "origin%d", number);
	sp_buf_adds(sql, " LEFT JOIN ");
	sp_staging_table(sides->staging, "chain", NULL, sql);
	sp_buf_addf(sql, " %s ON ", sp_buf_text(&alias));
	add_origin_is(sp_buf_text(&alias), kind, sp_buf_text(&named), sql);
	sql->failed = sql->failed || named.failed || alias.failed;
	sp_buf_free(&named);
	sp_buf_free(&alias);
}

static void add_there(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *key,
                      int number)
{
	sp_typed_form form = sp_typed_form_of(sides->table, sides->kind, column);
	int kind = named_by(sides, column, form);
	sp_buf named = { 0 }, value = { 0 };

	sp_sql_column(&named, "r", key);
	if (is_object(sides, column)) {
		sp_objects_mark(sides, "r", "object.source", &value);
	} else if (kind < 0) {
		sp_buf_adds(&value, sp_buf_text(&named));
	} else if (form == SP_TYPED_REF) {
		sp_buf_addf(&value, "coalesce(origin%d.uuid, %s)", number, sp_buf_text(&named));
	} else {
		sp_buf_adds(&value, "(SELECT array_agg(coalesce(c.uuid, u.x) ORDER BY u.n) FROM unnest(");
		sp_buf_adds(&value, sp_buf_text(&named));
		sp_buf_adds(&value, ") WITH ORDINALITY AS u (x, n) LEFT JOIN ");
		sp_staging_table(sides->staging, "chain", NULL, &value);
		sp_buf_adds(&value, " c ON ");
		add_origin_is("c", kind, "u.x", &value);
		sp_buf_addc(&value, ')');
	}
	add_hash(sql, sp_buf_text(&value), number);
	sql->failed = sql->failed || named.failed || value.failed;
	sp_buf_free(&named);
	sp_buf_free(&value);
}

static void add_after(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *key,
                      int number)
{
	add_mark(sql, sides, column, "a", key, number);
}

static void add_here(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *key,
                     int number)
{
	(void)key;
	add_mark(sql, sides, column, "t", column->name, number);
}

void sp_marks_columns(const sp_sides *sides, sp_buf *sql)
{
	sp_buf_adds(sql, "ARRAY[");
	each_column(sides, sql, add_key);
	sp_buf_adds(sql, "]::text[]");
}

static void add_marks(const sp_sides *sides, sp_buf *sql, column_fn *fn)
{
	sp_buf_adds(sql, "ARRAY[");
	each_column(sides, sql, fn);
	sp_buf_adds(sql, "]::bigint[]");
}

void sp_marks_origins(const sp_sides *sides, sp_buf *sql)
{
	each_column(sides, sql, add_origin);
}

void sp_marks_there(const sp_sides *sides, sp_buf *sql)
{
	add_marks(sides, sql, add_there);
}

void sp_marks_after(const sp_sides *sides, sp_buf *sql)
{
	add_marks(sides, sql, add_after);
}

void sp_marks_here(const sp_sides *sides, sp_buf *sql)
{
	add_marks(sides, sql, add_here);
}
