#include <config.h>

#include "core/plan/plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/plan/after.h"
#include "core/plan/circle.h"
#include "core/plan/differ.h"
#include "core/plan/fate.h"
#include "core/plan/match.h"
#include "core/plan/objects.h"
#include "core/plan/out.h"
#include "core/plan/resolve.h"
#include "core/plan/seals.h"
#include "core/plan/unique.h"
#include "core/staging/typed.h"

typedef struct {
	sp_staging *staging;
	const sp_catalog *catalog;
	const sp_plan_about *about;
	sp_kind order[SP_ENTITY_COUNT];
	int count;
} planning;

static bool get(const planning *p, int number, sp_sides *in)
{
	return sp_sides_get(p->staging, p->catalog, p->order[number], in) && in->staged;
}

/* --- rows that come beside others --- */

static bool make_beside(const planning *p, sp_error *err)
{
	sp_buf sql = { 0 };

	if (sp_staging_renew(p->staging, "beside", NULL, &sql))
		sp_buf_adds(&sql, " (kind text, id text, previous bigint, is_named boolean, label text)");
	return sp_db_exec_buf(sp_staging_db(p->staging), &sql, err);
}

static void add_insert(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "INSERT INTO ");
	sp_staging_table(in->staging, "beside", NULL, sql);
	sp_buf_addf(sql, " SELECT '%s', ", sp_entities[in->kind].name);
}

/* Those that are here, and whose column `part` names what comes beside. */
static void add_parts(const sp_sides *in, const char *part, sp_buf *sql)
{
	sp_sides of;

	if (!part || !sp_staged_find(in->staged, part) ||
	    !sp_sides_other(in, sp_kind_named(in->catalog, in->table, part), &of) || !of.staged)
		return;
	sp_buf_adds(sql, "WITH RECURSIVE parts AS (SELECT r.id FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r JOIN ");
	sp_sides_shared(&of, "beside", sql);
	sp_buf_addf(sql, " x ON x.id = r.%s", part);
	if (of.kind == in->kind) {
		sp_buf_adds(sql, " UNION SELECT r.id FROM ");
		sp_sides_table(in, "row", sql);
		sp_buf_addf(sql, " r JOIN parts ON parts.id = r.%s", part);
	}
	sp_buf_adds(sql, ") ");
	add_insert(in, sql);
	sp_buf_adds(sql, "parts.id, NULL, false FROM parts JOIN ");
	sp_sides_table(in, "match", sql);
	sp_buf_adds(sql, " m ON m.id = parts.id WHERE NOT EXISTS (SELECT FROM ");
	sp_sides_shared(in, "beside", sql);
	sp_buf_adds(sql, " x WHERE x.id = parts.id); ");
}

/* Rows that fate says it of, and what is a part of them, or says something of them: that holds of
 * the one that was said of, and of no other. */
static void add_rows(const sp_sides *in, sp_buf *sql)
{
	add_insert(in, sql);
	sp_buf_adds(sql, "f.id, f.target, true FROM ");
	sp_sides_table(in, "fate", sql);
	sp_buf_adds(sql, " f WHERE f.class = 'beside'; ");
	add_parts(in, sp_part_of(in->kind), sql);
	add_parts(in, sp_subject_of(in->kind), sql);
}

/* The number behind a version, or behind a name, which has none as the first of its kind. */
static void add_split(sp_buf *sql, sp_kind kind)
{
	if (kind == SP_SCHEMA)
		sp_buf_adds(sql, " (SELECT CASE WHEN s.label ~ '[0-9]{1,9}$' THEN"
		                 " regexp_replace(s.label, '[0-9]{1,9}$', '') ELSE s.label || '.' END,"
		                 " coalesce(substring(s.label FROM '[0-9]{1,9}$')::bigint, 0))");
	else
		sp_buf_adds(sql, " (SELECT regexp_replace(s.label, ' \\([0-9]{1,9}\\)$', ''),"
		                 " coalesce(substring(s.label FROM ' \\(([0-9]{1,9})\\)$')::bigint, 1))");
	sp_buf_adds(sql, " AS p (stem, n)");
}

/* The labels of one side: `alias` has them. What a number counts for has a schema's name. */
static void add_labelled(sp_buf *sql, const sp_sides *in, const char *alias)
{
	if (in->kind == SP_SCHEMA)
		sp_buf_addf(sql, "%s.name::text AS key, ", alias);
	else
		sp_buf_adds(sql, "''::text AS key, ");
	sp_buf_addf(sql, "%s.%s::text AS label", alias, sp_label_of(in->kind));
}

