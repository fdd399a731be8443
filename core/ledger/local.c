#include <config.h>

#include "core/ledger/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/config/paths.h"

#define FOLDER        "spaceport/operations/"
#define RECORD        ".json"
#define LOCK          ".lock"
#define MOST          ((size_t)1 << 20)         /* bytes that are read; far beyond any */
#define PROGRESS_ROOM 512                       /* bytes, written at once */
#define KEPT          ((time_t)366 * 24 * 3600) /* seconds … */
#define KEPT_COUNT    10000                     /* … or so many, if that is more */

struct sp_local {
	int folder, lock;
	char name[SP_UUID_LEN + sizeof LOCK];
};

/* --- names ------------------------------------------------------------------------------- */

static char *path_of(const char *name, const char *end, sp_error *err)
{
	sp_buf rest = { 0 };
	char *path;

	sp_buf_addf(&rest, FOLDER "%s%s", name, end);
	path = rest.failed ? NULL : sp_state_path(rest.data, err);
	if (rest.failed)
		sp_fail_memory(err);
	sp_buf_free(&rest);
	return path;
}

/* The folder, or -1; not being there is no error. */
static int open_folder(sp_error *err)
{
	char *path = path_of("", "", err);
	int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (path && fd < 0 && errno != ENOENT)
		sp_fail_errno(err, errno, N_("can't open the folder \"%s\""), path);
	free(path);
	return fd;
}

static bool is_named(const char *name, const char *end)
{
	char uuid[SP_UUID_LEN + 1];

	if (strlen(name) != SP_UUID_LEN + strlen(end) || strcmp(name + SP_UUID_LEN, end) != 0)
		return false;
	memcpy(uuid, name, SP_UUID_LEN);
	uuid[SP_UUID_LEN] = '\0';
	return sp_is_uuid(uuid);
}

/* Every name that ends so, as fdopendir() has them; `folder` stays open. */
typedef bool name_fn(void *ctx, int folder, const char *name, sp_error *err);

static bool each_name(int folder, const char *end, name_fn *fn, void *ctx, sp_error *err)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool ok = dir != NULL;

	if (!dir) {
		sp_fail_errno(err, errno, N_("can't read the folder \"%s\""), FOLDER);
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while (ok && (entry = readdir(dir)))
		ok = !is_named(entry->d_name, end) || fn(ctx, folder, entry->d_name, err);
	(void)closedir(dir);
	return ok;
}

/* --- old ones ------------------------------------------------------------------------------ */

typedef struct {
	char name[SP_UUID_LEN + sizeof RECORD];
	time_t changed;
} aged;

typedef struct {
	aged *all;
	size_t count, room;
} ages;

static bool note_age(void *ctx, int folder, const char *name, sp_error *err)
{
	ages *to = ctx;
	struct stat info;

	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	if (to->count == to->room) {
		size_t room = to->room ? 2 * to->room : 256;
		aged *grown = reallocarray(to->all, room, sizeof *grown);

		if (!grown)
			return sp_fail_memory(err);
		to->all = grown;
		to->room = room;
	}
	memcpy(to->all[to->count].name, name, sizeof to->all->name);
	to->all[to->count++].changed = info.st_mtime;
	return true;
}

static int later(const void *a, const void *b)
{
	const aged *x = a, *y = b;

	return (x->changed < y->changed) - (x->changed > y->changed);
}

/* What can't be removed stays: it harms nobody. */
static void prune(int folder)
{
	ages found = { 0 };
	sp_error ignored = SP_ERROR_INIT;
	time_t limit = time(NULL) - KEPT;

	if (each_name(folder, RECORD, note_age, &found, &ignored) && found.count > KEPT_COUNT) {
		qsort(found.all, found.count, sizeof *found.all, later);
		for (size_t i = KEPT_COUNT; i < found.count; i++) {
			char *name = found.all[i].name;

			if (found.all[i].changed >= limit)
				continue;
			(void)unlinkat(folder, name, 0);
			memcpy(name + SP_UUID_LEN, LOCK, sizeof LOCK);
			(void)unlinkat(folder, name, 0);
		}
	}
	sp_error_clear(&ignored);
	free(found.all);
}

