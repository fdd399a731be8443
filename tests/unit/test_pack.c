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

#include "core/export/pack.h"
#include "tests/unit/fakepq.h"
#include "tests/unit/sample.h"

/* UUIDs of rows, as the source has them. */
#define OWN "0190f3a2-0000-7abc-8def-0123456789ab"
#define ASSET7 "0190f3a2-0007-7abc-8def-0123456789ab"
#define BUNDLE3 "0190f3a2-0003-7abc-8def-0123456789ab"
#define RUN5 "0190f3a2-0005-7abc-8def-0123456789ab"
#define SCHEMA4 "0190f3a2-0004-7abc-8def-0123456789ab"
#define ASSET8 "0190f3a2-0008-7abc-8def-0123456789ab"

/*
 * What rows name: asset 7 and 8, bundle 3, run 5, schema 4, user 2 travel or
 * are known outside; asset 9, bundle 6 and run 6 are left out; all else
 * doesn't exist.
 */
static const sp_field names[][3] = {
	{ FAKE_INT4("\x01"), FAKE_INT8("\x05"), FAKE_TEXT("u" RUN5) },
	{ FAKE_INT4("\x01"), FAKE_INT8("\x06"), FAKE_NULL },
	{ FAKE_INT4("\x02"), FAKE_INT8("\x04"), FAKE_TEXT("u" SCHEMA4) },
	{ FAKE_INT4("\x03"), FAKE_INT8("\x07"), FAKE_TEXT("u" ASSET7) },
	{ FAKE_INT4("\x03"), FAKE_INT8("\x08"), FAKE_TEXT("u" ASSET8) },
	{ FAKE_INT4("\x03"), FAKE_INT8("\x09"), FAKE_NULL },
	{ FAKE_INT4("\x05"), FAKE_INT8("\x03"), FAKE_TEXT("u" BUNDLE3) },
	{ FAKE_INT4("\x05"), FAKE_INT8("\x06"), FAKE_NULL },
	{ FAKE_INT4("\x0e"), FAKE_INT8("\x02"), FAKE_TEXT("duser:2") },
};

typedef struct {
	sp_db *db;
	sp_identity *identity;
	sp_names *names;
	sp_withhold *withhold;
	sp_packer *packer;
	sp_layout *layout;
	sp_packed row;
	sp_export_options options;
} bench;

/* What the options of an export change here. */
typedef struct {
	bool preserve, no_authors, without_caches;
	const char *withhold; /* SCHEMA.FIELD */
} asked;

static const asked plain = { .preserve = true };

#define CONTRACT \
	"{\"type\":\"object\",\"properties\":{\"document\":{\"properties\":{" \
	"\"actor\":{\"type\":\"string\"},\"größe\":{},\"positions\":{\"items\":{\"properties\":" \
	"{\"actor\":{},\"party\":{}}}}}},\"actor\":{}}}"

static sp_withhold *create_withhold(bench *b, const char *field, sp_error *err)
{
	static const char *const schemas[] = { "4", SCHEMA4, "Claims 2.0", CONTRACT, "40", OWN, "Claims 2", NULL };

	b->options.exclude_fields = &field;
	b->options.exclude_field_count = 1;
	fake_query("output_contract");
	fake_rows(4, 2, schemas);
	return sp_withhold_create(b->db, &sample, 5, &b->options, err);
}

static void begin(bench *b, sp_kind kind, const asked *ask)
{
	sp_error err = SP_ERROR_INIT;
	size_t i;

	*b = (bench){ .options = { .no_authors = ask->no_authors, .max_line = 1 << 20 } };
	b->db = fake_open(60, NULL);
	b->identity = sp_identity_create(sample.system_id, ask->preserve, &err);
	assert_non_null(b->identity);
	fake_query("the names");
	fake_copy_out();
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		fake_row(3, names[i]);
	fake_copy_end();
	fake_done("COPY 9");
	b->names = sp_names_load(b->db, "the names", b->identity, &err);
	assert_non_null(b->names);
	if (ask->withhold) {
		b->withhold = create_withhold(b, ask->withhold, &err);
		assert_non_null(b->withhold);
	}
	b->layout = sp_layout_create(&sample, kind, &b->options, NULL, &err);
	b->packer = sp_packer_create(&sample, b->identity, b->names, b->withhold, ask->no_authors,
	                             ask->without_caches, &err);
	assert_non_null(b->packer);
	assert_false(sp_error_is_set(&err));
}

static void end(bench *b)
{
	sp_packer_free(b->packer);
	sp_layout_free(b->layout);
	sp_withhold_free(b->withhold);
	sp_names_free(b->names);
	sp_identity_free(b->identity);
	sp_db_close(b->db);
}

/* A value of a column; NULLs are all that isn't given. */
typedef struct {
	const char *column;
	sp_field field;
} given;

#define TEXT(text) { text, sizeof(text) - 1 }
#define INT(byte) { "\0\0\0\0\0\0\0" byte, 8 }
/* Of 18 columns at most, with id, key and the names of large columns. */
#define MAX_FIELDS 21

