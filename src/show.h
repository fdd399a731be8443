/* What the command line shows: errors, tables, results, progress, questions.
 * Everything from a database or package passes sp_safe_text() here. */
#ifndef SP_SRC_SHOW_H
#define SP_SRC_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/job/job.h"
#include "src/cli.h"

/* The JSON stream: stdout, or stderr where the package itself goes to stdout
 * ("-o -"). On stderr each JSON text is one line, as progress is, and texts
 * for people stay away. */
FILE *sp_show_json_stream(const sp_cli *cli);

/* True where stderr is for programs: texts for people stay away. */
bool sp_show_only_json(const sp_cli *cli);

/* "spaceport: <text>" and the hint on a line of its own, on stderr. With
 * --json also {"success":false,"error":{code,text,hint}} on the JSON stream.
 * `cli` may be NULL. */
void sp_show_error(const sp_cli *cli, const sp_error *err);
/* The same, and the JSON says under `key` what was done before the failure.
 * Takes `done` (NULL, or empty: nothing was). */
void sp_show_failure(const sp_cli *cli, const sp_error *err, const char *key, sp_json *done);

/* A line for people on stderr (format untranslated, marked N_()); arguments
 * are made safe as a whole line. Nothing with --quiet. */
void sp_show_note(const sp_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A result: JSON, safe for a terminal, on the JSON stream; pretty on stdout. */
bool sp_show_json(const sp_cli *cli, const sp_json *json, sp_error *err);

/* Flushes stdout; false where something that was written there was lost. */
bool sp_show_flush(sp_error *err);

/* A table for people: columns as wide as needed; on a terminal the widest
 * are cut until a row fits its line. */
typedef struct sp_listing sp_listing;
/* NULL where memory is out; the other functions take a NULL. */
sp_listing *sp_listing_create(int columns);
/* The title is untranslated; `right`: numbers. */
void sp_listing_head(sp_listing *table, int column, const char *title, bool right);
/* The next cell, row by row; made safe and copied. NULL: empty. */
void sp_listing_cell(sp_listing *table, const char *text);
/* The same of a text that was built for it, and is freed; where it lacks memory, so
 * does the table. */
void sp_listing_take(sp_listing *table, sp_buf *text);
bool sp_listing_print(const sp_listing *table, FILE *to, sp_error *err);
void sp_listing_free(sp_listing *table);

/* Progress on stderr as --progress says (auto: tty where stderr is one, else
 * none), from now on: the phase "connecting" begins here. End it before
 * anything else is printed. NULL where memory is out: then none is shown. */
typedef struct sp_show_progress sp_show_progress;
sp_show_progress *sp_progress_begin(const sp_cli *cli, sp_job *job);
/* The same of what isn't a job of ours, and of what is told of it: a line of the terminal. */
sp_show_progress *sp_progress_follow(void);
void sp_progress_draw(sp_show_progress *show, const sp_progress *at);
void sp_progress_end(sp_show_progress *show);

/* Asks on the terminal; --yes answers. Without a terminal and without --yes:
 * false and SP_USAGE that says to give --yes. A "no": false and no error. The
 * question is translated already. */
bool sp_ask(const sp_cli *cli, const char *question, sp_error *err);

/* The same where this name must be typed, which --yes doesn't do. */
bool sp_ask_name(const char *question, const char *name, sp_error *err);

/* Columns of the terminal behind this stream; 0: it is none. */
int sp_terminal_width(FILE *stream);

/* From now on SIGINT, SIGTERM and SIGHUP cancel the watched job; a second one
 * of the same kind, or one while no job is watched, ends the program. System
 * calls return EINTR. A signal that was ignored stays so (nohup). */
bool sp_signals_catch(sp_error *err);
/* The job that they cancel; NULL: none. It must stay until the next call. */
void sp_signals_watch(sp_job *job);
/* Waits until there is something to read (or the end) at `fd`; false and
 * SP_INTERRUPTED where the watched job is cancelled first. */
bool sp_signals_wait(int fd, sp_error *err);

#endif
