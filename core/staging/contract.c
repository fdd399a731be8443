#include <config.h>

#include "core/staging/contract.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_edit.h"

/* Nobody nests contracts deeper. */
#define MAX_DEPTH 64

static const char contract_key[] = "output_contract",
				  configs_key[] = "field_specific_justification_configs";

/* A member of a config, and what it is called in a property. */
static const struct {
	const char *config, *property;
} words[] = {
	{ "enabled", "include_justification" },
	{ "custom_prompt", "justification_prompt" },
	{ "rigor_level", "justification_rigor_level" },
};
#define WORDS (sizeof words / sizeof *words)

/* --- properties --- */

/* Told of each property: its name, where it stands, and its members. */
typedef bool property_fn(void *ctx, const char *name, const char *pointer, const sp_members *of,
                         sp_error *err);

typedef struct {
	property_fn *fn;
	void *ctx;
	sp_buf pointer;
} visit;

static bool visit_value(visit *v, sp_span value, const char *property, int depth, sp_error *err);

static bool visit_members(visit *v, const sp_members *of, bool are_properties, int depth,
                          sp_error *err)
{
	size_t len = v->pointer.len;

	for (size_t i = 0; i < of->count; i++) {
		const char *name = sp_members_name(of, i);

		if (of->all[i].key.text)
			sp_buf_add_pointer(&v->pointer, name, of->all[i].name_len);
		else
			sp_buf_addf(&v->pointer, "/%zu", i);
		if (v->pointer.failed)
			return sp_fail_memory(err);
		if (!visit_value(v, of->all[i].value, are_properties ? name : NULL, depth + 1, err))
			return false;
		v->pointer.len = len;
		v->pointer.data[len] = '\0';
	}
	return true;
}

static bool is_properties(const visit *v, const char *property)
{
	static const char end[] = "/properties";
	size_t len = v->pointer.len, part = sizeof end - 1;

	return !property && len >= part && !memcmp(v->pointer.data + len - part, end, part);
}

static bool visit_value(visit *v, sp_span value, const char *property, int depth, sp_error *err)
{
	sp_members of = { 0 };
	bool ok = depth >= MAX_DEPTH || sp_members_read(&of, value.text, value.len, err);

	if (ok && property && value.len && *value.text == '{')
		ok = v->fn(v->ctx, property, sp_buf_text(&v->pointer), &of, err);
	ok = ok && visit_members(v, &of, is_properties(v, property), depth, err);
	sp_members_free(&of);
	return ok;
}

static bool each_property(sp_span contract, property_fn *fn, void *ctx, sp_error *err)
{
	visit v = { fn, ctx, { 0 } };
	bool ok = visit_value(&v, contract, NULL, 0, err);

	sp_buf_free(&v.pointer);
	return ok;
}

/* The number of the word that a property has for itself, WORDS where it has none. */
static size_t word_in(const sp_members *property, size_t from)
{
	size_t i;

	for (i = from; i < WORDS; i++) {
		const char *name = words[i].property;

		if (sp_members_find(property, name, strlen(name)) < property->count)
			break;
	}
	return i;
}

/* --- edits --- */

typedef struct {
	sp_json_edit *all;
	char **pointers; /* theirs, owned */
	size_t count, room;
} edits;

static void free_edits(edits *e)
{
	for (size_t i = 0; i < e->count; i++)
		free(e->pointers[i]);
	free(e->pointers);
	free(e->all);
}

static bool add_edit(edits *e, const char *pointer, const char *part, const char *key,
                     sp_span value, sp_error *err)
{
	sp_buf at = { 0 };

	if (e->count == e->room) {
		size_t room = 2 * e->room + 16;
		sp_json_edit *all = realloc(e->all, room * sizeof *all);
		char **pointers;

		e->all = all ? all : e->all;
		pointers = all ? realloc(e->pointers, room * sizeof *pointers) : NULL;
		if (!pointers)
			return sp_fail_memory(err);
		e->pointers = pointers;
		e->room = room;
	}
	sp_buf_adds(&at, pointer);
	if (part)
		sp_buf_add_pointer(&at, part, strlen(part));
	if (at.failed || !(e->pointers[e->count] = sp_buf_take(&at))) {
		sp_buf_free(&at);
		return sp_fail_memory(err);
	}
	e->all[e->count] =
		(sp_json_edit){ .pointer = e->pointers[e->count], .key = key, .value = value };
	e->count++;
	return true;
}

