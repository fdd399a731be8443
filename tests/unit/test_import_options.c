#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "core/import/import.h"

static sp_import_settings set(const char *name, const char *value)
{
	sp_import_settings settings = { 0 };
	sp_error err = SP_ERROR_INIT;

	if (!sp_import_settings_set(&settings, name, value, &err))
		fail_msg("%s", err.text);
	return settings;
}

static void refuse(const char *name, const char *value, const char *why)
{
	const sp_import_settings nothing = { 0 };
	sp_import_settings settings = nothing;
	sp_error err = SP_ERROR_INIT;

	assert_false(sp_import_settings_set(&settings, name, value, &err));
	assert_int_equal(err.code, SP_USAGE);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" isn't in \"%s\"", why, err.text);
	assert_int_equal(settings.strategy, nothing.strategy);
	assert_int_equal(settings.uuids, nothing.uuids);
	sp_error_clear(&err);
}

static void test_every_word_of_a_strategy_is_taken(void **state)
{
	(void)state;
	assert_int_equal(set("conflict-strategy", "smart").strategy, SP_STRATEGY_SMART);
	assert_int_equal(set("conflict-strategy", "skip").strategy, SP_STRATEGY_SKIP);
	assert_int_equal(set("conflict-strategy", "overwrite").strategy, SP_STRATEGY_OVERWRITE);
	assert_int_equal(set("conflict-strategy", "rename").strategy, SP_STRATEGY_RENAME);
	assert_int_equal(set("uuid-mapping-strategy", "generate").uuids, SP_UUIDS_GENERATE);
	assert_int_equal(set("uuid-mapping-strategy", "preserve").uuids, SP_UUIDS_PRESERVE);
	assert_int_equal(set("uuid-mapping-strategy", "hybrid").uuids, SP_UUIDS_HYBRID);
}

static void test_a_switch_is_on_or_off(void **state)
{
	(void)state;
	assert_false(set("preserve-relationships", "yes").no_links);
	assert_true(set("preserve-relationships", "no").no_links);
	assert_true(set("update-existing-schemas", "yes").grow_schemas);
	assert_false(set("update-existing-schemas", "no").grow_schemas);
}

static void test_an_owner_is_of_all_rows(void **state)
{
	sp_import_settings settings = set("owner-id", "ada@example.org");

	(void)state;
	assert_string_equal(settings.owner, "ada@example.org");
	assert_true(settings.owner_only);
}

static void test_components_are_known_ones(void **state)
{
	(void)state;
	assert_string_equal(set("only", "runs,assets").only, "runs,assets");
	refuse("only", "runs,houses", "houses");
}

static void test_what_there_is_not_is_named(void **state)
{
	(void)state;
	refuse("conflict-strategy", "merge", "--conflict-strategy takes no value merge");
	refuse("conflict-strategy", "", "takes no value");
	refuse("uuid-mapping-strategy", "smart", "--uuid-mapping-strategy takes no value smart");
	refuse("colour", "yes", "there is no option --colour");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_word_of_a_strategy_is_taken),
		cmocka_unit_test(test_a_switch_is_on_or_off),
		cmocka_unit_test(test_an_owner_is_of_all_rows),
		cmocka_unit_test(test_components_are_known_ones),
		cmocka_unit_test(test_what_there_is_not_is_named),
	};

	return cmocka_run_group_tests_name("import options", tests, NULL, NULL);
}
