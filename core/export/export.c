#include <config.h>

#include "core/export/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/export/internal.h"
#include "core/export/parts.h"
#include "core/ledger/operation.h"

/* --- opening -------------------------------------------------------------------- */

static bool check_options(const sp_export_settings *settings, sp_error *err)
{
	const sp_export_options *o = &settings->options;

	if (o->embeddings && !o->chunks)
		return sp_fail(
			err, SP_USAGE, NULL,
			N_("--include-embeddings needs --include-chunks: embeddings belong to chunks"));
	if (!settings->instance->store && o->source_assets && o->asset_format != SP_FILES_EXTERNAL)
		return sp_fail(
			err, SP_USAGE,
			N_("Say with --store where HQ keeps its files, or leave the files out "
		       "with --asset-format external or --no-include-source-assets."),
			N_("without a store the files of assets can't be exported"));
	return true;
}

sp_export *sp_export_open(const sp_export_settings *settings, sp_job *job, sp_error *err)
{
	sp_export *export;

	if (!check_options(settings, err))
		return NULL;
	export = calloc(1, sizeof(*export));
	if (!export) {
		sp_fail_memory(err);
		return NULL;
	}
	export->settings = settings;
	export->job = job;
	sp_job_phase(job, N_("connecting"), 0);
	if (settings->instance->store && settings->options.source_assets)
		export->store = sp_instance_store(settings->instance, job, err);
	if (!sp_error_is_set(err))
		export->db = sp_instance_db(settings->instance, job, err);
	if (export->db)
		export->catalog = sp_catalog_read(export->db, err);
	if (export->catalog)
		export->actor = sp_actor_find(export->db, export->catalog, settings->instance->as, err);
	/* the same instance may have moved to another server */
	if (export->actor)
		export->identity = sp_identity_create(settings->instance->id ? settings->instance->id
		                                                             : export->catalog->system_id,
		                                      settings->options.preserve_uuids, err);
	if (!export->identity || !sp_selection_prepare(export->db, err)) {
		sp_export_close(export);
		return NULL;
	}
	return export;
}

void sp_export_close(sp_export *export)
{
	if (!export)
		return;
	sp_selection_clear(&export->selection);
	sp_json_free(export->plan);
	sp_json_free(export->manifest);
	sp_error_clear(&export->note);
	sp_rows_free(export->found);
	sp_identity_free(export->identity);
	sp_actor_free(export->actor);
	sp_catalog_free(export->catalog);
	sp_store_close(export->store);
	sp_db_close(export->db);
	free(export);
}

/* --- finding ----------------------------------------------------------------------- */

enum { F_ID, F_UUID, F_NAME, F_STATUS, F_SPACE, F_MAY };

static bool fail_ambiguous(const sp_rows *rows, const char *name, sp_error *err)
{
	sp_buf list = { 0 };
	int i;

	for (i = 0; i < sp_rows_count(rows) && i < 10; i++)
		sp_buf_addf(&list, "%s%s (%s)", i ? ", " : "", sp_rows_get(rows, i, F_ID),
		            sp_rows_get(rows, i, F_SPACE));
	sp_fail(err, SP_FAILED, N_("Name it by id or UUID, or narrow with --infospace."),
	        N_("several runs are called \"%s\": %s"), name, sp_buf_text(&list));
	sp_buf_free(&list);
	return false;
}

static bool judge_found(const sp_rows *rows, const char *name, sp_error *err)
{
	if (!sp_rows_count(rows))
		return sp_fail(err, SP_FAILED,
		               N_("\"spaceport list runs\" shows the runs that you may read."),
		               N_("there is no run \"%s\" that the acting user may read"), name);
	if (sp_rows_count(rows) > 1)
		return fail_ambiguous(rows, name, err);
	if (!sp_rows_bool(rows, 0, F_MAY))
		return sp_fail(err, SP_NOT_ALLOWED,
		               N_("Ask the owner of the infospace for the role of a curator or analyst."),
		               N_("the acting user may read the run \"%s\" but not export it"),
		               sp_rows_get(rows, 0, F_NAME));
	return true;
}

