#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "core/model/entity.h"
#include "tests/unit/sample.h"

/* --- the table of entities --- */

static void every_entity_is_whole(void **state)
{
	int kind;

	(void)state;
	for (kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		const sp_entity *entity = &sp_entities[kind];

		assert_non_null(entity->name);
		assert_non_null(entity->title);
		assert_non_null(entity->tables[0]);
		assert_int_equal(entity->place == SP_PLACE_NONE, entity->path == NULL);
		assert_int_equal(entity->travel == SP_TRAVEL_NEVER, entity->path == NULL);
	}
}

static bool has_word(const sp_entity *entity, const char *text)
{
	return entity->path && strstr(entity->path, text);
}

static void names_and_entries_are_unique(void **state)
{
	int a, b, i, j;

	(void)state;
	for (a = 0; a < SP_ENTITY_COUNT; a++)
		for (b = 0; b < a; b++) {
			assert_string_not_equal(sp_entities[a].name, sp_entities[b].name);
			assert_string_not_equal(sp_entities[a].title, sp_entities[b].title);
			if (sp_entities[a].path && sp_entities[b].path)
				assert_string_not_equal(sp_entities[a].path, sp_entities[b].path);
			for (i = 0; i < 2; i++)
				for (j = 0; j < 2; j++)
					if (sp_entities[a].tables[i] && sp_entities[b].tables[j])
						assert_string_not_equal(sp_entities[a].tables[i], sp_entities[b].tables[j]);
		}
}

/* An entry's place says what its name must end in, and which have a number. */
static void entries_fit_their_places(void **state)
{
	int kind;

	(void)state;
	for (kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		const sp_entity *entity = &sp_entities[kind];
		bool lines = entity->place == SP_PLACE_LINES || entity->place == SP_PLACE_ASSET_LINES;
		bool numbered = entity->place == SP_PLACE_ASSET || entity->place == SP_PLACE_ASSET_LINES;

		assert_int_equal(has_word(entity, ".jsonl"), lines);
		assert_int_equal(has_word(entity, "%N"), numbered);
	}
}

/* What people coded is never looked through for keys of services; all else is. */
static void content_is_told_from_settings(void **state)
{
	static const sp_kind content[] = { SP_SCHEMA,        SP_SCHEMA_LINK, SP_ANNOTATION,
		                               SP_JUSTIFICATION, SP_CURATION,    SP_EDGE,
		                               SP_AGGREGATE,     SP_ASSET,       SP_BUNDLE_LINK,
		                               SP_CHUNK,         SP_CANON,       SP_ENTITY };
	int kind;
	size_t i;

	(void)state;
	for (kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		bool is_content = false;

		for (i = 0; i < sizeof(content) / sizeof(*content); i++)
			is_content = is_content || (int)content[i] == kind;
		assert_int_equal(sp_entities[kind].settings, !is_content);
	}
}

static void tables_have_kinds(void **state)
{
	int kind, i;

	(void)state;
	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		for (i = 0; i < 2; i++)
			if (sp_entities[kind].tables[i])
				assert_int_equal(sp_kind_of_table(sp_entities[kind].tables[i]), kind);
	assert_int_equal(sp_kind_of_table("annotationrun"), SP_RUN);
	assert_int_equal(sp_kind_of_table("entity"), SP_ENTITY);
	assert_int_equal(sp_kind_of_table("entitycanonical"), SP_ENTITY);
	assert_int_equal(sp_kind_of_table("alembic_version"), -1);
	assert_int_equal(sp_kind_of_table("Asset"), -1);
	assert_int_equal(sp_kind_of_table(""), -1);
}

static void kinds_have_tables(void **state)
{
	(void)state;
	assert_int_equal(sp_kind_table(&sample, SP_ASSET), T_ASSET);
	assert_int_equal(sp_kind_table(&sample, SP_RUN), T_ANNOTATIONRUN);
	assert_int_equal(sp_kind_table(&sample, SP_USER), T_USER);
	assert_int_equal(sp_kind_table(&sample, SP_GRAPH), -1);
	assert_int_equal(sp_kind_table(&sample, SP_ENTITY), -1);
}

/* The table's later name wins; the earlier one serves where it alone is there. */
static void kinds_have_earlier_tables(void **state)
{
	sp_table tables[] = { { .name = "entity" }, { .name = "entitycanonical" } };
	sp_catalog both = { .tables = tables, .count = 2 },
			   before = { .tables = tables + 1, .count = 1 };

	(void)state;
	assert_int_equal(sp_kind_table(&both, SP_ENTITY), 0);
	assert_int_equal(sp_kind_table(&before, SP_ENTITY), 0);
	assert_string_equal(before.tables[sp_kind_table(&before, SP_ENTITY)].name, "entitycanonical");
}

/* --- columns --- */

static void knows_keys_without_a_constraint(void **state)
{
	(void)state;
	assert_int_equal(sp_soft_key_of("asset", "bundle_ids")->kind, SP_BUNDLE);
	assert_int_equal(sp_soft_key_of("bundle", "parent_bundle_id")->kind, SP_BUNDLE);
	assert_null(sp_soft_key_of("asset", "parent_bundle_id"));
	assert_null(sp_soft_key_of("asset", "bundle_id"));
	assert_null(sp_soft_key_of("bundle", "bundle_ids"));
}

