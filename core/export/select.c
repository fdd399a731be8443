#include <config.h>

#include "core/export/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/sql.h"
#include "core/export/exclude.h"
#include "core/export/harvest.h"
#include "core/export/layout.h"
#include "core/export/pieces.h"

/* --- the run's own rows -------------------------------------------------------- */

/* Approximate bytes of a row's values, without reading what is stored apart;
 * short ones by the dozen. */
static void add_size(const sp_selection *s, sp_kind kind, sp_buf *sql)
{
	const sp_table *table = &s->catalog->tables[sp_piece_table(s, kind)];
	int i;

	sp_buf_addf(sql, "(%d", 24 + 8 * table->count);
	for (i = 0; i < table->count; i++) {
		const sp_column *column = &table->columns[i];
		bool text = !strcmp(column->type, "text"), json = column->form == SP_COLUMN_JSON;

		if (!text && !json && column->form != SP_COLUMN_JSONB)
			continue;
		sp_buf_adds(sql,
		            text || json ? " + coalesce(octet_length(t." : " + coalesce(pg_column_size(t.");
		sp_sql_ident(sql, column->name);
		sp_buf_adds(sql, json ? "::text), 0)" : "), 0)");
	}
	sp_buf_adds(sql, ")::bigint");
}

/* The run's annotations that travel, straight from their table. */
static void add_annotations(const sp_selection *s, sp_buf *sql)
{
	sp_buf_addf(sql, "FROM %s t WHERE t.run_id = %lld", sp_piece_quoted(s, SP_ANNOTATION),
	            (long long)s->run);
	sp_piece_not_out(s, SP_ASSET, "asset_id", sql);
	sp_piece_not_out(s, SP_SCHEMA, "schema_id", sql);
}

static bool select_annotations(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "INSERT INTO pg_temp.sp_annotation SELECT row_number() OVER (ORDER BY t.id), "
	                  "t.id, t.asset_id, t.schema_id, ");
	add_size(s, SP_ANNOTATION, &sql);
	sp_buf_addc(&sql, ' ');
	add_annotations(s, &sql);
	sp_buf_adds(&sql, "; ANALYZE pg_temp.sp_annotation");
	return sp_piece_run(s, &sql, err);
}

/*
 * Rows that belong to annotations or to the run, in a fixed order. `path`: SQL
 * of the field that a row is about, NULL where it is about none; `more`:
 * further conditions.
 */
static bool pick(sp_selection *s, sp_kind kind, const char *by_annotation, const char *path,
                 const char *more, sp_error *err)
{
	sp_buf sql = { 0 };

	if (sp_piece_table(s, kind) < 0)
		return true;
	sp_buf_addf(&sql,
	            "INSERT INTO pg_temp.sp_pick SELECT %d, row_number() OVER (ORDER BY %s t.id), t.id "
	            "FROM %s t ",
	            sp_piece_table(s, kind), by_annotation ? "a.n," : "", sp_piece_quoted(s, kind));
	if (by_annotation)
		sp_buf_addf(&sql, "JOIN pg_temp.sp_annotation a ON a.id = t.%s WHERE true", by_annotation);
	else
		sp_buf_addf(&sql, "WHERE t.run_id = %lld", (long long)s->run);
	if (path && s->withhold) {
		sp_buf_adds(&sql, " AND NOT ");
		sp_withhold_sql(s->withhold, path, by_annotation ? "a.schema_id" : NULL, &sql);
	}
	sp_buf_adds(&sql, more);
	return sp_piece_run(s, &sql, err);
}

/* Rows noted in a temporary table, looked up one by one in its order where
 * that matters: a sort of whole rows would spill to the server's disk. */
static void add_noted(const sp_selection *s, sp_kind kind, const char *table, const char *where,
                      bool ordered, sp_buf *sql)
{
	sp_buf_addf(sql, "FROM (SELECT n, id FROM pg_temp.%s%s%s) p JOIN %s t ON t.id = p.id%s", table,
	            where, ordered ? " ORDER BY n" : "", sp_piece_quoted(s, kind),
	            ordered ? " ORDER BY p.n" : "");
}

