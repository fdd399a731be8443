#include <config.h>

#include "core/base/hash.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct sp_sha256 {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	bool failed; /* since the last result */
};

sp_sha256 *sp_sha256_create(sp_error *err)
{
	sp_sha256 *sha = calloc(1, sizeof *sha);

	if (!sha) {
		sp_fail_memory(err);
		return NULL;
	}
	sha->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	sha->ctx = EVP_MD_CTX_new();
	if (!sha->md || !sha->ctx || EVP_DigestInit_ex2(sha->ctx, sha->md, NULL) != 1) {
		sp_fail(err, SP_FAILED,
		        N_("Check OpenSSL's installation and configuration, and that there is memory "
		           "left."),
		        N_("OpenSSL offers no SHA-256"));
		sp_sha256_free(sha);
		return NULL;
	}
	return sha;
}

void sp_sha256_update(sp_sha256 *sha, const void *data, size_t len)
{
	if (!sha->failed && EVP_DigestUpdate(sha->ctx, data, len) != 1)
		sha->failed = true;
}

bool sp_sha256_bytes(sp_sha256 *sha, unsigned char bytes[SP_SHA256_LEN])
{
	bool ok = !sha->failed && EVP_DigestFinal_ex(sha->ctx, bytes, NULL) == 1;

	/* the same digest again: nothing is looked up, but OpenSSL 3 asks for memory,
	 * and without it crashes at the next byte */
	sha->failed = EVP_DigestInit_ex2(sha->ctx, NULL, NULL) != 1;
	if (!ok)
		memset(bytes, 0, SP_SHA256_LEN);
	return ok;
}

static char *put_hex(char *to, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	*to = '\0';
	return to;
}

bool sp_sha256_hex(sp_sha256 *sha, char hex[SP_SHA256_HEX + 1])
{
	unsigned char bytes[SP_SHA256_LEN];
	bool ok = sp_sha256_bytes(sha, bytes);

	put_hex(hex, bytes, sizeof bytes);
	return ok;
}

bool sp_sha256_uuid(sp_sha256 *sha, char uuid[SP_UUID_LEN + 1])
{
	static const unsigned char groups[] = { 4, 2, 2, 2, 6 };
	unsigned char bytes[SP_SHA256_LEN], *from = bytes;
	bool ok = sp_sha256_bytes(sha, bytes);
	size_t i;

	if (ok) {
		bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x80); /* version 8 */
		bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* variant 10 */
	}
	for (i = 0; i < sizeof groups; i++) {
		if (i)
			*uuid++ = '-';
		uuid = put_hex(uuid, from, groups[i]);
		from += groups[i];
	}
	return ok;
}

void sp_sha256_free(sp_sha256 *sha)
{
	if (!sha)
		return;
	EVP_MD_CTX_free(sha->ctx);
	EVP_MD_free(sha->md);
	free(sha);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool sp_is_uuid(const char *text)
{
	int i;

	for (i = 0; i < SP_UUID_LEN; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !is_hex(text[i]))
			return false;
	}
	return text[i] == '\0';
}
