/*
 * In which columns a package's rows differ from the ones here that they are: what would be
 * written (after.h) is compared with what is there, as texts, references as the rows that they
 * name. What only one side has a column for isn't compared.
 *
 * Table of the staging ("part", one a kind of which rows were staged):
 *
 *	differs  number bigint   of the row that is here already
 *	         target bigint   its id here
 *	         columns text[]  keys in the package, in the table's order; empty: they are the same
 *	         apart boolean   they are two things, says their content (core/model/smart.h)
 *
 * A value from which a secret or an id of nobody was left out differs from one that has it.
 */
#ifndef SP_PLAN_DIFFER_H
#define SP_PLAN_DIFFER_H

#include "core/db/catalog.h"
#include "core/staging/staging.h"

/* Makes the functions that texts are compared with, for this session. */
bool sp_differ_begin(sp_db *db, sp_error *err);
/* Behind sp_after_make(); `again`: for the same plan (sp_staging_fill()). */
bool sp_differ_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, bool again,
                    sp_error *err);

#endif
