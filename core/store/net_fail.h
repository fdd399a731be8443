/* Why there is no answer, in words. Included by core/store/net*.c only. */
#ifndef SP_STORE_NET_FAIL_H
#define SP_STORE_NET_FAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"

/* What is wrong with an answer that libcurl likes. */
typedef enum {
	SP_NET_FINE,
	SP_NET_NO_LENGTH,
	SP_NET_SHORT,
	SP_NET_WRONG_RANGE,
	SP_NET_CHANGED,
	SP_NET_TOO_LARGE,
	SP_NET_NO_MEMORY
} sp_net_flaw;

typedef struct {
	sp_net_flaw flaw;
	int code;                           /* a CURLcode; CURLE_OK: a stream that isn't whole */
	const char *said;                   /* by libcurl about it, or "" */
	const char *where, *name, *ca_file; /* ca_file NULL: the system's */
	int timeout;
	long status; /* of the last answer */
	int64_t received, length;
} sp_net_failure;

/* Fills *err and returns false. */
bool sp_net_fail(const sp_net_failure *failure, sp_error *err);

#endif
