#include <config.h>

#include "core/store/net.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/base/hash.h"
#include "core/store/net_fail.h"

/* Tries of a request, and the seconds between them: each wait is twice the one
 * before, up to a bound, less a random part. */
#define TRIES      6
#define FIRST_WAIT 0.2
#define LONGEST    5.0
/* So many bytes of a stream since the last failure, and counting begins anew. */
#define PROGRESS (1 << 20)
/* A stream's bytes that nobody has read yet. */
#define STREAM_BUFFER (128 << 10)
/* Of answers that are kept whole. */
#define LONGEST_BODY  (16 << 20)
#define LONGEST_ERROR (64 << 10)
/* Seconds for a connection to come about. */
#define CONNECT 15
/* Seconds to tidy up. */
#define HURRY 3
/* Fewer bytes a second than this, for the time-out, is no progress. */
#define SLOWEST 64
/* Milliseconds between two looks at the job. */
#define LOOK 100

struct sp_net {
	CURLM *multi;
	sp_http *first; /* of all exchanges */
	const sp_job *job;
	char *key, *secret, *where, *ca_file;
	struct curl_slist *token; /* as a header */
	char *sigv4;
	int timeout;
	bool hurry;
	sp_again_fn *again;
	double seen, away; /* while nobody waits here, time doesn't count */
};

typedef enum { RUNNING, WAITING, DONE } state;

struct sp_http {
	sp_net *net;
	sp_http *next;
	CURL *easy;
	struct curl_slist *headers;
	sp_http_request request;
	char *url, *name, *header;
	char hash[SP_SHA256_HEX + 1]; /* of the body that is sent */
	size_t sent;

	state state;
	sp_answer answer;
	bool whole;          /* its head is */
	int64_t from, total; /* of Content-Range; -1: none */
	CURLcode code;       /* of the last try */
	sp_net_flaw flaw;
	char said[CURL_ERROR_SIZE];

	/* a stream */
	bool head, paused, good; /* good: what comes is the object's bytes */
	int64_t length;          /* as the first head said, with */
	char etag[128];
	char *data;
	size_t start, end;
	int64_t received, read, skip;

	/* trying again */
	int failures;
	double failing, due;
	int64_t mark; /* received at the last failure */
	/* progress */
	double moved, window;
	int64_t in_window;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void init_library(void)
{
	/* where it fails, curl_easy_init() fails as well */
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static double real_time(void)
{
	struct timespec ts = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Seconds that were spent in waiting here. */
static double clock_of(sp_net *net)
{
	double now = real_time();

	if (now - net->seen > 1)
		net->away += now - net->seen;
	net->seen = now;
	return now - net->away;
}

/* --- the net ----------------------------------------------------------------------- */

static char *copy_of(const char *text)
{
	return text ? strdup(text) : NULL;
}

static bool copy_settings(sp_net *net, const sp_net_settings *settings)
{
	sp_buf text = { 0 };

	net->key = copy_of(settings->key);
	net->secret = copy_of(settings->secret);
	net->where = copy_of(settings->where);
	net->ca_file = copy_of(settings->ca_file);
	if (settings->token) {
		sp_buf_addf(&text, "x-amz-security-token: %s", settings->token);
		net->token = text.failed ? NULL : curl_slist_append(NULL, text.data);
		sp_buf_reset(&text);
	}
	sp_buf_addf(&text, "aws:amz:%s:s3", settings->region);
	net->sigv4 = sp_buf_take(&text);
	return net->key && net->secret && net->where && net->sigv4 &&
	       (net->ca_file || !settings->ca_file) && (net->token || !settings->token);
}

sp_net *sp_net_create(const sp_net_settings *settings, const sp_job *job, sp_error *err)
{
	sp_net *net = calloc(1, sizeof(*net));

	(void)pthread_once(&once, init_library);
	if (!net) {
		sp_fail_memory(err);
		return NULL;
	}
	net->job = job;
	net->timeout = settings->timeout;
	net->again = settings->again;
	net->seen = real_time();
	net->multi = curl_multi_init();
	if (net->multi && copy_settings(net, settings))
		return net;
	sp_fail_memory(err);
	sp_net_free(net);
	return NULL;
}

static void wipe(char *secret)
{
	if (secret)
		OPENSSL_cleanse(secret, strlen(secret));
	free(secret);
}

void sp_net_free(sp_net *net)
{
	if (!net)
		return;
	(void)curl_multi_cleanup(net->multi);
	if (net->token)
		OPENSSL_cleanse(net->token->data, strlen(net->token->data));
	curl_slist_free_all(net->token);
	wipe(net->secret);
	free(net->key);
	free(net->where);
	free(net->ca_file);
	free(net->sigv4);
	free(net);
}

void sp_net_hurry(sp_net *net, bool on)
{
	net->hurry = on;
}

static int timeout_of(const sp_net *net)
{
	return net->hurry && net->timeout > HURRY ? HURRY : net->timeout;
}

/* --- what libcurl calls ---------------------------------------------------------------- */

static void note_progress(sp_http *h, size_t bytes)
{
	h->moved = clock_of(h->net);
	h->in_window += (int64_t)bytes;
}

static void copy_value(char *to, size_t size, const char *value, size_t len)
{
	len = len < size ? len : 0;
	memcpy(to, value, len);
	to[len] = '\0';
}

static int64_t number(const char *text, size_t len)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || n > INT64_MAX / 10 - 1)
			return -1;
		n = n * 10 + (text[i] - '0');
	}
	return len ? n : -1;
}