static bool pack(bench *b, const given *values, sp_error *err)
{
	sp_field fields[MAX_FIELDS] = { INT("\x01"), TEXT("u" OWN) };
	int i;

	assert_true(b->layout->count + 3 <= MAX_FIELDS);
	for (; values->column; values++) {
		if (!strcmp(values->column, "(id)"))
			fields[0] = values->field;
		else if (!strcmp(values->column, "(key)"))
			fields[1] = values->field;
		else if (!strcmp(values->column, "(large)"))
			fields[b->layout->count + 2] = values->field;
		else {
			for (i = 0; strcmp(b->layout->fields[i].column->name, values->column) != 0; i++)
				assert_true(i + 1 < b->layout->count);
			fields[i + 2] = values->field;
		}
	}
	return sp_pack_row(b->packer, b->layout, fields, &b->row, err);
}

/* Every line must be JSON that cJSON takes too, where it holds no half pairs. */
static void expect_json(const char *line)
{
	cJSON *json;

	if (strstr(line, "\\ud8"))
		return;
	json = cJSON_Parse(line);
	if (!json)
		fail_msg("no JSON: %s", line);
	cJSON_Delete(json);
}

static void expect_row(bench *b, const given *values, const char *expected)
{
	sp_error err = SP_ERROR_INIT;

	if (!pack(b, values, &err))
		fail_msg("%s", sp_error_text(&err));
	if (strlen(b->row.line) != b->row.len || strcmp(b->row.line, expected) != 0)
		fail_msg("\npacked:   %s\nexpected: %s", b->row.line, expected);
	expect_json(b->row.line);
}

/* One row of an entity, by itself. `expected` begins behind id and uuid. */
static void expect_one(sp_kind kind, const asked *ask, const given *values, const char *expected)
{
	static const char head[] = "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\"";
	sp_buf line = { 0 };
	bench b;

	begin(&b, kind, ask);
	sp_buf_addf(&line, "%s%s", head, expected);
	expect_row(&b, values, line.data);
	sp_buf_free(&line);
	end(&b);
}
#define EXPECT(kind, ask, expected, ...) \
	expect_one(kind, ask, (const given[]){ __VA_ARGS__, { 0 } }, expected)

/* --- values --- */

static void null_is_a_missing_key(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_ANNOTATION, &plain);
	expect_row(&b, (const given[]){ { 0 } }, "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\"}");
	assert_int_equal(b.row.kind, SP_ANNOTATION);
	assert_int_equal(b.row.id, 1);
	assert_string_equal(b.row.uuid.own, OWN);
	assert_string_equal(b.row.uuid.package, OWN);
	assert_string_equal(b.row.origin, "");
	assert_null(b.row.large);
	end(&b);
	EXPECT(SP_ANNOTATION, &plain, ",\"value\":null}", { "value", TEXT("null") });
	EXPECT(SP_ANNOTATION, &plain, ",\"value\":\"\"}",
	       { "value", TEXT("\"\"") });
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
	EXPECT(SP_ANNOTATION, &plain, ",\"score\":9007199254740993}", { "score", TEXT("9007199254740993") });
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
	       { "value", TEXT("{\"a b\": [1.00, 12345678901234567890123 ,\n\" x\\n \"],\t\"a\": null}\r\n") },
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
	EXPECT(SP_ANNOTATION, &plain, ",\"status\":\"x\",\"__raw\":{\"links\":\"{\\\"a\\\":\\\"\\\\u0000\\\"}\"}}",
	       { "links", TEXT("{\"a\": \"\\u0000\"}") }, { "status", TEXT("x") });
	EXPECT(SP_ANNOTATION, &plain, ",\"__raw\":{\"links\":\"[\\\"\\\\ud83d\\\"]\"}}",
	       { "links", TEXT("[\"\\ud83d\"]") });
	EXPECT(SP_RUN, &plain,
	       ",\"__raw\":{\"configuration\":\"{\\\"n\\\":\\\"\\\\u0000\\\",\\\"target_bundle_id\\\":3}\","
	       "\"____settings\":\"\\\"\\\\udc00\\\"\"},\"__refs\":[{\"path\":\"/configuration/target_bundle_id\","
	       "\"form\":\"number\",\"kind\":\"bundle\",\"uuid\":\"" BUNDLE3 "\"}]}",
	       { "configuration", TEXT("{\"n\":\"\\u0000\", \"target_bundle_id\":3}") },
	       { "__settings", TEXT("\"\\udc00\"") });
	/* a whole pair is nothing odd */
	EXPECT(SP_ANNOTATION, &plain, ",\"links\":\"\\ud83d\\ude00\"}", { "links", TEXT("\"\\ud83d\\ude00\"") });
}

/* --- rows --- */

static void rows_may_have_no_uuid(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_SCHEMA_LINK, &plain);
	expect_row(&b,
	           (const given[]){ { "(id)", { NULL, 0 } }, { "(key)", { NULL, 0 } },
	                            { "run_id", INT("\x05") }, { "schema_id", INT("\x04") }, { 0 } },
	           "{\"run_id\":\"" RUN5 "\",\"schema_id\":\"" SCHEMA4 "\"}");
	assert_int_equal(b.row.id, 0);
	assert_string_equal(b.row.uuid.own, "");
	expect_row(&b, (const given[]){ { "(id)", { NULL, 0 } }, { "(key)", { NULL, 0 } }, { 0 } }, "{}");
	end(&b);
}

