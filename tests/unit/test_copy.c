#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

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

/* --- COPY out --- */

/* Fields by commas, rows by line ends; the row "stop" is refused. */
static bool collect(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	sp_buf *to = ctx;
	int i;

	for (i = 0; i < count; i++) {
		sp_buf_adds(to, i ? "," : "");
		if (fields[i].data)
			sp_buf_add(to, fields[i].data, fields[i].len);
		else
			sp_buf_adds(to, "NULL");
	}
	sp_buf_addc(to, '\n');
	if (count && fields[0].data &&
	    !memcmp(fields[0].data, "stop", fields[0].len < 4 ? fields[0].len : 4))
		return sp_fail(err, SP_FAILED, NULL, "that is enough");
	return true;
}

static const sp_field row_a[] = { FAKE_TEXT("a"), FAKE_NULL, FAKE_TEXT("") };
static const sp_field row_b[] = { FAKE_TEXT("bü\t\\"), FAKE_TEXT("x"), FAKE_NULL };
static const sp_field row_stop[] = { FAKE_TEXT("stop") };

static bool copy(sp_db *db, const char *expected, sp_error *err)
{
	sp_buf rows = { 0 };
	bool ok = sp_db_copy_out(db, "SELECT 1", collect, &rows, err);

	assert_string_equal(sp_buf_text(&rows), expected);
	sp_buf_free(&rows);
	return ok;
}

static void copies_out(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY (SELECT 1) TO STDOUT (FORMAT binary)");
	fake_flush(1);
	fake_busy(1);
	fake_copy_out();
	fake_busy(2);
	fake_row(3, row_a);
	fake_busy(1);
	fake_row(3, row_b);
	fake_row(0, NULL);
	fake_bytes("\377\377", 2);
	fake_copy_end();
	fake_busy(1);
	fake_done("COPY 3");
	assert_true(copy(db, "a,NULL,\nbü\t\\,x,NULL\n\n", &err));
	assert_false(sp_error_is_set(&err));
	sp_db_close(db);
}

/* No row at all: header and trailer, in one message or in two. */
static void copies_out_nothing(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY");
	fake_copy_out();
	fake_bytes("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
	fake_bytes("\377\377", 2);
	fake_copy_end();
	fake_done("COPY 0");
	assert_true(copy(db, "", &err));
	fake_query("COPY");
	fake_copy_out();
	fake_bytes("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377", 21);
	fake_copy_end();
	fake_done("COPY 0");
	assert_true(copy(db, "", &err));
	sp_db_close(db);
}

static void a_query_that_fails_copies_nothing(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY");
	fake_error("42P01", "relation \"x\" does not exist");
	assert_false(copy(db, "", &err));
	expect_error(&err, SP_FAILED, "relation \"x\" does not exist");
	fake_query("SET"); /* the connection is still good */
	fake_done("SET");
	assert_true(sp_db_exec(db, "SET a = 1", &err));
	sp_db_close(db);
}

/* … also where the connection breaks while the rest is taken. */
static void a_query_fails_and_then_the_connection(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY");
	fake_error("57P01", "terminating connection due to administrator command");
	fake_breaks("server closed the connection unexpectedly\n");
	assert_false(copy(db, "", &err));
	expect_error(&err, SP_NO_CONNECTION, "terminating connection");
	sp_db_close(db);
}

/* Rows that came don't count where an error comes after them. */
static void an_error_after_rows_counts(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY");
	fake_copy_out();
	fake_row(3, row_a);
	fake_error("22P02", "invalid input syntax");
	assert_false(copy(db, "a,NULL,\n", &err));
	expect_error(&err, SP_FAILED, "invalid input syntax");
	fake_query("SET");
	fake_done("SET");
	assert_true(sp_db_exec(db, "SET a = 1", &err));
	sp_db_close(db);
}

static void rows_break_off(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY");
	fake_copy_out();
	fake_row(3, row_a);
	fake_copy_breaks("lost synchronization\n");
	assert_false(copy(db, "a,NULL,\n", &err));
	expect_error(&err, SP_NO_CONNECTION, "lost synchronization");
	sp_db_close(db);
}

static void the_connection_breaks_between_rows(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY");
	fake_copy_out();
	fake_row(3, row_a);
	fake_breaks("connection reset\n");
	assert_false(copy(db, "a,NULL,\n", &err));
	expect_error(&err, SP_NO_CONNECTION, "connection reset");
	sp_db_close(db);
}

static void silence_between_rows_ends(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(QUIET, NULL);

	(void)state;
	fake_query("COPY");
	fake_copy_out();
	fake_row(3, row_a);
	fake_silence();
	assert_false(copy(db, "a,NULL,\n", &err));
	expect_error(&err, SP_NO_CONNECTION, "no sign of life");
	assert_true(fake_closed());
	sp_db_close(db);
}

static void silence_before_rows_ends(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(QUIET, NULL);

	(void)state;
	fake_query("COPY");
	fake_silence();
	assert_false(copy(db, "", &err));
	expect_error(&err, SP_NO_CONNECTION, "no sign of life");
	sp_db_close(db);
}

static void copying_can_be_cancelled(void **state)
{
	sp_job *job = sp_job_create();
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, job);

	(void)state;
	fake_query("COPY");
	fake_copy_out();
	fake_row(3, row_a);
	fake_cancel(job);
	assert_false(copy(db, "a,NULL,\n", &err));
	expect_error(&err, SP_INTERRUPTED, "");
	assert_true(fake_closed());
	sp_db_close(db);
	sp_job_free(job);
}

