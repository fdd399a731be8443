#include <config.h>

#include "ui/canvas.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "core/base/text.h"

sp_canvas *sp_canvas_create(int width, int height, bool ascii)
{
	sp_canvas *canvas = calloc(1, sizeof *canvas);

	if (!canvas)
		return NULL;
	canvas->width = width;
	canvas->height = height;
	sp_canvas_clip(canvas, NULL);
	canvas->ascii = ascii;
	canvas->cells = calloc((size_t)width * (size_t)height + 1, sizeof *canvas->cells);
	if (!canvas->cells) {
		free(canvas);
		return NULL;
	}
	sp_canvas_clear(canvas);
	return canvas;
}

void sp_canvas_free(sp_canvas *canvas)
{
	if (!canvas)
		return;
	free(canvas->cells);
	free(canvas);
}

static sp_cell *cell_at(const sp_canvas *canvas, int x, int y)
{
	if (x < 0 || y < canvas->top || x >= canvas->width || y >= canvas->end)
		return NULL;
	return &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x];
}

static void set_cell(sp_canvas *canvas, int x, int y, uint32_t c, sp_style style)
{
	sp_cell *cell = cell_at(canvas, x, y);

	if (!cell)
		return;
	memset(cell, 0, sizeof *cell);
	cell->text[0] = c;
	cell->style = (uint8_t)style;
}

void sp_canvas_clear(sp_canvas *canvas)
{
	sp_canvas_blank(canvas, (sp_rect){ 0, 0, canvas->width, canvas->height });
	canvas->cursor_x = canvas->cursor_y = -1;
	canvas->typing = false;
}

void sp_canvas_clip(sp_canvas *canvas, const sp_rect *field)
{
	int end = field ? field->y + field->height : canvas->height;

	canvas->top = field && field->y > 0 ? field->y : 0;
	canvas->end = end < canvas->height ? end : canvas->height;
}

void sp_canvas_blank(sp_canvas *canvas, sp_rect field)
{
	for (int y = field.y; y < field.y + field.height; y++)
		for (int x = field.x; x < field.x + field.width; x++)
			set_cell(canvas, x, y, ' ', SP_STYLE_PLAIN);
}

static int width_of(uint32_t c)
{
	int width = wcwidth((wchar_t)c);

	return width < 0 ? 1 : width;
}

/* A mark joins the letter before it; where it stands alone, it is dropped. */
static void add_mark(sp_canvas *canvas, int x, int y, uint32_t c)
{
	sp_cell *cell = cell_at(canvas, x, y);

	if (cell && !cell->text[0])
		cell = cell_at(canvas, x - 1, y);
	for (int i = 1; cell && i <= SP_CELL_MARKS; i++)
		if (!cell->text[i]) {
			cell->text[i] = c;
			return;
		}
}

/* A half of a wide character that is written over leaves a blank behind. */
static void part_wide(sp_canvas *canvas, int x, int y)
{
	sp_cell *cell = cell_at(canvas, x, y), *before = cell_at(canvas, x - 1, y);

	if (cell && !cell->text[0] && before)
		set_cell(canvas, x - 1, y, ' ', before->style);
}

static void put_character(sp_canvas *canvas, int x, int y, uint32_t c, int width, sp_style style)
{
	sp_cell *after;

	part_wide(canvas, x, y);
	part_wide(canvas, x + width, y);
	if (canvas->ascii && c >= 0x80) {
		/* as many columns, so that nothing moves */
		for (int i = 0; i < width; i++)
			set_cell(canvas, x + i, y, (uint32_t)sp_sign_ascii(c), style);
		return;
	}
	/* a wide one that reaches over the edge would go to the next line */
	if (width == 2 && x == canvas->width - 1)
		c = ' ';
	set_cell(canvas, x, y, c, style);
	after = width == 2 ? cell_at(canvas, x + 1, y) : NULL;
	if (after)
		memset(after, 0, sizeof *after), after->style = (uint8_t)style;
}

/* Safe text that is known to fit. */
static int put(sp_canvas *canvas, int x, int y, const char *text, sp_style style)
{
	size_t len = strlen(text), n;
	int begin = x;

	for (; len; text += n, len -= n) {
		uint32_t c = '?';
		int width;

		n = sp_utf8_next(text, len, &c);
		n = n ? n : 1;
		width = width_of(c);
		if (width == 0)
			add_mark(canvas, x - 1, y, c);
		else
			put_character(canvas, x, y, c, width, style);
		x += width;
	}
	return x - begin;
}

