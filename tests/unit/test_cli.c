#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libintl.h>
#include <locale.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "src/cli.h"
#include "src/commands.h"

/* In place of the real commands, which are no matter of parsing. */
sp_code cmd_list_infospaces(const sp_cli *cli)
{
	return sp_cli_count(cli) < 0 ? SP_FAILED : SP_OK;
}

sp_code cmd_list_runs(const sp_cli *cli)
{
	return cmd_list_infospaces(cli);
}

sp_code cmd_export_run(const sp_cli *cli)
{
	return cmd_list_infospaces(cli);
}

sp_code cmd_inspect(const sp_cli *cli)
{
	return cmd_list_infospaces(cli);
}

sp_code cmd_make_run(const sp_cli *cli)
{
	return cmd_list_infospaces(cli);
}

#define MOST_WORDS 24

typedef struct {
	char *line;
	char *argv[MOST_WORDS + 1];
	sp_cli *cli;
	sp_error err;
} parsed;

/* Parses "spaceport <line>"; words end at spaces, "''" is an empty word. */
static parsed parse(const char *line)
{
	parsed p = { 0 };
	char *rest;
	int argc = 1;

	p.line = strdup(line);
	assert_non_null(p.line);
	p.argv[0] = p.line + strlen(p.line);
	for (char *word = strtok_r(p.line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(argc < MOST_WORDS);
		p.argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	}
	p.cli = sp_cli_parse(argc, p.argv, &p.err);
	assert_non_null(p.cli);
	return p;
}

static void drop(parsed *p)
{
	sp_cli_free(p->cli);
	sp_error_clear(&p->err);
	free(p->line);
}

static void assert_fails(const char *line, const char *text)
{
	parsed p = parse(line);

	assert_int_equal(p.err.code, SP_USAGE);
	assert_string_equal(sp_error_text_c(&p.err), text);
	drop(&p);
}

static void assert_parses(const char *line)
{
	parsed p = parse(line);

	if (sp_error_is_set(&p.err))
		fail_msg("%s: %s", line, sp_error_text_c(&p.err));
	drop(&p);
}

static void options_stand_anywhere(void **state)
{
	static const char *const lines[] = {
		"--json -y export run one two -o out/ --timeout 5",
		"export --json run -yo out/ one --timeout=5 two",
		"export run one two -oout/ --yes --timeout 5 --json",
		"-o out/ --timeout 7 --timeout 5 export run --json -y -- one two",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		parsed p = parse(lines[i]);

		assert_false(sp_error_is_set(&p.err));
		assert_string_equal(sp_cli_command(p.cli)->name, "export run");
		assert_true(sp_cli_command(p.cli)->run == cmd_export_run);
		assert_int_equal(sp_cli_count(p.cli), 2);
		assert_string_equal(sp_cli_arg(p.cli, 0), "one");
		assert_string_equal(sp_cli_arg(p.cli, 1), "two");
		assert_null(sp_cli_arg(p.cli, 2));
		assert_string_equal(sp_cli_text(p.cli, "output"), "out/");
		assert_int_equal(sp_cli_int(p.cli, "timeout"), 5);
		assert_true(sp_cli_flag(p.cli, "json"));
		assert_true(sp_cli_flag(p.cli, "yes"));
		assert_false(sp_cli_flag(p.cli, "quiet"));
		drop(&p);
	}
}

static void two_dashes_end_options(void **state)
{
	parsed p = parse("export run -o - -- --json - -y");

	(void)state;
	assert_false(sp_error_is_set(&p.err));
	assert_int_equal(sp_cli_count(p.cli), 3);
	assert_string_equal(sp_cli_arg(p.cli, 0), "--json");
	assert_string_equal(sp_cli_arg(p.cli, 1), "-");
	assert_string_equal(sp_cli_arg(p.cli, 2), "-y");
	assert_string_equal(sp_cli_text(p.cli, "output"), "-");
	assert_false(sp_cli_flag(p.cli, "json"));
	drop(&p);
}

static void defaults_and_negations(void **state)
{
	parsed p = parse("export run x --no-include-chunks --include-embeddings --no-authors "
	                 "--no-include-dependencies --include-dependencies");

	(void)state;
	assert_false(sp_error_is_set(&p.err));
	assert_false(sp_cli_flag(p.cli, "include-chunks"));
	assert_true(sp_cli_flag(p.cli, "include-embeddings"));
	assert_true(sp_cli_flag(p.cli, "include-source-assets"));
	assert_true(sp_cli_flag(p.cli, "include-dependencies"));
	assert_false(sp_cli_flag(p.cli, "include-datasets"));
	assert_false(sp_cli_flag(p.cli, "preserve-uuids"));
	assert_true(sp_cli_flag(p.cli, "no-authors"));
	assert_int_equal(sp_cli_int(p.cli, "compression-level"), 6);
	assert_null(sp_cli_text(p.cli, "timeout"));
	assert_int_equal(sp_cli_int(p.cli, "max-line"), 64);
	assert_string_equal(sp_cli_text(p.cli, "asset-format"), "reference");
	assert_string_equal(sp_cli_text(p.cli, "progress"), "auto");
	assert_null(sp_cli_text(p.cli, "db"));
	assert_null(sp_cli_text(p.cli, "nothing-of-the-kind"));
	assert_false(sp_cli_flag(p.cli, "nothing-of-the-kind"));
	drop(&p);
}

static void lists_keep_all(void **state)
{
	parsed p = parse("export run --exclude-tag a x --exclude-tag=b=c --exclude-tag d");

	(void)state;
	assert_false(sp_error_is_set(&p.err));
	assert_int_equal(sp_cli_list_count(p.cli, "exclude-tag"), 3);
	assert_string_equal(sp_cli_list(p.cli, "exclude-tag", 0), "a");
	assert_string_equal(sp_cli_list(p.cli, "exclude-tag", 1), "b=c");
	assert_string_equal(sp_cli_list(p.cli, "exclude-tag", 2), "d");
	assert_null(sp_cli_list(p.cli, "exclude-tag", 3));
	assert_int_equal(sp_cli_list_count(p.cli, "exclude-field"), 0);
	drop(&p);
}

static void environment_gives_defaults(void **state)
{
	parsed p;

	(void)state;
	assert_int_equal(setenv("SPACEPORT_AS", "ana", 1), 0);
	p = parse("list runs");
	assert_string_equal(sp_cli_text(p.cli, "as"), "ana");
	drop(&p);
	p = parse("list runs --as bob");
	assert_string_equal(sp_cli_text(p.cli, "as"), "bob");
	drop(&p);
	/* what is noted for good is only what was said */
	p = parse("instances add x --db y");
	assert_null(sp_cli_text(p.cli, "as"));
	drop(&p);
	assert_int_equal(setenv("SPACEPORT_AS", "", 1), 0);
	p = parse("list runs");
	assert_null(sp_cli_text(p.cli, "as"));
	drop(&p);
	assert_int_equal(unsetenv("SPACEPORT_AS"), 0);
}

static void numbers_are_checked(void **state)
{
	(void)state;
	assert_parses("export run x --compression-level 0");
	assert_parses("export run x --compression-level 9");
	assert_parses("make-run --seed 9223372036854775807");
	assert_fails("export run x --compression-level 10",
	             "--compression-level takes a whole number from 0 to 9, not 10");
	assert_fails("export run x --compression-level -1",
	             "--compression-level takes a whole number from 0 to 9, not -1");
	assert_fails("export run x --compression-level 1x",
	             "--compression-level takes a whole number from 0 to 9, not 1x");
	assert_fails("export run x --compression-level +1",
	             "--compression-level takes a whole number from 0 to 9, not ...");
	assert_fails("export run x --compression-level \t1",
	             "--compression-level takes a whole number from 0 to 9, not ...");
	assert_fails("export run x --compression-level -",
	             "--compression-level takes a whole number from 0 to 9, not -");
	assert_fails("export run x --timeout 99999999999999999999",
	             "--timeout takes a whole number from 1 to 86400, not 99999999999999999999");
	assert_fails("make-run --seed 9223372036854775808",
	             "--seed takes a whole number from 0 on, not 9223372036854775808");
	assert_fails("export run x --timeout ''", "the value of --timeout is empty");
}

static void choices_are_checked(void **state)
{
	static const char *const wrong[] = { "inlin", "inline|external", "Inline", "reference|",
		                             "external.", "|" };

	(void)state;
	assert_parses("export run x --asset-format inline");
	assert_parses("export run x --asset-format=reference");
	assert_parses("export run x --asset-format external");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		sp_buf line = { 0 };
		parsed p;

		sp_buf_addf(&line, "export run x --asset-format %s", wrong[i]);
		p = parse(sp_buf_text(&line));
		assert_int_equal(p.err.code, SP_USAGE);
		assert_non_null(strstr(sp_error_text_c(&p.err), "reference|inline|external"));
		drop(&p);
		sp_buf_free(&line);
	}
}

