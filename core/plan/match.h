/*
 * Which row here is the one of the package? Answered for all rows at once, from
 * what was staged, and before anything else is decided.
 *
 * The first that hits counts: the chain of origins names this very row; an earlier import into
 * this infospace wrote it; it was itself imported from one of the chain; the UUIDs are
 * equal; its natural key (core/model/natural.h), where rows that are alike are paired
 * in their order. Only rows of the target infospace count, and of the instance where
 * rows belong to no infospace.
 *
 * Tables of the staging ("part", one a kind where the database has its table):
 *
 *	match   id text         who the row is in the package; also rows outside of it
 *	        target bigint   its id here
 *	        how smallint    sp_match_how
 *	        found bigint    so many rows here were as good; the lowest id was taken
 *
 * Two rows of a package are never one here; of those that both would be, the first is.
 */
#ifndef SP_PLAN_MATCH_H
#define SP_PLAN_MATCH_H

#include "core/db/catalog.h"
#include "core/plan/about.h"
#include "core/staging/staging.h"

typedef enum {
	SP_MATCH_NEW,     /* it gets this id: nothing else here has it (core/import) */
	SP_MATCH_OWN,     /* it went from here and comes back */
	SP_MATCH_IMPORT,  /* an earlier import wrote it */
	SP_MATCH_LINEAGE, /* imported_from_uuid */
	SP_MATCH_UUID,
	SP_MATCH_NATURAL
} sp_match_how;

/* Behind sp_typed_make() for all kinds. */
bool sp_match_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                   sp_error *err);

#endif
