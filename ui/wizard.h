/*
 * The wizard's state machine: plain state, keys and answers in, cells out. It
 * includes no curses and starts no thread; ui/ui.c joins it to a terminal and
 * to work, tests to neither.
 */
#ifndef SP_UI_WIZARD_H
#define SP_UI_WIZARD_H

#include "core/export/parts.h"
#include "ui/answers.h"
#include "ui/canvas.h"
#include "ui/keys.h"
#include "ui/list.h"
#include "ui/ways.h"

/* The way to whoever does requests. */
typedef struct {
	void *ctx;
	/* Takes the request in any case; answers come by sp_wizard_reply(). */
	bool (*start)(void *ctx, sp_request *request, sp_error *err);
	void (*cancel)(void *ctx, int number);
	bool (*look)(void *ctx, int number, sp_progress *progress);
} sp_link;

/* What is known of an instance. */
typedef struct {
	enum { SP_CONTACT_NONE, SP_CONTACT_ASKED, SP_CONTACT_THERE, SP_CONTACT_FAILED } state;
	int number;   /* of the request */
	double asked; /* when */
	char *server, *user;
	int64_t infospaces;
	sp_error err;
} sp_contact;

/* Objects of an array that came, by number. */
typedef struct {
	sp_json *json;
	const sp_json **rows;
	int count;
} sp_came;

/* What becomes of the answers until they are packages. */
typedef struct {
	sp_came list;      /* those that are there */
	char *file;        /* this session's own; NULL: none yet */
	char *kept;        /* what it holds; NULL: nothing */
	char *done;        /* the answers that became packages */
	char *other;       /* one that was taken up: it goes once its answers are kept anew */
	sp_screen_id step; /* where the person was last */
	double touched;    /* since when answers may have changed; negative: they haven't */
} sp_drafting;

#define SP_MOST_PHASES 24
#define SP_MOST_LOG    64

/* A phase of a job, as it was seen. */
typedef struct {
	const char *name;
	double began, ended; /* ended 0: goes on */
	uint64_t rows, rows_total;
} sp_phase;

/* A job on the screen (ui/running.h). */
typedef struct {
	sp_request_kind ask;
	bool active; /* it was begun, and the screen hasn't left it */
	sp_progress at;
	double began, moved;  /* moved: the last sign of life */
	uint64_t rows, bytes; /* then */
	uint64_t before;      /* bytes of the packages that are done */
	bool stopping, leaving;
	double stopped; /* when Ctrl-C came */
	sp_phase phases[SP_MOST_PHASES];
	int phase_count;
	const char *last; /* phase of the package before; NULL: none */
	char *log[SP_MOST_LOG];
	int log_count;
} sp_running;

typedef struct sp_wizard sp_wizard;

/* A question with buttons; the first is the harmless one. */
typedef struct {
	char *title, *text;
	const char *buttons[3]; /* untranslated */
	int count, at;
	void (*answer)(sp_wizard *w, int button); /* -1: closed */
	sp_screen_id under;
	char *name; /* that is to be typed behind the last button; NULL: none */
} sp_question;

/* What is decided of a group of conflicts, and not yet planned. */
typedef struct {
	const char *word; /* core/plan/decide.h; NULL: as the plan has it */
	char *fields;     /* of "merge", with commas */
} sp_decided;

/* A line of what a dry run says beside conflicts. */
typedef struct {
	char *text;
	bool is_loss;
} sp_said_line;

/* A dry run. */
typedef struct {
	sp_json *json;                   /* the answer; NULL: none */
	const sp_json *plan, **conflicts; /* of it; groups, by number */
	sp_decided *decided;             /* one for each */
	int conflict_count;
	sp_said_line *lines;
	int line_count;
	bool for_all; /* the next decision is for all groups */
	bool stale;   /* the instance isn't any more what it was then */
} sp_dry_run;

