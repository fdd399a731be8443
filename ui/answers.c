#include <config.h>

#include "ui/answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/export/target.h"

bool sp_answer_set(char **to, const char *text)
{
	char *copy = strdup(text ? text : "");

	if (!copy)
		return false;
	free(*to);
	*to = copy;
	return true;
}

bool sp_answers_init(sp_answers *answers, const sp_ui_setup *setup, sp_way way, sp_error *err)
{
	char *here = getcwd(NULL, 0);

	*answers = (sp_answers){ .way = way,
		                     .instance = -1,
		                     .check = true,
		                     .options = setup->options[way].all,
		                     .option_count = setup->options[way].count };
	answers->values = calloc((size_t)answers->option_count + 1, sizeof *answers->values);
	if (!answers->values || !sp_answer_set(&answers->folder, here ? here : ".")) {
		free(here);
		return sp_fail_memory(err);
	}
	free(here);
	for (int i = 0; i < answers->option_count; i++)
		if (!sp_answer_set(&answers->values[i], answers->options[i].otherwise))
			return sp_fail_memory(err);
	return true;
}

void sp_answers_drop_runs(sp_answers *answers)
{
	for (int i = 0; i < answers->run_count; i++) {
		free(answers->runs[i].uuid);
		free(answers->runs[i].name);
		free(answers->runs[i].file);
	}
	free(answers->runs);
	answers->runs = NULL;
	answers->run_count = 0;
}

void sp_answers_drop_plan(sp_answers *answers)
{
	free(answers->plan);
	answers->plan = NULL;
	answers->decided = false;
}

void sp_answers_clear(sp_answers *answers)
{
	sp_answers_drop_runs(answers);
	sp_answers_drop_plan(answers);
	free(answers->package);
	free(answers->new_name);
	for (int i = 0; answers->values && i < answers->option_count; i++)
		free(answers->values[i]);
	free(answers->values);
	free(answers->infospace);
	free(answers->infospace_name);
	free(answers->folder);
	*answers = (sp_answers){ .instance = -1 };
}

bool sp_answers_add_run(sp_answers *answers, const sp_json *run)
{
	size_t count = (size_t)answers->run_count;
	sp_answer_run *runs = reallocarray(answers->runs, count + 1, sizeof *runs);
	const char *name = sp_json_text(run, "name");
	sp_buf file = { 0 };
	sp_answer_run *to;

	if (!runs)
		return false;
	answers->runs = runs;
	to = &runs[count];
	*to = (sp_answer_run){ .id = sp_json_int(run, "id", 0),
		                   .annotations = sp_json_int(run, "annotations", 0),
		                   .assets = sp_json_int(run, "assets", 0) };
	sp_target_name(&file, name ? name : "", to->id);
	to->file = sp_buf_take(&file);
	if (to->file && sp_answer_set(&to->uuid, sp_json_text(run, "uuid")) &&
	    sp_answer_set(&to->name, name)) {
		answers->run_count++;
		return true;
	}
	free(to->uuid);
	free(to->name);
	free(to->file);
	return false;
}

bool sp_answer_is_default(const sp_answers *answers, int i)
{
	const char *otherwise = answers->options[i].otherwise;

	return strcmp(answers->values[i], otherwise ? otherwise : "") == 0;
}

const char *sp_answer_check(const sp_asked *option, const char *value)
{
	char *end;
	long number;

	if (!option->number)
		return NULL;
	errno = 0;
	number = strtol(value, &end, 10);
	if (!*value || *end || errno || value[strspn(value, "0123456789")])
		return N_("a whole number is needed here");
	if (number < option->min || number > option->max)
		return N_("this number is too small or too large");
	return NULL;
}

/* The next item of a text with items between commas, which a backslash makes
 * plain; *at moves on. NULL at the end; the caller frees it. */
static char *next_item(const char **at)
{
	const char *from = *at + strspn(*at, " ,");
	sp_buf item = { 0 };

	if (!*from)
		return NULL;
	for (; *from && *from != ','; from++) {
		if (*from == '\\' && (from[1] == ',' || from[1] == '\\'))
			from++;
		sp_buf_addc(&item, *from);
	}
	*at = from;
	while (item.len && item.data[item.len - 1] == ' ')
		item.data[--item.len] = '\0';
	return sp_buf_take(&item);
}

static bool fill_option(const sp_asked *option, const char *value, sp_request *request,
                        sp_error *err)
{
	char *item;
	bool ok = true;

	if (!option->list)
		return !*value || sp_request_option(request, option->name, value, err);
	while (ok && (item = next_item(&value))) {
		ok = sp_request_option(request, option->name, item, err);
		free(item);
	}
	return ok;
}

/* A text that may be missing. */
static bool fill_text(char **to, const char *text, sp_error *err)
{
	return !text || sp_answer_set(to, text) || sp_fail_memory(err);
}

