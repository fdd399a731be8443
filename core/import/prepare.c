#include <config.h>

#include "core/import/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/plan/decided.h"
#include "core/plan/plan.h"
#include "core/plan/plan_file.h"
#include "core/plan/repeat.h"
#include "core/plan/summary.h"
#include "core/staging/shape.h"
#include "core/staging/sweep.h"
#include "core/staging/typed.h"
#include "core/staging/vectors.h"

/* Of rows that the database can't take, so many are told; all are counted. */
#define TOLD_BAD_ROWS 10000

/* --- staging ------------------------------------------------------------------------------- */

/* In the schema where this login may make tables there: others can see how far it is. */
static bool is_temporary(const sp_import *import, bool *temporary, sp_error *err)
{
	const sp_own_schema *own = &import->catalog->own;
	sp_rows *rows;

	*temporary = true;
	if (!own->there || !own->trusted || !own->readable)
		return true;
	rows =
		sp_db_query(import->db, "SELECT has_schema_privilege('spaceport', 'CREATE')", 0, NULL, err);
	*temporary = !rows || !sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return rows != NULL;
}

static bool check_meant(const sp_import *import, const char *meant, sp_error *err)
{
	const char *here = sp_identity_instance(import->here);

	if (!meant || import->settings.force || sp_identity_means(meant, here, err))
		return true;
	return !sp_error_is_set(err) &&
	       sp_fail(err, SP_INCOMPATIBLE, N_("Give --force to import it nevertheless."),
	               N_("the package is meant for the instance %s, and this is %s"), meant, here);
}

/* What the package says of itself, once it is read. */
static bool take_manifest(sp_import *import, sp_error *err)
{
	const sp_json *manifest = sp_walk_manifest(import->walk);
	const char *source = sp_json_text(sp_json_get(manifest, "source"), "instance");
	const char *meant = sp_json_text(sp_json_get(manifest, "options"), "target_instance_id");

	if (!sp_walk_check_known(import->walk, err))
		return false;
	if (!source)
		return sp_fail(err, SP_INCOMPATIBLE, N_("\"spaceport compat\" tells what is in it."),
		               N_("only packages that spaceport wrote can be imported"));
	if (!check_meant(import, meant, err))
		return false;
	import->source = strdup(source);
	return import->source || sp_fail_memory(err);
}

/* Columns that are NULL in all rows are known by the manifest alone. */
static bool know_columns(sp_import *import, sp_error *err)
{
	const sp_json *columns = sp_json_get(sp_walk_manifest(import->walk), "columns");
	sp_buf key = { 0 };
	bool ok = true;

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		int table = sp_kind_table(import->catalog, (sp_kind)kind);
		const sp_json *at = sp_json_first(sp_json_get(columns, sp_entities[kind].name));

		for (; ok && table >= 0 && at; at = sp_json_next(at)) {
			const char *name = sp_json_value_text(at);
			const sp_column *column =
				name ? sp_table_column(&import->catalog->tables[table], name) : NULL;

			sp_buf_reset(&key);
			if (column)
				sp_column_key(&key, column);
			ok = (!key.failed || sp_fail_memory(err)) &&
			     (!column ||
			      sp_staging_know(import->staging, (sp_kind)kind, sp_buf_text(&key), err));
		}
	}
	sp_buf_free(&key);
	return ok;
}

static bool stage(sp_import *import, sp_error *err)
{
	bool temporary;

	sp_checking_begin(&import->check);
	return is_temporary(import, &temporary, err) &&
	       (temporary || sp_staging_sweep(import->db, err)) &&
	       (import->walk = sp_walk_open(import->fd, &import->check, true, err)) &&
	       (import->staging =
	            sp_staging_create(import->db, sp_job_id(import->job), temporary, err)) &&
	       sp_staging_watch(import->staging, import->walk, err) &&
	       sp_walk_read(import->walk, err) && sp_walk_end(import->walk, err) &&
	       take_manifest(import, err) && sp_staging_end(import->staging, err) &&
	       know_columns(import, err) &&
	       sp_vectors_place(import->staging, import->catalog, err) &&
	       sp_shape_make(import->staging, import->catalog, err);
}

