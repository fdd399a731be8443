#include <config.h>

#include "core/plan/compat.h"

#include <string.h>

#include "core/model/identity.h"
#include "core/model/vector.h"
#include "core/model/words.h"
#include "core/package/places.h"

#define MAPPING "spaceport.cross_instance_mappings"

/* One kind of rows on its way. */
typedef struct {
	const sp_survey *survey;
	const sp_target *target;
	sp_fits *fits;
	/* as the package's format calls columns; NULL: as the database does */
	const char *(*column_of)(sp_kind kind, const char *key);
	bool has_nulls; /* JSON's null is a value: where there is one, it was meant */

	const sp_survey_kind *from;
	sp_kind kind;
	const sp_target_table *table; /* NULL: the target has none */
	int64_t rows;
} comparing;

static int kind_named(const char *name)
{
	int kind = sp_kind_of_name(name);

	return kind >= 0 ? kind : sp_kind_of_table(name);
}

/* The database's name of a package's column; NULL: it holds nothing of the row's. */
static const char *name_of(const comparing *c, const sp_survey_column *column)
{
	return c->column_of ? c->column_of(c->kind, column->name) : column->name;
}

static void add(const comparing *c, sp_fit_id id, const char *column, int64_t rows, const char *to)
{
	sp_fit fit = { .id = id, .column = column, .rows = rows, .to = to };

	if (rows <= 0)
		return;
	fit.kind = c->from->name;
	fit.of = c->rows;
	sp_fits_add(c->fits, &fit);
}

/* --- where it is kept --- */

/* "asset.metadata, asset.file_info"; false where the target lacks one of them. */
static bool move_target(const comparing *c, const sp_move *move, sp_buf *to)
{
	const sp_target_table *table = sp_target_table_of(c->target, move->to_kind);
	size_t i;

	sp_buf_reset(to);
	if (!table)
		return false;
	for (i = 0; i < 2 && move->to[i]; i++) {
		if (!sp_target_column_of(table, move->to[i]))
			return false;
		sp_buf_addf(to, "%s%s.%s", i ? ", " : "", table->name, move->to[i]);
	}
	if (!i)
		sp_buf_adds(to, table->name);
	return true;
}

/* The first move that the target can take; NULL: none. */
static const sp_move *find_move(const comparing *c, const char *column, sp_buf *to)
{
	const sp_move *move = NULL;

	while ((move = sp_move_next(move, c->kind, column)) && !move_target(c, move, to))
		;
	return move;
}

static bool is_jsonb(const sp_target_column *column)
{
	return column && !strcmp(column->type, "jsonb");
}

/* json keeps the text as it is, whatever stands there; nothing else does. */
static bool takes_raw(const sp_target_column *column)
{
	return column && !strcmp(column->type, "json");
}

/* Of a key, HQ's root is no row: without it nothing is missing. */
static bool is_key(const comparing *c, const char *name)
{
	return sp_soft_key_of(sp_entities[c->kind].tables[0], name) != NULL;
}

static int64_t rows_of(const comparing *c, const char *name, const sp_survey_column *column)
{
	int64_t rows = column->rows + (c->has_nulls ? column->nulls : 0);

	return is_key(c, name) ? rows - column->root : rows;
}

static void lose_column(const comparing *c, const char *name, const sp_survey_column *column)
{
	sp_fit fit = { .id = SP_FITS_NO_COLUMN, .kind = c->from->name, .column = name };

	fit.rows = rows_of(c, name, column);
	fit.of = c->rows;
	if (!is_key(c, name))
		fit.empty = column->empty + (c->has_nulls ? column->nulls : 0);
	if (fit.rows > 0)
		sp_fits_add(c->fits, &fit);
}

/* Who a row was is kept with the import, whether its table has a column for that or
 * not. */
static bool is_identity(const comparing *c, const char *name)
{
	return (sp_entities[c->kind].uuid && !strcmp(sp_entities[c->kind].uuid, name)) ||
	       sp_is_lineage(name);
}