/* --- into the contract --- */

typedef struct {
	const sp_members *configs;
	bool *is_found, *is_said; /* of each config: has a property; which says it by itself */
	sp_members *parts;        /* its members */
	edits edits;
} lifting;

static bool look_at_property(void *ctx, const char *name, const char *pointer, const sp_members *of,
                             sp_error *err)
{
	lifting *l = ctx;
	size_t number = sp_members_find(l->configs, name, strlen(name));

	(void)pointer;
	(void)err;
	if (number < l->configs->count) {
		l->is_found[number] = true;
		l->is_said[number] = l->is_said[number] || word_in(of, 0) < WORDS;
	}
	return true;
}

static bool lift_property(void *ctx, const char *name, const char *pointer, const sp_members *of,
                          sp_error *err)
{
	lifting *l = ctx;
	size_t number = sp_members_find(l->configs, name, strlen(name));
	bool ok = true;

	(void)of;
	if (number == l->configs->count || l->is_said[number])
		return true;
	for (size_t i = 0; ok && i < WORDS; i++) {
		const sp_members *parts = &l->parts[number];
		size_t part = sp_members_find(parts, words[i].config, strlen(words[i].config));

		if (part < parts->count)
			ok = add_edit(&l->edits, pointer, NULL, words[i].property, parts->all[part].value, err);
	}
	return ok;
}

/* Members that have no word there, and configs without a property. */
static int64_t count_lost(const lifting *l)
{
	int64_t lost = 0;

	for (size_t i = 0; i < l->configs->count; i++) {
		size_t known = 0;

		for (size_t j = 0; j < WORDS; j++)
			known += sp_members_find(&l->parts[i], words[j].config, strlen(words[j].config)) <
			         l->parts[i].count;
		lost += !l->is_found[i] || known < l->parts[i].count;
	}
	return lost;
}

static bool lift(lifting *l, sp_span contract, sp_buf *to, sp_error *err)
{
	size_t count = l->configs->count;
	bool ok;

	l->is_found = calloc(count + 1, sizeof *l->is_found);
	l->is_said = calloc(count + 1, sizeof *l->is_said);
	l->parts = calloc(count + 1, sizeof *l->parts);
	ok = l->is_found && l->is_said && l->parts ? true : sp_fail_memory(err);
	for (size_t i = 0; ok && i < count; i++)
		ok = sp_members_read(&l->parts[i], l->configs->all[i].value.text,
		                     l->configs->all[i].value.len, err);
	return ok && each_property(contract, look_at_property, l, err) &&
	       each_property(contract, lift_property, l, err) &&
	       sp_json_edit_text(contract.text, contract.len, l->edits.all, l->edits.count, to, err);
}

/* Appends the contract with the configs in it. */
static bool lift_text(sp_span contract, sp_span configs, sp_buf *to, int64_t *lost, sp_error *err)
{
	sp_members of = { 0 };
	lifting l = { .configs = &of };
	bool ok = sp_members_read(&of, configs.text, configs.len, err) && lift(&l, contract, to, err);

	if (ok)
		*lost += count_lost(&l);
	for (size_t i = 0; l.parts && i < of.count; i++)
		sp_members_free(&l.parts[i]);
	free(l.parts);
	free(l.is_found);
	free(l.is_said);
	free_edits(&l.edits);
	sp_members_free(&of);
	return ok;
}

bool sp_contract_lift(sp_line *schema, int64_t *lost, sp_error *err)
{
	sp_span contract = sp_line_get(schema, contract_key),
			configs = sp_line_get(schema, configs_key);
	sp_buf to = { 0 };
	bool ok = true;

	if (!configs.text)
		return true;
	if (!contract.text)
		contract = (sp_span){ "null", 4 };
	ok = lift_text(contract, configs, &to, lost, err);
	if (ok && sp_line_get(schema, contract_key).text)
		ok = sp_line_set(schema, contract_key, (sp_span){ sp_buf_text(&to), to.len }, err);
	sp_line_drop(schema, configs_key);
	sp_buf_free(&to);
	return ok;
}

/* --- out of it --- */

/* What the properties of a name say; the first counts. */
typedef struct {
	char *name;
	sp_buf config;
	size_t number;
} config;

typedef struct {
	config *all;
	size_t count, room;
	edits edits;
} lowering;

