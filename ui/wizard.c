#include <config.h>

#include "ui/wizard.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "ui/draft.h"
#include "ui/dry_run.h"
#include "ui/running.h"
#include "ui/words.h"

/* Ctrl-C again within this ends the program at once. */
#define AT_ONCE 3.0
/* What is answered is kept so long after the last key, or answer. */
#define KEEP_AFTER 0.3

static const sp_screen *const screens[SP_SCREEN_COUNT] = {
	[SP_SCREEN_HOME] = &sp_screen_home,
	[SP_SCREEN_INSTANCES] = &sp_screen_instances,
	[SP_SCREEN_CHECKS] = &sp_screen_checks,
	[SP_SCREEN_INFOSPACES] = &sp_screen_infospaces,
	[SP_SCREEN_RUNS] = &sp_screen_runs,
	[SP_SCREEN_DETAILS] = &sp_screen_details,
	[SP_SCREEN_OPTIONS] = &sp_screen_options,
	[SP_SCREEN_PREVIEW] = &sp_screen_preview,
	[SP_SCREEN_PROGRESS] = &sp_screen_progress,
	[SP_SCREEN_RESULT] = &sp_screen_result,
	[SP_SCREEN_PACKAGES] = &sp_screen_packages,
	[SP_SCREEN_TARGETS] = &sp_screen_targets,
	[SP_SCREEN_SETTINGS] = &sp_screen_settings,
	[SP_SCREEN_DRY_RUN] = &sp_screen_dry_run,
	[SP_SCREEN_IMPORT] = &sp_screen_import,
	[SP_SCREEN_IMPORTED] = &sp_screen_imported,
	[SP_SCREEN_COMMAND] = &sp_screen_command,
	[SP_SCREEN_HELP] = &sp_screen_help,
	[SP_SCREEN_QUESTION] = &sp_screen_question,
	[SP_SCREEN_PLANNING] = &sp_screen_dry_run, /* only its keys are others */
	[SP_SCREEN_FIELD] = &sp_screen_question, /* never shown by itself */
};

const sp_screen *sp_screen_of(sp_screen_id id)
{
	return screens[id];
}

/* --- its life --------------------------------------------------------------- */

sp_wizard *sp_wizard_create(const sp_ui_setup *setup, const sp_link *link, sp_error *err)
{
	sp_wizard *w = calloc(1, sizeof *w);
	bool ok = true;

	if (!w) {
		sp_fail_memory(err);
		return NULL;
	}
	w->setup = setup;
	w->link = *link;
	w->draft.touched = -1;
	w->running.at.phase = "";
	w->answers = &w->all[SP_WAY_EXPORT];
	for (int i = 0; i < SP_SCREEN_COUNT; i++)
		w->lists[i].range = -1;
	w->contacts = calloc((size_t)setup->instance_count + 1, sizeof *w->contacts);
	for (int way = 0; way < SP_WAYS; way++)
		ok = sp_answers_init(&w->all[way], setup, (sp_way)way, err) && ok;
	if (w->contacts && ok)
		return w;
	sp_fail_memory(err);
	sp_wizard_free(w);
	return NULL;
}

static void free_question(sp_question *question)
{
	free(question->title);
	free(question->text);
	free(question->name);
	*question = (sp_question){ 0 };
}

static void free_draft(sp_drafting *draft)
{
	sp_json_free(draft->list.json);
	free(draft->list.rows);
	free(draft->file);
	free(draft->kept);
	free(draft->done);
	free(draft->other);
	*draft = (sp_drafting){ .touched = -1 };
}

static void free_came(sp_came *came)
{
	sp_json_free(came->json);
	free(came->rows);
}

