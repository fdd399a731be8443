#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/export/ahead.h"
#include "core/export/internal.h"

#define PART        65536
#define BASE64_PART 49152 /* bytes that become whole groups of four */

/* What follows the layout's fields of an asset's row. */
enum { X_NUMBER, X_FILE, X_SIZE, X_BLOB };

/* A name's extension, as far as it is plain: ".pdf"; else nothing. */
static void extension_of(const char *name, size_t len, char extension[16])
{
	size_t i, n = 0;

	*extension = '\0';
	for (i = len; i > 0 && name[i - 1] != '.' && name[i - 1] != '/'; i--)
		;
	if (!i || name[i - 1] != '.' || len - i > 10 || len == i)
		return;
	for (; i < len; i++) {
		if (!isalnum((unsigned char)name[i])) {
			*extension = '\0';
			return;
		}
		if (!n)
			extension[n++] = '.';
		extension[n++] = (char)tolower((unsigned char)name[i]);
	}
	extension[n] = '\0';
}

static void file_path(int64_t number, const char *name, size_t len, char path[96])
{
	char extension[16];

	extension_of(name, len, extension);
	snprintf(path, 96, "assets/files/asset_%" PRId64 "_file%s", number, extension);
}

static bool fail_changed(const char *name, sp_error *err)
{
	return sp_fail(err, SP_FAILED, N_("Somebody is writing it: try again."),
	               N_("the file \"%s\" changed in the store while it was read"), name);
}

/* --- files as entries -------------------------------------------------------- */

static bool copy_blob(sp_writing *w, sp_blob *blob, const char *name, const char *path,
                      int64_t expected, sp_zip_result *result, sp_error *err)
{
	char data[PART];
	size_t got;
	int64_t total = 0;
	bool first = true;

	do {
		if (!sp_job_go_on(w->export->job, err) ||
		    !sp_blob_read(blob, data, sizeof(data), &got, err))
			return false;
		if (first && !sp_package_open(w->package, path, "file", expected,
		                              sp_zip_is_compressed(data, got), err))
			return false;
		first = false;
		total += (int64_t)got;
		if (total > expected)
			return fail_changed(name, err);
		if (got && !sp_package_write(w->package, data, got, err))
			return false;
		sp_job_add(w->export->job, 0, got);
	} while (got);
	if (total != expected)
		return fail_changed(name, err);
	return sp_package_close(w->package, -1, result, err);
}

static bool write_file(void *ctx, const sp_coming *file, sp_error *err)
{
	sp_writing *w = ctx;
	char path[96];
	sp_zip_result result;
	sp_blob *blob;
	bool ok;

	file_path(file->number, file->name, strlen(file->name), path);
	blob = sp_store_get(w->export->store, file->name, err);
	if (!blob)
		return sp_error_is_set(err) ? false : fail_changed(file->name, err);
	ok = copy_blob(w, blob, file->name, path, file->size, &result, err);
	sp_blob_close(blob);
	/* where equal files were found, they must be what was compared */
	if (ok && *file->sha256 && strcmp(file->sha256, result.sha256) != 0)
		return fail_changed(file->name, err);
	sp_job_add(w->export->job, 1, 0);
	return ok;
}

static bool take_file(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	(void)count;
	return sp_ahead_add(ctx, fields, err);
}

bool sp_write_files(sp_writing *w, sp_error *err)
{
	const sp_export_options *options = &w->export->settings->options;
	sp_ahead ahead = { .store = w->export->store, .fn = write_file, .ctx = w };
	sp_buf sql = { 0 };
	bool ok;

	if (!w->export->store || options->asset_format == SP_FILES_EXTERNAL || !w->export->blobs.files)
		return true;
	sp_job_phase(w->export->job, N_("files"), (uint64_t)w->export->blobs.files);
	sp_buf_adds(&sql, "SELECT n, path, size, sha256 FROM pg_temp.sp_file WHERE n = asset");
	if (options->asset_format == SP_FILES_INLINE) /* what is too large for its row */
		sp_buf_addf(&sql, " AND size > %" PRIu64, options->max_line);
	sp_buf_adds(&sql, " ORDER BY n");
	ok = sp_db_copy_out_buf(w->export->db, &sql, take_file, &ahead, err);
	return sp_ahead_end(&ahead, ok, err);
}

