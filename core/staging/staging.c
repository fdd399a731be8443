#include <config.h>

#include "core/staging/staging.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"
#include "core/db/sql.h"
#include "core/package/places.h"
#include "core/package/take.h"

/* A slice is committed after so many rows or bytes: large enough to cost
 * nothing, small enough that little is sent again. */
#define SLICE_ROWS  10000
#define SLICE_BYTES ((uint64_t)32 << 20)
/* So much of a long text is one row, so that none need be held as a whole. */
#define TEXT_BYTES ((size_t)1 << 20)
/* PostgreSQL's tables have at most 1,600 columns. */
#define MAX_COLUMNS 1600
#define MAX_KINDS   (SP_ENTITY_COUNT + 3)
/* Of so many rows it is cheaper to delete them than to make a table. */
#define FEW_ROWS 10000

/* A kind and what else is known of its last row. */
typedef struct {
	sp_staged_kind staged;
	int last; /* the column that came last */
} kind_state;

struct sp_staging {
	sp_db *db;
	char name[SP_UUID_LEN + 1]; /* of the operation, without dashes */
	bool temporary;
	sp_walk *walk;
	sp_walk_watcher watcher;
	sp_row_taker taker;
	sp_taking *taking;
	kind_state kinds[MAX_KINDS];
	int count;
	uint64_t entry;        /* the number of the one that is read */
	const char *text_path; /* it is a long text */
	sp_buf text;           /* what of it wasn't sent yet */
	int64_t part;          /* of it, that comes next */
	/* of the slice that is open */
	bool is_open;
	uint64_t rows, bytes;
	int64_t slice, number;
	int64_t first;         /* the last slice of what the walk came by */
	sp_buf nulls, escaped; /* of the row: arrays of its columns' names */
	sp_buf key;            /* its last one */
	sp_buf there;          /* names of tables, a blank around each */
	sp_error error;
};

/* Kinds of rows that are no entity's, and who rows are by. */
static const char *const others[] = { SP_KIND_MAPPING, SP_KIND_EMBEDDING, "user" };

static const char *kind_at(int number)
{
	if (number < SP_ENTITY_COUNT)
		return sp_entities[number].place == SP_PLACE_NONE ? NULL : sp_entities[number].name;
	return others[number - SP_ENTITY_COUNT];
}

/* --- tables --- */

void sp_staging_table(const sp_staging *staging, const char *part, const char *kind, sp_buf *sql)
{
	sp_buf_addf(sql, "%s.s_%s_%s%s%s", staging->temporary ? "pg_temp" : "spaceport", staging->name,
	            part, kind ? "_" : "", kind ? kind : "");
}

bool sp_staging_has(const sp_staging *staging, const char *part, bool *has, sp_error *err)
{
	sp_buf name = { 0 };
	sp_rows *rows = NULL;

	sp_staging_table(staging, part, NULL, &name);
	if (name.failed)
		sp_fail_memory(err);
	else
		rows = sp_db_query(staging->db, "SELECT to_regclass($1) IS NOT NULL", 1,
		                   (const char *const[]){ sp_buf_text(&name) }, err);
	*has = rows && sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	sp_buf_free(&name);
	return rows != NULL;
}

void sp_staging_make(const sp_staging *staging, const char *part, const char *kind, sp_buf *sql)
{
	sp_buf_adds(sql, "DROP TABLE IF EXISTS ");
	sp_staging_table(staging, part, kind, sql);
	sp_buf_addf(sql, " CASCADE; CREATE %s TABLE ", staging->temporary ? "TEMPORARY" : "UNLOGGED");
	sp_staging_table(staging, part, kind, sql);
}

bool sp_staging_look(sp_staging *staging, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_addf(&sql,
	            "SELECT '%s.' || c.relname FROM pg_class c WHERE c.relnamespace = %s AND"
	            " c.relkind = 'r' AND starts_with(c.relname, 's_%s_')",
	            staging->temporary ? "pg_temp" : "spaceport",
	            staging->temporary ? "pg_my_temp_schema()" : "'spaceport'::regnamespace",
	            staging->name);
	if (!(rows = sp_db_query_buf(staging->db, &sql, 0, NULL, err)))
		return false;
	sp_buf_reset(&staging->there);
	for (int i = 0; i < sp_rows_count(rows); i++)
		sp_buf_addf(&staging->there, " %s ", sp_rows_get(rows, i, 0));
	sp_rows_free(rows);
	return !staging->there.failed || sp_fail_memory(err);
}

