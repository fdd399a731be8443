#include <config.h>

#include "core/plan/decide.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/plan/decided.h"
#include "core/plan/plan_file.h"

/* Groups that are told apart; rows of others can be named one by one. */
#define MOST_GROUPS 10000

/* Rows of which the same is to be decided. */
typedef struct {
	char *key; /* kind, why, and columns */
	char *kind, *why;
	sp_json *columns; /* NULL: none */
	char *name;       /* of the first that has one */
	char *decision;   /* of the first; NULL: none */
	bool is_mixed;    /* another has another one */
	int64_t rows, open, fixed;
} group;

typedef struct {
	group *all;
	int count, room;
	int64_t open; /* rows, those of groups that aren't told apart too */
	sp_buf key;   /* for the moment */
} groups;

const char sp_decide_advice[] =
    N_("A UUID that is taken needs \"beside\", a row in the way \"keep\", \"beside\" or "
       "\"merge\", one that was deleted \"keep\" or \"overwrite\".");

/* --- groups -------------------------------------------------------------------------------- */

static bool is_conflict(const sp_json *line)
{
	const char *class = sp_json_text(line, "class");

	return class && !strcmp(class, "conflict");
}

static bool make_key(sp_buf *key, const sp_json *line)
{
	const char *why = sp_json_text(line, "why");

	sp_buf_reset(key);
	sp_buf_addf(key, "%s %s ", sp_json_text(line, "kind"), why ? why : "");
	return (!sp_json_get(line, "columns") ||
	        sp_json_print(sp_json_get(line, "columns"), false, key)) &&
	       !key->failed;
}

static char *copy(const char *text)
{
	return strdup(text ? text : "");
}

static bool add_group(groups *all, const sp_json *line, sp_error *err)
{
	const sp_json *columns = sp_json_get(line, "columns");
	group *g;

	if (all->count == all->room) {
		int room = all->room ? 2 * all->room : 64;
		group *grown = realloc(all->all, (size_t)room * sizeof *grown);

		if (!grown)
			return sp_fail_memory(err);
		all->all = grown;
		all->room = room;
	}
	g = &all->all[all->count++];
	*g = (group){ .key = copy(sp_buf_text(&all->key)),
		          .kind = copy(sp_json_text(line, "kind")),
		          .why = copy(sp_json_text(line, "why")),
		          .columns = columns ? sp_json_copy(columns) : NULL };
	return (g->key && g->kind && g->why && (!columns || g->columns)) || sp_fail_memory(err);
}

/* The number of a conflict's group, from 0 on; -1: there are too many, or an error. */
static int group_of(groups *all, const sp_json *line, sp_error *err)
{
	if (!make_key(&all->key, line)) {
		sp_fail_memory(err);
		return -1;
	}
	for (int i = 0; i < all->count; i++)
		if (!strcmp(all->all[i].key, sp_buf_text(&all->key)))
			return i;
	return all->count < MOST_GROUPS && add_group(all, line, err) ? all->count - 1 : -1;
}

static void forget_groups(groups *all)
{
	for (int i = 0; i < all->count; i++) {
		free(all->all[i].key);
		free(all->all[i].kind);
		free(all->all[i].why);
		free(all->all[i].name);
		free(all->all[i].decision);
		sp_json_free(all->all[i].columns);
	}
	free(all->all);
	sp_buf_free(&all->key);
}

/* --- looking ------------------------------------------------------------------------------- */

static bool note_decision(group *g, const char *decision, sp_error *err)
{
	if (g->rows == 1 && decision && !(g->decision = strdup(decision)))
		return sp_fail_memory(err);
	g->is_mixed = g->is_mixed || !decision != !g->decision ||
	              (decision && strcmp(decision, g->decision) != 0);
	g->open += !decision;
	return true;
}

static bool count_line(void *ctx, const char *text, size_t len, const sp_json *line, sp_error *err)
{
	groups *all = ctx;
	int number;
	group *g;

	(void)text;
	(void)len;
	if (!is_conflict(line))
		return true;
	all->open += !sp_json_text(line, "decision");
	number = group_of(all, line, err);
	if (number < 0)
		return !sp_error_is_set(err);
	g = &all->all[number];
	g->rows++;
	g->fixed += !sp_json_text(line, "there");
	if (!g->name && sp_json_text(line, "name") && !(g->name = copy(sp_json_text(line, "name"))))
		return sp_fail_memory(err);
	return note_decision(g, sp_json_text(line, "decision"), err);
}

static void tell_group(const group *g, int number, sp_json *to)
{
	sp_json *item = sp_json_add_object(to, NULL);

	sp_json_add_int(item, "group", number);
	sp_json_add_text(item, "kind", g->kind);
	sp_json_add_text(item, "why", g->why);
	sp_json_add_int(item, "rows", g->rows);
	sp_json_add_int(item, "open", g->open);
	if (g->columns)
		sp_json_add(item, "columns", sp_json_copy(g->columns));
	if (g->name)
		sp_json_add_text(item, "name", g->name);
	if (g->decision && !g->is_mixed)
		sp_json_add_text(item, "decision", g->decision);
	if (g->fixed)
		sp_json_add_int(item, "fixed", g->fixed);
}

