#include <config.h>

#include "ui/frame.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

/* The number of the step that is shown, from 1; 0: it is no step. */
static int step_of(const sp_wizard *w)
{
	sp_screen_id screen = w->screen;

	if (screen == SP_SCREEN_QUESTION)
		screen = w->question.under;
	if (screen == SP_SCREEN_HELP || screen == SP_SCREEN_COMMAND)
		screen = w->under;
	return sp_way_step(w->way, screen);
}

static const char *step_name(const sp_wizard *w, int step)
{
	return _(sp_screen_of(sp_ways[w->way].steps[step - 1])->step);
}

static void add_steps(const sp_wizard *w, sp_buf *to, int step)
{
	for (int i = 1; i <= SP_STEPS; i++)
		sp_buf_addf(to, i == step ? "%s[%s]" : "%s%s", i > 1 ? " › " : "", step_name(w, i));
}

static void draw_title(const sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	const char *way = _(sp_ways[w->way].name);
	int step = step_of(w), width = canvas->width - 2;
	sp_buf text = { 0 }, number = { 0 };

	sp_say(&number, "%d/%d", step, SP_STEPS);
	if (step) {
		add_steps(w, &text, step);
		width -= sp_text_width(way) + 2;
	}
	if (!step) {
		sp_canvas_text(canvas, 1, frame->title, width, "spaceport", SP_STYLE_BOLD);
	} else if (!frame->narrow && sp_text_width(sp_buf_text(&text)) + 5 <= width) {
		int used = sp_canvas_text(canvas, 1, frame->title, width, way, SP_STYLE_BOLD);

		sp_canvas_text(canvas, used + 3, frame->title, width, sp_buf_text(&text), SP_STYLE_PLAIN);
		sp_canvas_right(canvas, 0, frame->title, canvas->width - 1, sp_buf_text(&number),
		                SP_STYLE_PLAIN);
	} else {
		sp_say(&text, "%s %d/%d %s", way, step, SP_STEPS, step_name(w, step));
		sp_canvas_text(canvas, 1, frame->title, canvas->width - 2, sp_buf_text(&text),
		               SP_STYLE_BOLD);
	}
	sp_buf_free(&text);
	sp_buf_free(&number);
}

/* --- the key bar ------------------------------------------------------------ */

#define MOST_ITEMS 32

static int item_width(const sp_binding *b)
{
	return sp_text_width(sp_binding_keys(b)) + 1 + sp_text_width(_(b->label));
}

/* Takes the least important items away until the rest fits. */
static int fit_items(const sp_binding **items, int count, int width)
{
	for (;;) {
		int needed = -2, least = -1;

		for (int i = 0; i < count; i++) {
			needed += item_width(items[i]) + 2;
			if (items[i]->rank > 0 && (least < 0 || items[i]->rank >= items[least]->rank))
				least = i;
		}
		if (needed <= width || least < 0)
			return count;
		memmove(items + least, items + least + 1, (size_t)(--count - least) * sizeof *items);
	}
}

static void draw_keys(const sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_screen_id screen = sp_wizard_keys_of(w, w->screen);
	const sp_binding *items[MOST_ITEMS];
	int count = 0, x = 1;

	for (const sp_binding *b = sp_bindings; b->does != SP_DO_NOTHING; b++)
		if (b->label && sp_binding_fits(b, screen) && count < MOST_ITEMS)
			items[count++] = b;
	count = fit_items(items, count, canvas->width - 2);
	for (int i = 0; i < count; i++) {
		x += sp_canvas_text(canvas, x, frame->keys, canvas->width - x, sp_binding_keys(items[i]),
		                    SP_STYLE_KEY);
		x++;
		x += sp_canvas_text(canvas, x, frame->keys, canvas->width - x, _(items[i]->label),
		                    SP_STYLE_PLAIN);
		x += 2;
	}
}

/* --- the lines -------------------------------------------------------------- */

void sp_frame_draw(const sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	draw_title(w, frame, canvas);
	draw_keys(w, frame, canvas);
}

void sp_frame_about(const sp_frame *frame, sp_canvas *canvas, const char *text, const char *lamp)
{
	int width = sp_text_width(lamp);

	sp_canvas_text(canvas, 1, frame->about, canvas->width - width - 4, text, SP_STYLE_PLAIN);
	sp_canvas_right(canvas, 0, frame->about, canvas->width - 1, lamp, SP_STYLE_BOLD);
}

void sp_frame_sum(const sp_frame *frame, sp_canvas *canvas, const char *text)
{
	sp_canvas_text(canvas, 1, frame->sum, canvas->width - 2, text, SP_STYLE_PLAIN);
}

void sp_frame_hint(const sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, const char *text)
{
	int line = frame->hint;

	/* without a line of its own only a message is worth the sum's place */
	if (line < 0 && !w->hint)
		return;
	line = line < 0 ? frame->sum : line;
	sp_canvas_blank(canvas, (sp_rect){ 0, line, canvas->width, 1 });
	sp_canvas_text(canvas, 1, line, canvas->width - 2, w->hint ? w->hint : text,
	               w->hint ? w->hint_style : SP_STYLE_PLAIN);
}

void sp_frame_rule(const sp_frame *frame, sp_canvas *canvas, const sp_list *list)
{
	sp_buf text = { 0 }, share = { 0 };
	int hidden = list ? list->count - list->shown : 0;

	if (list && list->shown) {
		sp_word_share(&share, list->cursor + 1, list->shown);
		sp_buf_addf(&text, _("row %s"), sp_buf_text(&share));
	}
	if (hidden > 0)
		/* TRANSLATORS: rows of a list */
		sp_word_count(&text,
		              text.len ? _(", %s hidden by the filter") : _("%s hidden by the filter"),
		              hidden);
	sp_canvas_rule(canvas, 0, frame->rule, canvas->width, NULL, sp_buf_text(&text));
	sp_buf_free(&text);
	sp_buf_free(&share);
}

void sp_frame_more(const sp_frame *frame, sp_canvas *canvas, const sp_list *list)
{
	sp_canvas_rule(canvas, 0, frame->rule, canvas->width, NULL,
	               list->cursor < list->count - 1 ? _("more below") : NULL);
}

void sp_frame_too_small(sp_canvas *canvas)
{
	sp_buf text = { 0 };
	int y = canvas->height / 2;

	sp_say(&text, _("spaceport needs %d columns and %d lines; these are %d and %d."),
	       SP_LEAST_WIDTH, SP_LEAST_HEIGHT, canvas->width, canvas->height);
	sp_canvas_wrap(canvas, (sp_rect){ 0, y > 1 ? y - 2 : 0, canvas->width, 3 }, sp_buf_text(&text),
	               SP_STYLE_BOLD);
	sp_canvas_wrap(canvas, (sp_rect){ 0, y + 1, canvas->width, 2 },
	               _("Make the window larger: all goes on where it stood."), SP_STYLE_PLAIN);
	sp_buf_free(&text);
}
