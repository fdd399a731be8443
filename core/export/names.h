/*
 * The UUIDs of all rows that the rows of an export name, in memory: about 60
 * bytes for each distinct row named, whatever number of rows names it.
 */
#ifndef SP_EXPORT_NAMES_H
#define SP_EXPORT_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/db/db.h"
#include "core/model/identity.h"

typedef struct sp_names sp_names;

/*
 * Reads the result of `query`: (t int4: index of the table, id bigint, key
 * text as in identity.h; NULL: a row that is left out), ordered by the first
 * two.
 */
sp_names *sp_names_load(sp_db *db, const char *query, sp_identity *identity, sp_error *err);
void sp_names_free(sp_names *names);

/* The package's UUID of a row, "" for one that is left out, NULL where there
 * is no such row. */
const char *sp_names_get(const sp_names *names, int table, int64_t id);

/* True where a row that isn't left out has this UUID in the package. */
bool sp_names_has(const sp_names *names, const char *uuid);

#endif
