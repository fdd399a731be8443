#include <config.h>

#include "core/base/text.h"

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#include "core/base/error.h"

/*
 * Characters that are never shown as they are: controls, the line and
 * paragraph separators, category Cf of Unicode 15.1 (also the two joiners:
 * invisible, they make different names look alike), the tags' block but for
 * its variation selectors, and non-characters below U+FFFE. In rising order.
 */
static const struct {
	uint32_t first, last;
} unsafe[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },   { 0x0600, 0x0605 },
	{ 0x061c, 0x061c },   { 0x06dd, 0x06dd },   { 0x070f, 0x070f },   { 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 },   { 0x180e, 0x180e },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
	{ 0x2060, 0x206f },   { 0xd800, 0xdfff },   { 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },
	{ 0xfff0, 0xfffb },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe00ff }, { 0xe01f0, 0xe0fff },
};

size_t sp_utf8_next(const char *text, size_t len, uint32_t *character)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t i, n;

	if (!len)
		return 0;
	*character = s[0];
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len < n)
		return 0;
	/* the second byte excludes overlong forms, surrogates and all past U+10FFFF */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	*character = s[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if (s[i] < low || s[i] > high)
			return 0;
		*character = *character << 6 | (s[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

bool sp_utf8_valid(const char *text, size_t len)
{
	uint32_t c;
	size_t n;

	for (; len; text += n, len -= n) {
		n = sp_utf8_next(text, len, &c);
		if (!n)
			return false;
	}
	return true;
}

static bool is_safe(uint32_t c)
{
	size_t low = 0, high = sizeof unsafe / sizeof *unsafe, mid;

	if (c >= 0x20 && c < 0x7f)
		return true;
	if ((c & 0xfffe) == 0xfffe)
		return false;
	while (low < high) {
		mid = (low + high) / 2;
		if (c > unsafe[mid].last)
			low = mid + 1;
		else if (c < unsafe[mid].first)
			high = mid;
		else
			return false;
	}
	return true;
}

static bool locale_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Bytes from the start of `text` that can be shown as they are. */
static size_t safe_span(const char *text, size_t len, bool utf8, const char *also)
{
	size_t i = 0, n;
	uint32_t c;

	while (i < len) {
		n = sp_utf8_next(text + i, len - i, &c);
		if (!n || (c >= 0x80 && !utf8))
			break;
		if (!is_safe(c) && !(c && c < 0x80 && strchr(also, (int)c)))
			break;
		i += n;
	}
	return i;
}

bool sp_text_is_safe(const char *text, size_t len)
{
	return safe_span(text, len, true, "") == len;
}

void sp_safe_text(sp_buf *buf, const char *text, size_t len)
{
	bool utf8 = locale_is_utf8();
	uint32_t c;
	size_t n;

	for (;;) {
		n = safe_span(text, len, utf8, "");
		sp_buf_add(buf, text, n);
		text += n;
		len -= n;
		if (!len)
			break;
		n = sp_utf8_next(text, len, &c);
		if (n < 2)
			sp_buf_addf(buf, "\\x%02x", (unsigned char)*text);
		else if (c <= 0xffff)
			sp_buf_addf(buf, "\\u%04x", (unsigned)c);
		else
			sp_buf_addf(buf, "\\U%08x", (unsigned)c);
		n = n ? n : 1;
		text += n;
		len -= n;
	}
}

void sp_safe_json(sp_buf *buf, const char *json, size_t len)
{
	bool utf8 = locale_is_utf8();
	uint32_t c;
	size_t n;

	for (;;) {
		/* white space between tokens is part of the layout */
		n = safe_span(json, len, utf8, "\n\r\t");
		sp_buf_add(buf, json, n);
		json += n;
		len -= n;
		if (!len)
			break;
		n = sp_utf8_next(json, len, &c);
		if (!n)
			sp_buf_adds(buf, "\\ufffd");
		else if (c <= 0xffff)
			sp_buf_addf(buf, "\\u%04x", (unsigned)c);
		else
			sp_buf_addf(buf, "\\u%04x\\u%04x",
			            (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
			            (unsigned)(0xdc00 + (c & 0x3ff)));
		n = n ? n : 1;
		json += n;
		len -= n;
	}
}

/* The first character's bytes (at least 1) and columns. */
static size_t next_width(const char *text, size_t len, int *width)
{
	uint32_t c;
	size_t n = sp_utf8_next(text, len, &c);

	*width = 1;
	if (n > 1) {
		*width = wcwidth((wchar_t)c);
		if (*width < 0)
			*width = 1;
	}
	return n ? n : 1;
}

int sp_text_width(const char *text)
{
	size_t len = strlen(text), n;
	int width, sum = 0;

	for (; len; text += n, len -= n) {
		n = next_width(text, len, &width);
		sum += width;
	}
	return sum;
}

/* Bytes of `text` that fit into `width` columns, and the columns they take;
 * marks stay with their letter. */
static size_t fit_span(const char *text, size_t len, int width, int *used)
{
	size_t i = 0, n;
	int columns;

	*used = 0;
	while (i < len) {
		n = next_width(text + i, len - i, &columns);
		if (*used + columns > width)
			break;
		*used += columns;
		i += n;
	}
	return i;
}

void sp_text_fit(sp_buf *buf, const char *text, int width, bool pad)
{
	bool utf8 = locale_is_utf8();
	size_t len = strlen(text), n;
	int used;

	if (width <= 0)
		return;
	n = fit_span(text, len, width, &used);
	if (n < len) {
		n = fit_span(text, len, width - 1, &used);
		sp_buf_add(buf, text, n);
		sp_buf_adds(buf, utf8 ? "…" : "~");
		used++;
	} else {
		sp_buf_add(buf, text, n);
	}
	for (; pad && used < width; used++)
		sp_buf_addc(buf, ' ');
}

void sp_text_bytes(sp_buf *buf, unsigned long long bytes)
{
	double value = (double)bytes;
	int unit = 0;

	/* 999950 would be printed as 1000.0 kB */
	for (; value >= (unit ? 999.95 : 999.5) && unit < 5; unit++)
		value /= 1000;
	switch (unit) {
	case 0: sp_buf_addf(buf, _("%llu B"), bytes); break;
	case 1: sp_buf_addf(buf, _("%.1f kB"), value); break;
	case 2: sp_buf_addf(buf, _("%.1f MB"), value); break;
	case 3: sp_buf_addf(buf, _("%.1f GB"), value); break;
	case 4: sp_buf_addf(buf, _("%.1f TB"), value); break;
	default: sp_buf_addf(buf, _("%.1f PB"), value);
	}
}
