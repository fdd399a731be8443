/* A growable byte string. */
#ifndef SP_BASE_BUF_H
#define SP_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Start with zeroes, free with sp_buf_free(). `data` is NUL-terminated once
 * anything was added, so that it serves as a C string; it may hold NULs.
 * Lack of memory is remembered: later additions do nothing, and one look at
 * `failed` at the end tells, so that builders need no check a line.
 */
typedef struct {
	char *data;
	size_t len, cap;
	bool failed;
} sp_buf;

/* Append bytes, a C string, a byte, a formatted text. */
void sp_buf_add(sp_buf *buf, const void *data, size_t len);
void sp_buf_adds(sp_buf *buf, const char *text);
void sp_buf_addc(sp_buf *buf, char c);
void sp_buf_addf(sp_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sp_buf_vaddf(sp_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Room for `len` more bytes at the returned place (NULL: no memory); take
 * them with buf->len += n. */
char *sp_buf_reserve(sp_buf *buf, size_t len);

/* Appends `text` as a JSON string literal with its quotes (RFC 8259). Bytes
 * that aren't ASCII stay as they are. */
void sp_buf_add_json(sp_buf *buf, const char *text, size_t len);

/* Appends "/" and a reference token of a JSON Pointer (RFC 6901). */
void sp_buf_add_pointer(sp_buf *buf, const char *part, size_t len);

/* Empties it and keeps its memory, unless that is more than 1 MiB. */
void sp_buf_reset(sp_buf *buf);
void sp_buf_free(sp_buf *buf);

/* The text, never NULL. */
const char *sp_buf_text(const sp_buf *buf);

/* Hands the text over (the caller frees it; NULL where memory was out) and
 * leaves the buffer empty. */
char *sp_buf_take(sp_buf *buf);

#endif
