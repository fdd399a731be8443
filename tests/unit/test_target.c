#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/db/target.h"
#include "tests/unit/failing.h"

WRAP(char *, strdup, (const char *text), (text))
WRAP(char *, strndup, (const char *text, size_t len), (text, len))
WRAP(PQconninfoOption *, PQconninfo, (PGconn * conn), (conn))
WRAP(PGconn *, PQconnectStartParams,
     (const char *const *keys, const char *const *values, int expand), (keys, values, expand))

/* "HOST:PORT HOST:PORT/DBNAME user=USER", with what else is said; an error in brackets.
 * The caller frees it. */
static char *target_of(const char *conninfo)
{
	sp_db_target target = { 0 };
	sp_error err = SP_ERROR_INIT;
	sp_buf text = { 0 };
	int i;

	if (sp_db_target_read(conninfo, &target, &err)) {
		for (i = 0; i < target.count; i++)
			sp_buf_addf(&text, "%s%s:%s%s", i ? " " : "", target.hosts[i].host,
			            target.hosts[i].port, target.hosts[i].local ? "(local)" : "");
		sp_buf_addf(&text, "/%s user=%s", target.dbname, target.user);
		if (target.connect_timeout)
			sp_buf_addf(&text, " timeout=%d", target.connect_timeout);
		if (target.verifies)
			sp_buf_adds(&text, " verifies");
	} else {
		sp_buf_addf(&text, "[%d %s]", err.code, sp_error_text_c(&err));
	}
	sp_error_clear(&err);
	sp_db_target_clear(&target);
	return sp_buf_take(&text);
}

static void expect(const char *conninfo, const char *expected)
{
	char *text = target_of(conninfo);

	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s instead of %s", conninfo, text, expected);
	free(text);
}

static int plain(void **state)
{
	static const char *const names[] = { "PGHOST",    "PGHOSTADDR",        "PGPORT",
		                                 "PGSERVICE", "PGDATABASE",        "PGUSER",
		                                 "PGSSLMODE", "PGCONNECT_TIMEOUT", "PGSERVICEFILE" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	return 0;
}

static void a_connection_string_leads_there(void **state)
{
	(void)state;
	expect("host=h dbname=d user=u", "h:5432/d user=u");
	expect("host=h port=7 dbname=d user=u connect_timeout=9 sslmode=verify-full",
	       "h:7/d user=u timeout=9 verifies");
	expect("host=h dbname=d user=u connect_timeout=-1 sslmode=require", "h:5432/d user=u");
	expect("postgresql://u@h:7/d", "h:7/d user=u");
	expect("host=/run/pg dbname=d user=u", "/run/pg:5432(local)/d user=u");
	expect("host=@pg dbname=d user=u", "@pg:5432(local)/d user=u");
	/* the address counts where both are named */
	expect("host=h hostaddr=192.0.2.7 dbname=d user=u", "192.0.2.7:5432/d user=u");
}

static void several_hosts_are_tried_in_their_order(void **state)
{
	(void)state;
	expect("host=a,b,c port=1,2,3 dbname=d user=u", "a:1 b:2 c:3/d user=u");
	expect("host=a,b port=1 dbname=d user=u", "a:1 b:1/d user=u");
	expect("host=a,b,c port=1,,3 dbname=d user=u", "a:1 b:5432 c:3/d user=u");
	/* more than anybody has */
	expect("host=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r dbname=d user=u",
	       "a:5432 b:5432 c:5432 d:5432 e:5432 f:5432 g:5432 h:5432 i:5432 j:5432 k:5432 l:5432 "
	       "m:5432 n:5432 o:5432 p:5432/d user=u");
}

static void variables_say_what_the_string_does_not(void **state)
{
	(void)state;
	setenv("PGHOST", "v", 1);
	setenv("PGPORT", "8", 1);
	setenv("PGUSER", "w", 1);
	setenv("PGCONNECT_TIMEOUT", "3", 1);
	setenv("PGSSLMODE", "verify-ca", 1);
	expect("dbname=d", "v:8/d user=w timeout=3 verifies");
	expect("host=h dbname=d user=u", "h:8/d user=u timeout=3 verifies");
}

static void what_is_wrong_is_told(void **state)
{
	char *text;

	(void)state;
	setenv("PGSERVICEFILE", "/dev/null", 1);
	text = target_of("service=nowhere");
	assert_non_null(strstr(text, "[2 it can't be told where to connect to: "));
	assert_non_null(strstr(text, "nowhere"));
	free(text);
	text = target_of("host=h password=CANARY");
	assert_non_null(strstr(text, "[2 "));
	assert_null(strstr(text, "CANARY"));
	free(text);
}

/* Each time there is an error that says so, or what should be there. */
static void without_memory(const char *conninfo)
{
	char *whole = target_of(conninfo), *text;
	bool more = true;
	long n;

	for (n = 1; more; n++) {
		countdown = n;
		text = target_of(conninfo);
		more = countdown == 0;
		countdown = 0;
		if (strcmp(text, whole) != 0 && !strstr(text, "out of memory") && !strstr(text, ": ?]"))
			fail_msg("%s: %s", conninfo, text);
		free(text);
	}
	assert_in_range(n, 3, 100);
	free(whole);
}

static void memory_that_runs_out_is_told(void **state)
{
	(void)state;
	without_memory("host=a,b port=1,2 dbname=d user=u");
	setenv("PGSERVICEFILE", "/dev/null", 1);
	without_memory("service=nowhere");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_connection_string_leads_there, plain),
		cmocka_unit_test_setup(several_hosts_are_tried_in_their_order, plain),
		cmocka_unit_test_setup(variables_say_what_the_string_does_not, plain),
		cmocka_unit_test_setup(what_is_wrong_is_told, plain),
		cmocka_unit_test_setup(memory_that_runs_out_is_told, plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
