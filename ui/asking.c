#include <config.h>

#include "ui/wizard.h"

#include <stdlib.h>
#include <string.h>

#include "ui/draft.h"

/* --- what came -------------------------------------------------------------- */

static void came_clear(sp_came *came)
{
	sp_json_free(came->json);
	free(came->rows);
	*came = (sp_came){ NULL, NULL, 0 };
}

/* Takes the answer; its rows are those of the member `key`. */
static bool came_take(sp_came *came, sp_json *json, const char *key)
{
	const sp_json *list = sp_json_get(json, key);
	size_t count = 0;

	came_clear(came);
	came->json = json;
	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		count++;
	came->rows = calloc(count + 1, sizeof *came->rows);
	if (!came->rows)
		return false;
	for (const sp_json *at = sp_json_first(list); at; at = sp_json_next(at))
		came->rows[came->count++] = at;
	return true;
}

static void forget_list(sp_list *list, bool same)
{
	if (same)
		sp_list_empty(list);
	else
		sp_list_clear(list);
}

/* `same`: what comes instead is about the same, so that the place in it stays. */
static void forget(sp_wizard *w, sp_request_kind ask, bool same)
{
	switch (ask) {
	case SP_ASK_INFOSPACES:
		came_clear(&w->infospaces);
		forget_list(&w->lists[SP_SCREEN_INFOSPACES], same);
		break;
	case SP_ASK_RUNS:
		came_clear(&w->runs);
		forget_list(&w->lists[SP_SCREEN_RUNS], same);
		break;
	case SP_ASK_CHECKS:
		sp_json_free(w->checks);
		w->checks = NULL;
		break;
	case SP_ASK_DETAILS:
		sp_json_free(w->details);
		w->details = NULL;
		break;
	case SP_ASK_SURVEY: w->surveyed = false; break;
	case SP_ASK_PLAN:
		sp_json_free(w->plan);
		w->plan = NULL;
		break;
	case SP_ASK_TARGETS:
		sp_json_free(w->targets);
		w->targets = NULL;
		break;
	case SP_ASK_EXPORT:
		sp_json_free(w->packages);
		w->packages = NULL;
		break;
	default: break;
	}
}

static bool is_known(const sp_wizard *w, sp_request_kind ask)
{
	switch (ask) {
	case SP_ASK_INFOSPACES: return w->infospaces.json != NULL;
	case SP_ASK_RUNS: return w->runs.json != NULL;
	case SP_ASK_DETAILS: return w->details != NULL;
	case SP_ASK_SURVEY: return w->surveyed;
	case SP_ASK_PLAN: return w->plan != NULL;
	case SP_ASK_TARGETS: return w->targets != NULL;
	default: return false;
	}
}

/* --- asking ----------------------------------------------------------------- */

bool sp_is_awaited(const sp_wizard *w, sp_request_kind ask)
{
	return w->awaited[ask] != 0;
}

void sp_ask_nothing(sp_wizard *w, sp_request_kind ask)
{
	if (w->awaited[ask])
		w->link.cancel(w->link.ctx, w->awaited[ask]);
	w->awaited[ask] = 0;
}

/* False where the answer to just this is there or on its way. Takes the key. */
static bool is_new(sp_wizard *w, sp_request_kind ask, sp_buf *key, bool anew)
{
	char *text = sp_buf_take(key);
	bool same = text && w->key[ask] && strcmp(w->key[ask], text) == 0;

	if (same && !anew && (is_known(w, ask) || sp_is_awaited(w, ask))) {
		free(text);
		return false;
	}
	sp_ask_nothing(w, ask);
	sp_error_clear(&w->failed[ask]);
	forget(w, ask, same);
	free(w->key[ask]);
	w->key[ask] = text;
	return true;
}

static sp_request *request_for(sp_wizard *w, sp_request_kind ask)
{
	return sp_request_create(ask, sp_instance_of(w), &w->failed[ask]);
}

