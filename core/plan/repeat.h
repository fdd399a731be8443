/*
 * A plan is made, a person looks at it, and it is made again when it is done: it must say the
 * same then, row by row. What happened meanwhile elsewhere in the infospace doesn't matter.
 */
#ifndef SP_PLAN_REPEAT_H
#define SP_PLAN_REPEAT_H

#include "core/plan/sides.h"

/* Notes what the plan says now (the table "seen" of the staging). */
bool sp_repeat_note(sp_staging *staging, const sp_catalog *catalog, sp_error *err);

/* Notes what a plan file said, which sp_plan_file_stage() has staged. */
bool sp_repeat_note_file(sp_staging *staging, const sp_catalog *catalog, sp_error *err);

/* Behind another sp_plan_make(). SP_TARGET_CHANGED where it says anything else of a row, which
 * the error names. */
bool sp_repeat_check(sp_staging *staging, const sp_catalog *catalog, sp_error *err);

#endif
