#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/db/catalog.h"
#include "tests/unit/fakepq.h"

/* What the catalog's query answers, in its order of columns. */
enum { COLUMNS = 14 };

static const char *values[100 * COLUMNS];
static int rows;

static void row(const char *table, const char *relkind, const char *column, const char *type,
                const char *form, const char *target)
{
	const char *line[COLUMNS] = { table,
		                          relkind,
		                          column,
		                          type,
		                          NULL,
		                          form,
		                          "f",
		                          "f",
		                          type,
		                          target,
		                          target ? "t" : "f",
		                          !strcmp(column, "id") ? "1" : "0",
		                          "t",
		                          "f" };

	assert_true(rows < 100);
	memcpy(&values[rows++ * COLUMNS], line, sizeof(line));
}

static void table(const char *name)
{
	row(name, "r", "id", "int4", "literal", NULL);
}

static int begin(void **state)
{
	rows = 0;
	return fake_begin(state);
}

/* What every HQ has. */
static const char *const needed[][2] = {
	{ "annotation", "id" },
	{ "annotation", "uuid" },
	{ "annotation", "run_id" },
	{ "annotation", "asset_id" },
	{ "annotation", "schema_id" },
	{ "annotationrun", "id" },
	{ "annotationrun", "uuid" },
	{ "annotationrun", "name" },
	{ "annotationrun", "infospace_id" },
	{ "annotationschema", "id" },
	{ "asset", "id" },
	{ "asset", "uuid" },
	{ "asset", "kind" },
	{ "asset", "infospace_id" },
	{ "infospace", "id" },
	{ "infospace", "uuid" },
	{ "infospace", "name" },
	{ "infospace", "owner_id" },
	{ "runschemalink", "run_id" },
	{ "runschemalink", "schema_id" },
	{ "user", "id" },
	{ "user", "email" },
	{ "user", "is_active" },
};
enum { NEEDED = sizeof(needed) / sizeof(*needed) };

/* The tables that every HQ has, but for `without`; asset with one more column. */
static void needed_tables(const char *without, const char *of_asset)
{
	size_t i;

	for (i = 0; i < NEEDED; i++) {
		if (without && !strcmp(needed[i][0], without))
			continue;
		row(needed[i][0], "r", needed[i][1], "int4", "literal", NULL);
		if (of_asset && !strcmp(needed[i][0], "asset") && !strcmp(needed[i][1], "uuid"))
			row("asset", "r", of_asset, "int4", "array", NULL);
	}
}

static void answer_home(const char *schema)
{
	static const char *home[1];

	home[0] = schema;
	fake_query("relname = 'annotationrun'");
	fake_rows(1, schema != NULL, home);
}

static void answer_tables(void)
{
	fake_query("pg_attribute");
	fake_rows(COLUMNS, rows, values);
}

/* The schema spaceport: not there, or set up by whoever is trusted or not. */
static void answer_own(bool there, bool trusted)
{
	const char *is = there ? "t" : "f";
	static const char *own[7]; /* as the script keeps no copy */

	memcpy(own, (const char *[]){ is, is, trusted ? "t" : "f", is, "f", "f", "f" }, sizeof own);
	fake_query("spaceport");
	fake_rows(7, 1, own);
}

static void answer_system(void)
{
	static const char *const id[] = { "7412345678901234567/16384" };

	answer_own(false, false);
	fake_query("pg_control_system");
	fake_rows(1, 1, id);
}

static sp_catalog *read_catalog(sp_db *db)
{
	sp_error err = SP_ERROR_INIT;
	sp_catalog *catalog;

	answer_home("public");
	answer_tables();
	answer_system();
	catalog = sp_catalog_read(db, &err);
	if (!catalog)
		fail_msg("%s", sp_error_text(&err));
	return catalog;
}

