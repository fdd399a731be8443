#include <config.h>

#include "core/access/space.h"

#include <stdlib.h>
#include <string.h>

static bool take(sp_space *space, const sp_rows *rows, const char *name, sp_error *err)
{
	if (!sp_rows_count(rows))
		return sp_fail(err, SP_FAILED,
		               N_("\"spaceport list infospaces\" shows those that you may read."),
		               N_("there is no infospace \"%s\" that the acting user may read"), name);
	if (sp_rows_count(rows) > 1)
		return sp_fail(err, SP_USAGE, N_("Name it by its id or UUID."),
		               N_("several infospaces are called \"%s\""), name);
	space->id = sp_rows_int(rows, 0, 0);
	space->uuid = strdup(sp_rows_get(rows, 0, 1));
	space->name = strdup(sp_rows_get(rows, 0, 2));
	space->may_import = sp_rows_bool(rows, 0, 3);
	return (space->uuid && space->name) || sp_fail_memory(err);
}

bool sp_space_find(sp_db *db, const sp_catalog *catalog, const sp_actor *actor, const char *name,
                   sp_space *space, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool ok;

	sp_buf_addf(&sql, "SELECT i.id, i.uuid, i.name, w.may_import FROM %s i JOIN (",
	            sp_catalog_table(catalog, "infospace")->quoted);
	sp_access_query(&sql, catalog, actor);
	sp_buf_adds(&sql, ") w ON w.id = i.id WHERE ");
	sp_match_sql(&sql, "i", name, 1);
	sp_buf_adds(&sql, " LIMIT 2");
	rows = sp_db_query_buf(db, &sql, 1, &name, err);
	ok = rows && take(space, rows, name, err);
	sp_rows_free(rows);
	return ok;
}

void sp_space_clear(sp_space *space)
{
	free(space->uuid);
	free(space->name);
	*space = (sp_space){ 0 };
}
