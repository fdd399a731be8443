/* The walk's own, for the two files that it is made of. */
#ifndef SP_PACKAGE_INTERNAL_H
#define SP_PACKAGE_INTERNAL_H

#include "core/base/file.h"
#include "core/package/seen.h"
#include "core/package/walk.h"
#include "core/package/zip_read.h"

#define SP_MAX_KINDS 256

struct sp_walk {
	sp_checking *check;
	const sp_walk_watcher *watcher;
	sp_zip_reader *zip;
	sp_sha256 *sha;
	sp_row_check *rows;
	char *data;
	int64_t file_size;
	sp_seen *seen;            /* the entries in the file */
	sp_spool *entries, *sums; /* the two lists, as they are in the file */
	bool bad_entries;         /* the first of them was told to be none */
	sp_buf manifest_text;
	sp_json *manifest;
	bool is_known;
	sp_json *version_info; /* read ahead; what follows from it and the manifest */
	bool is_understood;
	int next;         /* of the last three entries, the one that comes next */
	unsigned closing; /* a bit for each that has come */
	bool told_order;
	uint64_t bytes;
	sp_tally kinds[SP_MAX_KINDS];
	int kind_count;
};

#endif
