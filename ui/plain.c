#include <config.h>

#include "ui/plain.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/draft.h"
#include "ui/running.h"
#include "ui/words.h"

/* Seconds between two lines of progress. */
#define PROGRESS_EVERY 10

/* --- saying and asking ---------------------------------------------------------- */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* A line, made safe; the format is translated. */
__attribute__((format(printf, 1, 2))) void sp_plain_say(const char *format, ...)
{
	sp_buf text = { 0 }, safe = { 0 };
	va_list args;

	va_start(args, format);
	sp_buf_vaddf(&text, format, args);
	va_end(args);
	sp_safe_text(&safe, sp_buf_text(&text), text.len);
	puts(!text.failed && !safe.failed ? sp_buf_text(&safe) : _("out of memory"));
	fflush(stdout);
	sp_buf_free(&text);
	sp_buf_free(&safe);
}
#pragma GCC diagnostic pop

void sp_plain_error(const sp_error *err)
{
	sp_plain_say("%s", sp_error_text(err));
	if (err->hint)
		sp_plain_say(_("Do: %s"), err->hint);
}

static void take_signals(sp_plain *p)
{
	int signal;

	while ((signal = sp_front_signal(&p->front)) != 0) {
		if (signal == SIGINT)
			sp_wizard_interrupt(p->w, sp_front_now());
		else if (signal == SIGTERM || signal == SIGHUP)
			sp_wizard_end(p->w);
		else if (signal == SIGTSTP)
			kill(getpid(), SIGSTOP);
	}
}

/* A line of input without its end; NULL: the wizard is over. */
static char *read_line(sp_plain *p)
{
	char part[512];
	char *line;

	while (!p->w->over) {
		char *end = p->input.len ? memchr(p->input.data, '\n', p->input.len) : NULL;
		ssize_t got;

		if (end || (p->ended && p->input.len)) {
			size_t len = end ? (size_t)(end - p->input.data) : p->input.len, rest = len + !!end;

			line = strndup(p->input.data, len);
			memmove(p->input.data, p->input.data + rest, p->input.len - rest);
			p->input.len -= rest;
			return line;
		}
		if (p->ended)
			break;
		if (sp_front_wait(&p->front, true, -1)) {
			got = read(STDIN_FILENO, part, sizeof part);
			p->ended = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
			if (got > 0)
				sp_buf_add(&p->input, part, (size_t)got);
		}
		take_signals(p);
		sp_front_replies(&p->front);
	}
	return NULL;
}

sp_plain_way sp_plain_ask(sp_plain *p, const char *question, const char *explained, char **answer)
{
	for (;;) {
		sp_buf safe = { 0 };
		char *line;

		sp_safe_text(&safe, question, strlen(question));
		printf("%s: ", sp_buf_text(&safe));
		fflush(stdout);
		sp_buf_free(&safe);
		line = read_line(p);
		*answer = line;
		if (!line || strcmp(line, "quit") == 0 || strcmp(line, "<") == 0) {
			sp_plain_way to = line && *line == '<' ? SP_PLAIN_BACK : SP_PLAIN_QUIT;

			free(line);
			*answer = NULL;
			return to;
		}
		if (strcmp(line, "?") != 0)
			return SP_PLAIN_NEXT;
		free(line);
		sp_plain_say("%s", explained);
	}
}

bool sp_plain_await(sp_plain *p, sp_request_kind asked)
{
	double begun = sp_front_now();
	bool told = false;

	while (sp_is_awaited(p->w, asked) && !p->w->over) {
		/* input waits in the terminal until it is asked for */
		sp_front_wait(&p->front, false, 1);
		take_signals(p);
		sp_front_replies(&p->front);
		if (!told && p->w->answers->instance >= 0 && sp_front_now() - begun > 2) {
			sp_plain_say(_("asking %s …"), sp_instance_title(sp_instance_of(p->w)));
			told = true;
		}
	}
	if (sp_error_is_set(&p->w->failed[asked]))
		sp_plain_error(&p->w->failed[asked]);
	return !p->w->over && !sp_error_is_set(&p->w->failed[asked]);
}

static void say_progress(sp_plain *p, int *phases, double *told)
{
	const sp_running *r = &p->w->running;
	double now = sp_front_now();
	sp_buf bytes = { 0 };

	if (r->phase_count < *phases)
		*phases = 0;
	for (; *phases < r->phase_count; ++*phases, *told = now)
		sp_plain_say(_("Phase: %s."), _(r->phases[*phases].name));
	if (now - *told >= PROGRESS_EVERY) {
		*told = now;
		sp_text_bytes(&bytes, r->at.bytes);
		sp_plain_say(_("Still at it: %s."), sp_buf_text(&bytes));
	}
	sp_buf_free(&bytes);
}

