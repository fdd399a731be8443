#include <config.h>

#include "src/commands.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/export/words.h"
#include "core/plan/decided.h"
#include "core/plan/plan_file.h"
#include "src/show.h"

/* Groups that are told apart; rows of others can be named one by one. */
#define MOST_GROUPS 10000

/* Rows of which the same is to be decided. */
typedef struct {
	char *key; /* kind, why, and columns */
	char *kind, *why;
	sp_json *columns; /* NULL: none */
	char *name;       /* of the first that has one */
	int64_t rows, open;
} group;

typedef struct {
	const sp_cli *cli;
	const char *path;
	const char *word; /* NULL: only looks; "open": takes decisions back */
	group *groups;
	int count, room;
	int64_t decided;    /* rows, now */
	int64_t unanswered; /* rows that the word is no answer for */
	sp_out *out;
	sp_buf text, safe;
} deciding;

/* --- groups -------------------------------------------------------------------------------- */

static bool is_conflict(const sp_json *line)
{
	const char *class = sp_json_text(line, "class");

	return class && !strcmp(class, "conflict");
}

static bool add_key(sp_buf *key, const sp_json *line)
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

static bool add_group(deciding *d, const sp_json *line, sp_error *err)
{
	const sp_json *columns = sp_json_get(line, "columns");
	group *all = d->groups, *g;

	if (d->count == d->room) {
		d->room = d->room ? 2 * d->room : 64;
		all = realloc(all, (size_t)d->room * sizeof *all);
		if (!all)
			return sp_fail_memory(err);
		d->groups = all;
	}
	g = &all[d->count++];
	*g = (group){ .key = copy(sp_buf_text(&d->text)),
		          .kind = copy(sp_json_text(line, "kind")),
		          .why = copy(sp_json_text(line, "why")),
		          .columns = columns ? sp_json_copy(columns) : NULL };
	return (g->key && g->kind && g->why && (!columns || g->columns)) || sp_fail_memory(err);
}

/* The number of a conflict's group, from 0 on; -1: there are too many, or an error. */
static int group_of(deciding *d, const sp_json *line, sp_error *err)
{
	if (!add_key(&d->text, line)) {
		sp_fail_memory(err);
		return -1;
	}
	for (int i = 0; i < d->count; i++)
		if (!strcmp(d->groups[i].key, sp_buf_text(&d->text)))
			return i;
	return d->count < MOST_GROUPS && add_group(d, line, err) ? d->count - 1 : -1;
}

static bool count_line(void *ctx, const char *text, size_t len, const sp_json *line, sp_error *err)
{
	deciding *d = ctx;
	int number;

	(void)text;
	(void)len;
	if (!is_conflict(line) || (number = group_of(d, line, err)) < 0)
		return !sp_error_is_set(err);
	d->groups[number].rows++;
	d->groups[number].open += !sp_json_get(line, "decision");
	if (!d->groups[number].name && sp_json_text(line, "name"))
		d->groups[number].name = copy(sp_json_text(line, "name"));
	return true;
}

static void forget_groups(deciding *d)
{
	for (int i = 0; i < d->count; i++) {
		free(d->groups[i].key);
		free(d->groups[i].kind);
		free(d->groups[i].why);
		free(d->groups[i].name);
		sp_json_free(d->groups[i].columns);
	}
	d->count = 0;
}

/* --- deciding ------------------------------------------------------------------------------ */

static bool check_options(const deciding *d, sp_error *err)
{
	bool merges = d->word && !strcmp(d->word, sp_decisions[SP_DECISION_MERGE]);

	if (d->word && strcmp(d->word, "open") != 0 &&
	    sp_word_of(sp_decisions, SP_DECISIONS, d->word) < 0)
		return sp_fail(err, SP_USAGE, N_("keep, overwrite, beside, merge, later or open."),
		               N_("\"%s\" is no decision"), d->word);
	if (merges != (sp_cli_list_count(d->cli, "field") > 0))
		return sp_fail(err, SP_USAGE, N_("Say which columns, or fields, become the package's."),
		               N_("merge and --field go together"));
	return true;
}

