/*
 * Rows of another generation, staged anew in the target's: where one keeps what the other keeps
 * elsewhere (core/model/between.h), lines are changed, and get rows beside them, as if the package
 * were from there. What comes after knows only columns and tables that the target has.
 *
 * Table of the staging ("part"), of rows of which something has no place here:
 *
 *	unmoved  kind text, number bigint, what text   the column, or the kind of the rows
 *
 * So do values that a jsonb here doesn't take, where the source had json: they are left out.
 */
#ifndef SP_STAGING_SHAPE_H
#define SP_STAGING_SHAPE_H

#include "core/db/catalog.h"
#include "core/staging/staging.h"

/* Behind sp_staging_end(), before sp_typed_make(). Costs nothing where nothing is to be moved. */
bool sp_shape_make(sp_staging *staging, const sp_catalog *catalog, sp_error *err);

#endif
