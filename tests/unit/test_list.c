#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/list/list.h"
#include "tests/unit/fakepq.h"
#include "tests/unit/sample.h"

/* Linked with --wrap: an allocation of the program's own code that fails. */
static long countdown;

static bool fails_now(void)
{
	return countdown > 0 && --countdown == 0;
}

#define WRAP(name, parameters, arguments)                                                          \
	void *__real_##name parameters;                                                                \
	void *__wrap_##name parameters;                                                                \
	void *__wrap_##name parameters                                                                 \
	{                                                                                              \
		return fails_now() ? NULL : __real_##name arguments;                                       \
	}

WRAP(malloc, (size_t size), (size))
WRAP(calloc, (size_t count, size_t size), (count, size))
WRAP(realloc, (void *old, size_t size), (old, size))

#define UUID "0190f3a2-0005-7abc-8def-0123456789ab"

/* What the statements are known by, and what answers them. */
static const struct {
	const char *text;
	int columns, rows;
	const char *values[9];
} statements[] = {
	{ "r.error_message",
	  9,
	  1,
	  { UUID, "Positionen", NULL, "COMPLETED", "2025-01-01 00:00:00", NULL, NULL, NULL,
	    "ana@example.org" } },
	{ "n.schema_id", 3, 2, { "Interviews", "1", "40", "Reden", "2.1", "33" } },
	{ "a.status::text", 3, 2, { "SUCCESS", NULL, "70", "FAILED", NULL, "3" } },
	{ "t.kind::text", 3, 1, { "PDF", NULL, "5" } },
};

#define STATEMENTS (sizeof statements / sizeof *statements)

static void answer(size_t i)
{
	fake_query(statements[i].text);
	fake_rows(statements[i].columns, statements[i].rows, statements[i].values);
}

static char *details(sp_db *db, sp_error *err)
{
	static const sp_actor actor = { .id = 2, .active = true };
	sp_json *run = sp_list_run(db, &sample, &actor, UUID, err);
	sp_buf text = { 0 };

	if (!run)
		return NULL;
	if (!sp_json_print(run, false, &text))
		sp_fail_memory(err);
	sp_json_free(run);
	return sp_buf_take(&text);
}

static const char whole[] =
	"{\"uuid\":\"" UUID "\",\"name\":\"Positionen\",\"description\":null,\"status\":\"COMPLETED\","
	"\"created_at\":\"2025-01-01 00:00:00\",\"started_at\":null,\"completed_at\":null,"
	"\"error_message\":null,\"user\":\"ana@example.org\",\"schemas\":[{\"name\":\"Interviews\","
	"\"version\":\"1\",\"count\":40},{\"name\":\"Reden\",\"version\":\"2.1\",\"count\":33}],"
	"\"annotations\":[{\"name\":\"SUCCESS\",\"version\":null,\"count\":70},{\"name\":\"FAILED\","
	"\"version\":null,\"count\":3}],\"assets\":[{\"name\":\"PDF\",\"version\":null,\"count\":5}]}";

static void a_run_is_told_of_with_what_it_has(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(0, NULL);
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < STATEMENTS; i++)
		answer(i);
	text = details(db, &err);
	assert_string_equal(text, whole);
	free(text);
	sp_db_close(db);
}

static void a_run_that_is_not_theirs_is_none(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(0, NULL);

	(void)state;
	fake_query(statements[0].text);
	fake_rows(9, 0, NULL);
	assert_null(details(db, &err));
	assert_int_equal(err.code, SP_FAILED);
	assert_string_equal(sp_error_text_c(&err),
	                    "there is no run \"" UUID "\" that the acting user may read");
	sp_error_clear(&err);
	sp_db_close(db);
}

static void what_the_server_refuses_is_said(void **state)
{
	size_t refused, i;

	(void)state;
	for (refused = 0; refused < STATEMENTS; refused++) {
		sp_error err = SP_ERROR_INIT;
		sp_db *db = fake_open(0, NULL);

		for (i = 0; i < refused; i++)
			answer(i);
		fake_query(statements[refused].text);
		fake_error("42501", "permission denied for table annotation");
		assert_null(details(db, &err));
		assert_non_null(strstr(sp_error_text_c(&err), "permission denied for table annotation"));
		sp_error_clear(&err);
		sp_db_close(db);
	}
}

/* Each allocation fails in turn. */
static void without_memory_nothing_is_left_out(void **state)
{
	long n;
	bool more = true;

	(void)state;
	for (n = 1; more; n++) {
		sp_error err = SP_ERROR_INIT;
		sp_db *db = fake_open(0, NULL);
		char *text;
		size_t i;

		for (i = 0; i < STATEMENTS; i++)
			answer(i);
		countdown = n;
		text = details(db, &err);
		more = countdown == 0;
		countdown = 0;
		if (text)
			assert_string_equal(text, whole);
		else
			assert_non_null(strstr(sp_error_text_c(&err), "out of memory"));
		free(text);
		fake_drop();
		sp_error_clear(&err);
		sp_db_close(db);
	}
	assert_in_range(n, 8, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_is_told_of_with_what_it_has, fake_begin, fake_end),
		cmocka_unit_test_setup_teardown(a_run_that_is_not_theirs_is_none, fake_begin, fake_end),
		cmocka_unit_test_setup_teardown(what_the_server_refuses_is_said, fake_begin, fake_end),
		cmocka_unit_test_setup_teardown(without_memory_nothing_is_left_out, fake_begin, fake_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
