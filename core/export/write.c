#include <config.h>

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "core/base/scan.h"
#include "core/export/internal.h"
#include "core/export/justify.h"

/* Rows of an entity on their way into an entry. */
typedef struct {
	sp_writing *w;
	const sp_layout *layout;
	const char *path;
	sp_row_place place;
	int64_t rows;  /* in the open entry */
	int64_t asset; /* whose entry is open, 0: none */
	bool open;
	sp_buf *configuration; /* the run's: gets it; else NULL */
} stream;

static const char *name_of(const stream *s)
{
	return sp_entities[s->layout->kind].name;
}

static bool open_entry(stream *s, const char *path, sp_error *err)
{
	s->open = true;
	s->rows = 0;
	return sp_package_open(s->w->package, path, name_of(s), -1, false, err);
}

static bool close_entry(stream *s, sp_error *err)
{
	bool ok = true;

	if (!s->open)
		return true;
	s->open = false;
	if (s->place == SP_PLACE_ARRAY)
		ok = sp_package_write(s->w->package, s->rows ? "\n]\n" : "[]\n", 3, err);
	return ok && sp_package_close(s->w->package, s->rows, NULL, err);
}

/* "…asset_%N…" with the number in it. */
static void fill_path(const char *pattern, int64_t number, char *path, size_t room)
{
	const char *at = strstr(pattern, "%N");

	if (at)
		snprintf(path, room, "%.*s%lld%s", (int)(at - pattern), pattern, (long long)number, at + 2);
	else
		snprintf(path, room, "%s", pattern);
}

static bool open_for_row(stream *s, int64_t asset, sp_error *err)
{
	char path[256];

	if (s->place != SP_PLACE_ASSET_LINES || asset == s->asset)
		return true;
	if (!close_entry(s, err))
		return false;
	s->asset = asset;
	fill_path(s->path, asset, path, sizeof(path));
	return open_entry(s, path, err);
}

static bool write_line(stream *s, const sp_packed *row, sp_error *err)
{
	sp_package *package = s->w->package;
	sp_buf member = { 0 };
	bool ok = true;

	if (s->place == SP_PLACE_ARRAY)
		ok = sp_package_write(package, s->rows ? ",\n" : "[\n", 2, err);
	if (row->large) {
		ok = ok && sp_note_large(s->w, row, &member, err) &&
		     sp_package_write(package, row->line, row->len - 1, err) &&
		     sp_package_write(package, member.data, member.len, err);
		sp_buf_free(&member);
	} else {
		ok = ok && sp_package_write(package, row->line, row->len, err);
	}
	return ok && (s->place == SP_PLACE_ARRAY || sp_package_write(package, "\n", 1, err));
}

static bool note_inline(stream *s, const sp_packed *row, sp_error *err)
{
	sp_buf lines = { 0 };
	size_t count;
	bool ok = sp_justifications(s->w->export->identity, &row->uuid, row->line, row->len, &lines,
	                            &count, err);

	if (ok && count)
		ok = sp_spool_write(s->w->inline_notes, lines.data, lines.len, err);
	s->w->inline_count += count;
	sp_buf_free(&lines);
	return ok;
}

/* --- the run's configuration, once more for people ----------------------------- */

/* The value of the member that is next, as it stands. */
static bool keep_value(sp_scan *scan, sp_buf *to)
{
	const char *begin = scan->p;

	if (!sp_scan_skip(scan))
		return false;
	sp_buf_add(to, begin, (size_t)(scan->p - begin));
	return true;
}

/* jq refuses an escape of half a surrogate pair, which json takes: this copy is
 * for people, and has U+FFFD there. The row has what the database has. */
static void mend_surrogates(sp_buf *json)
{
	char *p = json->data, *end = p + json->len;

	while (p && (p = memchr(p, '\\', (size_t)(end - p))) && end - p >= 6) {
		bool half = p[1] == 'u' && (p[2] | 0x20) == 'd' && strchr("89abcdefABCDEF", p[3]);
		bool pair = half && end - p >= 12 && strchr("89abAB", p[3]) && p[6] == '\\' &&
		            p[7] == 'u' && (p[8] | 0x20) == 'd' && strchr("cdefCDEF", p[9]);

		if (half && !pair)
			memcpy(p + 2, "fffd", 4);
		p += pair ? 12 : 2;
	}
}

