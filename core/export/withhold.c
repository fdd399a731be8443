#include <config.h>

#include "core/export/withhold.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"

#define MAX_PARTS      16
#define CONTRACT_DEPTH 64
#define CONTRACT_NODES 100000 /* of a contract are looked at */

typedef struct {
	int64_t schema;
	char *path;                    /* dotted, without a wrapper */
	sp_path_part parts[MAX_PARTS]; /* into path */
	size_t count;
} field;

struct sp_withhold {
	field *fields;
	size_t count;
};

/* The parts of a contract whose fields HQ stores with or without them. */
static bool is_wrapper(const char *key, size_t len)
{
	return (len == 8 && !memcmp(key, "document", 8)) || (len > 4 && !memcmp(key, "per_", 4));
}

static const char *without_wrapper(const char *path)
{
	size_t len = strcspn(path, ".");

	return path[len] && is_wrapper(path, len) ? path + len + 1 : path;
}

static bool split(field *of, sp_error *err)
{
	const char *p = of->path;

	for (of->count = 0; *p && of->count < MAX_PARTS; of->count++) {
		size_t len = strcspn(p, ".");

		of->parts[of->count] = (sp_path_part){ p, len };
		p += p[len] ? len + 1 : len;
	}
	return !*p || sp_fail(err, SP_USAGE, NULL, N_("the field \"%s\" has too many parts"), of->path);
}

static bool add(sp_withhold *withhold, int64_t schema, const char *path, sp_error *err)
{
	field *fields = realloc(withhold->fields, (withhold->count + 1) * sizeof(*fields));

	if (!fields)
		return sp_fail_memory(err);
	withhold->fields = fields;
	fields += withhold->count;
	*fields = (field){ .schema = schema, .path = strdup(without_wrapper(path)) };
	if (!fields->path)
		return sp_fail_memory(err);
	withhold->count++;
	return split(fields, err);
}

static const sp_json *definition(const sp_json *root, const char *name)
{
	const sp_json *found;

	if (!strncmp(name, "#/$defs/", 8))
		found = sp_json_get(sp_json_get(root, "$defs"), name + 8);
	else if (!strncmp(name, "#/definitions/", 14))
		found = sp_json_get(sp_json_get(root, "definitions"), name + 14);
	else
		return NULL;
	return found;
}

