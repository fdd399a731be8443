/*
 * Errors as data: a code, what happened to what, and what to do about it.
 * Core functions return false (or NULL) and fill an sp_error that the caller
 * owns; only src/ and ui/ show one.
 */
#ifndef SP_BASE_ERROR_H
#define SP_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* The program's exit codes; the one place where they are listed. */
typedef enum {
	SP_OK = 0,
	SP_FAILED = 1,         /* also: a comparison that found a difference */
	SP_USAGE = 2,
	SP_WARNINGS = 3,       /* done, with warnings */
	SP_CONFLICTS = 4,      /* conflicts await a decision */
	SP_BAD_PACKAGE = 5,
	SP_INCOMPATIBLE = 6,
	SP_NOT_ALLOWED = 7,
	SP_NO_CONNECTION = 8,
	SP_TARGET_CHANGED = 9, /* or busy, or undo refused */
	SP_INTERRUPTED = 130
} sp_code;

/*
 * An error. `text` and `hint` are in the user's language, `text_c` and
 * `hint_c` the same untranslated, for JSON and logs. Texts may hold data from
 * a database: show them through sp_safe_text() only. Start with SP_ERROR_INIT
 * or zeroes; free with sp_error_clear().
 */
typedef struct {
	sp_code code;
	char *text, *text_c;
	char *hint, *hint_c; /* NULL where there is nothing to advise */
} sp_error;

#define SP_ERROR_INIT { SP_OK, 0, 0, 0, 0 }

/* Marks a format for translation where it is translated later. */
#define N_(s) s
/* Translates now. */
const char *sp_translate(const char *msgid) __attribute__((format_arg(1)));
#define _(s) sp_translate(s)
/* One of two plural forms, translated. */
const char *sp_translate_n(const char *one, const char *many, unsigned long n)
    __attribute__((format_arg(1), format_arg(2)));

/*
 * Fills *err (the first error wins: one that is already set stays) and
 * returns false. `hint` (may be NULL) and `format` are untranslated literals
 * marked with N_(); the arguments belong to `format`. Never fails itself:
 * where memory is out, the texts stay NULL and sp_error_text() still answers.
 */
bool sp_fail(sp_error *err, sp_code code, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with its arguments in a list; SP_OK notes texts that are no error. */
bool sp_vfail(sp_error *err, sp_code code, const char *hint, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

/* The same for a lack of memory. */
bool sp_fail_memory(sp_error *err);
/* Whether it is that. */
bool sp_error_is_memory(const sp_error *err);

/* The same for a failed system call: appends what errnum means, and advises
 * where the user can help (no space, no permission). EINTR: SP_INTERRUPTED. */
bool sp_fail_errno(sp_error *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Gives it this hint (untranslated, marked N_()) instead of the one that it has. */
void sp_error_advise(sp_error *err, const char *hint);

/* Puts something before the text (where it happened, for example: the same in
 * every language). Where memory is out the text stays as it is. */
void sp_error_before(sp_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text to show; never NULL. */
const char *sp_error_text(const sp_error *err);
const char *sp_error_text_c(const sp_error *err);

/* True once sp_fail() or one of its kind has filled it. */
bool sp_error_is_set(const sp_error *err);
/* Frees the texts; the error is as new. */
void sp_error_clear(sp_error *err);

/* Moves *from into *to (which must be clear or is cleared first). */
void sp_error_move(sp_error *to, sp_error *from);

#endif
