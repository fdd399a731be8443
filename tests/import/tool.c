/*
 * Stages a package in a database, for tests that look at what is there then:
 *
 *	tool DB PACKAGE OPERATION unlogged|temporary [SOURCE INFOSPACE [KEY=VALUE …]]
 *
 * Standard output gets, as JSON lines, the kinds with their rows and columns, and
 * each value that the database can't take; the tables stay, but for temporary ones. With
 * the UUID of the instance that the package is from, and an infospace's id, what an import
 * would do there is planned; with merge=N it is done, on record as the import with the id N; with
 * remove=N its files are put, and then removed. There may be owner=ID, strategy=WORD, uuids=WORD,
 * new=UUID, of which new UUIDs are made, and files=STORE, where files go.
 * The exit code is the error's.
 */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/import/files.h"
#include "core/import/merge.h"
#include "core/model/identity.h"
#include "core/plan/plan.h"
#include "core/staging/shape.h"
#include "core/staging/staging.h"
#include "core/staging/typed.h"

/* Prints a line, and frees it; `ok`: all of it is there. */
static bool put(sp_json *line, bool ok, sp_error *err)
{
	sp_buf text = { 0 };

	ok = ok && line && sp_json_print(line, false, &text) && !text.failed;
	if (ok)
		puts(sp_buf_text(&text));
	else if (!sp_error_is_set(err))
		sp_fail_memory(err);
	sp_buf_free(&text);
	sp_json_free(line);
	return ok;
}

static bool take_bad(void *ctx, const sp_bad_row *bad, sp_error *err)
{
	sp_json *line = sp_json_object();
	sp_buf path = { 0 };
	bool ok = line && sp_walk_path(ctx, bad->entry, &path, err) && !path.failed &&
	          sp_json_add_text(line, "entry", sp_buf_text(&path)) &&
	          sp_json_add_int(line, "line", bad->line) &&
	          sp_json_add_text(line, "column", bad->column) &&
	          sp_json_add_text(line, "why", bad->why);

	sp_buf_free(&path);
	return put(line, ok, err);
}

static bool put_column(sp_json *columns, const sp_staged_column *of)
{
	sp_json *column = sp_json_add_object(columns, of->name);

	return column && sp_json_add_int(column, "rows", of->rows) &&
	       sp_json_add_int(column, "nulls", of->nulls) &&
	       sp_json_add_int(column, "escaped", of->escaped);
}

static bool put_kinds(const sp_staging *staging, sp_error *err)
{
	const sp_staged_kind *kind;
	bool ok = true;

	for (int i = 0; ok && (kind = sp_staging_kind(staging, i)); i++) {
		sp_json *line = sp_json_object(), *columns = NULL;

		ok = line && sp_json_add_text(line, "kind", kind->kind) &&
		     sp_json_add_int(line, "rows", kind->rows) &&
		     (columns = sp_json_add_object(line, "columns"));
		for (int j = 0; ok && j < kind->count; j++)
			ok = put_column(columns, &kind->columns[j]);
		ok = put(line, ok, err);
	}
	return ok;
}

static bool type_all(sp_staging *staging, const sp_catalog *catalog, sp_walk *walk, sp_error *err)
{
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_typed_make(staging, catalog, (sp_kind)kind, take_bad, walk, err))
			return false;
	}
	return true;
}

/* The number of a word in a list, 0 where it isn't there. */
typedef struct {
	sp_plan_about plan;
	sp_merge_about merge;
	int64_t removed;
	const char *store;
} asked;

