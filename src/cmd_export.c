#include <config.h>

#include "src/commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/export/export.h"
#include "core/export/target.h"
#include "core/export/words.h"
#include "src/instance.h"
#include "src/keys.h"
#include "src/asked.h"
#include "src/show.h"

#define SHOWN_MISSING 20

typedef struct {
	const sp_cli *cli;
	sp_job *job;
	sp_export *export;
	sp_export_settings settings;
	sp_instance instance;
	sp_private_key *key; /* NULL: they aren't signed */
	sp_json *packages;   /* of the result, with --json */
	int warnings;
	bool noted; /* why it is recorded elsewhere was said already */
} exporting;

/* --- options ----------------------------------------------------------------- */

static bool read_settings(exporting *e, sp_error *err)
{
	e->settings.instance = &e->instance;
	return sp_cli_instance(e->cli, &e->instance, err) &&
	       sp_cli_of_package(e->cli, &e->settings.options, err);
}

/* --- where it goes --------------------------------------------------------------- */

/* The path of a run's package; NULL and an error. The caller frees it. */
static char *path_of(const sp_cli *cli, const sp_found_run *run, sp_error *err)
{
	const char *output = sp_cli_text(cli, "output");
	bool several = sp_cli_count(cli) > 1;
	sp_buf path = { 0 };
	size_t len;
	char *text;

	output = output ? output : ".";
	len = strlen(output);
	if (!strcmp(output, "-") && several) {
		sp_fail(err, SP_USAGE, N_("Export them one by one, or name a folder."),
		        N_("several packages can't go to standard output"));
		return NULL;
	}
	if (!several && !sp_target_is_folder(output) && (!len || output[len - 1] != '/')) {
		sp_buf_adds(&path, output);
	} else {
		sp_buf_adds(&path, output);
		if (output[len - 1] != '/')
			sp_buf_addc(&path, '/');
		sp_target_name(&path, run->name, run->id);
	}
	text = sp_buf_take(&path);
	if (!text)
		sp_fail_memory(err);
	return text;
}

/* Only a folder that was asked for is made. */
static bool make_folder(const sp_cli *cli, const char *path, sp_error *err)
{
	const char *output = sp_cli_text(cli, "output");

	return !output || !strcmp(output, path) || sp_folders_make(path, 0777, err);
}

/* Said before the work, not after it. */
static bool check_target(const sp_cli *cli, const char *path, sp_error *err)
{
	if (!strcmp(path, "-")) {
		if (isatty(STDOUT_FILENO))
			return sp_fail(err, SP_USAGE, N_("Send it to a file or another program."),
			               N_("a package is no text for a terminal"));
		return true;
	}
	if (access(path, F_OK) == 0 && !sp_cli_flag(cli, "force"))
		return sp_fail(err, SP_USAGE, N_("Choose another name or give --force."),
		               N_("%s exists already"), path);
	return true;
}

/* --- what it will be ----------------------------------------------------------------- */

static void add_size(sp_listing *table, int64_t bytes)
{
	sp_buf text = { 0 };

	sp_text_bytes(&text, (unsigned long long)bytes);
	sp_listing_take(table, &text);
}

static const char *title_of(const char *kind)
{
	const char *title = sp_word_title(kind);

	return title ? _(title) : kind;
}

static bool show_counts(const sp_json *plan, sp_error *err)
{
	const sp_json *counts = sp_json_get(plan, "counts"), *bytes = sp_json_get(plan, "bytes"), *at;
	sp_listing *table = sp_listing_create(3);
	sp_buf number = { 0 };
	bool ok;

	sp_listing_head(table, 0, "", false);
	sp_listing_head(table, 1, N_("ROWS"), true);
	sp_listing_head(table, 2, N_("SIZE"), true);
	for (at = sp_json_first(counts); at; at = sp_json_next(at)) {
		int64_t rows = sp_json_int(counts, sp_json_key(at), 0);

		if (!rows)
			continue;
		sp_buf_addf(&number, "%lld", (long long)rows);
		sp_listing_cell(table, title_of(sp_json_key(at)));
		sp_listing_take(table, &number);
		add_size(table, sp_json_int(bytes, sp_json_key(at), 0));
	}
	ok = sp_listing_print(table, stderr, err);
	sp_listing_free(table);
	return ok;
}

static void show_stays_out(const sp_cli *cli, const sp_json *plan)
{
	const sp_json *out = sp_json_get(plan, "stays_out"), *at;

	for (at = sp_json_first(out); at; at = sp_json_next(at)) {
		const char *why = sp_json_value_text(at), *what = title_of(sp_json_key(at));

		if (why)
			sp_show_note(cli, N_("stays out: %s (%s)"), what, _(why));
		else
			sp_show_note(cli, N_("stays out: %s (%lld)"), what,
			             (long long)sp_json_int(out, sp_json_key(at), 0));
	}
}

