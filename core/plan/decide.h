/*
 * Decides conflicts of a plan file (plan_file.h): what is alike is a group, with a number, and
 * answers are written into the file. No instance is needed; whether a decision can be carried out,
 * the next plan says.
 */
#ifndef SP_PLAN_DECIDE_H
#define SP_PLAN_DECIDE_H

#include <stdint.h>

#include "core/base/json.h"

/* Takes decisions back, in the place of a word of decided.h. */
#define SP_DECIDE_OPEN "open"

/* Which rows, and what of them. Without a row's name those in conflict are meant. */
typedef struct {
	const char *word;          /* decided.h, or SP_DECIDE_OPEN */
	const char *const *fields; /* of "merge": what becomes the package's */
	int field_count;
	const char *kind; /* only of this kind; NULL: any */
	long group;       /* only of the group with this number, from 1; 0: any */
	const char *row;  /* only the one with this UUID at its source, whatever it is; NULL: any */
} sp_decide_what;

/* Which words answer which conflicts, to be translated. */
extern const char sp_decide_advice[];

/* SP_USAGE where it is no decision; no word is none, and goes without fields. */
bool sp_decide_check(const sp_decide_what *what, sp_error *err);

typedef struct {
	int64_t rows;       /* of so many it was decided */
	int64_t unanswered; /* so many were meant, and it is no answer for them (decided.h) */
} sp_decide_done;

/* Writes it into the file, whole or not at all. SP_USAGE where it is of no row. */
bool sp_decide(const char *path, const sp_decide_what *what, sp_decide_done *done, sp_error *err);

/*
 * What is in conflict, as if nobody had decided anything, the caller's:
 *
 *	{"open": rows without a decision, "groups": [{"group": its number, "kind", "why", "rows",
 *	 "open", "columns", "name" (of one of them), "decision" (where all its rows have the same),
 *	 "fixed" (of its rows those that no decision is for, if any)}]}
 *
 * NULL and SP_USAGE where the file is no plan.
 */
sp_json *sp_decide_groups(const char *path, sp_error *err);

#endif