static bool is_answer(const deciding *d, const sp_json *line)
{
	int word = sp_word_of(sp_decisions, SP_DECISIONS, d->word);
	const char *why = sp_json_text(line, "why");

	return word < 0 || !is_conflict(line) || !why || sp_decision_answers((sp_decision)word, why);
}

/* Rows by name are decided whatever they are; else those in conflict. */
static bool is_meant(deciding *d, const sp_json *line, sp_error *err)
{
	const char *kind = sp_cli_text(d->cli, "kind"), *row = sp_cli_text(d->cli, "row");
	long number = sp_cli_int(d->cli, "group");

	if (!sp_json_text(line, "there") || (kind && strcmp(kind, sp_json_text(line, "kind")) != 0) ||
	    (row && strcmp(row, sp_json_text(line, "origin")) != 0))
		return false;
	if (!is_conflict(line))
		return row && !number;
	return !number || group_of(d, line, err) == number - 1;
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
	if (strcmp(d->word, "open") != 0)
		sp_json_add_text(json, "decision", d->word);
	if (sp_cli_list_count(d->cli, "field")) {
		fields = sp_json_add_array(json, "fields");
		for (int i = 0; i < sp_cli_list_count(d->cli, "field"); i++)
			sp_json_add_text(fields, NULL, sp_cli_list(d->cli, "field", i));
	}
	sp_buf_reset(&d->text);
	sp_buf_reset(&d->safe);
	ok = sp_json_print(json, false, &d->text);
	sp_safe_json(&d->safe, sp_buf_text(&d->text), d->text.len);
	ok = (ok && !d->safe.failed) || sp_fail_memory(err);
	sp_json_free(json);
	d->decided++;
	return ok && write_text(d, d->safe.data, d->safe.len, err);
}

static bool decide_line(void *ctx, const char *text, size_t len, const sp_json *line, sp_error *err)
{
	deciding *d = ctx;

	/* the groups are numbered as they come, whichever are meant */
	if (is_conflict(line) && group_of(d, line, err) < 0 && sp_error_is_set(err))
		return false;
	if (is_meant(d, line, err)) {
		if (is_answer(d, line))
			return write_decided(d, line, err);
		d->unanswered++;
	}
	return !sp_error_is_set(err) && write_text(d, text, len, err);
}

static bool fail_undecided(const deciding *d, sp_error *err)
{
	if (d->unanswered)
		return sp_fail(err, SP_USAGE,
		               N_("A UUID that is taken needs \"beside\", a row in the way \"keep\", "
		                  "\"beside\" or \"merge\"."),
		               N_("\"%s\" is no answer to these conflicts"), d->word);
	return sp_fail(err, SP_USAGE,
	               N_("\"spaceport decide PLAN\" shows what awaits a decision."),
	               N_("no row of the plan is meant"));
}

static bool decide_all(deciding *d, sp_error *err)
{
	bool ok = (d->out = sp_out_open(d->path, true, err)) &&
	          sp_plan_file_read(d->path, decide_line, d, err) &&
	          (d->decided || fail_undecided(d, err));

	if (ok)
		return sp_out_commit(d->out, err);
	sp_out_discard(d->out);
	return false;
}

/* --- showing ------------------------------------------------------------------------------- */

static void add_columns(sp_listing *table, const sp_json *columns)
{
	sp_buf text = { 0 };

	for (const sp_json *at = sp_json_first(columns); at; at = sp_json_next(at))
		sp_buf_addf(&text, "%s%s", text.len ? ", " : "",
		            sp_json_value_text(at) ? sp_json_value_text(at) : "?");
	sp_listing_take(table, &text);
}

static void add_number(sp_listing *table, int64_t number)
{
	sp_buf text = { 0 };

	sp_buf_addf(&text, "%lld", (long long)number);
	sp_listing_take(table, &text);
}

