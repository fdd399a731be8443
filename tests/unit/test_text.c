#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/text.h"

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

static void expect_safe(const char *text, size_t len, const char *expected)
{
	sp_buf buf = { 0 };

	sp_safe_text(&buf, text, len);
	assert_string_equal(sp_buf_text(&buf), expected);
	assert_true(sp_text_width(sp_buf_text(&buf)) >= 0);
	sp_buf_free(&buf);
}

#define SAFE(text, expected) expect_safe(text, sizeof text - 1, expected)

static void keeps_what_is_text(void **state)
{
	(void)state;
	SAFE("", "");
	SAFE("plain \\ \"text\"", "plain \\ \"text\"");
	SAFE("Grüße, Κόσμε, мир, 日本語, 한국어, עברית, العربية",
	     "Grüße, Κόσμε, мир, 日本語, 한국어, עברית, العربية");
	SAFE("e\u0301 😀 \U0001F468 \ufe0f \ufffd \ue000",
	     "e\u0301 😀 \U0001F468 \ufe0f \ufffd \ue000");
}

static void escapes_controls(void **state)
{
	(void)state;
	SAFE("\x1b[31mred\x07", "\\x1b[31mred\\x07");
	SAFE("a\nb\tc\rd\0e\x7f", "a\\x0ab\\x09c\\x0dd\\x00e\\x7f");
	SAFE("\xc2\x9b"
	     "31m\xc2\x80\xc2\x9f\u00a0",
	     "\\u009b31m\\u0080\\u009f\u00a0");
}

static void escapes_directions_and_formats(void **state)
{
	(void)state;
	SAFE("\u202eabc\u202c", "\\u202eabc\\u202c");
	SAFE("\u200b\u200c\u200d\u200e\u200f", "\\u200b\\u200c\\u200d\\u200e\\u200f");
	SAFE("\u2028\u2029\u2066\u2069\ufeff\u00ad\u061c",
	     "\\u2028\\u2029\\u2066\\u2069\\ufeff\\u00ad\\u061c");
	SAFE("\U000e0001\U000e0041\U0001d173", "\\U000e0001\\U000e0041\\U0001d173");
	SAFE("\xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\xbf\xbe\xef\xb7\x90",
	     "\\ufffe\\uffff\\U0001fffe\\ufdd0");
	SAFE("\u2027\u202f\u2065\u2070", "\u2027\u202f\\u2065\u2070");
}

