/* What people call the things that manifests and plans name. */
#ifndef SP_SRC_WORDS_H
#define SP_SRC_WORDS_H

/* The title (untranslated plural) of a kind of entry or row, or of what stays
 * out of a package; NULL for a word that isn't known. */
const char *sp_word_title(const char *word);

#endif
