#include <config.h>

#include "core/staging/justified.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_edit.h"

#define TRACE  "_thinking_trace"
#define SUFFIX "_justification"

/* A row, and the member that it becomes. */
typedef struct {
	sp_line *line;
	sp_buf field, pointer, key, value;
	size_t number;
	long item; /* of a list, -1: it is about the field as a whole */
	bool done;
} folding;

/* --- where it belongs --- */

/* How much of "actors[0]" is the name. Indexes are looked for from behind, for a name may have
 * brackets of its own. */
static size_t name_len(const char *part, size_t len)
{
	while (len > 2 && part[len - 1] == ']') {
		size_t from = len - 1;

		while (from && isdigit((unsigned char)part[from - 1]))
			from--;
		if (from == len - 1 || !from || part[from - 1] != '[')
			break;
		len = from - 1;
	}
	return len;
}

/* "actors[0]" as "/actors/0". */
static void add_part(sp_buf *pointer, const char *part, size_t len)
{
	size_t at = name_len(part, len);

	/* a value may be a list itself */
	if (at)
		sp_buf_add_pointer(pointer, part, at);
	for (; at < len; at++) {
		if (part[at] == '[')
			sp_buf_addc(pointer, '/');
		else if (part[at] != ']')
			sp_buf_addc(pointer, part[at]);
	}
}

/* "document.actors" as "/document/actors" */
static void add_field(sp_buf *pointer, const char *field)
{
	const char *dot;

	for (; (dot = strchr(field, '.')); field = dot + 1)
		add_part(pointer, field, (size_t)(dot - field));
	add_part(pointer, field, strlen(field));
}

/* Where the field's name says; `beside`: among the value's own fields, under its whole name. */
static void find_place(folding *f, bool beside)
{
	const char *part = sp_buf_text(&f->field), *dot;

	sp_buf_reset(&f->pointer);
	sp_buf_reset(&f->key);
	if (!beside && f->item >= 0) {
		add_field(&f->pointer, part);
		sp_buf_addf(&f->pointer, "/%ld", f->item);
		sp_buf_adds(&f->key, "justification");
		return;
	}
	while (!beside && (dot = strchr(part, '.'))) {
		add_part(&f->pointer, part, (size_t)(dot - part));
		part = dot + 1;
	}
	if (!beside && name_len(part, strlen(part)) < strlen(part)) {
		add_part(&f->pointer, part, strlen(part));
		sp_buf_adds(&f->key, "justification");
	} else {
		sp_buf_addf(&f->key, "%s%s", part, strcmp(part, TRACE) != 0 ? SUFFIX : "");
	}
}

/* --- lists --- */

/* Of a list of objects older generations have a row for each item, in their order, under the
 * name of the field. */
typedef struct {
	sp_span value;
	sp_buf parent; /* the field that was looked into last */
	bool is_read;
	sp_members of;
} lists;

static void free_lists(lists *l)
{
	sp_buf_free(&l->parent);
	sp_members_free(&l->of);
}

/* The members of what a field's name begins with, up to its last dot. */
static bool read_parent(lists *l, const char *field, size_t len, sp_error *err)
{
	sp_span at = l->value;
	const char *dot;
	size_t from = 0;

	if (l->is_read && l->parent.len == len && !memcmp(sp_buf_text(&l->parent), field, len))
		return true;
	sp_buf_reset(&l->parent);
	sp_buf_add(&l->parent, field, len);
	l->is_read = true;
	sp_members_free(&l->of);
	if (l->parent.failed || !sp_members_read(&l->of, at.text, at.len, err))
		return l->parent.failed ? sp_fail_memory(err) : false;
	for (; from < len; from = (size_t)(dot - field) + 1) {
		size_t number;

		dot = memchr(field + from, '.', len - from);
		dot = dot ? dot : field + len;
		number = sp_members_find(&l->of, field + from, (size_t)(dot - field) - from);
		at = number < l->of.count ? l->of.all[number].value : (sp_span){ "", 0 };
		sp_members_free(&l->of);
		if (!sp_members_read(&l->of, at.text, at.len, err))
			return false;
	}
	return true;
}