static void knows_secret_columns(void **state)
{
	static const char *const secret[] = {
		"hashed_password", "encrypted_credentials",    "share_token",
		"token",           "email_verification_token", "api_keys",
		"api_key"
	};
	static const char *const open[] = { "",       "name",        "uuid",
		                                "tokens", "token_count", "configuration",
		                                "email" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(secret) / sizeof(*secret); i++)
		if (!sp_is_secret_column(secret[i]))
			fail_msg("%s isn't known", secret[i]);
	for (i = 0; i < sizeof(open) / sizeof(*open); i++)
		if (sp_is_secret_column(open[i]))
			fail_msg("%s is taken for a secret", open[i]);
}

static void knows_lineage(void **state)
{
	(void)state;
	assert_true(sp_is_lineage("imported_from_uuid"));
	assert_false(sp_is_lineage("uuid"));
	assert_false(sp_is_lineage("imported_from"));
}

static void expect_key(sp_kind kind, const char *expected)
{
	sp_buf sql = { 0 };

	sp_natural_key(&sql, &sample, kind);
	assert_string_equal(sp_buf_text(&sql), expected);
	sp_buf_free(&sql);
}

static void has_natural_keys(void **state)
{
	(void)state;
	expect_key(SP_CHUNK,
	           "(SELECT p.uuid FROM \"public\".\"asset\" p WHERE p.id = t.asset_id) || '/' || "
	           "t.chunk_index");
	expect_key(SP_EMBEDDING_MODEL, "json_build_array(t.name, t.provider, t.dimension)::text");
	expect_key(SP_JUSTIFICATION, "t.id::text");
	expect_key(SP_USER, "t.id::text");
}

/* --- their order --- */

static int place_of(const sp_kind *order, int count, sp_kind kind)
{
	for (int i = 0; i < count; i++) {
		if (order[i] == kind)
			return i;
	}
	return -1;
}

static void what_others_name_comes_before_them(void **state)
{
	sp_column run[] = { { .name = (char *)"id", .references = -1 },
		                { .name = (char *)"parent_run_id", .references = 0 } };
	sp_column annotation[] = { { .name = (char *)"run_id", .references = 0 },
		                       { .name = (char *)"asset_id", .references = 2 },
		                       { .name = (char *)"user_id", .references = 3 } };
	sp_column asset[] = { { .name = (char *)"parent_asset_id", .references = 2 } };
	sp_column user[] = { { .name = (char *)"id", .references = -1 } };
	sp_table tables[] = { { .name = (char *)"annotationrun", .columns = run, .count = 2 },
		                  { .name = (char *)"annotation", .columns = annotation, .count = 3 },
		                  { .name = (char *)"asset", .columns = asset, .count = 1 },
		                  { .name = (char *)"user", .columns = user, .count = 1 } };
	const sp_catalog catalog = { .tables = tables, .count = 4 };
	sp_kind order[SP_ENTITY_COUNT];

	(void)state;
	assert_int_equal(sp_kinds_ordered(&catalog, order), 3);
	assert_int_equal(place_of(order, 3, SP_ANNOTATION), 2);
	assert_int_equal(place_of(order, 3, SP_USER), -1);
}

/* No generation has them; each kind is there once all the same. */
static void keys_in_a_circle_leave_none_out(void **state)
{
	sp_column flow[] = { { .name = (char *)"linked_task_id", .references = 1 } };
	sp_column task[] = { { .name = (char *)"flow_id", .references = 0 } };
	sp_column source[] = { { .name = (char *)"id", .references = -1 } };
	sp_table tables[] = { { .name = (char *)"flow", .columns = flow, .count = 1 },
		                  { .name = (char *)"task", .columns = task, .count = 1 },
		                  { .name = (char *)"source", .columns = source, .count = 1 } };
	const sp_catalog catalog = { .tables = tables, .count = 3 };
	sp_kind order[SP_ENTITY_COUNT];

	(void)state;
	assert_int_equal(sp_kinds_ordered(&catalog, order), 3);
	assert_int_equal(place_of(order, 3, SP_SOURCE), 0);
	assert_true(place_of(order, 3, SP_FLOW) > 0);
	assert_true(place_of(order, 3, SP_TASK) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entity_is_whole),
		cmocka_unit_test(names_and_entries_are_unique),
		cmocka_unit_test(entries_fit_their_places),
		cmocka_unit_test(content_is_told_from_settings),
		cmocka_unit_test(tables_have_kinds),
		cmocka_unit_test(kinds_have_tables),
		cmocka_unit_test(kinds_have_earlier_tables),
		cmocka_unit_test(knows_keys_without_a_constraint),
		cmocka_unit_test(knows_secret_columns),
		cmocka_unit_test(knows_lineage),
		cmocka_unit_test(has_natural_keys),
		cmocka_unit_test(what_others_name_comes_before_them),
		cmocka_unit_test(keys_in_a_circle_leave_none_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
