#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/model/ref_change.h"

/* The value with these changes; the caller frees it. Read from memory that ends where it does. */
static char *changed(const char *table, const char *column, bool json, const char *text,
                     sp_ref_change *changes, size_t count)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	sp_error err = SP_ERROR_INIT;
	sp_buf to = { 0 };

	assert_non_null(copy);
	memcpy(copy, text, len);
	assert_true(sp_refs_change(table, column, json, copy, len, changes, count, &to, &err));
	free(copy);
	sp_buf_adds(&to, "");
	return sp_buf_take(&to);
}

/* One change, in a run's configuration unless said. */
static void expect_in(const char *table, const char *column, bool json, const char *text,
                      sp_ref_change change, sp_ref_outcome outcome, const char *expected)
{
	char *found = changed(table, column, json, text, &change, 1);

	if (strcmp(found, expected) != 0 || change.outcome != outcome)
		fail_msg("%s with %s\nbecame   %s (%d)\nexpected %s (%d)", text, change.pointer, found,
		         (int)change.outcome, expected, (int)outcome);
	free(found);
}

static void expect(const char *text, const char *pointer, sp_ref_form form, const char *to,
                   sp_ref_outcome outcome, const char *expected)
{
	const sp_ref_change change = { .pointer = pointer, .form = form, .kind = SP_ASSET, .to = to };

	expect_in("annotationrun", "c", true, text, change, outcome, expected);
}

static void an_id_becomes_that_of_the_target(void **state)
{
	(void)state;
	expect("{\"a\":17}", "/c/a", SP_REF_NUMBER, "4", SP_REF_CHANGED, "{\"a\":4}");
	expect("{ \"a\" : [ 1 , 17 ] }", "/c/a/1", SP_REF_NUMBER, "4", SP_REF_CHANGED, "{\"a\":[1,4]}");
	expect("{\"a\":\"17\"}", "/c/a", SP_REF_STRING, "4", SP_REF_CHANGED, "{\"a\":\"4\"}");
	expect("{\"a\":\"annotation_run:17\"}", "/c/a", SP_REF_PREFIX, "4", SP_REF_CHANGED,
	       "{\"a\":\"annotation_run:4\"}");
	expect("{\"a\":\"\\u0072un:17\"}", "/c/a", SP_REF_PREFIX, "4", SP_REF_CHANGED,
	       "{\"a\":\"run:4\"}");
	expect("{\"17\":{\"b\":1}}", "/c/17", SP_REF_KEY, "4", SP_REF_CHANGED, "{\"4\":{\"b\":1}}");
	expect("{\"a\":\"x\"}", "/c/a", SP_REF_UUID, "y", SP_REF_CHANGED, "{\"a\":\"y\"}");
	expect("{\"x/~\\n\":[[17]]}", "/c/x~1~0\n/0/0", SP_REF_NUMBER, "4", SP_REF_CHANGED,
	       "{\"x/~\\n\":[[4]]}");
}

static void nobody_is_never_a_stranger(void **state)
{
	(void)state;
	expect("{\"a\":17,\"b\":1}", "/c/a", SP_REF_NUMBER, NULL, SP_REF_TAKEN_OUT,
	       "{\"a\":null,\"b\":1}");
	expect("[17,18]", "/c/0", SP_REF_NUMBER, NULL, SP_REF_TAKEN_OUT, "[18]");
	expect("[16,\"17\",18]", "/c/1", SP_REF_STRING, NULL, SP_REF_TAKEN_OUT, "[16,18]");
	expect("[17]", "/c/0", SP_REF_NUMBER, NULL, SP_REF_TAKEN_OUT, "[]");
	expect("17", "/c", SP_REF_NUMBER, NULL, SP_REF_TAKEN_OUT, "null");
	expect("{\"a\":{\"17\":{\"b\":[1]},\"x\":2}}", "/c/a/17", SP_REF_KEY, NULL, SP_REF_TAKEN_OUT,
	       "{\"a\":{\"x\":2}}");
	expect("{\"a\":\"run:17\"}", "/c/a", SP_REF_PREFIX, NULL, SP_REF_TAKEN_OUT, "{\"a\":null}");
}