/* Whether it is there; it is from now on. Without memory for that, `sql` has failed. */
static bool was_there(sp_staging *staging, const char *part, const char *kind, sp_buf *sql)
{
	sp_buf name = { 0 };
	bool was;

	sp_buf_addc(&name, ' ');
	sp_staging_table(staging, part, kind, &name);
	sp_buf_addc(&name, ' ');
	was = strstr(sp_buf_text(&staging->there), sp_buf_text(&name)) != NULL;
	if (!was)
		sp_buf_adds(&staging->there, sp_buf_text(&name));
	sql->failed = sql->failed || name.failed || staging->there.failed;
	sp_buf_free(&name);
	return was;
}

static bool has_few(const sp_staging *staging, const char *kind)
{
	int64_t rows = 0;

	for (int i = 0; i < staging->count; i++)
		if (!kind || !strcmp(staging->kinds[i].staged.kind, kind))
			rows += staging->kinds[i].staged.rows;
	return rows <= FEW_ROWS;
}

static void add_empty(sp_staging *staging, const char *part, const char *kind, sp_buf *sql)
{
	sp_buf_adds(sql, has_few(staging, kind) ? "DELETE FROM " : "TRUNCATE ");
	sp_staging_table(staging, part, kind, sql);
	sp_buf_adds(sql, "; ");
}

bool sp_staging_renew(sp_staging *staging, const char *part, const char *kind, sp_buf *sql)
{
	if (was_there(staging, part, kind, sql) && has_few(staging, kind)) {
		add_empty(staging, part, kind, sql);
		return false;
	}
	sp_staging_make(staging, part, kind, sql);
	return true;
}

void sp_staging_fill(sp_staging *staging, const char *part, const char *kind, bool again,
                     sp_buf *sql)
{
	if (again)
		add_empty(staging, part, kind, sql);
	else if (sp_staging_renew(staging, part, kind, sql)) {
		sp_buf_adds(sql, " AS ");
		return;
	}
	sp_buf_adds(sql, "INSERT INTO ");
	sp_staging_table(staging, part, kind, sql);
	sp_buf_addc(sql, ' ');
}

/* One table for each kind behind one that takes all, so that rows needn't come
 * kind by kind. What is read of a kind reads no other. */
static void add_tables(const sp_staging *staging, sp_buf *sql)
{
	/* that has no rows of its own, and from PostgreSQL 18 on may not be unlogged */
	sp_buf_addf(sql, "CREATE %s TABLE ", staging->temporary ? "TEMPORARY" : "");
	sp_staging_table(staging, "raw", NULL, sql);
	sp_buf_adds(sql, " (kind text, number bigint, slice bigint, entry bigint, line bigint,"
	                 " nulls text[], escaped text[], body text) PARTITION BY LIST (kind);");
	for (int i = 0; i < MAX_KINDS; i++) {
		const char *kind = kind_at(i);

		if (!kind)
			continue;
		sp_staging_make(staging, "raw", kind, sql);
		sp_buf_adds(sql, " PARTITION OF ");
		sp_staging_table(staging, "raw", NULL, sql);
		sp_buf_adds(sql, " FOR VALUES IN (");
		sp_sql_literal(sql, kind);
		sp_buf_adds(sql, ");");
	}
	sp_staging_make(staging, "text", NULL, sql);
	sp_buf_adds(sql, " (path text, part bigint, body text, PRIMARY KEY (path, part));");
}

static bool take_name(sp_staging *staging, const char *operation)
{
	size_t len = 0;

	for (; *operation && len < SP_UUID_LEN; operation++) {
		if (*operation != '-')
			staging->name[len++] = *operation;
	}
	return len == SP_UUID_LEN - 4 && strspn(staging->name, "0123456789abcdef") == len;
}

static bool settle(sp_db *db, sp_error *err)
{
	sp_rows *rows = sp_db_query(db, sp_sql_staging_settings, 0, NULL, err);

	sp_rows_free(rows);
	return rows != NULL;
}

sp_staging *sp_staging_create(sp_db *db, const char *operation, bool temporary, sp_error *err)
{
	sp_staging *staging = calloc(1, sizeof *staging);
	sp_buf sql = { 0 };

	if (!staging) {
		sp_fail_memory(err);
		return NULL;
	}
	staging->db = db;
	staging->temporary = temporary;
	if (!take_name(staging, operation)) {
		sp_fail(err, SP_USAGE, NULL, N_("%s is no UUID of an operation"), operation);
		goto fail;
	}
	add_tables(staging, &sql);
	if (settle(db, err) && sp_db_exec_buf(db, &sql, err))
		return staging;
fail:
	sp_staging_free(staging);
	return NULL;
}