/* Takes the request, NULL too. */
static void send(sp_wizard *w, sp_request_kind ask, sp_request *request, bool ok)
{
	if (!request || !ok) {
		sp_fail_memory(&w->failed[ask]);
		sp_request_free(request);
		return;
	}
	request->number = ++w->number;
	w->since[ask] = w->now;
	if (w->link.start(w->link.ctx, request, &w->failed[ask]))
		w->awaited[ask] = w->number;
}

void sp_ask_instance(sp_wizard *w, int instance)
{
	sp_contact *contact = &w->contacts[instance];
	sp_request *request =
		sp_request_create(SP_ASK_INSTANCE, &w->setup->instances[instance], &contact->err);

	sp_error_clear(&contact->err);
	contact->state = SP_CONTACT_FAILED;
	contact->asked = w->now;
	if (!request)
		return;
	request->number = contact->number = ++w->number;
	if (w->link.start(w->link.ctx, request, &contact->err))
		contact->state = SP_CONTACT_ASKED;
}

static void add_place(const sp_wizard *w, sp_buf *key)
{
	sp_buf_addf(key, "%d\n%s\n", w->answers.instance,
	            w->answers.infospace ? w->answers.infospace : "");
}

void sp_ask_checks(sp_wizard *w, int instance)
{
	sp_buf key = { 0 };

	sp_buf_addf(&key, "%d", instance);
	is_new(w, SP_ASK_CHECKS, &key, true);
	w->checks = sp_json_array();
	w->examined = instance;
	send(w, SP_ASK_CHECKS,
	     sp_request_create(SP_ASK_CHECKS, &w->setup->instances[instance],
	                       &w->failed[SP_ASK_CHECKS]),
	     true);
}

void sp_ask_infospaces(sp_wizard *w, bool anew)
{
	sp_buf key = { 0 };

	sp_buf_addf(&key, "%d", w->answers.instance);
	if (is_new(w, SP_ASK_INFOSPACES, &key, anew))
		send(w, SP_ASK_INFOSPACES, request_for(w, SP_ASK_INFOSPACES), true);
}

void sp_ask_runs(sp_wizard *w, bool anew)
{
	sp_buf key = { 0 };
	sp_request *request;

	add_place(w, &key);
	if (!is_new(w, SP_ASK_RUNS, &key, anew))
		return;
	request = request_for(w, SP_ASK_RUNS);
	send(w, SP_ASK_RUNS, request,
	     request && sp_answer_set(&request->infospace, w->answers.infospace));
}

void sp_ask_details(sp_wizard *w, const char *uuid, bool anew)
{
	sp_buf key = { 0 };
	sp_request *request;

	add_place(w, &key);
	sp_buf_adds(&key, uuid);
	if (!is_new(w, SP_ASK_DETAILS, &key, anew))
		return;
	request = request_for(w, SP_ASK_DETAILS);
	send(w, SP_ASK_DETAILS, request,
	     request && sp_request_run(request, uuid, NULL, &w->failed[SP_ASK_DETAILS]));
}

static void add_runs(const sp_wizard *w, sp_buf *key)
{
	add_place(w, key);
	for (int i = 0; i < w->answers.run_count; i++)
		sp_buf_addf(key, "%s\n", w->answers.runs[i].uuid);
}

/* All that could travel: what each option does is told from this. */
static bool fill_survey(const sp_wizard *w, sp_request *request, sp_error *err)
{
	static const char *const all[] = { "include-source-assets", "include-chunks",
		                               "include-embeddings", "include-datasets",
		                               "include-dependencies" };
	bool ok = sp_request_option(request, "max-line", "64", err);

	for (size_t i = 0; ok && i < sizeof all / sizeof *all; i++)
		ok = sp_request_option(request, all[i], "yes", err);
	if (ok && !sp_instance_of(w)->store)
		ok = sp_request_option(request, "asset-format", "external", err);
	for (int i = 0; ok && i < w->answers.run_count; i++)
		ok = sp_request_run(request, w->answers.runs[i].uuid, NULL, err);
	return ok;
}

