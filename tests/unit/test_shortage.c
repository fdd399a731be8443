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
#include "core/export/justify.h"
#include "core/model/ref_change.h"
#include "tests/unit/failing.h"
#include "tests/unit/packing.h"

/*
 * Every allocation of the program's own code fails once, one after the other
 * (linked with --wrap): each time there is an error that says so, or it didn't
 * matter and the result is what it should be.
 */

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, (void *old, size_t size), (old, size))
WRAP(char *, strdup, (const char *text), (text))
WRAP(char *, strndup, (const char *text, size_t len), (text, len))

typedef bool body_fn(sp_error *err);

/* Writes the script for one run of the body, which its memory isn't counted for. */
static body_fn *current_body;
static void (*current_script)(void);

static bool run(long n, sp_error *err)
{
	bool ok;

	assert_int_equal(fake_begin(NULL), 0);
	if (current_script)
		current_script();
	countdown = n;
	ok = current_body(err);
	n = countdown;
	countdown = 0;
	if (!ok)
		fake_drop();
	assert_int_equal(fake_end(NULL), 0);
	countdown = n;
	return ok;
}

static void try_all(body_fn *body, void (*script)(void))
{
	sp_error err = SP_ERROR_INIT;
	long n;
	bool ok = false;

	current_body = body;
	current_script = script;
	for (n = 1; n < 5000; n++) {
		ok = run(n, &err);
		if (countdown > 0)
			break;
		if (!ok) {
			if (err.code != SP_FAILED)
				fail_msg("allocation %ld: code %d, %s", n, err.code, sp_error_text_c(&err));
			if (!strstr(sp_error_text_c(&err), "out of memory"))
				fail_msg("allocation %ld: %s", n, sp_error_text_c(&err));
		}
		sp_error_clear(&err);
	}
	countdown = 0;
	if (!ok)
		fail_msg("%s", sp_error_text(&err));
	assert_true(n > 3 && n < 5000);
}

/* --- the database --- */

static void script_statements(void)
{
	static const char *const one[] = { "1" };
	static const sp_field row[] = { FAKE_TEXT("a"), FAKE_NULL };

	fake_session("UTC");
	fake_query("SELECT 1");
	fake_rows(1, 1, one);
	fake_query("SELECT 2");
	fake_rows(1, 1, one);
	fake_query("COPY (SELECT 3)");
	fake_copy_out();
	fake_row(2, row);
	fake_copy_end();
	fake_done("COPY 1");
	fake_query("COPY t FROM STDIN");
	fake_copy_in();
	fake_done("COPY 1");
	fake_query("COMMIT");
	fake_done("COMMIT");
}

static bool count_row(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	int *rows = ctx;

	(void)fields;
	(void)err;
	*rows += count == 2;
	return true;
}

static bool select_two(sp_db *db, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;

	sp_buf_adds(&sql, "SELECT 2");
	rows = sp_db_query_buf(db, &sql, 0, NULL, err);
	sp_rows_free(rows);
	return rows != NULL;
}

static bool copy_three(sp_db *db, int *copied, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_buf_adds(&sql, "SELECT 3");
	return sp_db_copy_out_buf(db, &sql, count_row, copied, err);
}

static bool talk(sp_error *err)
{
	const char *values[] = { "a", NULL };
	sp_db *db = sp_db_open("dbname=x", 60, 0, NULL, err);
	sp_rows *rows = db ? sp_db_query(db, "SELECT 1", 0, NULL, err) : NULL;
	int copied = 0;
	bool ok;

	ok = rows && select_two(db, err) && copy_three(db, &copied, err) && copied == 1 &&
	     sp_db_copy_in(db, "t", err) && sp_db_copy_row(db, values, 2, err) &&
	     sp_db_copy_end(db, err) && sp_db_commit(db, err);
	if (ok)
		assert_string_equal(fake_sent(), "a\t\\N\n");
	sp_rows_free(rows);
	sp_db_close(db);
	return ok;
}