/* "bytes 5-9/10" (RFC 9110, 14.4) */
static void note_range(sp_http *h, const char *value, size_t len)
{
	const char *dash = memchr(value, '-', len), *slash = memchr(value, '/', len);

	if (len < 6 || strncasecmp(value, "bytes ", 6) != 0 || !dash || !slash || slash < dash)
		return;
	h->from = number(value + 6, (size_t)(dash - value - 6));
	h->total = number(slash + 1, (size_t)(value + len - slash - 1));
}

static bool is_header(const char *line, size_t len, const char *name, const char **value,
                      size_t *value_len)
{
	size_t n = strlen(name);

	if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
		return false;
	for (n++; n < len && (line[n] == ' ' || line[n] == '\t'); n++)
		;
	while (len > n && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	*value = line + n;
	*value_len = len - n;
	return true;
}

/* A new head begins, perhaps after one that only said to go on. */
static void begin_head(sp_http *h, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);

	h->answer.status = space && len >= (size_t)(space - line) + 4 ? number(space + 1, 3) : 0;
	h->answer.length = h->from = h->total = -1;
	*h->answer.etag = *h->answer.region = '\0';
	h->whole = h->good = false;
}

/* The same object still, and the part that was asked for? */
static sp_net_flaw judge_rest(sp_http *h)
{
	const sp_answer *answer = &h->answer;

	if (answer->status == 206 && (h->from != h->received || h->total != h->length))
		return SP_NET_WRONG_RANGE;
	if (strcmp(answer->etag, h->etag) != 0 ||
	    (answer->status == 200 && answer->length != h->length))
		return SP_NET_CHANGED;
	/* a server that knows no ranges sends all again */
	h->skip = answer->status == 200 ? h->received : 0;
	return SP_NET_FINE;
}

static sp_net_flaw judge_head(sp_http *h)
{
	long status = h->answer.status;

	h->whole = status >= 200;
	if (!h->request.stream || status < 200)
		return SP_NET_FINE;
	if (h->head && (status == 404 || status == 412))
		return SP_NET_CHANGED;
	if (h->head && status == 416)
		return SP_NET_SHORT;
	if (status != 200 && status != 206)
		return SP_NET_FINE;
	h->good = true;
	if (h->head)
		return judge_rest(h);
	if (status == 206)
		return SP_NET_WRONG_RANGE;
	h->length = h->answer.length;
	memcpy(h->etag, h->answer.etag, sizeof(h->etag));
	h->head = h->length >= 0;
	return h->head ? SP_NET_FINE : SP_NET_NO_LENGTH;
}

