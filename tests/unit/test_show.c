#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "src/commands.h"
#include "src/show.h"

sp_code cmd_list_infospaces(const sp_cli *cli)
{
	return sp_cli_count(cli) < 0 ? SP_FAILED : SP_OK;
}

sp_code cmd_list_runs(const sp_cli *cli)
{
	return cmd_list_infospaces(cli);
}

sp_code cmd_export_run(const sp_cli *cli)
{
	return cmd_list_infospaces(cli);
}

sp_code cmd_inspect(const sp_cli *cli)
{
	return cmd_list_infospaces(cli);
}

sp_code cmd_make_run(const sp_cli *cli)
{
	return cmd_list_infospaces(cli);
}

/* A program whose standard streams are watched: `body` runs in a child, on a
 * terminal of `width` columns (0: pipes), and its output is what is tested. */
typedef struct {
	const char *options; /* one word, or NULL */
	const char *input;   /* typed on the terminal once it asks; NULL: nothing */
	int width;
} stage;

typedef struct {
	sp_buf out, err; /* on a terminal all is in `err` */
	int status;      /* as wait() has it */
} outcome;

typedef int body_fn(const sp_cli *cli);

static int run_body(const stage *on, body_fn *body)
{
	char options[256], *argv[8] = { options };
	sp_error err = SP_ERROR_INIT;
	int argc = 1, code;
	sp_cli *cli;

	assert_true(snprintf(options, sizeof options, "spaceport export run x %s",
	                     on->options ? on->options : "") < (int)sizeof options);
	strtok(options, " ");
	for (char *word; argc < 7 && (word = strtok(NULL, " ")); argc++)
		argv[argc] = word;
	cli = sp_cli_parse(argc, argv, &err);
	if (!cli || sp_error_is_set(&err))
		return 99;
	code = body(cli);
	sp_cli_free(cli);
	return fflush(stdout) == 0 ? code : 98;
}

/* Reads to the end; types `input` when a question has arrived. */
static void read_all(int fd, const char *input, sp_buf *to)
{
	char chunk[4096];
	ssize_t got;

	/* a terminal whose other side is closed ends in EIO */
	while ((got = read(fd, chunk, sizeof chunk)) > 0) {
		sp_buf_add(to, chunk, (size_t)got);
		if (!input || !strstr(sp_buf_text(to), "[y/N] "))
			continue;
		assert_int_equal(write(fd, input, strlen(input)), strlen(input));
		input = NULL;
	}
	assert_null(input);
	close(fd);
}

/* Whoever started the tests may have them ignored; and none waits for ever. */
static void default_signals(void)
{
	if (signal(SIGINT, SIG_DFL) == SIG_ERR || signal(SIGTERM, SIG_DFL) == SIG_ERR ||
	    signal(SIGHUP, SIG_DFL) == SIG_ERR)
		_exit(96);
	alarm(60);
}

static outcome on_terminal(const stage *on, body_fn *body)
{
	struct winsize size = { .ws_row = 24, .ws_col = (unsigned short)on->width };
	outcome result = { 0 };
	int master;
	pid_t child = forkpty(&master, NULL, NULL, &size);

	assert_true(child >= 0);
	if (child == 0) {
		default_signals();
		_exit(run_body(on, body));
	}
	read_all(master, on->input, &result.err);
	assert_int_equal(waitpid(child, &result.status, 0), child);
	return result;
}

static outcome on_pipes(const stage *on, body_fn *body)
{
	FILE *out = tmpfile(), *err = tmpfile();
	outcome result = { 0 };
	pid_t child;

	assert_non_null(out);
	assert_non_null(err);
	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int null = open("/dev/null", O_RDONLY);

		default_signals();
		if (null < 0 || dup2(null, 0) < 0 || dup2(fileno(out), 1) < 0 ||
		    dup2(fileno(err), 2) < 0)
			_exit(97);
		_exit(run_body(on, body));
	}
	assert_int_equal(waitpid(child, &result.status, 0), child);
	assert_int_equal(lseek(fileno(out), 0, SEEK_SET), 0);
	assert_int_equal(lseek(fileno(err), 0, SEEK_SET), 0);
	read_all(dup(fileno(out)), NULL, &result.out);
	read_all(dup(fileno(err)), NULL, &result.err);
	fclose(out);
	fclose(err);
	return result;
}

