#include <config.h>

#include "core/list/list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/base/hash.h"
#include "core/model/entity.h"

/* A column of a result, and how it stands in JSON. */
typedef struct {
	const char *key;
	enum { AS_TEXT, AS_INT, AS_BOOL } as;
} result_column;

static sp_json *to_json(const sp_rows *rows, const result_column *columns, sp_error *err)
{
	sp_json *list = sp_json_array(), *item = list;
	int i, j;

	for (i = 0; i < sp_rows_count(rows) && item; i++) {
		item = sp_json_add_object(list, NULL);
		for (j = 0; columns[j].key; j++)
			if (columns[j].as == AS_INT)
				sp_json_add_int(item, columns[j].key, sp_rows_int(rows, i, j));
			else if (columns[j].as == AS_BOOL)
				sp_json_add_bool(item, columns[j].key, sp_rows_bool(rows, i, j));
			else
				sp_json_add_text(item, columns[j].key, sp_rows_get(rows, i, j));
	}
	if (sp_json_is_whole(list))
		return list;
	sp_json_free(list);
	sp_fail_memory(err);
	return NULL;
}

static sp_json *query_json(sp_db *db, sp_buf *sql, int nparams, const char *const *params,
                           const result_column *columns, sp_error *err)
{
	sp_rows *rows = NULL;
	sp_json *list = NULL;

	if (sql->failed)
		sp_fail_memory(err);
	else
		rows = sp_db_query(db, sql->data, nparams, params, err);
	if (rows)
		list = to_json(rows, columns, err);
	sp_rows_free(rows);
	sp_buf_free(sql);
	return list;
}

/* "v": annotations, with the size of their values. */
static void add_annotations(sp_buf *sql, const sp_table *annotation)
{
	sp_buf_adds(sql, "(SELECT v.run_id, v.asset_id, pg_column_size(");
	sp_column_or(sql, annotation, "v", "value", "NULL::text");
	sp_buf_addf(sql, ") AS bytes FROM %s v) v", annotation->quoted);
}

sp_json *sp_list_infospaces(sp_db *db, const sp_catalog *catalog, const sp_actor *actor,
                            sp_error *err)
{
	static const result_column columns[] = {
		{ "id", AS_INT },          { "uuid", AS_TEXT },       { "name", AS_TEXT },
		{ "role", AS_TEXT },       { "may_export", AS_BOOL }, { "may_import", AS_BOOL },
		{ "runs", AS_INT },        { "assets", AS_INT },      { "annotations", AS_INT },
		{ "bytes", AS_INT },       { "created_at", AS_TEXT }, { "changed_at", AS_TEXT },
		{ NULL, AS_TEXT },
	};
	const sp_table *infospace = sp_catalog_table(catalog, "infospace");
	const sp_table *run = sp_catalog_table(catalog, "annotationrun");
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "WITH w AS MATERIALIZED (");
	sp_access_query(&sql, catalog, actor);
	sp_buf_adds(&sql, "), r AS MATERIALIZED (SELECT r.id, r.infospace_id, ");
	sp_column_or(&sql, run, "r", "updated_at", "NULL::timestamp AS updated_at");
	sp_buf_addf(&sql,
	            " FROM %s r JOIN w ON w.id = r.infospace_id) SELECT i.id, i.uuid, i.name, w.role, "
	            "w.may_export, w.may_import, coalesce(r.n, 0), coalesce(a.n, 0), coalesce(v.n, 0), "
	            "coalesce(v.bytes, 0), ",
	            run->quoted);
	sp_column_or(&sql, infospace, "i", "created_at", "NULL");
	sp_buf_addf(
		&sql,
		", r.changed FROM w JOIN %s i ON i.id = w.id "
		"LEFT JOIN (SELECT infospace_id, count(*) AS n, max(updated_at) AS changed FROM r "
		"GROUP BY 1) r ON r.infospace_id = i.id "
		"LEFT JOIN (SELECT infospace_id, count(*) AS n FROM %s WHERE infospace_id IN (SELECT id "
		"FROM w) GROUP BY 1) a ON a.infospace_id = i.id "
		"LEFT JOIN (SELECT r.infospace_id, count(*) AS n, sum(v.bytes) AS bytes FROM ",
		infospace->quoted, sp_catalog_table(catalog, "asset")->quoted);
	add_annotations(&sql, sp_catalog_table(catalog, "annotation"));
	sp_buf_adds(&sql, " JOIN r ON r.id = v.run_id GROUP BY 1) v ON v.infospace_id = i.id "
	                  "ORDER BY lower(i.name), i.id");
	return query_json(db, &sql, 0, NULL, columns, err);
}

static bool check_since(const char *since, sp_error *err)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
		                                 "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S" };
	struct tm parts, normal;
	const char *end;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		memset(&parts, 0, sizeof(parts));
		end = strptime(since, forms[i], &parts);
		if (!end || *end)
			continue;
		/* 31 February would become another day */
		normal = parts;
		if (timegm(&normal) != (time_t)-1 && normal.tm_mday == parts.tm_mday)
			return true;
	}
	return sp_fail(err, SP_USAGE, N_("Write it as 2026-05-31 or \"2026-05-31 14:30\"."),
	               N_("--since %s is no date"), since);
}

