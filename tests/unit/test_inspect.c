#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/package/inspect.h"
#include "core/package/own_write.h"
#include "core/package/row_check.h"
#include "tests/unit/temp.h"

/*
 * A package made entry by entry, with lists that say what a test wants them to
 * say: each entry can be left out of the file or of a list, or be listed
 * otherwise than it is.
 */
typedef struct {
	const char *path, *data;
	const char *kind;             /* NULL: not in entries.jsonl */
	const char *sum_as, *list_as; /* data that the lists are made from; NULL: `data` */
	bool unsummed;                /* not in checksums.sha256 */
	bool absent;                  /* in the lists only */
	int rows;                     /* -1: none */
	int size_more;                /* what entries.jsonl adds to the size */
} part;

#define PARTS 8

typedef struct {
	part parts[PARTS];
	const char *manifest;                 /* NULL: a good one */
	const char *order[4];                 /* of the last entries; "x": an entry more */
	const char *more_entries, *more_sums; /* appended to the lists */
	int count_more;                       /* what the manifest adds to the count */
	const char *list_hash;                /* what the manifest says it is; NULL: right */
} made;

static made good(void)
{
	return (made){
		.parts = { { .path = "run/run_metadata.json",
		             .data = "{\"a\":[1,2]}\n",
		             .kind = "run",
		             .rows = 1 },
		           { .path = "annotations/annotations.jsonl",
		             .data = "{}\n{}\n{}\n",
		             .kind = "annotation",
		             .rows = 3 },
		           { .path = "schemas/primary_schemas.json",
		             .data = "[\n{},\n{}\n]\n",
		             .kind = "schema",
		             .rows = 2 },
		           { .path = "schemas/more.json", .data = "[]\n", .kind = "schema", .rows = 0 },
		           { .path = "assets/files/a_file.pdf",
		             .data = "%PDF",
		             .kind = "file",
		             .rows = -1 } },
		.order = { "entries.jsonl", "manifest.json", "checksums.sha256" },
	};
}

static void hash(const char *data, size_t len, char hex[SP_SHA256_HEX + 1])
{
	sp_error err = SP_ERROR_INIT;
	sp_sha256 *sha = sp_sha256_create(&err);

	assert_non_null(sha);
	sp_sha256_update(sha, data, len);
	assert_true(sp_sha256_hex(sha, hex));
	sp_sha256_free(sha);
}

static void add_sum(sp_buf *sums, const char *path, const char *data, size_t len)
{
	char hex[SP_SHA256_HEX + 1];

	hash(data, len, hex);
	sp_buf_addf(sums, "%s  %s\n", hex, path);
}

static void write_entry(sp_zip_writer *zip, const char *path, const char *data, size_t len)
{
	sp_error err = SP_ERROR_INIT;

	assert_true(sp_zip_begin(zip, path, (int64_t)len, false, &err));
	assert_true(sp_zip_write(zip, data, len, &err));
	assert_true(sp_zip_end(zip, NULL, &err));
}

static void write_part(sp_zip_writer *zip, const part *part, sp_buf *list, sp_buf *sums)
{
	const char *as = part->list_as ? part->list_as : part->data;
	const char *sum_as = part->sum_as ? part->sum_as : part->data;
	char hex[SP_SHA256_HEX + 1];

	if (!part->absent)
		write_entry(zip, part->path, part->data, strlen(part->data));
	if (!part->unsummed)
		add_sum(sums, part->path, sum_as, strlen(sum_as));
	if (!part->kind)
		return;
	hash(as, strlen(as), hex);
	sp_buf_addf(list, "{\"path\":\"%s\",\"kind\":\"%s\"", part->path, part->kind);
	if (part->rows >= 0)
		sp_buf_addf(list, ",\"rows\":%d", part->rows);
	sp_buf_addf(list, ",\"size\":%d,\"sha256\":\"%s\"}\n", (int)strlen(as) + part->size_more, hex);
}

static void make_manifest(const made *m, const sp_buf *list, int count, sp_buf *to)
{
	char hex[SP_SHA256_HEX + 1];

	hash(list->data, list->len, hex);
	if (m->manifest)
		sp_buf_adds(to, m->manifest);
	else
		sp_buf_addf(to,
		            "{\"format\":\"spaceport\",\"format_version\":\"1.0\",\"package_type\":"
		            "\"run\",\"run\":{\"name\":\"R\"},"
		            "\"entries\":{\"count\":%d,\"size\":%zu,\"sha256\":\"%s\"}}\n",
		            count + m->count_more, list->len, m->list_hash ? m->list_hash : hex);
}

