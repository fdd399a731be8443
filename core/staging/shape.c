#include <config.h>

#include "core/staging/shape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/db/sql.h"
#include "core/model/between.h"
#include "core/staging/contract.h"
#include "core/staging/justified.h"
#include "core/staging/line.h"
#include "core/staging/typed.h"

/* Each move once, and what the target keeps apart. */
#define MOST_CHANGES (SP_MOVES + 2)

typedef struct shaping shaping;

/* Rows of another kind that a row has, and where they are from. */
typedef struct {
	sp_line **lines;
	sp_staged_place *places;
	sp_span *texts;
	size_t count;
	sp_members members;
} parts;

/* Changes a row; false: memory. */
typedef bool change_fn(shaping *s, sp_line *line, parts *of, sp_error *err);

typedef struct {
	sp_kind kind; /* whose lines it changes */
	int from;     /* the kind of the rows that it takes in or out; -1: none */
	const sp_move *move;
	change_fn *fn;
} change;

struct shaping {
	sp_staging *staging;
	const sp_catalog *catalog;
	change changes[MOST_CHANGES];
	int count;
	/* while one row is at work */
	sp_kind kind;
	const change *at;
	sp_staged_place place;
	int64_t lost;
	sp_buf text;
	sp_spool *spool, *unmoved;
	bool kinds[SP_ENTITY_COUNT]; /* of which there are other lines */
};

/* --- what comes of it --- */

static bool keep(shaping *s, sp_kind kind, const sp_staged_place *place, const sp_buf *text,
                 sp_error *err)
{
	const uint64_t len = text->len, number = kind;

	s->kinds[kind] = true;
	return sp_spool_write(s->spool, &number, sizeof number, err) &&
	       sp_spool_write(s->spool, place, sizeof *place, err) &&
	       sp_spool_write(s->spool, &len, sizeof len, err) &&
	       sp_spool_write(s->spool, sp_buf_text(text), text->len, err);
}

/* A line in the place of an older one. */
static bool replace(shaping *s, sp_kind kind, const sp_staged_place *place, sp_span older,
                    const sp_line *line, sp_error *err)
{
	sp_buf_reset(&s->text);
	return sp_staging_forget(s->staging, sp_entities[kind].name, older.text, older.len, err) &&
	       sp_line_write(line, &s->text, err) && keep(s, kind, place, &s->text, err);
}

static bool note_lost(shaping *s, const char *what, sp_error *err)
{
	const uint64_t numbers[] = { (uint64_t)s->kind, (uint64_t)s->place.number, strlen(what) };

	return sp_spool_write(s->unmoved, numbers, sizeof numbers, err) &&
	       sp_spool_write(s->unmoved, what, strlen(what), err);
}

/* --- the changes --- */

static const sp_table *table_of(const shaping *s, sp_kind kind)
{
	int index = sp_kind_table(s->catalog, kind);

	return index < 0 ? NULL : &s->catalog->tables[index];
}

static bool rename_column(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	(void)of;
	return sp_line_rename(line, s->at->move->column, s->at->move->to[0], err);
}

static bool fold(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	const sp_column *value = sp_table_column(table_of(s, SP_ANNOTATION), "value");

	return sp_justified_fold(line, of->lines, of->count, value->form == SP_COLUMN_JSONB, &s->lost,
	                         err);
}

static bool unfold(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	bool ok = sp_justified_unfold(line, of->lines, of->count, err);

	for (size_t i = 0; ok && i < of->count; i++)
		ok = replace(s, SP_JUSTIFICATION, &of->places[i], of->texts[i], of->lines[i], err);
	return ok;
}

static bool lift(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	(void)of;
	return sp_contract_lift(line, &s->lost, err);
}

static bool lower(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	(void)s;
	(void)of;
	return sp_contract_lower(line, err);
}

static bool is_object(sp_span value)
{
	return value.len && *value.text == '{';
}

static bool is_null(sp_span value)
{
	return !value.text || (value.len == 4 && !memcmp(value.text, "null", 4));
}

static void add_members(sp_buf *to, const sp_members *of, size_t but, size_t and)
{
	for (size_t i = 0; i < of->count; i++) {
		if (i == but || i == and)
			continue;
		sp_buf_adds(to, to->len > 1 ? "," : "");
		sp_buf_add(to, of->all[i].key.text, of->all[i].key.len);
		sp_buf_addc(to, ':');
		sp_buf_add(to, of->all[i].value.text, of->all[i].value.len);
	}
}

