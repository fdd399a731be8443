#include <config.h>

#include "core/db/db.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/db/internal.h"

#define POLL_MS 100

struct sp_rows {
	PGresult *result;
};

double sp_db_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- errors ------------------------------------------------------------- */

static bool fail_silent(sp_db *db, sp_error *err)
{
	return sp_fail(err, SP_NO_CONNECTION,
	               N_("Check the network and the server's load; --timeout allows more silence."),
	               N_("the database server gave no sign of life for %d seconds"), db->timeout);
}

static const char *hint_of(const char *state, const char *text)
{
	if (!strcmp(state, "42501") && strstr(text, "row-level security"))
		return N_("Some rows are hidden from this login, so nothing is read: use one that may "
		          "see them all (BYPASSRLS).");
	if (!strcmp(state, "42501"))
		return N_("Ask an administrator to grant this login SELECT on the tables of "
		          "open-politics-hq, USAGE on their schema and TEMPORARY on the database.");
	if (!strcmp(state, "55P03"))
		return N_("Another session holds a lock, perhaps a migration: try again later.");
	if (!strcmp(state, "40001") || !strcmp(state, "40P01"))
		return N_("Others write to the same rows: try again later.");
	if (!strcmp(state, "53100"))
		return N_("The server's disk is full: make room there and try again.");
	if (!strncmp(state, "42", 2))
		return N_("The tables may have changed while they were read: try again.");
	return NULL;
}

/* Serialization failures, deadlocks, locks that aren't given; and keys that somebody took, or rows
 * that somebody deleted, since the snapshot was taken. */
static bool is_crossed(const char *state)
{
	static const char *const states[] = { "40001", "40P01", "55P03", "23503", "23505" };

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (!strcmp(states[i], state))
			return true;
	return false;
}

static sp_code code_of(const char *state)
{
	if (!strncmp(state, "08", 2) || !strncmp(state, "57P", 3))
		return SP_NO_CONNECTION;
	if (!strcmp(state, "42501"))
		return SP_NOT_ALLOWED;
	if (!strcmp(state, "55P03") || !strcmp(state, "40001") || !strcmp(state, "40P01"))
		return SP_TARGET_CHANGED;
	return SP_FAILED;
}

void sp_db_trim(char *text)
{
	size_t len = strlen(text);

	while (len && strchr("\r\n ", text[len - 1]))
		text[--len] = '\0';
	for (; *text; text++)
		if (strchr("\r\n\t", *text))
			*text = ' ';
}

bool sp_db_fail_connection(sp_db *db, sp_error *err)
{
	char *text = strdup(PQerrorMessage(db->conn));

	if (!text)
		return sp_fail_memory(err);
	sp_db_trim(text);
	sp_fail(err, SP_NO_CONNECTION,
	        N_("Check that the server runs and that the network reaches it, then try again."),
	        N_("the connection to the database server broke: %s"), text);
	free(text);
	return false;
}

static bool fail_result(sp_db *db, const PGresult *result, sp_error *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (!state || !text || PQstatus(db->conn) == CONNECTION_BAD)
		return sp_db_fail_connection(db, err);
	db->crossed = is_crossed(state);
	return sp_fail(err, code_of(state), hint_of(state, text),
	               N_("the database server answered: %s (SQLSTATE %s)"), text, state);
}

/* --- waiting ------------------------------------------------------------ */

/*
 * Waits until the socket is ready for `events`. *silence is when the wait
 * began to be silent: any byte from the server sets it anew.
 */
static bool wait_socket(sp_db *db, short events, double since, sp_error *err)
{
	struct pollfd fd = { .fd = PQsocket(db->conn), .events = events };
	int n;

	for (;;) {
		if (db->job && !sp_job_go_on(db->job, err))
			return false;
		n = poll(&fd, 1, POLL_MS);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return sp_fail_errno(err, errno, N_("waiting for the database server"));
		if (sp_db_now() - since > db->timeout) {
			if (!db->works || !db->works(db->works_ctx, PQbackendPID(db->conn)))
				return fail_silent(db, err);
			since = sp_db_now();
		}
		if (db->job)
			sp_job_add(db->job, 0, 0);
	}
}

static bool flush(sp_db *db, sp_error *err)
{
	double since = sp_db_now();
	int n;

	while ((n = PQflush(db->conn)) > 0) {
		if (!wait_socket(db, POLLIN | POLLOUT, since, err))
			return false;
		if (!PQconsumeInput(db->conn))
			return sp_db_fail_connection(db, err);
		since = sp_db_now();
	}
	return n == 0 || sp_db_fail_connection(db, err);
}

