#include <config.h>

#include "core/package/validate.h"

#include "core/package/contents.h"
#include "core/package/walk.h"

bool sp_validate(int fd, sp_checking *check, sp_json *result, sp_error *err)
{
	sp_contents *contents = sp_contents_create(check, err);
	sp_walk *walk = NULL;
	bool ok;

	check->goes_on = true;
	sp_checking_begin(check);
	if (contents)
		walk = sp_walk_open(fd, check, sp_contents_watcher(contents), err);
	if (walk) {
		sp_contents_watch(contents, walk);
		(void)(sp_walk_read(walk, err) && sp_walk_compare(walk, err) &&
		       sp_contents_end(contents, err) &&
		       sp_signature_judge(sp_walk_signature(walk), check, err));
	}
	/* what can't be read further was told: the check did what it could */
	ok = !sp_error_is_set(err);
	if (!ok && check->found[SP_WEIGHT_DAMAGE] && err->code == SP_BAD_PACKAGE) {
		sp_error_clear(err);
		ok = true;
	}
	if (ok && walk && !sp_walk_result(walk, result))
		ok = sp_fail_memory(err);
	if (ok && !sp_json_add_text(result, "profile",
	                            check->found[SP_WEIGHT_TOLERATED] ? "foreign" : "native"))
		ok = sp_fail_memory(err);
	sp_walk_free(walk);
	sp_contents_free(contents);
	return ok;
}
