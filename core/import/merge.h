/*
 * Writes what a plan (core/plan/plan.h) says into HQ's tables, kind by kind, those that others
 * name first, each in one statement; then what HQ counts and marks by itself, and in the
 * schema spaceport who each row is, by which the next import knows it.
 */
#ifndef SP_IMPORT_MERGE_H
#define SP_IMPORT_MERGE_H

#include "core/plan/plan.h"

typedef struct {
	int64_t operation; /* spaceport.import_operations.id */
	sp_job *job;       /* is told of rows; NULL: nobody */
} sp_merge_about;

/*
 * In the caller's transaction, behind sp_plan_make() with the same `about`. Rows in conflict aren't
 * written; none of those may be new here, for others may name them. After an error nothing of it
 * may be kept.
 */
bool sp_merge(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
              const sp_merge_about *merge, sp_error *err);

#endif
