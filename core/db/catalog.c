#include <config.h>

#include "core/db/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "core/db/sql.h"

/* The columns of catalog.sql. */
enum {
	C_TABLE,
	C_KIND,
	C_NAME,
	C_TYPE,
	C_DEFAULT,
	C_FORM,
	C_NOT_NULL,
	C_GENERATED,
	C_BASE,
	C_TARGET,
	C_TARGET_ID,
	C_KEY,
	C_READABLE,
	C_ENUM
};

static char *copy_text(const char *text, bool *ok)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		*ok = false;
	return copy;
}

static sp_column_form form_of(const char *name)
{
	static const char *const names[] = { "literal", "string", "json", "jsonb", "array" };
	int i;

	for (i = SP_COLUMN_LITERAL; i < SP_COLUMN_ARRAY; i++)
		if (!strcmp(name, names[i]))
			break;
	return (sp_column_form)i;
}

static bool fill_column(sp_column *column, const sp_rows *rows, int row)
{
	bool ok = true;

	column->name = copy_text(sp_rows_get(rows, row, C_NAME), &ok);
	column->type = copy_text(sp_rows_get(rows, row, C_TYPE), &ok);
	column->default_sql = copy_text(sp_rows_get(rows, row, C_DEFAULT), &ok);
	column->base_type = copy_text(sp_rows_get(rows, row, C_BASE), &ok);
	column->form = form_of(sp_rows_get(rows, row, C_FORM));
	column->not_null = sp_rows_bool(rows, row, C_NOT_NULL);
	column->generated = sp_rows_bool(rows, row, C_GENERATED);
	column->references = -1;
	column->references_id = sp_rows_bool(rows, row, C_TARGET_ID);
	column->is_enum = sp_rows_bool(rows, row, C_ENUM);
	column->key_position = (int)sp_rows_int(rows, row, C_KEY);
	return ok;
}

static bool fill_table(sp_catalog *catalog, const sp_rows *rows, int first, int count)
{
	sp_table *table = &catalog->tables[catalog->count++];
	sp_buf quoted = { 0 };
	bool ok = true;
	int i;

	table->name = copy_text(sp_rows_get(rows, first, C_TABLE), &ok);
	table->columns = calloc((size_t)count, sizeof(*table->columns));
	if (!table->columns || !ok)
		return false;
	table->count = count;
	table->readable = sp_rows_bool(rows, first, C_READABLE);
	sp_sql_ident(&quoted, catalog->schema);
	sp_buf_addc(&quoted, '.');
	sp_sql_ident(&quoted, table->name);
	table->quoted = sp_buf_take(&quoted);
	for (i = 0; i < count; i++)
		ok = fill_column(&table->columns[i], rows, first + i) && ok;
	return ok && table->quoted;
}

static int rows_of_table(const sp_rows *rows, int first)
{
	const char *name = sp_rows_get(rows, first, C_TABLE);
	int i = first;

	while (i < sp_rows_count(rows) && !strcmp(sp_rows_get(rows, i, C_TABLE), name))
		i++;
	return i - first;
}

static void link_references(sp_catalog *catalog, const sp_rows *rows)
{
	int i, j, row = 0;

	for (i = 0; i < catalog->count; i++) {
		while (strcmp(sp_rows_get(rows, row, C_TABLE), catalog->tables[i].name) != 0)
			row++;
		for (j = 0; j < catalog->tables[i].count; j++, row++) {
			const char *target = sp_rows_get(rows, row, C_TARGET);

			if (target)
				catalog->tables[i].columns[j].references = sp_catalog_index(catalog, target);
		}
	}
}

static bool read_tables(sp_catalog *catalog, sp_db *db, sp_error *err)
{
	const char *params[] = { catalog->schema };
	sp_rows *rows = sp_db_query(db, sp_sql_catalog, 1, params, err);
	int row, n, total;
	bool ok = false;

	if (!rows)
		return false;
	total = sp_rows_count(rows);
	catalog->tables = calloc((size_t)total + 1, sizeof(*catalog->tables));
	if (!catalog->tables) {
		sp_fail_memory(err);
		goto out;
	}
	for (row = 0; row < total; row += n) {
		const char *kind = sp_rows_get(rows, row, C_KIND);

		n = rows_of_table(rows, row);
		/* a view's rules or a foreign table's server would run as us */
		if (*kind != 'r' && *kind != 'p')
			continue;
		if (!fill_table(catalog, rows, row, n)) {
			sp_fail_memory(err);
			goto out;
		}
	}
	link_references(catalog, rows);
	ok = true;
out:
	sp_rows_free(rows);
	return ok;
}

