#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "core/export/layout.h"
#include "tests/unit/sample.h"

static const sp_export_options plain = { .max_line = 1000 };

static sp_layout *create(sp_kind kind, const sp_export_options *options, sp_json *left_out)
{
	sp_error err = SP_ERROR_INIT;
	sp_layout *layout = sp_layout_create(&sample, kind, options, left_out, &err);

	assert_non_null(layout);
	assert_false(sp_error_is_set(&err));
	return layout;
}

static const char *const forms[] = {
	[SP_FIELD_ID] = "id",           [SP_FIELD_UUID] = "uuid",     [SP_FIELD_LINEAGE] = "lineage",
	[SP_FIELD_REF] = "ref",         [SP_FIELD_REFS] = "refs",     [SP_FIELD_KEY] = "key",
	[SP_FIELD_LITERAL] = "literal", [SP_FIELD_STRING] = "string", [SP_FIELD_JSON] = "json",
};

/* "name form", and for references the table, "root", "refs" and "large". */
static void expect_fields(sp_kind kind, const sp_export_options *options, const char *expected)
{
	sp_layout *layout = create(kind, options, NULL);
	sp_buf text = { 0 };
	int i;

	assert_int_equal(layout->kind, kind);
	assert_ptr_equal(layout->table, &sample.tables[layout->index]);
	for (i = 0; i < layout->count; i++) {
		const sp_row_field *field = &layout->fields[i];

		sp_buf_addf(&text, "%s%s %s", i ? ", " : "", field->column->name, forms[field->form]);
		if (field->table >= 0)
			sp_buf_addf(&text, " %s", sample.tables[field->table].name);
		sp_buf_adds(&text, field->root ? " root" : "");
		sp_buf_adds(&text, field->refs ? " refs" : "");
		sp_buf_adds(&text, field->large ? " large" : "");
	}
	assert_string_equal(sp_buf_text(&text), expected);
	sp_buf_free(&text);
	sp_layout_free(layout);
}

static void columns_have_forms(void **state)
{
	(void)state;
	expect_fields(SP_ANNOTATION, &plain,
	              "id id, uuid uuid, infospace_id ref infospace, asset_id ref asset, "
	              "schema_id ref annotationschema, run_id ref annotationrun, user_id ref user, "
	              "value json refs, status string, links json large, imported_from_uuid lineage, "
	              "timestamp literal, score literal, __note string large, labels literal");
	expect_fields(
		SP_ASSET, &plain,
		"id id, uuid uuid, title string large, parent_asset_id ref asset, "
		"bundle_ids refs bundle root, text_content string refs large, fragments json refs, "
		"file_info json refs");
	expect_fields(SP_BUNDLE, &plain,
	              "id id, uuid uuid, name string large, parent_bundle_id ref bundle root, "
	              "bundle_metadata json refs");
	expect_fields(SP_SCHEMA_LINK, &plain,
	              "run_id ref annotationrun, schema_id ref annotationschema");
	expect_fields(SP_JUSTIFICATION, &plain,
	              "id id, annotation_id key, field_name string large, reasoning string large");
	expect_fields(SP_DATASET, &plain,
	              "id id, entity_uuid uuid, name string large, asset_ids json refs");
}

/* A foreign key that goes by another column than the id is a text like any. */
static void only_keys_by_id_are_references(void **state)
{
	(void)state;
	expect_fields(SP_SOURCE, &plain,
	              "id id, uuid uuid, name string large, details json refs, x_y string large, "
	              "source_metadata json, a/b~c "
	              "ref other, "
	              "by_name string large");
}

static void expect_left_out(sp_kind kind, const sp_export_options *options, const char *expected)
{
	sp_json *list = sp_json_array();
	sp_layout *layout = create(kind, options, list);
	sp_buf text = { 0 };

	assert_true(sp_json_print(list, false, &text));
	assert_string_equal(text.data, expected);
	sp_buf_free(&text);
	sp_json_free(list);
	sp_layout_free(layout);
}

