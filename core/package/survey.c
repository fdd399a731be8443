#include <config.h>

#include "core/package/survey.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/scan.h"
#include "core/package/take.h"
#include "core/package/walk.h"

#define EMBEDDING   "embedding"
#define BUNDLE_LINK "bundle_link"
#define NAME_BYTES  40 /* of an asset in a link: a UUID */

/* Under which kind of key of the row a value stands. */
typedef enum {
	IN_NOTHING, /* the format's own that says nothing here */
	IN_COLUMN,
	IN_RAW,   /* __raw: by column, json as text */
	IN_TEXTS, /* __texts: by column, in an entry of its own */
	IN_FILE,  /* __file */
	IN_INLINE
} part;

/* A row that has begun. */
typedef struct {
	sp_survey_kind *kind; /* NULL: there was no room */
	size_t depth;
	part in;
	int column; /* -1: there was no room */
	/* of its value: */
	sp_value_type type;
	int64_t items;
	bool has_begun, is_raw, begins_with_zero;
	uint64_t long_from; /* offset + 1 of a text whose bytes weren't told; 0: none */
	/* of a vector */
	char vector[SP_SURVEY_NAME + 1];
	int64_t dimension;
} open_row;

typedef struct {
	sp_survey *survey;
	sp_walk *walk;
	sp_survey_words_fn *words;
	void *ctx;
	sp_walk_watcher watcher;
	/* whom the caller wanted told */
	sp_finding_fn *tell;
	void *tell_ctx;
	open_row open[SP_TAKING_DEPTH];
	int depth;
	bool is_new;            /* the next token is the last row's bracket */
	char asset[NAME_BYTES]; /* of the last link */
	sp_error error;
} surveying;

/* --- what there is room for --- */

static sp_survey_kind *find_kind(surveying *s, const char *name)
{
	sp_survey *survey = s->survey;
	sp_survey_kind *kind;
	int i;

	for (i = 0; i < survey->count; i++) {
		if (strcmp(survey->kinds[i].name, name) == 0)
			return &survey->kinds[i];
	}
	if (survey->count == SP_SURVEY_KINDS || strlen(name) > SP_SURVEY_NAME)
		return NULL;
	kind = &survey->kinds[survey->count];
	kind->name = strdup(name);
	kind->columns = calloc(SP_SURVEY_COLUMNS, sizeof *kind->columns);
	if (kind->name && kind->columns) {
		survey->count++;
		return kind;
	}
	free(kind->name);
	free(kind->columns);
	*kind = (sp_survey_kind){ 0 };
	sp_fail_memory(&s->error);
	return NULL;
}

static int add_column(surveying *s, sp_survey_kind *kind, const char *name, size_t len)
{
	sp_survey_column *column = &kind->columns[kind->count];

	if (kind->count == SP_SURVEY_COLUMNS || len > SP_SURVEY_NAME)
		return -1;
	*column = (sp_survey_column){ .name = strdup(name) };
	if (!column->name) {
		sp_fail_memory(&s->error);
		return -1;
	}
	column->keeps_words = s->words && s->words(s->ctx, kind->name, name);
	return kind->count++;
}

/* Rows of a kind have their columns in one order: `near` is a good guess. */
static int find_column(surveying *s, sp_survey_kind *kind, const char *name, size_t len, int near)
{
	int i;

	for (i = 0; i < kind->count; i++) {
		int at = (near + i) % kind->count;

		if (strcmp(kind->columns[at].name, name) == 0)
			return at;
	}
	return add_column(s, kind, name, len);
}

static void count_word(surveying *s, sp_survey_column *column, const char *word, size_t len)
{
	sp_survey_word *words = column->words;
	int i;

	for (i = 0; i < column->word_count; i++) {
		if (strcmp(words[i].word, word) == 0) {
			words[i].rows++;
			return;
		}
	}
	if (column->word_count == SP_SURVEY_WORDS || len > SP_SURVEY_WORD) {
		column->other_words++;
		return;
	}
	if (!words)
		words = column->words = calloc(SP_SURVEY_WORDS, sizeof *words);
	if (words)
		words[i].word = strdup(word);
	if (!words || !words[i].word) {
		sp_fail_memory(&s->error);
		return;
	}
	words[i].rows = 1;
	column->word_count++;
}

