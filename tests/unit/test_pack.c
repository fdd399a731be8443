#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/packing.h"

static const asked plain = { .preserve = true };

/* One row of an entity, by itself. `expected` begins behind id and uuid. */
static void expect_one(sp_kind kind, const asked *ask, const given *values, const char *expected)
{
	static const char head[] = "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\"";
	sp_buf line = { 0 };
	packing b;

	packing_begin(&b, kind, ask);
	sp_buf_addf(&line, "%s%s", head, expected);
	packing_expect(&b, values, line.data);
	sp_buf_free(&line);
	packing_end(&b);
}
#define EXPECT(kind, ask, expected, ...)                                                           \
	expect_one(kind, ask, (const given[]){ __VA_ARGS__, { 0 } }, expected)

/* --- values --- */

static void null_is_a_missing_key(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &plain);
	packing_expect(&b, (const given[]){ { 0 } }, "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\"}");
	assert_int_equal(b.row.kind, SP_ANNOTATION);
	assert_int_equal(b.row.id, 1);
	assert_string_equal(b.row.uuid.own, OWN);
	assert_string_equal(b.row.uuid.package, OWN);
	assert_string_equal(b.row.origin, "");
	assert_null(b.row.large);
	packing_end(&b);
	EXPECT(SP_ANNOTATION, &plain, ",\"value\":null}", { "value", TEXT("null") });
	EXPECT(SP_ANNOTATION, &plain, ",\"value\":\"\"}", { "value", TEXT("\"\"") });
	EXPECT(SP_ANNOTATION, &plain, ",\"status\":\"\"}", { "status", TEXT("") });
}

static void literals_stay_as_they_are(void **state)
{
	(void)state;
	EXPECT(SP_ANNOTATION, &plain,
	       ",\"timestamp\":\"0044-03-15T00:00:00 BC\",\"score\":1e-300,\"labels\":[\"a b\", null]}",
	       { "labels", TEXT("[\"a b\", null]") }, { "score", TEXT("1e-300") },
	       { "timestamp", TEXT("\"0044-03-15T00:00:00 BC\"") });
	EXPECT(SP_ANNOTATION, &plain, ",\"score\":\"NaN\"}", { "score", TEXT("\"NaN\"") });
	EXPECT(SP_ANNOTATION, &plain, ",\"score\":9007199254740993}",
	       { "score", TEXT("9007199254740993") });
}

static void texts_are_quoted(void **state)
{
	(void)state;
	EXPECT(SP_ANNOTATION, &plain, ",\"status\":\"a\\\"b\\\\c\\n\\t\\u0001\\u001bü漢😀/\"}",
	       { "status", TEXT("a\"b\\c\n\t\x01\x1bü漢😀/") });
}

static void json_loses_white_space_alone(void **state)
{
	(void)state;
	EXPECT(SP_ANNOTATION, &plain,
	       ",\"value\":{\"a b\":[1.00,12345678901234567890123,\" x\\n \"],\"a\":null},"
	       "\"links\":{\"a\":1,\"a\":2}}",
	       { "value",
	         TEXT("{\"a b\": [1.00, 12345678901234567890123 ,\n\" x\\n \"],\t\"a\": null}\r\n") },
	       { "links", TEXT(" {\"a\": 1, \"a\": 2}") });
}

/* Only the format's own keys begin with two underscores. */
static void keys_are_escaped(void **state)
{
	(void)state;
	EXPECT(SP_ANNOTATION, &plain, ",\"____note\":\"x\"}", { "__note", TEXT("x") });
	EXPECT(SP_RUN, &plain,
	       ",\"____panel_reshape_backup_views_config__\":{\"selectedSchemaId\":4},"
	       "\"__refs\":[{\"path\":\"/____panel_reshape_backup_views_config__/selectedSchemaId\","
	       "\"form\":\"number\",\"kind\":\"schema\",\"uuid\":\"" SCHEMA4 "\"}]}",
	       { "__panel_reshape_backup_views_config__", TEXT("{\"selectedSchemaId\": 4}") });
	EXPECT(SP_RUN, &plain, ",\"__raw\":{\"____settings\":\"\\\"\\\\u0000\\\"\"}}",
	       { "__settings", TEXT("\"\\u0000\"") });
}

