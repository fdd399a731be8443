#include <config.h>

#include "core/export/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/scan.h"
#include "core/model/refs.h"
#include "core/model/secrets.h"

/* What is watched for while a json value is copied. */
typedef enum {
	COPY_PLAIN,
	COPY_SETTINGS,
	COPY_DETAILS,
	COPY_VALUE,
	COPY_FRAGMENTS,
	COPY_VIEW
} copy_rule;

struct sp_packer {
	const sp_catalog *catalog;
	sp_identity *identity;
	const sp_names *names;
	const sp_withhold *withhold;
	bool no_authors, without_caches;
	sp_pack_counts counts;
	sp_buf line, refs, raw, value;
	sp_buf keys;        /* keys of the value that are spelt with escapes, as they read */
	sp_path_part *path; /* of the member that is being copied */
	size_t path_room;
	int tables[SP_ENTITY_COUNT]; /* index in the catalog, -1 */
};

sp_packer *sp_packer_create(const sp_catalog *catalog, sp_identity *identity, const sp_names *names,
                            const sp_withhold *withhold, bool no_authors, bool without_caches,
                            sp_error *err)
{
	sp_packer *packer = calloc(1, sizeof(*packer));
	int kind;

	if (!packer) {
		sp_fail_memory(err);
		return NULL;
	}
	packer->catalog = catalog;
	packer->identity = identity;
	packer->names = names;
	packer->withhold = withhold;
	packer->no_authors = no_authors;
	packer->without_caches = without_caches || withhold;
	for (kind = 0; kind < SP_ENTITY_COUNT; kind++)
		packer->tables[kind] = sp_kind_table(catalog, (sp_kind)kind);
	return packer;
}

void sp_packer_free(sp_packer *packer)
{
	if (!packer)
		return;
	sp_buf_free(&packer->line);
	sp_buf_free(&packer->refs);
	sp_buf_free(&packer->raw);
	sp_buf_free(&packer->value);
	sp_buf_free(&packer->keys);
	free(packer->path);
	free(packer);
}

const sp_pack_counts *sp_packer_counts(const sp_packer *packer)
{
	return &packer->counts;
}

/* --- keys ---------------------------------------------------------------- */

void sp_pack_key(sp_buf *to, const char *name)
{
	if (to->len > 1 && to->data[to->len - 1] != '{')
		sp_buf_addc(to, ',');
	if (name[0] == '_' && name[1] == '_') {
		sp_buf escaped = { 0 };

		sp_buf_adds(&escaped, "__");
		sp_buf_adds(&escaped, name);
		sp_buf_add_json(to, sp_buf_text(&escaped), escaped.len);
		to->failed = to->failed || escaped.failed;
		sp_buf_free(&escaped);
	} else {
		sp_buf_add_json(to, name, strlen(name));
	}
	sp_buf_addc(to, ':');
}

static void add_uuid(sp_buf *to, const char *uuid)
{
	sp_buf_add_json(to, uuid, strlen(uuid));
}

/* --- references inside values --------------------------------------------- */

static bool is_author(const sp_packer *packer, const sp_ref *ref)
{
	return packer->no_authors && ref->kind == SP_USER;
}

static void add_ref(sp_packer *packer, const sp_ref *ref, const char *uuid)
{
	sp_buf *to = &packer->refs, quoted = { 0 };

	sp_buf_adds(to, to->len ? ",{\"path\":\"/" : "{\"path\":\"/");
	if (!strncmp(ref->pointer, "/__", 3)) /* as sp_pack_key() spells such a column */
		sp_buf_adds(to, "__");
	sp_buf_add_json(&quoted, ref->pointer + 1, strlen(ref->pointer + 1));
	sp_buf_add(to, sp_buf_text(&quoted) + 1, quoted.len ? quoted.len - 1 : 0);
	to->failed = to->failed || quoted.failed;
	sp_buf_free(&quoted);
	sp_buf_addf(to, ",\"form\":\"%s\"", sp_ref_forms[ref->form]);
	if (ref->form == SP_REF_MARKER)
		sp_buf_addf(to, ",\"id\":%lld", (long long)ref->id);
	if (ref->kind >= 0)
		sp_buf_addf(to, ",\"kind\":\"%s\"", sp_entities[ref->kind].name);
	if (uuid) {
		sp_buf_adds(to, ",\"uuid\":");
		add_uuid(to, uuid);
	}
	sp_buf_addc(to, '}');
	packer->counts.references++;
}

