/*
 * What a package's rows hold, column by column, as far as it matters to who is to
 * take them: how many rows have a value, of what type, whether jsonb or an index
 * takes it, which words, vectors and files there are. One walk (walk.h), and
 * memory that doesn't grow with the package: beyond the bounds below it is only
 * counted how much wasn't looked at.
 */
#ifndef SP_PACKAGE_SURVEY_H
#define SP_PACKAGE_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/package/check.h"

#define SP_SURVEY_KINDS   64
#define SP_SURVEY_COLUMNS 512 /* of a kind */
#define SP_SURVEY_NAME    256 /* bytes of a kind or column */
#define SP_SURVEY_WORDS   64  /* of a column */
#define SP_SURVEY_WORD    64  /* bytes */
#define SP_SURVEY_VECTORS 32

/* Bytes of a text that a btree may refuse (a third of a page; PostgreSQL
 * compresses, so it may take a longer one), and of one whose words may be too many
 * for a tsvector. */
#define SP_SURVEY_INDEXED  2704
#define SP_SURVEY_SEARCHED 1048575

/* Of a value. */
typedef enum {
	SP_VALUE_TEXT,
	SP_VALUE_NUMBER,
	SP_VALUE_BOOLEAN,
	SP_VALUE_ARRAY,
	SP_VALUE_OBJECT,
	SP_VALUE_NULL, /* JSON's */
	SP_VALUE_TYPES
} sp_value_type;

typedef struct {
	char *word;
	int64_t rows;
} sp_survey_word;

/* A column; numbers are of rows. */
typedef struct {
	char *name;
	int64_t rows;              /* a value stands there, JSON's null aside */
	int64_t nulls;             /* JSON's null: none in formats that know no other */
	int64_t raw;               /* jsonb and text refuse it */
	int64_t empty;             /* false, 0, "", [], {} */
	int64_t root;              /* 0, or [0] */
	int64_t several;           /* an array of more than one item */
	int64_t indexed, searched; /* longer than the bounds above */
	int64_t types[SP_VALUE_TYPES];
	bool keeps_words;
	sp_survey_word *words;
	int word_count;
	int64_t other_words; /* not among them */
} sp_survey_column;

typedef struct {
	char *name;
	int64_t rows;
	int64_t inside;   /* copies of what stands in other rows' values */
	int64_t repeated; /* bundle_link: of the same asset as the row before */
	sp_survey_column *columns;
	int count;
	int64_t other_columns; /* values of columns that there was no room for */
} sp_survey_kind;

/* Vectors of chunks, in entries of their own. */
typedef struct {
	char *column;
	int64_t dimension;
	int64_t rows;
} sp_survey_vector;

/* Assets, by how their files travel. */
typedef struct {
	int64_t entry, shared, in_row, external, missing;
} sp_survey_files;

typedef struct {
	sp_survey_kind *kinds;
	int count;
	int64_t other_kinds; /* rows of those that there was no room for */
	sp_survey_vector *vectors;
	int vector_count;
	int64_t other_vectors;
	sp_survey_files files;
	int64_t beyond_jsonb, beyond_numeric; /* lines or documents */
	/* as sp_inspection_result() has it, without tree, references and samples */
	sp_json *about;
} sp_survey;

/* Whether the words of a column are to be kept. */
typedef bool sp_survey_words_fn(void *ctx, const char *kind, const char *column);

/*
 * Reads the package behind `fd` (the caller's). `check` as for sp_inspect_open():
 * the first damage, or what is newer, ends it. `words` may be NULL. NULL and an
 * error: SP_BAD_PACKAGE, SP_INCOMPATIBLE, SP_INTERRUPTED, SP_FAILED.
 */
sp_survey *sp_survey_read(int fd, sp_checking *check, sp_survey_words_fn *words, void *ctx,
                          sp_error *err);
void sp_survey_free(sp_survey *survey);

/* NULL where there is none. */
const sp_survey_kind *sp_survey_kind_of(const sp_survey *survey, const char *name);
const sp_survey_column *sp_survey_column_of(const sp_survey_kind *kind, const char *name);

#endif
