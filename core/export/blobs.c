#include <config.h>

#include "core/export/blobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/export/ahead.h"

#define MISSING_LISTED 1000
#define PART           65536
/* Names that the store is asked for at once, in the order in which a bucket would
 * list them. */
#define BATCH 1000

typedef struct {
	const sp_selection *selection;
	sp_store *store;
	sp_job *job;
	sp_json *missing;
	sp_blob_counts *counts;
	sp_spool *found;
	char *names[BATCH];
	int waiting; /* of them */
} search;

bool sp_blob_hash(sp_store *store, const char *name, sp_job *job, char sha256[SP_SHA256_HEX + 1],
                  int64_t *size, sp_error *err)
{
	sp_blob *blob = sp_store_get(store, name, err);
	sp_sha256 *sha = NULL;
	char data[PART];
	size_t got = 0;

	*size = -1;
	if (!blob)
		return !sp_error_is_set(err);
	sha = sp_sha256_create(err);
	if (sha) {
		*size = 0;
		do {
			if (!sp_job_go_on(job, err) || !sp_blob_read(blob, data, sizeof(data), &got, err))
				break;
			sp_sha256_update(sha, data, got);
			*size += (int64_t)got;
			sp_job_add(job, 0, 0);
		} while (got);
		if (!sp_sha256_hex(sha, sha256))
			sp_fail(err, SP_FAILED, NULL, N_("SHA-256 failed"));
	}
	sp_sha256_free(sha);
	sp_blob_close(blob);
	return !sp_error_is_set(err);
}

/* A note "value TAB name NUL": a name may hold any other byte. */
static bool note(search *s, const char *name, size_t len, const char *value, sp_error *err)
{
	sp_buf line = { 0 };
	bool ok;

	sp_buf_adds(&line, value);
	sp_buf_addc(&line, '\t');
	sp_buf_add(&line, name, len);
	sp_buf_addc(&line, '\0');
	ok = line.failed ? sp_fail_memory(err) : sp_spool_write(s->found, line.data, line.len, err);
	sp_buf_free(&line);
	return ok;
}

static bool note_size(search *s, const char *name, int64_t size, sp_error *err)
{
	char value[32];

	s->counts->objects++;
	if (size < 0 && s->counts->missing++ < MISSING_LISTED)
		sp_json_add_text(s->missing, NULL, name);
	snprintf(value, sizeof(value), "%" PRId64, size);
	return note(s, name, strlen(name), value, err);
}

/* Asks for the names that wait, and forgets them. */
static bool ask_batch(search *s, bool ok, sp_error *err)
{
	int64_t sizes[BATCH];
	int i;

	ok = ok &&
	     sp_store_stat_all(s->store, (const char *const *)s->names, sizes, (size_t)s->waiting, err);
	for (i = 0; i < s->waiting; i++) {
		ok = ok && note_size(s, s->names[i], sizes[i], err);
		free(s->names[i]);
	}
	s->waiting = 0;
	sp_job_add(s->job, 0, 0);
	return ok;
}

static bool take_name(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	search *s = ctx;
	char *name = strndup(fields[0].data, fields[0].len);

	(void)count;
	if (!name)
		return sp_fail_memory(err);
	s->names[s->waiting++] = name;
	return s->waiting < BATCH || ask_batch(s, true, err);
}

static bool hash_one(void *ctx, const sp_coming *file, sp_error *err)
{
	search *s = ctx;
	char sha256[SP_SHA256_HEX + 1];
	int64_t size;

	if (!sp_blob_hash(s->store, file->name, s->job, sha256, &size, err))
		return false;
	return size != file->size || note(s, file->name, strlen(file->name), sha256, err);
}

static bool take_equal(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	(void)count;
	return sp_ahead_add(ctx, fields, err);
}

/* Reads back one note; *any false at the end. */
static bool next_note(sp_spool *spool, sp_buf *line, bool *any, sp_error *err)
{
	char c;
	size_t got;

	sp_buf_reset(line);
	*any = false;
	for (;;) {
		if (!sp_spool_read(spool, &c, 1, &got, err))
			return false;
		if (!got)
			return true;
		*any = true;
		if (!c)
			return !line->failed || sp_fail_memory(err);
		sp_buf_addc(line, c);
	}
}

