#include <config.h>

#include "core/package/inspect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/package/own_write.h"
#include "core/package/rows.h"
#include "core/package/seen.h"
#include "core/package/zip_read.h"

#define ENTRIES "entries.jsonl"
#define MANIFEST "manifest.json"
#define CHECKSUMS "checksums.sha256"

#define READ_BYTES ((size_t)64 << 10)
/* What an entry may add to a list at most: a hostile list must not fill the
 * disk. A path has at most 4096 bytes. */
#define LIST_BYTES_EACH 8192
#define MAX_MANIFEST ((uint64_t)16 << 20)
#define MAX_KINDS 256
#define SHOWN_BYTES 200

/* Of the entries of a kind. */
typedef struct {
	char *kind;
	uint64_t entries, bytes;
	int64_t rows; /* -1: none has any */
} tally;

typedef struct {
	const char *name; /* of the package */
	sp_job *job;
	sp_zip_reader *zip;
	sp_sha256 *sha;
	char *data;
	sp_seen *seen;            /* the entries in the file */
	sp_spool *entries, *sums; /* the two lists, as they are in the file */
	sp_buf manifest_text;
	sp_json *manifest;
	int closing; /* how many of the last three have come */
	uint64_t bytes;
	tally kinds[MAX_KINDS];
	int kind_count;
} inspection;

/* In their order; nothing follows them. */
static const char *const last_entries[] = { ENTRIES, MANIFEST, CHECKSUMS };

/* --- reading the file --- */

/* Whether the entry may come here. */
static bool check_place(inspection *in, const char *path, sp_error *err)
{
	int i;

	if (in->closing == 3)
		return sp_fail(err, SP_BAD_PACKAGE, NULL,
		               N_("%s: entry \"%s\" stands behind the checksums"), in->name, path);
	for (i = 0; i < 3; i++) {
		if (strcmp(path, last_entries[i]) == 0 && i == in->closing) {
			in->closing++;
			return true;
		}
		if (strcmp(path, last_entries[i]) == 0)
			return sp_fail(err, SP_BAD_PACKAGE, NULL,
			               N_("%s: entry \"%s\" is in the wrong place"), in->name,
			               path);
	}
	return in->closing == 0 ||
	       sp_fail(err, SP_BAD_PACKAGE, NULL,
	               N_("%s: entry \"%s\" stands behind the list of entries"), in->name, path);
}

/* Keeps what this program itself reads. */
static bool keep(inspection *in, const char *path, uint64_t size, size_t got, sp_error *err)
{
	sp_spool *list = strcmp(path, ENTRIES) == 0     ? in->entries
	                 : strcmp(path, CHECKSUMS) == 0 ? in->sums
	                                                : NULL;

	if (list) {
		if (size > (sp_seen_count(in->seen) + 1) * LIST_BYTES_EACH)
			return sp_fail(err, SP_BAD_PACKAGE, NULL,
			               N_("%s: entry \"%s\" is too large"), in->name, path);
		return sp_spool_write(list, in->data, got, err);
	}
	if (strcmp(path, MANIFEST) != 0)
		return true;
	if (size > MAX_MANIFEST)
		return sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: entry \"%s\" is too large"),
		               in->name, path);
	sp_buf_add(&in->manifest_text, in->data, got);
	return !in->manifest_text.failed || sp_fail_memory(err);
}

static bool read_entry(inspection *in, const char *path, sp_error *err)
{
	sp_seen_entry entry = { .path = path };
	sp_row_counter rows;
	size_t got;

	sp_rows_begin(&rows, path);
	do {
		if (!sp_job_go_on(in->job, err) ||
		    !sp_zip_read(in->zip, in->data, READ_BYTES, &got, err))
			return false;
		sp_sha256_update(in->sha, in->data, got);
		sp_rows_add(&rows, in->data, got);
		entry.size += got;
		sp_job_add(in->job, 0, got);
		if (!keep(in, path, entry.size, got, err))
			return false;
	} while (got);
	if (!sp_sha256_hex(in->sha, entry.sha256))
		return sp_fail(err, SP_FAILED, NULL, N_("SHA-256 failed"));
	entry.rows = sp_rows_end(&rows);
	in->bytes += entry.size;
	return sp_seen_add(in->seen, &entry, err);
}

