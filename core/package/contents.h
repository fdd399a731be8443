/*
 * What the entries of a run package hold, besides being whole: rows with the
 * keys that they need, each once; references to rows that are there, or are
 * listed as outside; files and texts that are named and there; the mapping of
 * origins against the rows; the manifest's counts. It watches a walk and
 * compares at its end. Memory doesn't grow with the package.
 */
#ifndef SP_PACKAGE_CONTENTS_H
#define SP_PACKAGE_CONTENTS_H

#include "core/package/walk.h"

typedef struct sp_contents sp_contents;

/* NULL and an error where it can't. */
sp_contents *sp_contents_create(sp_checking *check, sp_error *err);
void sp_contents_free(sp_contents *contents);

/* The walk that it watches. */
void sp_contents_watch(sp_contents *contents, sp_walk *walk);

/* After the walk has compared. */
bool sp_contents_end(sp_contents *contents, sp_error *err);

#endif
