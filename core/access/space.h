/* An infospace, as the acting user finds it. */
#ifndef SP_ACCESS_SPACE_H
#define SP_ACCESS_SPACE_H

#include "core/access/access.h"

typedef struct {
	int64_t id;
	char *uuid, *name;
	bool may_import; /* the acting user */
} sp_space;

/*
 * Finds the one that `name` names (sp_match_sql()), among those that the acting user may read.
 * SP_FAILED where there is none, SP_USAGE where several are called so. *space must be clear; clear
 * it in any case.
 */
bool sp_space_find(sp_db *db, const sp_catalog *catalog, const sp_actor *actor, const char *name,
                   sp_space *space, sp_error *err);
void sp_space_clear(sp_space *space);

#endif
