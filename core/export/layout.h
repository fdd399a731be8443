/*
 * How the rows of a table are read: which columns travel, and how each value
 * gets from PostgreSQL into a row of a package. Made from the catalog.
 */
#ifndef SP_EXPORT_LAYOUT_H
#define SP_EXPORT_LAYOUT_H

#include <stdbool.h>

#include "core/base/json.h"
#include "core/db/catalog.h"
#include "core/export/options.h"
#include "core/model/entity.h"

/* Between the names of large columns: none of HQ's has it. */
#define SP_LARGE_SEPARATOR "\x1f"

typedef enum {
	SP_FIELD_ID,      /* the row's id: its UUID stands there */
	SP_FIELD_UUID,    /* its own UUID */
	SP_FIELD_LINEAGE, /* the UUID of a row elsewhere that it came from */
	SP_FIELD_REF,     /* the id of another row */
	SP_FIELD_REFS,    /* ids of other rows, joined by commas */
	SP_FIELD_KEY,     /* the key (identity.h) of another row */
	SP_FIELD_LITERAL, /* JSON as PostgreSQL wrote it */
	SP_FIELD_STRING,  /* text, to be quoted */
	SP_FIELD_JSON     /* json or jsonb as text */
} sp_field_form;

typedef struct {
	const sp_column *column;
	sp_field_form form;
	int table;  /* REF, REFS: index of the table that is named */
	bool root;  /* REF, REFS: 0 stands for the root */
	bool refs;  /* may hold references inside */
	bool large; /* may be longer than a row's line may be */
} sp_row_field;

typedef struct {
	const sp_table *table;
	int index; /* of the table in the catalog */
	int kind;  /* sp_kind */
	sp_row_field *fields;
	int count;
} sp_layout;

/*
 * The layout of an entity's table. Columns that don't travel are noted in the
 * JSON array `left_out` ({"column", "why"}; may be NULL). NULL: no memory.
 */
sp_layout *sp_layout_create(const sp_catalog *catalog, sp_kind kind,
                            const sp_export_options *options, sp_json *left_out, sp_error *err);
void sp_layout_free(sp_layout *layout);

/*
 * Appends the SELECT list over the row `t`: id (bigint; NULL where the table
 * has none), key (text), then a text or bigint for each field of the layout,
 * in its order, then the names of columns too large for a line (max_line
 * bytes), joined by SP_LARGE_SEPARATOR, or NULL.
 */
void sp_layout_select(const sp_layout *layout, const sp_catalog *catalog, uint64_t max_line,
                      sp_buf *sql);

/* Appends the key (identity.h) of the row `t` of a table as SQL text. */
void sp_key_sql(const sp_catalog *catalog, int table, sp_buf *sql);

/* True for a column that holds an embedding vector. */
bool sp_is_embedding(int kind, const sp_column *column);

#endif
