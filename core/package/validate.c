#include <config.h>

#include "core/package/validate.h"

#include "core/package/walk.h"

bool sp_validate(int fd, sp_checking *check, sp_json *result, sp_error *err)
{
	sp_walk *walk;
	bool ok;

	check->goes_on = true;
	sp_checking_begin(check);
	walk = sp_walk_open(fd, check, true, err);
	if (walk)
		(void)(sp_walk_read(walk, err) && sp_walk_end(walk, err));
	/* what can't be read further was told: the check did what it could */
	ok = !sp_error_is_set(err);
	if (!ok && check->found[SP_WEIGHT_DAMAGE] && err->code == SP_BAD_PACKAGE) {
		sp_error_clear(err);
		ok = true;
	}
	if (ok && !((!walk || sp_walk_result(walk, result)) &&
	            sp_json_add_text(result, "profile", sp_checking_profile(check))))
		ok = sp_fail_memory(err);
	sp_walk_free(walk);
	return ok;
}

bool sp_validate_whole(int fd, const char *name, sp_job *job, sp_error *err)
{
	sp_checking check = { .name = name, .limits = SP_LIMITS_DEFAULT, .job = job };
	sp_walk *walk;
	bool ok;

	sp_checking_begin(&check);
	walk = sp_walk_open(fd, &check, false, err);
	ok = walk && sp_walk_read(walk, err) && sp_walk_end(walk, err);
	sp_walk_free(walk);
	return ok;
}
