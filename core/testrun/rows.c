#include <config.h>

#include "core/testrun/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/sql.h"

/* Rows of a statement: enough to be fast, few enough for the progress to move
 * and for the server never to be silent for long. */
#define SLICE 20000

/* Columns that are left alone where HQ may do without: what an id is of isn't
 * known, what has a time or a switch might start work, what is a secret none
 * should be made up for. */
#define LEFT_ALONE                                                                                 \
	"(_ids?$|^next|next_|due|schedul|trigger|active|enabl|auto|follow|poll|retry|queue|"           \
	"token|secret|passw|credential|api_key)"

/* Allocated beforehand, since rows name each other: kinds that have a UUID. */
static const struct {
	const char *kind, *table;
} named[] = {
	{ "bundle", "bundle" },     { "source", "source" }, { "schema", "annotationschema" },
	{ "run", "annotationrun" }, { "asset", "asset" },
};
#define NAMED_COUNT (sizeof(named) / sizeof(*named))

typedef enum { ALL, ASSETS, ANNOTATIONS } range;

/* In the order in which imports take their locks. */
static const struct {
	const char *kind, *table, *sql;
	range range;
} steps[] = {
	{ "bundle", "bundle", sp_sql_make_bundle, ALL },
	{ "source", "source", sp_sql_make_source, ALL },
	{ "schema", "annotationschema", sp_sql_make_schema, ALL },
	{ "run", "annotationrun", sp_sql_make_run, ALL },
	{ "schema_link", "runschemalink", sp_sql_make_schema_link, ALL },
	{ "asset", "asset", sp_sql_make_asset, ASSETS },
	{ "bundle_link", "assetbundlelink", sp_sql_make_bundle_link, ASSETS },
	{ "chunk", "assetchunk", sp_sql_make_chunk, ASSETS },
	{ "annotation", "annotation", sp_sql_make_annotation, ANNOTATIONS },
	{ "justification", "justification", sp_sql_make_justification, ANNOTATIONS },
	{ "aggregate", "runaggregate", sp_sql_make_aggregate, ALL },
};
#define STEP_COUNT (sizeof(steps) / sizeof(*steps))

typedef struct {
	sp_testrun *run;
	char *inserts[STEP_COUNT];
	int64_t rows[STEP_COUNT];
} maker;

static int64_t count_of(const sp_testrun *run, const char *kind)
{
	if (!strcmp(kind, "asset"))
		return run->settings->assets;
	if (!strcmp(kind, "schema"))
		return run->settings->schemas;
	return !strcmp(kind, "bundle") ? 2 : 1;
}

/* --- before ------------------------------------------------------------------------ */

static const sp_column *needed_column(const sp_testrun *run, const char *name, const char *column,
                                      sp_error *err)
{
	const sp_table *table = sp_catalog_table(run->catalog, name);
	const sp_column *found = table ? sp_table_column(table, column) : NULL;

	if (!table)
		sp_fail(err, SP_INCOMPATIBLE, NULL,
		        N_("the schema \"%s\" has no table \"%s\", so this is no open-politics-hq "
		           "database"),
		        run->catalog->schema, name);
	else if (!found)
		sp_fail(err, SP_INCOMPATIBLE, NULL, N_("the table \"%s\" has no column \"%s\""), name,
		        column);
	return found;
}

static bool check_columns(const sp_testrun *run, sp_error *err)
{
	size_t i;

	for (i = 0; i < NAMED_COUNT; i++)
		if (!needed_column(run, named[i].table, "uuid", err))
			return false;
	return true;
}

static bool add_parameters(sp_testrun *run, sp_error *err)
{
	const sp_testrun_settings *s = run->settings;
	const sp_table *asset = sp_catalog_table(run->catalog, "asset");
	const sp_table *bundle = sp_catalog_table(run->catalog, "bundle");
	const sp_column *parent = sp_table_column(bundle, "parent_bundle_id");
	sp_buf sql = { 0 };

	sp_buf_addf(&sql, "INSERT INTO sp_make SELECT %" PRId64 ", ", s->seed);
	sp_sql_literal(&sql, run->catalog->schema);
	sp_buf_addf(&sql,
	            ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64
	            ", %s, %s, %s, 1, 0, "
	            "timestamp '2024-03-01 08:00:00.000250' + interval '1 day' * (%" PRId64 " %% 300)",
	            run->infospace, run->actor->id, s->assets, s->schemas, s->annotations,
	            sp_testrun_file_cycles(run),
	            sp_catalog_table(run->catalog, "justification") ? "false" : "true",
	            sp_table_column(asset, "bundle_id") ? "true" : "false",
	            parent && parent->not_null ? "0" : "NULL", s->seed);
	return sp_db_exec_buf(run->db, &sql, err);
}

