/*
 * What a front end asks for, and what comes back. A request is plain data that
 * owns its texts; an answer is JSON, so that tests can play the other side.
 */
#ifndef SP_UI_REQUEST_H
#define SP_UI_REQUEST_H

#include "core/base/json.h"
#include "core/config/instance.h"
#include "core/export/options.h"
#include "core/import/import.h"
#include "core/job/job.h"

typedef enum {
	/* {"server", "user", "infospaces"}: does it answer, and to whom? */
	SP_ASK_INSTANCE,
	/* for each check {"title", "state", "found", "do", "milliseconds"} */
	SP_ASK_CHECKS,
	/* {"server", "user", "infospaces": […]} as `spaceport list infospaces` has them */
	SP_ASK_INFOSPACES,
	/* {"runs": […]} of an infospace, as `spaceport list runs` has them */
	SP_ASK_RUNS,
	/* {"run": {…}} as sp_list_run() has it */
	SP_ASK_DETAILS,
	/* {"plans": […]}: each run with all that could travel */
	SP_ASK_SURVEY,
	/* {"plans": […]}: each run with what the options take along */
	SP_ASK_PLAN,
	/* {"targets": [{"path", "exists"}], "folder" (is it there?), "free"} */
	SP_ASK_TARGETS,
	/* for each package {"path", "size", "entries", "sha256", "warnings": […]}, then {} */
	SP_ASK_EXPORT,
	/* {"folder", "packages": [{"file", "is_folder", "size", "changed" (local time)}]}: folders and
	 * what is called like a package, the newest first; where a file is given, with "named": its
	 * name, in its folder */
	SP_ASK_PACKAGES,
	/* what sp_inspection_result() says of a package, but for its tree and samples */
	SP_ASK_INSPECT,
	/* {"plan" (core/plan/summary.h), "file", "conflicts" (core/plan/decide.h)}; where rows can't
	 * be taken, {"plan"} with "bad_rows" before the error */
	SP_ASK_DRY_RUN,
	/* {"plan", "result", "operation"} of an import that is done */
	SP_ASK_IMPORT,
	/* {"drafts": […]} as sp_drafts_list() has them */
	SP_ASK_DRAFTS,
	/* {"file"}: a draft is kept under this name, or removed */
	SP_ASK_KEEP,
	/* {}: a draft is removed */
	SP_ASK_FORGET,
	SP_ASK_COUNT
} sp_request_kind;

/* What becomes of a group of conflicts. */
typedef struct {
	long group;
	char *word;    /* core/plan/decided.h, or SP_DECIDE_OPEN */
	char **fields; /* of "merge" */
	int field_count;
} sp_request_decision;

/* The phase of an export in which a package is read back; untranslated. */
extern const char sp_phase_read_back[];

typedef struct {
	sp_request_kind ask;
	int number; /* given by who asks; answers bear it */
	sp_instance instance;
	char *infospace; /* id, UUID or name; of an import NULL: a new one */
	char **runs;     /* UUIDs */
	int run_count;
	sp_export_options options;
	sp_import_settings import; /* its options */
	char **texts;              /* that the options point to */
	int text_count;
	char *folder;
	char **files; /* their names there, one a run */
	bool force;   /* replace files that exist; import what is for another instance */
	bool check;   /* read packages back and compare */
	char *package;  /* a path */
	char *new_name; /* of an infospace that is to be made; NULL: none is */
	char *plans;    /* the folder of plans */
	char *plan;     /* the path of one, with what was decided; NULL: a new one */
	bool keep_plan; /* it is kept when it is done */
	sp_request_decision *decisions; /* that are written into it before */
	int decision_count;
	char *drafts; /* the folder of drafts */
	char *draft;  /* the name of one; NULL: a new one */
	char *text;   /* what it is to hold; NULL: it goes */
	char *other;  /* another one that goes then; NULL: none */
} sp_request;

sp_request *sp_request_create(sp_request_kind ask, const sp_instance *instance, sp_error *err);
void sp_request_free(sp_request *request);

/* Sets an option, as sp_export_options_set() or, for a request about an import,
 * sp_import_settings_set(); the request keeps a copy. */
bool sp_request_option(sp_request *request, const char *name, const char *value, sp_error *err);
/* Adds a decision; `fields`, of "merge", stand between commas. */
bool sp_request_decide(sp_request *request, long group, const char *word, const char *fields,
                       sp_error *err);
/* Adds a run, and (not NULL) the name of its file. */
bool sp_request_run(sp_request *request, const char *uuid, const char *file, sp_error *err);

typedef struct {
	sp_request_kind ask;
	int number;
	bool last; /* nothing more comes for this request */
	sp_error err;
	sp_json *json; /* NULL after an error */
} sp_reply;

void sp_reply_free(sp_reply *reply);

/* Tells one answer; takes the JSON. */
typedef bool sp_tell_fn(void *ctx, sp_json *json, sp_error *err);

/* Does what is asked, in the calling thread; answers go to `tell`. */
bool sp_request_do(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                   sp_error *err);

#endif
