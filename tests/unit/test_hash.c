#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/crypto.h>

#include "core/base/hash.h"

static bool memory_is_out;

static void *get(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return memory_is_out ? NULL : malloc(size);
}

static void *get_again(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return memory_is_out ? NULL : realloc(old, size);
}

static void give_back(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

static sp_sha256 *sha;

static int setup(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	sha = sp_sha256_create(&err);
	return sha ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	sp_sha256_free(sha);
	sp_sha256_free(NULL);
	return 0;
}

/* The vectors of FIPS 180-4's examples; each result starts anew. */
static void known_vectors(void **state)
{
	char hex[SP_SHA256_HEX + 1], thousand[1000];
	int i;

	(void)state;
	assert_true(sp_sha256_hex(sha, hex));
	assert_string_equal(hex,
	                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sp_sha256_update(sha, "abc", 3);
	assert_true(sp_sha256_hex(sha, hex));
	assert_string_equal(hex,
	                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	memset(thousand, 'a', sizeof thousand);
	for (i = 0; i < 1000; i++)
		sp_sha256_update(sha, thousand, sizeof thousand);
	assert_true(sp_sha256_hex(sha, hex));
	assert_string_equal(hex,
	                    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void bytes_and_hex_agree(void **state)
{
	unsigned char bytes[SP_SHA256_LEN];

	(void)state;
	sp_sha256_update(sha, "a", 1);
	sp_sha256_update(sha, "bc", 2);
	assert_true(sp_sha256_bytes(sha, bytes));
	assert_int_equal(bytes[0], 0xba);
	assert_int_equal(bytes[31], 0xad);
}

static void uuid_has_version_and_variant(void **state)
{
	char uuid[SP_UUID_LEN + 1];

	(void)state;
	sp_sha256_update(sha, "abc", 3);
	assert_true(sp_sha256_uuid(sha, uuid));
	/* ba7816bf 8f01 cfea 4141 40de5dae2223 */
	assert_string_equal(uuid, "ba7816bf-8f01-8fea-8141-40de5dae2223");
	assert_true(sp_is_uuid(uuid));
	assert_true(sp_sha256_uuid(sha, uuid));
	assert_string_equal(uuid, "e3b0c442-98fc-8c14-9afb-f4c8996fb924");
}

static void tells_uuids(void **state)
{
	static const char *const no[] = {
		"",
		"x",
		"ba7816bf-8f01-8fea-8141-40de5dae222",
		"ba7816bf-8f01-8fea-8141-40de5dae22233",
		"ba7816bf08f01-8fea-8141-40de5dae2223",
		"ba7816bf-8f01-8fea-8141-40de5dae222g",
		"{ba7816bf-8f01-8fea-8141-40de5dae222}",
		"ba7816bf8f018fea814140de5dae2223",
		"ba7816bf-8f01-8fea-8141-40de5dae222\n",
	};
	size_t i;

	(void)state;
	assert_true(sp_is_uuid("BA7816BF-8f01-1fea-0141-40de5dae2223"));
	for (i = 0; i < sizeof no / sizeof *no; i++)
		assert_false(sp_is_uuid(no[i]));
}

/* OpenSSL 3.0 allocates between two hashes; without memory there is no hash, and no
 * crash, until there is memory again. */
static void without_memory(void **state)
{
	sp_error err = SP_ERROR_INIT;
	char hex[SP_SHA256_HEX + 1], first[SP_SHA256_HEX + 1];
	sp_sha256 *sha = sp_sha256_create(&err);

	(void)state;
	assert_non_null(sha);
	sp_sha256_update(sha, "a", 1);
	memory_is_out = true;
	assert_true(sp_sha256_hex(sha, first));
	sp_sha256_update(sha, "a", 1);
	memory_is_out = false;
	if (sp_sha256_hex(sha, hex))
		assert_string_equal(hex, first);
	else
		assert_int_equal(strspn(hex, "0"), SP_SHA256_HEX);
	sp_sha256_update(sha, "a", 1);
	assert_true(sp_sha256_hex(sha, hex));
	assert_string_equal(hex, first);
	sp_sha256_free(sha);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors),
		cmocka_unit_test(bytes_and_hex_agree),
		cmocka_unit_test(uuid_has_version_and_variant),
		cmocka_unit_test(tells_uuids),
		cmocka_unit_test(without_memory),
	};

	/* before OpenSSL has any memory */
	if (CRYPTO_set_mem_functions(get, get_again, give_back) != 1)
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