void sp_staging_free(sp_staging *staging)
{
	if (!staging)
		return;
	for (int i = 0; i < staging->count; i++) {
		sp_staged_kind *kind = &staging->kinds[i].staged;

		for (int j = 0; j < kind->count; j++)
			free(kind->columns[j].name);
		free(kind->columns);
		free(kind->kind);
	}
	sp_taking_free(staging->taking);
	sp_buf_free(&staging->text);
	sp_buf_free(&staging->nulls);
	sp_buf_free(&staging->escaped);
	sp_buf_free(&staging->key);
	sp_buf_free(&staging->there);
	sp_error_clear(&staging->error);
	free(staging);
}

/* --- what columns there are --- */

static kind_state *state_of(sp_staging *staging, const char *name)
{
	kind_state *state;
	int i;

	for (i = 0; i < staging->count; i++) {
		if (!strcmp(staging->kinds[i].staged.kind, name))
			return &staging->kinds[i];
	}
	state = &staging->kinds[i];
	*state = (kind_state){ .staged = { .kind = strdup(name) } };
	if (!state->staged.kind) {
		sp_fail_memory(&staging->error);
		return NULL;
	}
	staging->count++;
	return state;
}

static sp_staged_column *add_column(sp_staging *staging, sp_staged_kind *kind, const char *name)
{
	sp_staged_column *columns = kind->columns;

	if (kind->count == MAX_COLUMNS) {
		sp_fail(&staging->error, SP_BAD_PACKAGE, NULL,
		        N_("rows of the kind %s have more than %d columns"), kind->kind, MAX_COLUMNS);
		return NULL;
	}
	if (kind->count % 16 == 0)
		columns = realloc(columns, ((size_t)kind->count + 16) * sizeof *columns);
	if (columns) {
		kind->columns = columns;
		columns[kind->count] = (sp_staged_column){ .name = strdup(name) };
		if (columns[kind->count].name)
			return &columns[kind->count++];
	}
	sp_fail_memory(&staging->error);
	return NULL;
}

/* The column of a key. Rows of a kind have their keys in one order, so it is
 * most often the one behind the last. */
static sp_staged_column *column_of(sp_staging *staging, kind_state *state, const sp_scan *key)
{
	sp_staged_kind *kind = &state->staged;
	sp_buf *name = &staging->key;
	int at, i;

	sp_buf_reset(name);
	sp_scan_unescape(key, name);
	if (name->failed) {
		sp_fail_memory(&staging->error);
		return NULL;
	}
	for (i = 1; i <= kind->count; i++) {
		at = (state->last + i) % kind->count;
		if (!strcmp(kind->columns[at].name, sp_buf_text(name))) {
			state->last = at;
			return &kind->columns[at];
		}
	}
	state->last = kind->count;
	return add_column(staging, kind, sp_buf_text(name));
}

/* A name more in the text of an array. */
static void add_name(sp_buf *to, const char *name)
{
	sp_buf_adds(to, to->len ? ",\"" : "{\"");
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			sp_buf_addc(to, '\\');
		sp_buf_addc(to, *name);
	}
	sp_buf_addc(to, '"');
}

/* The column whose value comes next; NULL where the row ends, or memory. */
static sp_staged_column *next_column(sp_staging *staging, kind_state *state, sp_scan *scan, int by)
{
	sp_staged_column *column = NULL;

	if (sp_scan_next(scan) == SP_SCAN_KEY)
		column = column_of(staging, state, scan);
	if (column)
		column->rows += by;
	return column;
}

/* What PostgreSQL doesn't leave as it is when it takes a row apart: it makes an
 * SQL NULL of JSON's null, and spells a string in a json column anew. */
static void look_at_value(sp_staging *staging, sp_staged_column *column, const sp_scan *scan,
                          int by)
{
	const char *value;

	for (value = scan->p; value < scan->end && strchr(" \t\r\n", *value); value++)
		;
	if (value == scan->end)
		return;
	if (*value == 'n') {
		column->nulls += by;
		add_name(&staging->nulls, column->name);
	} else if (*value == '"') {
		sp_scan string = *scan;

		if (sp_scan_next(&string) != SP_SCAN_STRING || !string.escaped)
			return;
		column->escaped += by;
		add_name(&staging->escaped, column->name);
	}
}

