/* The acting user, and what HQ would let them do in each infospace. */
#ifndef SP_ACCESS_ACCESS_H
#define SP_ACCESS_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/db/catalog.h"

typedef struct {
	int64_t id;
	char *name; /* e-mail, for people */
	bool active;
} sp_actor;

/*
 * Finds the user `who` (an id, else an e-mail, else a handle; NULL or empty
 * is SP_USAGE). SP_NOT_ALLOWED where there is no such user, or more than one.
 */
sp_actor *sp_actor_find(sp_db *db, const sp_catalog *catalog, const char *who, sp_error *err);
void sp_actor_free(sp_actor *actor);

/*
 * Appends a query of (id bigint, role text, may_export boolean, may_import
 * boolean): the infospaces that the actor may read, and what else they may.
 * First match wins, as in HQ: owner, collaborator, visibility. Role words are
 * read in any case; one that HQ doesn't know gives nothing, as there.
 */
void sp_access_query(sp_buf *sql, const sp_catalog *catalog, const sp_actor *actor);

/*
 * Appends a query of (id bigint): the active users who may read the infospace with this id, as
 * HQ has it; none of one that isn't there.
 */
void sp_access_readers(sp_buf *sql, const sp_catalog *catalog, int64_t infospace);

/*
 * Appends a condition: the row `alias` of a table with id, uuid and name is
 * what a person named in parameter `param`: a UUID, else digits are an id, else
 * a name.
 */
void sp_match_sql(sp_buf *sql, const char *alias, const char *name, int param);

#endif
