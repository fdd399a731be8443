#include <config.h>

#include "core/import/internal.h"

#include <string.h>
#include <time.h>

#include "core/import/files.h"
#include "core/import/into.h"
#include "core/import/merge.h"
#include "core/import/record.h"
#include "core/plan/plan.h"
#include "core/plan/repeat.h"

/* How often a merge that others crossed is tried, and how long it waits at first: 0.1 s. */
#define TRIES 5
#define WAIT_FOR 100000000L

static int64_t total(const sp_import *import, const char *key)
{
	return sp_json_int(sp_json_get(import->plan, "totals"), key, 0);
}

static bool check_open(const sp_import *import, sp_error *err)
{
	int64_t count = total(import, "conflict");

	return !count || sp_fail(err, SP_CONFLICTS,
	                         import->settings.planned
	                             ? N_("Decide them with \"spaceport decide\".")
	                             : N_("Give --conflict-strategy to decide all of them, or make a "
	                                  "plan, and decide each with \"spaceport decide\"."),
	                         N_("conflicts that await a decision: %lld"), (long long)count);
}

static bool open_store(sp_import *import, sp_error *err)
{
	int64_t count = sp_json_int(sp_json_get(import->plan, "files"), "count", 0);
	bool is_named = import->settings.instance->store != NULL, are_left;

	if (!sp_files_are_left(import->db, &are_left, err))
		return false;
	if (!count && !(are_left && is_named))
		return true;
	if (!is_named)
		return sp_fail(err, SP_USAGE, N_("Say with --store where the instance keeps its files."),
		               N_("the package has %lld files for the instance's store"), (long long)count);
	import->store = sp_instance_store(import->settings.instance, import->job, err);
	return import->store != NULL;
}

/* Before the merge, which names them; their names are on record first. */
static bool put_files(sp_import *import, sp_error *err)
{
	const sp_files_source source = { import->fd, import->walk, &import->check };
	const sp_json *files = sp_json_get(import->plan, "files");

	if (!import->store)
		return true;
	sp_job_phase(import->job, N_("putting files into the store"),
	             (uint64_t)sp_json_int(files, "count", 0));
	return sp_files_sweep(import->db, import->catalog, import->store, err) &&
	       sp_files_note(import->staging, import->catalog, import->number, err) &&
	       sp_files_put(import->staging, import->catalog, &source, import->store, import->job, err);
}

/* What stays is on record, and the next import's to remove. */
static void remove_files(sp_import *import)
{
	sp_error ignored = SP_ERROR_INIT;

	if (import->store)
		sp_import_connect_again(import);
	if (import->store && import->db)
		sp_files_remove(import->db, import->catalog, import->number, import->store, &ignored);
	sp_error_clear(&ignored);
}

static int64_t rows_of(const sp_import *import, const char *kind, const char *class)
{
	const sp_json *at = sp_json_first(sp_json_get(import->plan, "kinds"));

	for (; at; at = sp_json_next(at))
		if (!strcmp(sp_json_text(at, "kind"), kind))
			return sp_json_int(at, class, 0);
	return 0;
}

/* The documents' fields. */
static sp_json *make_result(const sp_import *import, int64_t space)
{
	static const struct {
		const char *key;
		sp_kind kind;
	} imported[] = { { "imported_runs", SP_RUN },
		             { "imported_assets", SP_ASSET },
		             { "imported_schemas", SP_SCHEMA },
		             { "imported_annotations", SP_ANNOTATION } };
	sp_json *result = sp_json_object();

	sp_json_add_bool(result, "success", true);
	if (!import->space.id)
		sp_json_add_int(result, "created_infospace_id", space);
	for (size_t i = 0; i < sizeof imported / sizeof *imported; i++) {
		const char *kind = sp_entities[imported[i].kind].name;

		sp_json_add_int(result, imported[i].key,
		                rows_of(import, kind, "new") + rows_of(import, kind, "update"));
	}
	sp_json_add_int(result, "created_rows", total(import, "new"));
	sp_json_add_int(result, "updated_rows", total(import, "update"));
	sp_json_add_int(result, "unchanged_rows", total(import, "same"));
	sp_json_add_int(result, "skipped_items", total(import, "keep") + total(import, "out"));
	sp_json_add(result, "warnings", sp_json_copy(sp_json_get(import->plan, "lost")));
	sp_json_add_array(result, "errors");
	return result;
}

