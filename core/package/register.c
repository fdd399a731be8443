#include <config.h>

#include "core/package/register.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"

/* of references that were noted last: most are named again and again */
#define RECENT 16384

typedef struct {
	unsigned char bytes[SP_KEY_BYTES];
	sp_kind_bits kind;
	bool is_used, is_sure;
} recent;

/* Notes of all keys: entry, kind of the row, whether it is certain that a row is
 * named; line and byte. */
struct sp_register {
	sp_checking *check;
	sp_walk *walk; /* while it compares */
	sp_sha256 *sha;
	sp_error error;
	uint64_t number; /* of the entry */

	sp_keys *rows;    /* ids */
	sp_keys *due;     /* of those that the mapping should have */
	sp_keys *mapping; /* rows that the mapping says are here */
	sp_keys *known;   /* rows and outside */
	sp_keys *named;   /* references */
	sp_keys *paths, *paths_named;
	sp_keys *files, *files_named;
	recent *recent;
};

/* FNV-1a */
sp_kind_bits sp_kind_bits_of(const char *word, size_t len)
{
	sp_kind_bits hash = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)word[i]) * 16777619u;
	return hash ? hash : 1;
}

/* --- life --- */

static sp_keys **all_keys(sp_register *reg, size_t i)
{
	sp_keys **const all[] = { &reg->rows,  &reg->due,         &reg->mapping,
		                      &reg->known, &reg->named,       &reg->paths,
		                      &reg->files, &reg->paths_named, &reg->files_named };

	return i < sizeof all / sizeof *all ? all[i] : NULL;
}

sp_register *sp_register_create(sp_checking *check, sp_error *err)
{
	sp_register *reg = calloc(1, sizeof *reg);
	sp_keys **keys;
	size_t i;

	if (!reg || !(reg->recent = calloc(RECENT, sizeof *reg->recent))) {
		sp_fail_memory(err);
		goto cleanup;
	}
	reg->check = check;
	reg->sha = sp_sha256_create(err);
	if (!reg->sha)
		goto cleanup;
	for (i = 0; (keys = all_keys(reg, i)); i++) {
		if (!(*keys = sp_keys_create(err)))
			goto cleanup;
	}
	return reg;
cleanup:
	sp_register_free(reg);
	return NULL;
}

void sp_register_free(sp_register *reg)
{
	sp_keys **keys;
	size_t i;

	if (!reg)
		return;
	sp_error_clear(&reg->error);
	sp_sha256_free(reg->sha);
	for (i = 0; (keys = all_keys(reg, i)); i++)
		sp_keys_free(*keys);
	free(reg->recent);
	free(reg);
}

bool sp_register_go_on(sp_register *reg, sp_error *err)
{
	if (!sp_error_is_set(&reg->error))
		return true;
	sp_error_move(err, &reg->error);
	return false;
}

/* --- gathering --- */

static uint64_t entry_noted(const sp_key *key)
{
	return key->note[0] >> 33;
}

static sp_kind_bits kind_noted(const sp_key *key)
{
	return (sp_kind_bits)(key->note[0] >> 1);
}

static bool is_sure(const sp_key *key)
{
	return key->note[0] & 1;
}

static bool add(sp_register *reg, sp_keys *to, const sp_place *place, sp_key *key,
                sp_kind_bits kind, bool sure)
{
	if (sp_error_is_set(&reg->error))
		return false;
	key->note[0] = reg->number << 33 | (uint64_t)kind << 1 | sure;
	key->note[1] = (uint64_t)place->line << 32 |
	               (place->column < UINT32_MAX ? (uint64_t)place->column : UINT32_MAX);
	return sp_keys_add(to, key, &reg->error);
}

static void add_text(sp_register *reg, sp_keys *to, const sp_place *place, const char *text,
                     size_t len)
{
	sp_key key;

	if (!sp_error_is_set(&reg->error) &&
	    sp_key_of_text(reg->sha, text, len, false, key.bytes, &reg->error))
		add(reg, to, place, &key, 0, true);
}

void sp_register_entry(sp_register *reg, const char *path, uint64_t number)
{
	static const sp_place nowhere = SP_NOWHERE;

	reg->number = number;
	add_text(reg, reg->paths, &nowhere, path, strlen(path));
}

void sp_register_row(sp_register *reg, const sp_place *place, sp_key *id, sp_kind_bits kind)
{
	if (add(reg, reg->rows, place, id, kind, true))
		sp_keys_add(reg->known, id, &reg->error);
}

void sp_register_due(sp_register *reg, const sp_key *id)
{
	if (!sp_error_is_set(&reg->error))
		sp_keys_add(reg->due, id, &reg->error);
}

void sp_register_mapped(sp_register *reg, const sp_place *place, const sp_key *id,
                        sp_kind_bits kind, bool outside)
{
	sp_key key = *id;

	add(reg, outside ? reg->known : reg->mapping, place, &key, kind, true);
}

/* Unless it was noted a moment ago. */
void sp_register_name(sp_register *reg, const sp_place *place, const sp_key *id, sp_kind_bits kind,
                      bool surely)
{
	recent *slot = &reg->recent[(id->bytes[0] << 8 | id->bytes[1]) % RECENT];
	sp_key key = *id;

	if (slot->is_used && slot->is_sure >= surely && slot->kind == kind &&
	    !memcmp(slot->bytes, key.bytes, SP_KEY_BYTES))
		return;
	memcpy(slot->bytes, key.bytes, SP_KEY_BYTES);
	slot->is_used = true;
	slot->is_sure = surely;
	slot->kind = kind;
	add(reg, reg->named, place, &key, kind, surely);
}

