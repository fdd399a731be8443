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
#include "src/keys.h"
#include "src/show.h"

#define LABEL_WIDTH 14
/* lines of a list that people still read; --json has all */
#define MOST_LINES 20
/* columns where no terminal says */
#define WIDTH 80

static void add_safe(sp_buf *to, const char *text)
{
	if (text)
		sp_safe_text(to, text, strlen(text));
}

/* Takes them; what had no memory isn't left out in silence. */
static void add_words(sp_buf *to, sp_buf *words)
{
	add_safe(to, sp_buf_text(words));
	to->failed = to->failed || words->failed;
	sp_buf_free(words);
}

/* What people call it; else the word itself, with spaces. */
static void add_title(sp_buf *to, const char *word)
{
	const char *title = sp_word_title(word);
	sp_buf words = { 0 };

	if (title) {
		sp_buf_adds(to, _(title));
		return;
	}
	for (; *word; word++)
		sp_buf_addc(&words, *word == '_' ? ' ' : *word);
	add_words(to, &words);
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

/* "spaceport 0.1" */
static void add_format(sp_buf *to, const sp_json *result)
{
	const char *version = sp_json_text(result, "format_version");

	add_label(to, N_("Format"));
	add_safe(to, sp_json_text(result, "format"));
	if (version) {
		sp_buf_addc(to, ' ');
		add_safe(to, version);
	}
	sp_buf_addc(to, '\n');
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

static void add_signature(sp_buf *to, const sp_json *result)
{
	sp_buf text = { 0 };

	sp_word_signature(&text, sp_json_get(result, "signature"));
	add_label(to, N_("Signature"));
	add_words(to, &text);
	sp_buf_addc(to, '\n');
}

static void add_features(sp_buf *to, const sp_json *features)
{
	const sp_json *feature;

	if (!sp_json_first(features))
		return;
	add_label(to, N_("Features"));
	for (feature = sp_json_first(features); feature; feature = sp_json_next(feature)) {
		add_scalar(to, feature);
		sp_buf_adds(to, sp_json_next(feature) ? ", " : "\n");
	}
}

/* Of a package that isn't spaceport's own: what it says of itself. */
static void add_foreign_head(sp_buf *to, const sp_json *result)
{
	const sp_json *metadata = sp_json_get(result, "metadata");

	add_line(to, N_("Package"), result, "package_type");
	add_format(to, result);
	add_line(to, N_("Made"), metadata, "created_at");
	add_signature(to, result);
	add_sizes(to, result);
	add_line(to, N_("Of"), metadata, "source_entity_name");
	add_line(to, sp_json_text(metadata, "source_entity_name") ? "" : N_("Of"), metadata,
	         "source_entity_uuid");
	add_line(to, N_("Description"), metadata, "description");
	add_line(to, N_("Instance"), metadata, "source_instance_id");
	sp_buf_addc(to, '\n');
}

static void add_head(sp_buf *to, const sp_json *result)
{
	const sp_json *manifest = sp_json_get(result, "manifest");
	const sp_json *source = sp_json_get(manifest, "source");

	if (!manifest) {
		add_foreign_head(to, result);
		return;
	}
	add_line(to, N_("Package"), manifest, "package_type");
	add_format(to, result);
	add_line(to, N_("Made"), manifest, "created_at");
	add_line(to, N_("By spaceport"), manifest, "spaceport_version");
	add_signature(to, result);
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
	add_features(to, sp_json_get(manifest, "features"));
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

/* "  chunks/" of "assets/chunks/" */
static void add_folder(sp_listing *table, const char *path)
{
	const char *name = path, *at;
	sp_buf cell = { 0 };

	for (at = path; *at && at[1]; at++) {
		if (*at == '/') {
			name = at + 1;
			sp_buf_adds(&cell, "  ");
		}
	}
	sp_buf_adds(&cell, name);
	sp_listing_take(table, &cell);
}

static bool show_tree(const sp_json *result, sp_error *err)
{
	const sp_json *folder = sp_json_first(sp_json_get(result, "tree"));
	sp_listing *table;
	bool ok;

	if (!folder)
		return true;
	table = sp_listing_create(3);
	sp_listing_head(table, 0, N_("Folder"), false);
	sp_listing_head(table, 1, N_("Entries"), true);
	sp_listing_head(table, 2, N_("Size"), true);
	for (; folder; folder = sp_json_next(folder)) {
		add_folder(table, sp_json_text(folder, "path"));
		add_cell(table, folder, "entries", false);
		add_cell(table, folder, "bytes", true);
	}
	ok = table ? sp_listing_print(table, stdout, err) : sp_fail_memory(err);
	sp_listing_free(table);
	return ok;
}

/* --- samples --- */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

/* What tells a person little: numbers and UUIDs of rows, times, and nothing. */
static bool is_dull(const char *key, const char *value)
{
	return !*value || !strcmp(value, "null") || !strcmp(value, "{}") || !strcmp(value, "[]") ||
	       !strncmp(key, "__", 2) || !strcmp(key, "id") || ends_with(key, "uuid") ||
	       ends_with(key, "_id") || ends_with(key, "_at") || ends_with(key, "timestamp");
}

/* A row on one line. */
static void add_columns(sp_buf *line, const sp_json *row, bool dull_too)
{
	const sp_json *column;

	for (column = sp_json_first(row); column; column = sp_json_next(column)) {
		if (!dull_too && is_dull(sp_json_key(column), sp_json_value_text(column)))
			continue;
		sp_buf_adds(line, line->len ? "; " : "");
		add_safe(line, sp_json_key(column));
		sp_buf_adds(line, ": ");
		add_safe(line, sp_json_value_text(column));
	}
}

static void add_sample(sp_buf *to, const sp_json *row, int width)
{
	sp_buf line = { 0 };

	add_columns(&line, row, false);
	if (!line.len)
		add_columns(&line, row, true);
	if (line.len) {
		sp_buf_adds(to, "    ");
		sp_text_fit(to, sp_buf_text(&line), width - 4, false);
		sp_buf_addc(to, '\n');
	}
	to->failed = to->failed || line.failed;
	sp_buf_free(&line);
}

static void add_samples(sp_buf *to, const sp_json *samples, int width)
{
	const sp_json *kind, *row;

	if (!sp_json_first(samples))
		return;
	sp_buf_addf(to, "\n%s\n", _("Samples of the rows"));
	for (kind = sp_json_first(samples); kind; kind = sp_json_next(kind)) {
		sp_buf_adds(to, "  ");
		add_title(to, sp_json_key(kind));
		sp_buf_addc(to, '\n');
		for (row = sp_json_first(kind); row; row = sp_json_next(row))
			add_sample(to, row, width);
	}
}

/* --- the rest --- */

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

static void add_references(sp_buf *to, const sp_json *result)
{
	const sp_json *counts = sp_json_get(sp_json_get(result, "manifest"), "counts"), *kind;
	int64_t external = sp_json_int(counts, "external_reference", 0);

	if (external <= 0)
		return;
	sp_buf_addf(to, "\n%s: %lld\n", _("References to what is outside"), (long long)external);
	kind = sp_json_first(sp_json_get(result, "references"));
	for (; kind; kind = sp_json_next(kind)) {
		sp_buf_adds(to, "  ");
		add_title(to, sp_json_key(kind));
		sp_buf_adds(to, ": ");
		add_scalar(to, kind);
		sp_buf_addc(to, '\n');
	}
}

static void add_tail(sp_buf *to, const sp_json *result, const sp_findings *findings)
{
	const sp_json *manifest = sp_json_get(result, "manifest");
	const sp_json *warnings = sp_json_get(manifest, "warnings");

	add_options(to, sp_json_get(manifest, "options"));
	if (manifest)
		add_left_out(to, sp_json_get(manifest, "left_out"));
	add_references(to, result);
	if (sp_json_first(warnings)) {
		sp_buf_addf(to, "\n%s\n", _("Warnings"));
		add_items(to, warnings);
	}
	if (sp_json_first(sp_json_get(result, "findings"))) {
		sp_buf_addf(to, "\n%s\n", _("Not as spaceport writes it"));
		if (!sp_findings_text(findings, to))
			to->failed = true;
	}
}

static void add_end(sp_buf *to, const sp_json *result)
{
	sp_buf_addf(to, "\n%s\n",
	            sp_json_get(result, "manifest")
	                ? _("Every entry was read and is what the checksums and the list say.")
	                : _("Every entry was read; packages of this format have no checksums."));
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

/* --- lists that may be long: line by line --- */

/* Whoever writes a line appends it, and says whether there was one. */
typedef bool add_line_fn(sp_inspection *inspection, sp_buf *to, bool *more, sp_error *err);

static bool add_entry(sp_inspection *inspection, sp_buf *to, bool *more, sp_error *err)
{
	sp_seen_entry entry;
	sp_buf size = { 0 };

	if (!sp_inspection_entry(inspection, &entry, more, err) || !*more)
		return !sp_error_is_set(err);
	sp_text_bytes(&size, entry.size);
	sp_buf_addf(to, "  %*s", 10 - sp_text_width(sp_buf_text(&size)), "");
	sp_buf_adds(to, sp_buf_text(&size));
	if (entry.rows >= 0)
		sp_buf_addf(to, "%10lld  ", (long long)entry.rows);
	else
		sp_buf_addf(to, "%10s  ", "");
	add_safe(to, entry.path);
	sp_buf_addc(to, '\n');
	sp_buf_free(&size);
	return true;
}

static bool add_entry_json(sp_inspection *inspection, sp_buf *to, bool *more, sp_error *err)
{
	sp_seen_entry entry;
	sp_json *item;
	bool ok;

	if (!sp_inspection_entry(inspection, &entry, more, err) || !*more)
		return !sp_error_is_set(err);
	item = sp_json_object();
	sp_json_add_text(item, "path", entry.path);
	sp_json_add_int(item, "size", (int64_t)entry.size);
	if (entry.rows >= 0)
		sp_json_add_int(item, "rows", entry.rows);
	ok = sp_json_add_text(item, "sha256", entry.sha256) && sp_json_print(item, false, to);
	sp_json_free(item);
	return ok || sp_fail_memory(err);
}

/* A row outside: what it is called, and its UUID. */
static bool add_outside(sp_inspection *inspection, sp_buf *to, bool *more, sp_error *err)
{
	size_t len;
	const char *line = sp_inspection_reference(inspection, &len, err);
	sp_json *row = line ? sp_json_parse(line, len, "instance_mapping", err) : NULL;
	const char *name = sp_json_text(row, "name");

	*more = line != NULL;
	if (!row)
		return !line && !sp_error_is_set(err);
	sp_buf_adds(to, "  ");
	add_safe(to, sp_json_text(row, "uuid"));
	sp_buf_adds(to, "  ");
	add_title(to, sp_json_text(row, "kind") ? sp_json_text(row, "kind") : "?");
	if (name) {
		sp_buf_adds(to, ": ");
		add_safe(to, name);
	}
	sp_buf_addc(to, '\n');
	sp_json_free(row);
	return true;
}

static bool add_outside_json(sp_inspection *inspection, sp_buf *to, bool *more, sp_error *err)
{
	size_t len;
	const char *line = sp_inspection_reference(inspection, &len, err);

	*more = line != NULL;
	if (line)
		sp_buf_add(to, line, len);
	return !sp_error_is_set(err);
}

static bool print_lines(sp_inspection *inspection, add_line_fn *add, const char *title,
                        sp_error *err)
{
	sp_buf text = { 0 };
	bool more = true, ok = true;

	sp_buf_addf(&text, "\n%s\n", title);
	while (ok && more)
		ok = add(inspection, &text, &more, err) && print_text(&text, err);
	sp_buf_free(&text);
	return ok;
}

/* As a member more of an object that isn't closed. */
static bool print_member(sp_inspection *inspection, add_line_fn *add, const char *name,
                         sp_error *err)
{
	sp_buf text = { 0 }, safe = { 0 };
	bool more = true, ok = true, first = true;

	sp_buf_addf(&safe, ",\n  \"%s\": [", name);
	while (ok && more) {
		ok = add(inspection, &text, &more, err);
		if (ok && more) {
			sp_buf_adds(&safe, first ? "\n    " : ",\n    ");
			sp_safe_json(&safe, sp_buf_text(&text), text.len);
		} else if (ok) {
			sp_buf_adds(&safe, first ? "]" : "\n  ]");
		}
		first = false;
		ok = ok && print_text(&safe, err);
		sp_buf_reset(&text);
	}
	sp_buf_free(&text);
	sp_buf_free(&safe);
	return ok;
}

/* The lists would fill memory: they are written behind the rest. */
static bool show_json(const sp_cli *cli, sp_json *result, sp_inspection *inspection, sp_error *err)
{
	sp_buf plain = { 0 }, safe = { 0 };
	bool ok = sp_json_print(result, true, &plain) || sp_fail_memory(err);

	sp_safe_json(&safe, sp_buf_text(&plain), plain.len);
	sp_buf_free(&plain);
	while (safe.len && safe.data[safe.len - 1] != '}')
		safe.len--;
	safe.len -= safe.len > 1 ? 2 : 0; /* with the line end before it */
	ok = ok && print_text(&safe, err);
	if (ok && sp_cli_flag(cli, "entries"))
		ok = print_member(inspection, add_entry_json, "entry_list", err);
	if (ok && sp_cli_flag(cli, "references"))
		ok = print_member(inspection, add_outside_json, "reference_list", err);
	sp_buf_adds(&safe, "\n}\n");
	ok = ok && print_text(&safe, err);
	sp_buf_free(&safe);
	return ok;
}

/* --- all together --- */

static bool show_for_people(const sp_cli *cli, const sp_json *result, sp_inspection *inspection,
                            const sp_findings *findings, sp_error *err)
{
	int width = sp_terminal_width(stdout);
	sp_buf text = { 0 };
	bool ok;

	add_head(&text, result);
	ok = print_text(&text, err) && show_counts(result, err);
	sp_buf_addc(&text, '\n');
	ok = ok && print_text(&text, err) && show_tree(result, err);
	add_samples(&text, sp_json_get(result, "samples"), width > 0 ? width : WIDTH);
	add_tail(&text, result, findings);
	ok = ok && print_text(&text, err);
	if (ok && sp_cli_flag(cli, "references"))
		ok = print_lines(inspection, add_outside, _("What is outside"), err);
	if (ok && sp_cli_flag(cli, "entries"))
		ok = print_lines(inspection, add_entry, _("Entries: size, rows, path"), err);
	add_end(&text, result);
	ok = ok && print_text(&text, err);
	sp_buf_free(&text);
	return ok;
}

static sp_inspection *inspect(const sp_cli *cli, sp_checking *check, sp_error *err)
{
	int fd = open(check->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned samples = (unsigned)sp_cli_int(cli, "samples");
	sp_inspection *inspection = NULL;
	sp_show_progress *progress;

	if (fd < 0) {
		sp_fail_errno(err, errno, N_("can't open \"%s\""), check->name);
		return NULL;
	}
	check->job = sp_job_create();
	if (!check->job) {
		sp_fail_memory(err);
		goto cleanup;
	}
	sp_signals_watch(check->job);
	progress = sp_progress_begin(cli, check->job);
	inspection = sp_inspect_open(fd, check, samples, err);
	sp_progress_end(progress);
	sp_signals_watch(NULL);
cleanup:
	sp_job_free(check->job);
	check->job = NULL;
	close(fd);
	return inspection;
}

static sp_code show(const sp_cli *cli, sp_inspection *inspection, sp_findings *findings,
                    sp_error *err)
{
	sp_json *result = sp_inspection_result(inspection, err);
	sp_code code = SP_OK;

	if (result && !sp_findings_json(findings, result))
		sp_fail_memory(err);
	/* damage is an error; what else was found is none */
	if (sp_json_first(sp_json_get(result, "findings")))
		code = SP_WARNINGS;
	if (result && !sp_error_is_set(err) && sp_cli_flag(cli, "json")) {
		sp_json_add_bool(result, "success", true);
		show_json(cli, result, inspection, err);
	} else if (result && !sp_error_is_set(err)) {
		show_for_people(cli, result, inspection, findings, err);
	}
	sp_json_free(result);
	return code;
}

sp_code cmd_inspect(const sp_cli *cli)
{
	sp_findings *findings = sp_findings_create();
	sp_checking check = { .name = sp_cli_arg(cli, 0),
		                  .limits = sp_findings_limits(cli),
		                  .tell = sp_findings_tell,
		                  .ctx = findings };
	sp_inspection *inspection = NULL;
	sp_error err = SP_ERROR_INIT;
	sp_trust *trust = sp_cli_trust(cli, &err);
	sp_code code = SP_OK;

	check.trust = trust;
	if (findings && !sp_error_is_set(&err))
		inspection = inspect(cli, &check, &err);
	else if (!findings)
		sp_fail_memory(&err);
	if (inspection)
		code = show(cli, inspection, findings, &err);
	if (sp_error_is_set(&err)) {
		sp_show_error(cli, &err);
		code = err.code;
	}
	sp_inspection_free(inspection);
	sp_trust_free(trust);
	sp_findings_free(findings);
	sp_error_clear(&err);
	return code;
}
