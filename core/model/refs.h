/*
 * References that no foreign key knows: ids inside json columns and texts.
 * One table says where HQ keeps them; the values themselves stay untouched.
 */
#ifndef SP_MODEL_REFS_H
#define SP_MODEL_REFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/model/entity.h"

/* How a reference is spelt. */
typedef enum {
	SP_REF_NUMBER, /* 17 */
	SP_REF_STRING, /* "17" */
	SP_REF_PREFIX, /* "annotation_run:17" */
	SP_REF_KEY,    /* {"17": …} */
	SP_REF_MARKER, /* "… {{asset:17:full}} …" */
	SP_REF_UUID,   /* "0190…": the row's own UUID */
	SP_REF_FORMS
} sp_ref_form;

/* The words for them in packages. */
extern const char *const sp_ref_forms[SP_REF_FORMS];

typedef struct {
	const char *pointer; /* JSON Pointer (RFC 6901) in the row */
	sp_ref_form form;
	int kind;         /* sp_kind, or -1: an id of something unknown */
	int64_t id;       /* 0 where form is SP_REF_UUID … */
	const char *uuid; /* … which this is, else NULL */
	bool own;         /* what a run was aimed at */
	bool maybe;       /* may be something else that looks like an id: where it
	                        names nothing, it is no reference */
} sp_ref;

typedef bool sp_ref_fn(void *ctx, const sp_ref *ref, sp_error *err);

/* True where the column may hold references. */
bool sp_refs_in(const char *table, const char *column);

/*
 * An SQL condition over the column `t.<column>` that is true for every row
 * whose column holds references, and cheap; NULL: IS NOT NULL is as good as
 * any. For columns that many rows have and few of them references in.
 */
const char *sp_refs_where(const char *table, const char *column);

/*
 * Calls fn for each reference in a value: a JSON text, or a plain text where
 * the column is one (`json` false). Errors: fn's, or memory.
 */
bool sp_refs_scan(const char *table, const char *column, bool json, const char *text, size_t len,
                  sp_ref_fn *fn, void *ctx, sp_error *err);

/* What stands before the ids of this kind in the texts of a column ("{{asset:"), NULL: none are
 * known there. */
const char *sp_ref_marker(const char *table, const char *column, sp_kind kind);

#endif
