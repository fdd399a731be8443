#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/export/words.h"
#include "ui/front.h"
#include "ui/words.h"

/* Rows of a list that are read out at a time, and seconds between two lines of
 * progress. */
#define ROWS_AT_ONCE   10
#define PROGRESS_EVERY 10

/* What a step ends with. */
typedef enum { NEXT, BACK, QUIT } way;

typedef struct {
	sp_front front;
	sp_wizard *w;
	sp_buf input; /* what was read beyond the line */
	bool ended;   /* no more input */
} plain;

/* --- saying and asking ---------------------------------------------------------- */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* A line, made safe; the format is translated. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
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

static void say_error(const sp_error *err)
{
	say("%s", sp_error_text(err));
	if (err->hint)
		say(_("Do: %s"), err->hint);
}

static void take_signals(plain *p)
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
static char *read_line(plain *p)
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

/* Asks until there is an answer; "" takes the default. "?" explains, "<" goes
 * back, "quit" leaves. */
static way ask(plain *p, const char *question, const char *explained, char **answer)
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
			way to = line && *line == '<' ? BACK : QUIT;

			free(line);
			*answer = NULL;
			return to;
		}
		if (strcmp(line, "?") != 0)
			return NEXT;
		free(line);
		say("%s", explained);
	}
}

/* Waits for an answer; what takes long is named. */
static bool await(plain *p, sp_request_kind asked)
{
	double begun = sp_front_now();
	bool told = false;

	while (sp_is_awaited(p->w, asked) && !p->w->over) {
		/* input waits in the terminal until it is asked for */
		sp_front_wait(&p->front, false, 1);
		take_signals(p);
		sp_front_replies(&p->front);
		if (!told && p->w->answers->instance >= 0 && sp_front_now() - begun > 2) {
			say(_("asking %s …"), sp_instance_title(sp_instance_of(p->w)));
			told = true;
		}
	}
	if (sp_error_is_set(&p->w->failed[asked]))
		say_error(&p->w->failed[asked]);
	return !p->w->over && !sp_error_is_set(&p->w->failed[asked]);
}

/* --- choosing from lists ---------------------------------------------------------- */

/* A number from 1 to `most`; 0: it is none. */
static int number_of(const char *text, int most)
{
	char *end;
	long number = strtol(text, &end, 10);

	return *text && !*end && number >= 1 && number <= most ? (int)number : 0;
}

typedef void add_row(sp_wizard *w, int row, sp_buf *to);

/* Reads out ten of the rows that are shown, from one on. */
static void say_rows(sp_wizard *w, const sp_list *list, int from, add_row *add)
{
	sp_buf text = { 0 };
	int end = from + ROWS_AT_ONCE < list->shown ? from + ROWS_AT_ONCE : list->shown;

	for (int i = from; i < end; i++) {
		sp_buf_reset(&text);
		add(w, list->order[i], &text);
		say("%d %s", i + 1, sp_buf_text(&text));
	}
	if (end < list->shown)
		say(sp_translate_n("There is %d more: Enter reads on; part of a name narrows them.",
		                   "There are %d more: Enter reads on; part of a name narrows them.",
		                   (unsigned long)(list->shown - end)),
		    list->shown - end);
	sp_buf_free(&text);
}

/* Any text that is no number filters. */
static void filter(sp_list *list, const sp_model *model, const char *text)
{
	sp_input_set(&list->filter, text);
	sp_list_refresh(list, model);
	if (list->shown == 0) {
		say(_("Nothing has these words: %s"), text);
		sp_input_set(&list->filter, "");
		sp_list_refresh(list, model);
	}
}

