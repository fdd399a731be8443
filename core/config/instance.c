#include <config.h>

#include "core/config/instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/model/secrets.h"

#define NAME_LEN     40
#define MOST_SECONDS 86400

const sp_instance_key sp_instance_keys[] = {
	{ "db", SP_KEY_TEXT, offsetof(sp_instance, db), NULL },
	{ "store", SP_KEY_TEXT, offsetof(sp_instance, store), NULL },
	{ "store_endpoint", SP_KEY_TEXT, offsetof(sp_instance, store_endpoint), NULL },
	{ "store_region", SP_KEY_TEXT, offsetof(sp_instance, store_region), NULL },
	{ "store_addressing", SP_KEY_TEXT, offsetof(sp_instance, store_addressing),
	  "auto|path|virtual" },
	{ "store_ca", SP_KEY_TEXT, offsetof(sp_instance, store_ca), NULL },
	{ "store_profile", SP_KEY_TEXT, offsetof(sp_instance, store_profile), NULL },
	{ "as", SP_KEY_TEXT, offsetof(sp_instance, as), NULL },
	{ "instance_id", SP_KEY_TEXT, offsetof(sp_instance, id), NULL },
	{ "careful", SP_KEY_BOOL, offsetof(sp_instance, careful), NULL },
	{ "timeout", SP_KEY_SECONDS, offsetof(sp_instance, timeout), NULL },
	{ "connect_timeout", SP_KEY_SECONDS, offsetof(sp_instance, connect_timeout), NULL },
	{ NULL, SP_KEY_TEXT, 0, NULL },
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

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);
	const char *at = choices;

	while (len && at) {
		if (!strncmp(at, value, len) && (at[len] == '|' || !at[len]))
			return true;
		at = strchr(at, '|');
		at = at ? at + 1 : NULL;
	}
	return false;
}

static bool check_text(const sp_instance_key *key, const char *value, sp_error *err)
{
	if (!strcmp(key->key, "db"))
		return sp_db_check_conninfo(value, err);
	if (strstr(value, "://") && sp_is_secret_text(value, strlen(value)))
		return sp_fail(
			err, SP_USAGE,
			N_("Put it into ~/.aws/credentials, and name its section with store_profile."),
			N_("%s holds a user name or a password"), key->key);
	if (key->choices && !is_choice(key->choices, value))
		return sp_fail(err, SP_USAGE, NULL, N_("%s must be one of %s"), key->key, key->choices);
	return true;
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
		return (!value || check_text(key, value, err)) &&
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

sp_store *sp_instance_store(const sp_instance *instance, sp_job *job, sp_error *err)
{
	(void)job;
	return sp_store_open(instance->store, err);
}