/* How many items the list of a field has; 0 where it is no list of nothing but objects. */
static bool count_items(lists *l, const char *field, size_t *count, sp_error *err)
{
	const char *dot = strrchr(field, '.');
	size_t before = dot ? (size_t)(dot - field) : 0, number;
	const char *last = dot ? dot + 1 : field;
	sp_members items = { 0 };
	bool ok = read_parent(l, field, before, err);

	*count = 0;
	number = ok ? sp_members_find(&l->of, last, strlen(last)) : 0;
	if (!ok || number == l->of.count || *l->of.all[number].value.text != '[')
		return ok;
	ok = sp_members_read(&items, l->of.all[number].value.text, l->of.all[number].value.len, err);
	for (size_t i = 0; ok && i < items.count; i++) {
		if (*items.all[i].value.text != '{')
			items.count = 0;
	}
	*count = items.count;
	sp_members_free(&items);
	return ok;
}

/* --- what it becomes --- */

typedef struct {
	folding *f;
	sp_span written; /* when the annotation was, which needn't be said again */
	bool first;
} members;

static void add_member(folding *f, const char *name, size_t len, sp_span value, bool *first)
{
	sp_buf_adds(&f->value, *first ? "" : ",");
	*first = false;
	sp_buf_add_json(&f->value, name, len);
	sp_buf_addc(&f->value, ':');
	sp_buf_add(&f->value, value.text, value.len);
}

static bool is_same(sp_span one, sp_span other)
{
	return one.text && other.text && one.len == other.len && !memcmp(one.text, other.text, one.len);
}

static bool is_own(const char *key)
{
	return !strcmp(key, "id") || !strcmp(key, "annotation_id") || !strcmp(key, "field_name") ||
	       !strcmp(key, "evidence_payload") || !strncmp(key, "__", 2);
}

static bool take_column(void *ctx, const char *key, sp_span value, sp_error *err)
{
	members *m = ctx;

	(void)err;
	if (!is_own(key) && !(!strcmp(key, "created_at") && is_same(value, m->written)))
		add_member(m->f, key, strlen(key), value, &m->first);
	return true;
}

/* Whether its members can stand among those of the row, and be told from them. */
static bool is_flat(const folding *f, const sp_members *evidence)
{
	for (size_t i = 0; i < evidence->count; i++) {
		const char *name = sp_members_name(evidence, i);

		if (!evidence->all[i].key.text || strlen(name) != evidence->all[i].name_len ||
		    is_own(name) || !strcmp(name, "reasoning") || !strcmp(name, "model_name") ||
		    !strcmp(name, "score") || !strcmp(name, "created_at") ||
		    sp_line_get(f->line, name).text)
			return false;
	}
	return evidence->count > 0;
}

static bool add_evidence(members *m, bool jsonb, int64_t *lost, sp_error *err)
{
	sp_span evidence = sp_line_get(m->f->line, "evidence_payload");
	sp_members in = { 0 };
	bool ok = true;

	if (evidence.text && jsonb && sp_line_is_raw(evidence)) {
		evidence.text = NULL;
		++*lost;
	}
	if (evidence.text)
		ok = sp_members_read(&in, evidence.text, evidence.len, err);
	if (ok && is_flat(m->f, &in)) {
		for (size_t i = 0; i < in.count; i++)
			add_member(m->f, sp_members_name(&in, i), in.all[i].name_len, in.all[i].value,
			           &m->first);
	} else if (ok && evidence.text) {
		add_member(m->f, "evidence_payload", strlen("evidence_payload"), evidence, &m->first);
	}
	sp_members_free(&in);
	return ok;
}

