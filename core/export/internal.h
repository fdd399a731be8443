/* What the parts of an export share. Included by core/export only. */
#ifndef SP_EXPORT_INTERNAL_H
#define SP_EXPORT_INTERNAL_H

#include "core/access/access.h"
#include "core/db/catalog.h"
#include "core/export/blobs.h"
#include "core/export/export.h"
#include "core/export/names.h"
#include "core/export/pack.h"
#include "core/export/select.h"
#include "core/model/identity.h"
#include "core/package/own_write.h"
#include "core/store/store.h"

struct sp_export {
	const sp_export_settings *settings;
	sp_job *job;
	sp_db *db;
	sp_store *store; /* NULL: none */
	sp_catalog *catalog;
	sp_actor *actor;
	sp_identity *identity;
	bool in_snapshot;
	sp_selection selection; /* of the plan */
	sp_blob_counts blobs;
	sp_share embeddings;
	sp_json *plan;     /* owned */
	sp_json *manifest; /* owned */
	sp_rows *found;    /* of the last find */
	sp_error note;     /* about the record of what was written last */
};

/* A package on its way. */
typedef struct {
	sp_export *export;
	sp_package *package;
	sp_packer *packer;
	sp_spool *mapping;      /* lines of instance_mapping */
	uint64_t mapped;        /* how many */
	sp_spool *inline_notes; /* justifications found inside values */
	uint64_t inline_count;
	sp_spool *large; /* texts that get an entry of their own */
	uint64_t large_count;
	sp_json *left_out;
	sp_json *columns; /* {kind: [name]} that rows were read with */
	int64_t rows[SP_ENTITY_COUNT]; /* written */
	int64_t externals;
} sp_writing;

/* Writes every entry but those that close a package. */
bool sp_write_entries(sp_writing *writing, sp_error *err);

/* Notes a row in the mapping. */
bool sp_map_row(sp_writing *writing, const sp_packed *row, sp_error *err);
/* Writes compatibility/instance_mapping.json, and its lines. */
bool sp_write_mapping(sp_writing *writing, sp_error *err);

/* Writes assets/files, or notes in a metadata row where its file is. */
bool sp_write_files(sp_writing *writing, sp_error *err);
/* Ends a row of an asset: `line` without its last brace, `asset` and `size`
 * as pg_temp.sp_file has them (NULL fields: no file). */
bool sp_write_asset(sp_writing *writing, const sp_packed *row, const sp_field *extra,
                    sp_error *err);
/* Writes assets/embeddings. */
bool sp_write_embeddings(sp_writing *writing, sp_error *err);

/* "texts/…" entries of texts too large for a line: the member to add to the
 * row that has them, and the entries themselves. */
bool sp_note_large(sp_writing *writing, const sp_packed *row, sp_buf *member, sp_error *err);
bool sp_write_large(sp_writing *writing, sp_error *err);

#endif
