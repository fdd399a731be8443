/*
 * What a row is known by where neither a UUID nor an earlier import tells: what HQ
 * itself looks up, or a person would go by.
 */
#ifndef SP_MODEL_NATURAL_H
#define SP_MODEL_NATURAL_H

#include "core/model/entity.h"

/* How a column counts, in two rows that are to be the same one. */
typedef enum {
	SP_PART_END,
	SP_PART_EQUAL,   /* both have a value, and it is equal */
	SP_PART_SAME,    /* the same, or NULL in both */
	SP_PART_NULL,    /* NULL in both */
	SP_PART_SHA256,  /* equal, and the SHA-256 of content: HQ keeps other hashes there, too */
	SP_PART_NAME,    /* equal, but for case and blanks around it */
	SP_PART_ALIAS,   /* one's name is among the aliases of the other, which is here */
	SP_PART_LOCATOR, /* details that say where a source reads from */
	SP_PART_OWNER,   /* names a row, and that is the same one */
	SP_PART_PLACE,   /* … or names none in both; a package without the column names none */
	SP_PART_PART_OF, /* as SP_PART_OWNER; doesn't count where one side has no such column */
	SP_PART_ROOT     /* names no row in either */
} sp_part_form;

#define SP_NATURAL_PARTS 5

typedef struct {
	sp_kind kind;
	struct {
		const char *column;
		sp_part_form form;
	} parts[SP_NATURAL_PARTS + 1]; /* ends with SP_PART_END */
} sp_natural_way;

/*
 * From 0 on, NULL at the end. Those of a kind follow each other, the first that hits
 * counts; a kind comes behind those that its parts name. Kinds that have none are
 * known by UUIDs only.
 */
const sp_natural_way *sp_natural_at(int number);

#endif
