/* Fields of annotations that stay out on request (--exclude-field). */
#ifndef SP_EXPORT_WITHHOLD_H
#define SP_EXPORT_WITHHOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/db/catalog.h"
#include "core/export/options.h"

typedef struct sp_withhold sp_withhold;

/*
 * Resolves SCHEMA.FIELD (a schema by UUID, id or name, of those that the
 * run's annotations have; a field by its path in the value) against the
 * database; SP_USAGE where there is no such schema, or its contract has no
 * such field. NULL and no error where none is asked for.
 */
sp_withhold *sp_withhold_create(sp_db *db, const sp_catalog *catalog, int64_t run,
                                const sp_export_options *options, sp_error *err);
void sp_withhold_free(sp_withhold *withhold);

/* A member's path: keys from the outside in, arrays passed over. */
typedef struct {
	const char *key;
	size_t len;
} sp_path_part;

/* True where this member of an annotation's value must stay out: the field,
 * its justification, or the model's thoughts about the whole. `schema` -1:
 * of any schema. */
bool sp_withhold_member(const sp_withhold *withhold, int64_t schema, const sp_path_part *path,
                        size_t depth);

/*
 * Appends a condition that is true for rows that name a field by a path in
 * the text `column` and must stay out. `schema`: SQL of the schema's id, NULL
 * where rows have none.
 */
void sp_withhold_sql(const sp_withhold *withhold, const char *column, const char *schema,
                     sp_buf *sql);

#endif
