/*
 * What things look like, by meaning: styles, and the signs that stand beside
 * each colour. No curses here: ui/term.c turns a look into attributes.
 */
#ifndef SP_UI_THEME_H
#define SP_UI_THEME_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
	SP_STYLE_PLAIN,
	SP_STYLE_DIM, /* impossible, off, equal */
	SP_STYLE_BOLD,
	SP_STYLE_FOCUS, /* the row under the cursor */
	SP_STYLE_HEAD,  /* what a pane is about */
	SP_STYLE_RULE,
	SP_STYLE_GOOD,
	SP_STYLE_BAD,
	SP_STYLE_WARN,
	SP_STYLE_NEEDS,   /* needs a person */
	SP_STYLE_PACKAGE, /* names of packages */
	SP_STYLE_KEY,     /* a key in the key bar */
	SP_STYLE_COUNT
} sp_style;

typedef enum {
	SP_NO_COLOUR = -1,
	SP_RED = 1,
	SP_GREEN,
	SP_YELLOW,
	SP_BLUE,
	SP_MAGENTA,
	SP_CYAN
} sp_colour;

/* What a style looks like. */
typedef struct {
	int colour; /* sp_colour */
	bool bold, dim, reverse, underline;
} sp_look;

/* In colours, or without (NO_COLOR, a terminal that has none). */
sp_look sp_theme_look(sp_style style, bool colours);

/* What stands for a character where only ASCII can be shown: a sign of its
 * own, else "?". */
char sp_sign_ascii(uint32_t c);

/* True where signs and letters beyond ASCII can be shown: the user's own
 * locale is UTF-8, and each sign takes one column there. */
bool sp_theme_has_signs(void);

/* True where NO_COLOR (https://no-color.org) is set. */
bool sp_theme_no_colour(void);

#endif