/* Columns whose values stand elsewhere in the row. */
static bool look_inside(sp_staging *staging, kind_state *state, sp_scan *scan, int by)
{
	if (sp_scan_next(scan) != SP_SCAN_OBJECT)
		return true;
	while (next_column(staging, state, scan, by) && sp_scan_skip(scan))
		;
	return !sp_error_is_set(&staging->error);
}

/* Counts a row `by` 1, or -1. */
static bool look_at(sp_staging *staging, kind_state *state, const char *text, size_t len, int by)
{
	sp_staged_column *column;
	sp_scan scan;

	sp_buf_reset(&staging->nulls);
	sp_buf_reset(&staging->escaped);
	state->last = -1;
	state->staged.rows += by;
	sp_scan_begin(&scan, text, len);
	if (sp_scan_next(&scan) != SP_SCAN_OBJECT)
		return true;
	while ((column = next_column(staging, state, &scan, by))) {
		look_at_value(staging, column, &scan, by);
		if (!strcmp(column->name, "__raw") || !strcmp(column->name, "__texts")) {
			if (!look_inside(staging, state, &scan, by))
				return false;
		} else if (!sp_scan_skip(&scan)) {
			break;
		}
	}
	if (staging->nulls.len)
		sp_buf_addc(&staging->nulls, '}');
	if (staging->escaped.len)
		sp_buf_addc(&staging->escaped, '}');
	return !sp_error_is_set(&staging->error);
}

/* --- rows --- */

static bool begin_slice(sp_staging *staging, sp_error *err)
{
	sp_buf target = { 0 };
	bool ok;

	sp_staging_table(staging, "raw", NULL, &target);
	ok = target.failed ? sp_fail_memory(err) : sp_db_copy_in(staging->db, target.data, err);
	sp_buf_free(&target);
	staging->is_open = ok;
	staging->rows = staging->bytes = 0;
	staging->slice++;
	return ok;
}

static bool end_slice(sp_staging *staging, sp_error *err)
{
	if (!staging->is_open)
		return true;
	staging->is_open = false;
	return sp_db_copy_end(staging->db, err);
}

static const char *text_or_null(const sp_buf *buf)
{
	return buf->len ? buf->data : NULL;
}

static bool send(sp_staging *staging, const char *kind, const sp_staged_place *place,
                 const char *text, sp_error *err)
{
	char number[24], slice[24], entry[24], line[24];
	const char *values[] = { kind,
		                     number,
		                     slice,
		                     entry,
		                     line,
		                     text_or_null(&staging->nulls),
		                     text_or_null(&staging->escaped),
		                     text };
	int64_t own = place->number ? place->number : ++staging->number;

	snprintf(number, sizeof number, "%lld", (long long)own);
	snprintf(slice, sizeof slice, "%lld", (long long)staging->slice);
	snprintf(entry, sizeof entry, "%llu", (unsigned long long)place->entry);
	snprintf(line, sizeof line, "%lld", (long long)place->line);
	return sp_db_copy_row(staging->db, values, sizeof values / sizeof *values, err);
}

static bool stage(sp_staging *staging, const char *kind, const sp_staged_place *place,
                  const char *text, size_t len, sp_error *err)
{
	kind_state *state = state_of(staging, kind);

	if (!state || !look_at(staging, state, text, len, 1))
		return false;
	if (staging->nulls.failed || staging->escaped.failed)
		return sp_fail_memory(err);
	if (!staging->is_open && !begin_slice(staging, err))
		return false;
	if (!send(staging, kind, place, text, err))
		return false;
	staging->bytes += len;
	if (++staging->rows < SLICE_ROWS && staging->bytes < SLICE_BYTES)
		return true;
	return end_slice(staging, err);
}

static bool wants(void *ctx, const char *kind)
{
	const sp_staging *staging = ctx;

	for (int i = 0; i < MAX_KINDS && !sp_error_is_set(&staging->error); i++) {
		if (kind_at(i) && !strcmp(kind_at(i), kind))
			return true;
	}
	return false;
}

static void take(void *ctx, const char *kind, const char *text, size_t len, bool is_cut)
{
	sp_staging *staging = ctx;

	sp_staged_place place = { .entry = staging->entry,
		                      .line = sp_row_check_place(sp_walk_rows(staging->walk)).line };

	(void)is_cut; /* no row is longer than what the walk lets through */
	if (!sp_error_is_set(&staging->error))
		(void)stage(staging, kind, &place, text, len, &staging->error);
}

