/*
 * Loaded into the program with LD_PRELOAD: lets an allocation fail, chosen by
 * where it is made. A place is the chain of calls that leads to it, from main() or
 * a thread's begin; so it is the same in every run, however much memory one takes.
 * What libraries allocate before main() isn't looked at, nor what anything does when
 * the program has ended: counters of lines are written there, with memory of their own.
 *
 * ALLOC_LOG   a file that gets a line for each place, when it is first come by:
 *             its name (16 hexadecimal digits), who asks (the first caller
 *             outside the C library; "program" for the program itself), and the
 *             callers as file+offset, innermost first
 * ALLOC_FAIL  the place where an allocation fails, the first time
 * ALLOC_ON    set: all allocations fail from that one on
 * ALLOC_HIT   a file that comes into being when it has failed
 *
 * Where the program crashes after that, standard error says in whose code.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <unwind.h>

#define FRAMES 48
#define PLACES (1 << 16)
/* Of a place's line, so many callers. */
#define SHOWN 24

typedef struct {
	const char *file; /* "" is the program */
	uintptr_t offset;
} frame;

typedef struct {
	frame frames[FRAMES];
	int count;
} stack;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static int (*real_memalign)(void **, size_t, size_t);

static _Atomic uint64_t places[PLACES];
static atomic_bool failing;
static atomic_bool over;
static int (*real_main)(int, char **, char **);
static __thread int inside __attribute__((tls_model("initial-exec")));

/* What dlsym() needs before there is an allocator. */
static char early[4096];
static size_t early_used;

static void *early_memory(size_t size)
{
	void *memory = early + early_used;

	early_used += (size + 15) & ~(size_t)15;
	if (early_used > sizeof early)
		abort();
	return memory;
}

static void find(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort();
	memcpy(function, &found, sizeof found);
}

static int is_ready(void)
{
	static int finding;

	if (real_malloc)
		return 1;
	if (finding)
		return 0;
	finding = 1;
	find("calloc", &real_calloc);
	find("realloc", &real_realloc);
	find("posix_memalign", &real_memalign);
	find("malloc", &real_malloc);
	return 1;
}

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *context, void *ctx)
{
	stack *to = ctx;
	struct dl_find_object found;
	uintptr_t at = _Unwind_GetIP(context);

	if (!at || to->count == FRAMES || _dl_find_object((void *)(at - 1), &found) != 0)
		return _URC_END_OF_STACK;
	to->frames[to->count].file = found.dlfo_link_map->l_name;
	to->frames[to->count++].offset = at - (uintptr_t)found.dlfo_map_start;
	return _URC_NO_REASON;
}

static int is_from(const frame *frame, const char *library)
{
	return strstr(frame->file, library) != NULL;
}

/* This library's own frames come first; without one of the program, nothing. */
static const frame *first_of(const stack *s, int *count)
{
	int first = 0, i;

	while (first < s->count && is_from(&s->frames[first], "alloc.so"))
		first++;
	for (i = first; i < s->count; i++)
		if (!*s->frames[i].file) {
			*count = s->count - first;
			return &s->frames[first];
		}
	return NULL;
}

static uint64_t hash(const frame *frames, int count)
{
	uint64_t sum = 14695981039346656037u;
	const char *c;
	int i;

	for (i = 0; i < count; i++) {
		for (c = frames[i].file; *c; c++)
			sum = (sum ^ (unsigned char)*c) * 1099511628211u;
		sum = (sum ^ frames[i].offset) * 1099511628211u;
		sum ^= sum >> 29;
	}
	return sum ? sum : 1;
}

/* Whether nobody has been there before. */
static int is_new(uint64_t place)
{
	size_t at = place % PLACES;
	uint64_t seen;

	for (;; at = (at + 1) % PLACES) {
		seen = 0;
		if (atomic_compare_exchange_strong(&places[at], &seen, place))
			return 1;
		if (seen == place)
			return 0;
	}
}

