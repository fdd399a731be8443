#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/json_check.h"
#include "core/package/document.h"
#include "core/package/sample.h"
#include "core/package/take.h"
#include "core/package/tree.h"
#include "core/package/zip_write.h"
#include "tests/unit/temp.h"

static char *print(const sp_json *json)
{
	sp_buf text = { 0 };

	assert_true(sp_json_print(json, false, &text));
	return sp_buf_take(&text);
}

/* --- the tree --- */

static void expect_tree(const char *const *paths, const char *expected)
{
	sp_tree *tree = sp_tree_create();
	sp_json *json = sp_json_object();
	char *text;

	for (; *paths; paths++)
		assert_true(sp_tree_add(tree, *paths, 10));
	assert_true(sp_tree_json(tree, json));
	text = print(json);
	assert_string_equal(text, expected);
	free(text);
	sp_json_free(json);
	sp_tree_free(tree);
}

static void folders_count_what_is_below(void **state)
{
	(void)state;
	expect_tree((const char *const[]){ "manifest.json", NULL }, "{\"tree\":[]}");
	expect_tree((const char *const[]){ "b/c/x", "a/x", "b/y", "b/c/y", "z", NULL },
	            "{\"tree\":[{\"path\":\"a/\",\"entries\":1,\"bytes\":10},"
	            "{\"path\":\"b/\",\"entries\":3,\"bytes\":30},"
	            "{\"path\":\"b/c/\",\"entries\":2,\"bytes\":20}]}");
	/* a folder isn't the one whose name it begins */
	expect_tree((const char *const[]){ "ab/x", "a/x", NULL },
	            "{\"tree\":[{\"path\":\"a/\",\"entries\":1,\"bytes\":10},"
	            "{\"path\":\"ab/\",\"entries\":1,\"bytes\":10}]}");
	expect_tree((const char *const[]){ "1/2/3/4/5/6/x", NULL },
	            "{\"tree\":[{\"path\":\"1/\",\"entries\":1,\"bytes\":10},"
	            "{\"path\":\"1/2/\",\"entries\":1,\"bytes\":10},"
	            "{\"path\":\"1/2/3/\",\"entries\":1,\"bytes\":10},"
	            "{\"path\":\"1/2/3/4/\",\"entries\":1,\"bytes\":10}]}");
}

/* Whoever makes a million folders doesn't make us remember them. */
static void folders_have_an_end(void **state)
{
	sp_tree *tree = sp_tree_create();
	sp_json *json = sp_json_object();
	const sp_json *folder;
	char path[40];
	int i, count = 0;
	int64_t below = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(path, sizeof path, "a/%d/x", i);
		assert_true(sp_tree_add(tree, path, 1));
	}
	assert_true(sp_tree_json(tree, json));
	folder = sp_json_first(sp_json_get(json, "tree"));
	assert_int_equal(sp_json_int(folder, "entries", -1), 1000);
	for (; folder; folder = sp_json_next(folder), count++)
		below += sp_json_int(folder, "entries", 0);
	assert_int_equal(count, SP_TREE_FOLDERS);
	assert_int_equal(below, 1000 + SP_TREE_FOLDERS - 1);
	sp_json_free(json);
	sp_tree_free(tree);
}

/* --- samples --- */

static void expect_sample(const char *row, size_t most, const char *expected)
{
	sp_json *list = sp_json_array();
	char *text, *copy = malloc(strlen(row) + 1);

	/* exactly as large, so that a step too far is seen */
	assert_non_null(copy);
	memcpy(copy, row, strlen(row));
	assert_true(sp_sample_row(copy, strlen(row), most, list));
	text = print(list);
	assert_string_equal(text, expected);
	free(text);
	free(copy);
	sp_json_free(list);
}

