/*
 * The wizard: from an instance to packages, and from a package into an instance, on a terminal or
 * line by line. It knows nothing of the command line; who starts it says what options there are.
 */
#ifndef SP_UI_UI_H
#define SP_UI_UI_H

#include "core/base/error.h"
#include "core/config/instance.h"

/* The two ways that there are. */
typedef enum { SP_WAY_EXPORT, SP_WAY_IMPORT, SP_WAYS } sp_way;

/* An option that is asked for: a row of the table of options. */
typedef struct {
	const char *name;      /* on the command line, without dashes */
	const char *label;     /* short; untranslated */
	const char *help;      /* a sentence; untranslated */
	const char *choices;   /* "a|b|c", "yes|no"; NULL: typed */
	const char *otherwise; /* default; NULL: none */
	bool flag;             /* given without a value: --name */
	bool negates;          /* --no-name is its "no" */
	bool list;             /* may be given several times */
	bool number;
	long min, max;
} sp_asked;

typedef struct {
	const sp_asked *all;
	int count;
} sp_asked_list;

typedef struct {
	const sp_instance *instances;
	int instance_count;
	int start;            /* the instance to begin with; -1: the choice is asked */
	const char *profiles; /* the file that names them; NULL: none */
	const char *given;    /* options of the command line about them, quoted; "": none */
	const char *drafts;   /* the folder for answers that aren't carried out; NULL: none are kept */
	const char *plans;    /* the folder for plans of imports; NULL: imports can't be planned */
	sp_asked_list options[SP_WAYS];
} sp_ui_setup;

/* True where the terminal is to be asked line by line: ACCESSIBLE is set,
 * TERM is dumb or nothing, or the terminal has no size. */
bool sp_ui_is_plain(void);

/* On the terminal at standard input and output, with curses. The program's exit
 * code, or an error where the terminal can't be had. */
sp_code sp_ui_run(const sp_ui_setup *setup, sp_error *err);
/* The same line by line. */
sp_code sp_ui_run_plain(const sp_ui_setup *setup, sp_error *err);

#endif
