/*
 * Loaded into the program with LD_PRELOAD: calls that read or write do less than
 * they were asked to, or are interrupted, as every system may have it.
 *
 * SHORT_SEED  of the random numbers, which each thread draws for itself
 * SHORT_LOG   a file that gets a byte for each call that was cut (c) or
 *             interrupted (i)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static __thread unsigned state __attribute__((tls_model("initial-exec")));

static unsigned draw(unsigned below)
{
	const char *seed = getenv("SHORT_SEED");

	if (!state)
		state = (unsigned)(seed ? strtoul(seed, NULL, 10) : 0) * 2654435761u + 12345;
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % below;
}

static void note(char what)
{
	const char *path = getenv("SHORT_LOG");
	long fd = path ? syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;

	if (path && (fd < 0 || syscall(SYS_write, fd, &what, 1) != 1))
		abort();
	if (path)
		syscall(SYS_close, fd);
}

/* Files and pipes; sockets are their libraries' own. */
static int may_be_cut(int fd)
{
	struct stat info;

	return fd > 2 && fstat(fd, &info) == 0 && (S_ISREG(info.st_mode) || S_ISFIFO(info.st_mode));
}

/* The length to go on with; 0: interrupted. */
static size_t cut(int fd, size_t len)
{
	if (!len || !may_be_cut(fd))
		return len;
	switch (draw(4)) {
	case 0:
		note('i');
		return 0;
	case 1:
		note('c');
		return 1 + draw((unsigned)(len > 100000 ? 100000 : len));
	default: return len;
	}
}

static long do_call(long number, int fd, const void *data, size_t len, off_t offset)
{
	size_t now = cut(fd, len);

	if (len && !now) {
		errno = EINTR;
		return -1;
	}
	return syscall(number, fd, data, now, offset);
}

ssize_t write(int fd, const void *data, size_t len)
{
	return do_call(SYS_write, fd, data, len, 0);
}

ssize_t read(int fd, void *data, size_t len)
{
	return do_call(SYS_read, fd, data, len, 0);
}

/* glibc calls it so where the size of the buffer is known */
ssize_t __read_chk(int fd, void *data, size_t len, size_t room)
{
	if (len > room)
		abort();
	return read(fd, data, len);
}

ssize_t pread(int fd, void *data, size_t len, off_t offset)
{
	return do_call(SYS_pread64, fd, data, len, offset);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t offset)
{
	return do_call(SYS_pread64, fd, data, len, offset);
}

ssize_t __pread64_chk(int fd, void *data, size_t len, off64_t offset, size_t room)
{
	if (len > room)
		abort();
	return pread64(fd, data, len, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
	return do_call(SYS_pwrite64, fd, data, len, offset);
}

int fsync(int fd)
{
	if (draw(2)) {
		note('i');
		errno = EINTR;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}