static void derived_uuids_stand_as_id(void **state)
{
	bench b;
	sp_row_uuid uuid;
	sp_buf line = { 0 };

	(void)state;
	begin(&b, SP_JUSTIFICATION, &plain);
	sp_identity_row(b.identity, "djustification:1", 16, &uuid);
	sp_buf_addf(&line, "{\"id\":\"%s\",\"annotation_id\":\"" OWN "\",\"reasoning\":\"r\"}", uuid.own);
	expect_row(&b,
	           (const given[]){ { "(key)", TEXT("djustification:1") }, { "annotation_id", TEXT("u" OWN) },
	                            { "reasoning", TEXT("r") }, { 0 } },
	           line.data);
	sp_buf_free(&line);
	end(&b);
}

/* Without preserve_uuids every UUID is another, the same everywhere. */
static void uuids_are_replaced(void **state)
{
	static const asked other = { .preserve = false };
	sp_row_uuid own, seven, origin, three;
	sp_buf line = { 0 };
	bench b;

	(void)state;
	begin(&b, SP_ANNOTATION, &other);
	sp_identity_row(b.identity, "u" OWN, 37, &own);
	sp_identity_row(b.identity, "u" ASSET7, 37, &seven);
	sp_identity_row(b.identity, "u" BUNDLE3, 37, &three);
	sp_identity_row(b.identity, "u" RUN5, 37, &origin);
	sp_buf_addf(&line, "{\"id\":\"%s\",\"uuid\":\"%s\",\"asset_id\":\"%s\","
	                   "\"value\":{\"_system_asset_source_uuid\":\"" BUNDLE3 "\",\"text\":\"" ASSET7 "\"},"
	                   "\"imported_from_uuid\":\"%s\",\"__refs\":[{\"path\":"
	                   "\"/value/_system_asset_source_uuid\",\"form\":\"uuid\",\"kind\":\"asset\","
	                   "\"uuid\":\"%s\"}]}",
	            own.package, own.package, seven.package, origin.package, three.package);
	assert_string_not_equal(own.package, OWN);
	expect_row(&b,
	           (const given[]){ { "asset_id", INT("\x07") },
	                            { "value", TEXT("{\"_system_asset_source_uuid\": \"" BUNDLE3 "\", "
	                                            "\"text\": \"" ASSET7 "\"}") },
	                            { "imported_from_uuid", TEXT(RUN5) }, { 0 } },
	           line.data);
	assert_string_equal(b.row.uuid.own, OWN);
	assert_string_equal(b.row.uuid.package, own.package);
	assert_string_equal(b.row.origin, RUN5);
	sp_buf_free(&line);
	end(&b);
}

static void origins_are_noted(void **state)
{
	bench b;
	sp_row_uuid uuid;
	sp_buf line = { 0 };

	(void)state;
	begin(&b, SP_ANNOTATION, &plain);
	expect_row(&b, (const given[]){ { "imported_from_uuid", TEXT(RUN5) }, { 0 } },
	           "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"imported_from_uuid\":\"" RUN5 "\"}");
	assert_string_equal(b.row.origin, RUN5);
	/* one that is too long to be a UUID */
	sp_identity_row(b.identity, "u" RUN5 "x", 38, &uuid);
	sp_buf_addf(&line, "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"imported_from_uuid\":\"%s\"}", uuid.package);
	expect_row(&b, (const given[]){ { "imported_from_uuid", TEXT(RUN5 "x") }, { 0 } }, line.data);
	assert_string_equal(b.row.origin, "");
	sp_buf_free(&line);
	end(&b);
}

static void large_texts_are_named(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &plain);
	expect_row(&b, (const given[]){ { "title", TEXT("t") }, { "(large)", TEXT("text_content") }, { 0 } },
	           "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"title\":\"t\"}");
	assert_string_equal(b.row.large, "text_content");
	assert_int_equal(sp_packer_counts(b.packer)->unsearched, 1);
	/* of columns that may hold references alone */
	expect_row(&b, (const given[]){ { "(large)", TEXT("title") }, { 0 } },
	           "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\"}");
	assert_string_equal(b.row.large, "title");
	assert_int_equal(sp_packer_counts(b.packer)->unsearched, 1);
	expect_row(&b, (const given[]){ { 0 } }, "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\"}");
	assert_null(b.row.large);
	end(&b);
}

static void a_row_leaves_nothing_behind(void **state)
{
	bench b;
	int i;

	(void)state;
	begin(&b, SP_RUN, &plain);
	for (i = 0; i < 2; i++) {
		expect_row(&b,
		           (const given[]){ { "configuration", TEXT("{\"target_bundle_id\":3}") },
		                            { "__settings", TEXT("\"\\u0000\"") }, { 0 } },
		           "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"configuration\":{\"target_bundle_id\":3},"
		           "\"__raw\":{\"____settings\":\"\\\"\\\\u0000\\\"\"},\"__refs\":[{\"path\":"
		           "\"/configuration/target_bundle_id\",\"form\":\"number\",\"kind\":\"bundle\",\"uuid\":\""
		           BUNDLE3 "\"}]}");
		expect_row(&b, (const given[]){ { "name", TEXT("n") }, { 0 } },
		           "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\",\"name\":\"n\"}");
	}
	assert_int_equal(sp_packer_counts(b.packer)->references, 2);
	end(&b);
}

