#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>

#include "ui/work.h"

static char nowhere[] = "host=/nonexistent dbname=x user=x";
static const sp_instance instance = { .db = nowhere };

static sp_request *request_of(sp_request_kind kind, int number)
{
	sp_error err = SP_ERROR_INIT;
	sp_request *request = sp_request_create(kind, &instance, &err);

	assert_non_null(request);
	request->number = number;
	return request;
}

/* The next answer; the descriptor says when there is one. */
static sp_reply *await(sp_work *work)
{
	struct pollfd fd = { .fd = sp_work_fd(work), .events = POLLIN };
	sp_reply *reply;

	while (!(reply = sp_work_next(work)))
		assert_true(poll(&fd, 1, 20000) > 0);
	return reply;
}

static void an_error_is_an_answer(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_work *work = sp_work_create(&err);
	sp_reply *reply;

	(void)state;
	assert_non_null(work);
	assert_null(sp_work_next(work));
	assert_true(sp_work_start(work, request_of(SP_ASK_RUNS, 7), &err));
	reply = await(work);
	assert_int_equal(reply->number, 7);
	assert_int_equal(reply->ask, SP_ASK_RUNS);
	assert_true(reply->last);
	assert_int_equal(reply->err.code, SP_NO_CONNECTION);
	sp_reply_free(reply);
	sp_work_free(work, 5);
}

/* Many at once: each has one last answer, and none is mistaken for another. */
static void every_request_has_a_last_answer(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_work *work = sp_work_create(&err);
	bool seen[30] = { false };

	(void)state;
	for (int i = 0; i < 30; i++) {
		assert_true(sp_work_start(work, request_of(SP_ASK_INSTANCE, i), &err));
		if (i % 3 == 0)
			sp_work_cancel(work, i);
	}
	for (int i = 0; i < 30; i++) {
		sp_reply *reply = await(work);

		assert_true(reply->last && !seen[reply->number]);
		assert_true(sp_error_is_set(&reply->err));
		seen[reply->number] = true;
		sp_reply_free(reply);
	}
	sp_work_free(work, 5);
}

/* What nobody waited for is freed, finished or not. */
static void the_end_cancels_and_frees(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_work *work = sp_work_create(&err);

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(sp_work_start(work, request_of(SP_ASK_CHECKS, i), &err));
	sp_work_free(work, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_an_answer),
		cmocka_unit_test(every_request_has_a_last_answer),
		cmocka_unit_test(the_end_cancels_and_frees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
