#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/json_edit.h"

static sp_json_edit gone(const char *pointer)
{
	return (sp_json_edit){ .pointer = pointer };
}

static sp_json_edit added(const char *pointer, const char *key, const char *value)
{
	return (sp_json_edit){ .pointer = pointer, .key = key, .value = { value, strlen(value) } };
}

/* Read from memory that ends where the text does. Returns how many edits found their place. */
static int change(const char *text, sp_json_edit *edits, size_t count, const char *expected)
{
	char *copy = malloc(strlen(text) + 1);
	sp_error err = SP_ERROR_INIT;
	sp_buf to = { 0 };
	int done = 0;

	assert_non_null(copy);
	memcpy(copy, text, strlen(text));
	assert_true(sp_json_edit_text(copy, strlen(text), edits, count, &to, &err));
	assert_string_equal(sp_buf_text(&to), expected);
	for (size_t i = 0; i < count; i++)
		done += edits[i].done;
	sp_buf_free(&to);
	free(copy);
	return done;
}

static void nothing_else_changes(void **state)
{
	const char *text = "{\"a\":1.50,\"b\":[1e5,-0,\"\\u0000\\/\",{\"a\":1,\"a\":2}],\"\":null}";
	sp_json_edit none = gone("/nowhere");

	(void)state;
	assert_int_equal(change(text, &none, 1, text), 0);
	assert_int_equal(change(text, &none, 0, text), 0);
	assert_int_equal(change("[[],{},7]", &none, 1, "[[],{},7]"), 0);
	assert_int_equal(change(" 7 ", &none, 1, "7"), 0);
	assert_int_equal(change("", &none, 1, ""), 0);
}

static void members_go(void **state)
{
	sp_json_edit some[] = { gone("/a"), gone("/b/1/c"), gone("/x~1y"), gone("/nowhere") };

	(void)state;
	assert_int_equal(change("{\"a\":{\"c\":1},\"b\":[0,{\"c\":[1,2],\"d\":3}],\"x\\/y\":4,\"z\":5}",
	                        some, 4, "{\"b\":[0,{\"d\":3}],\"z\":5}"),
	                 3);
	some[0] = gone("/a");
	assert_int_equal(change("{\"a\":1}", some, 1, "{}"), 1);
}

static void members_come_last_in_their_object(void **state)
{
	sp_json_edit some[] = { added("", "new", "{\"x\":1}"), added("/a", "k", "1"),
		                    added("/a", "l", "\"2\""), added("/b/0", "k~/\"", "null") };

	(void)state;
	assert_int_equal(change("{\"a\":{},\"b\":[{\"q\":0},{}]}", some, 4,
	                        "{\"a\":{\"k\":1,\"l\":\"2\"},\"b\":[{\"q\":0,\"k~/\\\"\":null},{}],"
	                        "\"new\":{\"x\":1}}"),
	                 4);
}

static void what_is_there_stays(void **state)
{
	sp_json_edit some[] = { added("", "a", "2"), added("/a", "b", "2"), added("/l", "b", "2"),
		                    added("/l/0", "b", "2") };

	(void)state;
	/* there is such a member; a number and a list are no objects */
	assert_int_equal(change("{\"a\":1,\"l\":[1]}", some, 4, "{\"a\":1,\"l\":[1]}"), 0);
	assert_int_equal(some[0].taken, true);
	assert_int_equal(some[1].taken, false);
}

static void depth_has_no_limit(void **state)
{
	enum { DEPTH = 1000 };
	sp_buf text = { 0 }, pointer = { 0 };
	sp_json_edit one;
	sp_error err = SP_ERROR_INIT;
	sp_buf to = { 0 };

	(void)state;
	for (int i = 0; i < DEPTH; i++) {
		sp_buf_adds(&text, "{\"a\":");
		sp_buf_adds(&pointer, "/a");
	}
	sp_buf_adds(&text, "{\"a\":1}");
	sp_buf_adds(&pointer, "/a");
	for (int i = 0; i < DEPTH; i++)
		sp_buf_adds(&text, "}");
	one = gone(pointer.data);
	assert_true(sp_json_edit_text(text.data, text.len, &one, 1, &to, &err));
	assert_true(one.done);
	assert_int_equal(to.len, text.len - strlen("\"a\":1"));
	sp_buf_free(&text);
	sp_buf_free(&pointer);
	sp_buf_free(&to);
}

/* What isn't JSON ends early, inside its memory. */
static void no_text_is_read_beyond_its_end(void **state)
{
	const char *text = "{\"a\":[1,{\"b\":\"c\"}],\"d\":tru";
	sp_error err = SP_ERROR_INIT;

	(void)state;
	for (size_t len = 0; len <= strlen(text); len++) {
		sp_json_edit some[] = { gone("/a/1/b"), added("/a/1", "z", "1"), gone("/d") };
		char *copy = malloc(len + 1);
		sp_buf to = { 0 };

		assert_non_null(copy);
		memcpy(copy, text, len);
		copy = realloc(copy, len ? len : 1);
		assert_true(sp_json_edit_text(copy, len, some, 3, &to, &err));
		sp_buf_free(&to);
		free(copy);
	}
	for (const char *bad = "}]}"; *bad; bad++) {
		sp_buf to = { 0 };

		assert_true(sp_json_edit_text(bad, strlen(bad), NULL, 0, &to, &err));
		sp_buf_free(&to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_else_changes),
		cmocka_unit_test(members_go),
		cmocka_unit_test(members_come_last_in_their_object),
		cmocka_unit_test(what_is_there_stays),
		cmocka_unit_test(depth_has_no_limit),
		cmocka_unit_test(no_text_is_read_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
