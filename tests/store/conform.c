/*
 * What every kind of store must do, in one suite. Run with an empty store:
 * STORE_WHERE names it, the variables of Amazon's tools what else it takes.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/store.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define MIB           (1 << 20)

static sp_store *store;

static int open_store(void **state)
{
	const sp_store_settings settings = { .where = getenv("STORE_WHERE") };
	sp_error err = SP_ERROR_INIT;

	(void)state;
	if (settings.where)
		store = sp_store_open(&settings, NULL, &err);
	if (sp_error_is_set(&err))
		print_error("%s\n", sp_error_text_c(&err));
	sp_error_clear(&err);
	return store ? 0 : -1;
}

static int close_store(void **state)
{
	(void)state;
	sp_store_close(store);
	return 0;
}

/* Bytes that differ everywhere. */
static char *make_bytes(size_t len)
{
	char *data = malloc(len + 1);
	uint32_t x = 12345 + (uint32_t)len;
	size_t i;

	assert_non_null(data);
	for (i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		data[i] = (char)(x >> 24);
	}
	return data;
}

static void fine(bool ok, const sp_error *err)
{
	if (!ok || sp_error_is_set(err))
		fail_msg("%s", sp_error_text_c(err));
}

static void expect_size(const char *name, int64_t expected)
{
	sp_error err = SP_ERROR_INIT;
	int64_t size = -7;

	fine(sp_store_stat(store, name, &size, &err), &err);
	if (size != expected)
		fail_msg("%s: %lld instead of %lld", name, (long long)size, (long long)expected);
}

static void put(const char *name, const void *data, size_t len)
{
	sp_error err = SP_ERROR_INIT;

	fine(sp_store_put(store, name, data, len, &err), &err);
}

static void remove_it(const char *name)
{
	sp_error err = SP_ERROR_INIT;

	fine(sp_store_delete(store, name, &err), &err);
	expect_size(name, -1);
}

static sp_blob *open_blob(const char *name)
{
	sp_error err = SP_ERROR_INIT;
	sp_blob *blob = sp_store_get(store, name, &err);

	fine(blob != NULL, &err);
	return blob;
}

static void expect_content(const char *name, const char *data, size_t len, size_t step)
{
	sp_error err = SP_ERROR_INIT;
	sp_blob *blob = open_blob(name);
	char *part = malloc(step);
	size_t got = 1, at = 0;

	assert_int_equal(sp_blob_size(blob), len);
	while (got) {
		fine(sp_blob_read(blob, part, step, &got, &err), &err);
		assert_true(at + got <= len);
		assert_memory_equal(part, data + at, got);
		at += got;
	}
	assert_int_equal(at, len);
	fine(sp_blob_read(blob, part, step, &got, &err), &err);
	assert_int_equal(got, 0);
	sp_blob_close(blob);
	free(part);
}

static void expect_absent(const char *name)
{
	sp_error err = SP_ERROR_INIT;

	expect_size(name, -1);
	assert_null(sp_store_get(store, name, &err));
	fine(true, &err);
}

/* --- tests ------------------------------------------------------------------ */

static void gives_back_what_was_put(void **state)
{
	static const size_t sizes[] = { 0,       1,           2,       16384,       65536,       65537,
		                            3000000, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 16 * MIB + 3 };
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(sizes); i++) {
		char *data = make_bytes(sizes[i]);

		expect_absent("user_1/x.pdf");
		put("user_1/x.pdf", data, sizes[i]);
		expect_size("user_1/x.pdf", (int64_t)sizes[i]);
		expect_content("user_1/x.pdf", data, sizes[i], 65536);
		if (sizes[i] < 100000)
			expect_content("user_1/x.pdf", data, sizes[i], 7);
		remove_it("user_1/x.pdf");
		free(data);
	}
}

/* Not every server that is for tests only can route them. */
static void takes_names_with_line_ends(void **state)
{
	(void)state;
	if (getenv("STORE_NO_LINE_ENDS"))
		skip();
	put("line\nend", "1", 1);
	put("line\r\nend\n", "22", 2);
	expect_content("line\nend", "1", 1, 10);
	expect_content("line\r\nend\n", "22", 2, 10);
	remove_it("line\nend");
	remove_it("line\r\nend\n");
}

