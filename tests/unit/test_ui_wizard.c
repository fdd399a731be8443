#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/unit/screen.h"

static void all_the_way_to_a_package(void **state)
{
	stage s;
	sp_buf receipt = { 0 };

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_preview(&s);
	assert_int_equal(s.w->screen, SP_SCREEN_PREVIEW);
	assert_null(stage_request(&s, SP_ASK_EXPORT));
	stage_type(&s, "\n");
	assert_int_equal(s.w->screen, SP_SCREEN_PROGRESS);
	assert_string_equal(stage_request(&s, SP_ASK_EXPORT)->runs[0],
	                    "22222222-0000-4000-8000-000000000016");
	stage_answer(&s, SP_ASK_EXPORT, stage_package);
	assert_int_equal(s.w->screen, SP_SCREEN_RESULT);
	assert_true(stage_shows(&s, "✓ read back: right"));
	sp_wizard_receipt(s.w, &receipt);
	assert_non_null(strstr(sp_buf_text(&receipt), "/tmp/p/kohleausstieg-eins-16.zip"));
	assert_non_null(strstr(sp_buf_text(&receipt), "spaceport export run 22222222-"));
	sp_buf_free(&receipt);
	stage_type(&s, "Q");
	assert_true(s.w->over);
	assert_int_equal(s.w->code, SP_OK);
	stage_close(&s);
}

/* Esc keeps every answer, and going on again finds all as it was. */
static void going_back_keeps_every_answer(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_options(&s);
	stage_type(&s, "j "); /* chunks: no */
	assert_string_equal(s.w->answers->values[1], "no");
	stage_key(&s, SP_KEY_ESC);
	stage_key(&s, SP_KEY_ESC);
	stage_key(&s, SP_KEY_ESC);
	stage_key(&s, SP_KEY_ESC);
	assert_int_equal(s.w->screen, SP_SCREEN_HOME);
	stage_type(&s, "1\n\n\n");
	assert_int_equal(s.w->screen, SP_SCREEN_OPTIONS);
	assert_int_equal(s.w->answers->run_count, 1);
	assert_string_equal(s.w->answers->values[1], "no");
	/* nothing was asked twice */
	assert_int_equal(stage_request(&s, SP_ASK_RUNS)->number, s.requests[4]->number);
	stage_close(&s);
}

static void another_infospace_drops_the_picks(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_runs(&s);
	stage_type(&s, " ");
	assert_int_equal(s.w->answers->run_count, 1);
	stage_key(&s, SP_KEY_ESC);
	stage_key(&s, SP_KEY_ESC);
	stage_type(&s, "j\n");
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	assert_int_equal(s.w->answers->run_count, 0);
	stage_close(&s);
}

static void keys_do_nothing_unseen(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_preview(&s);
	free(stage_screen(&s, 50, 12));
	stage_type(&s, "\n");
	assert_null(stage_request(&s, SP_ASK_EXPORT));
	free(stage_screen(&s, 80, 24));
	stage_type(&s, "\n");
	assert_non_null(stage_request(&s, SP_ASK_EXPORT));
	stage_close(&s);
}

/* An answer that comes too late, to a question that nobody asks any more. */
static void late_answers_change_nothing(void **state)
{
	stage s;
	sp_request *old;
	sp_reply *reply;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_type(&s, "1\n");
	old = stage_request(&s, SP_ASK_INFOSPACES);
	stage_key(&s, SP_KEY_ESC);
	stage_type(&s, "j\n"); /* another instance */
	assert_int_equal(s.cancels, 1);
	assert_int_equal(s.cancelled[0], old->number);
	reply = calloc(1, sizeof *reply);
	assert_non_null(reply);
	reply->ask = SP_ASK_INFOSPACES;
	reply->number = old->number;
	reply->last = true;
	sp_wizard_reply(s.w, reply, 200);
	assert_true(sp_is_awaited(s.w, SP_ASK_INFOSPACES));
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	assert_true(stage_shows(&s, "Klimadebatten"));
	stage_close(&s);
}

