/*
 * Makes the table that core/base/json_schema.h checks by from a JSON Schema.
 * The program itself has its tables from src/mkschemas.c, made when it is built.
 */
#ifndef SP_BASE_JSON_SCHEMA_COMPILE_H
#define SP_BASE_JSON_SCHEMA_COMPILE_H

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/json_schema.h"

typedef struct sp_json_schema_table sp_json_schema_table;

/* `schema` must outlive the table. NULL and SP_USAGE, naming keyword and place,
 * where it isn't one of the subset. */
sp_json_schema_table *sp_json_schema_compile(const sp_json *schema, sp_error *err);
/* May be NULL. */
void sp_json_schema_table_free(sp_json_schema_table *table);

/* The table's own, and how many states it has. */
const sp_json_schema *sp_json_schema_of(const sp_json_schema_table *table);
int sp_json_schema_count(const sp_json_schema_table *table);

#endif
