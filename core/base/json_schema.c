#include <config.h>

#include "core/base/json_schema.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"

/* An object or array that is open, and of whose members something is known. */
typedef struct {
	const sp_json_schema_state *state;
	bool is_array;
	uint64_t seen;  /* bits of the required keys that were there */
	uint64_t index; /* items so far */
	/* the member that comes or is open: its state, its key's place in the names */
	int member;
	size_t name;
} frame;

struct sp_json_schema_check {
	sp_json_wrong_fn *fn;
	void *ctx;
	const sp_json_schema *schema;
	frame *frames;
	size_t depth, room;
	uint64_t skipped; /* brackets that are open below the last frame */
	sp_buf names;     /* keys on the way to the member, each ended by NUL */
	sp_buf plain;     /* the token, unescaped */
	sp_buf pointer, expected;
	bool failed; /* memory was out */
};

sp_json_schema_check *sp_json_schema_check_create(sp_json_wrong_fn *fn, void *ctx, sp_error *err)
{
	sp_json_schema_check *check = calloc(1, sizeof *check);

	if (!check) {
		sp_fail_memory(err);
		return NULL;
	}
	check->fn = fn;
	check->ctx = ctx;
	return check;
}

void sp_json_schema_check_free(sp_json_schema_check *check)
{
	if (!check)
		return;
	sp_buf_free(&check->names);
	sp_buf_free(&check->plain);
	sp_buf_free(&check->pointer);
	sp_buf_free(&check->expected);
	free(check->frames);
	free(check);
}

void sp_json_schema_check_begin(sp_json_schema_check *check, const sp_json_schema *schema)
{
	check->schema = schema;
	check->depth = 0;
	check->skipped = 0;
	sp_buf_reset(&check->names);
}

/* --- telling --- */

static void tell(sp_json_schema_check *c, sp_json_wrong wrong, size_t depth, const char *expected)
{
	size_t i;

	sp_buf_reset(&c->pointer);
	for (i = 0; i < depth && !c->names.failed; i++) {
		const frame *at = &c->frames[i];

		if (at->is_array)
			sp_buf_addf(&c->pointer, "/%llu", (unsigned long long)(at->index - 1));
		else
			sp_buf_add_pointer(&c->pointer, c->names.data + at->name,
			                   strlen(c->names.data + at->name));
	}
	if (c->pointer.failed || c->expected.failed || c->names.failed)
		c->failed = true;
	else
		c->fn(c->ctx, wrong, sp_buf_text(&c->pointer), expected);
}

static void tell_types(sp_json_schema_check *c, unsigned types)
{
	static const struct {
		unsigned types;
		const char *name;
	} names[] = {
		{ SP_JSON_NULL, "null" },       { SP_JSON_BOOLEAN, "boolean" },
		{ SP_JSON_INTEGER, "integer" }, { SP_JSON_STRING, "string" },
		{ SP_JSON_ARRAY, "array" },     { SP_JSON_OBJECT, "object" },
	};
	size_t i;

	if (!types) {
		tell(c, SP_JSON_WRONG_ANY, c->depth, "");
		return;
	}
	sp_buf_reset(&c->expected);
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if (types & names[i].types)
			sp_buf_addf(&c->expected, "%s\"%s\"", c->expected.len ? ", " : "",
			            types & SP_JSON_FRACTION && names[i].types == SP_JSON_INTEGER
			                ? "number"
			                : names[i].name);
	}
	tell(c, SP_JSON_WRONG_TYPE, c->depth, sp_buf_text(&c->expected));
}

static void tell_values(sp_json_schema_check *c, const sp_json_schema_state *state)
{
	int i;

	sp_buf_reset(&c->expected);
	for (i = 0; i < state->value_count; i++) {
		const sp_json_schema_value *value = &state->values[i];

		sp_buf_adds(&c->expected, i ? ", " : "");
		if (value->type == SP_JSON_STRING)
			sp_buf_add_json(&c->expected, value->text, strlen(value->text));
		else
			sp_buf_adds(&c->expected, value->text);
	}
	tell(c, SP_JSON_WRONG_VALUE, c->depth, sp_buf_text(&c->expected));
}

/* --- keys --- */

/* A key or string without quotes and escapes; NULL: longer than any in a schema. */
static const char *plain_text(sp_json_schema_check *c, const sp_scan *token, size_t *len)
{
	if (!token->start)
		return NULL;
	if (!token->escaped) {
		*len = token->len - 2;
		return token->start + 1;
	}
	sp_buf_reset(&c->plain);
	sp_scan_unescape(token, &c->plain);
	*len = c->plain.len;
	return sp_buf_text(&c->plain);
}

static const sp_json_schema_key *find_key(const sp_json_schema_state *state, const char *name,
                                          size_t len)
{
	int i;

	for (i = 0; name && i < state->key_count; i++) {
		const sp_json_schema_key *key = &state->keys[i];

		if (key->len == len && memcmp(key->name, name, len) == 0)
			return key;
	}
	return NULL;
}

/* So much of it as a pointer shows. */
static void keep_name(sp_json_schema_check *c, frame *in, const char *name, size_t len)
{
	c->names.len = in->name;
	sp_buf_add(&c->names, name ? name : "…", name ? len : strlen("…"));
	sp_buf_add(&c->names, "", 1);
}

