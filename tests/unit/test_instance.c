#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "src/instance.h"
#include "tests/unit/temp.h"

#define MOST_ARGS 16

static const char *const variables[] = {
	"SPACEPORT_INSTANCE", "SPACEPORT_AS", "PGHOST",   "PGHOSTADDR", "PGPORT",
	"PGDATABASE",         "PGUSER",       "PGSERVICE"
};

static int setup(void **state)
{
	static const char ini[] = "[dev]\ndb = service=dev\nstore = dir:/dev\nas = dora\ntimeout = 7\n"
							  "connect_timeout = 3\ninstance_id = the-dev\ncareful = yes\n"
							  "[bare]\n";
	char *here = getcwd(NULL, 0);
	size_t i;

	(void)state;
	temp_clear();
	if (!here || setenv("XDG_CONFIG_HOME", here, 1) != 0 || mkdir("spaceport", 0700) != 0)
		return -1;
	free(here);
	for (i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		unsetenv(variables[i]);
	temp_write("spaceport/instances.ini", ini, strlen(ini));
	return 0;
}

/* What "list runs" or "export run" with these words would be about; each word
 * that begins with "$" is a variable: "$PGHOST=x". */
static bool resolve(const char *words, sp_instance *instance, sp_error *err)
{
	char *copy = strdup(words), *argv[MOST_ARGS] = { NULL }, *word, *rest = copy;
	int argc = 0;
	sp_cli *cli;
	bool ok;

	argv[argc++] = strdup("spaceport");
	argv[argc++] = strdup("export");
	argv[argc++] = strdup("run");
	argv[argc++] = strdup("1");
	while ((word = strsep(&rest, " "))) {
		char *value = *word == '$' ? strchr(word, '=') : NULL;

		if (value) {
			*value++ = '\0';
			assert_int_equal(setenv(word + 1, value, 1), 0);
		} else if (*word) {
			argv[argc++] = strdup(word);
		}
		assert_true(argc < MOST_ARGS);
	}
	cli = sp_cli_parse(argc, argv, err);
	assert_non_null(cli);
	assert_false(sp_error_is_set(err));
	memset(instance, 0, sizeof(*instance));
	ok = sp_cli_instance(cli, instance, err);
	sp_cli_free(cli);
	while (argc > 0)
		free(argv[--argc]);
	free(copy);
	return ok;
}

static void assert_text(const char *words, const char *what, const char *is, const char *wanted)
{
	if (!is != !wanted || (is && strcmp(is, wanted) != 0))
		fail_msg("%s: %s is %s, not %s", words, what, is ? is : "NULL", wanted ? wanted : "NULL");
}

static void option_before_variable_before_profile(void **state)
{
	static const struct {
		const char *words, *name, *db, *store, *as, *id;
		int timeout, connect_timeout;
	} cases[] = {
		{ "--db x", NULL, "x", NULL, NULL, NULL, 0, 0 },
		{ "$PGHOST=x", NULL, NULL, NULL, NULL, NULL, 0, 0 },
		{ "--db x --as a --store dir:s --timeout 9 --connect-timeout 8", NULL, "x", "dir:s", "a",
		  NULL, 9, 8 },
		{ "$SPACEPORT_AS=e --db x", NULL, "x", NULL, "e", NULL, 0, 0 },
		{ "--instance dev", "dev", "service=dev", "dir:/dev", "dora", "the-dev", 7, 3 },
		{ "$SPACEPORT_INSTANCE=dev", "dev", "service=dev", "dir:/dev", "dora", "the-dev", 7, 3 },
		{ "$SPACEPORT_INSTANCE=nope --instance dev", "dev", "service=dev", "dir:/dev", "dora",
		  "the-dev", 7, 3 },
		{ "$PGHOST=x --instance dev", "dev", "service=dev", "dir:/dev", "dora", "the-dev", 7, 3 },
		{ "--instance dev --as a", "dev", "service=dev", "dir:/dev", "a", "the-dev", 7, 3 },
		{ "--instance dev $SPACEPORT_AS=e", "dev", "service=dev", "dir:/dev", "e", "the-dev", 7,
		  3 },
		{ "--instance dev $SPACEPORT_AS=e --as a", "dev", "service=dev", "dir:/dev", "a", "the-dev",
		  7, 3 },
		{ "--instance dev --store dir:s", "dev", "service=dev", "dir:s", "dora", "the-dev", 7, 3 },
		{ "--instance dev --timeout 1", "dev", "service=dev", "dir:/dev", "dora", "the-dev", 1, 3 },
		/* another database isn't what was given this identity */
		{ "--instance dev --db x", "dev", "x", "dir:/dev", "dora", NULL, 7, 3 },
		{ "--instance bare", "bare", NULL, NULL, NULL, NULL, 0, 0 },
	};
	sp_error err = SP_ERROR_INIT;
	sp_instance found;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(setup(state), 0);
		if (!resolve(cases[i].words, &found, &err))
			fail_msg("%s: %s", cases[i].words, sp_error_text(&err));
		assert_text(cases[i].words, "name", found.name, cases[i].name);
		assert_text(cases[i].words, "db", found.db, cases[i].db);
		assert_text(cases[i].words, "store", found.store, cases[i].store);
		assert_text(cases[i].words, "as", found.as, cases[i].as);
		assert_text(cases[i].words, "id", found.id, cases[i].id);
		assert_int_equal(found.timeout, cases[i].timeout);
		assert_int_equal(found.connect_timeout, cases[i].connect_timeout);
		assert_int_equal(found.careful, found.name && !strcmp(found.name, "dev"));
		sp_instance_clear(&found);
	}
}

static void nothing_is_guessed(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_instance found;

	(void)state;
	assert_false(resolve("", &found, &err));
	assert_int_equal(err.code, SP_USAGE);
	assert_non_null(strstr(sp_error_text(&err), "which instance is meant; there are: dev, bare"));
	sp_error_clear(&err);
	sp_instance_clear(&found);
	assert_false(resolve("--instance nope", &found, &err));
	assert_int_equal(err.code, SP_USAGE);
	assert_non_null(strstr(sp_error_text(&err), "no instance \"nope\""));
	sp_error_clear(&err);
	sp_instance_clear(&found);
	/* where nobody has given names, it is as in psql */
	assert_int_equal(unlink("spaceport/instances.ini"), 0);
	assert_true(resolve("", &found, &err));
	assert_null(found.db);
	sp_instance_clear(&found);
}

static void a_broken_file_harms_nobody_who_needs_it_not(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_instance found;

	(void)state;
	temp_write("spaceport/instances.ini", "[dev\n", 5);
	assert_true(resolve("--db x", &found, &err));
	sp_instance_clear(&found);
	assert_false(resolve("--instance dev", &found, &err));
	assert_int_equal(err.code, SP_USAGE);
	sp_error_clear(&err);
	sp_instance_clear(&found);
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(option_before_variable_before_profile),
		TEST(nothing_is_guessed),
		TEST(a_broken_file_harms_nobody_who_needs_it_not),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
