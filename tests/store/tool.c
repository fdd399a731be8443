/*
 * A store on the command line, for tests that need a server:
 *
 *	tool WHERE COMMAND [ARGUMENT...]
 *
 *	open                      nothing but that
 *	stat NAME...              one size a line, -1: isn't there
 *	stat -                    the same for names from standard input, ended by NUL
 *	get NAME...               their bytes, each asked for in advance
 *	put NAME                  standard input, in one piece
 *	put NAME SIZE             standard input as a stream; SIZE -1: not known
 *	delete NAME...
 *	sign NAME SECONDS
 *
 * Where the bucket is otherwise: as in the program, by the variables of Amazon's
 * tools; STORE_TIMEOUT in seconds. Ends with the code of the error, which stands
 * on standard error with its hint. Ctrl-C cancels.
 */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/store/store.h"

static sp_job *job;

static void cancel(int signal)
{
	(void)signal;
	sp_job_cancel(job);
}

static bool write_all(const char *data, size_t len, sp_error *err)
{
	return fwrite(data, 1, len, stdout) == len || sp_fail_errno(err, errno, "can't write");
}

static bool stat_names(sp_store *store, const char *const *names, int count, sp_error *err)
{
	int64_t *sizes = calloc((size_t)count + 1, sizeof(*sizes));
	bool ok = sizes && sp_store_stat_all(store, names, sizes, (size_t)count, err);
	int i;

	for (i = 0; ok && i < count; i++)
		printf("%" PRId64 "\n", sizes[i]);
	free(sizes);
	return ok;
}

static bool stat_input(sp_store *store, sp_error *err)
{
	char **names = NULL, *line = NULL;
	size_t room = 0;
	int count = 0, i;
	bool ok = true;

	while (ok && getdelim(&line, &room, 0, stdin) > 0) {
		char **more = realloc(names, (size_t)(count + 1) * sizeof(*names));

		ok = more != NULL;
		names = ok ? more : names;
		if (ok)
			names[count++] = line;
		line = NULL;
		room = 0;
	}
	ok = ok && stat_names(store, (const char *const *)names, count, err);
	for (i = 0; i < count; i++)
		free(names[i]);
	free(names);
	free(line);
	return ok;
}

static bool get_one(sp_store *store, const char *name, sp_error *err)
{
	sp_blob *blob = sp_store_get(store, name, err);
	char data[65536];
	int64_t total = 0;
	size_t got = 1;

	if (!blob)
		return sp_fail(err, SP_WARNINGS, NULL, "isn't there: %s", name);
	while (got && sp_blob_read(blob, data, sizeof(data), &got, err)) {
		write_all(data, got, err);
		total += (int64_t)got;
	}
	if (!sp_error_is_set(err) && total != sp_blob_size(blob))
		sp_fail(err, SP_FAILED, NULL, "the size was a lie");
	sp_blob_close(blob);
	return !sp_error_is_set(err);
}

static bool get_names(sp_store *store, const char *const *names, int count, sp_error *err)
{
	int i, expected = 0;

	for (i = 0; i < count; i++) {
		for (; expected < count && expected < i + SP_STORE_AHEAD; expected++)
			sp_store_expect(store, names[expected]);
		if (!get_one(store, names[i], err))
			return false;
	}
	return true;
}

static bool read_input(void *ctx, void *data, size_t len, size_t *got, sp_error *err)
{
	(void)ctx;
	*got = fread(data, 1, len, stdin);
	return !ferror(stdin) || sp_fail_errno(err, errno, "can't read");
}

static bool put_input(sp_store *store, const char *name, const char *size, sp_error *err)
{
	sp_buf text = { 0 };
	size_t got = 1;
	bool ok = true;

	if (size)
		return sp_store_put_from(store, name, read_input, NULL, atoll(size), err);
	while (ok && got) {
		char *room = sp_buf_reserve(&text, 65536);

		ok = room ? read_input(NULL, room, 65536, &got, err) : sp_fail_memory(err);
		text.len += ok ? got : 0;
	}
	ok = ok && sp_store_put(store, name, text.data, text.len, err);
	sp_buf_free(&text);
	return ok;
}

static bool sign(sp_store *store, const char *name, const char *seconds, sp_error *err)
{
	sp_buf url = { 0 };
	bool ok = sp_store_sign(store, name, atol(seconds), &url, err);

	if (ok)
		puts(url.data);
	sp_buf_free(&url);
	return ok;
}

static bool run(sp_store *store, const char *command, const char *const *args, int count,
                sp_error *err)
{
	bool ok = true;
	int i;

	if (!strcmp(command, "stat"))
		return count && !strcmp(args[0], "-") ? stat_input(store, err)
		                                      : stat_names(store, args, count, err);
	if (!strcmp(command, "get"))
		return get_names(store, args, count, err);
	if (!strcmp(command, "put"))
		return put_input(store, args[0], count > 1 ? args[1] : NULL, err);
	if (!strcmp(command, "sign"))
		return sign(store, args[0], args[1], err);
	for (i = 0; ok && !strcmp(command, "delete") && i < count; i++)
		ok = sp_store_delete(store, args[i], err);
	return ok;
}

int main(int argc, char **argv)
{
	const char *timeout = getenv("STORE_TIMEOUT");
	sp_store_settings settings = { .timeout = timeout ? atoi(timeout) : 0 };
	sp_error err = SP_ERROR_INIT;
	sp_store *store = NULL;
	int code;

	job = sp_job_create();
	signal(SIGINT, cancel);
	signal(SIGPIPE, SIG_IGN);
	if (job && argc > 2) {
		settings.where = argv[1];
		store = sp_store_open(&settings, job, &err);
	}
	if (store && run(store, argv[2], (const char *const *)argv + 3, argc - 3, &err) &&
	    fflush(stdout) != 0)
		sp_fail_errno(&err, errno, "can't write");
	sp_store_close(store);
	if (sp_error_is_set(&err))
		fprintf(stderr, "%s\n%s\n", sp_error_text_c(&err), err.hint_c ? err.hint_c : "");
	code = sp_error_is_set(&err) ? (int)err.code : store ? 0 : 2;
	sp_error_clear(&err);
	sp_job_free(job);
	return code;
}
