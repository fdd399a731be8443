/*
 * The way through a package of spaceport's own format, from its first byte to
 * its last, that all who look into one take: each entry against its CRC and
 * against checksums.sha256 and entries.jsonl (size, SHA-256, rows), both lists
 * against the entries (nothing missing, nothing extra, their order),
 * entries.jsonl against manifest.json, all JSON for being some. What is found
 * is told to the check. Memory doesn't grow with the package.
 */
#ifndef SP_PACKAGE_WALK_H
#define SP_PACKAGE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/json.h"
#include "core/package/check.h"
#include "core/package/row_check.h"

#define SP_ENTRIES   "entries.jsonl"
#define SP_MANIFEST  "manifest.json"
#define SP_CHECKSUMS "checksums.sha256"
#define SP_VERSION_INFO "compatibility/version_info.json"

/* Of the entries of a kind, as entries.jsonl has them. */
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
	bool schemas; /* wants each file to be checked against its JSON Schema */
} sp_walk_watcher;

typedef struct sp_walk sp_walk;

/* Scans the file behind `fd` (the caller's) and makes ready to read. `check`
 * and `watcher` (NULL: nobody) must outlive it. */
sp_walk *sp_walk_open(int fd, sp_checking *check, const sp_walk_watcher *watcher, sp_error *err);
void sp_walk_free(sp_walk *walk);

/* The rows, for their places. */
const sp_row_check *sp_walk_rows(const sp_walk *walk);

/* While it is read: whether this program knows what the entries mean, as far as
 * a look ahead tells. */
bool sp_walk_is_understood(const sp_walk *walk);
/* SP_VERSION_INFO, the walk's own; NULL: it isn't there or can't be read. */
const sp_json *sp_walk_version_info(const sp_walk *walk);

/* Reads all entries; false and an error where nothing more can be read. */
bool sp_walk_read(sp_walk *walk, sp_error *err);
/* Then compares the lists and the manifest with them. */
bool sp_walk_compare(sp_walk *walk, sp_error *err);

/* After that: the manifest, the walk's own (NULL: there is none that can be
 * read); whether it is one that this program understands. */
const sp_json *sp_walk_manifest(const sp_walk *walk);
bool sp_walk_is_known(const sp_walk *walk);
/* The path of the entry with this number. */
bool sp_walk_path(sp_walk *walk, uint64_t number, sp_buf *to, sp_error *err);
const sp_tally *sp_walk_tally(const sp_walk *walk, const char *kind);
/* Appends "format", "format_version", "file_size", "entries", "bytes" and
 * "counts", as far as they are known, to `to`; false: memory. */
bool sp_walk_result(const sp_walk *walk, sp_json *to);
/* Hands the manifest over. */
sp_json *sp_walk_take_manifest(sp_walk *walk);

#endif
