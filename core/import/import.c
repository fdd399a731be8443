#include <config.h>

#include "core/import/internal.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/staging/sweep.h"

void sp_import_connect_again(sp_import *import)
{
	sp_error ignored = SP_ERROR_INIT;

	sp_db_follow(import->db, NULL);
	if (!sp_db_exec(import->db, "SELECT 1", &ignored)) {
		sp_db_close(import->db);
		sp_error_clear(&ignored);
		import->db = sp_instance_db(import->settings.instance, NULL, &ignored);
	}
	sp_error_clear(&ignored);
}

void sp_import_roll_back(sp_import *import)
{
	sp_error ignored = SP_ERROR_INIT;

	/* a connection that is gone rolls back by itself */
	sp_db_exec(import->db, "ROLLBACK", &ignored);
	sp_error_clear(&ignored);
}

sp_import *sp_import_open(const sp_import_settings *settings, sp_job *job, sp_error *err)
{
	sp_import *import = calloc(1, sizeof *import);

	if (!import) {
		sp_fail_memory(err);
		return NULL;
	}
	import->settings = *settings;
	import->job = job;
	import->fd = -1;
	if (sp_import_begin(import, err))
		return import;
	sp_import_close(import, err);
	return NULL;
}

const char *sp_import_operation(const sp_import *import)
{
	return sp_job_id(import->job);
}

/* --- closing ------------------------------------------------------------------------------- */

/* What stays is the next import's to take away. */
static void drop_staging(sp_import *import)
{
	sp_error ignored = SP_ERROR_INIT;

	if (!import->staging)
		return;
	sp_import_connect_again(import);
	if (import->db)
		sp_staging_drop(import->db, sp_job_id(import->job), &ignored);
	sp_error_clear(&ignored);
}

void sp_import_end_unwritten(sp_import *import, const sp_error *failure, const char *meant)
{
	sp_error unwanted = SP_ERROR_INIT, note = SP_ERROR_INIT;

	if (!sp_error_is_set(failure)) {
		sp_fail(&unwanted, SP_INTERRUPTED, NULL, "%s", _(meant));
		failure = &unwanted;
	}
	sp_db_ask_when_silent(import->db, NULL, NULL);
	sp_operation_end(import->operation, failure, 0, &note);
	import->operation = NULL;
	sp_error_clear(&unwanted);
	sp_error_clear(&note);
}

void sp_import_close(sp_import *import, const sp_error *failure)
{
	if (!import)
		return;
	if (import->operation)
		sp_import_end_unwritten(import, failure, N_("the import was planned, and not wanted"));
	if (import->db)
		drop_staging(import);
	sp_out_discard(import->out);
	sp_store_close(import->store);
	sp_staging_free(import->staging);
	sp_walk_free(import->walk);
	sp_json_free(import->plan);
	sp_json_free(import->result);
	sp_json_free(import->head);
	sp_identity_free(import->here);
	sp_actor_free(import->actor);
	sp_actor_free(import->owner);
	sp_space_clear(&import->space);
	sp_catalog_free(import->catalog);
	sp_db_close(import->db);
	free(import->source);
	if (import->fd >= 0)
		close(import->fd);
	free(import);
}