static void what_jsonb_refuses_stands_raw(void **state)
{
	(void)state;
	EXPECT(SP_ANNOTATION, &plain,
	       ",\"status\":\"x\",\"__raw\":{\"links\":\"{\\\"a\\\":\\\"\\\\u0000\\\"}\"}}",
	       { "links", TEXT("{\"a\": \"\\u0000\"}") }, { "status", TEXT("x") });
	EXPECT(SP_ANNOTATION, &plain, ",\"__raw\":{\"links\":\"[\\\"\\\\ud83d\\\"]\"}}",
	       { "links", TEXT("[\"\\ud83d\"]") });
	EXPECT(SP_RUN, &plain,
	       ",\"__raw\":{\"configuration\":\"{\\\"n\\\":\\\"\\\\u0000\\\",\\\"target_bundle_id\\\":"
	       "3}\","
	       "\"____settings\":\"\\\"\\\\udc00\\\"\"},\"__refs\":[{\"path\":\"/configuration/"
	       "target_bundle_id\","
	       "\"form\":\"number\",\"kind\":\"bundle\",\"uuid\":\"" BUNDLE3 "\"}]}",
	       { "configuration", TEXT("{\"n\":\"\\u0000\", \"target_bundle_id\":3}") },
	       { "__settings", TEXT("\"\\udc00\"") });
	/* a whole pair is nothing odd */
	EXPECT(SP_ANNOTATION, &plain, ",\"links\":\"\\ud83d\\ude00\"}",
	       { "links", TEXT("\"\\ud83d\\ude00\"") });
}

/* --- rows --- */

static void rows_may_have_no_uuid(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_SCHEMA_LINK, &plain);
	packing_expect(&b,
	               (const given[]){ { "(id)", { NULL, 0 } },
	                                { "(key)", { NULL, 0 } },
	                                { "run_id", INT("\x05") },
	                                { "schema_id", INT("\x04") },
	                                { 0 } },
	               "{\"run_id\":\"" RUN5 "\",\"schema_id\":\"" SCHEMA4 "\"}");
	assert_int_equal(b.row.id, 0);
	assert_string_equal(b.row.uuid.own, "");
	packing_expect(&b, (const given[]){ { "(id)", { NULL, 0 } }, { "(key)", { NULL, 0 } }, { 0 } },
	               "{}");
	packing_end(&b);
}

static void derived_uuids_stand_as_id(void **state)
{
	packing b;
	sp_row_uuid uuid;
	sp_buf line = { 0 };

	(void)state;
	packing_begin(&b, SP_JUSTIFICATION, &plain);
	sp_identity_row(b.identity, "djustification:1", 16, &uuid);
	sp_buf_addf(&line, "{\"id\":\"%s\",\"annotation_id\":\"" OWN "\",\"reasoning\":\"r\"}",
	            uuid.own);
	packing_expect(&b,
	               (const given[]){ { "(key)", TEXT("djustification:1") },
	                                { "annotation_id", TEXT("u" OWN) },
	                                { "reasoning", TEXT("r") },
	                                { 0 } },
	               line.data);
	sp_buf_free(&line);
	packing_end(&b);
}

/* Without preserve_uuids every UUID is another, the same everywhere. */
static void uuids_are_replaced(void **state)
{
	static const asked other = { .preserve = false };
	sp_row_uuid own, seven, origin, three;
	sp_buf line = { 0 };
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &other);
	sp_identity_row(b.identity, "u" OWN, 37, &own);
	sp_identity_row(b.identity, "u" ASSET7, 37, &seven);
	sp_identity_row(b.identity, "u" BUNDLE3, 37, &three);
	sp_identity_row(b.identity, "u" RUN5, 37, &origin);
	sp_buf_addf(&line,
	            "{\"id\":\"%s\",\"uuid\":\"%s\",\"asset_id\":\"%s\","
	            "\"value\":{\"_system_asset_source_uuid\":\"" BUNDLE3 "\",\"text\":\"" ASSET7 "\"},"
	            "\"imported_from_uuid\":\"%s\",\"__refs\":[{\"path\":"
	            "\"/value/_system_asset_source_uuid\",\"form\":\"uuid\",\"kind\":\"asset\","
	            "\"uuid\":\"%s\"}]}",
	            own.package, own.package, seven.package, origin.package, three.package);
	assert_string_not_equal(own.package, OWN);
	packing_expect(
		&b,
		(const given[]){ { "asset_id", INT("\x07") },
	                     { "value", TEXT("{\"_system_asset_source_uuid\": \"" BUNDLE3 "\", "
	                                     "\"text\": \"" ASSET7 "\"}") },
	                     { "imported_from_uuid", TEXT(RUN5) },
	                     { 0 } },
		line.data);
	assert_string_equal(b.row.uuid.own, OWN);
	assert_string_equal(b.row.uuid.package, own.package);
	assert_string_equal(b.row.origin, RUN5);
	sp_buf_free(&line);
	packing_end(&b);
}

