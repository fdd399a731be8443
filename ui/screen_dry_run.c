#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/plan/decide.h"
#include "core/plan/decided.h"
#include "core/plan/words.h"
#include "ui/dry_run.h"
#include "ui/kinds.h"
#include "ui/running.h"
#include "ui/words.h"

/* Columns at the right for what is decided. */
#define DECIDED 18

/* What each decision is called where it stands. */
static const struct {
	sp_do does;
	const char *word, *shown;
} decisions[] = {
	{ SP_DO_KEEP, "keep", N_("stays as here") },
	{ SP_DO_OVERWRITE, "overwrite", N_("overwritten") },
	{ SP_DO_BESIDE, "beside", N_("comes beside") },
	{ SP_DO_MERGE, "merge", N_("merged") },
	{ SP_DO_LATER, "later", N_("the later counts") },
	{ SP_DO_OPEN, SP_DECIDE_OPEN, N_("open") },
};

#define DECISION_COUNT (sizeof decisions / sizeof *decisions)

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_DRY_RUN];
}

static const sp_error *failure(const sp_wizard *w)
{
	return &w->failed[SP_ASK_DRY_RUN];
}

static void words(void *ctx, int row, sp_buf *to)
{
	(void)ctx;
	sp_buf_addf(to, "%d", row);
}

/* Groups of conflicts first, then all else that is said. */
static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ .ctx = w,
		                 .count = w->dry_run.conflict_count + w->dry_run.line_count,
		                 .words = words };
}

/* The group under the cursor; -1: it is on something else. */
static int group_under(sp_wizard *w)
{
	int row = sp_list_row(list_of(w));

	return row < w->dry_run.conflict_count ? row : -1;
}

/* To the next group that awaits a decision, behind the cursor or from the first on. */
static void go_next(sp_wizard *w)
{
	int count = w->dry_run.conflict_count, from = group_under(w);

	for (int i = 1; i <= count; i++)
		if (sp_dry_run_open_of(&w->dry_run, (from + i) % count)) {
			sp_list_go(list_of(w), (from + i) % count);
			return;
		}
}

static void load(sp_wizard *w)
{
	sp_model rows;

	model(w, &rows);
	if (!sp_list_load(list_of(w), &rows))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
	if (w->dry_run.conflict_count && !sp_dry_run_open_of(&w->dry_run, 0))
		go_next(w);
}

static void enter(sp_wizard *w)
{
	if (w->setup->plans)
		sp_ask_dry_run(w, false);
}

static void leave(sp_wizard *w)
{
	if (!sp_is_awaited(w, SP_ASK_DRY_RUN))
		return;
	sp_ask_nothing(w, SP_ASK_DRY_RUN);
	w->running.active = false;
}

/* --- the answer ----------------------------------------------------------------- */

/* The instance that the package says it is for; NULL: any. */
static const char *meant_for(const sp_wizard *w)
{
	const sp_json *manifest = sp_json_get(w->inspected, "manifest");

	return sp_json_text(sp_json_get(manifest, "options"), "target_instance_id");
}

static void answer_meant(sp_wizard *w, int button)
{
	if (button != 1)
		return;
	w->answers->force = true;
	sp_ask_dry_run(w, true);
}

static void ask_meant(sp_wizard *w)
{
	static const char *const buttons[] = { N_("Back"), N_("Import it nevertheless") };
	sp_buf text = { 0 };

	sp_say(&text, "%s.", sp_error_text(failure(w)));
	sp_wizard_ask(w, _("For another instance"), sp_buf_text(&text), buttons, 2, answer_meant);
	sp_buf_free(&text);
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	bool stopped = failure(w)->code == SP_INTERRUPTED;

	if (ask != SP_ASK_DRY_RUN || sp_is_awaited(w, ask))
		return;
	w->running.active = false;
	load(w);
	if (stopped) {
		sp_running_leave(w, SP_SCREEN_SETTINGS);
		sp_wizard_say_error(w, failure(w));
	} else if (failure(w)->code == SP_INCOMPATIBLE && meant_for(w) && !w->answers->force &&
	           w->screen == SP_SCREEN_DRY_RUN) {
		ask_meant(w);
	}
}

/* --- drawing -------------------------------------------------------------------- */

static const char *shown_decision(const char *word)
{
	for (size_t i = 0; i < DECISION_COUNT; i++)
		if (strcmp(decisions[i].word, word) == 0)
			return _(decisions[i].shown);
	return word;
}

