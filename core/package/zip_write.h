/*
 * Writes a ZIP (PKWARE APPNOTE 6.3, with zip64) entry by entry through
 * libarchive, deflating in a thread of its own, so that reading, compressing
 * and writing overlap. The bytes depend on what is written only: entry times
 * are 1980-01-01, attributes are those of a regular file 0644.
 */
#ifndef SP_PACKAGE_ZIP_WRITE_H
#define SP_PACKAGE_ZIP_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/hash.h"

typedef struct sp_zip_writer sp_zip_writer;

/* What became of an entry. */
typedef struct {
	uint64_t size;                  /* bytes, uncompressed */
	char sha256[SP_SHA256_HEX + 1]; /* of them */
} sp_zip_result;

/* `out` stays the caller's. `level`: 0 to 9, as zlib's. */
sp_zip_writer *sp_zip_writer_create(sp_out *out, int level, sp_error *err);

/*
 * Begins an entry. `path`: its name, ASCII. `size`: its bytes where known,
 * else -1. `store`: don't compress. One entry is open at a time.
 */
bool sp_zip_begin(sp_zip_writer *zip, const char *path, int64_t size, bool store, sp_error *err);
bool sp_zip_write(sp_zip_writer *zip, const void *data, size_t len, sp_error *err);
/* Ends it; false also where the bytes aren't as many as announced. `result`
 * may be NULL. */
bool sp_zip_end(sp_zip_writer *zip, sp_zip_result *result, sp_error *err);

/* Writes the central directory and waits for the last byte to reach `out`
 * (which the caller then commits). */
bool sp_zip_finish(sp_zip_writer *zip, sp_error *err);
/* Ends the thread and frees; any time, also before or after finish. */
void sp_zip_writer_free(sp_zip_writer *zip);

/* True where deflate won't shrink this sample of a file's first bytes by at
 * least a twentieth: store it. */
bool sp_zip_is_compressed(const void *sample, size_t len);

#endif
