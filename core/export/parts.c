#include <config.h>

#include "core/export/parts.h"

#include <string.h>

#include "core/export/layout.h"

/* What the entries that any package has take, besides rows; and what one of a
 * kind that only some packages have costs in lists and headers. */
#define BASE_SIZE 8192
#define KIND_SIZE 350

/* What is left of bytes and what a row costs besides, once they are deflated: rows
 * take about a third of what the database holds them in, digits of embeddings
 * less than half of their text, files are mostly compressed already. A row has its
 * line among the origins; an asset, like a file, is an entry, which stands in the
 * directory, the list of entries and the checksums. */
typedef struct {
	int percent, each;
} weight;

static const weight of_rows = { 31, 50 }, of_entries = { 31, 400 }, of_files = { 100, 350 },
					of_embeddings = { 45, 0 };

/* Which part counts rows of a kind. */
static weight weigh(const char *kind, sp_part *part)
{
	*part = SP_PART_RUN;
	if (strcmp(kind, "file") == 0) {
		*part = SP_PART_FILES;
		return of_files;
	}
	if (strcmp(kind, "embedding") == 0) {
		*part = SP_PART_EMBEDDINGS;
		return of_embeddings;
	}
	if (strcmp(kind, sp_entities[SP_ASSET].name) == 0) {
		*part = SP_PART_ASSETS;
		return of_entries;
	}
	if (strcmp(kind, sp_entities[SP_BUNDLE_LINK].name) == 0)
		*part = SP_PART_ASSETS;
	else if (strcmp(kind, sp_entities[SP_CHUNK].name) == 0)
		*part = SP_PART_CHUNKS;
	for (int i = 0; *part == SP_PART_RUN && i < SP_ENTITY_COUNT; i++)
		if (strcmp(kind, sp_entities[i].name) == 0)
			*part = sp_entities[i].travel == SP_TRAVEL_DEPENDENCY ? SP_PART_DEPENDENCIES
			        : sp_entities[i].travel == SP_TRAVEL_DATASET  ? SP_PART_DATASETS
			                                                      : SP_PART_RUN;
	return of_rows;
}

void sp_parts_add(sp_parts *parts, const sp_json *plan)
{
	const sp_json *counts = sp_json_get(plan, "counts"), *bytes = sp_json_get(plan, "bytes");

	parts->packages++;
	for (const sp_json *at = sp_json_first(counts); at; at = sp_json_next(at)) {
		const char *kind = sp_json_key(at);
		int64_t rows = sp_json_int(counts, kind, 0);
		sp_part part;
		weight left = weigh(kind, &part);

		parts->rows[part] += rows;
		parts->bytes[part] += sp_json_int(bytes, kind, 0) * left.percent / 100 + rows * left.each +
		                      (rows > 0 ? KIND_SIZE : 0);
	}
}

int64_t sp_parts_estimate(const sp_parts *parts, const sp_export_options *options)
{
	int64_t sum = parts->packages * BASE_SIZE + parts->bytes[SP_PART_RUN];

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
