#include <config.h>

#include "src/commands.h"

#include <string.h>
#include <unistd.h>

#include "core/import/import.h"
#include "src/asked.h"
#include "src/findings.h"
#include "src/instance.h"
#include "src/keys.h"
#include "src/show.h"
#include "src/show_plan.h"

typedef struct {
	const sp_cli *cli;
	sp_job *job;
	sp_instance instance;
	sp_trust *trust;
	sp_import_settings settings;
	sp_import *import;
	const sp_json *plan, *result;
} importing;

/* --- options ------------------------------------------------------------------------------- */

static bool read_where(importing *i, sp_error *err)
{
	const sp_cli *cli = i->cli;
	const char *named = sp_cli_text(cli, "target-infospace-name");
	bool create = sp_cli_flag(cli, "create-new-infospace");

	if (create != (named != NULL))
		return sp_fail(err, SP_USAGE, N_("Or give --new NAME, which says the same."),
		               N_("--create-new-infospace and --target-infospace-name go together"));
	i->settings.into = sp_cli_text(cli, "into");
	i->settings.new_name = sp_cli_text(cli, "new") ? sp_cli_text(cli, "new") : named;
	if (i->settings.new_name && !*i->settings.new_name)
		return sp_fail(err, SP_USAGE, NULL, N_("a new infospace needs a name"));
	if (!i->settings.into != !i->settings.new_name)
		return true;
	return sp_fail(err, SP_USAGE, N_("\"spaceport list infospaces\" shows those that there are."),
	               i->settings.into ? N_("--into and --new don't go together")
	                                : N_("it isn't said where to import: --into INFOSPACE, or "
	                                     "--new NAME"));
}

static bool read_planned(importing *i, sp_error *err)
{
	const sp_cli *cli = i->cli;

	i->trust = sp_cli_trust(cli, err);
	i->settings = (sp_import_settings){
		.instance = &i->instance,
		.planned = sp_cli_arg(cli, 0),
		.path = sp_cli_count(cli) > 1 ? sp_cli_arg(cli, 1) : NULL,
		.limits = sp_findings_limits(cli),
		.trust = i->trust,
	};
	return !sp_error_is_set(err) && sp_cli_instance(cli, &i->instance, err);
}

static bool read_settings(importing *i, bool is_plan, sp_error *err)
{
	const sp_cli *cli = i->cli;

	i->trust = sp_cli_trust(cli, err);
	i->settings = (sp_import_settings){
		.instance = &i->instance,
		.path = sp_cli_arg(cli, 0),
		.limits = sp_findings_limits(cli),
		.trust = i->trust,
		.decisions = sp_cli_text(cli, "decisions"),
		.force = sp_cli_flag(cli, "force"),
		.dry_run = is_plan || sp_cli_flag(cli, "dry-run"),
		.output = is_plan ? sp_cli_text(cli, "output") : NULL,
		.replace = is_plan && sp_cli_flag(cli, "force"),
	};
	return !sp_error_is_set(err) && sp_cli_of_import(cli, &i->settings, err) &&
	       read_where(i, err) && sp_cli_instance(cli, &i->instance, err);
}

static bool read_import(importing *i, sp_error *err)
{
	return read_settings(i, false, err);
}

static bool read_plan(importing *i, sp_error *err)
{
	return read_settings(i, true, err);
}

/* --- doing it ------------------------------------------------------------------------------ */

static bool is_open(const importing *i)
{
	return sp_json_int(sp_json_get(i->plan, "totals"), "conflict", 0) > 0;
}

/* Without a terminal nobody is asked; what awaits a decision isn't imported anyway. */
static bool agreed(const importing *i, sp_error *err)
{
	const char *question = _("Import this package into the instance?");

	if (is_open(i))
		return true;
	if (i->instance.careful)
		return sp_ask_name(question, i->instance.name, err);
	return !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || sp_ask(i->cli, question, err);
}

static void note_done(const importing *i)
{
	sp_show_note(i->cli, N_("imported: %lld rows are new, %lld were updated; on record as %s"),
	             (long long)sp_json_int(i->result, "created_rows", 0),
	             (long long)sp_json_int(i->result, "updated_rows", 0),
	             sp_import_operation(i->import));
}

static bool write_all(importing *i, sp_error *err)
{
	sp_show_progress *show = sp_progress_begin(i->cli, i->job);
	bool ok = sp_import_write(i->import, &i->result, err);

	sp_progress_end(show);
	if (ok)
		note_done(i);
	return ok;
}

static bool look(importing *i, sp_error *err)
{
	sp_show_progress *show;
	bool ok;

	/* a sign of life before any answer from the network */
	sp_show_note(i->cli, N_("connecting …"));
	show = sp_progress_begin(i->cli, i->job);
	i->import = sp_import_open(&i->settings, i->job, err);
	ok = i->import && sp_import_plan(i->import, &i->plan, err);
	sp_progress_end(show);
	if (!ok && i->plan)
		sp_show_bad_rows(i->cli, i->plan);
	return ok && sp_show_plan(i->cli, i->plan, err);
}

static bool show_result(const importing *i, sp_error *err)
{
	sp_json *json;
	bool ok;

	if (!sp_cli_flag(i->cli, "json"))
		return true;
	json = sp_json_object();
	sp_json_add_bool(json, "success", true);
	if (i->result)
		sp_json_add_text(json, "operation", sp_import_operation(i->import));
	sp_json_add(json, "plan", sp_json_copy(i->plan));
	if (i->result)
		sp_json_add(json, "result", sp_json_copy(i->result));
	ok = sp_show_json(i->cli, json, err);
	sp_json_free(json);
	return ok;
}

static sp_code code_of(const importing *i)
{
	if (!i->result && is_open(i))
		return SP_CONFLICTS;
	return sp_json_first(sp_json_get(i->plan, "lost")) ? SP_WARNINGS : SP_OK;
}

static sp_code import_it(importing *i, sp_error *err)
{
	if (!look(i, err) || (!i->settings.dry_run && agreed(i, err) && !write_all(i, err)) ||
	    sp_error_is_set(err) || !show_result(i, err))
		return SP_OK;
	return code_of(i);
}

static sp_code run(const sp_cli *cli, bool (*read)(importing *i, sp_error *err))
{
	importing i = { .cli = cli, .job = sp_job_create() };
	sp_error err = SP_ERROR_INIT;
	sp_code code = SP_OK;

	if (!i.job)
		sp_fail_memory(&err);
	sp_signals_watch(i.job);
	if (!sp_error_is_set(&err) && read(&i, &err))
		code = import_it(&i, &err);
	sp_signals_watch(NULL);
	if (sp_error_is_set(&err)) {
		code = err.code;
		/* the plan says what is wrong with rows, and which conflicts are open */
		sp_show_failure(cli, &err, "plan", sp_json_copy(i.plan));
	}
	sp_import_close(i.import, &err);
	sp_trust_free(i.trust);
	sp_instance_clear(&i.instance);
	sp_job_free(i.job);
	sp_error_clear(&err);
	return code;
}

sp_code cmd_import(const sp_cli *cli)
{
	return run(cli, read_import);
}

sp_code cmd_plan(const sp_cli *cli)
{
	return run(cli, read_plan);
}

sp_code cmd_apply(const sp_cli *cli)
{
	return run(cli, read_planned);
}
