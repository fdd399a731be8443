#include <config.h>

#include "core/package/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/package/internal.h"
#include "core/package/places.h"
#include "core/package/schemas.h"
#include "core/package/version.h"

#define READ_BYTES ((size_t)64 << 10)
/* What an entry may add to a list at most: a hostile list must not fill the
 * disk. A path has at most 4096 bytes. */
#define LIST_BYTES_EACH  8192
#define MAX_MANIFEST     ((size_t)16 << 20)
#define MAX_VERSION_INFO ((size_t)1 << 20)

/* In their order; nothing follows them. */
static const char *const last_entries[] = { SP_ENTRIES, SP_MANIFEST, SP_CHECKSUMS };

sp_walk *sp_walk_open(int fd, sp_checking *check, const sp_walk_watcher *watcher, sp_error *err)
{
	static const sp_walk_watcher nobody = { 0 };
	sp_walk *walk = calloc(1, sizeof *walk);
	struct stat st;

	if (!walk) {
		sp_fail_memory(err);
		return NULL;
	}
	walk->check = check;
	walk->watcher = watcher ? watcher : &nobody;
	walk->data = malloc(READ_BYTES);
	if (!walk->data)
		sp_fail_memory(err);
	else if (fstat(fd, &st) != 0)
		sp_fail_errno(err, errno, N_("can't look at \"%s\""), check->name);
	else
		walk->zip = sp_zip_reader_open(fd, check, err);
	if (walk->zip && (walk->sha = sp_sha256_create(err)) && (walk->seen = sp_seen_create(err)) &&
	    (walk->entries = sp_spool_create(NULL, err)) && (walk->sums = sp_spool_create(NULL, err)) &&
	    (walk->rows = sp_row_check_create(check, walk->watcher->token, walk->watcher->ctx, err))) {
		walk->file_size = st.st_size;
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
	sp_zip_reader_free(walk->zip);
	sp_sha256_free(walk->sha);
	sp_seen_free(walk->seen);
	sp_spool_free(walk->entries);
	sp_spool_free(walk->sums);
	sp_row_check_free(walk->rows);
	sp_buf_free(&walk->manifest_text);
	sp_json_free(walk->manifest);
	sp_json_free(walk->version_info);
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
	return walk->manifest;
}

bool sp_walk_is_known(const sp_walk *walk)
{
	return walk->is_known;
}

bool sp_walk_is_understood(const sp_walk *walk)
{
	return walk->is_understood;
}

const sp_json *sp_walk_version_info(const sp_walk *walk)
{
	return walk->version_info;
}

/* --- reading --- */

/* Of the three last entries, which this is; 3: none. */
static int closing_index(const char *path)
{
	int i;

	for (i = 0; i < 3 && strcmp(path, last_entries[i]) != 0; i++)
		;
	return i;
}

/* Whether the entry stands where this program writes it. */
static bool check_place(sp_walk *walk, const char *path, sp_error *err)
{
	int index = closing_index(path);
	sp_place place = { path, -1, 0, 0 };

	if (index < 3)
		walk->closing |= 1u << index;
	if (walk->next == index || (index == 3 && walk->next == 0)) {
		walk->next += index < 3;
		return true;
	}
	if (walk->told_order)
		return true;
	walk->told_order = true;
	return sp_found(walk->check, err, SP_FOUND_ORDER, &place,
	                N_("it is in another place than spaceport writes it"));
}

/* Keeps what this program itself reads. */
static bool keep(sp_walk *walk, const char *path, uint64_t size, size_t got, sp_error *err)
{
	int index = closing_index(path);
	sp_place place = { path, -1, 0, 0 };
	bool too_large = index == 1 ? size > MAX_MANIFEST
	                            : size > (sp_zip_reader_count(walk->zip) + 1) * LIST_BYTES_EACH;

	if (index == 3)
		return true;
	if (too_large)
		return sp_found_end(walk->check, err, SP_FOUND_LIMIT, &place, N_("it is too large"));
	if (index != 1)
		return sp_spool_write(index == 0 ? walk->entries : walk->sums, walk->data, got, err);
	sp_buf_add(&walk->manifest_text, walk->data, got);
	return !walk->manifest_text.failed || sp_fail_memory(err);
}

static bool read_bytes(sp_walk *walk, const char *path, sp_seen_entry *entry, sp_error *err)
{
	size_t got;

	do {
		if (!sp_checking_go_on(walk->check, err) ||
		    !sp_zip_read(walk->zip, walk->data, READ_BYTES, &got, err))
			return false;
		sp_sha256_update(walk->sha, walk->data, got);
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

static void begin_rows(sp_walk *walk, const char *path, const sp_place_kind *place)
{
	const sp_json_schema *schema = NULL;
	/* what the format doesn't know may be data of a newer one; what a file's
	 * name says is nothing that it promises */
	sp_row_use use = !place || place->holds != SP_HOLDS_OTHER ? SP_ROWS_ARE_DATA
	                 : place->schema                          ? SP_ROWS_ARE_READ
	                                                          : SP_ROWS_ARE_NONE;

	if (place && walk->watcher->schemas && walk->is_understood)
		schema = sp_schema_find(place->schema);
	sp_row_check_begin(walk->rows, path, use, schema);
}

static bool read_entry(sp_walk *walk, const char *path, sp_error *err)
{
	const sp_walk_watcher *watcher = walk->watcher;
	const sp_place_kind *place = sp_place_find(path);
	sp_seen_entry entry = { .path = path };
	uint64_t damage = walk->check->found[SP_WEIGHT_DAMAGE];

	begin_rows(walk, path, place);
	if (watcher->begin && !watcher->begin(watcher->ctx, path, sp_seen_count(walk->seen), err))
		return false;
	if (!read_bytes(walk, path, &entry, err) || !sp_row_check_end(walk->rows, &entry.rows, err))
		return false;
	walk->bytes += entry.size;
	if (strcmp(path, SP_ENTRIES) == 0)
		walk->bad_entries = walk->check->found[SP_WEIGHT_DAMAGE] > damage;
	return sp_seen_add(walk->seen, &entry, err) &&
	       (!watcher->end || watcher->end(watcher->ctx, entry.size, entry.rows, err));
}

/* NULL: it can't be understood, which is told when its turn comes. */
static bool peek_json(sp_walk *walk, const char *path, size_t most, sp_json **json, sp_error *err)
{
	sp_error wrong = SP_ERROR_INIT;
	sp_buf text = { 0 };
	bool ok = sp_zip_peek(walk->zip, path, most, &text, err);

	*json = ok ? sp_json_parse(sp_buf_text(&text), text.len, path, &wrong) : NULL;
	sp_buf_free(&text);
	if (ok && !*json && wrong.code != SP_BAD_PACKAGE) {
		sp_error_move(err, &wrong);
		return false;
	}
	sp_error_clear(&wrong);
	return ok;
}

/* What a package is stands at its end, and says what the rest should be. */
static bool look_ahead(sp_walk *walk, sp_error *err)
{
	sp_json *manifest = NULL;
	bool ok = peek_json(walk, SP_MANIFEST, MAX_MANIFEST, &manifest, err) &&
	          peek_json(walk, SP_VERSION_INFO, MAX_VERSION_INFO, &walk->version_info, err);

	walk->is_understood = sp_is_understood(manifest, walk->version_info);
	sp_json_free(manifest);
	return ok;
}

bool sp_walk_read(sp_walk *walk, sp_error *err)
{
	sp_place nowhere = SP_NOWHERE;
	sp_zip_entry entry;
	int i;

	sp_checking_phase(walk->check, N_("reading"), 0);
	if (walk->watcher->schemas && !look_ahead(walk, err))
		return false;
	for (;;) {
		if (!sp_zip_next(walk->zip, &entry, err))
			return false;
		if (!entry.path)
			break;
		if (!check_place(walk, entry.path, err) || !read_entry(walk, entry.path, err))
			return false;
	}
	for (i = 0; i < 3; i++) {
		if (!(walk->closing & 1u << i))
			return sp_found_end(walk->check, err, SP_FOUND_NO_ZIP, &nowhere,
			                    N_("there is no entry \"%s\""), last_entries[i]);
	}
	return true;
}

bool sp_walk_path(sp_walk *walk, uint64_t number, sp_buf *to, sp_error *err)
{
	sp_seen_entry entry = { 0 };
	bool more = true;

	if (!sp_seen_rewind(walk->seen, err))
		return false;
	do {
		if (!sp_seen_next(walk->seen, &entry, &more, err))
			return false;
	} while (more && number--);
	sp_buf_reset(to);
	sp_buf_adds(to, more ? entry.path : "?");
	return !to->failed || sp_fail_memory(err);
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

static bool add_counts(const sp_walk *walk, sp_json *to)
{
	sp_json *counts = sp_json_add_object(to, "counts"), *kind;
	bool ok = counts != NULL;
	int i;

	for (i = 0; i < walk->kind_count; i++) {
		kind = sp_json_add_object(counts, walk->kinds[i].kind);
		ok = sp_json_add_int(kind, "entries", (int64_t)walk->kinds[i].entries) &&
		     (walk->kinds[i].rows < 0 || sp_json_add_int(kind, "rows", walk->kinds[i].rows)) &&
		     sp_json_add_int(kind, "bytes", (int64_t)walk->kinds[i].bytes) && ok;
	}
	return ok;
}

bool sp_walk_result(const sp_walk *walk, sp_json *to)
{
	if (walk->manifest) {
		sp_json_add_text(to, "format", sp_json_text(walk->manifest, "format"));
		sp_json_add_text(to, "format_version", sp_json_text(walk->manifest, "format_version"));
	}
	return sp_json_add_int(to, "file_size", walk->file_size) &&
	       sp_json_add_int(to, "entries", (int64_t)sp_seen_count(walk->seen)) &&
	       sp_json_add_int(to, "bytes", (int64_t)walk->bytes) && add_counts(walk, to);
}

sp_json *sp_walk_take_manifest(sp_walk *walk)
{
	sp_json *manifest = walk->manifest;

	walk->manifest = NULL;
	return manifest;
}
