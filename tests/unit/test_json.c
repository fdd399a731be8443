#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/json.h"

static void expect_print(sp_json *json, bool pretty, const char *expected)
{
	sp_buf buf = { 0 };

	assert_true(sp_json_print(json, pretty, &buf));
	assert_string_equal(sp_buf_text(&buf), expected);
	sp_buf_free(&buf);
}

static void builds_and_prints(void **state)
{
	sp_json *root = sp_json_object(), *list;

	(void)state;
	assert_true(sp_json_add_text(root, "text", "a\"ü\x1b\x7f"));
	assert_true(sp_json_add_text(root, "none", NULL));
	assert_true(sp_json_add_int(root, "int", -42));
	assert_true(sp_json_add_bool(root, "yes", true));
	assert_true(sp_json_add_bool(root, "no", false));
	list = sp_json_add_array(root, "list");
	assert_true(sp_json_add_int(list, NULL, 1));
	assert_true(sp_json_add_text(sp_json_add_object(list, NULL), "k", "v"));
	assert_non_null(sp_json_add_array(root, "empty"));
	expect_print(root, false,
	             "{\"text\":\"a\\\"ü\\u001b\\u007f\",\"none\":null,\"int\":-42,"
	             "\"yes\":true,\"no\":false,\"list\":[1,{\"k\":\"v\"}],\"empty\":[]}");
	expect_print(list, true, "[\n  1,\n  {\n    \"k\": \"v\"\n  }\n]\n");
	sp_json_free(root);
}

static void numbers_are_exact(void **state)
{
	sp_json *list = sp_json_array();

	(void)state;
	sp_json_add_int(list, NULL, INT64_C(9007199254740991));
	sp_json_add_int(list, NULL, INT64_C(-9007199254740992));
	sp_json_add_int(list, NULL, INT64_C(9007199254740993));
	sp_json_add_int(list, NULL, INT64_MIN);
	sp_json_add_int(list, NULL, INT64_C(1234567890123456));
	expect_print(list, false,
	             "[9007199254740991,-9007199254740992,\"9007199254740993\","
	             "\"-9223372036854775808\",1234567890123456]");
	sp_json_free(list);
}

static void text_is_made_valid(void **state)
{
	sp_json *list = sp_json_array();

	(void)state;
	assert_true(sp_json_add_text(list, NULL, "a\xff\xc3z\xc3\xbc"));
	expect_print(list, false, "[\"a\xef\xbf\xbd\xef\xbf\xbdz\xc3\xbc\"]");
	sp_json_free(list);
}

static void nothing_in_gives_nothing_out(void **state)
{
	sp_buf buf = { 0 };

	(void)state;
	assert_false(sp_json_add_text(NULL, "k", "v"));
	assert_false(sp_json_add_int(NULL, "k", 1));
	assert_false(sp_json_add_bool(NULL, NULL, true));
	assert_null(sp_json_add_object(NULL, "k"));
	assert_null(sp_json_add_array(NULL, NULL));
	assert_false(sp_json_print(NULL, true, &buf));
	assert_null(sp_json_first(NULL));
	assert_null(sp_json_get(NULL, "k"));
	sp_json_free(NULL);
}

static sp_json *parse(const char *text)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *json = sp_json_parse(text, strlen(text), "t", &err);

	if (!json)
		print_error("%s: %s\n", text, sp_error_text(&err));
	assert_non_null(json);
	assert_false(sp_error_is_set(&err));
	return json;
}

/* as many as a number may have */
#define DIGITS "123456789012345678901234567890123456789012345678901234567890123"

static void good_texts(void **state)
{
	static const char *const good[] = {
		"0",
		"-0",
		"1.5e+10",
		"1E-2",
		"\"\"",
		"null",
		"true",
		" [ ] ",
		"\t\r\n{}\n",
		"[1,2]",
		"{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}",
		"\"\\u00e4\\ud83d\\ude00\\n\\/\\b\\f\\\\\\\"\"",
		"{\"A\":1,\"a\":2}",
		"{\"\":1}",
		"\"\xf0\x9f\x98\x80\x7f\"",
		"\"\\uDBFF\\uDFFF\"",
		"[" DIGITS "]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof *good; i++)
		sp_json_free(parse(good[i]));
}

static void expect_bad(const char *text, size_t len)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *json = sp_json_parse(text, len, "the name", &err);

	if (json)
		print_error("taken: %.*s\n", (int)len, text);
	assert_null(json);
	assert_int_equal(err.code, SP_BAD_PACKAGE);
	assert_non_null(strstr(sp_error_text(&err), "the name"));
	sp_error_clear(&err);
}

