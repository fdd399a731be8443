#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/export/words.h"
#include "ui/screens.h"
#include "ui/words.h"

static sp_list *list_of(sp_wizard *w)
{
	return &w->lists[SP_SCREEN_RESULT];
}

static const sp_json *package_at(sp_wizard *w, int row)
{
	const sp_json *at = sp_json_first(w->packages);

	for (; at && row > 0; row--)
		at = sp_json_next(at);
	return at;
}

static void words(void *ctx, int row, sp_buf *to)
{
	sp_buf_adds(to, sp_json_text(package_at(ctx, row), "path"));
}

static void model(sp_wizard *w, sp_model *model)
{
	*model = (sp_model){ .ctx = w, .words = words };
	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at))
		model->count++;
}

static void enter(sp_wizard *w)
{
	sp_model rows;

	sp_list_clear(list_of(w));
	model(w, &rows);
	if (!sp_list_load(list_of(w), &rows))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
}

static void draw_package(sp_canvas *canvas, const sp_json *package, int y)
{
	sp_buf text = { 0 };

	sp_word_path(&text, sp_json_text(package, "path"));
	sp_canvas_middle(canvas, 2, y, canvas->width - 24, sp_buf_text(&text), SP_STYLE_PACKAGE);
	sp_buf_reset(&text);
	sp_text_bytes(&text, (unsigned long long)sp_json_int(package, "size", 0));
	sp_canvas_right(canvas, canvas->width - 21, y, 20, sp_buf_text(&text), SP_STYLE_PLAIN);
	sp_say(&text, "sha256 %s", sp_json_text(package, "sha256"));
	sp_canvas_middle(canvas, 4, y + 1, canvas->width - 26, sp_buf_text(&text), SP_STYLE_DIM);
	if (sp_json_bool(package, "checked", false))
		sp_canvas_right(canvas, canvas->width - 21, y + 1, 20, _("✓ read back: right"),
		                SP_STYLE_GOOD);
	sp_buf_free(&text);
}

static int draw_packages(sp_wizard *w, sp_canvas *canvas, int y, int room)
{
	sp_list *list = list_of(w);

	sp_list_fit(list, room / 2 > 0 ? room / 2 : 1);
	for (int i = 0; i < list->height && list->top + i < list->shown; i++, y += 2) {
		draw_package(canvas, package_at(w, list->top + i), y);
		if (list->top + i == list->cursor)
			sp_draw_cursor(canvas, 0, y, canvas->width);
	}
	return y;
}

static int count_warnings(sp_wizard *w)
{
	int count = 0;

	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at))
		for (const sp_json *one = sp_json_first(sp_json_get(at, "warnings")); one;
		     one = sp_json_next(one))
			count++;
	return count;
}

/* Those of the package under the cursor, with the first files they are about. */
static int draw_warnings(sp_wizard *w, sp_canvas *canvas, int y, int end)
{
	const sp_json *package = package_at(w, list_of(w)->cursor), *at;
	sp_buf text = { 0 };

	sp_say(&text, "%d", count_warnings(w));
	sp_canvas_rule(canvas, 0, y++, canvas->width, _("Warnings"), sp_buf_text(&text));
	for (at = sp_json_first(sp_json_get(package, "warnings")); at && y < end;
	     at = sp_json_next(at)) {
		sp_buf_reset(&text);
		sp_buf_adds(&text, "~ ");
		sp_word_warning(&text, at);
		sp_canvas_text(canvas, 2, y++, canvas->width - 3, sp_buf_text(&text), SP_STYLE_WARN);
	}
	at = sp_json_first(sp_json_get(package, "missing_files"));
	for (int i = 0; i < 3 && at && y < end; i++, at = sp_json_next(at))
		sp_canvas_middle(canvas, 4, y++, canvas->width - 5, sp_json_value_text(at), SP_STYLE_DIM);
	sp_buf_free(&text);
	return y;
}

static bool any_recorded_here(sp_wizard *w)
{
	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at))
		if (sp_json_bool(at, "recorded_here", false))
			return true;
	return false;
}

static void draw(sp_wizard *w, const sp_frame *frame, sp_canvas *canvas)
{
	int y = frame->work.y, end = frame->rule, warnings = count_warnings(w),
		count = list_of(w)->count, lines;
	sp_buf text = { 0 }, path = { 0 };

	sp_word_path(&path, w->answers->folder);
	sp_say(&text, "%s → %s", sp_instance_title(sp_instance_of(w)), sp_buf_text(&path));
	sp_buf_reset(&path);
	if (warnings)
		sp_say(&path,
		       sp_translate_n("written, %d warning", "written, %d warnings",
		                      (unsigned long)warnings),
		       warnings);
	else
		sp_say(&path, "%s", _("written"));
	sp_frame_about(frame, canvas, sp_buf_text(&text), sp_buf_text(&path));
	sp_say(&text, sp_translate_n("%d package written", "%d packages written", (unsigned long)count),
	       count);
	/* only commands sign: a key may need a passphrase */
	sp_canvas_rule(canvas, 0, y, canvas->width, sp_buf_text(&text),
	               any_recorded_here(w) ? _("unsigned, on record on this machine") : _("unsigned"));
	y = draw_packages(w, canvas, y + 1, frame->work.height - (warnings ? 11 : 8));
	if (warnings)
		y = draw_warnings(w, canvas, y, end - 6);
	sp_canvas_rule(canvas, 0, y++, canvas->width, _("The same again"),
	               _("with --sign KEY: signed"));
	lines = sp_canvas_command(canvas, (sp_rect){ 2, y, canvas->width - 4, end - y }, 0,
	                          w->repeat[w->way] ? w->repeat[w->way] : "");
	sp_frame_rule(frame, canvas, list_of(w));
	sp_frame_sum(frame, canvas, _("Done. These lines stay in your terminal when you leave."));
	sp_frame_hint(w, frame, canvas,
	              lines > end - y ? _("c shows the whole command; y copies it.")
	                              : _("Look into a package: spaceport inspect FILE."));
	sp_buf_free(&text);
	sp_buf_free(&path);
}

static bool key(sp_wizard *w, sp_do does, int key)
{
	(void)key;
	if (does == SP_DO_ENTER) {
		sp_answers_drop_runs(w->answers);
		sp_list_clear(&w->lists[SP_SCREEN_RUNS]);
		sp_wizard_go(w, SP_SCREEN_RUNS);
		sp_ask_runs(w, true);
		return true;
	}
	return does == SP_DO_COPY && sp_wizard_copy(w, w->repeat[w->way]);
}

const sp_screen sp_screen_result = {
	.step = N_("Result"),
	.enter = enter,
	.draw = draw,
	.key = key,
	.model = model,
	.back = SP_SCREEN_HOME,
};
