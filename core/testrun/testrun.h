/*
 * Makes a run of test data in an instance: varied, full of what tools that
 * move data come to grief on, the same for the same seed. It is written as an
 * import would write it: files first, then all rows in one transaction, in
 * states that give HQ nothing to do.
 *
 *   open → plan → write → close
 */
#ifndef SP_TESTRUN_TESTRUN_H
#define SP_TESTRUN_TESTRUN_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/config/instance.h"
#include "core/job/job.h"

typedef struct sp_testrun sp_testrun;

/* Instance and strings must outlive the run's making. */
typedef struct {
	const sp_instance *instance; /* its acting user will own everything */
	const char *infospace;       /* id, UUID or name; NULL: the only one there is */
	int64_t assets, schemas, annotations, seed;
} sp_testrun_settings;

/*
 * Connects, and finds the infospace. `settings` and `job` stay the caller's.
 * SP_USAGE for settings that don't fit together or where several infospaces
 * are possible (the error lists them), SP_NOT_ALLOWED where the acting user
 * may not import there, SP_FAILED where this seed's run is there already.
 */
sp_testrun *sp_testrun_open(const sp_testrun_settings *settings, sp_job *job, sp_error *err);
void sp_testrun_close(sp_testrun *run);

/* What would be written: infospace, acting user, name, run_uuid, counts of
 * rows and files, bytes of the files. The run's; NULL and an error. */
const sp_json *sp_testrun_plan(sp_testrun *run, sp_error *err);

/*
 * Writes it: all or nothing, the files too. *result is the run's: run_id,
 * run_uuid, infospace_id, counts. SP_TARGET_CHANGED where another session is
 * in the way. Where the connection breaks during the commit, the error says
 * whether the run is there, as far as that can be told.
 */
bool sp_testrun_write(sp_testrun *run, const sp_json **result, sp_error *err);

#endif
