/* How numbers, times and words of an instance are shown. Each appends. */
#ifndef SP_UI_WORDS_H
#define SP_UI_WORDS_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/json.h"
#include "ui/theme.h"
#include "ui/ui.h"

/* "12,304", grouped as the language has it. */
void sp_word_number(sp_buf *to, int64_t number);
/* "12,304 runs": a number and its noun, from forms of sp_translate_n() that hold
 * one %s. */
void sp_word_count(sp_buf *to, const char *form, int64_t number)
	__attribute__((format(printf, 2, 0)));
/* A form that holds one %s, with the text in its place. */
void sp_word_fill(sp_buf *to, const char *form, const char *text);
/* "80 of 2,000". */
void sp_word_share(sp_buf *to, int64_t part, int64_t whole);
/* "0:25", "1:02:03". */
void sp_word_duration(sp_buf *to, double seconds);
/* The day of a time as the database has it, to the minute where `minute`. */
void sp_word_time(sp_buf *to, const char *time, bool minute);
/* A run's status: its sign (with a blank behind it), its word, its colour. */
const char *sp_word_status_sign(const char *status);
void sp_word_status(sp_buf *to, const char *status);
sp_style sp_word_status_style(const char *status);
/* Columns that the sign and the longest word take. */
int sp_word_status_width(void);
/* A folder below the home directory begins with "~". */
void sp_word_path(sp_buf *to, const char *path);

/* "Positionen 2025 and 2 more": of an array of runs with names. */
void sp_word_runs(sp_buf *to, const sp_json *runs);

/* What an option without a value means. */
const char *sp_word_nothing(const sp_asked *option);

/* Formats into a buffer that is emptied first; for texts of a moment. */
const char *sp_say(sp_buf *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
