#include <config.h>

#include "src/commands.h"

#include "src/show.h"

sp_code cmd_help(const sp_cli *cli)
{
	const char *words[2] = { sp_cli_arg(cli, 0), sp_cli_arg(cli, 1) };
	int count = sp_cli_count(cli), used = 0;
	const sp_command *command = count > 0 ? sp_command_find(words, count, &used) : NULL;
	sp_error err = SP_ERROR_INIT;

	if (count == 0 || (command && used == count)) {
		sp_cli_help(stdout, command);
		return SP_OK;
	}
	sp_command_unknown(words, count, &err);
	sp_show_error(cli, &err);
	sp_error_clear(&err);
	return SP_USAGE;
}
