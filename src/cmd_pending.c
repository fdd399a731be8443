#include <config.h>

#include "src/commands.h"

#include "src/show.h"

/* Commands whose code isn't there yet say so. */
static sp_code pending(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;

	sp_fail(&err, SP_FAILED, NULL, N_("the command %s isn't there yet"),
	        sp_cli_command(cli)->name);
	sp_show_error(cli, &err);
	sp_error_clear(&err);
	return SP_FAILED;
}

sp_code cmd_make_run(const sp_cli *cli)
{
	return pending(cli);
}
