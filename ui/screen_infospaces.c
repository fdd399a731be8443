#include <config.h>

#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

/*
 * Two screens of one list: infospaces to export from, and targets of an import. Before the targets
 * stands one that is to be made: its row is 0, and `before` 1.
 */
typedef struct {
	sp_screen_id screen;
	int before;
	const char *right; /* of the acting user, that the infospace must say */
	const char *title; /* untranslated, as are all texts */
	const char *enter; /* with the infospace's name */
	const char *nothing; /* what Enter does where something hinders */
	const char *lamp;
	const char *(*hindrance)(const sp_json *space);
} kind;

static const char *no_export(const sp_json *space)
{
	if (!sp_json_bool(space, "may_export", false))
		return _("You may read it, not export: ask for curator or analyst.");
	if (sp_json_int(space, "runs", 0) == 0)
		return _("There are no runs in this infospace: nothing to export.");
	return NULL;
}

static const char *no_import(const sp_json *space)
{
	return sp_json_bool(space, "may_import", false)
	           ? NULL
	           : _("You may read it, not import into it: ask for editor or analyst.");
}

static const kind exports = {
	.screen = SP_SCREEN_INFOSPACES,
	.right = "may_export",
	.title = N_("Infospaces that you may read"),
	.enter = N_("Enter: choose runs of %s."),
	.nothing = N_("Enter does nothing here: there is nothing to export."),
	.lamp = N_("reading only"),
	.hindrance = no_export,
};

static const kind targets = {
	.screen = SP_SCREEN_TARGETS,
	.before = 1,
	.right = "may_import",
	.title = N_("Into which infospace?"),
	.enter = N_("Enter: import into %s. What is there is merged, never deleted."),
	.nothing = N_("Enter does nothing here: you may not import."),
	.lamp = N_("nothing written"),
	.hindrance = no_import,
};

static sp_list *list_of(sp_wizard *w, const kind *k)
{
	return &w->lists[k->screen];
}

/* NULL: the one that is to be made. */
static const sp_json *space_at(const sp_wizard *w, const kind *k, int row)
{
	return row >= k->before ? w->infospaces.rows[row - k->before] : NULL;
}

static const sp_json *space_under(sp_wizard *w, const kind *k)
{
	return space_at(w, k, sp_list_row(list_of(w, k)));
}

/* --- the list ------------------------------------------------------------------- */

static void add_words(const sp_json *space, sp_buf *to)
{
	if (space)
		sp_buf_addf(to, "%s %s", sp_json_text(space, "name"), sp_json_text(space, "role"));
	else
		sp_buf_adds(to, _("a new infospace"));
}

static int by_key(const sp_json *a, const sp_json *b, int by)
{
	static const char *const keys[] = { "name", "runs", "annotations" };
	int64_t x = sp_json_int(a, keys[by], 0), y = sp_json_int(b, keys[by], 0);

	/* one that is to be made stays before the others */
	if (!a || !b)
		return a ? 1 : -1;
	return x < y ? 1 : x > y ? -1 : 0;
}

static const char *const orders[] = { N_("by name"), N_("most runs first"),
	                                  N_("most annotations first") };

static void words_of_exports(void *ctx, int row, sp_buf *to)
{
	add_words(space_at(ctx, &exports, row), to);
}

static int compare_exports(void *ctx, int a, int b, int by)
{
	return by_key(space_at(ctx, &exports, a), space_at(ctx, &exports, b), by);
}

static void words_of_targets(void *ctx, int row, sp_buf *to)
{
	add_words(space_at(ctx, &targets, row), to);
}

static int compare_targets(void *ctx, int a, int b, int by)
{
	return by_key(space_at(ctx, &targets, a), space_at(ctx, &targets, b), by);
}

static void model_exports(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ w, w->infospaces.count, words_of_exports, compare_exports, 3 };
}

static void model_targets(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ w, w->infospaces.count + 1, words_of_targets, compare_targets, 3 };
}

static void load(sp_wizard *w, const kind *k, const sp_model *rows)
{
	const char *chosen = w->answers->infospace;

	if (!w->infospaces.json || list_of(w, k)->order)
		return;
	if (!sp_list_load(list_of(w, k), rows)) {
		sp_fail_memory(&w->failed[SP_ASK_INFOSPACES]);
		return;
	}
	if (!w->answers->new_name)
		sp_list_go(list_of(w, k), w->infospaces.count ? k->before : 0);
	for (int row = k->before; row < rows->count && chosen; row++)
		if (strcmp(sp_json_text(space_at(w, k, row), "uuid"), chosen) == 0)
			sp_list_go(list_of(w, k), row);
}