static bool take_ref(void *ctx, const sp_ref *ref, sp_error *err)
{
	sp_packer *packer = ctx;
	const char *uuid = NULL;
	sp_row_uuid row;
	char key[SP_UUID_LEN + 2];
	int len;

	(void)err;
	if (ref->form == SP_REF_UUID) {
		len = snprintf(key, sizeof(key), "u%s", ref->uuid);
		sp_identity_row(packer->identity, key, (size_t)len, &row);
		uuid = sp_names_has(packer->names, row.package) ? row.package : NULL;
	} else if (ref->kind >= 0 && packer->tables[ref->kind] >= 0) {
		uuid = sp_names_get(packer->names, packer->tables[ref->kind], ref->id);
	}
	if (!uuid && ref->maybe)
		return true;
	if (is_author(packer, ref) || (uuid && !*uuid)) {
		packer->counts.dropped++;
		uuid = NULL;
	} else if (!uuid) {
		packer->counts.unresolved++;
	}
	add_ref(packer, ref, uuid);
	return true;
}

/* --- json values ----------------------------------------------------------- */

static bool is_view(const char *column)
{
	return strstr(column, "views_config") != NULL;
}

static copy_rule rule_of(const sp_packer *packer, const sp_layout *layout, const sp_column *column)
{
	if (layout->kind == SP_SOURCE && !strcmp(column->name, "details"))
		return COPY_DETAILS;
	if (packer->without_caches && layout->kind == SP_ANNOTATION && !strcmp(column->name, "value"))
		return COPY_VALUE;
	if (packer->withhold && layout->kind == SP_ASSET && !strcmp(column->name, "fragments"))
		return COPY_FRAGMENTS;
	if (packer->without_caches && is_view(column->name))
		return COPY_VIEW;
	return sp_entities[layout->kind].settings ? COPY_SETTINGS : COPY_PLAIN;
}

/* The UUID of an asset that is left out, kept in a value: `scan` stands before it. */
static bool is_left_out(sp_packer *packer, const sp_path_part *key, const sp_scan *scan)
{
	static const char name[] = "_system_asset_source_uuid";
	sp_scan ahead = *scan;
	sp_row_uuid uuid;
	sp_buf text = { 0 };
	bool out;

	if (key->len != sizeof(name) - 1 || memcmp(key->key, name, key->len) != 0 ||
	    sp_scan_next(&ahead) != SP_SCAN_STRING)
		return false;
	sp_buf_addc(&text, 'u');
	sp_scan_unescape(&ahead, &text);
	sp_identity_row(packer->identity, sp_buf_text(&text), text.len, &uuid);
	out = !sp_names_has(packer->names, uuid.package);
	packer->value.failed = packer->value.failed || text.failed;
	sp_buf_free(&text);
	return out;
}

static bool stays_out(sp_packer *packer, copy_rule rule, int64_t schema, size_t depth)
{
	const char *key = packer->path[depth - 1].key;
	size_t len = packer->path[depth - 1].len;

	switch (rule) {
	case COPY_PLAIN: return false;
	case COPY_DETAILS:
		if (sp_is_open_detail(key, len) && !sp_is_secret_key(key, len))
			return false;
		packer->counts.secrets++;
		return true;
	case COPY_VALUE:
	case COPY_FRAGMENTS:
		if (!packer->withhold || !sp_withhold_member(packer->withhold, schema, packer->path, depth))
			return false;
		packer->counts.withheld++;
		return true;
	case COPY_VIEW:
		if (sp_is_cached_output(key, len)) {
			packer->counts.withheld++;
			return true;
		}
		break;
	case COPY_SETTINGS: break;
	}
	if (!sp_is_secret_key(key, len))
		return false;
	packer->counts.secrets++;
	return true;
}

