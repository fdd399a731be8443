/* Addresses of buckets, as a person writes them and as URLs. */
#ifndef SP_STORE_S3_PLACE_H
#define SP_STORE_S3_PLACE_H

#include "core/store/store.h"

/* Owned. */
typedef struct {
	char *bucket;
	char *prefix; /* of keys: "" or ends in "/" */
} sp_s3_place;

/* Takes "s3://BUCKET[/PREFIX]" apart. SP_USAGE for what is none; the error
 * doesn't repeat it where it could hold a key. */
bool sp_s3_place_parse(const char *where, sp_s3_place *place, sp_error *err);
void sp_s3_place_clear(sp_s3_place *place);

/* "http[s]://HOST[:PORT][/PATH]"; SP_USAGE. Plain http only where it says so. */
bool sp_s3_check_endpoint(const char *endpoint, sp_error *err);
/* "auto", "path" or "virtual"; SP_USAGE. */
bool sp_s3_check_addressing(const char *addressing, sp_error *err);
bool sp_s3_check_region(const char *region, sp_error *err);

/*
 * Appends the URL of a bucket, with a "/" at its end: with the bucket in the
 * path, or in the host's name ("virtual"); auto: in the path where an endpoint
 * is given or the name doesn't fit into a host's or its certificate, for others
 * at Amazon's in the host. `endpoint` NULL: Amazon's of that region.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
void sp_s3_bucket_url(sp_buf *to, const char *endpoint, const char *region, const char *addressing,
                      const char *bucket);
/* Appends scheme, host and port of a URL: the server, for people. */
void sp_s3_server(sp_buf *to, const char *url);

#endif
