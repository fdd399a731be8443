#include <config.h>

#include "core/testrun/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How often the outcome of a commit is asked for, ten times a second. */
#define OUTCOME_TRIES 100
/* The first half of an advisory lock's key; the second is the seed. */
#define LOCK_CLASS 1936744045

bool sp_testrun_uuid(sp_testrun *run, const char *kind, int64_t n, char uuid[SP_UUID_LEN + 1],
                     sp_error *err)
{
	sp_buf text = { 0 };
	bool ok;

	sp_buf_addf(&text, "make-run/%" PRId64 "/%s/%" PRId64, run->settings->seed, kind, n);
	if (text.failed)
		return sp_fail_memory(err);
	sp_sha256_update(run->sha, text.data, text.len);
	ok = sp_sha256_uuid(run->sha, uuid);
	sp_buf_free(&text);
	return ok || sp_fail(err, SP_FAILED, NULL, N_("OpenSSL can't compute a SHA-256"));
}

/* --- where ------------------------------------------------------------------------- */

enum { F_ID, F_UUID, F_NAME, F_MAY };

static void add_condition(sp_buf *sql, const char *name)
{
	if (!name)
		sp_buf_adds(sql, "w.may_import AND $1::text IS NULL");
	else if (sp_is_uuid(name))
		sp_buf_adds(sql, "lower(i.uuid) = lower($1)");
	else if (*name && strspn(name, "0123456789") == strlen(name))
		sp_buf_adds(sql, "i.id::text = $1");
	else
		sp_buf_adds(sql, "i.name = $1");
}

static bool fail_several(const sp_rows *rows, const char *name, sp_error *err)
{
	sp_buf list = { 0 };
	int i;

	for (i = 0; i < sp_rows_count(rows) && i < 10; i++)
		sp_buf_addf(&list, "%s%s \"%s\"", i ? ", " : "", sp_rows_get(rows, i, F_ID),
		            sp_rows_get(rows, i, F_NAME));
	if (i < sp_rows_count(rows))
		sp_buf_adds(&list, " …");
	if (name)
		sp_fail(err, SP_USAGE, N_("Name it by id or UUID."),
		        N_("several infospaces are called \"%s\": %s"), name, sp_buf_text(&list));
	else
		sp_fail(err, SP_USAGE, N_("Say which with --infospace."),
		        N_("the acting user may write into several infospaces: %s"), sp_buf_text(&list));
	sp_buf_free(&list);
	return false;
}

static bool judge(const sp_rows *rows, const char *name, sp_error *err)
{
	const char *hint = N_("Writing a run takes the infospace's owner or the role of an analyst.");

	if (!sp_rows_count(rows) && !name)
		return sp_fail(err, SP_NOT_ALLOWED, hint,
		               N_("there is no infospace that the acting user may write into"));
	if (!sp_rows_count(rows))
		return sp_fail(err, SP_FAILED,
		               N_("\"spaceport list infospaces\" shows the infospaces that you may read."),
		               N_("there is no infospace \"%s\" that the acting user may read"), name);
	if (sp_rows_count(rows) > 1)
		return fail_several(rows, name, err);
	if (!sp_rows_bool(rows, 0, F_MAY))
		return sp_fail(err, SP_NOT_ALLOWED, hint,
		               N_("the acting user may read the infospace \"%s\" but not write into it"),
		               sp_rows_get(rows, 0, F_NAME));
	return true;
}

static sp_rows *query_infospaces(sp_testrun *run, const char *name, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_addf(&sql, "SELECT i.id, i.uuid, i.name, w.may_import FROM %s i JOIN (",
	            sp_catalog_table(run->catalog, "infospace")->quoted);
	sp_access_query(&sql, run->catalog, run->actor);
	sp_buf_adds(&sql, ") w ON w.id = i.id WHERE ");
	add_condition(&sql, name);
	sp_buf_adds(&sql, " ORDER BY i.id LIMIT 11");
	rows = sp_db_query_buf(run->db, &sql, 1, &name, err);
	return rows;
}

