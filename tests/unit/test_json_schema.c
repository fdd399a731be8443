#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/json_schema_compile.h"
#include "core/package/places.h"
#include "core/package/row_check.h"
#include "core/package/schemas.h"

static sp_json_check json;
static sp_json_schema_check *check;
static sp_error error;
static sp_buf found;

static void take_wrong(void *ctx, sp_json_wrong wrong, const char *pointer, const char *expected)
{
	static const char *const names[] = { "type", "value", "missing", "key", "any" };

	(void)ctx;
	sp_buf_addf(&found, "%s%s %s %s", found.len ? "; " : "", names[wrong], pointer, expected);
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	(void)ctx;
	(void)depth;
	sp_json_schema_check_token(check, kind, token, &json.number, &error);
}

static const char *verdict(const sp_json_schema *schema, const char *text, size_t piece)
{
	size_t len = strlen(text), i;

	sp_buf_reset(&found);
	json.max_depth = SP_JSON_CHECK_DEPTH;
	json.fn = take_token;
	sp_json_check_begin(&json);
	sp_json_schema_check_begin(check, schema);
	for (i = 0; i < len; i += piece)
		sp_json_check_add(&json, text + i, len - i < piece ? len - i : piece);
	if (!sp_json_check_end(&json))
		fail_msg("no JSON: %s", text);
	return sp_buf_text(&found);
}

/* What is wrong with `text`, "" for nothing, whole and byte by byte. */
static void expect(const char *schema_text, const char *text, const char *wrong)
{
	sp_json *schema = sp_json_parse(schema_text, strlen(schema_text), "schema", &error);
	sp_json_schema_table *table = schema ? sp_json_schema_compile(schema, &error) : NULL;

	if (!table)
		fail_msg("%s: %s", schema_text, sp_error_text(&error));
	assert_string_equal(verdict(sp_json_schema_of(table), text, strlen(text)), wrong);
	assert_string_equal(verdict(sp_json_schema_of(table), text, 1), wrong);
	assert_false(sp_error_is_set(&error));
	sp_json_schema_table_free(table);
	sp_json_free(schema);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	const char *schema =
		"{\"type\":\"object\",\"required\":[\"a\",\"b\"],\"properties\":{\"a\":{\"items\":{"
		"\"properties\":{\"~/\":{\"enum\":[\"x\",1,null]}}}}},\"additionalProperties\":{"
		"\"type\":[\"string\",\"number\"]}}";

	(void)state;
	expect(schema, "{\"a\":[{},{\"~/\":1.0}],\"b\":\"\"}", "");
	expect(schema, "[]", "type  \"object\"");
	expect(schema, "{}", "missing  a; missing  b");
	expect(schema, "{\"a\":[0,[],{\"~/\":\"y\"}],\"b\":[{}]}",
	       "value /a/2/~0~1 \"x\", 1, null; type /b \"number\", \"string\"");
	expect(schema, "{\"a\":1,\"b\":2,\"c\\u00e9\":{\"d\":[1]}}", "type /cé \"number\", \"string\"");
	expect("{\"additionalProperties\":false,\"properties\":{\"a\":{}}}", "{\"a\":1,\"b\":[{}]}",
	       "key  b");
	expect("{\"items\":false}", "[1]", "any /0 ");
	/* each value of a key that is there twice */
	expect("{\"properties\":{\"a\":{\"type\":\"null\"}}}", "{\"a\":1,\"a\":null}",
	       "type /a \"null\"");
}

static void a_number_is_what_it_is_worth(void **state)
{
	static const char *const integers[] = { "0",     "-0",   "1.0",  "1e2",    "100e-2", "1.50e1",
		                                    "0e-99", "0.00", "-2.0", "1.2e+1", "1E400" };
	static const char *const fractions[] = { "0.5", "1e-1", "100e-3", "1.01", "-1.5e0", "1e-400" };
	static const char *const twelves[] = { "12", "12.0", "1.2e1", "0.12e+2", "1200e-2", "12.000" };
	static const char *const others[] = {
		"-12", "1.2", "120", "12e1", "12.0000000000000000000001", "12000000000000000000000000000"
	};
	char zeroes[2 * SP_JSON_CHECK_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof integers / sizeof *integers; i++)
		expect("{\"type\":\"integer\"}", integers[i], "");
	for (i = 0; i < sizeof fractions / sizeof *fractions; i++)
		expect("{\"type\":\"integer\"}", fractions[i], "type  \"integer\"");
	for (i = 0; i < sizeof twelves / sizeof *twelves; i++)
		expect("{\"enum\":[12]}", twelves[i], "");
	for (i = 0; i < sizeof others / sizeof *others; i++)
		expect("{\"enum\":[12]}", others[i], "value  12");
	expect("{\"enum\":[0]}", "-0.0e7", "");
	/* longer than tokens are told */
	snprintf(zeroes, sizeof zeroes, "12.%06000d", 0);
	expect("{\"enum\":[12]}", zeroes, "");
	expect("{\"type\":\"integer\"}", zeroes, "");
	snprintf(zeroes, sizeof zeroes, "12.%06000d", 1);
	expect("{\"type\":\"integer\"}", zeroes, "type  \"integer\"");
	snprintf(zeroes, sizeof zeroes, "12e%06000d", 0);
	expect("{\"enum\":[12]}", zeroes, "");
}

