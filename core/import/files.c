#include <config.h>

#include "core/import/files.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/members.h"
#include "core/base/scan.h"
#include "core/package/zip_read.h"
#include "core/plan/objects.h"
#include "core/staging/sweep.h"

/* Bytes that are decoded at a time: a multiple of 4. */
#define BASE64_PART 16384

/* --- which --- */

static bool are_there(sp_staging *staging, const sp_catalog *catalog, sp_sides *in)
{
	return sp_sides_get(staging, catalog, SP_ASSET, in) && sp_objects_are(in);
}

bool sp_files_note(sp_staging *staging, const sp_catalog *catalog, int64_t operation, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	if (!are_there(staging, catalog, &in))
		return true;
	sp_buf_addf(&sql,
	            "INSERT INTO spaceport.import_files (import_operation_id, name) SELECT %" PRId64
	            ", o.name FROM ",
	            operation);
	sp_objects_wanted(&in, &sql);
	return sp_db_exec_buf(in.db, &sql, err);
}

/* --- the list, in a file of its own --- */

typedef struct {
	sp_buf path, name;
	int64_t size;
	bool is_inline, is_there;
} object;

typedef struct {
	const sp_files_source *source;
	sp_store *store;
	sp_job *job;
	sp_files_report *report; /* they are compared; NULL: they are put */
	sp_spool *list, *bytes;
	object at, next;
} putting;

static bool put_text(sp_spool *to, const char *text, size_t len, sp_error *err)
{
	const uint64_t size = len;

	return sp_spool_write(to, &size, sizeof size, err) && sp_spool_write(to, text, len, err);
}

static bool get_text(sp_spool *from, sp_buf *to, sp_error *err)
{
	uint64_t len;
	char *room;

	sp_buf_reset(to);
	if (!sp_spool_get(from, &len, sizeof len, err))
		return false;
	if (!(room = sp_buf_reserve(to, len)))
		return sp_fail_memory(err);
	to->len = len;
	room[len] = '\0';
	return sp_spool_get(from, room, len, err);
}

enum { F_PATH, F_NAME, F_INLINE, F_ENTRY, F_SIZE };

/* A file in its row's own entry has no path yet. */
static bool take_object(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	putting *p = ctx;
	const int64_t numbers[] = { sp_field_int(&fields[F_SIZE]), sp_field_int(&fields[F_INLINE]) };
	sp_buf path = { 0 };
	bool ok;

	(void)count;
	if (fields[F_PATH].data)
		sp_buf_add(&path, fields[F_PATH].data, fields[F_PATH].len);
	else if (!sp_walk_path(p->source->walk, (uint64_t)sp_field_int(&fields[F_ENTRY]), &path, err))
		return false;
	ok = path.failed ? sp_fail_memory(err)
	                 : sp_spool_write(p->list, numbers, sizeof numbers, err) &&
	                       put_text(p->list, sp_buf_text(&path), path.len, err) &&
	                       put_text(p->list, fields[F_NAME].data, fields[F_NAME].len, err);
	sp_buf_free(&path);
	return ok;
}

static bool send_entries(const putting *p, const sp_sides *in, sp_error *err)
{
	sp_walk *walk = p->source->walk;
	sp_seen_entry entry;
	uint64_t number = 0;
	char text[24];
	bool more = true, ok = sp_walk_rewind(walk, err);

	while (ok && (ok = sp_walk_next(walk, &entry, &more, err)) && more) {
		snprintf(text, sizeof text, "%" PRIu64, number++);
		ok = sp_db_copy_row(in->db, (const char *[]){ entry.path, text }, 2, err);
	}
	return ok && sp_db_copy_end(in->db, err);
}

