#include <config.h>

#include <string.h>

#include "core/base/error.h"
#include "core/import/import.h"
#include "ui/form.h"
#include "ui/words.h"

static const sp_form form = {
	.screen = SP_SCREEN_SETTINGS,
	.title = N_("How is it to be imported?"),
};

static void enter(sp_wizard *w)
{
	sp_form_load(w, &form);
}

/* "run.zip → prod · Energy" */
void sp_draw_import_about(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, const char *lamp)
{
	const char *slash = strrchr(w->answers->package, '/');
	const char *space = w->answers->new_name ? w->answers->new_name : w->answers->infospace_name;
	sp_buf text = { 0 };

	sp_say(&text, "%s → %s · %s", slash ? slash + 1 : w->answers->package,
	       sp_instance_title(sp_instance_of(w)), space);
	sp_frame_about(frame, canvas, sp_buf_text(&text), lamp);
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_draw_import_about(w, frame, canvas, _("nothing written"));
	sp_form_draw(w, &form, frame, canvas);
	sp_frame_sum(frame, canvas, _("Enter: a dry run. It leaves no trace."));
	sp_frame_hint(w, frame, canvas,
	              _("As it stands it is right for most: no need to read it all."));
}

/* What can't be is told at once, not by the dry run. */
static void typed(sp_wizard *w, const char *text)
{
	const sp_asked *option = &w->answers->options[sp_list_row(&w->lists[SP_SCREEN_SETTINGS])];
	sp_import_settings settings = { 0 };
	sp_error err = SP_ERROR_INIT;

	if (!*text || sp_import_settings_set(&settings, option->name, text, &err))
		sp_form_typed(w, &form, text);
	else
		sp_wizard_say_error(w, &err);
	sp_error_clear(&err);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	if (does != SP_DO_ENTER)
		return sp_form_key(w, &form, does);
	sp_wizard_next(w);
	return true;
}

const sp_screen sp_screen_settings = {
	.step = N_("Options"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = sp_form_model,
	.typed = typed,
	.back = SP_SCREEN_COUNT,
};
