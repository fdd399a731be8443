#include <config.h>

#include "core/package/zip_write.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include "core/package/zip_read.h"

/*
 * The caller fills a block with steps (begin, data, end) and hands it over
 * when it is full; libarchive's thread takes them one after the other. Small
 * entries thus cost a copy, not a change of threads.
 */
#define SAMPLE_PART 2048 /* bytes of a sample that are tried at a time */
#define BLOCKS 8
#define BLOCK_BYTES ((size_t)512 << 10)
/* what libarchive hands to the file at once */
#define WRITE_BYTES (256 << 10)

typedef enum { STEP_BEGIN, STEP_DATA, STEP_END } step_kind;

/* Stands before its bytes: of the path with its NUL, or of the data. */
typedef struct {
	step_kind kind;
	bool store;
	int64_t size;
	size_t len;
} step;

typedef struct {
	char *data;
	size_t len;
} block;

struct sp_zip_writer {
	sp_out *out;
	struct archive *archive;
	struct archive_entry *entry;
	int level;
	bool discards; /* the thread's: nothing more is written */
	bool storing;  /* what libarchive was told last */

	/* the caller's side */
	sp_sha256 *sha;
	bool is_open, is_finished, is_broken;
	char *path; /* of the entry, for messages */
	int64_t announced;
	uint64_t written;
	block *own;
	size_t last_data; /* offset of the block's last step where that is data, else SIZE_MAX */

	/* between both */
	block blocks[BLOCKS];
	unsigned first; /* the oldest that is full */
	unsigned full;
	bool no_more, abandoned;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool has_thread;
	atomic_bool failed; /* the thread's; its error is complete then */
	bool told;
	sp_error error;
};

/* --- libarchive's thread --- */

static bool fail_archive(sp_zip_writer *zip)
{
	const char *why = archive_error_string(zip->archive);

	/* it has no word for some lacks of memory */
	if (!why || archive_errno(zip->archive) == ENOMEM)
		return sp_fail_memory(&zip->error);
	return sp_fail(&zip->error, SP_FAILED, NULL, N_("can't write the package: %s"),
	               why);
}

/* libarchive never hears of an error (it would lose its buffers then, and
 * freeing it writes once more): all after one goes nowhere. */
static la_ssize_t write_out(struct archive *archive, void *ctx, const void *data, size_t len)
{
	sp_zip_writer *zip = ctx;

	(void)archive;
	if (!zip->discards && !sp_out_write(zip->out, data, len, &zip->error))
		zip->discards = true;
	return (la_ssize_t)len;
}

static bool set_compression(sp_zip_writer *zip, bool store)
{
	int result = ARCHIVE_OK;

	store = store || zip->level == 0;
	if (store != zip->storing)
		result = store ? archive_write_zip_set_compression_store(zip->archive)
		               : archive_write_zip_set_compression_deflate(zip->archive);
	zip->storing = store;
	return result == ARCHIVE_OK || fail_archive(zip);
}

static bool do_begin(sp_zip_writer *zip, const step *step, const char *path)
{
	if (!set_compression(zip, step->store))
		return false;
	archive_entry_clear(zip->entry);
	archive_entry_set_pathname(zip->entry, path);
	archive_entry_set_filetype(zip->entry, AE_IFREG);
	archive_entry_set_perm(zip->entry, 0644);
	/* No time at all: libarchive converts one with the local time zone; without
	 * one it writes the format's first moment. */
	if (step->size >= 0)
		archive_entry_set_size(zip->entry, step->size);
	return archive_write_header(zip->archive, zip->entry) == ARCHIVE_OK || fail_archive(zip);
}

