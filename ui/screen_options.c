#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "ui/form.h"
#include "ui/words.h"

/* Without a store only packages without files can be made; where the option
 * still has its default, the answer is known. With another instance it goes
 * back to the default. */
static void fit_store(sp_wizard *w)
{
	bool store = sp_instance_of(w)->store != NULL;

	for (int i = 0; i < w->answers->option_count; i++) {
		if (strcmp(w->answers->options[i].name, "asset-format") != 0)
			continue;
		if (store && w->answers->external) {
			if (strcmp(w->answers->values[i], "external") == 0)
				sp_choose_value(w, i, w->answers->options[i].otherwise);
			w->answers->external = false;
		}
		if (store || !sp_answer_is_default(w->answers, i))
			continue;
		w->answers->external = true;
		sp_choose_value(w, i, "external");
		sp_wizard_say(w, SP_STYLE_WARN,
		              _("~ Files: external, since this instance has no store to read them from."));
	}
}

/* --- what an option does to the size ------------------------------------------ */

static const struct {
	const char *name;
	sp_part part;
} parts[] = {
	{ "include-source-assets", SP_PART_ASSETS },      { "include-chunks", SP_PART_CHUNKS },
	{ "include-embeddings", SP_PART_EMBEDDINGS },     { "include-datasets", SP_PART_DATASETS },
	{ "include-dependencies", SP_PART_DEPENDENCIES },
};

static int part_of(const sp_asked *option)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcmp(parts[i].name, option->name) == 0)
			return (int)parts[i].part;
	return -1;
}

static bool is_on(const sp_wizard *w, const char *name)
{
	return strcmp(sp_value_of(w, name), "yes") == 0;
}

/* Why an option can do nothing now; NULL: it can. */
static const char *hindrance(const sp_wizard *w, const sp_asked *option)
{
	bool assets = is_on(w, "include-source-assets");

	if (strcmp(option->name, "include-chunks") == 0 && !assets)
		return _("needs source assets");
	if (strcmp(option->name, "include-embeddings") == 0 && !(assets && is_on(w, "include-chunks")))
		return _("needs chunks");
	if (strcmp(option->name, "asset-format") == 0 && !assets)
		return _("needs source assets");
	return NULL;
}

static int64_t effect_of(const sp_wizard *w, int part)
{
	int64_t bytes = w->parts.bytes[part];

	if (part == SP_PART_ASSETS && strcmp(sp_value_of(w, "asset-format"), "external") != 0)
		bytes += w->parts.bytes[SP_PART_FILES];
	return bytes;
}

static void add_effect(sp_wizard *w, const sp_asked *option, bool on, sp_buf *to)
{
	int part = part_of(option);

	if (part < 0 || !w->surveyed)
		return;
	sp_buf_adds(to, on ? "+ " : "(+ ");
	sp_text_bytes(to, (unsigned long long)effect_of(w, part));
	sp_buf_adds(to, on ? " " : ")");
}

/* "2,000, 213 files" */
static void add_content(sp_wizard *w, const sp_asked *option, sp_buf *to)
{
	int part = part_of(option);

	if (hindrance(w, option)) {
		sp_buf_adds(to, hindrance(w, option));
		return;
	}
	if (part < 0 || !w->surveyed)
		return;
	sp_word_number(to, w->parts.rows[part]);
	if (part == SP_PART_ASSETS) {
		sp_buf files = { 0 };

		sp_word_number(&files, w->parts.rows[SP_PART_FILES]);
		sp_buf_addf(to, _(", with %s files"), sp_buf_text(&files));
		sp_buf_free(&files);
	}
}

/* Embeddings can't go without the chunks that they belong to. */
static void changed(sp_wizard *w, int i)
{
	bool chunks = strcmp(w->answers->options[i].name, "include-chunks") == 0;

	for (int j = 0; chunks && j < w->answers->option_count; j++)
		if (strcmp(w->answers->values[i], "no") == 0 &&
		    strcmp(w->answers->options[j].name, "include-embeddings") == 0)
			sp_choose_value(w, j, "no");
}

static const sp_form form = {
	.screen = SP_SCREEN_OPTIONS,
	.title = N_("What goes in, and how"),
	.right = N_("effect on size"),
	.hindrance = hindrance,
	.content = add_content,
	.effect = add_effect,
	.changed = changed,
};

static void enter(sp_wizard *w)
{
	sp_form_load(w, &form);
	fit_store(w);
	sp_ask_survey(w, false);
}

/* --- the screen --------------------------------------------------------------- */

static void draw_sum(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int64_t size = sp_estimate(w);
	sp_buf text = { 0 };

	sp_buf_addf(&text,
	            sp_translate_n("%d package", "%d packages", (unsigned long)w->answers->run_count),
	            w->answers->run_count);
	if (size < 0 && sp_is_awaited(w, SP_ASK_SURVEY)) {
		sp_buf_adds(&text, _(", counting the sizes …"));
	} else {
		if (size >= 0) {
			sp_buf_addf(&text, "%s", _(", about "));
			sp_text_bytes(&text, (unsigned long long)size);
		}
		sp_buf_addc(&text, '.');
	}
	sp_buf_addf(&text, " %s", _("Enter: the preview."));
	sp_frame_sum(frame, canvas, sp_buf_text(&text));
	sp_buf_free(&text);
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	sp_buf text = { 0 };

	sp_say(&text, "%s · %s", sp_instance_title(sp_instance_of(w)), w->answers->infospace_name);
	sp_frame_about(frame, canvas, sp_buf_text(&text), _("reading only"));
	sp_form_draw(w, &form, frame, canvas);
	draw_sum(w, frame, canvas);
	sp_frame_hint(w, frame, canvas,
	              sp_error_is_set(&w->failed[SP_ASK_SURVEY])
	                  ? sp_error_text(&w->failed[SP_ASK_SURVEY])
	                  : _("Sizes are estimates: files as they are, rows as they usually shrink."));
	sp_buf_free(&text);
}

static void typed(sp_wizard *w, const char *text)
{
	sp_form_typed(w, &form, text);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	switch (does) {
	case SP_DO_DEFAULT:
		sp_form_key(w, &form, does);
		fit_store(w);
		return true;
	case SP_DO_RETRY: sp_ask_survey(w, true); return true;
	case SP_DO_ENTER: sp_wizard_next(w); return true;
	default: return sp_form_key(w, &form, does);
	}
}

const sp_screen sp_screen_options = {
	.step = N_("Options"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = sp_form_model,
	.typed = typed,
	.back = SP_SCREEN_COUNT,
};