static bool begin_one(folding *f, const sp_line *annotation, bool jsonb, int64_t *lost,
                      sp_error *err)
{
	members m = { f, sp_line_get(annotation, "created_at"), true };

	sp_line_text(f->line, "field_name", &f->field);
	sp_buf_addc(&f->value, '{');
	if (!sp_line_each(f->line, take_column, &m, err) || !add_evidence(&m, jsonb, lost, err))
		return false;
	sp_buf_addc(&f->value, '}');
	return (!f->field.failed && !f->value.failed) || sp_fail_memory(err);
}

/* --- into the value --- */

static int compare_places(const void *a, const void *b)
{
	const folding *one = *(folding *const *)a, *other = *(folding *const *)b;
	int order = strcmp(sp_buf_text(&one->pointer), sp_buf_text(&other->pointer));

	if (!order)
		order = strcmp(sp_buf_text(&one->key), sp_buf_text(&other->key));
	return order ? order : one->number < other->number ? -1 : 1;
}

/* Where a place is looked for, one after the other: beside the field; beside all fields; there, by
 * the row's id. */
enum { AT_FIELD, BESIDE, BY_ID, TRIES };

static bool find_places(folding **left, size_t count, int round, sp_error *err)
{
	for (size_t i = 0; i < count; i++) {
		folding *one = left[i];

		find_place(one, round > AT_FIELD);
		if (round == BY_ID) {
			sp_buf_addc(&one->key, '_');
			sp_line_text(one->line, "id", &one->key);
		}
		if (one->pointer.failed || one->key.failed)
			return sp_fail_memory(err);
	}
	qsort(left, count, sizeof *left, compare_places);
	return true;
}

/* Of several for one place the first; the others wait. Returns how many. */
static size_t choose(folding **left, size_t count, sp_json_edit *edits, folding **chosen)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		const char *pointer = sp_buf_text(&left[i]->pointer), *key = sp_buf_text(&left[i]->key);

		if (found && !strcmp(edits[found - 1].pointer, pointer) &&
		    !strcmp(edits[found - 1].key, key))
			continue;
		edits[found] = (sp_json_edit){ .pointer = pointer,
			                           .key = key,
			                           .value = { left[i]->value.data, left[i]->value.len } };
		chosen[found++] = left[i];
	}
	return found;
}

/* Edits stay in the order of their places. */
static bool take_done(sp_line *annotation, const sp_json_edit *edits, folding **chosen,
                      size_t count, sp_error *err)
{
	sp_buf at = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		if (!(chosen[i]->done = edits[i].done))
			continue;
		sp_buf_reset(&at);
		sp_buf_addf(&at, "/value%s", edits[i].pointer);
		sp_buf_add_pointer(&at, edits[i].key, strlen(edits[i].key));
		ok = at.failed ? sp_fail_memory(err)
		               : sp_line_move_refs(chosen[i]->line, "/evidence_payload", at.data,
		                                   annotation, err);
	}
	sp_buf_free(&at);
	return ok;
}

static bool put_some(sp_line *annotation, folding **left, size_t count, sp_error *err)
{
	sp_json_edit *edits = calloc(count, sizeof *edits);
	folding **chosen = calloc(count, sizeof *chosen);
	sp_span value = sp_line_get(annotation, "value");
	sp_buf to = { 0 };
	size_t found;
	bool ok = edits && chosen ? true : sp_fail_memory(err);

	if (!value.text || is_same(value, (sp_span){ "null", 4 }))
		value = (sp_span){ "{}", 2 };
	found = ok ? choose(left, count, edits, chosen) : 0;
	ok = ok && sp_json_edit_text(value.text, value.len, edits, found, &to, err) &&
	     sp_line_set(annotation, "value", (sp_span){ sp_buf_text(&to), to.len }, err) &&
	     take_done(annotation, edits, chosen, found, err);
	sp_buf_free(&to);
	free(edits);
	free(chosen);
	return ok;
}

