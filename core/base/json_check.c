#include <config.h>

#include "core/base/json_check.h"

#include <string.h>

#include "core/base/error.h"

/* What may come next. */
enum {
	VALUE,      /* a value */
	FIRST_ITEM, /* a value or ] */
	FIRST_KEY,  /* a key or } */
	NEXT_KEY,   /* a key */
	COLON,
	AFTER, /* behind a value: a comma, a bracket, or the end */
	WORD,
	/* numbers; from here on NUMBER_FIRST … NUMBER_LAST */
	MINUS,
	ZERO,
	INTEGER,
	POINT,
	FRACTION,
	E,
	E_SIGN,
	EXPONENT,
	/* texts */
	TEXT,
	BYTES, /* the rest of a UTF-8 sequence */
	ESCAPE,
	HEX
};

/* Of PostgreSQL's numeric: digits before the point, digits behind it; and
 * exponents that it doesn't even look at (numeric.c). */
#define NUMERIC_BEFORE   131072
#define NUMERIC_BEHIND   16383
#define NUMERIC_EXPONENT (INT32_MAX / 2)
#define MANY             (INT64_MAX / 4)

void sp_json_check_begin(sp_json_check *c)
{
	c->wrong = NULL;
	c->offset = 0;
	c->beyond_jsonb = c->beyond_numeric = 0;
	c->state = VALUE;
	c->depth = 0;
	c->pair = 0;
	c->too_deep = false;
	c->escaped = c->too_long = false;
	c->held = 0;
}

static bool wrong(sp_json_check *c, const char *what)
{
	c->wrong = what;
	return false;
}

static bool in_array(const sp_json_check *c)
{
	size_t level = c->depth - 1;

	return (c->is_array[level / 8] >> level % 8) & 1;
}

/* --- tokens --- */

static void tell(sp_json_check *c, sp_scan_token kind, const char *start, size_t len)
{
	sp_scan token = { .start = start, .len = len, .escaped = c->escaped };

	if (c->fn)
		c->fn(c->ctx, kind, c->depth, &token);
}

static void begin_token(sp_json_check *c, uint64_t offset)
{
	c->token_offset = offset;
	c->held = 0;
	c->too_long = c->escaped = false;
}

/* Bytes of a token that goes on in the next piece of text, or began in one
 * before. */
static void hold(sp_json_check *c, const char *from, const char *to)
{
	size_t len = (size_t)(to - from);

	if (c->too_long || len > sizeof c->text - c->held) {
		c->too_long = true;
		return;
	}
	memcpy(c->text + c->held, from, len);
	c->held += len;
}

/* The token ends before `to`; `from`: where it or this piece began. */
static void end_token(sp_json_check *c, sp_scan_token kind, const char *from, const char *to)
{
	size_t len = (size_t)(to - from);

	if (c->held || c->too_long) {
		hold(c, from, to);
		tell(c, kind, c->too_long ? NULL : c->text, c->too_long ? 0 : c->held);
	} else {
		tell(c, kind, len <= sizeof c->text ? from : NULL, len <= sizeof c->text ? len : 0);
	}
}

/* --- numbers --- */

static void begin_number(sp_json_check *c, bool negative)
{
	c->digits = c->fraction = c->zeroes = c->ending = c->exponent = 0;
	c->negative_exponent = false;
	c->number = (sp_json_number){ .negative = negative };
}

static bool is_zero(const sp_json_check *c)
{
	return !c->number.digits && !c->number.is_long;
}

/* A digit of what the number is worth; zeroes wait until another follows. */
static void count_digit(sp_json_check *c, char digit)
{
	sp_json_number *number = &c->number;

	if (digit == '0') {
		c->ending += !is_zero(c);
		return;
	}
	for (; number->digits && c->ending >= 0 && !number->is_long; c->ending--) {
		number->is_long = number->digits > UINT64_MAX / 10 - 1;
		number->digits *= 10;
	}
	number->digits += (unsigned)(digit - '0');
	c->ending = 0;
}

/* The integer part has no leading zero: it is one, or begins with another. */
static void count_integer(sp_json_check *c, char digit)
{
	c->digits++;
	count_digit(c, digit);
}

