/* The extra fields of an entry's header (APPNOTE 4.5). */
#ifndef SP_PACKAGE_ZIP_EXTRA_H
#define SP_PACKAGE_ZIP_EXTRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a zip64 field holds: eight bytes for each number that its header says
 * to look for there, in their order. */
typedef struct {
	bool has_zip64;
	bool is_odd; /* a harmless field that spaceport doesn't write */
	uint64_t zip64[3];
	int numbers; /* of zip64 */
	/* the name once more, in UTF-8 (4.6.9); NULL: it isn't there. It points into
	 * the bytes that were read, and must be the header's own. */
	const unsigned char *name;
	size_t name_len;
} sp_zip_extra;

/* False where the fields don't fill their bytes exactly, one is there twice,
 * or may change what an entry is (a link, encryption). */
bool sp_zip_extra_read(const unsigned char *bytes, size_t len, sp_zip_extra *extra);

#endif
