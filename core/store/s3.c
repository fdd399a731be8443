#include <config.h>

#include "core/store/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/store/s3_error.h"
#include "core/store/s3_sign.h"

#define DEFAULT_REGION  "us-east-1"
#define DEFAULT_TIMEOUT 60
/* Bytes of a key, prefix included. */
#define LONGEST_KEY 1024
/* So many are asked for at a time. */
#define AT_A_TIME 32
#define WEEK      604800

typedef struct {
	sp_blob base;
	sp_http *http;
} bucket_blob;

/* --- requests ---------------------------------------------------------------------- */

static char *url_of(const sp_bucket *b, const char *name, const char *query, sp_error *err)
{
	sp_buf url = { 0 };
	char *text;

	sp_buf_adds(&url, b->url);
	sp_s3_encode(&url, b->place.prefix, true);
	sp_s3_encode(&url, name, true);
	if (*query)
		sp_buf_addf(&url, "?%s", query);
	text = sp_buf_take(&url);
	if (!text)
		sp_fail_memory(err);
	return text;
}

/* Nothing can have such a key. */
static bool is_too_long(const sp_bucket *b, const char *name)
{
	return strlen(b->place.prefix) + strlen(name) > LONGEST_KEY;
}

static sp_http *start(sp_bucket *b, sp_http_request request, const char *name, const char *query,
                      sp_error *err)
{
	char *url = url_of(b, name, query, err);
	sp_http *http = NULL;

	request.url = url;
	request.name = name;
	if (url)
		http = sp_http_start(b->net, &request, err);
	free(url);
	return http;
}

const sp_answer *sp_bucket_ask(sp_bucket *b, sp_http_request request, const char *name,
                               const char *query, sp_http **http, sp_error *err)
{
	*http = start(b, request, name, query, err);
	return *http ? sp_http_wait(*http, err) : NULL;
}

/* There is no object of this name, and the bucket says so. */
static bool says_absent(const sp_answer *answer)
{
	if (answer->status == 404)
		return !sp_s3_is(answer, "NoSuchBucket");
	/* names that one server or the other doesn't take */
	return answer->status == 400 &&
	       (sp_s3_is(answer, "XMinioInvalidObjectName") || sp_s3_is(answer, "KeyTooLongError"));
}

/* --- opening ----------------------------------------------------------------------------- */

bool sp_bucket_check(const sp_store_settings *settings, sp_error *err)
{
	sp_s3_place place;

	if (!sp_s3_place_parse(settings->where, &place, err))
		return false;
	sp_s3_place_clear(&place);
	return (!settings->endpoint || sp_s3_check_endpoint(settings->endpoint, err)) &&
	       (!settings->region || sp_s3_check_region(settings->region, err)) &&
	       (!settings->addressing || sp_s3_check_addressing(settings->addressing, err));
}

/* They become parts of headers. */
static bool check_credentials(const sp_aws *aws, sp_error *err)
{
	const char *const all[] = { aws->key, aws->secret, aws->token };
	size_t i;
	const char *at;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (at = all[i] ? all[i] : ""; *at; at++)
			if (*at <= ' ' || *at >= 0x7f)
				return sp_fail(err, SP_USAGE, N_("Was something lost or added in copying it?"),
				               N_("the credentials for the store hold a character that they can't "
				                  "have"));
	return true;
}

static bool check_found(const sp_aws *aws, sp_error *err)
{
	return (!aws->endpoint || sp_s3_check_endpoint(aws->endpoint, err)) &&
	       (!aws->region || sp_s3_check_region(aws->region, err)) &&
	       (!aws->addressing || sp_s3_check_addressing(aws->addressing, err)) &&
	       check_credentials(aws, err);
}

static bool connect_to(sp_bucket *b, int timeout, const sp_job *job, sp_error *err)
{
	const sp_aws *aws = &b->aws;
	const char *region = aws->region ? aws->region : DEFAULT_REGION;
	sp_buf url = { 0 }, server = { 0 };

	sp_s3_bucket_url(&url, aws->endpoint, region, aws->addressing ? aws->addressing : "auto",
	                 b->place.bucket);
	sp_s3_server(&server, sp_buf_text(&url));
	b->url = server.failed ? NULL : sp_buf_take(&url);
	if (b->url) {
		const sp_net_settings settings = {
			.key = aws->key,
			.secret = aws->secret,
			.token = aws->token,
			.region = region,
			.where = sp_buf_text(&server),
			.ca_file = aws->ca_file,
			.timeout = timeout ? timeout : DEFAULT_TIMEOUT,
			.again = sp_s3_is_passing,
		};

		b->net = sp_net_create(&settings, job, err);
	} else {
		sp_fail_memory(err);
	}
	sp_buf_free(&url);
	sp_buf_free(&server);
	return b->net != NULL;
}