static void add_decision(const sp_dry_run *run, int group, sp_buf *to)
{
	const char *word = sp_dry_run_decision(run, group);
	int64_t open = sp_dry_run_open_of(run, group);

	if (word) {
		sp_buf_addf(to, "✓ %s", shown_decision(word));
	} else if (open) {
		sp_buf_adds(to, "! ");
		sp_word_count(to, _("%s open"), open);
	} else {
		sp_buf_addf(to, "✓ %s", _("one by one"));
	}
}

static void draw_conflict(const sp_dry_run *run, sp_canvas *canvas, int group, int y)
{
	const sp_json *of = run->conflicts[group];
	bool open = sp_dry_run_open_of(run, group) > 0;
	int width = canvas->width - DECIDED - 6;
	sp_buf text = { 0 };

	sp_buf_addf(&text, "%s (", sp_word_kind(sp_json_text(of, "kind")));
	sp_word_number(&text, sp_json_int(of, "rows", 0));
	sp_buf_adds(&text, "): ");
	if (sp_json_get(of, "columns")) {
		sp_dry_run_columns(of, &text);
		sp_buf_adds(&text, " — ");
	}
	sp_word_fate(&text, "conflict", sp_json_text(of, "why"));
	sp_canvas_text(canvas, 2, y, width, sp_buf_text(&text),
	               open ? SP_STYLE_BOLD : SP_STYLE_PLAIN);
	sp_buf_reset(&text);
	add_decision(run, group, &text);
	sp_canvas_text(canvas, canvas->width - DECIDED - 2, y, DECIDED + 1, sp_buf_text(&text),
	               open ? SP_STYLE_NEEDS : SP_STYLE_GOOD);
	sp_buf_free(&text);
}

static void draw_line(const sp_said_line *line, sp_canvas *canvas, int y)
{
	sp_canvas_text(canvas, 2, y, 1, line->is_loss ? "~" : "·", SP_STYLE_PLAIN);
	sp_canvas_text(canvas, 4, y, canvas->width - 5, line->text,
	               line->is_loss ? SP_STYLE_WARN : SP_STYLE_PLAIN);
}

static void draw_rows(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	const sp_dry_run *run = &w->dry_run;
	sp_list *list = list_of(w);

	sp_list_fit(list, field.height);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++) {
		int row = list->order[list->top + i], y = field.y + i;

		if (row < run->conflict_count)
			draw_conflict(run, canvas, row, y);
		else
			draw_line(&run->lines[row - run->conflict_count], canvas, y);
		if (list->top + i == list->cursor && !w->editing)
			sp_draw_cursor(canvas, field.x, y, field.width);
	}
}

/* "2 conflicts" */
static void add_head(const sp_dry_run *run, sp_buf *to)
{
	int64_t bad = sp_json_int(run->plan, "bad_row_count", 0);
	int64_t rows = 0;

	for (int i = 0; i < run->conflict_count; i++)
		rows += sp_json_int(run->conflicts[i], "rows", 0);
	if (bad)
		sp_word_count(to, sp_translate_n("%s row can't be taken", "%s rows can't be taken",
		                                 (unsigned long)bad), bad);
	else if (rows)
		sp_word_count(to, sp_translate_n("%s conflict", "%s conflicts", (unsigned long)rows), rows);
	else
		sp_buf_adds(to, _("No conflicts"));
}

/* The columns that are typed for a merge stand where the sum does. */
static void draw_field(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int x = 2 + sp_canvas_text(canvas, 1, frame->sum, canvas->width,
	                           _("From the package:"), SP_STYLE_HEAD);

	sp_input_draw(&w->field, canvas, x, frame->sum, canvas->width - x - 1);
}

static void draw_plan(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	const sp_dry_run *run = &w->dry_run;
	const sp_json *kinds = sp_json_get(run->plan, "kinds");
	sp_rect table = frame->work, rows = frame->work;
	int needed = 1, y;
	sp_buf head = { 0 };

	for (const sp_json *at = sp_json_first(kinds); at; at = sp_json_next(at))
		needed++;
	table.y++;
	table.height = needed < rows.height / 2 ? needed : rows.height / 2;
	y = table.y;
	if (needed > 1) {
		sp_canvas_rule(canvas, 0, frame->work.y, canvas->width, _("What the import would do"),
		               NULL);
		y = sp_draw_kinds(canvas, table, kinds, NULL);
	} else {
		y--;
	}
	add_head(run, &head);
	sp_canvas_rule(canvas, 0, y++, canvas->width, sp_buf_text(&head), NULL);
	rows.y = sp_draw_failure(canvas, rows, y, failure(w));
	rows.y = sp_draw_failure(canvas, rows, rows.y, &w->failed[SP_ASK_IMPORT]);
	rows.height = frame->rule - rows.y;
	draw_rows(w, canvas, rows);
	sp_frame_rule(frame, canvas, list_of(w));
	sp_buf_free(&head);
}

