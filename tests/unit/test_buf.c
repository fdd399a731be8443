#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"

static void grows_and_stays_terminated(void **state)
{
	sp_buf buf = { 0 };
	size_t i;

	(void)state;
	assert_string_equal(sp_buf_text(&buf), "");
	for (i = 0; i < 100000; i++)
		sp_buf_addc(&buf, (char)('a' + i % 26));
	sp_buf_add(&buf, "\0z", 2);
	assert_false(buf.failed);
	assert_int_equal(buf.len, 100002);
	assert_int_equal(strlen(buf.data), 100000);
	assert_int_equal(buf.data[100001], 'z');
	assert_int_equal(buf.data[100002], '\0');
	sp_buf_free(&buf);
	assert_null(buf.data);
}

static void formats(void **state)
{
	sp_buf buf = { 0 };
	char long_text[5000];

	(void)state;
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	sp_buf_addf(&buf, "%d-%s", 7, long_text);
	sp_buf_adds(&buf, "end");
	assert_int_equal(buf.len, 2 + 4999 + 3);
	assert_memory_equal(buf.data, "7-xxx", 5);
	sp_buf_free(&buf);
}

static void remembers_lack_of_memory(void **state)
{
	sp_buf buf = { 0 };

	(void)state;
	sp_buf_adds(&buf, "kept");
	assert_null(sp_buf_reserve(&buf, SIZE_MAX - 10));
	assert_true(buf.failed);
	sp_buf_adds(&buf, "lost");
	assert_string_equal(sp_buf_text(&buf), "kept");
	assert_null(sp_buf_take(&buf));
	assert_false(buf.failed);
	assert_null(sp_buf_reserve(&buf, SIZE_MAX));
	assert_null(sp_buf_reserve(&buf, (size_t)PTRDIFF_MAX));
	sp_buf_reset(&buf);
	sp_buf_adds(&buf, "again");
	assert_string_equal(sp_buf_text(&buf), "again");
	sp_buf_free(&buf);
}

static void reserves(void **state)
{
	sp_buf buf = { 0 };
	char *room;

	(void)state;
	sp_buf_adds(&buf, "ab");
	room = sp_buf_reserve(&buf, 1000);
	assert_non_null(room);
	memset(room, 'c', 1000);
	buf.len += 1000;
	sp_buf_addc(&buf, 'd');
	assert_int_equal(buf.len, 1003);
	assert_int_equal(buf.data[1001], 'c');
	assert_int_equal(buf.data[1002], 'd');
	sp_buf_free(&buf);
}

static void quotes_json(void **state)
{
	sp_buf buf = { 0 };
	static const char text[] = "a\"b\\c\n\r\t\x01\x1f\x7f\0ü/";

	(void)state;
	sp_buf_add_json(&buf, text, sizeof text - 1);
	assert_string_equal(sp_buf_text(&buf),
	                    "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f\\u007f\\u0000ü/\"");
	sp_buf_free(&buf);
}

static void reset_keeps_small_memory_only(void **state)
{
	sp_buf buf = { 0 };

	(void)state;
	sp_buf_adds(&buf, "small");
	sp_buf_reset(&buf);
	assert_int_equal(buf.len, 0);
	assert_non_null(buf.data);
	assert_string_equal(buf.data, "");
	assert_non_null(sp_buf_reserve(&buf, (size_t)2 << 20));
	sp_buf_reset(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.cap, 0);
	sp_buf_free(&buf);
}

static void hands_over(void **state)
{
	sp_buf buf = { 0 };
	char *text = sp_buf_take(&buf);

	(void)state;
	assert_non_null(text);
	assert_string_equal(text, "");
	free(text);
	sp_buf_adds(&buf, "mine");
	text = sp_buf_take(&buf);
	assert_string_equal(text, "mine");
	assert_null(buf.data);
	free(text);
}

static void secrets_are_hidden(void **state)
{
	sp_buf buf = { 0 };

	(void)state;
	sp_buf_hide(&buf, "x");
	sp_buf_add(&buf, "abc\0abcab", 9);
	sp_buf_hide(&buf, NULL);
	sp_buf_hide(&buf, "");
	sp_buf_hide(&buf, "abc");
	assert_int_equal(buf.len, 9);
	assert_memory_equal(buf.data, "***\0***ab", 10);
	sp_buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_stays_terminated),
		cmocka_unit_test(formats),
		cmocka_unit_test(remembers_lack_of_memory),
		cmocka_unit_test(reserves),
		cmocka_unit_test(quotes_json),
		cmocka_unit_test(reset_keeps_small_memory_only),
		cmocka_unit_test(hands_over),
		cmocka_unit_test(secrets_are_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