static char *single_text(sp_db *db, const char *sql, const char *otherwise, sp_error *err)
{
	sp_rows *rows = sp_db_query(db, sql, 0, NULL, err);
	const char *text;
	char *copy;

	if (!rows)
		return NULL;
	text = sp_rows_count(rows) ? sp_rows_get(rows, 0, 0) : NULL;
	copy = strdup(text ? text : otherwise);
	sp_rows_free(rows);
	if (!copy)
		sp_fail_memory(err);
	return copy;
}

static bool read_revision(sp_catalog *catalog, sp_db *db, sp_error *err)
{
	const sp_table *table = sp_catalog_table(catalog, "alembic_version");
	sp_buf sql = { 0 };

	/* a label: no reason to fail */
	if (!table || !table->readable || !sp_table_column(table, "version_num")) {
		catalog->revision = strdup("unknown");
		return catalog->revision || sp_fail_memory(err);
	}
	sp_buf_addf(&sql, "SELECT string_agg(version_num, ', ' ORDER BY version_num) FROM %s",
	            table->quoted);
	if (sql.failed)
		sp_fail_memory(err);
	else
		catalog->revision = single_text(db, sql.data, "unknown", err);
	sp_buf_free(&sql);
	return catalog->revision != NULL;
}

static const char *generation_of(const sp_catalog *catalog)
{
	const sp_table *asset = sp_catalog_table(catalog, "asset");

	if (asset && sp_table_column(asset, "bundle_ids"))
		return sp_catalog_table(catalog, "justification") ? "2026-03" : "2026-05";
	if (asset && sp_table_column(asset, "bundle_id"))
		return "2025-10";
	return "2025-07";
}

/* What rows are found and joined by. Any other column may be missing. */
static const struct {
	const char *table, *columns;
	bool must; /* else the table itself may be missing */
} needed[] = {
	{ "annotation", "id uuid run_id asset_id schema_id", true },
	{ "annotationrun", "id uuid name infospace_id", true },
	{ "annotationschema", "id", true },
	{ "asset", "id uuid kind infospace_id", true },
	{ "infospace", "id uuid name owner_id", true },
	{ "runschemalink", "run_id schema_id", true },
	{ "user", "id email is_active", true },
	{ "assetbundlelink", "asset_id bundle_id", false },
	{ "assetchunk", "id asset_id chunk_index", false },
	{ "bundle", "id infospace_id", false },
	{ "canon", "id", false },
	{ "dataset", "id", false },
	{ "embeddingmodel", "id name provider dimension", false },
	{ "entity", "id", false },
	{ "entitycanonical", "id", false },
	{ "flow", "id infospace_id", false },
	{ "flowexecution", "id", false },
	{ "fragmentcuration", "id annotation_id", false },
	{ "graphedge", "id annotation_id", false },
	{ "infospacecollaborator", "infospace_id user_id role", false },
	{ "intelligencepipeline", "id", false },
	{ "justification", "id annotation_id", false },
	{ "knowledgegraph", "id", false },
	{ "monitor", "id", false },
	{ "runaggregate", "id run_id", false },
	{ "source", "id", false },
	{ "task", "id", false },
};

static bool check_columns(const sp_catalog *catalog, const sp_table *table, const char *columns,
                          sp_error *err)
{
	char name[64];
	size_t len;

	for (; *columns; columns += len + strspn(columns + len, " ")) {
		len = strcspn(columns, " ");
		snprintf(name, sizeof(name), "%.*s", (int)len, columns);
		if (!sp_table_column(table, name))
			return sp_fail(err, SP_INCOMPATIBLE,
			               N_("Check that HQ's migrations have run to their end, and whether "
			                  "there is a newer spaceport."),
			               N_("the table \"%s\" in the schema \"%s\" has no column \"%s\""),
			               table->name, catalog->schema, name);
	}
	return true;
}

