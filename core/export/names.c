#include <config.h>

#include "core/export/names.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
	int64_t id;
	int32_t table;
	char uuid[SP_UUID_LEN + 1]; /* "": left out */
} name;

struct sp_names {
	name *list;
	size_t count, room;
	sp_identity *identity;
	const name **by_uuid; /* the list in that order */
};

static int compare(const void *a, const void *b)
{
	const name *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static bool take(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	sp_names *names = ctx;
	sp_row_uuid uuid = { "", "" };
	name *entry;

	(void)count;
	if (names->count == names->room) {
		size_t room = names->room ? names->room + names->room / 2 : 1024;
		name *list = realloc(names->list, room * sizeof(*list));

		if (!list)
			return sp_fail_memory(err);
		names->list = list;
		names->room = room;
	}
	if (fields[2].data)
		sp_identity_row(names->identity, fields[2].data, fields[2].len, &uuid);
	entry = &names->list[names->count++];
	entry->table = (int32_t)sp_field_int(&fields[0]);
	entry->id = sp_field_int(&fields[1]);
	memcpy(entry->uuid, uuid.package, sizeof(entry->uuid));
	return true;
}

static int compare_uuids(const void *a, const void *b)
{
	const name *const *x = a, *const *y = b;

	return strcmp((*x)->uuid, (*y)->uuid);
}

static int compare_uuid(const void *uuid, const void *entry)
{
	const name *const *at = entry;

	return strcmp(uuid, (*at)->uuid);
}

static bool index_uuids(sp_names *names, sp_error *err)
{
	size_t i;

	names->by_uuid = calloc(names->count + 1, sizeof(*names->by_uuid));
	if (!names->by_uuid)
		return sp_fail_memory(err);
	for (i = 0; i < names->count; i++)
		names->by_uuid[i] = &names->list[i];
	qsort(names->by_uuid, names->count, sizeof(*names->by_uuid), compare_uuids);
	return true;
}

sp_names *sp_names_load(sp_db *db, const char *query, sp_identity *identity, sp_error *err)
{
	sp_names *names = calloc(1, sizeof(*names));

	if (!names) {
		sp_fail_memory(err);
		return NULL;
	}
	names->identity = identity;
	if (!sp_db_copy_out(db, query, take, names, err) || !index_uuids(names, err)) {
		sp_names_free(names);
		return NULL;
	}
	return names;
}

void sp_names_free(sp_names *names)
{
	if (!names)
		return;
	free(names->list);
	free(names->by_uuid);
	free(names);
}

const char *sp_names_get(const sp_names *names, int table, int64_t id)
{
	name key = { .id = id, .table = (int32_t)table };
	const name *found = NULL;

	if (names->count)
		found = bsearch(&key, names->list, names->count, sizeof(key), compare);

	return found ? found->uuid : NULL;
}

bool sp_names_has(const sp_names *names, const char *uuid)
{
	return names->count &&
	       bsearch(uuid, names->by_uuid, names->count, sizeof(*names->by_uuid), compare_uuid);
}