static void what_is_unknown_is_named(void **state)
{
	(void)state;
	assert_fails("export run x --forse", "there is no option --forse; is --force meant?");
	assert_fails("export run x --no-include-chunk",
	             "there is no option --no-include-chunk; is --include-chunks meant?");
	assert_fails("export run x --xyzzy", "there is no option --xyzzy");
	assert_fails("export run x -x", "there is no option -x");
	/* abbreviations would break scripts when options are added */
	assert_fails("export run x --ver", "there is no option --ver; is --version meant?");
	assert_fails("export run x --no-force", "there is no option --no-force; is --force meant?");
	assert_fails("exprt run x", "there is no command exprt run; is export run meant?");
	assert_fails("inspct x", "there is no command inspct; is inspect meant?");
	assert_fails("frobnicate", "there is no command frobnicate");
	assert_fails("list", "the command list goes on: list infospaces, list runs, list operations");
	assert_fails("list xyz", "the command list goes on: list infospaces, list runs, list operations");
	assert_fails("list run", "there is no command list run; is list runs meant?");
	assert_fails("exprt 17", "there is no command exprt 17; is export run meant?");
	assert_fails("exp", "there is no command exp; is export run meant?");
	assert_fails("run export", "there is no command run");
}

static void what_does_not_fit_is_refused(void **state)
{
	(void)state;
	assert_fails("inspect x --force", "the command inspect takes no option --force");
	assert_fails("--no-include-chunks list runs",
	             "the command list runs takes no option --include-chunks");
	assert_fails("export run", "the command export run needs RUN...");
	assert_fails("inspect a b", "the command inspect takes FILE and no more arguments");
	assert_fails("list runs x", "the command list runs takes no arguments");
	assert_fails("export run x --json=yes", "--json takes no value");
	assert_fails("export run x --no-include-chunks=1", "--include-chunks takes no value");
	assert_fails("export run x -o", "--output needs a value: FILE|DIR");
	assert_fails("export run x --exclude-tag", "--exclude-tag needs a value: TAG");
	assert_fails("export run x --db=", "the value of --db is empty");
	/* help is for those who don't know yet */
	assert_parses("export run --help");
	assert_parses("inspect -h");
	assert_parses("");
	assert_parses("--version");
	/* without a command it is the wizard, which takes what says where to begin */
	assert_parses("--db dbname=x --store dir:y --as z");
	assert_parses("--plain");
	assert_fails("--status COMPLETED", "--status needs a command");
	assert_fails("list runs --plain", "the command list runs takes no option --plain");
}

