#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/doctor/internal.h"
#include "core/doctor/reach.h"

#define SOON_DAYS 14

/* --- where it is --------------------------------------------------------------------- */

/* Appends the addresses, each once, as people write them. */
static void add_addresses(sp_buf *text, const struct addrinfo *addresses)
{
	char name[NI_MAXHOST];
	size_t begin = text->len;

	for (; addresses; addresses = addresses->ai_next) {
		if (getnameinfo(addresses->ai_addr, addresses->ai_addrlen, name, sizeof(name), NULL, 0,
		                NI_NUMERICHOST) != 0)
			continue;
		if (text->len == begin || !strstr(text->data + begin, name))
			sp_buf_addf(text, "%s%s", text->len > begin ? ", " : "", name);
	}
}

static bool is_address(const char *host)
{
	unsigned char room[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, room) == 1 || inet_pton(AF_INET6, host, room) == 1;
}

/* Of several hosts one that is found will do. */
void sp_check_host(sp_doctor *doctor, sp_check *check)
{
	sp_error err = SP_ERROR_INIT;
	sp_buf found = { 0 };
	int i;

	if (sp_error_is_set(&doctor->refused)) {
		sp_check_take(check, &doctor->refused);
		return;
	}
	for (i = 0; i < doctor->target.count; i++) {
		const sp_db_host *host = &doctor->target.hosts[i];

		if (!host->local)
			doctor->addresses[i] =
				sp_find_host(host->host, host->port, doctor->limit, doctor->job, &err);
		if (!host->local && !doctor->addresses[i])
			continue;
		if (found.len)
			sp_buf_adds(&found, "; ");
		sp_buf_adds(&found, host->host);
		if (!host->local && !is_address(host->host)) {
			sp_buf_adds(&found, " = ");
			add_addresses(&found, doctor->addresses[i]);
		}
	}
	if (found.len)
		sp_check_say(check, SP_CHECK_OK, NULL, "%s", sp_buf_text(&found));
	else
		sp_check_take(check, &err);
	sp_buf_free(&found);
	sp_error_clear(&err);
}

static const char *port_hint(int errnum, bool local)
{
	if (local)
		return N_("Check that the server runs on this machine, and the folder and port of its "
		          "socket; name a host if it is another machine.");
	if (errnum == ECONNREFUSED)
		return N_("Check host and port, and that the server runs and listens on the network "
		          "(listen_addresses).");
	return N_("Check host and port, the network or VPN, and that a firewall lets the connection "
	          "through.");
}

static void fail_port(sp_check *check, const sp_db_host *host, int errnum)
{
	sp_error err = SP_ERROR_INIT;

	sp_fail_errno(&err, errnum, N_("nothing answers on port %s of %s"), host->port, host->host);
	sp_error_advise(&err, port_hint(errnum, host->local));
	err.code = SP_NO_CONNECTION;
	sp_check_take(check, &err);
}

void sp_check_port(sp_doctor *doctor, sp_check *check)
{
	const sp_db_host *host = NULL;
	int i, result = EADDRNOTAVAIL;

	for (i = 0; i < doctor->target.count && result != 0; i++) {
		if (!doctor->target.hosts[i].local && !doctor->addresses[i])
			continue;
		host = &doctor->target.hosts[i];
		result = host->local ? sp_reach_socket(host->host, host->port, doctor->limit, doctor->job)
		                     : sp_reach(doctor->addresses[i], doctor->limit, doctor->job);
	}
	if (!host)
		sp_check_say(check, SP_CHECK_SKIPPED, NULL, N_("not tried"));
	else if (result == 0)
		sp_check_say(check, SP_CHECK_OK, NULL, N_("port %s of %s answers"), host->port, host->host);
	else
		fail_port(check, host, result);
}

/* --- getting in ------------------------------------------------------------------------ */

/* True where what is sent never leaves this machine. */
static bool stays_here(const sp_db_target *target)
{
	int i;

	for (i = 0; i < target->count; i++) {
		const char *host = target->hosts[i].host;

		if (!target->hosts[i].local && strcmp(host, "localhost") != 0 &&
		    strncmp(host, "127.", 4) != 0 && strcmp(host, "::1") != 0)
			return false;
	}
	return true;
}

static void say_checked(const sp_doctor *doctor, sp_check *check)
{
	time_t end = doctor->attempt.certificate_end;
	bool soon = end && end - time(NULL) < SOON_DAYS * 86400;
	char date[16] = "?";
	struct tm parts;

	if (gmtime_r(&end, &parts))
		strftime(date, sizeof(date), "%Y-%m-%d", &parts);
	if (!end)
		sp_check_say(check, SP_CHECK_OK, NULL, N_("%s, the server's certificate is right"),
		             doctor->attempt.tls);
	else
		sp_check_say(check, soon ? SP_CHECK_WARNING : SP_CHECK_OK,
		             soon ? N_("Ask the server's administrator for a new certificate.") : NULL,
		             N_("%s, the server's certificate is right, until %s"), doctor->attempt.tls,
		             date);
}

static void say_encryption(const sp_doctor *doctor, sp_check *check)
{
	const char *tls = *doctor->attempt.tls ? doctor->attempt.tls : NULL;
	bool here = stays_here(&doctor->target);

	if (!tls && here)
		sp_check_say(check, SP_CHECK_OK, NULL,
		             N_("not encrypted, and needn't be: it stays on this machine"));
	else if (!tls)
		sp_check_say(check, SP_CHECK_WARNING,
		             N_("Add sslmode=verify-full to the connection string; the server's "
		                "administrator knows its certificate (sslrootcert)."),
		             N_("not encrypted: others on the network can read along"));
	else if (doctor->target.verifies)
		say_checked(doctor, check);
	else if (here)
		sp_check_say(check, SP_CHECK_OK, NULL, "%s", tls);
	else
		sp_check_say(check, SP_CHECK_WARNING,
		             N_("Add sslmode=verify-full to the connection string; the server's "
		                "administrator knows its certificate (sslrootcert)."),
		             N_("%s, but nobody has looked whether it is the right server"), tls);
}

void sp_check_tls(sp_doctor *doctor, sp_check *check)
{
	const sp_instance *of = doctor->instance;

	doctor->db = sp_db_try(of->db, of->timeout ? of->timeout : SP_DB_TIMEOUT, of->connect_timeout,
	                       doctor->job, &doctor->attempt, &doctor->refused);
	if (!doctor->db && doctor->attempt.stage < SP_DB_TALKING)
		sp_check_take(check, &doctor->refused);
	else
		say_encryption(doctor, check);
}

void sp_check_login(sp_doctor *doctor, sp_check *check)
{
	/* a server that is too old lets one in all the same */
	bool in = doctor->db ||
	          (doctor->attempt.stage == SP_DB_SIGNED_IN && doctor->refused.code == SP_INCOMPATIBLE);

	if (in)
		sp_check_say(check, SP_CHECK_OK, NULL, N_("as \"%s\" into the database \"%s\""),
		             doctor->target.user, doctor->target.dbname);
	else
		sp_check_take(check, &doctor->refused);
}
