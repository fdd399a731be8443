#include <config.h>

#include "tests/unit/fakepq.h"

#include <endian.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct pg_conn {
	bool open;
};

struct pg_result {
	ExecStatusType status;
	const char *tag, *sqlstate, *message;
	int columns, rows;
	const char *const *values;
};

typedef enum {
	QUERY,
	SEND_FAILS,
	RESULT,
	BYTES,
	COPY_END,
	COPY_BREAKS,
	PUT_FAILS,
	BUSY,
	SILENCE,
	CANCEL,
	BREAKS,
	FLUSH,
	FLUSH_FAILS,
	NO_CONNECTION,
	DEAD_CONNECTION,
	POLL_FAILS
} step_kind;

typedef struct {
	step_kind kind;
	const char *text;
	int n;
	sp_job *job;
	sp_buf bytes;
	PGresult result;
} step;

/* One script at a time: the functions of libpq have no argument for it. */
static struct {
	step steps[400];
	int count, at;
	PGconn conn;
	int results;         /* not given back */
	int lively[2];       /* always ready */
	int silent[2];       /* never */
	const char *message; /* what PQerrorMessage() says */
	bool bad, needs_password, nonblocking_fails, sent_end, header;
	int version;
	const char *conninfo;
	char sent[4096], parameters[1024];
	size_t sent_len, parameters_len;
} fake;

/* --- the script --- */

static step *add(step_kind kind, const char *text)
{
	step *s = &fake.steps[fake.count++];

	assert_true(fake.count <= 400);
	*s = (step){ .kind = kind, .text = text };
	return s;
}

int fake_begin(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.version = 160004;
	fake.message = "";
	fake.conninfo = "connect_timeout=10";
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fake.lively) || write(fake.lively[1], "x", 1) != 1)
		return -1;
	return pipe(fake.silent);
}

int fake_end(void **state)
{
	int i, left = fake.count - fake.at;

	(void)state;
	for (i = 0; i < fake.count; i++)
		sp_buf_free(&fake.steps[i].bytes);
	for (i = 0; i < 2; i++) {
		close(fake.lively[i]);
		close(fake.silent[i]);
	}
	if (!left && !fake.results && !fake.conn.open)
		return 0;
	print_error("left: %d steps, %d results, %d connections\n", left, fake.results, fake.conn.open);
	return -1;
}

void fake_query(const char *text)
{
	add(QUERY, text);
}
void fake_send_fails(const char *text)
{
	add(SEND_FAILS, text);
}
void fake_copy_end(void)
{
	add(COPY_END, NULL);
}
void fake_copy_breaks(const char *message)
{
	add(COPY_BREAKS, message);
}
void fake_put_fails(const char *message)
{
	add(PUT_FAILS, message);
}
void fake_silence(void)
{
	add(SILENCE, NULL);
}
void fake_breaks(const char *message)
{
	add(BREAKS, message);
}
void fake_flush_fails(const char *message)
{
	add(FLUSH_FAILS, message);
}
void fake_no_connection(void)
{
	add(NO_CONNECTION, NULL);
}
void fake_dead_connection(const char *message)
{
	add(DEAD_CONNECTION, message);
}
void fake_busy(int n)
{
	add(BUSY, NULL)->n = n;
}
void fake_flush(int n)
{
	add(FLUSH, NULL)->n = n;
}
void fake_cancel(sp_job *job)
{
	add(CANCEL, NULL)->job = job;
}
void fake_server_version(int version)
{
	fake.version = version;
}
void fake_conninfo(const char *conninfo)
{
	fake.conninfo = conninfo;
}
void fake_nonblocking_fails(void)
{
	fake.nonblocking_fails = true;
}
const char *fake_sent(void)
{
	return fake.sent;
}
bool fake_sent_end(void)
{
	return fake.sent_end;
}
bool fake_closed(void)
{
	return !fake.conn.open;
}

