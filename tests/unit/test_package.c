#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/hash.h"
#include "core/package/own_write.h"
#include "core/package/zip_read.h"
#include "tests/unit/temp.h"

/* --- writes that fail from a number of bytes on (linked with --wrap) --- */

static int64_t room = INT64_MAX;

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	if (fd > 2 && (room -= (int64_t)len) < 0) {
		errno = ENOSPC;
		return -1;
	}
	return __real_write(fd, data, len);
}

static int reset(void **state)
{
	(void)state;
	room = INT64_MAX;
	temp_clear();
	return 0;
}

/* --- writing and reading back --- */

typedef struct {
	sp_out *out;
	sp_package *package;
	sp_json *manifest;
} writing;

static writing begin(const char *path)
{
	sp_error err = SP_ERROR_INIT;
	writing w;

	w.out = sp_out_open(path, false, &err);
	assert_non_null(w.out);
	w.package = sp_package_create(w.out, path, 6, &err);
	assert_non_null(w.package);
	w.manifest = sp_json_object();
	assert_true(sp_json_add_text(w.manifest, "format", SP_FORMAT));
	return w;
}

static void end(writing *w)
{
	sp_error err = SP_ERROR_INIT;

	if (!sp_package_finish(w->package, w->manifest, &err))
		fail_msg("%s", sp_error_text(&err));
	sp_package_free(w->package);
	sp_json_free(w->manifest);
	assert_true(sp_out_commit(w->out, &err));
}

static void drop(writing *w)
{
	sp_package_free(w->package);
	sp_json_free(w->manifest);
	sp_out_discard(w->out);
}

static void add(writing *w, const char *path, const char *kind, const char *text, int64_t rows)
{
	sp_error err = SP_ERROR_INIT;

	if (!sp_package_entry(w->package, path, kind, text, strlen(text), rows, &err))
		fail_msg("%s", sp_error_text(&err));
}

typedef struct {
	char path[512];
	sp_buf data;
	char sha256[SP_SHA256_HEX + 1];
} entry;

typedef struct {
	entry list[600];
	size_t count;
} contents;

static void read_entry(sp_zip_reader *zip, const char *path, entry *into)
{
	sp_error err = SP_ERROR_INIT;
	sp_sha256 *sha = sp_sha256_create(&err);
	char data[4096];
	size_t got;

	assert_non_null(sha);
	assert_true(strlen(path) < sizeof(into->path));
	memcpy(into->path, path, strlen(path) + 1);
	do {
		if (!sp_zip_read(zip, data, sizeof(data), &got, &err))
			fail_msg("%s", sp_error_text(&err));
		sp_buf_add(&into->data, data, got);
		sp_sha256_update(sha, data, got);
	} while (got);
	assert_true(sp_sha256_hex(sha, into->sha256));
	sp_sha256_free(sha);
}

static contents *read_package(const char *path)
{
	contents *found = calloc(1, sizeof(*found));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	sp_error err = SP_ERROR_INIT;
	sp_checking check = { .name = path, .limits = SP_LIMITS_DEFAULT };
	sp_zip_entry at;
	sp_zip_reader *zip;

	assert_non_null(found);
	assert_true(fd >= 0);
	sp_checking_begin(&check);
	zip = sp_zip_reader_open(fd, &check, &err);
	assert_non_null(zip);
	for (;;) {
		if (!sp_zip_next(zip, &at, &err))
			fail_msg("%s", sp_error_text(&err));
		if (!at.path)
			break;
		assert_true(found->count < sizeof(found->list) / sizeof(*found->list));
		read_entry(zip, at.path, &found->list[found->count++]);
	}
	sp_zip_reader_free(zip);
	close(fd);
	return found;
}

static void free_contents(contents *found)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		sp_buf_free(&found->list[i].data);
	free(found);
}

static void expect_data(const contents *found, size_t i, const char *path, const char *data)
{
	assert_true(i < found->count);
	assert_string_equal(found->list[i].path, path);
	assert_string_equal(sp_buf_text(&found->list[i].data), data);
}

/* --- tests --- */

