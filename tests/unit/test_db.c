#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/fakepq.h"

/* Seconds. The first tenth of a second of silence is enough: nothing here
 * waits for a real server. */
#define QUIET   0
#define PATIENT 60

static void expect_error(sp_error *err, sp_code code, const char *part)
{
	assert_int_equal(err->code, code);
	if (!strstr(sp_error_text(err), part))
		fail_msg("\"%s\" isn't in: %s", part, sp_error_text(err));
	sp_error_clear(err);
}

/* --- connection strings --- */

static void takes_connection_strings(void **state)
{
	static const char *const good[] = { NULL,
		                                "",
		                                "hq",
		                                "dbname=hq",
		                                "host=/tmp user='a b' dbname=hq",
		                                "postgresql://user@host:5432/hq?sslmode=verify-full",
		                                "postgres:///hq",
		                                "service=hq",
		                                "dbname=hq password=''",
		                                "host=h passfile=pgpass" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		sp_error err = SP_ERROR_INIT;

		if (!sp_db_check_conninfo(good[i], &err))
			fail_msg("%s: %s", good[i], sp_error_text(&err));
		assert_false(sp_error_is_set(&err));
	}
}

#define SECRET "hunter2"

static void refuses_passwords(void **state)
{
	static const char *const bad[] = { "password=" SECRET,
		                               "host=h password='" SECRET "' dbname=hq",
		                               "host=h sslpassword=" SECRET,
		                               "postgresql://u:" SECRET "@h/hq",
		                               "postgresql://u@h/hq?password=" SECRET,
		                               "postgresql://u@h/hq?sslpassword=" SECRET,
		                               "dbname=hq password = " SECRET,
		                               "password=a password=" SECRET };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sp_error err = SP_ERROR_INIT;

		if (sp_db_check_conninfo(bad[i], &err))
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(err.hint_c, ".pgpass"));
		assert_null(strstr(err.hint_c, SECRET));
		assert_null(strstr(sp_error_text(&err), SECRET));
		expect_error(&err, SP_USAGE, "holds a password");
	}
}

/* libpq's own messages name the part that it can't read. */
static void repeats_nothing_of_what_is_malformed(void **state)
{
	static const char *const bad[] = { "host=h passwort=" SECRET,
		                               "host=h password='" SECRET,
		                               "host=h " SECRET "= x",
		                               "host=h dbname=a " SECRET,
		                               "postgresql://u:" SECRET "@[h/hq",
		                               "postgresql://u@h/hq?" SECRET,
		                               "postgresql://u@h/hq?" SECRET "=1",
		                               "mysql://u:" SECRET "@h/hq",
		                               "postgresql://u@h:" SECRET "/hq?x",
		                               "postgresql://u%" SECRET "@h/hq" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sp_error err = SP_ERROR_INIT;

		if (sp_db_check_conninfo(bad[i], &err))
			fail_msg("taken: %s", bad[i]);
		assert_null(strstr(sp_error_text(&err), SECRET));
		assert_null(strstr(sp_error_text_c(&err), SECRET));
		assert_null(strstr(err.hint_c, SECRET));
		expect_error(&err, SP_USAGE, "can't be parsed");
	}
}

static void open_checks_the_string_first(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_null(sp_db_open("password=" SECRET, PATIENT, 0, NULL, &err));
	expect_error(&err, SP_USAGE, "holds a password");
}

/* --- connecting --- */

static void opens(void **state)
{
	sp_db *db;

	(void)state;
	db = fake_open(PATIENT, NULL);
	assert_int_equal(sp_db_server_version(db), 160004);
	assert_string_equal(sp_db_time_zone(db), "Asia/Tokyo");
	assert_string_equal(fake_parameter("dbname"), "dbname=x");
	assert_string_equal(fake_parameter("client_encoding"), "UTF8");
	assert_string_equal(fake_parameter("keepalives_idle"), "30");
	assert_string_equal(fake_parameter("tcp_user_timeout"), "30000");
	sp_db_close(db);
	sp_db_close(NULL);
}

