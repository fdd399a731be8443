#include <config.h>

#include "core/base/scan.h"

#include <ctype.h>
#include <string.h>

void sp_scan_begin(sp_scan *scan, const char *text, size_t len)
{
	*scan = (sp_scan){ .p = text, .end = text + len, .start = text };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static unsigned read_hex4(const char *p, const char *end)
{
	unsigned code = 0;
	int i;

	if (end - p < 4)
		return 0;
	for (i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];

		code = code << 4 | (c <= '9' ? c - (unsigned)'0' : (c | 0x20u) - 'a' + 10u);
	}
	return code & 0xffff;
}

static bool is_high(unsigned code)
{
	return code >= 0xd800 && code < 0xdc00;
}

static bool is_low(unsigned code)
{
	return code >= 0xdc00 && code < 0xe000;
}

/* The \uNNNN at p (which points behind the u): notes what jsonb can't hold;
 * returns how many bytes to pass over, the other half of a pair included. */
static size_t pass_unicode(sp_scan *scan, const char *p)
{
	unsigned code = read_hex4(p, scan->end);

	if (is_high(code) && scan->end - p >= 10 && p[4] == '\\' && p[5] == 'u' &&
	    is_low(read_hex4(p + 6, scan->end)))
		return 10;
	if (code == 0 || is_high(code) || is_low(code))
		scan->beyond_jsonb = true;
	return scan->end - p >= 4 ? 4 : 0;
}

static bool take_string(sp_scan *scan)
{
	const char *p = scan->p + 1;

	scan->escaped = false;
	while (p < scan->end && *p != '"') {
		if (*p != '\\') {
			p++;
			continue;
		}
		scan->escaped = true;
		if (scan->end - p < 2)
			return false;
		p += 2;
		if (p[-1] == 'u')
			p += pass_unicode(scan, p);
	}
	if (p >= scan->end)
		return false;
	scan->start = scan->p;
	scan->p = p + 1;
	scan->len = (size_t)(scan->p - scan->start);
	return true;
}

static sp_scan_token take_literal(sp_scan *scan)
{
	const char *p = scan->p;

	while (p < scan->end && (isalnum((unsigned char)*p) || *p == '-' || *p == '+' || *p == '.'))
		p++;
	if (p == scan->p)
		return SP_SCAN_BAD;
	scan->start = scan->p;
	scan->len = (size_t)(p - scan->p);
	scan->p = p;
	return SP_SCAN_LITERAL;
}

static void skip_space(sp_scan *scan)
{
	while (scan->p < scan->end && is_space(*scan->p))
		scan->p++;
}

static sp_scan_token take_one(sp_scan *scan, sp_scan_token token)
{
	scan->start = scan->p++;
	scan->len = 1;
	return token;
}

sp_scan_token sp_scan_next(sp_scan *scan)
{
	while (scan->p < scan->end && (is_space(*scan->p) || *scan->p == ','))
		scan->p++;
	if (scan->p == scan->end)
		return SP_SCAN_END;
	switch (*scan->p) {
	case '{': return take_one(scan, SP_SCAN_OBJECT);
	case '}': return take_one(scan, SP_SCAN_OBJECT_END);
	case '[': return take_one(scan, SP_SCAN_ARRAY);
	case ']': return take_one(scan, SP_SCAN_ARRAY_END);
	case '"':
		if (!take_string(scan))
			return SP_SCAN_BAD;
		skip_space(scan);
		if (scan->p == scan->end || *scan->p != ':')
			return SP_SCAN_STRING;
		scan->p++;
		return SP_SCAN_KEY;
	default: return take_literal(scan);
	}
}

bool sp_scan_skip(sp_scan *scan)
{
	size_t depth = 0;

	do {
		switch (sp_scan_next(scan)) {
		case SP_SCAN_OBJECT:
		case SP_SCAN_ARRAY: depth++; break;
		case SP_SCAN_OBJECT_END:
		case SP_SCAN_ARRAY_END:
			if (!depth)
				return false;
			depth--;
			break;
		case SP_SCAN_END:
		case SP_SCAN_BAD: return false;
		default: break;
		}
	} while (depth);
	return true;
}

/* A code point as UTF-8. */
static void add_utf8(sp_buf *to, unsigned code)
{
	char bytes[4];
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = len; i-- > 1; code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)(len == 1 ? code : lead[len] | code);
	sp_buf_add(to, bytes, len);
}

static const char *add_unicode(sp_buf *to, const char *p, const char *end)
{
	unsigned code = read_hex4(p, end), low;

	if (is_high(code) && end - p >= 10 && p[4] == '\\' && p[5] == 'u') {
		low = read_hex4(p + 6, end);
		if (is_low(low)) {
			add_utf8(to, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
			return p + 10;
		}
	}
	add_utf8(to, code == 0 || is_high(code) || is_low(code) ? 0xfffd : code);
	return end - p >= 4 ? p + 4 : end;
}

void sp_scan_unescape(const sp_scan *scan, sp_buf *to)
{
	static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
	const char *p = scan->start + 1, *end = scan->start + scan->len - 1;

	if (!scan->escaped) {
		sp_buf_add(to, p, (size_t)(end - p));
		return;
	}
	while (p < end) {
		const char *stop = memchr(p, '\\', (size_t)(end - p)), *at;

		sp_buf_add(to, p, (size_t)((stop ? stop : end) - p));
		if (!stop || end - stop < 2)
			break;
		p = stop + 2;
		at = strchr(from, stop[1]);
		if (stop[1] == 'u')
			p = add_unicode(to, p, end);
		else
			sp_buf_addc(to, at ? into[at - from] : stop[1]);
	}
}

/* The character that an escape behind a backslash stands for, 0 where it is
 * beyond ASCII; *p moves behind it. */
static char escaped_ascii(const char **p, const char *end)
{
	static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
	char c = *(*p)++;
	const char *at = c ? strchr(from, c) : NULL;
	unsigned code;

	if (c != 'u')
		return at ? into[at - from] : c;
	code = read_hex4(*p, end);
	*p += end - *p >= 4 ? 4 : end - *p;
	return code < 0x80 ? (char)code : 0;
}

/* No copy is made, so that no lack of memory hides a key from who looks for it. */
bool sp_scan_is(const sp_scan *scan, const char *text)
{
	const char *p = scan->start + 1, *end = scan->start + scan->len - 1;
	size_t len = strlen(text);
	char c;

	if (!scan->escaped)
		return scan->len == len + 2 && !memcmp(p, text, len);
	for (; p < end && *text; text++) {
		c = *p++;
		if (c == '\\' && p < end)
			c = escaped_ascii(&p, end);
		if (c != *text)
			return false;
	}
	return p == end && !*text;
}

void sp_scan_put(sp_scan_writer *writer, const sp_scan *scan, sp_scan_token token)
{
	bool begins = token != SP_SCAN_OBJECT_END && token != SP_SCAN_ARRAY_END;
	bool after_value = writer->last == SP_SCAN_STRING || writer->last == SP_SCAN_LITERAL ||
	                   writer->last == SP_SCAN_OBJECT_END || writer->last == SP_SCAN_ARRAY_END;

	if (begins && after_value)
		sp_buf_addc(writer->to, ',');
	sp_buf_add(writer->to, scan->start, scan->len);
	if (token == SP_SCAN_KEY)
		sp_buf_addc(writer->to, ':');
	writer->last = token;
}
