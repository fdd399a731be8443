#include <config.h>

#include "core/db/own_schema.h"

#include <stdio.h>

#include "core/db/sql.h"

/* The columns of own_schema.sql. */
enum { O_TAKEN, O_THERE, O_TRUSTED, O_READABLE, O_OWNED, O_STANDBY, O_READ_ONLY };

static bool look_inside(sp_db *db, sp_own_schema *own, sp_error *err)
{
	sp_rows *rows = sp_db_query(db, sp_sql_own_instance, 0, NULL, err);
	const char *uuid;

	if (!rows)
		return false;
	if (sp_rows_count(rows) == 1) {
		own->version = (int)sp_rows_int(rows, 0, 0);
		uuid = sp_rows_get(rows, 0, 1);
		if (uuid && sp_is_uuid(uuid))
			snprintf(own->uuid, sizeof(own->uuid), "%s", uuid);
	}
	sp_rows_free(rows);
	return true;
}

bool sp_own_schema_look(sp_db *db, sp_own_schema *own, sp_error *err)
{
	sp_rows *rows = sp_db_query(db, sp_sql_own_schema, 0, NULL, err);

	*own = (sp_own_schema){ 0 };
	if (!rows)
		return false;
	if (sp_rows_count(rows))
		*own = (sp_own_schema){
			.taken = sp_rows_bool(rows, 0, O_TAKEN),
			.there = sp_rows_bool(rows, 0, O_THERE),
			.trusted = sp_rows_bool(rows, 0, O_TRUSTED),
			.readable = sp_rows_bool(rows, 0, O_READABLE),
			.owned = sp_rows_bool(rows, 0, O_OWNED),
			.standby = sp_rows_bool(rows, 0, O_STANDBY),
			.read_only = sp_rows_bool(rows, 0, O_READ_ONLY),
		};
	sp_rows_free(rows);
	return !own->there || !own->trusted || !own->readable || look_inside(db, own, err);
}
