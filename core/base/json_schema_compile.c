#include <config.h>

#include "core/base/json_schema_compile.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"

/* Bits of sp_json_schema_state's required keys. */
#define MOST_REQUIRED 64
/* A schema whose states multiply beyond this isn't meant for tables. */
#define MOST_STATES 1000

/*
 * A value must fit all schemas that lead to it: by $ref, and by properties of
 * several that hold for one object. So a state stands for a set of schemas,
 * as when a finite automaton is made deterministic; it is kept as their sorted
 * numbers, ints one after the other. Schemas that allow anything are in no set:
 * the empty set is SP_JSON_SCHEMA_ANYTHING.
 */
typedef sp_buf node_set;

struct sp_json_schema_table {
	sp_json_schema schema;
	sp_json_schema_state *states;
	node_set *sets; /* of each state */
	int count;

	const sp_json *document;
	sp_buf nodes; /* pointers to every schema in it: the first has the number 0 */
	sp_buf kept;  /* pointers to what the table is made of */
};

typedef sp_json_schema_table compiler;

static int node_count(const compiler *c)
{
	return (int)(c->nodes.len / sizeof(const sp_json *));
}

static const sp_json *node_of(const compiler *c, int number)
{
	const sp_json *node;

	memcpy(&node, c->nodes.data + (size_t)number * sizeof node, sizeof node);
	return node;
}

/* -1: it isn't a schema of the document. */
static int number_of(const compiler *c, const sp_json *node)
{
	int number = node_count(c) - 1;

	while (number >= 0 && node_of(c, number) != node)
		number--;
	return number;
}

static size_t size_of(const node_set *set)
{
	return set->len / sizeof(int);
}

static int number_at(const node_set *set, size_t i)
{
	int number;

	memcpy(&number, set->data + i * sizeof number, sizeof number);
	return number;
}

static const sp_json *node_at(const compiler *c, const node_set *set, size_t i)
{
	return node_of(c, number_at(set, i));
}

static bool has_number(const node_set *set, int number)
{
	size_t i;

	for (i = 0; i < size_of(set); i++) {
		if (number_at(set, i) == number)
			return true;
	}
	return false;
}

/* --- is it a schema of the subset? --- */

static bool refuse(const char *what, const char *detail, sp_error *err)
{
	return sp_fail(err, SP_USAGE, NULL, "%s: \"%s\"", what, detail);
}

static bool is_text(const sp_json *value)
{
	return sp_json_kind_of(value) == SP_JSON_IS_TEXT;
}

/* U+FFFD is what a check sees for what a C string can't hold. */
static bool fits(const char *text)
{
	return strlen(text) <= SP_JSON_SCHEMA_TEXT && !strstr(text, "\xef\xbf\xbd");
}

static bool check_schema(compiler *c, const sp_json *schema, sp_error *err);

static bool check_members(compiler *c, const sp_json *object, sp_error *err)
{
	const sp_json *member;

	if (sp_json_kind_of(object) != SP_JSON_IS_OBJECT)
		return refuse("not an object", sp_json_key(object), err);
	for (member = sp_json_first(object); member; member = sp_json_next(member)) {
		if (!check_schema(c, member, err))
			return false;
	}
	return true;
}

static bool check_properties(compiler *c, const sp_json *value, sp_error *err)
{
	const sp_json *member;

	for (member = sp_json_first(value); member; member = sp_json_next(member)) {
		if (!fits(sp_json_key(member)))
			return refuse("too long a name", sp_json_key(member), err);
	}
	return check_members(c, value, err);
}

static unsigned type_named(const char *name)
{
	static const struct {
		const char *name;
		unsigned type;
	} types[] = {
		{ "null", SP_JSON_NULL },       { "boolean", SP_JSON_BOOLEAN },
		{ "integer", SP_JSON_INTEGER }, { "number", SP_JSON_INTEGER | SP_JSON_FRACTION },
		{ "string", SP_JSON_STRING },   { "array", SP_JSON_ARRAY },
		{ "object", SP_JSON_OBJECT },
	};
	size_t i;

	for (i = 0; name && i < sizeof types / sizeof *types; i++) {
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	}
	return 0;
}

/* 0: not what "type" may have. */
static unsigned types_of(const sp_json *value)
{
	const sp_json *item;
	unsigned types = 0, type;

	if (is_text(value))
		return type_named(sp_json_value_text(value));
	for (item = sp_json_first(value); item; item = sp_json_next(item)) {
		type = type_named(sp_json_value_text(item));
		if (!type)
			return 0;
		types |= type;
	}
	return types;
}

