#include <config.h>

#include "core/model/refs.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/scan.h"

const char *const sp_ref_forms[SP_REF_FORMS] = {
	[SP_REF_NUMBER] = "number", [SP_REF_STRING] = "string", [SP_REF_PREFIX] = "prefix",
	[SP_REF_KEY] = "key",       [SP_REF_MARKER] = "marker", [SP_REF_UUID] = "uuid",
};

/* What stands at a place. */
typedef enum {
	AT_ID,     /* an id, as a number or a string of digits */
	AT_WORD,   /* "word:id", or an object of a word and an id */
	AT_KEYS,   /* an object whose keys are ids */
	AT_TEXT,   /* a text that mentions ids behind a word */
	AT_UUID
} place_form;

/*
 * A place in a column. `path`: parts as in a JSON Pointer without its first
 * slash; "#" is any item of an array, "*" any one part, "**" any number. `word`: for AT_ID the
 * sibling whose value names the kind (kind -1), for AT_TEXT what stands before
 * the id.
 */
typedef struct {
	const char *path;
	place_form form;
	int kind;
	const char *word;
	bool maybe, own;
} place;

static const place config_places[] = {
	{ "target_asset_ids/#", AT_ID, SP_ASSET, .own = true },
	{ "target_bundle_id", AT_ID, SP_BUNDLE },
	{ "previous_run_id", AT_ID, SP_RUN },
	{ "schema_ids/#", AT_ID, SP_SCHEMA },
	{ "_chained_asset_ids/#", AT_ID, SP_ASSET },
	{ 0 }
};

static const place trigger_places[] = {
	{ "parent_run_id", AT_ID, SP_RUN },
	{ "source_run_id", AT_ID, SP_RUN },
	{ "previous_asset_id", AT_ID, SP_ASSET },
	{ "new_asset_id", AT_ID, SP_ASSET },
	{ "extended_by_user_id", AT_ID, SP_USER },
	{ 0 }
};

static const place graph_places[] = {
	{ "graph_id", AT_ID, SP_GRAPH },
	{ "target_graph_id", AT_ID, SP_GRAPH },
	{ 0 }
};

/* Dashboards: one object or a list of one. */
static const place view_places[] = {
	{ "**/selectedSchemaId", AT_ID, SP_SCHEMA },
	{ "**/selectedSchemaIds/#", AT_ID, SP_SCHEMA },
	{ "**/selectedGraphSchemaId", AT_ID, SP_SCHEMA },
	{ "**/geocodeSource/schemaId", AT_ID, SP_SCHEMA },
	{ "**/labelSource/schemaId", AT_ID, SP_SCHEMA },
	{ "**/defaultSelectedSchemaIds/#", AT_ID, SP_SCHEMA },
	{ "**/documentIds/#", AT_ID, SP_ASSET },
	{ "**/sourceId", AT_ID, -1, "sourceType" },
	{ "**/selectedSourceIds/#", AT_ID, SP_SOURCE },
	{ "**/formula/schema_id", AT_ID, SP_SCHEMA },
	{ "**/formulas/*/schema_id", AT_ID, SP_SCHEMA },
	{ "**/formula_inline/schema_id", AT_ID, SP_SCHEMA },
	{ "**/observations/*/run_id", AT_ID, SP_RUN },
	{ "**/observations/*/schema_id_snapshot", AT_ID, SP_SCHEMA },
	{ "**/output_blob/**/annotation_id", AT_ID, SP_ANNOTATION },
	{ "**", AT_KEYS, SP_SCHEMA, "schema", true },
	{ 0 }
};

static const place fragment_places[] = {
	{ "*/source_ref", AT_WORD, -1 },
	{ "*/source_ref/id", AT_ID, -1, "type" },
	{ "*/curated_by_ref", AT_WORD, -1 },
	{ "*/schema_id", AT_ID, SP_SCHEMA },
	{ "*/annotation_run_id", AT_ID, SP_RUN },
	{ 0 }
};

