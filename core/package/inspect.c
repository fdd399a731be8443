#include <config.h>

#include "core/package/inspect.h"

#include "core/package/check.h"
#include "core/package/walk.h"

sp_json *sp_inspect_and_tell(int fd, const char *name, sp_job *job, sp_finding_fn *tell, void *ctx,
                             sp_error *err)
{
	sp_checking check = {
		.name = name, .limits = SP_LIMITS_DEFAULT, .job = job, .tell = tell, .ctx = ctx
	};
	sp_json *result = NULL;
	void *reading = NULL;
	sp_walk *walk;

	sp_checking_begin(&check);
	walk = sp_walk_open(fd, &check, err);
	if (walk)
		reading = sp_walk_format(walk)->begin(walk, &check, false, err);
	if (reading && sp_walk_read(walk, err) && sp_walk_format(walk)->end(reading, err)) {
		result = sp_json_object();
		if (!sp_walk_format(walk)->about(reading, result) || !sp_walk_result(walk, result) ||
		    !sp_json_add(result, "manifest", sp_walk_take_manifest(walk))) {
			sp_json_free(result);
			result = NULL;
			sp_fail_memory(err);
		}
	}
	if (reading)
		sp_walk_format(walk)->free(reading);
	sp_walk_free(walk);
	return result;
}

sp_json *sp_inspect(int fd, const char *name, sp_job *job, sp_error *err)
{
	return sp_inspect_and_tell(fd, name, job, NULL, NULL, err);
}
