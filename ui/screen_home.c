#include <config.h>

#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

/* What there is to do; a digit goes there at once. */
static const struct {
	const char *name, *about;
	sp_way way;
	sp_screen_id screen;
} items[] = {
	{ N_("Export"), N_("runs of an infospace, as packages"), SP_WAY_EXPORT, SP_SCREEN_INSTANCES },
	{ N_("Import"), N_("a package, dry run first"), SP_WAY_IMPORT, SP_SCREEN_PACKAGES },
	{ N_("Instances"), N_("which answer, and to whom"), SP_WAY_EXPORT, SP_SCREEN_INSTANCES },
};

#define ITEMS ((int)(sizeof items / sizeof *items))
/* Older drafts are shown when these are done. */
#define MOST_DRAFTS 5

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_HOME];
}

static int drafts_of(const sp_wizard *w)
{
	return w->draft.list.count < MOST_DRAFTS ? w->draft.list.count : MOST_DRAFTS;
}

/* The draft under the cursor; -1: it is on something else. */
static int draft_row(sp_wizard *w)
{
	int row = sp_list_row(list_of(w));

	return row >= ITEMS ? row - ITEMS : -1;
}

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
	sp_buf_adds(to, row < ITEMS ? _(items[row].name) : "");
}

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ .ctx = w, .count = ITEMS + drafts_of(w), .words = words };
}

/* The rows anew; the cursor stays where it was. */
static void load(sp_wizard *w)
{
	int row = sp_list_row(list_of(w));
	sp_model rows;

	model(w, &rows);
	if (sp_list_load(list_of(w), &rows))
		sp_list_go(list_of(w), row < rows.count ? row : rows.count - 1);
}

