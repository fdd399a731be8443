#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/export/words.h"
#include "ui/screens.h"
#include "ui/words.h"

/* The rows: the folder, a file for each run, what comes after. */
#define FOLDER_ROW 0
/* More packages than these are shown added up. */
#define MOST_APART  2
#define COUNT_WIDTH 11

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_PREVIEW];
}

static int check_row(const sp_wizard *w)
{
	return w->answers->run_count + 1;
}

static void words(void *ctx, int row, sp_buf *to)
{
	(void)ctx;
	sp_buf_addf(to, "%d", row);
}

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ .ctx = w, .count = w->answers->run_count + 2, .words = words };
}

static void enter(sp_wizard *w)
{
	sp_model rows;

	model(w, &rows);
	if (list_of(w)->count != rows.count && !sp_list_load(list_of(w), &rows))
		sp_fail_memory(&w->failed[SP_ASK_PLAN]);
	w->answers->force = false;
	sp_ask_plan(w, false);
	sp_ask_targets(w);
}

static void leave(sp_wizard *w)
{
	sp_ask_nothing(w, SP_ASK_PLAN);
	sp_error_clear(&w->failed[SP_ASK_EXPORT]);
}

/* --- what would be in them ------------------------------------------------------ */

static const sp_json *plans_of(sp_wizard *w)
{
	return sp_json_get(w->plan, "plans");
}

/* What every package is made of comes first, the rest as far as there is room. */
static const char *const order[] = { "annotation", "justification",  "asset",  "file",
	                                 "chunk",      "embedding",      "schema", "bundle",
	                                 "source",     "dataset",        "graph",  "curation",
	                                 "edge",       "aggregate",      "canon",  "entity",
	                                 "flow",       "flow_execution", "task",   "monitor",
	                                 "pipeline",   "embedding_model" };

#define KINDS ((int)(sizeof order / sizeof *order))

/* Of the kinds from `first` up to but not `end`. */
static int64_t count_in(const sp_json *plan, int first, int end)
{
	int64_t sum = 0;

	for (int i = first; i < end; i++)
		sum += sp_json_int(sp_json_get(plan, "counts"), order[i], 0);
	return sum;
}

static int64_t count_in_all(const sp_json *plans, int first, int end)
{
	int64_t sum = 0;

	for (const sp_json *at = sp_json_first(plans); at; at = sp_json_next(at))
		sum += count_in(at, first, end);
	return sum;
}

static int64_t size_of_all(const sp_json *plans)
{
	int64_t sum = 0;

	for (const sp_json *at = sp_json_first(plans); at; at = sp_json_next(at))
		sum += sp_json_int(at, "estimated_size", 0);
	return sum;
}

static const char *title_of(const char *kind)
{
	const char *title = sp_word_title(kind);

	return title ? _(title) : kind;
}

/* One line of counts, of one kind or of several: a column for each package, or
 * one for all. */
static void draw_counts(sp_canvas *canvas, sp_rect field, int y, const sp_json *plans, int first,
                        int end, bool apart)
{
	int x = field.x + field.width - 1;
	sp_buf number = { 0 };

	sp_canvas_text(canvas, field.x + 2, y, field.width - COUNT_WIDTH * (apart ? MOST_APART : 1) - 3,
	               end - first == 1 ? title_of(order[first]) : _("others"), SP_STYLE_PLAIN);
	if (!apart) {
		sp_word_number(&number, count_in_all(plans, first, end));
		sp_canvas_right(canvas, x - COUNT_WIDTH, y, COUNT_WIDTH, sp_buf_text(&number),
		                SP_STYLE_PLAIN);
	}
	for (const sp_json *at = sp_json_first(plans); apart && at; at = sp_json_next(at)) {
		sp_buf_reset(&number);
		sp_word_number(&number, count_in(at, first, end));
		sp_canvas_right(canvas, x - COUNT_WIDTH * MOST_APART, y, COUNT_WIDTH, sp_buf_text(&number),
		                SP_STYLE_PLAIN);
		x += COUNT_WIDTH;
	}
	sp_buf_free(&number);
}

