#include <config.h>

#include "core/package/places.h"

#include <stddef.h>
#include <string.h>

#define LIST(name, kind)                                                                           \
	{                                                                                              \
		"dependencies/" name ".jsonl", kind, SP_HOLDS_ROWS, false, name                            \
	}

/* doc/package-format.md has the same for people. */
static const sp_place_kind places[] = {
	{ "run/run_metadata.json", "run", SP_HOLDS_ROWS, true, "run_metadata" },
	{ "run/configuration.json", "configuration", SP_HOLDS_OTHER, true, "configuration" },
	{ "run/target_assets.json", "target_assets", SP_HOLDS_TARGETS, true, "target_assets" },
	{ "run/schema_links.jsonl", "schema_link", SP_HOLDS_LINKS, false, "schema_links" },
	{ "run/aggregates.jsonl", "aggregate", SP_HOLDS_ROWS, false, "aggregates" },
	{ "schemas/primary_schemas.json", "schema", SP_HOLDS_ROWS, true, "schemas" },
	{ "schemas/dependency_schemas.json", "schema", SP_HOLDS_ROWS, true, "schemas" },
	{ "annotations/annotations.jsonl", "annotation", SP_HOLDS_ROWS, true, "annotations" },
	{ "annotations/justifications.jsonl", "justification", SP_HOLDS_ROWS, true, "justifications" },
	{ "annotations/curations.jsonl", "curation", SP_HOLDS_ROWS, false, "curations" },
	{ "annotations/edges.jsonl", "edge", SP_HOLDS_ROWS, false, "edges" },
	{ "assets/metadata/asset_%N.json", "asset", SP_HOLDS_ROWS, false, "asset" },
	{ "assets/bundle_links.jsonl", "bundle_link", SP_HOLDS_LINKS, false, "bundle_links" },
	{ SP_PLACE_FILES, "file", SP_HOLDS_OTHER, false, NULL },
	{ "assets/chunks/asset_%N_chunks.jsonl", "chunk", SP_HOLDS_ROWS, false, "chunks" },
	{ "assets/embeddings/asset_%N_*.jsonl", SP_KIND_EMBEDDING, SP_HOLDS_PARTS, false,
	  "embeddings" },
	LIST("bundles", "bundle"),
	LIST("sources", "source"),
	LIST("graphs", "graph"),
	LIST("canons", "canon"),
	LIST("entities", "entity"),
	LIST("flows", "flow"),
	LIST("flow_executions", "flow_execution"),
	LIST("tasks", "task"),
	LIST("monitors", "monitor"),
	LIST("pipelines", "pipeline"),
	LIST("embedding_models", "embedding_model"),
	{ "datasets/dataset_metadata.json", "dataset", SP_HOLDS_ROWS, false, "dataset_metadata" },
	{ "texts/*.txt", "text", SP_HOLDS_OTHER, false, NULL },
	{ "compatibility/instance_mapping.json", SP_KIND_MAPPING, SP_HOLDS_MAPPING, true,
	  "instance_mapping" },
	{ "compatibility/instance_mapping.jsonl", SP_KIND_MAPPING, SP_HOLDS_MAPPING, false,
	  "instance_mapping_lines" },
	{ "compatibility/version_info.json", "version_info", SP_HOLDS_OTHER, true, "version_info" },
	{ "entries.jsonl", NULL, SP_HOLDS_OTHER, true, "entries" },
	{ "manifest.json", NULL, SP_HOLDS_OTHER, true, "manifest" },
	{ "checksums.sha256", NULL, SP_HOLDS_OTHER, true, NULL },
	{ "checksums.sha256.sig", NULL, SP_HOLDS_OTHER, false, NULL },
};

#define PLACES (sizeof places / sizeof *places)
_Static_assert(PLACES <= SP_PLACES, "SP_PLACES");

int sp_place_index(const sp_place_kind *place)
{
	return (int)(place - places);
}

static const char *skip_number(const char *path)
{
	const char *at = path;

	while (*at >= '0' && *at <= '9')
		at++;
	return at > path && *path != '0' ? at : NULL;
}

static bool matches(const char *pattern, const char *path)
{
	for (; *pattern; pattern++) {
		if (pattern[0] == '%') {
			path = skip_number(path);
			pattern++;
			if (!path)
				return false;
		} else if (*pattern == '*') {
			size_t rest = strlen(pattern + 1), len = strlen(path);

			return len >= rest && !strchr(path, '/') && strcmp(path + len - rest, pattern + 1) == 0;
		} else if (*pattern != *path++) {
			return false;
		}
	}
	return !*path;
}

const sp_place_kind *sp_place_find(const char *path)
{
	size_t i;

	for (i = 0; i < PLACES; i++) {
		if (matches(places[i].path, path))
			return &places[i];
	}
	return NULL;
}

const sp_place_kind *sp_place_next_always(const sp_place_kind *before)
{
	size_t i = before ? (size_t)(before - places) + 1 : 0;

	while (i < PLACES && !places[i].always)
		i++;
	return i < PLACES ? &places[i] : NULL;
}
