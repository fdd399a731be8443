#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/between.h"
#include "core/model/words.h"
#include "core/plan/compat.h"

/*
 * A target as a file describes it, and what a package holds of one kind of
 * rows: what becomes of it is looked up by code, kind and column.
 */
#define HEAD                                                                                       \
	"{\"format\":\"spaceport-target\",\"format_version\":\"1.0\",\"generation\":\"2026-05\","      \
	"\"server_version\":160004,\"writable\":true,\"may_write\":true,\"schema\":\"there\","         \
	"\"store\":\"reached\","
#define ENUMS "\"enums\":{\"assetkind\":[\"TEXT\",\"FILE\",\"PDF\",\"rss_feed\"]}}"

static sp_target *target_of(const char *tables)
{
	char text[4096];
	sp_error err = SP_ERROR_INIT;
	sp_target *target;

	snprintf(text, sizeof text, HEAD "\"tables\":{%s}," ENUMS, tables);
	target = sp_target_parse(text, strlen(text), "t.json", &err);
	assert_non_null(target);
	return target;
}

/* A survey of one kind with up to four columns. */
typedef struct {
	sp_survey survey;
	sp_survey_kind kind;
	sp_survey_column columns[4];
	sp_survey_vector vectors[2];
} held;

static char *text_of(const char *text)
{
	return (char *)(uintptr_t)text;
}

static void hold(held *h, const char *kind, int64_t rows, const char *format)
{
	memset(h, 0, sizeof *h);
	h->kind = (sp_survey_kind){ .name = text_of(kind), .rows = rows, .columns = h->columns };
	h->survey = (sp_survey){
		.kinds = &h->kind, .count = 1, .vectors = h->vectors, .about = sp_json_object()
	};
	sp_json_add_text(h->survey.about, "format", format);
}

static sp_survey_column *has(held *h, const char *name, int64_t rows)
{
	sp_survey_column *column = &h->columns[h->kind.count++];

	column->name = text_of(name);
	column->rows = rows;
	return column;
}

/* Rows that it is about; -1: no such finding. */
static int64_t found(const sp_fits *fits, const char *code, const char *column)
{
	int i;

	for (i = 0; i < sp_fits_count(fits); i++) {
		const sp_fit *fit = sp_fits_at(fits, i);

		if (!strcmp(sp_fit_sorts[fit->id].code, code) &&
		    (column ? fit->column && !strcmp(fit->column, column) : !fit->column))
			return fit->rows;
	}
	return -1;
}

static const char *becomes(const sp_fits *fits, const char *code)
{
	int i;

	for (i = 0; i < sp_fits_count(fits); i++) {
		if (!strcmp(sp_fit_sorts[sp_fits_at(fits, i)->id].code, code))
			return sp_fits_at(fits, i)->to;
	}
	return NULL;
}

static sp_fits *judge(held *h, const char *tables)
{
	sp_error err = SP_ERROR_INIT;
	sp_target *target = target_of(tables);
	sp_fits *fits = sp_compat(&h->survey, target, &err);

	assert_non_null(fits);
	sp_json_free(h->survey.about);
	sp_target_free(target);
	return fits;
}

static void what_is_there_goes_as_it_is(void **state)
{
	held h;
	sp_fits *fits;

	(void)state;
	hold(&h, "annotation", 5, "spaceport");
	has(&h, "value", 5);
	fits = judge(&h, "\"annotation\":{\"value\":{\"type\":\"jsonb\"}}");
	assert_int_equal(sp_fits_count(fits), 1);
	assert_int_equal(found(fits, "rows", NULL), 5);
	assert_int_equal(sp_fits_code(fits), SP_OK);
	sp_fits_free(fits);
}

static void what_is_not_there_is_lost_as_often_as_it_is_held(void **state)
{
	held h;
	sp_fits *fits;

	(void)state;
	hold(&h, "annotation", 5, "spaceport");
	has(&h, "region", 3)->nulls = 1; /* JSON's null was meant */
	has(&h, "links", 0);
	fits = judge(&h, "\"annotation\":{\"id\":{\"type\":\"integer\"}}");
	assert_int_equal(found(fits, "no-column", "region"), 4);
	assert_int_equal(found(fits, "no-column", "links"), -1);
	assert_int_equal(sp_fits_code(fits), SP_WARNINGS);
	sp_fits_free(fits);

	/* other formats write null where there is nothing */
	hold(&h, "annotation", 5, "hq");
	has(&h, "region", 3)->nulls = 1;
	fits = judge(&h, "\"annotation\":{\"id\":{\"type\":\"integer\"}}");
	assert_int_equal(found(fits, "no-column", "region"), 3);
	sp_fits_free(fits);

	hold(&h, "flow", 2, "spaceport");
	fits = judge(&h, "");
	assert_int_equal(found(fits, "no-table", NULL), 2);
	sp_fits_free(fits);
}

