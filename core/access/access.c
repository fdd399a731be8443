#include <config.h>

#include "core/access/access.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"

static void condition(sp_buf *sql, const sp_table *users, const char *who)
{
	if (strspn(who, "0123456789") == strlen(who))
		sp_buf_adds(sql, "u.id::text = $1");
	else if (strchr(who, '@') || !sp_table_column(users, "handle"))
		sp_buf_adds(sql, "lower(u.email) = lower($1)");
	else
		sp_buf_adds(sql, "lower(u.handle) = lower($1)");
}

/* Of several that differ in case only, the one that is spelt this way. */
static bool first_is_exact(const sp_rows *rows)
{
	return sp_rows_count(rows) > 1 && sp_rows_bool(rows, 0, 3) && !sp_rows_bool(rows, 1, 3);
}

static sp_actor *actor_of(const sp_rows *rows, const char *who, sp_error *err)
{
	sp_actor *actor;

	if (sp_rows_count(rows) != 1 && !first_is_exact(rows)) {
		if (sp_rows_count(rows))
			sp_fail(err, SP_NOT_ALLOWED, N_("Name the user by id."),
			        N_("several users are called \"%s\""), who);
		else
			sp_fail(err, SP_NOT_ALLOWED,
			        N_("Name a user of open-politics-hq by id, e-mail or handle."),
			        N_("there is no user \"%s\" in this instance"), who);
		return NULL;
	}
	actor = calloc(1, sizeof(*actor));
	if (actor)
		actor->name = strdup(sp_rows_get(rows, 0, 1));
	if (!actor || !actor->name) {
		sp_actor_free(actor);
		sp_fail_memory(err);
		return NULL;
	}
	actor->id = sp_rows_int(rows, 0, 0);
	actor->active = sp_rows_bool(rows, 0, 2);
	return actor;
}

sp_actor *sp_actor_find(sp_db *db, const sp_catalog *catalog, const char *who, sp_error *err)
{
	const sp_table *users = sp_catalog_table(catalog, "user");
	sp_actor *actor = NULL;
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;

	if (!who || !*who) {
		sp_fail(err, SP_USAGE,
		        N_("Give --as USER (id, e-mail or handle of a user of open-politics-hq) or set "
		           "SPACEPORT_AS."),
		        N_("it isn't said who is acting"));
		return NULL;
	}
	sp_buf_addf(&sql,
	            "SELECT u.id, coalesce(u.email, u.id::text), u.is_active, u.email = $1%s FROM %s u "
	            "WHERE ",
	            sp_table_column(users, "handle") ? " OR coalesce(u.handle = $1, false)" : "",
	            users->quoted);
	condition(&sql, users, who);
	sp_buf_adds(&sql, " ORDER BY 4 DESC LIMIT 3");
	if (sql.failed) {
		sp_fail_memory(err);
		goto out;
	}
	rows = sp_db_query(db, sql.data, 1, &who, err);
	if (rows)
		actor = actor_of(rows, who, err);
out:
	sp_rows_free(rows);
	sp_buf_free(&sql);
	return actor;
}

void sp_actor_free(sp_actor *actor)
{
	if (!actor)
		return;
	free(actor->name);
	free(actor);
}

static void add_role(sp_buf *sql, const sp_catalog *catalog, const sp_actor *actor)
{
	const sp_table *collaborators = sp_catalog_table(catalog, "infospacecollaborator");
	const sp_table *infospace = sp_catalog_table(catalog, "infospace");
	bool visible = sp_table_column(infospace, "visibility") != NULL;

	sp_buf_adds(sql, "CASE ");
	if (actor->active) {
		sp_buf_addf(sql, "WHEN i.owner_id = %lld THEN 'owner' ", (long long)actor->id);
		if (collaborators)
			sp_buf_addf(sql,
			            "WHEN EXISTS (SELECT FROM %s c WHERE c.infospace_id = i.id AND "
			            "c.user_id = %lld) THEN (SELECT CASE lower(min(c.role)) "
			            "WHEN 'reader' THEN '' ELSE lower(min(c.role)) END FROM %s c WHERE "
			            "c.infospace_id = i.id AND c.user_id = %lld) ",
			            collaborators->quoted, (long long)actor->id, collaborators->quoted,
			            (long long)actor->id);
		if (visible)
			sp_buf_adds(sql, "WHEN i.visibility = 'internal' THEN 'reader' ");
	}
	sp_buf_adds(sql, visible ? "WHEN i.visibility = 'public' THEN 'reader' END"
	                         : "WHEN false THEN '' END");
}

void sp_access_query(sp_buf *sql, const sp_catalog *catalog, const sp_actor *actor)
{
	sp_buf_adds(sql, "SELECT r.id, r.role, "
	                 "r.role IN ('owner', 'curator', 'analyst', 'editor') AS may_export, "
	                 "r.role IN ('owner', 'analyst', 'editor') AS may_import FROM (SELECT i.id, ");
	add_role(sql, catalog, actor);
	sp_buf_addf(sql,
	            " AS role FROM %s i) r WHERE r.role IN "
	            "('owner', 'curator', 'analyst', 'editor', 'viewer', 'reader')",
	            sp_catalog_table(catalog, "infospace")->quoted);
}

void sp_access_readers(sp_buf *sql, const sp_catalog *catalog, int64_t infospace)
{
	const sp_table *collaborators = sp_catalog_table(catalog, "infospacecollaborator");
	const sp_table *infospaces = sp_catalog_table(catalog, "infospace");

	sp_buf_addf(sql,
	            "SELECT u.id::bigint FROM %s u JOIN %s i ON i.id = %lld WHERE u.is_active AND"
	            " (i.owner_id = u.id",
	            sp_catalog_table(catalog, "user")->quoted, infospaces->quoted,
	            (long long)infospace);
	if (collaborators)
		sp_buf_addf(sql,
		            " OR EXISTS (SELECT FROM %s c WHERE c.infospace_id = i.id AND c.user_id = u.id"
		            " AND lower(c.role) IN ('owner', 'curator', 'analyst', 'editor', 'viewer'))",
		            collaborators->quoted);
	sp_buf_adds(sql, sp_table_column(infospaces, "visibility")
	                     ? " OR i.visibility IN ('internal', 'public'))"
	                     : ")");
}

void sp_match_sql(sp_buf *sql, const char *alias, const char *name, int param)
{
	if (sp_is_uuid(name))
		sp_buf_addf(sql, "lower(%s.uuid) = lower($%d)", alias, param);
	else if (*name && strspn(name, "0123456789") == strlen(name))
		sp_buf_addf(sql, "%s.id::text = $%d", alias, param);
	else
		sp_buf_addf(sql, "%s.name = $%d", alias, param);
}
