/*
 * Justifications, which generations keep in rows of their own, or inside an annotation's value
 * (doc/package-format.md, "Justifications inside values"): from one into the other. What
 * went there and back is as it was.
 */
#ifndef SP_STAGING_JUSTIFIED_H
#define SP_STAGING_JUSTIFIED_H

#include <stdint.h>

#include "core/staging/line.h"

/* The annotation's `rows` into its value: where the field stands, else beside all fields. `jsonb`:
 * it becomes one, so that evidence which no jsonb takes stays out, for it would take all with it.
 * Adds to *lost what has no place: that, and rows of a value that is no object. */
bool sp_justified_fold(sp_line *annotation, sp_line *const *rows, size_t count, bool jsonb,
                       int64_t *lost, sp_error *err);

/* Out of the value that the rows (`__inline`) were read from. */
bool sp_justified_unfold(sp_line *annotation, sp_line *const *rows, size_t count, sp_error *err);

#endif
