#include <config.h>

#include "core/config/paths.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"

static const char *home_folder(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home && *home == '/')
		return home;
	user = getpwuid(geteuid());
	return user && user->pw_dir && *user->pw_dir == '/' ? user->pw_dir : NULL;
}

static char *path_in(const char *variable, const char *otherwise, const char *rest, sp_error *err)
{
	const char *folder = getenv(variable), *home = NULL;
	sp_buf path = { 0 };
	char *text;

	/* relative paths don't count, says the specification */
	if (!folder || *folder != '/') {
		folder = otherwise;
		home = home_folder();
		if (!home) {
			sp_fail(err, SP_USAGE, N_("Set HOME."), N_("it isn't known where your settings are"));
			return NULL;
		}
	}
	sp_buf_addf(&path, "%s%s/%s", home ? home : "", folder, rest);
	text = sp_buf_take(&path);
	if (!text)
		sp_fail_memory(err);
	return text;
}

char *sp_config_path(const char *rest, sp_error *err)
{
	return path_in("XDG_CONFIG_HOME", "/.config", rest, err);
}

char *sp_state_path(const char *rest, sp_error *err)
{
	return path_in("XDG_STATE_HOME", "/.local/state", rest, err);
}
