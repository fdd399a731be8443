#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/sign.h"
#include "tests/unit/temp.h"

/* RFC 8032, 7.1: tests 1, 2, 3 and SHA(abc). */
static const struct {
	const char *seed, *public, *message, *signature;
} vectors[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
	  "6bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d"
	  "8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6"
	  "594a7c15e9716ed28dc027beceea1ec40a" },
	{ "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
	  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feeb"
	  "bd454d4423643ce80e2a9ac94fa54ca49f",
	  "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0"
	  "303dca179c138ac17ad9bef1177331a704" },
};

#define VECTORS (sizeof vectors / sizeof *vectors)

static size_t unhex(const char *hex, unsigned char *to)
{
	size_t len = strlen(hex) / 2, i;

	for (i = 0; i < len; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		to[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return len;
}

/* A file of mode 0600 with a PEM block of these bytes. */
static void write_pem(const char *path, const char *name, const unsigned char *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(PEM_write(file, name, "", data, (long)len) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

/* PKCS#8 of an Ed25519 seed (RFC 8410, 7). */
static sp_private_key *key_of_seed(const char *seed)
{
	unsigned char der[48] = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
	sp_error err = SP_ERROR_INIT;
	sp_private_key *key;

	assert_int_equal(unhex(seed, der + 16), 32);
	write_pem("seed.key", "PRIVATE KEY", der, sizeof der);
	key = sp_private_key_read("seed.key", NULL, NULL, &err);
	if (!key)
		fail_msg("%s", sp_error_text(&err));
	return key;
}

static bool is_right(const sp_public_key *key, const void *data, size_t len,
                     const unsigned char *signature)
{
	sp_error err = SP_ERROR_INIT;
	bool right = true;

	assert_true(sp_verify(key, data, len, signature, &right, &err));
	return right;
}

static void flip(unsigned char *bytes, size_t bit)
{
	bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
}

/* --- the algorithm --- */

static void signatures_are_those_of_the_rfc(void **state)
{
	unsigned char message[128], expected[SP_SIGNATURE_LEN], found[SP_SIGNATURE_LEN];
	sp_error err = SP_ERROR_INIT;
	size_t i, len;

	(void)state;
	for (i = 0; i < VECTORS; i++) {
		sp_private_key *key = key_of_seed(vectors[i].seed);
		unsigned char public[SP_PUBLIC_KEY_LEN];

		unhex(vectors[i].public, public);
		assert_memory_equal(sp_private_key_public(key)->bytes, public, sizeof public);
		len = unhex(vectors[i].message, message);
		assert_int_equal(unhex(vectors[i].signature, expected), SP_SIGNATURE_LEN);
		assert_true(sp_sign(key, message, len, found, &err));
		assert_memory_equal(found, expected, sizeof found);
		assert_true(is_right(sp_private_key_public(key), message, len, expected));
		sp_private_key_free(key);
	}
}

/* What a package's checksums look like. */
static size_t checksums(char *to, size_t room)
{
	size_t len = 0;
	int i;

	for (i = 0; i < 8; i++)
		len += (size_t)snprintf(to + len, room - len, "%064d  assets/metadata/asset_%d.json\n",
		                        i * 7919, i);
	return len;
}

static void every_flipped_bit_is_refused(void **state)
{
	sp_private_key *key = key_of_seed(vectors[0].seed);
	sp_public_key public = *sp_private_key_public(key);
	unsigned char signature[SP_SIGNATURE_LEN];
	sp_error err = SP_ERROR_INIT;
	char text[1024];
	size_t bit, len = checksums(text, sizeof text);

	(void)state;
	assert_true(sp_sign(key, text, len, signature, &err));
	for (bit = 0; bit < 8 * sizeof signature; bit++) {
		flip(signature, bit);
		assert_false(is_right(&public, text, len, signature));
		flip(signature, bit);
	}
	for (bit = 0; bit < 8 * len; bit++) {
		flip((unsigned char *)text, bit);
		assert_false(is_right(&public, text, len, signature));
		flip((unsigned char *)text, bit);
	}
	for (bit = 0; bit < 8 * sizeof public.bytes; bit++) {
		flip(public.bytes, bit);
		assert_false(is_right(&public, text, len, signature));
		flip(public.bytes, bit);
	}
	assert_false(is_right(&public, text, len - 1, signature));
	assert_true(is_right(&public, text, len, signature));
	sp_private_key_free(key);
}

/* With the order of the group added to its second half, a signature would say
 * the same in other bytes (RFC 8032, 8.4). */
static void a_signature_has_one_form(void **state)
{
	unsigned char order[32], signature[SP_SIGNATURE_LEN], public[SP_PUBLIC_KEY_LEN];
	sp_public_key key;
	unsigned carry = 0;
	int i;

	(void)state;
	unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order);
	unhex(vectors[0].signature, signature);
	unhex(vectors[0].public, public);
	memcpy(key.bytes, public, sizeof public);
	for (i = 0; i < 32; i++) {
		carry += signature[32 + i] + order[i];
		signature[32 + i] = (unsigned char)carry;
		carry >>= 8;
	}
	assert_int_equal(carry, 0);
	assert_false(is_right(&key, "", 0, signature));
}

/* --- texts --- */

static void a_key_has_one_spelling(void **state)
{
	static const char text[] = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
	static const char *const wrong[] = {
		"",
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo",
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp=", /* bits that say nothing */
		" 1qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
		"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUQ==",
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURoA",
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n",
	};
	char spelt[SP_KEY_TEXT_LEN + 1], fingerprint[SP_FINGERPRINT_LEN + 1];
	unsigned char public[SP_PUBLIC_KEY_LEN];
	sp_public_key key, back;
	size_t i;

	(void)state;
	unhex(vectors[0].public, public);
	memcpy(key.bytes, public, sizeof public);
	assert_true(sp_public_key_text(&key, spelt));
	assert_string_equal(spelt, text);
	assert_true(sp_public_key_parse(text, &back));
	assert_memory_equal(&back, &key, sizeof key);
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(sp_public_key_parse(wrong[i], &back));
	assert_true(sp_public_key_fingerprint(&key, fingerprint));
	assert_string_equal(fingerprint, "SHA256:If4x36FUomFia/hUBG/SJxt77UtqvkWqWId+9H+XIbk");
}

/* --- files --- */

static bool tell_passphrase(void *ctx, const char *path, char *room, size_t size, size_t *len,
                            sp_error *err)
{
	(void)path;
	if (!ctx)
		return sp_fail(err, SP_INTERRUPTED, NULL, "interrupted");
	*len = strlen(ctx);
	assert_true(*len <= size);
	memcpy(room, ctx, *len);
	return true;
}

static void a_pair_is_read_as_it_was_written(void **state)
{
	static const char *const passphrases[] = { "", "x", "correct horse — ‽" };
	sp_error err = SP_ERROR_INIT;
	struct stat st;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		sp_private_key *key = sp_private_key_make(&err), *back;
		char *passphrase = strdup(passphrases[i]);
		sp_public_key public;

		temp_clear();
		assert_true(sp_key_pair_write(key, "ana", passphrase, strlen(passphrase), &err));
		assert_int_equal(temp_count("."), 2);
		assert_int_equal(stat("ana.key", &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(stat("ana.pub", &st), 0);
		assert_int_equal(st.st_mode & 07777, 0644);
		/* one without a passphrase is read without asking */
		back = sp_private_key_read("ana.key", i ? tell_passphrase : NULL, passphrase, &err);
		assert_non_null(back);
		assert_true(sp_public_key_read("ana.pub", &public, &err));
		assert_memory_equal(&public, sp_private_key_public(key), sizeof public);
		assert_memory_equal(&public, sp_private_key_public(back), sizeof public);
		sp_private_key_free(back);
		sp_private_key_free(key);
		free(passphrase);
	}
}

static void refuse_private(const char *path, sp_passphrase_fn *ask, void *ctx, sp_code code,
                           const char *text)
{
	sp_error err = SP_ERROR_INIT;

	assert_null(sp_private_key_read(path, ask, ctx, &err));
	assert_int_equal(err.code, code);
	if (!strstr(sp_error_text_c(&err), text))
		fail_msg("\"%s\" instead of \"%s\"", sp_error_text_c(&err), text);
	sp_error_clear(&err);
}

static void refuse_public(const char *path, sp_code code, const char *text)
{
	sp_error err = SP_ERROR_INIT;
	sp_public_key key;

	assert_false(sp_public_key_read(path, &key, &err));
	assert_int_equal(err.code, code);
	if (!strstr(sp_error_text_c(&err), text))
		fail_msg("\"%s\" instead of \"%s\"", sp_error_text_c(&err), text);
	sp_error_clear(&err);
}

static void a_pair_replaces_nothing(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_private_key *key = sp_private_key_make(&err);
	static const char *const ends[] = { ".key", ".pub" };
	char path[16], *text;
	size_t i, len;

	(void)state;
	for (i = 0; i < 2; i++) {
		temp_clear();
		snprintf(path, sizeof path, "ana%s", ends[i]);
		temp_write(path, "mine", 4);
		assert_false(sp_key_pair_write(key, "ana", "", 0, &err));
		assert_int_equal(err.code, SP_USAGE);
		sp_error_clear(&err);
		assert_int_equal(temp_count("."), 1);
		text = temp_read(path, &len);
		assert_int_equal(len, 4);
		free(text);
	}
	temp_clear();
	assert_false(sp_key_pair_write(key, "nowhere/ana", "", 0, &err));
	sp_error_clear(&err);
	assert_false(sp_key_pair_write(key, "./", "", 0, &err));
	assert_int_equal(err.code, SP_USAGE);
	sp_error_clear(&err);
	assert_int_equal(temp_count("."), 0);
	sp_private_key_free(key);
}

static void a_passphrase_must_be_right(void **state)
{
	char right[] = "open", wrong[] = "opem", none[] = "";
	sp_error err = SP_ERROR_INIT;
	sp_private_key *key = sp_private_key_make(&err);

	(void)state;
	temp_clear();
	assert_true(sp_key_pair_write(key, "ana", right, strlen(right), &err));
	refuse_private("ana.key", tell_passphrase, wrong, SP_USAGE,
	               "passphrase of \"ana.key\" is wrong");
	refuse_private("ana.key", tell_passphrase, none, SP_USAGE,
	               "passphrase of \"ana.key\" is wrong");
	refuse_private("ana.key", NULL, NULL, SP_USAGE, "needs a passphrase");
	refuse_private("ana.key", tell_passphrase, NULL, SP_INTERRUPTED, "interrupted");
	sp_private_key_free(key);
}

static void a_private_key_is_for_its_owner_alone(void **state)
{
	static const mode_t open_modes[] = { 0640, 0604, 0620, 0602, 0610, 0601, 0666 };
	sp_error err = SP_ERROR_INIT;
	sp_private_key *key = sp_private_key_make(&err);
	size_t i;

	(void)state;
	temp_clear();
	assert_true(sp_key_pair_write(key, "ana", "", 0, &err));
	sp_private_key_free(key);
	for (i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
		assert_int_equal(chmod("ana.key", open_modes[i]), 0);
		refuse_private("ana.key", NULL, NULL, SP_USAGE, "others may read or change it");
	}
	assert_int_equal(chmod("ana.key", 0400), 0);
	key = sp_private_key_read("ana.key", NULL, NULL, &err);
	assert_non_null(key);
	sp_private_key_free(key);
}

/* Both halves of a key of another type, as "a.key" and "a.pub". */
static void write_other(EVP_PKEY *pkey)
{
	FILE *private = fopen("a.key", "w"), *public = fopen("a.pub", "w");

	assert_non_null(pkey);
	assert_non_null(private);
	assert_non_null(public);
	assert_int_equal(PEM_write_PKCS8PrivateKey(private, pkey, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(PEM_write_PUBKEY(public, pkey), 1);
	assert_int_equal(fclose(private), 0);
	assert_int_equal(fclose(public), 0);
	assert_int_equal(chmod("a.key", 0600), 0);
	EVP_PKEY_free(pkey);
}

static void other_types_are_named(void **state)
{
	EVP_PKEY *keys[] = { EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048),
		                 EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
		                 EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
		                 EVP_PKEY_Q_keygen(NULL, NULL, "ED448") };
	static const char *const types[] = { "RSA", "EC", "X25519", "ED448" };
	char text[64];
	size_t i;

	(void)state;
	temp_clear();
	for (i = 0; i < 4; i++) {
		write_other(keys[i]);
		snprintf(text, sizeof text, "is of the type %s instead of Ed25519", types[i]);
		refuse_private("a.key", NULL, NULL, SP_USAGE, text);
		refuse_public("a.pub", SP_USAGE, text);
	}
}

static void what_is_no_key_is_refused(void **state)
{
	static const unsigned char junk[] = "\x30\x03\x02\x01\x05";
	sp_error err = SP_ERROR_INIT;
	sp_private_key *key = sp_private_key_make(&err);
	char *private, *public, *large = calloc(1, 1 << 20), twice[512];
	size_t private_len, public_len;

	(void)state;
	temp_clear();
	assert_true(sp_key_pair_write(key, "ana", "", 0, &err));
	private = temp_read("ana.key", &private_len);
	public = temp_read("ana.pub", &public_len);

	refuse_private("none", NULL, NULL, SP_FAILED, "can't open");
	refuse_public("none", SP_FAILED, "can't open");
	assert_int_equal(mkdir("folder", 0700), 0);
	refuse_private("folder", NULL, NULL, SP_FAILED, "can't read");
	refuse_public("folder", SP_FAILED, "can't read");
	assert_int_equal(chmod("ana.pub", 0600), 0);
	refuse_private("ana.pub", NULL, NULL, SP_USAGE, "holds a public key");
	refuse_public("ana.key", SP_USAGE, "holds a private key");

	write_pem("junk", "PRIVATE KEY", junk, 5);
	refuse_private("junk", NULL, NULL, SP_USAGE, "no key that can be read");
	write_pem("junk", "ENCRYPTED PRIVATE KEY", junk, 5);
	refuse_private("junk", tell_passphrase, private, SP_USAGE, "no key that can be read");
	write_pem("junk", "PUBLIC KEY", junk, 5);
	refuse_public("junk", SP_USAGE, "no key that can be read");
	write_pem("junk", "OPENSSH PRIVATE KEY", junk, 5);
	refuse_private("junk", NULL, NULL, SP_USAGE, "isn't one of PKCS#8");
	write_pem("junk", "CERTIFICATE", junk, 5);
	refuse_private("junk", NULL, NULL, SP_USAGE, "holds no key, but: CERTIFICATE");
	refuse_public("junk", SP_USAGE, "holds no key, but: CERTIFICATE");

	temp_write("text", "", 0);
	assert_int_equal(chmod("text", 0600), 0);
	refuse_private("text", NULL, NULL, SP_USAGE, "isn't one key in PEM form");
	refuse_public("text", SP_USAGE, "isn't one key in PEM form");
	/* DER; cut; larger than any key; which of two would count? */
	temp_write("text", junk, 5);
	refuse_public("text", SP_USAGE, "isn't one key in PEM form");
	temp_write("text", public, public_len - 20);
	refuse_public("text", SP_USAGE, "isn't one key in PEM form");
	temp_write("text", large, 1 << 20);
	refuse_public("text", SP_USAGE, "isn't one key in PEM form");
	snprintf(twice, sizeof twice, "%.*s%.*s", (int)public_len, public, (int)public_len, public);
	temp_write("text", twice, strlen(twice));
	refuse_public("text", SP_USAGE, "isn't one key in PEM form");

	free(private);
	free(public);
	free(large);
	sp_private_key_free(key);
}

/* --- the file that is signed --- */

static void a_spool_is_there_in_one_piece(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_spool *spool = sp_spool_create(NULL, &err);
	char block[1000];
	const char *map;
	int i;

	(void)state;
	assert_non_null(spool);
	assert_null(sp_spool_map(spool, &err));
	sp_error_clear(&err);
	for (i = 0; i < 1000; i++) {
		memset(block, 'a' + i % 26, sizeof block);
		assert_true(sp_spool_write(spool, block, sizeof block, &err));
	}
	assert_true(sp_spool_rewind(spool, &err));
	map = sp_spool_map(spool, &err);
	assert_non_null(map);
	assert_ptr_equal(sp_spool_map(spool, &err), map);
	for (i = 0; i < 1000 * 1000; i++)
		assert_int_equal(map[i], 'a' + i / 1000 % 26);
	assert_true(sp_spool_reset(spool, &err));
	assert_true(sp_spool_rewind(spool, &err));
	assert_string_equal(sp_spool_map(spool, &err), "");
	sp_spool_free(spool);
}

/* --- without memory --- */

static long calls, fails_at; /* 0: none fails */

static bool fails(void)
{
	return ++calls == fails_at;
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : malloc(size);
}

static void *crypto_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : realloc(old, size);
}

static void crypto_free(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

/* All that is done with a key, up to what fails first; without a passphrase, which
 * takes a moment each time. */
static bool use_keys(sp_error *err)
{
	unsigned char signature[SP_SIGNATURE_LEN];
	sp_private_key *made = sp_private_key_make(err), *key = NULL;
	sp_public_key public;
	bool right = false;

	if (made && sp_key_pair_write(made, "ana", "", 0, err))
		key = sp_private_key_read("ana.key", NULL, NULL, err);
	if (key && sp_public_key_read("ana.pub", &public, err) && sp_sign(key, "x", 1, signature, err))
		sp_verify(&public, "x", 1, signature, &right, err);
	sp_private_key_free(made);
	sp_private_key_free(key);
	return right;
}

/* Each call of libcrypto for memory fails once. */
static void without_memory_it_fails_and_says_so(void **state)
{
	sp_error err = SP_ERROR_INIT;
	long count, at;

	(void)state;
	temp_clear();
	assert_true(use_keys(&err)); /* what is set up once, is */
	temp_clear();
	calls = 0;
	assert_true(use_keys(&err));
	count = calls;
	assert_true(count > 50);
	for (at = 1; at <= count; at++) {
		temp_clear();
		calls = 0;
		fails_at = at;
		if (!use_keys(&err)) {
			fails_at = 0;
			/* a signature that couldn't be checked may count as a wrong one */
			assert_true(sp_error_is_set(&err) || calls >= at);
			/* both files or none */
			assert_int_equal(temp_exists("ana.key"), temp_exists("ana.pub"));
		}
		fails_at = 0;
		sp_error_clear(&err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_of_the_rfc),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(a_signature_has_one_form),
		cmocka_unit_test(a_key_has_one_spelling),
		cmocka_unit_test(a_pair_is_read_as_it_was_written),
		cmocka_unit_test(a_pair_replaces_nothing),
		cmocka_unit_test(a_passphrase_must_be_right),
		cmocka_unit_test(a_private_key_is_for_its_owner_alone),
		cmocka_unit_test(other_types_are_named),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(a_spool_is_there_in_one_piece),
		cmocka_unit_test(without_memory_it_fails_and_says_so),
	};

	if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
		return 1;

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
