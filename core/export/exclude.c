#include <config.h>

#include "core/export/exclude.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/file.h"
#include "core/base/scan.h"
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

typedef struct {
	const sp_selection *selection;
	int table;
	sp_spool *found;
} tag_search;

/* True where a JSON array has one of the tags. A text that jsonb couldn't hold
 * is read as well: what is tagged must not slip through. */
static bool has_tag(const sp_export_options *options, const sp_field *tags)
{
	sp_scan_token token;
	sp_scan scan;
	int i;

	sp_scan_begin(&scan, tags->data, tags->len);
	while ((token = sp_scan_next(&scan)) != SP_SCAN_END && token != SP_SCAN_BAD)
		for (i = 0; token == SP_SCAN_STRING && i < options->exclude_tag_count; i++)
			if (sp_scan_is(&scan, options->exclude_tags[i]))
				return true;
	return false;
}

static bool take_tags(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	tag_search *search = ctx;
	char line[48];
	int len;

	(void)count;
	if (!fields[1].data || !has_tag(search->selection->options, &fields[1]))
		return true;
	len = snprintf(line, sizeof(line), "%" PRId64 "\n", sp_field_int(&fields[0]));
	return sp_spool_write(search->found, line, (size_t)len, err);
}

static bool store_tagged(tag_search *search, sp_error *err)
{
	sp_db *db = search->selection->db;
	char table[16], *line;
	size_t len;

	snprintf(table, sizeof(table), "%d", search->table);
	if (!sp_spool_rewind(search->found, err) ||
	    !sp_db_copy_in(db, "pg_temp.sp_candidate (t, id)", err))
		return false;
	while ((line = sp_spool_line(search->found, &len, err))) {
		const char *values[] = { table, line };

		if (!sp_db_copy_row(db, values, 2, err))
			return false;
	}
	return !sp_error_is_set(err) && sp_db_copy_end(db, err) &&
	       sp_db_exec(
			   db,
			   "INSERT INTO pg_temp.sp_out SELECT t, id FROM pg_temp.sp_candidate ON CONFLICT "
			   "DO NOTHING; DELETE FROM pg_temp.sp_candidate",
			   err);
}

static bool exclude_tagged(sp_selection *s, int index, sp_error *err)
{
	tag_search search = { .selection = s, .table = index };
	sp_buf sql = { 0 };
	bool ok = false;

	sp_buf_addf(&sql, "SELECT x.id::bigint, x.tags::text FROM %s x WHERE ",
	            s->catalog->tables[index].quoted);
	sp_piece_in_space(s, index, &sql);
	if (sql.failed)
		sp_fail_memory(err);
	else
		search.found = sp_spool_create(NULL, err);
	if (search.found)
		ok = sp_db_copy_out(s->db, sql.data, take_tags, &search, err) && store_tagged(&search, err);
	sp_spool_free(search.found);
	sp_buf_free(&sql);
	return ok;
}

static bool exclude_tags(sp_selection *s, sp_error *err)
{
	int kind, index, tables = 0;

	if (!s->options->exclude_tag_count)
		return true;
	for (kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		const sp_column *tags;

		index = sp_kind_table(s->catalog, (sp_kind)kind);
		tags = index >= 0 ? sp_table_column(&s->catalog->tables[index], "tags") : NULL;
		if (!tags || (tags->form != SP_COLUMN_JSON && tags->form != SP_COLUMN_JSONB) ||
		    !sp_table_has_id(&s->catalog->tables[index]))
			continue;
		if (!exclude_tagged(s, index, err))
			return false;
		tables++;
	}
	return tables ||
	       sp_fail(err, SP_USAGE, N_("Use --exclude-asset: at this revision HQ has no tags."),
	               N_("--exclude-tag can't be met: no table of this database has tags"));
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
	sp_rows *rows;
	bool out;

	sp_buf_addf(&sql,
	            "SELECT EXISTS (SELECT FROM pg_temp.sp_out WHERE t = %d AND id = %lld), "
	            "(SELECT count(*) FROM pg_temp.sp_out WHERE t = %d), "
	            "(SELECT count(*) FROM pg_temp.sp_out WHERE t <> %d)",
	            s->run_table, (long long)s->run, sp_piece_table(s, SP_ASSET),
	            sp_piece_table(s, SP_ASSET));
	rows = sp_db_query_buf(s->db, &sql, 0, NULL, err);
	if (!rows)
		return false;
	out = sp_rows_bool(rows, 0, 0);
	s->excludes = sp_rows_int(rows, 0, 1) + sp_rows_int(rows, 0, 2) > 0;
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
