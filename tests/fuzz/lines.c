#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/json_check.h"
#include "core/base/scan.h"
#include "core/package/row_check.h"
#include "tests/fuzz/driver.h"

/*
 * JSON of an entry. The first byte says of which form, and how it is cut into
 * pieces; however it is cut, the same must come out, and what one reader of
 * JSON says must fit what the others say.
 */

#define MAX_TOKENS 65536

/* --- tokens --- */

typedef struct {
	sp_scan_token kind;
	size_t depth;
	uint64_t bytes; /* their hash; 0: none were told */
} token;

typedef struct {
	token *all;
	size_t count;
} tokens;

static uint64_t hash(const char *data, size_t len)
{
	uint64_t hash = 14695981039346656037u;

	while (len--)
		hash = (hash ^ (unsigned char)*data++) * 1099511628211u;
	return hash;
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *at)
{
	tokens *to = ctx;

	if (to->count == MAX_TOKENS)
		return;
	to->all[to->count++] = (token){ kind, depth, at->start ? hash(at->start, at->len) : 0 };
}

static bool same_tokens(const tokens *a, const tokens *b)
{
	size_t i;

	for (i = 0; a->count == b->count && i < a->count; i++) {
		if (a->all[i].kind != b->all[i].kind || a->all[i].depth != b->all[i].depth ||
		    a->all[i].bytes != b->all[i].bytes)
			return false;
	}
	return a->count == b->count;
}

/* --- pieces --- */

/* How long the next piece is: one byte, or a few, by a random number. */
static size_t next_piece(unsigned *random, size_t left)
{
	size_t len;

	*random = *random * 1664525 + 1013904223;
	len = *random >> 31 ? 1 : *random >> 20 & 31;
	return len < left ? len : left;
}

/* In one piece where `random` is 0. */
static void check_text(sp_json_check *check, const char *text, size_t len, unsigned random,
                       tokens *to)
{
	size_t n;

	check->max_depth = 1000;
	check->fn = take_token;
	check->ctx = to;
	sp_json_check_begin(check);
	for (; len; text += n, len -= n) {
		char *copy;

		n = random ? next_piece(&random, len) : len;
		/* so that nothing is kept that points into an earlier piece */
		copy = malloc(n + !n);
		fuzz_expect(copy != NULL, "there is memory");
		memcpy(copy, text, n);
		sp_json_check_add(check, copy, n);
		free(copy);
	}
	sp_json_check_end(check);
}

/* --- the other readers --- */

/* Walked over and written again, a right text is the same but for its white
 * space; and it is right still. */
static void join_again(const char *text, size_t len, const tokens *told)
{
	tokens seen = { malloc(MAX_TOKENS * sizeof(token)), 0 };
	sp_json_check *check = malloc(sizeof *check);
	sp_buf joined = { 0 };
	sp_scan_writer writer = { &joined, SP_SCAN_END };
	sp_scan scan;
	sp_scan_token kind;

	fuzz_expect(seen.all && check, "there is memory");
	sp_scan_begin(&scan, text, len);
	while ((kind = sp_scan_next(&scan)) != SP_SCAN_END) {
		fuzz_expect(kind != SP_SCAN_BAD, "the scan takes what the check takes");
		sp_scan_put(&writer, &scan, kind);
	}
	check_text(check, sp_buf_text(&joined), joined.len, 0, &seen);
	fuzz_expect(!check->wrong, "a text written again is JSON");
	fuzz_expect(same_tokens(told, &seen), "a text written again has the same tokens");
	fuzz_expect(scan.beyond_jsonb == (check->beyond_jsonb != 0),
	            "scan and check say the same of what jsonb takes");
	sp_buf_free(&joined);
	free(check);
	free(seen.all);
}

/* A tree, printed and parsed again, prints the same. */
static void print_again(sp_json *tree)
{
	sp_buf first = { 0 }, second = { 0 };
	sp_error err = SP_ERROR_INIT;
	sp_json *again;

	fuzz_expect(sp_json_print(tree, false, &first), "a tree can be printed");
	again = sp_json_parse(sp_buf_text(&first), first.len, "x", &err);
	fuzz_expect(again != NULL, "what was printed can be parsed");
	fuzz_expect(sp_json_print(again, false, &second), "a tree can be printed again");
	fuzz_expect(first.len == second.len && !memcmp(first.data, second.data, first.len),
	            "a tree printed again is the same");
	sp_buf_free(&first);
	sp_buf_free(&second);
	sp_json_free(again);
}