/* --- rows of assets ------------------------------------------------------------ */

/* The bytes as base64 (RFC 4648), streamed into the open entry. */
static bool write_inline(sp_writing *w, const char *name, int64_t expected, sp_error *err)
{
	static const char head[] = ",\"encoding\":\"base64\",\"data\":\"";
	unsigned char data[BASE64_PART], text[BASE64_PART / 3 * 4 + 4];
	sp_blob *blob = sp_store_get(w->export->store, name, err);
	size_t got, filled = 0;
	int64_t total = 0;
	bool ok;

	if (!blob)
		return sp_error_is_set(err) ? false : fail_changed(name, err);
	ok = sp_package_write(w->package, head, sizeof(head) - 1, err);
	do {
		ok = ok && sp_job_go_on(w->export->job, err) &&
		     sp_blob_read(blob, data + filled, sizeof(data) - filled, &got, err);
		if (!ok)
			break;
		filled += got;
		total += (int64_t)got;
		if (filled && (!got || filled == sizeof(data))) {
			int len = EVP_EncodeBlock(text, data, (int)filled);

			ok = sp_package_write(w->package, text, (size_t)len, err);
			filled = 0;
		}
		sp_job_add(w->export->job, 0, got);
	} while (ok && got);
	sp_blob_close(blob);
	if (ok && total != expected)
		return fail_changed(name, err);
	return ok && sp_package_write(w->package, "\"", 1, err);
}

/* Where an asset's file is, as the member "__file" of its row. */
static bool add_file(sp_writing *w, const sp_field *extra, const char *name, bool *inlined,
                     sp_buf *member, sp_error *err)
{
	const sp_export *export = w->export;
	int64_t number = sp_field_int(&extra[X_NUMBER]), file = sp_field_int(&extra[X_FILE]);
	int64_t size = sp_field_int(&extra[X_SIZE]);
	char path[96], sha256[SP_SHA256_HEX + 1];
	sp_asset_format format = export->settings->options.asset_format;

	*inlined = false;
	if (!export->store)
		return true;
	sp_buf_adds(member, ",\"__file\":{");
	if (!extra[X_FILE].data) {
		sp_buf_adds(member, "\"missing\":true}");
		return true;
	}
	sp_buf_addf(member, "\"size\":%" PRId64, size);
	if (format == SP_FILES_EXTERNAL) {
		if (!sp_blob_hash(export->store, name, export->job, sha256, &size, err))
			return false;
		if (size != sp_field_int(&extra[X_SIZE]))
			return fail_changed(name, err);
		sp_buf_addf(member, ",\"sha256\":\"%s\"", sha256);
	} else if (format == SP_FILES_INLINE && (uint64_t)size <= export->settings->options.max_line) {
		if (file != number)
			sp_buf_addf(member, ",\"same_as\":\"assets/metadata/asset_%" PRId64 ".json\"", file);
		*inlined = file == number;
	} else {
		file_path(file, name, strlen(name), path);
		sp_buf_addf(member, ",\"path\":\"%s\"", path);
	}
	if (!*inlined)
		sp_buf_addc(member, '}');
	return true;
}

bool sp_write_asset(sp_writing *w, const sp_packed *row, const sp_field *extra, sp_error *err)
{
	char path[96], name[4096] = "";
	sp_buf member = { 0 };
	bool inlined = false, ok = true;

	snprintf(path, sizeof(path), "assets/metadata/asset_%" PRId64 ".json",
	         sp_field_int(&extra[X_NUMBER]));
	if (extra[X_BLOB].data && extra[X_BLOB].len) {
		/* a name too long for the store is a file that isn't there */
		snprintf(name, sizeof(name), "%.*s", (int)extra[X_BLOB].len, extra[X_BLOB].data);
		ok = add_file(w, extra, name, &inlined, &member, err);
	}
	ok = ok && (!member.failed || sp_fail_memory(err));
	ok = ok && sp_package_open(w->package, path, "asset", -1, false, err) &&
	     sp_package_write(w->package, row->line, row->len - 1, err) &&
	     sp_package_write(w->package, sp_buf_text(&member), member.len, err);
	if (ok && inlined)
		ok = write_inline(w, name, sp_field_int(&extra[X_SIZE]), err) &&
		     sp_package_write(w->package, "}", 1, err);
	sp_buf_reset(&member);
	if (ok && row->large)
		ok = sp_note_large(w, row, &member, err);
	else
		sp_buf_addc(&member, '}');
	sp_buf_addc(&member, '\n');
	ok = ok && (!member.failed || sp_fail_memory(err)) &&
	     sp_package_write(w->package, member.data, member.len, err) &&
	     sp_package_close(w->package, 1, NULL, err);
	sp_buf_free(&member);
	return ok;
}

