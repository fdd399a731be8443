#include <config.h>

#include "core/package/row_check.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json_check.h"

/* So much of an entry that doesn't fit its schema is told: where much doesn't,
 * it was made by another rule, or to cost time. */
#define MOST_WRONG 100

struct sp_row_check {
	sp_checking *check;
	sp_row_token_fn *fn;
	void *ctx;

	const char *path;
	sp_row_form form;
	int64_t rows;
	bool is_data;
	bool is_array; /* a document that is one */
	bool is_bad;   /* the line, or the document: it was told */
	bool told_beyond;
	int64_t line;        /* from 1 on */
	uint64_t line_start; /* of a document: offset of the line */
	uint64_t before;     /* bytes of the entry before the line, or document */
	uint64_t pending;    /* bytes of the last line so far */
	sp_json_check json;
	const sp_json_schema *schema; /* NULL: none, or enough was told */
	unsigned told_wrong;
	sp_json_schema_check *schema_check;
	sp_error error; /* of a token: the check ends with it */
};

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

/* What doesn't fit the schema. */
static void take_wrong(void *ctx, sp_json_wrong wrong, const char *pointer, const char *expected)
{
	sp_row_check *rows = ctx;
	sp_checking *check = rows->check;
	sp_place place = sp_row_check_place(rows);

	if (sp_error_is_set(&rows->error) || rows->told_wrong == MOST_WRONG)
		return;
	rows->told_wrong++;
	place.pointer = pointer;
	switch (wrong) {
	case SP_JSON_WRONG_TYPE:
		sp_found(check, &rows->error, SP_FOUND_SCHEMA, &place, N_("its type should be: %s"),
		         expected);
		break;
	case SP_JSON_WRONG_VALUE:
		sp_found(check, &rows->error, SP_FOUND_SCHEMA, &place, N_("its value should be one of: %s"),
		         expected);
		break;
	case SP_JSON_WRONG_MISSING:
		sp_found(check, &rows->error, SP_FOUND_SCHEMA, &place, N_("the key \"%s\" is missing"),
		         expected);
		break;
	case SP_JSON_WRONG_KEY:
		sp_found(check, &rows->error, SP_FOUND_SCHEMA, &place,
		         N_("the key \"%s\" may not be there"), expected);
		break;
	case SP_JSON_WRONG_ANY:
		sp_found(check, &rows->error, SP_FOUND_SCHEMA, &place, N_("no value may be there"));
		break;
	}
}

/* Each token of the line or document. */
static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	sp_row_check *rows = ctx;
	bool ends = kind == SP_SCAN_ARRAY_END || kind == SP_SCAN_OBJECT_END;

	if (sp_error_is_set(&rows->error) ||
	    !sp_json_schema_check_token(rows->schema_check, kind, token, &rows->json.number,
	                                &rows->error))
		return;
	if (rows->form == SP_ROWS_DOCUMENT && depth == 0 &&
	    (kind == SP_SCAN_ARRAY || kind == SP_SCAN_ARRAY_END)) {
		rows->is_array = true;
		return;
	}
	if (rows->is_array) {
		depth--;
		rows->rows += depth == 0 && !ends;
	}
	if (rows->fn)
		rows->fn(rows->ctx, kind, depth, token);
}

sp_row_check *sp_row_check_create(sp_checking *check, sp_row_token_fn *fn, void *ctx, sp_error *err)
{
	sp_row_check *rows = calloc(1, sizeof *rows);

	if (!rows) {
		sp_fail_memory(err);
		return NULL;
	}
	rows->check = check;
	rows->fn = fn;
	rows->ctx = ctx;
	rows->json.fn = take_token;
	rows->json.ctx = rows;
	rows->json.max_depth = (size_t)check->limits.depth;
	rows->schema_check = sp_json_schema_check_create(take_wrong, rows, err);
	if (rows->schema_check)
		return rows;
	free(rows);
	return NULL;
}

void sp_row_check_free(sp_row_check *rows)
{
	if (!rows)
		return;
	sp_json_schema_check_free(rows->schema_check);
	sp_error_clear(&rows->error);
	free(rows);
}

static void begin_text(sp_row_check *rows)
{
	rows->is_bad = rows->told_beyond = false;
	rows->pending = 0;
	sp_json_check_begin(&rows->json);
	if (rows->told_wrong == MOST_WRONG)
		rows->schema = NULL;
	sp_json_schema_check_begin(rows->schema_check, rows->schema);
}

void sp_row_check_begin(sp_row_check *rows, const char *path, bool is_data,
                        const sp_json_schema *schema)
{
	rows->is_data = is_data;
	rows->schema = schema;
	rows->told_wrong = 0;
	rows->path = path;
	rows->form = ends_with(path, ".jsonl")  ? SP_ROWS_LINES
	             : ends_with(path, ".json") ? SP_ROWS_DOCUMENT
	                                        : SP_ROWS_NONE;
	rows->rows = 0;
	rows->is_array = false;
	rows->line = 1;
	rows->line_start = rows->before = 0;
	begin_text(rows);
}

void sp_row_check_begin_opaque(sp_row_check *rows, const char *path)
{
	sp_row_check_begin(rows, path, false, NULL);
	rows->form = SP_ROWS_NONE;
}

