/* Rows of one generation as the lines of another. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/staging/contract.h"
#include "core/staging/justified.h"

#define MOST_ROWS 8

static sp_line *read(const char *text)
{
	sp_error err = SP_ERROR_INIT;
	sp_line *line = sp_line_read(text, strlen(text), &err);

	assert_non_null(line);
	return line;
}

static void expect(const sp_line *line, const char *expected)
{
	sp_error err = SP_ERROR_INIT;
	sp_buf to = { 0 };

	assert_true(sp_line_write(line, &to, &err));
	assert_string_equal(sp_buf_text(&to), expected);
	sp_buf_free(&to);
}

/* --- lines --- */

static void a_line_is_written_as_it_stands(void **state)
{
	static const char *const lines[] = {
		"{}", "{\"id\":\"x\",\"a\":1.50,\"b\":[1,{\"c\":\"\\u00e9\"}],\"d\":null}",
		"{\"id\":\"x\",\"__raw\":{\"value\":\"{\\\"a\\\":\\\"\\\\u0000\\\"}\"}}",
		"{\"id\":\"x\",\"__refs\":[{\"path\":\"/a/b\",\"form\":\"number\"}]}",
		"{\"__raw\":{\"value\":\"\\\"\\\\u0000\\\"\"}}"
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		sp_line *line = read(lines[i]);

		expect(line, lines[i]);
		sp_line_free(line);
	}
	sp_line_free(NULL);
}

static void columns_are_changed_wherever_they_stand(void **state)
{
	sp_line *line = read("{\"id\":\"x\",\"a\":1,\"b\":2,\"__raw\":{\"v\":\"\\\"\\\\u0000\\\"\"},"
	                     "\"__refs\":[{\"path\":\"/b/0\",\"id\":7},{\"path\":\"/bb\",\"id\":8},"
	                     "{\"id\":9}]}");
	sp_error err = SP_ERROR_INIT;
	sp_buf text = { 0 };

	(void)state;
	assert_int_equal(sp_line_get(line, "v").len, 8);
	assert_null(sp_line_get(line, "nowhere").text);
	sp_line_text(line, "id", &text);
	sp_line_text(line, "a", &text);
	sp_line_text(line, "nowhere", &text);
	assert_string_equal(sp_buf_text(&text), "x");
	sp_buf_free(&text);
	assert_true(sp_line_set(line, "v", (sp_span){ "\"good\"", 6 }, &err));
	assert_true(sp_line_set(line, "a", (sp_span){ "\"\\ud800\"", 8 }, &err));
	assert_true(sp_line_set(line, "new", (sp_span){ "[]", 2 }, &err));
	assert_true(sp_line_rename(line, "b", "c/d", &err));
	assert_true(sp_line_rename(line, "nowhere", "e", &err));
	expect(line, "{\"id\":\"x\",\"c/d\":2,\"v\":\"good\",\"new\":[],"
	             "\"__raw\":{\"a\":\"\\\"\\\\ud800\\\"\"},"
	             "\"__refs\":[{\"path\":\"/c~1d/0\",\"id\":7},{\"path\":\"/bb\",\"id\":8},"
	             "{\"id\":9}]}");
	sp_line_drop(line, "a");
	assert_true(sp_line_move_refs(line, "/c~1d", NULL, NULL, &err));
	expect(line, "{\"id\":\"x\",\"c/d\":2,\"v\":\"good\",\"new\":[],"
	             "\"__refs\":[{\"path\":\"/bb\",\"id\":8},{\"id\":9}]}");
	sp_line_free(line);
}

/* --- justifications --- */

typedef struct {
	sp_line *annotation, *rows[MOST_ROWS];
	size_t count;
} folded;

static folded of(const char *annotation, const char *const *rows)
{
	folded f = { .annotation = read(annotation) };

	for (; rows[f.count]; f.count++)
		f.rows[f.count] = read(rows[f.count]);
	return f;
}

static void done(folded *f)
{
	for (size_t i = 0; i < f->count; i++)
		sp_line_free(f->rows[i]);
	sp_line_free(f->annotation);
}

static int64_t fold(folded *f)
{
	sp_error err = SP_ERROR_INIT;
	int64_t lost = 0;

	assert_true(sp_justified_fold(f->annotation, f->rows, f->count, true, &lost, &err));
	return lost;
}