static void the_rest_is_parsed_after_an_error(void **state)
{
	parsed p = parse("--wrong export run --compression-level 99 x -o - --json");

	(void)state;
	assert_string_equal(sp_error_text_c(&p.err), "there is no option --wrong");
	assert_true(sp_cli_flag(p.cli, "json"));
	assert_string_equal(sp_cli_text(p.cli, "output"), "-");
	drop(&p);
}

static void errors_never_tell_a_secret(void **state)
{
	static const char *const lines[] = {
		"postgresql://u:s3cret@h/d list runs",
		"postgresql://u:s3cret@h/d",
		"list postgresql://u:s3cret@h/d",
		"list runs postgresql://u:s3cret@h/d",
		"list runs --bd=postgresql://u:s3cret@h/d",
		"list runs --bd=s3cret",
		"list runs --dbpostgresql://u:s3cret@h/d",
		"list runs --postgresql://u:s3cret@h/d",
		"list runs --password=s3cret",
		"list runs --json=s3cret",
		"list runs password=s3cret",
		"password=s3cret",
		"list runs --timeout postgresql://u:s3cret@h/d",
		"list runs --timeout=password=s3cret",
		"inspect --db password=s3cret x",
		"export run x --asset-format user:s3cret@h",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		parsed p = parse(lines[i]);

		assert_int_equal(p.err.code, SP_USAGE);
		assert_null(strstr(sp_error_text(&p.err), "s3cret"));
		assert_null(strstr(sp_error_text_c(&p.err), "s3cret"));
		assert_true(!p.err.hint || !strstr(p.err.hint, "s3cret"));
		drop(&p);
	}
}

