#include <config.h>

#include "core/model/ref_change.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"

typedef struct {
	sp_ref_change *change;
	size_t place; /* in the list */
	size_t used;  /* of the first of those with one pointer: so many were */
} listed;

typedef struct {
	size_t pointer; /* the length of its own */
	size_t index;   /* of the next item */
	bool array;
} level;

typedef struct {
	const char *table, *column;
	listed *list; /* sorted */
	size_t count;
	level *levels;
	size_t depth, room;
	sp_buf pointer, plain, fresh;
	sp_scan_writer writer;
} changing;

/* What is looked for together. */
enum { KEYS, MARKERS, VALUES };

static int class_of(sp_ref_form form)
{
	return form == SP_REF_KEY ? KEYS : form == SP_REF_MARKER ? MARKERS : VALUES;
}

static int by_number(int64_t one, int64_t other)
{
	return one < other ? -1 : one > other;
}

/* By pointer; markers in one text by what they name, so that each can be found. */
static int compare_changes(const sp_ref_change *x, const sp_ref_change *y)
{
	int order = strcmp(x->pointer, y->pointer);

	if (!order)
		order = class_of(x->form) - class_of(y->form);
	if (!order && x->form == SP_REF_MARKER)
		order = x->kind != y->kind ? by_number(x->kind, y->kind) : by_number(x->id, y->id);
	return order;
}

static int compare(const void *one, const void *other)
{
	const listed *a = one, *b = other;
	int order = compare_changes(a->change, b->change);

	return order ? order : a->place < b->place ? -1 : 1;
}

