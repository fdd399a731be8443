/*
 * A draft: answers that haven't become packages yet, as they are kept until the
 * next time. JSON:
 *
 *   {"draft": 1, "instance" (its name), "step": "runs"|"options"|"preview",
 *    "infospace": {"uuid", "name"},
 *    "runs": [{"uuid", "id", "name", "annotations", "assets", "file"}],
 *    "options": {name: value, where it isn't the default}, "folder", "check"}
 */
#ifndef SP_UI_DRAFT_H
#define SP_UI_DRAFT_H

#include "ui/answers.h"
#include "ui/keys.h"

/* Appends the draft; nothing where nothing is worth keeping: no run is picked,
 * or the instance has no name (only that is written down, never what connects
 * to it). */
void sp_draft_write(const sp_ui_setup *setup, const sp_answers *answers, sp_screen_id step,
                    sp_buf *to);

/* True, or false and an error: it has all that a draft must have. */
bool sp_draft_check(const sp_json *draft, sp_error *err);

/* Takes answers and step over. False and an error where it isn't such a draft, or
 * its instance isn't there any more; the answers stay then. */
bool sp_draft_read(const sp_ui_setup *setup, const sp_json *draft, sp_answers *answers,
                   sp_screen_id *step, sp_error *err);

/* The steps that a draft can stand at. */
bool sp_draft_has_step(sp_screen_id step);

#endif
