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
#include "ui/dry_run.h"

static void all_the_way_into_an_infospace(void **state)
{
	stage s;
	sp_buf receipt = { 0 };
	sp_request *request;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_dry_run(&s);
	request = stage_request(&s, SP_ASK_DRY_RUN);
	assert_string_equal(request->package, "/tmp/p/kohle.zip");
	assert_string_equal(request->infospace, "11111111-0000-4000-8000-000000000021");
	assert_int_equal(request->import.strategy, SP_STRATEGY_SMART);
	assert_int_equal(request->decision_count, 0);
	/* nothing is written while conflicts are open */
	stage_type(&s, "\n");
	assert_true(stage_shows(&s, "While conflicts are open nothing is written."));
	stage_type(&s, "so\n");
	request = stage_request(&s, SP_ASK_DRY_RUN);
	assert_int_equal(request->decision_count, 2);
	assert_string_equal(request->decisions[0].word, "keep");
	assert_string_equal(request->decisions[1].word, "overwrite");
	assert_int_equal(request->decisions[1].group, 2);
	assert_string_equal(request->plan, "plans/a.plan");
	stage_answer(&s, SP_ASK_DRY_RUN, stage_decided);
	assert_true(stage_shows(&s, "It adds 100,688 rows, changes 486, deletes none."));
	stage_type(&s, "\n\n"); /* the harmless button */
	assert_null(stage_request(&s, SP_ASK_IMPORT));
	stage_type(&s, "\n\t\n");
	request = stage_request(&s, SP_ASK_IMPORT);
	assert_string_equal(request->plan, "plans/a.plan");
	assert_true(request->keep_plan);
	stage_answer(&s, SP_ASK_IMPORT, stage_imported);
	assert_int_equal(s.w->screen, SP_SCREEN_IMPORTED);
	assert_true(stage_shows(&s, "spaceport verify 4f1c2a9e-0d3b-4a55-9c1e-7b2f60c9a7e4"));
	sp_wizard_receipt(s.w, &receipt);
	assert_non_null(strstr(sp_buf_text(&receipt),
	                       "spaceport import /tmp/p/kohle.zip --into "
	                       "11111111-0000-4000-8000-000000000021 --instance hq-dev --decisions "
	                       "plans/a.plan --yes"));
	sp_buf_free(&receipt);
	/* something was lost there */
	assert_int_equal(s.w->code, SP_WARNINGS);
	stage_close(&s);
}

/* What one way is about isn't changed by the other. */
static void the_ways_keep_their_own_answers(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_options(&s);
	stage_type(&s, "q");
	stage_to_packages(&s);
	stage_type(&s, "\nj\n"); /* another instance */
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	stage_type(&s, "\nq1");
	assert_int_equal(s.w->answers->instance, 0);
	assert_int_equal(s.w->answers->run_count, 1);
	stage_type(&s, "q2");
	assert_int_equal(s.w->answers->instance, 1);
	assert_string_equal(s.w->answers->package, "/tmp/p/kohle.zip");
	stage_close(&s);
}

/* An answer about the one way that comes while the other is gone. */
static void late_infospaces_are_of_their_own_instance(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_type(&s, "1\nq2"); /* the infospaces are still asked for */
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	assert_int_equal(s.w->contacts[0].infospaces, 2);
	stage_close(&s);
}

static void folders_are_gone_through(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_packages(&s);
	stage_type(&s, "jj\n");
	assert_string_equal(stage_request(&s, SP_ASK_PACKAGES)->folder, "/tmp/p/alt");
	stage_answer(&s, SP_ASK_PACKAGES, "{\"folder\":\"/tmp/p/alt\",\"packages\":[{\"file\":\"..\","
	                                  "\"is_folder\":true}]}");
	stage_type(&s, "\n");
	assert_string_equal(stage_request(&s, SP_ASK_PACKAGES)->folder, "/tmp/p");
	stage_fail(&s, SP_ASK_PACKAGES, SP_FAILED, "can't open it");
	assert_true(stage_shows(&s, "✗ can't open it"));
	stage_type(&s, "p");
	stage_key(&s, SP_CTRL('u'));
	stage_type(&s, "/srv/run.package\n");
	assert_string_equal(stage_request(&s, SP_ASK_PACKAGES)->folder, "/srv/run.package");
	stage_answer(&s, SP_ASK_PACKAGES,
	             "{\"folder\":\"/srv\",\"named\":\"run.package\",\"packages\":[{\"file\":\"a.zip\"},"
	             "{\"file\":\"run.package\"}]}");
	assert_string_equal(s.w->answers->folder, "/srv");
	assert_string_equal(stage_request(&s, SP_ASK_INSPECT)->package, "/srv/run.package");
	stage_close(&s);
}

