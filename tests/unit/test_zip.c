#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/package/zip_read.h"
#include "core/package/zip_write.h"
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

/* --- writing --- */

typedef struct {
	sp_out *out;
	sp_zip_writer *zip;
} package;

static package begin(const char *path, int level)
{
	sp_error err = SP_ERROR_INIT;
	package p;

	p.out = sp_out_open(path, true, &err);
	assert_non_null(p.out);
	p.zip = sp_zip_writer_create(p.out, level, &err);
	assert_non_null(p.zip);
	return p;
}

static void end(package *p)
{
	sp_error err = SP_ERROR_INIT;

	if (!sp_zip_finish(p->zip, &err))
		fail_msg("%s", sp_error_text(&err));
	sp_zip_writer_free(p->zip);
	assert_true(sp_out_commit(p->out, &err));
}

static void drop(package *p)
{
	sp_zip_writer_free(p->zip);
	sp_out_discard(p->out);
}

static void add(package *p, const char *path, const char *data, size_t len, int64_t size,
                bool store)
{
	sp_error err = SP_ERROR_INIT;
	sp_zip_result result;

	if (!sp_zip_begin(p->zip, path, size, store, &err) ||
	    !sp_zip_write(p->zip, data, len, &err) || !sp_zip_end(p->zip, &result, &err))
		fail_msg("%s", sp_error_text(&err));
	assert_int_equal(result.size, len);
}

/* Varied bytes that deflate a bit, the same for the same seed. */
static char *make_data(size_t len, unsigned seed)
{
	char *data = malloc(len + 1);
	size_t i;

	assert_non_null(data);
	for (i = 0; i < len; i++) {
		seed = seed * 1103515245u + 12345u;
		data[i] = (char)('a' + (seed >> 16) % 16);
	}
	return data;
}

static sp_checking check;

static sp_checking *checking(const char *path)
{
	check = (sp_checking){ .name = path, .limits = SP_LIMITS_DEFAULT };
	sp_checking_begin(&check);
	return &check;
}

static sp_zip_reader *open_reader(const char *path, int *fd)
{
	sp_error err = SP_ERROR_INIT;
	sp_zip_reader *zip;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(*fd >= 0);
	zip = sp_zip_reader_open(*fd, checking(path), &err);
	if (!zip)
		fail_msg("%s", sp_error_text(&err));
	return zip;
}

static void expect_entry(sp_zip_reader *zip, const char *path, const char *data, size_t len)
{
	char *read = malloc(len + 100);
	sp_error err = SP_ERROR_INIT;
	sp_zip_entry entry;
	size_t got, sum = 0;

	if (!sp_zip_next(zip, &entry, &err))
		fail_msg("%s", sp_error_text(&err));
	assert_string_equal(entry.path, path);
	assert_int_equal(entry.size, len);
	do {
		if (!sp_zip_read(zip, read + sum, len + 100 - sum, &got, &err))
			fail_msg("%s", sp_error_text(&err));
		sum += got;
	} while (got);
	assert_int_equal(sum, len);
	assert_memory_equal(read, data, len);
	free(read);
}

static void expect_end(sp_zip_reader *zip)
{
	sp_error err = SP_ERROR_INIT;
	sp_zip_entry entry;

	assert_true(sp_zip_next(zip, &entry, &err));
	assert_null(entry.path);
}

static void entries_come_back(void **state)
{
	enum { LONG = 3000000 };
	char *data = make_data(LONG, 1);
	package p = begin("a.zip", 6);
	sp_zip_reader *zip;
	int fd;

	(void)state;
	add(&p, "run/known.json", "{}", 2, 2, false);
	add(&p, "unknown", data, LONG, -1, false);
	add(&p, "stored", data, LONG, LONG, true);
	add(&p, "other/unknown", data, 1000, -1, true);
	add(&p, "empty", "", 0, 0, false);
	add(&p, "empty_unknown", "", 0, -1, true);
	add(&p, "again", "x", 1, 1, false);
	end(&p);
	zip = open_reader("a.zip", &fd);
	expect_entry(zip, "run/known.json", "{}", 2);
	expect_entry(zip, "unknown", data, LONG);
	expect_entry(zip, "stored", data, LONG);
	expect_entry(zip, "other/unknown", data, 1000);
	expect_entry(zip, "empty", "", 0);
	expect_entry(zip, "empty_unknown", "", 0);
	expect_entry(zip, "again", "x", 1);
	expect_end(zip);
	sp_zip_reader_free(zip);
	sp_zip_reader_free(NULL);
	close(fd);
	free(data);
}