static void escapes_what_isnt_utf8(void **state)
{
	(void)state;
	SAFE("\xff\xfe", "\\xff\\xfe");
	SAFE("a\xc3", "a\\xc3");
	SAFE("\xc0\xaf", "\\xc0\\xaf");
	SAFE("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	SAFE("\xed\xa0\x80", "\\xed\\xa0\\x80");
	SAFE("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	SAFE("\xf0\x9f\x98", "\\xf0\\x9f\\x98");
	SAFE("\x80\xbfz", "\\x80\\xbfz");
}

/* Every code point: what comes out holds no control and no byte is lost. */
static void no_code_point_gets_through(void **state)
{
	char text[5] = "";
	sp_buf buf = { 0 };
	uint32_t c, first;
	size_t n;

	(void)state;
	for (c = 0; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		n = 0;
		if (c < 0x80)
			text[n++] = (char)c;
		else if (c < 0x800)
			text[n++] = (char)(0xc0 | c >> 6);
		else if (c < 0x10000)
			text[n++] = (char)(0xe0 | c >> 12);
		else
			text[n++] = (char)(0xf0 | c >> 18);
		if (c >= 0x10000)
			text[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		if (c >= 0x800)
			text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		if (c >= 0x80)
			text[n++] = (char)(0x80 | (c & 0x3f));
		assert_int_equal(sp_utf8_next(text, n, &first), n);
		assert_int_equal(first, c);
		sp_buf_reset(&buf);
		sp_safe_text(&buf, text, n);
		assert_true(buf.len == n ? memcmp(buf.data, text, n) == 0 : buf.data[0] == '\\');
		assert_true(c >= 0x20 || buf.len == 4);
	}
	sp_buf_free(&buf);
}

static void utf8_is_checked(void **state)
{
	uint32_t c;

	(void)state;
	assert_true(sp_utf8_valid("", 0));
	assert_true(sp_utf8_valid("a\0ü😀", 8));
	assert_false(sp_utf8_valid("ü", 1));
	assert_false(sp_utf8_valid("\xf5\x80\x80\x80", 4));
	assert_false(sp_utf8_valid("\xc1\xbf", 2));
	assert_int_equal(sp_utf8_next("", 0, &c), 0);
}

static void json_keeps_its_value(void **state)
{
	static const char json[] = "{\n\t\"a\u202e\": \"\x7f\u2028\U000e0041ü\xc2\x9b\xff\"\r\n}";
	sp_buf buf = { 0 };

	(void)state;
	sp_safe_json(&buf, json, sizeof json - 1);
	assert_string_equal(sp_buf_text(&buf),
	                    "{\n\t\"a\\u202e\": "
	                    "\"\\u007f\\u2028\\udb40\\udc41ü\\u009b\\ufffd\"\r\n}");
	sp_buf_free(&buf);
}

static void other_encodings_see_ascii(void **state)
{
	sp_buf buf = { 0 };

	(void)state;
	assert_non_null(setlocale(LC_ALL, "C"));
	/* the second byte of U+00DB in UTF-8 is CSI in Latin 1 */
	SAFE("aüÛ😀\x1b", "a\\u00fc\\u00db\\U0001f600\\x1b");
	sp_safe_json(&buf, "\"ü😀\"", 8);
	assert_string_equal(sp_buf_text(&buf), "\"\\u00fc\\ud83d\\ude00\"");
	sp_buf_reset(&buf);
	assert_int_equal(sp_text_width("üb"), 2);
	sp_text_fit(&buf, "abcdef", 4, true);
	assert_string_equal(sp_buf_text(&buf), "abc~");
	sp_buf_free(&buf);
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
}

static void width_counts_columns(void **state)
{
	(void)state;
	assert_int_equal(sp_text_width(""), 0);
	assert_int_equal(sp_text_width("abc"), 3);
	assert_int_equal(sp_text_width("äöü"), 3);
	assert_int_equal(sp_text_width("日本"), 4);
	assert_int_equal(sp_text_width("e\u0301"), 1);
	assert_int_equal(sp_text_width("😀"), 2);
	assert_int_equal(sp_text_width("\xff\n\u0378"), 3);
}

static void expect_fit(const char *text, int width, bool pad, const char *expected)
{
	sp_buf buf = { 0 };

	sp_text_fit(&buf, text, width, pad);
	assert_string_equal(sp_buf_text(&buf), expected);
	if (pad && width >= 0)
		assert_int_equal(sp_text_width(sp_buf_text(&buf)), width);
	sp_buf_free(&buf);
}

static void fits(void **state)
{
	(void)state;
	expect_fit("abc", 5, true, "abc  ");
	expect_fit("abc", 5, false, "abc");
	expect_fit("abc", 3, true, "abc");
	expect_fit("abcd", 3, true, "ab…");
	expect_fit("日本語", 5, true, "日本…");
	expect_fit("日本語", 4, true, "日… ");
	expect_fit("日本語", 1, true, "…");
	expect_fit("abc", 0, true, "");
	expect_fit("abc", -3, true, "");
	expect_fit("abe\u0301", 3, true, "abe\u0301");
	expect_fit("ae\u0301bcd", 3, true, "ae\u0301…");
	expect_fit("", 2, true, "  ");
}

static void expect_bytes(unsigned long long bytes, const char *expected)
{
	sp_buf buf = { 0 };

	sp_text_bytes(&buf, bytes);
	assert_string_equal(sp_buf_text(&buf), expected);
	sp_buf_free(&buf);
}

static void bytes_for_people(void **state)
{
	(void)state;
	expect_bytes(0, "0 B");
	expect_bytes(999, "999 B");
	expect_bytes(1000, "1.0 kB");
	expect_bytes(1250000, "1.2 MB");
	expect_bytes(999949, "999.9 kB");
	expect_bytes(999950, "1.0 MB");
	expect_bytes(5ULL << 30, "5.4 GB");
	expect_bytes(2000000000000ULL, "2.0 TB");
	expect_bytes(UINT64_MAX, "18446.7 PB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_is_text),
		cmocka_unit_test(escapes_controls),
		cmocka_unit_test(escapes_directions_and_formats),
		cmocka_unit_test(escapes_what_isnt_utf8),
		cmocka_unit_test(no_code_point_gets_through),
		cmocka_unit_test(utf8_is_checked),
		cmocka_unit_test(json_keeps_its_value),
		cmocka_unit_test(other_encodings_see_ascii),
		cmocka_unit_test(width_counts_columns),
		cmocka_unit_test(fits),
		cmocka_unit_test(bytes_for_people),
	};

	return cmocka_run_group_tests(tests, utf8_locale, NULL);
}
