/*
 * Everything that can be known of a package without a database: its container
 * (zip_scan.h), checksums and lists (walk.h), what its entries hold
 * (contents.h).
 */
#ifndef SP_PACKAGE_VALIDATE_H
#define SP_PACKAGE_VALIDATE_H

#include "core/base/json.h"
#include "core/package/check.h"

/*
 * Reads the package behind `fd` (the caller's). `check` has its name, limits,
 * job and whom to tell; afterwards sp_checking_code() of it says what came out.
 * Appends to `result` what was learned:
 *
 *   {"profile": "native"|"foreign", "format", "format_version", "file_size",
 *    "entries", "bytes", "counts", "signature" (signature.h)}
 *
 * False and an error only where the check itself failed: the file can't be
 * read, memory is out, it was cancelled. Damage is told, not an error.
 */
bool sp_validate(int fd, sp_checking *check, sp_json *result, sp_error *err);

/*
 * Reads what was just written, from its first byte to its last, only to see that
 * it is whole: container, checksums, lists, rows; not what validate compares
 * beyond. False and an error that names the first damage, or as sp_validate().
 */
bool sp_validate_whole(int fd, const char *name, sp_job *job, sp_error *err);

#endif