/* The target has no such column. */
static void move_column(const comparing *c, const char *name, const sp_survey_column *column)
{
	int64_t rows = rows_of(c, name, column);
	sp_buf to = { 0 };
	const sp_move *move = find_move(c, name, &to);
	const sp_target_table *table;

	if (!move && is_identity(c, name)) {
		add(c, SP_FITS_ELSEWHERE, name, rows, MAPPING);
	} else if (!move) {
		lose_column(c, name, column);
	}
	if (!move) {
		sp_buf_free(&to);
		return;
	}
	table = sp_target_table_of(c->target, move->to_kind);
	add(c, move->renamed ? SP_FITS_RENAMED : SP_FITS_ELSEWHERE, name, rows, sp_buf_text(&to));
	if (move->first)
		add(c, SP_FITS_ONLY_FIRST, name, column->several, sp_buf_text(&to));
	if (move->to[0] && is_jsonb(sp_target_column_of(table, move->to[0])))
		add(c, SP_FITS_BEYOND_JSONB, name, column->raw, "jsonb");
	sp_buf_free(&to);
}

/* --- words --- */

static void compare_word(const comparing *c, const char *name, const sp_vocabulary *v,
                         const sp_survey_word *word)
{
	static const sp_fit_id ids[] = {
		[SP_WORD_SPELLING] = SP_FITS_SPELLING,
		[SP_WORD_INSTEAD] = SP_FITS_WORD,
		[SP_WORD_UNKNOWN] = SP_FITS_WORD_REFUSED,
	};
	sp_fit fit = {
		.kind = c->from->name, .column = name, .word = word->word, .rows = word->rows, .of = c->rows
	};
	sp_word_fate fate = sp_word_find(v, word->word, &fit.to);

	if (fate == SP_WORD_KNOWN)
		return;
	fit.id = ids[fate];
	sp_fits_add(c->fits, &fit);
}

/* False where any text may stand there. */
static bool vocabulary_of(const sp_target *target, sp_kind kind, const sp_target_column *column,
                          sp_vocabulary *v, sp_buf *room)
{
	const sp_target_enum *of;

	if (!column)
		return false;
	if ((of = sp_target_enum_of(target, column->enumeration))) {
		*v = (sp_vocabulary){ column->enumeration, (const char *const *)of->labels, of->count };
		return true;
	}
	sp_buf_addf(room, "%s.%s", sp_entities[kind].name, column->name);
	*v = (sp_vocabulary){ sp_buf_text(room), sp_words_of(kind, column->name), 0 };
	while (v->words && v->words[v->count])
		v->count++;
	return v->words != NULL;
}

bool sp_compat_keeps_words(void *ctx, const char *kind_name, const char *column)
{
	const sp_target *target = ctx;
	int kind = kind_named(kind_name);
	sp_buf room = { 0 };
	sp_vocabulary v;
	bool keeps =
		kind >= 0 &&
		vocabulary_of(target, (sp_kind)kind,
	                  sp_target_column_of(sp_target_table_of(target, (sp_kind)kind), column), &v,
	                  &room);

	sp_buf_free(&room);
	return keeps;
}

static void compare_words(const comparing *c, const sp_target_column *to,
                          const sp_survey_column *column)
{
	sp_buf room = { 0 };
	sp_vocabulary v;
	int i;

	if (vocabulary_of(c->target, c->kind, to, &v, &room)) {
		for (i = 0; i < column->word_count; i++)
			compare_word(c, to->name, &v, &column->words[i]);
		add(c, SP_FITS_OTHER_WORDS, to->name, column->other_words, NULL);
	}
	sp_buf_free(&room);
}

/* --- types --- */

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Rows whose value is of a type that can't be read as the column's. What names a
 * row is its UUID in a package, whatever the column is. */
static int64_t misfits(const sp_target_column *to, const sp_survey_column *column)
{
	const int64_t *types = column->types;
	static const char *const numbers[] = { "smallint", "integer", "bigint",
		                                   "numeric",  "real",    "double precision" };
	size_t i;

	if (begins_with(to->type, "json") || strstr(to->type, "[]"))
		return 0;
	if (!strcmp(to->type, "boolean"))
		return types[SP_VALUE_TEXT] + types[SP_VALUE_NUMBER] + types[SP_VALUE_ARRAY] +
		       types[SP_VALUE_OBJECT];
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (begins_with(to->type, numbers[i]))
			return types[SP_VALUE_BOOLEAN] + types[SP_VALUE_ARRAY] + types[SP_VALUE_OBJECT];
	}
	/* texts, times, enums, vectors: an object or array is none of them */
	return types[SP_VALUE_OBJECT] + (begins_with(to->type, "vector") ? 0 : types[SP_VALUE_ARRAY]);
}

