/* What a package is to hold, by the options for that. */
#ifndef SP_SRC_OF_PACKAGE_H
#define SP_SRC_OF_PACKAGE_H

#include "core/export/options.h"
#include "src/cli.h"

/* Clear *options in any case (sp_export_options_clear()). */
bool sp_cli_of_package(const sp_cli *cli, sp_export_options *options, sp_error *err);

#endif
