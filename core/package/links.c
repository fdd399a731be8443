#include <config.h>

#include "core/package/links.h"

#include <stdlib.h>
#include <string.h>

#include "core/package/keys.h"

/* A SHA-256 as text, and a path with it. */
#define MAX_FACT (SP_SHA256_HEX + 4096 + 2)

struct sp_links {
	sp_walk *walk;
	sp_checking *check;
	sp_sha256 *sha;
	sp_error error;
	uint64_t number;
	/* notes: entry and whether it surely names something; line, byte */
	sp_keys *rows, *named;
	sp_keys *paths_named, *hashes;
	sp_keys *paths; /* notes: number of the entry */
};

/* The sets of keys, for what goes for all. */
static sp_keys **keys_of(sp_links *links, int i)
{
	switch (i) {
	case 0: return &links->rows;
	case 1: return &links->named;
	case 2: return &links->paths_named;
	case 3: return &links->hashes;
	case 4: return &links->paths;
	default: return NULL;
	}
}

sp_links *sp_links_create(sp_walk *walk, sp_checking *check, sp_error *err)
{
	sp_links *links = calloc(1, sizeof *links);
	sp_keys **keys;
	int i;

	if (!links) {
		sp_fail_memory(err);
		return NULL;
	}
	links->walk = walk;
	links->check = check;
	links->sha = sp_sha256_create(err);
	for (i = 0; links->sha && (keys = keys_of(links, i)); i++) {
		*keys = sp_keys_create(err);
		if (!*keys)
			break;
	}
	if (!sp_error_is_set(err))
		return links;
	sp_links_free(links);
	return NULL;
}

void sp_links_free(sp_links *links)
{
	sp_keys **keys;
	int i;

	if (!links)
		return;
	for (i = 0; (keys = keys_of(links, i)); i++)
		sp_keys_free(*keys);
	sp_sha256_free(links->sha);
	sp_error_clear(&links->error);
	free(links);
}

/* --- gathering --- */

void sp_links_entry(sp_links *links, uint64_t number)
{
	links->number = number;
}

static void note(sp_links *links, sp_keys *keys, const char *text, size_t len, bool surely)
{
	sp_place place = sp_row_check_place(sp_walk_rows(links->walk));
	sp_key key = { .note = {
					   links->number << 1 | surely,
					   (uint64_t)place.line << 32 |
						   (place.column < UINT32_MAX ? (uint64_t)place.column : UINT32_MAX) } };

	if (sp_error_is_set(&links->error))
		return;
	if (sp_key_of_text(links->sha, text, len, false, key.bytes, &links->error))
		sp_keys_add(keys, &key, &links->error);
}

/* A row's key is made of its kind and its UUID's 128 bits. */
static bool note_row(sp_links *links, sp_keys *keys, const char *kind, const char *uuid, size_t len,
                     bool surely)
{
	char text[SP_KEY_BYTES + 16];
	size_t kind_len = strlen(kind);
	unsigned char bytes[SP_KEY_BYTES];

	if (len != SP_UUID_LEN || !sp_key_of_uuid(uuid, bytes))
		return false;
	memcpy(text, bytes, sizeof bytes);
	kind_len = kind_len < 16 ? kind_len : 16;
	memcpy(text + sizeof bytes, kind, kind_len);
	note(links, keys, text, sizeof bytes + kind_len, surely);
	return true;
}

bool sp_links_row(sp_links *links, const char *kind, const char *uuid, size_t len)
{
	return note_row(links, links->rows, kind, uuid, len, true);
}

void sp_links_name(sp_links *links, const char *kind, const char *uuid, size_t len, bool surely)
{
	note_row(links, links->named, kind, uuid, len, surely);
}

void sp_links_file(sp_links *links, const char *path, size_t len)
{
	note(links, links->paths_named, path, len, true);
}

void sp_links_hash(sp_links *links, const char *path, size_t len, const char *sha256)
{
	char fact[MAX_FACT];
	size_t i;

	if (len > MAX_FACT - SP_SHA256_HEX)
		return;
	for (i = 0; i < SP_SHA256_HEX; i++)
		fact[i] = (char)(sha256[i] >= 'A' && sha256[i] <= 'F' ? sha256[i] | 0x20 : sha256[i]);
	memcpy(fact + SP_SHA256_HEX, path, len);
	note(links, links->hashes, fact, SP_SHA256_HEX + len, true);
}

