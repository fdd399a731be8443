#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/json_check.h"

static sp_json_check check;

/* In pieces of so many bytes, each in memory of its own size, so that a look
 * beyond it shows under ASan. */
static bool take(const char *text, size_t len, size_t piece)
{
	size_t i, n;
	char *copy;

	check.max_depth = 64;
	sp_json_check_begin(&check);
	for (i = 0; i < len; i += n) {
		n = len - i < piece ? len - i : piece;
		copy = malloc(n);
		memcpy(copy, text + i, n);
		sp_json_check_add(&check, copy, n);
		free(copy);
	}
	return sp_json_check_end(&check);
}

static const size_t pieces[] = { 1000000, 1, 2, 3, 7 };

#define EACH(i) for (i = 0; i < sizeof pieces / sizeof *pieces; i++)

static void expect(bool good, const char *text, size_t len)
{
	size_t i;

	EACH(i)
	{
		if (take(text, len, pieces[i]) != good)
			fail_msg("%s: %s", good ? "refused" : "taken", text);
	}
}

static void good_texts(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		" [ ] ",
		"null",
		"true",
		"false",
		"0",
		"-0",
		"1",
		"-12.5e+7",
		"0.5E-3",
		"\"\"",
		"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fF\"",
		"\t\r\n {\"a\" : [1 , {\"b\":null}]}\n",
		"{\"a\":1,\"a\":2}",
		"\"\\u0000\"",
		"\"\\ud800\"",
		"\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"",
		"\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"",
		"\"\x7f\"",
		"1e400",
		"[[[[]]]]",
		"[1,\"two\",true,{\"a\":[]}]",
		"123456789012345678901234567890",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(true, texts[i], strlen(texts[i]));
}

static void bad_texts(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"{",
		"[",
		"}",
		"]",
		"[}",
		"{]",
		"[1",
		"[1,",
		"[1,]",
		"[,1]",
		"{,}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{\"a\" 1}",
		"{1:2}",
		"{a:1}",
		"01",
		"-",
		"-01",
		"1.",
		".5",
		"+1",
		"1e",
		"1e+",
		"1e+-2",
		"1.e3",
		"0x10",
		"1_000",
		"--1",
		"NaN",
		"Infinity",
		"nul",
		"nulll",
		"True",
		"truefalse",
		"\"",
		"\"a",
		"\"\\",
		"\"\\a\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\"\\U1234\"",
		"\"\n\"",
		"\"\t\"",
		"\"\x1f\"",
		"'a'",
		"[1 2]",
		"[1]]",
		"{}{}",
		"1 2",
		"\"a\"\"b\"",
		"\xef\xbb\xbf{}",
		"\"\x80\"",
		"\"\xc0\x80\"",
		"\"\xc1\xbf\"",
		"\"\xc3\"",
		"\"\xe0\x80\x80\"",
		"\"\xed\xa0\x80\"",
		"\"\xf0\x80\x80\x80\"",
		"\"\xf4\x90\x80\x80\"",
		"\"\xf5\x80\x80\x80\"",
		"\"\xe2\x82\"",
		"\"\xff\"",
		"[\xc3\xbc]",
		"/**/1",
		"[1]//",
		"\v1",
		"1\f",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(false, texts[i], strlen(texts[i]));
	expect(false, "\"a\0b\"", 5);
	expect(false, "1\0", 2);
}

static void places_of_errors(void **state)
{
	(void)state;
	assert_false(take("{\"a\": [1, x]}", 13, 4));
	assert_int_equal(check.offset, 10);
	assert_non_null(check.wrong);
	assert_false(take("\"abc\n\"", 6, 100));
	assert_int_equal(check.offset, 4);
	assert_false(take("[1", 2, 100));
	assert_int_equal(check.offset, 2);
}

static void depth_is_limited(void **state)
{
	char *text = malloc(200);

	(void)state;
	memset(text, '[', 64);
	memset(text + 64, ']', 64);
	assert_true(take(text, 128, 5));
	memset(text, '[', 65);
	memset(text + 65, ']', 65);
	assert_false(take(text, 130, 5));
	assert_true(check.too_deep);
	free(text);
}