static void origins_are_noted(void **state)
{
	packing b;
	sp_row_uuid uuid;
	sp_buf line = { 0 };

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &plain);
	packing_expect(&b, (const given[]){ { "imported_from_uuid", TEXT(RUN5) }, { 0 } },
	               "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"imported_from_uuid\":\"" RUN5 "\"}");
	assert_string_equal(b.row.origin, RUN5);
	packing_expect(&b, (const given[]){ { "imported_from_uuid", TEXT("") }, { 0 } },
	               HEAD ",\"imported_from_uuid\":\"\"}");
	assert_string_equal(b.row.origin, "");
	/* one that is too long to be a UUID */
	sp_identity_row(b.identity, "u" RUN5 "x", 38, &uuid);
	sp_buf_addf(&line, "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"imported_from_uuid\":\"%s\"}",
	            uuid.package);
	packing_expect(&b, (const given[]){ { "imported_from_uuid", TEXT(RUN5 "x") }, { 0 } },
	               line.data);
	assert_string_equal(b.row.origin, "");
	sp_buf_free(&line);
	packing_end(&b);
}

static void large_texts_are_named(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &plain);
	packing_expect(
		&b, (const given[]){ { "title", TEXT("t") }, { "(large)", TEXT("text_content") }, { 0 } },
		"{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"title\":\"t\"}");
	assert_string_equal(b.row.large, "text_content");
	assert_int_equal(sp_packer_counts(b.packer)->unsearched, 1);
	/* of columns that may hold references alone */
	packing_expect(&b, (const given[]){ { "(large)", TEXT("title") }, { 0 } },
	               "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\"}");
	assert_string_equal(b.row.large, "title");
	assert_int_equal(sp_packer_counts(b.packer)->unsearched, 1);
	packing_expect(&b, (const given[]){ { 0 } }, "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\"}");
	assert_null(b.row.large);
	packing_end(&b);
}

static void a_row_leaves_nothing_behind(void **state)
{
	packing b;
	int i;

	(void)state;
	packing_begin(&b, SP_RUN, &plain);
	for (i = 0; i < 2; i++) {
		packing_expect(
			&b,
			(const given[]){ { "configuration", TEXT("{\"target_bundle_id\":3}") },
		                     { "__settings", TEXT("\"\\u0000\"") },
		                     { 0 } },
			"{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"configuration\":{\"target_bundle_id\":3},"
			"\"__raw\":{\"____settings\":\"\\\"\\\\u0000\\\"\"},\"__refs\":[{\"path\":"
			"\"/configuration/"
			"target_bundle_id\",\"form\":\"number\",\"kind\":\"bundle\",\"uuid\":\"" BUNDLE3
			"\"}]}");
		packing_expect(&b, (const given[]){ { "name", TEXT("n") }, { 0 } },
		               "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"name\":\"n\"}");
	}
	assert_int_equal(sp_packer_counts(b.packer)->references, 2);
	packing_end(&b);
}

/* --- columns that name rows --- */

static void expect_counts(packing *b, uint64_t references, uint64_t unresolved, uint64_t dropped)
{
	const sp_pack_counts *counts = sp_packer_counts(b->packer);

	assert_int_equal(counts->references, references);
	assert_int_equal(counts->unresolved, unresolved);
	assert_int_equal(counts->dropped, dropped);
}

static void keys_become_uuids(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &plain);
	packing_expect(&b, (const given[]){ { "parent_asset_id", INT("\x07") }, { 0 } },
	               HEAD ",\"parent_asset_id\":\"" ASSET7 "\"}");
	expect_counts(&b, 0, 0, 0);
	/* left out: as if it were NULL */
	packing_expect(&b, (const given[]){ { "parent_asset_id", INT("\x09") }, { 0 } }, HEAD "}");
	expect_counts(&b, 0, 0, 1);
	/* names nothing: stays a number, and is listed */
	packing_expect(
		&b, (const given[]){ { "parent_asset_id", INT("\x63") }, { 0 } },
		HEAD
		",\"parent_asset_id\":99,\"__refs\":[{\"path\":\"/parent_asset_id\",\"form\":\"number\","
		"\"kind\":\"asset\"}]}");
	expect_counts(&b, 1, 1, 1);
	packing_end(&b);
}