/* True where two names can't be told apart by the beginnings that fit. */
static bool begin_alike(const char *a, const char *b, int width)
{
	sp_buf x = { 0 }, y = { 0 };
	bool alike;

	sp_text_fit(&x, a, width, false);
	sp_text_fit(&y, b, width, false);
	alike = strcmp(sp_buf_text(&x), sp_buf_text(&y)) == 0;
	sp_buf_free(&x);
	sp_buf_free(&y);
	return alike;
}

/* Which column is which package: their runs' names, cut in the middle where
 * they begin alike. */
static void draw_heads(sp_wizard *w, sp_canvas *canvas, sp_rect field, int y)
{
	const sp_answer_run *runs = w->answers->runs;
	int x = field.x + field.width - 1 - COUNT_WIDTH * MOST_APART, width = COUNT_WIDTH - 1;
	bool alike = begin_alike(runs[0].name, runs[1].name, width);

	for (int i = 0; i < MOST_APART; i++, x += COUNT_WIDTH)
		if (alike && sp_text_width(runs[i].name) > width)
			sp_canvas_middle(canvas, x + 1, y, width, runs[i].name, SP_STYLE_DIM);
		else
			sp_canvas_right(canvas, x + 1, y, width, runs[i].name, SP_STYLE_DIM);
}

/* Like draw_counts(): how large the packages will be. */
static void draw_sizes(sp_canvas *canvas, sp_rect field, int y, const sp_json *plans, bool apart)
{
	int x = field.x + field.width - 1 - COUNT_WIDTH * (apart ? MOST_APART : 1);
	const sp_json *at = sp_json_first(plans);
	sp_buf text = { 0 };

	sp_canvas_text(canvas, field.x + 2, y, x - field.x - 2, _("about"), SP_STYLE_BOLD);
	for (; at; at = apart ? sp_json_next(at) : NULL, x += COUNT_WIDTH) {
		int64_t size = apart ? sp_json_int(at, "estimated_size", 0) : size_of_all(plans);

		sp_buf_reset(&text);
		sp_text_bytes(&text, (unsigned long long)size);
		sp_canvas_right(canvas, x, y, COUNT_WIDTH, sp_buf_text(&text), SP_STYLE_BOLD);
	}
	sp_buf_free(&text);
}

/* A line for each kind that there is; what has no line is added up in the last.
 * Where it ends. */
static int draw_kinds(sp_canvas *canvas, sp_rect field, const sp_json *plans, bool apart)
{
	int y = field.y, left = 0;

	for (int i = 0; i < KINDS; i++)
		left += count_in_all(plans, i, i + 1) > 0;
	for (int i = 0; i < KINDS && y < field.y + field.height; i++) {
		bool is_last = y == field.y + field.height - 1;

		if (count_in_all(plans, i, i + 1) == 0)
			continue;
		draw_counts(canvas, field, y++, plans, i, is_last && left > 1 ? KINDS : i + 1, apart);
		left--;
	}
	return y;
}

static void draw_content(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	const sp_json *plans = plans_of(w);
	/* each in a column of its own, where the names keep room */
	bool apart = w->answers->run_count == MOST_APART && field.width >= 38;
	int y = field.y + 1, end = field.y + field.height;

	sp_canvas_rule(canvas, field.x, field.y, field.width,
	               w->answers->run_count > 1 ? _("In the packages") : _("In the package"), NULL);
	if (sp_draw_waiting(w, canvas, field, SP_ASK_PLAN) || !plans)
		return;
	if (apart)
		draw_heads(w, canvas, field, y++);
	y = draw_kinds(canvas, (sp_rect){ field.x, y, field.width, end - 1 - y }, plans, apart);
	draw_sizes(canvas, field, y, plans, apart);
}

/* --- what stays out ------------------------------------------------------------- */

