#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/model/refs.h"

#define UUID "0190f3a2-1111-7abc-8def-0123456789ab"

/* "pointer form kind id-or-uuid", and "own" or "maybe", one a line. */
static bool note(void *ctx, const sp_ref *ref, sp_error *err)
{
	sp_buf *to = ctx;

	(void)err;
	sp_buf_adds(to, to->len ? "\n" : "");
	sp_buf_addf(to, "%s %s %s ", ref->pointer, sp_ref_forms[ref->form],
	            ref->kind < 0 ? "?" : sp_entities[ref->kind].name);
	if (ref->form == SP_REF_UUID)
		sp_buf_adds(to, ref->uuid);
	else
		sp_buf_addf(to, "%lld", (long long)ref->id);
	assert_true((ref->form == SP_REF_UUID) == (ref->uuid != NULL));
	sp_buf_adds(to, ref->own ? " own" : "");
	sp_buf_adds(to, ref->maybe ? " maybe" : "");
	return true;
}

static char *refs_of(const char *table, const char *column, bool json, const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	sp_error err = SP_ERROR_INIT;
	sp_buf found = { 0 };

	assert_non_null(copy);
	memcpy(copy, text, len);
	assert_true(sp_refs_scan(table, column, json, copy, len, note, &found, &err));
	assert_false(sp_error_is_set(&err));
	free(copy);
	sp_buf_adds(&found, "");
	return sp_buf_take(&found);
}

static void expect(const char *table, const char *column, const char *text, const char *expected)
{
	char *found = refs_of(table, column, true, text);

	if (strcmp(found ? found : "", expected) != 0)
		fail_msg("%s.%s %s\nfound:    %s\nexpected: %s", table, column, text, found, expected);
	free(found);
}

static void expect_in_text(const char *table, const char *column, const char *text,
                           const char *expected)
{
	char *found = refs_of(table, column, false, text);

	if (strcmp(found ? found : "", expected) != 0)
		fail_msg("%s.%s %s\nfound:    %s\nexpected: %s", table, column, text, found, expected);
	free(found);
}

/* --- the places, one by one --- */

