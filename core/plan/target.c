#include <config.h>

#include "core/plan/target.h"

#include <stdlib.h>
#include <string.h>

#include "core/access/space.h"
#include "core/db/sql.h"
#include "core/model/identity.h"

/* The columns of target_columns.sql. */
enum {
	C_TABLE,
	C_NAME,
	C_TYPE,
	C_ENUM,
	C_NOT_NULL,
	C_DEFAULT,
	C_GENERATED,
	C_DIMENSION,
	C_INDEXED,
	C_SEARCHED,
	C_MAY_WRITE
};

static char *copy(const char *text, bool *ok)
{
	char *copied = text ? strdup(text) : NULL;

	*ok = *ok && (copied || !text);
	return copied;
}

/* --- tables --- */

static bool is_wanted(const char *table)
{
	int kind = sp_kind_of_table(table);

	return kind >= 0 && sp_entities[kind].travel != SP_TRAVEL_NEVER;
}

static bool fill_column(sp_target_column *column, const sp_rows *rows, int row)
{
	bool ok = true;

	column->name = copy(sp_rows_get(rows, row, C_NAME), &ok);
	column->type = copy(sp_rows_get(rows, row, C_TYPE), &ok);
	column->enumeration = copy(sp_rows_get(rows, row, C_ENUM), &ok);
	column->not_null = sp_rows_bool(rows, row, C_NOT_NULL);
	column->has_default = sp_rows_bool(rows, row, C_DEFAULT);
	column->generated = sp_rows_bool(rows, row, C_GENERATED);
	column->indexed = sp_rows_bool(rows, row, C_INDEXED);
	column->searched = sp_rows_bool(rows, row, C_SEARCHED);
	column->dimension = (int)sp_rows_int(rows, row, C_DIMENSION);
	return ok;
}

/* The rows of a column each, from `first` on, that say the same in their first
 * column. */
static int alike(const sp_rows *rows, int first)
{
	const char *name = sp_rows_get(rows, first, 0);
	int i = first;

	while (i < sp_rows_count(rows) && !strcmp(sp_rows_get(rows, i, 0), name))
		i++;
	return i - first;
}

static bool add_table(sp_target *target, const sp_rows *rows, int first, int count)
{
	sp_target_table *table = &target->tables[target->table_count++];
	bool ok = true;
	int i;

	table->name = copy(sp_rows_get(rows, first, C_TABLE), &ok);
	table->columns = calloc((size_t)count, sizeof *table->columns);
	if (!table->columns)
		return false;
	table->count = count;
	for (i = 0; i < count; i++)
		ok = fill_column(&table->columns[i], rows, first + i) && ok;
	target->may_write = target->may_write && sp_rows_bool(rows, first, C_MAY_WRITE);
	return ok;
}

static bool ask_tables(sp_target *target, sp_db *db, const sp_catalog *catalog, sp_error *err)
{
	const char *params[] = { catalog->schema };
	sp_rows *rows = sp_db_query(db, sp_sql_target_columns, 1, params, err);
	bool ok = true;
	int row, n;

	if (!rows)
		return false;
	target->may_write = true;
	target->tables = calloc((size_t)sp_rows_count(rows) + 1, sizeof *target->tables);
	for (row = 0; target->tables && ok && row < sp_rows_count(rows); row += n) {
		n = alike(rows, row);
		ok = !is_wanted(sp_rows_get(rows, row, C_TABLE)) || add_table(target, rows, row, n);
	}
	ok = (target->tables && ok) || sp_fail_memory(err);
	sp_rows_free(rows);
	return ok;
}

static bool is_used(const sp_target *target, const char *name)
{
	int i, j;

	for (i = 0; i < target->table_count; i++) {
		for (j = 0; j < target->tables[i].count; j++) {
			const char *of = target->tables[i].columns[j].enumeration;

			if (of && !strcmp(of, name))
				return true;
		}
	}
	return false;
}

