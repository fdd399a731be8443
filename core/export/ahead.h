/* Files that are read one after the other while the store begins to send the
 * next ones: a bucket far away would else be waited for once a file. */
#ifndef SP_EXPORT_AHEAD_H
#define SP_EXPORT_AHEAD_H

#include "core/base/hash.h"
#include "core/db/db.h"
#include "core/store/store.h"

/* A file to come, as pg_temp.sp_file has it. */
typedef struct {
	int64_t number, size;
	char *name;
	char sha256[SP_SHA256_HEX + 1]; /* "": not known */
} sp_coming;

typedef bool sp_coming_fn(void *ctx, const sp_coming *file, sp_error *err);

/* Start with the first three members set. */
typedef struct {
	sp_store *store;
	sp_coming_fn *fn;
	void *ctx;
	sp_coming files[SP_STORE_AHEAD];
	int first, count;
} sp_ahead;

/* Takes a row (number, name, size, hash or NULL); `fn` gets the files in order,
 * a few rows later. False as soon as `fn` said so. */
bool sp_ahead_add(sp_ahead *ahead, const sp_field *row, sp_error *err);
/* Hands over the rest where `ok`, and frees what is left. Returns whether all
 * went well. */
bool sp_ahead_end(sp_ahead *ahead, bool ok, sp_error *err);

#endif
