/*
 * The vectors of chunks, which stand in entries of their own: each becomes a value of its chunk, in
 * the column that the target has for it (core/model/vector.h).
 *
 * Tables of the staging, where there are any:
 *
 *	vector  number bigint     of its line
 *	        id text           of the chunk
 *	        source text       the column there
 *	        dimension bigint
 *	        value text        the array
 *	place   number bigint, key text  where each goes that has a place: the column here, as a key
 */
#ifndef SP_STAGING_VECTORS_H
#define SP_STAGING_VECTORS_H

#include "core/db/catalog.h"
#include "core/staging/staging.h"

/* Behind sp_staging_end(), before sp_typed_make(). SP_BAD_PACKAGE where a chunk has two values for
 * one column. */
bool sp_vectors_place(sp_staging *staging, const sp_catalog *catalog, sp_error *err);
/* Nobody wants them. */
void sp_vectors_leave(sp_staging *staging);
/* Appends a query: columns there that have no place here, and how many vectors. Behind
 * sp_vectors_place(), where rows of the kind were staged. */
void sp_vectors_lost(const sp_staging *staging, sp_buf *sql);

#endif
