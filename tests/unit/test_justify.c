#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "core/base/scan.h"
#include "core/export/justify.h"

#define OWN  "0190f3a2-1111-7abc-8def-0123456789ab"
#define SENT "0190f3a2-2222-7abc-8def-0123456789ab"

static const sp_row_uuid annotation = { OWN, SENT };

/* The lines for a row, from as many bytes as it has. */
static char *lines_of(const char *row, const sp_row_uuid *of, size_t *count)
{
	size_t len = strlen(row);
	char *copy = malloc(len);
	sp_error err = SP_ERROR_INIT;
	sp_identity *identity = sp_identity_create("7412345678901234567/16384", false, &err);
	sp_buf lines = { 0 };

	assert_non_null(copy);
	assert_non_null(identity);
	memcpy(copy, row, len);
	assert_true(sp_justifications(identity, of, copy, len, &lines, count, &err));
	assert_false(sp_error_is_set(&err));
	sp_identity_free(identity);
	free(copy);
	sp_buf_adds(&lines, "");
	return sp_buf_take(&lines);
}

#define HEAD "\"annotation_id\":\"" SENT "\",\"field_name\":"

/* `expected`: what follows the id in each line. */
static void expect(const char *value, int count, const char *const *expected)
{
	sp_buf row = { 0 };
	size_t found;
	char *lines, *line, *rest;
	int i;

	sp_buf_addf(&row, "{\"id\":\"" SENT "\",\"value\":%s,\"status\":\"SUCCESS\"}", value);
	lines = rest = lines_of(row.data, &annotation, &found);
	for (i = 0; i < count; i++) {
		static const char begin[] = "{\"id\":\"";
		cJSON *json;

		line = strsep(&rest, "\n");
		if (!rest)
			fail_msg("%s: only %d lines", value, i);
		json = cJSON_Parse(line);
		assert_non_null(json);
		cJSON_Delete(json);
		assert_memory_equal(line, begin, sizeof(begin) - 1);
		line[sizeof(begin) - 1 + SP_UUID_LEN] = '\0';
		assert_true(sp_is_uuid(line + sizeof(begin) - 1));
		assert_string_equal(line + sizeof(begin) + SP_UUID_LEN, expected[i]);
	}
	if (rest && *rest)
		fail_msg("%s: also %s", value, rest);
	assert_int_equal(found, count);
	free(lines);
	sp_buf_free(&row);
}
#define EXPECT(value, ...)                                                                         \
	expect(value, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),                        \
	       (const char *[]){ __VA_ARGS__ })
#define EXPECT_NONE(value) expect(value, 0, NULL)

static void stands_beside_a_field(void **state)
{
	(void)state;
	EXPECT("{\"a\":1,\"a_justification\":{\"reasoning\":\"r\"}}",
	       "," HEAD "\"a\",\"reasoning\":\"r\",\"__inline\":\"/value/a_justification\"}");
	/* whichever comes first, and where the field itself is missing */
	EXPECT("{\"a_justification\":{\"reasoning\":\"r\"},\"a\":1}",
	       "," HEAD "\"a\",\"reasoning\":\"r\",\"__inline\":\"/value/a_justification\"}");
	EXPECT("{\"a_justification\":{\"reasoning\":\"r\"}}",
	       "," HEAD "\"a\",\"reasoning\":\"r\",\"__inline\":\"/value/a_justification\"}");
	EXPECT("{\"a_justification\":{\"reasoning\":\"1\"},\"b\":[],\"b_c_justification\":{"
	       "\"reasoning\":\"2\"}}",
	       "," HEAD "\"a\",\"reasoning\":\"1\",\"__inline\":\"/value/a_justification\"}",
	       "," HEAD "\"b_c\",\"reasoning\":\"2\",\"__inline\":\"/value/b_c_justification\"}");
}

