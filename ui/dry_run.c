#include <config.h>

#include "ui/dry_run.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/plan/decide.h"
#include "core/plan/decided.h"
#include "core/plan/words.h"

void sp_dry_run_clear(sp_dry_run *run)
{
	for (int i = 0; i < run->conflict_count; i++)
		free(run->decided[i].fields);
	for (int i = 0; i < run->line_count; i++)
		free(run->lines[i].text);
	free(run->decided);
	free(run->conflicts);
	free(run->lines);
	sp_json_free(run->json);
	*run = (sp_dry_run){ 0 };
}

/* --- taking an answer ----------------------------------------------------------- */

typedef struct {
	sp_dry_run *run;
	bool failed;
} taking;

static void add_line(void *ctx, const char *text, bool is_loss)
{
	taking *t = ctx;
	size_t count = (size_t)t->run->line_count;
	sp_said_line *grown = reallocarray(t->run->lines, count + 1, sizeof *grown);

	if (grown) {
		t->run->lines = grown;
		grown[count] = (sp_said_line){ strdup(text), is_loss };
	}
	if (grown && grown[count].text)
		t->run->line_count++;
	else
		t->failed = true;
}

static void add_bad_rows(taking *t)
{
	const sp_json *at = sp_json_first(sp_json_get(t->run->plan, "bad_rows"));
	sp_buf text = { 0 };

	for (; at; at = sp_json_next(at)) {
		sp_buf_reset(&text);
		sp_buf_addf(&text, _("%s, line %lld, %s: %s"), sp_json_text(at, "entry"),
		            (long long)sp_json_int(at, "line", 0), sp_json_text(at, "column"),
		            sp_json_text(at, "why"));
		add_line(t, sp_buf_text(&text), true);
	}
	sp_buf_free(&text);
}

/* Conflicts and what was decided of them are groups of their own. */
static bool is_elsewhere(const sp_json *group)
{
	return strcmp(sp_json_text(group, "class"), "conflict") == 0 ||
	       strcmp(sp_json_text(group, "why"), "decided") == 0;
}

static void add_groups(taking *t)
{
	const sp_json *at = sp_json_first(sp_json_get(t->run->plan, "groups"));
	sp_buf text = { 0 };

	for (; at; at = sp_json_next(at)) {
		if (!sp_word_is_told(at) || is_elsewhere(at))
			continue;
		sp_buf_reset(&text);
		sp_word_group(&text, at);
		add_line(t, sp_buf_text(&text), false);
	}
	sp_buf_free(&text);
}

static void add_files(taking *t)
{
	sp_buf text = { 0 };

	if (sp_word_files(&text, t->run->plan))
		add_line(t, sp_buf_text(&text), false);
	sp_buf_free(&text);
}

static bool take_conflicts(sp_dry_run *run)
{
	const sp_json *list = sp_json_get(sp_json_get(run->json, "conflicts"), "groups");
	size_t count = 0;

	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		count++;
	run->conflicts = calloc(count + 1, sizeof *run->conflicts);
	run->decided = calloc(count + 1, sizeof *run->decided);
	if (!run->conflicts || !run->decided)
		return false;
	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		run->conflicts[run->conflict_count++] = at;
	return true;
}

static bool is_any_decided(const sp_dry_run *run)
{
	bool any = false;

	for (int i = 0; i < run->conflict_count; i++)
		any = any || sp_json_int(run->conflicts[i], "open", 0) <
		                 sp_json_int(run->conflicts[i], "rows", 0);
	return any;
}

bool sp_dry_run_take(sp_wizard *w, sp_json *json)
{
	sp_dry_run *run = &w->dry_run;
	taking t = { run, false };

	sp_dry_run_clear(run);
	run->json = json;
	run->plan = sp_json_get(json, "plan");
	if (!take_conflicts(run))
		return false;
	add_bad_rows(&t);
	add_groups(&t);
	sp_word_notes(run->plan, add_line, &t);
	add_files(&t);
	w->answers->decided = is_any_decided(run);
	return !t.failed && sp_answer_set(&w->answers->plan, sp_json_text(json, "file"));
}

/* --- deciding ------------------------------------------------------------------- */

const char *sp_dry_run_decision(const sp_dry_run *run, int group)
{
	const char *word = run->decided[group].word;

	if (!word)
		return sp_json_text(run->conflicts[group], "decision");
	return strcmp(word, SP_DECIDE_OPEN) == 0 ? NULL : word;
}

int64_t sp_dry_run_open_of(const sp_dry_run *run, int group)
{
	const char *word = run->decided[group].word;

	if (!word)
		return sp_json_int(run->conflicts[group], "open", 0);
	return strcmp(word, SP_DECIDE_OPEN) == 0 ? sp_json_int(run->conflicts[group], "rows", 0) : 0;
}

int64_t sp_dry_run_open(const sp_dry_run *run)
{
	int64_t open = 0;

	for (int i = 0; i < run->conflict_count; i++)
		open += sp_dry_run_open_of(run, i);
	return open;
}

bool sp_dry_run_takes(const sp_dry_run *run, int group, const char *word)
{
	const sp_json *of = run->conflicts[group];
	int decision = sp_word_of(sp_decisions, SP_DECISIONS, word);

	/* of some rows it isn't known which here they are */
	return sp_json_int(of, "fixed", 0) < sp_json_int(of, "rows", 0) &&
	       (decision < 0 || sp_decision_answers((sp_decision)decision, sp_json_text(of, "why")));
}

bool sp_dry_run_is_behind(const sp_dry_run *run)
{
	bool behind = false;

	for (int i = 0; i < run->conflict_count; i++)
		behind = behind || run->decided[i].word;
	return behind;
}

int64_t sp_dry_run_undecidable(const sp_dry_run *run)
{
	int64_t left = sp_json_int(sp_json_get(run->plan, "totals"), "conflict", 0);

	if (sp_dry_run_is_behind(run))
		return 0; /* the next one says */
	left -= sp_dry_run_open(run);
	return left > 0 ? left : 0;
}

/* What the plan says of a group already; NULL: not the same of all its rows. Which columns were
 * merged it doesn't tell. */
static const char *planned_word(const sp_json *group)
{
	bool is_open = sp_json_int(group, "open", 0) == sp_json_int(group, "rows", 0);

	return is_open ? SP_DECIDE_OPEN : sp_json_text(group, "decision");
}

static void decide_one(sp_wizard *w, int group, const char *word, const char *fields)
{
	sp_decided *to = &w->dry_run.decided[group];
	const char *planned = planned_word(w->dry_run.conflicts[group]);

	free(to->fields);
	to->fields = fields ? strdup(fields) : NULL;
	if (fields && !to->fields) {
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
		to->word = NULL;
		return;
	}
	to->word = !fields && planned && strcmp(planned, word) == 0 ? NULL : word;
}

void sp_dry_run_decide(sp_wizard *w, int group, const char *word, const char *fields)
{
	for (int i = 0; i < w->dry_run.conflict_count; i++)
		if ((group < 0 || group == i) && sp_dry_run_takes(&w->dry_run, i, word))
			decide_one(w, i, word, fields);
}

void sp_dry_run_columns(const sp_json *group, sp_buf *to)
{
	const sp_json *list = sp_json_get(group, "columns");

	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		sp_buf_addf(to, "%s%s", at == sp_json_first(list) ? "" : ", ", sp_json_value_text(at));
}
