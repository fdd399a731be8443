#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "core/export/internal.h"

/* More rows than this stand in a file of lines beside the document. */
#define MAPPED_INSIDE 1000
#define DOCUMENT      "compatibility/instance_mapping.json"
#define LINES         "compatibility/instance_mapping.jsonl"

static void add_text(sp_buf *line, const char *key, const char *text, size_t len)
{
	sp_buf_addf(line, ",\"%s\":", key);
	sp_buf_add_json(line, text, len);
}

static bool note(sp_writing *w, sp_buf *line, sp_error *err)
{
	bool ok;

	sp_buf_adds(line, "}\n");
	ok =
		line->failed ? sp_fail_memory(err) : sp_spool_write(w->mapping, line->data, line->len, err);
	sp_buf_free(line);
	w->mapped++;
	return ok;
}

bool sp_map_row(sp_writing *w, const sp_packed *row, sp_error *err)
{
	sp_buf line = { 0 };

	if (!*row->uuid.own)
		return true;
	sp_buf_addf(&line, "{\"kind\":\"%s\",\"uuid\":\"%s\",\"source_id\":%" PRId64,
	            sp_entities[row->kind].name, row->uuid.package, row->id);
	add_text(&line, "source_uuid", row->uuid.own, strlen(row->uuid.own));
	if (*row->origin) {
		sp_buf_adds(&line, ",\"origin\":[{\"uuid\":");
		sp_buf_add_json(&line, row->origin, strlen(row->origin));
		sp_buf_adds(&line, "}]");
	}
	return note(w, &line, err);
}

/* --- rows outside --------------------------------------------------------------- */

enum { O_TABLE, O_ID, O_KEY, O_NAME, O_HASH, O_IDENTIFIER };

static bool take_external(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	sp_writing *w = ctx;
	const sp_table *table = &w->export->catalog->tables[sp_field_int(&fields[O_TABLE])];
	int kind = sp_kind_of_table(table->name);
	sp_buf line = { 0 };
	sp_row_uuid uuid;

	(void)count;
	sp_identity_row(w->export->identity, fields[O_KEY].data, fields[O_KEY].len, &uuid);
	sp_buf_adds(&line, "{\"external\":true");
	add_text(&line, "kind", kind >= 0 ? sp_entities[kind].name : table->name,
	         strlen(kind >= 0 ? sp_entities[kind].name : table->name));
	sp_buf_addf(&line, ",\"uuid\":\"%s\",\"source_id\":%" PRId64, uuid.package,
	            sp_field_int(&fields[O_ID]));
	add_text(&line, "source_uuid", uuid.own, strlen(uuid.own));
	if (fields[O_NAME].data)
		add_text(&line, "name", fields[O_NAME].data, fields[O_NAME].len);
	if (fields[O_HASH].data)
		add_text(&line, "content_hash", fields[O_HASH].data, fields[O_HASH].len);
	if (fields[O_IDENTIFIER].data)
		add_text(&line, "source_identifier", fields[O_IDENTIFIER].data, fields[O_IDENTIFIER].len);
	w->externals++;
	return note(w, &line, err);
}

/* SQL of a text column that only who may read the row's infospace sees. */
static void add_readable(const sp_table *table, const char *column, sp_buf *sql)
{
	bool space = !strcmp(table->name, "infospace"),
		 in_space = sp_table_column(table, "infospace_id");

	if (!column || !sp_table_column(table, column)) {
		sp_buf_adds(sql, ", NULL::text");
		return;
	}
	sp_buf_adds(sql, ", ");
	if (space || in_space)
		sp_buf_addf(sql,
		            "CASE WHEN EXISTS (SELECT FROM pg_temp.sp_allowed v WHERE v.id = t.%s) THEN ",
		            space ? "id" : "infospace_id");
	sp_buf_adds(sql, "t.");
	sp_sql_ident(sql, column);
	sp_buf_adds(sql, space || in_space ? "::text END" : "::text");
}

/* Rows that are named, but are neither part of the package nor left out. */
static bool note_externals(sp_writing *w, int index, sp_error *err)
{
	const sp_export *export = w->export;
	const sp_table *table = &export->catalog->tables[index];
	int kind = sp_kind_of_table(table->name);
	const char *label = kind >= 0 ? sp_entities[kind].label : NULL;
	sp_buf sql = { 0 };
	bool ok;

	if (kind == SP_USER)
		return true;
	sp_buf_addf(&sql, "SELECT %d::int4, t.id::bigint, ", index);
	sp_key_sql(export->catalog, index, &sql);
	add_readable(table, label, &sql);
	add_readable(table, kind == SP_ASSET ? "content_hash" : NULL, &sql);
	add_readable(table, kind == SP_ASSET ? "source_identifier" : NULL, &sql);
	sp_buf_addf(
		&sql,
		" FROM (SELECT DISTINCT id FROM pg_temp.sp_named WHERE t = %d) n JOIN %s t ON t.id = n.id "
		"WHERE NOT EXISTS (SELECT FROM pg_temp.sp_row r WHERE r.t = %d AND r.id = t.id) AND "
		"NOT EXISTS (SELECT FROM pg_temp.sp_out o WHERE o.t = %d AND o.id = t.id)",
		index, table->quoted, index, index);
	if (kind == SP_RUN)
		sp_buf_addf(&sql, " AND t.id <> %" PRId64, export->selection.run);
	if (kind == SP_ANNOTATION)
		sp_buf_addf(&sql, " AND t.run_id <> %" PRId64, export->selection.run);
	if (kind >= 0 && sp_entities[kind].travel == SP_TRAVEL_PART && kind != SP_ANNOTATION)
		sp_buf_addf(
			&sql, " AND NOT EXISTS (SELECT FROM pg_temp.sp_pick p WHERE p.t = %d AND p.id = t.id)",
			index);
	sp_buf_adds(&sql, " ORDER BY t.id");
	ok = sp_db_copy_out_buf(export->db, &sql, take_external, w, err);
	return ok;
}

