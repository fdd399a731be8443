#include <config.h>

#include "ui/plain.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/export/words.h"
#include "core/plan/decide.h"
#include "core/plan/decided.h"
#include "core/plan/words.h"
#include "ui/dry_run.h"
#include "ui/words.h"

/* --- the package ---------------------------------------------------------------- */

static void add_package(sp_wizard *w, int row, sp_buf *to)
{
	const sp_json *entry = w->folder.rows[row];

	sp_buf_adds(to, sp_json_text(entry, "file"));
	if (sp_json_bool(entry, "is_folder", false)) {
		sp_buf_addc(to, '/');
		return;
	}
	sp_buf_adds(to, ", ");
	sp_text_bytes(to, (unsigned long long)sp_json_int(entry, "size", 0));
	sp_buf_adds(to, ", ");
	sp_word_time(to, sp_json_text(entry, "changed"), true);
}

static void say_package(const sp_json *package)
{
	const sp_json *manifest = sp_json_get(package, "manifest");
	const char *run = sp_json_text(sp_json_get(manifest, "run"), "name");
	sp_buf text = { 0 };

	if (run)
		sp_plain_say("%s: %s.", _("run"), run);
	for (const sp_json *at = sp_json_first(sp_json_get(package, "counts")); at;
	     at = sp_json_next(at)) {
		const char *title = sp_word_title(sp_json_key(at));

		if (sp_json_int(at, "rows", 0) <= 0)
			continue;
		sp_buf_addf(&text, "%s%s ", text.len ? ", " : "", title ? _(title) : sp_json_key(at));
		sp_word_number(&text, sp_json_int(at, "rows", 0));
	}
	sp_plain_say("%s: %s.", _("holds"), sp_buf_text(&text));
	sp_buf_reset(&text);
	sp_word_signature(&text, sp_json_get(package, "signature"));
	sp_plain_say("%s: %s.", _("signature"), sp_buf_text(&text));
	sp_buf_free(&text);
}

/* Reads and checks the package of a row; true where it can be taken. */
static bool take_package(sp_plain *p, int row)
{
	sp_wizard *w = p->w;
	sp_buf path = { 0 };
	bool ok;

	sp_buf_addf(&path, "%s/%s", w->answers->folder, sp_json_text(w->folder.rows[row], "file"));
	sp_ask_inspect(w, sp_buf_text(&path), true);
	ok = sp_plain_await(p, SP_ASK_INSPECT);
	if (ok) {
		sp_choose_package(w, sp_buf_text(&path));
		sp_plain_say(_("Chosen: %s."), sp_json_text(w->folder.rows[row], "file"));
		say_package(w->inspected);
	}
	sp_buf_free(&path);
	return ok;
}

/* The package that a path names, or another folder's; false: the folder is asked about. */
static bool take_path(sp_plain *p, const char *path)
{
	sp_wizard *w = p->w;
	const char *named;

	sp_choose_folder(w, path);
	sp_ask_packages(w, true);
	if (!sp_plain_await(p, SP_ASK_PACKAGES))
		return false;
	named = sp_json_text(w->folder.json, "named");
	for (int i = 0; named && i < w->folder.count; i++)
		if (strcmp(sp_json_text(w->folder.rows[i], "file"), named) == 0)
			return take_package(p, i);
	sp_plain_say("%s", w->answers->folder);
	return false;
}

static bool take_row(sp_plain *p, int row)
{
	const sp_json *entry = p->w->folder.rows[row];

	if (sp_json_bool(entry, "is_folder", false))
		return take_path(p, sp_json_text(entry, "file"));
	return take_package(p, row);
}

static sp_plain_way step_package(sp_plain *p)
{
	sp_wizard *w = p->w;
	sp_list *list = &w->lists[SP_SCREEN_PACKAGES];
	sp_plain_way to = SP_PLAIN_NEXT;
	bool chosen = false;
	char *answer;
	int from = 0;

	sp_wizard_go(w, SP_SCREEN_PACKAGES);
	if (!sp_is_awaited(w, SP_ASK_PACKAGES))
		sp_ask_packages(w, true);
	(void)sp_plain_await(p, SP_ASK_PACKAGES);
	sp_plain_say(_("Question 1 of 6. Which package? %d to choose from."), list->shown);
	while (to == SP_PLAIN_NEXT && !chosen && !w->over) {
		int number;

		sp_plain_rows(w, list, from, add_package);
		from = from + SP_PLAIN_ROWS < list->shown ? from + SP_PLAIN_ROWS : 0;
		to = sp_plain_ask(p, _("Number or path"),
		                  _("A number takes the package, or goes into the folder; else its path."),
		                  &answer);
		if (to != SP_PLAIN_NEXT || !*answer) {
			free(answer);
			continue;
		}
		number = sp_plain_number(answer, list->shown);
		chosen = number ? take_row(p, list->order[number - 1]) : take_path(p, answer);
		from = 0;
		free(answer);
	}
	return w->over ? SP_PLAIN_QUIT : to;
}

