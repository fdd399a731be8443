/* The folder of drafts (draft.h), a file each, for the person alone. */
#ifndef SP_UI_DRAFTS_H
#define SP_UI_DRAFTS_H

#include "core/base/json.h"

/*
 * Adds those that are there to the array, the last one first: {"file" (its name),
 * "saved" ("2026-11-21 17:44:00", local time), "draft": {…}}; one that can't be read
 * has "error" instead of "draft". Drafts that nobody has touched for 30 days
 * are removed. No folder is an empty one.
 */
bool sp_drafts_list(const char *folder, sp_json *to, sp_error *err);

/* Writes the draft, whole or not at all, and makes the folder where it isn't. */
bool sp_drafts_keep(const char *folder, const char *file, const char *text, sp_error *err);
/* Removes one; it may be gone already. */
bool sp_drafts_drop(const char *folder, const char *file, sp_error *err);

#endif
