#include <config.h>

#include "src/commands.h"

#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/export/words.h"
#include "core/import/import.h"
#include "src/findings.h"
#include "src/instance.h"
#include "src/keys.h"
#include "src/show.h"

/* Of what is said of rows so many lines are shown; --json has all. */
#define SHOWN 20

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

static int index_of(const char *const *words, int count, const char *word)
{
	int i;

	for (i = 0; i < count - 1 && strcmp(words[i], word) != 0; i++)
		;
	return i;
}

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
		.owner = sp_cli_text(cli, "owner-id"),
		.owner_only = sp_cli_text(cli, "owner-id") != NULL,
		.decisions = sp_cli_text(cli, "decisions"),
		.strategy = (sp_strategy)index_of(sp_strategies, SP_STRATEGIES,
		                                  sp_cli_text(cli, "conflict-strategy")),
		.uuids = (sp_uuid_strategy)index_of(sp_uuid_strategies, SP_UUIDS,
		                                    sp_cli_text(cli, "uuid-mapping-strategy")),
		.force = sp_cli_flag(cli, "force"),
		.dry_run = is_plan || sp_cli_flag(cli, "dry-run"),
		.output = is_plan ? sp_cli_text(cli, "output") : NULL,
		.replace = is_plan && sp_cli_flag(cli, "force"),
	};
	return !sp_error_is_set(err) && read_where(i, err) && sp_cli_instance(cli, &i->instance, err);
}

/* --- what it would do ---------------------------------------------------------------------- */

static const char *title_of(const char *kind)
{
	const char *title = kind ? sp_word_title(kind) : NULL;

	return title ? _(title) : kind ? kind : "?";
}

static bool show_counts(const sp_json *plan, sp_error *err)
{
	static const struct {
		const char *key, *title;
	} columns[] = { { "rows", N_("ROWS") },         { "new", N_("NEW") },
		            { "same", N_("THE SAME") },     { "update", N_("UPDATED") },
		            { "keep", N_("KEPT AS HERE") }, { "conflict", N_("CONFLICTS") },
		            { "out", N_("LEFT OUT") } };
	int count = sizeof columns / sizeof *columns;
	sp_listing *table = sp_listing_create(count + 1);
	sp_buf number = { 0 };
	bool ok;

	sp_listing_head(table, 0, "", false);
	for (int i = 0; i < count; i++)
		sp_listing_head(table, i + 1, columns[i].title, true);
	for (const sp_json *at = sp_json_first(sp_json_get(plan, "kinds")); at; at = sp_json_next(at)) {
		sp_listing_cell(table, title_of(sp_json_text(at, "kind")));
		for (int i = 0; i < count; i++) {
			int64_t n = sp_json_int(at, columns[i].key, 0);

			if (n)
				sp_buf_addf(&number, "%lld", (long long)n);
			sp_listing_take(table, &number);
		}
	}
	ok = sp_listing_print(table, stderr, err);
	sp_listing_free(table);
	return ok;
}

/* What a class and its reason mean (core/plan/fate.h, core/plan/out.h). */
static const struct {
	const char *class, *why, *text;
} reasons[] = {
	{ "new", "beside", N_("new, beside ones that are here") },
	{ "update", "there", N_("updated, for only the package's was changed") },
	{ "update", "overwrite", N_("updated, as asked for") },
	{ "update", "decided", N_("updated, as decided") },
	{ "keep", "here", N_("kept as here, for only that was changed") },
	{ "keep", "first", N_("kept as here, for nobody knows who changed it") },
	{ "keep", "skip", N_("kept as here, as asked for") },
	{ "keep", "decided", N_("kept as here, as decided") },
	{ "conflict", "both", N_("in conflict, changed here and there") },
	{ "conflict", "unknown", N_("in conflict, different, and nobody knows who changed it") },
	{ "conflict", "ambiguous", N_("in conflict, may be one of several rows here") },
	{ "conflict", "taken", N_("in conflict, has the UUID of a row elsewhere in the instance") },
	{ "out", "deleted", N_("left out, for it was deleted here since it was imported") },
};

static const char *reason_of(const char *class, const char *why)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (!strcmp(reasons[i].class, class) && !strcmp(reasons[i].why, why))
			return _(reasons[i].text);
	return NULL;
}

static void add_list(sp_buf *to, const char *before, const sp_json *list)
{
	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		sp_buf_addf(to, "%s%s", at == sp_json_first(list) ? before : ", ",
		            sp_json_value_text(at) ? sp_json_value_text(at) : "?");
}

static void show_group(const sp_cli *cli, const sp_json *group)
{
	const char *class = sp_json_text(group, "class"), *why = sp_json_text(group, "why");
	const char *reason = reason_of(class, why);
	sp_buf text = { 0 };

	sp_buf_addf(&text, "%s (%lld): ", title_of(sp_json_text(group, "kind")),
	            (long long)sp_json_int(group, "rows", 0));
	if (reason)
		sp_buf_adds(&text, reason);
	else
		sp_buf_addf(&text, _("left out, for its %s is neither in the package nor here"), why);
	add_list(&text, ": ", sp_json_get(group, "columns"));
	add_list(&text, " — ", sp_json_get(group, "names"));
	sp_show_note(cli, "%s", sp_buf_text(&text));
	sp_buf_free(&text);
}

