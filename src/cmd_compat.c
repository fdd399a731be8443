#include <config.h>

#include "src/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/export/words.h"
#include "core/plan/compat.h"
#include "src/findings.h"
#include "src/instance.h"
#include "src/keys.h"
#include "src/show.h"

/* --- for people --- */

static void add_title(sp_buf *to, const char *kind)
{
	const char *title = sp_word_title(kind);

	sp_buf_adds(to, title ? _(title) : kind);
}

/* "assets: source_metadata", "assets: kind RSS_FEED" */
static void add_what(sp_listing *table, const sp_fit *fit)
{
	sp_buf cell = { 0 };

	if (fit->kind)
		add_title(&cell, fit->kind);
	if (fit->column)
		sp_buf_addf(&cell, "%s%s", fit->kind ? ": " : "", fit->column);
	if (fit->word)
		sp_buf_addf(&cell, " %s", fit->word);
	sp_listing_take(table, &cell);
}

static void add_rows(sp_listing *table, const sp_fit *fit)
{
	sp_buf cell = { 0 };

	if (fit->of && fit->rows == fit->of)
		sp_buf_addf(&cell, "%lld", (long long)fit->rows);
	else if (fit->of)
		sp_buf_addf(&cell, _("%lld of %lld"), (long long)fit->rows, (long long)fit->of);
	sp_listing_take(table, &cell);
}

static void add_text(sp_listing *table, const sp_fit *fit)
{
	const char *hint = sp_fit_sorts[fit->id].hint;
	sp_buf cell = { 0 };

	/* what goes as it is needs no words */
	if (fit->id != SP_FITS_ROWS)
		sp_fit_text(&cell, fit, true);
	if (fit->empty) {
		sp_buf_adds(&cell, "; ");
		sp_buf_addf(&cell,
		            sp_translate_n("%lld is empty", "%lld are empty", (unsigned long)fit->empty),
		            (long long)fit->empty);
	}
	if (hint)
		sp_buf_addf(&cell, ". %s", _(hint));
	sp_listing_take(table, &cell);
}

static bool show_weight(const sp_fits *fits, sp_fit_weight weight, bool *shown, sp_error *err)
{
	sp_listing *table = NULL;
	bool ok = true;
	int i;

	for (i = 0; i < sp_fits_count(fits); i++) {
		const sp_fit *fit = sp_fits_at(fits, i);

		if (sp_fit_sorts[fit->id].weight != weight)
			continue;
		if (!table) {
			table = sp_listing_create(3);
			if (!table)
				return sp_fail_memory(err);
			sp_listing_head(table, 0, sp_fit_titles[weight], false);
			sp_listing_head(table, 1, N_("ROWS"), true);
			sp_listing_head(table, 2, "", false);
		}
		add_what(table, fit);
		add_rows(table, fit);
		add_text(table, fit);
	}
	if (table) {
		if (*shown && putchar('\n') < 0)
			ok = sp_fail_errno(err, errno, N_("standard output can't be written"));
		ok = ok && sp_listing_print(table, stdout, err);
		*shown = true;
	}
	sp_listing_free(table);
	return ok;
}

static const char *verdict_of(const sp_fits *fits)
{
	switch (sp_fits_code(fits)) {
	case SP_OK: return N_("It fits: nothing is lost.");
	case SP_WARNINGS: return N_("It can be imported, but for what is lost or replaced.");
	default: break;
	}
	return N_("It can't be imported like this.");
}

static bool show_for_people(const sp_cli *cli, const sp_target *target, const sp_fits *fits,
                            sp_error *err)
{
	bool shown = false, ok = true;
	int weight;

	sp_show_note(cli, N_("the target: generation %s, revision %s, PostgreSQL %d"),
	             target->generation, target->revision ? target->revision : "?",
	             target->server_version / 10000);
	for (weight = SP_FIT_WEIGHTS - 1; ok && weight >= 0; weight--)
		ok = show_weight(fits, (sp_fit_weight)weight, &shown, err);
	if (ok && printf("\n%s\n", _(verdict_of(fits))) < 0)
		ok = sp_fail_errno(err, errno, N_("standard output can't be written"));
	return ok;
}

/* --- for programs --- */

static void add_package(sp_json *to, const char *path, const sp_json *about)
{
	static const char *const keys[] = { "format", "format_version", "package_type", "profile" };
	const sp_json *manifest = sp_json_get(about, "manifest");
	sp_json *package = sp_json_add_object(to, "package");
	size_t i;

	sp_json_add_text(package, "file", path);
	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *text = sp_json_text(sp_json_get(about, keys[i]) ? about : manifest, keys[i]);

		if (text)
			sp_json_add_text(package, keys[i], text);
	}
	manifest = sp_json_get(manifest, "source");
	if (manifest) {
		sp_json_add_text(package, "generation", sp_json_text(manifest, "generation"));
		sp_json_add_text(package, "revision", sp_json_text(manifest, "revision"));
	}
}

static void add_target(sp_json *to, const sp_target *target)
{
	sp_json *json = sp_json_add_object(to, "target");

	sp_json_add_text(json, "instance", target->instance);
	sp_json_add_text(json, "generation", target->generation);
	sp_json_add_text(json, "revision", target->revision);
	sp_json_add_int(json, "server_version", target->server_version);
	sp_json_add_text(json, "vector", target->vector);
	if (target->into_uuid)
		sp_json_add_text(json, "into", target->into_uuid);
}

