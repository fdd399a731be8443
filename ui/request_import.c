#include <config.h>

#include "ui/requests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/package/inspect.h"
#include "core/plan/decide.h"

#define ZIP     ".zip"
#define PLAN    ".plan"
#define KEPT    (30 * 24 * 3600) /* seconds that plans are kept */

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), most = strlen(end);

	return len > most && strcasecmp(name + len - most, end) == 0;
}

static sp_import_settings settings_of(const sp_request *request)
{
	sp_import_settings settings = request->import;

	settings.instance = &request->instance;
	settings.limits = (sp_limits)SP_LIMITS_DEFAULT;
	return settings;
}

/* --- packages in a folder ------------------------------------------------------- */

typedef struct {
	char *name;
	bool is_folder;
	off_t size;
	time_t changed;
} found;

typedef struct {
	found *all;
	size_t count;
	const char *named; /* that is taken in whatever it is called; NULL: none */
} listing;

/* Takes one in that somebody may mean; what is gone meanwhile is passed over. */
static bool note(listing *l, int folder, const char *name, sp_error *err)
{
	bool is_up = strcmp(name, "..") == 0, is_named = l->named && strcmp(name, l->named) == 0;
	struct stat info;
	found *grown;

	if ((*name == '.' && !is_up && !is_named) || fstatat(folder, name, &info, 0) != 0 ||
	    !(S_ISDIR(info.st_mode) ||
	      (S_ISREG(info.st_mode) && (is_named || ends_with(name, ZIP)))))
		return true;
	grown = reallocarray(l->all, l->count + 1, sizeof *grown);
	if (!grown)
		return sp_fail_memory(err);
	l->all = grown;
	grown[l->count] = (found){ strdup(name), S_ISDIR(info.st_mode), info.st_size, info.st_mtime };
	return grown[l->count++].name || sp_fail_memory(err);
}