static const struct {
	const char *table, *column, *text, *expected;
} places[] = {
	{ "annotationrun", "configuration", "{\"target_asset_ids\":[11,12]}",
	  "/configuration/target_asset_ids/0 number asset 11 own\n"
	  "/configuration/target_asset_ids/1 number asset 12 own" },
	{ "annotationrun", "configuration", "{\"target_bundle_id\":11}",
	  "/configuration/target_bundle_id number bundle 11" },
	{ "annotationrun", "configuration", "{\"previous_run_id\":11}",
	  "/configuration/previous_run_id number run 11" },
	{ "annotationrun", "configuration", "{\"schema_ids\":[11]}",
	  "/configuration/schema_ids/0 number schema 11" },
	{ "annotationrun", "configuration", "{\"_chained_asset_ids\":[11]}",
	  "/configuration/_chained_asset_ids/0 number asset 11" },

	{ "annotationrun", "trigger_context", "{\"parent_run_id\":11}",
	  "/trigger_context/parent_run_id number run 11" },
	{ "annotationrun", "trigger_context", "{\"source_run_id\":11}",
	  "/trigger_context/source_run_id number run 11" },
	{ "annotationrun", "trigger_context", "{\"previous_asset_id\":11}",
	  "/trigger_context/previous_asset_id number asset 11" },
	{ "annotationrun", "trigger_context", "{\"new_asset_id\":11}",
	  "/trigger_context/new_asset_id number asset 11" },
	{ "annotationrun", "trigger_context", "{\"extended_by_user_id\":11}",
	  "/trigger_context/extended_by_user_id number user 11" },

	{ "annotationrun", "graph_config", "{\"graph_id\":11}",
	  "/graph_config/graph_id number graph 11" },
	{ "annotationrun", "graph_config", "{\"target_graph_id\":11}",
	  "/graph_config/target_graph_id number graph 11" },

	{ "annotation", "value", "{\"document\":{\"_system_asset_source_uuid\":\"" UUID "\"}}",
	  "/value/document/_system_asset_source_uuid uuid asset " UUID },
	{ "annotation", "value", "{\"per_image\":[{\"_system_asset_source_uuid\":\"" UUID "\"}]}",
	  "/value/per_image/0/_system_asset_source_uuid uuid asset " UUID },

	{ "asset", "fragments", "{\"f\":{\"source_ref\":\"annotation_run:11\"}}",
	  "/fragments/f/source_ref prefix run 11" },
	{ "asset", "fragments", "{\"f\":{\"source_ref\":\"flow_execution:11\"}}",
	  "/fragments/f/source_ref prefix flow_execution 11" },
	{ "asset", "fragments", "{\"f\":{\"source_ref\":{\"type\":\"run\",\"id\":11}}}",
	  "/fragments/f/source_ref/id number run 11" },
	{ "asset", "fragments", "{\"f\":{\"curated_by_ref\":\"user:11\"}}",
	  "/fragments/f/curated_by_ref prefix user 11" },
	{ "asset", "fragments", "{\"f\":{\"schema_id\":11}}",
	  "/fragments/f/schema_id number schema 11" },
	{ "asset", "fragments", "{\"f\":{\"annotation_run_id\":11}}",
	  "/fragments/f/annotation_run_id number run 11" },

	{ "bundle", "bundle_metadata", "{\"source_query\":\"bundle:11 AND asset:12\"}",
	  "/bundle_metadata/source_query marker bundle 11 maybe\n"
	  "/bundle_metadata/source_query marker asset 12 maybe" },

	{ "source", "details", "{\"target_bundle_id\":11}",
	  "/details/target_bundle_id number bundle 11" },
	{ "source", "details", "{\"user_id\":11}", "/details/user_id number user 11" },

	{ "dataset", "asset_ids", "[11,12]",
	  "/asset_ids/0 number asset 11\n/asset_ids/1 number asset 12" },
	{ "dataset", "source_scheme_ids", "[11]", "/source_scheme_ids/0 number schema 11" },
	{ "dataset", "source_job_ids", "[11]", "/source_job_ids/0 number run 11" },

	{ "task", "configuration", "{\"source_id\":11}", "/configuration/source_id number source 11" },
	{ "task", "configuration", "{\"target_source_id\":11}",
	  "/configuration/target_source_id number source 11" },
	{ "task", "configuration", "{\"target_bundle_id\":11}",
	  "/configuration/target_bundle_id number bundle 11" },
	{ "task", "configuration", "{\"target_asset_ids\":[11]}",
	  "/configuration/target_asset_ids/0 number asset 11" },
	{ "task", "configuration", "{\"schema_ids\":[11]}",
	  "/configuration/schema_ids/0 number schema 11" },
	{ "task", "configuration", "{\"flow_id\":11}", "/configuration/flow_id number flow 11" },
	{ "task", "configuration", "{\"infospace_id\":11}",
	  "/configuration/infospace_id number infospace 11" },
	{ "task", "configuration", "{\"monitor_id\":11}",
	  "/configuration/monitor_id number monitor 11" },
	{ "task", "configuration", "{\"pipeline_id\":11}",
	  "/configuration/pipeline_id number pipeline 11" },
	{ "task", "configuration", "{\"target_id\":11,\"target_type\":\"flow\"}",
	  "/configuration/target_id number flow 11" },
	{ "task", "configuration", "{\"run_specific_config\":{\"target_bundle_id\":11}}",
	  "/configuration/run_specific_config/target_bundle_id number bundle 11" },
	{ "task", "configuration", "{\"run_specific_config\":{\"schema_ids\":[11]}}",
	  "/configuration/run_specific_config/schema_ids/0 number schema 11" },

	{ "flow", "steps", "[{\"schema_ids\":[11]}]", "/steps/0/schema_ids/0 number schema 11" },
	{ "flow", "steps", "[{},{\"source_id\":11}]", "/steps/1/source_id number source 11" },
	{ "flow", "steps", "[{\"target_bundle_id\":11}]",
	  "/steps/0/target_bundle_id number bundle 11" },
	{ "flow", "steps", "[{\"bundle_id\":11}]", "/steps/0/bundle_id number bundle 11" },
	{ "flow", "steps", "[{\"bundle_ids\":[11]}]", "/steps/0/bundle_ids/0 number bundle 11" },
	{ "flow", "steps", "[{\"graph_id\":11}]", "/steps/0/graph_id number graph 11" },
	{ "flow", "steps", "[{\"conditions\":[{\"bundle_id\":11}]}]",
	  "/steps/0/conditions/0/bundle_id number bundle 11" },
	{ "flow", "steps", "[{\"config\":{\"target_asset_ids\":[11],\"previous_run_id\":12}}]",
	  "/steps/0/config/target_asset_ids/0 number asset 11\n"
	  "/steps/0/config/previous_run_id number run 12" },
	{ "flow", "cursor_state", "{\"last_processed_asset_id\":11}",
	  "/cursor_state/last_processed_asset_id number asset 11" },
	{ "flow", "cursor_state", "{\"processed_asset_ids\":[11]}",
	  "/cursor_state/processed_asset_ids/0 number asset 11" },

	{ "flowexecution", "trigger_context", "{\"user_id\":11}",
	  "/trigger_context/user_id number user 11" },
	{ "flowexecution", "trigger_context", "{\"infospace_id\":11}",
	  "/trigger_context/infospace_id number infospace 11" },
	{ "flowexecution", "input_asset_ids", "[11]", "/input_asset_ids/0 number asset 11" },
	{ "flowexecution", "output_asset_ids", "[11]", "/output_asset_ids/0 number asset 11" },
	{ "flowexecution", "step_outputs", "{\"0\":{\"run_id\":11}}",
	  "/step_outputs/0/run_id number run 11" },
	{ "flowexecution", "step_outputs", "{\"0\":{\"schema_ids\":[11]}}",
	  "/step_outputs/0/schema_ids/0 number schema 11" },
	{ "flowexecution", "step_outputs", "{\"0\":{\"source_id\":11}}",
	  "/step_outputs/0/source_id number source 11" },
	{ "flowexecution", "step_outputs", "{\"0\":{\"bundle_ids\":[11]}}",
	  "/step_outputs/0/bundle_ids/0 number bundle 11" },
	{ "flowexecution", "step_outputs", "{\"0\":{\"graph_id\":11}}",
	  "/step_outputs/0/graph_id number graph 11" },
	{ "flowexecution", "step_outputs", "{\"0\":{\"passed_asset_ids\":[11]}}",
	  "/step_outputs/0/passed_asset_ids/0 number asset 11" },
	{ "flowexecution", "step_outputs", "{\"0\":{\"routed_asset_ids\":[11]}}",
	  "/step_outputs/0/routed_asset_ids/0 number asset 11" },
	{ "flowexecution", "execution_state", "{\"current_asset_ids\":[11]}",
	  "/execution_state/current_asset_ids/0 number asset 11" },
	{ "flowexecution", "execution_state", "{\"annotation_run_ids\":[11]}",
	  "/execution_state/annotation_run_ids/0 number run 11" },
	{ "flowexecution", "execution_state", "{\"pending_run_id\":11}",
	  "/execution_state/pending_run_id number run 11" },

	{ "monitor", "run_config_override", "{\"schema_ids\":[11]}",
	  "/run_config_override/schema_ids/0 number schema 11" },
	{ "intelligencepipeline", "source_bundle_ids", "[11]",
	  "/source_bundle_ids/0 number bundle 11" },
};