static bool find_infospace(sp_testrun *run, sp_error *err)
{
	sp_rows *rows = query_infospaces(run, run->settings->infospace, err);
	bool ok = rows && judge(rows, run->settings->infospace, err);

	if (ok) {
		run->infospace = sp_rows_int(rows, 0, F_ID);
		run->infospace_uuid = strdup(sp_rows_get(rows, 0, F_UUID));
		run->infospace_name = strdup(sp_rows_get(rows, 0, F_NAME));
		ok = (run->infospace_uuid && run->infospace_name) || sp_fail_memory(err);
	}
	sp_rows_free(rows);
	return ok;
}

/* The rights may have changed while a person thought. */
static bool may_still_write(sp_testrun *run, sp_error *err)
{
	sp_rows *rows = query_infospaces(run, run->infospace_uuid, err);
	bool ok = rows && judge(rows, run->infospace_uuid, err);

	sp_rows_free(rows);
	return ok;
}

static bool check_new(sp_testrun *run, sp_error *err)
{
	const char *params[] = { run->uuid };
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool there;

	sp_buf_addf(&sql, "SELECT EXISTS (SELECT FROM %s WHERE uuid = $1)",
	            sp_catalog_table(run->catalog, "annotationrun")->quoted);
	rows = sp_db_query_buf(run->db, &sql, 1, params, err);
	if (!rows)
		return false;
	there = sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return !there ||
	       sp_fail(err, SP_FAILED,
	               N_("The same seed makes the same run: choose another number with --seed."),
	               N_("the run of seed %" PRId64 " (%s) is in this instance already"),
	               run->settings->seed, run->uuid);
}

/* --- opening --------------------------------------------------------------------------- */

static bool check_settings(const sp_testrun_settings *s, sp_error *err)
{
	if (s->annotations && !s->assets)
		return sp_fail(err, SP_USAGE, N_("Give --assets a number above 0."),
		               N_("annotations need assets that they are of"));
	if (s->assets && !s->instance->store)
		return sp_fail(err, SP_USAGE,
		               N_("Say with --store where HQ keeps its files, or give --assets 0 "
		                  "--annotations 0."),
		               N_("assets have files, and there is no store to put them in"));
	return true;
}

sp_testrun *sp_testrun_open(const sp_testrun_settings *settings, sp_job *job, sp_error *err)
{
	sp_testrun *run;

	if (!check_settings(settings, err))
		return NULL;
	run = calloc(1, sizeof(*run));
	if (!run) {
		sp_fail_memory(err);
		return NULL;
	}
	run->settings = settings;
	run->job = job;
	sp_job_phase(job, N_("connecting"), 0);
	run->sha = sp_sha256_create(err);
	if (settings->instance->store)
		run->store = sp_instance_store(settings->instance, job, err);
	if (!sp_error_is_set(err))
		run->db = sp_instance_db(settings->instance, job, err);
	if (run->db)
		run->catalog = sp_catalog_read(run->db, err);
	if (run->catalog)
		run->actor = sp_actor_find(run->db, run->catalog, settings->instance->as, err);
	if (run->actor && find_infospace(run, err) && sp_testrun_uuid(run, "run", 1, run->uuid, err) &&
	    check_new(run, err))
		return run;
	sp_testrun_close(run);
	return NULL;
}

void sp_testrun_close(sp_testrun *run)
{
	if (!run)
		return;
	sp_json_free(run->plan);
	sp_json_free(run->result);
	free(run->infospace_name);
	free(run->infospace_uuid);
	sp_sha256_free(run->sha);
	sp_actor_free(run->actor);
	sp_catalog_free(run->catalog);
	sp_store_close(run->store);
	sp_db_close(run->db);
	free(run);
}

static int64_t bytes_of_files(sp_testrun *run, sp_error *err)
{
	sp_testrun_file file;
	int64_t i, bytes = 0;

	for (i = 0; sp_testrun_file_at(run, i, &file, err); i++) {
		bytes += (int64_t)file.bytes.len;
		sp_testrun_file_free(&file);
	}
	sp_testrun_file_free(&file);
	return bytes;
}

