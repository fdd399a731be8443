/*
 * What an import writes otherwise than the package has it: so that imported rows start no
 * work at HQ (which executes runs that wait, polls sources that are active, processes
 * assets that aren't ready), and what HQ counts by itself. Plans, imports and comparisons
 * read the same table.
 */
#ifndef SP_MODEL_NORMAL_H
#define SP_MODEL_NORMAL_H

#include "core/model/entity.h"

typedef enum {
	SP_NORMAL_AS_IS,  /* what the package has */
	SP_NORMAL_UNLESS, /* `value`, where the package's isn't one of `words` */
	/* a row that is here keeps its own, which is never compared; a new one has … */
	SP_NORMAL_FIRST, /* … what the package has */
	SP_NORMAL_FIXED, /* … `value` */
	SP_NORMAL_OBJECT /* … the name of its file in the target's store */
} sp_normal_rule;

typedef struct {
	int kind; /* -1: any */
	const char *column;
	sp_normal_rule rule;
	const char *value; /* as text; NULL: SQL NULL */
	const char *words[4];
} sp_normal;

/* Never NULL. */
const sp_normal *sp_normal_of(sp_kind kind, const char *column);

#endif
