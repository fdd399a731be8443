#include <config.h>

#include "core/plan/after.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/sql.h"
#include "core/model/between.h"
#include "core/model/normal.h"
#include "core/model/words.h"
#include "core/plan/objects.h"
#include "core/plan/resolve.h"
#include "core/plan/seals.h"
#include "core/plan/uuids.h"
#include "core/staging/typed.h"

/* In what is built, `r` is the package's row, `t` the one here, if it is. */
typedef struct {
	sp_sides in;
	const sp_plan_about *about;
	sp_buf columns, joins;
	int joined; /* numbers what is joined */
	bool has_beside, has_taken, has_followers;
	const sp_column *column;
	const char *key;
	sp_buf value; /* of the column in a new row */
	sp_buf unlinked; /* a condition: it isn't said to be a version of another; empty: of no row */
} making;

/* --- columns --- */

static bool is_own_uuid(const sp_sides *sides, const sp_column *column)
{
	const char *uuid = sp_entities[sides->kind].uuid;

	return uuid && !strcmp(column->name, uuid);
}

/* What nobody wants isn't. Without a buffer for its key, which there may be no memory for. */
static bool is_staged(const sp_sides *sides, const sp_column *column)
{
	bool is_escaped = !strncmp(column->name, "__", 2);

	for (int i = 0; i < sides->staged->count; i++) {
		const char *key = sides->staged->columns[i].name;

		if (!sp_staged_is(&sides->staged->columns[i]) || sides->staged->columns[i].unasked ||
		    (is_escaped && strncmp(key, "__", 2) != 0))
			continue;
		if (!strcmp(is_escaped ? key + 2 : key, column->name))
			return true;
	}
	return false;
}

/* The table's default, where that is a word that HQ reads: it has some that it doesn't. */
static const char *default_of(sp_kind kind, const sp_column *column)
{
	return sp_words_of(kind, column->name) ? NULL : column->default_sql;
}

/* Nobody has a value for it, and the table takes that. */
static bool fills_itself(sp_kind kind, const sp_column *column)
{
	const sp_fill *fill = sp_fill_find(kind, column->name);

	return (!column->not_null || default_of(kind, column)) &&
	       !(fill && fill->rule == SP_FILL_NULL);
}

sp_after_form sp_after_form_of(const sp_sides *sides, const sp_column *column)
{
	sp_normal_rule rule = sp_normal_of(sides->kind, column->name)->rule;
	int named = sp_kind_named(sides->catalog, sides->table, column->name);
	bool staged = is_staged(sides, column);

	if (column->generated)
		return SP_AFTER_LEFT;
	if (is_own_uuid(sides, column) || !strcmp(column->name, "id") || sp_is_lineage(column->name) ||
	    rule == SP_NORMAL_FIXED || named == SP_INFOSPACE)
		return SP_AFTER_FILLED;
	if (rule == SP_NORMAL_OBJECT)
		return staged && sp_objects_are(sides) ? SP_AFTER_TAKEN : SP_AFTER_FILLED;
	if (staged)
		return rule == SP_NORMAL_FIRST || named == SP_USER ? SP_AFTER_FILLED : SP_AFTER_TAKEN;
	return fills_itself(sides->kind, column) ? SP_AFTER_LEFT : SP_AFTER_FILLED;
}

static void add_typed(sp_buf *sql, const char *value, const sp_column *column)
{
	if (value)
		sp_sql_literal(sql, value);
	else
		sp_buf_adds(sql, "NULL");
	sp_buf_addf(sql, "::%s", column->type);
}

/* What a row that comes beside another has in the place of the package's value, in the column
 * `name` of "beside"; NULL: all have the same. */
static const char *beside_of(const making *m)
{
	const char *label = sp_label_of(m->in.kind);

	if (!m->has_beside)
		return NULL;
	if (label && !strcmp(m->column->name, label))
		return "label";
	return m->in.kind == SP_ASSET && !strcmp(m->column->name, "previous_asset_id") ? "previous"
	                                                                               : NULL;
}

/* --- who a row is --- */

