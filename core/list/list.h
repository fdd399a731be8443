/* What an instance holds, as far as the acting user may read it. */
#ifndef SP_LIST_LIST_H
#define SP_LIST_LIST_H

#include "core/access/access.h"
#include "core/base/json.h"
#include "core/db/catalog.h"

/* Which runs; NULL: any. */
typedef struct {
	const char *infospace; /* id, UUID or name */
	const char *status;    /* in any case */
	const char *since;     /* YYYY-MM-DD[ HH:MM[:SS]], UTC */
	const char *search;    /* part of name or description */
} sp_run_filter;

/*
 * Arrays of objects, newest first (runs) or by name (infospaces), as
 * `spaceport list --json` shows them; sizes are bytes of the annotations'
 * values as stored. NULL and an error; SP_USAGE for a filter that can't be.
 */
sp_json *sp_list_infospaces(sp_db *db, const sp_catalog *catalog, const sp_actor *actor,
                            sp_error *err);
sp_json *sp_list_runs(sp_db *db, const sp_catalog *catalog, const sp_actor *actor,
                      const sp_run_filter *filter, sp_error *err);

/*
 * One run, by its UUID: uuid, name, description, status, created_at, started_at,
 * completed_at, error_message, user, and the arrays schemas (name, version,
 * count of annotations), annotations (name is the status) and assets (name is
 * the kind), each with counts. SP_FAILED where the actor may read no such run.
 */
sp_json *sp_list_run(sp_db *db, const sp_catalog *catalog, const sp_actor *actor, const char *uuid,
                     sp_error *err);

#endif
