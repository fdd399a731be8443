#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/running.h"
#include "ui/words.h"

static int written(const sp_wizard *w)
{
	int count = 0;

	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at))
		count++;
	return count;
}

static void enter(sp_wizard *w)
{
	sp_running_begin(w, SP_ASK_EXPORT);
	free(w->repeat[w->way]);
	w->repeat[w->way] = NULL;
	sp_ask_export(w);
}

/* --- drawing ------------------------------------------------------------------ */

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
		       written(w), w->answers->run_count);
	else
		sp_say(&text, "%s", _("Ctrl-C stops cleanly: no half file is left."));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	const sp_running *r = &w->running;
	sp_buf text = { 0 }, path = { 0 };
	int now = written(w), count = w->answers->run_count;

	now = now < count ? now : count - 1;
	sp_word_path(&path, w->answers->folder);
	sp_say(&text, "%s → %s/%s", sp_instance_title(sp_instance_of(w)), sp_buf_text(&path),
	       count ? w->answers->runs[now].file : "");
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("writing a file"));
	sp_say(&text, _("Package %d of %d: %s"), now + 1, count,
	       *r->at.phase ? _(r->at.phase) : _("connecting"));
	sp_running_draw(w, frame, canvas, sp_buf_text(&text));
	draw_sum(w, frame, canvas);
	sp_frame_hint(w, frame, canvas, _("Nothing is under its final name before it is complete."));
	sp_buf_free(&text);
	sp_buf_free(&path);
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
	sp_running_log(w, sp_buf_text(&text));
	sp_running_next(w);
	sp_buf_free(&text);
}

static void finish(sp_wizard *w)
{
	sp_buf command = { 0 };

	if (sp_running_failed(w, SP_SCREEN_PREVIEW))
		return;
	sp_answers_command(w->setup, w->answers, true, &command);
	w->repeat[w->way] = sp_buf_take(&command);
	w->code = SP_OK;
	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at))
		if (sp_json_first(sp_json_get(at, "warnings")))
			w->code = SP_WARNINGS;
	w->over = w->running.leaving;
	sp_running_leave(w, SP_SCREEN_RESULT);
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	if (ask != SP_ASK_EXPORT)
		return;
	if (sp_is_awaited(w, ask)) {
		note_package(w);
		return;
	}
	sp_running_unask(w);
	finish(w);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	if (does != SP_DO_BACK)
		return false;
	sp_running_ask_leave(w, _("Stop the export and leave?"),
	                     _("It goes on behind this question. Packages that are done stay; the one "
	                       "that is half written is taken away."));
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
