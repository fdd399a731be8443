#include <config.h>

#include "ui/plain.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/export/words.h"
#include "ui/words.h"

static void add_infospace(sp_wizard *w, int row, sp_buf *to)
{
	const sp_json *space = w->infospaces.rows[row];
	int64_t runs = sp_json_int(space, "runs", 0);

	sp_buf_addf(to, "%s, %s, ", sp_json_text(space, "name"), sp_json_text(space, "role"));
	sp_word_count(to, sp_translate_n("%s run", "%s runs", (unsigned long)runs), runs);
}

/* The infospace of this row, where its runs may be exported. */
static bool take_infospace(sp_plain *p, int row)
{
	const sp_json *space = p->w->infospaces.rows[row];
	sp_buf text = { 0 };

	if (!sp_json_bool(space, "may_export", false)) {
		sp_plain_say("%s", _("You may read it, not export: ask for curator or analyst."));
		return false;
	}
	sp_choose_infospace(p->w, row);
	add_infospace(p->w, row, &text);
	sp_plain_say(_("Chosen: %s."), sp_buf_text(&text));
	sp_buf_free(&text);
	return true;
}

static sp_plain_way step_infospace(sp_plain *p)
{
	sp_wizard *w = p->w;
	sp_list *list = &w->lists[SP_SCREEN_INFOSPACES];
	sp_model model;
	char *answer;
	sp_plain_way to = SP_PLAIN_NEXT;
	int from = 0;

	sp_wizard_go(w, SP_SCREEN_INFOSPACES);
	if (!sp_plain_await(p, SP_ASK_INFOSPACES))
		return w->setup->instance_count > 1 && !w->over ? SP_PLAIN_BACK : SP_PLAIN_QUIT;
	sp_wizard_model(w, &model);
	sp_input_set(&list->filter, "");
	sp_list_refresh(list, &model);
	sp_plain_say(_("Question 2 of 6. Infospace? %d to choose from."), list->shown);
	for (bool chosen = false; to == SP_PLAIN_NEXT && !chosen; free(answer)) {
		int number;

		sp_plain_rows(w, list, from, add_infospace);
		from = from + SP_PLAIN_ROWS < list->shown ? from + SP_PLAIN_ROWS : 0;
		to = sp_plain_ask(p, _("Number or part of a name"),
		         _("A number takes the infospace; any other text shows those that have it."),
		         &answer);
		if (to != SP_PLAIN_NEXT || !*answer)
			continue;
		number = sp_plain_number(answer, list->shown);
		if (!number)
			sp_plain_filter(list, &model, answer);
		from = 0;
		if (number || (*list->filter.text && list->shown == 1))
			chosen = take_infospace(p, list->order[number ? number - 1 : 0]);
	}
	return to;
}

static void add_run(sp_wizard *w, int row, sp_buf *to)
{
	const sp_json *run = w->runs.rows[row];
	int64_t annotations = sp_json_int(run, "annotations", 0);

	sp_buf_addf(to, "%s: ", sp_json_text(run, "name"));
	sp_word_status(to, sp_json_text(run, "status"));
	sp_buf_adds(to, ", ");
	sp_word_count(to, sp_translate_n("%s annotation", "%s annotations", (unsigned long)annotations),
	              annotations);
	sp_buf_adds(to, ", ");
	sp_word_time(to, sp_json_text(run, "created_at"), false);
}

/* "1,3-5" or "all" picks among those shown; false: the text says no such thing. */
static bool pick_numbers(sp_list *list, const char *text)
{
	bool all = strcmp(text, "all") == 0;

	for (int i = 0; i < list->count; i++)
		list->picked[i] = false;
	for (int i = 0; all && i < list->shown; i++)
		list->picked[list->order[i]] = true;
	while (!all && *text) {
		char *end;
		long from = strtol(text, &end, 10), to = from;

		if (end == text)
			return false;
		if (*end == '-') {
			text = end + 1;
			to = strtol(text, &end, 10);
		}
		if (from < 1 || to < from || to > list->shown || (*end && *end != ',') || end == text)
			return false;
		for (long i = from; i <= to; i++)
			list->picked[list->order[i - 1]] = true;
		text = end + (*end == ',');
	}
	return sp_list_picks(list) > 0;
}