void sp_wizard_free(sp_wizard *w)
{
	if (!w)
		return;
	for (int i = 0; w->contacts && i < w->setup->instance_count; i++) {
		free(w->contacts[i].server);
		free(w->contacts[i].user);
		sp_error_clear(&w->contacts[i].err);
	}
	free(w->contacts);
	for (int i = 0; i < SP_ASK_COUNT; i++) {
		sp_error_clear(&w->failed[i]);
		free(w->key[i]);
	}
	for (int i = 0; i < SP_SCREEN_COUNT; i++)
		sp_list_clear(&w->lists[i]);
	free_came(&w->infospaces);
	free_came(&w->runs);
	free_came(&w->folder);
	sp_json_free(w->inspected);
	sp_json_free(w->imported);
	sp_dry_run_clear(&w->dry_run);
	sp_json_free(w->checks);
	sp_json_free(w->details);
	sp_json_free(w->plan);
	sp_json_free(w->targets);
	sp_json_free(w->packages);
	free_question(&w->question);
	sp_running_clear(&w->running);
	free_draft(&w->draft);
	free(w->hint);
	free(w->copied);
	free(w->command);
	for (int way = 0; way < SP_WAYS; way++) {
		sp_answers_clear(&w->all[way]);
		free(w->repeat[way]);
	}
	free(w);
}

void sp_wizard_begin(sp_wizard *w)
{
	if (w->setup->start >= 0) {
		sp_choose_instance(w, w->setup->start);
		sp_wizard_go(w, SP_SCREEN_INFOSPACES);
	} else {
		sp_wizard_go(w, SP_SCREEN_HOME);
	}
}

void sp_wizard_end(sp_wizard *w)
{
	if (sp_running_goes_on(w))
		sp_ask_nothing(w, w->running.ask);
	w->over = true;
	w->code = SP_INTERRUPTED;
}

/* --- drafts ----------------------------------------------------------------- */

/* Replaces a text by another, which it takes: NULL where there is none. */
static void put(char **to, sp_buf *text)
{
	free(*to);
	*to = text->len ? sp_buf_take(text) : NULL;
	sp_buf_free(text);
}

/* These answers are packages now: no draft any more. */
static void note_done(sp_wizard *w)
{
	sp_buf text = { 0 };

	sp_draft_write(w->setup, &w->all[SP_WAY_EXPORT], SP_SCREEN_PREVIEW, &text);
	put(&w->draft.done, &text);
}

/* The draft of an export's answers as they are; empty where there is nothing to keep. */
static void write_draft(const sp_wizard *w, sp_buf *to)
{
	sp_draft_write(w->setup, &w->all[SP_WAY_EXPORT], SP_SCREEN_PREVIEW, to);
	if (w->draft.done && strcmp(sp_buf_text(to), w->draft.done) == 0) {
		sp_buf_reset(to);
		return;
	}
	sp_buf_reset(to);
	sp_draft_write(w->setup, &w->all[SP_WAY_EXPORT], w->draft.step, to);
}

void sp_wizard_keep(sp_wizard *w)
{
	const char *kept = w->draft.kept ? w->draft.kept : "";
	sp_buf text = { 0 };

	if (!w->setup->drafts || sp_is_awaited(w, SP_ASK_KEEP))
		return; /* the answer that is awaited brings it up again */
	w->draft.touched = -1;
	write_draft(w, &text);
	if (text.failed || (strcmp(sp_buf_text(&text), kept) == 0 && !w->draft.other)) {
		sp_buf_free(&text);
		return;
	}
	sp_ask_keep(w, text.len ? text.data : NULL);
	put(&w->draft.kept, &text);
}

/* What couldn't be kept is said, and tried again after the next key. */
static void note_kept(sp_wizard *w)
{
	sp_error *failed = &w->failed[SP_ASK_KEEP];

	if (!sp_error_is_set(failed))
		return;
	sp_wizard_say_error(w, failed);
	free(w->draft.kept);
	w->draft.kept = NULL;
}

/* --- moving about ----------------------------------------------------------- */

static bool is_overlay(sp_screen_id screen)
{
	return screen == SP_SCREEN_HELP || screen == SP_SCREEN_COMMAND;
}

void sp_wizard_go(sp_wizard *w, sp_screen_id to)
{
	sp_screen_id from = w->screen;

	w->editing = false;
	w->typing_list = NULL;
	if (is_overlay(to)) {
		if (!is_overlay(from))
			w->under = from;
		w->lists[to].cursor = w->lists[to].top = 0;
	} else if (screens[from]->leave) {
		screens[from]->leave(w);
	}
	w->screen = to;
	if (sp_draft_has_step(to))
		w->draft.step = to;
	if (to == SP_SCREEN_RESULT)
		note_done(w);
	if (screens[to]->enter && !(is_overlay(from) && to == w->under))
		screens[to]->enter(w);
}

