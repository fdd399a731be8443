#include <config.h>

#include "ui/drafts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "ui/draft.h"

#define SUFFIX ".json"
#define MOST   ((off_t)64 << 20) /* bytes that are read; far beyond any */
#define KEPT   (30 * 24 * 3600)  /* seconds */

typedef struct {
	char *name;
	time_t saved;
} found;

static char *path_of(const char *folder, const char *file, sp_error *err)
{
	sp_buf path = { 0 };
	char *text;

	sp_buf_addf(&path, "%s/%s", folder, file);
	text = sp_buf_take(&path);
	if (!text)
		sp_fail_memory(err);
	return text;
}

/* --- looking -------------------------------------------------------------------- */

static bool is_draft(const char *name)
{
	size_t len = strlen(name);

	return *name != '.' && len > strlen(SUFFIX) &&
	       strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

/* Takes one note more; what is gone or no file is passed over. */
static bool note(found **all, size_t *count, int folder, const char *name, sp_error *err)
{
	found *grown;
	struct stat info;

	if (!is_draft(name) || fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(info.st_mode))
		return true;
	if (info.st_mtime < time(NULL) - KEPT) {
		/* what can't be removed is looked at again next time */
		(void)unlinkat(folder, name, 0);
		return true;
	}
	grown = reallocarray(*all, *count + 1, sizeof *grown);
	if (!grown)
		return sp_fail_memory(err);
	*all = grown;
	grown[*count] = (found){ strdup(name), info.st_mtime };
	return grown[(*count)++].name || sp_fail_memory(err);
}

static int later(const void *a, const void *b)
{
	const found *x = a, *y = b;

	return x->saved != y->saved ? (x->saved < y->saved ? 1 : -1) : strcmp(x->name, y->name);
}

static sp_json *read_draft(int folder, const char *name, sp_error *err)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat info;
	sp_json *json = NULL;
	size_t got = 0;
	char *text = NULL;

	if (fd < 0 || fstat(fd, &info) != 0) {
		sp_fail_errno(err, errno, N_("can't read %s"), name);
		goto cleanup;
	}
	if (info.st_size > MOST) {
		sp_fail(err, SP_FAILED, NULL, N_("%s is too large"), name);
		goto cleanup;
	}
	text = malloc((size_t)info.st_size + 1);
	if (!text)
		sp_fail_memory(err);
	else if (sp_read_at(fd, name, text, (size_t)info.st_size, 0, &got, err))
		json = sp_json_parse(text, got, name, err);
cleanup:
	free(text);
	if (fd >= 0)
		(void)close(fd);
	return json;
}

static bool add(int folder, const found *item, sp_json *to, sp_error *err)
{
	sp_json *entry = sp_json_add_object(to, NULL), *json;
	sp_error unread = SP_ERROR_INIT;
	struct tm local;
	char saved[32] = "";

	if (localtime_r(&item->saved, &local))
		(void)strftime(saved, sizeof saved, "%Y-%m-%d %H:%M:%S", &local);
	sp_json_add_text(entry, "file", item->name);
	sp_json_add_text(entry, "saved", saved);
	json = read_draft(folder, item->name, &unread);
	if (json && !sp_draft_check(json, &unread)) {
		sp_json_free(json);
		json = NULL;
	}
	if (!json)
		sp_json_add_text(entry, "error", sp_error_text(&unread));
	sp_error_clear(&unread);
	return (json ? sp_json_add(entry, "draft", json) : entry != NULL) || sp_fail_memory(err);
}

bool sp_drafts_list(const char *folder, sp_json *to, sp_error *err)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	found *all = NULL;
	size_t count = 0;
	bool ok = true;

	if (!dir)
		return errno == ENOENT ||
		       sp_fail_errno(err, errno, N_("can't open the folder \"%s\""), folder);
	while (ok && (entry = readdir(dir)))
		ok = note(&all, &count, dirfd(dir), entry->d_name, err);
	if (ok && count)
		qsort(all, count, sizeof *all, later);
	for (size_t i = 0; ok && i < count; i++)
		ok = add(dirfd(dir), &all[i], to, err);
	for (size_t i = 0; i < count; i++)
		free(all[i].name);
	free(all);
	(void)closedir(dir);
	return ok;
}

/* --- keeping -------------------------------------------------------------------- */

bool sp_drafts_keep(const char *folder, const char *file, const char *text, sp_error *err)
{
	char *path = path_of(folder, file, err);
	sp_out *out = NULL;
	bool ok = false;

	if (path && sp_folders_make(path, 0700, err))
		out = sp_out_open(path, true, err);
	if (out && sp_out_write(out, text, strlen(text), err))
		ok = sp_out_commit(out, err);
	else
		sp_out_discard(out);
	free(path);
	return ok;
}

bool sp_drafts_drop(const char *folder, const char *file, sp_error *err)
{
	char *path = path_of(folder, file, err);
	bool ok = path && (unlink(path) == 0 || errno == ENOENT ||
	                   sp_fail_errno(err, errno, N_("can't remove %s"), path));

	free(path);
	return ok;
}
