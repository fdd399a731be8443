#include <config.h>

#include "core/store/s3_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/store/xml.h"

#define PATH_CODE    "Error/Code"
#define PATH_MESSAGE "Error/Message"
#define PATH_REGION  "Error/Region"

/*
 * The codes that a person can do something about; others are shown as they
 * are. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and
 * MinIO's own.
 */
static const struct {
	const char *code;
	sp_code exit;
	bool passing; /* worth another try, whatever the status is */
	const char *hint;
} known[] = {
	{ "AccessDenied", SP_FAILED, false,
	  N_("The key needs the rights s3:ListBucket and s3:GetObject there, and to write "
	     "s3:PutObject and s3:DeleteObject.") },
	{ "AuthorizationHeaderMalformed", SP_USAGE, false,
	  N_("Set the region of the bucket (--store-region).") },
	{ "BucketAlreadyExists", SP_FAILED, false, NULL },
	{ "ConditionalRequestConflict", SP_FAILED, true, N_("Try again later.") },
	{ "ExpiredToken", SP_FAILED, false, N_("Get new credentials: these have expired.") },
	{ "InternalError", SP_FAILED, true, N_("Try again later.") },
	{ "InvalidAccessKeyId", SP_FAILED, false, N_("Check AWS_ACCESS_KEY_ID or the profile.") },
	{ "InvalidToken", SP_FAILED, false, N_("Check AWS_SESSION_TOKEN or the profile.") },
	{ "NoSuchBucket", SP_FAILED, false, N_("Check the bucket's name and the endpoint.") },
	{ "OperationAborted", SP_FAILED, true, N_("Try again later.") },
	{ "PermanentRedirect", SP_USAGE, false,
	  N_("Set the region of the bucket (--store-region), or its endpoint.") },
	{ "QuotaExceeded", SP_FAILED, false, N_("Make room in the store.") },
	{ "RequestTimeTooSkewed", SP_FAILED, false,
	  N_("The clock of this machine or of the store is wrong: set it.") },
	{ "RequestTimeout", SP_FAILED, true, N_("Try again later.") },
	{ "ServiceUnavailable", SP_FAILED, true, N_("Try again later.") },
	{ "SignatureDoesNotMatch", SP_FAILED, false,
	  N_("Check AWS_SECRET_ACCESS_KEY or the profile, and the region.") },
	{ "SlowDown", SP_FAILED, true, N_("Try again later.") },
	{ "TemporaryRedirect", SP_FAILED, false, N_("Try again later, or set the endpoint.") },
	{ "XMinioAdminBucketQuotaExceeded", SP_FAILED, false, N_("Make room in the store.") },
	{ "XMinioStorageFull", SP_FAILED, false, N_("Make room in the store.") },
	{ "InsufficientStorage", SP_FAILED, false, N_("Make room in the store.") },
};

#define KNOWN (sizeof(known) / sizeof(*known))

static int find_known(const char *code)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (!strcmp(known[i].code, code))
			return (int)i;
	return -1;
}

static bool find(const sp_buf *body, const char *path, sp_buf *to)
{
	return body->len && sp_xml_find(body->data, body->len, path, to);
}

bool sp_s3_is_passing(long status, const sp_buf *body)
{
	sp_buf code = { 0 };
	bool passing = false;
	int i;

	switch (status) {
	case 408:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504: return true;
	default: break;
	}
	/* an upload of parts may end with an error though its head said 200 */
	if (find(body, PATH_CODE, &code)) {
		i = find_known(sp_buf_text(&code));
		passing = i >= 0 && known[i].passing;
	}
	sp_buf_free(&code);
	return passing;
}

bool sp_s3_is(const sp_answer *answer, const char *code)
{
	sp_buf found = { 0 };
	bool is = find(&answer->body, PATH_CODE, &found) && !strcmp(sp_buf_text(&found), code);

	sp_buf_free(&found);
	return is;
}

bool sp_s3_has_code(const sp_answer *answer)
{
	sp_buf code = { 0 };
	bool has = find(&answer->body, PATH_CODE, &code);

	sp_buf_free(&code);
	return has;
}

/* For answers without a code. */
static const char *hint_of_status(long status)
{
	switch (status) {
	case 301:
	case 302:
	case 307:
	case 308: return N_("Set the region of the bucket (--store-region), or its endpoint.");
	case 401:
	case 403: return N_("Check the credentials and their rights.");
	case 429:
	case 500:
	case 502:
	case 503:
	case 504: return N_("Try again later.");
	case 507: return N_("Make room in the store.");
	default: return N_("Check that the endpoint is an S3 store.");
	}
}

/* "PermanentRedirect (301): The bucket … (its region is eu-west-1)" */
static void add_reason(const sp_answer *answer, const char *code, sp_buf *to)
{
	sp_buf message = { 0 }, region = { 0 };

	if (*code)
		sp_buf_addf(to, "%s (%ld)", code, answer->status);
	else
		sp_buf_addf(to, "HTTP %ld", answer->status);
	if (find(&answer->body, PATH_MESSAGE, &message) && message.len)
		sp_buf_addf(to, ": %.300s", sp_buf_text(&message));
	if (*answer->region && answer->status != 404)
		sp_buf_addf(&region, "%s", answer->region);
	else
		(void)find(&answer->body, PATH_REGION, &region);
	if (region.len && (answer->status == 301 || answer->status == 400))
		sp_buf_addf(to, " (region: %.64s)", sp_buf_text(&region));
	to->failed = to->failed || message.failed || region.failed;
	sp_buf_free(&message);
	sp_buf_free(&region);
}

bool sp_s3_fail(const sp_answer *answer, const char *what, const char *name, sp_error *err)
{
	sp_buf code = { 0 }, reason = { 0 };
	const char *hint;
	int i;

	(void)find(&answer->body, PATH_CODE, &code);
	i = find_known(sp_buf_text(&code));
	hint = i >= 0 ? known[i].hint : code.len ? NULL : hint_of_status(answer->status);
	add_reason(answer, sp_buf_text(&code), &reason);
	if (code.failed || reason.failed)
		sp_fail_memory(err);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	sp_fail(err, i >= 0 ? known[i].exit : SP_FAILED, hint, what, name, sp_buf_text(&reason));
#pragma GCC diagnostic pop
	sp_buf_free(&code);
	sp_buf_free(&reason);
	return false;
}
