/*
 * Rows here that are sealed: nobody changes them, and nothing goes into them, or out of them
 * (sp_seal_of()). HQ's tables don't keep anybody from it.
 *
 * Table of the staging:
 *
 *	sealed  kind text, id bigint  as they are before anything is written
 */
#ifndef SP_PLAN_SEALS_H
#define SP_PLAN_SEALS_H

#include "core/base/json.h"
#include "core/plan/about.h"
#include "core/plan/sides.h"

/* Before sp_after_make(), and before anything is written. */
bool sp_seals_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                   sp_error *err);

/* Appends "(SELECT …)": the ids of sealed rows that a row may be in by its column. False: there can
 * be none. */
bool sp_seals_of(const sp_sides *in, const sp_column *column, sp_buf *sql);

/* Adds to `list` for each column of a kind {"kind", "column", "rows"}: how many rows would be in
 * sealed ones, and won't. Behind sp_fate_make(). */
bool sp_seals_list(const sp_sides *in, sp_json *list, sp_error *err);

#endif