bool sp_plain_await_job(sp_plain *p)
{
	sp_request_kind asked = p->w->running.ask;
	double told = sp_front_now();
	int phases = 0;

	while (sp_is_awaited(p->w, asked) && !p->w->over) {
		sp_front_wait(&p->front, false, 1);
		take_signals(p);
		sp_front_replies(&p->front);
		say_progress(p, &phases, &told);
	}
	if (!sp_error_is_set(&p->w->failed[asked]))
		return !p->w->over;
	sp_plain_error(&p->w->failed[asked]);
	return false;
}

/* --- choosing from lists ---------------------------------------------------------- */

int sp_plain_number(const char *text, int most)
{
	char *end;
	long number = strtol(text, &end, 10);

	return *text && !*end && number >= 1 && number <= most ? (int)number : 0;
}

void sp_plain_rows(sp_wizard *w, const sp_list *list, int from, sp_plain_row *add)
{
	sp_buf text = { 0 };
	int end = from + SP_PLAIN_ROWS < list->shown ? from + SP_PLAIN_ROWS : list->shown;

	for (int i = from; i < end; i++) {
		sp_buf_reset(&text);
		add(w, list->order[i], &text);
		sp_plain_say("%d %s", i + 1, sp_buf_text(&text));
	}
	if (end < list->shown)
		sp_plain_say(
			sp_translate_n("There is %d more: Enter reads on; part of a name narrows them.",
		                   "There are %d more: Enter reads on; part of a name narrows them.",
		                   (unsigned long)(list->shown - end)),
			list->shown - end);
	sp_buf_free(&text);
}

void sp_plain_filter(sp_list *list, const sp_model *model, const char *text)
{
	sp_input_set(&list->filter, text);
	sp_list_refresh(list, model);
	if (list->shown == 0) {
		sp_plain_say(_("Nothing has these words: %s"), text);
		sp_input_set(&list->filter, "");
		sp_list_refresh(list, model);
	}
}

sp_plain_way sp_plain_instance(sp_plain *p)
{
	sp_wizard *w = p->w;
	sp_buf text = { 0 };
	char *answer = NULL;
	sp_plain_way to = SP_PLAIN_NEXT;
	int number = 0;

	if (w->setup->instance_count == 1 || w->setup->start >= 0) {
		sp_choose_instance(w, w->setup->start >= 0 ? w->setup->start : 0);
		return SP_PLAIN_NEXT;
	}
	sp_buf_adds(&text, _(sp_ways[w->way].asks_instance));
	for (int i = 0; i < w->setup->instance_count; i++)
		sp_buf_addf(&text, " %d %s.", i + 1, sp_instance_title(&w->setup->instances[i]));
	sp_plain_say("%s", sp_buf_text(&text));
	sp_buf_free(&text);
	while (to == SP_PLAIN_NEXT && !number) {
		to = sp_plain_ask(p, _("Number [1]"), _(sp_ways[w->way].about_instances),
		         &answer);
		if (to == SP_PLAIN_NEXT)
			number = *answer ? sp_plain_number(answer, w->setup->instance_count) : 1;
		free(answer);
	}
	if (to == SP_PLAIN_NEXT)
		sp_choose_instance(w, number - 1);
	return to;
}

/* --- options -------------------------------------------------------------------- */

static const char *spoken(const sp_wizard *w, int i)
{
	const char *value = w->answers->values[i];

	if (strcmp(value, "yes") == 0)
		return _("yes");
	if (strcmp(value, "no") == 0)
		return _("no");
	if (*value)
		return value;
	return w->answers->options[i].list ? _("none") : sp_word_nothing(&w->answers->options[i]);
}

static void say_options(sp_plain *p)
{
	sp_wizard *w = p->w;
	int64_t size = sp_estimate(w);
	sp_buf text = { 0 };

	for (int i = 0; i < w->answers->option_count; i++)
		sp_buf_addf(&text, "%s%s %s", i ? ", " : "", _(w->answers->options[i].label), spoken(w, i));
	if (size >= 0) {
		sp_buf_adds(&text, _(". About "));
		sp_text_bytes(&text, (unsigned long long)size);
	}
	sp_plain_say("%s.", sp_buf_text(&text));
	sp_buf_free(&text);
}

