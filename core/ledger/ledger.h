/*
 * The schema `spaceport` in an instance's database: operations, mappings, the audit,
 * and who the instance is. It has a version of its own; steps lead from each to the
 * next, in one transaction. Nothing in it names HQ's tables, and nothing outside of
 * it is touched.
 */
#ifndef SP_LEDGER_LEDGER_H
#define SP_LEDGER_LEDGER_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/db/own_schema.h"

typedef struct {
	const char *instance_id;   /* what a profile calls the instance; NULL: derived */
	const char *const *grants; /* roles that may record operations, and see them */
	int grant_count;
} sp_ledger_settings;

/* What was done: versions before (0: it wasn't there) and after. */
typedef struct {
	int from, to;
} sp_ledger_done;

/* Makes the schema or brings it up to date. SP_INCOMPATIBLE where it is of a newer
 * version, SP_NOT_ALLOWED where this login may not, SP_TARGET_CHANGED where
 * another setup takes too long, SP_USAGE where there is no such role. */
bool sp_ledger_setup(sp_db *db, const sp_ledger_settings *settings, sp_ledger_done *done,
                     sp_error *err);

/* Appends the SQL that does the same, for psql; it may be run any number of times. */
bool sp_ledger_script(const sp_ledger_settings *settings, sp_buf *to, sp_error *err);

#endif