static void a_justification_stands_beside_its_field(void **state)
{
	folded f = of(
		"{\"id\":\"a\",\"value\":{\"stance\":\"for\",\"d\":{\"x\":1},\"l\":[{\"y\":1}]},"
		"\"created_at\":\"T\"}",
		(const char *const[]){
			"{\"id\":\"1\",\"annotation_id\":\"a\",\"field_name\":\"stance\",\"reasoning\":\"r\","
			"\"evidence_payload\":{\"page\":1,\"by\":2},\"score\":0.50,\"created_at\":\"T\","
			"\"__refs\":[{\"path\":\"/evidence_payload/by\",\"id\":2}]}",
			"{\"id\":\"2\",\"field_name\":\"d.x\",\"reasoning\":\"s\",\"created_at\":\"U\"}",
			"{\"id\":\"3\",\"field_name\":\"l[0].y\",\"evidence_payload\":[1]}",
			"{\"id\":\"4\",\"field_name\":\"l[0]\",\"evidence_payload\":{}}",
			"{\"id\":\"5\",\"field_name\":\"d._thinking_trace\",\"trace\":1}",
			"{\"id\":\"6\",\"field_name\":\"x\",\"__inline\":\"/value/x_justification\"}", NULL });

	(void)state;
	assert_int_equal(fold(&f), 0);
	expect(
		f.annotation,
		"{\"id\":\"a\",\"value\":{\"stance\":\"for\",\"d\":{\"x\":1,\"_thinking_trace\":"
		"{\"trace\":1},\"x_justification\":{\"reasoning\":\"s\",\"created_at\":\"U\"}},"
		"\"l\":[{\"y\":1,\"justification\":{\"evidence_payload\":{}},\"y_justification\":"
		"{\"evidence_payload\":[1]}}],\"stance_justification\":{\"reasoning\":\"r\",\"score\":0.50,"
		"\"page\":1,\"by\":2}},\"created_at\":\"T\","
		"\"__refs\":[{\"path\":\"/value/stance_justification/by\",\"id\":2}]}");
	done(&f);
}

static void where_there_is_no_such_field_it_stands_beside_all(void **state)
{
	folded f = of("{\"id\":\"a\",\"value\":{\"s\":1,\"s_justification\":7,\"a]\":1}}",
	              (const char *const[]){ "{\"id\":\"1\",\"field_name\":\"gone.x\",\"reasoning\":1}",
	                                     "{\"id\":\"2\",\"field_name\":\"s\",\"reasoning\":2}",
	                                     "{\"id\":\"3\",\"field_name\":\"s\",\"reasoning\":3}",
	                                     "{\"id\":\"4\",\"reasoning\":4}",
	                                     "{\"id\":\"5\",\"field_name\":\"a]\",\"reasoning\":5}",
	                                     "{\"id\":\"6\",\"field_name\":\"gone[1]\"}", NULL });

	(void)state;
	assert_int_equal(fold(&f), 0);
	expect(f.annotation,
	       "{\"id\":\"a\",\"value\":{\"s\":1,\"s_justification\":7,\"a]\":1,\"_justification\":"
	       "{\"reasoning\":4},\"a]_justification\":{\"reasoning\":5},\"gone.x_justification\":"
	       "{\"reasoning\":1},\"gone[1]_justification\":{},\"s_justification_2\":{\"reasoning\":2},"
	       "\"s_justification_3\":{\"reasoning\":3}}}");
	done(&f);
}

static void a_row_for_each_item_stands_in_it(void **state)
{
	folded f =
		of("{\"id\":\"a\",\"value\":{\"p\":[{\"n\":1},{\"n\":2}],\"d\":{\"q\":[{},{}]},"
	       "\"r\":[1,{}]}}",
	       (const char *const[]){ "{\"id\":\"1\",\"field_name\":\"p\",\"reasoning\":\"one\"}",
	                              "{\"id\":\"2\",\"field_name\":\"p\",\"reasoning\":\"two\"}",
	                              "{\"id\":\"3\",\"field_name\":\"d.q\",\"reasoning\":1}",
	                              "{\"id\":\"4\",\"field_name\":\"d.q\",\"reasoning\":2}",
	                              "{\"id\":\"5\",\"field_name\":\"r\",\"reasoning\":1}",
	                              "{\"id\":\"6\",\"field_name\":\"r\",\"reasoning\":2}",
	                              "{\"id\":\"7\",\"field_name\":\"no.q\",\"reasoning\":1}", NULL });

	(void)state;
	assert_int_equal(fold(&f), 0);
	expect(f.annotation,
	       "{\"id\":\"a\",\"value\":{\"p\":[{\"n\":1,\"justification\":{\"reasoning\":\"one\"}},"
	       "{\"n\":2,\"justification\":{\"reasoning\":\"two\"}}],\"d\":{\"q\":[{\"justification\":"
	       "{\"reasoning\":1}},{\"justification\":{\"reasoning\":2}}]},\"r\":[1,{}],"
	       "\"r_justification\":{\"reasoning\":1},\"no.q_justification\":{\"reasoning\":1},"
	       "\"r_justification_6\":{\"reasoning\":2}}}");
	done(&f);
}

