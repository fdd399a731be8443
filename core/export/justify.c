#include <config.h>

#include "core/export/justify.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"

#define SUFFIX     "_justification"
#define SUFFIX_LEN (sizeof(SUFFIX) - 1)

typedef struct {
	bool array;
	size_t index;
	const char *key; /* of the member, without quotes */
	size_t key_len;
	size_t field_len, pointer_len; /* of the texts outside this level */
} level;

typedef struct {
	sp_identity *identity;
	const sp_row_uuid *annotation;
	sp_buf *lines;
	size_t count;
	level *levels;
	size_t depth, room;
	sp_buf field, pointer; /* of the level's members: "document.actors[0]" */
	sp_buf known, rest;
} walk;

static bool is_known(const sp_scan *scan)
{
	return sp_scan_is(scan, "reasoning") || sp_scan_is(scan, "model_name") ||
	       sp_scan_is(scan, "score") || sp_scan_is(scan, "created_at");
}

/* Takes the object apart: members that the table has columns for, the rest. */
static void part_members(walk *w, const char *object, size_t len)
{
	sp_scan scan;
	const char *begin;
	sp_buf *to;

	sp_buf_reset(&w->known);
	sp_buf_reset(&w->rest);
	sp_scan_begin(&scan, object + 1, len - 1);
	while (sp_scan_next(&scan) == SP_SCAN_KEY) {
		begin = scan.start;
		to = is_known(&scan) ? &w->known : &w->rest;
		if (!sp_scan_skip(&scan))
			return;
		sp_buf_addc(to, ',');
		sp_buf_add(to, begin, (size_t)(scan.p - begin));
	}
}

static void add_line(walk *w, const char *object, size_t len)
{
	sp_buf key = { 0 };
	sp_row_uuid uuid;
	size_t tail;

	part_members(w, object, len);
	sp_buf_addf(&key, "djustification:%s%s", w->annotation->own, sp_buf_text(&w->pointer));
	sp_identity_row(w->identity, sp_buf_text(&key), key.len, &uuid);
	sp_buf_addf(w->lines, "{\"id\":\"%s\",\"annotation_id\":\"%s\",\"field_name\":", uuid.package,
	            w->annotation->package);
	sp_buf_add_json(w->lines, sp_buf_text(&w->field), w->field.len);
	sp_buf_add(w->lines, sp_buf_text(&w->known), w->known.len);
	if (w->rest.len) {
		tail = w->rest.len - 1;
		sp_buf_adds(w->lines, ",\"evidence_payload\":{");
		sp_buf_add(w->lines, w->rest.data + 1, tail);
		sp_buf_addc(w->lines, '}');
	}
	sp_buf_adds(w->lines, ",\"__inline\":");
	sp_buf_add_json(w->lines, sp_buf_text(&w->pointer), w->pointer.len);
	sp_buf_adds(w->lines, "}\n");
	w->lines->failed = w->lines->failed || key.failed || w->known.failed || w->rest.failed;
	sp_buf_free(&key);
	w->count++;
}

static void cut(sp_buf *buf, size_t len)
{
	if (buf->len > len) {
		buf->len = len;
		buf->data[len] = '\0';
	}
}

/* Field and pointer of the member or item that comes next. */
static void enter_member(walk *w, const sp_scan *key)
{
	level *at = &w->levels[w->depth - 1];
	sp_buf name = { 0 };

	cut(&w->field, at->field_len);
	cut(&w->pointer, at->pointer_len);
	if (at->array) {
		sp_buf_addf(&w->field, "[%zu]", at->index);
		sp_buf_addf(&w->pointer, "/%zu", at->index);
		at->index++;
		return;
	}
	sp_scan_unescape(key, &name);
	sp_buf_add_pointer(&w->pointer, sp_buf_text(&name), name.len);
	if (w->field.len)
		sp_buf_addc(&w->field, '.');
	sp_buf_add(&w->field, sp_buf_text(&name), name.len);
	w->field.failed = w->field.failed || name.failed;
	sp_buf_free(&name);
}

