/* The screens, one a file: what each does with the wizard's state. */
#ifndef SP_UI_SCREENS_H
#define SP_UI_SCREENS_H

#include "ui/frame.h"
#include "ui/wizard.h"

typedef struct {
	const char *step; /* untranslated: its name among the steps, or its title */
	/* Comes onto the screen; asks for what it needs. NULL: nothing to do. */
	void (*enter)(sp_wizard *w);
	void (*draw)(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas);
	/* What a key asks for; false: nothing of this screen's. */
	bool (*key)(sp_wizard *w, sp_do does, int key);
	void (*leave)(sp_wizard *w);
	/* A key was taken: the cursor may be on another row. */
	void (*moved)(sp_wizard *w);
	/* The rows of its list; NULL: it has none. */
	void (*model)(sp_wizard *w, sp_model *model);
	/* A typed text is complete. */
	void (*typed)(sp_wizard *w, const char *text);
	/* An answer came. */
	void (*reply)(sp_wizard *w, sp_request_kind ask);
	/* Where Esc goes; itself: nowhere; SP_SCREEN_COUNT: to the step before. */
	sp_screen_id back;
} sp_screen;

extern const sp_screen sp_screen_home, sp_screen_instances, sp_screen_checks, sp_screen_infospaces,
	sp_screen_runs, sp_screen_details, sp_screen_options, sp_screen_preview, sp_screen_progress,
	sp_screen_result, sp_screen_packages, sp_screen_targets, sp_screen_settings,
	sp_screen_dry_run, sp_screen_import, sp_screen_imported, sp_screen_command, sp_screen_help,
	sp_screen_question;

const sp_screen *sp_screen_of(sp_screen_id id);
/* Parts that several screens draw. */

/* A row of a table: one cell after the other, as the columns say. */
typedef struct {
	sp_canvas *canvas;
	const sp_tcolumn *columns;
	int count, widths[SP_MOST_COLUMNS];
	int x, y, at; /* of the next cell */
} sp_row;

/* The columns' titles; widths are computed for `width` columns from x on. */
void sp_row_begin(sp_row *row, sp_canvas *canvas, const sp_tcolumn *columns, int count, int x,
                  int y, int width);
void sp_row_next(sp_row *row, int y);
void sp_row_text(sp_row *row, const char *text, sp_style style);
void sp_row_number(sp_row *row, int64_t number);
typedef void sp_draw_row_fn(sp_wizard *w, sp_row *row, int index);
/* The rows of a list that a field has room for, below their titles and a line of its own, each
 * drawn by `draw`, with the cursor. */
void sp_draw_table(sp_wizard *w, sp_canvas *canvas, sp_rect field, const sp_tcolumn *columns,
                   int count, sp_list *list, sp_draw_row_fn *draw);
/* "label   text", wrapped; returns the next line. */
int sp_draw_fact(sp_canvas *canvas, sp_rect field, int y, const char *label, const char *text);
/* The marker of the row under the cursor, and where the cursor sits. */
void sp_draw_cursor(sp_canvas *canvas, int x, int y, int width);
/* "connecting to …" or the error where a list is awaited; true where it drew. */
bool sp_draw_waiting(sp_wizard *w, sp_canvas *canvas, sp_rect field, sp_request_kind ask);
/* What went wrong the last time, whole: the hint has room for its beginning. Returns the next
 * line. */
int sp_draw_failure(sp_canvas *canvas, sp_rect field, int y, const sp_error *err);
/* What is imported, and where to, with the lamp. */
void sp_draw_import_about(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, const char *lamp);
/* The facts of a run into a field, from the row of the list. */
void sp_draw_run_facts(sp_wizard *w, sp_canvas *canvas, sp_rect field, const sp_json *run);
/* The filter in the list's first line, while it is typed or set. */
void sp_draw_filter(sp_wizard *w, sp_canvas *canvas, sp_rect field);
/* Scrolls the list into a field of so many lines. */
void sp_list_fit(sp_list *list, int height);

#endif
