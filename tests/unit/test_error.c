#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/error.h"

static void fills_and_clears(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_false(sp_error_is_set(&err));
	assert_false(sp_fail(&err, SP_USAGE, N_("Do this."), N_("bad \"%s\" %d"), "x", 7));
	assert_true(sp_error_is_set(&err));
	assert_int_equal(err.code, SP_USAGE);
	assert_string_equal(sp_error_text(&err), "bad \"x\" 7");
	assert_string_equal(sp_error_text_c(&err), "bad \"x\" 7");
	assert_string_equal(err.hint, "Do this.");
	assert_string_equal(err.hint_c, "Do this.");
	sp_error_clear(&err);
	assert_false(sp_error_is_set(&err));
	assert_null(err.text);
	assert_null(err.hint);
}

static void first_error_wins(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	sp_fail(&err, SP_BAD_PACKAGE, NULL, N_("first"));
	assert_false(sp_fail(&err, SP_FAILED, N_("hint"), N_("second")));
	assert_false(sp_fail_errno(&err, EIO, N_("third")));
	assert_false(sp_fail_memory(&err));
	assert_int_equal(err.code, SP_BAD_PACKAGE);
	assert_string_equal(sp_error_text(&err), "first");
	assert_null(err.hint);
	sp_error_clear(&err);
}

static void tells_system_errors(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_false(sp_fail_errno(&err, ENOSPC, N_("can't write \"%s\""), "f"));
	assert_int_equal(err.code, SP_FAILED);
	assert_string_equal(sp_error_text_c(&err), "can't write \"f\": No space left on device");
	assert_non_null(err.hint);
	sp_error_clear(&err);
	sp_fail_errno(&err, EACCES, N_("x"));
	assert_non_null(strstr(err.hint_c, "permissions"));
	sp_error_clear(&err);
	sp_fail_errno(&err, EMFILE, N_("x"));
	assert_non_null(err.hint);
	sp_error_clear(&err);
	sp_fail_errno(&err, EINTR, N_("x"));
	assert_int_equal(err.code, SP_INTERRUPTED);
	assert_null(err.hint);
	sp_error_clear(&err);
	sp_fail_errno(&err, 99999, N_("x"));
	assert_string_equal(sp_error_text_c(&err), "x: unknown error");
	sp_error_clear(&err);
}

static void memory_has_a_text_without_memory(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	err.code = SP_FAILED;
	assert_string_equal(sp_error_text(&err), "out of memory");
	assert_string_equal(sp_error_text_c(&err), "out of memory");
	sp_error_clear(&err);
	assert_false(sp_fail_memory(&err));
	assert_int_equal(err.code, SP_FAILED);
	assert_string_equal(sp_error_text_c(&err), "out of memory");
	sp_error_clear(&err);
}

static void moves(void **state)
{
	sp_error from = SP_ERROR_INIT, to = SP_ERROR_INIT;

	(void)state;
	sp_fail(&to, SP_USAGE, NULL, N_("old"));
	sp_fail(&from, SP_CONFLICTS, NULL, N_("new"));
	sp_error_move(&to, &from);
	assert_false(sp_error_is_set(&from));
	assert_int_equal(to.code, SP_CONFLICTS);
	assert_string_equal(sp_error_text(&to), "new");
	sp_error_clear(&to);
	sp_error_clear(&from);
}

static void empty_text_isnt_the_catalogues_header(void **state)
{
	(void)state;
	assert_string_equal(sp_translate(""), "");
	assert_string_equal(sp_translate_n("%lu row", "%lu rows", 1), "%lu row");
	assert_string_equal(sp_translate_n("%lu row", "%lu rows", 2), "%lu rows");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_and_clears),
		cmocka_unit_test(first_error_wins),
		cmocka_unit_test(tells_system_errors),
		cmocka_unit_test(memory_has_a_text_without_memory),
		cmocka_unit_test(moves),
		cmocka_unit_test(empty_text_isnt_the_catalogues_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
