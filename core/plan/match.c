#include <config.h>

#include "core/plan/match.h"

#include <inttypes.h>
#include <string.h>

#include "core/model/natural.h"
#include "core/package/places.h"
#include "core/plan/people.h"
#include "core/plan/sides.h"

/* The schema's that has marks; an older one has no imports. */
#define OWN_VERSION 2

typedef struct {
	sp_staging *staging;
	const sp_catalog *catalog;
	const sp_plan_about *about;
	sp_db *db;
} matching;

/* A kind, and where it is looked for. */
typedef struct {
	sp_sides in;
	const sp_plan_about *about;
} side;

/* --- where the rows are from --- */

/* What the server knows of HQ's tables may be old: where it takes a table that has just been filled
 * for an empty one, it goes through these for each row of it, which must be by an index. */
static void add_index(sp_buf *sql, const sp_staging *staging, const char *part, const char *kind,
                      const char *columns)
{
	sp_buf_adds(sql, "CREATE INDEX ON ");
	sp_staging_table(staging, part, kind, sql);
	sp_buf_addf(sql, " (%s); ", columns);
}

static void add_analyze(sp_buf *sql, const sp_staging *staging, const char *part, const char *kind)
{
	sp_buf_adds(sql, "ANALYZE ");
	sp_staging_table(staging, part, kind, sql);
	sp_buf_adds(sql, "; ");
}

/* Justifications that were inside values are in no mapping: they are who the package says. */
static void add_inline(const matching *m, sp_buf *sql)
{
	const char *kind = sp_entities[SP_JUSTIFICATION].name;
	const sp_staged_kind *staged = sp_staging_find(m->staging, SP_JUSTIFICATION);

	if (!staged || !sp_staged_find(staged, "__inline"))
		return;
	sp_buf_addf(sql, " UNION ALL SELECT '%s', w.body::json ->> 'id', 0, ", kind);
	sp_sql_literal(sql, m->about->source);
	sp_buf_adds(sql, ", w.body::json ->> 'id' FROM ");
	sp_staging_table(m->staging, "raw", kind, sql);
	sp_buf_adds(sql, " w WHERE w.body::json ->> '__inline' IS NOT NULL");
}

/* The chain of each row, nearest first: its source, and from where that had it. The UUID
 * that it has in the package tells of no instance. */
static bool make_chain(const matching *m, sp_error *err)
{
	sp_buf sql = { 0 };
	bool has;

	/* a package stays what it is */
	if (!sp_staging_has(m->staging, "chain", &has, err) || has)
		return !sp_error_is_set(err);
	sp_staging_make(m->staging, "chain", NULL, &sql);
	sp_buf_adds(&sql, " AS SELECT r.kind, r.uuid AS id, c.depth, c.instance, c.uuid FROM ");
	sp_staging_table(m->staging, "raw", SP_KIND_MAPPING, &sql);
	sp_buf_adds(&sql, " w, json_to_record(w.body::json) AS r (kind text, uuid text,"
	                  " source_uuid text, origin json) CROSS JOIN LATERAL (SELECT 0::bigint, ");
	sp_sql_literal(&sql, m->about->source);
	sp_buf_adds(&sql, "::text, r.source_uuid UNION ALL SELECT 0, NULL, r.uuid WHERE r.uuid <>"
	                  " r.source_uuid UNION ALL SELECT o.depth, o.value ->> 'instance',"
	                  " o.value ->> 'uuid' FROM json_array_elements(coalesce(r.origin, '[]'))"
	                  " WITH ORDINALITY AS o (value, depth)) AS c (depth, instance, uuid)");
	add_inline(m, &sql);
	sp_buf_adds(&sql, "; ");
	add_index(&sql, m->staging, "chain", NULL, "kind, id");
	add_index(&sql, m->staging, "chain", NULL, "kind, uuid");
	add_analyze(&sql, m->staging, "chain", NULL);
	return sp_db_exec_buf(m->db, &sql, err);
}

