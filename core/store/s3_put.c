#include <config.h>

#include "core/store/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/store/s3_error.h"
#include "core/store/s3_sign.h"
#include "core/store/xml.h"

/* What is longer is sent in parts of this size, or of what it takes to get by
 * with so many. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
#define PART  (8 << 20)
#define PARTS 10000
/* Servers that know it refuse to replace an object (RFC 9110, 13.1.2). */
#define ONLY_NEW "If-None-Match: *"

typedef struct {
	sp_bucket *bucket;
	const char *name;
	sp_content *content;
	char *data; /* a part */
	size_t size, len;
	char *upload; /* its id, encoded; NULL: not in parts */
	sp_buf parts; /* what completes it */
	int64_t sent;
} putting;

static bool fail_exists(const putting *p, sp_error *err)
{
	return sp_fail(err, SP_FAILED, NULL, N_("\"%s\" is in the store already"), p->name);
}

static bool fail_put(const putting *p, const sp_answer *answer, sp_error *err)
{
	return sp_s3_fail(answer, N_("can't put \"%s\" into the store: %s"), p->name, err);
}

static bool next_part(putting *p, sp_error *err)
{
	return sp_content_read(p->content, p->data, p->size, &p->len, err);
}

/* --- in one piece --------------------------------------------------------------------------- */

/* After an answer was lost, what another try finds may be what the first has
 * put; libcurl tries again by itself where an old connection turns out to be
 * closed, so nobody knows how many there were. */
static bool is_there(putting *p, bool *same, sp_error *err)
{
	sp_blob *blob = sp_store_get(&p->bucket->base, p->name, err);
	char data[16384];
	size_t got, at = 0;

	*same = blob && sp_blob_size(blob) == (int64_t)p->len;
	while (*same && at < p->len) {
		if (!sp_blob_read(blob, data, sizeof(data), &got, err))
			break;
		*same = got && !memcmp(data, p->data + at, got);
		at += got;
	}
	sp_blob_close(blob);
	return !sp_error_is_set(err);
}

static bool put_whole(putting *p, const char *only_new, sp_error *err)
{
	const sp_http_request request = {
		.method = "PUT", .header = only_new, .body = p->data, .len = p->len
	};
	sp_http *http = NULL;
	const sp_answer *answer = sp_bucket_ask(p->bucket, request, p->name, "", &http, err);
	bool ok = answer && (answer->status == 200 || answer->status == 201), same = false;

	if (!answer || ok)
		;
	else if (answer->status == 501 && only_new)
		ok = put_whole(p, NULL, err);
	else if (answer->status != 412)
		fail_put(p, answer, err);
	else if (is_there(p, &same, err))
		ok = same || fail_exists(p, err);
	sp_http_free(http);
	return ok;
}

/* --- in parts ------------------------------------------------------------------------------- */

static bool begin_upload(putting *p, sp_error *err)
{
	sp_http *http = NULL;
	const sp_answer *answer = sp_bucket_ask(p->bucket, (sp_http_request){ .method = "POST" },
	                                        p->name, "uploads=", &http, err);
	sp_buf id = { 0 }, encoded = { 0 };

	if (answer && answer->status == 200 &&
	    sp_xml_find(sp_buf_text(&answer->body), answer->body.len,
	                "InitiateMultipartUploadResult/UploadId", &id) &&
	    id.len) {
		sp_s3_encode(&encoded, sp_buf_text(&id), false);
		p->upload = sp_buf_take(&encoded);
		if (!p->upload)
			sp_fail_memory(err);
	} else if (answer && id.failed) {
		sp_fail_memory(err);
	} else if (answer) {
		fail_put(p, answer, err);
	}
	sp_buf_free(&id);
	sp_http_free(http);
	return p->upload != NULL;
}

static void add_escaped(sp_buf *to, const char *text)
{
	for (; *text; text++)
		if (strchr("<>&\"'", *text))
			sp_buf_addf(to, "&#%d;", *text);
		else
			sp_buf_addc(to, *text);
}

