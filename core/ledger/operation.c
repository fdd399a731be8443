#include <config.h>

#include "core/ledger/operation.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/db/sql.h"
#include "core/ledger/local.h"

/* How often a lost connection is made anew. */
#define TRIES 3

/* What is said of each kind, and to whom. */
typedef struct {
	const char *word, *options;
	const char *may_write, *begin, *end;
	bool may_be_local; /* on this machine, instead of in the database */
	int patience;      /* seconds that connecting, and silence, may take of its time */
	const char *locks; /* how long it waits for what others hold */
} operation_kind;

static const operation_kind kinds[] = {
	[SP_OPERATION_EXPORT] = { "export", "export_options", sp_sql_ledger_may_write,
	                          sp_sql_ledger_begin, sp_sql_ledger_end, true, 5,
	                          "SET lock_timeout = '4s'" },
	[SP_OPERATION_IMPORT] = { "import", "import_options", sp_sql_ledger_may_import,
	                          sp_sql_ledger_begin_import, sp_sql_ledger_end_import, false, 60,
	                          "SET lock_timeout = '30s'" },
};

struct sp_operation {
	const operation_kind *kind;
	sp_job *job;
	const sp_instance *instance;
	sp_json *record;
	sp_db *db;       /* of the record; NULL: none, or lost */
	bool in_ledger;  /* its row is there … */
	int64_t id;      /* … with this id */
	int tries;       /* that are left */
	sp_local *local; /* NULL: not on this machine */
	sp_error why;    /* it isn't in the database */
	sp_error failed; /* it isn't anywhere */
};

/* --- the record ---------------------------------------------------------------------------- */

/* As ledger_list.sql has it. */
static void add_now(sp_json *to, const char *key)
{
	struct timespec now = { 0, 0 };
	struct tm parts;
	char date[32], text[64];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text, sizeof text, "%s.%06ldZ", date, now.tv_nsec / 1000);
	sp_json_add_text(to, key, text);
}

/* Who looks for it later stands in another folder. */
static void add_path(sp_json *to, const char *path)
{
	char *here = path && *path != '/' && strcmp(path, "-") != 0 ? getcwd(NULL, 0) : NULL;
	sp_buf text = { 0 };

	if (here)
		sp_buf_addf(&text, "%s/", here);
	sp_buf_adds(&text, path ? path : "");
	if (text.failed) /* which the record remembers */
		sp_json_add(to, "package_path", NULL);
	else
		sp_json_add_text(to, "package_path", sp_buf_text(&text));
	sp_buf_free(&text);
	free(here);
}

static sp_json *make_record(const sp_operation_place *place, const sp_operation_about *about,
                            const char *id)
{
	sp_json *record = sp_json_object();
	char host[HOST_NAME_MAX + 1] = "";

	/* of a name that is too long the beginning will do */
	if (gethostname(host, sizeof host) != 0)
		host[sizeof host - 1] = '\0';
	sp_json_add_text(record, "uuid", id);
	sp_json_add_text(record, "operation", kinds[about->kind].word);
	sp_json_add_text(record, "status", "running");
	if (about->type) {
		sp_json_add_text(record, "operation_type", about->type);
		sp_json_add_int(record, "source_id", about->source_id);
		sp_json_add_text(record, "source_name", about->source_name);
	}
	if (about->infospace_id)
		sp_json_add_int(record, "infospace_id", about->infospace_id);
	sp_json_add_text(record, "infospace", about->infospace);
	add_path(record, about->package_path);
	sp_json_add_int(record, "created_by", about->actor->id);
	sp_json_add_text(record, "acting_user", about->actor->name);
	add_now(record, "created_at");
	sp_json_add_text(record, "host", host);
	sp_json_add_text(record, "login", sp_db_login(place->db));
	sp_json_add_text(record, "program_version", PACKAGE_VERSION);
	sp_json_add_text(record, "instance", about->instance);
	sp_json_add_text(record, "database", sp_db_database(place->db));
	sp_json_add_text(record, "database_host", sp_db_server(place->db));
	if (about->options)
		sp_json_add(record, kinds[about->kind].options, sp_json_copy(about->options));
	return record;
}

/* The same as it ended. */
static sp_json *end_record(const sp_json *begun, const char *status)
{
	sp_json *record = sp_json_object();

	for (const sp_json *at = sp_json_first(begun); at; at = sp_json_next(at))
		if (strcmp(sp_json_key(at), "status") != 0)
			sp_json_add(record, sp_json_key(at), sp_json_copy(at));
	sp_json_add_text(record, "status", status);
	add_now(record, "completed_at");
	return record;
}

