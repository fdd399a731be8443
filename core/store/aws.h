/*
 * What Amazon's own tools would use: credentials and settings from the
 * environment and from the files that they share
 * (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
 */
#ifndef SP_STORE_AWS_H
#define SP_STORE_AWS_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/store/store.h"

/* Owned; NULL where nothing says. */
typedef struct {
	char *key, *secret, *token;
	char *endpoint, *region, *addressing, *ca_file;
} sp_aws;

/*
 * Fills *aws: what `given` says, else the environment, else the profile in the
 * shared files; a profile that is given goes before credentials of the
 * environment. SP_USAGE where there are no credentials, or of a kind that takes
 * a program of Amazon's to get; errors name variables and files, never values.
 */
bool sp_aws_find(const sp_store_settings *given, sp_aws *aws, sp_error *err);
/* Overwrites the secrets and frees. */
void sp_aws_clear(sp_aws *aws);

#endif
