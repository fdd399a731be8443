#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/model/secrets.h"
#include "core/package/document.h"
#include "core/package/foreign.h"
#include "core/package/format.h"
#include "core/package/versions.h"
#include "core/package/walk.h"

/*
 * Packages that open-politics-hq itself writes: manifest.json is one document,
 * {"metadata": {…}, "content": {…}}, in which all rows stand, nested; files/…
 * holds what they name. There are no checksums and no counts. The document may be
 * as large as a package: it is read as it passes.
 */

enum {
	NODE_METADATA = SP_NODE_ROOT + 1,
	NODE_CONTENT,
	NODE_ASSET_NAMED, /* a row that is named where it must be there … */
	NODE_SCHEMA_NAMED,
	NODE_NAMED, /* … or may be elsewhere */
	/* rows, from here on */
	NODE_INFOSPACE,
	NODE_RUN,
	NODE_SCHEMA,
	NODE_ASSET,
	NODE_CHUNK,
	NODE_ANNOTATION,
	NODE_JUSTIFICATION,
	NODE_BUNDLE,
	NODE_SOURCE,
	NODE_DATASET,
	NODES
};

static const sp_document_way ways[] = {
	{ SP_NODE_ROOT, "metadata", NODE_METADATA },
	{ SP_NODE_ROOT, "content", NODE_CONTENT },
	/* of an infospace: lists of what a package of that type has as content */
	{ NODE_CONTENT, "*_content", NODE_CONTENT },
	{ NODE_CONTENT, "infospace_details", NODE_INFOSPACE },
	{ NODE_CONTENT, "annotation_run", NODE_RUN },
	{ NODE_CONTENT, "annotation_schema", NODE_SCHEMA },
	{ NODE_CONTENT, "bundle", NODE_BUNDLE },
	{ NODE_CONTENT, "source", NODE_SOURCE },
	{ NODE_CONTENT, "dataset", NODE_DATASET },
	{ NODE_CONTENT, "asset", NODE_ASSET },
	{ NODE_RUN, "annotation_schemas", NODE_SCHEMA },
	{ NODE_RUN, "assets", NODE_ASSET },
	{ NODE_RUN, "annotations", NODE_ANNOTATION },
	{ NODE_SOURCE, "assets", NODE_ASSET },
	{ NODE_BUNDLE, "assets", NODE_ASSET },
	{ NODE_BUNDLE, "asset_references", NODE_NAMED },
	{ NODE_DATASET, "assets", NODE_ASSET },
	{ NODE_ASSET, "chunks", NODE_CHUNK },
	{ NODE_ANNOTATION, "justifications", NODE_JUSTIFICATION },
	{ NODE_ANNOTATION, "asset_reference", NODE_ASSET_NAMED },
	{ NODE_ANNOTATION, "schema_reference", NODE_SCHEMA_NAMED },
	{ SP_NODE_NONE, NULL, SP_NODE_NONE },
};

static const struct {
	const char *kind;
	const char *id; /* the key of its UUID; NULL: it needn't have one */
} rows[NODES] = {
	[NODE_INFOSPACE] = { "infospace", NULL },
	[NODE_RUN] = { "run", "uuid" },
	[NODE_SCHEMA] = { "schema", "uuid" },
	[NODE_ASSET] = { "asset", "uuid" },
	[NODE_CHUNK] = { "chunk", NULL },
	[NODE_ANNOTATION] = { "annotation", "uuid" },
	[NODE_JUSTIFICATION] = { "justification", NULL },
	[NODE_BUNDLE] = { "bundle", "uuid" },
	[NODE_SOURCE] = { "source", "uuid" },
	[NODE_DATASET] = { "dataset", "entity_uuid" },
};

/* The types that HQ writes. `holds`: a row that must be there; NODES: whatever.
 * `about`: also what isn't in it though the instance has it. */
#define PLAIN N_("open-politics-hq's own package: it has no checksums")
static const struct {
	const char *type;
	int holds;
	bool names_all; /* each of its files is named */
	const char *about;
} types[] = {
	{ "run", NODE_RUN, true,
	  N_("open-politics-hq's own package of a run: it has no checksums; bundles, sources, "
	     "curations, graph edges, aggregates, embeddings and authors aren't in it") },
	{ "infospace", NODE_INFOSPACE, true,
	  N_("open-politics-hq's own package of an infospace: it has no checksums; curations, graphs, "
	     "flows, tasks, aggregates, embeddings and authors aren't in it") },
	{ "schema", NODE_SCHEMA, true, PLAIN },
	{ "source", NODE_SOURCE, true, PLAIN },
	{ "bundle", NODE_BUNDLE, true, PLAIN },
	{ "dataset", NODES, true, PLAIN },
	{ "asset", NODES, true, PLAIN },
	{ "package", NODES, false, PLAIN },
	{ "mixed", NODES, false, PLAIN },
};

#define TYPES     (sizeof types / sizeof *types)
#define OWN_MAJOR 1
#define MAX_PATH  4096