/* An sp_bad_row_fn. */
static bool take_bad_row(void *ctx, const sp_bad_row *bad, sp_error *err)
{
	sp_import *import = ctx;
	sp_buf path = { 0 };
	sp_json *row;
	bool ok;

	if (++import->bad_row_count > TOLD_BAD_ROWS)
		return true;
	ok =
		sp_walk_path(import->walk, bad->entry, &path, err) && (!path.failed || sp_fail_memory(err));
	row = ok ? sp_json_add_object(import->bad_rows, NULL) : NULL;
	sp_json_add_text(row, "entry", sp_buf_text(&path));
	sp_json_add_int(row, "line", bad->line);
	sp_json_add_text(row, "column", bad->column);
	sp_json_add_text(row, "why", bad->why);
	sp_buf_free(&path);
	return ok;
}

/* All rows that can't be taken are found, not only those of the first kind. */
static bool type_all(sp_import *import, sp_error *err)
{
	sp_error bad = SP_ERROR_INIT;

	import->bad_rows = sp_json_add_array(import->plan, "bad_rows");
	sp_job_phase(import->job, N_("taking rows apart"), 0);
	for (int kind = 0; kind < SP_ENTITY_COUNT && !sp_error_is_set(err); kind++) {
		sp_error failed = SP_ERROR_INIT;

		if (sp_typed_make(import->staging, import->catalog, (sp_kind)kind, take_bad_row, import,
		                  &failed))
			continue;
		sp_error_move(failed.code == SP_BAD_PACKAGE ? &bad : err, &failed);
	}
	sp_json_add_int(import->plan, "bad_row_count", import->bad_row_count);
	if (!sp_error_is_set(err) && sp_error_is_set(&bad))
		sp_error_move(err, &bad);
	sp_error_clear(&bad);
	return !sp_error_is_set(err);
}

/* --- planning ------------------------------------------------------------------------------ */

static const sp_actor *owner_of(const sp_import *import)
{
	return import->owner ? import->owner : import->actor;
}

static const char *zone_of(const char *zone)
{
	return zone && *zone && strcmp(zone, "unknown") != 0 ? zone : NULL;
}

static bool fill_about(sp_import *import, sp_error *err)
{
	const sp_json *source = sp_json_get(sp_walk_manifest(import->walk), "source");
	const sp_import_settings *settings = &import->settings;
	sp_plan_about *about = &import->about;

	about->source = import->source;
	about->here = sp_identity_instance(import->here);
	about->seed = settings->seed ? settings->seed : sp_job_id(import->job);
	about->infospace = import->space.id ? import->space.id : -1;
	about->owner = owner_of(import)->id;
	about->owner_only = settings->owner_only;
	about->uuids = settings->uuids;
	about->strategy = settings->strategy;
	about->grow_schemas = settings->grow_schemas;
	about->zone_there = zone_of(sp_json_text(source, "time_zone"));
	about->zone_here = zone_of(sp_db_time_zone(import->db));
	if (about->unasked[SP_EMBEDDING_MODEL])
		sp_vectors_leave(import->staging);
	return !settings->no_links ||
	       sp_plan_without_links(import->staging, import->catalog, about, err);
}

/* What a plan and its file both begin with. */
static void tell_head(const sp_import *import, sp_json *to)
{
	sp_json *json = sp_json_add_object(to, "target");
	char id[24];

	sp_json_add_text(json, "instance", sp_identity_instance(import->here));
	if (import->space.id) {
		sp_json_add_int(json, "infospace_id", import->space.id);
		sp_json_add_text(json, "uuid", import->space.uuid);
	}
	sp_json_add_text(json, "infospace", import->space.name);
	sp_json_add_bool(json, "is_new", !import->space.id);
	sp_json_add_bool(json, "has_store", import->settings.instance->store != NULL);
	json = sp_json_add_object(to, "owner");
	snprintf(id, sizeof id, "%" PRId64, owner_of(import)->id);
	sp_json_add_text(json, "id", id);
	sp_json_add_text(json, "name", owner_of(import)->name);
	sp_json_add_bool(json, "only", import->settings.owner_only);
	sp_json_add(to, "options", sp_import_options(import));
}

