#include <config.h>

#include "core/import/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/db/sql.h"
#include "core/import/into.h"
#include "core/ledger/ledger.h"
#include "core/plan/plan_file.h"
#include "core/staging/sweep.h"

/* What a plan was asked for is what is done; only the rights are another's. */
static bool take_planned(sp_import *import, sp_error *err)
{
	sp_import_settings *to = &import->settings;
	const sp_json *target, *owner, *options;
	int strategy, uuids;

	if (!to->planned)
		return true;
	if (!(import->head = sp_plan_file_head(to->planned, err)))
		return false;
	target = sp_json_get(import->head, "target");
	owner = sp_json_get(import->head, "owner");
	options = sp_json_get(import->head, "options");
	if (!to->path)
		to->path = sp_json_text(sp_json_get(import->head, "package"), "file");
	to->into = sp_json_bool(target, "is_new", false) ? NULL : sp_json_text(target, "uuid");
	to->new_name = to->into ? NULL : sp_json_text(target, "infospace");
	to->owner = sp_json_text(owner, "id");
	to->owner_only = sp_json_bool(owner, "only", false);
	to->seed = sp_json_text(import->head, "seed");
	to->force = true;
	strategy =
		sp_word_of(sp_strategies, SP_STRATEGIES, sp_json_text(options, "conflict_strategy"));
	uuids =
		sp_word_of(sp_uuid_strategies, SP_UUIDS, sp_json_text(options, "uuid_mapping_strategy"));
	to->strategy = (sp_strategy)strategy;
	to->uuids = (sp_uuid_strategy)uuids;
	to->only = sp_json_text(options, "only");
	to->no_links = !sp_json_bool(options, "preserve_relationships", true);
	to->grow_schemas = sp_json_bool(options, "update_existing_schemas", false);
	return (strategy >= 0 && uuids >= 0 && to->path && (to->into || to->new_name) && to->owner &&
	        to->seed && sp_is_uuid(to->seed)) ||
	       sp_fail(err, SP_USAGE, N_("\"spaceport plan\" makes such files."),
	               N_("\"%s\" is no plan"), to->planned);
}

bool sp_import_hash(sp_import *import, char hex[SP_SHA256_HEX + 1], sp_error *err)
{
	sp_sha256 *sha = sp_sha256_create(err);
	char data[65536];
	uint64_t offset = 0;
	size_t got = 1;
	bool ok = sha != NULL;

	while (ok && got) {
		ok = sp_job_go_on(import->job, err) &&
		     sp_read_at(import->fd, import->settings.path, data, sizeof data, offset, &got, err);
		if (ok)
			sp_sha256_update(sha, data, got);
		offset += got;
	}
	ok = ok && (sp_sha256_hex(sha, hex) || sp_fail_memory(err));
	sp_sha256_free(sha);
	return ok;
}

/* Two that write the same plan would put the same files, and each take the other's out again. */
static bool hold_plan(sp_import *import, sp_error *err)
{
	char what[sizeof "plan " + SP_UUID_LEN];
	const char *const params[] = { what };
	sp_rows *rows;
	bool ok;

	snprintf(what, sizeof what, "plan %s", import->settings.seed);
	rows = sp_db_query(import->db, sp_sql_import_lease, 1, params, err);
	ok = rows && (sp_rows_bool(rows, 0, 0) ||
	              sp_fail(err, SP_TARGET_CHANGED,
	                      N_("Wait until it ends: \"spaceport show\" tells."),
	                      N_("the plan \"%s\" is being applied"), import->settings.planned));
	sp_rows_free(rows);
	return ok;
}

/* New rows would have the UUIDs of those that are there. */
static bool check_first(sp_import *import, sp_error *err)
{
	const char *const params[] = { import->settings.seed };
	sp_rows *rows = NULL;
	bool ok = import->settings.dry_run || hold_plan(import, err);

	if (ok)
		rows = sp_db_query(import->db, sp_sql_import_of_plan, 1, params, err);
	ok = rows && (!sp_rows_count(rows) ||
	              sp_fail(err, SP_TARGET_CHANGED, N_("Make another plan to do it again."),
	                      N_("the plan was applied already: %s"), sp_rows_get(rows, 0, 0)));
	sp_rows_free(rows);
	return ok;
}

