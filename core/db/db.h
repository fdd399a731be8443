/*
 * A connection to PostgreSQL: statements, COPY streams, time-outs.
 * The only user of libpq. Nothing waits longer than the time-out without a
 * sign of life from the server, and each wait ends when the job is cancelled.
 * A connection belongs to one thread at a time.
 */
#ifndef SP_DB_DB_H
#define SP_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/job/job.h"

typedef struct sp_db sp_db;
typedef struct sp_rows sp_rows;

/* Silence of the server that counts as a dead connection, in seconds. */
#define SP_DB_TIMEOUT         120
#define SP_DB_CONNECT_TIMEOUT 10

/*
 * True where `conninfo` (a libpq string or URI; NULL: environment only) can
 * be parsed and holds no password. Otherwise false and SP_USAGE; the error
 * never repeats the string.
 */
bool sp_db_check_conninfo(const char *conninfo, sp_error *err);

/*
 * Connects, checks the server's version (13 or later) and pins the session:
 * UTC, ISO dates, UTF8, row_security off, search_path pg_catalog, lock and
 * idle time-outs. `timeout`: seconds, see above; `connect_timeout`: seconds for
 * each host until the session begins, 0: as the string or PGCONNECT_TIMEOUT say, else
 * SP_DB_CONNECT_TIMEOUT. `job` may be NULL. Errors: SP_USAGE, SP_NO_CONNECTION,
 * SP_INCOMPATIBLE.
 */
sp_db *sp_db_open(const char *conninfo, int timeout, int connect_timeout, sp_job *job,
                  sp_error *err);
void sp_db_close(sp_db *db);

/* From now on waits end where this job is cancelled; NULL: by the time-out only. */
void sp_db_follow(sp_db *db, sp_job *job);

/* Asked where the server was silent for the time-out: whether its process `pid` works on what it
 * was asked, as some other connection sees it. Then the wait goes on. */
typedef bool sp_db_works_fn(void *ctx, int pid);
void sp_db_ask_when_silent(sp_db *db, sp_db_works_fn *works, void *ctx);

/* How far a connection came. */
typedef enum {
	SP_DB_NOWHERE,
	SP_DB_REACHED,  /* something listens there */
	SP_DB_TALKING,  /* it is encrypted, or needn't be */
	SP_DB_SIGNED_IN /* what failed then is version or session */
} sp_db_stage;

typedef struct {
	sp_db_stage stage;
	char tls[16];           /* "TLSv1.3"; "" where it isn't encrypted */
	time_t certificate_end; /* when the server's stops being good; 0: not known */
} sp_db_attempt;

/* As sp_db_open(), and says how far it came where it fails. */
sp_db *sp_db_try(const char *conninfo, int timeout, int connect_timeout, sp_job *job,
                 sp_db_attempt *attempt, sp_error *err);

/* Seconds of a clock that nobody sets. */
double sp_db_now(void);

/* As PQserverVersion(): 150018. */
int sp_db_server_version(const sp_db *db);
/* Where it leads, for people: the database's name, the host (an address, or the folder
 * of a socket), and who is signed in. Never NULL; owned by db. */
const char *sp_db_database(const sp_db *db);
const char *sp_db_server(const sp_db *db);
const char *sp_db_login(const sp_db *db);
/* The time zone of HQ's sessions, "unknown" where it can't be told. Owned by db. */
const char *sp_db_time_zone(const sp_db *db);

/* Runs one or more statements without parameters; results are dropped. */
bool sp_db_exec(sp_db *db, const char *sql, sp_error *err);
/* The same with statements that were built, of which there may be none; frees the buffer. */
bool sp_db_exec_buf(sp_db *db, sp_buf *sql, sp_error *err);

/* Whether the last statement failed for what others did at the same time: then the same transaction
 * may do when it is tried again. */
bool sp_db_was_crossed(const sp_db *db);

/* COMMIT; false also where the server rolled back instead. */
bool sp_db_commit(sp_db *db, sp_error *err);

/*
 * Runs one statement with text parameters (NULL: SQL NULL) and keeps its
 * rows, for small results only. Free with sp_rows_free().
 */
sp_rows *sp_db_query(sp_db *db, const char *sql, int nparams, const char *const *params,
                     sp_error *err);
/* The same with a statement that was built; frees the buffer. */
sp_rows *sp_db_query_buf(sp_db *db, sp_buf *sql, int nparams, const char *const *params,
                         sp_error *err);
int sp_rows_count(const sp_rows *rows);
/* Text of a field, NULL for SQL NULL; valid as long as the rows. */
const char *sp_rows_get(const sp_rows *rows, int row, int column);
int64_t sp_rows_int(const sp_rows *rows, int row, int column); /* NULL: 0 */
bool sp_rows_bool(const sp_rows *rows, int row, int column);
void sp_rows_free(sp_rows *rows);

/* A field of a COPY row: raw bytes as the type's binary form has them (text:
 * its UTF-8; int8: see sp_field_int()); data NULL: SQL NULL. */
typedef struct {
	const char *data;
	size_t len;
} sp_field;

/* The number in a field of type int8 or int4; NULL: 0. */
int64_t sp_field_int(const sp_field *field);

typedef bool sp_copy_fn(void *ctx, const sp_field *fields, int count, sp_error *err);

/*
 * Runs `query` as COPY (query) TO STDOUT in binary format, which needs no
 * unescaping, and hands each row to `fn`; one row is held at a time. Columns
 * must be text, int4 or int8. Nothing that fn saw counts before this returns
 * true. Where fn returns false, as where a wait ends, the connection is closed:
 * what the server still sends is of no use.
 */
bool sp_db_copy_out(sp_db *db, const char *query, sp_copy_fn *fn, void *ctx, sp_error *err);
/* The same with a query that was built; frees the buffer. */
bool sp_db_copy_out_buf(sp_db *db, sp_buf *query, sp_copy_fn *fn, void *ctx, sp_error *err);

/* COPY `target` ("table (column, …)") FROM STDIN in text format: begin, rows
 * (count values; NULL: SQL NULL), end. After an error nothing was kept. */
bool sp_db_copy_in(sp_db *db, const char *target, sp_error *err);
bool sp_db_copy_row(sp_db *db, const char *const *values, int count, sp_error *err);
bool sp_db_copy_end(sp_db *db, sp_error *err);

/* `name` as a quoted identifier, appended to `buf`. */
void sp_sql_ident(sp_buf *buf, const char *name);
/* alias."name". */
void sp_sql_column(sp_buf *buf, const char *alias, const char *name);
/* `text` as a quoted literal (standard_conforming_strings), appended. */
void sp_sql_literal(sp_buf *buf, const char *text);

#endif
