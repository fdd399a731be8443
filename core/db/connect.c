#include <config.h>

#include <ctype.h>
#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/internal.h"
#include "core/db/sql.h"

#define OLDEST_SERVER 130000
#define POLL_MS       100
#define STATE_LEN     5

/* --- the connection string --------------------------------------------------- */

static bool has_password(const PQconninfoOption *options, bool inside)
{
	PQconninfoOption *nested;
	bool found = false;

	for (; options->keyword && !found; options++) {
		if (!options->val || !*options->val)
			continue;
		/* libpq marks what a dialog would show as stars */
		found = strchr(options->dispchar, '*') != NULL;
		/* a whole connection string as the database's name is a slip, but a telling one */
		if (found || inside || strcmp(options->keyword, "dbname") != 0)
			continue;
		nested = PQconninfoParse(options->val, NULL);
		found = nested && has_password(nested, true);
		PQconninfoFree(nested);
	}
	return found;
}

bool sp_db_check_conninfo(const char *conninfo, sp_error *err)
{
	PQconninfoOption *options;
	char *text = NULL;
	bool ok = true;

	if (!conninfo)
		return true;
	/* a lone word is a database's name, as in psql */
	if (!strchr(conninfo, '=') && !strstr(conninfo, "://"))
		return true;
	options = PQconninfoParse(conninfo, &text);
	if (!options && (!text || !*text || strstr(text, "out of memory")))
		ok = sp_fail_memory(err);
	else if (!options)
		/* libpq's own text would repeat parts of the string */
		ok = sp_fail(err, SP_USAGE,
		             N_("Write it as \"host=… dbname=… user=…\" or postgresql://user@host/dbname."),
		             N_("the database's connection string can't be parsed"));
	else if (has_password(options, false))
		ok = sp_fail(err, SP_USAGE,
		             N_("Put it into ~/.pgpass (mode 0600), a service file or PGPASSWORD: other "
		                "users of this machine can read a command line, and files are copied."),
		             N_("the database's connection string holds a password"));
	PQconninfoFree(options);
	PQfreemem(text);
	return ok;
}

static void ignore_notice(void *arg, const PGresult *result)
{
	/* server-controlled text must not reach the terminal by itself */
	(void)arg;
	(void)result;
}

/* libpq keeps connect_timeout for its blocking calls alone. */
static int connect_seconds(const sp_db *db)
{
	PQconninfoOption *options = PQconninfo(db->conn), *at;
	int seconds = db->connect_timeout, hosts = 1;
	const char *p;

	for (at = options; at && at->keyword; at++) {
		if (!strcmp(at->keyword, "connect_timeout") && at->val && !db->connect_timeout)
			seconds = atoi(at->val);
		if (!strcmp(at->keyword, "host"))
			for (p = at->val; p && (p = strchr(p, ',')); p++)
				hosts++;
	}
	PQconninfoFree(options);
	if (seconds <= 0)
		seconds = db->timeout < SP_DB_CONNECT_TIMEOUT ? db->timeout : SP_DB_CONNECT_TIMEOUT;
	return seconds * hosts;
}

/* --- connecting ------------------------------------------------------------------ */