void sp_ask_survey(sp_wizard *w, bool anew)
{
	sp_buf key = { 0 };
	sp_request *request;

	add_runs(w, &key);
	if (!is_new(w, SP_ASK_SURVEY, &key, anew))
		return;
	request = request_for(w, SP_ASK_SURVEY);
	send(w, SP_ASK_SURVEY, request, request && fill_survey(w, request, &w->failed[SP_ASK_SURVEY]));
}

static void send_answers(sp_wizard *w, sp_request_kind ask)
{
	sp_request *request = request_for(w, ask);

	send(w, ask, request,
	     request && sp_answers_fill(w->setup, &w->answers, request, &w->failed[ask]));
}

void sp_ask_plan(sp_wizard *w, bool anew)
{
	sp_buf key = { 0 };

	add_runs(w, &key);
	for (int i = 0; i < w->setup->option_count; i++)
		sp_buf_addf(&key, "%s\n", w->answers.values[i]);
	if (is_new(w, SP_ASK_PLAN, &key, anew))
		send_answers(w, SP_ASK_PLAN);
}

void sp_ask_targets(sp_wizard *w)
{
	sp_buf key = { 0 };

	if (is_new(w, SP_ASK_TARGETS, &key, true))
		send_answers(w, SP_ASK_TARGETS);
}

void sp_ask_export(sp_wizard *w)
{
	sp_buf key = { 0 };

	is_new(w, SP_ASK_EXPORT, &key, true);
	w->packages = sp_json_array();
	send_answers(w, SP_ASK_EXPORT);
}

/* About no instance. */
static sp_request *draft_request(sp_wizard *w, sp_request_kind ask)
{
	static const sp_instance none;
	sp_request *request = sp_request_create(ask, &none, &w->failed[ask]);
	sp_buf key = { 0 };

	is_new(w, ask, &key, true);
	if (!request || sp_answer_set(&request->drafts, w->setup->drafts))
		return request;
	sp_request_free(request);
	return NULL;
}

void sp_ask_drafts(sp_wizard *w)
{
	if (w->setup->drafts)
		send(w, SP_ASK_DRAFTS, draft_request(w, SP_ASK_DRAFTS), true);
}

void sp_ask_keep(sp_wizard *w, const char *text)
{
	sp_request *request = draft_request(w, SP_ASK_KEEP);
	const sp_drafting *draft = &w->draft;

	send(w, SP_ASK_KEEP, request,
	     request && (!text || sp_answer_set(&request->text, text)) &&
	         (!draft->file || sp_answer_set(&request->draft, draft->file)) &&
	         (!draft->other || sp_answer_set(&request->other, draft->other)));
}

void sp_ask_forget(sp_wizard *w, const char *file)
{
	sp_request *request = draft_request(w, SP_ASK_FORGET);

	send(w, SP_ASK_FORGET, request, request && sp_answer_set(&request->draft, file));
}

/* --- answers ---------------------------------------------------------------- */

static void set_text(char **to, const char *text)
{
	/* without memory the old text stays: it is shown only */
	(void)sp_answer_set(to, text);
}

static void know_contact(sp_contact *contact, const sp_json *json)
{
	contact->state = SP_CONTACT_THERE;
	set_text(&contact->server, sp_json_text(json, "server"));
	set_text(&contact->user, sp_json_text(json, "user"));
	sp_error_clear(&contact->err);
}

static bool take_contact(sp_wizard *w, sp_reply *reply)
{
	for (int i = 0; i < w->setup->instance_count; i++) {
		sp_contact *contact = &w->contacts[i];

		if (contact->number != reply->number || contact->state != SP_CONTACT_ASKED)
			continue;
		if (reply->json) {
			know_contact(contact, reply->json);
			contact->infospaces = sp_json_int(reply->json, "infospaces", 0);
		} else if (sp_error_is_set(&reply->err)) {
			contact->state = SP_CONTACT_FAILED;
			sp_error_move(&contact->err, &reply->err);
		}
		return true;
	}
	return false;
}

