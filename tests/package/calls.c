#include <config.h>

#include <archive.h>
#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/package/own_write.h"
#include "core/package/validate.h"
#include "core/package/walk.h"

/*
 * Every call that can fail does so, one after the other, once and for good: of
 * the system, for memory, of libcrypto, zlib, cJSON and libarchive (linked
 * with --wrap). No package looks better by it, and none is written.
 *
 *   calls FOLDER   validates each file in it; writes packages there
 */

/* Calls until one fails; 0: none does. `lasting`: so do all after it. */
static atomic_long countdown;
static atomic_bool lasting;
static bool cut;                    /* only reading the package fails: it ends */
static const char *volatile failed; /* the first that did */
static long failures;

static bool fails_now(const char *name)
{
	long left = atomic_load(&countdown);

	if (cut && strcmp(name, "pread") != 0)
		return false;
	while (left > 0 && !atomic_compare_exchange_weak(&countdown, &left, left - 1))
		;
	if (left == 1) {
		failed = name;
		failures++;
	}
	return left == 1 || (left == 0 && failed && atomic_load(&lasting));
}

#define WRAP(type, name, failure, parameters, arguments)                                           \
	type __real_##name parameters;                                                                 \
	type __wrap_##name parameters;                                                                 \
	type __wrap_##name parameters                                                                  \
	{                                                                                              \
		return fails_now(#name) ? (failure) : __real_##name arguments;                             \
	}
#define EIO_ (errno = EIO, -1)

WRAP(void *, malloc, NULL, (size_t size), (size))
WRAP(void *, calloc, NULL, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, NULL, (void *old, size_t size), (old, size))
WRAP(char *, strdup, NULL, (const char *text), (text))
WRAP(ssize_t, pread, cut ? 0 : EIO_, (int fd, void *to, size_t len, off_t at), (fd, to, len, at))
WRAP(ssize_t, read, EIO_, (int fd, void *to, size_t len), (fd, to, len))
WRAP(ssize_t, write, EIO_, (int fd, const void *from, size_t len), (fd, from, len))
WRAP(off_t, lseek, EIO_, (int fd, off_t at, int whence), (fd, at, whence))
WRAP(int, fstat, EIO_, (int fd, struct stat *to), (fd, to))
WRAP(int, ftruncate, EIO_, (int fd, off_t len), (fd, len))
WRAP(int, fsync, EIO_, (int fd), (fd))
WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, NULL, (void), ())
WRAP(int, EVP_DigestInit_ex2, 0, (EVP_MD_CTX * c, const EVP_MD *m, const OSSL_PARAM *p), (c, m, p))
WRAP(int, EVP_DigestUpdate, 0, (EVP_MD_CTX * c, const void *data, size_t len), (c, data, len))
WRAP(int, EVP_DigestFinal_ex, 0, (EVP_MD_CTX * c, unsigned char *to, unsigned *len), (c, to, len))
WRAP(int, inflateInit2_, Z_MEM_ERROR, (z_streamp z, int bits, const char *version, int size),
     (z, bits, version, size))
WRAP(int, inflate, Z_MEM_ERROR, (z_streamp z, int flush), (z, flush))
WRAP(cJSON *, cJSON_ParseWithLength, NULL, (const char *text, size_t len), (text, len))
WRAP(int, archive_write_open, ARCHIVE_FATAL,
     (struct archive * a, void *ctx, archive_open_callback *open, archive_write_callback *write,
      archive_close_callback *close),
     (a, ctx, open, write, close))
WRAP(int, archive_write_header, ARCHIVE_FATAL, (struct archive * a, struct archive_entry *e),
     (a, e))
WRAP(la_ssize_t, archive_write_data, ARCHIVE_FATAL,
     (struct archive * a, const void *data, size_t len), (a, data, len))
WRAP(int, archive_write_finish_entry, ARCHIVE_FATAL, (struct archive * a), (a))
WRAP(int, archive_write_close, ARCHIVE_FATAL, (struct archive * a), (a))
WRAP(int, archive_write_zip_set_compression_store, ARCHIVE_FATAL, (struct archive * a), (a))
WRAP(int, archive_write_zip_set_compression_deflate, ARCHIVE_FATAL, (struct archive * a), (a))

static void die(const char *what, const char *where)
{
	fprintf(stderr, "%s: %s%s%s\n", where, what, failed ? ", when this failed: " : "",
	        failed ? failed : "");
	exit(1);
}

/* --- reading --- */

static const char *path;

/* SP_FAILED where the check itself failed, which must say why. */
static sp_code validate(int fd)
{
	sp_checking check = { .name = path, .limits = SP_LIMITS_DEFAULT };
	sp_json *result = sp_json_object();
	sp_error err = SP_ERROR_INIT;
	sp_code code;

	check.limits.total_size = (uint64_t)16 << 20;
	if (sp_validate(fd, &check, result, &err)) {
		code = sp_checking_code(&check);
		if (sp_error_is_set(&err))
			die("an answer and an error", path);
	} else {
		code = SP_FAILED;
		if (!sp_error_is_set(&err))
			die("neither an answer nor an error", path);
	}
	sp_error_clear(&err);
	sp_json_free(result);
	return code;
}

/* The digest begins anew for nobody, or a text is missing in what is told. */
static bool may_go_well(void)
{
	static const char *const names[] = { "EVP_DigestInit_ex2", "malloc", "calloc", "realloc",
		                                 "strdup" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i], failed) == 0)
			return true;
	}
	return false;
}

