#include <config.h>

#include "src/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/db/catalog.h"
#include "core/export/export.h"
#include "core/import/import.h"
#include "core/ledger/operations.h"
#include "src/findings.h"
#include "src/instance.h"
#include "src/keys.h"
#include "src/asked.h"
#include "src/show.h"
#include "src/show_plan.h"

/* Comparing an instance with a package: of an import that was done, or of one for trial. */
typedef struct {
	const sp_cli *cli;
	sp_job *job;
	sp_instance instance;
	sp_trust *trust;
	sp_import_settings settings;
	sp_import *import;
	const sp_json *report;
	/* verify */
	sp_json *record;
	char into[24];
	/* roundtrip */
	sp_export_settings exporting;
	sp_export *export;
	char *folder, *path; /* where the package is meanwhile; NULL: nowhere */
} comparing;

/* --- both ---------------------------------------------------------------------------------- */

static bool begin(comparing *c, sp_error *err)
{
	if (!sp_cli_instance(c->cli, &c->instance, err))
		return false;
	c->trust = sp_cli_trust(c->cli, err);
	c->settings = (sp_import_settings){
		.instance = &c->instance, .limits = sp_findings_limits(c->cli), .trust = c->trust
	};
	return !sp_error_is_set(err);
}

static void show_names(const sp_cli *cli, const sp_json *names, const char *format)
{
	int shown = 0;

	for (const sp_json *at = sp_json_first(names); at && shown < 20;
	     at = sp_json_next(at), shown++)
		sp_show_note(cli, "%s: %s", _(format), sp_json_value_text(at));
}

static bool show_report(const comparing *c, sp_error *err)
{
	const sp_json *files = sp_json_get(c->report, "files");
	sp_json *json;
	bool ok;

	if (!sp_show_only_json(c->cli)) {
		sp_show_groups(c->cli, sp_json_get(c->report, "groups"));
		sp_show_lost(c->cli, c->report);
		show_names(c->cli, sp_json_get(files, "missing"), N_("a file is missing in the store"));
		show_names(c->cli, sp_json_get(files, "different"), N_("a file in the store is another"));
		sp_show_note(c->cli,
		             N_("equal: %lld of %lld rows, %lld of %lld files, which is %s per cent"),
		             (long long)sp_json_int(c->report, "equal_rows", 0),
		             (long long)sp_json_int(c->report, "rows", 0),
		             (long long)sp_json_int(files, "equal", 0),
		             (long long)sp_json_int(files, "count", 0),
		             sp_json_text(c->report, "percent"));
	}
	if (!sp_cli_flag(c->cli, "json"))
		return true;
	json = sp_json_object();
	sp_json_add_bool(json, "success", true);
	sp_json_add(json, "report", sp_json_copy(c->report));
	ok = sp_show_json(c->cli, json, err);
	sp_json_free(json);
	return ok;
}

static sp_code code_of(const comparing *c)
{
	if (!sp_json_bool(c->report, "is_equal", false))
		return SP_FAILED;
	return sp_json_first(sp_json_get(c->report, "lost")) ||
	               sp_json_first(sp_json_get(c->report, "references"))
	           ? SP_WARNINGS
	           : SP_OK;
}

static sp_code run(const sp_cli *cli, bool (*compare)(comparing *c, sp_error *err))
{
	comparing c = { .cli = cli, .job = sp_job_create() };
	sp_show_progress *show = NULL;
	sp_error err = SP_ERROR_INIT;
	sp_code code = SP_OK;
	bool ok;

	if (!c.job)
		sp_fail_memory(&err);
	sp_signals_watch(c.job);
	if (!sp_error_is_set(&err) && begin(&c, &err)) {
		/* a sign of life before any answer from the network */
		sp_show_note(cli, N_("connecting …"));
		show = sp_progress_begin(cli, c.job);
		ok = compare(&c, &err);
		sp_progress_end(show);
		if (ok && show_report(&c, &err))
			code = code_of(&c);
	}
	sp_signals_watch(NULL);
	if (sp_error_is_set(&err)) {
		code = err.code;
		sp_show_error(cli, &err);
	}
	sp_import_close(c.import, &err);
	sp_export_close(c.export);
	sp_export_options_clear(&c.exporting.options);
	if (c.path)
		(void)unlink(c.path);
	if (c.folder)
		(void)rmdir(c.folder);
	free(c.path);
	free(c.folder);
	sp_json_free(c.record);
	sp_trust_free(c.trust);
	sp_instance_clear(&c.instance);
	sp_job_free(c.job);
	sp_error_clear(&err);
	return code;
}

