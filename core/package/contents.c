#include <config.h>

#include "core/package/contents.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/package/keys.h"
#include "core/package/own_write.h"
#include "core/package/places.h"
#include "core/package/version.h"

/* of a row, more than any table has columns */
#define MAX_KEYS 4096
/* of references that were noted last: most are named again and again */
#define RECENT 16384

/* What the key at the row's first level stands for. */
typedef enum {
	KEY_OTHER,
	KEY_ID,
	KEY_NAMES,    /* a column that holds UUIDs of rows */
	KEY_MAY_NAME, /* one that seems to */
	KEY_REFS,
	KEY_FILE,
	KEY_TEXTS,
	KEY_ROWS, /* of the mapping: its rows, … */
	KEY_AUTHORS
} key_meaning;

typedef struct {
	unsigned char bytes[SP_KEY_BYTES];
	bool is_used, is_strict;
} recent;

struct sp_contents {
	sp_checking *check;
	sp_walk *walk;
	sp_walk_watcher watcher;
	sp_sha256 *sha;
	sp_error error; /* of a token: the walk ends with it */

	/* notes: entry and whether it is certain that a row is named; line, byte */
	sp_keys *rows;    /* ids */
	sp_keys *mapped;  /* of those that the mapping should have */
	sp_keys *mapping; /* rows that the mapping says are here */
	sp_keys *known;   /* rows and outside */
	sp_keys *named;   /* references */
	sp_keys *paths, *paths_named;
	recent *recent;

	/* the entry */
	const sp_place_kind *place;
	uint64_t number;
	const char *path;
	bool seen[SP_PLACES];

	/* the row */
	key_meaning key;
	char inner[32];          /* the key inside __refs, __file or the mapping */
	uint64_t keys[MAX_KEYS]; /* hashes of its keys; of another row where the stamp is */
	uint32_t stamps[MAX_KEYS], stamp, key_count;

	/* a row of the mapping */
	bool is_external, has_uuid;
	sp_key uuid;
	uint64_t mapped_rows, externals;
	int64_t row_count; /* as the mapping says; -1: it doesn't */
};

/* --- keys of a row --- */

static const struct {
	const char *key;
	key_meaning meaning;
} columns[] = {
	{ "id", KEY_ID },
	{ "__refs", KEY_REFS },
	{ "__file", KEY_FILE },
	{ "__texts", KEY_TEXTS },
	/* what a row can't do without, or loses its place without */
	{ "annotation_id", KEY_NAMES },
	{ "asset_id", KEY_NAMES },
	{ "bundle_id", KEY_NAMES },
	{ "bundle_ids", KEY_NAMES },
	{ "canon_id", KEY_NAMES },
	{ "flow_id", KEY_NAMES },
	{ "graph_id", KEY_NAMES },
	{ "infospace_id", KEY_NAMES },
	{ "parent_asset_id", KEY_NAMES },
	{ "parent_bundle_id", KEY_NAMES },
	{ "previous_asset_id", KEY_NAMES },
	{ "run_id", KEY_NAMES },
	{ "schema_id", KEY_NAMES },
	{ "source_id", KEY_NAMES },
};

static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(text + len - n, end, n) == 0;
}

static key_meaning meaning_of(const char *key, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (strlen(columns[i].key) == len && !memcmp(columns[i].key, key, len))
			return columns[i].meaning;
	}
	return ends_with(key, len, "_id") || ends_with(key, len, "_ids") || ends_with(key, len, "_by")
	           ? KEY_MAY_NAME
	           : KEY_OTHER;
}

static sp_place here(const sp_contents *c)
{
	return sp_row_check_place(sp_walk_rows(c->walk));
}

static void tell_row(sp_contents *c, const char *what)
{
	sp_place place = here(c);

	sp_found_text(c->check, &c->error, SP_FOUND_ROW, &place, what);
}

/* Whether the row has had this key already. FNV-1a spreads well enough; who
 * makes two keys collide only has a row refused. */
