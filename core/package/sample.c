#include <config.h>

#include "core/package/sample.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/scan.h"
#include "core/model/secrets.h"

#define MAX_KEY  100
#define ELLIPSIS "\xe2\x80\xa6"
#define HIDDEN   "***"

/* Not in the midst of a character. */
static void cut(sp_buf *text, size_t most)
{
	if (text->failed || text->len <= most)
		return;
	while (most > 0 && (text->data[most] & 0xc0) == 0x80)
		most--;
	text->len = most;
	text->data[most] = '\0';
	sp_buf_adds(text, ELLIPSIS);
}

/* Whether the value behind this key is nobody's to see. `open_only`: a source's
 * details, of which only some are known to be harmless. `to`: fails where that can't be told. */
static bool is_secret(const sp_scan *key, bool open_only, sp_buf *to)
{
	sp_buf plain = { 0 };
	bool secret;

	sp_scan_unescape(key, &plain);
	secret = plain.failed || sp_is_secret_key(sp_buf_text(&plain), plain.len) ||
	         (open_only && !sp_is_open_detail(sp_buf_text(&plain), plain.len));
	to->failed = to->failed || plain.failed;
	sp_buf_free(&plain);
	return secret;
}

static bool is_secret_text(const char *text, size_t len)
{
	return sp_is_secret_text(text, len) || sp_is_secret_url(text, len);
}

static bool is_secret_string(const sp_scan *string, sp_buf *to)
{
	sp_buf plain = { 0 };
	bool secret;

	sp_scan_unescape(string, &plain);
	secret = plain.failed || is_secret_text(sp_buf_text(&plain), plain.len);
	to->failed = to->failed || plain.failed;
	sp_buf_free(&plain);
	return secret;
}

static void put_hidden(sp_scan_writer *writer)
{
	static const char hidden[] = "\"" HIDDEN "\"";
	sp_scan token = { .start = hidden, .len = sizeof hidden - 1 };

	sp_scan_put(writer, &token, SP_SCAN_STRING);
}

/* An object or array: token by token, as long as it is shown. False where the
 * row ends within it. */
static bool add_brackets(sp_scan *scan, sp_scan_token token, bool open_only, size_t most,
                         sp_buf *to)
{
	sp_scan_writer writer = { to, SP_SCAN_END };
	size_t depth = 0;

	do {
		if (token == SP_SCAN_BAD || token == SP_SCAN_END)
			return false;
		if (to->len > most)
			; /* not shown, but its end is looked for */
		else if (token == SP_SCAN_STRING && is_secret_string(scan, to))
			put_hidden(&writer);
		else
			sp_scan_put(&writer, scan, token);
		if (token == SP_SCAN_KEY && to->len <= most && is_secret(scan, open_only, to)) {
			put_hidden(&writer);
			if (!sp_scan_skip(scan))
				return false;
		}
		depth += token == SP_SCAN_OBJECT || token == SP_SCAN_ARRAY;
		depth -= token == SP_SCAN_OBJECT_END || token == SP_SCAN_ARRAY_END;
		if (depth)
			token = sp_scan_next(scan);
	} while (depth);
	return true;
}

/* What there is of a value whose end isn't there; of a text without quote and
 * escapes. */
static void add_part(const char *at, const char *end, sp_buf *to)
{
	sp_buf quoted = { 0 };
	const char *p;
	sp_scan scan;

	while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
		at++;
	if (at == end || *at != '"') {
		sp_buf_add(to, at, (size_t)(end - at));
		return;
	}
	/* up to the last escape that is surely whole */
	for (p = at + 1; end - p > 6; p += *p != '\\' ? 1 : p[1] == 'u' ? 6 : 2)
		;
	sp_buf_add(&quoted, at, (size_t)(p - at));
	sp_buf_addc(&quoted, '"');
	sp_scan_begin(&scan, sp_buf_text(&quoted), quoted.len);
	if (sp_scan_next(&scan) == SP_SCAN_STRING)
		sp_scan_unescape(&scan, to);
	to->failed = to->failed || quoted.failed;
	sp_buf_free(&quoted);
}

/* The value behind a key; false where it has no end. */
static bool add_value(sp_scan *scan, bool open_only, size_t most, sp_buf *to)
{
	const char *start = scan->p;
	sp_scan_token token = sp_scan_next(scan);
	bool whole = true;

	switch (token) {
	case SP_SCAN_STRING: sp_scan_unescape(scan, to); break;
	case SP_SCAN_LITERAL:
		sp_buf_add(to, scan->start, scan->len);
		whole = scan->p < scan->end;
		break;
	case SP_SCAN_OBJECT:
	case SP_SCAN_ARRAY: whole = add_brackets(scan, token, open_only, most, to); break;
	default: whole = false;
	}
	if (!whole && !to->len)
		add_part(start, scan->end, to);
	/* before it is cut: part of a password is too much */
	if (is_secret_text(sp_buf_text(to), to->len)) {
		sp_buf_reset(to);
		sp_buf_adds(to, HIDDEN);
	}
	if (!whole && to->len <= most)
		sp_buf_adds(to, ELLIPSIS);
	cut(to, most);
	return whole;
}

bool sp_sample_row(const char *text, size_t len, size_t most, sp_json *list)
{
	sp_json *row = sp_json_add_object(list, NULL);
	sp_buf key = { 0 }, value = { 0 };
	bool ok = row != NULL, more = true, secret;
	sp_scan scan;
	int columns;

	sp_scan_begin(&scan, text, len);
	if (sp_scan_next(&scan) != SP_SCAN_OBJECT)
		return ok;
	for (columns = 0; ok && more && columns < SP_SAMPLE_COLUMNS; columns++) {
		if (sp_scan_next(&scan) != SP_SCAN_KEY)
			break;
		sp_buf_reset(&key);
		sp_buf_reset(&value);
		sp_scan_unescape(&scan, &key);
		secret = is_secret(&scan, false, &key);
		more = add_value(&scan, !strcmp(sp_buf_text(&key), "details"), most, &value);
		if (secret) {
			sp_buf_reset(&value);
			sp_buf_adds(&value, HIDDEN);
		}
		cut(&key, MAX_KEY);
		ok = !key.failed && !value.failed &&
		     sp_json_add_text(row, sp_buf_text(&key), sp_buf_text(&value));
	}
	sp_buf_free(&key);
	sp_buf_free(&value);
	return ok;
}
