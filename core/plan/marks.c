#include <config.h>

#include "core/plan/marks.h"

#include "core/plan/after.h"
#include "core/staging/typed.h"

/* Calls for each column that is compared. */
typedef void column_fn(sp_buf *sql, const sp_column *column, const char *key, int number);

static void each_column(const sp_sides *sides, sp_buf *sql, column_fn *fn)
{
	sp_buf key = { 0 };
	int number = 0;

	for (int i = 0; i < sides->table->count; i++) {
		sp_buf_reset(&key);
		sp_column_key(&key, &sides->table->columns[i]);
		if (sp_after_form_of(sides, &sides->table->columns[i]) == SP_AFTER_TAKEN)
			fn(sql, &sides->table->columns[i], sp_buf_text(&key), number++);
		sql->failed = sql->failed || key.failed;
	}
	sp_buf_free(&key);
}

static void add_key(sp_buf *sql, const sp_column *column, const char *key, int number)
{
	(void)column;
	sp_buf_adds(sql, number ? ", " : "");
	sp_sql_literal(sql, key);
}

static void add_mark(sp_buf *sql, const char *alias, const char *name, int number)
{
	sp_buf_addf(sql, "%shashtextextended(%s.", number ? ", " : "", alias);
	sp_sql_ident(sql, name);
	sp_buf_adds(sql, "::text COLLATE \"C\", 0)");
}

static void add_there(sp_buf *sql, const sp_column *column, const char *key, int number)
{
	(void)column;
	add_mark(sql, "r", key, number);
}

static void add_after(sp_buf *sql, const sp_column *column, const char *key, int number)
{
	(void)column;
	add_mark(sql, "a", key, number);
}

static void add_here(sp_buf *sql, const sp_column *column, const char *key, int number)
{
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