/*
 * Notes the key of the member at `depth` (1: outermost), as a reader of the
 * JSON sees it: an escape would hide it from what looks for it. copy_filtered()
 * has made room for all keys, so that they stay where they are.
 */
static bool note_key(sp_packer *packer, const sp_scan *scan, size_t depth, sp_error *err)
{
	size_t begin = packer->keys.len;
	sp_path_part *path;

	if (depth > packer->path_room) {
		path = realloc(packer->path, (depth + 16) * sizeof(*path));
		if (!path)
			return sp_fail_memory(err);
		packer->path = path;
		packer->path_room = depth + 16;
	}
	path = &packer->path[depth - 1];
	*path = (sp_path_part){ scan->start + 1, scan->len - 2 };
	if (scan->escaped) {
		sp_scan_unescape(scan, &packer->keys);
		*path = (sp_path_part){ sp_buf_text(&packer->keys) + begin, packer->keys.len - begin };
	}
	return !packer->keys.failed || sp_fail_memory(err);
}

/*
 * Levels of objects only are counted, since a path passes over arrays: which
 * of the open brackets are objects is kept as one byte each.
 */
typedef struct {
	sp_buf open;
	size_t objects;
} levels;

static void level(levels *at, sp_scan_token token)
{
	if (token == SP_SCAN_OBJECT || token == SP_SCAN_ARRAY) {
		sp_buf_addc(&at->open, token == SP_SCAN_OBJECT ? '{' : '[');
		at->objects += token == SP_SCAN_OBJECT;
	} else if ((token == SP_SCAN_OBJECT_END || token == SP_SCAN_ARRAY_END) && at->open.len) {
		at->open.len--;
		at->objects -= at->open.data[at->open.len] == '{';
	}
}

static bool in_object(const levels *at)
{
	return at->open.len && at->open.data[at->open.len - 1] == '{';
}

static bool fail_json(const sp_column *column, sp_error *err)
{
	return sp_fail(err, SP_FAILED, NULL,
	               N_("the database server sent a value of column \"%s\" that is no JSON"),
	               column->name);
}

/*
 * A value that is replaced by null: a text that carries credentials among
 * settings, and what no allowed key leads to in source.details.
 */
static bool is_secret_value(sp_packer *packer, copy_rule rule, size_t objects, const sp_scan *scan,
                            sp_scan_token token)
{
	bool (*is_secret)(const char *, size_t) =
		rule == COPY_DETAILS ? sp_is_secret_text : sp_is_secret_url;
	size_t begin = packer->keys.len;
	bool secret;

	if (rule == COPY_DETAILS && !objects)
		return token == SP_SCAN_STRING || token == SP_SCAN_LITERAL;
	if (token != SP_SCAN_STRING || rule == COPY_VALUE || rule == COPY_FRAGMENTS)
		return false;
	if (!scan->escaped)
		return is_secret(scan->start + 1, scan->len - 2);
	sp_scan_unescape(scan, &packer->keys); /* there is room, as for keys */
	secret = is_secret(sp_buf_text(&packer->keys) + begin, packer->keys.len - begin);
	packer->keys.len = begin;
	return secret;
}

static const sp_scan null_token = { .start = "null", .len = 4 };

