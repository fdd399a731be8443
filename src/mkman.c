/* Prints a man page, spaceport(1) or that of a command: roff (man(7) macros)
 * made from the table of commands. Runs when the program is built. */
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

/* The name of a command's page: "spaceport-export-run". */
static void put_page(const sp_command *command)
{
	fputs("spaceport", stdout);
	if (command)
		fputs("\\-", stdout);
	for (const char *at = command ? command->name : ""; *at; at++)
		fputs(*at == ' ' || *at == '-' ? "\\-" : (const char[]){ *at, '\0' }, stdout);
}

static void put_synopsis(const sp_command *command)
{
	printf(".B spaceport ");
	put(command->name);
	printf("\n[\\fIOPTION\\fP]...");
	if (*command->args) {
		printf(" \\fI");
		put(command->args);
		printf("\\fP");
	}
	putchar('\n');
}

static void put_command(const sp_command *command)
{
	printf(".SS ");
	put(command->name);
	putchar('\n');
	put_synopsis(command);
	printf(".PP\n");
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

static void put_option(const sp_option *option, const sp_command *command, bool takers)
{
	const char *variable = sp_option_variable(option, command);

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
	if (variable)
		printf(" Default: the variable \\fB%s\\fP.", variable);
	if (takers)
		put_takers(option);
	putchar('\n');
}

/* The options of a command, or those of every command. */
static void put_options(const sp_command *command, bool general)
{
	for (const sp_option *o = sp_options; o->name; o++)
		if (sp_option_fits(o, command) && general == (strcmp(o->commands, "*") == 0))
			put_option(o, command, false);
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

/* Whether an example is one of the command (NULL: of any). */
static bool shows(const sp_explained *example, const sp_command *command)
{
	const char *at = strchr(example->name, ' ');
	size_t len = command ? strlen(command->name) : 0;

	return !command || (at && strncmp(at + 1, command->name, len) == 0 && at[1 + len] == ' ');
}

static void put_examples(const sp_command *command)
{
	bool titled = false;

	for (const sp_explained *e = sp_examples; e->name; e++) {
		if (!shows(e, command))
			continue;
		if (!titled)
			printf(".SH EXAMPLES\n");
		titled = true;
		printf(".PP\n");
		put(e->text);
		printf("\n.PP\n.nf\n.RS\n");
		put(e->name);
		printf("\n.RE\n.fi\n");
	}
}

/* The variables that give defaults of options. */
static void put_environment(const sp_command *command)
{
	bool titled = false;

	for (const sp_option *o = sp_options; o->name; o++) {
		if (!sp_option_variable(o, command) || (command && !sp_option_fits(o, command)))
			continue;
		if (!titled)
			printf(".SH ENVIRONMENT\n");
		titled = true;
		printf(".TP\n\\fB%s\\fP\nDefault of \\fB\\-\\-%s\\fP.\n", o->env, o->name);
	}
	if (!command)
		put_explained(sp_variables);
}

/* The pages of commands, but for that of `except`. */
static void put_other_pages(const sp_command *except)
{
	for (const sp_command *c = sp_commands; c->name; c++)
		if (c != except) {
			printf(".BR ");
			put_page(c);
			printf(" (1),\n");
		}
}

static void put_title(const sp_command *command)
{
	printf(".TH ");
	put_page(command);
	printf(" 1 \"\" \"%s\" \"User Commands\"\n", PACKAGE_STRING);
	/* names of options are typed as they stand */
	printf(".nh\n.ad l\n.SH NAME\n");
	put_page(command);
	printf(" \\- ");
}

static void put_program(void)
{
	put_title(NULL);
	printf("export annotation runs of open\\-politics\\-hq\n");
	printf(".SH SYNOPSIS\n.B spaceport\n"
	       "\\fICOMMAND\\fP [\\fIOPTION\\fP]... [\\fIARGUMENT\\fP]...\n"
	       ".br\n.B spaceport\n[\\fIOPTION\\fP]...\n");
	printf(".SH DESCRIPTION\n");
	put(sp_about);
	printf("\n.PP\n");
	put(sp_wizard.text);
	printf("\n.PP\nOptions may stand before and after the command and its arguments; "
	       "\\fB\\-\\-\\fP ends them. Their names can\\(aqt be abbreviated. "
	       "Each command has a page of its own too.\n");
	printf(".SH COMMANDS\n");
	for (const sp_command *c = sp_commands; c->name; c++)
		put_command(c);
	printf(".SH OPTIONS\n");
	for (const sp_option *o = sp_options; o->name; o++)
		put_option(o, NULL, true);
	printf(".SH \"EXIT STATUS\"\n");
	put_explained(sp_exits);
	put_environment(NULL);
	printf(".SH FILES\n");
	put_explained(sp_files);
	put_examples(NULL);
	printf(".SH \"SEE ALSO\"\n");
	put_other_pages(NULL);
	printf(".BR psql (1),\n.BR unzip (1),\n.BR sha256sum (1),\n.BR jq (1)\n");
}

static void put_one_command(const sp_command *command)
{
	put_title(command);
	put(command->summary);
	printf("\n.SH SYNOPSIS\n");
	put_synopsis(command);
	printf(".SH DESCRIPTION\n");
	put(command->text);
	printf("\n.SH OPTIONS\n");
	put_options(command, false);
	printf(".SS \"Options of every command\"\n");
	put_options(command, true);
	put_environment(command);
	put_examples(command);
	printf(".SH \"SEE ALSO\"\n");
	put_other_pages(command);
	printf(".BR spaceport (1)\n.PP\n"
	       "\\fBspaceport\\fP(1) has what all commands share: exit codes, variables, files.\n");
}

/* The command whose page has this name: "spaceport-export-run.1"; NULL: none. */
static const sp_command *command_of(const char *page)
{
	for (const sp_command *c = sp_commands; c->name; c++) {
		char name[100];

		snprintf(name, sizeof name, "spaceport-%s.1", c->name);
		for (char *at = name; *at; at++)
			if (*at == ' ')
				*at = '-';
		if (strcmp(page, name) == 0)
			return c;
	}
	return NULL;
}

/* The one argument is the name of the page. */
int main(int argc, char **argv)
{
	const sp_command *command = argc == 2 ? command_of(argv[1]) : NULL;

	if (command)
		put_one_command(command);
	else if (argc == 2 && strcmp(argv[1], "spaceport.1") == 0)
		put_program();
	else
		return fputs("mkman: there is no such page\n", stderr), 1;
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
