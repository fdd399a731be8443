/*
 * Reads a ZIP through libarchive's seekable reader: entries in the order of
 * the file, every byte checked against its CRC, any warning an error, and
 * nothing after the first error.
 */
#ifndef SP_PACKAGE_ZIP_READ_H
#define SP_PACKAGE_ZIP_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

typedef struct sp_zip_reader sp_zip_reader;

/* True where `path` may be an entry's: at most 4096 bytes of printable ASCII,
 * relative, without backslashes and without empty, "." and ".." parts. */
bool sp_zip_path_ok(const char *path);

/* An entry; `path` is owned by the reader until the next entry. */
typedef struct {
	const char *path;
	int64_t size; /* as announced; -1: not known before it is read */
} sp_zip_entry;

/* Opens by descriptor (the caller's; it is only read, from offset 0). `name`
 * is for errors. Errors: SP_BAD_PACKAGE, SP_FAILED. */
sp_zip_reader *sp_zip_reader_open(int fd, const char *name, sp_error *err);
/* The next entry; *entry NULL-pathed at the end. An entry that isn't a
 * regular file, or whose name isn't plain ASCII, relative and free of "..",
 * is an error. */
bool sp_zip_next(sp_zip_reader *zip, sp_zip_entry *entry, sp_error *err);
/* Bytes of the current entry; *got 0 at its end, when its CRC was right. */
bool sp_zip_read(sp_zip_reader *zip, void *data, size_t len, size_t *got, sp_error *err);
void sp_zip_reader_free(sp_zip_reader *zip);

#endif
