#include <config.h>

#include "ui/ui.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"
#include "ui/front.h"
#include "ui/term.h"

/* Keys that are taken before the screen is drawn: pasted text is quick. */
#define KEYS_AT_ONCE 64
/* How long half a file may take to be removed, and anything else to stop: a
 * name server that doesn't answer must not hold up who leaves. */
#define LAST_SECONDS_WRITING 10
#define LAST_SECONDS         1

bool sp_ui_is_plain(void)
{
	const char *term = getenv("TERM"), *accessible = getenv("ACCESSIBLE");
	struct winsize size = { 0 };

	if (accessible && *accessible && strcmp(accessible, "0") != 0)
		return true;
	if (!term || !*term || strcmp(term, "dumb") == 0)
		return true;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0;
}

/* --- what both front ends have -------------------------------------------------- */

static bool start(void *ctx, sp_request *request, sp_error *err)
{
	return sp_work_start(ctx, request, err);
}

static void cancel(void *ctx, int number)
{
	sp_work_cancel(ctx, number);
}

static bool look(void *ctx, int number, sp_progress *progress)
{
	return sp_work_look(ctx, number, progress);
}

double sp_front_now(void)
{
	struct timespec ts = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH };

/* From here on the signals come through a descriptor, so that nothing is done
 * in a handler and none is missed between a look and a wait. One that was
 * ignored stays so (nohup). */
static bool watch_signals(sp_front *front, sp_error *err)
{
	struct sigaction action;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
		if (sigaction(watched[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&set, watched[i]);
	pthread_sigmask(SIG_BLOCK, &set, &front->before);
	front->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return front->signals >= 0 || sp_fail_errno(err, errno, N_("can't catch signals"));
}

bool sp_front_open(sp_front *front, const sp_ui_setup *setup, sp_error *err)
{
	sp_link link = { NULL, start, cancel, look };

	*front = (sp_front){ .signals = -1 };
	if (!watch_signals(front, err))
		return false;
	front->work = sp_work_create(err);
	if (!front->work)
		return false;
	link.ctx = front->work;
	front->wizard = sp_wizard_create(setup, &link, err);
	return front->wizard != NULL;
}

void sp_front_close(sp_front *front)
{
	bool writing = front->wizard && sp_wizard_is_writing(front->wizard);

	sp_wizard_free(front->wizard);
	sp_work_free(front->work, writing ? LAST_SECONDS_WRITING : LAST_SECONDS);
	if (front->signals >= 0)
		close(front->signals);
	pthread_sigmask(SIG_SETMASK, &front->before, NULL);
}

int sp_front_signal(sp_front *front)
{
	struct signalfd_siginfo info;

	return read(front->signals, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo
	                                                                        : 0;
}

void sp_front_replies(sp_front *front)
{
	sp_reply *reply;

	while ((reply = sp_work_next(front->work)))
		sp_wizard_reply(front->wizard, reply, sp_front_now());
	sp_wizard_tick(front->wizard, sp_front_now());
}

short sp_front_wait(sp_front *front, bool keys, double seconds)
{
	struct pollfd fds[] = { { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN },
		                    { .fd = front->signals, .events = POLLIN },
		                    { .fd = sp_work_fd(front->work), .events = POLLIN } };

	if (poll(fds, 3, seconds < 0 ? -1 : (int)(seconds * 1000)) <= 0)
		return 0;
	return fds[0].revents;
}

/* --- on the screen ---------------------------------------------------------------- */

static void take_signals(sp_front *front, sp_term *term)
{
	int signal;

	while ((signal = sp_front_signal(front)) != 0)
		switch (signal) {
		case SIGINT: sp_wizard_interrupt(front->wizard, sp_front_now()); break;
		case SIGTSTP: sp_term_suspend(term); break;
		case SIGCONT: front->wizard->redraw = true; break;
		case SIGWINCH:
			/* what the terminal made of the old picture nobody knows */
			sp_term_resize(term);
			front->wizard->redraw = true;
			break;
		default: sp_wizard_end(front->wizard);
		}
}

/* The window may have grown since it was drawn: a key that was pressed then is
 * meant. */
static void look_at_size(sp_front *front, sp_term *term)
{
	const sp_canvas *canvas;

	if (!front->wizard->too_small)
		return;
	sp_term_resize(term);
	canvas = sp_term_canvas(term);
	front->wizard->redraw = true;
	front->wizard->too_small = !canvas || sp_layout_frame(canvas->width, canvas->height).too_small;
}

static void take_keys(sp_front *front, sp_term *term, short ready)
{
	if (!ready)
		return;
	look_at_size(front, term);
	if ((ready & POLLIN) == 0 || sp_term_is_gone(term)) {
		sp_wizard_end(front->wizard);
		return;
	}
	for (int i = 0; i < KEYS_AT_ONCE && !front->wizard->over; i++) {
		int key = sp_term_key(term);

		if (key == SP_KEY_NONE)
			return;
		if (key != SP_KEY_RESIZE)
			sp_wizard_key(front->wizard, key, sp_front_now());
	}
}

static bool show(sp_front *front, sp_term *term, sp_error *err)
{
	sp_canvas *canvas = sp_term_canvas(term);
	sp_wizard *w = front->wizard;

	if (!canvas)
		return sp_fail_memory(err);
	sp_wizard_draw(w, canvas);
	if (canvas->failed)
		return sp_fail_memory(err);
	sp_term_show(term, w->redraw);
	w->redraw = false;
	if (w->copied)
		sp_term_copy(term, w->copied);
	free(w->copied);
	w->copied = NULL;
	return true;
}

static void run_on(sp_front *front, sp_term *term, sp_error *err)
{
	sp_wizard *w = front->wizard;

	w->now = sp_front_now();
	sp_wizard_begin(w);
	while (!w->over && show(front, term, err)) {
		short ready = sp_front_wait(front, true, sp_wizard_patience(w));

		take_signals(front, term);
		take_keys(front, term, ready);
		sp_front_replies(front);
	}
}

/* The last answers are kept as well; a disk that doesn't answer holds up nobody. */
static void keep_draft(sp_front *front)
{
	double until = sp_front_now() + LAST_SECONDS;

	while (sp_is_awaited(front->wizard, SP_ASK_KEEP) && sp_front_now() < until) {
		sp_front_wait(front, false, LAST_SECONDS);
		sp_front_replies(front);
	}
	sp_wizard_keep(front->wizard);
}

void sp_front_receipt(sp_front *front)
{
	sp_buf text = { 0 }, safe = { 0 };

	keep_draft(front);
	sp_wizard_receipt(front->wizard, &text);
	for (const char *at = sp_buf_text(&text); *at;) {
		size_t len = strcspn(at, "\n");

		sp_safe_text(&safe, at, len);
		sp_buf_addc(&safe, '\n');
		at += len + (at[len] == '\n');
	}
	if (safe.len && !safe.failed)
		fputs(sp_buf_text(&safe), stdout);
	sp_buf_free(&text);
	sp_buf_free(&safe);
}

sp_code sp_ui_run(const sp_ui_setup *setup, sp_error *err)
{
	sp_term *term = NULL;
	sp_code code = SP_FAILED;
	sp_front front;

	if (sp_front_open(&front, setup, err))
		term = sp_term_open(err);
	if (term)
		run_on(&front, term, err);
	sp_term_close(term);
	if (term)
		sp_front_receipt(&front);
	if (front.wizard)
		code = front.wizard->code;
	sp_front_close(&front);
	return sp_error_is_set(err) ? err->code : code;
}
