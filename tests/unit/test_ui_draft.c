#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"
#include "tests/unit/screen.h"
#include "tests/unit/temp.h"
#include "ui/drafts.h"

#define FOLDER "state/drafts"
#define RUN    "22222222-0000-4000-8000-000000000016"

/* Drafts are kept in a real folder; all else is answered by hand. */
static void open_stage(stage *s)
{
	static sp_ui_setup setup;

	setup = stage_setup;
	setup.drafts = FOLDER;
	stage_open(s, &setup);
}

typedef struct {
	stage *s;
	const sp_request *request;
} answering;

static void reply(const answering *to, sp_json *json, sp_error *failed, bool last)
{
	sp_reply *answer = calloc(1, sizeof *answer);

	assert_non_null(answer);
	answer->ask = to->request->ask;
	answer->number = to->request->number;
	answer->json = json;
	answer->last = last;
	if (failed)
		sp_error_move(&answer->err, failed);
	sp_wizard_reply(to->s->w, answer, to->s->now);
}

static bool tell(void *ctx, sp_json *json, sp_error *err)
{
	(void)err;
	reply(ctx, json, NULL, false);
	return true;
}

/* Does what is asked about drafts, until nothing more is. */
static void settle(stage *s)
{
	for (bool more = true; more;) {
		more = false;
		for (int i = 0; i < s->count; i++) {
			const sp_request *request = s->requests[i];
			answering to = { s, request };
			sp_error err = SP_ERROR_INIT;
			sp_job *job;

			if (request->ask < SP_ASK_DRAFTS ||
			    s->w->awaited[request->ask] != request->number)
				continue;
			job = sp_job_create();
			assert_non_null(job);
			sp_request_do(request, job, tell, &to, &err);
			reply(&to, NULL, &err, true);
			sp_error_clear(&err);
			sp_job_free(job);
			more = true;
		}
	}
}

/* A third of a second later. */
static void pause_a_moment(stage *s)
{
	s->now += 0.35;
	sp_wizard_tick(s->w, s->now);
	settle(s);
}

static int requests_for(const stage *s, sp_request_kind ask)
{
	int count = 0;

	for (int i = 0; i < s->count; i++)
		count += s->requests[i]->ask == ask;
	return count;
}

static int drafts(void)
{
	return temp_exists(FOLDER) ? temp_count(FOLDER) : 0;
}

/* An export that stands at its options, without chunks. */
static void begin_one(stage *s)
{
	open_stage(s);
	stage_to_options(s);
	stage_type(s, "j ");
	pause_a_moment(s);
}

/* Home, with what is there. */
static void come_back(stage *s)
{
	open_stage(s);
	settle(s);
}

static void what_is_answered_is_kept_at_once(void **state)
{
	stage s;
	int before;

	(void)state;
	temp_clear();
	open_stage(&s);
	stage_to_runs(&s);
	pause_a_moment(&s);
	assert_int_equal(drafts(), 0); /* nothing is picked */
	stage_type(&s, "j ");
	assert_int_equal(drafts(), 0);
	assert_true(sp_wizard_patience(s.w) < 0.5);
	pause_a_moment(&s);
	assert_int_equal(drafts(), 1);
	before = requests_for(&s, SP_ASK_KEEP);
	stage_type(&s, "g"); /* changes nothing */
	pause_a_moment(&s);
	assert_int_equal(requests_for(&s, SP_ASK_KEEP), before);
	stage_type(&s, " ");
	pause_a_moment(&s);
	assert_int_equal(requests_for(&s, SP_ASK_KEEP), before + 1);
	assert_int_equal(drafts(), 1);
	stage_type(&s, "aa"); /* none any more */
	pause_a_moment(&s);
	assert_int_equal(drafts(), 0);
	stage_close(&s);
}

static void it_goes_on_where_it_was_left(void **state)
{
	stage s;

	(void)state;
	temp_clear();
	begin_one(&s);
	stage_close(&s);
	come_back(&s);
	assert_true(stage_shows(&s, "─ Not finished ─"));
	assert_true(stage_shows(&s, "Kohleausstieg, eins"));
	assert_true(stage_shows(&s, "hq-dev · Klimadebatten"));
	stage_type(&s, "jjj");
	assert_true(stage_shows(&s, "Enter goes on where it was left"));
	stage_type(&s, "\n");
	assert_int_equal(s.w->screen, SP_SCREEN_OPTIONS);
	assert_int_equal(s.w->answers->instance, 0);
	assert_int_equal(s.w->answers->run_count, 1);
	assert_string_equal(s.w->answers->runs[0].uuid, RUN);
	assert_string_equal(sp_value_of(s.w, "include-chunks"), "no");
	assert_string_equal(sp_value_of(s.w, "include-source-assets"), "yes");
	assert_string_equal(s.w->answers->folder, "/tmp/p");
	/* back are the same runs, picked */
	stage_key(&s, SP_KEY_ESC);
	stage_answer(&s, SP_ASK_RUNS, stage_runs);
	assert_true(stage_shows(&s, "1 of 3 picked"));
	pause_a_moment(&s);
	assert_int_equal(drafts(), 1);
	stage_close(&s);
}