static uint64_t beyond_jsonb(const char *text)
{
	uint64_t first = 0;
	size_t i;

	EACH(i)
	{
		assert_true(take(text, strlen(text), pieces[i]));
		assert_true(!i || !first == !check.beyond_jsonb);
		first = check.beyond_jsonb;
	}
	return first;
}

static void what_jsonb_refuses(void **state)
{
	static const char *const fine[] = { "\"\\ud83d\\ude00\"", "\"\\u0001\"", "\"\\\\u0000\"",
		                                "\"\\ud83d\\uDE00\\ud83d\\ude00\"", "\"\\ue000\"" };
	static const char *const odd[] = {
		"\"\\u0000\"",        "\"\\ud800\"",     "\"\\ud800x\"",
		"\"\\ud800\\n\"",     "\"\\udc00\"",     "\"\\ud800\\ud800\\udc00\"",
		"\"\\udc00\\ud800\"", "{\"\\u0000\":1}", "[\"\\ud800\",\"\\udc00\"]",
		"\"\\ud800\xc3\xbc\""
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof fine / sizeof *fine; i++)
		assert_int_equal(beyond_jsonb(fine[i]), 0);
	for (i = 0; i < sizeof odd / sizeof *odd; i++) {
		if (!beyond_jsonb(odd[i]))
			fail_msg("%s", odd[i]);
	}
}

static bool beyond_numeric(const char *text)
{
	assert_true(take(text, strlen(text), 3));
	return check.beyond_numeric != 0;
}

static void what_numeric_refuses(void **state)
{
	static const char *const fine[] = { "1e131071",     "-9.9e131071", "0e1000000",
		                                "0.001e131074", "1e-16383",    "0.1e-16382",
		                                "123e-16383",   "0.0e131072",  "10e131070" };
	static const char *const odd[] = { "1e131072",
		                               "10e131071",
		                               "0.001e131075",
		                               "1e-16384",
		                               "0.1e-16383",
		                               "0e-16384",
		                               "1e99999999999999999999999",
		                               "0e1073741823" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof fine / sizeof *fine; i++) {
		if (beyond_numeric(fine[i]))
			fail_msg("%s", fine[i]);
	}
	for (i = 0; i < sizeof odd / sizeof *odd; i++) {
		if (!beyond_numeric(odd[i]))
			fail_msg("%s", odd[i]);
	}
}

/* Tokens as a line: K for a key and so on, with depth and text. */
static void write_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	static const char letters[] = ".{}[]KSL";
	sp_buf *to = ctx;

	sp_buf_addf(to, "%c%zu", letters[kind], depth);
	if (token->start)
		sp_buf_add(to, token->start, token->len);
	else if (kind >= SP_SCAN_KEY)
		sp_buf_adds(to, "...");
	sp_buf_addc(to, ' ');
}

static void tokens_are_told(void **state)
{
	static const char text[] = "{\"id\":\"x\\n\",\"n\":[1.5,true ,-7],\"o\":{}}";
	static const char expected[] =
		"{0 K1\"id\" S1\"x\\n\" K1\"n\" [1 L21.5 L2true L2-7 ]1 K1\"o\" {1 }1 }0 ";
	char longer[SP_JSON_CHECK_TEXT + 2];
	sp_buf to = { 0 };
	size_t i;

	(void)state;
	check.fn = write_token;
	check.ctx = &to;
	EACH(i)
	{
		sp_buf_reset(&to);
		assert_true(take(text, sizeof text - 1, pieces[i]));
		assert_string_equal(sp_buf_text(&to), expected);
	}
	memset(longer, 'x', sizeof longer);
	longer[0] = longer[sizeof longer - 1] = '"';
	EACH(i)
	{
		sp_buf_reset(&to);
		assert_true(take(longer, sizeof longer, pieces[i]));
		assert_string_equal(sp_buf_text(&to), "S0... ");
	}
	sp_buf_reset(&to);
	assert_true(take("42", 2, 1));
	assert_string_equal(sp_buf_text(&to), "L042 ");
	sp_buf_free(&to);
	check.fn = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_texts),         cmocka_unit_test(bad_texts),
		cmocka_unit_test(places_of_errors),   cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(what_jsonb_refuses), cmocka_unit_test(what_numeric_refuses),
		cmocka_unit_test(tokens_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