/* Where each entry stands in the package: whoever packed it anew had an order of their own. */
static bool number_entries(const putting *p, const sp_sides *in, sp_error *err)
{
	sp_buf sql = { 0 }, table = { 0 };
	bool ok;

	sp_staging_table(in->staging, "entry", NULL, &table);
	sp_staging_make(in->staging, "entry", NULL, &sql);
	sp_buf_adds(&sql, " (path text, number bigint)");
	ok = sp_db_exec_buf(in->db, &sql, err) && (!table.failed || sp_fail_memory(err)) &&
	     sp_db_copy_in(in->db, sp_buf_text(&table), err) && send_entries(p, in, err);
	sp_buf_addf(&sql, "ANALYZE %s", sp_buf_text(&table));
	ok = ok && sp_db_exec_buf(in->db, &sql, err);
	sp_buf_free(&sql);
	sp_buf_free(&table);
	return ok;
}

/* In the order of the entries, so that one way through finds them all. */
static bool list_objects(putting *p, const sp_sides *in, sp_error *err)
{
	sp_buf sql = { 0 };

	if (!number_entries(p, in, err))
		return false;
	sp_buf_adds(&sql, "SELECT o.path, o.name, o.is_inline::int, o.entry, o.size FROM (SELECT o.*"
	                  " FROM ");
	if (p->report)
		sp_objects_here(in, true, &sql);
	else
		sp_objects_wanted(in, &sql);
	sp_buf_adds(&sql, ") o LEFT JOIN ");
	sp_staging_table(in->staging, "entry", NULL, &sql);
	sp_buf_adds(&sql, " e ON e.path = o.path ORDER BY coalesce(e.number, o.entry), o.name");
	return sp_db_copy_out_buf(in->db, &sql, take_object, p, err) && sp_spool_rewind(p->list, err);
}

/* The next of the list in p->next; it isn't there at the end. */
static bool read_next(putting *p, sp_error *err)
{
	int64_t numbers[2];

	p->next.is_there = sp_spool_get(p->list, numbers, sizeof numbers, err);
	if (!p->next.is_there)
		return !sp_error_is_set(err);
	p->next.size = numbers[0];
	p->next.is_inline = numbers[1] != 0;
	return get_text(p->list, &p->next.path, err) && get_text(p->list, &p->next.name, err);
}

static bool step(putting *p, sp_error *err)
{
	object was = p->at;

	p->at = p->next;
	p->next = was;
	return read_next(p, err);
}

/* --- bytes --- */

typedef struct {
	putting *p;
	sp_zip_reader *zip; /* NULL: `text` has them, as base64 where `is_text` */
	const char *text;
	size_t len;
	bool is_text;
	size_t decoded, taken; /* bytes that wait in `part` */
	unsigned char part[BASE64_PART / 4 * 3];
} reading;

static bool decode(reading *r, sp_error *err)
{
	size_t len = r->len < BASE64_PART ? r->len : BASE64_PART;
	int got = EVP_DecodeBlock(r->part, (const unsigned char *)r->text, (int)len);

	if (len % 4 || got < 0)
		return sp_fail(err, SP_BAD_PACKAGE, N_("Ask whoever made the package for another one."),
		               N_("the file in \"%s\" isn't base64"), sp_buf_text(&r->p->at.path));
	r->decoded = (size_t)got;
	/* what fills up the last four letters counts as bytes there */
	for (size_t i = 0; len && i < 2 && r->text[len - 1 - i] == '='; i++)
		r->decoded--;
	r->taken = 0;
	r->text += len;
	r->len -= len;
	return true;
}

static bool take_text(reading *r, void *data, size_t len, size_t *got, sp_error *err)
{
	if (!r->is_text) {
		*got = r->len < len ? r->len : len;
		memcpy(data, r->text, *got);
		r->text += *got;
		r->len -= *got;
		return true;
	}
	if (r->taken == r->decoded && r->len && !decode(r, err))
		return false;
	*got = r->decoded - r->taken < len ? r->decoded - r->taken : len;
	memcpy(data, r->part + r->taken, *got);
	r->taken += *got;
	return true;
}

