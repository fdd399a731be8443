/* The UUIDs of what is new here. */
#ifndef SP_PLAN_UUIDS_H
#define SP_PLAN_UUIDS_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/*
 * Appends SQL: the UUID that the staged row `alias` gets if it is new here. A new one is of
 * version 8 (core/model/identity.h), from the texts "new", the seed, the kind, and who the row
 * is in the package.
 */
void sp_uuids_sql(const sp_sides *sides, const sp_plan_about *about, const char *alias,
                  sp_buf *sql);

/* Appends SQL: a UUID of version 8, as text, from these texts and last a value (SQL, a text). */
void sp_uuid_of_sql(const char *const *texts, size_t count, const char *value, sp_buf *sql);

#endif
