#include <config.h>

#include "core/plan/objects.h"

#include <inttypes.h>

#include "core/model/smart.h"
#include "core/plan/uuids.h"

#define HASH "^[0-9a-f]{64}$"

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
	sp_buf_adds(sql, " f ON f.number = r.__number WHERE f.class = 'new' OR (f.class = 'update' AND"
	                 " 'blob_path' = ANY (f.columns)))");
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

/* The column that says what is in an asset's file; NULL: nobody knows. */
static const char *hash_of(const sp_sides *in)
{
	const char *hash = sp_smart_of(SP_ASSET).content[0].column;

	return sp_staged_find(in->staged, hash) && sp_table_column(in->table, hash) ? hash : NULL;
}

/* A condition: the row here has a file, and as far as hashes tell it is the one of the row `r`. */
static void add_has_same(const sp_sides *in, sp_buf *sql)
{
	const char *hash = hash_of(in);

	sp_buf_adds(sql, "t.blob_path <> ''");
	if (hash)
		sp_buf_addf(sql,
		            " AND (r.%s::text ~ '" HASH "' AND t.%s::text ~ '" HASH
		            "' AND r.%s::text <> t.%s::text) IS NOT TRUE",
		            hash, hash, hash, hash);
}

void sp_objects_join(const sp_sides *in, sp_buf *joins)
{
	sp_buf_adds(joins, " LEFT JOIN ");
	sp_staging_table(in->staging, "object", NULL, joins);
	sp_buf_adds(joins, " object ON object.source = r.blob_path");
}

void sp_objects_name(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "CASE WHEN ");
	add_has_same(in, sql);
	sp_buf_adds(sql, " THEN t.blob_path ELSE coalesce(object.name, t.blob_path) END");
}

void sp_objects_mark(const sp_sides *in, const char *alias, const char *has, sp_buf *sql)
{
	const char *hash = hash_of(in);

	if (hash)
		sp_buf_addf(sql, "CASE WHEN %s <> '' THEN coalesce(%s.%s::text, '') END", has, alias, hash);
	else
		sp_buf_addf(sql, "CASE WHEN %s <> '' THEN '' END", has);
}

void sp_objects_with_content(const char *columns, sp_buf *sql)
{
	const char *hash = sp_smart_of(SP_ASSET).content[0].column;

	sp_buf_addf(sql,
	            "CASE WHEN %s && ARRAY['blob_path', '%s'] THEN %s || ARRAY['blob_path', '%s'] ELSE"
	            " %s END",
	            columns, hash, columns, hash, columns);
}

/* Objects that are here: as far as anybody who has one can tell, with the same bytes. */
static void add_here(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "(SELECT r.blob_path AS source, min(t.blob_path) AS name FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r JOIN ");
	sp_sides_table(in, "match", sql);
	sp_buf_addf(sql,
	            " m ON m.id = r.id JOIN %s t ON t.id = m.target WHERE t.blob_path <> '' GROUP BY 1"
	            " HAVING bool_and(",
	            in->table->quoted);
	add_has_same(in, sql);
	sp_buf_adds(sql, "))");
}

bool sp_objects_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                     bool again, sp_error *err)
{
	const char *const texts[] = { "object", about->seed };
	sp_buf sql = { 0 };
	sp_sides in;

	if (!sp_sides_get(staging, catalog, SP_ASSET, &in) || !sp_objects_are(&in))
		return true;
	sp_staging_fill(staging, "object", NULL, again, &sql);
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
