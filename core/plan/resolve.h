/*
 * The values of a package's rows as this database would have them, where that is otherwise: with
 * the ids of the rows that they name, here, and with the secrets that rows here have in
 * them (core/model/put_back.h). What is compared and what is written are the same texts.
 *
 * Table of the staging ("part", one a kind whose rows have references, or settings):
 *
 *	local   number bigint   of the row
 *	        key text        of the column; where `body` is NULL: the JSON Pointer of a reference
 *	                        that isn't where the package says
 *	        body text       its value
 *	        lost bigint     references that were taken out, since nobody here is meant
 *
 * A row that isn't here yet has the id -N, with its number in the package for N.
 */
#ifndef SP_PLAN_RESOLVE_H
#define SP_PLAN_RESOLVE_H

#include "core/db/catalog.h"
#include "core/plan/about.h"
#include "core/plan/sides.h"

/* True where a kind has such a table. */
bool sp_resolve_is(const sp_sides *sides);

/* Behind sp_match_make(); `again`: for the same plan (sp_staging_fill()). */
bool sp_resolve_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind,
                     const sp_plan_about *about, bool again, sp_error *err);

#endif
