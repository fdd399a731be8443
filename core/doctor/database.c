#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/db/sql.h"
#include "core/doctor/internal.h"
#include "core/model/entity.h"

#define CLOCK_SECONDS 5.0
#define SHOWN_TABLES  5

void sp_check_version(sp_doctor *doctor, sp_check *check)
{
	int version;

	if (!doctor->db) {
		sp_check_take(check, &doctor->refused);
		return;
	}
	version = sp_db_server_version(doctor->db);
	sp_check_say(check, SP_CHECK_OK, NULL, "PostgreSQL %d.%d", version / 10000, version % 10000);
}

void sp_check_zone(sp_doctor *doctor, sp_check *check)
{
	const char *zone = sp_db_time_zone(doctor->db);

	if (strcmp(zone, "unknown") != 0)
		sp_check_say(check, SP_CHECK_OK, NULL, "%s", zone);
	else
		sp_check_say(check, SP_CHECK_WARNING,
		             N_("Ask the server's administrator to set it for the database: ALTER DATABASE "
		                "… SET timezone."),
		             N_("this login has a time zone of its own, so that the server's isn't known; "
		                "packages will say so"));
}

/* Seconds that the server's clock is ahead of this machine's. */
static bool read_clock(sp_db *db, double *ahead, sp_error *err)
{
	struct timespec before, after;
	sp_rows *rows;
	double there, here;

	clock_gettime(CLOCK_REALTIME, &before);
	rows = sp_db_query(db, "SELECT extract(epoch FROM clock_timestamp())", 0, NULL, err);
	clock_gettime(CLOCK_REALTIME, &after);
	if (!rows)
		return false;
	there = strtod(sp_rows_get(rows, 0, 0), NULL);
	here = ((double)before.tv_sec + (double)after.tv_sec) / 2 +
	       ((double)before.tv_nsec + (double)after.tv_nsec) / 2e9;
	*ahead = there - here;
	sp_rows_free(rows);
	return true;
}

void sp_check_clock(sp_doctor *doctor, sp_check *check)
{
	sp_error err = SP_ERROR_INIT;
	double ahead = 0;

	if (!read_clock(doctor->db, &ahead, &err))
		sp_check_take(check, &err);
	else if (ahead > CLOCK_SECONDS)
		sp_check_say(check, SP_CHECK_WARNING, N_("Set the wrong one of both clocks."),
		             N_("the server's clock is ahead of this machine's by %.0f s"), ahead);
	else if (ahead < -CLOCK_SECONDS)
		sp_check_say(check, SP_CHECK_WARNING, N_("Set the wrong one of both clocks."),
		             N_("the server's clock is behind this machine's by %.0f s"), -ahead);
	else
		sp_check_say(check, SP_CHECK_OK, NULL, N_("server and this machine agree"));
}

void sp_check_temporary(sp_doctor *doctor, sp_check *check)
{
	sp_error err = SP_ERROR_INIT;
	sp_rows *rows = sp_db_query(doctor->db,
	                            "SELECT pg_is_in_recovery(), "
	                            "has_database_privilege(current_database(), 'TEMPORARY')",
	                            0, NULL, &err);

	if (!rows)
		sp_check_take(check, &err);
	else if (sp_rows_bool(rows, 0, 0))
		sp_check_fail(check, SP_INCOMPATIBLE, N_("Connect to the primary server."),
		              N_("the server is a standby, which can't have the temporary tables that an "
		                 "export needs"));
	else if (!sp_rows_bool(rows, 0, 1))
		sp_check_fail(check, SP_NOT_ALLOWED,
		              N_("Ask an administrator: GRANT TEMPORARY ON DATABASE … TO …"),
		              N_("this login may not make the temporary tables that an export needs"));
	else
		sp_check_say(check, SP_CHECK_OK, NULL, N_("allowed"));
	sp_rows_free(rows);
}

/* --- open-politics-hq --------------------------------------------------------------- */

/* Where the tables are, but in a schema that this login may not use. */
static bool is_closed(sp_db *db)
{
	sp_error err = SP_ERROR_INIT;
	sp_rows *rows = sp_db_query(db,
	                            "SELECT FROM pg_class c WHERE relname = 'annotationrun' AND NOT "
	                            "has_schema_privilege(c.relnamespace, 'USAGE')",
	                            0, NULL, &err);
	bool closed = rows && sp_rows_count(rows);

	sp_rows_free(rows);
	sp_error_clear(&err);
	return closed;
}

void sp_check_platform(sp_doctor *doctor, sp_check *check)
{
	sp_error err = SP_ERROR_INIT;

	doctor->catalog = sp_catalog_read(doctor->db, &err);
	if (doctor->catalog)
		sp_check_say(check, SP_CHECK_OK, NULL, N_("generation %s, revision %s, schema \"%s\""),
		             doctor->catalog->generation, doctor->catalog->revision,
		             doctor->catalog->schema);
	else if (err.code == SP_INCOMPATIBLE && is_closed(doctor->db))
		sp_check_fail(check, SP_NOT_ALLOWED,
		              N_("Ask an administrator to grant this login SELECT on the tables of "
		                 "open-politics-hq, USAGE on their schema and TEMPORARY on the database."),
		              N_("this login may not use the schema with the tables of open-politics-hq"));
	else
		sp_check_take(check, &err);
	sp_error_clear(&err);
}