static bool add_file(sp_testrun *run, const sp_testrun_file *file, sp_error *err)
{
	char cycle[24], pos[24], size[24], hash[SP_SHA256_HEX + 1];
	const char *values[] = { cycle, pos, file->path, size, hash };

	sp_sha256_update(run->sha, file->bytes.data, file->bytes.len);
	if (!sp_sha256_hex(run->sha, hash))
		return sp_fail(err, SP_FAILED, NULL, N_("OpenSSL can't compute a SHA-256"));
	/* numbers of 64 bits always fit */
	(void)snprintf(cycle, sizeof(cycle), "%" PRId64, file->cycle);
	(void)snprintf(pos, sizeof(pos), "%" PRId64, file->pos);
	(void)snprintf(size, sizeof(size), "%zu", file->bytes.len);
	return sp_db_copy_row(run->db, values, 5, err);
}

static bool add_files(sp_testrun *run, sp_error *err)
{
	sp_testrun_file file = { 0 };
	int64_t i;
	bool ok = sp_db_copy_in(run->db, "sp_file (cycle, pos, path, size, sha256)", err);

	for (i = 0; ok && sp_testrun_file_at(run, i, &file, err); i++) {
		ok = add_file(run, &file, err);
		sp_testrun_file_free(&file);
	}
	if (!ok || sp_error_is_set(err)) {
		sp_testrun_file_free(&file);
		return false;
	}
	return sp_db_copy_end(run->db, err);
}

/* Ids by the default of the table's own column, as an insert would get them. */
static bool allocate(sp_testrun *run, const char *to, const char *kind, const char *name,
                     int64_t first, int64_t last, sp_error *err)
{
	const sp_table *table = sp_catalog_table(run->catalog, name);
	const sp_column *id = needed_column(run, name, "id", err);
	sp_buf sql = { 0 };

	if (!id)
		return false;
	sp_buf_addf(&sql, "INSERT INTO %s SELECT '%s', g.n, ", to, kind);
	if (id->default_sql) {
		sp_buf_adds(&sql, id->default_sql);
	} else {
		sp_buf_adds(&sql, "nextval(pg_get_serial_sequence(");
		sp_sql_literal(&sql, table->quoted);
		sp_buf_adds(&sql, ", 'id')::regclass)");
	}
	sp_buf_addf(&sql,
	            ", g.h, pg_temp.sp_uuid(g.h) FROM (SELECT n, sha256(convert_to('make-run/%" PRId64
	            "/%s/' || n, 'UTF8')) AS h FROM generate_series(%" PRId64 ", %" PRId64
	            ") n OFFSET 0) g",
	            run->settings->seed, kind, first, last);
	return sp_db_exec_buf(run->db, &sql, err);
}

/* What an earlier run of this seed left, for example assets whose run was
 * deleted: its UUIDs and files are taken. */
static bool check_free(sp_testrun *run, const char *kind, const char *name, sp_error *err)
{
	const sp_table *table = sp_catalog_table(run->catalog, name);
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool taken;

	sp_buf_addf(
		&sql,
		"SELECT EXISTS (SELECT FROM sp_row r JOIN %s x ON x.uuid = r.uuid WHERE r.kind = '%s')",
		table->quoted, kind);
	if (!strcmp(kind, "asset") && sp_table_column(table, "blob_path"))
		sp_buf_addf(&sql, " OR EXISTS (SELECT FROM sp_file f JOIN %s x ON x.blob_path = f.path)",
		            table->quoted);
	rows = sp_db_query_buf(run->db, &sql, 0, NULL, err);
	if (!rows)
		return false;
	taken = sp_rows_bool(rows, 0, 0);
	sp_rows_free(rows);
	return !taken ||
	       sp_fail(err, SP_FAILED, N_("Choose another number with --seed."),
	               N_("rows of the table \"%s\" are left of an earlier run of seed %" PRId64), name,
	               run->settings->seed);
}

bool sp_testrun_prepare(sp_testrun *run, sp_error *err)
{
	size_t i;

	if (!check_columns(run, err) || !sp_db_exec(run->db, sp_sql_make_prepare, err) ||
	    !add_parameters(run, err) || !add_files(run, err))
		return false;
	for (i = 0; i < NAMED_COUNT; i++)
		if (!allocate(run, "sp_row", named[i].kind, named[i].table, 1, count_of(run, named[i].kind),
		              err) ||
		    !check_free(run, named[i].kind, named[i].table, err))
			return false;
	return sp_db_exec(run->db, sp_sql_make_layout, err);
}

/* --- inserting --------------------------------------------------------------------------- */

