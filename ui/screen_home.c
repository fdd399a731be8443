#include <config.h>

#include "core/base/error.h"
#include "ui/screens.h"
#include "ui/words.h"

/* What there is to do; a digit goes there at once. */
static const struct {
	const char *name, *about;
	sp_screen_id screen;
} items[] = {
	{ N_("Export"), N_("runs of an infospace, as packages"), SP_SCREEN_INSTANCES },
	{ N_("Instances"), N_("which answer, and to whom"), SP_SCREEN_INSTANCES },
};

#define ITEMS ((int)(sizeof items / sizeof *items))

static void ask_all(sp_wizard *w, bool anew)
{
	for (int i = 0; i < w->setup->instance_count; i++)
		if (w->contacts[i].state == SP_CONTACT_NONE ||
		    (anew && w->contacts[i].state != SP_CONTACT_ASKED))
			sp_ask_instance(w, i);
}

static void words(void *ctx, int row, sp_buf *to)
{
	(void)ctx;
	sp_buf_adds(to, _(items[row].name));
}

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ .ctx = w, .count = ITEMS, .words = words };
}

static void enter(sp_wizard *w)
{
	sp_list *list = &w->lists[SP_SCREEN_HOME];
	sp_model rows;

	if (!list->count) {
		model(w, &rows);
		sp_list_load(list, &rows);
	}
	ask_all(w, false);
}

static int answering(const sp_wizard *w)
{
	int count = 0;

	for (int i = 0; i < w->setup->instance_count; i++)
		count += w->contacts[i].state == SP_CONTACT_THERE;
	return count;
}

static void draw_contact(sp_wizard *w, sp_canvas *canvas, int i, int y, int at)
{
	const sp_contact *contact = &w->contacts[i];
	const char *sign = "·", *text = _("asking …");
	sp_style style = SP_STYLE_DIM;
	sp_buf buf = { 0 };

	if (contact->state == SP_CONTACT_THERE) {
		sign = "✓";
		style = SP_STYLE_GOOD;
		sp_word_count(&buf,
		              sp_translate_n("%s infospace", "%s infospaces",
		                             (unsigned long)contact->infospaces),
		              contact->infospaces);
		text = sp_buf_text(&buf);
	} else if (contact->state == SP_CONTACT_FAILED) {
		sign = "✗";
		style = SP_STYLE_BAD;
		text = sp_error_text(&contact->err);
	}
	sp_canvas_text(canvas, 2, y, 1, sign, style);
	sp_canvas_text(canvas, 4, y, at - 5, sp_instance_title(&w->setup->instances[i]),
	               SP_STYLE_PLAIN);
	sp_canvas_text(canvas, at, y, canvas->width - at - 1, text,
	               contact->state == SP_CONTACT_THERE ? SP_STYLE_PLAIN : SP_STYLE_DIM);
	sp_buf_free(&buf);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_list *list = &w->lists[SP_SCREEN_HOME];
	int y = frame->work.y, end = frame->rule, at = frame->narrow ? 18 : 33;
	sp_buf text = { 0 }, path = { 0 };

	sp_say(&text,
	       sp_translate_n("%d of %d instance answers", "%d of %d instances answer",
	                      (unsigned long)w->setup->instance_count),
	       answering(w), w->setup->instance_count);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("nothing is running"));
	sp_canvas_rule(canvas, 0, y++, canvas->width, _("What to do"), NULL);
	for (int i = 0; i < ITEMS; i++, y++) {
		sp_say(&text, "%d %s", i + 1, _(items[i].name));
		sp_canvas_text(canvas, 2, y, at - 3, sp_buf_text(&text), SP_STYLE_BOLD);
		sp_canvas_text(canvas, at, y, canvas->width - at - 1, _(items[i].about), SP_STYLE_PLAIN);
		if (i == sp_list_row(list))
			sp_draw_cursor(canvas, 0, y, canvas->width);
	}
	sp_word_path(&path, w->setup->profiles ? w->setup->profiles : "");
	sp_canvas_rule(canvas, 0, ++y, canvas->width, _("Instances"), sp_buf_text(&path));
	for (int i = 0; i < w->setup->instance_count && ++y < end; i++)
		draw_contact(w, canvas, i, y, at);
	sp_list_fit(list, ITEMS);
	sp_frame_rule(frame, canvas, list);
	sp_frame_sum(frame, canvas, _("Instances are only read; files come with the last step."));
	sp_frame_hint(w, frame, canvas, _("Enter opens; ? shows the keys of any screen."));
	sp_buf_free(&text);
	sp_buf_free(&path);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	if (does == SP_DO_ITEM)
		sp_list_go(&w->lists[SP_SCREEN_HOME], key - '1');
	if (does == SP_DO_ENTER || does == SP_DO_ITEM) {
		sp_wizard_go(w, items[sp_list_row(&w->lists[SP_SCREEN_HOME])].screen);
		return true;
	}
	if (does == SP_DO_TEST) {
		ask_all(w, true);
		return true;
	}
	return false;
}

const sp_screen sp_screen_home = {
	.step = N_("Home"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = model,
	.back = SP_SCREEN_HOME,
};
