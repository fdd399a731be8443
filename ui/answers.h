/* What a person has answered so far: plain data, and what follows from it. */
#ifndef SP_UI_ANSWERS_H
#define SP_UI_ANSWERS_H

#include <stdint.h>

#include "core/base/buf.h"
#include "ui/request.h"
#include "ui/ui.h"

typedef struct {
	char *uuid, *name;
	int64_t id, annotations, assets;
	char *file; /* name of its package */
} sp_answer_run;

typedef struct {
	sp_way way;
	int instance;                     /* of the setup; -1: none yet */
	char *infospace, *infospace_name; /* UUID; NULL: none yet, or one that is to be made */
	const sp_asked *options;          /* the setup's, of the way */
	int option_count;
	char **values; /* one for each; "" where there is none */
	char *folder;  /* where packages go to, or are looked for */
	bool force;    /* replace what exists; import what is meant for another instance */

	/* of an export */
	sp_answer_run *runs;
	int run_count;
	bool external; /* files stay outside because the instance has no store */
	bool check;    /* read back and compare */

	/* of an import */
	char *package;  /* its path; NULL: none yet */
	char *new_name; /* of an infospace that is to be made; NULL: none is */
	char *plan;     /* the file with the plan and its decisions; NULL: none yet */
	bool decided;   /* decisions stand in it */
} sp_answers;

bool sp_answers_init(sp_answers *answers, const sp_ui_setup *setup, sp_way way, sp_error *err);
void sp_answers_clear(sp_answers *answers);

/* Replaces a text by a copy; false: no memory, the old one stays. */
bool sp_answer_set(char **to, const char *text);
/* No run is picked any more. */
void sp_answers_drop_runs(sp_answers *answers);
/* Adds a run as `spaceport list runs` has it; its file gets the usual name. */
bool sp_answers_add_run(sp_answers *answers, const sp_json *run);
/* Nothing is planned any more. */
void sp_answers_drop_plan(sp_answers *answers);
/* True where the answer to option i is its default. */
bool sp_answer_is_default(const sp_answers *answers, int i);
/* Why an option's text can't be; NULL: it can. Untranslated. */
const char *sp_answer_check(const sp_asked *option, const char *value);

/* Fills in what a request needs of the answers: runs, files, package, target, options. */
bool sp_answers_fill(const sp_answers *answers, sp_request *request, sp_error *err);

/* Appends the command that does the same, as a shell takes it; `full`: without questions, of an
 * export with the runs' files, replacing what the first time has written. */
void sp_answers_command(const sp_ui_setup *setup, const sp_answers *answers, bool full, sp_buf *to);

/* Appends the options that name the instance, a blank before each. */
void sp_answers_add_instance(const sp_ui_setup *setup, const sp_answers *answers, sp_buf *to);

/* Appends a word quoted for a POSIX shell, where need be. */
void sp_shell_quote(sp_buf *to, const char *word);

#endif
