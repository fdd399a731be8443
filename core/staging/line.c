#include <config.h>

#include "core/staging/line.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"

typedef struct {
	sp_buf key, value; /* the value is that of the row until it is changed */
	sp_span span;
	bool gone, anew;
} column;

typedef struct {
	sp_span text; /* of the whole entry */
	sp_buf path;
	sp_buf own; /* the text, where it is another row's */
	bool anew, gone;
} ref;

struct sp_line {
	column *columns;
	size_t count, room;
	ref *refs;
	size_t ref_count, ref_room;
};

/* --- reading --- */

static column *add_column(sp_line *line, const char *key, size_t len, sp_error *err)
{
	column *more;

	if (line->count == line->room) {
		line->room = 2 * line->room + 16;
		more = realloc(line->columns, line->room * sizeof *more);
		if (!more) {
			sp_fail_memory(err);
			return NULL;
		}
		line->columns = more;
	}
	more = &line->columns[line->count++];
	*more = (column){ .gone = false };
	sp_buf_add(&more->key, key, len);
	if (!more->key.failed)
		return more;
	sp_fail_memory(err);
	return NULL;
}

/* A JSON text that stands in a string. */
static bool take_raw(sp_line *line, const sp_members *raw, size_t number, sp_error *err)
{
	column *one = add_column(line, sp_members_name(raw, number), raw->all[number].name_len, err);
	sp_scan scan;

	if (!one)
		return false;
	sp_scan_begin(&scan, raw->all[number].value.text, raw->all[number].value.len);
	one->anew = true;
	if (sp_scan_next(&scan) == SP_SCAN_STRING)
		sp_scan_unescape(&scan, &one->value);
	return !one->value.failed || sp_fail_memory(err);
}

static ref *add_ref(sp_line *line, sp_error *err)
{
	ref *more;

	if (line->ref_count == line->ref_room) {
		line->ref_room = 2 * line->ref_room + 16;
		more = realloc(line->refs, line->ref_room * sizeof *more);
		if (!more) {
			sp_fail_memory(err);
			return NULL;
		}
		line->refs = more;
	}
	more = &line->refs[line->ref_count++];
	*more = (ref){ .gone = false };
	return more;
}

static bool take_ref(sp_line *line, sp_span text, sp_error *err)
{
	ref *one = add_ref(line, err);
	sp_members members = { 0 };
	size_t path;
	sp_scan scan;
	bool ok;

	if (!one)
		return false;
	one->text = text;
	ok = sp_members_read(&members, text.text, text.len, err);
	path = ok ? sp_members_find(&members, "path", 4) : 0;
	if (ok && path < members.count) {
		sp_scan_begin(&scan, members.all[path].value.text, members.all[path].value.len);
		if (sp_scan_next(&scan) == SP_SCAN_STRING)
			sp_scan_unescape(&scan, &one->path);
		ok = !one->path.failed || sp_fail_memory(err);
	}
	sp_members_free(&members);
	return ok;
}

static bool take_column(sp_line *line, const sp_members *row, size_t number, sp_error *err)
{
	const sp_member *member = &row->all[number];
	const char *key = sp_members_name(row, number);
	bool is_raw = !strcmp(key, "__raw"), ok;
	sp_members in = { 0 };
	column *one;

	if (!is_raw && strcmp(key, "__refs") != 0) {
		if ((one = add_column(line, key, member->name_len, err)))
			one->span = member->value;
		return one != NULL;
	}
	ok = sp_members_read(&in, member->value.text, member->value.len, err);
	for (size_t i = 0; ok && i < in.count; i++)
		ok = is_raw ? take_raw(line, &in, i, err) : take_ref(line, in.all[i].value, err);
	sp_members_free(&in);
	return ok;
}

sp_line *sp_line_read(const char *text, size_t len, sp_error *err)
{
	sp_line *line = calloc(1, sizeof *line);
	sp_members row = { 0 };
	bool ok;

	if (!line) {
		sp_fail_memory(err);
		return NULL;
	}
	ok = sp_members_read(&row, text, len, err);
	for (size_t i = 0; ok && i < row.count; i++)
		ok = take_column(line, &row, i, err);
	sp_members_free(&row);
	if (ok)
		return line;
	sp_line_free(line);
	return NULL;
}

