/* Where a connection string leads, with what variables and files add to it. */
#ifndef SP_DB_TARGET_H
#define SP_DB_TARGET_H

#include <stdbool.h>

#include "core/base/error.h"

#define SP_DB_MOST_HOSTS 16

typedef struct {
	char *host; /* a name or an address; of a socket its folder */
	char *port;
	bool local; /* a socket */
} sp_db_host;

typedef struct {
	sp_db_host hosts[SP_DB_MOST_HOSTS]; /* tried in this order */
	int count;
	char *dbname, *user;
	int connect_timeout; /* seconds, 0: not said */
	bool verifies;       /* connecting fails where the server can't prove who it is */
} sp_db_target;

/* Nobody is asked. *target must be clear (zeroes); clear it in any case.
 * SP_USAGE where the string, a service or a variable is wrong. */
bool sp_db_target_read(const char *conninfo, sp_db_target *target, sp_error *err);
void sp_db_target_clear(sp_db_target *target);

#endif
