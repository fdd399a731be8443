#include <config.h>

#include "core/plan/people.h"

#include "core/access/access.h"
#include "core/plan/match.h"

typedef struct {
	sp_staging *staging;
	const sp_catalog *catalog;
	const char *name; /* of the kind, in packages */
	int64_t infospace;
} knowing;

/* Those that aren't known yet, by what `condition` compares of an author `a` and a user `u`. */
static void add_way(const knowing *k, const char *condition, sp_buf *sql)
{
	sp_buf_adds(sql, "INSERT INTO ");
	sp_staging_table(k->staging, "match", k->name, sql);
	sp_buf_addf(sql,
	            " SELECT a.uuid, min(u.id), %d, 1 FROM (SELECT r.uuid, r.email, r.handle FROM ",
	            (int)SP_MATCH_NATURAL);
	sp_staging_table(k->staging, "raw", k->name, sql);
	sp_buf_addf(sql,
	            " w, json_to_record(w.body::json) AS r (uuid text, email text, handle text)) a"
	            " JOIN %s u ON %s WHERE u.id IN (",
	            sp_catalog_table(k->catalog, "user")->quoted, condition);
	sp_access_readers(sql, k->catalog, k->infospace);
	sp_buf_adds(sql, ") AND NOT EXISTS (SELECT FROM ");
	sp_staging_table(k->staging, "match", k->name, sql);
	sp_buf_adds(sql, " x WHERE x.id = a.uuid) GROUP BY a.uuid HAVING count(*) = 1; ");
}

bool sp_people_match(sp_staging *staging, const sp_catalog *catalog, int64_t infospace,
                     sp_error *err)
{
	const sp_table *users = sp_catalog_table(catalog, "user");
	knowing k = { staging, catalog, sp_entities[SP_USER].name, infospace };
	sp_buf sql = { 0 };

	if (sp_staging_renew(staging, "match", k.name, &sql))
		sp_buf_adds(&sql, " (id text, target bigint, how smallint, found bigint); ");
	add_way(&k, "lower(u.email) = lower(a.email)", &sql);
	if (sp_table_column(users, "handle"))
		add_way(&k, "u.handle = a.handle", &sql);
	sp_buf_adds(&sql, "ANALYZE ");
	sp_staging_table(staging, "match", k.name, &sql);
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}
