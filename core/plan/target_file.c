#include <config.h>

#include "core/plan/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/json_check.h"
#include "core/package/schemas.h"

#define FORMAT         "spaceport-target"
#define FORMAT_VERSION "1.0"
#define MAJOR          1
/* A real one has 150 kB; more than that is no description. */
#define MOST_BYTES   ((size_t)4 << 20)
#define MOST_TABLES  1000
#define MOST_COLUMNS 1600 /* PostgreSQL's own bound */
#define MOST_LABELS  10000
#define MOST_NAME    256

static const char *const stores[SP_STORE_STATES] = { "not_told", "reached", "not_reached" };
static const char *const schemas[SP_SCHEMA_STATES] = { "there", "closed", "allowed",
	                                                   "not_allowed" };

/* --- writing --- */

/* What isn't known isn't there. */
static void add_text(sp_json *to, const char *key, const char *text)
{
	if (text)
		sp_json_add_text(to, key, text);
}

static void add_column(sp_json *to, const sp_target_column *column)
{
	sp_json *item = sp_json_add_object(to, column->name);

	add_text(item, "type", column->type);
	add_text(item, "enum", column->enumeration);
	if (column->dimension)
		sp_json_add_int(item, "dimension", column->dimension);
	if (column->not_null)
		sp_json_add_bool(item, "not_null", true);
	if (column->has_default)
		sp_json_add_bool(item, "default", true);
	if (column->generated)
		sp_json_add_bool(item, "generated", true);
	if (column->indexed)
		sp_json_add_bool(item, "indexed", true);
	if (column->searched)
		sp_json_add_bool(item, "searched", true);
}

static void add_tables(sp_json *to, const sp_target *target)
{
	sp_json *tables = sp_json_add_object(to, "tables");
	int i, j;

	for (i = 0; i < target->table_count; i++) {
		const sp_target_table *table = &target->tables[i];
		sp_json *columns = sp_json_add_object(tables, table->name);

		for (j = 0; j < table->count; j++)
			add_column(columns, &table->columns[j]);
	}
}

static void add_enums(sp_json *to, const sp_target *target)
{
	sp_json *enums = sp_json_add_object(to, "enums");
	int i, j;

	for (i = 0; i < target->enum_count; i++) {
		sp_json *labels = sp_json_add_array(enums, target->enums[i].name);

		for (j = 0; j < target->enums[i].count; j++)
			sp_json_add_text(labels, NULL, target->enums[i].labels[j]);
	}
}

static void add_head(sp_json *to, const sp_target *target)
{
	sp_json *into;

	add_text(to, "format", FORMAT);
	add_text(to, "format_version", FORMAT_VERSION);
	add_text(to, "spaceport_version", PACKAGE_VERSION);
	add_text(to, "instance", target->instance);
	add_text(to, "generation", target->generation);
	add_text(to, "revision", target->revision);
	add_text(to, "time_zone", target->time_zone);
	sp_json_add_int(to, "server_version", target->server_version);
	add_text(to, "vector", target->vector);
	add_text(to, "store", stores[target->store]);
	add_text(to, "schema", schemas[target->schema]);
	sp_json_add_bool(to, "writable", target->writable);
	sp_json_add_bool(to, "may_write", target->may_write);
	if (!target->into_uuid)
		return;
	into = sp_json_add_object(to, "into");
	add_text(into, "uuid", target->into_uuid);
	add_text(into, "name", target->into_name);
	sp_json_add_bool(into, "may_import", target->may_import);
}

sp_json *sp_target_json(const sp_target *target, sp_error *err)
{
	sp_json *json = sp_json_object();

	add_head(json, target);
	add_tables(json, target);
	add_enums(json, target);
	if (sp_json_is_whole(json))
		return json;
	sp_json_free(json);
	sp_fail_memory(err);
	return NULL;
}

/* --- whether a text is one --- */

typedef struct {
	const char *name;
	sp_json_check *json;
	sp_json_schema_check *schema;
	sp_error error;
} judging;

#define HINT N_("\"spaceport describe\" writes such a file.")

static void take_wrong(void *ctx, sp_json_wrong wrong, const char *pointer, const char *expected)
{
	judging *j = ctx;
	const char *at = *pointer ? pointer : "/";

	if (wrong == SP_JSON_WRONG_TYPE)
		sp_fail(&j->error, SP_USAGE, HINT, N_("\"%s\" describes no target: %s should be: %s"),
		        j->name, at, expected);
	else if (wrong == SP_JSON_WRONG_MISSING)
		sp_fail(&j->error, SP_USAGE, HINT, N_("\"%s\" describes no target: %s has no \"%s\""),
		        j->name, at, expected);
	else
		sp_fail(&j->error, SP_USAGE, HINT,
		        N_("\"%s\" describes no target: %s should be one of: %s"), j->name, at, expected);
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	judging *j = ctx;

	(void)depth;
	if (!sp_error_is_set(&j->error))
		sp_json_schema_check_token(j->schema, kind, token, &j->json->number, &j->error);
}