static void zero_is_the_root_of_bundles_alone(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_BUNDLE, &plain);
	packing_expect(&b, (const given[]){ { "parent_bundle_id", INT("\x00") }, { 0 } },
	               HEAD ",\"parent_bundle_id\":0}");
	packing_expect(&b, (const given[]){ { "parent_bundle_id", INT("\x03") }, { 0 } },
	               HEAD ",\"parent_bundle_id\":\"" BUNDLE3 "\"}");
	expect_counts(&b, 0, 0, 0);
	packing_end(&b);
	EXPECT(SP_ASSET, &plain,
	       ",\"parent_asset_id\":0,\"__refs\":[{\"path\":\"/parent_asset_id\",\"form\":\"number\","
	       "\"kind\":\"asset\"}]}",
	       { "parent_asset_id", INT("\x00") });
}

static void arrays_become_uuids(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &plain);
	packing_expect(&b, (const given[]){ { "bundle_ids", TEXT("0") }, { 0 } },
	               HEAD ",\"bundle_ids\":[0]}");
	packing_expect(&b, (const given[]){ { "bundle_ids", TEXT("3") }, { 0 } },
	               HEAD ",\"bundle_ids\":[\"" BUNDLE3 "\"]}");
	packing_expect(&b, (const given[]){ { "bundle_ids", TEXT("") }, { 0 } },
	               HEAD ",\"bundle_ids\":[]}");
	packing_expect(&b, (const given[]){ { "bundle_ids", TEXT("3,null,0,3") }, { 0 } },
	               HEAD ",\"bundle_ids\":[\"" BUNDLE3 "\",null,0,\"" BUNDLE3 "\"]}");
	expect_counts(&b, 0, 0, 0);
	packing_end(&b);
}

/* What is left out leaves its array; positions count what stands there. */
static void arrays_lose_what_is_left_out(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &plain);
	packing_expect(&b, (const given[]){ { "bundle_ids", TEXT("6,3,6,99,6") }, { 0 } },
	               HEAD ",\"bundle_ids\":[\"" BUNDLE3
	                    "\",99],\"__refs\":[{\"path\":\"/bundle_ids/1\","
	                    "\"form\":\"number\",\"kind\":\"bundle\"}]}");
	expect_counts(&b, 1, 1, 3);
	packing_expect(&b, (const given[]){ { "bundle_ids", TEXT("99") }, { 0 } },
	               HEAD ",\"bundle_ids\":[99],\"__refs\":[{\"path\":\"/bundle_ids/0\",\"form\":"
	                    "\"number\",\"kind\":\"bundle\"}]}");
	packing_expect(&b, (const given[]){ { "bundle_ids", TEXT("6") }, { 0 } },
	               HEAD ",\"bundle_ids\":[]}");
	packing_end(&b);
}

/* A field's bytes end where its length says, not at a NUL. */
static void array_fields_have_a_length(void **state)
{
	char *list = malloc(3);
	packing b;

	(void)state;
	assert_non_null(list);
	memcpy(list, "0,3", 3);
	packing_begin(&b, SP_ASSET, &plain);
	packing_expect(&b, (const given[]){ { "bundle_ids", { list, 3 } }, { 0 } },
	               HEAD ",\"bundle_ids\":[0,\"" BUNDLE3 "\"]}");
	packing_expect(&b, (const given[]){ { "bundle_ids", { "33", 1 } }, { 0 } },
	               HEAD ",\"bundle_ids\":[\"" BUNDLE3 "\"]}");
	packing_end(&b);
	free(list);
}

/* A table that the model doesn't know has rows with names all the same; paths
 * are JSON Pointers whatever a column is called. */