static void the_root_is_no_bundle(void **state)
{
	sp_survey_column *column;
	held h;
	sp_fits *fits;

	(void)state;
	hold(&h, "bundle", 4, "spaceport");
	column = has(&h, "parent_bundle_id", 4);
	column->root = column->empty = 3;
	fits = judge(&h, "\"bundle\":{\"id\":{\"type\":\"integer\"}}");
	assert_int_equal(found(fits, "no-column", "parent_bundle_id"), 1);
	sp_fits_free(fits);
}

static void what_is_kept_elsewhere_is_not_lost(void **state)
{
	sp_survey_column *column;
	held h;
	sp_fits *fits;

	(void)state;
	hold(&h, "asset", 9, "spaceport");
	has(&h, "source_metadata", 9)->raw = 2;
	column = has(&h, "bundle_ids", 9);
	column->root = 4;
	column->several = 2;
	fits =
		judge(&h, "\"asset\":{\"metadata\":{\"type\":\"jsonb\"},\"file_info\":{\"type\":\"jsonb\"},"
	              "\"bundle_id\":{\"type\":\"integer\"}}");
	assert_int_equal(found(fits, "elsewhere", "source_metadata"), 9);
	assert_string_equal(becomes(fits, "elsewhere"), "asset.metadata, asset.file_info");
	assert_int_equal(found(fits, "beyond-jsonb", "source_metadata"), 2);
	assert_int_equal(found(fits, "elsewhere", "bundle_ids"), 5);
	assert_int_equal(found(fits, "only-first", "bundle_ids"), 2);
	sp_fits_free(fits);

	/* both columns are needed */
	hold(&h, "asset", 9, "spaceport");
	has(&h, "source_metadata", 9);
	fits = judge(&h, "\"asset\":{\"metadata\":{\"type\":\"jsonb\"}}");
	assert_int_equal(found(fits, "no-column", "source_metadata"), 9);
	sp_fits_free(fits);
}

static void justifications_go_both_ways(void **state)
{
	held h;
	sp_fits *fits;

	(void)state;
	hold(&h, "justification", 7, "spaceport");
	fits = judge(&h, "\"annotation\":{\"value\":{\"type\":\"jsonb\"}}");
	assert_int_equal(found(fits, "elsewhere", NULL), 7);
	assert_int_equal(sp_fits_code(fits), SP_OK);
	sp_fits_free(fits);

	hold(&h, "justification", 7, "spaceport");
	h.kind.inside = 7;
	fits = judge(&h, "\"justification\":{\"id\":{\"type\":\"integer\"}}");
	assert_int_equal(found(fits, "rows-from-values", NULL), 7);
	assert_int_equal(found(fits, "rows", NULL), -1);
	sp_fits_free(fits);
}

#define KIND "\"asset\":{\"kind\":{\"type\":\"assetkind\",\"enum\":\"assetkind\"}}"