static PGresult *add_result(ExecStatusType status)
{
	PGresult *result = &add(RESULT, NULL)->result;

	*result = (PGresult){ .status = status, .tag = "" };
	return result;
}

void fake_done(const char *tag)
{
	add_result(PGRES_COMMAND_OK)->tag = tag;
}
void fake_copy_in(void)
{
	add_result(PGRES_COPY_IN);
}
void fake_fatal(const char *message)
{
	add_result(PGRES_FATAL_ERROR)->message = message;
}

void fake_copy_out(void)
{
	add_result(PGRES_COPY_OUT);
	fake.header = false;
}

void fake_error(const char *sqlstate, const char *message)
{
	PGresult *result = add_result(PGRES_FATAL_ERROR);

	result->sqlstate = sqlstate;
	result->message = message;
}

void fake_rows(int columns, int rows, const char *const *values)
{
	PGresult *result = add_result(PGRES_TUPLES_OK);

	result->columns = columns;
	result->rows = rows;
	result->values = values;
}

void fake_bytes(const void *data, size_t len)
{
	sp_buf_add(&add(BYTES, NULL)->bytes, data, len);
}

void fake_row(int count, const sp_field *fields)
{
	sp_buf *to = &add(BYTES, NULL)->bytes;
	int i;

	if (!fake.header)
		sp_buf_add(to, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
	fake.header = true;
	sp_buf_addc(to, (char)(count >> 8));
	sp_buf_addc(to, (char)(count & 0xff));
	for (i = 0; i < count; i++) {
		uint32_t size = htobe32(fields[i].data ? (uint32_t)fields[i].len : UINT32_MAX);

		sp_buf_add(to, &size, sizeof(size));
		if (fields[i].data)
			sp_buf_add(to, fields[i].data, fields[i].len);
	}
}

void fake_poll_fails(const char *message, bool needs_password)
{
	add(POLL_FAILS, message);
	fake.needs_password = needs_password;
}

void fake_session(const char *zone)
{
	static const char *row[1]; /* as the script keeps no copy */

	row[0] = zone;
	fake_query("SET statement_timeout");
	fake_done("SET");
	fake_query("TimeZone");
	fake_rows(1, 1, row);
	fake_query("set_config");
	fake_rows(0, 0, NULL);
}

sp_db *fake_open(int timeout, sp_job *job)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db;

	fake_session("Asia/Tokyo");
	db = sp_db_open("dbname=x", timeout, 0, job, &err);
	assert_non_null(db);
	assert_false(sp_error_is_set(&err));
	assert_int_equal(fake.at, fake.count);
	return db;
}

void fake_drop(void)
{
	fake.at = fake.count;
}

/* --- what libpq does --- */

/* libpq's own memory, which doesn't lack where a test lets the program's lack. */
static void *take_memory(size_t size)
{
	void *memory = NULL;

	assert_int_equal(posix_memalign(&memory, sizeof(memory), size), 0);
	return memory;
}

static step *current(void)
{
	return fake.at < fake.count ? &fake.steps[fake.at] : NULL;
}

static bool is(step_kind kind)
{
	return fake.at < fake.count && fake.steps[fake.at].kind == kind;
}

static void go_bad(const char *message)
{
	fake.message = message;
	fake.bad = true;
	fake.at++;
}

/* One of the steps in which nothing can be had yet. */
static bool is_waiting(void)
{
	if (is(CANCEL) && current()->job) {
		sp_job_cancel(current()->job);
		current()->job = NULL;
	}
	return is(BUSY) || is(SILENCE) || is(CANCEL) || is(BREAKS);
}

static bool counts_down(step_kind kind)
{
	if (!is(kind))
		return false;
	if (current()->n-- > 0)
		return true;
	fake.at++;
	return false;
}

/* Adds to a buffer that needs no memory. */
static void keep(char *to, size_t *len, size_t room, const char *data, size_t more)
{
	assert_true(*len + more <= room);
	memcpy(to + *len, data, more);
	*len += more;
}

