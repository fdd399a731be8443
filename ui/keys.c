#include <config.h>

#include "ui/keys.h"

#include <stddef.h>
#include <string.h>

#include "core/base/error.h"

#define ON(screen) (1u << SP_SCREEN_##screen)
#define SPACES     (ON(INFOSPACES) | ON(TARGETS))
#define LISTS      (ON(INSTANCES) | SPACES | ON(RUNS) | ON(PACKAGES))
#define OF_OPTIONS (ON(OPTIONS) | ON(SETTINGS))
#define FORMS      (OF_OPTIONS | ON(PREVIEW))
#define TEXTS      (ON(CHECKS) | ON(DETAILS) | ON(HELP) | ON(COMMAND))
#define DONE       (ON(RESULT) | ON(IMPORTED))
#define JOBS       (ON(PROGRESS) | ON(IMPORT))
#define ROWS       (ON(HOME) | LISTS | FORMS | ON(DRY_RUN) | DONE)
#define STEPS      (LISTS | FORMS | ON(DRY_RUN))
#define ALL        ((1u << SP_SCREEN_COUNT) - 1)
#define SCREENS    (ALL & ~ON(FIELD))

/* In the order of the key bar: what goes on first, help last. */
const sp_binding sp_bindings[] = {
	{ SP_DO_UP, { SP_KEY_UP, 'k' }, "↑ k", NULL, N_("One up."), ROWS | TEXTS, 0 },
	{ SP_DO_UP, { SP_KEY_UP }, "↑", NULL, N_("One up."), ON(FIELD) | JOBS, 0 },
	{ SP_DO_DOWN, { SP_KEY_DOWN, 'j' }, "↓ j", NULL, N_("One down."), ROWS | TEXTS, 0 },
	{ SP_DO_DOWN, { SP_KEY_DOWN }, "↓", NULL, N_("One down."), ON(FIELD) | JOBS, 0 },
	{ SP_DO_PAGE_UP, { SP_KEY_PAGE_UP, SP_CTRL('u') }, N_("PgUp Ctrl-U"), NULL, N_("A page up."),
	  ROWS | TEXTS, 0 },
	{ SP_DO_PAGE_DOWN, { SP_KEY_PAGE_DOWN, SP_CTRL('d') }, N_("PgDn Ctrl-D"), NULL,
	  N_("A page down."), ROWS | TEXTS, 0 },
	{ SP_DO_FIRST, { SP_KEY_HOME, 'g' }, N_("Home g"), NULL, N_("To the first."), ROWS | TEXTS, 0 },
	{ SP_DO_LAST, { SP_KEY_END, 'G' }, N_("End G"), NULL, N_("To the last."), ROWS | TEXTS, 0 },
	{ SP_DO_PICK, { ' ' }, N_("Space"), N_("pick"), N_("Picks a row, or no longer."), ON(RUNS), 1 },
	{ SP_DO_PICK, { ' ' }, N_("Space"), N_("switch"), N_("Switches an option on or off."), FORMS,
	  1 },
	{ SP_DO_ALL, { 'a' }, "a", N_("all shown"),
	  N_("Picks all that are shown, or none of them where all are."), ON(RUNS), 3 },
	{ SP_DO_RANGE, { 'v' }, "v", N_("range"),
	  N_("Begins a range: the next Space picks all from here to there."), ON(RUNS), 6 },
	{ SP_DO_LEFT, { SP_KEY_LEFT, 'h' }, "← h", NULL, N_("The choice before this one."), FORMS, 0 },
	{ SP_DO_RIGHT, { SP_KEY_RIGHT, 'l' }, "→ l", NULL, N_("The choice after this one."), FORMS, 0 },
	{ SP_DO_LEFT, { SP_KEY_LEFT, SP_KEY_BACKTAB }, N_("← Shift-Tab"), NULL,
	  N_("The button before this one."), ON(QUESTION), 0 },
	{ SP_DO_RIGHT, { SP_KEY_RIGHT, SP_KEY_TAB }, "→ Tab", NULL, N_("The button after this one."),
	  ON(QUESTION), 0 },
	{ SP_DO_EDIT, { 'e' }, "e", N_("change"), N_("Changes a value by typing."), FORMS, 2 },
	{ SP_DO_EDIT, { 'e' }, "e", N_("name"), N_("Names an infospace that is to be made."),
	  ON(TARGETS), 3 },
	{ SP_DO_DEFAULT, { 'd' }, "d", N_("default"), N_("Gives an option its default."), OF_OPTIONS,
	  5 },
	{ SP_DO_PATH, { 'p' }, "p", N_("path"), N_("Another folder or package, by its path."),
	  ON(PACKAGES), 1 },
	{ SP_DO_KEEP, { 's' }, "s", N_("keep here"),
	  N_("Of these conflicts: what is here stays as it is."), ON(DRY_RUN), 1 },
	{ SP_DO_OVERWRITE, { 'o' }, "o", N_("overwrite"),
	  N_("Of these conflicts: what is here becomes the package's."), ON(DRY_RUN), 1 },
	{ SP_DO_BESIDE, { 'b' }, "b", N_("beside"),
	  N_("Of these conflicts: the package's come beside what is here."), ON(DRY_RUN), 2 },
	{ SP_DO_MERGE, { 'm' }, "m", N_("merge"),
	  N_("Of these conflicts: some columns become the package's; they are asked for."),
	  ON(DRY_RUN), 3 },
	{ SP_DO_LATER, { 't' }, "t", N_("later counts"),
	  N_("Of these conflicts: what was changed later counts."), ON(DRY_RUN), 4 },
	{ SP_DO_ALIKE, { 'A' }, "A", N_("for all"),
	  N_("The next decision is for all that are in conflict."), ON(DRY_RUN), 5 },
	{ SP_DO_OPEN, { SP_KEY_BACKSPACE, SP_KEY_DELETE }, N_("Backspace"), NULL,
	  N_("Takes a decision back."), ON(DRY_RUN), 0 },
	{ SP_DO_NEXT, { 'n' }, "n", N_("next for you"), N_("To the next that awaits a decision."),
	  ON(DRY_RUN), 6 },
	{ SP_DO_FILTER, { '/' }, "/", N_("filter"),
	  N_("Shows only rows with these words; !word: without it. It narrows as you type."), LISTS,
	  2 },
	{ SP_DO_SORT, { 'S' }, "S", N_("sort"), N_("Sorts by the next column."), LISTS, 4 },
	{ SP_DO_DETAILS, { 'i' }, "i", N_("details"), N_("All there is to know about the row."),
	  ON(RUNS), 4 },
	{ SP_DO_TEST, { 'V' }, "V", N_("test again"), N_("Asks the instances anew."), ON(HOME), 3 },
	{ SP_DO_TEST, { 'V' }, "V", N_("test"), N_("Puts the instance to the test, step by step."),
	  ON(INSTANCES), 1 },
	{ SP_DO_TEST, { 'V' }, "V", N_("test again"), N_("Does the checks once more."), ON(CHECKS), 1 },
	{ SP_DO_RETRY, { 'r' }, "r", N_("try again"), N_("Asks the instance again."),
	  SPACES | ON(RUNS) | ON(DETAILS) | ON(OPTIONS) | ON(PREVIEW), 6 },
	{ SP_DO_RETRY, { 'r' }, "r", N_("try again"), N_("Looks again what is there."), ON(PACKAGES),
	  6 },
	{ SP_DO_RETRY, { 'r' }, "r", N_("dry run"), N_("Makes the dry run again."), ON(DRY_RUN), 6 },
	{ SP_DO_ITEM, { '1', '2', '3' }, "1 2 3", N_("go to"), N_("To this item."), ON(HOME), 3 },
	{ SP_DO_FORGET, { 'X' }, "X", NULL, N_("Forgets an export that isn't finished; asks first."),
	  ON(HOME), 0 },
	{ SP_DO_COPY, { 'y' }, "y", N_("copy command"),
	  N_("Copies the command, where the terminal can (OSC 52)."), DONE | ON(COMMAND), 2 },
	{ SP_DO_COMMAND, { 'c' }, "c", N_("command"), N_("Shows the command that does the same."),
	  FORMS | ON(DRY_RUN) | DONE, 5 },
	{ SP_DO_STOP, { SP_CTRL('c') }, N_("Ctrl-C"), N_("stop"),
	  N_("Stops cleanly: no half file is left. Once more within 3 s: at once."), ON(PROGRESS), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("open"), N_("Goes there."), ON(HOME), 0 },
	{ SP_DO_STOP, { SP_CTRL('c') }, N_("Ctrl-C"), N_("stop"),
	  N_("Stops cleanly: nothing of it stays. Once more within 3 s: at once."), ON(IMPORT), 0 },
	{ SP_DO_STOP, { SP_CTRL('c') }, N_("Ctrl-C"), N_("stop"), N_("Stops the dry run."),
	  ON(PLANNING), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("take"),
	  N_("Takes the package, or goes into the folder."), ON(PACKAGES), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("import here"),
	  N_("Into this infospace, or into a new one."), ON(TARGETS), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("dry run"),
	  N_("Shows what the import would do; nothing is written."), ON(SETTINGS), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("go on"),
	  N_("Imports it, after a question; with new decisions the dry run again."), ON(DRY_RUN), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("another"),
	  N_("Back to the packages, to import another."), ON(IMPORTED), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("infospaces"),
	  N_("Shows the infospaces of the instance."), ON(INSTANCES), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("runs"), N_("Shows the infospace's runs."),
	  ON(INFOSPACES), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("next"),
	  N_("Goes on with what is picked; with the row, where nothing is."), ON(RUNS), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("preview"), N_("Shows what would be written."),
	  ON(OPTIONS), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("write"), N_("Writes the packages."), ON(PREVIEW),
	  0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("once more"),
	  N_("Back to the runs, to export others."), ON(RESULT), 0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("press"), N_("Presses the button."), ON(QUESTION),
	  0 },
	{ SP_DO_ENTER, { SP_KEY_ENTER }, "Enter", N_("keep"), N_("Keeps what was typed."), ON(FIELD),
	  0 },
	{ SP_DO_BACK, { SP_KEY_ESC }, "Esc", N_("back"),
	  N_("One step back; keeps every answer. Clears a filter first."),
	  STEPS | ON(DETAILS) | ON(CHECKS), 0 },
	{ SP_DO_BACK, { SP_KEY_ESC }, "Esc", N_("back"), N_("Stops the dry run, and goes back."),
	  ON(PLANNING), 0 },
	{ SP_DO_BACK, { SP_KEY_ESC, 'q' }, "Esc", N_("close"), N_("Closes this."),
	  ON(HELP) | ON(COMMAND), 0 },
	{ SP_DO_BACK, { SP_KEY_ESC }, "Esc", N_("back"), N_("Asks whether to leave this."), JOBS, 1 },
	{ SP_DO_BACK, { SP_KEY_ESC }, "Esc", N_("close"), N_("Closes the question; nothing is done."),
	  ON(QUESTION), 0 },
	{ SP_DO_BACK, { SP_KEY_ESC }, "Esc", N_("clear"),
	  N_("Takes back what was typed; clears a filter."), ON(FIELD), 0 },
	{ SP_DO_HOME, { 'q' }, "q", N_("home"), N_("Home; answers are kept."),
	  STEPS | DONE | ON(DETAILS) | ON(CHECKS) | ON(PLANNING), 7 },
	{ SP_DO_HOME, { SP_KEY_ESC }, "Esc", N_("home"), N_("Home, never back into the job."),
	  DONE, 0 },
	{ SP_DO_QUIT, { 'q' }, "q", N_("quit"), N_("Leaves the program."), ON(HOME), 0 },
	{ SP_DO_QUIT, { 'Q' }, "Q", NULL, N_("Leaves the program at once."),
	  SCREENS & ~(JOBS | ON(QUESTION)), 0 },
	{ SP_DO_REDRAW, { SP_CTRL('l') }, N_("Ctrl-L"), NULL, N_("Draws the screen anew."), ALL, 0 },
	{ SP_DO_HELP, { '?', SP_KEY_F1 }, "?", N_("help"), N_("The keys of this screen."),
	  SCREENS & ~ON(HELP), 0 },
	{ SP_DO_NOTHING, { 0 }, NULL, NULL, NULL, 0, 0 },
};

bool sp_binding_fits(const sp_binding *binding, sp_screen_id screen)
{
	return binding->where >> screen & 1;
}

const char *sp_binding_keys(const sp_binding *binding)
{
	/* "y" may be translated elsewhere, as an answer */
	return strlen(binding->shown) > 1 ? _(binding->shown) : binding->shown;
}

sp_do sp_key_does(int key, sp_screen_id screen)
{
	for (const sp_binding *b = sp_bindings; b->does != SP_DO_NOTHING; b++)
		for (int i = 0; sp_binding_fits(b, screen) && i < SP_MOST_KEYS && b->keys[i]; i++)
			if (b->keys[i] == key)
				return b->does;
	return SP_DO_NOTHING;
}
