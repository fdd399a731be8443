#include <config.h>

#include "core/plan/plan_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/db/sql.h"
#include "core/plan/decided.h"
#include "core/plan/fate.h"

/* --- reading ------------------------------------------------------------------------------- */

static bool fail_line(const char *path, long number, sp_error *err)
{
	sp_error_clear(err);
	return sp_fail(err, SP_USAGE, N_("\"spaceport plan\" makes such files."),
	               N_("line %ld of \"%s\" is no line of a plan"), number, path);
}

static bool is_version(const sp_json *line, const char *path, sp_error *err)
{
	int64_t version = sp_json_int(line, "spaceport_plan", 0);

	return version <= SP_PLAN_VERSION ||
	       sp_fail(err, SP_INCOMPATIBLE, N_("Use a newer spaceport."),
	               N_("the plan \"%s\" is of version %lld, and this program reads version %d"),
	               path, (long long)version, SP_PLAN_VERSION);
}

/* A hash, or nothing. */
static bool is_hash(const sp_json *line, const char *key)
{
	const char *text = sp_json_text(line, key);
	size_t digits;

	if (!text)
		return !sp_json_get(line, key);
	text += *text == '-';
	digits = strspn(text, "0123456789");
	return digits && digits < 20 && !text[digits];
}

/* A list, or nothing. */
static bool is_list(const sp_json *line, const char *key)
{
	const sp_json *list = sp_json_get(line, key);

	return !list || sp_json_kind_of(list) == SP_JSON_IS_ARRAY;
}

/* What a line of rows must say. */
static bool is_row(const sp_json *line)
{
	const char *decision = sp_json_text(line, "decision");

	return sp_json_text(line, "kind") && sp_json_text(line, "origin") &&
	       sp_json_text(line, "class") && is_hash(line, "there") && is_hash(line, "here") &&
	       is_list(line, "columns") && is_list(line, "fields") &&
	       (!sp_json_get(line, "target") || sp_json_int(line, "target", -1) >= 0) &&
	       (decision ? sp_word_of(sp_decisions, SP_DECISIONS, decision) >= 0
	                 : !sp_json_get(line, "decision"));
}

static bool read_line(const char *path, long number, char *text, sp_plan_line_fn *fn, void *ctx,
                      sp_error *err)
{
	size_t len = strlen(text);
	sp_json *line;
	bool ok;

	if (!len || text[len - 1] != '\n')
		return fail_line(path, number, err);
	text[--len] = '\0';
	line = sp_json_parse(text, len, path, err);
	if (!line)
		return sp_error_is_memory(err) ? false : fail_line(path, number, err);
	if (number == 1 && sp_json_get(line, "spaceport_plan"))
		ok = is_version(line, path, err);
	else
		ok = is_row(line) || fail_line(path, number, err);
	ok = ok && fn(ctx, text, len, line, err);
	sp_json_free(line);
	return ok;
}

bool sp_plan_file_read(const char *path, sp_plan_line_fn *fn, void *ctx, sp_error *err)
{
	FILE *file = fopen(path, "re");
	char *text = file ? malloc(SP_PLAN_LINE + 2) : NULL;
	long number = 0;
	bool ok = true;

	if (!file)
		return sp_fail_errno(err, errno, N_("can't open \"%s\""), path);
	if (!text)
		ok = sp_fail_memory(err);
	while (ok && fgets(text, SP_PLAN_LINE + 2, file))
		ok = read_line(path, ++number, text, fn, ctx, err);
	if (ok && ferror(file))
		ok = sp_fail_errno(err, errno, N_("can't read \"%s\""), path);
	free(text);
	(void)fclose(file);
	return ok;
}

static bool take_head(void *ctx, const char *text, size_t len, const sp_json *line, sp_error *err)
{
	sp_json **head = ctx;

	(void)text;
	(void)len;
	(void)err;
	if (!*head && sp_json_get(line, "spaceport_plan"))
		*head = sp_json_copy(line);
	return true;
}

sp_json *sp_plan_file_head(const char *path, sp_error *err)
{
	sp_json *head = NULL;

	if (sp_plan_file_read(path, take_head, &head, err) && !head)
		sp_fail(err, SP_USAGE, N_("\"spaceport plan\" makes such files."), N_("\"%s\" is no plan"),
		        path);
	if (!sp_error_is_set(err))
		return head;
	sp_json_free(head);
	return NULL;
}

static bool send_line(void *ctx, const char *text, size_t len, const sp_json *line, sp_error *err)
{
	(void)len;
	return sp_json_get(line, "spaceport_plan") ||
	       sp_db_copy_row(ctx, (const char *const[]){ text }, 1, err);
}

