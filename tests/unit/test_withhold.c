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

static void expect_withheld(packing *b, const char *value, char schema, const char *expected,
                            unsigned count)
{
	char number[8] = { 0, 0, 0, 0, 0, 0, 0, schema };
	uint64_t before = sp_packer_counts(b->packer)->withheld;
	sp_buf line = { 0 };

	sp_buf_addf(&line, HEAD "%s,\"value\":%s}", schema == 4 ? ",\"schema_id\":\"" SCHEMA4 "\"" : "",
	            expected);
	if (schema == 4) {
		packing_expect(b,
		               (const given[]){ { "schema_id", { number, 8 } },
		                                { "value", { value, strlen(value) } },
		                                { 0 } },
		               line.data);
	} else {
		sp_error err = SP_ERROR_INIT;

		assert_true(packing_pack(b,
		                         (const given[]){ { "schema_id", { number, 8 } },
		                                          { "value", { value, strlen(value) } },
		                                          { 0 } },
		                         &err));
		assert_non_null(strstr(b->row.line, expected));
	}
	assert_int_equal(sp_packer_counts(b->packer)->withheld - before, count);
	sp_buf_free(&line);
}

static void fields_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "Claims 2.0.actor" };
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &ask);
	expect_withheld(&b, "{\"actor\":\"CANARY\",\"other\":1}", 4, "{\"other\":1}", 1);
	expect_withheld(&b, "{\"document\":{\"actor\":{\"a\":1},\"other\":1}}", 4,
	                "{\"document\":{\"other\":1}}", 1);
	expect_withheld(
		&b, "{\"actor_justification\":{\"reasoning\":\"CANARY\"},\"other_justification\":{}}", 4,
		"{\"other_justification\":{}}", 1);
	expect_withheld(
		&b, "{\"_thinking_trace\":{\"reasoning\":\"CANARY\"},\"x\":{\"_thinking_trace\":1}}", 4,
		"{\"x\":{}}", 2);
	expect_withheld(&b, "{\"positions\":[{\"actor\":1}],\"actors\":1,\"acto\":2}", 4,
	                "{\"positions\":[{\"actor\":1}],\"actors\":1,\"acto\":2}", 0);
	expect_withheld(&b, "{\"act\\u006fr\":\"CANARY\"}", 4, "{}", 1);
	expect_withheld(&b, "{\"justification\":{\"reasoning\":1}}", 4,
	                "{\"justification\":{\"reasoning\":1}}", 0);
	/* another schema's field of the same name stays */
	expect_withheld(&b, "{\"actor\":1,\"_thinking_trace\":{}}", 40,
	                "{\"actor\":1,\"_thinking_trace\":{}}", 0);
	packing_end(&b);
}

static void fields_in_items_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = SCHEMA4 ".positions.actor" };
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &ask);
	expect_withheld(&b, "{\"positions\":[{\"actor\":1,\"party\":2},[{\"actor\":3}]],\"actor\":4}",
	                4, "{\"positions\":[{\"party\":2},[{}]],\"actor\":4}", 2);
	expect_withheld(&b, "{\"document\":{\"positions\":[{\"actor_justification\":{}}]}}", 4,
	                "{\"document\":{\"positions\":[{}]}}", 1);
	packing_end(&b);
}

/* Each part of the path counts, from the outside in. */
static void fields_of_the_same_name_stay(void **state)
{
	static const asked asks[] = { { .preserve = true, .withhold = "4.positions.actor" },
		                          { .preserve = true, .withhold = "4.a.b.c" } };
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &asks[0]);
	expect_withheld(&b, "{\"others\":[{\"actor\":1}],\"x\":{\"positions\":[{\"actor\":1}]}}", 4,
	                "{\"others\":[{\"actor\":1}],\"x\":{\"positions\":[{\"actor\":1}]}}", 0);
	packing_end(&b);
	packing_begin(&b, SP_ANNOTATION, &asks[1]);
	expect_withheld(
		&b, "{\"a\":{\"b\":{\"c\":\"CANARY\",\"d\":1},\"x\":{\"c\":2}},\"x\":{\"b\":{\"c\":3}}}", 4,
		"{\"a\":{\"b\":{\"d\":1},\"x\":{\"c\":2}},\"x\":{\"b\":{\"c\":3}}}", 1);
	expect_withheld(
		&b, "{\"a\":{\"b\":{\"c\":{\"d\":\"CANARY\"},\"c_justification\":1,\"b\":{\"c\":4}}}}", 4,
		"{\"a\":{\"b\":{\"b\":{\"c\":4}}}}", 2);
	packing_end(&b);
}