static bool put_part(putting *p, int number, sp_error *err)
{
	const sp_http_request request = { .method = "PUT", .body = p->data, .len = p->len };
	const sp_answer *answer;
	sp_http *http = NULL;
	sp_buf query = { 0 };
	bool ok;

	sp_buf_addf(&query, "partNumber=%d&uploadId=%s", number, p->upload);
	answer =
		query.failed ? NULL : sp_bucket_ask(p->bucket, request, p->name, query.data, &http, err);
	ok = answer && answer->status == 200 && *answer->etag;
	if (ok) {
		sp_buf_addf(&p->parts, "<Part><PartNumber>%d</PartNumber><ETag>", number);
		add_escaped(&p->parts, answer->etag);
		sp_buf_adds(&p->parts, "</ETag></Part>");
		p->sent += (int64_t)p->len;
	} else if (answer) {
		fail_put(p, answer, err);
	}
	if (query.failed)
		sp_fail_memory(err);
	sp_buf_free(&query);
	sp_http_free(http);
	return ok;
}

/* The last step's answer may have been lost. */
static bool judge_completion(putting *p, const sp_answer *answer, sp_error *err)
{
	int64_t size;

	if (answer->status == 200 && !sp_s3_has_code(answer))
		return true;
	if ((answer->status == 404 || (answer->status == 412 && answer->tries > 1)) &&
	    sp_bucket_stat(&p->bucket->base, &p->name, &size, 1, err) && size == p->sent)
		return true;
	return answer->status == 412 ? fail_exists(p, err) : fail_put(p, answer, err);
}

static bool complete(putting *p, const char *only_new, sp_error *err)
{
	sp_http_request request = { .method = "POST", .header = only_new };
	const sp_answer *answer;
	sp_http *http = NULL;
	sp_buf query = { 0 };
	bool ok;

	sp_buf_addf(&query, "uploadId=%s", p->upload);
	if (query.failed || p->parts.failed) {
		sp_buf_free(&query);
		return sp_fail_memory(err);
	}
	request.body = p->parts.data;
	request.len = p->parts.len;
	answer = sp_bucket_ask(p->bucket, request, p->name, query.data, &http, err);
	if (answer && answer->status == 501 && only_new)
		ok = complete(p, NULL, err);
	else
		ok = answer && judge_completion(p, answer, err);
	sp_http_free(http);
	sp_buf_free(&query);
	return ok;
}

static bool put_parts(putting *p, sp_error *err)
{
	int number;
	bool ok = begin_upload(p, err);

	sp_buf_adds(&p->parts, "<CompleteMultipartUpload "
	                       "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (number = 1; ok && (p->len || number == 1); number++) {
		if (number > PARTS)
			return sp_fail(err, SP_FAILED, NULL, N_("\"%s\" is too large for the store"), p->name);
		ok = put_part(p, number, err) && next_part(p, err);
	}
	sp_buf_adds(&p->parts, "</CompleteMultipartUpload>");
	return ok && complete(p, ONLY_NEW, err);
}

/* So that the parts of what failed take no room. The error is told already. */
static void abandon(putting *p)
{
	sp_error ignored = SP_ERROR_INIT;
	sp_http *http = NULL;
	sp_buf query = { 0 };

	sp_buf_addf(&query, "uploadId=%s", p->upload);
	sp_net_hurry(p->bucket->net, true);
	if (!query.failed)
		(void)sp_bucket_ask(p->bucket, (sp_http_request){ .method = "DELETE" }, p->name, query.data,
		                    &http, &ignored);
	sp_net_hurry(p->bucket->net, false);
	sp_http_free(http);
	sp_buf_free(&query);
	sp_error_clear(&ignored);
}

/* --- either -------------------------------------------------------------------------------- */

/* Room for the whole where that is short, so that a small object takes little. */
static size_t part_size(int64_t size)
{
	if (size >= 0 && size < PART)
		return (size_t)size + 1;
	if (size / PARTS >= PART)
		return (size_t)(size / (PARTS - 1) + 1);
	return PART;
}

/* Not every server knows ONLY_NEW. */
static bool check_new(putting *p, sp_error *err)
{
	int64_t size;

	return sp_bucket_stat(&p->bucket->base, &p->name, &size, 1, err) &&
	       (size < 0 || fail_exists(p, err));
}

bool sp_bucket_put(sp_store *store, const char *name, sp_content *content, sp_error *err)
{
	putting p = { .bucket = (sp_bucket *)store, .name = name, .content = content };
	bool ok = false;

	p.size = part_size(content->size);
	p.data = malloc(p.size);
	if (!p.data)
		return sp_fail_memory(err);
	if (check_new(&p, err) && next_part(&p, err))
		ok = p.len < p.size ? put_whole(&p, ONLY_NEW, err) : put_parts(&p, err);
	if (!ok && p.upload)
		abandon(&p);
	free(p.upload);
	free(p.data);
	sp_buf_free(&p.parts);
	return ok;
}
