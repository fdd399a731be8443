#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ui/canvas.h"
#include "ui/input.h"
#include "ui/keys.h"
#include "ui/screens.h"
#include "ui/words.h"

static sp_canvas *canvas_of(int width, int height, bool ascii)
{
	sp_canvas *canvas;

	setlocale(LC_CTYPE, "C.UTF-8");
	canvas = sp_canvas_create(width, height, ascii);
	assert_non_null(canvas);
	return canvas;
}

static void expect_line(const sp_canvas *canvas, int y, const char *expected)
{
	sp_buf line = { 0 };

	sp_canvas_line(canvas, y, &line);
	assert_string_equal(sp_buf_text(&line), expected);
	sp_buf_free(&line);
}

/* However long a language's word for a fact is, it doesn't touch the fact. */
static void labels_and_facts_are_apart(void **state)
{
	static const char *const labels[] = { "e", "twelve signs", "thirteen sign", "fourteen signs",
		                                  "more than fourteen signs" };
	static const char *const lines[] = { "  e            fact", "  twelve signs fact",
		                                 "  thirteen sign fact", "  fourteen signs fact",
		                                 "  more than fourteen signs fact" };
	sp_canvas *canvas = canvas_of(40, 1, false);

	(void)state;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		sp_canvas_clear(canvas);
		sp_draw_fact(canvas, (sp_rect){ 0, 0, 40, 1 }, 0, labels[i], "fact");
		expect_line(canvas, 0, lines[i]);
	}
	sp_canvas_free(canvas);
}

/* No text moves its neighbours, whatever it is made of. */
static void neighbours_stay_where_they_are(void **state)
{
	static const char *const texts[] = { "plain",
		                                 "日本の国会会議録",
		                                 "e\xcc\x81\xcc\x81\xcc\x81",
		                                 "שלום עולם",
		                                 "\x1b[31mred",
		                                 "a\tb\nc",
		                                 "\xff\xfe",
		                                 "" };
	sp_canvas *canvas = canvas_of(20, 1, false);

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		sp_canvas_clear(canvas);
		sp_canvas_text(canvas, 9, 0, 1, "|", SP_STYLE_PLAIN);
		sp_canvas_text(canvas, 0, 0, 9, texts[i], SP_STYLE_PLAIN);
		assert_int_equal(canvas->cells[9].text[0], '|');
		for (int x = 0; x < 20; x++)
			assert_true(canvas->cells[x].text[0] == 0 || canvas->cells[x].text[0] >= ' ');
	}
	sp_canvas_free(canvas);
}

static void what_is_cut_says_so(void **state)
{
	sp_canvas *canvas = canvas_of(20, 4, false);

	(void)state;
	sp_canvas_text(canvas, 0, 0, 5, "abcdef", SP_STYLE_PLAIN);
	sp_canvas_text(canvas, 0, 1, 6, "日本の国会", SP_STYLE_PLAIN);
	sp_canvas_middle(canvas, 0, 2, 9, "/srv/hq/packages", SP_STYLE_PLAIN);
	sp_canvas_right(canvas, 0, 3, 8, "1,234", SP_STYLE_PLAIN);
	expect_line(canvas, 0, "abcd…");
	expect_line(canvas, 1, "日本…");
	expect_line(canvas, 2, "/srv…ages");
	expect_line(canvas, 3, "   1,234");
	sp_canvas_free(canvas);
}

static void nothing_is_drawn_outside(void **state)
{
	sp_canvas *canvas = canvas_of(4, 2, false);

	(void)state;
	sp_canvas_text(canvas, 2, 0, 10, "日日日", SP_STYLE_PLAIN);
	sp_canvas_text(canvas, -3, 1, 5, "abcde", SP_STYLE_PLAIN);
	sp_canvas_text(canvas, 0, 7, 5, "abcde", SP_STYLE_PLAIN);
	sp_canvas_rule(canvas, 0, 9, 4, "a", "b");
	sp_canvas_paint(canvas, -1, -1, 9, SP_STYLE_FOCUS);
	expect_line(canvas, 0, "  日");
	expect_line(canvas, 1, "de");
	/* half a wide letter that is written over leaves a blank */
	sp_canvas_text(canvas, 3, 0, 1, "x", SP_STYLE_PLAIN);
	expect_line(canvas, 0, "   x");
	/* one that would reach over the edge isn't drawn */
	sp_canvas_text(canvas, 3, 0, 2, "日", SP_STYLE_PLAIN);
	expect_line(canvas, 0, "");
	sp_canvas_free(canvas);
}