static void keeps_what_the_table_has(void **state)
{
	(void)state;
	EXPECT("{\"a_justification\":{\"reasoning\":\"r\",\"model_name\":\"m\",\"score\":0."
	       "1234567890123456789,"
	       "\"created_at\":\"2026-01-01T00:00:00\"}}",
	       "," HEAD
	       "\"a\",\"reasoning\":\"r\",\"model_name\":\"m\",\"score\":0.1234567890123456789,"
	       "\"created_at\":\"2026-01-01T00:00:00\",\"__inline\":\"/value/a_justification\"}");
	EXPECT("{\"a_justification\":{\"reasoning\":null}}",
	       "," HEAD "\"a\",\"reasoning\":null,\"__inline\":\"/value/a_justification\"}");
}

static void keeps_the_rest_as_evidence(void **state)
{
	(void)state;
	EXPECT(
		"{\"a_justification\":{\"text_spans\":[{\"start\":1,\"text\":\"}\\\"]\"}],\"reasoning\":"
		"\"r\","
		"\"n\":9007199254740993}}",
		"," HEAD "\"a\",\"reasoning\":\"r\",\"evidence_payload\":{\"text_spans\":[{\"start\":1,"
		"\"text\":\"}\\\"]\"}],\"n\":9007199254740993},\"__inline\":\"/value/a_justification\"}");
	EXPECT(
		"{\"a_justification\":{\"text_spans\":[]}}",
		"," HEAD
		"\"a\",\"evidence_payload\":{\"text_spans\":[]},\"__inline\":\"/value/a_justification\"}");
	EXPECT("{\"a_justification\":{}}", "," HEAD "\"a\",\"__inline\":\"/value/a_justification\"}");
}

static void each_has_its_own_evidence(void **state)
{
	(void)state;
	EXPECT("{\"a_justification\":{\"reasoning\":\"1\",\"x\":1},\"b_justification\":{\"score\":2,"
	       "\"y\":2},"
	       "\"c_justification\":{}}",
	       "," HEAD "\"a\",\"reasoning\":\"1\",\"evidence_payload\":{\"x\":1},"
	       "\"__inline\":\"/value/a_justification\"}",
	       "," HEAD "\"b\",\"score\":2,\"evidence_payload\":{\"y\":2},"
	       "\"__inline\":\"/value/b_justification\"}",
	       "," HEAD "\"c\",\"__inline\":\"/value/c_justification\"}");
}

/* Names of the table's columns that aren't the table's mustn't stand twice. */
static void evidence_never_poses_as_a_column(void **state)
{
	(void)state;
	EXPECT("{\"a_justification\":{\"id\":\"x\",\"annotation_id\":\"y\",\"field_name\":\"z\","
	       "\"evidence_payload\":{\"a\":1},\"__inline\":\"w\"}}",
	       "," HEAD
	       "\"a\",\"evidence_payload\":{\"id\":\"x\",\"annotation_id\":\"y\",\"field_name\":\"z\","
	       "\"evidence_payload\":{\"a\":1},\"__inline\":\"w\"},\"__inline\":\"/value/"
	       "a_justification\"}");
}

static void stands_in_items_of_arrays(void **state)
{
	(void)state;
	EXPECT("{\"actors\":[{\"name\":\"x\",\"justification\":{\"reasoning\":\"1\"}},{\"name\":\"y\"},"
	       "{\"justification\":{\"reasoning\":\"2\"},\"name\":\"z\"}]}",
	       "," HEAD
	       "\"actors[0]\",\"reasoning\":\"1\",\"__inline\":\"/value/actors/0/justification\"}",
	       "," HEAD
	       "\"actors[2]\",\"reasoning\":\"2\",\"__inline\":\"/value/actors/2/justification\"}");
	EXPECT("{\"actors\":[{\"party_justification\":{\"reasoning\":\"1\"}}]}",
	       "," HEAD "\"actors[0].party\",\"reasoning\":\"1\",\"__inline\":"
	       "\"/value/actors/0/party_justification\"}");
	EXPECT("{\"a\":[1,\"x\",[{\"justification\":{\"reasoning\":\"1\"}}],{\"b\":[[],"
	       "{\"justification\":{\"reasoning\":\"2\"}}]}]}",
	       "," HEAD "\"a[2][0]\",\"reasoning\":\"1\",\"__inline\":\"/value/a/2/0/justification\"}",
	       "," HEAD
	       "\"a[3].b[1]\",\"reasoning\":\"2\",\"__inline\":\"/value/a/3/b/1/justification\"}");
	EXPECT("[{\"justification\":{\"reasoning\":\"1\"}}]",
	       "," HEAD "\"[0]\",\"reasoning\":\"1\",\"__inline\":\"/value/0/justification\"}");
}

