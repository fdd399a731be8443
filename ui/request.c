#include <config.h>

#include "ui/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/doctor/doctor.h"
#include "core/export/export.h"
#include "core/export/target.h"
#include "core/list/list.h"
#include "core/package/validate.h"
#include "ui/drafts.h"
#include "ui/requests.h"

sp_request *sp_request_create(sp_request_kind ask, const sp_instance *instance, sp_error *err)
{
	sp_request *request = calloc(1, sizeof *request);

	if (!request) {
		sp_fail_memory(err);
		return NULL;
	}
	request->ask = ask;
	if (sp_instance_copy(&request->instance, instance, err))
		return request;
	free(request);
	return NULL;
}

static void free_texts(char **texts, int count)
{
	for (int i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

static void free_decisions(sp_request *request)
{
	for (int i = 0; i < request->decision_count; i++) {
		free_texts(request->decisions[i].fields, request->decisions[i].field_count);
		free(request->decisions[i].word);
	}
	free(request->decisions);
}

void sp_request_free(sp_request *request)
{
	if (!request)
		return;
	sp_export_options_clear(&request->options);
	free_texts(request->texts, request->text_count);
	free_decisions(request);
	free(request->package);
	free(request->new_name);
	free(request->plans);
	free(request->plan);
	free_texts(request->runs, request->run_count);
	if (request->files)
		free_texts(request->files, request->run_count);
	free(request->infospace);
	free(request->folder);
	free(request->drafts);
	free(request->draft);
	free(request->text);
	free(request->other);
	sp_instance_clear(&request->instance);
	free(request);
}

static bool add_text(char ***list, int count, const char *text, sp_error *err)
{
	char **grown = reallocarray(*list, (size_t)count + 1, sizeof *grown);

	if (!grown)
		return sp_fail_memory(err);
	*list = grown;
	grown[count] = strdup(text);
	return grown[count] || sp_fail_memory(err);
}

bool sp_request_option(sp_request *request, const char *name, const char *value, sp_error *err)
{
	const char *text;

	if (!add_text(&request->texts, request->text_count, value, err))
		return false;
	text = request->texts[request->text_count++];
	if (request->ask == SP_ASK_DRY_RUN || request->ask == SP_ASK_IMPORT)
		return sp_import_settings_set(&request->import, name, text, err);
	return sp_export_options_set(&request->options, name, text, err);
}

static bool add_fields(sp_request_decision *to, const char *fields, sp_error *err)
{
	char *copy = strdup(fields), *rest = copy, *field;
	bool ok = copy || sp_fail_memory(err);

	while (ok && (field = strsep(&rest, ","))) {
		field += strspn(field, " ");
		field[strcspn(field, " ")] = '\0';
		if (!*field)
			continue;
		ok = add_text(&to->fields, to->field_count, field, err);
		to->field_count += ok;
	}
	free(copy);
	return ok;
}

bool sp_request_decide(sp_request *request, long group, const char *word, const char *fields,
                       sp_error *err)
{
	size_t count = (size_t)request->decision_count;
	sp_request_decision *grown = reallocarray(request->decisions, count + 1, sizeof *grown);

	if (!grown)
		return sp_fail_memory(err);
	request->decisions = grown;
	grown[count] = (sp_request_decision){ .group = group, .word = strdup(word) };
	request->decision_count++;
	return (grown[count].word || sp_fail_memory(err)) &&
	       (!fields || add_fields(&grown[count], fields, err));
}

bool sp_request_run(sp_request *request, const char *uuid, const char *file, sp_error *err)
{
	if (!add_text(&request->files, request->run_count, file ? file : "", err))
		return false;
	if (!add_text(&request->runs, request->run_count, uuid, err)) {
		free(request->files[request->run_count]);
		return false;
	}
	request->run_count++;
	return true;
}

void sp_reply_free(sp_reply *reply)
{
	if (!reply)
		return;
	sp_error_clear(&reply->err);
	sp_json_free(reply->json);
	free(reply);
}

/* Checks on their way. */
typedef struct {
	sp_tell_fn *tell;
	void *ctx;
	sp_error *err;
} check_teller;

/* --- looking ---------------------------------------------------------------- */

/* A connection, and who acts. */
typedef struct {
	sp_db *db;
	sp_catalog *catalog;
	sp_actor *actor;
} session;

static bool open_session(session *s, const sp_request *request, sp_job *job, sp_error *err)
{
	sp_job_phase(job, N_("connecting"), 0);
	s->db = sp_instance_db(&request->instance, job, err);
	s->catalog = s->db ? sp_catalog_read(s->db, err) : NULL;
	s->actor = s->catalog ? sp_actor_find(s->db, s->catalog, request->instance.as, err) : NULL;
	if (s->actor)
		sp_job_phase(job, N_("reading"), 0);
	return s->actor != NULL;
}

static void close_session(session *s)
{
	sp_actor_free(s->actor);
	sp_catalog_free(s->catalog);
	sp_db_close(s->db);
}

static void add_facts(const session *s, sp_json *to)
{
	int version = sp_db_server_version(s->db);
	sp_buf text = { 0 };

	sp_buf_addf(&text, "%d.%d", version / 10000, version % 10000);
	sp_json_add_text(to, "server", sp_buf_text(&text));
	sp_json_add_text(to, "user", s->actor->name);
	sp_buf_free(&text);
}

static bool count_infospaces(const session *s, sp_json *to, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT count(*) FROM (");
	sp_access_query(&sql, s->catalog, s->actor);
	sp_buf_adds(&sql, ") w");
	rows = sp_db_query_buf(s->db, &sql, 0, NULL, err);
	if (rows)
		sp_json_add_int(to, "infospaces", sp_rows_int(rows, 0, 0));
	sp_rows_free(rows);
	return rows != NULL;
}

static bool add_list(const session *s, const sp_request *request, sp_json *to, sp_error *err)
{
	const sp_run_filter filter = { .infospace = request->infospace };
	sp_json *list;

	switch (request->ask) {
	case SP_ASK_INSTANCE: return count_infospaces(s, to, err);
	case SP_ASK_INFOSPACES:
		list = sp_list_infospaces(s->db, s->catalog, s->actor, err);
		return list && (sp_json_add(to, "infospaces", list) || sp_fail_memory(err));
	case SP_ASK_RUNS:
		list = sp_list_runs(s->db, s->catalog, s->actor, &filter, err);
		return list && (sp_json_add(to, "runs", list) || sp_fail_memory(err));
	default:
		list = sp_list_run(s->db, s->catalog, s->actor, request->runs[0], err);
		return list && (sp_json_add(to, "run", list) || sp_fail_memory(err));
	}
}

bool sp_request_answer(sp_json *json, sp_tell_fn *tell, void *ctx, sp_error *err)
{
	if (sp_json_is_whole(json))
		return tell(ctx, json, err);
	sp_json_free(json);
	return sp_fail_memory(err);
}

static bool look(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx, sp_error *err)
{
	session s = { NULL, NULL, NULL };
	sp_json *json = sp_json_object();
	bool ok = json || sp_fail_memory(err);

	ok = ok && open_session(&s, request, job, err);
	if (ok)
		add_facts(&s, json);
	ok = ok && add_list(&s, request, json, err);
	close_session(&s);
	if (ok)
		return sp_request_answer(json, tell, ctx, err);
	sp_json_free(json);
	return false;
}

static bool tell_check(check_teller *to, const sp_check *check)
{
	sp_json *json = sp_json_object();

	sp_json_add_text(json, "title", check->title);
	sp_json_add_text(json, "state", sp_check_states[check->state]);
	sp_json_add_text(json, "found", check->found.text);
	sp_json_add_text(json, "do", check->found.hint);
	sp_json_add_int(json, "milliseconds", check->milliseconds);
	return sp_request_answer(json, to->tell, to->ctx, to->err);
}

static void on_check(void *ctx, const sp_check *check)
{
	check_teller *to = ctx;

	if (!sp_error_is_set(to->err))
		tell_check(to, check);
}

static bool examine(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                    sp_error *err)
{
	check_teller to = { tell, ctx, err };

	sp_doctor_run(&request->instance, job, on_check, &to);
	return !sp_error_is_set(err) && sp_job_go_on(job, err);
}

/* --- planning --------------------------------------------------------------- */

static char *path_of(const sp_request *request, int i, sp_error *err)
{
	sp_buf path = { 0 };
	size_t len = strlen(request->folder);
	char *text;

	sp_buf_addf(&path, "%s%s%s", request->folder, len && request->folder[len - 1] == '/' ? "" : "/",
	            request->files[i]);
	text = sp_buf_take(&path);
	if (!text)
		sp_fail_memory(err);
	return text;
}

/* The folder, or the nearest above it that is there: it is made later. */
static bool add_free(const char *folder, sp_json *to, sp_error *err)
{
	char *path = strdup(folder), *slash;
	struct statvfs info;
	bool ok;

	if (!path)
		return sp_fail_memory(err);
	sp_json_add_bool(to, "folder", sp_target_is_folder(path));
	while (!(ok = statvfs(path, &info) == 0) && errno == ENOENT && (slash = strrchr(path, '/')) &&
	       slash != path)
		*slash = '\0';
	if (ok)
		sp_json_add_int(to, "free", (int64_t)info.f_bavail * (int64_t)info.f_frsize);
	free(path);
	return true;
}

static bool add_targets(const sp_request *request, sp_json *to, sp_error *err)
{
	sp_json *targets = sp_json_add_array(to, "targets");

	for (int i = 0; i < request->run_count; i++) {
		char *path = path_of(request, i, err);
		sp_json *target = sp_json_add_object(targets, NULL);

		if (!path)
			return false;
		sp_json_add_text(target, "path", path);
		sp_json_add_bool(target, "exists", access(path, F_OK) == 0);
		free(path);
	}
	return add_free(request->folder, to, err);
}

/* The snapshot isn't held while a person thinks. */
static bool plan_all(const sp_request *request, sp_export *export, sp_json *plans, sp_error *err)
{
	for (int i = 0; i < request->run_count; i++) {
		const sp_json *plan;
		sp_found_run run;

		if (!sp_export_find(export, request->runs[i], NULL, &run, err) ||
		    !sp_export_plan(export, run.id, &plan, err) || !sp_export_release(export, err) ||
		    !(sp_json_add(plans, NULL, sp_json_copy(plan)) || sp_fail_memory(err)))
			return false;
	}
	return true;
}

static sp_export_settings settings_of(const sp_request *request)
{
	return (sp_export_settings){ .instance = &request->instance, .options = request->options };
}

static bool plan(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx, sp_error *err)
{
	sp_export_settings settings = settings_of(request);
	sp_json *json = sp_json_object();
	sp_export *export = sp_export_open(&settings, job, err);
	bool ok = export && plan_all(request, export, sp_json_add_array(json, "plans"), err);

	sp_export_close(export);
	if (ok)
		return sp_request_answer(json, tell, ctx, err);
	sp_json_free(json);
	return false;
}

static bool look_at_targets(const sp_request *request, sp_tell_fn *tell, void *ctx, sp_error *err)
{
	sp_json *json = sp_json_object();

	if (json && add_targets(request, json, err))
		return sp_request_answer(json, tell, ctx, err);
	sp_json_free(json);
	return sp_fail_memory(err);
}

/* --- writing ---------------------------------------------------------------- */

const char sp_phase_read_back[] = N_("reading back");

/* SHA-256 of the file as it lies there. */
static bool hash_file(int fd, const char *path, sp_job *job, char hex[SP_SHA256_HEX + 1],
                      sp_error *err)
{
	sp_sha256 *sha = sp_sha256_create(err);
	char data[65536];
	ssize_t got = -1;

	while (sha && sp_job_go_on(job, err)) {
		got = read(fd, data, sizeof data);
		if (got <= 0)
			break;
		sp_sha256_update(sha, data, (size_t)got);
		sp_job_add(job, 0, 0);
	}
	if (sha && got < 0 && !sp_error_is_set(err))
		sp_fail_errno(err, errno, N_("can't read %s"), path);
	if (sha && !sp_error_is_set(err) && !sp_sha256_hex(sha, hex))
		sp_fail(err, SP_FAILED, NULL, N_("SHA-256 failed"));
	sp_sha256_free(sha);
	return !sp_error_is_set(err);
}

/* `written`: bytes that went into the package. */
static bool read_back(const sp_request *request, const char *path, uint64_t written, sp_job *job,
                      sp_json *to, sp_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char hex[SP_SHA256_HEX + 1] = "";
	sp_progress at;
	bool ok;

	if (fd < 0)
		return sp_fail_errno(err, errno, N_("can't read %s"), path);
	sp_job_look(job, &at);
	/* its entries again, as long as they were when they were written */
	sp_job_total_bytes(job, at.bytes + written);
	sp_job_phase(job, sp_phase_read_back, 0);
	ok = hash_file(fd, path, job, hex, err);
	if (ok && request->check) {
		ok = lseek(fd, 0, SEEK_SET) == 0 || sp_fail_errno(err, errno, N_("can't read %s"), path);
		ok = ok && sp_validate_whole(fd, path, job, err);
	}
	close(fd);
	sp_json_add_text(to, "sha256", hex);
	sp_json_add_bool(to, "checked", request->check);
	return ok;
}

/* The manifest's warnings, and where it isn't on record in the database. */
static bool add_warnings(const sp_export_result *result, sp_json *to, sp_error *err)
{
	const sp_json *at = sp_json_first(sp_json_get(result->manifest, "warnings"));
	sp_json *warnings = sp_json_add_array(to, "warnings"), *item;
	bool ok = warnings != NULL;

	for (; ok && at; at = sp_json_next(at))
		ok = sp_json_add(warnings, NULL, sp_json_copy(at));
	if (ok && sp_error_is_set(result->note)) {
		item = sp_json_add_object(warnings, NULL);
		sp_json_add_text(item, "code", "not_recorded");
		ok = sp_json_add_int(item, "count", 1);
	} else if (ok && result->note->text) {
		ok = sp_json_add_bool(to, "recorded_here", true);
	}
	return ok || sp_fail_memory(err);
}

static bool write_one(const sp_request *request, sp_export *export, int i, sp_job *job, sp_json *to,
                      sp_error *err)
{
	char *path = path_of(request, i, err);
	sp_export_result result;
	const sp_json *plan;
	sp_progress before, after;
	sp_found_run run;
	bool ok;

	sp_job_look(job, &before);
	ok = path && sp_export_find(export, request->runs[i], NULL, &run, err) &&
	     sp_export_plan(export, run.id, &plan, err) && sp_folders_make(path, 0777, err) &&
	     sp_export_write(export, path, request->force, &result, err);
	if (ok) {
		sp_job_look(job, &after);
		sp_json_add_text(to, "path", path);
		sp_json_add_text(to, "run", run.name);
		sp_json_add_int(to, "size", (int64_t)result.size);
		sp_json_add_int(to, "entries", (int64_t)result.entries);
		sp_json_add(to, "counts", sp_json_copy(sp_json_get(result.manifest, "counts")));
		sp_json_add(to, "missing_files", sp_json_copy(sp_json_get(plan, "missing_files")));
		ok = add_warnings(&result, to, err) && (sp_json_is_whole(to) || sp_fail_memory(err)) &&
		     read_back(request, path, after.bytes - before.bytes, job, to, err);
	}
	free(path);
	return ok;
}

static bool export_all(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                       sp_error *err)
{
	sp_export_settings settings = settings_of(request);
	sp_export *export = sp_export_open(&settings, job, err);
	bool ok = export != NULL;

	for (int i = 0; ok && i < request->run_count; i++) {
		sp_json *json = sp_json_object();

		ok = (json || sp_fail_memory(err)) && write_one(request, export, i, job, json, err);
		if (ok)
			ok = sp_request_answer(json, tell, ctx, err);
		else
			sp_json_free(json);
	}
	sp_export_close(export);
	return ok;
}

/* --- drafts ----------------------------------------------------------------- */

static bool list_drafts(const sp_request *request, sp_tell_fn *tell, void *ctx, sp_error *err)
{
	sp_json *json = sp_json_object();

	if (sp_drafts_list(request->drafts, sp_json_add_array(json, "drafts"), err))
		return tell(ctx, json, err);
	sp_json_free(json);
	return false;
}

/* Whether somebody leaves meanwhile isn't asked: it is for then. */
static bool keep_draft(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                       sp_error *err)
{
	sp_json *json = sp_json_object();
	sp_buf name = { 0 };
	bool ok = json || sp_fail_memory(err);

	if (request->draft)
		sp_buf_adds(&name, request->draft);
	else
		sp_buf_addf(&name, "%s.json", sp_job_id(job));
	if (ok && request->text)
		ok = sp_drafts_keep(request->drafts, sp_buf_text(&name), request->text, err);
	else if (ok && request->draft)
		ok = sp_drafts_drop(request->drafts, request->draft, err);
	if (ok && request->other)
		ok = sp_drafts_drop(request->drafts, request->other, err);
	if (request->text)
		sp_json_add_text(json, "file", sp_buf_text(&name));
	sp_buf_free(&name);
	if (ok)
		return tell(ctx, json, err);
	sp_json_free(json);
	return false;
}

bool sp_request_do(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                   sp_error *err)
{
	switch (request->ask) {
	case SP_ASK_SURVEY:
	case SP_ASK_PLAN: return plan(request, job, tell, ctx, err);
	case SP_ASK_CHECKS: return examine(request, job, tell, ctx, err);
	case SP_ASK_TARGETS: return look_at_targets(request, tell, ctx, err);
	case SP_ASK_EXPORT: return export_all(request, job, tell, ctx, err);
	case SP_ASK_PACKAGES: return sp_request_packages(request, job, tell, ctx, err);
	case SP_ASK_INSPECT: return sp_request_inspect(request, job, tell, ctx, err);
	case SP_ASK_DRY_RUN: return sp_request_dry_run(request, job, tell, ctx, err);
	case SP_ASK_IMPORT: return sp_request_import(request, job, tell, ctx, err);
	case SP_ASK_DRAFTS: return list_drafts(request, tell, ctx, err);
	case SP_ASK_KEEP:
	case SP_ASK_FORGET: return keep_draft(request, job, tell, ctx, err);
	default: return look(request, job, tell, ctx, err);
	}
}
