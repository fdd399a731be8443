#include <config.h>

#include "core/base/json.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/base/text.h"

#define MAX_BYTES ((size_t)16 << 20)
#define MAX_DEPTH 64
#define MAX_NUMBER 63
/* a value takes 64 bytes and more once parsed */
#define MAX_VALUES 1000000
/* the last integer that a double holds together with its neighbours */
#define MAX_INTEGER INT64_C(9007199254740992)
/* set in the type of an object or array that a member didn't get into; cJSON
 * itself looks at the lowest byte, and uses two bits above that */
#define LACKS_SOMETHING (1 << 16)

/* --- building --- */

sp_json *sp_json_object(void)
{
	return cJSON_CreateObject();
}

sp_json *sp_json_array(void)
{
	return cJSON_CreateArray();
}

bool sp_json_add(sp_json *to, const char *key, sp_json *item)
{
	bool ok = to && item &&
	          (key ? cJSON_AddItemToObject(to, key, item) : cJSON_AddItemToArray(to, item));

	if (!ok)
		cJSON_Delete(item);
	if (!ok && to)
		to->type |= LACKS_SOMETHING;
	return ok;
}

sp_json *sp_json_copy(const sp_json *json)
{
	return cJSON_Duplicate(json, true);
}

bool sp_json_is_whole(const sp_json *json)
{
	const sp_json *child;

	if (!json || json->type & LACKS_SOMETHING)
		return false;
	for (child = json->child; child; child = child->next)
		if (!sp_json_is_whole(child))
			return false;
	return true;
}

/* A copy in which bytes that aren't UTF-8 are replaced by U+FFFD. */
static char *make_valid(const char *text)
{
	size_t len = strlen(text), n;
	sp_buf buf = { 0 };
	uint32_t c;

	for (; len; text += n, len -= n) {
		n = sp_utf8_next(text, len, &c);
		if (n)
			sp_buf_add(&buf, text, n);
		else
			sp_buf_adds(&buf, "\xef\xbf\xbd");
		n = n ? n : 1;
	}
	return sp_buf_take(&buf);
}

bool sp_json_add_text(sp_json *to, const char *key, const char *text)
{
	char *valid;
	bool ok;

	if (!text)
		return sp_json_add(to, key, cJSON_CreateNull());
	if (sp_utf8_valid(text, strlen(text)))
		return sp_json_add(to, key, cJSON_CreateString(text));
	valid = make_valid(text);
	ok = sp_json_add(to, key, valid ? cJSON_CreateString(valid) : NULL);
	free(valid);
	return ok;
}

bool sp_json_add_int(sp_json *to, const char *key, int64_t number)
{
	char text[24];

	if (number >= -MAX_INTEGER && number <= MAX_INTEGER)
		return sp_json_add(to, key, cJSON_CreateNumber((double)number));
	snprintf(text, sizeof text, "%lld", (long long)number);
	return sp_json_add(to, key, cJSON_CreateString(text));
}

bool sp_json_add_bool(sp_json *to, const char *key, bool value)
{
	return sp_json_add(to, key, cJSON_CreateBool(value));
}

sp_json *sp_json_add_object(sp_json *to, const char *key)
{
	sp_json *item = cJSON_CreateObject();

	return sp_json_add(to, key, item) ? item : NULL;
}

sp_json *sp_json_add_array(sp_json *to, const char *key)
{
	sp_json *item = cJSON_CreateArray();

	return sp_json_add(to, key, item) ? item : NULL;
}

void sp_json_free(sp_json *json)
{
	cJSON_Delete(json);
}

/* --- printing: cJSON's printer rounds integers past 15 digits --- */

static bool is_integer(double number)
{
	return fabs(number) <= (double)MAX_INTEGER && (double)(int64_t)number == number;
}

