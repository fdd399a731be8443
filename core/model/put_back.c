#include <config.h>

#include "core/model/put_back.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"
#include "core/model/secrets.h"

/* What is deeper is theirs as it is; nobody nests settings so. */
#define MAX_DEPTH 64

typedef struct {
	const char *text;
	size_t len;
} span;

/* A member of an object, or an item of an array, which has no key. */
typedef struct {
	span key, value;       /* the key with its quotes */
	size_t name, name_len; /* in names: the key unescaped */
	bool is_secret, is_put;
} member;

typedef struct {
	const char *text;
	size_t len, number;
} name;

typedef struct {
	member *all;
	size_t count, room;
	name *sorted; /* then in their order */
	sp_buf names;
} members;

typedef struct {
	bool details;
	sp_buf *to;
	sp_error *err;
} putting;

static bool put_value(const putting *p, span theirs, span ours, int depth, bool in_object);

/* Without white space around it. */
static span trimmed(const char *text, size_t len)
{
	while (len && strchr(" \t\r\n", *text)) {
		text++;
		len--;
	}
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return (span){ text, len };
}

/* --- members --- */

static void free_members(members *of)
{
	free(of->all);
	free(of->sorted);
	sp_buf_free(&of->names);
}

static bool is_secret(const putting *p, const char *name, size_t len)
{
	return sp_is_secret_key(name, len) || (p->details && !sp_is_open_detail(name, len));
}

static bool add_member(const putting *p, members *of, const sp_scan *key)
{
	member *one, *more;

	if (of->count == of->room) {
		of->room = 2 * of->room + 16;
		more = realloc(of->all, of->room * sizeof *more);
		if (!more)
			return sp_fail_memory(p->err);
		of->all = more;
	}
	one = &of->all[of->count++];
	*one = (member){ .name = of->names.len };
	if (!key)
		return true;
	one->key = (span){ key->start, key->len };
	sp_scan_unescape(key, &of->names);
	if (of->names.failed)
		return sp_fail_memory(p->err);
	one->name_len = of->names.len - one->name;
	one->is_secret = is_secret(p, sp_buf_text(&of->names) + one->name, one->name_len);
	return true;
}

/* All of an object or an array; false: memory. */
static bool read_members(const putting *p, span from, members *of)
{
	sp_scan scan;
	bool is_object;

	sp_scan_begin(&scan, from.text, from.len);
	is_object = sp_scan_next(&scan) == SP_SCAN_OBJECT;
	for (;;) {
		const char *begin;
		sp_scan ahead = scan;
		sp_scan_token token = sp_scan_next(&ahead);

		if (token == SP_SCAN_OBJECT_END || token == SP_SCAN_ARRAY_END || token == SP_SCAN_END ||
		    token == SP_SCAN_BAD)
			return true;
		if (!add_member(p, of, is_object ? &ahead : NULL))
			return false;
		if (is_object) {
			scan = ahead;
			(void)sp_scan_next(&ahead);
		}
		begin = ahead.start;
		(void)sp_scan_skip(&scan);
		of->all[of->count - 1].value = trimmed(begin, (size_t)(scan.p - begin));
	}
}

static int compare_texts(const name *one, const name *other)
{
	size_t least = one->len < other->len ? one->len : other->len;
	int order = least ? memcmp(one->text, other->text, least) : 0;

	return order ? order : one->len < other->len ? -1 : one->len > other->len;
}

static int compare_names(const void *a, const void *b)
{
	const name *one = a, *other = b;
	int order = compare_texts(one, other);

	return order ? order : one->number < other->number ? -1 : one->number > other->number;
}

static name name_of(const members *of, size_t number)
{
	const member *one = &of->all[number];

	return (name){ sp_buf_text(&of->names) + one->name, one->name_len, number };
}

static bool sort_members(const putting *p, members *of)
{
	of->sorted = malloc((of->count + 1) * sizeof *of->sorted);
	if (!of->sorted)
		return sp_fail_memory(p->err);
	for (size_t i = 0; i < of->count; i++)
		of->sorted[i] = name_of(of, i);
	qsort(of->sorted, of->count, sizeof *of->sorted, compare_names);
	return true;
}