static void words_become_what_hq_can_read(void **state)
{
	static const struct {
		const char *word, *code, *to;
	} cases[] = {
		{ "PDF", NULL, NULL },
		{ "pdf", "spelling", "PDF" },
		{ "PDF_PAGE", "word", "TEXT" },
		{ "pdf_page", "word", "TEXT" },
		{ "ARTICLE", "word", "TEXT" },
		{ "HOLOGRAM", "word", "FILE" },
		/* the database has it, but HQ can't read it */
		{ "rss_feed", "word", "FILE" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		sp_survey_word word = { text_of(cases[i].word), 3 };
		sp_survey_column *column;
		sp_fits *fits;
		held h;

		hold(&h, "asset", 3, "spaceport");
		column = has(&h, "kind", 3);
		column->words = &word;
		column->word_count = 1;
		fits = judge(&h, KIND);
		if (cases[i].code)
			assert_string_equal(becomes(fits, cases[i].code), cases[i].to);
		else
			assert_int_equal(sp_fits_count(fits), 1);
		sp_fits_free(fits);
	}
}

static void nothing_stands_for_a_word_of_which_nothing_is_known(void **state)
{
	static const char *const words[] = { "ONE" };
	const sp_vocabulary v = { "oddkind", words, 1 };
	const char *becomes;

	(void)state;
	assert_int_equal(sp_word_find(&v, "ONE", &becomes), SP_WORD_KNOWN);
	assert_string_equal(becomes, "ONE");
	assert_int_equal(sp_word_find(&v, "one", &becomes), SP_WORD_SPELLING);
	assert_string_equal(becomes, "ONE");
	assert_int_equal(sp_word_find(&v, "two", &becomes), SP_WORD_UNKNOWN);
	assert_null(becomes);
}

static void only_words_that_matter_are_kept(void **state)
{
	sp_target *target = target_of(KIND ",\"canon\":{\"role\":{\"type\":\"character varying\"}}");

	(void)state;
	assert_true(sp_compat_keeps_words(target, "asset", "kind"));
	assert_true(sp_compat_keeps_words(target, "canon", "role"));
	assert_false(sp_compat_keeps_words(target, "asset", "title"));
	assert_false(sp_compat_keeps_words(target, "run", "status"));
	assert_false(sp_compat_keeps_words(target, "nothing", "kind"));
	sp_target_free(target);
}

static void what_must_be_there_is_filled_or_stands_in_the_way(void **state)
{
	held h;
	sp_fits *fits;

	(void)state;
	hold(&h, "asset", 6, "spaceport");
	has(&h, "title", 4);
	fits = judge(&h, "\"asset\":{\"stub\":{\"type\":\"boolean\",\"not_null\":true},"
	                 "\"uuid\":{\"type\":\"text\",\"not_null\":true,\"default\":true}}");
	assert_int_equal(found(fits, "filled", "stub"), 6);
	assert_string_equal(becomes(fits, "filled"), "false");
	assert_int_equal(found(fits, "filled", "uuid"), -1);
	sp_fits_free(fits);

	hold(&h, "asset", 6, "spaceport");
	has(&h, "title", 4);
	fits = judge(&h, "\"asset\":{\"title\":{\"type\":\"text\",\"not_null\":true}}");
	assert_int_equal(found(fits, "no-value", "title"), 2);
	assert_int_equal(sp_fits_code(fits), SP_INCOMPATIBLE);
	sp_fits_free(fits);

	/* what has another name there is there */
	hold(&h, "edge", 6, "spaceport");
	has(&h, "subject_entity_id", 6);
	fits =
		judge(&h, "\"graphedge\":{\"source_entity_id\":{\"type\":\"integer\",\"not_null\":true}}");
	assert_int_equal(found(fits, "renamed", "subject_entity_id"), 6);
	assert_int_equal(sp_fits_code(fits), SP_OK);
	sp_fits_free(fits);
}

static void vectors_need_a_column_of_their_dimension(void **state)
{
	static const struct {
		const char *columns, *code, *to;
	} cases[] = {
		{ "\"embedding_384\":{\"type\":\"vector(384)\",\"dimension\":384}", "vectors", "384" },
		{ "\"v\":{\"type\":\"vector(384)\",\"dimension\":384}", "vectors-elsewhere", "v" },
		{ "\"embedding_json\":{\"type\":\"json\"}", "vectors-elsewhere", "embedding_json" },
		{ "\"embedding_384\":{\"type\":\"vector(512)\",\"dimension\":512}", "no-pgvector", "384" },
		{ "\"chunk_metadata\":{\"type\":\"json\"}", "no-pgvector", "384" },
	};
	char tables[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		sp_fits *fits;
		held h;

		hold(&h, "embedding", 2, "spaceport");
		h.vectors[0] = (sp_survey_vector){ text_of("embedding_384"), 384, 2 };
		h.survey.vector_count = 1;
		snprintf(tables, sizeof tables, "\"assetchunk\":{%s}", cases[i].columns);
		fits = judge(&h, tables);
		assert_string_equal(becomes(fits, cases[i].code), cases[i].to);
		sp_fits_free(fits);
	}
}

static void types_that_refuse_values(void **state)
{
	sp_survey_column *column;
	held h;
	sp_fits *fits;

	(void)state;
	hold(&h, "annotation", 5, "hq");
	column = has(&h, "value", 5);
	column->types[SP_VALUE_OBJECT] = 4;
	column->types[SP_VALUE_TEXT] = 1;
	column = has(&h, "note", 2);
	column->raw = 1;
	column->types[SP_VALUE_TEXT] = 2;
	fits =
		judge(&h, "\"annotation\":{\"value\":{\"type\":\"integer\"},\"note\":{\"type\":\"text\"}}");
	assert_int_equal(found(fits, "other-type", "value"), 4);
	assert_int_equal(found(fits, "beyond-jsonb", "note"), 1);
	sp_fits_free(fits);
}

static void moves_lead_somewhere(void **state)
{
	int kind;

	(void)state;
	for (kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		assert_null(sp_move_next(NULL, (sp_kind)kind, "no such column"));
		assert_non_null(sp_fill_find((sp_kind)kind, "created_at"));
		assert_null(sp_fill_find((sp_kind)kind, "no such column"));
	}
	assert_null(sp_fallback_find("no such type", "X"));
	assert_string_equal(sp_hq_column(SP_ASSET, "facets"), "metadata");
	assert_null(sp_hq_column(SP_RUN, "assets"));
	assert_string_equal(sp_universal_column(SP_DATASET, "entity_uuid"), "entity_uuid");
	assert_string_equal(sp_universal_column(SP_RUN, "entity_uuid"), "uuid");
}

static void every_finding_is_whole(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < SP_FIT_IDS; a++) {
		sp_fit fit = { .id = (sp_fit_id)a, .to = "xyz" };
		sp_buf text = { 0 };

		assert_non_null(sp_fit_sorts[a].code);
		sp_fit_text(&text, &fit, true);
		assert_true(text.len > 0);
		assert_int_equal(strstr(sp_fit_sorts[a].text, "%s") != NULL,
		                 strstr(sp_buf_text(&text), "xyz") != NULL);
		for (b = 0; b < a; b++)
			assert_string_not_equal(sp_fit_sorts[a].code, sp_fit_sorts[b].code);
		sp_buf_free(&text);
	}
}