static bool share_names(const sp_members *one, const sp_members *other, size_t but, size_t and)
{
	for (size_t i = 0; i < one->count; i++) {
		size_t at = sp_members_find(other, sp_members_name(one, i), one->all[i].name_len);

		if (at < other->count && at != but && at != and)
			return true;
	}
	return false;
}

static bool set(sp_line *line, const char *key, const sp_buf *value, sp_error *err)
{
	return value->failed ? sp_fail_memory(err)
	                     : sp_line_set(line, key, (sp_span){ sp_buf_text(value), value->len }, err);
}

/* Facets are metadata; all else describes the file, with what stands under "file" as HQ does it. */
static bool split_object(sp_line *line, const sp_members *of, sp_error *err)
{
	size_t facets = sp_members_find(of, "facets", 6), file = sp_members_find(of, "file", 4);
	sp_members inside = { 0 };
	sp_buf info = { 0 };
	bool ok = true;

	if (facets < of->count && !is_object(of->all[facets].value))
		facets = of->count;
	if (file < of->count && is_object(of->all[file].value))
		ok = sp_members_read(&inside, of->all[file].value.text, of->all[file].value.len, err);
	else
		file = of->count;
	if (file < of->count && share_names(&inside, of, facets, file))
		file = of->count;
	sp_buf_addc(&info, '{');
	if (file < of->count)
		add_members(&info, &inside, inside.count, inside.count);
	add_members(&info, of, facets, file);
	sp_buf_addc(&info, '}');
	if (ok && facets < of->count)
		ok = sp_line_set(line, "metadata", of->all[facets].value, err) &&
		     sp_line_move_refs(line, "/source_metadata/facets", "/metadata", NULL, err);
	if (ok && file < of->count)
		ok = sp_line_move_refs(line, "/source_metadata/file", "/file_info", NULL, err);
	ok = ok && set(line, "file_info", &info, err);
	sp_members_free(&inside);
	sp_buf_free(&info);
	return ok;
}

static bool split_metadata(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	sp_span value = sp_line_get(line, "source_metadata");
	sp_members members = { 0 };
	bool ok = true;

	(void)s;
	(void)of;
	if (!value.text)
		return true;
	if (is_object(value))
		ok = sp_members_read(&members, value.text, value.len, err) &&
		     split_object(line, &members, err);
	else
		ok = sp_line_set(line, "file_info", value, err) &&
		     (!is_null(value) || sp_line_set(line, "metadata", value, err));
	ok = ok && sp_line_move_refs(line, "/source_metadata", "/file_info", NULL, err);
	sp_line_drop(line, "source_metadata");
	sp_members_free(&members);
	return ok;
}

/* The file's members with the facets among them; beside them where it has such a member itself. */
static bool join_metadata(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	sp_span facets = sp_line_get(line, "metadata"), info = sp_line_get(line, "file_info");
	sp_members members = { 0 };
	sp_buf value = { 0 };
	bool ok = true, is_flat;

	(void)s;
	(void)of;
	if (!facets.text && !info.text)
		return true;
	if (info.text)
		ok = sp_members_read(&members, info.text, info.len, err);
	is_flat = is_object(info) && sp_members_find(&members, "facets", 6) == members.count;
	sp_buf_addc(&value, '{');
	if (is_flat)
		add_members(&value, &members, members.count, members.count);
	else if (!is_null(info))
		sp_buf_addf(&value, "\"file_info\":%.*s", (int)info.len, info.text);
	if (!is_null(facets))
		sp_buf_addf(&value, "%s\"facets\":%.*s", value.len > 1 ? "," : "", (int)facets.len,
		            facets.text);
	sp_buf_addc(&value, '}');
	if (is_null(facets) && is_null(info)) {
		sp_buf_reset(&value);
		sp_buf_adds(&value, "null");
	}
	ok = ok && set(line, "source_metadata", &value, err) &&
	     sp_line_move_refs(line, "/metadata", "/source_metadata/facets", NULL, err) &&
	     sp_line_move_refs(line, "/file_info",
	                       is_flat ? "/source_metadata" : "/source_metadata/file_info", NULL, err);
	sp_line_drop(line, "metadata");
	sp_line_drop(line, "file_info");
	sp_members_free(&members);
	sp_buf_free(&value);
	return ok;
}

