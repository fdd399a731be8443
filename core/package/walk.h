/*
 * The way through a package, from its first byte to its last, that all who look
 * into one take, whatever its format (format.h): each entry against its CRC,
 * all JSON for being some; of spaceport's own format also each entry against
 * checksums.sha256 and entries.jsonl (size, SHA-256, rows), both lists against
 * the entries (nothing missing, nothing extra, their order), entries.jsonl
 * against manifest.json, the signature against the checksums. What is found is
 * told to the check. Memory doesn't grow
 * with the package.
 */
#ifndef SP_PACKAGE_WALK_H
#define SP_PACKAGE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/json.h"
#include "core/package/check.h"
#include "core/package/format.h"
#include "core/package/row_check.h"
#include "core/package/seen.h"
#include "core/package/signature.h"

#define SP_ENTRIES   "entries.jsonl"
#define SP_MANIFEST  "manifest.json"
#define SP_CHECKSUMS "checksums.sha256"
#define SP_VERSION_INFO "compatibility/version_info.json"

/* Of the entries of a kind, as entries.jsonl has them, or of its rows. */
typedef struct {
	char *kind;
	uint64_t entries, bytes;
	int64_t rows; /* -1: none has any */
} sp_tally;

/* A line of entries.jsonl; texts belong to the walk until the next line. */
typedef struct {
	const char *path, *kind;
	int64_t size, rows; /* rows -1: not told */
} sp_listed;

/*
 * Who else looks; each function may be NULL. They return false and an error
 * where the walk is to end.
 */
typedef struct {
	/* an entry begins (`number`: 0, 1, …; its path stays until it ends), and ends */
	bool (*begin)(void *ctx, const char *path, uint64_t number, sp_error *err);
	bool (*end)(void *ctx, uint64_t size, int64_t rows, sp_error *err);
	sp_row_token_fn *token;
	bool (*listed)(void *ctx, const sp_listed *line, sp_error *err);
	void *ctx;
	/* the next bytes of the entry, before the tokens in them are told */
	void (*bytes)(void *ctx, const char *data, size_t len);
	/* a row of this kind begins or ends with the token that was told last; rows
	 * may stand in rows */
	void (*row)(void *ctx, const char *kind, bool ends);
	/* the JSON Schema that a file, or each of its lines, must fit; NULL: none */
	const sp_json_schema *(*schema)(void *ctx, const char *path);
} sp_walk_watcher;

#define SP_WALK_WATCHERS 4

/* Scans the file behind `fd` (the caller's), finds its format and makes ready to
 * read. `deep`: references, counts and files are compared, too; else only what
 * is needed to show it. `check` must outlive it. */
sp_walk *sp_walk_open(int fd, sp_checking *check, bool deep, sp_error *err);
void sp_walk_free(sp_walk *walk);

/* One more who looks, up to SP_WALK_WATCHERS, told in the order in which they
 * came; it must outlive the walk's reading. */
void sp_walk_watch(sp_walk *walk, const sp_walk_watcher *watcher);
/* The format's: a row begins or ends; all who look are told. */
void sp_walk_row(sp_walk *walk, const char *kind, bool ends);
/* The format's: counts rows or entries of a kind. False where there are too many
 * kinds. */
bool sp_walk_count(sp_walk *walk, const char *kind, uint64_t entries, uint64_t bytes, int64_t rows,
                   sp_error *err);

/* The rows, for their places. */
const sp_row_check *sp_walk_rows(const sp_walk *walk);

/* Reads all entries; false and an error where nothing more can be read. */
bool sp_walk_read(sp_walk *walk, sp_error *err);
/* Then tells what can only be told at the end, who made it last of all. */
bool sp_walk_end(sp_walk *walk, sp_error *err);
/* The own format's: compares the lists and the manifest with the entries. */
bool sp_walk_compare(sp_walk *walk, sp_error *err);

/* After that: the manifest, the walk's own (NULL: there is none that can be
 * read); whether it is one that this program understands. */
const sp_json *sp_walk_manifest(const sp_walk *walk);
bool sp_walk_is_known(const sp_walk *walk);
/* The entries that were read, from the first on; *more false at the end. */
bool sp_walk_rewind(sp_walk *walk, sp_error *err);
bool sp_walk_next(sp_walk *walk, sp_seen_entry *entry, bool *more, sp_error *err);
/* Tells what else in it this program doesn't understand. */
bool sp_walk_tell_newer(sp_walk *walk, sp_error *err);
/* SP_INCOMPATIBLE where it isn't known; what in it is newer is told. */
bool sp_walk_check_known(sp_walk *walk, sp_error *err);
/* The path of the entry with this number. */
bool sp_walk_path(sp_walk *walk, uint64_t number, sp_buf *to, sp_error *err);
const sp_tally *sp_walk_tally(const sp_walk *walk, const char *kind);
/* Appends what its format says of it, "file_size", "entries", "bytes" and "counts",
 * as far as they are known, to `to`, and "signature" where nothing is damaged;
 * once only; false: memory. */
bool sp_walk_result(sp_walk *walk, sp_json *to);
/* Hands the manifest over. */
sp_json *sp_walk_take_manifest(sp_walk *walk);

#endif