static void count_fraction(sp_json_check *c, char digit)
{
	c->fraction++;
	count_digit(c, digit);
	if (is_zero(c))
		c->zeroes++;
}

static void count_exponent(sp_json_check *c, char digit)
{
	if (c->exponent < MANY / 10)
		c->exponent = c->exponent * 10 + (digit - '0');
}

/* As numeric_in() decides it for a type without precision. */
static void check_numeric(sp_json_check *c)
{
	int64_t exponent = c->negative_exponent ? -c->exponent : c->exponent;
	int64_t before = (c->digits ? c->digits : -c->zeroes) + exponent;
	int64_t behind = c->fraction - exponent;

	if (((!is_zero(c) && before > NUMERIC_BEFORE) || behind > NUMERIC_BEHIND ||
	     c->exponent >= NUMERIC_EXPONENT) &&
	    !c->beyond_numeric)
		c->beyond_numeric = c->token_offset + 1;
}

/* All digits are there: what is known of them becomes the number. */
static void finish_number(sp_json_check *c)
{
	int64_t exponent = c->negative_exponent ? -c->exponent : c->exponent;

	if (is_zero(c))
		c->number = (sp_json_number){ 0 };
	else
		c->number.exponent = exponent - c->fraction + c->ending;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One byte of a number; false where it doesn't belong to it. */
static bool step_number(sp_json_check *c, char byte)
{
	bool digit = is_digit(byte), point = byte == '.', e = byte == 'e' || byte == 'E';

	switch (c->state) {
	case MINUS:
	case INTEGER:
		if (digit && (c->state == INTEGER || byte != '0'))
			count_integer(c, byte);
		if (digit) {
			c->state = c->state == MINUS && byte == '0' ? ZERO : INTEGER;
			return true;
		}
		if (c->state == MINUS)
			return false;
		/* fall through */
	case ZERO:
		if (point || e)
			c->state = point ? POINT : E;
		return point || e;
	case POINT:
	case FRACTION:
		if (digit)
			count_fraction(c, byte);
		else if (c->state == POINT || !e)
			return false;
		c->state = digit ? FRACTION : E;
		return true;
	default: /* E, E_SIGN, EXPONENT */
		if (digit) {
			count_exponent(c, byte);
			c->state = EXPONENT;
			return true;
		}
		if (c->state != E || (byte != '-' && byte != '+'))
			return false;
		c->negative_exponent = byte == '-';
		c->state = E_SIGN;
		return true;
	}
}

static bool number_may_end(const sp_json_check *c)
{
	return c->state == ZERO || c->state == INTEGER || c->state == FRACTION || c->state == EXPONENT;
}

/* --- texts --- */

static void note_beyond(sp_json_check *c, uint64_t offset)
{
	if (!c->beyond_jsonb)
		c->beyond_jsonb = offset + 1;
}

/* A \uNNNN is complete. */
static void take_unit(sp_json_check *c, uint64_t offset)
{
	bool high = c->unit >= 0xd800 && c->unit < 0xdc00;
	bool low = c->unit >= 0xdc00 && c->unit < 0xe000;

	if (c->unit == 0 || (low && !c->pair) || (!low && c->pair))
		note_beyond(c, offset);
	c->pair = high;
}

/* Something else than an escape follows a first half. */
static void break_pair(sp_json_check *c, uint64_t offset)
{
	if (c->pair)
		note_beyond(c, offset);
	c->pair = 0;
}

/* The first byte of a sequence (Unicode 15, table 3-7). */
static bool begin_bytes(sp_json_check *c, unsigned char lead)
{
	c->low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	c->high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	c->more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	c->state = BYTES;
	return (lead >= 0xc2 && lead <= 0xf4) || wrong(c, N_("not UTF-8"));
}

static bool step_bytes(sp_json_check *c, unsigned char byte)
{
	if (byte < c->low || byte > c->high)
		return wrong(c, N_("not UTF-8"));
	c->low = 0x80;
	c->high = 0xbf;
	if (!--c->more)
		c->state = TEXT;
	return true;
}

static bool step_escape(sp_json_check *c, char byte, uint64_t offset)
{
	c->escaped = true;
	if (byte == 'u') {
		c->hex = c->unit = 0;
		c->state = HEX;
		return true;
	}
	break_pair(c, offset);
	c->state = TEXT;
	return (byte && strchr("\"\\/bfnrt", byte)) || wrong(c, N_("an unknown escape"));
}

static bool step_hex(sp_json_check *c, char byte, uint64_t offset)
{
	unsigned char folded = (unsigned char)(byte | 0x20);

	if (is_digit(byte))
		c->unit = c->unit << 4 | (unsigned)(byte - '0');
	else if (folded >= 'a' && folded <= 'f')
		c->unit = c->unit << 4 | (unsigned)(folded - 'a' + 10);
	else
		return wrong(c, N_("four hexadecimal digits were expected"));
	if (++c->hex == 4) {
		take_unit(c, offset);
		c->state = TEXT;
	}
	return true;
}

/* Bytes that stand for themselves, eight at a time: none below 0x20 or from
 * 0x80 on, no quote, no backslash. */
static const char *skip_plain(const char *p, const char *end)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones * 0x80;
	uint64_t eight, quote, slash;

	while (end - p >= 8) {
		memcpy(&eight, p, 8);
		quote = eight ^ ones * '"';
		slash = eight ^ ones * '\\';
		if ((eight | (eight - ones * 0x20) | (quote - ones) | (slash - ones)) & tops)
			break;
		p += 8;
	}
	while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' &&
	       *p != '\\')
		p++;
	return p;
}

