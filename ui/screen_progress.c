#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

/* Seconds without a sign of life that are called a stall. */
#define STALL 10

static int written(const sp_wizard *w)
{
	int count = 0;

	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at))
		count++;
	return count;
}

static void clear_phases(sp_running *r, double now)
{
	r->last = r->phase_count ? r->phases[r->phase_count - 1].name : NULL;
	r->phase_count = 0;
	r->moved = now;
	r->before = r->at.bytes;
}

static void add_log(sp_wizard *w, const char *text)
{
	sp_running *r = &w->running;

	if (r->log_count < SP_MOST_LOG && (r->log[r->log_count] = strdup(text)))
		r->log_count++;
}

static void enter(sp_wizard *w)
{
	sp_running *r = &w->running;

	for (int i = 0; i < r->log_count; i++)
		free(r->log[i]);
	*r = (sp_running){ .began = w->now, .moved = w->now };
	r->at.phase = "";
	free(w->repeat);
	w->repeat = NULL;
	sp_ask_export(w);
}

/* --- drawing ------------------------------------------------------------------ */

static void draw_bar(sp_wizard *w, sp_canvas *canvas, int y)
{
	const sp_progress *at = &w->running.at;
	uint64_t before = w->running.before, bytes = at->bytes - before, total = at->bytes_total;
	double share;
	sp_buf text = { 0 };

	/* until a package's own total is known, the one before it stands there */
	total = total > before ? total - before : 0;
	share = total ? (double)bytes / (double)total : 0;
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
		sp_buf_adds(&text, " · ");
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
	sp_canvas_text(canvas, 4, y, 24, _(phase->name), done ? SP_STYLE_PLAIN : SP_STYLE_BOLD);
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

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_buf text = { 0 };

	if (w->running.stopping)
		sp_say(&text, "%s", _("Stopping: what is half written is taken away …"));
	else if (written(w))
		sp_say(&text,
		       sp_translate_n("%d of %d packages is done and stays. Ctrl-C stops cleanly.",
		                      "%d of %d packages are done and stay. Ctrl-C stops cleanly.",
		                      (unsigned long)written(w)),
		       written(w), w->answers.run_count);
	else
		sp_say(&text, "%s", _("Ctrl-C stops cleanly: no half file is left."));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	const sp_running *r = &w->running;
	sp_buf text = { 0 }, path = { 0 }, time = { 0 };
	int y = frame->work.y, now = written(w), count = w->answers.run_count;

	now = now < count ? now : count - 1;
	sp_word_path(&path, w->answers.folder);
	sp_say(&text, "%s → %s/%s", sp_instance_title(sp_instance_of(w)), sp_buf_text(&path),
	       count ? w->answers.runs[now].file : "");
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("writing a file"));
	sp_say(&text, _("Package %d of %d: %s"), now + 1, count,
	       *r->at.phase ? _(r->at.phase) : _("connecting"));
	sp_word_duration(&time, w->now - r->began);
	sp_canvas_rule(canvas, 0, y, canvas->width, sp_buf_text(&text), sp_buf_text(&time));
	draw_bar(w, canvas, y + 2);
	y = draw_phases(w, canvas, y + 5, frame->work.height - 11);
	y = draw_stall(w, canvas, y + 1);
	draw_log(w, canvas, y, frame->rule);
	sp_frame_rule(frame, canvas, NULL);
	draw_sum(w, frame, canvas);
	sp_frame_hint(w, frame, canvas, _("Nothing is under its final name before it is complete."));
	sp_canvas_focus(canvas, 0, frame->work.y + 2);
	sp_buf_free(&text);
	sp_buf_free(&path);
	sp_buf_free(&time);
}

/* --- the job's end -------------------------------------------------------------- */

static void note_package(sp_wizard *w)
{
	const sp_json *last = NULL;
	sp_buf text = { 0 };

	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at))
		last = at;
	if (!last)
		return;
	sp_buf_addf(&text, _("%s written, "), sp_json_text(last, "path"));
	sp_text_bytes(&text, (unsigned long long)sp_json_int(last, "size", 0));
	if (sp_json_bool(last, "checked", false))
		sp_buf_adds(&text, _(", read back: all is right"));
	add_log(w, sp_buf_text(&text));
	clear_phases(&w->running, w->now);
	sp_buf_free(&text);
}

/* The screen that follows; help that is being read stays before it. */
static void move_on(sp_wizard *w, sp_screen_id to)
{
	sp_screen_id before = w->screen;
	bool reading = before == SP_SCREEN_HELP;

	if (reading)
		w->screen = SP_SCREEN_PROGRESS;
	sp_wizard_go(w, to);
	if (!reading)
		return;
	w->under = to;
	w->screen = before;
}

static void finish(sp_wizard *w)
{
	const sp_error *err = &w->failed[SP_ASK_EXPORT];
	sp_buf command = { 0 };

	if (sp_error_is_set(err)) {
		w->code = err->code;
		if (w->running.leaving) {
			w->over = true;
			return;
		}
		move_on(w, SP_SCREEN_PREVIEW);
		sp_wizard_say_error(w, err);
		return;
	}
	sp_answers_command(w->setup, &w->answers, true, &command);
	w->repeat = sp_buf_take(&command);
	w->code = SP_OK;
	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at))
		if (sp_json_first(sp_json_get(at, "warnings")))
			w->code = SP_WARNINGS;
	w->over = w->running.leaving;
	move_on(w, SP_SCREEN_RESULT);
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	if (ask != SP_ASK_EXPORT)
		return;
	if (sp_is_awaited(w, ask)) {
		note_package(w);
		return;
	}
	/* a question about a job that is over answers itself */
	if (w->screen == SP_SCREEN_QUESTION)
		w->screen = SP_SCREEN_PROGRESS;
	finish(w);
}

static void answer_leave(sp_wizard *w, int button)
{
	if (button != 1)
		return;
	w->running.leaving = true;
	sp_wizard_interrupt(w, w->now);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	static const char *const buttons[] = { N_("Stay"), N_("Stop and leave") };

	(void)key;
	if (does != SP_DO_BACK)
		return false;
	sp_wizard_ask(w, _("Stop the export and leave?"),
	              _("It goes on behind this question. Packages that are done stay; the one that is "
	                "half written is taken away."),
	              buttons, 2, answer_leave);
	return true;
}

const sp_screen sp_screen_progress = {
	.step = N_("Export"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.reply = reply,
	.back = SP_SCREEN_PROGRESS,
};
