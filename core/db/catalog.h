/*
 * What tables and columns this database has: read from its catalog, because
 * a live database may be at any revision of HQ's, or past the last known.
 */
#ifndef SP_DB_CATALOG_H
#define SP_DB_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/db/db.h"
#include "core/db/own_schema.h"

/* How a column's value becomes JSON without loss. */
typedef enum {
	SP_COLUMN_LITERAL, /* to_json() gives the literal: numbers, booleans, times … */
	SP_COLUMN_STRING,  /* a string of the type's own text form */
	SP_COLUMN_JSON,    /* json: the text as it stands */
	SP_COLUMN_JSONB,   /* the same; can't hold \u0000 */
	SP_COLUMN_ARRAY    /* to_json(), or the text form where bounds aren't 1 */
} sp_column_form;

typedef struct {
	char *name;
	char *type;        /* format_type() */
	char *default_sql; /* NULL: none */
	sp_column_form form;
	bool not_null, generated, is_enum;
	char *base_type;    /* of a domain its base, of an array its element: typname */
	int references;     /* index of the table that a foreign key names, -1: none */
	bool references_id; /* … by its column "id", both integers */
	int key_position;   /* 1, 2, … in the primary key; 0: not in it */
} sp_column;

typedef struct {
	char *name;
	sp_column *columns;
	int count;
	char *quoted;  /* "schema"."name" */
	bool readable; /* this login may read all of it */
} sp_table;

typedef struct {
	char *schema;           /* where HQ's tables are */
	char *revision;         /* alembic's, "unknown" where it isn't told */
	const char *generation; /* "2025-07" …; a label for people */
	char *system_id;        /* of the server and database, for the instance's identity; or
	                         * its UUID, where our own schema has it */
	sp_own_schema own;
	sp_table *tables; /* ordered by name */
	int count;
} sp_catalog;

/*
 * Reads it, in the caller's transaction. SP_INCOMPATIBLE where the database
 * holds no open-politics-hq, a relation of its names is no plain table, or a
 * column is missing that rows are found or joined by.
 */
sp_catalog *sp_catalog_read(sp_db *db, sp_error *err);
void sp_catalog_free(sp_catalog *catalog);

/* NULL where it isn't there. */
const sp_table *sp_catalog_table(const sp_catalog *catalog, const char *name);
int sp_catalog_index(const sp_catalog *catalog, const char *name); /* -1 */
const sp_column *sp_table_column(const sp_table *table, const char *name);
/* Appends alias.column, or `otherwise` where the table has no such column. */
void sp_column_or(sp_buf *sql, const sp_table *table, const char *alias, const char *column,
                  const char *otherwise);
/* True where the table's rows have an integer "id". */
bool sp_table_has_id(const sp_table *table);

#endif
