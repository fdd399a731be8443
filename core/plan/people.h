/*
 * Who of a package's authors is here: active users who may read the target infospace, by
 * e-mail, else by handle. Where two are as good, nobody is: nobody is to be made the author
 * of what they didn't write.
 *
 * Table of the staging: "match" of the kind user (match.h).
 */
#ifndef SP_PLAN_PEOPLE_H
#define SP_PLAN_PEOPLE_H

#include "core/db/catalog.h"
#include "core/staging/staging.h"

/* `infospace`: the id of the target's, -1 where it isn't there yet. */
bool sp_people_match(sp_staging *staging, const sp_catalog *catalog, int64_t infospace,
                     sp_error *err);

#endif
