#include <config.h>

#include "core/plan/fate.h"

#include <string.h>

#include "core/model/smart.h"
#include "core/plan/marks.h"
#include "core/plan/match.h"
#include "core/plan/objects.h"

typedef struct {
	sp_sides in;
	const sp_plan_about *about;
	sp_smart smart;
} deciding;

static void add_part(sp_buf *sql, const deciding *d, const char *part, const char *alias)
{
	sp_sides_table(&d->in, part, sql);
	sp_buf_addf(sql, " %s", alias);
}

static void add_shared(sp_buf *sql, const deciding *d, const char *part, const char *alias)
{
	sp_sides_shared(&d->in, part, sql);
	sp_buf_addf(sql, " %s", alias);
}

/* --- since the last import --- */

/* Whether the mark of the column c in `now` isn't the one in `then`. What the last import had no
 * column for was NULL. */
static void add_changed(sp_buf *sql, const char *now, const char *then)
{
	sp_buf_addf(sql,
	            "(SELECT coalesce(array_agg(c ORDER BY n), '{}') FROM unnest(d.columns)"
	            " WITH ORDINALITY AS u (c, n) WHERE (%s)[array_position(k.keys, c)] IS DISTINCT"
	            " FROM (%s)[array_position(e.columns, c)])",
	            now, then);
}

/* In which of the columns that differ who changed what, of rows that the last import from there
 * knew as the ones here. */
static bool make_base(const deciding *d, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "INSERT INTO ");
	sp_staging_table(d->in.staging, "base", NULL, &sql);
	sp_buf_adds(&sql, " SELECT c.kind, d.number, ");
	add_changed(&sql, "now.there", "e.there");
	sp_buf_adds(&sql, ", ");
	add_changed(&sql, "now.here", "e.here");
	sp_buf_adds(&sql, " FROM ");
	add_part(&sql, d, "differs", "d");
	sp_buf_adds(&sql, " JOIN ");
	add_part(&sql, d, "row", "r ON r.__number = d.number");
	sp_marks_origins(&d->in, &sql);
	sp_buf_addf(&sql, " JOIN %s t ON t.id = d.target", d->in.table->quoted);
	sp_sides_origin(&d->in, "JOIN", "r", d->about->source, &sql);
	sp_buf_adds(&sql, " JOIN ");
	sp_staging_table(d->in.staging, "earlier", NULL, &sql);
	sp_buf_adds(&sql, " e ON e.kind = c.kind AND e.instance = c.instance AND e.uuid = c.uuid AND"
	                  " e.target = d.target CROSS JOIN LATERAL (SELECT ");
	sp_marks_there(&d->in, &sql);
	sp_buf_adds(&sql, " AS there, ");
	sp_marks_here(&d->in, &sql);
	sp_buf_adds(&sql, " AS here) now CROSS JOIN (SELECT ");
	sp_marks_columns(&d->in, &sql);
	sp_buf_adds(&sql, " AS keys) k WHERE d.columns <> '{}'; ANALYZE ");
	sp_staging_table(d->in.staging, "base", NULL, &sql);
	return sp_db_exec_buf(d->in.db, &sql, err);
}

/* --- what becomes of them --- */

enum { OF_ALL, OF_THEIRS, OF_OURS, OF_NONE, OF_DELETED, OF_CHOSEN, OF_CONTENT };

/* Numbered from 1 on, in SQL; fate.h says what they mean. */
typedef enum {
	NEW,
	NEW_BESIDE,
	NEW_AGAIN,
	SAME,
	UPDATE_THERE,
	UPDATE_OVERWRITE,
	UPDATE_GROWN,
	KEEP_HERE,
	KEEP_FIRST,
	KEEP_SKIP,
	KEEP_PLACE,
	KEEP_SEALED,
	CONFLICT_BOTH,
	CONFLICT_UNKNOWN,
	CONFLICT_AMBIGUOUS,
	CONFLICT_TAKEN,
	CONFLICT_DELETED,
	CONFLICT_OCCUPIED,
	CONFLICT_CIRCLE,
	BESIDE,
	KEEP_DECIDED,
	UPDATE_DECIDED,
	UPDATE_CHOSEN,
	FATES
} fate;