const sp_json *sp_testrun_plan(sp_testrun *run, sp_error *err)
{
	const sp_testrun_settings *s = run->settings;
	int64_t bytes = bytes_of_files(run, err);
	sp_json *plan = sp_json_object(), *counts;

	sp_json_add_text(plan, "run_uuid", run->uuid);
	sp_json_add_int(plan, "seed", s->seed);
	sp_json_add_int(plan, "infospace_id", run->infospace);
	sp_json_add_text(plan, "infospace", run->infospace_name);
	sp_json_add_text(plan, "user", run->actor->name);
	sp_json_add_int(plan, "file_bytes", bytes);
	counts = sp_json_add_object(plan, "counts");
	sp_json_add_int(counts, "schema", s->schemas);
	sp_json_add_int(counts, "asset", s->assets);
	sp_json_add_int(counts, "file", sp_testrun_file_count(run));
	sp_json_free(run->plan);
	run->plan = plan;
	sp_json_add_int(counts, "annotation", s->annotations);
	if (!sp_json_is_whole(plan))
		sp_fail_memory(err);
	return sp_error_is_set(err) ? NULL : plan;
}

/* --- files ----------------------------------------------------------------------------------- */

/* One that lies there already is what a killed program left: its name comes
 * from this seed, and no asset has it. */
static bool put_file(sp_testrun *run, const sp_testrun_file *file, sp_error *err)
{
	int64_t size;

	if (!sp_store_stat(run->store, file->path, &size, err))
		return false;
	if (size >= 0 && !sp_store_delete(run->store, file->path, err))
		return false;
	return sp_store_put(run->store, file->path, file->bytes.data, file->bytes.len, err);
}

static bool put_files(sp_testrun *run, sp_error *err)
{
	sp_testrun_file file;
	bool ok = true;

	sp_job_phase(run->job, N_("writing files"), (uint64_t)sp_testrun_file_count(run));
	while (ok && sp_testrun_file_at(run, run->files_put, &file, err)) {
		ok = sp_job_go_on(run->job, err) && put_file(run, &file, err);
		/* a put that failed at its very end may have left it there */
		run->files_put++;
		sp_job_add(run->job, 1, file.bytes.len);
		sp_testrun_file_free(&file);
	}
	sp_testrun_file_free(&file);
	return ok && !sp_error_is_set(err);
}

/* Takes out again what was put. *err has what happened before. */
static void remove_files(sp_testrun *run, sp_error *err)
{
	sp_error second = SP_ERROR_INIT, both = SP_ERROR_INIT;
	sp_testrun_file file;
	int64_t i;

	for (i = 0; i < run->files_put; i++) {
		if (sp_testrun_file_at(run, i, &file, &second))
			sp_store_delete(run->store, file.path, &second);
		sp_testrun_file_free(&file);
	}
	run->files_put = 0;
	if (!sp_error_is_set(&second))
		return;
	sp_fail(&both, err->code, N_("They harm nobody; the next make-run of this seed replaces them."),
	        N_("%s; and some files stay in the store: %s"), sp_error_text(err),
	        sp_error_text(&second));
	sp_error_move(err, &both);
	sp_error_clear(&second);
}

/* --- the transaction ------------------------------------------------------------------- */

static bool take_lock(sp_testrun *run, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool got;

	sp_buf_addf(&sql, "SELECT pg_try_advisory_xact_lock(%d, (%" PRId64 " %% 2147483647)::int)",
	            LOCK_CLASS, run->settings->seed);
	rows = sp_db_query_buf(run->db, &sql, 0, NULL, err);
	if (!rows)
		return false;
	got = sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return got ||
	       sp_fail(err, SP_TARGET_CHANGED, N_("Wait for it, or choose another number with --seed."),
	               N_("another make-run with seed %" PRId64 " is at work in this database"),
	               run->settings->seed);
}

static bool begin(sp_testrun *run, sp_error *err)
{
	sp_catalog *catalog;

	sp_job_phase(run->job, N_("preparing"), 0);
	if (!sp_db_exec(run->db, "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '2s'",
	                err) ||
	    !take_lock(run, err))
		return false;
	/* anew: what is written has to fit the tables as they are now */
	catalog = sp_catalog_read(run->db, err);
	if (!catalog)
		return false;
	sp_catalog_free(run->catalog);
	run->catalog = catalog;
	return may_still_write(run, err) && check_new(run, err);
}