typedef struct {
	sp_foreign foreign;
	sp_walk_watcher watcher;
	sp_document document;
	bool is_manifest; /* the entry is */
	bool has_content;
	uint64_t counts[NODES];
	uint64_t files, file_bytes;
	/* of the rows that are open: one of a kind, no kind stands in itself */
	bool has_id[NODES];
	size_t settings; /* depth of the key whose value are settings; 0: not in any */
	size_t secret;   /* the same of a key that names a secret, in them */
	bool told_secret;
	char file[MAX_PATH + 1], hash[SP_SHA256_HEX + 1]; /* the asset's */
} reading;

/* --- recognising --- */

static bool has_key(const sp_scan *key)
{
	return sp_scan_is(key, "metadata") || sp_scan_is(key, "content");
}

static bool is_manifest(const char *path)
{
	return strcmp(path, SP_MANIFEST) == 0;
}

static bool is_json(const char *path, bool *is_data)
{
	*is_data = true;
	return is_manifest(path);
}

/* --- rows --- */

static void begin_row(reading *r, sp_node node)
{
	r->counts[node]++;
	r->has_id[node] = false;
	if (node == NODE_ASSET)
		*r->file = *r->hash = '\0';
	sp_walk_row(r->foreign.walk, rows[node].kind, false);
}

static void end_row(reading *r, sp_node node)
{
	sp_walk_row(r->foreign.walk, rows[node].kind, true);
	if (rows[node].id && !r->has_id[node])
		sp_foreign_tell(&r->foreign, SP_FOUND_ROW, N_("a row has no UUID"));
	if (node == NODE_ASSET && r->foreign.deep && *r->file && *r->hash)
		sp_links_hash(r->foreign.links, r->file, strlen(r->file), r->hash);
}

static void take_object(void *ctx, sp_node node, bool ends)
{
	reading *r = ctx;

	if (node == NODE_CONTENT)
		r->has_content = true;
	if (rows[node].kind && ends)
		end_row(r, node);
	else if (rows[node].kind)
		begin_row(r, node);
}

static void take_odd(void *ctx, sp_node node)
{
	reading *r = ctx;

	sp_foreign_tell(&r->foreign, SP_FOUND_ROW,
	                rows[node].kind ? N_("a row that isn't an object")
	                                : N_("an object was expected"));
}

/* --- their values --- */

static void take_id(reading *r, sp_node node, const char *text, size_t len)
{
	r->has_id[node] = true;
	if (!sp_links_row(r->foreign.links, rows[node].kind, text, len))
		sp_foreign_tell(&r->foreign, SP_FOUND_ROW, N_("a row's id isn't a UUID"));
}

static bool is_sha256(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && strchr("0123456789abcdefABCDEF", text[i]); i++)
		;
	return len == SP_SHA256_HEX && i == len;
}

static void take_file(reading *r, const char *path, size_t len)
{
	sp_links_file(r->foreign.links, path, len);
	if (len <= MAX_PATH) {
		memcpy(r->file, path, len);
		r->file[len] = '\0';
	}
}

static void take_asset(reading *r, const char *key, const char *text, size_t len)
{
	if (strcmp(key, "blob_file_reference") == 0)
		take_file(r, text, len);
	else if (strcmp(key, "text_content_file_reference") == 0)
		sp_links_file(r->foreign.links, text, len);
	else if (strcmp(key, "parent_asset_uuid") == 0)
		sp_links_name(r->foreign.links, rows[NODE_ASSET].kind, text, len, false);
	else if (strcmp(key, "content_hash") == 0 && is_sha256(text, len))
		memcpy(r->hash, text, len + 1);
}

static void take_value(void *ctx, sp_node node, const char *key, bool is_text, const char *value,
                       size_t len)
{
	reading *r = ctx;

	/* what is said of the whole: scalars */
	if (node == NODE_METADATA && value && (is_text || len != 4 || memcmp(value, "null", 4) != 0))
		sp_foreign_say(&r->foreign, key, value, len);
	if (!is_text || !value)
		return;
	if (rows[node].id && strcmp(key, rows[node].id) == 0)
		take_id(r, node, value, len);
	else if (node == NODE_ASSET)
		take_asset(r, key, value, len);
	else if (node == NODE_ASSET_NAMED && strcmp(key, "uuid") == 0)
		sp_links_name(r->foreign.links, rows[NODE_ASSET].kind, value, len, true);
	else if (node == NODE_SCHEMA_NAMED && strcmp(key, "uuid") == 0)
		sp_links_name(r->foreign.links, rows[NODE_SCHEMA].kind, value, len, true);
}

/* --- the walk --- */

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	reading *r = ctx;

	(void)err;
	r->is_manifest = is_manifest(path);
	sp_links_entry(r->foreign.links, number);
	sp_document_begin(&r->document);
	return true;
}

static bool end_entry(void *ctx, uint64_t size, int64_t row_count, sp_error *err)
{
	reading *r = ctx;

	(void)row_count;
	if (!r->is_manifest) {
		r->files++;
		r->file_bytes += size;
	}
	return sp_foreign_go_on(&r->foreign, err);
}

