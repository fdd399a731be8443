/*
 * An operation goes on record, from its begin to its end: in the database's schema
 * `spaceport` (ledger.h) where it is there and this login may write into it, else in a
 * folder of this machine (local.h). It has a connection of its own, whose lock tells
 * others that it lives, and over which its progress is reported once a second.
 *
 * Recording never stops an operation, and holds it up for a few seconds at most.
 */
#ifndef SP_LEDGER_OPERATION_H
#define SP_LEDGER_OPERATION_H

#include <stdint.h>

#include "core/access/access.h"
#include "core/base/json.h"
#include "core/config/instance.h"
#include "core/db/own_schema.h"

typedef struct sp_operation sp_operation;

/* What it is. All is copied. */
typedef struct {
	const char *type; /* "annotation_run" */
	int64_t source_id;
	const char *source_name;
	int64_t infospace_id;
	const char *infospace;
	const char *package_path; /* "-": standard output */
	const sp_json *options;
	const sp_actor *actor;
	const char *instance; /* its UUID */
} sp_operation_about;

/* Where it leads; both stay the caller's, as does the instance. */
typedef struct {
	const sp_instance *instance;
	const sp_db *db; /* the operation's own work is done there; it isn't used */
	const sp_own_schema *own;
} sp_operation_place;

/* Begins the export with the job's id. Errors are kept for the end. NULL where
 * memory is out. */
sp_operation *sp_operation_begin(const sp_operation_place *place, const sp_operation_about *about,
                                 sp_job *job);

/*
 * Ends it, and frees it: done where `failure` is clear, else failed or interrupted. `size`:
 * bytes of the package. *note (clear) has a text afterwards where the record isn't in the
 * database: why not, with SP_OK where it is on this machine, with SP_WARNINGS where it is
 * nowhere.
 */
void sp_operation_end(sp_operation *operation, const sp_error *failure, uint64_t size,
                      sp_error *note);

#endif
