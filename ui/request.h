/*
 * What a front end asks for, and what comes back. A request is plain data that
 * owns its texts; an answer is JSON, so that tests can play the other side.
 */
#ifndef SP_UI_REQUEST_H
#define SP_UI_REQUEST_H

#include "core/base/json.h"
#include "core/config/instance.h"
#include "core/export/options.h"
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
	/* {"drafts": […]} as sp_drafts_list() has them */
	SP_ASK_DRAFTS,
	/* {"file"}: a draft is kept under this name, or removed */
	SP_ASK_KEEP,
	/* {}: a draft is removed */
	SP_ASK_FORGET,
	SP_ASK_COUNT
} sp_request_kind;

/* The phase of an export in which a package is read back; untranslated. */
extern const char sp_phase_read_back[];

typedef struct {
	sp_request_kind ask;
	int number; /* given by who asks; answers bear it */
	sp_instance instance;
	char *infospace; /* id, UUID or name */
	char **runs;     /* UUIDs */
	int run_count;
	sp_export_options options;
	char **texts; /* that the options point to */
	int text_count;
	char *folder;
	char **files; /* their names there, one a run */
	bool force;   /* replace files that exist */
	bool check;   /* read packages back and compare */
	char *drafts; /* the folder of drafts */
	char *draft;  /* the name of one; NULL: a new one */
	char *text;   /* what it is to hold; NULL: it goes */
	char *other;  /* another one that goes then; NULL: none */
} sp_request;

sp_request *sp_request_create(sp_request_kind ask, const sp_instance *instance, sp_error *err);
void sp_request_free(sp_request *request);

/* Sets an option, as sp_export_options_set(); the request keeps a copy. */
bool sp_request_option(sp_request *request, const char *name, const char *value, sp_error *err);
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
