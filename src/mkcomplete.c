/* Prints what bash completion knows of the program: functions that look words
 * up in the table of commands. src/completion.bash has what they mean, and
 * follows them in the installed file. Runs when the program is built. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "src/cli.h"

/* What a placeholder asks for: a word that src/completion.bash knows; all
 * else is text that nothing can guess. */
static const struct {
	const char *placeholder, *kind;
} kinds[] = {
	{ "FILE", "file" },     { "FILE|DIR", "file" }, { "KEY", "file" },   { "DIR", "folder" },
	{ "NAME", "instance" }, { "COMMAND", "command" },
};

/* "dir:PATH|s3://BUCKET": the prefixes. */
static void put_prefixes(const char *value)
{
	for (; *value; value += *value == '|') {
		size_t len = strcspn(value, "|"), prefix = strcspn(value, ":") + 1;

		if (strncmp(value + prefix, "//", 2) == 0)
			prefix += 2;
		printf(" %.*s", (int)prefix, value);
		value += len;
	}
}

/* The kind of what stands for `placeholder`, which may have "[]" around it
 * and "..." after it. */
static void put_kind(const char *placeholder)
{
	const char *name = placeholder + strspn(placeholder, "[");
	size_t len = strcspn(name, "[].");

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strlen(kinds[i].placeholder) == len && strncmp(kinds[i].placeholder, name, len) == 0) {
			fputs(kinds[i].kind, stdout);
			return;
		}
	fputs("text", stdout);
}

static void put_value(const sp_option *option)
{
	if (option->type == SP_OPT_CHOICE) {
		printf("choice ");
		for (const char *c = option->value; *c; c++)
			putchar(*c == '|' ? ' ' : *c);
	} else if (strchr(option->value, ':')) {
		printf("prefix");
		put_prefixes(option->value);
	} else {
		put_kind(option->value);
	}
}

static void put_values(void)
{
	printf("\n# What the value of an option may be; fails where it takes none.\n"
	       "_spaceport_value() {\n\tcase $1 in\n");
	for (const sp_option *o = sp_options; o->name; o++) {
		if (!o->value)
			continue;
		printf("\t--%s", o->name);
		if (o->letter)
			printf(" | -%c", o->letter);
		printf(") value='");
		put_value(o);
		printf("' ;;\n");
	}
	printf("\t*) return 1 ;;\n\tesac\n}\n");
}

static void put_options(const sp_command *command)
{
	printf("\t'%s') options='", command->name);
	for (const sp_option *o = sp_options; o->name; o++) {
		if (!sp_option_fits(o, command))
			continue;
		printf("--%s ", o->name);
		if (o->type == SP_OPT_BOOL)
			printf("--no-%s ", o->name);
	}
	printf("' kind='");
	put_kind(command->args);
	/* -1: any number */
	printf("' most=%d ;;\n", command->max_args);
}

int main(void)
{
	printf("# Completion of spaceport's command line, made from its table of commands.\n"
	       "# shellcheck shell=bash\n");
	printf("\n_spaceport_commands=(\n");
	for (const sp_command *c = sp_commands; c->name; c++)
		printf("\t'%s'\n", c->name);
	printf(")\n\n# The options of a command, what its arguments are, and how many at most.\n"
	       "_spaceport_command() {\n\tcase $1 in\n");
	put_options(&sp_wizard);
	for (const sp_command *c = sp_commands; c->name; c++)
		put_options(c);
	printf("\tesac\n}\n");
	put_values();
	putchar('\n');
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