sp_row_form sp_row_check_form(const sp_row_check *rows)
{
	return rows->form;
}

static sp_place place_at(const sp_row_check *rows, uint64_t offset)
{
	int64_t column = (int64_t)(offset - rows->line_start) + 1;

	/* of a document, where a line began is known up to the piece that is checked */
	return (sp_place){ rows->path, -1, rows->line, column > 0 ? column : 1 };
}

sp_place sp_row_check_place(const sp_row_check *rows)
{
	return place_at(rows, rows->json.token_offset);
}

uint64_t sp_row_check_offset(const sp_row_check *rows)
{
	return rows->before + rows->json.token_offset;
}

/* The first thing that jsonb can't hold. */
static bool tell_beyond(sp_row_check *rows, sp_error *err)
{
	uint64_t jsonb = rows->json.beyond_jsonb, numeric = rows->json.beyond_numeric;
	sp_place place;

	if (rows->told_beyond || !rows->is_data || (!jsonb && !numeric))
		return true;
	rows->told_beyond = true;
	if (jsonb && (!numeric || jsonb < numeric)) {
		place = place_at(rows, jsonb - 1);
		return sp_found(rows->check, err, SP_FOUND_BEYOND_JSONB, &place,
		                N_("\\u0000 or half a surrogate pair: jsonb and text can't hold it"));
	}
	place = place_at(rows, numeric - 1);
	return sp_found(rows->check, err, SP_FOUND_BEYOND_NUMERIC, &place,
	                N_("a number that jsonb can't hold"));
}

static bool tell_wrong(sp_row_check *rows, sp_error *err)
{
	sp_json_check *json = &rows->json;
	sp_place place;

	if (!json->wrong)
		return true;
	rows->is_bad = true;
	place = place_at(rows, json->offset);
	return sp_found_text(rows->check, err, json->too_deep ? SP_FOUND_LIMIT : SP_FOUND_JSON, &place,
	                     json->wrong);
}

/* What was found so far in the line or document: in its order, so that it
 * doesn't matter in which pieces that comes. */
static bool tell(sp_row_check *rows, sp_error *err)
{
	if (sp_error_is_set(&rows->error)) {
		sp_error_move(err, &rows->error);
		return false;
	}
	return tell_beyond(rows, err) && tell_wrong(rows, err);
}

static bool tell_length(sp_row_check *rows, sp_error *err)
{
	sp_place place = place_at(rows, 0);

	rows->is_bad = true;
	return sp_found(rows->check, err, SP_FOUND_LIMIT, &place,
	                N_("a line longer than the limit of %llu bytes"),
	                (unsigned long long)rows->check->limits.line_size);
}

static bool add_piece(sp_row_check *rows, const char *data, size_t len, sp_error *err)
{
	uint64_t most = rows->form == SP_ROWS_LINES ? rows->check->limits.line_size : UINT64_MAX;
	uint64_t room = rows->pending < most ? most - rows->pending : 0;

	rows->pending += len;
	if (rows->is_bad || !len)
		return true;
	sp_json_check_add(&rows->json, data, len < room ? len : (size_t)room);
	return tell(rows, err) && (rows->is_bad || len <= room || tell_length(rows, err));
}

static bool end_text(sp_row_check *rows, sp_error *err)
{
	if (rows->is_bad)
		return true;
	sp_json_check_end(&rows->json);
	return tell(rows, err);
}

static bool add_lines(sp_row_check *rows, const char *data, size_t len, sp_error *err)
{
	const char *end = data + len, *stop;

	while ((stop = memchr(data, '\n', (size_t)(end - data)))) {
		if (!add_piece(rows, data, (size_t)(stop - data), err) || !end_text(rows, err))
			return false;
		rows->rows++;
		rows->line++;
		rows->before += rows->pending + 1;
		begin_text(rows);
		data = stop + 1;
	}
	return add_piece(rows, data, (size_t)(end - data), err);
}

/* Line by line as well, so that places are known. */
static bool add_document(sp_row_check *rows, const char *data, size_t len, sp_error *err)
{
	const char *end = data + len, *stop;

	while ((stop = memchr(data, '\n', (size_t)(end - data)))) {
		if (!add_piece(rows, data, (size_t)(stop + 1 - data), err))
			return false;
		rows->line++;
		rows->line_start = rows->json.offset;
		data = stop + 1;
	}
	return add_piece(rows, data, (size_t)(end - data), err);
}

bool sp_row_check_add(sp_row_check *rows, const char *data, size_t len, sp_error *err)
{
	if (rows->form == SP_ROWS_NONE || !len)
		return true;
	return rows->form == SP_ROWS_LINES ? add_lines(rows, data, len, err)
	                                   : add_document(rows, data, len, err);
}

bool sp_row_check_end(sp_row_check *rows, int64_t *count, sp_error *err)
{
	*count = -1;
	if (rows->form == SP_ROWS_NONE)
		return true;
	if (rows->form == SP_ROWS_DOCUMENT) {
		*count = rows->is_array ? rows->rows : -1;
		return end_text(rows, err);
	}
	/* a last line without its end counts */
	*count = rows->rows + (rows->pending > 0);
	return !rows->pending || end_text(rows, err);
}
