/*
 * What an import would do with a staged package, decided for all rows: who they are here
 * (match.h), what stays out (out.h), what they would be like (after.h), in what they differ
 * (differ.h), and what becomes of them (fate.h). It writes nothing but tables of the staging;
 * it may be made any number of times.
 *
 * Table of the staging, of rows of all kinds that come beside one that is here, with all that is a
 * part of them:
 *
 *	beside  kind text, id text  who it is in the package
 *	        previous bigint     the row here; NULL: there is none that it was taken for
 *	        is_named boolean    it gets …
 *	        label text          … its name, or of a schema its version, where the package's is taken
 */
#ifndef SP_PLAN_PLAN_H
#define SP_PLAN_PLAN_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/* Before it is made: rows come without the rows that they may do without (sp_is_link()), and
 * without memberships in bundles. Those only say who a row is, then. */
bool sp_plan_without_links(sp_staging *staging, const sp_catalog *catalog, sp_plan_about *about,
                           sp_error *err);

/* Behind sp_typed_make() for all kinds. */
bool sp_plan_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                  sp_error *err);

/* The values and views anew, where "match" has been changed since: all rows are here then. */
bool sp_plan_look(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                  sp_error *err);

#endif
