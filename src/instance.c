#include <config.h>

#include "src/instance.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/config/profiles.h"

/* The option that sets a key: the same name with dashes. */
static void option_of(const sp_instance_key *key, char name[32])
{
	size_t i;

	for (i = 0; key->key[i] && i < 31; i++)
		name[i] = key->key[i] == '_' ? '-' : key->key[i];
	name[i] = '\0';
}

bool sp_cli_describe(const sp_cli *cli, sp_described_by by, sp_instance *instance, sp_error *err)
{
	const sp_instance_key *key;
	const char *value;
	char option[32];

	for (key = sp_instance_keys; key->key; key++) {
		option_of(key, option);
		if (key->type == SP_KEY_BOOL)
			value = sp_cli_flag(cli, option) ? "yes" : NULL;
		else if (by == SP_GIVEN_ONLY && !sp_cli_list_count(cli, option))
			value = NULL;
		else
			value = sp_cli_text(cli, option);
		if (value && !sp_instance_set(instance, key, value, err))
			return false;
	}
	return true;
}

/* True where the environment says which database is meant, as for psql. */
static bool environment_names_database(void)
{
	static const char *const names[] = { "PGHOST",     "PGHOSTADDR", "PGPORT",
		                                 "PGDATABASE", "PGUSER",     "PGSERVICE" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (getenv(names[i]) && *getenv(names[i]))
			return true;
	return false;
}

static bool fail_unnamed(const sp_profiles *profiles, sp_error *err)
{
	sp_buf names = { 0 };
	int i;

	for (i = 0; i < sp_profiles_count(profiles); i++)
		sp_buf_addf(&names, "%s%s", i ? ", " : "", sp_profiles_at(profiles, i)->name);
	sp_fail(err, SP_USAGE, N_("Give --instance NAME, or --db for another database."),
	        N_("it isn't said which instance is meant; there are: %s"), sp_buf_text(&names));
	sp_buf_free(&names);
	return false;
}

static bool take_profile(const sp_cli *cli, const char *name, sp_instance *instance, sp_error *err)
{
	sp_profiles *profiles = sp_profiles_read(err);
	const sp_instance *found = NULL;
	bool ok = profiles != NULL;

	if (ok && name) {
		found = sp_profiles_need(profiles, name, err);
		ok = found && sp_instance_copy(instance, found, err);
	} else if (ok && sp_profiles_count(profiles)) {
		ok = fail_unnamed(profiles, err);
	}
	sp_profiles_free(profiles);
	/* another database is another instance, though its name was given */
	if (ok && sp_cli_text(cli, "db") && instance->id) {
		free(instance->id);
		instance->id = NULL;
	}
	return ok;
}

bool sp_cli_instance(const sp_cli *cli, sp_instance *instance, sp_error *err)
{
	const char *name = sp_cli_text(cli, "instance");
	bool known = sp_cli_text(cli, "db") || environment_names_database();

	if ((name || !known) && !take_profile(cli, name, instance, err))
		return false;
	return sp_cli_describe(cli, SP_WITH_VARIABLES, instance, err);
}
