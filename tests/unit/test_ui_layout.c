#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/layout.h"

/* Whatever the size, lines of the frame neither meet nor leave the screen. */
static void every_line_of_the_frame_has_its_place(void **state)
{
	(void)state;
	for (int width = SP_LEAST_WIDTH; width <= 200; width += 7)
		for (int height = SP_LEAST_HEIGHT; height <= 70; height++) {
			sp_frame f = sp_layout_frame(width, height);

			assert_false(f.too_small);
			assert_int_equal(f.title, 0);
			assert_int_equal(f.about, 1);
			assert_int_equal(f.work.y, 2);
			assert_int_equal(f.work.y + f.work.height, f.rule);
			assert_int_equal(f.rule + 1, f.sum);
			assert_int_equal(f.keys, height - 1);
			assert_int_equal(f.hint, height >= 24 ? f.sum + 1 : -1);
			assert_int_equal(f.work.width, width);
			assert_true(f.work.height >= 15);
		}
}

static void smaller_than_60_by_20_is_too_small(void **state)
{
	(void)state;
	assert_true(sp_layout_frame(59, 24).too_small);
	assert_true(sp_layout_frame(80, 19).too_small);
	assert_false(sp_layout_frame(60, 20).too_small);
	assert_true(sp_layout_frame(1, 1).too_small);
}

static void details_stand_below_or_beside(void **state)
{
	sp_frame f = sp_layout_frame(80, 24);
	sp_panes p = sp_layout_panes(&f, 7);

	(void)state;
	assert_false(p.beside);
	assert_int_equal(p.list.height + p.details.height, f.work.height);
	assert_int_equal(p.details.y, p.list.y + p.list.height);
	f = sp_layout_frame(60, 20);
	assert_int_equal(sp_layout_panes(&f, 7).details.height, 0);
	f = sp_layout_frame(120, 30);
	p = sp_layout_panes(&f, 7);
	assert_true(p.beside);
	assert_int_equal(p.list.width, 66);
	assert_int_equal(p.details.x + p.details.width, 120);
}

static const sp_tcolumn columns[] = {
	{ "name", 0, 20, 40, false },
	{ "first to go", 3, 10, 12, false },
	{ "second", 2, 10, 20, true },
	{ "last to go", 1, 8, 8, true },
};

/* A row never is wider than the table, and names keep their room. */
static void columns_fit_at_any_width(void **state)
{
	(void)state;
	for (int width = 20; width < 200; width++) {
		int widths[SP_MOST_COLUMNS], sum = -SP_COLUMN_GAP;

		sp_layout_columns(columns, 4, width, widths);
		for (int i = 0; i < 4; i++) {
			sum += widths[i] ? widths[i] + SP_COLUMN_GAP : 0;
			assert_true(widths[i] == 0 || widths[i] >= columns[i].least);
		}
		assert_int_equal(sum, width);
		assert_true(widths[0] >= SP_NAME_WIDTH);
		/* what is less important goes first */
		assert_true(!widths[1] || widths[2]);
		assert_true(!widths[2] || widths[3]);
	}
}

static void the_cursor_stays_in_sight(void **state)
{
	(void)state;
	for (int count = 0; count < 30; count++)
		for (int cursor = 0; cursor < count; cursor++)
			for (int top = 0; top < 35; top++) {
				int to = sp_layout_scroll(top, cursor, count, 7);

				assert_true(to >= 0 && to <= cursor && cursor < to + 7);
			}
	assert_int_equal(sp_layout_scroll(3, 5, 20, 7), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_of_the_frame_has_its_place),
		cmocka_unit_test(smaller_than_60_by_20_is_too_small),
		cmocka_unit_test(details_stand_below_or_beside),
		cmocka_unit_test(columns_fit_at_any_width),
		cmocka_unit_test(the_cursor_stays_in_sight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