static void count_vector(surveying *s, const open_row *row)
{
	sp_survey *survey = s->survey;
	sp_survey_vector *at = survey->vectors;
	int i;

	for (i = 0; i < survey->vector_count; i++, at++) {
		if (at->dimension == row->dimension && strcmp(at->column, row->vector) == 0) {
			at->rows++;
			return;
		}
	}
	if (i == SP_SURVEY_VECTORS) {
		survey->other_vectors++;
		return;
	}
	*at = (sp_survey_vector){ strdup(row->vector), row->dimension, 1 };
	if (at->column)
		survey->vector_count++;
	else
		sp_fail_memory(&s->error);
}

/* --- values --- */

static sp_survey_column *column_of(const open_row *row)
{
	return row->kind && row->column >= 0 ? &row->kind->columns[row->column] : NULL;
}

static void count_length(const open_row *row, uint64_t bytes)
{
	sp_survey_column *column = column_of(row);

	if (column && row->in == IN_COLUMN) {
		column->indexed += bytes > SP_SURVEY_INDEXED;
		column->searched += bytes > SP_SURVEY_SEARCHED;
	}
}

/* A text of which only was told where it began ends before this token: with its
 * quotes, and a comma. As many bytes as JSON takes for it. */
static void end_long(surveying *s, open_row *row)
{
	uint64_t offset = sp_row_check_offset(sp_walk_rows(s->walk));

	if (row->long_from && offset > row->long_from + 2)
		count_length(row, offset - row->long_from - 2);
	row->long_from = 0;
}

static bool is_empty(const open_row *row)
{
	return (row->type == SP_VALUE_ARRAY || row->type == SP_VALUE_OBJECT) && !row->items;
}

/* The value of the row's last key has ended. */
static void end_value(open_row *row)
{
	sp_survey_column *column = column_of(row);

	if (column && row->in == IN_COLUMN && row->has_begun) {
		column->empty += is_empty(row);
		column->several += row->type == SP_VALUE_ARRAY && row->items > 1;
		column->root += row->type == SP_VALUE_ARRAY && row->items == 1 && row->begins_with_zero;
		column->raw += row->is_raw;
		if (strcmp(column->name, EMBEDDING) == 0)
			row->dimension = row->items;
	}
	if (row->in == IN_COLUMN && row->kind && row->column < 0)
		row->kind->other_columns++;
	row->in = IN_NOTHING;
	row->has_begun = false;
}

/* Half a surrogate pair, or \u0000. */
static bool is_beyond(const sp_scan *token)
{
	sp_scan scan;

	sp_scan_begin(&scan, token->start, token->len);
	sp_scan_next(&scan);
	return scan.beyond_jsonb;
}

static void take_text(surveying *s, open_row *row, sp_survey_column *column, const sp_scan *token)
{
	sp_buf text = { 0 };

	if (!token->start) {
		row->long_from = sp_row_check_offset(sp_walk_rows(s->walk)) + 1;
		return;
	}
	if (token->len == 2)
		column->empty++;
	sp_scan_unescape(token, &text);
	sp_buf_adds(&text, "");
	if (text.failed)
		sp_fail_memory(&s->error);
	count_length(row, text.len);
	if (column->keeps_words)
		count_word(s, column, sp_buf_text(&text), text.len);
	if (row->kind && strcmp(row->kind->name, EMBEDDING) == 0 && !strcmp(column->name, "column") &&
	    text.len <= SP_SURVEY_NAME)
		memcpy(row->vector, sp_buf_text(&text), text.len + 1);
	if (row->kind && strcmp(row->kind->name, BUNDLE_LINK) == 0 &&
	    !strcmp(column->name, "asset_id")) {
		row->kind->repeated += strcmp(s->asset, sp_buf_text(&text)) == 0;
		snprintf(s->asset, sizeof s->asset, "%s", sp_buf_text(&text));
	}
	sp_buf_free(&text);
}

