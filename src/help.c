#include <config.h>

#include "src/cli.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"

/* The widest line, and where explanations begin. */
#define WIDTH 80
#define TEXT_AT 26

static void pad_to(FILE *to, int at, int column)
{
	for (; at < column; at++)
		fputc(' ', to);
}

/* Writes words from column `at` on, wrapped and indented by `indent`; an empty
 * line between paragraphs. Ends the line. */
static void wrap(FILE *to, const char *text, int indent, int at)
{
	pad_to(to, at, indent);
	at = indent;
	while (*text) {
		size_t len = strcspn(text, " \n");
		sp_buf word = { 0 };
		int width;

		sp_buf_add(&word, text, len);
		width = sp_text_width(sp_buf_text(&word));
		if (at > indent && at + 1 + width > WIDTH) {
			fputc('\n', to);
			pad_to(to, 0, indent);
			at = indent;
		} else if (at > indent) {
			fputc(' ', to);
			at++;
		}
		fputs(sp_buf_text(&word), to);
		sp_buf_free(&word);
		at += width;
		text += len;
		if (strncmp(text, "\n\n", 2) == 0) {
			fputs("\n\n", to);
			pad_to(to, 0, indent);
			at = indent;
		}
		text += strspn(text, " \n");
	}
	fputc('\n', to);
}

/* "  name" and what it means, side by side or, where the name is long, below. */
static void entry(FILE *to, const char *name, const char *text)
{
	int at = 2 + sp_text_width(name);

	fprintf(to, "  %s", name);
	if (at + 2 > TEXT_AT) {
		fputc('\n', to);
		at = 0;
	}
	wrap(to, text, TEXT_AT, at);
}

static void option_help(FILE *to, const sp_option *option, const sp_command *command)
{
	const char *variable = sp_option_variable(option, command);
	const char *otherwise = option->otherwise;
	sp_buf name = { 0 }, text = { 0 };

	if (option->letter)
		sp_buf_addf(&name, "-%c, ", option->letter);
	sp_buf_addf(&name, option->type == SP_OPT_BOOL ? "--[no-]%s" : "--%s", option->name);
	if (option->value)
		sp_buf_addf(&name, " %s", option->value);
	sp_buf_adds(&text, _(option->help));
	if (option->type == SP_OPT_BOOL)
		otherwise = strcmp(otherwise, "yes") == 0 ? _("yes") : _("no");
	if (otherwise)
		sp_buf_addf(&text, " %s %s.", _("Default:"), otherwise);
	if (variable)
		sp_buf_addf(&text, " %s %s.", _("Default: the variable"), variable);
	entry(to, sp_buf_text(&name), sp_buf_text(&text));
	sp_buf_free(&name);
	sp_buf_free(&text);
}

/* The options that go with one command only, or those of every command. */
static void options_help(FILE *to, const char *title, const sp_command *command, bool general)
{
	bool titled = false;

	for (const sp_option *o = sp_options; o->name; o++) {
		if (!sp_option_fits(o, command) || general != (strcmp(o->commands, "*") == 0))
			continue;
		if (!titled)
			fprintf(to, "\n%s\n", title);
		titled = true;
		option_help(to, o, command);
	}
}

/* The options that only the wizard has; the others stand with the commands. */
static void wizard_help(FILE *to)
{
	fprintf(to, "\n%s\n", _("Options of the wizard:"));
	for (const sp_option *o = sp_options; o->name; o++)
		if (strcmp(o->commands, "||") == 0)
			option_help(to, o, NULL);
}

static void command_help(FILE *to, const sp_command *command)
{
	fprintf(to, "%s spaceport %s %s%s%s\n\n", _("Usage:"), command->name, _("[OPTION]..."),
	        *command->args ? " " : "", command->args);
	wrap(to, _(command->text), 0, 0);
	options_help(to, _("Options:"), command, false);
	options_help(to, _("Options of every command:"), command, true);
}

static void program_help(FILE *to)
{
	fprintf(to, "%s spaceport %s\n", _("Usage:"), _("COMMAND [OPTION]... [ARGUMENT]..."));
	fprintf(to, "%*s spaceport %s\n\n", sp_text_width(_("Usage:")), "", _("[OPTION]..."));
	wrap(to, _(sp_about), 0, 0);
	fputc('\n', to);
	wrap(to, _(sp_wizard.text), 0, 0);
	fprintf(to, "\n%s\n", _("Commands:"));
	for (const sp_command *c = sp_commands; c->name; c++)
		entry(to, c->name, _(c->summary));
	wizard_help(to);
	options_help(to, _("Options of every command:"), NULL, true);
	fprintf(to, "\n%s\n", _("Exit codes:"));
	for (const sp_explained *e = sp_exits; e->name; e++)
		entry(to, e->name, _(e->text));
	fputc('\n', to);
	wrap(to, _("The options of a command: spaceport help COMMAND. The manual: man spaceport."),
	     0, 0);
}

void sp_cli_help(FILE *to, const sp_command *command)
{
	if (command)
		command_help(to, command);
	else
		program_help(to);
}