static const struct {
	const char *class, *why;
	int columns;
} fates[FATES] = {
	[NEW] = { "new", NULL, OF_NONE },
	[NEW_BESIDE] = { "new", "beside", OF_NONE },
	[NEW_AGAIN] = { "new", "again", OF_NONE },
	[SAME] = { "same", NULL, OF_NONE },
	[UPDATE_THERE] = { "update", "there", OF_THEIRS },
	[UPDATE_OVERWRITE] = { "update", "overwrite", OF_ALL },
	[UPDATE_GROWN] = { "update", "grown", OF_CONTENT },
	[KEEP_HERE] = { "keep", "here", OF_OURS },
	[KEEP_FIRST] = { "keep", "first", OF_ALL },
	[KEEP_SKIP] = { "keep", "skip", OF_ALL },
	[KEEP_PLACE] = { "keep", "place", OF_ALL },
	[KEEP_SEALED] = { "keep", "sealed", OF_ALL },
	[CONFLICT_BOTH] = { "conflict", "both", OF_ALL },
	[CONFLICT_UNKNOWN] = { "conflict", "unknown", OF_ALL },
	[CONFLICT_AMBIGUOUS] = { "conflict", "ambiguous", OF_ALL },
	[CONFLICT_TAKEN] = { "conflict", "taken", OF_NONE },
	[CONFLICT_DELETED] = { "conflict", "deleted", OF_DELETED },
	[CONFLICT_OCCUPIED] = { "conflict", "occupied", OF_ALL },
	[CONFLICT_CIRCLE] = { "conflict", "circle", OF_ALL },
	[BESIDE] = { "beside", NULL, OF_ALL },
	[KEEP_DECIDED] = { "keep", "decided", OF_ALL },
	[UPDATE_DECIDED] = { "update", "decided", OF_ALL },
	[UPDATE_CHOSEN] = { "update", "decided", OF_CHOSEN },
};

static void when(sp_buf *sql, const char *condition, fate then)
{
	sp_buf_addf(sql, " WHEN %s THEN %d", condition, (int)then + 1);
}

static fate beside(const deciding *d)
{
	return d->smart.only ? KEEP_PLACE : BESIDE;
}

static void add_smart(sp_buf *sql, const deciding *d)
{
	when(sql, "b.theirs = '{}'", KEEP_HERE);
	if (d->smart.grows && d->about->grow_schemas)
		when(sql, "d.apart AND d.grows", UPDATE_GROWN);
	if (!d->smart.apart)
		when(sql, "d.apart", BESIDE);
	when(sql, "b.number IS NOT NULL AND NOT b.theirs && b.ours", UPDATE_THERE);
	if (d->smart.apart) {
		when(sql, "true", BESIDE);
		return;
	}
	when(sql, "b.number IS NOT NULL", CONFLICT_BOTH);
	when(sql, "true", d->smart.rule == SP_SMART_CONFLICT ? CONFLICT_UNKNOWN : KEEP_FIRST);
}

static void add_cases(sp_buf *sql, const deciding *d, bool has_uuid)
{
	const char *seal = sp_seal_of(d->in.kind);

	sp_buf_adds(sql, "CASE");
	if (has_uuid && d->about->uuids == SP_UUIDS_PRESERVE)
		when(sql, "d.number IS NULL AND x.id IS NULL AND taken.id IS NOT NULL", CONFLICT_TAKEN);
	when(sql, "d.number IS NULL AND x.id IS NOT NULL", NEW_BESIDE);
	when(sql, "d.number IS NULL AND w.number IS NOT NULL",
	     d->about->strategy == SP_STRATEGY_SMART ? CONFLICT_DELETED : NEW_AGAIN);
	when(sql, "d.number IS NULL", NEW);
	when(sql, "d.columns = '{}'", SAME);
	/* what only the spelling of another generation changed, or a name that it got here */
	when(sql, "b.theirs = '{}' AND b.ours = '{}'", SAME);
	when(sql, "o.is_circle", CONFLICT_CIRCLE);
	when(sql, "o.number IS NOT NULL", CONFLICT_OCCUPIED);
	/* rows that are alike in their natural keys are paired in order, and one is as good; so it is
	 * where none of them is written */
	if (d->about->strategy == SP_STRATEGY_SMART || d->about->strategy == SP_STRATEGY_OVERWRITE)
		sp_buf_addf(sql, " WHEN m.found > 1 AND m.how <> %d THEN %d", (int)SP_MATCH_NATURAL,
		            (int)CONFLICT_AMBIGUOUS + 1);
	if (d->smart.rule == SP_SMART_REUSE)
		when(sql, "true", KEEP_FIRST);
	if (seal && sp_table_column(d->in.table, seal) && d->about->strategy != SP_STRATEGY_RENAME)
		sp_buf_addf(sql, " WHEN t.%s THEN %d", seal, (int)KEEP_SEALED + 1);
	switch (d->about->strategy) {
	case SP_STRATEGY_SKIP: when(sql, "true", KEEP_SKIP); break;
	case SP_STRATEGY_OVERWRITE:
		if (d->smart.grows)
			when(sql, "d.apart AND NOT d.grows", BESIDE);
		when(sql, "true", UPDATE_OVERWRITE);
		break;
	case SP_STRATEGY_RENAME: when(sql, "true", beside(d)); break;
	default: add_smart(sql, d);
	}
	sp_buf_adds(sql, " END");
}

