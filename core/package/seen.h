/*
 * The entries that were found in a package, in a spool: memory doesn't grow
 * with them.
 */
#ifndef SP_PACKAGE_SEEN_H
#define SP_PACKAGE_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/hash.h"

typedef struct sp_seen sp_seen;

typedef struct {
	const char *path; /* the seen's until the next call */
	uint64_t size;
	int64_t rows; /* -1: none */
	char sha256[SP_SHA256_HEX + 1];
} sp_seen_entry;

/* Starts empty; NULL and an error where it can't. */
sp_seen *sp_seen_create(sp_error *err);
/* Frees it and its temporary files; may be NULL. */
void sp_seen_free(sp_seen *seen);

/* Before the first rewind only. The path must be one without line ends. */
bool sp_seen_add(sp_seen *seen, const sp_seen_entry *entry, sp_error *err);
uint64_t sp_seen_count(const sp_seen *seen);

/* From the first on, in the order in which they were added; *more false at
 * the end. */
bool sp_seen_rewind(sp_seen *seen, sp_error *err);
bool sp_seen_next(sp_seen *seen, sp_seen_entry *entry, bool *more, sp_error *err);

/* The one with this number (from 0 on); numbers that rise are found on one way
 * through. SP_FAILED where there is none. */
bool sp_seen_at(sp_seen *seen, uint64_t number, sp_seen_entry *entry, sp_error *err);

/* The first entry of this path, where there is one. */
bool sp_seen_find(sp_seen *seen, const char *path, sp_seen_entry *entry, bool *found,
                  sp_error *err);

#endif