static void enter(sp_wizard *w)
{
	sp_wizard_keep(w);
	load(w);
	sp_ask_drafts(w);
	ask_all(w, false);
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	/* which one is to be forgotten doesn't change while that is asked */
	if (w->screen == SP_SCREEN_QUESTION)
		return;
	if (ask == SP_ASK_KEEP || ask == SP_ASK_FORGET)
		sp_ask_drafts(w);
	else if (ask == SP_ASK_DRAFTS)
		load(w);
	if (ask == SP_ASK_DRAFTS && sp_error_is_set(&w->failed[ask]))
		sp_wizard_say_error(w, &w->failed[ask]);
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

static void draw_draft(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, int i, int y, int at)
{
	const sp_json *entry = w->draft.list.rows[i], *draft = sp_json_get(entry, "draft");
	sp_buf text = { 0 }, saved = { 0 };
	int width;

	sp_word_time(&saved, sp_json_text(entry, "saved"), true);
	width = canvas->width - at - 3 - sp_text_width(sp_buf_text(&saved));
	sp_canvas_text(canvas, 2, y, 1, draft ? "~" : "✗", SP_STYLE_WARN);
	if (draft)
		sp_word_runs(&text, sp_json_get(draft, "runs"));
	else
		sp_buf_adds(&text, sp_json_text(entry, "file"));
	sp_canvas_text(canvas, 4, y, at - 5, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_buf_reset(&text);
	if (draft && frame->narrow)
		sp_buf_adds(&text, sp_json_text(draft, "instance"));
	else if (draft)
		sp_buf_addf(&text, "%s · %s", sp_json_text(draft, "instance"),
		            sp_json_text(sp_json_get(draft, "infospace"), "name"));
	else
		sp_buf_adds(&text, sp_json_text(entry, "error"));
	sp_canvas_text(canvas, at, y, width, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_canvas_right(canvas, at, y, canvas->width - at - 1, sp_buf_text(&saved), SP_STYLE_DIM);
	if (i == draft_row(w))
		sp_draw_cursor(canvas, 0, y, canvas->width);
	sp_buf_free(&text);
	sp_buf_free(&saved);
}

static int draw_drafts(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, int y, int at)
{
	sp_buf count = { 0 };

	if (!w->draft.list.count)
		return y;
	sp_word_number(&count, w->draft.list.count);
	sp_canvas_rule(canvas, 0, ++y, canvas->width, _("Not finished"), sp_buf_text(&count));
	for (int i = 0; i < drafts_of(w) && ++y < frame->rule; i++)
		draw_draft(w, frame, canvas, i, y, at);
	sp_buf_free(&count);
	return y + 1;
}

static int draw_items(sp_wizard *w, sp_canvas *canvas, int y, int at)
{
	sp_buf text = { 0 };

	sp_canvas_rule(canvas, 0, y++, canvas->width, _("What to do"), NULL);
	for (int i = 0; i < ITEMS; i++, y++) {
		sp_say(&text, "%d %s", i + 1, _(items[i].name));
		sp_canvas_text(canvas, 2, y, at - 3, sp_buf_text(&text), SP_STYLE_BOLD);
		sp_canvas_text(canvas, at, y, canvas->width - at - 1, _(items[i].about), SP_STYLE_PLAIN);
		if (i == sp_list_row(list_of(w)))
			sp_draw_cursor(canvas, 0, y, canvas->width);
	}
	sp_buf_free(&text);
	return y;
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int y, end = frame->rule, at = frame->narrow ? 18 : 33;
	sp_buf text = { 0 }, path = { 0 };

	sp_say(&text,
	       sp_translate_n("%d of %d instance answers", "%d of %d instances answer",
	                      (unsigned long)w->setup->instance_count),
	       answering(w), w->setup->instance_count);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("nothing is running"));
	y = draw_items(w, canvas, frame->work.y, at);
	y = draw_drafts(w, frame, canvas, y, at);
	sp_word_path(&path, w->setup->profiles ? w->setup->profiles : "");
	if (++y < end)
		sp_canvas_rule(canvas, 0, y, canvas->width, _("Instances"), sp_buf_text(&path));
	for (int i = 0; i < w->setup->instance_count && ++y < end; i++)
		draw_contact(w, canvas, i, y, at);
	sp_list_fit(list_of(w), ITEMS + drafts_of(w));
	sp_frame_rule(frame, canvas, list_of(w));
	sp_frame_sum(frame, canvas,
	             draft_row(w) >= 0 ? _("Enter goes on where it was left; X forgets it.")
	                               : _("Nothing is written before the last step of either way."));
	sp_frame_hint(w, frame, canvas, _("Enter opens; ? shows the keys of any screen."));
	sp_buf_free(&text);
	sp_buf_free(&path);
}

static void forget(sp_wizard *w, int button)
{
	int row = draft_row(w);
	const char *file = row >= 0 ? sp_json_text(w->draft.list.rows[row], "file") : NULL;

	if (button != 1 || !file) {
		sp_ask_drafts(w);
		return;
	}
	sp_ask_forget(w, file);
	/* the session's own goes with its answers */
	if (w->draft.file && strcmp(w->draft.file, file) == 0)
		sp_answers_drop_runs(&w->all[SP_WAY_EXPORT]);
}

static void ask_to_forget(sp_wizard *w)
{
	static const char *const buttons[] = { N_("Keep it"), N_("Forget it") };

	if (draft_row(w) >= 0)
		sp_wizard_ask(w, _("Forget this export?"),
		              _("What was picked and chosen for it is lost; nothing else is."), buttons, 2,
		              forget);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	if (does == SP_DO_ITEM)
		sp_list_go(list_of(w), key - '1');
	if (does == SP_DO_ENTER && draft_row(w) >= 0) {
		sp_choose_draft(w, draft_row(w));
		return true;
	}
	if (does == SP_DO_ENTER || does == SP_DO_ITEM) {
		sp_wizard_set_way(w, items[sp_list_row(list_of(w))].way);
		sp_wizard_go(w, items[sp_list_row(list_of(w))].screen);
		return true;
	}
	if (does == SP_DO_FORGET) {
		ask_to_forget(w);
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
	.reply = reply,
	.back = SP_SCREEN_HOME,
};
