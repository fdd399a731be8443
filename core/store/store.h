/*
 * Where an instance keeps its files ("blobs"): a folder ("dir:PATH") or a
 * bucket of S3, MinIO or what speaks like them ("s3://BUCKET[/PREFIX]"). One
 * interface for both. A store and its blobs are used by one thread at a time.
 */
#ifndef SP_STORE_STORE_H
#define SP_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/job/job.h"

typedef struct sp_store sp_store;
typedef struct sp_blob sp_blob; /* an object that is being read */

/* Which store, and how to get there; all but `where` are for buckets only and
 * NULL where the environment and the files of Amazon's tools decide. */
typedef struct {
	const char *where;      /* "dir:PATH", "s3://BUCKET[/PREFIX]" */
	const char *endpoint;   /* NULL: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the shared config
	                         * file, else Amazon's */
	const char *region;     /* NULL: AWS_REGION, AWS_DEFAULT_REGION, shared config, else
	                         * us-east-1 */
	const char *addressing; /* "auto", "path", "virtual"; NULL: shared config, else auto */
	const char *ca_file;    /* NULL: AWS_CA_BUNDLE, shared config, else the system's */
	const char *profile;    /* of the shared files; NULL: AWS_PROFILE, else default */
	int timeout;            /* seconds without a byte; 0: the default */
} sp_store_settings;

/*
 * Opens a store. `job` may be NULL; else every wait asks it whether to stop.
 * A folder must exist; a bucket is asked once, so that a wrong key, region or
 * clock shows here. SP_USAGE for settings that are wrong or incomplete,
 * SP_NO_CONNECTION where nobody answers, else SP_FAILED. The settings are
 * needed during the call only, the job for as long as the store is open.
 */
sp_store *sp_store_open(const sp_store_settings *settings, const sp_job *job, sp_error *err);
void sp_store_close(sp_store *store);
/* Looks at the form of the settings only. SP_USAGE; the error never repeats
 * what could be a secret. */
bool sp_store_check(const sp_store_settings *settings, sp_error *err);
/* For people: where it is, without secrets. Owned by the store. */
const char *sp_store_name(const sp_store *store);

/*
 * Object names are relative paths; one with an empty, "." or ".." part or
 * an absolute one names nothing, and no link leads out of a folder.
 * True and *size >= 0: it is there. True and *size -1: it isn't (or is no
 * regular file). False: the store couldn't be asked.
 */
bool sp_store_stat(sp_store *store, const char *name, int64_t *size, sp_error *err);
/* The same for many, which a bucket is asked for all at once. */
bool sp_store_stat_all(sp_store *store, const char *const *names, int64_t *sizes, size_t count,
                       sp_error *err);

/* Opens an object; NULL and an error, or NULL and none where it isn't there. */
sp_blob *sp_store_get(sp_store *store, const char *name, sp_error *err);
int64_t sp_blob_size(const sp_blob *blob);
/*
 * *got 0 at the end, which comes after exactly sp_blob_size() bytes, all of
 * one object: where a connection was cut, reading goes on where it stopped; an
 * object that was replaced meanwhile is an error.
 */
bool sp_blob_read(sp_blob *blob, void *data, size_t len, size_t *got, sp_error *err);
void sp_blob_close(sp_blob *blob);
/* Says that this object will be opened soon: a bucket begins to send a few of
 * them. Does no harm where it isn't. */
void sp_store_expect(sp_store *store, const char *name);
/* How many it makes sense to say this of. */
#define SP_STORE_AHEAD 8

/* Writes an object whole or not at all; folders come into being as needed. An
 * existing one is an error. */
bool sp_store_put(sp_store *store, const char *name, const void *data, size_t len, sp_error *err);
/* Gives the next bytes, at most `len`; *got 0 at the end. */
typedef bool sp_source_fn(void *ctx, void *data, size_t len, size_t *got, sp_error *err);
/* The same for what is too large for memory: `size` bytes come from `source`;
 * -1 where that isn't known. Another number of bytes is an error. */
bool sp_store_put_from(sp_store *store, const char *name, sp_source_fn *source, void *ctx,
                       int64_t size, sp_error *err);
/* Removes it; one that isn't there is no error. */
bool sp_store_delete(sp_store *store, const char *name, sp_error *err);

/*
 * Appends an address that lets anybody read the object for so many seconds
 * (at most a week) to `url`: a secret until then. SP_FAILED for a folder,
 * which has no addresses. Nobody is asked: the object needn't be there.
 */
bool sp_store_sign(sp_store *store, const char *name, long seconds, sp_buf *url, sp_error *err);

#endif
