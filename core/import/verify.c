#include <config.h>

#include "core/import/internal.h"

#include <stdio.h>
#include <string.h>

#include "core/import/files.h"
#include "core/plan/fate.h"
#include "core/plan/links.h"
#include "core/plan/objects.h"
#include "core/plan/summary.h"

/* Of rows that differ so many are told by name; all are counted. */
#define TOLD_ROWS 10000

/* --- which rows --- */

enum { D_ORIGIN, D_TARGET, D_NAME, D_CLASS, D_WHY, D_COLUMNS };

static void add_row(sp_json *to, const sp_sides *in, const sp_rows *rows, int i, sp_error *err)
{
	static const char *const keys[] = {
		[D_ORIGIN] = "origin", [D_NAME] = "name", [D_CLASS] = "class", [D_WHY] = "why"
	};
	sp_json *row = sp_json_add_object(to, NULL);
	const char *columns = sp_rows_get(rows, i, D_COLUMNS);

	sp_json_add_text(row, "kind", sp_entities[in->kind].name);
	for (int j = 0; j < D_COLUMNS; j++)
		if (keys[j] && sp_rows_get(rows, i, j))
			sp_json_add_text(row, keys[j], sp_rows_get(rows, i, j));
	if (sp_rows_get(rows, i, D_TARGET))
		sp_json_add_int(row, "target", sp_rows_int(rows, i, D_TARGET));
	if (columns)
		sp_json_add(row, "columns", sp_json_parse(columns, strlen(columns), "columns", err));
}

static void add_links(const sp_sides *in, const sp_plan_about *about, sp_buf *sql)
{
	sp_buf_adds(sql, "SELECT NULL, NULL, x.name, x.class, x.why, NULL FROM ");
	sp_links_rows(in, about, sql);
	sp_buf_adds(sql, " x");
}

static void add_rows(const sp_sides *in, const sp_plan_about *about, sp_buf *sql)
{
	sp_buf_adds(sql, "SELECT coalesce(c.uuid, x.id), x.target, x.name, x.class, x.why,"
	                 " array_to_json(x.columns)::text FROM ");
	sp_fate_rows(in, sql);
	sp_buf_adds(sql, " x");
	sp_sides_origin(in, "LEFT JOIN", "x", about->source, sql);
}

static bool list_kind(const sp_sides *in, const sp_plan_about *about, bool links, sp_json *to,
                      int *told, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	if (links)
		add_links(in, about, &sql);
	else
		add_rows(in, about, &sql);
	sp_buf_addf(&sql,
	            " WHERE x.class <> 'same' AND x.why <> 'unasked' ORDER BY x.number LIMIT %d",
	            TOLD_ROWS - *told);
	if (!(rows = sp_db_query_buf(in->db, &sql, 0, NULL, err)))
		return false;
	for (int i = 0; i < sp_rows_count(rows) && !sp_error_is_set(err); i++)
		add_row(to, in, rows, i, err);
	*told += sp_rows_count(rows);
	sp_rows_free(rows);
	return !sp_error_is_set(err);
}

static bool list_rows(const sp_import *import, const sp_plan_about *about, sp_json *to,
                      sp_error *err)
{
	bool ok = true;
	int told = 0;
	sp_sides in;

	for (int kind = 0; ok && kind < SP_ENTITY_COUNT; kind++) {
		bool links = sp_links_get(import->staging, import->catalog, (sp_kind)kind, &in);

		if (links || (sp_sides_get(import->staging, import->catalog, (sp_kind)kind, &in) &&
		              in.staged))
			ok = list_kind(&in, about, links, to, &told, err);
	}
	return ok;
}

/* All of the package, but what nobody asked for. */
static int64_t count_rows(const sp_json *said)
{
	int64_t count = sp_json_int(sp_json_get(said, "totals"), "rows", 0);

	for (const sp_json *at = sp_json_first(sp_json_get(said, "groups")); at; at = sp_json_next(at))
		if (!strcmp(sp_json_text(at, "why"), "unasked"))
			count -= sp_json_int(at, "rows", 0);
	return count;
}

/* --- files --- */

static bool compare_files(sp_import *import, sp_files_report *report, sp_error *err)
{
	const sp_files_source source = { import->fd, import->walk, &import->check };
	sp_sides in;

	if (!sp_sides_get(import->staging, import->catalog, SP_ASSET, &in) || !sp_objects_are(&in))
		return true;
	if (!import->store && !import->settings.instance->store)
		return sp_fail(err, SP_USAGE, N_("Say with --store where the instance keeps its files."),
		               N_("the package's files can't be compared with the instance's"));
	if (!import->store)
		import->store = sp_instance_store(import->settings.instance, import->job, err);
	sp_job_phase(import->job, N_("comparing files"), 0);
	return import->store && sp_files_compare(import->staging, import->catalog, &source,
	                                         import->store, import->job, report, err);
}

/* --- both --- */

/* Rounded down: what isn't all isn't 100. */
static void add_percent(sp_json *to, int64_t equal, int64_t count)
{
	int64_t hundredths = count ? (int64_t)((double)equal / (double)count * 10000) : 10000;
	char text[32];

	if (hundredths >= 10000 && equal < count)
		hundredths = 9999;
	snprintf(text, sizeof text, "%d.%02d", (int)(hundredths / 100), (int)(hundredths % 100));
	sp_json_add_text(to, "percent", text);
}

bool sp_import_compare(sp_import *import, const sp_plan_about *about, sp_error *err)
{
	/* what a summary says that a report says too */
	static const char *const keys[] = { "kinds",      "groups",    "lost",
		                                "references", "otherwise", "sealed" };
	sp_json *report = sp_json_object(), *said = sp_json_object(), *files;
	int64_t rows = 0, equal = 0;
	sp_files_report found = { .count = 0 };
	bool ok;

	sp_json_free(import->result);
	import->result = report;
	ok = sp_summary_make(import->staging, import->catalog, about, said, err);
	rows = ok ? count_rows(said) : 0;
	equal = sp_json_int(sp_json_get(said, "totals"), "same", 0);
	sp_json_add_int(report, "rows", rows);
	sp_json_add_int(report, "equal_rows", equal);
	ok = ok && list_rows(import, about, sp_json_add_array(report, "differences"), err) &&
	     compare_files(import, &found, err);
	if (ok) {
		files = sp_json_add_object(report, "files");
		sp_json_add_int(files, "count", found.count);
		sp_json_add_int(files, "equal", found.equal);
		sp_json_add(files, "missing", found.missing ? found.missing : sp_json_array());
		sp_json_add(files, "different", found.different ? found.different : sp_json_array());
		add_percent(report, equal + found.equal, rows + found.count);
		sp_json_add_bool(report, "is_equal", equal == rows && found.equal == found.count);
	} else {
		sp_json_free(found.missing);
		sp_json_free(found.different);
	}
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		sp_json_add(report, keys[i], sp_json_copy(sp_json_get(said, keys[i])));
	sp_json_free(said);
	return ok && (sp_json_is_whole(report) || sp_fail_memory(err));
}

bool sp_import_verify(sp_import *import, const sp_json **report, sp_error *err)
{
	const sp_json *plan;
	bool ok = sp_import_plan(import, &plan, err) && sp_import_compare(import, &import->about, err);

	*report = ok ? import->result : NULL;
	return ok;
}
