#include <config.h>

#include "core/store/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/file.h"

/* openat2() gives up when something is renamed meanwhile */
#define TRIES 100

#define PART 65536

typedef struct {
	sp_store base;
	int root;
	mode_t mode; /* of the root: what is put there is as open to others */
	/* the folder that was swept last: one put after the other is the rule */
	dev_t swept_dev;
	ino_t swept_ino;
} folder_store;

typedef struct {
	sp_blob base;
	int fd;
	char *name;
} folder_blob;

static const folder_store *of(const sp_store *store)
{
	return (const folder_store *)store;
}

/* For kernels and sandboxes without openat2(): part by part, through no link
 * at all. */
static int open_by_parts(int folder, const char *name, int flags)
{
	char part[256];
	size_t len;
	int next, result, saved;

	next = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	for (;;) {
		len = strcspn(name, "/");
		if (next < 0 || !name[len])
			break;
		if (len >= sizeof part) {
			(void)close(next);
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(part, name, len);
		part[len] = '\0';
		result = openat(next, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		saved = errno;
		(void)close(next);
		errno = saved;
		next = result;
		name += len + 1;
	}
	if (next < 0)
		return -1;
	result = openat(next, name, flags | O_NOFOLLOW | O_CLOEXEC);
	saved = errno;
	(void)close(next);
	errno = saved;
	return result;
}

static int open_beneath(int folder, const char *name, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int tries;
	long fd = -1;

	for (tries = 0; tries < TRIES; tries++) {
		fd = syscall(SYS_openat2, folder, name, &how, sizeof how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	/* sandboxes answer EPERM to system calls that they don't know */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return open_by_parts(folder, name, flags);
	return (int)fd;
}

/* Errors that mean that the name leads to no object of this store. */
static bool is_absent(int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || errnum == ELOOP || errnum == EXDEV ||
	       errnum == ENAMETOOLONG || errnum == ENXIO || errnum == EISDIR;
}

/* Opens a regular file; -1 with or without an error, see sp_store_get(). */
static int open_object(const sp_store *store, const char *name, int flags, int64_t *size,
                       sp_error *err)
{
	struct stat st;
	int fd;

	*size = -1;
	fd = open_beneath(of(store)->root, name, flags);
	if (fd < 0) {
		if (!is_absent(errno))
			sp_fail_errno(err, errno, N_("can't open \"%s\" in the store"), name);
		return -1;
	}
	if (fstat(fd, &st) != 0)
		sp_fail_errno(err, errno, N_("can't look at \"%s\" in the store"), name);
	else if (S_ISREG(st.st_mode)) {
		*size = st.st_size;
		return fd;
	}
	(void)close(fd);
	return -1;
}

static bool stat_objects(sp_store *store, const char *const *names, int64_t *sizes, size_t count,
                         sp_error *err)
{
	size_t i;
	int fd;

	for (i = 0; i < count && !sp_error_is_set(err); i++) {
		fd = open_object(store, names[i], O_PATH, &sizes[i], err);
		if (fd >= 0)
			(void)close(fd);
	}
	return !sp_error_is_set(err);
}

static void release(sp_blob *blob)
{
	folder_blob *b = (folder_blob *)blob;

	if (b->fd >= 0)
		(void)close(b->fd);
	free(b->name);
	free(b);
}

static sp_blob *get(sp_store *store, const char *name, sp_error *err)
{
	folder_blob *blob = calloc(1, sizeof *blob);

	if (!blob) {
		sp_fail_memory(err);
		return NULL;
	}
	blob->base.store = store;
	/* not to wait for the other end of a pipe that lies there */
	blob->fd = open_object(store, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, &blob->base.size, err);
	if (blob->fd >= 0)
		blob->name = strdup(name);
	if (blob->name)
		return &blob->base;
	if (blob->fd >= 0)
		sp_fail_memory(err);
	release(&blob->base);
	return NULL;
}

static bool read_blob(sp_blob *blob, void *data, size_t len, size_t *got, sp_error *err)
{
	const folder_blob *b = (const folder_blob *)blob;
	ssize_t n;

	do
		n = read(b->fd, data, len);
	while (n < 0 && errno == EINTR);
	*got = n > 0 ? (size_t)n : 0;
	if (n < 0)
		return sp_fail_errno(err, errno, N_("can't read \"%s\" in the store"), b->name);
	return true;
}

/* Opens the folder `part` in `folder`, made where it isn't there. */
static int open_or_make(int folder, const char *part, mode_t mode)
{
	int fd = open_beneath(folder, part, O_RDONLY | O_DIRECTORY), saved;
	bool made;

	if (fd >= 0 || errno != ENOENT)
		return fd;
	made = mkdirat(folder, part, mode) == 0;
	if (!made && errno != EEXIST)
		return -1;
	if (fsync(folder) != 0 && errno != EINVAL)
		return -1;
	fd = open_beneath(folder, part, O_RDONLY | O_DIRECTORY);
	/* the umask has narrowed it */
	if (fd >= 0 && made && fchmod(fd, mode) != 0) {
		saved = errno;
		(void)close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* The folder that `name` stands in, made where needed; *base its last part. */
static int make_folders(const folder_store *store, const char *name, const char **base,
                        sp_error *err)
{
	int folder = fcntl(store->root, F_DUPFD_CLOEXEC, 0), next, saved;
	const char *slash, *full = name;
	char *part;

	while (folder >= 0 && (slash = strchr(name, '/'))) {
		part = strndup(name, (size_t)(slash - name));
		next = part ? open_or_make(folder, part, store->mode) : -1;
		saved = part ? errno : ENOMEM;
		free(part);
		(void)close(folder);
		errno = saved;
		folder = next;
		name = slash + 1;
	}
	if (folder < 0)
		sp_fail_errno(err, errno, N_("can't make the folders of \"%s\" in the store"), full);
	*base = name;
	return folder;
}

static void sweep_once(folder_store *store, int folder)
{
	struct stat st;

	if (fstat(folder, &st) != 0 || (st.st_dev == store->swept_dev && st.st_ino == store->swept_ino))
		return;
	sp_out_sweep(folder);
	store->swept_dev = st.st_dev;
	store->swept_ino = st.st_ino;
}

static bool copy(sp_out *out, sp_content *content, sp_error *err)
{
	char data[PART];
	size_t got;

	do {
		if (!sp_content_read(content, data, sizeof data, &got, err) ||
		    !sp_out_write(out, data, got, err))
			return false;
	} while (got == sizeof data);
	return true;
}

/* A temporary name, fsync, rename. */
static bool put(sp_store *store, const char *name, sp_content *content, sp_error *err)
{
	folder_store *s = (folder_store *)store;
	const char *base;
	sp_out *out;
	int folder;

	folder = make_folders(s, name, &base, err);
	if (folder < 0)
		return false;
	sweep_once(s, folder);
	/* HQ, which reads it, may run as another user */
	out = sp_out_open_at(folder, base, s->mode & 0666, err);
	(void)close(folder);
	if (!out)
		return false;
	if (!copy(out, content, err)) {
		sp_out_discard(out);
		return false;
	}
	return sp_out_commit(out, err);
}

static bool remove_object(sp_store *store, const char *name, sp_error *err)
{
	const char *slash = strrchr(name, '/');
	char *parent;
	int folder;
	bool ok;

	parent = slash ? strndup(name, (size_t)(slash - name)) : strdup(".");
	if (!parent)
		return sp_fail_memory(err);
	folder = open_beneath(of(store)->root, parent, O_RDONLY | O_DIRECTORY);
	free(parent);
	if (folder < 0)
		return is_absent(errno) ||
		       sp_fail_errno(err, errno, N_("can't open the folder of \"%s\" in the store"), name);
	ok = unlinkat(folder, slash ? slash + 1 : name, 0) == 0;
	/* a folder isn't an object */
	ok = ok ? fsync(folder) == 0 || errno == EINVAL : is_absent(errno);
	if (!ok)
		sp_fail_errno(err, errno, N_("can't remove \"%s\" from the store"), name);
	(void)close(folder);
	return ok;
}

static bool refuse_to_sign(sp_store *store, const char *name, long seconds, sp_buf *url,
                           sp_error *err)
{
	(void)name;
	(void)seconds;
	(void)url;
	return sp_fail(err, SP_FAILED, NULL, N_("files in %s have no addresses"), store->name);
}

static void close_folder(sp_store *store)
{
	if (of(store)->root >= 0)
		(void)close(of(store)->root);
	free(store->name);
	free(store);
}

static const sp_store_kind folder_kind = {
	.close = close_folder,
	.stat = stat_objects,
	.get = get,
	.read = read_blob,
	.release = release,
	.put = put,
	.remove = remove_object,
	.sign = refuse_to_sign,
};

sp_store *sp_folder_open(const char *where, const char *path, sp_error *err)
{
	folder_store *store = calloc(1, sizeof *store);
	struct stat st;

	if (!store) {
		sp_fail_memory(err);
		return NULL;
	}
	store->base.kind = &folder_kind;
	store->base.name = strdup(where);
	store->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->base.name && store->root >= 0 && fstat(store->root, &st) == 0) {
		store->mode = st.st_mode & 0777;
		return &store->base;
	}
	if (!store->base.name)
		sp_fail_memory(err);
	else
		sp_fail_errno(err, errno, N_("can't open the store \"%s\""), where);
	close_folder(&store->base);
	return NULL;
}
