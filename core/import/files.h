/*
 * Puts the files of new assets into the target's store (core/plan/objects.h says which, and under
 * what names), from the package's own bytes, before the merge that names them commits. Their
 * names go on record first, so that those of an import that didn't happen are found and removed.
 * Afterwards what is in the store can be compared with the package.
 */
#ifndef SP_IMPORT_FILES_H
#define SP_IMPORT_FILES_H

#include "core/base/json.h"
#include "core/job/job.h"
#include "core/plan/sides.h"
#include "core/store/store.h"

/* Where the bytes come from: the walk (core/package/walk.h) that the rows were staged from, and
 * its file. */
typedef struct {
	int fd;
	sp_walk *walk;
	sp_checking *check;
} sp_files_source;

/* Behind sp_plan_make(). `operation`: spaceport.import_operations.id. To be committed before
 * sp_files_put(). */
bool sp_files_note(sp_staging *staging, const sp_catalog *catalog, int64_t operation,
                   sp_error *err);
/* `job` may be NULL. Each object whole or not at all; after an error some may be there. */
bool sp_files_put(sp_staging *staging, const sp_catalog *catalog, const sp_files_source *source,
                  sp_store *store, sp_job *job, sp_error *err);
/* What became of the package's files here. */
typedef struct {
	int64_t count, equal;
	/* lists of names: of the objects here, of an asset that isn't here the one at its source */
	sp_json *missing, *different;
} sp_files_report;

/* Compares all of them, byte by byte; the lists are the caller's. Behind sp_plan_make(). */
bool sp_files_compare(sp_staging *staging, const sp_catalog *catalog,
                      const sp_files_source *source, sp_store *store, sp_job *job,
                      sp_files_report *report, sp_error *err);
/* Removes what an import that didn't happen has put, but for what a row of HQ's names
 * meanwhile, and takes it off the record. */
bool sp_files_remove(sp_db *db, const sp_catalog *catalog, int64_t operation, sp_store *store,
                     sp_error *err);
/* Whether imports that didn't happen, and that nobody works on any more, have left any … */
bool sp_files_are_left(sp_db *db, bool *are_left, sp_error *err);
/* … and removes them. */
bool sp_files_sweep(sp_db *db, const sp_catalog *catalog, sp_store *store, sp_error *err);

#endif