/* A configuration that PostgreSQL couldn't read back stands as a string. */
static bool keep_raw(sp_scan *scan, sp_buf *to)
{
	if (sp_scan_next(scan) != SP_SCAN_OBJECT)
		return false;
	while (sp_scan_next(scan) == SP_SCAN_KEY) {
		bool wanted = sp_scan_is(scan, "configuration");

		if (sp_scan_next(scan) != SP_SCAN_STRING)
			return false;
		if (wanted) {
			sp_scan_unescape(scan, to);
			mend_surrogates(to);
		}
	}
	return true;
}

/* NULL in the database leaves it empty. */
static bool keep_configuration(const sp_packed *run, sp_buf *to, sp_error *err)
{
	bool ok = true;
	sp_scan scan;

	sp_scan_begin(&scan, run->line + 1, run->len - 1);
	while (ok && sp_scan_next(&scan) == SP_SCAN_KEY)
		if (sp_scan_is(&scan, "configuration"))
			ok = keep_value(&scan, to);
		else if (sp_scan_is(&scan, "__raw"))
			ok = keep_raw(&scan, to);
		else
			ok = sp_scan_skip(&scan);
	return !to->failed || sp_fail_memory(err);
}

/* --- rows ------------------------------------------------------------------------ */

static bool take_row(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	stream *s = ctx;
	const sp_field *extra = &fields[s->layout->count + 3];
	sp_packed row;

	(void)count;
	if (!sp_pack_row(s->w->packer, s->layout, fields, &row, err))
		return false;
	if (s->place == SP_PLACE_ASSET) {
		if (!sp_write_asset(s->w, &row, extra, err))
			return false;
	} else if (!open_for_row(s, s->place == SP_PLACE_ASSET_LINES ? sp_field_int(extra) : 0, err) ||
	           !write_line(s, &row, err)) {
		return false;
	}
	s->rows++;
	s->w->rows[s->layout->kind]++;
	if (s->w->inline_notes && s->layout->kind == SP_ANNOTATION && !note_inline(s, &row, err))
		return false;
	if (s->configuration && !keep_configuration(&row, s->configuration, err))
		return false;
	sp_job_add(s->w->export->job, 1, row.len);
	return sp_map_row(s->w, &row, err);
}

static void add_extra(const stream *s, sp_buf *sql)
{
	if (s->place == SP_PLACE_ASSET && !sp_table_column(s->layout->table, "blob_path"))
		sp_buf_adds(sql, ", p.n::bigint, NULL::bigint, NULL::bigint, NULL::text");
	else if (s->place == SP_PLACE_ASSET)
		sp_buf_adds(
			sql,
			", p.n::bigint, (SELECT f.asset FROM pg_temp.sp_file f WHERE f.path = t.blob_path), "
			"(SELECT f.size FROM pg_temp.sp_file f WHERE f.path = t.blob_path), t.blob_path::text");
	else if (s->place == SP_PLACE_ASSET_LINES)
		sp_buf_adds(sql, ", (SELECT a.n FROM pg_temp.sp_asset a WHERE a.id = t.asset_id)::bigint");
}

/* For who must know of a column though no row has a value in it. */
static bool note_columns(sp_writing *w, const sp_layout *layout, sp_error *err)
{
	const char *kind = sp_entities[layout->kind].name;
	sp_json *list;
	bool ok;

	if (sp_json_get(w->columns, kind))
		return true;
	list = sp_json_add_array(w->columns, kind);
	ok = list != NULL;
	for (int i = 0; ok && i < layout->count; i++)
		ok = sp_json_add_text(list, NULL, layout->fields[i].column->name);
	return ok || sp_fail_memory(err);
}

/* Streams the rows of `from` into the entity's entry, or into `path` where it
 * isn't NULL. `configuration`: of a run, else NULL. */
static bool stream_rows(sp_writing *w, sp_kind kind, const char *from, const char *path,
                        sp_buf *configuration, sp_error *err)
{
	sp_export *export = w->export;
	const sp_entity *entity = &sp_entities[kind];
	sp_layout *layout = sp_layout_create(export->catalog, kind, &export->settings->options,
	                                     path ? NULL : w->left_out, err);
	stream s = { .w = w,
		         .layout = layout,
		         .path = path ? path : entity->path,
		         .place = entity->place,
		         .configuration = configuration };
	sp_buf sql = { 0 };
	bool ok;

	if (!layout)
		return false;
	ok = note_columns(w, layout, err);
	sp_buf_adds(&sql, "SELECT ");
	sp_layout_select(layout, export->catalog, export->settings->options.max_line, &sql);
	add_extra(&s, &sql);
	sp_buf_addf(&sql, " %s", from);
	ok = ok && (!sql.failed || sp_fail_memory(err));
	if (ok && s.place != SP_PLACE_ASSET && s.place != SP_PLACE_ASSET_LINES)
		ok = open_entry(&s, s.path, err);
	ok = ok && sp_db_copy_out(export->db, sql.data, take_row, &s, err) && close_entry(&s, err);
	sp_buf_free(&sql);
	sp_layout_free(layout);
	return ok && sp_write_large(w, err);
}