static void talking(void **state)
{
	(void)state;
	try_all(talk, script_statements);
}

static void script_catalog(void)
{
	static const char *const home[] = { "public" }, *const id[] = { "1/2" };
	static const char *const columns[][2] = {
		{ "alembic_version", "version_num" }, { "annotation", "id" },
		{ "annotation", "uuid" },             { "annotation", "run_id" },
		{ "annotation", "asset_id" },         { "annotation", "schema_id" },
		{ "annotationrun", "id" },
		{ "annotationrun", "uuid" },          { "annotationrun", "name" },
		{ "annotationrun", "infospace_id" },  { "annotationschema", "id" },
		{ "asset", "id" },                    { "asset", "uuid" },
		{ "asset", "kind" },                  { "asset", "infospace_id" },
		{ "infospace", "id" },                { "infospace", "uuid" },
		{ "infospace", "name" },              { "infospace", "owner_id" },
		{ "runschemalink", "run_id" },        { "runschemalink", "schema_id" },
		{ "user", "id" },                     { "user", "email" },
		{ "user", "is_active" },
	};
	enum { COUNT = sizeof(columns) / sizeof(*columns), COLUMNS = 14 };
	static const char *const own[] = { "f", "f", "f", "f", "f", "f", "f" };
	static const char *rows[COUNT * COLUMNS];
	size_t i;

	for (i = 0; i < COUNT; i++) {
		const char *line[COLUMNS] = {
			columns[i][0], "r",    columns[i][1],      "integer", "0", "literal", "t",
			"f",           "int4", i ? NULL : "asset", "f",       "1", "t", "f"
		};

		memcpy(&rows[i * COLUMNS], line, sizeof(line));
	}
	fake_session("UTC");
	fake_query("annotationrun");
	fake_rows(1, 1, home);
	fake_query("pg_attribute");
	fake_rows(COLUMNS, COUNT, rows);
	fake_query("version_num");
	fake_rows(1, 1, home);
	fake_query("spaceport");
	fake_rows(7, 1, own);
	fake_query("pg_control_system");
	fake_rows(1, 1, id);
}

static bool read_catalog(sp_error *err)
{
	sp_db *db = sp_db_open("dbname=x", 60, 0, NULL, err);
	sp_catalog *catalog = db ? sp_catalog_read(db, err) : NULL;
	bool ok = catalog != NULL;

	if (ok) {
		assert_int_equal(catalog->count, 8);
		assert_string_equal(catalog->tables[7].columns[0].default_sql, "0");
	}
	sp_catalog_free(catalog);
	sp_db_close(db);
	return ok;
}

static void reading_the_catalog(void **state)
{
	(void)state;
	try_all(read_catalog, script_catalog);
}

/* --- rows --- */

static void script_names(void)
{
	static const sp_field name[] = { FAKE_INT4("\x03"), FAKE_INT8("\x07"), FAKE_TEXT("u" ASSET7) };
	static const char *const schema[] = {
		"4", SCHEMA4, "S", "{\"properties\":{\"a\":{\"items\":{\"properties\":{\"b\":{}}}}}}"
	};

	fake_session("UTC");
	fake_query("the names");
	fake_copy_out();
	fake_row(3, name);
	fake_copy_end();
	fake_done("COPY 1");
	fake_query("output_contract");
	fake_rows(4, 1, schema);
}

typedef struct {
	sp_db *db;
	sp_identity *identity;
	sp_names *names;
	sp_withhold *withhold;
	sp_packer *packer;
	sp_layout *layout;
} tools;

