#include <config.h>

#include "core/package/contents.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/package/own_write.h"
#include "core/package/places.h"
#include "core/package/register.h"
#include "core/package/schemas.h"

/* of a row, more than any table has columns */
#define MAX_KEYS 4096
/* of a key or text that is looked at: paths, UUIDs */
#define MAX_TEXT 256

/* What the key at the row's first level stands for. */
typedef enum {
	KEY_OTHER,
	KEY_ID,
	KEY_NAMES,    /* a column that holds UUIDs of rows */
	KEY_MAY_NAME, /* one that seems to */
	KEY_REFS,
	KEY_FILE,
	KEY_TEXTS,
	KEY_INLINE,
	KEY_ROWS, /* of the mapping: its rows, … */
	KEY_AUTHORS
} key_meaning;

/* What __file says of an asset's bytes. */
typedef struct {
	char path[MAX_TEXT], same_as[MAX_TEXT];
	int64_t size;
	bool has_data;
} file_told;

/* An item of __refs. */
typedef struct {
	sp_key uuid;
	bool has_uuid;
	sp_kind_bits kind;
} ref_told;

struct sp_contents {
	sp_checking *check;
	sp_walk *walk;
	sp_walk_watcher watcher;
	sp_register *reg;
	sp_error error; /* of a token: the walk ends with it */

	/* the entry */
	const sp_place_kind *place;
	const char *path;
	bool seen[SP_PLACES];

	/* the row */
	key_meaning key;
	sp_kind_bits names; /* the kind of row that the key names; 0: not known */
	char inner[32];     /* the key inside __refs, __file or the mapping */
	bool has_uuid_id, is_inline;
	sp_key id;
	file_told file;
	ref_told ref;
	uint64_t keys[MAX_KEYS]; /* hashes of its keys; of another row where the stamp is */
	uint32_t stamps[MAX_KEYS], stamp, key_count;

	/* a row of the mapping */
	bool is_external, has_uuid;
	sp_key uuid;
	sp_kind_bits mapped_kind;
	uint64_t mapped_rows, externals;
	int64_t row_count; /* as the mapping says; -1: it doesn't */
};

/* --- keys of a row --- */

static const struct {
	const char *key;
	key_meaning meaning;
	const char *kind; /* of the row that it names */
} columns[] = {
	{ "id", KEY_ID, NULL },
	{ "__refs", KEY_REFS, NULL },
	{ "__file", KEY_FILE, NULL },
	{ "__texts", KEY_TEXTS, NULL },
	{ "__inline", KEY_INLINE, NULL },
	/* what a row can't do without, or loses its place without */
	{ "annotation_id", KEY_NAMES, "annotation" },
	{ "asset_id", KEY_NAMES, "asset" },
	{ "bundle_id", KEY_NAMES, "bundle" },
	{ "bundle_ids", KEY_NAMES, "bundle" },
	{ "canon_id", KEY_NAMES, "canon" },
	{ "flow_id", KEY_NAMES, "flow" },
	{ "graph_id", KEY_NAMES, "graph" },
	{ "infospace_id", KEY_NAMES, "infospace" },
	{ "parent_asset_id", KEY_NAMES, "asset" },
	{ "parent_bundle_id", KEY_NAMES, "bundle" },
	{ "previous_asset_id", KEY_NAMES, "asset" },
	{ "run_id", KEY_NAMES, "run" },
	{ "schema_id", KEY_NAMES, "schema" },
	{ "source_id", KEY_NAMES, "source" },
};

static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(text + len - n, end, n) == 0;
}

static sp_kind_bits kind_of_word(const char *word)
{
	return word ? sp_kind_bits_of(word, strlen(word)) : 0;
}

