#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/json_schema_compile.h"
#include "core/base/text.h"
#include "core/config/profiles.h"
#include "core/model/put_back.h"
#include "core/package/inspect.h"
#include "core/package/own_write.h"
#include "core/package/validate.h"
#include "core/staging/contract.h"
#include "core/staging/justified.h"
#include "core/store/aws.h"
#include "core/store/s3_error.h"
#include "core/store/s3_place.h"
#include "core/store/s3_sign.h"
#include "core/store/store.h"
#include "tests/unit/failing.h"
#include "tests/unit/temp.h"

/*
 * Every allocation of the program's own code fails once, one after the other
 * (linked with --wrap): each time there is an error that says so, or it didn't
 * matter, and nothing is left behind.
 */

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, (void *old, size_t size), (old, size))
WRAP(void *, reallocarray, (void *old, size_t count, size_t size), (old, count, size))
WRAP(char *, strdup, (const char *text), (text))
WRAP(char *, strndup, (const char *text, size_t len), (text, len))

/* Runs `body` with the first, second, third … allocation failing, until it
 * gets through without one. */
static void try_all(bool (*body)(sp_error *err))
{
	sp_error err = SP_ERROR_INIT;
	long n;
	bool ok;

	for (n = 1; n < 5000; n++) {
		countdown = n;
		ok = body(&err);
		if (countdown > 0)
			break;
		countdown = 0;
		if (!ok) {
			assert_int_equal(err.code, SP_FAILED);
			if (!strstr(sp_error_text_c(&err), "out of memory") &&
			    !strstr(sp_error_text_c(&err), "Cannot allocate memory"))
				fail_msg("%s", sp_error_text_c(&err));
		}
		sp_error_clear(&err);
	}
	countdown = 0;
	if (!ok)
		fail_msg("%s", sp_error_text(&err));
	assert_true(n > 3);
	assert_true(n < 5000);
}

static bool fill_package(sp_package *package, sp_error *err)
{
	sp_json *manifest = sp_json_object();
	bool ok;

	ok = sp_json_add_text(manifest, "format", SP_FORMAT) &&
	     sp_json_add_text(manifest, "format_version", SP_FORMAT_VERSION) &&
	     sp_json_add_text(manifest, "package_type", "run");
	if (!ok)
		sp_fail_memory(err);
	ok = ok && sp_package_entry(package, "a.jsonl", "row", "{}\n", 3, 1, err) &&
	     sp_package_entry(package, "b.json", "row", "[1]", 3, 1, err) &&
	     sp_package_finish(package, manifest, err);
	sp_json_free(manifest);
	return ok;
}

static bool write_package(sp_error *err)
{
	sp_out *out = sp_out_open("a.zip", true, err);
	sp_package *package = out ? sp_package_create(out, "a.zip", 6, err) : NULL;
	bool ok = package && fill_package(package, err);

	sp_package_free(package);
	if (ok)
		return sp_out_commit(out, err);
	sp_out_discard(out);
	return false;
}

static sp_json *schema;

/* Every path of the compiler: a state of two schemas, enums, names. */
static bool compile_schema(sp_error *err)
{
	sp_json_schema_table *table = sp_json_schema_compile(schema, err);

	sp_json_schema_table_free(table);
	return table != NULL;
}

static void compiling(void **state)
{
	static const char text[] =
		"{\"$ref\":\"#/$defs/row\",\"properties\":{\"a\":{\"enum\":[\"x\",1]}},"
		"\"$defs\":{\"row\":{\"required\":[\"a\",\"b\"],\"items\":{\"type\":\"null\"},"
		"\"properties\":{\"a\":{\"enum\":[1,true]}}}}}";
	sp_error err = SP_ERROR_INIT;

	(void)state;
	schema = sp_json_parse(text, strlen(text), "schema", &err);
	assert_non_null(schema);
	try_all(compile_schema);
	sp_json_free(schema);
}

static void writing(void **state)
{
	(void)state;
	try_all(write_package);
	assert_int_equal(temp_count("."), 1);
}

static bool read_package(sp_error *err)
{
	int fd = open("a.zip", O_RDONLY | O_CLOEXEC);
	sp_job *job = sp_job_create();
	bool ok = job ? sp_validate_whole(fd, "a.zip", job, err) : sp_fail_memory(err);

	sp_job_free(job);
	close(fd);
	return ok;
}

