/*
 * Files that are whole or not there: a temporary name in the same folder,
 * locked while it is written, fsynced, renamed, the folder fsynced.
 */
#ifndef SP_BASE_FILE_H
#define SP_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

typedef struct sp_out sp_out;

/*
 * Opens a file that will be `path`, mode 0600, or standard output where path
 * is "-". Sweeps leftovers of earlier runs in that folder first: temporary
 * files of ours that nobody holds a lock on. Without `force` an existing
 * `path` is refused (SP_USAGE), here and again at the end; with it, only a
 * regular file is replaced. A pipe that breaks is an error where the program
 * ignores SIGPIPE, as it should.
 */
sp_out *sp_out_open(const char *path, bool force, sp_error *err);
bool sp_out_write(sp_out *out, const void *data, size_t len, sp_error *err);
uint64_t sp_out_size(const sp_out *out);
/* Where the output isn't a file, a reader that has stopped reading would hold
 * up a write for ever: `stop` is asked a few times a second while one waits,
 * by the thread that writes; true ends it with SP_INTERRUPTED. */
typedef bool sp_stop_fn(const void *ctx);
void sp_out_stop_when(sp_out *out, sp_stop_fn *stop, const void *ctx);
/* fsync, rename, fsync of the folder, close; after false nothing is at `path`
 * that wasn't there before, unless an older file had been replaced when the
 * folder's fsync failed. Frees `out` in any case. */
bool sp_out_commit(sp_out *out, sp_error *err);
/* Removes the temporary file and frees `out` (which may be NULL). */
void sp_out_discard(sp_out *out);

/*
 * The same in an open folder (the descriptor is duplicated): `name` without
 * slashes, `mode` whatever the umask. Never replaces anything, sweeps nothing.
 */
sp_out *sp_out_open_at(int folder, const char *name, mode_t mode, sp_error *err);
/* Removes leftovers of earlier runs in an open folder, see above. What can't
 * be removed stays: it harms nobody. */
void sp_out_sweep(int folder);

/* Makes the folders that the file `path` is to stand in, where they aren't there
 * yet, with `mode` as the umask leaves it; they outlast a power cut. Two
 * programs may do so at once. */
bool sp_folders_make(const char *path, mode_t mode, sp_error *err);

/* Reads up to `len` bytes at `offset` of an open file, fewer only at its end;
 * the descriptor's own position stays. `name` is for errors. */
bool sp_read_at(int fd, const char *name, void *data, size_t len, uint64_t offset, size_t *got,
                sp_error *err);

/*
 * A spool: an unnamed temporary file, written first, then read from its
 * start. It lies in the folder of `beside` (a path; "-" or NULL: TMPDIR or
 * /tmp), and is gone however the process ends.
 */
typedef struct sp_spool sp_spool;

/* NULL and an error where no file can be made. */
sp_spool *sp_spool_create(const char *beside, sp_error *err);
/* Buffered; errors may show at a later call or at the rewind. */
bool sp_spool_write(sp_spool *spool, const void *data, size_t len, sp_error *err);
uint64_t sp_spool_size(const sp_spool *spool);
bool sp_spool_rewind(sp_spool *spool, sp_error *err);
/* Reads up to len bytes; *got 0 at the end. */
bool sp_spool_read(sp_spool *spool, void *data, size_t len, size_t *got, sp_error *err);
/* Exactly len bytes; false at the end, too (look at err). */
bool sp_spool_get(sp_spool *spool, void *data, size_t len, sp_error *err);
/* The next line without its line end, NULL at the end or on error (look at
 * err); owned by the spool until the next call. */
char *sp_spool_line(sp_spool *spool, size_t *len, sp_error *err);
/* All of it, after the first rewind, for readers that need it in one piece: the
 * file's own pages, which the system can take back, not memory of ours. The
 * spool's until it is reset or freed. NULL and an error where that can't be. */
const void *sp_spool_map(sp_spool *spool, sp_error *err);
/* Empties it, so that it can be written anew. */
bool sp_spool_reset(sp_spool *spool, sp_error *err);
void sp_spool_free(sp_spool *spool);

#endif
