#include <config.h>

#include "src/commands.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/list/list.h"
#include "src/instance.h"
#include "src/show.h"

typedef struct {
	const char *title, *key;
	enum { AS_TEXT, AS_COUNT, AS_BYTES, AS_TIME } as;
} column;

static const column infospace_columns[] = {
	{ N_("ID"), "id", AS_COUNT },         { N_("NAME"), "name", AS_TEXT },
	{ N_("ROLE"), "role", AS_TEXT },      { N_("RUNS"), "runs", AS_COUNT },
	{ N_("ASSETS"), "assets", AS_COUNT }, { N_("ANNOTATIONS"), "annotations", AS_COUNT },
	{ N_("SIZE"), "bytes", AS_BYTES },    { N_("CHANGED"), "changed_at", AS_TIME },
	{ N_("UUID"), "uuid", AS_TEXT },      { NULL, NULL, AS_TEXT },
};

static const column run_columns[] = {
	{ N_("ID"), "id", AS_COUNT },
	{ N_("NAME"), "name", AS_TEXT },
	{ N_("STATUS"), "status", AS_TEXT },
	{ N_("INFOSPACE"), "infospace", AS_TEXT },
	{ N_("ANNOTATIONS"), "annotations", AS_COUNT },
	{ N_("ASSETS"), "assets", AS_COUNT },
	{ N_("SCHEMAS"), "schemas", AS_COUNT },
	{ N_("SIZE"), "bytes", AS_BYTES },
	{ N_("CREATED"), "created_at", AS_TIME },
	{ N_("UUID"), "uuid", AS_TEXT },
	{ NULL, NULL, AS_TEXT },
};

static void add_cell(sp_listing *table, const column *of, const sp_json *item)
{
	const char *text = sp_json_text(item, of->key);
	sp_buf cell = { 0 };

	if (of->as == AS_COUNT)
		sp_buf_addf(&cell, "%lld", (long long)sp_json_int(item, of->key, 0));
	else if (of->as == AS_BYTES)
		sp_text_bytes(&cell, (unsigned long long)sp_json_int(item, of->key, 0));
	else if (text) /* times to the minute */
		sp_buf_add(&cell, text, of->as == AS_TIME && strlen(text) > 16 ? 16 : strlen(text));
	sp_listing_take(table, &cell);
}

static bool show_table(const column *columns, const sp_json *list, sp_error *err)
{
	const sp_json *item;
	sp_listing *table;
	int i, count = 0;
	bool ok;

	while (columns[count].key)
		count++;
	table = sp_listing_create(count);
	for (i = 0; i < count; i++)
		sp_listing_head(table, i, columns[i].title,
		                columns[i].as == AS_COUNT || columns[i].as == AS_BYTES);
	for (item = sp_json_first(list); item; item = sp_json_next(item))
		for (i = 0; i < count; i++)
			add_cell(table, &columns[i], item);
	ok = sp_listing_print(table, stdout, err);
	sp_listing_free(table);
	return ok;
}

/* Takes the list. With --json it is a member of an object, so that more can
 * stand beside it some day. */
static bool show_list(const sp_cli *cli, const char *key, sp_json *list, const column *columns,
                      sp_error *err)
{
	sp_json *json;
	bool ok;

	if (!sp_cli_flag(cli, "json")) {
		if (!sp_json_first(list))
			sp_show_note(cli, N_("There is nothing that fits."));
		ok = show_table(columns, list, err);
		sp_json_free(list);
		return ok;
	}
	json = sp_json_object();
	ok = sp_json_add_bool(json, "success", true) && sp_json_add(json, key, list);
	ok = ok ? sp_show_json(cli, json, err) : sp_fail_memory(err);
	sp_json_free(json);
	return ok;
}

static sp_json *list_runs(const sp_cli *cli, sp_db *db, const sp_catalog *catalog,
                          const sp_actor *actor, sp_error *err)
{
	const sp_run_filter filter = { .infospace = sp_cli_text(cli, "infospace"),
		                           .status = sp_cli_text(cli, "status"),
		                           .since = sp_cli_text(cli, "since"),
		                           .search = sp_cli_text(cli, "search") };

	return sp_list_runs(db, catalog, actor, &filter, err);
}

static sp_code list(const sp_cli *cli, bool runs)
{
	sp_error err = SP_ERROR_INIT;
	sp_job *job = sp_job_create();
	sp_instance instance = { 0 };
	sp_db *db = NULL;
	sp_catalog *catalog = NULL;
	sp_actor *actor = NULL;
	sp_json *found = NULL;
	sp_code code;

	if (!job)
		sp_fail_memory(&err);
	sp_signals_watch(job);
	/* a sign of life before any answer from the network */
	sp_show_note(cli, N_("connecting …"));
	if (job && sp_cli_instance(cli, &instance, &err))
		db = sp_instance_db(&instance, job, &err);
	if (db)
		catalog = sp_catalog_read(db, &err);
	if (catalog)
		actor = sp_actor_find(db, catalog, instance.as, &err);
	if (actor)
		found = runs ? list_runs(cli, db, catalog, actor, &err)
		             : sp_list_infospaces(db, catalog, actor, &err);
	if (found)
		show_list(cli, runs ? "runs" : "infospaces", found, runs ? run_columns : infospace_columns,
		          &err);
	sp_signals_watch(NULL);
	code = err.code;
	if (sp_error_is_set(&err))
		sp_show_error(cli, &err);
	sp_actor_free(actor);
	sp_catalog_free(catalog);
	sp_db_close(db);
	sp_instance_clear(&instance);
	sp_job_free(job);
	sp_error_clear(&err);
	return code;
}

sp_code cmd_list_infospaces(const sp_cli *cli)
{
	return list(cli, false);
}

sp_code cmd_list_runs(const sp_cli *cli)
{
	return list(cli, true);
}
