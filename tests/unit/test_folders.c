#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/unit/temp.h"

static void folders_come_into_being(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_true(sp_folders_make("a/b/c/package.zip", 0777, &err));
	assert_true(temp_exists("a/b/c"));
	assert_true(sp_folders_make("a/b/c/package.zip", 0777, &err));
	assert_true(sp_folders_make("a//d//package.zip", 0777, &err));
	assert_true(temp_exists("a/d"));
	assert_true(sp_folders_make("package.zip", 0777, &err));
	assert_true(sp_folders_make("/package.zip", 0777, &err));
	assert_false(temp_exists("package.zip"));
	assert_int_equal(temp_count("."), 1);
}

/* The whole path is named, whatever part of it is at fault. */
static void a_file_is_in_the_way(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	temp_write("file", "x", 1);
	assert_false(sp_folders_make("file/b/package.zip", 0777, &err));
	assert_non_null(strstr(sp_error_text(&err), "file/b"));
	sp_error_clear(&err);
	assert_false(sp_folders_make("file/package.zip", 0777, &err));
	sp_error_clear(&err);
	/* a name that leads nowhere */
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_false(sp_folders_make("link/package.zip", 0777, &err));
	sp_error_clear(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_come_into_being),
		cmocka_unit_test(a_file_is_in_the_way),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