static void show_warnings(const sp_cli *cli, const sp_json *plan)
{
	const sp_json *at;
	sp_buf text = { 0 };
	int shown = 0, more = 0;

	for (at = sp_json_first(sp_json_get(plan, "warnings")); at; at = sp_json_next(at)) {
		sp_buf_reset(&text);
		sp_word_warning(&text, at);
		sp_show_note(cli, N_("warning: %s"), sp_buf_text(&text));
	}
	sp_buf_free(&text);
	for (at = sp_json_first(sp_json_get(plan, "missing_files")); at; at = sp_json_next(at))
		if (shown++ < SHOWN_MISSING)
			sp_show_note(cli, N_("  missing: %.200s"), sp_json_value_text(at));
		else
			more++;
	if (more)
		sp_show_note(cli, N_("  … and %d more (--json lists them)"), more);
}

static bool show_plan(const sp_cli *cli, const sp_json *plan, const char *path, sp_error *err)
{
	const sp_json *run = sp_json_get(plan, "run"), *space = sp_json_get(plan, "infospace");
	const char *status = sp_json_text(run, "status"); /* NULL: no such column */
	sp_buf size = { 0 };
	bool ok;

	if (sp_cli_flag(cli, "quiet") || sp_show_only_json(cli))
		return true;
	sp_text_bytes(&size, (unsigned long long)sp_json_int(plan, "estimated_size", 0));
	sp_show_note(cli, N_("run \"%s\" (%s) of infospace \"%s\""), sp_json_text(run, "name"),
	             status ? status : "?", sp_json_text(space, "name"));
	ok = show_counts(plan, err);
	sp_show_note(cli, N_("package: %s, about %s"), path, sp_buf_text(&size));
	show_stays_out(cli, plan);
	show_warnings(cli, plan);
	sp_buf_free(&size);
	return ok;
}

/* --- doing it --------------------------------------------------------------------------- */

