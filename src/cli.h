/*
 * Whatever a person can type: one table of commands and options. Parsing,
 * --help, the man page and (later) completion come from it.
 */
#ifndef SP_SRC_CLI_H
#define SP_SRC_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/error.h"

typedef struct sp_cli sp_cli;

typedef sp_code sp_command_fn(const sp_cli *cli);

/* A command: one or two words. Texts are untranslated (N_()). */
typedef struct {
	const char *name;    /* "export run" */
	const char *args;    /* "RUN..." or "" */
	int min_args, max_args; /* max -1: any number */
	const char *summary; /* one line */
	const char *text;    /* paragraphs for the man page and --help */
	sp_command_fn *run;
} sp_command;

typedef enum { SP_OPT_FLAG, SP_OPT_BOOL, SP_OPT_TEXT, SP_OPT_INT, SP_OPT_CHOICE, SP_OPT_LIST } sp_option_type;

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
} sp_option;

extern const sp_command sp_commands[];
extern const sp_option sp_options[];

/* Parses; options may stand before and after the command. NULL and SP_USAGE. */
sp_cli *sp_cli_parse(int argc, char **argv, sp_error *err);
void sp_cli_free(sp_cli *cli);

const sp_command *sp_cli_command(const sp_cli *cli); /* NULL: none given */
int sp_cli_count(const sp_cli *cli);                 /* arguments */
const char *sp_cli_arg(const sp_cli *cli, int i);
/* Values, by option name without dashes; from the command line, else the
 * environment, else the default. */
const char *sp_cli_text(const sp_cli *cli, const char *name);
bool sp_cli_flag(const sp_cli *cli, const char *name); /* FLAG, BOOL */
long sp_cli_int(const sp_cli *cli, const char *name);
int sp_cli_list_count(const sp_cli *cli, const char *name);
const char *sp_cli_list(const sp_cli *cli, const char *name, int i);

/* Help for the program or (command not NULL) one command, translated. */
void sp_cli_help(FILE *to, const sp_command *command);
/* The man page spaceport(1) as roff, untranslated. */
void sp_cli_man(FILE *to);

#endif
