#include <config.h>

#include "core/export/exclude.h"

#include "core/export/pieces.h"

static bool exclude_assets(sp_selection *s, sp_error *err)
{
	int i, assets = sp_piece_table(s, SP_ASSET);
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool ok = true;

	sp_buf_addf(&sql,
	            "INSERT INTO pg_temp.sp_out SELECT %d, a.id FROM %s a WHERE a.uuid = $1 AND "
	            "a.infospace_id = %lld ON CONFLICT DO NOTHING RETURNING id",
	            assets, sp_piece_quoted(s, SP_ASSET), (long long)s->infospace);
	if (sql.failed)
		ok = sp_fail_memory(err);
	for (i = 0; ok && i < s->options->exclude_asset_count; i++) {
		const char *uuid = s->options->exclude_assets[i];

		rows = sp_db_query(s->db, sql.data, 1, &uuid, err);
		if (rows && !sp_rows_count(rows))
			sp_fail(err, SP_USAGE, N_("Check the UUID: an asset that isn't found isn't left out."),
			        N_("--exclude-asset %s names no asset of this infospace"), uuid);
		sp_rows_free(rows);
		ok = !sp_error_is_set(err);
	}
	sp_buf_free(&sql);
	return ok;
}

static void add_tagged(const sp_selection *s, int index, const char *tag, sp_buf *sql)
{
	const sp_table *table = &s->catalog->tables[index];
	bool jsonb = sp_table_column(table, "tags")->form == SP_COLUMN_JSONB;

	sp_buf_addf(sql, "INSERT INTO pg_temp.sp_out SELECT %d, x.id FROM %s x WHERE ", index,
	            table->quoted);
	sp_piece_in_space(s, index, sql);
	sp_buf_addf(
		sql,
		" AND CASE WHEN %s_typeof(x.tags) = 'array' AND strpos(x.tags::text, '\\u0000') = 0 "
		"THEN EXISTS (SELECT FROM %s_array_elements_text(x.tags) e WHERE e = ",
		jsonb ? "jsonb" : "json", jsonb ? "jsonb" : "json");
	sp_sql_literal(sql, tag);
	sp_buf_adds(sql, ") ELSE false END ON CONFLICT DO NOTHING;");
}

static bool exclude_tags(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };
	int i, kind, index, tables = 0;

	for (i = 0; i < s->options->exclude_tag_count; i++)
		for (kind = 0; kind < SP_ENTITY_COUNT; kind++) {
			const sp_column *tags;

			index = sp_kind_table(s->catalog, (sp_kind)kind);
			tags = index >= 0 ? sp_table_column(&s->catalog->tables[index], "tags") : NULL;
			if (!tags || (tags->form != SP_COLUMN_JSON && tags->form != SP_COLUMN_JSONB))
				continue;
			add_tagged(s, index, s->options->exclude_tags[i], &sql);
			tables++;
		}
	if (s->options->exclude_tag_count && !tables) {
		sp_buf_free(&sql);
		return sp_fail(err, SP_USAGE, N_("Use --exclude-asset: at this revision HQ has no tags."),
		               N_("--exclude-tag can't be met: no table of this database has tags"));
	}
	if (!tables)
		return true;
	return sp_piece_run(s, &sql, err);
}

/* What is part of an excluded asset (pages, rows, images) goes with it. */
static bool exclude_parts(sp_selection *s, sp_error *err)
{
	int assets = sp_piece_table(s, SP_ASSET);
	sp_buf sql = { 0 };

	sp_buf_addf(&sql,
	            "WITH RECURSIVE d (id) AS (SELECT id FROM pg_temp.sp_out WHERE t = %d UNION "
	            "SELECT a.id FROM d JOIN %s a ON a.parent_asset_id = d.id) "
	            "INSERT INTO pg_temp.sp_out SELECT %d, id FROM d ON CONFLICT DO NOTHING",
	            assets, sp_piece_quoted(s, SP_ASSET), assets);
	return sp_piece_run(s, &sql, err);
}

static bool check_run(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;
	bool out;

	sp_buf_addf(&sql,
	            "SELECT EXISTS (SELECT FROM pg_temp.sp_out WHERE t = %d AND id = %lld), "
	            "(SELECT count(*) FROM pg_temp.sp_out WHERE t = %d), "
	            "(SELECT count(*) FROM pg_temp.sp_out WHERE t <> %d)",
	            s->run_table, (long long)s->run, sp_piece_table(s, SP_ASSET),
	            sp_piece_table(s, SP_ASSET));
	if (sql.failed)
		sp_fail_memory(err);
	else
		rows = sp_db_query(s->db, sql.data, 0, NULL, err);
	sp_buf_free(&sql);
	if (!rows)
		return false;
	out = sp_rows_bool(rows, 0, 0);
	s->excluded_assets = sp_rows_int(rows, 0, 1);
	s->excluded_rows = sp_rows_int(rows, 0, 2);
	sp_rows_free(rows);
	return !out || sp_fail(err, SP_USAGE, NULL, N_("--exclude-tag leaves out the run itself"));
}

bool sp_exclude(sp_selection *s, sp_error *err)
{
	if (!s->options->exclude_asset_count && !s->options->exclude_tag_count)
		return true;
	return exclude_assets(s, err) && exclude_tags(s, err) && exclude_parts(s, err) &&
	       check_run(s, err) && sp_db_exec(s->db, "ANALYZE pg_temp.sp_out", err);
}