bool sp_export_find(sp_export *export, const char *name, const char *infospace, sp_found_run *run,
                    sp_error *err)
{
	const sp_table *table = sp_catalog_table(export->catalog, "annotationrun");
	const char *params[] = { name, infospace };
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;

	sp_buf_adds(&sql, "SELECT r.id, r.uuid, r.name, ");
	sp_column_or(&sql, table, "r", "status", "NULL");
	sp_buf_addf(&sql,
	            "::text, i.name, w.may_export FROM %s r JOIN %s i ON i.id = r.infospace_id JOIN (",
	            table->quoted, sp_catalog_table(export->catalog, "infospace")->quoted);
	sp_access_query(&sql, export->catalog, export->actor);
	sp_buf_adds(&sql, ") w ON w.id = i.id WHERE ");
	sp_match_sql(&sql, "r", name, 1);
	if (infospace) {
		sp_buf_adds(&sql, " AND ");
		sp_match_sql(&sql, "i", infospace, 2);
	}
	sp_buf_adds(&sql, " ORDER BY r.id LIMIT 11");
	rows = sp_db_query_buf(export->db, &sql, infospace ? 2 : 1, params, err);
	sp_rows_free(export->found);
	export->found = rows;
	if (!rows || !judge_found(rows, name, err))
		return false;
	run->id = sp_rows_int(rows, 0, F_ID);
	run->uuid = sp_rows_get(rows, 0, F_UUID);
	run->name = sp_rows_get(rows, 0, F_NAME);
	run->status = sp_rows_get(rows, 0, F_STATUS);
	run->infospace = sp_rows_get(rows, 0, F_SPACE);
	return true;
}

/* --- the snapshot --------------------------------------------------------------------- */

/*
 * ACCESS SHARE is what SELECT takes anyway; taken before the snapshot, no
 * table can be rewritten under it, which would make it look empty.
 */
static bool lock_tables(sp_export *export, sp_error *err)
{
	sp_buf sql = { 0 };
	bool any = false;
	int i;

	for (i = 0; i < export->catalog->count; i++) {
		const sp_table *table = &export->catalog->tables[i];
		int kind = sp_kind_of_table(table->name);

		/* a login may be given a few columns of a table only, or not all of them */
		if (kind < 0 || !table->readable)
			continue;
		sp_buf_adds(&sql, any ? ", " : "LOCK TABLE ");
		sp_buf_adds(&sql, table->quoted);
		any = true;
	}
	sp_buf_adds(&sql, " IN ACCESS SHARE MODE");
	if (any)
		return sp_db_exec_buf(export->db, &sql, err);
	sp_buf_free(&sql);
	return true;
}

