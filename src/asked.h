/* The options that the wizard asks for, too, as the core takes them. */
#ifndef SP_SRC_ASKED_H
#define SP_SRC_ASKED_H

#include "core/export/options.h"
#include "core/import/import.h"
#include "src/cli.h"

/* What a package is to hold. Clear *options in any case (sp_export_options_clear()). */
bool sp_cli_of_package(const sp_cli *cli, sp_export_options *options, sp_error *err);
/* How it is to be imported; texts stay the command line's. */
bool sp_cli_of_import(const sp_cli *cli, sp_import_settings *settings, sp_error *err);

#endif
