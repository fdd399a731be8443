/*
 * Where an import is to go, as data: what its database can hold, and what is
 * allowed there. Read from a live instance, without writing anything, or from a
 * file that was made of one (doc/schemas/target.json says how that is built), so
 * that a plan or report needs no way to the instance. No secrets are in it.
 */
#ifndef SP_PLAN_TARGET_H
#define SP_PLAN_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/config/instance.h"
#include "core/model/entity.h"

/* The oldest server that an import goes to, as PQserverVersion(). */
#define SP_TARGET_OLDEST 130000

typedef struct {
	char *name;
	char *type;        /* format_type() */
	char *enumeration; /* the enum that its words are of; NULL: none */
	bool not_null, has_default, generated;
	bool indexed;  /* by a btree, which doesn't take long texts */
	bool searched; /* its words stand in a tsvector of the row */
	int dimension; /* of a vector; 0: any, or none */
} sp_target_column;

typedef struct {
	char *name;
	sp_target_column *columns;
	int count;
} sp_target_table;

typedef struct {
	char *name;
	char **labels;
	int count;
} sp_target_enum;

typedef enum {
	SP_STORE_NOT_TOLD,
	SP_STORE_REACHED,
	SP_STORE_NOT_REACHED,
	SP_STORE_STATES
} sp_target_store;

/* The tool's own schema. */
typedef enum {
	SP_SCHEMA_THERE,
	SP_SCHEMA_CLOSED,      /* there, but this login may not use it */
	SP_SCHEMA_ALLOWED,     /* this login may make it */
	SP_SCHEMA_NOT_ALLOWED, /* it may not */
	SP_SCHEMA_STATES
} sp_target_schema;

typedef struct {
	char *instance; /* its UUID */
	char *generation, *revision, *time_zone;
	int server_version;
	char *vector; /* pgvector's version; NULL: it isn't there */
	sp_target_store store;
	sp_target_schema schema;
	bool writable;  /* no standby */
	bool may_write; /* this login, into all tables */
	/* the infospace, where one was asked for: NULL: none */
	char *into_uuid, *into_name;
	bool may_import;         /* the acting user, into it */
	sp_target_table *tables; /* those of HQ's that may travel */
	int table_count;
	sp_target_enum *enums;
	int enum_count;
} sp_target;

/*
 * Asks a live instance, in a read-only transaction. `into`: an infospace (id, UUID
 * or name) whose rights of the acting user are to be told; NULL: none, and no
 * acting user is needed. A store that can't be reached is no error. SP_INCOMPATIBLE
 * where it is no open-politics-hq or too old, SP_NO_CONNECTION, SP_NOT_ALLOWED,
 * SP_FAILED (no such infospace), SP_USAGE.
 */
sp_target *sp_target_ask(const sp_instance *instance, const char *into, sp_job *job, sp_error *err);
void sp_target_free(sp_target *target);

/* As a document to keep; NULL: memory. */
sp_json *sp_target_json(const sp_target *target, sp_error *err);
/*
 * From such a document, which may be hostile; `name`: of the file, for errors.
 * SP_USAGE where it is none, SP_INCOMPATIBLE where it is newer.
 */
sp_target *sp_target_parse(const char *text, size_t len, const char *name, sp_error *err);
/* The same from a file. */
sp_target *sp_target_load(const char *path, sp_error *err);

/* NULL where it isn't there. */
const sp_target_table *sp_target_table_of(const sp_target *target, sp_kind kind);
const sp_target_column *sp_target_column_of(const sp_target_table *table, const char *name);
const sp_target_enum *sp_target_enum_of(const sp_target *target, const char *name);
bool sp_target_has_label(const sp_target_enum *of, const char *label);

#endif