/* The text made safe; the caller frees it. NULL: no memory. */
static char *safe(sp_canvas *canvas, const char *text)
{
	sp_buf buf = { 0 };
	char *taken;

	sp_buf_adds(&buf, "");
	sp_safe_text(&buf, text ? text : "", text ? strlen(text) : 0);
	taken = sp_buf_take(&buf);
	canvas->failed = canvas->failed || !taken;
	return taken;
}

int sp_canvas_text(sp_canvas *canvas, int x, int y, int width, const char *text, sp_style style)
{
	char *whole = safe(canvas, text);
	sp_buf fit = { 0 };
	int used = 0;

	if (whole && width > 0) {
		sp_text_fit(&fit, whole, width, false);
		canvas->failed = canvas->failed || fit.failed;
		used = put(canvas, x, y, sp_buf_text(&fit), style);
	}
	sp_buf_free(&fit);
	free(whole);
	return used;
}

void sp_canvas_right(sp_canvas *canvas, int x, int y, int width, const char *text, sp_style style)
{
	char *whole = safe(canvas, text);
	int space = whole ? width - sp_text_width(whole) : 0;

	free(whole);
	space = space > 0 ? space : 0;
	sp_canvas_text(canvas, x + space, y, width - space, text, style);
}

/* The end of a text that fits into `width` columns. */
static const char *tail(const char *text, int width)
{
	while (*text && sp_text_width(text) > width) {
		uint32_t c;
		size_t n = sp_utf8_next(text, strlen(text), &c);

		text += n ? n : 1;
	}
	return text;
}

void sp_canvas_middle(sp_canvas *canvas, int x, int y, int width, const char *text, sp_style style)
{
	char *whole = safe(canvas, text);
	sp_buf cut = { 0 };
	int head = (width - 1) / 2;

	if (whole && sp_text_width(whole) > width && width > 2) {
		sp_text_fit(&cut, whole, head + 1, false); /* ends in an ellipsis */
		sp_buf_adds(&cut, tail(whole, width - head - 1));
		put(canvas, x, y, sp_buf_text(&cut), style);
		canvas->failed = canvas->failed || cut.failed;
	} else {
		sp_canvas_text(canvas, x, y, width, text, style);
	}
	sp_buf_free(&cut);
	free(whole);
}

/* Columns that a text takes once it is safe. */
static int shown_width(sp_canvas *canvas, const char *text)
{
	char *whole = safe(canvas, text);
	int width = whole ? sp_text_width(whole) : 0;

	free(whole);
	return width;
}

void sp_canvas_rule(sp_canvas *canvas, int x, int y, int width, const char *left, const char *right)
{
	int room = width - 3, used, end = right && *right ? shown_width(canvas, right) : 0;
	int most = width - 5 - (left && *left ? shown_width(canvas, left) + 2 : 0);

	/* a long end gives way to the title, a short one stays */
	if (end > most && end > width / 3)
		end = most > width / 3 ? most : width / 3;
	for (int i = 0; i < width; i++)
		put(canvas, x + i, y, "─", SP_STYLE_RULE);
	if (end > 0 && end < width - 4) {
		sp_canvas_middle(canvas, x + width - 2 - end, y, end, right, SP_STYLE_RULE);
		put(canvas, x + width - 3 - end, y, " ", SP_STYLE_RULE);
		put(canvas, x + width - 2, y, " ", SP_STYLE_RULE);
		room -= end + 3;
	}
	if (!left || !*left || room < 3)
		return;
	used = sp_canvas_text(canvas, x + 2, y, room - 1, left, SP_STYLE_HEAD);
	put(canvas, x + 1, y, " ", SP_STYLE_RULE);
	put(canvas, x + 2 + used, y, " ", SP_STYLE_RULE);
}

void sp_canvas_divide(sp_canvas *canvas, int x, int y, int height)
{
	for (int i = 0; i < height; i++)
		put(canvas, x, y + i, "│", SP_STYLE_RULE);
}

void sp_canvas_split(sp_canvas *canvas, int x, int y, int height)
{
	put(canvas, x, y, "┬", SP_STYLE_RULE);
	sp_canvas_divide(canvas, x, y + 1, height - 1);
	put(canvas, x, y + height, "┴", SP_STYLE_RULE);
}

void sp_canvas_bar(sp_canvas *canvas, int x, int y, int width, double share)
{
	int full = (int)(share * width + 0.5);

	for (int i = 0; i < width; i++)
		put(canvas, x + i, y, i < full ? "█" : "░", i < full ? SP_STYLE_GOOD : SP_STYLE_DIM);
}

