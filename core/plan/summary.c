#include <config.h>

#include "core/plan/summary.h"

#include <string.h>

#include "core/model/between.h"
#include "core/model/normal.h"
#include "core/package/places.h"
#include "core/plan/after.h"
#include "core/plan/fate.h"
#include "core/plan/links.h"
#include "core/plan/objects.h"
#include "core/plan/resolve.h"
#include "core/plan/seals.h"
#include "core/staging/typed.h"
#include "core/staging/vectors.h"

/* So many groups of a kind are told, the largest, and so many names of each. */
#define GROUPS 100
#define NAMES  "5"

static const char *const classes[] = { "new", "same", "update", "keep", "conflict", "out" };

#define CLASSES (sizeof classes / sizeof *classes)

enum { KINDS, PARTED, LOST, UNASKED, OTHERWISE, SEALED, GONE, REFERENCES, LISTS };

static const char *const lists[LISTS] = { "kinds",   "groups",    "lost",
	                                      "unasked", "otherwise", "sealed", "gone",
	                                      "references" };

typedef struct {
	sp_staging *staging;
	const sp_catalog *catalog;
	const sp_plan_about *about;
	sp_db *db;
	sp_json *to, *lists[LISTS];
	int64_t totals[CLASSES + 1]; /* and of all rows */
} summing;

/* --- how many, and what becomes of them --- */