/* In two columns, where the words have room there. */
static int draw_reason(sp_canvas *canvas, sp_rect field, int y, const char *what, const char *why)
{
	int left = field.y + field.height - y, at = field.width < 38 ? 13 : 18, lines = 1;
	sp_buf text = { 0 };

	if (left > 0 && sp_text_width(what) < at && sp_text_width(why) <= field.width - at - 2) {
		sp_canvas_text(canvas, field.x + 1, y, at, what, SP_STYLE_PLAIN);
		sp_canvas_text(canvas, field.x + 1 + at, y, field.width - at - 2, why, SP_STYLE_PLAIN);
	} else {
		sp_say(&text, "%s: %s", what, why);
		lines = sp_canvas_wrap(canvas,
		                       (sp_rect){ field.x + 1, y, field.width - 2, left < 2 ? left : 2 },
		                       sp_buf_text(&text), SP_STYLE_PLAIN);
	}
	sp_buf_free(&text);
	return y + lines;
}

static int draw_warnings(sp_canvas *canvas, sp_rect field, int y, const sp_json *plans)
{
	sp_buf text = { 0 };

	for (const sp_json *plan = sp_json_first(plans); plan; plan = sp_json_next(plan)) {
		const sp_json *at = sp_json_first(sp_json_get(plan, "warnings"));

		for (; at && y < field.y + field.height; at = sp_json_next(at)) {
			sp_buf_reset(&text);
			sp_buf_adds(&text, "~ ");
			sp_word_warning(&text, at);
			y += sp_canvas_wrap(canvas, (sp_rect){ field.x + 1, y, field.width - 2, 2 },
			                    sp_buf_text(&text), SP_STYLE_WARN);
		}
		at = sp_json_first(sp_json_get(plan, "missing_files"));
		for (int i = 0; i < 2 && at && y < field.y + field.height; i++, at = sp_json_next(at))
			sp_canvas_middle(canvas, field.x + 3, y++, field.width - 4, sp_json_value_text(at),
			                 SP_STYLE_DIM);
	}
	sp_buf_free(&text);
	return y;
}

static void draw_out(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	const sp_json *plans = plans_of(w), *out = sp_json_get(sp_json_first(plans), "stays_out");
	int y = field.y + 1;
	sp_buf number = { 0 };

	sp_canvas_rule(canvas, field.x, field.y, field.width, _("Left out, and why"), NULL);
	y = sp_draw_failure(canvas, field, y, &w->failed[SP_ASK_EXPORT]);
	if (!plans)
		return;
	y = draw_warnings(canvas, field, y, plans);
	for (const sp_json *at = sp_json_first(out); at && y < field.y + field.height;
	     at = sp_json_next(at)) {
		const char *why = sp_json_value_text(at);

		sp_buf_reset(&number);
		sp_word_number(&number, sp_json_int(out, sp_json_key(at), 0));
		y = draw_reason(canvas, field, y, title_of(sp_json_key(at)),
		                why ? _(why) : sp_buf_text(&number));
	}
	sp_buf_free(&number);
}

/* --- where they go -------------------------------------------------------------- */

static const sp_json *target_at(sp_wizard *w, int i)
{
	const sp_json *at = sp_json_first(sp_json_get(w->targets, "targets"));

	for (; at && i > 0; i--)
		at = sp_json_next(at);
	return at;
}

static int existing(sp_wizard *w)
{
	int count = 0;

	for (int i = 0; i < w->answers->run_count; i++)
		count += sp_json_bool(target_at(w, i), "exists", false);
	return count;
}

