/*
 * Requests at work, each in a thread of its own with a job of its own, so that
 * nothing that may wait is done where keys are read. Answers are collected
 * behind a descriptor that can be polled.
 */
#ifndef SP_UI_WORK_H
#define SP_UI_WORK_H

#include "ui/request.h"

typedef struct sp_work sp_work;

sp_work *sp_work_create(sp_error *err);
/* Cancels what still runs and waits for it, at most `seconds`: a thread that
 * hangs in a system call is left behind. */
void sp_work_free(sp_work *work, int seconds);

/* Readable when there is an answer or progress. */
int sp_work_fd(const sp_work *work);
/* Begins it in a thread, with signals blocked; takes the request in any case. */
bool sp_work_start(sp_work *work, sp_request *request, sp_error *err);
/* The next answer, freed by the caller; NULL: none yet. */
sp_reply *sp_work_next(sp_work *work);
/* Asks a request to stop; its last answer comes all the same. */
void sp_work_cancel(sp_work *work, int number);
/* Where a request stands; false: it doesn't run. */
bool sp_work_look(sp_work *work, int number, sp_progress *progress);

#endif
