/*
 * Makes of the JSON Schemas in doc/schemas what the program needs and what is
 * installed with it:
 *
 *	mkschemas join COMMON SCHEMA    the schema with what it takes from COMMON in
 *	                                its own $defs, so that it stands by itself
 *	mkschemas tables SCHEMA...      all of them as tables in C
 *
 * A schema that uses more of JSON Schema than core/base/json_schema.h knows
 * ends the build.
 */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_schema_compile.h"

#define DEFINITION "#/$defs/"

static int fail(const char *path, const sp_error *err)
{
	fprintf(stderr, "mkschemas: %s: %s\n", path, sp_error_text_c(err));
	return 1;
}

static bool read_all(const char *path, sp_buf *to, sp_error *err)
{
	FILE *file = fopen(path, "r");
	char data[4096];
	size_t got;

	if (!file)
		return sp_fail(err, SP_FAILED, NULL, "it can't be read");
	while ((got = fread(data, 1, sizeof data, file)) > 0)
		sp_buf_add(to, data, got);
	if (ferror(file))
		sp_fail(err, SP_FAILED, NULL, "it can't be read");
	fclose(file);
	return !sp_error_is_set(err) && (!to->failed || sp_fail_memory(err));
}

/* The file; "OTHER#" is read as "#", where `other` isn't NULL. */
static sp_json *read_schema(const char *path, const char *other, sp_error *err)
{
	sp_buf text = { 0 }, near = { 0 };
	const char *at, *from;
	sp_json *schema = NULL;

	if (read_all(path, &text, err)) {
		from = sp_buf_text(&text);
		while (other && (at = strstr(from, other)) && at[strlen(other)] == '#') {
			sp_buf_add(&near, from, (size_t)(at - from));
			from = at + strlen(other);
		}
		sp_buf_adds(&near, from);
		schema = sp_json_parse(sp_buf_text(&near), near.len, path, err);
	}
	sp_buf_free(&text);
	sp_buf_free(&near);
	return schema;
}

/* --- join --- */

static bool add_used(sp_json *definitions, const sp_json *common, const char *text, sp_error *err);

/* A definition and, before it, those that it refers to. */
static bool add_definition(sp_json *definitions, const sp_json *common, const char *name,
                           sp_error *err)
{
	const sp_json *definition = sp_json_get(common, name);
	sp_buf text = { 0 };
	bool ok;

	if (sp_json_get(definitions, name) || !definition)
		return true; /* one that isn't there is the compiler's to tell */
	ok = (sp_json_print(definition, false, &text) || sp_fail_memory(err)) &&
	     add_used(definitions, common, sp_buf_text(&text), err) &&
	     (sp_json_add(definitions, name, sp_json_parse(text.data, text.len, name, err)) ||
	      sp_fail_memory(err));
	sp_buf_free(&text);
	return ok;
}

/* All that the text of a schema refers to. */
static bool add_used(sp_json *definitions, const sp_json *common, const char *text, sp_error *err)
{
	char name[64];

	while ((text = strstr(text, DEFINITION))) {
		size_t len = strcspn(text += strlen(DEFINITION), "\"");

		snprintf(name, sizeof name, "%.*s", (int)len, text);
		if (!add_definition(definitions, common, name, err))
			return false;
	}
	return true;
}

static bool join(sp_json *schema, const sp_json *common, sp_error *err)
{
	sp_json *definitions = sp_json_object();
	sp_buf text = { 0 };
	bool ok = (sp_json_print(schema, false, &text) || sp_fail_memory(err)) &&
	          add_used(definitions, sp_json_get(common, "$defs"), sp_buf_text(&text), err);

	sp_buf_free(&text);
	if (ok && sp_json_first(definitions))
		return sp_json_add(schema, "$defs", definitions) || sp_fail_memory(err);
	sp_json_free(definitions);
	return ok;
}

static int put_joined(const char *common_path, const char *path)
{
	const char *slash = strrchr(common_path, '/');
	sp_error err = SP_ERROR_INIT;
	sp_json *common = read_schema(common_path, NULL, &err), *schema = NULL;
	sp_buf text = { 0 };
	int code = 0;

	if (common)
		schema = read_schema(path, slash ? slash + 1 : common_path, &err);
	if (schema && join(schema, common, &err) &&
	    (sp_json_print(schema, true, &text) || sp_fail_memory(&err)))
		fputs(sp_buf_text(&text), stdout);
	if (sp_error_is_set(&err))
		code = fail(path, &err);
	sp_buf_free(&text);
	sp_json_free(schema);
	sp_json_free(common);
	sp_error_clear(&err);
	return code;
}

