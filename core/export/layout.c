#include <config.h>

#include "core/export/layout.h"

#include <stdlib.h>
#include <string.h>

#include "core/model/refs.h"

const char *const sp_asset_formats[] = { "reference", "inline", "external", NULL };

bool sp_is_embedding(int kind, const sp_column *column)
{
	if (kind != SP_CHUNK && kind != SP_ENTITY)
		return false;
	return !strncmp(column->name, "embedding_", 10) &&
	       (strstr(column->type, "vec") || column->form == SP_COLUMN_JSON ||
	        column->form == SP_COLUMN_JSONB);
}

/* Why a column doesn't travel; NULL: it does. */
static const char *why_left_out(const sp_catalog *catalog, int kind, const sp_column *column,
                                const sp_export_options *options)
{
	int users = sp_kind_table(catalog, SP_USER);

	if (column->generated)
		return "generated";
	if (sp_is_secret_column(column->name))
		return "secret";
	if (options->no_authors && column->references == users && users >= 0)
		return "no_authors";
	/* those of chunks stand in files of their own */
	if (sp_is_embedding(kind, column) && (kind == SP_CHUNK || !options->embeddings))
		return kind == SP_CHUNK && options->embeddings ? NULL : "include_embeddings";
	return NULL;
}

static bool is_moved(int kind, const sp_column *column)
{
	return kind == SP_CHUNK && sp_is_embedding(kind, column);
}

static bool note(sp_json *left_out, const sp_table *table, const sp_column *column, const char *why)
{
	sp_buf name = { 0 };
	sp_json *item;
	bool ok;

	sp_buf_addf(&name, "%s.%s", table->name, column->name);
	item = name.failed ? NULL : sp_json_add_object(left_out, NULL);
	ok = sp_json_add_text(item, "column", sp_buf_text(&name)) && sp_json_add_text(item, "why", why);
	sp_buf_free(&name);
	return ok;
}

static sp_field_form form_of(const sp_column *column)
{
	switch (column->form) {
	case SP_COLUMN_JSON:
	case SP_COLUMN_JSONB: return SP_FIELD_JSON;
	case SP_COLUMN_STRING: return SP_FIELD_STRING;
	case SP_COLUMN_LITERAL:
	case SP_COLUMN_ARRAY: break;
	}
	return SP_FIELD_LITERAL;
}

static void fill(sp_row_field *field, const sp_catalog *catalog, const sp_table *table, int kind,
                 const sp_column *column)
{
	const char *uuid = sp_entities[kind].uuid;
	const sp_soft_key *soft = sp_soft_key_of(table->name, column->name);
	bool key = column->references >= 0 && column->references_id;

	*field = (sp_row_field){ .column = column, .table = -1 };
	field->refs = sp_refs_in(table->name, column->name);
	/* a json text that is looked into passes as a whole, however large */
	field->large =
		(column->form == SP_COLUMN_JSON && !sp_entities[kind].settings && !field->refs) ||
		(column->form == SP_COLUMN_STRING &&
	     (!strcmp(column->base_type, "text") || !strcmp(column->base_type, "varchar")));
	if (!strcmp(column->name, "id") && sp_table_has_id(table))
		field->form = SP_FIELD_ID;
	else if (uuid && !strcmp(column->name, uuid))
		field->form = SP_FIELD_UUID;
	else if (sp_is_lineage(column->name))
		field->form = SP_FIELD_LINEAGE;
	else if (soft && sp_kind_table(catalog, soft->kind) >= 0) {
		field->form = column->form == SP_COLUMN_ARRAY ? SP_FIELD_REFS : SP_FIELD_REF;
		field->table = sp_kind_table(catalog, soft->kind);
		field->root = true;
	} else if (key && column->references == sp_kind_table(catalog, SP_ANNOTATION))
		field->form = SP_FIELD_KEY;
	else if (key) {
		field->form = SP_FIELD_REF;
		field->table = column->references;
	} else
		field->form = form_of(column);
	if (field->form < SP_FIELD_LITERAL)
		field->large = false;
}

sp_layout *sp_layout_create(const sp_catalog *catalog, sp_kind kind,
                            const sp_export_options *options, sp_json *left_out, sp_error *err)
{
	sp_layout *layout = calloc(1, sizeof(*layout));
	int i;

	if (!layout)
		goto fail;
	layout->kind = (int)kind;
	layout->index = sp_kind_table(catalog, kind);
	layout->table = &catalog->tables[layout->index];
	layout->fields = calloc((size_t)layout->table->count, sizeof(*layout->fields));
	if (!layout->fields)
		goto fail;
	for (i = 0; i < layout->table->count; i++) {
		const sp_column *column = &layout->table->columns[i];
		const char *why = why_left_out(catalog, (int)kind, column, options);

		if (why && left_out && !note(left_out, layout->table, column, why))
			goto fail;
		if (!why && !is_moved((int)kind, column))
			fill(&layout->fields[layout->count++], catalog, layout->table, (int)kind, column);
	}
	return layout;
fail:
	sp_layout_free(layout);
	sp_fail_memory(err);
	return NULL;
}

void sp_layout_free(sp_layout *layout)
{
	if (!layout)
		return;
	free(layout->fields);
	free(layout);
}