static void results_tell_size_and_hash(void **state)
{
	package p = begin("a.zip", 6);
	sp_error err = SP_ERROR_INIT;
	sp_zip_result result;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_true(sp_zip_begin(p.zip, i ? "b" : "a", -1, false, &err));
		assert_true(sp_zip_write(p.zip, "a", 1, &err));
		assert_true(sp_zip_write(p.zip, "", 0, &err));
		assert_true(sp_zip_write(p.zip, "bc", 2, &err));
		assert_true(sp_zip_end(p.zip, &result, &err));
		assert_int_equal(result.size, 3);
		assert_string_equal(result.sha256, "ba7816bf8f01cfea414140de5dae2223"
		                                   "b00361a396177a9cb410ff61f20015ad");
	}
	assert_true(sp_zip_begin(p.zip, "c", 0, false, &err));
	assert_true(sp_zip_end(p.zip, NULL, &err));
	end(&p);
}

static void write_sample(const char *path, int level, size_t piece)
{
	char *data = make_data(2000000, 7);
	sp_error err = SP_ERROR_INIT;
	package p = begin(path, level);
	size_t at, n;
	int i;

	for (i = 0; i < 3; i++) {
		assert_true(sp_zip_begin(p.zip,
		                         i == 0   ? "a"
		                         : i == 1 ? "b"
		                                  : "c",
		                         i == 1 ? 2000000 : -1, i == 2, &err));
		for (at = 0; at < 2000000; at += n) {
			n = 2000000 - at < piece ? 2000000 - at : piece;
			assert_true(sp_zip_write(p.zip, data + at, n, &err));
		}
		assert_true(sp_zip_end(p.zip, NULL, &err));
	}
	end(&p);
	free(data);
}

static void set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

/* Neither the time zone nor the pieces in which the bytes came matter. */
static void same_input_same_bytes(void **state)
{
	static const char *const zones[] = { "UTC", "Asia/Tokyo", "America/New_York", "XXX-14",
		                             "YYY12" };
	char *first, *other;
	size_t len, other_len, i;

	(void)state;
	write_sample("first", 6, 65536);
	first = temp_read("first", &len);
	for (i = 0; i < sizeof zones / sizeof *zones; i++) {
		set_zone(zones[i]);
		write_sample("other", 6, 1000 + i * 77777);
		other = temp_read("other", &other_len);
		assert_int_equal(len, other_len);
		assert_memory_equal(first, other, len);
		free(other);
	}
	set_zone("UTC");
	/* DOS date 1980-01-01, time 0 */
	assert_memory_equal(first + 10, "\x00\x00\x21\x00", 4);
	free(first);
}

static void levels(void **state)
{
	char *data = make_data(500000, 3);
	size_t size[3];
	int level, i = 0;
	package p;

	(void)state;
	for (level = 0; level <= 9; level += level ? 8 : 1, i++) {
		p = begin("a.zip", level);
		add(&p, "a", data, 500000, -1, false);
		end(&p);
		free(temp_read("a.zip", &size[i]));
	}
	assert_true(size[0] > 500000);
	assert_true(size[1] < 350000);
	assert_true(size[2] < size[1]);
	free(data);
}

static void storing_is_for_one_entry(void **state)
{
	char *data = make_data(100000, 3);
	package p = begin("a.zip", 6);
	size_t size;

	(void)state;
	add(&p, "a", data, 100000, 100000, true);
	add(&p, "b", data, 100000, 100000, false);
	end(&p);
	free(temp_read("a.zip", &size));
	assert_true(size > 130000 && size < 180000);
	free(data);
}

static void many_small_entries(void **state)
{
	enum { COUNT = 3000 };
	package p = begin("a.zip", 1);
	char name[32], text[64];
	sp_zip_reader *zip;
	int i, fd;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		snprintf(name, sizeof name, "folder/%d.json", i);
		snprintf(text, sizeof text, "{\"n\":%d}", i * 7);
		add(&p, name, text, strlen(text), (int64_t)strlen(text), false);
	}
	end(&p);
	zip = open_reader("a.zip", &fd);
	for (i = 0; i < COUNT; i++) {
		snprintf(name, sizeof name, "folder/%d.json", i);
		snprintf(text, sizeof text, "{\"n\":%d}", i * 7);
		expect_entry(zip, name, text, strlen(text));
	}
	expect_end(zip);
	sp_zip_reader_free(zip);
	close(fd);
}