/* What earlier imports into this infospace wrote, the last one of each row. */
static bool make_earlier(const matching *m, sp_error *err)
{
	const sp_own_schema *own = &m->catalog->own;
	sp_buf sql = { 0 };

	sp_staging_make(m->staging, "earlier", NULL, &sql);
	sp_buf_adds(&sql, " (kind, instance, uuid, target, columns, there, here) AS SELECT ");
	if (own->there && own->trusted && own->readable && own->version >= OWN_VERSION)
		sp_buf_addf(&sql,
		            "DISTINCT ON (m.source_entity_type, m.source_instance_id, m.source_entity_id)"
		            " m.source_entity_type, m.source_instance_id, m.source_entity_id,"
		            " m.target_entity_id, c.columns, m.source_marks, m.target_marks FROM"
		            " spaceport.cross_instance_mappings m JOIN spaceport.import_operations o ON"
		            " o.id = m.import_operation_id LEFT JOIN spaceport.import_columns c ON"
		            " c.import_operation_id = o.id AND c.entity_type = m.source_entity_type WHERE"
		            " o.status = 'done' AND o.target_infospace_id = %" PRId64
		            " ORDER BY m.source_entity_type, m.source_instance_id, m.source_entity_id,"
		            " m.id DESC; ",
		            m->about->infospace);
	else
		sp_buf_adds(&sql, "''::text, ''::text, ''::text, 0::bigint, '{}'::text[], '{}'::bigint[],"
		                  " '{}'::bigint[] WHERE false; ");
	add_index(&sql, m->staging, "earlier", NULL, "kind, uuid");
	add_index(&sql, m->staging, "earlier", NULL, "kind, target");
	add_analyze(&sql, m->staging, "earlier", NULL);
	return sp_db_exec_buf(m->db, &sql, err);
}

/* --- by UUIDs --- */

/* A condition: the row `t` belongs to the target infospace. */
static void add_scope(sp_buf *sql, const side *s)
{
	const char *owner = sp_entities[s->in.kind].owner;
	const sp_column *column = owner ? sp_table_column(s->in.table, owner) : NULL;

	if (sp_table_column(s->in.table, "infospace_id"))
		sp_buf_addf(sql, "t.infospace_id = %" PRId64, s->about->infospace);
	else if (column && column->references >= 0)
		sp_buf_addf(sql, "t.%s IN (SELECT o.id FROM %s o WHERE o.infospace_id = %" PRId64 ")",
		            owner, s->in.catalog->tables[column->references].quoted, s->about->infospace);
	else
		sp_buf_adds(sql, "true");
}

/* Rows that have nobody yet, on the package's side (`id`) or here (`t.id`). */
static void add_free(sp_buf *sql, const side *s, const char *column, const char *of)
{
	sp_buf_adds(sql, " AND NOT EXISTS (SELECT FROM ");
	sp_sides_table(&s->in, "match", sql);
	sp_buf_addf(sql, " x WHERE x.%s = %s)", column, of);
}

/* A plan made for an empty table may take minutes for a full one. */
static void analyze_match(sp_buf *sql, const side *s)
{
	add_analyze(sql, s->in.staging, "match", sp_entities[s->in.kind].name);
}

static void add_how(sp_buf *sql, const side *s, sp_match_how how, const char *joined)
{
	sp_buf_adds(sql, "INSERT INTO ");
	sp_sides_table(&s->in, "match", sql);
	sp_buf_addf(sql,
	            " SELECT id, min(target), %d, count(DISTINCT target) FROM (SELECT c.id,"
	            " t.id AS target, c.depth, min(c.depth) OVER (PARTITION BY c.id) AS nearest FROM ",
	            (int)how);
	sp_staging_table(s->in.staging, "chain", NULL, sql);
	sp_buf_addf(sql, " c %s WHERE c.kind = ", joined);
	sp_sql_literal(sql, sp_entities[s->in.kind].name);
	sp_buf_adds(sql, " AND ");
	add_scope(sql, s);
	if (how == SP_MATCH_OWN) {
		sp_buf_adds(sql, " AND c.instance = ");
		sp_sql_literal(sql, s->about->here);
	}
	add_free(sql, s, "id", "c.id");
	add_free(sql, s, "target", "t.id");
	sp_buf_adds(sql, ") f WHERE depth = nearest GROUP BY id; ");
	analyze_match(sql, s);
}

