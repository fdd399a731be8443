/*
 * What of a package stays out, before anything else is decided: rows of kinds that nobody asked
 * for, rows that were deleted here since an earlier import wrote them (but for those that were
 * changed at their source since, of which somebody has to decide), and rows that can't be without
 * one that is neither in the package nor here. They are taken out of the staged rows, so
 * that what names them names nobody, or who they are here.
 *
 * Table of the staging, of all kinds:
 *
 *	out  kind text, number bigint, id text  as in "row" (core/staging/typed.h)
 *	     why text    'unasked', 'deleted' here, no 'room' beside another in a unique index; else the
 *	                 key of the column that names the other row
 *	     name text   for people
 *	     whole text  the staged row, as PostgreSQL writes rows
 *
 *	deleted  kind text, number bigint        those that were deleted here
 *	         uuid text, target bigint        at their source; the id that it had here
 *	         columns text[], marks bigint[]  that were changed there since; marks.h
 *	         there bigint                    as in "fate"
 *	         kept boolean                    somebody decided that it stays deleted
 */
#ifndef SP_PLAN_OUT_H
#define SP_PLAN_OUT_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/* Before sp_match_make(): rows that an earlier plan took out are staged again. */
bool sp_out_undo(sp_staging *staging, const sp_catalog *catalog, sp_error *err);
/* Of all kinds. Behind sp_match_make(). */
bool sp_out_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                 sp_error *err);
/* Then, of rows that aren't here: those of which `numbers` (SQL) are the numbers in their kind stay
 * out as well, and what can't be without them. *any: whether there are any. */
bool sp_out_without_room(const sp_sides *in, const sp_buf *numbers, bool *any, sp_error *err);

#endif