void sp_wizard_set_way(sp_wizard *w, sp_way way)
{
	w->way = way;
	w->answers = &w->all[way];
}

void sp_wizard_next(sp_wizard *w)
{
	sp_wizard_go(w, sp_way_from(w->way, w->screen, 1));
}

void sp_wizard_back(sp_wizard *w)
{
	if (is_overlay(w->screen))
		sp_wizard_go(w, w->under);
	else if (screens[w->screen]->back == SP_SCREEN_COUNT)
		sp_wizard_go(w, sp_way_from(w->way, w->screen, -1));
	else
		sp_wizard_go(w, screens[w->screen]->back);
}

void sp_wizard_say(sp_wizard *w, sp_style style, const char *text)
{
	free(w->hint);
	w->hint = text ? strdup(text) : NULL;
	w->hint_style = style;
}

void sp_wizard_say_error(sp_wizard *w, const sp_error *err)
{
	sp_buf text = { 0 };

	sp_buf_addf(&text, "✗ %s", sp_error_text(err));
	if (err->hint)
		sp_buf_addf(&text, ". %s", err->hint);
	sp_wizard_say(w, SP_STYLE_BAD, sp_buf_text(&text));
	sp_buf_free(&text);
}

bool sp_wizard_copy(sp_wizard *w, const char *text)
{
	if (!text)
		return false;
	free(w->copied);
	w->copied = strdup(text);
	sp_wizard_say(w, SP_STYLE_PLAIN,
	              _("Sent to the terminal's clipboard (OSC 52); it stays on the screen as well."));
	return true;
}

void sp_wizard_ask(sp_wizard *w, const char *title, const char *text, const char *const *buttons,
                   int count, void (*answer)(sp_wizard *w, int button))
{
	sp_wizard_ask_name(w, title, text, buttons, count, NULL, answer);
}

void sp_wizard_ask_name(sp_wizard *w, const char *title, const char *text,
                        const char *const *buttons, int count, const char *name,
                        void (*answer)(sp_wizard *w, int button))
{
	free_question(&w->question);
	w->question.name = name ? strdup(name) : NULL;
	w->question.title = strdup(title);
	w->question.text = strdup(text);
	for (int i = 0; i < count && i < 3; i++)
		w->question.buttons[i] = buttons[i];
	w->question.count = count;
	w->question.answer = answer;
	w->question.under = w->screen;
	w->screen = SP_SCREEN_QUESTION;
}

/* --- keys ------------------------------------------------------------------- */

bool sp_wizard_model(sp_wizard *w, sp_model *model)
{
	const sp_screen *screen = screens[w->screen];

	*model = (sp_model){ 0 };
	if (!screen->model)
		return false;
	screen->model(w, model);
	return true;
}

/* Typing into a list's filter narrows at once. */
static void key_in_filter(sp_wizard *w, int key)
{
	sp_list *list = w->typing_list;
	sp_do does = sp_key_does(key, SP_SCREEN_FIELD);
	sp_model model;

	if (does == SP_DO_BACK)
		sp_input_set(&list->filter, "");
	if (does == SP_DO_BACK || does == SP_DO_ENTER)
		w->typing_list = NULL;
	else if (does == SP_DO_UP || does == SP_DO_DOWN)
		sp_list_move(list, does == SP_DO_UP ? -1 : 1);
	else if (does == SP_DO_REDRAW)
		w->redraw = true;
	else
		sp_input_key(&list->filter, key);
	if (does != SP_DO_UP && does != SP_DO_DOWN && sp_wizard_model(w, &model))
		sp_list_refresh(list, &model);
}

static void key_in_field(sp_wizard *w, int key)
{
	sp_do does = sp_key_does(key, SP_SCREEN_FIELD);
	char *text;

	if (does == SP_DO_BACK) {
		w->editing = false;
	} else if (does == SP_DO_REDRAW) {
		w->redraw = true;
	} else if (does == SP_DO_ENTER) {
		w->editing = false;
		text = strdup(w->field.text);
		if (text)
			screens[w->screen]->typed(w, text);
		free(text);
	} else {
		sp_input_key(&w->field, key);
	}
}