/* What it writes: "115,108 rows are new, 459 are changed". */
static void add_changes(const sp_dry_run *run, sp_buf *to)
{
	const sp_json *totals = sp_json_get(run->plan, "totals");
	sp_buf created = { 0 }, updated = { 0 };

	sp_word_number(&created, sp_json_int(totals, "new", 0));
	sp_word_number(&updated, sp_json_int(totals, "update", 0));
	sp_buf_addf(to, _("adds %s rows, changes %s, deletes none"), sp_buf_text(&created),
	            sp_buf_text(&updated));
	sp_buf_free(&created);
	sp_buf_free(&updated);
}

static void add_sum(sp_wizard *w, sp_buf *to)
{
	const sp_dry_run *run = &w->dry_run;
	int64_t open = sp_dry_run_open(run), left = sp_dry_run_undecidable(run);

	if (sp_error_is_set(failure(w)))
		sp_buf_adds(to, _("Nothing can be imported like this. Esc: back; r: try again."));
	else if (run->for_all)
		sp_buf_adds(to, _("The next decision is for all conflicts; A again: only for the row."));
	else if (open)
		sp_word_count(to,
		              sp_translate_n("%s conflict awaits your decision: s, o, b, m or t.",
		                             "%s conflicts await your decision: s, o, b, m or t.",
		                             (unsigned long)open),
		              open);
	else if (sp_dry_run_is_behind(run))
		sp_buf_adds(to, _("Enter: the dry run again, with what you decided."));
	else if (left)
		sp_word_count(to,
		              sp_translate_n("%s row can't become what was decided: decide otherwise.",
		                             "%s rows can't become what was decided: decide otherwise.",
		                             (unsigned long)left),
		              left);
	else {
		sp_buf changes = { 0 };

		add_changes(run, &changes);
		sp_word_fill(to, _("Enter: the import. It %s."), sp_buf_text(&changes));
		sp_buf_free(&changes);
	}
}

/* Why they are in conflict, and one of them. */
static void add_about(const sp_json *group, sp_buf *to)
{
	const char *name = sp_json_text(group, "name");

	sp_word_fate(to, "conflict", sp_json_text(group, "why"));
	sp_buf_adds(to, ". ");
	if (name)
		sp_buf_addf(to, _("Among them: %s"), name);
}

static void add_hint(sp_wizard *w, sp_buf *to)
{
	int row = sp_list_row(list_of(w)), group = group_under(w);

	if (w->editing)
		sp_buf_adds(to, _("Columns that become the package's, with commas between them."));
	else if (group >= 0)
		add_about(w->dry_run.conflicts[group], to);
	else if (group < 0 && row >= 0)
		sp_buf_adds(to, w->dry_run.lines[row - w->dry_run.conflict_count].text);
	else
		sp_buf_adds(to, _("Nothing has been written."));
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	const char *phase = w->running.at.phase;
	sp_buf sum = { 0 }, hint = { 0 };

	sp_draw_import_about(w, frame, canvas, _("nothing written"));
	if (sp_is_awaited(w, SP_ASK_DRY_RUN)) {
		sp_running_draw(w, frame, canvas, *phase ? _(phase) : _("connecting"));
		sp_frame_sum(frame, canvas, w->running.stopping ? _("Stopping …")
		                                                : _("Nothing is written. Esc: back."));
		sp_frame_hint(w, frame, canvas, _("A dry run leaves no trace in the instance."));
		return;
	}
	draw_plan(w, frame, canvas);
	if (w->editing)
		draw_field(w, frame, canvas);
	add_sum(w, &sum);
	if (!w->editing)
		sp_frame_sum(frame, canvas, sp_buf_text(&sum));
	add_hint(w, &hint);
	sp_frame_hint(w, frame, canvas, sp_buf_text(&hint));
	sp_buf_free(&sum);
	sp_buf_free(&hint);
}

/* --- deciding ------------------------------------------------------------------- */

