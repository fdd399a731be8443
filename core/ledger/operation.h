/*
 * An operation goes on record, from its begin to its end: in the database's schema
 * `spaceport` (ledger.h) where it is there and this login may write into it; an export
 * else in a folder of this machine (local.h). It has a connection of its own, whose lock tells
 * others that it lives, and over which its progress is reported once a second.
 *
 * Recording never stops an export, and holds it up for a few seconds at most. An import that
 * can't be recorded in the database doesn't begin.
 */
#ifndef SP_LEDGER_OPERATION_H
#define SP_LEDGER_OPERATION_H

#include <stdint.h>

#include "core/access/access.h"
#include "core/base/json.h"
#include "core/config/instance.h"
#include "core/db/own_schema.h"

typedef struct sp_operation sp_operation;

typedef enum { SP_OPERATION_EXPORT, SP_OPERATION_IMPORT } sp_operation_kind;

/* What it is. All is copied. */
typedef struct {
	sp_operation_kind kind;
	const char *type; /* of an export: "annotation_run" … */
	int64_t source_id;
	const char *source_name;
	int64_t infospace_id; /* 0: it isn't there yet */
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

/* Begins the operation with the job's id. Errors are kept for the end. NULL where
 * memory is out. */
sp_operation *sp_operation_begin(const sp_operation_place *place, const sp_operation_about *about,
                                 sp_job *job);

/* The id of its row in the database, 0 where there is none, and why (SP_NOT_ALLOWED …). */
int64_t sp_operation_id(sp_operation *operation, sp_error *err);

/* An sp_db_works_fn; `ctx`: the operation. */
bool sp_operation_sees(void *ctx, int pid);

/*
 * In the transaction of `db`, as its last statement: the import is done. So its row says that, if
 * and only if what it did is there. `result`, `rollback`: objects, copied; `infospace`: the id
 * of the one that it went into.
 */
bool sp_operation_done(sp_operation *operation, sp_db *db, int64_t infospace,
                       const sp_json *result, const sp_json *rollback, sp_error *err);

/*
 * Ends it, and frees it: done where `failure` is clear, else failed or interrupted. `size`:
 * bytes of the package. *note (clear) has a text afterwards where the record isn't in the
 * database: why not, with SP_OK where it is on this machine, with SP_WARNINGS where it is
 * nowhere. True where its row says that it is done, which counts, whatever `failure` says: then
 * only the answer to its COMMIT was lost.
 */
bool sp_operation_end(sp_operation *operation, const sp_error *failure, uint64_t size,
                      sp_error *note);

#endif
