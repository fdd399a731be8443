#include <config.h>

#include "core/export/words.h"

#include <string.h>

#include "core/base/error.h"
#include "core/model/entity.h"

static const struct {
	const char *word, *title;
} words[] = {
	{ "file", N_("files") },
	{ "configuration", N_("configuration") },
	{ "target_assets", N_("target assets") },
	{ "embedding", N_("embeddings") },
	{ "embeddings", N_("embeddings") },
	{ "assets", N_("assets") },
	{ "chunks", N_("chunks") },
	{ "datasets", N_("datasets") },
	{ "dependencies", N_("what the run refers to") },
	{ "files", N_("files") },
	{ "authors", N_("authors") },
	{ "aggregates", N_("aggregates") },
	{ "text", N_("long texts") },
	{ "external_reference", N_("external references") },
	{ "instance_mapping", N_("instance mapping") },
	{ "version_info", N_("version info") },
	{ "secrets", N_("secrets") },
	{ "excluded_field_values", N_("values of excluded fields") },
	{ "excluded_assets", N_("excluded assets") },
	{ "excluded_rows", N_("rows that belong to what is excluded") },
	{ "references_to_excluded_rows", N_("references to what is excluded") },
	{ "missing_files", N_("files missing in the store") },
};

const char *sp_word_title(const char *word)
{
	int kind = sp_kind_of_name(word);
	size_t i;

	if (kind >= 0)
		return sp_entities[kind].title;
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].word, word) == 0)
			return words[i].title;
	}
	return NULL;
}

void sp_word_warning(sp_buf *to, const sp_json *warning)
{
	const char *code = sp_json_text(warning, "code");
	long long count = (long long)sp_json_int(warning, "count", 0);
	unsigned long n = (unsigned long)count;

	if (code && !strcmp(code, "missing_files"))
		sp_buf_addf(to,
		            sp_translate_n("%lld file that an asset names is missing in the store",
		                           "%lld files that assets name are missing in the store", n),
		            count);
	else if (code && !strcmp(code, "foreign_rows"))
		sp_buf_addf(
			to,
			sp_translate_n("%lld asset or schema of annotations belongs to an infospace that "
		                   "the acting user may not export; it stays outside",
		                   "%lld assets and schemas of annotations belong to infospaces that "
		                   "the acting user may not export; they stay outside",
		                   n),
			count);
	else if (code && !strcmp(code, "not_recorded"))
		sp_buf_adds(to, _("the export is nowhere on record"));
	else
		sp_buf_addf(to, "%s: %lld", code ? code : "?", count);
}

void sp_word_signature(sp_buf *to, const sp_json *signature)
{
	const char *state = sp_json_text(signature, "state");
	const char *who = sp_json_text(signature, "fingerprint");
	const char *trusted_as = sp_json_text(signature, "trusted_as");

	if (!state)
		sp_buf_adds(to, _("it isn't known whether it is signed"));
	else if (!who)
		sp_buf_adds(to, _("unsigned"));
	else if (trusted_as)
		sp_buf_addf(to, _("signed by %s, trusted (%s)"), who, trusted_as);
	else if (strcmp(state, "own") == 0)
		sp_buf_addf(to, _("signed by %s"), who);
	else if (strcmp(state, "untrusted") == 0)
		sp_buf_addf(to, _("signed by %s, not trusted"), who);
	else
		sp_buf_addf(to, _("signed by %s (not checked against a trusted key)"), who);
}
