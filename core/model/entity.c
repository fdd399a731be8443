#include <config.h>

#include "core/model/entity.h"

#include <string.h>

#include "core/model/secrets.h"

const sp_entity sp_entities[SP_ENTITY_COUNT] = {
	[SP_RUN] = { "run", N_("runs"), "runs", { "annotationrun" }, "uuid", "name", NULL,
	             SP_TRAVEL_RUN, SP_PLACE_DOCUMENT, "run/run_metadata.json", true },
	[SP_SCHEMA] = { "schema", N_("schemas"), "schemas", { "annotationschema" }, "uuid", "name",
	                NULL, SP_TRAVEL_NEEDED, SP_PLACE_ARRAY, "schemas/primary_schemas.json", false },
	[SP_SCHEMA_LINK] = { "schema_link", N_("schema links"), "runs", { "runschemalink" }, NULL, NULL,
	                     "run_id", SP_TRAVEL_PART, SP_PLACE_LINES, "run/schema_links.jsonl",
	                     false },
	[SP_ANNOTATION] = { "annotation", N_("annotations"), "annotations", { "annotation" }, "uuid",
	                    NULL, NULL, SP_TRAVEL_PART, SP_PLACE_LINES, "annotations/annotations.jsonl",
	                    false },
	[SP_JUSTIFICATION] = { "justification", N_("justifications"), "annotations",
	                       { "justification" }, NULL, NULL, "annotation_id", SP_TRAVEL_PART,
	                       SP_PLACE_LINES, "annotations/justifications.jsonl", false },
	[SP_CURATION] = { "curation", N_("curations"), "annotations", { "fragmentcuration" }, NULL,
	                  NULL, "annotation_id", SP_TRAVEL_PART, SP_PLACE_LINES,
	                  "annotations/curations.jsonl", false },
	[SP_EDGE] = { "edge", N_("graph edges"), "annotations", { "graphedge" }, NULL, NULL,
	              "annotation_id", SP_TRAVEL_PART, SP_PLACE_LINES, "annotations/edges.jsonl",
	              false },
	[SP_AGGREGATE] = { "aggregate", N_("aggregates"), "runs", { "runaggregate" }, NULL, NULL,
	                   "run_id", SP_TRAVEL_PART, SP_PLACE_LINES, "run/aggregates.jsonl", false },
	[SP_ASSET] = { "asset", N_("assets"), "assets", { "asset" }, "uuid", "title", NULL,
	               SP_TRAVEL_NEEDED, SP_PLACE_ASSET, "assets/metadata/asset_%N.json", false },
	[SP_BUNDLE_LINK] = { "bundle_link", N_("bundle memberships"), "bundles", { "assetbundlelink" },
	                     NULL, NULL, "asset_id", SP_TRAVEL_PART, SP_PLACE_LINES,
	                     "assets/bundle_links.jsonl", false },
	[SP_CHUNK] = { "chunk", N_("chunks"), "chunks", { "assetchunk" }, NULL, NULL, "asset_id",
	               SP_TRAVEL_PART, SP_PLACE_ASSET_LINES, "assets/chunks/asset_%N_chunks.jsonl",
	               false },
	[SP_BUNDLE] = { "bundle", N_("bundles"), "bundles", { "bundle" }, "uuid", "name", NULL,
	                SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES, "dependencies/bundles.jsonl", true },
	[SP_SOURCE] = { "source", N_("sources"), "sources", { "source" }, "uuid", "name", NULL,
	                SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES, "dependencies/sources.jsonl", true },
	[SP_GRAPH] = { "graph", N_("graphs"), "graphs", { "knowledgegraph" }, "uuid", "name", NULL,
	               SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES, "dependencies/graphs.jsonl", true },
	[SP_CANON] = { "canon", N_("canons"), "canons", { "canon" }, "uuid", "name", NULL,
	               SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES, "dependencies/canons.jsonl", false },
	[SP_ENTITY] = { "entity", N_("entities"), "canons", { "entity", "entitycanonical" }, "uuid",
	                "canonical_name", NULL, SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES,
	                "dependencies/entities.jsonl", false },
	[SP_FLOW] = { "flow", N_("flows"), "flows", { "flow" }, "uuid", "name", NULL,
	              SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES, "dependencies/flows.jsonl", true },
	[SP_FLOW_EXECUTION] = { "flow_execution", N_("flow executions"), "flows", { "flowexecution" },
	                        "uuid", NULL, "flow_id", SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES,
	                        "dependencies/flow_executions.jsonl", true },
	[SP_TASK] = { "task", N_("tasks"), "tasks", { "task" }, NULL, "name", NULL,
	              SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES, "dependencies/tasks.jsonl", true },
	[SP_MONITOR] = { "monitor", N_("monitors"), "monitors", { "monitor" }, "uuid", "name", NULL,
	                 SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES, "dependencies/monitors.jsonl", true },
	[SP_PIPELINE] = { "pipeline", N_("pipelines"), "pipelines", { "intelligencepipeline" }, "uuid",
	                  "name", NULL, SP_TRAVEL_DEPENDENCY, SP_PLACE_LINES,
	                  "dependencies/pipelines.jsonl", true },
	[SP_EMBEDDING_MODEL] = { "embedding_model", N_("embedding models"), "embeddings",
	                         { "embeddingmodel" }, NULL, "name", NULL, SP_TRAVEL_DEPENDENCY,
	                         SP_PLACE_LINES, "dependencies/embedding_models.jsonl", true },
	[SP_DATASET] = { "dataset", N_("datasets"), "datasets", { "dataset" }, "entity_uuid", "name",
	                 NULL, SP_TRAVEL_DATASET, SP_PLACE_ARRAY, "datasets/dataset_metadata.json",
	                 true },
	[SP_USER] = { "user", N_("users"), NULL, { "user" }, NULL, NULL, NULL, SP_TRAVEL_NEVER,
	              SP_PLACE_NONE, NULL, true },
	[SP_INFOSPACE] = { "infospace", N_("infospaces"), NULL, { "infospace" }, "uuid", "name", NULL,
	                   SP_TRAVEL_NEVER, SP_PLACE_NONE, NULL, true },
};