/* The newest package first, folders behind them, the one above last. */
static int later(const void *a, const void *b)
{
	const found *x = a, *y = b;

	if (x->is_folder != y->is_folder)
		return x->is_folder ? 1 : -1;
	if (!x->is_folder && x->changed != y->changed)
		return x->changed < y->changed ? 1 : -1;
	if (x->is_folder && (*x->name == '.') != (*y->name == '.'))
		return *x->name == '.' ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void add_found(const found *item, sp_json *to)
{
	sp_json *entry = sp_json_add_object(to, NULL);
	char changed[32] = "";
	struct tm local;

	if (localtime_r(&item->changed, &local))
		(void)strftime(changed, sizeof changed, "%Y-%m-%d %H:%M:%S", &local);
	sp_json_add_text(entry, "file", item->name);
	sp_json_add_bool(entry, "is_folder", item->is_folder);
	sp_json_add_int(entry, "size", (int64_t)item->size);
	sp_json_add_text(entry, "changed", changed);
}

static bool list_folder(const char *path, listing *l, sp_job *job, sp_error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool ok = true;

	if (!dir)
		return sp_fail_errno(err, errno, N_("can't open the folder \"%s\""), path);
	while (ok && (entry = readdir(dir)))
		ok = sp_job_go_on(job, err) && note(l, dirfd(dir), entry->d_name, err);
	(void)closedir(dir);
	return ok;
}

static bool list_into(const char *folder, listing *l, sp_json *to, sp_job *job, sp_error *err)
{
	sp_json *list = sp_json_add_array(to, "packages");
	bool ok = list_folder(folder, l, job, err);

	if (ok && l->count)
		qsort(l->all, l->count, sizeof *l->all, later);
	for (size_t i = 0; i < l->count; i++) {
		if (ok)
			add_found(&l->all[i], list);
		free(l->all[i].name);
	}
	free(l->all);
	sp_json_add_text(to, "folder", folder);
	if (l->named)
		sp_json_add_text(to, "named", l->named);
	return ok;
}

bool sp_request_packages(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                         sp_error *err)
{
	char *path = strdup(request->folder), *slash = path ? strrchr(path, '/') : NULL;
	sp_json *json = sp_json_object();
	listing l = { NULL, 0, NULL };
	struct stat info;
	bool ok;

	/* of a file its folder */
	if (slash && slash > path && stat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
		*slash = '\0';
		l.named = slash + 1;
	}
	ok = path ? list_into(path, &l, json, job, err) : sp_fail_memory(err);
	free(path);
	if (ok)
		return sp_request_answer(json, tell, ctx, err);
	sp_json_free(json);
	return false;
}

/* Without what only a file as a whole is looked at for. */
static sp_json *short_result(const sp_json *result)
{
	sp_json *json = sp_json_object();

	for (const sp_json *at = sp_json_first(result); at; at = sp_json_next(at))
		if (strcmp(sp_json_key(at), "tree") != 0 && strcmp(sp_json_key(at), "samples") != 0)
			sp_json_add(json, sp_json_key(at), sp_json_copy(at));
	return json;
}

bool sp_request_inspect(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                        sp_error *err)
{
	int fd = open(request->package, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	sp_checking check = { .name = request->package, .limits = SP_LIMITS_DEFAULT, .job = job };
	sp_inspection *inspection;
	sp_json *result;
	bool ok;

	if (fd < 0)
		return sp_fail_errno(err, errno, N_("can't open \"%s\""), request->package);
	inspection = sp_inspect_open(fd, &check, 0, err);
	result = inspection ? sp_inspection_result(inspection, err) : NULL;
	ok = result && sp_request_answer(short_result(result), tell, ctx, err);
	sp_json_free(result);
	sp_inspection_free(inspection);
	close(fd);
	return ok;
}

/* --- the dry run ---------------------------------------------------------------- */

/* Plans that nobody has touched for long; what can't be removed is looked at again. */
static void sweep_plans(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat info;

	while (dir && (entry = readdir(dir)))
		if (ends_with(entry->d_name, PLAN) &&
		    fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(info.st_mode) && info.st_mtime < time(NULL) - KEPT)
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		(void)closedir(dir);
}

/* Where the plan goes: where it was, or a new file of the wizard's own. */
static char *plan_path(const sp_request *request, sp_job *job, sp_error *err)
{
	sp_buf path = { 0 };
	char *text;

	if (request->plan) {
		sp_buf_adds(&path, request->plan);
	} else {
		sweep_plans(request->plans);
		sp_buf_addf(&path, "%s/%s%s", request->plans, sp_job_id(job), PLAN);
	}
	text = sp_buf_take(&path);
	if (text && sp_folders_make(text, 0700, err))
		return text;
	if (!text)
		sp_fail_memory(err);
	free(text);
	return NULL;
}

/* `open`: they are taken back. */
static bool decide_all(const sp_request *request, const char *path, bool open, sp_error *err)
{
	bool ok = true;

	for (int i = 0; ok && i < request->decision_count; i++) {
		const sp_request_decision *decision = &request->decisions[i];
		const sp_decide_what what = { .word = open ? SP_DECIDE_OPEN : decision->word,
			                          .fields = (const char *const *)decision->fields,
			                          .field_count = open ? 0 : decision->field_count,
			                          .group = decision->group };
		sp_decide_done done;

		ok = sp_decide(path, &what, &done, err);
	}
	return ok;
}

/* What came of it, also where rows can't be taken; the caller frees it. */
static sp_json *plan_it(const sp_import_settings *settings, sp_job *job, sp_error *err)
{
	sp_import *import = sp_import_open(settings, job, err);
	const sp_json *plan = NULL;
	sp_json *copy = NULL;

	if (import && (sp_import_plan(import, &plan, err) || sp_json_int(plan, "bad_row_count", 0))) {
		copy = sp_json_copy(plan);
		if (!copy)
			sp_fail_memory(err);
	}
	sp_import_close(import, err);
	return copy;
}

static bool tell_plan(sp_json *plan, const char *path, bool whole, sp_tell_fn *tell, void *ctx,
                      sp_error *err)
{
	sp_json *json = sp_json_object(), *conflicts = whole ? sp_decide_groups(path, err) : NULL;

	sp_json_add(json, "plan", plan);
	sp_json_add_text(json, "file", path);
	if (conflicts)
		sp_json_add(json, "conflicts", conflicts);
	if (!whole || conflicts)
		return sp_request_answer(json, tell, ctx, err);
	sp_json_free(json);
	return false;
}

bool sp_request_dry_run(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                        sp_error *err)
{
	sp_import_settings settings = settings_of(request);
	char *path = plan_path(request, job, err);
	bool again = path && access(path, F_OK) == 0, ok = path != NULL;
	sp_error failed = SP_ERROR_INIT;
	sp_json *plan = NULL;

	settings.path = request->package;
	settings.into = request->new_name ? NULL : request->infospace;
	settings.new_name = request->new_name;
	settings.force = request->force;
	settings.dry_run = true;
	settings.decisions = again ? path : NULL;
	settings.output = path;
	settings.replace = true;
	if (ok && (ok = !again || decide_all(request, path, false, err)))
		plan = plan_it(&settings, job, &failed);
	/* what can't be decided so doesn't stand in the way of the next one */
	if (ok && again && failed.code == SP_USAGE)
		ok = decide_all(request, path, true, err);
	if (ok && plan)
		ok = tell_plan(plan, path, !sp_error_is_set(&failed), tell, ctx, err);
	if (ok && sp_error_is_set(&failed))
		sp_error_move(err, &failed);
	sp_error_clear(&failed);
	free(path);
	return !sp_error_is_set(err);
}

/* --- doing it ------------------------------------------------------------------- */

static bool tell_result(sp_import *import, const sp_json *plan, const sp_json *result,
                        sp_tell_fn *tell, void *ctx, sp_error *err)
{
	sp_json *json = sp_json_object();

	sp_json_add(json, "plan", sp_json_copy(plan));
	sp_json_add(json, "result", sp_json_copy(result));
	sp_json_add_text(json, "operation", sp_import_operation(import));
	return sp_request_answer(json, tell, ctx, err);
}

bool sp_request_import(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                       sp_error *err)
{
	sp_import_settings settings = settings_of(request);
	const sp_json *plan, *result;
	sp_import *import;
	bool ok;

	settings.planned = request->plan;
	settings.path = request->package;
	import = sp_import_open(&settings, job, err);
	ok = import && sp_import_plan(import, &plan, err) && sp_import_write(import, &result, err);
	/* what nobody decided in needs no file any more; what stays is swept in time */
	if (ok && !request->keep_plan)
		(void)unlink(request->plan);
	ok = ok && tell_result(import, plan, result, tell, ctx, err);
	sp_import_close(import, err);
	return ok;
}