static void knows_no_zone(void **state)
{
	static const char *const null[] = { NULL };
	sp_error err = SP_ERROR_INIT;
	sp_db *db;
	int rows;

	(void)state;
	for (rows = 0; rows < 2; rows++) {
		fake_query("SET statement_timeout");
		fake_done("SET");
		fake_query("TimeZone");
		fake_rows(1, rows, null);
		fake_query("set_config");
		fake_rows(0, 0, NULL);
		db = sp_db_open(NULL, PATIENT, 0, NULL, &err);
		assert_non_null(db);
		assert_string_equal(sp_db_time_zone(db), "unknown");
		sp_db_close(db);
	}
}

static void expect_no_open(sp_code code, const char *part, int timeout, sp_job *job)
{
	sp_error err = SP_ERROR_INIT;

	assert_null(sp_db_open("dbname=x", timeout, 0, job, &err));
	expect_error(&err, code, part);
	assert_true(fake_closed());
}

static void tells_why_it_cant_connect(void **state)
{
	(void)state;
	fake_no_connection();
	expect_no_open(SP_FAILED, "memory", PATIENT, NULL);
	fake_dead_connection("bad host\nsecond line\n");
	expect_no_open(SP_NO_CONNECTION, "bad host second line", PATIENT, NULL);
}

static void tells_what_the_server_answered(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	fake_poll_fails("refused\n\r\n", false);
	assert_null(sp_db_open("dbname=x", PATIENT, 0, NULL, &err));
	assert_int_equal(err.code, SP_NO_CONNECTION);
	assert_string_equal(sp_error_text_c(&err),
	                    "no connection to the database server: refused");
	sp_error_clear(&err);
}

static void tells_that_a_password_is_missing(void **state)
{
	(void)state;
	fake_poll_fails("fe_sendauth: no password supplied\n", true);
	expect_no_open(SP_NO_CONNECTION, "asks for a password", PATIENT, NULL);
}

static void gives_up_connecting(void **state)
{
	(void)state;
	fake_conninfo("");
	fake_silence();
	expect_no_open(SP_NO_CONNECTION, "didn't answer in time", QUIET, NULL);
}

static double seconds(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Each of several hosts has the time that connect_timeout says. */
static void each_host_has_its_time(void **state)
{
	double start = seconds();

	(void)state;
	fake_conninfo("host=a,b connect_timeout=1");
	fake_silence();
	expect_no_open(SP_NO_CONNECTION, "didn't answer in time", PATIENT, NULL);
	assert_true(seconds() - start >= 2);
}

static void connecting_can_be_cancelled(void **state)
{
	sp_job *job = sp_job_create();

	(void)state;
	sp_job_cancel(job);
	expect_no_open(SP_INTERRUPTED, "", PATIENT, job);
	sp_job_free(job);
}

static void refuses_old_servers(void **state)
{
	(void)state;
	fake_server_version(120019);
	expect_no_open(SP_INCOMPATIBLE, "PostgreSQL 12", PATIENT, NULL);
}

static void needs_calls_that_dont_block(void **state)
{
	(void)state;
	fake_nonblocking_fails();
	expect_no_open(SP_NO_CONNECTION, "broke", PATIENT, NULL);
}

static void needs_a_pinned_session(void **state)
{
	static const char *const zone[] = { "UTC" };

	(void)state;
	fake_query("SET statement_timeout");
	fake_error("XX000", "no setting");
	expect_no_open(SP_FAILED, "no setting", PATIENT, NULL);
	fake_query("SET statement_timeout");
	fake_done("SET");
	fake_query("TimeZone");
	fake_error("XX000", "no zone");
	expect_no_open(SP_FAILED, "no zone", PATIENT, NULL);
	fake_query("SET statement_timeout");
	fake_done("SET");
	fake_query("TimeZone");
	fake_rows(1, 1, zone);
	fake_query("set_config");
	fake_error("XX000", "no settings");
	expect_no_open(SP_FAILED, "no settings", PATIENT, NULL);
}

/* --- statements --- */

static void runs_statements(void **state)
{
	static const char *const values[] = { "1", "a", NULL, "t", "-9007199254740993", "", "f", NULL };
	const char *params[] = { "x", NULL };
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);
	sp_rows *rows;

	(void)state;
	fake_query("SELECT");
	fake_flush(3);
	fake_busy(2);
	fake_rows(4, 2, values);
	rows = sp_db_query(db, "SELECT $1, $2", 2, params, &err);
	assert_non_null(rows);
	assert_int_equal(sp_rows_count(rows), 2);
	assert_string_equal(sp_rows_get(rows, 0, 1), "a");
	assert_null(sp_rows_get(rows, 0, 2));
	assert_string_equal(sp_rows_get(rows, 1, 1), "");
	assert_int_equal(sp_rows_int(rows, 0, 0), 1);
	assert_int_equal(sp_rows_int(rows, 1, 0), INT64_C(-9007199254740993));
	assert_int_equal(sp_rows_int(rows, 0, 2), 0);
	assert_true(sp_rows_bool(rows, 0, 3));
	assert_false(sp_rows_bool(rows, 1, 2));
	assert_false(sp_rows_bool(rows, 1, 3));
	sp_rows_free(rows);
	sp_rows_free(NULL);

	fake_query("SET");
	fake_done("SET");
	fake_busy(1);
	fake_done("SET");
	assert_true(sp_db_exec(db, "SET a = 1; SET b = 2", &err));
	assert_false(sp_error_is_set(&err));
	sp_db_close(db);
}