static void a_value_that_is_no_object_takes_none(void **state)
{
	folded f =
		of("{\"id\":\"a\",\"value\":[1]}",
	       (const char *const[]){ "{\"id\":\"1\",\"field_name\":\"s\",\"reasoning\":1}", NULL });

	(void)state;
	assert_int_equal(fold(&f), 1);
	expect(f.annotation, "{\"id\":\"a\",\"value\":[1]}");
	done(&f);
	f = of("{\"id\":\"a\",\"value\":[{},{}]}",
	       (const char *const[]){ "{\"id\":\"1\",\"field_name\":\"[1]\",\"reasoning\":1}", NULL });
	assert_int_equal(fold(&f), 0);
	expect(f.annotation, "{\"id\":\"a\",\"value\":[{},{\"justification\":{\"reasoning\":1}}]}");
	done(&f);
	f = of("{\"id\":\"a\"}",
	       (const char *const[]){ "{\"id\":\"1\",\"field_name\":\"s\",\"reasoning\":1}", NULL });
	assert_int_equal(fold(&f), 0);
	expect(f.annotation, "{\"id\":\"a\",\"value\":{\"s_justification\":{\"reasoning\":1}}}");
	done(&f);
}

/* A string that no jsonb takes would take the whole value with it. */
static void evidence_that_cannot_be_held_stays_out(void **state)
{
	folded f =
		of("{\"id\":\"a\",\"value\":{\"s\":1}}",
	       (const char *const[]){ "{\"id\":\"1\",\"field_name\":\"s\",\"reasoning\":\"r\","
	                              "\"__raw\":{\"evidence_payload\":\"[\\\"\\\\u0000\\\"]\"}}",
	                              NULL });

	(void)state;
	assert_int_equal(fold(&f), 1);
	expect(f.annotation,
	       "{\"id\":\"a\",\"value\":{\"s\":1,\"s_justification\":{\"reasoning\":\"r\"}}}");
	done(&f);
}

static void unfold(folded *f)
{
	sp_error err = SP_ERROR_INIT;

	assert_true(sp_justified_unfold(f->annotation, f->rows, f->count, &err));
}

static void out_of_the_value_each_is_a_row(void **state)
{
	folded f =
		of("{\"id\":\"a\",\"value\":{\"s\":1,\"s_justification\":{\"reasoning\":\"r\",\"by\":7},"
	       "\"p\":[{\"justification\":{}},{\"n\":1,\"justification\":{}}],"
	       "\"q\":[{\"justification\":{}},{}]},\"created_at\":\"T\","
	       "\"__refs\":[{\"path\":\"/value/s_justification/by\",\"id\":7}]}",
	       (const char *const[]){
			   "{\"id\":\"1\",\"field_name\":\"s\",\"reasoning\":\"r\",\"evidence_payload\":"
			   "{\"by\":7},\"__inline\":\"/value/s_justification\"}",
			   "{\"id\":\"2\",\"field_name\":\"p[0]\",\"__inline\":\"/value/p/0/justification\"}",
			   "{\"id\":\"3\",\"field_name\":\"p[1]\",\"created_at\":\"U\",\"evidence_payload\":"
			   "{\"evidence_payload\":[1]},\"__inline\":\"/value/p/1/justification\"}",
			   "{\"id\":\"4\",\"field_name\":\"q[0]\",\"__inline\":\"/value/q/0/justification\"}",
			   "{\"id\":\"5\",\"field_name\":\"t\"}", NULL });

	(void)state;
	unfold(&f);
	expect(f.annotation, "{\"id\":\"a\",\"value\":{\"s\":1,\"p\":[{},{\"n\":1}],\"q\":[{},{}]},"
	                     "\"created_at\":\"T\"}");
	expect(f.rows[0], "{\"id\":\"1\",\"field_name\":\"s\",\"reasoning\":\"r\",\"evidence_payload\":"
	                  "{\"by\":7},\"__inline\":\"/value/s_justification\",\"created_at\":\"T\","
	                  "\"__refs\":[{\"path\":\"/evidence_payload/by\",\"id\":7}]}");
	expect(f.rows[1],
	       "{\"id\":\"2\",\"field_name\":\"p\",\"__inline\":\"/value/p/0/justification\","
	       "\"created_at\":\"T\"}");
	expect(f.rows[2],
	       "{\"id\":\"3\",\"field_name\":\"p\",\"created_at\":\"U\",\"evidence_payload\":"
	       "[1],\"__inline\":\"/value/p/1/justification\"}");
	expect(f.rows[3], "{\"id\":\"4\",\"field_name\":\"q[0]\",\"__inline\":"
	                  "\"/value/q/0/justification\",\"created_at\":\"T\"}");
	expect(f.rows[4], "{\"id\":\"5\",\"field_name\":\"t\"}");
	done(&f);
}