static void compare_column(const comparing *c, const sp_survey_column *column)
{
	const char *name = name_of(c, column);
	const sp_target_column *to = name ? sp_target_column_of(c->table, name) : NULL;

	if (!name)
		return;
	if (!to) {
		move_column(c, name, column);
		return;
	}
	if (to->generated) {
		add(c, SP_FITS_COMPUTED, name, rows_of(c, name, column), NULL);
		return;
	}
	compare_words(c, to, column);
	add(c, SP_FITS_OTHER_TYPE, name, misfits(to, column), to->type);
	if (!takes_raw(to))
		add(c, SP_FITS_BEYOND_JSONB, name, column->raw, to->type);
	if (to->indexed)
		add(c, SP_FITS_LONG_FOR_INDEX, name, column->indexed, NULL);
	if (to->searched)
		add(c, SP_FITS_LONG_FOR_SEARCH, name, column->searched, NULL);
}

/* --- what the target wants besides --- */

/* Rows that have something for this column: its own, or what is moved there. */
static int64_t rows_for(const comparing *c, const sp_target_column *to)
{
	const sp_move *move = NULL;
	int64_t most = 0;
	sp_buf room = { 0 };
	int i;

	for (i = 0; i < c->from->count; i++) {
		const sp_survey_column *column = &c->from->columns[i];
		const char *name = name_of(c, column);
		int64_t rows = column->rows + (c->has_nulls ? column->nulls : 0);

		if (!name)
			continue;
		move = strcmp(name, to->name) != 0 && !sp_target_column_of(c->table, name)
		           ? find_move(c, name, &room)
		           : NULL;
		if (strcmp(name, to->name) != 0 &&
		    !(move && move->to_kind == c->kind && move->to[0] && !strcmp(move->to[0], to->name)))
			continue;
		if (rows > most)
			most = rows;
	}
	sp_buf_free(&room);
	return most;
}

static void fill_column(const comparing *c, const sp_target_column *to)
{
	static const char *const words[] = {
		[SP_FILL_UUID] = N_("a new UUID"),
		[SP_FILL_INFOSPACE] = N_("the infospace of the import"),
		[SP_FILL_OWNER] = N_("the owner of the import"),
		[SP_FILL_NOW] = N_("the time of the import"),
		[SP_FILL_PARENT] = N_("the row that it stands in"),
		[SP_FILL_CANON] = N_("the general canon of the infospace"),
	};
	sp_fit fit = { .id = SP_FITS_NO_VALUE, .kind = c->from->name, .column = to->name };
	const sp_fill *fill = sp_fill_find(c->kind, to->name);

	fit.rows = c->rows - rows_for(c, to);
	fit.of = c->rows;
	if (fit.rows <= 0)
		return;
	if (fill) {
		fit.id = SP_FITS_FILLED;
		fit.to = fill->rule == SP_FILL_VALUE ? fill->value : words[fill->rule];
		fit.to_translated = fill->rule != SP_FILL_VALUE;
	}
	sp_fits_add(c->fits, &fit);
}

static void fill_columns(const comparing *c)
{
	int i;

	for (i = 0; i < c->table->count; i++) {
		const sp_target_column *to = &c->table->columns[i];

		if (to->not_null && !to->has_default && !to->generated)
			fill_column(c, to);
	}
}

/* --- kinds --- */

/* The target has no table for them. */
static void move_rows(const comparing *c)
{
	sp_buf to = { 0 };
	const sp_move *move = find_move(c, NULL, &to);
	const sp_target_table *table;
	int i;

	if (!move) {
		add(c, SP_FITS_NO_TABLE, NULL, c->rows, NULL);
		sp_buf_free(&to);
		return;
	}
	table = sp_target_table_of(c->target, move->to_kind);
	add(c, SP_FITS_ELSEWHERE, NULL, c->rows - (move->first ? c->from->repeated : 0),
	    sp_buf_text(&to));
	if (move->first)
		add(c, SP_FITS_ONLY_FIRST, NULL, c->from->repeated, sp_buf_text(&to));
	for (i = 0; i < c->from->count; i++) {
		if (move->to[0] && is_jsonb(sp_target_column_of(table, move->to[0])))
			add(c, SP_FITS_BEYOND_JSONB, c->from->columns[i].name, c->from->columns[i].raw,
			    "jsonb");
	}
	sp_buf_free(&to);
}

