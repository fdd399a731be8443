#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_OPTIONS];
}

static void words(void *ctx, int row, sp_buf *to)
{
	sp_wizard *w = ctx;

	sp_buf_adds(to, _(w->setup->options[row].label));
}

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ .ctx = w, .count = w->setup->option_count, .words = words };
}

/* Without a store only packages without files can be made; where the option
 * still has its default, the answer is known. With another instance it goes
 * back to the default. */
static void fit_store(sp_wizard *w)
{
	bool store = sp_instance_of(w)->store != NULL;

	for (int i = 0; i < w->setup->option_count; i++) {
		if (strcmp(w->setup->options[i].name, "asset-format") != 0)
			continue;
		if (store && w->answers.external) {
			if (strcmp(w->answers.values[i], "external") == 0)
				sp_choose_value(w, i, w->setup->options[i].otherwise);
			w->answers.external = false;
		}
		if (store || !sp_answer_is_default(w->setup, &w->answers, i))
			continue;
		w->answers.external = true;
		sp_choose_value(w, i, "external");
		sp_wizard_say(w, SP_STYLE_WARN,
		              _("~ Files: external, since this instance has no store to read them from."));
	}
}

static void enter(sp_wizard *w)
{
	sp_model rows;

	if (!list_of(w)->count) {
		model(w, &rows);
		if (!sp_list_load(list_of(w), &rows))
			sp_fail_memory(&w->failed[SP_ASK_SURVEY]);
	}
	fit_store(w);
	sp_ask_survey(w, false);
}

/* --- what an option does to the size ------------------------------------------ */

static const struct {
	const char *name;
	sp_part part;
} parts[] = {
	{ "include-source-assets", SP_PART_ASSETS },      { "include-chunks", SP_PART_CHUNKS },
	{ "include-embeddings", SP_PART_EMBEDDINGS },     { "include-datasets", SP_PART_DATASETS },
	{ "include-dependencies", SP_PART_DEPENDENCIES },
};

static int part_of(const sp_asked *option)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcmp(parts[i].name, option->name) == 0)
			return (int)parts[i].part;
	return -1;
}

static bool is_on(const sp_wizard *w, const char *name)
{
	return strcmp(sp_value_of(w, name), "yes") == 0;
}

/* Why an option can do nothing now; NULL: it can. */
static const char *hindrance(const sp_wizard *w, const sp_asked *option)
{
	bool assets = is_on(w, "include-source-assets");

	if (strcmp(option->name, "include-chunks") == 0 && !assets)
		return _("needs source assets");
	if (strcmp(option->name, "include-embeddings") == 0 && !(assets && is_on(w, "include-chunks")))
		return _("needs chunks");
	if (strcmp(option->name, "asset-format") == 0 && !assets)
		return _("needs source assets");
	return NULL;
}

static int64_t effect_of(const sp_wizard *w, int part)
{
	int64_t bytes = w->parts.bytes[part];

	if (part == SP_PART_ASSETS && strcmp(sp_value_of(w, "asset-format"), "external") != 0)
		bytes += w->parts.bytes[SP_PART_FILES];
	return bytes;
}

static void add_effect(sp_wizard *w, const sp_asked *option, bool on, sp_buf *to)
{
	int part = part_of(option);

	if (part < 0 || !w->surveyed)
		return;
	sp_buf_adds(to, on ? "+ " : "(+ ");
	sp_text_bytes(to, (unsigned long long)effect_of(w, part));
	sp_buf_adds(to, on ? " " : ")");
}

/* "2,000, 213 files" */
static void add_content(sp_wizard *w, const sp_asked *option, sp_buf *to)
{
	int part = part_of(option);

	if (hindrance(w, option)) {
		sp_buf_adds(to, hindrance(w, option));
		return;
	}
	if (part < 0 || !w->surveyed)
		return;
	sp_word_number(to, w->parts.rows[part]);
	if (part == SP_PART_ASSETS) {
		sp_buf files = { 0 };

		sp_word_number(&files, w->parts.rows[SP_PART_FILES]);
		sp_buf_addf(to, _(", with %s files"), sp_buf_text(&files));
		sp_buf_free(&files);
	}
}

/* --- drawing ------------------------------------------------------------------ */

static bool is_switch(const sp_asked *option)
{
	return option->flag || option->negates;
}

