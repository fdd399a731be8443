#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "core/base/sign.h"
#include "core/config/profiles.h"
#include "core/store/store.h"
#include "tests/unit/temp.h"

/*
 * Every call of the system that can fail does so, one after the other (linked
 * with --wrap), each with every one of some errors: what is written is whole or
 * as it was before, and where it isn't what it should be there is an error.
 */
static const int errors[] = { EIO,   EINTR,  EINVAL, ENOENT, EEXIST,  ENOSYS,
	                          EPERM, EAGAIN, ELOOP,  ENOLCK, ENOTDIR, EXDEV };

static long countdown;
static int error;
static const char *failed; /* the call that did */

static bool fails_now(const char *name)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	failed = name;
	errno = error;
	return true;
}

#define WRAP(type, name, parameters, arguments)                                                    \
	type __real_##name parameters;                                                                 \
	type __wrap_##name parameters;                                                                 \
	type __wrap_##name parameters                                                                  \
	{                                                                                              \
		return fails_now(#name) ? (type)-1 : __real_##name arguments;                              \
	}

WRAP(ssize_t, read, (int fd, void *to, size_t len), (fd, to, len))
WRAP(ssize_t, pread, (int fd, void *to, size_t len, off_t at), (fd, to, len, at))
WRAP(ssize_t, write, (int fd, const void *from, size_t len), (fd, from, len))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, fstat, (int fd, struct stat *to), (fd, to))
WRAP(int, fstatat, (int folder, const char *name, struct stat *to, int flags),
     (folder, name, to, flags))
WRAP(int, flock, (int fd, int how), (fd, how))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
WRAP(int, renameat2, (int from, const char *a, int to, const char *b, unsigned flags),
     (from, a, to, b, flags))
WRAP(ssize_t, getrandom, (void *to, size_t len, unsigned flags), (to, len, flags))
WRAP(int, poll, (struct pollfd * fds, nfds_t count, int wait), (fds, count, wait))

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	return fails_now("open") ? -1 : __real_open(path, flags, 0600);
}

int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...)
{
	return fails_now("openat") ? -1 : __real_openat(folder, path, flags, 0600);
}

int __real_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, ...)
{
	void *lock;
	va_list args;

	if (what == F_DUPFD_CLOEXEC)
		return fails_now("fcntl") ? -1 : __real_fcntl(fd, what, 0);
	/* what counts lines locks its files */
	va_start(args, what);
	lock = va_arg(args, void *);
	va_end(args);
	return __real_fcntl(fd, what, lock);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long given[4];
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 4; i++)
		given[i] = va_arg(args, long);
	va_end(args);
	assert_int_equal(number, SYS_openat2);
	return fails_now("syscall") ? -1
	                            : __real_syscall(number, given[0], given[1], given[2], given[3]);
}

/* The descriptor is gone all the same. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	int result = __real_close(fd);

	return fails_now("close") ? -1 : result;
}

/* Without these there is no file, whatever the error is; but what was interrupted
 * is done again. */
static void check_minded(bool ok)
{
	static const char *const needed[] = { "write", "fsync", "renameat2" };
	size_t i;

	for (i = 0; ok && error == EIO && i < sizeof needed / sizeof *needed; i++) {
		if (strcmp(failed, needed[i]) == 0)
			fail_msg("nobody minded %s", failed);
	}
}

/* `prepare`, `body` and `check`, of what it gave, for each call that fails. */
static void try_all(void (*prepare)(void), bool (*body)(sp_error *err), void (*check)(bool ok))
{
	size_t i;
	long n;
	bool ok, more;

	for (i = 0; i < sizeof errors / sizeof *errors; i++) {
		more = true;
		for (n = 1; more; n++) {
			sp_error err = SP_ERROR_INIT;

			temp_clear();
			prepare();
			error = errors[i];
			countdown = n;
			ok = body(&err);
			more = countdown == 0;
			countdown = 0;
			if (ok == sp_error_is_set(&err) || (!more && !ok))
				fail_msg("call %ld, %s: %s", n, strerror(error), sp_error_text(&err));
			sp_error_clear(&err);
			if (more)
				check_minded(ok);
			check(ok);
		}
		assert_in_range(n, 4, 1000);
	}
}

static void nothing(void)
{
}

static void expect_content(const char *path, const char *expected)
{
	size_t len;
	char *text = temp_read(path, &len);

	assert_non_null(text);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(text, expected, len);
	free(text);
}