static bool show_json(const sp_cli *cli, const sp_survey *survey, const sp_target *target,
                      const sp_fits *fits, sp_error *err)
{
	sp_json *json = sp_json_object();
	bool ok;

	sp_json_add_bool(json, "success", sp_fits_code(fits) != SP_INCOMPATIBLE);
	sp_json_add_int(json, "code", sp_fits_code(fits));
	add_package(json, sp_cli_arg(cli, 0), survey->about);
	add_target(json, target);
	ok = sp_fits_json(fits, json) ? sp_show_json(cli, json, err) : sp_fail_memory(err);
	sp_json_free(json);
	return ok;
}

/* --- the two sides --- */

static bool check_options(const sp_cli *cli, sp_error *err)
{
	static const char *const live[] = { "instance", "db", "store", "into", "as" };
	size_t i;

	for (i = 0; sp_cli_text(cli, "target-profile") && i < sizeof live / sizeof *live; i++) {
		if (sp_cli_list_count(cli, live[i]))
			return sp_fail(err, SP_USAGE,
			               N_("A described target needs no instance; what is to be told of one, "
			                  "\"spaceport describe\" asks it."),
			               N_("--target-profile and --%s don't go together"), live[i]);
	}
	return true;
}

static sp_target *ask_target(const sp_cli *cli, sp_job *job, sp_error *err)
{
	sp_instance instance = { 0 };
	sp_target *target = NULL;

	/* a sign of life before any answer from the network */
	sp_show_note(cli, N_("connecting …"));
	if (sp_cli_instance(cli, &instance, err))
		target = sp_target_ask(&instance, sp_cli_text(cli, "into"), job, err);
	sp_instance_clear(&instance);
	return target;
}

static sp_survey *read_package(const sp_cli *cli, sp_target *target, sp_job *job,
                               const sp_trust *trust, sp_error *err)
{
	sp_checking check = {
		.name = sp_cli_arg(cli, 0), .limits = sp_findings_limits(cli), .trust = trust, .job = job
	};
	int fd = open(check.name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	sp_show_progress *progress;
	sp_survey *survey;

	if (fd < 0) {
		sp_fail_errno(err, errno, N_("can't open \"%s\""), check.name);
		return NULL;
	}
	progress = sp_progress_begin(cli, job);
	survey = sp_survey_read(fd, &check, sp_compat_keeps_words, target, err);
	sp_progress_end(progress);
	close(fd);
	return survey;
}

static sp_code compare(const sp_cli *cli, sp_job *job, const sp_trust *trust, sp_error *err)
{
	const char *described = sp_cli_text(cli, "target-profile");
	sp_target *target = described ? sp_target_load(described, err) : ask_target(cli, job, err);
	sp_survey *survey = target ? read_package(cli, target, job, trust, err) : NULL;
	sp_fits *fits = survey ? sp_compat(survey, target, err) : NULL;
	sp_code code = fits ? sp_fits_code(fits) : SP_OK;

	if (fits && sp_cli_flag(cli, "json"))
		show_json(cli, survey, target, fits, err);
	else if (fits)
		show_for_people(cli, target, fits, err);
	sp_fits_free(fits);
	sp_survey_free(survey);
	sp_target_free(target);
	return code;
}

sp_code cmd_compat(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;
	sp_trust *trust = sp_cli_trust(cli, &err);
	sp_job *job = sp_job_create();
	sp_code code = SP_OK;

	if (!job)
		sp_fail_memory(&err);
	sp_signals_watch(job);
	if (!sp_error_is_set(&err) && check_options(cli, &err))
		code = compare(cli, job, trust, &err);
	sp_signals_watch(NULL);
	if (sp_error_is_set(&err)) {
		code = err.code;
		sp_show_error(cli, &err);
	}
	sp_job_free(job);
	sp_trust_free(trust);
	sp_error_clear(&err);
	return code;
}

/* --- describing a target --- */

static bool write_target(const sp_cli *cli, const sp_target *target, sp_error *err)
{
	sp_json *json = sp_target_json(target, err);
	sp_buf plain = { 0 }, safe = { 0 };
	sp_out *out = NULL;
	bool ok;

	ok = json && (sp_json_print(json, true, &plain) || sp_fail_memory(err));
	sp_json_free(json);
	sp_safe_json(&safe, sp_buf_text(&plain), plain.len);
	ok = ok && (!safe.failed || sp_fail_memory(err));
	out = ok ? sp_out_open(sp_cli_arg(cli, 0), sp_cli_flag(cli, "force"), err) : NULL;
	ok = out && sp_out_write(out, sp_buf_text(&safe), safe.len, err);
	if (ok)
		ok = sp_out_commit(out, err);
	else
		sp_out_discard(out);
	sp_buf_free(&plain);
	sp_buf_free(&safe);
	return ok;
}

static bool tell_written(const sp_cli *cli, sp_error *err)
{
	const char *path = sp_cli_arg(cli, 0);
	sp_json *json;
	bool ok;

	if (!strcmp(path, "-"))
		return true;
	sp_show_note(cli, N_("wrote %s"), path);
	if (!sp_cli_flag(cli, "json"))
		return true;
	json = sp_json_object();
	sp_json_add_bool(json, "success", true);
	ok = sp_json_add_text(json, "file", path) ? sp_show_json(cli, json, err) : sp_fail_memory(err);
	sp_json_free(json);
	return ok;
}

sp_code cmd_describe(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;
	sp_job *job = sp_job_create();
	sp_target *target = NULL;
	sp_code code = SP_OK;

	if (!job)
		sp_fail_memory(&err);
	sp_signals_watch(job);
	if (job)
		target = ask_target(cli, job, &err);
	if (target && write_target(cli, target, &err))
		tell_written(cli, &err);
	sp_signals_watch(NULL);
	if (sp_error_is_set(&err)) {
		code = err.code;
		sp_show_error(cli, &err);
	}
	sp_target_free(target);
	sp_job_free(job);
	sp_error_clear(&err);
	return code;
}