static void says_what_stays_out(void **state)
{
	static const sp_export_options nobody = { .no_authors = true },
								   vectors = { .embeddings = true };

	(void)state;
	expect_left_out(SP_SCHEMA, &plain, "[]");
	expect_left_out(SP_ASSET, &plain,
	                "[{\"column\":\"asset.text_search_vector\",\"why\":\"generated\"}]");
	expect_left_out(SP_USER, &plain,
	                "[{\"column\":\"user.hashed_password\",\"why\":\"secret\"},"
	                "{\"column\":\"user.token\",\"why\":\"secret\"}]");
	expect_left_out(SP_ANNOTATION, &plain, "[]");
	expect_left_out(SP_ANNOTATION, &nobody,
	                "[{\"column\":\"annotation.user_id\",\"why\":\"no_authors\"}]");
	expect_left_out(SP_CHUNK, &plain,
	                "[{\"column\":\"assetchunk.embedding_json\",\"why\":\"include_embeddings\"},"
	                "{\"column\":\"assetchunk.embedding_1024\",\"why\":\"include_embeddings\"},"
	                "{\"column\":\"assetchunk.embedding_2048\",\"why\":\"include_embeddings\"}]");
	expect_left_out(SP_CHUNK, &vectors, "[]");
}

static void left_out_is_not_read(void **state)
{
	static const sp_export_options nobody = { .no_authors = true },
								   vectors = { .embeddings = true };

	(void)state;
	expect_fields(SP_USER, &plain, "id id, email string large");
	expect_fields(SP_ANNOTATION, &nobody,
	              "id id, uuid uuid, infospace_id ref infospace, asset_id ref asset, "
	              "schema_id ref annotationschema, run_id ref annotationrun, "
	              "value json refs, status string, links json large, imported_from_uuid lineage, "
	              "timestamp literal, score literal, __note string large, labels literal");
	/* vectors stand in entries of their own, so they are never in a row */
	expect_fields(SP_CHUNK, &plain,
	              "id id, asset_id ref asset, chunk_index literal, text_content string large, "
	              "embedding_model_id ref embeddingmodel, embedding_name string large");
	expect_fields(SP_CHUNK, &vectors,
	              "id id, asset_id ref asset, chunk_index literal, text_content string large, "
	              "embedding_model_id ref embeddingmodel, embedding_name string large");
}

static void knows_embeddings(void **state)
{
	const sp_table *chunks = &sample.tables[T_ASSETCHUNK];
	int i;

	(void)state;
	for (i = 0; i < chunks->count; i++) {
		const sp_column *column = &chunks->columns[i];
		bool expected = i >= 4 && i <= 6;

		assert_int_equal(sp_is_embedding(SP_CHUNK, column), expected);
		assert_int_equal(sp_is_embedding(SP_ENTITY, column), expected);
		assert_false(sp_is_embedding(SP_ASSET, column));
	}
}

static void expect_key(int table, const char *expected)
{
	sp_buf sql = { 0 };

	sp_key_sql(&sample, table, &sql);
	assert_string_equal(sp_buf_text(&sql), expected);
	sp_buf_free(&sql);
}

static void rows_have_keys(void **state)
{
	(void)state;
	expect_key(T_ANNOTATION, "'u' || t.\"uuid\"");
	expect_key(T_DATASET, "'u' || t.\"entity_uuid\"");
	expect_key(T_JUSTIFICATION, "'djustification:' || t.id::text");
	expect_key(T_ASSETCHUNK,
	           "'dchunk:' || (SELECT p.uuid FROM \"public\".\"asset\" p WHERE p.id = t.asset_id)"
	           " || '/' || t.chunk_index");
	expect_key(T_EMBEDDINGMODEL,
	           "'dembedding_model:' || json_build_array(t.name, t.provider, t.dimension)::text");
	expect_key(T_USER, "'duser:' || t.id::text");
	expect_key(T_ZONE, "'dother:' || 'zone' || '/' || t.id");
	/* one that may be missing */
	expect_key(
		T_OTHER,
		"coalesce('u' || nullif(t.\"uuid\"::text, ''), 'dother:' || 'other' || '/' || t.id)");
}

static void expect_select(sp_kind kind, uint64_t max_line, const char *expected)
{
	sp_layout *layout = create(kind, &plain, NULL);
	sp_buf sql = { 0 };

	sp_layout_select(layout, &sample, max_line, &sql);
	assert_string_equal(sp_buf_text(&sql), expected);
	sp_buf_free(&sql);
	sp_layout_free(layout);
}

