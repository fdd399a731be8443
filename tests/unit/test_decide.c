#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/plan/decide.h"
#include "core/plan/plan_file.h"
#include "tests/unit/temp.h"

#define PLAN "p.plan"
#define HEAD "{\"spaceport_plan\":1,\"totals\":{}}\n"

/* Rows of each sort. Spaces and the order of keys are nobody's business: what isn't decided stays
 * byte by byte. */
#define A1                                                                                         \
	"{\"kind\":\"annotation\",\"id\":\"1\",\"origin\":\"a1\",\"class\":\"conflict\","              \
	"\"why\":\"both\",\"columns\":[\"value\"],\"there\":\"1\",\"here\":\"-2\"}\n"
#define A2                                                                                         \
	"{ \"name\":\"Second\", \"kind\":\"annotation\",\"id\":\"2\",\"origin\":\"a2\","               \
	"\"class\":\"conflict\",\"why\":\"both\",\"columns\":[\"value\"],\"there\":\"3\","             \
	"\"here\":\"4\"}\n"
#define A3                                                                                         \
	"{\"kind\":\"annotation\",\"id\":\"3\",\"origin\":\"a3\",\"class\":\"conflict\","              \
	"\"why\":\"both\",\"columns\":[\"region\",\"value\"],\"there\":\"5\",\"here\":\"6\"}\n"
#define S1                                                                                         \
	"{\"kind\":\"asset\",\"id\":\"9\",\"origin\":\"s1\",\"class\":\"conflict\",\"why\":\"taken\"," \
	"\"there\":\"7\"}\n"
#define S2                                                                                         \
	"{\"kind\":\"asset\",\"id\":\"8\",\"origin\":\"s2\",\"class\":\"conflict\","                   \
	"\"why\":\"ambiguous\"}\n"
#define SAME                                                                                       \
	"{\"kind\":\"asset\",\"id\":\"7\",\"origin\":\"s3\",\"class\":\"update\",\"why\":\"there\","   \
	"\"there\":\"8\",\"here\":\"9\"}\n"
#define ALL HEAD A1 S1 A2 A3 S2 SAME

static void write_plan(const char *text)
{
	temp_write(PLAN, text, strlen(text));
}

static void assert_plan(const char *text)
{
	size_t len;
	char *there = temp_read(PLAN, &len);

	assert_non_null(there);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(there, text, len);
	free(there);
}

/* What is in conflict, as it is told. */
static void assert_groups(const char *text)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *groups = sp_decide_groups(PLAN, &err);
	sp_buf said = { 0 };

	assert_non_null(groups);
	assert_true(sp_json_print(groups, false, &said));
	assert_string_equal(sp_buf_text(&said), text);
	sp_buf_free(&said);
	sp_json_free(groups);
}

static sp_decide_done decide(const sp_decide_what *what)
{
	sp_error err = SP_ERROR_INIT;
	sp_decide_done done;

	if (!sp_decide(PLAN, what, &done, &err))
		fail_msg("%s", err.text);
	return done;
}

/* It can't be done, for this; and the plan is as it was. */
static void refuse(const char *plan, const sp_decide_what *what, sp_code code, const char *why)
{
	sp_error err = SP_ERROR_INIT;
	sp_decide_done done;

	write_plan(plan);
	assert_false(sp_decide(PLAN, what, &done, &err));
	assert_int_equal(err.code, code);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" isn't in \"%s\"", why, err.text);
	assert_plan(plan);
	assert_int_equal(temp_count("."), 1);
	sp_error_clear(&err);
}

static void test_alike_conflicts_are_one_group(void **state)
{
	(void)state;
	write_plan(ALL);
	assert_groups(
		"{\"open\":5,\"groups\":["
		"{\"group\":1,\"kind\":\"annotation\",\"why\":\"both\",\"rows\":2,\"open\":2,"
		"\"columns\":[\"value\"],\"name\":\"Second\"},"
		"{\"group\":2,\"kind\":\"asset\",\"why\":\"taken\",\"rows\":1,\"open\":1},"
		"{\"group\":3,\"kind\":\"annotation\",\"why\":\"both\",\"rows\":1,\"open\":1,"
		"\"columns\":[\"region\",\"value\"]},"
		"{\"group\":4,\"kind\":\"asset\",\"why\":\"ambiguous\",\"rows\":1,\"open\":1,"
		"\"fixed\":1}]}");
}

static void test_more_groups_than_are_told_apart_are_counted(void **state)
{
	sp_buf plan = { 0 };
	sp_error err = SP_ERROR_INIT;
	sp_json *groups;
	int count = 0;

	(void)state;
	sp_buf_adds(&plan, HEAD);
	for (int i = 0; i < 10002; i++)
		sp_buf_addf(&plan,
		            "{\"kind\":\"run\",\"origin\":\"%d\",\"class\":\"conflict\",\"why\":\"both\","
		            "\"columns\":[\"c%d\"],\"there\":\"1\",\"here\":\"2\"}\n",
		            i, i);
	assert_false(plan.failed);
	write_plan(sp_buf_text(&plan));
	sp_buf_free(&plan);
	groups = sp_decide_groups(PLAN, &err);
	assert_non_null(groups);
	assert_int_equal(sp_json_int(groups, "open", 0), 10002);
	for (const sp_json *at = sp_json_first(sp_json_get(groups, "groups")); at; at = sp_json_next(at))
		count++;
	assert_int_equal(count, 10000);
	sp_json_free(groups);
	assert_int_equal(decide(&(sp_decide_what){ .word = "keep", .row = "10001" }).rows, 1);
	assert_int_equal(decide(&(sp_decide_what){ .word = "keep" }).rows, 10002);
}