/* --- where to ------------------------------------------------------------------- */

static void add_target(sp_wizard *w, int row, sp_buf *to)
{
	if (row == 0) {
		sp_buf_adds(to, _("a new infospace"));
		return;
	}
	sp_buf_addf(to, "%s, %s", sp_json_text(w->infospaces.rows[row - 1], "name"),
	            sp_json_text(w->infospaces.rows[row - 1], "role"));
}

static bool take_new(sp_plain *p)
{
	char *answer = NULL;
	bool named = sp_plain_ask(p, _("Its name"), _("Only you may see it at first."), &answer) ==
	                 SP_PLAIN_NEXT &&
	             *answer;

	if (named)
		sp_choose_new(p->w, answer);
	free(answer);
	return named;
}

static bool take_target(sp_plain *p, int row)
{
	sp_wizard *w = p->w;

	if (row == 0)
		return take_new(p);
	if (!sp_json_bool(w->infospaces.rows[row - 1], "may_import", false)) {
		sp_plain_say("%s", _("You may read it, not import into it: ask for editor or analyst."));
		return false;
	}
	sp_choose_infospace(w, row - 1);
	sp_plain_say(_("Chosen: %s."), w->answers->infospace_name);
	return true;
}

static sp_plain_way step_target(sp_plain *p)
{
	sp_wizard *w = p->w;
	sp_list *list = &w->lists[SP_SCREEN_TARGETS];
	sp_plain_way to = SP_PLAIN_NEXT;
	bool chosen = false;
	sp_model model;
	char *answer;
	int from = 0;

	sp_wizard_go(w, SP_SCREEN_TARGETS);
	if (!sp_plain_await(p, SP_ASK_INFOSPACES))
		return w->over ? SP_PLAIN_QUIT : SP_PLAIN_BACK;
	sp_wizard_model(w, &model);
	sp_input_set(&list->filter, "");
	sp_list_refresh(list, &model);
	sp_plain_say(_("Question 3 of 6. Into which infospace? %d to choose from."), list->shown);
	for (; to == SP_PLAIN_NEXT && !chosen; free(answer)) {
		int number;

		sp_plain_rows(w, list, from, add_target);
		from = from + SP_PLAIN_ROWS < list->shown ? from + SP_PLAIN_ROWS : 0;
		to = sp_plain_ask(
			p, _("Number or part of a name"),
			_("A number takes the infospace; any other text shows those that have it."), &answer);
		if (to != SP_PLAIN_NEXT || !*answer)
			continue;
		number = sp_plain_number(answer, list->shown);
		if (!number)
			sp_plain_filter(list, &model, answer);
		from = 0;
		if (number || (*list->filter.text && list->shown == 1))
			chosen = take_target(p, list->order[number ? number - 1 : 0]);
	}
	return to;
}

static sp_plain_way step_settings(sp_plain *p)
{
	sp_wizard_go(p->w, SP_SCREEN_SETTINGS);
	return sp_plain_options(p, _("Question 4 of 6. Options as usual?"));
}

/* --- the dry run ---------------------------------------------------------------- */

/* "annotations: rows 73, the same 71, updated 1" */
static void say_kind(const sp_json *kind)
{
	static const struct {
		const char *member, *title;
	} counts[] = { { "rows", N_("rows") },      { "new", N_("new") },
		           { "same", N_("the same") },  { "update", N_("updated") },
		           { "keep", N_("kept") },      { "conflict", N_("conflict") },
		           { "out", N_("left out") } };
	sp_buf text = { 0 };

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		int64_t n = sp_json_int(kind, counts[i].member, 0);

		if (!n)
			continue;
		sp_buf_addf(&text, "%s%s ", text.len ? ", " : "", _(counts[i].title));
		sp_word_number(&text, n);
	}
	sp_plain_say("%s: %s.", sp_word_kind(sp_json_text(kind, "kind")), sp_buf_text(&text));
	sp_buf_free(&text);
}

