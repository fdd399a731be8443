#include <config.h>

#include "core/model/between.h"

#include <string.h>

/* --- kept elsewhere --- */

static const sp_move moves[] = {
	{ SP_JUSTIFICATION, NULL, SP_ANNOTATION, { "value" }, false, false },
	{ SP_BUNDLE_LINK, NULL, SP_ASSET, { "bundle_ids" }, false, false },
	{ SP_BUNDLE_LINK, NULL, SP_ASSET, { "bundle_id" }, true, false },
	{ SP_ASSET, "bundle_id", SP_ASSET, { "bundle_ids" }, false, false },
	{ SP_ASSET, "bundle_id", SP_BUNDLE_LINK, { NULL }, false, false },
	{ SP_ASSET, "bundle_ids", SP_BUNDLE_LINK, { NULL }, false, false },
	{ SP_ASSET, "bundle_ids", SP_ASSET, { "bundle_id" }, true, false },
	{ SP_ASSET, "source_metadata", SP_ASSET, { "metadata", "file_info" }, false, false },
	{ SP_ASSET, "metadata", SP_ASSET, { "source_metadata" }, false, false },
	{ SP_ASSET, "file_info", SP_ASSET, { "source_metadata" }, false, false },
	{ SP_SCHEMA,
	  "field_specific_justification_configs",
	  SP_SCHEMA,
	  { "output_contract" },
	  false,
	  false },
	{ SP_EDGE, "subject_entity_id", SP_EDGE, { "source_entity_id" }, false, true },
	{ SP_EDGE, "object_entity_id", SP_EDGE, { "target_entity_id" }, false, true },
	{ SP_EDGE, "source_entity_id", SP_EDGE, { "subject_entity_id" }, false, true },
	{ SP_EDGE, "target_entity_id", SP_EDGE, { "object_entity_id" }, false, true },
	{ SP_CURATION, "subject_entity_id", SP_CURATION, { "source_entity_id" }, false, true },
	{ SP_CURATION, "object_entity_id", SP_CURATION, { "target_entity_id" }, false, true },
	{ SP_CURATION, "entity_canonical_id", SP_CURATION, { "entity_id" }, false, true },
	{ SP_CURATION, "source_entity_id", SP_CURATION, { "subject_entity_id" }, false, true },
	{ SP_CURATION, "target_entity_id", SP_CURATION, { "object_entity_id" }, false, true },
	{ SP_CURATION, "entity_id", SP_CURATION, { "entity_canonical_id" }, false, true },
};

_Static_assert(sizeof moves / sizeof *moves == SP_MOVES, "all are counted");

static bool same(const char *one, const char *other)
{
	return one && other ? !strcmp(one, other) : one == other;
}

const sp_move *sp_move_next(const sp_move *after, sp_kind kind, const char *column)
{
	const sp_move *at = after ? after + 1 : moves;

	for (; at < moves + sizeof moves / sizeof *moves; at++) {
		if (at->kind == kind && same(at->column, column))
			return at;
	}
	return NULL;
}

bool sp_move_fits(const sp_move *move, const sp_catalog *catalog)
{
	int table = sp_kind_table(catalog, move->to_kind);

	for (int i = 0; table >= 0 && i < 2 && move->to[i]; i++) {
		if (!sp_table_column(&catalog->tables[table], move->to[i]))
			return false;
	}
	return table >= 0;
}

/* --- words --- */

/* What isn't finished would be executed, polled or run: such a word becomes one
 * that rests. */