void sp_line_free(sp_line *line)
{
	if (!line)
		return;
	for (size_t i = 0; i < line->count; i++) {
		sp_buf_free(&line->columns[i].key);
		sp_buf_free(&line->columns[i].value);
	}
	for (size_t i = 0; i < line->ref_count; i++) {
		sp_buf_free(&line->refs[i].path);
		sp_buf_free(&line->refs[i].own);
	}
	free(line->columns);
	free(line->refs);
	free(line);
}

/* --- columns --- */

static column *find(const sp_line *line, const char *key)
{
	for (size_t i = 0; i < line->count; i++) {
		column *one = &line->columns[i];

		if (!one->gone && !strcmp(sp_buf_text(&one->key), key))
			return one;
	}
	return NULL;
}

static sp_span span_of(const column *one)
{
	return one->anew ? (sp_span){ sp_buf_text(&one->value), one->value.len } : one->span;
}

sp_span sp_line_get(const sp_line *line, const char *key)
{
	const column *one = find(line, key);

	return one ? span_of(one) : (sp_span){ NULL, 0 };
}

void sp_line_text(const sp_line *line, const char *key, sp_buf *to)
{
	sp_span value = sp_line_get(line, key);
	sp_scan scan;

	if (!value.text)
		return;
	sp_scan_begin(&scan, value.text, value.len);
	if (sp_scan_next(&scan) == SP_SCAN_STRING)
		sp_scan_unescape(&scan, to);
}

bool sp_line_is_raw(sp_span value)
{
	sp_scan_token token;
	sp_scan scan;

	sp_scan_begin(&scan, value.text, value.len);
	while ((token = sp_scan_next(&scan)) != SP_SCAN_END && token != SP_SCAN_BAD)
		;
	return scan.beyond_jsonb;
}

bool sp_line_set(sp_line *line, const char *key, sp_span value, sp_error *err)
{
	column *one = find(line, key);
	sp_buf copy = { 0 };

	if (!one && !(one = add_column(line, key, strlen(key), err)))
		return false;
	sp_buf_add(&copy, value.text, value.len);
	sp_buf_free(&one->value);
	one->value = copy;
	one->anew = true;
	return !copy.failed || sp_fail_memory(err);
}

void sp_line_drop(sp_line *line, const char *key)
{
	column *one;

	while ((one = find(line, key)))
		one->gone = true;
}

bool sp_line_rename(sp_line *line, const char *key, const char *to, sp_error *err)
{
	column *one = find(line, key);
	sp_buf from = { 0 }, into = { 0 };
	bool ok;

	if (!one)
		return true;
	sp_buf_reset(&one->key);
	sp_buf_adds(&one->key, to);
	sp_buf_add_pointer(&from, key, strlen(key));
	sp_buf_add_pointer(&into, to, strlen(to));
	ok = one->key.failed || from.failed || into.failed
	         ? sp_fail_memory(err)
	         : sp_line_move_refs(line, from.data, into.data, NULL, err);
	sp_buf_free(&from);
	sp_buf_free(&into);
	return ok;
}

bool sp_line_each(const sp_line *line, sp_line_fn *fn, void *ctx, sp_error *err)
{
	for (size_t i = 0; i < line->count; i++) {
		const column *one = &line->columns[i];

		if (!one->gone && !fn(ctx, sp_buf_text(&one->key), span_of(one), err))
			return false;
	}
	return true;
}

/* --- references --- */