/* --- structure --- */

static bool open_bracket(sp_json_check *c, char byte, uint64_t offset)
{
	bool array = byte == '[';
	unsigned char bit;

	c->token_offset = offset;
	tell(c, array ? SP_SCAN_ARRAY : SP_SCAN_OBJECT, NULL, 0);
	c->too_deep = c->depth >= c->max_depth || c->depth >= SP_JSON_CHECK_DEPTH;
	if (c->too_deep)
		return wrong(c, N_("too many brackets are open"));
	bit = (unsigned char)(1u << c->depth % 8);
	if (array)
		c->is_array[c->depth / 8] |= bit;
	else
		c->is_array[c->depth / 8] &= (unsigned char)~bit;
	c->depth++;
	c->state = array ? FIRST_ITEM : FIRST_KEY;
	return true;
}

static bool close_bracket(sp_json_check *c, char byte, uint64_t offset)
{
	if (!c->depth || in_array(c) != (byte == ']'))
		return wrong(c, N_("a bracket that none was opened for"));
	c->depth--;
	c->token_offset = offset;
	tell(c, byte == ']' ? SP_SCAN_ARRAY_END : SP_SCAN_OBJECT_END, NULL, 0);
	c->state = AFTER;
	return true;
}

static void begin_text(sp_json_check *c, bool key, uint64_t offset)
{
	begin_token(c, offset);
	c->after_string = key ? COLON : AFTER;
	c->state = TEXT;
}

static bool begin_value(sp_json_check *c, char byte, uint64_t offset)
{
	if (byte == '[' || byte == '{')
		return open_bracket(c, byte, offset);
	if (byte == '"') {
		begin_text(c, false, offset);
		return true;
	}
	begin_token(c, offset);
	if (byte == '-' || is_digit(byte)) {
		begin_number(c, byte == '-');
		c->state = MINUS;
		return byte == '-' || step_number(c, byte);
	}
	c->word = byte == 't' ? "rue" : byte == 'f' ? "alse" : byte == 'n' ? "ull" : NULL;
	c->state = WORD;
	return c->word || wrong(c, N_("a value was expected"));
}

