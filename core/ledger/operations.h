/* Operations on record, those of the database and those of this machine. */
#ifndef SP_LEDGER_OPERATIONS_H
#define SP_LEDGER_OPERATIONS_H

#include "core/base/json.h"
#include "core/db/own_schema.h"

/* How a status is called: as in records, and "lost" where an operation runs
 * no more without having ended. Ends with NULL. */
extern const char *const sp_operation_statuses[];

/*
 * A new array, the newest first, of at most `limit`; `status` (NULL: any) as above. Each has
 * "uuid", "operation", "status", "recorded" ("database" or "local"), times as
 * "2026-11-21T17:44:00.123456Z", and what else is known. Of this machine's records
 * only those of the `instance` (a UUID) count. SP_USAGE where there is no such status.
 */
sp_json *sp_operations_list(sp_db *db, const sp_own_schema *own, const char *instance,
                            const char *status, int64_t limit, sp_error *err);

/* The operation whose UUID begins so (4 characters or more), wherever it was done from here;
 * SP_USAGE where there is none, or more than one. */
sp_json *sp_operations_find(sp_db *db, const sp_own_schema *own, const char *beginning,
                            sp_error *err);

#endif