/* The INSERT that takes rows of sp_new to the table, filling what they lack. */
static char *make_insert(sp_testrun *run, const sp_table *table, sp_error *err)
{
	const char *params[] = { table->name, LEFT_ALONE };
	sp_rows *rows = sp_db_query(run->db, sp_sql_make_columns, 2, params, err);
	sp_buf sql = { 0 };
	char *text;
	int i;

	if (!rows)
		return NULL;
	sp_buf_adds(&sql, "SET LOCAL search_path = ");
	sp_sql_ident(&sql, run->catalog->schema);
	sp_buf_addf(&sql, ";\nINSERT INTO %s (", table->quoted);
	for (i = 0; i < sp_rows_count(rows); i++)
		sp_buf_addf(&sql, "%s%s", i ? ", " : "", sp_rows_get(rows, i, 0));
	sp_buf_adds(&sql, ") OVERRIDING SYSTEM VALUE SELECT ");
	for (i = 0; i < sp_rows_count(rows); i++)
		sp_buf_addf(&sql, "%s%s", i ? ", " : "", sp_rows_get(rows, i, 1));
	sp_buf_adds(&sql, " FROM pg_temp.sp_new m ORDER BY m.sp_n;\n"
	                  "SET LOCAL search_path = pg_catalog;\nDROP TABLE pg_temp.sp_new");
	sp_rows_free(rows);
	text = sp_buf_take(&sql);
	if (!text)
		sp_fail_memory(err);
	return text;
}

static bool count_rows(maker *mk, size_t step, sp_error *err)
{
	sp_rows *rows = sp_db_query(mk->run->db, "SELECT count(*) FROM sp_new", 0, NULL, err);

	if (!rows)
		return false;
	mk->rows[step] += sp_rows_int(rows, 0, 0);
	/* the total knows of these only */
	if (steps[step].range != ALL && !strcmp(steps[step].kind, steps[step].table))
		sp_job_add(mk->run->job, (uint64_t)sp_rows_int(rows, 0, 0), 0);
	sp_rows_free(rows);
	return true;
}

static bool do_step(maker *mk, size_t step, sp_error *err)
{
	const sp_table *table = sp_catalog_table(mk->run->catalog, steps[step].table);
	sp_buf sql = { 0 };

	if (!table)
		return true;
	sp_buf_adds(&sql, "CREATE TEMP TABLE sp_new ON COMMIT DROP AS\n");
	sp_buf_adds(&sql, steps[step].sql);
	if (!sp_db_exec_buf(mk->run->db, &sql, err))
		return false;
	if (!mk->inserts[step])
		mk->inserts[step] = make_insert(mk->run, table, err);
	return mk->inserts[step] && count_rows(mk, step, err) &&
	       sp_db_exec(mk->run->db, mk->inserts[step], err);
}

static bool do_slice(maker *mk, range range, int64_t first, int64_t last, sp_error *err)
{
	sp_buf sql = { 0 };
	size_t i;

	if (range == ANNOTATIONS &&
	    (!sp_db_exec(mk->run->db, "TRUNCATE sp_slice", err) ||
	     !allocate(mk->run, "sp_slice", "annotation", "annotation", first, last, err) ||
	     !sp_db_exec(mk->run->db, "ANALYZE sp_slice", err)))
		return false;
	sp_buf_addf(&sql, "UPDATE sp_make SET first = %" PRId64 ", last = %" PRId64, first, last);
	if (!sp_db_exec_buf(mk->run->db, &sql, err))
		return false;
	for (i = 0; i < STEP_COUNT; i++)
		if (steps[i].range == range && !do_step(mk, i, err))
			return false;
	return sp_job_go_on(mk->run->job, err);
}

/* All steps of one range, slice by slice. */
static bool do_range(maker *mk, range range, int64_t count, sp_error *err)
{
	int64_t first;

	for (first = 1; first <= count; first += SLICE)
		if (!do_slice(mk, range, first, first + SLICE - 1 < count ? first + SLICE - 1 : count, err))
			return false;
	return true;
}

static bool do_steps(maker *mk, sp_error *err)
{
	const sp_testrun_settings *s = mk->run->settings;
	size_t i;

	for (i = 0; i < STEP_COUNT; i++) {
		if (steps[i].range == ALL) {
			if (!do_step(mk, i, err))
				return false;
			continue;
		}
		if (i && steps[i - 1].range == steps[i].range)
			continue;
		if (!do_range(mk, steps[i].range, steps[i].range == ASSETS ? s->assets : s->annotations,
		              err))
			return false;
	}
	return true;
}

bool sp_testrun_rows(sp_testrun *run, sp_json *counts, int64_t *id, sp_error *err)
{
	maker mk = { .run = run };
	sp_rows *rows;
	size_t i;
	bool ok = do_steps(&mk, err);

	for (i = 0; i < STEP_COUNT; i++) {
		if (mk.rows[i])
			sp_json_add_int(counts, steps[i].kind, mk.rows[i]);
		free(mk.inserts[i]);
	}
	if (!ok)
		return false;
	rows = sp_db_query(run->db, "SELECT id FROM sp_row WHERE kind = 'run'", 0, NULL, err);
	if (!rows)
		return false;
	*id = sp_rows_int(rows, 0, 0);
	sp_rows_free(rows);
	return true;
}
