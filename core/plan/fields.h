/*
 * Fields inside a jsonb column that somebody decided to take from the package (decided.h), while
 * the rest of the column stays as it is here. A field is named by its column and the JSON Pointer
 * (RFC 6901) of its place there: "value/document/sentiment". It comes with its justification,
 * which stands beside it as `<field>_justification`, and goes where the package has none.
 *
 * Table of the staging, while an import is written; what it has goes before what the package has:
 *
 *	taken  kind text, number bigint, key text  the row, and its column
 *	       body text                           made of both sides
 */
#ifndef SP_PLAN_FIELDS_H
#define SP_PLAN_FIELDS_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/* Once before "decided" is made. */
bool sp_fields_begin(sp_db *db, sp_error *err);

/* Of all that was decided: SP_USAGE where it names what isn't there, or has no room here. Behind
 * the tables "decided" and "after" of all kinds. */
bool sp_fields_check(sp_staging *staging, const sp_catalog *catalog, sp_error *err);

/* Makes the values, and has "after" say them. Behind sp_plan_look(), before anything is written. */
bool sp_fields_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                    sp_error *err);

#endif
