#include <config.h>

#include "core/import/into.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/db/sql.h"
#include "core/model/between.h"
#include "core/plan/after.h"

/* --- rights --- */

static bool fail_not_allowed(const sp_actor *actor, const sp_space *space, sp_error *err)
{
	return sp_fail(err, SP_NOT_ALLOWED,
	               N_("Importing needs an owner, editor or analyst of the infospace."),
	               N_("%s may not import into the infospace \"%s\""), actor->name, space->name);
}

bool sp_into_check(sp_db *db, const sp_catalog *catalog, const sp_actor *actor,
                   const sp_space *space, sp_error *err)
{
	char id[24];
	sp_space now = { 0 };
	bool ok;

	if (!actor->active)
		return sp_fail(err, SP_NOT_ALLOWED, N_("Name another user."),
		               N_("%s is no active user of this instance"), actor->name);
	if (!space->id)
		return true;
	snprintf(id, sizeof id, "%" PRId64, space->id);
	ok = sp_space_find(db, catalog, actor, id, &now, err) &&
	     (now.may_import || fail_not_allowed(actor, space, err));
	sp_space_clear(&now);
	return ok;
}

/* --- one that isn't --- */

/* False for what the table fills by itself. */
static bool add_value(sp_buf *sql, sp_kind kind, const sp_column *column, int64_t space,
                      const char *name, const sp_plan_about *about)
{
	const sp_fill *fill = sp_fill_find(kind, column->name);
	bool of_space = kind == SP_INFOSPACE;

	if (!strcmp(column->name, "name")) {
		sp_sql_literal(sql, name);
	} else if (of_space && !strcmp(column->name, "owner_id")) {
		sp_buf_addf(sql, "%" PRId64, about->owner);
	} else if (of_space && !strcmp(column->name, "visibility")) {
		sp_buf_adds(sql, "'private'");
	} else if (!of_space && !strcmp(column->name, "infospace_id")) {
		sp_buf_addf(sql, "%" PRId64, space);
	} else if (fill && fill->rule == SP_FILL_VALUE) {
		sp_sql_literal(sql, fill->value);
	} else if (fill && fill->rule == SP_FILL_UUID) {
		sp_buf_adds(sql, "gen_random_uuid()");
	} else if (fill && fill->rule == SP_FILL_NOW) {
		sp_after_now(about, column, sql);
	} else {
		return false;
	}
	sp_buf_addf(sql, "::%s", column->type);
	return true;
}

/* A row of `table`; its id, 0: an error. */
static int64_t insert(sp_db *db, const sp_table *table, sp_kind kind, int64_t space,
                      const char *name, const sp_plan_about *about, sp_error *err)
{
	sp_buf names = { 0 }, values = { 0 }, sql = { 0 };
	sp_rows *rows = NULL;
	int64_t id;

	for (int i = 0; i < table->count; i++) {
		const sp_column *column = &table->columns[i];
		size_t before = values.len;

		if (before)
			sp_buf_adds(&values, ", ");
		if (!add_value(&values, kind, column, space, name, about)) {
			values.len = before;
			if (column->not_null && !column->default_sql)
				sp_fail(err, SP_INCOMPATIBLE, N_("Import into an infospace that is there."),
				        N_("this program doesn't know what the column %s.%s is to be"), table->name,
				        column->name);
			continue;
		}
		sp_buf_adds(&names, names.len ? ", " : "");
		sp_sql_ident(&names, column->name);
	}
	values.failed = values.failed || names.failed;
	sp_buf_addf(&sql, "INSERT INTO %s (%s) VALUES (%.*s) RETURNING id", table->quoted,
	            sp_buf_text(&names), (int)values.len, sp_buf_text(&values));
	sql.failed = sql.failed || values.failed;
	if (!sp_error_is_set(err))
		rows = sp_db_query_buf(db, &sql, 0, NULL, err);
	id = rows ? sp_rows_int(rows, 0, 0) : 0;
	sp_rows_free(rows);
	sp_buf_free(&names);
	sp_buf_free(&values);
	sp_buf_free(&sql);
	return id;
}

/* A package may bring the general canon along. */
static bool brings_canon(sp_staging *staging, sp_error *err)
{
	const sp_staged_kind *staged = sp_staging_find(staging, SP_CANON);
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool brings;

	if (!staged || !sp_staged_find(staged, "role"))
		return false;
	sp_buf_adds(&sql, "SELECT EXISTS (SELECT FROM ");
	sp_staging_table(staging, "row", sp_entities[SP_CANON].name, &sql);
	sp_buf_adds(&sql, " r WHERE upper(r.role::text) = 'GENERAL')");
	rows = sp_db_query_buf(sp_staging_db(staging), &sql, 0, NULL, err);
	brings = rows && sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return brings;
}

int64_t sp_into_make(sp_staging *staging, const sp_catalog *catalog, const char *name,
                     const sp_plan_about *about, sp_error *err)
{
	const sp_table *canon = sp_catalog_table(catalog, "canon");
	sp_db *db = sp_staging_db(staging);
	int64_t space =
		insert(db, sp_catalog_table(catalog, "infospace"), SP_INFOSPACE, 0, name, about, err);

	if (space && canon && !brings_canon(staging, err) && !sp_error_is_set(err))
		insert(db, canon, SP_CANON, space, "General", about, err);
	return sp_error_is_set(err) ? 0 : space;
}

bool sp_into_finish(sp_db *db, const sp_catalog *catalog, int64_t space, sp_error *err)
{
	static const char *const roles[][2] = { { "default_canon_id", "GENERAL" },
		                                    { "default_geo_canon_id", "GEO" } };
	const sp_table *table = sp_catalog_table(catalog, "infospace");
	const sp_table *canon = sp_catalog_table(catalog, "canon");
	sp_buf sql = { 0 };

	for (size_t i = 0; canon && i < sizeof roles / sizeof *roles; i++) {
		if (!sp_table_column(table, roles[i][0]))
			continue;
		sp_buf_addf(&sql,
		            "UPDATE %s SET %s = (SELECT min(c.id) FROM %s c WHERE c.infospace_id = %" PRId64
		            " AND upper(c.role::text) = '%s') WHERE id = %" PRId64 "; ",
		            table->quoted, roles[i][0], canon->quoted, space, roles[i][1], space);
	}
	return sp_db_exec_buf(db, &sql, err);
}

/* --- one import at a time --- */

/* Who has it, as far as it is on record. */
static bool fail_busy(sp_db *db, const sp_space *space, const char *id, sp_error *err)
{
	sp_rows *rows = sp_db_query(db, sp_sql_import_running, 1, &id, err);
	const char *who = rows && sp_rows_count(rows) ? sp_rows_get(rows, 0, 0) : "?";

	if (rows)
		sp_fail(err, SP_TARGET_CHANGED, N_("Wait until it ends: \"spaceport show\" tells."),
		        N_("another import into the infospace \"%s\" is running: %s"), space->name, who);
	sp_rows_free(rows);
	return false;
}

bool sp_into_lease(sp_db *db, const sp_space *space, sp_error *err)
{
	char id[24], what[48];
	const char *params[] = { what };
	sp_rows *rows;
	bool ok;

	if (!space->id)
		return true;
	snprintf(id, sizeof id, "%" PRId64, space->id);
	snprintf(what, sizeof what, "imports into %s", id);
	rows = sp_db_query(db, sp_sql_import_lease, 1, params, err);
	ok = rows && (sp_rows_bool(rows, 0, 0) || fail_busy(db, space, id, err));
	sp_rows_free(rows);
	return ok;
}
