#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/sign_internal.h"

/* A key has some hundred bytes. */
#define FILE_BYTES ((size_t)64 << 10)
#define KEY_END    ".key"
#define PUBLIC_END ".pub"
/* scrypt's (RFC 7914) cost: 16 MiB, as much as OpenSSL takes back by default */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 5

#define FORM                                                                                       \
	N_("Keys are PEM files, as \"spaceport keygen\" or \"openssl genpkey -algorithm ed25519\" "    \
	   "makes them.")

/* A file's only PEM block. */
typedef struct {
	char *name; /* "PRIVATE KEY" */
	unsigned char *data;
	long len;
} block;

/* --- reading --- */

static bool check_secret(int fd, const char *path, sp_error *err)
{
	struct stat st;
	mode_t others;

	if (fstat(fd, &st) != 0)
		return sp_fail_errno(err, errno, N_("can't look at \"%s\""), path);
	if (S_ISDIR(st.st_mode))
		return sp_fail_errno(err, EISDIR, N_("can't read \"%s\""), path);
	/* what another owner gives a group is theirs to decide; a pipe has no readers */
	others = st.st_uid == geteuid() ? S_IRWXG | S_IRWXO : S_IRWXO;
	if (S_ISREG(st.st_mode) && st.st_mode & others)
		return sp_fail(err, SP_USAGE, N_("Make it yours alone: chmod 600 FILE."),
		               N_("\"%s\" is a secret, but others may read or change it"), path);
	return true;
}

int sp_open_secret(const char *path, sp_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		sp_fail_errno(err, errno, N_("can't open \"%s\""), path);
		return -1;
	}
	if (check_secret(fd, path, err))
		return fd;
	(void)close(fd);
	return -1;
}

/* All of it into `data`, FILE_BYTES long; a longer one isn't a key either way. */
static bool read_all(int fd, const char *path, char *data, size_t *len, sp_error *err)
{
	ssize_t n;

	*len = 0;
	do {
		n = read(fd, data + *len, FILE_BYTES - *len);
		if (n < 0)
			return sp_fail_errno(err, errno, N_("can't read \"%s\""), path);
		*len += (size_t)n;
	} while (n > 0 && *len < FILE_BYTES);
	return true;
}

static void free_block(block *block)
{
	OPENSSL_free(block->name);
	OPENSSL_secure_clear_free(block->data, (size_t)block->len);
	block->name = NULL;
	block->data = NULL;
	block->len = 0;
}

/* The block in the text; with none, or with another one behind it, nothing. */
static void find_block(const char *text, size_t len, block *found)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	block more = { 0 };
	char *header = NULL;

	if (bio && PEM_read_bio_ex(bio, &found->name, &header, &found->data, &found->len,
	                           PEM_FLAG_SECURE) == 1) {
		OPENSSL_secure_free(header);
		header = NULL;
		if (PEM_read_bio_ex(bio, &more.name, &header, &more.data, &more.len, PEM_FLAG_SECURE) == 1)
			free_block(found);
		OPENSSL_secure_free(header);
		free_block(&more);
	}
	BIO_free(bio);
	ERR_clear_error();
}

static bool read_block(const char *path, bool secret, block *found, sp_error *err)
{
	int fd = secret ? sp_open_secret(path, err) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *data = NULL;
	size_t len;
	bool ok = false;

	if (fd < 0)
		return secret ? false : sp_fail_errno(err, errno, N_("can't open \"%s\""), path);
	data = OPENSSL_malloc(FILE_BYTES);
	if (!data)
		sp_fail_memory(err);
	else
		ok = read_all(fd, path, data, &len, err);
	if (ok) {
		find_block(data, len, found);
		ok = found->name ||
		     sp_fail(err, SP_USAGE, FORM, N_("\"%s\" isn't one key in PEM form"), path);
	}
	OPENSSL_clear_free(data, FILE_BYTES);
	(void)close(fd);
	return ok;
}

