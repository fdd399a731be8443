#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/ini.h"
#include "core/store/aws.h"
#include "core/store/s3_error.h"
#include "core/store/s3_place.h"
#include "core/store/s3_sign.h"
#include "core/store/xml.h"
#include "tests/unit/temp.h"

/* What buckets need and no server: addresses, signatures, credentials, XML. */

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void addresses_are_taken_apart(void **state)
{
	static const struct {
		const char *where, *bucket, *prefix;
	} good[] = {
		{ "s3://bucket", "bucket", "" },
		{ "s3://bucket/", "bucket", "" },
		{ "s3://bucket/a", "bucket", "a/" },
		{ "s3://bucket/a/b//", "bucket", "a/b/" },
		{ "s3://My_bucket.1/pre fix/ä", "My_bucket.1", "pre fix/ä/" },
	};
	static const char *const bad[] = {
		"s3://",   "s3:///x", "s3://key:secret@bucket", "s3://bucket:9000", "s3://bucket?x",
		"s3://-b", "s3://.b", "s3://bucket/../x",       "s3://bucket//x",   "s3://bucket/./x"
	};
	sp_error err = SP_ERROR_INIT;
	sp_s3_place place;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(good); i++) {
		assert_true(sp_s3_place_parse(good[i].where, &place, &err));
		assert_string_equal(place.bucket, good[i].bucket);
		assert_string_equal(place.prefix, good[i].prefix);
		sp_s3_place_clear(&place);
	}
	for (i = 0; i < LENGTH(bad); i++) {
		assert_false(sp_s3_place_parse(bad[i], &place, &err));
		assert_int_equal(err.code, SP_USAGE);
		assert_null(strstr(sp_error_text_c(&err), "secret"));
		sp_error_clear(&err);
	}
}

static void endpoints_are_judged(void **state)
{
	static const char *const good[] = { "https://minio.example", "http://localhost:9000",
		                                "https://[::1]:9000/", "https://host/minio" };
	static const char *const bad[] = { "minio.example", "localhost:9000",       "ftp://x",
		                               "https://",      "https://u:p@host",     "https://host?x",
		                               "https://host#", "https://host\r\nX: y", "https:///x",
		                               "HTTPS://host",  "https://:9000" };
	sp_error err = SP_ERROR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(good); i++)
		assert_true(sp_s3_check_endpoint(good[i], &err));
	for (i = 0; i < LENGTH(bad); i++) {
		assert_false(sp_s3_check_endpoint(bad[i], &err));
		assert_int_equal(err.code, SP_USAGE);
		sp_error_clear(&err);
	}
	assert_false(sp_s3_check_region("a:b", &err));
	sp_error_clear(&err);
	assert_false(sp_s3_check_region("", &err));
	sp_error_clear(&err);
	assert_false(sp_s3_check_addressing("somehow", &err));
	sp_error_clear(&err);
}

