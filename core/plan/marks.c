#include <config.h>

#include "core/plan/marks.h"

#include "core/plan/after.h"
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

static void add_mark(sp_buf *sql, const char *alias, const char *name, int number)
{
	sp_buf value = { 0 };

	sp_sql_column(&value, alias, name);
	add_hash(sql, sp_buf_text(&value), number);
	sql->failed = sql->failed || value.failed;
	sp_buf_free(&value);
}

/* A package may carry UUIDs of its own, or not: who is named is who it is at the source. */
static void add_origin(sp_buf *to, const sp_sides *sides, int kind, const char *named)
{
	sp_buf_adds(to, "coalesce((SELECT c.uuid FROM ");
	sp_staging_table(sides->staging, "chain", NULL, to);
	sp_buf_addf(to,
	            " c WHERE c.kind = '%s' AND c.id = %s AND c.depth = 0 AND c.instance IS NOT NULL"
	            " LIMIT 1), %s)",
	            sp_entities[kind].name, named, named);
}

static void add_there(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *key,
                      int number)
{
	sp_typed_form form = sp_typed_form_of(sides->table, sides->kind, column);
	int kind = sp_kind_named(sides->catalog, sides->table, column->name);
	sp_buf named = { 0 }, value = { 0 };

	sp_sql_column(&named, "r", key);
	if (kind >= 0 && form == SP_TYPED_REF) {
		add_origin(&value, sides, kind, sp_buf_text(&named));
	} else if (kind >= 0 && form == SP_TYPED_REFS) {
		sp_buf_adds(&value, "(SELECT array_agg(");
		add_origin(&value, sides, kind, "u.x");
		sp_buf_addf(&value, " ORDER BY u.n) FROM unnest(%s) WITH ORDINALITY AS u (x, n))",
		            sp_buf_text(&named));
	} else {
		sp_buf_adds(&value, sp_buf_text(&named));
	}
	add_hash(sql, sp_buf_text(&value), number);
	sql->failed = sql->failed || named.failed || value.failed;
	sp_buf_free(&named);
	sp_buf_free(&value);
}

static void add_after(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *key,
                      int number)
{
	(void)sides;
	(void)column;
	add_mark(sql, "a", key, number);
}

static void add_here(sp_buf *sql, const sp_sides *sides, const sp_column *column, const char *key,
                     int number)
{
	(void)sides;
	(void)key;
	add_mark(sql, "t", column->name, number);
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