static void values_are_texts(void **state)
{
	(void)state;
	expect_sample("{}", 9, "[{}]");
	expect_sample(
		"{\"a\":\"x\\u00e4\\n\",\"b\":9007199254740993,\"c\":1.10,\"d\":null}", 99,
		"[{\"a\":\"x\xc3\xa4\\n\",\"b\":\"9007199254740993\",\"c\":\"1.10\",\"d\":\"null\"}]");
	expect_sample("{ \"a\" : { \"b\" : [ 1 , \"x\" ] } , \"c\":true }", 99,
	              "[{\"a\":\"{\\\"b\\\":[1,\\\"x\\\"]}\",\"c\":\"true\"}]");
}

static void long_values_are_cut(void **state)
{
	(void)state;
	expect_sample("{\"a\":\"123456\",\"b\":\"12345\"}", 5,
	              "[{\"a\":\"12345\xe2\x80\xa6\",\"b\":\"12345\"}]");
	/* not in the midst of a character */
	expect_sample("{\"a\":\"1234\xc3\xa4\"}", 5, "[{\"a\":\"1234\xe2\x80\xa6\"}]");
	expect_sample("{\"a\":[1,2,3,4,5],\"b\":1}", 5, "[{\"a\":\"[1,2,\xe2\x80\xa6\",\"b\":\"1\"}]");
}

static void rows_may_be_cut(void **state)
{
	static const char row[] =
		"{\"a\":\"x\\u00e4\\ud83d\\ude00y\",\"b\":{\"c\":[12345,\"text\"]},\"d\":123}";
	char part[sizeof row];
	sp_json *list;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof row; len++) {
		memcpy(part, row, len);
		part[len] = '\0';
		list = sp_json_array();
		assert_true(sp_sample_row(part, len, 99, list));
		sp_json_free(list);
	}
	expect_sample("{\"a\":\"a text that has no en", 99,
	              "[{\"a\":\"a text that has\xe2\x80\xa6\"}]");
	expect_sample("{\"a\":[1,2", 99, "[{\"a\":\"[1,2\xe2\x80\xa6\"}]");
	expect_sample("{\"a\":12", 99, "[{\"a\":\"12\xe2\x80\xa6\"}]");
	expect_sample("{\"a\":1,\"b", 99, "[{\"a\":\"1\"}]");
}

static void secrets_stay_hidden(void **state)
{
	(void)state;
	expect_sample("{\"openai_api_key\":\"K\",\"password\":{\"x\":\"K\"},\"a\":1}", 99,
	              "[{\"openai_api_key\":\"***\",\"password\":\"***\",\"a\":\"1\"}]");
	expect_sample(
		"{\"c\":{\"api_keys\":{\"x\":\"K\"},\"m\":[{\"token\":[\"K\"]}]}}", 99,
		"[{\"c\":\"{\\\"api_keys\\\":\\\"***\\\",\\\"m\\\":[{\\\"token\\\":\\\"***\\\"}]}\"}]");
	expect_sample("{\"details\":{\"url\":\"x\",\"anything\":\"K\"}}", 99,
	              "[{\"details\":\"{\\\"url\\\":\\\"x\\\",\\\"anything\\\":\\\"***\\\"}\"}]");
	expect_sample("{\"a\":\"https://ana:K@x/\",\"b\":[\"https:\\/\\/ana:K@x\\/\"]}", 99,
	              "[{\"a\":\"***\",\"b\":\"[\\\"***\\\"]\"}]");
	/* the part that would be shown doesn't tell what it is of */
	expect_sample("{\"a\":\"https://ana:KKKKKKKKKKKKKKKKKKKK@x/\"}", 15, "[{\"a\":\"***\"}]");
}

/* --- documents --- */

enum { THING = SP_NODE_ROOT + 1, PART };

static const sp_document_way ways[] = {
	{ SP_NODE_ROOT, "thing", THING },
	{ THING, "parts", PART },
	{ THING, "*_thing", THING },
	{ SP_NODE_NONE, NULL, SP_NODE_NONE },
};

static sp_buf seen;