static void say_chosen(const sp_answers *answers)
{
	if (answers->run_count == 1)
		sp_plain_say(_("Chosen: %s."), answers->runs[0].name);
	else
		sp_plain_say(sp_translate_n("Chosen: %d run.", "Chosen: %d runs.",
		                   (unsigned long)answers->run_count),
		    answers->run_count);
}

static sp_plain_way step_runs(sp_plain *p)
{
	sp_wizard *w = p->w;
	sp_list *list = &w->lists[SP_SCREEN_RUNS];
	sp_model model;
	char *answer;
	sp_plain_way to = SP_PLAIN_NEXT;
	int from = 0;

	sp_wizard_go(w, SP_SCREEN_RUNS);
	if (!sp_plain_await(p, SP_ASK_RUNS))
		return w->over ? SP_PLAIN_QUIT : SP_PLAIN_BACK;
	sp_wizard_model(w, &model);
	if (!list->count) {
		sp_plain_say("%s", _("There are no runs in this infospace."));
		return SP_PLAIN_BACK;
	}
	sp_input_set(&list->filter, "");
	sp_list_refresh(list, &model);
	sp_plain_say(_("Question 3 of 6. Runs? %d to choose from."), list->shown);
	for (bool chosen = false; to == SP_PLAIN_NEXT && !chosen; free(answer)) {
		sp_plain_rows(w, list, from, add_run);
		from = from + SP_PLAIN_ROWS < list->shown ? from + SP_PLAIN_ROWS : 0;
		to = sp_plain_ask(
			p, _("Part of a name, numbers like 1,3-5, or all"),
			_("Numbers take runs of those read out last; any other text shows those that have it."),
			&answer);
		if (to != SP_PLAIN_NEXT || !*answer)
			continue;
		chosen = pick_numbers(list, answer);
		if (!chosen)
			sp_plain_filter(list, &model, answer);
		from = 0;
	}
	if (to == SP_PLAIN_NEXT) {
		sp_choose_runs(w);
		say_chosen(w->answers);
	}
	return to;
}

static sp_plain_way step_options(sp_plain *p)
{
	sp_wizard_go(p->w, SP_SCREEN_OPTIONS);
	sp_plain_await(p, SP_ASK_SURVEY);
	return sp_plain_options(p, _("Question 4 of 6. Options as usual?"));
}

/* --- where to, and writing ------------------------------------------------------ */

/* A path for one package, a folder for several. */
static void take_path(sp_plain *p, char *path)
{
	sp_answers *answers = p->w->answers;
	char *slash = strrchr(path, '/');

	if (answers->run_count > 1 || (slash && !slash[1])) {
		sp_choose_folder(p->w, path);
		return;
	}
	if (!sp_answer_set(&answers->runs[0].file, slash ? slash + 1 : path))
		sp_plain_say("%s", _("out of memory"));
	if (slash) {
		slash[slash == path] = '\0';
		sp_choose_folder(p->w, path);
	}
}

static sp_plain_way step_path(sp_plain *p)
{
	const sp_answers *answers = p->w->answers;
	sp_buf question = { 0 };
	char *answer;
	sp_plain_way to;

	sp_buf_addf(&question, _("Question 5 of 6. Write where? [%s%s%s]"), answers->folder, "/",
	            answers->run_count > 1 ? "" : answers->runs[0].file);
	to = sp_plain_ask(p, sp_buf_text(&question),
	         _("A path; of several packages the folder. One that isn't there is made."), &answer);
	if (to == SP_PLAIN_NEXT && *answer)
		take_path(p, answer);
	if (to == SP_PLAIN_NEXT)
		free(answer);
	sp_buf_free(&question);
	return to;
}