struct sp_wizard {
	const sp_ui_setup *setup;
	sp_link link;
	sp_way way;             /* that is gone */
	sp_answers all[SP_WAYS]; /* by way */
	sp_answers *answers;    /* those of the way */
	double now; /* seconds on the monotonic clock, at the last event */

	sp_contact *contacts;      /* one for each instance */
	int number;                /* of the last request */
	int awaited[SP_ASK_COUNT]; /* 0: none */
	double since[SP_ASK_COUNT];
	sp_error failed[SP_ASK_COUNT]; /* of the last one */
	char *key[SP_ASK_COUNT];       /* what the answer at hand belongs to */

	sp_came infospaces, runs, folder;
	int listed; /* the instance whose infospaces these are */
	sp_json *inspected; /* the package that sp_wizard.key says */
	sp_dry_run dry_run;
	sp_json *imported; /* the answer to SP_ASK_IMPORT */
	sp_json *checks;         /* of the instance that sp_wizard.key says: an array */
	int examined;            /* that instance */
	sp_json *details;        /* of the run sp_wizard.key says */
	sp_json *plan, *targets; /* of the preview */
	sp_parts parts;          /* of all runs together, with all that could travel */
	bool surveyed;
	sp_json *packages; /* that were written: an array */
	char *repeat[SP_WAYS]; /* the commands that do once more what was done */
	char *command;     /* the one that does what the answers say so far */

	sp_screen_id screen, under;     /* under: beneath help or command */
	sp_list lists[SP_SCREEN_COUNT]; /* each screen's own; cursor of texts too */
	sp_list *typing_list;           /* its filter is typed */
	sp_input field;                 /* a value is typed */
	bool editing;
	sp_running running;
	sp_question question;
	sp_drafting draft;

	char *hint; /* NULL: the screen's own */
	sp_style hint_style;
	bool too_small; /* the last drawing was: keys would act unseen */
	bool redraw;    /* the terminal was garbled */
	char *copied;   /* to be sent to the terminal's clipboard */
	bool over;
	sp_code code; /* the program's, once it is over */
};

/* NULL and an error. Setup and link must outlive it. */
sp_wizard *sp_wizard_create(const sp_ui_setup *setup, const sp_link *link, sp_error *err);
void sp_wizard_free(sp_wizard *w);

/* Goes to the first screen. */
void sp_wizard_begin(sp_wizard *w);
/* Events; `now` is w->now's clock. */
void sp_wizard_key(sp_wizard *w, int key, double now);
void sp_wizard_reply(sp_wizard *w, sp_reply *reply, double now); /* takes it */
void sp_wizard_tick(sp_wizard *w, double now);
/* Ctrl-C: a job stops, cleanly at first; without one the wizard is over. */
void sp_wizard_interrupt(sp_wizard *w, double now);
/* SIGTERM, SIGHUP: over, and what runs stops. */
void sp_wizard_end(sp_wizard *w);
void sp_wizard_draw(sp_wizard *w, sp_canvas *canvas);
/* Keeps the answers for the next time, without waiting for it, where they have
 * changed. */
void sp_wizard_keep(sp_wizard *w);
/* True where a job was begun and hasn't ended, or was only just told to. */
bool sp_wizard_is_writing(const sp_wizard *w);
/* Seconds until something on the screen changes by itself; negative: never. */
double sp_wizard_patience(const sp_wizard *w);
/* What stays on the normal screen: at most 12 lines; empty where nothing was done. */
void sp_wizard_receipt(const sp_wizard *w, sp_buf *to);

/* --- for the screens and the plain front end ------------------------------- */

