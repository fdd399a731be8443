#include <config.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/package/own_write.h"
#include "core/package/validate.h"

/*
 * Changes a package again and again, and has each validated: the file is in
 * memory, validation is the program's own. What is taken all the same is told,
 * for somebody else to judge. test_flips.py is who calls this.
 *
 *   flips write FILE               a package of entries that come in: lines
 *                                  "PATH KIND ROWS SIZE STORE", each with its bytes
 *   flips bits FILE                every bit
 *   flips random FILE COUNT SEED   so many, anywhere
 *   flips lengths FILE COUNT SEED  cut off at so many lengths; 0: at each
 *   flips around FILE              bytes before and behind, the package twice
 */

#define INSTANCE "44444444-4444-8444-8444-444444444444"

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void expect(bool holds, const sp_error *err)
{
	if (!holds)
		die(err ? sp_error_text(err) : "it can't be written");
}

/* --- a package --- */

static void write_entry(sp_package *package, const char *line, sp_error *err)
{
	char path[200], kind[40];
	long rows, size, store;
	char *data;

	if (sscanf(line, "%199s %39s %ld %ld %ld", path, kind, &rows, &size, &store) != 5)
		die("PATH KIND ROWS SIZE STORE is expected");
	data = malloc((size_t)size + 1);
	if (!data || fread(data, 1, (size_t)size, stdin) != (size_t)size)
		die("the entry's bytes are missing");
	expect(sp_package_open(package, path, kind, size, store, err) &&
	           sp_package_write(package, data, (size_t)size, err) &&
	           sp_package_close(package, rows, NULL, err),
	       err);
	free(data);
}

static void write_package(const char *path)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open(path, true, &err);
	sp_package *package = out ? sp_package_create(out, path, 6, &err) : NULL;
	sp_json *manifest;
	char line[300];

	expect(package != NULL, &err);
	while (fgets(line, sizeof line, stdin))
		write_entry(package, line, &err);
	manifest = sp_json_object();
	sp_json_add_text(sp_json_add_object(manifest, "run"), "name", "R");
	sp_json_add_text(sp_json_add_object(manifest, "source"), "instance", INSTANCE);
	sp_json_add_object(manifest, "counts");
	sp_json_add_text(manifest, "created_at", "2026-01-31T12:00:00Z");
	sp_json_add_text(manifest, "format", SP_FORMAT);
	sp_json_add_text(manifest, "format_version", SP_FORMAT_VERSION);
	sp_json_add_text(manifest, "package_type", "run");
	sp_json_add_text(sp_json_add_array(manifest, "features"), NULL, "files");
	expect(sp_package_finish(package, manifest, &err), &err);
	sp_package_free(package);
	expect(sp_out_commit(out, &err), &err);
	sp_json_free(manifest);
}

/* --- validation --- */

typedef struct {
	int fd;
	char *data;
	size_t len;
	long tried, taken;
} subject;

/* Where it is damaged nobody needs the rest. */
static void stop(void *ctx, const sp_finding *finding)
{
	if (sp_found_kinds[finding->id].weight == SP_WEIGHT_DAMAGE)
		sp_job_cancel(ctx);
}

static bool is_taken(int fd)
{
	sp_job *job = sp_job_create();
	sp_checking check = {
		.name = "x", .limits = SP_LIMITS_DEFAULT, .job = job, .tell = stop, .ctx = job
	};
	sp_json *result = sp_json_object();
	sp_error err = SP_ERROR_INIT;
	sp_code code;
	bool ok = sp_validate(fd, &check, result, &err);

	code = sp_checking_code(&check);
	if (!ok && (err.code != SP_INTERRUPTED || code != SP_BAD_PACKAGE))
		die(sp_error_text(&err));
	sp_error_clear(&err);
	sp_json_free(result);
	sp_job_free(job);
	return code == SP_OK || code == SP_WARNINGS;
}

