#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/model/secrets.h"

typedef bool rule(const char *text, size_t len);

/* Each text alone, in as many bytes as it has. */
static void expect(rule *is, const char *const *texts, bool expected)
{
	for (; *texts; texts++) {
		size_t len = strlen(*texts);
		char *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, *texts, len);
		if (is(copy, len) != expected)
			fail_msg("\"%s\" %s", *texts, expected ? "isn't known" : "is taken for one");
		free(copy);
	}
}

static void knows_secret_keys(void **state)
{
	static const char *const secret[] = { "api_keys",
		                                  "api_key",
		                                  "apiKey",
		                                  "API-KEY",
		                                  "apikey",
		                                  "ApiKeys",
		                                  "_api_key_",
		                                  "password",
		                                  "Password",
		                                  "passwd",
		                                  "pass_phrase",
		                                  "secret",
		                                  "secrets",
		                                  "client_secret",
		                                  "clientSecret",
		                                  "SECRET_KEY",
		                                  "access_key",
		                                  "token",
		                                  "access_token",
		                                  "refreshToken",
		                                  "auth-token",
		                                  "bearer_token",
		                                  "share_token",
		                                  "private_key",
		                                  "Authorization",
		                                  "credentials",
		                                  "encrypted_credentials",
		                                  "cookie",
		                                  "Cookies",
		                                  "hashed_password",
		                                  NULL };
	static const char *const open[] = { "",
		                                "api",
		                                "key",
		                                "keys",
		                                "tokens_used",
		                                "token_count",
		                                "_token_usage",
		                                "max_tokens",
		                                "password_hint_shown",
		                                "secretary",
		                                "passwords_changed",
		                                "authorized",
		                                "cookie_banner",
		                                "schema_ids",
		                                "target_asset_ids",
		                                "password_of_the_day_that_was_changed_long_ago_as_told",
		                                "ключ",
		                                NULL };

	(void)state;
	expect(sp_is_secret_key, secret, true);
	expect(sp_is_secret_key, open, false);
}

/* The providers' own names for their keys, as people type them. */
static void knows_names_with_a_provider(void **state)
{
	static const char *const secret[] = { "openai_api_key",        "OPENAI_API_KEY",
		                                  "gemini_api_key",        "x-api-key",
		                                  "tavily_api_key",        "db_password",
		                                  "aws_secret_access_key", NULL };

	(void)state;
	expect(sp_is_secret_key, secret, true);
}

/* The end of a name says what it is, however long the name. */
static void knows_long_names(void **state)
{
	sp_buf name = { 0 };
	const char *list[2] = { NULL, NULL };
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		sp_buf_reset(&name);
		sp_buf_addf(&name, "%0*d_api_key", i + 1, 0);
		list[0] = name.data;
		expect(sp_is_secret_key, list, true);
		sp_buf_addc(&name, 's');
		sp_buf_addf(&name, "_%0*d", i + 1, 0);
		list[0] = name.data;
		expect(sp_is_secret_key, list, false);
	}
	sp_buf_free(&name);
}

static void knows_open_details(void **state)
{
	static const char *const open[] = {
		"url",     "feed_url", "feedUrls",          "base-url",     "search_config",
		"query",   "provider", "max_items",         "storage_path", "target_bundle_id",
		"user_id", "filename", "original_filename", "language",     NULL
	};
	static const char *const closed[] = { "",           "ur",          "urlx",
		                                  "api_key",    "password",    "headers",
		                                  "auth",       "login",       "x_secret_thing",
		                                  "inbox_path", "source_path", "bearer",
		                                  "webhook",    NULL };

	(void)state;
	expect(sp_is_open_detail, open, true);
	expect(sp_is_open_detail, closed, false);
}

static void no_open_detail_is_secret(void **state)
{
	static const char *const secret[] = { "apikeys",       "apikey",      "password",
		                                  "passwd",        "passphrase",  "secret",
		                                  "secrets",       "token",       "accesstoken",
		                                  "authorization", "credentials", "cookie",
		                                  "cookies",       NULL };

	(void)state;
	expect(sp_is_secret_key, secret, true);
	expect(sp_is_open_detail, secret, false);
}

