/* Where packages go: their names, and the folder they lie in. */
#ifndef SP_EXPORT_TARGET_H
#define SP_EXPORT_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"

/* Appends the name that a run's package gets: "stance-run-2-17.zip" for the run
 * "Stance run (2)" with the id 17. */
void sp_target_name(sp_buf *path, const char *run, int64_t id);

/* True where a folder is there. */
bool sp_target_is_folder(const char *path);

#endif
