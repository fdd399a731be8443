#include <config.h>

#include "tests/fuzz/driver.h"

/* A file: the scan of its structure, and validation as a whole. */
void fuzz_one(const unsigned char *data, size_t len)
{
	fuzz_validate(fuzz_file(data, len));
}