static void load(subject *s, const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	if (!file || fstat(fileno(file), &st) != 0)
		die("the package can't be read");
	s->len = (size_t)st.st_size;
	s->data = malloc(s->len);
	s->fd = memfd_create("package", MFD_CLOEXEC);
	expect(s->data && s->fd >= 0 && fread(s->data, 1, s->len, file) == s->len &&
	           write(s->fd, s->data, s->len) == (ssize_t)s->len,
	       NULL);
	fclose(file);
	if (!is_taken(s->fd))
		die("the package is none");
}

/* --- changes --- */

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 32;
}

static void flip(subject *s, size_t at, int bit)
{
	char changed = (char)(s->data[at] ^ 1 << bit);

	expect(pwrite(s->fd, &changed, 1, (off_t)at) == 1, NULL);
	s->tried++;
	if (is_taken(s->fd)) {
		s->taken++;
		printf("taken %zu %d\n", at, bit);
	}
	expect(pwrite(s->fd, s->data + at, 1, (off_t)at) == 1, NULL);
}

static void every_bit(subject *s)
{
	size_t i;

	for (i = 0; i < 8 * s->len; i++)
		flip(s, i / 8, (int)(i % 8));
}

static void random_bits(subject *s, long count, uint64_t seed)
{
	size_t at;

	while (count--) {
		at = (size_t)(next_random(&seed) * s->len >> 32);
		flip(s, at, (int)(next_random(&seed) & 7));
	}
}

static void lengths(subject *s, long count, uint64_t seed)
{
	size_t at = s->len;
	long i, tries = count ? count : (long)s->len;

	for (i = 0; i < tries; i++) {
		at = count ? (size_t)(next_random(&seed) * s->len >> 32) : at - 1;
		expect(ftruncate(s->fd, (off_t)at) == 0, NULL);
		s->tried++;
		if (is_taken(s->fd)) {
			s->taken++;
			printf("taken with %zu bytes\n", at);
		}
		/* what was cut off is zero now */
		expect(pwrite(s->fd, s->data + at, s->len - at, (off_t)at) == (ssize_t)(s->len - at), NULL);
	}
}

static void try(subject *s, const char *data, size_t len, const char *what)
{
	int fd = memfd_create("package", MFD_CLOEXEC);

	expect(fd >= 0 && write(fd, data, len) == (ssize_t)len, NULL);
	s->tried++;
	if (is_taken(fd)) {
		s->taken++;
		printf("taken %s\n", what);
	}
	close(fd);
}

static void around(subject *s)
{
	size_t most = 70000, i;
	char *more = malloc(2 * s->len + most);

	expect(more != NULL, NULL);
	for (i = 1; i < most; i = i < 100 ? i + 1 : i * 3) {
		memset(more, i & 1 ? 'x' : 0, 2 * s->len + most);
		memcpy(more, s->data, s->len);
		try(s, more, s->len + i, "with bytes behind it");
		memmove(more + i, more, s->len);
		memset(more, i & 1 ? 'x' : 0, i);
		try(s, more, s->len + i, "with bytes before it");
	}
	memcpy(more, s->data, s->len);
	memcpy(more + s->len, s->data, s->len);
	try(s, more, 2 * s->len, "twice in one file");
	free(more);
}

int main(int argc, char **argv)
{
	subject s = { .fd = -1 };
	long count = argc > 3 ? atol(argv[3]) : 0;
	uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;

	if (argc < 3)
		die("see the source");
	/* the same large blocks again and again: no need to ask the kernel each time */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	if (!strcmp(argv[1], "write")) {
		write_package(argv[2]);
		return 0;
	}
	load(&s, argv[2]);
	if (!strcmp(argv[1], "bits"))
		every_bit(&s);
	else if (!strcmp(argv[1], "random"))
		random_bits(&s, count, seed);
	else if (!strcmp(argv[1], "lengths"))
		lengths(&s, count, seed);
	else if (!strcmp(argv[1], "around"))
		around(&s);
	printf("%ld tried, %ld taken, of a file of %zu bytes\n", s.tried, s.taken, s.len);
	free(s.data);
	return s.tried == 0;
}