static int compare_fields(const void *a, const void *b)
{
	const folding *one = *(folding *const *)a, *other = *(folding *const *)b;
	int order = strcmp(sp_buf_text(&one->field), sp_buf_text(&other->field));

	return order ? order : one->number < other->number ? -1 : 1;
}

/* Where a list has as many rows as items, each is about its item. */
static bool find_items(const sp_line *annotation, folding **all, size_t count, sp_error *err)
{
	lists l = { .value = sp_line_get(annotation, "value") };
	bool ok = true;

	if (!l.value.text)
		return true;
	qsort(all, count, sizeof *all, compare_fields);
	for (size_t first = 0, next; ok && first < count; first = next) {
		const char *field = sp_buf_text(&all[first]->field);
		size_t items;

		for (next = first + 1; next < count && !strcmp(sp_buf_text(&all[next]->field), field);)
			next++;
		ok = count_items(&l, field, &items, err);
		for (size_t i = first; ok && items == next - first && i < next; i++)
			all[i]->item = (long)(i - first);
	}
	free_lists(&l);
	return ok;
}

static bool put_all(sp_line *annotation, folding *all, size_t count, int64_t *lost, sp_error *err)
{
	folding **left = calloc(count + 1, sizeof *left);
	size_t rest = 0;
	bool ok = left ? true : sp_fail_memory(err);

	/* what was read from the value stands there */
	for (size_t i = 0; ok && i < count; i++) {
		if (!sp_line_get(all[i].line, "__inline").text)
			left[rest++] = &all[i];
	}
	count = rest;
	ok = ok && find_items(annotation, left, count, err);
	for (int round = AT_FIELD; ok && rest && round < TRIES; round++) {
		size_t kept = 0;

		ok = find_places(left, rest, round, err) && put_some(annotation, left, rest, err);
		for (size_t i = 0; ok && i < rest; i++) {
			if (!left[i]->done)
				left[kept++] = left[i];
		}
		rest = kept;
	}
	*lost += (int64_t)rest;
	free(left);
	return ok;
}

bool sp_justified_fold(sp_line *annotation, sp_line *const *rows, size_t count, bool jsonb,
                       int64_t *lost, sp_error *err)
{
	folding *all = calloc(count + 1, sizeof *all);
	bool ok = all ? true : sp_fail_memory(err);

	for (size_t i = 0; ok && i < count; i++) {
		all[i].line = rows[i];
		all[i].number = i;
		all[i].item = -1;
		ok = begin_one(&all[i], annotation, jsonb, lost, err);
	}
	ok = ok && put_all(annotation, all, count, lost, err);
	for (size_t i = 0; all && i < count; i++) {
		sp_buf_free(&all[i].field);
		sp_buf_free(&all[i].pointer);
		sp_buf_free(&all[i].key);
		sp_buf_free(&all[i].value);
	}
	free(all);
	return ok;
}

/* --- out of the value --- */

/* What had no other way to stand among the members. */
static bool unwrap_evidence(sp_line *row, sp_error *err)
{
	sp_span evidence = sp_line_get(row, "evidence_payload");
	sp_members in = { 0 };
	sp_buf inner = { 0 };
	bool ok = true;

	if (!evidence.text)
		return true;
	ok = sp_members_read(&in, evidence.text, evidence.len, err);
	if (ok && in.count == 1 && sp_members_find(&in, "evidence_payload", 16) == 0) {
		/* a copy, for it stands in what it takes the place of */
		sp_buf_add(&inner, in.all[0].value.text, in.all[0].value.len);
		ok = inner.failed
		         ? sp_fail_memory(err)
		         : sp_line_set(row, "evidence_payload", (sp_span){ inner.data, inner.len }, err) &&
		               sp_line_move_refs(row, "/evidence_payload/evidence_payload",
		                                 "/evidence_payload", NULL, err);
	}
	sp_buf_free(&inner);
	sp_members_free(&in);
	return ok;
}