/* --- contracts --- */

static int64_t lift(sp_line *schema)
{
	sp_error err = SP_ERROR_INIT;
	int64_t lost = 0;

	assert_true(sp_contract_lift(schema, &lost, &err));
	return lost;
}

static void lower(sp_line *schema)
{
	sp_error err = SP_ERROR_INIT;

	assert_true(sp_contract_lower(schema, &err));
}

#define CONTRACT                                                                                   \
	"{\"type\":\"object\",\"properties\":{\"d\":{\"properties\":{\"s\":{\"type\":\"string\"%s},"   \
	"\"t\":{}}},\"l\":{\"items\":[{\"properties\":{\"s\":{%s}}}]},\"n\":true}}"

static void what_is_asked_for_goes_there_and_back(void **state)
{
	static const char flags[] = "\"include_justification\":true,\"justification_prompt\":\"Why?\"";
	static const char configs[] =
		",\"field_specific_justification_configs\":{\"s\":{\"enabled\":true,"
		"\"custom_prompt\":\"Why?\"}}";
	sp_buf old = { 0 }, new = { 0 };
	sp_line *line;

	(void)state;
	sp_buf_addf(&old, "{\"id\":\"x\",\"output_contract\":" CONTRACT "%s}", "", "", configs);
	sp_buf_addf(&new, "{\"id\":\"x\",\"output_contract\":" CONTRACT "}",
	            ",\"include_justification\":true,\"justification_prompt\":\"Why?\"", flags);
	line = read(old.data);
	assert_int_equal(lift(line), 0);
	expect(line, new.data);
	sp_line_free(line);
	line = read(new.data);
	lower(line);
	expect(line, old.data);
	sp_line_free(line);
	sp_buf_free(&old);
	sp_buf_free(&new);
}

static void a_contract_that_could_not_come_back_keeps_it(void **state)
{
	sp_line *line = read("{\"output_contract\":{\"properties\":{\"s\":{\"include_justification\":"
	                     "true,\"type\":\"string\"},\"t\":{\"properties\":{\"s\":{"
	                     "\"include_justification\":false}}}}}}");

	(void)state;
	lower(line);
	expect(line, "{\"output_contract\":{\"properties\":{\"s\":{\"include_justification\":"
	             "true,\"type\":\"string\"},\"t\":{\"properties\":{\"s\":{"
	             "\"include_justification\":false}}}}},"
	             "\"field_specific_justification_configs\":{\"s\":{\"enabled\":true}}}");
	/* what it says by itself counts */
	assert_int_equal(lift(line), 0);
	expect(line, "{\"output_contract\":{\"properties\":{\"s\":{\"include_justification\":"
	             "true,\"type\":\"string\"},\"t\":{\"properties\":{\"s\":{"
	             "\"include_justification\":false}}}}}}");
	sp_line_free(line);
}

static void what_has_no_property_is_counted(void **state)
{
	sp_line *line = read("{\"output_contract\":{\"properties\":{\"s\":{}}},"
	                     "\"field_specific_justification_configs\":{\"s\":{\"enabled\":true,"
	                     "\"else\":1},\"gone\":{\"enabled\":true}}}");

	(void)state;
	assert_int_equal(lift(line), 2);
	expect(line, "{\"output_contract\":{\"properties\":{\"s\":{\"include_justification\":true}}}}");
	assert_int_equal(lift(line), 0);
	sp_line_free(line);
	line = read("{\"field_specific_justification_configs\":{\"s\":{}}}");
	assert_int_equal(lift(line), 1);
	lower(line);
	expect(line, "{}");
	sp_line_free(line);
	/* nothing is asked of anybody */
	line = read("{\"output_contract\":{\"properties\":{\"s\":{}}}}");
	lower(line);
	expect(line, "{\"output_contract\":{\"properties\":{\"s\":{}}},"
	             "\"field_specific_justification_configs\":{}}");
	sp_line_free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_written_as_it_stands),
		cmocka_unit_test(columns_are_changed_wherever_they_stand),
		cmocka_unit_test(a_justification_stands_beside_its_field),
		cmocka_unit_test(where_there_is_no_such_field_it_stands_beside_all),
		cmocka_unit_test(a_row_for_each_item_stands_in_it),
		cmocka_unit_test(a_value_that_is_no_object_takes_none),
		cmocka_unit_test(evidence_that_cannot_be_held_stays_out),
		cmocka_unit_test(out_of_the_value_each_is_a_row),
		cmocka_unit_test(what_is_asked_for_goes_there_and_back),
		cmocka_unit_test(a_contract_that_could_not_come_back_keeps_it),
		cmocka_unit_test(what_has_no_property_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
