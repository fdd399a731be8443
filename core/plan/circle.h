/*
 * Bundles that would stand inside themselves: the package moves one into another that was moved
 * into it here since. HQ's tables take that, and what is in such a circle is in no tree any more.
 * One that would close it is noted in "occupied" (unique.h).
 */
#ifndef SP_PLAN_CIRCLE_H
#define SP_PLAN_CIRCLE_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/* Behind sp_fate_make() for all kinds. *any: whether there is one that wasn't noted before. */
bool sp_circle_look(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                    bool *any, sp_error *err);

#endif
