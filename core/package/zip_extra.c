#include <config.h>

#include "core/package/zip_extra.h"

#include "core/package/zip_layout.h"

#define ZIP64        0x0001
#define UNICODE_PATH 0x7075
/* its version, and the CRC of the header's name */
#define BEFORE_NAME 5

/* The fields that are taken; `most`: bytes. */
static const struct {
	uint16_t id;
	size_t most;
	bool is_odd;
} known[] = {
	{ ZIP64, 24, false },         { 0x5455, 13, false }, /* times */
	{ 0x7875, 24, false },                               /* owner */
	{ 0x000a, 32, true },                                /* NTFS: times */
	{ 0x5855, 12, true },                                /* Unix, old: times, owner */
	{ 0x7855, 4, true },                                 /* Unix, old: owner */
	{ 0xcafe, 0, true },                                 /* Java: "a JAR", without content */
	{ UNICODE_PATH, 1024, true },
};

#define KNOWN (sizeof known / sizeof *known)

static bool read_zip64(const unsigned char *bytes, size_t len, sp_zip_extra *extra)
{
	size_t i;

	extra->has_zip64 = true;
	if (!len || len % 8)
		return false;
	extra->numbers = (int)(len / 8);
	for (i = 0; i < len / 8; i++)
		extra->zip64[i] = sp_zip_64(bytes + 8 * i);
	return true;
}

static bool read_name(const unsigned char *bytes, size_t len, sp_zip_extra *extra)
{
	if (len < BEFORE_NAME || bytes[0] != 1)
		return false;
	extra->name = bytes + BEFORE_NAME;
	extra->name_len = len - BEFORE_NAME;
	return true;
}

bool sp_zip_extra_read(const unsigned char *bytes, size_t len, sp_zip_extra *extra)
{
	bool seen[KNOWN] = { false };
	size_t i, size;

	*extra = (sp_zip_extra){ 0 };
	for (; len; bytes += 4 + size, len -= 4 + size) {
		if (len < 4)
			return false;
		size = sp_zip_16(bytes + 2);
		for (i = 0; i < KNOWN && known[i].id != sp_zip_16(bytes); i++)
			;
		if (i == KNOWN || seen[i] || size > known[i].most || size > len - 4)
			return false;
		seen[i] = true;
		extra->is_odd = extra->is_odd || known[i].is_odd;
		if (known[i].id == ZIP64 && !read_zip64(bytes + 4, size, extra))
			return false;
		if (known[i].id == UNICODE_PATH && !read_name(bytes + 4, size, extra))
			return false;
	}
	return true;
}
