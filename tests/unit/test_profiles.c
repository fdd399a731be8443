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
#include "core/config/profiles.h"
#include "tests/unit/temp.h"

#define INI    "config/spaceport/instances.ini"
#define SECRET "hunter2-geheim"

static int setup(void **state)
{
	char *here = getcwd(NULL, 0);
	sp_buf path = { 0 };

	(void)state;
	temp_clear();
	sp_buf_addf(&path, "%s/config", here);
	free(here);
	if (setenv("XDG_CONFIG_HOME", sp_buf_text(&path), 1) != 0)
		return -1;
	sp_buf_free(&path);
	return 0;
}

static void write_ini(const char *text)
{
	assert_true(mkdir("config", 0700) == 0 || temp_exists("config"));
	assert_true(mkdir("config/spaceport", 0700) == 0 || temp_exists("config/spaceport"));
	temp_write(INI, text, strlen(text));
}

static void assert_ini(const char *wanted)
{
	size_t len = 0;
	char *text = temp_read(INI, &len);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

static sp_profiles *read_well(void)
{
	sp_error err = SP_ERROR_INIT;
	sp_profiles *profiles = sp_profiles_read(&err);

	if (!profiles)
		fail_msg("%s", sp_error_text(&err));
	assert_false(sp_error_is_set(&err));
	return profiles;
}

/* The file is refused: on this line (0: no matter), with these words; and a
 * secret in it isn't repeated. */
static void assert_refused(const char *text, int number, const char *words)
{
	sp_error err = SP_ERROR_INIT;
	sp_buf place = { 0 };

	write_ini(text);
	assert_null(sp_profiles_read(&err));
	assert_int_equal(err.code, SP_USAGE);
	sp_buf_addf(&place, "/instances.ini:%d: ", number);
	if (!strstr(sp_error_text(&err), words) ||
	    (number && !strstr(sp_error_text(&err), sp_buf_text(&place))))
		fail_msg("not \"%s\" on line %d: %s", words, number, sp_error_text(&err));
	assert_null(strstr(sp_error_text(&err), SECRET));
	assert_true(!err.hint || !strstr(err.hint, SECRET));
	sp_buf_free(&place);
	sp_error_clear(&err);
}

/* --- reading -------------------------------------------------------------------- */

static void no_file_is_no_profile(void **state)
{
	sp_profiles *profiles = read_well();

	(void)state;
	assert_int_equal(sp_profiles_count(profiles), 0);
	assert_null(sp_profiles_at(profiles, 0));
	assert_null(sp_profiles_find(profiles, "dev"));
	assert_non_null(strstr(sp_profiles_path(profiles), "/" INI));
	sp_profiles_free(profiles);
	write_ini("");
	sp_profiles_free(read_well());
	write_ini("# nothing yet\n\n");
	sp_profiles_free(read_well());
}

static void everything_is_read(void **state)
{
	const sp_instance *dev, *prod;
	sp_profiles *profiles;

	(void)state;
	write_ini("\xef\xbb\xbf# mine\r\n"
	          "[dev]\r\n"
	          "  db = host=/run/pg dbname=dev\r\n"
	          "\tas: Zo\xc3\xab@example.org\n"
	          "[empty-one] # nothing but variables\n"
	          "[hq_prod.2]\n"
	          "db=postgresql://reader@db.example/hq?sslmode=verify-full\n"
	          "store = s3://hq/files\n"
	          "store_endpoint = https://minio.example:9000\n"
	          "store_region = eu-central-1\n"
	          "store_addressing = path\n"
	          "store_ca = /etc/ca.pem\n"
	          "store_profile = minio\n"
	          "instance_id = hq-prod\n"
	          "careful = YES\n"
	          "timeout = 86400\n"
	          "connect_timeout = 1");
	profiles = read_well();
	assert_int_equal(sp_profiles_count(profiles), 3);
	dev = sp_profiles_find(profiles, "dev");
	assert_ptr_equal(dev, sp_profiles_at(profiles, 0));
	assert_string_equal(dev->db, "host=/run/pg dbname=dev");
	assert_string_equal(dev->as, "Zo\xc3\xab@example.org");
	assert_null(dev->store);
	assert_false(dev->careful);
	assert_int_equal(dev->timeout, 0);
	assert_string_equal(sp_profiles_at(profiles, 1)->name, "empty-one");
	assert_null(sp_profiles_at(profiles, 1)->db);
	prod = sp_profiles_find(profiles, "hq_prod.2");
	assert_string_equal(prod->db, "postgresql://reader@db.example/hq?sslmode=verify-full");
	assert_string_equal(prod->store, "s3://hq/files");
	assert_string_equal(prod->store_endpoint, "https://minio.example:9000");
	assert_string_equal(prod->store_region, "eu-central-1");
	assert_string_equal(prod->store_addressing, "path");
	assert_string_equal(prod->store_ca, "/etc/ca.pem");
	assert_string_equal(prod->store_profile, "minio");
	assert_string_equal(prod->id, "hq-prod");
	assert_true(prod->careful);
	assert_int_equal(prod->timeout, 86400);
	assert_int_equal(prod->connect_timeout, 1);
	assert_null(sp_profiles_find(profiles, "Dev"));
	sp_profiles_free(profiles);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
	char *long_line = calloc(1, 70000);

	(void)state;
	assert_refused("db = service=hq\n", 1, "before any section");
	assert_refused("\n# x\n[dev]\nbogus = 1\n", 4, "no setting \"bogus\"; there are: db, store,");
	assert_refused("[dev]\nDB = service=hq\n", 2, "no setting \"DB\"");
	assert_refused("[dev]\ndb = service=a\nas = x\ndb = service=b\n", 4, "set twice");
	assert_refused("[dev]\n[prod]\n[dev]\n", 3, "\"dev\" is described twice");
	assert_refused("[dev\ndb = x\n", 1, "neither a section nor a setting");
	assert_refused("[dev] x\n", 1, "neither a section nor a setting");
	assert_refused("[]\n", 1, "can't be the name");
	assert_refused("[ dev ]\n", 1, "can't be the name");
	assert_refused("[my instance]\n", 1, "\"my instance\" can't be the name");
	assert_refused("[\xc3\xa4]\n", 1, "can't be the name");
	assert_refused("[a2345678901234567890123456789012345678901]\n", 1, "can't be the name");
	assert_refused("[dev]\ndb service=hq\n", 2, "no setting \"db service\"");
	assert_refused("[dev]\nservice\n", 2, "neither a section nor a setting");
	assert_refused("[dev]\ntimeout = 0\n", 2, "timeout must be a number of seconds");
	assert_refused("[dev]\ntimeout = 86401\n", 2, "timeout must be");
	assert_refused("[dev]\nconnect_timeout = 5s\n", 2, "connect_timeout must be");
	assert_refused("[dev]\ntimeout = 99999999999999999999\n", 2, "timeout must be");
	assert_refused("[dev]\ncareful = perhaps\n", 2, "careful must be yes or no");
	assert_refused("[dev]\nstore_addressing = pa\n", 2, "called \"pa\"");
	assert_refused("[dev]\nstore = /srv/files\n", 2, "not a store that is known");
	assert_refused("[dev]\nstore_region = a b\n", 2, "not the name of a region");
	assert_refused("[dev]\ndb = host='x\n", 2, "can't be parsed");
	assert_refused("[dev]\n\xff\xfe\n", 2, "no text");
	assert_non_null(long_line);
	memset(long_line, 'x', 69999);
	memcpy(long_line, "[dev]\nas = ", 11);
	assert_refused(long_line, 2, "longer than");
	free(long_line);
}

static void secrets_are_refused_and_not_repeated(void **state)
{
	(void)state;
	assert_refused("[dev]\npassword = " SECRET "\n", 2, "\"password\" has no place here");
	assert_refused("[dev]\nstore_secret_key = " SECRET "\n", 2, "has no place here");
	assert_refused("[dev]\naws_secret_access_key = " SECRET "\n", 2, "has no place here");
	assert_refused("[dev]\ntoken: " SECRET "\n", 2, "has no place here");
	assert_refused("[dev]\ndb = host=x password=" SECRET "\n", 2, "holds a password");
	assert_refused("[dev]\ndb = postgresql://u:" SECRET "@x/y\n", 2, "holds a password");
	assert_refused("[dev]\ndb = postgresql://u@x/y?password=" SECRET "\n", 2, "holds a password");
	assert_refused("[dev]\ndb = host=x sslpassword=" SECRET "\n", 2, "holds a password");
	assert_refused("[dev]\ndb = postgresql://u:" SECRET "@[x/y\n", 2, "can't be parsed");
	assert_refused("[dev]\nstore_endpoint = https://a:" SECRET "@x\n", 2, "isn't an address");
	assert_refused("[dev]\nstore = s3://" SECRET ":x@bucket\n", 2, "not the address");
}

static void odd_files_are_refused(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_buf large = { 0 };

	(void)state;
	write_ini("");
	temp_write(INI, "[dev]\nas = x\0y\n", 15);
	assert_null(sp_profiles_read(&err));
	assert_non_null(strstr(sp_error_text(&err), "no text"));
	sp_error_clear(&err);

	while (large.len <= 1 << 20)
		sp_buf_adds(&large, "# a comment\n");
	temp_write(INI, large.data, large.len);
	sp_buf_free(&large);
	assert_null(sp_profiles_read(&err));
	assert_non_null(strstr(sp_error_text(&err), "larger than 1 MiB"));
	sp_error_clear(&err);

	assert_int_equal(unlink(INI), 0);
	assert_int_equal(mkdir(INI, 0700), 0);
	assert_null(sp_profiles_read(&err));
	assert_non_null(strstr(sp_error_text(&err), "is no file"));
	sp_error_clear(&err);
}

static void the_file_is_found_without_xdg(void **state)
{
	char *here = getcwd(NULL, 0);
	sp_profiles *profiles;

	(void)state;
	assert_int_equal(setenv("HOME", here, 1), 0);
	free(here);
	/* one that isn't absolute doesn't count */
	assert_int_equal(setenv("XDG_CONFIG_HOME", "config", 1), 0);
	profiles = read_well();
	assert_non_null(strstr(sp_profiles_path(profiles), "/.config/spaceport/instances.ini"));
	sp_profiles_free(profiles);
	assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
	profiles = read_well();
	assert_non_null(strstr(sp_profiles_path(profiles), "/.config/spaceport/instances.ini"));
	sp_profiles_free(profiles);
}

/* --- changing -------------------------------------------------------------------- */

#define WRITTEN                                                                                    \
	"; what I wrote by hand\n"                                                                     \
	"\n"                                                                                           \
	"# the laptop\n"                                                                               \
	"[dev]\n"                                                                                      \
	"  as = owner  \n"                                                                             \
	"# the usual socket\n"                                                                         \
	"  db   =  host=/run/pg dbname=dev\n"                                                          \
	"\n"                                                                                           \
	"# mind this one\n"                                                                            \
	"[prod]\n"                                                                                     \
	"db: service=hq\n"                                                                             \
	"careful: yes\n"

static void a_change_touches_its_own_lines_only(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_instance changed = { 0 };
	sp_profiles *profiles;

	(void)state;
	write_ini(WRITTEN);
	profiles = read_well();
	assert_true(sp_instance_copy(&changed, sp_profiles_find(profiles, "dev"), &err));
	/* nothing changed, nothing written anew */
	assert_true(sp_profiles_put(profiles, &changed, &err));
	assert_ini(WRITTEN);
	free(changed.as);
	changed.as = NULL;
	free(changed.db);
	changed.db = strdup("service=dev");
	changed.timeout = 30;
	assert_true(sp_profiles_put(profiles, &changed, &err));
	assert_ini("; what I wrote by hand\n"
	           "\n"
	           "# the laptop\n"
	           "[dev]\n"
	           "# the usual socket\n"
	           "db = service=dev\n"
	           "timeout = 30\n"
	           "\n"
	           "# mind this one\n"
	           "[prod]\n"
	           "db: service=hq\n"
	           "careful: yes\n");
	assert_string_equal(sp_profiles_find(profiles, "dev")->db, "service=dev");
	assert_int_equal(sp_profiles_find(profiles, "dev")->timeout, 30);
	assert_true(sp_profiles_remove(profiles, "dev", &err));
	assert_ini("; what I wrote by hand\n"
	           "\n"
	           "# mind this one\n"
	           "[prod]\n"
	           "db: service=hq\n"
	           "careful: yes\n");
	assert_int_equal(sp_profiles_count(profiles), 1);
	assert_true(sp_profiles_remove(profiles, "prod", &err));
	assert_ini("; what I wrote by hand\n\n");
	assert_false(sp_profiles_remove(profiles, "prod", &err));
	assert_int_equal(err.code, SP_USAGE);
	sp_error_clear(&err);
	sp_instance_clear(&changed);
	sp_profiles_free(profiles);
}

static void a_first_one_makes_the_file(void **state)
{
	const sp_instance dev = { .name = (char *)(uintptr_t) "dev",
		                      .db = (char *)(uintptr_t) "service=dev",
		                      .store_addressing = (char *)(uintptr_t) "path",
		                      .careful = true };
	const sp_instance other = { .name = (char *)(uintptr_t) "other" };
	sp_error err = SP_ERROR_INIT;
	sp_profiles *profiles = read_well();
	struct stat info;

	(void)state;
	assert_true(sp_profiles_put(profiles, &dev, &err));
	assert_ini("[dev]\ndb = service=dev\nstore_addressing = path\ncareful = yes\n");
	assert_int_equal(stat(INI, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(stat("config/spaceport", &info), 0);
	assert_int_equal(info.st_mode & 07777, 0700);
	assert_int_equal(stat("config", &info), 0);
	assert_int_equal(info.st_mode & 07777, 0700);
	assert_true(sp_profiles_put(profiles, &other, &err));
	assert_ini("[dev]\ndb = service=dev\nstore_addressing = path\ncareful = yes\n\n[other]\n");
	assert_int_equal(temp_count("config/spaceport"), 1);
	sp_profiles_free(profiles);
}

static void what_would_not_read_back_is_refused(void **state)
{
	static const char *const bad[] = { "owner\n[prod]", " owner", "owner ", "owner\r",
		                               "owner\xff" };
	sp_instance dev = { .name = (char *)(uintptr_t) "dev" };
	sp_error err = SP_ERROR_INIT;
	sp_profiles *profiles;
	char value[70000];
	size_t i;

	(void)state;
	write_ini(WRITTEN);
	profiles = read_well();
	for (i = 0; i <= sizeof(bad) / sizeof(*bad); i++) {
		memset(value, 'x', sizeof(value));
		value[sizeof(value) - 1] = '\0';
		dev.as = i < sizeof(bad) / sizeof(*bad) ? (char *)(uintptr_t)bad[i] : value;
		if (sp_profiles_put(profiles, &dev, &err))
			fail_msg("taken: \"%s\"", dev.as);
		assert_int_equal(err.code, SP_USAGE);
		sp_error_clear(&err);
		assert_ini(WRITTEN);
		assert_string_equal(sp_profiles_find(profiles, "dev")->as, "owner");
	}
	dev.as = NULL;
	dev.db = (char *)(uintptr_t) "host=x password=" SECRET;
	assert_false(sp_profiles_put(profiles, &dev, &err));
	assert_null(strstr(sp_error_text(&err), SECRET));
	sp_error_clear(&err);
	assert_ini(WRITTEN);
	sp_profiles_free(profiles);
}

static void what_others_wrote_meanwhile_stays(void **state)
{
	const sp_instance dev = { .name = (char *)(uintptr_t) "dev" };
	sp_error err = SP_ERROR_INIT;
	sp_profiles *profiles = read_well();

	(void)state;
	write_ini("[new]\n");
	assert_false(sp_profiles_put(profiles, &dev, &err));
	assert_int_equal(err.code, SP_TARGET_CHANGED);
	sp_error_clear(&err);
	assert_ini("[new]\n");
	assert_int_equal(sp_profiles_count(profiles), 0);
	sp_profiles_free(profiles);
}

static void a_link_stays_a_link(void **state)
{
	const sp_instance dev = { .name = (char *)(uintptr_t) "dev" };
	sp_error err = SP_ERROR_INIT;
	sp_profiles *profiles;
	struct stat info;

	(void)state;
	write_ini("");
	temp_write("dotfile", "# kept elsewhere\n", 17);
	assert_int_equal(unlink(INI), 0);
	assert_int_equal(symlink("../../dotfile", INI), 0);
	profiles = read_well();
	assert_true(sp_profiles_put(profiles, &dev, &err));
	assert_int_equal(lstat(INI, &info), 0);
	assert_true(S_ISLNK(info.st_mode));
	assert_ini("# kept elsewhere\n\n[dev]\n");
	sp_profiles_free(profiles);
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_file_is_no_profile),
		TEST(everything_is_read),
		TEST(what_is_wrong_is_named_with_its_line),
		TEST(secrets_are_refused_and_not_repeated),
		TEST(odd_files_are_refused),
		TEST(the_file_is_found_without_xdg),
		TEST(a_change_touches_its_own_lines_only),
		TEST(a_first_one_makes_the_file),
		TEST(what_would_not_read_back_is_refused),
		TEST(what_others_wrote_meanwhile_stays),
		TEST(a_link_stays_a_link),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