static sp_json *failed_or_done(const sp_json *begun, const sp_error *failure, uint64_t size)
{
	sp_json *record = end_record(begun, !sp_error_is_set(failure)         ? "done"
	                                    : failure->code == SP_INTERRUPTED ? "interrupted"
	                                                                      : "failed");

	if (sp_error_is_set(failure))
		sp_json_add_text(record, "error_message", sp_error_text_c(failure));
	else
		sp_json_add_int(record, "file_size_bytes", (int64_t)size);
	return record;
}

/* --- in the database ------------------------------------------------------------------------- */

/* What the audit says besides: a JSON text, safe for whoever prints it. */
static void add_details(sp_buf *to, const sp_json *record)
{
	static const char *const keys[] = { "operation_type", "source_id",       "infospace_id",
		                                "package_path",   "file_size_bytes", "error_message",
		                                "program_version" };
	sp_json *details = sp_json_object();
	sp_buf text = { 0 };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const sp_json *value = sp_json_get(record, keys[i]);

		if (sp_json_kind_of(value) == SP_JSON_IS_TEXT)
			sp_json_add_text(details, keys[i], sp_json_value_text(value));
		else if (value)
			sp_json_add_int(details, keys[i], sp_json_int(record, keys[i], 0));
	}
	if (sp_json_print(details, false, &text))
		sp_safe_json(to, text.data, text.len);
	else
		to->failed = true;
	sp_buf_free(&text);
	sp_json_free(details);
}

/* Runs a statement that takes the record and its details: the rows that it gives. */
static sp_rows *write_record(sp_db *db, const char *sql, const sp_json *record, sp_error *err)
{
	sp_buf text = { 0 }, details = { 0 };
	sp_rows *rows = NULL;

	add_details(&details, record);
	if (!sp_json_print(record, false, &text) || details.failed)
		sp_fail_memory(err);
	else
		rows = sp_db_query(db, sql, 2, (const char *const[]){ text.data, details.data }, err);
	sp_buf_free(&text);
	sp_buf_free(&details);
	return rows;
}

static void close_ledger(sp_operation *o)
{
	sp_db_close(o->db);
	o->db = NULL;
}

static int at_most(const sp_operation *o, int said)
{
	return said && said < o->kind->patience ? said : o->kind->patience;
}

/* Connects, and takes the lock; `job` (may be NULL) can stop it. */
static bool open_ledger(sp_operation *o, sp_job *job, sp_error *err)
{
	const char *params[] = { sp_json_text(o->record, "uuid") };
	sp_rows *rows = NULL;

	o->db = sp_db_open(o->instance->db, at_most(o, o->instance->timeout),
	                   at_most(o, o->instance->connect_timeout), job, err);
	/* an older connection of its own may hold it until the server knows that it is gone */
	if (o->db && sp_db_exec(o->db, o->kind->locks, err))
		rows = sp_db_query(o->db, sp_sql_ledger_lock, 1, params, err);
	if (!rows)
		close_ledger(o);
	sp_rows_free(rows);
	if (o->db)
		/* an operation that was stopped is on record as that */
		sp_db_follow(o->db, NULL);
	return o->db != NULL;
}

static bool may_write(const sp_operation *o, sp_error *err)
{
	sp_rows *rows = sp_db_query(o->db, o->kind->may_write, 0, NULL, err);
	bool may = rows && sp_rows_bool(rows, 0, 0);

	if (rows && !may)
		sp_fail(err, SP_NOT_ALLOWED,
		        N_("An administrator can have them recorded: spaceport setup --grant LOGIN."),
		        N_("this login may not record operations in the database"));
	sp_rows_free(rows);
	return may;
}

