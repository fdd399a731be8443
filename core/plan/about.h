/* What a plan is asked for: of which package, where to, and how. */
#ifndef SP_PLAN_ABOUT_H
#define SP_PLAN_ABOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/model/entity.h"

/* UUIDs of new rows. */
typedef enum {
	SP_UUIDS_GENERATE, /* new ones, made of the seed */
	SP_UUIDS_PRESERVE, /* the package's */
	SP_UUIDS_HYBRID,   /* the package's where it is free, else new */
	SP_UUIDS
} sp_uuid_strategy;

/* What becomes of a row that is here and differs. */
typedef enum {
	SP_STRATEGY_SMART,     /* by its kind, and what an earlier import wrote: core/model/smart.h */
	SP_STRATEGY_SKIP,      /* what is here stays */
	SP_STRATEGY_OVERWRITE, /* it becomes the package's */
	SP_STRATEGY_RENAME,    /* the package's comes beside it */
	SP_STRATEGIES
} sp_strategy;

/* Their words in options. */
extern const char *const sp_uuid_strategies[SP_UUIDS], *const sp_strategies[SP_STRATEGIES];
/* The number of a word in such a list; -1: it isn't in it, or NULL. */
int sp_word_of(const char *const *words, int count, const char *word);

typedef struct {
	const char *source; /* the UUID of the instance that the package is from */
	const char *here;   /* that of the target */
	const char *seed;   /* of new UUIDs: a UUID */
	int64_t infospace;  /* the target's id; -1: one that isn't there yet */
	int64_t owner;      /* of new rows whose author isn't here: a user's id */
	bool owner_only;    /* … and of all others */
	sp_uuid_strategy uuids;
	sp_strategy strategy;
	bool unasked[SP_ENTITY_COUNT]; /* kinds that stay out */
	bool grow_schemas;             /* a schema here may get the package's optional fields */
	bool decided;                  /* by somebody, row by row: core/plan/decided.h */
	const char *zone_there, *zone_here; /* of both servers; NULL: not known */
} sp_plan_about;

/* Which kinds aren't among the components `list` (sp_entity, with commas between them): SP_USAGE
 * where one is unknown. NULL: all are. */
bool sp_plan_unasked(const char *list, bool unasked[SP_ENTITY_COUNT], sp_error *err);

#endif
