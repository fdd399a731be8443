#include <config.h>

#include "core/model/smart.h"

#include <string.h>

sp_smart sp_smart_of(sp_kind kind)
{
	switch (kind) {
	case SP_RUN:
	case SP_ANNOTATION:
	case SP_JUSTIFICATION:
	case SP_CURATION:
	case SP_EDGE: return (sp_smart){ .rule = SP_SMART_CONFLICT };
	case SP_CHUNK: return (sp_smart){ .only = true };
	case SP_EMBEDDING_MODEL: return (sp_smart){ .rule = SP_SMART_REUSE };
	case SP_SCHEMA:
		return (sp_smart){ .content = { { "output_contract", false } }, .grows = true };
	case SP_ASSET:
		return (sp_smart){ .content = { { "content_hash", true }, { "text_content", false } } };
	case SP_SOURCE:
	case SP_DATASET:
	case SP_GRAPH:
	case SP_CANON: return (sp_smart){ .apart = true };
	default: return (sp_smart){ .rule = SP_SMART_KEEP };
	}
}

const char *sp_seal_of(sp_kind kind)
{
	return kind == SP_BUNDLE ? "sealed" : NULL;
}

bool sp_is_in(sp_kind kind, const char *column)
{
	if (kind == SP_BUNDLE)
		return !strcmp(column, "parent_bundle_id");
	return kind == SP_ASSET && (!strcmp(column, "bundle_ids") || !strcmp(column, "bundle_id"));
}