/* The source's own UUID of the row, whatever the package carries. */
static void add_lineage(making *m)
{
	sp_sides_origin(&m->in, "LEFT JOIN", "r", m->about->source, &m->joins);
	sp_buf_adds(&m->value, "c.uuid");
}

/* --- references --- */

/* Appends who `named` (SQL) is here: an id, or -N; NULL: nobody. */
static void add_named(making *m, const sp_sides *of, const char *named, sp_buf *joins, sp_buf *to)
{
	int n = ++m->joined;

	sp_buf_adds(joins, " LEFT JOIN ");
	sp_sides_table(of, "match", joins);
	sp_buf_addf(joins, " m%d ON m%d.id = %s", n, n, named);
	sp_buf_addf(to, "coalesce(m%d.target", n);
	if (of->staged) {
		sp_buf_adds(joins, " LEFT JOIN ");
		sp_sides_table(of, "row", joins);
		sp_buf_addf(joins, " n%d ON m%d.id IS NULL AND n%d.id = %s", n, n, n, named);
		sp_buf_addf(to, ", -n%d.__number", n);
	}
	sp_buf_addc(to, ')');
}

/* How a column spells that it names no row: where there is no foreign key, by the root's 0. */
static const char *nobody(const making *m)
{
	bool soft = sp_soft_key_of(m->in.table->name, m->column->name) != NULL;

	return soft && m->column->references < 0 ? "0" : "NULL";
}

/* What is in a sealed row stays there, and nothing comes into one: it stays where it is. */
static void add_sealed(making *m, const char *who, const char *sealed, const char *none)
{
	sp_buf here = { 0 };

	sp_sql_column(&here, "t", m->column->name);
	sp_buf_addf(&m->value,
	            "CASE WHEN %s IN %s THEN %s WHEN %s IN %s THEN coalesce(%s, %s) ELSE ",
	            sp_buf_text(&here), sealed, sp_buf_text(&here), who, sealed, sp_buf_text(&here),
	            none);
	m->value.failed = m->value.failed || here.failed;
	sp_buf_free(&here);
}

static void add_ref(making *m, int kind)
{
	const char *none = nobody(m);
	sp_buf named = { 0 }, who = { 0 }, sealed = { 0 };
	bool is_in = sp_seals_of(&m->in, m->column, &sealed);
	sp_sides of;

	sp_sql_column(&named, "r", m->key);
	if (sp_sides_other(&m->in, kind, &of))
		add_named(m, &of, sp_buf_text(&named), &m->joins, &who);
	if (is_in)
		add_sealed(m, sp_buf_text(&who), sp_buf_text(&sealed), none);
	sp_buf_addf(&m->value, "CASE WHEN coalesce(%s, '0') = '0' THEN %s ELSE coalesce(%s%s",
	            sp_buf_text(&named), none, sp_buf_text(&who), who.len ? ", " : "");
	sp_sql_column(&m->value, "t", m->column->name);
	sp_buf_addf(&m->value, is_in ? ", %s) END END" : ", %s) END", none);
	m->value.failed = m->value.failed || named.failed || who.failed || sealed.failed;
	sp_buf_free(&named);
	sp_buf_free(&who);
	sp_buf_free(&sealed);
}

/* Nobody is taken out of a list by an import: what a row here names besides, it goes on naming.
 * A 0 stands for the root, which only what is nowhere else is in. */
