/* Plans of imports (core/plan/summary.h), for people: a table and lines on standard error. */
#ifndef SP_SRC_SHOW_PLAN_H
#define SP_SRC_SHOW_PLAN_H

#include "core/base/json.h"
#include "src/cli.h"

/* All of it, but for --quiet, or where only JSON is wanted. */
bool sp_show_plan(const sp_cli *cli, const sp_json *plan, sp_error *err);
/* Of its "bad_rows" the first, likewise. */
void sp_show_bad_rows(const sp_cli *cli, const sp_json *plan);

/* Its parts: groups of rows that need words; what the target can't hold, or has otherwise. */
void sp_show_groups(const sp_cli *cli, const sp_json *groups);
void sp_show_lost(const sp_cli *cli, const sp_json *plan);

#endif