static void a_package_ends_it(void **state)
{
	stage s;
	sp_buf receipt = { 0 };

	(void)state;
	temp_clear();
	begin_one(&s);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_PLAN, stage_plans);
	stage_answer(&s, SP_ASK_TARGETS, stage_targets);
	stage_type(&s, "\n");
	pause_a_moment(&s);
	assert_int_equal(drafts(), 1); /* until it is written */
	stage_answer(&s, SP_ASK_EXPORT, stage_package);
	assert_int_equal(s.w->screen, SP_SCREEN_RESULT);
	pause_a_moment(&s);
	assert_int_equal(drafts(), 0);
	sp_wizard_receipt(s.w, &receipt);
	assert_null(strstr(sp_buf_text(&receipt), "Not finished"));
	sp_buf_free(&receipt);
	/* once more, and otherwise, is another one */
	stage_type(&s, "\n");
	pause_a_moment(&s);
	assert_int_equal(drafts(), 0);
	stage_answer(&s, SP_ASK_RUNS, stage_runs);
	stage_type(&s, "g ");
	pause_a_moment(&s);
	assert_int_equal(drafts(), 1);
	sp_wizard_receipt(s.w, &receipt);
	assert_non_null(strstr(sp_buf_text(&receipt), "Not finished"));
	sp_buf_free(&receipt);
	stage_close(&s);
}

/* Each that takes it up has one of its own from then on. */
static void two_at_once_harm_neither(void **state)
{
	stage a, b;

	(void)state;
	temp_clear();
	begin_one(&a);
	stage_close(&a);
	come_back(&a);
	come_back(&b);
	stage_type(&a, "jjj\n");
	pause_a_moment(&a);
	assert_int_equal(drafts(), 1);
	stage_type(&b, "jjj\n");
	pause_a_moment(&b);
	assert_int_equal(drafts(), 2);
	stage_close(&a);
	stage_close(&b);
}

static void another_one_does_not_replace_the_first(void **state)
{
	stage s;

	(void)state;
	temp_clear();
	begin_one(&s);
	stage_close(&s);
	begin_one(&s);
	assert_int_equal(drafts(), 2);
	stage_type(&s, "q");
	settle(&s);
	assert_true(stage_shows(&s, "row 1 of 5"));
	stage_type(&s, "jjjj\n"); /* the older one */
	pause_a_moment(&s);
	assert_int_equal(s.w->screen, SP_SCREEN_OPTIONS);
	assert_int_equal(drafts(), 2);
	stage_close(&s);
}

static void it_can_be_forgotten(void **state)
{
	stage s;

	(void)state;
	temp_clear();
	begin_one(&s);
	stage_close(&s);
	come_back(&s);
	stage_type(&s, "X"); /* the cursor isn't on it */
	assert_int_equal(s.w->screen, SP_SCREEN_HOME);
	stage_type(&s, "jjjX");
	assert_true(stage_shows(&s, "Forget this export?"));
	stage_type(&s, "\n"); /* the harmless button */
	settle(&s);
	assert_int_equal(drafts(), 1);
	stage_type(&s, "X");
	stage_key(&s, SP_KEY_RIGHT);
	stage_type(&s, "\n");
	settle(&s);
	assert_int_equal(drafts(), 0);
	assert_true(stage_shows(&s, "row 3 of 3"));
	stage_close(&s);
}

/* The session's own goes with its answers, and doesn't come again. */
static void its_own_can_be_forgotten(void **state)
{
	stage s;

	(void)state;
	temp_clear();
	begin_one(&s);
	stage_type(&s, "q");
	settle(&s);
	stage_type(&s, "jjjX");
	stage_key(&s, SP_KEY_RIGHT);
	stage_type(&s, "\n");
	settle(&s);
	pause_a_moment(&s);
	assert_int_equal(drafts(), 0);
	stage_close(&s);
}

static void after_30_days_it_goes(void **state)
{
	struct timespec times[2];
	sp_error err = SP_ERROR_INIT;
	sp_json *list = sp_json_array();

	(void)state;
	temp_clear();
	assert_true(sp_drafts_keep(FOLDER, "a.json", "{}", &err));
	assert_true(sp_drafts_keep(FOLDER, "b.json", "{}", &err));
	times[0].tv_sec = times[1].tv_sec = time(NULL) - 31 * 24 * 3600;
	times[0].tv_nsec = times[1].tv_nsec = 0;
	assert_int_equal(utimensat(AT_FDCWD, FOLDER "/a.json", times, 0), 0);
	assert_true(sp_drafts_list(FOLDER, list, &err));
	assert_false(temp_exists(FOLDER "/a.json"));
	assert_true(temp_exists(FOLDER "/b.json"));
	sp_json_free(list);
}

