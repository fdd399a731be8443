/* What the screen and the lines have in common: the wizard joined to work and
 * signals. */
#ifndef SP_UI_FRONT_H
#define SP_UI_FRONT_H

#include <signal.h>

#include "ui/wizard.h"
#include "ui/work.h"

typedef struct {
	sp_wizard *wizard;
	sp_work *work;
	int signals;     /* a signalfd */
	sigset_t before; /* what was blocked */
} sp_front;

/* To be closed also after an error. */
bool sp_front_open(sp_front *front, const sp_ui_setup *setup, sp_error *err);
void sp_front_close(sp_front *front);
/* Seconds on the monotonic clock. */
double sp_front_now(void);
/* Waits for a key (where they are asked for), a signal or an answer, at most so
 * long (negative: for ever); what poll() says of standard input. */
short sp_front_wait(sp_front *front, bool keys, double seconds);
/* The next signal that came; 0: none. */
int sp_front_signal(sp_front *front);
/* Hands all answers to the wizard, and the progress. */
void sp_front_replies(sp_front *front);
/* Keeps what isn't finished, and prints what stays on the normal screen. */
void sp_front_receipt(sp_front *front);

#endif
