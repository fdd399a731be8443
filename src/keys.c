#include <config.h>

#include "src/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "src/show.h"

/* --- a line, without its end --- */

/* Takes the first line of what is in `room`; *len: its bytes. */
static bool cut_line(const char *room, size_t size, size_t *len, const char *from, sp_error *err)
{
	const char *end = memchr(room, '\n', *len);

	if (!end && *len == size)
		return sp_fail(err, SP_USAGE, NULL, N_("the passphrase from %s is too long"), from);
	if (end)
		*len = (size_t)(end - room);
	if (*len && room[*len - 1] == '\r')
		--*len;
	return true;
}

static bool read_line(int fd, const char *from, char *room, size_t size, size_t *len, sp_error *err)
{
	ssize_t n;

	*len = 0;
	do {
		if (!sp_signals_wait(fd, err))
			return false;
		n = read(fd, room + *len, size - *len);
		if (n < 0 && errno != EINTR)
			return sp_fail_errno(err, errno, N_("can't read the passphrase from %s"), from);
		*len += n > 0 ? (size_t)n : 0;
	} while (n != 0 && *len < size && !memchr(room, '\n', *len));
	return cut_line(room, size, len, from, err);
}

/* --- the terminal --- */

static bool print_question(int fd, const char *question, const char *file, sp_error *err)
{
	sp_buf text = { 0 }, safe = { 0 };
	bool ok;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	sp_buf_addf(&text, question, file);
#pragma GCC diagnostic pop
	sp_safe_text(&safe, sp_buf_text(&text), text.len);
	sp_buf_addc(&safe, ' ');
	if (text.failed || safe.failed)
		ok = sp_fail_memory(err);
	else
		ok = write(fd, safe.data, safe.len) == (ssize_t)safe.len ||
		     sp_fail_errno(err, errno, N_("can't write to the terminal"));
	sp_buf_free(&text);
	sp_buf_free(&safe);
	return ok;
}

/* The question is translated; "%s" in it is the file. */
static bool ask_terminal(const char *question, const char *file, char *room, size_t size,
                         size_t *len, sp_error *err)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, silent;
	bool ok;

	if (fd < 0)
		return sp_fail(err, SP_USAGE, N_("Give --passphrase-file."),
		               N_("there is no terminal to ask for the passphrase of \"%s\" on"), file);
	if (tcgetattr(fd, &before) != 0) {
		sp_fail_errno(err, errno, N_("can't read the terminal"));
		(void)close(fd);
		return false;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ICANON | ECHONL;
	/* what was typed before the question is no answer to it */
	ok = (tcsetattr(fd, TCSAFLUSH, &silent) == 0 ||
	      sp_fail_errno(err, errno, N_("can't read the terminal"))) &&
	     print_question(fd, question, file, err) && read_line(fd, "/dev/tty", room, size, len, err);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	if (sp_error_is_set(err))
		(void)!write(fd, "\n", 1);
	(void)close(fd);
	return ok;
}

/* --- a file --- */

static bool read_file(const char *path, char *room, size_t size, size_t *len, sp_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : sp_open_secret(path, err);
	const char *from = is_stdin ? "standard input" : path;
	bool ok;

	if (fd < 0)
		return false;
	ok = read_line(fd, from, room, size, len, err);
	if (!is_stdin)
		(void)close(fd);
	if (ok && !*len)
		return sp_fail(err, SP_USAGE, NULL, N_("there is no passphrase in %s"), from);
	return ok;
}

/* The file that --passphrase-file names; NULL: ask. */
static const char *file_of(const sp_cli *cli)
{
	const char *file = sp_cli_text(cli, "passphrase-file");

	/* typed there it would be shown */
	return file && strcmp(file, "-") == 0 && isatty(STDIN_FILENO) ? NULL : file;
}

/* --- what commands ask for --- */

static bool passphrase_of_key(void *ctx, const char *path, char *room, size_t size, size_t *len,
                              sp_error *err)
{
	const sp_cli *const *cli = ctx;
	const char *file = file_of(*cli);

	return file ? read_file(file, room, size, len, err)
	            : ask_terminal(_("Passphrase of %s:"), path, room, size, len, err);
}

sp_private_key *sp_cli_signing_key(const sp_cli *cli, sp_error *err)
{
	const char *path = sp_cli_text(cli, "sign");

	return path ? sp_private_key_read(path, passphrase_of_key, &cli, err) : NULL;
}

bool sp_cli_new_passphrase(const sp_cli *cli, const char *file, char room[SP_MOST_PASSPHRASE],
                           size_t *len, sp_error *err)
{
	const char *from = file_of(cli);
	char again[SP_MOST_PASSPHRASE];
	size_t again_len = 0;
	bool ok;

	*len = 0;
	if (sp_cli_flag(cli, "no-passphrase"))
		return !from || sp_fail(err, SP_USAGE, NULL,
		                        N_("--no-passphrase and --passphrase-file contradict each other"));
	if (from)
		return read_file(from, room, SP_MOST_PASSPHRASE, len, err);
	ok = ask_terminal(_("Passphrase for %s (none: Enter):"), file, room, SP_MOST_PASSPHRASE, len,
	                  err);
	if (ok && *len) {
		ok = ask_terminal(_("The passphrase again:"), file, again, sizeof again, &again_len, err);
		if (ok && (again_len != *len || memcmp(again, room, *len) != 0))
			ok = sp_fail(err, SP_USAGE, N_("Try it again."), N_("the two passphrases differ"));
		OPENSSL_cleanse(again, sizeof again);
	}
	return ok;
}

sp_trust *sp_cli_trust(const sp_cli *cli, sp_error *err)
{
	int i, count = sp_cli_list_count(cli, "trust");
	sp_trust *trust = count ? sp_trust_create(err) : NULL;
	bool ok = trust != NULL;

	for (i = 0; ok && i < count; i++)
		ok = sp_trust_add(trust, sp_cli_list(cli, "trust", i), err);
	if (ok)
		return trust;
	sp_trust_free(trust);
	return NULL;
}