static size_t take_header(char *line, size_t size, size_t count, void *ctx)
{
	sp_http *h = ctx;
	size_t len = size * count, n = len;
	const char *value;

	note_progress(h, len);
	while (n && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	if (!n)
		h->flaw = judge_head(h);
	else if (n > 5 && strncmp(line, "HTTP/", 5) == 0)
		begin_head(h, line, n);
	else if (is_header(line, n, "content-length", &value, &n))
		h->answer.length = number(value, n);
	else if (is_header(line, n, "content-range", &value, &n))
		note_range(h, value, n);
	else if (is_header(line, n, "etag", &value, &n))
		copy_value(h->answer.etag, sizeof(h->answer.etag), value, n);
	else if (is_header(line, n, "x-amz-bucket-region", &value, &n))
		copy_value(h->answer.region, sizeof(h->answer.region), value, n);
	return h->flaw == SP_NET_FINE ? len : 0;
}

/* Bytes of the body of an answer that isn't a stream. */
static size_t keep(sp_http *h, const char *data, size_t len)
{
	bool good = h->answer.status < 300;

	if (h->answer.body.len + len > (good ? LONGEST_BODY : LONGEST_ERROR)) {
		if (good)
			h->flaw = SP_NET_TOO_LARGE;
		return good ? 0 : len;
	}
	sp_buf_add(&h->answer.body, data, len);
	if (h->answer.body.failed)
		h->flaw = SP_NET_NO_MEMORY;
	return h->answer.body.failed ? 0 : len;
}

static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
	sp_http *h = ctx;
	size_t len = size * count, n = len, passed;

	if (!h->good) {
		note_progress(h, len);
		return keep(h, data, len);
	}
	passed = (int64_t)n < h->skip ? n : (size_t)h->skip;
	n -= passed;
	if (n > STREAM_BUFFER - (h->end - h->start)) {
		h->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	note_progress(h, len);
	h->skip -= (int64_t)passed;
	if (n > STREAM_BUFFER - h->end) {
		memmove(h->data, h->data + h->start, h->end - h->start);
		h->end -= h->start;
		h->start = 0;
	}
	memcpy(h->data + h->end, data + passed, n);
	h->end += n;
	h->received += (int64_t)n;
	return len;
}

static size_t give_body(char *to, size_t size, size_t count, void *ctx)
{
	sp_http *h = ctx;
	size_t len = size * count, left = h->request.len - h->sent;

	len = len < left ? len : left;
	if (len)
		memcpy(to, (const char *)h->request.body + h->sent, len);
	h->sent += len;
	note_progress(h, len);
	return len;
}

static int seek_body(void *ctx, curl_off_t offset, int origin)
{
	sp_http *h = ctx;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > h->request.len)
		return CURL_SEEKFUNC_CANTSEEK;
	h->sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* --- one try --------------------------------------------------------------------------- */

static bool add_header(sp_http *h, const char *line)
{
	struct curl_slist *more = curl_slist_append(h->headers, line);

	if (more)
		h->headers = more;
	return more != NULL;
}

static bool add_headers(sp_http *h)
{
	const struct curl_slist *token = h->net->token;
	char line[256];

	curl_slist_free_all(h->headers);
	h->headers = NULL;
	snprintf(line, sizeof(line), "x-amz-content-sha256: %s", h->hash);
	if (!add_header(h, line) || (token && !add_header(h, token->data)) ||
	    (h->header && !add_header(h, h->header)))
		return false;
	if (h->request.body && strcmp(h->request.method, "POST") == 0 &&
	    !add_header(h, "Content-Type: application/xml"))
		return false;
	if (!h->received)
		return true;
	snprintf(line, sizeof(line), "Range: bytes=%" PRId64 "-", h->received);
	if (!add_header(h, line))
		return false;
	snprintf(line, sizeof(line), "If-Match: %s", h->etag);
	return add_header(h, line);
}

static void end(sp_http *h, CURLcode code)
{
	h->code = code;
	h->state = DONE;
}

static void begin(sp_http *h)
{
	h->flaw = SP_NET_FINE;
	h->good = h->paused = false;
	h->sent = 0;
	h->skip = 0;
	*h->said = '\0';
	begin_head(h, "", 0);
	sp_buf_reset(&h->answer.body);
	h->answer.tries++;
	h->moved = h->window = clock_of(h->net);
	h->in_window = 0;
	h->state = RUNNING;
	if (!add_headers(h) || curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, h->headers) != CURLE_OK ||
	    curl_multi_add_handle(h->net->multi, h->easy) != CURLM_OK)
		end(h, CURLE_OUT_OF_MEMORY);
}

