#include <config.h>

#include "core/package/signature.h"

#include <stdlib.h>
#include <string.h>

#include "core/package/internal.h"

/* A list of more entries than any package has; it is looked at in one piece. */
#define MOST_SIGNED ((uint64_t)1 << 30)

/* --- trust --- */

typedef struct {
	sp_public_key key;
	char *name;
} trusted;

struct sp_trust {
	trusted *keys;
	size_t count;
};

sp_trust *sp_trust_create(sp_error *err)
{
	sp_trust *trust = calloc(1, sizeof *trust);

	if (!trust)
		sp_fail_memory(err);
	return trust;
}

void sp_trust_free(sp_trust *trust)
{
	size_t i;

	if (!trust)
		return;
	for (i = 0; i < trust->count; i++)
		free(trust->keys[i].name);
	free(trust->keys);
	free(trust);
}

bool sp_trust_add(sp_trust *trust, const char *path, sp_error *err)
{
	const char *slash = strrchr(path, '/');
	trusted *grown, added = { .name = NULL };

	if (!sp_public_key_read(path, &added.key, err))
		return false;
	grown = reallocarray(trust->keys, trust->count + 1, sizeof *grown);
	if (grown)
		trust->keys = grown;
	added.name = grown ? strdup(slash ? slash + 1 : path) : NULL;
	if (!added.name)
		return sp_fail_memory(err);
	trust->keys[trust->count++] = added;
	return true;
}

/* The name of the file that holds this key; NULL: it isn't among them. */
static const char *find_key(const sp_trust *trust, const sp_public_key *key)
{
	size_t i;

	for (i = 0; i < trust->count; i++) {
		if (memcmp(trust->keys[i].key.bytes, key->bytes, SP_PUBLIC_KEY_LEN) == 0)
			return trust->keys[i].name;
	}
	return NULL;
}

bool sp_signature_judge(sp_signature *signature, sp_checking *check, sp_error *err)
{
	static const sp_place nowhere = SP_NOWHERE;
	char fingerprint[SP_FINGERPRINT_LEN + 1];

	if (!check->trust)
		return true;
	if (signature->state == SP_SIGNATURE_RIGHT) {
		signature->trusted_as = find_key(check->trust, &signature->key);
		signature->state = signature->trusted_as ? SP_SIGNATURE_TRUSTED : SP_SIGNATURE_UNTRUSTED;
	}
	if (signature->state == SP_SIGNATURE_TRUSTED)
		return true;
	if (signature->state == SP_SIGNATURE_UNTRUSTED) {
		if (!sp_public_key_fingerprint(&signature->key, fingerprint))
			return sp_fail_memory(err);
		return sp_found(check, err, SP_FOUND_UNTRUSTED, &nowhere,
		                N_("it is signed by %s, which is none of the trusted keys"), fingerprint);
	}
	/* what can't be read was refused for that */
	if (signature->state == SP_SIGNATURE_UNKNOWN &&
	    (check->found[SP_WEIGHT_DAMAGE] || check->found[SP_WEIGHT_NEWER]))
		return true;
	return sp_found(check, err, SP_FOUND_UNSIGNED, &nowhere, N_("it isn't signed"));
}

/* --- what is told of it --- */

static bool add_key(const sp_public_key *key, sp_json *to)
{
	char text[SP_KEY_TEXT_LEN + 1];

	return sp_json_add_text(to, "algorithm", SP_SIGNATURE_ALGORITHM) &&
	       sp_public_key_text(key, text) && sp_json_add_text(to, "public_key", text);
}

bool sp_signature_to_manifest(const sp_public_key *key, sp_json *manifest)
{
	return add_key(key, sp_json_add_object(manifest, "signature"));
}

static bool add_signature(const char *state, const sp_public_key *key, const char *trusted_as,
                          sp_json *to)
{
	sp_json *object = sp_json_add_object(to, "signature");
	char fingerprint[SP_FINGERPRINT_LEN + 1];

	if (!sp_json_add_text(object, "state", state) || !key)
		return object != NULL;
	return sp_public_key_fingerprint(key, fingerprint) && add_key(key, object) &&
	       sp_json_add_text(object, "fingerprint", fingerprint) &&
	       (!trusted_as || sp_json_add_text(object, "trusted_as", trusted_as));
}