static bool has_labels(const sp_sides *in)
{
	const char *label = sp_label_of(in->kind);

	return label && sp_staged_find(in->staged, label) &&
	       (in->kind != SP_SCHEMA || sp_staged_find(in->staged, "name")) &&
	       sp_table_column(in->table, "infospace_id");
}

/* The number `n` behind `w.stem`, in no more letters than the column takes. */
static void add_numbered(const sp_sides *in, const char *n, sp_buf *sql)
{
	const sp_column *column = sp_table_column(in->table, sp_label_of(in->kind));
	bool is_version = in->kind == SP_SCHEMA;
	sp_buf number = { 0 };
	int most;

	sp_buf_addf(&number, is_version ? "(%s)::text" : "' (' || (%s) || ')'", n);
	if (column && sscanf(column->type, "character varying(%d)", &most) == 1)
		sp_buf_addf(sql, "left(w.stem, greatest(%d - length(%s), 0)) || %s", most,
		            sp_buf_text(&number), sp_buf_text(&number));
	else
		sp_buf_addf(sql, "w.stem || %s", sp_buf_text(&number));
	sql->failed = sql->failed || number.failed;
	sp_buf_free(&number);
}

/* Each gets the next number that nobody here or in the package has. */
static void add_labels(const sp_sides *in, const sp_plan_about *about, sp_buf *sql)
{
	if (!has_labels(in))
		return;
	sp_buf_adds(sql, "WITH used AS (SELECT s.key, p.stem, max(p.n) AS n FROM (SELECT ");
	add_labelled(sql, in, "t");
	sp_buf_addf(sql, " FROM %s t WHERE t.infospace_id = %" PRId64 " UNION ALL SELECT ",
	            in->table->quoted, about->infospace);
	add_labelled(sql, in, "r");
	sp_buf_adds(sql, " FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r) s CROSS JOIN LATERAL");
	add_split(sql, in->kind);
	sp_buf_adds(sql, " GROUP BY s.key, p.stem), wanted AS (SELECT s.id, s.key, p.stem, row_number()"
	                 " OVER (PARTITION BY s.key, p.stem ORDER BY s.number) AS n FROM (SELECT r.id,"
	                 " r.__number AS number, ");
	add_labelled(sql, in, "r");
	sp_buf_adds(sql, " FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r JOIN ");
	sp_sides_shared(in, "beside", sql);
	sp_buf_adds(sql, " x ON x.id = r.id WHERE x.is_named) s CROSS JOIN LATERAL");
	add_split(sql, in->kind);
	sp_buf_adds(sql, ") UPDATE ");
	sp_staging_table(in->staging, "beside", NULL, sql);
	sp_buf_adds(sql, " x SET label = ");
	add_numbered(in, "u.n + w.n", sql);
	sp_buf_addf(sql,
	            " FROM wanted w JOIN used u USING (key, stem) WHERE x.id = w.id AND x.kind ="
	            " '%s'; ",
	            sp_entities[in->kind].name);
}

/* They aren't the rows here that they were taken for. *more: whether there were any. */
static bool part_ways(const planning *p, bool *more, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	sp_sides in;

	*more = false;
	for (int i = 0; i < p->count; i++) {
		if (!get(p, i, &in))
			continue;
		add_rows(&in, &sql);
		add_labels(&in, p->about, &sql);
		if (!sp_db_exec_buf(in.db, &sql, err))
			return false;
		sp_buf_adds(&sql, "WITH gone AS (DELETE FROM ");
		sp_sides_table(&in, "match", &sql);
		sp_buf_adds(&sql, " m USING ");
		sp_sides_shared(&in, "beside", &sql);
		sp_buf_adds(&sql, " x WHERE x.id = m.id RETURNING 1) SELECT count(*) FROM gone");
		if (!(rows = sp_db_query_buf(in.db, &sql, 0, NULL, err)))
			return false;
		*more = *more || sp_rows_int(rows, 0, 0) > 0;
		sp_rows_free(rows);
	}
	return true;
}

/* --- rows that unique indexes don't take --- */

