#include <config.h>

#include "ui/kinds.h"

#include "core/base/error.h"
#include "core/plan/words.h"

/* The first column is the kind; which member each of the others shows. */
static const sp_tcolumn columns[] = {
	{ N_("what"), 0, 20, 24, false },   { N_("rows"), 5, 6, 9, true },
	{ N_("new"), 1, 6, 9, true },       { N_("the same"), 4, 8, 9, true },
	{ N_("updated"), 2, 7, 9, true },   { N_("kept"), 6, 6, 9, true },
	{ N_("conflict"), 3, 8, 9, true },  { N_("left out"), 7, 8, 9, true },
};

static const char *const members[] = { "rows",     "new",  "same", "update",
	                                   "keep", "conflict", "out" };

#define COLUMNS ((int)(sizeof columns / sizeof *columns))

static void draw_counts(sp_row *row, const char *title, const int64_t *counts)
{
	sp_row_text(row, title, SP_STYLE_PLAIN);
	for (int i = 0; i < COLUMNS - 1; i++)
		if (counts[i])
			sp_row_number(row, counts[i]);
		else
			sp_row_text(row, "", SP_STYLE_PLAIN);
}

static void add_counts(const sp_json *kind, int64_t *counts)
{
	for (int i = 0; i < COLUMNS - 1; i++)
		counts[i] += sp_json_int(kind, members[i], 0);
}

int sp_draw_kinds(sp_canvas *canvas, sp_rect field, const sp_json *kinds, sp_list *list)
{
	int64_t rest[COLUMNS] = { 0 };
	int y = field.y, room = field.height - 1, at = 0, count = 0, top = 0, last;
	sp_row row;

	for (const sp_json *kind = sp_json_first(kinds); kind; kind = sp_json_next(kind))
		count++;
	if (list) {
		sp_list_fit(list, room);
		top = list->top;
	}
	last = !list && count > room ? room - 1 : room;
	sp_row_begin(&row, canvas, columns, COLUMNS, field.x + 2, y++, field.width - 3);
	for (const sp_json *kind = sp_json_first(kinds); kind; kind = sp_json_next(kind), at++) {
		int64_t counts[COLUMNS] = { 0 };

		if (at < top || at >= top + last) {
			add_counts(kind, rest);
			continue;
		}
		add_counts(kind, counts);
		sp_row_next(&row, y);
		draw_counts(&row, sp_word_kind(sp_json_text(kind, "kind")), counts);
		if (list && at == list->cursor)
			sp_draw_cursor(canvas, field.x, y, field.width);
		y++;
	}
	if (last < room) {
		sp_row_next(&row, y++);
		draw_counts(&row, _("others"), rest);
	}
	return y;
}
