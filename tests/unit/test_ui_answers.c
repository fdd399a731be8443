#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ui/answers.h"

static char name[] = "hq-dev", tricky[] = "a name";

static const sp_instance instances[] = { { .name = name }, { .as = tricky } };

static const sp_asked options[] = {
	{ "include-chunks", "Chunks", "…", NULL, "yes", .negates = true },
	{ "no-authors", "No authors", "…", NULL, "no", .flag = true },
	{ "exclude-tag", "Tags", "…", .list = true },
	{ "target-instance-id", "For", "…" },
	{ "compression-level", "Compression", "…", NULL, "6", .number = true, .max = 9 },
};

static const sp_ui_setup setup = { .instances = instances,
	                               .instance_count = 2,
	                               .given = "--as='a name'",
	                               .options = { [SP_WAY_EXPORT] = { options, 5 } } };

static const char run[] = "{\"id\":17,\"uuid\":\"u-17\",\"name\":\"Stance, 2\",\"annotations\":5}";

static void begin(sp_answers *answers, int runs)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *json = sp_json_parse(run, strlen(run), "run", &err);

	assert_true(sp_answers_init(answers, &setup, SP_WAY_EXPORT, &err));
	answers->instance = 0;
	assert_true(sp_answer_set(&answers->folder, "/tmp/it's here"));
	for (int i = 0; i < runs; i++)
		assert_true(sp_answers_add_run(answers, json));
	sp_json_free(json);
}

static void expect_command(sp_answers *answers, bool full, const char *expected)
{
	sp_buf text = { 0 };

	sp_answers_command(&setup, answers, full, &text);
	assert_string_equal(sp_buf_text(&text), expected);
	sp_buf_free(&text);
	sp_answers_clear(answers);
}

static void the_command_says_what_was_answered(void **state)
{
	sp_answers answers;

	(void)state;
	begin(&answers, 1);
	expect_command(&answers, true,
	               "spaceport export run u-17 -o '/tmp/it'\\''s here/stance-2-17.zip' "
	               "--instance hq-dev --as='a name' --force --yes");
	begin(&answers, 2);
	expect_command(&answers, false,
	               "spaceport export run u-17 u-17 -o '/tmp/it'\\''s here/' --instance hq-dev "
	               "--as='a name'");
	begin(&answers, 2);
	assert_true(sp_answer_set(&answers.runs[1].file, "other.zip"));
	assert_true(sp_answer_set(&answers.folder, "/p"));
	answers.instance = 1;
	expect_command(&answers, true,
	               "spaceport export run u-17 -o /p/stance-2-17.zip --as='a name' --force --yes && "
	               "spaceport export run u-17 -o /p/other.zip --as='a name' --force --yes");
}

static void options_that_differ_are_in_the_command(void **state)
{
	sp_answers answers;

	(void)state;
	begin(&answers, 1);
	assert_true(sp_answer_set(&answers.folder, "/p"));
	assert_true(sp_answer_set(&answers.values[0], "no"));
	assert_true(sp_answer_set(&answers.values[1], "yes"));
	assert_true(sp_answer_set(&answers.values[2], " secret , two words,with\\, comma "));
	assert_true(sp_answer_set(&answers.values[3], "-x"));
	assert_true(sp_answer_set(&answers.values[4], "9"));
	expect_command(
		&answers, false,
		"spaceport export run u-17 -o /p/stance-2-17.zip --instance hq-dev --as='a name' "
		"--no-include-chunks --no-authors --exclude-tag secret --exclude-tag 'two words' "
		"--exclude-tag 'with, comma' --target-instance-id=-x --compression-level 9");
}

/* What a shell prints for a command. */
static void run_shell(const char *command, char *got, size_t room)
{
	int pipes[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	while (len < room - 1 && (n = read(pipes[0], got + len, room - 1 - len)) > 0)
		len += (size_t)n;
	got[len] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What a shell makes of a quoted word is the word. */
static void quoted_words_survive_a_shell(void **state)
{
	static const char *const words[] = { "plain", "",     "it's",      "$HOME `id` \\ \"x\"",
		                                 "a\nb",  "*?[",  "~",         "#",
		                                 "-x",    "日本", "a;b&c|d>e", "!!",
		                                 "{a,b}", "=" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		char got[100] = "";
		sp_buf command = { 0 };

		sp_buf_adds(&command, "printf %s ");
		sp_shell_quote(&command, words[i]);
		run_shell(sp_buf_text(&command), got, sizeof got);
		assert_string_equal(got, words[i]);
		sp_buf_free(&command);
	}
}

static void requests_get_what_was_answered(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_answers answers;
	sp_request *request;

	(void)state;
	begin(&answers, 2);
	assert_true(sp_answer_set(&answers.values[2], "one,two"));
	request = sp_request_create(SP_ASK_PLAN, &instances[0], &err);
	assert_non_null(request);
	assert_true(sp_answers_fill(&answers, request, &err));
	sp_answers_clear(&answers);
	assert_int_equal(request->run_count, 2);
	assert_string_equal(request->files[1], "stance-2-17.zip");
	assert_true(request->options.chunks);
	assert_int_equal(request->options.compression_level, 6);
	assert_int_equal(request->options.exclude_tag_count, 2);
	assert_string_equal(request->options.exclude_tags[1], "two");
	assert_null(request->options.target_instance);
	assert_string_equal(request->folder, "/tmp/it's here");
	sp_request_free(request);
}

static void numbers_are_checked(void **state)
{
	(void)state;
	assert_null(sp_answer_check(&options[4], "0"));
	assert_null(sp_answer_check(&options[4], "9"));
	assert_non_null(sp_answer_check(&options[4], "10"));
	assert_non_null(sp_answer_check(&options[4], ""));
	assert_non_null(sp_answer_check(&options[4], "1x"));
	assert_non_null(sp_answer_check(&options[4], "-1"));
	assert_null(sp_answer_check(&options[3], "anything"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_says_what_was_answered),
		cmocka_unit_test(options_that_differ_are_in_the_command),
		cmocka_unit_test(quoted_words_survive_a_shell),
		cmocka_unit_test(requests_get_what_was_answered),
		cmocka_unit_test(numbers_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
