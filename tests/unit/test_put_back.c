#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/put_back.h"

/* Read from memory that ends where the texts do. */
static void expect_of(bool details, const char *theirs, const char *ours, const char *expected)
{
	size_t their_len = strlen(theirs), our_len = strlen(ours);
	char *there = malloc(their_len + 1), *here = malloc(our_len + 1);
	sp_error err = SP_ERROR_INIT;
	sp_buf to = { 0 };

	assert_non_null(there);
	assert_non_null(here);
	memcpy(there, theirs, their_len);
	memcpy(here, ours, our_len);
	assert_true(sp_put_back(details, there, their_len, here, our_len, &to, &err));
	assert_string_equal(sp_buf_text(&to), expected);
	sp_buf_free(&to);
	free(there);
	free(here);
}

static void expect(const char *theirs, const char *ours, const char *expected)
{
	expect_of(false, theirs, ours, expected);
}

static void a_secret_stands_where_it_stood(void **state)
{
	(void)state;
	expect("{\"a\":1,\"b\":2}", "{\"api_keys\":{\"x\":\"y\"},\"a\":1,\"b\":2}",
	       "{\"api_keys\":{\"x\":\"y\"},\"a\":1,\"b\":2}");
	expect("{\"a\":1,\"b\":2}", "{\"a\":1,\"password\":\"x\",\"b\":2}",
	       "{\"a\":1,\"password\":\"x\",\"b\":2}");
	expect("{\"a\":1,\"b\":2}", " { \"a\" : 1 , \"b\" : 2 , \"token\" : \"x\" } ",
	       "{\"a\":1,\"b\":2,\"token\":\"x\"}");
	expect("{}", "{\"token\":\"x\"}", "{\"token\":\"x\"}");
}

static void all_else_is_theirs(void **state)
{
	(void)state;
	expect("{\"a\":2}", "{\"a\":1,\"token\":\"x\",\"b\":3}", "{\"a\":2,\"token\":\"x\"}");
	expect("{\"b\":1,\"a\":2}", "{\"a\":1,\"token\":\"x\",\"b\":3}",
	       "{\"token\":\"x\",\"b\":1,\"a\":2}");
	expect("[1,2]", "{\"token\":\"x\"}", "[1,2]");
	expect("null", "{\"token\":\"x\"}", "null");
	expect("7", "", "7");
	expect("{\"a\":null}", "{\"a\":\"plain\"}", "{\"a\":null}");
	expect("[]", "[]", "[]");
	expect("{\"token\":\"theirs\"}", "{\"token\":\"ours\"}", "{\"token\":\"theirs\"}");
}

static void it_is_found_at_any_depth(void **state)
{
	(void)state;
	expect("{\"a\":{\"b\":[{\"c\":1},{\"d\":2}]}}",
	       "{\"a\":{\"b\":[{\"c\":1,\"password\":\"x\"},{\"secret\":\"y\",\"d\":2}]}}",
	       "{\"a\":{\"b\":[{\"c\":1,\"password\":\"x\"},{\"secret\":\"y\",\"d\":2}]}}");
	/* nobody knows which of the items is which */
	expect("{\"b\":[{\"c\":1}]}", "{\"b\":[{\"c\":0},{\"c\":1,\"password\":\"x\"}]}",
	       "{\"b\":[{\"c\":1}]}");
	expect("{\"u\":null}", "{\"u\":\"https://me:pw@example.org/\"}",
	       "{\"u\":\"https://me:pw@example.org/\"}");
	expect("{\"p\\u0061\":1}", "{\"pa\":0,\"t\\u006fken\":\"x\"}",
	       "{\"p\\u0061\":1,\"t\\u006fken\":\"x\"}");
}

static void of_a_source_more_is_secret(void **state)
{
	(void)state;
	expect_of(true, "{\"url\":\"https://a/\"}", "{\"url\":\"https://a/\",\"login\":\"me\"}",
	          "{\"url\":\"https://a/\",\"login\":\"me\"}");
	expect_of(true, "null", "\"anything\"", "\"anything\"");
	expect_of(true, "[null,null]", "[\"a\",{}]", "[\"a\",null]");
	expect_of(true, "{\"url\":null}", "{\"url\":\"plain\"}", "{\"url\":null}");
}

static void what_is_too_deep_is_theirs(void **state)
{
	sp_buf theirs = { 0 }, ours = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		sp_buf_addc(&theirs, '[');
		sp_buf_addc(&ours, '[');
	}
	sp_buf_adds(&theirs, "{}");
	sp_buf_adds(&ours, "{\"token\":1}");
	for (int i = 0; i < 100; i++) {
		sp_buf_addc(&theirs, ']');
		sp_buf_addc(&ours, ']');
	}
	expect(theirs.data, ours.data, theirs.data);
	sp_buf_free(&theirs);
	sp_buf_free(&ours);
}

/* A random value as it is here, and as it travels. */
static void add_value(sp_buf *here, sp_buf *there, int depth)
{
	int count = rand() % 5, first = 1, any = 0;

	if (depth > 4 || rand() % 3 == 0) {
		sp_buf_addf(here, "%d", depth);
		sp_buf_addf(there, "%d", depth);
		return;
	}
	if (rand() % 3 == 0) {
		sp_buf_addc(here, '[');
		sp_buf_addc(there, '[');
		for (int i = 0; i < count; i++) {
			sp_buf_adds(here, i ? "," : "");
			sp_buf_adds(there, i ? "," : "");
			add_value(here, there, depth + 1);
		}
		sp_buf_addc(here, ']');
		sp_buf_addc(there, ']');
		return;
	}
	sp_buf_addc(here, '{');
	sp_buf_addc(there, '{');
	for (int i = 0; i < count; i++, first = 0) {
		if (rand() % 3 == 0) {
			sp_buf_addf(here, "%s\"k%d_api_key\":[\"x\"]", first ? "" : ",", i);
			continue;
		}
		sp_buf_addf(here, "%s\"k%d\":", first ? "" : ",", i);
		sp_buf_addf(there, "%s\"k%d\":", any ? "," : "", i);
		any = 1;
		add_value(here, there, depth + 1);
	}
	sp_buf_addc(here, '}');
	sp_buf_addc(there, '}');
}

static void what_travelled_comes_back_as_it_was(void **state)
{
	(void)state;
	srand(1);
	for (int i = 0; i < 5000; i++) {
		sp_buf here = { 0 }, there = { 0 };

		add_value(&here, &there, 0);
		expect(there.data, here.data, here.data);
		sp_buf_free(&here);
		sp_buf_free(&there);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_stands_where_it_stood),
		cmocka_unit_test(all_else_is_theirs),
		cmocka_unit_test(it_is_found_at_any_depth),
		cmocka_unit_test(of_a_source_more_is_secret),
		cmocka_unit_test(what_is_too_deep_is_theirs),
		cmocka_unit_test(what_travelled_comes_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