static void make(const made *m)
{
	sp_buf list = { 0 }, sums = { 0 }, manifest = { 0 };
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open("a.zip", true, &err);
	sp_zip_writer *zip = sp_zip_writer_create(out, 6, &err);
	int i, count = 0;

	assert_non_null(zip);
	for (i = 0; i < PARTS && m->parts[i].path; i++) {
		write_part(zip, &m->parts[i], &list, &sums);
		count += !m->parts[i].absent;
	}
	if (m->more_entries)
		sp_buf_adds(&list, m->more_entries);
	make_manifest(m, &list, count, &manifest);
	add_sum(&sums, "entries.jsonl", list.data, list.len);
	add_sum(&sums, "manifest.json", manifest.data, manifest.len);
	if (m->more_sums)
		sp_buf_adds(&sums, m->more_sums);
	for (i = 0; i < 4 && m->order[i]; i++) {
		const sp_buf *data = m->order[i][0] == 'e'   ? &list
		                     : m->order[i][0] == 'm' ? &manifest
		                                             : &sums;

		write_entry(zip, m->order[i], data->data, data->len);
	}
	if (!sp_zip_finish(zip, &err))
		fail_msg("%s", sp_error_text(&err));
	sp_zip_writer_free(zip);
	assert_true(sp_out_commit(out, &err));
	sp_buf_free(&list);
	sp_buf_free(&sums);
	sp_buf_free(&manifest);
}

typedef struct {
	int counts[SP_FOUND_IDS];
} heard;

static void hear(void *ctx, const sp_finding *finding)
{
	((heard *)ctx)->counts[finding->id]++;
}

/* What is there; `heard` (or NULL) is told what isn't as spaceport writes it. */
static sp_json *look_and_hear(const char *path, sp_job *job, heard *heard, sp_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	sp_checking check = { .name = path,
		                  .limits = SP_LIMITS_DEFAULT,
		                  .job = job,
		                  .tell = heard ? hear : NULL,
		                  .ctx = heard };
	sp_inspection *inspection;
	sp_json *result;

	assert_true(fd >= 0);
	inspection = sp_inspect_open(fd, &check, 0, err);
	result = inspection ? sp_inspection_result(inspection, err) : NULL;
	sp_inspection_free(inspection);
	close(fd);
	return result;
}

static sp_json *look(const char *path, sp_job *job, sp_error *err)
{
	return look_and_hear(path, job, NULL, err);
}

static void expect_bad(const made *m, sp_code code, const char *says)
{
	sp_error err = SP_ERROR_INIT;

	make(m);
	assert_null(look("a.zip", NULL, &err));
	assert_int_equal(err.code, code);
	if (!strstr(sp_error_text(&err), says))
		fail_msg("not \"%s\": %s", says, sp_error_text(&err));
	assert_non_null(strstr(sp_error_text(&err), code == SP_FAILED ? "" : "a.zip"));
	sp_error_clear(&err);
}

static int reset(void **state)
{
	(void)state;
	temp_clear();
	return 0;
}

static void good_package(void **state)
{
	sp_error err = SP_ERROR_INIT;
	const sp_json *counts, *kind;
	made m = good();
	sp_json *result;

	(void)state;
	make(&m);
	result = look("a.zip", NULL, &err);
	if (!result)
		fail_msg("%s", sp_error_text(&err));
	assert_string_equal(sp_json_text(result, "format"), "spaceport");
	assert_string_equal(sp_json_text(result, "format_version"), "1.0");
	assert_int_equal(sp_json_int(result, "entries", -1), 8);
	assert_true(sp_json_int(result, "file_size", -1) > 500);
	assert_true(sp_json_int(result, "bytes", -1) > 500);
	assert_string_equal(sp_json_text(sp_json_get(sp_json_get(result, "manifest"), "run"), "name"),
	                    "R");
	counts = sp_json_get(result, "counts");
	kind = sp_json_get(counts, "schema");
	assert_int_equal(sp_json_int(kind, "entries", -1), 2);
	assert_int_equal(sp_json_int(kind, "rows", -1), 2);
	assert_int_equal(sp_json_int(kind, "bytes", -1), 14);
	assert_int_equal(sp_json_int(sp_json_get(counts, "annotation"), "rows", -1), 3);
	assert_int_equal(sp_json_int(sp_json_get(counts, "file"), "rows", -1), -1);
	sp_json_free(result);
}