static bool show_table(const deciding *d, sp_error *err)
{
	static const char *const titles[] = { N_("GROUP"), N_("KIND"),    N_("WHY"), N_("ROWS"),
		                                  N_("OPEN"),  N_("COLUMNS"), N_("NAME") };
	int count = sizeof titles / sizeof *titles;
	sp_listing *table = sp_listing_create(count);
	bool ok;

	for (int i = 0; i < count; i++)
		sp_listing_head(table, i, titles[i], i == 0 || i == 3 || i == 4);
	for (int i = 0; i < d->count; i++) {
		const group *g = &d->groups[i];
		const char *title = sp_word_title(g->kind);

		add_number(table, i + 1);
		sp_listing_cell(table, title ? _(title) : g->kind);
		sp_listing_cell(table, g->why);
		add_number(table, g->rows);
		add_number(table, g->open);
		add_columns(table, g->columns);
		sp_listing_cell(table, g->name);
	}
	ok = sp_listing_print(table, stdout, err);
	sp_listing_free(table);
	return ok;
}

static bool show_json(const deciding *d, int64_t open, sp_error *err)
{
	sp_json *json = sp_json_object(), *groups, *item;
	bool ok;

	sp_json_add_bool(json, "success", true);
	sp_json_add_int(json, "open", open);
	sp_json_add_int(json, "decided", d->decided);
	groups = sp_json_add_array(json, "groups");
	for (int i = 0; i < d->count; i++) {
		item = sp_json_add_object(groups, NULL);
		sp_json_add_int(item, "group", i + 1);
		sp_json_add_text(item, "kind", d->groups[i].kind);
		sp_json_add_text(item, "why", d->groups[i].why);
		sp_json_add_int(item, "rows", d->groups[i].rows);
		sp_json_add_int(item, "open", d->groups[i].open);
		if (d->groups[i].columns)
			sp_json_add(item, "columns", sp_json_copy(d->groups[i].columns));
		if (d->groups[i].name)
			sp_json_add_text(item, "name", d->groups[i].name);
	}
	ok = sp_show_json(d->cli, json, err);
	sp_json_free(json);
	return ok;
}

/* What is open now; -1: an error. */
static int64_t show(deciding *d, sp_error *err)
{
	int64_t open = 0;
	bool ok;

	forget_groups(d);
	if (!sp_plan_file_read(d->path, count_line, d, err))
		return -1;
	for (int i = 0; i < d->count; i++)
		open += d->groups[i].open;
	if (d->word)
		sp_show_note(d->cli, N_("decided: %lld rows; open: %lld"), (long long)d->decided,
		             (long long)open);
	if (d->unanswered)
		sp_show_note(d->cli, N_("left as they were: %lld rows, for \"%s\" is no answer to "
		                        "them: a UUID that is taken needs \"beside\", a row in the way "
		                        "\"keep\", \"beside\" or \"merge\""),
		             (long long)d->unanswered, d->word);
	if (sp_cli_flag(d->cli, "json"))
		ok = show_json(d, open, err);
	else
		ok = d->word || show_table(d, err);
	return ok ? open : -1;
}

sp_code cmd_decide(const sp_cli *cli)
{
	deciding d = { .cli = cli,
		           .path = sp_cli_arg(cli, 0),
		           .word = sp_cli_count(cli) > 1 ? sp_cli_arg(cli, 1) : NULL };
	sp_error err = SP_ERROR_INIT;
	sp_json *head = NULL;
	int64_t open = 0;
	sp_code code;

	if (check_options(&d, &err) && (head = sp_plan_file_head(d.path, &err)) &&
	    (!d.word || decide_all(&d, &err)))
		open = show(&d, &err);
	code = sp_error_is_set(&err) ? err.code : open ? SP_CONFLICTS : SP_OK;
	if (sp_error_is_set(&err))
		sp_show_error(cli, &err);
	sp_json_free(head);
	forget_groups(&d);
	free(d.groups);
	sp_buf_free(&d.text);
	sp_buf_free(&d.safe);
	sp_error_clear(&err);
	return code;
}