static bool check_needed(const sp_catalog *catalog, sp_error *err)
{
	const sp_table *table;
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		table = sp_catalog_table(catalog, needed[i].table);
		if (!table && needed[i].must)
			return sp_fail(err, SP_INCOMPATIBLE,
			               N_("Check the database's name and that HQ's migrations have run."),
			               N_("the schema \"%s\" has no table \"%s\", so this is no "
			                  "open-politics-hq database"),
			               catalog->schema, needed[i].table);
		if (table && !check_columns(catalog, table, needed[i].columns, err))
			return false;
	}
	return true;
}

/* A clone or a restore has another server or oid, but keeps what was noted. */
static bool read_identity(sp_catalog *catalog, sp_db *db, sp_error *err)
{
	if (!sp_own_schema_look(db, &catalog->own, err))
		return false;
	if (!*catalog->own.uuid)
		catalog->system_id = single_text(db, sp_sql_system, "", err);
	else if (!(catalog->system_id = strdup(catalog->own.uuid)))
		sp_fail_memory(err);
	return catalog->system_id != NULL;
}

static bool read_all(sp_catalog *catalog, sp_db *db, sp_error *err)
{
	catalog->schema = single_text(db, sp_sql_home, "", err);
	if (!catalog->schema)
		return false;
	if (!*catalog->schema)
		return sp_fail(err, SP_INCOMPATIBLE,
		               N_("Check the database's name, and that this login may use the schema."),
		               N_("there is no table \"annotationrun\" here, so this is no "
		                  "open-politics-hq database"));
	if (!read_tables(catalog, db, err) || !check_needed(catalog, err) ||
	    !read_revision(catalog, db, err))
		return false;
	catalog->generation = generation_of(catalog);
	return read_identity(catalog, db, err);
}

sp_catalog *sp_catalog_read(sp_db *db, sp_error *err)
{
	sp_catalog *catalog = calloc(1, sizeof(*catalog));

	if (!catalog) {
		sp_fail_memory(err);
		return NULL;
	}
	if (!read_all(catalog, db, err)) {
		sp_catalog_free(catalog);
		return NULL;
	}
	return catalog;
}

static void free_table(sp_table *table)
{
	int i;

	for (i = 0; table->columns && i < table->count; i++) {
		free(table->columns[i].name);
		free(table->columns[i].type);
		free(table->columns[i].default_sql);
		free(table->columns[i].base_type);
	}
	free(table->columns);
	free(table->name);
	free(table->quoted);
}

void sp_catalog_free(sp_catalog *catalog)
{
	int i;

	if (!catalog)
		return;
	for (i = 0; i < catalog->count; i++)
		free_table(&catalog->tables[i]);
	free(catalog->tables);
	free(catalog->schema);
	free(catalog->revision);
	free(catalog->system_id);
	free(catalog);
}

int sp_catalog_index(const sp_catalog *catalog, const char *name)
{
	int i;

	for (i = 0; i < catalog->count; i++)
		if (!strcmp(catalog->tables[i].name, name))
			return i;
	return -1;
}

const sp_table *sp_catalog_table(const sp_catalog *catalog, const char *name)
{
	int i = sp_catalog_index(catalog, name);

	return i < 0 ? NULL : &catalog->tables[i];
}

const sp_column *sp_table_column(const sp_table *table, const char *name)
{
	int i;

	for (i = 0; i < table->count; i++)
		if (!strcmp(table->columns[i].name, name))
			return &table->columns[i];
	return NULL;
}

void sp_column_or(sp_buf *sql, const sp_table *table, const char *alias, const char *column,
                  const char *otherwise)
{
	if (sp_table_column(table, column))
		sp_buf_addf(sql, "%s.%s", alias, column);
	else
		sp_buf_adds(sql, otherwise);
}

bool sp_table_has_id(const sp_table *table)
{
	const sp_column *id = sp_table_column(table, "id");

	return id && id->form == SP_COLUMN_LITERAL &&
	       (!strcmp(id->base_type, "int2") || !strcmp(id->base_type, "int4") ||
	        !strcmp(id->base_type, "int8"));
}
