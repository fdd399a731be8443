#include <config.h>

#include "ui/wizard.h"

#include <stdlib.h>
#include <string.h>

#include "ui/dry_run.h"
#include "ui/running.h"

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
		forget_list(&w->lists[SP_SCREEN_TARGETS], same);
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
	case SP_ASK_PACKAGES:
		came_clear(&w->folder);
		forget_list(&w->lists[SP_SCREEN_PACKAGES], same);
		break;
	case SP_ASK_INSPECT:
		sp_json_free(w->inspected);
		w->inspected = NULL;
		break;
	case SP_ASK_DRY_RUN:
		sp_dry_run_clear(&w->dry_run);
		forget_list(&w->lists[SP_SCREEN_DRY_RUN], same);
		break;
	case SP_ASK_IMPORT:
		sp_json_free(w->imported);
		w->imported = NULL;
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
	case SP_ASK_PACKAGES: return w->folder.json != NULL;
	case SP_ASK_INSPECT: return w->inspected || sp_error_is_set(&w->failed[ask]);
	case SP_ASK_DRY_RUN: return w->dry_run.json && !w->dry_run.stale;
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
	sp_buf_addf(key, "%d\n%s\n", w->answers->instance,
	            w->answers->infospace ? w->answers->infospace : "");
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

	sp_buf_addf(&key, "%d", w->answers->instance);
	if (!is_new(w, SP_ASK_INFOSPACES, &key, anew))
		return;
	w->listed = w->answers->instance;
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
	     request && sp_answer_set(&request->infospace, w->answers->infospace));
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
	for (int i = 0; i < w->answers->run_count; i++)
		sp_buf_addf(key, "%s\n", w->answers->runs[i].uuid);
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
	for (int i = 0; ok && i < w->answers->run_count; i++)
		ok = sp_request_run(request, w->answers->runs[i].uuid, NULL, err);
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
	     request && sp_answers_fill(w->answers, request, &w->failed[ask]));
}

void sp_ask_plan(sp_wizard *w, bool anew)
{
	sp_buf key = { 0 };

	add_runs(w, &key);
	for (int i = 0; i < w->answers->option_count; i++)
		sp_buf_addf(&key, "%s\n", w->answers->values[i]);
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

/* Of files here: no instance is asked. */
static sp_request *request_here(sp_wizard *w, sp_request_kind ask)
{
	const sp_instance nowhere = { 0 };

	return sp_request_create(ask, &nowhere, &w->failed[ask]);
}

void sp_ask_packages(sp_wizard *w, bool anew)
{
	sp_buf key = { 0 };
	sp_request *request;

	sp_buf_adds(&key, w->answers->folder);
	if (!is_new(w, SP_ASK_PACKAGES, &key, anew))
		return;
	request = request_here(w, SP_ASK_PACKAGES);
	send(w, SP_ASK_PACKAGES, request,
	     request && sp_answer_set(&request->folder, w->answers->folder));
}

void sp_ask_inspect(sp_wizard *w, const char *path, bool anew)
{
	sp_buf key = { 0 };
	sp_request *request;

	sp_buf_adds(&key, path);
	if (!is_new(w, SP_ASK_INSPECT, &key, anew))
		return;
	request = request_here(w, SP_ASK_INSPECT);
	send(w, SP_ASK_INSPECT, request, request && sp_answer_set(&request->package, path));
}

/* What was decided since the last dry run goes along. */
static bool fill_plan(const sp_wizard *w, sp_request *request, sp_error *err)
{
	const sp_dry_run *last = &w->dry_run;
	bool ok = sp_answer_set(&request->plans, w->setup->plans) || sp_fail_memory(err);

	for (int i = 0; ok && i < last->conflict_count; i++)
		if (last->decided[i].word)
			ok = sp_request_decide(request, i + 1, last->decided[i].word, last->decided[i].fields,
			                       err);
	return ok && sp_answers_fill(w->answers, request, err);
}

void sp_ask_dry_run(sp_wizard *w, bool anew)
{
	sp_error *failed = &w->failed[SP_ASK_DRY_RUN];
	sp_buf key = { 0 };
	sp_request *request = request_for(w, SP_ASK_DRY_RUN);
	bool filled = request && fill_plan(w, request, failed);

	add_place(w, &key);
	sp_buf_addf(&key, "%s\n%s\n%d\n", w->answers->package,
	            w->answers->new_name ? w->answers->new_name : "", w->answers->force);
	for (int i = 0; i < w->answers->option_count; i++)
		sp_buf_addf(&key, "%s\n", w->answers->values[i]);
	if (!is_new(w, SP_ASK_DRY_RUN, &key, anew)) {
		sp_request_free(request);
		return;
	}
	sp_running_begin(w, SP_ASK_DRY_RUN);
	send(w, SP_ASK_DRY_RUN, request, filled);
}

void sp_ask_import(sp_wizard *w)
{
	sp_request *request;

	sp_error_clear(&w->failed[SP_ASK_IMPORT]);
	forget(w, SP_ASK_IMPORT, false);
	request = request_for(w, SP_ASK_IMPORT);
	if (request)
		request->keep_plan = w->answers->decided;
	send(w, SP_ASK_IMPORT, request,
	     request && sp_answers_fill(w->answers, request, &w->failed[SP_ASK_IMPORT]));
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
		contact = &w->contacts[w->listed];
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
	case SP_ASK_PACKAGES: return came_take(&w->folder, json, "packages");
	case SP_ASK_INSPECT: w->inspected = json; return true;
	case SP_ASK_DRY_RUN: return sp_dry_run_take(w, json);
	case SP_ASK_IMPORT: w->imported = json; return true;
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
