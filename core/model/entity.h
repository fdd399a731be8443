/*
 * What HQ's entities are, as data: their tables (by any name they had), their
 * identity, where they stand in a package, and what happens to them when a
 * run travels. Which of their columns exist is the catalog's to say.
 */
#ifndef SP_MODEL_ENTITY_H
#define SP_MODEL_ENTITY_H

#include <stdbool.h>

#include "core/db/catalog.h"

/* How rows of an entity come along with a run. */
typedef enum {
	SP_TRAVEL_RUN,        /* the run itself; other runs stay outside */
	SP_TRAVEL_PART,       /* because a row that travels owns them */
	SP_TRAVEL_NEEDED,     /* because a row that travels can't exist without them */
	SP_TRAVEL_DEPENDENCY, /* because a row that travels names them */
	SP_TRAVEL_DATASET,    /* because they name a row that travels */
	SP_TRAVEL_NEVER       /* users, infospaces: named from outside */
} sp_travel;

/* How an entity's rows stand in a run package. */
typedef enum {
	SP_PLACE_NONE,
	SP_PLACE_DOCUMENT,   /* one row is the file */
	SP_PLACE_ARRAY,      /* a JSON array, a row a line */
	SP_PLACE_LINES,      /* JSON Lines */
	SP_PLACE_ASSET,      /* a file for each asset, one row */
	SP_PLACE_ASSET_LINES /* a file for each asset, JSON Lines */
} sp_row_place;

typedef struct {
	const char *name;      /* the word for it in packages and options */
	const char *title;     /* for people: untranslated plural */
	const char *component; /* what it belongs to where one takes only some of a package; NULL:
	                          it doesn't travel */
	const char *tables[2]; /* its table, and what it was called before */
	const char *uuid;      /* column of its own UUID; NULL: none in any generation */
	const char *label;     /* column that names a row for people; NULL: none */
	const char *owner;     /* column of the row that it is a part of, where the table
	                          has no infospace_id; NULL: none */
	sp_travel travel;
	sp_row_place place;
	const char *path; /* its entry in a package; %N: the asset's number */
	bool settings;    /* its json columns are settings, which may hold keys of
	                          services, not content that people coded */
} sp_entity;

typedef enum {
	SP_RUN,
	SP_SCHEMA,
	SP_SCHEMA_LINK,
	SP_ANNOTATION,
	SP_JUSTIFICATION,
	SP_CURATION,
	SP_EDGE,
	SP_AGGREGATE,
	SP_ASSET,
	SP_BUNDLE_LINK,
	SP_CHUNK,
	SP_BUNDLE,
	SP_SOURCE,
	SP_GRAPH,
	SP_CANON,
	SP_ENTITY,
	SP_FLOW,
	SP_FLOW_EXECUTION,
	SP_TASK,
	SP_MONITOR,
	SP_PIPELINE,
	SP_EMBEDDING_MODEL,
	SP_DATASET,
	SP_USER,
	SP_INFOSPACE,
	SP_ENTITY_COUNT
} sp_kind;

extern const sp_entity sp_entities[SP_ENTITY_COUNT];

/* The entity that packages call so, -1: none. */
int sp_kind_of_name(const char *name);
/* The entity of a table, -1 where it is none of HQ's known ones. */
int sp_kind_of_table(const char *table);
/* The index of its table in the catalog, -1 where this database has none. */
int sp_kind_table(const sp_catalog *catalog, sp_kind kind);
/* The kinds of rows that travel and that this database has a table for, so that those that a
 * foreign key names come before those that have it. Returns how many. */
int sp_kinds_ordered(const sp_catalog *catalog, sp_kind order[SP_ENTITY_COUNT]);
/* The column that is another one where a row comes beside one of its name; NULL: none. */
const char *sp_label_of(sp_kind kind);
/* The column that names the row that rows of this kind are parts of, and go with; NULL: none. */
const char *sp_part_of(sp_kind kind);
/* The column that names the row of which one of the kind says something, which holds of no other;
 * NULL: none. */
const char *sp_subject_of(sp_kind kind);
/* True for a column of a row that can't be without the row that it names, where it names one. */
bool sp_is_needed(sp_kind kind, const sp_column *column);
/* True for a column of a table that names a row which a person may do without: parents, previous
 * versions, bundles; not what a row is of, nor who made it. */
bool sp_is_link(const sp_catalog *catalog, sp_kind kind, const char *column);

/*
 * A column that names a row without a foreign key: where 0 stands for the
 * root, and an array names several.
 */
typedef struct {
	const char *table, *column;
	sp_kind kind;
} sp_soft_key;

/* NULL where the column is none. */
const sp_soft_key *sp_soft_key_of(const char *table, const char *column);
/* The kind of the rows that a column names, by a foreign key or without; -1: none. */
int sp_kind_named(const sp_catalog *catalog, const sp_table *table, const char *column);

/*
 * The natural key of rows without a UUID, as SQL text over the row `t`: what
 * their derived UUID is made from. Appended to `sql`.
 */
void sp_natural_key(sp_buf *sql, const sp_catalog *catalog, sp_kind kind);

/* Columns that never leave an instance, whatever the options say. */
bool sp_is_secret_column(const char *column);
/* Columns of a row's lineage: a UUID of another instance's row. */
bool sp_is_lineage(const char *column);

#endif
