/* What S3 says when it refuses. */
#ifndef SP_STORE_S3_ERROR_H
#define SP_STORE_S3_ERROR_H

#include <stdbool.h>

#include "core/store/net.h"

/* True for an answer that says to try again later: by status, or by the code
 * of its body. */
bool sp_s3_is_passing(long status, const sp_buf *body);

/* True where the answer's error code is this one ("NoSuchKey"). */
bool sp_s3_is(const sp_answer *answer, const char *code);

/* Whether the body is an error of S3's at all. */
bool sp_s3_has_code(const sp_answer *answer);

/* Fills *err from an answer that is no success. `what` says what can't be done
 * (N_(), a %s for `name` of an object or bucket, then one for the reason). */
bool sp_s3_fail(const sp_answer *answer, const char *what, const char *name, sp_error *err);

#endif
