#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

/* The box, and its lines of text. */
#define WIDEST 76
#define LINES  4

static void draw_border(sp_canvas *canvas, sp_rect box)
{
	int bottom = box.y + box.height - 1, right = box.x + box.width - 1;

	sp_canvas_blank(canvas, box);
	for (int x = box.x + 1; x < right; x++) {
		sp_canvas_text(canvas, x, box.y, 1, "─", SP_STYLE_RULE);
		sp_canvas_text(canvas, x, bottom, 1, "─", SP_STYLE_RULE);
	}
	sp_canvas_divide(canvas, box.x, box.y + 1, box.height - 2);
	sp_canvas_divide(canvas, right, box.y + 1, box.height - 2);
	sp_canvas_text(canvas, box.x, box.y, 1, "┌", SP_STYLE_RULE);
	sp_canvas_text(canvas, right, box.y, 1, "┐", SP_STYLE_RULE);
	sp_canvas_text(canvas, box.x, bottom, 1, "└", SP_STYLE_RULE);
	sp_canvas_text(canvas, right, bottom, 1, "┘", SP_STYLE_RULE);
}

static void draw_buttons(sp_wizard *w, sp_canvas *canvas, int x, int y)
{
	const sp_question *q = &w->question;
	sp_buf text = { 0 };

	for (int i = 0; i < q->count; i++) {
		int used;

		sp_say(&text, "[ %s ]", _(q->buttons[i]));
		used = sp_canvas_text(canvas, x, y, canvas->width, sp_buf_text(&text), SP_STYLE_PLAIN);
		if (i == q->at) {
			sp_canvas_paint(canvas, x, y, used, SP_STYLE_FOCUS);
			sp_canvas_focus(canvas, x, y);
		}
		x += used + 3;
	}
	sp_buf_free(&text);
}

/* Where the name is typed. */
static void draw_name(sp_wizard *w, sp_canvas *canvas, sp_rect line)
{
	sp_buf text = { 0 };
	int used;

	sp_say(&text, _("Its name, %s, must be typed:"), w->question.name);
	used = sp_canvas_text(canvas, line.x, line.y, line.width, sp_buf_text(&text), SP_STYLE_NEEDS);
	if (w->editing)
		sp_input_draw(&w->field, canvas, line.x + used + 1, line.y, line.width - used - 1);
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int width = canvas->width - 4 < WIDEST ? canvas->width - 4 : WIDEST;
	sp_rect box = { (canvas->width - width) / 2, frame->work.y + 3, width, LINES + 5 };
	const sp_question *q = &w->question;

	draw_border(canvas, box);
	sp_canvas_text(canvas, box.x + 3, box.y + 1, width - 6, q->title, SP_STYLE_BOLD);
	sp_canvas_wrap(canvas, (sp_rect){ box.x + 3, box.y + 2, width - 6, LINES }, q->text,
	               SP_STYLE_PLAIN);
	draw_buttons(w, canvas, box.x + 3, box.y + LINES + 3);
	if (q->name)
		draw_name(w, canvas, (sp_rect){ box.x + 3, box.y + LINES + 2, width - 6, 1 });
	/* the line of the keys is another one now */
	sp_canvas_blank(canvas, (sp_rect){ 0, frame->keys, canvas->width, 1 });
}

/* The last button, where a name is to be typed, presses only with it. */
static bool asks_name(const sp_question *q, int button)
{
	return q->name && button == q->count - 1;
}

static void press(sp_wizard *w, int button)
{
	void (*answer)(sp_wizard *, int) = w->question.answer;

	w->screen = w->question.under;
	if (answer)
		answer(w, button);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	sp_question *q = &w->question;

	(void)key;
	switch (does) {
	case SP_DO_LEFT: q->at = (q->at + q->count - 1) % q->count; return true;
	case SP_DO_RIGHT: q->at = (q->at + 1) % q->count; return true;
	case SP_DO_ENTER:
		if (asks_name(q, q->at)) {
			sp_input_set(&w->field, NULL);
			w->editing = true;
		} else {
			press(w, q->at);
		}
		return true;
	case SP_DO_BACK: press(w, -1); return true;
	default: return false;
	}
}

static void typed(sp_wizard *w, const char *text)
{
	if (strcmp(text, w->question.name) == 0)
		press(w, w->question.at);
	else
		sp_wizard_say(w, SP_STYLE_BAD, _("This isn't its name; nothing was done."));
}

const sp_screen sp_screen_question = {
	.step = N_("Question"),
	.draw = draw,
	.key = key,
	.typed = typed,
	.back = SP_SCREEN_HOME,
};
