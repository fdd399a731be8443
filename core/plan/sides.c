#include <config.h>

#include "core/plan/sides.h"

bool sp_sides_any(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_sides *sides)
{
	int table = sp_kind_table(catalog, kind);

	if (sp_entities[kind].travel == SP_TRAVEL_NEVER || table < 0)
		return false;
	*sides = (sp_sides){ staging,
		                 catalog,
		                 sp_staging_db(staging),
		                 kind,
		                 &catalog->tables[table],
		                 sp_staging_find(staging, kind) };
	return true;
}

bool sp_sides_get(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_sides *sides)
{
	return sp_sides_any(staging, catalog, kind, sides) && sp_table_has_id(sides->table);
}

bool sp_sides_other(const sp_sides *sides, int kind, sp_sides *other)
{
	return kind >= 0 && sp_sides_get(sides->staging, sides->catalog, (sp_kind)kind, other);
}

void sp_sides_table(const sp_sides *sides, const char *part, sp_buf *sql)
{
	sp_staging_table(sides->staging, part, sp_entities[sides->kind].name, sql);
}

void sp_sides_shared(const sp_sides *sides, const char *part, sp_buf *sql)
{
	sp_buf_adds(sql, "(SELECT * FROM ");
	sp_staging_table(sides->staging, part, NULL, sql);
	sp_buf_adds(sql, " WHERE kind = ");
	sp_sql_literal(sql, sp_entities[sides->kind].name);
	sp_buf_addc(sql, ')');
}

void sp_sides_origin(const sp_sides *sides, const char *join, const char *alias, const char *source,
                     sp_buf *sql)
{
	sp_buf_addf(sql, " %s ", join);
	sp_staging_table(sides->staging, "chain", NULL, sql);
	sp_buf_addf(sql, " c ON c.id = %s.id AND c.depth = 0 AND c.kind = ", alias);
	sp_sql_literal(sql, sp_entities[sides->kind].name);
	sp_buf_adds(sql, " AND c.instance = ");
	sp_sql_literal(sql, source);
}

void sp_sides_name(const sp_sides *sides, const char *alias, sp_buf *sql)
{
	const char *label = sp_entities[sides->kind].label;

	if (!label || !sp_staged_find(sides->staged, label)) {
		sp_buf_adds(sql, "NULL::text");
		return;
	}
	sp_buf_adds(sql, "left(");
	sp_sql_column(sql, alias, label);
	sp_buf_adds(sql, "::text, 200)");
}
