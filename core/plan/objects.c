#include <config.h>

#include "core/plan/objects.h"

#include <inttypes.h>

#include "core/plan/uuids.h"

bool sp_objects_are(const sp_sides *assets)
{
	return assets->staged && sp_staged_find(assets->staged, "blob_path") &&
	       sp_staged_find(assets->staged, "__file") && sp_table_column(assets->table, "blob_path");
}

void sp_objects_wanted(const sp_sides *in, sp_buf *sql)
{
	sp_staging_table(in->staging, "object", NULL, sql);
	sp_buf_adds(sql, " o WHERE NOT o.is_here AND o.source IN (SELECT r.blob_path FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r JOIN ");
	sp_sides_table(in, "fate", sql);
	sp_buf_adds(sql, " f ON f.number = r.__number WHERE f.class = 'new')");
}

void sp_objects_here(const sp_sides *in, bool here, sp_buf *sql)
{
	sp_staging_table(in->staging, "object", NULL, sql);
	sp_buf_adds(sql, here ? " o WHERE o.is_here" : " o WHERE NOT o.is_here");
}

/* Of rows that name one object, the first whose file says where its bytes are. */
static void add_files(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "(SELECT DISTINCT ON (r.blob_path) r.blob_path AS source, w.entry,"
	                 " coalesce(r.__file ->> 'path', r.__file ->> 'same_as') AS path,"
	                 " r.__file ->> 'path' IS NULL AS is_inline, (r.__file ->> 'size')::bigint AS"
	                 " size FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r JOIN ");
	sp_sides_table(in, "raw", sql);
	sp_buf_adds(sql, " w ON w.number = r.__number WHERE r.blob_path <> '' AND (r.__file ->> 'path'"
	                 " IS NOT NULL OR r.__file ->> 'same_as' IS NOT NULL OR (r.__file -> 'data') IS"
	                 " NOT NULL) ORDER BY r.blob_path, r.__number)");
}

static void add_here(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "(SELECT r.blob_path AS source, min(t.blob_path) AS name FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r JOIN ");
	sp_sides_table(in, "match", sql);
	sp_buf_addf(
		sql, " m ON m.id = r.id JOIN %s t ON t.id = m.target WHERE t.blob_path <> '' GROUP BY 1)",
		in->table->quoted);
}

bool sp_objects_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                     sp_error *err)
{
	const char *const texts[] = { "object", about->seed };
	sp_buf sql = { 0 };
	sp_sides in;

	if (!sp_sides_get(staging, catalog, SP_ASSET, &in) || !sp_objects_are(&in))
		return true;
	sp_staging_fill(staging, "object", NULL, false, &sql);
	sp_buf_addf(&sql, "SELECT f.source, coalesce(h.name, 'user_%" PRId64 "/' || ",
	            about->owner);
	sp_uuid_of_sql(texts, sizeof texts / sizeof *texts, "f.source", &sql);
	sp_buf_adds(&sql, " || coalesce(substring(f.source FROM '\\.[A-Za-z0-9]{1,16}$'), '')) AS name,"
	                  " h.name IS NOT NULL AS is_here, f.path, f.is_inline, f.entry, f.size FROM ");
	add_files(&in, &sql);
	sp_buf_adds(&sql, " f LEFT JOIN ");
	add_here(&in, &sql);
	sp_buf_adds(&sql, " h ON h.source = f.source; ANALYZE ");
	sp_staging_table(staging, "object", NULL, &sql);
	return sp_db_exec_buf(in.db, &sql, err);
}
