#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "tests/unit/temp.h"

/* --- calls that fail when told to (linked with --wrap) --- */

static bool no_tmpfile;
static int fail_fsync_at, fail_close_at, rename_error, write_error, write_most, flock_error;
static int fsync_calls, close_calls;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_renameat2(int from, const char *a, int to, const char *b, unsigned flags);
int __wrap_renameat2(int from, const char *a, int to, const char *b, unsigned flags);
ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode = 0;

	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return __real_open(path, flags, mode);
}

int __wrap_fsync(int fd)
{
	if (++fsync_calls == fail_fsync_at) {
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

int __wrap_close(int fd)
{
	int result = __real_close(fd);

	if (++close_calls == fail_close_at) {
		errno = EDQUOT;
		return -1;
	}
	return result;
}

int __wrap_renameat2(int from, const char *a, int to, const char *b, unsigned flags)
{
	if (rename_error) {
		errno = rename_error;
		return -1;
	}
	return __real_renameat2(from, a, to, b, flags);
}

/* Short writes, EINTR in between, or an error. */
ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	static int calls;

	if (write_error) {
		errno = write_error;
		return -1;
	}
	if (write_most && ++calls % 2) {
		errno = EINTR;
		return -1;
	}
	return __real_write(fd, data,
	                    write_most && len > (size_t)write_most ? (size_t)write_most : len);
}

int __wrap_flock(int fd, int operation)
{
	if (flock_error) {
		errno = flock_error;
		return -1;
	}
	return __real_flock(fd, operation);
}

static int reset(void **state)
{
	(void)state;
	no_tmpfile = false;
	fail_fsync_at = fail_close_at = rename_error = write_error = write_most = flock_error = 0;
	fsync_calls = close_calls = 0;
	temp_clear();
	return 0;
}

/* --- helpers --- */

static sp_out *must_open(const char *path, bool force)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open(path, force, &err);

	if (!out)
		print_error("%s\n", sp_error_text(&err));
	assert_non_null(out);
	return out;
}

static void must_write(sp_out *out, const char *text)
{
	sp_error err = SP_ERROR_INIT;

	assert_true(sp_out_write(out, text, strlen(text), &err));
}

static void expect_refused(const char *path, bool force, sp_code code)
{
	sp_error err = SP_ERROR_INIT;

	assert_null(sp_out_open(path, force, &err));
	assert_int_equal(err.code, code);
	assert_non_null(err.hint);
	sp_error_clear(&err);
}

static void expect_commit_fails(sp_out *out, sp_code code)
{
	sp_error err = SP_ERROR_INIT;

	assert_false(sp_out_commit(out, &err));
	assert_int_equal(err.code, code);
	sp_error_clear(&err);
}

static void expect_content(const char *path, const char *expected)
{
	size_t len;
	char *data = temp_read(path, &len);

	assert_non_null(data);
	assert_string_equal(data, expected);
	free(data);
}

/* --- files --- */