/* --- tables --- */

static void put_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("_-. /", *text))
			putchar(*text);
		else
			printf("\\%03o", (unsigned char)*text);
	}
	putchar('"');
}

static void put_values(const char *name, int number, const sp_json_schema_state *state)
{
	int i;

	if (!state->value_count)
		return;
	printf("static const sp_json_schema_value %s_values_%d[] = {\n", name, number);
	for (i = 0; i < state->value_count; i++) {
		const sp_json_schema_value *value = &state->values[i];

		printf("\t{ %u, ", value->type);
		put_text(value->text);
		printf(", { %lluu, %lld, %d } },\n", (unsigned long long)value->number.digits,
		       (long long)value->number.exponent, value->number.negative);
	}
	printf("};\n");
}

static void put_keys(const char *name, int number, const sp_json_schema_state *state)
{
	int i;

	if (!state->key_count)
		return;
	printf("static const sp_json_schema_key %s_keys_%d[] = {\n", name, number);
	for (i = 0; i < state->key_count; i++) {
		const sp_json_schema_key *key = &state->keys[i];

		printf("\t{ ");
		put_text(key->name);
		printf(", %zu, %d, %d },\n", key->len, key->state, key->bit);
	}
	printf("};\n");
}

static void put_state(const char *name, int number, const sp_json_schema_state *state)
{
	printf("\t{ %u, ", state->types);
	if (state->value_count)
		printf("%s_values_%d, ", name, number);
	else
		printf("NULL, ");
	printf("%d, ", state->value_count);
	if (state->key_count)
		printf("%s_keys_%d, ", name, number);
	else
		printf("NULL, ");
	printf("%d, %d, %d, %d },\n", state->key_count, state->required, state->others, state->items);
}

static void put_table(const char *name, const sp_json_schema_table *table)
{
	const sp_json_schema *schema = sp_json_schema_of(table);
	int i;

	for (i = 0; i < sp_json_schema_count(table); i++) {
		put_values(name, i, &schema->states[i]);
		put_keys(name, i, &schema->states[i]);
	}
	printf("static const sp_json_schema_state %s_states[] = {\n", name);
	for (i = 0; i < sp_json_schema_count(table); i++)
		put_state(name, i, &schema->states[i]);
	printf("};\nstatic const sp_json_schema %s_schema = { %s_states, %d };\n\n", name, name,
	       schema->root);
}

/* "doc/schemas/run_metadata.json" is run_metadata. */
static void name_of(const char *path, char name[64])
{
	const char *slash = strrchr(path, '/');

	path = slash ? slash + 1 : path;
	snprintf(name, 64, "%.*s", (int)strcspn(path, "."), path);
}

static int put_tables(int count, char **paths)
{
	sp_json_schema_table *table = NULL;
	sp_error err = SP_ERROR_INIT;
	sp_json *schema;
	char name[64];
	int i, code = 0;

	for (i = 0; i < count && !code; i++) {
		schema = read_schema(paths[i], NULL, &err);
		table = schema ? sp_json_schema_compile(schema, &err) : NULL;
		name_of(paths[i], name);
		if (table)
			put_table(name, table);
		else
			code = fail(paths[i], &err);
		sp_json_schema_table_free(table);
		sp_json_free(schema);
	}
	printf("static const struct {\n\tconst char *name;\n\tconst sp_json_schema *schema;\n} "
	       "tables[] = {\n");
	for (i = 0; i < count && !code; i++) {
		name_of(paths[i], name);
		printf("\t{ \"%s\", &%s_schema },\n", name, name);
	}
	printf("};\n");
	sp_error_clear(&err);
	return code;
}

int main(int argc, char **argv)
{
	int code;

	if (argc == 4 && strcmp(argv[1], "join") == 0)
		code = put_joined(argv[2], argv[3]);
	else if (argc > 2 && strcmp(argv[1], "tables") == 0)
		code = put_tables(argc - 2, argv + 2);
	else
		return fputs("mkschemas: join COMMON SCHEMA, or tables SCHEMA...\n", stderr), 1;
	return code || fflush(stdout) != 0 || ferror(stdout);
}
