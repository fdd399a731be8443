#include <config.h>

#include "core/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES ((uint64_t)16 << 20)
#define TEMP_START ".spaceport-"
#define TEMP_END ".partial"
#define TEMP_RANDOM 6
#define TEMP_LEN (sizeof TEMP_START - 1 + TEMP_RANDOM + sizeof TEMP_END - 1)
#define TEMP_TRIES 100

#define WAIT_MS 200

struct sp_out {
	int fd;
	int folder; /* -1: standard output */
	char *path; /* for messages */
	char *name; /* in the folder */
	char temp[TEMP_LEN + 1];
	bool force;
	bool may_block; /* not a file: a write may wait for its reader */
	uint64_t size;
	uint64_t flushing; /* of it: on its way to the disk */
	sp_stop_fn *stop;
	const void *stop_ctx;
};

static bool is_same_file(int folder, const char *name, int fd)
{
	struct stat there, ours;

	return fstat(fd, &ours) == 0 && fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

/* A folder of its own that `path` stands in; "." for a bare name. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static int open_folder_of(const char *path, sp_error *err)
{
	char *folder = folder_of(path);
	int fd;

	if (!folder) {
		sp_fail_memory(err);
		return -1;
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		sp_fail(err, SP_USAGE, N_("Create the folder first, or name another place."),
		        N_("there is no folder \"%s\""), folder);
	else if (fd < 0)
		sp_fail_errno(err, errno, N_("can't open the folder \"%s\""), folder);
	free(folder);
	return fd;
}

static bool is_temp_name(const char *name)
{
	return strlen(name) == TEMP_LEN && strncmp(name, TEMP_START, sizeof TEMP_START - 1) == 0 &&
	       strcmp(name + TEMP_LEN - (sizeof TEMP_END - 1), TEMP_END) == 0;
}

/* Whoever holds the lock may decide about the name: a writer that finds it
 * gone takes another, a sweeper that finds another file leaves it. */
static void sweep_one(int folder, const char *name)
{
	struct stat st;
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0 && is_same_file(folder, name, fd))
		(void)unlinkat(folder, name, 0);
	(void)close(fd);
}

void sp_out_sweep(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		if (is_temp_name(entry->d_name))
			sweep_one(folder, entry->d_name);
	}
	(void)closedir(dir);
}

static bool make_temp_name(char temp[TEMP_LEN + 1], sp_error *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[TEMP_RANDOM];
	char *to = temp;
	size_t i;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return sp_fail_errno(err, errno, N_("the system gives no random numbers"));
	memcpy(to, TEMP_START, sizeof TEMP_START - 1);
	to += sizeof TEMP_START - 1;
	for (i = 0; i < sizeof random; i++)
		*to++ = letters[random[i] & 31];
	memcpy(to, TEMP_END, sizeof TEMP_END);
	return true;
}

static int fail_temp(int folder, const char *temp, int fd, const char *path, sp_error *err)
{
	sp_fail_errno(err, errno, N_("can't create a file for \"%s\""), path);
	if (fd >= 0) {
		(void)unlinkat(folder, temp, 0);
		(void)close(fd);
	}
	return -1;
}

/* A new file in `folder`, locked; its name in `temp`. -1 and an error. */
static int create_temp(int folder, mode_t mode, const char *path, char temp[TEMP_LEN + 1],
                       sp_error *err)
{
	int fd, tries;

	for (tries = 0; tries < TEMP_TRIES; tries++) {
		if (!make_temp_name(temp, err))
			return -1;
		fd = openat(folder, temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0 || (mode != 0600 && fchmod(fd, mode) != 0))
			return fail_temp(folder, temp, fd, path, err);
		/* a file system without locks: then no sweeper gets one either */
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
			errno = 0;
			if (is_same_file(folder, temp, fd))
				return fd;
			/* not gone, as after a sweeper, but out of sight */
			if (errno && errno != ENOENT)
				return fail_temp(folder, temp, fd, path, err);
		}
		(void)close(fd);
	}
	sp_fail(err, SP_FAILED, NULL, N_("can't find a free temporary name for \"%s\""), path);
	return -1;
}

static bool fail_exists(const sp_out *out, sp_error *err)
{
	return sp_fail(err, SP_USAGE, N_("Give --force to replace it, or another name."),
	               N_("\"%s\" exists already"), out->path);
}