static void whole_or_not_there(void **state)
{
	sp_error err = SP_ERROR_INIT;
	struct stat st;
	sp_out *out;

	(void)state;
	out = must_open("a.zip", false);
	must_write(out, "one");
	must_write(out, "two");
	assert_int_equal(sp_out_size(out), 6);
	assert_false(temp_exists("a.zip"));
	assert_int_equal(temp_count("."), 1);
	assert_true(sp_out_commit(out, &err));
	expect_content("a.zip", "onetwo");
	assert_int_equal(stat("a.zip", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(temp_count("."), 1);

	out = must_open("b.zip", false);
	must_write(out, "x");
	sp_out_discard(out);
	sp_out_discard(NULL);
	assert_int_equal(temp_count("."), 1);
}

static void existing_is_refused_without_force(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out;

	(void)state;
	temp_write("a", "old", 3);
	expect_refused("a", false, SP_USAGE);
	expect_content("a", "old");
	out = must_open("a", true);
	must_write(out, "new");
	expect_content("a", "old");
	assert_true(sp_out_commit(out, &err));
	expect_content("a", "new");

	out = must_open("b", false);
	must_write(out, "mine");
	temp_write("b", "theirs", 6);
	expect_commit_fails(out, SP_USAGE);
	expect_content("b", "theirs");
	assert_int_equal(temp_count("."), 2);
}

/* The check and the rename see different worlds: the rename itself refuses. */
static void rename_itself_refuses(void **state)
{
	sp_out *out;

	(void)state;
	out = must_open("a", false);
	rename_error = EEXIST;
	expect_commit_fails(out, SP_USAGE);
	assert_int_equal(temp_count("."), 0);
}

static void only_regular_files_are_replaced(void **state)
{
	(void)state;
	assert_int_equal(mkdir("folder", 0700), 0);
	temp_write("target", "t", 1);
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	expect_refused("folder", true, SP_USAGE);
	expect_refused("folder/", true, SP_USAGE);
	expect_refused("folder/.", true, SP_USAGE);
	expect_refused("..", true, SP_USAGE);
	expect_refused("link", true, SP_USAGE);
	expect_refused("dangling", true, SP_USAGE);
	expect_refused("fifo", true, SP_USAGE);
	expect_refused("/dev/null", true, SP_USAGE);
	expect_refused("", true, SP_USAGE);
	expect_refused("missing/a", true, SP_USAGE);
	expect_refused("target/a", true, SP_USAGE);
	expect_content("target", "t");
	assert_int_equal(temp_count("."), 5);
	assert_int_equal(temp_count("folder"), 0);
}

static void failures_leave_nothing(void **state)
{
	sp_out *out;
	int i;

	for (i = 1; i <= 2; i++) { /* of the file, of the folder */
		reset(state);
		out = must_open("a", false);
		must_write(out, "x");
		fail_fsync_at = fsync_calls + i;
		expect_commit_fails(out, SP_FAILED);
		assert_int_equal(temp_count("."), 0);
	}
	reset(state);
	out = must_open("a", false);
	rename_error = EIO;
	expect_commit_fails(out, SP_FAILED);
	assert_int_equal(temp_count("."), 0);

	reset(state);
	out = must_open("a", false);
	fail_close_at = close_calls + 1;
	expect_commit_fails(out, SP_FAILED);
	assert_int_equal(temp_count("."), 0);
}

static void failures_keep_the_older_file(void **state)
{
	sp_out *out;

	reset(state);
	temp_write("a", "old", 3);
	out = must_open("a", true);
	must_write(out, "new");
	fail_fsync_at = fsync_calls + 1;
	expect_commit_fails(out, SP_FAILED);
	expect_content("a", "old");

	out = must_open("a", true);
	must_write(out, "new");
	rename_error = EACCES;
	expect_commit_fails(out, SP_FAILED);
	expect_content("a", "old");
	assert_int_equal(temp_count("."), 1);

	/* replaced already: the new one, whole, is all there is */
	rename_error = 0;
	out = must_open("a", true);
	must_write(out, "new");
	fail_fsync_at = fsync_calls + 2;
	expect_commit_fails(out, SP_FAILED);
	expect_content("a", "new");
}

static void file_systems_without_noreplace(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out;

	(void)state;
	out = must_open("a", false);
	must_write(out, "x");
	rename_error = EINVAL;
	assert_true(sp_out_commit(out, &err));
	expect_content("a", "x");
	out = must_open("b", false);
	temp_write("b", "theirs", 6);
	rename_error = ENOSYS;
	expect_commit_fails(out, SP_USAGE);
	expect_content("b", "theirs");
}

static void file_systems_without_locks(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out;

	(void)state;
	flock_error = ENOLCK;
	out = must_open("a", false);
	assert_true(sp_out_commit(out, &err));
	assert_true(temp_exists("a"));
}

static void short_writes_and_signals(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out;

	(void)state;
	out = must_open("a", false);
	write_most = 3;
	must_write(out, "0123456789");
	write_most = 0;
	assert_true(sp_out_commit(out, &err));
	expect_content("a", "0123456789");
}

static void full_disk(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out;

	(void)state;
	out = must_open("a", false);
	write_error = ENOSPC;
	assert_false(sp_out_write(out, "x", 1, &err));
	assert_int_equal(err.code, SP_FAILED);
	assert_non_null(strstr(sp_error_text_c(&err), "No space left"));
	assert_non_null(err.hint);
	sp_error_clear(&err);
	sp_out_discard(out);
	assert_int_equal(temp_count("."), 0);
}

static void read_only_folder(void **state)
{
	(void)state;
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	expect_refused("/a-file-nobody-may-make", false, SP_FAILED);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

#define LEFTOVER ".spaceport-abc234.partial"

static void sweeps_leftovers(void **state)
{
	sp_out *one, *two;
	int held;

	(void)state;
	temp_write(LEFTOVER, "x", 1);
	temp_write(".spaceport-toolong.partial", "x", 1);
	temp_write(".spaceport-abc234.partialx", "x", 1);
	temp_write("x.spaceport-abc23.partial", "x", 1);
	temp_write(".spaceport-held22.partial", "x", 1);
	held = open(".spaceport-held22.partial", O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(held, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(mkdir(".spaceport-folder.partial", 0700), 0);
	assert_int_equal(symlink("elsewhere", ".spaceport-linked.partial"), 0);
	assert_int_equal(mkfifo(".spaceport-fifooo.partial", 0600), 0);
	one = must_open("a", false);
	assert_false(temp_exists(LEFTOVER));
	assert_int_equal(temp_count("."), 8);
	/* a file that is being written isn't a leftover */
	two = must_open("b", false);
	assert_int_equal(temp_count("."), 9);
	sp_out_discard(two);
	sp_out_discard(one);
	assert_int_equal(temp_count("."), 7);
	assert_int_equal(close(held), 0);
}

/* Killed at any moment: nothing under the name, and the next run cleans up. */
static void killed_while_writing(void **state)
{
	int ready[2], status;
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		sp_error err = SP_ERROR_INIT;
		sp_out *out = sp_out_open("a", false, &err);

		if (!out || !sp_out_write(out, "half", 4, &err) || write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(temp_count("."), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_false(temp_exists("a"));
	assert_int_equal(temp_count("."), 1);
	sp_out_discard(must_open("a", false));
	assert_int_equal(temp_count("."), 0);
	close(ready[0]);
	close(ready[1]);
}

static void in_an_open_folder(void **state)
{
	int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	sp_error err = SP_ERROR_INIT;
	mode_t before = umask(077);
	struct stat st;
	sp_out *out;

	(void)state;
	temp_write(LEFTOVER, "x", 1);
	out = sp_out_open_at(folder, "a", 0644, &err);
	assert_non_null(out);
	must_write(out, "x");
	assert_true(sp_out_commit(out, &err));
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_null(sp_out_open_at(folder, "a", 0666, &err));
	assert_int_equal(err.code, SP_USAGE);
	sp_error_clear(&err);
	assert_true(temp_exists(LEFTOVER));
	sp_out_sweep(folder);
	assert_false(temp_exists(LEFTOVER));
	assert_null(sp_out_open_at(-1, "b", 0666, &err));
	sp_error_clear(&err);
	umask(before);
	close(folder);
}

/* --- standard output --- */

/* Runs `body` with standard output on `fd`. */
static bool on_stdout(int fd, bool (*body)(sp_error *err), sp_error *err)
{
	int before = dup(STDOUT_FILENO);
	bool ok;

	assert_true(before >= 0);
	fflush(stdout);
	assert_true(dup2(fd, STDOUT_FILENO) >= 0);
	ok = body(err);
	assert_true(dup2(before, STDOUT_FILENO) >= 0);
	close(before);
	return ok;
}

static bool write_stdout(sp_error *err)
{
	sp_out *out = sp_out_open("-", false, err);

	if (!out)
		return false;
	if (!sp_out_write(out, "to stdout", 9, err)) {
		sp_out_discard(out);
		return false;
	}
	return sp_out_commit(out, err);
}

static void stdout_to_file_and_pipe(void **state)
{
	sp_error err = SP_ERROR_INIT;
	char text[32] = "";
	int fd, ends[2];

	(void)state;
	fd = open("out", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(on_stdout(fd, write_stdout, &err));
	expect_content("out", "to stdout");
	close(fd);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(on_stdout(ends[1], write_stdout, &err));
	assert_int_equal(read(ends[0], text, sizeof text), 9);
	assert_string_equal(text, "to stdout");
	/* its reader has gone */
	close(ends[0]);
	assert_false(on_stdout(ends[1], write_stdout, &err));
	assert_non_null(strstr(sp_error_text_c(&err), "Broken pipe"));
	sp_error_clear(&err);
	close(ends[1]);
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_false(on_stdout(fd, write_stdout, &err));
	assert_non_null(strstr(sp_error_text_c(&err), "No space left"));
	sp_error_clear(&err);
	close(fd);
}

static void stdout_failures(void **state)
{
	sp_error err = SP_ERROR_INIT;
	int fd = open("out", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	fail_fsync_at = fsync_calls + 1;
	assert_false(on_stdout(fd, write_stdout, &err));
	sp_error_clear(&err);
	fail_close_at = close_calls + 1;
	assert_false(on_stdout(fd, write_stdout, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	close(fd);
}

/* True once the pipe is full. */
static bool is_full(const void *ctx)
{
	const sp_out *out = ctx;

	return sp_out_size(out) >= 1 << 16;
}

static bool write_much(sp_error *err)
{
	static char data[1 << 20];
	sp_out *out = sp_out_open("-", false, err);
	bool ok;

	assert_non_null(out);
	sp_out_stop_when(out, is_full, out);
	ok = sp_out_write(out, data, sizeof data, err);
	sp_out_discard(out);
	return ok;
}

/* A pipe that nobody reads: the write ends when it is told to. */
static void stdout_can_be_stopped(void **state)
{
	sp_error err = SP_ERROR_INIT;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 1 << 16), 1 << 16);
	assert_false(on_stdout(ends[1], write_much, &err));
	assert_int_equal(err.code, SP_INTERRUPTED);
	sp_error_clear(&err);
	close(ends[0]);
	close(ends[1]);
}

/* --- spools --- */

static sp_spool *must_spool(const char *beside)
{
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool = sp_spool_create(beside, &err);

	assert_non_null(spool);
	return spool;
}

static void spool_keeps_bytes(void **state)
{
	enum { COUNT = 50000 };
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool = must_spool("a.zip");
	uint32_t i, value;
	size_t got;

	(void)state;
	assert_int_equal(temp_count("."), 0);
	for (i = 0; i < COUNT; i++)
		assert_true(sp_spool_write(spool, &i, sizeof i, &err));
	assert_int_equal(sp_spool_size(spool), COUNT * sizeof i);
	assert_true(sp_spool_rewind(spool, &err));
	for (i = 0; i < COUNT; i++) {
		assert_true(sp_spool_read(spool, &value, sizeof value, &got, &err));
		assert_int_equal(got, sizeof value);
		assert_int_equal(value, i);
	}
	assert_true(sp_spool_read(spool, &value, sizeof value, &got, &err));
	assert_int_equal(got, 0);
	sp_spool_free(spool);
}

static void spool_takes_large_pieces(void **state)
{
	enum { LEN = 200001 };
	char *data = malloc(LEN), *again = malloc(LEN);
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool = must_spool(NULL);
	size_t i, got, sum = 0;

	(void)state;
	for (i = 0; i < LEN; i++)
		data[i] = (char)(i * 31 % 251);
	assert_true(sp_spool_write(spool, "ab", 2, &err));
	assert_true(sp_spool_write(spool, data, LEN, &err));
	assert_true(sp_spool_write(spool, "", 0, &err));
	assert_true(sp_spool_rewind(spool, &err));
	assert_true(sp_spool_read(spool, again, 2, &got, &err));
	assert_memory_equal(again, "ab", 2);
	for (; sum < LEN; sum += got) {
		assert_true(sp_spool_read(spool, again + sum, LEN - sum, &got, &err));
		assert_true(got > 0);
	}
	assert_memory_equal(data, again, LEN);
	sp_spool_free(spool);
	free(data);
	free(again);
}

static void spool_gives_lines(void **state)
{
	enum { LONG = 150000 };
	char *long_line = malloc(LONG);
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool = must_spool("-");
	size_t len;
	char *line;
	int i;

	(void)state;
	memset(long_line, 'x', LONG);
	assert_true(sp_spool_write(spool, "first\n\n", 7, &err));
	assert_true(sp_spool_write(spool, long_line, LONG, &err));
	assert_true(sp_spool_write(spool, "\na\0b\nlast", 9, &err));
	for (i = 0; i < 2; i++) {
		assert_true(sp_spool_rewind(spool, &err));
		assert_string_equal(sp_spool_line(spool, &len, &err), "first");
		assert_int_equal(len, 5);
		assert_string_equal(sp_spool_line(spool, &len, &err), "");
		line = sp_spool_line(spool, &len, &err);
		assert_int_equal(len, LONG);
		assert_memory_equal(line, long_line, LONG);
		line = sp_spool_line(spool, &len, &err);
		assert_int_equal(len, 3);
		assert_memory_equal(line, "a\0b", 4);
		assert_string_equal(sp_spool_line(spool, &len, &err), "last");
		assert_null(sp_spool_line(spool, &len, &err));
		assert_false(sp_error_is_set(&err));
	}
	sp_spool_free(spool);
	free(long_line);
}

/* Line ends at every place around the buffer's end. */
static void spool_lines_across_buffers(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool = must_spool(NULL);
	char *data = malloc(70000), *line;
	size_t first, len;

	(void)state;
	memset(data, 'y', 70000);
	for (first = 65530; first < 65540; first++) {
		assert_true(sp_spool_reset(spool, &err));
		assert_int_equal(sp_spool_size(spool), 0);
		assert_true(sp_spool_write(spool, data, first, &err));
		assert_true(sp_spool_write(spool, "\n\nz\n", 4, &err));
		assert_true(sp_spool_rewind(spool, &err));
		line = sp_spool_line(spool, &len, &err);
		assert_non_null(line);
		assert_int_equal(len, first);
		assert_string_equal(sp_spool_line(spool, &len, &err), "");
		assert_string_equal(sp_spool_line(spool, &len, &err), "z");
		assert_null(sp_spool_line(spool, &len, &err));
	}
	sp_spool_free(spool);
	free(data);
}

static void spool_refuses_misuse(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool = must_spool(NULL);
	char byte;
	size_t n;

	(void)state;
	assert_true(sp_spool_write(spool, "x\n", 2, &err));
	assert_null(sp_spool_line(spool, &n, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	assert_false(sp_spool_read(spool, &byte, 1, &n, &err));
	sp_error_clear(&err);
	assert_true(sp_spool_rewind(spool, &err));
	assert_false(sp_spool_write(spool, "x", 1, &err));
	sp_error_clear(&err);
	assert_null(sp_spool_create("missing/a", &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	sp_spool_free(spool);
	sp_spool_free(NULL);
}

static void spool_without_unnamed_files(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool;
	size_t len;

	(void)state;
	no_tmpfile = true;
	spool = must_spool("./a.zip");
	assert_int_equal(temp_count("."), 0);
	assert_true(sp_spool_write(spool, "x\n", 2, &err));
	assert_true(sp_spool_rewind(spool, &err));
	assert_string_equal(sp_spool_line(spool, &len, &err), "x");
	sp_spool_free(spool);
	assert_null(sp_spool_create("missing/a", &err));
	sp_error_clear(&err);
}

static void spool_on_a_full_disk(void **state)
{
	static const char data[70000];
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool = must_spool(NULL);

	(void)state;
	assert_true(sp_spool_write(spool, "x", 1, &err));
	write_error = ENOSPC;
	assert_false(sp_spool_rewind(spool, &err));
	assert_non_null(strstr(sp_error_text_c(&err), "No space left"));
	sp_error_clear(&err);
	write_error = 0;
	assert_true(sp_spool_reset(spool, &err));
	write_error = ENOSPC;
	assert_false(sp_spool_write(spool, data, sizeof data, &err));
	sp_error_clear(&err);
	sp_spool_free(spool);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_or_not_there),
		TEST(existing_is_refused_without_force),
		TEST(rename_itself_refuses),
		TEST(only_regular_files_are_replaced),
		TEST(failures_leave_nothing),
		TEST(failures_keep_the_older_file),
		TEST(file_systems_without_noreplace),
		TEST(file_systems_without_locks),
		TEST(short_writes_and_signals),
		TEST(full_disk),
		TEST(read_only_folder),
		TEST(sweeps_leftovers),
		TEST(killed_while_writing),
		TEST(in_an_open_folder),
		TEST(stdout_to_file_and_pipe),
		TEST(stdout_failures),
		TEST(stdout_can_be_stopped),
		TEST(spool_keeps_bytes),
		TEST(spool_takes_large_pieces),
		TEST(spool_gives_lines),
		TEST(spool_lines_across_buffers),
		TEST(spool_refuses_misuse),
		TEST(spool_without_unnamed_files),
		TEST(spool_on_a_full_disk),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
