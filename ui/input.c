#include <config.h>

#include "ui/input.h"

#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "core/base/text.h"
#include "ui/keys.h"

/* Bytes of the character at `at`, with the marks that stand on it. */
static size_t span_after(const char *text, size_t at)
{
	size_t len = strlen(text), i = at, n;

	while (i < len) {
		uint32_t c = 0;

		n = sp_utf8_next(text + i, len - i, &c);
		if (!n)
			return i > at ? i - at : 1;
		if (i > at && wcwidth((wchar_t)c) != 0)
			break;
		i += n;
	}
	return i - at;
}

static size_t start_before(const sp_input *field)
{
	size_t start = 0;

	for (size_t i = 0; i < field->at; i += span_after(field->text, i))
		start = i;
	return start;
}

static void erase(sp_input *field, size_t from, size_t to)
{
	memmove(field->text + from, field->text + to, strlen(field->text + to) + 1);
	field->at = from;
}

static bool insert(sp_input *field, uint32_t c)
{
	char bytes[4];
	size_t n = 0, len = strlen(field->text);

	if (c < 0x80) {
		bytes[n++] = (char)c;
	} else if (c < 0x800) {
		bytes[n++] = (char)(0xc0 | c >> 6);
		bytes[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		bytes[n++] = (char)(0xe0 | c >> 12);
		bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | c >> 18);
		bytes[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (c & 0x3f));
	}
	if (!sp_utf8_valid(bytes, n) || len + n > SP_INPUT_MOST)
		return true;
	memmove(field->text + field->at + n, field->text + field->at, len - field->at + 1);
	memcpy(field->text + field->at, bytes, n);
	field->at += n;
	return true;
}

void sp_input_set(sp_input *field, const char *text)
{
	size_t len = 0, n;

	for (; text && text[len]; len += n) {
		n = span_after(text, len);
		if (len + n > SP_INPUT_MOST)
			break;
	}
	if (len)
		memcpy(field->text, text, len);
	field->text[len] = '\0';
	field->at = len;
}

bool sp_input_key(sp_input *field, int key)
{
	size_t len = strlen(field->text);

	switch (key) {
	case SP_KEY_LEFT: field->at = start_before(field); return true;
	case SP_KEY_RIGHT:
		field->at += field->at < len ? span_after(field->text, field->at) : 0;
		return true;
	case SP_KEY_HOME: field->at = 0; return true;
	case SP_KEY_END: field->at = len; return true;
	case SP_KEY_BACKSPACE:
	case SP_CTRL('h'): erase(field, start_before(field), field->at); return true;
	case SP_KEY_DELETE:
		if (field->at < len)
			erase(field, field->at, field->at + span_after(field->text, field->at));
		return true;
	case SP_CTRL('u'): erase(field, 0, field->at); return true;
	case SP_CTRL('w'):
		for (size_t from = field->at;; from--)
			if (from == 0 ||
			    (from < field->at && field->text[from - 1] == ' ' && field->text[from] != ' ')) {
				erase(field, from, field->at);
				return true;
			}
	default: break;
	}
	if (key >= ' ' && key < 0x110000 && (key < 0x7f || key > 0x9f))
		return insert(field, (uint32_t)key);
	return false;
}

void sp_input_draw(const sp_input *field, sp_canvas *canvas, int x, int y, int width)
{
	char before[sizeof field->text];
	size_t from = 0;
	int at;

	memcpy(before, field->text, field->at);
	before[field->at] = '\0';
	/* of a long text the part before the cursor */
	while (from < field->at && sp_text_width(before + from) >= width)
		from += span_after(field->text, from);
	at = x + sp_text_width(before + from);
	sp_canvas_blank(canvas, (sp_rect){ x, y, width, 1 });
	sp_canvas_text(canvas, x, y, width, field->text + from, SP_STYLE_PLAIN);
	sp_canvas_paint(canvas, x, y, width, SP_STYLE_FOCUS);
	sp_canvas_focus(canvas, at, y);
	canvas->typing = true;
}