/* Copies of what stands in other rows' values become rows where there is a table. */
static void compare_inside(comparing *c)
{
	int64_t rows = c->rows;

	c->rows = c->from->inside;
	if (c->table)
		add(c, SP_FITS_ROWS_FROM_VALUES, NULL, c->rows, c->table->name);
	else
		add(c, SP_FITS_ROWS, NULL, c->rows, NULL);
	c->rows = rows - c->from->inside;
}

static void compare_rows(const comparing *c)
{
	int i;

	add(c, SP_FITS_ROWS, NULL, c->rows, NULL);
	for (i = 0; i < c->from->count; i++)
		compare_column(c, &c->from->columns[i]);
	fill_columns(c);
}

/* What isn't imported as rows: who is named, and vectors, which are counted. */
static bool is_passed_over(const char *kind)
{
	int known = kind_named(kind);

	return !strcmp(kind, SP_KIND_MAPPING) || !strcmp(kind, SP_KIND_EMBEDDING) ||
	       (known >= 0 && sp_entities[known].travel == SP_TRAVEL_NEVER);
}

static void compare_kind(comparing *c, const sp_survey_kind *from)
{
	int kind = kind_named(from->name);

	if (!from->rows || is_passed_over(from->name))
		return;
	c->from = from;
	c->rows = from->rows;
	if (kind < 0) {
		add(c, SP_FITS_NO_KIND, NULL, from->rows, NULL);
		return;
	}
	c->kind = (sp_kind)kind;
	c->table = sp_target_table_of(c->target, c->kind);
	if (from->inside)
		compare_inside(c);
	if (c->rows && c->table)
		compare_rows(c);
	else if (c->rows)
		move_rows(c);
	add(c, SP_FITS_NOT_LOOKED_AT, NULL, from->other_columns, NULL);
}

/* --- vectors, files, the whole --- */

/* NULL: none takes them. */
static const sp_target_column *vector_column(const sp_target_table *table,
                                             const sp_survey_vector *vector)
{
	const sp_target_column *best = NULL;
	int rank = 0;

	for (int i = 0; table && i < table->count; i++) {
		const sp_target_column *column = &table->columns[i];
		int its = sp_vector_rank(column->name, column->type, vector->column, vector->dimension);

		if (its > rank) {
			best = column;
			rank = its;
		}
	}
	return best;
}

static void compare_vectors(const comparing *c)
{
	const sp_target_table *table = sp_target_table_of(c->target, SP_CHUNK);
	sp_fit fit = { .kind = SP_KIND_EMBEDDING };
	int i;

	for (i = 0; i < c->survey->vector_count; i++) {
		const sp_survey_vector *vector = &c->survey->vectors[i];
		const sp_target_column *to = vector_column(table, vector);
		char dimension[24];

		snprintf(dimension, sizeof dimension, "%lld", (long long)vector->dimension);
		fit.column = vector->column;
		fit.rows = fit.of = vector->rows;
		fit.to = dimension;
		fit.id = c->target->vector ? SP_FITS_NO_VECTORS : SP_FITS_NO_PGVECTOR;
		if (to && !strcmp(to->name, vector->column)) {
			fit.id = SP_FITS_VECTORS;
		} else if (to) {
			fit.id = SP_FITS_VECTORS_ELSEWHERE;
			fit.to = to->name;
		}
		sp_fits_add(c->fits, &fit);
	}
}

static void add_whole(const comparing *c, sp_fit_id id, const char *kind, int64_t rows,
                      const char *to)
{
	sp_fit fit = { .id = id, .kind = kind, .rows = rows, .of = rows, .to = to };

	sp_fits_add(c->fits, &fit);
}

