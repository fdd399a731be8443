/*
 * Writes a package of spaceport's own format: entries in their order, and at
 * the end what lists and seals them (entries.jsonl, manifest.json,
 * checksums.sha256, its signature). Memory doesn't grow with the number of entries.
 */
#ifndef SP_PACKAGE_OWN_WRITE_H
#define SP_PACKAGE_OWN_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/sign.h"
#include "core/package/zip_write.h"

#define SP_FORMAT         "spaceport"
#define SP_FORMAT_VERSION "1.0"

typedef struct sp_package sp_package;

/* `out` stays the caller's; `path` is where it will be ("-": standard output). */
sp_package *sp_package_create(sp_out *out, const char *path, int level, sp_error *err);
void sp_package_free(sp_package *package);

/* One entry at a time. `kind`: the word for what it holds. `size`: bytes, -1
 * where not known. */
bool sp_package_open(sp_package *package, const char *path, const char *kind, int64_t size,
                     bool store, sp_error *err);
bool sp_package_write(sp_package *package, const void *data, size_t len, sp_error *err);
/* `rows`: how many rows it holds, -1 where it holds none. `result`: may be NULL. */
bool sp_package_close(sp_package *package, int64_t rows, sp_zip_result *result, sp_error *err);

/* Open, write, close. */
bool sp_package_entry(sp_package *package, const char *path, const char *kind, const void *data,
                      size_t len, int64_t rows, sp_error *err);

/* Entries so far. */
uint64_t sp_package_entries(const sp_package *package);

/* Has it signed at its end; the key stays the caller's until then. */
void sp_package_sign(sp_package *package, const sp_private_key *key);

/* Writes the last entries; `manifest` gets a member "entries", and "signature"
 * where it is to be signed. */
bool sp_package_finish(sp_package *package, sp_json *manifest, sp_error *err);

#endif