static const place file_places[] = {
	{ "embedded_assets/#", AT_ID, SP_ASSET },
	{ "referenced_bundles/#", AT_ID, SP_BUNDLE },
	{ "source_asset_ids/#", AT_ID, SP_ASSET },
	{ "source_bundle_ids/#", AT_ID, SP_BUNDLE },
	{ "source_run_ids/#", AT_ID, SP_RUN },
	{ "potential_supersedes", AT_ID, SP_ASSET },
	{ "potential_supersedes/#", AT_ID, SP_ASSET },
	{ "supersedes_asset_id", AT_ID, SP_ASSET },
	{ "reconcile_version_of", AT_ID, SP_ASSET },
	{ 0 }
};

static const place article_places[] = { { "", AT_TEXT, SP_ASSET, "{{asset:" }, { 0 } };

static const place value_places[] = {
	{ "**/_system_asset_source_uuid", AT_UUID, SP_ASSET },
	{ 0 }
};

static const place bundle_places[] = {
	{ "source_query", AT_TEXT, SP_BUNDLE, "bundle:", true },
	{ "source_query", AT_TEXT, SP_ASSET, "asset:", true },
	{ 0 }
};

static const place source_places[] = {
	{ "target_bundle_id", AT_ID, SP_BUNDLE },
	{ "user_id", AT_ID, SP_USER },
	{ 0 }
};

static const place asset_list[] = { { "#", AT_ID, SP_ASSET }, { 0 } };
static const place schema_list[] = { { "#", AT_ID, SP_SCHEMA }, { 0 } };
static const place run_list[] = { { "#", AT_ID, SP_RUN }, { 0 } };
static const place bundle_list[] = { { "#", AT_ID, SP_BUNDLE }, { 0 } };

static const place task_places[] = {
	{ "source_id", AT_ID, SP_SOURCE },
	{ "target_source_id", AT_ID, SP_SOURCE },
	{ "target_bundle_id", AT_ID, SP_BUNDLE },
	{ "target_asset_ids/#", AT_ID, SP_ASSET },
	{ "schema_ids/#", AT_ID, SP_SCHEMA },
	{ "flow_id", AT_ID, SP_FLOW },
	{ "target_id", AT_ID, -1, "target_type" },
	{ "infospace_id", AT_ID, SP_INFOSPACE },
	{ "monitor_id", AT_ID, SP_MONITOR },
	{ "pipeline_id", AT_ID, SP_PIPELINE },
	{ 0 }
};

static const place step_places[] = {
	{ "**/schema_ids/#", AT_ID, SP_SCHEMA },
	{ "**/source_id", AT_ID, SP_SOURCE },
	{ "**/target_bundle_id", AT_ID, SP_BUNDLE },
	{ "**/bundle_id", AT_ID, SP_BUNDLE },
	{ "**/bundle_ids/#", AT_ID, SP_BUNDLE },
	{ "**/graph_id", AT_ID, SP_GRAPH },
	{ "**/target_asset_ids/#", AT_ID, SP_ASSET },
	{ "**/previous_run_id", AT_ID, SP_RUN },
	{ 0 }
};

static const place cursor_places[] = {
	{ "last_processed_asset_id", AT_ID, SP_ASSET },
	{ "processed_asset_ids/#", AT_ID, SP_ASSET },
	{ 0 }
};

static const place execution_places[] = {
	{ "user_id", AT_ID, SP_USER },
	{ "infospace_id", AT_ID, SP_INFOSPACE },
	{ 0 }
};

static const place output_places[] = {
	{ "*/run_id", AT_ID, SP_RUN },
	{ "*/schema_ids/#", AT_ID, SP_SCHEMA },
	{ "*/source_id", AT_ID, SP_SOURCE },
	{ "*/bundle_ids/#", AT_ID, SP_BUNDLE },
	{ "*/graph_id", AT_ID, SP_GRAPH },
	{ "*/passed_asset_ids/#", AT_ID, SP_ASSET },
	{ "*/routed_asset_ids/#", AT_ID, SP_ASSET },
	{ 0 }
};

static const place state_places[] = {
	{ "current_asset_ids/#", AT_ID, SP_ASSET },
	{ "annotation_run_ids/#", AT_ID, SP_RUN },
	{ "pending_run_id", AT_ID, SP_RUN },
	{ 0 }
};

