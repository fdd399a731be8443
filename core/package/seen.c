#include <config.h>

#include "core/package/seen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"

/* of a path's SHA-256: enough that two paths never share it by chance */
#define MARK_BYTES 16
#define MARKS_AT_ONCE ((uint64_t)1 << 17)

struct sp_seen {
	sp_spool *spool; /* lines "<sha256> <size> <rows> <path>" */
	sp_buf line;
	uint64_t count;
};

sp_seen *sp_seen_create(sp_error *err)
{
	sp_seen *seen = calloc(1, sizeof *seen);

	if (!seen) {
		sp_fail_memory(err);
		return NULL;
	}
	seen->spool = sp_spool_create(NULL, err);
	if (seen->spool)
		return seen;
	free(seen);
	return NULL;
}

void sp_seen_free(sp_seen *seen)
{
	if (!seen)
		return;
	sp_spool_free(seen->spool);
	sp_buf_free(&seen->line);
	free(seen);
}

bool sp_seen_add(sp_seen *seen, const sp_seen_entry *entry, sp_error *err)
{
	sp_buf_reset(&seen->line);
	sp_buf_addf(&seen->line, "%s %" PRIu64 " %" PRId64 " %s\n", entry->sha256, entry->size,
	            entry->rows, entry->path);
	if (seen->line.failed)
		return sp_fail_memory(err);
	seen->count++;
	return sp_spool_write(seen->spool, seen->line.data, seen->line.len, err);
}

uint64_t sp_seen_count(const sp_seen *seen)
{
	return seen->count;
}

bool sp_seen_rewind(sp_seen *seen, sp_error *err)
{
	return sp_spool_rewind(seen->spool, err);
}

bool sp_seen_next(sp_seen *seen, sp_seen_entry *entry, bool *more, sp_error *err)
{
	size_t len;
	char *line = sp_spool_line(seen->spool, &len, err), *at;

	*more = line != NULL;
	if (!line)
		return !sp_error_is_set(err);
	memcpy(entry->sha256, line, SP_SHA256_HEX);
	entry->sha256[SP_SHA256_HEX] = '\0';
	entry->size = strtoull(line + SP_SHA256_HEX + 1, &at, 10);
	entry->rows = strtoll(at + 1, &at, 10);
	entry->path = at + 1;
	return true;
}

bool sp_seen_find(sp_seen *seen, const char *path, sp_seen_entry *entry, sp_error *err)
{
	bool more;

	if (!sp_seen_rewind(seen, err))
		return false;
	do {
		if (!sp_seen_next(seen, entry, &more, err))
			return false;
	} while (more && strcmp(entry->path, path) != 0);
	return more || sp_fail(err, SP_FAILED, NULL, N_("there is no entry \"%s\""), path);
}

/* --- names that are there twice --- */

typedef struct {
	unsigned char bytes[SP_SHA256_LEN];
} mark;

static bool mark_path(sp_sha256 *sha, const char *path, mark *to, sp_error *err)
{
	char lower;

	for (; *path; path++) {
		lower = *path >= 'A' && *path <= 'Z' ? (char)(*path + ('a' - 'A')) : *path;
		sp_sha256_update(sha, &lower, 1);
	}
	return sp_sha256_bytes(sha, to->bytes) ||
	       sp_fail(err, SP_FAILED, NULL, N_("SHA-256 failed"));
}

static int compare_marks(const void *a, const void *b)
{
	return memcmp(a, b, MARK_BYTES);
}

/* Which of the passes looks at it: from bytes that the mark doesn't need. */
static uint64_t pass_of(const mark *mark, uint64_t passes)
{
	uint32_t number;

	memcpy(&number, mark->bytes + MARK_BYTES, sizeof number);
	return number % passes;
}

/* The marks of one pass, appended. */
static bool collect(sp_seen *seen, sp_sha256 *sha, uint64_t pass, uint64_t passes, sp_buf *marks,
                    sp_error *err)
{
	sp_seen_entry entry;
	mark mark;
	bool more;

	if (!sp_seen_rewind(seen, err))
		return false;
	for (;;) {
		if (!sp_seen_next(seen, &entry, &more, err))
			return false;
		if (!more)
			return !marks->failed || sp_fail_memory(err);
		if (!mark_path(sha, entry.path, &mark, err))
			return false;
		if (pass_of(&mark, passes) == pass)
			sp_buf_add(marks, mark.bytes, MARK_BYTES);
	}
}

/* The last path with this mark: the name that came second. */
static bool name_mark(sp_seen *seen, sp_sha256 *sha, const char *wanted, char **path, sp_error *err)
{
	sp_seen_entry entry;
	mark mark;
	bool more;

	if (!sp_seen_rewind(seen, err))
		return false;
	for (;;) {
		if (!sp_seen_next(seen, &entry, &more, err))
			return false;
		if (!more)
			return true;
		if (!mark_path(sha, entry.path, &mark, err))
			return false;
		if (memcmp(mark.bytes, wanted, MARK_BYTES) != 0)
			continue;
		free(*path);
		*path = strdup(entry.path);
		if (!*path)
			return sp_fail_memory(err);
	}
}

static const char *find_equal(const sp_buf *marks)
{
	size_t i;

	for (i = MARK_BYTES; i < marks->len; i += MARK_BYTES) {
		if (memcmp(marks->data + i, marks->data + i - MARK_BYTES, MARK_BYTES) == 0)
			return marks->data + i;
	}
	return NULL;
}

bool sp_seen_twice(sp_seen *seen, char **path, sp_error *err)
{
	uint64_t passes = seen->count / MARKS_AT_ONCE + 1, pass;
	sp_sha256 *sha = sp_sha256_create(err);
	sp_buf marks = { 0 };
	const char *equal = NULL;
	bool ok = sha != NULL;

	*path = NULL;
	for (pass = 0; ok && !equal && pass < passes; pass++) {
		marks.len = 0;
		ok = collect(seen, sha, pass, passes, &marks, err);
		if (!ok || !marks.len)
			continue;
		qsort(marks.data, marks.len / MARK_BYTES, MARK_BYTES, compare_marks);
		equal = find_equal(&marks);
	}
	if (ok && equal)
		ok = name_mark(seen, sha, equal, path, err);
	sp_buf_free(&marks);
	sp_sha256_free(sha);
	return ok;
}