static bool asks(const sp_cli *cli)
{
	return !sp_cli_flag(cli, "yes") && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* The snapshot isn't held while a person thinks: what is written is selected
 * anew. */
static bool agreed(exporting *e, int64_t run, const sp_json **plan, sp_error *err)
{
	if (!asks(e->cli))
		return true;
	return sp_export_release(e->export, err) && sp_ask(e->cli, _("Write this package?"), err) &&
	       sp_export_plan(e->export, run, plan, err);
}

static void add_record(sp_json *item, const sp_export_result *result)
{
	const sp_error *note = result->note;
	sp_json *record = sp_json_add_object(item, "record");

	sp_json_add_text(record, "operation", result->operation);
	sp_json_add_text(record, "where",
	                 !note->text             ? "database"
	                 : sp_error_is_set(note) ? "nowhere"
	                                         : "local");
	if (note->text) {
		sp_json_add_text(record, "why", sp_error_text_c(note));
		sp_json_add_text(record, "hint", note->hint_c);
	}
}

/* Once: it is the same for all of them, as a rule. */
static void note_record(exporting *e, const sp_error *note)
{
	if (sp_error_is_set(note))
		sp_show_note(e->cli, N_("warning: this export is nowhere on record: %s"),
		             sp_error_text(note));
	else if (note->text && !e->noted)
		sp_show_note(e->cli, N_("on record on this machine only: %s"), sp_error_text(note));
	if (note->text && note->hint && (sp_error_is_set(note) || !e->noted))
		sp_show_note(e->cli, "%s", note->hint);
	e->noted = e->noted || note->text;
	e->warnings += sp_error_is_set(note);
}

static bool add_result(exporting *e, const char *path, const sp_found_run *run,
                       const sp_export_result *result, const sp_json *plan, sp_error *err)
{
	sp_json *item = sp_json_add_object(e->packages, NULL);
	bool ok = true;

	sp_json_add_text(item, "path", path);
	sp_json_add_int(item, "run_id", run->id);
	sp_json_add_text(item, "run_uuid", run->uuid);
	if (result) {
		sp_json_add_int(item, "entries", (int64_t)result->entries);
		sp_json_add_int(item, "size", (int64_t)result->size);
		add_record(item, result);
		ok = sp_signature_own_json(e->key, item);
	}
	sp_json_add(item, "plan", sp_json_copy(plan));
	if (result)
		sp_json_add(item, "manifest", sp_json_copy(result->manifest));
	ok = ok && sp_json_is_whole(item);
	return ok || sp_fail_memory(err);
}

static void note_written(const exporting *e, const char *path, const sp_export_result *result)
{
	sp_json *json = sp_json_object();
	sp_buf size = { 0 }, signature = { 0 };

	sp_signature_own_json(e->key, json);
	sp_word_signature(&signature, sp_json_get(json, "signature"));
	sp_text_bytes(&size, result->size);
	sp_show_note(e->cli, N_("wrote %s: %llu entries, %s; %s"), path,
	             (unsigned long long)result->entries, sp_buf_text(&size), sp_buf_text(&signature));
	sp_buf_free(&size);
	sp_buf_free(&signature);
	sp_json_free(json);
}

static bool write_one(exporting *e, const char *path, const sp_found_run *run, const sp_json *plan,
                      sp_error *err)
{
	sp_export_result result;
	sp_show_progress *show;
	bool ok;

	if (!make_folder(e->cli, path, err))
		return false;
	show = sp_progress_begin(e->cli, e->job);
	ok = sp_export_write(e->export, path, sp_cli_flag(e->cli, "force"), &result, err);

	sp_progress_end(show);
	if (!ok)
		return false;
	e->warnings += result.warnings;
	note_written(e, path, &result);
	note_record(e, result.note);
	return add_result(e, path, run, &result, plan, err);
}

static bool export_one(exporting *e, const char *name, sp_error *err)
{
	const sp_json *plan;
	sp_found_run run;
	sp_show_progress *show;
	char *path = NULL;
	bool ok;

	if (!sp_export_find(e->export, name, sp_cli_text(e->cli, "infospace"), &run, err))
		return false;
	path = path_of(e->cli, &run, err);
	if (!path || !check_target(e->cli, path, err)) {
		free(path);
		return false;
	}
	show = sp_progress_begin(e->cli, e->job);
	ok = sp_export_plan(e->export, run.id, &plan, err);
	sp_progress_end(show);
	ok = ok && show_plan(e->cli, plan, path, err);
	if (ok && sp_cli_flag(e->cli, "dry-run"))
		ok = sp_export_release(e->export, err) && add_result(e, path, &run, NULL, plan, err);
	else if (ok && agreed(e, run.id, &plan, err))
		ok = write_one(e, path, &run, plan, err);
	else if (ok)
		ok = !sp_error_is_set(err);
	free(path);
	return ok;
}

static bool show_result(exporting *e, sp_error *err)
{
	sp_json *json;
	bool ok;

	if (!sp_cli_flag(e->cli, "json"))
		return true;
	json = sp_json_object();
	sp_json_add_bool(json, "success", true);
	sp_json_add_int(json, "warnings", e->warnings);
	ok = sp_json_add(json, "packages", e->packages) ? sp_show_json(e->cli, json, err)
	                                                : sp_fail_memory(err);
	e->packages = NULL;
	sp_json_free(json);
	return ok;
}

static void export_all(exporting *e, sp_error *err)
{
	sp_show_progress *show;
	int i;

	/* before the work, which nobody may be watching any more when it ends */
	e->settings.key = e->key = sp_cli_signing_key(e->cli, err);
	if (sp_error_is_set(err))
		return;
	/* a sign of life before any answer from the network */
	sp_show_note(e->cli, N_("connecting …"));
	show = sp_progress_begin(e->cli, e->job);
	e->packages = sp_json_array();
	e->export = sp_export_open(&e->settings, e->job, err);
	sp_progress_end(show);
	for (i = 0; e->export && i < sp_cli_count(e->cli); i++)
		if (!export_one(e, sp_cli_arg(e->cli, i), err))
			return;
	if (e->export)
		show_result(e, err);
}

sp_code cmd_export_run(const sp_cli *cli)
{
	exporting e = { .cli = cli };
	sp_error err = SP_ERROR_INIT;
	sp_code code;

	e.job = sp_job_create();
	if (!e.job)
		sp_fail_memory(&err);
	read_settings(&e, &err);
	sp_signals_watch(e.job);
	if (!sp_error_is_set(&err))
		export_all(&e, &err);
	sp_signals_watch(NULL);
	code = sp_error_is_set(&err) ? err.code : e.warnings ? SP_WARNINGS : SP_OK;
	/* packages of runs before the one that failed stay where they are */
	if (sp_error_is_set(&err))
		sp_show_failure(cli, &err, "packages", e.packages);
	else
		sp_json_free(e.packages);
	sp_export_close(e.export);
	sp_private_key_free(e.key);
	sp_export_options_clear(&e.settings.options);
	sp_instance_clear(&e.instance);
	sp_job_free(e.job);
	sp_error_clear(&err);
	return code;
}