/* --- bundles --- */

/* HQ's root, which is no bundle. */
static bool is_root(sp_span id)
{
	return is_null(id) || (id.len == 1 && *id.text == '0') ||
	       (id.len == 3 && !memcmp(id.text, "\"0\"", 3));
}

static bool give_refs(sp_line *line, const char *from, size_t index, const char *to, sp_error *err)
{
	sp_buf place = { 0 };
	bool ok;

	sp_buf_addf(&place, "%s/%zu", from, index);
	ok = place.failed ? sp_fail_memory(err) : sp_line_move_refs(line, place.data, to, NULL, err);
	sp_buf_free(&place);
	return ok;
}

static bool wrap_bundle(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	sp_span id = sp_line_get(line, "bundle_id");
	sp_buf list = { 0 };
	bool ok = true;

	(void)s;
	(void)of;
	if (!is_root(id)) {
		sp_buf_addf(&list, "[%.*s]", (int)id.len, id.text);
		ok = set(line, "bundle_ids", &list, err) &&
		     sp_line_move_refs(line, "/bundle_id", "/bundle_ids/0", NULL, err);
	}
	sp_line_drop(line, "bundle_id");
	sp_buf_free(&list);
	return ok;
}

/* The first of several; the others have no place. */
static bool unwrap_bundles(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	sp_span ids = sp_line_get(line, "bundle_ids");
	sp_members items = { 0 };
	size_t found = 0, first = 0;
	bool ok = !ids.text || sp_members_read(&items, ids.text, ids.len, err);

	(void)of;
	for (size_t i = 0; i < items.count; i++) {
		if (!is_root(items.all[i].value) && !found++)
			first = i;
	}
	if (ok && found)
		ok = give_refs(line, "/bundle_ids", first, "/bundle_id", err) &&
		     sp_line_set(line, "bundle_id", items.all[first].value, err);
	ok = ok && sp_line_move_refs(line, "/bundle_ids", NULL, NULL, err);
	s->lost += found > 1 ? (int64_t)found - 1 : 0;
	sp_line_drop(line, "bundle_ids");
	sp_members_free(&items);
	return ok;
}

static bool keep_link(shaping *s, const sp_line *line, sp_span bundle, sp_error *err)
{
	sp_span asset = sp_line_get(line, "id");
	sp_staged_place place = { .entry = s->place.entry, .line = s->place.line };

	sp_buf_reset(&s->text);
	sp_buf_addf(&s->text, "{\"asset_id\":%.*s,\"bundle_id\":%.*s}", (int)asset.len, asset.text,
	            (int)bundle.len, bundle.text);
	return s->text.failed ? sp_fail_memory(err) : keep(s, SP_BUNDLE_LINK, &place, &s->text, err);
}

/* Each bundle as a row of its own. One that isn't known has no place. */
static bool link_bundles(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	const char *key = s->at->move->column;
	sp_span value = sp_line_get(line, key);
	sp_members items = { 0 };
	bool ok = !value.text || sp_members_read(&items, value.text, value.len, err);
	size_t count = value.text && *value.text != '[' ? 1 : items.count;

	(void)of;
	for (size_t i = 0; ok && i < count; i++) {
		sp_span id = items.count ? items.all[i].value : value;

		if (*id.text == '"')
			ok = is_root(id) || keep_link(s, line, id, err);
		else
			s->lost += !is_root(id);
	}
	sp_members_free(&items);
	sp_buf_reset(&s->text);
	sp_buf_add_pointer(&s->text, key, strlen(key));
	ok = ok && (!s->text.failed || sp_fail_memory(err)) &&
	     sp_line_move_refs(line, s->text.data, NULL, NULL, err);
	sp_line_drop(line, key);
	return ok;
}

/* Rows that link it with bundles, into a list, or the first of them. */
static bool gather_bundles(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	bool first = s->at->move->first, ok;
	size_t found = 0;
	sp_buf list = { 0 };

	sp_buf_adds(&list, first ? "" : "[");
	for (size_t i = 0; i < of->count; i++) {
		sp_span id = sp_line_get(of->lines[i], "bundle_id");

		if (is_root(id))
			continue;
		if (!first || !found)
			sp_buf_addf(&list, "%s%.*s", found ? "," : "", (int)id.len, id.text);
		found++;
	}
	sp_buf_adds(&list, first ? "" : "]");
	ok = !found || set(line, s->at->move->to[0], &list, err);
	s->lost += first && found > 1 ? (int64_t)found - 1 : 0;
	sp_buf_free(&list);
	return ok;
}

