/*
 * A grid of cells that screens draw into. Whatever is put here passes
 * sp_safe_text() first, and is cut by the columns it takes, so that no text from
 * a database reaches the terminal raw or moves its neighbours. The terminal
 * copies the grid (ui/term.c); tests read it as text.
 */
#ifndef SP_UI_CANVAS_H
#define SP_UI_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "ui/layout.h"
#include "ui/theme.h"

/* As many marks stay with a letter as curses takes. */
#define SP_CELL_MARKS 4

typedef struct {
	uint32_t text[1 + SP_CELL_MARKS]; /* a character and its marks, 0 ends; none: right half */
	uint8_t style;
} sp_cell;

typedef struct {
	int width, height;
	int top, end; /* lines from `top` up to but not `end` can be drawn into */
	bool ascii;   /* signs and letters that aren't ASCII are replaced */
	sp_cell *cells;
	int cursor_x, cursor_y; /* where the terminal's cursor sits; -1: hidden */
	bool typing;            /* the cursor is one of a text field */
	bool failed;            /* no memory for a text */
} sp_canvas;

/* An empty grid; NULL where memory is out. */
sp_canvas *sp_canvas_create(int width, int height, bool ascii);
void sp_canvas_free(sp_canvas *canvas);
/* Blanks everywhere, cursor hidden. */
void sp_canvas_clear(sp_canvas *canvas);

/* From now on only these lines are drawn into, for what is longer and scrolled;
 * NULL: all. */
void sp_canvas_clip(sp_canvas *canvas, const sp_rect *field);

/* Writes at most `width` columns, with an ellipsis where something was cut;
 * returns the columns taken. All that lies outside the grid is dropped. */
int sp_canvas_text(sp_canvas *canvas, int x, int y, int width, const char *text, sp_style style);
/* The same, ending at the right end of the field. */
void sp_canvas_right(sp_canvas *canvas, int x, int y, int width, const char *text, sp_style style);
/* The same, cut in its middle: for paths and UUIDs. */
void sp_canvas_middle(sp_canvas *canvas, int x, int y, int width, const char *text, sp_style style);
/* "─ left ───── right ─" */
void sp_canvas_rule(sp_canvas *canvas, int x, int y, int width, const char *left,
                    const char *right);
/* A bar that is `share` (0 to 1) full. */
void sp_canvas_bar(sp_canvas *canvas, int x, int y, int width, double share);
/* Words wrapped into a field of several lines; returns the lines taken. */
int sp_canvas_wrap(sp_canvas *canvas, sp_rect field, const char *text, sp_style style);
/* A command as a shell takes it from several lines: broken between words, with
 * "\" at the ends. Leaves out the first `top` lines; returns how many there are. */
int sp_canvas_command(sp_canvas *canvas, sp_rect field, int top, const char *command);
/* A line down. */
void sp_canvas_divide(sp_canvas *canvas, int x, int y, int height);
/* The same as border of two panes, from the rule above (at y) to the one below. */
void sp_canvas_split(sp_canvas *canvas, int x, int y, int height);
/* Gives cells another style. */
void sp_canvas_paint(sp_canvas *canvas, int x, int y, int width, sp_style style);
/* Blanks. */
void sp_canvas_blank(sp_canvas *canvas, sp_rect field);
/* The focus is here: where the terminal's cursor sits. */
void sp_canvas_focus(sp_canvas *canvas, int x, int y);

/* Appends a line as UTF-8, without blanks at its end. */
void sp_canvas_line(const sp_canvas *canvas, int y, sp_buf *to);

#endif
