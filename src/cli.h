/*
 * Whatever a person can type: one table of commands and options. Parsing,
 * --help, the man page and (later) completion come from it.
 */
#ifndef SP_SRC_CLI_H
#define SP_SRC_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/error.h"

typedef struct sp_cli sp_cli;

typedef sp_code sp_command_fn(const sp_cli *cli);

/* A command: one or two words. Texts are untranslated (N_()). */
typedef struct {
	const char *name;    /* "export run" */
	const char *args;    /* "RUN..." or "" */
	int min_args, max_args; /* max -1: any number */
	const char *summary; /* one line, without full stop */
	const char *text;    /* paragraphs, an empty line between them */
	sp_command_fn *run;
} sp_command;

typedef enum {
	SP_OPT_FLAG,
	SP_OPT_BOOL,
	SP_OPT_TEXT,
	SP_OPT_INT,
	SP_OPT_CHOICE,
	SP_OPT_LIST
} sp_option_type;

/*
 * An option. FLAG: --name. BOOL: --name and --no-name. TEXT, INT, CHOICE:
 * --name VALUE. LIST: may be given several times. Option names use dashes;
 * JSON uses the same with underscores.
 */
typedef struct {
	const char *name;
	char letter;            /* short alias or 0 */
	sp_option_type type;
	const char *value;      /* placeholder: "FILE"; CHOICE: "a|b|c" */
	const char *otherwise;  /* default, NULL: none; BOOL: "yes" or "no" */
	const char *env;        /* environment variable that gives the default */
	long min, max;          /* INT */
	const char *commands;   /* "|export run|list runs|" or "*" */
	const char *help;       /* one sentence */
	/* What the wizard calls it (untranslated), which asks for it, in the order of the table,
	 * on the way to what the command does. NULL: it doesn't. */
	const char *asked;
} sp_option;

/* What help and manual explain besides: an exit code, a variable, a file, an
 * example. `text` is untranslated. */
typedef struct {
	const char *name;
	const char *text;
} sp_explained;

/* Each ends with an entry whose name is NULL. */
extern const sp_command sp_commands[];
extern const sp_option sp_options[];
extern const sp_command sp_wizard;        /* what is run without a command */
extern const sp_explained sp_exits[];
extern const sp_explained sp_variables[]; /* besides those that options name */
extern const sp_explained sp_files[];
extern const sp_explained sp_examples[];  /* name: the command line */
extern const char *const sp_about;        /* what the program does: a paragraph */

/* True where the option goes with the command (NULL: with every command). */
bool sp_option_fits(const sp_option *option, const sp_command *command);

/* The variable that gives its default there; NULL: none. */
const char *sp_option_variable(const sp_option *option, const sp_command *command);

/*
 * Parses; options may stand before and after the command and its arguments,
 * "--" ends them, names are never abbreviated. *err says (SP_USAGE) what
 * was wrong; the rest is parsed all the same, so that the error can be shown
 * as --json or -o ask. NULL only where memory was out. Keeps pointing into
 * argv. Errors never repeat a value that might be a secret.
 */
sp_cli *sp_cli_parse(int argc, char **argv, sp_error *err);
void sp_cli_free(sp_cli *cli);

const sp_command *sp_cli_command(const sp_cli *cli); /* NULL: none given */
int sp_cli_count(const sp_cli *cli);                 /* arguments */
const char *sp_cli_arg(const sp_cli *cli, int i);
/* Values, by option name without dashes; from the command line (the last
 * one counts), else the environment, else the default. */
const char *sp_cli_text(const sp_cli *cli, const char *name);
bool sp_cli_flag(const sp_cli *cli, const char *name); /* FLAG, BOOL */
long sp_cli_int(const sp_cli *cli, const char *name);
/* Every value that was given, for LIST, but of others as well. */
int sp_cli_list_count(const sp_cli *cli, const char *name);
const char *sp_cli_list(const sp_cli *cli, const char *name, int i);

/* Overwrites the values given for this option in argv, where every user of
 * the machine can read them. */
void sp_cli_scrub(sp_cli *cli, const char *name);

/* The command that these words name, NULL: none. *used: how many of them. */
const sp_command *sp_command_find(const char *const *words, int count, int *used);
/* Fails with SP_USAGE: no such command, and which one may be meant. */
bool sp_command_unknown(const char *const *words, int count, sp_error *err);

/* Help for the program or (command not NULL) one command, translated. */
void sp_cli_help(FILE *to, const sp_command *command);

#endif