static void tells_tables_and_columns(void **state)
{
	sp_db *db = fake_open(60, NULL);
	const sp_table *found;
	const sp_column *column;
	sp_catalog *catalog;

	(void)state;
	needed_tables(NULL, NULL);
	row("z\"odd", "p", "id", "int8", "literal", NULL);
	row("z\"odd", "p", "asset_id", "int4", "literal", "asset");
	row("z\"odd", "p", "a", "json", "json", NULL);
	row("z\"odd", "p", "b", "jsonb", "jsonb", NULL);
	row("z\"odd", "p", "c", "text", "string", NULL);
	row("z\"odd", "p", "d", "text", "array", NULL);
	values[(rows - 1) * COLUMNS + 4] = "'{}'::text[]";
	values[(rows - 1) * COLUMNS + 6] = "t";
	values[(rows - 2) * COLUMNS + 7] = "t";
	catalog = read_catalog(db);
	assert_string_equal(catalog->schema, "public");
	assert_string_equal(catalog->revision, "unknown");
	assert_string_equal(catalog->generation, "2025-07");
	assert_string_equal(catalog->system_id, "7412345678901234567/16384");
	assert_int_equal(catalog->count, 8);
	found = sp_catalog_table(catalog, "z\"odd");
	assert_ptr_equal(found, &catalog->tables[7]);
	assert_string_equal(found->quoted, "\"public\".\"z\"\"odd\"");
	assert_true(found->readable);
	assert_int_equal(found->count, 6);
	column = sp_table_column(found, "asset_id");
	assert_int_equal(column->references, sp_catalog_index(catalog, "asset"));
	assert_true(column->references_id);
	assert_int_equal(column->key_position, 0);
	assert_int_equal(found->columns[0].key_position, 1);
	assert_int_equal(found->columns[0].references, -1);
	assert_int_equal(found->columns[0].form, SP_COLUMN_LITERAL);
	assert_int_equal(found->columns[2].form, SP_COLUMN_JSON);
	assert_int_equal(found->columns[3].form, SP_COLUMN_JSONB);
	assert_int_equal(found->columns[4].form, SP_COLUMN_STRING);
	assert_int_equal(found->columns[5].form, SP_COLUMN_ARRAY);
	assert_string_equal(found->columns[5].type, "text");
	assert_string_equal(found->columns[5].base_type, "text");
	assert_string_equal(found->columns[5].default_sql, "'{}'::text[]");
	assert_null(found->columns[4].default_sql);
	assert_true(found->columns[5].not_null);
	assert_false(found->columns[4].not_null);
	assert_true(found->columns[4].generated);
	assert_false(found->columns[5].generated);
	assert_null(sp_table_column(found, "e"));
	assert_null(sp_catalog_table(catalog, "none"));
	assert_int_equal(sp_catalog_index(catalog, "none"), -1);
	sp_catalog_free(catalog);
	sp_db_close(db);
}

/* What isn't a plain table isn't read, and nothing refers to it. */
static void passes_over_what_is_no_table(void **state)
{
	sp_db *db = fake_open(60, NULL);
	sp_catalog *catalog;

	(void)state;
	row("a_view", "v", "id", "int4", "literal", NULL);
	row("a_view", "v", "x", "int4", "literal", "asset");
	needed_tables(NULL, NULL);
	row("vast", "f", "id", "int4", "literal", NULL);
	row("z", "r", "id", "int4", "literal", NULL);
	row("z", "r", "vast_id", "int4", "literal", "vast");
	row("z", "r", "asset_id", "int4", "literal", "asset");
	row("zz", "m", "id", "int4", "literal", NULL);
	catalog = read_catalog(db);
	assert_int_equal(catalog->count, 8);
	assert_null(sp_catalog_table(catalog, "a_view"));
	assert_null(sp_catalog_table(catalog, "vast"));
	assert_null(sp_catalog_table(catalog, "zz"));
	assert_int_equal(catalog->tables[7].columns[1].references, -1);
	assert_int_equal(catalog->tables[7].columns[2].references, sp_catalog_index(catalog, "asset"));
	sp_catalog_free(catalog);
	sp_db_close(db);
}

