#include <config.h>

#include "core/model/put_back.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/members.h"
#include "core/base/scan.h"
#include "core/model/secrets.h"

/* What is deeper is theirs as it is; nobody nests settings so. */
#define MAX_DEPTH 64

typedef struct {
	bool details;
	sp_buf *to;
	sp_error *err;
} putting;

static bool put_value(const putting *p, sp_span theirs, sp_span ours, int depth, bool in_object);

static bool is_secret(const putting *p, const char *name, size_t len)
{
	return sp_is_secret_key(name, len) || (p->details && !sp_is_open_detail(name, len));
}

/* --- objects and lists --- */

static void put_key(const putting *p, const sp_member *of, bool *first)
{
	sp_buf_adds(p->to, *first ? "" : ",");
	*first = false;
	sp_buf_add(p->to, of->key.text, of->key.len);
	sp_buf_addc(p->to, ':');
}

/* An object here: what of it was put. */
typedef struct {
	sp_members of;
	bool *is_put;
	size_t next; /* all before it are, as far as they are to be */
} here;

/* Ours that are secret, up to `end`. */
static void put_secrets(const putting *p, here *ours, size_t end, bool *first)
{
	for (; ours->next < end; ours->next++) {
		const sp_member *one = &ours->of.all[ours->next];

		if (ours->is_put[ours->next] ||
		    !is_secret(p, sp_members_name(&ours->of, ours->next), one->name_len))
			continue;
		ours->is_put[ours->next] = true;
		put_key(p, one, first);
		sp_buf_add(p->to, one->value.text, one->value.len);
	}
}

static bool put_members(const putting *p, const sp_members *theirs, here *ours, int depth)
{
	bool first = true;

	for (size_t i = 0; i < theirs->count; i++) {
		const sp_member *one = &theirs->all[i];
		size_t at = sp_members_find(&ours->of, sp_members_name(theirs, i), one->name_len);
		sp_span mine = { "", 0 };

		if (at < ours->of.count) {
			mine = ours->of.all[at].value;
			ours->is_put[at] = true;
			put_secrets(p, ours, at, &first);
		}
		put_key(p, one, &first);
		if (!put_value(p, one->value, mine, depth + 1, true))
			return false;
	}
	put_secrets(p, ours, ours->of.count, &first);
	return true;
}

static bool put_items(const putting *p, const sp_members *theirs, const sp_members *ours, int depth,
                      bool in_object)
{
	for (size_t i = 0; i < theirs->count; i++) {
		sp_buf_adds(p->to, i ? "," : "");
		if (!put_value(p, theirs->all[i].value,
		               ours->count == theirs->count ? ours->all[i].value : (sp_span){ "", 0 },
		               depth + 1, in_object))
			return false;
	}
	return true;
}

static bool put_brackets(const putting *p, sp_span theirs, sp_span ours, int depth, bool in_object)
{
	sp_members from = { 0 };
	here to = { 0 };
	bool is_object = *theirs.text == '{', ok;

	sp_buf_addc(p->to, is_object ? '{' : '[');
	ok = sp_members_read(&from, theirs.text, theirs.len, p->err) &&
	     sp_members_read(&to.of, ours.text, ours.len, p->err);
	to.is_put = ok ? calloc(to.of.count + 1, sizeof *to.is_put) : NULL;
	if (ok && !to.is_put)
		ok = sp_fail_memory(p->err);
	ok = ok && (is_object ? put_members(p, &from, &to, depth)
	                      : put_items(p, &from, &to.of, depth, in_object));
	sp_buf_addc(p->to, is_object ? '}' : ']');
	sp_members_free(&from);
	sp_members_free(&to.of);
	free(to.is_put);
	return ok;
}

/* --- values --- */

/* A value that was left out, and stands here: ours is secret where theirs is null. */
static bool is_left_out(const putting *p, sp_span theirs, sp_span ours, bool in_object,
                        sp_buf *plain)
{
	sp_scan scan;
	sp_scan_token token;

	if (theirs.len != 4 || memcmp(theirs.text, "null", 4) != 0)
		return false;
	sp_scan_begin(&scan, ours.text, ours.len);
	token = sp_scan_next(&scan);
	if (p->details && !in_object)
		return token == SP_SCAN_STRING || token == SP_SCAN_LITERAL;
	if (token != SP_SCAN_STRING)
		return false;
	sp_scan_unescape(&scan, plain);
	return (p->details ? sp_is_secret_text : sp_is_secret_url)(sp_buf_text(plain), plain->len);
}

static bool put_value(const putting *p, sp_span theirs, sp_span ours, int depth, bool in_object)
{
	sp_buf plain = { 0 };

	if (theirs.len && ours.len && depth < MAX_DEPTH && *theirs.text == *ours.text &&
	    (*ours.text == '{' || *ours.text == '['))
		return put_brackets(p, theirs, ours, depth, in_object);
	if (is_left_out(p, theirs, ours, in_object, &plain))
		theirs = ours;
	sp_buf_add(p->to, theirs.text, theirs.len);
	p->to->failed = p->to->failed || plain.failed;
	sp_buf_free(&plain);
	return true;
}

bool sp_put_back(bool details, const char *theirs, size_t their_len, const char *ours,
                 size_t our_len, sp_buf *to, sp_error *err)
{
	putting p = { details, to, err };

	return put_value(&p, sp_span_trimmed(theirs, their_len), sp_span_trimmed(ours, our_len), 0,
	                 false) &&
	       (!to->failed || sp_fail_memory(err));
}