static const char *label_of(const sp_asked *option)
{
	return _(option->label);
}

/* What people read for a value: choices have names of their own. */
static void add_value(sp_wizard *w, int i, sp_buf *to)
{
	const sp_asked *option = &w->setup->options[i];
	const char *value = w->answers.values[i];

	if (option->choices)
		sp_buf_addf(to, "◂ %s ▸", value);
	else if (!*value)
		sp_buf_adds(to, option->list ? _("none left out") : _("any"));
	else
		sp_buf_adds(to, value);
}

static void draw_row(sp_wizard *w, sp_canvas *canvas, sp_rect field, int i, int y)
{
	const sp_asked *option = &w->setup->options[i];
	bool on = strcmp(w->answers.values[i], "yes") == 0;
	sp_style style = hindrance(w, option) ? SP_STYLE_DIM : SP_STYLE_PLAIN;
	int middle = field.width >= 80 ? 26 : 24, end = 16;
	sp_buf text = { 0 };

	if (is_switch(option))
		sp_canvas_text(canvas, 2, y, 3, on ? "[x]" : "[ ]", style);
	sp_canvas_text(canvas, 6, y, middle - 7, label_of(option), style);
	if (is_switch(option))
		add_content(w, option, &text);
	else
		add_value(w, i, &text);
	sp_canvas_text(canvas, middle, y, field.width - middle - end - 1, sp_buf_text(&text), style);
	sp_buf_reset(&text);
	if (is_switch(option))
		add_effect(w, option, on && !hindrance(w, option), &text);
	sp_canvas_right(canvas, field.width - end - 1, y, end, sp_buf_text(&text),
	                on ? style : SP_STYLE_DIM);
	sp_buf_free(&text);
}

static void draw_list(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = list_of(w);

	sp_list_fit(list, field.height - 1);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++) {
		int at = list->order[list->top + i], y = field.y + 1 + i;

		draw_row(w, canvas, field, at, y);
		if (list->top + i != list->cursor)
			continue;
		sp_draw_cursor(canvas, field.x, y, field.width);
		if (w->editing)
			sp_input_draw(&w->field, canvas, 26, y, field.width - 28);
	}
}

static const char *spoken(const char *value)
{
	if (!value)
		return "–";
	if (strcmp(value, "yes") == 0)
		return _("yes");
	return strcmp(value, "no") == 0 ? _("no") : value;
}

static void draw_help(sp_wizard *w, sp_canvas *canvas, sp_rect field, int i)
{
	const sp_asked *option = &w->setup->options[i];
	sp_buf head = { 0 }, right = { 0 };

	if (field.height < 2)
		return;
	sp_say(&head, "%s · --%s%s", label_of(option), option->negates ? "[no-]" : "", option->name);
	sp_say(&right, _("default: %s"), spoken(option->otherwise));
	sp_canvas_rule(canvas, field.x, field.y, field.width, sp_buf_text(&head), sp_buf_text(&right));
	sp_canvas_wrap(canvas, (sp_rect){ field.x + 2, field.y + 1, field.width - 4, field.height - 1 },
	               _(option->help), SP_STYLE_PLAIN);
	sp_buf_free(&head);
	sp_buf_free(&right);
}

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int64_t size = sp_estimate(w);
	sp_buf text = { 0 };

	sp_buf_addf(&text,
	            sp_translate_n("%d package", "%d packages", (unsigned long)w->answers.run_count),
	            w->answers.run_count);
	if (size < 0 && sp_is_awaited(w, SP_ASK_SURVEY)) {
		sp_buf_adds(&text, _(", counting the sizes …"));
	} else {
		if (size >= 0) {
			sp_buf_addf(&text, "%s", _(", about "));
			sp_text_bytes(&text, (unsigned long long)size);
		}
		sp_buf_addc(&text, '.');
	}
	sp_buf_addf(&text, " %s", _("Enter: the preview."));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_panes panes = sp_layout_panes(frame, 4);
	int i = sp_list_row(list_of(w));
	sp_buf text = { 0 };

	panes.list = frame->work;
	panes.list.height -= frame->narrow ? 0 : 4;
	panes.details =
		(sp_rect){ 0, panes.list.y + panes.list.height, frame->work.width, frame->narrow ? 0 : 4 };
	sp_say(&text, "%s · %s", sp_instance_title(sp_instance_of(w)), w->answers.infospace_name);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("reading only"));
	sp_canvas_rule(canvas, 0, panes.list.y, canvas->width, _("What goes in, and how"),
	               _("effect on size"));
	draw_list(w, canvas, panes.list);
	draw_help(w, canvas, panes.details, i);
	sp_frame_rule(frame, canvas, list_of(w));
	draw_sum(w, frame, canvas);
	sp_frame_hint(w, frame, canvas,
	              sp_error_is_set(&w->failed[SP_ASK_SURVEY])
	                  ? sp_error_text(&w->failed[SP_ASK_SURVEY])
	                  : _("Sizes are estimates: files as they are, rows as they usually shrink."));
	sp_buf_free(&text);
}

