#include <config.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/db.h"
#include "core/store/store.h"
#include "src/cli.h"
#include "tests/fuzz/driver.h"

/* A command line, a word a line. */

#define MAX_WORDS 64

/* The text as words; the first is the program's name. */
static int split(char *text, char **words)
{
	int count = 1;

	words[0] = text;
	for (; count < MAX_WORDS && (text = strchr(text, '\n')); count++) {
		*text++ = '\0';
		words[count] = text;
	}
	words[count] = NULL;
	return count;
}

static void check_error(const sp_error *err)
{
	fuzz_expect(err->code == SP_USAGE, "a command line is wrong by SP_USAGE");
	fuzz_expect(*sp_error_text(err) && *sp_error_text_c(err), "an error has a text");
	fuzz_expect(!strstr(sp_error_text_c(err), "password=S3CR3T"), "a password isn't repeated");
}

static void look_up(const sp_cli *cli, const sp_option *option, bool is_right)
{
	int i, count = sp_cli_list_count(cli, option->name);
	const char *text = sp_cli_text(cli, option->name);

	sp_cli_flag(cli, option->name);
	for (i = 0; i < count; i++)
		fuzz_expect(sp_cli_list(cli, option->name, i) != NULL, "a value that was counted is there");
	fuzz_expect(!sp_cli_list(cli, option->name, count), "no value is behind the last");
	fuzz_expect(!count || text == sp_cli_list(cli, option->name, count - 1), "the last counts");
	if (!is_right || !text || option->type != SP_OPT_INT || !count)
		return;
	fuzz_expect(sp_cli_int(cli, option->name) >= option->min &&
	                sp_cli_int(cli, option->name) <= option->max,
	            "a number is in its range");
}

/* What main() does before it runs a command. */
static void check_secrets(sp_cli *cli)
{
	sp_store_settings store = { 0 };
	sp_error err = SP_ERROR_INIT;
	const char *where = sp_cli_text(cli, "store");

	if (!sp_db_check_conninfo(sp_cli_text(cli, "db"), &err))
		check_error(&err);
	sp_error_clear(&err);
	store.where = where ? where : "s3://any";
	store.endpoint = sp_cli_text(cli, "store-endpoint");
	if (!sp_store_check(&store, &err))
		check_error(&err);
	sp_error_clear(&err);
	sp_cli_scrub(cli, "db");
	fuzz_expect(!sp_cli_list_count(cli, "db") || !strstr(sp_cli_list(cli, "db", 0), "S3CR3T"),
	            "what was overwritten is gone");
}

static void parse(int count, char **words)
{
	sp_error err = SP_ERROR_INIT;
	sp_cli *cli = sp_cli_parse(count, words, &err);
	const sp_option *option;
	bool is_right = !sp_error_is_set(&err);

	fuzz_expect(cli != NULL, "a command line is parsed, right or wrong");
	if (!is_right)
		check_error(&err);
	for (option = sp_options; option->name; option++)
		look_up(cli, option, is_right);
	fuzz_expect(!sp_cli_arg(cli, sp_cli_count(cli)) && !sp_cli_arg(cli, -1),
	            "no argument is behind the last");
	if (is_right && sp_cli_command(cli) && !sp_cli_flag(cli, "help") &&
	    !sp_cli_flag(cli, "version"))
		fuzz_expect(sp_cli_count(cli) >= sp_cli_command(cli)->min_args,
		            "a command has the arguments that it needs");
	check_secrets(cli);
	sp_error_clear(&err);
	sp_cli_free(cli);
}

void fuzz_one(const unsigned char *data, size_t len)
{
	char *words[MAX_WORDS + 1];
	char *text = malloc(len + 1);

	fuzz_expect(text != NULL, "there is memory");
	memcpy(text, data, len);
	text[len] = '\0';
	parse(split(text, words), words);
	free(text);
}
