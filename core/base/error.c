#include <config.h>

#include "core/base/error.h"

#include <errno.h>
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"

#define MEMORY_HINT N_("Close other programs or use a machine with more memory.")

const char *sp_translate(const char *msgid)
{
	/* gettext("") would answer with the catalogue's header */
	return *msgid ? gettext(msgid) : msgid;
}

const char *sp_translate_n(const char *one, const char *many, unsigned long n)
{
	return ngettext(one, many, n);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static char *format_text(const char *format, va_list args)
{
	sp_buf text = { 0 };
	va_list copy;

	va_copy(copy, args);
	sp_buf_vaddf(&text, format, copy);
	va_end(copy);
	return sp_buf_take(&text);
}
#pragma GCC diagnostic pop

static const char *errno_hint(int errnum)
{
	switch (errnum) {
	case ENOSPC:
	case EDQUOT: return N_("Make room there, or choose another place.");
	case EACCES:
	case EPERM:
	case EROFS: return N_("Check the permissions, or choose another place.");
	case ENOMEM: return MEMORY_HINT;
	case EMFILE:
	case ENFILE:
		return N_("Close other programs, or raise the limit of open files (ulimit -n).");
	default: return NULL;
	}
}

static void set_hint(sp_error *err, const char *hint)
{
	if (hint) {
		err->hint = strdup(_(hint));
		err->hint_c = strdup(hint);
	}
}

bool sp_vfail(sp_error *err, sp_code code, const char *hint, const char *format, va_list args)
{
	if (sp_error_is_set(err))
		return false;
	err->code = code;
	err->text = format_text(_(format), args);
	err->text_c = format_text(format, args);
	set_hint(err, hint);
	return false;
}

bool sp_fail(sp_error *err, sp_code code, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sp_vfail(err, code, hint, format, args);
	va_end(args);
	return false;
}

#define NO_MEMORY N_("out of memory")

bool sp_fail_memory(sp_error *err)
{
	return sp_fail(err, SP_FAILED,
	               N_("Close other programs or use a machine with more memory."), NO_MEMORY);
}

bool sp_error_is_memory(const sp_error *err)
{
	return sp_error_is_set(err) && strcmp(sp_error_text_c(err), NO_MEMORY) == 0;
}

bool sp_fail_errno(sp_error *err, int errnum, const char *format, ...)
{
	const char *meaning = strerrordesc_np(errnum);
	char *what, *what_c;
	va_list args;

	va_start(args, format);
	what = format_text(_(format), args);
	what_c = format_text(format, args);
	va_end(args);
	if (!sp_error_is_set(err) && what && what_c) {
		err->code = errnum == EINTR ? SP_INTERRUPTED : SP_FAILED;
		if (asprintf(&err->text, "%s: %s", what, strerror(errnum)) < 0)
			err->text = NULL;
		if (asprintf(&err->text_c, "%s: %s", what_c, meaning ? meaning : "unknown error") <
		    0)
			err->text_c = NULL;
		set_hint(err, errno_hint(errnum));
	} else if (!sp_error_is_set(err)) {
		sp_fail_memory(err);
	}
	free(what);
	free(what_c);
	return false;
}

void sp_error_advise(sp_error *err, const char *hint)
{
	free(err->hint);
	free(err->hint_c);
	err->hint = err->hint_c = NULL;
	set_hint(err, hint);
}

static void put_before(char **text, const char *what)
{
	char *longer = NULL;

	if (*text && asprintf(&longer, "%s%s", what, *text) >= 0) {
		free(*text);
		*text = longer;
	}
}

void sp_error_before(sp_error *err, const char *format, ...)
{
	char *what;
	va_list args;

	va_start(args, format);
	what = format_text(format, args);
	va_end(args);
	if (!what)
		return;
	put_before(&err->text, what);
	put_before(&err->text_c, what);
	free(what);
}

const char *sp_error_text(const sp_error *err)
{
	return err->text ? err->text : _("out of memory");
}

const char *sp_error_text_c(const sp_error *err)
{
	return err->text_c ? err->text_c : "out of memory";
}

bool sp_error_is_set(const sp_error *err)
{
	return err->code != SP_OK;
}

void sp_error_clear(sp_error *err)
{
	free(err->text);
	free(err->text_c);
	free(err->hint);
	free(err->hint_c);
	*err = (sp_error)SP_ERROR_INIT;
}

void sp_error_move(sp_error *to, sp_error *from)
{
	sp_error_clear(to);
	*to = *from;
	*from = (sp_error)SP_ERROR_INIT;
}
