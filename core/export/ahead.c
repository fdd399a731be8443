#include <config.h>

#include "core/export/ahead.h"

#include <stdlib.h>
#include <string.h>

static bool take_first(sp_ahead *ahead, bool ok, sp_error *err)
{
	sp_coming *file = &ahead->files[ahead->first];

	ok = ok && ahead->fn(ahead->ctx, file, err);
	free(file->name);
	file->name = NULL;
	ahead->first = (ahead->first + 1) % SP_STORE_AHEAD;
	ahead->count--;
	return ok;
}

bool sp_ahead_add(sp_ahead *ahead, const sp_field *row, sp_error *err)
{
	sp_coming *file;

	if (ahead->count == SP_STORE_AHEAD && !take_first(ahead, true, err))
		return false;
	file = &ahead->files[(ahead->first + ahead->count) % SP_STORE_AHEAD];
	*file = (sp_coming){ .number = sp_field_int(&row[0]), .size = sp_field_int(&row[2]) };
	file->name = strndup(row[1].data, row[1].len);
	if (!file->name)
		return sp_fail_memory(err);
	if (row[3].data && row[3].len == SP_SHA256_HEX)
		memcpy(file->sha256, row[3].data, SP_SHA256_HEX);
	ahead->count++;
	sp_store_expect(ahead->store, file->name);
	return true;
}

bool sp_ahead_end(sp_ahead *ahead, bool ok, sp_error *err)
{
	while (ahead->count)
		ok = take_first(ahead, ok, err);
	return ok;
}
