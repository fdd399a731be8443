#include <config.h>

#include "core/export/parts.h"

#include <string.h>

#include "core/export/layout.h"

/* The entries that any package has. */
#define BASE_SIZE 4096

/* Which part counts rows of a kind, and how much of their bytes is left once
 * they are deflated: rows take about a quarter of what the database holds them
 * in, digits of embeddings less than half of their text, files are mostly
 * compressed already. */
static void weigh(const char *kind, sp_part *part, int *percent)
{
	*part = SP_PART_RUN;
	*percent = 25;
	if (strcmp(kind, "file") == 0) {
		*part = SP_PART_FILES;
		*percent = 100;
	} else if (strcmp(kind, "embedding") == 0) {
		*part = SP_PART_EMBEDDINGS;
		*percent = 45;
	} else if (strcmp(kind, sp_entities[SP_ASSET].name) == 0 ||
	           strcmp(kind, sp_entities[SP_BUNDLE_LINK].name) == 0) {
		*part = SP_PART_ASSETS;
	} else if (strcmp(kind, sp_entities[SP_CHUNK].name) == 0) {
		*part = SP_PART_CHUNKS;
	}
	for (int i = 0; *part == SP_PART_RUN && i < SP_ENTITY_COUNT; i++)
		if (strcmp(kind, sp_entities[i].name) == 0)
			*part = sp_entities[i].travel == SP_TRAVEL_DEPENDENCY ? SP_PART_DEPENDENCIES
			        : sp_entities[i].travel == SP_TRAVEL_DATASET  ? SP_PART_DATASETS
			                                                      : SP_PART_RUN;
}

void sp_parts_add(sp_parts *parts, const sp_json *plan)
{
	const sp_json *counts = sp_json_get(plan, "counts"), *bytes = sp_json_get(plan, "bytes");

	for (const sp_json *at = sp_json_first(counts); at; at = sp_json_next(at)) {
		const char *kind = sp_json_key(at);
		sp_part part;
		int percent;

		weigh(kind, &part, &percent);
		parts->rows[part] += sp_json_int(counts, kind, 0);
		parts->bytes[part] += sp_json_int(bytes, kind, 0) * percent / 100;
	}
}

int64_t sp_parts_estimate(const sp_parts *parts, const sp_export_options *options)
{
	int64_t sum = BASE_SIZE + parts->bytes[SP_PART_RUN];

	if (options->source_assets) {
		sum += parts->bytes[SP_PART_ASSETS];
		if (options->asset_format != SP_FILES_EXTERNAL)
			sum += parts->bytes[SP_PART_FILES];
		if (options->chunks)
			sum += parts->bytes[SP_PART_CHUNKS];
		if (options->chunks && options->embeddings)
			sum += parts->bytes[SP_PART_EMBEDDINGS];
	}
	if (options->datasets)
		sum += parts->bytes[SP_PART_DATASETS];
	if (options->dependencies)
		sum += parts->bytes[SP_PART_DEPENDENCIES];
	return sum;
}

bool sp_embeddings_count(const sp_selection *selection, sp_share *share, sp_error *err)
{
	const sp_table *chunks = sp_catalog_table(selection->catalog, "assetchunk");
	sp_buf sql = { 0 };
	sp_rows *rows;

	*share = (sp_share){ 0, 0 };
	if (!selection->options->embeddings || !chunks)
		return true;
	sp_buf_adds(&sql, "SELECT sum(q.n), sum(q.bytes)::bigint FROM pg_temp.sp_pick p "
	                  "JOIN LATERAL (SELECT 0 AS n, 0 AS bytes");
	for (int i = 0; i < chunks->count; i++) {
		if (!sp_is_embedding(SP_CHUNK, &chunks->columns[i]))
			continue;
		/* four bytes are some ten digits */
		sp_buf_adds(&sql, " UNION ALL SELECT 1, 2.5 * pg_column_size(t.");
		sp_sql_ident(&sql, chunks->columns[i].name);
		sp_buf_addf(&sql, ") FROM %s t WHERE t.id = p.id AND t.", chunks->quoted);
		sp_sql_ident(&sql, chunks->columns[i].name);
		sp_buf_adds(&sql, " IS NOT NULL");
	}
	sp_buf_addf(&sql, ") q ON true WHERE p.t = %d", sp_kind_table(selection->catalog, SP_CHUNK));
	rows = sp_db_query_buf(selection->db, &sql, 0, NULL, err);
	if (rows) {
		share->rows = sp_rows_int(rows, 0, 0);
		share->bytes = sp_rows_int(rows, 0, 1);
	}
	sp_rows_free(rows);
	return rows != NULL;
}
