#include <config.h>

#include "core/doctor/reach.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/db/db.h"

#define POLL_MS 100

/* --- names ---------------------------------------------------------------------- */

/* A question to the resolver, which has no time-out: asked in a thread, which
 * is left alone where it takes too long. Who comes last frees it. */
typedef struct {
	pthread_mutex_t mutex;
	pthread_cond_t answered;
	char *host, *port;
	bool done, left_alone;
	int result; /* as getaddrinfo() */
	struct addrinfo *addresses;
} question;

static void free_question(question *q)
{
	if (q->addresses)
		freeaddrinfo(q->addresses);
	pthread_cond_destroy(&q->answered);
	pthread_mutex_destroy(&q->mutex);
	free(q->host);
	free(q->port);
	free(q);
}

static void *ask(void *arg)
{
	static const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *addresses = NULL;
	question *q = arg;
	bool last;
	int result = getaddrinfo(q->host, q->port, &hints, &addresses);

	pthread_mutex_lock(&q->mutex);
	q->result = result;
	q->addresses = result == 0 ? addresses : NULL;
	q->done = true;
	last = q->left_alone;
	pthread_cond_signal(&q->answered);
	pthread_mutex_unlock(&q->mutex);
	if (last)
		free_question(q);
	return NULL;
}

static question *new_question(const char *host, const char *port)
{
	question *q = calloc(1, sizeof(*q));
	sigset_t all, before;
	pthread_attr_t attributes;
	pthread_t thread;
	int result;

	if (!q)
		return NULL;
	pthread_mutex_init(&q->mutex, NULL);
	pthread_cond_init(&q->answered, NULL);
	q->host = strdup(host);
	q->port = strdup(port);
	result = q->host && q->port ? pthread_attr_init(&attributes) : ENOMEM;
	if (result == 0) {
		pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
		/* signals are for the threads that look at the job */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		result = pthread_create(&thread, &attributes, ask, q);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		pthread_attr_destroy(&attributes);
	}
	if (result == 0)
		return q;
	free_question(q);
	return NULL;
}

/* Waits for the answer; false where it must be left alone. The mutex is held. */
static bool await_answer(question *q, double limit, const sp_job *job, sp_error *err)
{
	struct timespec until;

	while (!q->done) {
		if (job && !sp_job_go_on(job, err))
			return false;
		if (sp_db_now() > limit)
			return sp_fail(err, SP_NO_CONNECTION,
			               N_("Check the network or VPN, and the name server of this machine."),
			               N_("no name server said in time what %s is"), q->host);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += (long)POLL_MS * 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&q->answered, &q->mutex, &until);
	}
	return true;
}

static void fail_name(const question *q, sp_error *err)
{
	if (q->result == EAI_AGAIN)
		sp_fail(err, SP_NO_CONNECTION,
		        N_("Check the network or VPN, and the name server of this machine."),
		        N_("no name server could say what %s is"), q->host);
	else
		sp_fail(err, SP_NO_CONNECTION,
		        N_("Check how the host's name is spelt, and the network or VPN if only that "
		           "knows it."),
		        N_("there is no address of %s"), q->host);
}

struct addrinfo *sp_find_host(const char *host, const char *port, double limit, const sp_job *job,
                              sp_error *err)
{
	question *q = new_question(host, port);
	struct addrinfo *addresses = NULL;
	bool last;

	if (!q) {
		sp_fail_memory(err);
		return NULL;
	}
	pthread_mutex_lock(&q->mutex);
	if (await_answer(q, limit, job, err)) {
		addresses = q->addresses;
		q->addresses = NULL;
		if (!addresses)
			fail_name(q, err);
	}
	last = q->done;
	q->left_alone = true;
	pthread_mutex_unlock(&q->mutex);
	if (last)
		free_question(q);
	return addresses;
}

/* --- ports ------------------------------------------------------------------------ */

static int wait_connected(int fd, double limit, const sp_job *job)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int n, result = 0;

	for (;;) {
		if (job && sp_job_cancelled(job))
			return ECANCELED;
		if (sp_db_now() > limit)
			return ETIMEDOUT;
		n = poll(&wait, 1, POLL_MS);
		if (n > 0)
			return getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &len) == 0 ? result : errno;
		if (n < 0 && errno != EINTR)
			return errno;
	}
}

static int reach(int family, const struct sockaddr *address, socklen_t len, double limit,
                 const sp_job *job)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int result = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, address, len) != 0)
		result = errno == EINPROGRESS || errno == EINTR ? wait_connected(fd, limit, job) : errno;
	(void)close(fd);
	return result;
}

int sp_reach(const struct addrinfo *addresses, double limit, const sp_job *job)
{
	int result = EADDRNOTAVAIL;

	for (; addresses; addresses = addresses->ai_next) {
		result = reach(addresses->ai_family, addresses->ai_addr, addresses->ai_addrlen, limit, job);
		if (result == 0 || result == ECANCELED || result == ETIMEDOUT)
			break;
	}
	return result;
}

int sp_reach_socket(const char *folder, const char *port, double limit, const sp_job *job)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int len = snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.%s", folder, port);

	if (len < 0 || (size_t)len >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	if (*folder == '@') /* Linux' own kind, which is no file */
		address.sun_path[0] = '\0';
	return reach(AF_UNIX, (const struct sockaddr *)&address,
	             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len), limit, job);
}
