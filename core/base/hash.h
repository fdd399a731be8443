/* SHA-256 (FIPS 180-4, by libcrypto) and the UUIDs made from it. */
#ifndef SP_BASE_HASH_H
#define SP_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

#define SP_SHA256_LEN 32
#define SP_SHA256_HEX 64
#define SP_UUID_LEN 36

typedef struct sp_sha256 sp_sha256;

/* A hasher, ready for data; NULL and an error where libcrypto can't. */
sp_sha256 *sp_sha256_create(sp_error *err);
void sp_sha256_update(sp_sha256 *sha, const void *data, size_t len);
/* Writes 64 lower-case hex digits and a NUL, and starts anew. Like the two
 * below: false, with zeroes instead of a result, where libcrypto failed since
 * the last one (it doesn't, unless it is broken). */
bool sp_sha256_hex(sp_sha256 *sha, char hex[SP_SHA256_HEX + 1]);
/* Writes the 32 bytes, and starts anew. */
bool sp_sha256_bytes(sp_sha256 *sha, unsigned char bytes[SP_SHA256_LEN]);
void sp_sha256_free(sp_sha256 *sha);

/*
 * The UUID version 8 (RFC 9562, 5.8) whose bits are the first 128 of the
 * SHA-256 over what was hashed since the last result, with version and
 * variant set; 36 lower-case characters and a NUL. Starts anew.
 */
bool sp_sha256_uuid(sp_sha256 *sha, char uuid[SP_UUID_LEN + 1]);

/* True where `text` is a UUID in its usual form (any case, any version). */
bool sp_is_uuid(const char *text);

#endif