/* --- which changes there are to make --- */

static change_fn *change_of(const sp_move *move)
{
	if (move->renamed)
		return rename_column;
	switch (move->kind) {
	case SP_JUSTIFICATION: return fold;
	case SP_BUNDLE_LINK: return gather_bundles;
	case SP_SCHEMA: return lift;
	default: break;
	}
	if (move->to_kind == SP_BUNDLE_LINK)
		return link_bundles;
	if (!strcmp(move->column, "bundle_id"))
		return wrap_bundle;
	if (!strcmp(move->column, "bundle_ids"))
		return unwrap_bundles;
	return !strcmp(move->column, "source_metadata") ? split_metadata : join_metadata;
}

static bool has_column(const sp_table *table, const char *column)
{
	return table && sp_table_column(table, column);
}

/* What is found twice is one change: a value that comes from two columns. */
static void add_change(shaping *s, sp_kind kind, int from, const sp_move *move, change_fn *fn)
{
	for (int i = 0; i < s->count; i++) {
		if (s->changes[i].kind == kind && s->changes[i].fn == fn && fn != rename_column)
			return;
	}
	s->changes[s->count++] = (change){ kind, from, move, fn };
}

static void add_move(shaping *s, sp_kind kind, const char *column)
{
	const sp_move *move = sp_move_next(NULL, kind, column);

	while (move && !sp_move_fits(move, s->catalog))
		move = sp_move_next(move, kind, column);
	if (move)
		add_change(s, column ? kind : move->to_kind, column ? -1 : (int)kind, move,
		           change_of(move));
}

/* What the target keeps apart, and the package together. */
static void add_opposite(shaping *s)
{
	static const char configs[] = "field_specific_justification_configs";
	const sp_staged_kind *staged = sp_staging_find(s->staging, SP_JUSTIFICATION);

	if (staged && sp_staged_find(staged, "__inline") && table_of(s, SP_JUSTIFICATION))
		add_change(s, SP_ANNOTATION, SP_JUSTIFICATION, NULL, unfold);
	staged = sp_staging_find(s->staging, SP_SCHEMA);
	if (staged && !sp_staged_find(staged, configs) && has_column(table_of(s, SP_SCHEMA), configs))
		add_change(s, SP_SCHEMA, -1, NULL, lower);
}

/* Rows that only say what stands inside values too. */
static bool are_inline(const sp_staged_kind *staged)
{
	const sp_staged_column *inside = sp_staged_find(staged, "__inline");

	return inside && inside->rows == staged->rows;
}

static void find_changes(shaping *s)
{
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		const sp_staged_kind *staged = sp_staging_find(s->staging, (sp_kind)kind);
		const sp_table *table = table_of(s, (sp_kind)kind);

		if (!staged || !staged->rows)
			continue;
		if (!table && !are_inline(staged))
			add_move(s, (sp_kind)kind, NULL);
		for (int i = 0; table && i < staged->count; i++) {
			if (staged->columns[i].rows && !has_column(table, staged->columns[i].name))
				add_move(s, (sp_kind)kind, staged->columns[i].name);
		}
	}
	add_opposite(s);
}

/* --- rows --- */

static bool read_parts(parts *of, const sp_field *field, sp_error *err)
{
	bool ok = !field->data || sp_members_read(&of->members, field->data, field->len, err);
	size_t count = of->members.count;

	of->lines = calloc(count + 1, sizeof *of->lines);
	of->places = calloc(count + 1, sizeof *of->places);
	of->texts = calloc(count + 1, sizeof *of->texts);
	if (ok && (!of->lines || !of->places || !of->texts))
		ok = sp_fail_memory(err);
	for (size_t i = 0; ok && i < count; i++) {
		sp_span item = of->members.all[i].value;
		sp_members parts = { 0 };

		/* number, entry, line, body */
		ok = sp_members_read(&parts, item.text, item.len, err);
		if (ok && parts.count == 4) {
			of->places[i] = (sp_staged_place){ strtoll(parts.all[0].value.text, NULL, 10),
				                               strtoull(parts.all[1].value.text, NULL, 10),
				                               strtoll(parts.all[2].value.text, NULL, 10) };
			of->texts[i] = parts.all[3].value;
			of->lines[i] = sp_line_read(of->texts[i].text, of->texts[i].len, err);
			ok = of->lines[i] != NULL;
			of->count++;
		}
		sp_members_free(&parts);
	}
	return ok;
}

