#include <config.h>

#include "core/export/harvest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/model/refs.h"

typedef struct {
	const sp_selection *selection;
	const sp_table *table;
	const sp_column **columns; /* of the fields of a row, in order */
	sp_spool *found;
	int64_t owner; /* id of the row at hand */
	bool is_run;   /* the rows are the run itself */
	int tables[SP_ENTITY_COUNT];
} harvest;

static bool note(void *ctx, const sp_ref *ref, sp_error *err)
{
	harvest *h = ctx;
	char line[128];
	int len;

	if (ref->kind < 0 || h->tables[ref->kind] < 0)
		return true;
	/* kept in a file beside: the connection is busy sending */
	len = snprintf(line, sizeof(line), "%" PRId64 "\t%d\t%" PRId64 "\t%c\t%s\n", h->owner,
	               h->tables[ref->kind], ref->id, ref->own && h->is_run ? 't' : 'f',
	               ref->uuid ? ref->uuid : "");
	return sp_spool_write(h->found, line, (size_t)len, err);
}

static bool take(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	harvest *h = ctx;
	int i;

	h->owner = sp_field_int(&fields[0]);
	for (i = 0, fields++; i + 1 < count; i++) {
		const sp_column *column = h->columns[i];
		bool json = column->form == SP_COLUMN_JSON || column->form == SP_COLUMN_JSONB;

		if (fields[i].data && !sp_refs_scan(h->table->name, column->name, json, fields[i].data,
		                                    fields[i].len, note, h, err))
			return false;
	}
	return true;
}

/* The five parts of a line that note() wrote. */
static bool split(char *line, char *part[5])
{
	int i;

	for (i = 0; i < 5 && line; i++) {
		part[i] = line;
		line = strchr(line, '\t');
		if (line)
			*line++ = '\0';
	}
	return i == 5;
}

static bool store(harvest *h, bool may_follow, sp_error *err)
{
	sp_db *db = h->selection->db;
	char *line, *part[5] = { NULL };
	size_t len;

	if (!sp_spool_size(h->found))
		return true;
	if (!sp_spool_rewind(h->found, err) ||
	    !sp_db_copy_in(db, "pg_temp.sp_json_ref (owner, t, id, needed, uuid, may_follow)", err))
		return false;
	while ((line = sp_spool_line(h->found, &len, err))) {
		if (!split(line, part))
			return sp_fail(err, SP_FAILED, NULL,
			               N_("a temporary file was changed by somebody else"));
		const char *values[] = {
			part[0], part[1], part[2], part[3], *part[4] ? part[4] : NULL, may_follow ? "t" : "f"
		};

		if (!sp_db_copy_row(db, values, 6, err))
			return false;
	}
	return !sp_error_is_set(err) && sp_db_copy_end(db, err);
}

/* The SELECT list; false where the table has no such column. */
static bool add_columns(harvest *h, sp_buf *sql, sp_buf *where)
{
	int i, count = 0;

	for (i = 0; i < h->table->count; i++) {
		const sp_column *column = &h->table->columns[i];
		const char *cheap =
			column->form == SP_COLUMN_JSON ? NULL : sp_refs_where(h->table->name, column->name);

		if (!sp_refs_in(h->table->name, column->name))
			continue;
		sp_buf_adds(sql, count ? ", " : "SELECT t.id::bigint, ");
		sp_buf_adds(where, count ? " OR " : " AND (");
		h->columns[count++] = column;
		if (cheap) {
			sp_buf_addf(sql, "CASE WHEN %s THEN ", cheap);
			sp_buf_adds(where, cheap);
		}
		sp_buf_adds(sql, "t.");
		sp_sql_ident(sql, column->name);
		sp_buf_adds(sql, cheap ? "::text END" : "::text");
		if (!cheap) {
			sp_buf_adds(where, "t.");
			sp_sql_ident(where, column->name);
			sp_buf_adds(where, " IS NOT NULL");
		}
	}
	sp_buf_addc(where, ')');
	return count > 0;
}

bool sp_harvest(const sp_selection *selection, int table, const char *from, bool may_follow,
                sp_error *err)
{
	const sp_column *columns[64];
	harvest h = { .selection = selection,
		          .table = &selection->catalog->tables[table],
		          .columns = columns,
		          .is_run = table == selection->run_table };
	sp_buf sql = { 0 }, where = { 0 };
	bool ok = false;
	int kind;

	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		h.tables[kind] = sp_kind_table(selection->catalog, (sp_kind)kind);
	if (!add_columns(&h, &sql, &where)) {
		ok = true;
		goto out;
	}
	sp_buf_addf(&sql, " %s%s", from, sp_buf_text(&where));
	if (sql.failed || where.failed) {
		sp_fail_memory(err);
		goto out;
	}
	h.found = sp_spool_create(NULL, err);
	ok = h.found && sp_db_copy_out(selection->db, sql.data, take, &h, err) &&
	     store(&h, may_follow, err);
out:
	sp_spool_free(h.found);
	sp_buf_free(&sql);
	sp_buf_free(&where);
	return ok;
}