static void print_number(sp_buf *to, double number)
{
	char text[64], *comma;
	int digits;

	if (is_integer(number)) {
		sp_buf_addf(to, "%lld", (long long)number);
		return;
	}
	if (!isfinite(number)) {
		sp_buf_adds(to, "null");
		return;
	}
	for (digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	/* the locale's decimal sign may be another */
	comma = text + strspn(text, "-0123456789");
	if (*comma && *comma != 'e')
		*comma = '.';
	sp_buf_adds(to, text);
}

static void indent(sp_buf *to, int depth)
{
	sp_buf_addc(to, '\n');
	for (; depth > 0; depth--)
		sp_buf_adds(to, "  ");
}

static void print_value(sp_buf *to, const sp_json *json, bool pretty, int depth)
{
	bool is_object = cJSON_IsObject(json);
	const sp_json *child;

	if (!is_object && !cJSON_IsArray(json)) {
		if (cJSON_IsString(json))
			sp_buf_add_json(to, json->valuestring, strlen(json->valuestring));
		else if (cJSON_IsNumber(json))
			print_number(to, json->valuedouble);
		else
			sp_buf_adds(to, cJSON_IsTrue(json)    ? "true"
			                : cJSON_IsFalse(json) ? "false"
			                                      : "null");
		return;
	}
	to->failed = to->failed || json->type & LACKS_SOMETHING;
	sp_buf_addc(to, is_object ? '{' : '[');
	for (child = json->child; child; child = child->next) {
		if (pretty)
			indent(to, depth + 1);
		if (is_object) {
			sp_buf_add_json(to, child->string, strlen(child->string));
			sp_buf_adds(to, pretty ? ": " : ":");
		}
		print_value(to, child, pretty, depth + 1);
		if (child->next)
			sp_buf_addc(to, ',');
	}
	if (pretty && json->child)
		indent(to, depth);
	sp_buf_addc(to, is_object ? '}' : ']');
}

bool sp_json_print(const sp_json *json, bool pretty, sp_buf *to)
{
	if (!json)
		return false;
	print_value(to, json, pretty, 0);
	if (pretty)
		sp_buf_addc(to, '\n');
	return !to->failed;
}

/* --- parsing: cJSON takes much that isn't JSON, so the text is checked first --- */

typedef struct {
	const char *at, *start, *end;
	int values;
	const char *wrong; /* what: for those who make packages, untranslated */
} scan;

static bool wrong(scan *s, const char *what)
{
	if (!s->wrong)
		s->wrong = what;
	return false;
}

static void skip_space(scan *s)
{
	while (s->at < s->end &&
	       (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

static bool scan_char(scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static bool scan_word(scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return wrong(s, "a value was expected");
	s->at += len;
	return true;
}

static bool scan_digits(scan *s)
{
	const char *from = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > from || wrong(s, "a digit was expected");
}

static bool scan_number(scan *s)
{
	const char *from = s->at;

	scan_char(s, '-');
	if (!scan_char(s, '0') && !scan_digits(s))
		return false;
	if (scan_char(s, '.') && !scan_digits(s))
		return false;
	if (scan_char(s, 'e') || scan_char(s, 'E')) {
		if (!scan_char(s, '+'))
			scan_char(s, '-');
		if (!scan_digits(s))
			return false;
	}
	/* cJSON would cut it in two */
	return s->at - from <= MAX_NUMBER || wrong(s, "a number is too long");
}

static bool scan_hex4(scan *s, unsigned *unit)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	int i;

	*unit = 0;
	for (i = 0; i < 4; i++, s->at++) {
		digit = s->at < s->end && *s->at ? strchr(digits, *s->at | 0x20) : NULL;
		/* 0x10 to 0x19 would be taken for digits otherwise */
		if (!digit || *s->at < '0')
			return wrong(s, "four hexadecimal digits were expected");
		*unit = *unit << 4 | (unsigned)(digit - digits);
	}
	return true;
}

/* After "\u". */
static bool scan_unicode(scan *s)
{
	unsigned unit;

	if (!scan_hex4(s, &unit))
		return false;
	if (unit == 0)
		return wrong(s, "a text holds \\u0000");
	if (unit >= 0xd800 && unit <= 0xdbff) {
		if (!scan_char(s, '\\') || !scan_char(s, 'u'))
			return wrong(s, "half a surrogate pair");
		if (!scan_hex4(s, &unit))
			return false;
		return (unit >= 0xdc00 && unit <= 0xdfff) || wrong(s, "half a surrogate pair");
	}
	return unit < 0xdc00 || unit > 0xdfff || wrong(s, "half a surrogate pair");
}

static bool scan_string(scan *s)
{
	uint32_t c;
	size_t n;

	if (!scan_char(s, '"'))
		return wrong(s, "a text in quotes was expected");
	for (;;) {
		n = sp_utf8_next(s->at, (size_t)(s->end - s->at), &c);
		if (!n)
			return wrong(s,
			             s->at == s->end ? "a text has no end" : "a text isn't UTF-8");
		if (c < 0x20)
			return wrong(s, "a text holds a control byte");
		s->at += n;
		if (c == '"')
			return true;
		if (c != '\\')
			continue;
		if (scan_char(s, 'u')) {
			if (!scan_unicode(s))
				return false;
		} else if (s->at == s->end || !*s->at || !strchr("\"\\/bfnrt", *s->at++)) {
			return wrong(s, "an unknown escape");
		}
	}
}

static bool scan_value(scan *s, int depth);

/* The members of an object or the items of an array, after its bracket. */
static bool scan_children(scan *s, char close, int depth)
{
	if (depth >= MAX_DEPTH)
		return wrong(s, "more than 64 levels");
	skip_space(s);
	if (scan_char(s, close))
		return true;
	do {
		skip_space(s);
		if (close == '}') {
			if (!scan_string(s))
				return false;
			skip_space(s);
			if (!scan_char(s, ':'))
				return wrong(s, "a colon was expected");
		}
		if (!scan_value(s, depth + 1))
			return false;
		skip_space(s);
	} while (scan_char(s, ','));
	return scan_char(s, close) || wrong(s, "a comma or a closing bracket was expected");
}

static bool scan_value(scan *s, int depth)
{
	if (++s->values > MAX_VALUES)
		return wrong(s, "more than a million values");
	skip_space(s);
	if (s->at == s->end)
		return wrong(s, "a value was expected");
	switch (*s->at) {
	case '{': s->at++; return scan_children(s, '}', depth);
	case '[': s->at++; return scan_children(s, ']', depth);
	case '"': return scan_string(s);
	case 't': return scan_word(s, "true");
	case 'f': return scan_word(s, "false");
	case 'n': return scan_word(s, "null");
	default: return scan_number(s);
	}
}

static bool scan_document(scan *s)
{
	if (!scan_value(s, 0))
		return false;
	skip_space(s);
	return s->at == s->end || wrong(s, "something follows the value");
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* 1: an object has a key twice; 0: none; -1: no memory. */
static int find_twice(const sp_json *json, sp_buf *keys)
{
	const char **list;
	const sp_json *child;
	size_t n = 0, i;
	int found = 0;

	keys->len = 0;
	for (child = json->child; child && cJSON_IsObject(json); child = child->next, n++)
		sp_buf_add(keys, &child->string, sizeof child->string);
	if (keys->failed)
		return -1;
	if (n > 1) {
		/* the buffer comes from realloc and so is aligned */
		list = (const char **)(void *)keys->data;
		qsort(list, n, sizeof *list, compare_keys);
		for (i = 1; i < n; i++)
			found |= strcmp(list[i - 1], list[i]) == 0;
	}
	for (child = json->child; child && !found; child = child->next)
		found = child->child ? find_twice(child, keys) : 0;
	return found;
}

static bool check_keys(const sp_json *json, const char *name, sp_error *err)
{
	sp_buf keys = { 0 };
	int found = find_twice(json, &keys);

	sp_buf_free(&keys);
	if (found < 0)
		return sp_fail_memory(err);
	return !found ||
	       sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: an object has a key twice"), name);
}

sp_json *sp_json_parse(const char *text, size_t len, const char *name, sp_error *err)
{
	scan s = { text, text, text + len, 0, NULL };
	sp_json *json;

	if (len > MAX_BYTES) {
		sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: larger than 16 MiB"), name);
		return NULL;
	}
	if (!scan_document(&s)) {
		sp_fail(err, SP_BAD_PACKAGE, NULL, N_("%s: byte %zu: %s"), name,
		        (size_t)(s.at - s.start), s.wrong);
		return NULL;
	}
	json = cJSON_ParseWithLength(text, len);
	if (!json) {
		sp_fail_memory(err);
		return NULL;
	}
	if (!check_keys(json, name, err)) {
		sp_json_free(json);
		return NULL;
	}
	return json;
}

/* --- looking --- */

const sp_json *sp_json_get(const sp_json *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *sp_json_text(const sp_json *object, const char *key)
{
	return sp_json_value_text(sp_json_get(object, key));
}

/* An integer that went into a text because a double can't hold it. */
static bool text_to_int(const char *text, int64_t *number)
{
	char again[24];
	char *end;

	*number = strtoll(text, &end, 10);
	snprintf(again, sizeof again, "%lld", (long long)*number);
	return strcmp(text, again) == 0 && (*number < -MAX_INTEGER || *number > MAX_INTEGER);
}

int64_t sp_json_int(const sp_json *object, const char *key, int64_t otherwise)
{
	const sp_json *value = sp_json_get(object, key);
	const char *text = sp_json_value_text(value);
	int64_t number;
	double real;

	if (text)
		return text_to_int(text, &number) ? number : otherwise;
	real = cJSON_GetNumberValue(value);
	return is_integer(real) ? (int64_t)real : otherwise;
}

bool sp_json_bool(const sp_json *object, const char *key, bool otherwise)
{
	const sp_json *value = sp_json_get(object, key);

	return cJSON_IsBool(value) ? cJSON_IsTrue(value) : otherwise;
}

const sp_json *sp_json_first(const sp_json *parent)
{
	return cJSON_IsObject(parent) || cJSON_IsArray(parent) ? parent->child : NULL;
}

const sp_json *sp_json_next(const sp_json *child)
{
	return child->next;
}

const char *sp_json_key(const sp_json *child)
{
	return child->string;
}

const char *sp_json_value_text(const sp_json *value)
{
	return cJSON_GetStringValue(value);
}

sp_json_kind sp_json_kind_of(const sp_json *value)
{
	return cJSON_IsObject(value)   ? SP_JSON_IS_OBJECT
	       : cJSON_IsArray(value)  ? SP_JSON_IS_ARRAY
	       : cJSON_IsString(value) ? SP_JSON_IS_TEXT
	       : cJSON_IsNumber(value) ? SP_JSON_IS_NUMBER
	       : cJSON_IsTrue(value)   ? SP_JSON_IS_TRUE
	       : cJSON_IsFalse(value)  ? SP_JSON_IS_FALSE
	                               : SP_JSON_IS_NULL;
}
