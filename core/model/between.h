/*
 * What differs between generations of HQ, as data: where one keeps what another
 * keeps elsewhere, which words take the place of those that one doesn't know,
 * and what a row gets that comes from where there was no such column. Reports
 * and imports read the same tables.
 */
#ifndef SP_MODEL_BETWEEN_H
#define SP_MODEL_BETWEEN_H

#include <stdbool.h>

#include "core/model/entity.h"

/*
 * Where a column's values go that a database doesn't have. Of several for one
 * column, the first that the database can take counts.
 */
typedef struct {
	sp_kind kind;
	const char *column; /* NULL: whole rows, whose table is missing */
	sp_kind to_kind;
	const char *to[2]; /* columns there, all of them needed; none: rows of that kind */
	bool first;        /* of several values only the first */
	bool renamed;      /* it is the same column by another name */
} sp_move;

/* So many there are. */
#define SP_MOVES 21
/* The one after `after` (NULL: the first); NULL: no more. */
const sp_move *sp_move_next(const sp_move *after, sp_kind kind, const char *column);
/* Whether a database has what it takes. */
bool sp_move_fits(const sp_move *move, const sp_catalog *catalog);

/*
 * What is written instead of a word: `type` is an enum's name, or "kind.column"
 * of words that HQ keeps as text; the first of `instead` that is known there.
 */
typedef struct {
	const char *type;
	const char *word; /* NULL: whatever else */
	const char *instead[3];
} sp_fallback;

/* NULL: nothing can stand for it. */
const sp_fallback *sp_fallback_find(const char *type, const char *word);
/* A label that databases have, but that HQ can neither write nor read. */
bool sp_word_is_unreadable(const char *type, const char *word);

/* Words that HQ keeps as text, yet spells in one way; ends with NULL. NULL: any
 * text may stand there. */
const char *const *sp_words_of(sp_kind kind, const char *column);

/* What a column gets where a package has nothing for it, which may not be NULL or would else get
 * what the table has by default. */
typedef enum {
	SP_FILL_VALUE,     /* `value`, as text */
	SP_FILL_NULL,      /* nothing, though the table would have something: it starts work */
	SP_FILL_UUID,      /* a new one */
	SP_FILL_INFOSPACE, /* the target infospace */
	SP_FILL_OWNER,     /* the owner of the import */
	SP_FILL_NOW,       /* the time of the import */
	SP_FILL_PARENT,    /* the row that it stands in */
	SP_FILL_CANON      /* the general canon of the infospace */
} sp_fill_rule;

typedef struct {
	int kind; /* -1: any */
	const char *column;
	sp_fill_rule rule;
	const char *value;
} sp_fill;

/* NULL: nobody can say what it should be. */
const sp_fill *sp_fill_find(sp_kind kind, const char *column);

/*
 * What HQ's own packages call a column of their rows; NULL where the key holds
 * nothing of the row's own: rows in it, what HQ computes, names of other rows.
 */
const char *sp_hq_column(sp_kind kind, const char *key);
/* The same for universal packages. */
const char *sp_universal_column(sp_kind kind, const char *key);

#endif
