/*
 * The files of a package's assets, in the target's store: each object of the source is one object
 * there too, whoever shares it, under a name of its own, for HQ shows a user what stands under
 * theirs and goes by its suffix. One that an asset here has already is shared with it. An asset
 * here whose content is another has another file, and one that has none gets the package's; what
 * the package has no bytes of stays as it is.
 *
 * Table of the staging ("part"), of objects whose bytes the package has:
 *
 *	object  source text    its name at the source
 *	        name text      "user_<owner>/<UUID><suffix>"; or that of the one here
 *	        is_here boolean
 *	        path text      the entry with its bytes; NULL: that of the row in `entry`
 *	        is_inline boolean  they stand in a row's `__file` there, as base64
 *	        entry bigint   the number of the entry of the row
 *	        size bigint
 *
 * The UUID is of version 8 (core/model/identity.h), from the texts "object", the seed, and the name
 * at the source.
 */
#ifndef SP_PLAN_OBJECTS_H
#define SP_PLAN_OBJECTS_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/* Behind sp_match_make(), and anew where matches were parted; `again`: for the same plan
 * (sp_staging_fill()). */
bool sp_objects_make(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                     bool again, sp_error *err);
/* True where there is the table. */
bool sp_objects_are(const sp_sides *assets);

/* Joins the table as `object` to the package's rows `r`. */
void sp_objects_join(const sp_sides *assets, sp_buf *joins);
/* Appends the name that the row's object has here: `r`, `object`, and `t`, the row here, if it
 * is. */
void sp_objects_name(const sp_sides *assets, sp_buf *sql);
/* Appends what tells whether the row `alias` has a file (SQL `has`), and which: a name says
 * nothing, for each side has its own. */
void sp_objects_mark(const sp_sides *assets, const char *alias, const char *has, sp_buf *sql);
/* Appends the columns `columns` (SQL) of an asset, with its file where its content is among them,
 * and the other way round. */
void sp_objects_with_content(const char *columns, sp_buf *sql);

/* Appends SQL behind a FROM: the objects `o` of assets that are new, or get another file, and that
 * aren't here yet. Behind sp_fate_make(). */
void sp_objects_wanted(const sp_sides *assets, sp_buf *sql);
/* The same of those that are here (`here`), or aren't. */
void sp_objects_here(const sp_sides *assets, bool here, sp_buf *sql);

#endif
