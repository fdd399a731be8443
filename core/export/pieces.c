#include <config.h>

#include "core/export/pieces.h"

#include <string.h>

bool sp_piece_run(const sp_selection *s, sp_buf *sql, sp_error *err)
{
	return sp_db_exec_buf(s->db, sql, err);
}

int sp_piece_table(const sp_selection *s, sp_kind kind)
{
	return sp_kind_table(s->catalog, kind);
}

const char *sp_piece_quoted(const sp_selection *s, sp_kind kind)
{
	return s->catalog->tables[sp_piece_table(s, kind)].quoted;
}

void sp_piece_in_space(const sp_selection *s, int table, sp_buf *sql)
{
	const sp_table *of = &s->catalog->tables[table];
	int kind = sp_kind_of_table(of->name);
	const char *owner = kind >= 0 ? sp_entities[kind].owner : NULL;
	const sp_column *column = owner ? sp_table_column(of, owner) : NULL;

	if (sp_table_column(of, "infospace_id"))
		sp_buf_addf(sql, "x.infospace_id = %lld", (long long)s->infospace);
	else if (column && column->references >= 0)
		sp_buf_addf(sql, "EXISTS (SELECT FROM %s o WHERE o.id = x.%s AND o.infospace_id = %lld)",
		            s->catalog->tables[column->references].quoted, owner, (long long)s->infospace);
	else
		sp_buf_adds(sql, "true");
}

bool sp_piece_is_needed(const sp_table *table, const sp_column *column)
{
	return column->not_null ||
	       (!strcmp(table->name, "asset") && !strcmp(column->name, "parent_asset_id"));
}

int sp_piece_named_table(const sp_selection *s, const sp_table *table, const sp_column *column)
{
	const sp_soft_key *soft = sp_soft_key_of(table->name, column->name);

	if (soft)
		return sp_piece_table(s, soft->kind);
	if (column->references < 0 || !column->references_id ||
	    column->references == sp_piece_table(s, SP_ANNOTATION))
		return -1;
	return column->references;
}

bool sp_piece_named(const sp_selection *s, int index, const char *alias, sp_buf *sql)
{
	const sp_table *table = &s->catalog->tables[index];
	bool any = false;
	int i;

	for (i = 0; i < table->count; i++) {
		const sp_column *column = &table->columns[i];
		int target = sp_piece_named_table(s, table, column);

		if (target < 0 || column->form == SP_COLUMN_ARRAY)
			continue;
		sp_buf_addf(sql, "%s(%d, nullif(%s.", any ? ", " : "", target, alias);
		sp_sql_ident(sql, column->name);
		sp_buf_addf(sql, "::bigint, 0), %s)", sp_piece_is_needed(table, column) ? "true" : "false");
		any = true;
	}
	return any;
}

void sp_piece_arrays(const sp_selection *s, int index, sp_buf *sql)
{
	const sp_table *table = &s->catalog->tables[index];
	int i;

	for (i = 0; i < table->count; i++) {
		const sp_column *column = &table->columns[i];
		int target = sp_piece_named_table(s, table, column);

		if (target < 0 || column->form != SP_COLUMN_ARRAY)
			continue;
		sp_buf_addf(sql,
		            "; INSERT INTO pg_temp.sp_candidate SELECT DISTINCT %d, u.id, false FROM "
		            "pg_temp.sp_front f JOIN %s t ON t.id = f.id, unnest(t.",
		            target, table->quoted);
		sp_sql_ident(sql, column->name);
		sp_buf_addf(sql, ") u (id) WHERE f.t = %d AND u.id <> 0", index);
	}
}

void sp_piece_not_out(const sp_selection *s, sp_kind kind, const char *column, sp_buf *sql)
{
	if (s->excludes)
		sp_buf_addf(sql,
		            " AND NOT EXISTS (SELECT FROM pg_temp.sp_out o WHERE o.t = %d AND o.id = t.%s)",
		            sp_piece_table(s, kind), column);
}