static void draw_target(sp_wizard *w, sp_canvas *canvas, int y, int row)
{
	int width = canvas->width - 12 - 24;
	sp_style style = SP_STYLE_PLAIN;
	const char *label = _("Package"), *note = "";
	sp_buf text = { 0 }, right = { 0 };

	if (row == FOLDER_ROW) {
		label = _("Folder");
		sp_word_path(&text, w->answers->folder);
		if (sp_json_get(w->targets, "free")) {
			sp_text_bytes(&right, (unsigned long long)sp_json_int(w->targets, "free", 0));
			sp_buf_addf(&right, " %s", _("free"));
		}
	} else if (row == check_row(w)) {
		label = _("After");
		sp_say(&text, "%s %s", w->answers->check ? "[x]" : "[ ]",
		       _("read it back and check everything once more"));
		width = canvas->width - 13;
	} else {
		sp_buf_adds(&text, w->answers->runs[row - 1].file);
		if (w->targets && sp_json_bool(target_at(w, row - 1), "exists", false)) {
			note = _("~ exists already");
			style = SP_STYLE_WARN;
		} else if (w->targets) {
			note = _("new file");
		}
		sp_buf_adds(&right, note);
	}
	sp_canvas_text(canvas, 2, y, 9, label, SP_STYLE_DIM);
	sp_canvas_middle(canvas, 12, y, width, sp_buf_text(&text), SP_STYLE_PACKAGE);
	sp_canvas_right(canvas, canvas->width - 24, y, 23, sp_buf_text(&right), style);
	sp_buf_free(&text);
	sp_buf_free(&right);
}

static void draw_targets(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = list_of(w);

	sp_canvas_rule(canvas, field.x, field.y, field.width, _("Write to"), NULL);
	sp_list_fit(list, field.height - 1);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++) {
		int row = list->order[list->top + i], y = field.y + 1 + i;

		draw_target(w, canvas, y, row);
		if (list->top + i != list->cursor)
			continue;
		sp_draw_cursor(canvas, 0, y, canvas->width);
		if (w->editing)
			sp_input_draw(&w->field, canvas, 12, y, canvas->width - 13);
	}
}

/* True where all is known that Enter needs. */
static bool is_ready(const sp_wizard *w)
{
	return w->plan && w->targets;
}

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_buf text = { 0 }, size = { 0 }, folder = { 0 };
	int count = w->answers->run_count;

	if (w->plan)
		sp_text_bytes(&size, (unsigned long long)size_of_all(plans_of(w)));
	sp_word_path(&folder, w->answers->folder);
	if (is_ready(w))
		sp_say(&text,
		       sp_translate_n("Enter writes %d file, about %s, to %s.",
		                      "Enter writes %d files, about %s, to %s.", (unsigned long)count),
		       count, sp_buf_text(&size), sp_buf_text(&folder));
	else if (sp_is_awaited(w, SP_ASK_PLAN) || sp_is_awaited(w, SP_ASK_TARGETS))
		sp_say(&text, "%s", _("Being selected; nothing is written yet."));
	else
		sp_say(&text, "%s", _("Nothing can be written like this. Esc: change the options."));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
	sp_buf_free(&size);
	sp_buf_free(&folder);
}

static void draw_hint(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int64_t free_bytes = sp_json_int(w->targets, "free", -1);
	const char *text = _("e changes folder and names. Packages are written whole or not at all.");

	if (w->plan && free_bytes >= 0 && free_bytes < size_of_all(plans_of(w)))
		text = _("~ There may be too little room there: choose another folder with e.");
	else if (existing(w))
		text = _("~ A file of this name exists: Enter asks what to do; e changes the name.");
	else if (w->targets && !sp_json_bool(w->targets, "folder", true))
		text = _("The folder isn't there yet; it is made when the package is written.");
	else if (sp_error_is_set(&w->failed[SP_ASK_TARGETS]))
		text = sp_error_text(&w->failed[SP_ASK_TARGETS]);
	sp_frame_hint(w, frame, canvas, text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int below = w->answers->run_count + 3, half = frame->work.width / 2;
	sp_rect top = frame->work, out, targets = frame->work;
	sp_buf text = { 0 };

	below = below > frame->work.height / 2 ? frame->work.height / 2 : below;
	top.height -= below;
	targets.y += top.height;
	targets.height = below;
	out = (sp_rect){ half + 1, top.y, top.width - half - 1, top.height };
	top.width = half;
	sp_say(&text, "%s · %s", sp_instance_title(sp_instance_of(w)), w->answers->infospace_name);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("nothing written"));
	draw_content(w, canvas, top);
	draw_out(w, canvas, out);
	draw_targets(w, canvas, targets);
	sp_canvas_split(canvas, half, top.y, top.height);
	sp_frame_rule(frame, canvas, list_of(w));
	draw_sum(w, frame, canvas);
	draw_hint(w, frame, canvas);
	sp_buf_free(&text);
}