/* Whether a file may get this name, now. */
static bool check_target(const sp_out *out, sp_error *err)
{
	struct stat st;

	if (fstatat(out->folder, out->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			return true;
		return sp_fail_errno(err, errno, N_("can't look at \"%s\""), out->path);
	}
	if (!S_ISREG(st.st_mode))
		return sp_fail(err, SP_USAGE, N_("Name another place for the file."),
		               N_("\"%s\" is there and is not a regular file"), out->path);
	return out->force || fail_exists(out, err);
}

static void free_out(sp_out *out)
{
	if (out->folder >= 0 && out->fd >= 0)
		(void)close(out->fd);
	if (out->folder >= 0)
		(void)close(out->folder);
	free(out->path);
	free(out->name);
	free(out);
}

static sp_out *create_out(const char *path, const char *name, bool force, sp_error *err)
{
	sp_out *out = calloc(1, sizeof *out);

	if (!out) {
		sp_fail_memory(err);
		return NULL;
	}
	out->fd = out->folder = -1;
	out->force = force;
	out->path = strdup(path);
	out->name = strdup(name);
	if (!out->path || !out->name) {
		sp_fail_memory(err);
		free_out(out);
		return NULL;
	}
	return out;
}

static sp_out *open_stdout(sp_error *err)
{
	sp_out *out = create_out("-", "-", false, err);
	struct stat st;

	if (!out)
		return NULL;
	if (fstat(STDOUT_FILENO, &st) != 0) {
		sp_fail_errno(err, errno, N_("can't use standard output"));
		free_out(out);
		return NULL;
	}
	out->fd = STDOUT_FILENO;
	out->may_block = !S_ISREG(st.st_mode);
	return out;
}

sp_out *sp_out_open(const char *path, bool force, sp_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	sp_out *out;

	if (strcmp(path, "-") == 0)
		return open_stdout(err);
	if (!*name) {
		sp_fail(err, SP_USAGE, N_("Name a file."), N_("\"%s\" is not the name of a file"),
		        path);
		return NULL;
	}
	out = create_out(path, name, force, err);
	if (!out)
		return NULL;
	out->folder = open_folder_of(path, err);
	if (out->folder < 0 || !check_target(out, err))
		goto cleanup;
	sp_out_sweep(out->folder);
	out->fd = create_temp(out->folder, 0600, path, out->temp, err);
	if (out->fd >= 0)
		return out;
cleanup:
	free_out(out);
	return NULL;
}

sp_out *sp_out_open_at(int folder, const char *name, mode_t mode, sp_error *err)
{
	sp_out *out = create_out(name, name, false, err);

	if (!out)
		return NULL;
	out->folder = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	if (out->folder < 0)
		sp_fail_errno(err, errno, N_("can't create \"%s\""), name);
	else if (check_target(out, err))
		out->fd = create_temp(out->folder, mode, name, out->temp, err);
	if (out->fd < 0) {
		free_out(out);
		return NULL;
	}
	return out;
}

void sp_out_stop_when(sp_out *out, sp_stop_fn *stop, const void *ctx)
{
	out->stop = stop;
	out->stop_ctx = ctx;
}

/* Waits until a write of PIPE_BUF bytes won't block (POSIX, for pipes). */
static bool wait_for_reader(sp_out *out, sp_error *err)
{
	struct pollfd poll_fd = { out->fd, POLLOUT, 0 };
	int n;

	do {
		if (out->stop && out->stop(out->stop_ctx))
			return sp_fail(err, SP_INTERRUPTED, NULL, N_("interrupted"));
		n = poll(&poll_fd, 1, WAIT_MS);
		if (n < 0 && errno != EINTR)
			return sp_fail_errno(err, errno, N_("can't write \"%s\""), out->path);
	} while (n <= 0);
	return true;
}

bool sp_out_write(sp_out *out, const void *data, size_t len, sp_error *err)
{
	const char *from = data;
	ssize_t n;

	while (len) {
		if (out->may_block && !wait_for_reader(out, err))
			return false;
		n = write(out->fd, from, out->may_block && len > PIPE_BUF ? PIPE_BUF : len);
		if (n < 0 && (errno == EINTR || (errno == EAGAIN && out->may_block)))
			continue;
		if (n <= 0)
			return sp_fail_errno(err, n ? errno : EIO, N_("can't write \"%s\""),
			                     out->path);
		from += n;
		len -= (size_t)n;
		out->size += (uint64_t)n;
	}
	if (out->folder >= 0 && out->size - out->flushing >= FLUSH_BYTES) {
		/* only a hint, so that the fsync at the end finds little to do */
		(void)sync_file_range(out->fd, (off64_t)out->flushing,
		                      (off64_t)(out->size - out->flushing), SYNC_FILE_RANGE_WRITE);
		out->flushing = out->size;
	}
	return true;
}

uint64_t sp_out_size(const sp_out *out)
{
	return out->size;
}

static int sync_fd(int fd)
{
	int result;

	do
		result = fsync(fd);
	while (result != 0 && errno == EINTR);
	return result;
}

/* What stands in the folder; some file systems can't and needn't. */
static bool sync_folder(int folder, const char *path, sp_error *err)
{
	if (sync_fd(folder) != 0 && errno != EINVAL)
		return sp_fail_errno(err, errno, N_("can't save the folder of \"%s\""), path);
	return true;
}

static bool rename_temp(const sp_out *out, sp_error *err)
{
	unsigned flags = out->force ? 0 : RENAME_NOREPLACE;
	int result;

	if (!check_target(out, err))
		return false;
	result = renameat2(out->folder, out->temp, out->folder, out->name, flags);
	/* a file system that can't refuse to replace: the check above must do */
	if (result != 0 && flags && (errno == EINVAL || errno == ENOSYS))
		result = renameat(out->folder, out->temp, out->folder, out->name);
	if (result == 0)
		return true;
	if (errno == EEXIST)
		return fail_exists(out, err);
	return sp_fail_errno(err, errno, N_("can't give the file its name \"%s\""), out->path);
}

/* Standard output: what can be told about it having arrived. */
static bool finish_stdout(const sp_out *out, sp_error *err)
{
	int copy;

	if (!out->may_block && sync_fd(out->fd) != 0)
		return sp_fail_errno(err, errno, N_("can't save \"%s\""), out->path);
	/* some file systems report an error at close only; the descriptor itself
	 * belongs to the program */
	copy = fcntl(out->fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0 || close(copy) != 0)
		return sp_fail_errno(err, errno, N_("can't close \"%s\""), out->path);
	return true;
}

static bool close_checked(sp_out *out, sp_error *err)
{
	int fd = out->fd;

	out->fd = -1;
	/* on Linux the descriptor is gone after EINTR too, and fsync went well */
	if (close(fd) != 0 && errno != EINTR)
		return sp_fail_errno(err, errno, N_("can't close \"%s\""), out->path);
	return true;
}

bool sp_out_commit(sp_out *out, sp_error *err)
{
	bool renamed = false, replaced, ok = false;
	struct stat st;

	if (out->folder < 0) {
		ok = finish_stdout(out, err);
		free_out(out);
		return ok;
	}
	replaced = fstatat(out->folder, out->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (sync_fd(out->fd) != 0) {
		sp_fail_errno(err, errno, N_("can't save \"%s\""), out->path);
		goto cleanup;
	}
	renamed = rename_temp(out, err);
	/* closed last: until then the lock keeps sweepers away */
	ok = renamed && sync_folder(out->folder, out->path, err) && close_checked(out, err);
cleanup:
	if (!renamed)
		(void)unlinkat(out->folder, out->temp, 0);
	else if (!ok && !replaced)
		(void)unlinkat(out->folder, out->name, 0);
	free_out(out);
	return ok;
}

void sp_out_discard(sp_out *out)
{
	if (!out)
		return;
	if (out->folder >= 0)
		(void)unlinkat(out->folder, out->temp, 0);
	free_out(out);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool make_folder(const char *path, mode_t mode, const char *whole, sp_error *err)
{
	int parent;
	bool ok;

	if (mkdir(path, mode) != 0)
		return (errno == EEXIST && is_folder(path)) ||
		       sp_fail_errno(err, errno, N_("can't make the folder %s"), whole);
	parent = open_folder_of(path, err);
	ok = parent >= 0 && sync_folder(parent, path, err);
	if (parent >= 0)
		(void)close(parent);
	return ok;
}

bool sp_folders_make(const char *path, mode_t mode, sp_error *err)
{
	char *whole = folder_of(path), *part = folder_of(path), *end, after;
	bool ok = (whole && part) || sp_fail_memory(err);

	for (end = part; ok && *end;) {
		end = strchrnul(end + 1, '/');
		after = *end;
		*end = '\0';
		ok = is_folder(part) || make_folder(part, mode, whole, err);
		*end = after;
	}
	free(whole);
	free(part);
	return ok;
}

bool sp_read_at(int fd, const char *name, void *data, size_t len, uint64_t offset, size_t *got,
                sp_error *err)
{
	char *to = data;
	ssize_t n;

	for (*got = 0; *got < len; *got += (size_t)n) {
		n = pread(fd, to + *got, len - *got, (off_t)(offset + *got));
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return sp_fail_errno(err, errno, N_("can't read \"%s\""), name);
		else if (n == 0)
			break;
	}
	return true;
}