static void take_key(sp_json_schema_check *c, const sp_scan *token)
{
	frame *in = &c->frames[c->depth - 1];
	const sp_json_schema_state *state = in->state;
	size_t len = 0;
	const char *name = plain_text(c, token, &len);
	const sp_json_schema_key *key = find_key(state, name, len);

	in->member = key ? key->state : state->others;
	if (key && key->bit >= 0)
		in->seen |= (uint64_t)1 << key->bit;
	if (in->member == SP_JSON_SCHEMA_ANYTHING)
		return;
	keep_name(c, in, name, len);
	if (!c->schema->states[in->member].types) {
		tell(c, SP_JSON_WRONG_KEY, c->depth - 1, sp_buf_text(&c->names) + in->name);
		in->member = SP_JSON_SCHEMA_ANYTHING;
	}
}

/* --- values --- */

static unsigned type_of(sp_scan_token kind, const sp_scan *token, const sp_json_number *number)
{
	switch (kind) {
	case SP_SCAN_OBJECT: return SP_JSON_OBJECT;
	case SP_SCAN_ARRAY: return SP_JSON_ARRAY;
	case SP_SCAN_STRING: return SP_JSON_STRING;
	default: break;
	}
	/* what is too long to be told is a number */
	switch (token->start ? *token->start : '0') {
	case 'n': return SP_JSON_NULL;
	case 't':
	case 'f': return SP_JSON_BOOLEAN;
	default: return number->exponent >= 0 ? SP_JSON_INTEGER : SP_JSON_FRACTION;
	}
}

static bool same_number(const sp_json_number *a, const sp_json_number *b)
{
	return !a->is_long && a->digits == b->digits && a->exponent == b->exponent &&
	       a->negative == b->negative;
}

static bool is_value(const sp_json_schema_value *value, unsigned type, const char *text, size_t len,
                     const sp_json_number *number)
{
	if (value->type != type)
		return false;
	if (type == SP_JSON_INTEGER)
		return same_number(number, &value->number);
	return text && strlen(value->text) == len && memcmp(value->text, text, len) == 0;
}

static bool is_listed(sp_json_schema_check *c, const sp_json_schema_state *state, unsigned type,
                      const sp_scan *token, const sp_json_number *number)
{
	size_t len = token->len;
	const char *text = type == SP_JSON_STRING ? plain_text(c, token, &len) : token->start;
	int i;

	for (i = 0; i < state->value_count; i++) {
		if (is_value(&state->values[i], type, text, len, number))
			return true;
	}
	return false;
}

/* The state of the value that begins. */
static const sp_json_schema_state *next_state(sp_json_schema_check *c)
{
	frame *in = c->depth ? &c->frames[c->depth - 1] : NULL;

	if (in && in->is_array) {
		in->index++;
		in->member = in->state->items;
	}
	return &c->schema->states[in ? in->member : c->schema->root];
}

static bool looks_into(const sp_json_schema_state *state, bool array)
{
	return array ? state->items != SP_JSON_SCHEMA_ANYTHING
	             : state->key_count || state->others != SP_JSON_SCHEMA_ANYTHING;
}

static bool open_frame(sp_json_schema_check *c, const sp_json_schema_state *state, bool array,
                       sp_error *err)
{
	size_t room = c->room ? 2 * c->room : 16;
	frame *frames;

	if (!looks_into(state, array)) {
		c->skipped = 1;
		return true;
	}
	if (c->depth == c->room) {
		frames = reallocarray(c->frames, room, sizeof *frames);
		if (!frames)
			return sp_fail_memory(err);
		c->frames = frames;
		c->room = room;
	}
	c->frames[c->depth++] = (frame){ .state = state, .is_array = array, .name = c->names.len };
	return true;
}

static bool take_value(sp_json_schema_check *c, sp_scan_token kind, const sp_scan *token,
                       const sp_json_number *number, sp_error *err)
{
	const sp_json_schema_state *state = next_state(c);
	unsigned type = type_of(kind, token, number);
	bool opens = type == SP_JSON_OBJECT || type == SP_JSON_ARRAY;

	if (!(state->types & type)) {
		tell_types(c, state->types);
		c->skipped = opens;
		return true;
	}
	if (state->values && !is_listed(c, state, type, token, number))
		tell_values(c, state);
	return !opens || open_frame(c, state, type == SP_JSON_ARRAY, err);
}

static void close_frame(sp_json_schema_check *c)
{
	const frame *in = &c->frames[--c->depth];
	const sp_json_schema_state *state = in->state;
	int i;

	for (i = 0; !in->is_array && state->required && i < state->key_count; i++) {
		const sp_json_schema_key *key = &state->keys[i];

		if (key->bit >= 0 && !(in->seen >> key->bit & 1))
			tell(c, SP_JSON_WRONG_MISSING, c->depth, key->name);
	}
	c->names.len = in->name;
}

bool sp_json_schema_check_token(sp_json_schema_check *c, sp_scan_token kind, const sp_scan *token,
                                const sp_json_number *number, sp_error *err)
{
	bool ends = kind == SP_SCAN_ARRAY_END || kind == SP_SCAN_OBJECT_END, ok = true;

	if (!c->schema)
		return true;
	if (c->skipped) {
		c->skipped += kind == SP_SCAN_ARRAY || kind == SP_SCAN_OBJECT;
		c->skipped -= ends;
		return true;
	}
	if (kind == SP_SCAN_KEY)
		take_key(c, token);
	else if (ends)
		close_frame(c);
	else
		ok = take_value(c, kind, token, number, err);
	if (c->failed || c->names.failed || c->plain.failed)
		return sp_fail_memory(err);
	return ok;
}