#define SHA_ABC  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA_ROWS "e91bd3062f38c3f1df2165d987872b022fb39a08c642a6fbc3b862dd2a2aaf24"
#define SHA_NONE "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const char listed[] =
	"{\"path\":\"run/"
	"run_metadata.json\",\"kind\":\"run\",\"rows\":1,\"size\":3,\"sha256\":\"" SHA_ABC "\"}\n"
	"{\"path\":\"annotations/"
	"annotations.jsonl\",\"kind\":\"annotation\",\"rows\":2,\"size\":16,\"sha256\":\"" SHA_ROWS
	"\"}\n"
	"{\"path\":\"annotations/"
	"justifications.jsonl\",\"kind\":\"justification\",\"rows\":0,\"size\":0,"
	"\"sha256\":\"" SHA_NONE "\"}\n"
	"{\"path\":\"assets/files/asset_1_file.pdf\",\"kind\":\"file\",\"size\":3,\"sha256\":\"" SHA_ABC
	"\"}\n";

static void write_sample(writing *w)
{
	sp_error err = SP_ERROR_INIT;
	sp_zip_result result;

	assert_int_equal(sp_package_entries(w->package), 0);
	add(w, "run/run_metadata.json", "run", "abc", 1);
	add(w, "annotations/annotations.jsonl", "annotation", "{\"a\":1}\n{\"a\":2}\n", 2);
	add(w, "annotations/justifications.jsonl", "justification", "", 0);
	assert_int_equal(sp_package_entries(w->package), 3);
	/* by pieces, of a size that isn't told before */
	assert_true(
		sp_package_open(w->package, "assets/files/asset_1_file.pdf", "file", -1, true, &err));
	assert_true(sp_package_write(w->package, "a", 1, &err));
	assert_true(sp_package_write(w->package, "", 0, &err));
	assert_true(sp_package_write(w->package, "bc", 2, &err));
	assert_true(sp_package_close(w->package, -1, &result, &err));
	assert_int_equal(result.size, 3);
	assert_string_equal(result.sha256, SHA_ABC);
	assert_int_equal(sp_package_entries(w->package), 4);
}

static void a_package_comes_back(void **state)
{
	writing w = begin("a.zip");
	contents *found;

	(void)state;
	write_sample(&w);
	end(&w);
	found = read_package("a.zip");
	assert_int_equal(found->count, 7);
	expect_data(found, 0, "run/run_metadata.json", "abc");
	expect_data(found, 1, "annotations/annotations.jsonl", "{\"a\":1}\n{\"a\":2}\n");
	expect_data(found, 2, "annotations/justifications.jsonl", "");
	expect_data(found, 3, "assets/files/asset_1_file.pdf", "abc");
	assert_string_equal(found->list[4].path, "entries.jsonl");
	assert_string_equal(found->list[5].path, "manifest.json");
	assert_string_equal(found->list[6].path, "checksums.sha256");
	free_contents(found);
}

static void entries_are_listed(void **state)
{
	writing w = begin("a.zip");
	contents *found;

	(void)state;
	write_sample(&w);
	end(&w);
	found = read_package("a.zip");
	expect_data(found, 4, "entries.jsonl", listed);
	free_contents(found);
}

static void the_manifest_seals_the_list(void **state)
{
	writing w = begin("a.zip");
	sp_error err = SP_ERROR_INIT;
	const sp_json *entries;
	contents *found;
	sp_json *manifest;

	(void)state;
	write_sample(&w);
	end(&w);
	found = read_package("a.zip");
	manifest = sp_json_parse(found->list[5].data.data, found->list[5].data.len, "manifest", &err);
	assert_non_null(manifest);
	assert_string_equal(sp_json_text(manifest, "format"), SP_FORMAT);
	entries = sp_json_get(manifest, "entries");
	assert_string_equal(sp_json_text(entries, "path"), "entries.jsonl");
	assert_int_equal(sp_json_int(entries, "count", -1), 4);
	assert_int_equal(sp_json_int(entries, "size", -1), sizeof(listed) - 1);
	assert_string_equal(sp_json_text(entries, "sha256"), found->list[4].sha256);
	sp_json_free(manifest);
	free_contents(found);
}

/* In sha256sum's own form, every entry but itself, in their order. */
static void checksums_are_right(void **state)
{
	writing w = begin("a.zip");
	sp_buf expected = { 0 };
	contents *found;
	size_t i;

	(void)state;
	write_sample(&w);
	end(&w);
	found = read_package("a.zip");
	for (i = 0; i < 6; i++)
		sp_buf_addf(&expected, "%s  %s\n", found->list[i].sha256, found->list[i].path);
	expect_data(found, 6, "checksums.sha256", expected.data);
	sp_buf_free(&expected);
	free_contents(found);
}

