#include <config.h>

#include "ui/list.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "core/base/text.h"

void sp_list_empty(sp_list *list)
{
	free(list->order);
	free(list->picked);
	list->order = NULL;
	list->picked = NULL;
	list->count = list->shown = 0;
	list->range = -1;
}

void sp_list_clear(sp_list *list)
{
	sp_list_empty(list);
	*list = (sp_list){ .range = -1 };
}

bool sp_list_load(sp_list *list, const sp_model *model)
{
	size_t count = (size_t)model->count;
	int *order = calloc(count + 1, sizeof *order);
	bool *picked = calloc(count + 1, sizeof *picked);

	if (!order || !picked) {
		free(order);
		free(picked);
		return false;
	}
	free(list->order);
	free(list->picked);
	list->order = order;
	list->picked = picked;
	list->count = model->count;
	list->shown = 0;
	list->range = -1;
	sp_list_refresh(list, model);
	return true;
}

/* Lower case, as far as a character alone has one. */
static void add_folded(sp_buf *to, const char *text, size_t len)
{
	size_t n;

	for (; len; text += n, len -= n) {
		uint32_t c = '?';
		wint_t low;

		n = sp_utf8_next(text, len, &c);
		n = n ? n : 1;
		low = towlower((wint_t)c);
		if (low < 0x80)
			sp_buf_addc(to, (char)low);
		else /* compared only: any form serves that is the same for the same letter */
			sp_buf_addf(to, "\1%x\2", (unsigned)low);
	}
}

static bool has_word(const char *text, const char *word, size_t len)
{
	bool without = len > 1 && *word == '!', found;
	sp_buf folded = { 0 };

	add_folded(&folded, word + without, len - without);
	found = !folded.failed && strstr(text, sp_buf_text(&folded));
	sp_buf_free(&folded);
	return found != without;
}

bool sp_filter_fits(const char *filter, const char *text)
{
	sp_buf folded = { 0 };
	bool fits = true;

	add_folded(&folded, text, strlen(text));
	while (fits && *(filter += strspn(filter, " "))) {
		size_t len = strcspn(filter, " ");

		/* a lone "!" is the beginning of a word */
		fits = (len == 1 && *filter == '!') || has_word(sp_buf_text(&folded), filter, len);
		filter += len;
	}
	sp_buf_free(&folded);
	return fits;
}

/* A sort that keeps the order of equals; lists are short. Shell's gaps keep
 * ten thousand rows quick. */
static void sort_rows(sp_list *list, const sp_model *model)
{
	int gap = 1;

	while (gap < list->shown / 3)
		gap = gap * 3 + 1;
	for (; gap > 0; gap /= 3)
		for (int i = gap; i < list->shown; i++) {
			int row = list->order[i], j = i;

			for (; j >= gap; j -= gap) {
				int other = list->order[j - gap];
				int way = model->compare(model->ctx, other, row, list->sort);

				if (way < 0 || (way == 0 && other < row))
					break;
				list->order[j] = other;
			}
			list->order[j] = row;
		}
}

void sp_list_refresh(sp_list *list, const sp_model *model)
{
	int row = sp_list_row(list);
	sp_buf words = { 0 };

	list->shown = 0;
	for (int i = 0; i < list->count; i++) {
		sp_buf_reset(&words);
		if (*list->filter.text)
			model->words(model->ctx, i, &words);
		if (!*list->filter.text || sp_filter_fits(list->filter.text, sp_buf_text(&words)))
			list->order[list->shown++] = i;
	}
	sp_buf_free(&words);
	if (list->sort > 0 && model->compare)
		sort_rows(list, model);
	if (list->cursor >= list->shown)
		list->cursor = list->shown ? list->shown - 1 : 0;
	sp_list_go(list, row);
}

int sp_list_row(const sp_list *list)
{
	return list->cursor >= 0 && list->cursor < list->shown ? list->order[list->cursor] : -1;
}

void sp_list_go(sp_list *list, int row)
{
	for (int i = 0; row >= 0 && i < list->shown; i++)
		if (list->order[i] == row)
			list->cursor = i;
}

void sp_list_move(sp_list *list, long by)
{
	long to = list->cursor + by;

	to = to >= list->shown ? list->shown - 1 : to;
	list->cursor = to < 0 ? 0 : (int)to;
}

int sp_list_picks(const sp_list *list)
{
	int picks = 0;

	for (int i = 0; i < list->count; i++)
		picks += list->picked[i];
	return picks;
}

static int place_of(const sp_list *list, int row)
{
	for (int i = 0; i < list->shown; i++)
		if (list->order[i] == row)
			return i;
	return -1;
}

void sp_list_pick(sp_list *list)
{
	int from = list->range >= 0 ? place_of(list, list->range) : -1, to = list->cursor;

	if (sp_list_row(list) < 0)
		return;
	list->range = -1;
	if (from < 0) {
		list->picked[sp_list_row(list)] ^= true;
		return;
	}
	if (from > to) {
		int other = from;

		from = to;
		to = other;
	}
	for (int i = from; i <= to; i++)
		list->picked[list->order[i]] = true;
}

void sp_list_pick_all(sp_list *list)
{
	bool all = true;

	for (int i = 0; i < list->shown; i++)
		all = all && list->picked[list->order[i]];
	for (int i = 0; i < list->shown; i++)
		list->picked[list->order[i]] = !all;
}