static size_t deepest(const tokens *told)
{
	size_t i, most = 0;

	for (i = 0; i < told->count; i++)
		most = told->all[i].depth > most ? told->all[i].depth : most;
	return most;
}

static void parse(const char *text, size_t len, const sp_json_check *check, const tokens *told)
{
	sp_error err = SP_ERROR_INIT;
	sp_json *tree = sp_json_parse(text, len, "x", &err);

	if (tree) {
		fuzz_expect(!check->wrong, "what can be parsed is JSON");
		fuzz_expect(!check->beyond_jsonb, "what can be parsed is no more than jsonb takes");
		print_again(tree);
	} else {
		fuzz_expect(err.code == SP_BAD_PACKAGE, "what can't be parsed is the text's fault");
		fuzz_expect(check->wrong || check->beyond_jsonb || deepest(told) >= 60 ||
		                strstr(sp_error_text_c(&err), "twice") ||
		                strstr(sp_error_text_c(&err), "number"),
		            "JSON can be parsed, but for what this parser refuses");
	}
	sp_json_free(tree);
	sp_error_clear(&err);
}

static void check_whole(const char *text, size_t len, unsigned random)
{
	sp_json_check *whole = malloc(sizeof *whole), *cut = malloc(sizeof *cut);
	tokens told = { malloc(MAX_TOKENS * sizeof(token)), 0 };
	tokens told_cut = { malloc(MAX_TOKENS * sizeof(token)), 0 };

	fuzz_expect(whole && cut && told.all && told_cut.all, "there is memory");
	check_text(whole, text, len, 0, &told);
	check_text(cut, text, len, random, &told_cut);
	fuzz_expect((whole->wrong != NULL) == (cut->wrong != NULL), "cut: the same verdict");
	fuzz_expect(!whole->wrong || !strcmp(whole->wrong, cut->wrong), "cut: the same reason");
	fuzz_expect(whole->offset == cut->offset, "cut: the same place");
	fuzz_expect(whole->beyond_jsonb == cut->beyond_jsonb &&
	                whole->beyond_numeric == cut->beyond_numeric,
	            "cut: the same doubts");
	fuzz_expect(same_tokens(&told, &told_cut), "cut: the same tokens");
	parse(text, len, whole, &told);
	if (!whole->wrong && told.count < MAX_TOKENS)
		join_again(text, len, &told);
	free(whole);
	free(cut);
	free(told.all);
	free(told_cut.all);
}

/* --- rows --- */

typedef struct {
	uint64_t hash; /* of all that was found */
	int count;
} found;

static void take_finding(void *ctx, const sp_finding *finding)
{
	const uint64_t facts[] = { finding->id, (uint64_t)finding->place.line,
		                       (uint64_t)finding->place.column };
	found *to = ctx;

	fuzz_expect(finding->place.line > 0 && finding->place.column > 0, "what is found has a place");
	to->hash = to->hash * 31 + hash((const char *)facts, sizeof facts);
	to->count++;
}

static int64_t check_rows(const char *path, const char *text, size_t len, unsigned random,
                          found *to)
{
	sp_checking check = {
		.name = "x", .limits = SP_LIMITS_DEFAULT, .tell = take_finding, .ctx = to, .goes_on = true
	};
	sp_error err = SP_ERROR_INIT;
	sp_row_check *rows;
	int64_t count;
	size_t n;

	check.limits.line_size = 2000;
	sp_checking_begin(&check);
	rows = sp_row_check_create(&check, NULL, NULL, &err);
	fuzz_expect(rows != NULL, "there is memory");
	sp_row_check_begin(rows, path, true, NULL);
	for (; len; text += n, len -= n) {
		n = random ? next_piece(&random, len) : len;
		fuzz_expect(sp_row_check_add(rows, text, n, &err), "the check goes on");
	}
	fuzz_expect(sp_row_check_end(rows, &count, &err), "the check comes to its end");
	sp_row_check_free(rows);
	return count;
}

void fuzz_one(const unsigned char *data, size_t len)
{
	const char *path, *text = (const char *)data + 1;
	found whole = { 0 }, cut = { 0 };
	unsigned random;

	if (len < 2)
		return;
	path = data[0] & 1 ? "a.jsonl" : "a.json";
	random = (unsigned)data[0] * 2654435761u | 1;
	check_whole(text, len - 1, random);
	fuzz_expect(check_rows(path, text, len - 1, 0, &whole) ==
	                check_rows(path, text, len - 1, random, &cut),
	            "cut: as many rows");
	fuzz_expect(whole.count == cut.count && whole.hash == cut.hash, "cut: the same is found");
}
