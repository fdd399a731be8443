#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "core/base/scan.h"

/* A copy without a byte to spare, so that ASan sees every step outside. */
static char *exact(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static const char marks[] = {
	[SP_SCAN_END] = '.',    [SP_SCAN_OBJECT] = '{',    [SP_SCAN_OBJECT_END] = '}',
	[SP_SCAN_ARRAY] = '[',  [SP_SCAN_ARRAY_END] = ']', [SP_SCAN_KEY] = 'K',
	[SP_SCAN_STRING] = 'S', [SP_SCAN_LITERAL] = 'L',   [SP_SCAN_BAD] = '!'
};

/* Every token as a mark and its text, up to the end or what is bad. */
static void expect_tokens(const char *text, const char *expected)
{
	size_t len = strlen(text);
	char *copy = exact(text, len);
	sp_buf trace = { 0 };
	sp_scan scan;
	sp_scan_token token;

	sp_scan_begin(&scan, copy, len);
	do {
		token = sp_scan_next(&scan);
		sp_buf_addc(&trace, marks[token]);
		if (token == SP_SCAN_KEY || token == SP_SCAN_STRING || token == SP_SCAN_LITERAL)
			sp_buf_add(&trace, scan.start, scan.len);
	} while (token != SP_SCAN_END && token != SP_SCAN_BAD);
	assert_string_equal(sp_buf_text(&trace), expected);
	sp_buf_free(&trace);
	free(copy);
}

static void finds_tokens(void **state)
{
	(void)state;
	expect_tokens("", ".");
	expect_tokens(" \t\r\n ", ".");
	expect_tokens("17", "L17.");
	expect_tokens("-1.5e+300", "L-1.5e+300.");
	expect_tokens(" null ", "Lnull.");
	expect_tokens("\"a\"", "S\"a\".");
	expect_tokens("{}", "{}.");
	expect_tokens("[[],[ ] ]", "[[][]].");
	expect_tokens("{\"a\":1,\"b\":\"c\"}", "{K\"a\"L1K\"b\"S\"c\"}.");
	expect_tokens("{\"a\"\n:\t[true , false,null]\r\n}", "{K\"a\"[LtrueLfalseLnull]}.");
	expect_tokens("[\"a\" ,\"b\"]", "[S\"a\"S\"b\"].");
	expect_tokens("[\"{\\\"a\\\":1}\"]", "[S\"{\\\"a\\\":1}\"].");
	expect_tokens("\"\\\\\"", "S\"\\\\\".");
	expect_tokens("\"\\u005c\\\"\"", "S\"\\u005c\\\"\".");
	expect_tokens("{\"ü 漢 😀\":\"\"}", "{K\"ü 漢 😀\"S\"\"}.");
}

static void tells_what_is_bad(void **state)
{
	(void)state;
	expect_tokens("\"", "!");
	expect_tokens("\"a", "!");
	expect_tokens("\"\\", "!");
	expect_tokens("\"\\\"", "!");
	expect_tokens("\"\\u", "!");
	expect_tokens("\"\\ud83d\\", "!");
	expect_tokens("\"\\ud83d\\u", "!");
	expect_tokens("[1,'a']", "[L1!");
	expect_tokens("{\"a\":;}", "{K\"a\"!");
	expect_tokens("\x01", "!");
	expect_tokens("\xff", "!");
}

static void expect_beyond(const char *text, bool beyond)
{
	size_t len = strlen(text);
	char *copy = exact(text, len);
	sp_scan scan;
	sp_scan_token token;

	sp_scan_begin(&scan, copy, len);
	while ((token = sp_scan_next(&scan)) != SP_SCAN_END)
		assert_int_not_equal(token, SP_SCAN_BAD);
	if (scan.beyond_jsonb != beyond)
		fail_msg("%s: beyond jsonb is %d", text, !beyond);
	free(copy);
}

static void knows_what_jsonb_refuses(void **state)
{
	(void)state;
	expect_beyond("\"\\u0000\"", true);
	expect_beyond("\"a\\u0000b\"", true);
	expect_beyond("{\"\\u0000\":1}", true);
	expect_beyond("[\"\\u0000\",1,\"a\"]", true);
	expect_beyond("\"\\ud83d\"", true);
	expect_beyond("\"\\ude00\"", true);
	expect_beyond("\"\\ud83dx\"", true);
	expect_beyond("\"\\ud83d\\n\"", true);
	expect_beyond("\"\\ud83d\\u0041\"", true);
	expect_beyond("\"\\ude00\\ud83d\"", true);
	expect_beyond("\"\\ud83d\\ud83d\\ude00\"", true);
	expect_beyond("\"\\uDBFF\"", true);
	expect_beyond("\"\\uDFFF\"", true);

	expect_beyond("\"\\ud83d\\ude00\"", false);
	expect_beyond("\"\\uD83D\\uDE00\\uDBFF\\uDFFF\"", false);
	expect_beyond("\"\\\\u0000\"", false);
	expect_beyond("\"\\\\\\\\u0000\"", false);
	expect_beyond("\"\\u0001\\ud7ff\\ue000\\uffff\"", false);
	expect_beyond("\"u0000 😀\"", false);
	expect_beyond("[0,\"\",{}]", false);
}

static void expect_plain(const char *text, const char *expected, size_t expected_len)
{
	size_t len = strlen(text);
	char *copy = exact(text, len);
	sp_buf plain = { 0 };
	sp_scan scan;

	sp_scan_begin(&scan, copy, len);
	assert_int_equal(sp_scan_next(&scan), SP_SCAN_STRING);
	sp_scan_unescape(&scan, &plain);
	assert_int_equal(plain.len, expected_len);
	assert_string_equal(sp_buf_text(&plain), expected);
	sp_buf_free(&plain);
	free(copy);
}
#define EXPECT_PLAIN(text, expected) expect_plain(text, expected, sizeof(expected) - 1)

static void unescapes(void **state)
{
	(void)state;
	EXPECT_PLAIN("\"\"", "");
	EXPECT_PLAIN("\"abc\"", "abc");
	EXPECT_PLAIN("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
	EXPECT_PLAIN("\"a\\u0041b\"", "aAb");
	EXPECT_PLAIN("\"\\u007f\\u0080\\u07FF\\u0800\\uffff\"",
	             "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
	EXPECT_PLAIN("\"\\ud83d\\ude00\"", "😀");
	EXPECT_PLAIN("\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
	EXPECT_PLAIN("\"a\\u0000b\"", "a\xef\xbf\xbd"
	                              "b");
	EXPECT_PLAIN("\"\\ud83d\"", "\xef\xbf\xbd");
	EXPECT_PLAIN("\"\\ude00x\"", "\xef\xbf\xbdx");
	EXPECT_PLAIN("\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
	                                   "A");
	EXPECT_PLAIN("\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd😀");
	EXPECT_PLAIN("\"ü\\u00fc\\\\u00fc\"", "üü\\u00fc");
}

static void expect_is(const char *text, const char *name, bool expected)
{
	size_t len = strlen(text);
	char *copy = exact(text, len);
	sp_scan scan;

	sp_scan_begin(&scan, copy, len);
	assert_int_equal(sp_scan_next(&scan), SP_SCAN_STRING);
	if (sp_scan_is(&scan, name) != expected)
		fail_msg("%s %s %s", text, expected ? "isn't" : "is", name);
	free(copy);
}

static void compares_strings(void **state)
{
	(void)state;
	expect_is("\"value\"", "value", true);
	expect_is("\"value\"", "valu", false);
	expect_is("\"value\"", "values", false);
	expect_is("\"value\"", "Value", false);
	expect_is("\"\"", "", true);
	expect_is("\"\"", "a", false);
	expect_is("\"v\\u0061lue\"", "value", true);
	expect_is("\"v\\u0061lue\"", "v\\u0061lue", false);
	expect_is("\"v\\u0061lues\"", "value", false);
	expect_is("\"value\\u0000\"", "value", false);
	expect_is("\"a\\/b\"", "a/b", true);
}

/* From behind the first key: true where what follows is `then`. */
static void expect_skip(const char *text, const char *then)
{
	size_t len = strlen(text);
	char *copy = exact(text, len);
	sp_scan scan;

	sp_scan_begin(&scan, copy, len);
	assert_int_equal(sp_scan_next(&scan), SP_SCAN_OBJECT);
	assert_int_equal(sp_scan_next(&scan), SP_SCAN_KEY);
	assert_int_equal(sp_scan_skip(&scan), then != NULL);
	if (then)
		assert_memory_equal(scan.p, then, strlen(then));
	free(copy);
}

static void skips_values(void **state)
{
	(void)state;
	expect_skip("{\"a\":1,\"b\":2}", ",\"b\":2}");
	expect_skip("{\"a\": null }", " }");
	expect_skip("{\"a\":\"}]{[\\\"\",\"b\":2}", ",\"b\":2}");
	expect_skip("{\"a\":{},\"b\":2}", ",\"b\":2}");
	expect_skip("{\"a\":{\"c\":[{\"d\":[]},{}]},\"b\":2}", ",\"b\":2}");
	expect_skip("{\"a\":[[],[{\"a\":1}]]}", "}");
	expect_skip("{\"a\":", NULL);
	expect_skip("{\"a\":}", NULL);
	expect_skip("{\"a\":[1,2", NULL);
	expect_skip("{\"a\":{\"b\":\"c", NULL);
	expect_skip("{\"a\":[1,&]}", NULL);
}

static void needs_no_stack(void **state)
{
	const size_t depth = 1000000;
	sp_buf text = { 0 };
	sp_scan scan;
	size_t i;

	(void)state;
	sp_buf_adds(&text, "{\"a\":");
	for (i = 0; i < depth; i++)
		sp_buf_addc(&text, '[');
	for (i = 0; i < depth; i++)
		sp_buf_addc(&text, ']');
	sp_buf_adds(&text, ",\"b\":1}");
	sp_scan_begin(&scan, text.data, text.len);
	sp_scan_next(&scan);
	sp_scan_next(&scan);
	assert_true(sp_scan_skip(&scan));
	assert_int_equal(sp_scan_next(&scan), SP_SCAN_KEY);
	assert_true(sp_scan_is(&scan, "b"));
	sp_buf_free(&text);
}

static void expect_written(const char *text, const char *expected)
{
	sp_buf out = { 0 };
	sp_scan_writer writer = { &out, SP_SCAN_END };
	sp_scan scan;
	sp_scan_token token;

	sp_scan_begin(&scan, text, strlen(text));
	while ((token = sp_scan_next(&scan)) != SP_SCAN_END)
		sp_scan_put(&writer, &scan, token);
	assert_string_equal(sp_buf_text(&out), expected);
	sp_buf_free(&out);
}

static void writes_without_white_space(void **state)
{
	(void)state;
	expect_written(" [ ] ", "[]");
	expect_written("[ 1 , \"a b\" ,null,[ ],{ } ,\"c\"]", "[1,\"a b\",null,[],{},\"c\"]");
	expect_written("{ \"a\" : { \"b\" : [ 1.00 , 1e5 ] } ,\n\"a\"\t:\r\"\\u0000\" }",
	               "{\"a\":{\"b\":[1.00,1e5]},\"a\":\"\\u0000\"}");
	expect_written(" 9007199254740993 ", "9007199254740993");
	expect_written("{\"a\":{},\"b\":[],\"c\":[[],[]]}", "{\"a\":{},\"b\":[],\"c\":[[],[]]}");
}

/* A member left out, first, in the middle or last, leaves no comma too many. */
static void writes_what_is_left(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"x\":[1,2],\"b\":2,\"c\":3}", "{\"b\":2,\"c\":3}" },
		{ "{\"a\":1,\"x\":{\"y\":1},\"c\":3}", "{\"a\":1,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"x\":null}", "{\"a\":1,\"b\":2}" },
		{ "[{\"x\":1},{\"x\":2}]", "[{},{}]" }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		sp_buf out = { 0 };
		sp_scan_writer writer = { &out, SP_SCAN_END };
		sp_scan scan;
		sp_scan_token token;

		sp_scan_begin(&scan, cases[i][0], strlen(cases[i][0]));
		while ((token = sp_scan_next(&scan)) != SP_SCAN_END)
			if (token == SP_SCAN_KEY && sp_scan_is(&scan, "x"))
				assert_true(sp_scan_skip(&scan));
			else
				sp_scan_put(&writer, &scan, token);
		assert_string_equal(sp_buf_text(&out), cases[i][1]);
		sp_buf_free(&out);
	}
}

/* --- hostile input --- */

/* Walks to the end, looking at everything; nothing may lie outside. */
static void walk_all(const char *text, size_t len)
{
	char *copy = exact(text, len);
	sp_buf plain = { 0 };
	sp_scan scan, ahead;
	sp_scan_token token;
	size_t tokens = 0;

	sp_scan_begin(&scan, copy, len);
	do {
		token = sp_scan_next(&scan);
		assert_true(scan.p >= copy && scan.p <= copy + len);
		if (token == SP_SCAN_KEY || token == SP_SCAN_STRING) {
			assert_true(scan.start >= copy && scan.start + scan.len <= copy + len);
			assert_true(scan.len >= 2);
			sp_buf_reset(&plain);
			sp_scan_unescape(&scan, &plain);
			sp_scan_is(&scan, "abc");
			ahead = scan;
			sp_scan_skip(&ahead);
			assert_true(ahead.p >= scan.p && ahead.p <= copy + len);
		}
		assert_true(++tokens <= len + 1);
	} while (token != SP_SCAN_END && token != SP_SCAN_BAD);
	sp_buf_free(&plain);
	free(copy);
}

static void stays_inside_what_was_cut(void **state)
{
	static const char text[] =
		"{\"a\\\"b\":[1.5e3,-0,\"\\u00fc\\ud83d\\ude00\\n\",{\"\\u0000\":\"\\ud83d\"}],"
		" \"c\" : {\"d\":{}, \"e\":[[ ] , null]} , \"ü\":true}";
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(text); len++)
		walk_all(text, len);
}

static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static void stays_inside_noise(void **state)
{
	static const char alphabet[] = "{}[]\"\"\"\\\\:,u0dD8c-1e.tn \n\x01\xff\0";
	uint64_t seed = 20;
	char text[48];
	int round;

	(void)state;
	for (round = 0; round < 50000; round++) {
		size_t len = next_random(&seed) % sizeof(text), i;

		for (i = 0; i < len; i++)
			text[i] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
		walk_all(text, len);
	}
}

/* --- random documents --- */

typedef struct {
	uint64_t seed;
	unsigned keys;          /* made so far: each is another */
	sp_buf spaced, compact; /* the same, with and without white space */
} maker;

static void put(maker *m, const char *text)
{
	sp_buf_adds(&m->spaced, text);
	sp_buf_adds(&m->compact, text);
}

static void put_space(maker *m)
{
	while (next_random(&m->seed) % 3 == 0)
		sp_buf_addc(&m->spaced, " \t\r\n"[next_random(&m->seed) % 4]);
}

static void put_string(maker *m, const char *name, unsigned number)
{
	static const char *const pieces[] = {
		"a", "ü", "漢", "😀", "\\\"", "\\\\", "\\u00fc", "\\ud83d\\ude00", "\\n", "\\/", "{",
		"}", "[", "]",  ":", ",",    " ",    "  "
	};
	sp_buf text = { 0 };

	sp_buf_addf(&text, "\"%s%u", name, number);
	while (next_random(&m->seed) % 4)
		sp_buf_adds(&text, pieces[next_random(&m->seed) % (sizeof(pieces) / sizeof(*pieces))]);
	sp_buf_addc(&text, '"');
	put(m, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void put_value(maker *m, int depth)
{
	static const char *const literals[] = { "null", "true",  "false", "0",        "-1",
		                                    "1.5",  "-2.50", "1e3",   "12345678", "1E-2" };
	unsigned count = next_random(&m->seed) % 5, i, kind = next_random(&m->seed) % (depth ? 4 : 2);

	put_space(m);
	if (kind == 0) {
		put(m, literals[next_random(&m->seed) % (sizeof(literals) / sizeof(*literals))]);
	} else if (kind == 1) {
		put_string(m, "s", 0);
	} else {
		put(m, kind == 2 ? "[" : "{");
		for (i = 0; i < count; i++) {
			put(m, i ? "," : "");
			if (kind == 3) {
				put_space(m);
				put_string(m, "k", m->keys++);
				put_space(m);
				put(m, ":");
			}
			put_value(m, depth - 1);
		}
		put_space(m);
		put(m, kind == 2 ? "]" : "}");
	}
	put_space(m);
}

static void expect_equal_trees(const sp_buf *a, const sp_buf *b)
{
	cJSON *x = cJSON_ParseWithLength(a->data, a->len), *y = cJSON_ParseWithLength(b->data, b->len);

	assert_non_null(x);
	assert_non_null(y);
	assert_true(cJSON_Compare(x, y, true));
	cJSON_Delete(x);
	cJSON_Delete(y);
}

static void keeps_content(void **state)
{
	int round;

	(void)state;
	for (round = 0; round < 3000; round++) {
		maker m = { .seed = (uint64_t)round };
		sp_buf out = { 0 };
		sp_scan_writer writer = { &out, SP_SCAN_END };
		sp_scan scan;
		sp_scan_token token;

		put_value(&m, 5);
		sp_scan_begin(&scan, m.spaced.data, m.spaced.len);
		while ((token = sp_scan_next(&scan)) != SP_SCAN_END) {
			assert_int_not_equal(token, SP_SCAN_BAD);
			sp_scan_put(&writer, &scan, token);
		}
		assert_string_equal(sp_buf_text(&out), m.compact.data);
		assert_false(scan.beyond_jsonb);
		expect_equal_trees(&m.spaced, &out);
		sp_buf_free(&m.spaced);
		sp_buf_free(&m.compact);
		sp_buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_tokens),
		cmocka_unit_test(tells_what_is_bad),
		cmocka_unit_test(knows_what_jsonb_refuses),
		cmocka_unit_test(unescapes),
		cmocka_unit_test(compares_strings),
		cmocka_unit_test(skips_values),
		cmocka_unit_test(needs_no_stack),
		cmocka_unit_test(writes_without_white_space),
		cmocka_unit_test(writes_what_is_left),
		cmocka_unit_test(stays_inside_what_was_cut),
		cmocka_unit_test(stays_inside_noise),
		cmocka_unit_test(keeps_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
