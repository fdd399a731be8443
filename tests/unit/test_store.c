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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/store/store.h"
#include "tests/unit/temp.h"

/* --- a kernel without openat2(), and failing writes (linked with --wrap) --- */

static int openat2_error, write_error;
static bool openat2_busy;

long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_openat2 && openat2_error) {
		errno = openat2_error;
		return -1;
	}
	if (number == SYS_openat2 && openat2_busy) {
		openat2_busy = false;
		errno = EAGAIN;
		return -1;
	}
	return __real_syscall(number, a, b, c, d, e, f);
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	if (write_error) {
		errno = write_error;
		return -1;
	}
	return __real_write(fd, data, len);
}

static sp_store *store;

static int setup(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	openat2_error = write_error = 0;
	openat2_busy = false;
	temp_clear();
	if (mkdir("store", 0700) != 0 || chmod("store", 0751) != 0 || mkdir("store/sub", 0700) != 0)
		return -1;
	temp_write("outside", "secret", 6);
	temp_write("store/a", "hello", 5);
	temp_write("store/sub/b c", "", 0);
	store = sp_store_open(&(sp_store_settings){ .where = "dir:store" }, NULL, &err);
	return store ? 0 : -1;
}

static int setup_old_kernel(void **state)
{
	int result = setup(state);

	openat2_error = ENOSYS;
	return result;
}

static int teardown(void **state)
{
	(void)state;
	sp_store_close(store);
	return 0;
}

static void expect_size(const char *name, int64_t expected)
{
	sp_error err = SP_ERROR_INIT;
	int64_t size = -7;

	assert_true(sp_store_stat(store, name, &size, &err));
	assert_int_equal(size, expected);
	assert_false(sp_error_is_set(&err));
}

static void expect_absent(const char *name)
{
	sp_error err = SP_ERROR_INIT;

	expect_size(name, -1);
	assert_null(sp_store_get(store, name, &err));
	assert_false(sp_error_is_set(&err));
}