static bool check_type(compiler *c, const sp_json *value, sp_error *err)
{
	(void)c;
	return types_of(value) || refuse("not a type", sp_json_key(value), err);
}

static bool check_required(compiler *c, const sp_json *value, sp_error *err)
{
	const sp_json *item;

	(void)c;
	if (sp_json_kind_of(value) != SP_JSON_IS_ARRAY)
		return refuse("not an array", sp_json_key(value), err);
	for (item = sp_json_first(value); item; item = sp_json_next(item)) {
		if (!is_text(item) || !fits(sp_json_value_text(item)))
			return refuse("not a list of names", sp_json_key(value), err);
	}
	return true;
}

/* Whether it is spelt as an integer that 64 bits hold. */
static bool is_plain_integer(const char *text)
{
	size_t len = strspn(text + (*text == '-'), "0123456789");

	return len > 0 && len < 18 && !text[(*text == '-') + len];
}

static bool check_enum(compiler *c, const sp_json *value, sp_error *err)
{
	const sp_json *item = sp_json_first(value);
	sp_buf text = { 0 };
	bool ok = item && sp_json_kind_of(value) == SP_JSON_IS_ARRAY;

	(void)c;
	for (; ok && item; item = sp_json_next(item)) {
		sp_json_kind kind = sp_json_kind_of(item);

		sp_buf_reset(&text);
		ok = kind < SP_JSON_IS_ARRAY && sp_json_print(item, false, &text) &&
		     (kind != SP_JSON_IS_TEXT || fits(sp_json_value_text(item))) &&
		     (kind != SP_JSON_IS_NUMBER || is_plain_integer(text.data));
	}
	if (text.failed)
		sp_fail_memory(err);
	sp_buf_free(&text);
	return ok || refuse("not a list of texts, integers, true, false and null", "enum", err);
}

static bool check_text(compiler *c, const sp_json *value, sp_error *err)
{
	(void)c;
	return is_text(value) || refuse("not a text", sp_json_key(value), err);
}

static bool check_draft(compiler *c, const sp_json *value, sp_error *err)
{
	(void)c;
	return (is_text(value) && strcmp(sp_json_value_text(value), DRAFT) == 0) ||
	       refuse("not the draft that is known", "$schema", err);
}

/* A $ref is relative to it: only the document has one. */
static bool check_id(compiler *c, const sp_json *value, sp_error *err)
{
	return sp_json_get(c->document, "$id") == value ||
	       refuse("only the whole may have it", "$id", err);
}

static bool check_anything(compiler *c, const sp_json *value, sp_error *err)
{
	(void)c;
	(void)value;
	(void)err;
	return true;
}

/* All that may stand in a schema; the first ones assert. */
static const struct {
	const char *name;
	bool (*check)(compiler *c, const sp_json *value, sp_error *err);
	bool asserts;
} keywords[] = {
	{ "type", check_type, true },
	{ "required", check_required, true },
	{ "properties", check_properties, true },
	{ "additionalProperties", check_schema, true },
	{ "items", check_schema, true },
	{ "enum", check_enum, true },
	{ "$ref", check_text, false },
	{ "$defs", check_members, false },
	{ "$schema", check_draft, false },
	{ "$id", check_id, false },
	{ "$comment", check_text, false },
	{ "title", check_text, false },
	{ "description", check_text, false },
	{ "examples", check_anything, false },
	/* in this draft nothing depends on it, unless a program is asked to */
	{ "format", check_text, false },
};

#define KEYWORDS (sizeof keywords / sizeof *keywords)

static bool check_keyword(compiler *c, const sp_json *member, sp_error *err)
{
	size_t i;

	for (i = 0; i < KEYWORDS; i++) {
		if (strcmp(keywords[i].name, sp_json_key(member)) == 0)
			return keywords[i].check(c, member, err);
	}
	return refuse("a keyword that isn't known", sp_json_key(member), err);
}

static bool check_schema(compiler *c, const sp_json *schema, sp_error *err)
{
	const sp_json *member;

	sp_buf_add(&c->nodes, &schema, sizeof schema);
	if (c->nodes.failed)
		return sp_fail_memory(err);
	if (sp_json_kind_of(schema) == SP_JSON_IS_TRUE || sp_json_kind_of(schema) == SP_JSON_IS_FALSE)
		return true;
	if (sp_json_kind_of(schema) != SP_JSON_IS_OBJECT)
		return refuse("not a schema", sp_json_key(schema) ? sp_json_key(schema) : "", err);
	for (member = sp_json_first(schema); member; member = sp_json_next(member)) {
		if (!check_keyword(c, member, err)) {
			sp_error_before(err, "%s/", sp_json_key(schema) ? sp_json_key(schema) : "");
			return false;
		}
	}
	return true;
}

