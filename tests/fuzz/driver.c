#include <config.h>

#include "tests/fuzz/driver.h"

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/*
 * With afl++'s compiler: takes inputs from afl-fuzz for as long as it gives any.
 * With files and folders as arguments, or built by any other compiler: runs
 * those, and says how many; an input that ends the program is named.
 */

#define SECONDS    20 /* of processor time, for one input */
#define MOST_BYTES ((size_t)1 << 20)
#define PATH_BYTES 4096

#ifdef __AFL_FUZZ_TESTCASE_LEN
__AFL_FUZZ_INIT();
#endif

static char current[PATH_BYTES];

/* --- what targets use --- */

void fuzz_expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "this doesn't hold: %s\n", what);
	abort();
}

int fuzz_file(const void *data, size_t len)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("input", MFD_CLOEXEC);
	fuzz_expect(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, len, 0) == (ssize_t)len,
	            "the input can be written");
	return fd;
}

/* --- an input from a file --- */

static void say_current(void)
{
	static const char text[] = "\nwith this input: ";

	if (!*current || write(STDERR_FILENO, text, sizeof text - 1) < 0 ||
	    write(STDERR_FILENO, current, strlen(current)) < 0 || write(STDERR_FILENO, "\n", 1) < 0)
		return;
}

static void on_signal(int signum)
{
	static const char text[] = "\nit takes too long";

	if (signum == SIGPROF && write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(1);
	say_current();
	signal(signum, SIG_DFL);
	raise(signum);
}

/* The sanitizers end a program without a signal. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void name_inputs(void)
{
	if (__sanitizer_set_death_callback) {
		__sanitizer_set_death_callback(say_current);
	} else {
		signal(SIGSEGV, on_signal);
		signal(SIGBUS, on_signal);
		signal(SIGFPE, on_signal);
		signal(SIGILL, on_signal);
	}
	signal(SIGABRT, on_signal);
	signal(SIGPROF, on_signal);
}

static void run_file(const char *path)
{
	static unsigned char data[MOST_BYTES];
	const struct itimerval time = { { 0, 0 }, { SECONDS, 0 } };
	unsigned char *copy;
	size_t len;
	FILE *file = fopen(path, "rb");

	snprintf(current, sizeof current, "%s", path);
	fuzz_expect(file != NULL, "the file can be read");
	len = fread(data, 1, sizeof data, file);
	fclose(file);
	/* exactly as long as it is, so that reading over its end is seen */
	copy = malloc(len + !len);
	fuzz_expect(copy != NULL, "there is memory");
	memcpy(copy, data, len);
	setitimer(ITIMER_PROF, &time, NULL);
	fuzz_one(copy, len);
	free(copy);
	*current = '\0';
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int run_path(const char *path)
{
	char below[PATH_BYTES];
	struct dirent **names;
	struct stat st;
	int i, count, runs = 0;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		run_file(path);
		return 1;
	}
	count = scandir(path, &names, is_shown, alphasort);
	fuzz_expect(count >= 0, "the folder can be read");
	for (i = 0; i < count; i++) {
		snprintf(below, sizeof below, "%s/%s", path, names[i]->d_name);
		runs += run_path(below);
		free(names[i]);
	}
	free(names);
	return runs;
}

/* --- */

#ifdef __AFL_FUZZ_TESTCASE_LEN
static void run_afl(void)
{
	unsigned char *data;

	__AFL_INIT();
	data = __AFL_FUZZ_TESTCASE_BUF;
	while (__AFL_LOOP(20000))
		fuzz_one(data, (size_t)__AFL_FUZZ_TESTCASE_LEN);
}
#endif

int main(int argc, char **argv)
{
	int i, runs = 0;

	/* as the program has it */
	setlocale(LC_CTYPE, "C.UTF-8");
	/* the same large blocks again and again: no need to ask the kernel each time */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
#ifdef __AFL_FUZZ_TESTCASE_LEN
	if (argc < 2) {
		run_afl();
		return 0;
	}
#endif
	name_inputs();
	for (i = 1; i < argc; i++)
		runs += run_path(argv[i]);
	printf("%s: %d inputs\n", strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0], runs);
	return runs == 0;
}