/* A view under a needed name is no table: its rules would run as we do. */
static void a_view_is_no_needed_table(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_db *db = fake_open(60, NULL);

	(void)state;
	needed_tables("user", NULL);
	row("user", "v", "id", "int4", "literal", NULL);
	answer_home("public");
	answer_tables();
	assert_null(sp_catalog_read(db, &err));
	assert_int_equal(err.code, SP_INCOMPATIBLE);
	sp_error_clear(&err);
	sp_db_close(db);
}

static void knows_integer_ids(void **state)
{
	static const struct {
		const char *type, *form;
		bool expected;
	} cases[] = { { "int2", "literal", true }, { "int4", "literal", true },
		          { "int8", "literal", true }, { "uuid", "string", false },
		          { "text", "string", false }, { "numeric", "literal", false },
		          { "int4", "array", false } };
	sp_db *db = fake_open(60, NULL);
	sp_catalog *catalog;
	size_t i;

	(void)state;
	needed_tables(NULL, NULL);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		static const char *const names[] = { "z0", "z1", "z2", "z3", "z4", "z5", "z6" };

		row(names[i], "r", "id", cases[i].type, cases[i].form, NULL);
	}
	row("z7", "r", "key", "int4", "literal", NULL);
	catalog = read_catalog(db);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(sp_table_has_id(&catalog->tables[7 + i]), cases[i].expected);
	assert_false(sp_table_has_id(sp_catalog_table(catalog, "z7")));
	sp_catalog_free(catalog);
	sp_db_close(db);
}

static void labels_generations(void **state)
{
	static const struct {
		const char *of_asset;
		bool justification;
		const char *expected;
	} cases[] = { { "source_metadata", true, "2025-07" },
		          { "bundle_id", true, "2025-10" },
		          { "bundle_ids", true, "2026-03" },
		          { "bundle_ids", false, "2026-05" } };
	sp_db *db = fake_open(60, NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		sp_catalog *catalog;

		rows = 0;
		needed_tables(NULL, cases[i].of_asset);
		if (cases[i].justification) {
			table("justification");
			row("justification", "r", "annotation_id", "int4", "literal", NULL);
		}
		catalog = read_catalog(db);
		assert_string_equal(catalog->generation, cases[i].expected);
		sp_catalog_free(catalog);
	}
	sp_db_close(db);
}

static void reads_the_revision(void **state)
{
	static const char *const two[] = { "aaa, bbb" }, *const none[] = { NULL };
	const char *const *answers[] = { two, none };
	sp_db *db = fake_open(60, NULL);
	size_t i;

	(void)state;
	row("alembic_version", "r", "version_num", "varchar", "string", NULL);
	needed_tables(NULL, NULL);
	for (i = 0; i < 2; i++) {
		sp_error err = SP_ERROR_INIT;
		sp_catalog *catalog;

		answer_home("hq\"");
		answer_tables();
		fake_query("\"hq\"\"\".\"alembic_version\"");
		fake_rows(1, 1, answers[i]);
		answer_system();
		catalog = sp_catalog_read(db, &err);
		assert_non_null(catalog);
		assert_string_equal(catalog->revision, i ? "unknown" : "aaa, bbb");
		sp_catalog_free(catalog);
	}
	sp_db_close(db);
}

/* A clone is the instance that it was cloned from, if whoever says so may. */
static void reads_who_it_is(void **state)
{
	static const char *const about[] = { "1", "0F2C7F5A-0000-8000-8000-00000000000a" };
	static const char *const id[] = { "1/2" };
	sp_db *db = fake_open(60, NULL);

	(void)state;
	needed_tables(NULL, NULL);
	for (int trusted = 0; trusted < 2; trusted++) {
		sp_error err = SP_ERROR_INIT;
		sp_catalog *catalog;

		answer_home("public");
		answer_tables();
		answer_own(true, trusted);
		fake_query(trusted ? "spaceport.instance" : "pg_control_system");
		fake_rows(trusted ? 2 : 1, 1, trusted ? about : id);
		catalog = sp_catalog_read(db, &err);
		assert_non_null(catalog);
		assert_string_equal(catalog->system_id, trusted ? about[1] : id[0]);
		assert_int_equal(catalog->own.version, trusted);
		sp_catalog_free(catalog);
	}
	sp_db_close(db);
}