static void a_text_is_what_it_reads(void **state)
{
	char name[SP_JSON_CHECK_TEXT], schema[SP_JSON_CHECK_TEXT], text[SP_JSON_CHECK_TEXT + 32];
	char plain[SP_JSON_SCHEMA_TEXT + 1] = "";
	size_t i, len = 0;

	(void)state;
	expect("{\"enum\":[\"ü\",\"a\\\"b\"]}", "\"\\u00FC\"", "");
	expect("{\"enum\":[\"ü\",\"a\\\"b\"]}", "\"\\u0061\\\"b\"", "");
	expect("{\"enum\":[\"\U0001f600\"]}", "\"\\ud83d\\ude00\"", "");
	expect("{\"enum\":[\"a\"]}", "\"a\\u0000\"", "value  \"a\"");
	expect("{\"enum\":[\"true\",true]}", "false", "value  \"true\", true");
	expect("{\"required\":[\"a\"]}", "{\"\\u0061\":1}", "");
	expect("{\"required\":[\"a\"]}", "{\"A\":1}", "missing  a");
	/* the longest name, in the longest spelling */
	for (i = 0; i < SP_JSON_SCHEMA_TEXT; i++) {
		plain[i] = 'k';
		len += (size_t)snprintf(name + len, sizeof name - len, "\\u006B");
	}
	snprintf(schema, sizeof schema, "{\"required\":[\"%s\"]}", plain);
	snprintf(text, sizeof text, "{\"%s\":1}", name);
	expect(schema, text, "");
	snprintf(text, sizeof text, "{\"%skkkkkk\":1}", name);
	expect("{\"additionalProperties\":false}", text, "key  …");
}

static void schemas_for_one_value_all_count(void **state)
{
	const char *schema = "{\"$ref\":\"#/$defs/row\",\"required\":[\"b\"],\"properties\":{\"a\":{"
						 "\"enum\":[\"x\",\"y\"]}},\"$defs\":{\"row\":{\"required\":[\"a\"],"
						 "\"properties\":{\"a\":{\"$ref\":\"#/$defs/t\"}}},\"t\":{\"type\":"
						 "\"string\",\"enum\":[\"y\",\"z\"]}}}";

	(void)state;
	expect(schema, "{\"a\":\"y\",\"b\":1}", "");
	expect(schema, "{\"a\":\"x\",\"b\":1}", "value /a \"y\"");
	expect(schema, "{\"a\":1}", "type /a \"string\"; missing  b");
	expect(schema, "{}", "missing  a; missing  b");
	expect("{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
	       "{\"a\":{\"a\":{\"b\":1}}}", "key /a/a b");
}

static void take_finding(void *ctx, const sp_finding *finding)
{
	(void)ctx;
	assert_int_equal(finding->id, SP_FOUND_SCHEMA);
	sp_buf_addf(&found, "%s%lld:%lld %s: %s", found.len ? "; " : "", (long long)finding->place.line,
	            (long long)finding->place.column, finding->place.pointer,
	            sp_error_text(finding->text));
}

/* The rows of an entry, as a walk hands them over. */
static bool check_rows(const char *path, const char *text, bool goes_on)
{
	static const char schema_text[] =
		"{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"enum\":[1]},\"b\":{"
		"\"items\":false}},\"additionalProperties\":false}";
	sp_json *schema = sp_json_parse(schema_text, strlen(schema_text), "schema", &error);
	sp_json_schema_table *table = sp_json_schema_compile(schema, &error);
	sp_checking checking = {
		.name = "x", .limits = SP_LIMITS_DEFAULT, .tell = take_finding, .goes_on = goes_on
	};
	sp_row_check *rows = sp_row_check_create(&checking, NULL, NULL, &error);
	int64_t count;
	bool ok;

	sp_buf_reset(&found);
	sp_checking_begin(&checking);
	sp_row_check_begin(rows, path, true, sp_json_schema_of(table));
	ok = sp_row_check_add(rows, text, strlen(text), &error) &&
	     sp_row_check_end(rows, &count, &error);
	sp_row_check_free(rows);
	sp_json_schema_table_free(table);
	sp_json_free(schema);
	return ok;
}