static bool read_entries(inspection *in, sp_error *err)
{
	sp_zip_entry entry;

	for (;;) {
		if (!sp_zip_next(in->zip, &entry, err))
			return false;
		if (!entry.path)
			break;
		if (!check_place(in, entry.path, err) || !read_entry(in, entry.path, err))
			return false;
	}
	if (in->closing < 3)
		return sp_fail(
		    err, SP_BAD_PACKAGE, N_("Is it a package of spaceport, and all of it?"),
		    N_("%s: there is no entry \"%s\""), in->name, last_entries[in->closing]);
	return true;
}

/* --- the two lists against the entries --- */

/* A line of a list; texts belong to the list until the next line. */
typedef struct {
	const char *path, *kind, *sha256;
	int64_t size, rows; /* -1: not told */
} listed;

typedef struct {
	inspection *in;
	sp_spool *spool;
	const char *name;
	bool (*take)(char *line, size_t len, listed *to, sp_json **json, sp_error *err);
	sp_json *json; /* what the line's texts belong to */
} list;

/* Enough of a line to find it. */
static const char *shorten(char *line, size_t len)
{
	if (len > SHOWN_BYTES)
		line[SHOWN_BYTES] = '\0';
	return line;
}

static bool take_json(char *line, size_t len, listed *to, sp_json **json, sp_error *err)
{
	*json = sp_json_parse(line, len, ENTRIES, err);
	if (!*json)
		return false;
	to->path = sp_json_text(*json, "path");
	to->kind = sp_json_text(*json, "kind");
	to->sha256 = sp_json_text(*json, "sha256");
	to->size = sp_json_int(*json, "size", -1);
	to->rows = sp_json_int(*json, "rows", -1);
	return (to->path && to->kind && to->sha256 && to->size >= 0) ||
	       sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: a line doesn't describe an entry: %s"),
	               ENTRIES, shorten(line, len));
}

/* As sha256sum writes it: 64 digits, two spaces (or a space and "*"), path. */
static bool take_sum(char *line, size_t len, listed *to, sp_json **json, sp_error *err)
{
	(void)json;
	if (strlen(line) != len || len < SP_SHA256_HEX + 3 || line[SP_SHA256_HEX] != ' ' ||
	    (line[SP_SHA256_HEX + 1] != ' ' && line[SP_SHA256_HEX + 1] != '*'))
		return sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: not a line with a checksum: %s"),
		               CHECKSUMS, shorten(line, len));
	line[SP_SHA256_HEX] = '\0';
	*to = (listed){ line + SP_SHA256_HEX + 2, NULL, line, -1, -1 };
	return true;
}

/* The next line; to->path NULL at the end. */
static bool next_listed(list *list, listed *to, sp_error *err)
{
	size_t len;
	char *line = sp_spool_line(list->spool, &len, err);

	sp_json_free(list->json);
	list->json = NULL;
	to->path = NULL;
	if (!line)
		return !sp_error_is_set(err);
	return list->take(line, len, to, &list->json, err);
}

/* The first difference, told so that a person knows which entry to look at:
 * is the entry in the file unknown to the list, or is one of the list missing? */
static bool fail_order(list *list, const sp_seen_entry *seen, listed *listed, sp_error *err)
{
	char *missing = listed->path ? strdup(listed->path) : NULL;
	bool is_listed = false;

	if (listed->path && !missing)
		return sp_fail_memory(err);
	while (seen && listed->path && !is_listed) {
		is_listed = strcmp(listed->path, seen->path) == 0;
		if (!is_listed && !next_listed(list, listed, err))
			break;
	}
	if (missing && (!seen || is_listed))
		sp_fail(err, SP_BAD_PACKAGE, NULL,
		        N_("%s: entry \"%s\" is missing, or not in its place"), list->in->name,
		        missing);
	else if (seen)
		sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: entry \"%s\" isn't listed in %s"),
		        list->in->name, seen->path, list->name);
	free(missing);
	return false;
}