static void a_damaged_package_goes_no_further(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_type(&s, "2");
	stage_answer(&s, SP_ASK_PACKAGES, stage_folder);
	stage_fail(&s, SP_ASK_INSPECT, SP_BAD_PACKAGE, "the package is damaged");
	assert_true(stage_shows(&s, "This one can't be imported"));
	stage_type(&s, "\n");
	assert_int_equal(s.w->screen, SP_SCREEN_PACKAGES);
	/* it isn't read once more for every key */
	assert_int_equal(s.count, 5);
	stage_type(&s, "j");
	stage_answer(&s, SP_ASK_INSPECT, stage_inspected);
	stage_type(&s, "\n");
	assert_int_equal(s.w->screen, SP_SCREEN_INSTANCES);
	stage_close(&s);
}

static void a_new_infospace_gets_its_name(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_targets(&s);
	stage_type(&s, "g\n\n");
	assert_true(stage_shows(&s, "A new infospace needs a name."));
	stage_type(&s, "eMine\n\n");
	assert_string_equal(stage_request(&s, SP_ASK_DRY_RUN)->new_name, "Mine");
	assert_null(stage_request(&s, SP_ASK_DRY_RUN)->infospace);
	stage_key(&s, SP_KEY_ESC);
	stage_type(&s, "c");
	assert_true(stage_shows(&s, "--new Mine"));
	stage_close(&s);
}

static void an_infospace_that_may_only_be_read_is_no_target(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_targets(&s);
	stage_type(&s, "G\n");
	assert_true(stage_shows(&s, "You may read it, not import into it"));
	assert_int_equal(s.w->screen, SP_SCREEN_TARGETS);
	stage_close(&s);
}

static void options_reach_the_dry_run_and_the_command(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_settings(&s);
	stage_key(&s, SP_KEY_RIGHT); /* skip */
	stage_type(&s, "jeschemas,oranges\n");
	assert_true(stage_shows(&s, "oranges"));
	assert_string_equal(s.w->answers->values[1], "");
	stage_type(&s, "eschemas,assets\nj jebo\n\n");
	assert_int_equal(stage_request(&s, SP_ASK_DRY_RUN)->import.strategy, SP_STRATEGY_SKIP);
	assert_string_equal(stage_request(&s, SP_ASK_DRY_RUN)->import.only, "schemas,assets");
	assert_true(stage_request(&s, SP_ASK_DRY_RUN)->import.no_links);
	assert_string_equal(stage_request(&s, SP_ASK_DRY_RUN)->import.owner, "bo");
	stage_answer(&s, SP_ASK_DRY_RUN, stage_dry_run);
	stage_type(&s, "c");
	assert_true(stage_shows(&s, "--conflict-strategy skip"));
	assert_true(stage_shows(&s, "--no-preserve-relationships"));
	stage_close(&s);
}

static void decisions_are_taken_back_and_are_for_all(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_dry_run(&s);
	stage_type(&s, "s"); /* and on to the next that is open */
	assert_int_equal(sp_dry_run_open(&s.w->dry_run), 114);
	stage_type(&s, "k");
	stage_key(&s, SP_KEY_BACKSPACE);
	assert_int_equal(sp_dry_run_open(&s.w->dry_run), 115);
	assert_false(sp_dry_run_is_behind(&s.w->dry_run));
	stage_type(&s, "Ab");
	assert_int_equal(sp_dry_run_open(&s.w->dry_run), 0);
	assert_string_equal(sp_dry_run_decision(&s.w->dry_run, 0), "beside");
	assert_string_equal(sp_dry_run_decision(&s.w->dry_run, 1), "beside");
	/* a merge asks which columns */
	stage_type(&s, "gm");
	stage_key(&s, SP_CTRL('u'));
	stage_type(&s, "panels\n\n");
	assert_int_equal(stage_request(&s, SP_ASK_DRY_RUN)->decisions[0].field_count, 1);
	assert_string_equal(stage_request(&s, SP_ASK_DRY_RUN)->decisions[0].fields[0], "panels");
	stage_close(&s);
}

static void on_what_is_no_conflict_nothing_is_decided(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_dry_run(&s);
	stage_type(&s, "Go");
	assert_true(stage_shows(&s, "Here is nothing to decide"));
	assert_int_equal(sp_dry_run_open(&s.w->dry_run), 115);
	stage_type(&s, "n");
	assert_int_equal(s.w->lists[SP_SCREEN_DRY_RUN].cursor, 0);
	stage_close(&s);
}

/* What was decided but can't be is said, and nothing is written. */
static void what_cannot_be_decided_so_is_told(void **state)
{
	static const char left[] =
		"{\"file\":\"p\",\"plan\":{\"kinds\":[],\"totals\":{\"conflict\":3},\"groups\":[]},"
		"\"conflicts\":{\"open\":0,\"groups\":[{\"group\":1,\"kind\":\"run\",\"why\":\"both\","
		"\"rows\":3,\"open\":0,\"decision\":\"later\"}]}}";
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_settings(&s);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_DRY_RUN, left);
	assert_true(stage_shows(&s, "3 rows can't become what was decided"));
	stage_type(&s, "\n");
	assert_int_equal(s.w->screen, SP_SCREEN_DRY_RUN);
	stage_close(&s);
}