/* A sp_source_fn. */
static bool take_bytes(void *ctx, void *data, size_t len, size_t *got, sp_error *err)
{
	reading *r = ctx;
	bool ok = r->zip ? sp_zip_read(r->zip, data, len, got, err) : take_text(r, data, len, got, err);

	if (ok && r->p->job) {
		sp_job_add(r->p->job, 0, *got);
		ok = sp_job_go_on(r->p->job, err);
	}
	return ok;
}

/* Whether both have the same bytes, to the end. */
static bool compare(sp_blob *blob, reading *from, bool *equal, sp_error *err)
{
	char here[16384], there[sizeof here];
	size_t had = 0, got = 0, more = 0;

	*equal = true;
	do {
		if (!sp_blob_read(blob, here, sizeof here, &had, err))
			return false;
		for (got = 0; got < had; got += more) {
			if (!take_bytes(from, there + got, had - got, &more, err))
				return false;
			if (!more)
				break;
		}
		*equal = got == had && !memcmp(here, there, had);
	} while (had && *equal);
	if (*equal && !take_bytes(from, there, 1, &more, err))
		return false;
	*equal = *equal && !more;
	return true;
}

static bool look_at_one(putting *p, reading *from, sp_error *err)
{
	const char *name = sp_buf_text(&p->at.name);
	sp_blob *blob = sp_store_get(p->store, name, err);
	bool equal = false, ok;

	if (sp_error_is_set(err))
		return false;
	ok = !blob || compare(blob, from, &equal, err);
	if (ok && !equal)
		ok = sp_json_add_text(blob ? p->report->different : p->report->missing, NULL, name) ||
		     sp_fail_memory(err);
	if (blob)
		sp_blob_close(blob);
	p->report->count++;
	p->report->equal += equal;
	return ok;
}

static bool put_one(putting *p, reading *from, sp_error *err)
{
	if (p->report)
		return look_at_one(p, from, err);
	if (!sp_store_put_from(p->store, sp_buf_text(&p->at.name), take_bytes, from, p->at.size, err))
		return false;
	if (p->job)
		sp_job_add(p->job, 1, 0);
	return true;
}

/* The entry in p->bytes, for what needs it in one piece, or more than once. */
static bool spool_entry(putting *p, sp_zip_reader *zip, const char **text, sp_error *err)
{
	char data[16384];
	size_t got = 0;
	bool ok =
		p->bytes ? sp_spool_reset(p->bytes, err) : (p->bytes = sp_spool_create(NULL, err)) != NULL;

	do {
		ok = ok && sp_zip_read(zip, data, sizeof data, &got, err) &&
		     sp_spool_write(p->bytes, data, got, err);
	} while (ok && got);
	if (!ok || !sp_spool_rewind(p->bytes, err))
		return false;
	*text = sp_spool_size(p->bytes) ? sp_spool_map(p->bytes, err) : "";
	return *text != NULL;
}

/* The text of "data" in the row's "__file"; its quotes don't count. */
static bool find_inline(const char *text, size_t len, sp_span *data, sp_error *err)
{
	sp_members row = { 0 }, file = { 0 };
	bool ok = sp_members_read(&row, text, len, err);
	size_t at = ok ? sp_members_find(&row, "__file", 6) : 0;

	*data = (sp_span){ NULL, 0 };
	if (ok && at < row.count)
		ok = sp_members_read(&file, row.all[at].value.text, row.all[at].value.len, err);
	at = ok ? sp_members_find(&file, "data", 4) : 0;
	if (ok && at < file.count && file.all[at].value.len >= 2)
		*data = (sp_span){ file.all[at].value.text + 1, file.all[at].value.len - 2 };
	sp_members_free(&row);
	sp_members_free(&file);
	return ok;
}

