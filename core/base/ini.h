/* Settings in INI files: sections, keys, values (read by libinih). */
#ifndef SP_BASE_INI_H
#define SP_BASE_INI_H

#include <stdbool.h>

#include "core/base/error.h"

/* A value; false ends the reading. A line that begins with blanks goes on with
 * the key before: it comes with that key once more. */
typedef bool sp_ini_fn(void *ctx, const char *section, const char *key, const char *value,
                       sp_error *err);

/*
 * Reads a file; one that isn't there is an empty one. Comments begin with "#"
 * or ";" at the start of a line, or with " ;" behind a value. SP_USAGE, with the number of the line
 * and never with what it says, where the file isn't in that form.
 */
bool sp_ini_read(const char *path, sp_ini_fn *fn, void *ctx, sp_error *err);

/*
 * For who has the lines already: libinih's ini_parse_stream() with the same
 * settings. `feed` is like fgets(); `take` gets (to, section, key, value). 0, a
 * negative number for a lack of memory, else the number of the first line that
 * isn't in that form.
 */
typedef char *sp_ini_feed(char *text, int size, void *from);
typedef int sp_ini_take(void *to, const char *section, const char *key, const char *value);
int sp_ini_parse(sp_ini_feed *feed, void *from, sp_ini_take *take, void *to);
/* Bytes that a line may have. */
int sp_ini_longest(void);

#endif
