#include <config.h>

#include "core/model/normal.h"

#include <string.h>

static const sp_normal normals[] = {
	{ -1, "updated_at", SP_NORMAL_FIRST, NULL, { NULL } },
	/* a run that isn't over would be executed */
	{ SP_RUN,
	  "status",
	  SP_NORMAL_UNLESS,
	  "FAILED",
	  { "COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED" } },
	{ SP_RUN, "follow_on_version_change", SP_NORMAL_FIXED, "false", { NULL } },
	{ SP_FLOW_EXECUTION,
	  "status",
	  SP_NORMAL_UNLESS,
	  "FAILED",
	  { "COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED" } },
	/* one that isn't ready would be processed anew; its error is kept */
	{ SP_ASSET, "processing_status", SP_NORMAL_UNLESS, "READY", { "READY" } },
	{ SP_ASSET, "blob_path", SP_NORMAL_OBJECT, NULL, { NULL } },
	{ SP_ASSET, "is_superseded", SP_NORMAL_FIRST, NULL, { NULL } },
	{ SP_ASSET, "parent_is_superseded", SP_NORMAL_FIRST, NULL, { NULL } },
	{ SP_BUNDLE, "asset_count", SP_NORMAL_FIXED, "0", { NULL } },
	{ SP_BUNDLE, "child_bundle_count", SP_NORMAL_FIXED, "0", { NULL } },
	{ SP_EMBEDDING_MODEL, "is_active", SP_NORMAL_FIXED, "false", { NULL } },
	{ SP_SOURCE, "status", SP_NORMAL_FIXED, "COMPLETE", { NULL } },
	{ SP_SOURCE, "is_active", SP_NORMAL_FIXED, "false", { NULL } },
	{ SP_SOURCE, "next_poll_at", SP_NORMAL_FIXED, NULL, { NULL } },
	{ SP_SOURCE, "items_last_poll", SP_NORMAL_FIXED, "0", { NULL } },
	{ SP_SOURCE, "total_items_ingested", SP_NORMAL_FIXED, "0", { NULL } },
	{ SP_SOURCE, "consecutive_failures", SP_NORMAL_FIXED, "0", { NULL } },
	{ SP_FLOW, "status", SP_NORMAL_UNLESS, "PAUSED", { "DRAFT", "PAUSED" } },
	{ SP_FLOW, "trigger_mode", SP_NORMAL_FIXED, "MANUAL", { NULL } },
	{ SP_FLOW, "linked_task_id", SP_NORMAL_FIXED, NULL, { NULL } },
	{ SP_FLOW, "cursor_state", SP_NORMAL_FIXED, "{}", { NULL } },
	{ SP_TASK, "status", SP_NORMAL_FIXED, "PAUSED", { NULL } },
	{ SP_TASK, "is_enabled", SP_NORMAL_FIXED, "false", { NULL } },
};

const sp_normal *sp_normal_of(sp_kind kind, const char *column)
{
	static const sp_normal as_is = { -1, NULL, SP_NORMAL_AS_IS, NULL, { NULL } };

	for (size_t i = 0; i < sizeof normals / sizeof *normals; i++) {
		if ((normals[i].kind < 0 || normals[i].kind == (int)kind) &&
		    !strcmp(normals[i].column, column))
			return &normals[i];
	}
	return &as_is;
}