/* --- columns that name rows --- */

static void expect_counts(bench *b, uint64_t references, uint64_t unresolved, uint64_t dropped)
{
	const sp_pack_counts *counts = sp_packer_counts(b->packer);

	assert_int_equal(counts->references, references);
	assert_int_equal(counts->unresolved, unresolved);
	assert_int_equal(counts->dropped, dropped);
}

#define HEAD "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\""

static void keys_become_uuids(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &plain);
	expect_row(&b, (const given[]){ { "parent_asset_id", INT("\x07") }, { 0 } },
	           HEAD ",\"parent_asset_id\":\"" ASSET7 "\"}");
	expect_counts(&b, 0, 0, 0);
	/* left out: as if it were NULL */
	expect_row(&b, (const given[]){ { "parent_asset_id", INT("\x09") }, { 0 } }, HEAD "}");
	expect_counts(&b, 0, 0, 1);
	/* names nothing: stays a number, and is listed */
	expect_row(&b, (const given[]){ { "parent_asset_id", INT("\x63") }, { 0 } },
	           HEAD ",\"parent_asset_id\":99,\"__refs\":[{\"path\":\"/parent_asset_id\",\"form\":\"number\","
	                "\"kind\":\"asset\"}]}");
	expect_counts(&b, 1, 1, 1);
	end(&b);
}

static void zero_is_the_root_of_bundles_alone(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_BUNDLE, &plain);
	expect_row(&b, (const given[]){ { "parent_bundle_id", INT("\x00") }, { 0 } }, HEAD ",\"parent_bundle_id\":0}");
	expect_row(&b, (const given[]){ { "parent_bundle_id", INT("\x03") }, { 0 } },
	           HEAD ",\"parent_bundle_id\":\"" BUNDLE3 "\"}");
	expect_counts(&b, 0, 0, 0);
	end(&b);
	EXPECT(SP_ASSET, &plain,
	       ",\"parent_asset_id\":0,\"__refs\":[{\"path\":\"/parent_asset_id\",\"form\":\"number\","
	       "\"kind\":\"asset\"}]}",
	       { "parent_asset_id", INT("\x00") });
}

static void arrays_become_uuids(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &plain);
	expect_row(&b, (const given[]){ { "bundle_ids", TEXT("0") }, { 0 } }, HEAD ",\"bundle_ids\":[0]}");
	expect_row(&b, (const given[]){ { "bundle_ids", TEXT("3") }, { 0 } },
	           HEAD ",\"bundle_ids\":[\"" BUNDLE3 "\"]}");
	expect_row(&b, (const given[]){ { "bundle_ids", TEXT("") }, { 0 } }, HEAD ",\"bundle_ids\":[]}");
	expect_row(&b, (const given[]){ { "bundle_ids", TEXT("3,null,0,3") }, { 0 } },
	           HEAD ",\"bundle_ids\":[\"" BUNDLE3 "\",null,0,\"" BUNDLE3 "\"]}");
	expect_counts(&b, 0, 0, 0);
	end(&b);
}

/* What is left out leaves its array; positions count what stands there. */
static void arrays_lose_what_is_left_out(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &plain);
	expect_row(&b, (const given[]){ { "bundle_ids", TEXT("6,3,6,99,6") }, { 0 } },
	           HEAD ",\"bundle_ids\":[\"" BUNDLE3 "\",99],\"__refs\":[{\"path\":\"/bundle_ids/1\","
	                "\"form\":\"number\",\"kind\":\"bundle\"}]}");
	expect_counts(&b, 1, 1, 3);
	expect_row(&b, (const given[]){ { "bundle_ids", TEXT("6") }, { 0 } }, HEAD ",\"bundle_ids\":[]}");
	end(&b);
}

/* A field's bytes end where its length says, not at a NUL. */
static void array_fields_have_a_length(void **state)
{
	char *list = malloc(3);
	bench b;

	(void)state;
	assert_non_null(list);
	memcpy(list, "0,3", 3);
	begin(&b, SP_ASSET, &plain);
	expect_row(&b, (const given[]){ { "bundle_ids", { list, 3 } }, { 0 } },
	           HEAD ",\"bundle_ids\":[0,\"" BUNDLE3 "\"]}");
	expect_row(&b, (const given[]){ { "bundle_ids", { "33", 1 } }, { 0 } },
	           HEAD ",\"bundle_ids\":[\"" BUNDLE3 "\"]}");
	end(&b);
	free(list);
}

/* A table that the model doesn't know has rows with names all the same; paths
 * are JSON Pointers whatever a column is called. */
static void unknown_tables_are_named_too(void **state)
{
	(void)state;
	EXPECT(SP_SOURCE, &plain,
	       ",\"a/b~c\":7,\"by_name\":\"x\",\"__refs\":[{\"path\":\"/a~1b~0c\",\"form\":\"number\"}]}",
	       { "a/b~c", INT("\x07") }, { "by_name", TEXT("x") });
}

/* --- references inside values --- */