/* What may be otherwise in a moment. */
static bool is_passing(const sp_http *h, CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PARTIAL_FILE:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR: return true;
	case CURLE_OK: return h->net->again(h->answer.status, &h->answer.body);
	default: return false;
	}
}

/* Without a strong validator (RFC 9110, 8.8.1) nobody knows whether the rest is
 * of the same object. */
static bool can_go_on(const sp_http *h)
{
	return !h->received || *h->etag == '"';
}

/* Seconds until the next try; negative: there is none. */
static double next_wait(sp_http *h, double asked_for)
{
	double now = clock_of(h->net), wait = FIRST_WAIT;
	int i;

	if (h->received - h->mark >= PROGRESS || !h->failures) {
		h->failures = 0;
		h->failing = now;
		h->mark = h->received;
	}
	if (++h->failures >= TRIES)
		return -1;
	for (i = 1; i < h->failures && wait < LONGEST; i++)
		wait *= 2;
	wait = wait < LONGEST ? wait : LONGEST;
	/* so that not all come back at once */
	wait *= 0.5 + (double)arc4random_uniform(1000) / 2000;
	wait = wait > asked_for ? wait : asked_for;
	return now + wait - h->failing <= timeout_of(h->net) ? wait : -1;
}

static void end_try(sp_http *h, CURLcode code)
{
	curl_off_t asked_for = 0;
	double wait = -1;

	(void)curl_multi_remove_handle(h->net->multi, h->easy);
	if (h->flaw == SP_NET_FINE && is_passing(h, code) && can_go_on(h)) {
		(void)curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &asked_for);
		wait = next_wait(h, (double)asked_for);
	}
	end(h, code);
	if (wait < 0)
		return;
	h->state = WAITING;
	h->due = clock_of(h->net) + wait;
}

/* --- all of them --------------------------------------------------------------------------- */

static bool is_stalled(sp_http *h, double now)
{
	int timeout = timeout_of(h->net);

	if (h->paused)
		return false;
	if (now - h->moved > timeout)
		return true;
	if (now - h->window <= timeout)
		return false;
	if (h->in_window < (int64_t)SLOWEST * timeout)
		return true;
	h->window = now;
	h->in_window = 0;
	return false;
}

/* Somebody needs what it would bring. */
static bool is_wanted(const sp_http *h)
{
	return h->end - h->start <= STREAM_BUFFER / 2;
}

/* Begins what is due; milliseconds until something else is. */
static int begin_due(sp_net *net)
{
	double now = clock_of(net), wait = LOOK / 1000.0;

	for (sp_http *h = net->first; h; h = h->next) {
		if (h->state != WAITING || !is_wanted(h))
			continue;
		if (h->due <= now)
			begin(h);
		else if (h->due - now < wait)
			wait = h->due - now;
	}
	return (int)(wait * 1000) + 1;
}

static void take_results(sp_net *net)
{
	double now = clock_of(net);
	CURLMsg *message;
	sp_http *h;
	int left;

	while ((message = curl_multi_info_read(net->multi, &left))) {
		CURLcode code = message->data.result;

		if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &h) != CURLE_OK)
			continue;
		/* libcurl takes a connection's end for that of a head, too */
		end_try(h, code == CURLE_OK && !h->whole ? CURLE_RECV_ERROR : code);
	}
	for (h = net->first; h; h = h->next)
		if (h->state == RUNNING && is_stalled(h, now))
			end_try(h, CURLE_OPERATION_TIMEDOUT);
}