static way step_instance(plain *p)
{
	sp_wizard *w = p->w;
	sp_buf text = { 0 };
	char *answer = NULL;
	way to = NEXT;
	int number = 0;

	if (w->setup->instance_count == 1 || w->setup->start >= 0) {
		sp_choose_instance(w, w->setup->start >= 0 ? w->setup->start : 0);
		return NEXT;
	}
	sp_buf_adds(&text, _("Question 1 of 6. From which instance?"));
	for (int i = 0; i < w->setup->instance_count; i++)
		sp_buf_addf(&text, " %d %s.", i + 1, sp_instance_title(&w->setup->instances[i]));
	say("%s", sp_buf_text(&text));
	sp_buf_free(&text);
	while (to == NEXT && !number) {
		to = ask(p, _("Number [1]"), _("Instances are named in instances.ini. They are only read."),
		         &answer);
		if (to == NEXT)
			number = *answer ? number_of(answer, w->setup->instance_count) : 1;
		free(answer);
	}
	if (to == NEXT)
		sp_choose_instance(w, number - 1);
	return to;
}

static void add_infospace(sp_wizard *w, int row, sp_buf *to)
{
	const sp_json *space = w->infospaces.rows[row];
	int64_t runs = sp_json_int(space, "runs", 0);

	sp_buf_addf(to, "%s, %s, ", sp_json_text(space, "name"), sp_json_text(space, "role"));
	sp_word_count(to, sp_translate_n("%s run", "%s runs", (unsigned long)runs), runs);
}

/* The infospace of this row, where its runs may be exported. */
static bool take_infospace(plain *p, int row)
{
	const sp_json *space = p->w->infospaces.rows[row];
	sp_buf text = { 0 };

	if (!sp_json_bool(space, "may_export", false)) {
		say("%s", _("You may read it, not export: ask for curator or analyst."));
		return false;
	}
	sp_choose_infospace(p->w, row);
	add_infospace(p->w, row, &text);
	say(_("Chosen: %s."), sp_buf_text(&text));
	sp_buf_free(&text);
	return true;
}

static way step_infospace(plain *p)
{
	sp_wizard *w = p->w;
	sp_list *list = &w->lists[SP_SCREEN_INFOSPACES];
	sp_model model;
	char *answer;
	way to = NEXT;
	int from = 0;

	sp_wizard_go(w, SP_SCREEN_INFOSPACES);
	if (!await(p, SP_ASK_INFOSPACES))
		return w->setup->instance_count > 1 && !w->over ? BACK : QUIT;
	sp_wizard_model(w, &model);
	sp_input_set(&list->filter, "");
	sp_list_refresh(list, &model);
	say(_("Question 2 of 6. Infospace? %d to choose from."), list->shown);
	for (bool chosen = false; to == NEXT && !chosen; free(answer)) {
		int number;

		say_rows(w, list, from, add_infospace);
		from = from + ROWS_AT_ONCE < list->shown ? from + ROWS_AT_ONCE : 0;
		to = ask(p, _("Number or part of a name"),
		         _("A number takes the infospace; any other text shows those that have it."),
		         &answer);
		if (to != NEXT || !*answer)
			continue;
		number = number_of(answer, list->shown);
		if (!number)
			filter(list, &model, answer);
		from = 0;
		if (number || (*list->filter.text && list->shown == 1))
			chosen = take_infospace(p, list->order[number ? number - 1 : 0]);
	}
	return to;
}

static void add_run(sp_wizard *w, int row, sp_buf *to)
{
	const sp_json *run = w->runs.rows[row];
	int64_t annotations = sp_json_int(run, "annotations", 0);

	sp_buf_addf(to, "%s: ", sp_json_text(run, "name"));
	sp_word_status(to, sp_json_text(run, "status"));
	sp_buf_adds(to, ", ");
	sp_word_count(to, sp_translate_n("%s annotation", "%s annotations", (unsigned long)annotations),
	              annotations);
	sp_buf_adds(to, ", ");
	sp_word_time(to, sp_json_text(run, "created_at"), false);
}

