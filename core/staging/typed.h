/*
 * The staged rows of a kind, taken apart by PostgreSQL as the target's columns
 * want them: once, for all that compares and merges them.
 *
 * The table "row" of a kind has the columns that the package's rows and the
 * target's table have both, under their keys in the package (doc/package-format.md,
 * "A row"), so that keys of the format's own ("__refs") can't meet a column's:
 *
 *	__number  bigint, of the staged line
 *	id        text, who the row is in the package; not in rows without one
 *	a column that names rows: text, or text[]: UUIDs, and what isn't known as the number that it was
 *	words of an enum: text, since the target may lack one
 *	any other: the column's own type
 *	__refs, __file, __texts, __inline: json, where rows have them
 */
#ifndef SP_STAGING_TYPED_H
#define SP_STAGING_TYPED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db/catalog.h"
#include "core/staging/staging.h"
#include "core/model/entity.h"

/* A row that this target can't take. Texts stay until the return. */
typedef struct {
	uint64_t entry;     /* the number of its entry, from 0 on: sp_walk_path() */
	int64_t line;       /* in it, from 1 on */
	const char *column; /* its key in the package */
	const char *why;    /* PostgreSQL's words, not safe to show as they are */
} sp_bad_row;

/* False with an error ends it. */
typedef bool sp_bad_row_fn(void *ctx, const sp_bad_row *bad, sp_error *err);

/*
 * Makes the table of a kind that the target has a table for and that was staged.
 * Where rows can't be taken apart, `fn` is told of each of their columns that can't,
 * in the rows' order and that of the columns' names, and the result is false and SP_BAD_PACKAGE.
 */
bool sp_typed_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_bad_row_fn *fn,
                   void *ctx, sp_error *err);

/* What a column of the target becomes. */
typedef enum {
	SP_TYPED_NONE, /* generated; its own UUID, which the mapping has */
	SP_TYPED_ID,
	SP_TYPED_REF,
	SP_TYPED_REFS,
	SP_TYPED_WORD,
	SP_TYPED_JSON, /* json or jsonb */
	SP_TYPED_VALUE
} sp_typed_form;

/* Whichever generation the package is of: the target's table decides. */
sp_typed_form sp_typed_form_of(const sp_table *table, sp_kind kind, const sp_column *column);
/* Appends a column's key in a package, unquoted. */
void sp_column_key(sp_buf *to, const sp_column *column);

#endif
