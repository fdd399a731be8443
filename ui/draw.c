#include <config.h>

#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/screens.h"
#include "ui/words.h"

/* Where texts of facts begin. */
#define FACT_AT 15

static void begin_line(sp_row *row, int y)
{
	row->y = y;
	row->at = 0;
}

/* The next cell that the width has room for; false: it is left out. */
static bool take_cell(sp_row *row, int *x, int *width)
{
	int at = row->x, i = row->at++;

	for (int j = 0; j < i; j++)
		if (row->widths[j])
			at += row->widths[j] + SP_COLUMN_GAP;
	*x = at;
	*width = row->widths[i];
	return *width > 0;
}

void sp_row_begin(sp_row *row, sp_canvas *canvas, const sp_tcolumn *columns, int count, int x,
                  int y, int width)
{
	sp_tcolumn titled[SP_MOST_COLUMNS] = { { 0 } };

	row->canvas = canvas;
	row->columns = columns;
	row->count = count;
	row->x = x;
	/* a title in another language may be longer than what stands below it */
	for (int i = 0; i < count; i++) {
		int title = sp_text_width(_(columns[i].title));

		titled[i] = columns[i];
		if (titled[i].priority > 0 && titled[i].least < title)
			titled[i].least = title;
	}
	sp_layout_columns(titled, count, width, row->widths);
	begin_line(row, y);
	for (int i = 0; i < count; i++)
		sp_row_text(row, _(columns[i].title), SP_STYLE_DIM);
}

void sp_row_next(sp_row *row, int y)
{
	begin_line(row, y);
}

void sp_row_text(sp_row *row, const char *text, sp_style style)
{
	bool right = row->columns[row->at].right;
	int x, width;

	if (!take_cell(row, &x, &width))
		return;
	if (right)
		sp_canvas_right(row->canvas, x, row->y, width, text, style);
	else
		sp_canvas_text(row->canvas, x, row->y, width, text, style);
}

void sp_row_number(sp_row *row, int64_t number)
{
	sp_buf text = { 0 };

	sp_word_number(&text, number);
	sp_row_text(row, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_buf_free(&text);
}

void sp_draw_table(sp_wizard *w, sp_canvas *canvas, sp_rect field, const sp_tcolumn *columns,
                   int count, sp_list *list, sp_draw_row_fn *draw)
{
	sp_row row;

	sp_row_begin(&row, canvas, columns, count, field.x + 2, field.y + 1, field.width - 3);
	sp_list_fit(list, field.height - 2);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++) {
		int y = field.y + 2 + i;

		sp_row_next(&row, y);
		draw(w, &row, list->order[list->top + i]);
		if (list->top + i == list->cursor)
			sp_draw_cursor(canvas, field.x, y, field.width);
	}
}

int sp_draw_fact(sp_canvas *canvas, sp_rect field, int y, const char *label, const char *text)
{
	/* the label begins at 2, and a blank follows it */
	int end = 2 + sp_text_width(label) + 1, at = end > FACT_AT ? end : FACT_AT;
	int left = field.y + field.height - y, used;

	if (left < 1 || !text || !*text)
		return y;
	sp_canvas_text(canvas, field.x + 2, y, field.width - 3, label, SP_STYLE_DIM);
	used = sp_canvas_wrap(canvas,
	                      (sp_rect){ field.x + at, y, field.width - at - 1, left < 2 ? left : 2 },
	                      text, SP_STYLE_PLAIN);
	return y + (used ? used : 1);
}

void sp_draw_cursor(sp_canvas *canvas, int x, int y, int width)
{
	sp_canvas_text(canvas, x, y, 1, "▸", SP_STYLE_PLAIN);
	sp_canvas_paint(canvas, x, y, width, SP_STYLE_FOCUS);
	sp_canvas_focus(canvas, x, y);
}

static void draw_error(sp_canvas *canvas, sp_rect field, const sp_error *err)
{
	sp_buf text = { 0 };
	int y = field.y + 1;

	sp_say(&text, "✗ %s", sp_error_text(err));
	y += sp_canvas_wrap(canvas, (sp_rect){ field.x + 2, y, field.width - 4, 4 }, sp_buf_text(&text),
	                    SP_STYLE_BAD);
	if (err->hint) {
		sp_say(&text, _("Do: %s"), err->hint);
		y += sp_canvas_wrap(canvas, (sp_rect){ field.x + 4, y, field.width - 6, 4 },
		                    sp_buf_text(&text), SP_STYLE_PLAIN);
	}
	sp_canvas_text(canvas, field.x + 4, y + 1, field.width - 6, _("r tries again."),
	               SP_STYLE_PLAIN);
	sp_buf_free(&text);
}

