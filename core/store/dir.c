#include <config.h>

#include "core/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/file.h"

#define FORM "dir:"
/* openat2() gives up when something is renamed meanwhile */
#define TRIES 100

struct sp_store {
	int root;
	mode_t mode; /* of the root: what is put there is as open to others */
	char *name;
	/* the folder that was swept last: one put after the other is the rule */
	dev_t swept_dev;
	ino_t swept_ino;
};

struct sp_blob {
	int fd;
	int64_t size;
	char *name;
};

sp_store *sp_store_open(const char *where, sp_error *err)
{
	sp_store *store;
	struct stat st;

	if (strncmp(where, FORM, sizeof FORM - 1) != 0 || !where[sizeof FORM - 1]) {
		sp_fail(err, SP_USAGE, N_("Name a folder as dir:PATH."),
		        N_("not a store that can be read: \"%s\""), where);
		return NULL;
	}
	store = calloc(1, sizeof *store);
	if (!store) {
		sp_fail_memory(err);
		return NULL;
	}
	store->name = strdup(where);
	store->root = open(where + sizeof FORM - 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->name && store->root >= 0 && fstat(store->root, &st) == 0) {
		store->mode = st.st_mode & 0777;
		return store;
	}
	if (!store->name)
		sp_fail_memory(err);
	else
		sp_fail_errno(err, errno, N_("can't open the store \"%s\""), where);
	sp_store_close(store);
	return NULL;
}

void sp_store_close(sp_store *store)
{
	if (!store)
		return;
	if (store->root >= 0)
		(void)close(store->root);
	free(store->name);
	free(store);
}

const char *sp_store_name(const sp_store *store)
{
	return store->name;
}

/* Whether `name` can name an object at all. */
static bool is_name(const char *name)
{
	size_t len;

	for (;;) {
		len = strcspn(name, "/");
		if (len == 0 || (len == 1 && name[0] == '.') ||
		    (len == 2 && name[0] == '.' && name[1] == '.'))
			return false;
		if (!name[len])
			return true;
		name += len + 1;
	}
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
static int open_object(sp_store *store, const char *name, int flags, int64_t *size, sp_error *err)
{
	struct stat st;
	int fd;

	*size = -1;
	if (!is_name(name))
		return -1;
	fd = open_beneath(store->root, name, flags);
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

bool sp_store_stat(sp_store *store, const char *name, int64_t *size, sp_error *err)
{
	int fd = open_object(store, name, O_PATH, size, err);

	if (fd >= 0)
		(void)close(fd);
	return !sp_error_is_set(err);
}

sp_blob *sp_store_get(sp_store *store, const char *name, sp_error *err)
{
	sp_blob *blob = calloc(1, sizeof *blob);

	if (!blob) {
		sp_fail_memory(err);
		return NULL;
	}
	/* not to wait for the other end of a pipe that lies there */
	blob->fd = open_object(store, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, &blob->size, err);
	if (blob->fd >= 0)
		blob->name = strdup(name);
	if (blob->name)
		return blob;
	if (blob->fd >= 0)
		sp_fail_memory(err);
	sp_blob_close(blob);
	return NULL;
}

int64_t sp_blob_size(const sp_blob *blob)
{
	return blob->size;
}

bool sp_blob_read(sp_blob *blob, void *data, size_t len, size_t *got, sp_error *err)
{
	ssize_t n;

	do
		n = read(blob->fd, data, len);
	while (n < 0 && errno == EINTR);
	*got = n > 0 ? (size_t)n : 0;
	if (n < 0)
		return sp_fail_errno(err, errno, N_("can't read \"%s\" in the store"), blob->name);
	return true;
}

void sp_blob_close(sp_blob *blob)
{
	if (!blob)
		return;
	if (blob->fd >= 0)
		(void)close(blob->fd);
	free(blob->name);
	free(blob);
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
static int make_folders(sp_store *store, const char *name, const char **base, sp_error *err)
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
		sp_fail_errno(err, errno, N_("can't make the folders of \"%s\" in the store"),
		              full);
	*base = name;
	return folder;
}

static void sweep_once(sp_store *store, int folder)
{
	struct stat st;

	if (fstat(folder, &st) != 0 ||
	    (st.st_dev == store->swept_dev && st.st_ino == store->swept_ino))
		return;
	sp_out_sweep(folder);
	store->swept_dev = st.st_dev;
	store->swept_ino = st.st_ino;
}

bool sp_store_put(sp_store *store, const char *name, const void *data, size_t len, sp_error *err)
{
	const char *base;
	sp_out *out;
	int folder;

	if (!is_name(name))
		return sp_fail(err, SP_FAILED, NULL, N_("\"%s\" can't be an object's name"), name);
	folder = make_folders(store, name, &base, err);
	if (folder < 0)
		return false;
	sweep_once(store, folder);
	/* HQ, which reads it, may run as another user */
	out = sp_out_open_at(folder, base, store->mode & 0666, err);
	(void)close(folder);
	if (!out)
		return false;
	if (!sp_out_write(out, data, len, err)) {
		sp_out_discard(out);
		return false;
	}
	return sp_out_commit(out, err);
}

bool sp_store_delete(sp_store *store, const char *name, sp_error *err)
{
	const char *slash = strrchr(name, '/');
	char *parent;
	int folder;
	bool ok;

	if (!is_name(name))
		return true;
	parent = slash ? strndup(name, (size_t)(slash - name)) : strdup(".");
	if (!parent)
		return sp_fail_memory(err);
	folder = open_beneath(store->root, parent, O_RDONLY | O_DIRECTORY);
	free(parent);
	if (folder < 0)
		return is_absent(errno) ||
		       sp_fail_errno(err, errno, N_("can't open the folder of \"%s\" in the store"),
		                     name);
	ok = unlinkat(folder, slash ? slash + 1 : name, 0) == 0;
	/* a folder isn't an object */
	ok = ok ? fsync(folder) == 0 || errno == EINVAL : is_absent(errno);
	if (!ok)
		sp_fail_errno(err, errno, N_("can't remove \"%s\" from the store"), name);
	(void)close(folder);
	return ok;
}
