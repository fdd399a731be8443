#include <config.h>

#include <string.h>

#include "core/import/import.h"

/* The number of a value's word; -1 and an error where it is none. */
static int word_of(const char *name, const char *value, const char *const *words, int count,
                   sp_error *err)
{
	int number = sp_word_of(words, count, value);

	if (number < 0)
		sp_fail(err, SP_USAGE, NULL, N_("--%s takes no value %s"), name, value);
	return number;
}

bool sp_import_settings_set(sp_import_settings *settings, const char *name, const char *value,
                            sp_error *err)
{
	bool unasked[SP_ENTITY_COUNT], on = strcmp(value, "yes") == 0;
	int number;

	if (strcmp(name, "conflict-strategy") == 0) {
		number = word_of(name, value, sp_strategies, SP_STRATEGIES, err);
		if (number < 0)
			return false;
		settings->strategy = (sp_strategy)number;
	} else if (strcmp(name, "uuid-mapping-strategy") == 0) {
		number = word_of(name, value, sp_uuid_strategies, SP_UUIDS, err);
		if (number < 0)
			return false;
		settings->uuids = (sp_uuid_strategy)number;
	} else if (strcmp(name, "only") == 0) {
		settings->only = value;
		return sp_plan_unasked(value, unasked, err);
	} else if (strcmp(name, "owner-id") == 0) {
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