/* Of the number `n` (SQL) its word, or why. */
static void add_word(sp_buf *sql, const char *n, bool why)
{
	sp_buf_adds(sql, "(ARRAY[");
	for (int i = 0; i < FATES; i++)
		sp_buf_addf(sql, "%s'%s'", i ? ", " : "",
		            !why ? fates[i].class : fates[i].why ? fates[i].why : "");
	sp_buf_addf(sql, "])[%s]", n);
}

static void add_said(sp_buf *sql)
{
	sp_buf_adds(sql, "concat_ws(' ', ");
	add_word(sql, "f.n", false);
	sp_buf_adds(sql, ", nullif(");
	add_word(sql, "f.n", true);
	sp_buf_adds(sql, ", ''))");
}

/* The columns that somebody wants of the package's. */
static void add_chosen(sp_buf *sql, const deciding *d)
{
	sp_buf_adds(sql, "ARRAY(SELECT u.c FROM unnest(d.columns) WITH ORDINALITY AS u (c, n) WHERE"
	                 " u.c = ANY (");
	if (d->in.kind == SP_ASSET)
		sp_objects_with_content("y.columns", sql);
	else
		sp_buf_adds(sql, "y.columns");
	sp_buf_adds(sql, ") ORDER BY u.n)");
}

static void add_fate(sp_buf *sql, const deciding *d)
{
	static const char *const columns[] = {
		/* what nobody changed since the last import differs because that gave it another name, or
		 * named another row */
		("CASE WHEN b.number IS NULL THEN d.columns ELSE ARRAY(SELECT u.c FROM unnest(d.columns)"
		 " WITH ORDINALITY AS u (c, n) WHERE u.c = ANY (b.theirs || b.ours) ORDER BY u.n) END"),
		"b.theirs", "b.ours", "'{}'", "w.columns"
	};

	add_word(sql, "g.n", false);
	sp_buf_adds(sql, " AS class, nullif(");
	add_word(sql, "g.n", true);
	sp_buf_adds(sql, ", '') AS why, CASE g.n");
	for (int i = 0; i < FATES; i++) {
		if (fates[i].columns == OF_CONTENT) {
			if (d->smart.grows)
				sp_buf_addf(sql, " WHEN %d THEN ARRAY['%s']", i + 1, d->smart.content[0].column);
		} else if (fates[i].columns != OF_CHOSEN) {
			sp_buf_addf(sql, " WHEN %d THEN %s", i + 1, columns[fates[i].columns]);
		} else if (d->about->decided) {
			sp_buf_addf(sql, " WHEN %d THEN ", i + 1);
			add_chosen(sql, d);
		}
	}
	sp_buf_adds(sql, " END AS columns, ");
	add_said(sql);
	sp_buf_addf(sql, " AS said, s.there, s.here, %s::text AS decision",
	            d->about->decided ? "y.word" : "NULL");
}

/* --- what somebody decided --- */

