#include <config.h>

#include "src/asked.h"

/* Whom an option's value is told. */
typedef bool set_fn(void *to, const char *name, const char *value, sp_error *err);

static bool tell_option(const sp_cli *cli, const sp_option *option, set_fn *set, void *to,
                        sp_error *err)
{
	bool on = sp_cli_flag(cli, option->name), ok = true;

	if (option->type == SP_OPT_FLAG || option->type == SP_OPT_BOOL)
		return set(to, option->name, on ? "yes" : "no", err);
	if (option->type != SP_OPT_LIST)
		return !sp_cli_text(cli, option->name) ||
		       set(to, option->name, sp_cli_text(cli, option->name), err);
	for (int i = 0; ok && i < sp_cli_list_count(cli, option->name); i++)
		ok = set(to, option->name, sp_cli_list(cli, option->name, i), err);
	return ok;
}

static bool tell_all(const sp_cli *cli, set_fn *set, void *to, sp_error *err)
{
	bool ok = true;

	for (const sp_option *o = sp_options; ok && o->name; o++)
		if (o->asked && sp_option_fits(o, sp_cli_command(cli)))
			ok = tell_option(cli, o, set, to, err);
	return ok;
}

static bool set_of_package(void *to, const char *name, const char *value, sp_error *err)
{
	return sp_export_options_set(to, name, value, err);
}

bool sp_cli_of_package(const sp_cli *cli, sp_export_options *options, sp_error *err)
{
	return tell_all(cli, set_of_package, options, err);
}

static bool set_of_import(void *to, const char *name, const char *value, sp_error *err)
{
	return sp_import_settings_set(to, name, value, err);
}

bool sp_cli_of_import(const sp_cli *cli, sp_import_settings *settings, sp_error *err)
{
	return tell_all(cli, set_of_import, settings, err);
}
