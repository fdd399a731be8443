#include <config.h>

#include "ui/work.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

typedef struct task {
	struct task *next;
	sp_work *work;
	sp_request *request;
	sp_job *job;
	pthread_t thread;
	bool done; /* under the lock of work */
} task;

typedef struct waiting {
	struct waiting *next;
	sp_reply *reply;
} waiting;

struct sp_work {
	int fd;
	pthread_mutex_t lock; /* of what follows */
	task *tasks;
	waiting *first, **last; /* answers, in their order */
};

sp_work *sp_work_create(sp_error *err)
{
	sp_work *work = calloc(1, sizeof *work);

	if (!work) {
		sp_fail_memory(err);
		return NULL;
	}
	work->last = &work->first;
	work->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (work->fd < 0)
		sp_fail_errno(err, errno, N_("can't begin work in the background"));
	else if (pthread_mutex_init(&work->lock, NULL) == 0)
		return work;
	else
		close(work->fd);
	sp_fail_memory(err);
	free(work);
	return NULL;
}

int sp_work_fd(const sp_work *work)
{
	return work->fd;
}

/* Never blocks: the counter would have to be full. */
static void wake(sp_work *work)
{
	uint64_t one = 1;

	while (write(work->fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

static void on_progress(void *ctx, const sp_progress *progress)
{
	(void)progress;
	wake(ctx);
}

/* Queues an answer; takes JSON and error. */
static bool post(task *t, sp_json *json, sp_error *failed, bool last)
{
	waiting *item = calloc(1, sizeof *item);

	if (item)
		item->reply = calloc(1, sizeof *item->reply);
	if (!item || !item->reply) {
		free(item);
		sp_json_free(json);
		return false;
	}
	item->reply->ask = t->request->ask;
	item->reply->number = t->request->number;
	item->reply->last = last;
	item->reply->json = json;
	if (failed)
		sp_error_move(&item->reply->err, failed);
	pthread_mutex_lock(&t->work->lock);
	*t->work->last = item;
	t->work->last = &item->next;
	pthread_mutex_unlock(&t->work->lock);
	wake(t->work);
	return true;
}

static bool tell(void *ctx, sp_json *json, sp_error *err)
{
	return post(ctx, json, NULL, false) || sp_fail_memory(err);
}

static void *run(void *arg)
{
	task *t = arg;
	sp_error err = SP_ERROR_INIT;

	sp_request_do(t->request, t->job, tell, t, &err);
	/* where not even this can be queued, there is no memory for anything */
	post(t, NULL, &err, true);
	sp_error_clear(&err);
	pthread_mutex_lock(&t->work->lock);
	t->done = true;
	pthread_mutex_unlock(&t->work->lock);
	wake(t->work);
	return NULL;
}

static void free_task(task *t)
{
	sp_request_free(t->request);
	sp_job_free(t->job);
	free(t);
}

/* Threads inherit what is blocked: signals are for the loop alone. */
static bool start_thread(task *t, sp_error *err)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&t->thread, NULL, run, t);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return !error || sp_fail_errno(err, error, N_("can't begin work in the background"));
}

bool sp_work_start(sp_work *work, sp_request *request, sp_error *err)
{
	task *t = calloc(1, sizeof *t);

	if (!t) {
		sp_request_free(request);
		return sp_fail_memory(err);
	}
	t->work = work;
	t->request = request;
	t->job = sp_job_create();
	if (!t->job) {
		free_task(t);
		return sp_fail_memory(err);
	}
	sp_job_on_progress(t->job, on_progress, work);
	pthread_mutex_lock(&work->lock);
	t->next = work->tasks;
	work->tasks = t;
	if (!start_thread(t, err)) {
		work->tasks = t->next;
		pthread_mutex_unlock(&work->lock);
		free_task(t);
		return false;
	}
	pthread_mutex_unlock(&work->lock);
	return true;
}

/* Threads that have ended are joined here. */
static void sweep(sp_work *work)
{
	for (task **at = &work->tasks; *at;) {
		task *t = *at;

		if (!t->done) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		pthread_join(t->thread, NULL);
		free_task(t);
	}
}

sp_reply *sp_work_next(sp_work *work)
{
	waiting *item;
	sp_reply *reply = NULL;
	uint64_t count;

	pthread_mutex_lock(&work->lock);
	sweep(work);
	item = work->first;
	if (item) {
		work->first = item->next;
		if (!work->first)
			work->last = &work->first;
		reply = item->reply;
		free(item);
	} else if (read(work->fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR) {
		/* an eventfd has no other error; the next wake() would show it again */
		reply = NULL;
	}
	pthread_mutex_unlock(&work->lock);
	return reply;
}

static task *task_of(sp_work *work, int number)
{
	task *t = work->tasks;

	while (t && t->request->number != number)
		t = t->next;
	return t;
}

void sp_work_cancel(sp_work *work, int number)
{
	task *t;

	pthread_mutex_lock(&work->lock);
	t = task_of(work, number);
	if (t)
		sp_job_cancel(t->job);
	pthread_mutex_unlock(&work->lock);
}

bool sp_work_look(sp_work *work, int number, sp_progress *progress)
{
	task *t;

	pthread_mutex_lock(&work->lock);
	t = task_of(work, number);
	if (t)
		sp_job_look(t->job, progress);
	pthread_mutex_unlock(&work->lock);
	return t != NULL;
}

/* Joins all threads that end before `until`. */
static bool join_all(sp_work *work, const struct timespec *until)
{
	bool all = true;

	for (task *t = work->tasks, *next; t; t = next) {
		next = t->next;
		if (pthread_timedjoin_np(t->thread, NULL, until) != 0)
			all = false;
		else
			free_task(t);
	}
	return all;
}

void sp_work_free(sp_work *work, int seconds)
{
	struct timespec until = { 0, 0 };
	waiting *next;

	if (!work)
		return;
	for (task *t = work->tasks; t; t = t->next)
		sp_job_cancel(t->job);
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	if (!join_all(work, &until))
		return; /* threads still use it; the process ends */
	for (waiting *item = work->first; item; item = next) {
		next = item->next;
		sp_reply_free(item->reply);
		free(item);
	}
	close(work->fd);
	pthread_mutex_destroy(&work->lock);
	free(work);
}