static bool add_from(const sp_selection *s, sp_kind kind, bool ordered, sp_buf *sql)
{
	int index = sp_piece_table(s, kind);
	char where[32];

	if (index < 0)
		return false;
	switch (kind) {
	case SP_RUN:
		sp_buf_addf(sql, "FROM %s t WHERE t.id = %lld", sp_piece_quoted(s, kind),
		            (long long)s->run);
		break;
	case SP_ANNOTATION:
		if (ordered)
			add_noted(s, kind, "sp_annotation", "", true, sql);
		else
			add_annotations(s, sql);
		break;
	case SP_ASSET: add_noted(s, kind, "sp_asset", "", ordered, sql); break;
	case SP_JUSTIFICATION:
	case SP_CURATION:
	case SP_EDGE:
	case SP_AGGREGATE:
	case SP_CHUNK:
		snprintf(where, sizeof(where), " WHERE t = %d", index);
		add_noted(s, kind, "sp_pick", where, ordered, sql);
		break;
	case SP_SCHEMA_LINK:
		sp_buf_addf(sql, "FROM %s t WHERE t.run_id = %lld", sp_piece_quoted(s, kind),
		            (long long)s->run);
		sp_piece_not_out(s, SP_SCHEMA, "schema_id", sql);
		sp_buf_adds(sql, ordered ? " ORDER BY t.schema_id" : "");
		break;
	case SP_BUNDLE_LINK:
		sp_buf_addf(sql, "FROM %s t JOIN pg_temp.sp_asset p ON p.id = t.asset_id WHERE true",
		            sp_piece_quoted(s, kind));
		sp_piece_not_out(s, SP_BUNDLE, "bundle_id", sql);
		sp_buf_adds(sql, ordered ? " ORDER BY p.n, t.bundle_id" : "");
		break;
	default:
		if (sp_entities[kind].place == SP_PLACE_NONE)
			return false;
		sp_buf_addf(sql, "FROM pg_temp.sp_row r JOIN %s t ON t.id = r.id WHERE r.t = %d%s",
		            sp_piece_quoted(s, kind), index, ordered ? " ORDER BY t.id" : "");
	}
	return true;
}

/* --- following ------------------------------------------------------------------- */

/* Notes what the rows of an entity in `from` name. */
static bool name_from_rows(sp_selection *s, sp_kind kind, sp_error *err)
{
	sp_buf sql = { 0 }, from = { 0 };
	int i, index = sp_piece_table(s, kind);
	const sp_table *table;
	bool any = false;

	if (!add_from(s, kind, false, &from)) {
		sp_buf_free(&from);
		return true;
	}
	table = &s->catalog->tables[index];
	sp_buf_adds(&sql, "INSERT INTO pg_temp.sp_candidate SELECT DISTINCT v.t, v.id, v.needed FROM "
	                  "(SELECT DISTINCT ");
	for (i = 0; i < table->count; i++) {
		const sp_column *column = &table->columns[i];

		if (sp_piece_named_table(s, table, column) < 0 || column->form == SP_COLUMN_ARRAY)
			continue;
		sp_buf_adds(&sql, any ? ", q." : "q.");
		sp_sql_ident(&sql, column->name);
		any = true;
	}
	sp_buf_addf(&sql, " FROM (SELECT t.* %s) q) d, LATERAL (VALUES ", sp_buf_text(&from));
	sp_piece_named(s, index, "d", &sql);
	sp_buf_adds(&sql, ") v (t, id, needed) WHERE v.id IS NOT NULL");
	sql.failed = sql.failed || from.failed;
	sp_buf_free(&from);
	if (any)
		return sp_piece_run(s, &sql, err);
	sp_buf_free(&sql);
	return true;
}

static bool harvest_rows(sp_selection *s, sp_kind kind, bool may_follow, sp_error *err)
{
	sp_buf from = { 0 };
	bool ok = true;

	if (kind == SP_ANNOTATION)
		add_annotations(s, &from);
	else
		sp_buf_addf(&from, "FROM pg_temp.sp_front f JOIN %s t ON t.id = f.id WHERE f.t = %d",
		            sp_piece_quoted(s, kind), sp_piece_table(s, kind));
	if (from.failed)
		ok = sp_fail_memory(err);
	ok = ok && sp_harvest(s, sp_piece_table(s, kind), from.data, may_follow, err);
	sp_buf_free(&from);
	return ok;
}

