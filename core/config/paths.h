/* Where a person's own files are, by the XDG base directory specification
 * (https://specifications.freedesktop.org/basedir-spec). */
#ifndef SP_CONFIG_PATHS_H
#define SP_CONFIG_PATHS_H

#include "core/base/error.h"

/* The path of `rest` ("spaceport/…") below $XDG_CONFIG_HOME, without it below
 * ~/.config; below $XDG_STATE_HOME or ~/.local/state. The caller frees it; NULL
 * and SP_USAGE where nothing says whose home it is. Nothing is made. */
char *sp_config_path(const char *rest, sp_error *err);
char *sp_state_path(const char *rest, sp_error *err);

#endif
