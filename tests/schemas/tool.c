/*
 * The validator of JSON Schemas, a line at a time, for tests that compare it
 * with others. A line of standard input is
 *
 *	schema JSON      what the texts that follow are checked against
 *	check JSON       a text
 *
 * and of standard output "ok" or "outside WHY", and "valid", "invalid POINTER"
 * (the first that is wrong) or "broken" where it isn't JSON.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/json_schema_compile.h"
#include "core/base/text.h"

typedef struct {
	sp_json *schema;
	sp_json_schema_table *table;
	sp_json_schema_check *check;
	sp_error err;
	sp_json_check json;
	char wrong[4096];
} tool;

static void take_wrong(void *ctx, sp_json_wrong wrong, const char *pointer, const char *expected)
{
	tool *t = ctx;

	(void)wrong;
	(void)expected;
	if (!*t->wrong)
		snprintf(t->wrong, sizeof(t->wrong), "invalid %s", pointer);
}

static void take_token(void *ctx, sp_scan_token kind, size_t depth, const sp_scan *token)
{
	tool *t = ctx;

	(void)depth;
	sp_json_schema_check_token(t->check, kind, token, &t->json.number, &t->err);
}

/* On one line, whatever is in it. */
static void put_line(const char *text)
{
	sp_buf safe = { 0 };

	sp_safe_text(&safe, text, strlen(text));
	puts(sp_buf_text(&safe));
	sp_buf_free(&safe);
}

static void take_schema(tool *t, const char *text, size_t len)
{
	sp_json_schema_table_free(t->table);
	sp_json_free(t->schema);
	t->table = NULL;
	t->schema = sp_json_parse(text, len, "the schema", &t->err);
	if (t->schema)
		t->table = sp_json_schema_compile(t->schema, &t->err);
	if (!t->table)
		sp_error_before(&t->err, "outside ");
	put_line(t->table ? "ok" : sp_error_text_c(&t->err));
	sp_error_clear(&t->err);
}

/* In pieces of so many bytes. */
static const char *verdict_of(tool *t, const char *text, size_t len, size_t piece)
{
	size_t i;

	*t->wrong = '\0';
	sp_json_check_begin(&t->json);
	sp_json_schema_check_begin(t->check, sp_json_schema_of(t->table));
	for (i = 0; i < len; i += piece)
		sp_json_check_add(&t->json, text + i, len - i < piece ? len - i : piece);
	if (!sp_json_check_end(&t->json))
		return "broken";
	return *t->wrong ? t->wrong : "valid";
}

static void check_text(tool *t, const char *text, size_t len)
{
	char *whole = strdup(verdict_of(t, text, len, len ? len : 1));

	if (!whole || strcmp(whole, verdict_of(t, text, len, 3)) != 0) {
		fputs("the verdict depends on the pieces\n", stderr);
		exit(1);
	}
	put_line(whole);
	free(whole);
}

static bool take_line(tool *t, const char *line, size_t len)
{
	if (strncmp(line, "schema ", 7) == 0)
		take_schema(t, line + 7, len - 7);
	else if (strncmp(line, "check ", 6) == 0 && t->table)
		check_text(t, line + 6, len - 6);
	else
		return false;
	return !sp_error_is_set(&t->err);
}

int main(void)
{
	tool *t = calloc(1, sizeof(*t));
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool ok = t != NULL;

	if (!ok)
		return 1;
	t->json.fn = take_token;
	t->json.ctx = t;
	t->json.max_depth = 1000;
	t->check = sp_json_schema_check_create(take_wrong, t, &t->err);
	while (ok && (len = getline(&line, &room, stdin)) > 0) {
		len -= line[len - 1] == '\n';
		ok = take_line(t, line, (size_t)len);
		fflush(stdout);
	}
	if (!ok)
		fprintf(stderr, "can't do this: %.200s %s\n", line, sp_error_text_c(&t->err));
	free(line);
	sp_json_schema_check_free(t->check);
	sp_json_schema_table_free(t->table);
	sp_json_free(t->schema);
	sp_error_clear(&t->err);
	free(t);
	return ok ? 0 : 1;
}
