#include <config.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/job/job.h"

typedef struct {
	int calls;
	sp_progress last;
} told;

static void note(void *ctx, const sp_progress *progress)
{
	told *to = ctx;

	to->calls++;
	to->last = *progress;
}

static void id_is_a_new_uuid(void **state)
{
	sp_job *one = sp_job_create(), *two = sp_job_create();

	(void)state;
	assert_non_null(one);
	assert_non_null(two);
	assert_true(sp_is_uuid(sp_job_id(one)));
	assert_string_not_equal(sp_job_id(one), sp_job_id(two));
	/* version 4, RFC 9562 */
	assert_int_equal(sp_job_id(one)[14], '4');
	sp_job_free(one);
	sp_job_free(two);
	sp_job_free(NULL);
}

static void phases_are_told_at_once(void **state)
{
	sp_job *job = sp_job_create();
	told seen = { 0 };

	(void)state;
	sp_job_phase(job, "unseen", 1);
	sp_job_on_progress(job, note, &seen);
	sp_job_phase(job, "reading", 10);
	assert_int_equal(seen.calls, 1);
	assert_string_equal(seen.last.phase, "reading");
	assert_int_equal(seen.last.rows_total, 10);
	sp_job_add(job, 4, 100);
	sp_job_phase(job, "writing", 0);
	assert_int_equal(seen.calls, 2);
	assert_string_equal(seen.last.phase, "writing");
	assert_int_equal(seen.last.rows, 0);
	assert_int_equal(seen.last.rows_total, 0);
	/* bytes are those of the whole job */
	assert_int_equal(seen.last.bytes, 100);
	sp_job_on_progress(job, NULL, NULL);
	sp_job_phase(job, "end", 0);
	assert_int_equal(seen.calls, 2);
	sp_job_free(job);
}

static void reports_come_at_most_ten_times_a_second(void **state)
{
	sp_job *job = sp_job_create();
	told seen = { 0 };
	sp_progress at = { 0 };
	uint64_t adds = 0;

	(void)state;
	sp_job_on_progress(job, note, &seen);
	for (; seen.calls < 4; adds++) {
		sp_job_add(job, 1, 2);
		sp_job_look(job, &at);
	}
	assert_true(at.elapsed >= 0.3);
	assert_int_equal(at.rows, adds);
	assert_int_equal(at.bytes, adds * 2);
	assert_true(seen.last.bytes <= at.bytes);
	sp_job_free(job);
}

static void a_record_is_written_at_most_once_a_second(void **state)
{
	sp_job *job = sp_job_create();
	told shown = { 0 }, recorded = { 0 };
	sp_progress at = { 0 };

	(void)state;
	sp_job_on_progress(job, note, &shown);
	sp_job_on_second(job, note, &recorded);
	for (; recorded.calls < 2; sp_job_look(job, &at))
		sp_job_phase(job, "writing", 0);
	assert_true(at.elapsed >= 1);
	/* who shows it hears of each phase */
	assert_true(shown.calls > 2);
	sp_job_on_second(job, NULL, NULL);
	sp_job_free(job);
}

static void an_operation_has_an_id_of_its_own(void **state)
{
	sp_job *job = sp_job_create();
	char first[SP_UUID_LEN + 1];

	(void)state;
	memcpy(first, sp_job_id(job), sizeof first);
	sp_job_new_id(job);
	assert_true(sp_is_uuid(sp_job_id(job)));
	assert_string_not_equal(sp_job_id(job), first);
	sp_job_free(job);
}

static void rate_and_time_left(void **state)
{
	sp_job *job = sp_job_create();
	sp_progress at = { 0 };

	(void)state;
	sp_job_look(job, &at);
	assert_true(at.left < 0);
	assert_true(at.rate >= 0 && at.rate <= 0);
	sp_job_total_bytes(job, 1000);
	sp_job_look(job, &at);
	assert_true(at.left < 0); /* no byte yet: nothing is known */
	sp_job_add(job, 0, 500);
	do
		sp_job_look(job, &at);
	while (at.elapsed < 0.02);
	assert_true(at.rate > 0);
	/* half is done: as long again as it took */
	assert_true(at.left > 0 && at.left <= at.elapsed);
	assert_true(at.left * at.rate > 499 && at.left * at.rate < 501);
	sp_job_add(job, 0, 600); /* more than was expected */
	sp_job_look(job, &at);
	assert_true(at.left >= 0 && at.left <= 0);
	sp_job_free(job);
}

static sp_job *of_handler;

static void cancel_it(int signal)
{
	(void)signal;
	sp_job_cancel(of_handler);
}

static void cancelled_by_a_signal(void **state)
{
	struct sigaction action = { .sa_handler = cancel_it }, old;
	sp_job *job = sp_job_create();
	sp_error err = SP_ERROR_INIT;

	(void)state;
	of_handler = job;
	assert_false(sp_job_cancelled(job));
	assert_true(sp_job_go_on(job, &err));
	assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(sigaction(SIGUSR1, &old, NULL), 0);
	assert_true(sp_job_cancelled(job));
	assert_false(sp_job_go_on(job, &err));
	assert_int_equal(err.code, SP_INTERRUPTED);
	sp_error_clear(&err);
	sp_job_free(job);
}

static void *cancel_from_thread(void *job)
{
	sp_progress at;

	do
		sp_job_look(job, &at);
	while (at.rows < 1000);
	sp_job_cancel(job);
	return NULL;
}

static void looked_at_and_cancelled_by_another_thread(void **state)
{
	sp_job *job = sp_job_create();
	pthread_t other;
	sp_progress at;
	uint64_t rows = 0;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, cancel_from_thread, job), 0);
	for (; !sp_job_cancelled(job); rows++)
		sp_job_add(job, 1, 1);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_true(rows >= 1000);
	sp_job_look(job, &at);
	assert_int_equal(at.rows, rows);
	sp_job_free(job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_is_a_new_uuid),
		cmocka_unit_test(phases_are_told_at_once),
		cmocka_unit_test(reports_come_at_most_ten_times_a_second),
		cmocka_unit_test(a_record_is_written_at_most_once_a_second),
		cmocka_unit_test(an_operation_has_an_id_of_its_own),
		cmocka_unit_test(rate_and_time_left),
		cmocka_unit_test(cancelled_by_a_signal),
		cmocka_unit_test(looked_at_and_cancelled_by_another_thread),
	};

	return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
