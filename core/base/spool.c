#include <config.h>

#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/buf.h"

#define BUFFER_BYTES ((size_t)1 << 16)

struct sp_spool {
	int fd;
	bool reading;
	char *folder;     /* for messages */
	uint64_t size;    /* of all that was written */
	char *buffer;     /* to be written, or read and not yet handed out */
	size_t pos, fill; /* of the buffer */
	sp_buf line;      /* a line that spans buffers */
	void *map;        /* NULL: nobody asked for it */
};

static char *folder_beside(const char *beside)
{
	const char *slash, *dir;

	if (!beside || strcmp(beside, "-") == 0) {
		dir = secure_getenv("TMPDIR");
		return strdup(dir && *dir ? dir : "/tmp");
	}
	slash = strrchr(beside, '/');
	if (!slash)
		return strdup(".");
	return slash == beside ? strdup("/") : strndup(beside, (size_t)(slash - beside));
}

/* For file systems without O_TMPFILE. */
static int open_unlinked(const char *folder)
{
	sp_buf path = { 0 };
	int fd = -1;

	sp_buf_addf(&path, "%s/.spaceport-XXXXXX.partial", folder);
	if (path.failed) {
		errno = ENOMEM;
	} else {
		fd = mkostemps(path.data, (int)strlen(".partial"), O_CLOEXEC);
		if (fd >= 0 && unlink(path.data) != 0) {
			(void)close(fd);
			fd = -1;
		}
	}
	sp_buf_free(&path);
	return fd;
}