bool sp_plan_file_stage(sp_staging *staging, const char *path, sp_error *err)
{
	sp_db *db = sp_staging_db(staging);
	sp_buf sql = { 0 }, lines = { 0 };
	bool ok;

	sp_staging_make(staging, "line", NULL, &sql);
	sp_buf_adds(&sql, " (number bigint GENERATED ALWAYS AS IDENTITY, body text)");
	ok = sp_db_exec_buf(db, &sql, err);
	sp_staging_table(staging, "line", NULL, &lines);
	sp_buf_adds(&sql, sp_buf_text(&lines));
	sp_buf_adds(&sql, " (body)");
	sql.failed = sql.failed || lines.failed;
	ok = ok && (sql.failed ? sp_fail_memory(err) : sp_db_copy_in(db, sql.data, err)) &&
	     sp_plan_file_read(path, send_line, db, err) && sp_db_copy_end(db, err);
	sp_buf_free(&sql);
	sp_staging_make(staging, "planned", NULL, &sql);
	sp_buf_addf(
		&sql,
		" AS SELECT l.number, x.kind, x.id, x.origin, concat_ws(' ', x.class, x.why) AS said,"
		" x.target, coalesce(x.columns, '{}') AS columns, x.there, x.here, x.decision,"
		" x.fields FROM %s l, json_to_record(l.body::json) AS x (kind text, id text, origin"
		" text, class text, why text, target bigint, columns text[], there bigint, here"
		" bigint, decision text, fields text[]); ANALYZE ",
		sp_buf_text(&lines));
	sp_staging_table(staging, "planned", NULL, &sql);
	sql.failed = sql.failed || lines.failed;
	sp_buf_free(&lines);
	if (ok)
		return sp_db_exec_buf(db, &sql, err);
	sp_buf_free(&sql);
	return false;
}

/* --- writing ------------------------------------------------------------------------------- */

typedef struct {
	sp_out *out;
	sp_buf line;
} writing;

static void add_lines(const sp_sides *in, const sp_plan_about *about, bool decided, sp_buf *sql)
{
	const char *kind = sp_entities[in->kind].name;

	sp_buf_addf(sql,
	            "SELECT json_strip_nulls(json_build_object('kind', '%s', 'id', f.id, 'origin',"
	            " coalesce(c.uuid, f.id), 'name', f.name, 'class', split_part(f.said, ' ', 1),"
	            " 'why', nullif(split_part(f.said, ' ', 2), ''), 'target', f.target, 'columns',"
	            " nullif(f.columns, '{}'), 'there', f.there::text, 'here', f.here::text,"
	            " 'decision', %s, 'fields', %s))::text FROM ",
	            kind, decided ? "y.word" : "NULL::text",
	            decided ? "nullif(y.fields, '{}')" : "NULL::text");
	sp_fate_rows(in, sql);
	sp_buf_adds(sql, " f");
	sp_sides_origin(in, "LEFT JOIN", "f", about->source, sql);
	if (decided) {
		sp_buf_adds(sql, " LEFT JOIN ");
		sp_sides_table(in, "decided", sql);
		sp_buf_adds(sql, " y ON y.number = f.number AND y.said = f.said AND y.there = f.there AND"
		                 " y.here IS NOT DISTINCT FROM f.here");
	}
	sp_buf_adds(sql, " WHERE f.said <> 'new'");
}

static bool take_line(void *ctx, const sp_field *fields, int count, sp_error *err)
{
	writing *w = ctx;

	(void)count;
	sp_buf_reset(&w->line);
	sp_safe_json(&w->line, fields[0].data, fields[0].len);
	sp_buf_addc(&w->line, '\n');
	return (!w->line.failed || sp_fail_memory(err)) &&
	       sp_out_write(w->out, w->line.data, w->line.len, err);
}

bool sp_plan_file_write(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                        bool decided, sp_out *out, sp_error *err)
{
	writing w = { out, { 0 } };
	sp_buf sql = { 0 };
	bool ok = true;
	sp_sides in;

	for (int kind = 0; ok && kind < SP_ENTITY_COUNT; kind++) {
		if (!sp_sides_get(staging, catalog, (sp_kind)kind, &in) || !in.staged)
			continue;
		add_lines(&in, about, decided, &sql);
		ok = sp_db_copy_out_buf(in.db, &sql, take_line, &w, err);
	}
	sp_buf_free(&w.line);
	return ok;
}