static void without_utf8_all_is_ascii(void **state)
{
	sp_canvas *canvas = canvas_of(40, 2, true);

	(void)state;
	sp_canvas_text(canvas, 0, 0, 40, "▸✓✗·●█░─│…→ “Größe” 日本", SP_STYLE_PLAIN);
	expect_line(canvas, 0, ">vx.*#--|~> \"Gr??e\" ????");
	for (int x = 0; x < 40; x++)
		assert_true(canvas->cells[x].text[0] < 0x80);
	sp_canvas_free(canvas);
}

static void words_wrap(void **state)
{
	sp_canvas *canvas = canvas_of(12, 4, false);

	(void)state;
	assert_int_equal(sp_canvas_wrap(canvas, (sp_rect){ 0, 0, 10, 4 },
	                                "one two three averyverylongword", SP_STYLE_PLAIN),
	                 4);
	expect_line(canvas, 0, "one two");
	expect_line(canvas, 1, "three");
	expect_line(canvas, 2, "averyveryl");
	expect_line(canvas, 3, "ongword");
	sp_canvas_clear(canvas);
	assert_int_equal(sp_canvas_wrap(canvas, (sp_rect){ 0, 0, 10, 2 }, "one two three four",
	                                SP_STYLE_PLAIN),
	                 2);
	expect_line(canvas, 1, "three four");
	sp_canvas_free(canvas);
}

static void rules_keep_their_titles_apart(void **state)
{
	sp_canvas *canvas = canvas_of(30, 4, false);

	(void)state;
	sp_canvas_rule(canvas, 0, 0, 30, "Runs", "4 of 14");
	sp_canvas_rule(canvas, 0, 1, 30, "A name that is much too long for it", "4 of 14");
	sp_canvas_rule(canvas, 0, 2, 30, NULL, "");
	sp_canvas_rule(canvas, 0, 3, 30, "Instances", "/srv/somewhere/far/away/instances.ini");
	expect_line(canvas, 0, "─ Runs ───────────── 4 of 14 ─");
	expect_line(canvas, 1, "─ A name that is … ─ 4 of 14 ─");
	expect_line(canvas, 2, "──────────────────────────────");
	expect_line(canvas, 3, "─ Instances ─ /srv/s…ces.ini ─");
	sp_canvas_free(canvas);
}

/* What is shown of a command can be copied from the screen. */
static void commands_are_broken_as_shells_take_them(void **state)
{
	sp_canvas *canvas = canvas_of(20, 6, false);
	sp_rect all = { 0, 0, 20, 6 };

	(void)state;
	assert_int_equal(sp_canvas_command(canvas, all, 0, "a short one"), 1);
	expect_line(canvas, 0, "a short one");
	sp_canvas_clear(canvas);
	assert_int_equal(sp_canvas_command(canvas, all, 0,
	                                   "spaceport export run 'it is'\\''nt so' x --yes"),
	                 4);
	expect_line(canvas, 0, "spaceport export \\");
	expect_line(canvas, 1, "    run \\");
	/* a word that is longer than a line */
	expect_line(canvas, 2, "    'it is'\\''nt s");
	expect_line(canvas, 3, "    o' x --yes");
	sp_canvas_clear(canvas);
	/* scrolled */
	sp_canvas_command(canvas, (sp_rect){ 0, 0, 20, 1 }, 1, "spaceport export run x --yes");
	expect_line(canvas, 0, "    run x --yes");
	expect_line(canvas, 1, "");
	sp_canvas_free(canvas);
}

/* --- typing ----------------------------------------------------------------------- */

static void type(sp_input *field, const wchar_t *text)
{
	for (; *text; text++)
		assert_true(sp_input_key(field, (int)*text));
}