/* Of the user table a few columns will do. */
static bool may_read_users(sp_doctor *doctor, const sp_table *table, sp_error *err)
{
	static const char *const columns[] = { "id", "email", "is_active", "handle" };
	const char *params[] = { table->quoted, NULL };
	bool all = true;
	sp_rows *rows;
	size_t i;

	for (i = 0; all && i < sizeof(columns) / sizeof(*columns); i++) {
		if (!sp_table_column(table, columns[i]))
			continue;
		params[1] = columns[i];
		rows = sp_db_query(doctor->db, "SELECT has_column_privilege($1, $2, 'SELECT')", 2, params,
		                   err);
		all = rows && sp_rows_bool(rows, 0, 0);
		sp_rows_free(rows);
	}
	return all;
}

static bool may_read(sp_doctor *doctor, const sp_table *table, sp_error *err)
{
	return table->readable ||
	       (sp_kind_of_table(table->name) == SP_USER && may_read_users(doctor, table, err));
}

static bool is_used(const sp_table *table)
{
	return sp_kind_of_table(table->name) >= 0 || !strcmp(table->name, "infospacecollaborator");
}

void sp_check_rights(sp_doctor *doctor, sp_check *check)
{
	sp_error err = SP_ERROR_INIT;
	sp_buf closed = { 0 };
	int i, used = 0, missing = 0;

	for (i = 0; i < doctor->catalog->count && !sp_error_is_set(&err); i++) {
		const sp_table *table = &doctor->catalog->tables[i];

		if (!is_used(table))
			continue;
		used++;
		if (may_read(doctor, table, &err) || missing++ > SHOWN_TABLES)
			continue;
		sp_buf_addf(&closed, "%s%s", closed.len ? ", " : "",
		            missing > SHOWN_TABLES ? "…" : table->name);
	}
	if (sp_error_is_set(&err))
		sp_check_take(check, &err);
	else if (missing)
		sp_check_fail(check, SP_NOT_ALLOWED,
		              N_("Ask an administrator to grant this login SELECT on the tables of "
		                 "open-politics-hq, USAGE on their schema and TEMPORARY on the database."),
		              N_("%d of %d tables may not be read: %s"), missing, used,
		              sp_buf_text(&closed));
	else
		sp_check_say(check, SP_CHECK_OK, NULL, N_("all %d tables may be read"), used);
	sp_buf_free(&closed);
}

void sp_check_rows(sp_doctor *doctor, sp_check *check)
{
	const char *params[] = { doctor->catalog->schema };
	sp_error err = SP_ERROR_INIT;
	sp_buf hidden = { 0 };
	sp_rows *rows = sp_db_query(doctor->db,
	                            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON "
	                            "n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN "
	                            "('r', 'p') AND row_security_active(c.oid) ORDER BY 1",
	                            1, params, &err);
	int i;

	for (i = 0; rows && i < sp_rows_count(rows) && i <= SHOWN_TABLES; i++)
		sp_buf_addf(&hidden, "%s%s", i ? ", " : "",
		            i == SHOWN_TABLES ? "…" : sp_rows_get(rows, i, 0));
	if (!rows)
		sp_check_take(check, &err);
	else if (hidden.len)
		sp_check_fail(check, SP_NOT_ALLOWED,
		              N_("Some rows are hidden from this login, so nothing is read: use one that "
		                 "may see them all (BYPASSRLS)."),
		              N_("row-level security hides rows of: %s"), sp_buf_text(&hidden));
	else
		sp_check_say(check, SP_CHECK_OK, NULL, N_("none"));
	sp_rows_free(rows);
	sp_buf_free(&hidden);
}

/* --- the acting user ------------------------------------------------------------------ */

void sp_check_actor(sp_doctor *doctor, sp_check *check)
{
	sp_error err = SP_ERROR_INIT;

	if (!doctor->instance->as || !*doctor->instance->as) {
		sp_check_say(
			check, SP_CHECK_SKIPPED,
			N_("Give --as USER (id, e-mail or handle of a user of open-politics-hq) or set "
		       "SPACEPORT_AS."),
			N_("it isn't said who is acting"));
		return;
	}
	doctor->actor = sp_actor_find(doctor->db, doctor->catalog, doctor->instance->as, &err);
	if (!doctor->actor)
		sp_check_take(check, &err);
	else if (doctor->actor->active)
		sp_check_say(check, SP_CHECK_OK, NULL, "%s", doctor->actor->name);
	else
		sp_check_say(check, SP_CHECK_WARNING,
		             N_("Act as another user, or have this one activated in open-politics-hq."),
		             N_("%s is deactivated and may read what is public only"), doctor->actor->name);
}

void sp_check_infospaces(sp_doctor *doctor, sp_check *check)
{
	sp_error err = SP_ERROR_INIT;
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT count(*), count(*) FILTER (WHERE may_export), "
	                  "count(*) FILTER (WHERE may_import) FROM (");
	sp_access_query(&sql, doctor->catalog, doctor->actor);
	sp_buf_adds(&sql, ") w");
	rows = sp_db_query_buf(doctor->db, &sql, 0, NULL, &err);
	if (!rows)
		sp_check_take(check, &err);
	else
		sp_check_say(check, sp_rows_int(rows, 0, 1) ? SP_CHECK_OK : SP_CHECK_WARNING,
		             sp_rows_int(rows, 0, 1)
		                 ? NULL
		                 : N_("Act as another user, or have this one invited to "
		                      "an infospace as curator or analyst."),
		             N_("to read %d, to export from %d, to import into %d"),
		             (int)sp_rows_int(rows, 0, 0), (int)sp_rows_int(rows, 0, 1),
		             (int)sp_rows_int(rows, 0, 2));
	sp_rows_free(rows);
}
