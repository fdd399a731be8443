/* Names of hosts and ports on the network, never waited for longer than said. */
#ifndef SP_DOCTOR_REACH_H
#define SP_DOCTOR_REACH_H

#include <netdb.h>

#include "core/base/error.h"
#include "core/job/job.h"

/*
 * Asks for a host's addresses until `limit` (sp_db_now()). NULL and
 * SP_NO_CONNECTION where there are none or nobody answers, or SP_INTERRUPTED.
 * Free with freeaddrinfo().
 */
struct addrinfo *sp_find_host(const char *host, const char *port, double limit, const sp_job *job,
                              sp_error *err);

/* Connects and hangs up: 0 where somebody listens, else the errno of the last
 * address (ETIMEDOUT after the limit, ECANCELED where the job is cancelled). */
int sp_reach(const struct addrinfo *addresses, double limit, const sp_job *job);
/* The same for a socket in a folder. */
int sp_reach_socket(const char *folder, const char *port, double limit, const sp_job *job);

#endif
