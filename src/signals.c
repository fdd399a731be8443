#include <config.h>

#include "src/show.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>

_Static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "a signal handler must not wait for a lock");

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };

/* A handler gets no argument: this is the way to tell it. */
static sp_job *_Atomic watched;

static void cancel(int signal)
{
	int saved = errno;
	sp_job *job = atomic_load(&watched);

	/* SA_RESETHAND has put the default action in place */
	if (job)
		sp_job_cancel(job);
	else
		raise(signal);
	errno = saved;
}

bool sp_signals_catch(sp_error *err)
{
	struct sigaction action = { .sa_handler = cancel, .sa_flags = SA_RESETHAND }, old;

	if (sigemptyset(&action.sa_mask) < 0)
		return sp_fail_errno(err, errno, N_("can't catch signals"));
	for (size_t i = 0; i < LENGTH(caught); i++) {
		if (sigaction(caught[i], NULL, &old) < 0 ||
		    (old.sa_handler != SIG_IGN && sigaction(caught[i], &action, NULL) < 0))
			return sp_fail_errno(err, errno, N_("can't catch signals"));
	}
	return true;
}

void sp_signals_watch(sp_job *job)
{
	atomic_store(&watched, job);
}

bool sp_signals_wait(int fd, sp_error *err)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	sp_job *job = atomic_load(&watched);
	sigset_t ours, old;
	int ready = 0, error;

	if (sigemptyset(&ours) < 0)
		return sp_fail_errno(err, errno, N_("can't block signals"));
	for (size_t i = 0; i < LENGTH(caught); i++)
		if (sigaddset(&ours, caught[i]) < 0)
			return sp_fail_errno(err, errno, N_("can't block signals"));
	/* one that came between the look and the wait would be missed */
	error = pthread_sigmask(SIG_BLOCK, &ours, &old);
	if (error)
		return sp_fail_errno(err, error, N_("can't block signals"));
	do {
		if (job && !sp_job_go_on(job, err))
			break;
		ready = ppoll(&input, 1, NULL, &old);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		sp_fail_errno(err, errno, N_("can't read the terminal"));
	error = pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error)
		return sp_fail_errno(err, error, N_("can't block signals"));
	return ready > 0;
}
