#include <config.h>

#include "core/plan/words.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/export/words.h"

const char *sp_word_kind(const char *kind)
{
	const char *title = kind ? sp_word_title(kind) : NULL;

	return title ? _(title) : kind ? kind : "?";
}

static const struct {
	const char *class, *why, *text;
} reasons[] = {
	{ "new", "beside", N_("new, beside ones that are here") },
	{ "new", "again", N_("new again, though they were deleted here") },
	{ "update", "there", N_("updated, for only the package's was changed") },
	{ "update", "overwrite", N_("updated, as asked for") },
	{ "update", "decided", N_("updated, as decided") },
	{ "update", "grown", N_("updated, for the package's takes all that it took") },
	{ "keep", "here", N_("kept as here, for only that was changed") },
	{ "keep", "first", N_("kept as here, for nobody knows who changed it") },
	{ "keep", "skip", N_("kept as here, as asked for") },
	{ "keep", "place", N_("kept as here, for there is room for one only") },
	{ "keep", "sealed", N_("kept as here, for it is sealed") },
	{ "keep", "decided", N_("kept as here, as decided") },
	{ "conflict", "both", N_("in conflict, changed here and there") },
	{ "conflict", "unknown", N_("in conflict, different, and nobody knows who changed it") },
	{ "conflict", "ambiguous", N_("in conflict, may be one of several rows here") },
	{ "conflict", "taken", N_("in conflict, has the UUID of a row elsewhere in the instance") },
	{ "conflict", "deleted", N_("in conflict, deleted here, and changed there since") },
	{ "conflict", "occupied",
	  N_("in conflict, for another row is already called as they would be") },
	{ "conflict", "circle", N_("in conflict, for they would stand inside themselves") },
	{ "out", "room", N_("left out, for another row is already known as they would be") },
	{ "out", "unasked", N_("left out, as asked for") },
	{ "out", "deleted", N_("left out, for it was deleted here since it was imported") },
};

void sp_word_fate(sp_buf *to, const char *class, const char *why)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (!strcmp(reasons[i].class, class) && !strcmp(reasons[i].why, why)) {
			sp_buf_adds(to, _(reasons[i].text));
			return;
		}
	sp_buf_addf(to, _("left out, for its %s is neither in the package nor here"), why);
}

bool sp_word_is_told(const sp_json *group)
{
	const char *class = sp_json_text(group, "class");

	return strcmp(class, "same") != 0 &&
	       (strcmp(class, "new") != 0 || *sp_json_text(group, "why"));
}

static void add_list(sp_buf *to, const char *before, const sp_json *list)
{
	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		sp_buf_addf(to, "%s%s", at == sp_json_first(list) ? before : ", ",
		            sp_json_value_text(at) ? sp_json_value_text(at) : "?");
}

/* "runs (1): " */
static void add_rows(sp_buf *to, const sp_json *of)
{
	sp_buf_addf(to, "%s (%lld): ", sp_word_kind(sp_json_text(of, "kind")),
	            (long long)sp_json_int(of, "rows", 0));
}

void sp_word_group(sp_buf *to, const sp_json *group)
{
	add_rows(to, group);
	sp_word_fate(to, sp_json_text(group, "class"), sp_json_text(group, "why"));
	add_list(to, ": ", sp_json_get(group, "columns"));
	add_list(to, " — ", sp_json_get(group, "names"));
}

bool sp_word_files(sp_buf *to, const sp_json *plan)
{
	const sp_json *files = sp_json_get(plan, "files");
	sp_buf size = { 0 };

	if (!sp_json_int(files, "count", 0))
		return false;
	sp_text_bytes(&size, (unsigned long long)sp_json_int(files, "bytes", 0));
	sp_buf_addf(to, _("files for the store: %lld, %s"), (long long)sp_json_int(files, "count", 0),
	            sp_buf_text(&size));
	if (!sp_json_bool(sp_json_get(plan, "target"), "has_store", true))
		sp_buf_addf(to, "; %s", _("the import needs to know where that is (--store)"));
	sp_buf_free(&size);
	return true;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* Of a list of the plan's; `format` is translated, and takes a column, or what else is meant. */
static void tell_list(const sp_json *list, const char *format, bool is_loss, sp_word_fn *fn,
                      void *ctx)
{
	sp_buf text = { 0 };

	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at)) {
		const char *column = sp_json_text(at, "column"), *what = sp_json_text(at, "what");

		sp_buf_reset(&text);
		add_rows(&text, at);
		sp_buf_addf(&text, format, column ? column : what ? what : "");
		fn(ctx, sp_buf_text(&text), is_loss);
	}
	sp_buf_free(&text);
}
#pragma GCC diagnostic pop

void sp_word_notes(const sp_json *plan, sp_word_fn *fn, void *ctx)
{
	const sp_json *references = sp_json_get(plan, "references"), *gone = sp_json_get(plan, "gone");
	sp_buf text = { 0 };

	tell_list(sp_json_get(plan, "lost"), _("%s can't be held by this instance"), true, fn, ctx);
	tell_list(sp_json_get(plan, "unasked"), _("%s isn't taken, as asked for"), false, fn, ctx);
	for (const sp_json *at = sp_json_first(references); at; at = sp_json_next(at)) {
		sp_buf_reset(&text);
		add_rows(&text, at);
		sp_buf_addf(&text, _("references to what isn't here, taken out: %lld"),
		            (long long)sp_json_int(at, "references", 0));
		fn(ctx, sp_buf_text(&text), true);
	}
	tell_list(sp_json_get(plan, "otherwise"), _("%s is written otherwise, so that no work starts"),
	          false, fn, ctx);
	tell_list(sp_json_get(plan, "sealed"),
	          _("%s leaves out those that are sealed here, which nothing comes into"), false, fn,
	          ctx);
	for (const sp_json *at = sp_json_first(gone); at; at = sp_json_next(at)) {
		sp_buf_reset(&text);
		add_rows(&text, at);
		sp_buf_adds(&text, _("kept, though the package hasn't got them any more"));
		add_list(&text, " — ", sp_json_get(at, "names"));
		fn(ctx, sp_buf_text(&text), false);
	}
	sp_buf_free(&text);
}