static void unknown_tables_are_named_too(void **state)
{
	(void)state;
	EXPECT(SP_SOURCE, &plain,
	       ",\"x_y\":\"z\",\"a/b~c\":7,\"by_name\":\"x\",\"__refs\":[{\"path\":\"/"
	       "a~1b~0c\",\"form\":\"number\"}]}",
	       { "a/b~c", INT("\x07") }, { "by_name", TEXT("x") }, { "x_y", TEXT("z") });
}

/* --- references inside values --- */

static void references_are_listed(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_RUN, &plain);
	packing_expect(
		&b,
		(const given[]){ { "configuration", TEXT("{\"target_asset_ids\": [7, 9, \"8\", 99]}") },
	                     { 0 } },
		HEAD
		",\"configuration\":{\"target_asset_ids\":[7,9,\"8\",99]},\"__refs\":["
		"{\"path\":\"/configuration/target_asset_ids/0\",\"form\":\"number\",\"kind\":\"asset\","
		"\"uuid\":\"" ASSET7 "\"},"
		"{\"path\":\"/configuration/target_asset_ids/1\",\"form\":\"number\",\"kind\":\"asset\"},"
		"{\"path\":\"/configuration/target_asset_ids/2\",\"form\":\"string\",\"kind\":\"asset\","
		"\"uuid\":\"" ASSET8 "\"},"
		"{\"path\":\"/configuration/target_asset_ids/"
		"3\",\"form\":\"number\",\"kind\":\"asset\"}]}");
	expect_counts(&b, 4, 1, 1);
	packing_end(&b);
}

/* A UUID that names no row that travels or is known outside isn't given out. */
static void uuids_of_strangers_are_listed_without(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &plain);
	packing_expect(
		&b,
		(const given[]){ { "value", TEXT("{\"_system_asset_source_uuid\":\"" OWN "\"}") }, { 0 } },
		HEAD ",\"value\":{\"_system_asset_source_uuid\":\"" OWN "\"},\"__refs\":[{\"path\":"
			 "\"/value/_system_asset_source_uuid\",\"form\":\"uuid\",\"kind\":\"asset\"}]}");
	assert_int_equal(sp_packer_counts(b.packer)->unresolved, 1);
	packing_end(&b);
}

static void markers_have_their_number(void **state)
{
	(void)state;
	EXPECT(SP_ASSET, &plain,
	       ",\"text_content\":\"{{asset:7:full}} {{asset:9}} {{asset:99}}\",\"__refs\":["
	       "{\"path\":\"/"
	       "text_content\",\"form\":\"marker\",\"id\":7,\"kind\":\"asset\",\"uuid\":\"" ASSET7
	       "\"},"
	       "{\"path\":\"/text_content\",\"form\":\"marker\",\"id\":9,\"kind\":\"asset\"},"
	       "{\"path\":\"/text_content\",\"form\":\"marker\",\"id\":99,\"kind\":\"asset\"}]}",
	       { "text_content", TEXT("{{asset:7:full}} {{asset:9}} {{asset:99}}") });
}

static void forms_have_words(void **state)
{
	(void)state;
	EXPECT(SP_ASSET, &plain,
	       ",\"fragments\":{\"a/b "
	       "\\\"c\\\"\":{\"source_ref\":\"annotation_run:5\"}},\"__refs\":[{\"path\":"
	       "\"/fragments/a~1b "
	       "\\\"c\\\"/source_ref\",\"form\":\"prefix\",\"kind\":\"run\",\"uuid\":\"" RUN5 "\"}]}",
	       { "fragments", TEXT("{\"a/b \\\"c\\\"\":{\"source_ref\":\"annotation_run:5\"}}") });
	EXPECT(
		SP_RUN, &plain,
		",\"views_config\":{\"schemaFields\":{\"4\":\"f\",\"2024\":1},\"sourceId\":4},\"__refs\":["
		"{\"path\":\"/views_config/schemaFields/"
		"4\",\"form\":\"key\",\"kind\":\"schema\",\"uuid\":\"" SCHEMA4
		"\"},{\"path\":\"/views_config/sourceId\",\"form\":\"number\"}]}",
		{ "views_config", TEXT("{\"schemaFields\":{\"4\":\"f\",\"2024\":1},\"sourceId\":4}") });
}

/* This database has no such table: the number stands for nothing known. */
static void kinds_without_a_table_are_listed(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_FLOW, &plain);
	packing_expect(&b, (const given[]){ { "steps", TEXT("[{\"graph_id\":3}]") }, { 0 } },
	               HEAD ",\"steps\":[{\"graph_id\":3}],\"__refs\":[{\"path\":\"/steps/0/"
	                    "graph_id\",\"form\":\"number\","
	                    "\"kind\":\"graph\"}]}");
	expect_counts(&b, 1, 1, 0);
	packing_end(&b);
}

