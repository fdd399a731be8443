/*
 * Reads the files of a ZIP whose structure was scanned: in their order, each
 * unpacked (RFC 1951) from exactly the bytes that it has, into exactly as many
 * as announced, with the CRC that it should have; nothing after the first
 * error.
 */
#ifndef SP_PACKAGE_ZIP_READ_H
#define SP_PACKAGE_ZIP_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/package/check.h"

typedef struct sp_zip_reader sp_zip_reader;

/* True where `path` may be an entry's: at most 4096 bytes of printable ASCII,
 * relative, without backslashes and without empty, "." and ".." parts. */
bool sp_zip_path_ok(const char *path);

/* An entry; `path` is owned by the reader until the next entry. */
typedef struct {
	const char *path;
	uint64_t size; /* as announced, and as it will be */
} sp_zip_entry;

/* Scans the file behind `fd` (the caller's; only read, at any offset), see
 * zip_scan.h, and makes ready for its first entry. `check` must outlive it. */
sp_zip_reader *sp_zip_reader_open(int fd, sp_checking *check, sp_error *err);
/* Whether it was made by spaceport, as far as its structure tells. */
bool sp_zip_reader_is_native(const sp_zip_reader *zip);
/* How many entries its directory has, folders and litter included. */
uint64_t sp_zip_reader_count(const sp_zip_reader *zip);
/* The next file; *entry NULL-pathed at the end. */
bool sp_zip_next(sp_zip_reader *zip, sp_zip_entry *entry, sp_error *err);
/* Bytes of the current entry; *got 0 at its end, when its CRC was right. */
bool sp_zip_read(sp_zip_reader *zip, void *data, size_t len, size_t *got, sp_error *err);
/*
 * The first bytes, at most `len`, of the entry of this path, before the first
 * one is asked for; *got 0 where there is none. Where it is damaged, nothing
 * is told: whoever reads it all is.
 */
bool sp_zip_peek(sp_zip_reader *zip, const char *path, void *data, size_t len, size_t *got,
                 sp_error *err);
void sp_zip_reader_free(sp_zip_reader *zip);

#endif
