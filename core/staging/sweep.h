/*
 * Whose tables of a staging (staging.h) are still wanted. Who has one holds it, so that a later
 * import can take away what one that was killed, or lost its connection, has left.
 */
#ifndef SP_STAGING_SWEEP_H
#define SP_STAGING_SWEEP_H

#include "core/staging/staging.h"

/* Until the connection ends, or for good. `operation`: as for sp_staging_create(). */
bool sp_staging_hold(sp_db *db, const char *operation, sp_error *err);
/* Appends SQL: whether nobody holds the staging of the operation `uuid` (SQL, a uuid or text). */
void sp_staging_lost_sql(const char *uuid, sp_buf *sql);

/* Takes its tables away. */
bool sp_staging_drop(sp_db *db, const char *operation, sp_error *err);
/* Those that nobody holds, and that this login may take away. */
bool sp_staging_sweep(sp_db *db, sp_error *err);

#endif
