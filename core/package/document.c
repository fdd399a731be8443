#include <config.h>

#include "core/package/document.h"

#include <string.h>

void sp_document_begin(sp_document *d)
{
	memset(d->open, 0, sizeof d->open);
	*d->key = '\0';
	d->next = SP_NODE_ROOT;
}

static bool fits(const char *pattern, const char *key)
{
	size_t len = strlen(key), end = strlen(pattern + 1);

	if (*pattern != '*')
		return strcmp(pattern, key) == 0;
	return len >= end && strcmp(key + len - end, pattern + 1) == 0;
}

static sp_node find_way(const sp_document *d, sp_node from)
{
	const sp_document_way *way;

	if (from == SP_NODE_NONE)
		return SP_NODE_NONE;
	for (way = d->ways; way->from != SP_NODE_NONE; way++) {
		if (way->from == from && fits(way->key, d->key))
			return way->to;
	}
	return SP_NODE_NONE;
}

/* What a value at this depth is said to be. */
static sp_node expected(const sp_document *d, size_t depth)
{
	if (depth == 0)
		return SP_NODE_ROOT;
	return d->open[depth].is_array ? d->open[depth].node : d->next;
}

static void open_object(sp_document *d, size_t depth)
{
	sp_node node = expected(d, depth);

	d->open[depth + 1].node = node;
	d->open[depth + 1].is_array = false;
	d->next = SP_NODE_NONE;
	if (node != SP_NODE_NONE)
		d->object(d->ctx, node, false);
}

/* An array in an array is none of those that are known. */
static void open_array(sp_document *d, size_t depth)
{
	bool known = depth > 0 && !d->open[depth].is_array;

	d->open[depth + 1].node = known ? d->next : SP_NODE_NONE;
	d->open[depth + 1].is_array = true;
	d->next = SP_NODE_NONE;
}

static void close_object(sp_document *d, size_t depth)
{
	sp_node node = d->open[depth + 1].node;

	if (node != SP_NODE_NONE)
		d->object(d->ctx, node, true);
}

static void take_scalar(sp_document *d, size_t depth, bool is_text, const char *value, size_t len)
{
	sp_node in = depth > 0 ? d->open[depth].node : SP_NODE_NONE;
	bool is_null = !is_text && value && len == 4 && memcmp(value, "null", 4) == 0;

	if (depth > 0 && !d->open[depth].is_array && in != SP_NODE_NONE && d->next == SP_NODE_NONE)
		d->value(d->ctx, in, d->key, is_text, value, len);
	else if (expected(d, depth) != SP_NODE_NONE && !is_null)
		d->odd(d->ctx, expected(d, depth));
}

/* A key that is longer than any that is known stays cut, and so unknown. */
static void take_key(sp_document *d, size_t depth, const char *key, size_t len)
{
	if (!key || len >= sizeof d->key || memchr(key, '\0', len))
		len = 0;
	memcpy(d->key, key ? key : "", len);
	d->key[len] = '\0';
	d->next = find_way(d, d->open[depth].node);
}

static void take_plain(sp_document *d, sp_scan_token kind, size_t depth, const char *text,
                       size_t len)
{
	switch (kind) {
	case SP_SCAN_OBJECT: open_object(d, depth); break;
	case SP_SCAN_ARRAY: open_array(d, depth); break;
	case SP_SCAN_OBJECT_END: close_object(d, depth); break;
	case SP_SCAN_KEY: take_key(d, depth, text, len); break;
	case SP_SCAN_STRING: take_scalar(d, depth, true, text, len); break;
	case SP_SCAN_LITERAL: take_scalar(d, depth, false, text, len); break;
	default: break;
	}
}

bool sp_document_token(sp_document *d, sp_scan_token kind, size_t depth, const sp_scan *token,
                       sp_error *err)
{
	bool is_text = kind == SP_SCAN_KEY || kind == SP_SCAN_STRING;
	sp_buf plain = { 0 };
	bool ok;

	/* in what nobody knows, nothing can be known */
	if (depth >= SP_DOCUMENT_DEPTH || (depth > 0 && d->open[depth].node == SP_NODE_NONE &&
	                                   kind != SP_SCAN_OBJECT && kind != SP_SCAN_ARRAY))
		return true;
	if (!is_text || !token->start || !token->escaped) {
		take_plain(d, kind, depth, token->start ? token->start + is_text : NULL,
		           token->start ? token->len - 2 * is_text : 0);
		return true;
	}
	sp_scan_unescape(token, &plain);
	ok = !plain.failed || sp_fail_memory(err);
	if (ok)
		take_plain(d, kind, depth, sp_buf_text(&plain), plain.len);
	sp_buf_free(&plain);
	return ok;
}
