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
	int instance;                     /* of the setup; -1: none yet */
	char *infospace, *infospace_name; /* UUID; NULL: none yet */
	sp_answer_run *runs;
	int run_count;
	char **values; /* one for each option of the setup; "" where there is none */
	bool external; /* files stay outside because the instance has no store */
	char *folder;
	bool force; /* replace what exists */
	bool check; /* read back and compare */
} sp_answers;

bool sp_answers_init(sp_answers *answers, const sp_ui_setup *setup, sp_error *err);
void sp_answers_clear(sp_answers *answers, const sp_ui_setup *setup);

/* Replaces a text by a copy; false: no memory, the old one stays. */
bool sp_answer_set(char **to, const char *text);
/* No run is picked any more. */
void sp_answers_drop_runs(sp_answers *answers);
/* Adds a run as `spaceport list runs` has it; its file gets the usual name. */
bool sp_answers_add_run(sp_answers *answers, const sp_json *run);
/* Where the answer to option i stands: "" is none. */
bool sp_answer_is_default(const sp_ui_setup *setup, const sp_answers *answers, int i);
/* Why an option's text can't be; NULL: it can. Untranslated. */
const char *sp_answer_check(const sp_asked *option, const char *value);

/* Fills in what a request needs of the answers: runs, files, options. */
bool sp_answers_fill(const sp_ui_setup *setup, const sp_answers *answers, sp_request *request,
                     sp_error *err);

/* Appends the command that does the same, as a shell takes it; `full`: with the
 * runs' files, without questions, replacing what the first time has written. */
void sp_answers_command(const sp_ui_setup *setup, const sp_answers *answers, bool full, sp_buf *to);

/* Appends a word quoted for a POSIX shell, where need be. */
void sp_shell_quote(sp_buf *to, const char *word);

#endif
