#include <config.h>

#include "core/config/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_LEN     40
#define MOST_SECONDS 86400

const sp_instance_key sp_instance_keys[] = {
	{ "db", SP_KEY_TEXT, offsetof(sp_instance, db) },
	{ "store", SP_KEY_TEXT, offsetof(sp_instance, store) },
	{ "store_endpoint", SP_KEY_TEXT, offsetof(sp_instance, store_endpoint) },
	{ "store_region", SP_KEY_TEXT, offsetof(sp_instance, store_region) },
	{ "store_addressing", SP_KEY_TEXT, offsetof(sp_instance, store_addressing) },
	{ "store_ca", SP_KEY_TEXT, offsetof(sp_instance, store_ca) },
	{ "store_profile", SP_KEY_TEXT, offsetof(sp_instance, store_profile) },
	{ "as", SP_KEY_TEXT, offsetof(sp_instance, as) },
	{ "instance_id", SP_KEY_TEXT, offsetof(sp_instance, id) },
	{ "careful", SP_KEY_BOOL, offsetof(sp_instance, careful) },
	{ "timeout", SP_KEY_SECONDS, offsetof(sp_instance, timeout) },
	{ "connect_timeout", SP_KEY_SECONDS, offsetof(sp_instance, connect_timeout) },
	{ NULL, SP_KEY_TEXT, 0 },
};

bool sp_instance_name_ok(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t len = strlen(name);

	return len && len <= NAME_LEN && strspn(name, allowed) == len;
}

/* --- values --------------------------------------------------------------- */

static char **text_at(sp_instance *instance, const sp_instance_key *key)
{
	return (char **)((char *)instance + key->offset);
}

static bool *bool_at(sp_instance *instance, const sp_instance_key *key)
{
	return (bool *)((char *)instance + key->offset);
}

static int *int_at(sp_instance *instance, const sp_instance_key *key)
{
	return (int *)((char *)instance + key->offset);
}

const char *sp_instance_value(const sp_instance *instance, const sp_instance_key *key,
                              char room[16])
{
	const char *at = (const char *)instance + key->offset;

	if (key->type == SP_KEY_TEXT)
		return *(char *const *)(const void *)at;
	if (key->type == SP_KEY_BOOL)
		return *(const bool *)at ? "yes" : NULL;
	if (*(const int *)(const void *)at == 0)
		return NULL;
	snprintf(room, 16, "%d", *(const int *)(const void *)at);
	return room;
}

/* The form only: nobody is asked. */
static bool check_text(const char *key, const char *value, sp_error *err)
{
	sp_store_settings store = { .where = "s3://bucket" };

	if (!strcmp(key, "db"))
		return sp_db_check_conninfo(value, err);
	if (!strcmp(key, "store"))
		store.where = value;
	else if (!strcmp(key, "store_endpoint"))
		store.endpoint = value;
	else if (!strcmp(key, "store_region"))
		store.region = value;
	else if (!strcmp(key, "store_addressing"))
		store.addressing = value;
	return sp_store_check(&store, err);
}

static bool set_text(char **to, const char *value, sp_error *err)
{
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		return sp_fail_memory(err);
	free(*to);
	*to = copy;
	return true;
}

static bool set_bool(bool *to, const char *value, const char *key, sp_error *err)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		if (!strcasecmp(value, yes[i]) || !strcasecmp(value, no[i])) {
			*to = !strcasecmp(value, yes[i]);
			return true;
		}
	}
	return sp_fail(err, SP_USAGE, NULL, N_("%s must be yes or no"), key);
}

static bool set_seconds(int *to, const char *value, const char *key, sp_error *err)
{
	size_t len = strlen(value);
	long number =
		len && len < 8 && strspn(value, "0123456789") == len ? strtol(value, NULL, 10) : 0;

	if (number < 1 || number > MOST_SECONDS)
		return sp_fail(err, SP_USAGE, NULL, N_("%s must be a number of seconds from 1 to %d"), key,
		               MOST_SECONDS);
	*to = (int)number;
	return true;
}

bool sp_instance_set(sp_instance *instance, const sp_instance_key *key, const char *value,
                     sp_error *err)
{
	if (key->type == SP_KEY_TEXT)
		return (!value || check_text(key->key, value, err)) &&
		       set_text(text_at(instance, key), value, err);
	if (key->type == SP_KEY_BOOL)
		return set_bool(bool_at(instance, key), value ? value : "no", key->key, err);
	if (value)
		return set_seconds(int_at(instance, key), value, key->key, err);
	*int_at(instance, key) = 0;
	return true;
}

/* --- life ------------------------------------------------------------------- */

bool sp_instance_copy(sp_instance *to, const sp_instance *from, sp_error *err)
{
	const sp_instance_key *key;
	bool ok = set_text(&to->name, from->name, err);

	to->careful = from->careful;
	to->timeout = from->timeout;
	to->connect_timeout = from->connect_timeout;
	for (key = sp_instance_keys; ok && key->key; key++)
		if (key->type == SP_KEY_TEXT)
			ok = set_text(text_at(to, key), sp_instance_value(from, key, NULL), err);
	if (!ok)
		sp_instance_clear(to);
	return ok;
}

void sp_instance_clear(sp_instance *instance)
{
	const sp_instance_key *key;

	for (key = sp_instance_keys; key->key; key++)
		if (key->type == SP_KEY_TEXT)
			free(*text_at(instance, key));
	free(instance->name);
	memset(instance, 0, sizeof(*instance));
}

/* --- use --------------------------------------------------------------------- */

sp_db *sp_instance_db(const sp_instance *instance, sp_job *job, sp_error *err)
{
	return sp_db_open(instance->db, instance->timeout ? instance->timeout : SP_DB_TIMEOUT,
	                  instance->connect_timeout, job, err);
}

sp_store *sp_instance_store(const sp_instance *instance, const sp_job *job, sp_error *err)
{
	const sp_store_settings settings = {
		.where = instance->store,
		.endpoint = instance->store_endpoint,
		.region = instance->store_region,
		.addressing = instance->store_addressing,
		.ca_file = instance->store_ca,
		.profile = instance->store_profile,
		.timeout = instance->timeout,
	};

	return sp_store_open(&settings, job, err);
}
