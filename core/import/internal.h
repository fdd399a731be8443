/* The parts of an import (import.h). */
#ifndef SP_IMPORT_INTERNAL_H
#define SP_IMPORT_INTERNAL_H

#include "core/access/space.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/db/catalog.h"
#include "core/import/import.h"
#include "core/ledger/operation.h"
#include "core/model/identity.h"
#include "core/package/walk.h"
#include "core/staging/staging.h"
#include "core/store/store.h"

struct sp_import {
	sp_import_settings settings; /* as the plan file says, where there is one */
	sp_json *head;               /* of that file; NULL: there is none */
	sp_job *job;
	sp_db *db;
	sp_catalog *catalog;
	sp_identity *here;
	sp_actor *actor, *owner; /* `owner` NULL: it is the actor */
	sp_space space;
	sp_operation *operation; /* NULL: a dry run, or ended */
	int64_t number;          /* of its record */
	int fd;
	sp_checking check;
	sp_walk *walk;
	sp_staging *staging;
	sp_store *store;
	char *source; /* the UUID of the instance that the package is from */
	sp_plan_about about;
	sp_out *out; /* the plan file, while it is written */
	sp_json *plan, *bad_rows, *result;
	int64_t bad_row_count;
};

/* Opens package and instance, and puts the import on record. */
bool sp_import_begin(sp_import *import, sp_error *err);
/* What was asked for, as records and plans say it. */
sp_json *sp_import_options(const sp_import *import);
/* Of all bytes of the package, as sha256sum(1) has it. */
bool sp_import_hash(sp_import *import, char hex[SP_SHA256_HEX + 1], sp_error *err);

/* Whether all of the package is here as it is there, into import->result; behind sp_plan_make()
 * with `about`. */
bool sp_import_compare(sp_import *import, const sp_plan_about *about, sp_error *err);

/* What is left to do after an error needs a connection, and nobody to stop it: import->db is NULL
 * where there is none to be had. */
void sp_import_connect_again(sp_import *import);
/* Ends the record of what isn't there: because of `failure`, or, where that is clear, as `meant`
 * (untranslated) says. */
void sp_import_end_unwritten(sp_import *import, const sp_error *failure, const char *meant);
/* Ends a transaction that isn't to be. */
void sp_import_roll_back(sp_import *import);

#endif