static bool check(CURLMcode code, sp_error *err)
{
	if (code == CURLM_OUT_OF_MEMORY)
		return sp_fail_memory(err);
	return code == CURLM_OK ||
	       sp_fail(err, SP_FAILED, NULL, N_("libcurl doesn't work: %s"), curl_multi_strerror(code));
}

/* Moves everything that can move, until `ready` says so. */
static bool move_until(sp_http *h, bool (*ready)(const sp_http *h), sp_error *err)
{
	sp_net *net = h->net;
	int running, wait;

	for (;;) {
		if (net->job && !net->hurry && !sp_job_go_on(net->job, err))
			return false;
		wait = begin_due(net);
		if (!check(curl_multi_perform(net->multi, &running), err))
			return false;
		take_results(net);
		if (ready(h))
			return true;
		if (!check(curl_multi_poll(net->multi, NULL, 0, wait, NULL), err))
			return false;
	}
}

/* --- exchanges --------------------------------------------------------------- */

static bool hash_body(sp_http *h, sp_error *err)
{
	sp_sha256 *sha = sp_sha256_create(err);
	bool ok;

	if (!sha)
		return false;
	if (h->request.len)
		sp_sha256_update(sha, h->request.body, h->request.len);
	ok = sp_sha256_hex(sha, h->hash);
	sp_sha256_free(sha);
	return ok || sp_fail(err, SP_FAILED, NULL, N_("OpenSSL failed"));
}

#define SET(option, value) (curl_easy_setopt(h->easy, option, value) == CURLE_OK)

static bool set_method(sp_http *h)
{
	const sp_http_request *r = &h->request;

	if (!strcmp(r->method, "HEAD"))
		return SET(CURLOPT_NOBODY, 1L);
	if (!strcmp(r->method, "PUT"))
		return SET(CURLOPT_UPLOAD, 1L) && SET(CURLOPT_READFUNCTION, give_body) &&
		       SET(CURLOPT_READDATA, h) && SET(CURLOPT_SEEKFUNCTION, seek_body) &&
		       SET(CURLOPT_SEEKDATA, h) && SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->len) &&
		       /* not every server says "100 Continue" */
		       SET(CURLOPT_EXPECT_100_TIMEOUT_MS, 1L);
	if (!strcmp(r->method, "POST"))
		return SET(CURLOPT_POST, 1L) && SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->len) &&
		       SET(CURLOPT_POSTFIELDS, r->body ? r->body : "");
	return !strcmp(r->method, "GET") || SET(CURLOPT_CUSTOMREQUEST, r->method);
}

static bool set_options(sp_http *h)
{
	const sp_net *net = h->net;

	return SET(CURLOPT_URL, h->url) && SET(CURLOPT_PRIVATE, h) &&
	       /* names are sent as they were signed */
	       SET(CURLOPT_PATH_AS_IS, 1L) && SET(CURLOPT_PROTOCOLS_STR, "http,https") &&
	       SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
	       SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_NOSIGNAL, 1L) &&
	       SET(CURLOPT_QUICK_EXIT, 1L) && SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
	       SET(CURLOPT_USERAGENT, PACKAGE "/" PACKAGE_VERSION) &&
	       SET(CURLOPT_CONNECTTIMEOUT,
	           (long)(timeout_of(net) < CONNECT ? timeout_of(net) : CONNECT)) &&
	       SET(CURLOPT_ERRORBUFFER, h->said) && SET(CURLOPT_HEADERFUNCTION, take_header) &&
	       SET(CURLOPT_HEADERDATA, h) && SET(CURLOPT_WRITEFUNCTION, take_body) &&
	       SET(CURLOPT_WRITEDATA, h) && SET(CURLOPT_AWS_SIGV4, net->sigv4) &&
	       SET(CURLOPT_USERNAME, net->key) && SET(CURLOPT_PASSWORD, net->secret) &&
	       (!net->ca_file || (SET(CURLOPT_CAINFO, net->ca_file) && SET(CURLOPT_CAPATH, NULL))) &&
	       set_method(h);
}

