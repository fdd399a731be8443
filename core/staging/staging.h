/*
 * Where an import holds the rows of a package until they are merged: tables of
 * its own in the target's database, unlogged ones in the schema spaceport, or
 * temporary ones where this login can't make any there. A row is staged as the
 * line that it is; PostgreSQL takes it apart once (typed.h).
 */
#ifndef SP_STAGING_STAGING_H
#define SP_STAGING_STAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/db/db.h"
#include "core/model/entity.h"
#include "core/package/walk.h"

/* A column that rows of a package have. */
typedef struct {
	char *name;
	int64_t rows;    /* that have its key, or have it in __raw or __texts */
	int64_t nulls;   /* … with JSON's null */
	int64_t escaped; /* … with a string that has escapes */
	bool known;      /* the source has it, though no row may have a value in it */
	bool moved;      /* values stood in a jsonb before, which has keys in an order of its own */
	bool apart;      /* values stand in "vector" (vectors.h), not in the rows */
	bool unasked;    /* nobody wants its values: they only say who a row is */
} sp_staged_column;

/* The rows of a kind. */
typedef struct {
	char *kind; /* the word for it in packages */
	int64_t rows;
	sp_staged_column *columns;
	int count;
} sp_staged_kind;

typedef struct sp_staging sp_staging;

/*
 * Makes the tables. `operation`: a UUID of 36 characters; `temporary`: only
 * this session sees them, and they end with it. `db` must outlive it. NULL and
 * an error where that can't be done.
 */
sp_staging *sp_staging_create(sp_db *db, const char *operation, bool temporary, sp_error *err);
/* The tables stay. */
void sp_staging_free(sp_staging *staging);

/*
 * Stages each row that the walk comes by, in slices that are committed one by
 * one, and texts that were too long for their lines, in parts; the walk then fails where the
 * database does. To be called before
 * sp_walk_read(); must outlive that. Then sp_staging_end().
 */
bool sp_staging_watch(sp_staging *staging, sp_walk *walk, sp_error *err);
bool sp_staging_end(sp_staging *staging, sp_error *err);

/* Where a line is from: its own number, and its place in the package. */
typedef struct {
	int64_t number; /* 0, of a row that the package doesn't have: it gets one */
	uint64_t entry;
	int64_t line;
} sp_staged_place;

/*
 * Behind sp_staging_end(): other text for lines, and more lines. First each older text is taken
 * from what columns there are, then the new ones come, at last sp_staging_replace() takes the older
 * ones of each kind out.
 */
bool sp_staging_forget(sp_staging *staging, const char *kind, const char *text, size_t len,
                       sp_error *err);
bool sp_staging_again(sp_staging *staging, const char *kind, const sp_staged_place *place,
                      const char *text, size_t len, sp_error *err);
bool sp_staging_replace(sp_staging *staging, const bool kinds[SP_ENTITY_COUNT], sp_error *err);
/* Notes of a kind that was staged that the source has a column: where no row has its key it is NULL
 * in all of them. */
bool sp_staging_know(sp_staging *staging, sp_kind kind, const char *key, sp_error *err);
/* Notes of one whose values don't stand in the rows. */
bool sp_staging_apart(sp_staging *staging, sp_kind kind, const char *key, int64_t rows,
                      sp_error *err);
/* Notes of a column, if there is one, that its values were moved; that nobody wants them. */
void sp_staging_moved(sp_staging *staging, sp_kind kind, const char *key);
void sp_staging_unasked(sp_staging *staging, sp_kind kind, const char *key);

/* What it was made with. */
sp_db *sp_staging_db(const sp_staging *staging);
/* What was staged, in the order in which it came; NULL behind the last. */
const sp_staged_kind *sp_staging_kind(const sp_staging *staging, int number);
/* The same by kind; NULL: it has no rows. */
const sp_staged_kind *sp_staging_find(const sp_staging *staging, sp_kind kind);
/* Whether rows have it. */
bool sp_staged_is(const sp_staged_column *column);
/* NULL: they have no such column. */
const sp_staged_column *sp_staged_find(const sp_staged_kind *staged, const char *key);

/* Appends the name of one of its tables, as SQL. */
void sp_staging_table(const sp_staging *staging, const char *part, const char *kind, sp_buf *sql);
/* Whether there is such a table, of all kinds. */
bool sp_staging_has(const sp_staging *staging, const char *part, bool *has, sp_error *err);
/* Begins a statement that makes such a table, "CREATE UNLOGGED TABLE …", behind one that takes
 * out an older one, with views of it. */
void sp_staging_make(const sp_staging *staging, const char *part, const char *kind, sp_buf *sql);
/* Notes which of its tables are there: before each plan, for what a transaction has made may be
 * gone. */
bool sp_staging_look(sp_staging *staging, sp_error *err);
/* The same for a table that stays what it is from plan to plan: where it is there and small, a
 * whole statement that empties it, and false. To make a table costs more than a few rows, and one
 * that is taken out leaves locks until the transaction ends, of which a server has only so many. */
bool sp_staging_renew(sp_staging *staging, const char *part, const char *kind, sp_buf *sql);
/* Begins a statement that makes it so of what a SELECT behind this finds, always with the same
 * columns, or fills it; also a large one if it is made `again` for the same plan. */
void sp_staging_fill(sp_staging *staging, const char *part, const char *kind, bool again,
                     sp_buf *sql);

#endif