/* One validation with failures; false where it needs fewer calls. */
static bool try_validate(int fd, long n, sp_code whole)
{
	sp_code code;

	failed = NULL;
	atomic_store(&countdown, n);
	code = validate(fd);
	if (atomic_exchange(&countdown, 0) > 0)
		return false;
	if (code == whole ? !may_go_well() && code != SP_BAD_PACKAGE
	                  : code != SP_FAILED && code != SP_BAD_PACKAGE)
		die(code == whole ? "nobody minded" : "it looks better", path);
	return true;
}

static void read_file(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	sp_code whole;
	long n;

	if (fd < 0)
		die("it can't be opened", path);
	failed = NULL;
	whole = validate(fd);
	for (n = 1; try_validate(fd, n, whole); n++)
		;
	failed = NULL;
	close(fd);
}

/* --- writing --- */

static bool fill(sp_package *package, sp_error *err)
{
	static char large[300000];
	sp_json *manifest = sp_json_object();
	bool ok;

	sp_json_add_text(manifest, "format", SP_FORMAT);
	sp_json_add_text(manifest, "format_version", SP_FORMAT_VERSION);
	ok = sp_package_entry(package, "a.jsonl", "row", "{}\n", 3, 1, err) &&
	     sp_package_open(package, "b", "file", sizeof large, true, err) &&
	     sp_package_write(package, large, sizeof large, err) &&
	     sp_package_close(package, -1, NULL, err) &&
	     sp_package_entry(package, "c.json", "row", "[1]", 3, 1, err) &&
	     sp_package_finish(package, manifest, err);
	sp_json_free(manifest);
	return ok;
}

static void remove_all(const char *folder)
{
	struct dirent **names;
	char name[4400];
	int i, count = scandir(folder, &names, NULL, NULL);

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%s/%s", folder, names[i]->d_name);
		unlink(name);
		free(names[i]);
	}
	free(names);
	rmdir(folder);
}

static bool write_package(const char *to, sp_error *err)
{
	sp_out *out = sp_out_open(to, true, err);
	sp_package *package = out ? sp_package_create(out, to, 6, err) : NULL;
	bool ok = package && fill(package, err);

	sp_package_free(package);
	if (ok)
		return sp_out_commit(out, err);
	sp_out_discard(out);
	return false;
}

/* Calls whose failure needn't matter to a package that is whole then. */
static bool may_be_whole(void)
{
	return !failed || !strcmp(failed, "fstat") || !strcmp(failed, "fsync") ||
	       !strcmp(failed, "EVP_DigestInit_ex2");
}

/* Its entries are none of the format's, but nothing is wrong with them. */
static bool is_whole(const char *to)
{
	int fd = open(to, O_RDONLY | O_CLOEXEC);
	sp_checking check = { .name = to, .limits = SP_LIMITS_DEFAULT };
	sp_error err = SP_ERROR_INIT;
	sp_walk *walk;
	bool ok;

	sp_checking_begin(&check);
	walk = sp_walk_open(fd, &check, false, &err);
	ok = walk && sp_walk_read(walk, &err) && sp_walk_compare(walk, &err);
	sp_walk_free(walk);
	sp_error_clear(&err);
	close(fd);
	return ok;
}

/* Without an error the package is whole, with one there is none. */
static bool try_write(const char *to, long n)
{
	sp_error err = SP_ERROR_INIT;
	bool ok, more, unsure;

	failed = NULL;
	atomic_store(&countdown, n);
	ok = write_package(to, &err);
	more = atomic_exchange(&countdown, 0) == 0;
	if (ok == sp_error_is_set(&err))
		die(ok ? "written, and an error" : "not written, and no error", to);
	if (!more && !ok)
		die(sp_error_text(&err), to);
	if (ok && !may_be_whole())
		die("nobody minded", to);
	/* renamed, but nobody knows whether for good */
	unsure = failed && !strcmp(failed, "fsync");
	failed = NULL;
	if (!ok && !unsure && access(to, F_OK) == 0)
		die("something stands there after an error", to);
	if (ok && !is_whole(to))
		die("what was written isn't whole", to);
	sp_error_clear(&err);
	return more;
}

/* Each in a folder of its own: what couldn't be removed isn't met again. */
static void write_file(const char *folder)
{
	char own[4096], to[4200];
	bool more = true;
	long n;

	for (n = 1; more; n++) {
		snprintf(own, sizeof own, "%s/%ld", folder, n);
		snprintf(to, sizeof to, "%s/written.zip", own);
		if (mkdir(own, 0700) != 0)
			die("it can't be made", own);
		more = try_write(to, n);
		remove_all(own);
	}
}

/* --- */

static void read_all(const char *folder)
{
	char name[4096];
	struct dirent **names;
	int i, count = scandir(folder, &names, NULL, alphasort);

	if (count < 0)
		die("the folder can't be read", folder);
	path = name;
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			read_file();
		free(names[i]);
	}
	free(names);
	printf("%d files\n", count - 2);
}

static void fail_reading(const char *folder, const char *how)
{
	failures = 0;
	read_all(folder);
	printf("%ld calls failed %s while packages were read\n", failures, how);
}

static void fail_writing(const char *folder, const char *how)
{
	failures = 0;
	write_file(folder);
	printf("%ld calls failed %s while one was written\n", failures, how);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	/* as the program has it */
	setlocale(LC_CTYPE, "C.UTF-8");
	fail_writing(argv[1], "once");
	fail_reading(argv[1], "once");
	atomic_store(&lasting, true);
	fail_writing(argv[1], "for good");
	if (getenv("SPACEPORT_FULL"))
		fail_reading(argv[1], "for good");
	cut = true;
	fail_reading(argv[1], "(the file ended)");
	return 0;
}
