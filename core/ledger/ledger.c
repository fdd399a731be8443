#include <config.h>

#include "core/ledger/ledger.h"

#include <string.h>

#include "core/db/sql.h"
#include "core/model/identity.h"

/* steps[n] leads from version n to n + 1. */
static const char *const steps[] = { sp_sql_ledger_step_1,
	                                 sp_sql_ledger_step_2 };

_Static_assert(sizeof(steps) / sizeof(*steps) == SP_OWN_SCHEMA_VERSION, "a step for each version");

static const char *const ask_an_admin =
	N_("Ask an administrator of the database to run: spaceport setup --print | psql");

/* --- the script --------------------------------------------------------------------- */

static void add_steps(sp_buf *to)
{
	for (int i = 0; i < SP_OWN_SCHEMA_VERSION; i++) {
		sp_buf_addf(to,
		            "DO $step$ BEGIN\nIF current_setting('spaceport.found')::integer < %d THEN\n",
		            i + 1);
		sp_buf_adds(to, steps[i]);
		sp_buf_adds(to, "END IF;\nEND $step$;\n");
	}
}

/* What is newer than this program isn't touched. */
static void add_check(sp_buf *to)
{
	sp_buf_addf(to,
	            "DO $check$ BEGIN\nIF current_setting('spaceport.found')::integer > %d THEN\n"
	            "RAISE EXCEPTION 'the schema spaceport is of version %%, newer than this script', "
	            "current_setting('spaceport.found');\nEND IF;\nEND $check$;\n",
	            SP_OWN_SCHEMA_VERSION);
}

/* The row of the instance; who it is stays what it was. */
static bool add_instance(const char *id, sp_buf *to, sp_error *err)
{
	sp_identity *identity = NULL;

	if (id && !(identity = sp_identity_create(id, false, err)))
		return false;
	sp_buf_adds(to, "INSERT INTO spaceport.instance AS i (uuid, schema_version)\nVALUES (");
	if (identity)
		sp_sql_literal(to, sp_identity_instance(identity));
	else
		sp_buf_adds(to, sp_sql_ledger_derive);
	sp_buf_addf(to,
	            ", %d)\nON CONFLICT (here) DO UPDATE SET schema_version = EXCLUDED.schema_version, "
	            "changed_at = clock_timestamp()\n WHERE i.schema_version < "
	            "EXCLUDED.schema_version;\n",
	            SP_OWN_SCHEMA_VERSION);
	sp_buf_addf(
		to,
		"INSERT INTO spaceport.audit (what, outcome, details)\n"
		"SELECT 'setup', 'done', json_build_object('from', f.v, 'to', %d)\n"
		"  FROM (SELECT current_setting('spaceport.found')::integer AS v) f WHERE f.v < %d;\n",
		SP_OWN_SCHEMA_VERSION, SP_OWN_SCHEMA_VERSION);
	sp_identity_free(identity);
	return true;
}

/* The roles take the place of each %s. */
static void add_grant(sp_buf *to, const char *role)
{
	const char *from = sp_sql_ledger_grant, *at;

	for (; (at = strstr(from, "%s")); from = at + 2) {
		sp_buf_add(to, from, (size_t)(at - from));
		sp_sql_ident(to, role);
	}
	sp_buf_adds(to, from);
}

/* All between BEGIN and COMMIT but its opening. */
static bool add_body(const sp_ledger_settings *settings, sp_buf *to, sp_error *err)
{
	add_check(to);
	add_steps(to);
	if (!add_instance(settings->instance_id, to, err))
		return false;
	for (int i = 0; i < settings->grant_count; i++)
		add_grant(to, settings->grants[i]);
	return !to->failed || sp_fail_memory(err);
}

bool sp_ledger_script(const sp_ledger_settings *settings, sp_buf *to, sp_error *err)
{
	sp_buf_adds(to, "\\set ON_ERROR_STOP on\nBEGIN;\n");
	sp_buf_adds(to, sp_sql_ledger_open);
	if (!add_body(settings, to, err))
		return false;
	sp_buf_adds(to, "COMMIT;\n");
	return !to->failed || sp_fail_memory(err);
}

/* --- doing it ------------------------------------------------------------------------ */

static bool check_roles(sp_db *db, const sp_ledger_settings *settings, sp_error *err)
{
	for (int i = 0; i < settings->grant_count; i++) {
		sp_rows *rows = sp_db_query(db, "SELECT FROM pg_roles WHERE rolname = $1", 1,
		                            &settings->grants[i], err);

		if (rows && !sp_rows_count(rows))
			sp_fail(err, SP_USAGE, N_("psql -c '\\du' lists those that there are."),
			        N_("this server has no role \"%s\""), settings->grants[i]);
		sp_rows_free(rows);
		if (sp_error_is_set(err))
			return false;
	}
	return true;
}

/* What can be told without trying. */
static bool check_state(const sp_own_schema *own, const sp_ledger_settings *settings, sp_error *err)
{
	if (own->standby)
		return sp_fail(err, SP_FAILED, N_("Run it on the primary server."),
		               N_("this server is a standby: nothing can be written into it"));
	if (own->there && own->readable && own->version > SP_OWN_SCHEMA_VERSION)
		return sp_fail(err, SP_INCOMPATIBLE, N_("Use a newer spaceport here."),
		               N_("the schema spaceport is of version %d; this program knows versions up "
		                  "to %d"),
		               own->version, SP_OWN_SCHEMA_VERSION);
	if (own->there && !own->owned &&
	    (settings->grant_count || !own->readable || own->version < SP_OWN_SCHEMA_VERSION))
		return sp_fail(err, SP_NOT_ALLOWED, ask_an_admin,
		               N_("this login may not change the schema spaceport"));
	return true;
}

static bool run_script(sp_db *db, const sp_ledger_settings *settings, sp_ledger_done *done,
                       sp_error *err)
{
	sp_buf body = { 0 };
	sp_rows *rows = NULL;
	bool ok = add_body(settings, &body, err) &&
	          sp_db_exec(db, "BEGIN TRANSACTION READ WRITE", err) &&
	          sp_db_exec(db, sp_sql_ledger_open, err) &&
	          (rows = sp_db_query(db, "SELECT current_setting('spaceport.found')", 0, NULL, err));

	if (ok)
		done->from = (int)sp_rows_int(rows, 0, 0);
	done->to = SP_OWN_SCHEMA_VERSION;
	ok = ok && sp_db_exec(db, body.data, err) && sp_db_commit(db, err);
	if (!ok) {
		sp_error ignored = SP_ERROR_INIT;

		sp_db_exec(db, "ROLLBACK", &ignored);
		sp_error_clear(&ignored);
	}
	sp_rows_free(rows);
	sp_buf_free(&body);
	return ok;
}

bool sp_ledger_setup(sp_db *db, const sp_ledger_settings *settings, sp_ledger_done *done,
                     sp_error *err)
{
	sp_own_schema own;
	bool ok = sp_own_schema_look(db, &own, err) && check_state(&own, settings, err) &&
	          check_roles(db, settings, err);

	*done = (sp_ledger_done){ own.version, own.version };
	if (!ok || (own.version == SP_OWN_SCHEMA_VERSION && !settings->grant_count))
		return ok;
	ok = run_script(db, settings, done, err);
	if (!ok && err->code == SP_NOT_ALLOWED)
		sp_error_advise(err, ask_an_admin);
	return ok;
}