/* --- embeddings ------------------------------------------------------------------- */

typedef struct {
	sp_writing *w;
	const char *column;
	const char *suffix; /* of the entry: "" or "_column" */
	int64_t asset, rows;
	long long dimension;
} embedding_stream;

enum { E_KEY, E_ASSET, E_NUMBER, E_INDEX, E_MODEL, E_VECTOR };

static bool close_embeddings(embedding_stream *s, sp_error *err)
{
	return !s->asset || sp_package_close(s->w->package, s->rows, NULL, err);
}

static bool open_embeddings(embedding_stream *s, int64_t asset, sp_error *err)
{
	char path[160];

	if (asset == s->asset)
		return true;
	if (!close_embeddings(s, err))
		return false;
	s->asset = asset;
	s->rows = 0;
	snprintf(path, sizeof(path), "assets/embeddings/asset_%" PRId64 "_%lld%s.jsonl", asset,
	         s->dimension, s->suffix);
	return sp_package_open(s->w->package, path, "embedding", -1, false, err);
}

static void add_uuid(sp_writing *w, sp_buf *line, const char *key, const sp_field *of)
{
	sp_row_uuid uuid;

	if (!of->data)
		return;
	sp_identity_row(w->export->identity, of->data, of->len, &uuid);
	sp_buf_addf(line, "%s\"%s\":\"%s\"", line->len > 1 ? "," : "", key, uuid.package);
}

static bool take_embedding(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	embedding_stream *s = ctx;
	sp_buf line = { 0 };
	bool ok;

	(void)count;
	sp_buf_addc(&line, '{');
	add_uuid(s->w, &line, "id", &fields[E_KEY]);
	add_uuid(s->w, &line, "asset_id", &fields[E_ASSET]);
	sp_buf_addf(&line, ",\"chunk_index\":%lld", (long long)sp_field_int(&fields[E_INDEX]));
	add_uuid(s->w, &line, "embedding_model_id", &fields[E_MODEL]);
	sp_buf_adds(&line, ",\"column\":");
	sp_buf_add_json(&line, s->column, strlen(s->column));
	sp_buf_adds(&line, ",\"embedding\":");
	sp_buf_add(&line, fields[E_VECTOR].data, fields[E_VECTOR].len);
	sp_buf_adds(&line, "}\n");
	ok = (!line.failed || sp_fail_memory(err)) &&
	     open_embeddings(s, sp_field_int(&fields[E_NUMBER]), err) &&
	     sp_package_write(s->w->package, line.data, line.len, err);
	s->rows++;
	sp_job_add(s->w->export->job, 0, line.len);
	sp_buf_free(&line);
	return ok;
}

/* Dimensions that stand in an embedding column, by its text: commas and one. */
#define DIMENSION "length(t.%s::text) - length(replace(t.%s::text, ',', '')) + 1"

