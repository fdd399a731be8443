#include <config.h>

#include <string.h>

#include "core/package/inspect.h"
#include "core/package/validate.h"
#include "core/package/zip_read.h"
#include "tests/fuzz/driver.h"

/* What all targets that make a file of their input expect of it. */

/* So that no input takes long: a small file can unpack to much. */
#define MOST ((uint64_t)4 << 20)

static void take_finding(void *ctx, const sp_finding *finding)
{
	sp_buf place = { 0 };
	uint64_t *found = ctx;

	fuzz_expect(finding->id < SP_FOUND_IDS, "a finding has a kind");
	fuzz_expect(*sp_error_text(finding->text) != '\0', "a finding has a text");
	fuzz_expect(finding->place.line >= 0 && finding->place.column >= 0, "a place isn't negative");
	fuzz_expect(!finding->place.line || finding->place.column > 0, "a line has a column");
	sp_place_text(&place, &finding->place, false);
	sp_buf_free(&place);
	found[sp_found_kinds[finding->id].weight]++;
}

static sp_checking checking(uint64_t *found)
{
	sp_checking check = {
		.name = "x", .limits = SP_LIMITS_DEFAULT, .tell = take_finding, .ctx = found
	};

	check.limits.total_size = MOST;
	return check;
}

/* What was taken can be read by its names, all of it. */
static void read_all(int fd)
{
	uint64_t found[SP_WEIGHTS] = { 0 }, size;
	sp_checking check = checking(found);
	sp_error err = SP_ERROR_INIT;
	sp_zip_entry entry;
	sp_zip_reader *zip;
	char data[4096];
	size_t got;

	sp_checking_begin(&check);
	zip = sp_zip_reader_open(fd, &check, &err);
	fuzz_expect(zip != NULL, "what is valid can be read");
	while (sp_zip_next(zip, &entry, &err) && entry.path) {
		fuzz_expect(sp_zip_path_ok(entry.path), "a valid package has no odd paths");
		for (size = 0; sp_zip_read(zip, data, sizeof data, &got, &err) && got; size += got)
			;
		fuzz_expect(size == entry.size, "an entry has the size that it says");
	}
	fuzz_expect(!sp_error_is_set(&err), "what is valid can be read to its end");
	sp_zip_reader_free(zip);
}

static void inspect(int fd, sp_code code)
{
	sp_error err = SP_ERROR_INIT;
	sp_checking check = { .name = "x", .limits = SP_LIMITS_DEFAULT };
	sp_inspection *inspection = sp_inspect_open(fd, &check, 0, &err);
	sp_json *result = inspection ? sp_inspection_result(inspection, &err) : NULL;

	fuzz_expect((result != NULL) != sp_error_is_set(&err), "there is a result or an error");
	if (code == SP_OK || code == SP_WARNINGS)
		fuzz_expect(result != NULL, "what is valid can be inspected");
	sp_json_free(result);
	sp_inspection_free(inspection);
	sp_error_clear(&err);
}

sp_code fuzz_validate(int fd)
{
	uint64_t found[SP_WEIGHTS] = { 0 };
	sp_checking check = checking(found);
	sp_json *result = sp_json_object();
	sp_error err = SP_ERROR_INIT;
	sp_code code;

	if (!sp_validate(fd, &check, result, &err))
		fuzz_expect(false, sp_error_text(&err));
	fuzz_expect(!memcmp(found, check.found, sizeof found), "each finding is told once");
	code = sp_checking_code(&check);
	sp_json_free(result);
	inspect(fd, code);
	if (code == SP_OK || code == SP_WARNINGS)
		read_all(fd);
	return code;
}