static bool get_tools(tools *t, sp_kind kind, sp_error *err)
{
	const char *field = "S.a.b";
	sp_export_options options = { .max_line = 1000,
		                          .exclude_fields = &field,
		                          .exclude_field_count = 1 };

	*t = (tools){ 0 };
	t->db = sp_db_open("dbname=x", 60, 0, NULL, err);
	t->identity = t->db ? sp_identity_create(sample.system_id, true, err) : NULL;
	t->names = t->identity ? sp_names_load(t->db, "the names", t->identity, err) : NULL;
	t->withhold = t->names ? sp_withhold_create(t->db, &sample, 5, &options, err) : NULL;
	t->layout = t->withhold ? sp_layout_create(&sample, kind, &options, NULL, err) : NULL;
	if (t->layout)
		t->packer = sp_packer_create(&sample, t->identity, t->names, t->withhold, false, true, err);
	return t->packer != NULL;
}

static void give_back(tools *t)
{
	sp_packer_free(t->packer);
	sp_layout_free(t->layout);
	sp_withhold_free(t->withhold);
	sp_names_free(t->names);
	sp_identity_free(t->identity);
	sp_db_close(t->db);
}

static bool pack(tools *t, const given *values, const char *expected, sp_error *err)
{
	sp_field fields[24] = { INT("\x01"), TEXT("u" OWN) };
	sp_packed row;
	int i;

	for (; values->column; values++) {
		for (i = 0; strcmp(t->layout->fields[i].column->name, values->column) != 0; i++)
			;
		fields[i + 2] = values->field;
	}
	if (!sp_pack_row(t->packer, t->layout, fields, &row, err))
		return false;
	assert_string_equal(row.line, expected);
	return true;
}

static bool pack_annotation(sp_error *err)
{
	static const given row[] = { { "asset_id", INT("\x07") },
		                         { "schema_id", INT("\x04") },
		                         { "value",
		                           TEXT("{\"\\u0061\":[{\"b\":\"CANARY\",\"c\":{\"d\":{\"e\":1}}}],"
		                                "\"_system_asset_source_uuid\":\"" ASSET7 "\"}") },
		                         { "links", TEXT("{\"a\":\"\\u0000\"}") },
		                         { "imported_from_uuid", TEXT(RUN5) },
		                         { "__note", TEXT("n") },
		                         { 0 } };
	static const char expected[] = HEAD
		",\"asset_id\":\"" ASSET7 "\",\"schema_id\":4,\"value\":{\"\\u0061\":[{\"c\":{\"d\":"
		"{\"e\":1}}}],\"_system_asset_source_uuid\":\"" ASSET7 "\"},\"imported_from_uuid\":\"" RUN5
		"\",\"____note\":\"n\",\"__raw\":{\"links\":\"{\\\"a\\\":\\\"\\\\u0000\\\"}\"},\"__refs\":["
		"{\"path\":\"/schema_id\",\"form\":\"number\",\"kind\":\"schema\"},"
		"{\"path\":\"/value/_system_asset_source_uuid\",\"form\":\"uuid\",\"kind\":\"asset\","
		"\"uuid\":\"" ASSET7 "\"}]}";
	tools t;
	bool ok = get_tools(&t, SP_ANNOTATION, err) && pack(&t, row, expected, err);

	give_back(&t);
	return ok;
}

static bool pack_source(sp_error *err)
{
	static const given row[] = {
		{ "details", TEXT("{\"login\":1,\"url\":\"https:\\/\\/u:p@h\",\"type\":\"a\\u0062\","
		                  "\"user_id\":9,\"search_config\":{\"query\":{\"query\":\"q\"}}}") },
		{ "a/b~c", INT("\x07") },
		{ 0 }
	};
	static const char expected[] = HEAD
		",\"details\":{\"url\":null,\"type\":\"a\\u0062\",\"user_id\":9,\"search_config\":"
		"{\"query\":{\"query\":\"q\"}}},\"a/b~c\":7,\"__refs\":[{\"path\":\"/details/user_id\","
		"\"form\":\"number\",\"kind\":\"user\"},{\"path\":\"/a~1b~0c\",\"form\":\"number\"}]}";
	tools t;
	bool ok = get_tools(&t, SP_SOURCE, err) && pack(&t, row, expected, err);

	give_back(&t);
	return ok;
}

