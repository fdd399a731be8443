#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_RUNS];
}

static const sp_json *run_at(sp_wizard *w, int row)
{
	return w->runs.rows[row];
}

/* Its name; "status:…" finds by status, "id:…" by id: only words with a colon
 * are looked for there. */
static void words(void *ctx, int row, sp_buf *to)
{
	const sp_json *run = run_at(ctx, row);

	sp_buf_adds(to, sp_json_text(run, "name"));
	if (!strchr(list_of(ctx)->filter.text, ':'))
		return;
	sp_buf_addf(to, " id:%lld status:%s status:", (long long)sp_json_int(run, "id", 0),
	            sp_json_text(run, "status"));
	sp_word_status(to, sp_json_text(run, "status"));
}

static const char *const orders[] = { N_("newest first"), N_("by name"),
	                                  N_("most annotations first"), N_("by status") };

static int compare(void *ctx, int a, int b, int by)
{
	const sp_json *x = run_at(ctx, a), *y = run_at(ctx, b);
	int64_t m = sp_json_int(x, "annotations", 0), n = sp_json_int(y, "annotations", 0);

	if (by == 2)
		return m < n ? 1 : m > n ? -1 : 0;
	return strcmp(sp_json_text(x, by == 1 ? "name" : "status"),
	              sp_json_text(y, by == 1 ? "name" : "status"));
}

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ w, w->runs.count, words, compare, 4 };
}

/* Picks are remembered by UUID: they hold whatever came anew. */
static void load(sp_wizard *w)
{
	sp_model rows;
	int lost = 0;

	model(w, &rows);
	if (!sp_list_load(list_of(w), &rows)) {
		sp_fail_memory(&w->failed[SP_ASK_RUNS]);
		return;
	}
	for (int i = 0; i < w->answers->run_count; i++) {
		int row = sp_row_of_run(w, w->answers->runs[i].uuid);

		if (row >= 0)
			list_of(w)->picked[row] = true;
		else
			lost++;
	}
	if (lost)
		sp_wizard_say(w, SP_STYLE_WARN, _("A run that was picked is no longer there."));
	sp_choose_runs(w);
}

static void enter(sp_wizard *w)
{
	sp_ask_runs(w, false);
	sp_ask_nothing(w, SP_ASK_SURVEY);
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	if (ask == SP_ASK_RUNS && w->runs.json && !list_of(w)->order)
		load(w);
}

static const sp_tcolumn columns[] = {
	{ N_("run"), 0, 20, 32, false },        { N_("status"), 2, 11, 15, false },
	{ N_("annotations"), 1, 11, 13, true }, { N_("assets"), 3, 6, 9, true },
	{ N_("finished"), 4, 10, 16, false },
};

#define COLUMNS ((int)(sizeof columns / sizeof *columns))
#define STATUS  1 /* the column */

static void draw_row(sp_wizard *w, sp_row *row, int i)
{
	const sp_json *run = run_at(w, i);
	const char *status = sp_json_text(run, "status");
	sp_buf text = { 0 };

	sp_row_text(row, sp_json_text(run, "name"), SP_STYLE_PLAIN);
	sp_say(&text, "%s ", sp_word_status_sign(status));
	sp_word_status(&text, status);
	sp_row_text(row, sp_buf_text(&text), sp_word_status_style(status));
	sp_row_number(row, sp_json_int(run, "annotations", 0));
	sp_row_number(row, sp_json_int(run, "assets", 0));
	sp_buf_reset(&text);
	sp_word_time(&text, sp_json_text(run, "completed_at"), row->widths[4] >= 16);
	sp_row_text(row, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_buf_free(&text);
}

static void draw_list(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = list_of(w);
	sp_tcolumn fitted[COLUMNS];
	sp_row row;

	memcpy(fitted, columns, sizeof columns);
	/* a status that is cut would say nothing */
	fitted[STATUS].least = fitted[STATUS].best = sp_word_status_width();
	sp_row_begin(&row, canvas, fitted, COLUMNS, field.x + 5, field.y + 1, field.width - 6);
	sp_list_fit(list, field.height - 2);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++) {
		int at = list->order[list->top + i], y = field.y + 2 + i;

		sp_row_next(&row, y);
		sp_canvas_text(canvas, field.x + 1, y, 3, list->picked[at] ? "[x]" : "[ ]", SP_STYLE_PLAIN);
		draw_row(w, &row, at);
		if (list->top + i == list->cursor)
			sp_draw_cursor(canvas, field.x, y, field.width);
	}
}

