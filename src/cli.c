#include <config.h>

#include "src/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"

/* Longer words are no typing errors of ours, and not repeated in errors. */
#define MAX_WORD 40

/* What was given for one option. */
typedef struct {
	char **values; /* into argv; every one, in order */
	int count;
	bool given, on; /* on: of FLAG and BOOL */
} setting;

struct sp_cli {
	const sp_command *command;
	const char **args; /* into argv */
	int count;
	setting *settings; /* one for each of sp_options */
};

static const char *usage_hint(const sp_cli *cli)
{
	return cli->command ? N_("The command's options: spaceport help COMMAND.")
	                    : N_("All commands: spaceport help.");
}

/* A word as errors may repeat it: not where it might be a connection string,
 * which may hold a password. */
static const char *shown(const char *word, char room[MAX_WORD + 1])
{
	size_t len = strcspn(word, "=");

	if (len == 0 || len > MAX_WORD)
		return "...";
	for (size_t i = 0; i < len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
		            word[i]))
			return "...";
	memcpy(room, word, len);
	room[len] = '\0';
	return room;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t min = a < b ? a : b;

	return min < c ? min : c;
}

/* Edits (Levenshtein) that make one word of the other; `a` at most MAX_WORD
 * long. */
static size_t distance(const char *a, const char *b)
{
	size_t len = strlen(a), row[MAX_WORD + 1];

	for (size_t i = 0; i <= len; i++)
		row[i] = i;
	for (size_t j = 1; b[j - 1]; j++) {
		size_t corner = row[0];

		row[0] = j;
		for (size_t i = 1; i <= len; i++) {
			size_t above = row[i];

			row[i] = least(above + 1, row[i - 1] + 1,
			               corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[len];
}

/* What an unknown word may have meant, and how far that is from it. */
typedef struct {
	const char *name;
	size_t edits;
} guess;

/* Keeps `name` where `word` is nearer to `as` than to what was found yet. */
static void nearer(guess *best, const char *word, const char *as, const char *name, size_t penalty)
{
	size_t len = strlen(word), edits;

	if (len > MAX_WORD)
		return;
	/* an abbreviation beats a typing error */
	edits = len >= 2 && strncmp(word, as, len) == 0 ? 0 : distance(word, as);
	if (edits <= len / 3 + 1 && edits < len && (!best->name || edits + penalty < best->edits)) {
		best->edits = edits + penalty;
		best->name = name;
	}
}

static const char *nearest_option(const char *name)
{
	guess best = { NULL, 0 };

	for (const sp_option *o = sp_options; o->name; o++)
		nearer(&best, name, o->name, o->name, 0);
	if (best.name || strncmp(name, "no-", 3) != 0)
		return best.name;
	for (const sp_option *o = sp_options; o->name; o++)
		if (o->type == SP_OPT_BOOL)
			nearer(&best, name + 3, o->name, o->name, 0);
	return best.name;
}

static bool fail_unknown_option(const sp_cli *cli, const char *word, sp_error *err)
{
	char room[MAX_WORD + 1];
	const char *name = shown(word + strspn(word, "-"), room);
	const char *best = nearest_option(name);

	if (best)
		return sp_fail(err, SP_USAGE, usage_hint(cli),
		               N_("there is no option --%s; is --%s meant?"), name, best);
	return sp_fail(err, SP_USAGE, usage_hint(cli), N_("there is no option --%s"), name);
}

const sp_command *sp_command_find(const char *const *words, int count, int *used)
{
	for (const sp_command *c = sp_commands; c->name; c++) {
		const char *space = strchr(c->name, ' ');
		size_t first = space ? (size_t)(space - c->name) : strlen(c->name);

		if (count < (space ? 2 : 1) || strlen(words[0]) != first ||
		    memcmp(words[0], c->name, first) != 0)
			continue;
		if (space && strcmp(words[1], space + 1) != 0)
			continue;
		*used = space ? 2 : 1;
		return c;
	}
	return NULL;
}

/* The commands that begin with this word, "list infospaces, list runs". */
static void add_commands_with(sp_buf *buf, const char *word)
{
	size_t len = strlen(word);

	for (const sp_command *c = sp_commands; c->name; c++)
		if (strncmp(c->name, word, len) == 0 && c->name[len] == ' ')
			sp_buf_addf(buf, "%s%s", buf->len ? ", " : "", c->name);
}

/* The command that these words may mean, NULL: none. */
static const char *nearest_command(const char *first, const char *both)
{
	guess best = { NULL, 0 };

	for (const sp_command *c = sp_commands; c->name; c++) {
		size_t len = strcspn(c->name, " ");
		char head[MAX_WORD + 1];

		if (!c->name[len] || len > MAX_WORD) {
			nearer(&best, first, c->name, c->name, 0);
			continue;
		}
		memcpy(head, c->name, len);
		head[len] = '\0';
		nearer(&best, both, c->name, c->name, 0);
		nearer(&best, first, head, c->name, MAX_WORD);
	}
	return best.name;
}

bool sp_command_unknown(const char *const *words, int count, sp_error *err)
{
	char room[2][MAX_WORD + 1];
	const char *first = shown(words[0], room[0]);
	const char *second = count > 1 ? shown(words[1], room[1]) : NULL;
	const char *hint = N_("All commands: spaceport help."), *best;
	sp_buf both = { 0 }, several = { 0 };

	sp_buf_addf(&both, "%s%s%s", first, second ? " " : "", second ? second : "");
	add_commands_with(&several, first);
	if (both.failed || several.failed) {
		sp_fail_memory(err);
		goto cleanup;
	}
	/* where the first word is right, the second isn't */
	best = nearest_command(several.len ? "" : first, sp_buf_text(&both));
	if (several.len && (!second || !best))
		sp_fail(err, SP_USAGE, hint, N_("the command %s goes on: %s"), first,
		        sp_buf_text(&several));
	else if (best)
		sp_fail(err, SP_USAGE, hint, N_("there is no command %s; is %s meant?"),
		        strchr(best, ' ') ? sp_buf_text(&both) : first, best);
	else
		sp_fail(err, SP_USAGE, hint, N_("there is no command %s"), first);
cleanup:
	sp_buf_free(&both);
	sp_buf_free(&several);
	return false;
}

bool sp_option_fits(const sp_option *option, const sp_command *command)
{
	size_t len = command ? strlen(command->name) : 0;

	if (strcmp(option->commands, "*") == 0)
		return true;
	for (const char *at = option->commands; command && (at = strchr(at, '|')); at++)
		if (strncmp(at + 1, command->name, len) == 0 && at[1 + len] == '|')
			return true;
	return false;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strcspn(value, "|");

	for (const char *at = choices; len > 0 && !value[len] && at; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, value, len) == 0 && (at[len] == '|' || !at[len]))
			return true;
	}
	return false;
}

static bool is_int(const sp_option *option, const char *value)
{
	char *end;
	long number;

	/* strtol takes white space and "+" as well */
	if (value[strspn(value, "-0123456789")])
		return false;
	errno = 0;
	number = strtol(value, &end, 10);
	return *value && !*end && errno == 0 && number >= option->min && number <= option->max;
}

static bool takes_value(const sp_option *option)
{
	return option->type != SP_OPT_FLAG && option->type != SP_OPT_BOOL;
}

static bool check_value(const sp_option *option, const char *value, sp_error *err)
{
	char room[MAX_WORD + 1];
	const char *said = shown(value, room);

	if (!*value)
		return sp_fail(err, SP_USAGE, NULL, N_("the value of --%s is empty"), option->name);
	if (option->type == SP_OPT_INT && !is_int(option, value)) {
		if (option->max == LONG_MAX)
			return sp_fail(err, SP_USAGE, NULL,
			               N_("--%s takes a whole number from %ld on, not %s"),
			               option->name, option->min, said);
		return sp_fail(err, SP_USAGE, NULL,
		               N_("--%s takes a whole number from %ld to %ld, not %s"),
		               option->name, option->min, option->max, said);
	}
	if (option->type == SP_OPT_CHOICE && !is_choice(option->value, value))
		return sp_fail(err, SP_USAGE, NULL, N_("--%s takes one of %s, not %s"),
		               option->name, option->value, said);
	return true;
}

/* Where options come from while they are parsed. */
typedef struct {
	int argc;
	char **argv;
	int next; /* of argv */
} reader;

/* The option of this name ("no-chunks" is BOOL "chunks"), NULL: none. */
static const sp_option *option_by_name(const char *name, size_t len, bool *on)
{
	for (const sp_option *o = sp_options; o->name; o++) {
		*on = true;
		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
		*on = false;
		if (o->type == SP_OPT_BOOL && len == strlen(o->name) + 3 &&
		    memcmp(name, "no-", 3) == 0 && memcmp(name + 3, o->name, len - 3) == 0)
			return o;
	}
	return NULL;
}

static const sp_option *option_by_letter(char letter)
{
	for (const sp_option *o = sp_options; o->name; o++)
		if (o->letter && o->letter == letter)
			return o;
	return NULL;
}

static setting *setting_of(const sp_cli *cli, const sp_option *option)
{
	return &cli->settings[option - sp_options];
}

/* Notes a value; NULL: the next word is it. */
static void set_value(sp_cli *cli, const sp_option *option, char *value, reader *from,
                      sp_error *err)
{
	setting *to = setting_of(cli, option);
	char **values;

	if (!value && from->next < from->argc)
		value = from->argv[from->next++];
	if (!value) {
		sp_fail(err, SP_USAGE, NULL, N_("--%s needs a value: %s"), option->name,
		        option->value);
		return;
	}
	values = reallocarray(to->values, (size_t)to->count + 1, sizeof *values);
	if (!values) {
		sp_fail_memory(err);
		return;
	}
	to->values = values;
	to->values[to->count++] = value;
	to->given = true;
	check_value(option, value, err);
}

static void parse_long(sp_cli *cli, char *word, reader *from, sp_error *err)
{
	char *name = word + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	bool on;
	const sp_option *option = option_by_name(name, len, &on);

	if (!option) {
		fail_unknown_option(cli, word, err);
	} else if (takes_value(option)) {
		set_value(cli, option, equals ? equals + 1 : NULL, from, err);
	} else if (equals) {
		sp_fail(err, SP_USAGE, usage_hint(cli), N_("--%s takes no value"), option->name);
	} else {
		setting_of(cli, option)->given = true;
		setting_of(cli, option)->on = on;
	}
}

/* "-y", "-qy", "-oFILE", "-o FILE" */
static void parse_letters(sp_cli *cli, char *word, reader *from, sp_error *err)
{
	for (char *at = word + 1; *at; at++) {
		const sp_option *option = option_by_letter(*at);
		char room[MAX_WORD + 1], letter[] = { *at, '\0' };

		if (!option) {
			sp_fail(err, SP_USAGE, usage_hint(cli), N_("there is no option -%s"),
			        shown(letter, room));
			return;
		}
		if (takes_value(option)) {
			set_value(cli, option, at[1] ? at + 1 : NULL, from, err);
			return;
		}
		setting_of(cli, option)->given = true;
		setting_of(cli, option)->on = true;
	}
}

/* Takes the command's words off the arguments. */
static void find_command(sp_cli *cli, sp_error *err)
{
	int used = 0;

	if (cli->count == 0)
		return;
	cli->command = sp_command_find(cli->args, cli->count, &used);
	if (!cli->command) {
		sp_command_unknown(cli->args, cli->count, err);
		return;
	}
	cli->count -= used;
	memmove(cli->args, cli->args + used, (size_t)cli->count * sizeof *cli->args);
}

static void check_options(const sp_cli *cli, sp_error *err)
{
	const sp_command *command = cli->command ? cli->command : &sp_wizard;

	/* words that are no command have an error of their own */
	for (const sp_option *o = sp_options; !sp_error_is_set(err) && o->name; o++) {
		const setting *set = setting_of(cli, o);
		const char *variable = sp_option_variable(o, command);
		const char *env = variable ? getenv(variable) : NULL;

		if (!sp_option_fits(o, command)) {
			if (set->given && cli->command)
				sp_fail(err, SP_USAGE, usage_hint(cli),
				        N_("the command %s takes no option --%s"),
				        cli->command->name, o->name);
			else if (set->given)
				sp_fail(err, SP_USAGE, usage_hint(cli),
				        N_("--%s needs a command"), o->name);
		} else if (!set->given && env && *env) {
			check_value(o, env, err);
		}
	}
}

static void check_count(const sp_cli *cli, sp_error *err)
{
	const sp_command *command = cli->command;

	if (!command || sp_cli_flag(cli, "help") || sp_cli_flag(cli, "version"))
		return;
	if (cli->count < command->min_args)
		sp_fail(err, SP_USAGE, usage_hint(cli), N_("the command %s needs %s"),
		        command->name, command->args);
	else if (command->max_args == 0 && cli->count > 0)
		sp_fail(err, SP_USAGE, usage_hint(cli), N_("the command %s takes no arguments"),
		        command->name);
	else if (command->max_args > 0 && cli->count > command->max_args)
		sp_fail(err, SP_USAGE, usage_hint(cli),
		        N_("the command %s takes %s and no more arguments"), command->name,
		        command->args);
}

static sp_cli *create(int argc)
{
	sp_cli *cli = calloc(1, sizeof *cli);
	size_t options = 0;

	while (sp_options[options].name)
		options++;
	if (!cli)
		return NULL;
	cli->args = calloc((size_t)argc + 1, sizeof *cli->args);
	cli->settings = calloc(options + 1, sizeof *cli->settings);
	if (cli->args && cli->settings)
		return cli;
	sp_cli_free(cli);
	return NULL;
}

sp_cli *sp_cli_parse(int argc, char **argv, sp_error *err)
{
	reader from = { argc, argv, 1 };
	sp_cli *cli = create(argc);
	bool ended = false;

	if (!cli) {
		sp_fail_memory(err);
		return NULL;
	}
	while (from.next < argc) {
		char *word = argv[from.next++];

		if (ended || word[0] != '-' || !word[1])
			cli->args[cli->count++] = word;
		else if (strcmp(word, "--") == 0)
			ended = true;
		else if (word[1] == '-')
			parse_long(cli, word, &from, err);
		else
			parse_letters(cli, word, &from, err);
	}
	find_command(cli, err);
	check_options(cli, err);
	check_count(cli, err);
	return cli;
}

void sp_cli_free(sp_cli *cli)
{
	if (!cli)
		return;
	for (const sp_option *o = sp_options; cli->settings && o->name; o++)
		free(setting_of(cli, o)->values);
	free(cli->settings);
	free(cli->args);
	free(cli);
}

const sp_command *sp_cli_command(const sp_cli *cli)
{
	return cli->command;
}

int sp_cli_count(const sp_cli *cli)
{
	return cli->count;
}

const char *sp_cli_arg(const sp_cli *cli, int i)
{
	return i >= 0 && i < cli->count ? cli->args[i] : NULL;
}

static const sp_option *option_named(const char *name)
{
	bool on;
	const sp_option *option = option_by_name(name, strlen(name), &on);

	return on ? option : NULL;
}

const char *sp_cli_text(const sp_cli *cli, const char *name)
{
	const sp_option *option = option_named(name);
	const setting *set = option ? setting_of(cli, option) : NULL;
	const char *variable, *env;

	if (!set)
		return NULL;
	if (set->count > 0)
		return set->values[set->count - 1];
	variable = sp_option_variable(option, cli->command);
	env = variable ? getenv(variable) : NULL;
	return env && *env ? env : option->otherwise;
}

bool sp_cli_flag(const sp_cli *cli, const char *name)
{
	const sp_option *option = option_named(name);
	const setting *set = option ? setting_of(cli, option) : NULL;

	if (!set)
		return false;
	if (set->given)
		return set->on;
	return option->otherwise && strcmp(option->otherwise, "yes") == 0;
}

long sp_cli_int(const sp_cli *cli, const char *name)
{
	const char *text = sp_cli_text(cli, name);

	/* its form and range were checked when it was parsed */
	return text ? strtol(text, NULL, 10) : 0;
}

int sp_cli_list_count(const sp_cli *cli, const char *name)
{
	const sp_option *option = option_named(name);

	return option ? setting_of(cli, option)->count : 0;
}

const char *sp_cli_list(const sp_cli *cli, const char *name, int i)
{
	return i >= 0 && i < sp_cli_list_count(cli, name)
	           ? setting_of(cli, option_named(name))->values[i] : NULL;
}

void sp_cli_scrub(sp_cli *cli, const char *name)
{
	for (int i = 0; i < sp_cli_list_count(cli, name); i++) {
		char *value = setting_of(cli, option_named(name))->values[i];

		memset(value, 'x', strlen(value));
	}
}
