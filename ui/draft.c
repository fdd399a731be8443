#include <config.h>

#include "ui/draft.h"

#include <stdlib.h>
#include <string.h>

#define DRAFT_VERSION 1

static const struct {
	sp_screen_id screen;
	const char *name;
} steps[] = {
	{ SP_SCREEN_RUNS, "runs" },
	{ SP_SCREEN_OPTIONS, "options" },
	{ SP_SCREEN_PREVIEW, "preview" },
};

#define STEPS (sizeof steps / sizeof *steps)

bool sp_draft_has_step(sp_screen_id step)
{
	for (size_t i = 0; i < STEPS; i++)
		if (steps[i].screen == step)
			return true;
	return false;
}

/* --- out ---------------------------------------------------------------------- */

static void add_runs(const sp_answers *answers, sp_json *to)
{
	for (int i = 0; i < answers->run_count; i++) {
		const sp_answer_run *run = &answers->runs[i];
		sp_json *item = sp_json_add_object(to, NULL);

		sp_json_add_text(item, "uuid", run->uuid);
		sp_json_add_int(item, "id", run->id);
		sp_json_add_text(item, "name", run->name);
		sp_json_add_int(item, "annotations", run->annotations);
		sp_json_add_int(item, "assets", run->assets);
		sp_json_add_text(item, "file", run->file);
	}
}

static void add_all(const sp_ui_setup *setup, const sp_answers *answers, sp_screen_id step,
                    sp_json *to)
{
	sp_json *item;

	sp_json_add_int(to, "draft", DRAFT_VERSION);
	sp_json_add_text(to, "instance", setup->instances[answers->instance].name);
	for (size_t i = 0; i < STEPS; i++)
		if (steps[i].screen == step)
			sp_json_add_text(to, "step", steps[i].name);
	item = sp_json_add_object(to, "infospace");
	sp_json_add_text(item, "uuid", answers->infospace);
	sp_json_add_text(item, "name", answers->infospace_name);
	add_runs(answers, sp_json_add_array(to, "runs"));
	item = sp_json_add_object(to, "options");
	for (int i = 0; i < answers->option_count; i++)
		if (!sp_answer_is_default(answers, i))
			sp_json_add_text(item, answers->options[i].name, answers->values[i]);
	sp_json_add_text(to, "folder", answers->folder);
	sp_json_add_bool(to, "check", answers->check);
}

void sp_draft_write(const sp_ui_setup *setup, const sp_answers *answers, sp_screen_id step,
                    sp_buf *to)
{
	sp_json *json;

	if (answers->instance < 0 || !setup->instances[answers->instance].name ||
	    !answers->infospace || !answers->run_count)
		return;
	json = sp_json_object();
	add_all(setup, answers, step, json);
	if (!json || !sp_json_print(json, true, to))
		to->failed = true;
	sp_json_free(json);
}

/* --- in ----------------------------------------------------------------------- */

static int instance_of(const sp_ui_setup *setup, const char *name)
{
	for (int i = 0; name && i < setup->instance_count; i++)
		if (setup->instances[i].name && strcmp(setup->instances[i].name, name) == 0)
			return i;
	return -1;
}

static bool has_texts(const sp_json *item, const char *one, const char *other)
{
	return sp_json_text(item, one) && sp_json_text(item, other);
}

bool sp_draft_check(const sp_json *draft, sp_error *err)
{
	const sp_json *runs = sp_json_first(sp_json_get(draft, "runs"));
	bool ok = sp_json_int(draft, "draft", 0) == DRAFT_VERSION && runs &&
	          has_texts(draft, "instance", "step") &&
	          has_texts(sp_json_get(draft, "infospace"), "uuid", "name");

	for (; ok && runs; runs = sp_json_next(runs))
		ok = has_texts(runs, "uuid", "name");
	return ok || sp_fail(err, SP_FAILED, N_("X removes it."),
	                     N_("this isn't a draft that can be read"));
}

static bool take_runs(const sp_json *runs, sp_answers *answers)
{
	for (const sp_json *at = sp_json_first(runs); at; at = sp_json_next(at)) {
		const char *file = sp_json_text(at, "file");

		if (!sp_answers_add_run(answers, at) ||
		    (file && !sp_answer_set(&answers->runs[answers->run_count - 1].file, file)))
			return false;
	}
	return true;
}

/* Options that aren't known any more are left; the preview shows what is. */
static bool take_options(const sp_json *options, sp_answers *answers)
{
	for (int i = 0; i < answers->option_count; i++) {
		const char *value = sp_json_text(options, answers->options[i].name);

		if (value && !sp_answer_check(&answers->options[i], value) &&
		    !sp_answer_set(&answers->values[i], value))
			return false;
	}
	return true;
}

static bool take_all(const sp_json *draft, sp_answers *answers)
{
	const sp_json *space = sp_json_get(draft, "infospace");
	const char *folder = sp_json_text(draft, "folder");

	answers->check = sp_json_bool(draft, "check", true);
	return sp_answer_set(&answers->infospace, sp_json_text(space, "uuid")) &&
	       sp_answer_set(&answers->infospace_name, sp_json_text(space, "name")) &&
	       take_runs(sp_json_get(draft, "runs"), answers) &&
	       take_options(sp_json_get(draft, "options"), answers) &&
	       (!folder || sp_answer_set(&answers->folder, folder));
}

bool sp_draft_read(const sp_ui_setup *setup, const sp_json *draft, sp_answers *answers,
                   sp_screen_id *step, sp_error *err)
{
	const char *name = sp_json_text(draft, "instance"), *at = sp_json_text(draft, "step");
	sp_answers taken;

	if (!sp_draft_check(draft, err))
		return false;
	if (instance_of(setup, name) < 0)
		return sp_fail(err, SP_USAGE, N_("Add it again with spaceport instances add."),
		               N_("there is no instance \"%s\" any more"), name);
	if (!sp_answers_init(&taken, setup, SP_WAY_EXPORT, err))
		return false;
	taken.instance = instance_of(setup, name);
	if (!take_all(draft, &taken)) {
		sp_answers_clear(&taken);
		return sp_fail_memory(err);
	}
	*step = SP_SCREEN_RUNS;
	for (size_t i = 0; i < STEPS; i++)
		if (strcmp(at, steps[i].name) == 0)
			*step = steps[i].screen;
	sp_answers_clear(answers);
	*answers = taken;
	return true;
}
