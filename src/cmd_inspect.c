#include <config.h>

#include "src/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/export/words.h"
#include "core/package/inspect.h"
#include "src/findings.h"
#include "src/show.h"

#define LABEL_WIDTH 14
/* lines of a list that people still read; --json has all */
#define MOST_LINES 20

/* What people call it; else the word itself, with spaces. */
static void add_title(sp_buf *to, const char *word)
{
	const char *title = sp_word_title(word);

	if (title) {
		sp_buf_adds(to, _(title));
		return;
	}
	for (; *word; word++)
		sp_buf_addc(to, *word == '_' ? ' ' : *word);
}

static void add_safe(sp_buf *to, const char *text)
{
	sp_safe_text(to, text, strlen(text));
}

/* A scalar on one line; nothing for the rest. */
static void add_scalar(sp_buf *to, const sp_json *value)
{
	static const struct {
		const char *json, *title;
	} titles[] = { { "true", N_("yes") }, { "false", N_("no") }, { "null", N_("none") } };
	sp_buf text = { 0 };
	size_t i;

	if (sp_json_value_text(value)) {
		add_safe(to, sp_json_value_text(value));
		return;
	}
	if (sp_json_first(value))
		return;
	if (!sp_json_print(value, false, &text))
		to->failed = true;
	for (i = 0; i < 3 && strcmp(sp_buf_text(&text), titles[i].json) != 0; i++)
		;
	sp_buf_adds(to, i < 3 ? _(titles[i].title) : sp_buf_text(&text));
	sp_buf_free(&text);
}

static void add_label(sp_buf *to, const char *label)
{
	sp_text_fit(to, _(label), LABEL_WIDTH, true);
	sp_buf_addc(to, ' ');
}

/* "Label  value", where the manifest has it. */
static void add_line(sp_buf *to, const char *label, const sp_json *object, const char *key)
{
	const char *text = sp_json_text(object, key);

	if (!text)
		return;
	add_label(to, label);
	add_safe(to, text);
	sp_buf_addc(to, '\n');
}

static void add_sizes(sp_buf *to, const sp_json *result)
{
	add_label(to, N_("Size"));
	sp_text_bytes(to, (unsigned long long)sp_json_int(result, "file_size", 0));
	sp_buf_adds(to, "; ");
	sp_buf_adds(to, _("unpacked:"));
	sp_buf_addc(to, ' ');
	sp_text_bytes(to, (unsigned long long)sp_json_int(result, "bytes", 0));
	sp_buf_addc(to, '\n');
}

static void add_head(sp_buf *to, const sp_json *result)
{
	const sp_json *manifest = sp_json_get(result, "manifest");
	const sp_json *source = sp_json_get(manifest, "source");

	add_line(to, N_("Package"), manifest, "package_type");
	add_line(to, N_("Format"), result, "format_version");
	add_line(to, N_("Made"), manifest, "created_at");
	add_line(to, N_("By spaceport"), manifest, "spaceport_version");
	add_sizes(to, result);
	add_line(to, N_("Run"), sp_json_get(manifest, "run"), "name");
	add_line(to, "", sp_json_get(manifest, "run"), "uuid");
	add_line(to, N_("Status"), sp_json_get(manifest, "run"), "status");
	add_line(to, N_("Infospace"), sp_json_get(manifest, "infospace"), "name");
	add_line(to, N_("Instance"), source, "instance");
	add_line(to, N_("Generation"), source, "generation");
	add_line(to, N_("Revision"), source, "revision");
	add_line(to, N_("PostgreSQL"), source, "server_version");
	add_line(to, N_("Time zone"), source, "time_zone");
	sp_buf_addc(to, '\n');
}

static void add_cell(sp_listing *table, const sp_json *kind, const char *key, bool is_bytes)
{
	int64_t number = sp_json_int(kind, key, -1);
	sp_buf text = { 0 };

	if (number >= 0 && is_bytes)
		sp_text_bytes(&text, (unsigned long long)number);
	else if (number >= 0)
		sp_buf_addf(&text, "%lld", (long long)number);
	sp_listing_take(table, &text);
}

static bool show_counts(const sp_json *result, sp_error *err)
{
	sp_listing *table = sp_listing_create(4);
	const sp_json *kind;
	bool ok;

	sp_listing_head(table, 0, N_("Content"), false);
	sp_listing_head(table, 1, N_("Entries"), true);
	sp_listing_head(table, 2, N_("Rows"), true);
	sp_listing_head(table, 3, N_("Size"), true);
	for (kind = sp_json_first(sp_json_get(result, "counts")); kind; kind = sp_json_next(kind)) {
		sp_buf title = { 0 };

		add_title(&title, sp_json_key(kind));
		sp_listing_take(table, &title);
		add_cell(table, kind, "entries", false);
		add_cell(table, kind, "rows", false);
		add_cell(table, kind, "bytes", true);
	}
	ok = table ? sp_listing_print(table, stdout, err) : sp_fail_memory(err);
	sp_listing_free(table);
	return ok;
}

static void add_options(sp_buf *to, const sp_json *options)
{
	const sp_json *option;

	if (!sp_json_first(options))
		return;
	sp_buf_addf(to, "\n%s\n", _("Options"));
	for (option = sp_json_first(options); option; option = sp_json_next(option)) {
		sp_buf_adds(to, "  ");
		add_safe(to, sp_json_key(option));
		sp_buf_adds(to, ": ");
		add_scalar(to, option);
		sp_buf_addc(to, '\n');
	}
}