/* --- a file --- */

static bool write_file(sp_out *out, sp_error *err)
{
	if (!out)
		return false;
	if (sp_out_write(out, "new ", 4, err) && sp_out_write(out, "text", 4, err))
		return sp_out_commit(out, err);
	sp_out_discard(out);
	return false;
}

static void leave_rests(void)
{
	temp_write(".spaceport-aaaaaa.partial", "", 0);
}

static bool write_new(sp_error *err)
{
	return write_file(sp_out_open("a.zip", false, err), err);
}

static bool write_at(sp_error *err)
{
	int folder = __real_openat(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY);
	bool ok = write_file(sp_out_open_at(folder, "a.zip", 0644, err), err);

	__real_close(folder);
	return ok;
}

static void check_new(bool ok)
{
	if (ok)
		expect_content("a.zip", "new text");
	else
		assert_false(temp_exists("a.zip"));
}

static void prepare_old(void)
{
	temp_write("a.zip", "old", 3);
}

static bool replace(sp_error *err)
{
	return write_file(sp_out_open("a.zip", true, err), err);
}

/* One or the other: whether a folder was saved nobody knows. */
static void check_replaced(bool ok)
{
	size_t len;
	char *text = temp_read("a.zip", &len);

	assert_non_null(text);
	assert_true((len == 8 && !memcmp(text, "new text", 8)) ||
	            (!ok && len == 3 && !memcmp(text, "old", 3)));
	free(text);
}

static void a_file_is_whole_or_as_it_was(void **state)
{
	(void)state;
	try_all(leave_rests, write_new, check_new);
	try_all(nothing, write_at, check_new);
	try_all(prepare_old, replace, check_replaced);
}

static int file_or_pipe;

/* Standard output is what was made ready for it. */
static bool write_stdout(sp_error *err)
{
	int kept = dup(STDOUT_FILENO);
	bool ok;

	fflush(stdout);
	dup2(file_or_pipe, STDOUT_FILENO);
	ok = write_file(sp_out_open("-", false, err), err);
	dup2(kept, STDOUT_FILENO);
	__real_close(kept);
	return ok;
}

static void prepare_file(void)
{
	file_or_pipe = creat("a.zip", 0600);
	assert_true(file_or_pipe >= 0);
}

static void check_file(bool ok)
{
	__real_close(file_or_pipe);
	if (ok)
		expect_content("a.zip", "new text");
}

static int reader;

static void prepare_pipe(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	reader = ends[0];
	file_or_pipe = ends[1];
}

static void check_pipe(bool ok)
{
	char text[16];
	ssize_t n;

	__real_close(file_or_pipe);
	n = __real_read(reader, text, sizeof text);
	__real_close(reader);
	if (ok) {
		assert_int_equal(n, 8);
		assert_memory_equal(text, "new text", 8);
	}
}

static void what_goes_to_standard_output_is_all_there(void **state)
{
	(void)state;
	try_all(prepare_file, write_stdout, check_file);
	try_all(prepare_pipe, write_stdout, check_pipe);
}

static bool make_folders(sp_error *err)
{
	return sp_folders_make("a/b/c", 0700, err);
}

static void check_folders(bool ok)
{
	assert_true(!ok || temp_exists("a/b"));
}

static void prepare_text(void)
{
	temp_write("a", "0123456789", 10);
}

static bool read_part(sp_error *err)
{
	int fd = __real_open("a", O_RDONLY);
	char data[16];
	size_t got = 0;
	bool ok = sp_read_at(fd, "a", data, sizeof data, 3, &got, err);

	__real_close(fd);
	if (ok) {
		assert_int_equal(got, 7);
		assert_memory_equal(data, "3456789", 7);
	}
	return ok;
}

static void check_nothing(bool ok)
{
	(void)ok;
}

static void folders_and_parts_of_files(void **state)
{
	(void)state;
	try_all(nothing, make_folders, check_folders);
	try_all(prepare_text, read_part, check_nothing);
}

/* --- a store in a folder --- */

static bool read_back(sp_store *store, sp_error *err)
{
	sp_blob *blob = sp_store_get(store, "x/y/z", err);
	char data[16];
	size_t got = 0, more = 0;
	bool ok;

	if (!blob) /* what an error looks like that says that it isn't there */
		return sp_error_is_set(err) ? false : sp_fail(err, SP_FAILED, NULL, "not there");
	ok = sp_blob_read(blob, data, sizeof data, &got, err) &&
	     sp_blob_read(blob, data + got, sizeof data - got, &more, err);
	sp_blob_close(blob);
	if (ok)
		assert_true(got + more == 4 && !memcmp(data, "data", 4));
	return ok;
}