static bool finish(sp_import *import, int64_t space, sp_error *err)
{
	sp_json *rollback = sp_json_object();
	bool ok;

	sp_json_free(import->result);
	import->result = make_result(import, space);
	sp_json_add_int(rollback, "import_operation_id", import->number);
	sp_json_add_int(rollback, "created", total(import, "new"));
	sp_json_add_int(rollback, "changed", total(import, "update"));
	ok = sp_record_runs(import->staging, import->catalog, import->result, err) &&
	     sp_operation_done(import->operation, import->db, space, import->result, rollback, err);
	sp_json_free(rollback);
	return ok;
}

/* One transaction: it sees one state of the instance, and what others write to the same rows
 * meanwhile stops it. */
static bool merge(sp_import *import, sp_plan_about *about, sp_error *err)
{
	const sp_merge_about merge = { .operation = import->number, .job = import->job };
	bool is_new = !import->space.id;

	*about = import->about;
	if (!sp_db_exec(import->db, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ WRITE", err) ||
	    !sp_into_check(import->db, import->catalog, import->actor, &import->space, err))
		return false;
	if (is_new && !(about->infospace = sp_into_make(import->staging, import->catalog,
	                                                import->space.name, about, err)))
		return false;
	return sp_plan_make(import->staging, import->catalog, about, err) &&
	       sp_repeat_check(import->staging, import->catalog, err) &&
	       sp_merge(import->staging, import->catalog, about, &merge, err) &&
	       (!is_new || sp_into_finish(import->db, import->catalog, about->infospace, err)) &&
	       finish(import, about->infospace, err) && sp_job_go_on(import->job, err);
}

/* As the package would be imported once more into what it was imported into. */
static bool look_again(sp_import *import, sp_plan_about *about, sp_error *err)
{
	sp_job_phase(import->job, N_("comparing with the instance"), 0);
	about->decided = false;
	return sp_plan_make(import->staging, import->catalog, about, err) &&
	       sp_import_compare(import, about, err);
}

static void wait_a_while(int tried)
{
	const struct timespec pause = { 0, WAIT_FOR << tried };

	/* a signal ends it early, which is as good */
	(void)nanosleep(&pause, NULL);
}

/* Until it is kept, or, for trial, compared and still to be taken back. */
static bool merge_with_patience(sp_import *import, bool trial, sp_error *err)
{
	sp_plan_about about;
	bool crossed;

	for (int tried = 0; tried < TRIES; tried++) {
		sp_error_clear(err);
		sp_job_phase(import->job, N_("writing into the instance"), (uint64_t)total(import, "rows"));
		if (merge(import, &about, err) &&
		    (trial ? look_again(import, &about, err) : sp_db_commit(import->db, err)))
			return true;
		crossed = sp_db_was_crossed(import->db);
		sp_import_roll_back(import);
		if (!crossed || sp_job_cancelled(import->job))
			return false;
		wait_a_while(tried < 3 ? tried : 3);
	}
	return false;
}

/* True where it is done, whatever *err says: it is what its record says. */
static bool end_record(sp_import *import, sp_error *err)
{
	sp_error note = SP_ERROR_INIT;
	bool done;

	sp_db_ask_when_silent(import->db, NULL, NULL);
	done = sp_operation_end(import->operation, err, 0, &note);
	import->operation = NULL;
	if (!done && note.text)
		sp_error_advise(err, N_("Look with \"spaceport show\" what became of it, before you try "
		                        "again."));
	else if (!done)
		remove_files(import);
	sp_error_clear(&note);
	return done;
}

bool sp_import_write(sp_import *import, const sp_json **result, sp_error *err)
{
	bool ok = check_open(import, err) && open_store(import, err) && put_files(import, err) &&
	          merge_with_patience(import, false, err);

	if (end_record(import, err)) {
		sp_error_clear(err);
		ok = true;
	}
	*result = ok ? import->result : NULL;
	return ok;
}

/* --- for trial ----------------------------------------------------------------------------- */

bool sp_import_rehearse(sp_import *import, const sp_json **report, sp_error *err)
{
	bool ok = open_store(import, err) && put_files(import, err) &&
	          merge_with_patience(import, true, err);

	sp_import_roll_back(import);
	sp_import_end_unwritten(import, err, N_("it was for trial, and nothing of it stays"));
	remove_files(import);
	*report = ok ? import->result : NULL;
	return ok;
}