static bool had_key(sp_contents *c, const char *key, size_t len)
{
	uint64_t hash = 14695981039346656037u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
	for (i = hash % MAX_KEYS; c->stamps[i] == c->stamp; i = (i + 1) % MAX_KEYS) {
		if (c->keys[i] == hash)
			return true;
	}
	c->stamps[i] = c->stamp;
	c->keys[i] = hash;
	c->key_count++;
	return false;
}

static void take_key(sp_contents *c, const char *key, size_t len)
{
	if (c->key_count > MAX_KEYS / 2)
		return;
	if (c->key_count == MAX_KEYS / 2) {
		c->key_count++;
		tell_row(c, N_("a row with more keys than a table has columns"));
	} else if (had_key(c, key, len)) {
		tell_row(c, N_("a row has a key twice"));
	}
	c->key = meaning_of(key, len);
}

/* --- what rows say --- */

static bool note(sp_contents *c, sp_keys *keys, sp_key *key, bool strict)
{
	sp_place place = here(c);

	key->note[0] = c->number << 1 | strict;
	key->note[1] = (uint64_t)place.line << 32 |
	               (place.column < UINT32_MAX ? (uint64_t)place.column : UINT32_MAX);
	return sp_keys_add(keys, key, &c->error);
}

static bool take_uuid(const char *text, size_t len, sp_key *key)
{
	return len == SP_UUID_LEN && sp_key_of_uuid(text, key->bytes);
}

/* A UUID as the id of this row. */
static void take_id(sp_contents *c, const char *text, size_t len)
{
	sp_key key;

	if (!take_uuid(text, len, &key))
		tell_row(c, N_("a row's id isn't a UUID"));
	else if (note(c, c->rows, &key, true) && note(c, c->known, &key, true) &&
	         strcmp(c->place->kind, "justification") != 0)
		note(c, c->mapped, &key, true);
}

/* A UUID that names a row, unless it was noted a moment ago. */
static void take_name(sp_contents *c, const char *text, size_t len, bool strict)
{
	sp_key key;
	recent *slot;

	if (!take_uuid(text, len, &key))
		return;
	slot = &c->recent[(key.bytes[0] << 8 | key.bytes[1]) % RECENT];
	if (slot->is_used && slot->is_strict >= strict && !memcmp(slot->bytes, key.bytes, SP_KEY_BYTES))
		return;
	memcpy(slot->bytes, key.bytes, SP_KEY_BYTES);
	slot->is_used = true;
	slot->is_strict = strict;
	note(c, c->named, &key, strict);
}

static void take_path(sp_contents *c, sp_keys *keys, const char *path, size_t len)
{
	sp_key key;

	if (sp_key_of_text(c->sha, path, len, false, key.bytes, &c->error))
		note(c, keys, &key, true);
}

/* A text in a row. */
static void take_text(sp_contents *c, size_t depth, const char *text, size_t len)
{
	switch (c->key) {
	case KEY_ID:
		if (depth == 1 && c->place->holds == SP_HOLDS_PARTS)
			take_name(c, text, len, true);
		else if (depth == 1)
			take_id(c, text, len);
		break;
	case KEY_NAMES:
	case KEY_MAY_NAME:
		if (depth <= 2)
			take_name(c, text, len, c->key == KEY_NAMES);
		break;
	case KEY_REFS:
		if (depth == 3 && !strcmp(c->inner, "uuid"))
			take_name(c, text, len, true);
		break;
	case KEY_FILE:
		if (depth == 2 && (!strcmp(c->inner, "path") || !strcmp(c->inner, "same_as")))
			take_path(c, c->paths_named, text, len);
		break;
	case KEY_TEXTS:
		if (depth == 2)
			take_path(c, c->paths_named, text, len);
		break;
	default: break;
	}
}

static void begin_row(sp_contents *c)
{
	c->stamp++;
	c->key_count = 0;
	c->key = KEY_OTHER;
}

/* --- the mapping --- */

