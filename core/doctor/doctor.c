#include <config.h>

#include "core/doctor/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/doctor/internal.h"

typedef void check_fn(sp_doctor *doctor, sp_check *check);

typedef struct {
	sp_check check;
	check_fn *fn;
	const char *needs[2]; /* that these were no failure and weren't left out */
} step;

const char *const sp_check_states[] = { "ok", "warning", "failed", "skipped" };

static const step steps[] = {
	{ { "find_host", N_("find the host") }, sp_check_host, { NULL } },
	{ { "reach_port", N_("reach the port") }, sp_check_port, { "find_host" } },
	{ { "encrypt", N_("encrypt") }, sp_check_tls, { "reach_port" } },
	{ { "sign_in", N_("sign in") }, sp_check_login, { "encrypt" } },
	{ { "server_version", N_("server version") }, sp_check_version, { "sign_in" } },
	{ { "time_zone", N_("time zone") }, sp_check_zone, { "server_version" } },
	{ { "clock", N_("clocks") }, sp_check_clock, { "server_version" } },
	{ { "temporary_tables", N_("temporary tables") }, sp_check_temporary, { "server_version" } },
	{ { "platform", N_("open-politics-hq") }, sp_check_platform, { "server_version" } },
	{ { "rights", N_("rights of this login") }, sp_check_rights, { "platform" } },
	{ { "hidden_rows", N_("hidden rows") }, sp_check_rows, { "platform" } },
	{ { "acting_user", N_("acting user") }, sp_check_actor, { "platform" } },
	{ { "infospaces", N_("infospaces") }, sp_check_infospaces, { "acting_user" } },
	{ { "store", N_("reach the store") }, sp_check_store, { NULL } },
	{ { "files", N_("files in the store") }, sp_check_blobs, { "store", "platform" } },
	{ { "disk", N_("room on the disk") }, sp_check_disk, { NULL } },
	{ { "program", N_("this program") }, sp_check_program, { NULL } },
};

#define COUNT ((int)(sizeof(steps) / sizeof(*steps)))

int sp_doctor_count(void)
{
	return COUNT;
}

const sp_check *sp_doctor_at(int i)
{
	return i >= 0 && i < COUNT ? &steps[i].check : NULL;
}

/* --- saying ------------------------------------------------------------------------ */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void sp_check_say(sp_check *check, sp_check_state state, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sp_vfail(&check->found, SP_OK, hint, format, args);
	va_end(args);
	check->state = state;
}

void sp_check_fail(sp_check *check, sp_code code, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sp_vfail(&check->found, code, hint, format, args);
	va_end(args);
	check->state = SP_CHECK_FAILED;
}
#pragma GCC diagnostic pop

void sp_check_take(sp_check *check, sp_error *err)
{
	sp_error_move(&check->found, err);
	check->state = SP_CHECK_FAILED;
}

/* --- doing ------------------------------------------------------------------------- */

/* The index of a check; one that isn't there is no need of any. */
static int index_of(const char *id)
{
	int i;

	for (i = 0; i < COUNT; i++)
		if (!strcmp(steps[i].check.id, id))
			return i;
	return -1;
}

static bool may_begin(const step *at, const sp_check_state *states)
{
	size_t i;
	int need;

	for (i = 0; i < sizeof(at->needs) / sizeof(*at->needs); i++) {
		need = at->needs[i] ? index_of(at->needs[i]) : -1;
		if (need >= 0 && states[need] != SP_CHECK_OK && states[need] != SP_CHECK_WARNING)
			return false;
	}
	return true;
}

static void begin(sp_doctor *doctor)
{
	sp_error err = SP_ERROR_INIT;
	int seconds = doctor->instance->connect_timeout;

	/* what is wrong with the connection string is told by the first check */
	if (sp_db_target_read(doctor->instance->db, &doctor->target, &err) && !seconds)
		seconds = doctor->target.connect_timeout;
	sp_error_move(&doctor->refused, &err);
	doctor->limit = sp_db_now() + (seconds ? seconds : SP_DB_CONNECT_TIMEOUT);
}

static void end(sp_doctor *doctor)
{
	int i;

	for (i = 0; i < SP_DB_MOST_HOSTS; i++)
		if (doctor->addresses[i])
			freeaddrinfo(doctor->addresses[i]);
	sp_store_close(doctor->store);
	sp_actor_free(doctor->actor);
	sp_catalog_free(doctor->catalog);
	sp_db_close(doctor->db);
	sp_db_target_clear(&doctor->target);
	sp_error_clear(&doctor->refused);
}

static sp_check_state do_step(sp_doctor *doctor, const step *at, bool ready, sp_code *code,
                              sp_check_fn *fn, void *ctx)
{
	sp_check check = at->check;
	double since = sp_db_now();

	if (ready)
		at->fn(doctor, &check);
	else
		sp_check_say(&check, SP_CHECK_SKIPPED, NULL, N_("not tried"));
	check.milliseconds = (int)((sp_db_now() - since) * 1000 + 0.5);
	if (check.state == SP_CHECK_FAILED && (*code == SP_OK || *code == SP_WARNINGS))
		*code = check.found.code;
	else if (check.state == SP_CHECK_WARNING && *code == SP_OK)
		*code = SP_WARNINGS;
	if (!sp_job_cancelled(doctor->job))
		fn(ctx, &check);
	sp_error_clear(&check.found);
	return check.state;
}

sp_code sp_doctor_run(const sp_instance *instance, sp_job *job, sp_check_fn *fn, void *ctx)
{
	sp_doctor doctor = { .instance = instance, .job = job };
	sp_check_state states[COUNT];
	sp_code code = SP_OK;
	int i;

	begin(&doctor);
	for (i = 0; i < COUNT && !sp_job_cancelled(job); i++) {
		sp_job_phase(job, steps[i].check.title, 0);
		states[i] = do_step(&doctor, &steps[i], may_begin(&steps[i], states), &code, fn, ctx);
	}
	end(&doctor);
	return sp_job_cancelled(job) ? SP_INTERRUPTED : code;
}
