#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/db/db.h"
#include "core/store/store.h"
#include "src/cli.h"
#include "src/show.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif

/* Files that are opened must not get the number of a standard stream that is
 * closed: what is printed would land in them. Opened the wrong way round, so
 * that using the stream is an error still. */
static bool fill_standard_streams(sp_error *err)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			return sp_fail_errno(err, errno, N_("can't open /dev/null"));
	return true;
}

/* Texts are UTF-8 inside, whatever the user's locale; numbers stay as C has
 * them, for what is written into files. */
static bool set_language(sp_error *err)
{
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		if (!setlocale(LC_CTYPE, "C.UTF-8"))
			return sp_fail(err, SP_FAILED,
			               N_("Install one (on Debian and Ubuntu libc-bin has C.UTF-8), and check "
			                  "disk and memory."),
			               N_("no locale with UTF-8 can be loaded"));
	/* an unknown language is no reason to fail: English it is */
	setlocale(LC_MESSAGES, "");
	if (!bindtextdomain(PACKAGE, LOCALEDIR) || !bind_textdomain_codeset(PACKAGE, "UTF-8") ||
	    !textdomain(PACKAGE))
		return sp_fail_memory(err);
	return true;
}

/* Passwords that libpq holds in memory must not end in a core file. */
static bool forbid_core_dumps(sp_error *err)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return sp_fail_errno(err, errno, N_("can't switch off core dumps"));
#ifndef WITH_ASAN /* its leak checker has to attach to the process */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return sp_fail_errno(err, errno, N_("can't switch off core dumps"));
#endif
	return true;
}

static bool prepare(sp_error *err)
{
	umask(077);
	/* libarchive writes times by the local clock */
	if (setenv("TZ", "UTC0", 1) < 0)
		return sp_fail_memory(err);
	tzset();
	/* libpq would make it the session's time zone, and hide the server's own */
	if (unsetenv("PGTZ") < 0)
		return sp_fail_memory(err);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return sp_fail_errno(err, errno, N_("can't catch signals"));
	return sp_signals_catch(err) && forbid_core_dumps(err);
}

/* Everybody on the machine can read argv: what may hold a secret is refused, and
 * overwritten there. */
static bool check_secrets(sp_cli *cli, sp_error *err)
{
	sp_store_settings store = { 0 };
	bool ok = true;

	for (int i = 0; ok && i < sp_cli_list_count(cli, "db"); i++)
		ok = sp_db_check_conninfo(sp_cli_list(cli, "db", i), err);
	if (!ok)
		sp_cli_scrub(cli, "db");
	for (int i = 0; ok && i < sp_cli_list_count(cli, "store"); i++) {
		store.where = sp_cli_list(cli, "store", i);
		ok = sp_store_check(&store, err);
		if (!ok)
			sp_cli_scrub(cli, "store");
	}
	for (int i = 0; ok && i < sp_cli_list_count(cli, "store-endpoint"); i++) {
		store =
			(sp_store_settings){ "s3://any", .endpoint = sp_cli_list(cli, "store-endpoint", i) };
		ok = sp_store_check(&store, err);
		if (!ok)
			sp_cli_scrub(cli, "store-endpoint");
	}
	return ok;
}

static sp_code run(const sp_cli *cli)
{
	const sp_command *command = sp_cli_command(cli);

	if (sp_cli_flag(cli, "version")) {
		puts(PACKAGE_STRING);
		return SP_OK;
	}
	if (sp_cli_flag(cli, "help")) {
		sp_cli_help(stdout, command);
		return SP_OK;
	}
	if (!command && (sp_cli_flag(cli, "plain") || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))))
		return sp_wizard.run(cli);
	if (!command) {
		sp_cli_help(stderr, NULL);
		return SP_USAGE;
	}
	return command->run(cli);
}

int main(int argc, char **argv)
{
	sp_error err = SP_ERROR_INIT;
	sp_cli *cli = NULL;
	sp_code code = SP_OK;

	if (fill_standard_streams(&err) && set_language(&err) && prepare(&err))
		cli = sp_cli_parse(argc, argv, &err);
	/* also after an error: a password stands in argv all the same */
	if (cli)
		check_secrets(cli, &err);
	if (!sp_error_is_set(&err))
		code = run(cli);
	/* a second error is one of this write only */
	if (!sp_error_is_set(&err) && !sp_show_flush(&err) && code != SP_OK)
		sp_error_clear(&err);
	if (sp_error_is_set(&err)) {
		sp_show_error(cli, &err);
		code = err.code;
	}
	sp_error_clear(&err);
	sp_cli_free(cli);
	return (int)code;
}
