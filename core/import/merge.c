#include <config.h>

#include "core/import/merge.h"

#include <inttypes.h>
#include <string.h>

#include "core/import/record.h"
#include "core/plan/after.h"
#include "core/plan/fields.h"
#include "core/plan/links.h"
#include "core/plan/match.h"
#include "core/plan/unique.h"
#include "core/staging/typed.h"

typedef struct {
	sp_staging *staging;
	const sp_catalog *catalog;
	const sp_plan_about *about;
	sp_db *db;
	sp_kind order[SP_ENTITY_COUNT];
	int count;
} merging;

/* Calls for each column that an import may write, with its key in the package. */
typedef void column_fn(void *ctx, const sp_sides *in, const sp_column *column, const char *key);

static bool each_column(const sp_sides *in, column_fn *fn, void *ctx, sp_error *err)
{
	sp_buf key = { 0 };
	bool ok = true;

	for (int i = 0; ok && i < in->table->count; i++) {
		sp_buf_reset(&key);
		sp_column_key(&key, &in->table->columns[i]);
		ok = !key.failed || sp_fail_memory(err);
		if (ok && sp_after_form_of(in, &in->table->columns[i]) != SP_AFTER_LEFT)
			fn(ctx, in, &in->table->columns[i], sp_buf_text(&key));
	}
	sp_buf_free(&key);
	return ok;
}

/* --- ids --- */

/* Drawn before anything is written, so that rows can name each other in any order. */
static void add_ids(const sp_sides *in, sp_buf *sql)
{
	const sp_column *id = sp_table_column(in->table, "id");

	sp_buf_adds(sql, "INSERT INTO ");
	sp_sides_table(in, "match", sql);
	sp_buf_adds(sql, " SELECT n.id, ");
	if (id->default_sql) {
		sp_buf_adds(sql, id->default_sql);
	} else {
		sp_buf_adds(sql, "nextval(pg_get_serial_sequence(");
		sp_sql_literal(sql, in->table->quoted);
		sp_buf_adds(sql, ", 'id'))");
	}
	sp_buf_addf(sql, ", %d, 1 FROM (SELECT f.id FROM ", (int)SP_MATCH_NEW);
	sp_sides_table(in, "fate", sql);
	sp_buf_adds(sql, " f WHERE f.class = 'new' ORDER BY f.number) n; ANALYZE ");
	sp_sides_table(in, "match", sql);
	sp_buf_adds(sql, "; ");
}

static bool draw_ids(const merging *m, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	for (int i = 0; i < m->count; i++) {
		if (sp_sides_get(m->staging, m->catalog, m->order[i], &in) && in.staged)
			add_ids(&in, &sql);
	}
	return sp_db_exec_buf(m->db, &sql, err);
}

/* --- new rows --- */

typedef struct {
	sp_buf names, values;
} inserting;

static void insert_column(void *ctx, const sp_sides *in, const sp_column *column, const char *key)
{
	inserting *to = ctx;

	(void)in;
	sp_buf_adds(&to->names, to->names.len ? ", " : "");
	sp_sql_ident(&to->names, column->name);
	sp_buf_adds(&to->values, to->values.len ? ", " : "");
	sp_sql_column(&to->values, "a", key);
}

/* HQ's trigger looks for a bundle's parent when the bundle comes: those further up go first. */
static void add_order(const sp_sides *in, sp_buf *sql)
{
	if (in->kind != SP_BUNDLE || !sp_staged_find(in->staged, "parent_bundle_id") ||
	    !sp_table_column(in->table, "parent_bundle_id"))
		return;
	sp_buf_adds(sql, " LEFT JOIN (WITH RECURSIVE level AS (SELECT r.id, 0 AS n FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r WHERE NOT EXISTS (SELECT FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " p WHERE p.id = r.parent_bundle_id) UNION ALL SELECT r.id, l.n + 1 FROM ");
	sp_sides_table(in, "row", sql);
	sp_buf_adds(sql, " r JOIN level l ON l.id = r.parent_bundle_id) SELECT * FROM level) level ON"
	                 " level.id = f.id ORDER BY level.n, f.number");
}

