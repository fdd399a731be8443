/* What the parts of the bucket share. Included by core/store only. */
#ifndef SP_STORE_S3_H
#define SP_STORE_S3_H

#include "core/store/aws.h"
#include "core/store/kind.h"
#include "core/store/net.h"
#include "core/store/s3_place.h"

/* An object that was asked for before it is needed. */
typedef struct {
	char *name;
	sp_http *http;
} sp_s3_ahead;

typedef struct {
	sp_store base;
	sp_net *net;
	sp_aws aws;
	sp_s3_place place;
	char *url;     /* of the bucket, with "/" at its end */
	bool no_lists; /* lists of keys aren't to be had */
	sp_s3_ahead ahead[SP_STORE_AHEAD];
} sp_bucket;

/*
 * Sends a request about an object (`request` without name and url; `query` ""
 * or "uploads=") and waits for the answer: NULL and an error where there is
 * none. *http, which the answer belongs to, is freed by the caller in any case.
 */
const sp_answer *sp_bucket_ask(sp_bucket *bucket, sp_http_request request, const char *name,
                               const char *query, sp_http **http, sp_error *err);

/*
 * Notes the sizes of objects that a list of the bucket's keys shows, where there
 * are so many that this is quicker than asking for each. The others stay as they
 * are: they may be there all the same.
 */
bool sp_bucket_list(sp_bucket *bucket, const char *const *names, int64_t *sizes, size_t count,
                    sp_error *err);

/* As in kind.h. */
bool sp_bucket_stat(sp_store *store, const char *const *names, int64_t *sizes, size_t count,
                    sp_error *err);
bool sp_bucket_put(sp_store *store, const char *name, sp_content *content, sp_error *err);

#endif