static void reading(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_true(write_package(&err));
	try_all(read_package);
}

/* Lack of memory is never taken for damage. */
static bool check_package(sp_error *err)
{
	sp_checking check = { .name = "a.zip", .limits = SP_LIMITS_DEFAULT };
	int fd = open("a.zip", O_RDONLY | O_CLOEXEC);
	sp_json *result = sp_json_object();
	bool ok = result ? sp_validate(fd, &check, result, err) : sp_fail_memory(err);

	sp_json_free(result);
	close(fd);
	/* two entries of no format, and none of those that must be there */
	assert_true(!ok || check.found[SP_WEIGHT_DAMAGE] > 0);
	return ok;
}

static void checking(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_true(write_package(&err));
	try_all(check_package);
}

/* --- of other formats --- */

typedef struct {
	const char *path, *data;
} other_entry;

#define ROW_A "11111111-1111-4111-8111-111111111111"
#define ROW_B "22222222-2222-4222-8222-222222222222"

static const other_entry hq[] = {
	{ "manifest.json",
	  "{\"metadata\":{\"package_type\":\"run\",\"format_version\":\"1.0\"},\"content\":{"
	  "\"annotation_run\":{\"uuid\":\"" ROW_A "\",\"assets\":[{\"uuid\":\"" ROW_B
	  "\",\"blob_file_reference\":\"files/\\u0061.pdf\",\"parent_asset_uuid\":\"" ROW_A
	  "\",\"content_hash\":\"0123456789012345678901234567890123456789012345678901234567890123\""
	  "}]}}}" },
	{ "files/a.pdf", "%PDF" },
	{ "files/b.pdf", "%PDF" },
};
static const other_entry universal[] = {
	{ "metadata.json", "{\"version\":\"1.0\"}" },
	{ "manifest.json", "{\"dependencies\":{\"" ROW_A "\":[\"" ROW_B "\"]}}" },
	{ "entities/dataset_1.json", "{\"entity_uuid\":\"" ROW_A "\",\"path\":\"files/a\"}" },
	{ "files/a", "x" },
};

static void write_other(const other_entry *entries, int count)
{
	sp_error err = SP_ERROR_INIT;
	sp_out *out = sp_out_open("a.zip", true, &err);
	sp_zip_writer *zip = sp_zip_writer_create(out, 6, &err);
	int i;

	for (i = 0; i < count; i++) {
		assert_true(sp_zip_begin(zip, entries[i].path, -1, false, &err));
		assert_true(sp_zip_write(zip, entries[i].data, strlen(entries[i].data), &err));
		assert_true(sp_zip_end(zip, NULL, &err));
	}
	assert_true(sp_zip_finish(zip, &err));
	sp_zip_writer_free(zip);
	assert_true(sp_out_commit(out, &err));
}

static bool list_all(sp_inspection *inspection, sp_error *err)
{
	sp_seen_entry entry;
	bool more = true;
	size_t len;

	while (more) {
		if (!sp_inspection_entry(inspection, &entry, &more, err))
			return false;
	}
	while (sp_inspection_reference(inspection, &len, err))
		;
	return !sp_error_is_set(err);
}

static bool inspect_package(sp_error *err)
{
	sp_checking check = { .name = "a.zip", .limits = SP_LIMITS_DEFAULT };
	int fd = open("a.zip", O_RDONLY | O_CLOEXEC);
	sp_inspection *inspection = sp_inspect_open(fd, &check, 3, err);
	sp_json *result = inspection ? sp_inspection_result(inspection, err) : NULL;
	sp_buf text = { 0 };
	bool ok = result && (sp_json_print(result, true, &text) || sp_fail_memory(err)) &&
	          list_all(inspection, err);

	sp_buf_free(&text);
	sp_json_free(result);
	sp_inspection_free(inspection);
	close(fd);
	return ok;
}

static void inspecting(void **state)
{
	sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_true(write_package(&err));
	try_all(inspect_package);
}

static void other_formats(void **state)
{
	(void)state;
	write_other(hq, sizeof hq / sizeof *hq);
	try_all(inspect_package);
	write_other(universal, sizeof universal / sizeof *universal);
	try_all(inspect_package);
}