static const sp_fallback fallbacks[] = {
	{ "assetkind", "rss_feed", { "RSS_FEED", "WEB", "FILE" } },
	{ "assetkind", "RSS_FEED", { "WEB", "FILE" } },
	{ "assetkind", "ARTICLE", { "WEB", "TEXT" } },
	{ "assetkind", "CSV_ROW", { "TEXT", "FILE" } },
	{ "assetkind", "TEXT_CHUNK", { "TEXT", "FILE" } },
	{ "assetkind", "PDF_PAGE", { "TEXT", "FILE" } },
	{ "assetkind", "EMAIL", { "TEXT", "FILE" } },
	{ "assetkind", "IMAGE_REGION", { "IMAGE", "FILE" } },
	{ "assetkind", "VIDEO_SCENE", { "VIDEO", "FILE" } },
	{ "assetkind", "AUDIO_SEGMENT", { "AUDIO", "FILE" } },
	{ "assetkind", NULL, { "FILE", "TEXT" } },
	{ "processingstatus", NULL, { "READY" } },
	{ "resultstatus", NULL, { "FAILED" } },
	{ "runstatus", "COMPLETED_WITH_ERRORS", { "COMPLETED", "FAILED" } },
	{ "runstatus", NULL, { "FAILED" } },
	{ "runtype", NULL, { "ONE_OFF" } },
	{ "sourcestatus", NULL, { "COMPLETE" } },
	{ "taskstatus", NULL, { "PAUSED" } },
	{ "tasktype", "FLOW", { "PIPELINE", "ANNOTATE" } },
	{ "tasktype", "PIPELINE", { "ANNOTATE" } },
	{ "tasktype", "SOURCE_POLL", { "INGEST" } },
	{ "tasktype", "MONITOR", { "ANNOTATE", "INGEST" } },
	{ "tasktype", NULL, { "INGEST", "ANNOTATE" } },
	{ "flowstatus", NULL, { "PAUSED", "DRAFT" } },
	{ "flowtriggermode", NULL, { "MANUAL" } },
	{ "flowinputtype", NULL, { "MANUAL" } },
	{ "canon.role", NULL, { "GENERAL" } },
};

const sp_fallback *sp_fallback_find(const char *type, const char *word)
{
	const sp_fallback *at, *any = NULL;

	for (at = fallbacks; at < fallbacks + sizeof fallbacks / sizeof *fallbacks; at++) {
		if (strcmp(at->type, type) != 0)
			continue;
		if (at->word && word && !strcmp(at->word, word))
			return at;
		if (!at->word)
			any = at;
	}
	return any;
}

bool sp_word_is_unreadable(const char *type, const char *word)
{
	return (!strcmp(type, "assetkind") && !strcmp(word, "rss_feed")) ||
	       (!strcmp(type, "runtype") && (!strcmp(word, "retry") || !strcmp(word, "backfill")));
}

const char *const *sp_words_of(sp_kind kind, const char *column)
{
	static const char *const canon_roles[] = { "GENERAL", "GEO", NULL };

	return kind == SP_CANON && !strcmp(column, "role") ? canon_roles : NULL;
}

/* --- what is missing --- */

