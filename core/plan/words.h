/* What a plan (summary.h) says, in the user's language; for commands and the wizard. Names and
 * columns are a package's or a database's: nothing here is made safe for a terminal. */
#ifndef SP_PLAN_WORDS_H
#define SP_PLAN_WORDS_H

#include "core/base/buf.h"
#include "core/base/json.h"

/* What people call rows of a kind; a word that isn't known as it stands. */
const char *sp_word_kind(const char *kind);

/* What a class and its reason mean (fate.h, out.h), appended as "in conflict, changed here and
 * there". */
void sp_word_fate(sp_buf *to, const char *class, const char *why);

/* True where a group of the plan's needs words: what is new or the same doesn't. */
bool sp_word_is_told(const sp_json *group);
/* Appends it: "annotations (2): updated, as asked for: value — Name, Name". */
void sp_word_group(sp_buf *to, const sp_json *group);

/* Appends how many files the import puts into the store, and whether it knows where that is; false:
 * none. */
bool sp_word_files(sp_buf *to, const sp_json *plan);

typedef void sp_word_fn(void *ctx, const char *text, bool is_loss);
/* Calls for each line of what the target can't hold, what wasn't asked for, what is written
 * otherwise, and what stays though the package hasn't got it; `is_loss`: something that the package
 * has won't be there. */
void sp_word_notes(const sp_json *plan, sp_word_fn *fn, void *ctx);

#endif