static bool begin_snapshot(sp_export *export, sp_error *err)
{
	sp_catalog *catalog;

	if (!sp_db_exec(export->db, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", err))
		return false;
	export->in_snapshot = true;
	if (!lock_tables(export, err))
		return false;
	/* anew, as the locks and the snapshot see it */
	catalog = sp_catalog_read(export->db, err);
	if (!catalog)
		return false;
	sp_catalog_free(export->catalog);
	export->catalog = catalog;
	sp_actor_free(export->actor);
	export->actor = sp_actor_find(export->db, catalog, export->settings->instance->as, err);
	return export->actor != NULL;
}

bool sp_export_release(sp_export *export, sp_error *err)
{
	if (!export->in_snapshot)
		return true;
	export->in_snapshot = false;
	sp_selection_clear(&export->selection);
	return sp_db_exec(export->db, "ROLLBACK", err);
}

/* --- the plan ------------------------------------------------------------------------------ */

static void add_options(const sp_export_settings *settings, sp_json *to)
{
	const sp_export_options *o = &settings->options;
	sp_json *options = sp_json_add_object(to, "options");

	sp_json_add_bool(options, "include_source_assets", o->source_assets);
	sp_json_add_bool(options, "include_embeddings", o->embeddings);
	sp_json_add_bool(options, "include_chunks", o->chunks);
	sp_json_add_bool(options, "include_datasets", o->datasets);
	sp_json_add_bool(options, "include_dependencies", o->dependencies);
	sp_json_add_text(options, "asset_format", sp_asset_formats[o->asset_format]);
	sp_json_add_bool(options, "preserve_uuids", o->preserve_uuids);
	sp_json_add_text(options, "target_instance_id", o->target_instance);
	sp_json_add_int(options, "compression_level", o->compression_level);
	sp_json_add_int(options, "max_line", (int64_t)o->max_line);
	sp_json_add_bool(options, "no_authors", o->no_authors);
	/* what was left out by name is not named: only how much of it */
	sp_json_add_int(options, "exclude_fields", o->exclude_field_count);
	sp_json_add_int(options, "exclude_tags", o->exclude_tag_count);
	sp_json_add_int(options, "exclude_assets", o->exclude_asset_count);
}

static void add_counts(const sp_export *export, sp_json *to)
{
	sp_json *counts = sp_json_add_object(to, "counts"), *bytes = sp_json_add_object(to, "bytes");
	int kind;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		if (export->selection.shares[kind].rows) {
			sp_json_add_int(counts, sp_entities[kind].name, export->selection.shares[kind].rows);
			sp_json_add_int(bytes, sp_entities[kind].name, export->selection.shares[kind].bytes);
		}
	sp_json_add_int(counts, "file", export->blobs.files);
	sp_json_add_int(bytes, "file", export->blobs.bytes);
	if (export->embeddings.rows) {
		sp_json_add_int(counts, "embedding", export->embeddings.rows);
		sp_json_add_int(bytes, "embedding", export->embeddings.bytes);
	}
}

/* Of all rows, as the database holds them. */
static int64_t total_bytes(const sp_export *export)
{
	int64_t total = 0;
	int kind;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		total += export->selection.shares[kind].bytes;
	return total;
}

static int64_t estimate(const sp_export *export, const sp_json *plan)
{
	sp_parts parts = { 0 };

	sp_parts_add(&parts, plan);
	return sp_parts_estimate(&parts, &export->settings->options);
}

static void add_withheld(const sp_export *export, sp_json *to)
{
	const sp_export_options *o = &export->settings->options;
	sp_json *out = sp_json_add_object(to, "stays_out");

	sp_json_add_text(out, "secrets", N_("keys, passwords and tokens never leave an instance"));
	if (!o->source_assets)
		sp_json_add_text(out, "assets", N_("not asked for"));
	if (!o->embeddings)
		sp_json_add_text(out, "embeddings", N_("not asked for"));
	if (!o->chunks)
		sp_json_add_text(out, "chunks", N_("not asked for"));
	if (!o->datasets)
		sp_json_add_text(out, "datasets", N_("not asked for"));
	if (!o->dependencies)
		sp_json_add_text(out, "dependencies", N_("not asked for"));
	if (o->source_assets && o->asset_format == SP_FILES_EXTERNAL)
		sp_json_add_text(out, "files", N_("they stay where they are"));
	if (o->no_authors)
		sp_json_add_text(out, "authors", N_("as asked"));
	if (o->exclude_asset_count || o->exclude_tag_count)
		sp_json_add_text(out, "aggregates", N_("they count what is excluded"));
	if (export->selection.excluded_assets)
		sp_json_add_int(out, "excluded_assets", export->selection.excluded_assets);
	if (export->selection.excluded_rows)
		sp_json_add_int(out, "excluded_rows", export->selection.excluded_rows);
}

static void add_warning(sp_json *warnings, const char *code, int64_t count)
{
	sp_json *item;

	if (!count)
		return;
	item = sp_json_add_object(warnings, NULL);
	sp_json_add_text(item, "code", code);
	sp_json_add_int(item, "count", count);
}

/* What a person should know about the package: a code and how many; who shows
 * it words it. */
static void add_warnings(const sp_export *export, sp_json *warnings)
{
	add_warning(warnings, "missing_files", export->blobs.missing);
	add_warning(warnings, "foreign_rows", export->selection.foreign);
}

static void add_uuid(const sp_export *export, sp_json *to, const char *key)
{
	sp_row_uuid uuid;

	sp_identity_row(export->identity, key, strlen(key), &uuid);
	sp_json_add_text(to, "uuid", uuid.package);
}

/* Who the run is: as the package has it, and for people. */
static bool describe_run(const sp_export *export, sp_json *to, sp_error *err)
{
	const sp_table *table = sp_catalog_table(export->catalog, "annotationrun");
	char id[24];
	const char *params[] = { id };
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;
	sp_json *run, *space;

	snprintf(id, sizeof(id), "%" PRId64, export->selection.run);
	sp_buf_adds(&sql, "SELECT 'u' || r.uuid, r.name, ");
	sp_column_or(&sql, table, "r", "status", "NULL");
	sp_buf_addf(&sql,
	            "::text, 'u' || i.uuid, i.name FROM %s r JOIN %s i ON i.id = r.infospace_id "
	            "WHERE r.id = $1::bigint",
	            table->quoted, sp_catalog_table(export->catalog, "infospace")->quoted);
	rows = sp_db_query_buf(export->db, &sql, 1, params, err);
	if (!rows)
		return false;
	run = sp_json_add_object(to, "run");
	add_uuid(export, run, sp_rows_get(rows, 0, 0));
	sp_json_add_text(run, "name", sp_rows_get(rows, 0, 1));
	sp_json_add_text(run, "status", sp_rows_get(rows, 0, 2));
	space = sp_json_add_object(to, "infospace");
	add_uuid(export, space, sp_rows_get(rows, 0, 3));
	sp_json_add_text(space, "name", sp_rows_get(rows, 0, 4));
	sp_rows_free(rows);
	return true;
}

static bool make_plan(sp_export *export, sp_json *missing, sp_error *err)
{
	sp_json *plan = sp_json_object(), *out;

	export->plan = plan;
	if (!describe_run(export, plan, err))
		return false;
	add_options(export->settings, plan);
	add_counts(export, plan);
	sp_json_add_int(plan, "estimated_size", estimate(export, plan));
	add_withheld(export, plan);
	add_warnings(export, sp_json_add_array(plan, "warnings"));
	out = sp_json_add_array(plan, "missing_files");
	for (const sp_json *at = sp_json_first(missing); at; at = sp_json_next(at))
		sp_json_add_text(out, NULL, sp_json_value_text(at));
	if (!sp_json_is_whole(plan) || !sp_json_is_whole(missing))
		return sp_fail_memory(err);
	return sp_identity_check(export->identity, err);
}

static bool select_run(sp_export *export, int64_t run, sp_error *err)
{
	sp_selection *s = &export->selection;
	char id[24];
	const char *params[] = { id };
	sp_buf sql = { 0 };
	sp_rows *rows = NULL;

	*s = (sp_selection){ .db = export->db,
		                 .catalog = export->catalog,
		                 .actor = export->actor,
		                 .options = &export->settings->options,
		                 .run = run,
		                 .run_table = sp_kind_table(export->catalog, SP_RUN) };
	snprintf(id, sizeof(id), "%" PRId64, run);
	sp_buf_addf(&sql, "SELECT infospace_id FROM %s WHERE id = $1::bigint",
	            export->catalog->tables[s->run_table].quoted);
	rows = sp_db_query_buf(export->db, &sql, 1, params, err);
	if (rows && !sp_rows_count(rows))
		sp_fail(err, SP_FAILED, NULL, N_("the run was deleted meanwhile"));
	if (rows && sp_rows_count(rows))
		s->infospace = sp_rows_int(rows, 0, 0);
	sp_rows_free(rows);
	return !sp_error_is_set(err) && sp_select(s, err);
}

bool sp_export_plan(sp_export *export, int64_t run, const sp_json **plan, sp_error *err)
{
	sp_json *missing;
	bool ok;

	if (!sp_export_release(export, err))
		return false;
	sp_json_free(export->plan);
	export->plan = NULL;
	export->blobs = (sp_blob_counts){ 0 };
	missing = sp_json_array();
	if (!missing)
		return sp_fail_memory(err);
	sp_job_phase(export->job, N_("selecting"), 0);
	ok = begin_snapshot(export, err) && select_run(export, run, err) &&
	     sp_embeddings_count(&export->selection, &export->embeddings, err);
	if (ok && export->store) {
		sp_job_phase(export->job, N_("looking for files"), 0);
		ok = sp_blobs_find(&export->selection, export->store, export->job, missing, &export->blobs,
		                   err);
	}
	ok = ok && make_plan(export, missing, err);
	sp_json_free(missing);
	if (!ok) {
		sp_error ignored = SP_ERROR_INIT;

		sp_export_release(export, &ignored);
		sp_error_clear(&ignored);
	}
	*plan = export->plan;
	return ok;
}

/* --- the package ---------------------------------------------------------------------------- */

static void add_now(sp_json *to, const char *key)
{
	time_t now = time(NULL);
	struct tm parts;
	char text[32];

	gmtime_r(&now, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	sp_json_add_text(to, key, text);
}

static void add_source(const sp_export *export, sp_json *to)
{
	sp_json *source = sp_json_add_object(to, "source");
	char version[32];

	snprintf(version, sizeof(version), "%d.%d", sp_db_server_version(export->db) / 10000,
	         sp_db_server_version(export->db) % 10000);
	sp_json_add_text(source, "instance", sp_identity_instance(export->identity));
	sp_json_add_text(source, "generation", export->catalog->generation);
	sp_json_add_text(source, "revision", export->catalog->revision);
	sp_json_add_text(source, "server_version", version);
	sp_json_add_text(source, "time_zone", sp_db_time_zone(export->db));
}

static void add_features(const sp_writing *w, sp_json *to)
{
	const sp_export_options *o = &w->export->settings->options;
	sp_json *features = sp_json_add_array(to, "features");

	if (w->inline_notes)
		sp_json_add_text(features, NULL, "inline_justifications");
	if (o->embeddings)
		sp_json_add_text(features, NULL, "embeddings");
	if (o->source_assets && w->export->store)
		sp_json_add_text(features, NULL,
		                 o->asset_format == SP_FILES_INLINE     ? "inline_files"
		                 : o->asset_format == SP_FILES_EXTERNAL ? "external_files"
		                                                        : "files");
	if (w->large_count)
		sp_json_add_text(features, NULL, "large_texts");
}

static bool write_version(sp_writing *w, sp_error *err)
{
	sp_json *json = sp_json_object();
	sp_buf text = { 0 };
	bool ok;

	sp_json_add_text(json, "format", SP_FORMAT);
	sp_json_add_text(json, "format_version", SP_FORMAT_VERSION);
	sp_json_add_text(json, "minimum_reader_version", SP_FORMAT_VERSION);
	add_features(w, json);
	add_source(w->export, json);
	sp_json_add_text(json, "spaceport_version", PACKAGE_VERSION);
	ok = (sp_json_print(json, true, &text) || sp_fail_memory(err)) &&
	     sp_package_entry(w->package, "compatibility/version_info.json", "version_info", text.data,
	                      text.len, -1, err);
	sp_buf_free(&text);
	sp_json_free(json);
	return ok;
}

static void add_written(const sp_writing *w, sp_json *to)
{
	sp_json *counts = sp_json_add_object(to, "counts");
	int kind;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		if (w->rows[kind])
			sp_json_add_int(counts, sp_entities[kind].name, w->rows[kind]);
	if (w->inline_count)
		sp_json_add_int(counts, "justification", (int64_t)w->inline_count);
	if (w->export->settings->options.asset_format != SP_FILES_EXTERNAL)
		sp_json_add_int(counts, "file", w->export->blobs.files);
	sp_json_add_int(counts, "external_reference", w->externals);
}

static void add_left_out(sp_writing *w, sp_json *to)
{
	const sp_pack_counts *counts = sp_packer_counts(w->packer);
	sp_json *out = sp_json_add_object(to, "left_out");
	sp_json *columns = sp_json_add_array(out, "columns");

	for (const sp_json *at = sp_json_first(w->left_out); at; at = sp_json_next(at)) {
		sp_json *item = sp_json_add_object(columns, NULL);

		sp_json_add_text(item, "column", sp_json_text(at, "column"));
		sp_json_add_text(item, "why", sp_json_text(at, "why"));
	}
	sp_json_add_int(out, "secrets", (int64_t)counts->secrets);
	sp_json_add_int(out, "excluded_field_values", (int64_t)counts->withheld);
	sp_json_add_int(out, "excluded_assets", w->export->selection.excluded_assets);
	sp_json_add_int(out, "excluded_rows", w->export->selection.excluded_rows);
	sp_json_add_int(out, "references_to_excluded_rows", (int64_t)counts->dropped);
	sp_json_add_int(out, "missing_files", w->export->blobs.missing);
}

/* The texts of a plan's part, as they are. */
static void copy_texts(const sp_json *plan, const char *key, sp_json *manifest)
{
	sp_json *to = sp_json_add_object(manifest, key);
	const sp_json *at = sp_json_first(sp_json_get(plan, key));

	for (; at; at = sp_json_next(at))
		sp_json_add_text(to, sp_json_key(at), sp_json_value_text(at));
}

static sp_json *make_manifest(sp_writing *w)
{
	const sp_pack_counts *counts = sp_packer_counts(w->packer);
	sp_json *manifest = sp_json_object(), *references;

	sp_json_add_text(manifest, "format", SP_FORMAT);
	sp_json_add_text(manifest, "format_version", SP_FORMAT_VERSION);
	sp_json_add_text(manifest, "package_type", "run");
	add_now(manifest, "created_at");
	sp_json_add_text(manifest, "operation_id", sp_job_id(w->export->job));
	sp_json_add_text(manifest, "spaceport_version", PACKAGE_VERSION);
	add_source(w->export, manifest);
	copy_texts(w->export->plan, "run", manifest);
	copy_texts(w->export->plan, "infospace", manifest);
	add_options(w->export->settings, manifest);
	add_written(w, manifest);
	sp_json_add(manifest, "columns", w->columns);
	w->columns = NULL;
	add_left_out(w, manifest);
	references = sp_json_add_object(manifest, "references");
	sp_json_add_int(references, "inside_values", (int64_t)counts->references);
	sp_json_add_int(references, "unresolved", (int64_t)counts->unresolved);
	sp_json_add_int(references, "texts_not_searched", (int64_t)counts->unsearched);
	add_features(w, manifest);
	add_warnings(w->export, sp_json_add_array(manifest, "warnings"));
	return manifest;
}

static bool begin_writing(sp_writing *w, sp_out *out, const char *path, sp_names *names,
                          sp_error *err)
{
	sp_export *export = w->export;
	const sp_export_options *options = &export->settings->options;

	w->left_out = sp_json_array();
	w->columns = sp_json_object();
	w->packer = sp_packer_create(export->catalog, export->identity, names,
	                             export->selection.withhold, options->no_authors,
	                             options->exclude_field_count || options->exclude_asset_count ||
	                                 options->exclude_tag_count,
	                             err);
	w->package = w->packer ? sp_package_create(out, path, options->compression_level, err) : NULL;
	w->mapping = w->package ? sp_spool_create(path, err) : NULL;
	w->large = w->mapping ? sp_spool_create(path, err) : NULL;
	if (w->large && sp_kind_table(export->catalog, SP_JUSTIFICATION) < 0)
		w->inline_notes = sp_spool_create(path, err);
	if (w->package)
		sp_package_sign(w->package, export->settings->key);
	if (!sp_error_is_set(err) && !(w->left_out && w->columns))
		sp_fail_memory(err);
	return !sp_error_is_set(err);
}

static void end_writing(sp_writing *w)
{
	sp_package_free(w->package);
	sp_packer_free(w->packer);
	sp_spool_free(w->mapping);
	sp_spool_free(w->large);
	sp_spool_free(w->inline_notes);
	sp_json_free(w->left_out);
	sp_json_free(w->columns);
}

static sp_names *load_names(sp_export *export, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_names *names = NULL;

	if (sp_selection_names(&export->selection, &sql, err))
		names = sp_names_load(export->db, sql.data, export->identity, err);
	sp_buf_free(&sql);
	return names;
}

static bool write_package(sp_export *export, sp_out *out, const char *path,
                          sp_export_result *result, sp_error *err)
{
	sp_writing w = { .export = export };
	sp_names *names = load_names(export, err);
	bool ok = names && begin_writing(&w, out, path, names, err) && sp_write_entries(&w, err) &&
	          write_version(&w, err);

	/* nothing that was read counts before the transaction has ended well */
	ok = ok && sp_identity_check(export->identity, err) && sp_db_commit(export->db, err);
	if (ok) {
		export->in_snapshot = false;
		sp_json_free(export->manifest);
		export->manifest = make_manifest(&w);
		sp_job_phase(export->job, N_("finishing"), 0);
		ok = sp_package_finish(w.package, export->manifest, err);
	}
	if (ok) {
		result->entries = sp_package_entries(w.package) + 3 + (export->settings->key != NULL);
		result->warnings = (export->blobs.missing > 0) + (export->selection.foreign > 0);
		result->manifest = export->manifest;
	}
	end_writing(&w);
	sp_names_free(names);
	return ok;
}

/* Rows take more as JSON than in the database: names of columns, UUIDs. */
static uint64_t expected_bytes(const sp_export *export)
{
	int64_t total = total_bytes(export) + export->blobs.bytes;
	int kind;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		total += 400 * export->selection.shares[kind].rows;
	return (uint64_t)total;
}

static bool is_cancelled(const void *ctx)
{
	return sp_job_cancelled(ctx);
}

static sp_operation *begin_operation(sp_export *export, const char *path)
{
	const sp_operation_place place = { export->settings->instance, export->db,
		                               &export->catalog->own };
	const sp_operation_about about = {
		.kind = SP_OPERATION_EXPORT,
		.type = "annotation_run",
		.source_id = export->selection.run,
		.source_name = sp_json_text(sp_json_get(export->plan, "run"), "name"),
		.infospace_id = export->selection.infospace,
		.infospace = sp_json_text(sp_json_get(export->plan, "infospace"), "name"),
		.package_path = path,
		.options = sp_json_get(export->plan, "options"),
		.actor = export->actor,
		.instance = sp_identity_instance(export->identity),
	};

	/* a job may write several packages, one after the other */
	sp_job_new_id(export->job);
	return sp_operation_begin(&place, &about, export->job);
}

static bool write_file(sp_export *export, const char *path, bool force, sp_export_result *result,
                       sp_error *err)
{
	sp_error ignored = SP_ERROR_INIT;
	sp_out *out = sp_out_open(path, force, err);
	bool ok = out != NULL;

	if (ok) {
		sp_progress at;

		sp_out_stop_when(out, is_cancelled, export->job);
		sp_job_look(export->job, &at);
		sp_job_total_bytes(export->job, at.bytes + expected_bytes(export));
		ok = write_package(export, out, path, result, err);
		result->size = sp_out_size(out);
	}
	if (ok)
		ok = sp_job_go_on(export->job, err);
	if (ok)
		ok = sp_out_commit(out, err);
	else
		sp_out_discard(out);
	if (!sp_export_release(export, &ignored) && ok)
		sp_error_move(err, &ignored);
	sp_error_clear(&ignored);
	return ok;
}

bool sp_export_write(sp_export *export, const char *path, bool force, sp_export_result *result,
                     sp_error *err)
{
	sp_operation *operation = begin_operation(export, path);
	bool ok;

	*result = (sp_export_result){ .note = &export->note };
	ok = write_file(export, path, force, result, err);
	result->operation = sp_job_id(export->job);
	sp_error_clear(&export->note);
	sp_operation_end(operation, err, result->size, &export->note);
	return ok;
}