static const char *base(const char *file)
{
	const char *slash = strrchr(file, '/');

	return !*file ? "program" : slash ? slash + 1 : file;
}

static const char *asker(const frame *frames, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (!is_from(&frames[i], "/libc.so") && !is_from(&frames[i], "libasan") &&
		    !is_from(&frames[i], "ld-linux"))
			return base(frames[i].file);
	return "libc";
}

static void write_file(const char *path, const char *data, size_t len)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || syscall(SYS_write, fd, data, len) != (long)len)
		abort();
	syscall(SYS_close, fd);
}

static void log_place(const char *path, uint64_t place, const frame *frames, int count)
{
	char line[4096];
	int len, i;

	len = snprintf(line, sizeof line, "%016llx %s", (unsigned long long)place,
	               asker(frames, count));
	for (i = 0; i < count && i < SHOWN; i++)
		len += snprintf(line + len, sizeof line - (size_t)len, " %s+0x%lx", base(frames[i].file),
		                (unsigned long)frames[i].offset);
	line[len++] = '\n';
	write_file(path, line, (size_t)len);
}

static void crashed(int number)
{
	char text[256];
	stack s = { 0 };
	const frame *frames;
	int count = 0, len;

	inside = 1;
	_Unwind_Backtrace(add_frame, &s);
	frames = first_of(&s, &count);
	len = snprintf(text, sizeof text, "crashed in %s\n", frames ? asker(frames, count) : "?");
	if (write(STDERR_FILENO, text, (size_t)len) != len)
		abort();
	/* the same once more */
	signal(number, SIG_DFL);
}

static int fails_here(void)
{
	const char *log = getenv("ALLOC_LOG"), *fail = getenv("ALLOC_FAIL"), *hit = getenv("ALLOC_HIT");
	stack s = { 0 };
	const frame *frames;
	uint64_t place;
	int count;

	_Unwind_Backtrace(add_frame, &s);
	frames = first_of(&s, &count);
	if (!frames)
		return 0;
	if (atomic_load(&failing))
		return 1;
	place = hash(frames, count);
	if (!is_new(place))
		return 0;
	if (log)
		log_place(log, place, frames, count);
	if (!fail || strtoull(fail, NULL, 16) != place)
		return 0;
	if (getenv("ALLOC_ON"))
		atomic_store(&failing, 1);
	if (hit)
		write_file(hit, "", 0);
	signal(SIGSEGV, crashed);
	return 1;
}

static int fails(void)
{
	int result, saved = errno;

	if (inside || atomic_load(&over))
		return 0;
	inside = 1;
	result = fails_here();
	inside = 0;
	errno = result ? ENOMEM : saved;
	return result;
}

void *malloc(size_t size)
{
	if (!is_ready())
		return early_memory(size);
	return fails() ? NULL : real_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	if (!is_ready())
		return early_memory(count * size);
	return fails() ? NULL : real_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	if (!is_ready())
		return early_memory(size);
	return fails() ? NULL : real_realloc(old, size);
}

int posix_memalign(void **to, size_t alignment, size_t size)
{
	if (!is_ready())
		abort();
	return fails() ? ENOMEM : real_memalign(to, alignment, size);
}

static void end(void)
{
	atomic_store(&over, 1);
}

/* What is to be done at the end is done in reverse order: end() comes after all that
 * the program registers, and before the destructors. */
static int begin(int argc, char **argv, char **environment)
{
	if (atexit(end) != 0)
		abort();
	return real_main(argc, argv, environment);
}

/* The C library's own, which calls main(). */
int __libc_start_main(int (*function)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*linker_fini)(void),
                      void *stack_end);

int __libc_start_main(int (*function)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*linker_fini)(void),
                      void *stack_end)
{
	int (*start)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
	             void (*)(void), void *);

	find("__libc_start_main", &start);
	real_main = function;
	return start(begin, argc, argv, init, fini, linker_fini, stack_end);
}