static const place canon_places[] = { { "", AT_TEXT, SP_GRAPH, "for graph #" }, { 0 } };

/* Where each list applies; `below`: the part of the column where it begins. */
static const struct {
	const char *table, *column, *below;
	const place *places;
	const char *where;
} columns[] = {
	{ "annotationrun", "configuration", "", config_places, NULL },
	{ "annotationrun", "trigger_context", "", trigger_places, NULL },
	{ "annotationrun", "graph_config", "", graph_places, NULL },
	{ "annotationrun", "views_config", "", view_places, NULL },
	{ "annotationrun", "views_config_legacy_v1", "", view_places, NULL },
	{ "annotationrun", "views_config_pre_formula_unroll", "", view_places, NULL },
	{ "annotationrun", "__panel_reshape_backup_views_config__", "", view_places, NULL },
	{ "asset", "fragments", "", fragment_places, NULL },
	{ "asset", "file_info", "", file_places, NULL },
	{ "asset", "source_metadata", "", file_places, NULL },
	{ "asset", "text_content", "", article_places, "strpos(t.text_content, '{{asset:') > 0" },
	{ "annotation", "value", "", value_places,
	  "t.value @? '$.**.\"_system_asset_source_uuid\"'" },
	{ "bundle", "bundle_metadata", "", bundle_places, NULL },
	{ "source", "details", "", source_places, NULL },
	{ "dataset", "asset_ids", "", asset_list, NULL },
	{ "dataset", "source_scheme_ids", "", schema_list, NULL },
	{ "dataset", "source_job_ids", "", run_list, NULL },
	{ "task", "configuration", "", task_places, NULL },
	{ "task", "configuration", "run_specific_config", config_places, NULL },
	{ "flow", "steps", "", step_places, NULL },
	{ "flow", "cursor_state", "", cursor_places, NULL },
	{ "flow", "views_config", "", view_places, NULL },
	{ "flowexecution", "trigger_context", "", execution_places, NULL },
	{ "flowexecution", "input_asset_ids", "", asset_list, NULL },
	{ "flowexecution", "output_asset_ids", "", asset_list, NULL },
	{ "flowexecution", "step_outputs", "", output_places, NULL },
	{ "flowexecution", "execution_state", "", state_places, NULL },
	{ "monitor", "run_config_override", "", config_places, NULL },
	{ "monitor", "views_config", "", view_places, NULL },
	{ "intelligencepipeline", "source_bundle_ids", "", bundle_list, NULL },
	{ "canon", "description", "", canon_places, NULL },
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(*columns))

/* The words that name a kind inside values. */
static const struct {
	const char *word;
	sp_kind kind;
} kind_words[] = {
	{ "annotation_run", SP_RUN },  { "run", SP_RUN },         { "bundle", SP_BUNDLE },
	{ "asset", SP_ASSET },         { "schema", SP_SCHEMA },   { "annotation_schema", SP_SCHEMA },
	{ "source", SP_SOURCE },       { "flow", SP_FLOW },
	{ "flow_execution", SP_FLOW_EXECUTION },
	{ "user", SP_USER },           { "graph", SP_GRAPH },     { "knowledge_graph", SP_GRAPH },
	{ "monitor", SP_MONITOR },     { "pipeline", SP_PIPELINE }, { "dataset", SP_DATASET },
	{ "infospace", SP_INFOSPACE }, { "task", SP_TASK },
};

static int kind_of_word(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(kind_words) / sizeof(*kind_words); i++)
		if (strlen(kind_words[i].word) == len && !strncasecmp(kind_words[i].word, word, len))
			return (int)kind_words[i].kind;
	return -1;
}

/* --- the walk ----------------------------------------------------------- */

typedef struct {
	const char *begin; /* of the object or array */
	const char *key;   /* of the member, without quotes, as it is spelt; NULL in arrays */
	size_t key_len;
	size_t index;
	bool array;
} frame;

typedef struct {
	const char *column;
	const char *end;         /* of the value */
	sp_ref_fn *fn;
	void *ctx;
	frame *frames;
	size_t depth, room;
	sp_buf pointer, text;
	sp_buf plain; /* a string that was spelt with escapes */
} walk;