static void add_refs(making *m, int kind)
{
	sp_buf joins = { 0 }, to = { 0 }, here = { 0 }, sealed = { 0 };
	int n = ++m->joined;
	sp_sides of;
	bool is_in;

	is_in = sp_seals_of(&m->in, m->column, &sealed);
	sp_sql_column(&here, "t", m->column->name);
	sp_buf_adds(&m->joins, " LEFT JOIN (SELECT number, array_agg(named ORDER BY place) AS named"
	                       " FROM (SELECT r.__number AS number, u.place, ");
	if (sp_sides_other(&m->in, kind, &of))
		add_named(m, &of, "u.named", &joins, &to);
	else
		sp_buf_adds(&to, "NULL::bigint");
	sp_buf_addf(&m->joins, "%s AS named FROM ", sp_buf_text(&to));
	sp_sides_table(&m->in, "row", &m->joins);
	sp_buf_adds(&m->joins, " r CROSS JOIN LATERAL unnest(");
	sp_sql_column(&m->joins, "r", m->key);
	sp_buf_addf(
		&m->joins,
		") WITH ORDINALITY AS u (named, place)%s) s WHERE named <> 0 GROUP BY number) a%d ON"
		" a%d.number = r.__number",
		sp_buf_text(&joins), n, n);
	sp_buf_addf(&m->value,
	            "coalesce((SELECT nullif(array_remove(coalesce(%s::bigint[], '{}'), 0::bigint) ||"
	            " array_agg(x.id ORDER BY x.place), '{}') FROM unnest(a%d.named) WITH ORDINALITY AS"
	            " x (id, place) WHERE x.id <> ALL (coalesce(%s::bigint[], '{}'))%s%s),"
	            " %s::bigint[], '{0}')::%s",
	            sp_buf_text(&here), n, sp_buf_text(&here), is_in ? " AND x.id NOT IN " : "",
	            sp_buf_text(&sealed), sp_buf_text(&here), m->column->type);
	m->value.failed =
		m->value.failed || joins.failed || to.failed || here.failed || sealed.failed;
	sp_buf_free(&sealed);
	sp_buf_free(&joins);
	sp_buf_free(&to);
	sp_buf_free(&here);
}

/* An author who may not see the infospace isn't known here. */
static void add_user(making *m)
{
	const sp_sides *in = &m->in;
	int n = ++m->joined;

	sp_buf_adds(&m->value, "CASE WHEN ");
	sp_sql_column(&m->value, "r", m->key);
	sp_buf_adds(&m->value, " IS NULL THEN NULL ELSE ");
	if (!m->about->owner_only) {
		sp_buf_adds(&m->joins, " LEFT JOIN ");
		sp_staging_table(in->staging, "match", sp_entities[SP_USER].name, &m->joins);
		sp_buf_addf(&m->joins, " m%d ON m%d.id = ", n, n);
		sp_sql_column(&m->joins, "r", m->key);
		sp_buf_addf(&m->value, "coalesce(m%d.target, %" PRId64 ") END", n, m->about->owner);
	} else {
		sp_buf_addf(&m->value, "%" PRId64 " END", m->about->owner);
	}
}

/* --- values --- */

/* A value that names rows is another one here. */
static void join_local(making *m, int n)
{
	sp_buf_adds(&m->joins, " LEFT JOIN ");
	sp_sides_table(&m->in, "local", &m->joins);
	sp_buf_addf(&m->joins,
	            " l%d ON l%d.number = r.__number AND l%d.body IS NOT NULL AND l%d.key = ", n, n, n,
	            n);
	sp_sql_literal(&m->joins, m->key);
}

/* What somebody made of both sides goes before what the package has. */
static void add_both(making *m)
{
	int n = ++m->joined;

	sp_buf_adds(&m->joins, " LEFT JOIN ");
	sp_sides_shared(&m->in, "taken", &m->joins);
	sp_buf_addf(&m->joins, " w%d ON w%d.number = r.__number AND w%d.key = ", n, n, n);
	sp_sql_literal(&m->joins, m->key);
	sp_buf_addf(&m->value, "coalesce(w%d.body::%s, ", n, m->column->type);
}

static void add_value(making *m)
{
	bool both = m->has_taken && m->column->form == SP_COLUMN_JSONB;
	bool may_name = m->column->form == SP_COLUMN_JSON || m->column->form == SP_COLUMN_JSONB ||
	                m->column->form == SP_COLUMN_STRING;

	if (both)
		add_both(m);
	if (may_name && sp_resolve_is(&m->in)) {
		int n = ++m->joined;

		join_local(m, n);
		sp_buf_addf(&m->value, "coalesce(l%d.body::%s, ", n, m->column->type);
		sp_sql_column(&m->value, "r", m->key);
		sp_buf_addc(&m->value, ')');
	} else {
		sp_sql_column(&m->value, "r", m->key);
	}
	sp_buf_adds(&m->value, both ? ")" : "");
}

