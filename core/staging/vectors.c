#include <config.h>

#include "core/staging/vectors.h"

#include <inttypes.h>
#include <string.h>

#include "core/model/vector.h"
#include "core/package/places.h"
#include "core/staging/typed.h"

static bool are_there(const sp_staging *staging)
{
	const sp_staged_kind *staged;

	for (int i = 0; (staged = sp_staging_kind(staging, i)); i++)
		if (!strcmp(staged->kind, SP_KIND_EMBEDDING))
			return staged->rows > 0;
	return false;
}

static bool make_vectors(sp_staging *staging, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_staging_make(staging, "vector", NULL, &sql);
	sp_buf_adds(&sql, " AS SELECT w.number, r.id, coalesce(r.\"column\", '') AS source,"
	                  " CASE WHEN json_typeof(r.embedding) = 'array' THEN"
	                  " json_array_length(r.embedding)::bigint ELSE 0 END AS dimension,"
	                  " r.embedding::text AS value FROM ");
	sp_staging_table(staging, "raw", SP_KIND_EMBEDDING, &sql);
	sp_buf_adds(&sql, " w, json_to_record(w.body::json) AS r (id text, \"column\" text, embedding"
	                  " json); ANALYZE ");
	sp_staging_table(staging, "vector", NULL, &sql);
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

/* The one of several that takes them best; NULL: none does. */
static const sp_column *best_of(const sp_table *chunks, const char *source, int64_t dimension)
{
	const sp_column *best = NULL;
	int rank = 0;

	for (int i = 0; chunks && i < chunks->count; i++) {
		const sp_column *column = &chunks->columns[i];
		int its = sp_vector_rank(column->name, column->type, source, dimension);

		if (its > rank) {
			best = column;
			rank = its;
		}
	}
	return best;
}

/* Appends ", ('the column there', dimension, 'the key here')". */
static bool add_place(sp_staging *staging, const sp_column *column, const sp_rows *rows, int row,
                      sp_buf *places, sp_error *err)
{
	sp_buf key = { 0 };
	bool ok;

	sp_column_key(&key, column);
	ok = (!key.failed || sp_fail_memory(err)) &&
	     sp_staging_apart(staging, SP_CHUNK, sp_buf_text(&key), sp_rows_int(rows, row, 2), err);
	sp_buf_adds(places, ", (");
	sp_sql_literal(places, sp_rows_get(rows, row, 0));
	sp_buf_addf(places, ", %" PRId64 ", ", sp_rows_int(rows, row, 1));
	sp_sql_literal(places, sp_buf_text(&key));
	sp_buf_addc(places, ')');
	sp_buf_free(&key);
	return ok;
}

static bool find_places(sp_staging *staging, const sp_table *chunks, sp_buf *places, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	bool ok = true;

	sp_buf_adds(&sql, "SELECT source, dimension, count(*) FROM ");
	sp_staging_table(staging, "vector", NULL, &sql);
	sp_buf_adds(&sql, " GROUP BY 1, 2 ORDER BY 1, 2");
	if (!(rows = sp_db_query_buf(sp_staging_db(staging), &sql, 0, NULL, err)))
		return false;
	for (int i = 0; ok && i < sp_rows_count(rows); i++) {
		const sp_column *column =
			best_of(chunks, sp_rows_get(rows, i, 0), sp_rows_int(rows, i, 1));

		ok = !column || add_place(staging, column, rows, i, places, err);
	}
	sp_rows_free(rows);
	return ok;
}

/* Where two of a chunk's are for one column here, its own goes there, else the first. */
static bool make_places(sp_staging *staging, const sp_buf *places, sp_error *err)
{
	sp_buf sql = { 0 };

	sp_staging_make(staging, "place", NULL, &sql);
	sp_buf_addf(&sql,
	            " AS SELECT DISTINCT ON (v.id, p.key) v.number, p.key FROM (VALUES (NULL::text,"
	            " NULL::bigint, NULL::text)%s) AS p (source, dimension, key) JOIN ",
	            sp_buf_text(places));
	sp_staging_table(staging, "vector", NULL, &sql);
	sp_buf_adds(&sql, " v USING (source, dimension) ORDER BY v.id, p.key, v.source <> p.key,"
	                  " v.source, v.number; ANALYZE ");
	sp_staging_table(staging, "place", NULL, &sql);
	sql.failed = sql.failed || places->failed;
	return sp_db_exec_buf(sp_staging_db(staging), &sql, err);
}

static bool check_single(sp_staging *staging, sp_error *err)
{
	sp_buf sql = { 0 };
	sp_rows *rows;
	int count;

	sp_buf_adds(&sql, "SELECT id, source FROM ");
	sp_staging_table(staging, "vector", NULL, &sql);
	sp_buf_adds(&sql, " GROUP BY id, source HAVING count(*) > 1 ORDER BY min(number) LIMIT 1");
	if (!(rows = sp_db_query_buf(sp_staging_db(staging), &sql, 0, NULL, err)))
		return false;
	count = sp_rows_count(rows);
	if (count)
		sp_fail(err, SP_BAD_PACKAGE, N_("Ask whoever made the package for another one."),
		        N_("the chunk %s has two vectors in the column %s"), sp_rows_get(rows, 0, 0),
		        sp_rows_get(rows, 0, 1));
	sp_rows_free(rows);
	return !count;
}

bool sp_vectors_place(sp_staging *staging, const sp_catalog *catalog, sp_error *err)
{
	int table = sp_kind_table(catalog, SP_CHUNK);
	const sp_table *chunks =
		table >= 0 && sp_staging_find(staging, SP_CHUNK) ? &catalog->tables[table] : NULL;
	sp_buf places = { 0 };
	bool ok;

	if (!are_there(staging))
		return true;
	ok = make_vectors(staging, err) && check_single(staging, err) &&
	     find_places(staging, chunks, &places, err) && make_places(staging, &places, err);
	sp_buf_free(&places);
	return ok;
}

void sp_vectors_leave(sp_staging *staging)
{
	const sp_staged_kind *chunks = sp_staging_find(staging, SP_CHUNK);

	for (int i = 0; chunks && i < chunks->count; i++)
		if (chunks->columns[i].apart)
			sp_staging_unasked(staging, SP_CHUNK, chunks->columns[i].name);
}

void sp_vectors_lost(const sp_staging *staging, sp_buf *sql)
{
	sp_buf_adds(sql, "SELECT v.source, count(*) FROM ");
	sp_staging_table(staging, "vector", NULL, sql);
	sp_buf_adds(sql, " v LEFT JOIN ");
	sp_staging_table(staging, "place", NULL, sql);
	sp_buf_adds(sql, " p USING (number) WHERE p.key IS NULL GROUP BY 1 ORDER BY 1");
}