/* Candidates from the columns and arrays of the rows that came last. */
static bool name_columns(sp_selection *s, int index, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_addf(&sql,
	            "INSERT INTO pg_temp.sp_candidate SELECT DISTINCT v.t, v.id, v.needed FROM "
	            "pg_temp.sp_front f JOIN %s t ON t.id = f.id, LATERAL (VALUES ",
	            s->catalog->tables[index].quoted);
	if (!sp_piece_named(s, index, "t", &sql))
		sp_buf_reset(&sql);
	else
		sp_buf_addf(&sql, ") v (t, id, needed) WHERE f.t = %d AND v.id IS NOT NULL", index);
	sp_piece_arrays(s, index, &sql);
	if (sql.len)
		return sp_piece_run(s, &sql, err);
	sp_buf_free(&sql);
	return true;
}

/* … and from their values. */
static bool name_from_front(sp_selection *s, int index, sp_error *err)
{
	int kind = sp_kind_of_table(s->catalog->tables[index].name);

	return name_columns(s, index, err) && harvest_rows(s, (sp_kind)kind, true, err);
}

/* A chain of versions or parents may be long: all of it in one statement. */
static bool climb(sp_selection *s, int index, sp_error *err)
{
	const sp_table *table = &s->catalog->tables[index];
	sp_buf sql = { 0 };
	bool any = false;
	int i;

	sp_buf_addf(&sql,
	            "WITH RECURSIVE up (id) AS (SELECT id FROM pg_temp.sp_front WHERE t = %d UNION "
	            "SELECT x.id FROM up JOIN %s y ON y.id = up.id, LATERAL (VALUES ",
	            index, table->quoted);
	for (i = 0; i < table->count; i++) {
		const sp_column *column = &table->columns[i];

		if (sp_piece_named_table(s, table, column) != index || column->form == SP_COLUMN_ARRAY ||
		    (!s->options->dependencies && !sp_piece_is_needed(table, column)))
			continue;
		sp_buf_addf(&sql, "%s(nullif(y.", any ? ", " : "");
		sp_sql_ident(&sql, column->name);
		sp_buf_adds(&sql, "::bigint, 0))");
		any = true;
	}
	sp_buf_addf(&sql, ") v (id) JOIN %s x ON x.id = v.id WHERE ", table->quoted);
	sp_piece_in_space(s, index, &sql);
	sp_buf_addf(&sql,
	            " AND NOT EXISTS (SELECT FROM pg_temp.sp_out o WHERE o.t = %d AND o.id = x.id)) "
	            "INSERT INTO pg_temp.sp_candidate SELECT %d, id, true FROM up",
	            index, index);
	if (any)
		return sp_piece_run(s, &sql, err);
	sp_buf_free(&sql);
	return true;
}

static bool may_travel(const sp_selection *s, int kind)
{
	if (kind < 0)
		return false;
	if (kind == SP_ASSET)
		return s->options->source_assets;
	return sp_entities[kind].travel == SP_TRAVEL_NEEDED ||
	       sp_entities[kind].travel == SP_TRAVEL_DEPENDENCY;
}

/* Of the candidates, those rows of a table that come along and are new. */
static bool take_candidates(sp_selection *s, int index, sp_error *err)
{
	const sp_table *table = &s->catalog->tables[index];
	sp_buf sql = { 0 };

	if (!may_travel(s, sp_kind_of_table(table->name)))
		return true;
	sp_buf_addf(
		&sql,
		"INSERT INTO pg_temp.sp_front SELECT DISTINCT c.t, x.id FROM pg_temp.sp_candidate c "
		"JOIN %s x ON x.id = c.id WHERE c.t = %d%s AND (",
		table->quoted, index, s->options->dependencies ? "" : " AND c.needed");
	sp_piece_in_space(s, index, &sql);
	if (sp_table_column(table, "infospace_id"))
		sp_buf_adds(&sql, " OR (c.needed AND x.infospace_id IN "
		                  "(SELECT w.id FROM pg_temp.sp_allowed w WHERE w.may_export))");
	sp_buf_adds(&sql,
	            ") AND NOT EXISTS (SELECT FROM pg_temp.sp_row r WHERE r.t = c.t AND r.id = c.id) "
	            "AND NOT EXISTS (SELECT FROM pg_temp.sp_out o WHERE o.t = c.t AND o.id = c.id)");
	return sp_piece_run(s, &sql, err);
}