static bool add_enum(sp_target *target, const sp_rows *rows, int first, int count)
{
	sp_target_enum *of = &target->enums[target->enum_count++];
	bool ok = true;
	int i;

	of->name = copy(sp_rows_get(rows, first, 0), &ok);
	of->labels = calloc((size_t)count, sizeof *of->labels);
	if (!of->labels)
		return false;
	of->count = count;
	for (i = 0; i < count; i++)
		of->labels[i] = copy(sp_rows_get(rows, first + i, 1), &ok);
	return ok;
}

static bool ask_labels(sp_target *target, sp_db *db, const sp_catalog *catalog, sp_error *err)
{
	const char *params[] = { catalog->schema };
	sp_rows *rows = sp_db_query(db, sp_sql_target_labels, 1, params, err);
	bool ok = true;
	int row, n;

	if (!rows)
		return false;
	target->enums = calloc((size_t)sp_rows_count(rows) + 1, sizeof *target->enums);
	for (row = 0; target->enums && ok && row < sp_rows_count(rows); row += n) {
		n = alike(rows, row);
		ok = !is_used(target, sp_rows_get(rows, row, 0)) || add_enum(target, rows, row, n);
	}
	ok = (target->enums && ok) || sp_fail_memory(err);
	sp_rows_free(rows);
	return ok;
}

/* --- what is allowed --- */

/* Of the tool's own schema; one that nobody can trust is as good as closed. */
static sp_target_schema schema_of(const sp_own_schema *own, bool may_create)
{
	if (own->there && own->trusted && own->readable)
		return SP_SCHEMA_THERE;
	if (own->taken)
		return SP_SCHEMA_CLOSED;
	return may_create ? SP_SCHEMA_ALLOWED : SP_SCHEMA_NOT_ALLOWED;
}

static bool ask_rights(sp_target *target, sp_db *db, const sp_catalog *catalog, sp_error *err)
{
	sp_rows *rows = sp_db_query(db, sp_sql_target_rights, 0, NULL, err);
	bool ok = true;

	if (!rows)
		return false;
	target->vector = copy(sp_rows_get(rows, 0, 0), &ok);
	target->schema = schema_of(&catalog->own, sp_rows_bool(rows, 0, 1));
	target->writable = !catalog->own.standby;
	sp_rows_free(rows);
	return ok || sp_fail_memory(err);
}

static bool ask_infospace(sp_target *target, sp_db *db, const sp_catalog *catalog,
                          const sp_instance *instance, const char *into, sp_error *err)
{
	sp_actor *actor = sp_actor_find(db, catalog, instance->as, err);
	sp_space space = { 0 };
	bool ok = actor && sp_space_find(db, catalog, actor, into, &space, err);

	target->into_uuid = copy(space.uuid, &ok);
	target->into_name = copy(space.name, &ok);
	target->may_import = space.may_import;
	if (!ok && !sp_error_is_set(err))
		sp_fail_memory(err);
	sp_space_clear(&space);
	sp_actor_free(actor);
	return ok;
}

static bool ask_store(sp_target *target, const sp_instance *instance, const sp_job *job,
                      sp_error *err)
{
	sp_error refused = SP_ERROR_INIT;
	sp_store *store;

	if (!instance->store)
		return true;
	store = sp_instance_store(instance, job, &refused);
	target->store = store ? SP_STORE_REACHED : SP_STORE_NOT_REACHED;
	sp_store_close(store);
	/* what is wrong with the settings is for whoever wrote them, and a lack of memory
	 * here is nothing that the store has */
	if (refused.code == SP_USAGE || refused.code == SP_INTERRUPTED ||
	    sp_error_is_memory(&refused)) {
		sp_error_move(err, &refused);
		return false;
	}
	sp_error_clear(&refused);
	return true;
}

/* --- all of it --- */