static bool tell_package(sp_import *import, sp_error *err)
{
	sp_json *json = sp_json_add_object(import->plan, "package");

	sp_json_add_text(json, "file", import->settings.path);
	sp_json_add_text(json, "profile", sp_checking_profile(&import->check));
	return sp_walk_result(import->walk, json) || sp_fail_memory(err);
}

/* The file, but for its end: it is there when the plan is. */
static bool write_plan(sp_import *import, bool decided, sp_error *err)
{
	sp_json *head = sp_json_object(), *package, *said = sp_json_object();
	char hex[SP_SHA256_HEX + 1] = "";
	sp_buf plain = { 0 }, line = { 0 };
	bool ok = sp_import_hash(import, hex, err) &&
	          sp_summary_make(import->staging, import->catalog, &import->about, said, err);

	sp_json_add_int(head, "spaceport_plan", SP_PLAN_VERSION);
	package = sp_json_add_object(head, "package");
	sp_json_add_text(package, "file", import->settings.path);
	sp_json_add_text(package, "sha256", hex);
	tell_head(import, head);
	sp_json_add_text(head, "seed", import->about.seed);
	sp_json_add(head, "totals", sp_json_copy(sp_json_get(said, "totals")));
	ok = ok && (sp_json_print(head, false, &plain) || sp_fail_memory(err));
	sp_safe_json(&line, sp_buf_text(&plain), plain.len);
	sp_buf_addc(&line, '\n');
	ok = ok && (!line.failed || sp_fail_memory(err)) &&
	     sp_out_write(import->out, line.data, line.len, err) &&
	     sp_plan_file_write(import->staging, import->catalog, &import->about, decided, import->out,
	                        err);
	sp_buf_free(&plain);
	sp_buf_free(&line);
	sp_json_free(head);
	sp_json_free(said);
	return ok;
}

/* As if nobody had decided anything: what a plan file is compared with, and made of. */
static bool plan_undecided(sp_import *import, sp_error *err)
{
	const char *file =
		import->settings.planned ? import->settings.planned : import->settings.decisions;
	sp_plan_about *about = &import->about;
	bool decided = false;

	about->decided = false;
	if (!sp_plan_make(import->staging, import->catalog, about, err) ||
	    (file && !sp_plan_file_stage(import->staging, file, err)))
		return false;
	if (import->settings.planned && (!sp_repeat_note_file(import->staging, import->catalog, err) ||
	                                 !sp_repeat_check(import->staging, import->catalog, err)))
		return false;
	if (file && !sp_decided_make(import->staging, import->catalog, about, &decided, err))
		return false;
	if (import->settings.output && !write_plan(import, decided, err))
		return false;
	about->decided = decided;
	return true;
}

static bool make_plan(sp_import *import, sp_error *err)
{
	bool ok = sp_db_exec(import->db, "BEGIN ISOLATION LEVEL REPEATABLE READ", err) &&
	          plan_undecided(import, err) &&
	          (!import->about.decided ||
	           sp_plan_make(import->staging, import->catalog, &import->about, err)) &&
	          sp_summary_make(import->staging, import->catalog, &import->about, import->plan,
	                          err) &&
	          sp_repeat_note(import->staging, import->catalog, err) &&
	          sp_db_commit(import->db, err);
	sp_out *out = import->out;

	if (!ok) {
		sp_import_roll_back(import);
		return false;
	}
	import->out = NULL;
	return !out || sp_out_commit(out, err);
}

bool sp_import_plan(sp_import *import, const sp_json **plan, sp_error *err)
{
	bool ok;

	*plan = import->plan = sp_json_object();
	tell_head(import, import->plan);
	sp_job_phase(import->job, N_("reading the package"), 0);
	ok = stage(import, err) && tell_package(import, err) && type_all(import, err) &&
	     fill_about(import, err);
	sp_job_phase(import->job, N_("comparing with the instance"), 0);
	return ok && make_plan(import, err);
}