static bool is_zero(const sp_scan *token)
{
	return token->start && token->len == 1 && *token->start == '0';
}

static sp_value_type type_of(sp_scan_token kind, const sp_scan *token)
{
	switch (kind) {
	case SP_SCAN_STRING: return SP_VALUE_TEXT;
	case SP_SCAN_ARRAY: return SP_VALUE_ARRAY;
	case SP_SCAN_OBJECT: return SP_VALUE_OBJECT;
	default: break;
	}
	if (!token->start || !strchr("tfn", *token->start))
		return SP_VALUE_NUMBER;
	return *token->start == 'n' ? SP_VALUE_NULL : SP_VALUE_BOOLEAN;
}

/* A column's value begins. */
static void begin_value(surveying *s, open_row *row, sp_scan_token kind, const sp_scan *token)
{
	sp_survey_column *column = column_of(row);

	row->has_begun = true;
	row->type = type_of(kind, token);
	row->items = 0;
	row->is_raw = row->begins_with_zero = false;
	if (!column)
		return;
	column->types[row->type]++;
	if (row->type == SP_VALUE_NULL) {
		column->nulls++;
		return;
	}
	column->rows++;
	if (row->type == SP_VALUE_TEXT)
		take_text(s, row, column, token);
	else if (row->type == SP_VALUE_BOOLEAN)
		column->empty += *token->start == 'f';
	else if (row->type == SP_VALUE_NUMBER && is_zero(token)) {
		column->empty++;
		column->root++;
	}
}

/* What stands one bracket deeper in a column's value. */
static void take_item(open_row *row, const sp_scan *token)
{
	if (row->items++ == 0)
		row->begins_with_zero = is_zero(token);
}

/* --- keys --- */

static void begin_column(surveying *s, open_row *row, const char *name, size_t len)
{
	row->in = IN_COLUMN;
	row->column = row->kind ? find_column(s, row->kind, name, len, row->column + 1) : -1;
}

/* Those of the format begin with "__"; a column that does has two more. */
static void take_key(surveying *s, open_row *row, const char *key, size_t len)
{
	static const struct {
		const char *key;
		part in;
	} own[] = { { "__raw", IN_RAW },
		        { "__texts", IN_TEXTS },
		        { "__file", IN_FILE },
		        { "__inline", IN_INLINE } };
	size_t i;

	if (strncmp(key, "__", 2) != 0) {
		begin_column(s, row, key, len);
		return;
	}
	if (strncmp(key, "____", 4) == 0) {
		begin_column(s, row, key + 2, len - 2);
		return;
	}
	for (i = 0; i < sizeof own / sizeof *own && strcmp(own[i].key, key) != 0; i++)
		;
	row->in = i < sizeof own / sizeof *own ? own[i].in : IN_NOTHING;
	if (row->in == IN_INLINE && row->kind)
		row->kind->inside++;
}

/* In __raw, __texts: a column; in __file: how it travels. */
static void take_inner_key(surveying *s, open_row *row, const char *key, size_t len)
{
	sp_survey_files *files = &s->survey->files;
	sp_survey_column *column;

	if (row->in == IN_FILE) {
		files->entry += !strcmp(key, "path");
		files->shared += !strcmp(key, "same_as");
		files->in_row += !strcmp(key, "data");
		files->external += !strcmp(key, "sha256");
		files->missing += !strcmp(key, "missing");
		return;
	}
	row->column = row->kind ? find_column(s, row->kind, key, len, row->column + 1) : -1;
	column = column_of(row);
	if (!column)
		return;
	column->rows++;
	column->types[row->in == IN_TEXTS ? SP_VALUE_TEXT : SP_VALUE_OBJECT]++;
	column->raw += row->in == IN_RAW;
	column->indexed += row->in == IN_TEXTS;
	column->searched += row->in == IN_TEXTS;
}

