#include <config.h>

#include "src/commands.h"

#include <stdlib.h>
#include <string.h>

#include "core/config/paths.h"
#include "core/config/profiles.h"
#include "src/instance.h"
#include "src/show.h"
#include "ui/answers.h"

/* What the wizard begins with. */
typedef struct {
	sp_profiles *profiles;
	sp_instance *instances;
	int count;
	bool named; /* the first is what the command line names */
	sp_asked *asked[SP_WAYS];
	int asked_count[SP_WAYS];
	sp_buf given;
	char *drafts, *plans;
} beginning;

static sp_asked asked_of(const sp_option *option)
{
	return (sp_asked){
		.name = option->name,
		.label = option->asked,
		.help = option->help,
		.choices = option->type == SP_OPT_CHOICE ? option->value : NULL,
		.otherwise = option->type == SP_OPT_FLAG ? "no" : option->otherwise,
		.flag = option->type == SP_OPT_FLAG,
		.negates = option->type == SP_OPT_BOOL,
		.list = option->type == SP_OPT_LIST,
		.number = option->type == SP_OPT_INT,
		.min = option->min,
		.max = option->max,
	};
}

/* The options of the command that a way ends with, as the wizard asks for them. */
static bool ask_options(beginning *b, sp_way way, const char *const *command, int words,
                        sp_error *err)
{
	int used;
	const sp_command *of = sp_command_find(command, words, &used);
	size_t room = 0;

	while (sp_options[room].name)
		room++;
	b->asked[way] = calloc(room + 1, sizeof *b->asked[way]);
	if (!b->asked[way])
		return sp_fail_memory(err);
	for (const sp_option *o = sp_options; o->name; o++)
		if (o->asked && sp_option_fits(o, of))
			b->asked[way][b->asked_count[way]++] = asked_of(o);
	return true;
}

static bool ask_all_options(beginning *b, sp_error *err)
{
	return ask_options(b, SP_WAY_EXPORT, (const char *const[]){ "export", "run" }, 2, err) &&
	       ask_options(b, SP_WAY_IMPORT, (const char *const[]){ "import" }, 1, err);
}

/* Options about the instance, as they have to be said again. */
static bool note_given(beginning *b, const sp_cli *cli, sp_error *err)
{
	for (const sp_option *o = sp_options; o->name; o++) {
		if (!sp_option_fits(o, &sp_wizard) || o->type == SP_OPT_FLAG ||
		    strcmp(o->name, "instance") == 0 || strcmp(o->commands, "*") == 0 ||
		    sp_cli_list_count(cli, o->name) == 0)
			continue;
		sp_buf_addf(&b->given, "%s--%s=", b->given.len ? " " : "", o->name);
		sp_shell_quote(&b->given, sp_cli_text(cli, o->name));
	}
	return !b->given.failed || sp_fail_memory(err);
}

/* The instance that options or variables name, first of all. */
static bool take_named(beginning *b, const sp_cli *cli, sp_error *err)
{
	bool asked = sp_cli_text(cli, "instance") || sp_cli_text(cli, "db");
	sp_error unnamed = SP_ERROR_INIT;

	if (sp_cli_instance(cli, &b->instances[b->count], &unnamed)) {
		b->named = asked;
		b->count++;
		return true;
	}
	/* where none is named, that is what the wizard asks */
	sp_instance_clear(&b->instances[b->count]);
	if (asked || unnamed.code != SP_USAGE || !b->profiles || !sp_profiles_count(b->profiles))
		sp_error_move(err, &unnamed);
	sp_error_clear(&unnamed);
	return !sp_error_is_set(err);
}

static bool take_profiles(beginning *b, const sp_cli *cli, sp_error *err)
{
	const char *first = b->count ? b->instances[0].name : NULL;

	for (int i = 0; i < sp_profiles_count(b->profiles); i++) {
		const sp_instance *profile = sp_profiles_at(b->profiles, i);
		sp_instance *to = &b->instances[b->count];

		if (first && strcmp(first, profile->name) == 0)
			continue;
		b->count++;
		/* of another database only the profile knows */
		if (!sp_instance_copy(to, profile, err) ||
		    (!b->named && !sp_cli_describe(cli, SP_WITH_VARIABLES, to, err)))
			return false;
	}
	return true;
}

static bool begin(beginning *b, const sp_cli *cli, sp_error *err)
{
	b->profiles = sp_profiles_read(err);
	b->drafts = b->profiles ? sp_state_path("spaceport/drafts", err) : NULL;
	b->plans = b->drafts ? sp_state_path("spaceport/plans", err) : NULL;
	if (!b->plans)
		return false;
	b->instances = calloc((size_t)sp_profiles_count(b->profiles) + 2, sizeof *b->instances);
	if (!b->instances)
		return sp_fail_memory(err);
	return ask_all_options(b, err) && note_given(b, cli, err) && take_named(b, cli, err) &&
	       take_profiles(b, cli, err);
}

static void end(beginning *b)
{
	for (int i = 0; i < b->count; i++)
		sp_instance_clear(&b->instances[i]);
	free(b->instances);
	for (int way = 0; way < SP_WAYS; way++)
		free(b->asked[way]);
	sp_buf_free(&b->given);
	free(b->drafts);
	free(b->plans);
	sp_profiles_free(b->profiles);
}

sp_code cmd_wizard(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;
	beginning b = { 0 };
	sp_code code = SP_FAILED;

	if (begin(&b, cli, &err)) {
		sp_ui_setup setup = {
			.instances = b.instances,
			.instance_count = b.count,
			.start = b.named ? 0 : -1,
			.profiles = sp_profiles_count(b.profiles) ? sp_profiles_path(b.profiles) : NULL,
			.given = sp_buf_text(&b.given),
			.drafts = b.drafts,
			.plans = b.plans,
		};

		for (int way = 0; way < SP_WAYS; way++)
			setup.options[way] = (sp_asked_list){ b.asked[way], b.asked_count[way] };
		code = sp_cli_flag(cli, "plain") || sp_ui_is_plain() ? sp_ui_run_plain(&setup, &err)
		                                                     : sp_ui_run(&setup, &err);
	}
	if (sp_error_is_set(&err)) {
		sp_show_error(cli, &err);
		code = err.code;
	}
	end(&b);
	sp_error_clear(&err);
	return code;
}