static void load_exports(sp_wizard *w)
{
	sp_model rows;

	model_exports(w, &rows);
	load(w, &exports, &rows);
}

static void load_targets(sp_wizard *w)
{
	sp_model rows;

	model_targets(w, &rows);
	load(w, &targets, &rows);
}

static void enter_exports(sp_wizard *w)
{
	sp_ask_infospaces(w, false);
	load_exports(w);
}

static void enter_targets(sp_wizard *w)
{
	sp_ask_infospaces(w, false);
	load_targets(w);
}

static void reply_exports(sp_wizard *w, sp_request_kind ask)
{
	if (ask == SP_ASK_INFOSPACES)
		load_exports(w);
}

static void reply_targets(sp_wizard *w, sp_request_kind ask)
{
	if (ask == SP_ASK_INFOSPACES)
		load_targets(w);
}

/* --- drawing -------------------------------------------------------------------- */

static const sp_tcolumn columns[] = {
	{ N_("infospace"), 0, 20, 40, false },  { N_("role"), 4, 8, 12, false },
	{ N_("runs"), 1, 5, 7, true },          { N_("assets"), 3, 7, 10, true },
	{ N_("annotations"), 2, 11, 13, true },
};

#define COLUMNS ((int)(sizeof columns / sizeof *columns))

static void draw_space(sp_row *row, const kind *k, const sp_json *space)
{
	bool may = sp_json_bool(space, k->right, false);

	sp_row_text(row, sp_json_text(space, "name"), may ? SP_STYLE_PLAIN : SP_STYLE_DIM);
	sp_row_text(row, sp_json_text(space, "role"), may ? SP_STYLE_PLAIN : SP_STYLE_DIM);
	sp_row_number(row, sp_json_int(space, "runs", 0));
	sp_row_number(row, sp_json_int(space, "assets", 0));
	sp_row_number(row, sp_json_int(space, "annotations", 0));
}

static void draw_new(sp_wizard *w, sp_canvas *canvas, sp_rect line)
{
	const char *name = w->answers->new_name;
	int x = line.x + 2;

	x += sp_canvas_text(canvas, x, line.y, line.width - 3, _("a new infospace:"), SP_STYLE_PLAIN);
	x++;
	if (w->editing)
		sp_input_draw(&w->field, canvas, x, line.y, line.x + line.width - x - 1);
	else
		sp_canvas_text(canvas, x, line.y, line.x + line.width - x - 1,
		               name ? name : _("Enter asks for its name"),
		               name ? SP_STYLE_BOLD : SP_STYLE_DIM);
}

static void draw_list(sp_wizard *w, const kind *k, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = list_of(w, k);
	sp_row row;

	sp_row_begin(&row, canvas, columns, COLUMNS, field.x + 2, field.y + 1, field.width - 3);
	sp_list_fit(list, field.height - 2);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++) {
		const sp_json *space = space_at(w, k, list->order[list->top + i]);
		bool focused = list->top + i == list->cursor;
		int y = field.y + 2 + i;

		sp_row_next(&row, y);
		if (space)
			draw_space(&row, k, space);
		else
			draw_new(w, canvas, (sp_rect){ field.x, y, field.width, 1 });
		if (focused && !w->editing)
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

static void add_sum(sp_wizard *w, const kind *k, const sp_frame *frame, sp_buf *text)
{
	int row = sp_list_row(list_of(w, k));
	const sp_json *space = space_under(w, k);

	if (space && k->hindrance(space))
		/* the hint says why, where there is one */
		sp_buf_adds(text, frame->hint < 0 ? k->hindrance(space)
		                                  : _(k->nothing));
	else if (space)
		sp_word_fill(text, _(k->enter), sp_json_text(space, "name"));
	else if (row >= 0)
		sp_buf_adds(text, _("Enter: import into an infospace of its own, which only you may see."));
	else if (list_of(w, k)->count)
		sp_buf_adds(text, _("No infospace has these words; Esc clears the filter."));
	else if (w->infospaces.json)
		sp_buf_addf(text, _("%s may read no infospace here."),
		            w->contacts[w->answers->instance].user);
}

static void draw_head(sp_wizard *w, const kind *k, const sp_frame *frame, sp_canvas *canvas,
                      sp_rect field)
{
	const sp_contact *contact = &w->contacts[w->answers->instance];
	sp_list *list = list_of(w, k);
	sp_buf text = { 0 }, count = { 0 };

	sp_buf_adds(&text, sp_instance_title(sp_instance_of(w)));
	if (contact->server)
		sp_buf_addf(&text, " · PostgreSQL %s · %s %s", contact->server, _("as"), contact->user);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _(k->lamp));
	if (w->infospaces.json) {
		sp_word_share(&count, list->shown, list->count);
		sp_buf_addf(&count, " · %s", _(orders[list->sort]));
	}
	sp_canvas_rule(canvas, field.x, field.y, field.width, _(k->title), sp_buf_text(&count));
	sp_draw_filter(w, canvas, field);
	sp_buf_free(&text);
	sp_buf_free(&count);
}

