/*
 * The terminal: the only place that knows curses. One terminal at a time, since
 * curses has one.
 */
#ifndef SP_UI_TERM_H
#define SP_UI_TERM_H

#include "core/base/error.h"
#include "ui/canvas.h"

typedef struct sp_term sp_term;

/*
 * Takes over the terminal at standard input and output. However the program
 * ends, a fatal signal included, it is given back as it was. SP_FAILED where
 * TERM names a terminal that isn't known.
 */
sp_term *sp_term_open(sp_error *err);
void sp_term_close(sp_term *term);

/* A grid of the terminal's size, blank; NULL: no memory. The term's. */
sp_canvas *sp_term_canvas(sp_term *term);
/* Shows the grid. `anew`: what stands there is garbage. */
void sp_term_show(sp_term *term, bool anew);
/* The next key that was pressed (ui/keys.h), SP_KEY_NONE: none yet. Never waits
 * but 50 ms after an Esc. */
int sp_term_key(sp_term *term);
/* True where the terminal is gone: there will be no more keys. */
bool sp_term_is_gone(const sp_term *term);
/* Takes the terminal's new size. */
void sp_term_resize(sp_term *term);
/* Gives the terminal back, stops the program as Ctrl-Z does, and goes on. */
void sp_term_suspend(sp_term *term);
/* Sends a text to the clipboard, where the terminal takes that (OSC 52). */
void sp_term_copy(sp_term *term, const char *text);

#endif