static void add_by_column(sp_buf *sql, const side *s, sp_match_how how, const char *column)
{
	sp_buf joined = { 0 };

	sp_buf_addf(&joined, "JOIN %s t ON t.%s = c.uuid", s->in.table->quoted, column);
	sql->failed = sql->failed || joined.failed;
	add_how(sql, s, how, sp_buf_text(&joined));
	sp_buf_free(&joined);
}

static void add_by_earlier(sp_buf *sql, const side *s)
{
	sp_buf joined = { 0 };

	sp_buf_adds(&joined, "JOIN ");
	sp_staging_table(s->in.staging, "earlier", NULL, &joined);
	sp_buf_addf(&joined,
	            " e ON e.kind = c.kind AND e.instance = c.instance AND e.uuid = c.uuid"
	            " JOIN %s t ON t.id = e.target",
	            s->in.table->quoted);
	sql->failed = sql->failed || joined.failed;
	add_how(sql, s, SP_MATCH_IMPORT, sp_buf_text(&joined));
	sp_buf_free(&joined);
}

/* Two rows of a package are never one here: the first of them is. */
static void add_parted(sp_buf *sql, const side *s)
{
	if (!s->in.staged)
		return;
	sp_buf_adds(sql, "DELETE FROM ");
	sp_sides_table(&s->in, "match", sql);
	sp_buf_adds(sql, " m USING (SELECT r.id, row_number() OVER (PARTITION BY n.target ORDER BY"
	                 " n.how, r.__number) AS n FROM ");
	sp_sides_table(&s->in, "match", sql);
	sp_buf_adds(sql, " n JOIN ");
	sp_sides_table(&s->in, "row", sql);
	sp_buf_adds(sql, " r ON r.id = n.id) d WHERE d.id = m.id AND d.n > 1; ");
	analyze_match(sql, s);
}

static bool match_by_uuids(const side *s, sp_error *err)
{
	const char *kind = sp_entities[s->in.kind].name, *uuid = sp_entities[s->in.kind].uuid;
	sp_buf sql = { 0 };

	if (uuid && !sp_table_column(s->in.table, uuid))
		uuid = NULL;
	if (sp_staging_renew(s->in.staging, "match", kind, &sql)) {
		sp_buf_adds(&sql, " (id text, target bigint, how smallint, found bigint); ");
		add_index(&sql, s->in.staging, "match", kind, "id");
		add_index(&sql, s->in.staging, "match", kind, "target");
	}
	if (uuid)
		add_by_column(&sql, s, SP_MATCH_OWN, uuid);
	add_by_earlier(&sql, s);
	if (sp_table_column(s->in.table, "imported_from_uuid"))
		add_by_column(&sql, s, SP_MATCH_LINEAGE, "imported_from_uuid");
	if (uuid)
		add_by_column(&sql, s, SP_MATCH_UUID, uuid);
	add_parted(&sql, s);
	return sp_db_exec_buf(s->in.db, &sql, err);
}