/* A file that the package doesn't have is none here. */
static void add_object(making *m)
{
	if (!sp_objects_are(&m->in)) {
		add_typed(&m->value, NULL, m->column);
		return;
	}
	sp_objects_join(&m->in, &m->joins);
	sp_objects_name(&m->in, &m->value);
}

/* --- words --- */

/* Appends " WHEN 'word' THEN 'what is written here'" for those that aren't written as they are. */
static bool add_whens(const making *m, const sp_vocabulary *v, sp_buf *whens, sp_error *err)
{
	sp_buf sql = { 0 };
	const char *becomes;
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT DISTINCT ");
	sp_sql_column(&sql, "r", m->key);
	sp_buf_adds(&sql, " FROM ");
	sp_sides_table(&m->in, "row", &sql);
	sp_buf_adds(&sql, " r WHERE ");
	sp_sql_column(&sql, "r", m->key);
	sp_buf_adds(&sql, " IS NOT NULL");
	if (!(rows = sp_db_query_buf(m->in.db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; i < sp_rows_count(rows); i++) {
		sp_word_fate fate = sp_word_find(v, sp_rows_get(rows, i, 0), &becomes);

		if (fate == SP_WORD_KNOWN || fate == SP_WORD_UNKNOWN)
			continue;
		sp_buf_adds(whens, " WHEN ");
		sp_sql_literal(whens, sp_rows_get(rows, i, 0));
		sp_buf_adds(whens, " THEN ");
		sp_sql_literal(whens, becomes);
	}
	sp_rows_free(rows);
	return true;
}

/* The same for an enum's labels here. */
static bool add_labels(const making *m, sp_buf *whens, sp_error *err)
{
	sp_rows *rows = sp_db_query(m->in.db,
	                            "SELECT enumlabel FROM pg_enum WHERE enumtypid = $1::regtype"
	                            " ORDER BY enumsortorder",
	                            1, (const char *const[]){ m->column->type }, err);
	const char **labels = rows ? calloc((size_t)sp_rows_count(rows) + 1, sizeof *labels) : NULL;
	sp_vocabulary v = { m->column->type, labels, 0 };
	bool ok = labels != NULL;

	for (; labels && v.count < sp_rows_count(rows); v.count++)
		labels[v.count] = sp_rows_get(rows, v.count, 0);
	if (rows && !labels)
		sp_fail_memory(err);
	ok = ok && add_whens(m, &v, whens, err);
	free(labels);
	sp_rows_free(rows);
	return ok;
}

/* The same for words that HQ keeps as text, if any. */
static bool add_spellings(const making *m, sp_buf *whens, sp_error *err)
{
	sp_vocabulary v = { NULL, sp_words_of(m->in.kind, m->column->name), 0 };
	sp_buf type = { 0 };
	bool ok;

	sp_buf_addf(&type, "%s.%s", sp_entities[m->in.kind].name, m->column->name);
	v.type = sp_buf_text(&type);
	while (v.words && v.words[v.count])
		v.count++;
	ok = type.failed ? sp_fail_memory(err) : !v.words || add_whens(m, &v, whens, err);
	sp_buf_free(&type);
	return ok;
}

/* The word as it is written here; a word that is here already stays, though it may start work. */
static bool add_word(making *m, const sp_normal *normal, sp_error *err)
{
	sp_buf whens = { 0 }, word = { 0 };
	bool ok = m->column->is_enum ? add_labels(m, &whens, err) : add_spellings(m, &whens, err);

	if (whens.len)
		sp_buf_adds(&word, "CASE ");
	sp_sql_column(&word, "r", m->key);
	if (whens.len) {
		sp_buf_addf(&word, "%s ELSE ", sp_buf_text(&whens));
		sp_sql_column(&word, "r", m->key);
		sp_buf_adds(&word, " END");
	}
	sp_buf_adds(&m->value, "(CASE WHEN ");
	sp_sql_column(&m->value, "r", m->key);
	sp_buf_adds(&m->value, " = ");
	sp_sql_column(&m->value, "t", m->column->name);
	sp_buf_adds(&m->value, "::text THEN ");
	sp_sql_column(&m->value, "r", m->key);
	if (normal->rule == SP_NORMAL_UNLESS) {
		sp_buf_addf(&m->value, " WHEN (%s) NOT IN (", sp_buf_text(&word));
		for (size_t i = 0; i < 4 && normal->words[i]; i++) {
			sp_buf_adds(&m->value, i ? ", " : "");
			sp_sql_literal(&m->value, normal->words[i]);
		}
		sp_buf_adds(&m->value, ") THEN ");
		sp_sql_literal(&m->value, normal->value);
	}
	sp_buf_addf(&m->value, " ELSE %s END)::%s", sp_buf_text(&word), m->column->type);
	m->value.failed = m->value.failed || word.failed || whens.failed;
	sp_buf_free(&whens);
	sp_buf_free(&word);
	return ok;
}

/* --- what nobody has a value for --- */

static void add_canon(const making *m, sp_buf *sql)
{
	sp_sides of;

	if (!sp_sides_other(&m->in, SP_CANON, &of)) {
		sp_buf_adds(sql, "NULL");
		return;
	}
	sp_buf_addf(sql,
	            "(SELECT min(c.id) FROM %s c WHERE c.infospace_id = %" PRId64
	            " AND upper(c.role::text) = 'GENERAL')",
	            of.table->quoted, m->about->infospace);
}

void sp_after_now(const sp_plan_about *about, const sp_column *column, sp_buf *sql)
{
	sp_buf_adds(sql, "(now()");
	if (about->zone_here && !strcmp(column->type, "timestamp without time zone")) {
		sp_buf_adds(sql, " AT TIME ZONE ");
		sp_sql_literal(sql, about->zone_here);
	}
	sp_buf_addf(sql, ")::%s", column->type);
}

static void add_fill(making *m, sp_buf *sql)
{
	const sp_fill *fill = sp_fill_find(m->in.kind, m->column->name);

	switch (fill ? fill->rule : SP_FILL_NULL) {
	case SP_FILL_VALUE: add_typed(sql, fill->value, m->column); break;
	case SP_FILL_UUID: sp_uuids_sql(&m->in, m->about, "r", sql); break;
	case SP_FILL_INFOSPACE: sp_buf_addf(sql, "%" PRId64, m->about->infospace); break;
	case SP_FILL_OWNER: sp_buf_addf(sql, "%" PRId64, m->about->owner); break;
	case SP_FILL_NOW: sp_after_now(m->about, m->column, sql); break;
	case SP_FILL_CANON: add_canon(m, sql); break;
	default: add_typed(sql, NULL, m->column); /* what it stands in is named by the row */
	}
}

/* A value where there must be one and the package has none: what the row here has, else what a new
 * row gets. */
static void add_filled(making *m, sp_buf *sql, bool has_value)
{
	if (has_value && !m->column->not_null) {
		sp_buf_adds(sql, sp_buf_text(&m->value));
		return;
	}
	if (has_value) {
		sp_buf_addf(sql, "coalesce(%s, ", sp_buf_text(&m->value));
		sp_sql_column(sql, "t", m->column->name);
		sp_buf_adds(sql, ", ");
	}
	if (default_of(m->in.kind, m->column))
		sp_buf_addf(sql, "(%s)", m->column->default_sql);
	else
		add_fill(m, sql);
	sp_buf_adds(sql, has_value ? ")" : "");
}

/* --- versions --- */

static bool is_previous(const making *m)
{
	return m->in.kind == SP_ASSET && !strcmp(m->column->name, "previous_asset_id");
}

/* Appends "(SELECT …)" of assets here which HQ annotates new versions of by itself. False: it never
 * does so. */
static bool add_followed(const making *m, sp_buf *sql)
{
	sp_sides annotation, run;

	if (m->in.kind != SP_ASSET || !sp_sides_other(&m->in, SP_ANNOTATION, &annotation) ||
	    !sp_sides_other(&m->in, SP_RUN, &run) ||
	    !sp_table_column(run.table, "follow_on_version_change"))
		return false;
	sp_buf_addf(sql,
	            "(SELECT n.asset_id FROM %s n JOIN %s u ON u.id = n.run_id WHERE"
	            " u.follow_on_version_change AND u.infospace_id = %" PRId64 ")",
	            annotation.table->quoted, run.table->quoted, m->about->infospace);
	return true;
}

static bool look_for_followers(making *m, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT EXISTS ");
	if (!add_followed(m, &sql)) {
		sp_buf_free(&sql);
		return true;
	}
	if (!(rows = sp_db_query_buf(m->in.db, &sql, 0, NULL, err)))
		return false;
	m->has_followers = sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return true;
}

/* A new version without annotations of its own, of an asset of such a run, isn't said to be one:
 * HQ would annotate it. `expr`, which is appended to no more than here, names the other one. */
static void add_version(making *m, const char *expr)
{
	sp_sides of;

	sp_buf_addf(&m->joins, " CROSS JOIN LATERAL (SELECT %s AS id) version", expr);
	sp_buf_adds(&m->unlinked,
	            "(version.id IS DISTINCT FROM t.previous_asset_id AND version.id IN ");
	add_followed(m, &m->unlinked);
	if (!m->about->unasked[SP_ANNOTATION] && sp_sides_other(&m->in, SP_ANNOTATION, &of) &&
	    of.staged && sp_staged_find(of.staged, "asset_id")) {
		sp_buf_adds(&m->joins, " LEFT JOIN (SELECT DISTINCT asset_id FROM ");
		sp_sides_table(&of, "row", &m->joins);
		sp_buf_adds(&m->joins, ") own ON own.asset_id = r.id");
		sp_buf_adds(&m->unlinked, " AND own.asset_id IS NULL");
	}
	sp_buf_adds(&m->unlinked, ")");
	sp_buf_addf(&m->columns, "CASE WHEN %s THEN t.previous_asset_id ELSE version.id END",
	            sp_buf_text(&m->unlinked));
}

/* --- rows --- */

/* Of a column that the package has. */
static bool add_taken(making *m, const sp_normal *normal, sp_error *err)
{
	int kind = sp_kind_named(m->in.catalog, m->in.table, m->column->name);

	switch (sp_typed_form_of(m->in.table, m->in.kind, m->column)) {
	case SP_TYPED_REF:
		if (kind == SP_USER)
			add_user(m);
		else
			add_ref(m, kind);
		return true;
	case SP_TYPED_REFS: add_refs(m, kind); return true;
	case SP_TYPED_WORD: return add_word(m, normal, err);
	default:
		if (normal->rule == SP_NORMAL_UNLESS)
			return add_word(m, normal, err);
		add_value(m);
		return true;
	}
}

/* In m->value, what the column has in a new row; empty: nobody says. */
static bool add_source(making *m, sp_error *err)
{
	const sp_normal *normal = sp_normal_of(m->in.kind, m->column->name);

	sp_buf_reset(&m->value);
	if (is_own_uuid(&m->in, m->column))
		sp_uuids_sql(&m->in, m->about, "r", &m->value);
	else if (sp_is_lineage(m->column->name))
		add_lineage(m);
	else if (normal->rule == SP_NORMAL_FIXED)
		add_typed(&m->value, normal->value, m->column);
	else if (normal->rule == SP_NORMAL_OBJECT)
		add_object(m);
	else if (sp_kind_named(m->in.catalog, m->in.table, m->column->name) == SP_INFOSPACE)
		sp_buf_addf(&m->value, "%" PRId64, m->about->infospace);
	else if (is_staged(&m->in, m->column))
		return add_taken(m, normal, err);
	return true;
}

/* Appends what the column has in a row, whether that is here or not. */
static void add_either(making *m, sp_after_form form, sp_buf *to)
{
	const char *beside = beside_of(m);

	if (beside)
		sp_buf_addf(to, "CASE WHEN x.%s IS NOT NULL THEN x.%s::%s ELSE ", beside, beside,
		            m->column->type);
	if (form == SP_AFTER_FILLED) {
		sp_buf_adds(to, "CASE WHEN t.id IS NOT NULL THEN ");
		sp_sql_column(to, "t", m->column->name);
		sp_buf_adds(to, " ELSE ");
	}
	add_filled(m, to, m->value.len > 0);
	sp_buf_adds(to, form == SP_AFTER_FILLED ? " END" : "");
	sp_buf_adds(to, beside ? " END" : "");
}

static bool add_column(making *m, sp_after_form form, sp_error *err)
{
	sp_buf either = { 0 };

	sp_buf_adds(&m->columns, ", ");
	if (!strcmp(m->column->name, "id")) {
		sp_buf_adds(&m->columns, "m.target");
	} else {
		if (!add_source(m, err))
			return false;
		add_either(m, form, &either);
		if (m->has_followers && is_previous(m))
			add_version(m, sp_buf_text(&either));
		else
			sp_buf_adds(&m->columns, sp_buf_text(&either));
	}
	sp_buf_adds(&m->columns, " AS ");
	sp_sql_ident(&m->columns, m->key);
	m->columns.failed = m->columns.failed || m->value.failed || either.failed;
	sp_buf_free(&either);
	return true;
}

static bool add_all(making *m, sp_error *err)
{
	sp_buf key = { 0 };
	bool ok = true;

	for (int i = 0; ok && i < m->in.table->count; i++) {
		sp_after_form form;

		m->column = &m->in.table->columns[i];
		sp_buf_reset(&key);
		sp_column_key(&key, m->column);
		m->key = sp_buf_text(&key);
		form = sp_after_form_of(&m->in, m->column);
		ok = !key.failed || sp_fail_memory(err);
		if (ok && form != SP_AFTER_LEFT)
			ok = add_column(m, form, err);
	}
	sp_buf_free(&key);
	return ok;
}

static bool join_beside(making *m, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT EXISTS (SELECT FROM ");
	sp_sides_shared(&m->in, "beside", &sql);
	sp_buf_adds(&sql, " x)");
	if (!(rows = sp_db_query_buf(m->in.db, &sql, 0, NULL, err)))
		return false;
	m->has_beside = sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	if (m->has_beside) {
		sp_buf_adds(&m->joins, " LEFT JOIN ");
		sp_sides_shared(&m->in, "beside", &m->joins);
		sp_buf_adds(&m->joins, " x ON x.id = r.id");
	}
	return true;
}

static bool make(making *m, sp_error *err)
{
	sp_buf sql = { 0 };

	/* the one of another plan went with its matches; one of this plan has the same columns, and to
	 * keep it leaves fewer locks */
	sp_buf_adds(&sql, "CREATE OR REPLACE VIEW ");
	sp_sides_table(&m->in, "after", &sql);
	sp_buf_addf(&sql, " AS SELECT r.__number, t.id::bigint AS __target%s, %s AS __unlinked FROM ",
	            sp_buf_text(&m->columns), m->unlinked.len ? sp_buf_text(&m->unlinked) : "false");
	sp_sides_table(&m->in, "row", &sql);
	sp_buf_adds(&sql, " r LEFT JOIN ");
	sp_sides_table(&m->in, "match", &sql);
	sp_buf_addf(&sql, " m ON m.id = r.id LEFT JOIN %s t ON t.id = m.target%s;", m->in.table->quoted,
	            sp_buf_text(&m->joins));
	sql.failed = sql.failed || m->columns.failed || m->joins.failed || m->unlinked.failed;
	return sp_db_exec_buf(m->in.db, &sql, err);
}

bool sp_after_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind,
                   const sp_plan_about *about, sp_error *err)
{
	making m = { .about = about };
	bool ok;

	if (!sp_sides_get(staging, catalog, kind, &m.in) || !m.in.staged)
		return true;
	ok = (!about->decided || sp_staging_has(staging, "taken", &m.has_taken, err)) &&
	     join_beside(&m, err) && look_for_followers(&m, err) && add_all(&m, err) && make(&m, err);
	sp_buf_free(&m.columns);
	sp_buf_free(&m.joins);
	sp_buf_free(&m.value);
	sp_buf_free(&m.unlinked);
	return ok;
}
