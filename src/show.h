/* What the command line shows: errors, tables, results, progress, questions.
 * Everything from a database or package passes sp_safe_text() here. */
#ifndef SP_SRC_SHOW_H
#define SP_SRC_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/job/job.h"
#include "src/cli.h"

/* "spaceport: <text>" and the hint on a line of its own, on stderr. With
 * --json also {"success":false,"error":{code,text,hint}} on the JSON stream. */
void sp_show_error(const sp_cli *cli, const sp_error *err);

/* A line for people on stderr (format untranslated, marked N_()); arguments
 * are made safe as a whole line. Nothing with --quiet. */
void sp_show_note(const sp_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A result: pretty JSON, safe for a terminal, on the JSON stream: stdout, or
 * stderr where the package itself goes to stdout ("-o -"). */
bool sp_show_json(const sp_cli *cli, const sp_json *json, sp_error *err);

/* A table on stdout for people: columns as wide as needed, cut to the
 * terminal's width; numbers right-aligned. */
typedef struct sp_table sp_table;
sp_table *sp_table_create(int columns);
void sp_table_head(sp_table *table, int column, const char *title, bool right); /* untranslated */
void sp_table_cell(sp_table *table, const char *text); /* row by row; copies */
bool sp_table_print(sp_table *table, FILE *to, sp_error *err);
void sp_table_free(sp_table *table);

/* Progress on stderr as --progress says (auto: tty where stderr is one, else
 * none); end it before printing anything else. */
typedef struct sp_show_progress sp_show_progress;
sp_show_progress *sp_progress_begin(const sp_cli *cli, sp_job *job);
void sp_progress_end(sp_show_progress *show);

/* Asks on the terminal; --yes answers. Without a terminal and without --yes:
 * false and SP_USAGE that says to give --yes. A "no": false and no error. */
bool sp_ask(const sp_cli *cli, const char *question, sp_error *err);

/* The job that SIGINT, SIGTERM and SIGHUP cancel; NULL: none. */
void sp_signals_watch(sp_job *job);

#endif