static bool note_all_externals(sp_writing *w, sp_error *err)
{
	sp_rows *rows = sp_db_query(w->export->db, "SELECT DISTINCT t FROM pg_temp.sp_named ORDER BY t",
	                            0, NULL, err);
	bool ok = rows != NULL;
	int i;

	for (i = 0; ok && i < sp_rows_count(rows); i++)
		ok = note_externals(w, (int)sp_rows_int(rows, i, 0), err);
	sp_rows_free(rows);
	return ok;
}

/* --- authors ------------------------------------------------------------------------ */

typedef struct {
	sp_writing *w;
	int count;
} author_stream;

static bool take_author(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	author_stream *s = ctx;
	sp_buf line = { 0 };
	sp_row_uuid uuid;
	bool ok;

	(void)count;
	sp_identity_row(s->w->export->identity, fields[0].data, fields[0].len, &uuid);
	sp_buf_addf(&line, "%s\n  {\"uuid\":\"%s\"", s->count++ ? "," : "", uuid.package);
	if (fields[1].data)
		add_text(&line, "email", fields[1].data, fields[1].len);
	if (fields[2].data)
		add_text(&line, "handle", fields[2].data, fields[2].len);
	sp_buf_addc(&line, '}');
	ok = line.failed ? sp_fail_memory(err)
	                 : sp_package_write(s->w->package, line.data, line.len, err);
	sp_buf_free(&line);
	return ok;
}

static bool write_authors(sp_writing *w, sp_error *err)
{
	const sp_catalog *catalog = w->export->catalog;
	const sp_table *users = sp_catalog_table(catalog, "user");
	author_stream s = { .w = w };
	sp_buf sql = { 0 };
	bool ok;

	if (w->export->settings->options.no_authors)
		return sp_package_write(w->package, "\"authors_left_out\":true", 23, err);
	sp_buf_adds(&sql, "SELECT ");
	sp_key_sql(catalog, sp_kind_table(catalog, SP_USER), &sql);
	sp_buf_addf(&sql,
	            ", t.email::text, %s FROM %s t WHERE t.id IN (SELECT id FROM pg_temp.sp_named "
	            "WHERE t = %d) ORDER BY t.id",
	            sp_table_column(users, "handle") ? "t.handle::text" : "NULL::text", users->quoted,
	            sp_kind_table(catalog, SP_USER));
	ok = sql.failed ? sp_fail_memory(err)
	                : sp_package_write(w->package, "\"authors\":[", 11, err) &&
	                      sp_db_copy_out(w->export->db, sql.data, take_author, &s, err) &&
	                      sp_package_write(w->package, s.count ? "\n]" : "]", s.count ? 2 : 1, err);
	sp_buf_free(&sql);
	return ok;
}

/* --- the document --------------------------------------------------------------------- */

static bool copy_lines(sp_writing *w, bool inside, sp_error *err)
{
	char *line;
	size_t len;
	bool first = true;

	if (!sp_spool_rewind(w->mapping, err))
		return false;
	while ((line = sp_spool_line(w->mapping, &len, err))) {
		if (inside && !sp_package_write(w->package, first ? "\n  " : ",\n  ", first ? 3 : 4, err))
			return false;
		first = false;
		if (!sp_package_write(w->package, line, len, err) ||
		    (!inside && !sp_package_write(w->package, "\n", 1, err)))
			return false;
	}
	return !sp_error_is_set(err);
}

static bool write_document(sp_writing *w, bool inside, sp_error *err)
{
	sp_buf text = { 0 };
	bool ok;

	sp_buf_addf(&text, "{\n\"instance\":\"%s\",\n\"row_count\":%" PRIu64 ",\n",
	            sp_identity_instance(w->export->identity), w->mapped);
	sp_buf_adds(&text, inside ? "\"rows\":[" : "\"rows_in\":\"" LINES "\",\n");
	ok = (!text.failed || sp_fail_memory(err)) &&
	     sp_package_open(w->package, DOCUMENT, "instance_mapping", -1, false, err) &&
	     sp_package_write(w->package, text.data, text.len, err);
	sp_buf_free(&text);
	if (ok && inside)
		ok = copy_lines(w, true, err) && sp_package_write(w->package, "\n],\n", 4, err);
	return ok && write_authors(w, err) && sp_package_write(w->package, "\n}\n", 3, err) &&
	       sp_package_close(w->package, inside ? (int64_t)w->mapped : -1, NULL, err);
}

bool sp_write_mapping(sp_writing *w, sp_error *err)
{
	bool inside;

	if (!note_all_externals(w, err))
		return false;
	sp_job_phase(w->export->job, N_("origins"), w->mapped);
	inside = w->mapped <= MAPPED_INSIDE;
	if (!write_document(w, inside, err))
		return false;
	return inside || (sp_package_open(w->package, LINES, "instance_mapping", -1, false, err) &&
	                  copy_lines(w, false, err) &&
	                  sp_package_close(w->package, (int64_t)w->mapped, NULL, err));
}
