/* What a kind of store must be able to do. Included by core/store only. */
#ifndef SP_STORE_KIND_H
#define SP_STORE_KIND_H

#include "core/store/store.h"

/* What is put: bytes from a callback, or (then `source` is NULL) from memory. */
typedef struct {
	sp_source_fn *source;
	void *ctx;
	const char *data;
	int64_t size; /* -1: not known */
	int64_t given;
} sp_content;

/* The next bytes, as many as there are up to `len`; *got < len only at the
 * end, when their number is what was promised. */
bool sp_content_read(sp_content *content, void *data, size_t len, size_t *got, sp_error *err);

/* As in store.h; names are ones that sp_is_object_name() likes. */
typedef struct {
	void (*close)(sp_store *store);
	bool (*stat)(sp_store *store, const char *const *names, int64_t *sizes, size_t count,
	             sp_error *err);
	sp_blob *(*get)(sp_store *store, const char *name, sp_error *err);
	void (*expect)(sp_store *store, const char *name); /* NULL: nothing to gain */
	bool (*read)(sp_blob *blob, void *data, size_t len, size_t *got, sp_error *err);
	void (*release)(sp_blob *blob);
	bool (*put)(sp_store *store, const char *name, sp_content *content, sp_error *err);
	bool (*remove)(sp_store *store, const char *name, sp_error *err);
	bool (*sign)(sp_store *store, const char *name, long seconds, sp_buf *url, sp_error *err);
} sp_store_kind;

/* The first member of every kind's own. */
struct sp_store {
	const sp_store_kind *kind;
	char *name; /* for people */
};

struct sp_blob {
	sp_store *store;
	int64_t size;
};

/* Whether `name` can name an object at all. */
bool sp_is_object_name(const char *name);

/* The kinds: see sp_store_open() and sp_store_check(). */
sp_store *sp_folder_open(const char *where, const char *path, sp_error *err);
sp_store *sp_bucket_open(const sp_store_settings *settings, const sp_job *job, sp_error *err);
bool sp_bucket_check(const sp_store_settings *settings, sp_error *err);

#endif