/* --- sets of schemas --- */

static int hex_value(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c | 0x20);

	return at ? (int)(at - digits) : -1;
}

/* A part of a fragment that is a JSON Pointer: %25 and ~0, ~1 are undone. */
static void decode(const char *part, size_t len, sp_buf *to)
{
	size_t i;

	sp_buf_reset(to);
	for (i = 0; i < len; i++) {
		char byte = part[i];

		if (byte == '%' && i + 2 < len && hex_value(part[i + 1]) >= 0 &&
		    hex_value(part[i + 2]) >= 0) {
			byte = (char)(hex_value(part[i + 1]) << 4 | hex_value(part[i + 2]));
			i += 2;
		} else if (byte == '~' && i + 1 < len) {
			byte = part[++i] == '1' ? '/' : '~';
		}
		sp_buf_addc(to, byte);
	}
}

/* The number of what a $ref names; -1 and an error where that is no schema of
 * the document. */
static int resolve(compiler *c, const char *ref, sp_error *err)
{
	const sp_json *at = *ref == '#' && (!ref[1] || ref[1] == '/') ? c->document : NULL;
	const char *part = at ? ref + 1 : "";
	sp_buf name = { 0 };
	size_t len;
	int number;

	for (; at && *part; part += len) {
		len = strcspn(++part, "/");
		decode(part, len, &name);
		at = sp_json_get(at, sp_buf_text(&name));
	}
	if (name.failed)
		sp_fail_memory(err);
	sp_buf_free(&name);
	number = at ? number_of(c, at) : -1;
	if (number < 0)
		refuse("names no schema here", ref, err);
	return number;
}

static bool asserts(const sp_json *schema)
{
	size_t i;

	if (sp_json_kind_of(schema) == SP_JSON_IS_FALSE)
		return true;
	for (i = 0; i < KEYWORDS; i++) {
		if (keywords[i].asserts && sp_json_get(schema, keywords[i].name))
			return true;
	}
	return false;
}

/* Adds the schema of this number, and all that it refers to. */
static bool add_node(compiler *c, node_set *set, int number, sp_error *err)
{
	int steps = node_count(c);
	const char *ref;

	for (; number >= 0 && steps; steps--) {
		if (asserts(node_of(c, number)) && !has_number(set, number))
			sp_buf_add(set, &number, sizeof number);
		ref = sp_json_text(node_of(c, number), "$ref");
		if (!ref)
			return !set->failed || sp_fail_memory(err);
		number = resolve(c, ref, err);
	}
	return number >= 0 ? refuse("refers to itself", "$ref", err) : false;
}

