/* A job on the screen: how it is followed, drawn, and what comes after it. */
#ifndef SP_UI_RUNNING_H
#define SP_UI_RUNNING_H

#include "ui/screens.h"

/* This request is the job from now on; it is sent behind this. */
void sp_running_begin(sp_wizard *w, sp_request_kind ask);
/* Looks where it stands. */
void sp_running_tick(sp_wizard *w);
/* True while the job is awaited. */
bool sp_running_goes_on(const sp_wizard *w);
/* Its phases begin anew, for the next package. */
void sp_running_next(sp_wizard *w);
/* A line of its log. */
void sp_running_log(sp_wizard *w, const char *text);
void sp_running_clear(sp_running *running);

/* Fills the work: `title` and how long it takes, bar, phases, log. */
void sp_running_draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas, const char *title);

/* Asks whether to stop it and leave the wizard; `title` and `text` are translated. */
void sp_running_ask_leave(sp_wizard *w, const char *title, const char *text);
/* The job is over: a question about it answers itself. */
void sp_running_unask(sp_wizard *w);

/* The screen that follows; help that is being read stays before it. */
void sp_running_leave(sp_wizard *w, sp_screen_id to);
/* Where the job failed: back to the screen `to`, which says why; true then. */
bool sp_running_failed(sp_wizard *w, sp_screen_id to);

#endif
