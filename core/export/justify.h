/*
 * Justifications that stand inside an annotation's value, where HQ has no
 * table for them: `<field>_justification` beside a field, `justification` in
 * the items of an array, and `_thinking_trace`.
 */
#ifndef SP_EXPORT_JUSTIFY_H
#define SP_EXPORT_JUSTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/model/identity.h"

/*
 * Appends a line of JSON (with its line end) to `lines` for each justification
 * in `row`, an annotation as sp_pack_row() made it: the shape of the table's
 * rows (id, annotation_id, field_name, reasoning, model_name, score,
 * created_at; what else there is as evidence_payload), and `__inline`, the
 * JSON Pointer to where it stands. *count is how many.
 */
bool sp_justifications(sp_identity *identity, const sp_row_uuid *annotation, const char *row,
                       size_t len, sp_buf *lines, size_t *count, sp_error *err);

#endif
