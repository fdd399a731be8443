#include <config.h>

#include "core/export/target.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SLUG_MOST 60

void sp_target_name(sp_buf *path, const char *run, int64_t id)
{
	size_t begin = path->len;

	for (; *run && path->len - begin < SLUG_MOST; run++) {
		if (isalnum((unsigned char)*run) && (unsigned char)*run < 0x80)
			sp_buf_addc(path, (char)tolower((unsigned char)*run));
		else if (path->len > begin && path->data[path->len - 1] != '-')
			sp_buf_addc(path, '-');
	}
	while (path->len > begin && path->data[path->len - 1] == '-')
		path->data[--path->len] = '\0';
	if (path->len == begin)
		sp_buf_adds(path, "run");
	sp_buf_addf(path, "-%lld.zip", (long long)id);
}

bool sp_target_is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Makes the folder and those above it; two programs may do so at once. */
static bool make_all(char *folder)
{
	char *slash = strrchr(folder, '/');
	bool ok;

	if (sp_target_is_folder(folder))
		return true;
	if (slash && slash != folder) {
		*slash = '\0';
		ok = make_all(folder);
		*slash = '/';
		if (!ok)
			return false;
	}
	return mkdir(folder, 0777) == 0 || (errno == EEXIST && sp_target_is_folder(folder));
}

bool sp_target_make_folder(const char *path, sp_error *err)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	bool ok;

	if (!slash || slash == path)
		return true;
	folder = strndup(path, (size_t)(slash - path));
	if (!folder)
		return sp_fail_memory(err);
	ok = make_all(folder) || sp_fail_errno(err, errno, N_("can't make the folder %s"), folder);
	free(folder);
	return ok;
}
