/* What each fuzz target is: a function that is given an input, and stops the
 * program where something doesn't hold. The driver calls it. */
#ifndef SP_TESTS_FUZZ_DRIVER_H
#define SP_TESTS_FUZZ_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/json.h"
#include "core/package/check.h"

/* One input; whatever it is, the function returns. */
void fuzz_one(const unsigned char *data, size_t len);

/* Stops the program, which counts as a crash, where it doesn't hold. */
void fuzz_expect(bool holds, const char *what);

/* A file in memory, the same at each call, that holds these bytes. */
int fuzz_file(const void *data, size_t len);

/*
 * Validates and inspects the file, and expects of both what holds for any
 * file: an answer, a text with each finding, the same verdict.
 */
sp_code fuzz_validate(int fd);

#endif
