/*
 * Where things stand: pure arithmetic from a size to rectangles. No curses,
 * no text of a screen.
 */
#ifndef SP_UI_LAYOUT_H
#define SP_UI_LAYOUT_H

#include <stdbool.h>

/* Smaller than this there is only a screen that says so. */
#define SP_LEAST_WIDTH  60
#define SP_LEAST_HEIGHT 20

typedef struct {
	int x, y, width, height;
} sp_rect;

/* The one frame that every screen has. */
typedef struct {
	bool too_small;
	bool wide;        /* room for details at the right */
	bool narrow;      /* less than 80 columns */
	int title, about; /* lines */
	sp_rect work;
	int rule;            /* the line that ends the work */
	int sum, hint, keys; /* hint -1: there is none, the sum's line serves */
} sp_frame;

sp_frame sp_layout_frame(int width, int height);

/* A list and the details of its row: below it, or at its right where there is
 * room. `lines`: how many the details need below. */
typedef struct {
	sp_rect list, details;
	bool beside; /* a divider stands between them */
} sp_panes;

sp_panes sp_layout_panes(const sp_frame *frame, int lines);

/* A column of a table. One with priority 0 always stays and takes what is
 * left over; the others go, the highest priority first, where it gets narrow. */
typedef struct {
	const char *title; /* untranslated */
	int priority;
	int least, best; /* columns */
	bool right;      /* numbers */
} sp_tcolumn;

#define SP_MOST_COLUMNS 10
#define SP_COLUMN_GAP   1
/* The column that takes what is left over keeps at least this. */
#define SP_NAME_WIDTH 20

/* The widths of the columns in a table of this width; 0: it went. */
void sp_layout_columns(const sp_tcolumn *columns, int count, int width,
                       int widths[SP_MOST_COLUMNS]);

/* The first row that is shown, so that the cursor is in sight and the page
 * moves as little as possible. */
int sp_layout_scroll(int top, int cursor, int count, int height);

#endif
