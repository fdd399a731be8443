#include <config.h>

#include <string.h>

#include "core/import/import.h"

static bool set_word(const char *name, const char *value, const char *const *words, int count,
                     int *to, sp_error *err)
{
	*to = sp_word_of(words, count, value);
	return *to >= 0 || sp_fail(err, SP_USAGE, NULL, N_("--%s takes no value %s"), name, value);
}

static bool set_strategy(sp_import_settings *settings, const char *name, const char *value,
                         sp_error *err)
{
	int to;

	if (!set_word(name, value, sp_strategies, SP_STRATEGIES, &to, err))
		return false;
	settings->strategy = (sp_strategy)to;
	return true;
}

static bool set_uuids(sp_import_settings *settings, const char *name, const char *value,
                      sp_error *err)
{
	int to;

	if (!set_word(name, value, sp_uuid_strategies, SP_UUIDS, &to, err))
		return false;
	settings->uuids = (sp_uuid_strategy)to;
	return true;
}

bool sp_import_settings_set(sp_import_settings *settings, const char *name, const char *value,
                            sp_error *err)
{
	bool unasked[SP_ENTITY_COUNT], on = strcmp(value, "yes") == 0;

	if (strcmp(name, "conflict-strategy") == 0)
		return set_strategy(settings, name, value, err);
	if (strcmp(name, "uuid-mapping-strategy") == 0)
		return set_uuids(settings, name, value, err);
	if (strcmp(name, "only") == 0) {
		settings->only = value;
		return sp_plan_unasked(value, unasked, err);
	}
	if (strcmp(name, "owner-id") == 0) {
		settings->owner = value;
		settings->owner_only = true;
	} else if (strcmp(name, "preserve-relationships") == 0) {
		settings->no_links = !on;
	} else if (strcmp(name, "update-existing-schemas") == 0) {
		settings->grow_schemas = on;
	} else {
		return sp_fail(err, SP_USAGE, NULL, N_("there is no option --%s"), name);
	}
	return true;
}
