#include <config.h>

#include "core/package/zip_read.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/base/file.h"
#include "core/package/zip_scan.h"

#define MAX_PATH_BYTES 4096
#define BUFFER_BYTES   ((size_t)128 << 10)

struct sp_zip_reader {
	int fd;
	sp_checking *check;
	sp_zip_scan *scan;
	unsigned char *buffer; /* of the file */
	z_stream stream;
	bool has_stream;

	sp_zip_item item;
	bool is_open, is_broken;
	uint64_t taken;   /* of the item's packed bytes, into the buffer */
	size_t pos, fill; /* of the buffer */
	uint64_t got;     /* unpacked */
	uint32_t crc;
	bool stream_ended;
};

bool sp_zip_path_ok(const char *path)
{
	const char *part = path, *at;
	size_t len;

	if (strlen(path) > MAX_PATH_BYTES)
		return false;
	for (at = path;; at++) {
		if (*at == '/' || !*at) {
			len = (size_t)(at - part);
			if (len == 0 || (len == 1 && part[0] == '.') ||
			    (len == 2 && part[0] == '.' && part[1] == '.'))
				return false;
			if (!*at)
				return true;
			part = at + 1;
		} else if (*at < 0x20 || *at > 0x7e || *at == '\\') {
			return false;
		}
	}
}

sp_zip_reader *sp_zip_reader_open(int fd, sp_checking *check, sp_error *err)
{
	sp_zip_reader *zip = calloc(1, sizeof *zip);

	if (!zip) {
		sp_fail_memory(err);
		return NULL;
	}
	zip->fd = fd;
	zip->check = check;
	zip->buffer = malloc(BUFFER_BYTES);
	/* no header or trailer, and the largest window */
	zip->has_stream = zip->buffer && inflateInit2(&zip->stream, -MAX_WBITS) == Z_OK;
	if (!zip->has_stream)
		sp_fail_memory(err);
	else
		zip->scan = sp_zip_scan_open(fd, check, err);
	if (zip->scan)
		return zip;
	sp_zip_reader_free(zip);
	return NULL;
}

uint64_t sp_zip_reader_count(const sp_zip_reader *zip)
{
	return sp_zip_scan_count(zip->scan);
}

void sp_zip_reader_free(sp_zip_reader *zip)
{
	if (!zip)
		return;
	if (zip->has_stream)
		inflateEnd(&zip->stream);
	sp_zip_scan_free(zip->scan);
	free(zip->buffer);
	free(zip);
}

static bool check_usable(const sp_zip_reader *zip, sp_error *err)
{
	return !zip->is_broken || sp_fail(err, SP_BAD_PACKAGE, NULL,
	                                  N_("%s: nothing is read after an error"), zip->check->name);
}

static void begin_item(sp_zip_reader *zip)
{
	zip->is_open = true;
	zip->taken = zip->got = 0;
	zip->pos = zip->fill = 0;
	zip->crc = 0;
	zip->stream_ended = !zip->item.is_deflated;
	inflateReset(&zip->stream);
}

bool sp_zip_next(sp_zip_reader *zip, sp_zip_entry *entry, sp_error *err)
{
	entry->path = NULL;
	entry->size = 0;
	if (!check_usable(zip, err))
		return false;
	zip->is_open = false;
	zip->is_broken = !sp_zip_scan_next(zip->scan, &zip->item, err);
	if (zip->is_broken)
		return false;
	if (!zip->item.path) {
		zip->is_broken = !sp_zip_scan_unchanged(zip->scan, err);
		return !zip->is_broken;
	}
	begin_item(zip);
	entry->path = zip->item.path;
	entry->size = zip->item.size;
	return true;
}

static bool fail_data(sp_zip_reader *zip, const char *what, sp_error *err)
{
	sp_place place = { zip->item.path, -1, 0, 0 };

	return sp_found_text_end(zip->check, err, SP_FOUND_DATA, &place, what);
}

/* The next packed bytes into the buffer; none are left where it stays empty. */
static bool refill(sp_zip_reader *zip, sp_error *err)
{
	uint64_t left = zip->item.packed - zip->taken;
	size_t len = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;

	zip->pos = 0;
	if (!sp_read_at(zip->fd, zip->check->name, zip->buffer, len, zip->item.data + zip->taken,
	                &zip->fill, err))
		return false;
	zip->taken += zip->fill;
	return zip->fill == len || fail_data(zip, N_("the file ends within it"), err);
}

