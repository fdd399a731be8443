#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/export/options.h"
#include "ui/draft.h"
#include "ui/wizard.h"

const sp_instance *sp_instance_of(const sp_wizard *w)
{
	return &w->setup->instances[w->answers->instance];
}

const char *sp_instance_title(const sp_instance *instance)
{
	return instance->name ? instance->name : _("the given instance");
}

void sp_choose_instance(sp_wizard *w, int instance)
{
	if (w->answers->instance == instance)
		return;
	w->answers->instance = instance;
	free(w->answers->infospace);
	free(w->answers->infospace_name);
	free(w->answers->new_name);
	w->answers->infospace = w->answers->infospace_name = w->answers->new_name = NULL;
	sp_answers_drop_runs(w->answers);
}

void sp_choose_infospace(sp_wizard *w, int row)
{
	const sp_json *space = w->infospaces.rows[row];
	const char *uuid = sp_json_text(space, "uuid");

	if (!w->answers->infospace || strcmp(w->answers->infospace, uuid) != 0)
		sp_answers_drop_runs(w->answers);
	if (!sp_answer_set(&w->answers->infospace, uuid) ||
	    !sp_answer_set(&w->answers->infospace_name, sp_json_text(space, "name")))
		sp_fail_memory(&w->failed[SP_ASK_RUNS]);
}

int sp_row_of_run(const sp_wizard *w, const char *uuid)
{
	for (int i = 0; i < w->runs.count; i++)
		if (strcmp(sp_json_text(w->runs.rows[i], "uuid"), uuid) == 0)
			return i;
	return -1;
}

/* A name that was typed for a run stays with it. */
static void keep_files(sp_answers *to, const sp_answers *from)
{
	for (int i = 0; i < to->run_count; i++)
		for (int j = 0; j < from->run_count; j++)
			if (strcmp(to->runs[i].uuid, from->runs[j].uuid) == 0)
				(void)sp_answer_set(&to->runs[i].file, from->runs[j].file);
}

void sp_choose_runs(sp_wizard *w)
{
	const sp_list *list = &w->lists[SP_SCREEN_RUNS];
	sp_answers old = { .runs = w->answers->runs, .run_count = w->answers->run_count };

	w->answers->runs = NULL;
	w->answers->run_count = 0;
	for (int i = 0; i < list->count; i++)
		if (list->picked[i] && !sp_answers_add_run(w->answers, w->runs.rows[i]))
			sp_fail_memory(&w->failed[SP_ASK_RUNS]);
	keep_files(w->answers, &old);
	sp_answers_drop_runs(&old);
}

void sp_choose_value(sp_wizard *w, int option, const char *value)
{
	if (!sp_answer_set(&w->answers->values[option], value))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
}

/* Sets a path, whole: from where `base` is. */
static void set_path(sp_wizard *w, char **to, const char *base, const char *text)
{
	const char *home = getenv("HOME");
	sp_buf path = { 0 };

	if (text[0] == '~' && (!text[1] || text[1] == '/') && home)
		sp_buf_addf(&path, "%s%s", home, text + 1);
	else if (text[0] == '/' || !*base)
		sp_buf_adds(&path, text);
	else
		sp_buf_addf(&path, "%s%s%s", base, base[strlen(base) - 1] == '/' ? "" : "/", text);
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.data[--path.len] = '\0';
	if (path.failed || !sp_answer_set(to, sp_buf_text(&path)))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
	sp_buf_free(&path);
}

void sp_choose_folder(sp_wizard *w, const char *folder)
{
	set_path(w, &w->answers->folder, w->answers->folder, folder);
}

void sp_choose_package(sp_wizard *w, const char *path)
{
	set_path(w, &w->answers->package, w->answers->folder, path);
	w->answers->force = false;
}

void sp_choose_new(sp_wizard *w, const char *name)
{
	free(w->answers->infospace);
	free(w->answers->infospace_name);
	w->answers->infospace = w->answers->infospace_name = NULL;
	if (!sp_answer_set(&w->answers->new_name, name))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
}

bool sp_choose_draft(sp_wizard *w, int row)
{
	const sp_json *entry = w->draft.list.rows[row];
	const char *file = sp_json_text(entry, "file");
	sp_error err = SP_ERROR_INIT;
	sp_screen_id step;
	char *other = NULL;

	sp_wizard_set_way(w, SP_WAY_EXPORT);
	sp_wizard_keep(w); /* what was answered before is a draft of its own */
	if (!sp_draft_read(w->setup, sp_json_get(entry, "draft"), w->answers, &step, &err) ||
	    !sp_answer_set(&other, file)) {
		sp_wizard_say_error(w, &err);
		sp_error_clear(&err);
		return false;
	}
	if (!w->draft.file || strcmp(w->draft.file, file) != 0) {
		sp_ask_nothing(w, SP_ASK_KEEP);
		free(w->draft.file);
		free(w->draft.other);
		free(w->draft.kept);
		w->draft.file = w->draft.kept = NULL;
		w->draft.other = other;
	} else {
		free(other);
	}
	w->draft.touched = w->now;
	sp_wizard_go(w, step);
	return true;
}

const char *sp_value_of(const sp_wizard *w, const char *name)
{
	for (int i = 0; i < w->answers->option_count; i++)
		if (strcmp(w->answers->options[i].name, name) == 0)
			return w->answers->values[i];
	return "";
}

int64_t sp_estimate(const sp_wizard *w)
{
	sp_export_options options = { 0 };
	sp_error err = SP_ERROR_INIT;
	int64_t size;

	if (!w->surveyed)
		return -1;
	for (int i = 0; i < w->answers->option_count; i++)
		if (!w->answers->options[i].list && *w->answers->values[i])
			sp_export_options_set(&options, w->answers->options[i].name, w->answers->values[i],
			                      &err);
	sp_error_clear(&err);
	size = sp_parts_estimate(&w->parts, &options);
	sp_export_options_clear(&options);
	return size;
}
