#include <config.h>

#include "ui/kinds.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/plan/words.h"
#include "ui/words.h"

static const sp_tcolumn kind_column = { N_("what"), 0, 20, 24, false };

/* What stands behind a kind, in its members; the widths come from the numbers. */
static const struct {
	const char *member;
	sp_tcolumn column;
} numbers[] = {
	{ "rows", { N_("rows"), 7, 0, 9, true } },
	{ "new", { N_("new"), 1, 0, 9, true } },
	{ "same", { N_("the same"), 6, 0, 9, true } },
	{ "update", { N_("updated"), 2, 0, 9, true } },
	{ "keep", { N_("kept"), 5, 0, 9, true } },
	{ "conflict", { N_("conflict"), 3, 0, 9, true } },
	{ "out", { N_("left out"), 4, 0, 9, true } },
};

#define NUMBERS ((int)(sizeof numbers / sizeof *numbers))

/* The columns that say something, and which number each shows. */
typedef struct {
	sp_tcolumn columns[1 + NUMBERS];
	int shown[NUMBERS], count;
} table;

static void add_counts(const sp_json *kind, int64_t *counts)
{
	for (int i = 0; i < NUMBERS; i++)
		counts[i] += sp_json_int(kind, numbers[i].member, 0);
}

/* A number that is cut would be another one; a column without any takes no room. */
static void fit(table *t, const sp_json *kinds)
{
	int64_t sums[NUMBERS] = { 0 };
	sp_buf text = { 0 };

	for (const sp_json *kind = sp_json_first(kinds); kind; kind = sp_json_next(kind))
		add_counts(kind, sums);
	t->columns[0] = kind_column;
	for (int i = 0; i < NUMBERS; i++) {
		sp_tcolumn *column = &t->columns[1 + t->count];
		if (!sums[i])
			continue;
		sp_buf_reset(&text);
		sp_word_number(&text, sums[i]);
		*column = numbers[i].column;
		column->least = sp_text_width(sp_buf_text(&text));
		t->shown[t->count++] = i;
	}
	sp_buf_free(&text);
}

static void draw_counts(const table *t, sp_row *row, const char *title, const int64_t *counts)
{
	sp_row_text(row, title, SP_STYLE_PLAIN);
	for (int i = 0; i < t->count; i++)
		if (counts[t->shown[i]])
			sp_row_number(row, counts[t->shown[i]]);
		else
			sp_row_text(row, "", SP_STYLE_PLAIN);
}

int sp_draw_kinds(sp_canvas *canvas, sp_rect field, const sp_json *kinds, sp_list *list)
{
	int64_t rest[NUMBERS] = { 0 };
	int y = field.y, room = field.height - 1, at = 0, count = 0, top = 0, last;
	table t = { .count = 0 };
	sp_row row;

	fit(&t, kinds);
	for (const sp_json *kind = sp_json_first(kinds); kind; kind = sp_json_next(kind))
		count++;
	if (list) {
		sp_list_fit(list, room);
		top = list->top;
	}
	last = !list && count > room ? room - 1 : room;
	sp_row_begin(&row, canvas, t.columns, 1 + t.count, field.x + 2, y++, field.width - 3);
	for (const sp_json *kind = sp_json_first(kinds); kind; kind = sp_json_next(kind), at++) {
		int64_t counts[NUMBERS] = { 0 };

		if (at < top || at >= top + last) {
			add_counts(kind, rest);
			continue;
		}
		add_counts(kind, counts);
		sp_row_next(&row, y);
		draw_counts(&t, &row, sp_word_kind(sp_json_text(kind, "kind")), counts);
		if (list && at == list->cursor)
			sp_draw_cursor(canvas, field.x, y, field.width);
		y++;
	}
	if (last < room) {
		sp_row_next(&row, y++);
		draw_counts(&t, &row, _("others"), rest);
	}
	return y;
}
