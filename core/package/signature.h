/*
 * Who made a package, as far as that can be told: checksums.sha256.sig holds
 * an Ed25519 signature over the bytes of checksums.sha256, and manifest.json
 * names its key; doc/package-format.md has the rules.
 */
#ifndef SP_PACKAGE_SIGNATURE_H
#define SP_PACKAGE_SIGNATURE_H

#include <stdbool.h>

#include "core/base/json.h"
#include "core/base/sign.h"
#include "core/package/check.h"

#define SP_SIGNATURE           "checksums.sha256.sig"
#define SP_SIGNATURE_ALGORITHM "Ed25519"

/* The public keys of those whose packages are trusted: at first none. */
typedef struct sp_trust sp_trust;
sp_trust *sp_trust_create(sp_error *err);
void sp_trust_free(sp_trust *trust);
/* The key in this file; see sp_public_key_read(). */
bool sp_trust_add(sp_trust *trust, const char *path, sp_error *err);

typedef enum {
	SP_SIGNATURE_UNKNOWN,  /* damaged or too new: nothing can be told */
	SP_SIGNATURE_NONE,     /* unsigned */
	SP_SIGNATURE_RIGHT,    /* whose key it is wasn't asked */
	SP_SIGNATURE_TRUSTED,  /* by a key that is trusted */
	SP_SIGNATURE_UNTRUSTED /* right, but by none of those */
} sp_signature_state;

typedef struct {
	sp_signature_state state;
	sp_public_key key;      /* where it is signed */
	const char *trusted_as; /* the trust's; NULL: not trusted */
} sp_signature;

/*
 * The last word on a package that was read: where the check asks for trust
 * (sp_checking.trust), what isn't signed by one of these keys is refused. True
 * where the check may go on, as sp_found().
 */
bool sp_signature_judge(sp_signature *signature, sp_checking *check, sp_error *err);

/*
 * Adds "signature": {"state", "algorithm", "public_key", "fingerprint",
 * "trusted_as"} to `to`; the state is "unsigned", "signed", "trusted" or
 * "untrusted", the rest is there where it is known. Nothing where the state
 * isn't known. False: memory.
 */
bool sp_signature_json(const sp_signature *signature, sp_json *to);
/* The same for a package that was written just now, with this key (NULL:
 * unsigned); the state is "own" then. */
bool sp_signature_own_json(const sp_private_key *key, sp_json *to);

/* The manifest's member, {"algorithm", "public_key"}; false: memory. */
bool sp_signature_to_manifest(const sp_public_key *key, sp_json *manifest);

#endif