static bool put_inline(putting *p, const char *text, size_t len, sp_error *err)
{
	reading from = { .p = p, .is_text = true };
	sp_span data;

	if (!find_inline(text, len, &data, err))
		return false;
	if (!data.text)
		return sp_fail(err, SP_BAD_PACKAGE, N_("Ask whoever made the package for another one."),
		               N_("\"%s\" has no file in its row"), sp_buf_text(&p->at.path));
	from.text = data.text;
	from.len = data.len;
	return put_one(p, &from, err);
}

static bool is_at(const object *of, const char *path)
{
	return of->is_there && !strcmp(sp_buf_text(&of->path), path);
}

/* All objects that are this entry's bytes, or stand in it. */
static bool put_entry(putting *p, sp_zip_reader *zip, const char *path, sp_error *err)
{
	reading from = { .p = p, .zip = zip };
	const char *text;
	size_t len;

	if (!p->at.is_inline && !is_at(&p->next, path))
		return put_one(p, &from, err) && step(p, err);
	if (!spool_entry(p, zip, &text, err))
		return false;
	len = (size_t)sp_spool_size(p->bytes);
	while (is_at(&p->at, path)) {
		reading piece = { .p = p, .text = text, .len = len };

		if (!(p->at.is_inline ? put_inline(p, text, len, err) : put_one(p, &piece, err)) ||
		    !step(p, err))
			return false;
	}
	return true;
}

/* A way through the package; *found: one of its entries was wanted. */
static bool go_through(putting *p, bool *found, sp_error *err)
{
	sp_zip_reader *zip = sp_zip_reader_open(p->source->fd, p->source->check, err);
	sp_zip_entry entry = { .path = NULL };
	bool ok = zip != NULL;

	*found = false;
	while (ok && p->at.is_there && (ok = sp_zip_next(zip, &entry, err)) && entry.path) {
		if (!is_at(&p->at, entry.path))
			continue;
		*found = true;
		ok = put_entry(p, zip, entry.path, err);
	}
	sp_zip_reader_free(zip);
	return ok;
}

static bool put_all(putting *p, sp_error *err)
{
	bool found = true, ok = read_next(p, err) && step(p, err);

	while (ok && p->at.is_there && found)
		ok = go_through(p, &found, err);
	return ok && (found ||
	              sp_fail(err, SP_BAD_PACKAGE, N_("Ask whoever made the package for another one."),
	                      N_("the package has no entry \"%s\""), sp_buf_text(&p->at.path)));
}

static void free_object(object *of)
{
	sp_buf_free(&of->path);
	sp_buf_free(&of->name);
}

static bool handle_all(putting *p, const sp_sides *in, sp_error *err)
{
	bool ok;

	p->list = sp_spool_create(NULL, err);
	ok = p->list && list_objects(p, in, err) && put_all(p, err);
	free_object(&p->at);
	free_object(&p->next);
	sp_spool_free(p->list);
	sp_spool_free(p->bytes);
	return ok;
}

bool sp_files_put(sp_staging *staging, const sp_catalog *catalog, const sp_files_source *source,
                  sp_store *store, sp_job *job, sp_error *err)
{
	putting p = { .source = source, .store = store, .job = job };
	sp_sides in;

	return !are_there(staging, catalog, &in) || handle_all(&p, &in, err);
}

/* --- what is there afterwards --- */

static bool take_missing(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	sp_files_report *report = ctx;
	sp_buf name = { 0 };
	bool ok;

	(void)count;
	sp_buf_add(&name, fields[0].data, fields[0].len);
	ok = (!name.failed && sp_json_add_text(report->missing, NULL, sp_buf_text(&name))) ||
	     sp_fail_memory(err);
	sp_buf_free(&name);
	report->count++;
	return ok;
}

