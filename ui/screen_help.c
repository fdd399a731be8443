#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

/* --- the keys of a screen ----------------------------------------------------- */

#define KEYS_WIDTH 16

/* Draws the lines from `top` on; returns how many there are. */
static int draw_bindings(sp_canvas *canvas, sp_rect field, sp_screen_id screen, int top)
{
	int line = 0;

	for (const sp_binding *b = sp_bindings; b->does != SP_DO_NOTHING; b++) {
		int y = field.y + line - top;

		if (!sp_binding_fits(b, screen))
			continue;
		line++;
		if (y < field.y || y >= field.y + field.height)
			continue;
		sp_canvas_text(canvas, field.x + 2, y, KEYS_WIDTH - 2, sp_binding_keys(b), SP_STYLE_KEY);
		sp_canvas_text(canvas, field.x + KEYS_WIDTH + 2, y, field.width - KEYS_WIDTH - 3,
		               _(b->help), SP_STYLE_PLAIN);
	}
	return line;
}

static void draw_help(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_list *list = &w->lists[SP_SCREEN_HELP];
	sp_rect field = { 0, frame->work.y + 1, canvas->width, frame->work.height - 1 };
	const char *title = _(sp_screen_of(w->under)->step);
	sp_buf text = { 0 };
	int lines;

	sp_frame_about(frame, canvas, title, _("reading only"));
	sp_say(&text, _("Keys of this screen: %s"), title);
	sp_canvas_rule(canvas, 0, frame->work.y, canvas->width, sp_buf_text(&text), NULL);
	lines = draw_bindings(canvas, field, sp_wizard_keys_of(w, w->under), list->cursor);
	list->height = field.height;
	list->count = list->shown = lines > field.height ? lines - field.height + 1 : 1;
	sp_frame_rule(frame, canvas, NULL);
	sp_frame_sum(frame, canvas, _("A letter means one thing everywhere, in every language."));
	sp_frame_hint(w, frame, canvas, _("All else: man spaceport."));
	sp_canvas_focus(canvas, 0, frame->work.y);
	sp_buf_free(&text);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	return does == SP_DO_COPY && w->screen == SP_SCREEN_COMMAND && sp_wizard_copy(w, w->command);
}

const sp_screen sp_screen_help = {
	.step = N_("Help"),
	.draw = draw_help,
	.key = key,
	.back = SP_SCREEN_HOME,
};

/* --- the command that does the same --------------------------------------------- */

static void enter_command(sp_wizard *w)
{
	sp_buf text = { 0 };

	if (w->under == SP_SCREEN_RESULT || w->under == SP_SCREEN_IMPORTED)
		sp_buf_adds(&text, w->repeat[w->way] ? w->repeat[w->way] : "");
	else
		sp_answers_command(w->setup, w->answers, false, &text);
	free(w->command);
	w->command = sp_buf_take(&text);
}

static void draw_command(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_rect field = { 2, frame->work.y + 2, canvas->width - 4, frame->work.height - 3 };
	sp_list *list = &w->lists[SP_SCREEN_COMMAND];
	bool done = w->under == SP_SCREEN_RESULT || w->under == SP_SCREEN_IMPORTED;
	int lines;

	sp_frame_about(frame, canvas, _(sp_screen_of(w->under)->step),
	               done ? _("written") : _("nothing written"));
	sp_canvas_rule(canvas, 0, frame->work.y, canvas->width, _("The command that does the same"),
	               NULL);
	lines = sp_canvas_command(canvas, field, list->cursor, w->command ? w->command : "");
	list->height = field.height;
	list->count = list->shown = lines > field.height ? lines - field.height + 1 : 1;
	sp_frame_rule(frame, canvas, NULL);
	sp_frame_sum(frame, canvas,
	             _(done ? sp_ways[w->way].command_again : sp_ways[w->way].command_asks));
	sp_frame_hint(w, frame, canvas, _("y copies it; Esc goes back."));
	sp_canvas_focus(canvas, 2, frame->work.y + 2);
}

const sp_screen sp_screen_command = {
	.step = N_("Command"),
	.enter = enter_command,
	.draw = draw_command,
	.key = key,
	.back = SP_SCREEN_HOME,
};