bool sp_draw_waiting(sp_wizard *w, sp_canvas *canvas, sp_rect field, sp_request_kind ask)
{
	sp_buf text = { 0 };
	double waited = w->now - w->since[ask];
	sp_progress at;

	if (sp_error_is_set(&w->failed[ask])) {
		draw_error(canvas, field, &w->failed[ask]);
		return true;
	}
	if (!sp_is_awaited(w, ask))
		return false;
	sp_say(&text, _("asking %s …"), sp_instance_title(sp_instance_of(w)));
	if (w->link.look(w->link.ctx, w->awaited[ask], &at) && *at.phase)
		sp_buf_addf(&text, " %s", _(at.phase));
	if (waited >= 2) {
		sp_buf_addf(&text, " ");
		sp_word_duration(&text, waited);
	}
	if (waited >= 10)
		sp_buf_addf(&text, "  %s", _("It takes long; Esc goes back."));
	sp_canvas_text(canvas, field.x + 2, field.y + 1, field.width - 3, sp_buf_text(&text),
	               SP_STYLE_PLAIN);
	sp_buf_free(&text);
	return true;
}

void sp_draw_filter(sp_wizard *w, sp_canvas *canvas, sp_rect field)
{
	sp_list *list = &w->lists[w->screen];
	int x = field.x + 2, width = field.width / 3;

	if (w->typing_list != list && !*list->filter.text)
		return;
	x += sp_canvas_text(canvas, x, field.y, field.width - 4, _("filter: "), SP_STYLE_HEAD);
	if (w->typing_list == list)
		sp_input_draw(&list->filter, canvas, x, field.y, width);
	else
		x += sp_canvas_text(canvas, x, field.y, width, list->filter.text, SP_STYLE_NEEDS);
	if (w->typing_list != list)
		sp_canvas_text(canvas, x, field.y, 1, " ", SP_STYLE_RULE);
	x = w->typing_list == list ? x + width : x;
	sp_canvas_text(canvas, x, field.y, 1, " ", SP_STYLE_RULE);
}

void sp_list_fit(sp_list *list, int height)
{
	list->height = height;
	list->top = sp_layout_scroll(list->top, list->cursor, list->shown, height);
}

int sp_draw_failure(sp_canvas *canvas, sp_rect field, int y, const sp_error *err)
{
	sp_buf text = { 0 };

	if (!sp_error_is_set(err))
		return y;
	sp_say(&text, "✗ %s", sp_error_text(err));
	y += sp_canvas_wrap(canvas, (sp_rect){ field.x + 1, y, field.width - 2, 4 }, sp_buf_text(&text),
	                    SP_STYLE_BAD);
	if (err->hint) {
		sp_say(&text, _("Do: %s"), err->hint);
		y += sp_canvas_wrap(canvas, (sp_rect){ field.x + 3, y, field.width - 4, 3 },
		                    sp_buf_text(&text), SP_STYLE_BOLD);
	}
	sp_buf_free(&text);
	return y;
}

void sp_draw_run_facts(sp_wizard *w, sp_canvas *canvas, sp_rect field, const sp_json *run)
{
	sp_buf text = { 0 };
	int y = field.y + 1;

	(void)w;
	if (field.height < 2)
		return;
	sp_canvas_rule(canvas, field.x, field.y, field.width, sp_json_text(run, "name"), NULL);
	sp_word_status(&text, sp_json_text(run, "status"));
	y = sp_draw_fact(canvas, field, y, _("status"), sp_buf_text(&text));
	sp_buf_reset(&text);
	sp_word_number(&text, sp_json_int(run, "annotations", 0));
	sp_buf_adds(&text, ", ");
	sp_text_bytes(&text, (unsigned long long)sp_json_int(run, "bytes", 0));
	y = sp_draw_fact(canvas, field, y, _("annotations"), sp_buf_text(&text));
	sp_buf_reset(&text);
	sp_word_number(&text, sp_json_int(run, "assets", 0));
	y = sp_draw_fact(canvas, field, y, _("assets"), sp_buf_text(&text));
	sp_buf_reset(&text);
	sp_word_number(&text, sp_json_int(run, "schemas", 0));
	y = sp_draw_fact(canvas, field, y, _("schemas"), sp_buf_text(&text));
	sp_buf_reset(&text);
	sp_word_time(&text, sp_json_text(run, "created_at"), true);
	sp_buf_adds(&text, " → ");
	sp_word_time(&text, sp_json_text(run, "completed_at"), true);
	y = sp_draw_fact(canvas, field, y, _("made"), sp_buf_text(&text));
	sp_draw_fact(canvas, field, y, "UUID", sp_json_text(run, "uuid"));
	sp_buf_free(&text);
}
