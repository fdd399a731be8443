/*
 * For a test that is linked with --wrap: what needs memory fails, one call after
 * the other. WRAP() defines the function that stands in for one.
 */
#ifndef TESTS_FAILING_H
#define TESTS_FAILING_H

#include <stdbool.h>

/* Calls until the one that fails; 0: none does. */
static long countdown;

static bool fails_now(void)
{
	return countdown > 0 && --countdown == 0;
}

#define WRAP(type, name, parameters, arguments)                                                    \
	type __real_##name parameters;                                                                 \
	type __wrap_##name parameters;                                                                 \
	type __wrap_##name parameters                                                                  \
	{                                                                                              \
		return fails_now() ? NULL : __real_##name arguments;                                       \
	}

#endif