/* --- what is no HQ --- */

static void expect_refusal(sp_db *db, sp_code code, const char *part)
{
	sp_error err = SP_ERROR_INIT;

	assert_null(sp_catalog_read(db, &err));
	assert_int_equal(err.code, code);
	if (!strstr(sp_error_text(&err), part))
		fail_msg("\"%s\" isn't in: %s", part, sp_error_text(&err));
	sp_error_clear(&err);
}

static void needs_an_annotationrun(void **state)
{
	sp_db *db = fake_open(60, NULL);

	(void)state;
	answer_home(NULL);
	expect_refusal(db, SP_INCOMPATIBLE, "no table \"annotationrun\"");
	sp_db_close(db);
}

static void needs_certain_tables(void **state)
{
	static const char *const names[] = { "annotation", "annotationschema", "asset",
		                                 "infospace",  "runschemalink",    "user" };
	sp_db *db = fake_open(60, NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		rows = 0;
		needed_tables(names[i], NULL);
		answer_home("public");
		answer_tables();
		expect_refusal(db, SP_INCOMPATIBLE, names[i]);
	}
	rows = 0;
	answer_home("public");
	answer_tables();
	expect_refusal(db, SP_INCOMPATIBLE, "annotation");
	sp_db_close(db);
}

/* Rows are found by these; a table that not every HQ has needs its own only if it is there. */
static void needs_certain_columns(void **state)
{
	sp_db *db = fake_open(60, NULL);
	size_t i, j;

	(void)state;
	for (i = 0; i < NEEDED; i++) {
		rows = 0;
		row(needed[i][0], "r", "another", "int4", "literal", NULL);
		for (j = 0; j < NEEDED; j++)
			if (j != i && !strcmp(needed[j][0], needed[i][0]))
				row(needed[j][0], "r", needed[j][1], "int4", "literal", NULL);
		needed_tables(needed[i][0], NULL);
		answer_home("public");
		answer_tables();
		expect_refusal(db, SP_INCOMPATIBLE, needed[i][1]);
	}
	rows = 0;
	needed_tables(NULL, NULL);
	table("flow");
	answer_home("public");
	answer_tables();
	expect_refusal(db, SP_INCOMPATIBLE, "\"flow\" in the schema \"public\" has no column");
	sp_db_close(db);
}

static void tells_what_fails(void **state)
{
	sp_db *db = fake_open(60, NULL);

	(void)state;
	row("alembic_version", "r", "version_num", "varchar", "string", NULL);
	needed_tables(NULL, NULL);
	fake_query("annotationrun");
	fake_error("XX000", "no home");
	expect_refusal(db, SP_FAILED, "no home");
	answer_home("public");
	fake_query("pg_attribute");
	fake_error("XX000", "no columns");
	expect_refusal(db, SP_FAILED, "no columns");
	answer_home("public");
	answer_tables();
	fake_query("version_num");
	fake_error("42501", "permission denied for table alembic_version");
	expect_refusal(db, SP_NOT_ALLOWED, "alembic_version");
	answer_home("public");
	answer_tables();
	fake_query("version_num");
	fake_rows(1, 0, NULL);
	answer_own(false, false);
	fake_query("pg_control_system");
	fake_error("42501", "permission denied for function pg_control_system");
	expect_refusal(db, SP_NOT_ALLOWED, "pg_control_system");
	sp_catalog_free(NULL);
	sp_db_close(db);
}

#define SCRIPTED(test) cmocka_unit_test_setup_teardown(test, begin, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRIPTED(tells_tables_and_columns),  SCRIPTED(passes_over_what_is_no_table),
		SCRIPTED(a_view_is_no_needed_table), SCRIPTED(knows_integer_ids),
		SCRIPTED(labels_generations),        SCRIPTED(reads_the_revision),
		SCRIPTED(reads_who_it_is),           SCRIPTED(needs_an_annotationrun),
		SCRIPTED(needs_certain_tables),      SCRIPTED(needs_certain_columns),
		SCRIPTED(tells_what_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
