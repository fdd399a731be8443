#include <config.h>

#include "core/list/list.h"

/* Rows of (name, extra, count) as an array of objects. */
static bool add_groups(sp_db *db, sp_buf *sql, const char *run, sp_json *to, const char *key,
                       sp_error *err)
{
	sp_json *list = sp_json_add_array(to, key);
	sp_rows *rows = sp_db_query_buf(db, sql, 1, &run, err);

	for (int i = 0; rows && i < sp_rows_count(rows); i++) {
		sp_json *item = sp_json_add_object(list, NULL);

		sp_json_add_text(item, "name", sp_rows_get(rows, i, 0));
		sp_json_add_text(item, "version", sp_rows_get(rows, i, 1));
		sp_json_add_int(item, "count", sp_rows_int(rows, i, 2));
	}
	sp_rows_free(rows);
	return rows != NULL;
}

static bool add_run(sp_db *db, const sp_catalog *catalog, const sp_actor *actor, const char *uuid,
                    sp_json *to, sp_error *err)
{
	static const char *const keys[] = { "uuid",         "name",          "description",
		                                "status",       "created_at",    "started_at",
		                                "completed_at", "error_message", "user" };
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_addf(&sql,
	            "SELECT r.uuid, r.name, r.description, r.status, r.created_at, r.started_at, "
	            "r.completed_at, r.error_message, u.email FROM %s r JOIN (",
	            sp_catalog_table(catalog, "annotationrun")->quoted);
	sp_access_query(&sql, catalog, actor);
	sp_buf_addf(&sql, ") w ON w.id = r.infospace_id LEFT JOIN %s u ON u.id = r.user_id WHERE ",
	            sp_catalog_table(catalog, "user")->quoted);
	sp_buf_adds(&sql, "r.uuid = $1");
	rows = sp_db_query_buf(db, &sql, 1, &uuid, err);
	if (rows && !sp_rows_count(rows))
		sp_fail(err, SP_FAILED, N_("\"spaceport list runs\" shows the runs that you may read."),
		        N_("there is no run \"%s\" that the acting user may read"), uuid);
	for (size_t i = 0; rows && sp_rows_count(rows) && i < sizeof keys / sizeof *keys; i++)
		sp_json_add_text(to, keys[i], sp_rows_get(rows, 0, (int)i));
	sp_rows_free(rows);
	return !sp_error_is_set(err);
}

static bool add_schemas(sp_db *db, const sp_catalog *catalog, const char *uuid, sp_json *to,
                        sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_addf(&sql,
	            "SELECT s.name, s.version, n.n FROM (SELECT a.schema_id, count(*) AS n FROM %s a "
	            "JOIN %s r ON r.id = a.run_id WHERE r.uuid = $1 GROUP BY 1) n JOIN %s s ON "
	            "s.id = n.schema_id ORDER BY s.name, s.version",
	            sp_catalog_table(catalog, "annotation")->quoted,
	            sp_catalog_table(catalog, "annotationrun")->quoted,
	            sp_catalog_table(catalog, "annotationschema")->quoted);
	return add_groups(db, &sql, uuid, to, "schemas", err);
}

static bool add_annotations(sp_db *db, const sp_catalog *catalog, const char *uuid, sp_json *to,
                            sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_addf(&sql,
	            "SELECT a.status::text, NULL, count(*) FROM %s a JOIN %s r ON r.id = a.run_id "
	            "WHERE r.uuid = $1 GROUP BY a.status ORDER BY 3 DESC",
	            sp_catalog_table(catalog, "annotation")->quoted,
	            sp_catalog_table(catalog, "annotationrun")->quoted);
	return add_groups(db, &sql, uuid, to, "annotations", err);
}

static bool add_assets(sp_db *db, const sp_catalog *catalog, const char *uuid, sp_json *to,
                       sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_addf(&sql,
	            "SELECT t.kind::text, NULL, count(*) FROM %s t WHERE t.id IN (SELECT a.asset_id "
	            "FROM %s a JOIN %s r ON r.id = a.run_id WHERE r.uuid = $1) GROUP BY t.kind "
	            "ORDER BY 3 DESC",
	            sp_catalog_table(catalog, "asset")->quoted,
	            sp_catalog_table(catalog, "annotation")->quoted,
	            sp_catalog_table(catalog, "annotationrun")->quoted);
	return add_groups(db, &sql, uuid, to, "assets", err);
}

sp_json *sp_list_run(sp_db *db, const sp_catalog *catalog, const sp_actor *actor, const char *uuid,
                     sp_error *err)
{
	sp_json *run = sp_json_object();

	if (!run)
		sp_fail_memory(err);
	else if (add_run(db, catalog, actor, uuid, run, err) &&
	         add_schemas(db, catalog, uuid, run, err) &&
	         add_annotations(db, catalog, uuid, run, err) &&
	         add_assets(db, catalog, uuid, run, err) &&
	         (sp_json_is_whole(run) || sp_fail_memory(err)))
		return run;
	sp_json_free(run);
	return NULL;
}