/* Assets that a package names, and doesn't have, are told of by their content. */
static bool match_outside(const side *s, sp_error *err)
{
	static const char *const columns[] = { "content_hash", "source_identifier" };
	sp_buf sql = { 0 };

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (!sp_table_column(s->in.table, columns[i]))
			continue;
		sp_buf_adds(&sql, "INSERT INTO ");
		sp_sides_table(&s->in, "match", &sql);
		sp_buf_addf(&sql,
		            " SELECT r.uuid, min(t.id), %d, count(*) FROM (SELECT x.uuid, x.known FROM ",
		            (int)SP_MATCH_NATURAL);
		sp_staging_table(s->in.staging, "raw", SP_KIND_MAPPING, &sql);
		sp_buf_addf(&sql,
		            " w, json_to_record(w.body::json) AS y (kind text, uuid text, external boolean,"
		            " %s text) CROSS JOIN LATERAL (SELECT y.uuid, y.%s) AS x (uuid, known) WHERE"
		            " y.kind = 'asset' AND y.external) r JOIN %s t ON t.%s = r.known%s WHERE ",
		            columns[i], columns[i], s->in.table->quoted, columns[i],
		            i ? "" : " AND r.known ~ '^[0-9a-f]{64}$'");
		add_scope(&sql, s);
		add_free(&sql, s, "id", "r.uuid");
		sp_buf_adds(&sql, " GROUP BY r.uuid; ");
	}
	analyze_match(&sql, s);
	return sp_db_exec_buf(s->in.db, &sql, err);
}

/* --- by natural keys --- */

/* The two sides of a way, as they are written. */
typedef struct {
	const side *s;
	sp_buf columns[2]; /* expressions as k1, k2, … */
	sp_buf joins[2], where[2];
	int keys;
} pairing;

enum { THEIRS, OURS };

static bool has(const side *s, int which, const char *column)
{
	return sp_table_column(s->in.table, column) != NULL &&
	       (which == OURS || sp_staged_find(s->in.staged, column) != NULL);
}

/* An equal value: `before` and `behind` stand around the column, text in the end. */
static void add_key(pairing *p, const char *column, const char *before, const char *behind)
{
	p->keys++;
	for (int i = 0; i < 2; i++)
		sp_buf_addf(&p->columns[i], ", %s%s.%s%s AS k%d", before, i == THEIRS ? "r" : "t", column,
		            behind, p->keys);
}

static void add_where(pairing *p, const char *column, const char *condition)
{
	for (int i = 0; i < 2; i++)
		sp_buf_addf(&p->where[i], " AND %s.%s %s", i == THEIRS ? "r" : "t", column, condition);
}

static void add_alias(pairing *p, const char *column)
{
	p->keys++;
	sp_buf_addf(&p->columns[THEIRS], ", lower(btrim(r.%s)) COLLATE \"C\" AS k%d", column, p->keys);
	sp_buf_addf(&p->columns[OURS], ", lower(btrim(a.alias)) COLLATE \"C\" AS k%d", p->keys);
	/* what isn't an array of texts that can be read is no alias */
	sp_buf_adds(&p->joins[OURS],
	            " CROSS JOIN LATERAL json_array_elements_text(CASE WHEN json_typeof("
	            "t.aliases::json) = 'array' AND strpos(t.aliases::text, '\\u') = 0 THEN"
	            " t.aliases::json ELSE '[]' END) AS a (alias)");
}

/* As texts in their spelling: a NUL in one of them can't be read. */
static void add_locator(pairing *p, const char *column)
{
	static const char *const keys[] = { "url",   "urls",      "feed_url",
		                                "feed",  "feed_urls", "base_url",
		                                "query", "start_url", "storage_path" };

	p->keys++;
	for (int i = 0; i < 2; i++) {
		const char *separator = "";

		sp_buf_adds(&p->columns[i], ", coalesce(");
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++, separator = ", ")
			sp_buf_addf(&p->columns[i], "%s'%s' || (%s.%s -> '%s')::text", separator, keys[k],
			            i == THEIRS ? "r" : "t", column, keys[k]);
		sp_buf_addf(&p->columns[i], ") COLLATE \"C\" AS k%d", p->keys);
		sp_buf_addf(&p->where[i], " AND json_typeof(%s.%s::json) = 'object'",
		            i == THEIRS ? "r" : "t", column);
	}
}

