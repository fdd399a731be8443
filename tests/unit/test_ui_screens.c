/*
 * Each screen at three sizes, compared with the files in screens/ cell by cell.
 * With SPACEPORT_WRITE_SCREENS set they are written instead: look at what
 * changed before it is committed.
 */
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
#include "tests/unit/temp.h"

static const int sizes[][2] = { { 60, 20 }, { 80, 24 }, { 120, 30 } };

static void compare(stage *s, const char *name)
{
	const char *top = getenv("top_srcdir");

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char *screen = stage_screen(s, sizes[i][0], sizes[i][1]), *expected;
		sp_buf path = { 0 };
		size_t len;

		sp_buf_addf(&path, "%s/tests/unit/screens/%s-%dx%d.txt", top ? top : ".", name, sizes[i][0],
		            sizes[i][1]);
		if (getenv("SPACEPORT_WRITE_SCREENS"))
			temp_write(sp_buf_text(&path), screen, strlen(screen));
		expected = temp_read(sp_buf_text(&path), &len);
		assert_non_null(expected);
		if (len != strlen(screen) || memcmp(expected, screen, len) != 0)
			fail_msg("%s is now:\n%s", sp_buf_text(&path), screen);
		free(expected);
		free(screen);
		sp_buf_free(&path);
	}
}

static const char contact[] =
	"{\"server\":\"16.10\",\"user\":\"ada@example.org\",\"infospaces\":2}";

/* What isn't finished, more of it than is shown, a broken one among it. */
static void home_with_drafts(void **state)
{
	static const char draft[] =
		"{\"file\":\"a.json\",\"saved\":\"2026-11-20 18:04:00\",\"draft\":{\"draft\":1,"
		"\"instance\":\"hq-prod\",\"step\":\"options\",\"infospace\":{\"uuid\":\"u\","
		"\"name\":\"日本の国会会議録（試験運用、令和六年）\"},\"runs\":[{\"uuid\":\"r\","
		"\"name\":\"Kohleausstieg, eins\"},{\"uuid\":\"s\",\"name\":\"x\"}]}}";
	sp_ui_setup setup = stage_setup;
	sp_buf list = { 0 };
	stage s;

	(void)state;
	setup.drafts = "drafts";
	stage_open(&s, &setup);
	sp_buf_addf(&list, "{\"drafts\":[%s,%s,", draft, draft);
	sp_buf_adds(&list, "{\"file\":\"b.json\",\"saved\":\"2026-11-19 09:00:00\","
	                   "\"error\":\"this isn't a draft that can be read\"},");
	sp_buf_addf(&list, "%s,%s,%s]}", draft, draft, draft);
	stage_answer(&s, SP_ASK_DRAFTS, sp_buf_text(&list));
	stage_type(&s, "jjjj");
	compare(&s, "home-drafts");
	sp_buf_free(&list);
	stage_close(&s);
}

static void home_and_instances(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_fail(&s, SP_ASK_INSTANCE, SP_NO_CONNECTION, "nothing heard from old.example.org");
	compare(&s, "home");
	stage_type(&s, "1");
	stage_answer(&s, SP_ASK_INSTANCE, contact); /* nobody awaits it */
	compare(&s, "instances");
	stage_type(&s, "G");
	compare(&s, "instance-failed");
	stage_type(&s, "V");
	stage_tell(&s, SP_ASK_CHECKS,
	           "{\"title\":\"find the host\",\"state\":\"ok\",\"found\":\"192.0.2.17\","
	           "\"do\":null,\"milliseconds\":4}");
	stage_tell(&s, SP_ASK_CHECKS,
	           "{\"title\":\"sign in\",\"state\":\"failed\",\"found\":\"refused: password "
	           "authentication failed for user \\\"hq\\\"\",\"do\":\"Correct ~/.pgpass.\","
	           "\"milliseconds\":52}");
	compare(&s, "checks");
	stage_close(&s);
}

static void lists(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_type(&s, "1\n");
	compare(&s, "infospaces-asked");
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	compare(&s, "infospaces");
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_RUNS, stage_runs);
	stage_type(&s, " ");
	compare(&s, "runs");
	stage_type(&s, "/koh !zwei");
	compare(&s, "runs-filter");
	stage_type(&s, "\n?");
	compare(&s, "help");
	stage_type(&s, "qi");
	stage_answer(&s, SP_ASK_DETAILS,
	             "{\"run\":{\"uuid\":\"22222222-0000-4000-8000-000000000016\",\"name\":"
	             "\"Kohleausstieg, eins\",\"description\":\"Haltung, Akteure und Themen je Rede.\","
	             "\"status\":\"COMPLETED\",\"user\":\"ada@example.org\",\"created_at\":"
	             "\"2026-11-02 08:10:00\",\"schemas\":[{\"name\":\"Haltung\",\"version\":\"1.0\","
	             "\"count\":100000}],\"annotations\":[{\"name\":\"SUCCESS\",\"version\":null,"
	             "\"count\":99790},{\"name\":\"FAILED\",\"version\":null,\"count\":210}],"
	             "\"assets\":[{\"name\":\"PDF\",\"version\":null,\"count\":214}]}}");
	compare(&s, "details");
	stage_close(&s);
}

