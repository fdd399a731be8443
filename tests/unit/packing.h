/* Rows that are packed by hand: a packer on the sample catalog, for tests. */
#ifndef SP_TESTS_UNIT_PACKING_H
#define SP_TESTS_UNIT_PACKING_H

#include "core/export/pack.h"
#include "tests/unit/fakepq.h"
#include "tests/unit/sample.h"

/* UUIDs of rows, as the source has them. */
#define OWN     "0190f3a2-0000-7abc-8def-0123456789ab"
#define ASSET7  "0190f3a2-0007-7abc-8def-0123456789ab"
#define BUNDLE3 "0190f3a2-0003-7abc-8def-0123456789ab"
#define RUN5    "0190f3a2-0005-7abc-8def-0123456789ab"
#define SCHEMA4 "0190f3a2-0004-7abc-8def-0123456789ab"
#define ASSET8  "0190f3a2-0008-7abc-8def-0123456789ab"

/* What a row begins with. */
#define HEAD "{\"id\":\"" OWN "\",\"uuid\":\"" OWN "\""

/*
 * Named are asset 7 and 8, bundle 3, run 5, schema 4 and user 2; left out asset 9,
 * bundle 6 and run 6; all else doesn't exist.
 */
typedef struct {
	sp_db *db;
	sp_identity *identity;
	sp_names *names;
	sp_withhold *withhold;
	sp_packer *packer;
	sp_layout *layout;
	sp_packed row;
	sp_export_options options;
} packing;

/* What the options of an export change here. */
typedef struct {
	bool preserve, no_authors, without_caches;
	const char *withhold; /* SCHEMA.FIELD */
} asked;

/* A value of a column; NULLs are all that isn't given. */
typedef struct {
	const char *column;
	sp_field field;
} given;

#define TEXT(text) { text, sizeof(text) - 1 }
#define INT(byte) { "\0\0\0\0\0\0\0" byte, 8 }

/* Within a script (fakepq.h), which it adds to. */
void packing_begin(packing *b, sp_kind kind, const asked *ask);
void packing_end(packing *b);

/* Resolves a field that is to stay out, of three schemas: 4, "Claims 2.0", with a
 * contract, 40, "Claims 2", without, and 50, "Twice", with one that can't be read. */
sp_withhold *packing_withhold(packing *b, const char *field, sp_error *err);

/* Packs a row into b->row: id 1 and the UUID OWN but where `values` says other
 * ("(id)", "(key)", "(large)"); the list ends with a NULL column. */
bool packing_pack(packing *b, const given *values, sp_error *err);
/* … and expects this line. */
void packing_expect(packing *b, const given *values, const char *expected);

#endif