static void say_plan(sp_plain *p, const sp_json *plan)
{
	const sp_json *out = sp_json_get(plan, "stays_out");
	sp_buf text = { 0 };

	for (const sp_json *at = sp_json_first(out); at; at = sp_json_next(at)) {
		const char *title = sp_word_title(sp_json_key(at));

		sp_buf_addf(&text, "%s%s", text.len ? ", " : "", title ? _(title) : sp_json_key(at));
	}
	sp_plain_say(_("Left out: %s."), sp_buf_text(&text));
	for (plan = sp_json_first(sp_json_get(p->w->plan, "plans")); plan; plan = sp_json_next(plan))
		for (const sp_json *at = sp_json_first(sp_json_get(plan, "warnings")); at;
		     at = sp_json_next(at)) {
			sp_buf_reset(&text);
			sp_word_warning(&text, at);
			sp_plain_say(_("Warning: %s."), sp_buf_text(&text));
		}
	sp_buf_free(&text);
}

static void say_whole(sp_plain *p)
{
	sp_wizard *w = p->w;
	sp_buf size = { 0 };
	int64_t sum = 0;

	for (const sp_json *at = sp_json_first(sp_json_get(w->plan, "plans")); at;
	     at = sp_json_next(at))
		sum += sp_json_int(at, "estimated_size", 0);
	sp_text_bytes(&size, (unsigned long long)sum);
	sp_plain_say(sp_translate_n("Question 6 of 6. Write %d package, about %s, to %s?",
	                   "Question 6 of 6. Write %d packages, about %s, to %s?",
	                   (unsigned long)w->answers->run_count),
	    w->answers->run_count, sp_buf_text(&size), w->answers->folder);
	say_plan(p, sp_json_first(sp_json_get(w->plan, "plans")));
	for (const sp_json *at = sp_json_first(sp_json_get(w->targets, "targets")); at;
	     at = sp_json_next(at))
		if (sp_json_bool(at, "exists", false)) {
			sp_plain_say(_("%s exists already: it would be replaced."), sp_json_text(at, "path"));
			w->answers->force = true;
		}
	sp_buf_free(&size);
}

static sp_plain_way write_all(sp_plain *p)
{
	sp_wizard_go(p->w, SP_SCREEN_PROGRESS);
	if (sp_plain_await_job(p))
		return SP_PLAIN_NEXT;
	return p->w->code == SP_INTERRUPTED || p->w->over ? SP_PLAIN_QUIT : SP_PLAIN_BACK;
}

static sp_plain_way step_write(sp_plain *p)
{
	sp_wizard *w = p->w;
	bool planned;
	char *answer;
	sp_plain_way to = SP_PLAIN_NEXT;

	sp_wizard_go(w, SP_SCREEN_PREVIEW);
	planned = sp_plain_await(p, SP_ASK_PLAN);
	if (!sp_plain_await(p, SP_ASK_TARGETS) || !planned)
		return w->over ? SP_PLAIN_QUIT : SP_PLAIN_BACK;
	say_whole(p);
	for (bool said = false; to == SP_PLAIN_NEXT && !said; free(answer)) {
		to = sp_plain_ask(p, _("Type write to write it, or <"),
		         _("Nothing is written before this. Ctrl-C stops it cleanly while it writes."),
		         &answer);
		said = to == SP_PLAIN_NEXT &&
		       (strcmp(answer, "write") == 0 || strcmp(answer, _("write")) == 0);
	}
	return to == SP_PLAIN_NEXT ? write_all(p) : to;
}

sp_plain_step *const sp_plain_export[SP_PLAIN_STEPS] = {
	sp_plain_instance, step_infospace, step_runs, step_options, step_path, step_write,
};
