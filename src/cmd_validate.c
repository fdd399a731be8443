#include <config.h>

#include "src/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/package/validate.h"
#include "src/findings.h"
#include "src/show.h"

#define MIB ((uint64_t)1 << 20)

static sp_limits limits_of(const sp_cli *cli)
{
	return (sp_limits){
		.entries = (uint64_t)sp_cli_int(cli, "max-entries"),
		.entry_size = (uint64_t)sp_cli_int(cli, "max-entry-size") * MIB,
		.total_size = (uint64_t)sp_cli_int(cli, "max-total-size") * MIB,
		.ratio = (uint64_t)sp_cli_int(cli, "max-ratio"),
		.depth = (uint64_t)sp_cli_int(cli, "max-depth"),
		.line_size = (uint64_t)sp_cli_int(cli, "max-line-size") * MIB,
		.seconds = (uint64_t)sp_cli_int(cli, "max-time"),
	};
}

/* The word for programs, the sentence for people, of what came out. */
static const struct {
	sp_code code;
	const char *word, *text;
} verdicts[] = {
	{ SP_OK, "good", N_("good") },
	{ SP_WARNINGS, "whole", N_("whole, with warnings") },
	{ SP_BAD_PACKAGE, "damaged", N_("damaged") },
	{ SP_INCOMPATIBLE, "newer", N_("newer than this program understands, or another format") },
};

static int verdict_of(sp_code code)
{
	int i = 0;

	while (verdicts[i].code != code)
		i++;
	return i;
}

/* "FILE: good; 102 entries, 150.0 kB unpacked", and what was found. */
static bool show_for_people(const char *path, const sp_checking *check, const sp_findings *findings,
                            const sp_json *result, sp_error *err)
{
	unsigned long entries = (unsigned long)sp_json_int(result, "entries", 0);
	sp_buf text = { 0 }, name = { 0 };
	bool ok;

	sp_buf_adds(&name, path);
	sp_safe_text(&text, sp_buf_text(&name), name.len);
	sp_buf_addf(&text, ": %s", _(verdicts[verdict_of(sp_checking_code(check))].text));
	if (entries) {
		sp_buf_adds(&text, "; ");
		sp_buf_addf(&text, sp_translate_n("%lu entry", "%lu entries", entries), entries);
		sp_buf_adds(&text, ", ");
		sp_text_bytes(&text, (unsigned long long)sp_json_int(result, "bytes", 0));
	}
	sp_buf_addc(&text, '\n');
	ok = sp_findings_text(findings, &text) && !name.failed && !text.failed;
	if (!ok)
		sp_fail_memory(err);
	else if (fwrite(sp_buf_text(&text), 1, text.len, stdout) != text.len)
		ok = sp_fail_errno(err, errno, N_("standard output can't be written"));
	sp_buf_free(&text);
	sp_buf_free(&name);
	return ok;
}

static bool add_json(sp_json *list, const char *path, const sp_checking *check,
                     sp_findings *findings, sp_json *result, sp_error *err)
{
	sp_json *item = sp_json_add_object(list, NULL);
	sp_code code = sp_checking_code(check);

	sp_json_add_text(item, "file", path);
	sp_json_add_int(item, "code", code);
	sp_json_add_text(item, "verdict", verdicts[verdict_of(code)].word);
	if (sp_findings_json(findings, item) && sp_json_add(item, "package", result))
		return true;
	return sp_fail_memory(err);
}

/* One that couldn't be checked. */
static bool add_error(sp_json *list, const char *path, const sp_error *error)
{
	sp_json *item = sp_json_add_object(list, NULL);

	sp_json_add_text(item, "file", path);
	sp_json_add_int(item, "code", error->code);
	return sp_json_add_text(item, "error", sp_error_text_c(error));
}

static bool read_package(const sp_cli *cli, const char *path, sp_checking *check, sp_json *result,
                         sp_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	sp_show_progress *progress;
	bool ok = false;

	if (fd < 0)
		return sp_fail_errno(err, errno, N_("can't open \"%s\""), path);
	check->job = sp_job_create();
	if (check->job) {
		sp_signals_watch(check->job);
		progress = sp_progress_begin(cli, check->job);
		ok = sp_validate(fd, check, result, err);
		sp_progress_end(progress);
		sp_signals_watch(NULL);
		sp_job_free(check->job);
	} else {
		sp_fail_memory(err);
	}
	close(fd);
	return ok;
}

/* *code: what came out. */
static bool validate(const sp_cli *cli, const char *path, sp_json *list, sp_code *code,
                     sp_error *err)
{
	sp_findings *findings = sp_findings_create();
	sp_checking check = {
		.name = path, .limits = limits_of(cli), .tell = sp_findings_tell, .ctx = findings
	};
	sp_json *result = sp_json_object();
	bool ok;

	if (!findings || !result)
		ok = sp_fail_memory(err);
	else
		ok = read_package(cli, path, &check, result, err);
	*code = ok ? sp_checking_code(&check) : err->code;
	if (ok && list) {
		ok = add_json(list, path, &check, findings, result, err);
		result = NULL;
	} else if (ok) {
		ok = show_for_people(path, &check, findings, result, err);
	}
	/* also where the verdict couldn't be said */
	if (!ok)
		*code = err->code;
	sp_json_free(result);
	sp_findings_free(findings);
	return ok;
}

/* Which code of several files counts. */
static int rank(sp_code code)
{
	static const sp_code order[] = { SP_OK,          SP_WARNINGS, SP_INCOMPATIBLE,
		                             SP_BAD_PACKAGE, SP_FAILED,   SP_INTERRUPTED };
	int i = 0;

	while (i < 5 && order[i] != code)
		i++;
	return i;
}

sp_code cmd_validate(const sp_cli *cli)
{
	bool json = sp_cli_flag(cli, "json");
	sp_json *result = sp_json_object(), *list = json ? sp_json_array() : NULL;
	sp_error err = SP_ERROR_INIT;
	sp_code worst = SP_OK, code;
	int i;

	for (i = 0; i < sp_cli_count(cli) && rank(worst) < 5; i++) {
		if (!validate(cli, sp_cli_arg(cli, i), list, &code, &err)) {
			/* with JSON in one piece, that alone goes to its stream */
			sp_show_error(json ? NULL : cli, &err);
			if (json)
				add_error(list, sp_cli_arg(cli, i), &err);
		}
		sp_error_clear(&err);
		if (rank(code) > rank(worst))
			worst = code;
	}
	if (json) {
		sp_json_add_bool(result, "success", worst == SP_OK || worst == SP_WARNINGS);
		sp_json_add_int(result, "code", worst);
		if (!sp_json_add(result, "packages", list))
			sp_fail_memory(&err);
		else
			sp_show_json(cli, result, &err);
	}
	if (sp_error_is_set(&err)) {
		sp_show_error(cli, &err);
		worst = err.code;
	}
	sp_json_free(result);
	sp_error_clear(&err);
	return worst;
}
