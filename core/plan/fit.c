#include <config.h>

#include "core/plan/fit.h"

#include <stdlib.h>
#include <string.h>

const char *const sp_fit_words[SP_FIT_WEIGHTS] = { "as_is",    "moved", "filled",    "note",
	                                               "replaced", "lost",  "impossible" };

const char *const sp_fit_titles[SP_FIT_WEIGHTS] = {
	N_("Goes as it is"),
	N_("Is kept elsewhere, or spelt otherwise"),
	N_("Gets what the target needs besides"),
	N_("To know"),
	N_("Is replaced"),
	N_("Can't be held"),
	N_("Stands in the way"),
};

const sp_fit_sort sp_fit_sorts[SP_FIT_IDS] = {
	[SP_FITS_ROWS] = { "rows", SP_FIT_AS_IS, N_("all that no other finding names"), NULL },
	[SP_FITS_VECTORS] = { "vectors", SP_FIT_AS_IS, N_("vectors of %s dimensions"), NULL },
	[SP_FITS_FILES] = { "files", SP_FIT_AS_IS, N_("go into the target's store"), NULL },
	[SP_FITS_ELSEWHERE] = { "elsewhere", SP_FIT_MOVED, N_("kept in %s"), NULL },
	[SP_FITS_RENAMED] = { "renamed", SP_FIT_MOVED, N_("called %s there"), NULL },
	[SP_FITS_SPELLING] = { "spelling", SP_FIT_MOVED, N_("spelt %s"), NULL },
	[SP_FITS_COMPUTED] = { "computed", SP_FIT_MOVED, N_("computed by the target itself"), NULL },
	[SP_FITS_ROWS_FROM_VALUES] = { "rows-from-values", SP_FIT_MOVED,
	                               N_("stand inside values; they become rows of %s"), NULL },
	[SP_FITS_VECTORS_ELSEWHERE] = { "vectors-elsewhere", SP_FIT_MOVED, N_("kept in %s"), NULL },
	[SP_FITS_FILLED] = { "filled", SP_FIT_FILLED, N_("gets: %s"), NULL },
	[SP_FITS_STORE_NOT_TOLD] = { "store-not-told", SP_FIT_NOTE,
	                             N_("where the target keeps its files isn't said"),
	                             N_("An import needs --store.") },
	[SP_FITS_SCHEMA_NOT_ALLOWED] = { "schema-not-allowed", SP_FIT_NOTE,
	                                 N_("this login may not make or use the schema \"spaceport\""),
	                                 N_("An import needs it: ask an administrator.") },
	[SP_FITS_MAY_NOT_WRITE] = { "may-not-write", SP_FIT_NOTE,
	                            N_("this login may not write into all tables"),
	                            N_("An import needs another login.") },
	[SP_FITS_MEANT_ELSEWHERE] = { "meant-elsewhere", SP_FIT_NOTE,
	                              N_("the package is meant for another instance: %s"),
	                              N_("An import here has to be forced.") },
	[SP_FITS_BEYOND_NUMERIC] = { "beyond-numeric", SP_FIT_NOTE,
	                             N_("numbers beyond what jsonb takes are lost where a json value "
	                                "becomes jsonb"),
	                             NULL },
	[SP_FITS_WORD] = { "word", SP_FIT_REPLACED, N_("becomes %s"), NULL },
	[SP_FITS_OTHER_WORDS] = { "other-words", SP_FIT_REPLACED,
	                          N_("more different words than were looked at; those that the target "
	                             "doesn't know are replaced"),
	                          NULL },
	[SP_FITS_NO_TABLE] = { "no-table", SP_FIT_LOST, N_("the target has no such table"), NULL },
	[SP_FITS_NO_COLUMN] = { "no-column", SP_FIT_LOST, N_("the target has no such column"), NULL },
	[SP_FITS_NO_KIND] = { "no-kind", SP_FIT_LOST, N_("this program doesn't know such rows"), NULL },
	[SP_FITS_ONLY_FIRST] = { "only-first", SP_FIT_LOST,
	                         N_("%s keeps the first only; the others are lost"), NULL },
	[SP_FITS_WORD_REFUSED] = { "word-refused", SP_FIT_LOST,
	                           N_("the target doesn't know this word, and no other stands for it"),
	                           NULL },
	[SP_FITS_BEYOND_JSONB] = { "beyond-jsonb", SP_FIT_LOST,
	                           N_("\\u0000 or half a surrogate pair, which %s doesn't take"),
	                           NULL },
	[SP_FITS_LONG_FOR_INDEX] = { "long-for-index", SP_FIT_LOST,
	                             N_("texts of more than 2.7 kB may be too long for an index there "
	                                "(an estimate: the server compresses)"),
	                             NULL },
	[SP_FITS_LONG_FOR_SEARCH] = { "long-for-search", SP_FIT_LOST,
	                              N_("texts of more than 1 MiB may have more words than the text "
	                                 "search there takes (an estimate)"),
	                              NULL },
	[SP_FITS_OTHER_TYPE] = { "other-type", SP_FIT_LOST, N_("the target's type is another one: %s"),
	                         NULL },
	[SP_FITS_NO_VECTORS] = { "no-vectors", SP_FIT_LOST,
	                         N_("the target has no column for vectors of %s dimensions"),
	                         N_("Embeddings can be computed anew there.") },
	[SP_FITS_NO_PGVECTOR] = { "no-pgvector", SP_FIT_LOST,
	                          N_("the target has no pgvector, so no vectors of %s dimensions"),
	                          N_("Embeddings can be computed anew there.") },
	[SP_FITS_NO_BYTES] = { "no-bytes", SP_FIT_LOST,
	                       N_("the package doesn't hold these files' bytes"), NULL },
	[SP_FITS_NOT_LOOKED_AT] = { "not-looked-at", SP_FIT_LOST,
	                            N_("more different columns or kinds than this program looks at"),
	                            NULL },
	[SP_FITS_NO_VALUE] = { "no-value", SP_FIT_IMPOSSIBLE,
	                       N_("the target needs a value, and nobody can say which"), NULL },
	[SP_FITS_NOT_ALLOWED] = { "not-allowed", SP_FIT_IMPOSSIBLE,
	                          N_("the acting user may not import into the infospace \"%s\""),
	                          N_("It takes its owner or the role of an analyst.") },
	[SP_FITS_SERVER_TOO_OLD] = { "server-too-old", SP_FIT_IMPOSSIBLE,
	                             N_("PostgreSQL %s is too old; 13 or later is needed"), NULL },
	[SP_FITS_STANDBY] = { "standby", SP_FIT_IMPOSSIBLE,
	                      N_("the server is a standby, which can't be written to"),
	                      N_("Connect to the primary server.") },
	[SP_FITS_STORE_NOT_REACHED] = { "store-not-reached", SP_FIT_IMPOSSIBLE,
	                                N_("files travel, and the target's store can't be reached"),
	                                N_("\"spaceport doctor\" says what is wrong.") },
};

