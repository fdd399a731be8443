#include <config.h>

#include "src/commands.h"

#include <errno.h>
#include <stdlib.h>

#include "core/db/catalog.h"
#include "core/ledger/ledger.h"
#include "src/instance.h"
#include "src/show.h"

static bool agreed(const sp_instance *instance, sp_error *err)
{
	/* who calls this by name has said what they want */
	return !instance->careful ||
	       sp_ask_name(_("Set up the schema spaceport there?"), instance->name, err);
}

static void show_grants(const sp_cli *cli, const sp_ledger_settings *settings)
{
	for (int i = 0; i < settings->grant_count; i++)
		sp_show_note(cli, N_("role %s: may record operations, and see them"), settings->grants[i]);
}

static bool show_done(const sp_cli *cli, const sp_ledger_settings *settings,
                      const sp_ledger_done *done, sp_error *err)
{
	sp_json *json, *grants;
	bool ok;

	if (done->from == done->to)
		sp_show_note(cli, N_("the schema spaceport is there, of version %d: nothing to do"),
		             done->to);
	else if (!done->from)
		sp_show_note(cli, N_("made the schema spaceport, version %d"), done->to);
	else
		sp_show_note(cli, N_("brought the schema spaceport from version %d to %d"), done->from,
		             done->to);
	show_grants(cli, settings);
	if (!sp_cli_flag(cli, "json"))
		return true;
	json = sp_json_object();
	sp_json_add_bool(json, "success", true);
	sp_json_add_int(json, "version_before", done->from);
	sp_json_add_int(json, "version", done->to);
	grants = sp_json_add_array(json, "grants");
	for (int i = 0; i < settings->grant_count; i++)
		sp_json_add_text(grants, NULL, settings->grants[i]);
	ok = sp_show_json(cli, json, err);
	sp_json_free(json);
	return ok;
}

static bool print(const sp_ledger_settings *settings, sp_error *err)
{
	sp_buf text = { 0 };
	bool ok = sp_ledger_script(settings, &text, err);

	if (ok && fwrite(text.data, 1, text.len, stdout) != text.len)
		ok = sp_fail_errno(err, errno, N_("can't write standard output"));
	sp_buf_free(&text);
	return ok;
}

static bool set_up(const sp_cli *cli, const sp_instance *instance,
                   const sp_ledger_settings *settings, sp_job *job, sp_error *err)
{
	sp_catalog *catalog = NULL;
	sp_ledger_done done;
	sp_db *db;
	bool ok;

	/* a sign of life before any answer from the network */
	sp_show_note(cli, N_("connecting …"));
	db = sp_instance_db(instance, job, err);
	/* not into any database: one of open-politics-hq */
	catalog = db ? sp_catalog_read(db, err) : NULL;
	ok = catalog && agreed(instance, err) && sp_ledger_setup(db, settings, &done, err) &&
	     show_done(cli, settings, &done, err);
	sp_catalog_free(catalog);
	sp_db_close(db);
	return ok;
}

/* --print needs no database, and so no instance, unless one has a name for itself. */
static bool read_instance(const sp_cli *cli, sp_instance *instance, sp_error *err)
{
	if (sp_cli_flag(cli, "print") && !sp_cli_text(cli, "instance"))
		return true;
	return sp_cli_instance(cli, instance, err);
}

static const char **read_grants(const sp_cli *cli, sp_ledger_settings *settings, sp_error *err)
{
	const char **grants;
	int i;

	settings->grant_count = sp_cli_list_count(cli, "grant");
	grants = calloc((size_t)settings->grant_count + 1, sizeof *grants);
	if (!grants)
		sp_fail_memory(err);
	for (i = 0; grants && i < settings->grant_count; i++)
		grants[i] = sp_cli_list(cli, "grant", i);
	settings->grants = grants;
	return grants;
}

sp_code cmd_setup(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;
	sp_job *job = sp_job_create();
	sp_instance instance = { 0 };
	sp_ledger_settings settings = { 0 };
	const char **grants = read_grants(cli, &settings, &err);
	sp_code code;

	if (!job)
		sp_fail_memory(&err);
	sp_signals_watch(job);
	if (!sp_error_is_set(&err) && read_instance(cli, &instance, &err)) {
		settings.instance_id = instance.id;
		if (sp_cli_flag(cli, "print"))
			print(&settings, &err);
		else
			set_up(cli, &instance, &settings, job, &err);
	}
	sp_signals_watch(NULL);
	code = err.code;
	if (sp_error_is_set(&err))
		sp_show_error(cli, &err);
	free(grants);
	sp_instance_clear(&instance);
	sp_job_free(job);
	sp_error_clear(&err);
	return code;
}
