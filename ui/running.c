#include <config.h>

#include "ui/running.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/words.h"

/* Seconds without a sign of life that are called a stall. */
#define STALL 10

/* --- its life ------------------------------------------------------------------- */

void sp_running_clear(sp_running *running)
{
	for (int i = 0; i < running->log_count; i++)
		free(running->log[i]);
	*running = (sp_running){ .at.phase = "" };
}

void sp_running_begin(sp_wizard *w, sp_request_kind ask)
{
	sp_running_clear(&w->running);
	w->running.ask = ask;
	w->running.active = true;
	w->running.began = w->running.moved = w->now;
}

bool sp_running_goes_on(const sp_wizard *w)
{
	return w->running.active && sp_is_awaited(w, w->running.ask);
}

void sp_running_next(sp_wizard *w)
{
	sp_running *r = &w->running;

	r->last = r->phase_count ? r->phases[r->phase_count - 1].name : NULL;
	r->phase_count = 0;
	r->moved = w->now;
	r->before = r->at.bytes;
}

void sp_running_log(sp_wizard *w, const char *text)
{
	sp_running *r = &w->running;

	if (r->log_count < SP_MOST_LOG && (r->log[r->log_count] = strdup(text)))
		r->log_count++;
}

static void note_phase(sp_running *r, double now)
{
	sp_phase *last = r->phase_count ? &r->phases[r->phase_count - 1] : NULL;

	/* a package that is done stays in its last phase until the next begins */
	if (!last && r->last && strcmp(r->last, r->at.phase) == 0)
		return;
	if (!last || strcmp(last->name, r->at.phase) != 0) {
		if (last)
			last->ended = now;
		if (!*r->at.phase || r->phase_count == SP_MOST_PHASES)
			return;
		/* what is read back counts anew */
		if (strcmp(r->at.phase, sp_phase_read_back) == 0)
			r->before = r->at.bytes;
		last = &r->phases[r->phase_count++];
		*last = (sp_phase){ .name = r->at.phase, .began = now };
	}
	last->rows = r->at.rows;
	last->rows_total = r->at.rows_total;
}

void sp_running_tick(sp_wizard *w)
{
	sp_running *r = &w->running;

	if (!sp_running_goes_on(w) || !w->link.look(w->link.ctx, w->awaited[r->ask], &r->at))
		return;
	if (r->at.rows != r->rows || r->at.bytes != r->bytes || r->phase_count == 0 ||
	    strcmp(r->phases[r->phase_count - 1].name, r->at.phase) != 0)
		r->moved = w->now;
	r->rows = r->at.rows;
	r->bytes = r->at.bytes;
	note_phase(r, w->now);
}

/* --- drawing -------------------------------------------------------------------- */

