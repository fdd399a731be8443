#include <config.h>

#include <string.h>

#include "core/base/error.h"
#include "core/doctor/doctor.h"
#include "ui/screens.h"
#include "ui/words.h"

/* How each state of a check looks. */
static const struct {
	const char *state, *sign;
	sp_style style;
} states[] = {
	{ "ok", "✓", SP_STYLE_GOOD },
	{ "warning", "~", SP_STYLE_WARN },
	{ "failed", "✗", SP_STYLE_BAD },
	{ "skipped", "·", SP_STYLE_DIM },
};

#define STATES (sizeof states / sizeof *states)

static size_t state_of(const sp_json *check)
{
	const char *state = sp_json_text(check, "state");
	size_t i = 0;

	while (i < STATES - 1 && (!state || strcmp(states[i].state, state) != 0))
		i++;
	return i;
}

static int count_state(const sp_wizard *w, const char *state)
{
	int count = 0;

	for (const sp_json *at = sp_json_first(w->checks); at; at = sp_json_next(at))
		count += strcmp(sp_json_text(at, "state"), state) == 0;
	return count;
}

/* Draws a check from line y on; the next line. */
static int draw_check(sp_canvas *canvas, sp_rect field, int y, const sp_json *check)
{
	const char *title = sp_json_text(check, "title"), *todo = sp_json_text(check, "do");
	size_t state = state_of(check);
	sp_buf text = { 0 };
	int used;

	sp_canvas_text(canvas, field.x + 2, y, 1, states[state].sign, states[state].style);
	sp_canvas_text(canvas, field.x + 4, y, 22, _(title), SP_STYLE_PLAIN);
	used = sp_canvas_wrap(canvas, (sp_rect){ field.x + 27, y, field.width - 38, 2 },
	                      sp_json_text(check, "found"),
	                      states[state].style == SP_STYLE_DIM ? SP_STYLE_DIM : SP_STYLE_PLAIN);
	sp_say(&text, _("%lld ms"), (long long)sp_json_int(check, "milliseconds", 0));
	if (strcmp(states[state].state, "skipped") != 0)
		sp_canvas_right(canvas, field.x + field.width - 11, y, 10, sp_buf_text(&text),
		                SP_STYLE_DIM);
	y += used ? used : 1;
	if (todo) {
		sp_say(&text, _("Do: %s"), todo);
		y += sp_canvas_wrap(canvas, (sp_rect){ field.x + 6, y, field.width - 8, 2 },
		                    sp_buf_text(&text), SP_STYLE_BOLD);
	}
	sp_buf_free(&text);
	return y;
}

static void draw_all(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = &w->lists[SP_SCREEN_CHECKS];
	int y = field.y - list->cursor;

	sp_canvas_clip(canvas, &field);
	for (const sp_json *at = sp_json_first(w->checks); at; at = sp_json_next(at))
		y = draw_check(canvas, field, y, at);
	if (sp_is_awaited(w, SP_ASK_CHECKS))
		sp_canvas_text(canvas, field.x + 2, y++, field.width - 3, _("looking …"), SP_STYLE_DIM);
	sp_canvas_clip(canvas, NULL);
	list->height = field.height;
	list->count = list->shown = y + list->cursor - field.y - field.height + 1;
	if (list->count < 1)
		list->count = list->shown = 1;
}

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int failed = count_state(w, "failed");
	sp_buf text = { 0 };

	if (failed)
		sp_say(&text,
		       sp_translate_n("%d thing is wrong; what to do about it stands below it.",
		                      "%d things are wrong; what to do about them stands below them.",
		                      (unsigned long)failed),
		       failed);
	else if (sp_is_awaited(w, SP_ASK_CHECKS))
		sp_say(&text, "%s", _("Each step is looked at; nothing is changed anywhere."));
	else
		sp_say(&text, "%s", _("This instance can be worked with. Esc: the instances."));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	const sp_instance *instance = &w->setup->instances[w->examined];
	sp_rect field = { 0, frame->work.y + 1, frame->work.width, frame->work.height - 1 };
	sp_buf text = { 0 };

	sp_say(&text, "%s · %s", sp_instance_title(instance),
	       instance->db ? instance->db : _("as the PG* variables say"));
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("reading only"));
	sp_say(&text, _("%d of %d checks"), count_state(w, "ok"), sp_doctor_count());
	sp_canvas_rule(canvas, 0, frame->work.y, canvas->width, _("Put to the test"),
	               sp_buf_text(&text));
	draw_all(w, canvas, field);
	sp_frame_more(frame, canvas, &w->lists[SP_SCREEN_CHECKS]);
	draw_sum(w, frame, canvas);
	sp_frame_hint(w, frame, canvas, _("The same for scripts: spaceport doctor."));
	sp_canvas_focus(canvas, 0, frame->work.y);
	sp_buf_free(&text);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	if (does != SP_DO_TEST)
		return false;
	sp_ask_checks(w, w->examined);
	return true;
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	/* what the list says of it may be old */
	if (ask == SP_ASK_CHECKS && !sp_is_awaited(w, ask))
		sp_ask_instance(w, w->examined);
}

static void leave(sp_wizard *w)
{
	sp_ask_nothing(w, SP_ASK_CHECKS);
	sp_list_clear(&w->lists[SP_SCREEN_CHECKS]);
}

const sp_screen sp_screen_checks = {
	.step = N_("Test"),
	.draw = draw,
	.key = key,
	.leave = leave,
	.reply = reply,
	.back = SP_SCREEN_INSTANCES,
};