static void draw_head(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = list_of(w);
	sp_buf text = { 0 };

	sp_say(&text, "%s · %s", sp_instance_title(sp_instance_of(w)), w->answers->infospace_name);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("reading only"));
	sp_buf_reset(&text);
	if (w->runs.json) {
		sp_word_share(&text, list->shown, list->count);
		sp_buf_addf(&text, " · %s", _(orders[list->sort]));
	}
	sp_canvas_rule(canvas, field.x, field.y, field.width, _("Runs"), sp_buf_text(&text));
	sp_draw_filter(w, canvas, field);
	sp_buf_free(&text);
}

static void add_picked(sp_wizard *w, sp_buf *text)
{
	int64_t annotations = 0;
	sp_buf counted = { 0 }, share = { 0 };

	for (int i = 0; i < w->answers->run_count; i++)
		annotations += w->answers->runs[i].annotations;
	sp_word_count(&counted,
	              sp_translate_n("%s annotation", "%s annotations", (unsigned long)annotations),
	              annotations);
	sp_word_share(&share, w->answers->run_count, list_of(w)->count);
	sp_say(text, _("%s picked: %s. Enter: the options."), sp_buf_text(&share),
	       sp_buf_text(&counted));
	sp_buf_free(&counted);
	sp_buf_free(&share);
}

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int row = sp_list_row(list_of(w));
	sp_buf text = { 0 };

	if (w->answers->run_count)
		add_picked(w, &text);
	else if (row >= 0)
		sp_say(&text, _("Nothing picked: Enter takes %s."), sp_json_text(run_at(w, row), "name"));
	else if (list_of(w)->count)
		sp_say(&text, "%s", _("No run has these words; Esc clears the filter."));
	else if (w->runs.json)
		sp_say(&text, "%s", _("There are no runs in this infospace."));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_panes panes = sp_layout_panes(frame, 7);
	int row = sp_list_row(list_of(w));

	draw_head(w, frame, canvas, panes.list);
	if (!sp_draw_waiting(w, canvas, panes.list, SP_ASK_RUNS))
		draw_list(w, canvas, panes.list);
	if (row >= 0)
		sp_draw_run_facts(w, canvas, panes.details, run_at(w, row));
	sp_frame_rule(frame, canvas, list_of(w));
	if (panes.beside)
		sp_canvas_split(canvas, panes.details.x - 1, panes.details.y, panes.details.height);
	draw_sum(w, frame, canvas);
	sp_frame_hint(
		w, frame, canvas,
		list_of(w)->range >= 0
			? _("Space picks all from there to here.")
			: _("Filter: all words must occur, !word must not; also status:running, id:17."));
}

static void go_on(sp_wizard *w, int row)
{
	if (!w->answers->run_count && row >= 0) {
		list_of(w)->picked[row] = true;
		sp_choose_runs(w);
	}
	if (w->answers->run_count)
		sp_wizard_go(w, SP_SCREEN_OPTIONS);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	sp_list *list = list_of(w);
	int row = sp_list_row(list);

	(void)key;
	switch (does) {
	case SP_DO_PICK:
		sp_list_pick(list);
		sp_list_move(list, 1);
		sp_choose_runs(w);
		return true;
	case SP_DO_ALL:
		sp_list_pick_all(list);
		sp_choose_runs(w);
		return true;
	case SP_DO_RANGE: list->range = row; return true;
	case SP_DO_RETRY: sp_ask_runs(w, true); return true;
	case SP_DO_DETAILS:
		if (row >= 0)
			sp_wizard_go(w, SP_SCREEN_DETAILS);
		return true;
	case SP_DO_ENTER: go_on(w, row); return true;
	case SP_DO_BACK:
		if (list->range < 0)
			return false;
		list->range = -1;
		return true;
	default: return false;
	}
}

const sp_screen sp_screen_runs = {
	.step = N_("Runs"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = model,
	.reply = reply,
	.back = SP_SCREEN_COUNT,
};