static bool take_row(sp_line *annotation, sp_line *row, const char *inside, sp_error *err)
{
	sp_span written = sp_line_get(annotation, "created_at");

	if (!sp_line_move_refs(annotation, inside, "/evidence_payload", row, err) ||
	    !unwrap_evidence(row, err))
		return false;
	return sp_line_get(row, "created_at").text || !written.text ||
	       sp_line_set(row, "created_at", written, err);
}

/* The name of the field of a list without the index of an item; 0: it is no item's. */
static size_t list_len(const char *field)
{
	size_t len = strlen(field), at = len;

	if (len < 4 || field[len - 1] != ']')
		return 0;
	for (at = len - 1; at && isdigit((unsigned char)field[at - 1]); at--)
		;
	return at > 1 && at < len - 1 && field[at - 1] == '[' ? at - 1 : 0;
}

static bool name_list(sp_line *const *rows, size_t first, size_t next, const char *field,
                      sp_error *err)
{
	sp_buf name = { 0 };
	bool ok;

	sp_buf_add_json(&name, field, strlen(field));
	ok = !name.failed || sp_fail_memory(err);
	for (size_t i = first; ok && i < next; i++)
		ok = sp_line_set(rows[i], "field_name", (sp_span){ name.data, name.len }, err);
	sp_buf_free(&name);
	return ok;
}

/* The name of the field of a row's list in `name`, empty where it is no item of one. */
static bool read_list(const sp_line *row, sp_buf *name, sp_error *err)
{
	sp_buf_reset(name);
	sp_line_text(row, "field_name", name);
	if (name->failed)
		return sp_fail_memory(err);
	if (name->len) {
		name->len = list_len(name->data);
		name->data[name->len] = '\0';
	}
	return true;
}

/* Rows for all items of a list are called as the field is. They come in the order of items. */
static bool name_lists(sp_span value, sp_line *const *rows, size_t count, sp_error *err)
{
	lists l = { .value = value };
	sp_buf one = { 0 }, other = { 0 };
	bool ok = true;

	for (size_t first = 0, next; ok && first < count; first = next) {
		size_t items = 0;

		next = first + 1;
		ok = read_list(rows[first], &one, err);
		if (!ok || !one.len)
			continue;
		for (; next < count && (ok = read_list(rows[next], &other, err)); next++) {
			if (strcmp(one.data, sp_buf_text(&other)) != 0)
				break;
		}
		ok = ok && count_items(&l, one.data, &items, err);
		if (ok && items == next - first)
			ok = name_list(rows, first, next, one.data, err);
	}
	free_lists(&l);
	sp_buf_free(&one);
	sp_buf_free(&other);
	return ok;
}

bool sp_justified_unfold(sp_line *annotation, sp_line *const *rows, size_t count, sp_error *err)
{
	static const char column[] = "/value";
	sp_json_edit *edits = calloc(count + 1, sizeof *edits);
	sp_buf *places = calloc(count + 1, sizeof *places), to = { 0 };
	sp_span value = sp_line_get(annotation, "value");
	bool ok = edits && places ? true : sp_fail_memory(err);
	size_t found = 0;

	for (size_t i = 0; ok && i < count; i++) {
		sp_line_text(rows[i], "__inline", &places[i]);
		ok = !places[i].failed || sp_fail_memory(err);
		if (!ok || strncmp(sp_buf_text(&places[i]), column, sizeof column - 1) != 0)
			continue;
		edits[found++].pointer = places[i].data + sizeof column - 1;
		ok = take_row(annotation, rows[i], places[i].data, err);
	}
	ok = ok && (!value.text || name_lists(value, rows, count, err));
	if (ok && value.text && found)
		ok = sp_json_edit_text(value.text, value.len, edits, found, &to, err) &&
		     sp_line_set(annotation, "value", (sp_span){ sp_buf_text(&to), to.len }, err);
	for (size_t i = 0; places && i < count; i++)
		sp_buf_free(&places[i]);
	free(places);
	free(edits);
	sp_buf_free(&to);
	return ok;
}
