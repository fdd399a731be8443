#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/package/survey.h"
#include "core/package/zip_write.h"
#include "core/plan/compat.h"
#include "tests/unit/failing.h"
#include "tests/unit/temp.h"

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, (void *old, size_t size), (old, size))
WRAP(void *, reallocarray, (void *old, size_t count, size_t size), (old, count, size))
WRAP(char *, strdup, (const char *text), (text))

/* An HQ package of a run with these assets. */
static void write_package(const char *assets)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open("a.zip", true, &err);
	sp_zip_writer *zip = sp_zip_writer_create(out, 6, &err);
	sp_buf text = { 0 };

	sp_buf_addf(&text,
	            "{\"metadata\":{\"package_type\":\"run\",\"format_version\":\"1.0\"},\"content\":{"
	            "\"annotation_run\":{\"uuid\":\"11111111-1111-4111-8111-111111111111\","
	            "\"status\":\"running\",\"assets\":[%s]}}}",
	            assets);
	assert_true(sp_zip_begin(zip, "manifest.json", -1, false, &err));
	assert_true(sp_zip_write(zip, text.data, text.len, &err));
	assert_true(sp_zip_end(zip, NULL, &err));
	assert_true(sp_zip_finish(zip, &err));
	sp_zip_writer_free(zip);
	assert_true(sp_out_commit(out, &err));
	sp_buf_free(&text);
}

static void add_asset(sp_buf *to, int number, const char *more)
{
	sp_buf_addf(to, "%s{\"uuid\":\"22222222-2222-4222-8222-%012d\"%s}", number ? "," : "", number,
	            more);
}

static bool keep_all(void *ctx, const char *kind, const char *column)
{
	(void)ctx;
	(void)kind;
	return strcmp(column, "title") != 0;
}

static sp_survey *read_survey(sp_error *err)
{
	sp_checking check = { .name = "a.zip", .limits = SP_LIMITS_DEFAULT };
	int fd = open("a.zip", O_RDONLY | O_CLOEXEC);
	sp_survey *survey = sp_survey_read(fd, &check, keep_all, NULL, err);

	close(fd);
	return survey;
}

static const sp_survey_column *column_of(const sp_survey *survey, const char *name)
{
	return sp_survey_column_of(sp_survey_kind_of(survey, "asset"), name);
}

static void beyond_its_bounds_it_only_counts(void **state)
{
	enum { ROWS = 70 };
	char longer[400], more[1000];
	sp_error err = SP_ERROR_INIT;
	sp_buf assets = { 0 }, columns = { 0 };
	sp_survey *survey;

	(void)state;
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	for (int i = 0; i < ROWS; i++) {
		snprintf(more, sizeof more,
		         ",\"kind\":\"word%d\",\"title\":\"%d\",\"tags\":[0],\"stub\":%s", i, i,
		         i % 2 ? "true" : "false");
		add_asset(&assets, i, more);
	}
	snprintf(more, sizeof more, ",\"kind\":\"%s\",\"%s\":1,\"kind\":\"word0\"", longer, longer);
	add_asset(&assets, ROWS, more);
	for (int i = 0; i < SP_SURVEY_COLUMNS; i++)
		sp_buf_addf(&columns, ",\"c%d\":%d", i, i % 2);
	add_asset(&assets, ROWS + 1, sp_buf_text(&columns));
	write_package(sp_buf_text(&assets));
	sp_buf_free(&assets);
	sp_buf_free(&columns);

	survey = read_survey(&err);
	assert_non_null(survey);
	assert_int_equal(column_of(survey, "kind")->word_count, SP_SURVEY_WORDS);
	assert_int_equal(column_of(survey, "kind")->other_words, ROWS - SP_SURVEY_WORDS + 1);
	assert_int_equal(column_of(survey, "kind")->words[0].rows, 2);
	assert_int_equal(column_of(survey, "title")->word_count, 0);
	assert_int_equal(column_of(survey, "title")->rows, ROWS);
	assert_int_equal(sp_survey_kind_of(survey, "asset")->rows, ROWS + 2);
	assert_int_equal(sp_survey_kind_of(survey, "asset")->count, SP_SURVEY_COLUMNS);
	assert_true(sp_survey_kind_of(survey, "asset")->other_columns > 1);
	assert_null(column_of(survey, longer));
	assert_null(sp_survey_kind_of(survey, "nothing"));
	assert_null(sp_survey_column_of(NULL, "kind"));
	sp_survey_free(survey);
	sp_survey_free(NULL);
}

static const char described[] =
	"{\"format\":\"spaceport-target\",\"format_version\":\"1.0\",\"generation\":\"2026-05\","
	"\"server_version\":160004,\"vector\":\"0.8\",\"writable\":true,\"may_write\":true,"
	"\"schema\":\"there\",\"store\":\"reached\",\"into\":{\"uuid\":\"u\",\"name\":\"n\","
	"\"may_import\":true},\"tables\":{\"asset\":{\"kind\":{\"type\":\"assetkind\","
	"\"enum\":\"assetkind\"},\"title\":{\"type\":\"text\",\"not_null\":true},\"must\":{\"type\":"
	"\"integer\",\"not_null\":true}},\"annotationrun\":{\"status\":{\"type\":\"runstatus\","
	"\"enum\":\"runstatus\"}}},\"enums\":{\"assetkind\":[\"TEXT\",\"FILE\"],\"runstatus\":"
	"[\"FAILED\"]}}";

/* All that compat does behind its connection. */
static bool judge(sp_error *err)
{
	sp_survey *survey = read_survey(err);
	sp_target *target =
		survey ? sp_target_parse(described, strlen(described), "t.json", err) : NULL;
	sp_fits *fits = target ? sp_compat(survey, target, err) : NULL;
	sp_json *told = fits ? sp_json_object() : NULL, *again = NULL;
	sp_buf text = { 0 };
	bool ok = fits != NULL;

	if (ok) {
		again = sp_target_json(target, err);
		ok = told && again && sp_fits_json(fits, told) && sp_json_print(again, true, &text);
		if (!ok && !sp_error_is_set(err))
			sp_fail_memory(err);
		if (ok)
			assert_int_equal(sp_fits_code(fits), SP_INCOMPATIBLE);
	}
	sp_buf_free(&text);
	sp_json_free(again);
	sp_json_free(told);
	sp_fits_free(fits);
	sp_target_free(target);
	sp_survey_free(survey);
	return ok;
}

static void a_lack_of_memory_is_told_and_changes_no_verdict(void **state)
{
	sp_error err = SP_ERROR_INIT;
	bool ok = false;
	long n;

	(void)state;
	write_package("{\"uuid\":\"22222222-2222-4222-8222-222222222222\",\"kind\":\"pdf\","
	              "\"title\":\"\\u0041\",\"odd\":[0,1],\"file_info\":{\"a\":null},\"stub\":null}");
	for (n = 1; !ok; n++) {
		countdown = n;
		ok = judge(&err);
		if (!ok) {
			assert_true(countdown <= 0);
			assert_non_null(strstr(sp_error_text_c(&err), "memory"));
		} else if (countdown <= 0) {
			ok = false; /* what failed didn't matter */
		}
		countdown = 0;
		sp_error_clear(&err);
	}
	assert_true(n > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beyond_its_bounds_it_only_counts),
		cmocka_unit_test(a_lack_of_memory_is_told_and_changes_no_verdict),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