static void authors_stay_out(void **state)
{
	static const asked nobody = { .preserve = true, .no_authors = true };
	sp_row_uuid user;
	sp_buf line = { 0 };
	packing b;

	(void)state;
	packing_begin(&b, SP_SOURCE, &nobody);
	packing_expect(
		&b, (const given[]){ { "details", TEXT("{\"user_id\":2,\"target_bundle_id\":3}") }, { 0 } },
		HEAD ",\"details\":{\"user_id\":2,\"target_bundle_id\":3},\"__refs\":["
			 "{\"path\":\"/details/user_id\",\"form\":\"number\",\"kind\":\"user\"},"
			 "{\"path\":\"/details/target_bundle_id\",\"form\":\"number\",\"kind\":\"bundle\","
			 "\"uuid\":\"" BUNDLE3 "\"}]}");
	expect_counts(&b, 2, 0, 1);
	packing_end(&b);
	packing_begin(&b, SP_SOURCE, &plain);
	sp_identity_row(b.identity, "duser:2", 7, &user);
	sp_buf_addf(&line,
	            HEAD ",\"details\":{\"user_id\":2},\"__refs\":[{\"path\":\"/details/user_id\","
	                 "\"form\":\"number\",\"kind\":\"user\",\"uuid\":\"%s\"}]}",
	            user.package);
	packing_expect(&b, (const given[]){ { "details", TEXT("{\"user_id\":2}") }, { 0 } }, line.data);
	sp_buf_free(&line);
	packing_end(&b);
}

/* --- secrets --- */

static void secrets_leave_settings(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_RUN, &plain);
	packing_expect(
		&b,
		(const given[]){
			{ "configuration",
	          TEXT(
				  "{\"api_keys\":{\"openai\":\"CANARY\"},\"model\":\"m\",\"a\":[{\"b\":{\"apiKey\":"
				  "\"CANARY\",\"c\":1}},[{\"password\":[\"CANARY\"]}]],\"token\":null}") },
			{ "views_config", TEXT("[{\"panels\":[{\"secret\":\"CANARY\"}]}]") },
			{ "__settings", TEXT("{\"credentials\":1}") },
			{ 0 } },
		HEAD ",\"configuration\":{\"model\":\"m\",\"a\":[{\"b\":{\"c\":1}},[{}]]},"
			 "\"views_config\":[{\"panels\":[{}]}],\"____settings\":{}}");
	assert_int_equal(sp_packer_counts(b.packer)->secrets, 5 + 1);
	packing_end(&b);
}

/* Pointers are those of the value that travels. */
static void references_count_without_secrets(void **state)
{
	(void)state;
	EXPECT(SP_FLOW, &plain,
	       ",\"steps\":[{\"schema_ids\":[4]}],\"__refs\":[{\"path\":\"/steps/0/schema_ids/0\","
	       "\"form\":\"number\",\"kind\":\"schema\",\"uuid\":\"" SCHEMA4 "\"}]}",
	       { "steps", TEXT("[{\"secrets\":{\"bundle_id\":3},\"schema_ids\":[4]}]") });
}

static void escapes_hide_no_secret(void **state)
{
	(void)state;
	EXPECT(
		SP_RUN, &plain, ",\"configuration\":{\"b\":1}}",
		{ "configuration",
	      TEXT("{\"api\\u005fkeys\":{\"a\":\"CANARY\"},\"\\u0070assword\":\"CANARY\",\"b\":1}") });
	EXPECT(SP_SOURCE, &plain, ",\"details\":{\"url\":null}}",
	       { "details", TEXT("{\"url\":\"https:\\/\\/user:CANARY@example.org\\/feed\"}") });
	EXPECT(SP_SOURCE, &plain, ",\"details\":{\"url\":null}}",
	       { "details", TEXT("{\"url\":\"https://example.org/?tok\\u0065n=CANARY\"}") });
}