/* The plan is for these bytes and this instance, and no other. */
static bool check_planned(sp_import *import, sp_error *err)
{
	const char *planned = sp_json_text(sp_json_get(import->head, "package"), "sha256");
	const char *instance = sp_json_text(sp_json_get(import->head, "target"), "instance");
	char hex[SP_SHA256_HEX + 1];

	if (!import->head)
		return true;
	if (!instance || strcmp(instance, sp_identity_instance(import->here)) != 0)
		return sp_fail(err, SP_TARGET_CHANGED, N_("Make a plan for this one."),
		               N_("the plan is for the instance %s, and this is %s"),
		               instance ? instance : "?", sp_identity_instance(import->here));
	if (!check_first(import, err) || !sp_import_hash(import, hex, err))
		return false;
	return (planned && !strcmp(planned, hex)) ||
	       sp_fail(err, SP_TARGET_CHANGED,
	               N_("Name the package that was planned, or make a plan for this one."),
	               N_("\"%s\" isn't the package that the plan is for"), import->settings.path);
}

static bool open_package(sp_import *import, sp_error *err)
{
	const sp_import_settings *settings = &import->settings;

	import->check = (sp_checking){ .name = settings->path,
		                           .limits = settings->limits,
		                           .trust = settings->trust,
		                           .job = import->job };
	import->fd = open(settings->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (import->fd < 0)
		return sp_fail_errno(err, errno, N_("can't open \"%s\""), settings->path);
	/* what is there already is told before the work */
	return !settings->output ||
	       (import->out = sp_out_open(settings->output, settings->replace, err)) != NULL;
}

static bool read_catalog(sp_import *import, sp_error *err)
{
	sp_catalog_free(import->catalog);
	import->catalog = NULL;
	return sp_db_exec(import->db, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", err) &&
	       (import->catalog = sp_catalog_read(import->db, err)) && sp_db_commit(import->db, err);
}

/* An import makes the schema that it needs; a dry run leaves nothing behind. */
static bool make_schema(sp_import *import, sp_error *err)
{
	const sp_own_schema *own = &import->catalog->own;
	const sp_ledger_settings settings = { .instance_id = import->settings.instance->id };
	sp_ledger_done done;

	if (import->settings.dry_run || (own->there && own->version == SP_OWN_SCHEMA_VERSION))
		return true;
	return sp_ledger_setup(import->db, &settings, &done, err) && read_catalog(import, err);
}

static bool find_people(sp_import *import, sp_error *err)
{
	const sp_import_settings *settings = &import->settings;

	import->actor = sp_actor_find(import->db, import->catalog, settings->instance->as, err);
	if (import->actor && settings->owner)
		import->owner = sp_actor_find(import->db, import->catalog, settings->owner, err);
	return import->actor && (!settings->owner || import->owner);
}

static bool find_space(sp_import *import, sp_error *err)
{
	if (import->settings.into)
		return sp_space_find(import->db, import->catalog, import->actor, import->settings.into,
		                     &import->space, err);
	import->space.name = strdup(import->settings.new_name);
	return import->space.name || sp_fail_memory(err);
}

sp_json *sp_import_options(const sp_import *import)
{
	const sp_import_settings *settings = &import->settings;
	sp_json *options = sp_json_object();

	sp_json_add_text(options, "conflict_strategy", sp_strategies[settings->strategy]);
	sp_json_add_text(options, "uuid_mapping_strategy", sp_uuid_strategies[settings->uuids]);
	if (settings->only)
		sp_json_add_text(options, "only", settings->only);
	sp_json_add_bool(options, "preserve_relationships", !settings->no_links);
	sp_json_add_bool(options, "update_existing_schemas", settings->grow_schemas);
	sp_json_add_bool(options, "create_new_infospace", settings->into == NULL);
	if (settings->new_name)
		sp_json_add_text(options, "target_infospace_name", settings->new_name);
	if (settings->owner)
		sp_json_add_text(options, "owner_id", settings->owner);
	if (settings->decisions)
		sp_json_add_text(options, "decisions", settings->decisions);
	if (settings->planned) {
		sp_json_add_text(options, "plan", settings->planned);
		sp_json_add_text(options, "seed", settings->seed);
	}
	sp_json_add_bool(options, "dry_run", settings->dry_run);
	return options;
}

static sp_operation *begin_operation(const sp_import *import)
{
	const sp_operation_place place = { import->settings.instance, import->db,
		                               &import->catalog->own };
	sp_json *options = sp_import_options(import);
	const sp_operation_about about = {
		.kind = SP_OPERATION_IMPORT,
		.infospace_id = import->space.id,
		.infospace = import->space.name,
		.package_path = import->settings.path,
		.options = options,
		.actor = import->actor,
		.instance = sp_identity_instance(import->here),
	};
	sp_operation *operation = sp_operation_begin(&place, &about, import->job);

	sp_json_free(options);
	return operation;
}

static bool begin_record(sp_import *import, sp_error *err)
{
	sp_job_new_id(import->job);
	if (import->settings.dry_run)
		return true;
	import->operation = begin_operation(import);
	import->number = sp_operation_id(import->operation, err);
	if (import->number)
		sp_db_ask_when_silent(import->db, sp_operation_sees, import->operation);
	return import->number != 0;
}

/* Whoever only looks leaves nothing; but that somebody may not even look is told. */
static void note_refusal(const sp_import *import, const sp_error *refusal)
{
	const sp_own_schema *own = &import->catalog->own;
	sp_error note = SP_ERROR_INIT;

	if (import->settings.dry_run && refusal->code == SP_NOT_ALLOWED && own->there &&
	    own->version == SP_OWN_SCHEMA_VERSION)
		sp_operation_end(begin_operation(import), refusal, 0, &note);
	sp_error_clear(&note);
}

/* The owner of what is imported must be somebody who sees it. */
static bool check_owner(sp_import *import, sp_error *err)
{
	const sp_actor *owner = import->owner;
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool may;

	if (!owner)
		return true;
	if (!owner->active)
		return sp_fail(err, SP_NOT_ALLOWED, N_("Name another user."),
		               N_("%s is no active user of this instance"), owner->name);
	if (!import->space.id)
		return true;
	sp_buf_addf(&sql, "SELECT %lld IN (", (long long)owner->id);
	sp_access_readers(&sql, import->catalog, import->space.id);
	sp_buf_addc(&sql, ')');
	if (!(rows = sp_db_query_buf(import->db, &sql, 0, NULL, err)))
		return false;
	may = sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return may || sp_fail(err, SP_NOT_ALLOWED, N_("Name another user, or let them see it first."),
	                      N_("%s may not see the infospace \"%s\", and so can't own what is in it"),
	                      owner->name, import->space.name);
}

static bool check_rights(sp_import *import, sp_error *err)
{
	if (sp_into_check(import->db, import->catalog, import->actor, &import->space, err) &&
	    check_owner(import, err))
		return true;
	note_refusal(import, err);
	return false;
}

bool sp_import_begin(sp_import *import, sp_error *err)
{
	const sp_instance *instance = import->settings.instance;

	if (!take_planned(import, err) ||
	    !sp_plan_unasked(import->settings.only, import->about.unasked, err) ||
	    !open_package(import, err) ||
	    !(import->db = sp_instance_db(instance, import->job, err)) || !read_catalog(import, err) ||
	    !find_people(import, err) || !find_space(import, err) || !make_schema(import, err))
		return false;
	import->here =
		sp_identity_create(instance->id ? instance->id : import->catalog->system_id, false, err);
	return import->here && check_planned(import, err) && begin_record(import, err) &&
	       sp_staging_hold(import->db, sp_job_id(import->job), err) &&
	       check_rights(import, err) &&
	       (import->settings.dry_run || sp_into_lease(import->db, &import->space, err));
}