static void free_parts(parts *of)
{
	for (size_t i = 0; of->lines && i < of->count; i++)
		sp_line_free(of->lines[i]);
	free(of->lines);
	free(of->places);
	free(of->texts);
	sp_members_free(&of->members);
}

static bool change_row(shaping *s, sp_line *line, parts *of, sp_error *err)
{
	for (int i = 0; i < s->count; i++) {
		s->at = &s->changes[i];
		if (s->at->kind != s->kind)
			continue;
		s->lost = 0;
		if (!s->at->fn(s, line, of, err))
			return false;
		if (s->lost &&
		    !note_lost(s, s->at->from < 0 ? s->at->move->column : sp_entities[s->at->from].name,
		               err))
			return false;
	}
	return true;
}

static bool take_row(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	shaping *s = ctx;
	sp_span body = { fields[3].data, fields[3].len };
	parts of = { .count = 0 };
	sp_line *line;
	bool ok;

	(void)count;
	s->place = (sp_staged_place){ sp_field_int(&fields[0]), (uint64_t)sp_field_int(&fields[1]),
		                          sp_field_int(&fields[2]) };
	line = sp_line_read(body.text, body.len, err);
	ok = line && read_parts(&of, &fields[4], err) && change_row(s, line, &of, err) &&
	     replace(s, s->kind, &s->place, body, line, err);
	free_parts(&of);
	sp_line_free(line);
	return ok;
}

/* Rows of a kind by the row that they are a part of. */
static void add_parts(const shaping *s, sp_kind from, const char *join, sp_buf *sql)
{
	sp_buf_addf(sql,
	            "%s JOIN (SELECT j.body::json ->> '%s' AS id, json_agg(json_build_array(j.number,"
	            " j.entry, j.line, j.body::json) ORDER BY j.number)::text AS parts FROM ",
	            join, sp_entities[from].owner);
	sp_staging_table(s->staging, "raw", sp_entities[from].name, sql);
	sp_buf_adds(sql, " j GROUP BY 1) p ON p.id = w.body::json ->> 'id'");
}

/* All rows of a kind, or those that have parts, where only these are moved. */
static bool read_rows(shaping *s, sp_error *err)
{
	int from = -1;
	bool all = false;
	sp_buf sql = { 0 };

	for (int i = 0; i < s->count; i++) {
		if (s->changes[i].kind != s->kind)
			continue;
		if (s->changes[i].from < 0)
			all = true;
		else
			from = s->changes[i].from;
	}
	sp_buf_addf(&sql, "SELECT w.number, w.entry, w.line, w.body, %s FROM ",
	            from < 0 ? "NULL" : "p.parts");
	sp_staging_table(s->staging, "raw", sp_entities[s->kind].name, &sql);
	sp_buf_adds(&sql, " w");
	if (from >= 0)
		add_parts(s, (sp_kind)from, all ? " LEFT" : "", &sql);
	return sp_db_copy_out_buf(sp_staging_db(s->staging), &sql, take_row, s, err);
}

/* --- back into the staging --- */

static bool get_text(sp_spool *from, uint64_t len, sp_buf *to, sp_error *err)
{
	char *room;

	sp_buf_reset(to);
	if (!(room = sp_buf_reserve(to, len)))
		return sp_fail_memory(err);
	if (!sp_spool_get(from, room, len, err))
		return false;
	to->len = len;
	room[len] = '\0';
	return true;
}

/* What came out of a jsonb. */
static void note_moved(const shaping *s)
{
	for (int i = 0; i < s->count; i++) {
		if (s->changes[i].fn == unfold)
			sp_staging_moved(s->staging, SP_JUSTIFICATION, "evidence_payload");
		else if (s->changes[i].fn == join_metadata)
			sp_staging_moved(s->staging, SP_ASSET, "source_metadata");
	}
}