#define CUT(column)                                                                                \
	"CASE WHEN octet_length(t.\"" column "\"::text) <= 77 THEN t.\"" column "\"::text END"
#define TOO_LARGE(column)                                                                          \
	"CASE WHEN octet_length(t.\"" column "\"::text) > 77 THEN '" column "' END"

static void asks_for_each_field(void **state)
{
	(void)state;
	expect_select(
		SP_SCHEMA_LINK, 77,
		"NULL::bigint, NULL::text, t.\"run_id\"::bigint, t.\"schema_id\"::bigint, NULL::text");
	expect_select(SP_JUSTIFICATION, 77,
	              "t.id::bigint, 'djustification:' || t.id::text, NULL::text, "
	              "(SELECT 'u' || p.uuid FROM \"public\".\"annotation\" p WHERE p.id = "
	              "t.\"annotation_id\"), " CUT("field_name") ", " CUT(
					  "reasoning") ", "
	                               "nullif(concat_ws('" SP_LARGE_SEPARATOR "', " TOO_LARGE(
									   "field_name") ", " TOO_LARGE("reasoning") "), '')");
	expect_select(
		SP_BUNDLE, UINT64_MAX,
		"t.id::bigint, 'u' || t.\"uuid\", NULL::text, NULL::text, "
		"CASE WHEN octet_length(t.\"name\"::text) <= 18446744073709551615 THEN t.\"name\"::text "
		"END, "
		"t.\"parent_bundle_id\"::bigint, t.\"bundle_metadata\"::text, "
		"nullif(concat_ws('" SP_LARGE_SEPARATOR
		"', CASE WHEN octet_length(t.\"name\"::text) > 18446744073709551615 "
		"THEN 'name' END), '')");
	expect_select(
		SP_ANNOTATION, 77,
		"t.id::bigint, 'u' || t.\"uuid\", NULL::text, NULL::text, t.\"infospace_id\"::bigint, "
		"t.\"asset_id\"::bigint, t.\"schema_id\"::bigint, t.\"run_id\"::bigint, "
		"t.\"user_id\"::bigint, t.\"value\"::text, t.\"status\"::text, " CUT(
			"links") ", "
					 "t.\"imported_from_uuid\"::text, to_json(t.\"timestamp\")::text, "
					 "to_json(t.\"score\")::text, " CUT(
						 "__note") ", "
								   "CASE WHEN starts_with(t.\"labels\"::text, '[') THEN "
								   "to_json(t.\"labels\"::text)::text "
								   "ELSE to_json(t.\"labels\")::text END, "
								   "nullif(concat_ws('" SP_LARGE_SEPARATOR
								   "', " TOO_LARGE("links") ", " TOO_LARGE("__note") "), '')");
	expect_select(
		SP_ASSET, 77,
		"t.id::bigint, 'u' || t.\"uuid\", NULL::text, NULL::text, " CUT(
			"title") ", "
					 "t.\"parent_asset_id\"::bigint, array_to_string(t.\"bundle_ids\", ',', "
					 "'null'), " CUT(
						 "text_content") ", t.\"fragments\"::text, t.\"file_info\"::text, "
										 "nullif(concat_ws('" SP_LARGE_SEPARATOR "', " TOO_LARGE(
											 "title") ", " TOO_LARGE("text_content") "), '')");
}

static void has_words_for_formats(void **state)
{
	(void)state;
	assert_string_equal(sp_asset_formats[SP_FILES_REFERENCE], "reference");
	assert_string_equal(sp_asset_formats[SP_FILES_INLINE], "inline");
	assert_string_equal(sp_asset_formats[SP_FILES_EXTERNAL], "external");
	assert_null(sp_asset_formats[3]);
	sp_layout_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_have_forms),  cmocka_unit_test(only_keys_by_id_are_references),
		cmocka_unit_test(says_what_stays_out), cmocka_unit_test(left_out_is_not_read),
		cmocka_unit_test(knows_embeddings),    cmocka_unit_test(rows_have_keys),
		cmocka_unit_test(asks_for_each_field), cmocka_unit_test(has_words_for_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
