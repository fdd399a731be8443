#include <config.h>

#include "src/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"

FILE *sp_show_json_stream(const sp_cli *cli)
{
	const char *output = sp_cli_text(cli, "output");

	return output && strcmp(output, "-") == 0 ? stderr : stdout;
}

/* True where stderr is for programs. */
bool sp_show_only_json(const sp_cli *cli)
{
	return cli && sp_cli_flag(cli, "json") && sp_show_json_stream(cli) == stderr;
}

int sp_terminal_width(FILE *stream)
{
	struct winsize size = { 0 };
	int fd = fileno(stream);

	if (fd < 0 || !isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* Prints a line made safe; nothing else can be done where stderr fails. */
static void put_line(const char *before, const char *text)
{
	sp_buf line = { 0 };

	sp_buf_adds(&line, before);
	sp_safe_text(&line, text, strlen(text));
	sp_buf_addc(&line, '\n');
	if (line.failed)
		fputs("spaceport: out of memory\n", stderr);
	else
		fputs(sp_buf_text(&line), stderr);
	sp_buf_free(&line);
}

static void show_error_json(const sp_cli *cli, const sp_error *err, const char *key, sp_json *done)
{
	sp_json *result = sp_json_object(), *error;
	sp_error second = SP_ERROR_INIT;

	sp_json_add_bool(result, "success", false);
	error = sp_json_add_object(result, "error");
	sp_json_add_int(error, "code", err->code);
	sp_json_add_text(error, "text", sp_error_text_c(err));
	sp_json_add_text(error, "hint", err->hint_c);
	if (sp_json_first(done))
		sp_json_add(result, key, done);
	else
		sp_json_free(done);
	if (!sp_show_json(cli, result, &second) || !sp_show_flush(&second))
		put_line("spaceport: ", sp_error_text(&second));
	sp_error_clear(&second);
	sp_json_free(result);
}

void sp_show_error(const sp_cli *cli, const sp_error *err)
{
	sp_show_failure(cli, err, NULL, NULL);
}

void sp_show_failure(const sp_cli *cli, const sp_error *err, const char *key, sp_json *done)
{
	if (!sp_show_only_json(cli)) {
		put_line("spaceport: ", sp_error_text(err));
		if (err->hint)
			put_line("", err->hint);
	}
	if (cli && sp_cli_flag(cli, "json"))
		show_error_json(cli, err, key, done);
	else
		sp_json_free(done);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void sp_show_note(const sp_cli *cli, const char *format, ...)
{
	sp_buf text = { 0 };
	va_list args;

	if (sp_cli_flag(cli, "quiet") || sp_show_only_json(cli))
		return;
	va_start(args, format);
	sp_buf_vaddf(&text, _(format), args);
	va_end(args);
	put_line("", text.failed ? _("out of memory") : sp_buf_text(&text));
	sp_buf_free(&text);
}
#pragma GCC diagnostic pop

bool sp_show_json(const sp_cli *cli, const sp_json *json, sp_error *err)
{
	FILE *to = sp_show_json_stream(cli);
	sp_buf plain = { 0 }, safe = { 0 };
	bool ok = false;

	if (!sp_json_print(json, to == stdout, &plain)) {
		sp_fail_memory(err);
		goto cleanup;
	}
	sp_safe_json(&safe, sp_buf_text(&plain), plain.len);
	if (to == stderr)
		sp_buf_addc(&safe, '\n');
	if (safe.failed)
		sp_fail_memory(err);
	else if (fwrite(safe.data, 1, safe.len, to) != safe.len)
		sp_fail_errno(err, errno, N_("can't write the result"));
	else
		ok = true;
cleanup:
	sp_buf_free(&plain);
	sp_buf_free(&safe);
	return ok;
}

bool sp_show_flush(sp_error *err)
{
	if (fflush(stdout) != 0)
		return sp_fail_errno(err, errno, N_("can't write standard output"));
	if (ferror(stdout))
		return sp_fail(err, SP_FAILED, NULL, N_("can't write standard output"));
	return true;
}

/* True where the answer means yes, in English or the user's language. */
static bool is_yes(const char *answer)
{
	const char *yes = _("y");

	answer += strspn(answer, " \t");
	return *answer == 'y' || *answer == 'Y' || strncasecmp(answer, yes, strlen(yes)) == 0;
}

/* A line from the terminal without its end, the caller's; NULL: none came, or an
 * error. The question is translated already. */
static char *read_answer(const char *question, const char *expects, sp_error *err)
{
	sp_buf line = { 0 };
	char *answer = NULL;
	ssize_t len = -1;
	size_t room = 0;

	sp_safe_text(&line, question, strlen(question));
	if (line.failed) {
		sp_buf_free(&line);
		sp_fail_memory(err);
		return NULL;
	}
	fprintf(stderr, "%s %s ", sp_buf_text(&line), expects);
	fflush(stderr);
	sp_buf_free(&line);
	if (sp_signals_wait(STDIN_FILENO, err)) {
		len = getline(&answer, &room, stdin);
		if (len < 0 && !feof(stdin))
			sp_fail_errno(err, errno, N_("can't read the terminal"));
	}
	if (len <= 0 || answer[len - 1] != '\n')
		fputc('\n', stderr);
	else
		answer[len - 1] = '\0';
	if (len >= 0)
		return answer;
	free(answer);
	return NULL;
}

static bool is_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool sp_ask(const sp_cli *cli, const char *question, sp_error *err)
{
	char *answer;
	bool yes;

	if (sp_cli_flag(cli, "yes"))
		return true;
	if (!is_terminal())
		return sp_fail(err, SP_USAGE, N_("Give --yes to go on without a question."),
		               N_("there is no terminal to ask on"));
	answer = read_answer(question, _("[y/N]"), err);
	yes = answer && is_yes(answer);
	free(answer);
	return yes;
}

bool sp_ask_name(const char *question, const char *name, sp_error *err)
{
	char *answer;
	bool same;

	if (!is_terminal())
		return sp_fail(err, SP_USAGE, N_("Do it on a terminal: --yes doesn't answer this."),
		               N_("%s is to be handled with care: its name must be typed"), name);
	answer = read_answer(question, _("[name]"), err);
	same = answer && !strcmp(answer, name);
	free(answer);
	return same;
}
