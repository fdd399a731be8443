#include <config.h>

#include "src/commands.h"

#include <stdlib.h>
#include <string.h>

#include "core/plan/decide.h"
#include "core/plan/words.h"
#include "src/show.h"

typedef struct {
	const sp_cli *cli;
	const char *path;
	sp_decide_what what; /* without a word it is only looked */
	const char **fields;
	sp_decide_done done;
} deciding;

/* --- showing ------------------------------------------------------------------------------- */

static void add_columns(sp_listing *table, const sp_json *columns)
{
	sp_buf text = { 0 };

	for (const sp_json *at = sp_json_first(columns); at; at = sp_json_next(at))
		sp_buf_addf(&text, "%s%s", text.len ? ", " : "",
		            sp_json_value_text(at) ? sp_json_value_text(at) : "?");
	sp_listing_take(table, &text);
}

static void add_number(sp_listing *table, const sp_json *group, const char *key)
{
	sp_buf text = { 0 };

	sp_buf_addf(&text, "%lld", (long long)sp_json_int(group, key, 0));
	sp_listing_take(table, &text);
}

static bool show_table(const sp_json *groups, sp_error *err)
{
	static const char *const titles[] = { N_("GROUP"), N_("KIND"),    N_("WHY"), N_("ROWS"),
		                                  N_("OPEN"),  N_("COLUMNS"), N_("NAME") };
	int count = sizeof titles / sizeof *titles;
	sp_listing *table = sp_listing_create(count);
	bool ok;

	for (int i = 0; i < count; i++)
		sp_listing_head(table, i, titles[i], i == 0 || i == 3 || i == 4);
	for (const sp_json *g = sp_json_first(groups); g; g = sp_json_next(g)) {
		add_number(table, g, "group");
		sp_listing_cell(table, sp_word_kind(sp_json_text(g, "kind")));
		sp_listing_cell(table, sp_json_text(g, "why"));
		add_number(table, g, "rows");
		add_number(table, g, "open");
		add_columns(table, sp_json_get(g, "columns"));
		sp_listing_cell(table, sp_json_text(g, "name"));
	}
	ok = sp_listing_print(table, stdout, err);
	sp_listing_free(table);
	return ok;
}

static bool show_json(const deciding *d, const sp_json *said, sp_error *err)
{
	sp_json *json = sp_json_object();
	bool ok;

	sp_json_add_bool(json, "success", true);
	sp_json_add_int(json, "open", sp_json_int(said, "open", 0));
	sp_json_add_int(json, "decided", d->done.rows);
	sp_json_add(json, "groups", sp_json_copy(sp_json_get(said, "groups")));
	ok = sp_show_json(d->cli, json, err);
	sp_json_free(json);
	return ok;
}

/* What is open now; -1: an error. */
static int64_t show(const deciding *d, sp_error *err)
{
	sp_json *said = sp_decide_groups(d->path, err);
	int64_t open = sp_json_int(said, "open", 0);
	bool ok = said != NULL;

	if (ok && d->what.word)
		sp_show_note(d->cli, N_("decided: %lld rows; open: %lld"), (long long)d->done.rows,
		             (long long)open);
	if (ok && d->done.unanswered)
		sp_show_note(d->cli, N_("left as they were: %lld rows, for \"%s\" is no answer to "
		                        "them. %s"),
		             (long long)d->done.unanswered, d->what.word, _(sp_decide_advice));
	if (ok && sp_cli_flag(d->cli, "json"))
		ok = show_json(d, said, err);
	else if (ok && !d->what.word)
		ok = show_table(sp_json_get(said, "groups"), err);
	sp_json_free(said);
	return ok ? open : -1;
}

/* --- the command --------------------------------------------------------------------------- */

static bool read_what(deciding *d, sp_error *err)
{
	const sp_cli *cli = d->cli;
	int count = sp_cli_list_count(cli, "field");

	d->fields = calloc((size_t)count + 1, sizeof *d->fields);
	if (!d->fields)
		return sp_fail_memory(err);
	for (int i = 0; i < count; i++)
		d->fields[i] = sp_cli_list(cli, "field", i);
	d->what = (sp_decide_what){
		.word = sp_cli_count(cli) > 1 ? sp_cli_arg(cli, 1) : NULL,
		.fields = d->fields,
		.field_count = count,
		.kind = sp_cli_text(cli, "kind"),
		.group = sp_cli_int(cli, "group"),
		.row = sp_cli_text(cli, "row"),
	};
	return sp_decide_check(&d->what, err);
}

sp_code cmd_decide(const sp_cli *cli)
{
	deciding d = { .cli = cli, .path = sp_cli_arg(cli, 0) };
	sp_error err = SP_ERROR_INIT;
	int64_t open = 0;
	sp_code code;

	if (read_what(&d, &err) && (!d.what.word || sp_decide(d.path, &d.what, &d.done, &err)))
		open = show(&d, &err);
	code = sp_error_is_set(&err) ? err.code : open ? SP_CONFLICTS : SP_OK;
	if (sp_error_is_set(&err))
		sp_show_error(cli, &err);
	free(d.fields);
	sp_error_clear(&err);
	return code;
}