static void a_bucket_stands_in_the_path_or_in_the_host(void **state)
{
	static const struct {
		const char *endpoint, *region, *addressing, *bucket, *url, *server;
	} cases[] = {
		{ NULL, "us-east-1", "auto", "b", "https://b.s3.us-east-1.amazonaws.com/",
		  "https://b.s3.us-east-1.amazonaws.com" },
		{ NULL, "eu-west-1", "path", "b", "https://s3.eu-west-1.amazonaws.com/b/",
		  "https://s3.eu-west-1.amazonaws.com" },
		{ NULL, "cn-north-1", "auto", "b", "https://b.s3.cn-north-1.amazonaws.com.cn/",
		  "https://b.s3.cn-north-1.amazonaws.com.cn" },
		/* the certificate for *.s3… doesn't fit a name with dots */
		{ NULL, "us-east-1", "auto", "a.b", "https://s3.us-east-1.amazonaws.com/a.b/",
		  "https://s3.us-east-1.amazonaws.com" },
		{ NULL, "us-east-1", "auto", "A_b", "https://s3.us-east-1.amazonaws.com/A_b/",
		  "https://s3.us-east-1.amazonaws.com" },
		{ "http://localhost:9000", "us-east-1", "auto", "b", "http://localhost:9000/b/",
		  "http://localhost:9000" },
		{ "https://host/base/", "us-east-1", "auto", "b", "https://host/base/b/", "https://host" },
		{ "https://host:1//", "us-east-1", "virtual", "b", "https://b.host:1/",
		  "https://b.host:1" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		sp_buf url = { 0 }, server = { 0 };

		sp_s3_bucket_url(&url, cases[i].endpoint, cases[i].region, cases[i].addressing,
		                 cases[i].bucket);
		assert_string_equal(url.data, cases[i].url);
		sp_s3_server(&server, url.data);
		assert_string_equal(server.data, cases[i].server);
		sp_buf_free(&url);
		sp_buf_free(&server);
	}
}

static void names_are_encoded_as_signatures_want(void **state)
{
	sp_buf text = { 0 };

	(void)state;
	sp_s3_encode(&text, "Az09-._~/ +%&=?#:@$,;!'()*[]\\\"<>|^`{}\n\x7fä", true);
	assert_string_equal(text.data, "Az09-._~/%20%2B%25%26%3D%3F%23%3A%40%24%2C%3B%21%27%28%29%2A%5B"
	                               "%5D%5C%22%3C%3E%7C%5E%60%7B%7D%0A%7F%C3%A4");
	sp_buf_reset(&text);
	sp_s3_encode(&text, "a/b", false);
	assert_string_equal(text.data, "a%2Fb");
	sp_buf_free(&text);
}

/* The example of Amazon's document on signatures in queries. */
static void addresses_are_signed_as_published(void **state)
{
	const sp_s3_signer signer = { "AKIAIOSFODNN7EXAMPLE",
		                          "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL, "us-east-1" };
	sp_error err = SP_ERROR_INIT;
	sp_buf url = { 0 };

	(void)state;
	/* 2013-05-24T00:00:00Z */
	assert_true(sp_s3_presign(&signer, "https://examplebucket.s3.amazonaws.com/test.txt", 86400,
	                          1369353600, &url, &err));
	assert_string_equal(
		url.data,
		"https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"
		"X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
		"X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
		"X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
	sp_buf_free(&url);
}

static void a_session_goes_into_the_address(void **state)
{
	const sp_s3_signer signer = { "KEY", "secret", "a/b+c=", "xx-1" };
	sp_error err = SP_ERROR_INIT;
	sp_buf url = { 0 };

	(void)state;
	assert_true(sp_s3_presign(&signer, "http://h:1/b/x", 1, 0, &url, &err));
	assert_non_null(strstr(url.data, "&X-Amz-Security-Token=a%2Fb%2Bc%3D&X-Amz-SignedHeaders="));
	assert_null(strstr(url.data, "secret"));
	sp_buf_free(&url);
}

/* --- credentials ----------------------------------------------------------------- */

static const char *const variables[] = {
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",   "AWS_ENDPOINT_URL",
	"AWS_REGION",        "AWS_DEFAULT_REGION",    "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE",
	"AWS_PROFILE",
};

static int without_variables(void **state)
{
	size_t i;

	(void)state;
	temp_clear();
	for (i = 0; i < LENGTH(variables); i++)
		unsetenv(variables[i]);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "credentials", 1);
	setenv("AWS_CONFIG_FILE", "config", 1);
	return 0;
}

static void write_text(const char *path, const char *text)
{
	temp_write(path, text, strlen(text));
}

static void expect_text(const char *found, const char *wanted)
{
	if (wanted)
		assert_string_equal(found ? found : "(nothing)", wanted);
	else
		assert_null(found);
}

/* In the order of sp_aws. */
static void expect_aws(const sp_store_settings *given, const char *key, const char *secret,
                       const char *token, const char *endpoint, const char *region)
{
	sp_error err = SP_ERROR_INIT;
	sp_aws aws;

	if (!sp_aws_find(given, &aws, &err))
		fail_msg("%s", sp_error_text_c(&err));
	expect_text(aws.key, key);
	expect_text(aws.secret, secret);
	expect_text(aws.token, token);
	expect_text(aws.endpoint, endpoint);
	expect_text(aws.region, region);
	sp_aws_clear(&aws);
}

static void expect_none(const sp_store_settings *given, const char *says)
{
	sp_error err = SP_ERROR_INIT;
	sp_aws aws;

	assert_false(sp_aws_find(given, &aws, &err));
	assert_int_equal(err.code, SP_USAGE);
	if (!strstr(sp_error_text_c(&err), says))
		fail_msg("%s", sp_error_text_c(&err));
	assert_non_null(err.hint);
	assert_null(aws.secret);
	sp_error_clear(&err);
}

static void the_environment_goes_before_the_files(void **state)
{
	sp_store_settings given = { 0 };

	(void)state;
	write_text("credentials", "[default]\naws_access_key_id=K1\naws_secret_access_key=S1\n"
	                          "aws_session_token=T1\n"
	                          "[other]\naws_access_key_id=K2\naws_secret_access_key=S2\n");
	write_text("config", "[default]\nregion=r1\nendpoint_url=https://e1\n[profile other]\n"
	                     "region = r2\n");
	expect_aws(&given, "K1", "S1", "T1", "https://e1", "r1");
	setenv("AWS_PROFILE", "other", 1);
	expect_aws(&given, "K2", "S2", NULL, NULL, "r2");
	setenv("AWS_ACCESS_KEY_ID", "K3", 1);
	expect_aws(&given, "K2", "S2", NULL, NULL, "r2"); /* half a pair is none */
	setenv("AWS_SECRET_ACCESS_KEY", "S3", 1);
	setenv("AWS_ENDPOINT_URL", "https://e3", 1);
	setenv("AWS_DEFAULT_REGION", "r3", 1);
	expect_aws(&given, "K3", "S3", NULL, "https://e3", "r3");
	setenv("AWS_ENDPOINT_URL_S3", "https://e4", 1);
	setenv("AWS_REGION", "r4", 1);
	setenv("AWS_SESSION_TOKEN", "", 1);
	expect_aws(&given, "K3", "S3", NULL, "https://e4", "r4");
	/* what is given goes before all */
	given.profile = "default";
	expect_aws(&given, "K1", "S1", "T1", "https://e4", "r4");
	given.endpoint = "https://e5";
	given.region = "r5";
	expect_aws(&given, "K1", "S1", "T1", "https://e5", "r5");
}

static void what_is_said_of_s3_alone_is_found(void **state)
{
	const sp_store_settings given = { .profile = "p" };
	sp_error err = SP_ERROR_INIT;
	sp_aws aws;

	(void)state;
	write_text("credentials", "# comment\n[p]\naws_access_key_id = K ; mine\n"
	                          "aws_secret_access_key = S/+=\n");
	write_text("config", "[profile p]\nservices = local\nendpoint_url = https://all\n"
	                     "ca_bundle = /ca.pem\ns3 =\n  max_concurrent_requests = 3\n"
	                     "  addressing_style = virtual\n[services other]\ns3 =\n"
	                     "  endpoint_url = https://wrong\n[services local]\nec2 =\n"
	                     "  endpoint_url = https://wrong\ns3 =\n  endpoint_url = https://s3\n");
	assert_true(sp_aws_find(&given, &aws, &err));
	assert_string_equal(aws.key, "K");
	assert_string_equal(aws.secret, "S/+=");
	assert_string_equal(aws.endpoint, "https://s3");
	assert_string_equal(aws.addressing, "virtual");
	assert_string_equal(aws.ca_file, "/ca.pem");
	sp_aws_clear(&aws);
}

static void without_credentials_it_says_what_to_do(void **state)
{
	sp_store_settings given = { 0 };

	(void)state;
	expect_none(&given, "no profile \"default\"");
	write_text("config", "[default]\nregion=x\n[profile sso]\nsso_session = x\n");
	expect_none(&given, "in the profile \"default\"");
	given.profile = "sso";
	expect_none(&given, "isn't known here");
	given.profile = NULL;
	write_text("credentials", "[default]\nsecret-in-no-form\n");
	expect_none(&given, "line 2 of credentials");
	write_text("credentials", "[default]\naws_access_key_id=K\n");
	expect_none(&given, "no credentials");
}

static bool keep_value(void *ctx, const char *section, const char *key, const char *value,
                       sp_error *err)
{
	(void)section;
	(void)key;
	(void)err;
	sp_buf_adds(ctx, value);
	return true;
}

static void long_values_are_whole_or_an_error(void **state)
{
	static const size_t sizes[] = { 100, 190, 200, 1500, 60000, 70000, 200000 };
	sp_error err = SP_ERROR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(sizes); i++) {
		sp_buf text = { 0 }, value = { 0 };
		bool ok;

		sp_buf_adds(&text, "[s]\nk=");
		while (text.len < sizes[i] + 6)
			sp_buf_addc(&text, 'v');
		sp_buf_addc(&text, '\n');
		temp_write("long", text.data, text.len);
		ok = sp_ini_read("long", keep_value, &value, &err);
		if (ok)
			assert_int_equal(value.len, sizes[i]);
		else
			assert_non_null(strstr(sp_error_text_c(&err), "too long"));
		assert_true(ok || sizes[i] > 60000 || !HAVE_DECL_INI_MAX_LINE);
		assert_true(!ok || sizes[i] < 70000);
		sp_error_clear(&err);
		sp_buf_free(&text);
		sp_buf_free(&value);
	}
}

/* --- answers ----------------------------------------------------------------------- */

static bool find(const char *text, const char *path, const char *wanted)
{
	sp_buf found = { 0 };
	bool is = sp_xml_find(text, strlen(text), path, &found) && !strcmp(sp_buf_text(&found), wanted);

	sp_buf_free(&found);
	return is;
}

static void xml_is_searched(void **state)
{
	static const char list[] = "<?xml version=\"1.0\"?>\n<s:A xmlns:s=\"x\"><B>1 &lt;&#233;</B>"
							   "<C><B>2</B></C><B>3</B><E/></s:A>";
	char deep[400] = "";
	int i;

	(void)state;
	assert_true(find(list, "A/B", "1 <é"));
	assert_true(find(list, "A/C/B", "2"));
	assert_true(find(list, "A/E", ""));
	assert_false(find(list, "B", "1"));
	assert_false(find("<A><B>x</A>", "A/C", ""));
	assert_false(find("", "A", ""));
	assert_false(find("<!DOCTYPE A [<!ENTITY x 'y'>]><A>&x;</A>", "A", "y"));
	for (i = 0; i < 100; i++)
		memcpy(deep + (size_t)i * 3, "<a>", 4);
	assert_false(find(deep, "a/a", ""));
}

static sp_answer answer_of(long status, const char *body)
{
	sp_answer answer = { .status = status, .tries = 1 };

	sp_buf_adds(&answer.body, body);
	return answer;
}

static void refusals_are_told_apart(void **state)
{
	static const struct {
		long status;
		const char *body;
		bool passing;
		const char *says;
		sp_code code;
	} cases[] = {
		{ 503, "", true, "HTTP 503", SP_FAILED },
		{ 429, "<html>", true, "HTTP 429", SP_FAILED },
		{ 200, "<Error><Code>InternalError</Code></Error>", true, "InternalError (200)",
		  SP_FAILED },
		{ 403, "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>", false,
		  "AccessDenied (403): No.", SP_FAILED },
		{ 403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", false, "RequestTimeTooSkewed",
		  SP_FAILED },
		{ 400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>",
		  false, "(region: eu-west-1)", SP_USAGE },
		{ 507, "", false, "HTTP 507", SP_FAILED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		sp_answer answer = answer_of(cases[i].status, cases[i].body);
		sp_error err = SP_ERROR_INIT;

		assert_int_equal(sp_s3_is_passing(answer.status, &answer.body), cases[i].passing);
		assert_false(sp_s3_fail(&answer, "can't read \"%s\": %s", "n", &err));
		assert_int_equal(err.code, cases[i].code);
		assert_non_null(strstr(sp_error_text_c(&err), "can't read \"n\": "));
		if (!strstr(sp_error_text_c(&err), cases[i].says))
			fail_msg("%s", sp_error_text_c(&err));
		assert_non_null(err.hint);
		sp_error_clear(&err);
		sp_buf_free(&answer.body);
	}
}

#define ALONE(name) cmocka_unit_test_setup(name, without_variables)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_taken_apart),
		cmocka_unit_test(endpoints_are_judged),
		cmocka_unit_test(a_bucket_stands_in_the_path_or_in_the_host),
		cmocka_unit_test(names_are_encoded_as_signatures_want),
		cmocka_unit_test(addresses_are_signed_as_published),
		cmocka_unit_test(a_session_goes_into_the_address),
		ALONE(the_environment_goes_before_the_files),
		ALONE(what_is_said_of_s3_alone_is_found),
		ALONE(without_credentials_it_says_what_to_do),
		ALONE(long_values_are_whole_or_an_error),
		cmocka_unit_test(xml_is_searched),
		cmocka_unit_test(refusals_are_told_apart),
	};

	return cmocka_run_group_tests(tests, temp_enter, temp_leave);
}
