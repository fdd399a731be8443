#include <config.h>

#include "core/package/schemas.h"

#include <string.h>

#include "core/package/schema_tables.h"

const sp_json_schema *sp_schema_find(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof tables / sizeof *tables; i++) {
		if (strcmp(tables[i].name, name) == 0)
			return tables[i].schema;
	}
	return NULL;
}