/* A time of the row `alias`, wherever its server is. */
static void add_time(sp_buf *sql, const sp_column *column, const char *alias, const char *zone)
{
	sp_buf_addf(sql, "(%s.updated_at", alias);
	if (!strcmp(column->type, "timestamp without time zone")) {
		sp_buf_adds(sql, " AT TIME ZONE ");
		sp_sql_literal(sql, zone);
	}
	sp_buf_addc(sql, ')');
}

/* What a contract can't become without rows of it becoming wrong comes beside it. */
static void add_overwritten(sp_buf *sql, const deciding *d)
{
	if (d->smart.grows)
		sp_buf_addf(sql, "CASE WHEN d.apart AND NOT d.grows THEN %d ELSE %d END", (int)BESIDE + 1,
		            (int)UPDATE_DECIDED + 1);
	else
		sp_buf_addf(sql, "%d", (int)UPDATE_DECIDED + 1);
}

/* The one that was changed later counts; where nobody can tell, it stays open. */
static void add_later(sp_buf *sql, const deciding *d)
{
	const sp_column *column = sp_table_column(d->in.table, "updated_at");

	if (!column || !sp_staged_find(d->in.staged, "updated_at") || !d->about->zone_there ||
	    !d->about->zone_here) {
		sp_buf_adds(sql, "f.n");
		return;
	}
	sp_buf_adds(sql, "CASE WHEN ");
	add_time(sql, column, "r", d->about->zone_there);
	sp_buf_adds(sql, " > ");
	add_time(sql, column, "t", d->about->zone_here);
	sp_buf_adds(sql, " THEN ");
	add_overwritten(sql, d);
	sp_buf_adds(sql, " WHEN ");
	add_time(sql, column, "r", d->about->zone_there);
	sp_buf_adds(sql, " < ");
	add_time(sql, column, "t", d->about->zone_here);
	sp_buf_addf(sql, " THEN %d ELSE f.n END", (int)KEEP_DECIDED + 1);
}

/* A row that isn't here has nothing that it could stand back for, and one for which there is no
 * room can't come into it. */
static void add_decided(sp_buf *sql, const deciding *d)
{
	sp_buf_adds(sql, " CROSS JOIN LATERAL (SELECT ");
	if (!d->about->decided) {
		sp_buf_adds(sql, "f.n) AS g (n)");
		return;
	}
	sp_buf_addf(sql, "CASE WHEN f.n = %d AND y.word IN ('beside', 'overwrite') THEN %d",
	            (int)CONFLICT_DELETED + 1, (int)NEW_AGAIN + 1);
	sp_buf_addf(sql, " WHEN f.n = %d AND y.word = 'beside' THEN %d", (int)CONFLICT_TAKEN + 1,
	            (int)NEW + 1);
	sp_buf_addf(sql, " WHEN f.n IN (%d, %d) THEN f.n", (int)CONFLICT_TAKEN + 1,
	            (int)CONFLICT_DELETED + 1);
	when(sql, "y.word = 'beside'", beside(d));
	sp_buf_addf(sql, " WHEN f.n = %d THEN f.n", (int)KEEP_SEALED + 1);
	when(sql, "y.word = 'keep'", KEEP_DECIDED);
	sp_buf_addf(sql,
	            " WHEN f.n IN (%d, %d) AND (y.word <> 'merge' OR y.columns && o.columns) THEN f.n",
	            (int)CONFLICT_OCCUPIED + 1, (int)CONFLICT_CIRCLE + 1);
	if (d->smart.grows)
		sp_buf_addf(sql, " WHEN d.apart AND NOT d.grows AND '%s' = ANY (y.columns) THEN %d",
		            d->smart.content[0].column, (int)BESIDE + 1);
	sp_buf_adds(sql, " WHEN y.word = 'overwrite' THEN ");
	add_overwritten(sql, d);
	when(sql, "y.word = 'merge'", UPDATE_CHOSEN);
	sp_buf_adds(sql, " WHEN y.word = 'later' THEN ");
	add_later(sql, d);
	sp_buf_adds(sql, " ELSE f.n END) AS g (n)");
}

/* Hashes of both sides, of rows that differ, and no others: they cost more than all the rest. A
 * decision holds where they are what they were. */
