/* What a dry run said, and what is decided of it: plain state. */
#ifndef SP_UI_DRY_RUN_H
#define SP_UI_DRY_RUN_H

#include "ui/wizard.h"

void sp_dry_run_clear(sp_dry_run *run);
/* Takes the answer to SP_ASK_DRY_RUN; false: no memory. */
bool sp_dry_run_take(sp_wizard *w, sp_json *json);

/* What is decided of a group of conflicts now; NULL: nothing, or not the same of all its rows. */
const char *sp_dry_run_decision(const sp_dry_run *run, int group);
/* Of its rows those that await a decision; of all groups. */
int64_t sp_dry_run_open_of(const sp_dry_run *run, int group);
int64_t sp_dry_run_open(const sp_dry_run *run);
/* True where the word (core/plan/decide.h) is an answer for rows of it. */
bool sp_dry_run_takes(const sp_dry_run *run, int group, const char *word);
/* Rows that are in conflict though they were decided: what was asked for can't be. */
int64_t sp_dry_run_undecidable(const sp_dry_run *run);
/* True where something was decided that isn't planned yet. */
bool sp_dry_run_is_behind(const sp_dry_run *run);

/* Decides of a group, or (-1) of all that take it; `word` as core/plan/decide.h has it, `fields` of
 * "merge". */
void sp_dry_run_decide(sp_wizard *w, int group, const char *word, const char *fields);
/* Its columns, with commas between them. */
void sp_dry_run_columns(const sp_json *group, sp_buf *to);

#endif