static void add_parts(sp_wizard *w, const sp_json *json)
{
	w->parts = (sp_parts){ 0 };
	for (const sp_json *at = sp_json_first(sp_json_get(json, "plans")); at; at = sp_json_next(at))
		sp_parts_add(&w->parts, at);
	w->surveyed = true;
}

/* The draft stands under this name from now on, or under none. */
static bool keep_name(sp_wizard *w, sp_json *json)
{
	const char *file = sp_json_text(json, "file");
	char *name = file ? strdup(file) : NULL;
	bool ok = !file || name;

	free(w->draft.file);
	free(w->draft.other);
	w->draft.file = name;
	w->draft.other = NULL;
	sp_json_free(json);
	return ok;
}

/* Takes the JSON where it keeps it. */
static bool keep(sp_wizard *w, sp_request_kind ask, sp_json *json)
{
	sp_contact *contact;

	switch (ask) {
	case SP_ASK_CHECKS: return sp_json_add(w->checks, NULL, json);
	case SP_ASK_INFOSPACES:
		contact = &w->contacts[w->answers.instance];
		know_contact(contact, json);
		if (!came_take(&w->infospaces, json, "infospaces"))
			return false;
		contact->infospaces = w->infospaces.count;
		return true;
	case SP_ASK_RUNS: return came_take(&w->runs, json, "runs");
	case SP_ASK_DETAILS: w->details = json; return true;
	case SP_ASK_PLAN: w->plan = json; return true;
	case SP_ASK_TARGETS: w->targets = json; return true;
	case SP_ASK_EXPORT: return sp_json_add(w->packages, NULL, json);
	case SP_ASK_DRAFTS: return came_take(&w->draft.list, json, "drafts");
	case SP_ASK_KEEP: return keep_name(w, json);
	case SP_ASK_FORGET: sp_json_free(json); return true;
	default:
		add_parts(w, json);
		sp_json_free(json);
		return true;
	}
}

sp_request_kind sp_take_reply(sp_wizard *w, sp_reply *reply)
{
	sp_request_kind ask = reply->ask;

	if (ask == SP_ASK_INSTANCE)
		return take_contact(w, reply) ? ask : SP_ASK_COUNT;
	if (!w->awaited[ask] || w->awaited[ask] != reply->number)
		return SP_ASK_COUNT;
	if (reply->json && !keep(w, ask, reply->json))
		sp_fail_memory(&w->failed[ask]);
	reply->json = NULL;
	if (sp_error_is_set(&reply->err))
		sp_error_move(&w->failed[ask], &reply->err);
	if (reply->last)
		w->awaited[ask] = 0;
	return ask;
}

/* --- choosing --------------------------------------------------------------- */

const sp_instance *sp_instance_of(const sp_wizard *w)
{
	return &w->setup->instances[w->answers.instance];
}

const char *sp_instance_title(const sp_instance *instance)
{
	return instance->name ? instance->name : _("the given instance");
}

void sp_choose_instance(sp_wizard *w, int instance)
{
	if (w->answers.instance == instance)
		return;
	w->answers.instance = instance;
	free(w->answers.infospace);
	free(w->answers.infospace_name);
	w->answers.infospace = w->answers.infospace_name = NULL;
	sp_answers_drop_runs(&w->answers);
}

void sp_choose_infospace(sp_wizard *w, int row)
{
	const sp_json *space = w->infospaces.rows[row];
	const char *uuid = sp_json_text(space, "uuid");

	if (!w->answers.infospace || strcmp(w->answers.infospace, uuid) != 0)
		sp_answers_drop_runs(&w->answers);
	if (!sp_answer_set(&w->answers.infospace, uuid) ||
	    !sp_answer_set(&w->answers.infospace_name, sp_json_text(space, "name")))
		sp_fail_memory(&w->failed[SP_ASK_RUNS]);
}