static void add_sides(sp_buf *sql, const deciding *d)
{
	sp_buf_addf(sql,
	            " CROSS JOIN LATERAL (SELECT CASE WHEN t.id IS NOT NULL OR f.n IN (%d, %d) THEN"
	            " hashtextextended(",
	            (int)CONFLICT_TAKEN + 1, (int)CONFLICT_DELETED + 1);
	sp_marks_there(&d->in, sql);
	sp_buf_adds(sql, "::text, 0) END AS there, CASE WHEN t.id IS NOT NULL THEN hashtextextended(");
	sp_marks_here(&d->in, sql);
	sp_buf_adds(sql, "::text, 0) END AS here) s");
	if (!d->about->decided)
		return;
	sp_buf_adds(sql, " LEFT JOIN ");
	add_part(sql, d, "decided", "y");
	sp_buf_adds(sql, " ON y.number = r.__number AND y.there = s.there AND y.here IS NOT DISTINCT"
	                 " FROM s.here AND y.said = ");
	add_said(sql);
}

static bool make_fates(const deciding *d, bool again, sp_error *err)
{
	const char *uuid = sp_entities[d->in.kind].uuid;
	bool has_uuid = uuid && sp_table_column(d->in.table, uuid);
	sp_buf sql = { 0 };

	sp_staging_fill(d->in.staging, "fate", sp_entities[d->in.kind].name, again, &sql);
	sp_buf_adds(&sql, "SELECT r.__number AS number, r.id, d.target, ");
	sp_sides_name(&d->in, "r", &sql);
	sp_buf_adds(&sql, " AS name, ");
	add_fate(&sql, d);
	sp_buf_adds(&sql, " FROM ");
	add_part(&sql, d, "row", "r LEFT JOIN ");
	add_part(&sql, d, "match", "m ON m.id = r.id LEFT JOIN ");
	add_part(&sql, d, "differs", "d ON d.number = r.__number LEFT JOIN ");
	add_shared(&sql, d, "base", "b ON b.number = r.__number LEFT JOIN ");
	add_shared(&sql, d, "beside", "x ON x.id = r.id LEFT JOIN ");
	add_shared(&sql, d, "occupied", "o ON o.number = r.__number LEFT JOIN ");
	add_shared(&sql, d, "deleted", "w ON w.number = r.__number");
	if (has_uuid)
		sp_buf_addf(&sql, " LEFT JOIN %s taken ON taken.%s = r.id", d->in.table->quoted, uuid);
	sp_buf_addf(&sql, " LEFT JOIN %s t ON t.id = d.target AND d.columns <> '{}'",
	            d->in.table->quoted);
	sp_marks_origins(&d->in, &sql);
	sp_buf_adds(&sql, " CROSS JOIN LATERAL (SELECT ");
	add_cases(&sql, d, has_uuid);
	sp_buf_adds(&sql, ") AS f (n)");
	add_sides(&sql, d);
	add_decided(&sql, d);
	sp_buf_adds(&sql, "; ANALYZE ");
	sp_sides_table(&d->in, "fate", &sql);
	return sp_db_exec_buf(d->in.db, &sql, err);
}

bool sp_fate_begin(sp_staging *staging, bool again, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_staging_fill(staging, "base", NULL, again, &sql);
	sp_buf_adds(&sql, "SELECT NULL::text AS kind, NULL::bigint AS number, NULL::text[] AS theirs,"
	                  " NULL::text[] AS ours WHERE false");
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

bool sp_fate_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind,
                  const sp_plan_about *about, bool again, sp_error *err)
{
	deciding d = { .about = about, .smart = sp_smart_of(kind) };

	if (!sp_sides_get(staging, catalog, kind, &d.in) || !d.in.staged)
		return true;
	return make_base(&d, err) && make_fates(&d, again, err);
}

void sp_fate_rows(const sp_sides *in, sp_buf *sql)
{
	sp_buf_adds(sql, "(SELECT f.number, f.id, f.target, f.class, coalesce(f.why, '') AS why,"
	                 " f.columns, f.said, f.there, f.here, f.name FROM ");
	sp_sides_table(in, "fate", sql);
	sp_buf_adds(sql, " f UNION ALL SELECT o.number, o.id, NULL, 'out', o.why, '{}', 'out ' ||"
	                 " o.why, NULL, NULL, o.name FROM ");
	sp_sides_shared(in, "out", sql);
	sp_buf_adds(sql, " o)");
}