sp_json *sp_decide_groups(const char *path, sp_error *err)
{
	sp_json *head = sp_plan_file_head(path, err), *json = NULL, *list;
	groups all = { 0 };

	if (head && sp_plan_file_read(path, count_line, &all, err)) {
		json = sp_json_object();
		sp_json_add_int(json, "open", all.open);
		list = sp_json_add_array(json, "groups");
		for (int i = 0; i < all.count; i++)
			tell_group(&all.all[i], i + 1, list);
		if (!sp_json_is_whole(json)) {
			sp_json_free(json);
			json = NULL;
			sp_fail_memory(err);
		}
	}
	sp_json_free(head);
	forget_groups(&all);
	return json;
}

/* --- deciding ------------------------------------------------------------------------------ */

typedef struct {
	const sp_decide_what *what;
	groups groups;
	sp_decide_done done;
	sp_out *out;
	sp_buf text, safe;
} deciding;

bool sp_decide_check(const sp_decide_what *what, sp_error *err)
{
	bool merges = what->word && !strcmp(what->word, sp_decisions[SP_DECISION_MERGE]);

	if (what->word && strcmp(what->word, SP_DECIDE_OPEN) != 0 &&
	    sp_word_of(sp_decisions, SP_DECISIONS, what->word) < 0)
		return sp_fail(err, SP_USAGE, N_("keep, overwrite, beside, merge, later or open."),
		               N_("\"%s\" is no decision"), what->word);
	if (merges != (what->field_count > 0))
		return sp_fail(err, SP_USAGE, N_("Say which columns, or fields, become the package's."),
		               N_("merge and --field go together"));
	return true;
}

static bool is_answer(const char *decision, const sp_json *line)
{
	int word = sp_word_of(sp_decisions, SP_DECISIONS, decision);
	const char *why = sp_json_text(line, "why");

	return word < 0 || !is_conflict(line) || !why || sp_decision_answers((sp_decision)word, why);
}

/* Rows by name are decided whatever they are; else those in conflict. */
static bool is_meant(deciding *d, const sp_json *line, sp_error *err)
{
	const sp_decide_what *what = d->what;

	if (!sp_json_text(line, "there") ||
	    (what->kind && strcmp(what->kind, sp_json_text(line, "kind")) != 0) ||
	    (what->row && strcmp(what->row, sp_json_text(line, "origin")) != 0))
		return false;
	if (!is_conflict(line))
		return what->row && !what->group;
	return !what->group || group_of(&d->groups, line, err) == what->group - 1;
}

static bool write_text(deciding *d, const char *text, size_t len, sp_error *err)
{
	return sp_out_write(d->out, text, len, err) && sp_out_write(d->out, "\n", 1, err);
}

static bool write_decided(deciding *d, const sp_json *line, sp_error *err)
{
	sp_json *json = sp_json_object(), *fields;
	bool ok;

	for (const sp_json *at = sp_json_first(line); at; at = sp_json_next(at))
		if (strcmp(sp_json_key(at), "decision") != 0 && strcmp(sp_json_key(at), "fields") != 0)
			sp_json_add(json, sp_json_key(at), sp_json_copy(at));
	if (strcmp(d->what->word, SP_DECIDE_OPEN) != 0)
		sp_json_add_text(json, "decision", d->what->word);
	if (d->what->field_count) {
		fields = sp_json_add_array(json, "fields");
		for (int i = 0; i < d->what->field_count; i++)
			sp_json_add_text(fields, NULL, d->what->fields[i]);
	}
	sp_buf_reset(&d->text);
	sp_buf_reset(&d->safe);
	ok = sp_json_is_whole(json) && sp_json_print(json, false, &d->text);
	sp_safe_json(&d->safe, sp_buf_text(&d->text), d->text.len);
	ok = (ok && !d->safe.failed) || sp_fail_memory(err);
	sp_json_free(json);
	d->done.rows++;
	return ok && write_text(d, d->safe.data, d->safe.len, err);
}

static bool decide_line(void *ctx, const char *text, size_t len, const sp_json *line, sp_error *err)
{
	deciding *d = ctx;

	/* the groups are numbered as they come, whichever are meant */
	if (is_conflict(line) && group_of(&d->groups, line, err) < 0 && sp_error_is_set(err))
		return false;
	if (is_meant(d, line, err)) {
		if (is_answer(d->what->word, line))
			return write_decided(d, line, err);
		d->done.unanswered++;
	}
	return !sp_error_is_set(err) && write_text(d, text, len, err);
}

static bool check_done(const deciding *d, sp_error *err)
{
	if (d->done.rows)
		return true;
	if (d->done.unanswered)
		return sp_fail(err, SP_USAGE,
		               sp_decide_advice,
		               N_("\"%s\" is no answer to these conflicts"), d->what->word);
	return sp_fail(err, SP_USAGE, N_("\"spaceport decide PLAN\" shows what awaits a decision."),
	               N_("no row of the plan is meant"));
}

bool sp_decide(const char *path, const sp_decide_what *what, sp_decide_done *done, sp_error *err)
{
	deciding d = { .what = what };
	sp_json *head = NULL;
	bool ok = sp_decide_check(what, err) && (head = sp_plan_file_head(path, err)) &&
	          (d.out = sp_out_open(path, true, err)) &&
	          sp_plan_file_read(path, decide_line, &d, err) &&
	          check_done(&d, err);

	if (ok)
		ok = sp_out_commit(d.out, err);
	else
		sp_out_discard(d.out);
	*done = d.done;
	sp_json_free(head);
	forget_groups(&d.groups);
	sp_buf_free(&d.text);
	sp_buf_free(&d.safe);
	return ok;
}