/* `all`: SQL, as sp_fate_rows() has it. */
static bool count_kind(summing *s, const sp_sides *in, const sp_buf *all, sp_error *err)
{
	sp_json *kind = sp_json_add_object(s->lists[KINDS], NULL);
	int64_t counts[CLASSES] = { 0 }, rows = 0;
	sp_buf sql = { 0 };
	sp_rows *found;

	sp_buf_addf(&sql, "SELECT class, count(*) FROM %s x GROUP BY 1", sp_buf_text(all));
	if (!(found = sp_db_query_buf(s->db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; i < sp_rows_count(found); i++)
		for (size_t j = 0; j < CLASSES; j++)
			if (!strcmp(classes[j], sp_rows_get(found, i, 0)))
				counts[j] = sp_rows_int(found, i, 1);
	sp_rows_free(found);
	sp_json_add_text(kind, "kind", sp_entities[in->kind].name);
	for (size_t j = 0; j < CLASSES; j++) {
		rows += counts[j];
		s->totals[j] += counts[j];
	}
	s->totals[CLASSES] += rows;
	sp_json_add_int(kind, "rows", rows);
	for (size_t j = 0; j < CLASSES; j++)
		sp_json_add_int(kind, classes[j], counts[j]);
	return true;
}

/* Of an array as PostgreSQL writes it; NULL: none. */
static bool add_array(sp_json *to, const char *key, const char *text, sp_error *err)
{
	sp_json *array = text ? sp_json_parse(text, strlen(text), key, err) : NULL;

	return !text || (array && (sp_json_add(to, key, array) || sp_fail_memory(err)));
}

/* With the first of the names of their rows, if there are any. */
static bool list_groups(const summing *s, const sp_sides *in, const sp_buf *all, sp_error *err)
{
	sp_buf sql = { 0 };
	bool ok = true;
	sp_rows *rows;

	sp_buf_addf(&sql,
	            "SELECT x.class, x.why, array_to_json(x.columns)::text, count(*),"
	            " array_to_json(array_agg(x.name ORDER BY x.number) FILTER (WHERE x.n <= " NAMES
	            " AND x.name IS NOT NULL))::text FROM (SELECT a.*, row_number() OVER (PARTITION BY"
	            " a.class, a.why, a.columns ORDER BY a.number) AS n FROM %s a) x GROUP BY 1, 2,"
	            " x.columns ORDER BY 4 DESC, 1, 2, 3 LIMIT %d",
	            sp_buf_text(all), GROUPS);
	if (!(rows = sp_db_query_buf(s->db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; ok && i < sp_rows_count(rows); i++) {
		sp_json *group = sp_json_add_object(s->lists[PARTED], NULL);

		sp_json_add_text(group, "kind", sp_entities[in->kind].name);
		sp_json_add_text(group, "class", sp_rows_get(rows, i, 0));
		sp_json_add_text(group, "why", sp_rows_get(rows, i, 1));
		sp_json_add_int(group, "rows", sp_rows_int(rows, i, 3));
		ok = add_array(group, "columns", sp_rows_get(rows, i, 2), err) &&
		     add_array(group, "names", sp_rows_get(rows, i, 4), err);
	}
	sp_rows_free(rows);
	return ok;
}

/* --- what has no place here --- */

static void add_lost(const summing *s, int list, const char *kind, const char *key,
                     const char *what, int64_t rows)
{
	sp_json *lost = sp_json_add_object(s->lists[list], NULL);

	sp_json_add_text(lost, "kind", kind);
	sp_json_add_text(lost, key, what);
	sp_json_add_int(lost, "rows", rows);
}

/* What of it didn't find its place there was noted (list_unmoved()). */
static bool is_moved(const summing *s, int kind)
{
	const sp_move *move = kind < 0 ? NULL : sp_move_next(NULL, (sp_kind)kind, NULL);

	while (move && !sp_move_fits(move, s->catalog))
		move = sp_move_next(move, (sp_kind)kind, NULL);
	return move != NULL;
}

/* Copies of what stands in other rows' values aren't lost with their table. */
static bool list_kind_lost(const summing *s, const sp_staged_kind *staged, sp_error *err)
{
	int64_t count = staged->rows;
	sp_buf sql = { 0 };
	sp_rows *rows;

	if (sp_staged_find(staged, "__inline")) {
		sp_buf_adds(&sql, "SELECT count(*) FROM ");
		sp_staging_table(s->staging, "raw", staged->kind, &sql);
		sp_buf_adds(&sql, " w WHERE w.body::json ->> '__inline' IS NULL");
		if (!(rows = sp_db_query_buf(s->db, &sql, 0, NULL, err)))
			return false;
		count = sp_rows_int(rows, 0, 0);
		sp_rows_free(rows);
	}
	if (count)
		add_lost(s, LOST, staged->kind, "what", "rows", count);
	return true;
}

/* NULL: the key is the format's own. */
static const char *column_of(const char *key)
{
	if (!strncmp(key, "____", 4))
		return key + 2;
	return !strncmp(key, "__", 2) || !strcmp(key, "id") ? NULL : key;
}

static bool list_vectors_lost(const summing *s, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_vectors_lost(s->staging, &sql);
	if (!(rows = sp_db_query_buf(s->db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; i < sp_rows_count(rows); i++)
		add_lost(s, LOST, SP_KIND_EMBEDDING, "column", sp_rows_get(rows, i, 0),
		         sp_rows_int(rows, i, 1));
	sp_rows_free(rows);
	return true;
}

static bool list_lost(const summing *s, const sp_staged_kind *staged, sp_error *err)
{
	int kind = sp_kind_of_name(staged->kind);
	int table = kind >= 0 ? sp_kind_table(s->catalog, (sp_kind)kind) : -1;

	if (!strcmp(staged->kind, SP_KIND_MAPPING) || kind == SP_USER ||
	    (kind >= 0 && s->about->unasked[kind]))
		return true;
	if (!strcmp(staged->kind, SP_KIND_EMBEDDING))
		return s->about->unasked[SP_CHUNK] || list_vectors_lost(s, err);
	if (table < 0)
		return is_moved(s, kind) || list_kind_lost(s, staged, err);
	for (int i = 0; i < staged->count; i++) {
		const char *column = column_of(staged->columns[i].name);
		bool held = column && sp_table_column(&s->catalog->tables[table], column);

		if (column && staged->columns[i].rows && (!held || staged->columns[i].unasked))
			add_lost(s, held ? UNASKED : LOST, staged->kind, "column", column,
			         staged->columns[i].rows);
	}
	return true;
}

static bool list_unmoved(const summing *s, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool has;

	if (!sp_staging_has(s->staging, "unmoved", &has, err) || !has)
		return !sp_error_is_set(err);
	sp_buf_adds(&sql, "SELECT kind, what, count(*) FROM ");
	sp_staging_table(s->staging, "unmoved", NULL, &sql);
	sp_buf_adds(&sql, " GROUP BY 1, 2 ORDER BY 1, 2");
	if (!(rows = sp_db_query_buf(s->db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; i < sp_rows_count(rows); i++)
		add_lost(s, LOST, sp_rows_get(rows, i, 0), "what", sp_rows_get(rows, i, 1),
		         sp_rows_int(rows, i, 2));
	sp_rows_free(rows);
	return true;
}

/* --- what is written otherwise --- */

/* Counters are HQ's to count; they say nothing of the package. */
static bool is_otherwise(const sp_sides *in, const sp_column *column)
{
	const sp_normal *normal = sp_normal_of(in->kind, column->name);

	if (sp_after_form_of(in, column) == SP_AFTER_LEFT)
		return false;
	return normal->rule == SP_NORMAL_UNLESS ||
	       (normal->rule == SP_NORMAL_FIXED && !(normal->value && !strcmp(normal->value, "0"))) ||
	       sp_typed_form_of(in->table, in->kind, column) == SP_TYPED_WORD;
}

/* Whether a row of the package is a version of another; who comes beside one is, too. */
static bool is_version_of(const sp_sides *in, const sp_column *column)
{
	return in->kind == SP_ASSET && !strcmp(column->name, "previous_asset_id");
}

static void add_how_many(const sp_sides *in, const sp_column *column, const char *key, sp_buf *sql)
{
	if (is_version_of(in, column)) {
		sp_buf_adds(sql, "count(*) FILTER (WHERE a.__unlinked)");
		return;
	}
	sp_buf_adds(sql, "count(*) FILTER (WHERE f.class = 'new' AND ");
	sp_sql_column(sql, "r", key);
	sp_buf_adds(sql, "::text IS DISTINCT FROM ");
	sp_sql_column(sql, "a", key);
	sp_buf_adds(sql, "::text)");
}

static bool add_otherwise(const sp_sides *in, int at[], int *count, sp_buf *sql, sp_error *err)
{
	sp_buf key = { 0 };
	bool ok = true;

	*count = 0;
	for (int i = 0; ok && i < in->table->count; i++) {
		const sp_column *column = &in->table->columns[i];

		sp_buf_reset(&key);
		sp_column_key(&key, column);
		ok = !key.failed || sp_fail_memory(err);
		if (!ok || (!is_version_of(in, column) &&
		            (!is_otherwise(in, column) || !sp_staged_find(in->staged, sp_buf_text(&key)))))
			continue;
		sp_buf_adds(sql, *count ? ", " : "SELECT ");
		add_how_many(in, column, sp_buf_text(&key), sql);
		at[(*count)++] = i;
	}
	sp_buf_free(&key);
	return ok;
}

static bool list_otherwise(const summing *s, const sp_sides *in, sp_error *err)
{
	int at[1600], count; /* PostgreSQL's tables have no more columns */
	sp_buf sql = { 0 };
	sp_rows *rows;

	if (!add_otherwise(in, at, &count, &sql, err) || !count) {
		sp_buf_free(&sql);
		return !sp_error_is_set(err);
	}
	sp_buf_adds(&sql, " FROM ");
	sp_sides_table(in, "row", &sql);
	sp_buf_adds(&sql, " r JOIN ");
	sp_sides_table(in, "fate", &sql);
	sp_buf_addf(&sql, " f ON f.number = r.__number%s JOIN ",
	            in->kind == SP_ASSET ? "" : " AND f.class = 'new'");
	sp_sides_table(in, "after", &sql);
	sp_buf_adds(&sql, " a ON a.__number = r.__number");
	if (!(rows = sp_db_query_buf(s->db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; i < count; i++) {
		sp_json *json = NULL;

		if (!sp_rows_int(rows, 0, i))
			continue;
		json = sp_json_add_object(s->lists[OTHERWISE], NULL);
		sp_json_add_text(json, "kind", sp_entities[in->kind].name);
		sp_json_add_text(json, "column", in->table->columns[at[i]].name);
		sp_json_add_int(json, "rows", sp_rows_int(rows, 0, i));
	}
	sp_rows_free(rows);
	return true;
}

static bool list_references(const summing *s, const sp_sides *in, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	if (!sp_resolve_is(in))
		return true;
	sp_buf_adds(&sql, "SELECT count(DISTINCT number), coalesce(sum(lost), 0) FROM ");
	sp_sides_table(in, "local", &sql);
	sp_buf_adds(&sql, " WHERE lost > 0");
	if (!(rows = sp_db_query_buf(s->db, &sql, 0, NULL, err)))
		return false;
	if (sp_rows_int(rows, 0, 0)) {
		sp_json *json = sp_json_add_object(s->lists[REFERENCES], NULL);

		sp_json_add_text(json, "kind", sp_entities[in->kind].name);
		sp_json_add_int(json, "rows", sp_rows_int(rows, 0, 0));
		sp_json_add_int(json, "references", sp_rows_int(rows, 0, 1));
	}
	sp_rows_free(rows);
	return true;
}

/* --- what the package hasn't any more --- */

/* What rows of the kind are parts of, where such are in the package. */
static const char *part_of(const sp_sides *in, sp_sides *of)
{
	const char *part = sp_part_of(in->kind);

	if (!part || !sp_table_column(in->table, part) ||
	    !sp_sides_other(in, sp_kind_named(in->catalog, in->table, part), of) || !of->staged)
		return NULL;
	return part;
}

static void add_gone(const sp_sides *in, const sp_sides *of, const char *part,
                     const sp_plan_about *about, sp_buf *sql)
{
	sp_buf_adds(sql, " FROM ");
	sp_staging_table(in->staging, "earlier", NULL, sql);
	sp_buf_addf(sql, " e JOIN %s t ON t.id = e.target JOIN ", in->table->quoted);
	sp_sides_table(of, "match", sql);
	sp_buf_addf(sql, " m ON m.target = t.%s JOIN ", part);
	sp_sides_table(of, "row", sql);
	sp_buf_adds(sql, " r ON r.id = m.id WHERE e.kind = ");
	sp_sql_literal(sql, sp_entities[in->kind].name);
	sp_buf_adds(sql, " AND e.instance = ");
	sp_sql_literal(sql, about->source);
	sp_buf_adds(sql, " AND NOT EXISTS (SELECT FROM ");
	sp_sides_table(in, "match", sql);
	sp_buf_adds(sql, " h WHERE h.target = e.target)");
}

static bool list_gone_of(const summing *s, const sp_sides *in, sp_error *err)
{
	const char *label = sp_entities[in->kind].label, *part;
	sp_buf sql = { 0 };
	sp_json *item;
	sp_rows *rows;
	sp_sides of;
	bool ok = true;

	/* what only others need may be there still, and not needed any more */
	if (sp_entities[in->kind].travel != SP_TRAVEL_PART || s->about->unasked[in->kind] ||
	    !(part = part_of(in, &of)))
		return true;
	sp_buf_adds(&sql, "SELECT count(*), (array_to_json((array_agg(");
	if (label && sp_table_column(in->table, label))
		sp_buf_addf(&sql, "left(t.%s::text, 200) ORDER BY t.id) FILTER (WHERE t.%s IS NOT NULL)",
		            label, label);
	else
		sp_buf_adds(&sql, "NULL::text) FILTER (WHERE false)");
	sp_buf_adds(&sql, ")[:" NAMES "]))::text");
	add_gone(in, &of, part, s->about, &sql);
	if (!(rows = sp_db_query_buf(in->db, &sql, 0, NULL, err)))
		return false;
	if (sp_rows_int(rows, 0, 0)) {
		item = sp_json_add_object(s->lists[GONE], NULL);
		sp_json_add_text(item, "kind", sp_entities[in->kind].name);
		sp_json_add_int(item, "rows", sp_rows_int(rows, 0, 0));
		ok = add_array(item, "names", sp_rows_get(rows, 0, 1), err);
	}
	sp_rows_free(rows);
	return ok;
}

/* A kind of which all are gone has no rows in the package. */
static bool list_gone(const summing *s, sp_error *err)
{
	bool ok = true;
	sp_sides in;

	for (int kind = 0; ok && kind < SP_ENTITY_COUNT; kind++)
		ok = !sp_sides_get(s->staging, s->catalog, (sp_kind)kind, &in) || list_gone_of(s, &in, err);
	return ok;
}

/* --- all --- */

static bool count_files(const summing *s, sp_error *err)
{
	sp_json *files = sp_json_add_object(s->to, "files");
	sp_buf sql = { 0 };
	sp_rows *rows;
	sp_sides in;

	if (!sp_sides_get(s->staging, s->catalog, SP_ASSET, &in) || !sp_objects_are(&in))
		return true;
	sp_buf_adds(&sql, "SELECT count(*), coalesce(sum(o.size), 0)::bigint FROM ");
	sp_objects_wanted(&in, &sql);
	if (!(rows = sp_db_query_buf(s->db, &sql, 0, NULL, err)))
		return false;
	sp_json_add_int(files, "count", sp_rows_int(rows, 0, 0));
	sp_json_add_int(files, "bytes", sp_rows_int(rows, 0, 1));
	sp_rows_free(rows);
	return true;
}

static bool sum_up(summing *s, const sp_sides *in, bool links, sp_error *err)
{
	sp_buf all = { 0 };
	bool ok;

	if (links)
		sp_links_rows(in, s->about, &all);
	else
		sp_fate_rows(in, &all);
	ok = all.failed ? sp_fail_memory(err)
	                : count_kind(s, in, &all, err) && list_groups(s, in, &all, err);
	sp_buf_free(&all);
	return ok && (links || (list_otherwise(s, in, err) && list_references(s, in, err) &&
	                        sp_seals_list(in, s->lists[SEALED], err)));
}

static bool sum_up_kinds(summing *s, sp_error *err)
{
	bool ok = true;
	sp_sides in;

	for (int kind = 0; ok && kind < SP_ENTITY_COUNT; kind++) {
		bool links = sp_links_get(s->staging, s->catalog, (sp_kind)kind, &in);

		if (links || (sp_sides_get(s->staging, s->catalog, (sp_kind)kind, &in) && in.staged))
			ok = sum_up(s, &in, links, err);
	}
	return ok;
}

bool sp_summary_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                     sp_json *to, sp_error *err)
{
	summing s = { .staging = staging,
		          .catalog = catalog,
		          .about = about,
		          .db = sp_staging_db(staging),
		          .to = to };
	const sp_staged_kind *staged;
	sp_json *totals;
	bool ok;

	for (int i = 0; i < LISTS; i++)
		s.lists[i] = sp_json_add_array(to, lists[i]);
	ok = sum_up_kinds(&s, err) && list_gone(&s, err);
	for (int i = 0; ok && (staged = sp_staging_kind(staging, i)); i++)
		ok = list_lost(&s, staged, err);
	ok = ok && list_unmoved(&s, err) && count_files(&s, err);
	totals = sp_json_add_object(to, "totals");
	sp_json_add_int(totals, "rows", s.totals[CLASSES]);
	for (size_t j = 0; j < CLASSES; j++)
		sp_json_add_int(totals, classes[j], s.totals[j]);
	return ok && (sp_json_is_whole(to) || sp_fail_memory(err));
}