static bool store_notes(search *s, const char *target, sp_error *err)
{
	sp_db *db = s->selection->db;
	sp_buf line = { 0 };
	bool any, ok = sp_spool_rewind(s->found, err) && sp_db_copy_in(db, target, err);

	while (ok && (ok = next_note(s->found, &line, &any, err)) && any) {
		char *tab = memchr(line.data, '\t', line.len);

		if (!tab) {
			ok = sp_fail(err, SP_FAILED, NULL, N_("a temporary file was changed by somebody else"));
			break;
		}
		*tab = '\0';
		const char *values[] = { tab + 1, line.data };

		ok = sp_db_copy_row(db, values, 2, err);
	}
	sp_buf_free(&line);
	return ok && sp_db_copy_end(db, err) && sp_spool_reset(s->found, err);
}

static bool ask_store(search *s, sp_error *err)
{
	sp_buf sql = { 0 };
	bool ok;

	sp_buf_addf(&sql,
	            "SELECT t.blob_path::text FROM pg_temp.sp_asset p JOIN %s t ON t.id = p.id WHERE "
	            "t.blob_path <> '' GROUP BY t.blob_path ORDER BY t.blob_path COLLATE \"C\"",
	            sp_catalog_table(s->selection->catalog, "asset")->quoted);
	ok = sp_db_copy_out_buf(s->selection->db, &sql, take_name, s, err);
	ok = ask_batch(s, ok, err);
	return ok && store_notes(s, "pg_temp.sp_blob (path, size)", err);
}

/* Only files of equal size can be equal: they alone are read for it. */
static bool compare_equal_sizes(search *s, sp_error *err)
{
	static const char sql[] =
		"SELECT 0::bigint, b.path, b.size, NULL::text FROM pg_temp.sp_blob b WHERE b.size IN "
		"(SELECT size FROM pg_temp.sp_blob WHERE size >= 0 GROUP BY size HAVING count(*) > 1) "
		"ORDER BY b.path";
	sp_ahead ahead = { .store = s->store, .fn = hash_one, .ctx = s };
	bool ok = sp_db_copy_out(s->selection->db, sql, take_equal, &ahead, err);

	return sp_ahead_end(&ahead, ok, err) &&
	       store_notes(s, "pg_temp.sp_blob_hash (path, sha256)", err);
}

/* Each object's content stands once, under the first asset that has it. */
static bool number_files(search *s, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;

	sp_buf_addf(
		&sql,
		"INSERT INTO pg_temp.sp_file SELECT w.n, w.path, w.size, w.sha256, "
		"CASE WHEN w.size >= 0 THEN min(w.n) OVER (PARTITION BY w.size, "
		"coalesce(w.sha256, w.path)) "
		"END FROM (SELECT min(p.n) AS n, b.path, b.size, h.sha256 FROM pg_temp.sp_asset p "
		"JOIN %s t ON t.id = p.id JOIN pg_temp.sp_blob b ON b.path = t.blob_path "
		"LEFT JOIN pg_temp.sp_blob_hash h ON h.path = b.path GROUP BY b.path, b.size, h.sha256) w; "
		"ANALYZE pg_temp.sp_file",
		sp_catalog_table(s->selection->catalog, "asset")->quoted);
	if (sql.failed)
		sp_fail_memory(err);
	else if (sp_db_exec(s->selection->db, sql.data, err))
		rows = sp_db_query(s->selection->db,
		                   "SELECT count(*), sum(size) FROM pg_temp.sp_file WHERE n = asset", 0,
		                   NULL, err);
	sp_buf_free(&sql);
	if (!rows)
		return false;
	s->counts->files = sp_rows_int(rows, 0, 0);
	s->counts->bytes = sp_rows_int(rows, 0, 1);
	sp_rows_free(rows);
	return true;
}

bool sp_blobs_find(const sp_selection *selection, sp_store *store, sp_job *job, sp_json *missing,
                   sp_blob_counts *counts, sp_error *err)
{
	search s = {
		.selection = selection, .store = store, .job = job, .missing = missing, .counts = counts
	};
	bool ok;

	if (!sp_table_column(sp_catalog_table(selection->catalog, "asset"), "blob_path"))
		return true;
	s.found = sp_spool_create(NULL, err);
	ok = s.found && ask_store(&s, err) && compare_equal_sizes(&s, err) && number_files(&s, err);
	sp_spool_free(s.found);
	return ok;
}
