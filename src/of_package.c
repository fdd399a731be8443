#include <config.h>

#include "src/of_package.h"

/* An option's values, as the core takes them. */
static bool read_option(const sp_cli *cli, const sp_option *option, sp_export_options *to,
                        sp_error *err)
{
	bool on = sp_cli_flag(cli, option->name), ok = true;

	if (option->type == SP_OPT_FLAG || option->type == SP_OPT_BOOL)
		return sp_export_options_set(to, option->name, on ? "yes" : "no", err);
	if (option->type != SP_OPT_LIST)
		return !sp_cli_text(cli, option->name) ||
		       sp_export_options_set(to, option->name, sp_cli_text(cli, option->name), err);
	for (int i = 0; ok && i < sp_cli_list_count(cli, option->name); i++)
		ok = sp_export_options_set(to, option->name, sp_cli_list(cli, option->name, i), err);
	return ok;
}

bool sp_cli_of_package(const sp_cli *cli, sp_export_options *options, sp_error *err)
{
	bool ok = true;

	for (const sp_option *o = sp_options; ok && o->name; o++)
		if (o->of_package)
			ok = read_option(cli, o, options, err);
	return ok;
}
