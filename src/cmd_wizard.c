#include <config.h>

#include "src/commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/show.h"
#include "ui/ui.h"

/* The options of packages, as the wizard asks for them; freed by the caller. */
static sp_asked *asked_options(int *count, sp_error *err)
{
	sp_asked *asked;
	size_t room = 0;

	while (sp_options[room].name)
		room++;
	*count = 0;
	asked = calloc(room + 1, sizeof *asked);
	if (!asked)
		sp_fail_memory(err);
	for (const sp_option *o = sp_options; asked && o->name; o++) {
		if (!o->of_package)
			continue;
		asked[(*count)++] = (sp_asked){
			.name = o->name,
			.label = o->of_package,
			.help = o->help,
			.choices = o->type == SP_OPT_CHOICE ? o->value : NULL,
			.otherwise = o->type == SP_OPT_FLAG ? "no" : o->otherwise,
			.flag = o->type == SP_OPT_FLAG,
			.negates = o->type == SP_OPT_BOOL,
			.list = o->type == SP_OPT_LIST,
			.number = o->type == SP_OPT_INT,
			.min = o->min,
			.max = o->max,
		};
	}
	return asked;
}

static char *copy(const char *text, sp_error *err)
{
	char *to = text ? strdup(text) : NULL;

	if (text && !to)
		sp_fail_memory(err);
	return to;
}

sp_code cmd_wizard(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;
	sp_instance given = { .db = copy(sp_cli_text(cli, "db"), &err),
		                  .store = copy(sp_cli_text(cli, "store"), &err),
		                  .as = copy(sp_cli_text(cli, "as"), &err),
		                  .timeout = (int)sp_cli_int(cli, "timeout") };
	sp_ui_setup setup = { .instances = &given, .instance_count = 1 };
	sp_asked *asked = asked_options(&setup.option_count, &err);
	sp_code code = SP_FAILED;

	setup.options = asked;
	setup.start = sp_cli_list_count(cli, "db") > 0 ? 0 : -1;
	if (!sp_error_is_set(&err))
		code = sp_cli_flag(cli, "plain") || sp_ui_is_plain() ? sp_ui_run_plain(&setup, &err)
		                                                     : sp_ui_run(&setup, &err);
	if (sp_error_is_set(&err)) {
		sp_show_error(cli, &err);
		code = err.code;
	}
	sp_instance_clear(&given);
	free(asked);
	sp_error_clear(&err);
	return code;
}