/* Whether libcrypto made a key of it, and one that signs as packages are signed. */
static bool check_type(EVP_PKEY *pkey, const char *path, sp_error *err)
{
	const char *type = pkey ? EVP_PKEY_get0_type_name(pkey) : NULL;

	ERR_clear_error();
	if (!pkey)
		return sp_fail(err, SP_USAGE, FORM, N_("\"%s\" holds no key that can be read"), path);
	if (EVP_PKEY_is_a(pkey, SP_KEY_TYPE))
		return true;
	return sp_fail(err, SP_USAGE, FORM,
	               N_("the key in \"%s\" is of the type %s instead of Ed25519"), path,
	               type ? type : "?");
}

static bool fail_form(const block *found, const char *path, sp_error *err)
{
	if (strcmp(found->name, PEM_STRING_PUBLIC) == 0)
		return sp_fail(err, SP_USAGE, N_("Sign with the private key, NAME.key."),
		               N_("\"%s\" holds a public key"), path);
	if (strstr(found->name, "PRIVATE KEY") && strcmp(found->name, PEM_STRING_PKCS8INF) != 0 &&
	    strcmp(found->name, PEM_STRING_PKCS8) != 0)
		return sp_fail(err, SP_USAGE, FORM, N_("the private key in \"%s\" isn't one of PKCS#8"),
		               path);
	return sp_fail(err, SP_USAGE, FORM, N_("\"%s\" holds no key, but: %s"), path, found->name);
}

/* --- private keys --- */

static PKCS8_PRIV_KEY_INFO *decrypt(const block *found, const char *path, sp_passphrase_fn *ask,
                                    void *ctx, sp_error *err)
{
	const unsigned char *at = found->data;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &at, found->len);
	PKCS8_PRIV_KEY_INFO *info = NULL;
	char passphrase[SP_MOST_PASSPHRASE];
	size_t len = 0;

	if (!sealed)
		return NULL;
	if (!ask)
		sp_fail(err, SP_USAGE, N_("Use a key without one, or sign with a command."),
		        N_("the key in \"%s\" needs a passphrase"), path);
	else if (ask(ctx, path, passphrase, sizeof passphrase, &len, err) &&
	         !(info = PKCS8_decrypt(sealed, passphrase, (int)len)))
		sp_fail(err, SP_USAGE, NULL, N_("the passphrase of \"%s\" is wrong, or the key is damaged"),
		        path);
	OPENSSL_cleanse(passphrase, sizeof passphrase);
	X509_SIG_free(sealed);
	return info;
}

static EVP_PKEY *take_private(const block *found, const char *path, sp_passphrase_fn *ask,
                              void *ctx, sp_error *err)
{
	const unsigned char *at = found->data;
	PKCS8_PRIV_KEY_INFO *info = NULL;
	EVP_PKEY *pkey = NULL;

	if (strcmp(found->name, PEM_STRING_PKCS8INF) == 0)
		info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, found->len);
	else if (strcmp(found->name, PEM_STRING_PKCS8) == 0)
		info = decrypt(found, path, ask, ctx, err);
	else
		fail_form(found, path, err);
	if (info)
		pkey = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (sp_error_is_set(err) || !check_type(pkey, path, err)) {
		ERR_clear_error();
		EVP_PKEY_free(pkey);
		return NULL;
	}
	return pkey;
}

sp_private_key *sp_private_key_read(const char *path, sp_passphrase_fn *ask, void *ctx,
                                    sp_error *err)
{
	block found = { 0 };
	EVP_PKEY *pkey = NULL;

	if (read_block(path, true, &found, err))
		pkey = take_private(&found, path, ask, ctx, err);
	free_block(&found);
	return pkey ? sp_private_key_wrap(pkey, err) : NULL;
}

/* --- public keys --- */

static bool take_public(const block *found, const char *path, sp_public_key *key, sp_error *err)
{
	const unsigned char *at = found->data;
	size_t len = SP_PUBLIC_KEY_LEN;
	EVP_PKEY *pkey;
	bool ok;

	if (strstr(found->name, "PRIVATE KEY"))
		return sp_fail(err, SP_USAGE,
		               N_("Name the public key, NAME.pub; this one is not to be shared."),
		               N_("\"%s\" holds a private key"), path);
	if (strcmp(found->name, PEM_STRING_PUBLIC) != 0)
		return fail_form(found, path, err);
	pkey = d2i_PUBKEY(NULL, &at, found->len);
	ok = check_type(pkey, path, err) &&
	     (EVP_PKEY_get_raw_public_key(pkey, key->bytes, &len) == 1 || sp_fail_openssl(err));
	EVP_PKEY_free(pkey);
	return ok;
}