static void begin_mapped(sp_contents *c)
{
	c->is_external = c->has_uuid = false;
}

static void end_mapped(sp_contents *c)
{
	c->mapped_rows += c->key != KEY_AUTHORS;
	c->externals += c->is_external && c->key != KEY_AUTHORS;
	if (!c->has_uuid)
		return;
	if (c->is_external || c->key == KEY_AUTHORS) {
		note(c, c->known, &c->uuid, true);
	} else {
		note(c, c->mapping, &c->uuid, true);
	}
}

/* In the document the rows stand in "rows", in lines each is one. */
static size_t mapping_depth(const sp_contents *c)
{
	return sp_row_check_form(sp_walk_rows(c->walk)) == SP_ROWS_LINES ? 0 : 2;
}

static int64_t number_of(const char *text, size_t len)
{
	char digits[20] = "";

	if (len >= sizeof digits)
		return -1;
	memcpy(digits, text, len);
	return strtoll(digits, NULL, 10);
}

static void take_mapped_uuid(sp_contents *c, const char *text, size_t len)
{
	c->has_uuid = take_uuid(text, len, &c->uuid);
	if (!c->has_uuid)
		tell_row(c, N_("a row's id isn't a UUID"));
}

static void take_mapping(sp_contents *c, sp_scan_token kind, size_t depth, const char *text,
                         size_t len)
{
	size_t base = mapping_depth(c);
	bool inside = depth >= base && (base == 0 || c->key == KEY_ROWS || c->key == KEY_AUTHORS);

	if (inside && depth == base && kind == SP_SCAN_OBJECT)
		begin_mapped(c);
	else if (inside && depth == base && kind == SP_SCAN_OBJECT_END)
		end_mapped(c);
	else if (inside && depth == base + 1 && kind == SP_SCAN_STRING && !strcmp(c->inner, "uuid"))
		take_mapped_uuid(c, text, len);
	else if (inside && depth == base + 1 && kind == SP_SCAN_LITERAL &&
	         !strcmp(c->inner, "external"))
		c->is_external = len == 4 && !memcmp(text, "true", 4);
	else if (base && depth == 1 && kind == SP_SCAN_LITERAL && !strcmp(c->inner, "row_count"))
		c->row_count = number_of(text, len);
	else if (base && depth == 1 && kind == SP_SCAN_KEY)
		c->key = !strcmp(c->inner, "rows")      ? KEY_ROWS
		         : !strcmp(c->inner, "authors") ? KEY_AUTHORS
		                                        : KEY_OTHER;
}

/* --- tokens --- */

static void take_row(sp_contents *c, sp_scan_token kind, size_t depth, const char *text, size_t len)
{
	if (depth == 0 && kind == SP_SCAN_OBJECT)
		begin_row(c);
	else if (depth == 1 && kind == SP_SCAN_KEY)
		take_key(c, text, len);
	else if (kind == SP_SCAN_STRING)
		take_text(c, depth, text, len);
}

static void take_inner(sp_contents *c, const char *text, size_t len)
{
	size_t most = sizeof c->inner - 1, n = len < most ? len : most;

	memcpy(c->inner, text, n);
	/* a longer one is none of those that are looked for */
	c->inner[n] = '\0';
}

static void take_plain(sp_contents *c, sp_scan_token kind, size_t depth, const char *text,
                       size_t len)
{
	if (kind == SP_SCAN_KEY)
		take_inner(c, text, len);
	switch (c->place->holds) {
	case SP_HOLDS_MAPPING: take_mapping(c, kind, depth, text, len); break;
	default: take_row(c, kind, depth, text, len);
	}
}