static bool fill_result(sp_testrun *run, sp_json *counts, int64_t id, sp_error *err)
{
	sp_json *result = sp_json_object();

	sp_json_free(run->result);
	run->result = result;
	sp_json_add_int(counts, "file", run->files_put);
	sp_json_add_int(result, "run_id", id);
	sp_json_add_text(result, "run_uuid", run->uuid);
	sp_json_add_int(result, "infospace_id", run->infospace);
	sp_json_add_text(result, "infospace_uuid", run->infospace_uuid);
	sp_json_add_int(result, "seed", run->settings->seed);
	sp_json_add(result, "counts", counts);
	return sp_json_is_whole(result) || sp_fail_memory(err);
}

static bool write_all(sp_testrun *run, char **xid, sp_error *err)
{
	sp_json *counts = sp_json_object();
	sp_rows *rows;
	int64_t id;

	if (!begin(run, err) || !sp_testrun_prepare(run, err) || !put_files(run, err))
		goto fail;
	sp_job_phase(run->job, N_("writing rows"),
	             (uint64_t)(run->settings->assets + run->settings->annotations));
	if (!sp_testrun_rows(run, counts, &id, err))
		goto fail;
	rows = sp_db_query(run->db, "SELECT pg_current_xact_id()::text", 0, NULL, err);
	if (!rows)
		goto fail;
	*xid = strdup(sp_rows_get(rows, 0, 0));
	sp_rows_free(rows);
	if (!*xid) {
		sp_fail_memory(err);
		goto fail;
	}
	return fill_result(run, counts, id, err);
fail:
	sp_json_free(counts);
	return false;
}

typedef enum { COMMITTED, ABORTED, UNKNOWN } outcome;

/* Whether a transaction came through whose COMMIT got no answer: asked in a
 * new session, until the old one's server process is done with it. */
static outcome outcome_of(const sp_testrun *run, const char *xid)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = sp_instance_db(run->settings->instance, NULL, &err);
	outcome found = UNKNOWN;
	int i;

	for (i = 0; db && found == UNKNOWN && i < OUTCOME_TRIES; i++) {
		sp_rows *rows =
			sp_db_query(db, "SELECT pg_xact_status($1::text::xid8), pg_sleep(0.1)", 1, &xid, &err);
		const char *status = rows ? sp_rows_get(rows, 0, 0) : NULL;

		if (status && !strcmp(status, "committed"))
			found = COMMITTED;
		else if (status && !strcmp(status, "aborted"))
			found = ABORTED;
		sp_rows_free(rows);
		if (!rows)
			break;
	}
	sp_db_close(db);
	sp_error_clear(&err);
	return found;
}

/* Commits. *keep: the files must stay, though it failed. */
static bool commit(sp_testrun *run, const char *xid, bool *keep, sp_error *err)
{
	sp_error unknown = SP_ERROR_INIT;
	outcome found;

	sp_job_phase(run->job, N_("committing"), 0);
	if (sp_db_commit(run->db, err))
		return true;
	if (err->code != SP_NO_CONNECTION && err->code != SP_INTERRUPTED)
		return false;
	found = outcome_of(run, xid);
	if (found == COMMITTED)
		sp_error_clear(err);
	if (found != UNKNOWN)
		return found == COMMITTED;
	*keep = true;
	sp_fail(&unknown, SP_NO_CONNECTION,
	        N_("Look with \"spaceport list runs\"; where it isn't there, run the command again."),
	        N_("the connection broke during the commit, and it isn't known whether the run %s was "
	           "written: %s"),
	        run->uuid, sp_error_text(err));
	sp_error_move(err, &unknown);
	return false;
}

bool sp_testrun_write(sp_testrun *run, const sp_json **result, sp_error *err)
{
	sp_error ignored = SP_ERROR_INIT;
	bool keep = false, ok;
	char *xid = NULL;

	ok = write_all(run, &xid, err) && commit(run, xid, &keep, err);
	free(xid);
	if (ok) {
		*result = run->result;
		return true;
	}
	/* before the lock goes with the transaction: the next one of this seed
	 * writes the same names */
	if (!keep)
		remove_files(run, err);
	/* where the connection is gone, the server rolls back by itself */
	sp_db_exec(run->db, "ROLLBACK", &ignored);
	sp_error_clear(&ignored);
	return false;
}