static int compare_numbers(const void *a, const void *b)
{
	int x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

/* The state of a set, which it takes over; -1 and an error. */
static int state_of(compiler *c, node_set *set, sp_error *err)
{
	size_t count = size_of(set);
	sp_json_schema_state *states;
	node_set *sets;
	int i;

	if (count > 1)
		qsort(set->data, count, sizeof(int), compare_numbers);
	for (i = 0; i < c->count; i++) {
		if (c->sets[i].len == set->len && (!count || !memcmp(c->sets[i].data, set->data, set->len)))
			break;
	}
	if (i < c->count || set->failed || c->count == MOST_STATES) {
		if (i == c->count)
			set->failed ? sp_fail_memory(err) : refuse("too many states", "", err);
		sp_buf_free(set);
		return sp_error_is_set(err) ? -1 : i;
	}
	states = reallocarray(c->states, (size_t)c->count + 1, sizeof *states);
	c->states = states ? states : c->states;
	sets = states ? reallocarray(c->sets, (size_t)c->count + 1, sizeof *sets) : NULL;
	c->sets = sets ? sets : c->sets;
	if (!sets) {
		sp_buf_free(set);
		sp_fail_memory(err);
		return -1;
	}
	c->states[c->count] = (sp_json_schema_state){ .types = SP_JSON_TYPES };
	c->sets[c->count] = *set;
	return c->count++;
}

/* --- a state --- */

static sp_json_number value_of(const char *text)
{
	int64_t value = strtoll(text, NULL, 10);
	sp_json_number number = { .negative = value < 0, .digits = (uint64_t)llabs(value) };

	for (; number.digits && number.digits % 10 == 0; number.exponent++)
		number.digits /= 10;
	return number;
}

/* Hands over what is to be freed with the table; NULL: memory. */
static void *keep(compiler *c, void *made)
{
	if (made)
		sp_buf_add(&c->kept, &made, sizeof made);
	if (!c->kept.failed)
		return made;
	free(made);
	return NULL;
}

static bool make_value(compiler *c, const sp_json *item, sp_json_schema_value *to)
{
	static const unsigned types[] = { [SP_JSON_IS_NULL] = SP_JSON_NULL,
		                              [SP_JSON_IS_FALSE] = SP_JSON_BOOLEAN,
		                              [SP_JSON_IS_TRUE] = SP_JSON_BOOLEAN,
		                              [SP_JSON_IS_NUMBER] = SP_JSON_INTEGER,
		                              [SP_JSON_IS_TEXT] = SP_JSON_STRING };
	sp_buf text = { 0 };

	*to = (sp_json_schema_value){ .type = types[sp_json_kind_of(item)] };
	if (to->type == SP_JSON_STRING)
		sp_buf_adds(&text, sp_json_value_text(item));
	else
		sp_json_print(item, false, &text);
	if (to->type == SP_JSON_INTEGER)
		to->number = value_of(sp_buf_text(&text));
	to->text = keep(c, sp_buf_take(&text));
	return to->text;
}

static bool is_among(const sp_json_schema_value *value, const sp_json_schema_value *values,
                     int count)
{
	int i;

	for (i = 0; i < count; i++) {
		if (values[i].type == value->type && strcmp(values[i].text, value->text) == 0)
			return true;
	}
	return false;
}

/* Room for so many, which the table keeps. */
static void *keep_room(compiler *c, size_t count, size_t size, sp_error *err)
{
	void *room = keep(c, calloc(count ? count : 1, size));

	if (!room)
		sp_fail_memory(err);
	return room;
}

static size_t count_of(const sp_json *list)
{
	const sp_json *item;
	size_t count = 0;

	for (item = sp_json_first(list); item; item = sp_json_next(item))
		count++;
	return count;
}

/* Of two lists for one value, what is in both counts. */
static bool add_values(compiler *c, sp_json_schema_state *state, const sp_json *list, sp_error *err)
{
	const sp_json *item;
	sp_json_schema_value *values = keep_room(c, count_of(list), sizeof *values, err);
	int count = 0;

	if (!values)
		return false;
	for (item = sp_json_first(list); item; item = sp_json_next(item)) {
		if (!make_value(c, item, &values[count]))
			return sp_fail_memory(err);
		count += !state->values || is_among(&values[count], state->values, state->value_count);
	}
	state->values = values;
	state->value_count = count;
	if (!count)
		state->types = 0;
	return true;
}

/* The state of the values of a key, NULL: of keys that no schema names. */
static int state_of_key(compiler *c, const node_set *set, const char *name, sp_error *err)
{
	node_set of = { 0 };
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < size_of(set); i++) {
		const sp_json *node = node_at(c, set, i);
		const sp_json *value = name ? sp_json_get(sp_json_get(node, "properties"), name) : NULL;

		if (!value)
			value = sp_json_get(node, "additionalProperties");
		ok = !value || add_node(c, &of, number_of(c, value), err);
	}
	if (ok)
		return state_of(c, &of, err);
	sp_buf_free(&of);
	return -1;
}

static int state_of_items(compiler *c, const node_set *set, sp_error *err)
{
	node_set of = { 0 };
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < size_of(set); i++) {
		const sp_json *items = sp_json_get(node_at(c, set, i), "items");

		ok = !items || add_node(c, &of, number_of(c, items), err);
	}
	if (ok)
		return state_of(c, &of, err);
	sp_buf_free(&of);
	return -1;
}

