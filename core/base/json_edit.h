/*
 * Changes in a JSON text, at places told by JSON Pointers (RFC 6901), in one walk without a tree:
 * all else is written token for token as it stands. The text must be one that sp_scan takes.
 */
#ifndef SP_BASE_JSON_EDIT_H
#define SP_BASE_JSON_EDIT_H

#include "core/base/members.h"

typedef struct {
	const char *pointer; /* the member that goes; with a key: the object that gets one more */
	const char *key;     /* unescaped; NULL: the member goes */
	sp_span value;       /* of the new one, as JSON */
	bool done;           /* afterwards; false: no such place, or it has such a member */
	bool taken;          /* it has such a member */
} sp_json_edit;

/* Appends the text as it becomes to `to`. No two edits are for one pointer and key. They are
 * sorted. False: memory. */
bool sp_json_edit_text(const char *text, size_t len, sp_json_edit *edits, size_t count, sp_buf *to,
                       sp_error *err);

#endif
