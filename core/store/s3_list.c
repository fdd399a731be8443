#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/store/s3.h"
#include "core/store/s3_sign.h"
#include "core/store/xml.h"

/* Asking for fewer names one by one is as quick. */
#define FEW 100
/* A page of a list costs about as much as asking for so many by name. */
#define WORTH 40
#define KEYS  1000

typedef struct {
	const char *name;
	size_t index;
} wanted;

/* What a page of the list says. */
typedef struct {
	sp_buf keys; /* each ends with NUL */
	int64_t sizes[KEYS];
	int count;
	sp_buf key;
	int64_t size;
	bool encoded, ended; /* ended: there is no further page */
} page;

static bool take(void *ctx, const char *path, const char *text, sp_error *err)
{
	page *p = ctx;

	(void)err;
	if (!strcmp(path, "ListBucketResult/Contents/Key")) {
		sp_buf_reset(&p->key);
		sp_buf_adds(&p->key, text);
	} else if (!strcmp(path, "ListBucketResult/Contents/Size")) {
		p->size = *text >= '0' && *text <= '9' ? strtoll(text, NULL, 10) : -1;
	} else if (!strcmp(path, "ListBucketResult/Contents") && p->count < KEYS) {
		sp_buf_add(&p->keys, sp_buf_text(&p->key), strlen(sp_buf_text(&p->key)) + 1);
		p->sizes[p->count++] = p->size;
		p->size = -1;
	} else if (!strcmp(path, "ListBucketResult/EncodingType")) {
		p->encoded = !strcmp(text, "url");
	} else if (!strcmp(path, "ListBucketResult/IsTruncated")) {
		p->ended = strcmp(text, "true") != 0;
	}
	return true;
}

static int digit(char c)
{
	const char *at = c ? strchr("0123456789ABCDEF0123456789abcdef", c) : NULL;

	return at ? (int)(at - "0123456789ABCDEF0123456789abcdef") % 16 : -1;
}

/* In place. */
static void decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '%' && digit(text[1]) >= 0 && digit(text[2]) >= 0) {
			*to++ = (char)(digit(text[1]) * 16 + digit(text[2]));
			text += 2;
		} else {
			*to++ = (char)(*text == '+' ? ' ' : *text);
		}
	}
	*to = '\0';
}

/* The folder that all these names are in, with "/" at its end; a length of the
 * first one. */
static size_t common_folder(const wanted *names, size_t count)
{
	const char *first = names[0].name, *last = names[count - 1].name;
	size_t i, folder = 0;

	for (i = 0; first[i] && first[i] == last[i]; i++)
		if (first[i] == '/')
			folder = i + 1;
	return folder;
}

/* A list begins after a key: the first name without its last character. */
static size_t before(const char *name)
{
	size_t len = strlen(name) - 1;

	while (len && (name[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void add_part(sp_buf *query, const sp_bucket *b, const char *name, size_t len)
{
	char *part = strndup(name, len);

	sp_s3_encode(query, b->place.prefix, false);
	if (part)
		sp_s3_encode(query, part, false);
	query->failed = query->failed || !part;
	free(part);
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html; *listed
 * false: not to be had. */
static bool ask(sp_bucket *b, const wanted *names, size_t count, page *p, bool *listed,
                sp_error *err)
{
	const sp_answer *answer = NULL;
	sp_buf url = { 0 };
	sp_http *http = NULL;

	sp_buf_addf(&url, "%s?encoding-type=url&list-type=2&max-keys=%d&prefix=", b->url, KEYS);
	add_part(&url, b, names[0].name, common_folder(names, count));
	sp_buf_adds(&url, "&start-after=");
	add_part(&url, b, names[0].name, before(names[0].name));
	if (url.failed)
		sp_fail_memory(err);
	else
		http = sp_http_start(b->net, &(sp_http_request){ .method = "GET", .url = url.data }, err);
	if (http)
		answer = sp_http_wait(http, err);
	*listed = answer && answer->status == 200 &&
	          sp_xml_walk(sp_buf_text(&answer->body), answer->body.len, take, p, err);
	sp_http_free(http);
	sp_buf_free(&url);
	return !sp_error_is_set(err) && ((!p->keys.failed && !p->key.failed) || sp_fail_memory(err));
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const wanted *)a)->name, ((const wanted *)b)->name);
}

/* Notes the sizes of what the page has; *last is its last key without the
 * prefix, NULL: none. Returns how many were wanted. */
static int match(const sp_bucket *b, page *p, const wanted *names, size_t count, int64_t *sizes,
                 const char **last)
{
	size_t prefix = strlen(b->place.prefix), len;
	char *key = p->keys.data;
	int i, hits = 0;

	*last = NULL;
	for (i = 0; i < p->count; i++, key += len + 1) {
		len = strlen(key);
		if (p->encoded)
			decode(key);
		if (strncmp(key, b->place.prefix, prefix) != 0)
			continue;
		*last = key + prefix;

		const wanted one = { *last, 0 };
		const wanted *found = bsearch(&one, names, count, sizeof(one), compare);

		if (found && p->sizes[i] >= 0) {
			sizes[found->index] = p->sizes[i];
			hits++;
		}
	}
	return hits;
}

/* Page after page, as long as that is quicker than asking by name. */
static bool list(sp_bucket *b, const wanted *names, size_t count, int64_t *sizes, sp_error *err)
{
	page *p = malloc(sizeof(*p));
	size_t at = 0, passed;
	const char *last;
	bool ok = p != NULL, more = ok;

	if (!p)
		return sp_fail_memory(err);
	while (ok && more && count - at >= FEW) {
		*p = (page){ .size = -1, .ended = true };
		ok = ask(b, names + at, count - at, p, &more, err);
		if (ok && !more)
			b->no_lists = true;
		if (ok && more) {
			more = match(b, p, names + at, count - at, sizes, &last) >= WORTH && last && !p->ended;
			for (passed = at; more && at < count && strcmp(names[at].name, last) <= 0; at++)
				;
			more = more && at > passed;
		}
		sp_buf_free(&p->keys);
		sp_buf_free(&p->key);
	}
	free(p);
	return ok;
}

bool sp_bucket_list(sp_bucket *b, const char *const *names, int64_t *sizes, size_t count,
                    sp_error *err)
{
	wanted *sorted;
	size_t i;
	bool ok;

	if (count < FEW || b->no_lists)
		return true;
	sorted = malloc(count * sizeof(*sorted));
	if (!sorted)
		return sp_fail_memory(err);
	for (i = 0; i < count; i++)
		sorted[i] = (wanted){ names[i], i };
	qsort(sorted, count, sizeof(*sorted), compare);
	ok = list(b, sorted, count, sizes, err);
	free(sorted);
	return ok;
}
