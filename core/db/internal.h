/* What the files of core/db share. */
#ifndef SP_DB_INTERNAL_H
#define SP_DB_INTERNAL_H

#include <libpq-fe.h>

#include "core/db/db.h"

struct sp_db {
	PGconn *conn;
	sp_job *job;
	int timeout;         /* seconds of silence that end a wait */
	int connect_timeout; /* seconds a host, 0: not said */
	char *time_zone;
	bool crossed; /* see sp_db_was_crossed() */
	sp_db_works_fn *works; /* asked before silence ends a wait */
	void *works_ctx;
};

/* libpq's texts end with a line end and may have several lines: makes it one. */
void sp_db_trim(char *text);
/* Fails with what libpq says about the connection. */
bool sp_db_fail_connection(sp_db *db, sp_error *err);

#endif