/* Some rows no decision is for, and some not every one. */
static void what_is_no_answer_is_told(void **state)
{
	static const char fixed[] =
		"{\"file\":\"p\",\"plan\":{\"kinds\":[],\"totals\":{\"conflict\":4},\"groups\":[]},"
		"\"conflicts\":{\"open\":4,\"groups\":[{\"group\":1,\"kind\":\"run\",\"why\":\"ambiguous\","
		"\"rows\":3,\"open\":3,\"fixed\":3},{\"group\":2,\"kind\":\"asset\",\"why\":\"taken\",\"rows\":1,"
		"\"open\":1}]}}";
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_settings(&s);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_DRY_RUN, fixed);
	stage_type(&s, "s");
	assert_true(stage_shows(&s, "That is no answer to these"));
	stage_type(&s, "As");
	assert_int_equal(sp_dry_run_open(&s.w->dry_run), 4);
	stage_type(&s, "Ab");
	assert_int_equal(sp_dry_run_open(&s.w->dry_run), 3);
	stage_close(&s);
}

static void a_target_that_changed_has_the_dry_run_made_again(void **state)
{
	stage s;
	int before;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_settings(&s);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_DRY_RUN, stage_decided);
	stage_type(&s, "\n\t\n");
	before = stage_request(&s, SP_ASK_DRY_RUN)->number;
	stage_fail(&s, SP_ASK_IMPORT, SP_TARGET_CHANGED, "the target isn't what it was");
	assert_int_equal(s.w->screen, SP_SCREEN_DRY_RUN);
	assert_true(stage_request(&s, SP_ASK_DRY_RUN)->number > before);
	stage_answer(&s, SP_ASK_DRY_RUN, stage_decided);
	assert_true(stage_shows(&s, "✗ the target isn't what it was"));
	stage_close(&s);
}

static void leaving_the_dry_run_stops_it(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_settings(&s);
	stage_type(&s, "\n");
	assert_true(sp_wizard_is_writing(s.w));
	stage_key(&s, SP_KEY_ESC);
	assert_int_equal(s.w->screen, SP_SCREEN_SETTINGS);
	assert_int_equal(s.cancelled[s.cancels - 1], stage_request(&s, SP_ASK_DRY_RUN)->number);
	assert_false(sp_wizard_is_writing(s.w));
	stage_type(&s, "\n");
	sp_wizard_interrupt(s.w, s.now);
	assert_false(s.w->over);
	stage_fail(&s, SP_ASK_DRY_RUN, SP_INTERRUPTED, "interrupted");
	assert_int_equal(s.w->screen, SP_SCREEN_SETTINGS);
	assert_true(stage_shows(&s, "✗ interrupted"));
	stage_close(&s);
}

static void a_careful_instance_wants_its_name(void **state)
{
	sp_instance careful = *stage_setup.instances;
	sp_ui_setup setup = stage_setup;
	stage s;

	(void)state;
	careful.careful = true;
	setup.instances = &careful;
	setup.instance_count = 1;
	stage_open(&s, &setup);
	stage_to_settings(&s);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_DRY_RUN, stage_decided);
	stage_type(&s, "\n\t\nhq-prod\n");
	assert_true(stage_shows(&s, "This isn't its name"));
	assert_null(stage_request(&s, SP_ASK_IMPORT));
	stage_type(&s, "\nhq-dev\n");
	assert_non_null(stage_request(&s, SP_ASK_IMPORT));
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_the_way_into_an_infospace),
		cmocka_unit_test(the_ways_keep_their_own_answers),
		cmocka_unit_test(late_infospaces_are_of_their_own_instance),
		cmocka_unit_test(folders_are_gone_through),
		cmocka_unit_test(a_damaged_package_goes_no_further),
		cmocka_unit_test(a_new_infospace_gets_its_name),
		cmocka_unit_test(an_infospace_that_may_only_be_read_is_no_target),
		cmocka_unit_test(options_reach_the_dry_run_and_the_command),
		cmocka_unit_test(decisions_are_taken_back_and_are_for_all),
		cmocka_unit_test(on_what_is_no_conflict_nothing_is_decided),
		cmocka_unit_test(what_cannot_be_decided_so_is_told),
		cmocka_unit_test(what_is_no_answer_is_told),
		cmocka_unit_test(a_target_that_changed_has_the_dry_run_made_again),
		cmocka_unit_test(leaving_the_dry_run_stops_it),
		cmocka_unit_test(a_careful_instance_wants_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
