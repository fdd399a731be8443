#include <config.h>

#include "src/commands.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/db/catalog.h"
#include "core/ledger/operations.h"
#include "core/model/identity.h"
#include "src/instance.h"
#include "src/show.h"

/* How often a running operation is looked at, in tenths of a second. */
#define LOOK_EVERY 10

typedef struct {
	const sp_cli *cli;
	sp_job *job;
	sp_instance instance;
	sp_db *db;
	sp_catalog *catalog;
	sp_identity *identity;
} looking;

static const struct {
	const char *word, *title;
} statuses[] = {
	{ "running", N_("running") }, { "done", N_("done") },
	{ "failed", N_("failed") },   { "interrupted", N_("interrupted") },
	{ "lost", N_("lost") },       { "unreadable", N_("unreadable") },
};

static const char *status_of(const sp_json *item)
{
	const char *word = sp_json_text(item, "status");

	for (size_t i = 0; word && i < sizeof statuses / sizeof *statuses; i++)
		if (!strcmp(statuses[i].word, word))
			return _(statuses[i].title);
	return word ? word : "?";
}

static bool is_running(const sp_json *item)
{
	const char *status = sp_json_text(item, "status");

	return status && !strcmp(status, "running");
}

/* "2026-11-21 17:44:00" of "2026-11-21T17:44:00.123456Z". */
static void add_time(sp_buf *to, const sp_json *item, const char *key)
{
	const char *text = sp_json_text(item, key);
	size_t len = text ? strlen(text) : 0;

	for (size_t i = 0; i < len && i < 19; i++)
		sp_buf_addc(to, text[i] == 'T' ? ' ' : text[i]);
}

/* --- the list ------------------------------------------------------------------------------ */

/* The run that it exported, or the first that it imported, and how many more. */
static void add_runs(sp_buf *to, const sp_json *item)
{
	const char *exported = sp_json_text(item, "source_name");
	const sp_json *run = sp_json_first(sp_json_get(sp_json_get(item, "import_result"), "runs"));
	const char *name = exported ? exported : sp_json_text(run, "name");
	int more = 0;

	sp_buf_adds(to, name ? name : "");
	while (run && (run = sp_json_next(run)))
		more++;
	if (more)
		sp_buf_addf(to, " +%d", more);
}

static void add_row(sp_listing *table, const sp_json *item)
{
	int64_t size = sp_json_int(item, "file_size_bytes", -1);
	sp_buf text = { 0 };

	sp_buf_add(&text, sp_json_text(item, "uuid"), 8);
	sp_listing_take(table, &text);
	sp_listing_cell(table, sp_json_text(item, "operation"));
	sp_listing_cell(table, status_of(item));
	add_runs(&text, item);
	sp_listing_take(table, &text);
	sp_listing_cell(table, sp_json_text(item, "infospace"));
	add_time(&text, item, "created_at");
	sp_listing_take(table, &text);
	if (size >= 0)
		sp_text_bytes(&text, (unsigned long long)size);
	sp_listing_take(table, &text);
	sp_listing_cell(table, sp_json_text(item, "package_path"));
}

static bool print_table(const sp_json *list, sp_error *err)
{
	static const char *const titles[] = {
		N_("OPERATION"), N_("KIND"),  N_("STATUS"), N_("RUN"),
		N_("INFOSPACE"), N_("BEGUN"), N_("SIZE"),   N_("PACKAGE")
	};
	int count = sizeof titles / sizeof *titles;
	sp_listing *table = sp_listing_create(count);
	bool ok;

	for (int i = 0; i < count; i++)
		sp_listing_head(table, i, titles[i], i == 6);
	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		add_row(table, at);
	ok = sp_listing_print(table, stdout, err);
	sp_listing_free(table);
	return ok;
}

