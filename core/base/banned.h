/*
 * Included at the end of config.h, and so by every source file: functions
 * that write without knowing how much room there is, or that run a shell,
 * don't compile. What is poisoned can't be declared any more, so the headers
 * that declare it come first.
 */
#ifndef SP_BASE_BANNED_H
#define SP_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* macros with some compilers, where glibc checks buffers */
#undef sprintf
#undef vsprintf
#pragma GCC poison gets popen sprintf strcat strcpy strncat strncpy system vsprintf

#endif
