#include <config.h>

#include "core/plan/unique.h"

#include <string.h>

#include "core/db/sql.h"
#include "core/plan/after.h"
#include "core/staging/typed.h"

/* The columns of unique_keys.sql. */
enum { U_TABLE, U_INDEX, U_COLUMN, U_TAKEN, U_NAMES, U_SAME, U_GIVEN, U_ROWS };

/* An index: the rows of the answer from `first` on. */
typedef struct {
	sp_sides in;
	const sp_rows *rows;
	int first, count;
	sp_buf columns; /* as they would be, for a SELECT */
	sp_buf changed; /* those that an import may change, as a list of texts */
	bool is_named;
} looking;

static const char *told(const looking *l, int what)
{
	return sp_rows_get(l->rows, l->first, what);
}

/* --- what goes first ----------------------------------------------------------------------- */

static bool names_rows(const sp_sides *in, const sp_column *column)
{
	sp_typed_form form = sp_typed_form_of(in->table, in->kind, column);

	return form == SP_TYPED_REF || form == SP_TYPED_REFS;
}

void sp_unique_goes_first(const sp_sides *in, const char *alias, sp_buf *sql)
{
	const char *separator = "";
	sp_buf key = { 0 };

	sp_buf_addf(sql, "NOT %s.columns && ARRAY[", alias);
	for (int i = 0; i < in->table->count; i++) {
		if (!names_rows(in, &in->table->columns[i]))
			continue;
		sp_buf_reset(&key);
		sp_column_key(&key, &in->table->columns[i]);
		sp_buf_adds(sql, separator);
		sp_sql_literal(sql, sp_buf_text(&key));
		sql->failed = sql->failed || key.failed;
		separator = ", ";
	}
	sp_buf_free(&key);
	sp_buf_adds(sql, "]::text[]");
}

/* --- an index ------------------------------------------------------------------------------ */

/* A column as it would be: `f` its fate, `a` after, `t` the row here. */
static void add_column(looking *l, const sp_column *column, sp_after_form form)
{
	sp_buf *to = &l->columns, key = { 0 };

	sp_column_key(&key, column);
	sp_buf_adds(to, ", CASE WHEN f.class = 'new' THEN ");
	if (form == SP_AFTER_LEFT)
		sp_buf_addf(to, "(%s)::%s", column->default_sql ? column->default_sql : "NULL",
		            column->type);
	else
		sp_sql_column(to, "a", sp_buf_text(&key));
	if (form == SP_AFTER_TAKEN) {
		sp_buf_adds(to, " WHEN ");
		sp_sql_literal(to, sp_buf_text(&key));
		sp_buf_adds(to, " = ANY (f.columns) THEN ");
		sp_sql_column(to, "a", sp_buf_text(&key));
		sp_buf_adds(&l->changed, l->changed.len ? ", " : "");
		sp_sql_literal(&l->changed, sp_buf_text(&key));
	}
	sp_buf_adds(to, " ELSE ");
	sp_sql_column(to, "t", column->name);
	sp_buf_adds(to, " END AS ");
	sp_sql_ident(to, column->name);
	to->failed = to->failed || key.failed;
	sp_buf_free(&key);
}

/* False where nothing can be said: a value is drawn or computed when the row is written; or where
 * the index is one of UUIDs. */
static bool add_columns(looking *l)
{
	const char *uuid = sp_entities[l->in.kind].uuid, *label = sp_label_of(l->in.kind);

	for (int i = 0; i < l->count; i++) {
		const char *name = sp_rows_get(l->rows, l->first + i, U_COLUMN);
		const sp_column *column = sp_table_column(l->in.table, name);
		sp_after_form form = column ? sp_after_form_of(&l->in, column) : SP_AFTER_LEFT;
		const char *drawn = column ? column->default_sql : NULL;

		if (!column || column->generated || !strcmp(name, "id") || (uuid && !strcmp(name, uuid)) ||
		    (form == SP_AFTER_LEFT && drawn && strstr(drawn, "nextval")))
			return false;
		l->is_named = l->is_named || (label && !strcmp(name, label));
		add_column(l, column, form);
	}
	return true;
}

/* "w": the rows that would come into the index, with what it takes of them, and which of several
 * that are the same each is. */
static void add_written(const looking *l, sp_buf *sql)
{
	sp_buf_addf(sql,
	            "WITH x AS (SELECT f.number AS __number, f.id AS __id, f.class = 'new' AS __new,"
	            " f.target AS __target, f.columns AS __columns%s FROM ",
	            sp_buf_text(&l->columns));
	sp_sides_table(&l->in, "fate", sql);
	sp_buf_adds(sql, " f JOIN ");
	sp_sides_table(&l->in, "after", sql);
	sp_buf_addf(sql,
	            " a ON a.__number = f.number LEFT JOIN %s t ON t.id = f.target WHERE f.class ="
	            " 'new' OR (f.class = 'update' AND f.columns && ARRAY[%s]::text[])), ",
	            l->in.table->quoted, sp_buf_text(&l->changed));
	sp_buf_addf(sql,
	            "w AS MATERIALIZED (SELECT __number, __id, __new, __target, __columns, %s,"
	            " row_number() OVER (PARTITION BY %s ORDER BY __new, __number) AS __place FROM"
	            " (SELECT __number, __id, __new, __target, __columns, %s FROM x WHERE %s) w WHERE"
	            " %s) ",
	            told(l, U_NAMES), told(l, U_NAMES), told(l, U_TAKEN), told(l, U_ROWS),
	            told(l, U_GIVEN));
	sql->failed = sql->failed || l->columns.failed || l->changed.failed;
}