/* One part of a pattern: its bytes up to the next slash. */
static size_t part_length(const char *path)
{
	return strcspn(path, "/");
}

/* A string between its quotes, as a scan of it would end. */
static sp_scan scan_of(const char *text, size_t len)
{
	return (sp_scan){ .start = text - 1, .len = len + 2, .escaped = memchr(text, '\\', len) };
}

static bool part_fits(const char *part, size_t len, const frame *at)
{
	char name[64];
	sp_scan key;

	if (len == 1 && (*part == '*' || *part == '#'))
		return *part == '*' || at->array;
	if (!at->key || len >= sizeof(name))
		return false;
	memcpy(name, part, len);
	name[len] = '\0';
	key = scan_of(at->key, at->key_len);
	return sp_scan_is(&key, name);
}

static bool path_fits(const char *path, const frame *at, size_t count)
{
	size_t len, skip;

	if (!*path)
		return count == 0;
	len = part_length(path);
	if (len == 2 && !memcmp(path, "**", 2)) {
		path += path[len] ? len + 1 : len;
		for (skip = 0; skip <= count; skip++)
			if (path_fits(path, at + skip, count - skip))
				return true;
		return false;
	}
	if (!count || !part_fits(path, len, at))
		return false;
	return path_fits(path + (path[len] ? len + 1 : len), at + 1, count - 1);
}

static void make_pointer(walk *w)
{
	size_t i;

	sp_buf_reset(&w->pointer);
	sp_buf_add_pointer(&w->pointer, w->column, strlen(w->column));
	for (i = 0; i < w->depth; i++) {
		const frame *at = &w->frames[i];
		sp_scan key;

		if (at->array) {
			sp_buf_addf(&w->pointer, "/%zu", at->index);
			continue;
		}
		key = scan_of(at->key, at->key_len);
		sp_buf_reset(&w->text);
		sp_scan_unescape(&key, &w->text);
		w->pointer.failed = w->pointer.failed || w->text.failed;
		sp_buf_add_pointer(&w->pointer, sp_buf_text(&w->text), w->text.len);
	}
}

static bool read_id(const char *text, size_t len, int64_t *id)
{
	size_t i;

	*id = 0;
	if (!len || len > 18)
		return false;
	for (i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		*id = *id * 10 + (text[i] - '0');
	}
	return *id > 0;
}

static bool report(walk *w, sp_ref *ref, sp_error *err)
{
	make_pointer(w);
	if (w->pointer.failed || w->text.failed || w->plain.failed)
		return sp_fail_memory(err);
	ref->pointer = w->pointer.data;
	return w->fn(w->ctx, ref, err);
}

/* A string as a reader of the JSON sees it; valid until the next call. */
static const char *plain_string(walk *w, const sp_scan *scan, size_t *len)
{
	if (!scan->escaped) {
		*len = scan->len - 2;
		return scan->start + 1;
	}
	sp_buf_reset(&w->plain);
	sp_scan_unescape(scan, &w->plain);
	*len = w->plain.len;
	return sp_buf_text(&w->plain);
}

/* The kind that a sibling member of the innermost object names. */
static int kind_by_sibling(walk *w, const char *name)
{
	const frame *at = &w->frames[w->depth - 1];
	const char *word;
	sp_scan scan;
	size_t len;

	sp_scan_begin(&scan, at->begin + 1, (size_t)(w->end - at->begin - 1));
	while (sp_scan_next(&scan) == SP_SCAN_KEY) {
		if (!sp_scan_is(&scan, name)) {
			if (!sp_scan_skip(&scan))
				return -1;
			continue;
		}
		if (sp_scan_next(&scan) != SP_SCAN_STRING)
			return -1;
		word = plain_string(w, &scan, &len);
		return kind_of_word(word, len);
	}
	return -1;
}

static bool take_id(walk *w, const place *at, const char *text, size_t len, sp_ref_form form,
                    sp_error *err)
{
	sp_ref ref = { .form = form, .kind = at->kind, .maybe = at->maybe, .own = at->own };

	if (!read_id(text, len, &ref.id))
		return true;
	if (at->form == AT_ID && at->word)
		ref.kind = kind_by_sibling(w, at->word);
	return report(w, &ref, err);
}

