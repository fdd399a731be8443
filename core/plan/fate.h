/*
 * What becomes of each row of a package: a word (class), and why. Counts, lists and what is written
 * are read from it.
 *
 *	new       it isn't here: it is written. why: "beside" a row here that it was taken for;
 *	          "again": it was deleted here since the last import, and comes nevertheless
 *	same      it is here, and nothing is to be done
 *	update    `columns` of the row here become the package's. why: "there": only they were
 *	          changed since the last import; "overwrite": asked for; "grown": asked for, of a
 *	          schema's contract that takes all that it took before
 *	keep      it differs in `columns`, and what is here stays. why: "here": only that was changed
 *	          since the last import; "first": nobody knows who changed what; "skip": asked for;
 *	          "place": it was to come beside, and there is room for one only; "sealed": nobody may
 *	          change it, and all that can be decided is that the package's comes beside it
 *	conflict  it differs in `columns`, and somebody has to decide. why: "both" were changed since
 *	          the last import; "unknown": nobody knows who changed what; "ambiguous": more
 *	          than one row here may be it; "taken": its UUID is that of a row elsewhere;
 *	          "deleted": it was here, and `columns` of the package's were changed since;
 *	          "occupied": another row is in a unique index as it would be (unique.h); "circle": it
 *	          would stand inside itself (circle.h)
 *	beside    it is to come beside the row here, as another one: sp_plan_make() makes it new
 *
 * What somebody decided (decided.h) of a row that differs goes before all that, why: "decided".
 *
 * Rows that stay out are in "out" (out.h).
 *
 * Table of the staging ("part", one a kind of which rows were staged):
 *
 *	fate  number bigint, id text, target bigint, class text, why text, columns text[]
 *	      name text                   for people
 *	      said text                   class and why, as if nobody had decided anything
 *	      there bigint, here bigint   of rows that differ, hashes of both sides' marks (marks.h)
 *	      decision text               its word, where somebody decided
 */
#ifndef SP_PLAN_FATE_H
#define SP_PLAN_FATE_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/* Once before it is made for all kinds; `again`: for the same plan (sp_staging_fill()). */
bool sp_fate_begin(sp_staging *staging, bool again, sp_error *err);
/* Behind sp_differ_make(), with what sp_unique_look() has noted. */
bool sp_fate_make(sp_staging *staging, const sp_catalog *catalog, sp_kind kind,
                  const sp_plan_about *about, bool again, sp_error *err);

/* Appends "(SELECT …)": number, id, target, class, why ('' for none), columns, said, there, here
 * and name of all rows of a kind, those that stay out (class 'out') among them. */
void sp_fate_rows(const sp_sides *in, sp_buf *sql);

#endif