static void see_object(void *ctx, sp_node node, bool ends)
{
	(void)ctx;
	sp_buf_addf(&seen, "%s%d", ends ? "/" : "<", node);
}

static void see_value(void *ctx, sp_node node, const char *key, bool is_text, const char *value,
                      size_t len)
{
	(void)ctx;
	sp_buf_addf(&seen, " %d.%s%s", node, key, is_text ? "=" : ":");
	sp_buf_add(&seen, value ? value : "?", value ? len : 1);
}

static void see_odd(void *ctx, sp_node node)
{
	(void)ctx;
	sp_buf_addf(&seen, " !%d", node);
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	sp_error err = SP_ERROR_INIT;

	assert_true(sp_document_token(ctx, kind, depth, token, &err));
}

static void expect_seen(const char *text, const char *expected)
{
	static sp_json_check check;
	sp_document document = {
		.ways = ways, .object = see_object, .value = see_value, .odd = see_odd
	};

	check.fn = take_token;
	check.ctx = &document;
	check.max_depth = 1000;
	sp_buf_reset(&seen);
	sp_document_begin(&document);
	sp_json_check_begin(&check);
	assert_true(sp_json_check_add(&check, text, strlen(text)));
	assert_true(sp_json_check_end(&check));
	assert_string_equal(sp_buf_text(&seen), expected);
	sp_buf_free(&seen);
}

static void objects_are_known_by_their_way(void **state)
{
	(void)state;
	expect_seen("{}", "<1/1");
	expect_seen("{\"a\":1,\"thing\":{\"b\":\"x\"}}", "<1 1.a:1<2 2.b=x/2/1");
	expect_seen("{\"thing\":{\"parts\":[{\"c\":null},{}],\"d\":true}}",
	            "<1<2<3 3.c:null/3<3/3 2.d:true/2/1");
	expect_seen("{\"thing\":[{\"other_thing\":{\"e\":2}}]}", "<1<2<2 2.e:2/2/2/1");
	/* escapes don't hide a key */
	expect_seen("{\"th\\u0069ng\":{\"b\":\"\\u0078\"}}", "<1<2 2.b=x/2/1");
}

static void what_isnt_known_is_unread(void **state)
{
	(void)state;
	expect_seen("{\"other\":{\"thing\":{\"b\":1}},\"x\":[{\"thing\":{}}]}", "<1/1");
	expect_seen("{\"thing\":{\"value\":{\"parts\":[{\"c\":1}],\"thing\":{}}}}", "<1<2/2/1");
	/* an array in an array is no list of rows */
	expect_seen("{\"thing\":{\"parts\":[[{\"c\":1}]]}}", "<1<2/2/1");
	expect_seen("{\"parts\":[{}]}", "<1/1");
}

static void what_should_be_an_object_is_told(void **state)
{
	(void)state;
	expect_seen("{\"thing\":5}", "<1 !2/1");
	expect_seen("{\"thing\":null}", "<1/1");
	expect_seen("{\"thing\":{\"parts\":[\"x\",{}]}}", "<1<2 !3<3/3/2/1");
	expect_seen("5", " !1");
}

static void deep_ones_have_an_end(void **state)
{
	sp_buf text = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		sp_buf_adds(&text, "{\"thing\":[");
	for (i = 0; i < 100; i++)
		sp_buf_adds(&text, "]}");
	expect_seen(text.data, "<1<2/2/1");
	sp_buf_reset(&text);
	sp_buf_adds(&text, "{\"thing\":");
	for (i = 0; i < 100; i++)
		sp_buf_adds(&text, "{\"a_thing\":");
	sp_buf_adds(&text, "1");
	for (i = 0; i < 101; i++)
		sp_buf_adds(&text, "}");
	expect_seen(text.data, "<1<2<2<2<2<2<2<2<2<2<2<2<2<2<2<2/2/2/2/2/2/2/2/2/2/2/2/2/2/2/2/1");
	sp_buf_free(&text);
}