static void what_cannot_be_done_says_why(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	/* an instance that doesn't answer */
	stage_fail(&s, SP_ASK_INSTANCE, SP_NO_CONNECTION, "nobody is there");
	stage_type(&s, "1G\n");
	assert_int_equal(s.w->screen, SP_SCREEN_INSTANCES);
	assert_true(stage_shows(&s, "✗ nobody is there"));
	/* an infospace that may only be read */
	stage_type(&s, "g\n");
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	stage_type(&s, "j");
	assert_true(stage_shows(&s, "Enter does nothing here"));
	stage_type(&s, "\n");
	assert_int_equal(s.w->screen, SP_SCREEN_INFOSPACES);
	assert_true(stage_shows(&s, "You may read it, not export"));
	stage_close(&s);
}

static void an_error_shows_and_can_be_tried_again(void **state)
{
	stage s;
	int before;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_infospaces(&s);
	stage_type(&s, "\n");
	stage_fail(&s, SP_ASK_RUNS, SP_NO_CONNECTION, "the connection broke");
	assert_true(stage_shows(&s, "✗ the connection broke"));
	assert_true(stage_shows(&s, "Do: Try something else."));
	before = s.count;
	stage_type(&s, "r");
	assert_int_equal(s.count, before + 1);
	stage_answer(&s, SP_ASK_RUNS, stage_runs);
	assert_true(stage_shows(&s, "Kohleausstieg, zwei"));
	stage_close(&s);
}

/* What HQ calls a status later is shown like those that are known. */
static void a_status_is_a_word_not_a_constant(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_infospaces(&s);
	stage_type(&s, "\n");
	stage_answer(
		&s, SP_ASK_RUNS,
		"{\"runs\":[{\"id\":1,\"uuid\":\"u\",\"name\":\"A\",\"status\":\"WAITING\","
		"\"annotations\":1},"
		"{\"id\":2,\"uuid\":\"v\",\"name\":\"B\",\"status\":\"ON_ICE\",\"annotations\":1200}]}");
	assert_true(stage_shows(&s, "· waiting"));
	assert_true(stage_shows(&s, "· on ice"));
	stage_type(&s, " ");
	assert_true(stage_shows(&s, "1 of 2 picked: 1 annotation. "));
	stage_type(&s, " ");
	assert_true(stage_shows(&s, "2 of 2 picked: 1,201 annotations. "));
	stage_close(&s);
}

static void the_filter_narrows_as_it_is_typed(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_runs(&s);
	stage_type(&s, "/koh");
	assert_true(stage_shows(&s, "2 of 3 · newest first"));
	stage_type(&s, "\n"); /* keeps it */
	assert_true(stage_shows(&s, "1 hidden by the filter"));
	stage_type(&s, "a");
	assert_int_equal(s.w->answers->run_count, 2);
	stage_key(&s, SP_KEY_ESC); /* clears it first */
	assert_int_equal(s.w->screen, SP_SCREEN_RUNS);
	assert_true(stage_shows(&s, "3 of 3"));
	stage_type(&s, "/status:run");
	assert_true(stage_shows(&s, "1 of 3"));
	stage_type(&s, " nothing");
	assert_true(stage_shows(&s, "─ 3 hidden by the filter"));
	stage_close(&s);
}

static void options_say_what_they_do_to_the_size(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_options(&s);
	assert_true(stage_shows(&s, "+ 414.1 MB"));
	assert_true(stage_shows(&s, "(+ 180.0 MB)"));
	assert_true(stage_shows(&s, "1 package, about 438.6 MB"));
	stage_type(&s, " "); /* no assets, so no chunks either */
	assert_true(stage_shows(&s, "1 package, about 17.4 MB"));
	assert_true(stage_shows(&s, "needs source assets"));
	assert_true(stage_shows(&s, "(+ 7.1 MB)"));
	stage_type(&s, " jj ");
	assert_true(stage_shows(&s, "about 618.6 MB"));
	stage_type(&s, "k "); /* embeddings go with their chunks */
	assert_string_equal(s.w->answers->values[2], "no");
	stage_type(&s, "jje0\n");
	stage_close(&s);
}