static bool check_entry(const list *list, const sp_seen_entry *seen, const listed *listed,
                        sp_error *err)
{
	const char *name = list->in->name;

	if (listed->size >= 0 && (uint64_t)listed->size != seen->size)
		return sp_fail(err, SP_BAD_PACKAGE, NULL,
		               N_("%s: entry \"%s\" has %llu bytes, but %s says %lld"), name,
		               seen->path, (unsigned long long)seen->size, list->name,
		               (long long)listed->size);
	if (strcmp(listed->sha256, seen->sha256) != 0)
		return sp_fail(
		    err, SP_BAD_PACKAGE, NULL,
		    N_("%s: entry \"%s\" isn't what it was: its SHA-256 differs from that in %s"),
		    name, seen->path, list->name);
	if (listed->rows >= 0 && seen->rows >= 0 && listed->rows != seen->rows)
		return sp_fail(err, SP_BAD_PACKAGE, NULL,
		               N_("%s: entry \"%s\" has %lld rows, but %s says %lld"), name,
		               seen->path, (long long)seen->rows, list->name,
		               (long long)listed->rows);
	return true;
}

static tally *find_kind(inspection *in, const char *kind, sp_error *err)
{
	tally *found;
	int i;

	for (i = 0; i < in->kind_count; i++) {
		if (strcmp(in->kinds[i].kind, kind) == 0)
			return &in->kinds[i];
	}
	if (in->kind_count == MAX_KINDS) {
		sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: too many kinds of entries"), in->name);
		return NULL;
	}
	found = &in->kinds[in->kind_count];
	found->kind = strdup(kind);
	found->rows = -1;
	if (!found->kind) {
		sp_fail_memory(err);
		return NULL;
	}
	in->kind_count++;
	return found;
}

static bool count_kind(inspection *in, const listed *listed, sp_error *err)
{
	tally *kind = listed->kind ? find_kind(in, listed->kind, err) : NULL;

	if (!kind)
		return !sp_error_is_set(err);
	kind->entries++;
	kind->bytes += (uint64_t)listed->size;
	if (listed->rows >= 0)
		kind->rows = (kind->rows < 0 ? 0 : kind->rows) + listed->rows;
	return true;
}

/* Both in the order of the file; the entries from `end` on aren't listed. */
static bool compare(list *list, const char *end, sp_error *err)
{
	sp_seen_entry seen;
	listed listed;
	bool more;

	if (!sp_seen_rewind(list->in->seen, err) || !sp_spool_rewind(list->spool, err))
		return false;
	for (;;) {
		if (!sp_job_go_on(list->in->job, err) ||
		    !sp_seen_next(list->in->seen, &seen, &more, err) ||
		    !next_listed(list, &listed, err))
			return false;
		more = more && strcmp(seen.path, end) != 0;
		if (!more && !listed.path)
			return true;
		if (!more || !listed.path || strcmp(seen.path, listed.path) != 0)
			return fail_order(list, more ? &seen : NULL, &listed, err);
		if (!check_entry(list, &seen, &listed, err) || !count_kind(list->in, &listed, err))
			return false;
	}
}

static bool compare_lists(inspection *in, sp_error *err)
{
	list entries = { in, in->entries, ENTRIES, take_json, NULL };
	list sums = { in, in->sums, CHECKSUMS, take_sum, NULL };
	bool ok;

	sp_job_phase(in->job, N_("comparing"), sp_seen_count(in->seen));
	/* the checksums first: they tell what is damaged, a list inside included */
	ok = compare(&sums, CHECKSUMS, err) && compare(&entries, ENTRIES, err);
	sp_json_free(entries.json);
	return ok;
}

/* --- the manifest --- */

/* Whether this program can tell what the rest means. */
static bool check_format(inspection *in, sp_error *err)
{
	const char *format, *version;
	char *end;

	in->manifest =
	    sp_json_parse(sp_buf_text(&in->manifest_text), in->manifest_text.len, MANIFEST, err);
	if (!in->manifest)
		return false;
	format = sp_json_text(in->manifest, "format");
	version = sp_json_text(in->manifest, "format_version");
	if (!format || strcmp(format, SP_FORMAT) != 0)
		return sp_fail(err, SP_INCOMPATIBLE, NULL, N_("%s: not a package of spaceport"),
		               in->name);
	/* within one major version, what is new can be left unread */
	if (!version || strtoul(version, &end, 10) > strtoul(SP_FORMAT_VERSION, NULL, 10) ||
	    *end != '.')
		return sp_fail(err, SP_INCOMPATIBLE, N_("Read it with a newer spaceport."),
		               N_("%s: this program can't read version %s of the format"), in->name,
		               version ? version : "?");
	return true;
}

