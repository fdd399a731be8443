#include <config.h>

#include "core/plan/uuids.h"

void sp_uuid_of_sql(const char *const *texts, size_t count, const char *value, sp_buf *sql)
{
	sp_buf_adds(sql, "(SELECT encode(set_byte(set_byte(h.b, 6, get_byte(h.b, 6) & 15 | 128), 8,"
	                 " get_byte(h.b, 8) & 63 | 128), 'hex')::uuid::text FROM (SELECT substring("
	                 "sha256(");
	for (size_t i = 0; i < count; i++) {
		sp_buf_adds(sql, "convert_to(");
		sp_sql_literal(sql, texts[i]);
		sp_buf_adds(sql, ", 'UTF8') || decode('00', 'hex') || ");
	}
	sp_buf_addf(sql, "convert_to(%s, 'UTF8') || decode('00', 'hex')) FROM 1 FOR 16) AS b) AS h)",
	            value);
}

static void add_new(const sp_sides *sides, const sp_plan_about *about, const char *alias,
                    sp_buf *sql)
{
	const char *const texts[] = { "new", about->seed, sp_entities[sides->kind].name };
	sp_buf id = { 0 };

	sp_buf_addf(&id, "%s.id", alias);
	sp_uuid_of_sql(texts, sizeof texts / sizeof *texts, sp_buf_text(&id), sql);
	sql->failed = sql->failed || id.failed;
	sp_buf_free(&id);
}

void sp_uuids_sql(const sp_sides *sides, const sp_plan_about *about, const char *alias, sp_buf *sql)
{
	const char *uuid = sp_entities[sides->kind].uuid;

	if (about->uuids == SP_UUIDS_GENERATE || !uuid) {
		add_new(sides, about, alias, sql);
		return;
	}
	/* the package's, where nobody has it in the whole instance */
	sp_buf_addf(sql, "CASE WHEN EXISTS (SELECT FROM %s taken WHERE taken.%s = %s.id) THEN ",
	            sides->table->quoted, uuid, alias);
	add_new(sides, about, alias, sql);
	sp_buf_addf(sql, " ELSE %s.id END", alias);
}