/*
 * Asks for an object that can't be there. The refusal shows whether this is
 * S3 at all and what it thinks of bucket, credentials, region and clock; later
 * answers to HEAD have no body to say it in. Who may not list a bucket is
 * denied what isn't there.
 */
static bool knock(sp_bucket *b, sp_error *err)
{
	char name[64];
	const sp_answer *answer;
	sp_http *http = NULL;
	bool ok = false;

	snprintf(name, sizeof(name), ".spaceport-%08x%08x", arc4random(), arc4random());
	answer = sp_bucket_ask(b, (sp_http_request){ .method = "GET" }, name, "", &http, err);
	if (answer && answer->status < 300)
		sp_fail(err, SP_FAILED, N_("Check that the endpoint is an S3 store."),
		        N_("what answers as %s has an object of any name"), b->base.name);
	else if (answer)
		ok = sp_s3_is(answer, "NoSuchKey") || sp_s3_is(answer, "AccessDenied") ||
		     sp_s3_fail(answer, N_("can't use the store %s: %s"), b->base.name, err);
	sp_http_free(http);
	return ok;
}

static void drop_ahead(sp_s3_ahead *ahead)
{
	sp_http_free(ahead->http);
	free(ahead->name);
	*ahead = (sp_s3_ahead){ 0 };
}

static void close_bucket(sp_store *store)
{
	sp_bucket *b = (sp_bucket *)store;
	int i;

	for (i = 0; i < SP_STORE_AHEAD; i++)
		drop_ahead(&b->ahead[i]);
	sp_net_free(b->net);
	sp_aws_clear(&b->aws);
	sp_s3_place_clear(&b->place);
	free(b->url);
	free(b->base.name);
	free(b);
}

/* --- looking ------------------------------------------------------------------------------- */

/* Why a HEAD was refused: its answer has no body to say so, that of GET has. */
static bool ask_why(sp_bucket *b, const char *name, const sp_answer *head, int64_t *size,
                    sp_error *err)
{
	const sp_http_request request = { .method = "GET", .header = "Range: bytes=0-0" };
	static const char what[] = N_("can't ask the store for \"%s\": %s");
	const sp_answer *answer;
	sp_http *http = NULL;

	*size = -1;
	if (head->status >= 500 || head->status == 429)
		return sp_s3_fail(head, what, name, err);
	answer = sp_bucket_ask(b, request, name, "", &http, err);
	if (answer && !says_absent(answer))
		sp_s3_fail(answer->status < 300 ? head : answer, what, name, err);
	sp_http_free(http);
	return !sp_error_is_set(err);
}

static bool take_size(sp_bucket *b, const char *name, sp_http *http, int64_t *size, sp_error *err)
{
	const sp_answer *answer = sp_http_wait(http, err);

	*size = -1;
	if (!answer)
		return false;
	if (answer->status == 404)
		return true;
	if (answer->status != 200)
		return ask_why(b, name, answer, size, err);
	*size = answer->length;
	return *size >= 0 || sp_fail(err, SP_FAILED, N_("Check that the endpoint is an S3 store."),
	                             N_("the store doesn't say how long \"%s\" is"), name);
}

bool sp_bucket_stat(sp_store *store, const char *const *names, int64_t *sizes, size_t count,
                    sp_error *err)
{
	sp_bucket *b = (sp_bucket *)store;
	sp_http *running[AT_A_TIME] = { NULL };
	size_t i, done;
	sp_http **slot;
	bool ok;

	for (i = 0; i < count; i++)
		sizes[i] = -1;
	/* who can't be listed is asked for, and so is what a list doesn't show */
	ok = sp_bucket_list(b, names, sizes, count, err);
	for (i = 0; ok && i < count + AT_A_TIME; i++) {
		slot = &running[i % AT_A_TIME];
		if (*slot) {
			done = i - AT_A_TIME;
			ok = take_size(b, names[done], *slot, &sizes[done], err);
			sp_http_free(*slot);
			*slot = NULL;
		}
		if (ok && i < count && sizes[i] < 0 && !is_too_long(b, names[i])) {
			*slot = start(b, (sp_http_request){ .method = "HEAD" }, names[i], "", err);
			ok = *slot != NULL;
		}
	}
	for (i = 0; i < AT_A_TIME; i++)
		sp_http_free(running[i]);
	return ok;
}

/* --- reading ---------------------------------------------------------------------------------- */

static sp_http *start_get(sp_bucket *b, const char *name, sp_error *err)
{
	return start(b, (sp_http_request){ .method = "GET", .stream = true }, name, "", err);
}