/* True where a JSON Schema has the field whose path is parts[at], … in it. */
static bool schema_has(const sp_json *root, const sp_json *node, const field *of, size_t at,
                       int depth, long *budget)
{
	static const char *const lists[] = { "anyOf", "oneOf", "allOf" };
	const char *reference = sp_json_text(node, "$ref");
	const sp_json *child;
	size_t i;

	/* definitions may name each other in a circle */
	if (!node || depth > CONTRACT_DEPTH || --*budget < 0)
		return false;
	if (at == of->count)
		return true;
	if (reference && schema_has(root, definition(root, reference), of, at, depth + 1, budget))
		return true;
	if (schema_has(root, sp_json_get(node, "items"), of, at, depth + 1, budget))
		return true;
	for (i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (child = sp_json_first(sp_json_get(node, lists[i])); child; child = sp_json_next(child))
			if (schema_has(root, child, of, at, depth + 1, budget))
				return true;
	for (child = sp_json_first(sp_json_get(node, "properties")); child;
	     child = sp_json_next(child)) {
		const char *key = sp_json_key(child);
		bool named =
			strlen(key) == of->parts[at].len && !memcmp(key, of->parts[at].key, strlen(key));

		if ((named && schema_has(root, child, of, at + 1, depth + 1, budget)) ||
		    (at == 0 && is_wrapper(key, strlen(key)) &&
		     schema_has(root, child, of, at, depth + 1, budget)))
			return true;
	}
	return false;
}

/* Whoever asks for secrecy gets it or an error: the whole path must be there. */
static bool contract_has(const char *contract, const field *of, sp_error *err)
{
	sp_error unreadable = SP_ERROR_INIT;
	long budget = CONTRACT_NODES;
	sp_json *root;
	bool found;

	if (!contract)
		return true;
	root = sp_json_parse(contract, strlen(contract), "output_contract", &unreadable);
	if (unreadable.code && unreadable.code != SP_BAD_PACKAGE) {
		sp_error_move(err, &unreadable);
		return false;
	}
	sp_error_clear(&unreadable);
	if (!root)
		return sp_fail(
			err, SP_USAGE, N_("Leave the annotated assets out instead, or mend the contract."),
			N_("the schema's output contract can't be read, so that the field \"%s\" can't "
		       "be looked up in it"),
			of->path);
	found = schema_has(root, root, of, 0, 0, &budget);
	sp_json_free(root);
	return found;
}

enum { S_ID, S_UUID, S_NAME, S_CONTRACT };

/* How many bytes of `text` name this schema, followed by a dot; 0: none. */
static size_t names_schema(const sp_rows *rows, int row, const char *text)
{
	int column;

	for (column = S_ID; column <= S_NAME; column++) {
		const char *name = sp_rows_get(rows, row, column);
		size_t len = strlen(name);

		if (len && !strncmp(text, name, len) && text[len] == '.' && text[len + 1])
			return len;
	}
	return 0;
}

static bool resolve(sp_withhold *withhold, const sp_rows *rows, const char *text, sp_error *err)
{
	size_t longest = 0, len;
	bool known = false;
	int row;

	/* names may hold dots: the longest that fits is meant */
	for (row = 0; row < sp_rows_count(rows); row++) {
		len = names_schema(rows, row, text);
		longest = len > longest ? len : longest;
	}
	if (!longest)
		return sp_fail(
			err, SP_USAGE,
			N_("Write it as SCHEMA.FIELD, with the name or UUID of a schema of this run."),
			N_("--exclude-field %s names no schema of this run"), text);
	for (row = 0; row < sp_rows_count(rows); row++) {
		if (names_schema(rows, row, text) != longest)
			continue;
		if (is_wrapper(text + longest + 1, strlen(text + longest + 1)) &&
		    !strchr(text + longest + 1, '.'))
			return sp_fail(err, SP_USAGE, N_("Name the fields in it one by one."),
			               N_("--exclude-field %s names no field but what stands around fields"),
			               text);
		if (!add(withhold, sp_rows_int(rows, row, S_ID), text + longest + 1, err))
			return false;
		known = known || contract_has(sp_rows_get(rows, row, S_CONTRACT),
		                              &withhold->fields[withhold->count - 1], err);
		if (sp_error_is_set(err))
			return false;
	}
	return known ||
	       sp_fail(
			   err, SP_USAGE,
			   N_("Write the whole path of the field, as in positions.actor: the schema's output "
	              "contract has no such field."),
			   N_("--exclude-field %s names no field of that schema"), text);
}

sp_withhold *sp_withhold_create(sp_db *db, const sp_catalog *catalog, int64_t run,
                                const sp_export_options *options, sp_error *err)
{
	sp_withhold *withhold = NULL;
	sp_rows *rows = NULL;
	sp_buf sql = { 0 };
	bool ok = false;
	int i;

	if (!options->exclude_field_count)
		return NULL;
	sp_buf_addf(&sql,
	            "SELECT s.id, s.uuid, s.name, s.output_contract::text FROM %s s WHERE s.id IN "
	            "(SELECT schema_id FROM pg_temp.sp_annotation UNION SELECT l.schema_id FROM %s l "
	            "WHERE l.run_id = %lld) ORDER BY s.id",
	            sp_catalog_table(catalog, "annotationschema")->quoted,
	            sp_catalog_table(catalog, "runschemalink")->quoted, (long long)run);
	withhold = calloc(1, sizeof(*withhold));
	if (!withhold || sql.failed) {
		sp_fail_memory(err);
		goto out;
	}
	rows = sp_db_query(db, sql.data, 0, NULL, err);
	for (i = 0, ok = rows != NULL; ok && i < options->exclude_field_count; i++)
		ok = resolve(withhold, rows, options->exclude_fields[i], err);
out:
	sp_rows_free(rows);
	sp_buf_free(&sql);
	if (!ok) {
		sp_withhold_free(withhold);
		withhold = NULL;
	}
	return withhold;
}

void sp_withhold_free(sp_withhold *withhold)
{
	size_t i;

	if (!withhold)
		return;
	for (i = 0; i < withhold->count; i++)
		free(withhold->fields[i].path);
	free(withhold->fields);
	free(withhold);
}

static bool part_is(const sp_path_part *part, const char *text, size_t len, const char *suffix)
{
	size_t more = strlen(suffix);

	return part->len == len + more && !memcmp(part->key, text, len) &&
	       !memcmp(part->key + len, suffix, more);
}

/*
 * The field itself, its justification, and the justifications of all that it
 * stands in: those tell of it as well.
 */
static bool path_is(const field *of, const sp_path_part *path, size_t depth)
{
	const sp_path_part *last = &path[depth - 1], *part;
	size_t i;

	if (!depth || depth > of->count + 1)
		return false;
	for (i = 0; i + 1 < depth; i++)
		if (!part_is(&path[i], of->parts[i].key, of->parts[i].len, ""))
			return false;
	if (depth > 1 && part_is(last, "justification", 13, ""))
		return true;
	if (depth > of->count)
		return false;
	part = &of->parts[depth - 1];
	return part_is(last, part->key, part->len, "_justification") ||
	       (depth == of->count && part_is(last, part->key, part->len, ""));
}

/* Fragments stand under the field's last part or its whole path. */
static bool is_fragment(const field *of, const sp_path_part *path, size_t depth)
{
	const sp_path_part *last = &of->parts[of->count - 1];
	size_t of_len = strlen(of->path), prefix;

	if (depth != 1)
		return false;
	prefix = path->len > of_len ? path->len - of_len : 0;
	return part_is(path, last->key, last->len, "") || part_is(path, of->path, of_len, "") ||
	       (prefix > 1 && path->key[prefix - 1] == '.' && is_wrapper(path->key, prefix - 1) &&
	        !memcmp(path->key + prefix, of->path, of_len));
}

bool sp_withhold_member(const sp_withhold *withhold, int64_t schema, const sp_path_part *path,
                        size_t depth)
{
	bool wrapped = depth > 1 && is_wrapper(path->key, path->len);
	size_t i;

	for (i = 0; i < withhold->count; i++) {
		const field *of = &withhold->fields[i];

		if (schema < 0
		        ? is_fragment(of, path, depth)
		        : of->schema == schema && (path_is(of, path + wrapped, depth - wrapped) ||
		                                   part_is(&path[depth - 1], "_thinking_trace", 15, "")))
			return true;
	}
	return false;
}

static void add_begins(sp_buf *sql, const char *path, const char *suffix)
{
	sp_buf text = { 0 };

	sp_buf_adds(&text, path);
	sp_buf_adds(&text, suffix);
	sp_buf_adds(sql, "starts_with(y.path, ");
	sp_sql_literal(sql, sp_buf_text(&text));
	sp_buf_addc(sql, ')');
	sql->failed = sql->failed || text.failed;
	sp_buf_free(&text);
}

/* What the field stands in. */
static void add_contains(sp_buf *sql, const char *path)
{
	sp_buf text = { 0 };

	sp_buf_addf(&text, "%s.", path);
	sp_buf_adds(sql, "starts_with(");
	sp_sql_literal(sql, sp_buf_text(&text));
	sp_buf_adds(sql, ", y.path)");
	sql->failed = sql->failed || text.failed;
	sp_buf_free(&text);
}

void sp_withhold_sql(const sp_withhold *withhold, const char *column, const char *schema,
                     sp_buf *sql)
{
	size_t i;

	/* $.document.actors[0].party, /actors/0/party and actors.party alike */
	sp_buf_addf(
		sql,
		"EXISTS (SELECT FROM (SELECT regexp_replace(regexp_replace(regexp_replace("
		"translate(%s, '/', '.'), '\\[[^]]*\\]|\\.[0-9]+(?=\\.|$)', '', 'g'), '^[$.]+', ''), "
		"'^(document|per_[^.]*)\\.', '') || '.' AS path) y WHERE false",
		column);
	for (i = 0; i < withhold->count; i++) {
		sp_buf_adds(sql, " OR (");
		if (schema)
			sp_buf_addf(sql, "%s = %lld AND ", schema, (long long)withhold->fields[i].schema);
		/* a row that doesn't say its field may be about this one */
		sp_buf_adds(sql, "(y.path IS NULL OR ");
		add_begins(sql, withhold->fields[i].path, ".");
		sp_buf_adds(sql, " OR ");
		add_begins(sql, withhold->fields[i].path, "_justification.");
		sp_buf_adds(sql, " OR ");
		add_contains(sql, withhold->fields[i].path);
		sp_buf_adds(sql, "))");
	}
	sp_buf_addc(sql, ')');
}