static void the_reader_of_rows_stops(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY");
	fake_copy_out();
	fake_row(3, row_a);
	fake_row(1, row_stop);
	assert_false(copy(db, "a,NULL,\nstop\n", &err));
	expect_error(&err, SP_FAILED, "that is enough");
	sp_db_close(db);
}

static void expect_unreadable(const char *bytes, size_t len)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	fake_query("COPY");
	fake_copy_out();
	fake_bytes(bytes, len);
	assert_false(copy(db, "", &err));
	expect_error(&err, SP_NO_CONNECTION, "can't be read");
	sp_db_close(db);
}
#define EXPECT_UNREADABLE(bytes) expect_unreadable(bytes, sizeof(bytes) - 1)
#define HEADER                   "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"

static void refuses_what_is_no_copy(void **state)
{
	(void)state;
	EXPECT_UNREADABLE("P");
	EXPECT_UNREADABLE("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0");
	EXPECT_UNREADABLE("PGCOPX\n\377\r\n\0\0\0\0\0\0\0\0\0\0\1");
	EXPECT_UNREADABLE("a,b\nc,d\ne,f\ng,h\ni,j\n");
	EXPECT_UNREADABLE(HEADER "\0");                      /* half a count */
	EXPECT_UNREADABLE(HEADER "\377\376");                /* -2 fields */
	EXPECT_UNREADABLE(HEADER "\177\377");                /* 32,767 fields */
	EXPECT_UNREADABLE(HEADER "\0\1");                    /* no field */
	EXPECT_UNREADABLE(HEADER "\0\1\0\0\0");              /* half a size */
	EXPECT_UNREADABLE(HEADER "\0\1\0\0\0\2a");           /* half a field */
	EXPECT_UNREADABLE(HEADER "\0\2\0\0\0\1a\0\0\0\1");   /* the second has none */
	EXPECT_UNREADABLE(HEADER "\0\1\177\377\377\377abc"); /* 2 GiB */
	EXPECT_UNREADABLE(HEADER "\0\1\377\377\377\376abc"); /* size -2 */
}

/* A header that announces an extension or other flags isn't one we can read. */
static void refuses_headers_of_other_formats(void **state)
{
	(void)state;
	EXPECT_UNREADABLE("PGCOPY\n\377\r\n\0\0\1\0\0\0\0\0\0\0\1\0\0\0\1a");
	EXPECT_UNREADABLE("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\4abcd\0\1\0\0\0\1a");
}

static void refuses_rows_with_too_much(void **state)
{
	(void)state;
	EXPECT_UNREADABLE(HEADER "\0\1\0\0\0\1ab");
}