static void values_are_typed_and_checked(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_options(&s);
	stage_type(&s, "Ge");
	stage_key(&s, SP_KEY_BACKSPACE);
	stage_type(&s, "12\n");
	assert_true(stage_shows(&s, "too small or too large"));
	assert_string_equal(s.w->answers->values[6], "6");
	stage_type(&s, "e");
	stage_key(&s, SP_KEY_BACKSPACE);
	stage_type(&s, "9\n");
	assert_string_equal(s.w->answers->values[6], "9");
	stage_type(&s, "d");
	assert_string_equal(s.w->answers->values[6], "6");
	stage_type(&s, "kkesecret, two words\n");
	assert_string_equal(s.w->answers->values[4], "secret, two words");
	stage_type(&s, "c");
	assert_true(stage_shows(&s, "--exclude-tag 'two words'"));
	stage_close(&s);
}

static void without_a_store_files_stay_outside(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_type(&s, "1G\n");
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_RUNS, stage_runs);
	stage_type(&s, "\n");
	assert_string_equal(s.w->answers->values[3], "external");
	assert_int_equal(stage_request(&s, SP_ASK_SURVEY)->options.asset_format, SP_FILES_EXTERNAL);
	assert_true(stage_shows(&s, "no store to read them from"));
	/* … but not those of an instance that has one */
	stage_key(&s, SP_KEY_ESC);
	stage_type(&s, "\n");
	stage_key(&s, SP_KEY_ESC);
	stage_key(&s, SP_KEY_ESC);
	stage_key(&s, SP_KEY_ESC);
	stage_type(&s, "g\n");
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_RUNS, stage_runs);
	stage_type(&s, "\n");
	assert_string_equal(s.w->answers->values[3], "reference");
	stage_close(&s);
}

/* Enter writes only once plan and targets are there, and only then is it said. */
static void what_enter_writes_is_known_first(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_options(&s);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_PLAN, stage_plans);
	assert_false(stage_shows(&s, "Enter writes"));
	assert_true(stage_shows(&s, "Being selected; nothing"));
	stage_type(&s, "\n");
	assert_null(stage_request(&s, SP_ASK_EXPORT));
	stage_answer(&s, SP_ASK_TARGETS, stage_targets);
	assert_true(stage_shows(&s, "Enter writes 1 file"));
	stage_close(&s);
}

static const char exists[] = "{\"targets\":[{\"path\":\"/tmp/p/x.zip\",\"exists\":true}],"
							 "\"folder\":true,\"free\":1000}";

static void a_file_that_exists_is_asked_about(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_preview(&s);
	stage_type(&s, "r");
	stage_answer(&s, SP_ASK_PLAN, stage_plans);
	stage_answer(&s, SP_ASK_TARGETS, exists);
	stage_type(&s, "\n");
	assert_int_equal(s.w->screen, SP_SCREEN_QUESTION);
	assert_true(stage_shows(&s, "[ Other name ]   [ Replace ]"));
	stage_type(&s, "\n"); /* the harmless one: a name is typed */
	assert_true(s.w->editing);
	stage_key(&s, SP_CTRL('u'));
	stage_type(&s, "a/b\n");
	assert_true(stage_shows(&s, "A name has no / in it"));
	stage_type(&s, "e");
	stage_key(&s, SP_CTRL('u'));
	stage_type(&s, "new.zip\n");
	assert_string_equal(s.w->answers->runs[0].file, "new.zip");
	stage_answer(&s, SP_ASK_TARGETS, exists);
	stage_type(&s, "\n\t\n"); /* Replace */
	assert_int_equal(s.w->screen, SP_SCREEN_PROGRESS);
	assert_true(stage_request(&s, SP_ASK_EXPORT)->force);
	stage_close(&s);
}

/* Reading back is a bar of its own, and a package that is done leaves no phase
 * to the next. */
