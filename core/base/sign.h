/*
 * Ed25519 signatures (RFC 8032, pure, by libcrypto) and the files that hold
 * their keys, as OpenSSL's own tools write and read them: PEM (RFC 7468), a
 * private key as PKCS#8, encrypted or not, a public one as SubjectPublicKeyInfo
 * (RFC 8410).
 */
#ifndef SP_BASE_SIGN_H
#define SP_BASE_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

#define SP_PUBLIC_KEY_LEN 32
#define SP_SIGNATURE_LEN  64
/* of 32 bytes in base64 */
#define SP_KEY_TEXT_LEN    44
#define SP_FINGERPRINT_LEN 50
#define SP_MOST_PASSPHRASE 1024

typedef struct {
	unsigned char bytes[SP_PUBLIC_KEY_LEN];
} sp_public_key;

/* With its public key; overwritten in memory when it is freed. */
typedef struct sp_private_key sp_private_key;

/* --- keys --- */

/* A new one; NULL and an error where libcrypto can't. */
sp_private_key *sp_private_key_make(sp_error *err);
void sp_private_key_free(sp_private_key *key);
const sp_public_key *sp_private_key_public(const sp_private_key *key);

/* The key in base64 (RFC 4648), as a package names it, and back: false where the
 * text isn't exactly that. */
bool sp_public_key_text(const sp_public_key *key, char text[SP_KEY_TEXT_LEN + 1]);
bool sp_public_key_parse(const char *text, sp_public_key *key);

/* "SHA256:" and the SHA-256 of the key's 32 bytes in base64 without padding: what
 * people compare. False where libcrypto fails: memory. */
bool sp_public_key_fingerprint(const sp_public_key *key, char text[SP_FINGERPRINT_LEN + 1]);

/* --- signatures --- */

/* Over all of `data` at once: Ed25519 reads what it signs twice. */
bool sp_sign(const sp_private_key *key, const void *data, size_t len,
             unsigned char signature[SP_SIGNATURE_LEN], sp_error *err);
/* *right: whether it is this key's signature of the data. False and an error
 * only where that can't be told. */
bool sp_verify(const sp_public_key *key, const void *data, size_t len,
               const unsigned char signature[SP_SIGNATURE_LEN], bool *right, sp_error *err);

/* --- files --- */

/* Asked for the passphrase of the key in `path`: up to `size` bytes into `room`,
 * which is overwritten afterwards. False and an error where there is none. */
typedef bool sp_passphrase_fn(void *ctx, const char *path, char *room, size_t size, size_t *len,
                              sp_error *err);

/*
 * The private key in a file, or in what a pipe brings. `ask` is called where it
 * is encrypted; NULL: such a key is refused. NULL and SP_USAGE for what is no
 * such key, is readable by others, or a wrong passphrase; SP_FAILED where it
 * can't be read.
 */
sp_private_key *sp_private_key_read(const char *path, sp_passphrase_fn *ask, void *ctx,
                                    sp_error *err);
bool sp_public_key_read(const char *path, sp_public_key *key, sp_error *err);

/*
 * Writes NAME.key (mode 0600; encrypted with AES-256 and scrypt where a passphrase
 * is given, len 0: none) and NAME.pub (0644). SP_USAGE where one of them exists;
 * after an error neither is there that wasn't.
 */
bool sp_key_pair_write(const sp_private_key *key, const char *name, const char *passphrase,
                       size_t len, sp_error *err);

/* Opens a file that holds a secret, to be read; refuses one that others may
 * read, and folders. -1 and an error. */
int sp_open_secret(const char *path, sp_error *err);

#endif