static void a_description_comes_back_as_it_was(void **state)
{
	sp_target *target = target_of(KIND ",\"assetchunk\":{\"v\":{\"type\":\"vector(3)\","
	                                   "\"dimension\":3,\"not_null\":true,\"default\":true,"
	                                   "\"generated\":true,\"indexed\":true,\"searched\":true}}");
	sp_buf first = { 0 }, second = { 0 };
	sp_error err = SP_ERROR_INIT;
	sp_target *again;
	sp_json *json = sp_target_json(target, &err);

	(void)state;
	assert_true(sp_json_print(json, true, &first));
	sp_json_free(json);
	again = sp_target_parse(first.data, first.len, "t.json", &err);
	assert_non_null(again);
	json = sp_target_json(again, &err);
	assert_true(sp_json_print(json, true, &second));
	sp_json_free(json);
	assert_string_equal(first.data, second.data);
	assert_true(again->tables[1].columns[0].searched);
	sp_target_free(target);
	sp_target_free(again);
	sp_buf_free(&first);
	sp_buf_free(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_goes_as_it_is),
		cmocka_unit_test(what_is_not_there_is_lost_as_often_as_it_is_held),
		cmocka_unit_test(the_root_is_no_bundle),
		cmocka_unit_test(what_is_kept_elsewhere_is_not_lost),
		cmocka_unit_test(justifications_go_both_ways),
		cmocka_unit_test(words_become_what_hq_can_read),
		cmocka_unit_test(nothing_stands_for_a_word_of_which_nothing_is_known),
		cmocka_unit_test(only_words_that_matter_are_kept),
		cmocka_unit_test(what_must_be_there_is_filled_or_stands_in_the_way),
		cmocka_unit_test(vectors_need_a_column_of_their_dimension),
		cmocka_unit_test(types_that_refuse_values),
		cmocka_unit_test(moves_lead_somewhere),
		cmocka_unit_test(every_finding_is_whole),
		cmocka_unit_test(a_description_comes_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
