#include <config.h>

#include "core/model/words.h"

#include <string.h>
#include <strings.h>

#define MOST_BYTES 64 /* of a word that has a fallback of its own */

/* The database's own, where HQ can read it. */
static const char *spoken(const sp_vocabulary *v, const char *word,
                          int (*compare)(const char *, const char *))
{
	for (int i = 0; i < v->count; i++) {
		if (!compare(v->words[i], word) && !sp_word_is_unreadable(v->type, v->words[i]))
			return v->words[i];
	}
	return NULL;
}

static const char *upper(const char *word, char room[MOST_BYTES + 1])
{
	size_t i;

	for (i = 0; word[i] && i < MOST_BYTES; i++)
		room[i] = word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - 'a' + 'A') : word[i];
	room[i] = '\0';
	return room;
}

static const char *stand_in(const sp_vocabulary *v, const char *word)
{
	char room[MOST_BYTES + 1];
	/* other formats spell HQ's words in small letters */
	const char *known = sp_word_is_unreadable(v->type, word) ? word : upper(word, room), *found;
	const sp_fallback *fallback = sp_fallback_find(v->type, known);

	for (size_t i = 0; fallback && i < 3 && fallback->instead[i]; i++) {
		if ((found = spoken(v, fallback->instead[i], strcmp)))
			return found;
	}
	return NULL;
}

sp_word_fate sp_word_find(const sp_vocabulary *vocabulary, const char *word, const char **becomes)
{
	if ((*becomes = spoken(vocabulary, word, strcmp)))
		return SP_WORD_KNOWN;
	if ((*becomes = spoken(vocabulary, word, strcasecmp)))
		return SP_WORD_SPELLING;
	*becomes = stand_in(vocabulary, word);
	return *becomes ? SP_WORD_INSTEAD : SP_WORD_UNKNOWN;
}
