/*
 * Who each row of a package is here, in spaceport.cross_instance_mappings, with marks
 * (core/plan/marks.h) of its values there and of what they are here, of a row that is the same, or
 * would be if the package's side counted: a value that was kept counts as one that was changed
 * here, so that it isn't written over another time.
 */
#ifndef SP_IMPORT_RECORD_H
#define SP_IMPORT_RECORD_H

#include "core/base/json.h"
#include "core/plan/about.h"
#include "core/plan/sides.h"

/* Rows of a kind whose ids here are known, but for what an earlier import has on record alike.
 * `operation`: the id of the import's record. */
bool sp_record_rows(sp_staging *staging, const sp_catalog *catalog, sp_kind kind,
                    const sp_plan_about *about, int64_t operation, sp_error *err);

/* Behind sp_merge(): the package's runs that are here now, whatever became of them, go to `to` as
 * "runs" [{"id", "name"}], as they are called here. */
bool sp_record_runs(sp_staging *staging, const sp_catalog *catalog, sp_json *to, sp_error *err);

#endif
