/*
 * What an export brings along: the rows of a run and what they name, followed
 * from a row to what it names until nothing new comes up. The result stands
 * in temporary tables of the session, inside one snapshot.
 */
#ifndef SP_EXPORT_SELECT_H
#define SP_EXPORT_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/access/access.h"
#include "core/base/json.h"
#include "core/db/catalog.h"
#include "core/export/options.h"
#include "core/export/withhold.h"
#include "core/model/entity.h"

/* How many rows of an entity travel, and about how large they are in the
 * database. */
typedef struct {
	int64_t rows, bytes;
} sp_share;

typedef struct {
	sp_db *db;
	const sp_catalog *catalog;
	const sp_actor *actor;
	const sp_export_options *options;
	sp_withhold *withhold; /* owned; NULL: no field stays out */
	int64_t run, infospace;
	int run_table;
	sp_share shares[SP_ENTITY_COUNT];
	int64_t excluded_assets, excluded_rows;
	bool excludes;   /* some rows stay out on request */
	int64_t foreign; /* assets and schemas of other infospaces that stay outside */
} sp_selection;

/* Creates the temporary tables, in a transaction of its own. */
bool sp_selection_prepare(sp_db *db, sp_error *err);

/*
 * Selects, in the caller's transaction. `selection`: db to run_table filled,
 * the rest zero. Errors: SP_USAGE for exclusions that name nothing,
 * SP_NOT_ALLOWED, those of db.
 */
bool sp_select(sp_selection *selection, sp_error *err);
void sp_selection_clear(sp_selection *selection);

/*
 * Appends the FROM, WHERE and ORDER BY of the rows of an entity that travel,
 * as `t`, in an order that is the same for the same rows. False: this
 * database has no such table, or it doesn't travel.
 */
bool sp_selection_from(const sp_selection *selection, sp_kind kind, sp_buf *sql);

/* The query of all rows that rows name, for sp_names_load(). */
bool sp_selection_names(const sp_selection *selection, sp_buf *sql, sp_error *err);

#endif