static void scrubbing_leaves_nothing_in_argv(void **state)
{
	parsed p = parse("list --db password=s3cret runs --as u --db=password=s3cret2");

	(void)state;
	assert_int_equal(sp_cli_list_count(p.cli, "db"), 2);
	sp_cli_scrub(p.cli, "db");
	for (int i = 0; p.argv[i]; i++)
		assert_null(strstr(p.argv[i], "s3cret"));
	assert_string_equal(p.argv[2], "--db");
	assert_string_equal(sp_cli_text(p.cli, "as"), "u");
	drop(&p);
}

static void command_names_are_found(void **state)
{
	const char *const words[] = { "list", "runs", "more" };
	const char *const one[] = { "inspect" };
	int used = 0;

	(void)state;
	assert_string_equal(sp_command_find(words, 3, &used)->name, "list runs");
	assert_int_equal(used, 2);
	assert_null(sp_command_find(words, 1, &used));
	assert_string_equal(sp_command_find(one, 1, &used)->name, "inspect");
	assert_int_equal(used, 1);
}

/* Each entry of "|a|b|" names a command; an empty one the wizard. */
static void assert_commands_exist(const char *commands)
{
	const char *at = commands;

	if (strcmp(commands, "*") == 0)
		return;
	assert_int_equal(*at, '|');
	while (at[1]) {
		size_t len = strcspn(at + 1, "|");
		bool found = len == 0;

		for (const sp_command *c = sp_commands; c->name; c++)
			found = found || (strlen(c->name) == len && !memcmp(c->name, at + 1, len));
		assert_true(found);
		at += 1 + len;
		assert_int_equal(*at, '|');
	}
}

static void the_table_is_sound(void **state)
{
	(void)state;
	for (const sp_option *o = sp_options; o->name; o++) {
		assert_commands_exist(o->commands);
		assert_int_equal(o->help[strlen(o->help) - 1], '.');
		assert_int_equal(o->type == SP_OPT_FLAG || o->type == SP_OPT_BOOL, !o->value);
		assert_true(o->type != SP_OPT_BOOL || !strcmp(o->otherwise, "yes") ||
		            !strcmp(o->otherwise, "no"));
		assert_int_equal(strspn(o->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(o->name));
		for (const sp_option *other = sp_options; other < o; other++) {
			assert_string_not_equal(o->name, other->name);
			assert_true(!o->letter || o->letter != other->letter);
		}
	}
	for (const sp_command *c = sp_commands; c->name; c++) {
		assert_non_null(c->run);
		assert_true(c->min_args >= 0 && (c->max_args < 0 || c->max_args >= c->min_args));
		assert_int_equal(c->text[strlen(c->text) - 1], '.');
		assert_int_not_equal(c->summary[strlen(c->summary) - 1], '.');
	}
}

static char *help_of(const sp_command *command)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	sp_cli_help(to, command);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void assert_at_most_80_wide(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);

		assert_non_null(line);
		if (sp_text_width(line) > 80 || (len && line[len - 1] == ' '))
			fail_msg("too wide or blank at its end: %s", line);
		free(line);
		text += len + (text[len] == '\n');
	}
}

