/*
 * What the formats that others write (hq.c, universal.c) have in common: nobody
 * lists their entries, so it is gathered who names whom, and what they say of
 * themselves is passed on as texts.
 */
#ifndef SP_PACKAGE_FOREIGN_H
#define SP_PACKAGE_FOREIGN_H

#include "core/package/links.h"

typedef struct {
	sp_walk *walk;
	sp_checking *check;
	bool deep; /* references, files and hashes are compared at the end */
	sp_links *links;
	sp_json *metadata;
	int metadata_count;
	sp_error error; /* kept while tokens are told */
} sp_foreign;

/* False and an error: no memory or disk. To be cleared in any case. */
bool sp_foreign_begin(sp_foreign *foreign, sp_walk *walk, sp_checking *check, bool deep,
                      sp_error *err);
void sp_foreign_clear(sp_foreign *foreign);

/* While tokens are told: something was found there; errors are kept. */
void sp_foreign_tell(sp_foreign *foreign, sp_found_id id, const char *what);
/* What it says of itself, but for what seems to be a secret and what is too much. */
void sp_foreign_say(sp_foreign *foreign, const char *key, const char *value, size_t len);
/* False where an error was kept: hands it over. */
bool sp_foreign_go_on(sp_foreign *foreign, sp_error *err);

/* Appends "format", "format_version" (NULL: not told) and "metadata", which it
 * hands over; false: memory. */
bool sp_foreign_about(sp_foreign *foreign, const char *format, const char *version,
                      sp_json *result);

#endif
