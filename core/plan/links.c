#include <config.h>

#include "core/plan/links.h"

bool sp_links_get(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_sides *links)
{
	return sp_sides_any(staging, catalog, kind, links) && !sp_table_has_id(links->table) &&
	       links->staged;
}

/* The kind of the rows that a column of the key names; -1: it names none. */
static int end_of(const sp_sides *links, const sp_column *column)
{
	return column->key_position ? sp_kind_named(links->catalog, links->table, column->name) : -1;
}

/* Appends, for the n-th column: that the row here `t` names the same. */
static void add_same(sp_buf *sql, const sp_column *column, int n)
{
	sp_buf_adds(sql, sql->len ? " AND " : "");
	sp_sql_column(sql, "t", column->name);
	sp_buf_addf(sql, " = m%d.target", n);
}

static void add_match(sp_buf *sql, const sp_sides *links, const sp_column *column, int n)
{
	sp_sides named;

	sp_sides_other(links, end_of(links, column), &named);
	sp_sides_table(&named, "match", sql);
	sp_buf_addf(sql, " m%d ON m%d.id = ", n, n);
	sp_sql_column(sql, "r", column->name);
}

/* --- what becomes of them --- */

typedef struct {
	sp_buf keys, joins, nowhere, same;
} looking;

static void look_at(looking *at, const sp_sides *links, const sp_column *column, int n)
{
	sp_sides named;

	sp_buf_adds(&at->keys, at->keys.len ? ", " : "");
	sp_sql_column(&at->keys, "r", column->name);
	sp_buf_adds(&at->joins, " LEFT JOIN ");
	add_match(&at->joins, links, column, n);
	sp_buf_addf(&at->nowhere, " WHEN m%d.id IS NULL", n);
	if (sp_sides_other(links, end_of(links, column), &named) && named.staged) {
		sp_buf_adds(&at->joins, " LEFT JOIN ");
		sp_sides_table(&named, "fate", &at->joins);
		sp_buf_addf(&at->joins, " f%d ON f%d.class = 'new' AND f%d.id = ", n, n, n);
		sp_sql_column(&at->joins, "r", column->name);
		sp_buf_addf(&at->nowhere, " AND f%d.id IS NULL", n);
	}
	sp_buf_adds(&at->nowhere, " THEN ");
	sp_sql_literal(&at->nowhere, column->name);
	add_same(&at->same, column, n);
}

static void free_looking(looking *at)
{
	sp_buf_free(&at->keys);
	sp_buf_free(&at->joins);
	sp_buf_free(&at->nowhere);
	sp_buf_free(&at->same);
}

void sp_links_rows(const sp_sides *links, const sp_plan_about *about, sp_buf *sql)
{
	looking at = { .keys = { 0 } };

	for (int i = 0; i < links->table->count; i++)
		if (end_of(links, &links->table->columns[i]) >= 0)
			look_at(&at, links, &links->table->columns[i], i);
	sp_buf_adds(sql, "(SELECT x.number, CASE WHEN x.nowhere IS NOT NULL THEN 'out' WHEN x.is_here"
	                 " OR x.n > 1 THEN 'same' ELSE 'new' END AS class, coalesce(x.nowhere, '') AS"
	                 " why, '{}'::text[] AS columns, NULL::text AS name FROM (SELECT r.__number AS"
	                 " number, ");
	if (about->unasked[links->kind])
		sp_buf_adds(sql, "'unasked'");
	else
		sp_buf_addf(sql, "CASE%s END", sp_buf_text(&at.nowhere));
	sp_buf_addf(sql,
	            " AS nowhere, EXISTS (SELECT FROM %s t WHERE %s) AS is_here, row_number() OVER"
	            " (PARTITION BY %s ORDER BY r.__number) AS n FROM ",
	            links->table->quoted, sp_buf_text(&at.same), sp_buf_text(&at.keys));
	sp_sides_table(links, "row", sql);
	sp_buf_addf(sql, " r%s) x)", sp_buf_text(&at.joins));
	sql->failed = sql->failed || at.keys.failed || at.joins.failed || at.nowhere.failed ||
	              at.same.failed;
	free_looking(&at);
}

/* --- writing --- */

typedef struct {
	sp_buf names, values, joins, same, ends;
} inserting;

static void insert_column(inserting *to, const sp_sides *links, const sp_column *column, int n)
{
	sp_buf_adds(&to->names, to->names.len ? ", " : "");
	sp_sql_ident(&to->names, column->name);
	sp_buf_adds(&to->values, to->values.len ? ", " : "");
	if (end_of(links, column) >= 0) {
		sp_buf_adds(&to->joins, " JOIN ");
		add_match(&to->joins, links, column, n);
		sp_buf_addf(&to->values, "m%d.target", n);
		sp_buf_addf(&to->ends, "%sm%d.target", to->ends.len ? ", " : "", n);
		add_same(&to->same, column, n);
	} else if (sp_staged_find(links->staged, column->name)) {
		sp_sql_column(&to->values, "r", column->name);
	} else if (column->default_sql) {
		sp_buf_adds(&to->values, column->default_sql);
	} else {
		sp_buf_addf(&to->values, "now()::%s", column->type);
	}
}

void sp_links_insert(const sp_sides *links, sp_buf *sql)
{
	inserting to = { .names = { 0 } };

	for (int i = 0; i < links->table->count; i++)
		insert_column(&to, links, &links->table->columns[i], i);
	sp_buf_addf(sql, "INSERT INTO %s (%s) SELECT DISTINCT ON (%s) %s FROM ", links->table->quoted,
	            sp_buf_text(&to.names), sp_buf_text(&to.ends), sp_buf_text(&to.values));
	sp_sides_table(links, "row", sql);
	sp_buf_addf(sql, " r%s WHERE NOT EXISTS (SELECT FROM %s t WHERE %s) ORDER BY %s, r.__number",
	            sp_buf_text(&to.joins), links->table->quoted, sp_buf_text(&to.same),
	            sp_buf_text(&to.ends));
	sql->failed = sql->failed || to.names.failed || to.values.failed || to.joins.failed ||
	              to.same.failed || to.ends.failed;
	sp_buf_free(&to.names);
	sp_buf_free(&to.values);
	sp_buf_free(&to.joins);
	sp_buf_free(&to.same);
	sp_buf_free(&to.ends);
}
