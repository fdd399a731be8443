#include <config.h>

#include "core/store/store.h"

#include <stdlib.h>
#include <string.h>

#include "core/store/kind.h"

#define FOLDER "dir:"
#define BUCKET "s3://"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool is_folder(const char *where)
{
	return begins(where, FOLDER) && where[strlen(FOLDER)];
}

bool sp_store_check(const sp_store_settings *settings, sp_error *err)
{
	if (begins(settings->where, BUCKET))
		return sp_bucket_check(settings, err);
	/* what isn't a path may hold a key */
	if (!is_folder(settings->where) && strpbrk(settings->where, "@:="))
		return sp_fail(err, SP_USAGE,
		               N_("Name a folder as dir:PATH or a bucket as s3://BUCKET[/PREFIX]."),
		               N_("not a store that is known"));
	return is_folder(settings->where) ||
	       sp_fail(err, SP_USAGE,
	               N_("Name a folder as dir:PATH or a bucket as s3://BUCKET[/PREFIX]."),
	               N_("not a store that is known: \"%s\""), settings->where);
}

sp_store *sp_store_open(const sp_store_settings *settings, const sp_job *job, sp_error *err)
{
	const char *where = settings->where;

	if (!sp_store_check(settings, err))
		return NULL;
	if (is_folder(where))
		return sp_folder_open(where, where + strlen(FOLDER), err);
	return sp_bucket_open(settings, job, err);
}

void sp_store_close(sp_store *store)
{
	if (store)
		store->kind->close(store);
}

const char *sp_store_name(const sp_store *store)
{
	return store->name;
}

bool sp_is_object_name(const char *name)
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

bool sp_store_stat(sp_store *store, const char *name, int64_t *size, sp_error *err)
{
	return sp_store_stat_all(store, &name, size, 1, err);
}

bool sp_store_stat_all(sp_store *store, const char *const *names, int64_t *sizes, size_t count,
                       sp_error *err)
{
	size_t i, n;
	bool ok = true;

	for (i = 0; i < count; i++)
		sizes[i] = -1;
	/* stretches of names that can name something */
	for (i = 0; ok && i < count; i += n + 1) {
		for (n = 0; i + n < count && sp_is_object_name(names[i + n]); n++)
			;
		ok = n == 0 || store->kind->stat(store, names + i, sizes + i, n, err);
	}
	return ok;
}

sp_blob *sp_store_get(sp_store *store, const char *name, sp_error *err)
{
	return sp_is_object_name(name) ? store->kind->get(store, name, err) : NULL;
}

int64_t sp_blob_size(const sp_blob *blob)
{
	return blob->size;
}

bool sp_blob_read(sp_blob *blob, void *data, size_t len, size_t *got, sp_error *err)
{
	return blob->store->kind->read(blob, data, len, got, err);
}

void sp_blob_close(sp_blob *blob)
{
	if (blob)
		blob->store->kind->release(blob);
}

void sp_store_expect(sp_store *store, const char *name)
{
	if (store->kind->expect && sp_is_object_name(name))
		store->kind->expect(store, name);
}

bool sp_store_delete(sp_store *store, const char *name, sp_error *err)
{
	return !sp_is_object_name(name) || store->kind->remove(store, name, err);
}

bool sp_store_sign(sp_store *store, const char *name, long seconds, sp_buf *url, sp_error *err)
{
	if (!sp_is_object_name(name))
		return sp_fail(err, SP_FAILED, NULL, N_("\"%s\" can't be an object's name"), name);
	return store->kind->sign(store, name, seconds, url, err);
}

/* --- putting ------------------------------------------------------------------------ */

static bool put(sp_store *store, const char *name, sp_content *content, sp_error *err)
{
	if (!sp_is_object_name(name))
		return sp_fail(err, SP_FAILED, NULL, N_("\"%s\" can't be an object's name"), name);
	return store->kind->put(store, name, content, err);
}

bool sp_store_put(sp_store *store, const char *name, const void *data, size_t len, sp_error *err)
{
	sp_content content = { .data = data, .size = (int64_t)len };

	return put(store, name, &content, err);
}

bool sp_store_put_from(sp_store *store, const char *name, sp_source_fn *source, void *ctx,
                       int64_t size, sp_error *err)
{
	sp_content content = { .source = source, .ctx = ctx, .size = size };

	return put(store, name, &content, err);
}

static bool read_memory(sp_content *content, char *data, size_t len, size_t *got)
{
	size_t left = (size_t)(content->size - content->given);

	*got = len < left ? len : left;
	if (*got)
		memcpy(data, content->data + content->given, *got);
	content->given += (int64_t)*got;
	return true;
}

bool sp_content_read(sp_content *content, void *data, size_t len, size_t *got, sp_error *err)
{
	size_t n;

	*got = 0;
	if (!content->source)
		return read_memory(content, data, len, got);
	while (*got < len) {
		if (!content->source(content->ctx, (char *)data + *got, len - *got, &n, err))
			return false;
		*got += n;
		content->given += (int64_t)n;
		if (!n || (content->size >= 0 && content->given > content->size))
			break;
	}
	if (content->size < 0 || content->given == content->size ||
	    (*got == len && content->given < content->size))
		return true;
	return sp_fail(err, SP_FAILED, N_("Somebody is writing it: try again."),
	               N_("what was to be put into the store changed its length meanwhile"));
}