static bool take_word(walk *w, const char *text, size_t len, sp_error *err)
{
	const char *colon = memchr(text, ':', len);
	sp_ref ref = { .form = SP_REF_PREFIX };

	if (!colon || !read_id(colon + 1, (size_t)(text + len - colon - 1), &ref.id))
		return true;
	ref.kind = kind_of_word(text, (size_t)(colon - text));
	return ref.kind < 0 || report(w, &ref, err);
}

static bool take_mentions(walk *w, const place *at, const char *text, size_t len, sp_error *err)
{
	const char *end = text + len;
	size_t word = strlen(at->word), digits;

	while ((text = memmem(text, (size_t)(end - text), at->word, word))) {
		text += word;
		for (digits = 0; text + digits < end && isdigit((unsigned char)text[digits]); digits++)
			;
		if (!take_id(w, at, text, digits, SP_REF_MARKER, err))
			return false;
	}
	return true;
}

static bool take_uuid(walk *w, const place *at, const char *text, size_t len, sp_error *err)
{
	char uuid[SP_UUID_LEN + 1];
	sp_ref ref = { .form = SP_REF_UUID, .kind = at->kind, .uuid = uuid };

	if (len != SP_UUID_LEN)
		return true;
	memcpy(uuid, text, len);
	uuid[len] = '\0';
	return !sp_is_uuid(uuid) || report(w, &ref, err);
}

static bool take_scalar(walk *w, const place *at, const sp_scan *scan, bool string, sp_error *err)
{
	size_t len = scan->len;
	const char *text = string ? plain_string(w, scan, &len) : scan->start;

	switch (at->form) {
	case AT_ID:
		return take_id(w, at, text, len, string ? SP_REF_STRING : SP_REF_NUMBER, err);
	case AT_WORD: return !string || take_word(w, text, len, err);
	case AT_TEXT: return !string || take_mentions(w, at, text, len, err);
	default: /* AT_UUID: keys never come here */
		return !string || take_uuid(w, at, text, len, err);
	}
}

/* A key that is an id, in an object whose own name says so. */
static bool take_key(walk *w, const place *at, sp_error *err)
{
	const frame *in = &w->frames[w->depth - 1], *around = in - 1;
	char name[64];
	size_t i, len;

	if (w->depth < 2 || !around->key)
		return true;
	len = around->key_len < sizeof(name) - 1 ? around->key_len : sizeof(name) - 1;
	for (i = 0; i < len; i++)
		name[i] = (char)tolower((unsigned char)around->key[i]);
	name[len] = '\0';
	if (!strstr(name, at->word))
		return true;
	return take_id(w, at, in->key, in->key_len, SP_REF_KEY, err);
}

static bool push(walk *w, const char *begin, bool array, sp_error *err)
{
	if (w->depth == w->room) {
		size_t room = w->room ? 2 * w->room : 16;
		frame *frames = realloc(w->frames, room * sizeof(*frames));

		if (!frames)
			return sp_fail_memory(err);
		w->frames = frames;
		w->room = room;
	}
	w->frames[w->depth++] = (frame){ .begin = begin, .array = array };
	return true;
}

typedef struct {
	const place *places;
	const char *below;
} place_list;

/* How many levels `below` takes; the innermost parts are matched behind it. */
static bool list_fits(const place_list *list, const walk *w, size_t *skip)
{
	size_t i;

	*skip = 0;
	if (!*list->below)
		return true;
	for (*skip = 1, i = 0; list->below[i]; i++)
		*skip += list->below[i] == '/';
	return w->depth >= *skip && path_fits(list->below, w->frames, *skip);
}

/* The part of a place's path behind the last slash must fit the innermost level:
 * a look at it saves trying the whole path at each value of a deep text. */
static bool end_fits(const char *path, const walk *w)
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

	if (!*last || !strcmp(last, "**"))
		return true;
	return w->depth && part_fits(last, strlen(last), &w->frames[w->depth - 1]);
}