static bool send_rows(shaping *s, sp_error *err)
{
	sp_staged_place place;
	uint64_t kind, len;

	if (!sp_spool_rewind(s->spool, err))
		return false;
	while (sp_spool_get(s->spool, &kind, sizeof kind, err)) {
		if (!sp_spool_get(s->spool, &place, sizeof place, err) ||
		    !sp_spool_get(s->spool, &len, sizeof len, err) ||
		    !get_text(s->spool, len, &s->text, err) ||
		    !sp_staging_again(s->staging, sp_entities[kind].name, &place, s->text.data, len, err))
			return false;
	}
	note_moved(s);
	return !sp_error_is_set(err) && sp_staging_replace(s->staging, s->kinds, err);
}

static bool send_unmoved(shaping *s, sp_error *err)
{
	sp_db *db = sp_staging_db(s->staging);
	sp_buf sql = { 0 };
	uint64_t numbers[3];
	bool ok;

	sp_staging_make(s->staging, "unmoved", NULL, &sql);
	sp_buf_adds(&sql, " (kind text, number bigint, what text)");
	if (!sp_db_exec_buf(db, &sql, err) || !sp_spool_rewind(s->unmoved, err))
		return false;
	sp_staging_table(s->staging, "unmoved", NULL, &sql);
	ok = sql.failed ? sp_fail_memory(err) : sp_db_copy_in(db, sql.data, err);
	sp_buf_free(&sql);
	while (ok && sp_spool_get(s->unmoved, numbers, sizeof numbers, err)) {
		char number[24];

		snprintf(number, sizeof number, "%" PRIu64, numbers[1]);
		ok = get_text(s->unmoved, numbers[2], &s->text, err) &&
		     sp_db_copy_row(db,
		                    (const char *[]){ sp_entities[numbers[0]].name, number, s->text.data },
		                    3, err);
	}
	return ok && !sp_error_is_set(err) && sp_db_copy_end(db, err);
}

/* The keys of a kind's columns that are jsonb here, as an SQL list; false: it has none. */
static bool add_jsonb(const sp_staged_kind *staged, const sp_table *table, sp_buf *sql)
{
	sp_buf key = { 0 };
	bool first = true;

	for (int i = 0; i < table->count; i++) {
		sp_buf_reset(&key);
		sp_column_key(&key, &table->columns[i]);
		sql->failed = sql->failed || key.failed;
		if (table->columns[i].form != SP_COLUMN_JSONB || !sp_staged_find(staged, sp_buf_text(&key)))
			continue;
		sp_buf_adds(sql, first ? "" : ", ");
		sp_sql_literal(sql, sp_buf_text(&key));
		first = false;
	}
	sp_buf_free(&key);
	return !first;
}

/* What stands in `__raw`, and belongs into a jsonb here, isn't there at all. */
static bool note_raw(const shaping *s, sp_error *err)
{
	sp_buf sql = { 0 };

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		const sp_staged_kind *staged = sp_staging_find(s->staging, (sp_kind)kind);
		const sp_table *table = table_of(s, (sp_kind)kind);
		sp_buf keys = { 0 };

		if (staged && table && sp_staged_find(staged, "__raw") && add_jsonb(staged, table, &keys)) {
			sp_buf_adds(&sql, "INSERT INTO ");
			sp_staging_table(s->staging, "unmoved", NULL, &sql);
			sp_buf_addf(&sql, " SELECT '%s', w.number, k.key FROM ", sp_entities[kind].name);
			sp_staging_table(s->staging, "raw", sp_entities[kind].name, &sql);
			sp_buf_addf(&sql,
			            " w CROSS JOIN LATERAL json_object_keys(w.body::json -> '__raw') AS k (key)"
			            " WHERE k.key IN (%s); ",
			            sp_buf_text(&keys));
		}
		sql.failed = sql.failed || keys.failed;
		sp_buf_free(&keys);
	}
	return sp_db_exec_buf(sp_staging_db(s->staging), &sql, err);
}

bool sp_shape_make(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	shaping s = { .staging = staging, .catalog = catalog };
	bool done[SP_ENTITY_COUNT] = { false }, ok;

	find_changes(&s);
	ok = (s.spool = sp_spool_create(NULL, err)) && (s.unmoved = sp_spool_create(NULL, err));
	for (int i = 0; ok && i < s.count; i++) {
		s.kind = s.changes[i].kind;
		ok = done[s.kind] || read_rows(&s, err);
		done[s.kind] = true;
	}
	ok = ok && (!s.count || send_rows(&s, err)) && send_unmoved(&s, err) && note_raw(&s, err);
	sp_spool_free(s.spool);
	sp_spool_free(s.unmoved);
	sp_buf_free(&s.text);
	return ok;
}