/* The first that isn't before it. */
static size_t find(const changing *c, const sp_ref_change *wanted)
{
	size_t low = 0, high = c->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare_changes(c->list[middle].change, wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const changing *c, size_t place, int class)
{
	return place < c->count && class_of(c->list[place].change->form) == class &&
	       !strcmp(c->list[place].change->pointer, sp_buf_text(&c->pointer));
}

/* What is listed of this very place; where it is there twice, one after the other. */
static sp_ref_change *next_here(changing *c, sp_ref_form form)
{
	const sp_ref_change wanted = { .pointer = sp_buf_text(&c->pointer), .form = form };
	size_t first = find(c, &wanted);
	int class = class_of(form);

	if (!is_at(c, first, class) || !is_at(c, first + c->list[first].used, class))
		return NULL;
	return c->list[first + c->list[first].used++].change;
}

/* --- texts with markers in them --- */

typedef struct {
	const char *word;
	size_t len;
	int kind;
} marker_word;

/* The words before ids that this column may have, by what is listed of it. */
static size_t words_here(const changing *c, marker_word *words, size_t room)
{
	size_t count = 0;

	for (int kind = 0; kind < SP_ENTITY_COUNT && count < room; kind++) {
		const char *word = sp_ref_marker(c->table, c->column, (sp_kind)kind);

		if (word)
			words[count++] = (marker_word){ word, strlen(word), kind };
	}
	return count;
}

static sp_ref_change *marker_of(changing *c, int kind, const char *digits, size_t count)
{
	sp_ref_change wanted = { .pointer = sp_buf_text(&c->pointer),
		                     .form = SP_REF_MARKER,
		                     .kind = kind };
	size_t place;

	if (!count || count > 18)
		return NULL;
	for (size_t i = 0; i < count; i++)
		wanted.id = wanted.id * 10 + (digits[i] - '0');
	place = find(c, &wanted);
	return place < c->count && !compare_changes(c->list[place].change, &wanted)
	           ? c->list[place].change
	           : NULL;
}

/* All that name this one: where the first knows it, all do. */
static void set_markers(changing *c, const sp_ref_change *one)
{
	size_t i = find(c, one);

	if (c->list[i].change->outcome != SP_REF_NOT_FOUND)
		return;
	for (; i < c->count && !compare_changes(c->list[i].change, one); i++)
		c->list[i].change->outcome = one->to ? SP_REF_CHANGED : SP_REF_TAKEN_OUT;
}

/* The word that comes next, and where. */
static const marker_word *next_word(const marker_word *words, size_t count, const char **at,
                                    const char *end)
{
	const marker_word *found = NULL;
	const char *first = end;

	for (size_t i = 0; i < count; i++) {
		const char *here = memmem(*at, (size_t)(end - *at), words[i].word, words[i].len);

		if (here && here < first) {
			first = here;
			found = &words[i];
		}
	}
	*at = first;
	return found;
}

/* Appends the text with other numbers; returns how many. */
static size_t change_markers(changing *c, const char *text, size_t len, sp_buf *to)
{
	marker_word words[4];
	size_t word_count = words_here(c, words, sizeof words / sizeof *words), count = 0, digits;
	const char *end = text + len, *from = text, *at = text;
	const marker_word *word;
	sp_ref_change *change;

	while ((word = next_word(words, word_count, &at, end))) {
		at += word->len;
		for (digits = 0; at + digits < end && isdigit((unsigned char)at[digits]); digits++)
			;
		if (!(change = marker_of(c, word->kind, at, digits)))
			continue;
		sp_buf_add(to, from, (size_t)(at - from));
		if (change->to) {
			sp_buf_adds(to, change->to);
		} else {
			sp_buf_addc(to, '?');
			sp_buf_add(to, at, digits);
		}
		set_markers(c, change);
		from = at += digits;
		count++;
	}
	sp_buf_add(to, from, (size_t)(end - from));
	return count;
}

/* A string that can be spelt anew without a loss. */
static bool is_plain(const sp_scan *string)
{
	sp_scan scan;

	sp_scan_begin(&scan, string->start, string->len);
	(void)sp_scan_next(&scan);
	return !scan.beyond_jsonb;
}

static void put_text(changing *c, const char *text, size_t len, sp_scan_token token)
{
	const sp_scan fresh = { .start = text, .len = len };

	sp_scan_put(&c->writer, &fresh, token);
}

/* A lack of memory is remembered by what lasts. */
static void note_failure(changing *c)
{
	c->writer.to->failed = c->writer.to->failed || c->fresh.failed || c->plain.failed;
}

static void put_fresh(changing *c, sp_scan_token token)
{
	note_failure(c);
	put_text(c, sp_buf_text(&c->fresh), c->fresh.len, token);
}

/* In a JSON string most of them stand as they are; one that is spelt with escapes takes the
 * string to be spelt anew. */
static void put_markers(changing *c, const sp_scan *scan)
{
	sp_buf anew = { 0 };
	size_t count;

	sp_buf_reset(&c->fresh);
	count = change_markers(c, scan->start, scan->len, &c->fresh);
	if (scan->escaped && is_plain(scan)) {
		sp_buf_reset(&c->plain);
		sp_scan_unescape(scan, &c->plain);
		if (change_markers(c, sp_buf_text(&c->plain), c->plain.len, &anew) != count) {
			sp_buf_reset(&c->fresh);
			sp_buf_add_json(&c->fresh, sp_buf_text(&anew), anew.len);
		}
		c->fresh.failed = c->fresh.failed || anew.failed;
		sp_buf_free(&anew);
	}
	put_fresh(c, SP_SCAN_STRING);
}

/* --- ids --- */

/* True where what stands there is of the form that the list says; `fresh` gets what is to
 * stand there instead. */
static bool make_fresh(changing *c, const sp_ref_change *change, const sp_scan *scan,
                       sp_scan_token token)
{
	const char *to = change->to ? change->to : "", *colon;

	sp_buf_reset(&c->fresh);
	if (change->form == SP_REF_NUMBER) {
		sp_buf_adds(&c->fresh, to);
		return token == SP_SCAN_LITERAL && isdigit((unsigned char)*scan->start);
	}
	if (token != SP_SCAN_STRING && token != SP_SCAN_KEY)
		return false;
	sp_buf_reset(&c->plain);
	if (change->form == SP_REF_PREFIX) {
		sp_scan_unescape(scan, &c->plain);
		note_failure(c);
		if (!(colon = strchr(sp_buf_text(&c->plain), ':')))
			return false;
		c->plain.len = (size_t)(colon + 1 - sp_buf_text(&c->plain));
	}
	sp_buf_adds(&c->plain, to);
	sp_buf_add_json(&c->fresh, sp_buf_text(&c->plain), c->plain.len);
	return true;
}

static void take_value(changing *c, const sp_scan *scan, sp_scan_token token)
{
	const sp_ref_change wanted = { .pointer = sp_buf_text(&c->pointer),
		                           .form = SP_REF_MARKER,
		                           .kind = INT_MIN };
	sp_ref_change *change = next_here(c, SP_REF_NUMBER);

	if (!change && token == SP_SCAN_STRING && is_at(c, find(c, &wanted), MARKERS)) {
		put_markers(c, scan);
	} else if (!change || !make_fresh(c, change, scan, token)) {
		sp_scan_put(&c->writer, scan, token);
	} else if (change->to) {
		change->outcome = SP_REF_CHANGED;
		put_fresh(c, token);
	} else {
		change->outcome = SP_REF_TAKEN_OUT;
		if (!c->depth || !c->levels[c->depth - 1].array)
			put_text(c, "null", 4, SP_SCAN_LITERAL);
	}
}

/* The value of a member that goes, and what stands in it. */
static void take_out_value(changing *c, sp_scan *scan)
{
	sp_ref_change wanted = { .form = SP_REF_KEY }, *change;
	sp_scan value = *scan;
	sp_scan_token token = sp_scan_next(&value);

	if (token == SP_SCAN_STRING || token == SP_SCAN_LITERAL) {
		if ((change = next_here(c, SP_REF_NUMBER)))
			change->outcome = SP_REF_TAKEN_OUT;
	}
	sp_buf_addc(&c->pointer, '/');
	wanted.pointer = sp_buf_text(&c->pointer);
	for (size_t i = find(c, &wanted);
	     i < c->count && !strncmp(c->list[i].change->pointer, wanted.pointer, c->pointer.len); i++)
		c->list[i].change->outcome = SP_REF_TAKEN_OUT;
	(void)sp_scan_skip(scan);
}

static void take_key(changing *c, sp_scan *scan)
{
	sp_ref_change *change = next_here(c, SP_REF_KEY);

	if (!change) {
		sp_scan_put(&c->writer, scan, SP_SCAN_KEY);
	} else if (change->to) {
		change->outcome = SP_REF_CHANGED;
		(void)make_fresh(c, change, scan, SP_SCAN_KEY);
		put_fresh(c, SP_SCAN_KEY);
	} else {
		change->outcome = SP_REF_TAKEN_OUT;
		take_out_value(c, scan);
	}
}

/* --- the walk --- */

static bool push(changing *c, bool array)
{
	if (c->depth == c->room) {
		size_t room = c->room ? 2 * c->room : 16;
		level *levels = realloc(c->levels, room * sizeof *levels);

		if (!levels)
			return false;
		c->levels = levels;
		c->room = room;
	}
	c->levels[c->depth++] = (level){ .pointer = c->pointer.len, .array = array };
	return true;
}

static void cut_pointer(changing *c, size_t len)
{
	if (c->pointer.data && c->pointer.len >= len) {
		c->pointer.len = len;
		c->pointer.data[len] = '\0';
	}
}

/* The pointer of the item that begins. */
static void point_at_item(changing *c)
{
	level *in = c->depth ? &c->levels[c->depth - 1] : NULL;

	if (!in || !in->array)
		return;
	cut_pointer(c, in->pointer);
	sp_buf_addf(&c->pointer, "/%zu", in->index++);
}

static void point_at_member(changing *c, const sp_scan *key)
{
	cut_pointer(c, c->levels[c->depth - 1].pointer);
	sp_buf_reset(&c->plain);
	sp_scan_unescape(key, &c->plain);
	c->pointer.failed = c->pointer.failed || c->plain.failed;
	sp_buf_add_pointer(&c->pointer, sp_buf_text(&c->plain), c->plain.len);
}

static bool take_token(changing *c, sp_scan *scan, sp_scan_token token)
{
	switch (token) {
	case SP_SCAN_OBJECT:
	case SP_SCAN_ARRAY:
		point_at_item(c);
		sp_scan_put(&c->writer, scan, token);
		return push(c, token == SP_SCAN_ARRAY);
	case SP_SCAN_OBJECT_END:
	case SP_SCAN_ARRAY_END:
		sp_scan_put(&c->writer, scan, token);
		c->depth -= c->depth > 0;
		return true;
	case SP_SCAN_KEY:
		if (!c->depth)
			return true;
		point_at_member(c, scan);
		take_key(c, scan);
		return true;
	default:
		point_at_item(c);
		take_value(c, scan, token);
		return true;
	}
}

static bool walk(changing *c, const char *text, size_t len)
{
	sp_scan_token token;
	sp_scan scan;

	sp_scan_begin(&scan, text, len);
	while ((token = sp_scan_next(&scan)) != SP_SCAN_END && token != SP_SCAN_BAD) {
		if (!take_token(c, &scan, token))
			return false;
	}
	return true;
}

/* Of the list what is about this column. */
static bool take_list(changing *c, sp_ref_change *changes, size_t count)
{
	size_t len;

	sp_buf_add_pointer(&c->pointer, c->column, strlen(c->column));
	c->list = calloc(count ? count : 1, sizeof *c->list);
	if (!c->list || c->pointer.failed)
		return false;
	len = c->pointer.len;
	for (size_t i = 0; i < count; i++) {
		if (!strncmp(changes[i].pointer, c->pointer.data, len) &&
		    (!changes[i].pointer[len] || changes[i].pointer[len] == '/')) {
			changes[i].outcome = SP_REF_NOT_FOUND;
			c->list[c->count++] = (listed){ &changes[i], i, 0 };
		}
	}
	qsort(c->list, c->count, sizeof *c->list, compare);
	return true;
}

bool sp_refs_change(const char *table, const char *column, bool json, const char *text, size_t len,
                    sp_ref_change *changes, size_t count, sp_buf *to, sp_error *err)
{
	changing c = { .table = table, .column = column, .writer = { .to = to } };
	bool ok = take_list(&c, changes, count);

	if (ok && json)
		ok = walk(&c, text, len);
	else if (ok)
		(void)change_markers(&c, text, len, to);
	ok = ok && !c.pointer.failed && !to->failed;
	free(c.list);
	free(c.levels);
	sp_buf_free(&c.pointer);
	sp_buf_free(&c.plain);
	sp_buf_free(&c.fresh);
	return ok || sp_fail_memory(err);
}