/* --- keys --------------------------------------------------------------------- */

static void toggle(sp_wizard *w, int i)
{
	bool on = strcmp(w->answers.values[i], "yes") == 0;

	sp_choose_value(w, i, on ? "no" : "yes");
	/* embeddings can't go without the chunks that they belong to */
	for (int j = 0; on && j < w->setup->option_count; j++)
		if (strcmp(w->setup->options[i].name, "include-chunks") == 0 &&
		    strcmp(w->setup->options[j].name, "include-embeddings") == 0)
			sp_choose_value(w, j, "no");
}

/* The choice before or after this one, round and round. */
static void turn(sp_wizard *w, int i, int by)
{
	const char *choices = w->setup->options[i].choices, *value = w->answers.values[i];
	char *copy = strdup(choices), *rest = copy, *all[16], *word;
	int count = 0, now = 0;

	while (copy && count < 16 && (word = strsep(&rest, "|"))) {
		if (strcmp(word, value) == 0)
			now = count;
		all[count++] = word;
	}
	if (count)
		sp_choose_value(w, i, all[(now + by + count) % count]);
	free(copy);
}

static void turn_number(sp_wizard *w, int i, int by)
{
	const sp_asked *option = &w->setup->options[i];
	long number = strtol(w->answers.values[i], NULL, 10) + by;
	char text[24];

	if (number < option->min || number > option->max)
		return;
	snprintf(text, sizeof text, "%ld", number);
	sp_choose_value(w, i, text);
}

static void change(sp_wizard *w, int i, int by)
{
	const sp_asked *option = &w->setup->options[i];

	if (is_switch(option))
		toggle(w, i);
	else if (option->choices)
		turn(w, i, by);
	else if (option->number)
		turn_number(w, i, by);
}

static void edit(sp_wizard *w, int i)
{
	const sp_asked *option = &w->setup->options[i];

	if (is_switch(option) || option->choices) {
		change(w, i, 1);
		return;
	}
	sp_input_set(&w->field, w->answers.values[i]);
	w->editing = true;
	if (option->list)
		sp_wizard_say(w, SP_STYLE_PLAIN, _("Several: with commas between them; \\, is a comma."));
}

static void typed(sp_wizard *w, const char *text)
{
	int i = sp_list_row(list_of(w));
	const char *wrong = sp_answer_check(&w->setup->options[i], text);

	if (wrong)
		sp_wizard_say(w, SP_STYLE_BAD, _(wrong));
	else
		sp_choose_value(w, i, text);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	int i = sp_list_row(list_of(w));
	const sp_asked *option = &w->setup->options[i];

	(void)key;
	switch (does) {
	case SP_DO_PICK:
	case SP_DO_LEFT:
	case SP_DO_RIGHT:
		if (hindrance(w, option))
			sp_wizard_say(w, SP_STYLE_WARN, hindrance(w, option));
		else if (is_switch(option) || option->choices || option->number)
			change(w, i, does == SP_DO_LEFT ? -1 : 1);
		else
			edit(w, i);
		return true;
	case SP_DO_EDIT: edit(w, i); return true;
	case SP_DO_DEFAULT:
		sp_choose_value(w, i, option->otherwise);
		fit_store(w);
		return true;
	case SP_DO_RETRY: sp_ask_survey(w, true); return true;
	case SP_DO_ENTER: sp_wizard_go(w, SP_SCREEN_PREVIEW); return true;
	default: return false;
	}
}

const sp_screen sp_screen_options = {
	.step = N_("Options"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = model,
	.typed = typed,
	.back = SP_SCREEN_RUNS,
};