/* Bytes of the next line of `text` that fits into `width` columns. */
static size_t line_span(const char *text, int width)
{
	size_t fits = 0, n;
	int used = 0;

	for (size_t i = 0; text[i]; i += n) {
		uint32_t c = '?';

		n = sp_utf8_next(text + i, strlen(text + i), &c);
		n = n ? n : 1;
		used += width_of(c);
		if (used > width)
			return fits ? fits : i ? i : n;
		if (c == ' ')
			fits = i + n;
	}
	return strlen(text);
}

int sp_canvas_wrap(sp_canvas *canvas, sp_rect field, const char *text, sp_style style)
{
	char *whole = safe(canvas, text);
	const char *at = whole;
	int lines = 0;

	for (; at && *at && lines < field.height; lines++) {
		/* what no line is left for is cut, with an ellipsis */
		size_t len = lines == field.height - 1 ? strlen(at) : line_span(at, field.width);
		char *line = strndup(at, len);

		canvas->failed = canvas->failed || !line;
		if (line)
			sp_canvas_text(canvas, field.x, field.y + lines, field.width, line, style);
		free(line);
		at += len;
	}
	free(whole);
	return lines;
}

/* Bytes of the words of a command that fit into `width` columns; of a longer
 * word its beginning. *inside: quotes are open before and behind them. */
static size_t command_span(const char *text, int width, bool *inside)
{
	size_t fits = 0, n;
	bool quoted = *inside;
	int used = 0;

	for (size_t i = 0; text[i]; i += n) {
		uint32_t c = '?';

		n = sp_utf8_next(text + i, strlen(text + i), &c);
		n = n ? n : 1;
		used += width_of(c);
		if (c == ' ' && !quoted)
			fits = i;
		if (used > width) {
			*inside = quoted && !fits;
			return fits ? fits : i ? i : n;
		}
		/* a quote behind a backslash opens nothing */
		if (c == '\'' && (quoted || i == 0 || text[i - 1] != '\\'))
			quoted = !quoted;
	}
	return strlen(text);
}

#define COMMAND_INDENT 4

int sp_canvas_command(sp_canvas *canvas, sp_rect field, int top, const char *command)
{
	char *whole = safe(canvas, command);
	const char *at = whole;
	bool inside = false;
	int lines = 0;

	for (; at && *at; lines++) {
		int indent = lines ? COMMAND_INDENT : 0, width = field.width - indent;
		bool last = sp_text_width(at) <= width;
		size_t len = last ? strlen(at) : command_span(at, width - 2, &inside);
		bool between = at[len] == ' ' && !inside;
		char *line = strndup(at, len);
		int y = field.y + lines - top, used = 0;

		canvas->failed = canvas->failed || !line;
		if (line && lines >= top && lines - top < field.height)
			used = sp_canvas_text(canvas, field.x + indent, y, width, line, SP_STYLE_PLAIN);
		if (used && between)
			sp_canvas_text(canvas, field.x + indent + used, y, 2, " \\", SP_STYLE_PLAIN);
		free(line);
		at += len + between;
	}
	free(whole);
	return lines;
}

void sp_canvas_paint(sp_canvas *canvas, int x, int y, int width, sp_style style)
{
	for (int i = 0; i < width; i++) {
		sp_cell *cell = cell_at(canvas, x + i, y);

		if (cell)
			cell->style = (uint8_t)style;
	}
}

void sp_canvas_focus(sp_canvas *canvas, int x, int y)
{
	canvas->cursor_x = x;
	canvas->cursor_y = y;
}

static void add_utf8(sp_buf *to, uint32_t c)
{
	if (c < 0x80) {
		sp_buf_addc(to, (char)c);
		return;
	}
	if (c < 0x800) {
		sp_buf_addc(to, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			sp_buf_addc(to, (char)(0xe0 | c >> 12));
		} else {
			sp_buf_addc(to, (char)(0xf0 | c >> 18));
			sp_buf_addc(to, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		sp_buf_addc(to, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	sp_buf_addc(to, (char)(0x80 | (c & 0x3f)));
}

void sp_canvas_line(const sp_canvas *canvas, int y, sp_buf *to)
{
	size_t begin = to->len;

	for (int x = 0; x < canvas->width; x++) {
		const sp_cell *cell = cell_at(canvas, x, y);

		for (int i = 0; cell && i <= SP_CELL_MARKS && cell->text[i]; i++)
			add_utf8(to, cell->text[i]);
	}
	while (to->len > begin && to->data[to->len - 1] == ' ')
		to->data[--to->len] = '\0';
}