static outcome play(const stage *on, body_fn *body)
{
	return on->width > 0 ? on_terminal(on, body) : on_pipes(on, body);
}

static void assert_played(const stage *on, body_fn *body, int code, const char *out,
                          const char *err)
{
	outcome result = play(on, body);

	if (out)
		assert_string_equal(sp_buf_text(&result.out), out);
	assert_string_equal(sp_buf_text(&result.err), err);
	assert_true(WIFEXITED(result.status));
	assert_int_equal(WEXITSTATUS(result.status), code);
	sp_buf_free(&result.out);
	sp_buf_free(&result.err);
}

static int fail_with_data(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;

	sp_fail(&err, SP_NOT_ALLOWED, "Ask an admin.", "no run \x1b[31m%s\n", "\xe2\x80\xae" "x");
	sp_show_error(cli, &err);
	sp_error_clear(&err);
	return 0;
}

#define SAFE_ERROR "spaceport: no run \\x1b[31m\\u202ex\\x0a\nAsk an admin.\n"

static void errors_are_safe(void **state)
{
	const stage plain = { 0 }, json = { .options = "--json" };
	const stage to_stderr = { .options = "--json -o -" };

	(void)state;
	assert_played(&plain, fail_with_data, 0, "", SAFE_ERROR);
	assert_played(&json, fail_with_data, 0,
	              "{\n  \"success\": false,\n  \"error\": {\n    \"code\": 7,\n"
	              "    \"text\": \"no run \\u001b[31m\\u202ex\\n\",\n"
	              "    \"hint\": \"Ask an admin.\"\n  }\n}\n",
	              SAFE_ERROR);
	assert_played(&to_stderr, fail_with_data, 0, "",
	              "{\"success\":false,\"error\":{\"code\":7,"
	              "\"text\":\"no run \\u001b[31m\\u202ex\\n\",\"hint\":\"Ask an admin.\"}}\n");
}

static int note_something(const sp_cli *cli)
{
	sp_show_note(cli, N_("%s: %d rows"), "a\tb\xff", 7);
	return 0;
}

static void notes_are_for_people(void **state)
{
	const stage plain = { 0 }, quiet = { .options = "-q" }, json = { .options = "--json" };
	const stage to_stderr = { .options = "--json -o -" };

	(void)state;
	assert_played(&plain, note_something, 0, "", "a\\x09b\\xff: 7 rows\n");
	assert_played(&json, note_something, 0, "", "a\\x09b\\xff: 7 rows\n");
	assert_played(&quiet, note_something, 0, "", "");
	assert_played(&to_stderr, note_something, 0, "", "");
}

static int table_of_three(const sp_cli *cli)
{
	sp_listing *table = sp_listing_create(3);
	sp_error err = SP_ERROR_INIT;
	bool ok;

	(void)cli;
	sp_listing_head(table, 0, "Name", false);
	sp_listing_head(table, 1, "Rows", true);
	sp_listing_head(table, 2, "Status", false);
	sp_listing_cell(table, "Reden im Bundestag \xe6\xbc\xa2\xe5\xad\x97");
	sp_listing_cell(table, "12");
	sp_listing_cell(table, "DONE");
	sp_listing_cell(table, "x\x1by");
	sp_listing_cell(table, "123456");
	sp_listing_cell(table, NULL);
	ok = sp_listing_print(table, stdout, &err);
	sp_listing_free(table);
	sp_error_clear(&err);
	return ok ? 0 : 1;
}