/* Each must be an object of its own: none is mistaken for another. */
static void takes_names_of_any_character(void **state)
{
	static const char *const names[] = {
		"a b",
		"a+b",
		"a%20b",
		"a%2Bb",
		"a%",
		"a%zz",
		"a?b",
		"a#b",
		"a&b=c",
		"a&b",
		"a=b",
		"?",
		"#",
		"%2e%2e",
		"...",
		"..x",
		".x",
		"a..b/..c",
		"a~b",
		"a:b",
		"a;b",
		"a,b",
		"a@b",
		"a$b",
		"a!b",
		"a'b",
		"a\"b",
		"a(b)",
		"a[b]",
		"a{b}",
		"a|b",
		"a<b>",
		"a*b",
		"a^b`",
		"ä ö ü",
		"a\xcc\x88",
		"Привет мир",
		"日本語.pdf",
		"\xf0\x9f\x98\x80",
		"a\tb",
		"a\x7f",
		" a",
		"a ",
		"x/y z/ä?/%41.html",
		".archive/ab/abcdef",
		"infospaces/3/csv_materialized/0123456789_Titel: \"a\" & b?.csv",
		"long-name-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-"
		"0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++) {
		expect_absent(names[i]);
		put(names[i], names[i], strlen(names[i]));
	}
	for (i = 0; i < LENGTH(names); i++) {
		expect_size(names[i], (int64_t)strlen(names[i]));
		expect_content(names[i], names[i], strlen(names[i]), 4096);
	}
	for (i = 0; i < LENGTH(names); i++)
		remove_it(names[i]);
}

static void knows_names_that_name_nothing(void **state)
{
	static const char *const names[] = { "",        "/",     ".",      "..",       "../x", "x/../y",
		                                 "x/./y",   "x//y",  "/x",     "x/",       "./x",  "x/..",
		                                 "../../x", "//x/y", "x///y/", "../bucket" };
	sp_error err = SP_ERROR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++) {
		expect_absent(names[i]);
		fine(sp_store_delete(store, names[i], &err), &err);
		assert_false(sp_store_put(store, names[i], "x", 1, &err));
		assert_true(sp_error_is_set(&err));
		sp_error_clear(&err);
		sp_store_expect(store, names[i]);
	}
}

static void a_name_that_is_too_long_names_nothing(void **state)
{
	char name[6000];

	(void)state;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	expect_absent(name);
	for (size_t i = 100; i < sizeof name - 1; i += 100)
		name[i] = '/';
	expect_absent(name);
}

static void asks_for_many_at_once(void **state)
{
	enum { MANY = 300 };
	static char names[MANY][32];
	const char *list[MANY];
	int64_t sizes[MANY];
	sp_error err = SP_ERROR_INIT;
	int i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof names[i], i % 7 == 3 ? "many//%d" : "many/%d", i);
		list[i] = names[i];
		if (i % 7 != 3 && i % 3 == 0)
			put(names[i], names, (size_t)i);
	}
	fine(sp_store_stat_all(store, list, sizes, MANY, &err), &err);
	for (i = 0; i < MANY; i++)
		assert_int_equal(sizes[i], i % 7 != 3 && i % 3 == 0 ? i : -1);
	fine(sp_store_stat_all(store, list, sizes, 0, &err), &err);
	for (i = 0; i < MANY; i++)
		remove_it(names[i]);
}

static void never_replaces(void **state)
{
	sp_error err = SP_ERROR_INIT;
	char *large = make_bytes(9 * MIB);

	(void)state;
	put("there", "first", 5);
	assert_false(sp_store_put(store, "there", "second", 6, &err));
	sp_error_clear(&err);
	assert_false(sp_store_put(store, "there", large, 9 * MIB, &err));
	sp_error_clear(&err);
	expect_content("there", "first", 5, 100);
	remove_it("there");
	free(large);
}

typedef struct {
	const char *data;
	size_t len, at, step, fail_at;
} source;

static bool give(void *ctx, void *data, size_t len, size_t *got, sp_error *err)
{
	source *s = ctx;

	if (s->fail_at && s->at >= s->fail_at)
		return sp_fail(err, SP_TARGET_CHANGED, NULL, "the source is broken");
	*got = s->len - s->at;
	*got = *got < len ? *got : len;
	*got = *got < s->step ? *got : s->step;
	memcpy(data, s->data + s->at, *got);
	s->at += *got;
	return true;
}

static void puts_streams(void **state)
{
	static const size_t sizes[] = { 0, 1, 100000, 8 * MIB, 8 * MIB + 1, 17 * MIB };
	sp_error err = SP_ERROR_INIT;
	size_t i, known;

	(void)state;
	for (i = 0; i < LENGTH(sizes); i++)
		for (known = 0; known < 2; known++) {
			char *data = make_bytes(sizes[i]);
			source from = { data, sizes[i], 0, 50000, 0 };

			fine(sp_store_put_from(store, "stream", give, &from, known ? (int64_t)sizes[i] : -1,
			                       &err),
			     &err);
			expect_content("stream", data, sizes[i], 65536);
			remove_it("stream");
			free(data);
		}
}

