#include <config.h>

#include "src/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/export/words.h"
#include "core/package/validate.h"
#include "src/findings.h"
#include "src/keys.h"
#include "src/show.h"

/* The word for programs, the sentence for people, of what came out. */
typedef struct {
	const char *word, *text;
} verdict;

static verdict verdict_of(const sp_checking *check, const sp_json *result)
{
	switch ((int)sp_checking_code(check)) {
	case SP_OK: return (verdict){ "good", N_("good") };
	case SP_WARNINGS: return (verdict){ "whole", N_("whole, with warnings") };
	case SP_INCOMPATIBLE:
		return (verdict){ "newer", N_("newer than this program understands, or another format") };
	default: break;
	}
	/* of a damaged one nothing is said about that */
	if (sp_json_get(result, "signature"))
		return (verdict){ "untrusted", N_("refused: not signed with a trusted key") };
	return (verdict){ "damaged", N_("damaged") };
}

static void add_signature(sp_buf *to, const sp_json *result)
{
	const sp_json *signature = sp_json_get(result, "signature");
	sp_buf text = { 0 };

	if (!signature)
		return;
	sp_word_signature(&text, signature);
	sp_buf_adds(to, "; ");
	sp_safe_text(to, sp_buf_text(&text), text.len);
	to->failed = to->failed || text.failed;
	sp_buf_free(&text);
}

/* "FILE: good; 102 entries, 150.0 kB unpacked; unsigned", and what was found. */
static bool show_for_people(const char *path, const sp_checking *check, const sp_findings *findings,
                            const sp_json *result, sp_error *err)
{
	unsigned long entries = (unsigned long)sp_json_int(result, "entries", 0);
	sp_buf text = { 0 }, name = { 0 };
	bool ok;

	sp_buf_adds(&name, path);
	sp_safe_text(&text, sp_buf_text(&name), name.len);
	sp_buf_addf(&text, ": %s", _(verdict_of(check, result).text));
	if (entries) {
		sp_buf_adds(&text, "; ");
		sp_buf_addf(&text, sp_translate_n("%lu entry", "%lu entries", entries), entries);
		sp_buf_adds(&text, ", ");
		sp_text_bytes(&text, (unsigned long long)sp_json_int(result, "bytes", 0));
	}
	add_signature(&text, result);
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

	sp_json_add_text(item, "file", path);
	sp_json_add_int(item, "code", sp_checking_code(check));
	sp_json_add_text(item, "verdict", verdict_of(check, result).word);
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
static bool validate(const sp_cli *cli, const char *path, const sp_trust *trust, sp_json *list,
                     sp_code *code, sp_error *err)
{
	sp_findings *findings = sp_findings_create();
	sp_checking check = { .name = path,
		                  .limits = sp_findings_limits(cli),
		                  .trust = trust,
		                  .tell = sp_findings_tell,
		                  .ctx = findings };
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
	sp_trust *trust = sp_cli_trust(cli, &err);
	sp_code worst = SP_OK, code;
	int i;

	if (sp_error_is_set(&err)) {
		sp_show_error(cli, &err);
		worst = err.code;
		goto cleanup;
	}
	for (i = 0; i < sp_cli_count(cli) && rank(worst) < 5; i++) {
		if (!validate(cli, sp_cli_arg(cli, i), trust, list, &code, &err)) {
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
		list = NULL;
	}
	if (sp_error_is_set(&err)) {
		sp_show_error(cli, &err);
		worst = err.code;
	}
cleanup:
	sp_trust_free(trust);
	sp_json_free(list);
	sp_json_free(result);
	sp_error_clear(&err);
	return worst;
}
