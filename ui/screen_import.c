#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "ui/running.h"
#include "ui/words.h"

static void enter(sp_wizard *w)
{
	sp_running_begin(w, SP_ASK_IMPORT);
	free(w->repeat[SP_WAY_IMPORT]);
	w->repeat[SP_WAY_IMPORT] = NULL;
	sp_ask_import(w);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	const char *phase = w->running.at.phase;

	sp_draw_import_about(w, frame, canvas, _("■ WRITING"));
	sp_running_draw(w, frame, canvas, *phase ? _(phase) : _("connecting"));
	sp_frame_sum(frame, canvas,
	             w->running.stopping
	                 ? _("Stopping: what was begun is taken back …")
	                 : _("If it stops now, nothing of it stays: all or nothing."));
	sp_frame_hint(w, frame, canvas, _("HQ stays usable; what others write meanwhile is kept."));
}

static void finish(sp_wizard *w)
{
	const sp_json *plan = sp_json_get(w->imported, "plan");
	sp_buf command = { 0 };

	if (w->failed[SP_ASK_IMPORT].code == SP_TARGET_CHANGED)
		w->dry_run.stale = true;
	if (sp_running_failed(w, SP_SCREEN_DRY_RUN))
		return;
	sp_answers_command(w->setup, w->answers, true, &command);
	w->repeat[SP_WAY_IMPORT] = sp_buf_take(&command);
	w->code = sp_json_first(sp_json_get(plan, "lost")) ? SP_WARNINGS : SP_OK;
	w->over = w->running.leaving;
	/* what it was for is done: the next one begins anew */
	sp_answers_drop_plan(w->answers);
	w->dry_run.stale = true;
	sp_running_leave(w, SP_SCREEN_IMPORTED);
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	if (ask != SP_ASK_IMPORT || sp_is_awaited(w, ask))
		return;
	sp_running_unask(w);
	finish(w);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	if (does != SP_DO_BACK)
		return false;
	sp_running_ask_leave(
		w, _("Stop the import and leave?"),
		_("It goes on behind this question. Where it is stopped, nothing of it stays."));
	return true;
}

const sp_screen sp_screen_import = {
	.step = N_("Import"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.reply = reply,
	.back = SP_SCREEN_IMPORT,
};
