#include <config.h>

#include "core/store/s3_sign.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "core/base/hash.h"

void sp_s3_encode(sp_buf *to, const char *text, bool path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
								"0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text) || (path && *text == '/'))
			sp_buf_addc(to, *text);
		else
			sp_buf_addf(to, "%%%02X", (unsigned char)*text);
	}
}

typedef struct {
	unsigned char bytes[SP_SHA256_LEN];
} digest;

static bool hmac(const void *key, size_t key_len, const char *text, digest *out)
{
	unsigned int len = sizeof(out->bytes);

	return HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text),
	            out->bytes, &len) != NULL;
}

static bool hash_hex(const char *text, char hex[SP_SHA256_HEX + 1], sp_error *err)
{
	sp_sha256 *sha = sp_sha256_create(err);
	bool ok;

	if (!sha)
		return false;
	sp_sha256_update(sha, text, strlen(text));
	ok = sp_sha256_hex(sha, hex);
	sp_sha256_free(sha);
	return ok || sp_fail(err, SP_FAILED, NULL, N_("OpenSSL failed"));
}

/* The signature of `text`; the date is YYYYMMDD. */
static bool sign(const sp_s3_signer *signer, const char *date, const char *text,
                 char hex[SP_SHA256_HEX + 1], sp_error *err)
{
	sp_buf secret = { 0 };
	digest key, next;
	size_t i;
	bool ok;

	sp_buf_addf(&secret, "AWS4%s", signer->secret);
	ok = !secret.failed && hmac(secret.data, secret.len, date, &key) &&
	     hmac(key.bytes, sizeof(key), signer->region, &next) &&
	     hmac(next.bytes, sizeof(next), "s3", &key) &&
	     hmac(key.bytes, sizeof(key), "aws4_request", &next) &&
	     hmac(next.bytes, sizeof(next), text, &key);
	for (i = 0; ok && i < sizeof(key.bytes); i++)
		snprintf(hex + 2 * i, 3, "%02x", key.bytes[i]);
	OPENSSL_cleanse(&key, sizeof(key));
	OPENSSL_cleanse(&next, sizeof(next));
	if (secret.failed)
		sp_fail_memory(err);
	if (secret.data)
		OPENSSL_cleanse(secret.data, secret.len);
	sp_buf_free(&secret);
	return ok || sp_fail(err, SP_FAILED, NULL, N_("OpenSSL failed"));
}

/* The query without its signature; its members are in order. */
static void add_query(const sp_s3_signer *signer, const char *scope, const char *time, long seconds,
                      sp_buf *to)
{
	sp_buf credential = { 0 };

	sp_buf_addf(&credential, "%s/%s", signer->key, scope);
	sp_buf_adds(to, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
	sp_s3_encode(to, sp_buf_text(&credential), false);
	sp_buf_addf(to, "&X-Amz-Date=%s&X-Amz-Expires=%ld", time, seconds);
	if (signer->token) {
		sp_buf_adds(to, "&X-Amz-Security-Token=");
		sp_s3_encode(to, signer->token, false);
	}
	sp_buf_adds(to, "&X-Amz-SignedHeaders=host");
	to->failed = to->failed || credential.failed;
	sp_buf_free(&credential);
}

bool sp_s3_presign(const sp_s3_signer *signer, const char *url, long seconds, time_t now,
                   sp_buf *to, sp_error *err)
{
	const char *host = strstr(url, "://") + 3, *path = strchr(host, '/');
	char time[32], date[16], hex[SP_SHA256_HEX + 1] = "";
	sp_buf scope = { 0 }, query = { 0 }, text = { 0 };
	struct tm parts;
	bool ok;

	gmtime_r(&now, &parts);
	strftime(time, sizeof(time), "%Y%m%dT%H%M%SZ", &parts);
	strftime(date, sizeof(date), "%Y%m%d", &parts);
	sp_buf_addf(&scope, "%s/%s/s3/aws4_request", date, signer->region);
	add_query(signer, sp_buf_text(&scope), time, seconds, &query);
	sp_buf_addf(&text, "GET\n%s\n%s\nhost:%.*s\n\nhost\nUNSIGNED-PAYLOAD", path,
	            sp_buf_text(&query), (int)(path - host), host);
	ok = hash_hex(sp_buf_text(&text), hex, err);
	sp_buf_reset(&text);
	sp_buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", time, sp_buf_text(&scope), hex);
	ok = ok && sign(signer, date, sp_buf_text(&text), hex, err);
	sp_buf_addf(to, "%s?%s&X-Amz-Signature=%s", url, sp_buf_text(&query), hex);
	if (scope.failed || query.failed || text.failed || to->failed)
		ok = sp_fail_memory(err);
	sp_buf_free(&scope);
	sp_buf_free(&query);
	sp_buf_free(&text);
	return ok;
}
