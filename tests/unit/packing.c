#include <config.h>

#include "tests/unit/packing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

static const sp_field names[][3] = {
	{ FAKE_INT4("\x01"), FAKE_INT8("\x05"), FAKE_TEXT("u" RUN5) },
	{ FAKE_INT4("\x01"), FAKE_INT8("\x06"), FAKE_NULL },
	{ FAKE_INT4("\x02"), FAKE_INT8("\x04"), FAKE_TEXT("u" SCHEMA4) },
	{ FAKE_INT4("\x03"), FAKE_INT8("\x07"), FAKE_TEXT("u" ASSET7) },
	{ FAKE_INT4("\x03"), FAKE_INT8("\x08"), FAKE_TEXT("u" ASSET8) },
	{ FAKE_INT4("\x03"), FAKE_INT8("\x09"), FAKE_NULL },
	{ FAKE_INT4("\x05"), FAKE_INT8("\x03"), FAKE_TEXT("u" BUNDLE3) },
	{ FAKE_INT4("\x05"), FAKE_INT8("\x06"), FAKE_NULL },
	{ FAKE_INT4("\x0e"), FAKE_INT8("\x02"), FAKE_TEXT("duser:2") },
};

#define CONTRACT                                                                                   \
	"{\"type\":\"object\",\"properties\":{\"document\":{\"properties\":{"                          \
	"\"actor\":{\"type\":\"string\"},\"größe\":{},\"positions\":{\"items\":{\"properties\":"     \
	"{\"actor\":{},\"party\":{}}}},\"place\":{\"$ref\":\"#/$defs/Place\"},\"either\":{\"anyOf\":[" \
	"{\"type\":\"null\"},{\"properties\":{\"one\":{}}}]},\"ring\":{\"$ref\":\"#/definitions/"      \
	"Ring\"}}},"                                                                                   \
	"\"actor\":{},\"a\":{\"properties\":{\"b\":{\"properties\":{\"c\":{}}}}},\"per_image\":{"      \
	"\"properties\":{\"face\":{}}}},"                                                              \
	"\"$defs\":{\"Place\":{\"allOf\":[{\"properties\":{\"town\":{}}}]}},"                          \
	"\"definitions\":{\"Ring\":{\"properties\":{\"ring\":{\"$ref\":\"#/definitions/Ring\"}},"      \
	"\"oneOf\":[{\"$ref\":\"#/definitions/Ring\"},{\"$ref\":\"http://example.org/\"}]}}}"

sp_withhold *packing_withhold(packing *b, const char *field, sp_error *err)
{
	static const char *const schemas[] = { "4",  SCHEMA4, "Claims 2.0", CONTRACT,
		                                   "40", OWN,     "Claims 2",   NULL,
		                                   "50", RUN5,    "Twice",      "{\"a\":1,\"a\":2}" };

	b->options.exclude_fields = &field;
	b->options.exclude_field_count = 1;
	fake_query("output_contract");
	fake_rows(4, 3, schemas);
	return sp_withhold_create(b->db, &sample, 5, &b->options, err);
}

void packing_begin(packing *b, sp_kind kind, const asked *ask)
{
	sp_error err = SP_ERROR_INIT;
	size_t i;

	*b = (packing){ .options = { .no_authors = ask->no_authors, .max_line = 1 << 20 } };
	b->db = fake_open(60, NULL);
	b->identity = sp_identity_create(sample.system_id, ask->preserve, &err);
	assert_non_null(b->identity);
	fake_query("the names");
	fake_copy_out();
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		fake_row(3, names[i]);
	fake_copy_end();
	fake_done("COPY 9");
	b->names = sp_names_load(b->db, "the names", b->identity, &err);
	assert_non_null(b->names);
	if (ask->withhold) {
		b->withhold = packing_withhold(b, ask->withhold, &err);
		assert_non_null(b->withhold);
	}
	b->layout = sp_layout_create(&sample, kind, &b->options, NULL, &err);
	b->packer = sp_packer_create(&sample, b->identity, b->names, b->withhold, ask->no_authors,
	                             ask->without_caches, &err);
	assert_non_null(b->packer);
	assert_false(sp_error_is_set(&err));
}

void packing_end(packing *b)
{
	sp_packer_free(b->packer);
	sp_layout_free(b->layout);
	sp_withhold_free(b->withhold);
	sp_names_free(b->names);
	sp_identity_free(b->identity);
	sp_db_close(b->db);
}

/* Of 18 columns at most, with id, key and the names of large columns. */
#define MAX_FIELDS 21

bool packing_pack(packing *b, const given *values, sp_error *err)
{
	sp_field fields[MAX_FIELDS] = { INT("\x01"), TEXT("u" OWN) };
	int i;

	assert_true(b->layout->count + 3 <= MAX_FIELDS);
	for (; values->column; values++) {
		if (!strcmp(values->column, "(id)"))
			fields[0] = values->field;
		else if (!strcmp(values->column, "(key)"))
			fields[1] = values->field;
		else if (!strcmp(values->column, "(large)"))
			fields[b->layout->count + 2] = values->field;
		else {
			for (i = 0; strcmp(b->layout->fields[i].column->name, values->column) != 0; i++)
				assert_true(i + 1 < b->layout->count);
			fields[i + 2] = values->field;
		}
	}
	return sp_pack_row(b->packer, b->layout, fields, &b->row, err);
}

/* Every line must be JSON that cJSON takes too, where it holds no half pairs. */
static void expect_json(const char *line)
{
	cJSON *json;

	if (strstr(line, "\\ud8"))
		return;
	json = cJSON_Parse(line);
	if (!json)
		fail_msg("no JSON: %s", line);
	cJSON_Delete(json);
}

void packing_expect(packing *b, const given *values, const char *expected)
{
	sp_error err = SP_ERROR_INIT;

	if (!packing_pack(b, values, &err))
		fail_msg("%s", sp_error_text(&err));
	if (strlen(b->row.line) != b->row.len || strcmp(b->row.line, expected) != 0)
		fail_msg("\npacked:   %s\nexpected: %s", b->row.line, expected);
	expect_json(b->row.line);
}
