/* The walk's own, for the two files that it is made of. */
#ifndef SP_PACKAGE_INTERNAL_H
#define SP_PACKAGE_INTERNAL_H

#include "core/base/file.h"
#include "core/package/seen.h"
#include "core/package/signature.h"
#include "core/package/versions.h"
#include "core/package/walk.h"
#include "core/package/zip_read.h"

#define SP_MAX_KINDS 256

struct sp_walk {
	sp_checking *check;
	const sp_format *format;
	void *reading; /* the format's */
	const sp_walk_watcher *watchers[SP_WALK_WATCHERS];
	int watcher_count;
	sp_zip_reader *zip;
	sp_sha256 *sha;
	sp_row_check *rows;
	char *data;
	int64_t file_size;
	sp_seen *seen;            /* the entries in the file */
	sp_spool *entries, *sums; /* the two lists, as they are in the file */
	bool bad_entries;         /* the first of them was told to be none */
	sp_buf manifest_text;
	sp_says says;
	sp_reads reads; /* of spaceport's own format: how much of it is understood */
	int next;         /* of the last entries, the one that comes next */
	unsigned closing; /* a bit for each that has come */
	bool told_order;
	bool has_info;      /* compatibility/version_info.json */
	bool has_signature; /* an entry, of so many bytes */
	uint64_t signature_size;
	unsigned char signature_bytes[SP_SIGNATURE_LEN];
	sp_signature signature; /* what came out */
	uint64_t last_number; /* of the entry that was asked for last */
	sp_buf last_path;
	uint64_t bytes;
	uint64_t line; /* bytes of a list's line so far */
	sp_tally kinds[SP_MAX_KINDS];
	int kind_count;
};

/* The signature and the manifest's word of it, against checksums.sha256. */
bool sp_walk_check_signature(sp_walk *walk, sp_error *err);
/* Of this kind; a new one where there is none. NULL and an error: too many. */
sp_tally *sp_walk_find_kind(sp_walk *walk, const char *kind, sp_error *err);

#endif