static void findings_say_what_should_be_there_and_where(void **state)
{
	(void)state;
	assert_true(
		check_rows("a.jsonl", "{\"a\":1,\"b\":[]}\n[]\n{\"b\":[2],\"c\":3}\n{\"a\":4}\n", true));
	assert_string_equal(sp_buf_text(&found), "2:1 : its type should be: \"object\"; "
	                                         "3:7 /b/0: no value may be there; "
	                                         "3:10 : the key \"c\" may not be there; "
	                                         "3:15 : the key \"a\" is missing; "
	                                         "4:6 /a: its value should be one of: 1");
	assert_true(check_rows("a.json", "\n {\n\"a\": 2}\n", true));
	assert_string_equal(sp_buf_text(&found), "3:6 /a: its value should be one of: 1");
	/* the first one ends a check that isn't to go on */
	assert_false(check_rows("a.jsonl", "{\"a\":2,\"b\":1,\"c\":3}\n{}\n", false));
	assert_string_equal(sp_buf_text(&found), "1:6 /a: its value should be one of: 1");
	assert_int_equal(error.code, SP_BAD_PACKAGE);
	assert_string_equal(sp_error_text(&error),
	                    "x: entry \"a.jsonl\", line 1, byte 6, /a: its value should be one of: 1");
	sp_error_clear(&error);
}

/* As deep as JSON may be, and in memory of the same size. */
static void depth_is_no_matter(void **state)
{
	size_t depth = 60000;
	char *text = malloc(2 * depth + 1);

	(void)state;
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	text[2 * depth] = '\0';
	expect("{\"items\":{\"$ref\":\"#\"}}", text, "");
	expect("{\"items\":{\"type\":\"array\"}}", text, "");
	free(text);
}

static void a_reference_names_a_schema_by_a_pointer(void **state)
{
	(void)state;
	expect("{\"$ref\":\"#/$defs/a%25~1~0%C3%BC\",\"$defs\":{\"a%/~ü\":{\"type\":\"null\"}}}", "1",
	       "type  \"null\"");
	/* what is no escape stands for itself */
	expect("{\"$ref\":\"#/$defs/%zz%4z~\",\"$defs\":{\"%zz%4z~\":{\"type\":\"null\"}}}", "1",
	       "type  \"null\"");
	expect("{\"$ref\":\"#/$defs/%4\",\"$defs\":{\"%4\":{\"type\":\"null\"}}}", "1",
	       "type  \"null\"");
	/* the same one by two ways is one */
	expect("{\"$ref\":\"#/$defs/r\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/t\"},\"b\":true},"
	       "\"$defs\":{\"r\":{\"properties\":{\"a\":{\"$ref\":\"#/$defs/t\"}}},\"t\":{\"type\":"
	       "\"null\"}},\"$id\":\"https://example.org/a\",\"$comment\":\"\",\"examples\":[1]}",
	       "{\"a\":1,\"b\":2}", "type /a \"null\"");
	expect("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"enum\":[-50,500,true]}",
	       "5", "value  -50, 500, true");
}

/* So many names are asked for. */
static void required(sp_buf *to, int count)
{
	int i;

	sp_buf_reset(to);
	for (i = 0; i < count; i++)
		sp_buf_addf(to, "%s\"k%d\"", i ? "," : "{\"required\":[", i);
	sp_buf_adds(to, "]}");
}

static void as_many_keys_are_required_as_a_word_has_bits(void **state)
{
	sp_buf text = { 0 };
	sp_json *schema;

	(void)state;
	required(&text, 64);
	expect(sp_buf_text(&text), "1", "");
	required(&text, 65);
	schema = sp_json_parse(text.data, text.len, "schema", &error);
	assert_null(sp_json_schema_compile(schema, &error));
	assert_string_equal(sp_error_text_c(&error), "too many keys: \"required\"");
	sp_error_clear(&error);
	sp_json_free(schema);
	sp_buf_free(&text);
}

