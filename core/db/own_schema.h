/* The schema of a database that is ours: spaceport. Operations are on record there,
 * and there an instance keeps who it is. `spaceport setup` makes it (core/ledger). */
#ifndef SP_DB_OWN_SCHEMA_H
#define SP_DB_OWN_SCHEMA_H

#include <stdbool.h>

#include "core/base/hash.h"
#include "core/db/db.h"

/* The version that this program makes, and writes into. */
#define SP_OWN_SCHEMA_VERSION 2

typedef struct {
	bool taken;                 /* there is a schema of this name */
	bool there;                 /* … and it has been set up */
	bool trusted;               /* by a superuser, the database's or HQ's owner, or this login */
	bool readable;              /* by this login */
	bool owned;                 /* this login may change it */
	bool standby;               /* nothing can be written into this server */
	bool read_only;             /* … by this login, as its settings are */
	int version;                /* 0: not known */
	char uuid[SP_UUID_LEN + 1]; /* the instance's; "": not known */
} sp_own_schema;

/* Reads nothing but the catalog, unless this login may read the schema and whoever owns
 * it can be trusted: then version and UUID too. Not being there is no error. */
bool sp_own_schema_look(sp_db *db, sp_own_schema *own, sp_error *err);

#endif