/* New ones of a kind come under another name, where that helps, or stay out. */
static bool make_room(const planning *p, const sp_sides *in, bool *more, sp_error *err)
{
	sp_buf sql = { 0 }, others = { 0 };
	sp_rows *rows = NULL;
	bool any = false, ok = true;

	if (has_labels(in)) {
		sp_buf_adds(&sql, "WITH come AS (");
		add_insert(in, &sql);
		sp_buf_adds(&sql, "o.id, NULL, true FROM ");
		sp_sides_shared(in, "occupied", &sql);
		sp_buf_adds(&sql, " o WHERE o.is_new AND o.is_named AND NOT EXISTS (SELECT FROM ");
		sp_sides_shared(in, "beside", &sql);
		sp_buf_adds(&sql, " x WHERE x.id = o.id) RETURNING id), noted AS (DELETE FROM ");
		sp_staging_table(in->staging, "occupied", NULL, &sql);
		sp_buf_addf(&sql,
		            " o USING come WHERE o.kind = '%s' AND o.id = come.id RETURNING 1) SELECT"
		            " count(*) FROM noted",
		            sp_entities[in->kind].name);
		if (!(rows = sp_db_query_buf(in->db, &sql, 0, NULL, err)))
			return false;
		*more = *more || sp_rows_int(rows, 0, 0) > 0;
		sp_rows_free(rows);
		add_labels(in, p->about, &sql);
		ok = sp_db_exec_buf(in->db, &sql, err);
	}
	sp_buf_adds(&others, "SELECT o.number, 'room' FROM ");
	sp_sides_shared(in, "occupied", &others);
	sp_buf_adds(&others, " o WHERE o.is_new");
	ok = ok && sp_out_without_room(in, &others, &any, err);
	*more = *more || any;
	sp_buf_free(&others);
	return ok;
}

/* *more: whether there were any. What is here and can't become what the package has is in conflict
 * in the next round. */
static bool look_for_room(const planning *p, bool *more, sp_error *err)
{
	bool ok = sp_unique_look(p->staging, p->catalog, more, err), any = *more, circle = false;
	sp_sides in;

	for (int i = 0; ok && any && i < p->count; i++)
		ok = !get(p, i, &in) || make_room(p, &in, more, err);
	ok = ok && sp_circle_look(p->staging, p->catalog, p->about, &circle, err);
	*more = *more || circle;
	return ok;
}

/* --- rounds --- */

static bool look(const planning *p, bool again, sp_error *err)
{
	bool ok = true;

	for (int i = 0; ok && i < p->count; i++)
		ok = sp_resolve_make(p->staging, p->catalog, p->order[i], p->about, again, err);
	for (int i = 0; ok && i < p->count; i++)
		ok = sp_after_make(p->staging, p->catalog, p->order[i], p->about, err);
	return ok;
}

static bool decide(const planning *p, bool again, sp_error *err)
{
	bool ok = (!again || sp_objects_make(p->staging, p->catalog, p->about, again, err)) &&
	          look(p, again, err) && sp_fate_begin(p->staging, again, err);

	for (int i = 0; ok && i < p->count; i++)
		ok = sp_differ_make(p->staging, p->catalog, p->order[i], again, err) &&
		     sp_fate_make(p->staging, p->catalog, p->order[i], p->about, again, err);
	return ok;
}

/* Where a row comes beside another, others that name it differ: each round parts rows from those
 * here, or takes some out, or finds more in conflict, so there are only so many. */
static bool decide_all(const planning *p, sp_error *err)
{
	bool more = true;

	for (bool again = false; more; again = true) {
		if (!decide(p, again, err) || !part_ways(p, &more, err) ||
		    (!more && !look_for_room(p, &more, err)))
			return false;
	}
	return true;
}

bool sp_plan_without_links(sp_staging *staging, const sp_catalog *catalog, sp_plan_about *about,
                           sp_error *err)
{
	bool failed = false;
	sp_buf key = { 0 };
	sp_sides in;

	about->unasked[SP_BUNDLE_LINK] = true;
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged)
			continue;
		for (int i = 0; i < in.table->count; i++) {
			sp_buf_reset(&key);
			sp_column_key(&key, &in.table->columns[i]);
			failed = failed || key.failed;
			if (!key.failed && sp_is_link(catalog, in.kind, in.table->columns[i].name))
				sp_staging_unasked(staging, in.kind, sp_buf_text(&key));
		}
	}
	sp_buf_free(&key);
	return !failed || sp_fail_memory(err);
}

bool sp_plan_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                  sp_error *err)
{
	planning p = { .staging = staging, .catalog = catalog, .about = about };

	p.count = sp_kinds_ordered(catalog, p.order);
	return sp_staging_look(staging, err) && sp_out_undo(staging, catalog, err) &&
	       sp_match_make(staging, catalog, about, err) &&
	       sp_objects_make(staging, catalog, about, false, err) &&
	       sp_seals_make(staging, catalog, about, err) &&
	       sp_out_make(staging, catalog, about, err) && make_beside(&p, err) &&
	       sp_unique_begin(staging, err) && sp_differ_begin(sp_staging_db(staging), err) &&
	       decide_all(&p, err);
}

bool sp_plan_look(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                  sp_error *err)
{
	planning p = { .staging = staging, .catalog = catalog, .about = about };

	p.count = sp_kinds_ordered(catalog, p.order);
	return look(&p, false, err);
}