static const char *refusal_hint(const char *state)
{
	static const struct {
		const char *state, *hint;
	} hints[] = {
		{ "28P01", N_("Correct the password in ~/.pgpass (mode 0600), the service file or "
		              "PGPASSWORD.") },
		{ "28000", N_("Check the user's name, and with the server's administrator whether this "
		              "login may connect from here (pg_hba.conf).") },
		{ "3D000", N_("Check the database's name; psql -l lists those that there are.") },
		{ "42501", N_("Ask the server's administrator for the right to connect to this "
		              "database.") },
		{ "53300", N_("Try again later, or ask for a higher limit of connections.") },
		{ "57P03", N_("The server is starting or stopping: try again soon.") },
		{ "08P01", N_("A pooler (pgbouncer) may stand between: connect to PostgreSQL itself.") },
	};
	size_t i;

	for (i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (!strcmp(hints[i].state, state))
			return hints[i].hint;
	return NULL;
}

/* Where libpq quotes the server, as "FATAL:  28P01: password …": the code. */
static const char *find_state(const char *text)
{
	const char *at = text;
	int i;

	while ((at = strstr(at, ":  "))) {
		at += 3;
		for (i = 0;
		     i < STATE_LEN && (isdigit((unsigned char)at[i]) || isupper((unsigned char)at[i]));)
			i++;
		if (i == STATE_LEN && !strncmp(at + i, ": ", 2))
			return at;
	}
	return NULL;
}

/* The server wasn't reached, or isn't what it should be. */
static bool fail_unreached(sp_db *db, const sp_db_attempt *attempt, sp_error *err)
{
	const char *hint =
		attempt->stage == SP_DB_NOWHERE
			? N_("Check that the server runs and that the network reaches it, then try again.")
			: N_("Check that it is a PostgreSQL server, and sslmode and sslrootcert.");
	char *text = strdup(PQerrorMessage(db->conn));

	if (!text)
		return sp_fail_memory(err);
	sp_db_trim(text);
	sp_fail(err, SP_NO_CONNECTION, hint, N_("no connection to the database server: %s"), text);
	free(text);
	return false;
}

/* The connection wasn't made: by the server's will, or because it wasn't reached. */
static bool fail_refused(sp_db *db, const sp_db_attempt *attempt, sp_error *err)
{
	const char *found = find_state(PQerrorMessage(db->conn));
	char state[STATE_LEN + 1] = "", *text;

	if (!found)
		return fail_unreached(db, attempt, err);
	memcpy(state, found, STATE_LEN);
	found += STATE_LEN + 2;
	text = strndup(found, strcspn(found, "\n"));
	if (!text)
		return sp_fail_memory(err);
	sp_fail(err, SP_NO_CONNECTION, refusal_hint(state),
	        N_("the database server refused the connection: %s (SQLSTATE %s)"), text, state);
	free(text);
	return false;
}

static time_t certificate_end(const sp_db *db)
{
	SSL *ssl = PQsslStruct(db->conn, "OpenSSL");
	X509 *certificate = ssl ? SSL_get1_peer_certificate(ssl) : NULL;
	struct tm end;
	time_t found = 0;

	if (certificate && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1)
		found = timegm(&end);
	X509_free(certificate);
	return found;
}

/* How far it has come; a second host may have to begin again. */
static void note_stage(const sp_db *db, sp_db_attempt *attempt)
{
	sp_db_stage now = SP_DB_NOWHERE;
	const char *protocol;

	switch (PQstatus(db->conn)) {
	case CONNECTION_BAD:
	case CONNECTION_STARTED:
	case CONNECTION_NEEDED: break;
	case CONNECTION_MADE:
	case CONNECTION_SSL_STARTUP:
	case CONNECTION_GSS_STARTUP: now = SP_DB_REACHED; break;
	case CONNECTION_AWAITING_RESPONSE: now = SP_DB_TALKING; break;
	default: now = SP_DB_SIGNED_IN; break;
	}
	if (now > attempt->stage)
		attempt->stage = now;
	if (now >= SP_DB_TALKING) {
		protocol = PQsslInUse(db->conn) ? PQsslAttribute(db->conn, "protocol") : NULL;
		snprintf(attempt->tls, sizeof(attempt->tls), "%s", protocol ? protocol : "");
		attempt->certificate_end = protocol ? certificate_end(db) : 0;
	}
}

static bool connect_poll(sp_db *db, sp_db_attempt *attempt, sp_error *err)
{
	double limit = sp_db_now() + connect_seconds(db);
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;
	struct pollfd fd;

	while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
		fd.fd = PQsocket(db->conn);
		fd.events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		if (db->job && !sp_job_go_on(db->job, err))
			return false;
		if (sp_db_now() > limit)
			return sp_fail(
				err, SP_NO_CONNECTION,
				N_("Check host and port, and that a firewall lets the connection through."),
				N_("the database server didn't answer in time"));
		if (poll(&fd, 1, POLL_MS) > 0)
			state = PQconnectPoll(db->conn);
		note_stage(db, attempt);
	}
	if (state == PGRES_POLLING_OK)
		return true;
	if (PQconnectionNeedsPassword(db->conn))
		return sp_fail(err, SP_NO_CONNECTION,
		               N_("Put it into ~/.pgpass (mode 0600), a service file or PGPASSWORD."),
		               N_("the database server asks for a password and none was found"));
	return fail_refused(db, attempt, err);
}