static int compare_configs(const void *a, const void *b)
{
	const config *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	return order ? order : one->number < other->number ? -1 : 1;
}

static int compare_numbers(const void *a, const void *b)
{
	const config *one = a, *other = b;

	return one->number < other->number ? -1 : one->number > other->number;
}

static config *add_config(lowering *l, const char *name, sp_error *err)
{
	if (l->count == l->room) {
		size_t room = 2 * l->room + 16;
		config *more = realloc(l->all, room * sizeof *more);

		if (!more) {
			sp_fail_memory(err);
			return NULL;
		}
		l->all = more;
		l->room = room;
	}
	l->all[l->count] = (config){ .name = strdup(name), .number = l->count };
	if (l->all[l->count].name)
		return &l->all[l->count++];
	sp_fail_memory(err);
	return NULL;
}

/* {"enabled": …} */
static bool lower_property(void *ctx, const char *name, const char *pointer, const sp_members *of,
                           sp_error *err)
{
	lowering *l = ctx;
	config *one;

	if (word_in(of, 0) == WORDS)
		return true;
	if (!(one = add_config(l, name, err)))
		return false;
	for (size_t i = word_in(of, 0); i < WORDS; i = word_in(of, i + 1)) {
		const char *word = words[i].property;
		sp_span value = of->all[sp_members_find(of, word, strlen(word))].value;

		sp_buf_addf(&one->config, "%s\"%s\":", one->config.len ? "," : "", words[i].config);
		sp_buf_add(&one->config, value.text, value.len);
		if (!add_edit(&l->edits, pointer, word, NULL, (sp_span){ NULL, 0 }, err))
			return false;
	}
	return true;
}

/* One for each name, in the order of the properties. */
static void write_configs(lowering *l, sp_buf *to)
{
	size_t kept = 0;

	if (l->count)
		qsort(l->all, l->count, sizeof *l->all, compare_configs);
	for (size_t i = 0; i < l->count; i++) {
		config one = l->all[i];

		if (kept && !strcmp(l->all[kept - 1].name, one.name)) {
			free(one.name);
			sp_buf_free(&one.config);
		} else {
			l->all[kept++] = one;
		}
	}
	l->count = kept;
	if (l->count)
		qsort(l->all, l->count, sizeof *l->all, compare_numbers);
	sp_buf_addc(to, '{');
	for (size_t i = 0; i < l->count; i++) {
		sp_buf_adds(to, i ? "," : "");
		sp_buf_add_json(to, l->all[i].name, strlen(l->all[i].name));
		sp_buf_addf(to, ":{%s}", sp_buf_text(&l->all[i].config));
		to->failed = to->failed || l->all[i].config.failed;
	}
	sp_buf_addc(to, '}');
}

static bool lower(lowering *l, sp_line *schema, sp_span contract, sp_error *err)
{
	sp_buf without = { 0 }, again = { 0 }, configs = { 0 };
	sp_span fresh;
	int64_t lost = 0;
	bool ok;

	write_configs(l, &configs);
	fresh = (sp_span){ sp_buf_text(&configs), configs.len };
	ok = configs.failed ? sp_fail_memory(err)
	                    : sp_json_edit_text(contract.text, contract.len, l->edits.all,
	                                        l->edits.count, &without, err) &&
	                          lift_text((sp_span){ sp_buf_text(&without), without.len }, fresh,
	                                    &again, &lost, err) &&
	                          sp_line_set(schema, configs_key, fresh, err);
	if (ok && !lost && again.len == contract.len && !memcmp(again.data, contract.text, again.len))
		ok = sp_line_set(schema, contract_key, (sp_span){ without.data, without.len }, err);
	sp_buf_free(&without);
	sp_buf_free(&again);
	sp_buf_free(&configs);
	return ok;
}

bool sp_contract_lower(sp_line *schema, sp_error *err)
{
	sp_span contract = sp_line_get(schema, contract_key);
	lowering l = { .count = 0 };
	bool ok;

	if (!contract.text)
		return true;
	ok = each_property(contract, lower_property, &l, err) && lower(&l, schema, contract, err);
	free_edits(&l.edits);
	for (size_t i = 0; i < l.count; i++) {
		free(l.all[i].name);
		sp_buf_free(&l.all[i].config);
	}
	free(l.all);
	return ok;
}
