/*
 * What stays out of packages because it is secret (secrets.h) stays where it is: a value that comes
 * from a package gets what the value here has of that, in its place. So it is no difference
 * either, and nothing that is written over it takes it away.
 */
#ifndef SP_MODEL_PUT_BACK_H
#define SP_MODEL_PUT_BACK_H

#include "core/base/buf.h"
#include "core/base/error.h"

/*
 * Appends the JSON text `theirs` with the secrets of `ours`: members of the same objects, in the
 * order that they have here, and texts for which there is null. `details`: of source.details,
 * where more is secret. Lists are gone through where they are of one length. Costs are those
 * of a sort. Errors: memory.
 */
bool sp_put_back(bool details, const char *theirs, size_t their_len, const char *ours,
                 size_t our_len, sp_buf *to, sp_error *err);

#endif