static void take_any_key(surveying *s, open_row *row, size_t depth, const sp_scan *token)
{
	sp_buf key = { 0 };

	/* one that is so long is no column's */
	if (token->start)
		sp_scan_unescape(token, &key);
	sp_buf_adds(&key, "");
	if (key.failed)
		sp_fail_memory(&s->error);
	else if (depth == 1 && !token->start)
		row->in = IN_NOTHING;
	else if (depth == 1)
		take_key(s, row, sp_buf_text(&key), key.len);
	else
		take_inner_key(s, row, sp_buf_text(&key), key.len);
	sp_buf_free(&key);
}

/* --- tokens and rows --- */

/* `depth`: 1 for the row's own keys and their values. */
static void take_in_row(surveying *s, open_row *row, sp_scan_token kind, size_t depth,
                        const sp_scan *token)
{
	bool ends = kind == SP_SCAN_OBJECT_END || kind == SP_SCAN_ARRAY_END;
	bool has_text = (kind == SP_SCAN_KEY || kind == SP_SCAN_STRING) && token->start;

	if (row->long_from)
		end_long(s, row);
	if (kind == SP_SCAN_KEY && depth == 1) {
		end_value(row);
		take_any_key(s, row, depth, token);
	} else if (kind == SP_SCAN_KEY && depth == 2 && row->in > IN_COLUMN) {
		take_any_key(s, row, depth, token);
	} else if (row->in == IN_COLUMN && depth == 1 && !ends) {
		begin_value(s, row, kind, token);
	} else if (row->in == IN_COLUMN && depth == 2 && !ends) {
		take_item(row, token);
	}
	if (row->in == IN_COLUMN && has_text && token->escaped && !row->is_raw &&
	    !(depth == 1 && kind == SP_SCAN_KEY))
		row->is_raw = is_beyond(token);
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	surveying *s = ctx;
	open_row *row;

	if (!s->depth || s->depth > SP_TAKING_DEPTH || sp_error_is_set(&s->error))
		return;
	row = &s->open[s->depth - 1];
	if (s->is_new)
		row->depth = depth;
	else if (depth > row->depth)
		take_in_row(s, row, kind, depth - row->depth, token);
	s->is_new = false;
}

static void begin_row(surveying *s, const char *kind)
{
	open_row *row;

	s->is_new = true;
	if (s->depth++ >= SP_TAKING_DEPTH)
		return;
	row = &s->open[s->depth - 1];
	*row = (open_row){ .kind = find_kind(s, kind), .column = -1 };
	if (row->kind)
		row->kind->rows++;
	else
		s->survey->other_kinds++;
}

static void end_row(surveying *s)
{
	open_row *row;

	if (!s->depth || s->depth-- > SP_TAKING_DEPTH)
		return;
	row = &s->open[s->depth];
	if (row->long_from)
		end_long(s, row);
	end_value(row);
	if (row->kind && strcmp(row->kind->name, EMBEDDING) == 0)
		count_vector(s, row);
}

static void take_row(void *ctx, const char *kind, bool ends)
{
	surveying *s = ctx;

	if (sp_error_is_set(&s->error))
		return;
	if (ends)
		end_row(s);
	else
		begin_row(s, kind);
}

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	surveying *s = ctx;

	(void)path;
	(void)number;
	(void)err;
	s->depth = 0;
	s->is_new = false;
	*s->asset = '\0';
	return true;
}

static bool end_entry(void *ctx, uint64_t size, int64_t rows, sp_error *err)
{
	surveying *s = ctx;

	(void)size;
	(void)rows;
	if (!sp_error_is_set(&s->error))
		return true;
	sp_error_move(err, &s->error);
	return false;
}

