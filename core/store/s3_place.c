#include <config.h>

#include "core/store/s3_place.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/store/kind.h"

#define SCHEME  "s3://"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* Old buckets of Amazon's and those of other servers may have what new ones
 * may not. */
static bool is_bucket(const char *name, size_t len)
{
	return len > 0 && len <= 255 && strspn(name, LETTERS DIGITS "._-") >= len && name[0] != '.' &&
	       name[0] != '-';
}

bool sp_s3_place_parse(const char *where, sp_s3_place *place, sp_error *err)
{
	const char *name = where + sizeof(SCHEME) - 1, *prefix;
	size_t len = strcspn(name, "/"), end;
	sp_buf text = { 0 };

	*place = (sp_s3_place){ 0 };
	prefix = name[len] ? name + len + 1 : "";
	end = strlen(prefix);
	while (end && prefix[end - 1] == '/')
		end--;
	sp_buf_add(&text, prefix, end);
	if (!is_bucket(name, len) || (text.len && !sp_is_object_name(text.data))) {
		sp_buf_free(&text);
		return sp_fail(err, SP_USAGE,
		               N_("It is s3://BUCKET or s3://BUCKET/PREFIX, without keys; those belong "
		                  "into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or into "
		                  "~/.aws/credentials."),
		               N_("not the address of a bucket"));
	}
	if (text.len)
		sp_buf_addc(&text, '/');
	else
		sp_buf_adds(&text, "");
	place->bucket = strndup(name, len);
	place->prefix = sp_buf_take(&text);
	if (place->bucket && place->prefix)
		return true;
	sp_s3_place_clear(place);
	return sp_fail_memory(err);
}

void sp_s3_place_clear(sp_s3_place *place)
{
	free(place->bucket);
	free(place->prefix);
	*place = (sp_s3_place){ 0 };
}

static size_t scheme_of(const char *url)
{
	return !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;
}

bool sp_s3_check_endpoint(const char *endpoint, sp_error *err)
{
	size_t scheme = scheme_of(endpoint);
	const char *host = endpoint + scheme;

	/* anything else could be a password, or lead elsewhere */
	if (scheme && strspn(host, LETTERS DIGITS ".-_:[]/~") == strlen(host) && *host != '/' &&
	    *host != ':' && *host)
		return true;
	return sp_fail(err, SP_USAGE,
	               N_("It is https://HOST[:PORT], or http:// where nobody can listen; credentials "
	                  "don't belong into it."),
	               N_("the endpoint of the store isn't an address of that kind"));
}

bool sp_s3_check_addressing(const char *addressing, sp_error *err)
{
	return !strcmp(addressing, "auto") || !strcmp(addressing, "path") ||
	       !strcmp(addressing, "virtual") ||
	       sp_fail(err, SP_USAGE, N_("It is auto, path or virtual."),
	               N_("there is no way of addressing buckets called \"%s\""), addressing);
}

bool sp_s3_check_region(const char *region, sp_error *err)
{
	return (*region && strspn(region, LETTERS DIGITS "-_") == strlen(region)) ||
	       sp_fail(err, SP_USAGE, N_("It is a word like eu-central-1."),
	               N_("not the name of a region: \"%s\""), region);
}

/* A label of a host's name; a dot would need another certificate. */
static bool fits_host(const char *bucket)
{
	size_t len = strlen(bucket);

	return len <= 63 && strspn(bucket, "abcdefghijklmnopqrstuvwxyz" DIGITS "-") == len &&
	       bucket[len - 1] != '-';
}

void sp_s3_bucket_url(sp_buf *to, const char *endpoint, const char *region, const char *addressing,
                      const char *bucket)
{
	bool in_host = !endpoint && fits_host(bucket);
	sp_buf amazon = { 0 };
	size_t scheme, len;

	if (!strcmp(addressing, "virtual"))
		in_host = true;
	else if (!strcmp(addressing, "path"))
		in_host = false;
	if (!endpoint) {
		sp_buf_addf(&amazon, "https://s3.%s.amazonaws.com%s", region,
		            strncmp(region, "cn-", 3) ? "" : ".cn");
		endpoint = sp_buf_text(&amazon);
	}
	scheme = scheme_of(endpoint);
	len = strlen(endpoint);
	while (len > scheme && endpoint[len - 1] == '/')
		len--;
	sp_buf_add(to, endpoint, scheme);
	if (in_host)
		sp_buf_addf(to, "%s.", bucket);
	sp_buf_add(to, endpoint + scheme, len - scheme);
	sp_buf_addc(to, '/');
	if (!in_host)
		sp_buf_addf(to, "%s/", bucket);
	to->failed = to->failed || amazon.failed;
	sp_buf_free(&amazon);
}

void sp_s3_server(sp_buf *to, const char *url)
{
	size_t scheme = scheme_of(url);

	sp_buf_add(to, url, scheme + strcspn(url + scheme, "/"));
}
