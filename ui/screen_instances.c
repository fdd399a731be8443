#include <config.h>

#include <string.h>

#include "core/base/error.h"
#include "ui/screens.h"
#include "ui/words.h"

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_INSTANCES];
}

static void words(void *ctx, int row, sp_buf *to)
{
	sp_wizard *w = ctx;

	sp_buf_adds(to, sp_instance_title(&w->setup->instances[row]));
}

static int compare(void *ctx, int a, int b, int by)
{
	sp_wizard *w = ctx;

	(void)by;
	return strcmp(sp_instance_title(&w->setup->instances[a]),
	              sp_instance_title(&w->setup->instances[b]));
}

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ w, w->setup->instance_count, words, compare, 2 };
}

static void enter(sp_wizard *w)
{
	sp_model rows;

	if (!list_of(w)->count) {
		model(w, &rows);
		if (sp_list_load(list_of(w), &rows))
			sp_list_go(list_of(w), w->answers->instance);
	}
	for (int i = 0; i < w->setup->instance_count; i++)
		if (w->contacts[i].state == SP_CONTACT_NONE)
			sp_ask_instance(w, i);
}

static const sp_tcolumn columns[] = {
	{ N_("instance"), 0, 20, 24, false },
	{ N_("answers"), 1, 14, 18, false },
	{ N_("acting as"), 2, 16, 26, false },
	{ N_("server"), 3, 6, 6, true },
};

#define COLUMNS ((int)(sizeof columns / sizeof *columns))

static void draw_row(sp_wizard *w, sp_row *row, int i)
{
	const sp_contact *contact = &w->contacts[i];
	bool there = contact->state == SP_CONTACT_THERE, asked = contact->state == SP_CONTACT_ASKED;
	sp_buf text = { 0 };

	if (there)
		sp_word_count(&text,
		              sp_translate_n("✓ %s infospace", "✓ %s infospaces",
		                             (unsigned long)contact->infospaces),
		              contact->infospaces);
	else
		sp_buf_adds(&text, asked ? _("· asking …") : _("✗ not usable"));
	sp_row_text(row, sp_instance_title(&w->setup->instances[i]),
	            there ? SP_STYLE_PLAIN : SP_STYLE_DIM);
	sp_row_text(row, sp_buf_text(&text),
	            there   ? SP_STYLE_GOOD
	            : asked ? SP_STYLE_DIM
	                    : SP_STYLE_BAD);
	sp_row_text(row, there ? contact->user : "–", SP_STYLE_PLAIN);
	sp_row_text(row, there ? contact->server : "–", SP_STYLE_PLAIN);
	sp_buf_free(&text);
}

static void draw_details(sp_wizard *w, sp_canvas *canvas, sp_rect field, int i)
{
	const sp_instance *instance = &w->setup->instances[i];
	const sp_contact *contact = &w->contacts[i];
	int y = field.y + 1;

	if (field.height < 3)
		return;
	sp_canvas_rule(canvas, field.x, field.y, field.width, sp_instance_title(instance), NULL);
	y = sp_draw_fact(canvas, field, y, _("database"),
	                 instance->db ? instance->db : _("as the PG* variables say"));
	y = sp_draw_fact(canvas, field, y, _("files"),
	                 instance->store ? instance->store
	                                 : _(sp_ways[w->way].no_store));
	y = sp_draw_fact(canvas, field, y, _("acting as"), instance->as ? instance->as : "–");
	if (contact->state != SP_CONTACT_FAILED)
		return;
	y = sp_draw_fact(canvas, field, y, "✗", sp_error_text(&contact->err));
	if (contact->err.hint)
		sp_draw_fact(canvas, field, y, _("do"), contact->err.hint);
}

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, int i)
{
	const sp_contact *contact = i < 0 ? NULL : &w->contacts[i];
	sp_buf text = { 0 };

	if (!contact)
		sp_say(&text, "%s", _("No instance has these words; Esc clears the filter."));
	else if (contact->state == SP_CONTACT_FAILED)
		sp_say(&text, "%s", _("This instance cannot be used yet; others are not affected."));
	else
		sp_word_fill(&text, _(sp_ways[w->way].take_instance),
		             sp_instance_title(&w->setup->instances[i]));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_panes panes = sp_layout_panes(frame, 9);
	int i = sp_list_row(list_of(w));
	sp_buf path = { 0 };

	if (w->setup->profiles)
		sp_word_path(&path, w->setup->profiles);
	sp_frame_about(frame, canvas,
	               w->setup->profiles ? sp_buf_text(&path) : _("from the command line"),
	               _("reading only"));
	sp_buf_free(&path);
	sp_canvas_rule(canvas, 0, panes.list.y, panes.list.width, _(sp_ways[w->way].which_instance),
	               NULL);
	sp_draw_filter(w, canvas, panes.list);
	sp_draw_table(w, canvas, panes.list, columns, COLUMNS, list_of(w), draw_row);
	if (i >= 0)
		draw_details(w, canvas, panes.details, i);
	sp_frame_rule(frame, canvas, list_of(w));
	if (panes.beside)
		sp_canvas_split(canvas, panes.details.x - 1, panes.details.y, panes.details.height);
	draw_sum(w, frame, canvas, i);
	sp_frame_hint(w, frame, canvas,
	              w->setup->profiles
	                  ? _("Instances are named in instances.ini; passwords belong into ~/.pgpass.")
	                  : _("Give an instance a name: spaceport instances add NAME --db CONNINFO …"));
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	int i = sp_list_row(list_of(w));

	(void)key;
	if (does == SP_DO_TEST && i >= 0) {
		sp_ask_checks(w, i);
		sp_wizard_go(w, SP_SCREEN_CHECKS);
		return true;
	}
	if (does != SP_DO_ENTER || i < 0)
		return false;
	if (w->contacts[i].state == SP_CONTACT_FAILED) {
		sp_wizard_say_error(w, &w->contacts[i].err);
		return true;
	}
	sp_choose_instance(w, i);
	sp_wizard_next(w);
	return true;
}

const sp_screen sp_screen_instances = {
	.step = N_("Instance"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = model,
	.back = SP_SCREEN_COUNT,
};