static bool use_store(sp_error *err)
{
	sp_store *store = sp_store_open(&(sp_store_settings){ .where = "dir:." }, NULL, err);
	bool ok = store && sp_store_put(store, "x/y/z", "data", 4, err) && read_back(store, err) &&
	          sp_store_delete(store, "x/y/z", err);

	sp_store_close(store);
	return ok;
}

static void check_store(bool ok)
{
	if (ok && error != ENOENT && error != ENOTDIR && error != ELOOP && error != EXDEV)
		assert_false(temp_exists("x/y/z"));
	else if (temp_exists("x/y/z"))
		expect_content("x/y/z", "data");
}

static bool stat_all(sp_error *err)
{
	static const char *const names[] = { "a", "b" };
	sp_store *store = sp_store_open(&(sp_store_settings){ .where = "dir:." }, NULL, err);
	int64_t sizes[2] = { 0, 0 };
	bool ok = store && sp_store_stat_all(store, names, sizes, 2, err);

	sp_store_close(store);
	if (ok)
		assert_true((sizes[0] == 10 || sizes[0] == -1) && sizes[1] == -1);
	return ok;
}

static void an_object_is_whole_or_not_there(void **state)
{
	(void)state;
	try_all(nothing, use_store, check_store);
	try_all(prepare_text, stat_all, check_nothing);
}

/* --- keys and profiles --- */

static sp_private_key *key;

static bool write_keys(sp_error *err)
{
	return sp_key_pair_write(key, "ana", "", 0, err);
}

static void check_keys(bool ok)
{
	assert_int_equal(temp_exists("ana.key"), ok);
	assert_int_equal(temp_exists("ana.pub"), ok);
}

static void prepare_keys(void)
{
	sp_error err = SP_ERROR_INIT;

	assert_true(write_keys(&err));
}

static bool read_keys(sp_error *err)
{
	sp_private_key *back = sp_private_key_read("ana.key", NULL, NULL, err);
	sp_public_key public;
	bool ok = back && sp_public_key_read("ana.pub", &public, err);

	if (ok)
		assert_memory_equal(&public, sp_private_key_public(back), sizeof public);
	sp_private_key_free(back);
	return ok;
}

static void a_pair_of_keys_is_there_or_not(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	key = sp_private_key_make(&err);
	assert_non_null(key);
	try_all(nothing, write_keys, check_keys);
	try_all(prepare_keys, read_keys, check_nothing);
	sp_private_key_free(key);
}

#define INI   "spaceport/instances.ini"
#define FIRST "# mine\n[dev]\ndb = service=dev\n"

static void prepare_profiles(void)
{
	assert_int_equal(__real_mkdir("spaceport", 0700), 0);
	temp_write(INI, FIRST, strlen(FIRST));
}

static bool change_profiles(sp_error *err)
{
	sp_profiles *profiles = sp_profiles_read(err);
	sp_instance one = { .name = strdup("new") };
	bool ok = profiles && sp_instance_set(&one, &sp_instance_keys[0], "service=new", err) &&
	          sp_profiles_put(profiles, &one, err);

	sp_instance_clear(&one);
	sp_profiles_free(profiles);
	return ok;
}

/* What somebody wrote is never lost. */
static void check_profiles(bool ok)
{
	size_t len;
	char *text = temp_read(INI, &len);

	assert_non_null(text);
	text[len - 1] = '\0';
	assert_non_null(strstr(text, "# mine\n[dev]\ndb = service=dev"));
	assert_true(!ok || strstr(text, "[new]"));
	free(text);
}

static void profiles_keep_what_somebody_wrote(void **state)
{
	char folder[4096];

	(void)state;
	assert_non_null(getcwd(folder, sizeof folder));
	setenv("XDG_CONFIG_HOME", folder, 1);
	try_all(prepare_profiles, change_profiles, check_profiles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_whole_or_as_it_was),
		cmocka_unit_test(what_goes_to_standard_output_is_all_there),
		cmocka_unit_test(folders_and_parts_of_files),
		cmocka_unit_test(an_object_is_whole_or_not_there),
		cmocka_unit_test(a_pair_of_keys_is_there_or_not),
		cmocka_unit_test(profiles_keep_what_somebody_wrote),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