static void test_a_group_is_decided_and_nothing_else_changes(void **state)
{
	(void)state;
	write_plan(ALL);
	assert_int_equal(decide(&(sp_decide_what){ .word = "overwrite", .group = 1 }).rows, 2);
	assert_plan(HEAD
	            "{\"kind\":\"annotation\",\"id\":\"1\",\"origin\":\"a1\",\"class\":\"conflict\","
	            "\"why\":\"both\",\"columns\":[\"value\"],\"there\":\"1\",\"here\":\"-2\","
	            "\"decision\":\"overwrite\"}\n" S1
	            "{\"name\":\"Second\",\"kind\":\"annotation\",\"id\":\"2\",\"origin\":\"a2\","
	            "\"class\":\"conflict\",\"why\":\"both\",\"columns\":[\"value\"],\"there\":\"3\","
	            "\"here\":\"4\",\"decision\":\"overwrite\"}\n" A3 S2 SAME);
	assert_groups(
		"{\"open\":3,\"groups\":["
		"{\"group\":1,\"kind\":\"annotation\",\"why\":\"both\",\"rows\":2,\"open\":0,"
		"\"columns\":[\"value\"],\"name\":\"Second\",\"decision\":\"overwrite\"},"
		"{\"group\":2,\"kind\":\"asset\",\"why\":\"taken\",\"rows\":1,\"open\":1},"
		"{\"group\":3,\"kind\":\"annotation\",\"why\":\"both\",\"rows\":1,\"open\":1,"
		"\"columns\":[\"region\",\"value\"]},"
		"{\"group\":4,\"kind\":\"asset\",\"why\":\"ambiguous\",\"rows\":1,\"open\":1,"
		"\"fixed\":1}]}");
}

static void test_a_group_decided_in_part_or_variously_has_no_decision(void **state)
{
	static const char one_open[] =
		"{\"open\":1,\"groups\":[{\"group\":1,\"kind\":\"annotation\",\"why\":\"both\",\"rows\":2,"
		"\"open\":1,\"columns\":[\"value\"],\"name\":\"Second\"}]}";

	(void)state;
	write_plan(HEAD A1 A2);
	decide(&(sp_decide_what){ .word = "keep", .row = "a1" });
	assert_groups(one_open);
	decide(&(sp_decide_what){ .word = "keep", .row = "a2" });
	decide(&(sp_decide_what){ .word = SP_DECIDE_OPEN, .row = "a1" });
	assert_groups(one_open);
	decide(&(sp_decide_what){ .word = "later", .row = "a1" });
	assert_groups(
		"{\"open\":0,\"groups\":[{\"group\":1,\"kind\":\"annotation\",\"why\":\"both\",\"rows\":2,"
		"\"open\":0,\"columns\":[\"value\"],\"name\":\"Second\"}]}");
}

static void test_a_decision_that_is_taken_back_leaves_the_row_as_it_was(void **state)
{
	(void)state;
	write_plan(HEAD A1 A3);
	decide(&(sp_decide_what){
		.word = "merge", .fields = (const char *const[]){ "value", "value/b" }, .field_count = 2 });
	assert_plan(HEAD
	            "{\"kind\":\"annotation\",\"id\":\"1\",\"origin\":\"a1\",\"class\":\"conflict\","
	            "\"why\":\"both\",\"columns\":[\"value\"],\"there\":\"1\",\"here\":\"-2\","
	            "\"decision\":\"merge\",\"fields\":[\"value\",\"value/b\"]}\n"
	            "{\"kind\":\"annotation\",\"id\":\"3\",\"origin\":\"a3\",\"class\":\"conflict\","
	            "\"why\":\"both\",\"columns\":[\"region\",\"value\"],\"there\":\"5\","
	            "\"here\":\"6\",\"decision\":\"merge\",\"fields\":[\"value\",\"value/b\"]}\n");
	decide(&(sp_decide_what){ .word = "beside", .row = "a3" });
	decide(&(sp_decide_what){ .word = SP_DECIDE_OPEN });
	assert_plan(HEAD A1 A3);
}

static void test_a_kind_is_decided(void **state)
{
	sp_decide_done done;

	(void)state;
	write_plan(ALL);
	done = decide(&(sp_decide_what){ .word = "beside", .kind = "asset" });
	assert_int_equal(done.rows, 1);
	assert_int_equal(done.unanswered, 0);
	write_plan(ALL);
	done = decide(&(sp_decide_what){ .word = "keep" });
	assert_int_equal(done.rows, 3);
	assert_int_equal(done.unanswered, 1);
}