bool sp_public_key_read(const char *path, sp_public_key *key, sp_error *err)
{
	block found = { 0 };
	bool ok = read_block(path, false, &found, err) && take_public(&found, path, key, err);

	free_block(&found);
	return ok;
}

/* --- writing --- */

/* As "openssl pkcs8 -scrypt" does. */
static X509_SIG *encrypt(EVP_PKEY *pkey, const char *passphrase, size_t len)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	X509_ALGOR *how =
		info ? PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P)
			 : NULL;
	X509_SIG *sealed = how ? PKCS8_set0_pbe(passphrase, (int)len, info, how) : NULL;

	/* only in the result is it somebody's */
	if (!sealed)
		X509_ALGOR_free(how);
	PKCS8_PRIV_KEY_INFO_free(info);
	return sealed;
}

static bool print_private(BIO *bio, EVP_PKEY *pkey, const char *passphrase, size_t len)
{
	X509_SIG *sealed;
	bool ok;

	if (!len)
		return PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1;
	sealed = encrypt(pkey, passphrase, len);
	ok = sealed && PEM_write_bio_PKCS8(bio, sealed) == 1;
	X509_SIG_free(sealed);
	return ok;
}

/* Writes what stands in `bio`. */
static bool write_file(int folder, const char *name, const char *end, mode_t mode, BIO *bio,
                       sp_error *err)
{
	sp_buf path = { 0 };
	sp_out *out = NULL;
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	bool ok = false;

	sp_buf_addf(&path, "%s%s", name, end);
	if (path.failed)
		sp_fail_memory(err);
	else
		out = sp_out_open_at(folder, path.data, mode, err);
	if (out && sp_out_write(out, data, (size_t)len, err))
		ok = sp_out_commit(out, err);
	else
		sp_out_discard(out);
	sp_buf_free(&path);
	return ok;
}

/* The public one first: taking that back loses nothing. */
static bool write_pair(int folder, const char *name, BIO *private, BIO *public, sp_error *err)
{
	sp_buf path = { 0 };
	bool ok;

	sp_buf_addf(&path, "%s" PUBLIC_END, name);
	if (path.failed)
		return sp_fail_memory(err);
	ok = write_file(folder, name, PUBLIC_END, 0644, public, err);
	if (ok && !write_file(folder, name, KEY_END, 0600, private, err)) {
		(void)unlinkat(folder, path.data, 0);
		ok = false;
	}
	sp_buf_free(&path);
	return ok;
}

/* The folder that NAME stands in, and *bare, its part behind that. -1 and an error. */
static int open_folder(const char *name, const char **bare, sp_error *err)
{
	const char *slash = strrchr(name, '/');
	sp_buf folder = { 0 };
	int fd = -1;

	*bare = slash ? slash + 1 : name;
	sp_buf_add(&folder, name, slash ? (size_t)(slash - name + 1) : 0);
	if (folder.failed)
		sp_fail_memory(err);
	else if (!**bare)
		sp_fail(err, SP_USAGE, N_("Name a file."), N_("\"%s\" is not the name of a file"), name);
	else if ((fd = open(slash ? folder.data : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		sp_fail_errno(err, errno, N_("can't open the folder \"%s\""), slash ? folder.data : ".");
	sp_buf_free(&folder);
	return fd;
}

bool sp_key_pair_write(const sp_private_key *key, const char *name, const char *passphrase,
                       size_t len, sp_error *err)
{
	const char *bare;
	int folder = open_folder(name, &bare, err);
	BIO *private = BIO_new(BIO_s_secmem()), *public = BIO_new(BIO_s_mem());
	bool ok = folder >= 0;

	if (ok && (!private || !public || !print_private(private, key->pkey, passphrase, len) ||
	           PEM_write_bio_PUBKEY(public, key->pkey) != 1))
		ok = sp_fail_openssl(err);
	ok = ok && write_pair(folder, bare, private, public, err);
	BIO_free(private);
	BIO_free(public);
	if (folder >= 0)
		(void)close(folder);
	return ok;
}
