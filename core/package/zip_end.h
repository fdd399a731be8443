/* The end of a ZIP: where its directory is, and how many entries it has. */
#ifndef SP_PACKAGE_ZIP_END_H
#define SP_PACKAGE_ZIP_END_H

#include <stdbool.h>
#include <stdint.h>

#include "core/package/check.h"

typedef struct {
	uint64_t count;
	uint64_t directory, directory_end; /* offsets */
} sp_zip_end;

/* Reads the end records of a file of `size` bytes (APPNOTE 4.3.14 to 4.3.16)
 * and checks that they agree with each other and end where the file does. */
bool sp_zip_end_read(int fd, uint64_t size, sp_checking *check, sp_zip_end *end, sp_error *err);

#endif