/* True for a member that justifies; its field's name is left in w->field. */
static bool justifies(walk *w, const sp_scan *key)
{
	const level *at = &w->levels[w->depth - 1];
	const char *text = key->start + 1;
	size_t len = key->len - 2;

	if (sp_scan_is(key, "_thinking_trace"))
		return true;
	if (sp_scan_is(key, "justification") && w->depth > 1 && w->levels[w->depth - 2].array) {
		cut(&w->field, at->field_len); /* of the whole item */
		return true;
	}
	if (len <= SUFFIX_LEN || memcmp(text + len - SUFFIX_LEN, SUFFIX, SUFFIX_LEN) != 0)
		return false;
	cut(&w->field, w->field.len - SUFFIX_LEN);
	return true;
}

static bool push(walk *w, bool array, sp_error *err)
{
	if (w->depth == w->room) {
		size_t room = w->room ? 2 * w->room : 16;
		level *levels = realloc(w->levels, room * sizeof(*levels));

		if (!levels)
			return sp_fail_memory(err);
		w->levels = levels;
		w->room = room;
	}
	w->levels[w->depth++] =
		(level){ .array = array, .field_len = w->field.len, .pointer_len = w->pointer.len };
	return true;
}

static bool at_object(const sp_scan *scan)
{
	const char *p = scan->p;

	while (p < scan->end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p < scan->end && *p == '{';
}

/* The walk over a value; `scan` stands before it. */
static bool walk_value(walk *w, sp_scan *scan, sp_error *err)
{
	sp_scan_token token;
	const char *begin;

	do {
		token = sp_scan_next(scan);
		if (token == SP_SCAN_END || token == SP_SCAN_BAD)
			return true;
		if (w->depth && w->levels[w->depth - 1].array && token != SP_SCAN_ARRAY_END)
			enter_member(w, NULL);
		if (token == SP_SCAN_OBJECT || token == SP_SCAN_ARRAY) {
			if (!push(w, token == SP_SCAN_ARRAY, err))
				return false;
		} else if (token == SP_SCAN_OBJECT_END || token == SP_SCAN_ARRAY_END) {
			if (w->depth)
				w->depth--;
		} else if (token == SP_SCAN_KEY && w->depth) {
			enter_member(w, scan);
			if (!justifies(w, scan) || !at_object(scan))
				continue;
			begin = memchr(scan->p, '{', (size_t)(scan->end - scan->p));
			if (!sp_scan_skip(scan))
				return true;
			add_line(w, begin, (size_t)(scan->p - begin));
		}
	} while (w->depth);
	return true;
}

bool sp_justifications(sp_identity *identity, const sp_row_uuid *annotation, const char *row,
                       size_t len, sp_buf *lines, size_t *count, sp_error *err)
{
	walk w = { .identity = identity, .annotation = annotation, .lines = lines };
	bool ok = true;
	sp_scan scan;

	*count = 0;
	/* most rows without one are known by a look */
	if (!memmem(row, len, "justification\":", 15) && !memmem(row, len, "_thinking_trace\":", 17))
		return true;
	sp_scan_begin(&scan, row + 1, len - 1);
	while (ok && sp_scan_next(&scan) == SP_SCAN_KEY) {
		if (!sp_scan_is(&scan, "value")) {
			if (!sp_scan_skip(&scan))
				break;
			continue;
		}
		sp_buf_adds(&w.pointer, "/value");
		ok = walk_value(&w, &scan, err);
	}
	if (ok && (lines->failed || w.field.failed || w.pointer.failed))
		ok = sp_fail_memory(err);
	*count = w.count;
	free(w.levels);
	sp_buf_free(&w.field);
	sp_buf_free(&w.pointer);
	sp_buf_free(&w.known);
	sp_buf_free(&w.rest);
	return ok;
}