static void what_stood_in_a_member_went_with_it(void **state)
{
	sp_ref_change changes[] = {
		{ .pointer = "/c/17/0", .form = SP_REF_NUMBER, .to = "1" },
		{ .pointer = "/c/17", .form = SP_REF_KEY },
		{ .pointer = "/c/170", .form = SP_REF_NUMBER, .to = "2" },
		{ .pointer = "/other/17/0", .form = SP_REF_NUMBER, .to = "3" },
	};
	char *found = changed("flow", "c", true, "{\"17\":[9],\"170\":9}", changes, 4);

	(void)state;
	assert_string_equal(found, "{\"170\":2}");
	assert_int_equal(changes[0].outcome, SP_REF_TAKEN_OUT);
	assert_int_equal(changes[1].outcome, SP_REF_TAKEN_OUT);
	assert_int_equal(changes[2].outcome, SP_REF_CHANGED);
	assert_int_equal(changes[3].outcome, SP_REF_NOT_FOUND);
	free(found);
}

static void what_is_not_as_listed_stays(void **state)
{
	static const char *const texts[] = { "{\"a\":\"17\"}", "{\"a\":-17}",  "{\"a\":[17]}",
		                                 "{\"b\":17}",     "{\"a\":true}", "17",
		                                 "[17]",           "{}",           "\"17\"" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(texts[i], "/c/a", SP_REF_NUMBER, "4", SP_REF_NOT_FOUND, texts[i]);
	expect("{\"a\":17}", "/c/a", SP_REF_STRING, "4", SP_REF_NOT_FOUND, "{\"a\":17}");
	expect("{\"a\":\"17\"}", "/c/a", SP_REF_PREFIX, "4", SP_REF_NOT_FOUND, "{\"a\":\"17\"}");
	expect("{\"a\":17}", "/c/a", SP_REF_MARKER, "4", SP_REF_NOT_FOUND, "{\"a\":17}");
	expect("{\"a\":17}", "/c/a", SP_REF_KEY, "4", SP_REF_CHANGED, "{\"4\":17}");
	expect("{\"a\":17}", "/cc/a", SP_REF_NUMBER, "4", SP_REF_NOT_FOUND, "{\"a\":17}");
	/* nor does anything stop it that isn't JSON */
	expect("{\"a\":17", "/c/a", SP_REF_NUMBER, "4", SP_REF_CHANGED, "{\"a\":4");
	expect("\"x\":17", "/c/a", SP_REF_NUMBER, "4", SP_REF_NOT_FOUND, "17");
}

static void a_key_that_is_there_twice_is_taken_in_its_order(void **state)
{
	sp_ref_change changes[] = {
		{ .pointer = "/c/a", .form = SP_REF_NUMBER, .to = "1" },
		{ .pointer = "/c/a", .form = SP_REF_STRING, .to = "2" },
		{ .pointer = "/c/a", .form = SP_REF_NUMBER, .to = "3" },
	};
	char *found = changed("flow", "c", true, "{\"a\":17,\"a\":\"18\"}", changes, 3);

	(void)state;
	assert_string_equal(found, "{\"a\":1,\"a\":\"2\"}");
	assert_int_equal(changes[2].outcome, SP_REF_NOT_FOUND);
	free(found);
}

/* "{{asset:N" with 17 → 4, 18 → nobody; 19 isn't listed. */
static void expect_text(bool json, const char *text, const char *expected)
{
	sp_ref_change changes[] = {
		{ "/text_content", SP_REF_MARKER, SP_ASSET, 18, NULL, SP_REF_NOT_FOUND },
		{ "/text_content", SP_REF_MARKER, SP_ASSET, 17, "4", SP_REF_NOT_FOUND },
		{ "/text_content", SP_REF_MARKER, SP_ASSET, 17, "4", SP_REF_NOT_FOUND },
	};
	char *found = changed("asset", "text_content", json, text, changes, 3);
	bool has = strstr(text, "17") != NULL;

	if (strcmp(found, expected) != 0)
		fail_msg("%s\nbecame   %s\nexpected %s", text, found, expected);
	assert_int_equal(changes[1].outcome, has ? SP_REF_CHANGED : SP_REF_NOT_FOUND);
	assert_int_equal(changes[2].outcome, has ? SP_REF_CHANGED : SP_REF_NOT_FOUND);
	free(found);
}

static void a_text_names_others(void **state)
{
	static const char many[] = "{{asset:0000000000000000000000017}} {{asset:}} {{asset:";
	const sp_ref_change bundle = {
		"/bundle_metadata/source_query", SP_REF_MARKER, SP_BUNDLE, 5, "6", SP_REF_NOT_FOUND
	};
	const sp_ref_change graph = {
		"/description", SP_REF_MARKER, SP_GRAPH, 5, NULL, SP_REF_NOT_FOUND
	};

	(void)state;
	expect_text(false, "", "");
	expect_text(false, "see {{asset:17:full}}, {{asset:18:x}} and {{asset:19}} {{asset:17",
	            "see {{asset:4:full}}, {{asset:?18:x}} and {{asset:19}} {{asset:4");
	expect_text(false, "17 {{asset:17}}", "17 {{asset:4}}");
	expect_text(true, "\"{{asset:17}}\\n{{asset:18}}\"", "\"{{asset:4}}\\n{{asset:?18}}\"");
	/* spelt with escapes: as a reader of the JSON sees it */
	expect_text(true, "\"\\u007b{asset:17}}\\/\"", "\"{{asset:4}}/\"");
	expect_in("asset", "text_content", false, many,
	          (sp_ref_change){ "/text_content", SP_REF_MARKER, SP_ASSET, 17, "4",
	                           SP_REF_NOT_FOUND },
	          SP_REF_NOT_FOUND, many);
	/* … unless that would lose what such a text can hold */
	expect_in("asset", "text_content", true, "\"\\u007b{asset:17}}\\u0000\"",
	          (sp_ref_change){ "/text_content", SP_REF_MARKER, SP_ASSET, 17, "4",
	                           SP_REF_NOT_FOUND },
	          SP_REF_NOT_FOUND, "\"\\u007b{asset:17}}\\u0000\"");
	expect_in("bundle", "bundle_metadata", true, "{\"source_query\":\"asset:5 bundle:5\"}", bundle,
	          SP_REF_CHANGED, "{\"source_query\":\"asset:5 bundle:6\"}");
	expect_in("canon", "description", false, "Migrated canon for graph #5", graph, SP_REF_TAKEN_OUT,
	          "Migrated canon for graph #?5");
	/* a column that has no such texts */
	expect_in("asset", "title", false, "{{asset:17}}",
	          (sp_ref_change){ "/title", SP_REF_MARKER, SP_ASSET, 17, "4", SP_REF_NOT_FOUND },
	          SP_REF_NOT_FOUND, "{{asset:17}}");
}

/* --- any value --- */

#define MOST 400

typedef struct {
	sp_buf text, expected, pointer;
	sp_ref_change changes[MOST];
	char *pointers[MOST];
	sp_ref_outcome outcomes[MOST];
	size_t count;
	bool gone; /* in a member that goes */
} made;

static size_t below(size_t limit)
{
	return (size_t)rand() % limit;
}

static bool add_change(made *m, sp_ref_form form, const char *to)
{
	if (m->count == MOST)
		return false;
	m->pointers[m->count] = strdup(sp_buf_text(&m->pointer));
	m->changes[m->count] = (sp_ref_change){
		.pointer = m->pointers[m->count], .form = form, .kind = SP_ASSET, .to = to
	};
	m->outcomes[m->count++] = to && !m->gone ? SP_REF_CHANGED : SP_REF_TAKEN_OUT;
	return true;
}

static void add_both(made *m, const char *text)
{
	sp_buf_adds(&m->text, text);
	if (!m->gone)
		sp_buf_adds(&m->expected, text);
}

/* A value; true where it stays. `comma`: what stands before it, where it does. */
static bool add_scalar(made *m, const char *comma, bool in_array)
{
	static const char *const plain[] = { "1.50", "true", "\"\"", "\"\\u0041\\\"\"", "null", "17" };
	static const struct {
		sp_ref_form form;
		const char *text, *fresh;
	} refs[] = { { SP_REF_NUMBER, "17", "4" },
		         { SP_REF_STRING, "\"17\"", "\"4\"" },
		         { SP_REF_PREFIX, "\"run:17\"", "\"run:4\"" },
		         { SP_REF_UUID, "\"u\"", "\"4\"" } };
	size_t which = below(8), form = below(4);
	bool known = which < 2;

	if (which > 2 || !add_change(m, refs[form].form, known ? "4" : NULL)) {
		const char *text = plain[below(sizeof plain / sizeof *plain)];

		sp_buf_adds(&m->text, text);
		if (!m->gone)
			sp_buf_addf(&m->expected, "%s%s", comma, text);
		return true;
	}
	sp_buf_adds(&m->text, refs[form].text);
	if (known && !m->gone)
		sp_buf_addf(&m->expected, "%s%s", comma, refs[form].fresh);
	else if (!in_array && !m->gone)
		sp_buf_addf(&m->expected, "%snull", comma);
	return known || !in_array;
}

static bool add_value(made *m, const char *comma, bool in_array, int depth);

static void add_members(made *m, int depth)
{
	static const char *const keys[] = { "a", "b/~", "17", "\xc3\xa4", "" };
	size_t len = m->pointer.len, count = below(5), kept = 0;

	for (size_t i = 0; i < count; i++) {
		bool was_gone = m->gone, is_ref;

		sp_buf_add_pointer(&m->pointer, keys[i], strlen(keys[i]));
		is_ref = i == 2 && below(2);
		if (is_ref && add_change(m, SP_REF_KEY, below(2) ? "5" : NULL))
			m->gone = was_gone || !m->changes[m->count - 1].to;
		else
			is_ref = false;
		sp_buf_addf(&m->text, "%s\"%s\" : ", i ? "," : "", keys[i]);
		if (!m->gone)
			sp_buf_addf(&m->expected, "%s\"%s\":", kept ? "," : "", is_ref ? "5" : keys[i]);
		kept += !m->gone;
		(void)add_value(m, "", false, depth);
		m->gone = was_gone;
		m->pointer.len = len;
		m->pointer.data[len] = '\0';
	}
}

static void add_items(made *m, int depth)
{
	size_t len = m->pointer.len, count = below(5);
	bool kept = false;

	for (size_t i = 0; i < count; i++) {
		sp_buf_addf(&m->pointer, "/%zu", i);
		sp_buf_adds(&m->text, i ? " , " : " ");
		kept = add_value(m, kept ? "," : "", true, depth) || kept;
		m->pointer.len = len;
		m->pointer.data[len] = '\0';
	}
}

static bool add_value(made *m, const char *comma, bool in_array, int depth)
{
	size_t which = depth > 5 ? 3 : below(5);

	if (which > 1)
		return add_scalar(m, comma, in_array);
	if (!m->gone)
		sp_buf_adds(&m->expected, comma);
	add_both(m, which ? "{" : "[");
	if (which)
		add_members(m, depth + 1);
	else
		add_items(m, depth + 1);
	add_both(m, which ? "}" : "]");
	return true;
}

static void any_value_becomes_what_it_should(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	for (int round = 0; round < 20000; round++, seed++) {
		made m = { .count = 0 };
		char *found;

		srand(seed);
		sp_buf_adds(&m.pointer, "/c");
		(void)add_value(&m, "", false, 0);
		found = changed("flow", "c", true, sp_buf_text(&m.text), m.changes, m.count);
		if (strcmp(found, sp_buf_text(&m.expected)) != 0)
			fail_msg("seed %u: %s\nbecame   %s\nexpected %s", seed, sp_buf_text(&m.text), found,
			         sp_buf_text(&m.expected));
		for (size_t i = 0; i < m.count; i++) {
			if (m.changes[i].outcome != m.outcomes[i])
				fail_msg("seed %u: %s, %s: %d", seed, sp_buf_text(&m.text), m.pointers[i],
				         (int)m.changes[i].outcome);
			free(m.pointers[i]);
		}
		free(found);
		sp_buf_free(&m.text);
		sp_buf_free(&m.expected);
		sp_buf_free(&m.pointer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_becomes_that_of_the_target),
		cmocka_unit_test(nobody_is_never_a_stranger),
		cmocka_unit_test(what_stood_in_a_member_went_with_it),
		cmocka_unit_test(what_is_not_as_listed_stays),
		cmocka_unit_test(a_key_that_is_there_twice_is_taken_in_its_order),
		cmocka_unit_test(a_text_names_others),
		cmocka_unit_test(any_value_becomes_what_it_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
