#include <config.h>

#include "core/ledger/operations.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/sql.h"
#include "core/ledger/local.h"

#define SHORTEST 4  /* characters of a UUID */
#define SHOWN    10 /* of those that a beginning may mean */

const char *const sp_operation_statuses[] = { "running",     "done", "failed",
	                                          "interrupted", "lost", NULL };

/* --- one list of both --------------------------------------------------------------------- */

static sp_json *copy_of(const sp_json *item, sp_error *err)
{
	sp_buf text = { 0 };
	sp_json *copy = NULL;

	if (sp_json_print(item, false, &text))
		copy = sp_json_parse(text.data, text.len, "operation", err);
	else
		sp_fail_memory(err);
	sp_buf_free(&text);
	return copy;
}

/* What the lists are merged from: pointers into them. */
typedef struct {
	const sp_json **items;
	size_t count;
} merged;

/* Unreadable ones have no time, and come last. */
static const char *time_of(const sp_json *item)
{
	const char *text = sp_json_text(item, "created_at");

	return text ? text : "";
}

static int newest_first(const void *a, const void *b)
{
	const sp_json *const *x = a, *const *y = b;
	int order = strcmp(time_of(*y), time_of(*x));

	return order ? order : strcmp(sp_json_text(*x, "uuid"), sp_json_text(*y, "uuid"));
}

static bool take_all(merged *to, const sp_json *list, sp_error *err)
{
	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at)) {
		const sp_json **grown = NULL;

		if (!(to->count & (to->count - 1)))
			grown = reallocarray(to->items, to->count ? 2 * to->count : 1, sizeof *grown);
		if (!grown && !(to->count & (to->count - 1)))
			return sp_fail_memory(err);
		if (grown)
			to->items = grown;
		to->items[to->count++] = at;
	}
	return true;
}

static bool is_open(const sp_json *item)
{
	const char *status = sp_json_text(item, "status");

	return !strcmp(status, "running") || !strcmp(status, "lost");
}

/* Of an operation that lost the database and ended here, its end counts. */
static bool has_better(const merged *all, const sp_json *item)
{
	if (!is_open(item) || strcmp(sp_json_text(item, "recorded"), "database") != 0)
		return false;
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i] != item &&
		    !strcmp(sp_json_text(all->items[i], "uuid"), sp_json_text(item, "uuid")))
			return true;
	return false;
}

/* --- of the database -------------------------------------------------------------------------- */

static bool is_readable(const sp_own_schema *own)
{
	return own->there && own->trusted && own->readable && own->version == SP_OWN_SCHEMA_VERSION;
}

static bool add_row(sp_json *to, const char *text, sp_error *err)
{
	sp_json *row = sp_json_parse(text, strlen(text), "operation", err);

	if (!row)
		return false;
	sp_json_add_text(row, "recorded", "database");
	return sp_json_add(to, NULL, row) || sp_fail_memory(err);
}

/*
 * Locks are looked at first, rows afterwards: what has ended in between has
 * changed its row before it gave its lock back.
 */
static bool add_ledger(sp_db *db, const char *status, const char *beginning, int64_t limit,
                       sp_json *to, sp_error *err)
{
	sp_rows *lost = sp_db_query(db, sp_sql_ledger_lost, 0, NULL, err), *rows = NULL;
	char most[24];
	bool ok;

	snprintf(most, sizeof most, "%" PRId64, limit);
	if (lost) {
		const char *params[] = { sp_rows_get(lost, 0, 0), status, beginning, most };

		rows = sp_db_query(db, sp_sql_ledger_list, 4, params, err);
	}
	ok = rows != NULL;
	for (int i = 0; ok && i < sp_rows_count(rows); i++)
		ok = add_row(to, sp_rows_get(rows, i, 0), err);
	sp_rows_free(rows);
	sp_rows_free(lost);
	return ok;
}

/* --- of this machine -------------------------------------------------------------------- */

static bool fits(const sp_json *item, const char *instance, const char *beginning)
{
	const char *of = sp_json_text(item, "instance");

	/* nobody knows of an unreadable one where it belongs */
	return (!instance || !of || !strcmp(of, instance)) &&
	       (!beginning || !strncmp(sp_json_text(item, "uuid"), beginning, strlen(beginning)));
}

