/*
 * An instance of open-politics-hq as a person describes it: in a profile, by
 * options, or in the wizard. Everything that opens a database or a store takes
 * one of these.
 */
#ifndef SP_CONFIG_INSTANCE_H
#define SP_CONFIG_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/db/db.h"
#include "core/job/job.h"
#include "core/store/store.h"

/* Texts are NULL, numbers 0 where nothing was said; zeroes are an instance
 * about which the PG* variables say all. Free with sp_instance_clear(). */
typedef struct {
	char *name;   /* NULL where it comes from options only */
	char *db;     /* libpq's connection string or URI, without a password */
	char *store;  /* "dir:PATH", "s3://BUCKET[/PREFIX]" */
	char *as;     /* the acting user: id, e-mail or handle */
	char *id;     /* what packages call the instance; NULL: derived from its database */
	bool careful; /* its name must be typed before anything is written there */
	int timeout, connect_timeout; /* seconds; 0: the default */
	char *store_endpoint, *store_region, *store_addressing, *store_ca, *store_profile;
} sp_instance;

/* True for what may be a profile's name: letters, digits, "-", "_" and ".",
 * at most 40 of them (ASCII). */
bool sp_instance_name_ok(const char *name);

/* What a profile says about an instance: a key of the file, which is the option's
 * name with underscores, and where its value is. Ends with a NULL key. */
typedef enum { SP_KEY_TEXT, SP_KEY_BOOL, SP_KEY_SECONDS } sp_key_type;

typedef struct {
	const char *key;
	sp_key_type type;
	size_t offset;
} sp_instance_key;

extern const sp_instance_key sp_instance_keys[];

/* The value as it stands in a file, NULL where nothing was said; a number or a
 * "yes" is written into `room`. */
const char *sp_instance_value(const sp_instance *instance, const sp_instance_key *key,
                              char room[16]);
/* Sets it from such a text; SP_USAGE where the text can't be, holds a secret, or
 * the connection string can't be parsed. NULL takes it away. */
bool sp_instance_set(sp_instance *instance, const sp_instance_key *key, const char *value,
                     sp_error *err);

/* *to must be clear; nothing is left in it after an error. */
bool sp_instance_copy(sp_instance *to, const sp_instance *from, sp_error *err);
void sp_instance_clear(sp_instance *instance);

/* Connects to its database, as sp_db_open(). */
sp_db *sp_instance_db(const sp_instance *instance, sp_job *job, sp_error *err);
/* Opens its store, which must have been named, as sp_store_open(). */
sp_store *sp_instance_store(const sp_instance *instance, const sp_job *job, sp_error *err);

#endif