struct sp_fits {
	sp_fit *all;
	int count, room;
	bool failed;
};

sp_fits *sp_fits_create(sp_error *err)
{
	sp_fits *fits = calloc(1, sizeof *fits);

	if (!fits)
		sp_fail_memory(err);
	return fits;
}

static void free_texts(sp_fit *fit)
{
	free((char *)(uintptr_t)fit->kind);
	free((char *)(uintptr_t)fit->column);
	free((char *)(uintptr_t)fit->word);
	free((char *)(uintptr_t)fit->to);
}

void sp_fits_free(sp_fits *fits)
{
	int i;

	if (!fits)
		return;
	for (i = 0; i < fits->count; i++)
		free_texts(&fits->all[i]);
	free(fits->all);
	free(fits);
}

static const char *copy(sp_fits *fits, const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	fits->failed = fits->failed || (text && !copied);
	return copied;
}

void sp_fits_add(sp_fits *fits, const sp_fit *fit)
{
	sp_fit *at;

	if (fits->count == fits->room) {
		at = realloc(fits->all, sizeof *at * (size_t)(fits->room + 64));
		if (!at) {
			fits->failed = true;
			return;
		}
		fits->all = at;
		fits->room += 64;
	}
	at = &fits->all[fits->count++];
	*at = *fit;
	at->kind = copy(fits, fit->kind);
	at->column = copy(fits, fit->column);
	at->word = copy(fits, fit->word);
	at->to = copy(fits, fit->to);
}