static void show_groups(const sp_cli *cli, const sp_json *plan)
{
	int shown = 0, more = 0;

	for (const sp_json *at = sp_json_first(sp_json_get(plan, "groups")); at;
	     at = sp_json_next(at)) {
		const char *class = sp_json_text(at, "class");

		/* what is new or the same needs no words */
		if (!strcmp(class, "same") || (!strcmp(class, "new") && !*sp_json_text(at, "why")))
			continue;
		if (shown++ < SHOWN)
			show_group(cli, at);
		else
			more++;
	}
	if (more)
		sp_show_note(cli, N_("  … and %d more (--json lists them)"), more);
}

/* What is said of so many rows of a kind: "runs (1): …". */
static void show_of(const sp_cli *cli, const sp_json *at, const char *what)
{
	sp_show_note(cli, "%s (%lld): %s", title_of(sp_json_text(at, "kind")),
	             (long long)sp_json_int(at, "rows", 0), what);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* A list of the plan's; `format` is translated, and takes a column, or what else is meant. */
static void show_list(const sp_cli *cli, const sp_json *list, const char *format)
{
	sp_buf text = { 0 };

	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at)) {
		const char *column = sp_json_text(at, "column"), *what = sp_json_text(at, "what");

		sp_buf_reset(&text);
		sp_buf_addf(&text, format, column ? column : what ? what : "");
		show_of(cli, at, sp_buf_text(&text));
	}
	sp_buf_free(&text);
}
#pragma GCC diagnostic pop

static void show_lost(const sp_cli *cli, const sp_json *plan)
{
	sp_buf text = { 0 };

	show_list(cli, sp_json_get(plan, "lost"), _("%s can't be held by this instance"));
	for (const sp_json *at = sp_json_first(sp_json_get(plan, "references")); at;
	     at = sp_json_next(at)) {
		sp_buf_reset(&text);
		sp_buf_addf(&text, _("references to what isn't here, taken out: %lld"),
		            (long long)sp_json_int(at, "references", 0));
		show_of(cli, at, sp_buf_text(&text));
	}
	show_list(cli, sp_json_get(plan, "otherwise"),
	          _("%s is written otherwise, so that no work starts"));
	sp_buf_free(&text);
}

static bool show_plan(const importing *i, sp_error *err)
{
	const sp_json *target = sp_json_get(i->plan, "target"), *files = sp_json_get(i->plan, "files");
	const char *owner = sp_json_text(sp_json_get(i->plan, "owner"), "name");
	sp_buf size = { 0 };
	bool ok;

	if (sp_cli_flag(i->cli, "quiet") || sp_show_only_json(i->cli))
		return true;
	sp_show_note(i->cli,
	             sp_json_bool(target, "is_new", false)
	                 ? N_("into the new infospace \"%s\", owned by %s")
	                 : N_("into the infospace \"%s\"; rows without an author here belong to %s"),
	             sp_json_text(target, "infospace"), owner);
	ok = show_counts(i->plan, err);
	show_groups(i->cli, i->plan);
	show_lost(i->cli, i->plan);
	if (sp_json_int(files, "count", 0)) {
		sp_text_bytes(&size, (unsigned long long)sp_json_int(files, "bytes", 0));
		sp_show_note(i->cli, N_("files for the store: %lld, %s"),
		             (long long)sp_json_int(files, "count", 0), sp_buf_text(&size));
	}
	sp_buf_free(&size);
	return ok;
}

static void show_bad_rows(const importing *i)
{
	int shown = 0;

	if (sp_cli_flag(i->cli, "quiet") || sp_show_only_json(i->cli))
		return;
	for (const sp_json *at = sp_json_first(sp_json_get(i->plan, "bad_rows")); at && shown < SHOWN;
	     at = sp_json_next(at), shown++)
		sp_show_note(i->cli, N_("%s, line %lld, %s: %s"), sp_json_text(at, "entry"),
		             (long long)sp_json_int(at, "line", 0), sp_json_text(at, "column"),
		             sp_json_text(at, "why"));
	if (sp_json_int(i->plan, "bad_row_count", 0) > shown)
		sp_show_note(i->cli, N_("  … and %d more (--json lists them)"),
		             (int)(sp_json_int(i->plan, "bad_row_count", 0) - shown));
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
		show_bad_rows(i);
	return ok && show_plan(i, err);
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

static bool read_import(importing *i, sp_error *err)
{
	return read_settings(i, false, err);
}

static bool read_plan(importing *i, sp_error *err)
{
	return read_settings(i, true, err);
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