static bool move_ref(ref *one, sp_line *other, const char *from, const char *to, sp_error *err)
{
	ref *moved = other ? add_ref(other, err) : one;
	sp_buf fresh = { 0 };

	if (!moved)
		return false;
	one->gone = other || !to;
	if (!to)
		return true;
	sp_buf_addf(&fresh, "%s%s", to, sp_buf_text(&one->path) + strlen(from));
	if (other) {
		sp_buf_add(&moved->own, one->text.text, one->text.len);
		moved->text = (sp_span){ sp_buf_text(&moved->own), moved->own.len };
	}
	sp_buf_free(&moved->path);
	moved->path = fresh;
	moved->anew = true;
	return (!fresh.failed && !moved->own.failed) || sp_fail_memory(err);
}

bool sp_line_move_refs(sp_line *line, const char *from, const char *to, sp_line *other,
                       sp_error *err)
{
	size_t len = strlen(from);

	for (size_t i = 0; i < line->ref_count; i++) {
		const char *path = sp_buf_text(&line->refs[i].path);

		if (line->refs[i].gone || strncmp(path, from, len) != 0 || (path[len] && path[len] != '/'))
			continue;
		if (!move_ref(&line->refs[i], other, from, to, err))
			return false;
	}
	return true;
}

/* --- writing --- */

static void add_member(sp_buf *to, const char *key, size_t len, bool *first)
{
	sp_buf_adds(to, *first ? "" : ",");
	*first = false;
	sp_buf_add_json(to, key, len);
	sp_buf_addc(to, ':');
}

static void write_columns(const sp_line *line, sp_buf *to, bool *first, sp_buf *raw)
{
	bool first_raw = true;

	for (size_t i = 0; i < line->count; i++) {
		const column *one = &line->columns[i];
		sp_span value = span_of(one);

		if (one->gone)
			continue;
		if (one->anew && sp_line_is_raw(value)) {
			add_member(raw, sp_buf_text(&one->key), one->key.len, &first_raw);
			sp_buf_add_json(raw, value.text, value.len);
		} else {
			add_member(to, sp_buf_text(&one->key), one->key.len, first);
			sp_buf_add(to, value.text, value.len);
		}
	}
}

static bool write_ref(const ref *one, sp_buf *to, sp_error *err)
{
	sp_members members = { 0 };
	bool first = true, ok;

	if (!one->anew) {
		sp_buf_add(to, one->text.text, one->text.len);
		return true;
	}
	ok = sp_members_read(&members, one->text.text, one->text.len, err);
	sp_buf_addc(to, '{');
	for (size_t i = 0; ok && i < members.count; i++) {
		const sp_member *member = &members.all[i];
		const char *name = sp_members_name(&members, i);

		add_member(to, name, member->name_len, &first);
		if (!strcmp(name, "path"))
			sp_buf_add_json(to, sp_buf_text(&one->path), one->path.len);
		else
			sp_buf_add(to, member->value.text, member->value.len);
	}
	sp_buf_addc(to, '}');
	sp_members_free(&members);
	return ok;
}

static bool write_refs(const sp_line *line, sp_buf *to, sp_error *err)
{
	bool first = true;

	for (size_t i = 0; i < line->ref_count; i++) {
		if (line->refs[i].gone)
			continue;
		sp_buf_adds(to, first ? "" : ",");
		first = false;
		if (!write_ref(&line->refs[i], to, err))
			return false;
	}
	return true;
}

static void write_own(sp_buf *to, const char *key, const char *brackets, const sp_buf *of,
                      bool *first)
{
	if (!of->len)
		return;
	add_member(to, key, strlen(key), first);
	sp_buf_addf(to, "%c%s%c", brackets[0], of->data, brackets[1]);
}

bool sp_line_write(const sp_line *line, sp_buf *to, sp_error *err)
{
	sp_buf raw = { 0 }, refs = { 0 };
	bool ok = write_refs(line, &refs, err), first = true;

	sp_buf_addc(to, '{');
	write_columns(line, to, &first, &raw);
	write_own(to, "__raw", "{}", &raw, &first);
	write_own(to, "__refs", "[]", &refs, &first);
	sp_buf_addc(to, '}');
	if (ok && (to->failed || raw.failed || refs.failed))
		ok = sp_fail_memory(err);
	sp_buf_free(&raw);
	sp_buf_free(&refs);
	return ok;
}