/* The next result of what was sent, NULL (and no error) after the last. */
static bool next_result(sp_db *db, PGresult **result, sp_error *err)
{
	double since = sp_db_now();

	*result = NULL;
	while (PQisBusy(db->conn)) {
		if (!wait_socket(db, POLLIN, since, err))
			return false;
		if (!PQconsumeInput(db->conn))
			return sp_db_fail_connection(db, err);
		since = sp_db_now();
	}
	*result = PQgetResult(db->conn);
	return true;
}

/* After an interrupted wait the connection is in the middle of something:
 * nothing but closing it is left. */
static void abandon(sp_db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
}

static bool is_open(sp_db *db, sp_error *err)
{
	if (db->conn)
		return true;
	return sp_fail(err, SP_NO_CONNECTION, NULL, N_("the database connection is closed"));
}

/* Takes all results of what was sent; keeps the last good one in *last. */
static bool take_results(sp_db *db, PGresult **last, sp_error *err)
{
	PGresult *result;
	bool ok = true;

	*last = NULL;
	db->crossed = false;
	for (;;) {
		if (!next_result(db, &result, err)) {
			abandon(db);
			ok = false;
			break;
		}
		if (!result)
			break;
		if (PQresultStatus(result) != PGRES_COMMAND_OK &&
		    PQresultStatus(result) != PGRES_TUPLES_OK && ok)
			ok = fail_result(db, result, err);
		PQclear(*last);
		*last = result;
		if (PQresultStatus(result) == PGRES_COPY_IN || PQresultStatus(result) == PGRES_COPY_OUT)
			break;
	}
	if (!ok) {
		PQclear(*last);
		*last = NULL;
	}
	return ok;
}

/* --- statements --------------------------------------------------------- */

bool sp_db_exec(sp_db *db, const char *sql, sp_error *err)
{
	PGresult *last;
	bool ok;

	if (!is_open(db, err))
		return false;
	if (!PQsendQuery(db->conn, sql))
		return sp_db_fail_connection(db, err);
	ok = flush(db, err) && take_results(db, &last, err);
	if (ok)
		PQclear(last);
	return ok;
}

bool sp_db_exec_buf(sp_db *db, sp_buf *sql, sp_error *err)
{
	bool ok = sql->failed ? sp_fail_memory(err) : !sql->len || sp_db_exec(db, sql->data, err);

	sp_buf_free(sql);
	return ok;
}

bool sp_db_was_crossed(const sp_db *db)
{
	return db->crossed;
}

void sp_db_ask_when_silent(sp_db *db, sp_db_works_fn *works, void *ctx)
{
	db->works = works;
	db->works_ctx = ctx;
}

bool sp_db_commit(sp_db *db, sp_error *err)
{
	PGresult *last;
	bool ok;

	if (!is_open(db, err))
		return false;
	if (!PQsendQuery(db->conn, "COMMIT"))
		return sp_db_fail_connection(db, err);
	if (!flush(db, err) || !take_results(db, &last, err))
		return false;
	/* COMMIT of a failed transaction is "OK" with the tag ROLLBACK */
	ok = !strcmp(PQcmdStatus(last), "COMMIT");
	PQclear(last);
	return ok ||
	       sp_fail(err, SP_FAILED, NULL, N_("the database server rolled the transaction back"));
}

sp_rows *sp_db_query(sp_db *db, const char *sql, int nparams, const char *const *params,
                     sp_error *err)
{
	sp_rows *rows = NULL;
	PGresult *last;

	if (!is_open(db, err))
		return NULL;
	if (!PQsendQueryParams(db->conn, sql, nparams, NULL, params, NULL, NULL, 0)) {
		sp_db_fail_connection(db, err);
		return NULL;
	}
	if (!flush(db, err) || !take_results(db, &last, err))
		return NULL;
	rows = malloc(sizeof(*rows));
	if (!rows) {
		PQclear(last);
		sp_fail_memory(err);
		return NULL;
	}
	rows->result = last;
	return rows;
}

sp_rows *sp_db_query_buf(sp_db *db, sp_buf *sql, int nparams, const char *const *params,
                         sp_error *err)
{
	sp_rows *rows = NULL;

	if (sql->failed)
		sp_fail_memory(err);
	else
		rows = sp_db_query(db, sql->data, nparams, params, err);
	sp_buf_free(sql);
	return rows;
}

int sp_rows_count(const sp_rows *rows)
{
	return PQntuples(rows->result);
}