/* A row that both name, or (`or_none`) none. */
static void add_named(pairing *p, const char *column, bool or_none)
{
	const side *s = p->s;
	int kind = sp_kind_named(s->in.catalog, s->in.table, column);

	p->keys++;
	if (!has(s, THEIRS, column)) {
		sp_buf_addf(&p->columns[THEIRS], ", '0' AS k%d", p->keys);
	} else {
		sp_buf_adds(&p->joins[THEIRS], " LEFT JOIN ");
		sp_staging_table(s->in.staging, "match", sp_entities[kind].name, &p->joins[THEIRS]);
		sp_buf_addf(&p->joins[THEIRS], " m%d ON m%d.id = r.%s", p->keys, p->keys, column);
		sp_buf_addf(&p->columns[THEIRS], ", coalesce(m%d.target, 0)::text AS k%d", p->keys,
		            p->keys);
		sp_buf_addf(&p->where[THEIRS], " AND (m%d.target IS NOT NULL", p->keys);
		if (or_none)
			sp_buf_addf(&p->where[THEIRS], " OR coalesce(r.%s, '0') = '0'", column);
		sp_buf_addc(&p->where[THEIRS], ')');
	}
	sp_buf_addf(&p->columns[OURS], ", coalesce(t.%s, 0)::text AS k%d", column, p->keys);
	if (!or_none)
		sp_buf_addf(&p->where[OURS], " AND t.%s <> 0", column);
}

/* False where the two sides can't be compared so. */
static bool add_part(pairing *p, const char *column, sp_part_form form)
{
	const side *s = p->s;
	bool there = has(s, THEIRS, column), here = has(s, OURS, column);

	switch (form) {
	case SP_PART_NULL:
	case SP_PART_ROOT:
		if (there)
			sp_buf_addf(&p->where[THEIRS],
			            form == SP_PART_NULL ? " AND r.%s IS NULL"
			                                 : " AND coalesce(r.%s, '0') = '0'",
			            column);
		if (here)
			sp_buf_addf(&p->where[OURS],
			            form == SP_PART_NULL ? " AND t.%s IS NULL" : " AND coalesce(t.%s, 0) = 0",
			            column);
		return true;
	case SP_PART_PLACE:
		if (here)
			add_named(p, column, true);
		return true;
	case SP_PART_PART_OF:
		if (there && here)
			add_named(p, column, false);
		return true;
	default: break;
	}
	if (!there || !here)
		return false;
	switch (form) {
	case SP_PART_OWNER: add_named(p, column, false); break;
	case SP_PART_SAME: add_key(p, column, "coalesce('=' || ", "::text, '') COLLATE \"C\""); break;
	case SP_PART_LOCATOR: add_locator(p, column); break;
	case SP_PART_NAME: add_key(p, column, "lower(btrim(", "::text)) COLLATE \"C\""); break;
	case SP_PART_ALIAS:
		if (!has(s, OURS, "aliases"))
			return false;
		add_alias(p, column);
		break;
	default:
		add_key(p, column, "", "::text COLLATE \"C\"");
		if (form == SP_PART_SHA256)
			add_where(p, column, "~ '^[0-9a-f]{64}$'");
	}
	return true;
}

static void add_side(sp_buf *sql, const pairing *p, int which)
{
	const side *s = p->s;

	if (which == THEIRS) {
		sp_buf_adds(sql, "SELECT r.id, r.__number AS place");
		sp_buf_add(sql, sp_buf_text(&p->columns[which]), p->columns[which].len);
		sp_buf_adds(sql, " FROM ");
		sp_sides_table(&s->in, "row", sql);
		sp_buf_addf(sql, " r%s WHERE true", sp_buf_text(&p->joins[which]));
		add_free(sql, s, "id", "r.id");
	} else {
		sp_buf_addf(sql, "SELECT t.id, t.id AS place%s FROM %s t%s WHERE ",
		            sp_buf_text(&p->columns[which]), s->in.table->quoted,
		            sp_buf_text(&p->joins[which]));
		add_scope(sql, s);
		add_free(sql, s, "target", "t.id");
	}
	sp_buf_adds(sql, sp_buf_text(&p->where[which]));
}

static void add_keys(sp_buf *sql, const pairing *p)
{
	for (int i = 1; i <= p->keys; i++)
		sp_buf_addf(sql, "%sk%d", i > 1 ? ", " : "", i);
}