/* "1,3-5" or "all" picks among those shown; false: the text says no such thing. */
static bool pick_numbers(sp_list *list, const char *text)
{
	bool all = strcmp(text, "all") == 0;

	for (int i = 0; i < list->count; i++)
		list->picked[i] = false;
	for (int i = 0; all && i < list->shown; i++)
		list->picked[list->order[i]] = true;
	while (!all && *text) {
		char *end;
		long from = strtol(text, &end, 10), to = from;

		if (end == text)
			return false;
		if (*end == '-') {
			text = end + 1;
			to = strtol(text, &end, 10);
		}
		if (from < 1 || to < from || to > list->shown || (*end && *end != ',') || end == text)
			return false;
		for (long i = from; i <= to; i++)
			list->picked[list->order[i - 1]] = true;
		text = end + (*end == ',');
	}
	return sp_list_picks(list) > 0;
}

static void say_chosen(const sp_answers *answers)
{
	if (answers->run_count == 1)
		say(_("Chosen: %s."), answers->runs[0].name);
	else
		say(sp_translate_n("Chosen: %d run.", "Chosen: %d runs.",
		                   (unsigned long)answers->run_count),
		    answers->run_count);
}

static way step_runs(plain *p)
{
	sp_wizard *w = p->w;
	sp_list *list = &w->lists[SP_SCREEN_RUNS];
	sp_model model;
	char *answer;
	way to = NEXT;
	int from = 0;

	sp_wizard_go(w, SP_SCREEN_RUNS);
	if (!await(p, SP_ASK_RUNS))
		return w->over ? QUIT : BACK;
	sp_wizard_model(w, &model);
	if (!list->count) {
		say("%s", _("There are no runs in this infospace."));
		return BACK;
	}
	sp_input_set(&list->filter, "");
	sp_list_refresh(list, &model);
	say(_("Question 3 of 6. Runs? %d to choose from."), list->shown);
	for (bool chosen = false; to == NEXT && !chosen; free(answer)) {
		say_rows(w, list, from, add_run);
		from = from + ROWS_AT_ONCE < list->shown ? from + ROWS_AT_ONCE : 0;
		to = ask(
			p, _("Part of a name, numbers like 1,3-5, or all"),
			_("Numbers take runs of those read out last; any other text shows those that have it."),
			&answer);
		if (to != NEXT || !*answer)
			continue;
		chosen = pick_numbers(list, answer);
		if (!chosen)
			filter(list, &model, answer);
		from = 0;
	}
	if (to == NEXT) {
		sp_choose_runs(w);
		say_chosen(w->answers);
	}
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
	return *value ? value : w->answers->options[i].list ? _("none") : _("any");
}

static void say_options(plain *p)
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
	say("%s.", sp_buf_text(&text));
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
static bool take_value(plain *p, int i, const char *text)
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
		say("%s.", _(wrong));
	else
		sp_choose_value(p->w, i, text);
	return !wrong;
}

static way change_option(plain *p, int i)
{
	const sp_asked *option = &p->w->answers->options[i];
	sp_buf question = { 0 };
	bool done = false;
	char *answer;
	way to = NEXT;

	sp_buf_addf(&question, "%s%s%s%s [%s]", _(option->label), option->choices ? " (" : "",
	            option->choices ? option->choices : "", option->choices ? ")" : "",
	            spoken(p->w, i));
	while (to == NEXT && !done) {
		to = ask(p, sp_buf_text(&question), _(option->help), &answer);
		done = to == NEXT && (!*answer || take_value(p, i, answer));
		free(answer);
	}
	sp_buf_free(&question);
	return to == BACK ? NEXT : to;
}

static way step_options(plain *p)
{
	sp_wizard *w = p->w;
	char *answer;
	way to = NEXT;

	sp_wizard_go(w, SP_SCREEN_OPTIONS);
	await(p, SP_ASK_SURVEY);
	say("%s", _("Question 4 of 6. Options as usual?"));
	for (bool kept = false; to == NEXT && !kept; free(answer)) {
		int i;

		say_options(p);
		to = ask(p, _("Enter keeps them, or a name changes one"),
		         _("The name of an option, or how it begins; then its value is asked."), &answer);
		kept = to == NEXT && !*answer;
		if (to != NEXT || kept)
			continue;
		i = option_of(w, answer);
		if (i < 0)
			say(_("No option is called %s."), answer);
		else
			to = change_option(p, i);
	}
	return to;
}