PGconn *PQconnectStartParams(const char *const *keywords, const char *const *values,
                             int expand_dbname)
{
	int i;

	assert_int_equal(expand_dbname, 1);
	fake.parameters_len = 0;
	for (i = 0; keywords[i]; i++) {
		keep(fake.parameters, &fake.parameters_len, sizeof(fake.parameters), keywords[i],
		     strlen(keywords[i]) + 1);
		keep(fake.parameters, &fake.parameters_len, sizeof(fake.parameters),
		     values[i] ? values[i] : "", values[i] ? strlen(values[i]) + 1 : 1);
	}
	if (is(NO_CONNECTION)) {
		fake.at++;
		return NULL;
	}
	fake.conn.open = true;
	if (is(DEAD_CONNECTION))
		go_bad(current()->text);
	return &fake.conn;
}

const char *fake_parameter(const char *keyword)
{
	const char *p = fake.parameters, *end = p + fake.parameters_len, *value;

	for (; p < end; p = value + strlen(value) + 1) {
		value = p + strlen(p) + 1;
		if (!strcmp(p, keyword))
			return value;
	}
	return "";
}

PostgresPollingStatusType PQconnectPoll(PGconn *conn)
{
	(void)conn;
	if (is(POLL_FAILS)) {
		go_bad(current()->text);
		return PGRES_POLLING_FAILED;
	}
	return counts_down(BUSY) ? PGRES_POLLING_READING : PGRES_POLLING_OK;
}

int PQconnectionNeedsPassword(const PGconn *conn)
{
	(void)conn;
	return fake.needs_password;
}

PQconninfoOption *PQconninfo(PGconn *conn)
{
	(void)conn;
	return PQconninfoParse(fake.conninfo, NULL);
}

ConnStatusType PQstatus(const PGconn *conn)
{
	return conn && conn->open && !fake.bad ? CONNECTION_OK : CONNECTION_BAD;
}

int PQsslInUse(PGconn *conn)
{
	(void)conn;
	return 0;
}

PGVerbosity PQsetErrorVerbosity(PGconn *conn, PGVerbosity verbosity)
{
	(void)conn;
	return verbosity;
}

char *PQerrorMessage(const PGconn *conn)
{
	static char message[256];

	(void)conn;
	memset(message, 0, sizeof(message));
	memcpy(message, fake.message, strnlen(fake.message, sizeof(message) - 1));
	return message;
}

int PQserverVersion(const PGconn *conn)
{
	return conn ? fake.version : 0;
}

int PQbackendPID(const PGconn *conn)
{
	(void)conn;
	return FAKE_PID;
}

int PQsetnonblocking(PGconn *conn, int arg)
{
	(void)conn;
	assert_int_equal(arg, 1);
	return fake.nonblocking_fails ? -1 : 0;
}

PQnoticeReceiver PQsetNoticeReceiver(PGconn *conn, PQnoticeReceiver proc, void *arg)
{
	(void)conn;
	assert_non_null(proc);
	proc(arg, NULL);
	return NULL;
}

void PQfinish(PGconn *conn)
{
	if (conn) {
		assert_true(conn->open);
		conn->open = false;
		if (is(SILENCE) || is(CANCEL))
			fake.at++;
	}
}

int PQsocket(const PGconn *conn)
{
	assert_true(conn->open);
	return is(SILENCE) || is(CANCEL) ? fake.silent[0] : fake.lively[0];
}

static int send_query(const char *sql)
{
	if (fake.bad)
		return 0;
	if (is(SEND_FAILS)) {
		go_bad(current()->text);
		return 0;
	}
	if (!is(QUERY) || !strstr(sql, current()->text))
		fail_msg("not in the script: %s", sql);
	fake.at++;
	return 1;
}

int PQsendQuery(PGconn *conn, const char *query)
{
	assert_true(conn->open);
	return send_query(query);
}