static void finds_every_place(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		expect(places[i].table, places[i].column, places[i].text, places[i].expected);
}

/* Dashboards, in each column that holds one, as an object and as a list. */
static const struct {
	const char *text, *pointer, *expected;
} view_cases[] = {
	{ "{\"panels\":[{\"settings\":{\"selectedSchemaId\":11}}]}",
	  "/panels/0/settings/selectedSchemaId", "number schema 11" },
	{ "{\"panels\":[{\"settings\":{\"selectedSchemaIds\":[11]}}]}",
	  "/panels/0/settings/selectedSchemaIds/0", "number schema 11" },
	{ "{\"panels\":[{\"settings\":{\"selectedGraphSchemaId\":\"11\"}}]}",
	  "/panels/0/settings/selectedGraphSchemaId", "string schema 11" },
	{ "{\"panels\":[{\"settings\":{\"geocodeSource\":{\"schemaId\":11}}}]}",
	  "/panels/0/settings/geocodeSource/schemaId", "number schema 11" },
	{ "{\"panels\":[{\"settings\":{\"labelSource\":{\"schemaId\":11}}}]}",
	  "/panels/0/settings/labelSource/schemaId", "number schema 11" },
	{ "{\"settings\":{\"defaultSelectedSchemaIds\":[11]}}", "/settings/defaultSelectedSchemaIds/0",
	  "number schema 11" },
	{ "{\"panels\":[{\"points\":[{\"documentIds\":[11]}]}]}", "/panels/0/points/0/documentIds/0",
	  "number asset 11" },
	{ "{\"panels\":[{\"sourceType\":\"run\",\"sourceId\":11}]}", "/panels/0/sourceId",
	  "number run 11" },
	{ "{\"panels\":[{\"sourceType\":\"bundle\",\"sourceId\":11}]}", "/panels/0/sourceId",
	  "number bundle 11" },
	{ "{\"panels\":[{\"selectedSourceIds\":[11]}]}", "/panels/0/selectedSourceIds/0",
	  "number source 11" },
	{ "{\"panels\":[{\"formula\":{\"schema_id\":11}}]}", "/panels/0/formula/schema_id",
	  "number schema 11" },
	{ "{\"formulas\":[{\"schema_id\":11}]}", "/formulas/0/schema_id", "number schema 11" },
	{ "{\"panels\":[{\"formula_inline\":{\"schema_id\":11}}]}",
	  "/panels/0/formula_inline/schema_id", "number schema 11" },
	{ "{\"observations\":[{\"run_id\":11}]}", "/observations/0/run_id", "number run 11" },
	{ "{\"observations\":[{\"schema_id_snapshot\":11}]}", "/observations/0/schema_id_snapshot",
	  "number schema 11" },
	{ "{\"observations\":[{\"formula_inline\":{\"schema_id\":11}}]}",
	  "/observations/0/formula_inline/schema_id", "number schema 11" },
	{ "{\"observations\":[{\"output_blob\":[{\"annotation_id\":11}]}]}",
	  "/observations/0/output_blob/0/annotation_id", "number annotation 11" },
	{ "{\"observations\":[{\"output_blob\":{\"rows\":[{\"annotation_id\":11}]}}]}",
	  "/observations/0/output_blob/rows/0/annotation_id", "number annotation 11" },
	{ "{\"panels\":[{\"settings\":{\"fieldBySchema\":{\"11\":\"f\"}}}]}",
	  "/panels/0/settings/fieldBySchema/11", "key schema 11 maybe" },
};

