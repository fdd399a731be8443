/* What an entry's name may be. */
#ifndef SP_PACKAGE_ZIP_NAME_H
#define SP_PACKAGE_ZIP_NAME_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
	SP_NAME_PLAIN, /* a-z A-Z 0-9 _ . - and / */
	SP_NAME_ODD,   /* harmless, but not a name of this format */
	SP_NAME_BAD    /* could lead elsewhere, or means different things to different programs */
} sp_name_verdict;

/*
 * Relative, of parts of 1 to 255 bytes without "." and "..", without control
 * bytes, backslashes and colons, at most 4096 bytes. One slash at the end (a
 * folder) is taken. What is beyond ASCII must be UTF-8 without characters that
 * steer a terminal; where it isn't marked as that (`is_utf8`), litter and the
 * first folder may hold the bytes of any encoding: the first isn't read, the
 * second may be a folder around the package, whose name a person made.
 * *why: untranslated, where it is bad.
 */
sp_name_verdict sp_zip_name_check(const char *name, size_t len, bool is_utf8, const char **why);

/* What operating systems and packing programs leave behind: .DS_Store,
 * __MACOSX, META-INF, … */
bool sp_zip_name_is_litter(const char *name, size_t len);

#endif