static void what_it_does_not_know_is_refused(void **state)
{
	static const char *const texts[][2] = {
		{ "[]", "not a schema" },
		{ "{\"items\":[{}]}", "not a schema: \"items\"" },
		{ "{\"properties\":1}", "not an object: \"properties\"" },
		{ "{\"$defs\":[]}", "not an object: \"$defs\"" },
		{ "{\"properties\":{\"\xef\xbf\xbd\":{}}}", "too long a name" },
		{ "{\"type\":7}", "not a type" },
		{ "{\"type\":[1]}", "not a type" },
		{ "{\"type\":[]}", "not a type" },
		{ "{\"required\":{}}", "not an array: \"required\"" },
		{ "{\"required\":[1]}", "not a list of names" },
		{ "{\"required\":[\"\xef\xbf\xbd\"]}", "not a list of names" },
		{ "{\"enum\":[]}", "not a list of texts" },
		{ "{\"enum\":{\"a\":1}}", "not a list of texts" },
		{ "{\"enum\":[\"\xef\xbf\xbd\"]}", "not a list of texts" },
		{ "{\"enum\":[1234567890123456789]}", "not a list of texts" },
		{ "{\"title\":1}", "not a text: \"title\"" },
		{ "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", "not the draft" },
		{ "{\"$schema\":7}", "not the draft" },
		{ "{\"properties\":{\"a\":{\"$id\":\"x\"}}}", "only the whole may have it" },
		{ "{\"$ref\":\"other.json\"}", "names no schema here: \"other.json\"" },
		{ "{\"$ref\":\"#a\"}", "names no schema here: \"#a\"" },
		{ "{\"$ref\":\"#/a/b\"}", "names no schema here" },
		{ "{\"minLength\":1}", "minLength" },
		{ "{\"properties\":{\"a\":{\"oneOf\":[]}}}", "/a/" },
		{ "{\"$defs\":{\"a\":{\"pattern\":\"\"}}}", "/a/" },
		{ "{\"$ref\":\"#/$defs/a\"}", "#/$defs/a" },
		{ "{\"$ref\":\"#/properties\",\"properties\":{}}", "names no schema" },
		{ "{\"$ref\":\"#\"}", "refers to itself" },
		{ "{\"enum\":[1.5]}", "enum" },
		{ "{\"enum\":[{}]}", "enum" },
		{ "{\"type\":[\"string\",\"float\"]}", "type" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		sp_json *schema = sp_json_parse(texts[i][0], strlen(texts[i][0]), "schema", &error);

		assert_non_null(schema);
		assert_null(sp_json_schema_compile(schema, &error));
		assert_int_equal(error.code, SP_USAGE);
		if (!strstr(sp_error_text_c(&error), texts[i][1]))
			fail_msg("%s: %s", texts[i][0], sp_error_text_c(&error));
		sp_error_clear(&error);
		sp_json_free(schema);
	}
}

static void every_file_of_a_package_has_one(void **state)
{
	static const char *const without[] = { "assets/files/asset_1_file.json", "texts/run_1.txt",
		                                   "checksums.sha256" };
	static const char *const with[] = {
		"manifest.json",
		"entries.jsonl",
		"run/configuration.json",
		"dependencies/bundles.jsonl",
		"assets/chunks/asset_12_chunks.jsonl",
		"assets/embeddings/asset_3_768.jsonl",
		"compatibility/instance_mapping.json",
		"compatibility/instance_mapping.jsonl",
	};
	const sp_place_kind *place = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof with / sizeof *with; i++)
		assert_non_null(sp_schema_find(sp_place_find(with[i])->schema));
	for (i = 0; i < sizeof without / sizeof *without; i++)
		assert_null(sp_place_find(without[i])->schema);
	/* a name that is misspelt would check nothing */
	while ((place = sp_place_next_always(place)))
		assert_true(!place->schema || sp_schema_find(place->schema));
	assert_null(sp_schema_find("nothing"));
	assert_null(sp_schema_find(NULL));
}

static int create(void **state)
{
	(void)state;
	check = sp_json_schema_check_create(take_wrong, NULL, &error);
	return check ? 0 : -1;
}

static int destroy(void **state)
{
	(void)state;
	sp_json_schema_check_free(check);
	sp_json_schema_check_free(NULL);
	sp_buf_free(&found);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(a_number_is_what_it_is_worth),
		cmocka_unit_test(a_text_is_what_it_reads),
		cmocka_unit_test(schemas_for_one_value_all_count),
		cmocka_unit_test(findings_say_what_should_be_there_and_where),
		cmocka_unit_test(depth_is_no_matter),
		cmocka_unit_test(a_reference_names_a_schema_by_a_pointer),
		cmocka_unit_test(as_many_keys_are_required_as_a_word_has_bits),
		cmocka_unit_test(what_it_does_not_know_is_refused),
		cmocka_unit_test(every_file_of_a_package_has_one),
	};

	return cmocka_run_group_tests(tests, create, destroy);
}
