/*
 * Who names whom in a package whose format has no lists of its own: rows by
 * their UUIDs, files by their paths and hashes. It gathers while the walk reads,
 * and compares at the end. Memory doesn't grow with the package.
 */
#ifndef SP_PACKAGE_LINKS_H
#define SP_PACKAGE_LINKS_H

#include "core/package/walk.h"

typedef struct sp_links sp_links;

/* NULL and an error where it can't. */
sp_links *sp_links_create(sp_walk *walk, sp_checking *check, sp_error *err);
void sp_links_free(sp_links *links);

/*
 * While tokens are told; errors are kept for sp_links_go_on(). `number`: of the
 * entry that is being read. A kind is a word of at most 15 letters that stays.
 */
void sp_links_entry(sp_links *links, uint64_t number);
/* A row is there; false where the text is no UUID. */
bool sp_links_row(sp_links *links, const char *kind, const char *uuid, size_t len);
/* A row is named. `surely`: it is damage where it isn't there, else a doubt. What
 * is no UUID is left. */
void sp_links_name(sp_links *links, const char *kind, const char *uuid, size_t len, bool surely);
/* An entry is named. */
void sp_links_file(sp_links *links, const char *path, size_t len);
/* Of this entry somebody says that this is its SHA-256, in hexadecimal digits. */
void sp_links_hash(sp_links *links, const char *path, size_t len, const char *sha256);

/* False where an error was kept: hands it over. */
bool sp_links_go_on(sp_links *links, sp_error *err);

/* After all was read: tells of whom isn't there, and of entries whose hash is
 * another. `unnamed`: also of entries that nobody names, but for those that
 * `is_own` (may be NULL) knows. */
bool sp_links_end(sp_links *links, bool unnamed, bool (*is_own)(const char *path), sp_error *err);

#endif