/* Whether the database is to be tried at all; else *err says why not. */
static bool judge(const sp_own_schema *own, sp_error *err)
{
	if (!own->there)
		return sp_fail(err, SP_NOT_ALLOWED,
		               N_("An administrator can have them recorded: spaceport setup."),
		               N_("operations aren't recorded in this database"));
	if (!own->trusted)
		return sp_fail(err, SP_NOT_ALLOWED, N_("Ask an administrator who made it."),
		               N_("the schema spaceport of this database belongs to somebody who doesn't "
		                  "manage the database"));
	if (!own->readable)
		return sp_fail(
			err, SP_NOT_ALLOWED,
			N_("An administrator can have them recorded: spaceport setup --grant LOGIN."),
			N_("this login may not record operations in the database"));
	if (own->version != SP_OWN_SCHEMA_VERSION)
		return sp_fail(err, SP_INCOMPATIBLE,
		               own->version < SP_OWN_SCHEMA_VERSION
		                   ? N_("An administrator can bring it up to date: spaceport setup.")
		                   : N_("Use a newer spaceport here."),
		               N_("the schema spaceport of this database is of version %d, and this "
		                  "program writes version %d"),
		               own->version, SP_OWN_SCHEMA_VERSION);
	if (own->standby || own->read_only)
		return sp_fail(err, SP_NOT_ALLOWED, NULL, N_("this database is read-only"));
	return true;
}

static void begin_in_ledger(sp_operation *o, const sp_own_schema *own)
{
	sp_rows *rows = NULL;

	if (!judge(own, &o->why) || !open_ledger(o, o->job, &o->why))
		return;
	if (may_write(o, &o->why))
		rows = write_record(o->db, o->kind->begin, o->record, &o->why);
	o->in_ledger = rows != NULL;
	if (rows)
		o->id = sp_rows_int(rows, 0, 0);
	else
		close_ledger(o);
	sp_rows_free(rows);
}

/* --- meanwhile ------------------------------------------------------------------------------- */

static sp_json *progress_json(const sp_progress *at)
{
	sp_json *json = sp_json_object();

	sp_json_add_text(json, "phase", at->phase);
	sp_json_add_int(json, "rows", (int64_t)at->rows);
	sp_json_add_int(json, "rows_total", (int64_t)at->rows_total);
	sp_json_add_int(json, "bytes", (int64_t)at->bytes);
	sp_json_add_int(json, "bytes_total", (int64_t)at->bytes_total);
	sp_json_add_int(json, "bytes_per_second", (int64_t)at->rate);
	if (at->left >= 0)
		sp_json_add_int(json, "seconds_left", (int64_t)(at->left + 0.5));
	return json;
}

static void tick_ledger(sp_operation *o, const sp_json *progress)
{
	sp_error lost = SP_ERROR_INIT;
	sp_buf text = { 0 };
	sp_rows *rows = NULL;

	if (!o->db && o->tries > 0) {
		o->tries--;
		open_ledger(o, o->job, &lost);
	}
	if (o->db && sp_json_print(progress, false, &text))
		rows =
			sp_db_query(o->db, sp_sql_ledger_tick, 2,
		                (const char *const[]){ text.data, sp_json_text(o->record, "uuid") }, &lost);
	/* the end tries once more, and tells */
	if (sp_error_is_set(&lost))
		close_ledger(o);
	sp_rows_free(rows);
	sp_buf_free(&text);
	sp_error_clear(&lost);
}

static void on_second(void *ctx, const sp_progress *at)
{
	sp_operation *o = ctx;
	sp_json *progress = progress_json(at);

	/* who waits for a connection to the record reports as well */
	sp_job_on_second(o->job, NULL, NULL);
	if (o->in_ledger)
		tick_ledger(o, progress);
	else if (o->local)
		sp_local_tick(o->local, progress);
	sp_job_on_second(o->job, on_second, o);
	sp_json_free(progress);
}

/* --- begin and end ---------------------------------------------------------------------------- */

sp_operation *sp_operation_begin(const sp_operation_place *place, const sp_operation_about *about,
                                 sp_job *job)
{
	sp_operation *o = calloc(1, sizeof *o);

	if (!o)
		return NULL;
	o->kind = &kinds[about->kind];
	o->job = job;
	o->instance = place->instance;
	o->tries = TRIES;
	o->record = make_record(place, about, sp_job_id(job));
	if (sp_json_is_whole(o->record))
		begin_in_ledger(o, place->own);
	else
		sp_fail_memory(&o->failed);
	if (!o->in_ledger && o->kind->may_be_local && !sp_error_is_set(&o->failed))
		o->local = sp_local_begin(o->record, &o->failed);
	sp_job_on_second(job, on_second, o);
	return o;
}

int64_t sp_operation_id(sp_operation *o, sp_error *err)
{
	if (!o)
		sp_fail_memory(err);
	else if (!o->in_ledger)
		sp_error_move(err, sp_error_is_set(&o->failed) ? &o->failed : &o->why);
	return o ? o->id : 0;
}