static bool move_in_list(sp_list *list, sp_do does)
{
	int page = list->height > 1 ? list->height - 1 : 1;

	switch (does) {
	case SP_DO_UP: sp_list_move(list, -1); return true;
	case SP_DO_DOWN: sp_list_move(list, 1); return true;
	case SP_DO_PAGE_UP: sp_list_move(list, -page); return true;
	case SP_DO_PAGE_DOWN: sp_list_move(list, page); return true;
	case SP_DO_FIRST: sp_list_move(list, -list->count); return true;
	case SP_DO_LAST: sp_list_move(list, list->count); return true;
	default: return false;
	}
}

static bool filter_or_sort(sp_wizard *w, sp_list *list, sp_do does)
{
	sp_model model;

	if (does == SP_DO_FILTER) {
		w->typing_list = list;
		return true;
	}
	if (does == SP_DO_SORT && sp_wizard_model(w, &model) && model.sorts > 1) {
		list->sort = (list->sort + 1) % model.sorts;
		sp_list_refresh(list, &model);
		return true;
	}
	/* Esc clears a filter before it goes back */
	if (does == SP_DO_BACK && *list->filter.text && sp_wizard_model(w, &model)) {
		sp_input_set(&list->filter, "");
		sp_list_refresh(list, &model);
		return true;
	}
	return false;
}

/* What a key means wherever it is pressed. */
static void do_everywhere(sp_wizard *w, sp_do does)
{
	switch (does) {
	case SP_DO_BACK: sp_wizard_back(w); break;
	case SP_DO_HOME: sp_wizard_go(w, SP_SCREEN_HOME); break;
	case SP_DO_QUIT: w->over = true; break;
	case SP_DO_REDRAW: w->redraw = true; break;
	case SP_DO_HELP: sp_wizard_go(w, SP_SCREEN_HELP); break;
	case SP_DO_COMMAND: sp_wizard_go(w, SP_SCREEN_COMMAND); break;
	case SP_DO_STOP: sp_wizard_interrupt(w, w->now); break;
	default: break;
	}
}

static void say_unknown(sp_wizard *w, int key)
{
	sp_buf text = { 0 };

	if (key > ' ' && key < 0x7f)
		sp_say(&text, _("The key %c does nothing here; ? shows those that do."), key);
	else
		sp_say(&text, "%s", _("This key does nothing here; ? shows those that do."));
	sp_wizard_say(w, SP_STYLE_PLAIN, sp_buf_text(&text));
	sp_buf_free(&text);
}

sp_screen_id sp_wizard_keys_of(const sp_wizard *w, sp_screen_id screen)
{
	if (w->editing || w->typing_list)
		return SP_SCREEN_FIELD;
	return screen == SP_SCREEN_DRY_RUN && sp_running_goes_on(w) ? SP_SCREEN_PLANNING : screen;
}

static void take_key(sp_wizard *w, int key)
{
	const sp_screen *screen = screens[w->screen];
	sp_list *list = &w->lists[w->screen];
	sp_do does;

	if (w->typing_list) {
		key_in_filter(w, key);
		return;
	}
	if (w->editing) {
		key_in_field(w, key);
		return;
	}
	does = sp_key_does(key, sp_wizard_keys_of(w, w->screen));
	if (does == SP_DO_NOTHING)
		say_unknown(w, key);
	else if (!screen->key(w, does, key) && !move_in_list(list, does) &&
	         !filter_or_sort(w, list, does))
		do_everywhere(w, does);
}

void sp_wizard_key(sp_wizard *w, int key, double now)
{
	w->now = w->draft.touched = now;
	if (w->too_small)
		return;
	sp_wizard_say(w, SP_STYLE_PLAIN, NULL);
	take_key(w, key);
	if (screens[w->screen]->moved)
		screens[w->screen]->moved(w);
}

void sp_wizard_interrupt(sp_wizard *w, double now)
{
	w->now = now;
	if (!sp_running_goes_on(w)) {
		w->over = true;
		w->code = SP_INTERRUPTED;
	} else if (w->running.stopping && now - w->running.stopped < AT_ONCE) {
		sp_wizard_end(w);
	} else {
		w->link.cancel(w->link.ctx, w->awaited[w->running.ask]);
		w->running.stopping = true;
		w->running.stopped = now;
	}
}

