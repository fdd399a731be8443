#include <config.h>

#include "core/base/error.h"
#include "ui/screens.h"
#include "ui/words.h"

static const sp_json *run_of(sp_wizard *w)
{
	int row = sp_list_row(&w->lists[SP_SCREEN_RUNS]);

	return row >= 0 ? w->runs.rows[row] : NULL;
}

static void enter(sp_wizard *w)
{
	const sp_json *run = run_of(w);

	w->lists[SP_SCREEN_DETAILS].cursor = 0;
	if (run)
		sp_ask_details(w, sp_json_text(run, "uuid"), false);
}

/* Lines are drawn into a field that may begin above the screen. */
typedef struct {
	sp_canvas *canvas;
	sp_rect field;
	int y; /* of the next line */
} page;

static void put_head(page *p, const char *title)
{
	sp_canvas_text(p->canvas, p->field.x + 1, p->y, p->field.width - 2, title, SP_STYLE_HEAD);
	p->y++;
}

static void put_fact(page *p, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	sp_draw_fact(p->canvas, (sp_rect){ p->field.x, p->y, p->field.width, 1 }, p->y, label, text);
	p->y++;
}

/* Long texts take as many lines as they need, at most four. */
static void put_text(page *p, const char *text)
{
	if (text && *text)
		p->y += sp_canvas_wrap(p->canvas, (sp_rect){ p->field.x + 2, p->y, p->field.width - 4, 4 },
		                       text, SP_STYLE_PLAIN);
}

static void put_groups(page *p, const char *title, const sp_json *list, bool status)
{
	int64_t total = 0;
	sp_buf name = { 0 }, number = { 0 };

	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		total += sp_json_int(at, "count", 0);
	put_head(p, title);
	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at), p->y++) {
		int64_t count = sp_json_int(at, "count", 0);
		const char *version = sp_json_text(at, "version");
		int bar = p->field.width - 46;

		sp_buf_reset(&name);
		if (status)
			sp_word_status(&name, sp_json_text(at, "name"));
		else
			sp_buf_addf(&name, "%s%s%s", sp_json_text(at, "name"), version ? " " : "",
			            version ? version : "");
		sp_buf_reset(&number);
		sp_word_number(&number, count);
		sp_canvas_text(p->canvas, p->field.x + 3, p->y, 28, sp_buf_text(&name), SP_STYLE_PLAIN);
		sp_canvas_right(p->canvas, p->field.x + 31, p->y, 12, sp_buf_text(&number), SP_STYLE_PLAIN);
		if (bar > 8 && total)
			sp_canvas_bar(p->canvas, p->field.x + 45, p->y, bar < 40 ? bar : 40,
			              (double)count / (double)total);
	}
	sp_buf_free(&name);
	sp_buf_free(&number);
}

static void put_all(page *p, const sp_json *run)
{
	static const struct {
		const char *label, *key;
	} times[] = { { N_("made"), "created_at" },
		          { N_("began"), "started_at" },
		          { N_("finished"), "completed_at" } };
	sp_buf text = { 0 };

	put_text(p, sp_json_text(run, "description"));
	sp_word_status(&text, sp_json_text(run, "status"));
	put_fact(p, _("status"), sp_buf_text(&text));
	put_fact(p, "UUID", sp_json_text(run, "uuid"));
	put_fact(p, _("by"), sp_json_text(run, "user"));
	for (int i = 0; i < 3; i++) {
		sp_buf_reset(&text);
		if (!sp_json_text(run, times[i].key))
			continue;
		sp_word_time(&text, sp_json_text(run, times[i].key), true);
		put_fact(p, _(times[i].label), sp_buf_text(&text));
	}
	put_fact(p, _("error"), sp_json_text(run, "error_message"));
	put_groups(p, _("annotations by schema"), sp_json_get(run, "schemas"), false);
	put_groups(p, _("annotations by status"), sp_json_get(run, "annotations"), true);
	put_groups(p, _("assets by kind"), sp_json_get(run, "assets"), false);
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_list *list = &w->lists[SP_SCREEN_DETAILS];
	sp_rect field = { 0, frame->work.y + 1, frame->work.width, frame->work.height - 1 };
	page p = { canvas, field, field.y - list->cursor };
	sp_buf text = { 0 };

	sp_say(&text, "%s · %s", sp_instance_title(sp_instance_of(w)), w->answers->infospace_name);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("reading only"));
	if (run_of(w))
		sp_canvas_rule(canvas, 0, frame->work.y, canvas->width, sp_json_text(run_of(w), "name"),
		               NULL);
	if (!sp_draw_waiting(w, canvas, field, SP_ASK_DETAILS) && w->details) {
		sp_canvas_clip(canvas, &field);
		put_all(&p, sp_json_get(w->details, "run"));
		sp_canvas_clip(canvas, NULL);
		/* what is scrolled are lines */
		list->height = field.height;
		list->count = p.y - field.y + list->cursor - field.height + 1;
		list->count = list->shown = list->count < 1 ? 1 : list->count;
	}
	sp_frame_more(frame, canvas, list);
	sp_frame_sum(frame, canvas, _("Esc: back to the runs."));
	sp_frame_hint(w, frame, canvas, _("Times are UTC."));
	sp_canvas_focus(canvas, 0, frame->work.y);
	sp_buf_free(&text);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	const sp_json *run = run_of(w);

	(void)key;
	if (does != SP_DO_RETRY || !run)
		return false;
	sp_ask_details(w, sp_json_text(run, "uuid"), true);
	return true;
}

static void leave(sp_wizard *w)
{
	sp_ask_nothing(w, SP_ASK_DETAILS);
	sp_list_clear(&w->lists[SP_SCREEN_DETAILS]);
}

const sp_screen sp_screen_details = {
	.step = N_("Details"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.leave = leave,
	.back = SP_SCREEN_RUNS,
};