/* `name` of the column, `column` as SQL quotes it. */
static bool write_dimension(sp_writing *w, const char *name, const char *column, const char *suffix,
                            long long dimension, sp_error *err)
{
	const sp_catalog *catalog = w->export->catalog;
	int models = sp_kind_table(catalog, SP_EMBEDDING_MODEL);
	embedding_stream s = { .w = w, .column = name, .suffix = suffix, .dimension = dimension };
	sp_buf sql = { 0 };
	bool ok;

	sp_buf_adds(&sql, "SELECT ");
	sp_key_sql(catalog, sp_kind_table(catalog, SP_CHUNK), &sql);
	sp_buf_addf(&sql, ", 'u' || a.uuid, g.n, t.chunk_index::bigint, ");
	if (models >= 0) {
		sp_buf_adds(&sql, "(SELECT ");
		sp_key_sql(catalog, models, &sql);
		sp_buf_addf(&sql, " FROM (SELECT m.* FROM %s m WHERE m.id = k.embedding_model_id) t)",
		            catalog->tables[models].quoted);
	} else {
		sp_buf_adds(&sql, "NULL::text");
	}
	sp_buf_addf(&sql,
	            ", t.%s::text FROM (SELECT n, id FROM pg_temp.sp_pick WHERE t = %d ORDER BY n) p ",
	            column, sp_kind_table(catalog, SP_CHUNK));
	sp_buf_addf(&sql,
	            "JOIN %s t ON t.id = p.id JOIN LATERAL (SELECT t.embedding_model_id) k ON true "
	            "JOIN %s a ON a.id = t.asset_id JOIN pg_temp.sp_asset g ON g.id = t.asset_id "
	            "WHERE t.%s IS NOT NULL AND t.%s::text <> 'null' AND " DIMENSION
	            " = %lld ORDER BY p.n",
	            catalog->tables[sp_kind_table(catalog, SP_CHUNK)].quoted,
	            sp_catalog_table(catalog, "asset")->quoted, column, column, column, column,
	            dimension);
	ok = sp_db_copy_out_buf(w->export->db, &sql, take_embedding, &s, err) &&
	     close_embeddings(&s, err);
	return ok;
}

static bool write_column(sp_writing *w, const sp_column *column, sp_json *seen, sp_error *err)
{
	sp_buf sql = { 0 }, name = { 0 }, suffix = { 0 };
	sp_rows *rows = NULL;
	bool ok = true;
	int i;

	sp_sql_ident(&name, column->name);
	sp_buf_addf(&sql,
	            "SELECT DISTINCT " DIMENSION
	            " FROM pg_temp.sp_pick p JOIN %s t ON t.id = p.id WHERE "
	            "p.t = %d AND t.%s IS NOT NULL AND t.%s::text <> 'null' ORDER BY 1",
	            sp_buf_text(&name), sp_buf_text(&name),
	            sp_catalog_table(w->export->catalog, "assetchunk")->quoted,
	            sp_kind_table(w->export->catalog, SP_CHUNK), sp_buf_text(&name),
	            sp_buf_text(&name));
	if (sql.failed || name.failed)
		ok = sp_fail_memory(err);
	else
		rows = sp_db_query(w->export->db, sql.data, 0, NULL, err);
	ok = ok && rows;
	for (i = 0; ok && i < sp_rows_count(rows); i++) {
		const char *dimension = sp_rows_get(rows, i, 0);

		/* two columns of one dimension stand in entries of their own */
		sp_buf_reset(&suffix);
		if (sp_json_bool(seen, dimension, false))
			sp_buf_addf(&suffix, "_%s", column->name);
		if (!sp_json_add_bool(seen, dimension, true) || suffix.failed)
			ok = sp_fail_memory(err);
		else
			ok = write_dimension(w, column->name, sp_buf_text(&name), sp_buf_text(&suffix),
			                     sp_rows_int(rows, i, 0), err);
	}
	sp_rows_free(rows);
	sp_buf_free(&suffix);
	sp_buf_free(&name);
	sp_buf_free(&sql);
	return ok;
}

bool sp_write_embeddings(sp_writing *w, sp_error *err)
{
	const sp_table *chunks = sp_catalog_table(w->export->catalog, "assetchunk");
	sp_json *seen;
	bool ok = true;
	int i;

	if (!w->export->settings->options.embeddings || !chunks ||
	    !w->export->selection.shares[SP_CHUNK].rows)
		return true;
	seen = sp_json_object();
	if (!seen)
		return sp_fail_memory(err);
	sp_job_phase(w->export->job, N_("embeddings"), 0);
	for (i = 0; ok && i < chunks->count; i++)
		if (sp_is_embedding(SP_CHUNK, &chunks->columns[i]))
			ok = write_column(w, &chunks->columns[i], seen, err);
	sp_json_free(seen);
	return ok;
}

/* --- texts too large for a line ------------------------------------------------------ */