const char *sp_rows_get(const sp_rows *rows, int row, int column)
{
	return PQgetisnull(rows->result, row, column) ? NULL : PQgetvalue(rows->result, row, column);
}

int64_t sp_rows_int(const sp_rows *rows, int row, int column)
{
	return strtoll(PQgetvalue(rows->result, row, column), NULL, 10);
}

bool sp_rows_bool(const sp_rows *rows, int row, int column)
{
	return *PQgetvalue(rows->result, row, column) == 't';
}

void sp_rows_free(sp_rows *rows)
{
	if (!rows)
		return;
	PQclear(rows->result);
	free(rows);
}

/* --- COPY out ----------------------------------------------------------- */

/* The file header of the binary format: signature, flags, extension length;
 * https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". */
#define COPY_HEADER 19
#define MAX_FIELDS  1664 /* the most a SELECT list can have */

typedef struct {
	sp_copy_fn *fn;
	void *ctx;
	bool header_seen;
	sp_field fields[MAX_FIELDS];
} copy_out;

static uint32_t read_u32(const char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return be32toh(n);
}

int64_t sp_field_int(const sp_field *field)
{
	uint64_t n;

	if (!field->data)
		return 0;
	if (field->len == sizeof(uint32_t))
		return (int32_t)read_u32(field->data);
	if (field->len != sizeof(n))
		return 0;
	memcpy(&n, field->data, sizeof(n));
	return (int64_t)be64toh(n);
}

static bool fail_protocol(sp_error *err)
{
	return sp_fail(err, SP_NO_CONNECTION, NULL,
	               N_("the database server sent a COPY row that can't be read"));
}