/* What it says about the list of entries, against the list itself. */
static bool check_manifest(inspection *in, sp_error *err)
{
	const sp_json *told = sp_json_get(in->manifest, "entries");
	const char *sha256 = sp_json_text(told, "sha256");
	sp_seen_entry entry;

	if (!sp_seen_find(in->seen, ENTRIES, &entry, err))
		return false;
	if (!sha256 || strcmp(sha256, entry.sha256) != 0 ||
	    sp_json_int(told, "size", -1) != (int64_t)entry.size ||
	    sp_json_int(told, "count", -1) != (int64_t)sp_seen_count(in->seen) - 3)
		return sp_fail(err, SP_BAD_PACKAGE, NULL,
		               N_("%s: entry \"%s\" isn't the one that %s names"), in->name,
		               ENTRIES, MANIFEST);
	return true;
}

/* --- all together --- */

static bool check_twice(inspection *in, sp_error *err)
{
	char *path;
	bool ok = sp_seen_twice(in->seen, &path, err);

	if (ok && path)
		ok = sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: entry \"%s\" is there twice"),
		             in->name, path);
	free(path);
	return ok;
}

static sp_json *make_result(inspection *in, int64_t file_size, sp_error *err)
{
	sp_json *result = sp_json_object(), *counts, *kind;
	bool ok = true;
	int i;

	sp_json_add_text(result, "format", sp_json_text(in->manifest, "format"));
	sp_json_add_text(result, "format_version", sp_json_text(in->manifest, "format_version"));
	sp_json_add_int(result, "file_size", file_size);
	sp_json_add_int(result, "entries", (int64_t)sp_seen_count(in->seen));
	sp_json_add_int(result, "bytes", (int64_t)in->bytes);
	counts = sp_json_add_object(result, "counts");
	for (i = 0; i < in->kind_count; i++) {
		kind = sp_json_add_object(counts, in->kinds[i].kind);
		ok = sp_json_add_int(kind, "entries", (int64_t)in->kinds[i].entries) &&
		     (in->kinds[i].rows < 0 || sp_json_add_int(kind, "rows", in->kinds[i].rows)) &&
		     sp_json_add_int(kind, "bytes", (int64_t)in->kinds[i].bytes) && ok;
	}
	ok = sp_json_add(result, "manifest", in->manifest) && ok;
	in->manifest = NULL;
	if (ok)
		return result;
	sp_json_free(result);
	sp_fail_memory(err);
	return NULL;
}

static bool prepare(inspection *in, int fd, sp_error *err)
{
	in->data = malloc(READ_BYTES);
	if (!in->data)
		return sp_fail_memory(err);
	return (in->sha = sp_sha256_create(err)) && (in->seen = sp_seen_create(err)) &&
	       (in->entries = sp_spool_create(NULL, err)) &&
	       (in->sums = sp_spool_create(NULL, err)) &&
	       (in->zip = sp_zip_reader_open(fd, in->name, err));
}

static void clear(inspection *in)
{
	int i;

	sp_zip_reader_free(in->zip);
	sp_sha256_free(in->sha);
	sp_seen_free(in->seen);
	sp_spool_free(in->entries);
	sp_spool_free(in->sums);
	sp_buf_free(&in->manifest_text);
	sp_json_free(in->manifest);
	for (i = 0; i < in->kind_count; i++)
		free(in->kinds[i].kind);
	free(in->data);
}

sp_json *sp_inspect(int fd, const char *name, sp_job *job, sp_error *err)
{
	inspection *in = calloc(1, sizeof *in);
	sp_json *result = NULL;
	struct stat st;

	if (!in) {
		sp_fail_memory(err);
		return NULL;
	}
	in->name = name;
	in->job = job;
	if (fstat(fd, &st) != 0) {
		sp_fail_errno(err, errno, N_("can't look at \"%s\""), name);
		goto cleanup;
	}
	sp_job_phase(job, N_("reading"), 0);
	if (prepare(in, fd, err) && read_entries(in, err) && check_format(in, err) &&
	    check_twice(in, err) && compare_lists(in, err) && check_manifest(in, err))
		result = make_result(in, st.st_size, err);
cleanup:
	clear(in);
	free(in);
	return result;
}