static void expect_broken(package *p, sp_error *err)
{
	assert_int_equal(err->code, SP_FAILED);
	sp_error_clear(err);
	/* for good */
	assert_false(sp_zip_begin(p->zip, "later", 1, false, err));
	sp_error_clear(err);
	assert_false(sp_zip_finish(p->zip, err));
	assert_int_equal(err->code, SP_FAILED);
	sp_error_clear(err);
	drop(p);
	assert_int_equal(temp_count("."), 0);
}

static void announced_size_is_a_promise(void **state)
{
	sp_error err = SP_ERROR_INIT;
	package p = begin("a.zip", 6);

	(void)state;
	assert_true(sp_zip_begin(p.zip, "the/entry", 5, false, &err));
	assert_true(sp_zip_write(p.zip, "12345", 5, &err));
	assert_false(sp_zip_write(p.zip, "6", 1, &err));
	assert_non_null(strstr(sp_error_text(&err), "the/entry"));
	expect_broken(&p, &err);

	p = begin("a.zip", 6);
	assert_true(sp_zip_begin(p.zip, "the/entry", 5, true, &err));
	assert_true(sp_zip_write(p.zip, "1234", 4, &err));
	assert_false(sp_zip_end(p.zip, NULL, &err));
	assert_non_null(strstr(sp_error_text(&err), "the/entry"));
	expect_broken(&p, &err);
}

static void order_is_checked(void **state)
{
	sp_error err = SP_ERROR_INIT;
	package p = begin("a.zip", 6);

	(void)state;
	assert_false(sp_zip_write(p.zip, "x", 1, &err));
	expect_broken(&p, &err);
	p = begin("a.zip", 6);
	assert_false(sp_zip_end(p.zip, NULL, &err));
	expect_broken(&p, &err);
	p = begin("a.zip", 6);
	assert_true(sp_zip_begin(p.zip, "a", -1, false, &err));
	assert_false(sp_zip_begin(p.zip, "b", -1, false, &err));
	expect_broken(&p, &err);
	p = begin("a.zip", 6);
	assert_true(sp_zip_begin(p.zip, "a", -1, false, &err));
	assert_false(sp_zip_finish(p.zip, &err));
	expect_broken(&p, &err);
	p = begin("a.zip", 6);
	assert_true(sp_zip_finish(p.zip, &err));
	assert_false(sp_zip_begin(p.zip, "a", -1, false, &err));
	expect_broken(&p, &err);
}

static const char *const bad_paths[] = {
	"",     "/a",     "a/",   "a//b", ".",    "..",    "./a",
	"a/..", "a/../b", "a\\b", "ü",    "a\nb", "a\x7f", "\x1b",
};

static void bad_names_are_refused(void **state)
{
	char long_path[4098];
	sp_error err = SP_ERROR_INIT;
	package p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad_paths / sizeof *bad_paths; i++) {
		p = begin("a.zip", 6);
		assert_false(sp_zip_begin(p.zip, bad_paths[i], -1, false, &err));
		expect_broken(&p, &err);
	}
	memset(long_path, 'p', sizeof long_path - 1);
	long_path[sizeof long_path - 1] = '\0';
	assert_false(sp_zip_path_ok(long_path));
	assert_true(sp_zip_path_ok(long_path + 1));
	assert_true(sp_zip_path_ok("a/..b/...c/.d/e f~!"));
}

/* Out of disk at any byte: an error sooner or later, never a package. */
static void full_disk_shows(void **state)
{
	static const int64_t rooms[] = { 0, 1000, 300000, 2500000 };
	char *data = make_data(100000, 5);
	sp_error err = SP_ERROR_INIT;
	package p;
	size_t i;
	int n;
	bool ok;

	(void)state;
	for (i = 0; i < sizeof rooms / sizeof *rooms; i++) {
		p = begin("a.zip", 0);
		room = rooms[i];
		ok = true;
		for (n = 0; ok && n < 100; n++)
			ok = sp_zip_begin(p.zip, "a", 100000, true, &err) &&
			     sp_zip_write(p.zip, data, 100000, &err) &&
			     sp_zip_end(p.zip, NULL, &err);
		ok = ok && sp_zip_finish(p.zip, &err);
		assert_false(ok);
		assert_non_null(strstr(sp_error_text_c(&err), "No space left"));
		sp_error_clear(&err);
		assert_false(sp_zip_finish(p.zip, &err));
		sp_error_clear(&err);
		room = INT64_MAX;
		drop(&p);
		assert_int_equal(temp_count("."), 0);
	}
	free(data);
}

