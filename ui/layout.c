#include <config.h>

#include "ui/layout.h"

sp_frame sp_layout_frame(int width, int height)
{
	sp_frame frame = { .title = 0, .about = 1, .hint = -1 };
	int below = 2; /* sum and keys */

	frame.too_small = width < SP_LEAST_WIDTH || height < SP_LEAST_HEIGHT;
	frame.narrow = width < 80;
	frame.wide = width >= 120 && height >= 30;
	frame.keys = height - 1;
	if (height >= 24) {
		frame.hint = height - 2;
		below++;
	}
	frame.sum = height - below;
	frame.rule = frame.sum - 1;
	frame.work = (sp_rect){ 0, 2, width, frame.rule - 2 };
	return frame;
}

sp_panes sp_layout_panes(const sp_frame *frame, int lines)
{
	sp_panes panes = { .list = frame->work };
	sp_rect *list = &panes.list, *details = &panes.details;

	if (frame->wide) {
		panes.beside = true;
		list->width = frame->work.width * 55 / 100;
		*details = frame->work;
		details->x = list->width + 1;
		details->width = frame->work.width - list->width - 1;
		return panes;
	}
	/* the list keeps its half */
	if (frame->narrow || lines > frame->work.height / 2)
		lines = frame->narrow ? 0 : frame->work.height / 2;
	list->height -= lines;
	*details = frame->work;
	details->y = list->y + list->height;
	details->height = lines;
	return panes;
}

/* Columns that the table needs with the widths so far. */
static int needed(const sp_tcolumn *columns, int count, const int *widths)
{
	int sum = 0;

	for (int i = 0; i < count; i++)
		if (columns[i].priority == 0)
			sum += SP_NAME_WIDTH + SP_COLUMN_GAP;
		else if (widths[i])
			sum += widths[i] + SP_COLUMN_GAP;
	return sum - SP_COLUMN_GAP;
}

static void drop_last(const sp_tcolumn *columns, int count, int *widths)
{
	int last = -1;

	for (int i = 0; i < count; i++)
		if (widths[i] && columns[i].priority > 0 &&
		    (last < 0 || columns[i].priority > columns[last].priority))
			last = i;
	if (last >= 0)
		widths[last] = 0;
}

void sp_layout_columns(const sp_tcolumn *columns, int count, int width, int widths[SP_MOST_COLUMNS])
{
	int spare, name = 0;

	for (int i = 0; i < count; i++) {
		widths[i] = columns[i].least;
		if (columns[i].priority == 0)
			name = i;
	}
	for (int i = 0; i < count && needed(columns, count, widths) > width; i++)
		drop_last(columns, count, widths);
	/* first the names, up to what is best, then the others, then the names again */
	spare = width - needed(columns, count, widths);
	widths[name] = SP_NAME_WIDTH;
	if (columns[name].best > widths[name] && spare > 0) {
		int more = columns[name].best - widths[name];

		more = more < spare ? more : spare;
		widths[name] += more;
		spare -= more;
	}
	for (int i = 0; i < count && spare > 0; i++) {
		int more = widths[i] && i != name ? columns[i].best - widths[i] : 0;

		more = more < 0 ? 0 : more < spare ? more : spare;
		widths[i] += more;
		spare -= more;
	}
	widths[name] += spare;
	if (widths[name] < 1)
		widths[name] = 1;
}

int sp_layout_scroll(int top, int cursor, int count, int height)
{
	if (height < 1)
		return 0;
	if (top > count - height)
		top = count - height;
	if (cursor < top)
		top = cursor;
	if (cursor >= top + height)
		top = cursor - height + 1;
	return top < 0 ? 0 : top;
}