/* --- long texts --- */

static bool begin_text(sp_staging *staging, const char *path, sp_error *err)
{
	sp_buf target = { 0 };
	bool ok;

	sp_staging_table(staging, "text", NULL, &target);
	ok = end_slice(staging, err) && (!target.failed || sp_fail_memory(err)) &&
	     sp_db_copy_in(staging->db, target.data, err);
	sp_buf_free(&target);
	sp_buf_reset(&staging->text);
	staging->text_path = ok ? path : NULL;
	staging->part = 0;
	return ok;
}

/* So many bytes that no character is cut in two: the last one may not have come wholly. */
static size_t whole_characters(const sp_buf *text)
{
	size_t len = text->len;

	if (!len || !((unsigned char)text->data[len - 1] & 0x80))
		return len;
	while (len && ((unsigned char)text->data[len - 1] & 0xc0) == 0x80)
		len--;
	return len ? len - 1 : 0;
}

static bool send_text(sp_staging *staging, bool all, sp_error *err)
{
	sp_buf *text = &staging->text;
	size_t len;
	char number[24], kept;
	bool ok;

	if (text->failed)
		return sp_fail_memory(err);
	len = all ? text->len : whole_characters(text);
	if (!len)
		return true;
	if (memchr(text->data, 0, len))
		return sp_fail(err, SP_BAD_PACKAGE, N_("Ask whoever made the package for another one."),
		               N_("the text \"%s\" holds a NUL, which no database takes"),
		               staging->text_path);
	snprintf(number, sizeof number, "%lld", (long long)staging->part++);
	kept = text->data[len];
	text->data[len] = '\0';
	ok = sp_db_copy_row(staging->db, (const char *[]){ staging->text_path, number, text->data }, 3,
	                    err);
	text->data[len] = kept;
	text->len -= len;
	memmove(text->data, text->data + len, text->len + 1);
	return ok;
}

static void take_bytes(void *ctx, const char *data, size_t len)
{
	sp_staging *staging = ctx;

	if (!staging->text_path || sp_error_is_set(&staging->error))
		return;
	sp_buf_add(&staging->text, data, len);
	if (staging->text.failed || staging->text.len >= TEXT_BYTES)
		(void)send_text(staging, false, &staging->error);
}

static bool end_text(sp_staging *staging, sp_error *err)
{
	bool ok = send_text(staging, true, err) && sp_db_copy_end(staging->db, err);

	staging->text_path = NULL;
	return ok;
}

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	sp_staging *staging = ctx;
	const sp_place_kind *place = sp_place_find(path);

	staging->entry = number;
	return !place || !place->kind || strcmp(place->kind, "text") != 0 ||
	       begin_text(staging, path, err);
}

static bool end_entry(void *ctx, uint64_t size, int64_t rows, sp_error *err)
{
	sp_staging *staging = ctx;

	(void)size;
	(void)rows;
	if (!sp_error_is_set(&staging->error))
		return !staging->text_path || end_text(staging, err);
	sp_error_move(err, &staging->error);
	return false;
}

bool sp_staging_watch(sp_staging *staging, sp_walk *walk, sp_error *err)
{
	staging->walk = walk;
	staging->watcher = (sp_walk_watcher){
		.begin = begin_entry, .end = end_entry, .bytes = take_bytes, .ctx = staging
	};
	staging->taker = (sp_row_taker){ SIZE_MAX, wants, take, staging };
	sp_walk_watch(walk, &staging->watcher);
	staging->taking = sp_taking_create(walk, &staging->taker, err);
	return staging->taking != NULL;
}

bool sp_staging_end(sp_staging *staging, sp_error *err)
{
	sp_buf sql = { 0 };

	if (!end_slice(staging, err))
		return false;
	staging->first = staging->slice;
	/* without it a plan that joins may take minutes instead of seconds */
	for (int i = 0; i < staging->count; i++) {
		sp_buf_adds(&sql, "ANALYZE ");
		sp_staging_table(staging, "raw", staging->kinds[i].staged.kind, &sql);
		sp_buf_adds(&sql, " (number, slice, entry, line);");
	}
	return sp_db_exec_buf(staging->db, &sql, err);
}

/* --- other lines --- */

/* What went wrong while rows were looked at is kept where the walk finds it. */
static bool move_error(sp_staging *staging, sp_error *err)
{
	if (sp_error_is_set(&staging->error))
		sp_error_move(err, &staging->error);
	return false;
}

