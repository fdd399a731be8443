#include <config.h>

#include "ui/theme.h"

#include <langinfo.h>
#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Colour never says anything alone: a sign or a word stands beside it. */
static const struct {
	sp_look colour, mono;
} looks[SP_STYLE_COUNT] = {
	[SP_STYLE_PLAIN] = { { SP_NO_COLOUR }, { SP_NO_COLOUR } },
	[SP_STYLE_DIM] = { { SP_NO_COLOUR, .dim = true }, { SP_NO_COLOUR, .dim = true } },
	[SP_STYLE_BOLD] = { { SP_NO_COLOUR, .bold = true }, { SP_NO_COLOUR, .bold = true } },
	[SP_STYLE_FOCUS] = { { SP_NO_COLOUR, .reverse = true }, { SP_NO_COLOUR, .reverse = true } },
	[SP_STYLE_HEAD] = { { SP_NO_COLOUR, .bold = true }, { SP_NO_COLOUR, .bold = true } },
	[SP_STYLE_RULE] = { { SP_NO_COLOUR, .dim = true }, { SP_NO_COLOUR } },
	[SP_STYLE_GOOD] = { { SP_GREEN }, { SP_NO_COLOUR } },
	[SP_STYLE_BAD] = { { SP_RED, .bold = true }, { SP_NO_COLOUR, .bold = true } },
	[SP_STYLE_WARN] = { { SP_YELLOW }, { SP_NO_COLOUR, .underline = true } },
	[SP_STYLE_NEEDS] = { { SP_YELLOW, .bold = true }, { SP_NO_COLOUR, .bold = true } },
	[SP_STYLE_PACKAGE] = { { SP_CYAN }, { SP_NO_COLOUR } },
	[SP_STYLE_KEY] = { { SP_NO_COLOUR, .bold = true }, { SP_NO_COLOUR, .bold = true } },
};

/* Signs that the screens use, and what stands for them. */
static const struct {
	uint32_t sign;
	char ascii;
} signs[] = {
	{ L'▸', '>' }, { L'▾', '-' }, { L'◂', '<' }, { L'✓', 'v' }, { L'✗', 'x' },  { L'●', '*' },
	{ L'≠', '#' }, { L'█', '#' }, { L'░', '-' }, { L'─', '-' }, { L'│', '|' },  { L'┌', '+' },
	{ L'┐', '+' }, { L'└', '+' }, { L'┘', '+' }, { L'┬', '+' }, { L'┴', '+' },  { L'…', '~' },
	{ L'→', '>' }, { L'←', '<' }, { L'↑', '^' }, { L'↓', 'v' }, { L'›', '>' },  { L'·', '.' },
	{ L'–', '-' }, { L'“', '"' }, { L'”', '"' }, { L'„', '"' }, { L'’', '\'' }, { L'■', '#' },
	{ L'±', '~' }, { L'—', '-' },
};

sp_look sp_theme_look(sp_style style, bool colours)
{
	return colours ? looks[style].colour : looks[style].mono;
}

char sp_sign_ascii(uint32_t c)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (signs[i].sign == c)
			return signs[i].ascii;
	return '?';
}

bool sp_theme_has_signs(void)
{
	/* the program itself works in UTF-8 whatever the user's locale is */
	locale_t users = newlocale(LC_CTYPE_MASK, "", NULL);
	bool utf8 = users && strcmp(nl_langinfo_l(CODESET, users), "UTF-8") == 0;

	if (users)
		freelocale(users);
	for (size_t i = 0; utf8 && i < sizeof signs / sizeof *signs; i++)
		utf8 = wcwidth((wchar_t)signs[i].sign) == 1;
	return utf8;
}

bool sp_theme_no_colour(void)
{
	const char *asked = getenv("NO_COLOR");

	return asked && *asked;
}