static bool do_data(sp_zip_writer *zip, const char *data, size_t len)
{
	la_ssize_t n;

	while (len) {
		n = archive_write_data(zip->archive, data, len);
		if (n <= 0)
			return fail_archive(zip);
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool do_block(sp_zip_writer *zip, const block *block)
{
	const char *at = block->data, *end = at + block->len;
	bool ok = true;
	step step;

	for (; ok && !zip->discards && at < end; at += step.len) {
		memcpy(&step, at, sizeof step);
		at += sizeof step;
		switch (step.kind) {
		case STEP_BEGIN: ok = do_begin(zip, &step, at); break;
		case STEP_DATA: ok = do_data(zip, at, step.len); break;
		case STEP_END:
			ok = archive_write_finish_entry(zip->archive) == ARCHIVE_OK ||
			     fail_archive(zip);
			break;
		}
	}
	return ok && !zip->discards;
}

/* The next full block; NULL: there won't be one. */
static block *wait_for_block(sp_zip_writer *zip)
{
	block *next = NULL;

	pthread_mutex_lock(&zip->lock);
	while (!zip->full && !zip->no_more)
		pthread_cond_wait(&zip->changed, &zip->lock);
	if (zip->full && !zip->abandoned)
		next = &zip->blocks[zip->first];
	pthread_mutex_unlock(&zip->lock);
	return next;
}

static void give_back(sp_zip_writer *zip)
{
	pthread_mutex_lock(&zip->lock);
	zip->blocks[zip->first].len = 0;
	zip->first = (zip->first + 1) % BLOCKS;
	zip->full--;
	pthread_cond_signal(&zip->changed);
	pthread_mutex_unlock(&zip->lock);
}

/* After an error it goes on taking blocks, so that the caller never waits. */
static void *run_thread(void *ctx)
{
	sp_zip_writer *zip = ctx;
	block *block;

	while ((block = wait_for_block(zip))) {
		if (!atomic_load(&zip->failed) && !do_block(zip, block))
			atomic_store(&zip->failed, true);
		give_back(zip);
	}
	zip->discards = zip->abandoned || atomic_load(&zip->failed);
	if (!zip->discards && archive_write_close(zip->archive) != ARCHIVE_OK)
		fail_archive(zip);
	if (sp_error_is_set(&zip->error))
		atomic_store(&zip->failed, true);
	return NULL;
}

/* --- the caller's thread --- */

static bool open_archive(sp_zip_writer *zip, sp_error *err)
{
	char level[2] = { (char)('0' + zip->level), '\0' };
	struct archive *a = zip->archive;

	if (archive_write_set_format_zip(a) != ARCHIVE_OK ||
	    archive_write_set_format_option(a, "zip", "compression-level", level) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(a, WRITE_BYTES) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open(a, zip, NULL, write_out, NULL) != ARCHIVE_OK) {
		fail_archive(zip);
		sp_error_move(err, &zip->error);
		return false;
	}
	zip->storing = zip->level == 0;
	return true;
}

/* Signals are for the program's other threads, but for those that tell of an error in
 * this one: who catches them (a sanitizer) wants to. */
static bool start_thread(sp_zip_writer *zip, sp_error *err)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	sigset_t all, before;
	size_t i;
	int result;

	sigfillset(&all);
	for (i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&all, own[i]);
	result = pthread_sigmask(SIG_SETMASK, &all, &before);
	if (result == 0) {
		result = pthread_create(&zip->thread, NULL, run_thread, zip);
		zip->has_thread = result == 0;
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	return result == 0 || sp_fail_errno(err, result, N_("can't start a thread"));
}

sp_zip_writer *sp_zip_writer_create(sp_out *out, int level, sp_error *err)
{
	sp_zip_writer *zip = calloc(1, sizeof *zip);
	bool ok;
	int i;

	if (!zip) {
		sp_fail_memory(err);
		return NULL;
	}
	zip->out = out;
	zip->level = level < 0 ? 0 : level > 9 ? 9 : level;
	zip->last_data = SIZE_MAX;
	zip->own = &zip->blocks[0];
	pthread_mutex_init(&zip->lock, NULL);
	pthread_cond_init(&zip->changed, NULL);
	zip->archive = archive_write_new();
	zip->entry = archive_entry_new();
	ok = zip->archive && zip->entry;
	for (i = 0; ok && i < BLOCKS; i++)
		ok = (zip->blocks[i].data = malloc(BLOCK_BYTES)) != NULL;
	if (!ok)
		sp_fail_memory(err);
	zip->sha = ok ? sp_sha256_create(err) : NULL;
	if (!zip->sha || !open_archive(zip, err) || !start_thread(zip, err)) {
		sp_zip_writer_free(zip);
		return NULL;
	}
	return zip;
}

/* False and the thread's error where it has failed; told once in full. */
static bool check_thread(sp_zip_writer *zip, sp_error *err)
{
	if (!atomic_load(&zip->failed))
		return true;
	if (zip->told)
		return sp_fail(err, SP_FAILED, NULL, N_("can't write the package after an error"));
	zip->told = true;
	sp_error_move(err, &zip->error);
	return false;
}

/* Hands the caller's block over and waits until it has another. */
static void hand_over(sp_zip_writer *zip)
{
	pthread_mutex_lock(&zip->lock);
	zip->full++;
	pthread_cond_signal(&zip->changed);
	while (zip->full == BLOCKS)
		pthread_cond_wait(&zip->changed, &zip->lock);
	zip->own = &zip->blocks[(zip->first + zip->full) % BLOCKS];
	pthread_mutex_unlock(&zip->lock);
	zip->last_data = SIZE_MAX;
}

static void add_step(sp_zip_writer *zip, const step *step, const void *data)
{
	if (BLOCK_BYTES - zip->own->len < sizeof *step + step->len)
		hand_over(zip);
	memcpy(zip->own->data + zip->own->len, step, sizeof *step);
	zip->own->len += sizeof *step;
	if (step->len)
		memcpy(zip->own->data + zip->own->len, data, step->len);
	zip->own->len += step->len;
}

/* Bytes that still fit into the block's last step, which is or becomes data. */
static size_t room_for_data(sp_zip_writer *zip)
{
	step step = { .kind = STEP_DATA };

	if (zip->own->len == BLOCK_BYTES)
		hand_over(zip);
	if (zip->last_data == SIZE_MAX) {
		if (BLOCK_BYTES - zip->own->len <= sizeof step)
			hand_over(zip);
		zip->last_data = zip->own->len;
		add_step(zip, &step, NULL);
	}
	return BLOCK_BYTES - zip->own->len;
}

/* Small pieces grow one step. */
static void add_data(sp_zip_writer *zip, const char *data, size_t len)
{
	size_t n;
	step step;

	while (len) {
		n = room_for_data(zip);
		if (n > len)
			n = len;
		memcpy(&step, zip->own->data + zip->last_data, sizeof step);
		step.len += n;
		memcpy(zip->own->data + zip->last_data, &step, sizeof step);
		memcpy(zip->own->data + zip->own->len, data, n);
		zip->own->len += n;
		data += n;
		len -= n;
	}
}

/* Whether a step may follow: a package with an error in it is never finished. */
static bool check_step(sp_zip_writer *zip, bool in_entry, sp_error *err)
{
	if (!check_thread(zip, err))
		zip->is_broken = true;
	else if (zip->is_broken)
		sp_fail(err, SP_FAILED, NULL, N_("can't write the package after an error"));
	else if (zip->is_finished || zip->is_open != in_entry)
		zip->is_broken =
		    !sp_fail(err, SP_FAILED, NULL, N_("the package was written out of order"));
	else
		return true;
	return false;
}

static bool fail_entry(sp_zip_writer *zip, sp_error *err, const char *what)
{
	zip->is_broken = true;
	return sp_fail(err, SP_FAILED, NULL, N_("can't write the package's entry \"%s\": %s"),
	               zip->path, what);
}

bool sp_zip_begin(sp_zip_writer *zip, const char *path, int64_t size, bool store, sp_error *err)
{
	step step = { STEP_BEGIN, store, size, strlen(path) + 1 };

	if (!check_step(zip, false, err))
		return false;
	free(zip->path);
	zip->path = strdup(path);
	if (!zip->path) {
		zip->is_broken = true;
		return sp_fail_memory(err);
	}
	if (!sp_zip_path_ok(path))
		return fail_entry(zip, err, "not a name for an entry");
	zip->is_open = true;
	zip->announced = size;
	zip->written = 0;
	add_step(zip, &step, path);
	zip->last_data = SIZE_MAX;
	return true;
}

bool sp_zip_write(sp_zip_writer *zip, const void *data, size_t len, sp_error *err)
{
	if (!check_step(zip, true, err))
		return false;
	zip->written += len;
	if (zip->announced >= 0 && zip->written > (uint64_t)zip->announced)
		return fail_entry(zip, err, "more bytes than announced");
	sp_sha256_update(zip->sha, data, len);
	add_data(zip, data, len);
	return true;
}

bool sp_zip_end(sp_zip_writer *zip, sp_zip_result *result, sp_error *err)
{
	step step = { .kind = STEP_END };
	char hex[SP_SHA256_HEX + 1];

	if (!check_step(zip, true, err))
		return false;
	if (zip->announced >= 0 && zip->written != (uint64_t)zip->announced)
		return fail_entry(zip, err, "fewer bytes than announced");
	if (!sp_sha256_hex(zip->sha, hex))
		return fail_entry(zip, err, "SHA-256 failed");
	zip->is_open = false;
	add_step(zip, &step, NULL);
	zip->last_data = SIZE_MAX;
	if (result) {
		result->size = zip->written;
		memcpy(result->sha256, hex, sizeof hex);
	}
	return true;
}

/* Tells the thread that nothing more comes, and waits for its end. */
static void end_thread(sp_zip_writer *zip, bool abandon)
{
	if (!zip->has_thread)
		return;
	pthread_mutex_lock(&zip->lock);
	if (zip->own->len && !abandon)
		zip->full++;
	zip->no_more = true;
	zip->abandoned = abandon;
	pthread_cond_signal(&zip->changed);
	pthread_mutex_unlock(&zip->lock);
	pthread_join(zip->thread, NULL);
	zip->has_thread = false;
}

bool sp_zip_finish(sp_zip_writer *zip, sp_error *err)
{
	if (!check_step(zip, false, err))
		return false;
	zip->is_finished = true;
	end_thread(zip, false);
	return check_thread(zip, err);
}

void sp_zip_writer_free(sp_zip_writer *zip)
{
	int i;

	if (!zip)
		return;
	end_thread(zip, true);
	/* what isn't finished must not be finished by freeing it */
	zip->discards = true;
	archive_write_free(zip->archive);
	archive_entry_free(zip->entry);
	for (i = 0; i < BLOCKS; i++)
		free(zip->blocks[i].data);
	sp_sha256_free(zip->sha);
	free(zip->path);
	sp_error_clear(&zip->error);
	pthread_cond_destroy(&zip->changed);
	pthread_mutex_destroy(&zip->lock);
	free(zip);
}

/* A part of the sample through deflate; adds the bytes that came out. */
static bool deflate_part(z_stream *z, const unsigned char *data, size_t len, int flush,
                         uint64_t *size)
{
	unsigned char out[4096];
	int result;

	/* deflate only reads its input, but the field isn't const in every zlib */
	z->next_in = (unsigned char *)(uintptr_t)data;
	z->avail_in = (unsigned)len;
	do {
		z->next_out = out;
		z->avail_out = sizeof out;
		result = deflate(z, flush);
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
			return false;
		*size += sizeof out - z->avail_out;
	} while (z->avail_in || !z->avail_out);
	return true;
}

bool sp_zip_is_compressed(const void *sample, size_t len)
{
	const unsigned char *data = sample;
	/* begin, middle and end: a look at all of it takes longer than storing it */
	size_t part = len > 3 * SAMPLE_PART ? SAMPLE_PART : len;
	size_t parts = part < len ? 3 : 1, i;
	z_stream z = { 0 };
	uint64_t size = 0;
	bool ok = len && deflateInit(&z, 1) == Z_OK;

	if (!ok)
		return false;
	for (i = 0; ok && i < parts; i++)
		ok = deflate_part(&z, data + (parts > 1 ? i * (len - part) / 2 : 0), part,
		                  i + 1 < parts ? Z_NO_FLUSH : Z_FINISH, &size);
	deflateEnd(&z);
	return ok && size > part * parts - part * parts / 20;
}