static key_meaning meaning_of(const char *key, size_t len, sp_kind_bits *names)
{
	size_t i;

	*names = 0;
	for (i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (strlen(columns[i].key) != len || memcmp(columns[i].key, key, len) != 0)
			continue;
		*names = kind_of_word(columns[i].kind);
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
	c->key = meaning_of(key, len, &c->names);
	if (c->place->holds == SP_HOLDS_TARGETS)
		c->key = len == 4 && !memcmp(key, "uuid", 4) ? KEY_ID : KEY_OTHER;
	if (c->key == KEY_FILE)
		c->file = (file_told){ .size = -1 };
	c->is_inline = c->is_inline || c->key == KEY_INLINE;
}

/* --- what rows say --- */

static bool take_uuid(const char *text, size_t len, sp_key *key)
{
	return len == SP_UUID_LEN && sp_key_of_uuid(text, key->bytes);
}

/* A UUID as the id of this row. */
static void take_id(sp_contents *c, const char *text, size_t len)
{
	sp_place place = here(c);

	c->has_uuid_id = take_uuid(text, len, &c->id);
	if (c->has_uuid_id)
		sp_register_row(c->reg, &place, &c->id, kind_of_word(c->place->kind));
	else
		tell_row(c, N_("a row's id isn't a UUID"));
}

/* A UUID that names a row. */
static void take_name(sp_contents *c, const char *text, size_t len, sp_kind_bits kind, bool surely)
{
	sp_place place = here(c);
	sp_key key;

	if (take_uuid(text, len, &key))
		sp_register_name(c->reg, &place, &key, kind, surely);
}

/* --- files --- */

static void keep_text(char to[MAX_TEXT], const char *text, size_t len)
{
	len = len < MAX_TEXT ? len : MAX_TEXT - 1;
	memcpy(to, text, len);
	to[len] = '\0';
}

static int64_t number_of(const char *text, size_t len)
{
	char digits[20] = "";

	if (len >= sizeof digits)
		return -1;
	memcpy(digits, text, len);
	return strtoll(digits, NULL, 10);
}

static void take_file(sp_contents *c, const char *text, size_t len, bool is_text)
{
	if (is_text && !strcmp(c->inner, "path"))
		keep_text(c->file.path, text, len);
	else if (is_text && !strcmp(c->inner, "same_as"))
		keep_text(c->file.same_as, text, len);
	else if (is_text && !strcmp(c->inner, "data"))
		c->file.has_data = true;
	else if (!is_text && !strcmp(c->inner, "size"))
		c->file.size = number_of(text, len);
}

static void end_file(sp_contents *c)
{
	sp_place place = here(c);

	if (*c->file.path)
		sp_register_bytes(c->reg, &place, true, false, c->file.path, c->file.size);
	if (*c->file.same_as)
		sp_register_bytes(c->reg, &place, true, true, c->file.same_as, c->file.size);
	if (c->file.has_data)
		sp_register_bytes(c->reg, &place, false, true, c->path, c->file.size);
}

/* --- texts in a row --- */

static void take_ref(sp_contents *c, const char *text, size_t len)
{
	if (!strcmp(c->inner, "uuid"))
		c->ref.has_uuid = take_uuid(text, len, &c->ref.uuid);
	else if (!strcmp(c->inner, "kind"))
		c->ref.kind = sp_kind_bits_of(text, len);
}

static void end_ref(sp_contents *c)
{
	sp_place place = here(c);

	if (c->ref.has_uuid)
		sp_register_name(c->reg, &place, &c->ref.uuid, c->ref.kind, true);
}

static void take_own_id(sp_contents *c, const char *text, size_t len)
{
	switch (c->place->holds) {
	case SP_HOLDS_PARTS: take_name(c, text, len, kind_of_word("chunk"), true); break;
	case SP_HOLDS_TARGETS: take_name(c, text, len, kind_of_word("asset"), true); break;
	default: take_id(c, text, len);
	}
}

static void take_path(sp_contents *c, const char *path, size_t len)
{
	sp_place place = here(c);

	sp_register_path(c->reg, &place, path, len);
}

static void take_text(sp_contents *c, size_t depth, const char *text, size_t len)
{
	switch (c->key) {
	case KEY_ID:
		if (depth == 1)
			take_own_id(c, text, len);
		break;
	case KEY_NAMES:
	case KEY_MAY_NAME:
		if (depth <= 2)
			take_name(c, text, len, c->names, c->key == KEY_NAMES);
		break;
	case KEY_REFS:
		if (depth == 3)
			take_ref(c, text, len);
		break;
	case KEY_FILE:
		if (depth == 2)
			take_file(c, text, len, true);
		break;
	case KEY_TEXTS:
		if (depth == 2)
			take_path(c, text, len);
		break;
	default: break;
	}
}

static void begin_row(sp_contents *c)
{
	c->stamp++;
	c->key_count = 0;
	c->key = KEY_OTHER;
	c->has_uuid_id = c->is_inline = false;
}

static void end_row(sp_contents *c)
{
	c->key = KEY_OTHER;
	/* what stands inside a value has no origin of its own */
	if (c->has_uuid_id && !c->is_inline)
		sp_register_due(c->reg, &c->id);
}

/* --- the mapping --- */

static void begin_mapped(sp_contents *c)
{
	c->is_external = c->has_uuid = false;
	c->mapped_kind = kind_of_word("");
}

static void end_mapped(sp_contents *c)
{
	sp_place place = here(c);

	c->mapped_rows += c->key != KEY_AUTHORS;
	c->externals += c->is_external && c->key != KEY_AUTHORS;
	if (!c->has_uuid)
		return;
	sp_register_mapped(c->reg, &place, &c->uuid,
	                   c->key == KEY_AUTHORS ? kind_of_word("user") : c->mapped_kind,
	                   c->is_external || c->key == KEY_AUTHORS);
}

/* In the document the rows stand in "rows", in lines each is one. */
static size_t mapping_depth(const sp_contents *c)
{
	return sp_row_check_form(sp_walk_rows(c->walk)) == SP_ROWS_LINES ? 0 : 2;
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
	else if (inside && depth == base + 1 && kind == SP_SCAN_STRING && !strcmp(c->inner, "kind"))
		c->mapped_kind = sp_kind_bits_of(text, len);
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
	else if (depth == 0 && kind == SP_SCAN_OBJECT_END)
		end_row(c);
	else if (depth == 1 && kind == SP_SCAN_KEY)
		take_key(c, text, len);
	else if (depth == 2 && c->key == KEY_REFS && kind == SP_SCAN_OBJECT)
		c->ref = (ref_told){ .has_uuid = false };
	else if (depth == 2 && c->key == KEY_REFS && kind == SP_SCAN_OBJECT_END)
		end_ref(c);
	else if (depth == 2 && c->key == KEY_FILE && kind == SP_SCAN_LITERAL)
		take_file(c, text, len, false);
	else if (depth == 1 && c->key == KEY_FILE && kind == SP_SCAN_OBJECT_END)
		end_file(c);
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

	if (!c->place || c->place->holds == SP_HOLDS_OTHER || depth > 3 || sp_error_is_set(&c->error))
		return;
	if (kind != SP_SCAN_KEY && kind != SP_SCAN_STRING) {
		take_plain(c, kind, depth, token->start ? token->start : "", token->len);
	} else if (!token->start || token->len > MAX_TEXT) {
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
		return sp_register_go_on(c->reg, err);
	sp_error_move(err, &c->error);
	return false;
}

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	sp_contents *c = ctx;
	sp_place place = { path, -1, 0, 0 };

	c->place = sp_place_find(path);
	c->path = path;
	c->key = KEY_OTHER;
	*c->inner = '\0';
	sp_register_entry(c->reg, path, number);
	if (c->place)
		c->seen[sp_place_index(c->place)] = true;
	else if (!sp_found(c->check, err, SP_FOUND_ODD_ENTRY, &place,
	                   N_("this program knows no such entry; it isn't read")))
		return false;
	return go_on(c, err);
}

static bool end_entry(void *ctx, uint64_t size, int64_t rows, sp_error *err)
{
	static const sp_place nowhere = SP_NOWHERE;
	sp_contents *c = ctx;

	(void)rows;
	if (c->place && !strcmp(c->place->path, SP_PLACE_FILES))
		sp_register_bytes(c->reg, &nowhere, false, false, c->path, (int64_t)size);
	return go_on(c, err);
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

static const sp_json_schema *schema_of(void *ctx, const char *path)
{
	const sp_place_kind *place = sp_place_find(path);

	(void)ctx;
	return place ? sp_schema_find(place->schema) : NULL;
}

/* --- life --- */

sp_contents *sp_contents_create(sp_checking *check, sp_error *err)
{
	sp_contents *c = calloc(1, sizeof *c);

	if (!c) {
		sp_fail_memory(err);
		return NULL;
	}
	c->check = check;
	c->row_count = -1;
	c->watcher = (sp_walk_watcher){ .begin = begin_entry,
		                            .end = end_entry,
		                            .token = take_token,
		                            .listed = take_listed,
		                            .ctx = c,
		                            .schema = schema_of };
	c->reg = sp_register_create(check, err);
	if (c->reg)
		return c;
	sp_contents_free(c);
	return NULL;
}

void sp_contents_free(sp_contents *c)
{
	if (!c)
		return;
	sp_register_free(c->reg);
	sp_error_clear(&c->error);
	free(c);
}

void sp_contents_watch(sp_contents *contents, sp_walk *walk)
{
	contents->walk = walk;
	sp_walk_watch(walk, &contents->watcher);
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

	if (!sp_walk_tell_newer(c->walk, err))
		return false;
	/* what is newer may mean anything */
	if (!sp_walk_is_known(c->walk))
		return true;
	return check_structure(c, err) && check_counts(c, manifest, err) && check_mapping(c, err) &&
	       sp_register_end(c->reg, c->walk, err) && pass_warnings(c, manifest, err);
}