void sp_wizard_go(sp_wizard *w, sp_screen_id screen);
/* Begins a way, or goes on with it where it was left. */
void sp_wizard_set_way(sp_wizard *w, sp_way way);
/* Whose keys count on this screen now. */
sp_screen_id sp_wizard_keys_of(const sp_wizard *w, sp_screen_id screen);
/* To the step after this one, and before it. */
void sp_wizard_next(sp_wizard *w);
void sp_wizard_back(sp_wizard *w);
/* The rows of the screen's list; false: it has none. */
bool sp_wizard_model(sp_wizard *w, sp_model *model);
/* A line in the hint's place until the next key; NULL: none. */
void sp_wizard_say(sp_wizard *w, sp_style style, const char *text);
/* The same for an error: what happened, and what to do. */
void sp_wizard_say_error(sp_wizard *w, const sp_error *err);
/* Gives a text to the terminal's clipboard; true: there was one. */
bool sp_wizard_copy(sp_wizard *w, const char *text);
/* Asks; the title and the text are translated, buttons not. */
void sp_wizard_ask(sp_wizard *w, const char *title, const char *text, const char *const *buttons,
                   int count, void (*answer)(sp_wizard *w, int button));
/* The same where a name must be typed for the last button to be pressed; NULL: none. */
void sp_wizard_ask_name(sp_wizard *w, const char *title, const char *text,
                        const char *const *buttons, int count, const char *name,
                        void (*answer)(sp_wizard *w, int button));

/* Requests; each drops what it awaited of the kind. */
void sp_ask_instance(sp_wizard *w, int instance);
void sp_ask_checks(sp_wizard *w, int instance);
void sp_ask_infospaces(sp_wizard *w, bool anew);
void sp_ask_runs(sp_wizard *w, bool anew);
void sp_ask_details(sp_wizard *w, const char *uuid, bool anew);
void sp_ask_survey(sp_wizard *w, bool anew);
void sp_ask_plan(sp_wizard *w, bool anew);
void sp_ask_targets(sp_wizard *w);
void sp_ask_export(sp_wizard *w);
void sp_ask_packages(sp_wizard *w, bool anew);
void sp_ask_inspect(sp_wizard *w, const char *path, bool anew);
void sp_ask_dry_run(sp_wizard *w, bool anew);
void sp_ask_import(sp_wizard *w);
void sp_ask_drafts(sp_wizard *w);
/* Of the session's own draft; `text` NULL: it goes. */
void sp_ask_keep(sp_wizard *w, const char *text);
void sp_ask_forget(sp_wizard *w, const char *file);
void sp_ask_nothing(sp_wizard *w, sp_request_kind ask);
bool sp_is_awaited(const sp_wizard *w, sp_request_kind ask);
/* Takes an answer; which one it was, SP_ASK_COUNT: one that nobody awaits. */
sp_request_kind sp_take_reply(sp_wizard *w, sp_reply *reply);

/* Answers; each keeps what still fits. */
void sp_choose_instance(sp_wizard *w, int instance);
void sp_choose_infospace(sp_wizard *w, int row);
/* An infospace of this name is to be made. */
void sp_choose_new(sp_wizard *w, const char *name);
/* A package by its path, "~/x" and "x" as well. */
void sp_choose_package(sp_wizard *w, const char *path);
/* The picks of the list of runs become the answer. */
void sp_choose_runs(sp_wizard *w);
void sp_choose_value(sp_wizard *w, int option, const char *value);
/* "~/x" and "x" become whole paths. */
void sp_choose_folder(sp_wizard *w, const char *folder);

/* Takes up a draft of the list and goes to its step; false: it was said why not. */
bool sp_choose_draft(sp_wizard *w, int row);

/* The answer to option `name`; "" where there is none. */
const char *sp_value_of(const sp_wizard *w, const char *name);
/* About how large the packages would be with the answers so far; -1: not known. */
int64_t sp_estimate(const sp_wizard *w);
/* The row of a run in the list, by UUID; -1: it isn't there. */
int sp_row_of_run(const sp_wizard *w, const char *uuid);
const sp_instance *sp_instance_of(const sp_wizard *w);
const char *sp_instance_title(const sp_instance *instance);

#endif