bool sp_links_go_on(sp_links *links, sp_error *err)
{
	if (!sp_error_is_set(&links->error))
		return true;
	sp_error_move(err, &links->error);
	return false;
}

/* --- comparing --- */

/* Tells what was found where the key was noted. */
static bool tell(sp_links *links, const sp_key *key, sp_found_id id, const char *text,
                 sp_error *err)
{
	sp_buf path = { 0 };
	sp_place place;
	bool ok = sp_walk_path(links->walk, key->note[0] >> 1, &path, err);

	place = (sp_place){ path.data, -1, (int64_t)(key->note[1] >> 32),
		                (int64_t)(key->note[1] & UINT32_MAX) };
	ok = ok && sp_found_text(links->check, err, id, &place, text);
	sp_buf_free(&path);
	return ok;
}

static bool tell_row(void *ctx, const sp_key *key, sp_error *err)
{
	return key->note[0] & 1
	           ? tell(ctx, key, SP_FOUND_REFERENCE, N_("it names a row that isn't there"), err)
	           : tell(ctx, key, SP_FOUND_ODD_REFERENCE,
	                  N_("it names a row that isn't in the package"), err);
}

static bool tell_file(void *ctx, const sp_key *key, sp_error *err)
{
	return tell(ctx, key, SP_FOUND_REFERENCE, N_("it names an entry that isn't there"), err);
}

static bool tell_hash(void *ctx, const sp_key *key, sp_error *err)
{
	return tell(ctx, key, SP_FOUND_ODD_HASH, N_("the file isn't the one whose SHA-256 stands here"),
	            err);
}

static bool tell_unnamed(void *ctx, const sp_key *key, sp_error *err)
{
	sp_links *links = ctx;
	sp_buf path = { 0 };
	sp_place place = SP_NOWHERE;
	bool ok = sp_walk_path(links->walk, key->note[0], &path, err);

	place.entry = path.data;
	ok = ok && sp_found(links->check, err, SP_FOUND_ODD_ENTRY, &place, N_("nothing names it"));
	sp_buf_free(&path);
	return ok;
}

/* The entries: their paths in two sets, since a comparison uses one up, and what
 * they are. */
static bool gather_entries(sp_links *links, sp_keys *facts, sp_keys *to_name,
                           bool (*is_own)(const char *path), sp_error *err)
{
	char fact[MAX_FACT];
	sp_seen_entry entry;
	sp_key key = { .note = { 0, 0 } };
	bool more;
	size_t len;

	if (!sp_walk_rewind(links->walk, err))
		return false;
	for (;; key.note[0]++) {
		if (!sp_walk_next(links->walk, &entry, &more, err))
			return false;
		if (!more)
			return true;
		len = strlen(entry.path);
		if (!sp_key_of_text(links->sha, entry.path, len, false, key.bytes, err) ||
		    !sp_keys_add(links->paths, &key, err) ||
		    (!(is_own && is_own(entry.path)) && !sp_keys_add(to_name, &key, err)))
			return false;
		memcpy(fact, entry.sha256, SP_SHA256_HEX);
		memcpy(fact + SP_SHA256_HEX, entry.path, len);
		if (!sp_key_of_text(links->sha, fact, SP_SHA256_HEX + len, false, key.bytes, err) ||
		    !sp_keys_add(facts, &key, err))
			return false;
	}
}

static bool compare(sp_links *links, sp_keys *facts, sp_keys *to_name, bool unnamed, sp_error *err)
{
	const sp_key_answers nobody = { tell_row, NULL, links };
	const sp_key_answers no_file = { tell_file, NULL, links };
	const sp_key_answers other = { tell_hash, NULL, links };
	const sp_key_answers no_name = { tell_unnamed, NULL, links };

	return sp_keys_compare(links->named, links->rows, &nobody, err) &&
	       (!unnamed || sp_keys_compare(to_name, links->paths_named, &no_name, err)) &&
	       sp_keys_compare(links->paths_named, links->paths, &no_file, err) &&
	       sp_keys_compare(links->hashes, facts, &other, err);
}

bool sp_links_end(sp_links *links, bool unnamed, bool (*is_own)(const char *path), sp_error *err)
{
	sp_keys *facts = sp_keys_create(err), *to_name = sp_keys_create(err);
	bool ok = facts && to_name && sp_links_go_on(links, err) &&
	          gather_entries(links, facts, to_name, is_own, err) &&
	          compare(links, facts, to_name, unnamed, err);

	sp_keys_free(facts);
	sp_keys_free(to_name);
	return ok;
}
