#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/list.h"

#define ROWS 60

typedef struct {
	char name[ROWS][24];
	int number[ROWS];
} things;

static void words(void *ctx, int row, sp_buf *to)
{
	sp_buf_adds(to, ((things *)ctx)->name[row]);
}

static int compare(void *ctx, int a, int b, int by)
{
	things *t = ctx;

	return by == 1 ? strcmp(t->name[a], t->name[b])
	               : (t->number[a] > t->number[b]) - (t->number[a] < t->number[b]);
}

static void make(things *t, sp_model *model, int count)
{
	static const char *const parts[] = { "Kohle", "wind", "Größe", "図書", "Sonne" };

	for (int i = 0; i < count; i++) {
		snprintf(t->name[i], sizeof t->name[i], "%s %d", parts[rand() % 5], rand() % 9);
		t->number[i] = rand() % 7;
	}
	*model = (sp_model){ t, count, words, compare, 3 };
}

static void filters_narrow_by_all_words(void **state)
{
	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8");
	assert_true(sp_filter_fits("", "anything"));
	assert_true(sp_filter_fits("KOH zwei", "Kohleausstieg, zwei"));
	assert_false(sp_filter_fits("koh drei", "Kohleausstieg, zwei"));
	assert_true(sp_filter_fits("koh !drei", "Kohleausstieg, zwei"));
	assert_false(sp_filter_fits("koh !zwei", "Kohleausstieg, zwei"));
	assert_true(sp_filter_fits("größe", "GRÖßE"));
	assert_true(sp_filter_fits("図", "図書"));
	assert_true(sp_filter_fits("!", "being typed"));
	assert_true(sp_filter_fits("  ", "blanks"));
	assert_false(sp_filter_fits("\xff", "no such byte"));
}

/* Rows that are shown: each once, all that fit, in their order. */
static void check_shown(const sp_list *list, const sp_model *model, const things *t)
{
	bool seen[ROWS] = { false };

	for (int i = 0; i < list->shown; i++) {
		int row = list->order[i];

		assert_true(row >= 0 && row < model->count && !seen[row]);
		seen[row] = true;
		if (i > 0 && list->sort > 0) {
			int before = list->order[i - 1], way = compare(model->ctx, before, row, list->sort);

			assert_true(way < 0 || (way == 0 && before < row));
		} else if (i > 0) {
			assert_true(list->order[i - 1] < row);
		}
	}
	for (int i = 0; i < model->count; i++)
		assert_int_equal(seen[i], sp_filter_fits(list->filter.text, t->name[i]));
}

/* Cursor and picks stay with their rows whatever is filtered and sorted. */
static void cursor_and_picks_belong_to_rows(void **state)
{
	static const char *const filters[] = { "", "kohle", "!kohle", "größe 3", "図", "nothing" };
	things t;
	sp_model model;
	sp_list list = { .range = -1 };

	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8");
	srand(7);
	for (int round = 0; round < 300; round++) {
		bool picked[ROWS];
		int row;

		make(&t, &model, rand() % ROWS);
		assert_true(sp_list_load(&list, &model));
		for (int i = 0; i < model.count; i++)
			list.picked[i] = rand() % 3 == 0;
		memcpy(picked, list.picked, (size_t)model.count);
		for (int step = 0; step < 20; step++) {
			sp_list_move(&list, rand() % 21 - 10);
			row = sp_list_row(&list);
			list.sort = rand() % 3;
			sp_input_set(&list.filter, filters[rand() % 6]);
			sp_list_refresh(&list, &model);
			check_shown(&list, &model, &t);
			if (row >= 0 && sp_filter_fits(list.filter.text, t.name[row]))
				assert_int_equal(sp_list_row(&list), row);
			assert_int_equal(sp_list_row(&list) >= 0, list.shown > 0);
			assert_memory_equal(picked, list.picked, (size_t)model.count);
		}
	}
	sp_list_clear(&list);
}

static void picking_by_row_range_and_all(void **state)
{
	things t;
	sp_model model;
	sp_list list = { .range = -1 };

	(void)state;
	make(&t, &model, 10);
	assert_true(sp_list_load(&list, &model));
	sp_list_pick(&list);
	assert_int_equal(sp_list_picks(&list), 1);
	sp_list_pick(&list);
	assert_int_equal(sp_list_picks(&list), 0);
	sp_list_move(&list, 7);
	list.range = sp_list_row(&list);
	sp_list_move(&list, -4);
	sp_list_pick(&list);
	assert_int_equal(sp_list_picks(&list), 5);
	assert_int_equal(list.range, -1);
	sp_list_pick_all(&list);
	assert_int_equal(sp_list_picks(&list), 10);
	sp_list_pick_all(&list);
	assert_int_equal(sp_list_picks(&list), 0);
	sp_list_move(&list, 1000);
	assert_int_equal(list.cursor, 9);
	sp_list_move(&list, -1000);
	assert_int_equal(list.cursor, 0);
	sp_list_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_narrow_by_all_words),
		cmocka_unit_test(cursor_and_picks_belong_to_rows),
		cmocka_unit_test(picking_by_row_range_and_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
