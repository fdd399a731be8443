#include <config.h>

#include "core/plan/about.h"

#include <string.h>

#include "core/base/buf.h"

const char *const sp_uuid_strategies[SP_UUIDS] = { "generate", "preserve", "hybrid" };
const char *const sp_strategies[SP_STRATEGIES] = { "smart", "skip", "overwrite", "rename" };

int sp_word_of(const char *const *words, int count, const char *word)
{
	for (int i = 0; word && i < count; i++)
		if (!strcmp(words[i], word))
			return i;
	return -1;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return word && strlen(word) == len && !memcmp(text, word, len);
}

/* Each once, in the order of the table. */
static bool fail_component(const char *text, size_t len, sp_error *err)
{
	sp_buf words = { 0 }, word = { 0 };
	bool seen;

	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
		const char *component = sp_entities[kind].component;

		seen = !component;
		for (int i = 0; i < kind && !seen; i++)
			seen = sp_entities[i].component && !strcmp(sp_entities[i].component, component);
		if (!seen)
			sp_buf_addf(&words, "%s%s", words.len ? ", " : "", component);
	}
	sp_buf_add(&word, text, len);
	sp_fail(err, SP_USAGE, NULL, N_("\"%s\" is none of %s"), sp_buf_text(&word),
	        sp_buf_text(&words));
	sp_buf_free(&words);
	sp_buf_free(&word);
	return false;
}

bool sp_plan_unasked(const char *list, bool unasked[SP_ENTITY_COUNT], sp_error *err)
{
	for (int kind = 0; kind < SP_ENTITY_COUNT; kind++)
		unasked[kind] = list != NULL;
	while (list) {
		size_t len = strcspn(list, ",");
		bool known = false;

		for (int kind = 0; kind < SP_ENTITY_COUNT; kind++) {
			if (!is_word(list, len, sp_entities[kind].component))
				continue;
			unasked[kind] = false;
			known = true;
		}
		if (!known)
			return fail_component(list, len, err);
		list = list[len] ? list + len + 1 : NULL;
	}
	return true;
}