static bool take_places(walk *w, const place_list *list, const sp_scan *scan, sp_scan_token token,
                        sp_error *err)
{
	const place *at;
	size_t skip;

	/* a value that is no object or array has no places in it */
	if (!w->depth || !list_fits(list, w, &skip))
		return true;
	for (at = list->places; at->path; at++) {
		if ((at->form == AT_KEYS) != (token == SP_SCAN_KEY))
			continue;
		if (!end_fits(at->path, w) || !path_fits(at->path, w->frames + skip, w->depth - skip))
			continue;
		if (token == SP_SCAN_KEY ? !take_key(w, at, err)
		                         : !take_scalar(w, at, scan, token == SP_SCAN_STRING, err))
			return false;
	}
	return true;
}

static void next_item(walk *w)
{
	if (w->depth && w->frames[w->depth - 1].array)
		w->frames[w->depth - 1].index++;
}

static bool walk_json(walk *w, const place_list *list, const char *text, size_t len, sp_error *err)
{
	sp_scan scan;
	sp_scan_token token;

	sp_scan_begin(&scan, text, len);
	while ((token = sp_scan_next(&scan)) != SP_SCAN_END && token != SP_SCAN_BAD) {
		switch (token) {
		case SP_SCAN_OBJECT:
		case SP_SCAN_ARRAY:
			if (!push(w, scan.start, token == SP_SCAN_ARRAY, err))
				return false;
			break;
		case SP_SCAN_OBJECT_END:
		case SP_SCAN_ARRAY_END:
			if (w->depth)
				w->depth--;
			next_item(w);
			break;
		case SP_SCAN_KEY:
			if (!w->depth)
				return true;
			w->frames[w->depth - 1].key = scan.start + 1;
			w->frames[w->depth - 1].key_len = scan.len - 2;
			if (!take_places(w, list, &scan, token, err))
				return false;
			break;
		default:
			if (!take_places(w, list, &scan, token, err))
				return false;
			next_item(w);
		}
	}
	return true;
}

static bool walk_text(walk *w, const place *places, const char *text, size_t len, sp_error *err)
{
	const place *at;

	for (at = places; at->path; at++)
		if (at->form == AT_TEXT && !take_mentions(w, at, text, len, err))
			return false;
	return true;
}

bool sp_refs_scan(const char *table, const char *column, bool json, const char *text, size_t len,
                  sp_ref_fn *fn, void *ctx, sp_error *err)
{
	walk w = { .column = column, .end = text + len, .fn = fn, .ctx = ctx };
	bool ok = true;
	size_t i;

	for (i = 0; i < COLUMN_COUNT && ok; i++) {
		place_list list = { columns[i].places, columns[i].below };

		if (strcmp(columns[i].table, table) != 0 || strcmp(columns[i].column, column) != 0)
			continue;
		w.depth = 0;
		ok = json ? walk_json(&w, &list, text, len, err)
		          : walk_text(&w, columns[i].places, text, len, err);
	}
	if (ok && (w.pointer.failed || w.text.failed || w.plain.failed))
		ok = sp_fail_memory(err);
	free(w.frames);
	sp_buf_free(&w.pointer);
	sp_buf_free(&w.text);
	sp_buf_free(&w.plain);
	return ok;
}

bool sp_refs_in(const char *table, const char *column)
{
	size_t i;

	for (i = 0; i < COLUMN_COUNT; i++)
		if (!strcmp(columns[i].table, table) && !strcmp(columns[i].column, column))
			return true;
	return false;
}

const char *sp_refs_where(const char *table, const char *column)
{
	size_t i;

	for (i = 0; i < COLUMN_COUNT; i++)
		if (!strcmp(columns[i].table, table) && !strcmp(columns[i].column, column) &&
		    columns[i].where)
			return columns[i].where;
	return NULL;
}

const char *sp_ref_marker(const char *table, const char *column, sp_kind kind)
{
	const place *at;
	size_t i;

	for (i = 0; i < COLUMN_COUNT; i++) {
		if (strcmp(columns[i].table, table) != 0 || strcmp(columns[i].column, column) != 0)
			continue;
		for (at = columns[i].places; at->path; at++)
			if (at->form == AT_TEXT && at->kind == (int)kind)
				return at->word;
	}
	return NULL;
}