/* --- writing ------------------------------------------------------------------------------- */

bool sp_local_write(const sp_json *record, sp_error *err)
{
	char *path = path_of(sp_json_text(record, "uuid"), RECORD, err);
	sp_buf text = { 0 };
	sp_out *out = NULL;
	bool ok = path && (sp_json_print(record, true, &text) || sp_fail_memory(err)) &&
	          sp_folders_make(path, 0700, err) && (out = sp_out_open(path, true, err)) &&
	          sp_out_write(out, text.data, text.len, err);

	if (ok)
		ok = sp_out_commit(out, err);
	else
		sp_out_discard(out);
	sp_buf_free(&text);
	free(path);
	return ok;
}

static void free_local(sp_local *local)
{
	if (local->lock >= 0) {
		(void)unlinkat(local->folder, local->name, 0);
		(void)close(local->lock);
	}
	if (local->folder >= 0)
		(void)close(local->folder);
	free(local);
}

/* Taken before there is a record, so that nobody takes the operation for lost. */
static bool take_lock(sp_local *local, const char *uuid, sp_error *err)
{
	char *path = path_of(uuid, LOCK, err);
	bool ok = path && sp_folders_make(path, 0700, err);

	local->folder = ok ? open_folder(err) : -1;
	if (local->folder >= 0) {
		memcpy(local->name, uuid, SP_UUID_LEN);
		memcpy(local->name + SP_UUID_LEN, LOCK, sizeof LOCK);
		local->lock = openat(local->folder, local->name,
		                     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (ok && local->lock < 0 && !sp_error_is_set(err))
		sp_fail_errno(err, errno, N_("can't write \"%s\""), path);
	/* a file system without locks: then nobody else gets one either */
	if (local->lock >= 0 && flock(local->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		sp_fail_errno(err, errno, N_("can't write \"%s\""), path);
	free(path);
	return !sp_error_is_set(err);
}

sp_local *sp_local_begin(const sp_json *record, sp_error *err)
{
	sp_local *local = calloc(1, sizeof *local);

	if (!local) {
		sp_fail_memory(err);
		return NULL;
	}
	local->folder = local->lock = -1;
	if (!take_lock(local, sp_json_text(record, "uuid"), err) || !sp_local_write(record, err)) {
		free_local(local);
		return NULL;
	}
	prune(local->folder);
	return local;
}

void sp_local_tick(sp_local *local, const sp_json *progress)
{
	sp_buf text = { 0 };

	if (sp_json_print(progress, false, &text) && text.len < PROGRESS_ROOM) {
		while (!text.failed && text.len < PROGRESS_ROOM)
			sp_buf_addc(&text, text.len + 1 < PROGRESS_ROOM ? ' ' : '\n');
		/* where the disk is full the line that stands there must do */
		if (!text.failed && pwrite(local->lock, text.data, text.len, 0) < 0)
			errno = 0;
	}
	sp_buf_free(&text);
}

bool sp_local_end(sp_local *local, const sp_json *record, sp_error *err)
{
	bool ok = sp_local_write(record, err);

	free_local(local);
	return ok;
}

/* --- reading ------------------------------------------------------------------------------- */

static sp_json *read_json(int fd, const char *name, sp_error *err)
{
	char *text = malloc(MOST);
	sp_json *json = NULL;
	size_t len = 0;

	if (!text)
		sp_fail_memory(err);
	else if (sp_read_at(fd, name, text, MOST, 0, &len, err))
		json = sp_json_parse(text, len, name, err);
	free(text);
	return json;
}

static sp_json *read_record(int folder, const char *name, sp_error *err)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	sp_json *json = NULL;

	if (fd < 0)
		sp_fail_errno(err, errno, N_("can't read %s"), name);
	else
		json = read_json(fd, name, err);
	if (fd >= 0)
		(void)close(fd);
	if (json && (!sp_json_text(json, "uuid") || !sp_json_text(json, "status") ||
	             strncmp(sp_json_text(json, "uuid"), name, SP_UUID_LEN) != 0)) {
		sp_json_free(json);
		json = NULL;
		sp_fail(err, SP_FAILED, NULL, N_("%s is no record of an operation"), name);
	}
	return json;
}

/* Whether the operation lives, and where it stands (NULL: not known). */
static bool is_alive(int folder, const char *record, sp_json **progress)
{
	char name[SP_UUID_LEN + sizeof LOCK];
	sp_error ignored = SP_ERROR_INIT;
	bool alive;
	int fd;

	memcpy(name, record, SP_UUID_LEN);
	memcpy(name + SP_UUID_LEN, LOCK, sizeof LOCK);
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT;
	/* a file system without locks: nobody can tell that it is lost */
	alive = flock(fd, LOCK_SH | LOCK_NB) != 0;
	*progress = read_json(fd, name, &ignored);
	sp_error_clear(&ignored);
	(void)close(fd);
	return alive;
}

static bool is_running(const sp_json *record)
{
	return record && !strcmp(sp_json_text(record, "status"), "running");
}

/* Its members but the status, with that of now. */
static bool add_as(const sp_json *record, const char *status, sp_json *progress, sp_json *to,
                   sp_error *err)
{
	sp_json *entry = sp_json_add_object(to, NULL);
	bool ok = entry || sp_fail_memory(err);

	for (const sp_json *at = sp_json_first(record); ok && at; at = sp_json_next(at)) {
		const char *key = sp_json_key(at);

		if (!strcmp(key, "status")) {
			ok = sp_json_add_text(entry, key, status);
			continue;
		}
		ok = sp_json_add(entry, key, sp_json_copy(at));
	}
	if (progress)
		ok = sp_json_add(entry, "progress", progress) && ok;
	return ok || sp_fail_memory(err);
}

static bool add_unreadable(const char *name, const sp_error *why, sp_json *to, sp_error *err)
{
	sp_json *entry = sp_json_add_object(to, NULL);
	char uuid[SP_UUID_LEN + 1];

	memcpy(uuid, name, SP_UUID_LEN);
	uuid[SP_UUID_LEN] = '\0';
	sp_json_add_text(entry, "uuid", uuid);
	sp_json_add_text(entry, "status", "unreadable");
	return sp_json_add_text(entry, "error_message", sp_error_text_c(why)) || sp_fail_memory(err);
}

static bool add_record(void *ctx, int folder, const char *name, sp_error *err)
{
	sp_error why = SP_ERROR_INIT;
	sp_json *record = read_record(folder, name, &why), *progress = NULL;
	bool running = is_running(record), lost = false, ok;

	if (running && !is_alive(folder, name, &progress)) {
		/* it may just have ended: then it was written before the lock was given back */
		sp_json_free(record);
		record = read_record(folder, name, &why);
		lost = is_running(record);
	}
	if (!record && sp_error_is_memory(&why)) {
		/* that says nothing of the file */
		sp_error_move(err, &why);
		ok = false;
	} else if (!record) {
		ok = add_unreadable(name, &why, ctx, err);
	} else {
		ok = add_as(record, lost ? "lost" : sp_json_text(record, "status"), progress, ctx, err);
	}
	if (!record)
		sp_json_free(progress);
	sp_json_free(record);
	sp_error_clear(&why);
	return ok;
}

bool sp_local_list(sp_json *to, sp_error *err)
{
	sp_error homeless = SP_ERROR_INIT;
	int folder = open_folder(&homeless);
	bool ok;

	if (folder < 0) {
		ok = !sp_error_is_set(&homeless) || homeless.code == SP_USAGE;
		if (!ok)
			sp_error_move(err, &homeless);
		sp_error_clear(&homeless);
		return ok;
	}
	ok = each_name(folder, RECORD, add_record, to, err);
	(void)close(folder);
	return ok;
}
