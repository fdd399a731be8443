/*
 * What of a package stays out, before anything else is decided: rows that were deleted here
 * since an earlier import wrote them, and rows that can't be without one that is neither in the
 * package nor here. They are taken out of the staged rows, so that what names them names nobody.
 *
 * Table of the staging ("part", one a kind of which rows were staged):
 *
 *	out  number bigint  of the row
 *	     id text        who it is in the package
 *	     why text       'deleted' here; else the key of the column that names the other row
 */
#ifndef SP_PLAN_OUT_H
#define SP_PLAN_OUT_H

#include "core/plan/sides.h"

/* Before sp_match_make(): rows that an earlier plan took out are staged again. */
bool sp_out_undo(sp_staging *staging, const sp_catalog *catalog, sp_error *err);
/* Of all kinds. Behind sp_match_make(); `source`: the UUID of the package's instance. */
bool sp_out_make(sp_staging *staging, const sp_catalog *catalog, const char *source, sp_error *err);

#endif
