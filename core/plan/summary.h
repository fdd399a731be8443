/*
 * What a plan (plan.h) says, for people and programs, as a small document: how many rows of each
 * kind, groups of rows of which the same is said, with some names, what the target can't hold, and
 * what is written otherwise than the package has it.
 */
#ifndef SP_PLAN_SUMMARY_H
#define SP_PLAN_SUMMARY_H

#include "core/base/json.h"
#include "core/plan/about.h"
#include "core/plan/sides.h"

/*
 * Adds to `to`:
 *
 *	"kinds"       [{"kind", "rows", and by class (fate.h) how many, "out"}]
 *	"totals"      the same of all kinds
 *	"groups"      [{"kind", "class", "why", "columns", "rows", "names"}], "why" as in fate.h and
 *	              out.h, at most some names of each
 *	"lost"        [{"kind", "column" or "what", "rows"}]: what has no place in the target
 *	"unasked"     [{"kind", "column", "rows"}]: what isn't taken, as asked for
 *	"otherwise"   [{"kind", "column", "rows"}]: what new rows get instead of what the package has
 *	"sealed"      [{"kind", "column", "rows"}]: rows that don't come into others, which are sealed
 *	"gone"        [{"kind", "rows", "names"}]: here since the last imports from the package's
 *	              source, as parts of rows that are in the package, and not in it any more
 *	"references"  [{"kind", "rows", "references"}]: taken out of values, for nobody here is meant
 *	"files"       {"count", "bytes"}: that are to be put into the store
 */
bool sp_summary_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                     sp_json *to, sp_error *err);

#endif