static bool pack_asset(sp_error *err)
{
	static const given row[] = { { "title", TEXT("t") },
		                         { "bundle_ids", TEXT("0,null,77") },
		                         { "text_content", TEXT("{{asset:7}}") },
		                         { "fragments",
		                           TEXT("{\"x\\/y\":{\"source_ref\":\"run:9\"},\"b\":{\"z\":1}}") },
		                         { 0 } };
	static const char expected[] =
		HEAD ",\"title\":\"t\",\"bundle_ids\":[0,null,77],\"text_content\":\"{{asset:7}}\","
			 "\"fragments\":{\"x\\/y\":{\"source_ref\":\"run:9\"}},\"__refs\":["
			 "{\"path\":\"/bundle_ids/2\",\"form\":\"number\",\"kind\":\"bundle\"},"
			 "{\"path\":\"/"
			 "text_content\",\"form\":\"marker\",\"id\":7,\"kind\":\"asset\",\"uuid\":\"" ASSET7
			 "\"},{\"path\":\"/fragments/x~1y/source_ref\",\"form\":\"prefix\",\"kind\":\"run\"}]}";
	tools t;
	bool ok = get_tools(&t, SP_ASSET, err) && pack(&t, row, expected, err);

	give_back(&t);
	return ok;
}

static void packing_rows(void **state)
{
	(void)state;
	try_all(pack_annotation, script_names);
	try_all(pack_source, script_names);
	try_all(pack_asset, script_names);
}

static bool say_what_stays_out(sp_error *err)
{
	static const sp_export_options plain = { .max_line = 1000 };
	sp_json *list = sp_json_array();
	sp_layout *layout;
	sp_buf text = { 0 };
	bool ok;

	if (!list)
		return sp_fail_memory(err);
	layout = sp_layout_create(&sample, SP_USER, &plain, list, err);
	ok = layout && (sp_json_print(list, false, &text) || sp_fail_memory(err));
	if (ok)
		assert_string_equal(text.data, "[{\"column\":\"user.hashed_password\",\"why\":\"secret\"},"
		                               "{\"column\":\"user.token\",\"why\":\"secret\"}]");
	sp_buf_free(&text);
	sp_json_free(list);
	sp_layout_free(layout);
	return ok;
}

static void saying_what_stays_out(void **state)
{
	(void)state;
	try_all(say_what_stays_out, NULL);
}

/* --- values --- */

static bool count_ref(void *ctx, const sp_ref *ref, sp_error *err)
{
	int *count = ctx;

	(void)err;
	*count += strlen(ref->pointer) > 10;
	return true;
}

static bool scan_refs(sp_error *err)
{
	static const char one[] = "{\"selectedSchemaId\":\"\\u0031\"}";
	sp_buf text = { 0 };
	int count = 0, i;
	bool ok;

	for (i = 0; i < 40; i++)
		sp_buf_adds(&text, "{\"some\\u0020key\":");
	sp_buf_adds(&text,
	            "{\"selected\\u0053chemaId\":1,\"sourceType\":\"r\\u0075n\",\"sourceId\":2}");
	for (i = 0; i < 40; i++)
		sp_buf_addc(&text, '}');
	ok = !text.failed || sp_fail_memory(err);
	ok = ok && sp_refs_scan("annotationrun", "views_config", true, text.data, text.len, count_ref,
	                        &count, err);
	/* and where all that there is may be an id */
	ok = ok && sp_refs_scan("annotationrun", "views_config", true, one, strlen(one), count_ref,
	                        &count, err);
	if (ok)
		assert_int_equal(count, 3);
	sp_buf_free(&text);
	return ok;
}

