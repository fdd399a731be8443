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
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/package/own_write.h"
#include "core/package/validate.h"
#include "core/package/zip_read.h"
#include "tests/unit/temp.h"

/*
 * A package that is changed in several places is refused, or holds what it held:
 * with SPACEPORT_FULL many are tried. Single bits: tests/package/flips.c.
 */

#define RUN    "11111111-1111-8111-8111-111111111111"
#define SCHEMA "22222222-2222-8222-8222-222222222222"
#define ASSET  "33333333-3333-8333-8333-333333333333"
#define MAPPED(kind, uuid)                                                                         \
	"{\"kind\":\"" kind "\",\"uuid\":\"" uuid "\",\"source_id\":1,\"source_uuid\":\"x\"}"

static void add(sp_package *package, const char *path, const char *kind, int64_t rows,
                const char *text)
{
	sp_error err = SP_ERROR_INIT;

	if (!sp_package_entry(package, path, kind, text, strlen(text), rows, &err))
		fail_msg("%s", sp_error_text(&err));
}

static void add_rows(sp_package *package, int count, sp_buf *mapping)
{
	sp_buf lines = { 0 };
	unsigned random = 1;
	int i, j;

	for (i = 0; i < count; i++) {
		char id[37];

		snprintf(id, sizeof id, "66666666-6666-8666-8666-%012d", i);
		sp_buf_addf(&lines,
		            "{\"id\":\"%s\",\"run_id\":\"" RUN "\",\"asset_id\":\"" ASSET
		            "\",\"schema_id\":\"" SCHEMA "\",\"value\":\"",
		            id);
		for (j = 0; j < 20; j++) {
			random = random * 1103515245 + 12345;
			sp_buf_addf(&lines, "%x", random >> 8);
		}
		sp_buf_adds(&lines, "\"}\n");
		sp_buf_addf(
			mapping,
			",\n{\"kind\":\"annotation\",\"uuid\":\"%s\",\"source_id\":1,\"source_uuid\":\"x\"}",
			id);
	}
	add(package, "annotations/annotations.jsonl", "annotation", count, sp_buf_text(&lines));
	sp_buf_free(&lines);
}

static sp_json *make_manifest(int count)
{
	sp_json *manifest = sp_json_object(), *counts;

	sp_json_add_text(manifest, "format", SP_FORMAT);
	sp_json_add_text(manifest, "format_version", SP_FORMAT_VERSION);
	sp_json_add_text(manifest, "package_type", "run");
	sp_json_add_text(manifest, "created_at", "2026-01-31T12:00:00Z");
	sp_json_add_text(sp_json_add_object(manifest, "source"), "instance", RUN);
	sp_json_add_text(sp_json_add_object(manifest, "run"), "uuid", RUN);
	sp_json_add_text(sp_json_add_array(manifest, "features"), NULL, "files");
	counts = sp_json_add_object(manifest, "counts");
	sp_json_add_int(counts, "annotation", count);
	sp_json_add_int(counts, "file", 1);
	return manifest;
}

static void make(const char *path, int count)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open(path, true, &err);
	sp_package *package = sp_package_create(out, path, 6, &err);
	sp_json *manifest = make_manifest(count);
	sp_buf mapping = { 0 };

	assert_non_null(package);
	sp_buf_addf(&mapping,
	            "{\"instance\":\"" RUN "\",\"row_count\":%d,\"rows\":[" MAPPED(
					"run", RUN) "," MAPPED("schema", SCHEMA) "," MAPPED("asset", ASSET),
	            count + 3);
	add(package, "run/run_metadata.json", "run", 1, "{\"id\":\"" RUN "\"}\n");
	add(package, "run/configuration.json", "configuration", -1, "null\n");
	add(package, "run/target_assets.json", "target_assets", 0, "[]\n");
	add(package, "schemas/primary_schemas.json", "schema", 1, "[{\"id\":\"" SCHEMA "\"}]\n");
	add(package, "schemas/dependency_schemas.json", "schema", 0, "[]\n");
	add_rows(package, count, &mapping);
	add(package, "annotations/justifications.jsonl", "justification", 0, "");
	add(package, "assets/metadata/asset_1.json", "asset", 1,
	    "{\"id\":\"" ASSET "\",\"__file\":{\"size\":3,\"path\":\"assets/files/asset_1_file\"}}\n");
	assert_true(sp_package_open(package, "assets/files/asset_1_file", "file", 3, true, &err));
	assert_true(sp_package_write(package, "\xff\0\x01", 3, &err));
	assert_true(sp_package_close(package, -1, NULL, &err));
	sp_buf_adds(&mapping, "]}\n");
	add(package, "compatibility/instance_mapping.json", "instance_mapping", count + 3,
	    sp_buf_text(&mapping));
	add(package, "compatibility/version_info.json", "version_info", -1,
	    "{\"format\":\"spaceport\",\"format_version\":\"" SP_FORMAT_VERSION
	    "\",\"minimum_reader_version\":\"" SP_FORMAT_VERSION "\",\"features\":[]}\n");
	assert_true(sp_package_finish(package, manifest, &err));
	sp_package_free(package);
	assert_true(sp_out_commit(out, &err));
	sp_json_free(manifest);
	sp_buf_free(&mapping);
}