static bool copy_filtered(sp_packer *packer, const sp_column *column, copy_rule rule,
                          int64_t schema, const char *text, size_t len, bool *beyond, sp_error *err)
{
	sp_scan_writer writer = { &packer->value, SP_SCAN_END };
	levels at = { 0 };
	sp_scan scan;
	sp_scan_token token;
	bool ok = true;

	sp_buf_reset(&packer->keys);
	if (memchr(text, '\\', len) && !sp_buf_reserve(&packer->keys, len))
		return sp_fail_memory(err);
	sp_scan_begin(&scan, text, len);
	while (ok && (token = sp_scan_next(&scan)) != SP_SCAN_END) {
		if (token == SP_SCAN_BAD) {
			ok = fail_json(column, err);
		} else if (token == SP_SCAN_KEY) {
			ok = in_object(&at)   ? note_key(packer, &scan, at.objects, err)
			     : at.open.failed ? sp_fail_memory(err)
			                      : fail_json(column, err);
			if (ok && rule == COPY_VALUE &&
			    is_left_out(packer, &packer->path[at.objects - 1], &scan)) {
				packer->counts.dropped++;
				ok = sp_scan_skip(&scan) || fail_json(column, err);
				continue;
			}
			if (ok && stays_out(packer, rule, schema, at.objects)) {
				ok = sp_scan_skip(&scan) || fail_json(column, err);
				continue;
			}
		}
		level(&at, token);
		if (ok && is_secret_value(packer, rule, at.objects, &scan, token)) {
			packer->counts.secrets++;
			sp_scan_put(&writer, &null_token, SP_SCAN_LITERAL);
		} else if (ok) {
			sp_scan_put(&writer, &scan, token);
		}
	}
	*beyond = scan.beyond_jsonb;
	if (at.open.failed)
		ok = sp_fail_memory(err);
	sp_buf_free(&at.open);
	return ok;
}

static bool copy_plain(sp_packer *packer, const sp_column *column, const char *text, size_t len,
                       bool *beyond, sp_error *err)
{
	sp_scan_writer writer = { &packer->value, SP_SCAN_END };
	sp_scan scan;
	sp_scan_token token;

	sp_scan_begin(&scan, text, len);
	while ((token = sp_scan_next(&scan)) != SP_SCAN_END) {
		if (token == SP_SCAN_BAD)
			return fail_json(column, err);
		sp_scan_put(&writer, &scan, token);
	}
	*beyond = scan.beyond_jsonb;
	return true;
}

/*
 * A json text that jsonb and text would refuse would make the whole line
 * unreadable for PostgreSQL: it stands as a string among `__raw`.
 */
static bool add_json(sp_packer *packer, const sp_layout *layout, const sp_row_field *field,
                     int64_t schema, const sp_field *value, sp_error *err)
{
	copy_rule rule = rule_of(packer, layout, field->column);
	bool beyond = false, ok;

	sp_buf_reset(&packer->value);
	ok = rule == COPY_PLAIN
	         ? copy_plain(packer, field->column, value->data, value->len, &beyond, err)
	         : copy_filtered(packer, field->column, rule, schema, value->data, value->len, &beyond,
	                         err);
	if (!ok)
		return false;
	if (packer->value.failed)
		return sp_fail_memory(err);
	if (field->refs && !sp_refs_scan(layout->table->name, field->column->name, true,
	                                 packer->value.data, packer->value.len, take_ref, packer, err))
		return false;
	if (beyond) {
		sp_pack_key(&packer->raw, field->column->name);
		sp_buf_add_json(&packer->raw, packer->value.data, packer->value.len);
	} else {
		sp_pack_key(&packer->line, field->column->name);
		sp_buf_add(&packer->line, packer->value.data, packer->value.len);
	}
	return true;
}

/* --- rows ------------------------------------------------------------------ */

static void add_one_ref(sp_packer *packer, sp_buf *to, const sp_row_field *field, int64_t id)
{
	const char *uuid = sp_names_get(packer->names, field->table, id);

	if (uuid && *uuid)
		add_uuid(to, uuid);
	else /* the root, or an id that names nothing */
		sp_buf_addf(to, "%lld", (long long)id);
}

/* A number that names nothing is listed, so that nobody takes it for an id
 * of another instance. */
