#include <config.h>

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/doctor/internal.h"

#define SAMPLE     "20"
#define READ_BYTES 65536
#define FEW_BYTES  100000000u
#define FEW_FILES  64

/* --- the store -------------------------------------------------------------------------- */

void sp_check_store(sp_doctor *doctor, sp_check *check)
{
	sp_error err = SP_ERROR_INIT;

	if (!doctor->instance->store || !*doctor->instance->store) {
		sp_check_say(check, SP_CHECK_SKIPPED,
		             N_("Say with --store or in the profile where HQ keeps its files."),
		             N_("no store was named"));
		return;
	}
	doctor->store = sp_instance_store(doctor->instance, doctor->job, &err);
	if (doctor->store)
		sp_check_say(check, SP_CHECK_OK, NULL, "%s", sp_store_name(doctor->store));
	else
		sp_check_take(check, &err);
}

/* The first bytes of an object; *there false where it isn't there. */
static bool read_begin(sp_store *store, const char *name, bool *there, sp_error *err)
{
	sp_blob *blob = sp_store_get(store, name, err);
	char *room = blob ? malloc(READ_BYTES) : NULL;
	size_t got;
	bool ok = !sp_error_is_set(err);

	*there = blob != NULL;
	if (blob)
		ok = room ? sp_blob_read(blob, room, READ_BYTES, &got, err) : sp_fail_memory(err);
	free(room);
	sp_blob_close(blob);
	return ok;
}

/* Looks for the sampled files, and reads the first that is there. */
static bool look_for(sp_doctor *doctor, const sp_rows *rows, int *missing, sp_error *err)
{
	bool was_read = false, there = true, ok = true;
	int64_t size;
	int i;

	for (i = 0; ok && i < sp_rows_count(rows); i++) {
		const char *name = sp_rows_get(rows, i, 0);

		ok = sp_job_go_on(doctor->job, err) && sp_store_stat(doctor->store, name, &size, err);
		if (!ok)
			break;
		there = size >= 0;
		if (there && !was_read) {
			ok = read_begin(doctor->store, name, &there, err);
			was_read = there;
		}
		*missing += !there;
	}
	return ok;
}

static void say_files(sp_check *check, int count, int missing)
{
	if (!count)
		sp_check_say(check, SP_CHECK_OK, NULL, N_("no asset has a file"));
	else if (missing == count)
		sp_check_fail(
			check, SP_FAILED,
			N_("Check that this is the store of this instance, and its folder or prefix."),
			N_("of %d files that were looked for none is there"), count);
	else if (missing)
		sp_check_say(check, SP_CHECK_WARNING,
		             N_("An export lists those that are missing and goes on without them."),
		             N_("of %d files that were looked for %d are missing"), count, missing);
	else
		sp_check_say(check, SP_CHECK_OK, NULL,
		             N_("%d were looked for and are there; one was opened"), count);
}

/* Some of the newest and some of the oldest. */
void sp_check_blobs(sp_doctor *doctor, sp_check *check)
{
	const sp_table *assets = sp_catalog_table(doctor->catalog, "asset");
	sp_error err = SP_ERROR_INIT;
	sp_rows *rows = NULL;
	sp_buf sql = { 0 };
	int missing = 0;

	if (!sp_table_column(assets, "blob_path")) {
		say_files(check, 0, 0);
		return;
	}
	sp_buf_addf(
		&sql,
		"WITH f AS (SELECT id, blob_path FROM %s WHERE blob_path <> '') SELECT blob_path FROM "
		"((SELECT id, blob_path FROM f ORDER BY id DESC LIMIT " SAMPLE ") UNION "
		"(SELECT id, blob_path FROM f ORDER BY id LIMIT " SAMPLE ")) s "
		"GROUP BY 1 ORDER BY max(id) DESC LIMIT " SAMPLE,
		assets->quoted);
	rows = sp_db_query_buf(doctor->db, &sql, 0, NULL, &err);
	if (rows && look_for(doctor, rows, &missing, &err))
		say_files(check, sp_rows_count(rows), missing);
	else
		sp_check_take(check, &err);
	sp_rows_free(rows);
}

/* --- this machine ------------------------------------------------------------------------ */

/* Bytes that are free in a folder; false where nothing can be written there. */
static bool look_at(const char *path, uint64_t *bytes)
{
	struct statvfs info;

	if (statvfs(path, &info) != 0 || access(path, W_OK) != 0)
		return false;
	*bytes = (uint64_t)info.f_bavail * info.f_frsize;
	return true;
}

/* The decimal sign is the message's, which has one for scripts, too. */
static void say_room(sp_check *check, sp_check_state state, const char *hint, uint64_t here,
                     uint64_t there, const char *temporary)
{
	here /= 100000000;
	there /= 100000000;
	/* TRANSLATORS: two numbers with a decimal sign between their parts, as "64.6" */
	sp_check_say(check, state, hint, N_("%llu.%llu GB are free in this folder, %llu.%llu GB in %s"),
	             (unsigned long long)here / 10, (unsigned long long)here % 10,
	             (unsigned long long)there / 10, (unsigned long long)there % 10, temporary);
}

void sp_check_disk(sp_doctor *doctor, sp_check *check)
{
	static const char advice[] =
		N_("Make room, or go to another folder; TMPDIR says where temporary files go.");
	const char *temporary = getenv("TMPDIR");
	uint64_t here = 0, there = 0;

	(void)doctor;
	temporary = temporary && *temporary ? temporary : "/tmp";
	if (!look_at(".", &here))
		sp_check_say(check, SP_CHECK_WARNING, advice,
		             N_("nothing can be written into the current folder"));
	else if (!look_at(temporary, &there))
		sp_check_say(check, SP_CHECK_WARNING, advice, N_("nothing can be written into %s"),
		             temporary);
	else if (here < FEW_BYTES || there < FEW_BYTES)
		say_room(check, SP_CHECK_WARNING, advice, here, there, temporary);
	else
		say_room(check, SP_CHECK_OK, NULL, here, there, temporary);
}

/* The user's own locale: the program works in UTF-8 whatever that is. */
static bool locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8 = locale && !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");

	if (locale)
		freelocale(locale);
	return utf8;
}

void sp_check_program(sp_doctor *doctor, sp_check *check)
{
	const char *terminal = getenv("TERM");
	bool shown = isatty(STDOUT_FILENO);
	struct rlimit files;

	(void)doctor;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FEW_FILES)
		sp_check_say(check, SP_CHECK_WARNING, N_("Raise the limit of open files (ulimit -n)."),
		             N_("no more than %d files may be open at once"), (int)files.rlim_cur);
	else if (!locale_is_utf8())
		sp_check_say(check, SP_CHECK_WARNING,
		             N_("Set LANG to a locale with UTF-8, for example C.UTF-8."),
		             N_("%s; the locale isn't UTF-8, so that many characters can't be shown"),
		             PACKAGE_STRING);
	else if (shown && (!terminal || !*terminal || !strcmp(terminal, "dumb")))
		sp_check_say(check, SP_CHECK_WARNING,
		             N_("Set TERM to the terminal's kind, for example xterm-256color."),
		             N_("%s; the terminal's kind isn't known"), PACKAGE_STRING);
	else
		sp_check_say(check, SP_CHECK_OK, NULL, N_("%s, locale with UTF-8"), PACKAGE_STRING);
}