static void references_are_listed(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_RUN, &plain);
	expect_row(&b,
	           (const given[]){ { "configuration", TEXT("{\"target_asset_ids\": [7, 9, \"8\", 99]}") }, { 0 } },
	           HEAD ",\"configuration\":{\"target_asset_ids\":[7,9,\"8\",99]},\"__refs\":["
	                "{\"path\":\"/configuration/target_asset_ids/0\",\"form\":\"number\",\"kind\":\"asset\","
	                "\"uuid\":\"" ASSET7 "\"},"
	                "{\"path\":\"/configuration/target_asset_ids/1\",\"form\":\"number\",\"kind\":\"asset\"},"
	                "{\"path\":\"/configuration/target_asset_ids/2\",\"form\":\"string\",\"kind\":\"asset\","
	                "\"uuid\":\"" ASSET8 "\"},"
	                "{\"path\":\"/configuration/target_asset_ids/3\",\"form\":\"number\",\"kind\":\"asset\"}]}");
	expect_counts(&b, 4, 1, 1);
	end(&b);
}

static void markers_have_their_number(void **state)
{
	(void)state;
	EXPECT(SP_ASSET, &plain,
	       ",\"text_content\":\"{{asset:7:full}} {{asset:9}} {{asset:99}}\",\"__refs\":["
	       "{\"path\":\"/text_content\",\"form\":\"marker\",\"id\":7,\"kind\":\"asset\",\"uuid\":\"" ASSET7 "\"},"
	       "{\"path\":\"/text_content\",\"form\":\"marker\",\"id\":9,\"kind\":\"asset\"},"
	       "{\"path\":\"/text_content\",\"form\":\"marker\",\"id\":99,\"kind\":\"asset\"}]}",
	       { "text_content", TEXT("{{asset:7:full}} {{asset:9}} {{asset:99}}") });
}

static void forms_have_words(void **state)
{
	(void)state;
	EXPECT(SP_ASSET, &plain,
	       ",\"fragments\":{\"a/b \\\"c\\\"\":{\"source_ref\":\"annotation_run:5\"}},\"__refs\":[{\"path\":"
	       "\"/fragments/a~1b \\\"c\\\"/source_ref\",\"form\":\"prefix\",\"kind\":\"run\",\"uuid\":\"" RUN5
	       "\"}]}",
	       { "fragments", TEXT("{\"a/b \\\"c\\\"\":{\"source_ref\":\"annotation_run:5\"}}") });
	EXPECT(SP_RUN, &plain,
	       ",\"views_config\":{\"schemaFields\":{\"4\":\"f\",\"2024\":1},\"sourceId\":4},\"__refs\":["
	       "{\"path\":\"/views_config/schemaFields/4\",\"form\":\"key\",\"kind\":\"schema\",\"uuid\":\"" SCHEMA4
	       "\"},{\"path\":\"/views_config/sourceId\",\"form\":\"number\"}]}",
	       { "views_config", TEXT("{\"schemaFields\":{\"4\":\"f\",\"2024\":1},\"sourceId\":4}") });
}

/* This database has no such table: the number stands for nothing known. */
static void kinds_without_a_table_are_listed(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_FLOW, &plain);
	expect_row(&b, (const given[]){ { "steps", TEXT("[{\"graph_id\":3}]") }, { 0 } },
	           HEAD ",\"steps\":[{\"graph_id\":3}],\"__refs\":[{\"path\":\"/steps/0/graph_id\",\"form\":\"number\","
	                "\"kind\":\"graph\"}]}");
	expect_counts(&b, 1, 1, 0);
	end(&b);
}

static void authors_stay_out(void **state)
{
	static const asked nobody = { .preserve = true, .no_authors = true };
	sp_row_uuid user;
	sp_buf line = { 0 };
	bench b;

	(void)state;
	begin(&b, SP_SOURCE, &nobody);
	expect_row(&b, (const given[]){ { "details", TEXT("{\"user_id\":2,\"target_bundle_id\":3}") }, { 0 } },
	           HEAD ",\"details\":{\"user_id\":2,\"target_bundle_id\":3},\"__refs\":["
	                "{\"path\":\"/details/user_id\",\"form\":\"number\",\"kind\":\"user\"},"
	                "{\"path\":\"/details/target_bundle_id\",\"form\":\"number\",\"kind\":\"bundle\","
	                "\"uuid\":\"" BUNDLE3 "\"}]}");
	expect_counts(&b, 2, 0, 1);
	end(&b);
	begin(&b, SP_SOURCE, &plain);
	sp_identity_row(b.identity, "duser:2", 7, &user);
	sp_buf_addf(&line, HEAD ",\"details\":{\"user_id\":2},\"__refs\":[{\"path\":\"/details/user_id\","
	                        "\"form\":\"number\",\"kind\":\"user\",\"uuid\":\"%s\"}]}", user.package);
	expect_row(&b, (const given[]){ { "details", TEXT("{\"user_id\":2}") }, { 0 } }, line.data);
	sp_buf_free(&line);
	end(&b);
}

/* --- secrets --- */

