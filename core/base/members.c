#include <config.h>

#include "core/base/members.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"

sp_span sp_span_trimmed(const char *text, size_t len)
{
	while (len && strchr(" \t\r\n", *text)) {
		text++;
		len--;
	}
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return (sp_span){ text, len };
}

const char *sp_members_name(const sp_members *members, size_t number)
{
	return sp_buf_text(&members->names) + members->all[number].name;
}

static bool add_member(sp_members *members, const sp_scan *key, sp_error *err)
{
	sp_member *one, *more;

	if (members->count == members->room) {
		members->room = 2 * members->room + 16;
		more = realloc(members->all, members->room * sizeof *more);
		if (!more)
			return sp_fail_memory(err);
		members->all = more;
	}
	one = &members->all[members->count++];
	*one = (sp_member){ .name = members->names.len };
	if (key) {
		one->key = (sp_span){ key->start, key->len };
		sp_scan_unescape(key, &members->names);
		one->name_len = members->names.len - one->name;
	}
	sp_buf_addc(&members->names, '\0');
	return !members->names.failed || sp_fail_memory(err);
}

static bool read_all(sp_members *members, const char *text, size_t len, sp_error *err)
{
	sp_scan scan;
	bool is_object;

	sp_scan_begin(&scan, text, len);
	is_object = sp_scan_next(&scan) == SP_SCAN_OBJECT;
	for (;;) {
		const char *begin;
		sp_scan ahead = scan;
		sp_scan_token token = sp_scan_next(&ahead);

		if (token == SP_SCAN_OBJECT_END || token == SP_SCAN_ARRAY_END || token == SP_SCAN_END ||
		    token == SP_SCAN_BAD)
			return true;
		if (!add_member(members, is_object ? &ahead : NULL, err))
			return false;
		if (is_object) {
			scan = ahead;
			(void)sp_scan_next(&ahead);
		}
		begin = ahead.start;
		(void)sp_scan_skip(&scan);
		members->all[members->count - 1].value = sp_span_trimmed(begin, (size_t)(scan.p - begin));
	}
}

static int compare_texts(const char *one, size_t one_len, const char *other, size_t other_len)
{
	size_t least = one_len < other_len ? one_len : other_len;
	int order = least ? memcmp(one, other, least) : 0;

	return order ? order : one_len < other_len ? -1 : one_len > other_len;
}

static int compare(const void *a, const void *b, void *ctx)
{
	const sp_members *members = ctx;
	size_t one = *(const size_t *)a, other = *(const size_t *)b;
	int order = compare_texts(sp_members_name(members, one), members->all[one].name_len,
	                          sp_members_name(members, other), members->all[other].name_len);

	return order ? order : one < other ? -1 : one > other;
}

bool sp_members_read(sp_members *members, const char *text, size_t len, sp_error *err)
{
	sp_span of = sp_span_trimmed(text, len);

	if (!of.len || (*of.text != '{' && *of.text != '['))
		return true;
	if (!read_all(members, of.text, of.len, err))
		return false;
	if (*of.text == '[')
		return true;
	members->sorted = malloc((members->count + 1) * sizeof *members->sorted);
	if (!members->sorted)
		return sp_fail_memory(err);
	for (size_t i = 0; i < members->count; i++)
		members->sorted[i] = i;
	qsort_r(members->sorted, members->count, sizeof *members->sorted, compare, members);
	return true;
}

/* Where it stands among the names, or would. */
static size_t place_of(const sp_members *members, const char *name, size_t len)
{
	size_t low = 0, high = members->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2, number = members->sorted[middle];

		if (compare_texts(sp_members_name(members, number), members->all[number].name_len, name,
		                  len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t sp_members_find(const sp_members *members, const char *name, size_t len)
{
	size_t place = members->sorted ? place_of(members, name, len) : members->count, number;

	if (place == members->count)
		return place;
	number = members->sorted[place];
	return compare_texts(sp_members_name(members, number), members->all[number].name_len, name, len)
	           ? members->count
	           : number;
}

void sp_members_free(sp_members *members)
{
	free(members->all);
	free(members->sorted);
	sp_buf_free(&members->names);
	*members = (sp_members){ 0 };
}