/* The lists of a database where nobody has made a place for them are short. */
static void note_missing(const looking *l)
{
	const sp_own_schema *own = &l->catalog->own;

	if (!own->there)
		sp_show_note(l->cli, N_("In this database operations aren't on record: these are of this "
		                        "machine. An administrator can change that: spaceport setup."));
	else if (!own->trusted || !own->readable || own->version != SP_OWN_SCHEMA_VERSION)
		sp_show_note(l->cli, N_("This login, or this version of spaceport, can't read the records "
		                        "of the database: these are of this machine."));
}

/* Takes `item`. */
static bool print_json(const sp_cli *cli, const char *key, sp_json *item, sp_error *err)
{
	sp_json *json = sp_json_object();
	bool ok = sp_json_add_bool(json, "success", true);

	if (!ok)
		sp_json_free(item);
	ok = ok && sp_json_add(json, key, item);
	ok = ok ? sp_show_json(cli, json, err) : sp_fail_memory(err);
	sp_json_free(json);
	return ok;
}

static bool list_all(looking *l, sp_error *err)
{
	sp_json *list =
		sp_operations_list(l->db, &l->catalog->own, sp_identity_instance(l->identity),
	                       sp_cli_text(l->cli, "status"), sp_cli_int(l->cli, "limit"), err);
	bool ok;

	if (!list)
		return false;
	note_missing(l);
	if (sp_cli_flag(l->cli, "json"))
		return print_json(l->cli, "operations", list, err);
	if (!sp_json_first(list))
		sp_show_note(l->cli, N_("There is nothing that fits."));
	ok = print_table(list, err);
	sp_json_free(list);
	return ok;
}

/* --- one ----------------------------------------------------------------------------------- */

static void add_progress(sp_buf *to, const sp_json *progress)
{
	int64_t total = sp_json_int(progress, "bytes_total", 0);
	const char *phase = sp_json_text(progress, "phase");

	sp_buf_addf(to, "%s, %lld", phase ? _(phase) : "?",
	            (long long)sp_json_int(progress, "rows", 0));
	if (sp_json_int(progress, "rows_total", 0))
		sp_buf_addf(to, "/%lld", (long long)sp_json_int(progress, "rows_total", 0));
	sp_buf_addf(to, " %s, ", _("rows"));
	sp_text_bytes(to, (unsigned long long)sp_json_int(progress, "bytes", 0));
	if (total) {
		sp_buf_adds(to, " / ");
		sp_text_bytes(to, (unsigned long long)total);
	}
}

static void add_value(sp_buf *to, const sp_json *item, const char *key, const sp_json *value)
{
	const char *text = sp_json_value_text(value);
	size_t len = strlen(key);

	if (len > 3 && !strcmp(key + len - 3, "_at"))
		add_time(to, item, key);
	else if (!strcmp(key, "status"))
		sp_buf_adds(to, status_of(item));
	else if (!strcmp(key, "progress"))
		add_progress(to, value);
	else if (!strcmp(key, "file_size_bytes"))
		sp_text_bytes(to, (unsigned long long)sp_json_int(item, key, 0));
	else if (text)
		sp_buf_adds(to, text);
	else if (!sp_json_print(value, false, to))
		to->failed = true;
}

/* By the names of columns, which scripts and administrators see elsewhere. */
static bool print_one(const sp_json *item, sp_error *err)
{
	sp_listing *table = sp_listing_create(2);
	sp_buf text = { 0 };
	bool ok;

	for (const sp_json *at = sp_json_first(item); at; at = sp_json_next(at)) {
		if (sp_json_kind_of(at) == SP_JSON_IS_NULL)
			continue;
		sp_listing_cell(table, sp_json_key(at));
		add_value(&text, item, sp_json_key(at), at);
		sp_listing_take(table, &text);
	}
	ok = sp_listing_print(table, stdout, err);
	sp_listing_free(table);
	return ok;
}