/* The last bytes, which libarchive writes when it is closed. */
static void full_disk_shows_at_the_end(void **state)
{
	sp_error err = SP_ERROR_INIT;
	package p = begin("a.zip", 6);

	(void)state;
	add(&p, "a", "x", 1, 1, false);
	room = 10;
	assert_false(sp_zip_finish(p.zip, &err));
	assert_non_null(strstr(sp_error_text_c(&err), "No space left"));
	sp_error_clear(&err);
	drop(&p);
}

/* Given up at any point, nothing more is written. */
static void abandoned(void **state)
{
	char *data = make_data(3000000, 5);
	sp_error err = SP_ERROR_INIT;
	uint64_t size;
	package p;

	(void)state;
	p = begin("a.zip", 6);
	drop(&p);
	p = begin("a.zip", 6);
	add(&p, "a", data, 3000000, -1, true);
	assert_true(sp_zip_begin(p.zip, "b", -1, true, &err));
	assert_true(sp_zip_write(p.zip, data, 3000000, &err));
	sp_zip_writer_free(p.zip);
	size = sp_out_size(p.out);
	assert_true(size <= 6000000);
	sp_out_discard(p.out);
	sp_zip_writer_free(NULL);
	free(data);
}

static void tells_compressed_data(void **state)
{
	unsigned char out[40000];
	uLongf out_len = sizeof out;
	char *data = make_data(65536, 9);

	(void)state;
	assert_false(sp_zip_is_compressed("", 0));
	assert_false(sp_zip_is_compressed(data, 65536));
	assert_int_equal(compress(out, &out_len, (const Bytef *)data, 65536), Z_OK);
	assert_true(sp_zip_is_compressed(out, out_len));
	/* a short text, larger when deflated */
	assert_true(sp_zip_is_compressed("ab", 2));
	free(data);
}

/* --- reading what others made: one stored entry, each field as wished --- */

typedef struct {
	const char *name;
	size_t name_len;
	unsigned flags, method;
	uint32_t attributes; /* of the central directory, Unix mode << 16 */
	uint32_t crc_change, size_change;
	uint32_t cut; /* bytes missing at the end */
} raw;

static void put(sp_buf *buf, uint32_t value, int bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		sp_buf_addc(buf, (char)(value & 0xff));
}

static void put_fields(sp_buf *buf, const raw *r, const char *data)
{
	uint32_t len = (uint32_t)strlen(data);

	put(buf, r->flags, 2);
	put(buf, r->method, 2);
	put(buf, 0x00210000, 4);
	put(buf, (uint32_t)crc32(0, (const Bytef *)data, len) ^ r->crc_change, 4);
	put(buf, len, 4);
	put(buf, len + r->size_change, 4);
	put(buf, (uint32_t)r->name_len, 2);
	put(buf, 0, 2);
}

/* PKWARE APPNOTE 6.3: local header, data, central header, end record. */
static void write_raw(const raw *r, const char *data)
{
	sp_buf buf = { 0 };
	size_t directory, directory_end;

	put(&buf, 0x04034b50, 4);
	put(&buf, 20, 2);
	put_fields(&buf, r, data);
	sp_buf_add(&buf, r->name, r->name_len);
	sp_buf_adds(&buf, data);
	directory = buf.len;
	put(&buf, 0x02014b50, 4);
	put(&buf, 3 << 8 | 20, 2);
	put(&buf, 20, 2);
	put_fields(&buf, r, data);
	put(&buf, 0, 2);
	put(&buf, 0, 2);
	put(&buf, 0, 2);
	put(&buf, r->attributes, 4);
	put(&buf, 0, 4);
	sp_buf_add(&buf, r->name, r->name_len);
	directory_end = buf.len;
	put(&buf, 0x06054b50, 4);
	put(&buf, 0, 4);
	put(&buf, 1, 2);
	put(&buf, 1, 2);
	put(&buf, (uint32_t)(directory_end - directory), 4);
	put(&buf, (uint32_t)directory, 4);
	put(&buf, 0, 2);
	temp_write("raw.zip", buf.data, buf.len - r->cut);
	sp_buf_free(&buf);
}