int PQsendQueryParams(PGconn *conn, const char *command, int nParams, const Oid *paramTypes,
                      const char *const *paramValues, const int *paramLengths,
                      const int *paramFormats, int resultFormat)
{
	assert_true(conn->open);
	assert_true(nParams == 0 || paramValues != NULL);
	assert_true(!paramTypes && !paramLengths && !paramFormats && resultFormat == 0);
	return send_query(command);
}

int PQflush(PGconn *conn)
{
	(void)conn;
	if (is(FLUSH_FAILS)) {
		go_bad(current()->text);
		return -1;
	}
	return counts_down(FLUSH);
}

int PQisBusy(PGconn *conn)
{
	(void)conn;
	return is_waiting();
}

int PQconsumeInput(PGconn *conn)
{
	(void)conn;
	if (is(BREAKS)) {
		go_bad(current()->text);
		return 0;
	}
	if (is(BUSY) && --current()->n == 0)
		fake.at++;
	return 1;
}

PGresult *PQgetResult(PGconn *conn)
{
	PGresult *result;

	assert_true(conn->open);
	assert_false(is_waiting());
	if (!is(RESULT))
		return NULL;
	result = take_memory(sizeof(*result));
	*result = current()->result;
	fake.at++;
	fake.results++;
	return result;
}

void PQclear(PGresult *result)
{
	fake.results -= result != NULL;
	free(result);
}

ExecStatusType PQresultStatus(const PGresult *result)
{
	return result ? result->status : PGRES_FATAL_ERROR;
}

char *PQresultErrorField(const PGresult *result, int fieldcode)
{
	const char *text = fieldcode == PG_DIAG_SQLSTATE ? result->sqlstate : result->message;
	union {
		const char *from;
		char *to;
	} plain = { .from = text };

	return plain.to;
}

char *PQcmdStatus(PGresult *result)
{
	union {
		const char *from;
		char *to;
	} plain = { .from = result->tag };

	return plain.to;
}

int PQntuples(const PGresult *result)
{
	return result->rows;
}

static const char *value_of(const PGresult *result, int row, int column)
{
	assert_true(row >= 0 && row < result->rows && column >= 0 && column < result->columns);
	return result->values[row * result->columns + column];
}

int PQgetisnull(const PGresult *result, int row, int column)
{
	return value_of(result, row, column) == NULL;
}

char *PQgetvalue(const PGresult *result, int row, int column)
{
	const char *value = value_of(result, row, column);
	union {
		const char *from;
		char *to;
	} plain = { .from = value ? value : "" };

	return plain.to;
}

int PQgetCopyData(PGconn *conn, char **buffer, int async)
{
	const sp_buf *bytes;

	assert_true(conn->open);
	assert_int_equal(async, 1);
	*buffer = NULL;
	if (is_waiting())
		return 0;
	if (is(COPY_BREAKS)) {
		go_bad(current()->text);
		return -2;
	}
	if (is(COPY_END)) {
		fake.at++;
		return -1;
	}
	if (!is(BYTES))
		return -1; /* an error ends the rows: PQgetResult() has it */
	bytes = &current()->bytes;
	*buffer = take_memory(bytes->len + 1); /* libpq adds a NUL as well */
	memcpy(*buffer, sp_buf_text(bytes), bytes->len + 1);
	fake.at++;
	return (int)bytes->len;
}

int PQputCopyData(PGconn *conn, const char *buffer, int nbytes)
{
	assert_true(conn->open);
	if (is_waiting())
		return 0;
	if (is(PUT_FAILS)) {
		go_bad(current()->text);
		return -1;
	}
	keep(fake.sent, &fake.sent_len, sizeof(fake.sent) - 1, buffer, (size_t)nbytes);
	return 1;
}

int PQputCopyEnd(PGconn *conn, const char *errormsg)
{
	assert_true(conn->open);
	assert_null(errormsg);
	if (counts_down(BUSY) || is(SILENCE) || is(CANCEL)) {
		is_waiting();
		return 0;
	}
	if (is(PUT_FAILS)) {
		go_bad(current()->text);
		return -1;
	}
	fake.sent_end = true;
	return 1;
}