/* --- an import that was done --------------------------------------------------------------- */

static bool find_record(comparing *c, sp_error *err)
{
	sp_db *db = sp_instance_db(&c->instance, c->job, err);
	sp_catalog *catalog = db ? sp_catalog_read(db, err) : NULL;

	if (catalog)
		c->record = sp_operations_find(db, &catalog->own, sp_cli_arg(c->cli, 0), err);
	sp_catalog_free(catalog);
	sp_db_close(db);
	return c->record != NULL;
}

/* What was asked for then is what is looked for. */
static bool take_record(comparing *c, sp_error *err)
{
	const char *operation = sp_json_text(c->record, "operation");
	const char *status = sp_json_text(c->record, "status");
	const sp_json *options = sp_json_get(c->record, "import_options");

	if (!operation || strcmp(operation, "import") != 0 || !status || strcmp(status, "done") != 0)
		return sp_fail(err, SP_USAGE,
		               N_("\"spaceport list operations\" shows those that there are."),
		               N_("%s is no import that was done"), sp_cli_arg(c->cli, 0));
	c->settings.path = sp_cli_count(c->cli) > 1 ? sp_cli_arg(c->cli, 1)
	                                            : sp_json_text(c->record, "package_path");
	snprintf(c->into, sizeof c->into, "%" PRId64, sp_json_int(c->record, "infospace_id", 0));
	c->settings.into = c->into;
	c->settings.force = true;
	c->settings.dry_run = true;
	c->settings.only = sp_json_text(options, "only");
	c->settings.no_links = !sp_json_bool(options, "preserve_relationships", true);
	return c->settings.path != NULL || sp_fail_memory(err);
}

static bool verify(comparing *c, sp_error *err)
{
	return find_record(c, err) && take_record(c, err) &&
	       (c->import = sp_import_open(&c->settings, c->job, err)) &&
	       sp_import_verify(c->import, &c->report, err);
}

sp_code cmd_verify(const sp_cli *cli)
{
	return run(cli, verify);
}

/* --- one for trial ------------------------------------------------------------------------- */

static bool make_folder(comparing *c, sp_error *err)
{
	const char *where = getenv("TMPDIR");
	sp_buf folder = { 0 }, path = { 0 };

	sp_buf_addf(&folder, "%s/spaceport-XXXXXX", where && *where ? where : "/tmp");
	if (folder.failed || !mkdtemp(folder.data)) {
		sp_buf_free(&folder);
		return sp_fail(err, SP_FAILED, N_("Name another folder in TMPDIR."),
		               N_("there is no room for the package"));
	}
	c->folder = folder.data;
	sp_buf_addf(&path, "%s/run.zip", c->folder);
	c->path = path.data;
	return !path.failed || sp_fail_memory(err);
}

static bool export_it(comparing *c, sp_error *err)
{
	sp_export_result result;
	const sp_json *plan;
	sp_found_run found;

	c->exporting.instance = &c->instance;
	return sp_cli_of_package(c->cli, &c->exporting.options, err) && make_folder(c, err) &&
	       (c->export = sp_export_open(&c->exporting, c->job, err)) &&
	       sp_export_find(c->export, sp_cli_arg(c->cli, 0), sp_cli_text(c->cli, "infospace"),
	                      &found, err) &&
	       sp_export_plan(c->export, found.id, &plan, err) &&
	       sp_export_write(c->export, c->path, false, &result, err);
}

static bool round_trip(comparing *c, sp_error *err)
{
	const sp_json *plan;

	if (!export_it(c, err))
		return false;
	c->settings.path = c->path;
	c->settings.new_name = _("Round trip");
	c->settings.force = true;
	return (c->import = sp_import_open(&c->settings, c->job, err)) &&
	       sp_import_plan(c->import, &plan, err) &&
	       sp_import_rehearse(c->import, &c->report, err);
}

sp_code cmd_roundtrip(const sp_cli *cli)
{
	return run(cli, round_trip);
}
