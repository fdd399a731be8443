/* Which instance a command is about. */
#ifndef SP_SRC_INSTANCE_H
#define SP_SRC_INSTANCE_H

#include "core/config/instance.h"
#include "src/cli.h"

/*
 * What options, environment (SPACEPORT_INSTANCE, SPACEPORT_AS) and the profile that
 * they name say, in this order. *instance must be clear; clear it in any case.
 * Nothing is guessed: without an instance or a --db the PG* variables must say
 * which database is meant, or no profile may exist at all. SP_USAGE otherwise.
 */
bool sp_cli_instance(const sp_cli *cli, sp_instance *instance, sp_error *err);

/* Adds what options say to *instance, and what variables say instead of them. */
typedef enum { SP_GIVEN_ONLY, SP_WITH_VARIABLES } sp_described_by;
bool sp_cli_describe(const sp_cli *cli, sp_described_by by, sp_instance *instance, sp_error *err);

/* Shows what the doctor finds, as it is found. */
sp_code sp_examine(const sp_cli *cli, const sp_instance *instance, sp_error *err);

#endif
