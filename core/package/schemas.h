/* The JSON Schemas of the files in a package, as doc/schemas has them. */
#ifndef SP_PACKAGE_SCHEMAS_H
#define SP_PACKAGE_SCHEMAS_H

#include "core/base/json_schema.h"

/* By the name of its file, without ".json"; NULL where there is none (name
 * NULL: the same). */
const sp_json_schema *sp_schema_find(const char *name);

#endif