/* The database's own words for a run's status. */
static bool check_status(sp_db *db, const char *status, sp_error *err)
{
	sp_rows *rows =
		sp_db_query(db,
	                "SELECT e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid "
	                "WHERE t.typname = 'runstatus' ORDER BY e.enumsortorder",
	                0, NULL, err);
	sp_buf known = { 0 };
	bool found = false;
	int i;

	if (!rows)
		return false;
	for (i = 0; i < sp_rows_count(rows); i++) {
		found = found || !strcasecmp(sp_rows_get(rows, i, 0), status);
		sp_buf_addf(&known, "%s%s", i ? ", " : "", sp_rows_get(rows, i, 0));
	}
	if (!found && sp_rows_count(rows))
		sp_fail(err, SP_USAGE, NULL, N_("--status %s is no status here; there are: %s"), status,
		        sp_buf_text(&known));
	sp_rows_free(rows);
	sp_buf_free(&known);
	return !sp_error_is_set(err);
}

static bool check_infospace(sp_db *db, const sp_catalog *catalog, const sp_actor *actor,
                            const char *name, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;
	int count = 0;

	sp_buf_addf(&sql, "SELECT i.id FROM %s i JOIN (",
	            sp_catalog_table(catalog, "infospace")->quoted);
	sp_access_query(&sql, catalog, actor);
	sp_buf_adds(&sql, ") w ON w.id = i.id WHERE ");
	sp_match_sql(&sql, "i", name, 1);
	sp_buf_adds(&sql, " LIMIT 2");
	rows = sp_db_query_buf(db, &sql, 1, &name, err);
	if (rows)
		count = sp_rows_count(rows);
	sp_rows_free(rows);
	if (rows && !count)
		sp_fail(err, SP_FAILED, N_("\"spaceport list infospaces\" shows those that you may read."),
		        N_("there is no infospace \"%s\" that the acting user may read"), name);
	return !sp_error_is_set(err);
}

/* Those that are only shown or filtered by; any of them may be missing. */
static void add_run_columns(sp_buf *sql, const sp_table *run)
{
	static const char *const shown[][2] = {
		{ "created_at", "timestamp" },   { "updated_at", "timestamp" },
		{ "completed_at", "timestamp" }, { "status", "text" },
		{ "description", "text" },
	};
	size_t i;

	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		sp_column_or(sql, run, "r", shown[i][0], "NULL");
		sp_buf_addf(sql, "::%s AS %s, ", shown[i][1], shown[i][0]);
	}
}

sp_json *sp_list_runs(sp_db *db, const sp_catalog *catalog, const sp_actor *actor,
                      const sp_run_filter *filter, sp_error *err)
{
	static const result_column columns[] = {
		{ "id", AS_INT },          { "uuid", AS_TEXT },         { "name", AS_TEXT },
		{ "status", AS_TEXT },     { "infospace_id", AS_INT },  { "infospace", AS_TEXT },
		{ "may_export", AS_BOOL }, { "annotations", AS_INT },   { "assets", AS_INT },
		{ "schemas", AS_INT },     { "bytes", AS_INT },         { "created_at", AS_TEXT },
		{ "updated_at", AS_TEXT }, { "completed_at", AS_TEXT }, { NULL, AS_TEXT },
	};
	const char *params[] = { filter->infospace, filter->status, filter->since, filter->search };
	sp_buf sql = { 0 };

	if ((filter->since && !check_since(filter->since, err)) ||
	    (filter->status && !check_status(db, filter->status, err)) ||
	    (filter->infospace && !check_infospace(db, catalog, actor, filter->infospace, err)))
		return NULL;
	sp_buf_adds(&sql, "WITH w AS MATERIALIZED (");
	sp_access_query(&sql, catalog, actor);
	sp_buf_adds(&sql, "), r AS MATERIALIZED (SELECT r.id, r.uuid, r.name, r.infospace_id, ");
	add_run_columns(&sql, sp_catalog_table(catalog, "annotationrun"));
	sp_buf_addf(&sql,
	            "i.name AS space, w.may_export FROM %s r JOIN w ON w.id = r.infospace_id "
	            "JOIN %s i ON i.id = w.id WHERE ",
	            sp_catalog_table(catalog, "annotationrun")->quoted,
	            sp_catalog_table(catalog, "infospace")->quoted);
	if (filter->infospace)
		sp_match_sql(&sql, "i", filter->infospace, 1);
	else
		sp_buf_adds(&sql, "$1::text IS NULL");
	sp_buf_adds(&sql,
	            ") SELECT r.id, r.uuid, r.name, r.status, r.infospace_id, r.space, r.may_export, "
	            "coalesce(a.n, 0), coalesce(a.assets, 0), coalesce(l.n, 0), coalesce(a.bytes, 0), "
	            "r.created_at, r.updated_at, r.completed_at FROM r "
	            "LEFT JOIN (SELECT run_id, count(*) AS n, count(DISTINCT asset_id) AS assets, "
	            "sum(v.bytes) AS bytes FROM ");
	add_annotations(&sql, sp_catalog_table(catalog, "annotation"));
	sp_buf_addf(
		&sql,
		" WHERE run_id IN (SELECT id FROM r) GROUP BY 1) a ON a.run_id = r.id "
		"LEFT JOIN (SELECT run_id, count(*) AS n FROM %s GROUP BY 1) l ON l.run_id = r.id "
		"WHERE ($2::text IS NULL OR upper(r.status) = upper($2)) AND "
		"($3::timestamp IS NULL OR greatest(r.created_at, r.updated_at) >= $3::timestamp) AND "
		"($4::text IS NULL OR "
		"strpos(lower(concat_ws(' ', r.name, r.description)), lower($4)) > 0) "
		"ORDER BY r.created_at DESC NULLS LAST, r.id DESC",
		sp_catalog_table(catalog, "runschemalink")->quoted);
	return query_json(db, &sql, 4, params, columns, err);
}
