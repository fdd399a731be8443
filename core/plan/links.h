/*
 * Rows that are nothing but links between others (run and schema, asset and bundle): they have no
 * id, and are known by the rows that they name. One that is here stays as it is; one whose rows
 * will both be here is new; any other stays out.
 */
#ifndef SP_PLAN_LINKS_H
#define SP_PLAN_LINKS_H

#include "core/plan/about.h"
#include "core/plan/sides.h"

/* True where rows of such a kind were staged, and this database has a table for them: `links` is
 * its sides then. */
bool sp_links_get(sp_staging *staging, const sp_catalog *catalog, sp_kind kind, sp_sides *links);

/* Appends "(SELECT …)": number, class ("new", "same", "out"), why ("unasked", or the key of a
 * column that names nobody), columns and name (none) of all of them. Behind sp_plan_make(). */
void sp_links_rows(const sp_sides *links, const sp_plan_about *about, sp_buf *sql);

/* Appends the statement that writes those that are new, once the rows that they name have ids. */
void sp_links_insert(const sp_sides *links, sp_buf *sql);

#endif
