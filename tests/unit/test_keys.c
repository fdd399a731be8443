#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/package/keys.h"

/* More than two blocks. */
enum { COUNT = 600000 };

static sp_key key_of(uint64_t number)
{
	sp_key key = { .note = { number, 0 } };

	/* spread, and not in their order */
	number *= 0x9e3779b97f4a7c15u;
	memcpy(key.bytes, &number, sizeof number);
	return key;
}

static sp_keys *make(uint64_t from, uint64_t step)
{
	sp_error err = SP_ERROR_INIT;
	sp_keys *keys = sp_keys_create(&err);
	uint64_t i;

	assert_non_null(keys);
	for (i = from; i < COUNT; i += step) {
		sp_key key = key_of(i);

		assert_true(sp_keys_add(keys, &key, &err));
	}
	return keys;
}

typedef struct {
	uint64_t count, last;
} seen;

static bool see(void *ctx, const sp_key *key, sp_error *err)
{
	seen *seen = ctx;

	(void)err;
	assert_true(!seen->count || key->note[0] > seen->last);
	seen->last = key->note[0];
	seen->count++;
	return true;
}

static bool see_both(void *ctx, const sp_key *wanted, const sp_key *present, sp_error *err)
{
	(void)err;
	assert_int_equal(wanted->note[0], present->note[0]);
	((seen *)ctx)->count++;
	return true;
}

static void twice_among_many(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_keys *keys = make(0, 1);
	sp_key again = key_of(17);
	seen twice = { 0, 0 };

	(void)state;
	assert_true(sp_keys_twice(keys, see, &twice, &err));
	assert_int_equal(twice.count, 0);
	sp_keys_free(keys);

	keys = make(0, 1);
	again.note[0] = COUNT;
	assert_true(sp_keys_add(keys, &again, &err));
	assert_true(sp_keys_twice(keys, see, &twice, &err));
	assert_int_equal(twice.count, 1);
	assert_int_equal(twice.last, COUNT);
	sp_keys_free(keys);
	sp_keys_free(NULL);
}

static void some_are_missing(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_keys *wanted = make(0, 1), *present = make(0, 2);
	seen missing = { 0, 0 }, found = { 0, 0 };
	const sp_key_answers first = { see, NULL, &missing };
	const sp_key_answers second = { NULL, see_both, &found };

	(void)state;
	assert_true(sp_keys_compare(wanted, present, &first, &err));
	assert_int_equal(missing.count, COUNT / 2);
	assert_int_equal(missing.last, COUNT - 1);
	sp_keys_free(wanted);
	wanted = make(0, 1);
	assert_true(sp_keys_compare(wanted, present, &second, &err));
	assert_int_equal(found.count, COUNT / 2);
	sp_keys_free(wanted);
	sp_keys_free(present);
}

static void nothing_is_there(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_keys *wanted = make(COUNT - 3, 1), *present = make(COUNT, 1);
	seen missing = { 0, 0 };
	const sp_key_answers answers = { see, NULL, &missing };

	(void)state;
	assert_true(sp_keys_compare(wanted, present, &answers, &err));
	assert_int_equal(missing.count, 3);
	sp_keys_free(wanted);
	sp_keys_free(present);
}

static bool refuse(void *ctx, const sp_key *key, sp_error *err)
{
	(void)ctx;
	(void)key;
	return sp_fail(err, SP_FAILED, NULL, "refused");
}

static void who_is_told_may_end_it(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_keys *wanted = make(COUNT - 3, 1), *present = make(COUNT, 1);
	const sp_key_answers answers = { refuse, NULL, NULL };
	sp_key again = key_of(17);

	(void)state;
	assert_false(sp_keys_compare(wanted, present, &answers, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	sp_keys_free(wanted);
	sp_keys_free(present);
	/* one is far behind the other */
	present = make(0, 1);
	assert_true(sp_keys_add(present, &again, &err));
	assert_false(sp_keys_twice(present, refuse, NULL, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	sp_keys_free(present);
}

static void keys_of_texts(void **state)
{
	unsigned char a[SP_KEY_BYTES], b[SP_KEY_BYTES];
	sp_error err = SP_ERROR_INIT;
	sp_sha256 *sha = sp_sha256_create(&err);
	char longer[1000];

	(void)state;
	assert_true(sp_key_of_text(sha, "Run/A", 5, true, a, &err));
	assert_true(sp_key_of_text(sha, "run/a", 5, false, b, &err));
	assert_memory_equal(a, b, sizeof a);
	assert_true(sp_key_of_text(sha, "Run/A", 5, false, b, &err));
	assert_memory_not_equal(a, b, sizeof a);
	memset(longer, 'x', sizeof longer);
	assert_true(sp_key_of_text(sha, longer, sizeof longer, true, a, &err));
	longer[999] = 'y';
	assert_true(sp_key_of_text(sha, longer, sizeof longer, true, b, &err));
	assert_memory_not_equal(a, b, sizeof a);
	sp_sha256_free(sha);
	assert_true(sp_key_of_uuid("00112233-4455-6677-8899-aAbBcCdDeEfF", a));
	assert_int_equal(a[1], 0x11);
	assert_int_equal(a[15], 0xff);
	assert_false(sp_key_of_uuid("00112233-4455-6677-8899-aabbccddeefg", a));
	assert_false(sp_key_of_uuid("00112233+4455-6677-8899-aabbccddeeff", a));
	assert_false(sp_key_of_uuid("0011223", a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice_among_many), cmocka_unit_test(some_are_missing),
		cmocka_unit_test(nothing_is_there), cmocka_unit_test(who_is_told_may_end_it),
		cmocka_unit_test(keys_of_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