static void a_package_may_be_empty(void **state)
{
	writing w = begin("a.zip");
	contents *found;

	(void)state;
	end(&w);
	found = read_package("a.zip");
	assert_int_equal(found->count, 3);
	expect_data(found, 0, "entries.jsonl", "");
	assert_non_null(strstr(found->list[1].data.data, "\"count\": 0"));
	assert_non_null(strstr(found->list[2].data.data, SHA_NONE "  entries.jsonl\n"));
	free_contents(found);
}

static void many_entries_are_listed(void **state)
{
	writing w = begin("a.zip");
	const char *line;
	contents *found;
	char path[64];
	int i;

	(void)state;
	for (i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "assets/metadata/asset_%d.json", i);
		add(&w, path, "asset", path, 1);
	}
	end(&w);
	found = read_package("a.zip");
	assert_int_equal(found->count, 503);
	for (i = 0, line = found->list[500].data.data; i < 500; i++) {
		sp_buf begins = { 0 };

		sp_buf_addf(
			&begins,
			"{\"path\":\"%s\",\"kind\":\"asset\",\"rows\":1,\"size\":%zu,\"sha256\":\"%s\"}\n",
			found->list[i].path, found->list[i].data.len, found->list[i].sha256);
		assert_memory_equal(line, begins.data, begins.len);
		line += begins.len;
		sp_buf_free(&begins);
	}
	assert_int_equal(*line, '\0');
	free_contents(found);
}

/* What is longer than an entry's usual name is named whole or not at all. */
static void long_names_are_listed_whole(void **state)
{
	writing w = begin("a.zip");
	char path[401];
	contents *found;

	(void)state;
	memset(path, 'a', sizeof(path));
	path[200] = '/';
	path[400] = '\0';
	add(&w, path, "a_word_for_a_kind_that_is_longer_than_any", "abc", -1);
	end(&w);
	found = read_package("a.zip");
	expect_data(found, 0, path, "abc");
	assert_non_null(strstr(found->list[1].data.data, path));
	assert_non_null(
		strstr(found->list[1].data.data, "\"a_word_for_a_kind_that_is_longer_than_any\""));
	assert_non_null(strstr(found->list[3].data.data, path));
	free_contents(found);
}

/* Entries are deflated unless they are to be stored. */
static void entries_are_deflated(void **state)
{
	sp_error err = SP_ERROR_INIT;
	char *text = malloc(100001);
	size_t len;
	int i;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', 100000);
	text[100000] = '\0';
	for (i = 0; i < 3; i++) {
		writing w = begin("a.zip");

		if (i == 0)
			add(&w, "a", "a", text, -1);
		else
			assert_true(sp_package_open(w.package, "a", "a", -1, i == 2, &err) &&
			            sp_package_write(w.package, text, 100000, &err) &&
			            sp_package_close(w.package, -1, NULL, &err));
		end(&w);
		free(temp_read("a.zip", &len));
		assert_true(i == 2 ? len > 100000 : len < 2000);
		temp_clear();
	}
	free(text);
}

/* … and so are the lists and the manifest. */
static void lists_are_deflated(void **state)
{
	writing w = begin("a.zip");
	size_t len, i, bytes[3] = { 0 }, names = 0;
	contents *found;
	char path[64];

	(void)state;
	for (i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "assets/metadata/asset_%zu.json", i);
		add(&w, path, "asset", "", 1);
		names += 2 * strlen(path);
		snprintf(path, sizeof(path), "member_%zu", i);
		assert_true(sp_json_add_text(w.manifest, path, "the same text for each of the members"));
	}
	end(&w);
	found = read_package("a.zip");
	for (i = 0; i < 3; i++)
		bytes[i] = found->list[500 + i].data.len;
	free_contents(found);
	free(temp_read("a.zip", &len));
	/* beside the headers of entries there is less room than for any of the three */
	len -= names + 500 * 100;
	for (i = 0; i < 3; i++)
		assert_true(len < bytes[i]);
}

