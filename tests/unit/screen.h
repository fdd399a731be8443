/* A wizard without terminal and threads: keys are pressed, requests noted and
 * answered by hand, screens read as text. */
#ifndef SP_TESTS_UNIT_SCREEN_H
#define SP_TESTS_UNIT_SCREEN_H

#include "ui/wizard.h"

#define MOST_REQUESTS 64

typedef struct {
	sp_wizard *w;
	double now;
	sp_request *requests[MOST_REQUESTS]; /* all that were started */
	int count;
	int cancelled[MOST_REQUESTS]; /* numbers */
	int cancels;
	sp_progress progress; /* of whatever is asked about */
} stage;

extern const sp_ui_setup stage_setup; /* three instances, some options */

/* Two infospaces, three runs of the first, a plan of a run, a package. */
extern const char stage_infospaces[], stage_runs[], stage_plans[], stage_targets[], stage_package[];
/* A folder with two packages, what is in one, a dry run with two groups of conflicts and one
 * without, an import that is done. */
extern const char stage_folder[], stage_inspected[], stage_dry_run[], stage_decided[],
	stage_imported[];

void stage_open(stage *s, const sp_ui_setup *setup);
void stage_close(stage *s);
/* Presses the keys of a text; "\n" is Enter. */
void stage_type(stage *s, const char *text);
void stage_key(stage *s, int key);
/* Answers the last request of a kind that was started: with JSON, as its only
 * answer, or with an error (json NULL). */
void stage_answer(stage *s, sp_request_kind kind, const char *json);
void stage_tell(stage *s, sp_request_kind kind, const char *json); /* more is to come */
void stage_fail(stage *s, sp_request_kind kind, sp_code code, const char *text);
/* The last request of a kind; NULL: there was none. */
sp_request *stage_request(stage *s, sp_request_kind kind);
/* The screen as text, a line each; the caller frees it. */
char *stage_screen(stage *s, int width, int height);
/* True where the screen has the text somewhere, at 80 x 24. */
bool stage_shows(stage *s, const char *text);
/* Compares with the expected text, and shows both where they differ. */
void stage_expect(stage *s, int width, int height, const char *expected);

/* Goes through to a screen, with everything answered. */
void stage_to_infospaces(stage *s);
void stage_to_runs(stage *s);
void stage_to_options(stage *s);
void stage_to_preview(stage *s);
void stage_to_packages(stage *s);
void stage_to_targets(stage *s);
void stage_to_settings(stage *s);
void stage_to_dry_run(stage *s);

#endif