static void knows_secret_urls(void **state)
{
	static const char *const secret[] = { "https://user:pw@example.org/feed",
		                                  "user:pw@example.org",
		                                  "https://user@example.org",
		                                  "postgresql://u:p@h/db",
		                                  "https://user:p%40w@example.org:8443?x=1",
		                                  "see https://u:p@example.org/a for more",
		                                  "https://example.org/feed?token=abc",
		                                  "https://example.org/feed?a=1&api_key=abc",
		                                  "https://example.org/feed?a=1;API-Key=abc",
		                                  "https://example.org/?key=abc",
		                                  "https://example.org/?KEY=abc",
		                                  "https://example.org/x?sig=abc&se=1",
		                                  "https://example.org/x?Signature=abc",
		                                  "https://example.org/x?auth=abc",
		                                  "https://example.org/x#access_token=abc",
		                                  "https://example.org?password=",
		                                  "https://example.org/x?a#token=b",
		                                  NULL };
	static const char *const open[] = { "",
		                                "://",
		                                "https://",
		                                "https://example.org",
		                                "https://example.org/@user/feed",
		                                "https://example.org/?to=a@b.org",
		                                "https://example.org/#a@b",
		                                "https://example.org/token=1",
		                                "https://example.org/?tokens=1",
		                                "https://example.org/?keyword=token",
		                                "https://example.org/?a=token&b=key",
		                                "https://example.org/?token",
		                                "https://example.org/?monkey=1",
		                                "a:/b@c",
		                                NULL };

	(void)state;
	expect(sp_is_secret_text, secret, true);
	expect(sp_is_secret_text, open, false);
}

static void knows_texts_with_credentials(void **state)
{
	static const char *const secret[] = { "user:pw@example.org",
		                                  "u:p@h/path",
		                                  "//user:pw@example.org",
		                                  "//user@example.org",
		                                  "Bearer mF_9.B5f-4.1JqM0aVd~x/+==",
		                                  "bearer eyJhbGciOiJIUzI1NiJ9.e30.abc",
		                                  "Basic dXNlcjpwYXNzd29yZA==",
		                                  "basic dTpw",
		                                  "Authorization: Basic dTpw",
		                                  "AUTHORIZATION:x",
		                                  "host?token=abc",
		                                  "mailto:a@b.org https://u:p@h/",
		                                  NULL };
	static const char *const open[] = { "a@b.org",
		                                "mailto:a@b.org",
		                                "Name: a@b.org",
		                                "at 10:30 @ noon",
		                                "bearer",
		                                "Bearer bonds",
		                                "Bearer of good news for all of us",
		                                "basics of it",
		                                "Basic statistics",
		                                "Basic income debate",
		                                "basic",
		                                "authorized",
		                                "//example.org",
		                                "a:b/c@d",
		                                "c@d:e",
		                                "bear x",
		                                NULL };

	(void)state;
	expect(sp_is_secret_text, secret, true);
	expect(sp_is_secret_text, open, false);
}

/* Of texts of any kind, most of which are none. */
static void knows_urls_in_any_text(void **state)
{
	static const char *const secret[] = { "https://user:pw@example.org/feed",
		                                  "see https://u:p@example.org/a for more",
		                                  "https://example.org/a https://user:pw@example.net/b",
		                                  "https://example.org/feed?a=1&api_key=abc",
		                                  "(https://example.org/x#access_token=abc)",
		                                  "https://example.org/?a https://example.org/?token=x",
		                                  NULL };
	static const char *const open[] = { "",
		                                "://",
		                                "user:pw@example.org",
		                                "Authorization: who may vote?",
		                                "Bearer mF_9.B5f-4.1JqM0aVd~x/+==",
		                                "Basic dXNlcjpwYXNzd29yZA==",
		                                "Is it true? password=x",
		                                "https://example.org Is it true? password=x",
		                                "https://example.org/@user/feed a:b@c",
		                                "https://user@example.org/",
		                                "https://example.org/?keyword=token",
		                                NULL };

	(void)state;
	expect(sp_is_secret_url, secret, true);
	expect(sp_is_secret_url, open, false);
}

/* One secret URL among others is enough. */
static void looks_at_every_url(void **state)
{
	static const char *const secret[] = { "https://example.org/a https://user:pw@example.net/b",
		                                  "https://example.org/a,https://example.net/b?token=x",
		                                  "https://example.org/?next=https://u:p@example.net/",
		                                  NULL };

	(void)state;
	expect(sp_is_secret_text, secret, true);
}

static void knows_cached_output(void **state)
{
	static const char *const cached[] = { "output_blob",    "outputBlob",    "cachedPoints",
		                                  "points",         "cache",         "cached_data",
		                                  "cached_results", "geocode_cache", NULL };
	static const char *const other[] = { "",       "point", "output", "observations", "documentIds",
		                                 "caches", NULL };

	(void)state;
	expect(sp_is_cached_output, cached, true);
	expect(sp_is_cached_output, other, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_secret_keys),
		cmocka_unit_test(knows_names_with_a_provider),
		cmocka_unit_test(knows_long_names),
		cmocka_unit_test(knows_open_details),
		cmocka_unit_test(no_open_detail_is_secret),
		cmocka_unit_test(knows_secret_urls),
		cmocka_unit_test(knows_texts_with_credentials),
		cmocka_unit_test(knows_urls_in_any_text),
		cmocka_unit_test(looks_at_every_url),
		cmocka_unit_test(knows_cached_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
