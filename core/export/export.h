/*
 * Exports runs: connect, choose, look at what would travel, write a package.
 *
 *   open → find → (plan → [release]) … → write → close
 *
 * A plan holds one snapshot of the database (REPEATABLE READ, READ ONLY) open
 * until it is written or released; don't keep one while a person thinks.
 */
#ifndef SP_EXPORT_EXPORT_H
#define SP_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/json.h"
#include "core/base/sign.h"
#include "core/config/instance.h"
#include "core/export/options.h"
#include "core/job/job.h"

typedef struct sp_export sp_export;

/* Instance and strings must outlive the export. */
typedef struct {
	const sp_instance *instance;
	sp_export_options options;
	const sp_private_key *key; /* that packages are signed with; NULL: they aren't */
} sp_export_settings;

/* `job` and `settings` stay the caller's. */
sp_export *sp_export_open(const sp_export_settings *settings, sp_job *job, sp_error *err);
void sp_export_close(sp_export *export);

/* A run as it was found; texts are the export's until the next find. */
typedef struct {
	int64_t id;
	const char *uuid, *name, *status, *infospace;
} sp_found_run;

/*
 * Finds the run that `name` names: a UUID, else an id, else a name, in the
 * infospace given by id, UUID or name (NULL: any that the actor may read).
 * SP_FAILED where there is none or the name is ambiguous (the error lists the
 * candidates), SP_NOT_ALLOWED where it may be read but not exported.
 */
bool sp_export_find(sp_export *export, const char *name, const char *infospace, sp_found_run *run,
                    sp_error *err);

/*
 * Selects what travels with a run, and asks the store for its files. *plan is
 * the export's until the next plan: counts, sizes in bytes, options, what
 * stays out and why, warnings.
 */
bool sp_export_plan(sp_export *export, int64_t run, const sp_json **plan, sp_error *err);

/* Gives the snapshot back. */
bool sp_export_release(sp_export *export, sp_error *err);

/* What came out. */
typedef struct {
	uint64_t entries, size;  /* size: bytes of the file */
	int warnings;            /* the manifest lists them */
	const sp_json *manifest; /* the export's */
	const sp_error *note;    /* … until the next: see sp_operation_end() */
	const char *operation;   /* under which it is on record; the job's */
} sp_export_result;

/*
 * Writes the planned run to `path` ("-": standard output), whole or not at
 * all, and gives the snapshot back. SP_USAGE where the file exists and `force`
 * isn't given. It goes on record as an operation of its own.
 */
bool sp_export_write(sp_export *export, const char *path, bool force, sp_export_result *result,
                     sp_error *err);

#endif