static void opens(void **state)
{
	static const char *const bad[] = { "", "store", "s3:/", "dir:", "file:store" };
	sp_error err = SP_ERROR_INIT;
	size_t i;

	(void)state;
	assert_string_equal(sp_store_name(store), "dir:store");
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_null(sp_store_open(&(sp_store_settings){ .where = bad[i] }, NULL, &err));
		assert_int_equal(err.code, SP_USAGE);
		assert_non_null(err.hint);
		sp_error_clear(&err);
	}
	assert_null(sp_store_open(&(sp_store_settings){ .where = "dir:missing" }, NULL, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	assert_null(sp_store_open(&(sp_store_settings){ .where = "dir:outside" }, NULL, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	sp_store_close(NULL);
}

static void reads(void **state)
{
	sp_error err = SP_ERROR_INIT;
	char data[16];
	sp_blob *blob;
	size_t got;

	(void)state;
	expect_size("a", 5);
	expect_size("sub/b c", 0);
	blob = sp_store_get(store, "a", &err);
	assert_non_null(blob);
	assert_int_equal(sp_blob_size(blob), 5);
	assert_true(sp_blob_read(blob, data, 3, &got, &err));
	assert_int_equal(got, 3);
	assert_true(sp_blob_read(blob, data + 3, 13, &got, &err));
	assert_int_equal(got, 2);
	assert_memory_equal(data, "hello", 5);
	assert_true(sp_blob_read(blob, data, sizeof data, &got, &err));
	assert_int_equal(got, 0);
	sp_blob_close(blob);
	sp_blob_close(NULL);
}

static void names_lead_nowhere_else(void **state)
{
	static const char *const names[] = {
		"",   "/",  ".",   "..",  "../outside", "sub/../a",  "sub/./b c", "sub//b c",
		"/a", "a/", "./a", "a/x", "missing",    "missing/x", "sub",
	};
	char long_name[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof names / sizeof *names; i++)
		expect_absent(names[i]);
	memset(long_name, 'n', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	expect_absent(long_name);
	long_name[300] = '/';
	expect_absent(long_name);
}

static void links_lead_nowhere_out(void **state)
{
	(void)state;
	assert_int_equal(symlink("../outside", "store/out"), 0);
	assert_int_equal(symlink("../", "store/up"), 0);
	assert_int_equal(symlink("/etc/passwd", "store/abs"), 0);
	assert_int_equal(symlink("loop", "store/loop"), 0);
	assert_int_equal(symlink("nothing", "store/dangling"), 0);
	assert_int_equal(symlink("/proc/self/root/etc", "store/magic"), 0);
	expect_absent("out");
	expect_absent("up/outside");
	expect_absent("abs");
	expect_absent("loop");
	expect_absent("dangling");
	expect_absent("magic/passwd");
}

static void links_inside_are_followed(void **state)
{
	(void)state;
	assert_int_equal(symlink("sub", "store/other"), 0);
	assert_int_equal(symlink("../a", "store/sub/a"), 0);
	expect_size("other/b c", 0);
	expect_size("sub/a", 5);
}

static void only_regular_files_are_objects(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("store/fifo", 0600), 0);
	expect_absent("fifo");
	expect_absent("sub");
}

static void tries_again_while_busy(void **state)
{
	(void)state;
	openat2_busy = true;
	expect_size("a", 5);
}

static void tells_what_it_couldnt_ask(void **state)
{
	sp_error err = SP_ERROR_INIT;
	int64_t size;

	(void)state;
	openat2_error = EIO;
	assert_false(sp_store_stat(store, "a", &size, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	assert_null(sp_store_get(store, "a", &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	assert_false(sp_store_put(store, "n/x", "1", 1, &err));
	sp_error_clear(&err);
	assert_false(sp_store_delete(store, "sub/b c", &err));
	sp_error_clear(&err);
	openat2_error = 0;
	assert_int_equal(temp_count("store/sub"), 1);
}

static void puts_objects(void **state)
{
	sp_error err = SP_ERROR_INIT;
	mode_t before = umask(077);
	struct stat st;
	size_t len;
	char *data;

	(void)state;
	assert_true(sp_store_put(store, "user_1/x/new.pdf", "\0pdf", 4, &err));
	umask(before);
	assert_int_equal(stat("store/user_1/x/new.pdf", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(stat("store/user_1/x", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0751);
	data = temp_read("store/user_1/x/new.pdf", &len);
	assert_int_equal(len, 4);
	assert_memory_equal(data, "\0pdf", 4);
	free(data);
	assert_true(sp_store_put(store, "user_1/x/empty", NULL, 0, &err));
	expect_size("user_1/x/empty", 0);
	assert_int_equal(temp_count("store/user_1/x"), 2);
}

static void put_never_replaces(void **state)
{
	static const char *const names[] = { "a", "sub", "a/x", "", "../outside2", "/x", "up/x" };
	sp_error err = SP_ERROR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(symlink("../", "store/up"), 0);
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		assert_false(sp_store_put(store, names[i], "new", 3, &err));
		assert_true(sp_error_is_set(&err));
		sp_error_clear(&err);
	}
	expect_size("a", 5);
	assert_int_equal(temp_count("."), 2);
}

static void put_is_whole_or_not_at_all(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	write_error = ENOSPC;
	assert_false(sp_store_put(store, "sub/new", "data", 4, &err));
	assert_non_null(strstr(sp_error_text_c(&err), "No space left"));
	sp_error_clear(&err);
	assert_int_equal(temp_count("store/sub"), 1);
}

/* So many bytes, a few at a time; an error where it has none left to give. */
typedef struct {
	size_t left, most;
	bool breaks;
} source;

static bool give(void *ctx, void *data, size_t len, size_t *got, sp_error *err)
{
	source *s = ctx;

	if (!s->left && s->breaks)
		return sp_fail(err, SP_NO_CONNECTION, NULL, "the source broke");
	*got = len < s->most ? len : s->most;
	*got = *got < s->left ? *got : s->left;
	memset(data, 'x', *got);
	s->left -= *got;
	return true;
}

/* What comes of a source that gives so much where so much was promised. */
static const char *put_from(size_t gives, size_t most, bool breaks, int64_t size)
{
	static sp_error err = SP_ERROR_INIT;
	source s = { gives, most, breaks };

	sp_error_clear(&err);
	if (sp_store_put_from(store, "sub/new", give, &s, size, &err)) {
		expect_size("sub/new", (int64_t)gives);
		assert_true(sp_store_delete(store, "sub/new", &err));
		return "whole";
	}
	expect_size("sub/new", -1);
	assert_int_equal(temp_count("store/sub"), 1);
	return sp_error_text_c(&err);
}

static void put_takes_as_much_as_was_promised(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 200000 };
	static const char changed[] = "what was to be put into the store changed its length meanwhile";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_string_equal(put_from(sizes[i], 1000, false, (int64_t)sizes[i]), "whole");
		assert_string_equal(put_from(sizes[i], 65536, false, -1), "whole");
		assert_string_equal(put_from(sizes[i], 1000, false, (int64_t)sizes[i] + 1), changed);
		assert_string_equal(put_from(sizes[i] + 1, 65536, false, (int64_t)sizes[i]), changed);
		assert_string_equal(put_from(sizes[i], 1000, true, (int64_t)sizes[i] + 1),
		                    "the source broke");
	}
}

static void what_is_no_place_is_refused(void **state)
{
	static const char *const wheres[][2] = {
		{ "/srv/files", "not a store that is known: \"/srv/files\"" },
		{ "https://KEY:SECRET@host", "not a store that is known" },
		{ "dir:", "" },
	};
	sp_error err = SP_ERROR_INIT;
	sp_buf url = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wheres / sizeof *wheres; i++) {
		assert_null(sp_store_open(&(sp_store_settings){ .where = wheres[i][0] }, NULL, &err));
		assert_non_null(strstr(sp_error_text_c(&err), wheres[i][1]));
		assert_null(strstr(sp_error_text_c(&err), "SECRET"));
		sp_error_clear(&err);
	}
	/* a folder has no addresses for others, and no name leads out of it */
	assert_false(sp_store_sign(store, "a", 60, &url, &err));
	sp_error_clear(&err);
	assert_false(sp_store_sign(store, "../a", 60, &url, &err));
	assert_non_null(strstr(sp_error_text_c(&err), "can't be an object's name"));
	sp_error_clear(&err);
	sp_store_expect(store, "../a");
	sp_store_expect(store, "a");
	sp_buf_free(&url);
}

static void put_sweeps_leftovers(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	temp_write("store/sub/.spaceport-abc234.partial", "x", 1);
	assert_true(sp_store_put(store, "sub/new", "data", 4, &err));
	assert_int_equal(temp_count("store/sub"), 2);
	assert_true(sp_store_put(store, "sub/more", "data", 4, &err));
	assert_int_equal(temp_count("store/sub"), 3);
}

static void deletes(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_true(sp_store_delete(store, "sub/b c", &err));
	expect_absent("sub/b c");
	assert_true(sp_store_delete(store, "sub/b c", &err));
	assert_true(sp_store_delete(store, "a", &err));
	assert_int_equal(temp_count("store"), 1);
	assert_true(sp_store_delete(store, "missing/x", &err));
	assert_true(sp_store_delete(store, "../outside", &err));
	assert_true(sp_store_delete(store, "sub", &err));
	assert_true(temp_exists("outside"));
	assert_true(temp_exists("store/sub"));
	assert_false(sp_error_is_set(&err));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define OLD(name)                                                                                  \
	{                                                                                              \
#name " without openat2()", name, setup_old_kernel, teardown, NULL                         \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens),
		TEST(reads),
		TEST(names_lead_nowhere_else),
		TEST(links_lead_nowhere_out),
		TEST(links_inside_are_followed),
		TEST(only_regular_files_are_objects),
		TEST(tries_again_while_busy),
		TEST(tells_what_it_couldnt_ask),
		TEST(puts_objects),
		TEST(put_never_replaces),
		TEST(put_is_whole_or_not_at_all),
		TEST(put_takes_as_much_as_was_promised),
		TEST(what_is_no_place_is_refused),
		TEST(put_sweeps_leftovers),
		TEST(deletes),
		OLD(reads),
		OLD(names_lead_nowhere_else),
		OLD(links_lead_nowhere_out),
		OLD(only_regular_files_are_objects),
		OLD(puts_objects),
		OLD(put_never_replaces),
		OLD(deletes),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