/* --- keys ----------------------------------------------------------------------- */

static void edit(sp_wizard *w, int row)
{
	if (row == check_row(w)) {
		w->answers->check = !w->answers->check;
		return;
	}
	sp_input_set(&w->field,
	             row == FOLDER_ROW ? w->answers->folder : w->answers->runs[row - 1].file);
	w->editing = true;
}

static void typed(sp_wizard *w, const char *text)
{
	int row = sp_list_row(list_of(w));

	if (!*text) {
		sp_wizard_say(w, SP_STYLE_BAD, _("A name is needed here; it stays as it was."));
	} else if (row == FOLDER_ROW) {
		sp_choose_folder(w, text);
	} else if (strchr(text, '/')) {
		sp_wizard_say(w, SP_STYLE_BAD, _("A name has no / in it: the folder is the row above."));
	} else if (!sp_answer_set(&w->answers->runs[row - 1].file, text)) {
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
	}
	w->answers->force = false;
	sp_ask_targets(w);
}

static void begin(sp_wizard *w)
{
	sp_wizard_go(w, SP_SCREEN_PROGRESS);
}

static void answer_existing(sp_wizard *w, int button)
{
	if (button == 1) {
		w->answers->force = true;
		begin(w);
	} else if (button == 0) {
		sp_list_go(list_of(w), FOLDER_ROW + 1);
		edit(w, FOLDER_ROW + 1);
	}
}

static bool same_names(const sp_wizard *w)
{
	for (int i = 0; i < w->answers->run_count; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(w->answers->runs[i].file, w->answers->runs[j].file) == 0)
				return true;
	return false;
}

static void write_them(sp_wizard *w)
{
	static const char *const buttons[] = { N_("Other name"), N_("Replace") };
	sp_buf text = { 0 };

	if (!is_ready(w))
		sp_wizard_say(
			w, SP_STYLE_WARN,
			sp_is_awaited(w, SP_ASK_PLAN) || sp_is_awaited(w, SP_ASK_TARGETS)
				? _("A moment: what would be written is being selected.")
				: _("Nothing can be written like this: change the options, or try again with r."));
	else if (same_names(w))
		sp_wizard_say(w, SP_STYLE_BAD, _("Two packages have one name: change one with e."));
	else if (existing(w) == 0)
		begin(w);
	else {
		sp_say(&text,
		       sp_translate_n("%d file of this name exists already in %s. What was there is lost "
		                      "when it is replaced.",
		                      "%d files of these names exist already in %s. What was there is lost "
		                      "when they are replaced.",
		                      (unsigned long)existing(w)),
		       existing(w), w->answers->folder);
		sp_wizard_ask(w, _("Replace what exists?"), sp_buf_text(&text), buttons, 2,
		              answer_existing);
	}
	sp_buf_free(&text);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	int row = sp_list_row(list_of(w));

	(void)key;
	switch (does) {
	case SP_DO_EDIT: edit(w, row); return true;
	case SP_DO_PICK:
	case SP_DO_LEFT:
	case SP_DO_RIGHT:
		if (row == check_row(w))
			edit(w, row);
		return true;
	case SP_DO_RETRY:
		sp_ask_plan(w, true);
		sp_ask_targets(w);
		return true;
	case SP_DO_ENTER: write_them(w); return true;
	default: return false;
	}
}

const sp_screen sp_screen_preview = {
	.step = N_("Preview"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.leave = leave,
	.model = model,
	.typed = typed,
	.back = SP_SCREEN_COUNT,
};