static void secrets_leave_settings(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_RUN, &plain);
	expect_row(&b,
	           (const given[]){ { "configuration",
	                              TEXT("{\"api_keys\":{\"openai\":\"CANARY\"},\"model\":\"m\",\"a\":[{\"b\":{\"apiKey\":"
	                                   "\"CANARY\",\"c\":1}},[{\"password\":[\"CANARY\"]}]],\"token\":null}") },
	                            { "views_config", TEXT("[{\"panels\":[{\"secret\":\"CANARY\"}]}]") },
	                            { "__settings", TEXT("{\"credentials\":1}") }, { 0 } },
	           HEAD ",\"configuration\":{\"model\":\"m\",\"a\":[{\"b\":{\"c\":1}},[{}]]},"
	                "\"views_config\":[{\"panels\":[{}]}],\"____settings\":{}}");
	assert_int_equal(sp_packer_counts(b.packer)->secrets, 5 + 1);
	end(&b);
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
	EXPECT(SP_RUN, &plain, ",\"configuration\":{\"b\":1}}",
	       { "configuration", TEXT("{\"api\\u005fkeys\":{\"a\":\"CANARY\"},\"\\u0070assword\":\"CANARY\",\"b\":1}") });
	EXPECT(SP_SOURCE, &plain, ",\"details\":{\"url\":null}}",
	       { "details", TEXT("{\"url\":\"https:\\/\\/user:CANARY@example.org\\/feed\"}") });
	EXPECT(SP_SOURCE, &plain, ",\"details\":{\"url\":null}}",
	       { "details", TEXT("{\"url\":\"https://example.org/?tok\\u0065n=CANARY\"}") });
}

/* What people coded isn't settings, whatever they call it. */
static void content_is_no_secret(void **state)
{
	(void)state;
	EXPECT(SP_ANNOTATION, &plain, ",\"value\":{\"password\":\"x\",\"token\":1},\"links\":{\"secret\":1}}",
	       { "value", TEXT("{\"password\":\"x\",\"token\":1}") }, { "links", TEXT("{\"secret\":1}") });
	EXPECT(SP_ASSET, &plain, ",\"file_info\":{\"cookies\":1}}", { "file_info", TEXT("{\"cookies\":1}") });
}

static void details_of_sources_are_an_allow_list(void **state)
{
	bench b;

	(void)state;
	begin(&b, SP_SOURCE, &plain);
	expect_row(&b,
	           (const given[]){ { "details",
	                              TEXT("{\"feed_url\":\"https://example.org/feed\",\"login\":\"CANARY\","
	                                   "\"search_config\":{\"api_key\":\"CANARY\",\"query\":\"q\",\"x\":{\"url\":1}},"
	                                   "\"urls\":[\"https://u:CANARY@example.org\",\"https://example.org\",3],"
	                                   "\"inbox_path\":\"/CANARY\",\"auth\":null}") }, { 0 } },
	           HEAD ",\"details\":{\"feed_url\":\"https://example.org/feed\",\"search_config\":{\"query\":\"q\"},"
	                "\"urls\":[null,\"https://example.org\",3]}}");
	assert_int_equal(sp_packer_counts(b.packer)->secrets, 6);
	expect_row(&b, (const given[]){ { "details", TEXT("null") }, { 0 } }, HEAD ",\"details\":null}");
	expect_row(&b, (const given[]){ { "details", TEXT("[\"https://u:CANARY@h\"]") }, { 0 } },
	           HEAD ",\"details\":[null]}");
	end(&b);
}

/* --- fields that stay out --- */

static void expect_withheld(bench *b, const char *value, char schema, const char *expected, unsigned count)
{
	char number[8] = { 0, 0, 0, 0, 0, 0, 0, schema };
	uint64_t before = sp_packer_counts(b->packer)->withheld;
	sp_buf line = { 0 };

	sp_buf_addf(&line, HEAD "%s,\"value\":%s}", schema == 4 ? ",\"schema_id\":\"" SCHEMA4 "\"" : "", expected);
	if (schema == 4) {
		expect_row(b,
		           (const given[]){ { "schema_id", { number, 8 } },
		                            { "value", { value, strlen(value) } }, { 0 } },
		           line.data);
	} else {
		sp_error err = SP_ERROR_INIT;

		assert_true(pack(b, (const given[]){ { "schema_id", { number, 8 } },
		                                     { "value", { value, strlen(value) } }, { 0 } }, &err));
		assert_non_null(strstr(b->row.line, expected));
	}
	assert_int_equal(sp_packer_counts(b->packer)->withheld - before, count);
	sp_buf_free(&line);
}

static void fields_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "Claims 2.0.actor" };
	bench b;

	(void)state;
	begin(&b, SP_ANNOTATION, &ask);
	expect_withheld(&b, "{\"actor\":\"CANARY\",\"other\":1}", 4, "{\"other\":1}", 1);
	expect_withheld(&b, "{\"document\":{\"actor\":{\"a\":1},\"other\":1}}", 4, "{\"document\":{\"other\":1}}", 1);
	expect_withheld(&b, "{\"actor_justification\":{\"reasoning\":\"CANARY\"},\"other_justification\":{}}", 4,
	                "{\"other_justification\":{}}", 1);
	expect_withheld(&b, "{\"_thinking_trace\":{\"reasoning\":\"CANARY\"},\"x\":{\"_thinking_trace\":1}}", 4,
	                "{\"x\":{}}", 2);
	expect_withheld(&b, "{\"positions\":[{\"actor\":1}],\"actors\":1,\"acto\":2}", 4,
	                "{\"positions\":[{\"actor\":1}],\"actors\":1,\"acto\":2}", 0);
	expect_withheld(&b, "{\"act\\u006fr\":\"CANARY\"}", 4, "{}", 1);
	/* another schema's field of the same name stays */
	expect_withheld(&b, "{\"actor\":1,\"_thinking_trace\":{}}", 40, "{\"actor\":1,\"_thinking_trace\":{}}", 0);
	end(&b);
}

