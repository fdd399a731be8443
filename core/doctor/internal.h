/* What the checks share. */
#ifndef SP_DOCTOR_INTERNAL_H
#define SP_DOCTOR_INTERNAL_H

#include <netdb.h>

#include "core/access/access.h"
#include "core/db/catalog.h"
#include "core/db/target.h"
#include "core/doctor/doctor.h"

/* What was found so far; later checks go on from there. */
typedef struct {
	const sp_instance *instance;
	sp_job *job;
	double limit; /* when connecting must be through, by the clock of sp_db_now() */
	sp_db_target target;
	struct addrinfo *addresses[SP_DB_MOST_HOSTS]; /* NULL: a socket, or not found */
	sp_db_attempt attempt;
	sp_error refused; /* why there is no connection */
	sp_db *db;
	sp_catalog *catalog;
	sp_actor *actor;
	sp_store *store;
} sp_doctor;

/*
 * A check says what it found with one of these, just once. Format and hint are
 * untranslated literals marked with N_(); arguments belong to the format.
 */
void sp_check_say(sp_check *check, sp_check_state state, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A failure of this code. */
void sp_check_fail(sp_check *check, sp_code code, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A failure that the core reported; takes the error. */
void sp_check_take(sp_check *check, sp_error *err);

/* The checks. */
void sp_check_host(sp_doctor *doctor, sp_check *check);
void sp_check_port(sp_doctor *doctor, sp_check *check);
void sp_check_tls(sp_doctor *doctor, sp_check *check);
void sp_check_login(sp_doctor *doctor, sp_check *check);
void sp_check_version(sp_doctor *doctor, sp_check *check);
void sp_check_zone(sp_doctor *doctor, sp_check *check);
void sp_check_clock(sp_doctor *doctor, sp_check *check);
void sp_check_temporary(sp_doctor *doctor, sp_check *check);
void sp_check_platform(sp_doctor *doctor, sp_check *check);
void sp_check_rights(sp_doctor *doctor, sp_check *check);
void sp_check_rows(sp_doctor *doctor, sp_check *check);
void sp_check_actor(sp_doctor *doctor, sp_check *check);
void sp_check_infospaces(sp_doctor *doctor, sp_check *check);
void sp_check_store(sp_doctor *doctor, sp_check *check);
void sp_check_blobs(sp_doctor *doctor, sp_check *check);
void sp_check_disk(sp_doctor *doctor, sp_check *check);
void sp_check_program(sp_doctor *doctor, sp_check *check);

#endif