/* References inside values, told apart by UUID where that is how they are
 * spelt, join the candidates. */
static bool take_json_refs(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_addf(
		&sql,
		"INSERT INTO pg_temp.sp_named SELECT DISTINCT t, id FROM pg_temp.sp_json_ref "
		"WHERE NOT may_follow AND id > 0; "
		"INSERT INTO pg_temp.sp_candidate SELECT DISTINCT t, id, needed FROM "
		"pg_temp.sp_json_ref WHERE may_follow AND id > 0; "
		"INSERT INTO pg_temp.sp_target SELECT DISTINCT id FROM pg_temp.sp_json_ref WHERE needed; "
		"INSERT INTO pg_temp.sp_candidate SELECT DISTINCT j.t, a.id, false FROM "
		"pg_temp.sp_json_ref j JOIN %s a ON a.uuid = j.uuid WHERE j.t = %d; "
		"DELETE FROM pg_temp.sp_json_ref",
		sp_piece_quoted(s, SP_ASSET), sp_piece_table(s, SP_ASSET));
	return sp_piece_run(s, &sql, err);
}

/* The tables that occur in a temporary table, each given to fn. */
static bool each_table(sp_selection *s, const char *sql,
                       bool (*fn)(sp_selection *, int, sp_error *), int *count, sp_error *err)
{
	sp_rows *rows = sp_db_query(s->db, sql, 0, NULL, err);
	bool ok = rows != NULL;
	int i;

	*count = rows ? sp_rows_count(rows) : 0;
	for (i = 0; ok && i < *count; i++)
		ok = fn(s, (int)sp_rows_int(rows, i, 0), err);
	sp_rows_free(rows);
	return ok;
}

static bool follow_table(sp_selection *s, int index, sp_error *err)
{
	return name_from_front(s, index, err) && climb(s, index, err);
}

/* Follows what the candidates name until nothing new comes up. */
static bool follow(sp_selection *s, sp_error *err)
{
	int count;

	for (;;) {
		if (!take_json_refs(s, err) || !sp_db_exec(s->db, "DELETE FROM pg_temp.sp_front", err) ||
		    !each_table(s, "SELECT DISTINCT t FROM pg_temp.sp_candidate ORDER BY t",
		                take_candidates, &count, err) ||
		    !sp_db_exec(
				s->db,
				"INSERT INTO pg_temp.sp_row SELECT t, id FROM pg_temp.sp_front; "
				"INSERT INTO pg_temp.sp_named SELECT DISTINCT t, id FROM pg_temp.sp_candidate; "
				"DELETE FROM pg_temp.sp_candidate; ANALYZE pg_temp.sp_front",
				err) ||
		    !each_table(s, "SELECT DISTINCT t FROM pg_temp.sp_front ORDER BY t", follow_table,
		                &count, err))
			return false;
		if (!count)
			return true;
	}
}

/* What the rows name that belong to the run, as far as they are known. */
static bool name_parts(sp_selection *s, sp_error *err)
{
	int kind;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		if (sp_entities[kind].travel == SP_TRAVEL_PART && !name_from_rows(s, (sp_kind)kind, err))
			return false;
	return true;
}

/* The run's own row begins: it names by its columns and its settings. */
static bool follow_run(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_addf(&sql, "INSERT INTO pg_temp.sp_front VALUES (%d, %lld)", s->run_table,
	            (long long)s->run);
	if (!sp_piece_run(s, &sql, err) || !name_from_front(s, s->run_table, err) ||
	    !harvest_rows(s, SP_ANNOTATION, true, err) || !take_json_refs(s, err))
		return false;
	return name_parts(s, err) && follow(s, err);
}

/* --- what hangs on assets, entities and datasets ------------------------------------ */

static bool number_assets(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_addf(&sql,
	            "INSERT INTO pg_temp.sp_asset SELECT row_number() OVER (ORDER BY id), id FROM "
	            "pg_temp.sp_row WHERE t = %d; ANALYZE pg_temp.sp_asset",
	            sp_piece_table(s, SP_ASSET));
	return sp_piece_run(s, &sql, err);
}