/* The allow-list is for what analysts type; HQ's own notes are like any settings. */
static void only_details_are_an_allow_list(void **state)
{
	(void)state;
	EXPECT(SP_SOURCE, &plain, ",\"source_metadata\":{\"login\":1,\"url\":null}}",
	       { "source_metadata", TEXT("{\"login\":1,\"password\":2,\"url\":\"https://u:p@h\"}") });
}

/* … but no text that only looks like one. */
static void texts_of_settings_stay(void **state)
{
	static const char text[] =
		"{\"title\":\"Basic statistics\",\"a\":[\"Bearer bonds\",\"at 10:30@noon\"],"
		"\"prompt\":\"Is it so? key=1\",\"mail\":\"a@b.org\"}";
	sp_buf expected = { 0 };

	(void)state;
	sp_buf_addf(&expected, ",\"views_config\":%s}", text);
	expect_one(SP_RUN, &plain, (const given[]){ { "views_config", TEXT(text) }, { 0 } },
	           expected.data);
	sp_buf_free(&expected);
}

/* What people coded isn't settings, whatever they call it. */
static void content_is_no_secret(void **state)
{
	(void)state;
	EXPECT(SP_ANNOTATION, &plain,
	       ",\"value\":{\"password\":\"x\",\"token\":1},\"links\":{\"secret\":1}}",
	       { "value", TEXT("{\"password\":\"x\",\"token\":1}") },
	       { "links", TEXT("{\"secret\":1}") });
	EXPECT(SP_ASSET, &plain, ",\"file_info\":{\"cookies\":1}}",
	       { "file_info", TEXT("{\"cookies\":1}") });
}

static void details_of_sources_are_an_allow_list(void **state)
{
	packing b;

	(void)state;
	packing_begin(&b, SP_SOURCE, &plain);
	packing_expect(
		&b,
		(const given[]){
			{ "details",
	          TEXT("{\"feed_url\":\"https://example.org/feed\",\"login\":\"CANARY\","
	               "\"search_config\":{\"api_key\":\"CANARY\",\"query\":\"q\",\"x\":{\"url\":1}},"
	               "\"urls\":[\"https://u:CANARY@example.org\",\"https://example.org\",3],"
	               "\"inbox_path\":\"/CANARY\",\"auth\":null}") },
			{ 0 } },
		HEAD ",\"details\":{\"feed_url\":\"https://example.org/"
			 "feed\",\"search_config\":{\"query\":\"q\"},"
			 "\"urls\":[null,\"https://example.org\",3]}}");
	assert_int_equal(sp_packer_counts(b.packer)->secrets, 6);
	packing_expect(&b, (const given[]){ { "details", TEXT("null") }, { 0 } },
	               HEAD ",\"details\":null}");
	packing_expect(&b, (const given[]){ { "details", TEXT("[\"https://u:CANARY@h\"]") }, { 0 } },
	               HEAD ",\"details\":[null]}");
	packing_end(&b);
}

/* --- what a server never sends --- */

static void no_json_is_an_error(void **state)
{
	static const given bad[][2] = {
		{ { "links", TEXT("{\"a\":\"") }, { 0 } },
		{ { "links", TEXT("[1,&]") }, { 0 } },
		{ { "value", TEXT("\"\\") }, { 0 } },
	};
	static const given bad_details[][2] = {
		{ { "details", TEXT("{\"url\":\"") }, { 0 } },
		{ { "details", TEXT("{\"login\":") }, { 0 } },
		{ { "details", TEXT("\"a\":1") }, { 0 } },
		{ { "details", TEXT("}}\"a\":1") }, { 0 } },
		{ { "details", TEXT("{\"url\":'x'}") }, { 0 } },
		{ { "details", TEXT("[\"url\":1]") }, { 0 } },
	};
	sp_error err = SP_ERROR_INIT;
	size_t i;
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &plain);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(packing_pack(&b, bad[i], &err));
		assert_non_null(strstr(sp_error_text(&err), bad[i][0].column));
		sp_error_clear(&err);
	}
	packing_expect(&b, (const given[]){ { 0 } }, HEAD "}"); /* the next row is well again */
	packing_end(&b);
	packing_begin(&b, SP_SOURCE, &plain);
	for (i = 0; i < sizeof(bad_details) / sizeof(*bad_details); i++) {
		if (packing_pack(&b, bad_details[i], &err))
			fail_msg("taken: %s", bad_details[i][0].field.data);
		assert_non_null(strstr(sp_error_text(&err), "details"));
		sp_error_clear(&err);
	}
	packing_end(&b);
}