/* --- rows as they are --- */

#define ROWS 400

static sp_buf rows[ROWS];
static int taken;

static bool wants_assets(void *ctx, const char *kind)
{
	(void)ctx;
	return strcmp(kind, "asset") == 0;
}

static void take_asset(void *ctx, const char *kind, const char *text, size_t len, bool is_cut)
{
	const size_t *most = ctx;

	assert_string_equal(kind, "asset");
	assert_true(taken < ROWS);
	assert_int_equal(is_cut, rows[taken].len > *most);
	assert_int_equal(len, is_cut ? *most : rows[taken].len);
	assert_memory_equal(text, rows[taken].data, len);
	taken++;
}

/* A document of open-politics-hq's with rows of many lengths, so that they begin and
 * end everywhere in the pieces in which it is read. */
static void write_rows(void)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open("a.zip", true, &err);
	sp_zip_writer *zip = sp_zip_writer_create(out, 1, &err);
	sp_buf text = { 0 };
	int i, k;

	sp_buf_adds(&text, "{\"metadata\":{},\"content\":{\"annotation_run\":{\"uuid\":"
	                   "\"11111111-1111-4111-8111-111111111111\",\"assets\":[");
	for (i = 0; i < ROWS; i++) {
		sp_buf_addf(&rows[i], "{ \"uuid\" : \"11111111-1111-4111-8111-%012d\", \"n\": [", i);
		for (k = 0; k < i * 7; k++)
			sp_buf_addf(&rows[i], "%d,", k % 10);
		sp_buf_adds(&rows[i], "{}],\n\"chunks\":[{\"a\":1},{}] }");
		sp_buf_adds(&text, i ? " ,\n " : "");
		sp_buf_add(&text, rows[i].data, rows[i].len);
	}
	sp_buf_adds(&text, "]}}}");
	assert_false(text.failed);
	assert_true(sp_zip_begin(zip, "manifest.json", -1, false, &err));
	assert_true(sp_zip_write(zip, text.data, text.len, &err));
	assert_true(sp_zip_end(zip, NULL, &err));
	assert_true(sp_zip_finish(zip, &err));
	sp_zip_writer_free(zip);
	assert_true(sp_out_commit(out, &err));
	sp_buf_free(&text);
}

static void take_all(size_t most)
{
	const sp_row_taker taker = { most, wants_assets, take_asset, &most };
	sp_checking check = { .name = "a.zip", .limits = SP_LIMITS_DEFAULT };
	int fd = open("a.zip", O_RDONLY | O_CLOEXEC);
	sp_error err = SP_ERROR_INIT;
	sp_taking *taking;
	sp_walk *walk;

	sp_checking_begin(&check);
	walk = sp_walk_open(fd, &check, false, &err);
	assert_non_null(walk);
	taking = sp_taking_create(walk, &taker, &err);
	taken = 0;
	if (!sp_walk_read(walk, &err))
		fail_msg("%s", sp_error_text(&err));
	assert_int_equal(taken, ROWS);
	sp_taking_free(taking);
	sp_walk_free(walk);
	close(fd);
}

static void rows_are_taken_byte_by_byte(void **state)
{
	int i;

	(void)state;
	write_rows();
	take_all(1 << 20);
	take_all(1000);
	take_all(1);
	for (i = 0; i < ROWS; i++)
		sp_buf_free(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_count_what_is_below),
		cmocka_unit_test(folders_have_an_end),
		cmocka_unit_test(values_are_texts),
		cmocka_unit_test(long_values_are_cut),
		cmocka_unit_test(rows_may_be_cut),
		cmocka_unit_test(secrets_stay_hidden),
		cmocka_unit_test(objects_are_known_by_their_way),
		cmocka_unit_test(what_isnt_known_is_unread),
		cmocka_unit_test(what_should_be_an_object_is_told),
		cmocka_unit_test(deep_ones_have_an_end),
		cmocka_unit_test(rows_are_taken_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
