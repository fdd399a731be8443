#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/base/hash.h"
#include "core/base/sign_internal.h"

/* What went wrong there stays in a queue that libpq and libcurl look into too. */
bool sp_fail_openssl(sp_error *err)
{
	ERR_clear_error();
	return sp_fail(err, SP_FAILED, N_("Check the installation and configuration of OpenSSL."),
	               N_("OpenSSL failed"));
}

sp_private_key *sp_private_key_wrap(EVP_PKEY *pkey, sp_error *err)
{
	sp_private_key *key = pkey ? calloc(1, sizeof *key) : NULL;
	size_t len = SP_PUBLIC_KEY_LEN;

	if (pkey && !key)
		sp_fail_memory(err);
	else if (!pkey || EVP_PKEY_get_raw_public_key(pkey, key->public.bytes, &len) != 1)
		sp_fail_openssl(err);
	if (sp_error_is_set(err)) {
		EVP_PKEY_free(pkey);
		free(key);
		return NULL;
	}
	key->pkey = pkey;
	return key;
}

sp_private_key *sp_private_key_make(sp_error *err)
{
	return sp_private_key_wrap(EVP_PKEY_Q_keygen(NULL, NULL, SP_KEY_TYPE), err);
}

void sp_private_key_free(sp_private_key *key)
{
	if (!key)
		return;
	/* which overwrites it */
	EVP_PKEY_free(key->pkey);
	free(key);
}

const sp_public_key *sp_private_key_public(const sp_private_key *key)
{
	return &key->public;
}

bool sp_public_key_text(const sp_public_key *key, char text[SP_KEY_TEXT_LEN + 1])
{
	return EVP_EncodeBlock((unsigned char *)text, key->bytes, SP_PUBLIC_KEY_LEN) == SP_KEY_TEXT_LEN;
}

bool sp_public_key_parse(const char *text, sp_public_key *key)
{
	unsigned char bytes[SP_PUBLIC_KEY_LEN + 1];
	char again[SP_KEY_TEXT_LEN + 1];

	if (strlen(text) != SP_KEY_TEXT_LEN ||
	    EVP_DecodeBlock(bytes, (const unsigned char *)text, SP_KEY_TEXT_LEN) != (int)sizeof bytes)
		return false;
	memcpy(key->bytes, bytes, SP_PUBLIC_KEY_LEN);
	/* one spelling only: libcrypto's own takes blanks and stray bits */
	return sp_public_key_text(key, again) && strcmp(text, again) == 0;
}

bool sp_public_key_fingerprint(const sp_public_key *key, char text[SP_FINGERPRINT_LEN + 1])
{
	static const char start[] = "SHA256:";
	sp_error ignored = SP_ERROR_INIT;
	sp_sha256 *sha = sp_sha256_create(&ignored);
	char room[sizeof start - 1 + SP_KEY_TEXT_LEN + 1];
	sp_public_key hash;

	_Static_assert(SP_PUBLIC_KEY_LEN == SP_SHA256_LEN, "a hash is as long as a key");
	text[0] = '\0';
	if (sha) {
		sp_sha256_update(sha, key->bytes, SP_PUBLIC_KEY_LEN);
		memcpy(room, start, sizeof start - 1);
		if (sp_sha256_bytes(sha, hash.bytes) &&
		    sp_public_key_text(&hash, room + sizeof start - 1)) {
			/* without the "=" at the end */
			memcpy(text, room, SP_FINGERPRINT_LEN);
			text[SP_FINGERPRINT_LEN] = '\0';
		}
	}
	sp_sha256_free(sha);
	sp_error_clear(&ignored);
	return *text != '\0';
}

bool sp_sign(const sp_private_key *key, const void *data, size_t len,
             unsigned char signature[SP_SIGNATURE_LEN], sp_error *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = SP_SIGNATURE_LEN;
	bool ok = ctx && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1 &&
	          EVP_DigestSign(ctx, signature, &size, data, len) == 1 && size == SP_SIGNATURE_LEN;

	EVP_MD_CTX_free(ctx);
	return ok || sp_fail_openssl(err);
}

bool sp_verify(const sp_public_key *key, const void *data, size_t len,
               const unsigned char signature[SP_SIGNATURE_LEN], bool *right, sp_error *err)
{
	EVP_PKEY *pkey =
		EVP_PKEY_new_raw_public_key_ex(NULL, SP_KEY_TYPE, NULL, key->bytes, SP_PUBLIC_KEY_LEN);
	EVP_MD_CTX *ctx = pkey ? EVP_MD_CTX_new() : NULL;
	int result = -1;

	ERR_clear_error();
	if (ctx && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) == 1)
		result = EVP_DigestVerify(ctx, signature, SP_SIGNATURE_LEN, data, len);
	*right = result == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	/* a signature that is wrong is no error of the library's; a lack of memory is,
	 * and is no word against the signature */
	if (result < 0 || (result == 0 && ERR_peek_error() != 0))
		return sp_fail_openssl(err);
	ERR_clear_error();
	return true;
}