static void tables_are_aligned_and_cut(void **state)
{
	const stage file = { 0 }, narrow = { .width = 32 };

	(void)state;
	/* the two ideographs take two columns each */
	assert_played(&file, table_of_three, 0,
	              "Name                       Rows  Status\n"
	              "Reden im Bundestag \xe6\xbc\xa2\xe5\xad\x97      12  DONE\n"
	              "x\\x1by                   123456  \n",
	              "");
	assert_played(&narrow, table_of_three, 0, NULL,
	              "Name                Rows  Status\r\n"
	              "Reden im Bundes\xe2\x80\xa6      12  DONE\r\n"
	              "x\\x1by            123456  \r\n");
}

static int report(const sp_cli *cli)
{
	sp_job *job = sp_job_create();
	sp_show_progress *show = sp_progress_begin(cli, job);

	sp_job_total_bytes(job, 1000);
	sp_job_phase(job, "reading \"x\"", 20);
	sp_job_add(job, 5, 250);
	sp_progress_end(show);
	sp_job_phase(job, "not shown", 0);
	sp_job_free(job);
	return 0;
}

#define NOTHING_YET "\"rows\":0,\"rows_total\":null,\"bytes\":0,\"bytes_total\":null"

static void progress_as_json(void **state)
{
	const stage json = { .options = "--progress json" };
	outcome result = play(&json, report);
	static const char first[] =
	    "{\"type\":\"progress\",\"phase\":\"connecting\"," NOTHING_YET
	    ",\"rate\":0,\"left\":null}\n"
	    "{\"type\":\"progress\",\"phase\":\"reading \\\"x\\\"\",\"rows\":0,\"rows_total\":20,"
	    "\"bytes\":0,\"bytes_total\":1000,\"rate\":0,\"left\":null}\n"
	    "{\"type\":\"progress\",\"phase\":\"reading \\\"x\\\"\",\"rows\":5,\"rows_total\":20,"
	    "\"bytes\":250,\"bytes_total\":1000,\"rate\":";

	(void)state;
	assert_string_equal(sp_buf_text(&result.out), "");
	assert_memory_equal(sp_buf_text(&result.err), first, sizeof first - 1);
	assert_int_equal(sp_buf_text(&result.err)[result.err.len - 1], '\n');
	assert_null(strstr(sp_buf_text(&result.err), "not shown"));
	sp_buf_free(&result.out);
	sp_buf_free(&result.err);
}

#define NINE "         "
#define BACK "\b\b\b\b\b\b\b\b\b"

static void progress_on_a_terminal(void **state)
{
	const stage wide = { .width = 80 }, narrow = { .width = 12 };
	const stage quiet = { .width = 80, .options = "-q" };
	const stage never = { .width = 80, .options = "--progress none" };

	(void)state;
	/* what stood there is wiped out with spaces */
	assert_played(&wide, report, 0, NULL,
	              "\rconnecting\rreading \"x\"  0 %  0/20 rows\r" NINE NINE NINE
	              BACK BACK BACK);
	assert_played(&narrow, report, 0, NULL,
	              "\rconnecting\rreading \"x\xe2\x80\xa6\r  " NINE "\b\b" BACK);
	assert_played(&quiet, report, 0, NULL, "");
	assert_played(&never, report, 0, NULL, "");
}

static void no_progress_in_files(void **state)
{
	const stage file = { 0 };

	(void)state;
	assert_played(&file, report, 0, "", "");
}

/* 0 yes, 1 no, 2 and more an error's code */
static int ask(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;
	bool yes = sp_ask(cli, "Go\x1b on?", &err);
	int code = sp_error_is_set(&err) ? (int)err.code : yes ? 0 : 1;

	sp_error_clear(&err);
	return code;
}