static void stands_at_any_depth(void **state)
{
	(void)state;
	EXPECT("{\"document\":{\"a\":{\"b\":1,\"b_justification\":{\"reasoning\":\"r\"}},"
	       "\"a_justification\":{\"reasoning\":\"s\"}},\"c_justification\":{\"reasoning\":\"t\"}}",
	       "," HEAD "\"document.a.b\",\"reasoning\":\"r\",\"__inline\":"
	       "\"/value/document/a/b_justification\"}",
	       "," HEAD
	       "\"document.a\",\"reasoning\":\"s\",\"__inline\":\"/value/document/a_justification\"}",
	       "," HEAD "\"c\",\"reasoning\":\"t\",\"__inline\":\"/value/c_justification\"}");
}

static void takes_thoughts_about_the_whole(void **state)
{
	(void)state;
	EXPECT("{\"a\":1,\"_thinking_trace\":{\"reasoning\":\"r\",\"model_name\":\"m\",\"trace_type\":"
	       "\"t\"},"
	       "\"_token_usage\":{\"total\":17}}",
	       "," HEAD
	       "\"_thinking_trace\",\"reasoning\":\"r\",\"model_name\":\"m\",\"evidence_payload\":"
	       "{\"trace_type\":\"t\"},\"__inline\":\"/value/_thinking_trace\"}");
}

static void leaves_what_is_none(void **state)
{
	(void)state;
	EXPECT_NONE("{\"a\":1}");
	EXPECT_NONE("{\"a_justification\":\"r\"}");
	EXPECT_NONE("{\"a_justification\":null,\"_thinking_trace\":[]}");
	EXPECT_NONE("{\"a_justification\":[1,2],\"b_justification\":17}");
	EXPECT_NONE("{\"justification\":{\"reasoning\":\"r\"}}");
	EXPECT_NONE("{\"actors\":[\"justification\"],\"b\":{\"justification\":{\"reasoning\":\"r\"}}}");
	EXPECT_NONE("{\"_justification\":{\"reasoning\":\"r\"}}");
	EXPECT_NONE(
		"{\"a_justifications\":{\"reasoning\":\"r\"},\"justification_a\":{\"reasoning\":\"r\"}}");
	EXPECT_NONE("{\"a\":\"\\\"b_justification\\\":{}\",\"thinking_trace\":{}}");
	EXPECT_NONE("null");
	EXPECT_NONE("\"a_justification\"");
	EXPECT_NONE("[]");
	EXPECT_NONE("{}");
	/* what a justification holds is its own */
	EXPECT("{\"a_justification\":{\"reasoning\":\"r\",\"b_justification\":{\"reasoning\":\"s\"}}}",
	       "," HEAD "\"a\",\"reasoning\":\"r\",\"evidence_payload\":{\"b_justification\":"
	       "{\"reasoning\":\"s\"}},\"__inline\":\"/value/a_justification\"}");
}

static void looks_into_the_value_only(void **state)
{
	static const char row[] =
		"{\"id\":\"x\",\"links\":{\"a_justification\":{\"reasoning\":\"r\"}},"
		"\"note\":\"\\\"value\\\":{\\\"a_justification\\\":{}}\",\"value\":{\"a\":1},"
		"\"region\":{\"value\":{\"a_justification\":{\"reasoning\":\"r\"}},\"_thinking_trace\":{}}"
		"}";
	size_t count;
	char *lines = lines_of(row, &annotation, &count);

	(void)state;
	assert_int_equal(count, 0);
	assert_string_equal(lines ? lines : "", "");
	free(lines);
}

