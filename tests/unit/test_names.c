#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <locale.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/export/target.h"
#include "core/package/places.h"
#include "core/package/zip_extra.h"
#include "core/package/zip_name.h"
#include "core/package/zip_read.h"

/* Names of entries, as other programs give them, and of files. */

static sp_name_verdict verdict(const char *name, bool is_utf8)
{
	const char *why = NULL;
	sp_name_verdict of = sp_zip_name_check(name, strlen(name), is_utf8, &why);

	assert_int_equal(of == SP_NAME_BAD, why != NULL);
	return of;
}

static void names_of_this_format(void **state)
{
	static const char *const plain[] = { "a",      "manifest.json", "a/b/c.d-e_f", "A/0",
		                                 "folder/", ".a",            "a..b",        "...a" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof plain / sizeof *plain; i++) {
		assert_int_equal(verdict(plain[i], false), SP_NAME_PLAIN);
		assert_int_equal(verdict(plain[i], true), SP_NAME_PLAIN);
	}
}

static void odd_names(void **state)
{
	static const char *const odd[] = { "a b", "a(1)/b", "a'b", "~a", "a\"b", "$HOME", "a*" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof odd / sizeof *odd; i++)
		assert_int_equal(verdict(odd[i], false), SP_NAME_ODD);
	/* beyond ASCII what is marked as UTF-8; a folder around all, and litter, in whatever encoding */
	assert_int_equal(verdict("\xc3\xbc/a", true), SP_NAME_ODD);
	assert_int_equal(verdict("a/\xc3\xbc", true), SP_NAME_ODD);
	assert_int_equal(verdict("\xc3\xbc/", true), SP_NAME_ODD);
	assert_int_equal(verdict("\xfc/a", false), SP_NAME_ODD);
	assert_int_equal(verdict("__MACOSX/a/._\xc3\xbc", true), SP_NAME_ODD);
	assert_int_equal(verdict("a/._\xc3\xbc", true), SP_NAME_ODD);
}

static void bad_names(void **state)
{
	static const char *const bad[] = { "",           "/",      "/a",       "a//b",     "a/../b",
		                               "..",         ".",      "./a",      "a/.",      "a.",
		                               "a ",         "a /b",   "a./b",     "a\\b",     "c:a",
		                               "a\tb",       "a\x7f",  "a\x1b[1m", "a\xff",    "a\xc3",
		                               "a//",        "..a/..", "a/b:c",
		                               "\xc3\xbc./a" };
	char part[257], path[4098];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(verdict(bad[i], false), SP_NAME_BAD);
		assert_int_equal(verdict(bad[i], true), SP_NAME_BAD);
	}
	/* one that turns round, one that isn't UTF-8 */
	assert_int_equal(verdict("\xe2\x80\xae/a", true), SP_NAME_BAD);
	assert_int_equal(verdict("\xed\xa0\x80/a", true), SP_NAME_BAD);
	assert_int_equal(verdict("\xfc", false), SP_NAME_BAD);
	assert_int_equal(verdict("a/\xfc", false), SP_NAME_BAD);
	assert_int_equal(verdict("\xfc/a", true), SP_NAME_BAD);
	memset(part, 'a', 256);
	part[256] = '\0';
	assert_int_equal(verdict(part, false), SP_NAME_BAD);
	assert_int_equal(verdict(part + 1, false), SP_NAME_PLAIN);
	for (i = 0; i < 4097; i++)
		path[i] = i % 2 ? '/' : 'a';
	path[4097] = '\0';
	assert_int_equal(verdict(path, false), SP_NAME_BAD);
	assert_int_equal(verdict(path + 2, false), SP_NAME_PLAIN);
}

static bool is_litter(const char *name)
{
	return sp_zip_name_is_litter(name, strlen(name));
}

static void litter(void **state)
{
	(void)state;
	assert_true(is_litter(".DS_Store"));
	assert_true(is_litter("a/b/.DS_Store"));
	assert_true(is_litter("Thumbs.db"));
	assert_true(is_litter("a/desktop.ini"));
	assert_true(is_litter("__MACOSX/"));
	assert_true(is_litter("__MACOSX/a/b"));
	assert_true(is_litter("a/._b"));
	assert_true(is_litter("._b"));
	assert_false(is_litter("._"));
	assert_false(is_litter("_.b"));
	assert_false(is_litter("__MACOSX"));
	assert_false(is_litter("a/__MACOSX/b"));
	assert_false(is_litter(".DS_Store/a"));
	assert_false(is_litter("thumbs.db"));
	assert_false(is_litter("manifest.json"));
}