static void say_dry_run(const sp_dry_run *run)
{
	const sp_json *kinds = sp_json_get(run->plan, "kinds");

	for (const sp_json *at = sp_json_first(kinds); at; at = sp_json_next(at))
		say_kind(at);
	for (int i = 0; i < run->line_count; i++)
		sp_plain_say("%s.", run->lines[i].text);
}

static void say_group(const sp_dry_run *run, int group)
{
	const sp_json *of = run->conflicts[group];
	const char *name = sp_json_text(of, "name");
	sp_buf text = { 0 };

	sp_buf_addf(&text, "%s (", sp_word_kind(sp_json_text(of, "kind")));
	sp_word_number(&text, sp_json_int(of, "rows", 0));
	sp_buf_adds(&text, "): ");
	sp_word_fate(&text, "conflict", sp_json_text(of, "why"));
	if (sp_json_get(of, "columns")) {
		sp_buf_adds(&text, ": ");
		sp_dry_run_columns(of, &text);
	}
	sp_plain_say(_("Group %d of %d. %s."), group + 1, run->conflict_count, sp_buf_text(&text));
	if (name)
		sp_plain_say(_("Among them: %s"), name);
	sp_buf_free(&text);
}

/* What was answered, as the plan has it: a word, or its first letter; NULL: none. */
static const char *decision_of(const char *answer)
{
	for (int i = 0; i < SP_DECISIONS; i++)
		if (strcmp(answer, sp_decisions[i]) == 0 ||
		    (answer[0] == sp_decisions[i][0] && !answer[1]))
			return sp_decisions[i];
	return NULL;
}

/* Of a merge: which columns. */
static sp_plain_way decide_fields(sp_plain *p, int group)
{
	sp_buf columns = { 0 }, question = { 0 };
	char *answer;
	sp_plain_way to;

	sp_dry_run_columns(p->w->dry_run.conflicts[group], &columns);
	sp_buf_addf(&question, "%s [%s]", _("From the package"), sp_buf_text(&columns));
	to = sp_plain_ask(p, sp_buf_text(&question),
	                  _("Columns that become the package's, with commas between them."), &answer);
	if (to == SP_PLAIN_NEXT)
		sp_dry_run_decide(p->w, group, sp_decisions[SP_DECISION_MERGE],
		                  *answer ? answer : sp_buf_text(&columns));
	free(answer);
	sp_buf_free(&columns);
	sp_buf_free(&question);
	return to;
}

/* "all keep" is for all groups. */
static sp_plain_way decide_group(sp_plain *p, int group)
{
	sp_plain_way to = SP_PLAIN_NEXT;
	bool done = false;
	char *answer;

	say_group(&p->w->dry_run, group);
	while (to == SP_PLAIN_NEXT && !done) {
		const char *word;
		bool all;

		to = sp_plain_ask(p, _("keep, overwrite, beside, merge or later"),
		                  _("keep: what is here stays. overwrite: it becomes the package's. "
		                    "beside: the package's come beside it. merge: some columns become the "
		                    "package's. later: what was changed later counts. With all before it "
		                    "it is for all groups."),
		                  &answer);
		all = to == SP_PLAIN_NEXT && strncmp(answer, "all ", 4) == 0;
		word = to == SP_PLAIN_NEXT ? decision_of(answer + (all ? 4 : 0)) : NULL;
		free(answer);
		if (word && !all && !sp_dry_run_takes(&p->w->dry_run, group, word)) {
			sp_plain_say("%s", _("That is no answer to these: try another, or an option (<)."));
			word = NULL;
		}
		done = word != NULL;
		if (!word)
			continue;
		if (strcmp(word, sp_decisions[SP_DECISION_MERGE]) != 0)
			sp_dry_run_decide(p->w, all ? -1 : group, word, NULL);
		else
			to = decide_fields(p, group);
	}
	return to;
}

static sp_plain_way decide_all(sp_plain *p)
{
	sp_plain_way to = SP_PLAIN_NEXT;

	for (int i = 0; to == SP_PLAIN_NEXT && i < p->w->dry_run.conflict_count; i++)
		if (sp_dry_run_open_of(&p->w->dry_run, i))
			to = decide_group(p, i);
	return to;
}

/* A question of the screen's, with two buttons; false: it stays as it was. */
static bool answer_question(sp_plain *p)
{
	sp_question *q = &p->w->question;
	char *answer = NULL;
	bool yes;

	if (p->w->screen != SP_SCREEN_QUESTION)
		return false;
	sp_plain_say("%s. %s", q->title, q->text);
	yes = sp_plain_ask(p, _("Type yes to import it nevertheless, or <"), q->text, &answer) ==
	          SP_PLAIN_NEXT &&
	      (strcmp(answer, "yes") == 0 || strcmp(answer, _("yes")) == 0);
	free(answer);
	p->w->screen = q->under;
	if (yes)
		q->answer(p->w, q->count - 1);
	return yes;
}