int sp_row_of_run(const sp_wizard *w, const char *uuid)
{
	for (int i = 0; i < w->runs.count; i++)
		if (strcmp(sp_json_text(w->runs.rows[i], "uuid"), uuid) == 0)
			return i;
	return -1;
}

/* A name that was typed for a run stays with it. */
static void keep_files(sp_answers *to, const sp_answers *from)
{
	for (int i = 0; i < to->run_count; i++)
		for (int j = 0; j < from->run_count; j++)
			if (strcmp(to->runs[i].uuid, from->runs[j].uuid) == 0)
				(void)sp_answer_set(&to->runs[i].file, from->runs[j].file);
}

void sp_choose_runs(sp_wizard *w)
{
	const sp_list *list = &w->lists[SP_SCREEN_RUNS];
	sp_answers old = { .runs = w->answers.runs, .run_count = w->answers.run_count };

	w->answers.runs = NULL;
	w->answers.run_count = 0;
	for (int i = 0; i < list->count; i++)
		if (list->picked[i] && !sp_answers_add_run(&w->answers, w->runs.rows[i]))
			sp_fail_memory(&w->failed[SP_ASK_RUNS]);
	keep_files(&w->answers, &old);
	sp_answers_drop_runs(&old);
}

void sp_choose_value(sp_wizard *w, int option, const char *value)
{
	if (!sp_answer_set(&w->answers.values[option], value))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
}

void sp_choose_folder(sp_wizard *w, const char *folder)
{
	const char *home = getenv("HOME"), *base = w->answers.folder;
	sp_buf path = { 0 };

	if (folder[0] == '~' && (!folder[1] || folder[1] == '/') && home)
		sp_buf_addf(&path, "%s%s", home, folder + 1);
	else if (folder[0] == '/' || !*base)
		sp_buf_adds(&path, folder);
	else
		sp_buf_addf(&path, "%s/%s", base, folder);
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.data[--path.len] = '\0';
	if (path.failed || !sp_answer_set(&w->answers.folder, sp_buf_text(&path)))
		sp_wizard_say(w, SP_STYLE_BAD, _("out of memory"));
	sp_buf_free(&path);
}

bool sp_choose_draft(sp_wizard *w, int row)
{
	const sp_json *entry = w->draft.list.rows[row];
	const char *file = sp_json_text(entry, "file");
	sp_error err = SP_ERROR_INIT;
	sp_screen_id step;
	char *other = NULL;

	sp_wizard_keep(w); /* what was answered before is a draft of its own */
	if (!sp_draft_read(w->setup, sp_json_get(entry, "draft"), &w->answers, &step, &err) ||
	    !sp_answer_set(&other, file)) {
		sp_wizard_say_error(w, &err);
		sp_error_clear(&err);
		return false;
	}
	if (!w->draft.file || strcmp(w->draft.file, file) != 0) {
		sp_ask_nothing(w, SP_ASK_KEEP);
		free(w->draft.file);
		free(w->draft.other);
		free(w->draft.kept);
		w->draft.file = w->draft.kept = NULL;
		w->draft.other = other;
	} else {
		free(other);
	}
	w->draft.touched = w->now;
	sp_wizard_go(w, step);
	return true;
}

const char *sp_value_of(const sp_wizard *w, const char *name)
{
	for (int i = 0; i < w->setup->option_count; i++)
		if (strcmp(w->setup->options[i].name, name) == 0)
			return w->answers.values[i];
	return "";
}

int64_t sp_estimate(const sp_wizard *w)
{
	sp_export_options options = { 0 };
	sp_error err = SP_ERROR_INIT;
	int64_t size;

	if (!w->surveyed)
		return -1;
	for (int i = 0; i < w->setup->option_count; i++)
		if (!w->setup->options[i].list && *w->answers.values[i])
			sp_export_options_set(&options, w->setup->options[i].name, w->answers.values[i], &err);
	sp_error_clear(&err);
	size = sp_parts_estimate(&w->parts, &options);
	sp_export_options_clear(&options);
	return size;
}
