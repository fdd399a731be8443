#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/identity.h"

/*
 * The expected UUIDs were computed apart from this program, with Python:
 *
 *   h = bytearray(hashlib.sha256(b"".join(p.encode() + b"\0" for p in parts)).digest()[:16])
 *   h[6] = h[6] & 0xf | 0x80; h[8] = h[8] & 0x3f | 0x80; uuid.UUID(bytes=bytes(h))
 *
 * over the parts that the header names.
 */
#define SYSTEM "7412345678901234567/16384"
#define OWN    "0190f3a2-1111-7abc-8def-0123456789ab"

static sp_identity *create(const char *system_id, bool preserve)
{
	sp_error err = SP_ERROR_INIT;
	sp_identity *identity = sp_identity_create(system_id, preserve, &err);

	assert_non_null(identity);
	assert_false(sp_error_is_set(&err));
	return identity;
}

static void expect_row(bool preserve, const char *key, const char *own, const char *package)
{
	sp_identity *identity = create(SYSTEM, preserve);
	sp_row_uuid uuid;
	int i;

	for (i = 0; i < 2; i++) { /* one row leaves nothing behind for the next */
		sp_identity_row(identity, key, strlen(key), &uuid);
		assert_string_equal(uuid.own, own);
		assert_string_equal(uuid.package, package);
	}
	sp_identity_free(identity);
}

static void instances_have_ids(void **state)
{
	static const char *const cases[][2] = {
		{ SYSTEM, "7bb74c0c-c0ab-888b-9a9f-79d7d67df44a" },
		{ "7412345678901234567/16385", "68a8cf76-373f-8690-92d4-ce8216ac60ae" },
		{ "", "ad72f808-2d6d-8295-bf32-c55da2fb5545" },
		{ "0190F3A2-1111-7abc-8def-0123456789AB", OWN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		sp_identity *identity = create(cases[i][0], i == 1);

		assert_string_equal(sp_identity_instance(identity), cases[i][1]);
		sp_identity_free(identity);
	}
}

static void own_uuids_are_replaced(void **state)
{
	(void)state;
	expect_row(false, "u" OWN, OWN, "87483d37-3f04-866d-a34c-15b43b8136a9");
	expect_row(false, "ushort", "short", "9680b488-123e-8419-b3ac-88d286d4e6c5");
}

static void own_uuids_are_preserved(void **state)
{
	(void)state;
	expect_row(true, "u" OWN, OWN, OWN);
	expect_row(true, "ushort", "short", "short");
}

/* HQ's columns take any text as a UUID; what would do harm where it is printed
 * is replaced whatever is asked for. */
static void harmful_ones_are_never_preserved(void **state)
{
	static const char *const keys[] = {
		"ua\"b", "ua b", "ua\nb", "u\x1b[1m", "uü", "u../a", "u{a}"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		sp_identity *identity = create(SYSTEM, true);
		sp_row_uuid uuid;

		sp_identity_row(identity, keys[i], strlen(keys[i]), &uuid);
		assert_string_equal(uuid.own, keys[i] + 1);
		assert_true(sp_is_uuid(uuid.package));
		assert_int_equal(uuid.package[14], '8');
		sp_identity_free(identity);
	}
	expect_row(true, "ux", "x", "x");
	expect_row(true, "uAZaz-09", "AZaz-09", "AZaz-09");
}

static void rows_without_get_derived_ones(void **state)
{
	static const char *const cases[][2] = {
		{ "djustification:42", "1d0cb27b-4ab6-82b0-aaa9-670133f49787" },
		{ "dembedding_model:[\"a:b\", \"c\", 3]", "6c2e5440-0cdc-8a58-bd87-98487eece0a9" },
		{ "dchunk:" OWN "/0", "d04da26c-15f1-8f8c-ae55-0594dd473ede" },
		{ "djustification:ü", "d12a85c8-c3a8-8ef5-a10a-e1a6f0266f98" },
	};
	size_t i;

	(void)state;
	/* the same whether the source's own are preserved or not: they have none */
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		expect_row(false, cases[i][0], cases[i][1], cases[i][1]);
		expect_row(true, cases[i][0], cases[i][1], cases[i][1]);
	}
}

static void odd_own_uuids_are_derived(void **state)
{
	(void)state;
	expect_row(true, "u" OWN "x", "8495369b-efa0-8c8d-95a0-9bbd3302f35e",
	           "8495369b-efa0-8c8d-95a0-9bbd3302f35e");
	expect_row(true, "u", "2ab3edba-d167-8af2-a8ae-81a53831be6c",
	           "2ab3edba-d167-8af2-a8ae-81a53831be6c");
}

static void version_and_variant_are_set(void **state)
{
	sp_identity *identity = create(SYSTEM, false);
	char key[32] = "djustification:";
	sp_row_uuid uuid;
	int i;

	(void)state;
	for (i = 0; i < 256; i++) {
		key[15] = (char)('0' + i / 100);
		key[16] = (char)('0' + i / 10 % 10);
		key[17] = (char)('0' + i % 10);
		sp_identity_row(identity, key, 18, &uuid);
		assert_true(sp_is_uuid(uuid.own));
		assert_int_equal(uuid.own[14], '8');
		assert_non_null(strchr("89ab", uuid.own[19]));
	}
	sp_identity_free(identity);
}

/* Only `len` bytes of a key count, whatever stands behind them. */
static void keys_have_a_length(void **state)
{
	sp_identity *identity = create(SYSTEM, false);
	sp_row_uuid uuid;

	(void)state;
	sp_identity_row(identity, "djustification:421", 17, &uuid);
	assert_string_equal(uuid.own, "1d0cb27b-4ab6-82b0-aaa9-670133f49787");
	sp_identity_row(identity, "ushorter", 6, &uuid);
	assert_string_equal(uuid.own, "short");
	assert_string_equal(uuid.package, "9680b488-123e-8419-b3ac-88d286d4e6c5");
	sp_identity_free(identity);
}

/* Linked with --wrap: the digest that fails, and all after it; 0: none does. */
static int fails_at;

int __real_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *to, unsigned *len);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *to, unsigned *len);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *to, unsigned *len)
{
	if (fails_at == 1)
		return 0;
	fails_at -= fails_at > 1;
	return __real_EVP_DigestFinal_ex(ctx, to, len);
}

static void a_digest_that_fails_is_told(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_identity *identity;
	sp_row_uuid uuid;

	(void)state;
	fails_at = 1;
	assert_null(sp_identity_create(SYSTEM, false, &err));
	assert_string_equal(sp_error_text_c(&err), "out of memory");
	sp_error_clear(&err);
	/* of a row only the check at the end tells */
	fails_at = 2;
	identity = sp_identity_create(SYSTEM, false, &err);
	assert_non_null(identity);
	sp_identity_row(identity, OWN, strlen(OWN), &uuid);
	assert_false(sp_identity_check(identity, &err));
	assert_string_equal(sp_error_text_c(&err), "out of memory");
	sp_error_clear(&err);
	sp_identity_free(identity);
	fails_at = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instances_have_ids),
		cmocka_unit_test(own_uuids_are_replaced),
		cmocka_unit_test(own_uuids_are_preserved),
		cmocka_unit_test(harmful_ones_are_never_preserved),
		cmocka_unit_test(rows_without_get_derived_ones),
		cmocka_unit_test(odd_own_uuids_are_derived),
		cmocka_unit_test(version_and_variant_are_set),
		cmocka_unit_test(keys_have_a_length),
		cmocka_unit_test(a_digest_that_fails_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
