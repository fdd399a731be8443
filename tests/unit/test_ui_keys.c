#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/unit/screen.h"

static bool share_a_key(const sp_binding *a, const sp_binding *b)
{
	for (int i = 0; i < SP_MOST_KEYS && a->keys[i]; i++)
		for (int j = 0; j < SP_MOST_KEYS && b->keys[j]; j++)
			if (a->keys[i] == b->keys[j])
				return true;
	return false;
}

static void a_key_means_one_thing_on_a_screen(void **state)
{
	(void)state;
	for (const sp_binding *a = sp_bindings; a->does != SP_DO_NOTHING; a++)
		for (const sp_binding *b = a + 1; b->does != SP_DO_NOTHING; b++)
			if ((a->where & b->where) && share_a_key(a, b))
				fail_msg("%s: %s / %s", a->shown, a->help, b->help);
}

/* A letter asks for the same thing wherever it asks for anything (q closes
 * overlays and leaves home). */
static void a_letter_means_one_thing_everywhere(void **state)
{
	(void)state;
	for (const sp_binding *a = sp_bindings; a->does != SP_DO_NOTHING; a++)
		for (const sp_binding *b = a + 1; b->does != SP_DO_NOTHING; b++)
			for (int i = 0; i < SP_MOST_KEYS && a->keys[i]; i++)
				for (int j = 0; j < SP_MOST_KEYS && b->keys[j]; j++)
					if (a->keys[i] == b->keys[j] && a->keys[i] > ' ' && a->keys[i] < 127 &&
					    a->keys[i] != 'q')
						assert_int_equal(a->does, b->does);
}

static void every_screen_has_help_and_a_way_back(void **state)
{
	(void)state;
	for (int screen = 0; screen < SP_SCREEN_COUNT; screen++) {
		if (screen != SP_SCREEN_HELP && screen != SP_SCREEN_FIELD)
			assert_int_equal(sp_key_does('?', (sp_screen_id)screen), SP_DO_HELP);
		assert_true(screen == SP_SCREEN_HOME ||
		            sp_key_does(SP_KEY_ESC, (sp_screen_id)screen) != SP_DO_NOTHING);
	}
}

static void every_key_is_explained(void **state)
{
	(void)state;
	for (const sp_binding *b = sp_bindings; b->does != SP_DO_NOTHING; b++) {
		assert_non_null(b->shown);
		assert_non_null(b->help);
		assert_true(strlen(b->help) > 4);
		assert_true(b->where != 0 && b->keys[0] != 0);
	}
}

/* The help of a screen names every key that does something there. */
static void help_lists_all_keys_of_the_screen(void **state)
{
	stage s;
	char *screen;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_runs(&s);
	stage_type(&s, "?");
	screen = stage_screen(&s, 120, 60);
	for (const sp_binding *b = sp_bindings; b->does != SP_DO_NOTHING; b++)
		if (sp_binding_fits(b, SP_SCREEN_RUNS)) {
			char line[200];

			snprintf(line, sizeof line, "  %s ", b->shown);
			assert_non_null(strstr(screen, line));
			assert_non_null(strstr(screen, b->help));
		}
	free(screen);
	stage_type(&s, "q");
	assert_int_equal(s.w->screen, SP_SCREEN_RUNS);
	stage_close(&s);
}

/* Whatever the width: what goes on, back and help stay in the key bar. */
static void the_key_bar_keeps_what_matters(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_runs(&s);
	for (int width = 60; width < 130; width++) {
		char *screen = stage_screen(&s, width, 24), *bar = screen;

		for (int line = 0; line < 23; line++)
			bar = strchr(bar, '\n') + 1;
		assert_non_null(strstr(bar, "Enter next"));
		assert_non_null(strstr(bar, "Esc back"));
		assert_non_null(strstr(bar, "? help"));
		free(screen);
	}
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_means_one_thing_on_a_screen),
		cmocka_unit_test(a_letter_means_one_thing_everywhere),
		cmocka_unit_test(every_screen_has_help_and_a_way_back),
		cmocka_unit_test(every_key_is_explained),
		cmocka_unit_test(help_lists_all_keys_of_the_screen),
		cmocka_unit_test(the_key_bar_keeps_what_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