static void note_unknown(sp_packer *packer, const sp_row_field *field, int64_t id, long position)
{
	sp_buf pointer = { 0 };
	sp_ref ref = { .form = SP_REF_NUMBER,
		           .kind = sp_kind_of_table(packer->catalog->tables[field->table].name),
		           .id = id };

	sp_buf_add_pointer(&pointer, field->column->name, strlen(field->column->name));
	if (position >= 0)
		sp_buf_addf(&pointer, "/%ld", position);
	ref.pointer = sp_buf_text(&pointer);
	packer->counts.unresolved++;
	if (pointer.failed)
		packer->refs.failed = true;
	else
		add_ref(packer, &ref, NULL);
	sp_buf_free(&pointer);
}

/* A field isn't ended by a NUL. */
static int64_t read_number(const char *p, const char *end)
{
	char text[24];

	snprintf(text, sizeof(text), "%.*s", (int)(end - p), p);
	return strtoll(text, NULL, 10);
}

static void add_refs(sp_packer *packer, const sp_row_field *field, const sp_field *value)
{
	sp_buf *to = &packer->line;
	const char *p = value->data, *end = p + value->len;
	long position = 0;

	sp_pack_key(to, field->column->name);
	sp_buf_addc(to, '[');
	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p)), *stop = comma ? comma : end;
		int64_t id = read_number(p, stop);
		const char *uuid = id ? sp_names_get(packer->names, field->table, id) : NULL;

		if (uuid && !*uuid) {
			packer->counts.dropped++;
		} else {
			if (position)
				sp_buf_addc(to, ',');
			if (*p == 'n')
				sp_buf_adds(to, "null");
			else
				add_one_ref(packer, to, field, id);
			if (id && !uuid)
				note_unknown(packer, field, id, position);
			position++;
		}
		p = stop + 1;
	}
	sp_buf_addc(to, ']');
}

static void add_reference(sp_packer *packer, const sp_row_field *field, const sp_field *value)
{
	int64_t id = sp_field_int(value);
	const char *uuid = sp_names_get(packer->names, field->table, id);

	if (uuid && !*uuid) {
		packer->counts.dropped++;
		return;
	}
	sp_pack_key(&packer->line, field->column->name);
	add_one_ref(packer, &packer->line, field, id);
	if (!uuid && !(field->root && id == 0))
		note_unknown(packer, field, id, -1);
}

static void add_row_uuid(sp_packer *packer, const sp_row_field *field, const char *key, size_t len)
{
	sp_row_uuid uuid;

	sp_identity_row(packer->identity, key, len, &uuid);
	sp_pack_key(&packer->line, field->column->name);
	add_uuid(&packer->line, uuid.package);
}

static void add_lineage(sp_packer *packer, const sp_row_field *field, const sp_field *value,
                        sp_packed *packed)
{
	sp_buf key = { 0 };

	if (value->len <= SP_UUID_LEN) {
		memcpy(packed->origin, value->data, value->len);
		packed->origin[value->len] = '\0';
	}
	sp_buf_addc(&key, 'u');
	sp_buf_add(&key, value->data, value->len);
	if (!value->len) {
		sp_pack_key(&packer->line, field->column->name);
		add_uuid(&packer->line, "");
	} else if (key.failed)
		packer->line.failed = true;
	else
		add_row_uuid(packer, field, key.data, key.len);
	sp_buf_free(&key);
}

static bool add_string(sp_packer *packer, const sp_layout *layout, const sp_row_field *field,
                       const sp_field *value, sp_error *err)
{
	sp_pack_key(&packer->line, field->column->name);
	sp_buf_add_json(&packer->line, value->data, value->len);
	return !field->refs || sp_refs_scan(layout->table->name, field->column->name, false,
	                                    value->data, value->len, take_ref, packer, err);
}

