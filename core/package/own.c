#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/model/entity.h"
#include "core/package/contents.h"
#include "core/package/format.h"
#include "core/package/places.h"
#include "core/package/walk.h"

/*
 * Spaceport's own format (doc/package-format.md). Its lists are the walk's, what
 * its rows say is contents.c's; here is who calls whom, and where its rows are.
 */

typedef struct {
	sp_walk *walk;
	sp_contents *contents; /* NULL: nobody looks so deep */
	sp_walk_watcher watcher;
	const sp_place_kind *place;
	const char *inner; /* the kind of the rows in the mapping's open array; NULL: none */
} reading;

static bool has_key(const sp_scan *key)
{
	return sp_scan_is(key, "format");
}

static bool is_json(const char *path, bool *is_data)
{
	const sp_place_kind *place = sp_place_find(path);

	/* what the format doesn't know may be data of a newer one */
	*is_data = !place || place->holds != SP_HOLDS_OTHER;
	return !place || !place->kind || strcmp(place->kind, "file") != 0;
}

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	reading *r = ctx;

	(void)number;
	(void)err;
	r->place = sp_place_find(path);
	r->inner = NULL;
	return true;
}

/* How many brackets are open around its rows; -1: it has none. */
static int depth_of_rows(const reading *r)
{
	if (!r->place || r->place->holds == SP_HOLDS_NOTHING || r->place->holds == SP_HOLDS_OTHER ||
	    r->place->holds == SP_HOLDS_TARGETS)
		return -1;
	if (r->place->holds != SP_HOLDS_MAPPING ||
	    sp_row_check_form(sp_walk_rows(r->walk)) == SP_ROWS_LINES)
		return 0;
	/* the mapping's document: {…, "rows": [{…}, …], "authors": [{…}, …], …} */
	return r->inner ? 2 : -1;
}

static const char *inner_kind(const sp_scan *key)
{
	if (sp_scan_is(key, "rows"))
		return SP_KIND_MAPPING;
	return sp_scan_is(key, "authors") ? sp_entities[SP_USER].name : NULL;
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	reading *r = ctx;

	if (kind == SP_SCAN_KEY && depth == 1)
		r->inner = token->start ? inner_kind(token) : NULL;
	if ((kind == SP_SCAN_OBJECT || kind == SP_SCAN_OBJECT_END) && (int)depth == depth_of_rows(r))
		sp_walk_row(r->walk, r->inner ? r->inner : r->place->kind, kind == SP_SCAN_OBJECT_END);
}

static void free_reading(void *ctx)
{
	reading *r = ctx;

	sp_contents_free(r->contents);
	free(r);
}

static void *begin(sp_walk *walk, sp_checking *check, bool deep, sp_error *err)
{
	reading *r = calloc(1, sizeof *r);

	if (!r) {
		sp_fail_memory(err);
		return NULL;
	}
	r->walk = walk;
	r->watcher = (sp_walk_watcher){ .begin = begin_entry, .token = take_token, .ctx = r };
	sp_walk_watch(walk, &r->watcher);
	if (!deep)
		return r;
	r->contents = sp_contents_create(check, err);
	if (!r->contents) {
		free_reading(r);
		return NULL;
	}
	sp_contents_watch(r->contents, walk);
	return r;
}

static bool end(void *ctx, sp_error *err)
{
	reading *r = ctx;

	return sp_walk_compare(r->walk, err) && (!r->contents || sp_contents_end(r->contents, err));
}

static bool about(void *ctx, sp_json *result)
{
	const reading *r = ctx;
	const sp_json *manifest = sp_walk_manifest(r->walk);

	return !manifest ||
	       (sp_json_add_text(result, "format", sp_json_text(manifest, "format")) &&
	        sp_json_add_text(result, "format_version", sp_json_text(manifest, "format_version")));
}

const sp_format sp_format_own = { "spaceport", has_key, is_json, begin, end, about, free_reading };