/* Rows of tables name fields by texts, in several ways; SQL does the rest. */
static void sql_names_fields(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "40.o'clock.\"x\"" };
	sp_buf sql = { 0 };
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &ask);
	sp_withhold_sql(b.withhold, "t.\"field_name\"", "a.schema_id", &sql);
	assert_non_null(strstr(sql.data, "t.\"field_name\""));
	assert_non_null(strstr(sql.data, "a.schema_id = 40 AND "));
	assert_non_null(strstr(sql.data, "'o''clock.\"x\".'"));
	assert_non_null(strstr(sql.data, "'o''clock.\"x\"_justification.'"));
	assert_null(strstr(sql.data, "o'c"));
	sp_buf_reset(&sql);
	sp_withhold_sql(b.withhold, "t.x", NULL, &sql);
	assert_null(strstr(sql.data, "schema_id"));
	assert_null(strstr(sql.data, "= 40"));
	sp_buf_free(&sql);
	packing_end(&b);
}

/* The justification of a whole item tells of each field in it. */
static void reasons_of_items_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "4.positions.actor" };
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &ask);
	expect_withheld(&b,
	                "{\"positions\":[{\"actor\":1,\"justification\":{\"reasoning\":\"CANARY\"}}]}",
	                4, "{\"positions\":[{}]}", 2);
	expect_withheld(&b, "{\"positions_justification\":{\"reasoning\":\"CANARY\"}}", 4, "{}", 1);
	packing_end(&b);
}

/* HQ stores the fields of a contract's parts with or without their wrapper. */
static void fields_of_parts_stay_out(void **state)
{
	static const asked asks[] = { { .preserve = true, .withhold = "4.per_image.face" },
		                          { .preserve = true, .withhold = "4.face" } };
	packing b;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		packing_begin(&b, SP_ANNOTATION, &asks[i]);
		expect_withheld(&b, "{\"face\":\"CANARY\",\"x\":1}", 4, "{\"x\":1}", 1);
		expect_withheld(&b, "{\"per_image\":[{\"face\":\"CANARY\",\"x\":1}]}", 4,
		                "{\"per_image\":[{\"x\":1}]}", 1);
		packing_end(&b);
	}
}

static void names_of_any_script_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "4.größe" };
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &ask);
	expect_withheld(&b, "{\"größe\":1,\"gr\\u00f6\\u00dfe_justification\":{}}", 4, "{}", 2);
	packing_end(&b);
}

static void fragments_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .withhold = "4.positions.actor" };
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &ask);
	packing_expect(
		&b,
		(const given[]){
			{ "fragments",
	          TEXT("{\"actor\":{\"value\":\"CANARY\"},\"positions.actor\":{},"
	               "\"document.positions.actor\":{},\"party\":{\"actor\":1},\"positions\":2}") },
			{ 0 } },
		HEAD ",\"fragments\":{\"party\":{\"actor\":1},\"positions\":2}}");
	assert_int_equal(sp_packer_counts(b.packer)->withheld, 3);
	packing_end(&b);
}

static void caches_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .without_caches = true };
	packing b;

	(void)state;
	packing_begin(&b, SP_RUN, &ask);
	packing_expect(
		&b,
		(const given[]){
			{ "views_config", TEXT("[{\"panels\":[{\"cachedPoints\":[1],\"type\":\"map\"}],"
	                               "\"observations\":[{\"output_blob\":[{}],\"run_id\":5}],"
	                               "\"api_key\":\"CANARY\"}]") },
			{ "configuration", TEXT("{\"points\":1}") },
			{ 0 } },
		HEAD ",\"configuration\":{\"points\":1},\"views_config\":[{\"panels\":[{\"type\":\"map\"}],"
			 "\"observations\":[{\"run_id\":5}]}],\"__refs\":[{\"path\":\"/views_config/0/"
			 "observations/0/"
			 "run_id\",\"form\":\"number\",\"kind\":\"run\",\"uuid\":\"" RUN5 "\"}]}");
	assert_int_equal(sp_packer_counts(b.packer)->withheld, 2);
	assert_int_equal(sp_packer_counts(b.packer)->secrets, 1);
	packing_end(&b);
}

