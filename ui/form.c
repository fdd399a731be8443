#include <config.h>

#include "ui/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "ui/words.h"

static sp_list *list_of(sp_wizard *w, const sp_form *form)
{
	return &w->lists[form->screen];
}

static void words(void *ctx, int row, sp_buf *to)
{
	sp_wizard *w = ctx;

	sp_buf_adds(to, _(w->answers->options[row].label));
}

void sp_form_model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ .ctx = w, .count = w->answers->option_count, .words = words };
}

void sp_form_load(sp_wizard *w, const sp_form *form)
{
	sp_model rows;

	if (list_of(w, form)->count)
		return;
	sp_form_model(w, &rows);
	if (!sp_list_load(list_of(w, form), &rows))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
}

static const char *hindrance(const sp_wizard *w, const sp_form *form, const sp_asked *option)
{
	return form->hindrance ? form->hindrance(w, option) : NULL;
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
static void add_value(const sp_wizard *w, int i, sp_buf *to)
{
	const sp_asked *option = &w->answers->options[i];
	const char *value = w->answers->values[i];

	if (option->choices)
		sp_buf_addf(to, "◂ %s ▸", value);
	else if (!*value)
		sp_buf_adds(to, sp_word_nothing(option));
	else
		sp_buf_adds(to, value);
}

static void draw_row(sp_wizard *w, const sp_form *form, sp_canvas *canvas, sp_rect field, int i,
                     int y)
{
	const sp_asked *option = &w->answers->options[i];
	bool on = strcmp(w->answers->values[i], "yes") == 0;
	sp_style style = hindrance(w, form, option) ? SP_STYLE_DIM : SP_STYLE_PLAIN;
	int middle = field.width >= 80 ? 26 : 24, end = 16;
	sp_buf text = { 0 };

	if (is_switch(option))
		sp_canvas_text(canvas, 2, y, 3, on ? "[x]" : "[ ]", style);
	sp_canvas_text(canvas, 6, y, middle - 7, label_of(option), style);
	if (!is_switch(option))
		add_value(w, i, &text);
	else if (form->content)
		form->content(w, option, &text);
	sp_canvas_text(canvas, middle, y, field.width - middle - end - 1, sp_buf_text(&text), style);
	sp_buf_reset(&text);
	if (is_switch(option) && form->effect)
		form->effect(w, option, on && !hindrance(w, form, option), &text);
	sp_canvas_right(canvas, field.width - end - 1, y, end, sp_buf_text(&text),
	                on ? style : SP_STYLE_DIM);
	sp_buf_free(&text);
}

static void draw_list(sp_wizard *w, const sp_form *form, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = list_of(w, form);

	sp_list_fit(list, field.height - 1);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++) {
		int at = list->order[list->top + i], y = field.y + 1 + i;

		draw_row(w, form, canvas, field, at, y);
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
	const sp_asked *option = &w->answers->options[i];
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

void sp_form_draw(sp_wizard *w, const sp_form *form, const sp_frame *frame, sp_canvas *canvas)
{
	sp_rect list = frame->work, help;

	list.height -= frame->narrow ? 0 : 4;
	help = (sp_rect){ 0, list.y + list.height, list.width, frame->narrow ? 0 : 4 };
	sp_canvas_rule(canvas, 0, list.y, canvas->width, _(form->title),
	               form->right ? _(form->right) : NULL);
	draw_list(w, form, canvas, list);
	draw_help(w, canvas, help, sp_list_row(list_of(w, form)));
	sp_frame_rule(frame, canvas, list_of(w, form));
}

/* --- keys --------------------------------------------------------------------- */

static void toggle(sp_wizard *w, int i)
{
	sp_choose_value(w, i, strcmp(w->answers->values[i], "yes") == 0 ? "no" : "yes");
}

/* The choice before or after this one, round and round. */
static void turn(sp_wizard *w, int i, int by)
{
	const char *choices = w->answers->options[i].choices, *value = w->answers->values[i];
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
	const sp_asked *option = &w->answers->options[i];
	long number = strtol(w->answers->values[i], NULL, 10) + by;
	char text[24];

	if (number < option->min || number > option->max)
		return;
	snprintf(text, sizeof text, "%ld", number);
	sp_choose_value(w, i, text);
}

static void change(sp_wizard *w, const sp_form *form, int i, int by)
{
	const sp_asked *option = &w->answers->options[i];

	if (is_switch(option))
		toggle(w, i);
	else if (option->choices)
		turn(w, i, by);
	else if (option->number)
		turn_number(w, i, by);
	if (form->changed)
		form->changed(w, i);
}

static void edit(sp_wizard *w, const sp_form *form, int i)
{
	const sp_asked *option = &w->answers->options[i];

	if (is_switch(option) || option->choices) {
		change(w, form, i, 1);
		return;
	}
	sp_input_set(&w->field, w->answers->values[i]);
	w->editing = true;
	if (option->list)
		sp_wizard_say(w, SP_STYLE_PLAIN, _("Several: with commas between them; \\, is a comma."));
}

void sp_form_typed(sp_wizard *w, const sp_form *form, const char *text)
{
	int i = sp_list_row(list_of(w, form));
	const char *wrong = sp_answer_check(&w->answers->options[i], text);

	if (wrong) {
		sp_wizard_say(w, SP_STYLE_BAD, _(wrong));
		return;
	}
	sp_choose_value(w, i, text);
	if (form->changed)
		form->changed(w, i);
}

static void press(sp_wizard *w, const sp_form *form, int i, int by)
{
	const sp_asked *option = &w->answers->options[i];

	if (hindrance(w, form, option))
		sp_wizard_say(w, SP_STYLE_WARN, hindrance(w, form, option));
	else if (is_switch(option) || option->choices || option->number)
		change(w, form, i, by);
	else
		edit(w, form, i);
}

bool sp_form_key(sp_wizard *w, const sp_form *form, sp_do does)
{
	int i = sp_list_row(list_of(w, form));

	switch (does) {
	case SP_DO_PICK:
	case SP_DO_RIGHT: press(w, form, i, 1); return true;
	case SP_DO_LEFT: press(w, form, i, -1); return true;
	case SP_DO_EDIT: edit(w, form, i); return true;
	case SP_DO_DEFAULT:
		sp_choose_value(w, i, w->answers->options[i].otherwise);
		if (form->changed)
			form->changed(w, i);
		return true;
	default: return false;
	}
}
