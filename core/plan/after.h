/*
 * The rows of a package as they would be here if its side counted: in the target's columns
 * and types, with the ids of the rows that they name, words as HQ spells them here,
 * what HQ would start work for put to rest (core/model/normal.h), and what the package
 * doesn't have filled in. What is compared, shown and written are these same values.
 *
 * View of the staging ("part", one a kind of which rows were staged):
 *
 *	after  __number bigint   of the row
 *	       __target bigint   its id here; NULL: it is new
 *	       a column for each that is written, under its key in the package
 *	       __unlinked boolean  it isn't said to be a version of another, for HQ would start a run
 *
 * A row that isn't here yet has the id -N, with its number in the package for N, until it is
 * matched with the one that it gets. A reference to nobody leaves a row here as it is.
 */
#ifndef SP_PLAN_AFTER_H
#define SP_PLAN_AFTER_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/* What becomes of a column of a kind of which rows were staged. */
typedef enum {
	SP_AFTER_LEFT,   /* the table fills it by itself */
	SP_AFTER_FILLED, /* it gets a value in new rows; a row here keeps its own */
	SP_AFTER_TAKEN   /* it is what the package has */
} sp_after_form;

/* `sides->staged` is there. */
sp_after_form sp_after_form_of(const sp_sides *sides, const sp_column *column);

/* Appends the time of the import as HQ would write it into the column: without a time zone it is
 * the one of HQ's own sessions. */
void sp_after_now(const sp_plan_about *about, const sp_column *column, sp_buf *sql);

/* Behind sp_resolve_make() for all kinds; to be made again where that is. */
bool sp_after_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind,
                   const sp_plan_about *about, sp_error *err);

#endif
