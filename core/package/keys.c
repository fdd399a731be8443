#include <config.h>

#include "core/package/keys.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"

/* 8 MiB */
#define BLOCK_KEYS ((size_t)1 << 18)

struct sp_keys {
	sp_spool *spool;
	uint64_t count;
};

sp_keys *sp_keys_create(sp_error *err)
{
	sp_keys *keys = calloc(1, sizeof *keys);

	if (!keys) {
		sp_fail_memory(err);
		return NULL;
	}
	keys->spool = sp_spool_create(NULL, err);
	if (keys->spool)
		return keys;
	free(keys);
	return NULL;
}

void sp_keys_free(sp_keys *keys)
{
	if (!keys)
		return;
	sp_spool_free(keys->spool);
	free(keys);
}

bool sp_keys_add(sp_keys *keys, const sp_key *key, sp_error *err)
{
	keys->count++;
	return sp_spool_write(keys->spool, key, sizeof *key, err);
}

/* A spool hands out what its buffer has; *more false at the end. */
static bool next_key(sp_keys *keys, sp_key *key, bool *more, sp_error *err)
{
	char *to = (char *)key;
	size_t have = 0, got;

	while (have < sizeof *key) {
		if (!sp_spool_read(keys->spool, to + have, sizeof *key - have, &got, err))
			return false;
		if (!got)
			break;
		have += got;
	}
	*more = have == sizeof *key;
	return true;
}

static int compare(const void *a, const void *b)
{
	return memcmp(((const sp_key *)a)->bytes, ((const sp_key *)b)->bytes, SP_KEY_BYTES);
}

/* By key and, of equal ones, in the order in which they were added. */
static int compare_in_order(const void *a, const void *b)
{
	const sp_key *x = a, *y = b;
	int order = compare(a, b);

	return order ? order : x->note[0] < y->note[0] ? -1 : x->note[0] > y->note[0];
}

typedef struct {
	sp_key *keys;
	size_t count;
} block;

/* The keys from `skip` on, sorted; none are left where the count is 0. */
static bool load(sp_keys *from, uint64_t skip, block *block, sp_error *err)
{
	sp_key key;
	bool more = true;

	block->count = 0;
	if (!sp_spool_rewind(from->spool, err))
		return false;
	while (more && block->count < BLOCK_KEYS) {
		if (!next_key(from, &key, &more, err))
			return false;
		if (more && skip)
			skip--;
		else if (more)
			block->keys[block->count++] = key;
	}
	if (block->count)
		qsort(block->keys, block->count, sizeof *block->keys, compare_in_order);
	return true;
}

static const sp_key *look_up(const block *block, const sp_key *key)
{
	return block->count ? bsearch(key, block->keys, block->count, sizeof *key, compare) : NULL;
}

static block make_block(const sp_keys *keys, sp_error *err)
{
	size_t count = keys->count < BLOCK_KEYS ? (size_t)keys->count : BLOCK_KEYS;
	block block = { calloc(count + 1, sizeof(sp_key)), 0 };

	if (!block.keys)
		sp_fail_memory(err);
	return block;
}

/* Those behind the block against those in it; the spool stands there. */
static bool twice_behind(sp_keys *keys, const block *block, sp_key_fn *fn, void *ctx, sp_error *err)
{
	sp_key key;
	bool more;

	for (;;) {
		if (!next_key(keys, &key, &more, err))
			return false;
		if (!more)
			return true;
		if (look_up(block, &key) && !fn(ctx, &key, err))
			return false;
	}
}

bool sp_keys_twice(sp_keys *keys, sp_key_fn *fn, void *ctx, sp_error *err)
{
	block block = make_block(keys, err);
	uint64_t done;
	size_t i;
	bool ok = block.keys != NULL;

	for (done = 0; ok && done < keys->count; done += BLOCK_KEYS) {
		ok = load(keys, done, &block, err);
		for (i = 1; ok && i < block.count; i++) {
			if (compare(&block.keys[i - 1], &block.keys[i]) == 0)
				ok = fn(ctx, &block.keys[i], err);
		}
		ok = ok && twice_behind(keys, &block, fn, ctx, err);
	}
	free(block.keys);
	return ok;
}

/* The wanted that aren't in the block go on to `rest`. */
static bool pass_on(sp_keys *wanted, const block *block, const sp_key_answers *answers,
                    sp_keys *rest, sp_error *err)
{
	const sp_key *present;
	bool more = true;
	sp_key key;

	while (next_key(wanted, &key, &more, err) && more) {
		present = look_up(block, &key);
		if (present ? answers->found && !answers->found(answers->ctx, &key, present, err)
		            : !sp_keys_add(rest, &key, err))
			return false;
	}
	return !more;
}

static bool reduce(sp_keys *wanted, const block *block, const sp_key_answers *answers,
                   sp_error *err)
{
	sp_keys rest = { sp_spool_create(NULL, err), 0 };

	if (!rest.spool || !sp_spool_rewind(wanted->spool, err) ||
	    !pass_on(wanted, block, answers, &rest, err)) {
		sp_spool_free(rest.spool);
		return false;
	}
	sp_spool_free(wanted->spool);
	*wanted = rest;
	return true;
}

static bool tell_missing(sp_keys *wanted, const sp_key_answers *answers, sp_error *err)
{
	bool more = true;
	sp_key key;

	if (!answers->missing || !wanted->count)
		return true;
	if (!sp_spool_rewind(wanted->spool, err))
		return false;
	while (next_key(wanted, &key, &more, err) && more) {
		if (!answers->missing(answers->ctx, &key, err))
			return false;
	}
	return !more;
}

bool sp_keys_compare(sp_keys *wanted, sp_keys *present, const sp_key_answers *answers,
                     sp_error *err)
{
	block block = make_block(present, err);
	bool ok = block.keys != NULL;
	uint64_t done;

	for (done = 0; ok && wanted->count && done < present->count; done += BLOCK_KEYS)
		ok = load(present, done, &block, err) && reduce(wanted, &block, answers, err);
	free(block.keys);
	return ok && tell_missing(wanted, answers, err);
}

bool sp_key_of_text(sp_sha256 *sha, const char *text, size_t len, bool fold,
                    unsigned char bytes[SP_KEY_BYTES], sp_error *err)
{
	unsigned char hash[SP_SHA256_LEN];
	char part[256];
	size_t n, i;

	for (; len; text += n, len -= n) {
		n = len < sizeof part ? len : sizeof part;
		for (i = 0; i < n; i++)
			part[i] =
				fold && text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + ('a' - 'A')) : text[i];
		sp_sha256_update(sha, part, n);
	}
	if (!sp_sha256_bytes(sha, hash))
		return sp_fail(err, SP_FAILED, NULL, N_("SHA-256 failed"));
	memcpy(bytes, hash, SP_KEY_BYTES);
	return true;
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

bool sp_key_of_uuid(const char *text, unsigned char bytes[SP_KEY_BYTES])
{
	int at = 0, i, high, low;

	for (i = 0; i < SP_KEY_BYTES; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
			return false;
		high = hex_value(text[at]);
		low = high < 0 ? -1 : hex_value(text[at + 1]);
		if (low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
		at += 2;
	}
	return true;
}
