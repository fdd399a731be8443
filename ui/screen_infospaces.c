#include <config.h>

#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_INFOSPACES];
}

static const sp_json *space_at(sp_wizard *w, int row)
{
	return w->infospaces.rows[row];
}

static void words(void *ctx, int row, sp_buf *to)
{
	const sp_json *space = space_at(ctx, row);

	sp_buf_addf(to, "%s %s", sp_json_text(space, "name"), sp_json_text(space, "role"));
}

static int by_number(const sp_json *a, const sp_json *b, const char *key)
{
	int64_t x = sp_json_int(a, key, 0), y = sp_json_int(b, key, 0);

	return x < y ? 1 : x > y ? -1 : 0;
}

static int compare(void *ctx, int a, int b, int by)
{
	static const char *const keys[] = { "name", "runs", "annotations" };

	return by_number(space_at(ctx, a), space_at(ctx, b), keys[by]);
}

static const char *const orders[] = { N_("by name"), N_("most runs first"),
	                                  N_("most annotations first") };

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ w, w->infospaces.count, words, compare, 3 };
}

static void load(sp_wizard *w)
{
	sp_model rows;

	model(w, &rows);
	if (!sp_list_load(list_of(w), &rows)) {
		sp_fail_memory(&w->failed[SP_ASK_INFOSPACES]);
		return;
	}
	for (int i = 0; i < w->infospaces.count && w->answers.infospace; i++)
		if (strcmp(sp_json_text(space_at(w, i), "uuid"), w->answers.infospace) == 0)
			sp_list_go(list_of(w), i);
}

static void enter(sp_wizard *w)
{
	sp_ask_infospaces(w, false);
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	if (ask == SP_ASK_INFOSPACES && w->infospaces.json && !list_of(w)->order)
		load(w);
}

static const sp_tcolumn columns[] = {
	{ N_("infospace"), 0, 20, 40, false },  { N_("role"), 4, 8, 12, false },
	{ N_("runs"), 1, 5, 7, true },          { N_("assets"), 3, 7, 10, true },
	{ N_("annotations"), 2, 11, 13, true },
};

#define COLUMNS ((int)(sizeof columns / sizeof *columns))

static void draw_list(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = list_of(w);
	sp_row row;

	sp_row_begin(&row, canvas, columns, COLUMNS, field.x + 2, field.y + 1, field.width - 3);
	sp_list_fit(list, field.height - 2);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++) {
		const sp_json *space = space_at(w, list->order[list->top + i]);
		bool may = sp_json_bool(space, "may_export", false);
		int y = field.y + 2 + i;

		sp_row_next(&row, y);
		sp_row_text(&row, sp_json_text(space, "name"), may ? SP_STYLE_PLAIN : SP_STYLE_DIM);
		sp_row_text(&row, sp_json_text(space, "role"), may ? SP_STYLE_PLAIN : SP_STYLE_DIM);
		sp_row_number(&row, sp_json_int(space, "runs", 0));
		sp_row_number(&row, sp_json_int(space, "assets", 0));
		sp_row_number(&row, sp_json_int(space, "annotations", 0));
		if (list->top + i == list->cursor)
			sp_draw_cursor(canvas, field.x, y, field.width);
	}
}

static void draw_details(sp_canvas *canvas, sp_rect field, const sp_json *space)
{
	sp_buf text = { 0 };
	int y = field.y + 1;

	if (field.height < 3)
		return;
	sp_canvas_rule(canvas, field.x, field.y, field.width, sp_json_text(space, "name"), NULL);
	sp_word_number(&text, sp_json_int(space, "annotations", 0));
	sp_buf_adds(&text, ", ");
	sp_text_bytes(&text, (unsigned long long)sp_json_int(space, "bytes", 0));
	y = sp_draw_fact(canvas, field, y, _("annotations"), sp_buf_text(&text));
	y = sp_draw_fact(canvas, field, y, _("role"), sp_json_text(space, "role"));
	sp_buf_reset(&text);
	sp_word_time(&text, sp_json_text(space, "changed_at"), true);
	y = sp_draw_fact(canvas, field, y, _("changed"), sp_buf_text(&text));
	sp_draw_fact(canvas, field, y, "UUID", sp_json_text(space, "uuid"));
	sp_buf_free(&text);
}

/* Why no run of it may be exported; NULL: they may. */
static const char *hindrance(const sp_json *space)
{
	if (!sp_json_bool(space, "may_export", false))
		return _("You may read it, not export: ask for curator or analyst.");
	if (sp_json_int(space, "runs", 0) == 0)
		return _("There are no runs in this infospace: nothing to export.");
	return NULL;
}

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, const sp_json *space)
{
	sp_buf text = { 0 };

	if (space && hindrance(space))
		/* the hint says why, where there is one */
		sp_say(&text, "%s",
		       frame->hint < 0 ? hindrance(space)
		                       : _("Enter does nothing here: there is nothing to export."));
	else if (space)
		sp_say(&text, _("Enter: choose runs of %s."), sp_json_text(space, "name"));
	else if (list_of(w)->count)
		sp_say(&text, "%s", _("No infospace has these words; Esc clears the filter."));
	else if (w->infospaces.json)
		sp_say(&text, _("%s may read no infospace here."), w->contacts[w->answers.instance].user);
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw_head(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, sp_rect field)
{
	const sp_contact *contact = &w->contacts[w->answers.instance];
	sp_list *list = list_of(w);
	sp_buf text = { 0 }, count = { 0 };

	sp_buf_adds(&text, sp_instance_title(sp_instance_of(w)));
	if (contact->server)
		sp_buf_addf(&text, " · PostgreSQL %s · %s %s", contact->server, _("as"), contact->user);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("reading only"));
	if (w->infospaces.json) {
		sp_word_share(&count, list->shown, list->count);
		sp_buf_addf(&count, " · %s", _(orders[list->sort]));
	}
	sp_canvas_rule(canvas, field.x, field.y, field.width, _("Infospaces that you may read"),
	               sp_buf_text(&count));
	sp_draw_filter(w, canvas, field);
	sp_buf_free(&text);
	sp_buf_free(&count);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_panes panes = sp_layout_panes(frame, 7);
	int i = sp_list_row(list_of(w));
	const sp_json *space = i >= 0 ? space_at(w, i) : NULL;

	draw_head(w, frame, canvas, panes.list);
	if (!sp_draw_waiting(w, canvas, panes.list, SP_ASK_INFOSPACES))
		draw_list(w, canvas, panes.list);
	if (space)
		draw_details(canvas, panes.details, space);
	sp_frame_rule(frame, canvas, list_of(w));
	if (panes.beside)
		sp_canvas_split(canvas, panes.details.x - 1, panes.details.y, panes.details.height);
	draw_sum(w, frame, canvas, space);
	sp_frame_hint(w, frame, canvas,
	              space && hindrance(space)
	                  ? hindrance(space)
	                  : _("Names that you miss: you may not read them, as in HQ itself."));
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	int i = sp_list_row(list_of(w));

	(void)key;
	if (does == SP_DO_RETRY) {
		sp_ask_infospaces(w, true);
		return true;
	}
	if (does != SP_DO_ENTER || i < 0)
		return false;
	if (hindrance(space_at(w, i))) {
		sp_wizard_say(w, SP_STYLE_WARN, hindrance(space_at(w, i)));
		return true;
	}
	sp_choose_infospace(w, i);
	sp_wizard_go(w, SP_SCREEN_RUNS);
	return true;
}

const sp_screen sp_screen_infospaces = {
	.step = N_("Infospace"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = model,
	.reply = reply,
	.back = SP_SCREEN_INSTANCES,
};