/* Texts without their quotes and escapes; of long ones nothing is known. */
static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	sp_contents *c = ctx;
	sp_buf plain = { 0 };

	if (!c->place || c->place->holds == SP_HOLDS_OTHER || depth > 3 ||
	    !sp_walk_is_understood(c->walk) || sp_error_is_set(&c->error))
		return;
	if (kind != SP_SCAN_KEY && kind != SP_SCAN_STRING) {
		take_plain(c, kind, depth, token->start ? token->start : "", token->len);
	} else if (!token->start) {
		take_plain(c, kind, depth, "", 0);
	} else if (!token->escaped) {
		take_plain(c, kind, depth, token->start + 1, token->len - 2);
	} else {
		sp_scan_unescape(token, &plain);
		if (plain.failed)
			sp_fail_memory(&c->error);
		else
			take_plain(c, kind, depth, sp_buf_text(&plain), plain.len);
		sp_buf_free(&plain);
	}
}

/* --- entries --- */

static bool go_on(sp_contents *c, sp_error *err)
{
	if (!sp_error_is_set(&c->error))
		return true;
	sp_error_move(err, &c->error);
	return false;
}

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	sp_contents *c = ctx;
	sp_place place = { path, -1, 0, 0 };

	c->place = sp_place_find(path);
	c->number = number;
	c->path = path;
	c->key = KEY_OTHER;
	*c->inner = '\0';
	take_path(c, c->paths, path, strlen(path));
	if (c->place)
		c->seen[sp_place_index(c->place)] = true;
	else if (!sp_found(c->check, err, SP_FOUND_ODD_ENTRY, &place,
	                   N_("this program knows no such entry; it isn't read")))
		return false;
	return go_on(c, err);
}

static bool end_entry(void *ctx, uint64_t size, int64_t rows, sp_error *err)
{
	(void)size;
	(void)rows;
	return go_on(ctx, err);
}

static bool take_listed(void *ctx, const sp_listed *line, sp_error *err)
{
	sp_contents *c = ctx;
	const sp_place_kind *known = sp_place_find(line->path);
	sp_place place = { line->path, -1, 0, 0 };

	if (!known || !known->kind || strcmp(known->kind, line->kind) == 0)
		return true;
	return sp_found(c->check, err, SP_FOUND_STRUCTURE, &place,
	                N_("%s calls it \"%s\", but what stands there is \"%s\""), SP_ENTRIES,
	                line->kind, known->kind);
}

/* --- life --- */

static bool create_keys(sp_contents *c, sp_error *err)
{
	sp_keys **const all[] = { &c->rows,  &c->mapped, &c->mapping,    &c->known,
		                      &c->named, &c->paths,  &c->paths_named };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		*all[i] = sp_keys_create(err);
		if (!*all[i])
			return false;
	}
	return true;
}

sp_contents *sp_contents_create(sp_checking *check, sp_error *err)
{
	sp_contents *c = calloc(1, sizeof *c);

	if (c)
		c->recent = calloc(RECENT, sizeof *c->recent);
	if (!c || !c->recent) {
		sp_fail_memory(err);
		free(c);
		return NULL;
	}
	c->check = check;
	c->row_count = -1;
	c->watcher = (sp_walk_watcher){ begin_entry, end_entry, take_token, take_listed, c, true };
	c->sha = sp_sha256_create(err);
	if (c->sha && create_keys(c, err))
		return c;
	sp_contents_free(c);
	return NULL;
}

void sp_contents_free(sp_contents *c)
{
	if (!c)
		return;
	sp_sha256_free(c->sha);
	sp_keys_free(c->rows);
	sp_keys_free(c->mapped);
	sp_keys_free(c->mapping);
	sp_keys_free(c->known);
	sp_keys_free(c->named);
	sp_keys_free(c->paths);
	sp_keys_free(c->paths_named);
	sp_error_clear(&c->error);
	free(c->recent);
	free(c);
}

const sp_walk_watcher *sp_contents_watcher(sp_contents *contents)
{
	return &contents->watcher;
}

void sp_contents_watch(sp_contents *contents, sp_walk *walk)
{
	contents->walk = walk;
}

/* --- at the end: who is missing --- */

