#include <config.h>

#include "src/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/doctor/doctor.h"
#include "src/instance.h"
#include "src/show.h"

/* By sp_check_state, for people. */
static const char *const state_words[] = { N_("ok"), N_("warning"), N_("FAILED"), "-" };

typedef struct {
	const sp_cli *cli;
	int state_width, title_width;
	sp_json *checks, *error;
	bool lost; /* something couldn't be shown */
} showing;

static int wider(int width, const char *text)
{
	int of = sp_text_width(text);

	return of > width ? of : width;
}

static void measure(showing *s)
{
	size_t i;
	int at;

	for (i = 0; i < sizeof(state_words) / sizeof(*state_words); i++)
		s->state_width = wider(s->state_width, _(state_words[i]));
	for (at = 0; at < sp_doctor_count(); at++)
		s->title_width = wider(s->title_width, _(sp_doctor_at(at)->title));
}

static void show_line(showing *s, const sp_check *check)
{
	const char *found = sp_error_text(&check->found);
	sp_buf line = { 0 };

	sp_text_fit(&line, _(state_words[check->state]), s->state_width, true);
	sp_buf_adds(&line, "  ");
	sp_text_fit(&line, _(check->title), s->title_width, true);
	sp_buf_adds(&line, "  ");
	sp_safe_text(&line, found, strlen(found));
	if (check->state != SP_CHECK_SKIPPED)
		sp_buf_addf(&line, " (%d ms)", check->milliseconds);
	if (check->found.hint) {
		sp_buf_addf(&line, "\n%*s", s->state_width + 2, "");
		sp_safe_text(&line, check->found.hint, strlen(check->found.hint));
	}
	sp_buf_addc(&line, '\n');
	if (line.failed || fputs(sp_buf_text(&line), stdout) < 0 || fflush(stdout) != 0)
		s->lost = true;
	sp_buf_free(&line);
}

static void add_json(showing *s, const sp_check *check)
{
	sp_json *item = sp_json_add_object(s->checks, NULL);

	sp_json_add_text(item, "id", check->id);
	sp_json_add_text(item, "state", sp_check_states[check->state]);
	sp_json_add_text(item, "found", sp_error_text_c(&check->found));
	sp_json_add_text(item, "advice", check->found.hint_c);
	sp_json_add_int(item, "milliseconds", check->milliseconds);
	if (check->state != SP_CHECK_FAILED || s->error)
		return;
	s->error = sp_json_object();
	sp_json_add_int(s->error, "code", check->found.code);
	sp_json_add_text(s->error, "text", sp_error_text_c(&check->found));
	sp_json_add_text(s->error, "hint", check->found.hint_c);
}

static void show(void *ctx, const sp_check *check)
{
	showing *s = ctx;

	if (s->checks)
		add_json(s, check);
	else if (!sp_cli_flag(s->cli, "quiet") || check->state == SP_CHECK_FAILED ||
	         check->state == SP_CHECK_WARNING)
		show_line(s, check);
}

static bool show_result(showing *s, const sp_instance *instance, sp_code code, sp_error *err)
{
	sp_json *json = sp_json_object();
	bool ok;

	sp_json_add_bool(json, "success", code == SP_OK || code == SP_WARNINGS);
	sp_json_add_text(json, "instance", instance->name);
	if (s->error)
		sp_json_add(json, "error", s->error);
	ok = sp_json_add(json, "checks", s->checks) ? sp_show_json(s->cli, json, err)
	                                            : sp_fail_memory(err);
	s->error = s->checks = NULL;
	sp_json_free(json);
	return ok;
}

static void show_verdict(const sp_cli *cli, sp_code code)
{
	if (code == SP_OK)
		sp_show_note(cli, N_("All is well."));
	else if (code == SP_WARNINGS)
		sp_show_note(cli, N_("It works, but look at the warnings."));
	else
		sp_show_note(cli, N_("It doesn't work yet: begin with the first that failed."));
}

static sp_code examine(const sp_cli *cli, const sp_instance *instance, sp_job *job, sp_error *err)
{
	showing s = { .cli = cli };
	bool json = sp_cli_flag(cli, "json");
	sp_code code;

	measure(&s);
	if (json && !(s.checks = sp_json_array())) {
		sp_fail_memory(err);
		return err->code;
	}
	/* a sign of life before any answer from the network */
	if (instance->name)
		sp_show_note(cli, N_("looking at %s …"), instance->name);
	else
		sp_show_note(cli, N_("connecting …"));
	code = sp_doctor_run(instance, job, show, &s);
	if (code == SP_INTERRUPTED)
		sp_job_go_on(job, err);
	else if (json)
		show_result(&s, instance, code, err);
	else if (s.lost)
		sp_fail_errno(err, EIO, N_("can't write standard output"));
	else
		show_verdict(cli, code);
	sp_json_free(s.checks);
	sp_json_free(s.error);
	return code;
}

sp_code sp_examine(const sp_cli *cli, const sp_instance *instance, sp_error *err)
{
	sp_job *job = sp_job_create();
	sp_code code;

	if (!job) {
		sp_fail_memory(err);
		return err->code;
	}
	sp_signals_watch(job);
	code = examine(cli, instance, job, err);
	sp_signals_watch(NULL);
	sp_job_free(job);
	return sp_error_is_set(err) ? err->code : code;
}

sp_code cmd_doctor(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;
	sp_instance instance = { 0 };
	sp_code code = SP_OK;

	if (sp_cli_instance(cli, &instance, &err))
		code = sp_examine(cli, &instance, &err);
	if (sp_error_is_set(&err)) {
		code = err.code;
		sp_show_error(cli, &err);
	}
	sp_instance_clear(&instance);
	sp_error_clear(&err);
	return code;
}
