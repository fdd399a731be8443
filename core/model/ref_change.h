/*
 * References inside values (refs.h), made those of another instance: the ids that a
 * package lists beside a row become ids of the target. All else in the value
 * stays as it is spelt, but for white space between tokens.
 *
 * What nobody is here, or may not be named: an item of an array goes, a member
 * whose key it is goes with its value, a member whose value it is gets null, and in a text
 * a "?" before the number keeps HQ from finding anybody ("{{asset:?17:full}}").
 */
#ifndef SP_MODEL_REF_CHANGE_H
#define SP_MODEL_REF_CHANGE_H

#include "core/base/buf.h"
#include "core/model/refs.h"

typedef enum {
	SP_REF_NOT_FOUND, /* no such thing stands there: the list is wrong */
	SP_REF_CHANGED,
	SP_REF_TAKEN_OUT /* itself, or what it stood in */
} sp_ref_outcome;

typedef struct {
	const char *pointer; /* JSON Pointer in the row, as the package spells it */
	sp_ref_form form;
	int kind;       /* sp_kind; -1: unknown */
	int64_t id;     /* of SP_REF_MARKER: the number there */
	const char *to; /* the id there, in digits, or the UUID; NULL: nobody */
	sp_ref_outcome outcome;
} sp_ref_change;

/*
 * Appends a column's value with all that `changes` say of this column, and sets their
 * outcomes; those of other columns stay untouched. `json`: the text is JSON, else
 * a plain text. Costs are those of a sort, whatever the package says. Errors: memory.
 */
bool sp_refs_change(const char *table, const char *column, bool json, const char *text, size_t len,
                    sp_ref_change *changes, size_t count, sp_buf *to, sp_error *err);

#endif
