/* What stays out on request: assets by UUID, rows by tag. Included by
 * core/export only. */
#ifndef SP_EXPORT_EXCLUDE_H
#define SP_EXPORT_EXCLUDE_H

#include "core/export/select.h"

/* Notes them, and what is part of an excluded asset, in pg_temp.sp_out.
 * SP_USAGE where an option names nothing: what isn't found isn't left out. */
bool sp_exclude(sp_selection *selection, sp_error *err);

#endif