/* With exclusions, a value must not name an asset that was left out either. */
static void uuids_of_left_out_assets_stay_out(void **state)
{
	static const asked ask = { .preserve = true, .without_caches = true };
	packing b;

	(void)state;
	packing_begin(&b, SP_ANNOTATION, &ask);
	packing_expect(
		&b,
		(const given[]){
			{ "value", TEXT("{\"document\":{\"_system_asset_source_uuid\":\"" ASSET7 "\"},"
	                        "\"a\":[{\"_system_asset_source_uuid\":\"" OWN "\",\"b\":1}],"
	                        "\"_system_asset_source_uuid\":null}") },
			{ 0 } },
		HEAD ",\"value\":{\"document\":{\"_system_asset_source_uuid\":\"" ASSET7 "\"},"
			 "\"a\":[{\"b\":1}],\"_system_asset_source_uuid\":null},\"__refs\":[{\"path\":"
			 "\"/value/document/_system_asset_source_uuid\",\"form\":\"uuid\",\"kind\":"
			 "\"asset\",\"uuid\":\"" ASSET7 "\"}]}");
	assert_int_equal(sp_packer_counts(b.packer)->dropped, 1);
	assert_int_equal(sp_packer_counts(b.packer)->withheld, 0);
	packing_end(&b);
}

static void unknown_fields_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "Comets.actor", "names no schema" },
		{ "actor", "names no schema" },
		{ "4", "names no schema" },
		{ "4.", "names no schema" },
		{ "4.comet", "names no field" },
		{ "Claims 2.0.party", "names no field" },
		{ "4.positions.actor.x", "names no field" },
		{ "4.properties", "names no field" },
		{ "4.document", "stands around fields" },
		{ "4.per_image", "stands around fields" },
		{ "4.place.village", "names no field" },
		{ "4.either.two", "names no field" },
		{ "4.ring.ring.stone", "names no field" },
		{ "50.a", "can't be read" },
		{ "Twice.a", "can't be read" },
		{ "4.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", "too many parts" },
	};
	static const char *const good[] = { "4.actor",
		                                "4.document.actor",
		                                SCHEMA4 ".positions",
		                                "Claims 2.0.actor",
		                                "4.document.positions.party",
		                                "40.anything",
		                                OWN ".x",
		                                "4.per_image.face",
		                                "4.face",
		                                "4.place.town",
		                                "4.either.one",
		                                "4.ring.ring.ring",
		                                "Claims 2.0.größe" };
	size_t i;
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &plain);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sp_error err = SP_ERROR_INIT;

		if (packing_withhold(&b, bad[i][0], &err))
			fail_msg("taken: %s", bad[i][0]);
		assert_int_equal(err.code, SP_USAGE);
		if (!strstr(sp_error_text(&err), bad[i][1]))
			fail_msg("%s: %s", bad[i][0], sp_error_text(&err));
		sp_error_clear(&err);
	}
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		sp_error err = SP_ERROR_INIT;
		sp_withhold *withhold = packing_withhold(&b, good[i], &err);

		if (!withhold)
			fail_msg("%s: %s", good[i], sp_error_text(&err));
		sp_withhold_free(withhold);
	}
	packing_end(&b);
}

static void withholding_needs_the_database(void **state)
{
	static const char *field = "4.actor";
	sp_error err = SP_ERROR_INIT;
	packing b;

	(void)state;
	packing_begin(&b, SP_ASSET, &plain);
	assert_null(sp_withhold_create(b.db, &sample, 5, &b.options, &err)); /* nothing is asked for */
	assert_false(sp_error_is_set(&err));
	b.options.exclude_fields = &field;
	b.options.exclude_field_count = 1;
	fake_query("output_contract");
	fake_error("42501", "permission denied");
	assert_null(sp_withhold_create(b.db, &sample, 5, &b.options, &err));
	assert_int_equal(err.code, SP_NOT_ALLOWED);
	sp_error_clear(&err);
	packing_end(&b);
}

#define SCRIPTED(test) cmocka_unit_test_setup_teardown(test, fake_begin, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRIPTED(fields_stay_out),
		SCRIPTED(fields_in_items_stay_out),
		SCRIPTED(fields_of_the_same_name_stay),
		SCRIPTED(sql_names_fields),
		SCRIPTED(reasons_of_items_stay_out),
		SCRIPTED(fields_of_parts_stay_out),
		SCRIPTED(names_of_any_script_stay_out),
		SCRIPTED(fragments_stay_out),
		SCRIPTED(caches_stay_out),
		SCRIPTED(uuids_of_left_out_assets_stay_out),
		SCRIPTED(unknown_fields_are_refused),
		SCRIPTED(withholding_needs_the_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