bool sp_answers_fill(const sp_answers *answers, sp_request *request, sp_error *err)
{
	for (int i = 0; i < answers->option_count; i++)
		if (!fill_option(&answers->options[i], answers->values[i], request, err))
			return false;
	for (int i = 0; i < answers->run_count; i++)
		if (!sp_request_run(request, answers->runs[i].uuid, answers->runs[i].file, err))
			return false;
	request->force = answers->force;
	request->check = answers->check;
	return fill_text(&request->folder, answers->folder, err) &&
	       fill_text(&request->infospace, answers->infospace, err) &&
	       fill_text(&request->package, answers->package, err) &&
	       fill_text(&request->new_name, answers->new_name, err) &&
	       fill_text(&request->plan, answers->plan, err);
}

/* --- the command ------------------------------------------------------------ */

void sp_shell_quote(sp_buf *to, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								"-_./:@%+,=";

	if (*word && word[strspn(word, plain)] == '\0') {
		sp_buf_adds(to, word);
		return;
	}
	sp_buf_addc(to, '\'');
	for (; *word; word++)
		if (*word == '\'')
			sp_buf_adds(to, "'\\''");
		else
			sp_buf_addc(to, *word);
	sp_buf_addc(to, '\'');
}

static void add_pair(sp_buf *to, const char *option, const char *value)
{
	if (!value || !*value)
		return;
	sp_buf_addf(to, " --%s", option);
	/* a value that begins with a dash must not be taken for an option */
	sp_buf_addc(to, *value == '-' ? '=' : ' ');
	sp_shell_quote(to, value);
}

/* A profile is named; what was said besides is said again. */
void sp_answers_add_instance(const sp_ui_setup *setup, const sp_answers *answers, sp_buf *to)
{
	if (answers->instance < 0)
		return;
	add_pair(to, "instance", setup->instances[answers->instance].name);
	if (setup->given && *setup->given)
		sp_buf_addf(to, " %s", setup->given);
}

static void add_option(sp_buf *to, const sp_asked *option, const char *value)
{
	char *item;

	if (option->flag) {
		if (strcmp(value, "yes") == 0)
			sp_buf_addf(to, " --%s", option->name);
	} else if (option->negates) {
		sp_buf_addf(to, " --%s%s", strcmp(value, "yes") == 0 ? "" : "no-", option->name);
	} else if (!option->list) {
		add_pair(to, option->name, value);
	} else {
		while ((item = next_item(&value))) {
			add_pair(to, option->name, item);
			free(item);
		}
	}
}

static void add_common(const sp_ui_setup *setup, const sp_answers *answers, sp_buf *to)
{
	sp_answers_add_instance(setup, answers, to);
	for (int i = 0; i < answers->option_count; i++)
		if (!sp_answer_is_default(answers, i))
			add_option(to, &answers->options[i], answers->values[i]);
}

static void add_output(sp_buf *to, const char *folder, const char *file)
{
	sp_buf path = { 0 };
	size_t len = strlen(folder);

	sp_buf_addf(&path, "%s%s%s", folder, len && folder[len - 1] == '/' ? "" : "/", file);
	sp_buf_adds(to, " -o ");
	sp_shell_quote(to, sp_buf_text(&path));
	to->failed = to->failed || path.failed;
	sp_buf_free(&path);
}

/* True where each package has the name that the command gives it. */
static bool usual_names(const sp_answers *answers)
{
	bool usual = true;

	for (int i = 0; usual && i < answers->run_count; i++) {
		sp_buf name = { 0 };

		sp_target_name(&name, answers->runs[i].name, answers->runs[i].id);
		usual = strcmp(sp_buf_text(&name), answers->runs[i].file) == 0;
		sp_buf_free(&name);
	}
	return usual;
}

static void add_exports(const sp_ui_setup *setup, const sp_answers *answers, bool full, sp_buf *to)
{
	bool together = answers->run_count > 1 && usual_names(answers);

	for (int i = 0; i < answers->run_count; i++) {
		if (i == 0 || !together)
			sp_buf_addf(to, "%sspaceport export run", i ? " && " : "");
		sp_buf_addf(to, " %s", answers->runs[i].uuid);
		if (together && i < answers->run_count - 1)
			continue;
		add_output(to, answers->folder, together ? "" : answers->runs[i].file);
		add_common(setup, answers, to);
		/* what it would write is there already */
		if (full)
			sp_buf_adds(to, " --force --yes");
	}
}

/* What somebody decided stands in the plan, and holds for whoever plans again. */
static void add_import(const sp_ui_setup *setup, const sp_answers *answers, bool full, sp_buf *to)
{
	bool careful = answers->instance >= 0 && setup->instances[answers->instance].careful;

	sp_buf_adds(to, "spaceport import ");
	sp_shell_quote(to, answers->package);
	add_pair(to, "into", answers->new_name ? NULL : answers->infospace);
	add_pair(to, "new", answers->new_name);
	add_common(setup, answers, to);
	if (answers->force)
		sp_buf_adds(to, " --force");
	add_pair(to, "decisions", answers->decided ? answers->plan : NULL);
	/* a name that must be typed isn't spared by it */
	if (full && !careful)
		sp_buf_adds(to, " --yes");
}

void sp_answers_command(const sp_ui_setup *setup, const sp_answers *answers, bool full, sp_buf *to)
{
	if (answers->way == SP_WAY_EXPORT)
		add_exports(setup, answers, full, to);
	else if (answers->package)
		add_import(setup, answers, full, to);
}