/* --- news ------------------------------------------------------------------- */

void sp_wizard_reply(sp_wizard *w, sp_reply *reply, double now)
{
	sp_screen_id screen = w->screen;
	sp_request_kind ask;

	w->now = now;
	ask = sp_take_reply(w, reply);
	sp_reply_free(reply);
	if (ask == SP_ASK_KEEP)
		note_kept(w);
	else
		w->draft.touched = now;
	if (is_overlay(screen))
		screen = w->under;
	if (screen == SP_SCREEN_QUESTION)
		screen = w->question.under;
	if (ask != SP_ASK_COUNT && screens[screen]->reply)
		screens[screen]->reply(w, ask);
}

void sp_wizard_tick(sp_wizard *w, double now)
{
	w->now = now;
	if (w->draft.touched >= 0 && now - w->draft.touched >= KEEP_AFTER)
		sp_wizard_keep(w);
	sp_running_tick(w);
}

bool sp_wizard_is_writing(const sp_wizard *w)
{
	return w->running.active;
}

double sp_wizard_patience(const sp_wizard *w)
{
	if (w->setup->drafts && w->draft.touched >= 0 && !w->awaited[SP_ASK_KEEP])
		return KEEP_AFTER;
	for (int i = 0; i < SP_ASK_COUNT; i++)
		if (w->awaited[i])
			return 1;
	for (int i = 0; i < w->setup->instance_count; i++)
		if (w->contacts[i].state == SP_CONTACT_ASKED)
			return 1;
	return -1;
}

/* --- drawing ---------------------------------------------------------------- */

void sp_wizard_draw(sp_wizard *w, sp_canvas *canvas)
{
	sp_frame frame = sp_layout_frame(canvas->width, canvas->height);

	sp_canvas_clear(canvas);
	w->too_small = frame.too_small;
	if (frame.too_small) {
		sp_frame_too_small(canvas);
		return;
	}
	if (w->screen == SP_SCREEN_QUESTION)
		screens[w->question.under]->draw(w, &frame, canvas);
	screens[w->screen]->draw(w, &frame, canvas);
	sp_frame_draw(w, &frame, canvas);
}

static void add_repeat(const sp_wizard *w, sp_way way, sp_buf *to)
{
	if (w->repeat[way])
		sp_buf_addf(to, "%s\n  %s\n", _("The same again:"), w->repeat[way]);
}

static void add_packages(const sp_wizard *w, sp_buf *to)
{
	int shown = 0, more = 0;

	for (const sp_json *at = sp_json_first(w->packages); at; at = sp_json_next(at)) {
		if (shown++ == 4) {
			more++;
			shown--;
			continue;
		}
		sp_buf_addf(to, _("written: %s, "), sp_json_text(at, "path"));
		sp_text_bytes(to, (unsigned long long)sp_json_int(at, "size", 0));
		sp_buf_addf(to, ", %s\n  sha256 %s\n", _("unsigned"), sp_json_text(at, "sha256"));
	}
	if (more)
		sp_buf_addf(to, sp_translate_n("and %d more\n", "and %d more\n", (unsigned long)more),
		            more);
	if (shown)
		add_repeat(w, SP_WAY_EXPORT, to);
}

static void add_import(const sp_wizard *w, sp_buf *to)
{
	const sp_json *result = sp_json_get(w->imported, "result");

	if (!result)
		return;
	sp_buf_addf(to, _("imported: %lld rows are new, %lld were updated; on record as %s"),
	            (long long)sp_json_int(result, "created_rows", 0),
	            (long long)sp_json_int(result, "updated_rows", 0),
	            sp_json_text(w->imported, "operation"));
	sp_buf_addc(to, '\n');
	add_repeat(w, SP_WAY_IMPORT, to);
}

void sp_wizard_receipt(const sp_wizard *w, sp_buf *to)
{
	add_packages(w, to);
	add_import(w, to);
	if (w->draft.kept)
		sp_buf_addf(to, "%s\n",
		            _("Not finished: spaceport goes on with it from its first screen."));
}
