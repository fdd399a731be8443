#include <config.h>

#include "core/db/target.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/internal.h"

/* A value that libpq refuses before it goes anywhere. */
#define NO_SUCH_VALUE "spaceport-only-looks"

static const char *option(const PQconninfoOption *options, const char *name)
{
	for (; options && options->keyword; options++)
		if (!strcmp(options->keyword, name))
			return options->val && *options->val ? options->val : NULL;
	return NULL;
}

/* The i-th of a comma list; of a single one that one. The caller frees it. */
static char *item(const char *list, int i, const char *otherwise)
{
	const char *at = list, *next;

	if (at && strchr(at, ','))
		for (; i > 0 && at; i--) {
			next = strchr(at, ',');
			at = next ? next + 1 : NULL;
		}
	if (!at || *at == ',' || !*at)
		return strdup(otherwise);
	return strndup(at, strcspn(at, ","));
}

static int count_items(const char *list)
{
	int count = 1;

	while (list && (list = strchr(list, ','))) {
		list++;
		count++;
	}
	return count < SP_DB_MOST_HOSTS ? count : SP_DB_MOST_HOSTS;
}

static bool take_hosts(sp_db_target *target, PGconn *conn, const PQconninfoOption *options)
{
	const char *names = option(options, "host"), *addresses = option(options, "hostaddr");
	const char *hosts = addresses ? addresses : names;
	/* where none is named, libpq's own folder of sockets */
	const char *usual = PQhost(conn) && *PQhost(conn) ? PQhost(conn) : "localhost";
	int i;

	for (i = 0; i < count_items(hosts); i++) {
		sp_db_host *host = &target->hosts[target->count++];

		host->host = item(hosts, i, usual);
		host->port = item(option(options, "port"), i, "5432");
		if (!host->host || !host->port)
			return false;
		host->local = *host->host == '/' || *host->host == '@';
	}
	return true;
}

static char *copy(const char *text)
{
	return strdup(text ? text : "");
}

static bool take(sp_db_target *target, PGconn *conn, sp_error *err)
{
	PQconninfoOption *options = PQconninfo(conn);
	const char *mode = option(options, "sslmode"), *seconds = option(options, "connect_timeout");
	bool ok = options && take_hosts(target, conn, options);

	target->dbname = copy(PQdb(conn));
	target->user = copy(PQuser(conn));
	target->connect_timeout = seconds && atoi(seconds) > 0 ? atoi(seconds) : 0;
	target->verifies = mode && !strncmp(mode, "verify-", 7);
	PQconninfoFree(options);
	return (ok && target->dbname && target->user) || sp_fail_memory(err);
}

bool sp_db_target_read(const char *conninfo, sp_db_target *target, sp_error *err)
{
	/* libpq fills in defaults, variables and services only on its way to connect */
	const char *keys[] = { "dbname", "target_session_attrs", NULL };
	const char *values[] = { conninfo, NO_SUCH_VALUE, NULL };
	PGconn *conn;
	char *text;
	bool ok;

	if (!sp_db_check_conninfo(conninfo, err))
		return false;
	conn = PQconnectStartParams(keys, values, 1);
	if (!conn)
		return sp_fail_memory(err);
	if (strstr(PQerrorMessage(conn), NO_SUCH_VALUE)) {
		ok = take(target, conn, err);
	} else {
		text = strdup(PQerrorMessage(conn));
		if (text)
			sp_db_trim(text);
		ok = sp_fail(err, SP_USAGE,
		             N_("Check the connection string, the service file and the PG* variables."),
		             N_("it can't be told where to connect to: %s"), text ? text : "?");
		free(text);
	}
	PQfinish(conn);
	return ok;
}

void sp_db_target_clear(sp_db_target *target)
{
	int i;

	for (i = 0; i < target->count; i++) {
		free(target->hosts[i].host);
		free(target->hosts[i].port);
	}
	free(target->dbname);
	free(target->user);
	memset(target, 0, sizeof(*target));
}
