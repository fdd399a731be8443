/*
 * Whether something fits into a target: findings as data, each with a stable
 * name, a weight, what it is about, how many rows, and what becomes of them. One
 * table has them all.
 */
#ifndef SP_PLAN_FIT_H
#define SP_PLAN_FIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"

/* From light to heavy. */
typedef enum {
	SP_FIT_AS_IS,
	SP_FIT_MOVED,    /* nothing is lost: it stands elsewhere, or is spelt otherwise */
	SP_FIT_FILLED,   /* the target wants more than there is, and gets it */
	SP_FIT_NOTE,     /* nothing of the package's: somebody should know */
	SP_FIT_REPLACED, /* by something like it */
	SP_FIT_LOST,
	SP_FIT_IMPOSSIBLE, /* it can't be imported like this */
	SP_FIT_WEIGHTS
} sp_fit_weight;

/* Their stable words, and (untranslated) what people read above such findings. */
extern const char *const sp_fit_words[SP_FIT_WEIGHTS], *const sp_fit_titles[SP_FIT_WEIGHTS];

typedef enum {
	SP_FITS_ROWS,
	SP_FITS_VECTORS,
	SP_FITS_FILES,
	SP_FITS_ELSEWHERE,
	SP_FITS_RENAMED,
	SP_FITS_SPELLING,
	SP_FITS_COMPUTED,
	SP_FITS_ROWS_FROM_VALUES,
	SP_FITS_VECTORS_ELSEWHERE,
	SP_FITS_FILLED,
	SP_FITS_STORE_NOT_TOLD,
	SP_FITS_SCHEMA_NOT_ALLOWED,
	SP_FITS_MAY_NOT_WRITE,
	SP_FITS_MEANT_ELSEWHERE,
	SP_FITS_BEYOND_NUMERIC,
	SP_FITS_WORD,
	SP_FITS_OTHER_WORDS,
	SP_FITS_NO_TABLE,
	SP_FITS_NO_COLUMN,
	SP_FITS_NO_KIND,
	SP_FITS_ONLY_FIRST,
	SP_FITS_WORD_REFUSED,
	SP_FITS_BEYOND_JSONB,
	SP_FITS_LONG_FOR_INDEX,
	SP_FITS_LONG_FOR_SEARCH,
	SP_FITS_OTHER_TYPE,
	SP_FITS_NO_VECTORS,
	SP_FITS_NO_PGVECTOR,
	SP_FITS_NO_BYTES,
	SP_FITS_NOT_LOOKED_AT,
	SP_FITS_NO_VALUE,
	SP_FITS_NOT_ALLOWED,
	SP_FITS_SERVER_TOO_OLD,
	SP_FITS_STANDBY,
	SP_FITS_STORE_NOT_REACHED,
	SP_FIT_IDS
} sp_fit_id;

typedef struct {
	const char *code; /* for programs: "no-column" */
	sp_fit_weight weight;
	const char *text; /* untranslated; %s: `to` */
	const char *hint; /* what to do about it; NULL: nothing */
} sp_fit_sort;

extern const sp_fit_sort sp_fit_sorts[SP_FIT_IDS];

/* What isn't said is NULL or 0. */
typedef struct {
	sp_fit_id id;
	const char *kind, *column, *word;
	const char *to;     /* where it goes, what it becomes */
	bool to_translated; /* `to` is a text for people, untranslated (N_()) */
	int64_t rows;       /* that it is about … */
	int64_t of;         /* … of so many of this kind */
	int64_t empty;      /* of `rows`: false, 0, an empty text, array or object */
} sp_fit;

typedef struct sp_fits sp_fits;

/* A list of them; NULL and an error: no memory. */
sp_fits *sp_fits_create(sp_error *err);
void sp_fits_free(sp_fits *fits);
/* Texts are copied. A lack of memory is told by sp_fits_check(). */
void sp_fits_add(sp_fits *fits, const sp_fit *fit);
bool sp_fits_check(const sp_fits *fits, sp_error *err);

/* In the order in which they were added; NULL past the last. */
int sp_fits_count(const sp_fits *fits);
const sp_fit *sp_fits_at(const sp_fits *fits, int i);
/* The heaviest that isn't a note; SP_FIT_AS_IS where there is none. */
sp_fit_weight sp_fits_weight(const sp_fits *fits);
/* SP_OK: nothing is lost; SP_WARNINGS: something is, or is replaced;
 * SP_INCOMPATIBLE: it can't be imported. */
sp_code sp_fits_code(const sp_fits *fits);

/* Appends what becomes of it, `translated` or not. Not made safe. */
void sp_fit_text(sp_buf *to, const sp_fit *fit, bool translated);
/*
 * Appends "verdict" (a weight's word), "findings", each {"weight", "code", "kind",
 * "column", "word", "rows", "of", "empty", "to", "text", "hint"}, where they say
 * something, and "found", {weight: how many findings}. False: memory.
 */
bool sp_fits_json(const sp_fits *fits, sp_json *to);

#endif