/* "KEY=VALUE" … */
static void read_about(char **options, asked *to)
{
	sp_plan_about *about = &to->plan;

	for (; *options; options++) {
		char *value = strchr(*options, '=') + 1;

		switch (**options) {
		case 'o': about->owner = strtoll(value, NULL, 10); break;
		case 's': about->strategy = (sp_strategy)sp_word_of(sp_strategies, SP_STRATEGIES, value); break;
		case 'u': about->uuids = (sp_uuid_strategy)sp_word_of(sp_uuid_strategies, SP_UUIDS, value); break;
		case 'n': about->seed = value; break;
		case 'm': to->merge.operation = strtoll(value, NULL, 10); break;
		case 'r': to->removed = strtoll(value, NULL, 10); break;
		case 'f': to->store = value; break;
		}
	}
}

static bool put_files(sp_staging *staging, const sp_catalog *catalog, const sp_files_source *source,
                      const asked *about, sp_error *err)
{
	const sp_store_settings settings = { .where = about->store };
	int64_t operation = about->removed ? about->removed : about->merge.operation;
	sp_store *store;
	bool ok;

	if (!about->store)
		return true;
	store = sp_store_open(&settings, NULL, err);
	ok = store && sp_files_note(staging, catalog, operation, err) &&
	     sp_files_put(staging, catalog, source, store, NULL, err);
	if (about->removed)
		ok = store && sp_files_remove(sp_staging_db(staging), catalog, operation, store, err) && ok;
	sp_store_close(store);
	return ok;
}

static bool plan(sp_staging *staging, const sp_catalog *catalog, const sp_files_source *source,
                 const char *operation, char **more, sp_error *err)
{
	sp_identity *here = sp_identity_create(catalog->system_id, false, err);
	asked about = {
		.plan = { .source = more[0], .seed = operation, .infospace = strtoll(more[1], NULL, 10) }
	};
	sp_db *db = sp_staging_db(staging);
	bool ok;

	about.plan.here = here ? sp_identity_instance(here) : NULL;
	read_about(more + 2, &about);
	ok = here && sp_db_exec(db, "BEGIN", err) && sp_plan_make(staging, catalog, &about.plan, err) &&
	     put_files(staging, catalog, source, &about, err) &&
	     (!about.merge.operation || sp_merge(staging, catalog, &about.plan, &about.merge, err)) &&
	     sp_db_commit(db, err);
	sp_identity_free(here);
	return ok;
}

static bool look(sp_staging *staging, const sp_files_source *source, const char *operation,
                 char **more, sp_error *err)
{
	sp_catalog *catalog = sp_catalog_read(sp_staging_db(staging), err);
	bool ok = catalog && sp_shape_make(staging, catalog, err) &&
	          type_all(staging, catalog, source->walk, err) &&
	          (!*more || plan(staging, catalog, source, operation, more, err));

	sp_catalog_free(catalog);
	return ok;
}

int main(int argc, char **argv)
{
	sp_checking check = { .name = argv[2], .limits = SP_LIMITS_DEFAULT };
	sp_error err = SP_ERROR_INIT;
	sp_staging *staging = NULL;
	sp_walk *walk = NULL;
	sp_db *db = NULL;
	sp_code code;
	int fd;
	bool ok;

	if (argc != 5 && argc < 7)
		return SP_USAGE;
	fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	sp_checking_begin(&check);
	ok = (db = sp_db_open(argv[1], 60, 0, NULL, &err)) &&
	     (walk = sp_walk_open(fd, &check, true, &err)) &&
	     (staging = sp_staging_create(db, argv[3], !strcmp(argv[4], "temporary"), &err)) &&
	     sp_staging_watch(staging, walk, &err) && sp_walk_read(walk, &err) &&
	     sp_walk_end(walk, &err) && sp_staging_end(staging, &err);
	ok = ok && put_kinds(staging, &err) &&
	     look(staging, &(sp_files_source){ fd, walk, &check }, argv[3], argv + 5, &err);
	if (!ok)
		fprintf(stderr, "%s\n", sp_error_text_c(&err));
	sp_walk_free(walk);
	sp_staging_free(staging);
	sp_db_close(db);
	close(fd);
	code = err.code;
	sp_error_clear(&err);
	return (int)code;
}