/* What the writer of packages makes is what this reads. */
static void written_package(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open("a.zip", true, &err);
	sp_package *package = sp_package_create(out, "a.zip", 6, &err);
	sp_json *manifest = sp_json_object(), *result;

	(void)state;
	assert_true(sp_package_entry(package, "x/lines.jsonl", "row", "{}\n{}\n", 6, 2, &err));
	assert_true(sp_package_open(package, "y.bin", "file", -1, true, &err));
	assert_true(sp_package_write(package, "123", 3, &err));
	assert_true(sp_package_close(package, -1, NULL, &err));
	sp_json_add_text(manifest, "format", SP_FORMAT);
	sp_json_add_text(manifest, "format_version", SP_FORMAT_VERSION);
	assert_true(sp_package_finish(package, manifest, &err));
	sp_package_free(package);
	assert_true(sp_out_commit(out, &err));
	sp_json_free(manifest);
	result = look("a.zip", NULL, &err);
	if (!result)
		fail_msg("%s", sp_error_text(&err));
	assert_int_equal(sp_json_int(result, "entries", -1), 5);
	sp_json_free(result);
}

static void changed_entries(void **state)
{
	made m;

	(void)state;
	m = good();
	m.parts[1].sum_as = "{}\n{}\n{ }\n";
	expect_bad(&m, SP_BAD_PACKAGE,
	           "\"annotations/annotations.jsonl\": it isn't what it was: its SHA-256 "
	           "differs from that in checksums.sha256");
	m = good();
	m.parts[1].list_as = "{}\n[]\n{}\n";
	expect_bad(&m, SP_BAD_PACKAGE, "differs from that in entries.jsonl");
	m = good();
	m.parts[4].size_more = 1;
	expect_bad(&m, SP_BAD_PACKAGE,
	           "\"assets/files/a_file.pdf\": it has 4 bytes, but entries.jsonl says 5");
	m = good();
	m.parts[1].rows = 4;
	expect_bad(&m, SP_BAD_PACKAGE, "\"annotations/annotations.jsonl\": it has 3 rows");
	m = good();
	m.parts[2].rows = 1;
	expect_bad(&m, SP_BAD_PACKAGE, "\"schemas/primary_schemas.json\": it has 2 rows");
	m = good();
	m.parts[3].rows = 1;
	expect_bad(&m, SP_BAD_PACKAGE, "\"schemas/more.json\": it has 0 rows");
}

static void missing_and_extra_entries(void **state)
{
	made m;
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		m = good();
		m.parts[i].absent = true;
		expect_bad(&m, SP_BAD_PACKAGE, m.parts[i].path);
		expect_bad(&m, SP_BAD_PACKAGE, "missing");
		m = good();
		m.parts[i].unsummed = true;
		expect_bad(&m, SP_BAD_PACKAGE, m.parts[i].path);
		expect_bad(&m, SP_BAD_PACKAGE, "isn't listed in checksums.sha256");
		m = good();
		m.parts[i].kind = NULL;
		expect_bad(&m, SP_BAD_PACKAGE, m.parts[i].path);
		expect_bad(&m, SP_BAD_PACKAGE, "isn't listed in entries.jsonl");
	}
}

static void names_are_there_once(void **state)
{
	made m = good();

	(void)state;
	m.parts[5] = m.parts[1];
	expect_bad(&m, SP_BAD_PACKAGE, "it is there twice");
	m.parts[5].path = "annotations/Annotations.jsonl";
	expect_bad(&m, SP_BAD_PACKAGE, "entry \"annotations/Annotations.jsonl\", offset");
}

static void last_entries_are_last(void **state)
{
	made m;

	(void)state;
	m = good();
	m.order[2] = NULL;
	expect_bad(&m, SP_BAD_PACKAGE, "there is no entry \"checksums.sha256\"");
	m.order[0] = NULL;
	expect_bad(&m, SP_BAD_PACKAGE, "there is no entry \"entries.jsonl\"");
	m = good();
	m.order[3] = "x";
	expect_bad(&m, SP_BAD_PACKAGE, "\"x\": it isn't listed");
	m = good();
	m.order[3] = "manifest.json";
	expect_bad(&m, SP_BAD_PACKAGE, "\"manifest.json\", offset");
}