static void draw_bar(sp_wizard *w, sp_canvas *canvas, int y)
{
	const sp_progress *at = &w->running.at;
	uint64_t before = w->running.before, bytes = at->bytes - before, total = at->bytes_total;
	double share;
	sp_buf text = { 0 };

	/* until a package's own total is known, the one before it stands there */
	total = total > before ? total - before : 0;
	share = total            ? (double)bytes / (double)total
	        : at->rows_total ? (double)at->rows / (double)at->rows_total
	                         : 0;
	share = share > 1 ? 1 : share;
	sp_canvas_bar(canvas, 2, y, canvas->width - 11, share);
	sp_say(&text, "%3.0f %%", share * 100);
	sp_canvas_right(canvas, canvas->width - 8, y, 7, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_buf_reset(&text);
	if (total) {
		sp_text_bytes(&text, bytes);
		sp_buf_addf(&text, " %s ", _("of about"));
		sp_text_bytes(&text, total);
	}
	if (at->rate >= 1) {
		sp_buf_adds(&text, text.len ? " · " : "");
		sp_text_bytes(&text, (unsigned long long)at->rate);
		sp_buf_adds(&text, "/s");
	}
	if (at->left >= 0 && w->now - w->running.moved < STALL) {
		sp_buf_addf(&text, " · ");
		sp_word_duration(&text, at->left);
		sp_buf_addf(&text, " %s", _("left"));
	}
	sp_canvas_text(canvas, 2, y + 1, canvas->width - 3, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_buf_free(&text);
}

/* "80 of 213". The last that was seen of a phase that is done may be behind. */
static void add_rows(sp_buf *to, const sp_phase *phase)
{
	bool done = phase->ended > 0;

	if (phase->rows_total)
		sp_word_share(to, (int64_t)(done ? phase->rows_total : phase->rows),
		              (int64_t)phase->rows_total);
	else if (phase->rows && !done)
		sp_word_number(to, (int64_t)phase->rows);
}

static void draw_phase(sp_wizard *w, sp_canvas *canvas, const sp_phase *phase, int y)
{
	bool done = phase->ended > 0;
	sp_buf text = { 0 };

	sp_canvas_text(canvas, 2, y, 1, done ? "✓" : "▸", done ? SP_STYLE_GOOD : SP_STYLE_BOLD);
	sp_canvas_text(canvas, 4, y, 31, _(phase->name), done ? SP_STYLE_PLAIN : SP_STYLE_BOLD);
	add_rows(&text, phase);
	sp_canvas_right(canvas, 28, y, 24, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_buf_reset(&text);
	sp_word_duration(&text, (done ? phase->ended : w->now) - phase->began);
	sp_canvas_right(canvas, canvas->width - 12, y, 11, sp_buf_text(&text), SP_STYLE_DIM);
	sp_buf_free(&text);
}

/* The last phases, as many as there is room for. */
static int draw_phases(sp_wizard *w, sp_canvas *canvas, int y, int room)
{
	const sp_running *r = &w->running;
	int first = r->phase_count > room ? r->phase_count - room : 0;

	for (int i = first; i < r->phase_count; i++)
		draw_phase(w, canvas, &r->phases[i], y++);
	return y;
}

static int draw_stall(sp_wizard *w, sp_canvas *canvas, int y)
{
	sp_buf text = { 0 };
	double still = w->now - w->running.moved;

	if (still < STALL)
		return y;
	sp_canvas_rule(canvas, 0, y++, canvas->width, _("Stalled"), NULL);
	sp_say(&text,
	       _("~ Nothing heard for %.0f s, neither from the database nor from the store. It "
	         "is waited for until the time-out; Ctrl-C stops cleanly."),
	       still);
	y += sp_canvas_wrap(canvas, (sp_rect){ 1, y, canvas->width - 2, 3 }, sp_buf_text(&text),
	                    SP_STYLE_WARN);
	sp_buf_free(&text);
	return y;
}

static void draw_log(sp_wizard *w, sp_canvas *canvas, int y, int end)
{
	const sp_running *r = &w->running;
	int room = end - y - 1, first = r->log_count > room ? r->log_count - room : 0;

	if (room < 1 || !r->log_count)
		return;
	sp_canvas_rule(canvas, 0, y++, canvas->width, _("Log"), NULL);
	for (int i = first; i < r->log_count; i++)
		sp_canvas_text(canvas, 2, y++, canvas->width - 3, r->log[i], SP_STYLE_PLAIN);
}

void sp_running_draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, const char *title)
{
	int y = frame->work.y;
	sp_buf time = { 0 };

	sp_word_duration(&time, w->now - w->running.began);
	sp_canvas_rule(canvas, 0, y, canvas->width, title, sp_buf_text(&time));
	draw_bar(w, canvas, y + 2);
	y = draw_phases(w, canvas, y + 5, frame->work.height - 11);
	y = draw_stall(w, canvas, y + 1);
	draw_log(w, canvas, y, frame->rule);
	sp_frame_rule(frame, canvas, NULL);
	sp_canvas_focus(canvas, 0, frame->work.y + 2);
	sp_buf_free(&time);
}

/* --- its end -------------------------------------------------------------------- */

static void answer_leave(sp_wizard *w, int button)
{
	if (button != 1)
		return;
	w->running.leaving = true;
	sp_wizard_interrupt(w, w->now);
}

void sp_running_ask_leave(sp_wizard *w, const char *title, const char *text)
{
	static const char *const buttons[] = { N_("Stay"), N_("Stop and leave") };

	sp_wizard_ask(w, title, text, buttons, 2, answer_leave);
}

void sp_running_unask(sp_wizard *w)
{
	if (w->screen == SP_SCREEN_QUESTION)
		w->screen = w->question.under;
}

void sp_running_leave(sp_wizard *w, sp_screen_id to)
{
	sp_screen_id before = w->screen;
	bool reading = before == SP_SCREEN_HELP || before == SP_SCREEN_COMMAND;

	w->running.active = false;
	if (reading)
		w->screen = w->under;
	sp_wizard_go(w, to);
	if (!reading)
		return;
	w->under = to;
	w->screen = before;
}

bool sp_running_failed(sp_wizard *w, sp_screen_id to)
{
	const sp_error *err = &w->failed[w->running.ask];

	if (!sp_error_is_set(err))
		return false;
	w->code = err->code;
	if (w->running.leaving) {
		w->over = true;
		return true;
	}
	sp_running_leave(w, to);
	sp_wizard_say_error(w, err);
	return true;
}
