/* Names of objects in URLs, and addresses that carry their signature. */
#ifndef SP_STORE_S3_SIGN_H
#define SP_STORE_S3_SIGN_H

#include <stdbool.h>
#include <time.h>

#include "core/base/buf.h"
#include "core/base/error.h"

/* Appends a text percent-encoded as signatures want it: all but A-Z, a-z, 0-9,
 * "-", ".", "_", "~", and where `path` "/", becomes %XX in capitals.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
void sp_s3_encode(sp_buf *to, const char *text, bool path);

typedef struct {
	const char *key, *secret, *token; /* token NULL: none */
	const char *region;
} sp_s3_signer;

/*
 * Appends `url` (scheme, host and encoded path) with a query that lets anybody
 * GET it for so many seconds from `now` on.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
bool sp_s3_presign(const sp_s3_signer *signer, const char *url, long seconds, time_t now,
                   sp_buf *to, sp_error *err);

#endif
