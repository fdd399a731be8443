/*
 * Profiles: the instances that a person has given names to, in
 * $XDG_CONFIG_HOME/spaceport/instances.ini (without that variable below
 * ~/.config). A section is an instance, its keys are sp_instance_keys. Secrets
 * have no place there and are refused.
 *
 * People write that file too: a change touches the lines of its own section
 * only, and comments, order and spacing stay.
 */
#ifndef SP_CONFIG_PROFILES_H
#define SP_CONFIG_PROFILES_H

#include "core/config/instance.h"

typedef struct sp_profiles sp_profiles;

/* Reads the file; where there is none, there are no profiles. NULL and SP_USAGE
 * (with file and line) where something in it is wrong, SP_FAILED where it can't
 * be read. */
sp_profiles *sp_profiles_read(sp_error *err);
void sp_profiles_free(sp_profiles *profiles);

/* Where they stand, whether the file is there or not. The profiles'. */
const char *sp_profiles_path(const sp_profiles *profiles);

/* In the order of the file; each belongs to the profiles until the next change. */
int sp_profiles_count(const sp_profiles *profiles);
const sp_instance *sp_profiles_at(const sp_profiles *profiles, int i);
/* NULL where there is none of this name. */
const sp_instance *sp_profiles_find(const sp_profiles *profiles, const char *name);
/* The same, but SP_USAGE with the names that there are. */
const sp_instance *sp_profiles_need(const sp_profiles *profiles, const char *name, sp_error *err);

/*
 * Adds an instance or replaces the one of its name, in the file too: written
 * whole or not at all, mode 0600; folders are made with mode 0700. SP_USAGE for
 * a value that has no place in such a file, SP_TARGET_CHANGED where somebody
 * changed the file since it was read. After an error all is as it was.
 */
bool sp_profiles_put(sp_profiles *profiles, const sp_instance *instance, sp_error *err);
/* Takes an instance out, with the comment right above it. */
bool sp_profiles_remove(sp_profiles *profiles, const char *name, sp_error *err);

#endif