/* An error of one statement is told, and the connection goes on. */
static void one_failed_statement_is_all(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("bad");
	fake_done("SET");
	fake_error("42703", "column \"x\" does not exist");
	assert_false(sp_db_exec(db, "SET a = 1; bad", &err));
	assert_non_null(err.hint_c);
	expect_error(&err, SP_FAILED, "column \"x\" does not exist (SQLSTATE 42703)");
	fake_query("bad");
	fake_error("22012", "division by zero");
	assert_null(sp_db_query(db, "bad", 0, NULL, &err));
	assert_null(err.hint_c);
	expect_error(&err, SP_FAILED, "division by zero");
	fake_query("SET");
	fake_done("SET");
	assert_true(sp_db_exec(db, "SET a = 1", &err));
	sp_db_close(db);
}

static void sqlstates_have_codes(void **state)
{
	static const struct {
		const char *sqlstate, *text;
		sp_code code;
		const char *hint; /* a part; NULL: none */
	} cases[] = {
		{ "42501", "permission denied for table asset", SP_NOT_ALLOWED, "grant" },
		{ "42501", "query would be affected by row-level security policy", SP_NOT_ALLOWED,
		  "BYPASSRLS" },
		{ "55P03", "canceling statement due to lock timeout", SP_TARGET_CHANGED, "lock" },
		{ "40001", "could not serialize access", SP_TARGET_CHANGED, "try again" },
		{ "40P01", "deadlock detected", SP_TARGET_CHANGED, "try again" },
		{ "23505", "duplicate key value", SP_FAILED, NULL },
		{ "53100", "could not extend file", SP_FAILED, "disk" },
		{ "42P01", "relation does not exist", SP_FAILED, "changed" },
		{ "57P01", "terminating connection", SP_NO_CONNECTION, NULL },
		{ "08006", "connection failure", SP_NO_CONNECTION, NULL },
		{ "22P05", "unsupported", SP_FAILED, NULL },
	};
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_query("x");
		fake_error(cases[i].sqlstate, cases[i].text);
		assert_false(sp_db_exec(db, "x", &err));
		if (cases[i].hint)
			assert_non_null(strstr(err.hint_c, cases[i].hint));
		else
			assert_null(err.hint_c);
		expect_error(&err, cases[i].code, cases[i].text);
		/* others were in the way, and may not be the next time */
		assert_int_equal(sp_db_was_crossed(db), cases[i].code == SP_TARGET_CHANGED ||
		                                            !strcmp(cases[i].sqlstate, "23505"));
	}
	sp_db_close(db);
}

