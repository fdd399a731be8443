/*
 * The state of a list: which rows the filter shows, in which order, the
 * cursor, the picks. Picks and cursor belong to rows, not to places: they stay
 * whatever is hidden or sorted. What the rows are only the model knows.
 */
#ifndef SP_UI_LIST_H
#define SP_UI_LIST_H

#include "core/base/buf.h"
#include "ui/input.h"

typedef struct {
	void *ctx;
	int count;
	/* Appends what the filter searches in a row. */
	void (*words)(void *ctx, int row, sp_buf *to);
	/* Like strcmp(), by the given column; NULL: never sorted. */
	int (*compare)(void *ctx, int a, int b, int by);
	int sorts; /* how many orders there are; 0 is the one the rows come in */
} sp_model;

typedef struct {
	int count;  /* rows of the model */
	int *order; /* rows that are shown */
	int shown;
	int cursor; /* place among those shown */
	int top;    /* first place on the screen */
	int height; /* of the last drawing: what a page is */
	int sort;
	bool *picked; /* by row */
	int range;    /* row where a range began; -1: none */
	bool typing;  /* the filter is being typed */
	sp_input filter;
} sp_list;

void sp_list_clear(sp_list *list);
/* No rows any more; filter, order and place stay for those to come. */
void sp_list_empty(sp_list *list);
/* Takes the rows of a model that came anew; picks are empty. False: no memory. */
bool sp_list_load(sp_list *list, const sp_model *model);
/* Filters and sorts anew; the cursor stays on its row where that is shown. */
void sp_list_refresh(sp_list *list, const sp_model *model);
/* The row under the cursor; -1: none is shown. */
int sp_list_row(const sp_list *list);
/* Puts the cursor on a row, if it is shown. */
void sp_list_go(sp_list *list, int row);
/* Moves by so many places, at most to the ends. */
void sp_list_move(sp_list *list, long by);
int sp_list_picks(const sp_list *list);
/* Picks the row under the cursor or no longer; with a range: all of it. */
void sp_list_pick(sp_list *list);
/* All that are shown; none of them, where all are picked. */
void sp_list_pick_all(sp_list *list);

/* True where every word of `filter` occurs in `text`, whatever the case, and
 * no word of it that begins with "!". */
bool sp_filter_fits(const char *filter, const char *text);

#endif
