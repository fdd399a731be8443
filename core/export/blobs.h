/* The files of the assets that travel: which are there, how large, which are
 * equal. The result stands in pg_temp.sp_file. */
#ifndef SP_EXPORT_BLOBS_H
#define SP_EXPORT_BLOBS_H

#include <stdint.h>

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/export/select.h"
#include "core/store/store.h"

typedef struct {
	int64_t objects; /* distinct object names */
	int64_t files;   /* distinct contents that are there */
	int64_t bytes;   /* of them */
	int64_t missing; /* object names that the store doesn't have */
} sp_blob_counts;

/*
 * Asks the store for each object that an asset names, and reads those of
 * equal size to find equal ones. `missing`: a JSON array that gets the names
 * of what isn't there, the first thousand.
 */
bool sp_blobs_find(const sp_selection *selection, sp_store *store, sp_job *job, sp_json *missing,
                   sp_blob_counts *counts, sp_error *err);

/* SHA-256 of an object, 64 hex digits; *size its bytes as read, -1: it isn't
 * there (any more). */
bool sp_blob_hash(sp_store *store, const char *name, sp_job *job, char sha256[SP_SHA256_HEX + 1],
                  int64_t *size, sp_error *err);

#endif
