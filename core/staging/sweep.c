#include <config.h>

#include "core/staging/sweep.h"

#include "core/db/sql.h"

/* An advisory lock made of the second half of the operation's UUID; the first half is that of its
 * record (core/ledger). */
static const char key[] = "('x' || right(replace(%s::text, '-', ''), 16))::bit(64)::bigint";

bool sp_staging_hold(sp_db *db, const char *operation, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT pg_advisory_lock(");
	sp_buf_addf(&sql, key, "$1");
	sp_buf_addc(&sql, ')');
	rows = sp_db_query_buf(db, &sql, 1, &operation, err);
	sp_rows_free(rows);
	return rows != NULL;
}

void sp_staging_lost_sql(const char *uuid, sp_buf *sql)
{
	sp_buf_adds(sql, "NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND"
	                 " l.objsubid = 1 AND l.granted AND l.database = (SELECT d.oid FROM"
	                 " pg_database d WHERE d.datname = current_database()) AND"
	                 " (l.classid::bigint << 32 | l.objid::bigint) = ");
	sp_buf_addf(sql, key, uuid);
	sp_buf_addc(sql, ')');
}

/* One after the other: together they may be more than the server has locks for. */
bool sp_staging_drop(sp_db *db, const char *operation, sp_error *err)
{
	sp_rows *rows = sp_db_query(db, sp_sql_staging_tables, 1, &operation, err);
	sp_buf sql = { 0 };
	bool ok = rows != NULL;

	for (int i = 0; ok && i < sp_rows_count(rows); i++) {
		sp_buf_addf(&sql, "DROP TABLE IF EXISTS %s CASCADE", sp_rows_get(rows, i, 0));
		ok = sp_db_exec_buf(db, &sql, err);
	}
	sp_rows_free(rows);
	return ok;
}

bool sp_staging_sweep(sp_db *db, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool ok;

	sp_buf_adds(&sql, "SELECT x.uuid FROM (");
	sp_buf_adds(&sql, sp_sql_stagings);
	sp_buf_adds(&sql, ") x WHERE ");
	sp_staging_lost_sql("x.uuid", &sql);
	rows = sp_db_query_buf(db, &sql, 0, NULL, err);
	ok = rows != NULL;
	for (int i = 0; ok && i < sp_rows_count(rows); i++)
		ok = sp_staging_drop(db, sp_rows_get(rows, i, 0), err);
	sp_rows_free(rows);
	return ok;
}