/* Against the schema, token by token: before a tree is made of it. */
static bool judge(const char *text, size_t len, const char *name, sp_error *err)
{
	judging j = { .name = name };
	bool ok;

	j.json = calloc(1, sizeof *j.json);
	j.schema = sp_json_schema_check_create(take_wrong, &j, err);
	if (!j.json || !j.schema) {
		free(j.json);
		sp_json_schema_check_free(j.schema);
		return sp_fail_memory(err);
	}
	j.json->max_depth = 16;
	j.json->fn = take_token;
	j.json->ctx = &j;
	sp_json_check_begin(j.json);
	sp_json_schema_check_begin(j.schema, sp_schema_find("target"));
	ok = sp_json_check_add(j.json, text, len) && sp_json_check_end(j.json);
	if (!ok)
		sp_fail(&j.error, SP_USAGE, HINT, N_("\"%s\" describes no target: it is no JSON"), name);
	ok = !sp_error_is_set(&j.error);
	if (!ok)
		sp_error_move(err, &j.error);
	sp_json_schema_check_free(j.schema);
	free(j.json);
	return ok;
}

static bool check_version(const sp_json *json, const char *name, sp_error *err)
{
	const char *version = sp_json_text(json, "format_version");
	char *end;
	unsigned long major = strtoul(version ? version : "", &end, 10);

	if (!version || end == version || *end != '.' || !major)
		return sp_fail(err, SP_USAGE, HINT,
		               N_("\"%s\" describes no target: it doesn't say its version"), name);
	return major <= MAJOR ||
	       sp_fail(err, SP_INCOMPATIBLE, N_("Use a newer spaceport."),
	               N_("\"%s\" is of version %s, which this program can't read"), name, version);
}

/* --- reading --- */

static int count_of(const sp_json *parent)
{
	const sp_json *at;
	int n = 0;

	for (at = sp_json_first(parent); at; at = sp_json_next(at))
		n++;
	return n;
}

static bool fits(const char *name)
{
	return !name || (*name && strlen(name) <= MOST_NAME);
}

static char *copy(const char *text, bool *ok)
{
	char *copied = text ? strdup(text) : NULL;

	*ok = *ok && (copied || !text);
	return copied;
}

static bool take_column(sp_target_column *column, const sp_json *from)
{
	int64_t dimension = sp_json_int(from, "dimension", 0);
	bool ok = true;

	column->name = copy(sp_json_key(from), &ok);
	column->type = copy(sp_json_text(from, "type"), &ok);
	column->enumeration = copy(sp_json_text(from, "enum"), &ok);
	column->not_null = sp_json_bool(from, "not_null", false);
	column->has_default = sp_json_bool(from, "default", false);
	column->generated = sp_json_bool(from, "generated", false);
	column->indexed = sp_json_bool(from, "indexed", false);
	column->searched = sp_json_bool(from, "searched", false);
	column->dimension = dimension > 0 && dimension < INT_MAX ? (int)dimension : 0;
	return ok;
}

static bool fail_size(const char *name, sp_error *err)
{
	return sp_fail(err, SP_USAGE, HINT,
	               N_("\"%s\" describes no target: it has too many or too long names"), name);
}

static bool take_table(sp_target_table *table, const sp_json *from, const char *name, sp_error *err)
{
	const sp_json *at;
	int count = count_of(from);
	bool ok = true;

	if (count > MOST_COLUMNS || !fits(sp_json_key(from)))
		return fail_size(name, err);
	table->name = copy(sp_json_key(from), &ok);
	table->columns = calloc((size_t)count + 1, sizeof *table->columns);
	if (!table->columns || !ok)
		return sp_fail_memory(err);
	for (at = sp_json_first(from); at; at = sp_json_next(at)) {
		if (!fits(sp_json_key(at)) || !fits(sp_json_text(at, "type")) ||
		    !fits(sp_json_text(at, "enum")))
			return fail_size(name, err);
		if (!take_column(&table->columns[table->count++], at))
			return sp_fail_memory(err);
	}
	return true;
}

static bool take_tables(sp_target *target, const sp_json *from, const char *name, sp_error *err)
{
	const sp_json *at;
	int count = count_of(from);

	if (count > MOST_TABLES)
		return fail_size(name, err);
	target->tables = calloc((size_t)count + 1, sizeof *target->tables);
	if (!target->tables)
		return sp_fail_memory(err);
	for (at = sp_json_first(from); at; at = sp_json_next(at)) {
		if (!take_table(&target->tables[target->table_count++], at, name, err))
			return false;
	}
	return true;
}

