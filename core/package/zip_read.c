#include <config.h>

#include "core/package/zip_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#define MAX_PATH_BYTES 4096
#define BUFFER_BYTES ((size_t)128 << 10)

struct sp_zip_reader {
	int fd;
	char *name;
	int64_t file_size, offset;
	char *buffer;
	struct archive *archive;
	struct archive_entry *entry; /* the archive's; NULL: none is current */
	int64_t announced, got;
	bool is_broken;
	sp_error error; /* of the callbacks */
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

/* --- libarchive's view of the file --- */

static la_ssize_t read_file(struct archive *archive, void *ctx, const void **data)
{
	sp_zip_reader *zip = ctx;
	ssize_t n;

	do
		n = pread(zip->fd, zip->buffer, BUFFER_BYTES, zip->offset);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		sp_fail_errno(&zip->error, errno, N_("can't read \"%s\""), zip->name);
		archive_set_error(archive, EIO, "can't read");
		return -1;
	}
	zip->offset += n;
	*data = zip->buffer;
	return n;
}

static la_int64_t skip_file(struct archive *archive, void *ctx, la_int64_t request)
{
	sp_zip_reader *zip = ctx;
	int64_t left = zip->file_size - zip->offset;

	(void)archive;
	if (request < 0 || left < 0)
		return 0;
	if (request > left)
		request = left;
	zip->offset += request;
	return request;
}

static la_int64_t seek_file(struct archive *archive, void *ctx, la_int64_t offset, int whence)
{
	sp_zip_reader *zip = ctx;
	int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? zip->offset : zip->file_size;

	if (__builtin_add_overflow(base, offset, &offset) || offset < 0 ||
	    offset > zip->file_size) {
		archive_set_error(archive, EINVAL, "an offset outside the file");
		return ARCHIVE_FATAL;
	}
	zip->offset = offset;
	return offset;
}

/* --- */

/* The callbacks' own error, else what libarchive says. */
static bool fail_archive(sp_zip_reader *zip, sp_error *err)
{
	const char *why = archive_error_string(zip->archive);

	zip->is_broken = true;
	if (sp_error_is_set(&zip->error)) {
		sp_error_move(err, &zip->error);
		return false;
	}
	if (zip->entry && archive_entry_pathname(zip->entry))
		return sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: entry \"%s\": %s"), zip->name,
		               archive_entry_pathname(zip->entry), why ? why : "damaged");
	return sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: not a readable ZIP file: %s"), zip->name,
	               why ? why : "damaged");
}

static bool fail_entry(sp_zip_reader *zip, sp_error *err, const char *what)
{
	const char *path = archive_entry_pathname(zip->entry);

	zip->is_broken = true;
	return sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: entry \"%s\": %s"), zip->name,
	               path ? path : "?", what);
}

static bool open_archive(sp_zip_reader *zip, sp_error *err)
{
	struct archive *a = zip->archive;

	/* not the streaming reader: it takes a file whose directory is cut off */
	if (archive_read_support_format_zip_seekable(a) != ARCHIVE_OK ||
	    archive_read_set_read_callback(a, read_file) != ARCHIVE_OK ||
	    archive_read_set_skip_callback(a, skip_file) != ARCHIVE_OK ||
	    archive_read_set_seek_callback(a, seek_file) != ARCHIVE_OK ||
	    archive_read_set_callback_data(a, zip) != ARCHIVE_OK ||
	    archive_read_open1(a) != ARCHIVE_OK)
		return fail_archive(zip, err);
	return true;
}

sp_zip_reader *sp_zip_reader_open(int fd, const char *name, sp_error *err)
{
	sp_zip_reader *zip = calloc(1, sizeof *zip);
	struct stat st;

	if (!zip) {
		sp_fail_memory(err);
		return NULL;
	}
	zip->fd = fd;
	zip->name = strdup(name);
	zip->buffer = malloc(BUFFER_BYTES);
	zip->archive = archive_read_new();
	if (!zip->name || !zip->buffer || !zip->archive) {
		sp_fail_memory(err);
		goto cleanup;
	}
	if (fstat(fd, &st) != 0) {
		sp_fail_errno(err, errno, N_("can't look at \"%s\""), name);
		goto cleanup;
	}
	if (!S_ISREG(st.st_mode)) {
		sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: not a regular file"), name);
		goto cleanup;
	}
	zip->file_size = st.st_size;
	if (open_archive(zip, err))
		return zip;
cleanup:
	sp_zip_reader_free(zip);
	return NULL;
}

static bool check_entry(sp_zip_reader *zip, sp_error *err)
{
	const char *path = archive_entry_pathname(zip->entry);

	if (!path || !sp_zip_path_ok(path))
		return fail_entry(zip, err, "not a plain relative name");
	if (archive_entry_filetype(zip->entry) != AE_IFREG || archive_entry_hardlink(zip->entry) ||
	    archive_entry_symlink(zip->entry))
		return fail_entry(zip, err, "not a regular file");
	if (archive_entry_is_encrypted(zip->entry))
		return fail_entry(zip, err, "encrypted");
	return true;
}

static bool check_usable(const sp_zip_reader *zip, sp_error *err)
{
	return !zip->is_broken || sp_fail(err, SP_BAD_PACKAGE, NULL,
	                                  N_("%s: nothing is read after an error"), zip->name);
}

bool sp_zip_next(sp_zip_reader *zip, sp_zip_entry *entry, sp_error *err)
{
	int result;

	entry->path = NULL;
	entry->size = -1;
	if (!check_usable(zip, err))
		return false;
	zip->entry = NULL;
	result = archive_read_next_header(zip->archive, &zip->entry);
	if (result == ARCHIVE_EOF) {
		zip->entry = NULL;
		return true;
	}
	if (result != ARCHIVE_OK)
		return fail_archive(zip, err);
	if (!check_entry(zip, err))
		return false;
	zip->announced =
	    archive_entry_size_is_set(zip->entry) ? archive_entry_size(zip->entry) : -1;
	zip->got = 0;
	entry->path = archive_entry_pathname(zip->entry);
	entry->size = zip->announced;
	return true;
}

bool sp_zip_read(sp_zip_reader *zip, void *data, size_t len, size_t *got, sp_error *err)
{
	la_ssize_t n;

	*got = 0;
	if (!check_usable(zip, err))
		return false;
	if (!zip->entry)
		return sp_fail(err, SP_FAILED, NULL, N_("%s: read without an entry"), zip->name);
	if (!len)
		return true;
	n = archive_read_data(zip->archive, data, len);
	if (n < 0)
		return fail_archive(zip, err);
	zip->got += n;
	if (zip->announced >= 0 &&
	    (zip->got > zip->announced || (n == 0 && zip->got < zip->announced)))
		return fail_entry(zip, err, "its size isn't the one announced");
	*got = (size_t)n;
	return true;
}

void sp_zip_reader_free(sp_zip_reader *zip)
{
	if (!zip)
		return;
	if (zip->archive)
		archive_read_free(zip->archive);
	free(zip->name);
	free(zip->buffer);
	sp_error_clear(&zip->error);
	free(zip);
}