void sp_register_path(sp_register *reg, const sp_place *place, const char *path, size_t len)
{
	add_text(reg, reg->paths_named, place, path, len);
}

void sp_register_bytes(sp_register *reg, const sp_place *place, bool named, bool inside,
                       const char *path, int64_t size)
{
	sp_buf text = { 0 };

	sp_buf_addf(&text, "%d %lld %s", inside, (long long)size, path);
	if (!text.failed)
		add_text(reg, named ? reg->files_named : reg->files, place, text.data, text.len);
	else if (!sp_error_is_set(&reg->error))
		sp_fail_memory(&reg->error);
	sp_buf_free(&text);
}

/* --- at the end: who is missing --- */

/* Where a key was added; `path` is to be freed. */
static bool place_of(sp_register *reg, const sp_key *key, sp_buf *path, sp_place *place,
                     sp_error *err)
{
	if (!sp_walk_path(reg->walk, entry_noted(key), path, err))
		return false;
	*place = (sp_place){ path->data, -1, (int64_t)(key->note[1] >> 32),
		                 (int64_t)(key->note[1] & UINT32_MAX) };
	return true;
}

static void print_uuid(const sp_key *key, char text[SP_UUID_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 0; i < SP_KEY_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = digits[key->bytes[i] >> 4];
		*text++ = digits[key->bytes[i] & 15];
	}
	*text = '\0';
}

/* One text for each question; all have the UUID to fill in. */
#define ANSWER(name, id, text)                                                                     \
	static bool name(void *ctx, const sp_key *key, sp_error *err)                                  \
	{                                                                                              \
		sp_register *reg = ctx;                                                                    \
		char uuid[SP_UUID_LEN + 1];                                                                \
		sp_buf path = { 0 };                                                                       \
		sp_place place;                                                                            \
		bool ok = place_of(reg, key, &path, &place, err);                                          \
                                                                                                   \
		print_uuid(key, uuid);                                                                     \
		ok = ok && sp_found(reg->check, err, id, &place, text, uuid);                              \
		sp_buf_free(&path);                                                                        \
		return ok;                                                                                 \
	}

ANSWER(tell_twice, SP_FOUND_ROW, N_("two rows have the id %s"))
ANSWER(tell_mapped_twice, SP_FOUND_MAPPING, N_("the mapping has %s twice"))
ANSWER(tell_unmapped, SP_FOUND_MAPPING, N_("the mapping doesn't have the row %s"))
ANSWER(tell_not_there, SP_FOUND_MAPPING, N_("the row %s isn't there, though the mapping has it"))
ANSWER(tell_nobody, SP_FOUND_REFERENCE,
       N_("it names the row %s, which is neither here nor listed as outside"))
ANSWER(tell_maybe_nobody, SP_FOUND_ODD_REFERENCE,
       N_("it seems to name the row %s, which is neither here nor listed as outside"))

ANSWER(tell_other_kind, SP_FOUND_REFERENCE,
       N_("it names the row %s as one of a kind that this isn't"))
ANSWER(tell_mapped_kind, SP_FOUND_MAPPING,
       N_("the mapping has the row %s as one of a kind that this isn't"))

static bool tell_reference(void *ctx, const sp_key *key, sp_error *err)
{
	return is_sure(key) ? tell_nobody(ctx, key, err) : tell_maybe_nobody(ctx, key, err);
}

static bool same_kind(const sp_key *one, const sp_key *two)
{
	return !kind_noted(one) || !kind_noted(two) || kind_noted(one) == kind_noted(two);
}

static bool check_kind(void *ctx, const sp_key *wanted, const sp_key *present, sp_error *err)
{
	return same_kind(wanted, present) || tell_other_kind(ctx, wanted, err);
}

static bool check_mapped_kind(void *ctx, const sp_key *wanted, const sp_key *present, sp_error *err)
{
	return same_kind(wanted, present) || tell_mapped_kind(ctx, wanted, err);
}

static bool tell_named(sp_register *reg, const sp_key *key, const char *what, sp_error *err)
{
	sp_buf path = { 0 };
	sp_place place;
	bool ok = place_of(reg, key, &path, &place, err) &&
	          sp_found_text(reg->check, err, SP_FOUND_REFERENCE, &place, what);

	sp_buf_free(&path);
	return ok;
}

static bool tell_path(void *ctx, const sp_key *key, sp_error *err)
{
	return tell_named(ctx, key, N_("it names an entry that isn't there"), err);
}

static bool tell_file(void *ctx, const sp_key *key, sp_error *err)
{
	return tell_named(ctx, key, N_("it names a file that isn't there, or not of this size"), err);
}

bool sp_register_end(sp_register *reg, sp_walk *walk, sp_error *err)
{
	const sp_key_answers unmapped = { tell_unmapped, NULL, reg };
	const sp_key_answers not_there = { tell_not_there, check_mapped_kind, reg };
	const sp_key_answers nobody = { tell_reference, check_kind, reg };
	const sp_key_answers no_path = { tell_path, NULL, reg };
	const sp_key_answers no_file = { tell_file, NULL, reg };

	reg->walk = walk;
	return sp_keys_twice(reg->rows, tell_twice, reg, err) &&
	       sp_keys_twice(reg->mapping, tell_mapped_twice, reg, err) &&
	       sp_keys_compare(reg->due, reg->mapping, &unmapped, err) &&
	       sp_keys_compare(reg->mapping, reg->rows, &not_there, err) &&
	       sp_keys_compare(reg->named, reg->known, &nobody, err) &&
	       sp_keys_compare(reg->paths_named, reg->paths, &no_path, err) &&
	       sp_keys_compare(reg->files_named, reg->files, &no_file, err);
}