/* Where a key came from; `path` holds the entry's. */
static bool place_of(sp_contents *c, const sp_key *key, sp_buf *path, sp_place *place,
                     sp_error *err)
{
	if (!sp_walk_path(c->walk, key->note[0] >> 1, path, err))
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
		sp_contents *c = ctx;                                                                      \
		char uuid[SP_UUID_LEN + 1];                                                                \
		sp_buf path = { 0 };                                                                       \
		sp_place place;                                                                            \
		bool ok = place_of(c, key, &path, &place, err);                                            \
                                                                                                   \
		print_uuid(key, uuid);                                                                     \
		ok = ok && sp_found(c->check, err, id, &place, text, uuid);                                \
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

static bool tell_reference(void *ctx, const sp_key *key, sp_error *err)
{
	return key->note[0] & 1 ? tell_nobody(ctx, key, err) : tell_maybe_nobody(ctx, key, err);
}

static bool tell_path(void *ctx, const sp_key *key, sp_error *err)
{
	sp_contents *c = ctx;
	sp_buf path = { 0 };
	sp_place place;
	bool ok =
		place_of(c, key, &path, &place, err) && sp_found(c->check, err, SP_FOUND_REFERENCE, &place,
	                                                     N_("it names an entry that isn't there"));

	sp_buf_free(&path);
	return ok;
}

static bool check_references(sp_contents *c, sp_error *err)
{
	const sp_key_answers unmapped = { tell_unmapped, NULL, c };
	const sp_key_answers not_there = { tell_not_there, NULL, c };
	const sp_key_answers nobody = { tell_reference, NULL, c };
	const sp_key_answers no_path = { tell_path, NULL, c };

	return sp_keys_twice(c->rows, tell_twice, c, err) &&
	       sp_keys_twice(c->mapping, tell_mapped_twice, c, err) &&
	       sp_keys_compare(c->mapped, c->mapping, &unmapped, err) &&
	       sp_keys_compare(c->mapping, c->rows, &not_there, err) &&
	       sp_keys_compare(c->named, c->known, &nobody, err) &&
	       sp_keys_compare(c->paths_named, c->paths, &no_path, err);
}

/* --- at the end: the manifest --- */

static bool check_structure(sp_contents *c, sp_error *err)
{
	const sp_place_kind *place = NULL;
	sp_place nowhere = SP_NOWHERE;

	while ((place = sp_place_next_always(place))) {
		if (c->seen[sp_place_index(place)])
			continue;
		nowhere.entry = place->path;
		if (!sp_found(c->check, err, SP_FOUND_STRUCTURE, &nowhere,
		              N_("it is missing; every package has it")))
			return false;
	}
	return true;
}

static const sp_place in_manifest = { SP_MANIFEST, -1, 0, 0 };

/* What there is of a kind, as the manifest counts it. */
static int64_t count_of(const sp_contents *c, const char *kind)
{
	const sp_tally *tally = sp_walk_tally(c->walk, kind);

	if (strcmp(kind, "external_reference") == 0)
		return (int64_t)c->externals;
	if (strcmp(kind, "file") == 0)
		return tally ? (int64_t)tally->entries : 0;
	return tally && tally->rows > 0 ? tally->rows : 0;
}

static bool has_feature(const sp_json *manifest, const char *name)
{
	const sp_json *feature = sp_json_first(sp_json_get(manifest, "features"));

	for (; feature; feature = sp_json_next(feature)) {
		if (sp_json_value_text(feature) && !strcmp(sp_json_value_text(feature), name))
			return true;
	}
	return false;
}

static bool check_counts(sp_contents *c, const sp_json *manifest, sp_error *err)
{
	const sp_json *counts = sp_json_get(manifest, "counts"), *count;

	for (count = sp_json_first(counts); count; count = sp_json_next(count)) {
		const char *kind = sp_json_key(count);
		int64_t told = sp_json_int(counts, kind, INT64_MIN);

		/* files inside the metadata are no entries; what is no number was told */
		if ((!strcmp(kind, "file") && !has_feature(manifest, "files")) || told == INT64_MIN)
			continue;
		if (told != count_of(c, kind) &&
		    !sp_found(c->check, err, SP_FOUND_COUNT, &in_manifest,
		              N_("it counts %lld of \"%s\", but there are %lld"), (long long)told, kind,
		              (long long)count_of(c, kind)))
			return false;
	}
	return true;
}

static bool check_mapping(sp_contents *c, sp_error *err)
{
	sp_place place = { "compatibility/instance_mapping.json", -1, 0, 0 };

	if (c->row_count == (int64_t)c->mapped_rows ||
	    !c->seen[sp_place_index(sp_place_find(place.entry))])
		return true;
	return sp_found(c->check, err, SP_FOUND_MAPPING, &place,
	                N_("it counts %lld rows, but there are %llu"), (long long)c->row_count,
	                (unsigned long long)c->mapped_rows);
}

/* What a reader must understand, and what it may leave unread. */
static bool check_features(sp_contents *c, const sp_json *manifest, const char *list,
                           sp_found_id id, sp_error *err)
{
	const sp_json *feature = sp_json_first(sp_json_get(manifest, list));

	for (; feature; feature = sp_json_next(feature)) {
		const char *name = sp_json_value_text(feature);

		if (name && !sp_feature_is_known(name) &&
		    !sp_found(c->check, err, id, &in_manifest,
		              N_("this program doesn't know the feature \"%s\""), name))
			return false;
	}
	return true;
}

static bool check_reader(sp_contents *c, sp_error *err)
{
	const sp_json *info = sp_walk_version_info(c->walk);
	const char *least = sp_json_text(info, "minimum_reader_version");
	sp_place place = { SP_VERSION_INFO, -1, 0, 0 };
	unsigned long major, minor;

	if (!info && c->seen[sp_place_index(sp_place_find(SP_VERSION_INFO))])
		return sp_found(c->check, err, SP_FOUND_MANIFEST, &place, N_("it can't be understood"));
	if (!least || sp_version_is_readable(least))
		return true;
	if (!sp_version_read(least, &major, &minor))
		return sp_found(c->check, err, SP_FOUND_MANIFEST, &place, N_("\"%s\" isn't a version"),
		                least);
	return sp_found(c->check, err, SP_FOUND_NEWER_VERSION, &place,
	                N_("it needs a reader of version %s of the format"), least);
}

/* The exporter's own warnings travel in the manifest. */
static bool pass_warnings(sp_contents *c, const sp_json *manifest, sp_error *err)
{
	const sp_json *warning = sp_json_first(sp_json_get(manifest, "warnings"));

	for (; warning; warning = sp_json_next(warning)) {
		const char *code = sp_json_text(warning, "code");

		if (code && !sp_found(c->check, err, SP_FOUND_WARNING, &in_manifest,
		                      N_("its export warned of: %s (%lld)"), code,
		                      (long long)sp_json_int(warning, "count", 0)))
			return false;
	}
	return true;
}

bool sp_contents_end(sp_contents *c, sp_error *err)
{
	const sp_json *manifest = sp_walk_manifest(c->walk);
	const char *type = sp_json_text(manifest, "package_type");

	if (!sp_walk_is_known(c->walk))
		return true;
	if (!type || strcmp(type, "run") != 0)
		return sp_found(c->check, err, SP_FOUND_NEWER_FEATURE, &in_manifest,
		                N_("this program doesn't know packages of the type \"%s\""),
		                type ? type : "?");
	if (!check_reader(c, err) ||
	    !check_features(c, manifest, "features", SP_FOUND_NEWER_FEATURE, err) ||
	    !check_features(c, manifest, "optional_features", SP_FOUND_ODD_FEATURE, err))
		return false;
	if (!sp_walk_is_understood(c->walk))
		return pass_warnings(c, manifest, err);
	return check_structure(c, err) && check_counts(c, manifest, err) && check_mapping(c, err) &&
	       check_references(c, err) && pass_warnings(c, manifest, err);
}