/* Made anew by another program: still read, but not as if nothing were. */
static void another_order(void **state)
{
	sp_error err = SP_ERROR_INIT;
	made m = good();
	heard heard = { 0 };
	sp_json *result;

	(void)state;
	m.order[0] = "manifest.json";
	m.order[1] = "entries.jsonl";
	make(&m);
	result = look_and_hear("a.zip", NULL, &heard, &err);
	if (!result)
		fail_msg("%s", sp_error_text(&err));
	assert_int_equal(heard.counts[SP_FOUND_ORDER], 1);
	sp_json_free(result);
}

static void lists_are_read_strictly(void **state)
{
	static const char *const lines[] = {
		"x\n",
		"{}\n",
		"\n",
		"{\"path\":\"a\"}\n",
		"null\n",
		"{\"path\":1,\"kind\":\"a\",\"size\":1,\"sha256\":\"\"}\n",
		"{\"path\":\"a\",\"kind\":\"a\",\"size\":-1,\"sha256\":\"\"}\n",
		"{\"path\":\"a\",\"path\":\"b\"}\n"
	};
	static const char *const sums[] = { "x\n", "\n", "0123  a\n" };
	sp_error err = SP_ERROR_INIT;
	made m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		m = good();
		m.more_entries = lines[i];
		make(&m);
		assert_null(look("a.zip", NULL, &err));
		assert_int_equal(err.code, SP_BAD_PACKAGE);
		assert_non_null(strstr(sp_error_text(&err), "entries.jsonl"));
		sp_error_clear(&err);
	}
	for (i = 0; i < sizeof sums / sizeof *sums; i++) {
		m = good();
		m.more_sums = sums[i];
		make(&m);
		assert_null(look("a.zip", NULL, &err));
		assert_int_equal(err.code, SP_BAD_PACKAGE);
		assert_non_null(strstr(sp_error_text(&err), "checksums.sha256"));
		sp_error_clear(&err);
	}
	m = good();
	m.more_sums = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  not/there\n";
	expect_bad(&m, SP_BAD_PACKAGE, "\"not/there\": it is missing");
}

/* A list that would fill the disk. */
static void lists_have_a_size(void **state)
{
	char *line = malloc(200001);
	made m = good();

	(void)state;
	memset(line, ' ', 200000);
	line[200000] = '\0';
	m.more_entries = line;
	expect_bad(&m, SP_BAD_PACKAGE, "\"entries.jsonl\": it is too large");
	m.more_entries = NULL;
	m.more_sums = line;
	expect_bad(&m, SP_BAD_PACKAGE, "\"checksums.sha256\": it is too large");
	free(line);
}

static void manifest_is_checked(void **state)
{
	static const char *const foreign[] = {
		"{}",
		"{\"format\":\"hq\",\"format_version\":\"1.0\"}",
		"{\"format\":\"spaceport\"}",
		"{\"format\":\"spaceport\",\"format_version\":\"2.0\"}",
		"{\"format\":\"spaceport\",\"format_version\":\"1\"}",
		"{\"format\":\"spaceport\",\"format_version\":\"\"}",
		"[]",
	};
	made m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		m = good();
		m.manifest = foreign[i];
		expect_bad(&m, SP_INCOMPATIBLE, "a.zip");
	}
	m = good();
	m.manifest = "{\"format\":\"spaceport\",\"format_version\":\"1.9\"}";
	expect_bad(&m, SP_BAD_PACKAGE, "\"entries.jsonl\": it isn't the one that manifest.json names");
	m = good();
	m.count_more = 1;
	expect_bad(&m, SP_BAD_PACKAGE, "isn't the one");
	m = good();
	m.list_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	expect_bad(&m, SP_BAD_PACKAGE, "isn't the one");
}

static void manifest_is_json(void **state)
{
	sp_error err = SP_ERROR_INIT;
	made m = good();

	(void)state;
	m.manifest = "{\"format\":";
	make(&m);
	assert_null(look("a.zip", NULL, &err));
	assert_int_equal(err.code, SP_BAD_PACKAGE);
	assert_non_null(strstr(sp_error_text(&err), "manifest.json"));
	sp_error_clear(&err);
}