static const sp_fill fills[] = {
	{ -1, "uuid", SP_FILL_UUID, NULL },
	{ -1, "entity_uuid", SP_FILL_UUID, NULL },
	{ -1, "infospace_id", SP_FILL_INFOSPACE, NULL },
	{ -1, "user_id", SP_FILL_OWNER, NULL },
	{ -1, "created_at", SP_FILL_NOW, NULL },
	{ -1, "updated_at", SP_FILL_NOW, NULL },
	{ SP_RUN, "status", SP_FILL_VALUE, "COMPLETED" },
	{ SP_RUN, "include_parent_context", SP_FILL_VALUE, "false" },
	{ SP_RUN, "context_window", SP_FILL_VALUE, "0" },
	{ SP_RUN, "trigger_type", SP_FILL_VALUE, "manual" },
	{ SP_RUN, "run_type", SP_FILL_VALUE, "ONE_OFF" },
	{ SP_RUN, "follow_on_version_change", SP_FILL_VALUE, "false" },
	{ SP_SCHEMA, "version", SP_FILL_VALUE, "1.0" },
	{ SP_SCHEMA, "is_active", SP_FILL_VALUE, "true" },
	{ SP_ANNOTATION, "status", SP_FILL_VALUE, "SUCCESS" },
	{ SP_ANNOTATION, "timestamp", SP_FILL_NOW, NULL },
	{ SP_ASSET, "processing_status", SP_FILL_VALUE, "READY" },
	/* {} has all that HQ can do with an asset be done */
	{ SP_ASSET, "enrichment_resolved", SP_FILL_NULL, NULL },
	{ SP_ASSET, "stub", SP_FILL_VALUE, "false" },
	{ SP_ASSET, "is_superseded", SP_FILL_VALUE, "false" },
	{ SP_ASSET, "parent_is_superseded", SP_FILL_VALUE, "false" },
	{ SP_ASSET, "bundle_ids", SP_FILL_VALUE, "{0}" },
	{ SP_CHUNK, "asset_id", SP_FILL_PARENT, NULL },
	{ SP_JUSTIFICATION, "annotation_id", SP_FILL_PARENT, NULL },
	{ SP_CURATION, "curated_at", SP_FILL_NOW, NULL },
	{ SP_BUNDLE, "version", SP_FILL_VALUE, "1.0" },
	{ SP_BUNDLE, "parent_bundle_id", SP_FILL_VALUE, "0" },
	{ SP_SOURCE, "status", SP_FILL_VALUE, "COMPLETE" },
	{ SP_SOURCE, "is_active", SP_FILL_VALUE, "false" },
	{ SP_GRAPH, "canon_id", SP_FILL_CANON, NULL },
	{ SP_ENTITY, "canon_id", SP_FILL_CANON, NULL },
	{ SP_CANON, "role", SP_FILL_VALUE, "GENERAL" },
	{ SP_FLOW, "status", SP_FILL_VALUE, "PAUSED" },
	{ SP_FLOW, "input_type", SP_FILL_VALUE, "MANUAL" },
	{ SP_FLOW, "trigger_mode", SP_FILL_VALUE, "MANUAL" },
	{ SP_FLOW, "total_executions", SP_FILL_VALUE, "0" },
	{ SP_FLOW, "total_assets_processed", SP_FILL_VALUE, "0" },
	{ SP_FLOW, "consecutive_failures", SP_FILL_VALUE, "0" },
	{ SP_FLOW_EXECUTION, "triggered_by", SP_FILL_VALUE, "manual" },
	{ SP_FLOW_EXECUTION, "status", SP_FILL_VALUE, "COMPLETED" },
	{ SP_TASK, "status", SP_FILL_VALUE, "PAUSED" },
	{ SP_TASK, "is_enabled", SP_FILL_VALUE, "false" },
	{ SP_TASK, "consecutive_failure_count", SP_FILL_VALUE, "0" },
	{ SP_MONITOR, "status", SP_FILL_VALUE, "PAUSED" },
	{ SP_EMBEDDING_MODEL, "is_active", SP_FILL_VALUE, "false" },
};

const sp_fill *sp_fill_find(sp_kind kind, const char *column)
{
	const sp_fill *at;

	for (at = fills; at < fills + sizeof fills / sizeof *fills; at++) {
		if ((at->kind < 0 || at->kind == (int)kind) && !strcmp(at->column, column))
			return at;
	}
	return NULL;
}

/* --- other formats --- */

typedef struct {
	int kind; /* -1: any */
	const char *key, *column;
} called;

static const char *column_of(const called *all, size_t count, sp_kind kind, const char *key)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if ((all[i].kind < 0 || all[i].kind == (int)kind) && !strcmp(all[i].key, key))
			return all[i].column;
	}
	return key;
}

const char *sp_hq_column(sp_kind kind, const char *key)
{
	static const called hq[] = {
		{ SP_ASSET, "facets", "metadata" },
		{ SP_ASSET, "parent_asset_uuid", NULL }, /* beside parent_asset_id */
		{ SP_ASSET, "text_content_file_reference", "text_content" },
		{ SP_ASSET, "blob_file_reference", NULL },
		{ SP_ASSET, "is_container", NULL },
		{ SP_ASSET, "chunks", NULL },
		{ SP_ANNOTATION, "justifications", NULL },
		{ SP_ANNOTATION, "asset_reference", NULL },
		{ SP_ANNOTATION, "schema_reference", NULL },
		{ SP_RUN, "annotation_schemas", NULL },
		{ SP_RUN, "annotations", NULL },
		{ SP_BUNDLE, "asset_references", NULL },
		{ -1, "assets", NULL },
	};

	return column_of(hq, sizeof hq / sizeof *hq, kind, key);
}

const char *sp_universal_column(sp_kind kind, const char *key)
{
	if (!strcmp(key, "entity_uuid"))
		return sp_entities[kind].uuid;
	/* whose row it was: kept in the mapping where there is no such column */
	return key;
}
