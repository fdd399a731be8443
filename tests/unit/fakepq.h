/*
 * A libpq that follows a script, for what no server does on demand. Linked
 * into a test program it takes the place of the library's functions that
 * core/db calls; parsing of connection strings stays the library's.
 *
 * A script is a list of steps in the order in which the calls are to come;
 * a call that fits no step fails the test.
 */
#ifndef SP_TESTS_UNIT_FAKEPQ_H
#define SP_TESTS_UNIT_FAKEPQ_H

#include <stdbool.h>
#include <stddef.h>

#include "core/db/db.h"

/* The server's process. */
#define FAKE_PID 4711

/* cmocka's setup (an empty script) and teardown (fails where steps are left,
 * or results or the connection weren't given back). */
int fake_begin(void **state);
int fake_end(void **state);

/* The next statement must contain `text`; what follows is its answer. */
void fake_query(const char *text);
void fake_send_fails(const char *text); /* it can't even be sent */
void fake_done(const char *tag);        /* "COMMIT", "SET" … */
void fake_rows(int columns, int rows, const char *const *values);
void fake_error(const char *sqlstate, const char *message);
void fake_fatal(const char *message); /* an error without a SQLSTATE */

/* COPY out: the answer that it begins, rows (with the header before the
 * first), raw bytes instead, and the trailer. */
void fake_copy_out(void);
void fake_row(int count, const sp_field *fields);
void fake_bytes(const void *data, size_t len);
void fake_copy_end(void);
void fake_copy_breaks(const char *message); /* PQgetCopyData says -2 */

/* COPY in: the answer that it begins; each call to put rows or the end takes
 * what comes unless the next step is one of these. */
void fake_copy_in(void);
void fake_put_fails(const char *message);

/* For waits of any kind: `n` times not yet, then on; never again; the job is
 * cancelled at this point, and silence; the connection breaks. */
void fake_busy(int n);
void fake_silence(void);
void fake_cancel(sp_job *job);
void fake_breaks(const char *message);

/* Sending: `n` times more to flush; or it fails. */
void fake_flush(int n);
void fake_flush_fails(const char *message);

/* Connecting: PQconnectStartParams gives nothing, or a dead connection; or
 * PQconnectPoll says one failed, asking for a password or not. */
void fake_no_connection(void);
void fake_dead_connection(const char *message);
void fake_poll_fails(const char *message, bool needs_password);
void fake_server_version(int version);
void fake_conninfo(const char *conninfo); /* what PQconninfo() reports */
void fake_nonblocking_fails(void);
/* The value that the last PQconnectStartParams had for a keyword, "" none. */
const char *fake_parameter(const char *keyword);

/* What is left of the script isn't to come. */
void fake_drop(void);

/* What opening a connection asks for, told that this is the time zone. */
void fake_session(const char *zone);
/* A connection: opens one by a script of its own. */
sp_db *fake_open(int timeout, sp_job *job);

/* What was put since fake_begin(), and whether its end was. */
const char *fake_sent(void);
bool fake_sent_end(void);
/* True where the connection was given up. */
bool fake_closed(void);

/* Fields for fake_row(): text, int8, int4, NULL. */
#define FAKE_TEXT(text) { text, sizeof(text) - 1 }
#define FAKE_INT8(byte) { "\0\0\0\0\0\0\0" byte, 8 }
#define FAKE_INT4(byte) { "\0\0\0" byte, 4 }
#define FAKE_NULL { NULL, 0 }

#endif