static bool start_connection(sp_db *db, const char *conninfo, sp_db_attempt *attempt, sp_error *err)
{
	/* what stands in conninfo, being later, wins over the defaults */
	const char *keys[] = { "keepalives_idle",  "keepalives_interval",
		                   "keepalives_count", "tcp_user_timeout",
		                   "dbname",           "fallback_application_name",
		                   "client_encoding",  NULL };
	const char *values[] = { "30", "10", "3", "30000", conninfo, "spaceport", "UTF8", NULL };

	db->conn = PQconnectStartParams(keys, values, 1);
	if (!db->conn)
		return sp_fail_memory(err);
	if (PQstatus(db->conn) == CONNECTION_BAD)
		return fail_unreached(db, attempt, err);
	PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
	/* the only way to the code of a refusal */
	PQsetErrorVerbosity(db->conn, PQERRORS_VERBOSE);
	if (!connect_poll(db, attempt, err))
		return false;
	PQsetErrorVerbosity(db->conn, PQERRORS_DEFAULT);
	return true;
}

/* Keeps the zone that HQ's own sessions get, as far as a stranger can tell. */
static bool pin_session(sp_db *db, sp_error *err)
{
	const char *zone;
	sp_rows *rows;

	/* before all others, as a login's own may be too short for the catalog */
	if (!sp_db_exec(db, "SET statement_timeout = 0", err))
		return false;
	rows = sp_db_query(db, sp_sql_time_zone, 0, NULL, err);
	if (!rows)
		return false;
	zone = sp_rows_count(rows) ? sp_rows_get(rows, 0, 0) : NULL;
	db->time_zone = strdup(zone ? zone : "unknown");
	sp_rows_free(rows);
	if (!db->time_zone)
		return sp_fail_memory(err);
	rows = sp_db_query(db, sp_sql_session, 0, NULL, err);
	sp_rows_free(rows);
	return rows != NULL;
}

sp_db *sp_db_open(const char *conninfo, int timeout, int connect_timeout, sp_job *job,
                  sp_error *err)
{
	sp_db_attempt attempt;

	return sp_db_try(conninfo, timeout, connect_timeout, job, &attempt, err);
}

sp_db *sp_db_try(const char *conninfo, int timeout, int connect_timeout, sp_job *job,
                 sp_db_attempt *attempt, sp_error *err)
{
	sp_db *db;

	*attempt = (sp_db_attempt){ SP_DB_NOWHERE, "", 0 };

	if (!sp_db_check_conninfo(conninfo, err))
		return NULL;
	db = calloc(1, sizeof(*db));
	if (!db) {
		sp_fail_memory(err);
		return NULL;
	}
	db->job = job;
	db->timeout = timeout;
	db->connect_timeout = connect_timeout;
	if (!start_connection(db, conninfo, attempt, err))
		goto fail;
	if (PQserverVersion(db->conn) < OLDEST_SERVER) {
		sp_fail(err, SP_INCOMPATIBLE, N_("PostgreSQL 13 or later is needed."),
		        N_("the server is PostgreSQL %d"), PQserverVersion(db->conn) / 10000);
		goto fail;
	}
	if (PQsetnonblocking(db->conn, 1) != 0) {
		sp_db_fail_connection(db, err);
		goto fail;
	}
	if (!pin_session(db, err))
		goto fail;
	return db;
fail:
	sp_db_close(db);
	return NULL;
}

void sp_db_close(sp_db *db)
{
	if (!db)
		return;
	PQfinish(db->conn);
	free(db->time_zone);
	free(db);
}

void sp_db_follow(sp_db *db, sp_job *job)
{
	db->job = job;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

const char *sp_db_database(const sp_db *db)
{
	return or_empty(PQdb(db->conn));
}

const char *sp_db_server(const sp_db *db)
{
	return or_empty(PQhost(db->conn));
}

const char *sp_db_login(const sp_db *db)
{
	return or_empty(PQuser(db->conn));
}

int sp_db_server_version(const sp_db *db)
{
	return PQserverVersion(db->conn);
}

const char *sp_db_time_zone(const sp_db *db)
{
	return db->time_zone;
}