#define SLICE 4194304 /* characters that are read at a time */

/* One of them: its member among "__texts", and a line for its entry to come. */
static bool note_one(sp_writing *w, const sp_packed *row, const char *column, sp_buf *member,
                     sp_error *err)
{
	const sp_catalog *catalog = w->export->catalog;
	const sp_table *table = &catalog->tables[sp_kind_table(catalog, (sp_kind)row->kind)];
	const sp_column *of = sp_table_column(table, column);
	char line[96];
	int len;

	if (!of)
		return sp_fail(err, SP_FAILED, NULL, N_("the column \"%s\" is too large for a line"),
		               column);
	w->large_count++;
	sp_pack_key(member, column);
	sp_buf_addf(member, "\"texts/%s_%" PRIu64 ".txt\"", sp_entities[row->kind].name,
	            w->large_count);
	len = snprintf(line, sizeof(line), "%d\t%" PRId64 "\t%" PRIu64 "\t%td\n", row->kind, row->id,
	               w->large_count, of - table->columns);
	return sp_spool_write(w->large, line, (size_t)len, err);
}

bool sp_note_large(sp_writing *w, const sp_packed *row, sp_buf *member, sp_error *err)
{
	char *names = strdup(row->large), *rest = names, *name;
	bool ok = names || sp_fail_memory(err);

	sp_buf_adds(member, row->len > 2 ? ",\"__texts\":{" : "\"__texts\":{");
	while (ok && (name = strsep(&rest, SP_LARGE_SEPARATOR)))
		ok = note_one(w, row, name, member, err);
	sp_buf_adds(member, "}}");
	free(names);
	return ok && (!member->failed || sp_fail_memory(err));
}

static bool write_slices(sp_writing *w, const char *sql, sp_error *err)
{
	char from[24];
	const char *params[] = { from };
	int64_t at = 1;
	sp_rows *rows;
	const char *text;
	bool ok, more = true;

	while (more) {
		snprintf(from, sizeof(from), "%" PRId64, at);
		rows = sp_db_query(w->export->db, sql, 1, params, err);
		text = rows && sp_rows_count(rows) ? sp_rows_get(rows, 0, 0) : NULL;
		more = text && *text;
		ok = rows && (!more || sp_package_write(w->package, text, strlen(text), err));
		sp_rows_free(rows);
		if (!ok)
			return false;
		at += SLICE;
	}
	return true;
}

static bool write_large(sp_writing *w, char *line, sp_error *err)
{
	char *id = strchr(line, '\t'), *number = id ? strchr(id + 1, '\t') : NULL;
	char *column = number ? strchr(number + 1, '\t') : NULL, path[96];
	const sp_table *table;
	int kind = atoi(line);
	sp_buf sql = { 0 };
	bool ok;

	if (!column || kind < 0 || kind >= SP_ENTITY_COUNT)
		return sp_fail(err, SP_FAILED, NULL, N_("a temporary file was changed by somebody else"));
	*id++ = *number++ = *column++ = '\0';
	snprintf(path, sizeof(path), "texts/%s_%s.txt", sp_entities[kind].name, number);
	sp_buf_adds(&sql, "SELECT substr(t.");
	table = &w->export->catalog->tables[sp_kind_table(w->export->catalog, (sp_kind)kind)];
	sp_sql_ident(&sql, table->columns[atoi(column)].name);
	sp_buf_addf(&sql, "::text, $1::int, %d) FROM %s t WHERE t.id = %s", SLICE, table->quoted, id);
	ok = sql.failed
	         ? sp_fail_memory(err)
	         : sp_package_open(w->package, path, "text", -1, false, err) &&
	               write_slices(w, sql.data, err) && sp_package_close(w->package, -1, NULL, err);
	sp_buf_free(&sql);
	return ok;
}

bool sp_write_large(sp_writing *w, sp_error *err)
{
	char *line;
	size_t len;

	if (!sp_spool_size(w->large))
		return true;
	if (!sp_spool_rewind(w->large, err))
		return false;
	while ((line = sp_spool_line(w->large, &len, err)))
		if (!write_large(w, line, err))
			return false;
	return !sp_error_is_set(err) && sp_spool_reset(w->large, err);
}
