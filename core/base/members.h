/*
 * What stands in a JSON object or array, as pieces of its text: nothing is spelt anew that
 * isn't changed. The text must be one that sp_scan (scan.h) takes, and outlive them.
 */
#ifndef SP_BASE_MEMBERS_H
#define SP_BASE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/error.h"

typedef struct {
	const char *text;
	size_t len;
} sp_span;

/* A member of an object, or an item of an array, which has no key. */
typedef struct {
	sp_span key, value;    /* the key with its quotes */
	size_t name, name_len; /* the key unescaped: sp_members_name() */
} sp_member;

/* Start with zeroes, free with sp_members_free(). */
typedef struct {
	sp_member *all;
	size_t count, room;
	sp_buf names;
	size_t *sorted; /* numbers, by name */
} sp_members;

/* All of an object or an array; of what is neither, none. False: memory. */
bool sp_members_read(sp_members *members, const char *text, size_t len, sp_error *err);
void sp_members_free(sp_members *members);

/* NUL-terminated, though it may hold NULs. */
const char *sp_members_name(const sp_members *members, size_t number);
/* The number of the first of a name; members->count: there is none. */
size_t sp_members_find(const sp_members *members, const char *name, size_t len);

/* Without white space around it. */
sp_span sp_span_trimmed(const char *text, size_t len);

#endif