/* --- where to, and writing ------------------------------------------------------ */

/* A path for one package, a folder for several. */
static void take_path(plain *p, char *path)
{
	sp_answers *answers = p->w->answers;
	char *slash = strrchr(path, '/');

	if (answers->run_count > 1 || (slash && !slash[1])) {
		sp_choose_folder(p->w, path);
		return;
	}
	if (!sp_answer_set(&answers->runs[0].file, slash ? slash + 1 : path))
		say("%s", _("out of memory"));
	if (slash) {
		slash[slash == path] = '\0';
		sp_choose_folder(p->w, path);
	}
}

static way step_path(plain *p)
{
	const sp_answers *answers = p->w->answers;
	sp_buf question = { 0 };
	char *answer;
	way to;

	sp_buf_addf(&question, _("Question 5 of 6. Write where? [%s%s%s]"), answers->folder, "/",
	            answers->run_count > 1 ? "" : answers->runs[0].file);
	to = ask(p, sp_buf_text(&question),
	         _("A path; of several packages the folder. One that isn't there is made."), &answer);
	if (to == NEXT && *answer)
		take_path(p, answer);
	if (to == NEXT)
		free(answer);
	sp_buf_free(&question);
	return to;
}

static void say_plan(plain *p, const sp_json *plan)
{
	const sp_json *out = sp_json_get(plan, "stays_out");
	sp_buf text = { 0 };

	for (const sp_json *at = sp_json_first(out); at; at = sp_json_next(at)) {
		const char *title = sp_word_title(sp_json_key(at));

		sp_buf_addf(&text, "%s%s", text.len ? ", " : "", title ? _(title) : sp_json_key(at));
	}
	say(_("Left out: %s."), sp_buf_text(&text));
	for (plan = sp_json_first(sp_json_get(p->w->plan, "plans")); plan; plan = sp_json_next(plan))
		for (const sp_json *at = sp_json_first(sp_json_get(plan, "warnings")); at;
		     at = sp_json_next(at)) {
			sp_buf_reset(&text);
			sp_word_warning(&text, at);
			say(_("Warning: %s."), sp_buf_text(&text));
		}
	sp_buf_free(&text);
}

static void say_whole(plain *p)
{
	sp_wizard *w = p->w;
	sp_buf size = { 0 };
	int64_t sum = 0;

	for (const sp_json *at = sp_json_first(sp_json_get(w->plan, "plans")); at;
	     at = sp_json_next(at))
		sum += sp_json_int(at, "estimated_size", 0);
	sp_text_bytes(&size, (unsigned long long)sum);
	say(sp_translate_n("Question 6 of 6. Write %d package, about %s, to %s?",
	                   "Question 6 of 6. Write %d packages, about %s, to %s?",
	                   (unsigned long)w->answers->run_count),
	    w->answers->run_count, sp_buf_text(&size), w->answers->folder);
	say_plan(p, sp_json_first(sp_json_get(w->plan, "plans")));
	for (const sp_json *at = sp_json_first(sp_json_get(w->targets, "targets")); at;
	     at = sp_json_next(at))
		if (sp_json_bool(at, "exists", false)) {
			say(_("%s exists already: it would be replaced."), sp_json_text(at, "path"));
			w->answers->force = true;
		}
	sp_buf_free(&size);
}

static void say_progress(plain *p, int *phases, double *told)
{
	const sp_running *r = &p->w->running;
	double now = sp_front_now();
	sp_buf bytes = { 0 };

	if (r->phase_count < *phases)
		*phases = 0;
	for (; *phases < r->phase_count; ++*phases, *told = now)
		say(_("Phase: %s."), _(r->phases[*phases].name));
	if (now - *told >= PROGRESS_EVERY) {
		*told = now;
		sp_text_bytes(&bytes, r->at.bytes);
		say(_("Still at it: %s."), sp_buf_text(&bytes));
	}
	sp_buf_free(&bytes);
}

