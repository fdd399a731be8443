#include <config.h>

#include "core/model/identity.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct sp_identity {
	sp_sha256 *sha;
	bool preserve, failed;
	char instance[SP_UUID_LEN + 1];
};

static void add(sp_identity *identity, const char *text, size_t len)
{
	sp_sha256_update(identity->sha, text, len);
	sp_sha256_update(identity->sha, "", 1);
}

/* Of what was added. */
static void take_uuid(sp_identity *identity, char uuid[SP_UUID_LEN + 1])
{
	if (!sp_sha256_uuid(identity->sha, uuid))
		identity->failed = true;
}

bool sp_identity_check(const sp_identity *identity, sp_error *err)
{
	return !identity->failed || sp_fail_memory(err);
}

sp_identity *sp_identity_create(const char *instance, bool preserve, sp_error *err)
{
	sp_identity *identity = calloc(1, sizeof(*identity));
	size_t i;

	if (!identity) {
		sp_fail_memory(err);
		return NULL;
	}
	identity->preserve = preserve;
	identity->sha = sp_sha256_create(err);
	if (!identity->sha) {
		free(identity);
		return NULL;
	}
	if (sp_is_uuid(instance)) {
		for (i = 0; i < SP_UUID_LEN; i++)
			identity->instance[i] = (char)tolower((unsigned char)instance[i]);
		return identity;
	}
	add(identity, "instance", strlen("instance"));
	add(identity, instance, strlen(instance));
	take_uuid(identity, identity->instance);
	if (sp_identity_check(identity, err))
		return identity;
	sp_identity_free(identity);
	return NULL;
}

void sp_identity_free(sp_identity *identity)
{
	if (!identity)
		return;
	sp_sha256_free(identity->sha);
	free(identity);
}

const char *sp_identity_instance(const sp_identity *identity)
{
	return identity->instance;
}

bool sp_identity_means(const char *name, const char *instance, sp_error *err)
{
	sp_identity *identity = sp_identity_create(name, false, err);
	bool is_it = identity && !strcmp(sp_identity_instance(identity), instance);

	sp_identity_free(identity);
	return is_it;
}

static void derive(sp_identity *identity, const char *what, const char *key, size_t len,
                   char uuid[SP_UUID_LEN + 1])
{
	add(identity, what, strlen(what));
	add(identity, identity->instance, SP_UUID_LEN);
	add(identity, key, len);
	take_uuid(identity, uuid);
}

/* Kind and natural key are two texts: the first colon parts them. */
static void derive_row(sp_identity *identity, const char *key, size_t len,
                       char uuid[SP_UUID_LEN + 1])
{
	const char *colon = memchr(key, ':', len);
	size_t kind = colon ? (size_t)(colon - key) : len;

	add(identity, "row", strlen("row"));
	add(identity, identity->instance, SP_UUID_LEN);
	add(identity, key, kind);
	if (colon)
		add(identity, colon + 1, len - kind - 1);
	take_uuid(identity, uuid);
}

/* HQ's uuid columns take any text; a package's are safe to print anywhere. */
static bool is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			return false;
	return true;
}

void sp_identity_row(sp_identity *identity, const char *key, size_t len, sp_row_uuid *uuid)
{
	bool own = len > 1 && key[0] == 'u' && len - 1 <= SP_UUID_LEN;

	if (!own) {
		derive_row(identity, key + 1, len ? len - 1 : 0, uuid->own);
		memcpy(uuid->package, uuid->own, sizeof(uuid->own));
		return;
	}
	memcpy(uuid->own, key + 1, len - 1);
	uuid->own[len - 1] = '\0';
	if (identity->preserve && is_plain(key + 1, len - 1))
		memcpy(uuid->package, uuid->own, sizeof(uuid->own));
	else
		derive(identity, "uuid", key + 1, len - 1, uuid->package);
}
