#include <config.h>

#include "src/commands.h"

#include "core/base/text.h"
#include "core/export/words.h"
#include "core/testrun/testrun.h"
#include "src/instance.h"
#include "src/show.h"

static bool show_counts(const sp_json *counts, sp_error *err)
{
	sp_listing *table = sp_listing_create(2);
	sp_buf number = { 0 };
	const sp_json *at;
	bool ok;

	sp_listing_head(table, 0, "", false);
	sp_listing_head(table, 1, N_("ROWS"), true);
	for (at = sp_json_first(counts); at; at = sp_json_next(at)) {
		const char *title = sp_word_title(sp_json_key(at));

		sp_buf_addf(&number, "%lld", (long long)sp_json_int(counts, sp_json_key(at), 0));
		sp_listing_cell(table, title ? _(title) : sp_json_key(at));
		sp_listing_take(table, &number);
	}
	ok = sp_listing_print(table, stderr, err);
	sp_listing_free(table);
	return ok;
}

static bool show_plan(const sp_cli *cli, const sp_json *plan, sp_error *err)
{
	sp_buf size = { 0 };

	if (sp_cli_flag(cli, "quiet"))
		return true;
	sp_text_bytes(&size, (unsigned long long)sp_json_int(plan, "file_bytes", 0));
	sp_show_note(cli, N_("a test run in infospace \"%s\", owned by %s"),
	             sp_json_text(plan, "infospace"), sp_json_text(plan, "user"));
	sp_show_note(cli, N_("files: %s; with chunks, justifications, bundles and a source"),
	             sp_buf_text(&size));
	sp_buf_free(&size);
	return show_counts(sp_json_get(plan, "counts"), err);
}

static bool show_result(const sp_cli *cli, const sp_json *result, sp_error *err)
{
	sp_json *json;
	bool ok;

	sp_show_note(cli, N_("made the run %lld (%s)"), (long long)sp_json_int(result, "run_id", 0),
	             sp_json_text(result, "run_uuid"));
	if (!sp_cli_flag(cli, "json"))
		return sp_cli_flag(cli, "quiet") || show_counts(sp_json_get(result, "counts"), err);
	json = sp_json_object();
	sp_json_add_bool(json, "success", true);
	sp_json_add_int(json, "run_id", sp_json_int(result, "run_id", 0));
	sp_json_add_text(json, "run_uuid", sp_json_text(result, "run_uuid"));
	sp_json_add_int(json, "infospace_id", sp_json_int(result, "infospace_id", 0));
	sp_json_add_text(json, "infospace_uuid", sp_json_text(result, "infospace_uuid"));
	sp_json_add_int(json, "seed", sp_json_int(result, "seed", 0));
	sp_json_add(json, "counts", sp_json_copy(sp_json_get(result, "counts")));
	ok = sp_show_json(cli, json, err);
	sp_json_free(json);
	return ok;
}

static bool write_run(const sp_cli *cli, sp_testrun *run, sp_job *job, sp_error *err)
{
	const sp_json *result = NULL;
	sp_show_progress *show = sp_progress_begin(cli, job);
	bool ok = sp_testrun_write(run, &result, err);

	sp_progress_end(show);
	return ok && show_result(cli, result, err);
}

static bool agreed(const sp_cli *cli, const sp_instance *instance, sp_error *err)
{
	const char *question = _("Write this run into the instance?");

	return instance->careful ? sp_ask_name(question, instance->name, err)
	                         : sp_ask(cli, question, err);
}

static void make(const sp_cli *cli, const sp_instance *instance, sp_job *job, sp_error *err)
{
	const sp_testrun_settings settings = {
		.instance = instance,
		.infospace = sp_cli_text(cli, "infospace"),
		.assets = sp_cli_int(cli, "assets"),
		.schemas = sp_cli_int(cli, "schemas"),
		.annotations = sp_cli_int(cli, "annotations"),
		.seed = sp_cli_int(cli, "seed"),
	};
	sp_show_progress *show = sp_progress_begin(cli, job);
	sp_testrun *run = sp_testrun_open(&settings, job, err);
	const sp_json *plan = run ? sp_testrun_plan(run, err) : NULL;

	sp_progress_end(show);
	if (plan && show_plan(cli, plan, err) && agreed(cli, instance, err))
		write_run(cli, run, job, err);
	sp_testrun_close(run);
}

sp_code cmd_make_run(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;
	sp_job *job = sp_job_create();
	sp_instance instance = { 0 };
	sp_code code;

	if (!job)
		sp_fail_memory(&err);
	sp_signals_watch(job);
	if (job && sp_cli_instance(cli, &instance, &err))
		make(cli, &instance, job, &err);
	sp_signals_watch(NULL);
	code = err.code;
	if (sp_error_is_set(&err))
		sp_show_error(cli, &err);
	sp_instance_clear(&instance);
	sp_job_free(job);
	sp_error_clear(&err);
	return code;
}