static void only_its_owner_reads_it(void **state)
{
	stage s;
	struct stat info;

	(void)state;
	temp_clear();
	begin_one(&s);
	assert_int_equal(stat(FOLDER, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	stage_close(&s);
}

/* What a file in that folder may hold, if not a draft. */
static void a_broken_one_is_shown_and_harms_nobody(void **state)
{
	static const char *const broken[] = {
		"", "{", "[]", "null", "\"\"", "{}", "{\"draft\":1}", "{\"draft\":2,\"runs\":[1]}",
		"{\"draft\":1,\"instance\":1,\"step\":[],\"infospace\":\"x\",\"runs\":{\"a\":null}}",
		"{\"draft\":1,\"instance\":\"hq-dev\",\"step\":\"options\",\"infospace\":{},\"runs\":[{}]}",
	};
	sp_error err = SP_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		stage s;

		temp_clear();
		assert_true(sp_drafts_keep(FOLDER, "x.json", broken[i], &err));
		come_back(&s);
		assert_true(stage_shows(&s, "✗ x.json"));
		stage_type(&s, "jjj\n");
		assert_int_equal(s.w->screen, SP_SCREEN_HOME);
		assert_true(stage_shows(&s, "this isn't a draft that can be read"));
		stage_type(&s, "X");
		stage_key(&s, SP_KEY_RIGHT);
		stage_type(&s, "\n");
		settle(&s);
		assert_int_equal(drafts(), 0);
		stage_close(&s);
	}
}

static void odd_files_are_left_alone(void **state)
{
	stage s;

	(void)state;
	temp_clear();
	begin_one(&s);
	stage_close(&s);
	temp_write(FOLDER "/notes.txt", "x", 1);
	assert_int_equal(symlink("/etc/passwd", FOLDER "/link.json"), 0);
	assert_int_equal(mkfifo(FOLDER "/fifo.json", 0600), 0);
	assert_int_equal(mkdir(FOLDER "/folder.json", 0700), 0);
	come_back(&s);
	assert_true(stage_shows(&s, "row 1 of 4"));
	stage_close(&s);
	assert_int_equal(drafts(), 5);
}

static void what_cannot_be_kept_is_said(void **state)
{
	stage s;

	(void)state;
	temp_clear();
	temp_write("state", "a file", 6);
	begin_one(&s);
	assert_true(stage_shows(&s, "✗"));
	assert_non_null(s.w->hint);
	assert_int_equal(s.w->screen, SP_SCREEN_OPTIONS);
	stage_type(&s, "\n"); /* it goes on */
	assert_int_equal(s.w->screen, SP_SCREEN_PREVIEW);
	stage_close(&s);
}

static void an_instance_that_is_gone_is_said(void **state)
{
	sp_ui_setup less = stage_setup;
	stage s;

	(void)state;
	temp_clear();
	begin_one(&s);
	stage_close(&s);
	less.drafts = FOLDER;
	less.instances = &stage_setup.instances[1];
	less.instance_count = 2;
	stage_open(&s, &less);
	settle(&s);
	stage_type(&s, "jjj\n");
	assert_int_equal(s.w->screen, SP_SCREEN_HOME);
	assert_true(stage_shows(&s, "there is no instance \"hq-dev\" any more"));
	assert_int_equal(drafts(), 1);
	stage_close(&s);
}

/* What is only given by options may hold secrets: it isn't written down. */
static void an_instance_without_a_name_is_not_kept(void **state)
{
	static char db[] = "postgresql://u:CANARY@h/d";
	const sp_instance nameless = { .db = db };
	sp_ui_setup setup = stage_setup;
	stage s;

	(void)state;
	temp_clear();
	setup.drafts = FOLDER;
	setup.instances = &nameless;
	setup.instance_count = 1;
	stage_open(&s, &setup);
	stage_to_options(&s);
	pause_a_moment(&s);
	assert_int_equal(drafts(), 0);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_answered_is_kept_at_once),
		cmocka_unit_test(it_goes_on_where_it_was_left),
		cmocka_unit_test(a_package_ends_it),
		cmocka_unit_test(two_at_once_harm_neither),
		cmocka_unit_test(another_one_does_not_replace_the_first),
		cmocka_unit_test(it_can_be_forgotten),
		cmocka_unit_test(its_own_can_be_forgotten),
		cmocka_unit_test(after_30_days_it_goes),
		cmocka_unit_test(only_its_owner_reads_it),
		cmocka_unit_test(a_broken_one_is_shown_and_harms_nobody),
		cmocka_unit_test(odd_files_are_left_alone),
		cmocka_unit_test(what_cannot_be_kept_is_said),
		cmocka_unit_test(an_instance_that_is_gone_is_said),
		cmocka_unit_test(an_instance_without_a_name_is_not_kept),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