static bool add_field(sp_packer *packer, const sp_layout *layout, const sp_row_field *field,
                      int64_t schema, const sp_field *value, sp_packed *packed, sp_error *err)
{
	switch (field->form) {
	case SP_FIELD_ID:
	case SP_FIELD_UUID:
		sp_pack_key(&packer->line, field->column->name);
		add_uuid(&packer->line, packed->uuid.package);
		return true;
	case SP_FIELD_LINEAGE: add_lineage(packer, field, value, packed); return true;
	case SP_FIELD_REF: add_reference(packer, field, value); return true;
	case SP_FIELD_REFS: add_refs(packer, field, value); return true;
	case SP_FIELD_KEY: add_row_uuid(packer, field, value->data, value->len); return true;
	case SP_FIELD_LITERAL:
		sp_pack_key(&packer->line, field->column->name);
		sp_buf_add(&packer->line, value->data, value->len);
		return true;
	case SP_FIELD_STRING: return add_string(packer, layout, field, value, err);
	case SP_FIELD_JSON: break;
	}
	return add_json(packer, layout, field, schema, value, err);
}

static int64_t schema_of(const sp_layout *layout, const sp_field *fields)
{
	int i;

	for (i = 0; i < layout->count; i++)
		if (!strcmp(layout->fields[i].column->name, "schema_id"))
			return sp_field_int(&fields[i + 2]);
	return -1;
}

static void count_unsearched(sp_packer *packer, const sp_layout *layout, const char *large)
{
	int i;

	for (i = 0; i < layout->count; i++)
		if (layout->fields[i].refs && layout->fields[i].large &&
		    strstr(large, layout->fields[i].column->name))
			packer->counts.unsearched++;
}

static void end_line(sp_packer *packer)
{
	sp_buf *to = &packer->line;

	if (packer->raw.len > 1) {
		sp_buf_adds(to, to->len > 1 ? ",\"__raw\":" : "\"__raw\":");
		sp_buf_add(to, packer->raw.data, packer->raw.len);
		sp_buf_addc(to, '}');
	}
	if (packer->refs.len) {
		sp_buf_adds(to, to->len > 1 ? ",\"__refs\":[" : "\"__refs\":[");
		sp_buf_add(to, packer->refs.data, packer->refs.len);
		sp_buf_addc(to, ']');
	}
	sp_buf_addc(to, '}');
}

static void begin_row(sp_packer *packer)
{
	sp_buf_reset(&packer->line);
	sp_buf_reset(&packer->refs);
	sp_buf_reset(&packer->raw);
	sp_buf_addc(&packer->line, '{');
	sp_buf_addc(&packer->raw, '{');
}

bool sp_pack_row(sp_packer *packer, const sp_layout *layout, const sp_field *fields,
                 sp_packed *packed, sp_error *err)
{
	int64_t schema = packer->withhold ? schema_of(layout, fields) : -1;
	const sp_field *large = &fields[layout->count + 2];
	int i;

	begin_row(packer);
	*packed = (sp_packed){ .kind = layout->kind, .id = sp_field_int(&fields[0]) };
	if (fields[1].data)
		sp_identity_row(packer->identity, fields[1].data, fields[1].len, &packed->uuid);
	for (i = 0; i < layout->count; i++) {
		const sp_row_field *field = &layout->fields[i];
		bool own = field->form == SP_FIELD_ID || field->form == SP_FIELD_UUID;

		if ((own || fields[i + 2].data) &&
		    !add_field(packer, layout, field, schema, &fields[i + 2], packed, err))
			return false;
	}
	sp_buf_reset(&packer->value);
	if (large->data)
		sp_buf_add(&packer->value, large->data, large->len);
	end_line(packer);
	if (packer->line.failed || packer->refs.failed || packer->raw.failed || packer->value.failed)
		return sp_fail_memory(err);
	packed->line = packer->line.data;
	packed->len = packer->line.len;
	packed->large = large->data ? packer->value.data : NULL;
	if (packed->large)
		count_unsearched(packer, layout, packed->large);
	return true;
}