void sp_key_sql(const sp_catalog *catalog, int table, sp_buf *sql)
{
	const sp_table *of = &catalog->tables[table];
	int kind = sp_kind_of_table(of->name);
	const char *uuid = kind >= 0 ? sp_entities[kind].uuid : "uuid";
	const sp_column *column;

	column = uuid ? sp_table_column(of, uuid) : NULL;
	if (column && column->not_null) {
		sp_buf_adds(sql, "'u' || t.");
		sp_sql_ident(sql, uuid);
		return;
	}
	if (column) { /* rows of tables that aren't HQ's may have none */
		sp_buf_adds(sql, "coalesce('u' || nullif(t.");
		sp_sql_ident(sql, uuid);
		sp_buf_adds(sql, "::text, ''), 'dother:' || ");
		sp_sql_literal(sql, of->name);
		sp_buf_adds(sql, " || '/' || t.id)");
		return;
	}
	sp_buf_addc(sql, '\'');
	sp_buf_addf(sql, "d%s:' || ", kind >= 0 ? sp_entities[kind].name : "other");
	if (kind >= 0)
		sp_natural_key(sql, catalog, (sp_kind)kind);
	else {
		sp_sql_literal(sql, of->name);
		sp_buf_adds(sql, " || '/' || t.id");
	}
}

static void add_column(sp_buf *sql, const sp_column *column)
{
	sp_buf_adds(sql, "t.");
	sp_sql_ident(sql, column->name);
}

static void add_literal(sp_buf *sql, const sp_column *column)
{
	if (column->form != SP_COLUMN_ARRAY) {
		sp_buf_adds(sql, "to_json(");
		add_column(sql, column);
		sp_buf_adds(sql, ")::text");
		return;
	}
	/* an array whose bounds aren't 1 is written with them, and JSON has none */
	sp_buf_adds(sql, "CASE WHEN starts_with(");
	add_column(sql, column);
	sp_buf_adds(sql, "::text, '[') THEN to_json(");
	add_column(sql, column);
	sp_buf_adds(sql, "::text)::text ELSE to_json(");
	add_column(sql, column);
	sp_buf_adds(sql, ")::text END");
}

static void add_value(sp_buf *sql, const sp_row_field *field, uint64_t max_line)
{
	if (field->large) {
		sp_buf_adds(sql, "CASE WHEN octet_length(");
		add_column(sql, field->column);
		sp_buf_addf(sql, "::text) <= %llu THEN ", (unsigned long long)max_line);
	}
	add_column(sql, field->column);
	sp_buf_adds(sql, field->large ? "::text END" : "::text");
}

static void add_field(sp_buf *sql, const sp_catalog *catalog, const sp_row_field *field,
                      uint64_t max_line)
{
	sp_buf_adds(sql, ", ");
	switch (field->form) {
	case SP_FIELD_ID:
	case SP_FIELD_UUID: sp_buf_adds(sql, "NULL::text"); break; /* the key says it */
	case SP_FIELD_REF:
		add_column(sql, field->column);
		sp_buf_adds(sql, "::bigint");
		break;
	case SP_FIELD_REFS:
		sp_buf_adds(sql, "array_to_string(");
		add_column(sql, field->column);
		sp_buf_adds(sql, ", ',', 'null')");
		break;
	case SP_FIELD_KEY:
		sp_buf_addf(sql, "(SELECT 'u' || p.uuid FROM %s p WHERE p.id = ",
		            catalog->tables[sp_kind_table(catalog, SP_ANNOTATION)].quoted);
		add_column(sql, field->column);
		sp_buf_addc(sql, ')');
		break;
	case SP_FIELD_LITERAL: add_literal(sql, field->column); break;
	case SP_FIELD_LINEAGE:
	case SP_FIELD_STRING:
	case SP_FIELD_JSON: add_value(sql, field, max_line); break;
	}
}

static void add_large(sp_buf *sql, const sp_layout *layout, uint64_t max_line)
{
	bool any = false;
	int i;

	for (i = 0; i < layout->count; i++) {
		const sp_row_field *field = &layout->fields[i];

		if (!field->large)
			continue;
		sp_buf_adds(sql, any ? ", " : ", nullif(concat_ws('" SP_LARGE_SEPARATOR "', ");
		any = true;
		sp_buf_adds(sql, "CASE WHEN octet_length(");
		add_column(sql, field->column);
		sp_buf_addf(sql, "::text) > %llu THEN ", (unsigned long long)max_line);
		sp_sql_literal(sql, field->column->name);
		sp_buf_adds(sql, " END");
	}
	sp_buf_adds(sql, any ? "), '')" : ", NULL::text");
}

void sp_layout_select(const sp_layout *layout, const sp_catalog *catalog, uint64_t max_line,
                      sp_buf *sql)
{
	bool has_id = sp_table_has_id(layout->table);
	int i;

	sp_buf_adds(sql, has_id ? "t.id::bigint, " : "NULL::bigint, ");
	if (has_id)
		sp_key_sql(catalog, layout->index, sql);
	else
		sp_buf_adds(sql, "NULL::text");
	for (i = 0; i < layout->count; i++)
		add_field(sql, catalog, &layout->fields[i], max_line);
	add_large(sql, layout, max_line);
}