static void a_line_is_typed_and_changed(void **state)
{
	sp_input field = { "", 0 };

	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8");
	type(&field, L"Größe 日本");
	assert_string_equal(field.text, "Größe 日本");
	sp_input_key(&field, SP_KEY_BACKSPACE);
	assert_string_equal(field.text, "Größe 日");
	sp_input_key(&field, SP_KEY_HOME);
	sp_input_key(&field, SP_KEY_DELETE);
	sp_input_key(&field, SP_KEY_RIGHT);
	type(&field, L"x");
	assert_string_equal(field.text, "rxöße 日");
	sp_input_key(&field, SP_KEY_END);
	sp_input_key(&field, SP_CTRL('w'));
	assert_string_equal(field.text, "rxöße ");
	sp_input_key(&field, SP_KEY_LEFT);
	sp_input_key(&field, SP_CTRL('u'));
	assert_string_equal(field.text, " ");
	/* marks go with their letter */
	sp_input_set(&field, "ae\xcc\x81");
	sp_input_key(&field, SP_KEY_BACKSPACE);
	assert_string_equal(field.text, "a");
	/* controls, surrogates and keys without a letter are no text */
	assert_false(sp_input_key(&field, 1));
	assert_false(sp_input_key(&field, 0x85));
	assert_false(sp_input_key(&field, SP_KEY_PAGE_UP));
	sp_input_key(&field, 0xd800);
	assert_string_equal(field.text, "a");
}

/* Any keys at all leave valid text, and the cursor between its letters. */
static void random_keys_do_no_harm(void **state)
{
	static const int keys[] = {
		'a',           ' ',          0xe9,        0x301,      0x65e5,
		SP_KEY_LEFT,   SP_KEY_RIGHT, SP_KEY_HOME, SP_KEY_END, SP_KEY_BACKSPACE,
		SP_KEY_DELETE, SP_CTRL('w'), SP_CTRL('u')
	};
	sp_input field = { "", 0 };
	sp_canvas *canvas = canvas_of(30, 1, false);

	(void)state;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		/* deleting is rarer, so that the line gets full */
		int key = keys[(size_t)rand() % (sizeof keys / sizeof *keys)];

		if ((key == SP_CTRL('u') || key == SP_CTRL('w')) && rand() % 50)
			key = 'b';
		sp_input_key(&field, key);
		assert_true(field.at <= strlen(field.text));
		assert_true(strlen(field.text) <= SP_INPUT_MOST);
		assert_true((field.text[field.at] & 0xc0) != 0x80);
		sp_input_draw(&field, canvas, 5, 0, 20);
		assert_true(canvas->cursor_x >= 5 && canvas->cursor_x < 25);
	}
	sp_canvas_free(canvas);
}

static void numbers_and_times(void **state)
{
	sp_buf text = { 0 };

	(void)state;
	sp_word_number(&text, 0);
	sp_buf_addc(&text, ' ');
	sp_word_number(&text, 999);
	sp_buf_addc(&text, ' ');
	sp_word_number(&text, 1234567);
	sp_buf_addc(&text, ' ');
	sp_word_number(&text, -12345);
	sp_buf_addc(&text, ' ');
	sp_word_duration(&text, 61);
	sp_buf_addc(&text, ' ');
	sp_word_duration(&text, 3725);
	sp_buf_addc(&text, ' ');
	sp_word_time(&text, "2026-11-04T08:10:59", true);
	sp_buf_addc(&text, ' ');
	sp_word_time(&text, NULL, true);
	assert_string_equal(sp_buf_text(&text),
	                    "0 999 1,234,567 -12,345 1:01 1:02:05 2026-11-04 08:10 –");
	sp_buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_stay_where_they_are),
		cmocka_unit_test(labels_and_facts_are_apart),
		cmocka_unit_test(what_is_cut_says_so),
		cmocka_unit_test(nothing_is_drawn_outside),
		cmocka_unit_test(without_utf8_all_is_ascii),
		cmocka_unit_test(words_wrap),
		cmocka_unit_test(rules_keep_their_titles_apart),
		cmocka_unit_test(commands_are_broken_as_shells_take_them),
		cmocka_unit_test(a_line_is_typed_and_changed),
		cmocka_unit_test(random_keys_do_no_harm),
		cmocka_unit_test(numbers_and_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