bool sp_staging_forget(sp_staging *staging, const char *kind, const char *text, size_t len,
                       sp_error *err)
{
	kind_state *state = state_of(staging, kind);

	return (state && look_at(staging, state, text, len, -1)) || move_error(staging, err);
}

bool sp_staging_again(sp_staging *staging, const char *kind, const sp_staged_place *place,
                      const char *text, size_t len, sp_error *err)
{
	return stage(staging, kind, place, text, len, err) || move_error(staging, err);
}

bool sp_staging_replace(sp_staging *staging, const bool kinds[SP_ENTITY_COUNT], sp_error *err)
{
	sp_buf sql = { 0 };

	if (!end_slice(staging, err))
		return false;
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!kinds[kind])
			continue;
		sp_buf_adds(&sql, "DELETE FROM ");
		sp_staging_table(staging, "raw", sp_entities[kind].name, &sql);
		sp_buf_adds(&sql, " o USING ");
		sp_staging_table(staging, "raw", sp_entities[kind].name, &sql);
		sp_buf_addf(&sql,
		            " n WHERE n.number = o.number AND o.slice <= %lld AND n.slice > %lld; ANALYZE ",
		            (long long)staging->first, (long long)staging->first);
		sp_staging_table(staging, "raw", sp_entities[kind].name, &sql);
		sp_buf_adds(&sql, " (number, slice, entry, line);");
	}
	staging->first = staging->slice;
	return sp_db_exec_buf(staging->db, &sql, err);
}

static sp_staged_kind *staged_kind(sp_staging *staging, sp_kind kind)
{
	for (int i = 0; i < staging->count; i++)
		if (!strcmp(staging->kinds[i].staged.kind, sp_entities[kind].name))
			return &staging->kinds[i].staged;
	return NULL;
}

static sp_staged_column *staged_column(sp_staging *staging, sp_kind kind, const char *key)
{
	sp_staged_kind *staged = staged_kind(staging, kind);

	for (int i = 0; staged && i < staged->count; i++)
		if (!strcmp(staged->columns[i].name, key))
			return &staged->columns[i];
	return NULL;
}

/* NULL where there are no such rows, or, with an error, memory. */
static sp_staged_column *make_column(sp_staging *staging, sp_kind kind, const char *key,
                                     sp_error *err)
{
	sp_staged_kind *staged = staged_kind(staging, kind);
	sp_staged_column *column = staged_column(staging, kind, key);

	if (staged && !column && !(column = add_column(staging, staged, key)))
		sp_error_move(err, &staging->error);
	return column;
}

bool sp_staging_know(sp_staging *staging, sp_kind kind, const char *key, sp_error *err)
{
	sp_staged_column *column = make_column(staging, kind, key, err);

	if (column)
		column->known = true;
	return !sp_error_is_set(err);
}

bool sp_staging_apart(sp_staging *staging, sp_kind kind, const char *key, int64_t rows,
                      sp_error *err)
{
	sp_staged_column *column = make_column(staging, kind, key, err);

	if (column) {
		column->apart = true;
		column->rows += rows;
	}
	return !sp_error_is_set(err);
}

void sp_staging_moved(sp_staging *staging, sp_kind kind, const char *key)
{
	sp_staged_column *column = staged_column(staging, kind, key);

	if (column)
		column->moved = true;
}

void sp_staging_unasked(sp_staging *staging, sp_kind kind, const char *key)
{
	sp_staged_column *column = staged_column(staging, kind, key);

	if (column)
		column->unasked = true;
}

/* --- what was staged --- */

sp_db *sp_staging_db(const sp_staging *staging)
{
	return staging->db;
}

const sp_staged_kind *sp_staging_kind(const sp_staging *staging, int number)
{
	return number < staging->count ? &staging->kinds[number].staged : NULL;
}

const sp_staged_kind *sp_staging_find(const sp_staging *staging, sp_kind kind)
{
	for (int i = 0; i < staging->count; i++) {
		if (!strcmp(staging->kinds[i].staged.kind, sp_entities[kind].name))
			return &staging->kinds[i].staged;
	}
	return NULL;
}

bool sp_staged_is(const sp_staged_column *column)
{
	return column->rows || column->known;
}

const sp_staged_column *sp_staged_find(const sp_staged_kind *staged, const char *key)
{
	for (int i = 0; i < staged->count; i++) {
		if (sp_staged_is(&staged->columns[i]) && !strcmp(staged->columns[i].name, key))
			return &staged->columns[i];
	}
	return NULL;
}