static bool select_chunks(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };

	if (!s->options->chunks || sp_piece_table(s, SP_CHUNK) < 0)
		return true;
	sp_buf_addf(&sql,
	            "INSERT INTO pg_temp.sp_pick SELECT %d, row_number() OVER "
	            "(ORDER BY a.n, t.chunk_index, t.id), t.id FROM %s t JOIN pg_temp.sp_asset a ON "
	            "a.id = t.asset_id",
	            sp_piece_table(s, SP_CHUNK), sp_piece_quoted(s, SP_CHUNK));
	return sp_piece_run(s, &sql, err);
}

/* Edges travel where both entities do. Before they said which field they come
 * from, it was "triplets". */
static bool select_edges(sp_selection *s, sp_error *err)
{
	sp_buf both = { 0 };
	const sp_table *table;
	bool ok;
	int i;

	if (sp_piece_table(s, SP_EDGE) < 0 || sp_piece_table(s, SP_ENTITY) < 0)
		return true;
	table = &s->catalog->tables[sp_piece_table(s, SP_EDGE)];
	for (i = 0; i < table->count; i++) {
		if (table->columns[i].references != sp_piece_table(s, SP_ENTITY))
			continue;
		sp_buf_addf(&both, " AND EXISTS (SELECT FROM pg_temp.sp_row r WHERE r.t = %d AND r.id = t.",
		            sp_piece_table(s, SP_ENTITY));
		sp_sql_ident(&both, table->columns[i].name);
		sp_buf_addc(&both, ')');
	}
	ok = both.failed ? sp_fail_memory(err)
	                 : pick(s, SP_EDGE, "annotation_id",
	                        sp_table_column(table, "source_field_path")
	                            ? "coalesce(t.source_field_path, 'triplets')"
	                            : "'triplets'",
	                        sp_buf_text(&both), err);
	sp_buf_free(&both);
	return ok && name_from_rows(s, SP_EDGE, err);
}

/*
 * A dataset travels where it names the run or one of its assets. It adds
 * nothing: what else it names is only noted.
 */
static bool select_datasets(sp_selection *s, sp_error *err)
{
	int datasets = sp_piece_table(s, SP_DATASET);
	sp_buf sql = { 0 };

	if (!s->options->datasets || datasets < 0)
		return true;
	sp_buf_addf(
		&sql,
		"DELETE FROM pg_temp.sp_front; INSERT INTO pg_temp.sp_front SELECT %d, x.id FROM %s x "
		"WHERE x.infospace_id = %lld AND NOT EXISTS (SELECT FROM pg_temp.sp_out o WHERE "
		"o.t = %d AND o.id = x.id)",
		datasets, sp_piece_quoted(s, SP_DATASET), (long long)s->infospace, datasets);
	if (!sp_piece_run(s, &sql, err) || !harvest_rows(s, SP_DATASET, false, err))
		return false;
	sp_buf_addf(
		&sql,
		"DELETE FROM pg_temp.sp_front f WHERE NOT EXISTS (SELECT FROM pg_temp.sp_json_ref j "
		"WHERE j.owner = f.id AND ((j.t = %d AND j.id = %lld) OR (j.t = %d AND (j.id IN "
		"(SELECT a.asset_id FROM pg_temp.sp_annotation a) OR j.id IN (SELECT a.id FROM "
		"pg_temp.sp_asset a))))); "
		"DELETE FROM pg_temp.sp_json_ref j WHERE NOT EXISTS (SELECT FROM pg_temp.sp_front f "
		"WHERE f.id = j.owner); "
		"INSERT INTO pg_temp.sp_row SELECT t, id FROM pg_temp.sp_front",
		s->run_table, (long long)s->run, sp_piece_table(s, SP_ASSET));
	return sp_piece_run(s, &sql, err) && take_json_refs(s, err) && name_columns(s, datasets, err) &&
	       sp_db_exec(
			   s->db,
			   "INSERT INTO pg_temp.sp_named SELECT DISTINCT t, id FROM pg_temp.sp_candidate; "
			   "DELETE FROM pg_temp.sp_candidate",
			   err);
}

