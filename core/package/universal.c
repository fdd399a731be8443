#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/package/foreign.h"
#include "core/package/format.h"
#include "core/package/walk.h"

/*
 * The universal package: metadata.json says what it is, manifest.json lists
 * entities and what depends on what, entities/<kind>_<n>.json holds one each, with
 * `entity_uuid` and perhaps `imported_from_uuid`, files/… what they name. How
 * manifest.json is built isn't fixed: any UUID in its "entities" and
 * "dependencies", as a key or as a text, names an entity.
 */

#define METADATA  "metadata.json"
#define ENTITIES  "entities/"
#define FILES     "files/"
#define ENTITY    "entity" /* the links' word: a UUID may name any kind */
#define MAX_KIND  64
#define OWN_MAJOR 1

typedef enum { IN_OTHER, IN_METADATA, IN_MANIFEST, IN_ENTITY } place;

typedef struct {
	sp_foreign foreign;
	sp_walk_watcher watcher;
	place place;
	char kind[MAX_KIND]; /* of the entity */
	char key[MAX_KIND];  /* the last */
	bool has_id;
	bool names; /* what stands in this part of the manifest does */
	bool has_metadata;
} reading;

static bool has_key(const sp_scan *key)
{
	return sp_scan_is(key, "entities") || sp_scan_is(key, "dependencies");
}

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_own(const char *path)
{
	return strcmp(path, METADATA) == 0 || strcmp(path, SP_MANIFEST) == 0 ||
	       begins_with(path, ENTITIES);
}

static bool is_json(const char *path, bool *is_data)
{
	*is_data = begins_with(path, ENTITIES);
	return is_own(path);
}

/* --- entries --- */

/* "dataset" of "entities/dataset_1.json"; false where it isn't such a name. */
static bool take_kind(reading *r, const char *path)
{
	const char *name = path + strlen(ENTITIES), *end = strrchr(path, '_'), *at;

	if (!end || end <= name || end - name >= MAX_KIND || strchr(name, '/'))
		return false;
	for (at = end + 1; *at >= '0' && *at <= '9'; at++)
		;
	if (at == end + 1 || strcmp(at, ".json") != 0)
		return false;
	memcpy(r->kind, name, (size_t)(end - name));
	r->kind[end - name] = '\0';
	return true;
}

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	reading *r = ctx;
	sp_place at = { path, -1, 0, 0 };

	*r->key = '\0';
	r->names = false;
	r->place = strcmp(path, METADATA) == 0      ? IN_METADATA
	           : strcmp(path, SP_MANIFEST) == 0 ? IN_MANIFEST
	           : begins_with(path, ENTITIES)    ? IN_ENTITY
	                                            : IN_OTHER;
	r->has_metadata = r->has_metadata || r->place == IN_METADATA;
	sp_links_entry(r->foreign.links, number);
	if (r->place != IN_ENTITY || take_kind(r, path))
		return true;
	r->place = IN_OTHER;
	return sp_found(r->foreign.check, err, SP_FOUND_ODD_ENTRY, &at,
	                N_("this program knows no such entry; it isn't read"));
}

static bool end_entry(void *ctx, uint64_t size, int64_t rows, sp_error *err)
{
	reading *r = ctx;

	(void)rows;
	if (!sp_foreign_go_on(&r->foreign, err))
		return false;
	if (r->place == IN_ENTITY)
		return sp_walk_count(r->foreign.walk, r->kind, 1, size, 0, err);
	return r->place != IN_OTHER || sp_walk_count(r->foreign.walk, "file", 1, size, -1, err);
}

/* --- texts --- */

static void take_entity(reading *r, size_t depth, const char *text, size_t len)
{
	bool names_file = strstr(r->key, "file") || strstr(r->key, "path");

	if (depth == 1 && strcmp(r->key, "entity_uuid") == 0) {
		r->has_id = true;
		if (!sp_links_row(r->foreign.links, ENTITY, text, len))
			sp_foreign_tell(&r->foreign, SP_FOUND_ROW, N_("a row's id isn't a UUID"));
	} else if (names_file && len > strlen(FILES) && begins_with(text, FILES)) {
		sp_links_file(r->foreign.links, text, len);
	}
}

static void take_metadata(reading *r, size_t depth, const char *text, size_t len)
{
	if (depth == 1 && (len != 4 || memcmp(text, "null", 4) != 0))
		sp_foreign_say(&r->foreign, r->key, text, len);
}

static void take_key(reading *r, size_t depth, const char *text, size_t len)
{
	if (len >= sizeof r->key)
		len = 0;
	memcpy(r->key, text, len);
	r->key[len] = '\0';
	if (r->place == IN_MANIFEST && depth == 1)
		r->names = !strcmp(r->key, "entities") || !strcmp(r->key, "dependencies");
	else if (r->names)
		sp_links_name(r->foreign.links, ENTITY, text, len, true);
}

