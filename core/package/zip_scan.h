/*
 * Reads the structure of a ZIP (PKWARE APPNOTE 6.3.10, with zip64) strictly:
 * entries, their headers, data and descriptors, the directory and its end must
 * tile the file from its first byte to its last, in one order, and say the
 * same wherever they say it twice. Nothing is unpacked here.
 *
 * There is one scan and two profiles. A file in which nothing was found is
 * native. What another program's packing brings about (a folder around it all,
 * folders as entries, comments, litter, …; sp_found_kinds has the list, as
 * SP_WEIGHT_TOLERATED) makes it foreign; everything else is damage in both.
 *
 * Memory doesn't grow with the number of entries.
 */
#ifndef SP_PACKAGE_ZIP_SCAN_H
#define SP_PACKAGE_ZIP_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/package/check.h"

typedef struct sp_zip_scan sp_zip_scan;

/* An entry that holds a file. */
typedef struct {
	const char *path;      /* without a root folder; the scan's until the next */
	bool is_deflated;      /* else stored */
	uint64_t data;         /* where its bytes begin in the file */
	uint64_t packed, size; /* bytes in the file, and unpacked */
	uint32_t crc;          /* of the unpacked */
} sp_zip_item;

/*
 * Scans the whole file behind `fd`, which stays the caller's and is only read,
 * at any offset. NULL and an error where it is damaged (SP_BAD_PACKAGE; the
 * check was told), can't be read or is no regular file, or the job was
 * cancelled.
 */
sp_zip_scan *sp_zip_scan_open(int fd, sp_checking *check, sp_error *err);
void sp_zip_scan_free(sp_zip_scan *scan);

/* How many entries the directory has, litter and folders included. */
uint64_t sp_zip_scan_count(const sp_zip_scan *scan);

/* The files in their order, without folders and litter; path NULL at the end. */
bool sp_zip_scan_next(sp_zip_scan *scan, sp_zip_item *item, sp_error *err);
/* The file of this path (the caller's), wherever it stands; path NULL: there is
 * none. Afterwards the first file comes next again. */
bool sp_zip_scan_find(sp_zip_scan *scan, const char *path, sp_zip_item *item, sp_error *err);

/* False where the file isn't any more what it was when it was scanned. */
bool sp_zip_scan_unchanged(const sp_zip_scan *scan, sp_error *err);

#endif