/* Makes it, until it can be made or isn't wanted. */
static bool make_dry_run(sp_plain *p)
{
	do {
		if (sp_plain_await_job(p)) {
			say_dry_run(&p->w->dry_run);
			return true;
		}
		for (int i = 0; i < p->w->dry_run.line_count && i < SP_PLAIN_ROWS; i++)
			sp_plain_say("%s.", p->w->dry_run.lines[i].text);
	} while (answer_question(p));
	return false;
}

static sp_plain_way step_dry_run(sp_plain *p)
{
	sp_wizard *w = p->w;
	sp_plain_way to = SP_PLAIN_NEXT;
	bool decided = false;

	sp_plain_say("%s", _("Question 5 of 6. The dry run: nothing is written."));
	sp_wizard_go(w, SP_SCREEN_DRY_RUN);
	if (!sp_is_awaited(w, SP_ASK_DRY_RUN))
		sp_ask_dry_run(w, true);
	while (to == SP_PLAIN_NEXT && !decided) {
		if (!make_dry_run(p))
			return w->over ? SP_PLAIN_QUIT : SP_PLAIN_BACK;
		if (sp_dry_run_undecidable(&w->dry_run)) {
			sp_plain_say("%s", _("What was decided can't be: decide otherwise."));
			sp_dry_run_decide(w, -1, SP_DECIDE_OPEN, NULL);
		}
		decided = !sp_dry_run_open(&w->dry_run);
		if (decided)
			break;
		to = decide_all(p);
		if (to == SP_PLAIN_NEXT)
			sp_ask_dry_run(w, true);
	}
	return to;
}

/* --- the import ----------------------------------------------------------------- */

static void say_done(const sp_wizard *w)
{
	const char *operation = sp_json_text(w->imported, "operation");
	sp_buf text = { 0 };

	sp_buf_addf(&text, "spaceport verify %s", operation);
	sp_answers_add_instance(w->setup, w->answers, &text);
	sp_plain_say("%s %s", _("Did everything arrive?"), sp_buf_text(&text));
	sp_buf_free(&text);
}

static sp_plain_way write_all(sp_plain *p)
{
	sp_wizard_go(p->w, SP_SCREEN_IMPORT);
	if (sp_plain_await_job(p)) {
		say_done(p->w);
		return SP_PLAIN_NEXT;
	}
	return p->w->code == SP_INTERRUPTED || p->w->over ? SP_PLAIN_QUIT : SP_PLAIN_BACK;
}

/* What must be typed: of an instance that is to be handled with care its name. */
static bool is_agreed(const sp_instance *instance, const char *answer)
{
	if (instance->careful)
		return strcmp(answer, instance->name) == 0;
	return strcmp(answer, "import") == 0 || strcmp(answer, _("import")) == 0;
}

static sp_plain_way step_import(sp_plain *p)
{
	const sp_instance *instance = sp_instance_of(p->w);
	const sp_json *totals = sp_json_get(p->w->dry_run.plan, "totals");
	sp_plain_way to = SP_PLAIN_NEXT;
	sp_buf question = { 0 };
	bool agreed = false;
	char *answer;

	sp_plain_say(_("Question 6 of 6. Import into %s on %s? %lld rows are new, %lld are changed, "
	               "none is deleted."),
	             p->w->answers->new_name ? p->w->answers->new_name : p->w->answers->infospace_name,
	             sp_instance_title(instance), (long long)sp_json_int(totals, "new", 0),
	             (long long)sp_json_int(totals, "update", 0));
	if (instance->careful)
		sp_buf_addf(&question, _("Type the instance's name, %s, to import it, or <"),
		            instance->name);
	else
		sp_buf_adds(&question, _("Type import to import it, or <"));
	while (to == SP_PLAIN_NEXT && !agreed) {
		to = sp_plain_ask(p, sp_buf_text(&question),
		                  _("Nothing is written before this. Ctrl-C takes all of it back while it "
		                    "writes."),
		                  &answer);
		agreed = to == SP_PLAIN_NEXT && is_agreed(instance, answer);
		free(answer);
	}
	sp_buf_free(&question);
	return agreed ? write_all(p) : to;
}

sp_plain_step *const sp_plain_import[SP_PLAIN_STEPS] = {
	step_package, sp_plain_instance, step_target, step_settings, step_dry_run, step_import,
};
