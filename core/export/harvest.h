/* Finds the references inside values (refs.h) of rows that travel. */
#ifndef SP_EXPORT_HARVEST_H
#define SP_EXPORT_HARVEST_H

#include "core/export/select.h"

/*
 * Reads the columns of a table that may hold references, of the rows in
 * `from` ("FROM … WHERE …", the row is `t`), and adds what they name to
 * pg_temp.sp_json_ref. `may_follow`: whether what they name may come along.
 */
bool sp_harvest(const sp_selection *selection, int table, const char *from, bool may_follow,
                sp_error *err);

#endif
