/*
 * HTTP for buckets; the only user of libcurl, which also signs the requests
 * (AWS Signature Version 4). Many exchanges may be under way at once; they
 * move while one of them is waited for. What fails for the moment is tried
 * again, a few times and for a while only; a GET that was cut goes on where it
 * stopped. Redirects aren't followed. One thread uses it at a time.
 */
#ifndef SP_STORE_NET_H
#define SP_STORE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/job/job.h"

typedef struct sp_net sp_net;
typedef struct sp_http sp_http; /* one exchange: a request and its answer */

/* Whether an answer says that the same request may do better later. */
typedef bool sp_again_fn(long status, const sp_buf *body);

typedef struct {
	const char *key, *secret; /* to sign with */
	const char *token;        /* of a session; NULL: none */
	const char *region;
	const char *where;   /* the server, for errors */
	const char *ca_file; /* NULL: the system's authorities */
	int timeout;         /* seconds without a byte */
	sp_again_fn *again;
} sp_net_settings;

/* Copies the settings; `job` (NULL: none) is asked in every wait. */
sp_net *sp_net_create(const sp_net_settings *settings, const sp_job *job, sp_error *err);
/* All its exchanges must have been freed. */
void sp_net_free(sp_net *net);
/* For tidying up after a failure: whatever the job says, but for seconds only. */
void sp_net_hurry(sp_net *net, bool on);

typedef struct {
	const char *method; /* a static string: GET, HEAD, PUT, POST, DELETE */
	const char *name;   /* of the object, for errors */
	const char *url;    /* encoded; its query sorted, every member with "=" */
	const char *header; /* one more, "Name: value"; NULL: none */
	const void *body;   /* of PUT and POST; must stay until the exchange is freed */
	size_t len;
	bool stream; /* the body of a good answer is read with sp_http_read() */
} sp_http_request;

/* Begins; NULL and an error where it can't. The caller frees it. */
sp_http *sp_http_start(sp_net *net, const sp_http_request *request, sp_error *err);
void sp_http_free(sp_http *http);

typedef struct {
	long status;
	int64_t length;  /* of the whole body, -1: not said */
	char etag[128];  /* with its quotes; "" where there is none */
	char region[64]; /* of the bucket, as the server names it, or "" */
	sp_buf body;     /* unless it is a stream */
	int tries;       /* how often the request was sent */
} sp_answer;

/*
 * Waits for the answer: for its end, or for a stream's head. It may be any
 * status; NULL and an error only where there is none: SP_NO_CONNECTION,
 * SP_INTERRUPTED, SP_FAILED for one that is no answer to this request. The
 * exchange's.
 */
const sp_answer *sp_http_wait(sp_http *http, sp_error *err);
/* The next bytes of a stream; *got 0 at its end, after exactly `length`. */
bool sp_http_read(sp_http *http, void *data, size_t len, size_t *got, sp_error *err);

#endif
