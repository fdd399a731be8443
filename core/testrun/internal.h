/* What the parts of core/testrun share. */
#ifndef SP_TESTRUN_INTERNAL_H
#define SP_TESTRUN_INTERNAL_H

#include "core/access/access.h"
#include "core/base/hash.h"
#include "core/db/catalog.h"
#include "core/store/store.h"
#include "core/testrun/testrun.h"

/* Assets come in cycles of so many, as make_prepare.sql lays them out. */
#define SP_CYCLE 20
/* Later cycles name the files of earlier ones: a store has room for other things. */
#define SP_FILE_CYCLES 250

struct sp_testrun {
	const sp_testrun_settings *settings;
	sp_job *job;
	sp_db *db;
	sp_catalog *catalog;
	sp_actor *actor;
	sp_store *store;
	sp_sha256 *sha;
	int64_t infospace;
	char *infospace_name, *infospace_uuid;
	char uuid[SP_UUID_LEN + 1]; /* the run's */
	int64_t files_put;          /* how many lie in the store because of us */
	sp_json *plan, *result;
};

/* The UUID of the n-th thing of a kind: see make_prepare.sql. */
bool sp_testrun_uuid(sp_testrun *run, const char *kind, int64_t n, char uuid[SP_UUID_LEN + 1],
                     sp_error *err);

/* --- files ------------------------------------------------------------------ */

/* How many times the row of example files comes round. */
int64_t sp_testrun_file_cycles(const sp_testrun *run);

typedef struct {
	int64_t cycle, pos; /* whose it is */
	char *path;         /* the object's name */
	sp_buf bytes;
} sp_testrun_file;

/* The file at `index` (0 …); false and no error where there are no more.
 * Free it with sp_testrun_file_free(), also after an error. */
bool sp_testrun_file_at(sp_testrun *run, int64_t index, sp_testrun_file *file, sp_error *err);
void sp_testrun_file_free(sp_testrun_file *file);
/* How many there are. */
int64_t sp_testrun_file_count(const sp_testrun *run);

/* --- rows ------------------------------------------------------------------------ */

/* Everything that a transaction needs before the files: parameters, and which
 * file is whose. */
bool sp_testrun_prepare(sp_testrun *run, sp_error *err);
/* Inserts all rows; counts by kind are added to `counts`. */
bool sp_testrun_rows(sp_testrun *run, sp_json *counts, int64_t *id, sp_error *err);

#endif
