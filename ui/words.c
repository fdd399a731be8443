#include <config.h>

#include "ui/words.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "core/base/text.h"

void sp_word_number(sp_buf *to, int64_t number)
{
	/* TRANSLATORS: a thousand, as the language groups digits */
	const char *group = _("1,000");
	char digits[32];
	int len = snprintf(digits, sizeof digits, "%lld", (long long)(number < 0 ? -number : number));
	size_t gap = strlen(group) > 4 ? strlen(group) - 4 : 0;

	if (number < 0)
		sp_buf_addc(to, '-');
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			sp_buf_add(to, group + 1, gap);
		sp_buf_addc(to, digits[i]);
	}
}

void sp_word_fill(sp_buf *to, const char *form, const char *text)
{
	const char *place = strstr(form, "%s");

	if (!place)
		return;
	sp_buf_add(to, form, (size_t)(place - form));
	sp_buf_adds(to, text);
	sp_buf_adds(to, place + 2);
}

void sp_word_count(sp_buf *to, const char *form, int64_t number)
{
	sp_buf text = { 0 };

	sp_word_number(&text, number);
	sp_word_fill(to, form, sp_buf_text(&text));
	sp_buf_free(&text);
}

void sp_word_share(sp_buf *to, int64_t part, int64_t whole)
{
	sp_buf a = { 0 }, b = { 0 };

	sp_word_number(&a, part);
	sp_word_number(&b, whole);
	sp_buf_addf(to, _("%s of %s"), sp_buf_text(&a), sp_buf_text(&b));
	sp_buf_free(&a);
	sp_buf_free(&b);
}

void sp_word_duration(sp_buf *to, double seconds)
{
	unsigned long s = seconds > 0 ? (unsigned long)(seconds + 0.5) : 0;

	if (s >= 3600)
		sp_buf_addf(to, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else
		sp_buf_addf(to, "%lu:%02lu", s / 60, s % 60);
}

void sp_word_time(sp_buf *to, const char *time, bool minute)
{
	size_t most = minute ? 16 : 10, len = time ? strlen(time) : 0;

	if (!len)
		sp_buf_adds(to, "–");
	for (size_t i = 0; i < len && i < most; i++)
		sp_buf_addc(to, i == 10 ? ' ' : time[i]);
}

/* HQ's words for a run's status. */
static const struct {
	const char *status, *sign, *word;
	sp_style style;
} statuses[] = {
	{ "COMPLETED", "✓", N_("completed"), SP_STYLE_GOOD },
	{ "COMPLETED_WITH_ERRORS", "~", N_("errors"), SP_STYLE_WARN },
	{ "RUNNING", "●", N_("running"), SP_STYLE_PLAIN },
	{ "PENDING", "·", N_("pending"), SP_STYLE_PLAIN },
	{ "WAITING", "·", N_("waiting"), SP_STYLE_PLAIN },
	{ "FAILED", "✗", N_("failed"), SP_STYLE_BAD },
	{ "SUCCESS", "✓", N_("succeeded"), SP_STYLE_GOOD },
	{ "CANCELLED", "✗", N_("cancelled"), SP_STYLE_DIM },
};

static int status_of(const char *status)
{
	for (size_t i = 0; status && i < sizeof statuses / sizeof *statuses; i++)
		if (strcasecmp(statuses[i].status, status) == 0)
			return (int)i;
	return -1;
}

const char *sp_word_status_sign(const char *status)
{
	int i = status_of(status);

	return i < 0 ? "·" : statuses[i].sign;
}

sp_style sp_word_status_style(const char *status)
{
	int i = status_of(status);

	return i < 0 ? SP_STYLE_PLAIN : statuses[i].style;
}

void sp_word_status(sp_buf *to, const char *status)
{
	int i = status_of(status);

	if (i >= 0) {
		sp_buf_adds(to, _(statuses[i].word));
		return;
	}
	/* one that HQ adds later: in its own letters, but not in capitals */
	for (status = status ? status : "?"; *status; status++)
		sp_buf_addc(to, *status == '_' ? ' ' : (char)tolower((unsigned char)*status));
}

int sp_word_status_width(void)
{
	int widest = 0;

	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		int width = 2 + sp_text_width(_(statuses[i].word));

		widest = width > widest ? width : widest;
	}
	return widest;
}

void sp_word_path(sp_buf *to, const char *path)
{
	const char *home = getenv("HOME");
	size_t len = home ? strlen(home) : 0;

	if (len > 1 && strncmp(path, home, len) == 0 && (!path[len] || path[len] == '/'))
		sp_buf_addf(to, "~%s", path + len);
	else
		sp_buf_adds(to, path);
}

void sp_word_runs(sp_buf *to, const sp_json *runs)
{
	const sp_json *first = sp_json_first(runs);
	int more = -1;

	for (const sp_json *at = first; at; at = sp_json_next(at))
		more++;
	sp_buf_adds(to, first ? sp_json_text(first, "name") : "?");
	if (more > 0)
		sp_buf_addf(to, sp_translate_n(" and %d more", " and %d more", (unsigned long)more), more);
}

const char *sp_word_nothing(const sp_asked *option)
{
	if (strcmp(option->name, "only") == 0)
		return _("all of the package");
	if (strcmp(option->name, "owner-id") == 0)
		return _("the authors, else who acts");
	return option->list ? _("none left out") : _("any");
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
const char *sp_say(sp_buf *to, const char *format, ...)
{
	va_list args;

	sp_buf_reset(to);
	va_start(args, format);
	sp_buf_vaddf(to, format, args);
	va_end(args);
	return sp_buf_text(to);
}
#pragma GCC diagnostic pop