bool sp_operation_sees(void *ctx, int pid)
{
	sp_operation *o = ctx;
	sp_error lost = SP_ERROR_INIT;
	sp_rows *rows = NULL;
	char text[16];
	bool works;

	snprintf(text, sizeof text, "%d", pid);
	if (o->db)
		rows = sp_db_query(o->db,
		                   "SELECT FROM pg_stat_activity WHERE pid = $1::integer AND state ="
		                   " 'active'",
		                   1, (const char *const[]){ text }, &lost);
	if (sp_error_is_set(&lost))
		close_ledger(o);
	works = rows && sp_rows_count(rows) == 1;
	sp_rows_free(rows);
	sp_error_clear(&lost);
	return works;
}

bool sp_operation_done(sp_operation *o, sp_db *db, int64_t infospace, const sp_json *result,
                       const sp_json *rollback, sp_error *err)
{
	sp_json *record = end_record(o->record, "done");
	sp_rows *rows;
	bool ok;

	sp_json_add_int(record, "target_infospace_id", infospace);
	sp_json_add(record, "import_result", sp_json_copy(result));
	sp_json_add(record, "rollback_info", sp_json_copy(rollback));
	rows = write_record(db, o->kind->end, record, err);
	ok = rows && (sp_rows_count(rows) == 1 ||
	              sp_fail(err, SP_FAILED, NULL, N_("its row in the database is gone")));
	sp_rows_free(rows);
	sp_json_free(record);
	return ok;
}

/* *count: of rows that said that it runs. */
static bool try_end(sp_operation *o, const sp_json *record, int *count, sp_error *err)
{
	sp_rows *rows = write_record(o->db, o->kind->end, record, err);

	if (!rows)
		return false;
	*count = sp_rows_count(rows);
	sp_rows_free(rows);
	return true;
}

/* False where its row stays as it was: *err says why. *count as above. */
static bool end_in_ledger(sp_operation *o, const sp_json *record, int *count, sp_error *err)
{
	sp_error first = SP_ERROR_INIT;
	bool asked = o->db != NULL;

	if (asked && try_end(o, record, count, &first))
		return true;
	close_ledger(o);
	sp_error_clear(&first);
	if (!open_ledger(o, NULL, err) || !try_end(o, record, count, err))
		return false;
	/* of what was asked before, only the answer may have been lost */
	if (asked && o->kind->may_be_local)
		*count = 1;
	return true;
}

/* What the row of an import says that nobody runs any more; false: *err says why it isn't known. */
static bool ask_done(sp_operation *o, bool *done, sp_error *err)
{
	const char *params[] = { sp_json_text(o->record, "uuid") };
	sp_rows *rows = sp_db_query(o->db, sp_sql_ledger_is_done, 1, params, err);

	*done = rows && sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return rows != NULL;
}

/* It is on this machine only, or nowhere, and why. */
static void take_note(sp_error *note, sp_error *why, sp_code code)
{
	sp_error_move(note, why);
	note->code = code;
}

/* True where its row says that it is done already. */
static bool end_somewhere(sp_operation *o, const sp_json *record, sp_error *note)
{
	bool here = false, done;
	int count = 1;

	if (o->in_ledger && end_in_ledger(o, record, &count, &o->why)) {
		if (count == 1)
			return false;
		if (o->kind->may_be_local)
			sp_fail(&o->why, SP_FAILED, NULL, N_("its row in the database is gone"));
		else if (ask_done(o, &done, &o->why))
			return done;
	}
	if (o->local)
		here = sp_local_end(o->local, record, &o->failed);
	else if (o->in_ledger && o->kind->may_be_local)
		here = sp_local_write(record, &o->failed);
	o->local = NULL;
	if (here || !sp_error_is_set(&o->failed))
		take_note(note, &o->why, here ? SP_OK : SP_WARNINGS);
	else
		take_note(note, &o->failed, SP_WARNINGS);
	return false;
}

bool sp_operation_end(sp_operation *o, const sp_error *failure, uint64_t size, sp_error *note)
{
	sp_json *record;
	bool done;

	if (!o) {
		sp_fail_memory(note);
		note->code = SP_WARNINGS;
		return false;
	}
	sp_job_on_second(o->job, NULL, NULL);
	record = failed_or_done(o->record, failure, size);
	if (!sp_json_is_whole(record))
		sp_fail_memory(&o->failed);
	done = end_somewhere(o, record, note);
	sp_json_free(record);
	sp_json_free(o->record);
	close_ledger(o);
	sp_error_clear(&o->why);
	sp_error_clear(&o->failed);
	free(o);
	return done;
}