static bool write_kind(sp_writing *w, sp_kind kind, bool always, sp_error *err)
{
	const sp_selection *selection = &w->export->selection;
	sp_buf from = { 0 };
	bool ok = true;

	if (!always && !selection->shares[kind].rows)
		return true;
	if (!sp_selection_from(selection, kind, &from))
		goto out;
	sp_job_phase(w->export->job, sp_entities[kind].title, (uint64_t)selection->shares[kind].rows);
	ok = from.failed ? sp_fail_memory(err) : stream_rows(w, kind, from.data, NULL, NULL, err);
out:
	sp_buf_free(&from);
	return ok;
}

/* --- the run ------------------------------------------------------------------ */

static bool write_run(sp_writing *w, sp_error *err)
{
	sp_buf from = { 0 }, configuration = { 0 };
	bool ok;

	sp_selection_from(&w->export->selection, SP_RUN, &from);
	ok = from.failed ? sp_fail_memory(err)
	                 : stream_rows(w, SP_RUN, from.data, NULL, &configuration, err);
	if (!configuration.len)
		sp_buf_adds(&configuration, "null");
	sp_buf_addc(&configuration, '\n');
	ok = ok && (!configuration.failed || sp_fail_memory(err)) &&
	     sp_package_entry(w->package, "run/configuration.json", "configuration", configuration.data,
	                      configuration.len, -1, err);
	sp_buf_free(&configuration);
	sp_buf_free(&from);
	return ok;
}

typedef struct {
	sp_writing *w;
	int64_t rows;
} target_stream;

static void add_member(sp_buf *line, const char *key, const sp_field *value)
{
	if (!value->data)
		return;
	sp_buf_addf(line, ",\"%s\":", key);
	sp_buf_add_json(line, value->data, value->len);
}

enum { T_NUMBER, T_KEY, T_KIND, T_TITLE, T_HASH, T_IDENTIFIER };

static bool take_target(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	target_stream *s = ctx;
	sp_buf line = { 0 };
	sp_row_uuid uuid;
	bool ok;

	(void)count;
	sp_identity_row(s->w->export->identity, fields[T_KEY].data, fields[T_KEY].len, &uuid);
	sp_buf_addf(&line, "%s{\"uuid\":\"%s\"", s->rows++ ? ",\n" : "[\n", uuid.package);
	if (fields[T_NUMBER].data)
		sp_buf_addf(&line, ",\"number\":%lld", (long long)sp_field_int(&fields[T_NUMBER]));
	add_member(&line, "kind", &fields[T_KIND]);
	add_member(&line, "title", &fields[T_TITLE]);
	add_member(&line, "content_hash", &fields[T_HASH]);
	add_member(&line, "source_identifier", &fields[T_IDENTIFIER]);
	sp_buf_addf(&line, ",\"travels\":%s}", fields[T_NUMBER].data ? "true" : "false");
	ok = line.failed ? sp_fail_memory(err)
	                 : sp_package_write(s->w->package, line.data, line.len, err);
	sp_buf_free(&line);
	return ok;
}

/* Text of a column that this database may not have, and that only who may read
 * the asset's infospace sees. */
static void add_target_text(const sp_table *asset, const char *column, sp_buf *sql)
{
	if (sp_table_column(asset, column))
		sp_buf_addf(sql, ", CASE WHEN v.id IS NOT NULL THEN t.%s::text END", column);
	else
		sp_buf_adds(sql, ", NULL::text");
}

