/* Prints the man page spaceport(1): roff (man(7) macros) made from the table
 * of commands. Runs when the program is built. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "src/cli.h"

/* Text as roff takes it: "-" is meant as it stands, a backslash too, and no
 * line begins with a control character. Paragraphs become ".PP". */
static void put(const char *text)
{
	bool begin = true;

	for (; *text; text++) {
		if (begin && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		begin = false;
		if (strncmp(text, "\n\n", 2) == 0) {
			fputs("\n.PP\n", stdout);
			text++;
			begin = true;
		} else if (*text == '\\') {
			fputs("\\e", stdout);
		} else if (*text == '-') {
			fputs("\\-", stdout);
		} else if (*text == '\'') {
			fputs("\\(aq", stdout);
		} else if (*text == '~') {
			fputs("\\(ti", stdout);
		} else {
			fputc(*text, stdout);
		}
	}
}

static void put_bold(const char *text)
{
	fputs("\\fB", stdout);
	put(text);
	fputs("\\fP", stdout);
}

static void put_command(const sp_command *command)
{
	printf(".SS ");
	put(command->name);
	printf("\n.B spaceport ");
	put(command->name);
	printf("\n[\\fIOPTION\\fP]...");
	if (*command->args) {
		printf(" \\fI");
		put(command->args);
		printf("\\fP");
	}
	printf("\n.PP\n");
	put(command->text);
	putchar('\n');
}

/* Which commands take the option, where not all do. */
static void put_takers(const sp_option *option)
{
	const char *between = "";

	if (strcmp(option->commands, "*") == 0)
		return;
	printf(" (");
	for (const sp_command *c = sp_commands; c->name; c++)
		if (sp_option_fits(option, c)) {
			fputs(between, stdout);
			put(c->name);
			between = ", ";
		}
	if (sp_option_fits(option, &sp_wizard)) {
		fputs(between, stdout);
		put("without a command");
	}
	printf(")");
}

static void put_option(const sp_option *option)
{
	printf(".TP\n");
	if (option->letter)
		printf("\\fB\\-%c\\fP, ", option->letter);
	put_bold("--");
	if (option->type == SP_OPT_BOOL)
		put("[no-]");
	put_bold(option->name);
	if (option->value) {
		printf(" \\fI");
		put(option->value);
		printf("\\fP");
	}
	putchar('\n');
	put(option->help);
	if (option->otherwise) {
		printf(" Default: ");
		put(option->otherwise);
		putchar('.');
	}
	if (option->env)
		printf(" Default: the variable \\fB%s\\fP.", option->env);
	put_takers(option);
	putchar('\n');
}

static void put_explained(const sp_explained *list)
{
	for (; list->name; list++) {
		printf(".TP\n");
		put_bold(list->name);
		putchar('\n');
		put(list->text);
		putchar('\n');
	}
}

static void put_examples(void)
{
	for (const sp_explained *e = sp_examples; e->name; e++) {
		printf(".PP\n");
		put(e->text);
		printf("\n.PP\n.nf\n.RS\n");
		put(e->name);
		printf("\n.RE\n.fi\n");
	}
}

static void put_environment(void)
{
	printf(".SH ENVIRONMENT\n");
	for (const sp_option *o = sp_options; o->name; o++)
		if (o->env)
			printf(".TP\n\\fB%s\\fP\nDefault of \\fB\\-\\-%s\\fP.\n", o->env, o->name);
	put_explained(sp_variables);
}

int main(void)
{
	printf(".TH SPACEPORT 1 \"\" \"%s\" \"User Commands\"\n", PACKAGE_STRING);
	/* names of options are typed as they stand */
	printf(".nh\n.ad l\n");
	printf(".SH NAME\nspaceport \\- export annotation runs of open\\-politics\\-hq\n");
	printf(".SH SYNOPSIS\n.B spaceport\n"
	       "\\fICOMMAND\\fP [\\fIOPTION\\fP]... [\\fIARGUMENT\\fP]...\n"
	       ".br\n.B spaceport\n[\\fIOPTION\\fP]...\n");
	printf(".SH DESCRIPTION\n");
	put(sp_about);
	printf("\n.PP\n");
	put(sp_wizard.text);
	printf("\n.PP\nOptions may stand before and after the command and its arguments; "
	       "\\fB\\-\\-\\fP ends them. Their names can\\(aqt be abbreviated.\n");
	printf(".SH COMMANDS\n");
	for (const sp_command *c = sp_commands; c->name; c++)
		put_command(c);
	printf(".SH OPTIONS\n");
	for (const sp_option *o = sp_options; o->name; o++)
		put_option(o);
	printf(".SH \"EXIT STATUS\"\n");
	put_explained(sp_exits);
	put_environment();
	printf(".SH FILES\n");
	put_explained(sp_files);
	printf(".SH EXAMPLES\n");
	put_examples();
	printf(".SH \"SEE ALSO\"\n.BR psql (1),\n.BR unzip (1),\n.BR sha256sum (1),\n.BR jq (1)\n");
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
