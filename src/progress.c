#include <config.h>

#include "src/show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"

typedef enum { NONE, LINE, JSON } form;

struct sp_show_progress {
	sp_job *job; /* NULL: none of ours */
	form form;
	int drawn; /* columns of the line that stands there */
};

static void add_duration(sp_buf *line, double seconds)
{
	unsigned long s = (unsigned long)(seconds + 0.5);

	if (s >= 3600)
		sp_buf_addf(line, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else
		sp_buf_addf(line, "%lu:%02lu", s / 60, s % 60);
}

static void add_rows(sp_buf *line, const sp_progress *at)
{
	if (at->rows_total > 0)
		sp_buf_addf(line, "  %" PRIu64 "/%" PRIu64 " %s", at->rows, at->rows_total,
		            _("rows"));
	else if (at->rows > 0)
		sp_buf_addf(line, "  %" PRIu64 " %s", at->rows, _("rows"));
}

static void add_bytes(sp_buf *line, const sp_progress *at)
{
	if (at->bytes == 0)
		return;
	sp_buf_adds(line, "  ");
	sp_text_bytes(line, at->bytes);
	if (at->bytes_total > 0) {
		sp_buf_adds(line, " / ");
		sp_text_bytes(line, at->bytes_total);
	}
	if (at->rate >= 1) {
		sp_buf_adds(line, "  ");
		sp_text_bytes(line, (unsigned long long)at->rate);
		sp_buf_adds(line, "/s");
	}
}

/* "reading  45 %  900/2000 rows  1.2 MB / 2.6 MB  3 MB/s  0:01 left" */
static void add_state(sp_buf *line, const sp_progress *at)
{
	sp_buf_adds(line, _(at->phase));
	if (at->bytes_total > 0 && at->bytes <= at->bytes_total)
		sp_buf_addf(line, "  %.0f %%",
		            100.0 * (double)at->bytes / (double)at->bytes_total);
	add_rows(line, at);
	add_bytes(line, at);
	if (at->left >= 0) {
		sp_buf_adds(line, "  ");
		add_duration(line, at->left);
		sp_buf_addf(line, " %s", _("left"));
	}
}

/* Over the line that stands there; spaces instead of escape sequences serve
 * every terminal. The last column stays free: some would begin a new line. */
static void draw(sp_show_progress *show, const sp_progress *at)
{
	int width = sp_terminal_width(stderr) - 1, now;
	sp_buf state = { 0 }, line = { 0 };

	/* of a job in the background the terminal is somebody else's */
	if (width < 1 || tcgetpgrp(STDERR_FILENO) != getpgrp())
		return;
	if (at)
		add_state(&state, at);
	sp_buf_addc(&line, '\r');
	sp_text_fit(&line, sp_buf_text(&state), width, false);
	now = sp_text_width(sp_buf_text(&state));
	now = now < width ? now : width;
	for (int i = now; i < show->drawn; i++)
		sp_buf_addc(&line, ' ');
	for (int i = now; i < show->drawn; i++)
		sp_buf_addc(&line, '\b');
	if (!line.failed && !state.failed) {
		fwrite(line.data, 1, line.len, stderr);
		fflush(stderr);
		show->drawn = now;
	}
	sp_buf_free(&state);
	sp_buf_free(&line);
}

/* A number, or null where it isn't known. */
static void add_number(sp_buf *line, const char *name, double number, bool known)
{
	if (known)
		sp_buf_addf(line, ",\"%s\":%.0f", name, number);
	else
		sp_buf_addf(line, ",\"%s\":null", name);
}

static void print_json(const sp_progress *at)
{
	sp_buf line = { 0 };

	sp_buf_adds(&line, "{\"type\":\"progress\",\"phase\":");
	sp_buf_add_json(&line, at->phase, strlen(at->phase));
	sp_buf_addf(&line, ",\"rows\":%" PRIu64, at->rows);
	add_number(&line, "rows_total", (double)at->rows_total, at->rows_total > 0);
	sp_buf_addf(&line, ",\"bytes\":%" PRIu64, at->bytes);
	add_number(&line, "bytes_total", (double)at->bytes_total, at->bytes_total > 0);
	add_number(&line, "rate", at->rate, true);
	add_number(&line, "left", at->left, at->left >= 0);
	sp_buf_adds(&line, "}\n");
	if (!line.failed) {
		fwrite(line.data, 1, line.len, stderr);
		fflush(stderr);
	}
	sp_buf_free(&line);
}

static void on_progress(void *ctx, const sp_progress *at)
{
	sp_show_progress *show = ctx;

	if (show->form == JSON)
		print_json(at);
	else
		draw(show, at);
}

static form form_of(const sp_cli *cli)
{
	const char *asked = sp_cli_text(cli, "progress");
	bool json_there = sp_cli_flag(cli, "json") && sp_show_json_stream(cli) == stderr;

	if (strcmp(asked, "json") == 0)
		return JSON;
	if (strcmp(asked, "tty") == 0)
		return LINE;
	if (strcmp(asked, "none") == 0 || sp_cli_flag(cli, "quiet") || json_there)
		return NONE;
	return isatty(STDERR_FILENO) ? LINE : NONE;
}

sp_show_progress *sp_progress_begin(const sp_cli *cli, sp_job *job)
{
	sp_progress at;
	sp_show_progress *show = calloc(1, sizeof *show);

	if (!show)
		return NULL;
	show->job = job;
	show->form = form_of(cli);
	if (show->form != NONE)
		sp_job_on_progress(job, on_progress, show);
	/* the first line comes at once; where work goes on, its phase stays */
	sp_job_look(job, &at);
	if (!*at.phase)
		sp_job_phase(job, N_("connecting"), 0);
	return show;
}

sp_show_progress *sp_progress_follow(void)
{
	sp_show_progress *show = calloc(1, sizeof *show);

	if (show)
		show->form = LINE;
	return show;
}

void sp_progress_draw(sp_show_progress *show, const sp_progress *at)
{
	if (show)
		draw(show, at);
}

void sp_progress_end(sp_show_progress *show)
{
	sp_progress at;

	if (!show)
		return;
	if (show->job)
		sp_job_on_progress(show->job, NULL, NULL);
	if (show->form == JSON) {
		sp_job_look(show->job, &at);
		print_json(&at);
	} else if (show->form == LINE) {
		draw(show, NULL);
	}
	free(show);
}
