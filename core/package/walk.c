#include <config.h>

#include "core/package/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/package/internal.h"

#define READ_BYTES ((size_t)64 << 10)
/* What an entry may add to a list at most: a hostile list must not fill the
 * disk. A path has at most 4096 bytes. */
#define LIST_BYTES_EACH 8192
/* of a list, with a path that is all escapes: it is read into memory, and so is
 * the manifest, which has up to forty times its size there */
#define MAX_LINE     ((uint64_t)64 << 10)
#define MAX_MANIFEST ((uint64_t)1 << 20)

/* In their order; nothing follows them. Only the signature may be missing. */
enum { IS_ENTRIES, IS_MANIFEST, IS_CHECKSUMS, IS_SIGNATURE, IS_OTHER };
static const char *const last_entries[] = { SP_ENTRIES, SP_MANIFEST, SP_CHECKSUMS, SP_SIGNATURE };

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	const sp_walk *walk = ctx;
	int i;

	for (i = 0; i < walk->watcher_count; i++) {
		if (walk->watchers[i]->token)
			walk->watchers[i]->token(walk->watchers[i]->ctx, kind, depth, token);
	}
}

/* What is newer than this program may mean anything: its rows aren't looked at. */
static bool look_ahead(sp_walk *walk, sp_error *err)
{
	walk->reads = SP_READS_ALL;
	if (walk->format != &sp_format_own)
		return true;
	if (!sp_versions_peek(walk->zip, &walk->says, err))
		return false;
	walk->reads = sp_versions_reads(&walk->says);
	return true;
}

sp_walk *sp_walk_open(int fd, sp_checking *check, bool deep, sp_error *err)
{
	sp_walk *walk = calloc(1, sizeof *walk);
	struct stat st;

	if (!walk) {
		sp_fail_memory(err);
		return NULL;
	}
	walk->check = check;
	walk->data = malloc(READ_BYTES);
	if (!walk->data)
		sp_fail_memory(err);
	else if (fstat(fd, &st) != 0)
		sp_fail_errno(err, errno, N_("can't look at \"%s\""), check->name);
	else
		walk->zip = sp_zip_reader_open(fd, check, err);
	if (walk->zip && (walk->format = sp_format_find(walk->zip, err)) && look_ahead(walk, err) &&
	    (walk->sha = sp_sha256_create(err)) && (walk->seen = sp_seen_create(err)) &&
	    (walk->entries = sp_spool_create(NULL, err)) && (walk->sums = sp_spool_create(NULL, err)) &&
	    (walk->rows = sp_row_check_create(check, take_token, walk, err)) &&
	    (walk->reading = walk->format->begin(walk, check, deep, err))) {
		walk->file_size = st.st_size;
		/* no other format knows of signatures */
		if (walk->format != &sp_format_own)
			walk->signature.state = SP_SIGNATURE_NONE;
		return walk;
	}
	sp_walk_free(walk);
	return NULL;
}

void sp_walk_free(sp_walk *walk)
{
	int i;

	if (!walk)
		return;
	if (walk->reading)
		walk->format->free(walk->reading);
	sp_zip_reader_free(walk->zip);
	sp_sha256_free(walk->sha);
	sp_seen_free(walk->seen);
	sp_spool_free(walk->entries);
	sp_spool_free(walk->sums);
	sp_row_check_free(walk->rows);
	sp_buf_free(&walk->manifest_text);
	sp_buf_free(&walk->last_path);
	sp_versions_free(&walk->says);
	for (i = 0; i < walk->kind_count; i++)
		free(walk->kinds[i].kind);
	free(walk->data);
	free(walk);
}

const sp_row_check *sp_walk_rows(const sp_walk *walk)
{
	return walk->rows;
}

const sp_json *sp_walk_manifest(const sp_walk *walk)
{
	return walk->says.manifest;
}

bool sp_walk_is_known(const sp_walk *walk)
{
	return walk->reads == SP_READS_ALL;
}

/* What is said there isn't known, which may be that this program can't read it. */
static bool check_info(sp_walk *walk, sp_error *err)
{
	sp_place place = { SP_VERSION_INFO, -1, 0, 0 };

	return walk->says.info || !walk->has_info ||
	       sp_found(walk->check, err, SP_FOUND_MANIFEST, &place, N_("it can't be understood"));
}