bool sp_signature_json(const sp_signature *signature, sp_json *to)
{
	static const char *const states[] = {
		[SP_SIGNATURE_NONE] = "unsigned",
		[SP_SIGNATURE_RIGHT] = "signed",
		[SP_SIGNATURE_TRUSTED] = "trusted",
		[SP_SIGNATURE_UNTRUSTED] = "untrusted",
	};
	bool is_signed = signature->state != SP_SIGNATURE_NONE;

	return signature->state == SP_SIGNATURE_UNKNOWN ||
	       add_signature(states[signature->state], is_signed ? &signature->key : NULL,
	                     signature->trusted_as, to);
}

bool sp_signature_own_json(const sp_private_key *key, sp_json *to)
{
	return add_signature(key ? "own" : "unsigned", key ? sp_private_key_public(key) : NULL, NULL,
	                     to);
}

/* --- the check --- */

static const sp_place in_manifest = { SP_MANIFEST, -1, 0, 0 };
static const sp_place in_signature = { SP_SIGNATURE, -1, 0, 0 };

/* The key that the manifest names. *known: there is one, of the kind that this
 * program checks. */
static bool read_member(sp_walk *walk, bool *known, sp_error *err)
{
	const sp_json *member = sp_json_get(walk->says.manifest, "signature");
	const char *algorithm = sp_json_text(member, "algorithm");
	const char *key = sp_json_text(member, "public_key");

	*known = false;
	if (!member)
		return true;
	if (!algorithm)
		return sp_found(walk->check, err, SP_FOUND_SIGNATURE, &in_manifest,
		                N_("it doesn't say how the package is signed"));
	if (strcmp(algorithm, SP_SIGNATURE_ALGORITHM) != 0)
		return sp_found(walk->check, err, SP_FOUND_NEWER_FEATURE, &in_manifest,
		                N_("this program doesn't know signatures of the kind \"%s\""), algorithm);
	*known = key && sp_public_key_parse(key, &walk->signature.key);
	return *known || sp_found(walk->check, err, SP_FOUND_SIGNATURE, &in_manifest,
	                          N_("it names no key of the signature"));
}

static bool verify(sp_walk *walk, sp_error *err)
{
	const void *data;
	bool right;

	if (walk->signature_size != SP_SIGNATURE_LEN)
		return sp_found(walk->check, err, SP_FOUND_SIGNATURE, &in_signature,
		                N_("a signature has %d bytes, but this one %llu"), SP_SIGNATURE_LEN,
		                (unsigned long long)walk->signature_size);
	if (sp_spool_size(walk->sums) > MOST_SIGNED)
		return sp_found_end(walk->check, err, SP_FOUND_LIMIT, &in_signature,
		                    N_("what it signs is too large"));
	if (!sp_spool_rewind(walk->sums, err) || !(data = sp_spool_map(walk->sums, err)) ||
	    !sp_verify(&walk->signature.key, data, (size_t)sp_spool_size(walk->sums),
	               walk->signature_bytes, &right, err))
		return false;
	if (!right)
		return sp_found(walk->check, err, SP_FOUND_SIGNATURE, &in_signature,
		                N_("it isn't the signature of %s by the key that %s names"), SP_CHECKSUMS,
		                SP_MANIFEST);
	walk->signature.state = SP_SIGNATURE_RIGHT;
	return true;
}

bool sp_walk_check_signature(sp_walk *walk, sp_error *err)
{
	bool named = sp_json_get(walk->says.manifest, "signature") != NULL, known;

	if (named && !walk->has_signature)
		return sp_found(walk->check, err, SP_FOUND_SIGNATURE, &in_signature,
		                N_("it is missing: %s says that the package is signed"), SP_MANIFEST);
	if (!named && walk->has_signature)
		return sp_found(walk->check, err, SP_FOUND_SIGNATURE, &in_signature,
		                N_("it is there, but %s names no signature"), SP_MANIFEST);
	if (!named)
		walk->signature.state = SP_SIGNATURE_NONE;
	return read_member(walk, &known, err) && (!known || verify(walk, err));
}