/* A row here stands in the way of `w`. */
static void add_occupied(const looking *l, sp_buf *sql)
{
	sp_buf_addf(sql,
	            "EXISTS (SELECT FROM (SELECT id AS __id, %s FROM %s WHERE %s) h WHERE %s AND h.__id"
	            " IS DISTINCT FROM w.__target AND NOT (w.__new AND EXISTS (SELECT FROM ",
	            told(l, U_TAKEN), l->in.table->quoted, told(l, U_ROWS), told(l, U_SAME));
	sp_sides_table(&l->in, "fate", sql);
	sp_buf_addf(sql,
	            " f WHERE f.target = h.__id AND f.class = 'update' AND f.columns && ARRAY[%s]::"
	            "text[] AND ",
	            sp_buf_text(&l->changed));
	sp_unique_goes_first(&l->in, "f", sql);
	sp_buf_adds(sql, ")))");
}

/* How many; -1: an error. */
static int64_t look(const looking *l, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	int64_t count;

	add_written(l, &sql);
	sp_buf_adds(&sql, ", noted AS (INSERT INTO ");
	sp_staging_table(l->in.staging, "occupied", NULL, &sql);
	sp_buf_addf(&sql,
	            " AS o SELECT '%s', w.__number, w.__id, w.__new, %s, ARRAY(SELECT u FROM"
	            " unnest(w.__columns) u WHERE u = ANY (ARRAY[%s]::text[])) FROM w WHERE w.__place >"
	            " 1 OR ",
	            sp_entities[l->in.kind].name, l->is_named ? "true" : "false",
	            sp_buf_text(&l->changed));
	add_occupied(l, &sql);
	/* in another index another row may stand in its way; and one that was here may come beside
	 * that now */
	sp_buf_adds(&sql, " ON CONFLICT (kind, number) DO UPDATE SET is_new = excluded.is_new,"
	                  " is_named = o.is_named AND"
	                  " excluded.is_named, columns = o.columns || excluded.columns RETURNING 1)"
	                  " SELECT count(*) FROM noted");
	rows = sp_db_query_buf(l->in.db, &sql, 0, NULL, err);
	count = rows ? sp_rows_int(rows, 0, 0) : -1;
	sp_rows_free(rows);
	return count;
}

/* --- all of them --------------------------------------------------------------------------- */

bool sp_unique_begin(sp_staging *staging, sp_error *err)
{
	sp_buf sql = { 0 };

	if (sp_staging_renew(staging, "occupied", NULL, &sql))
		sp_buf_adds(&sql, " (kind text, number bigint, id text, is_new boolean, is_named boolean,"
		                  " columns text[], is_circle boolean DEFAULT false, PRIMARY KEY (kind,"
		                  " number))");
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

static int rows_of_index(const sp_rows *rows, int first)
{
	int n = 1;

	while (first + n < sp_rows_count(rows) &&
	       !strcmp(sp_rows_get(rows, first, U_INDEX), sp_rows_get(rows, first + n, U_INDEX)))
		n++;
	return n;
}

static int64_t look_at(sp_staging *staging, const sp_catalog *catalog, const sp_rows *rows,
                       int first, int count, sp_error *err)
{
	int kind = sp_kind_of_table(sp_rows_get(rows, first, U_TABLE));
	looking l = { .rows = rows, .first = first, .count = count };
	int64_t found = 0;

	/* a table may be there under its older name as well */
	if (kind < 0 || !sp_sides_get(staging, catalog, (sp_kind)kind, &l.in) || !l.in.staged ||
	    strcmp(l.in.table->name, sp_rows_get(rows, first, U_TABLE)) != 0)
		return 0;
	if (add_columns(&l))
		found = look(&l, err);
	sp_buf_free(&l.columns);
	sp_buf_free(&l.changed);
	return found;
}

bool sp_unique_look(sp_staging *staging, const sp_catalog *catalog, bool *any, sp_error *err)
{
	const char *params[] = { catalog->schema };
	sp_db *db = sp_staging_db(staging);
	sp_buf sql = { 0 };
	sp_rows *rows;
	int64_t found = 0, all = 0;

	sp_buf_adds(&sql, "DELETE FROM ");
	sp_staging_table(staging, "occupied", NULL, &sql);
	sp_buf_adds(&sql, " WHERE is_new");
	if (!sp_db_exec_buf(db, &sql, err) ||
	    !(rows = sp_db_query(db, sp_sql_unique_keys, 1, params, err)))
		return false;
	for (int i = 0, n; found >= 0 && i < sp_rows_count(rows); i += n) {
		n = rows_of_index(rows, i);
		found = look_at(staging, catalog, rows, i, n, err);
		all += found;
	}
	sp_rows_free(rows);
	*any = all > 0;
	return found >= 0;
}
