/*
 * Can a target take a package, and what would be lost? The verdict over what a
 * package holds (core/package/survey.h) and what a target can hold (target.h);
 * nobody is asked anything any more.
 */
#ifndef SP_PLAN_COMPAT_H
#define SP_PLAN_COMPAT_H

#include "core/package/survey.h"
#include "core/plan/fit.h"
#include "core/plan/target.h"

/* An sp_survey_words_fn; `ctx`: the sp_target. */
bool sp_compat_keeps_words(void *ctx, const char *kind, const char *column);

/* What becomes of it there, kind by kind. NULL and an error: no memory. */
sp_fits *sp_compat(const sp_survey *survey, const sp_target *target, sp_error *err);

#endif
