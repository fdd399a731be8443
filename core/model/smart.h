/*
 * What an import does by itself where a row of a package is here already and differs: a row
 * that is known since an earlier import is compared with what that wrote, whatever its kind;
 * this says what holds where there was none, or where both sides changed.
 */
#ifndef SP_MODEL_SMART_H
#define SP_MODEL_SMART_H

#include "core/model/entity.h"

typedef enum {
	SP_SMART_KEEP,    /* what is here stays, and that is listed */
	SP_SMART_REUSE,   /* the same, whatever is asked for: it belongs to the whole instance */
	SP_SMART_CONFLICT /* somebody has to decide */
} sp_smart_rule;

/* A column that says what a row is: rows that differ in it are two, and the package's comes beside
 * the one here. Of several the first that both sides have decides. */
typedef struct {
	const char *column;
	bool sha256; /* only where it is one: HQ keeps other hashes there, too */
} sp_smart_content;

typedef struct {
	sp_smart_rule rule;
	sp_smart_content content[2];
	bool grows; /* content[0] is a contract, and becomes another compatible one if asked for */
	bool apart; /* as if all columns were such */
	bool only;  /* there is room for one only: the package's can't come beside it by itself */
} sp_smart;

/* Of rows of a kind. */
sp_smart sp_smart_of(sp_kind kind);

/* The column that says of a row that nobody changes it, and that nothing goes into it, or out;
 * NULL: rows of this kind can't be sealed. */
const char *sp_seal_of(sp_kind kind);
/* Whether a row is in those that its column names. */
bool sp_is_in(sp_kind kind, const char *column);

#endif
