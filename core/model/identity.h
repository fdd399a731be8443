/*
 * Who a row is: its source's own UUID, and the one that a package carries.
 *
 * Derived UUIDs are of version 8 (RFC 9562, 5.8), from the SHA-256 of these
 * texts, each ended by a NUL: "instance", system identifier "/" oid of the
 * database (or the name that a person gave it) for an instance; "row", instance,
 * kind, natural key for a row without a UUID; "uuid", instance, old UUID for one
 * that is not to be shown.
 */
#ifndef SP_MODEL_IDENTITY_H
#define SP_MODEL_IDENTITY_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/base/hash.h"

typedef struct sp_identity sp_identity;

typedef struct {
	char own[SP_UUID_LEN + 1];     /* the source's */
	char package[SP_UUID_LEN + 1]; /* the package's */
} sp_row_uuid;

/* `instance`: sp_catalog's system_id, or what its profile calls it; a UUID is
 * taken as it is. `preserve`: packages carry the source's own. */
sp_identity *sp_identity_create(const char *instance, bool preserve, sp_error *err);
void sp_identity_free(sp_identity *identity);

/* The instance's own UUID; the identity's. */
const char *sp_identity_instance(const sp_identity *identity);

/* Whether `name`, its UUID or what a person called it, means the instance of this UUID; false and
 * an error where memory is out. */
bool sp_identity_means(const char *name, const char *instance, sp_error *err);

/*
 * A row's two UUIDs from its key (an own one that is no plain text is never
 * preserved): "u" and the UUID that it has, or "d", its
 * kind, ":" and its natural key. An odd own UUID (longer than usual) is
 * derived as a natural key would be.
 */
void sp_identity_row(sp_identity *identity, const char *key, size_t len, sp_row_uuid *uuid);

/* Asked at the end of whatever used it: false and an error where some UUID couldn't
 * be derived, and is all zeros. */
bool sp_identity_check(const sp_identity *identity, sp_error *err);

#endif
