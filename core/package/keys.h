/*
 * Many keys on disk, and the two questions that a package raises about them:
 * is one there twice, and which of these aren't among those? Memory holds a
 * block of them at a time, whatever their number and whoever chose them.
 */
#ifndef SP_PACKAGE_KEYS_H
#define SP_PACKAGE_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/hash.h"

#define SP_KEY_BYTES 16

/* A key, and two numbers that say where it came from. */
typedef struct {
	unsigned char bytes[SP_KEY_BYTES];
	uint64_t note[2];
} sp_key;

typedef struct sp_keys sp_keys;

/* Starts empty; NULL and an error where it can't. */
sp_keys *sp_keys_create(sp_error *err);
/* Frees them and their temporary file; may be NULL. */
void sp_keys_free(sp_keys *keys);
/* Before the first question only. */
bool sp_keys_add(sp_keys *keys, const sp_key *key, sp_error *err);

/* Called for what was found; false with an error ends it. */
typedef bool sp_key_fn(void *ctx, const sp_key *key, sp_error *err);

/* Calls for the later one of each two equal keys (of more than two: at least
 * once). */
bool sp_keys_twice(sp_keys *keys, sp_key_fn *fn, void *ctx, sp_error *err);

/* For sp_keys_compare(): either function may be NULL. */
typedef struct {
	sp_key_fn *missing;
	/* of equal ones among the present, any */
	bool (*found)(void *ctx, const sp_key *wanted, const sp_key *present, sp_error *err);
	void *ctx;
} sp_key_answers;

/* Looks for each of the `wanted` among the `present`. The missing come in the
 * order in which they were added. Uses `wanted` up. */
bool sp_keys_compare(sp_keys *wanted, sp_keys *present, const sp_key_answers *answers,
                     sp_error *err);

/* The first bytes of the text's SHA-256; of ASCII letters only the lower case
 * counts where `fold`. */
bool sp_key_of_text(sp_sha256 *sha, const char *text, size_t len, bool fold,
                    unsigned char bytes[SP_KEY_BYTES], sp_error *err);
/* The 128 bits of a UUID; false where the 36 characters aren't one. */
bool sp_key_of_uuid(const char *text, unsigned char bytes[SP_KEY_BYTES]);

#endif
