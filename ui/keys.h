/*
 * The one table of keys: dispatch, key bar and help screen come from it. Codes
 * of keys that are no characters lie beyond Unicode; ui/term.c translates.
 */
#ifndef SP_UI_KEYS_H
#define SP_UI_KEYS_H

#include <stdbool.h>
#include <stdint.h>

/* The screens. */
typedef enum {
	SP_SCREEN_HOME,
	SP_SCREEN_INSTANCES,
	SP_SCREEN_CHECKS, /* an instance put to the test */
	SP_SCREEN_INFOSPACES,
	SP_SCREEN_RUNS,
	SP_SCREEN_DETAILS,
	SP_SCREEN_OPTIONS,
	SP_SCREEN_PREVIEW,
	SP_SCREEN_PROGRESS,
	SP_SCREEN_RESULT,
	SP_SCREEN_PACKAGES, /* those of a folder */
	SP_SCREEN_TARGETS,  /* infospaces to import into */
	SP_SCREEN_SETTINGS, /* how to import */
	SP_SCREEN_DRY_RUN,
	SP_SCREEN_IMPORT,
	SP_SCREEN_IMPORTED,
	SP_SCREEN_COMMAND, /* the command that does the same */
	SP_SCREEN_HELP,
	SP_SCREEN_QUESTION, /* a message, or a question with buttons */
	SP_SCREEN_PLANNING, /* the dry run, while it is made */
	SP_SCREEN_FIELD,    /* while a text is typed, on whatever screen */
	SP_SCREEN_COUNT
} sp_screen_id;

/* What a key asks for. */
typedef enum {
	SP_DO_NOTHING,
	SP_DO_UP,
	SP_DO_DOWN,
	SP_DO_PAGE_UP,
	SP_DO_PAGE_DOWN,
	SP_DO_FIRST,
	SP_DO_LAST,
	SP_DO_LEFT,
	SP_DO_RIGHT,
	SP_DO_ENTER,
	SP_DO_PICK,
	SP_DO_ALL,
	SP_DO_RANGE,
	SP_DO_FILTER,
	SP_DO_SORT,
	SP_DO_DETAILS,
	SP_DO_EDIT,
	SP_DO_DEFAULT,
	SP_DO_PATH,
	SP_DO_KEEP, /* decisions of conflicts, as core/plan/decided.h has them */
	SP_DO_OVERWRITE,
	SP_DO_BESIDE,
	SP_DO_MERGE,
	SP_DO_LATER,
	SP_DO_OPEN,  /* takes a decision back */
	SP_DO_ALIKE, /* the next decision is for all */
	SP_DO_NEXT,  /* to what needs a person */
	SP_DO_TEST,
	SP_DO_RETRY,
	SP_DO_ITEM, /* a digit at home */
	SP_DO_FORGET,
	SP_DO_COMMAND,
	SP_DO_COPY,
	SP_DO_STOP,
	SP_DO_BACK,
	SP_DO_HOME,
	SP_DO_QUIT,
	SP_DO_REDRAW,
	SP_DO_HELP,
	SP_DO_COUNT
} sp_do;

enum {
	SP_KEY_NONE = 0,
	SP_KEY_TAB = 9,
	SP_KEY_ENTER = 10,
	SP_KEY_ESC = 27,
	SP_KEY_BACKSPACE = 127,
	SP_KEY_UP = 0x110000, /* beyond Unicode */
	SP_KEY_DOWN,
	SP_KEY_LEFT,
	SP_KEY_RIGHT,
	SP_KEY_PAGE_UP,
	SP_KEY_PAGE_DOWN,
	SP_KEY_HOME,
	SP_KEY_END,
	SP_KEY_DELETE,
	SP_KEY_F1,
	SP_KEY_BACKTAB,
	SP_KEY_RESIZE,
	SP_KEY_GONE /* the terminal is */
};
#define SP_CTRL(letter) ((letter)&0x1f)

#define SP_MOST_KEYS 6

typedef struct {
	sp_do does;
	int keys[SP_MOST_KEYS]; /* 0 ends */
	const char *shown;      /* in bar and help; untranslated */
	const char *label;      /* in the bar; untranslated; NULL: in help only */
	const char *help;       /* a sentence; untranslated */
	unsigned where;         /* bits of screens */
	int rank;               /* 0: never goes from the bar; the highest goes first */
} sp_binding;

extern const sp_binding sp_bindings[]; /* ends with SP_DO_NOTHING */

bool sp_binding_fits(const sp_binding *binding, sp_screen_id screen);

/* Its keys as bar and help name them, translated; a letter is the same in every
 * language. */
const char *sp_binding_keys(const sp_binding *binding);

/* What the key asks for on this screen; SP_DO_NOTHING: nothing. */
sp_do sp_key_does(int key, sp_screen_id screen);

#endif
