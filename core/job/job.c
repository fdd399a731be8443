#include <config.h>

#include "core/job/job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include <uuid.h>

/* Who is told: at most so often, in seconds; a phase's beginning at once. */
typedef struct {
	double every;
	bool phases;
	sp_progress_fn *fn;
	void *ctx;
	double told;
} listener;

enum { SHOWS, RECORDS, LISTENERS };

/* A signal handler may only touch what has no lock in it. */
_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "an atomic bool must be lock-free");

struct sp_job {
	char id[UUID_STR_LEN];
	atomic_bool cancelled;
	double began, moved; /* on the monotonic clock; moved: first byte, 0: none yet */

	pthread_mutex_t lock; /* of what follows */
	sp_progress at;
	listener listeners[LISTENERS];
};

static double now(void)
{
	struct timespec ts = { 0, 0 };

	/* can't fail: the clock is there on every Linux and ts is ours */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

sp_job *sp_job_create(void)
{
	sp_job *job = calloc(1, sizeof *job);

	if (!job)
		return NULL;
	if (pthread_mutex_init(&job->lock, NULL) != 0) {
		free(job);
		return NULL;
	}
	sp_job_new_id(job);
	atomic_init(&job->cancelled, false);
	job->began = now();
	job->at.phase = "";
	job->listeners[SHOWS] = (listener){ .every = 0.1, .phases = true };
	job->listeners[RECORDS] = (listener){ .every = 1 };
	return job;
}

void sp_job_free(sp_job *job)
{
	if (!job)
		return;
	pthread_mutex_destroy(&job->lock);
	free(job);
}

const char *sp_job_id(const sp_job *job)
{
	return job->id;
}

void sp_job_new_id(sp_job *job)
{
	uuid_t id;

	uuid_generate_random(id);
	uuid_unparse_lower(id, job->id);
}

static void tell_from_now(sp_job *job, listener *to, sp_progress_fn *fn, void *ctx)
{
	pthread_mutex_lock(&job->lock);
	to->fn = fn;
	to->ctx = ctx;
	pthread_mutex_unlock(&job->lock);
}

void sp_job_on_progress(sp_job *job, sp_progress_fn *fn, void *ctx)
{
	tell_from_now(job, &job->listeners[SHOWS], fn, ctx);
}

void sp_job_on_second(sp_job *job, sp_progress_fn *fn, void *ctx)
{
	tell_from_now(job, &job->listeners[RECORDS], fn, ctx);
}

/* Fills in what follows from the clock; the lock is held. */
static void look(const sp_job *job, double at, sp_progress *progress)
{
	double moving = job->moved > 0 ? at - job->moved : 0;

	*progress = job->at;
	progress->elapsed = at - job->began;
	progress->rate = moving > 0 ? (double)progress->bytes / moving : 0;
	progress->left = -1;
	if (progress->bytes_total == 0 || progress->rate <= 0)
		return;
	progress->left = 0;
	if (progress->bytes < progress->bytes_total)
		progress->left =
		    (double)(progress->bytes_total - progress->bytes) / progress->rate;
}

/* Ends with the lock released, so that who is told may look at the job. */
static void unlock_and_tell(sp_job *job, double at, bool phase)
{
	listener due[LISTENERS] = { 0 };
	sp_progress progress;

	look(job, at, &progress);
	for (int i = 0; i < LISTENERS; i++) {
		listener *one = &job->listeners[i];

		if (!one->fn || (!(phase && one->phases) && at - one->told < one->every))
			continue;
		one->told = at;
		due[i] = *one;
	}
	pthread_mutex_unlock(&job->lock);
	for (int i = 0; i < LISTENERS; i++)
		if (due[i].fn)
			due[i].fn(due[i].ctx, &progress);
}

void sp_job_phase(sp_job *job, const char *phase, uint64_t rows_total)
{
	double at = now();

	pthread_mutex_lock(&job->lock);
	job->at.phase = phase;
	job->at.rows = 0;
	job->at.rows_total = rows_total;
	unlock_and_tell(job, at, true);
}

void sp_job_total_bytes(sp_job *job, uint64_t bytes)
{
	pthread_mutex_lock(&job->lock);
	job->at.bytes_total = bytes;
	pthread_mutex_unlock(&job->lock);
}

void sp_job_add(sp_job *job, uint64_t rows, uint64_t bytes)
{
	double at = now();

	pthread_mutex_lock(&job->lock);
	job->at.rows += rows;
	job->at.bytes += bytes;
	if (bytes > 0 && job->moved <= 0)
		job->moved = at;
	unlock_and_tell(job, at, false);
}

void sp_job_look(sp_job *job, sp_progress *progress)
{
	double at = now();

	pthread_mutex_lock(&job->lock);
	look(job, at, progress);
	pthread_mutex_unlock(&job->lock);
}

void sp_job_cancel(sp_job *job)
{
	atomic_store(&job->cancelled, true);
}

bool sp_job_cancelled(const sp_job *job)
{
	return atomic_load(&job->cancelled);
}

bool sp_job_go_on(const sp_job *job, sp_error *err)
{
	if (!sp_job_cancelled(job))
		return true;
	return sp_fail(err, SP_INTERRUPTED, NULL, N_("interrupted"));
}