static void fields_in_items_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = SCHEMA4 ".positions.actor" };
	bench b;

	(void)state;
	begin(&b, SP_ANNOTATION, &ask);
	expect_withheld(&b, "{\"positions\":[{\"actor\":1,\"party\":2},[{\"actor\":3}]],\"actor\":4}", 4,
	                "{\"positions\":[{\"party\":2},[{}]],\"actor\":4}", 2);
	expect_withheld(&b, "{\"document\":{\"positions\":[{\"actor_justification\":{}}]}}", 4,
	                "{\"document\":{\"positions\":[{}]}}", 1);
	end(&b);
}

/* The justification of a whole item tells of each field in it. */
static void reasons_of_items_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "4.positions.actor" };
	bench b;

	(void)state;
	begin(&b, SP_ANNOTATION, &ask);
	expect_withheld(&b, "{\"positions\":[{\"actor\":1,\"justification\":{\"reasoning\":\"CANARY\"}}]}", 4,
	                "{\"positions\":[{}]}", 2);
	expect_withheld(&b, "{\"positions_justification\":{\"reasoning\":\"CANARY\"}}", 4, "{}", 1);
	end(&b);
}

static void names_of_any_script_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "4.größe" };
	bench b;

	(void)state;
	begin(&b, SP_ANNOTATION, &ask);
	expect_withheld(&b, "{\"größe\":1,\"gr\\u00f6\\u00dfe_justification\":{}}", 4, "{}", 2);
	end(&b);
}

static void fragments_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "4.positions.actor" };
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &ask);
	expect_row(&b,
	           (const given[]){ { "fragments",
	                              TEXT("{\"actor\":{\"value\":\"CANARY\"},\"positions.actor\":{},"
	                                   "\"document.positions.actor\":{},\"party\":{\"actor\":1},\"positions\":2}") },
	                            { 0 } },
	           HEAD ",\"fragments\":{\"party\":{\"actor\":1},\"positions\":2}}");
	assert_int_equal(sp_packer_counts(b.packer)->withheld, 3);
	end(&b);
}

static void caches_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .without_caches = true };
	bench b;

	(void)state;
	begin(&b, SP_RUN, &ask);
	expect_row(&b,
	           (const given[]){ { "views_config", TEXT("[{\"panels\":[{\"cachedPoints\":[1],\"type\":\"map\"}],"
	                                                   "\"observations\":[{\"output_blob\":[{}],\"run_id\":5}],"
	                                                   "\"api_key\":\"CANARY\"}]") },
	                            { "configuration", TEXT("{\"points\":1}") }, { 0 } },
	           HEAD ",\"configuration\":{\"points\":1},\"views_config\":[{\"panels\":[{\"type\":\"map\"}],"
	                "\"observations\":[{\"run_id\":5}]}],\"__refs\":[{\"path\":\"/views_config/0/observations/0/"
	                "run_id\",\"form\":\"number\",\"kind\":\"run\",\"uuid\":\"" RUN5 "\"}]}");
	assert_int_equal(sp_packer_counts(b.packer)->withheld, 2);
	assert_int_equal(sp_packer_counts(b.packer)->secrets, 1);
	end(&b);
}

static void unknown_fields_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "Comets.actor", "names no schema" },      { "actor", "names no schema" },
		{ "4", "names no schema" },                 { "4.", "names no schema" },
		{ "4.comet", "names no field" },            { "Claims 2.0.party", "names no field" },
		{ "4.positions.actor.x", "names no field" }, { "4.properties", "names no field" },
		{ "4.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", "too many parts" },
	};
	static const char *const good[] = { "4.actor", "4.document.actor", SCHEMA4 ".positions", "Claims 2.0.actor",
		                            "4.document.positions.party", "40.anything", OWN ".x", "Claims 2.0.größe" };
	size_t i;
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &plain);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sp_error err = SP_ERROR_INIT;

		if (create_withhold(&b, bad[i][0], &err))
			fail_msg("taken: %s", bad[i][0]);
		assert_int_equal(err.code, SP_USAGE);
		if (!strstr(sp_error_text(&err), bad[i][1]))
			fail_msg("%s: %s", bad[i][0], sp_error_text(&err));
		sp_error_clear(&err);
	}
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		sp_error err = SP_ERROR_INIT;
		sp_withhold *withhold = create_withhold(&b, good[i], &err);

		if (!withhold)
			fail_msg("%s: %s", good[i], sp_error_text(&err));
		sp_withhold_free(withhold);
	}
	end(&b);
}