static void each_package_has_its_own_phases(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_runs(&s);
	stage_type(&s, "a\n");
	stage_answer(&s, SP_ASK_SURVEY, stage_plans);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_PLAN, stage_plans);
	stage_answer(&s, SP_ASK_TARGETS, stage_targets);
	stage_type(&s, "\n");
	s.progress = (sp_progress){ .phase = "files", .bytes = 500000, .bytes_total = 520000 };
	sp_wizard_tick(s.w, 150);
	s.progress =
		(sp_progress){ .phase = sp_phase_read_back, .bytes = 520000, .bytes_total = 1040000 };
	sp_wizard_tick(s.w, 151);
	s.progress.bytes += 260000;
	sp_wizard_tick(s.w, 152);
	assert_true(stage_shows(&s, "260.0 kB of about 520.0 kB"));
	assert_true(stage_shows(&s, " 50 %"));
	s.progress.phase = "comparing";
	sp_wizard_tick(s.w, 153);
	stage_tell(&s, SP_ASK_EXPORT, stage_package);
	sp_wizard_tick(s.w, 154);
	assert_int_equal(s.w->running.phase_count, 0);
	s.progress.phase = "selecting";
	sp_wizard_tick(s.w, 155);
	assert_string_equal(s.w->running.phases[0].name, "selecting");
	stage_close(&s);
}

/* Ctrl-C: the job first, then the program; without a job the program. */
static void ctrl_c_stops_the_job_first(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_preview(&s);
	stage_type(&s, "\n");
	sp_wizard_interrupt(s.w, 150);
	assert_false(s.w->over);
	assert_int_equal(s.cancelled[s.cancels - 1], stage_request(&s, SP_ASK_EXPORT)->number);
	stage_fail(&s, SP_ASK_EXPORT, SP_INTERRUPTED, "interrupted");
	assert_int_equal(s.w->screen, SP_SCREEN_PREVIEW);
	assert_true(stage_shows(&s, "✗ interrupted"));
	stage_type(&s, "\n");
	sp_wizard_interrupt(s.w, 160);
	sp_wizard_interrupt(s.w, 161);
	assert_true(s.w->over);
	assert_int_equal(s.w->code, SP_INTERRUPTED);
	stage_close(&s);
	stage_open(&s, &stage_setup);
	sp_wizard_interrupt(s.w, 150);
	assert_true(s.w->over);
	stage_close(&s);
}

static void leaving_a_job_is_asked_and_it_goes_on(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_preview(&s);
	stage_type(&s, "\n");
	stage_key(&s, SP_KEY_ESC);
	assert_int_equal(s.w->screen, SP_SCREEN_QUESTION);
	stage_key(&s, SP_KEY_ESC);
	assert_int_equal(s.w->screen, SP_SCREEN_PROGRESS);
	/* its end closes the question */
	stage_key(&s, SP_KEY_ESC);
	stage_answer(&s, SP_ASK_EXPORT, stage_package);
	assert_int_equal(s.w->screen, SP_SCREEN_RESULT);
	stage_close(&s);
}

/* Nothing moves the focus but the person. */
static void help_stays_when_the_job_ends(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_preview(&s);
	stage_type(&s, "\n?");
	stage_answer(&s, SP_ASK_EXPORT, stage_package);
	assert_true(stage_shows(&s, "Keys of this screen"));
	stage_type(&s, "q");
	assert_int_equal(s.w->screen, SP_SCREEN_RESULT);
	assert_true(stage_shows(&s, "1 package written"));
	stage_close(&s);
}

static void a_stall_is_called_one(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_preview(&s);
	stage_type(&s, "\n");
	s.progress = (sp_progress){ .phase = "files",
		                        .rows = 80,
		                        .rows_total = 213,
		                        .bytes = 602100000,
		                        .bytes_total = 859500000,
		                        .left = 4 };
	sp_wizard_tick(s.w, 200);
	sp_wizard_tick(s.w, 205);
	assert_true(stage_shows(&s, "70 %"));
	assert_true(stage_shows(&s, "80 of 213"));
	sp_wizard_tick(s.w, 214);
	assert_true(stage_shows(&s, "Nothing heard for 14 s"));
	s.progress.bytes++;
	sp_wizard_tick(s.w, 215);
	assert_true(stage_shows(&s, "Ctrl-C stops cleanly: no half file is left."));
	assert_int_equal((int)(s.w->now - s.w->running.moved), 0);
	stage_close(&s);
}