static void finds_every_place_of_a_dashboard(void **state)
{
	static const char *const columns[][2] = {
		{ "annotationrun", "views_config" },
		{ "annotationrun", "views_config_legacy_v1" },
		{ "annotationrun", "views_config_pre_formula_unroll" },
		{ "annotationrun", "__panel_reshape_backup_views_config__" },
		{ "flow", "views_config" },
		{ "monitor", "views_config" },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		for (j = 0; j < sizeof(view_cases) / sizeof(*view_cases); j++) {
			const char *text = view_cases[j].text;
			sp_buf expected = { 0 }, list = { 0 };

			sp_buf_addf(&expected, "/%s%s %s", columns[i][1], view_cases[j].pointer,
			            view_cases[j].expected);
			expect(columns[i][0], columns[i][1], text, expected.data);
			sp_buf_reset(&expected);
			sp_buf_addf(&expected, "/%s/0%s %s", columns[i][1], view_cases[j].pointer,
			            view_cases[j].expected);
			sp_buf_addf(&list, "[%s]", text);
			expect(columns[i][0], columns[i][1], list.data, expected.data);
			sp_buf_free(&expected);
			sp_buf_free(&list);
		}
}

static void finds_every_place_of_a_file(void **state)
{
	static const char *const columns[] = { "file_info", "source_metadata" };
	static const char *const cases[][2] = {
		{ "{\"embedded_assets\":[11]}", "/embedded_assets/0 number asset 11" },
		{ "{\"referenced_bundles\":[11]}", "/referenced_bundles/0 number bundle 11" },
		{ "{\"source_asset_ids\":[11]}", "/source_asset_ids/0 number asset 11" },
		{ "{\"source_bundle_ids\":[11]}", "/source_bundle_ids/0 number bundle 11" },
		{ "{\"source_run_ids\":[11]}", "/source_run_ids/0 number run 11" },
		{ "{\"potential_supersedes\":11}", "/potential_supersedes number asset 11" },
		{ "{\"potential_supersedes\":[11]}", "/potential_supersedes/0 number asset 11" },
		{ "{\"supersedes_asset_id\":11}", "/supersedes_asset_id number asset 11" },
		{ "{\"reconcile_version_of\":\"11\"}", "/reconcile_version_of string asset 11" },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < 2; i++)
		for (j = 0; j < sizeof(cases) / sizeof(*cases); j++) {
			sp_buf expected = { 0 };

			sp_buf_addf(&expected, "/%s%s", columns[i], cases[j][1]);
			expect("asset", columns[i], cases[j][0], expected.data);
			sp_buf_free(&expected);
		}
}

static void finds_markers_in_texts(void **state)
{
	(void)state;
	expect_in_text("asset", "text_content", "{{asset:11:full}} and {{asset:12:small:left}}",
	               "/text_content marker asset 11\n/text_content marker asset 12");
	expect_in_text("asset", "text_content", "{{asset:11}}{{asset:11}}",
	               "/text_content marker asset 11\n/text_content marker asset 11");
	expect_in_text("asset", "text_content",
	               "{{asset:}} {{asset:x}} {{asset:0}} {asset:11} {{bundle:11}}", "");
	expect_in_text("asset", "text_content", "ends in {{asset:11", "/text_content marker asset 11");
	expect_in_text("asset", "text_content", "ends in {{asset:", "");
	expect_in_text("asset", "text_content", "", "");
	expect_in_text("canon", "description", "Migrated canon for graph #11",
	               "/description marker graph 11");
	expect_in_text("canon", "description", "graph #11, for graph 12", "");
}

/* --- forms and kinds --- */

static void takes_numbers_and_strings_of_digits(void **state)
{
	(void)state;
	expect("annotationrun", "configuration", "{\"target_bundle_id\":\"11\"}",
	       "/configuration/target_bundle_id string bundle 11");
	expect("annotationrun", "configuration", "{\"schema_ids\":[\"11\",12]}",
	       "/configuration/schema_ids/0 string schema 11\n/configuration/schema_ids/1 number "
	       "schema 12");
	expect("annotationrun", "configuration", "{\"target_bundle_id\":999999999999999999}",
	       "/configuration/target_bundle_id number bundle 999999999999999999");
}

static void leaves_what_is_no_id(void **state)
{
	static const char *const values[] = {
		"null",          "true",    "0",        "-11",
		"11.0",          "11.5",    "1e3",      "\"\"",
		"\"0\"",         "\"-11\"", "\" 11\"",  "\"11 \"",
		"\"11a\"",       "\"a11\"", "\"11.0\"", "1234567890123456789",
		"\"bundle:11\"", "{}",      "[]",       "{\"id\":11}",
		"[[11]]",        "[11]"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		sp_buf text = { 0 };

		sp_buf_addf(&text, "{\"target_bundle_id\":%s}", values[i]);
		expect("annotationrun", "configuration", text.data, "");
		sp_buf_free(&text);
	}
}

static void leaves_what_stands_elsewhere(void **state)
{
	(void)state;
	expect("annotationrun", "configuration", "{\"other_id\":11,\"target_bundle_ids\":11}", "");
	expect("annotationrun", "configuration", "{\"Target_bundle_id\":11,\"target_bundle_i\":11}",
	       "");
	expect("annotationrun", "configuration", "{\"deeper\":{\"target_bundle_id\":11}}", "");
	expect("annotationrun", "configuration", "[{\"target_bundle_id\":11}]", "");
	expect("annotationrun", "configuration", "{\"target_asset_ids\":11}", "");
	expect("annotationrun", "configuration", "{\"target_asset_ids\":[[11],{\"a\":11}]}", "");
	expect("annotationrun", "configuration", "{\"note\":\"{\\\"target_bundle_id\\\":11}\"}", "");
	expect("annotationrun", "configuration", "{\"max_tokens\":11,\"model\":\"m\"}", "");
	expect("annotationrun", "trigger_context", "{\"user_id\":11}", "");
	expect("annotation", "value", "{\"schema_id\":11,\"asset_id\":12,\"uuid\":\"" UUID "\"}", "");
	expect("annotation", "value", "{\"_system_asset_source_uuid\":\"not one\"}", "");
	expect("annotation", "value", "{\"_system_asset_source_uuid\":11}", "");
	expect("annotation", "value", "{\"_system_asset_source_uuid\":[\"" UUID "\"]}", "");
	expect("asset", "fragments", "{\"schema_id\":11,\"f\":{\"value\":{\"schema_id\":11}}}", "");
	expect("task", "configuration", "{\"run_specific_config\":{\"flow_id\":11}}", "");
	expect("task", "configuration",
	       "{\"other\":{\"schema_ids\":[11]},\"run_specific_config\":[[11]]}", "");
	expect("annotationrun", "views_config", "{\"formulas\":{\"schema_id\":11}}", "");
	expect("annotationrun", "views_config", "{\"schema_id\":11,\"run_id\":11,\"annotation_id\":11}",
	       "");
	expect("flowexecution", "step_outputs", "{\"run_id\":11,\"0\":{\"deeper\":{\"run_id\":11}}}",
	       "");
	expect("canon", "description", "{\"a\":11}", "");
}

static void knows_its_columns(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		assert_true(sp_refs_in(places[i].table, places[i].column));
	assert_true(sp_refs_in("asset", "text_content"));
	assert_false(sp_refs_in("asset", "configuration"));
	assert_false(sp_refs_in("annotationrun", "name"));
	assert_false(sp_refs_in("annotation", "links"));
	assert_false(sp_refs_in("", ""));
	expect("asset", "configuration", "{\"target_bundle_id\":11}", "");
	expect("other", "value", "{\"_system_asset_source_uuid\":\"" UUID "\"}", "");
}

static void has_conditions_for_long_columns(void **state)
{
	(void)state;
	assert_non_null(strstr(sp_refs_where("asset", "text_content"), "t.text_content"));
	assert_non_null(strstr(sp_refs_where("annotation", "value"), "_system_asset_source_uuid"));
	assert_null(sp_refs_where("annotationrun", "configuration"));
	assert_null(sp_refs_where("other", "text_content"));
}

static void takes_the_kind_from_a_sibling(void **state)
{
	(void)state;
	expect("annotationrun", "views_config", "{\"sourceId\":11,\"sourceType\":\"run\"}",
	       "/views_config/sourceId number run 11");
	expect("annotationrun", "views_config",
	       "{\"a\":{\"sourceType\":\"flow\"},\"sourceId\":11,\"b\":[{\"sourceType\":\"flow\"}],"
	       "\"sourceType\":\"bundle\"}",
	       "/views_config/sourceId number bundle 11");
	expect("annotationrun", "views_config",
	       "{\"sourceType\":\"annotation_run\",\"sourceId\":\"11\"}",
	       "/views_config/sourceId string run 11");
	expect("annotationrun", "views_config", "{\"sourceType\":\"RUN\",\"sourceId\":11}",
	       "/views_config/sourceId number run 11");
	expect("annotationrun", "views_config",
	       " { \"sourceType\" : \"r\\u0075n\" , \"sourceId\" : 11 } ",
	       "/views_config/sourceId number run 11");
	expect("asset", "fragments", "{\"f\":{\"source_ref\":{\"id\":11,\"type\":\"flow_execution\"}}}",
	       "/fragments/f/source_ref/id number flow_execution 11");
}

static void lists_ids_of_unknown_kinds(void **state)
{
	(void)state;
	expect("annotationrun", "views_config", "{\"sourceId\":11}",
	       "/views_config/sourceId number ? 11");
	expect("annotationrun", "views_config", "{\"sourceType\":\"comet\",\"sourceId\":11}",
	       "/views_config/sourceId number ? 11");
	expect("annotationrun", "views_config", "{\"sourceType\":11,\"sourceId\":11}",
	       "/views_config/sourceId number ? 11");
	expect("annotationrun", "views_config", "{\"sourceType\":{\"a\":\"run\"},\"sourceId\":11}",
	       "/views_config/sourceId number ? 11");
	expect("annotationrun", "views_config", "{\"o\":{\"sourceType\":\"run\"},\"sourceId\":11}",
	       "/views_config/sourceId number ? 11");
}

static void knows_the_words_of_kinds(void **state)
{
	static const char *const words[][2] = {
		{ "annotation_run", "run" },
		{ "run", "run" },
		{ "bundle", "bundle" },
		{ "asset", "asset" },
		{ "schema", "schema" },
		{ "annotation_schema", "schema" },
		{ "source", "source" },
		{ "flow", "flow" },
		{ "flow_execution", "flow_execution" },
		{ "user", "user" },
		{ "graph", "graph" },
		{ "knowledge_graph", "graph" },
		{ "monitor", "monitor" },
		{ "pipeline", "pipeline" },
		{ "dataset", "dataset" },
		{ "infospace", "infospace" },
		{ "task", "task" },
		{ "Annotation_Run", "run" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		sp_buf text = { 0 }, expected = { 0 };

		sp_buf_addf(&text, "{\"f\":{\"source_ref\":\"%s:11\"}}", words[i][0]);
		sp_buf_addf(&expected, "/fragments/f/source_ref prefix %s 11", words[i][1]);
		expect("asset", "fragments", text.data, expected.data);
		sp_buf_free(&text);
		sp_buf_free(&expected);
	}
	expect("asset", "fragments", "{\"f\":{\"source_ref\":\"comet:11\"}}", "");
	expect("asset", "fragments", "{\"f\":{\"source_ref\":\"run11\"}}", "");
	expect("asset", "fragments", "{\"f\":{\"source_ref\":\":11\"}}", "");
	expect("asset", "fragments", "{\"f\":{\"source_ref\":\"run:\"}}", "");
	expect("asset", "fragments", "{\"f\":{\"source_ref\":\"run:x\"}}", "");
	expect("asset", "fragments", "{\"f\":{\"source_ref\":\"run:11:12\"}}", "");
	expect("asset", "fragments", "{\"f\":{\"source_ref\":11}}", "");
	expect("asset", "fragments", "{\"f\":{\"source_ref\":\"\"}}", "");
}

static void finds_keys_that_are_ids(void **state)
{
	(void)state;
	expect("annotationrun", "views_config", "{\"schemaFields\":{\"11\":{\"a\":1},\"12\":null}}",
	       "/views_config/schemaFields/11 key schema 11 maybe\n"
	       "/views_config/schemaFields/12 key schema 12 maybe");
	expect("annotationrun", "views_config", "{\"fieldsBySCHEMA\":{\"11\":1}}",
	       "/views_config/fieldsBySCHEMA/11 key schema 11 maybe");
	expect("annotationrun", "views_config", "{\"schemaFields\":{\"f\":{\"11\":1},\"x\":1}}", "");
	expect("annotationrun", "views_config", "{\"11\":1,\"years\":{\"2024\":1}}", "");
	expect("annotationrun", "views_config", "{\"schemas\":[{\"11\":1}]}", "");
	expect("annotationrun", "configuration", "{\"schema_ids\":{\"11\":1}}", "");
}

/* --- pointers --- */

static void escapes_pointers(void **state)
{
	(void)state;
	expect("asset", "fragments", "{\"a/b~c\":{\"schema_id\":11}}",
	       "/fragments/a~1b~0c/schema_id number schema 11");
	expect("asset", "fragments", "{\"~1\":{\"schema_id\":11}}",
	       "/fragments/~01/schema_id number schema 11");
	expect("asset", "fragments", "{\"\":{\"schema_id\":11}}",
	       "/fragments//schema_id number schema 11");
	expect("asset", "fragments", "{\"ü \\u00fc\\/\\\"\":{\"schema_id\":11}}",
	       "/fragments/ü ü~1\"/schema_id number schema 11");
	expect("asset", "fragments",
	       "{\"a\":{\"x\":1},\"b\":{\"schema_id\":11},\"c\":{\"schema_id\":12}}",
	       "/fragments/b/schema_id number schema 11\n/fragments/c/schema_id number schema 12");
}

static void counts_array_items(void **state)
{
	(void)state;
	expect("dataset", "asset_ids", "[\"a\",11,null,[1,2],{\"a\":[3]},12]",
	       "/asset_ids/1 number asset 11\n/asset_ids/5 number asset 12");
	expect("annotationrun", "views_config", "[[],{\"panels\":[1,[2],{\"selectedSchemaId\":11}]}]",
	       "/views_config/1/panels/2/selectedSchemaId number schema 11");
	expect("dataset", "asset_ids", " [ 11 , 12 ] ",
	       "/asset_ids/0 number asset 11\n/asset_ids/1 number asset 12");
}

/* A key means the same however it is spelt: json keeps escapes as they came. */
static void reads_escaped_keys(void **state)
{
	(void)state;
	expect("annotationrun", "configuration", "{\"target_bundle_i\\u0064\":11}",
	       "/configuration/target_bundle_id number bundle 11");
	expect("annotationrun", "configuration", "{\"\\u0073chema_ids\":[11]}",
	       "/configuration/schema_ids/0 number schema 11");
}

/* --- odd input --- */

static void survives_bad_texts(void **state)
{
	static const char *const bad[] = { "",
		                               "{",
		                               "}",
		                               "]",
		                               "\"a\":11",
		                               "{\"a\"",
		                               "[",
		                               "{]",
		                               "[}",
		                               "}{\"a\":11",
		                               "{\"sourceId\":11",
		                               "\"sourceId\":11",
		                               "{\"target_bundle_id\":",
		                               "}}}}[[[[",
		                               "{\"a\":[}]}",
		                               "{\"sourceId\":11,\"a\":\"b}" };
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		free(refs_of("annotationrun", "views_config", true, bad[i]));
		free(refs_of("annotationrun", "configuration", true, bad[i]));
	}
	for (i = 0; i < sizeof(view_cases) / sizeof(*view_cases); i++)
		for (len = 0; len < strlen(view_cases[i].text); len++) {
			char *cut = strndup(view_cases[i].text, len);

			free(refs_of("annotationrun", "views_config", true, cut));
			free(cut);
		}
}

static void needs_no_stack(void **state)
{
	const int depth = 10000;
	sp_error err = SP_ERROR_INIT;
	sp_buf text = { 0 }, found = { 0 };
	int i;

	(void)state;
	for (i = 0; i < depth; i++)
		sp_buf_adds(&text, i % 2 ? "[" : "{\"a\":");
	sp_buf_adds(&text, "{\"selectedSchemaId\":11}");
	for (i = depth; i-- > 0;)
		sp_buf_addc(&text, i % 2 ? ']' : '}');
	assert_true(sp_refs_scan("annotationrun", "views_config", true, text.data, text.len, note,
	                         &found, &err));
	assert_non_null(strstr(found.data, "/a/0/selectedSchemaId number schema 11"));
	assert_null(strchr(found.data, '\n'));
	sp_buf_free(&text);
	sp_buf_free(&found);
}

/* A pattern of two parts of any length must not be tried at every level of
 * every value: this took half a minute. */
static void deep_nesting_stays_quick(void **state)
{
	sp_error err = SP_ERROR_INIT;
	sp_buf text = { 0 }, found = { 0 };
	clock_t begin = clock();
	int i;

	(void)state;
	for (i = 0; i < 6000; i++)
		sp_buf_adds(&text, "{\"output_blob\":");
	for (i = 0; i < 300; i++)
		sp_buf_adds(&text, i ? ",1" : "[1");
	sp_buf_adds(&text, ",{\"annotation_id\":11}]");
	for (i = 0; i < 6000; i++)
		sp_buf_addc(&text, '}');
	assert_true(sp_refs_scan("annotationrun", "views_config", true, text.data, text.len, note,
	                         &found, &err));
	assert_non_null(strstr(found.data, "/output_blob/300/annotation_id number annotation 11"));
	assert_null(strchr(found.data, '\n'));
	assert_true(clock() - begin < 2 * CLOCKS_PER_SEC);
	sp_buf_free(&text);
	sp_buf_free(&found);
}

static bool refuse(void *ctx, const sp_ref *ref, sp_error *err)
{
	int *calls = ctx;

	(void)ref;
	++*calls;
	return sp_fail(err, SP_FAILED, NULL, "enough");
}

static void stops_where_the_caller_fails(void **state)
{
	static const char *const texts[][3] = {
		{ "dataset", "asset_ids", "[11,12]" },
		{ "asset", "fragments",
		  "{\"a\":{\"source_ref\":\"run:1\"},\"b\":{\"source_ref\":\"run:2\"}}" },
		{ "annotationrun", "views_config", "{\"schemas\":{\"1\":1,\"2\":2}}" },
		{ "annotation", "value",
		  "[{\"_system_asset_source_uuid\":\"" UUID "\"},"
		  "{\"_system_asset_source_uuid\":\"" UUID "\"}]" },
		{ "bundle", "bundle_metadata", "{\"source_query\":\"asset:1 bundle:2\"}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		sp_error err = SP_ERROR_INIT;
		int calls = 0;

		assert_false(sp_refs_scan(texts[i][0], texts[i][1], true, texts[i][2], strlen(texts[i][2]),
		                          refuse, &calls, &err));
		assert_int_equal(calls, 1);
		assert_string_equal(sp_error_text(&err), "enough");
		sp_error_clear(&err);
	}
	{
		sp_error err = SP_ERROR_INIT;
		int calls = 0;

		assert_false(sp_refs_scan("asset", "text_content", false, "{{asset:1}}{{asset:2}}", 22,
		                          refuse, &calls, &err));
		assert_int_equal(calls, 1);
		sp_error_clear(&err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_every_place),
		cmocka_unit_test(finds_every_place_of_a_dashboard),
		cmocka_unit_test(finds_every_place_of_a_file),
		cmocka_unit_test(finds_markers_in_texts),
		cmocka_unit_test(takes_numbers_and_strings_of_digits),
		cmocka_unit_test(leaves_what_is_no_id),
		cmocka_unit_test(leaves_what_stands_elsewhere),
		cmocka_unit_test(knows_its_columns),
		cmocka_unit_test(has_conditions_for_long_columns),
		cmocka_unit_test(takes_the_kind_from_a_sibling),
		cmocka_unit_test(lists_ids_of_unknown_kinds),
		cmocka_unit_test(knows_the_words_of_kinds),
		cmocka_unit_test(finds_keys_that_are_ids),
		cmocka_unit_test(escapes_pointers),
		cmocka_unit_test(counts_array_items),
		cmocka_unit_test(reads_escaped_keys),
		cmocka_unit_test(survives_bad_texts),
		cmocka_unit_test(needs_no_stack),
		cmocka_unit_test(deep_nesting_stays_quick),
		cmocka_unit_test(stops_where_the_caller_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