/* The assets that the run was aimed at or coded, whether they travel or not. */
static bool write_targets(sp_writing *w, sp_error *err)
{
	const sp_table *asset = sp_catalog_table(w->export->catalog, "asset");
	target_stream s = { .w = w };
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "SELECT p.n::bigint, 'u' || t.uuid, lower(t.kind::text)");
	add_target_text(asset, "title", &sql);
	add_target_text(asset, "content_hash", &sql);
	add_target_text(asset, "source_identifier", &sql);
	sp_buf_addf(
		&sql,
		" FROM (SELECT a.asset_id AS id FROM pg_temp.sp_annotation a UNION SELECT g.id FROM "
		"pg_temp.sp_target g) k JOIN %s t ON t.id = k.id "
		"LEFT JOIN pg_temp.sp_asset p ON p.id = t.id "
		"LEFT JOIN pg_temp.sp_allowed v ON v.id = t.infospace_id "
		"WHERE NOT EXISTS (SELECT FROM pg_temp.sp_out o WHERE o.t = %d AND o.id = t.id) "
		"ORDER BY t.id",
		asset->quoted, sp_kind_table(w->export->catalog, SP_ASSET));
	return sp_package_open(w->package, "run/target_assets.json", "target_assets", -1, false, err) &&
	       sp_db_copy_out_buf(w->export->db, &sql, take_target, &s, err) &&
	       sp_package_write(w->package, s.rows ? "\n]\n" : "[]\n", 3, err) &&
	       sp_package_close(w->package, s.rows, NULL, err);
}

/* --- schemas and justifications --------------------------------------------------- */

static bool write_schemas(sp_writing *w, bool primary, sp_error *err)
{
	const sp_catalog *catalog = w->export->catalog;
	sp_buf from = { 0 };
	bool ok;

	sp_buf_addf(
		&from,
		"FROM pg_temp.sp_row r JOIN %s t ON t.id = r.id WHERE r.t = %d AND %s (t.id IN (SELECT "
		"a.schema_id FROM pg_temp.sp_annotation a) OR t.id IN (SELECT l.schema_id FROM %s l "
		"WHERE l.run_id = %lld)) ORDER BY t.id",
		sp_catalog_table(catalog, "annotationschema")->quoted, sp_kind_table(catalog, SP_SCHEMA),
		primary ? "" : "NOT", sp_catalog_table(catalog, "runschemalink")->quoted,
		(long long)w->export->selection.run);
	ok = from.failed ? sp_fail_memory(err)
	                 : stream_rows(w, SP_SCHEMA, from.data,
	                               primary ? NULL : "schemas/dependency_schemas.json", NULL, err);
	sp_buf_free(&from);
	return ok;
}

static bool write_inline_notes(sp_writing *w, sp_error *err)
{
	char data[65536];
	size_t got;

	if (!sp_package_open(w->package, sp_entities[SP_JUSTIFICATION].path, "justification",
	                     (int64_t)sp_spool_size(w->inline_notes), false, err) ||
	    !sp_spool_rewind(w->inline_notes, err))
		return false;
	sp_job_phase(w->export->job, sp_entities[SP_JUSTIFICATION].title, w->inline_count);
	do {
		if (!sp_spool_read(w->inline_notes, data, sizeof(data), &got, err) ||
		    (got && !sp_package_write(w->package, data, got, err)))
			return false;
	} while (got);
	return sp_package_close(w->package, (int64_t)w->inline_count, NULL, err);
}

static bool write_annotations(sp_writing *w, sp_error *err)
{
	if (!write_kind(w, SP_ANNOTATION, true, err))
		return false;
	if (w->inline_notes)
		return write_inline_notes(w, err);
	return write_kind(w, SP_JUSTIFICATION, true, err);
}

/* --- all of it ------------------------------------------------------------------------ */

static bool write_dependencies(sp_writing *w, sp_error *err)
{
	int kind;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		if (sp_entities[kind].travel == SP_TRAVEL_DEPENDENCY &&
		    !write_kind(w, (sp_kind)kind, false, err))
			return false;
	return write_kind(w, SP_DATASET, false, err);
}

bool sp_write_entries(sp_writing *w, sp_error *err)
{
	/* rows are looked up in the order that was noted: see sp_selection_from() */
	return sp_db_exec(w->export->db,
	                  "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off", err) &&
	       write_run(w, err) && write_targets(w, err) &&
	       write_kind(w, SP_SCHEMA_LINK, false, err) && write_kind(w, SP_AGGREGATE, false, err) &&
	       write_schemas(w, true, err) && write_schemas(w, false, err) &&
	       write_annotations(w, err) && write_kind(w, SP_CURATION, false, err) &&
	       write_kind(w, SP_EDGE, false, err) && write_kind(w, SP_ASSET, false, err) &&
	       sp_write_files(w, err) && write_kind(w, SP_CHUNK, false, err) &&
	       sp_write_embeddings(w, err) && write_kind(w, SP_BUNDLE_LINK, false, err) &&
	       write_dependencies(w, err) && sp_write_mapping(w, err);
}