static bool take_tuple(copy_out *copy, const char *p, size_t len, sp_error *err)
{
	const char *end = p + len;
	int i, count;

	if (!copy->header_seen) {
		/* no flags, no extension */
		if (len < COPY_HEADER || memcmp(p, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0", COPY_HEADER) != 0)
			return fail_protocol(err);
		p += COPY_HEADER;
		copy->header_seen = true;
	}
	if (p == end)
		return true;
	if (end - p < 2)
		return fail_protocol(err);
	count = (int16_t)(((unsigned char)p[0] << 8) | (unsigned char)p[1]);
	p += 2;
	if (count == -1) /* the trailer */
		return true;
	if (count < 0 || count > MAX_FIELDS)
		return fail_protocol(err);
	for (i = 0; i < count; i++) {
		uint32_t size;

		if (end - p < 4)
			return fail_protocol(err);
		size = read_u32(p);
		p += 4;
		if (size == UINT32_MAX) {
			copy->fields[i] = (sp_field){ NULL, 0 };
			continue;
		}
		if ((size_t)(end - p) < size)
			return fail_protocol(err);
		copy->fields[i] = (sp_field){ p, size };
		p += size;
	}
	return p == end ? copy->fn(copy->ctx, copy->fields, count, err) : fail_protocol(err);
}

static bool read_copy(sp_db *db, copy_out *copy, sp_error *err)
{
	double since = sp_db_now();
	char *row;
	int len;
	bool ok;

	for (;;) {
		len = PQgetCopyData(db->conn, &row, 1);
		if (len == -1)
			return true;
		if (len == -2)
			return sp_db_fail_connection(db, err);
		if (len > 0) {
			ok = take_tuple(copy, row, (size_t)len, err);
			PQfreemem(row);
			if (!ok)
				return false;
			since = 0;
			continue;
		}
		/* what the caller took to digest a row isn't the server's silence */
		if (since == 0)
			since = sp_db_now();
		if (!wait_socket(db, POLLIN, since, err))
			return false;
		if (!PQconsumeInput(db->conn))
			return sp_db_fail_connection(db, err);
		since = 0;
	}
}

/* Sends a COPY, freeing its text; the first answer to it. */
static bool begin_copy(sp_db *db, sp_buf *sql, PGresult **result, sp_error *err)
{
	bool ok = false;

	if (!is_open(db, err))
		goto cleanup;
	if (sql->failed) {
		sp_fail_memory(err);
		goto cleanup;
	}
	if (!PQsendQuery(db->conn, sql->data)) {
		sp_db_fail_connection(db, err);
		goto cleanup;
	}
	ok = flush(db, err) && next_result(db, result, err);
	if (!ok)
		abandon(db);
cleanup:
	sp_buf_free(sql);
	return ok;
}

bool sp_db_copy_out(sp_db *db, const char *query, sp_copy_fn *fn, void *ctx, sp_error *err)
{
	copy_out copy = { .fn = fn, .ctx = ctx };
	sp_buf sql = { 0 };
	PGresult *result = NULL;
	bool ok = false;

	sp_buf_addf(&sql, "COPY (%s) TO STDOUT (FORMAT binary)", query);
	if (!begin_copy(db, &sql, &result, err))
		goto out;
	if (PQresultStatus(result) != PGRES_COPY_OUT) {
		fail_result(db, result, err);
		PQclear(result);
		result = NULL;
		take_results(db, &result, err); /* the first error stays */
		goto out;
	}
	if (!read_copy(db, &copy, err)) {
		abandon(db);
		goto out;
	}
	PQclear(result);
	result = NULL;
	ok = take_results(db, &result, err);
out:
	PQclear(result);
	return ok;
}

bool sp_db_copy_out_buf(sp_db *db, sp_buf *query, sp_copy_fn *fn, void *ctx, sp_error *err)
{
	bool ok = query->failed ? sp_fail_memory(err) : sp_db_copy_out(db, query->data, fn, ctx, err);

	sp_buf_free(query);
	return ok;
}

/* --- COPY in ------------------------------------------------------------ */

bool sp_db_copy_in(sp_db *db, const char *target, sp_error *err)
{
	sp_buf sql = { 0 };
	PGresult *result = NULL;
	bool ok;

	sp_buf_addf(&sql, "COPY %s FROM STDIN", target);
	ok = begin_copy(db, &sql, &result, err) &&
	     (PQresultStatus(result) == PGRES_COPY_IN || fail_result(db, result, err));
	PQclear(result);
	return ok;
}

static bool send_copy(sp_db *db, const char *data, size_t len, sp_error *err)
{
	double since = sp_db_now();
	int n;

	while ((n = PQputCopyData(db->conn, data, (int)len)) == 0) {
		if (!wait_socket(db, POLLIN | POLLOUT, since, err)) {
			abandon(db);
			return false;
		}
		if (!PQconsumeInput(db->conn))
			return sp_db_fail_connection(db, err);
	}
	return n == 1 || sp_db_fail_connection(db, err);
}

/* Text format: tab between fields, \N for NULL, backslash before backslash
 * and the three that would end a field or line. */
static void add_copy_field(sp_buf *buf, const char *value)
{
	if (!value) {
		sp_buf_adds(buf, "\\N");
		return;
	}
	for (; *value; value++) {
		size_t plain = strcspn(value, "\\\t\n\r");

		sp_buf_add(buf, value, plain);
		value += plain;
		if (!*value)
			break;
		sp_buf_addc(buf, '\\');
		sp_buf_addc(buf, *value == '\t' ? 't' : *value == '\n' ? 'n' : *value == '\r' ? 'r' : '\\');
	}
}

bool sp_db_copy_row(sp_db *db, const char *const *values, int count, sp_error *err)
{
	sp_buf line = { 0 };
	bool ok;
	int i;

	if (!is_open(db, err))
		return false;
	for (i = 0; i < count; i++) {
		if (i)
			sp_buf_addc(&line, '\t');
		add_copy_field(&line, values[i]);
	}
	sp_buf_addc(&line, '\n');
	ok = line.failed ? sp_fail_memory(err) : send_copy(db, line.data, line.len, err);
	sp_buf_free(&line);
	return ok;
}

bool sp_db_copy_end(sp_db *db, sp_error *err)
{
	double since = sp_db_now();
	PGresult *last;
	int n;

	if (!is_open(db, err))
		return false;
	while ((n = PQputCopyEnd(db->conn, NULL)) == 0)
		if (!wait_socket(db, POLLOUT, since, err)) {
			abandon(db);
			return false;
		}
	if (n < 0)
		return sp_db_fail_connection(db, err);
	if (!flush(db, err) || !take_results(db, &last, err))
		return false;
	PQclear(last);
	return true;
}

/* --- SQL text ----------------------------------------------------------- */

static void add_quoted(sp_buf *buf, const char *text, char quote)
{
	sp_buf_addc(buf, quote);
	for (; *text; text++) {
		if (*text == quote)
			sp_buf_addc(buf, quote);
		sp_buf_addc(buf, *text);
	}
	sp_buf_addc(buf, quote);
}

void sp_sql_ident(sp_buf *buf, const char *name)
{
	add_quoted(buf, name, '"');
}

void sp_sql_column(sp_buf *buf, const char *alias, const char *name)
{
	sp_buf_addf(buf, "%s.", alias);
	sp_sql_ident(buf, name);
}

void sp_sql_literal(sp_buf *buf, const char *text)
{
	add_quoted(buf, text, '\'');
}
