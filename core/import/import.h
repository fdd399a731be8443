/*
 * Imports a package: looks what it would do here, and does it, all or nothing.
 *
 *   open → plan → write → close
 *
 * or, of one that was done: open → verify → close.
 *
 * The package is staged in tables of our own (core/staging), the plan made of these (core/plan).
 * Nothing of HQ's is written or locked before sp_import_write(), which makes the plan once more in
 * the transaction that writes, and gives up where it isn't the one that was looked at.
 */
#ifndef SP_IMPORT_IMPORT_H
#define SP_IMPORT_IMPORT_H

#include "core/base/json.h"
#include "core/config/instance.h"
#include "core/package/check.h"
#include "core/plan/about.h"

typedef struct sp_import sp_import;

/* Instance and texts must outlive the import. */
typedef struct {
	const sp_instance *instance;
	const char *path;             /* of the package */
	sp_limits limits;             /* for reading it */
	const struct sp_trust *trust; /* whose packages are taken; NULL: anybody's */
	const char *into;             /* an infospace: id, UUID or name; NULL: a new one … */
	const char *new_name;         /* … of this name */
	const char *owner; /* of rows whose author isn't known here: a user; NULL: the acting one */
	bool owner_only;   /* … and of all others */
	sp_strategy strategy;
	sp_uuid_strategy uuids;
	const char *only;  /* components (sp_plan_unasked()); NULL: all of the package */
	bool no_links;     /* sp_plan_without_links() */
	bool grow_schemas; /* a schema here may get the package's optional fields */
	bool force;        /* though it is meant for another instance */
	bool dry_run;      /* nothing will be written, and nothing is on record */
	const char *decisions; /* a file of them (core/plan/plan_file.h); NULL: none */
	const char *output;    /* where the plan goes as a file; NULL: nowhere */
	bool replace;          /* … though there is one */
	/* a plan file that is to be done: it says what isn't said above but for the instance, and a
	 * path of the package (NULL: its own); NULL: none */
	const char *planned;
	const char *seed; /* of new UUIDs: a UUID; NULL: a new one */
} sp_import_settings;

/*
 * Sets what an option of the command line ("conflict-strategy") says, from the text of its value
 * ("yes", "no" for a switch). The text stays the caller's, and must outlive the import. SP_USAGE
 * for a name or value that there isn't.
 */
bool sp_import_settings_set(sp_import_settings *settings, const char *name, const char *value,
                            sp_error *err);

/*
 * Opens package and instance; the schema spaceport is made or brought up to date where it has to
 * be. The import is on record from here on. `job` and `settings` stay the caller's.
 * SP_NOT_ALLOWED where the acting user may not import, or the import can't be recorded,
 * SP_TARGET_CHANGED where another one is running there.
 */
sp_import *sp_import_open(const sp_import_settings *settings, sp_job *job, sp_error *err);

/*
 * Stages the package and makes the plan. *plan is the import's: what sp_summary_make() says, with
 * "package", "target", "owner" and the options; with the decisions of a file in effect.
 * SP_TARGET_CHANGED where it isn't what the plan file says. Where rows can't be taken by this
 * database, it has "bad_rows" [{"entry", "line", "column", "why"}] of at most 10,000 of
 * "bad_row_count", and the result is false and SP_BAD_PACKAGE.
 */
bool sp_import_plan(sp_import *import, const sp_json **plan, sp_error *err);

/*
 * Does what the plan says, in one transaction, with its record. *result is the import's: the fields
 * of the documents ("success", "imported_runs" …), and "runs" (record.h). SP_CONFLICTS where
 * conflicts are open, SP_TARGET_CHANGED where the plan would be another one now. After an error
 * nothing was done.
 */
bool sp_import_write(sp_import *import, const sp_json **result, sp_error *err);

/*
 * Instead of a plan, of an import that was done: compares what is here now with the package, its
 * files too. *report is the import's: "rows" (that were asked for), "equal_rows", "percent" (of
 * rows and files), "is_equal"; "differences" [{"kind", "origin" (its UUID at the source), "target"
 * (its id here), "name", "class", "why", "columns"}] of at most 10,000; "files" {"count", "equal",
 * "missing", "different"}; and of what sp_summary_make() says "kinds", "groups", "lost",
 * "references", "otherwise" and "sealed". SP_USAGE where files can't be looked at.
 */
bool sp_import_verify(sp_import *import, const sp_json **report, sp_error *err);

/*
 * Instead of sp_import_write(), of an import into a new infospace: does all of it but keep it.
 * *report as of sp_import_verify(), made before everything is taken back.
 */
bool sp_import_rehearse(sp_import *import, const sp_json **report, sp_error *err);

/* Under which it is on record. */
const char *sp_import_operation(const sp_import *import);

/* Takes the staging away. `failure`: why it wasn't written, for the record; clear: nobody wanted
 * it. */
void sp_import_close(sp_import *import, const sp_error *failure);

#endif
