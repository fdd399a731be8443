/* Text from a database or package on its way to a person. */
#ifndef SP_BASE_TEXT_H
#define SP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

/*
 * Appends `text` so that a terminal or log can take it: C0 and C1 controls,
 * DEL, line and paragraph separators, format characters (category Cf, among
 * them all that change direction), non-characters, unassigned tags and bytes
 * that aren't UTF-8 become \xNN, \uNNNN or \UNNNNNNNN; everything else stays.
 * One line stays one line. Where the locale's encoding isn't UTF-8, all that
 * isn't ASCII is escaped: there the bytes of a letter could be controls.
 */
void sp_safe_text(sp_buf *buf, const char *text, size_t len);

/* The same for a JSON text that was printed with such characters in its
 * strings: they become \uNNNN escapes (surrogate pairs past U+FFFF), so that
 * the value stays what it was; bytes that aren't UTF-8 become \ufffd. */
void sp_safe_json(sp_buf *buf, const char *json, size_t len);

/* True where both leave the text as it is in a UTF-8 locale. */
bool sp_text_is_safe(const char *text, size_t len);

/* The bytes (1 to 4) of the first character of `text`, and the character; 0
 * where it isn't well-formed UTF-8 (Unicode 15, table 3-7) or len is 0. */
size_t sp_utf8_next(const char *text, size_t len, uint32_t *character);
bool sp_utf8_valid(const char *text, size_t len);

/* Columns that UTF-8 `text` takes on a terminal (wcwidth), never negative. A
 * character that the locale doesn't know counts as one. */
int sp_text_width(const char *text);

/* Appends the first part of safe `text` that fits into `width` columns, with
 * an ellipsis where something was cut, padded with spaces where `pad`. */
void sp_text_fit(sp_buf *buf, const char *text, int width, bool pad);

/* "1.2 MB" (powers of 1000), in the user's language. */
void sp_text_bytes(sp_buf *buf, unsigned long long bytes);

#endif
