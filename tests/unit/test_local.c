#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/ledger/local.h"
#include "tests/unit/temp.h"

/* Records of this machine: what a person finds afterwards, whatever happened. */

#define ONE    "aaaaaaaa-0000-4000-8000-000000000001"
#define TWO    "aaaaaaaa-0000-4000-8000-000000000002"
#define FOLDER "state/spaceport/operations/"

/* linked with --wrap: the disk is full */
static bool is_full;

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	if (is_full) {
		errno = ENOSPC;
		return -1;
	}
	return __real_write(fd, data, len);
}

static sp_json *record(const char *uuid, const char *status)
{
	sp_json *json = sp_json_object();

	sp_json_add_text(json, "uuid", uuid);
	sp_json_add_text(json, "status", status);
	sp_json_add_text(json, "source_name", "Läufe");
	return json;
}

static sp_local *begin(const char *uuid)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *json = record(uuid, "running");
	sp_local *local = sp_local_begin(json, &err);

	sp_json_free(json);
	if (!local)
		fail_msg("%s", sp_error_text(&err));
	return local;
}

static void end(sp_local *local, const char *uuid, const char *status)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *json = record(uuid, status);

	assert_true(sp_local_end(local, json, &err));
	sp_json_free(json);
}

static sp_json *list(int count)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *all = sp_json_array();
	int found = 0;

	if (!sp_local_list(all, &err))
		fail_msg("%s", sp_error_text(&err));
	for (const sp_json *at = sp_json_first(all); at; at = sp_json_next(at))
		found++;
	assert_int_equal(found, count);
	return all;
}

/* Of the only one. */
static void assert_status(const char *status)
{
	sp_json *all = list(1);

	assert_string_equal(sp_json_text(sp_json_first(all), "status"), status);
	sp_json_free(all);
}

static int clean(void **state)
{
	char path[4096];

	(void)state;
	temp_clear();
	is_full = false;
	assert_non_null(getcwd(path, sizeof path - 8));
	memcpy(path + strlen(path), "/state", 7);
	return setenv("XDG_STATE_HOME", path, 1);
}

static void from_begin_to_end(void **state)
{
	sp_json *progress = sp_json_object(), *all;
	const sp_json *one;
	struct stat info;
	sp_local *local;

	(void)state;
	sp_json_free(list(0));
	local = begin(ONE);
	assert_status("running");
	assert_int_equal(stat(FOLDER ONE ".json", &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(stat("state/spaceport", &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	for (int i = 1; i <= 3; i++) {
		sp_json_free(progress);
		progress = sp_json_object();
		/* shorter ones leave nothing of longer ones */
		sp_json_add_text(progress, "phase", i == 1 ? "looking for files" : "writing");
		sp_json_add_int(progress, "rows", i);
		sp_local_tick(local, progress);
	}
	all = list(1);
	one = sp_json_get(sp_json_first(all), "progress");
	assert_string_equal(sp_json_text(one, "phase"), "writing");
	assert_int_equal(sp_json_int(one, "rows", 0), 3);
	sp_json_free(all);
	end(local, ONE, "done");
	all = list(1);
	assert_string_equal(sp_json_text(sp_json_first(all), "status"), "done");
	assert_string_equal(sp_json_text(sp_json_first(all), "source_name"), "Läufe");
	assert_null(sp_json_get(sp_json_first(all), "progress"));
	sp_json_free(all);
	sp_json_free(progress);
	assert_int_equal(temp_count(FOLDER), 1);
}

static void two_at_once(void **state)
{
	sp_local *one = begin(ONE), *two = begin(TWO);

	(void)state;
	end(one, ONE, "failed");
	sp_json_free(list(2));
	end(two, TWO, "done");
	sp_json_free(list(2));
	assert_int_equal(temp_count(FOLDER), 2);
}

static void a_process_that_is_gone_is_lost(void **state)
{
	pid_t child = fork();
	int status = 0;

	(void)state;
	if (!child) {
		begin(ONE);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_status("lost");
}

static void a_full_disk_is_told(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *json = record(ONE, "running");
	sp_local *local;

	(void)state;
	is_full = true;
	assert_null(sp_local_begin(json, &err));
	assert_non_null(strstr(sp_error_text_c(&err), "No space left"));
	sp_error_clear(&err);
	/* and leaves nothing */
	assert_int_equal(temp_count(FOLDER), 0);
	is_full = false;
	local = begin(ONE);
	is_full = true;
	assert_false(sp_local_end(local, json, &err));
	sp_error_clear(&err);
	is_full = false;
	assert_status("lost");
	sp_json_free(json);
}

static void without_a_folder(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *json = record(ONE, "running");

	(void)state;
	temp_write("state", "x", 1);
	assert_null(sp_local_begin(json, &err));
	assert_true(sp_error_is_set(&err));
	sp_error_clear(&err);
	sp_json_free(json);
}

/* By a disk, or somebody's hands. */
static void cut_and_odd_files(void **state)
{
	static const char *const texts[] = { "",
		                                 "{",
		                                 "[]",
		                                 "{\"uuid\": \"x\", \"status\": \"done\"}",
		                                 "null",
		                                 "\xff",
		                                 "{\"uuid\": \"" ONE "\"}" };

	(void)state;
	end(begin(TWO), TWO, "done");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		sp_json *all;
		int unreadable = 0;

		temp_write(FOLDER ONE ".json", texts[i], strlen(texts[i]));
		all = list(2);
		for (const sp_json *at = sp_json_first(all); at; at = sp_json_next(at))
			unreadable += !strcmp(sp_json_text(at, "status"), "unreadable") &&
			              sp_json_text(at, "error_message") &&
			              !strcmp(sp_json_text(at, "uuid"), ONE);
		assert_int_equal(unreadable, 1);
		sp_json_free(all);
	}
	/* of a running one, cut at each byte */
	assert_int_equal(unlink(FOLDER ONE ".json"), 0);
	temp_write(FOLDER "other.json", "{", 1);
	assert_int_equal(symlink("/dev/zero", FOLDER "aaaaaaaa-0000-4000-8000-000000000003.lock"), 0);
	assert_status("done");
}

static void old_ones_go(void **state)
{
	struct timespec old[2] = { { time(NULL) - 400L * 24 * 3600, 0 },
		                       { time(NULL) - 400L * 24 * 3600, 0 } };
	char path[128];

	(void)state;
	end(begin(ONE), ONE, "done");
	/* an old one of not many stays */
	assert_int_equal(utimensat(AT_FDCWD, FOLDER ONE ".json", old, 0), 0);
	end(begin(TWO), TWO, "done");
	assert_true(temp_exists(FOLDER ONE ".json"));
	for (int i = 0; i < 10000; i++) {
		snprintf(path, sizeof path, FOLDER "bbbbbbbb-0000-4000-8000-%012d.json", i);
		temp_write(path, "", 0);
	}
	temp_write(FOLDER ONE ".lock", "", 0);
	end(begin(TWO), TWO, "done");
	assert_false(temp_exists(FOLDER ONE ".json"));
	assert_false(temp_exists(FOLDER ONE ".lock"));
	/* those of this year stay, however many */
	assert_int_equal(temp_count(FOLDER), 10001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(from_begin_to_end, clean),
		cmocka_unit_test_setup(two_at_once, clean),
		cmocka_unit_test_setup(a_process_that_is_gone_is_lost, clean),
		cmocka_unit_test_setup(a_full_disk_is_told, clean),
		cmocka_unit_test_setup(without_a_folder, clean),
		cmocka_unit_test_setup(cut_and_odd_files, clean),
		cmocka_unit_test_setup(old_ones_go, clean),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