bool sp_files_compare(sp_staging *staging, const sp_catalog *catalog,
                      const sp_files_source *source, sp_store *store, sp_job *job,
                      sp_files_report *report, sp_error *err)
{
	putting p = { .source = source, .store = store, .job = job, .report = report };
	sp_buf sql = { 0 };
	sp_sides in;

	*report = (sp_files_report){ .missing = sp_json_array(), .different = sp_json_array() };
	if (!are_there(staging, catalog, &in))
		return true;
	sp_buf_adds(&sql, "SELECT o.source FROM ");
	sp_objects_here(&in, false, &sql);
	sp_buf_adds(&sql, " ORDER BY 1");
	return sp_db_copy_out_buf(in.db, &sql, take_missing, report, err) && handle_all(&p, &in, err);
}

/* --- what an import has left --- */

/* The columns of HQ's that name objects. */
static void add_names(const sp_catalog *catalog, sp_kind kind, const char *column,
                      const char *value, sp_buf *sql)
{
	int index = sp_kind_table(catalog, kind);

	if (index >= 0 && sp_table_column(&catalog->tables[index], column))
		sp_buf_addf(sql, " AND NOT EXISTS (SELECT FROM %s t WHERE %s)",
		            catalog->tables[index].quoted, value);
}

typedef struct {
	sp_store *store;
	sp_spool *names;
} removing;

static bool take_name(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	removing *r = ctx;

	(void)count;
	return put_text(r->names, fields[0].data, fields[0].len, err);
}

bool sp_files_remove(sp_db *db, const sp_catalog *catalog, int64_t operation, sp_store *store,
                     sp_error *err)
{
	removing r = { store, sp_spool_create(NULL, err) };
	sp_buf sql = { 0 }, name = { 0 };
	bool ok;

	sp_buf_addf(
		&sql, "SELECT f.name FROM spaceport.import_files f WHERE f.import_operation_id = %" PRId64,
		operation);
	add_names(catalog, SP_ASSET, "blob_path", "t.blob_path = f.name", &sql);
	add_names(catalog, SP_SOURCE, "details", "strpos(t.details::text, f.name) > 0", &sql);
	add_names(catalog, SP_BUNDLE, "bundle_metadata", "strpos(t.bundle_metadata::text, f.name) > 0",
	          &sql);
	ok = r.names && sp_db_copy_out_buf(db, &sql, take_name, &r, err) &&
	     sp_spool_rewind(r.names, err);
	if (!r.names)
		sp_buf_free(&sql);
	while (ok && get_text(r.names, &name, err))
		ok = sp_store_delete(store, sp_buf_text(&name), err);
	ok = ok && !sp_error_is_set(err);
	sp_buf_addf(&sql, "DELETE FROM spaceport.import_files WHERE import_operation_id = %" PRId64,
	            operation);
	if (ok)
		ok = sp_db_exec_buf(db, &sql, err);
	sp_buf_free(&sql);
	sp_buf_free(&name);
	sp_spool_free(r.names);
	return ok;
}

static sp_rows *find_left(sp_db *db, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "SELECT o.id FROM spaceport.import_operations o WHERE o.status <> 'done' AND"
	                  " EXISTS (SELECT FROM spaceport.import_files f WHERE f.import_operation_id ="
	                  " o.id) AND ");
	sp_staging_lost_sql("o.uuid", &sql);
	sp_buf_adds(&sql, " ORDER BY o.id");
	return sp_db_query_buf(db, &sql, 0, NULL, err);
}

bool sp_files_are_left(sp_db *db, bool *are_left, sp_error *err)
{
	sp_rows *rows = find_left(db, err);

	*are_left = rows && sp_rows_count(rows) > 0;
	sp_rows_free(rows);
	return rows != NULL;
}

bool sp_files_sweep(sp_db *db, const sp_catalog *catalog, sp_store *store, sp_error *err)
{
	sp_rows *rows = find_left(db, err);
	bool ok = rows != NULL;

	for (int i = 0; ok && i < sp_rows_count(rows); i++)
		ok = sp_files_remove(db, catalog, sp_rows_int(rows, i, 0), store, err);
	sp_rows_free(rows);
	return ok;
}