static bool take_head(sp_target *target, sp_db *db, const sp_catalog *catalog,
                      const sp_instance *instance, sp_error *err)
{
	sp_identity *identity =
		sp_identity_create(instance->id ? instance->id : catalog->system_id, false, err);
	bool ok = true;

	if (!identity)
		return false;
	target->instance = copy(sp_identity_instance(identity), &ok);
	target->generation = copy(catalog->generation, &ok);
	target->revision = copy(catalog->revision, &ok);
	target->time_zone = copy(sp_db_time_zone(db), &ok);
	target->server_version = sp_db_server_version(db);
	sp_identity_free(identity);
	return ok || sp_fail_memory(err);
}

static bool ask(sp_target *target, sp_db *db, const sp_instance *instance, const char *into,
                sp_error *err)
{
	sp_catalog *catalog = NULL;
	bool ok =
		sp_db_exec(db, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", err) &&
		(catalog = sp_catalog_read(db, err)) && take_head(target, db, catalog, instance, err) &&
		ask_tables(target, db, catalog, err) && ask_labels(target, db, catalog, err) &&
		ask_rights(target, db, catalog, err) &&
		(!into || ask_infospace(target, db, catalog, instance, into, err)) && sp_db_commit(db, err);

	sp_catalog_free(catalog);
	return ok;
}

sp_target *sp_target_ask(const sp_instance *instance, const char *into, sp_job *job, sp_error *err)
{
	sp_target *target = calloc(1, sizeof *target);
	sp_db *db;
	bool ok;

	if (!target) {
		sp_fail_memory(err);
		return NULL;
	}
	db = sp_instance_db(instance, job, err);
	ok = db && ask(target, db, instance, into, err) && ask_store(target, instance, job, err);
	sp_db_close(db);
	if (ok)
		return target;
	sp_target_free(target);
	return NULL;
}

static void free_table(sp_target_table *table)
{
	int i;

	for (i = 0; table->columns && i < table->count; i++) {
		free(table->columns[i].name);
		free(table->columns[i].type);
		free(table->columns[i].enumeration);
	}
	free(table->columns);
	free(table->name);
}

void sp_target_free(sp_target *target)
{
	int i, j;

	if (!target)
		return;
	for (i = 0; i < target->table_count; i++)
		free_table(&target->tables[i]);
	for (i = 0; i < target->enum_count; i++) {
		for (j = 0; target->enums[i].labels && j < target->enums[i].count; j++)
			free(target->enums[i].labels[j]);
		free(target->enums[i].labels);
		free(target->enums[i].name);
	}
	free(target->tables);
	free(target->enums);
	free(target->instance);
	free(target->generation);
	free(target->revision);
	free(target->time_zone);
	free(target->vector);
	free(target->into_uuid);
	free(target->into_name);
	free(target);
}

/* --- looking --- */

const sp_target_table *sp_target_table_of(const sp_target *target, sp_kind kind)
{
	int i, name;

	for (name = 0; name < 2; name++) {
		for (i = 0; sp_entities[kind].tables[name] && i < target->table_count; i++) {
			if (!strcmp(target->tables[i].name, sp_entities[kind].tables[name]))
				return &target->tables[i];
		}
	}
	return NULL;
}

const sp_target_column *sp_target_column_of(const sp_target_table *table, const char *name)
{
	int i;

	for (i = 0; table && i < table->count; i++) {
		if (!strcmp(table->columns[i].name, name))
			return &table->columns[i];
	}
	return NULL;
}

const sp_target_enum *sp_target_enum_of(const sp_target *target, const char *name)
{
	int i;

	for (i = 0; name && i < target->enum_count; i++) {
		if (!strcmp(target->enums[i].name, name))
			return &target->enums[i];
	}
	return NULL;
}

bool sp_target_has_label(const sp_target_enum *of, const char *label)
{
	int i;

	for (i = 0; of && i < of->count; i++) {
		if (!strcmp(of->labels[i], label))
			return true;
	}
	return false;
}