static bool insert(const merging *m, const sp_sides *in, sp_error *err)
{
	inserting to = { { 0 }, { 0 } };
	sp_buf sql = { 0 };
	bool ok = each_column(in, insert_column, &to, err);

	sp_buf_addf(&sql, "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM ",
	            in->table->quoted, sp_buf_text(&to.names), sp_buf_text(&to.values));
	sp_sides_table(in, "after", &sql);
	sp_buf_adds(&sql, " a JOIN ");
	sp_sides_table(in, "fate", &sql);
	sp_buf_adds(&sql, " f ON f.number = a.__number AND f.class = 'new'");
	add_order(in, &sql);
	sql.failed = sql.failed || to.names.failed || to.values.failed;
	sp_buf_free(&to.names);
	sp_buf_free(&to.values);
	if (ok)
		return sp_db_exec_buf(m->db, &sql, err);
	sp_buf_free(&sql);
	return false;
}

/* --- rows that are here --- */

typedef struct {
	const sp_plan_about *about;
	sp_buf sets;
} updating;

static void update_column(void *ctx, const sp_sides *in, const sp_column *column, const char *key)
{
	updating *u = ctx;
	sp_buf *sets = &u->sets;
	bool is_time = !strcmp(column->name, "updated_at");

	if (!is_time && sp_after_form_of(in, column) != SP_AFTER_TAKEN)
		return;
	sp_buf_adds(sets, sets->len ? ", " : "");
	sp_sql_ident(sets, column->name);
	if (is_time) {
		sp_buf_adds(sets, " = ");
		sp_after_now(u->about, column, sets);
		return;
	}
	sp_buf_adds(sets, " = CASE WHEN ");
	sp_sql_literal(sets, key);
	sp_buf_adds(sets, " = ANY (f.columns) THEN ");
	sp_sql_column(sets, "a", key);
	sp_buf_adds(sets, " ELSE ");
	sp_sql_column(sets, "t", column->name);
	sp_buf_adds(sets, " END");
}

/* Those that name nobody else give up what they are known by before new rows are; the others can
 * only name rows that are there. */
static bool update(const merging *m, const sp_sides *in, bool first, sp_error *err)
{
	updating to = { .about = m->about };
	sp_buf sql = { 0 };
	bool ok = each_column(in, update_column, &to, err);

	if (to.sets.len) {
		sp_buf_addf(&sql, "UPDATE %s t SET %s FROM ", in->table->quoted, sp_buf_text(&to.sets));
		sp_sides_table(in, "fate", &sql);
		sp_buf_adds(&sql, " f JOIN ");
		sp_sides_table(in, "after", &sql);
		sp_buf_adds(&sql,
		            " a ON a.__number = f.number WHERE f.class = 'update' AND t.id = f.target"
		            " AND ");
		sp_buf_adds(&sql, first ? "" : "NOT (");
		sp_unique_goes_first(in, "f", &sql);
		sp_buf_adds(&sql, first ? "" : ")");
	}
	sql.failed = sql.failed || to.sets.failed;
	ok = ok && sp_db_exec_buf(m->db, &sql, err);
	sp_buf_free(&to.sets);
	sp_buf_free(&sql);
	return ok;
}

/* --- what HQ keeps by itself --- */

/* Bundles that the import names, as HQ counts what is in them. */
static void add_counts(const sp_sides *bundle, const sp_sides *asset, sp_buf *sql)
{
	bool has_list = sp_table_column(asset->table, "bundle_ids") != NULL;

	if (sp_table_column(bundle->table, "asset_count") && has_list) {
		sp_buf_addf(sql,
		            "UPDATE %s t SET asset_count = c.n FROM (SELECT b.id, count(*) AS n FROM %s x"
		            " CROSS JOIN LATERAL unnest(x.bundle_ids) AS b (id) WHERE x.infospace_id ="
		            " (SELECT i.infospace_id FROM %s i WHERE i.id = (SELECT min(target) FROM ",
		            bundle->table->quoted, asset->table->quoted, bundle->table->quoted);
		sp_sides_table(bundle, "match", sql);
		sp_buf_adds(sql, ")) GROUP BY b.id) c JOIN ");
		sp_sides_table(bundle, "match", sql);
		sp_buf_adds(sql, " m ON m.target = c.id WHERE t.id = c.id AND t.asset_count <> c.n; ");
	}
	if (sp_table_column(bundle->table, "child_bundle_count")) {
		sp_buf_addf(
			sql,
			"UPDATE %s t SET child_bundle_count = c.n FROM (SELECT x.parent_bundle_id AS id,"
			" count(*) AS n FROM %s x GROUP BY x.parent_bundle_id) c JOIN ",
			bundle->table->quoted, bundle->table->quoted);
		sp_sides_table(bundle, "match", sql);
		sp_buf_adds(sql,
		            " m ON m.target = c.id WHERE t.id = c.id AND t.child_bundle_count <> c.n; ");
	}
}

