/* Looks into a package of spaceport's own format: what it is, and whether it
 * is whole (walk.h says what is checked). No database. */
#ifndef SP_PACKAGE_INSPECT_H
#define SP_PACKAGE_INSPECT_H

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/package/check.h"
#include "core/package/signature.h"

/*
 * What is in the package behind `fd` (the caller's), whose name for errors is
 * `name`:
 *
 *   {"format", "format_version", "file_size", "entries", "bytes" (unpacked),
 *    "counts": {kind: {"entries", "rows", "bytes"}}, "signature": {...}
 *    (signature.h), "manifest": {...}}
 *
 * "rows" is there for kinds that have rows. The caller frees it. NULL and
 * SP_BAD_PACKAGE (naming the entry), SP_INCOMPATIBLE (another format, or a
 * version that is newer), SP_INTERRUPTED or SP_FAILED.
 */
sp_json *sp_inspect(int fd, const char *name, sp_job *job, sp_error *err);

/* The same; what isn't signed by a key of `trust` (NULL: nobody asks) is
 * refused, and `tell` hears of what isn't as spaceport writes it, but no damage;
 * of damage too, which is also the error. */
sp_json *sp_inspect_and_tell(int fd, const char *name, const sp_trust *trust, sp_job *job,
                             sp_finding_fn *tell, void *ctx, sp_error *err);

#endif
