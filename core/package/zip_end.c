#include <config.h>

#include "core/package/zip_end.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/package/zip_layout.h"

#define MAX_COMMENT 65535
#define TAIL_BYTES  (SP_ZIP_END_BYTES + MAX_COMMENT)

/* The last bytes of the file, and the end record among them. */
typedef struct {
	int fd;
	sp_checking *check;
	unsigned char *bytes;
	size_t len;
	uint64_t start; /* offset of the first of them */
	size_t record;  /* index of the end record in them */
} tail;

static uint64_t record_offset(const tail *t)
{
	return t->start + t->record;
}

static sp_place at(uint64_t offset)
{
	return (sp_place){ NULL, (int64_t)offset, 0, 0 };
}

/* The last end record: what other programs take, so that none sees another. */
static bool find_record(tail *t, sp_error *err)
{
	sp_place place = at(t->start + t->len);
	size_t i;

	if (t->len >= SP_ZIP_END_BYTES) {
		for (i = t->len - SP_ZIP_END_BYTES + 1; i-- > 0;) {
			if (sp_zip_32(t->bytes + i) == SP_ZIP_END) {
				t->record = i;
				return true;
			}
		}
	}
	return sp_found_end(t->check, err, SP_FOUND_NO_ZIP, &place,
	                    N_("not a ZIP file, or its end is missing"));
}

static bool check_comment(tail *t, sp_error *err)
{
	size_t behind = t->len - t->record - SP_ZIP_END_BYTES;
	size_t comment = sp_zip_16(t->bytes + t->record + 20);
	sp_place place = at(record_offset(t) + SP_ZIP_END_BYTES);

	if (behind > comment)
		return sp_found_end(t->check, err, SP_FOUND_APPENDED, &place,
		                    N_("%zu bytes follow the end of the ZIP"), behind - comment);
	if (behind < comment)
		return sp_found_end(t->check, err, SP_FOUND_END_RECORD, &place,
		                    N_("the end of the ZIP is cut off"));
	return !comment || sp_found(t->check, err, SP_FOUND_COMMENT, &place,
	                            N_("the ZIP has a comment of %zu bytes"), comment);
}

/* --- zip64 --- */

static bool fail64(tail *t, uint64_t offset, sp_error *err)
{
	sp_place place = at(offset);

	return sp_found_end(t->check, err, SP_FOUND_ZIP64, &place,
	                    N_("the zip64 end record contradicts the rest of the file"));
}

/* Whether a field of the end record says what its zip64 counterpart says. */
static bool agrees(uint64_t small, uint64_t most, uint64_t large)
{
	return small == most || small == large;
}

/* From the record that the locator, right before the end record, points to;
 * the record stands right before the locator. */
static bool read64(tail *t, const unsigned char *locator, sp_zip_end *end, sp_error *err)
{
	const unsigned char *small = t->bytes + t->record;
	uint64_t offset = record_offset(t) - SP_ZIP_LOCATOR64_BYTES - SP_ZIP_END64_BYTES;
	unsigned char r[SP_ZIP_END64_BYTES];
	size_t got;

	if (sp_zip_32(locator + 4) != 0 || sp_zip_32(locator + 16) != 1 ||
	    sp_zip_64(locator + 8) != offset)
		return fail64(t, offset + SP_ZIP_END64_BYTES, err);
	if (!sp_read_at(t->fd, t->check->name, r, sizeof r, offset, &got, err))
		return false;
	if (got < sizeof r || sp_zip_32(r) != SP_ZIP_END64 ||
	    sp_zip_64(r + 4) != SP_ZIP_END64_BYTES - 12 || sp_zip_16(r + 14) > 45 ||
	    sp_zip_32(r + 16) != 0 || sp_zip_32(r + 20) != 0 || sp_zip_64(r + 24) != sp_zip_64(r + 32))
		return fail64(t, offset, err);
	end->count = sp_zip_64(r + 32);
	end->directory = sp_zip_64(r + 48);
	end->directory_end = end->directory + sp_zip_64(r + 40);
	if (!agrees(sp_zip_16(small + 10), SP_ZIP_MAX16, end->count) ||
	    !agrees(sp_zip_32(small + 12), SP_ZIP_MAX32, sp_zip_64(r + 40)) ||
	    !agrees(sp_zip_32(small + 16), SP_ZIP_MAX32, end->directory) ||
	    end->directory_end < end->directory || end->directory_end != offset)
		return fail64(t, offset, err);
	return true;
}

/* --- */

static bool read_record(tail *t, sp_zip_end *end, sp_error *err)
{
	const unsigned char *r = t->bytes + t->record;
	sp_place place = at(record_offset(t));

	if (sp_zip_16(r + 4) != 0 || sp_zip_16(r + 6) != 0 || sp_zip_16(r + 8) != sp_zip_16(r + 10))
		return sp_found_end(t->check, err, SP_FOUND_SPLIT, &place,
		                    N_("part of a ZIP in several files"));
	if (record_offset(t) >= SP_ZIP_LOCATOR64_BYTES + SP_ZIP_END64_BYTES &&
	    t->record >= SP_ZIP_LOCATOR64_BYTES &&
	    sp_zip_32(r - SP_ZIP_LOCATOR64_BYTES) == SP_ZIP_LOCATOR64)
		return read64(t, r - SP_ZIP_LOCATOR64_BYTES, end, err);
	end->count = sp_zip_16(r + 10);
	end->directory = sp_zip_32(r + 16);
	end->directory_end = end->directory + sp_zip_32(r + 12);
	return end->directory_end == record_offset(t) ||
	       sp_found_end(t->check, err, SP_FOUND_END_RECORD, &place,
	                    N_("the directory ends at %llu, its end record begins at %llu"),
	                    (unsigned long long)end->directory_end,
	                    (unsigned long long)record_offset(t));
}

static bool check_count(tail *t, const sp_zip_end *end, sp_error *err)
{
	sp_place place = at(record_offset(t));

	if (!end->count)
		return sp_found_end(t->check, err, SP_FOUND_NO_ZIP, &place, N_("a ZIP without entries"));
	if (end->count > t->check->limits.entries)
		return sp_found_end(t->check, err, SP_FOUND_LIMIT, &place,
		                    N_("%llu entries, more than the limit of %llu"),
		                    (unsigned long long)end->count,
		                    (unsigned long long)t->check->limits.entries);
	return true;
}

bool sp_zip_end_read(int fd, uint64_t size, sp_checking *check, sp_zip_end *end, sp_error *err)
{
	/* the locator may stand before the first byte in which the record can begin */
	size_t want = TAIL_BYTES + SP_ZIP_LOCATOR64_BYTES;
	tail t = { .fd = fd, .check = check };
	bool ok;

	t.len = size < want ? (size_t)size : want;
	t.start = size - t.len;
	t.bytes = malloc(t.len + 1);
	if (!t.bytes)
		return sp_fail_memory(err);
	ok = sp_read_at(fd, check->name, t.bytes, t.len, t.start, &t.len, err) &&
	     find_record(&t, err) && check_comment(&t, err) && read_record(&t, end, err) &&
	     check_count(&t, end, err);
	free(t.bytes);
	return ok;
}