/* An item of a list: its text, or its members' values. */
static void add_item(sp_buf *to, const sp_json *item)
{
	const sp_json *member = sp_json_first(item);

	sp_buf_adds(to, "  ");
	if (sp_json_text(item, "code")) {
		sp_word_warning(to, item);
		member = NULL;
	} else if (!member) {
		add_scalar(to, item);
	}
	for (; member; member = sp_json_next(member)) {
		add_scalar(to, member);
		if (sp_json_next(member))
			sp_buf_adds(to, ": ");
	}
	sp_buf_addc(to, '\n');
}

static void add_items(sp_buf *to, const sp_json *list)
{
	const sp_json *item = sp_json_first(list);
	unsigned long more = 0;
	int lines;

	for (lines = 0; item && lines < MOST_LINES; item = sp_json_next(item), lines++)
		add_item(to, item);
	for (; item; item = sp_json_next(item))
		more++;
	if (more) {
		sp_buf_adds(to, "  ");
		sp_buf_addf(to,
		            sp_translate_n("and %lu more: see --json", "and %lu more: see --json", more),
		            more);
		sp_buf_addc(to, '\n');
	}
}

/* Counts that aren't 0, and lists. */
static void add_left_out(sp_buf *to, const sp_json *left_out)
{
	const sp_json *what;
	size_t before;

	sp_buf_addf(to, "\n%s\n", _("Left out"));
	before = to->len;
	for (what = sp_json_first(left_out); what; what = sp_json_next(what)) {
		int64_t count = sp_json_int(left_out, sp_json_key(what), 0);

		if (count > 0) {
			sp_buf_adds(to, "  ");
			add_title(to, sp_json_key(what));
			sp_buf_addf(to, ": %lld\n", (long long)count);
		}
		add_items(to, what);
	}
	if (to->len == before)
		sp_buf_addf(to, "  %s\n", _("nothing"));
}

static void add_tail(sp_buf *to, const sp_json *result, const sp_findings *findings)
{
	const sp_json *manifest = sp_json_get(result, "manifest");
	const sp_json *warnings = sp_json_get(manifest, "warnings");
	int64_t external = sp_json_int(sp_json_get(manifest, "counts"), "external_reference", 0);

	add_options(to, sp_json_get(manifest, "options"));
	add_left_out(to, sp_json_get(manifest, "left_out"));
	if (external > 0)
		sp_buf_addf(to, "\n%s: %lld\n", _("References to what is outside"), (long long)external);
	if (sp_json_first(warnings)) {
		sp_buf_addf(to, "\n%s\n", _("Warnings"));
		add_items(to, warnings);
	}
	if (sp_json_first(sp_json_get(result, "findings"))) {
		sp_buf_addf(to, "\n%s\n", _("Not as spaceport writes it"));
		if (!sp_findings_text(findings, to))
			to->failed = true;
	}
	sp_buf_addf(to, "\n%s\n",
	            _("Every entry was read and is what the checksums and the list say."));
}

static bool print_text(sp_buf *text, sp_error *err)
{
	bool ok = true;

	if (text->failed)
		ok = sp_fail_memory(err);
	else if (fwrite(sp_buf_text(text), 1, text->len, stdout) != text->len)
		ok = sp_fail_errno(err, errno, N_("standard output can't be written"));
	sp_buf_reset(text);
	return ok;
}

static bool show_for_people(const sp_json *result, const sp_findings *findings, sp_error *err)
{
	sp_buf text = { 0 };
	bool ok;

	add_head(&text, result);
	ok = print_text(&text, err) && show_counts(result, err);
	if (ok) {
		add_tail(&text, result, findings);
		ok = print_text(&text, err);
	}
	sp_buf_free(&text);
	return ok;
}

static sp_json *inspect(const sp_cli *cli, const char *path, sp_findings *findings, sp_error *err)
{
	sp_show_progress *progress;
	sp_json *result = NULL;
	sp_job *job = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		sp_fail_errno(err, errno, N_("can't open \"%s\""), path);
		return NULL;
	}
	job = sp_job_create();
	if (!job) {
		sp_fail_memory(err);
		goto cleanup;
	}
	sp_signals_watch(job);
	progress = sp_progress_begin(cli, job);
	result = sp_inspect_and_tell(fd, path, job, sp_findings_tell, findings, err);
	sp_progress_end(progress);
	sp_signals_watch(NULL);
cleanup:
	sp_job_free(job);
	close(fd);
	return result;
}

sp_code cmd_inspect(const sp_cli *cli)
{
	sp_findings *findings = sp_findings_create();
	sp_error err = SP_ERROR_INIT;
	sp_code code = SP_OK;
	sp_json *result = NULL;

	if (findings)
		result = inspect(cli, sp_cli_arg(cli, 0), findings, &err);
	if (!findings || (result && !sp_findings_json(findings, result)))
		sp_fail_memory(&err);
	/* damage is an error; what else was found is none */
	if (result && sp_json_first(sp_json_get(result, "findings")))
		code = SP_WARNINGS;
	if (result && sp_cli_flag(cli, "json")) {
		sp_json_add_bool(result, "success", true);
		sp_show_json(cli, result, &err);
	} else if (result) {
		show_for_people(result, findings, &err);
	}
	if (sp_error_is_set(&err)) {
		sp_show_error(cli, &err);
		code = err.code;
	}
	sp_json_free(result);
	sp_findings_free(findings);
	sp_error_clear(&err);
	return code;
}