/* The option that is called so, by label or name, or begins so; -1: none. */
static int option_of(const sp_wizard *w, const char *text)
{
	size_t len = strlen(text);

	for (int i = 0; i < w->answers->option_count; i++)
		if (strncasecmp(_(w->answers->options[i].label), text, len) == 0 ||
		    strncasecmp(w->answers->options[i].name, text, len) == 0)
			return i;
	return -1;
}

/* True where the text may be the option's value; it is told why not. */
static bool take_value(sp_plain *p, int i, const char *text)
{
	const sp_asked *option = &p->w->answers->options[i];
	const char *wrong = sp_answer_check(option, text);
	bool is_switch = option->flag || option->negates;

	if (is_switch && strcmp(text, _("yes")) == 0)
		text = "yes";
	else if (is_switch && strcmp(text, _("no")) == 0)
		text = "no";
	if (is_switch && strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		wrong = N_("yes or no is needed here");
	for (const char *at = option->choices; at && !wrong;) {
		size_t len = strcspn(at, "|");

		if (strlen(text) == len && memcmp(at, text, len) == 0)
			break;
		at += len + (at[len] == '|');
		wrong = *at ? NULL : N_("one of the choices is needed here");
	}
	if (wrong)
		sp_plain_say("%s.", _(wrong));
	else
		sp_choose_value(p->w, i, text);
	return !wrong;
}

static sp_plain_way change_option(sp_plain *p, int i)
{
	const sp_asked *option = &p->w->answers->options[i];
	sp_buf question = { 0 };
	bool done = false;
	char *answer;
	sp_plain_way to = SP_PLAIN_NEXT;

	sp_buf_addf(&question, "%s%s%s%s [%s]", _(option->label), option->choices ? " (" : "",
	            option->choices ? option->choices : "", option->choices ? ")" : "",
	            spoken(p->w, i));
	while (to == SP_PLAIN_NEXT && !done) {
		to = sp_plain_ask(p, sp_buf_text(&question), _(option->help), &answer);
		done = to == SP_PLAIN_NEXT && (!*answer || take_value(p, i, answer));
		free(answer);
	}
	sp_buf_free(&question);
	return to == SP_PLAIN_BACK ? SP_PLAIN_NEXT : to;
}

sp_plain_way sp_plain_options(sp_plain *p, const char *question)
{
	sp_wizard *w = p->w;
	char *answer;
	sp_plain_way to = SP_PLAIN_NEXT;

	sp_plain_say("%s", question);
	for (bool kept = false; to == SP_PLAIN_NEXT && !kept; free(answer)) {
		int i;

		say_options(p);
		to = sp_plain_ask(p, _("Enter keeps them, or a name changes one"),
		         _("The name of an option, or how it begins; then its value is asked."), &answer);
		kept = to == SP_PLAIN_NEXT && !*answer;
		if (to != SP_PLAIN_NEXT || kept)
			continue;
		i = option_of(w, answer);
		if (i < 0)
			sp_plain_say(_("No option is called %s."), answer);
		else
			to = change_option(p, i);
	}
	return to;
}

/* --- what isn't finished ------------------------------------------------------------ */

static void add_draft(sp_wizard *w, int row, sp_buf *to)
{
	const sp_json *entry = w->draft.list.rows[row], *draft = sp_json_get(entry, "draft");

	if (!draft) {
		sp_buf_addf(to, "%s: %s", sp_json_text(entry, "file"), sp_json_text(entry, "error"));
		return;
	}
	sp_word_runs(to, sp_json_get(draft, "runs"));
	sp_buf_addf(to, ", %s, %s, ", sp_json_text(sp_json_get(draft, "infospace"), "name"),
	            sp_json_text(draft, "instance"));
	sp_word_time(to, sp_json_text(entry, "saved"), true);
}

/* Where to go on: at the step of a draft, or (0) at the first. */
static int step_of(sp_screen_id screen)
{
	return screen == SP_SCREEN_RUNS ? 2 : screen == SP_SCREEN_OPTIONS ? 3 : 5;
}

/* Goes on with a draft, where there are some and one is chosen. */
static sp_plain_way choose_draft(sp_plain *p, int *step)
{
	sp_wizard *w = p->w;
	sp_buf text = { 0 };
	char *answer;
	sp_plain_way to;
	int number;

	sp_ask_drafts(w);
	if (!sp_plain_await(p, SP_ASK_DRAFTS) || !w->draft.list.count)
		return w->over ? SP_PLAIN_QUIT : SP_PLAIN_NEXT;
	sp_plain_say("%s", _("Not finished:"));
	for (int i = 0; i < w->draft.list.count && i < SP_PLAIN_ROWS; i++) {
		sp_buf_reset(&text);
		add_draft(w, i, &text);
		sp_plain_say("%d %s", i + 1, sp_buf_text(&text));
	}
	sp_buf_free(&text);
	to =
		sp_plain_ask(p, _("Number to go on with one, or Enter to begin anew"),
	        _("An export that was left is kept for 30 days, with all that was answered."), &answer);
	number = to == SP_PLAIN_NEXT ? sp_plain_number(answer, w->draft.list.count) : 0;
	if (number && sp_choose_draft(w, number - 1))
		*step = step_of(w->screen);
	else if (number && w->hint)
		sp_plain_say("%s", w->hint);
	free(answer);
	return to == SP_PLAIN_BACK ? SP_PLAIN_NEXT : to;
}

/* Which way; where there is no more input, none. */
static sp_plain_way choose_way(sp_plain *p)
{
	sp_plain_way to = SP_PLAIN_NEXT;
	int number = 0;
	char *answer;

	sp_plain_say("%s", _("What to do? 1 export runs, 2 import a package."));
	while (to == SP_PLAIN_NEXT && !number) {
		to = sp_plain_ask(p, _("Number [1]"),
		                  _("An export reads an instance; an import shows first what it would do."),
		                  &answer);
		if (to == SP_PLAIN_NEXT)
			number = *answer ? sp_plain_number(answer, SP_WAYS) : 1;
		free(answer);
	}
	if (to == SP_PLAIN_NEXT)
		sp_wizard_set_way(p->w, number == 2 ? SP_WAY_IMPORT : SP_WAY_EXPORT);
	return to == SP_PLAIN_NEXT ? to : SP_PLAIN_QUIT;
}

/* From a step to the end, or back before the first: its number then is negative. */
static int go_on(sp_plain *p, int step)
{
	bool is_export = p->w->way == SP_WAY_EXPORT;
	bool given = p->w->setup->instance_count == 1 || p->w->setup->start >= 0;
	int by = 1;

	while (step >= 0 && step < SP_PLAIN_STEPS && !p->w->over) {
		sp_plain_way to = (is_export ? sp_plain_export : sp_plain_import)[step](p);

		if (to == SP_PLAIN_QUIT)
			return SP_PLAIN_STEPS + 1;
		/* what is given isn't asked on the way back, either */
		by = to == SP_PLAIN_NEXT ? 1 : -1;
		step += by;
		if (by < 0 && given && step >= 0 && sp_ways[p->w->way].steps[step] == SP_SCREEN_INSTANCES)
			step--;
	}
	return p->w->over ? SP_PLAIN_STEPS + 1 : step;
}

static void go_through(sp_plain *p)
{
	int step = 0;

	sp_plain_say(
		"%s",
		_("spaceport, line by line. At every question: ? explains, < goes back, quit leaves."));
	if (p->w->setup->drafts && p->w->setup->start < 0 && choose_draft(p, &step) == SP_PLAIN_QUIT)
		step = SP_PLAIN_STEPS + 1;
	/* a draft goes on where it stood */
	for (bool chosen = step > 0; step < SP_PLAIN_STEPS && !p->w->over; chosen = false) {
		if (!chosen && choose_way(p) == SP_PLAIN_QUIT)
			break;
		step = go_on(p, step < 0 ? 0 : step);
	}
	if (step == SP_PLAIN_STEPS)
		sp_plain_say("%s", p->w->code == SP_WARNINGS ? _("Done, with warnings.") : _("Done."));
	else if (p->ended && !p->w->over)
		p->w->code = SP_INTERRUPTED;
}

sp_code sp_ui_run_plain(const sp_ui_setup *setup, sp_error *err)
{
	sp_plain p = { 0 };
	sp_code code = SP_FAILED;

	if (sp_front_open(&p.front, setup, err)) {
		p.w = p.front.wizard;
		p.w->now = sp_front_now();
		go_through(&p);
		sp_front_receipt(&p.front);
		code = p.w->code;
	}
	sp_front_close(&p.front);
	sp_buf_free(&p.input);
	return sp_error_is_set(err) ? err->code : code;
}