static void bad_texts(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"01",
		"1.",
		".5",
		"+1",
		"-",
		"1e",
		"1e+",
		"0x10",
		"1-2",
		"[" DIGITS "0]",
		"NaN",
		"Infinity",
		"nul",
		"truex",
		"[1,]",
		"[,1]",
		"{\"a\":1,}",
		"{a:1}",
		"{\"a\"}",
		"{\"a\":}",
		"[1 2]",
		"{\"a\":1 \"b\":2}",
		"[1",
		"{\"a\":1",
		"\"a",
		"\"\\",
		"\"\\u12",
		"\"\\ud83d\\u12\"",
		"'a'",
		"1 2",
		"{}{}",
		"[]]",
		"\xef\xbb\xbf{}",
		"\"a\nb\"",
		"\"\x01\"",
		"\"\t\"",
		"\"\\x41\"",
		"\"\\u00g0\"",
		"\"\\u0000\"",
		"{\"a\\u0000\":1}",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"\\ud800\\ud800\"",
		"\"\\ud800x\"",
		"\"\\ud800\\n\"",
		"\"\xff\"",
		"\"\xc0\x80\"",
		"\"\xed\xa0\x80\"",
		"\"\xc3\"",
		"// c\n1",
		"/**/1",
		"\v1",
		"\"\\u\x11\x11\x11\x11\"",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1,\"b\":2,\"\\u0061\":3}",
		"[{\"x\":[{\"k\":1,\"k\":1}]}]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_bad(bad[i], strlen(bad[i]));
	expect_bad("\"a\0b\"", 5);
	expect_bad("1\0", 2);
	expect_bad("[\"\\\0\"]", 6);
}

static void limits(void **state)
{
	sp_buf buf = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 64; i++)
		sp_buf_addc(&buf, '[');
	for (i = 0; i < 64; i++)
		sp_buf_addc(&buf, ']');
	sp_json_free(parse(sp_buf_text(&buf)));
	sp_buf_reset(&buf);
	for (i = 0; i < 65; i++)
		sp_buf_adds(&buf, i % 2 ? "[" : "{\"a\":");
	expect_bad(buf.data, buf.len);
	for (i = 0; i < 100000; i++)
		sp_buf_addc(&buf, '[');
	expect_bad(buf.data, buf.len);
	sp_buf_reset(&buf);
	sp_buf_adds(&buf, "[0");
	for (i = 0; i < 1000000; i++)
		sp_buf_adds(&buf, ",0");
	sp_buf_addc(&buf, ']');
	expect_bad(buf.data, buf.len);
	sp_buf_reset(&buf);
	sp_buf_addc(&buf, '"');
	for (i = 0; i < 17 << 10; i++)
		sp_buf_addf(&buf, "%1024d", 1);
	sp_buf_addc(&buf, '"');
	expect_bad(buf.data, buf.len);
	sp_buf_free(&buf);
}

/* A number that a double can't hold isn't handed out as another. */
static void looks_up(void **state)
{
	sp_json *json =
	    parse("{\"i\":7,\"I\":8,\"r\":7.5,\"big\":9007199254740993,\"huge\":1e400,"
	          "\"s\":\"text\",\"n\":null,\"b\":true,\"past\":\"9223372036854775807\","
	          "\"few\":\"7\",\"over\":\"9223372036854775808\",\"l\":[1,\"x\"],\"neg\":-5}");
	const sp_json *child;

	(void)state;
	assert_int_equal(sp_json_int(json, "i", -1), 7);
	assert_int_equal(sp_json_int(json, "I", -1), 8);
	assert_int_equal(sp_json_int(json, "neg", -1), -5);
	assert_int_equal(sp_json_int(json, "r", -1), -1);
	assert_int_equal(sp_json_int(json, "huge", -1), -1);
	assert_int_equal(sp_json_int(json, "s", -1), -1);
	assert_int_equal(sp_json_int(json, "few", -1), -1);
	assert_int_equal(sp_json_int(json, "over", -1), -1);
	assert_int_equal(sp_json_int(json, "none", -1), -1);
	assert_true(sp_json_int(json, "past", -1) == INT64_MAX);
	assert_string_equal(sp_json_text(json, "s"), "text");
	assert_null(sp_json_text(json, "i"));
	assert_null(sp_json_text(json, "n"));
	assert_true(sp_json_bool(json, "b", false));
	assert_true(sp_json_bool(json, "i", true));
	assert_false(sp_json_bool(json, "none", false));
	child = sp_json_first(sp_json_get(json, "l"));
	assert_null(sp_json_key(child));
	assert_null(sp_json_value_text(child));
	assert_string_equal(sp_json_value_text(sp_json_next(child)), "x");
	assert_null(sp_json_next(sp_json_next(child)));
	assert_string_equal(sp_json_key(sp_json_first(json)), "i");
	assert_null(sp_json_first(sp_json_get(json, "s")));
	sp_json_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_and_prints),
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(text_is_made_valid),
		cmocka_unit_test(nothing_in_gives_nothing_out),
		cmocka_unit_test(good_texts),
		cmocka_unit_test(bad_texts),
		cmocka_unit_test(limits),
		cmocka_unit_test(looks_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
