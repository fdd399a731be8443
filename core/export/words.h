/* What people call the things that manifests and plans name. */
#ifndef SP_EXPORT_WORDS_H
#define SP_EXPORT_WORDS_H

#include "core/base/buf.h"
#include "core/base/json.h"

/* The title (untranslated plural) of a kind of entry or row, or of what stays
 * out of a package; NULL for a word that isn't known. */
const char *sp_word_title(const char *word);

/* Appends a warning of a plan or manifest ({code, count}) as a sentence, in the
 * user's language; one whose code isn't known as it stands. */
void sp_word_warning(sp_buf *to, const sp_json *warning);

/* Appends what is known of a package's signature ("signature" of inspect,
 * validate and export; see core/package/signature.h; NULL: nothing), in the
 * user's language. Not made safe. */
void sp_word_signature(sp_buf *to, const sp_json *signature);

#endif