static void reads_integers(void **state)
{
	static const struct {
		sp_field field;
		int64_t expected;
	} cases[] = {
		{ { "\0\0\0\1", 4 }, 1 },
		{ { "\377\377\377\377", 4 }, -1 },
		{ { "\200\0\0\0", 4 }, INT32_MIN },
		{ { "\0\0\0\0\0\0\1\0", 8 }, 256 },
		{ { "\177\377\377\377\377\377\377\377", 8 }, INT64_MAX },
		{ { "\377\377\377\377\377\377\377\376", 8 }, -2 },
		{ { NULL, 0 }, 0 },
		{ { "\0\1", 2 }, 0 },
		{ { "", 0 }, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(sp_field_int(&cases[i].field), cases[i].expected);
}

/* --- COPY in --- */

static void begin_copy_in(sp_db *db)
{
	sp_error err = SP_ERROR_INIT;

	fake_query("COPY t (a, b) FROM STDIN");
	fake_busy(1);
	fake_copy_in();
	assert_true(sp_db_copy_in(db, "t (a, b)", &err));
}

static void copies_in(void **state)
{
	const char *const rows[][2] = {
		{ "1", NULL }, { "", "a\tb\nc\rd\\e" }, { "\\N", "\\." }, { "ü", "\\" }
	};
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);
	size_t i;

	(void)state;
	begin_copy_in(db);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_true(sp_db_copy_row(db, rows[i], 2, &err));
	assert_string_equal(fake_sent(), "1\t\\N\n\ta\\tb\\nc\\rd\\\\e\n\\\\N\t\\\\.\nü\t\\\\\n");
	fake_busy(1);
	assert_false(fake_sent_end());
	fake_done("COPY 4");
	assert_true(sp_db_copy_end(db, &err));
	assert_true(fake_sent_end());
	sp_db_close(db);
}

/* PQputCopyData returns 0 where its buffer is full: the row goes once. */
static void full_buffers_wait(void **state)
{
	const char *row[] = { "1" };
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	begin_copy_in(db);
	fake_busy(3);
	assert_true(sp_db_copy_row(db, row, 1, &err));
	assert_string_equal(fake_sent(), "1\n");
	fake_busy(2);
	fake_flush(2);
	fake_done("COPY 1");
	assert_true(sp_db_copy_end(db, &err));
	sp_db_close(db);
}

/* PQputCopyData takes rows that the server refuses: the end tells. */
static void the_end_tells_of_bad_rows(void **state)
{
	const char *row[] = { "x" };
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	begin_copy_in(db);
	assert_true(sp_db_copy_row(db, row, 1, &err));
	fake_error("22P02", "invalid input syntax for type bigint: \"x\"");
	assert_false(sp_db_copy_end(db, &err));
	expect_error(&err, SP_FAILED, "invalid input syntax");
	sp_db_close(db);
}

static void copy_in_is_refused(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	fake_query("COPY");
	fake_error("42501", "permission denied for table t");
	assert_false(sp_db_copy_in(db, "t", &err));
	expect_error(&err, SP_NOT_ALLOWED, "permission denied");
	fake_query("SET");
	fake_done("SET");
	assert_true(sp_db_exec(db, "SET a = 1", &err));
	sp_db_close(db);
}

static void putting_fails(void **state)
{
	const char *row[] = { "1" };
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	begin_copy_in(db);
	fake_put_fails("no COPY in progress\n");
	assert_false(sp_db_copy_row(db, row, 1, &err));
	expect_error(&err, SP_NO_CONNECTION, "no COPY in progress");
	fake_put_fails("no COPY in progress\n");
	assert_false(sp_db_copy_end(db, &err));
	expect_error(&err, SP_NO_CONNECTION, "no COPY in progress");
	sp_db_close(db);
}

static void the_connection_breaks_while_putting(void **state)
{
	const char *row[] = { "1" };
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(PATIENT, NULL);

	(void)state;
	begin_copy_in(db);
	fake_breaks("connection reset\n");
	assert_false(sp_db_copy_row(db, row, 1, &err));
	expect_error(&err, SP_NO_CONNECTION, "connection reset");
	sp_db_close(db);
}

static void silence_while_putting_ends(void **state)
{
	const char *row[] = { "1" };
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(QUIET, NULL);

	(void)state;
	begin_copy_in(db);
	fake_silence();
	assert_false(sp_db_copy_row(db, row, 1, &err));
	expect_error(&err, SP_NO_CONNECTION, "no sign of life");
	assert_true(fake_closed());
	sp_db_close(db);
}

static void silence_at_the_end_ends(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(QUIET, NULL);

	(void)state;
	begin_copy_in(db);
	fake_silence();
	assert_false(sp_db_copy_end(db, &err));
	expect_error(&err, SP_NO_CONNECTION, "no sign of life");
	assert_true(fake_closed());
	sp_db_close(db);
}

static void silence_before_copy_in_ends(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(QUIET, NULL);

	(void)state;
	fake_query("COPY");
	fake_silence();
	assert_false(sp_db_copy_in(db, "t", &err));
	expect_error(&err, SP_NO_CONNECTION, "no sign of life");
	assert_true(fake_closed());
	sp_db_close(db);
}

#define SCRIPTED(test) cmocka_unit_test_setup_teardown(test, fake_begin, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRIPTED(copies_out),
		SCRIPTED(copies_out_nothing),
		SCRIPTED(a_query_that_fails_copies_nothing),
		SCRIPTED(a_query_fails_and_then_the_connection),
		SCRIPTED(an_error_after_rows_counts),
		SCRIPTED(rows_break_off),
		SCRIPTED(the_connection_breaks_between_rows),
		SCRIPTED(silence_between_rows_ends),
		SCRIPTED(silence_before_rows_ends),
		SCRIPTED(copying_can_be_cancelled),
		SCRIPTED(the_reader_of_rows_stops),
		SCRIPTED(refuses_what_is_no_copy),
		SCRIPTED(refuses_headers_of_other_formats),
		SCRIPTED(refuses_rows_with_too_much),
		cmocka_unit_test(reads_integers),
		SCRIPTED(copies_in),
		SCRIPTED(full_buffers_wait),
		SCRIPTED(the_end_tells_of_bad_rows),
		SCRIPTED(copy_in_is_refused),
		SCRIPTED(putting_fails),
		SCRIPTED(the_connection_breaks_while_putting),
		SCRIPTED(silence_while_putting_ends),
		SCRIPTED(silence_at_the_end_ends),
		SCRIPTED(silence_before_copy_in_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