static void draw_one(sp_wizard *w, const kind *k, const sp_frame *frame, sp_canvas *canvas)
{
	sp_panes panes = sp_layout_panes(frame, 7);
	const sp_json *space = space_under(w, k);
	sp_buf sum = { 0 };

	draw_head(w, k, frame, canvas, panes.list);
	if (!sp_draw_waiting(w, canvas, panes.list, SP_ASK_INFOSPACES))
		draw_list(w, k, canvas, panes.list);
	if (space)
		draw_details(canvas, panes.details, space);
	sp_frame_rule(frame, canvas, list_of(w, k));
	if (panes.beside)
		sp_canvas_split(canvas, panes.details.x - 1, panes.details.y, panes.details.height);
	add_sum(w, k, frame, &sum);
	sp_frame_sum(frame, canvas, sp_buf_text(&sum));
	sp_frame_hint(w, frame, canvas,
	              space && k->hindrance(space)
	                  ? k->hindrance(space)
	                  : _("Names that you miss: you may not read them, as in HQ itself."));
	sp_buf_free(&sum);
}

static void draw_exports(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	draw_one(w, &exports, frame, canvas);
}

static void draw_targets(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	draw_one(w, &targets, frame, canvas);
}

/* --- keys ----------------------------------------------------------------------- */

/* Takes the one under the cursor, where that may be. */
static void take(sp_wizard *w, const kind *k)
{
	int row = sp_list_row(list_of(w, k));
	const sp_json *space = space_under(w, k);

	if (k->hindrance(space)) {
		sp_wizard_say(w, SP_STYLE_WARN, k->hindrance(space));
		return;
	}
	sp_choose_infospace(w, row - k->before);
	sp_wizard_next(w);
}

static bool key_exports(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	if (does == SP_DO_RETRY) {
		sp_ask_infospaces(w, true);
		return true;
	}
	if (does != SP_DO_ENTER || !space_under(w, &exports))
		return false;
	take(w, &exports);
	return true;
}

static void name_it(sp_wizard *w)
{
	sp_model rows;

	/* its row may be hidden */
	sp_input_set(&list_of(w, &targets)->filter, "");
	model_targets(w, &rows);
	sp_list_refresh(list_of(w, &targets), &rows);
	sp_list_go(list_of(w, &targets), 0);
	sp_input_set(&w->field, w->answers->new_name);
	w->editing = true;
}

static void typed(sp_wizard *w, const char *text)
{
	if (!*text) {
		sp_wizard_say(w, SP_STYLE_BAD, _("A new infospace needs a name."));
		return;
	}
	sp_choose_new(w, text);
	sp_wizard_next(w);
}

static bool key_targets(sp_wizard *w, sp_do does, int key)
{
	int row = sp_list_row(list_of(w, &targets));

	(void)key;
	switch (does) {
	case SP_DO_RETRY: sp_ask_infospaces(w, true); return true;
	case SP_DO_EDIT: name_it(w); return true;
	case SP_DO_ENTER:
		if (row == 0 && w->answers->new_name)
			sp_wizard_next(w);
		else if (row == 0)
			name_it(w);
		else if (row > 0)
			take(w, &targets);
		return true;
	default: return false;
	}
}

const sp_screen sp_screen_infospaces = {
	.step = N_("Infospace"),
	.enter = enter_exports,
	.draw = draw_exports,
	.key = key_exports,
	.model = model_exports,
	.reply = reply_exports,
	.back = SP_SCREEN_COUNT,
};

const sp_screen sp_screen_targets = {
	.step = N_("Infospace"),
	.enter = enter_targets,
	.draw = draw_targets,
	.key = key_targets,
	.model = model_targets,
	.typed = typed,
	.reply = reply_targets,
	.back = SP_SCREEN_COUNT,
};
