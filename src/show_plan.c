#include <config.h>

#include "src/show_plan.h"

#include <string.h>

#include "core/base/text.h"
#include "core/export/words.h"
#include "src/show.h"

/* Of what is said of rows so many lines are shown; --json has all. */
#define SHOWN 20

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
	{ "update", "grown", N_("updated, for the package's takes all that it took") },
	{ "keep", "here", N_("kept as here, for only that was changed") },
	{ "keep", "first", N_("kept as here, for nobody knows who changed it") },
	{ "keep", "skip", N_("kept as here, as asked for") },
	{ "keep", "place", N_("kept as here, for there is room for one only") },
	{ "keep", "sealed", N_("kept as here, for it is sealed") },
	{ "keep", "decided", N_("kept as here, as decided") },
	{ "conflict", "both", N_("in conflict, changed here and there") },
	{ "conflict", "unknown", N_("in conflict, different, and nobody knows who changed it") },
	{ "conflict", "ambiguous", N_("in conflict, may be one of several rows here") },
	{ "conflict", "taken", N_("in conflict, has the UUID of a row elsewhere in the instance") },
	{ "conflict", "occupied",
	  N_("in conflict, for another row is already called as they would be") },
	{ "out", "room", N_("left out, for another row is already known as they would be") },
	{ "out", "unasked", N_("left out, as asked for") },
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

void sp_show_groups(const sp_cli *cli, const sp_json *groups)
{
	int shown = 0, more = 0;

	for (const sp_json *at = sp_json_first(groups); at; at = sp_json_next(at)) {
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

void sp_show_lost(const sp_cli *cli, const sp_json *plan)
{
	sp_buf text = { 0 };

	show_list(cli, sp_json_get(plan, "lost"), _("%s can't be held by this instance"));
	show_list(cli, sp_json_get(plan, "unasked"), _("%s isn't taken, as asked for"));
	for (const sp_json *at = sp_json_first(sp_json_get(plan, "references")); at;
	     at = sp_json_next(at)) {
		sp_buf_reset(&text);
		sp_buf_addf(&text, _("references to what isn't here, taken out: %lld"),
		            (long long)sp_json_int(at, "references", 0));
		show_of(cli, at, sp_buf_text(&text));
	}
	show_list(cli, sp_json_get(plan, "otherwise"),
	          _("%s is written otherwise, so that no work starts"));
	show_list(cli, sp_json_get(plan, "sealed"),
	          _("%s leaves out those that are sealed here, which nothing comes into"));
	sp_buf_free(&text);
}

bool sp_show_plan(const sp_cli *cli, const sp_json *plan, sp_error *err)
{
	const sp_json *target = sp_json_get(plan, "target"), *files = sp_json_get(plan, "files");
	const char *owner = sp_json_text(sp_json_get(plan, "owner"), "name");
	sp_buf size = { 0 };
	bool ok;

	if (sp_cli_flag(cli, "quiet") || sp_show_only_json(cli))
		return true;
	sp_show_note(cli,
	             sp_json_bool(target, "is_new", false)
	                 ? N_("into the new infospace \"%s\", owned by %s")
	                 : N_("into the infospace \"%s\"; rows without an author here belong to %s"),
	             sp_json_text(target, "infospace"), owner);
	ok = show_counts(plan, err);
	sp_show_groups(cli, sp_json_get(plan, "groups"));
	sp_show_lost(cli, plan);
	if (sp_json_int(files, "count", 0)) {
		sp_text_bytes(&size, (unsigned long long)sp_json_int(files, "bytes", 0));
		sp_show_note(cli, N_("files for the store: %lld, %s"),
		             (long long)sp_json_int(files, "count", 0), sp_buf_text(&size));
	}
	sp_buf_free(&size);
	return ok;
}

void sp_show_bad_rows(const sp_cli *cli, const sp_json *plan)
{
	int shown = 0;

	if (sp_cli_flag(cli, "quiet") || sp_show_only_json(cli))
		return;
	for (const sp_json *at = sp_json_first(sp_json_get(plan, "bad_rows")); at && shown < SHOWN;
	     at = sp_json_next(at), shown++)
		sp_show_note(cli, N_("%s, line %lld, %s: %s"), sp_json_text(at, "entry"),
		             (long long)sp_json_int(at, "line", 0), sp_json_text(at, "column"),
		             sp_json_text(at, "why"));
	if (sp_json_int(plan, "bad_row_count", 0) > shown)
		sp_show_note(cli, N_("  … and %d more (--json lists them)"),
		             (int)(sp_json_int(plan, "bad_row_count", 0) - shown));
}