/* Reads all; false and the error where something is wrong. */
static bool read_all(const char *path, sp_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	sp_zip_reader *zip;
	sp_zip_entry entry = { NULL, 0 };
	char data[7];
	size_t got;
	bool ok;

	assert_true(fd >= 0);
	zip = sp_zip_reader_open(fd, checking(path), err);
	ok = zip != NULL;
	while (ok && (ok = sp_zip_next(zip, &entry, err)) && entry.path) {
		do
			ok = sp_zip_read(zip, data, sizeof data, &got, err);
		while (ok && got);
	}
	if (zip && !ok) {
		sp_error again = SP_ERROR_INIT;

		/* nothing after the first error */
		assert_false(sp_zip_next(zip, &entry, &again));
		assert_int_equal(again.code, SP_BAD_PACKAGE);
		sp_error_clear(&again);
		assert_false(sp_zip_read(zip, data, sizeof data, &got, &again));
		sp_error_clear(&again);
	}
	sp_zip_reader_free(zip);
	close(fd);
	return ok;
}

static const raw good = { "a", 1, 0, 0, 0100644u << 16, 0, 0, 0 };

static void expect_good(raw r)
{
	sp_error err = SP_ERROR_INIT;

	write_raw(&r, "0123456789");
	if (!read_all("raw.zip", &err))
		fail_msg("%s", sp_error_text(&err));
}

static void expect_bad(raw r, const char *why)
{
	sp_error err = SP_ERROR_INIT;

	write_raw(&r, "0123456789");
	if (read_all("raw.zip", &err))
		fail_msg("taken: flags %x method %u attributes %o", r.flags, r.method,
		         r.attributes);
	assert_int_equal(err.code, SP_BAD_PACKAGE);
	assert_non_null(strstr(sp_error_text(&err), "raw.zip"));
	if (why && !strstr(sp_error_text(&err), why))
		fail_msg("not \"%s\": %s", why, sp_error_text(&err));
	sp_error_clear(&err);
}

static void damage_is_found(void **state)
{
	raw r = good;
	uint32_t cut;

	(void)state;
	expect_good(good);
	r.crc_change = 1;
	expect_bad(r, "\"a\"");
	r = good;
	r.size_change = 1;
	expect_bad(r, NULL);
	r.size_change = (uint32_t)-1;
	expect_bad(r, NULL);
	r = good;
	/* 22 bytes of end record, 47 of directory, 41 of entry */
	for (cut = 1; cut < 110; cut++) {
		r.cut = cut;
		expect_bad(r, NULL);
	}
}

static void strange_entries_are_refused(void **state)
{
	raw r = good;

	(void)state;
	r.flags = 1;
	expect_bad(r, "encrypted");
	r = good;
	r.attributes = 0120777u << 16;
	expect_bad(r, NULL);
	r.attributes = 0020644u << 16;
	expect_bad(r, "regular");
	r.attributes = 0040755u << 16;
	expect_bad(r, NULL);
	r = good;
	r.method = 98;
	expect_bad(r, NULL);
}

static void strange_names_are_refused(void **state)
{
	raw r = good;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad_paths / sizeof *bad_paths; i++) {
		/* what is beyond ASCII is for formats to judge */
		if (bad_paths[i][0] & 0x80)
			continue;
		r.name = bad_paths[i];
		r.name_len = strlen(r.name);
		expect_bad(r, NULL);
	}
	r.name = "\xff\xfe";
	r.name_len = 2;
	expect_bad(r, NULL);
	r.flags = 0x800;
	expect_bad(r, NULL);
}

static void names_in_any_locale(void **state)
{
	static const char *const locales[] = { "C", "C.UTF-8" };
	raw r = good;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_non_null(setlocale(LC_ALL, locales[i]));
		r.flags = 0;
		expect_good(r);
		r.flags = 0x800;
		expect_good(r);
		/* beyond ASCII is for formats to judge; what turns a line round is for nobody */
		r.name = "\xc3\xbc";
		r.name_len = 2;
		expect_good(r);
		r.name = "\xe2\x80\xae";
		r.name_len = 3;
		expect_bad(r, NULL);
		r = good;
	}
	setlocale(LC_ALL, "C");
}