/* A byte between tokens that isn't white space. */
static bool step_between(sp_json_check *c, char byte, uint64_t offset)
{
	c->token_offset = offset;
	switch (c->state) {
	case FIRST_ITEM:
		if (byte == ']')
			return close_bracket(c, byte, offset);
		/* fall through */
	case VALUE: return begin_value(c, byte, offset);
	case FIRST_KEY:
		if (byte == '}')
			return close_bracket(c, byte, offset);
		/* fall through */
	case NEXT_KEY:
		if (byte != '"')
			return wrong(c, N_("a key in quotes was expected"));
		begin_text(c, true, offset);
		return true;
	case COLON: c->state = VALUE; return byte == ':' || wrong(c, N_("a colon was expected"));
	default:
		if (!c->depth)
			return wrong(c, N_("something follows the value"));
		if (byte == ']' || byte == '}')
			return close_bracket(c, byte, offset);
		c->state = in_array(c) ? VALUE : NEXT_KEY;
		return byte == ',' || wrong(c, N_("a comma or a closing bracket was expected"));
	}
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* --- all together --- */

/* A piece of the text: `from`, where the token that is open began in it. */
typedef struct {
	sp_json_check *c;
	const char *data, *p, *end, *from;
} piece;

static uint64_t offset_of(const piece *s)
{
	return s->c->offset + (uint64_t)(s->p - s->data);
}

static void end_text(piece *s)
{
	sp_json_check *c = s->c;

	break_pair(c, offset_of(s));
	s->p++;
	c->state = c->after_string;
	end_token(c, c->state == COLON ? SP_SCAN_KEY : SP_SCAN_STRING, s->from, s->p);
}

static bool step_text(piece *s)
{
	sp_json_check *c = s->c;
	unsigned char byte;

	if (*s->p != '\\')
		break_pair(c, offset_of(s));
	s->p = skip_plain(s->p, s->end);
	if (s->p == s->end)
		return true;
	byte = (unsigned char)*s->p;
	if (byte == '"') {
		end_text(s);
		return true;
	}
	if (byte < 0x20)
		return wrong(c, N_("a control byte in a text"));
	if (byte >= 0x80 ? !begin_bytes(c, byte) : false)
		return false;
	if (byte == '\\')
		c->state = ESCAPE;
	s->p++;
	return true;
}

static bool step_word(piece *s)
{
	if (*s->p != *s->c->word)
		return wrong(s->c, N_("a value was expected"));
	s->p++;
	if (!*++s->c->word) {
		s->c->state = AFTER;
		end_token(s->c, SP_SCAN_LITERAL, s->from, s->p);
	}
	return true;
}

static void end_number(piece *s)
{
	s->c->state = AFTER;
	check_numeric(s->c);
	finish_number(s->c);
	end_token(s->c, SP_SCAN_LITERAL, s->from, s->p);
}

static bool step_in_number(piece *s)
{
	bool may_end = number_may_end(s->c);

	if (step_number(s->c, *s->p)) {
		s->p++;
		return true;
	}
	if (!may_end)
		return wrong(s->c, N_("a digit was expected"));
	end_number(s);
	return true;
}

static bool step(piece *s)
{
	sp_json_check *c = s->c;

	switch (c->state) {
	case TEXT: return step_text(s);
	case BYTES: return step_bytes(c, (unsigned char)*s->p) && s->p++;
	case ESCAPE: return step_escape(c, *s->p, offset_of(s)) && s->p++;
	case HEX: return step_hex(c, *s->p, offset_of(s)) && s->p++;
	case WORD: return step_word(s);
	default: break;
	}
	if (c->state >= MINUS && c->state <= EXPONENT)
		return step_in_number(s);
	if (is_space(*s->p)) {
		s->p++;
		return true;
	}
	s->from = s->p;
	return step_between(c, *s->p, offset_of(s)) && s->p++;
}

bool sp_json_check_add(sp_json_check *check, const char *data, size_t len)
{
	piece s = { check, data, data, data + len, data };

	while (s.p < s.end && !check->wrong) {
		if (!step(&s))
			break;
	}
	if (!check->wrong && check->state >= WORD)
		hold(check, s.from, s.end);
	check->offset += (uint64_t)(s.p - s.data);
	return !check->wrong;
}

bool sp_json_check_end(sp_json_check *check)
{
	piece s = { check, check->text, check->text, check->text, check->text };

	if (check->wrong)
		return false;
	if (check->state >= MINUS && check->state <= EXPONENT && number_may_end(check))
		end_number(&s);
	return (check->state == AFTER && !check->depth) || wrong(check, N_("it breaks off"));
}
