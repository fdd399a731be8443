#include <config.h>

#include "core/package/take.h"

#include <stdlib.h>

#include "core/base/buf.h"

/* A row that has begun. */
typedef struct {
	const char *kind;
	bool is_wanted;
	uint64_t start; /* in the entry */
	sp_buf bytes;
} open_row;

struct sp_taking {
	sp_walk *walk;
	const sp_row_taker *taker;
	sp_walk_watcher watcher;
	/* the entry's bytes that came last, and how many were before them */
	const char *data;
	size_t len;
	uint64_t before;
	open_row open[SP_TAKING_DEPTH];
	int depth;
	sp_error error;
};

static bool begin_entry(void *ctx, const char *path, uint64_t number, sp_error *err)
{
	sp_taking *taking = ctx;

	(void)path;
	(void)number;
	(void)err;
	taking->len = 0;
	taking->before = 0;
	taking->depth = 0;
	return true;
}

static bool end_entry(void *ctx, uint64_t size, int64_t count, sp_error *err)
{
	sp_taking *taking = ctx;

	(void)size;
	(void)count;
	if (!sp_error_is_set(&taking->error))
		return true;
	sp_error_move(err, &taking->error);
	return false;
}

/* As many as are still wanted of it. */
static void add(sp_taking *taking, open_row *row, const char *data, size_t len)
{
	size_t room = taking->taker->most - row->bytes.len;

	sp_buf_add(&row->bytes, data, len < room ? len : room);
	if (row->bytes.failed)
		sp_fail_memory(&taking->error);
}

static void take_bytes(void *ctx, const char *data, size_t len)
{
	sp_taking *taking = ctx;
	int i;

	taking->before += taking->len;
	taking->data = data;
	taking->len = len;
	for (i = 0; i < taking->depth && i < SP_TAKING_DEPTH; i++) {
		if (taking->open[i].is_wanted)
			add(taking, &taking->open[i], data, len);
	}
}

static void begin_row(sp_taking *taking, const char *kind)
{
	uint64_t start = sp_row_check_offset(sp_walk_rows(taking->walk));
	open_row *row;

	if (taking->depth++ >= SP_TAKING_DEPTH)
		return;
	row = &taking->open[taking->depth - 1];
	row->kind = kind;
	row->start = start;
	row->is_wanted = taking->taker->wants(taking->taker->ctx, kind);
	sp_buf_reset(&row->bytes);
	if (row->is_wanted && start >= taking->before && start - taking->before < taking->len)
		add(taking, row, taking->data + (start - taking->before),
		    taking->len - (size_t)(start - taking->before));
}

/* The bracket that was told last is the row's end. */
static void end_row(sp_taking *taking)
{
	uint64_t len;
	open_row *row;

	if (!taking->depth || taking->depth-- > SP_TAKING_DEPTH)
		return;
	row = &taking->open[taking->depth];
	len = sp_row_check_offset(sp_walk_rows(taking->walk)) + 1 - row->start;
	if (!row->is_wanted || sp_error_is_set(&taking->error))
		return;
	if (len < row->bytes.len) {
		row->bytes.len = (size_t)len;
		row->bytes.data[len] = '\0';
	}
	taking->taker->take(taking->taker->ctx, row->kind, sp_buf_text(&row->bytes), row->bytes.len,
	                    row->bytes.len < len);
}

static void take_row(void *ctx, const char *kind, bool ends)
{
	if (ends)
		end_row(ctx);
	else
		begin_row(ctx, kind);
}

sp_taking *sp_taking_create(sp_walk *walk, const sp_row_taker *taker, sp_error *err)
{
	sp_taking *taking = calloc(1, sizeof *taking);

	if (!taking) {
		sp_fail_memory(err);
		return NULL;
	}
	taking->walk = walk;
	taking->taker = taker;
	taking->watcher = (sp_walk_watcher){
		.begin = begin_entry, .end = end_entry, .bytes = take_bytes, .row = take_row, .ctx = taking
	};
	sp_walk_watch(walk, &taking->watcher);
	return taking;
}

void sp_taking_free(sp_taking *taking)
{
	int i;

	if (!taking)
		return;
	for (i = 0; i < SP_TAKING_DEPTH; i++)
		sp_buf_free(&taking->open[i].bytes);
	sp_error_clear(&taking->error);
	free(taking);
}