static void what_isnt_a_zip(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	temp_write("raw.zip", "", 0);
	assert_false(read_all("raw.zip", &err));
	assert_int_equal(err.code, SP_BAD_PACKAGE);
	sp_error_clear(&err);
	temp_write("raw.zip", "not a zip file at all, but a text", 33);
	assert_false(read_all("raw.zip", &err));
	assert_int_equal(err.code, SP_BAD_PACKAGE);
	sp_error_clear(&err);
	assert_null(sp_zip_reader_open(-1, checking("x"), &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	assert_false(read_all(".", &err));
	assert_int_equal(err.code, SP_BAD_PACKAGE);
	sp_error_clear(&err);
}

/* Wherever a piece ends, the stream's end is found: also where zlib has taken
 * the last byte already and still has something to give. */
static void reading_in_pieces(void **state)
{
	enum { PIECE = 4096, COUNT = 300 };
	package p = begin("a.zip", 6);
	sp_error err = SP_ERROR_INIT;
	char *data = calloc(1, PIECE + COUNT), into[PIECE], name[16];
	sp_zip_reader *zip;
	sp_zip_entry entry;
	size_t got, sum, i;
	int fd;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		snprintf(name, sizeof name, "a%zu", i);
		add(&p, name, data, PIECE + i, -1, false);
	}
	end(&p);
	zip = open_reader("a.zip", &fd);
	for (i = 0; i < COUNT; i++) {
		assert_true(sp_zip_next(zip, &entry, &err));
		sum = 0;
		do {
			if (!sp_zip_read(zip, into, PIECE, &got, &err))
				fail_msg("%zu more: %s", i, sp_error_text(&err));
			sum += got;
		} while (got);
		assert_int_equal(sum, PIECE + i);
	}
	sp_zip_reader_free(zip);
	close(fd);
	free(data);
}

static void reading_needs_an_entry(void **state)
{
	package p = begin("a.zip", 6);
	sp_error err = SP_ERROR_INIT;
	sp_zip_reader *zip;
	char byte;
	size_t got;
	int fd;

	(void)state;
	add(&p, "a", "x", 1, 1, false);
	end(&p);
	zip = open_reader("a.zip", &fd);
	assert_false(sp_zip_read(zip, &byte, 1, &got, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	sp_zip_reader_free(zip);
	close(fd);
}

/* The file itself fails while it is read: not the package's fault. */
static void reading_fails(void **state)
{
	package p = begin("a.zip", 0);
	char *data = make_data(1000000, 1);
	sp_error err = SP_ERROR_INIT;
	char buffer[4096];
	sp_zip_reader *zip;
	sp_zip_entry entry;
	size_t got;
	int fd;
	bool ok;

	(void)state;
	add(&p, "a", data, 1000000, 1000000, true);
	end(&p);
	zip = open_reader("a.zip", &fd);
	assert_true(sp_zip_next(zip, &entry, &err));
	close(fd);
	do
		ok = sp_zip_read(zip, buffer, sizeof buffer, &got, &err);
	while (ok && got);
	assert_false(ok);
	assert_int_equal(err.code, SP_FAILED);
	assert_non_null(strstr(sp_error_text_c(&err), "Bad file descriptor"));
	sp_error_clear(&err);
	sp_zip_reader_free(zip);
	free(data);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(entries_come_back),           TEST(results_tell_size_and_hash),
		TEST(same_input_same_bytes),       TEST(levels),
		TEST(storing_is_for_one_entry),    TEST(many_small_entries),
		TEST(announced_size_is_a_promise), TEST(order_is_checked),
		TEST(bad_names_are_refused),       TEST(full_disk_shows),
		TEST(full_disk_shows_at_the_end),  TEST(abandoned),
		TEST(tells_compressed_data),       TEST(damage_is_found),
		TEST(strange_entries_are_refused), TEST(strange_names_are_refused),
		TEST(names_in_any_locale),         TEST(what_isnt_a_zip),
		TEST(reading_in_pieces), TEST(reading_needs_an_entry),      TEST(reading_fails),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