/* What a new asset names as its previous version is superseded, and its children are children of
 * something superseded. */
static void add_superseded(const sp_sides *asset, sp_buf *sql)
{
	if (!sp_table_column(asset->table, "is_superseded") ||
	    !sp_table_column(asset->table, "previous_asset_id"))
		return;
	sp_buf_addf(sql, "UPDATE %s t SET is_superseded = true FROM %s n JOIN ", asset->table->quoted,
	            asset->table->quoted);
	sp_sides_table(asset, "match", sql);
	sp_buf_addf(sql,
	            " m ON m.target = n.id AND m.how = %d WHERE t.id = n.previous_asset_id AND NOT"
	            " t.is_superseded; ",
	            (int)SP_MATCH_NEW);
	if (!sp_table_column(asset->table, "parent_is_superseded"))
		return;
	sp_buf_addf(sql, "UPDATE %s t SET parent_is_superseded = true FROM %s n JOIN ",
	            asset->table->quoted, asset->table->quoted);
	sp_sides_table(asset, "match", sql);
	sp_buf_addf(sql,
	            " m ON m.target = n.id AND m.how = %d WHERE t.parent_asset_id ="
	            " n.previous_asset_id AND NOT t.parent_is_superseded; ",
	            (int)SP_MATCH_NEW);
}

static bool keep_up(const merging *m, sp_error *err)
{
	sp_sides bundle, asset;
	sp_buf sql = { 0 };

	if (!sp_sides_get(m->staging, m->catalog, SP_ASSET, &asset))
		return true;
	if (sp_sides_get(m->staging, m->catalog, SP_BUNDLE, &bundle))
		add_counts(&bundle, &asset, &sql);
	add_superseded(&asset, &sql);
	return sp_db_exec_buf(m->db, &sql, err);
}

/* --- all --- */

/* HQ's triggers name its tables without their schema. */
static bool enter_schema(const merging *m, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "SET LOCAL search_path = ");
	sp_sql_ident(&sql, m->catalog->schema);
	sp_buf_adds(&sql, ", pg_temp");
	return sp_db_exec_buf(m->db, &sql, err);
}

static bool write_kind(const merging *m, sp_kind kind, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_sides in;

	if (m->about->unasked[kind])
		return true;
	if (sp_links_get(m->staging, m->catalog, kind, &in)) {
		sp_links_insert(&in, &sql);
		return sp_db_exec_buf(m->db, &sql, err);
	}
	return !sp_sides_get(m->staging, m->catalog, kind, &in) || !in.staged ||
	       (update(m, &in, true, err) && insert(m, &in, err) && update(m, &in, false, err));
}

bool sp_merge(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
              const sp_merge_about *merge, sp_error *err)
{
	merging m = { staging, catalog, about, sp_staging_db(staging), { SP_RUN }, 0 };
	const sp_staged_kind *staged;
	bool ok;

	m.count = sp_kinds_ordered(catalog, m.order);
	ok = draw_ids(&m, err) && sp_plan_look(staging, catalog, about, err) &&
	     sp_fields_make(staging, catalog, about, err);
	/* before anything is written: then what is here and what comes can still be told apart */
	for (int i = 0; ok && i < m.count; i++)
		ok = sp_record_rows(staging, catalog, m.order[i], about, merge->operation, err);
	ok = ok && enter_schema(&m, err);
	for (int i = 0; ok && i < m.count; i++) {
		staged = sp_staging_find(staging, m.order[i]);
		ok = write_kind(&m, m.order[i], err);
		if (merge->job && staged)
			sp_job_add(merge->job, (uint64_t)staged->rows, 0);
	}
	return ok && keep_up(&m, err);
}