static void nothing_is_there_after_a_put_that_failed(void **state)
{
	static const size_t sizes[] = { 100000, 8 * MIB, 17 * MIB };
	sp_error err = SP_ERROR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(sizes); i++) {
		char *data = make_bytes(sizes[i]);
		int64_t size = (int64_t)sizes[i];
		source shorter = { data, sizes[i], 0, 50000, 0 }, longer = shorter;
		source broken = { data, sizes[i], 0, 50000, sizes[i] - 60000 };

		assert_false(sp_store_put_from(store, "half", give, &shorter, size + 1, &err));
		assert_int_equal(err.code, SP_FAILED);
		sp_error_clear(&err);
		expect_absent("half");
		assert_false(sp_store_put_from(store, "half", give, &longer, size - 1, &err));
		sp_error_clear(&err);
		expect_absent("half");
		assert_false(sp_store_put_from(store, "half", give, &broken, -1, &err));
		assert_int_equal(err.code, SP_TARGET_CHANGED);
		sp_error_clear(&err);
		expect_absent("half");
		free(data);
	}
}

static void deletes_what_is_there_and_what_is_not(void **state)
{
	(void)state;
	put("folder/one", "1", 1);
	put("folder/two", "2", 1);
	remove_it("folder/one");
	remove_it("folder/one");
	remove_it("nothing/at/all");
	expect_content("folder/two", "2", 1, 10);
	/* what is no object isn't touched */
	remove_it("folder");
	expect_size("folder/two", 1);
	remove_it("folder/two");
}

static void reads_several_at_a_time(void **state)
{
	char *data = make_bytes(3 * MIB);
	sp_error err = SP_ERROR_INIT;
	sp_blob *one, *two, *three;
	char part[100000];
	size_t got, at[2] = { 0 };

	(void)state;
	put("one", data, 3 * MIB);
	put("two", data + MIB, 2 * MIB);
	one = open_blob("one");
	two = open_blob("two");
	three = open_blob("one");
	for (got = 1; got;) {
		fine(sp_blob_read(one, part, sizeof part, &got, &err), &err);
		assert_memory_equal(part, data + at[0], got);
		at[0] += got;
		if (at[0] == sizeof part)
			sp_blob_close(three); /* in the middle of it */
		fine(sp_blob_read(two, part, 70000, &got, &err), &err);
		assert_memory_equal(part, data + MIB + at[1], got);
		at[1] += got;
		if (at[0] < 3 * MIB)
			got = 1;
	}
	assert_int_equal(at[1], 2 * MIB);
	if (at[0] < sizeof part)
		sp_blob_close(three);
	sp_blob_close(one);
	sp_blob_close(two);
	remove_it("one");
	remove_it("two");
	free(data);
}

static void what_was_expected_may_come_or_not(void **state)
{
	sp_error err = SP_ERROR_INIT;
	char name[32];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "expected/%d", i);
		put(name, name, strlen(name));
	}
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "expected/%d", i);
		sp_store_expect(store, name);
		sp_store_expect(store, name);
	}
	sp_store_expect(store, "expected/never");
	assert_null(sp_store_get(store, "expected/never", &err));
	fine(true, &err);
	for (i = 19; i >= 0; i -= 2) {
		snprintf(name, sizeof name, "expected/%d", i);
		expect_content(name, name, strlen(name), 100);
		expect_content(name, name, strlen(name), 100);
	}
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "expected/%d", i);
		remove_it(name);
	}
}

static void tells_where_it_is(void **state)
{
	(void)state;
	assert_string_equal(sp_store_name(store), getenv("STORE_WHERE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_where_it_is),
		cmocka_unit_test(gives_back_what_was_put),
		cmocka_unit_test(takes_names_of_any_character),
		cmocka_unit_test(takes_names_with_line_ends),
		cmocka_unit_test(knows_names_that_name_nothing),
		cmocka_unit_test(a_name_that_is_too_long_names_nothing),
		cmocka_unit_test(asks_for_many_at_once),
		cmocka_unit_test(never_replaces),
		cmocka_unit_test(puts_streams),
		cmocka_unit_test(nothing_is_there_after_a_put_that_failed),
		cmocka_unit_test(deletes_what_is_there_and_what_is_not),
		cmocka_unit_test(reads_several_at_a_time),
		cmocka_unit_test(what_was_expected_may_come_or_not),
	};

	return cmocka_run_group_tests(tests, open_store, close_store);
}