static void test_a_row_is_decided_though_it_is_in_no_conflict(void **state)
{
	(void)state;
	write_plan(ALL);
	assert_int_equal(decide(&(sp_decide_what){ .word = "keep", .row = "s3" }).rows, 1);
	assert_plan(HEAD A1 S1 A2 A3 S2
	            "{\"kind\":\"asset\",\"id\":\"7\",\"origin\":\"s3\",\"class\":\"update\","
	            "\"why\":\"there\",\"there\":\"8\",\"here\":\"9\",\"decision\":\"keep\"}\n");
	refuse(ALL, &(sp_decide_what){ .word = "keep", .row = "s3", .group = 1 }, SP_USAGE,
	       "no row of the plan");
}

static void test_what_decides_nothing_is_said(void **state)
{
	static const char *const field[] = { "value" };

	(void)state;
	refuse(ALL, &(sp_decide_what){ .word = "delete" }, SP_USAGE, "is no decision");
	refuse(ALL, &(sp_decide_what){ .word = "merge" }, SP_USAGE, "go together");
	refuse(ALL, &(sp_decide_what){ .word = "keep", .fields = field, .field_count = 1 }, SP_USAGE,
	       "go together");
	refuse(ALL, &(sp_decide_what){ .word = "keep", .kind = "asset" }, SP_USAGE,
	       "\"keep\" is no answer");
	refuse(ALL, &(sp_decide_what){ .word = "keep", .group = 5 }, SP_USAGE, "no row of the plan");
	refuse(ALL, &(sp_decide_what){ .word = "keep", .row = "s2" }, SP_USAGE, "no row of the plan");
	refuse(ALL, &(sp_decide_what){ .word = "keep", .kind = "run" }, SP_USAGE, "no row of the plan");
	refuse(HEAD SAME, &(sp_decide_what){ .word = "keep" }, SP_USAGE, "no row of the plan");
}

/* Whatever is in it, and wherever. */
static void test_what_is_no_plan_is_refused_with_its_line(void **state)
{
	static const char *const lines[] = {
		"\n",
		"[]\n",
		"{}\n",
		"{\"kind\":\"run\"\n",
		"{\"kind\":\"run\",\"origin\":\"a\"}\n",
		"{\"kind\":1,\"origin\":\"a\",\"class\":\"conflict\"}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"there\":1}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"there\":\"\"}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"here\":\"1x\"}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"here\":\"-\"}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"same\",\"here\":\"12345678901234567890\"}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"columns\":\"value\"}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"fields\":{}}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"target\":-1}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"target\":\"1\"}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"decision\":\"drop\"}\n",
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\",\"decision\":true}\n",
		HEAD, /* once only */
		"{\"kind\":\"run\",\"origin\":\"a\",\"class\":\"conflict\"}", /* cut off */
	};
	char plan[512];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(plan, sizeof plan, HEAD A1 "%s", lines[i]);
		refuse(plan, &(sp_decide_what){ .word = "keep" }, SP_USAGE,
		       "line 3 of \"p.plan\" is no line of a plan");
	}
	refuse("", &(sp_decide_what){ .word = "keep" }, SP_USAGE, "is no plan");
	refuse(A1, &(sp_decide_what){ .word = "keep" }, SP_USAGE, "is no plan");
	refuse("{\"spaceport_plan\":2}\n" A1, &(sp_decide_what){ .word = "keep" }, SP_INCOMPATIBLE,
	       "is of version 2");
}

static void test_a_line_that_never_ends_is_refused(void **state)
{
	size_t len = (size_t)3 << 20;
	char *text = malloc(len);
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	temp_write(PLAN, text, len);
	free(text);
	assert_null(sp_decide_groups(PLAN, &err));
	assert_int_equal(err.code, SP_USAGE);
	sp_error_clear(&err);
}

static void test_a_plan_that_is_not_there_is_named(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_null(sp_decide_groups("nowhere.plan", &err));
	assert_non_null(strstr(err.text, "nowhere.plan"));
	sp_error_clear(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike_conflicts_are_one_group),
		cmocka_unit_test(test_more_groups_than_are_told_apart_are_counted),
		cmocka_unit_test(test_a_group_is_decided_and_nothing_else_changes),
		cmocka_unit_test(test_a_group_decided_in_part_or_variously_has_no_decision),
		cmocka_unit_test(test_a_decision_that_is_taken_back_leaves_the_row_as_it_was),
		cmocka_unit_test(test_a_kind_is_decided),
		cmocka_unit_test(test_a_row_is_decided_though_it_is_in_no_conflict),
		cmocka_unit_test(test_what_decides_nothing_is_said),
		cmocka_unit_test(test_what_is_no_plan_is_refused_with_its_line),
		cmocka_unit_test(test_a_line_that_never_ends_is_refused),
		cmocka_unit_test(test_a_plan_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests_name("decide", tests, temp_enter, temp_leave);
}