int sp_kind_of_name(const char *name)
{
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!strcmp(sp_entities[kind].name, name))
			return kind;
	}
	return -1;
}

int sp_kind_of_table(const char *table)
{
	int kind, i;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		for (i = 0; i < 2; i++)
			if (sp_entities[kind].tables[i] && !strcmp(sp_entities[kind].tables[i], table))
				return kind;
	return -1;
}

int sp_kind_table(const sp_catalog *catalog, sp_kind kind)
{
	int i, index = -1;

	for (i = 0; i < 2 && index < 0; i++)
		if (sp_entities[kind].tables[i])
			index = sp_catalog_index(catalog, sp_entities[kind].tables[i]);
	return index;
}

/* Whether all that its foreign keys name, but itself, was placed before. */
static bool is_next(const sp_catalog *catalog, sp_kind kind, const bool placed[SP_ENTITY_COUNT])
{
	const sp_table *table = &catalog->tables[sp_kind_table(catalog, kind)];

	for (int i = 0; i < table->count; i++) {
		int named = sp_kind_named(catalog, table, table->columns[i].name);

		if (named >= 0 && named != (int)kind && !placed[named])
			return false;
	}
	return true;
}

int sp_kinds_ordered(const sp_catalog *catalog, sp_kind order[SP_ENTITY_COUNT])
{
	bool placed[SP_ENTITY_COUNT];
	int count = 0, before = -1;

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++)
		placed[kind] = sp_entities[kind].travel == SP_TRAVEL_NEVER ||
		               sp_kind_table(catalog, (sp_kind)kind) < 0;
	while (count > before) {
		before = count;
		for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
			if (placed[kind] || !is_next(catalog, (sp_kind)kind, placed))
				continue;
			placed[kind] = true;
			order[count++] = (sp_kind)kind;
		}
	}
	/* foreign keys in a circle, which no generation has: their rows can't come one by one */
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!placed[kind])
			order[count++] = (sp_kind)kind;
	}
	return count;
}

const char *sp_label_of(sp_kind kind)
{
	switch (kind) {
	case SP_SCHEMA: return "version";
	case SP_ASSET: return NULL; /* another version has the same */
	default: return sp_entities[kind].label;
	}
}

const char *sp_part_of(sp_kind kind)
{
	switch (kind) {
	case SP_ANNOTATION: return "run_id";
	case SP_ASSET: return "parent_asset_id";
	default: return sp_entities[kind].owner;
	}
}

const char *sp_subject_of(sp_kind kind)
{
	return kind == SP_ANNOTATION ? "asset_id" : NULL;
}

bool sp_is_needed(sp_kind kind, const sp_column *column)
{
	return column->not_null || (kind == SP_ASSET && !strcmp(column->name, "parent_asset_id"));
}

bool sp_is_link(const sp_catalog *catalog, sp_kind kind, const char *column)
{
	const sp_table *table = &catalog->tables[sp_kind_table(catalog, kind)];
	int named = sp_kind_named(catalog, table, column);
	const char *part = sp_part_of(kind);

	/* bundles of one name differ by the one that they are in */
	if (named < 0 || sp_entities[named].travel == SP_TRAVEL_NEVER || kind == SP_BUNDLE)
		return false;
	return sp_soft_key_of(table->name, column) ||
	       (!sp_table_column(table, column)->not_null &&
	        (kind == SP_ASSET || !part || strcmp(part, column) != 0));
}

static const sp_soft_key soft_keys[] = {
	{ "asset", "bundle_ids", SP_BUNDLE },
	{ "bundle", "parent_bundle_id", SP_BUNDLE },
};

const sp_soft_key *sp_soft_key_of(const char *table, const char *column)
{
	size_t i;

	for (i = 0; i < sizeof(soft_keys) / sizeof(*soft_keys); i++)
		if (!strcmp(soft_keys[i].table, table) && !strcmp(soft_keys[i].column, column))
			return &soft_keys[i];
	return NULL;
}

int sp_kind_named(const sp_catalog *catalog, const sp_table *table, const char *column)
{
	const sp_soft_key *soft = sp_soft_key_of(table->name, column);
	const sp_column *of = sp_table_column(table, column);

	if (soft)
		return (int)soft->kind;
	return of && of->references >= 0 ? sp_kind_of_table(catalog->tables[of->references].name) : -1;
}

void sp_natural_key(sp_buf *sql, const sp_catalog *catalog, sp_kind kind)
{
	switch (kind) {
	case SP_CHUNK:
		sp_buf_addf(sql,
		            "(SELECT p.uuid FROM %s p WHERE p.id = t.asset_id)"
		            " || '/' || t.chunk_index",
		            catalog->tables[sp_kind_table(catalog, SP_ASSET)].quoted);
		break;
	case SP_EMBEDDING_MODEL:
		sp_buf_adds(sql, "json_build_array(t.name, t.provider, t.dimension)::text");
		break;
	default: sp_buf_adds(sql, "t.id::text");
	}
}

bool sp_is_secret_column(const char *column)
{
	static const char *const names[] = { "share_token", "email_verification_token" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], column))
			return true;
	return sp_is_secret_key(column, strlen(column));
}

bool sp_is_lineage(const char *column)
{
	return !strcmp(column, "imported_from_uuid");
}