/* One bit anywhere in the file: never a good package with another content. */
static void flipped_bits(void **state)
{
	sp_error err = SP_ERROR_INIT;
	made m = good();
	sp_json *result;
	size_t len, i;
	char *data;
	int taken = 0;

	(void)state;
	make(&m);
	data = temp_read("a.zip", &len);
	for (i = 0; i < len; i += 3) {
		data[i] = (char)(data[i] ^ 0x10);
		temp_write("b.zip", data, len);
		data[i] = (char)(data[i] ^ 0x10);
		result = look("b.zip", NULL, &err);
		if (result) {
			/* dates and other fields of the ZIP that say nothing about the content */
			taken++;
			assert_int_equal(sp_json_int(sp_json_get(sp_json_get(result, "counts"), "annotation"),
			                             "rows", -1),
			                 3);
			sp_json_free(result);
		} else {
			assert_true(err.code == SP_BAD_PACKAGE);
			sp_error_clear(&err);
		}
	}
	assert_true(taken < (int)len / 3 / 2);
	free(data);
}

static void truncated(void **state)
{
	sp_error err = SP_ERROR_INIT;
	made m = good();
	size_t len, i;
	char *data;

	(void)state;
	make(&m);
	data = temp_read("a.zip", &len);
	for (i = 0; i < len; i += 7) {
		temp_write("b.zip", data, i);
		assert_null(look("b.zip", NULL, &err));
		assert_int_equal(err.code, SP_BAD_PACKAGE);
		sp_error_clear(&err);
	}
	free(data);
}

static void cancelled(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_job *job = sp_job_create();
	made m = good();

	(void)state;
	make(&m);
	sp_job_cancel(job);
	assert_null(look("a.zip", job, &err));
	assert_int_equal(err.code, SP_INTERRUPTED);
	sp_error_clear(&err);
	sp_job_free(job);
}

/* --- rows --- */

static int64_t count_rows(const char *path, const char *text, size_t piece)
{
	sp_checking check = { .name = "x", .limits = SP_LIMITS_DEFAULT, .goes_on = true };
	sp_error err = SP_ERROR_INIT;
	sp_row_check *rows = sp_row_check_create(&check, NULL, NULL, &err);
	size_t len = strlen(text), i;
	int64_t count;

	sp_checking_begin(&check);
	sp_row_check_begin(rows, path, true, NULL);
	for (i = 0; i < len; i += piece)
		assert_true(sp_row_check_add(rows, text + i, len - i < piece ? len - i : piece, &err));
	assert_true(sp_row_check_end(rows, &count, &err));
	sp_row_check_free(rows);
	return count;
}

static void expect_rows(const char *path, const char *text, int64_t expected)
{
	assert_int_equal(count_rows(path, text, 1000), expected);
	assert_int_equal(count_rows(path, text, 1), expected);
}

static void rows_are_counted(void **state)
{
	(void)state;
	expect_rows("a.jsonl", "", 0);
	expect_rows("a.jsonl", "{}\n", 1);
	expect_rows("a.jsonl", "{}\n{}", 2);
	expect_rows("a.json", "", -1);
	expect_rows("a.json", "{}", -1);
	expect_rows("a.json", "{\"a\":[1,2,{\"b\":[]}],\"c\":3}", -1);
	expect_rows("a.json", " [ ] ", 0);
	expect_rows("a.json", "[[1,2],[3,[4,5]],{\"a\":[1,2]}]", 3);
	expect_rows("a.json", "[1]", 1);
	expect_rows("a.json", "[\"a,b]\\\"[\\\\\", \"],\", null]", 3);
	expect_rows("a.json", "\"x,y\"", -1);
	expect_rows("a.json", "1 [2,3]", -1);
	expect_rows("a.json", "[{\"a\":1},\n{\"b\":2}\n]\n", 2);
	expect_rows("a.pdf", "{}\n", -1);
	expect_rows(".jsonl", "\n\n", 2);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_package),
		TEST(written_package),
		TEST(changed_entries),
		TEST(missing_and_extra_entries),
		TEST(names_are_there_once),
		TEST(last_entries_are_last),
		TEST(another_order),
		TEST(lists_are_read_strictly),
		TEST(lists_have_a_size),
		TEST(manifest_is_checked),
		TEST(manifest_is_json),
		TEST(flipped_bits),
		TEST(truncated),
		TEST(cancelled),
		TEST(rows_are_counted),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
