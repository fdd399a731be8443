/* Keys, for the two files that know libcrypto's. */
#ifndef SP_BASE_SIGN_INTERNAL_H
#define SP_BASE_SIGN_INTERNAL_H

#include <openssl/types.h>

#include "core/base/sign.h"

#define SP_KEY_TYPE "ED25519"

struct sp_private_key {
	EVP_PKEY *pkey;
	sp_public_key public;
};

/* Takes the key, which is one of the type above; NULL: libcrypto has failed. */
sp_private_key *sp_private_key_wrap(EVP_PKEY *pkey, sp_error *err);

/* Fails with what there is to say where libcrypto did, and empties its queue of
 * errors. */
bool sp_fail_openssl(sp_error *err);

#endif