bool sp_walk_tell_newer(sp_walk *walk, sp_error *err)
{
	if (walk->reads == SP_READS_ALL && !check_info(walk, err))
		return false;
	return sp_versions_tell_needs(walk->check, &walk->says, err);
}

bool sp_walk_check_known(sp_walk *walk, sp_error *err)
{
	return sp_walk_is_known(walk) ||
	       (sp_walk_tell_newer(walk, err) &&
	        sp_fail(err, SP_INCOMPATIBLE, N_("Read it with a newer spaceport."),
	                N_("the package is newer than this program understands")));
}

void sp_walk_watch(sp_walk *walk, const sp_walk_watcher *watcher)
{
	if (walk->watcher_count < SP_WALK_WATCHERS)
		walk->watchers[walk->watcher_count++] = watcher;
}

void sp_walk_row(sp_walk *walk, const char *kind, bool ends)
{
	int i;

	for (i = 0; i < walk->watcher_count; i++) {
		if (walk->watchers[i]->row)
			walk->watchers[i]->row(walk->watchers[i]->ctx, kind, ends);
	}
}

/* --- reading --- */

/* Of the last entries, which this is. */
static int closing_index(const char *path)
{
	int i;

	for (i = 0; i < IS_OTHER && strcmp(path, last_entries[i]) != 0; i++)
		;
	return i;
}

/* Whether the entry stands where this program writes it. */
static bool check_place(sp_walk *walk, const char *path, sp_error *err)
{
	int index = closing_index(path);
	sp_place place = { path, -1, 0, 0 };

	if (walk->format != &sp_format_own)
		return true;
	if (index < IS_OTHER)
		walk->closing |= 1u << index;
	if ((walk->next == index && index < IS_OTHER) || (index == IS_OTHER && walk->next == 0)) {
		walk->next += index < IS_OTHER;
		return true;
	}
	if (walk->told_order)
		return true;
	walk->told_order = true;
	return sp_found(walk->check, err, SP_FOUND_ORDER, &place,
	                N_("it is in another place than spaceport writes it"));
}

/* Of a longer one the first bytes: it is none. `before`: bytes that came. */
static bool keep_signature(sp_walk *walk, uint64_t before, size_t got)
{
	size_t room = before < SP_SIGNATURE_LEN ? SP_SIGNATURE_LEN - (size_t)before : 0;

	walk->has_signature = true;
	walk->signature_size = before + got;
	memcpy(walk->signature_bytes + SP_SIGNATURE_LEN - room, walk->data, got < room ? got : room);
	return true;
}