static bool copy_stored(sp_zip_reader *zip, void *data, size_t len, size_t *got, sp_error *err)
{
	size_t have = zip->fill - zip->pos;

	if (!have && !refill(zip, err))
		return false;
	have = zip->fill - zip->pos;
	*got = have < len ? have : len;
	memcpy(data, zip->buffer + zip->pos, *got);
	zip->pos += *got;
	return true;
}

static bool unpack(sp_zip_reader *zip, void *data, size_t len, size_t *got, sp_error *err)
{
	z_stream *stream = &zip->stream;
	int result;

	stream->next_out = data;
	stream->avail_out = (uInt)(len < BUFFER_BYTES ? len : BUFFER_BYTES);
	len = stream->avail_out;
	while (!zip->stream_ended && stream->avail_out == len) {
		if (zip->pos == zip->fill && !refill(zip, err))
			return false;
		stream->next_in = zip->buffer + zip->pos;
		stream->avail_in = (uInt)(zip->fill - zip->pos);
		result = inflate(stream, Z_NO_FLUSH);
		zip->pos = zip->fill - stream->avail_in;
		if (result == Z_MEM_ERROR)
			return sp_fail_memory(err);
		/* without input: it may still have had something in itself */
		if (result == Z_BUF_ERROR && zip->taken == zip->item.packed)
			return fail_data(zip, N_("its deflate stream has no end"), err);
		if (result != Z_OK && result != Z_STREAM_END)
			return fail_data(zip, N_("its deflate stream is damaged"), err);
		zip->stream_ended = result == Z_STREAM_END;
	}
	*got = len - stream->avail_out;
	return true;
}

/* At the end: all that the entry has was read, and it is what it should be. */
static bool check_end(sp_zip_reader *zip, sp_error *err)
{
	if (zip->pos != zip->fill || zip->taken != zip->item.packed)
		return fail_data(zip, N_("bytes follow the end of its deflate stream"), err);
	if (zip->got != zip->item.size)
		return fail_data(zip, N_("it is shorter than announced"), err);
	return zip->crc == zip->item.crc ||
	       fail_data(zip, N_("it is damaged: its CRC is another"), err);
}

static bool read_some(sp_zip_reader *zip, void *data, size_t len, size_t *got, sp_error *err)
{
	if (!(zip->item.is_deflated ? unpack(zip, data, len, got, err)
	                            : copy_stored(zip, data, len, got, err)))
		return false;
	if (*got > zip->item.size - zip->got)
		return fail_data(zip, N_("it is longer than announced"), err);
	zip->got += *got;
	zip->crc = (uint32_t)crc32(zip->crc, data, (uInt)*got);
	return *got || check_end(zip, err);
}

bool sp_zip_read(sp_zip_reader *zip, void *data, size_t len, size_t *got, sp_error *err)
{
	*got = 0;
	if (!check_usable(zip, err))
		return false;
	if (!zip->is_open)
		return sp_fail(err, SP_FAILED, NULL, N_("%s: read without an entry"), zip->check->name);
	if (!len)
		return true;
	zip->is_broken = !read_some(zip, data, len, got, err);
	if (zip->is_broken)
		*got = 0;
	return !zip->is_broken;
}

static bool peek_bytes(sp_zip_reader *zip, size_t most, sp_buf *to, sp_error *err)
{
	size_t got = 1;

	while (most && got) {
		size_t len = most < BUFFER_BYTES ? most : BUFFER_BYTES;
		char *room = sp_buf_reserve(to, len);

		if (!room)
			return sp_fail_memory(err);
		if (!read_some(zip, room, len, &got, err))
			return false;
		to->len += got;
		most -= got;
	}
	return true;
}

bool sp_zip_peek(sp_zip_reader *zip, const char *path, size_t most, sp_buf *to, sp_error *err)
{
	sp_checking silent = { .name = zip->check->name, .limits = zip->check->limits };
	sp_checking *check = zip->check;
	bool ok;

	if (!sp_zip_scan_find(zip->scan, path, &zip->item, err))
		return false;
	if (!zip->item.path)
		return true;
	begin_item(zip);
	zip->is_open = false;
	zip->check = &silent;
	ok = peek_bytes(zip, most, to, err);
	zip->check = check;
	if (!ok && err->code == SP_BAD_PACKAGE) {
		sp_error_clear(err);
		ok = true;
	}
	return ok;
}
