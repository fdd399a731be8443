/*
 * Where an instance keeps its files ("blobs"). One interface for every kind
 * of store; today a folder ("dir:PATH").
 */
#ifndef SP_STORE_STORE_H
#define SP_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

typedef struct sp_store sp_store;
typedef struct sp_blob sp_blob; /* an object that is being read */

/* Opens `where` ("dir:PATH"). The folder must exist. SP_USAGE for another
 * form, SP_FAILED where it can't be opened. */
sp_store *sp_store_open(const char *where, sp_error *err);
void sp_store_close(sp_store *store);
/* For people: where it is, without secrets. Owned by the store. */
const char *sp_store_name(const sp_store *store);

/*
 * Object names are relative paths; one with an empty, "." or ".." part or
 * an absolute one names nothing, and no link leads out of the store.
 * True and *size >= 0: it is there. True and *size -1: it isn't (or is no
 * regular file). False: the store couldn't be asked.
 */
bool sp_store_stat(sp_store *store, const char *name, int64_t *size, sp_error *err);

/* Opens an object; NULL and an error, or NULL and none where it isn't there. */
sp_blob *sp_store_get(sp_store *store, const char *name, sp_error *err);
int64_t sp_blob_size(const sp_blob *blob);
/* *got 0 at the end. */
bool sp_blob_read(sp_blob *blob, void *data, size_t len, size_t *got, sp_error *err);
void sp_blob_close(sp_blob *blob);

/* Writes an object whole or not at all (temporary name, fsync, rename);
 * folders come into being as needed. An existing one is an error. */
bool sp_store_put(sp_store *store, const char *name, const void *data, size_t len, sp_error *err);
/* Removes it; one that isn't there is no error. */
bool sp_store_delete(sp_store *store, const char *name, sp_error *err);

#endif