static void the_same_gives_the_same_bytes(void **state)
{
	size_t len[2];
	char *data[2];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		writing w = begin(i ? "b.zip" : "a.zip");

		write_sample(&w);
		end(&w);
		data[i] = temp_read(i ? "b.zip" : "a.zip", &len[i]);
	}
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(data[0], data[1], len[0]);
	free(data[0]);
	free(data[1]);
}

/* --- what goes wrong --- */

static void expect_failure(sp_error *err, const char *part)
{
	assert_int_equal(err->code, SP_FAILED);
	if (!strstr(sp_error_text(err), part))
		fail_msg("\"%s\" isn't in: %s", part, sp_error_text(err));
	sp_error_clear(err);
}

static void refuses_names_that_are_none(void **state)
{
	static const char *const bad[] = { "",  "/a",   "../a", "a/../b", "a\\b",
		                               "ü", "a//b", "a\nb", "./a" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		writing w = begin("a.zip");
		sp_error err = SP_ERROR_INIT;

		assert_false(sp_package_entry(w.package, bad[i], "file", "abc", 3, -1, &err));
		sp_error_clear(&err);
		assert_int_equal(sp_package_entries(w.package), 0);
		drop(&w);
	}
	assert_int_equal(temp_count("."), 0);
}

static void needs_as_many_bytes_as_announced(void **state)
{
	writing w = begin("a.zip");
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_true(sp_package_open(w.package, "a", "file", 3, false, &err));
	assert_true(sp_package_write(w.package, "ab", 2, &err));
	assert_false(sp_package_close(w.package, -1, NULL, &err));
	expect_failure(&err, "a");
	assert_int_equal(sp_package_entries(w.package), 0);
	assert_false(sp_package_finish(w.package, w.manifest, &err));
	sp_error_clear(&err);
	drop(&w);
	assert_int_equal(temp_count("."), 0);
}

/* Wherever the disk is full, finish tells at the latest, and nothing stays. */
static void a_full_disk_is_told(void **state)
{
	int64_t limit, whole;
	writing w = begin("a.zip");
	size_t len;

	(void)state;
	write_sample(&w);
	end(&w);
	free(temp_read("a.zip", &len));
	whole = (int64_t)len;
	for (limit = 0; limit < whole; limit += 97) {
		sp_error err = SP_ERROR_INIT;
		bool ok;

		temp_clear();
		w = begin("a.zip");
		room = limit;
		ok = sp_package_entry(w.package, "run/run_metadata.json", "run", "abc", 3, 1, &err) &&
		     sp_package_entry(w.package, "annotations/annotations.jsonl", "annotation",
		                      "{\"a\":1}\n{\"a\":2}\n", 16, 2, &err) &&
		     sp_package_entry(w.package, "assets/files/asset_1_file.pdf", "file", "abc", 3, -1,
		                      &err) &&
		     sp_package_finish(w.package, w.manifest, &err);
		sp_package_free(w.package);
		sp_json_free(w.manifest);
		if (ok)
			assert_false(sp_out_commit(w.out, &err));
		else
			sp_out_discard(w.out);
		assert_non_null(strstr(sp_error_text(&err), "space"));
		sp_error_clear(&err);
		room = INT64_MAX;
		assert_int_equal(temp_count("."), 0);
	}
}

/* The lists lie in spools beside the package: that folder must be there. */
static void needs_a_folder_for_its_lists(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open("a.zip", false, &err);

	(void)state;
	assert_non_null(out);
	assert_null(sp_package_create(out, "none/a.zip", 6, &err));
	assert_true(sp_error_is_set(&err));
	sp_error_clear(&err);
	sp_out_discard(out);
	sp_package_free(NULL);
}

#define TEST(function) cmocka_unit_test_setup(function, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_package_comes_back),        TEST(entries_are_listed),
		TEST(the_manifest_seals_the_list), TEST(checksums_are_right),
		TEST(a_package_may_be_empty),      TEST(many_entries_are_listed),
		TEST(long_names_are_listed_whole), TEST(entries_are_deflated),
		TEST(lists_are_deflated),          TEST(the_same_gives_the_same_bytes),
		TEST(refuses_names_that_are_none), TEST(needs_as_many_bytes_as_announced),
		TEST(a_full_disk_is_told),         TEST(needs_a_folder_for_its_lists),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