static void paths_that_are_read(void **state)
{
	static const char *const good[] = { "a", "a/b", "a b/c", ".a", "a..", "~" };
	static const char *const bad[] = { "",    "/",      "a/",   "/a",   "a//b",  ".",       "..",
		                               "a/.", "a/../b", "a\\b", "a\nb", "a\x7f", "\xc3\xbc" };
	char path[4098];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(sp_zip_path_ok(good[i]));
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(sp_zip_path_ok(bad[i]));
	memset(path, 'a', 4097);
	path[4097] = '\0';
	assert_false(sp_zip_path_ok(path));
	assert_true(sp_zip_path_ok(path + 1));
}

static void expect_place(const char *path, const char *pattern)
{
	const sp_place_kind *place = sp_place_find(path);

	if (!pattern ? place != NULL : !place || strcmp(place->path, pattern) != 0)
		fail_msg("%s is taken for %s", path, place ? place->path : "nothing");
}

static void places(void **state)
{
	const sp_place_kind *place = NULL;
	int count = 0;

	(void)state;
	expect_place("manifest.json", "manifest.json");
	expect_place("assets/metadata/asset_10.json", "assets/metadata/asset_%N.json");
	expect_place("assets/metadata/asset_1.json", "assets/metadata/asset_%N.json");
	expect_place("assets/metadata/asset_01.json", NULL);
	expect_place("assets/metadata/asset_0.json", NULL);
	expect_place("assets/metadata/asset_.json", NULL);
	expect_place("assets/metadata/asset_x.json", NULL);
	expect_place("assets/metadata/asset_1.jsonl", NULL);
	expect_place("assets/files/asset_1_file", "assets/files/asset_%N_file*");
	expect_place("assets/files/asset_1_file.tar.gz", "assets/files/asset_%N_file*");
	expect_place("assets/files/asset_1_file/a", NULL);
	expect_place("assets/files/asset_1", NULL);
	expect_place("assets/embeddings/asset_7_.jsonl", "assets/embeddings/asset_%N_*.jsonl");
	expect_place("assets/embeddings/asset_7_x.json", NULL);
	expect_place("texts/.txt", "texts/*.txt");
	expect_place("texts/txt", NULL);
	expect_place("dependencies/canons.jsonl", "dependencies/canons.jsonl");
	expect_place("dependencies/canons.json", NULL);
	expect_place("", NULL);
	while ((place = sp_place_next_always(place))) {
		assert_true(place->always && sp_place_index(place) < SP_PLACES);
		count++;
	}
	assert_true(count > 5);
}

static void expect_file(const char *run, const char *expected)
{
	sp_buf path = { 0 };

	sp_buf_adds(&path, "out/");
	sp_target_name(&path, run, 17);
	assert_string_equal(sp_buf_text(&path), expected);
	sp_buf_free(&path);
}

static void names_of_files(void **state)
{
	(void)state;
	expect_file("Positionen 2025", "out/positionen-2025-17.zip");
	expect_file("../../etc/passwd", "out/etc-passwd-17.zip");
	expect_file("a -- b --", "out/a-b-17.zip");
	expect_file("\xc3\x9c\xc3\xa4", "out/run-17.zip");
	expect_file("", "out/run-17.zip");
	expect_file("-rf", "out/rf-17.zip");
}

static void names_in_extra_fields(void **state)
{
	static const unsigned char good[] = { 0x75, 0x70, 6, 0, 1, 0, 0, 0, 0, 'a' },
							   other_version[] = { 0x75, 0x70, 6, 0, 2, 0, 0, 0, 0, 'a' },
							   cut[] = { 0x75, 0x70, 4, 0, 1, 0, 0, 0 };
	sp_zip_extra extra;

	(void)state;
	assert_true(sp_zip_extra_read(good, sizeof good, &extra));
	assert_int_equal(extra.name_len, 1);
	assert_int_equal(extra.name[0], 'a');
	assert_false(sp_zip_extra_read(other_version, sizeof other_version, &extra));
	assert_false(sp_zip_extra_read(cut, sizeof cut, &extra));
	assert_false(sp_zip_extra_read(good, sizeof good - 1, &extra));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_this_format),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(litter),
		cmocka_unit_test(names_in_extra_fields),
		cmocka_unit_test(paths_that_are_read),
		cmocka_unit_test(places),
		cmocka_unit_test(names_of_files),
	};

	/* as the program has it */
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