/* Those that are alike get numbers. NULL is like nothing, and a row here that is in it twice, by
 * two of its names, counts once. */
static void add_numbered(sp_buf *sql, const pairing *p, int which)
{
	sp_buf_adds(sql, "SELECT *, row_number() OVER (PARTITION BY ");
	add_keys(sql, p);
	sp_buf_adds(sql, " ORDER BY place) AS n, count(*) OVER (PARTITION BY ");
	add_keys(sql, p);
	sp_buf_adds(sql, ") AS found FROM (");
	add_side(sql, p, which);
	sp_buf_adds(sql, ") s");
}

static void add_way(sp_buf *sql, const pairing *p)
{
	sp_buf_adds(sql, "WITH r AS (");
	add_numbered(sql, p, THEIRS);
	sp_buf_adds(sql, "), t AS (");
	add_numbered(sql, p, OURS);
	sp_buf_adds(sql, "), done AS (INSERT INTO ");
	sp_sides_table(&p->s->in, "match", sql);
	sp_buf_addf(sql, " SELECT DISTINCT ON (t.id) r.id, t.id, %d, t.found FROM r JOIN t USING (",
	            (int)SP_MATCH_NATURAL);
	add_keys(sql, p);
	sp_buf_adds(sql, ", n) ORDER BY t.id, r.place RETURNING 1) SELECT count(*) FROM done");
}

/* -1: an error; else how many rows it paired. */
static int64_t try_way(const side *s, const sp_natural_way *way, sp_error *err)
{
	pairing p = { .s = s };
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;
	int64_t count = 0;
	bool can = true;
	int i;

	for (i = 0; can && way->parts[i].form != SP_PART_END; i++)
		can = add_part(&p, way->parts[i].column, way->parts[i].form);
	if (can && p.keys) {
		add_way(&sql, &p);
		for (i = 0; i < 2; i++)
			sql.failed =
				sql.failed || p.columns[i].failed || p.joins[i].failed || p.where[i].failed;
		rows = sp_db_query_buf(s->in.db, &sql, 0, NULL, err);
		count = rows ? sp_rows_int(rows, 0, 0) : -1;
		sp_rows_free(rows);
	}
	for (i = 0; i < 2; i++) {
		sp_buf_free(&p.columns[i]);
		sp_buf_free(&p.joins[i]);
		sp_buf_free(&p.where[i]);
	}
	return count;
}

/* The ways of a kind, from the `first` on. Rows that stand in rows of their own kind
 * come by level after level. */
static bool match_naturally(const side *s, int first, sp_error *err)
{
	const sp_natural_way *way;
	sp_buf sql = { 0 };
	int64_t paired, all;

	if (!s->in.staged)
		return true;
	do {
		all = 0;
		for (int i = first; (way = sp_natural_at(i)) && way->kind == s->in.kind; i++) {
			if ((paired = try_way(s, way, err)) < 0)
				return false;
			all += paired;
		}
	} while (all && (s->in.kind == SP_ASSET || s->in.kind == SP_BUNDLE));
	analyze_match(&sql, s);
	return sp_db_exec_buf(s->in.db, &sql, err);
}

/* --- public --- */

bool sp_match_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                   sp_error *err)
{
	matching m = { staging, catalog, about, sp_staging_db(staging) };
	const sp_natural_way *way;
	int last = -1;
	side s = { .about = about };

	if (!make_chain(&m, err) || !make_earlier(&m, err) ||
	    !sp_people_match(staging, catalog, about->infospace, err))
		return false;
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (sp_sides_get(staging, catalog, (sp_kind)kind, &s.in) && !match_by_uuids(&s, err))
			return false;
	}
	if (sp_sides_get(staging, catalog, SP_ASSET, &s.in) && !match_outside(&s, err))
		return false;
	for (int i = 0; (way = sp_natural_at(i)); i++) {
		if ((int)way->kind != last && sp_sides_get(staging, catalog, way->kind, &s.in) &&
		    !match_naturally(&s, i, err))
			return false;
		last = (int)way->kind;
	}
	return true;
}
