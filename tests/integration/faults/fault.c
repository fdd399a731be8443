/*
 * Loaded into the program with LD_PRELOAD: counts its calls of write, fsync,
 * rename and close on files and folders, and lets one go wrong. Those on records
 * of operations aren't counted: they matter to no package.
 *
 * FAULT_CALLS  which are counted: letters of w (write), f (fsync), r (rename),
 *              c (close); all without it
 * FAULT_AT     the call's number, from 1; 0 or none: only count
 * FAULT_ERRNO  what it fails with; without it the process is killed instead,
 *              before the call
 * FAULT_ON     set: all calls from that one on fail
 * FAULT_SHORT  set: a write at that number writes one byte only
 * FAULT_LOG    a file that gets a line for each call: letter, whether the
 *              file can be written, and its path
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;

static void *real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

static ssize_t real_write(int fd, const void *data, size_t len)
{
	ssize_t (*function)(int, const void *, size_t);
	void *found = real("write");

	memcpy(&function, &found, sizeof function);
	return function(fd, data, len);
}

static int real_close(int fd)
{
	int (*function)(int);
	void *found = real("close");

	memcpy(&function, &found, sizeof function);
	return function(fd);
}

/* Where the descriptor leads. */
static void path_of(int fd, char *name, size_t room)
{
	char link[64];
	ssize_t len;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	len = readlink(link, name, room - 1);
	name[len < 0 ? 0 : len] = '\0';
}

static int is_counted(char letter, int fd)
{
	char name[512];
	const char *letters = getenv("FAULT_CALLS");
	struct stat info;

	if (letters && !strchr(letters, letter))
		return 0;
	path_of(fd, name, sizeof name);
	if (strstr(name, "/spaceport/operations"))
		return 0;
	return fstat(fd, &info) == 0 && (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode));
}

static void log_call(char letter, int fd)
{
	const char *path = getenv("FAULT_LOG");
	char name[512], line[640];
	int log, flags = fcntl(fd, F_GETFL), saved = errno;
	ssize_t len;

	if (!path)
		return;
	path_of(fd, name, sizeof name);
	len = snprintf(line, sizeof line, "%c %s %s\n", letter,
	               (flags & O_ACCMODE) == O_RDONLY ? "read" : "write", name);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0 || real_write(log, line, (size_t)len) != len)
		abort();
	real_close(log);
	errno = saved;
}

/* True where the call is to fail; doesn't return where it is the end. */
static int goes_wrong(char letter, int fd)
{
	const char *at = getenv("FAULT_AT"), *code = getenv("FAULT_ERRNO");
	long wanted = at ? atol(at) : 0, n;

	if (!is_counted(letter, fd))
		return 0;
	log_call(letter, fd);
	n = atomic_fetch_add(&calls, 1) + 1;
	if (!wanted || n < wanted || (n > wanted && !getenv("FAULT_ON")))
		return 0;
	if (getenv("FAULT_SHORT"))
		return letter == 'w';
	if (!code)
		kill(getpid(), SIGKILL);
	errno = code ? atoi(code) : 0;
	return 1;
}

ssize_t write(int fd, const void *data, size_t len)
{
	if (!goes_wrong('w', fd))
		return real_write(fd, data, len);
	return getenv("FAULT_SHORT") ? real_write(fd, data, len ? 1 : 0) : -1;
}

int fsync(int fd)
{
	int (*function)(int);
	void *found = real("fsync");

	memcpy(&function, &found, sizeof function);
	return goes_wrong('f', fd) ? -1 : function(fd);
}

/* As Linux has it: the descriptor is gone also where close fails. */
int close(int fd)
{
	int wrong = goes_wrong('c', fd), code = errno;

	if (!wrong)
		return real_close(fd);
	real_close(fd);
	errno = code;
	return -1;
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
	int (*function)(int, const char *, int, const char *, unsigned);
	void *found = real("renameat2");

	memcpy(&function, &found, sizeof function);
	return goes_wrong('r', to_folder) ? -1 : function(from_folder, from, to_folder, to, flags);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	int (*function)(int, const char *, int, const char *);
	void *found = real("renameat");

	memcpy(&function, &found, sizeof function);
	return goes_wrong('r', to_folder) ? -1 : function(from_folder, from, to_folder, to);
}