/* The first of this name; of->count: none. */
static size_t find_member(const members *of, name wanted)
{
	size_t low = 0, high = of->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_texts(&of->sorted[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < of->count && !compare_texts(&of->sorted[low], &wanted) ? of->sorted[low].number
	                                                                    : of->count;
}

/* --- objects and lists --- */

static void put_key(const putting *p, const member *of, bool *first)
{
	sp_buf_adds(p->to, *first ? "" : ",");
	*first = false;
	sp_buf_add(p->to, of->key.text, of->key.len);
	sp_buf_addc(p->to, ':');
}

/* Ours that are secret, from *next up to `end`. */
static void put_secrets(const putting *p, members *ours, size_t *next, size_t end, bool *first)
{
	for (; *next < end; ++*next) {
		member *one = &ours->all[*next];

		if (!one->is_secret || one->is_put)
			continue;
		one->is_put = true;
		put_key(p, one, first);
		sp_buf_add(p->to, one->value.text, one->value.len);
	}
}

static bool put_members(const putting *p, const members *theirs, members *ours, int depth)
{
	size_t next = 0;
	bool first = true;

	for (size_t i = 0; i < theirs->count; i++) {
		const member *one = &theirs->all[i];
		size_t at = find_member(ours, name_of(theirs, i));

		if (at < ours->count) {
			ours->all[at].is_put = true;
			put_secrets(p, ours, &next, at, &first);
		}
		put_key(p, one, &first);
		if (!put_value(p, one->value, at < ours->count ? ours->all[at].value : (span){ "", 0 },
		               depth + 1, true))
			return false;
	}
	put_secrets(p, ours, &next, ours->count, &first);
	return true;
}

static bool put_items(const putting *p, const members *theirs, const members *ours, int depth,
                      bool in_object)
{
	for (size_t i = 0; i < theirs->count; i++) {
		sp_buf_adds(p->to, i ? "," : "");
		if (!put_value(p, theirs->all[i].value,
		               ours->count == theirs->count ? ours->all[i].value : (span){ "", 0 },
		               depth + 1, in_object))
			return false;
	}
	return true;
}

static bool put_brackets(const putting *p, span theirs, span ours, int depth, bool in_object)
{
	members from = { .count = 0 }, here = { .count = 0 };
	bool is_object = *theirs.text == '{', ok;

	sp_buf_addc(p->to, is_object ? '{' : '[');
	ok = read_members(p, theirs, &from) && read_members(p, ours, &here) &&
	     (!is_object || sort_members(p, &here)) &&
	     (is_object ? put_members(p, &from, &here, depth)
	                : put_items(p, &from, &here, depth, in_object));
	sp_buf_addc(p->to, is_object ? '}' : ']');
	free_members(&from);
	free_members(&here);
	return ok;
}

/* --- values --- */

/* A value that was left out, and stands here: ours is secret where theirs is null. */
static bool is_left_out(const putting *p, span theirs, span ours, bool in_object, sp_buf *plain)
{
	sp_scan scan;
	sp_scan_token token;

	if (theirs.len != 4 || memcmp(theirs.text, "null", 4) != 0)
		return false;
	sp_scan_begin(&scan, ours.text, ours.len);
	token = sp_scan_next(&scan);
	if (p->details && !in_object)
		return token == SP_SCAN_STRING || token == SP_SCAN_LITERAL;
	if (token != SP_SCAN_STRING)
		return false;
	sp_scan_unescape(&scan, plain);
	return (p->details ? sp_is_secret_text : sp_is_secret_url)(sp_buf_text(plain), plain->len);
}

static bool put_value(const putting *p, span theirs, span ours, int depth, bool in_object)
{
	sp_buf plain = { 0 };

	if (theirs.len && ours.len && depth < MAX_DEPTH && *theirs.text == *ours.text &&
	    (*ours.text == '{' || *ours.text == '['))
		return put_brackets(p, theirs, ours, depth, in_object);
	if (is_left_out(p, theirs, ours, in_object, &plain))
		theirs = ours;
	sp_buf_add(p->to, theirs.text, theirs.len);
	p->to->failed = p->to->failed || plain.failed;
	sp_buf_free(&plain);
	return true;
}

bool sp_put_back(bool details, const char *theirs, size_t their_len, const char *ours,
                 size_t our_len, sp_buf *to, sp_error *err)
{
	putting p = { details, to, err };

	return put_value(&p, trimmed(theirs, their_len), trimmed(ours, our_len), 0, false) &&
	       (!to->failed || sp_fail_memory(err));
}
