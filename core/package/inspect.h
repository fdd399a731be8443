/*
 * Reads a package of spaceport's own format from its first byte to its last
 * and checks that it is whole: each entry against its CRC, checksums.sha256
 * and entries.jsonl (size, SHA-256, rows), both lists against the entries
 * (order, nothing missing, nothing extra), no name twice (also where only the
 * case of letters differs), entries.jsonl against manifest.json. No database;
 * of the memory only libarchive's directory grows, by some 150 bytes an entry.
 */
#ifndef SP_PACKAGE_INSPECT_H
#define SP_PACKAGE_INSPECT_H

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/job/job.h"

/*
 * What is in the package behind `fd` (the caller's), whose name for errors is
 * `name`:
 *
 *   {"format", "format_version", "file_size", "entries", "bytes" (unpacked),
 *    "counts": {kind: {"entries", "rows", "bytes"}}, "manifest": {...}}
 *
 * "rows" is there for kinds that have rows. The caller frees it. NULL and
 * SP_BAD_PACKAGE (naming the entry), SP_INCOMPATIBLE (another format, or a
 * version that is newer), SP_INTERRUPTED or SP_FAILED.
 */
sp_json *sp_inspect(int fd, const char *name, sp_job *job, sp_error *err);

#endif
