/* What becomes of the rows of a package, kind by kind: a table. */
#ifndef SP_UI_KINDS_H
#define SP_UI_KINDS_H

#include "ui/screens.h"

/* "kinds" of a plan (core/plan/summary.h) under their titles, as many as there is room for; with
 * a list its cursor and place, else the last line adds up what has none. Returns the next line. */
int sp_draw_kinds(sp_canvas *canvas, sp_rect field, const sp_json *kinds, sp_list *list);

#endif