bool sp_fits_check(const sp_fits *fits, sp_error *err)
{
	return !fits->failed || sp_fail_memory(err);
}

int sp_fits_count(const sp_fits *fits)
{
	return fits->count;
}

const sp_fit *sp_fits_at(const sp_fits *fits, int i)
{
	return i >= 0 && i < fits->count ? &fits->all[i] : NULL;
}

sp_fit_weight sp_fits_weight(const sp_fits *fits)
{
	sp_fit_weight weight = SP_FIT_AS_IS;
	int i;

	for (i = 0; i < fits->count; i++) {
		sp_fit_weight of = sp_fit_sorts[fits->all[i].id].weight;

		/* notes aren't about what becomes of the package */
		if (of > weight && of != SP_FIT_NOTE)
			weight = of;
	}
	return weight;
}

sp_code sp_fits_code(const sp_fits *fits)
{
	switch (sp_fits_weight(fits)) {
	case SP_FIT_IMPOSSIBLE: return SP_INCOMPATIBLE;
	case SP_FIT_LOST:
	case SP_FIT_REPLACED: return SP_WARNINGS;
	default: return SP_OK;
	}
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void sp_fit_text(sp_buf *to, const sp_fit *fit, bool translated)
{
	const char *format = sp_fit_sorts[fit->id].text;
	const char *word = fit->to ? fit->to : "?";

	sp_buf_addf(to, translated ? _(format) : format,
	            translated && fit->to_translated ? _(word) : word);
}
#pragma GCC diagnostic pop

/* --- for programs --- */

static void add_text(sp_json *to, const char *key, const char *text)
{
	if (text)
		sp_json_add_text(to, key, text);
}

static bool add_fit(sp_json *list, const sp_fit *fit)
{
	const sp_fit_sort *sort = &sp_fit_sorts[fit->id];
	sp_json *item = sp_json_add_object(list, NULL);
	sp_buf text = { 0 };
	bool ok;

	sp_json_add_text(item, "weight", sp_fit_words[sort->weight]);
	sp_json_add_text(item, "code", sort->code);
	add_text(item, "kind", fit->kind);
	add_text(item, "column", fit->column);
	add_text(item, "word", fit->word);
	if (fit->of)
		sp_json_add_int(item, "rows", fit->rows);
	if (fit->of)
		sp_json_add_int(item, "of", fit->of);
	if (fit->empty)
		sp_json_add_int(item, "empty", fit->empty);
	add_text(item, "to", fit->to);
	sp_fit_text(&text, fit, false);
	ok = !text.failed && sp_json_add_text(item, "text", sp_buf_text(&text));
	add_text(item, "hint", sort->hint);
	sp_buf_free(&text);
	return ok;
}

bool sp_fits_json(const sp_fits *fits, sp_json *to)
{
	int64_t found[SP_FIT_WEIGHTS] = { 0 };
	sp_json *list, *counts;
	bool ok = true;
	int i;

	sp_json_add_text(to, "verdict", sp_fit_words[sp_fits_weight(fits)]);
	list = sp_json_add_array(to, "findings");
	for (i = 0; i < fits->count; i++) {
		found[sp_fit_sorts[fits->all[i].id].weight]++;
		ok = ok && add_fit(list, &fits->all[i]);
	}
	counts = sp_json_add_object(to, "found");
	for (i = 0; i < SP_FIT_WEIGHTS; i++)
		sp_json_add_int(counts, sp_fit_words[i], found[i]);
	return ok && counts && sp_json_is_whole(to);
}
