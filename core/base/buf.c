#include <config.h>

#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_BYTES ((size_t)1 << 20)

char *sp_buf_reserve(sp_buf *buf, size_t len)
{
	size_t need = buf->len + len + 1, cap = buf->cap ? buf->cap : 64;
	char *data;

	if (buf->failed || need < len || need > PTRDIFF_MAX / 2) {
		buf->failed = true;
		return NULL;
	}
	if (need > buf->cap) {
		while (cap < need)
			cap += cap < 16 * KEEP_BYTES ? cap : cap / 4;
		data = realloc(buf->data, cap);
		if (!data) {
			buf->failed = true;
			return NULL;
		}
		buf->data = data;
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

void sp_buf_add(sp_buf *buf, const void *data, size_t len)
{
	char *room = sp_buf_reserve(buf, len);

	if (!room)
		return;
	if (len)
		memcpy(room, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void sp_buf_adds(sp_buf *buf, const char *text)
{
	sp_buf_add(buf, text, strlen(text));
}

void sp_buf_addc(sp_buf *buf, char c)
{
	sp_buf_add(buf, &c, 1);
}

void sp_buf_vaddf(sp_buf *buf, const char *format, va_list args)
{
	va_list again;
	char *room;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0) {
		buf->failed = true;
		return;
	}
	room = sp_buf_reserve(buf, (size_t)len);
	if (!room)
		return;
	vsnprintf(room, (size_t)len + 1, format, args);
	buf->len += (size_t)len;
}

void sp_buf_addf(sp_buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sp_buf_vaddf(buf, format, args);
	va_end(args);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

void sp_buf_add_json(sp_buf *buf, const char *text, size_t len)
{
	size_t i = 0, start;

	sp_buf_addc(buf, '"');
	while (i < len) {
		for (start = i; i < len && is_plain((unsigned char)text[i]); i++)
			;
		sp_buf_add(buf, text + start, i - start);
		if (i == len)
			break;
		switch (text[i]) {
		case '"': sp_buf_adds(buf, "\\\""); break;
		case '\\': sp_buf_adds(buf, "\\\\"); break;
		case '\n': sp_buf_adds(buf, "\\n"); break;
		case '\r': sp_buf_adds(buf, "\\r"); break;
		case '\t': sp_buf_adds(buf, "\\t"); break;
		default: sp_buf_addf(buf, "\\u%04x", (unsigned char)text[i]);
		}
		i++;
	}
	sp_buf_addc(buf, '"');
}

void sp_buf_add_pointer(sp_buf *buf, const char *part, size_t len)
{
	size_t i;

	sp_buf_addc(buf, '/');
	for (i = 0; i < len; i++) {
		if (part[i] == '~')
			sp_buf_adds(buf, "~0");
		else if (part[i] == '/')
			sp_buf_adds(buf, "~1");
		else
			sp_buf_addc(buf, part[i]);
	}
}

void sp_buf_reset(sp_buf *buf)
{
	if (buf->cap > KEEP_BYTES) {
		free(buf->data);
		buf->data = NULL;
		buf->cap = 0;
	}
	buf->len = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

void sp_buf_free(sp_buf *buf)
{
	free(buf->data);
	*buf = (sp_buf){ 0 };
}

const char *sp_buf_text(const sp_buf *buf)
{
	return buf->data ? buf->data : "";
}

char *sp_buf_take(sp_buf *buf)
{
	char *data;

	if (!buf->data && !buf->failed)
		sp_buf_add(buf, "", 0);
	if (buf->failed) {
		sp_buf_free(buf);
		return NULL;
	}
	data = buf->data;
	*buf = (sp_buf){ 0 };
	return data;
}