static bool prepare(sp_http *h, sp_error *err)
{
	const sp_http_request *r = &h->request;

	h->url = copy_of(r->url);
	h->name = copy_of(r->name ? r->name : "");
	h->header = copy_of(r->header);
	h->data = r->stream ? malloc(STREAM_BUFFER) : NULL;
	h->easy = curl_easy_init();
	if (!h->url || !h->name || (r->header && !h->header) || (r->stream && !h->data) || !h->easy ||
	    !set_options(h))
		return sp_fail_memory(err);
	return hash_body(h, err);
}

sp_http *sp_http_start(sp_net *net, const sp_http_request *request, sp_error *err)
{
	sp_http *h = calloc(1, sizeof(*h));
	int running;

	if (!h) {
		sp_fail_memory(err);
		return NULL;
	}
	h->net = net;
	h->request = *request;
	h->next = net->first;
	net->first = h;
	h->state = DONE;
	if (!prepare(h, err)) {
		sp_http_free(h);
		return NULL;
	}
	begin(h);
	/* off it goes; what fails here fails again where it is waited for */
	(void)curl_multi_perform(net->multi, &running);
	return h;
}

void sp_http_free(sp_http *h)
{
	sp_http **at;

	if (!h)
		return;
	for (at = &h->net->first; *at != h; at = &(*at)->next)
		;
	*at = h->next;
	if (h->state == RUNNING)
		(void)curl_multi_remove_handle(h->net->multi, h->easy);
	curl_easy_cleanup(h->easy);
	curl_slist_free_all(h->headers);
	sp_buf_free(&h->answer.body);
	free(h->data);
	free(h->header);
	free(h->name);
	free(h->url);
	free(h);
}

/* There is no answer, or a stream that broke off in the middle. */
static bool fail(const sp_http *h, sp_error *err)
{
	const sp_net_failure failure = {
		.flaw = h->flaw,
		.code = (int)h->code,
		.said = h->said,
		.where = h->net->where,
		.name = h->name,
		.ca_file = h->net->ca_file,
		.timeout = timeout_of(h->net),
		.status = h->answer.status,
		.received = h->received,
		.length = h->length,
	};

	return sp_net_fail(&failure, err);
}

static bool is_answered(const sp_http *h)
{
	return h->state == DONE || (h->head && h->flaw == SP_NET_FINE);
}

const sp_answer *sp_http_wait(sp_http *h, sp_error *err)
{
	if (!move_until(h, is_answered, err))
		return NULL;
	if (h->head && h->flaw == SP_NET_FINE) {
		/* of the stream as a whole, whatever came of its parts */
		h->answer.status = 200;
		h->answer.length = h->length;
	} else if (h->flaw != SP_NET_FINE || h->code != CURLE_OK) {
		fail(h, err);
		return NULL;
	}
	/* a server may repeat what it was sent, and people are shown what it says */
	if (h->answer.status >= 300) {
		sp_buf_hide(&h->answer.body, h->net->secret);
		sp_buf_hide(&h->answer.body, h->net->token ? strchr(h->net->token->data, ' ') + 1 : NULL);
	}
	return &h->answer;
}

static bool is_readable(const sp_http *h)
{
	return h->end > h->start || h->state == DONE;
}

bool sp_http_read(sp_http *h, void *data, size_t len, size_t *got, sp_error *err)
{
	size_t left;

	*got = 0;
	if (!move_until(h, is_readable, err))
		return false;
	left = h->end - h->start;
	if (!left)
		return h->read == h->length || fail(h, err);
	*got = len < left ? len : left;
	memcpy(data, h->data + h->start, *got);
	h->start += *got;
	h->read += (int64_t)*got;
	if (h->start == h->end)
		h->start = h->end = 0;
	if (h->paused && is_wanted(h)) {
		h->paused = false;
		note_progress(h, 0);
		/* a failure of what comes next shows at its end */
		(void)curl_easy_pause(h->easy, CURLPAUSE_CONT);
	}
	return true;
}
