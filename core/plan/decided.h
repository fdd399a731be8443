/*
 * What somebody decided of rows that differ, one by one or by rule. A decision is for who the row
 * is at its source, why it isn't clear what becomes of it, and what both sides were; it holds in
 * any later plan where these are the same.
 *
 *	keep       what is here stays, and what names the package's row names this one
 *	overwrite  it becomes the package's
 *	beside     the package's comes beside it
 *	merge      columns of it, or fields of these (fields.h), become the package's
 *	later      as overwrite or keep, by which was changed later; else it stays open
 *
 * Table of the staging ("part", one a kind of which rows were staged):
 *
 *	decided  number bigint, said text, there bigint, here bigint (fate.h), word text,
 *	         fields text[]  of "merge": columns, and fields of these
 *	         columns text[] that they are in
 */
#ifndef SP_PLAN_DECIDED_H
#define SP_PLAN_DECIDED_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

typedef enum {
	SP_DECISION_KEEP,
	SP_DECISION_OVERWRITE,
	SP_DECISION_BESIDE,
	SP_DECISION_MERGE,
	SP_DECISION_LATER,
	SP_DECISIONS
} sp_decision;

/* Their words. */
extern const char *const sp_decisions[SP_DECISIONS];

/* False where it leaves a conflict (fate.h: why) as open as it was, whatever both sides are: a row
 * whose UUID is taken has nothing here that could stay or be overwritten, one that was deleted
 * comes again or stays deleted, and one for whose values there is no room can't get all of them. */
bool sp_decision_answers(sp_decision decision, const char *why);

/* From the lines that sp_plan_file_stage() has staged; behind a sp_plan_make(), whose `about` it
 * was made with. *any: whether there are any. SP_USAGE where they name fields that aren't there. */
bool sp_decided_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                     bool *any, sp_error *err);

#endif