static void escapes_keys(void **state)
{
	(void)state;
	EXPECT("{\"a/b~c_justification\":{\"reasoning\":\"r\"}}",
	       "," HEAD "\"a/b~c\",\"reasoning\":\"r\",\"__inline\":\"/value/a~1b~0c_justification\"}");
	EXPECT("{\"ü \\\"x\\\"_justification\":{\"reasoning\":\"r\"}}",
	       "," HEAD "\"ü \\\"x\\\"\",\"reasoning\":\"r\",\"__inline\":"
	       "\"/value/ü \\\"x\\\"_justification\"}");
	EXPECT("{\"a\\nb\":[{\"justification\":{\"reasoning\":\"r\"}}]}",
	       "," HEAD
	       "\"a\\nb[0]\",\"reasoning\":\"r\",\"__inline\":\"/value/a\\nb/0/justification\"}");
	EXPECT("{\"\":{\"a_justification\":{\"reasoning\":\"r\"}}}",
	       "," HEAD "\"a\",\"reasoning\":\"r\",\"__inline\":\"/value//a_justification\"}");
}

/* The ids: 36 characters behind {"id":" of each line. */
static void take_ids(const char *row, const sp_row_uuid *of, char ids[][SP_UUID_LEN + 1],
                     size_t expected)
{
	size_t count, i;
	char *lines = lines_of(row, of, &count), *at = lines;

	assert_int_equal(count, expected);
	for (i = 0; i < count; i++) {
		memcpy(ids[i], at + 7, SP_UUID_LEN);
		ids[i][SP_UUID_LEN] = '\0';
		at = strchr(at, '\n') + 1;
	}
	free(lines);
}

static void ids_differ_and_last(void **state)
{
	static const char row[] =
		"{\"value\":{\"a_justification\":{},\"b_justification\":{},\"c\":[{\"justification\":{}},"
		"{\"justification\":{}}],\"_thinking_trace\":{}}}";
	static const sp_row_uuid other = { "0190f3a2-3333-7abc-8def-0123456789ab", SENT };
	char ids[15][SP_UUID_LEN + 1];
	size_t i, j;

	(void)state;
	take_ids(row, &annotation, ids, 5);
	take_ids(row, &other, ids + 5, 5);
	take_ids(row, &annotation, ids + 10, 5);
	for (i = 0; i < 10; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(ids[i], ids[j]);
	for (i = 0; i < 5; i++)
		assert_string_equal(ids[i], ids[i + 10]);
	/* by Python's hashlib: "row", instance, "justification", OWN "/value/a_justification" */
	assert_string_equal(ids[0], "93b9a122-0376-8aca-8803-aa6f98d27f1a");
}

static void needs_no_stack(void **state)
{
	const int depth = 100000;
	sp_buf row = { 0 };
	size_t count;
	char *lines;
	int i;

	(void)state;
	sp_buf_adds(&row, "{\"value\":");
	for (i = 0; i < depth; i++)
		sp_buf_addc(&row, '[');
	sp_buf_adds(&row, "{\"justification\":{\"reasoning\":\"r\"}}");
	for (i = 0; i < depth; i++)
		sp_buf_addc(&row, ']');
	sp_buf_addc(&row, '}');
	lines = lines_of(row.data, &annotation, &count);
	assert_int_equal(count, 1);
	free(lines);
	sp_buf_free(&row);
}

static void survives_what_was_cut(void **state)
{
	static const char row[] =
		"{\"value\":{\"a_justification\":{\"reasoning\":\"r\",\"x\":[1]},\"b\":[{\"justification\":"
		"{}}],\"_thinking_trace\":{}},\"justification\":1}";
	size_t len, count;

	(void)state;
	for (len = 1; len < sizeof(row); len++) {
		char *cut = strndup(row, len);

		free(lines_of(cut, &annotation, &count));
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stands_beside_a_field),
		cmocka_unit_test(keeps_what_the_table_has),
		cmocka_unit_test(keeps_the_rest_as_evidence),
		cmocka_unit_test(each_has_its_own_evidence),
		cmocka_unit_test(evidence_never_poses_as_a_column),
		cmocka_unit_test(stands_in_items_of_arrays),
		cmocka_unit_test(stands_at_any_depth),
		cmocka_unit_test(takes_thoughts_about_the_whole),
		cmocka_unit_test(leaves_what_is_none),
		cmocka_unit_test(looks_into_the_value_only),
		cmocka_unit_test(escapes_keys),
		cmocka_unit_test(ids_differ_and_last),
		cmocka_unit_test(needs_no_stack),
		cmocka_unit_test(survives_what_was_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
