#include <config.h>

#include "tests/unit/sample.h"

#define COLUMN(column, sql_type, how)                                                              \
	{                                                                                              \
		.name = column, .type = sql_type, .base_type = sql_type, .form = how, .references = -1     \
	}
#define TEXT(column) COLUMN(column, "text", SP_COLUMN_STRING)
#define VARCHAR(column)                                                                            \
	{                                                                                              \
		.name = column, .type = "character varying", .base_type = "varchar",                       \
		.form = SP_COLUMN_STRING, .references = -1                                                 \
	}
#define UUID(column)                                                                               \
	{                                                                                              \
		.name = column, .type = "character varying", .base_type = "varchar",                       \
		.form = SP_COLUMN_STRING, .not_null = true, .references = -1                               \
	}
#define LITERAL(column, sql_type) COLUMN(column, sql_type, SP_COLUMN_LITERAL)
#define JSON(column)              COLUMN(column, "json", SP_COLUMN_JSON)
#define JSONB(column)             COLUMN(column, "jsonb", SP_COLUMN_JSONB)
#define ARRAY(column, element)                                                                     \
	{                                                                                              \
		.name = column, .type = element "[]", .base_type = element, .form = SP_COLUMN_ARRAY,       \
		.references = -1                                                                           \
	}
#define ID                                                                                         \
	{                                                                                              \
		.name = "id", .type = "integer", .base_type = "int4", .form = SP_COLUMN_LITERAL,           \
		.not_null = true, .references = -1, .key_position = 1                                      \
	}
#define KEY(column, table)                                                                         \
	{                                                                                              \
		.name = column, .type = "integer", .base_type = "int4", .form = SP_COLUMN_LITERAL,         \
		.references = table, .references_id = true                                                 \
	}

static sp_column annotation[] = {
	ID,
	UUID("uuid"),
	KEY("infospace_id", T_INFOSPACE),
	KEY("asset_id", T_ASSET),
	KEY("schema_id", T_ANNOTATIONSCHEMA),
	KEY("run_id", T_ANNOTATIONRUN),
	KEY("user_id", T_USER),
	JSONB("value"),
	COLUMN("status", "resultstatus", SP_COLUMN_STRING),
	JSON("links"),
	VARCHAR("imported_from_uuid"),
	LITERAL("timestamp", "timestamp without time zone"),
	LITERAL("score", "double precision"),
	TEXT("__note"),
	ARRAY("labels", "text"),
};
static sp_column annotationrun[] = {
	ID,
	UUID("uuid"),
	VARCHAR("name"),
	JSON("configuration"),
	JSONB("views_config"),
	JSONB("__panel_reshape_backup_views_config__"),
	KEY("parent_run_id", T_ANNOTATIONRUN),
	JSON("__settings"),
};
static sp_column annotationschema[] = { ID, UUID("uuid"), VARCHAR("name"),
	                                    JSON("output_contract") };
static sp_column asset[] = {
	ID,
	UUID("uuid"),
	VARCHAR("title"),
	KEY("parent_asset_id", T_ASSET),
	ARRAY("bundle_ids", "int4"),
	TEXT("text_content"),
	JSONB("fragments"),
	JSONB("file_info"),
	{ .name = "text_search_vector",
	  .type = "tsvector",
	  .base_type = "tsvector",
	  .form = SP_COLUMN_STRING,
	  .generated = true,
	  .references = -1 },
};
static sp_column assetchunk[] = {
	ID,
	KEY("asset_id", T_ASSET),
	LITERAL("chunk_index", "integer"),
	TEXT("text_content"),
	JSON("embedding_json"),
	COLUMN("embedding_1024", "vector(1024)", SP_COLUMN_STRING),
	COLUMN("embedding_2048", "public.vector(2048)", SP_COLUMN_STRING),
	KEY("embedding_model_id", T_EMBEDDINGMODEL),
	VARCHAR("embedding_name"),
};
static sp_column bundle[] = {
	ID,
	UUID("uuid"),
	VARCHAR("name"),
	{ .name = "parent_bundle_id",
	  .type = "integer",
	  .base_type = "int4",
	  .form = SP_COLUMN_LITERAL,
	  .references = -1 },
	JSON("bundle_metadata"),
};
static sp_column dataset[] = { ID, UUID("entity_uuid"), VARCHAR("name"), JSON("asset_ids") };
static sp_column embeddingmodel[] = { ID, VARCHAR("name"), VARCHAR("provider"),
	                                  LITERAL("dimension", "integer") };
static sp_column flow[] = { ID, UUID("uuid"), VARCHAR("name"), JSONB("steps"),
	                        JSONB("views_config") };
static sp_column infospace[] = { ID, UUID("uuid"), VARCHAR("name") };
static sp_column justification[] = {
	ID,
	KEY("annotation_id", T_ANNOTATION),
	VARCHAR("field_name"),
	TEXT("reasoning"),
};
/* Tables that HQ has got since: known by their catalog alone. */
static sp_column other[] = { ID, TEXT("a/b~c"), VARCHAR("uuid") };
static sp_column zone[] = { ID };
static sp_column runschemalink[] = { KEY("run_id", T_ANNOTATIONRUN),
	                                 KEY("schema_id", T_ANNOTATIONSCHEMA) };
static sp_column source[] = {
	ID,
	UUID("uuid"),
	VARCHAR("name"),
	JSON("details"),
	TEXT("x_y"),
	JSON("source_metadata"),
	KEY("a/b~c", T_OTHER),
	{ .name = "by_name",
	  .type = "text",
	  .base_type = "text",
	  .form = SP_COLUMN_STRING,
	  .references = T_OTHER },
};
static sp_column user[] = { ID, VARCHAR("email"), VARCHAR("hashed_password"), VARCHAR("token") };

#define TABLE(columns)                                                                             \
	{                                                                                              \
#columns, columns, sizeof(columns) / sizeof(*columns), "\"public\".\"" #columns "\"", true \
	}

static sp_table tables[T_COUNT] = {
	[T_ANNOTATION] = TABLE(annotation),
	[T_ANNOTATIONRUN] = TABLE(annotationrun),
	[T_ANNOTATIONSCHEMA] = TABLE(annotationschema),
	[T_ASSET] = TABLE(asset),
	[T_ASSETCHUNK] = TABLE(assetchunk),
	[T_BUNDLE] = TABLE(bundle),
	[T_DATASET] = TABLE(dataset),
	[T_EMBEDDINGMODEL] = TABLE(embeddingmodel),
	[T_FLOW] = TABLE(flow),
	[T_INFOSPACE] = TABLE(infospace),
	[T_JUSTIFICATION] = TABLE(justification),
	[T_OTHER] = TABLE(other),
	[T_RUNSCHEMALINK] = TABLE(runschemalink),
	[T_SOURCE] = TABLE(source),
	[T_USER] = TABLE(user),
	[T_ZONE] = TABLE(zone),
};

const sp_catalog sample = { .schema = "public",
	                        .revision = "r",
	                        .generation = "2026-05",
	                        .system_id = "1/2",
	                        .tables = tables,
	                        .count = T_COUNT };
