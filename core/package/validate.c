#include <config.h>

#include "core/package/validate.h"

#include "core/package/walk.h"

static bool add_result(const sp_walk *walk, void *reading, const sp_checking *check,
                       sp_json *result, sp_error *err)
{
	if ((!reading || sp_walk_format(walk)->about(reading, result)) &&
	    (!walk || sp_walk_result(walk, result)) &&
	    sp_json_add_text(result, "profile",
	                     check->found[SP_WEIGHT_TOLERATED] ? "foreign" : "native"))
		return true;
	return sp_fail_memory(err);
}

bool sp_validate(int fd, sp_checking *check, sp_json *result, sp_error *err)
{
	void *reading = NULL;
	sp_walk *walk;
	bool ok;

	check->goes_on = true;
	sp_checking_begin(check);
	walk = sp_walk_open(fd, check, err);
	if (walk)
		reading = sp_walk_format(walk)->begin(walk, check, true, err);
	if (reading)
		(void)(sp_walk_read(walk, err) && sp_walk_format(walk)->end(reading, err));
	/* what can't be read further was told: the check did what it could */
	ok = !sp_error_is_set(err);
	if (!ok && check->found[SP_WEIGHT_DAMAGE] && err->code == SP_BAD_PACKAGE) {
		sp_error_clear(err);
		ok = true;
	}
	ok = ok && add_result(walk, reading, check, result, err);
	if (reading)
		sp_walk_format(walk)->free(reading);
	sp_walk_free(walk);
	return ok;
}
