/*
 * Words that a column may hold, and what becomes of those that it may not: labels of an
 * enum, which differ between generations of HQ, or words that HQ keeps as text.
 */
#ifndef SP_MODEL_WORDS_H
#define SP_MODEL_WORDS_H

#include "core/model/between.h"

typedef struct {
	const char *type;         /* the enum's name, or "kind.column" */
	const char *const *words; /* that the database knows */
	int count;
} sp_vocabulary;

typedef enum {
	SP_WORD_KNOWN,    /* itself */
	SP_WORD_SPELLING, /* the same in other letters */
	SP_WORD_INSTEAD,  /* another that stands for it */
	SP_WORD_UNKNOWN   /* nothing can */
} sp_word_fate;

/* *becomes: the word that is written, the vocabulary's own or the caller's; NULL: none. */
sp_word_fate sp_word_find(const sp_vocabulary *vocabulary, const char *word, const char **becomes);

#endif
