/*
 * Makes a row of a package (one line of JSON) from the fields of a COPY row.
 * Values pass as text; references become UUIDs; what is no reference column
 * but holds references is listed beside (`__refs`); secrets stay out.
 */
#ifndef SP_EXPORT_PACK_H
#define SP_EXPORT_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db/db.h"
#include "core/export/layout.h"
#include "core/export/names.h"
#include "core/export/withhold.h"
#include "core/model/identity.h"

typedef struct sp_packer sp_packer;

/* A row, ready for a package; texts are the packer's until the next row. */
typedef struct {
	int kind;
	int64_t id;                   /* 0: the table has none */
	sp_row_uuid uuid;             /* "": none */
	char origin[SP_UUID_LEN + 1]; /* imported_from_uuid, "" */
	const char *line;             /* without line end */
	size_t len;
	const char *large; /* as sp_layout_select() gives it; NULL */
} sp_packed;

/* What all rows so far left out or could not resolve. */
typedef struct {
	uint64_t secrets;    /* members of json columns that are secrets */
	uint64_t withheld;   /* members left out on request */
	uint64_t references; /* references inside columns, listed */
	uint64_t unresolved; /* of them: to rows that don't exist */
	uint64_t dropped;    /* references to rows that are left out */
	uint64_t unsearched; /* texts too large for a line: references in them aren't listed */
} sp_pack_counts;

/* The arguments stay the caller's. `without_caches`: values that dashboards keep
 * of annotations stay out. */
sp_packer *sp_packer_create(const sp_catalog *catalog, sp_identity *identity, const sp_names *names,
                            const sp_withhold *withhold, bool no_authors, bool without_caches,
                            sp_error *err);
void sp_packer_free(sp_packer *packer);

/* `fields`: as sp_layout_select() asks for them. */
bool sp_pack_row(sp_packer *packer, const sp_layout *layout, const sp_field *fields,
                 sp_packed *packed, sp_error *err);

/* The counts so far; the packer's. */
const sp_pack_counts *sp_packer_counts(const sp_packer *packer);

/* Appends a key and its colon, behind a comma where one is due, as rows spell it:
 * a column that begins with "__" gets two more. */
void sp_pack_key(sp_buf *to, const char *name);

#endif