static void withholding_needs_the_database(void **state)
{
	static const char *field = "4.actor";
	sp_error err = SP_ERROR_INIT;
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &plain);
	assert_null(sp_withhold_create(b.db, &sample, 5, &b.options, &err)); /* nothing is asked for */
	assert_false(sp_error_is_set(&err));
	b.options.exclude_fields = &field;
	b.options.exclude_field_count = 1;
	fake_query("output_contract");
	fake_error("42501", "permission denied");
	assert_null(sp_withhold_create(b.db, &sample, 5, &b.options, &err));
	assert_int_equal(err.code, SP_NOT_ALLOWED);
	sp_error_clear(&err);
	end(&b);
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
		{ { "details", TEXT("{\"url\":\"") }, { 0 } },  { { "details", TEXT("{\"login\":") }, { 0 } },
		{ { "details", TEXT("\"a\":1") }, { 0 } },      { { "details", TEXT("}}\"a\":1") }, { 0 } },
		{ { "details", TEXT("{\"url\":'x'}") }, { 0 } }, { { "details", TEXT("[\"url\":1]") }, { 0 } },
	};
	sp_error err = SP_ERROR_INIT;
	size_t i;
	bench b;

	(void)state;
	begin(&b, SP_ANNOTATION, &plain);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(pack(&b, bad[i], &err));
		assert_non_null(strstr(sp_error_text(&err), bad[i][0].column));
		sp_error_clear(&err);
	}
	expect_row(&b, (const given[]){ { 0 } }, HEAD "}"); /* the next row is well again */
	end(&b);
	begin(&b, SP_SOURCE, &plain);
	for (i = 0; i < sizeof(bad_details) / sizeof(*bad_details); i++) {
		if (pack(&b, bad_details[i], &err))
			fail_msg("taken: %s", bad_details[i][0].field.data);
		assert_non_null(strstr(sp_error_text(&err), "details"));
		sp_error_clear(&err);
	}
	end(&b);
}

static void nesting_has_no_end(void **state)
{
	const size_t depth = 20000;
	sp_buf text = { 0 }, line = { 0 };
	size_t i;
	bench b;

	(void)state;
	for (i = 0; i < depth; i++)
		sp_buf_adds(&text, "[{\"a\":");
	sp_buf_addc(&text, '1');
	for (i = 0; i < depth; i++)
		sp_buf_adds(&text, "}]");
	begin(&b, SP_RUN, &plain);
	sp_buf_addf(&line, HEAD ",\"____settings\":%s}", text.data);
	{
		sp_error err = SP_ERROR_INIT;

		assert_true(pack(&b, (const given[]){ { "__settings", { text.data, text.len } }, { 0 } }, &err));
		assert_string_equal(b.row.line, line.data);
	}
	end(&b);
	sp_buf_free(&text);
	sp_buf_free(&line);
}

static void names_come_whole_or_not_at_all(void **state)
{
	sp_error err = SP_ERROR_INIT;
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &plain);
	assert_string_equal(sp_names_get(b.names, T_ASSET, 7), ASSET7);
	assert_string_equal(sp_names_get(b.names, T_ASSET, 9), "");
	assert_null(sp_names_get(b.names, T_ASSET, 10));
	assert_null(sp_names_get(b.names, T_ANNOTATION, 7));
	assert_null(sp_names_get(b.names, -1, 7));
	fake_query("the names");
	fake_copy_out();
	fake_row(3, names[0]);
	fake_error("57014", "canceling statement");
	assert_null(sp_names_load(b.db, "the names", b.identity, &err));
	assert_int_equal(err.code, SP_FAILED);
	sp_error_clear(&err);
	sp_names_free(NULL);
	sp_packer_free(NULL);
	sp_withhold_free(NULL);
	end(&b);
}

/* A database of nothing but a run names nothing. */
static void there_may_be_no_names(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_names *none;
	bench b;

	(void)state;
	begin(&b, SP_ASSET, &plain);
	fake_query("the names");
	fake_copy_out();
	fake_copy_end();
	fake_done("COPY 0");
	none = sp_names_load(b.db, "the names", b.identity, &err);
	assert_non_null(none);
	assert_null(sp_names_get(none, T_ASSET, 7));
	sp_names_free(none);
	end(&b);
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
		SCRIPTED(markers_have_their_number),
		SCRIPTED(forms_have_words),
		SCRIPTED(kinds_without_a_table_are_listed),
		SCRIPTED(authors_stay_out),
		SCRIPTED(secrets_leave_settings),
		SCRIPTED(references_count_without_secrets),
		SCRIPTED(escapes_hide_no_secret),
		SCRIPTED(content_is_no_secret),
		SCRIPTED(details_of_sources_are_an_allow_list),
		SCRIPTED(fields_stay_out),
		SCRIPTED(fields_in_items_stay_out),
		SCRIPTED(reasons_of_items_stay_out),
		SCRIPTED(names_of_any_script_stay_out),
		SCRIPTED(fragments_stay_out),
		SCRIPTED(caches_stay_out),
		SCRIPTED(unknown_fields_are_refused),
		SCRIPTED(withholding_needs_the_database),
		SCRIPTED(no_json_is_an_error),
		SCRIPTED(nesting_has_no_end),
		SCRIPTED(names_come_whole_or_not_at_all),
		SCRIPTED(there_may_be_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