/* An entry that nobody names, a parent, a hash; a dependency that isn't there. */
static bool check_hq(sp_error *err)
{
	sp_checking check = { .name = "a.zip", .limits = SP_LIMITS_DEFAULT };
	int fd = open("a.zip", O_RDONLY | O_CLOEXEC);
	sp_json *result = sp_json_object();
	bool ok = result ? sp_validate(fd, &check, result, err) : sp_fail_memory(err);

	assert_true(!ok || check.found[SP_WEIGHT_DOUBT] == 3 || check.found[SP_WEIGHT_DAMAGE] == 1);
	sp_json_free(result);
	close(fd);
	return ok;
}

static void checking_other_formats(void **state)
{
	(void)state;
	write_other(hq, sizeof hq / sizeof *hq);
	try_all(check_hq);
	write_other(universal, sizeof universal / sizeof *universal);
	try_all(check_hq);
}

static bool use_store(sp_error *err)
{
	sp_store *store = sp_store_open(&(sp_store_settings){ .where = "dir:." }, NULL, err);
	sp_blob *blob = NULL;
	bool ok;

	ok = store && sp_store_put(store, "x/y/z", "data", 4, err) &&
	     (blob = sp_store_get(store, "x/y/z", err)) != NULL;
	sp_blob_close(blob);
	ok = ok && sp_store_delete(store, "x/y/z", err);
	sp_store_close(store);
	/* the next round must find nothing */
	if (!ok && unlink("x/y/z") != 0)
		assert_false(temp_exists("x/y/z"));
	return ok;
}

static void storing(void **state)
{
	(void)state;
	try_all(use_store);
}

static const char shared_file[] = "[p]\naws_access_key_id = K\naws_secret_access_key = S\n"
								  "aws_session_token = T\nregion = r\n";

static bool find_bucket(const sp_store_settings *settings, sp_buf *url, sp_error *err)
{
	sp_aws aws = { 0 };
	sp_s3_place place = { 0 };
	bool ok = sp_aws_find(settings, &aws, err) && sp_s3_place_parse(settings->where, &place, err);

	if (ok) {
		const sp_s3_signer signer = { aws.key, aws.secret, aws.token, aws.region };
		sp_buf bucket = { 0 };

		sp_s3_bucket_url(&bucket, NULL, aws.region, "auto", place.bucket);
		sp_s3_encode(&bucket, place.prefix, true);
		ok = (!bucket.failed || sp_fail_memory(err)) &&
		     sp_s3_presign(&signer, bucket.data, 60, 0, url, err);
		sp_buf_free(&bucket);
	}
	sp_s3_place_clear(&place);
	sp_aws_clear(&aws);
	return ok;
}

/* All but the network: where that fails for lack of memory is libcurl's. */
static bool use_bucket(sp_error *err)
{
	const sp_store_settings settings = {
		.where = "s3://bucket/a/b", .profile = "p", .endpoint = "http://127.0.0.1:9", .timeout = 1
	};
	sp_answer answer = { .status = 403 };
	sp_error refused = SP_ERROR_INIT;
	sp_buf url = { 0 };
	bool ok = find_bucket(&settings, &url, err);

	sp_buf_free(&url);
	sp_buf_adds(&answer.body, "<Error><Code>AccessDenied</Code><Message>x</Message></Error>");
	sp_s3_fail(&answer, "%s: %s", "x", &refused);
	if (answer.body.failed || !strstr(sp_error_text_c(&refused), "AccessDenied"))
		ok = sp_fail_memory(err);
	sp_error_clear(&refused);
	sp_buf_free(&answer.body);
	return ok;
}

static void finding_buckets(void **state)
{
	(void)state;
	temp_write("shared", shared_file, sizeof shared_file - 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "shared", 1);
	setenv("AWS_CONFIG_FILE", "none", 1);
	try_all(use_bucket);
}

/* All that can be said of a bucket is said, in each of the places. */
static bool use_all_settings(sp_error *err)
{
	static const char *const said[] = { "http://given", "http://s3", "http://any",
		                                "http://shared" };
	sp_store_settings settings = { .where = "s3://bucket", .profile = "p", .ca_file = "ca" };
	sp_aws aws = { 0 };
	size_t i;
	bool ok = true;

	for (i = 0; ok && i < sizeof said / sizeof *said; i++) {
		settings.endpoint = settings.region = settings.addressing = i ? NULL : said[0];
		if (i >= 2)
			unsetenv("AWS_ENDPOINT_URL_S3");
		if (i == 3)
			unsetenv("AWS_ENDPOINT_URL");
		ok = sp_aws_find(&settings, &aws, err);
		if (ok)
			assert_string_equal(aws.endpoint, said[i]);
		sp_aws_clear(&aws);
		setenv("AWS_ENDPOINT_URL_S3", said[1], 1);
		setenv("AWS_ENDPOINT_URL", said[2], 1);
	}
	return ok;
}