static const char check[] = "{\"title\":\"sign in\",\"state\":\"failed\",\"found\":\"refused\","
							"\"do\":\"Correct ~/.pgpass.\",\"milliseconds\":52}";

/* Eleven checks of two lines each, where sixteen have room: a step down is a line,
 * whatever of a check it hides, up to the last one; until then the screen says
 * that there is more. */
static void checks_are_read_line_by_line(void **state)
{
	char one[300];
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_type(&s, "1V");
	for (int i = 0; i < 10; i++) {
		snprintf(one, sizeof one,
		         "{\"title\":\"check %d\",\"state\":\"ok\",\"found\":\"what was found of it first, "
		         "in many words, second %d\",\"do\":null,\"milliseconds\":1}",
		         i, i);
		stage_tell(&s, SP_ASK_CHECKS, one);
	}
	stage_answer(&s, SP_ASK_CHECKS, one);
	assert_true(stage_shows(&s, " more below "));
	assert_true(stage_shows(&s, "check 0"));
	stage_key(&s, SP_KEY_DOWN);
	assert_false(stage_shows(&s, "check 0"));
	assert_true(stage_shows(&s, "second 0"));
	assert_true(stage_shows(&s, "check 1"));
	stage_key(&s, SP_KEY_DOWN);
	assert_false(stage_shows(&s, "second 0"));
	assert_true(stage_shows(&s, " more below "));
	stage_type(&s, "G");
	assert_true(stage_shows(&s, "second 9"));
	assert_false(stage_shows(&s, " more below "));
	stage_close(&s);
}

static void an_instance_is_put_to_the_test(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_type(&s, "1V");
	stage_tell(&s, SP_ASK_CHECKS, check);
	assert_true(stage_shows(&s, "✗ sign in                refused"));
	assert_true(stage_shows(&s, "Do: Correct ~/.pgpass."));
	assert_true(stage_shows(&s, "1 thing is wrong"));
	stage_key(&s, SP_KEY_ESC);
	assert_int_equal(s.w->screen, SP_SCREEN_INSTANCES);
	stage_close(&s);
}

static void a_named_instance_begins_at_its_infospaces(void **state)
{
	sp_ui_setup named = stage_setup;
	stage s;

	(void)state;
	named.start = 1;
	stage_open(&s, &named);
	assert_int_equal(s.w->screen, SP_SCREEN_INFOSPACES);
	assert_string_equal(stage_request(&s, SP_ASK_INFOSPACES)->instance.name, "hq-prod");
	stage_close(&s);
}

/* Any keys at all, with answers in between: no crash, and each screen draws at
 * each size. */