static bool take_enum(sp_target_enum *of, const sp_json *from, const char *name, sp_error *err)
{
	const sp_json *at;
	int count = count_of(from);
	bool ok = true;

	if (count > MOST_LABELS || !fits(sp_json_key(from)))
		return fail_size(name, err);
	of->name = copy(sp_json_key(from), &ok);
	of->labels = calloc((size_t)count + 1, sizeof *of->labels);
	for (at = sp_json_first(from); of->labels && ok && at; at = sp_json_next(at)) {
		if (!fits(sp_json_value_text(at)))
			return fail_size(name, err);
		of->labels[of->count++] = copy(sp_json_value_text(at), &ok);
	}
	return (of->labels && ok) || sp_fail_memory(err);
}

static bool take_enums(sp_target *target, const sp_json *from, const char *name, sp_error *err)
{
	const sp_json *at;
	int count = count_of(from);

	if (count > MOST_TABLES)
		return fail_size(name, err);
	target->enums = calloc((size_t)count + 1, sizeof *target->enums);
	if (!target->enums)
		return sp_fail_memory(err);
	for (at = sp_json_first(from); at; at = sp_json_next(at)) {
		if (!take_enum(&target->enums[target->enum_count++], at, name, err))
			return false;
	}
	return true;
}

static int index_of(const char *const *words, int count, const char *word, int otherwise)
{
	int i;

	for (i = 0; word && i < count; i++) {
		if (!strcmp(words[i], word))
			return i;
	}
	return otherwise;
}

static bool take_head(sp_target *target, const sp_json *from, sp_error *err)
{
	const sp_json *into = sp_json_get(from, "into");
	int64_t version = sp_json_int(from, "server_version", 0);
	bool ok = true;

	target->instance = copy(sp_json_text(from, "instance"), &ok);
	target->generation = copy(sp_json_text(from, "generation"), &ok);
	target->revision = copy(sp_json_text(from, "revision"), &ok);
	target->time_zone = copy(sp_json_text(from, "time_zone"), &ok);
	target->vector = copy(sp_json_text(from, "vector"), &ok);
	target->server_version = version > 0 && version < INT_MAX ? (int)version : 0;
	target->store = (sp_target_store)index_of(stores, SP_STORE_STATES, sp_json_text(from, "store"),
	                                          SP_STORE_NOT_TOLD);
	target->schema =
		(sp_target_schema)index_of(schemas, SP_SCHEMA_STATES, sp_json_text(from, "schema"),
	                               SP_SCHEMA_NOT_ALLOWED);
	target->writable = sp_json_bool(from, "writable", true);
	target->may_write = sp_json_bool(from, "may_write", false);
	target->into_uuid = copy(sp_json_text(into, "uuid"), &ok);
	target->into_name = copy(sp_json_text(into, "name"), &ok);
	target->may_import = sp_json_bool(into, "may_import", false);
	return ok || sp_fail_memory(err);
}

static bool take(sp_target *target, const sp_json *json, const char *name, sp_error *err)
{
	return take_head(target, json, err) &&
	       take_tables(target, sp_json_get(json, "tables"), name, err) &&
	       take_enums(target, sp_json_get(json, "enums"), name, err);
}

sp_target *sp_target_parse(const char *text, size_t len, const char *name, sp_error *err)
{
	sp_target *target = NULL;
	sp_json *json = NULL;
	bool ok = judge(text, len, name, err) && (json = sp_json_parse(text, len, name, err)) &&
	          check_version(json, name, err);

	if (ok && !(target = calloc(1, sizeof *target)))
		sp_fail_memory(err);
	ok = target && take(target, json, name, err);
	sp_json_free(json);
	/* to the JSON reader all that it doesn't take is a bad package */
	if (err->code == SP_BAD_PACKAGE)
		err->code = SP_USAGE;
	if (ok)
		return target;
	sp_target_free(target);
	return NULL;
}

sp_target *sp_target_load(const char *path, sp_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	sp_target *target = NULL;
	char *text = NULL;
	size_t got = 0;

	if (fd < 0) {
		sp_fail_errno(err, errno, N_("can't open \"%s\""), path);
		return NULL;
	}
	text = malloc(MOST_BYTES + 1);
	if (!text)
		sp_fail_memory(err);
	else if (sp_read_at(fd, path, text, MOST_BYTES + 1, 0, &got, err) && got > MOST_BYTES)
		sp_fail(err, SP_USAGE, HINT, N_("\"%s\" describes no target: it is too large"), path);
	else if (!sp_error_is_set(err))
		target = sp_target_parse(text, got, path, err);
	free(text);
	close(fd);
	return target;
}