static void expect(sp_store *store, const char *name)
{
	sp_bucket *b = (sp_bucket *)store;
	sp_error ignored = SP_ERROR_INIT;
	int i;

	for (i = 0; i < SP_STORE_AHEAD && b->ahead[i].name; i++)
		if (!strcmp(b->ahead[i].name, name))
			return;
	if (i == SP_STORE_AHEAD || is_too_long(b, name))
		return;
	/* what fails here fails again where it is needed */
	b->ahead[i].http = start_get(b, name, &ignored);
	b->ahead[i].name = b->ahead[i].http ? strdup(name) : NULL;
	if (!b->ahead[i].name)
		drop_ahead(&b->ahead[i]);
	sp_error_clear(&ignored);
}

/* The exchange of an object that was expected, NULL: it wasn't. */
static sp_http *take_ahead(sp_bucket *b, const char *name)
{
	sp_http *http = NULL;
	int i, last = SP_STORE_AHEAD;

	for (i = 0; i < SP_STORE_AHEAD; i++)
		if (b->ahead[i].name && !strcmp(b->ahead[i].name, name)) {
			http = b->ahead[i].http;
			b->ahead[i].http = NULL;
			drop_ahead(&b->ahead[i]);
			/* no gaps */
			while (last > 0 && !b->ahead[last - 1].name)
				last--;
			if (last > i + 1) {
				b->ahead[i] = b->ahead[last - 1];
				b->ahead[last - 1] = (sp_s3_ahead){ 0 };
			}
			break;
		}
	return http;
}

static sp_blob *get(sp_store *store, const char *name, sp_error *err)
{
	sp_bucket *b = (sp_bucket *)store;
	const sp_answer *answer;
	bucket_blob *blob = NULL;
	sp_http *http;

	if (is_too_long(b, name))
		return NULL;
	http = take_ahead(b, name);
	if (!http)
		http = start_get(b, name, err);
	answer = http ? sp_http_wait(http, err) : NULL;
	if (answer && answer->status == 200) {
		blob = calloc(1, sizeof(*blob));
		if (blob)
			*blob = (bucket_blob){ { store, answer->length }, http };
		else
			sp_fail_memory(err);
	} else if (answer && !says_absent(answer)) {
		sp_s3_fail(answer, N_("can't read \"%s\" in the store: %s"), name, err);
	}
	if (!blob)
		sp_http_free(http);
	return blob ? &blob->base : NULL;
}

static bool read_blob(sp_blob *blob, void *data, size_t len, size_t *got, sp_error *err)
{
	return sp_http_read(((bucket_blob *)blob)->http, data, len, got, err);
}

static void release(sp_blob *blob)
{
	sp_http_free(((bucket_blob *)blob)->http);
	free(blob);
}

/* --- and the rest --------------------------------------------------------------- */

static bool remove_object(sp_store *store, const char *name, sp_error *err)
{
	sp_bucket *b = (sp_bucket *)store;
	const sp_answer *answer;
	sp_http *http = NULL;
	bool ok;

	if (is_too_long(b, name))
		return true;
	answer = sp_bucket_ask(b, (sp_http_request){ .method = "DELETE" }, name, "", &http, err);
	ok = answer && (answer->status == 200 || answer->status == 204 || says_absent(answer) ||
	                sp_s3_fail(answer, N_("can't remove \"%s\" from the store: %s"), name, err));
	sp_http_free(http);
	return ok;
}

static bool sign(sp_store *store, const char *name, long seconds, sp_buf *to, sp_error *err)
{
	const sp_bucket *b = (const sp_bucket *)store;
	const sp_s3_signer signer = {
		.key = b->aws.key,
		.secret = b->aws.secret,
		.token = b->aws.token,
		.region = b->aws.region ? b->aws.region : DEFAULT_REGION,
	};
	char *url;
	bool ok;

	if (seconds < 1 || seconds > WEEK)
		return sp_fail(err, SP_USAGE, NULL, N_("an address can be valid for 1 to %d seconds"),
		               WEEK);
	url = url_of(b, name, "", err);
	ok = url && sp_s3_presign(&signer, url, seconds, time(NULL), to, err);
	free(url);
	return ok;
}

static const sp_store_kind bucket_kind = {
	.close = close_bucket,
	.stat = sp_bucket_stat,
	.get = get,
	.expect = expect,
	.read = read_blob,
	.release = release,
	.put = sp_bucket_put,
	.remove = remove_object,
	.sign = sign,
};

sp_store *sp_bucket_open(const sp_store_settings *settings, const sp_job *job, sp_error *err)
{
	sp_bucket *b = calloc(1, sizeof(*b));

	if (!b) {
		sp_fail_memory(err);
		return NULL;
	}
	b->base.kind = &bucket_kind;
	b->base.name = strdup(settings->where);
	if (!b->base.name)
		sp_fail_memory(err);
	if (b->base.name && sp_s3_place_parse(settings->where, &b->place, err) &&
	    sp_aws_find(settings, &b->aws, err) && check_found(&b->aws, err) &&
	    connect_to(b, settings->timeout, job, err) && knock(b, err))
		return &b->base;
	close_bucket(&b->base);
	return NULL;
}
