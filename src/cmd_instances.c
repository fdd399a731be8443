#include <config.h>

#include "src/commands.h"

#include <stdlib.h>
#include <string.h>

#include "core/config/profiles.h"
#include "src/instance.h"
#include "src/show.h"

/* --- showing ------------------------------------------------------------------- */

static void add_instance(sp_json *to, const sp_instance *instance)
{
	const sp_instance_key *key;
	char room[16];

	sp_json_add_text(to, "name", instance->name);
	for (key = sp_instance_keys; key->key; key++) {
		const char *value = sp_instance_value(instance, key, room);

		if (key->type == SP_KEY_BOOL)
			sp_json_add_bool(to, key->key, value != NULL);
		else if (key->type == SP_KEY_SECONDS && value)
			sp_json_add_int(to, key->key, strtol(value, NULL, 10));
		else
			sp_json_add_text(to, key->key, value);
	}
}

static bool list_json(const sp_cli *cli, const sp_profiles *profiles, sp_error *err)
{
	sp_json *json = sp_json_object(), *list;
	bool ok;
	int i;

	sp_json_add_bool(json, "success", true);
	sp_json_add_text(json, "path", sp_profiles_path(profiles));
	list = sp_json_add_array(json, "instances");
	for (i = 0; i < sp_profiles_count(profiles); i++)
		add_instance(sp_json_add_object(list, NULL), sp_profiles_at(profiles, i));
	ok = list ? sp_show_json(cli, json, err) : sp_fail_memory(err);
	sp_json_free(json);
	return ok;
}

static bool list_table(const sp_cli *cli, const sp_profiles *profiles, sp_error *err)
{
	static const char *const titles[] = { N_("NAME"), N_("DATABASE"), N_("STORE"), N_("ACTING AS"),
		                                  N_("CAREFUL") };
	sp_listing *table;
	bool ok;
	int i;

	if (!sp_profiles_count(profiles)) {
		sp_show_note(cli, N_("%s holds no instance; \"spaceport instances add\" describes one."),
		             sp_profiles_path(profiles));
		return true;
	}
	table = sp_listing_create(5);
	for (i = 0; i < 5; i++)
		sp_listing_head(table, i, titles[i], false);
	for (i = 0; i < sp_profiles_count(profiles); i++) {
		const sp_instance *at = sp_profiles_at(profiles, i);

		sp_listing_cell(table, at->name);
		sp_listing_cell(table, at->db);
		sp_listing_cell(table, at->store);
		sp_listing_cell(table, at->as);
		sp_listing_cell(table, at->careful ? _("yes") : NULL);
	}
	ok = sp_listing_print(table, stdout, err);
	sp_listing_free(table);
	return ok;
}

/* What was done to one of them. */
static bool show_done(const sp_cli *cli, const sp_profiles *profiles, const sp_instance *instance,
                      sp_error *err)
{
	sp_json *json;
	bool ok;

	if (!sp_cli_flag(cli, "json"))
		return true;
	json = sp_json_object();
	sp_json_add_bool(json, "success", true);
	sp_json_add_text(json, "path", sp_profiles_path(profiles));
	add_instance(sp_json_add_object(json, "instance"), instance);
	ok = sp_show_json(cli, json, err);
	sp_json_free(json);
	return ok;
}

/* --- commands --------------------------------------------------------------------- */

static void add(const sp_cli *cli, sp_profiles *profiles, sp_error *err)
{
	const char *name = sp_cli_arg(cli, 0);
	sp_instance instance = { 0 };
	bool replaces = sp_profiles_find(profiles, name) != NULL;

	if (!sp_instance_name_ok(name))
		sp_fail(err, SP_USAGE,
		        N_("A name is made of up to 40 letters, digits and the characters \"-\", \"_\" "
		           "and \".\"."),
		        N_("\"%s\" can't be the name of an instance"), name);
	else if (!sp_cli_list_count(cli, "db"))
		sp_fail(err, SP_USAGE, N_("Give --db, for example --db \"service=hq\"."),
		        N_("it isn't said where the instance's database is"));
	else if (replaces && !sp_cli_flag(cli, "force"))
		sp_fail(err, SP_USAGE, N_("Give --force to describe it anew, or choose another name."),
		        N_("there is an instance \"%s\" in %s already"), name, sp_profiles_path(profiles));
	else if (!(instance.name = strdup(name)))
		sp_fail_memory(err);
	else if (sp_cli_describe(cli, SP_GIVEN_ONLY, &instance, err) &&
	         sp_profiles_put(profiles, &instance, err) && show_done(cli, profiles, &instance, err))
		sp_show_note(cli,
		             N_("%s stands in %s now; look whether it works: spaceport instances test "
		                "%s"),
		             name, sp_profiles_path(profiles), name);
	sp_instance_clear(&instance);
}

static bool agreed(const sp_cli *cli, const char *name, sp_error *err)
{
	char *question = NULL;
	bool yes;

	if (asprintf(&question, _("Take %s out of instances.ini? Nothing else is touched."), name) < 0)
		return sp_fail_memory(err);
	yes = sp_ask(cli, question, err);
	free(question);
	return yes;
}

static void take_out(const sp_cli *cli, sp_profiles *profiles, sp_error *err)
{
	const char *name = sp_cli_arg(cli, 0);
	const sp_instance *found = sp_profiles_need(profiles, name, err);
	sp_instance gone = { 0 };

	if (found && agreed(cli, name, err) && sp_instance_copy(&gone, found, err) &&
	    sp_profiles_remove(profiles, name, err) && show_done(cli, profiles, &gone, err))
		sp_show_note(cli, N_("took %s out of %s"), name, sp_profiles_path(profiles));
	sp_instance_clear(&gone);
}

static sp_code test(const sp_cli *cli, sp_profiles *profiles, sp_error *err)
{
	const sp_instance *found = sp_profiles_need(profiles, sp_cli_arg(cli, 0), err);

	return found ? sp_examine(cli, found, err) : SP_OK;
}

typedef enum { LIST, ADD, TEST, REMOVE } action;

static sp_code instances(const sp_cli *cli, action what)
{
	sp_error err = SP_ERROR_INIT;
	sp_profiles *profiles = sp_profiles_read(&err);
	sp_code code = SP_OK;

	if (profiles && what == LIST && sp_cli_flag(cli, "json"))
		list_json(cli, profiles, &err);
	else if (profiles && what == LIST)
		list_table(cli, profiles, &err);
	else if (profiles && what == ADD)
		add(cli, profiles, &err);
	else if (profiles && what == REMOVE)
		take_out(cli, profiles, &err);
	else if (profiles)
		code = test(cli, profiles, &err);
	if (sp_error_is_set(&err)) {
		code = err.code;
		sp_show_error(cli, &err);
	}
	sp_profiles_free(profiles);
	sp_error_clear(&err);
	return code;
}

sp_code cmd_instances_list(const sp_cli *cli)
{
	return instances(cli, LIST);
}

sp_code cmd_instances_add(const sp_cli *cli)
{
	return instances(cli, ADD);
}

sp_code cmd_instances_test(const sp_cli *cli)
{
	return instances(cli, TEST);
}

sp_code cmd_instances_remove(const sp_cli *cli)
{
	return instances(cli, REMOVE);
}
