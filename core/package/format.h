/*
 * The formats that a package can have: spaceport's own, HQ's own, the universal
 * one. Each says how to know it, and reads along on the one walk (walk.h): what
 * its entries hold, and whether that is what such a package promises.
 */
#ifndef SP_PACKAGE_FORMAT_H
#define SP_PACKAGE_FORMAT_H

#include <stdbool.h>

#include "core/base/json.h"
#include "core/base/scan.h"
#include "core/package/check.h"
#include "core/package/zip_read.h"

typedef struct sp_walk sp_walk;

typedef struct {
	const char *name; /* in results: "spaceport", "hq", "universal" */

	/* Whether a manifest.json with this key at its first level is one of this
	 * format, and of no other. */
	bool (*has_key)(const sp_scan *key);
	/* Whether the entry is JSON as its name says (*.json, *.jsonl), and not
	 * somebody's file; *is_data: a database is to take it. */
	bool (*is_json)(const char *path, bool *is_data);

	/* Makes ready to read along. `deep`: compares references, counts, files, too;
	 * else only what is needed to show it. NULL and an error: no memory or disk. */
	void *(*begin)(sp_walk *walk, sp_checking *check, bool deep, sp_error *err);
	/* After all was read: tells the check what can only be told then. */
	bool (*end)(void *reading, sp_error *err);
	/* Appends to `result` what it says it is; false: memory. */
	bool (*about)(void *reading, sp_json *result);
	void (*free)(void *reading);
} sp_format;

extern const sp_format sp_format_own, sp_format_hq, sp_format_universal;

/* By what the package holds, not by its name; what nobody knows is taken for
 * spaceport's own, so that what is missing there is told. NULL and an error where
 * it can't be read. */
const sp_format *sp_format_find(sp_zip_reader *zip, sp_error *err);

#endif
