/* A temporary folder for a test, and files in it. */
#ifndef SP_TESTS_UNIT_TEMP_H
#define SP_TESTS_UNIT_TEMP_H

#include <stdbool.h>
#include <stddef.h>

/* Makes a folder for the test program and enters it; removes it with all that
 * is in it. cmocka's group setup and teardown. */
int temp_enter(void **state);
int temp_leave(void **state);

/* Writes a file; the test fails where that can't be done. */
void temp_write(const char *path, const void *data, size_t len);
/* A file's bytes (freed by the caller) and their number; NULL: isn't there. */
char *temp_read(const char *path, size_t *len);
bool temp_exists(const char *path);
/* Entries of a folder, without "." and "..". */
int temp_count(const char *folder);
/* Removes all from the current folder. */
void temp_clear(void);

#endif