static void nothing_can_be_sent(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_send_fails("no connection to the server\n");
	assert_false(sp_db_exec(db, "x", &err));
	expect_error(&err, SP_NO_CONNECTION, "no connection to the server");
	assert_null(sp_db_query(db, "x", 0, NULL, &err));
	expect_error(&err, SP_NO_CONNECTION, "no connection to the server");
	assert_false(sp_db_commit(db, &err));
	expect_error(&err, SP_NO_CONNECTION, "no connection to the server");
	assert_false(sp_db_copy_out(db, "x", NULL, NULL, &err));
	expect_error(&err, SP_NO_CONNECTION, "no connection to the server");
	assert_false(sp_db_copy_in(db, "x", &err));
	expect_error(&err, SP_NO_CONNECTION, "no connection to the server");
	sp_db_close(db);
}

static void flushing_fails(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("x");
	fake_flush_fails("broken pipe\n");
	assert_false(sp_db_exec(db, "x", &err));
	expect_error(&err, SP_NO_CONNECTION, "broken pipe");
	assert_false(sp_db_exec(db, "x", &err));
	sp_error_clear(&err);
	sp_db_close(db);
}

static void the_connection_breaks(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("x");
	fake_breaks("server closed the connection unexpectedly\n");
	assert_false(sp_db_exec(db, "x", &err));
	assert_int_equal(err.code, SP_NO_CONNECTION);
	expect_error(&err, SP_NO_CONNECTION, "server closed the connection unexpectedly");
	assert_false(sp_db_exec(db, "x", &err));
	expect_error(&err, SP_NO_CONNECTION, "closed");
	sp_db_close(db);
}

/* A server that ends the session tells so, but no SQLSTATE may have come. */
static void a_fatal_result_is_a_broken_connection(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("x");
	fake_fatal("lost synchronization with server");
	assert_false(sp_db_exec(db, "x", &err));
	expect_error(&err, SP_NO_CONNECTION, "broke");
	sp_db_close(db);
}

static void expect_silence(sp_db *db)
{
	sp_error err = SP_ERROR_INIT;

	assert_false(sp_db_exec(db, "x", &err));
	assert_non_null(strstr(err.hint_c, "--timeout"));
	expect_error(&err, SP_NO_CONNECTION, "no sign of life for 0 seconds");
	assert_true(fake_closed());
	assert_false(sp_db_exec(db, "x", &err));
	expect_error(&err, SP_NO_CONNECTION, "closed");
	assert_null(sp_db_query(db, "x", 0, NULL, &err));
	expect_error(&err, SP_NO_CONNECTION, "closed");
	assert_false(sp_db_commit(db, &err));
	expect_error(&err, SP_NO_CONNECTION, "closed");
	assert_false(sp_db_copy_out(db, "x", NULL, NULL, &err));
	expect_error(&err, SP_NO_CONNECTION, "closed");
	assert_false(sp_db_copy_in(db, "x", &err));
	expect_error(&err, SP_NO_CONNECTION, "closed");
	assert_false(sp_db_copy_row(db, NULL, 0, &err));
	expect_error(&err, SP_NO_CONNECTION, "closed");
	assert_false(sp_db_copy_end(db, &err));
	expect_error(&err, SP_NO_CONNECTION, "closed");
}

static void silence_ends(void **state)
{
	sp_db *db = fake_open(QUIET, NULL);

	(void)state;
	fake_query("x");
	fake_silence();
	expect_silence(db);
	sp_db_close(db);
}

static bool works_once(void *ctx, int pid)
{
	int *asked = ctx;

	assert_int_equal(pid, FAKE_PID);
	return !(*asked)++;
}