static way write_all(plain *p)
{
	double told = sp_front_now();
	int phases = 0;

	sp_wizard_go(p->w, SP_SCREEN_PROGRESS);
	while (sp_is_awaited(p->w, SP_ASK_EXPORT) && !p->w->over) {
		sp_front_wait(&p->front, false, 1);
		take_signals(p);
		sp_front_replies(&p->front);
		say_progress(p, &phases, &told);
	}
	if (sp_error_is_set(&p->w->failed[SP_ASK_EXPORT])) {
		say_error(&p->w->failed[SP_ASK_EXPORT]);
		return p->w->code == SP_INTERRUPTED || p->w->over ? QUIT : BACK;
	}
	return NEXT;
}

static way step_write(plain *p)
{
	sp_wizard *w = p->w;
	bool planned;
	char *answer;
	way to = NEXT;

	sp_wizard_go(w, SP_SCREEN_PREVIEW);
	planned = await(p, SP_ASK_PLAN);
	if (!await(p, SP_ASK_TARGETS) || !planned)
		return w->over ? QUIT : BACK;
	say_whole(p);
	for (bool said = false; to == NEXT && !said; free(answer)) {
		to = ask(p, _("Type write to write it, or <"),
		         _("Nothing is written before this. Ctrl-C stops it cleanly while it writes."),
		         &answer);
		said = to == NEXT && (strcmp(answer, "write") == 0 || strcmp(answer, _("write")) == 0);
	}
	return to == NEXT ? write_all(p) : to;
}

static way (*const steps[])(plain *p) = { step_instance, step_infospace, step_runs,
	                                      step_options,  step_path,      step_write };

#define STEPS ((int)(sizeof steps / sizeof *steps))

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
static way choose_draft(plain *p, int *step)
{
	sp_wizard *w = p->w;
	sp_buf text = { 0 };
	char *answer;
	way to;
	int number;

	sp_ask_drafts(w);
	if (!await(p, SP_ASK_DRAFTS) || !w->draft.list.count)
		return w->over ? QUIT : NEXT;
	say("%s", _("Not finished:"));
	for (int i = 0; i < w->draft.list.count && i < ROWS_AT_ONCE; i++) {
		sp_buf_reset(&text);
		add_draft(w, i, &text);
		say("%d %s", i + 1, sp_buf_text(&text));
	}
	sp_buf_free(&text);
	to =
		ask(p, _("Number to go on with one, or Enter to begin anew"),
	        _("An export that was left is kept for 30 days, with all that was answered."), &answer);
	number = to == NEXT ? number_of(answer, w->draft.list.count) : 0;
	if (number && sp_choose_draft(w, number - 1))
		*step = step_of(w->screen);
	else if (number && w->hint)
		say("%s", w->hint);
	free(answer);
	return to == BACK ? NEXT : to;
}

static void go_through(plain *p)
{
	int step = 0, first = p->w->setup->instance_count == 1 || p->w->setup->start >= 0;

	say("%s",
	    _("spaceport, line by line. At every question: ? explains, < goes back, quit leaves."));
	if (p->w->setup->drafts && p->w->setup->start < 0 && choose_draft(p, &step) == QUIT)
		step = STEPS + 1;
	while (step < STEPS && !p->w->over) {
		way to = steps[step](p);

		if (to == QUIT)
			break;
		step += to == NEXT ? 1 : -1;
		step = step < first ? first : step;
	}
	if (step == STEPS)
		say("%s", p->w->code == SP_WARNINGS ? _("Done, with warnings.") : _("Done."));
	else if (p->ended && !p->w->over)
		p->w->code = SP_INTERRUPTED;
}

sp_code sp_ui_run_plain(const sp_ui_setup *setup, sp_error *err)
{
	plain p = { 0 };
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