/* --- counting ------------------------------------------------------------------------ */

static bool count_rows(sp_selection *s, sp_kind kind, sp_error *err)
{
	sp_buf sql = { 0 }, from = { 0 };
	sp_rows *rows = NULL;

	if (!add_from(s, kind, false, &from)) {
		sp_buf_free(&from);
		return true;
	}
	if (kind == SP_ANNOTATION) {
		sp_buf_adds(&sql, "SELECT count(*), sum(bytes) FROM pg_temp.sp_annotation");
	} else {
		sp_buf_adds(&sql, "SELECT count(*), sum(q.bytes) FROM (SELECT ");
		add_size(s, kind, &sql);
		sp_buf_addf(&sql, " AS bytes %s) q", sp_buf_text(&from));
	}
	if (sql.failed || from.failed)
		sp_fail_memory(err);
	else
		rows = sp_db_query(s->db, sql.data, 0, NULL, err);
	if (rows) {
		s->shares[kind].rows = sp_rows_int(rows, 0, 0);
		s->shares[kind].bytes = sp_rows_int(rows, 0, 1);
	}
	sp_rows_free(rows);
	sp_buf_free(&sql);
	sp_buf_free(&from);
	return !sp_error_is_set(err);
}

/* Assets and schemas of annotations that stay outside, because they belong to
 * an infospace of others. */
static bool count_foreign(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;

	sp_buf_addf(
		&sql,
		"SELECT (SELECT count(DISTINCT a.schema_id) FROM pg_temp.sp_annotation a WHERE NOT EXISTS "
		"(SELECT FROM pg_temp.sp_row r WHERE r.t = %d AND r.id = a.schema_id))",
		sp_piece_table(s, SP_SCHEMA));
	if (s->options->source_assets)
		sp_buf_adds(&sql,
		            " + (SELECT count(DISTINCT a.asset_id) FROM pg_temp.sp_annotation a WHERE "
		            "NOT EXISTS (SELECT FROM pg_temp.sp_asset r WHERE r.id = a.asset_id))");
	rows = sp_db_query_buf(s->db, &sql, 0, NULL, err);
	if (rows)
		s->foreign = sp_rows_int(rows, 0, 0);
	sp_rows_free(rows);
	return rows != NULL;
}

static bool count_all(sp_selection *s, sp_error *err)
{
	int kind;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		if (!count_rows(s, (sp_kind)kind, err))
			return false;
	return count_foreign(s, err);
}

/* --- all of it ------------------------------------------------------------------------- */

bool sp_selection_prepare(sp_db *db, sp_error *err)
{
	sp_rows *rows = sp_db_query(db, "SELECT pg_is_in_recovery()", 0, NULL, err);
	bool standby = rows && sp_rows_bool(rows, 0, 0);

	sp_rows_free(rows);
	if (standby)
		sp_fail(
			err, SP_INCOMPATIBLE,
			N_("An export notes in temporary tables what travels, which a standby can't have: use "
		       "the primary."),
			N_("this server is a standby"));
	if (sp_error_is_set(err))
		return false;
	/* temporary tables can't be made in the read-only transaction to come */
	return sp_db_exec(db, "BEGIN READ WRITE", err) && sp_db_exec(db, sp_sql_temporary, err) &&
	       sp_db_commit(db, err);
}

/* Asked inside the snapshot: rights may have changed since the run was found. */
static bool select_allowed(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool allowed;

	sp_buf_adds(&sql, "INSERT INTO pg_temp.sp_allowed SELECT w.id, w.may_export FROM (");
	sp_access_query(&sql, s->catalog, s->actor);
	sp_buf_adds(&sql, ") w");
	if (!sp_piece_run(s, &sql, err))
		return false;
	sp_buf_addf(&sql,
	            "SELECT EXISTS (SELECT FROM pg_temp.sp_allowed WHERE id = %lld AND may_export)",
	            (long long)s->infospace);
	rows = sp_db_query_buf(s->db, &sql, 0, NULL, err);
	allowed = rows && sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return allowed || sp_fail(err, SP_NOT_ALLOWED, NULL,
	                          N_("the acting user may no longer export from this infospace"));
}

