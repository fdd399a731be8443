#include <config.h>

#include "core/export/target.h"

#include <ctype.h>
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
