#include <config.h>

#include "core/base/json_edit.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"

typedef struct {
	size_t pointer; /* the length of its own */
	size_t index;   /* of the next item */
	bool array;
} level;

typedef struct {
	sp_json_edit *edits;
	size_t count;
	level *levels;
	size_t depth, room;
	sp_buf pointer, name, key;
	sp_scan_writer writer;
} editing;

static int compare_places(const sp_json_edit *one, const char *pointer, const char *key)
{
	int order = strcmp(one->pointer, pointer);

	if (order || !one->key || !key)
		return order ? order : (one->key != NULL) - (key != NULL);
	return strcmp(one->key, key);
}

static int compare(const void *a, const void *b)
{
	const sp_json_edit *one = a, *other = b;

	return compare_places(one, other->pointer, other->key);
}

/* The first that isn't before it. */
static size_t place_of(const editing *e, const char *pointer, const char *key)
{
	size_t low = 0, high = e->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_places(&e->edits[middle], pointer, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static sp_json_edit *find(const editing *e, const char *pointer, const char *key)
{
	size_t at = place_of(e, pointer, key);

	return at < e->count && !compare_places(&e->edits[at], pointer, key) ? &e->edits[at] : NULL;
}

static bool push(editing *e, bool array)
{
	if (e->depth == e->room) {
		size_t room = e->room ? 2 * e->room : 16;
		level *levels = realloc(e->levels, room * sizeof *levels);

		if (!levels)
			return false;
		e->levels = levels;
		e->room = room;
	}
	e->levels[e->depth++] = (level){ .pointer = e->pointer.len, .array = array };
	return true;
}

static void cut(editing *e, size_t len)
{
	if (e->pointer.len > len) {
		e->pointer.len = len;
		e->pointer.data[len] = '\0';
	}
}

static level *inside(editing *e)
{
	return e->depth ? &e->levels[e->depth - 1] : NULL;
}

/* The pointer of the item that begins. */
static void point_at_item(editing *e)
{
	level *in = inside(e);

	if (!in || !in->array)
		return;
	cut(e, in->pointer);
	sp_buf_addf(&e->pointer, "/%zu", in->index++);
}

/* What is to come last in an object. */
static void add_members(editing *e)
{
	size_t at;

	cut(e, inside(e)->pointer);
	at = place_of(e, sp_buf_text(&e->pointer), "");
	for (; at < e->count && !strcmp(e->edits[at].pointer, sp_buf_text(&e->pointer)); at++) {
		sp_json_edit *edit = &e->edits[at];
		sp_scan token = { .start = edit->value.text, .len = edit->value.len };
		sp_scan name;

		if (edit->taken || edit->done)
			continue;
		sp_buf_reset(&e->key);
		sp_buf_add_json(&e->key, edit->key, strlen(edit->key));
		e->pointer.failed = e->pointer.failed || e->key.failed;
		name = (sp_scan){ .start = sp_buf_text(&e->key), .len = e->key.len };
		sp_scan_put(&e->writer, &name, SP_SCAN_KEY);
		sp_scan_put(&e->writer, &token, SP_SCAN_LITERAL);
		edit->done = true;
	}
}

static void take_key(editing *e, sp_scan *scan)
{
	sp_json_edit *edit;

	cut(e, inside(e)->pointer);
	sp_buf_reset(&e->name);
	sp_scan_unescape(scan, &e->name);
	/* remembered by what lasts */
	e->pointer.failed = e->pointer.failed || e->name.failed;
	if ((edit = find(e, sp_buf_text(&e->pointer), sp_buf_text(&e->name))))
		edit->taken = true;
	sp_buf_add_pointer(&e->pointer, sp_buf_text(&e->name), e->name.len);
	if ((edit = find(e, sp_buf_text(&e->pointer), NULL))) {
		edit->done = true;
		(void)sp_scan_skip(scan);
	} else {
		sp_scan_put(&e->writer, scan, SP_SCAN_KEY);
	}
}

static bool take_token(editing *e, sp_scan *scan, sp_scan_token token)
{
	switch (token) {
	case SP_SCAN_OBJECT:
	case SP_SCAN_ARRAY:
		point_at_item(e);
		sp_scan_put(&e->writer, scan, token);
		return push(e, token == SP_SCAN_ARRAY);
	case SP_SCAN_OBJECT_END:
	case SP_SCAN_ARRAY_END:
		if (e->depth && token == SP_SCAN_OBJECT_END)
			add_members(e);
		sp_scan_put(&e->writer, scan, token);
		e->depth -= e->depth > 0;
		return true;
	case SP_SCAN_KEY:
		if (e->depth)
			take_key(e, scan);
		return true;
	default:
		point_at_item(e);
		sp_scan_put(&e->writer, scan, token);
		return true;
	}
}

bool sp_json_edit_text(const char *text, size_t len, sp_json_edit *edits, size_t count, sp_buf *to,
                       sp_error *err)
{
	editing e = { .edits = edits, .count = count, .writer = { .to = to } };
	sp_scan_token token;
	sp_scan scan;
	bool ok = true;

	if (count)
		qsort(edits, count, sizeof *edits, compare);
	sp_scan_begin(&scan, text, len);
	while (ok && (token = sp_scan_next(&scan)) != SP_SCAN_END && token != SP_SCAN_BAD)
		ok = take_token(&e, &scan, token);
	ok = ok && !e.pointer.failed && !to->failed;
	free(e.levels);
	sp_buf_free(&e.pointer);
	sp_buf_free(&e.name);
	sp_buf_free(&e.key);
	return ok || sp_fail_memory(err);
}