/* … unless somebody sees the server work. */
static void silence_of_who_works_goes_on(void **state)
{
	sp_db *db = fake_open(QUIET, NULL);
	int asked = 0;

	(void)state;
	sp_db_ask_when_silent(db, works_once, &asked);
	fake_query("x");
	fake_silence();
	expect_silence(db);
	assert_int_equal(asked, 2);
	sp_db_close(db);
}

/* An idle wait is no silence of the server's before the time is up. */
static void busy_is_no_silence(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(QUIET, NULL);

	(void)state;
	fake_query("x");
	fake_busy(100);
	fake_done("SET");
	assert_true(sp_db_exec(db, "x", &err));
	sp_db_close(db);
}

static void waits_can_be_cancelled(void **state)
{
	sp_job *job = sp_job_create();
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, job);

	(void)state;
	fake_query("x");
	fake_busy(1);
	fake_cancel(job);
	assert_false(sp_db_exec(db, "x", &err));
	expect_error(&err, SP_INTERRUPTED, "");
	assert_true(fake_closed());
	sp_db_close(db);
	sp_job_free(job);
}

/* --- COMMIT --- */

static void commits(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COMMIT");
	fake_done("COMMIT");
	assert_true(sp_db_commit(db, &err));
	fake_query("COMMIT");
	fake_done("ROLLBACK");
	assert_false(sp_db_commit(db, &err));
	expect_error(&err, SP_FAILED, "rolled the transaction back");
	fake_query("COMMIT");
	fake_error("40001", "could not serialize access");
	assert_false(sp_db_commit(db, &err));
	expect_error(&err, SP_TARGET_CHANGED, "could not serialize");
	assert_true(sp_db_was_crossed(db));
	sp_db_close(db);
}

static void commit_may_be_lost(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(QUIET, NULL);

	(void)state;
	fake_query("COMMIT");
	fake_silence();
	assert_false(sp_db_commit(db, &err));
	expect_error(&err, SP_NO_CONNECTION, "no sign of life");
	sp_db_close(db);
}

/* --- SQL text --- */

static void quotes(void **state)
{
	sp_buf sql = { 0 };

	(void)state;
	sp_sql_ident(&sql, "a\"b'c;--");
	sp_buf_addc(&sql, ' ');
	sp_sql_literal(&sql, "a\"b'c\\;--\n");
	sp_sql_literal(&sql, "");
	assert_string_equal(sql.data, "\"a\"\"b'c;--\" 'a\"b''c\\;--\n'''");
	sp_buf_free(&sql);
}

#define SCRIPTED(test) cmocka_unit_test_setup_teardown(test, fake_begin, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_connection_strings),
		cmocka_unit_test(refuses_passwords),
		cmocka_unit_test(repeats_nothing_of_what_is_malformed),
		SCRIPTED(open_checks_the_string_first),
		SCRIPTED(opens),
		SCRIPTED(knows_no_zone),
		SCRIPTED(tells_why_it_cant_connect),
		SCRIPTED(tells_what_the_server_answered),
		SCRIPTED(tells_that_a_password_is_missing),
		SCRIPTED(gives_up_connecting),
		SCRIPTED(each_host_has_its_time),
		SCRIPTED(connecting_can_be_cancelled),
		SCRIPTED(refuses_old_servers),
		SCRIPTED(needs_calls_that_dont_block),
		SCRIPTED(needs_a_pinned_session),
		SCRIPTED(runs_statements),
		SCRIPTED(one_failed_statement_is_all),
		SCRIPTED(sqlstates_have_codes),
		SCRIPTED(nothing_can_be_sent),
		SCRIPTED(flushing_fails),
		SCRIPTED(the_connection_breaks),
		SCRIPTED(a_fatal_result_is_a_broken_connection),
		SCRIPTED(silence_ends),
		SCRIPTED(silence_of_who_works_goes_on),
		SCRIPTED(busy_is_no_silence),
		SCRIPTED(waits_can_be_cancelled),
		SCRIPTED(commits),
		SCRIPTED(commit_may_be_lost),
		cmocka_unit_test(quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
