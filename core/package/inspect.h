/*
 * Looks into a package of any format that is read (format.h): what it is, what
 * is in it, and whether it is whole (walk.h says what is checked). No database.
 * Memory doesn't grow with the package.
 */
#ifndef SP_PACKAGE_INSPECT_H
#define SP_PACKAGE_INSPECT_H

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/package/check.h"
#include "core/package/seen.h"

/* Of a sample's value, and the most rows of a kind. */
#define SP_SAMPLE_BYTES 200
#define SP_SAMPLES_MOST 100

typedef struct sp_inspection sp_inspection;

/*
 * Reads the package behind `fd` (the caller's). `check` has its name, limits, job
 * and whom to tell; the first damage, or what is newer, ends it with an error:
 * NULL and SP_BAD_PACKAGE (naming the entry), SP_INCOMPATIBLE, SP_INTERRUPTED or
 * SP_FAILED. `samples`: so many rows of each kind.
 */
sp_inspection *sp_inspect_open(int fd, sp_checking *check, unsigned samples, sp_error *err);
void sp_inspection_free(sp_inspection *inspection);

/*
 * What was found, the caller's:
 *
 *   {"format": "spaceport"|"hq"|"universal", "format_version", "profile":
 *    "native"|"foreign", "file_size", "entries", "bytes" (unpacked),
 *    "counts": {kind: {"entries", "rows", "bytes"}},
 *    "tree": [{"path", "entries", "bytes"}],
 *    "signature": {...} (signature.h),
 *    "references": {kind: how many rows outside are named},
 *    "samples": {kind: [{column: text}]},
 *    "manifest": {...} or, of other formats, "package_type" and "metadata"}
 *
 * Of counts what a kind doesn't have is missing. A sample's values are texts: a
 * JSON text's content, else the JSON; cut to SP_SAMPLE_BYTES, which an ellipsis
 * tells. NULL: memory.
 */
sp_json *sp_inspection_result(sp_inspection *inspection, sp_error *err);

/* Its entries, and the rows outside that it names, as JSON texts on a line each:
 * {"kind", "uuid", "name", …}. From the first on; *more false, or NULL, at the
 * end, or on error. */
bool sp_inspection_entry(sp_inspection *inspection, sp_seen_entry *entry, bool *more,
                         sp_error *err);
const char *sp_inspection_reference(sp_inspection *inspection, size_t *len, sp_error *err);

#endif