static void help_tells_all(void **state)
{
	char *text = help_of(NULL);

	(void)state;
	for (const sp_command *c = sp_commands; c->name; c++)
		assert_non_null(strstr(text, c->summary));
	assert_at_most_80_wide(text);
	free(text);
	for (const sp_command *c = sp_commands; c->name; c++) {
		text = help_of(c);
		assert_at_most_80_wide(text);
		for (const sp_option *o = sp_options; o->name; o++) {
			sp_buf name = { 0 };

			sp_buf_addf(&name, "--%s%s", o->type == SP_OPT_BOOL ? "[no-]" : "",
			            o->name);
			sp_buf_addc(&name, o->value ? ' ' : '\n');
			if (!o->value) /* the text may begin on the same line */
				name.data[--name.len] = '\0';
			assert_int_equal(!!strstr(text, sp_buf_text(&name)), sp_option_fits(o, c));
			sp_buf_free(&name);
		}
		free(text);
	}
}

static void help_is_translated(void **state)
{
	const char *top = getenv("top_builddir");
	sp_buf dir = { 0 };
	char *text;
	parsed p;

	(void)state;
	sp_buf_addf(&dir, "%s/tests/locale", top ? top : ".");
	assert_int_equal(setenv("LANGUAGE", "de", 1), 0);
	assert_non_null(bindtextdomain("spaceport", sp_buf_text(&dir)));
	assert_non_null(textdomain("spaceport"));
	assert_non_null(setlocale(LC_MESSAGES, "C.UTF-8"));
	for (const sp_command *c = sp_commands; c->name; c++) {
		text = help_of(c);
		assert_memory_equal(text, "Aufruf: spaceport ", 18);
		assert_at_most_80_wide(text);
		free(text);
	}
	text = help_of(NULL);
	assert_non_null(strstr(text, "\nBefehle:\n"));
	assert_at_most_80_wide(text);
	free(text);
	/* both texts are there, for people and for programs */
	p = parse("frobnicate");
	assert_string_equal(sp_error_text(&p.err), "es gibt keinen Befehl frobnicate");
	assert_string_equal(sp_error_text_c(&p.err), "there is no command frobnicate");
	drop(&p);
	assert_int_equal(unsetenv("LANGUAGE"), 0);
	assert_non_null(setlocale(LC_MESSAGES, "C"));
	sp_buf_free(&dir);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 16;
}

/* Any words are parsed or refused; ASan and UBSan watch. */
static void any_words_do(void **state)
{
	static const char *const words[] = {
		"list", "runs", "export", "run", "inspect", "help", "make-run", "--",
		"-", "--json", "-o", "-oy", "-qy", "--output", "--db=x", "--no-",
		"--no-as", "---", "-\xff", "--=", "--no-=x", "=", "|", "--seed",
		"9", "''", "--h", "\xc3\xa4", "--\x1b[m", "-V", "--timeout=", "x y",
	};
	uint32_t seed = 20240229;
	int refused = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		sp_buf line = { 0 };
		parsed p;

		for (uint32_t n = next_random(&seed) % 8; n > 0; n--)
			sp_buf_addf(&line, "%s ", words[next_random(&seed) % 32]);
		p = parse(sp_buf_text(&line));
		refused += sp_error_is_set(&p.err);
		if (sp_error_is_set(&p.err)) {
			assert_int_equal(p.err.code, SP_USAGE);
			assert_null(strchr(sp_error_text(&p.err), '\x1b'));
		}
		drop(&p);
		sp_buf_free(&line);
	}
	assert_in_range(refused, 1000, 19999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(two_dashes_end_options),
		cmocka_unit_test(defaults_and_negations),
		cmocka_unit_test(lists_keep_all),
		cmocka_unit_test(environment_gives_defaults),
		cmocka_unit_test(numbers_are_checked),
		cmocka_unit_test(choices_are_checked),
		cmocka_unit_test(what_is_unknown_is_named),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(the_rest_is_parsed_after_an_error),
		cmocka_unit_test(errors_never_tell_a_secret),
		cmocka_unit_test(scrubbing_leaves_nothing_in_argv),
		cmocka_unit_test(command_names_are_found),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(help_tells_all),
		cmocka_unit_test(help_is_translated),
		cmocka_unit_test(any_words_do),
	};

	/* widths of characters, as main() sets it */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