static void tell(void *ctx, const sp_finding *finding)
{
	surveying *s = ctx;

	s->survey->beyond_jsonb += finding->id == SP_FOUND_BEYOND_JSONB;
	s->survey->beyond_numeric += finding->id == SP_FOUND_BEYOND_NUMERIC;
	if (s->tell)
		s->tell(s->tell_ctx, finding);
}

/* --- all of it --- */

static sp_survey *create(sp_error *err)
{
	sp_survey *survey = calloc(1, sizeof *survey);

	if (survey) {
		survey->kinds = calloc(SP_SURVEY_KINDS, sizeof *survey->kinds);
		survey->vectors = calloc(SP_SURVEY_VECTORS, sizeof *survey->vectors);
		survey->about = sp_json_object();
	}
	if (survey && survey->kinds && survey->vectors && survey->about)
		return survey;
	sp_survey_free(survey);
	sp_fail_memory(err);
	return NULL;
}

static bool tell_about(sp_walk *walk, const sp_checking *check, sp_json *about, sp_error *err)
{
	sp_json *manifest;
	bool ok = sp_walk_result(walk, about) &&
	          sp_json_add_text(about, "profile", sp_checking_profile(check));

	manifest = ok ? sp_walk_take_manifest(walk) : NULL;
	if (manifest)
		ok = sp_json_add(about, "manifest", manifest);
	return ok || sp_fail_memory(err);
}

sp_survey *sp_survey_read(int fd, sp_checking *check, sp_survey_words_fn *words, void *ctx,
                          sp_error *err)
{
	surveying s = { .words = words, .ctx = ctx, .tell = check->tell, .tell_ctx = check->ctx };
	bool ok = false;

	s.watcher = (sp_walk_watcher){
		.begin = begin_entry, .end = end_entry, .token = take_token, .row = take_row, .ctx = &s
	};
	s.survey = create(err);
	if (!s.survey)
		return NULL;
	sp_checking_begin(check);
	check->tell = tell;
	check->ctx = &s;
	s.walk = sp_walk_open(fd, check, false, err);
	if (s.walk) {
		sp_walk_watch(s.walk, &s.watcher);
		/* rows of what is newer weren't looked at: nothing can be said of them */
		ok = sp_walk_read(s.walk, err) && sp_walk_end(s.walk, err) &&
		     sp_walk_check_known(s.walk, err) && tell_about(s.walk, check, s.survey->about, err);
	}
	check->tell = s.tell;
	check->ctx = s.tell_ctx;
	sp_walk_free(s.walk);
	sp_error_clear(&s.error);
	if (ok)
		return s.survey;
	sp_survey_free(s.survey);
	return NULL;
}

static void free_column(sp_survey_column *column)
{
	int i;

	for (i = 0; i < column->word_count; i++)
		free(column->words[i].word);
	free(column->words);
	free(column->name);
}

void sp_survey_free(sp_survey *survey)
{
	int i, j;

	if (!survey)
		return;
	for (i = 0; survey->kinds && i < survey->count; i++) {
		for (j = 0; j < survey->kinds[i].count; j++)
			free_column(&survey->kinds[i].columns[j]);
		free(survey->kinds[i].columns);
		free(survey->kinds[i].name);
	}
	for (i = 0; survey->vectors && i < survey->vector_count; i++)
		free(survey->vectors[i].column);
	free(survey->kinds);
	free(survey->vectors);
	sp_json_free(survey->about);
	free(survey);
}

const sp_survey_kind *sp_survey_kind_of(const sp_survey *survey, const char *name)
{
	int i;

	for (i = 0; i < survey->count; i++) {
		if (strcmp(survey->kinds[i].name, name) == 0)
			return &survey->kinds[i];
	}
	return NULL;
}

const sp_survey_column *sp_survey_column_of(const sp_survey_kind *kind, const char *name)
{
	int i;

	for (i = 0; kind && i < kind->count; i++) {
		if (strcmp(kind->columns[i].name, name) == 0)
			return &kind->columns[i];
	}
	return NULL;
}
