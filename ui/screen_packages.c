#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/export/words.h"
#include "ui/screens.h"
#include "ui/words.h"

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_PACKAGES];
}

static const char *name_of(const sp_wizard *w, int row)
{
	return sp_json_text(w->folder.rows[row], "file");
}

static bool is_folder(const sp_wizard *w, int row)
{
	return sp_json_bool(w->folder.rows[row], "is_folder", false);
}

static void words(void *ctx, int row, sp_buf *to)
{
	sp_buf_adds(to, name_of(ctx, row));
}

/* As they come: the newest first; or by name. */
static int compare(void *ctx, int a, int b, int by)
{
	(void)by;
	if (is_folder(ctx, a) != is_folder(ctx, b))
		return is_folder(ctx, a) ? 1 : -1;
	return strcmp(name_of(ctx, a), name_of(ctx, b));
}

static const char *const orders[] = { N_("newest first"), N_("by name") };

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ w, w->folder.count, words, compare, 2 };
}

/* The path of a row, the caller's; NULL: no memory. */
static char *path_of(const sp_wizard *w, int row)
{
	const char *folder = w->answers->folder, *name = name_of(w, row);
	const char *slash = strrchr(folder, '/');
	sp_buf path = { 0 };

	if (strcmp(name, "..") != 0)
		sp_buf_addf(&path, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", name);
	else if (slash && slash > folder)
		sp_buf_add(&path, folder, (size_t)(slash - folder));
	else
		sp_buf_adds(&path, "/");
	return sp_buf_take(&path);
}

/* --- what is under the cursor --------------------------------------------------- */

static void look(sp_wizard *w)
{
	int row = sp_list_row(list_of(w));
	char *path = row >= 0 && !is_folder(w, row) ? path_of(w, row) : NULL;

	if (path)
		sp_ask_inspect(w, path, false);
	else
		sp_ask_nothing(w, SP_ASK_INSPECT);
	free(path);
}

/* The rows anew, with the cursor on the package that was named or taken before. */
static void load(sp_wizard *w)
{
	const char *folder = sp_json_text(w->folder.json, "folder");
	const char *named = sp_json_text(w->folder.json, "named"), *slash;
	sp_model rows;

	model(w, &rows);
	if (!sp_answer_set(&w->answers->folder, folder) || !sp_list_load(list_of(w), &rows)) {
		sp_fail_memory(&w->failed[SP_ASK_PACKAGES]);
		return;
	}
	slash = w->answers->package ? strrchr(w->answers->package, '/') : NULL;
	named = named ? named : slash ? slash + 1 : NULL;
	for (int i = 0; named && i < w->folder.count; i++)
		if (strcmp(name_of(w, i), named) == 0)
			sp_list_go(list_of(w), i);
	look(w);
}

static void enter(sp_wizard *w)
{
	sp_ask_packages(w, false);
	if (list_of(w)->order)
		look(w);
}

static void reply(sp_wizard *w, sp_request_kind ask)
{
	if (ask == SP_ASK_PACKAGES && w->folder.json && !list_of(w)->order)
		load(w);
}

/* --- drawing -------------------------------------------------------------------- */

static const sp_tcolumn columns[] = {
	{ N_("package"), 0, 20, 40, false },
	{ N_("size"), 1, 9, 10, true },
	{ N_("changed"), 2, 10, 16, false },
};

#define COLUMNS ((int)(sizeof columns / sizeof *columns))

static void draw_row(sp_wizard *w, sp_row *row, int i)
{
	const sp_json *entry = w->folder.rows[i];
	sp_buf text = { 0 };

	sp_say(&text, "%s%s", name_of(w, i), is_folder(w, i) ? "/" : "");
	sp_row_text(row, sp_buf_text(&text), is_folder(w, i) ? SP_STYLE_PLAIN : SP_STYLE_PACKAGE);
	sp_buf_reset(&text);
	if (!is_folder(w, i))
		sp_text_bytes(&text, (unsigned long long)sp_json_int(entry, "size", 0));
	sp_row_text(row, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_buf_reset(&text);
	sp_word_time(&text, sp_json_text(entry, "changed"), row->widths[2] >= 16);
	sp_row_text(row, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_buf_free(&text);
}

/* "annotations 100,000, assets 2,000" */
static void add_counts(sp_buf *to, const sp_json *counts)
{
	for (const sp_json *at = sp_json_first(counts); at; at = sp_json_next(at)) {
		const char *title = sp_word_title(sp_json_key(at));
		int64_t rows = sp_json_int(at, "rows", 0);

		if (rows <= 0)
			continue;
		sp_buf_addf(to, "%s%s ", to->len ? ", " : "", title ? _(title) : sp_json_key(at));
		sp_word_number(to, rows);
	}
}

/* Where it comes from, as far as it says so. */
static void add_origin(sp_buf *to, const sp_json *package)
{
	const sp_json *manifest = sp_json_get(package, "manifest");
	const char *space = sp_json_text(sp_json_get(manifest, "infospace"), "name");
	const char *instance = sp_json_text(sp_json_get(manifest, "source"), "instance");
	const char *other = sp_json_text(sp_json_get(package, "metadata"), "source_instance_id");

	if (space)
		sp_buf_addf(to, "%s · ", space);
	sp_buf_adds(to, instance ? instance : other ? other : "–");
}

static void draw_facts(sp_canvas *canvas, sp_rect field, const sp_json *package)
{
	const sp_json *manifest = sp_json_get(package, "manifest");
	const char *version = sp_json_text(package, "format_version");
	sp_buf text = { 0 };
	int y = field.y + 1;

	y = sp_draw_fact(canvas, field, y, _("run"),
	                 sp_json_text(sp_json_get(manifest, "run"), "name"));
	add_origin(&text, package);
	y = sp_draw_fact(canvas, field, y, _("from"), sp_buf_text(&text));
	sp_buf_reset(&text);
	sp_word_time(&text, sp_json_text(manifest, "created_at"), true);
	sp_buf_addf(&text, " · %s%s%s · ", sp_json_text(package, "format"), version ? " " : "",
	            version ? version : "");
	sp_word_signature(&text, sp_json_get(package, "signature"));
	y = sp_draw_fact(canvas, field, y, _("made"), sp_buf_text(&text));
	sp_buf_reset(&text);
	add_counts(&text, sp_json_get(package, "counts"));
	sp_draw_fact(canvas, field, y, _("holds"), sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw_details(sp_wizard *w, sp_canvas *canvas, sp_rect field, int row)
{
	const sp_error *err = &w->failed[SP_ASK_INSPECT];

	if (field.height < 3)
		return;
	sp_canvas_rule(canvas, field.x, field.y, field.width, name_of(w, row), NULL);
	if (is_folder(w, row))
		return;
	if (sp_error_is_set(err))
		sp_draw_failure(canvas, field, field.y + 1, err);
	else if (w->inspected)
		draw_facts(canvas, field, w->inspected);
	else
		sp_canvas_text(canvas, field.x + 2, field.y + 1, field.width - 3,
		               _("being read and checked …"), SP_STYLE_DIM);
}

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, int row)
{
	sp_buf text = { 0 };

	if (row >= 0 && is_folder(w, row))
		sp_say(&text, _("Enter: the folder %s."), name_of(w, row));
	else if (row >= 0 && sp_error_is_set(&w->failed[SP_ASK_INSPECT]))
		sp_say(&text, "%s", _("This one can't be imported; others are not affected."));
	else if (row >= 0)
		sp_say(&text, _("Enter: choose where %s is to go. Nothing is written yet."),
		       name_of(w, row));
	else if (list_of(w)->count)
		sp_say(&text, "%s", _("No package has these words; Esc clears the filter."));
	else if (w->folder.json)
		sp_say(&text, "%s", _("There are no packages here: p goes to another folder."));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw_head(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = list_of(w);
	sp_buf text = { 0 };

	sp_word_path(&text, w->answers->folder);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("nothing written"));
	sp_buf_reset(&text);
	if (w->folder.json) {
		sp_word_share(&text, list->shown, list->count);
		sp_buf_addf(&text, " · %s", _(orders[list->sort]));
	}
	sp_canvas_rule(canvas, field.x, field.y, field.width, _("Which package?"), sp_buf_text(&text));
	sp_draw_filter(w, canvas, field);
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_panes panes = sp_layout_panes(frame, 8);
	const sp_error *err = &w->failed[SP_ASK_PACKAGES];
	int row = sp_list_row(list_of(w));

	draw_head(w, frame, canvas, panes.list);
	if (sp_error_is_set(err))
		sp_draw_failure(canvas, panes.list, panes.list.y + 1, err);
	else
		sp_draw_table(w, canvas, panes.list, columns, COLUMNS, list_of(w), draw_row);
	if (row >= 0)
		draw_details(w, canvas, panes.details, row);
	sp_frame_rule(frame, canvas, list_of(w));
	if (panes.beside)
		sp_canvas_split(canvas, panes.details.x - 1, panes.details.y, panes.details.height);
	draw_sum(w, frame, canvas, row);
	sp_frame_hint(w, frame, canvas, _("p: another folder, or a package by its path."));
	if (w->editing) {
		int x = 2 + sp_canvas_text(canvas, 1, frame->sum, canvas->width, _("Path:"),
		                           SP_STYLE_HEAD);

		sp_input_draw(&w->field, canvas, x, frame->sum, canvas->width - x - 1);
	}
}

/* --- keys ----------------------------------------------------------------------- */

static void take(sp_wizard *w, int row)
{
	char *path = path_of(w, row);

	if (!path) {
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
	} else if (is_folder(w, row)) {
		sp_choose_folder(w, path);
		sp_ask_packages(w, true);
	} else if (sp_error_is_set(&w->failed[SP_ASK_INSPECT])) {
		sp_wizard_say_error(w, &w->failed[SP_ASK_INSPECT]);
	} else {
		sp_choose_package(w, path);
		sp_wizard_next(w);
	}
	free(path);
}

static void typed(sp_wizard *w, const char *text)
{
	if (!*text)
		return;
	sp_choose_folder(w, text);
	sp_ask_packages(w, true);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	int row = sp_list_row(list_of(w));
	sp_buf folder = { 0 };

	(void)key;
	switch (does) {
	case SP_DO_PATH:
		sp_buf_addf(&folder, "%s%s", w->answers->folder,
		            strcmp(w->answers->folder, "/") == 0 ? "" : "/");
		sp_input_set(&w->field, sp_buf_text(&folder));
		sp_buf_free(&folder);
		w->editing = true;
		return true;
	case SP_DO_RETRY:
		free(w->key[SP_ASK_INSPECT]);
		w->key[SP_ASK_INSPECT] = NULL;
		sp_ask_packages(w, true);
		return true;
	case SP_DO_ENTER:
		if (row >= 0)
			take(w, row);
		return true;
	default: return false;
	}
}

const sp_screen sp_screen_packages = {
	.step = N_("Package"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.moved = look,
	.model = model,
	.typed = typed,
	.reply = reply,
	.back = SP_SCREEN_COUNT,
};
