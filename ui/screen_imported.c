#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/plan/words.h"
#include "ui/kinds.h"
#include "ui/words.h"

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_IMPORTED];
}

static const sp_json *kinds_of(const sp_wizard *w)
{
	return sp_json_get(sp_json_get(w->imported, "plan"), "kinds");
}

static void words(void *ctx, int row, sp_buf *to)
{
	const sp_json *at = sp_json_first(kinds_of(ctx));

	for (; row > 0; row--)
		at = sp_json_next(at);
	sp_buf_adds(to, sp_word_kind(sp_json_text(at, "kind")));
}

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ .ctx = w, .words = words };
	for (const sp_json *at = sp_json_first(kinds_of(w)); at; at = sp_json_next(at))
		model->count++;
}

static void enter(sp_wizard *w)
{
	sp_model rows;

	sp_list_clear(list_of(w));
	model(w, &rows);
	if (!sp_list_load(list_of(w), &rows))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
}

typedef struct {
	sp_canvas *canvas;
	int y, end, count;
} notes;

static void count_note(void *ctx, const char *text, bool is_loss)
{
	notes *n = ctx;

	(void)text;
	n->count += is_loss;
}

static void draw_note(void *ctx, const char *text, bool is_loss)
{
	notes *n = ctx;
	sp_buf line = { 0 };

	if (!is_loss || n->y >= n->end)
		return;
	sp_say(&line, "~ %s", text);
	sp_canvas_text(n->canvas, 2, n->y++, n->canvas->width - 3, sp_buf_text(&line), SP_STYLE_WARN);
	sp_buf_free(&line);
}

static int count_warnings(const sp_wizard *w)
{
	notes n = { .count = 0 };

	sp_word_notes(sp_json_get(w->imported, "plan"), count_note, &n);
	return n.count;
}

static int draw_warnings(sp_wizard *w, sp_canvas *canvas, int y, int room)
{
	notes n = { .canvas = canvas, .y = y + 1, .end = y + room };
	sp_buf text = { 0 };

	sp_say(&text, "%d", count_warnings(w));
	sp_canvas_rule(canvas, 0, y, canvas->width, _("Warnings"), sp_buf_text(&text));
	sp_word_notes(sp_json_get(w->imported, "plan"), draw_note, &n);
	sp_buf_free(&text);
	return n.y;
}

/* How to look whether all of it arrived, and how to do it again. */
static int draw_commands(sp_wizard *w, sp_canvas *canvas, int y, int end)
{
	const char *repeat = w->repeat[SP_WAY_IMPORT];
	sp_buf text = { 0 };
	int lines;

	sp_canvas_rule(canvas, 0, y++, canvas->width, _("Did everything arrive?"), NULL);
	sp_buf_addf(&text, "spaceport verify %s", sp_json_text(w->imported, "operation"));
	sp_answers_add_instance(w->setup, w->answers, &text);
	y += sp_canvas_command(canvas, (sp_rect){ 2, y, canvas->width - 4, 2 }, 0, sp_buf_text(&text));
	sp_canvas_rule(canvas, 0, y++, canvas->width, _("The same again"), NULL);
	lines = sp_canvas_command(canvas, (sp_rect){ 2, y, canvas->width - 4, end - y }, 0,
	                          repeat ? repeat : "");
	sp_buf_free(&text);
	return lines - (end - y);
}

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	const sp_json *result = sp_json_get(w->imported, "result");
	sp_buf text = { 0 }, created = { 0 }, updated = { 0 };

	sp_word_number(&created, sp_json_int(result, "created_rows", 0));
	sp_word_number(&updated, sp_json_int(result, "updated_rows", 0));
	sp_say(&text, _("Done: %s rows are new, %s updated; none was deleted."), sp_buf_text(&created),
	       sp_buf_text(&updated));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
	sp_buf_free(&created);
	sp_buf_free(&updated);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int y = frame->work.y, warnings = count_warnings(w), hidden;
	int below = 6 + (warnings ? (warnings < 3 ? warnings : 3) + 1 : 0);
	sp_rect table = { 0, y + 1, canvas->width, frame->work.height - 1 - below };
	sp_buf text = { 0 };

	sp_draw_import_about(w, frame, canvas, warnings ? _("written, with warnings") : _("written"));
	sp_say(&text, _("on record as %s"), sp_json_text(w->imported, "operation"));
	sp_canvas_rule(canvas, 0, y, canvas->width, _("Imported"),
	               frame->narrow ? NULL : sp_buf_text(&text));
	y = sp_draw_kinds(canvas, table, kinds_of(w), list_of(w));
	if (warnings)
		y = draw_warnings(w, canvas, y, below - 5);
	hidden = draw_commands(w, canvas, y, frame->rule);
	sp_frame_rule(frame, canvas, list_of(w));
	draw_sum(w, frame, canvas);
	sp_frame_hint(w, frame, canvas,
	              hidden > 0 ? _("c shows the whole command; y copies it.")
	                         : _("These lines stay in your terminal when you leave."));
	sp_buf_free(&text);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	if (does == SP_DO_ENTER) {
		sp_wizard_go(w, SP_SCREEN_PACKAGES);
		return true;
	}
	return does == SP_DO_COPY && sp_wizard_copy(w, w->repeat[SP_WAY_IMPORT]);
}

const sp_screen sp_screen_imported = {
	.step = N_("Result"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = model,
	.back = SP_SCREEN_HOME,
};
