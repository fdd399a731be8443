#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "core/export/target.h"
#include "tests/unit/temp.h"

static void folders_come_into_being(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_true(sp_target_make_folder("a/b/c/package.zip", &err));
	assert_true(sp_target_is_folder("a/b/c"));
	assert_true(sp_target_make_folder("a/b/c/package.zip", &err));
	assert_true(sp_target_make_folder("a//d//package.zip", &err));
	assert_true(sp_target_is_folder("a/d"));
	assert_true(sp_target_make_folder("package.zip", &err));
	assert_true(sp_target_make_folder("/package.zip", &err));
	assert_false(temp_exists("package.zip"));
}

/* The whole path is named, whatever part of it is at fault. */
static void a_file_is_in_the_way(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	temp_write("file", "x", 1);
	assert_false(sp_target_make_folder("file/b/package.zip", &err));
	assert_non_null(strstr(sp_error_text(&err), "file/b"));
	sp_error_clear(&err);
	assert_false(sp_target_make_folder("file/package.zip", &err));
	sp_error_clear(&err);
	/* a name that leads nowhere */
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_false(sp_target_make_folder("link/package.zip", &err));
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