static void forms(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_options(&s);
	compare(&s, "options");
	stage_type(&s, "jjjjesecret");
	compare(&s, "options-typing");
	stage_type(&s, "\n\n");
	compare(&s, "preview-planned");
	stage_answer(&s, SP_ASK_PLAN, stage_plans);
	stage_answer(&s, SP_ASK_TARGETS,
	             "{\"targets\":[{\"path\":\"/tmp/p/x.zip\",\"exists\":true}],\"folder\":true,"
	             "\"free\":38200000000}");
	compare(&s, "preview");
	stage_type(&s, "e/x");
	compare(&s, "preview-typing");
	stage_key(&s, SP_KEY_ESC);
	stage_type(&s, "c");
	compare(&s, "command");
	stage_type(&s, "q\n");
	compare(&s, "question");
	stage_close(&s);
}

/* Which package a column is about, though the names begin alike. */
static void two_packages(void **state)
{
	static const char plans[] =
		"{\"plans\":[{\"counts\":{\"annotation\":98112,\"asset\":2000},\"estimated_size\":429600000},"
		"{\"counts\":{\"annotation\":100000,\"asset\":2000},\"estimated_size\":429900000}]}";
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_runs(&s);
	stage_type(&s, "  ");
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_SURVEY, stage_plans);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_PLAN, plans);
	compare(&s, "preview-two");
	stage_close(&s);
}

/* Nothing that travels is missing in the preview: what has no line of its own
 * is added up. */
static void all_that_travels(void **state)
{
	static const char plans[] =
		"{\"plans\":[{\"counts\":{\"run\":1,\"schema_link\":2,\"annotation\":73,\"justification\":9,"
		"\"asset\":55,\"file\":14,\"chunk\":13,\"schema\":6,\"bundle\":8,\"source\":3,\"graph\":2,"
		"\"curation\":2,\"edge\":2,\"aggregate\":3,\"canon\":1,\"entity\":20,\"flow\":300,"
		"\"flow_execution\":4000,\"task\":50000,\"embedding_model\":2},\"estimated_size\":193500}]}";
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_options(&s);
	stage_type(&s, "\n");
	stage_answer(&s, SP_ASK_PLAN, plans);
	compare(&s, "preview-all");
	stage_close(&s);
}

static void the_job(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_preview(&s);
	stage_type(&s, "\n");
	s.progress = (sp_progress){ .phase = "selecting", .left = -1 };
	sp_wizard_tick(s.w, s.now + 1);
	/* the last that is seen of a phase is rarely its end */
	s.progress = (sp_progress){ .phase = "annotations", .rows = 2871, .rows_total = 300000 };
	sp_wizard_tick(s.w, s.now + 2);
	s.progress = (sp_progress){ .phase = "files",
		                        .rows = 80,
		                        .rows_total = 213,
		                        .bytes = 602100000,
		                        .bytes_total = 859500000,
		                        .rate = 24000000,
		                        .left = 4 };
	sp_wizard_tick(s.w, s.now + 3);
	compare(&s, "progress");
	sp_wizard_tick(s.w, s.now + 25);
	compare(&s, "progress-stalled");
	stage_tell(&s, SP_ASK_EXPORT, stage_package);
	stage_answer(
		&s, SP_ASK_EXPORT,
		"{\"path\":\"/tmp/p/second.zip\",\"size\":1000,\"warnings\":[{\"code\":"
		"\"missing_files\",\"count\":1}],\"missing_files\":[\"user_1/8c0f.pdf\"],"
		"\"sha256\":\"91c4e07b6a0f91c4e07b6a0f91c4e07b6a0f91c4e07b6a0f91c4e07b6a0f5d20\"}");
	stage_type(&s, "j");
	compare(&s, "result");
	stage_type(&s, "c");
	compare(&s, "result-command");
	stage_close(&s);
}

static void an_import(void **state)
{
	stage s;

	(void)state;
	stage_open(&s, &stage_setup);
	stage_to_packages(&s);
	compare(&s, "packages");
	stage_type(&s, "\n\n");
	stage_answer(&s, SP_ASK_INFOSPACES, stage_infospaces);
	compare(&s, "targets");
	stage_type(&s, "\n");
	compare(&s, "settings");
	stage_type(&s, "\n");
	s.progress = (sp_progress){ .phase = "comparing with the instance", .left = -1 };
	sp_wizard_tick(s.w, s.now + 1);
	compare(&s, "dry-run-asked");
	stage_answer(&s, SP_ASK_DRY_RUN, stage_dry_run);
	compare(&s, "dry-run");
	stage_type(&s, "s");
	stage_type(&s, "m");
	compare(&s, "dry-run-merging");
	stage_key(&s, SP_KEY_ESC);
	stage_type(&s, "o\n");
	stage_answer(&s, SP_ASK_DRY_RUN, stage_decided);
	compare(&s, "dry-run-decided");
	stage_type(&s, "c");
	compare(&s, "import-command");
	stage_type(&s, "q\n\t\n");
	s.progress = (sp_progress){
		.phase = "writing into the instance", .rows = 71200, .rows_total = 102005, .left = -1
	};
	sp_wizard_tick(s.w, s.now + 1);
	compare(&s, "import");
	stage_answer(&s, SP_ASK_IMPORT, stage_imported);
	compare(&s, "imported");
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(home_and_instances),
		cmocka_unit_test(home_with_drafts),
		cmocka_unit_test(lists),
		cmocka_unit_test(forms),
		cmocka_unit_test(two_packages),
		cmocka_unit_test(all_that_travels),
		cmocka_unit_test(the_job),
		cmocka_unit_test(an_import),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
