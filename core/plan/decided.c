#include <config.h>

#include "core/plan/decided.h"

#include <string.h>

#include "core/plan/fields.h"

const char *const sp_decisions[SP_DECISIONS] = { "keep", "overwrite", "beside", "merge", "later" };

bool sp_decision_answers(sp_decision decision, const char *why)
{
	if (!strcmp(why, "taken"))
		return decision == SP_DECISION_BESIDE;
	if (!strcmp(why, "deleted"))
		return decision != SP_DECISION_MERGE && decision != SP_DECISION_LATER;
	return (strcmp(why, "occupied") != 0 && strcmp(why, "circle") != 0) ||
	       (decision != SP_DECISION_OVERWRITE && decision != SP_DECISION_LATER);
}

/* Of several for one row the last counts. */
static void add_kind(const sp_sides *in, const sp_plan_about *about, sp_buf *sql)
{
	const char *kind = sp_entities[in->kind].name;

	sp_staging_make(in->staging, "decided", kind, sql);
	sp_buf_adds(sql, " AS SELECT DISTINCT ON (r.__number, p.said, p.there, p.here) r.__number AS"
	                 " number, p.said, p.there, p.here, p.decision AS word, coalesce(p.fields,"
	                 " '{}') AS fields, ARRAY(SELECT DISTINCT pg_temp.sp_column(u.field) FROM"
	                 " unnest(p.fields) AS u (field)) AS columns FROM ");
	sp_staging_table(in->staging, "planned", NULL, sql);
	sp_buf_adds(sql, " p JOIN ");
	sp_staging_table(in->staging, "chain", NULL, sql);
	sp_buf_adds(sql,
	            " c ON c.kind = p.kind AND c.uuid = p.origin AND c.depth = 0 AND c.instance = ");
	sp_sql_literal(sql, about->source);
	sp_buf_adds(sql, " JOIN ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r ON r.id = c.id WHERE p.decision IS NOT NULL AND p.kind = ");
	sp_sql_literal(sql, kind);
	sp_buf_adds(sql, " ORDER BY r.__number, p.said, p.there, p.here, p.number DESC; ");
}

bool sp_decided_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                     bool *any, sp_error *err)
{
	sp_buf sql = { 0 }, question = { 0 };
	sp_rows *rows;
	sp_sides in;

	sp_buf_adds(&question, "SELECT EXISTS (SELECT FROM ");
	sp_staging_table(staging, "planned", NULL, &question);
	sp_buf_adds(&question, " WHERE decision IS NOT NULL)");
	rows = sp_db_query_buf(sp_staging_db(staging), &question, 0, NULL, err);
	*any = rows && sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	if (!*any)
		return !sp_error_is_set(err);
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (sp_sides_get(staging, catalog, (sp_kind)kind, &in) && in.staged)
			add_kind(&in, about, &sql);
	}
	return sp_fields_begin(sp_staging_db(staging), err) &&
	       sp_db_exec_buf(sp_staging_db(staging), &sql, err) &&
	       sp_fields_check(staging, catalog, err);
}