static bool change_refs(sp_error *err)
{
	static const char markers[] = "\\u007b{asset:7}} {{asset:8}}", last[] = "/text_content";
	sp_buf text = { 0 }, pointer = { 0 }, second = { 0 }, third = { 0 }, to = { 0 };
	bool ok;
	int i;

	sp_buf_adds(&pointer, last);
	for (i = 0; i < 40; i++) {
		sp_buf_adds(&text, "[");
		sp_buf_adds(&pointer, "/0");
	}
	sp_buf_addf(&text, "{\"\\u0061\":\"%s\",\"b\":\"\\u0072un:7\",\"7\":7}", markers);
	sp_buf_addf(&second, "%s/b", sp_buf_text(&pointer));
	sp_buf_addf(&third, "%s/7", sp_buf_text(&pointer));
	sp_buf_adds(&pointer, "/a");
	ok = !(text.failed || pointer.failed || second.failed || third.failed) || sp_fail_memory(err);
	if (ok) {
		sp_ref_change changes[] = {
			{ pointer.data, SP_REF_MARKER, SP_ASSET, 7, "100000000000", SP_REF_NOT_FOUND },
			{ pointer.data, SP_REF_MARKER, SP_ASSET, 8, NULL, SP_REF_NOT_FOUND },
			{ second.data, SP_REF_PREFIX, SP_RUN, 0, "9", SP_REF_NOT_FOUND },
			{ third.data, SP_REF_KEY, SP_RUN, 0, "9", SP_REF_NOT_FOUND },
			{ third.data, SP_REF_NUMBER, SP_RUN, 0, "9", SP_REF_NOT_FOUND },
		};

		ok = sp_refs_change("asset", "text_content", true, text.data, text.len, changes, 5, &to,
		                    err);
		if (ok)
			assert_string_equal(strchr(to.data, '{'),
			                    "{\"\\u0061\":\"{{asset:100000000000}} {{asset:?8}}\","
			                    "\"b\":\"run:9\",\"9\":9}");
	}
	sp_buf_free(&text);
	sp_buf_free(&pointer);
	sp_buf_free(&second);
	sp_buf_free(&third);
	sp_buf_free(&to);
	return ok;
}

static void changing_references(void **state)
{
	(void)state;
	try_all(change_refs, NULL);
}

static void scanning_for_references(void **state)
{
	(void)state;
	try_all(scan_refs, NULL);
}

static bool justify(sp_error *err)
{
	static const char row[] =
		"{\"value\":{\"a\\u0062\":{\"c_justification\":{\"reasoning\":\"r\",\"x\":1}},"
		"\"d\":[[[[[[[[[[[[[[[[[[[{\"justification\":{\"y\":1}}]]]]]]]]]]]]]]]]]]]}}";
	static const sp_row_uuid annotation = { OWN, OWN };
	sp_identity *identity = sp_identity_create("1/2", true, err);
	sp_buf lines = { 0 };
	size_t count;
	bool ok = identity &&
	          sp_justifications(identity, &annotation, row, sizeof(row) - 1, &lines, &count, err);

	if (ok) {
		assert_int_equal(count, 2);
		assert_non_null(strstr(lines.data, "\"field_name\":\"ab.c\",\"reasoning\":\"r\","
		                                   "\"evidence_payload\":{\"x\":1},\"__inline\":"
		                                   "\"/value/ab/c_justification\"}\n"));
		assert_non_null(strstr(lines.data, "\"evidence_payload\":{\"y\":1}"));
	}
	sp_buf_free(&lines);
	sp_identity_free(identity);
	return ok;
}

static void justifying(void **state)
{
	(void)state;
	try_all(justify, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(talking),
		cmocka_unit_test(reading_the_catalog),
		cmocka_unit_test(packing_rows),
		cmocka_unit_test(saying_what_stays_out),
		cmocka_unit_test(changing_references),
		cmocka_unit_test(scanning_for_references),
		cmocka_unit_test(justifying),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
