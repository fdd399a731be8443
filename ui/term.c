#include <config.h>

#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "ui/keys.h"

#define ESCAPE_MS 50

struct sp_term {
	SCREEN *screen;
	sp_canvas *canvas;
	bool colours, ascii;
};

/* --- after a crash ------------------------------------------------------------ */

static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

/* A handler gets no argument: what it needs to give the terminal back is laid
 * here beforehand, since nothing of curses may be called there. */
static struct {
	volatile sig_atomic_t taken;
	struct termios modes;
	char leave[160];
	size_t len;
} to_restore;

static void restore(int signal)
{
	ssize_t ignored;

	if (to_restore.taken) {
		ignored = write(STDOUT_FILENO, to_restore.leave, to_restore.len);
		(void)ignored;
		tcsetattr(STDIN_FILENO, TCSANOW, &to_restore.modes);
	}
	/* SA_RESETHAND has put the default action in place */
	raise(signal);
}

static void add_leave(const char *capability)
{
	const char *text = tigetstr(capability);
	size_t len = text && text != (char *)-1 ? strlen(text) : 0;

	if (to_restore.len + len > sizeof to_restore.leave)
		return;
	memcpy(to_restore.leave + to_restore.len, len ? text : "", len);
	to_restore.len += len;
}

/* A sanitizer's or debugger's own handler stays. */
static void catch_fatal(void)
{
	struct sigaction action = { .sa_handler = restore, .sa_flags = SA_RESETHAND | SA_NODEFER };
	struct sigaction old;

	to_restore.len = 0;
	add_leave("sgr0");
	add_leave("rmkx");
	add_leave("cnorm");
	add_leave("rmcup");
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		if (sigaction(fatal[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(fatal[i], &action, NULL);
	to_restore.taken = 1;
}

/* --- opening and closing -------------------------------------------------------- */

static void set_modes(sp_term *term)
{
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	/* Ctrl-C, Ctrl-Z and the like stay the terminal's: they come as signals */
	intrflush(stdscr, FALSE);
	set_escdelay(ESCAPE_MS);
	term->ascii = !sp_theme_has_signs();
	term->colours = has_colors() && !sp_theme_no_colour();
	if (!term->colours)
		return;
	start_color();
	use_default_colors();
	for (short i = 1; i < 8; i++)
		init_pair(i, i, -1);
}

sp_term *sp_term_open(sp_error *err)
{
	const char *name = getenv("TERM");
	sp_term *term = calloc(1, sizeof *term);

	if (!term) {
		sp_fail_memory(err);
		return NULL;
	}
	if (tcgetattr(STDIN_FILENO, &to_restore.modes) == 0)
		term->screen = newterm(NULL, stdout, stdin);
	if (!term->screen) {
		sp_fail(err, SP_FAILED, N_("Set TERM to what the terminal is, or use --plain."),
		        N_("this terminal isn't known: TERM=%s"), name ? name : "");
		free(term);
		return NULL;
	}
	set_modes(term);
	catch_fatal();
	return term;
}

void sp_term_close(sp_term *term)
{
	if (!term)
		return;
	to_restore.taken = 0;
	endwin();
	delscreen(term->screen);
	sp_canvas_free(term->canvas);
	free(term);
}

/* --- showing ---------------------------------------------------------------------- */

sp_canvas *sp_term_canvas(sp_term *term)
{
	int height, width;

	getmaxyx(stdscr, height, width);
	if (term->canvas && term->canvas->width == width && term->canvas->height == height)
		return term->canvas;
	sp_canvas_free(term->canvas);
	term->canvas = sp_canvas_create(width, height, term->ascii);
	return term->canvas;
}

static attr_t attributes(const sp_look *look)
{
	return (look->bold ? A_BOLD : A_NORMAL) | (look->dim ? A_DIM : A_NORMAL) |
	       (look->reverse ? A_REVERSE : A_NORMAL) | (look->underline ? A_UNDERLINE : A_NORMAL);
}

static void show_cell(const sp_term *term, const sp_cell *cell, int x, int y)
{
	sp_look look = sp_theme_look(cell->style, term->colours);
	short pair = term->colours && look.colour > 0 ? (short)look.colour : 0;
	wchar_t text[SP_CELL_MARKS + 2];
	cchar_t c;
	int i = 0;

	for (; i <= SP_CELL_MARKS && cell->text[i]; i++)
		text[i] = (wchar_t)cell->text[i];
	text[i] = L'\0';
	/* the right half of a wide character came with its left half */
	if (i > 0 && setcchar(&c, text, attributes(&look), pair, NULL) == OK)
		mvadd_wch(y, x, &c);
}

void sp_term_show(sp_term *term, bool anew)
{
	const sp_canvas *canvas = term->canvas;

	if (!canvas)
		return;
	erase();
	for (int y = 0; y < canvas->height; y++)
		for (int x = 0; x < canvas->width; x++)
			show_cell(term, &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x], x, y);
	/* the cursor sits on what has the focus, for magnifiers and screen readers */
	if (canvas->cursor_x >= 0)
		move(canvas->cursor_y, canvas->cursor_x);
	if (anew)
		clearok(curscr, TRUE);
	refresh();
}

/* --- keys ------------------------------------------------------------------------- */

static int key_of(wint_t code)
{
	static const struct {
		wint_t code;
		int key;
	} keys[] = {
		{ KEY_UP, SP_KEY_UP },         { KEY_DOWN, SP_KEY_DOWN },
		{ KEY_LEFT, SP_KEY_LEFT },     { KEY_RIGHT, SP_KEY_RIGHT },
		{ KEY_PPAGE, SP_KEY_PAGE_UP }, { KEY_NPAGE, SP_KEY_PAGE_DOWN },
		{ KEY_HOME, SP_KEY_HOME },     { KEY_END, SP_KEY_END },
		{ KEY_DC, SP_KEY_DELETE },     { KEY_BACKSPACE, SP_KEY_BACKSPACE },
		{ KEY_ENTER, SP_KEY_ENTER },   { KEY_F(1), SP_KEY_F1 },
		{ KEY_BTAB, SP_KEY_BACKTAB },  { KEY_RESIZE, SP_KEY_RESIZE },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].code == code)
			return keys[i].key;
	return SP_KEY_RESIZE; /* a key that has no meaning here */
}

int sp_term_key(sp_term *term)
{
	wint_t code = 0;
	int got = get_wch(&code);

	(void)term;
	if (got == ERR)
		return SP_KEY_NONE;
	if (got == KEY_CODE_YES)
		return key_of(code);
	if (code == '\r')
		return SP_KEY_ENTER;
	return code ? (int)code : SP_KEY_RESIZE;
}

bool sp_term_is_gone(const sp_term *term)
{
	int waiting = 0;

	(void)term;
	/* readable with nothing to read: the end */
	return ioctl(STDIN_FILENO, FIONREAD, &waiting) < 0 || waiting == 0;
}

/* --- what happens to it ------------------------------------------------------------- */

void sp_term_resize(sp_term *term)
{
	struct winsize size = { 0 };

	(void)term;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
}

void sp_term_suspend(sp_term *term)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, old;
	sigset_t tstp, before;

	sigemptyset(&stop.sa_mask);
	sigemptyset(&tstp);
	sigaddset(&tstp, SIGTSTP);
	endwin();
	to_restore.taken = 0;
	sigaction(SIGTSTP, &stop, &old);
	raise(SIGTSTP);
	/* it stops here, where the signal gets through */
	pthread_sigmask(SIG_UNBLOCK, &tstp, &before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGTSTP, &old, NULL);
	to_restore.taken = 1;
	sp_term_resize(term);
	sp_term_show(term, true);
}

static void add_base64(sp_buf *to, const unsigned char *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned long v = (unsigned long)data[i] << 16;
		size_t left = len - i;

		v |= left > 1 ? (unsigned long)data[i + 1] << 8 : 0;
		v |= left > 2 ? data[i + 2] : 0;
		sp_buf_addc(to, digits[v >> 18 & 63]);
		sp_buf_addc(to, digits[v >> 12 & 63]);
		sp_buf_addc(to, left > 1 ? digits[v >> 6 & 63] : '=');
		sp_buf_addc(to, left > 2 ? digits[v & 63] : '=');
	}
}

/* https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, OSC 52 */
void sp_term_copy(sp_term *term, const char *text)
{
	sp_buf sequence = { 0 };

	(void)term;
	sp_buf_adds(&sequence, "\033]52;c;");
	add_base64(&sequence, (const unsigned char *)text, strlen(text));
	sp_buf_adds(&sequence, "\033\\");
	if (!sequence.failed) {
		fwrite(sequence.data, 1, sequence.len, stdout);
		fflush(stdout);
	}
	sp_buf_free(&sequence);
}