/* A key, a text or a literal, without quotes and escapes. */
static void take_text(reading *r, sp_scan_token kind, size_t depth, const char *text, size_t len)
{
	if (kind == SP_SCAN_KEY)
		take_key(r, depth, text, len);
	else if (r->place == IN_METADATA)
		take_metadata(r, depth, text, len);
	else if (r->place == IN_ENTITY && kind == SP_SCAN_STRING)
		take_entity(r, depth, text, len);
	else if (r->names && kind == SP_SCAN_STRING)
		sp_links_name(r->foreign.links, ENTITY, text, len, true);
}

static void take_bracket(reading *r, sp_scan_token kind)
{
	if (kind == SP_SCAN_OBJECT) {
		r->has_id = false;
		sp_walk_row(r->foreign.walk, r->kind, false);
	} else if (kind == SP_SCAN_OBJECT_END) {
		sp_walk_row(r->foreign.walk, r->kind, true);
		if (!r->has_id)
			sp_foreign_tell(&r->foreign, SP_FOUND_ROW, N_("a row has no UUID"));
		sp_walk_count(r->foreign.walk, r->kind, 0, 0, 1, &r->foreign.error);
	} else if (kind != SP_SCAN_ARRAY_END) {
		sp_foreign_tell(&r->foreign, SP_FOUND_ROW, N_("a row that isn't an object"));
	}
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	reading *r = ctx;
	bool is_quoted = kind == SP_SCAN_KEY || kind == SP_SCAN_STRING;
	sp_buf plain = { 0 };

	if (r->place == IN_OTHER || sp_error_is_set(&r->foreign.error))
		return;
	if (depth == 0 && r->place == IN_ENTITY)
		take_bracket(r, kind);
	if (!is_quoted && kind != SP_SCAN_LITERAL)
		return;
	if (is_quoted && token->start)
		sp_scan_unescape(token, &plain);
	else if (token->start)
		sp_buf_add(&plain, token->start, token->len);
	sp_buf_adds(&plain, "");
	if (plain.failed)
		sp_fail_memory(&r->foreign.error);
	else
		take_text(r, kind, depth, sp_buf_text(&plain), plain.len);
	sp_buf_free(&plain);
}

/* --- life --- */

static void free_reading(void *ctx)
{
	reading *r = ctx;

	sp_foreign_clear(&r->foreign);
	free(r);
}

static void *begin(sp_walk *walk, sp_checking *check, bool deep, sp_error *err)
{
	reading *r = calloc(1, sizeof *r);

	if (!r) {
		sp_fail_memory(err);
		return NULL;
	}
	r->watcher =
		(sp_walk_watcher){ .begin = begin_entry, .end = end_entry, .token = take_token, .ctx = r };
	if (sp_foreign_begin(&r->foreign, walk, check, deep, err)) {
		sp_walk_watch(walk, &r->watcher);
		return r;
	}
	free_reading(r);
	return NULL;
}

/* --- at the end --- */

static const sp_place in_metadata = { METADATA, -1, 0, 0 };

static const char *version_of(const reading *r)
{
	static const char *const keys[] = { "format_version", "package_version", "version" };
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (sp_json_text(r->foreign.metadata, keys[i]))
			return sp_json_text(r->foreign.metadata, keys[i]);
	}
	return NULL;
}

static bool check_version(reading *r, sp_error *err)
{
	const char *version = version_of(r);
	char *end;

	if (!version || *version < '0' || *version > '9')
		return sp_found(r->foreign.check, err, SP_FOUND_FORMAT, &in_metadata,
		                N_("it doesn't say the version of its format"));
	return strtoul(version, &end, 10) <= OWN_MAJOR ||
	       sp_found(r->foreign.check, err, SP_FOUND_NEWER_VERSION, &in_metadata,
	                N_("this program can't read version %s of the format"), version);
}

static bool end(void *ctx, sp_error *err)
{
	reading *r = ctx;

	if (!r->has_metadata && !sp_found(r->foreign.check, err, SP_FOUND_STRUCTURE, &in_metadata,
	                                  N_("it is missing; every package has it")))
		return false;
	return sp_found(r->foreign.check, err, SP_FOUND_LAYOUT, &in_metadata,
	                N_("a universal package: it has no checksums")) &&
	       (!r->has_metadata || check_version(r, err)) &&
	       (!r->foreign.deep || sp_links_end(r->foreign.links, true, is_own, err));
}

static bool about(void *ctx, sp_json *result)
{
	reading *r = ctx;

	return sp_foreign_about(&r->foreign, sp_format_universal.name, version_of(r), result);
}

const sp_format sp_format_universal = { "universal", has_key, is_json,     begin,
	                                    end,         about,   free_reading };