/* Of what was asked to stay out: as much as the run would have brought along. */
static bool count_excluded(sp_selection *s, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	int assets = sp_piece_table(s, SP_ASSET);

	if (!s->excludes)
		return true;
	sp_buf_addf(&sql,
	            "SELECT count(*) FILTER (WHERE o.t = %d), count(*) FILTER (WHERE o.t <> %d) FROM "
	            "pg_temp.sp_out o WHERE EXISTS (SELECT FROM pg_temp.sp_named n WHERE n.t = o.t AND "
	            "n.id = o.id) OR (o.t = %d AND o.id IN (SELECT a.asset_id FROM %s a WHERE "
	            "a.run_id = %lld))",
	            assets, assets, assets, sp_piece_quoted(s, SP_ANNOTATION), (long long)s->run);
	rows = sp_db_query_buf(s->db, &sql, 0, NULL, err);
	if (rows) {
		s->excluded_assets = sp_rows_int(rows, 0, 0);
		s->excluded_rows = sp_rows_int(rows, 0, 1);
	}
	sp_rows_free(rows);
	return rows != NULL;
}

bool sp_select(sp_selection *s, sp_error *err)
{
	if (!select_allowed(s, err) || !sp_exclude(s, err) || !select_annotations(s, err))
		return false;
	s->withhold = sp_withhold_create(s->db, s->catalog, s->run, s->options, err);
	if (sp_error_is_set(err))
		return false;
	return pick(s, SP_JUSTIFICATION, "annotation_id", "t.field_name", "", err) &&
	       pick(s, SP_CURATION, "annotation_id", "t.fragment_path", "", err) &&
	       (s->excludes || pick(s, SP_AGGREGATE, NULL, "t.field_path", "", err)) &&
	       follow_run(s, err) && select_edges(s, err) && follow(s, err) && number_assets(s, err) &&
	       select_chunks(s, err) && name_from_rows(s, SP_CHUNK, err) && follow(s, err) &&
	       name_from_rows(s, SP_BUNDLE_LINK, err) && follow(s, err) && select_datasets(s, err) &&
	       sp_db_exec(s->db,
	                  "ANALYZE pg_temp.sp_pick; ANALYZE pg_temp.sp_row; ANALYZE pg_temp.sp_named",
	                  err) &&
	       count_all(s, err) && count_excluded(s, err);
}

void sp_selection_clear(sp_selection *s)
{
	sp_withhold_free(s->withhold);
	s->withhold = NULL;
}

bool sp_selection_from(const sp_selection *s, sp_kind kind, sp_buf *sql)
{
	return add_from(s, kind, true, sql);
}

static void add_names(const sp_selection *s, int index, bool first, sp_buf *sql)
{
	const sp_table *table = &s->catalog->tables[index];

	sp_buf_addf(sql, "%sSELECT w.t, t.id::bigint AS id, ", first ? "" : " UNION ALL ");
	sp_key_sql(s->catalog, index, sql);
	sp_buf_addf(sql,
	            " AS key FROM (SELECT DISTINCT t, id FROM pg_temp.sp_named WHERE t = %d) w "
	            "JOIN %s t ON t.id = w.id",
	            index, table->quoted);
}

bool sp_selection_names(const sp_selection *s, sp_buf *sql, sp_error *err)
{
	sp_rows *rows =
		sp_db_query(s->db, "SELECT DISTINCT t FROM pg_temp.sp_named ORDER BY t", 0, NULL, err);
	int i;

	if (!rows)
		return false;
	sp_buf_adds(sql, "SELECT n.t::int4, n.id, CASE WHEN o.id IS NULL THEN n.key END FROM (");
	for (i = 0; i < sp_rows_count(rows); i++)
		add_names(s, (int)sp_rows_int(rows, i, 0), i == 0, sql);
	if (!i) /* nothing is named */
		sp_buf_adds(sql, "SELECT t, id, NULL::text AS key FROM pg_temp.sp_named");
	sp_buf_adds(sql, ") n LEFT JOIN pg_temp.sp_out o ON o.t = n.t AND o.id = n.id ORDER BY 1, 2");
	sp_rows_free(rows);
	return !sql->failed || sp_fail_memory(err);
}