sp_spool *sp_spool_create(const char *beside, sp_error *err)
{
	sp_spool *spool = calloc(1, sizeof *spool);

	if (!spool) {
		sp_fail_memory(err);
		return NULL;
	}
	spool->fd = -1;
	spool->folder = folder_beside(beside);
	spool->buffer = malloc(BUFFER_BYTES);
	if (!spool->folder || !spool->buffer) {
		sp_fail_memory(err);
		goto cleanup;
	}
	spool->fd = open(spool->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (spool->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
		spool->fd = open_unlinked(spool->folder);
	if (spool->fd >= 0)
		return spool;
	sp_fail_errno(err, errno, N_("can't create a temporary file in \"%s\""), spool->folder);
cleanup:
	sp_spool_free(spool);
	return NULL;
}

static bool write_all(sp_spool *spool, const char *data, size_t len, sp_error *err)
{
	ssize_t n;

	while (len) {
		n = write(spool->fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return sp_fail_errno(err, n ? errno : EIO,
			                     N_("can't write a temporary file in \"%s\""),
			                     spool->folder);
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool flush(sp_spool *spool, sp_error *err)
{
	size_t len = spool->fill;

	spool->fill = 0;
	return write_all(spool, spool->buffer, len, err);
}

bool sp_spool_write(sp_spool *spool, const void *data, size_t len, sp_error *err)
{
	if (spool->reading)
		return sp_fail(err, SP_FAILED, NULL,
		               N_("a temporary file was written while it is read"));
	spool->size += len;
	if (spool->fill + len > BUFFER_BYTES && !flush(spool, err))
		return false;
	if (len >= BUFFER_BYTES)
		return write_all(spool, data, len, err);
	memcpy(spool->buffer + spool->fill, data, len);
	spool->fill += len;
	return true;
}

uint64_t sp_spool_size(const sp_spool *spool)
{
	return spool->size;
}

static bool seek_to_start(sp_spool *spool, sp_error *err)
{
	spool->pos = spool->fill = 0;
	if (lseek(spool->fd, 0, SEEK_SET) != 0)
		return sp_fail_errno(err, errno, N_("can't rewind a temporary file in \"%s\""),
		                     spool->folder);
	return true;
}

bool sp_spool_rewind(sp_spool *spool, sp_error *err)
{
	if (!spool->reading && !flush(spool, err))
		return false;
	spool->reading = true;
	return seek_to_start(spool, err);
}

/* Reads into `to`; *got 0 at the end. */
static bool read_some(sp_spool *spool, char *to, size_t len, size_t *got, sp_error *err)
{
	ssize_t n;

	do
		n = read(spool->fd, to, len);
	while (n < 0 && errno == EINTR);
	*got = n > 0 ? (size_t)n : 0;
	if (n < 0)
		return sp_fail_errno(err, errno, N_("can't read a temporary file in \"%s\""),
		                     spool->folder);
	return true;
}

static bool check_reading(const sp_spool *spool, sp_error *err)
{
	return spool->reading ||
	       sp_fail(err, SP_FAILED, NULL, N_("a temporary file was read while it is written"));
}

static bool refill(sp_spool *spool, sp_error *err)
{
	spool->pos = spool->fill = 0;
	return read_some(spool, spool->buffer, BUFFER_BYTES, &spool->fill, err);
}

bool sp_spool_read(sp_spool *spool, void *data, size_t len, size_t *got, sp_error *err)
{
	*got = 0;
	if (!check_reading(spool, err))
		return false;
	if (spool->pos == spool->fill) {
		if (len >= BUFFER_BYTES)
			return read_some(spool, data, len, got, err);
		if (!refill(spool, err))
			return false;
	}
	*got = spool->fill - spool->pos < len ? spool->fill - spool->pos : len;
	memcpy(data, spool->buffer + spool->pos, *got);
	spool->pos += *got;
	return true;
}

bool sp_spool_get(sp_spool *spool, void *data, size_t len, sp_error *err)
{
	size_t got, all = 0;

	while (all < len && sp_spool_read(spool, (char *)data + all, len - all, &got, err) && got)
		all += got;
	return all == len;
}

/* The rest of the buffer up to a line end, taken; true: there was one. */
static bool take_line(sp_spool *spool, char **start, size_t *len)
{
	char *end;

	*start = spool->buffer + spool->pos;
	*len = spool->fill - spool->pos;
	end = *len ? memchr(*start, '\n', *len) : NULL;
	if (end) {
		*len = (size_t)(end - *start);
		*end = '\0';
		spool->pos += *len + 1;
		return true;
	}
	spool->pos = spool->fill;
	return false;
}

char *sp_spool_line(sp_spool *spool, size_t *len, sp_error *err)
{
	char *start;
	size_t part;

	*len = 0;
	if (!check_reading(spool, err))
		return NULL;
	if (take_line(spool, &start, len))
		return start;
	sp_buf_reset(&spool->line);
	for (;;) {
		sp_buf_add(&spool->line, start, *len);
		if (!refill(spool, err))
			return NULL;
		if (!spool->fill && !spool->line.len)
			return NULL;
		if (!spool->fill)
			break;
		if (take_line(spool, &start, &part)) {
			sp_buf_add(&spool->line, start, part);
			break;
		}
		*len = part;
	}
	if (spool->line.failed) {
		sp_fail_memory(err);
		return NULL;
	}
	*len = spool->line.len;
	return spool->line.data;
}

const void *sp_spool_map(sp_spool *spool, sp_error *err)
{
	void *map;

	if (!check_reading(spool, err))
		return NULL;
	if (!spool->size || spool->map)
		return spool->map ? spool->map : "";
	map = spool->size > SIZE_MAX
	          ? MAP_FAILED
	          : mmap(NULL, (size_t)spool->size, PROT_READ, MAP_SHARED, spool->fd, 0);
	if (map == MAP_FAILED) {
		sp_fail_errno(err, errno, N_("can't read a temporary file in \"%s\""), spool->folder);
		return NULL;
	}
	(void)madvise(map, (size_t)spool->size, MADV_SEQUENTIAL);
	return spool->map = map;
}

static void unmap(sp_spool *spool)
{
	if (spool->map)
		(void)munmap(spool->map, (size_t)spool->size);
	spool->map = NULL;
}

bool sp_spool_reset(sp_spool *spool, sp_error *err)
{
	unmap(spool);
	spool->reading = false;
	spool->size = 0;
	if (!seek_to_start(spool, err))
		return false;
	if (ftruncate(spool->fd, 0) != 0)
		return sp_fail_errno(err, errno, N_("can't empty a temporary file in \"%s\""),
		                     spool->folder);
	return true;
}

void sp_spool_free(sp_spool *spool)
{
	if (!spool)
		return;
	unmap(spool);
	if (spool->fd >= 0)
		(void)close(spool->fd);
	free(spool->folder);
	free(spool->buffer);
	sp_buf_free(&spool->line);
	free(spool);
}
