#include <config.h>

#include "src/show_plan.h"

#include "core/plan/words.h"
#include "src/show.h"

/* Of what is said of rows so many lines are shown; --json has all. */
#define SHOWN 20

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
		sp_listing_cell(table, sp_word_kind(sp_json_text(at, "kind")));
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

static void show_group(const sp_cli *cli, const sp_json *group)
{
	sp_buf text = { 0 };

	sp_word_group(&text, group);
	sp_show_note(cli, "%s", sp_buf_text(&text));
	sp_buf_free(&text);
}

void sp_show_groups(const sp_cli *cli, const sp_json *groups)
{
	int shown = 0, more = 0;

	for (const sp_json *at = sp_json_first(groups); at; at = sp_json_next(at)) {
		if (!sp_word_is_told(at))
			continue;
		if (shown++ < SHOWN)
			show_group(cli, at);
		else
			more++;
	}
	if (more)
		sp_show_note(cli, N_("  … and %d more (--json lists them)"), more);
}

static void show_note(void *ctx, const char *text, bool is_loss)
{
	const sp_cli **cli = ctx;

	(void)is_loss;
	sp_show_note(*cli, "%s", text);
}

void sp_show_lost(const sp_cli *cli, const sp_json *plan)
{
	sp_word_notes(plan, show_note, &cli);
}

bool sp_show_plan(const sp_cli *cli, const sp_json *plan, sp_error *err)
{
	const sp_json *target = sp_json_get(plan, "target");
	const char *owner = sp_json_text(sp_json_get(plan, "owner"), "name");
	sp_buf files = { 0 };
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
	if (sp_word_files(&files, plan))
		sp_show_note(cli, "%s", sp_buf_text(&files));
	sp_buf_free(&files);
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