/* The platform puts keys of providers into a run's configuration, and people
 * theirs into a source's details; its own packages hold them. */
static bool begins_settings(const reading *r, size_t depth)
{
	sp_node node = r->document.open[depth].node;

	return (node == NODE_RUN && strcmp(r->document.key, "configuration") == 0) ||
	       (node == NODE_SOURCE && strcmp(r->document.key, "details") == 0);
}

/* Under a key that says so, a text that isn't empty, at any depth. */
static void look_for_secret(reading *r, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	if (kind == SP_SCAN_KEY && depth <= r->settings)
		r->settings = 0;
	if (kind == SP_SCAN_KEY && !r->settings && depth <= SP_DOCUMENT_DEPTH &&
	    begins_settings(r, depth)) {
		r->settings = depth;
		r->secret = 0;
	} else if (!r->settings) {
		return;
	} else if (kind == SP_SCAN_KEY && (!r->secret || depth <= r->secret)) {
		bool is = token->start && sp_is_secret_key(token->start + 1, token->len - 2);

		r->secret = is ? depth : 0;
	} else if (kind == SP_SCAN_STRING && r->secret && (!token->start || token->len > 2)) {
		r->told_secret = true;
		sp_foreign_tell(&r->foreign, SP_FOUND_SECRET,
		                N_("it seems to hold somebody's password or key"));
	}
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	reading *r = ctx;

	if (!sp_error_is_set(&r->foreign.error))
		sp_document_token(&r->document, kind, depth, token, &r->foreign.error);
	if (!r->told_secret && r->is_manifest)
		look_for_secret(r, kind, depth, token);
}

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
	r->document = (sp_document){
		.ways = ways, .ctx = r, .object = take_object, .value = take_value, .odd = take_odd
	};
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

static const sp_place in_manifest = { SP_MANIFEST, -1, 0, 0 };

static bool check_version(reading *r, sp_error *err)
{
	const char *version = sp_json_text(r->foreign.metadata, "format_version");
	unsigned long major, minor;

	if (!sp_version_read(version, &major, &minor))
		return sp_found(r->foreign.check, err, SP_FOUND_FORMAT, &in_manifest,
		                N_("it doesn't say the version of its format"));
	if (major > OWN_MAJOR)
		return sp_found(r->foreign.check, err, SP_FOUND_NEWER_VERSION, &in_manifest,
		                N_("this program can't read version %s of the format"), version);
	return minor == 0 || sp_found(r->foreign.check, err, SP_FOUND_NEWER_MINOR, &in_manifest,
	                              N_("version %s of the format may hold what this program leaves "
	                                 "unread"),
	                              version);
}

static bool check_type(reading *r, size_t type, sp_error *err)
{
	int holds = types[type].holds;

	if (!r->has_content)
		return sp_found(r->foreign.check, err, SP_FOUND_STRUCTURE, &in_manifest,
		                N_("it has no \"%s\""), "content");
	return holds == NODES || r->counts[holds] ||
	       sp_found(r->foreign.check, err, SP_FOUND_STRUCTURE, &in_manifest,
	                N_("a package of the type \"%s\" without what it is of"), types[type].type);
}

static bool add_counts(reading *r, sp_error *err)
{
	bool ok = true;
	int node;

	for (node = 0; ok && node < NODES; node++) {
		if (rows[node].kind && r->counts[node])
			ok = sp_walk_count(r->foreign.walk, rows[node].kind, 0, 0, (int64_t)r->counts[node],
			                   err);
	}
	return ok &&
	       (!r->files || sp_walk_count(r->foreign.walk, "file", r->files, r->file_bytes, -1, err));
}

static bool end(void *ctx, sp_error *err)
{
	reading *r = ctx;
	const char *type = sp_json_text(r->foreign.metadata, "package_type");
	size_t i;

	if (!add_counts(r, err))
		return false;
	for (i = 0; i < TYPES && !(type && strcmp(types[i].type, type) == 0); i++)
		;
	if (i == TYPES)
		return sp_found(r->foreign.check, err, SP_FOUND_NEWER_FEATURE, &in_manifest,
		                N_("this program doesn't know packages of the type \"%s\""),
		                type ? type : "?");
	return sp_found_text(r->foreign.check, err, SP_FOUND_LAYOUT, &in_manifest, types[i].about) &&
	       check_version(r, err) && check_type(r, i, err) &&
	       (!r->foreign.deep ||
	        sp_links_end(r->foreign.links, types[i].names_all, is_manifest, err));
}

static bool about(void *ctx, sp_json *result)
{
	reading *r = ctx;
	const char *type = sp_json_text(r->foreign.metadata, "package_type");
	const char *version = sp_json_text(r->foreign.metadata, "format_version");

	return sp_json_add_text(result, "package_type", type) &&
	       sp_foreign_about(&r->foreign, sp_format_hq.name, version, result);
}

const sp_format sp_format_hq = { "hq", has_key, is_json, begin, end, about, free_reading };