/* In memory, so that one byte can be changed at a time. */
static int load(const char *path, char **data, size_t *len)
{
	int fd = memfd_create("package", MFD_CLOEXEC);

	*data = temp_read(path, len);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, *data, *len), *len);
	return fd;
}

static sp_code verdict(int fd)
{
	sp_checking check = { .name = "x", .limits = SP_LIMITS_DEFAULT };
	sp_json *result = sp_json_object();
	sp_error err = SP_ERROR_INIT;

	if (!sp_validate(fd, &check, result, &err))
		fail_msg("%s", sp_error_text(&err));
	sp_json_free(result);
	return sp_checking_code(&check);
}

/* All that it holds: names and bytes. */
static void digest(int fd, unsigned char into[SP_SHA256_LEN])
{
	sp_checking check = { .name = "x", .limits = SP_LIMITS_DEFAULT };
	sp_error err = SP_ERROR_INIT;
	sp_sha256 *sha = sp_sha256_create(&err);
	sp_zip_reader *zip;
	sp_zip_entry entry;
	char data[4096];
	size_t got;

	sp_checking_begin(&check);
	zip = sp_zip_reader_open(fd, &check, &err);
	while (sp_zip_next(zip, &entry, &err) && entry.path) {
		sp_sha256_update(sha, entry.path, strlen(entry.path) + 1);
		do {
			assert_true(sp_zip_read(zip, data, sizeof data, &got, &err));
			sp_sha256_update(sha, data, got);
		} while (got);
	}
	assert_false(sp_error_is_set(&err));
	assert_true(sp_sha256_bytes(sha, into));
	sp_zip_reader_free(zip);
	sp_sha256_free(sha);
}

/* Values that stand at the edges of what a field can hold. */
static const uint32_t odd_values[] = { 0,          1,          7,          8,          0x7f,
	                                   0x80,       0xff,       0x7fff,     0xffff,     0x10000,
	                                   0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x04034b50,
	                                   0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50 };

static unsigned next_random(unsigned *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* One change: a field of some bytes, a byte, or bytes from elsewhere. */
static void change(char *data, size_t len, unsigned *random)
{
	size_t at = next_random(random) % len, from = next_random(random) % len;
	size_t n = next_random(random) % 40 + 1;
	uint32_t value = odd_values[next_random(random) % (sizeof odd_values / sizeof *odd_values)];

	/* half of them where the structure is: in the directory at the end */
	if (next_random(random) % 2)
		at = len - 1 - at % (len < 1500 ? len : 1500);
	switch (next_random(random) % 3) {
	case 0:
		n = (size_t)1 << next_random(random) % 3;
		memcpy(data + at, &value, n < len - at ? n : len - at);
		break;
	case 1: data[at] = (char)next_random(random); break;
	default:
		n = n < len - at ? n : len - at;
		n = n < len - from ? n : len - from;
		memmove(data + at, data + from, n);
	}
}

/* Several at once: never a crash, never another content. */
static void many_changes(void **state)
{
	unsigned char whole[SP_SHA256_LEN], now[SP_SHA256_LEN];
	long i, count = getenv("SPACEPORT_FULL") ? 100000 : 5000;
	unsigned random = 7, n;
	char *data, *copy;
	sp_code code;
	size_t len;
	int fd;

	(void)state;
	make("a.zip", 2);
	fd = load("a.zip", &data, &len);
	copy = malloc(len);
	digest(fd, whole);
	for (i = 0; i < count; i++) {
		memcpy(copy, data, len);
		for (n = next_random(&random) % 4 + 1; n > 0; n--)
			change(copy, len, &random);
		assert_int_equal(pwrite(fd, copy, len, 0), len);
		code = verdict(fd);
		if (code == SP_OK || code == SP_WARNINGS) {
			digest(fd, now);
			assert_memory_equal(now, whole, sizeof now);
		} else {
			assert_true(code == SP_BAD_PACKAGE || code == SP_INCOMPATIBLE);
		}
	}
	close(fd);
	free(copy);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(many_changes) };

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