static void random_keys_do_no_harm(void **state)
{
	static const int keys[] = { SP_KEY_UP,
		                        SP_KEY_DOWN,
		                        SP_KEY_LEFT,
		                        SP_KEY_RIGHT,
		                        SP_KEY_PAGE_UP,
		                        SP_KEY_PAGE_DOWN,
		                        SP_KEY_HOME,
		                        SP_KEY_END,
		                        SP_KEY_ENTER,
		                        SP_KEY_ENTER,
		                        SP_KEY_ENTER,
		                        SP_KEY_ESC,
		                        SP_KEY_TAB,
		                        ' ',
		                        '/',
		                        'S',
		                        'a',
		                        'v',
		                        'i',
		                        '?',
		                        'c',
		                        'y',
		                        'e',
		                        'd',
		                        'r',
		                        'V',
		                        'X',
		                        'q',
		                        '1',
		                        0x65e5,
		                        SP_KEY_BACKSPACE };
	static const char *const answers[SP_ASK_COUNT] = {
		[SP_ASK_INSTANCE] = "{\"server\":\"16.1\",\"user\":\"u\",\"infospaces\":2}",
		[SP_ASK_CHECKS] = check,
		[SP_ASK_INFOSPACES] = stage_infospaces,
		[SP_ASK_RUNS] = stage_runs,
		[SP_ASK_DETAILS] =
			"{\"run\":{\"name\":\"x\",\"status\":\"COMPLETED\",\"schemas\":[{\"name\":"
			"\"S\",\"version\":\"1\",\"count\":5}]}}",
		[SP_ASK_SURVEY] = stage_plans,
		[SP_ASK_PLAN] = stage_plans,
		[SP_ASK_TARGETS] = stage_targets,
		[SP_ASK_EXPORT] = stage_package,
		[SP_ASK_DRAFTS] = "{\"drafts\":[{\"file\":\"a.json\",\"saved\":\"2026-11-20 18:04:00\","
						  "\"draft\":{\"draft\":1,\"instance\":\"hq-prod\",\"step\":\"preview\","
						  "\"infospace\":{\"uuid\":\"u\",\"name\":\"n\"},\"runs\":[{\"uuid\":"
						  "\"r\",\"name\":\"x\"}]}},{\"file\":\"b.json\",\"saved\":\"\",\"error\":"
						  "\"e\"}]}",
		[SP_ASK_KEEP] = "{\"file\":\"c.json\"}",
		[SP_ASK_FORGET] = "{}",
	};
	sp_ui_setup setup = stage_setup;

	(void)state;
	setup.drafts = "drafts";
	srand(3);
	for (int round = 0; round < 60; round++) {
		stage s;

		stage_open(&s, &setup);
		for (int i = 0; i < 300 && !s.w->over && s.count < MOST_REQUESTS - 4; i++) {
			static const int sizes[][2] = { { 80, 24 },  { 60, 20 }, { 120, 30 },
				                            { 160, 50 }, { 40, 10 }, { 1, 1 } };
			const int *size = sizes[rand() % 6];

			stage_key(&s, keys[(size_t)rand() % (sizeof keys / sizeof *keys)]);
			for (int kind = 0; kind < SP_ASK_COUNT && rand() % 2; kind++)
				if (s.w->awaited[kind] && rand() % 4)
					stage_answer(&s, (sp_request_kind)kind, answers[kind]);
				else if (s.w->awaited[kind])
					stage_fail(&s, (sp_request_kind)kind, SP_FAILED, "something");
			sp_wizard_tick(s.w, s.now);
			free(stage_screen(&s, size[0], size[1]));
		}
		stage_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_the_way_to_a_package),
		cmocka_unit_test(going_back_keeps_every_answer),
		cmocka_unit_test(another_infospace_drops_the_picks),
		cmocka_unit_test(keys_do_nothing_unseen),
		cmocka_unit_test(late_answers_change_nothing),
		cmocka_unit_test(what_cannot_be_done_says_why),
		cmocka_unit_test(an_error_shows_and_can_be_tried_again),
		cmocka_unit_test(a_status_is_a_word_not_a_constant),
		cmocka_unit_test(the_filter_narrows_as_it_is_typed),
		cmocka_unit_test(options_say_what_they_do_to_the_size),
		cmocka_unit_test(values_are_typed_and_checked),
		cmocka_unit_test(without_a_store_files_stay_outside),
		cmocka_unit_test(what_enter_writes_is_known_first),
		cmocka_unit_test(a_file_that_exists_is_asked_about),
		cmocka_unit_test(each_package_has_its_own_phases),
		cmocka_unit_test(ctrl_c_stops_the_job_first),
		cmocka_unit_test(leaving_a_job_is_asked_and_it_goes_on),
		cmocka_unit_test(help_stays_when_the_job_ends),
		cmocka_unit_test(a_stall_is_called_one),
		cmocka_unit_test(an_instance_is_put_to_the_test),
		cmocka_unit_test(checks_are_read_line_by_line),
		cmocka_unit_test(a_named_instance_begins_at_its_infospaces),
		cmocka_unit_test(random_keys_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
