/*
 * The rows of a package as the bytes that they are, one after the other, while
 * a walk reads them: rows in rows too, the inner ones first. Memory is a few of
 * the longest that are taken.
 */
#ifndef SP_PACKAGE_TAKE_H
#define SP_PACKAGE_TAKE_H

#include "core/package/walk.h"

/* Rows that may be open at a time; what is deeper isn't taken. */
#define SP_TAKING_DEPTH 8

typedef struct {
	size_t most; /* bytes of a row; of longer ones the first so many are taken */
	/* whether rows of this kind are wanted now */
	bool (*wants)(void *ctx, const char *kind);
	/* a row, with a NUL behind it; `is_cut`: it is longer. Both stay until the return. */
	void (*take)(void *ctx, const char *kind, const char *text, size_t len, bool is_cut);
	void *ctx;
} sp_row_taker;

typedef struct sp_taking sp_taking;

/* Watches the walk; `taker` must outlive that. NULL and an error: no memory. */
sp_taking *sp_taking_create(sp_walk *walk, const sp_row_taker *taker, sp_error *err);
void sp_taking_free(sp_taking *taking);

#endif