/* The key among those of the state, made where it isn't yet. */
static sp_json_schema_key *key_of(sp_json_schema_key *keys, int *count, const char *name)
{
	int i;

	for (i = 0; i < *count; i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	keys[i] = (sp_json_schema_key){ .name = name, .len = strlen(name), .bit = -1 };
	(*count)++;
	return &keys[i];
}

/* All keys that one of the schemas names. */
static sp_json_schema_key *add_keys(compiler *c, const node_set *set, sp_json_schema_state *state,
                                    sp_error *err)
{
	size_t most = 0, i;
	sp_json_schema_key *keys, *key;
	const sp_json *item;

	for (i = 0; i < size_of(set); i++)
		most += count_of(sp_json_get(node_at(c, set, i), "properties")) +
		        count_of(sp_json_get(node_at(c, set, i), "required"));
	keys = keep_room(c, most, sizeof *keys, err);
	for (i = 0; keys && i < size_of(set); i++) {
		item = sp_json_first(sp_json_get(node_at(c, set, i), "properties"));
		for (; item; item = sp_json_next(item))
			key_of(keys, &state->key_count, sp_json_key(item));
		item = sp_json_first(sp_json_get(node_at(c, set, i), "required"));
		for (; item; item = sp_json_next(item)) {
			key = key_of(keys, &state->key_count, sp_json_value_text(item));
			if (key->bit < 0)
				key->bit = state->required++;
		}
	}
	state->keys = keys;
	if (state->required > MOST_REQUIRED)
		refuse("too many keys", "required", err);
	return keys;
}

/* Fills in the state of this number; the sets of others, and the array that it
 * stands in, may grow meanwhile. */
static bool make_state(compiler *c, int number, sp_error *err)
{
	const node_set set = c->sets[number];
	sp_json_schema_state state = { .types = SP_JSON_TYPES };
	sp_json_schema_key *keys = add_keys(c, &set, &state, err);
	const sp_json *node;
	size_t i;
	int k;

	for (i = 0; i < size_of(&set) && !sp_error_is_set(err); i++) {
		node = node_at(c, &set, i);
		if (sp_json_kind_of(node) == SP_JSON_IS_FALSE)
			state.types = 0;
		if (sp_json_get(node, "type"))
			state.types &= types_of(sp_json_get(node, "type"));
		if (sp_json_get(node, "enum"))
			add_values(c, &state, sp_json_get(node, "enum"), err);
	}
	for (k = 0; k < state.key_count && !sp_error_is_set(err); k++)
		keys[k].state = state_of_key(c, &set, keys[k].name, err);
	if (!sp_error_is_set(err))
		state.others = state_of_key(c, &set, NULL, err);
	if (!sp_error_is_set(err))
		state.items = state_of_items(c, &set, err);
	c->states[number] = state;
	return !sp_error_is_set(err);
}

static bool make_states(compiler *c, sp_error *err)
{
	node_set anything = { 0 }, root = { 0 };
	int i;

	if (state_of(c, &anything, err) < 0)
		return false;
	if (!add_node(c, &root, 0, err)) {
		sp_buf_free(&root);
		return false;
	}
	c->schema.root = state_of(c, &root, err);
	for (i = 0; i < c->count; i++) {
		if (!make_state(c, i, err))
			return false;
	}
	c->schema.states = c->states;
	return !sp_error_is_set(err);
}

/* A $ref that nothing leads to must be right as well. */
static bool check_references(compiler *c, sp_error *err)
{
	node_set set = { 0 };
	bool ok = true;
	int i;

	for (i = 0; ok && i < node_count(c); i++) {
		sp_buf_reset(&set);
		ok = add_node(c, &set, i, err);
	}
	sp_buf_free(&set);
	return ok;
}

sp_json_schema_table *sp_json_schema_compile(const sp_json *schema, sp_error *err)
{
	compiler *c = calloc(1, sizeof *c);

	if (!c) {
		sp_fail_memory(err);
		return NULL;
	}
	c->document = schema;
	if (check_schema(c, schema, err) && check_references(c, err) && make_states(c, err))
		return c;
	sp_json_schema_table_free(c);
	return NULL;
}

void sp_json_schema_table_free(sp_json_schema_table *table)
{
	size_t i;
	void *kept;
	int k;

	if (!table)
		return;
	for (i = 0; i < table->kept.len / sizeof kept; i++) {
		memcpy(&kept, table->kept.data + i * sizeof kept, sizeof kept);
		free(kept);
	}
	for (k = 0; k < table->count; k++)
		sp_buf_free(&table->sets[k]);
	sp_buf_free(&table->kept);
	sp_buf_free(&table->nodes);
	free(table->states);
	free(table->sets);
	free(table);
}

const sp_json_schema *sp_json_schema_of(const sp_json_schema_table *table)
{
	return &table->schema;
}

int sp_json_schema_count(const sp_json_schema_table *table)
{
	return table->count;
}
