/* Which entries a run package has, and what stands in each. */
#ifndef SP_PACKAGE_PLACES_H
#define SP_PACKAGE_PLACES_H

#include <stdbool.h>

typedef enum {
	SP_HOLDS_NOTHING, /* not an entry of this format */
	SP_HOLDS_ROWS,    /* with an id of their own */
	SP_HOLDS_LINKS,   /* rows without one */
	SP_HOLDS_PARTS,   /* rows that bear the id of another */
	SP_HOLDS_TARGETS, /* what is told of assets, by their UUIDs */
	SP_HOLDS_MAPPING,
	SP_HOLDS_OTHER /* files, texts, lists, what is there for people */
} sp_holds;

typedef struct {
	const char *path; /* %N: a number; *: anything but a slash */
	const char *kind; /* its word in entries.jsonl; NULL: not listed there */
	sp_holds holds;
	bool always;        /* every run package has it */
	const char *schema; /* what sp_schema_find() has for it; NULL: no JSON */
} sp_place_kind;

/* The word of the entries that hold the mapping. */
#define SP_KIND_MAPPING   "instance_mapping"
#define SP_KIND_EMBEDDING "embedding"
/* The place of the files' own entries. */
#define SP_PLACE_FILES "assets/files/asset_%N_file*"

/* NULL: the format knows no such entry. */
const sp_place_kind *sp_place_find(const char *path);
/* A number of its own, below SP_PLACES. */
#define SP_PLACES 40
int sp_place_index(const sp_place_kind *place);
/* The one after `before` (NULL: the first) that is always there; NULL: none. */
const sp_place_kind *sp_place_next_always(const sp_place_kind *before);

#endif
