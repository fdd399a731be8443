#include <config.h>

#include "core/plan/about.h"

const char *const sp_uuid_strategies[SP_UUIDS] = { "generate", "preserve", "hybrid" };
const char *const sp_strategies[SP_STRATEGIES] = { "smart", "skip", "overwrite", "rename" };