static void compare_files(const comparing *c)
{
	const sp_survey_files *files = &c->survey->files;
	const sp_json *counts = sp_json_get(c->survey->about, "counts");
	int64_t travel = files->entry + files->shared + files->in_row;

	/* other formats don't say of each asset how its file travels */
	if (!travel)
		travel = sp_json_int(sp_json_get(counts, "file"), "entries", 0);
	if (travel && c->target->store == SP_STORE_REACHED)
		add_whole(c, SP_FITS_FILES, "file", travel, NULL);
	else if (travel)
		add_whole(c,
		          c->target->store == SP_STORE_NOT_TOLD ? SP_FITS_STORE_NOT_TOLD
		                                                : SP_FITS_STORE_NOT_REACHED,
		          "file", travel, NULL);
	if (files->external + files->missing)
		add_whole(c, SP_FITS_NO_BYTES, "file", files->external + files->missing, NULL);
}

/* In texts that were too long to be looked into, whoever's column they are. */
static bool is_beyond_somewhere(const sp_survey *survey)
{
	int i, j;

	for (i = 0; i < survey->count; i++) {
		for (j = 0; j < survey->kinds[i].count; j++) {
			if (survey->kinds[i].columns[j].raw)
				return false;
		}
	}
	return survey->beyond_jsonb > 0;
}

/* The package names the instance that it is for: by UUID, or as a profile does. Where memory is out
 * it isn't, as far as is known. */
static bool is_meant_for(const char *name, const sp_target *target)
{
	sp_error ignored = SP_ERROR_INIT;
	bool is_it = !target->instance || sp_identity_means(name, target->instance, &ignored);

	sp_error_clear(&ignored);
	return is_it;
}

static void compare_whole(const comparing *c)
{
	const sp_json *manifest = sp_json_get(c->survey->about, "manifest");
	const char *meant = sp_json_text(sp_json_get(manifest, "options"), "target_instance_id");
	const sp_target *target = c->target;
	char version[24];

	snprintf(version, sizeof version, "%d", target->server_version / 10000);
	if (target->server_version < SP_TARGET_OLDEST)
		add_whole(c, SP_FITS_SERVER_TOO_OLD, NULL, 0, version);
	if (!target->writable)
		add_whole(c, SP_FITS_STANDBY, NULL, 0, NULL);
	if (target->into_uuid && !target->may_import)
		add_whole(c, SP_FITS_NOT_ALLOWED, NULL, 0,
		          target->into_name ? target->into_name : target->into_uuid);
	if (target->schema == SP_SCHEMA_CLOSED || target->schema == SP_SCHEMA_NOT_ALLOWED)
		add_whole(c, SP_FITS_SCHEMA_NOT_ALLOWED, NULL, 0, NULL);
	if (!target->may_write)
		add_whole(c, SP_FITS_MAY_NOT_WRITE, NULL, 0, NULL);
	if (meant && !is_meant_for(meant, target))
		add_whole(c, SP_FITS_MEANT_ELSEWHERE, NULL, 0, meant);
	if (is_beyond_somewhere(c->survey))
		add_whole(c, SP_FITS_BEYOND_JSONB, NULL, 0, "jsonb");
	if (c->survey->beyond_numeric)
		add_whole(c, SP_FITS_BEYOND_NUMERIC, NULL, 0, NULL);
	if (c->survey->other_kinds)
		add_whole(c, SP_FITS_NOT_LOOKED_AT, NULL, c->survey->other_kinds, NULL);
}

sp_fits *sp_compat(const sp_survey *survey, const sp_target *target, sp_error *err)
{
	const char *format = sp_json_text(survey->about, "format");
	comparing c = { .survey = survey, .target = target, .fits = sp_fits_create(err) };
	int i;

	if (!c.fits)
		return NULL;
	c.has_nulls = format && !strcmp(format, "spaceport");
	if (format && !strcmp(format, "hq"))
		c.column_of = sp_hq_column;
	else if (format && !strcmp(format, "universal"))
		c.column_of = sp_universal_column;
	compare_whole(&c);
	for (i = 0; i < survey->count; i++)
		compare_kind(&c, &survey->kinds[i]);
	compare_vectors(&c);
	compare_files(&c);
	if (sp_fits_check(c.fits, err))
		return c.fits;
	sp_fits_free(c.fits);
	return NULL;
}
