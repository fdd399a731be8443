/* The lines that every screen has: title, what it is about, sum, hint, keys. */
#ifndef SP_UI_FRAME_H
#define SP_UI_FRAME_H

#include "ui/canvas.h"
#include "ui/wizard.h"

/* Title and steps, and the key bar. */
void sp_frame_draw(const sp_wizard *w, const sp_frame *frame, sp_canvas *canvas);
/* What it is about, and the lamp at the right. */
void sp_frame_about(const sp_frame *frame, sp_canvas *canvas, const char *text, const char *lamp);
/* What all this amounts to, and what Enter does. */
void sp_frame_sum(const sp_frame *frame, sp_canvas *canvas, const char *text);
/* About what is under the cursor; a message takes its place. */
void sp_frame_hint(const sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, const char *text);
/* The line that ends the work, with the place in a list. */
void sp_frame_rule(const sp_frame *frame, sp_canvas *canvas, const sp_list *list);
/* The same where lines are scrolled: whether there are more below. */
void sp_frame_more(const sp_frame *frame, sp_canvas *canvas, const sp_list *list);
/* The screen of a terminal that is too small. */
void sp_frame_too_small(sp_canvas *canvas);

#endif
