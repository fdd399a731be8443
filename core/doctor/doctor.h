/*
 * Looks whether an instance can be worked with from here, step by step: the way
 * to its database, what it holds, what this login and the acting user may do
 * there, its store, and this machine. Nothing is changed anywhere.
 *
 * Checks are data: `spaceport doctor`, `spaceport instances test` and the wizard
 * show the same ones.
 */
#ifndef SP_DOCTOR_DOCTOR_H
#define SP_DOCTOR_DOCTOR_H

#include "core/base/error.h"
#include "core/config/instance.h"
#include "core/job/job.h"

typedef enum {
	SP_CHECK_OK,
	SP_CHECK_WARNING, /* it works, but somebody should know */
	SP_CHECK_FAILED,
	SP_CHECK_SKIPPED /* there was nothing to look at, or one that it needs failed */
} sp_check_state;

extern const char *const sp_check_states[]; /* "ok", "warning" … */

typedef struct {
	const char *id;    /* for scripts: "find_host" … */
	const char *title; /* for people, untranslated */
	sp_check_state state;
	sp_error found; /* text: what was found; hint: what to do about it, or NULL;
	                      code: of a failure */
	int milliseconds;
} sp_check;

/* The checks in their order, before any was done; id and title are set. */
int sp_doctor_count(void);
const sp_check *sp_doctor_at(int i);

/* Called when a check is done; it is the doctor's and ends with the call. */
typedef void sp_check_fn(void *ctx, const sp_check *check);

/*
 * Does them one after the other. A failure leaves out only those that need it.
 * The instance may be incomplete: without a store or an acting user, what needs
 * them is skipped. Nothing waits longer than the instance's time-outs, and
 * everything ends when the job is cancelled. SP_OK, SP_WARNINGS, the code of the
 * first failure, or SP_INTERRUPTED.
 */
sp_code sp_doctor_run(const sp_instance *instance, sp_job *job, sp_check_fn *fn, void *ctx);

#endif