/* Whether the lines of a list are as short as lines of it are. */
static bool check_lines(sp_walk *walk, const sp_place *place, size_t got, sp_error *err)
{
	const char *at = walk->data, *end = at + got, *stop;

	for (; (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
		if (walk->line + (uint64_t)(stop - at) > MAX_LINE)
			break;
		walk->line = 0;
	}
	walk->line += (uint64_t)(end - at);
	return walk->line <= MAX_LINE ||
	       sp_found_end(walk->check, err, SP_FOUND_LIMIT, place, N_("a line of it is too long"));
}

/* Keeps what this program itself reads. */
static bool keep(sp_walk *walk, const char *path, uint64_t size, size_t got, sp_error *err)
{
	int index = closing_index(path);
	sp_place place = { path, -1, 0, 0 };
	bool too_large = index == IS_MANIFEST
	                     ? size > MAX_MANIFEST
	                     : size > (sp_zip_reader_count(walk->zip) + 1) * LIST_BYTES_EACH;

	if (index == IS_OTHER || walk->format != &sp_format_own)
		return true;
	if (index == IS_SIGNATURE)
		return keep_signature(walk, size - got, got);
	if (too_large)
		return sp_found_end(walk->check, err, SP_FOUND_LIMIT, &place, N_("it is too large"));
	if (index != IS_MANIFEST)
		return check_lines(walk, &place, got, err) &&
		       sp_spool_write(index == IS_ENTRIES ? walk->entries : walk->sums, walk->data, got,
		                      err);
	sp_buf_add(&walk->manifest_text, walk->data, got);
	return !walk->manifest_text.failed || sp_fail_memory(err);
}

static void show_bytes(const sp_walk *walk, size_t len)
{
	int i;

	for (i = 0; i < walk->watcher_count; i++) {
		if (walk->watchers[i]->bytes)
			walk->watchers[i]->bytes(walk->watchers[i]->ctx, walk->data, len);
	}
}

static bool read_bytes(sp_walk *walk, const char *path, sp_seen_entry *entry, sp_error *err)
{
	size_t got;

	do {
		if (!sp_checking_go_on(walk->check, err) ||
		    !sp_zip_read(walk->zip, walk->data, READ_BYTES, &got, err))
			return false;
		sp_sha256_update(walk->sha, walk->data, got);
		show_bytes(walk, got);
		if (!sp_row_check_add(walk->rows, walk->data, got, err))
			return false;
		entry->size += got;
		sp_checking_did(walk->check, got);
		if (!keep(walk, path, entry->size, got, err))
			return false;
	} while (got);
	return sp_sha256_hex(walk->sha, entry->sha256) ||
	       sp_fail(err, SP_FAILED, NULL, N_("SHA-256 failed"));
}

static bool tell_begin(const sp_walk *walk, const char *path, sp_error *err)
{
	int i;

	for (i = 0; i < walk->watcher_count && walk->reads == SP_READS_ALL; i++) {
		const sp_walk_watcher *watcher = walk->watchers[i];

		if (watcher->begin && !watcher->begin(watcher->ctx, path, sp_seen_count(walk->seen), err))
			return false;
	}
	return true;
}

static bool tell_end(const sp_walk *walk, const sp_seen_entry *entry, sp_error *err)
{
	int i;

	for (i = 0; i < walk->watcher_count && walk->reads == SP_READS_ALL; i++) {
		const sp_walk_watcher *watcher = walk->watchers[i];

		if (watcher->end && !watcher->end(watcher->ctx, entry->size, entry->rows, err))
			return false;
	}
	return true;
}

static const sp_json_schema *schema_of(const sp_walk *walk, const char *path)
{
	const sp_json_schema *schema = NULL;
	int i;

	for (i = 0; i < walk->watcher_count && !schema; i++) {
		if (walk->watchers[i]->schema)
			schema = walk->watchers[i]->schema(walk->watchers[i]->ctx, path);
	}
	return schema;
}

static bool read_entry(sp_walk *walk, const char *path, sp_error *err)
{
	sp_seen_entry entry = { .path = path };
	uint64_t damage = walk->check->found[SP_WEIGHT_DAMAGE];
	bool is_data = true;

	walk->line = 0;
	if (walk->reads == SP_READS_ALL && walk->format->is_json(path, &is_data))
		sp_row_check_begin(walk->rows, path, is_data, schema_of(walk, path));
	else
		sp_row_check_begin_opaque(walk->rows, path);
	if (!tell_begin(walk, path, err) || !read_bytes(walk, path, &entry, err) ||
	    !sp_row_check_end(walk->rows, &entry.rows, err))
		return false;
	walk->bytes += entry.size;
	walk->has_info = walk->has_info || strcmp(path, SP_VERSION_INFO) == 0;
	if (strcmp(path, SP_ENTRIES) == 0)
		walk->bad_entries = walk->check->found[SP_WEIGHT_DAMAGE] > damage;
	return sp_seen_add(walk->seen, &entry, err) && tell_end(walk, &entry, err);
}

/* What goes beyond ASCII is tolerated where other programs wrote the names, and
 * must be UTF-8 wherever it means something. */
static bool check_path(sp_walk *walk, const char *path, sp_error *err)
{
	sp_place place = { path, -1, 0, 0 };
	const char *at = path;

	while (*at && !(*at & 0x80))
		at++;
	if (!*at || (walk->format != &sp_format_own && sp_utf8_valid(path, strlen(path))))
		return true;
	return sp_found_text_end(walk->check, err, SP_FOUND_NAME, &place,
	                         walk->format == &sp_format_own ? N_("its name isn't ASCII")
	                                                        : N_("its name isn't UTF-8"));
}

bool sp_walk_read(sp_walk *walk, sp_error *err)
{
	sp_place nowhere = SP_NOWHERE;
	sp_zip_entry entry;
	int i;

	sp_checking_phase(walk->check, N_("reading"), 0);
	for (;;) {
		if (!sp_zip_next(walk->zip, &entry, err))
			return false;
		if (!entry.path)
			break;
		if (!check_path(walk, entry.path, err) || !check_place(walk, entry.path, err) ||
		    !read_entry(walk, entry.path, err))
			return false;
	}
	for (i = 0; i < IS_SIGNATURE && walk->format == &sp_format_own; i++) {
		if (!(walk->closing & 1u << i))
			return sp_found_end(walk->check, err, SP_FOUND_NO_ZIP, &nowhere,
			                    N_("there is no entry \"%s\""), last_entries[i]);
	}
	return true;
}

bool sp_walk_rewind(sp_walk *walk, sp_error *err)
{
	return sp_seen_rewind(walk->seen, err);
}

bool sp_walk_next(sp_walk *walk, sp_seen_entry *entry, bool *more, sp_error *err)
{
	return sp_seen_next(walk->seen, entry, more, err);
}

/* Findings come in the order of the entries, and many in one entry. */
bool sp_walk_path(sp_walk *walk, uint64_t number, sp_buf *to, sp_error *err)
{
	sp_seen_entry entry;

	if (!walk->last_path.len || walk->last_number != number) {
		sp_buf_reset(&walk->last_path);
		if (!sp_seen_at(walk->seen, number, &entry, err))
			return false;
		walk->last_number = number;
		sp_buf_adds(&walk->last_path, entry.path);
	}
	sp_buf_reset(to);
	sp_buf_adds(to, sp_buf_text(&walk->last_path));
	return (!to->failed && !walk->last_path.failed) || sp_fail_memory(err);
}

/* --- what is told of it --- */

const sp_tally *sp_walk_tally(const sp_walk *walk, const char *kind)
{
	int i;

	for (i = 0; i < walk->kind_count; i++) {
		if (strcmp(walk->kinds[i].kind, kind) == 0)
			return &walk->kinds[i];
	}
	return NULL;
}

bool sp_walk_count(sp_walk *walk, const char *kind, uint64_t entries, uint64_t bytes, int64_t rows,
                   sp_error *err)
{
	sp_tally *tally = sp_walk_find_kind(walk, kind, err);

	if (!tally)
		return false;
	tally->entries += entries;
	tally->bytes += bytes;
	if (rows >= 0)
		tally->rows = (tally->rows < 0 ? 0 : tally->rows) + rows;
	return true;
}

static void add_counts(const sp_walk *walk, sp_json *to)
{
	sp_json *counts = sp_json_add_object(to, "counts");
	int i;

	for (i = 0; i < walk->kind_count; i++) {
		/* rows that have no entry of their own have no size either */
		const sp_tally *tally = &walk->kinds[i];
		sp_json *kind = sp_json_add_object(counts, tally->kind);

		if (tally->entries)
			sp_json_add_int(kind, "entries", (int64_t)tally->entries);
		if (tally->rows >= 0)
			sp_json_add_int(kind, "rows", tally->rows);
		if (tally->entries)
			sp_json_add_int(kind, "bytes", (int64_t)tally->bytes);
	}
}

/* Of a damaged package it would say what nobody should believe. */
static bool add_signature(const sp_walk *walk, sp_json *to)
{
	uint64_t *damage = &walk->check->found[SP_WEIGHT_DAMAGE];
	bool is_refused = walk->check->trust && (walk->signature.state == SP_SIGNATURE_NONE ||
	                                         walk->signature.state == SP_SIGNATURE_UNTRUSTED);

	return *damage > (is_refused ? 1 : 0) || sp_signature_json(&walk->signature, to);
}

bool sp_walk_end(sp_walk *walk, sp_error *err)
{
	return walk->format->end(walk->reading, err) &&
	       sp_signature_judge(&walk->signature, walk->check, err);
}

bool sp_walk_result(sp_walk *walk, sp_json *to)
{
	if (!walk->format->about(walk->reading, to))
		return false;
	sp_json_add_int(to, "file_size", walk->file_size);
	sp_json_add_int(to, "entries", (int64_t)sp_seen_count(walk->seen));
	sp_json_add_int(to, "bytes", (int64_t)walk->bytes);
	add_counts(walk, to);
	return add_signature(walk, to) && sp_json_is_whole(to);
}

sp_json *sp_walk_take_manifest(sp_walk *walk)
{
	sp_json *manifest = walk->says.manifest;

	walk->says.manifest = NULL;
	return manifest;
}