static void draw(sp_show_progress *show, const sp_json *item)
{
	const sp_json *from = sp_json_get(item, "progress");
	const char *phase = sp_json_text(from, "phase");
	sp_buf safe = { 0 };
	sp_progress at = {
		.rows = (uint64_t)sp_json_int(from, "rows", 0),
		.rows_total = (uint64_t)sp_json_int(from, "rows_total", 0),
		.bytes = (uint64_t)sp_json_int(from, "bytes", 0),
		.bytes_total = (uint64_t)sp_json_int(from, "bytes_total", 0),
		.rate = (double)sp_json_int(from, "bytes_per_second", 0),
		.left = (double)sp_json_int(from, "seconds_left", -1),
	};

	phase = phase ? phase : N_("connecting");
	sp_safe_text(&safe, phase, strlen(phase));
	at.phase = sp_buf_text(&safe);
	sp_progress_draw(show, &at);
	sp_buf_free(&safe);
}

/* False where a person has seen enough. */
static bool pause_looking(const looking *l)
{
	static const struct timespec tenth = { 0, 100000000 };

	for (int i = 0; i < LOOK_EVERY && !sp_job_cancelled(l->job); i++)
		(void)nanosleep(&tenth, NULL);
	return !sp_job_cancelled(l->job);
}

/* Until it ends, or somebody doesn't want to look any more: then as it was seen last. */
static sp_json *follow(looking *l, sp_json *item, sp_error *err)
{
	const char *uuid = sp_json_text(item, "uuid");
	sp_show_progress *show = sp_progress_follow();
	sp_json *next;

	while (is_running(item)) {
		draw(show, item);
		next = pause_looking(l) ? sp_operations_find(l->db, &l->catalog->own, uuid, err) : NULL;
		if (!next)
			break;
		sp_json_free(item);
		item = next;
		uuid = sp_json_text(item, "uuid");
	}
	sp_progress_end(show);
	if (sp_job_cancelled(l->job))
		sp_error_clear(err);
	return item;
}

static bool show_one(looking *l, sp_error *err)
{
	sp_json *item = sp_operations_find(l->db, &l->catalog->own, sp_cli_arg(l->cli, 0), err);
	bool ok;

	if (!item)
		return false;
	if (sp_cli_flag(l->cli, "json"))
		return print_json(l->cli, "operation", item, err);
	if (isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) && !sp_cli_flag(l->cli, "quiet"))
		item = follow(l, item, err);
	ok = !sp_error_is_set(err) && print_one(item, err);
	sp_json_free(item);
	return ok;
}

/* --- both ---------------------------------------------------------------------------------- */

static bool open_all(looking *l, sp_error *err)
{
	if (!sp_cli_instance(l->cli, &l->instance, err))
		return false;
	/* a sign of life before any answer from the network */
	sp_show_note(l->cli, N_("connecting …"));
	l->db = sp_instance_db(&l->instance, l->job, err);
	l->catalog = l->db ? sp_catalog_read(l->db, err) : NULL;
	if (l->catalog)
		l->identity =
			sp_identity_create(l->instance.id ? l->instance.id : l->catalog->system_id, false, err);
	return l->identity != NULL;
}

static sp_code look(const sp_cli *cli, bool (*at)(looking *l, sp_error *err))
{
	looking l = { .cli = cli, .job = sp_job_create() };
	sp_error err = SP_ERROR_INIT;
	sp_code code;

	if (!l.job)
		sp_fail_memory(&err);
	sp_signals_watch(l.job);
	if (l.job && open_all(&l, &err))
		at(&l, &err);
	sp_signals_watch(NULL);
	code = err.code;
	if (sp_error_is_set(&err))
		sp_show_error(cli, &err);
	sp_identity_free(l.identity);
	sp_catalog_free(l.catalog);
	sp_db_close(l.db);
	sp_instance_clear(&l.instance);
	sp_job_free(l.job);
	sp_error_clear(&err);
	return code;
}

sp_code cmd_list_operations(const sp_cli *cli)
{
	return look(cli, list_all);
}

sp_code cmd_show(const sp_cli *cli)
{
	return look(cli, show_one);
}