static void finding_all_settings(void **state)
{
	static const char *const names[] = { "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL",
		                                 "AWS_REGION",          "AWS_CA_BUNDLE",
		                                 "AWS_ACCESS_KEY_ID",   "AWS_SECRET_ACCESS_KEY",
		                                 "AWS_SESSION_TOKEN" };
	static const char config[] = "[profile p]\nregion = r\nendpoint_url = http://shared\n"
								 "ca_bundle = b\ns3 =\n  addressing_style = path\n";
	size_t i;

	(void)state;
	temp_write("config", config, sizeof config - 1);
	setenv("AWS_CONFIG_FILE", "config", 1);
	setenv("AWS_ENDPOINT_URL_S3", "http://s3", 1);
	setenv("AWS_ENDPOINT_URL", "http://any", 1);
	for (i = 2; i < sizeof names / sizeof *names; i++)
		setenv(names[i], "x", 1);
	try_all(use_all_settings);
	for (i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	setenv("AWS_CONFIG_FILE", "none", 1);
}

static bool use_texts(sp_error *err)
{
	static const char text[] = "{\"a\":\"\xff\"}";
	static const char object[] = "{\"b\":1,\"a\":[{\"d\":1,\"e\":2}]}";
	sp_json *json = sp_json_parse(object, sizeof object - 1, "x", err);
	sp_json *built = sp_json_object();
	sp_buf buf = { 0 };
	bool ok = json != NULL;

	sp_safe_text(&buf, text, sizeof text - 1);
	sp_safe_json(&buf, text, sizeof text - 1);
	sp_text_fit(&buf, "long", 300, true);
	ok = ok && built && sp_json_add_text(built, "k", "\xff") && !buf.failed;
	if (!ok)
		sp_fail_memory(err);
	sp_buf_free(&buf);
	sp_json_free(json);
	sp_json_free(built);
	return ok;
}

static void texts(void **state)
{
	(void)state;
	try_all(use_texts);
}

static bool is_written(const sp_line *line, const char *expected, sp_error *err)
{
	sp_buf to = { 0 };
	bool ok = sp_line_write(line, &to, err);

	if (ok)
		assert_string_equal(to.data, expected);
	sp_buf_free(&to);
	return ok;
}

static bool read_two(const char *const *texts, sp_line **lines, sp_error *err)
{
	lines[0] = sp_line_read(texts[0], strlen(texts[0]), err);
	lines[1] = lines[0] ? sp_line_read(texts[1], strlen(texts[1]), err) : NULL;
	return lines[1] != NULL;
}

static bool fold(sp_error *err)
{
	static const char *const texts[] = {
		"{\"value\":{\"p\":[{}],\"d\":{\"x\":1}}}",
		"{\"field_name\":\"p[0]\",\"evidence_payload\":{\"by\":1},"
		"\"__refs\":[{\"path\":\"/evidence_payload/by\"}]}"
	};
	sp_line *lines[2] = { NULL, NULL };
	int64_t lost = 0;
	bool ok = read_two(texts, lines, err) &&
			  sp_justified_fold(lines[0], &lines[1], 1, true, &lost, err) &&
			  is_written(lines[0],
						 "{\"value\":{\"p\":[{\"justification\":{\"by\":1}}],\"d\":{\"x\":1}},"
						 "\"__refs\":[{\"path\":\"/value/p/0/justification/by\"}]}",
						 err);

	sp_line_free(lines[0]);
	sp_line_free(lines[1]);
	return ok;
}

static bool unfold(sp_error *err)
{
	static const char *const texts[] = {
		"{\"value\":{\"p\":[{\"justification\":{\"evidence_payload\":[1]}}]},\"created_at\":\"T\","
		"\"__refs\":[{\"path\":\"/value/p/0/justification/x\"}]}",
		"{\"field_name\":\"p[0]\",\"evidence_payload\":{\"evidence_payload\":[1]},"
		"\"__inline\":\"/value/p/0/justification\"}"
	};
	sp_line *lines[2] = { NULL, NULL };
	bool ok = read_two(texts, lines, err) &&
			  sp_justified_unfold(lines[0], &lines[1], 1, err) &&
			  is_written(lines[0], "{\"value\":{\"p\":[{}]},\"created_at\":\"T\"}", err) &&
			  is_written(lines[1],
						 "{\"field_name\":\"p\",\"evidence_payload\":[1],\"__inline\":"
						 "\"/value/p/0/justification\",\"created_at\":\"T\","
						 "\"__refs\":[{\"path\":\"/evidence_payload/x\"}]}",
						 err);

	sp_line_free(lines[0]);
	sp_line_free(lines[1]);
	return ok;
}

static bool lower_and_lift(sp_error *err)
{
	static const char text[] = "{\"output_contract\":{\"properties\":{\"s\":{"
							   "\"include_justification\":true}}}}";
	sp_line *line = sp_line_read(text, sizeof text - 1, err);
	int64_t lost = 0;
	bool ok = line && sp_contract_lower(line, err) &&
			  is_written(line,
						 "{\"output_contract\":{\"properties\":{\"s\":{}}},"
						 "\"field_specific_justification_configs\":{\"s\":{\"enabled\":true}}}",
						 err) &&
			  sp_contract_lift(line, &lost, err) && is_written(line, text, err);

	sp_line_free(line);
	return ok;
}

static bool put_back(sp_error *err)
{
	static const char theirs[] = "{\"a\":1,\"b\":[{\"c\":null}]}",
					  ours[] = "{\"b\":[{\"token\":\"x\"}],\"api_keys\":{}}";
	sp_buf to = { 0 };
	bool ok = sp_put_back(false, theirs, sizeof theirs - 1, ours, sizeof ours - 1, &to, err);

	if (ok)
		assert_string_equal(to.data, "{\"a\":1,\"b\":[{\"c\":null,\"token\":\"x\"}],\"api_keys\":{}}");
	sp_buf_free(&to);
	return ok;
}

static void moving(void **state)
{
	(void)state;
	try_all(fold);
	try_all(unfold);
	try_all(lower_and_lift);
	try_all(put_back);
}

/* Read, changed, added to, taken from: the file is always one of these. */
static bool change_profiles(sp_error *err)
{
	static const char before[] = "# mine\n\n[dev]\ndb = service=dev\nas = ana\n";
	sp_instance one = { 0 };
	sp_profiles *profiles;
	bool ok;

	temp_write("spaceport/instances.ini", before, strlen(before));
	profiles = sp_profiles_read(err);
	ok = profiles && sp_instance_copy(&one, sp_profiles_need(profiles, "dev", err), err) &&
	     sp_instance_set(&one, &sp_instance_keys[0], "host=x dbname=y", err) &&
	     sp_profiles_put(profiles, &one, err);
	if (ok) {
		memcpy(one.name, "new", 4);
		ok = sp_profiles_put(profiles, &one, err) && sp_profiles_remove(profiles, "dev", err);
	}
	sp_instance_clear(&one);
	sp_profiles_free(profiles);
	return ok;
}

static void profiles(void **state)
{
	char *here = getcwd(NULL, 0), *text;
	size_t len;

	(void)state;
	assert_int_equal(setenv("XDG_CONFIG_HOME", here, 1), 0);
	assert_int_equal(mkdir("spaceport", 0700), 0);
	free(here);
	try_all(change_profiles);
	text = temp_read("spaceport/instances.ini", &len);
	assert_string_equal(text, "# mine\n\n[new]\ndb = host=x dbname=y\nas = ana\n");
	free(text);
	assert_int_equal(temp_count("spaceport"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiling),
		cmocka_unit_test(writing),
		cmocka_unit_test(reading),
		cmocka_unit_test(checking),
		cmocka_unit_test(inspecting),
		cmocka_unit_test(other_formats),
		cmocka_unit_test(checking_other_formats),
		cmocka_unit_test(storing),
		cmocka_unit_test(finding_buckets),
		cmocka_unit_test(finding_all_settings),
		cmocka_unit_test(texts),
		cmocka_unit_test(moving),
		cmocka_unit_test(profiles),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
