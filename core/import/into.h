/* The infospace that an import goes into: one that is here, or one that the import makes: its id
 * is 0 then. */
#ifndef SP_IMPORT_INTO_H
#define SP_IMPORT_INTO_H

#include "core/access/space.h"
#include "core/plan/about.h"
#include "core/staging/staging.h"

/* Looks again, in the caller's transaction: SP_NOT_ALLOWED where the acting user may not import
 * into it; any active user may make one. */
bool sp_into_check(sp_db *db, const sp_catalog *catalog, const sp_actor *actor,
                   const sp_space *space, sp_error *err);

/*
 * Makes one that only its owner may see, as HQ makes one, with a general canon where this database
 * has such and the package brings none. Behind sp_typed_make(). Its id, 0: an error.
 */
int64_t sp_into_make(sp_staging *staging, const sp_catalog *catalog, const char *name,
                     const sp_plan_about *about, sp_error *err);
/* Behind the merge: its canons are those that it uses by default. */
bool sp_into_finish(sp_db *db, const sp_catalog *catalog, int64_t space, sp_error *err);

/*
 * Takes the lease of an infospace until the connection ends: nobody else imports into it
 * meanwhile. SP_TARGET_CHANGED where somebody does.
 */
bool sp_into_lease(sp_db *db, const sp_space *space, sp_error *err);

#endif