static void decide(sp_wizard *w, const char *word, const char *fields)
{
	int group = w->dry_run.for_all ? -1 : group_under(w);

	w->dry_run.for_all = false;
	sp_dry_run_decide(w, group, word, fields);
	if (group >= 0 && strcmp(word, SP_DECIDE_OPEN) != 0)
		go_next(w);
}

static void typed(sp_wizard *w, const char *text)
{
	if (!*text)
		sp_wizard_say(w, SP_STYLE_BAD, _("Without columns nothing is merged."));
	else
		decide(w, sp_decisions[SP_DECISION_MERGE], text);
}

/* Which columns is asked for, of one group. */
static void merge(sp_wizard *w)
{
	sp_buf columns = { 0 };

	if (w->dry_run.for_all || !sp_json_get(w->dry_run.conflicts[group_under(w)], "columns")) {
		w->dry_run.for_all = false;
		sp_wizard_say(w, SP_STYLE_WARN, _("Only columns of one group can be merged."));
		return;
	}
	sp_dry_run_columns(w->dry_run.conflicts[group_under(w)], &columns);
	sp_input_set(&w->field, sp_buf_text(&columns));
	sp_buf_free(&columns);
	w->editing = true;
}

static bool decide_by(sp_wizard *w, sp_do does)
{
	for (size_t i = 0; i < DECISION_COUNT; i++) {
		if (decisions[i].does != does)
			continue;
		if (!w->dry_run.conflict_count || (group_under(w) < 0 && !w->dry_run.for_all))
			sp_wizard_say(w, SP_STYLE_WARN, _("Here is nothing to decide; n goes to what is."));
		else if (!w->dry_run.for_all &&
		         !sp_dry_run_takes(&w->dry_run, group_under(w), decisions[i].word))
			sp_wizard_say(w, SP_STYLE_WARN,
			              _("That is no answer to these: try another, or an option (Esc)."));
		else if (does == SP_DO_MERGE)
			merge(w);
		else
			decide(w, decisions[i].word, NULL);
		return true;
	}
	return false;
}

/* --- going on ------------------------------------------------------------------- */

static void answer_import(sp_wizard *w, int button)
{
	if (button == 1)
		sp_wizard_next(w);
}

static void confirm(sp_wizard *w)
{
	static const char *const buttons[] = { N_("Back"), N_("Import") };
	const sp_instance *instance = sp_instance_of(w);
	const char *name = w->answers->new_name ? w->answers->new_name : w->answers->infospace_name;
	sp_buf text = { 0 }, changes = { 0 };

	add_changes(&w->dry_run, &changes);
	sp_say(&text,
	       w->answers->new_name
	           ? _("It makes the infospace \"%s\" on %s and %s. It is done whole or not at all.")
	           : _("Into \"%s\" on %s: it %s. It is done whole or not at all."),
	       name, sp_instance_title(instance), sp_buf_text(&changes));
	sp_wizard_ask_name(w, _("Import this package into the instance?"), sp_buf_text(&text), buttons,
	                   2, instance->careful ? instance->name : NULL, answer_import);
	sp_buf_free(&text);
	sp_buf_free(&changes);
}

static void go_on(sp_wizard *w)
{
	const sp_dry_run *run = &w->dry_run;
	int group = group_under(w);

	if (sp_error_is_set(failure(w)) || !run->json) {
		sp_wizard_say(w, SP_STYLE_WARN,
		              _("Nothing can be imported like this. Esc: back; r: try again."));
	} else if (sp_dry_run_open(run)) {
		if (group < 0 || !sp_dry_run_open_of(run, group))
			go_next(w);
		sp_wizard_say(w, SP_STYLE_WARN, _("While conflicts are open nothing is written."));
	} else if (sp_dry_run_is_behind(run)) {
		sp_ask_dry_run(w, true);
	} else if (sp_dry_run_undecidable(run)) {
		sp_wizard_say(w, SP_STYLE_WARN, _("What was decided can't be: decide otherwise."));
	} else {
		confirm(w);
	}
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	switch (does) {
	case SP_DO_RETRY: sp_ask_dry_run(w, true); return true;
	case SP_DO_ENTER: go_on(w); return true;
	case SP_DO_NEXT: go_next(w); return true;
	case SP_DO_ALIKE:
		w->dry_run.for_all = w->dry_run.conflict_count && !w->dry_run.for_all;
		return true;
	default: return decide_by(w, does);
	}
}

const sp_screen sp_screen_dry_run = {
	.step = N_("Dry run"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.leave = leave,
	.model = model,
	.typed = typed,
	.reply = reply,
	.back = SP_SCREEN_COUNT,
};