static void nesting_has_no_end(void **state)
{
	const size_t depth = 20000;
	sp_buf text = { 0 }, line = { 0 };
	size_t i;
	packing b;

	(void)state;
	for (i = 0; i < depth; i++)
		sp_buf_adds(&text, "[{\"a\":");
	sp_buf_addc(&text, '1');
	for (i = 0; i < depth; i++)
		sp_buf_adds(&text, "}]");
	packing_begin(&b, SP_RUN, &plain);
	sp_buf_addf(&line, HEAD ",\"____settings\":%s}", text.data);
	{
		sp_error err = SP_ERROR_INIT;

		assert_true(packing_pack(
			&b, (const given[]){ { "__settings", { text.data, text.len } }, { 0 } }, &err));
		assert_string_equal(b.row.line, line.data);
	}
	packing_end(&b);
	sp_buf_free(&text);
	sp_buf_free(&line);
}

static void names_come_whole_or_not_at_all(void **state)
{
	static const sp_field row[] = { FAKE_INT4("\x01"), FAKE_INT8("\x05"), FAKE_TEXT("u" RUN5) };
	sp_error err = SP_ERROR_INIT;
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &plain);
	assert_string_equal(sp_names_get(b.names, T_ASSET, 7), ASSET7);
	assert_string_equal(sp_names_get(b.names, T_ASSET, 9), "");
	assert_null(sp_names_get(b.names, T_ASSET, 10));
	assert_null(sp_names_get(b.names, T_ANNOTATION, 7));
	assert_null(sp_names_get(b.names, -1, 7));
	fake_query("the names");
	fake_copy_out();
	fake_row(3, row);
	fake_error("57014", "canceling statement");
	assert_null(sp_names_load(b.db, "the names", b.identity, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	sp_names_free(NULL);
	sp_packer_free(NULL);
	sp_withhold_free(NULL);
	packing_end(&b);
}

/* A database of nothing but a run names nothing. */
static void there_may_be_no_names(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_names *none;
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &plain);
	fake_query("the names");
	fake_copy_out();
	fake_copy_end();
	fake_done("COPY 0");
	none = sp_names_load(b.db, "the names", b.identity, &err);
	assert_non_null(none);
	assert_null(sp_names_get(none, T_ASSET, 7));
	sp_names_free(none);
	packing_end(&b);
}

#define SCRIPTED(test) cmocka_unit_test_setup_teardown(test, fake_begin, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRIPTED(null_is_a_missing_key),
		SCRIPTED(literals_stay_as_they_are),
		SCRIPTED(texts_are_quoted),
		SCRIPTED(json_loses_white_space_alone),
		SCRIPTED(keys_are_escaped),
		SCRIPTED(what_jsonb_refuses_stands_raw),
		SCRIPTED(rows_may_have_no_uuid),
		SCRIPTED(derived_uuids_stand_as_id),
		SCRIPTED(uuids_are_replaced),
		SCRIPTED(origins_are_noted),
		SCRIPTED(large_texts_are_named),
		SCRIPTED(a_row_leaves_nothing_behind),
		SCRIPTED(keys_become_uuids),
		SCRIPTED(zero_is_the_root_of_bundles_alone),
		SCRIPTED(arrays_become_uuids),
		SCRIPTED(arrays_lose_what_is_left_out),
		SCRIPTED(array_fields_have_a_length),
		SCRIPTED(unknown_tables_are_named_too),
		SCRIPTED(references_are_listed),
		SCRIPTED(uuids_of_strangers_are_listed_without),
		SCRIPTED(markers_have_their_number),
		SCRIPTED(forms_have_words),
		SCRIPTED(kinds_without_a_table_are_listed),
		SCRIPTED(authors_stay_out),
		SCRIPTED(secrets_leave_settings),
		SCRIPTED(references_count_without_secrets),
		SCRIPTED(escapes_hide_no_secret),
		SCRIPTED(texts_of_settings_stay),
		SCRIPTED(content_is_no_secret),
		SCRIPTED(details_of_sources_are_an_allow_list),
		SCRIPTED(only_details_are_an_allow_list),
		SCRIPTED(no_json_is_an_error),
		SCRIPTED(nesting_has_no_end),
		SCRIPTED(names_come_whole_or_not_at_all),
		SCRIPTED(there_may_be_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