static bool add_local(const char *instance, const char *beginning, sp_json *to, sp_error *err)
{
	sp_json *all = sp_json_array(), *copy;
	bool ok = all ? sp_local_list(all, err) : sp_fail_memory(err);

	for (const sp_json *at = sp_json_first(all); ok && at; at = sp_json_next(at)) {
		if (!fits(at, instance, beginning))
			continue;
		copy = copy_of(at, err);
		sp_json_add_text(copy, "recorded", "local");
		ok = copy && (sp_json_add(to, NULL, copy) || sp_fail_memory(err));
	}
	sp_json_free(all);
	return ok;
}

/* --- asking ---------------------------------------------------------------------------------- */

static sp_json *merge(const sp_json *found, const char *status, int64_t limit, sp_error *err)
{
	merged all = { 0 };
	sp_json *list = sp_json_array(), *copy;
	bool ok = list ? take_all(&all, found, err) : sp_fail_memory(err);

	if (ok && all.count)
		qsort(all.items, all.count, sizeof *all.items, newest_first);
	for (size_t i = 0; ok && i < all.count && limit > 0; i++) {
		if (has_better(&all, all.items[i]) ||
		    (status && strcmp(sp_json_text(all.items[i], "status"), status) != 0))
			continue;
		copy = copy_of(all.items[i], err);
		ok = copy && (sp_json_add(list, NULL, copy) || sp_fail_memory(err));
		limit--;
	}
	free(all.items);
	if (ok)
		return list;
	sp_json_free(list);
	return NULL;
}

static sp_json *look(sp_db *db, const sp_own_schema *own, const char *instance, const char *status,
                     const char *beginning, int64_t limit, sp_error *err)
{
	sp_json *found = sp_json_array(), *list = NULL;
	bool ok = found || sp_fail_memory(err);

	if (ok && is_readable(own))
		ok = add_ledger(db, status, beginning, limit, found, err);
	if (ok && add_local(instance, beginning, found, err))
		list = merge(found, status, limit, err);
	sp_json_free(found);
	return list;
}

sp_json *sp_operations_list(sp_db *db, const sp_own_schema *own, const char *instance,
                            const char *status, int64_t limit, sp_error *err)
{
	const char *const *at = sp_operation_statuses;

	while (status && *at && strcmp(*at, status) != 0)
		at++;
	if (!*at) {
		sp_fail(err, SP_USAGE, NULL, N_("--status %s is no status here; there are: %s"), status,
		        "running, done, failed, interrupted, lost");
		return NULL;
	}
	return look(db, own, instance, status, NULL, limit, err);
}

static bool fail_several(const sp_json *found, const char *beginning, sp_error *err)
{
	sp_buf list = { 0 };
	int i = 0;

	for (const sp_json *at = sp_json_first(found); at && i < SHOWN; at = sp_json_next(at))
		sp_buf_addf(&list, "%s%s", i++ ? ", " : "", sp_json_text(at, "uuid"));
	sp_fail(err, SP_USAGE, N_("Write more of it."), N_("several operations begin with %s: %s"),
	        beginning, sp_buf_text(&list));
	sp_buf_free(&list);
	return false;
}

static bool judge_found(const sp_json *found, const char *beginning, sp_error *err)
{
	const sp_json *first = sp_json_first(found);

	if (!first)
		return sp_fail(err, SP_USAGE,
		               N_("\"spaceport list operations\" shows those that there are."),
		               N_("there is no operation %s"), beginning);
	return !sp_json_next(first) || fail_several(found, beginning, err);
}

sp_json *sp_operations_find(sp_db *db, const sp_own_schema *own, const char *beginning,
                            sp_error *err)
{
	char small[SP_UUID_LEN + 1];
	sp_json *found = NULL, *one = NULL;
	size_t len = strlen(beginning), i;

	if (len < SHORTEST || len > SP_UUID_LEN ||
	    strspn(beginning, "0123456789abcdefABCDEF-") != len) {
		sp_fail(err, SP_USAGE, N_("Write its UUID, or at least the first 4 characters of it."),
		        N_("%s is no UUID of an operation, nor the beginning of one"), beginning);
		return NULL;
	}
	for (i = 0; i <= len; i++)
		small[i] = (char)tolower((unsigned char)beginning[i]);
	found = look(db, own, NULL, NULL, small, SHOWN + 1, err);
	if (found && judge_found(found, small, err))
		one = copy_of(sp_json_first(found), err);
	sp_json_free(found);
	return one;
}