static void questions(void **state)
{
	const stage yes = { .width = 80, .input = "y\n" };
	const stage yes2 = { .width = 80, .input = " Yes\n" };
	const stage no = { .width = 80, .input = "n\n" }, enter = { .width = 80, .input = "\n" };
	const stage end = { .width = 80, .input = "\x04" };
	const stage given = { .options = "--yes" }, nobody = { 0 };
	const struct {
		const stage *on;
		int code;
	} cases[] = { { &yes, 0 }, { &yes2, 0 }, { &no, 1 }, { &enter, 1 }, { &end, 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		outcome result = play(cases[i].on, ask);

		assert_non_null(strstr(sp_buf_text(&result.err), "Go\\x1b on? [y/N] "));
		assert_true(WIFEXITED(result.status));
		assert_int_equal(WEXITSTATUS(result.status), cases[i].code);
		sp_buf_free(&result.out);
		sp_buf_free(&result.err);
	}
	assert_played(&given, ask, 0, "", "");
	assert_played(&nobody, ask, SP_USAGE, "", "");
}

/* Sends itself a signal twice: the first cancels, the second ends it. */
static int be_interrupted(const sp_cli *cli)
{
	sp_job *job = sp_job_create();
	sp_error err = SP_ERROR_INIT;

	(void)cli;
	if (!sp_signals_catch(&err))
		return 90;
	sp_signals_watch(job);
	raise(SIGINT);
	if (!sp_job_cancelled(job))
		return 91;
	raise(SIGINT);
	return 92;
}

static int be_ended(const sp_cli *cli)
{
	sp_error err = SP_ERROR_INIT;

	(void)cli;
	if (!sp_signals_catch(&err))
		return 90;
	sp_signals_watch(NULL);
	raise(SIGTERM);
	return 92;
}

static int be_hung_up_on(const sp_cli *cli)
{
	sp_job *job = sp_job_create();
	sp_error err = SP_ERROR_INIT;
	bool cancelled;

	(void)cli;
	if (signal(SIGHUP, SIG_IGN) == SIG_ERR || !sp_signals_catch(&err))
		return 90;
	sp_signals_watch(job);
	raise(SIGHUP);
	cancelled = sp_job_cancelled(job);
	sp_signals_watch(NULL);
	sp_job_free(job);
	return cancelled ? 91 : 0;
}

static int ask_with_job(const sp_cli *cli)
{
	sp_job *job = sp_job_create();
	sp_error err = SP_ERROR_INIT;
	int code;

	if (!sp_signals_catch(&err))
		return 90;
	sp_signals_watch(job);
	code = ask(cli);
	sp_signals_watch(NULL);
	sp_job_free(job);
	return code;
}

static void signals_cancel(void **state)
{
	const stage file = { 0 };
	const stage typed = { .width = 80, .input = "\x03" };
	outcome twice = play(&file, be_interrupted), once = play(&file, be_ended);
	outcome asked = play(&typed, ask_with_job);

	(void)state;
	assert_true(WIFSIGNALED(twice.status));
	assert_int_equal(WTERMSIG(twice.status), SIGINT);
	assert_true(WIFSIGNALED(once.status));
	assert_int_equal(WTERMSIG(once.status), SIGTERM);
	assert_played(&file, be_hung_up_on, 0, "", "");
	assert_true(WIFEXITED(asked.status));
	assert_int_equal(WEXITSTATUS(asked.status), SP_INTERRUPTED);
	sp_buf_free(&twice.out);
	sp_buf_free(&twice.err);
	sp_buf_free(&once.out);
	sp_buf_free(&once.err);
	sp_buf_free(&asked.out);
	sp_buf_free(&asked.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_safe),
		cmocka_unit_test(notes_are_for_people),
		cmocka_unit_test(tables_are_aligned_and_cut),
		cmocka_unit_test(progress_as_json),
		cmocka_unit_test(progress_on_a_terminal),
		cmocka_unit_test(no_progress_in_files),
		cmocka_unit_test(questions),
		cmocka_unit_test(signals_cancel),
	};

	/* widths of characters, as main() sets it */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
