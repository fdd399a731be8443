/*
 * An operation's life: its id, its progress, and whether it is to stop.
 * One thread works and reports; any thread, or a signal handler, may cancel;
 * any thread may look.
 */
#ifndef SP_JOB_JOB_H
#define SP_JOB_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"

typedef struct sp_job sp_job;

/* Where a job stands. */
typedef struct {
	const char *phase;           /* untranslated; a static string, "" at first */
	uint64_t rows, rows_total;   /* total 0: not known */
	uint64_t bytes, bytes_total; /* of the whole job */
	double elapsed;              /* seconds since the job began */
	double rate;                 /* bytes a second, since the first of them */
	double left;                 /* seconds; negative: not known */
} sp_progress;

typedef void sp_progress_fn(void *ctx, const sp_progress *progress);

/* NULL where memory is out. The id is a new random UUID. */
sp_job *sp_job_create(void);
void sp_job_free(sp_job *job);

/* 36 characters, lower case. */
const char *sp_job_id(const sp_job *job);
/* Another id: each of the operations that a job does one after the other has its
 * own. Only for the thread that works. */
void sp_job_new_id(sp_job *job);

/* `fn` is called by the working thread: when a phase begins and then at
 * most ten times a second. */
void sp_job_on_progress(sp_job *job, sp_progress_fn *fn, void *ctx);
/* The same for who keeps a record: at most once a second. */
void sp_job_on_second(sp_job *job, sp_progress_fn *fn, void *ctx);

/* A new phase: its name (untranslated, static) and how many rows it has. */
void sp_job_phase(sp_job *job, const char *phase, uint64_t rows_total);
void sp_job_total_bytes(sp_job *job, uint64_t bytes);

/* Rows and bytes done since the last call; both may be 0 (a sign of life). */
void sp_job_add(sp_job *job, uint64_t rows, uint64_t bytes);
void sp_job_look(sp_job *job, sp_progress *progress);

/* May be called from a signal handler. */
void sp_job_cancel(sp_job *job);
bool sp_job_cancelled(const sp_job *job);

/* True, or false and an error with SP_INTERRUPTED where it was cancelled. */
bool sp_job_go_on(const sp_job *job, sp_error *err);

#endif
